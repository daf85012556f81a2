package optim

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
)

// Schedule sets the learning rate of an optimizer as a function of the epoch (or step) number and the
// rate that each group had when the schedule was made. Step is called once per epoch, after training it.
type Schedule struct {
	opt   Optimizer
	base  []float64
	epoch int
	rate  func(epoch int, base float64) float64
	// momentum, when not nil, sets the groups' momentum (β₁ of the Adam family) as well.
	momentum func(epoch int) float64
}

// NewLambda returns the schedule base·f(epoch).
func NewLambda(opt Optimizer, f func(epoch int) float64) *Schedule {
	if f == nil {
		engine.Fail("optim.NewLambda", "the function is nil; want one from epoch to factor")
	}
	return newSchedule(opt, func(e int, base float64) float64 { return base * f(e) }, nil)
}

// NewMultiplicative returns the schedule that multiplies the rate by f(epoch) at each epoch after the first.
// Agrees with torch.optim.lr_scheduler.MultiplicativeLR.
func NewMultiplicative(opt Optimizer, f func(epoch int) float64) *Schedule {
	if f == nil {
		engine.Fail("optim.NewMultiplicative", "the function is nil; want one from epoch to factor")
	}
	return NewLambda(opt, func(epoch int) float64 {
		product := 1.0
		for e := 1; e <= epoch; e++ {
			product *= f(e)
		}
		return product
	})
}

// NewChained returns the schedule whose rate is the product of the factors that the given ones, made for the
// same optimizer, put on its base rate. Agrees with torch.optim.lr_scheduler.ChainedScheduler of schedules
// that multiply.
func NewChained(opt Optimizer, schedules ...*Schedule) *Schedule {
	if len(schedules) == 0 {
		engine.Fail("optim.NewChained", "no schedules")
	}
	first := schedules[0].base
	for _, s := range schedules { // a schedule that was made later started from what the others had set
		s.base = first
	}
	for i, g := range base("optim.NewChained", opt).Groups() {
		g.LR = first[min(i, len(first)-1)]
	}
	return newSchedule(opt, func(e int, base float64) float64 {
		rate := base
		for _, s := range schedules {
			if base != 0 {
				rate *= s.rate(e, base) / base
			}
		}
		return rate
	}, nil)
}

func newSchedule(opt Optimizer, rate func(int, float64) float64, momentum func(int) float64) *Schedule {
	s := &Schedule{opt: opt, rate: rate, momentum: momentum}
	for _, g := range base("optim", opt).Groups() {
		s.base = append(s.base, g.LR)
	}
	s.set()
	return s
}

// Step goes on to the next epoch.
func (s *Schedule) Step() {
	s.epoch++
	s.set()
}

// SetEpoch goes to an epoch, as when training is resumed.
func (s *Schedule) SetEpoch(epoch int) {
	if epoch < 0 {
		engine.Fail("optim.SetEpoch", "the epoch is %d; want a number ≥ 0", epoch)
	}
	s.epoch = epoch
	s.set()
}

// LR returns the current learning rate of the first group.
func (s *Schedule) LR() float64 { return s.opt.Self().LR() }

func (s *Schedule) set() {
	for i, g := range s.opt.Self().Groups() {
		base := s.base[min(i, len(s.base)-1)]
		g.LR = s.rate(s.epoch, base)
		if s.momentum != nil {
			g.Momentum = s.momentum(s.epoch)
		}
	}
}

// positive refuses a number of epochs below 1.
func positive(where string, epochs int) {
	if epochs < 1 {
		engine.Fail(where, "%d epochs; want a number ≥ 1", epochs)
	}
}

// decays refuses a factor of the rate that is negative or not finite.
func decays(where string, factors ...float64) {
	for _, f := range factors {
		if !(f >= 0) || math.IsInf(f, 1) {
			engine.Fail(where, "the factor is %v; want a number ≥ 0", f)
		}
	}
}

// NewStep multiplies the rate by gamma every size epochs. Agrees with torch's StepLR (gamma 0.1).
func NewStep(opt Optimizer, size int, gamma float64) *Schedule {
	if size < 1 {
		engine.Fail("optim.NewStep", "step size %d is not positive", size)
	}
	decays("optim.NewStep", gamma)
	return NewLambda(opt, func(e int) float64 { return math.Pow(gamma, float64(e/size)) })
}

// NewMultiStep multiplies the rate by gamma at each milestone. Agrees with torch's MultiStepLR.
func NewMultiStep(opt Optimizer, milestones []int, gamma float64) *Schedule {
	decays("optim.NewMultiStep", gamma)
	return NewLambda(opt, func(e int) float64 {
		f := 1.0
		for _, m := range milestones {
			if m <= e {
				f *= gamma
			}
		}
		return f
	})
}

