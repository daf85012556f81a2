package optim

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// AdamOptions are the options of the Adam family.
type AdamOptions struct {
	LR            float64 // learning rate; 0 means 1e-3 (2e-3 for Adamax and NAdam)
	Beta1         float64 // decay of the mean; 0 means 0.9, a negative value none
	Beta2         float64 // decay of the squared mean; 0 means 0.999
	Eps           float64 // 0 means 1e-8
	WeightDecay   float64 // AdamW: 0 means 0.01, a negative value none
	MomentumDecay float64 // NAdam only; 0 means 4e-3
	AMSGrad       bool    // Adam and AdamW: divide by the largest squared mean so far
	Decoupled     bool    // Adam, NAdam and RAdam: weight decay acts on the parameter, as in AdamW
	Maximize      bool    // ascend instead of descend
}

func adamOptions(where string, o []AdamOptions, lr float64) AdamOptions {
	var a AdamOptions
	if len(o) > 0 {
		a = o[0]
	}
	a.LR, a.Beta1, a.Beta2 = or(a.LR, lr), math.Max(0, or(a.Beta1, 0.9)), or(a.Beta2, 0.999)
	a.Eps, a.MomentumDecay = or(a.Eps, 1e-8), or(a.MomentumDecay, 4e-3)
	if a.Beta1 < 0 || a.Beta1 >= 1 || a.Beta2 < 0 || a.Beta2 >= 1 {
		engine.Fail(where, "betas %v and %v must be in [0, 1)", a.Beta1, a.Beta2)
	}
	if !(a.Eps > 0) {
		engine.Fail(where, "Eps is %v; want a number > 0", a.Eps)
	}
	return a
}

func (a AdamOptions) group() Group {
	return Group{LR: a.LR, WeightDecay: a.WeightDecay, Momentum: a.Beta1}
}

// Adam scales each step by running moments: p −= LR·m̂/(√v̂ + eps).
// Source: Kingma and Ba 2015; agrees with torch.optim.Adam.
type Adam struct {
	Base
	o         AdamOptions
	decoupled bool
}

// NewAdam returns an Adam over params; weight decay is added to the gradient.
func NewAdam(params []*eager.Tensor, o ...AdamOptions) *Adam {
	a := adamOptions("optim.Adam", o, 1e-3)
	return &Adam{newBase("optim.Adam", params, a.group()), a, a.Decoupled}
}

// NewAdamW returns an Adam over params whose weight decay acts on the parameters.
// Source: Loshchilov and Hutter 2019; agrees with torch.optim.AdamW.
func NewAdamW(params []*eager.Tensor, o ...AdamOptions) *Adam {
	a := adamOptions("optim.AdamW", o, 1e-3)
	a.WeightDecay = math.Max(0, or(a.WeightDecay, 0.01))
	return &Adam{newBase("optim.AdamW", params, a.group()), a, true}
}

// Step makes one update.
func (a *Adam) Step() {
	if a.o.AMSGrad {
		a.each(func(g *Group, p, grad *eager.Tensor, s *slots) {
			m, v := s.get("exp_avg", p, 0), s.get("exp_avg_sq", p, 0)
			a.amsgrad(g, p, a.direction(g, p, grad), m, v, s)
		})
		return
	}
	a.together(op.AdamUpdate, func(g *Group, p *eager.Tensor, s *slots, in []*eager.Tensor) (op.Attrs, []*eager.Tensor) {
		return op.AdamAttrs{
			LR: g.LR, Beta1: g.Momentum, Beta2: a.o.Beta2, Eps: a.o.Eps, WeightDecay: g.WeightDecay,
			Decoupled: a.decoupled, Maximize: a.o.Maximize, Step: s.step,
		}, append(in, p, s.get("exp_avg", p, 0), s.get("exp_avg_sq", p, 0))
	})
}

// direction applies Maximize and weight decay.
func (a *Adam) direction(g *Group, p, grad *eager.Tensor) *eager.Tensor {
	return decay(g, p, grad, a.decoupled, a.o.Maximize)
}

func decay(g *Group, p, grad *eager.Tensor, decoupled, maximize bool) *eager.Tensor {
	if maximize {
		grad = grad.Neg()
	}
	switch {
	case g.WeightDecay == 0:
	case decoupled:
		p.Assign(p.Mul(1 - g.LR*g.WeightDecay))
	default:
		grad = grad.Add(p.Mul(g.WeightDecay))
	}
	return grad
}

// lerp moves the running mean m towards x: m = βm + (1 − β)x.
func lerp(m *eager.Tensor, beta float64, x *eager.Tensor) {
	m.Assign(m.Mul(beta).Add(x.Mul(1 - beta)))
}

