package nn

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// AverageOptions are the options of NewAverage; the zero value is the default.
type AverageOptions struct {
	Decay   float64 // weight of the old average, such as 0.999: EMA; 0 means the plain mean: SWA
	Buffers bool    // average buffers, too, rather than leave them alone
}

// Average keeps an average of the parameters of a module, which often generalises better than the last ones.
//
//	ema := nn.NewAverage(net, nn.AverageOptions{Decay: 0.999})
//	… opt.Step(); ema.Update()
//	ema.With(func() { accuracy = evaluate(net) })
//
// Source: Izmailov et al. 2018 (SWA), Polyak and Juditsky 1992; agrees with
// torch.optim.swa_utils.AveragedModel.
type Average struct {
	o     AverageOptions
	of    []NamedTensor
	at    []*eager.Tensor
	count *eager.Tensor
}

// NewAverage returns the average of m's parameters as they are.
func NewAverage(m Module, o ...AverageOptions) *Average {
	if nothing(m) {
		refuseNil("nn.NewAverage", "the module", m)
	}
	a := &Average{count: eager.New(0)}
	if len(o) > 0 {
		a.o = o[0]
	}
	if !(a.o.Decay >= 0 && a.o.Decay < 1) {
		engine.Fail("nn.NewAverage", "Decay is %v; want 0 ≤ decay < 1", a.o.Decay)
	}
	a.of = m.Self().NamedParams()
	if a.o.Buffers {
		for _, b := range m.Self().NamedBuffers() {
			if b.Tensor.DType().IsFloat() {
				a.of = append(a.of, b)
			}
		}
	}
	for _, x := range a.of {
		a.at = append(a.at, x.Tensor.Detach().Clone())
	}
	return a
}

// Count returns the number of updates.
func (a *Average) Count() int { return a.count.Ints()[0] }

// Update takes the present parameters into the average; the first ones replace it.
func (a *Average) Update() {
	n := float64(a.Count())
	keep := a.o.Decay
	if keep == 0 {
		keep = n / (n + 1)
	}
	eager.NoGrad(func() {
		for i, x := range a.of {
			if n == 0 {
				a.at[i].Assign(x.Tensor.Detach())
			} else {
				a.at[i].Assign(x.Tensor.Detach().Lerp(a.at[i], keep))
			}
		}
	})
	a.count.Assign(int(n) + 1)
}

// With runs f while the module has the average in place of its parameters.
func (a *Average) With(f func()) {
	if f == nil {
		engine.Fail("nn.Average", "f is a nil func")
	}
	a.swap()
	defer a.swap()
	f()
}

func (a *Average) swap() {
	eager.NoGrad(func() {
		for i, x := range a.of {
			now := x.Tensor.Detach().Clone()
			x.Tensor.Assign(a.at[i])
			a.at[i].Assign(now)
		}
	})
}

// Copy puts the average into the module for good.
func (a *Average) Copy() {
	eager.NoGrad(func() {
		for i, x := range a.of {
			x.Tensor.Assign(a.at[i])
		}
	})
}

// StateDict returns the average under the names of the parameters, and the number of updates.
func (a *Average) StateDict() []NamedTensor {
	s := []NamedTensor{{Name: "n_averaged", Tensor: a.count}}
	for i, x := range a.of {
		s = append(s, NamedTensor{Name: "module." + x.Name, Tensor: a.at[i]})
	}
	return s
}

// LoadStateDict takes up what StateDict returned.
func (a *Average) LoadStateDict(state []NamedTensor) error {
	var b Base
	b.buffers = a.StateDict()
	return b.LoadStateDict(state)
}