// NewExponential multiplies the rate by gamma every epoch. Agrees with torch's ExponentialLR.
func NewExponential(opt Optimizer, gamma float64) *Schedule {
	decays("optim.NewExponential", gamma)
	return NewLambda(opt, func(e int) float64 { return math.Pow(gamma, float64(e)) })
}

// NewConstant multiplies the rate by factor for the first epochs. Agrees with torch's ConstantLR.
func NewConstant(opt Optimizer, factor float64, epochs int) *Schedule {
	decays("optim.NewConstant", factor)
	return NewLambda(opt, func(e int) float64 {
		if e < epochs {
			return factor
		}
		return 1
	})
}

// NewLinear changes the factor of the rate from start to end over the first epochs (a warm-up when start
// is below end). Agrees with torch's LinearLR.
func NewLinear(opt Optimizer, start, end float64, epochs int) *Schedule {
	positive("optim.NewLinear", epochs)
	decays("optim.NewLinear", start, end)
	return NewLambda(opt, func(e int) float64 {
		return start + (end-start)*float64(min(e, epochs))/float64(epochs)
	})
}

// NewPolynomial lets the rate fall to 0 over epochs as (1 − e/epochs)^power. Agrees with torch's
// PolynomialLR.
func NewPolynomial(opt Optimizer, epochs int, power float64) *Schedule {
	positive("optim.NewPolynomial", epochs)
	return NewLambda(opt, func(e int) float64 {
		return math.Pow(1-float64(min(e, epochs))/float64(epochs), power)
	})
}

// NewCosine swings the rate between its base and least as a cosine with half period epochs.
// Source: Loshchilov and Hutter 2017; agrees with torch's CosineAnnealingLR.
func NewCosine(opt Optimizer, epochs int, least float64) *Schedule {
	positive("optim.NewCosine", epochs)
	checkRate("optim.NewCosine", least)
	return newSchedule(opt, func(e int, base float64) float64 {
		return least + (base-least)*(1+math.Cos(math.Pi*float64(e)/float64(epochs)))/2
	}, nil)
}

// NewCosineRestarts lets the rate fall from its base to least as a half cosine over first epochs, then
// starts again with a period that is factor times as long. Agrees with torch's CosineAnnealingWarmRestarts.
func NewCosineRestarts(opt Optimizer, first, factor int, least float64) *Schedule {
	if first < 1 || factor < 1 {
		engine.Fail("optim.NewCosineRestarts", "first %d and factor %d must be at least 1", first, factor)
	}
	return newSchedule(opt, func(e int, base float64) float64 {
		period := first
		for e >= period {
			e -= period
			period *= factor
		}
		return least + (base-least)*(1+math.Cos(math.Pi*float64(e)/float64(period)))/2
	}, nil)
}

// NewSequential runs schedules one after another: the k-th until epoch milestones[k], each from its own
// epoch 0. Agrees with torch's SequentialLR.
func NewSequential(opt Optimizer, schedules []*Schedule, milestones []int) *Schedule {
	if len(schedules) == 0 || len(schedules) != len(milestones)+1 {
		engine.Fail("optim.NewSequential", "%d schedules and %d milestones; want one schedule more than milestones",
			len(schedules), len(milestones))
	}
	base("optim.NewSequential", opt)
	for i, k := range schedules {
		if k == nil {
			engine.Fail("optim.NewSequential", "schedule %d is nil", i)
		}
	}
	s := &Schedule{opt: opt, base: schedules[0].base}
	s.rate = func(e int, base float64) float64 {
		k, start := 0, 0
		for k < len(milestones) && e >= milestones[k] {
			start = milestones[k]
			k++
		}
		return schedules[k].rate(e-start, base)
	}
	s.set()
	return s
}

// NewSWA goes from the rate of each group at the epoch of the call to rate over the given epochs, along a
// cosine, or a line with linear, and stays there: for stochastic weight averaging (nn.Average).
// Agrees with torch.optim.swa_utils.SWALR.
func NewSWA(opt Optimizer, rate float64, epochs int, linear bool) *Schedule {
	positive("optim.NewSWA", epochs)
	decays("optim.NewSWA", rate)
	return newSchedule(opt, func(e int, base float64) float64 {
		share := min(1, float64(e)/float64(epochs))
		if !linear {
			share = (1 - math.Cos(math.Pi*share)) / 2
		}
		return base + (rate-base)*share
	}, nil)
}
