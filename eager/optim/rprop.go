package optim

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
)

// RpropOptions are the options of Rprop.
type RpropOptions struct {
	LR       float64 // first step size; 0 means 1e-2
	Shrink   float64 // factor of the step size where the gradient changes its sign; 0 means 0.5
	Grow     float64 // factor where it keeps it; 0 means 1.2
	Min, Max float64 // bounds of step sizes; 0 means 1e-6 and 50
	Maximize bool    // ascend instead of descend
}

// Rprop gives every element a step size of its own, which depends on signs of the gradient alone.
// Source: Riedmiller and Braun 1993; agrees with torch.optim.Rprop.
type Rprop struct {
	Base
	o RpropOptions
}

// NewRprop returns an Rprop over params.
func NewRprop(params []*eager.Tensor, o ...RpropOptions) *Rprop {
	var a RpropOptions
	if len(o) > 0 {
		a = o[0]
	}
	a.LR, a.Shrink, a.Grow = or(a.LR, 1e-2), or(a.Shrink, 0.5), or(a.Grow, 1.2)
	a.Min, a.Max = or(a.Min, 1e-6), or(a.Max, 50)
	return &Rprop{newBase("optim.Rprop", params, Group{LR: a.LR}), a}
}

// Step makes one update.
func (r *Rprop) Step() {
	r.each(func(g *Group, p, grad *eager.Tensor, s *slots) {
		grad = decay(g, p, grad, false, r.o.Maximize)
		prev, size := s.get("prev", p, 0), s.get("step_size", p, g.LR)
		agree := grad.Mul(prev)
		turned := agree.Lt(0)
		factor := eager.Where(turned, r.o.Shrink, eager.Where(agree.Gt(0), r.o.Grow, 1.0))
		size.Assign(size.Mul(factor).Clamp(r.o.Min, r.o.Max))
		grad = eager.Where(turned, 0.0, grad)
		p.Assign(p.Sub(grad.Sign().Mul(size)))
		prev.Assign(grad)
	})
}

// ASGDOptions are the options of ASGD.
type ASGDOptions struct {
	LR          float64 // learning rate; 0 means 1e-2
	Lambda      float64 // decay; 0 means 1e-4
	Alpha       float64 // power of the decay of the rate; 0 means 0.75
	Start       float64 // step at which averaging starts; 0 means 1e6
	WeightDecay float64
	Maximize    bool // ascend instead of descend
}

// ASGD is stochastic gradient descent with a decaying rate and an average of the parameters, which
// StateDict has as "ax".
// Source: Polyak and Juditsky 1992; agrees with torch.optim.ASGD.
type ASGD struct {
	Base
	o ASGDOptions
}

// NewASGD returns an ASGD over params.
func NewASGD(params []*eager.Tensor, o ...ASGDOptions) *ASGD {
	var a ASGDOptions
	if len(o) > 0 {
		a = o[0]
	}
	a.LR, a.Lambda, a.Alpha = or(a.LR, 1e-2), or(a.Lambda, 1e-4), or(a.Alpha, 0.75)
	a.Start = or(a.Start, 1e6)
	return &ASGD{newBase("optim.ASGD", params, Group{LR: a.LR, WeightDecay: a.WeightDecay}), a}
}

// Step makes one update.
func (a *ASGD) Step() {
	a.each(func(g *Group, p, grad *eager.Tensor, s *slots) {
		grad = decay(g, p, grad, false, a.o.Maximize)
		done := float64(s.step - 1)
		eta, weight := g.LR, 1.0
		if done > 0 {
			eta /= math.Pow(1+a.o.Lambda*g.LR*done, a.o.Alpha)
			weight = 1 / math.Max(1, done-a.o.Start)
		}
		p.Assign(p.Mul(1 - a.o.Lambda*eta).Sub(grad.Mul(eta)))
		mean := s.get("ax", p, 0)
		mean.Assign(mean.Add(p.Sub(mean).Mul(weight)))
	})
}