func (a *Adam) amsgrad(g *Group, p, grad, m, v *eager.Tensor, s *slots) {
	lerp(m, g.Momentum, grad)
	lerp(v, a.o.Beta2, grad.Square())
	top := s.get("max_exp_avg_sq", p, 0)
	top.Assign(top.Maximum(v))
	t := float64(s.step)
	c1, c2 := 1-math.Pow(g.Momentum, t), 1-math.Pow(a.o.Beta2, t)
	p.Assign(p.Sub(m.Mul(g.LR / c1).Div(top.Sqrt().Div(math.Sqrt(c2)).Add(a.o.Eps))))
}

// Adamax is Adam with the largest gradient in place of the squared mean.
// Source: Kingma and Ba 2015, section 7.1; agrees with torch.optim.Adamax.
type Adamax struct {
	Base
	o AdamOptions
}

// NewAdamax returns an Adamax over params.
func NewAdamax(params []*eager.Tensor, o ...AdamOptions) *Adamax {
	a := adamOptions("optim.Adamax", o, 2e-3)
	return &Adamax{newBase("optim.Adamax", params, a.group()), a}
}

// Step makes one update.
func (a *Adamax) Step() {
	a.each(func(g *Group, p, grad *eager.Tensor, s *slots) {
		grad = decay(g, p, grad, false, a.o.Maximize)
		m, u := s.get("exp_avg", p, 0), s.get("exp_inf", p, 0)
		lerp(m, g.Momentum, grad)
		u.Assign(u.Mul(a.o.Beta2).Maximum(grad.Abs().Add(a.o.Eps)))
		c := 1 - math.Pow(g.Momentum, float64(s.step))
		p.Assign(p.Sub(m.Mul(g.LR / c).Div(u)))
	})
}

// NAdam is Adam with Nesterov momentum.
// Source: Dozat 2016; agrees with torch.optim.NAdam.
type NAdam struct {
	Base
	o AdamOptions
}

// NewNAdam returns a NAdam over params.
func NewNAdam(params []*eager.Tensor, o ...AdamOptions) *NAdam {
	a := adamOptions("optim.NAdam", o, 2e-3)
	return &NAdam{newBase("optim.NAdam", params, a.group()), a}
}

// Step makes one update.
func (a *NAdam) Step() {
	a.each(func(g *Group, p, grad *eager.Tensor, s *slots) {
		grad = decay(g, p, grad, a.o.Decoupled, a.o.Maximize)
		m, v := s.get("exp_avg", p, 0), s.get("exp_avg_sq", p, 0)
		lerp(m, g.Momentum, grad)
		lerp(v, a.o.Beta2, grad.Square())
		mu := func(t int) float64 {
			return g.Momentum * (1 - 0.5*math.Pow(0.96, float64(t)*a.o.MomentumDecay))
		}
		product := 1.0
		for t := 1; t <= s.step; t++ {
			product *= mu(t)
		}
		now, next := mu(s.step), mu(s.step+1)
		denom := v.Div(1 - math.Pow(a.o.Beta2, float64(s.step))).Sqrt().Add(a.o.Eps)
		p.Assign(p.Sub(grad.Mul(g.LR * (1 - now) / (1 - product)).Div(denom)))
		p.Assign(p.Sub(m.Mul(g.LR * next / (1 - product*next)).Div(denom)))
	})
}

// RAdam is Adam that waits until the variance of its step is known.
// Source: Liu et al. 2020; agrees with torch.optim.RAdam.
type RAdam struct {
	Base
	o AdamOptions
}

// NewRAdam returns a RAdam over params.
func NewRAdam(params []*eager.Tensor, o ...AdamOptions) *RAdam {
	a := adamOptions("optim.RAdam", o, 1e-3)
	return &RAdam{newBase("optim.RAdam", params, a.group()), a}
}

// Step makes one update.
func (a *RAdam) Step() {
	a.each(func(g *Group, p, grad *eager.Tensor, s *slots) {
		grad = decay(g, p, grad, a.o.Decoupled, a.o.Maximize)
		m, v := s.get("exp_avg", p, 0), s.get("exp_avg_sq", p, 0)
		lerp(m, g.Momentum, grad)
		lerp(v, a.o.Beta2, grad.Square())
		t := float64(s.step)
		c1, b2t := 1-math.Pow(g.Momentum, t), math.Pow(a.o.Beta2, t)
		inf := 2/(1-a.o.Beta2) - 1
		rho := inf - 2*t*b2t/(1-b2t)
		step := m.Mul(g.LR / c1)
		if rho > 5 {
			r := math.Sqrt((rho - 4) * (rho - 2) * inf / ((inf - 4) * (inf - 2) * rho))
			step = step.Mul(r * math.Sqrt(1-b2t)).Div(v.Sqrt().Add(a.o.Eps))
		}
		p.Assign(p.Sub(step))
	})
}
