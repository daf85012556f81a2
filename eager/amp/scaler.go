package amp

import (
	"fmt"
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
	"github.com/lathe-ml/lathe/engine"
)

// ScalerOptions are the options of NewScaler; the zero value is the default.
type ScalerOptions struct {
	Initial  float64 // scale; 0 means 65536
	Growth   float64 // factor after Interval steps without Inf or NaN; 0 means 2
	Backoff  float64 // factor after a step with them; 0 means 0.5
	Interval int     // 0 means 2000
	Disabled bool    // scale nothing
}

// Scaler multiplies losses so that gradients of F16 do not vanish, and leaves out steps in which they
// overflowed.
//
//	scaler.Scale(loss).Backward()
//	scaler.Step(opt)
//	scaler.Update()
//
// Agrees with torch.amp.GradScaler.
type Scaler struct {
	o     ScalerOptions
	scale float64
	good  int // steps since the last overflow or growth
	// unscaled has the optimizers since the last Update, and whether their gradients overflowed.
	unscaled map[optim.Optimizer]bool
}

// NewScaler returns a Scaler.
func NewScaler(o ...ScalerOptions) *Scaler {
	var s ScalerOptions
	if len(o) > 0 {
		s = o[0]
	}
	for _, d := range []struct {
		v *float64
		x float64
	}{{&s.Initial, 65536}, {&s.Growth, 2}, {&s.Backoff, 0.5}} {
		if *d.v == 0 {
			*d.v = d.x
		}
	}
	if s.Interval == 0 {
		s.Interval = 2000
	}
	if !(s.Initial > 0) || !(s.Growth > 1) || !(s.Backoff > 0 && s.Backoff < 1) || s.Interval < 0 ||
		math.IsInf(s.Initial, 0) {
		engine.Fail("amp.NewScaler", "Initial %v, Growth %v, Backoff %v, Interval %d; want a scale > 0, a growth "+
			"above 1, a backoff in 0…1 and a positive number of steps", s.Initial, s.Growth, s.Backoff, s.Interval)
	}
	if s.Disabled {
		s.Initial = 1
	}
	return &Scaler{o: s, scale: s.Initial, unscaled: map[optim.Optimizer]bool{}}
}

// Factor returns the present scale.
func (s *Scaler) Factor() float64 { return s.scale }

// Scale returns loss times the scale.
func (s *Scaler) Scale(loss *eager.Tensor) *eager.Tensor {
	if s.o.Disabled {
		return loss
	}
	return loss.Mul(s.scale)
}

// Unscale divides the gradients of opt by the scale, so that they can be clipped before Step, which does it
// otherwise.
func (s *Scaler) Unscale(opt optim.Optimizer) {
	if _, done := s.unscaled[opt]; done {
		engine.Fail("amp.Unscale", "the gradients of this optimizer are unscaled already; call Update after each step")
	}
	s.unscaled[opt] = false
	if s.o.Disabled {
		return
	}
	finite := map[any]*eager.Tensor{} // by device, so that each is waited for once
	for _, g := range opt.Self().Groups() {
		for _, p := range g.Params {
			p.ScaleGrad(1 / s.scale)
			p.WithGrad(func(g *eager.Tensor) {
				eager.NoGrad(func() {
					all := g.IsFinite().All()
					if before := finite[g.Device()]; before != nil {
						all = all.And(before)
					}
					finite[g.Device()] = all
				})
			})
		}
	}
	for _, all := range finite {
		s.unscaled[opt] = s.unscaled[opt] || !all.Bools()[0]
	}
}

// Step makes a step of opt unless a gradient is Inf or NaN, and reports whether it did.
func (s *Scaler) Step(opt optim.Optimizer) bool {
	if _, done := s.unscaled[opt]; !done {
		s.Unscale(opt)
	}
	if s.unscaled[opt] {
		return false
	}
	opt.Step()
	return true
}

// Update changes the scale after the steps of all optimizers: down after an overflow, up after Interval
// steps without.
func (s *Scaler) Update() {
	if len(s.unscaled) == 0 {
		engine.Fail("amp.Update", "no optimizer made a step since the last Update; call Step first")
	}
	overflow := false
	for _, o := range s.unscaled {
		overflow = overflow || o
	}
	clear(s.unscaled)
	switch {
	case s.o.Disabled:
	case overflow:
		s.scale, s.good = s.scale*s.o.Backoff, 0
	default:
		if s.good++; s.good == s.o.Interval {
			if grown := s.scale * s.o.Growth; !math.IsInf(grown, 0) {
				s.scale = grown
			}
			s.good = 0
		}
	}
}

// StateDict returns the scale and the number of good steps, for checkpoints.
func (s *Scaler) StateDict() []nn.NamedTensor {
	return []nn.NamedTensor{
		{Name: "scale", Tensor: eager.New(s.scale)}, {Name: "good", Tensor: eager.New(s.good)},
	}
}

// LoadStateDict takes up what StateDict returned.
func (s *Scaler) LoadStateDict(state []nn.NamedTensor) error {
	found := map[string]float64{}
	for _, e := range state {
		if e.Tensor == nil || e.Tensor.Numel() != 1 {
			return fmt.Errorf("amp: state %q is not one number", e.Name)
		}
		found[e.Name] = e.Tensor.Float64s()[0]
	}
	scale, good := found["scale"], found["good"]
	if len(found) != 2 || !(scale > 0) || !(good >= 0) {
		return fmt.Errorf("amp: the state of a scaler is a scale > 0 and a number of good steps, got %v", found)
	}
	s.scale, s.good = scale, int(good)
	return nil
}
