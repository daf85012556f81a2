package optim

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// AdafactorOptions are the options of Adafactor.
type AdafactorOptions struct {
	LR          float64 // bound of the relative step; 0 means 1e-2
	Beta2Decay  float64 // the squared mean forgets by step to this power; 0 means −0.8
	Eps1        float64 // bound of the root of the squared mean; 0 means the dtype's epsilon
	Eps2        float64 // bound of the parameters' root mean square; 0 means 1e-3
	Clip        float64 // bound of the update's root mean square; 0 means 1
	WeightDecay float64
	Maximize    bool // ascend instead of descend
}

// Adafactor scales steps with the parameters and keeps, for matrices, only means of squared gradients over
// rows and columns, so that its state is small.
// Source: Shazeer and Stern 2018; agrees with torch.optim.Adafactor.
type Adafactor struct {
	Base
	o AdafactorOptions
}

// NewAdafactor returns an Adafactor over params.
func NewAdafactor(params []*eager.Tensor, o ...AdafactorOptions) *Adafactor {
	var a AdafactorOptions
	if len(o) > 0 {
		a = o[0]
	}
	a.LR, a.Beta2Decay = or(a.LR, 1e-2), or(a.Beta2Decay, -0.8)
	a.Eps2, a.Clip = or(a.Eps2, 1e-3), or(a.Clip, 1)
	return &Adafactor{newBase("optim.Adafactor", params, Group{LR: a.LR, WeightDecay: a.WeightDecay}), a}
}

// Step makes one update.
func (a *Adafactor) Step() {
	a.each(func(g *Group, p, grad *eager.Tensor, s *slots) {
		if a.o.Maximize {
			grad = grad.Neg()
		}
		eps, step := a.o.Eps1, float64(s.step)
		if eps == 0 {
			eps = epsilon(p.DType())
		}
		size := math.Max(a.o.Eps2, rootMeanSquare(p)) * math.Min(g.LR, 1/math.Sqrt(step))
		if g.WeightDecay != 0 {
			p.Assign(p.Mul(1 - g.LR*g.WeightDecay))
		}
		keep := 1 - math.Pow(step, a.o.Beta2Decay)
		variance := a.variance(p, grad.Square(), s, keep, eps)
		update := variance.Maximum(eps * eps).Rsqrt().Mul(grad)
		size /= math.Max(1, rootMeanSquare(update)/a.o.Clip)
		p.Assign(p.Sub(update.Mul(size)))
	})
}

// variance updates the means of squared gradients and returns what they say of every element.
func (a *Adafactor) variance(p, square *eager.Tensor, s *slots, keep, eps float64) *eager.Tensor {
	if p.Rank() < 2 {
		v := s.get("variance", p, 0)
		lerp(v, keep, square)
		return v
	}
	rows, columns := square.MeanKeep(-1), square.MeanKeep(-2)
	r, c := s.get("row_var", rows, 0), s.get("col_var", columns, 0)
	lerp(r, keep, rows)
	lerp(c, keep, columns)
	return r.MatMul(c).Div(r.MeanKeep(-2).Maximum(eps))
}

func rootMeanSquare(x *eager.Tensor) float64 {
	return math.Sqrt(x.Square().Sum().Item() / math.Max(1, float64(x.Numel())))
}

// epsilon is the distance from 1 to the next number.
func epsilon(d engine.DType) float64 {
	switch d {
	case engine.F64:
		return 0x1p-52
	case engine.F16:
		return 0x1p-10
	case engine.BF16:
		return 0x1p-7
	}
	return 0x1p-23
}
