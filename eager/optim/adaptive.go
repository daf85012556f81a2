package optim

import "github.com/lathe-ml/lathe/eager"

// RMSpropOptions are the options of RMSprop.
type RMSpropOptions struct {
	LR          float64 // learning rate; 0 means 1e-2
	Alpha       float64 // decay of the squared mean; 0 means 0.99
	Eps         float64 // 0 means 1e-8
	Momentum    float64
	WeightDecay float64
	Centered    bool // divide by the standard deviation instead of the root mean square
	Maximize    bool // ascend instead of descend
}

// RMSprop divides each step by a running root mean square of the gradient.
// Source: Hinton, lecture 6e, 2012; agrees with torch.optim.RMSprop.
type RMSprop struct {
	Base
	o RMSpropOptions
}

// NewRMSprop returns an RMSprop over params.
func NewRMSprop(params []*eager.Tensor, o ...RMSpropOptions) *RMSprop {
	var a RMSpropOptions
	if len(o) > 0 {
		a = o[0]
	}
	a.LR, a.Alpha, a.Eps = or(a.LR, 1e-2), or(a.Alpha, 0.99), or(a.Eps, 1e-8)
	g := Group{LR: a.LR, WeightDecay: a.WeightDecay, Momentum: a.Momentum}
	return &RMSprop{newBase("optim.RMSprop", params, g), a}
}

// Step makes one update.
func (r *RMSprop) Step() {
	r.each(func(g *Group, p, grad *eager.Tensor, s *slots) {
		grad = decay(g, p, grad, false, r.o.Maximize)
		v := s.get("square_avg", p, 0)
		lerp(v, r.o.Alpha, grad.Square())
		mean := v
		if r.o.Centered {
			m := s.get("grad_avg", p, 0)
			lerp(m, r.o.Alpha, grad)
			mean = v.Sub(m.Square())
		}
		step := grad.Div(mean.Sqrt().Add(r.o.Eps))
		if g.Momentum != 0 {
			b := s.get("momentum_buffer", p, 0)
			b.Assign(b.Mul(g.Momentum).Add(step))
			step = b
		}
		p.Assign(p.Sub(step.Mul(g.LR)))
	})
}

// AdagradOptions are the options of Adagrad.
type AdagradOptions struct {
	LR          float64 // learning rate; 0 means 1e-2
	LRDecay     float64 // LR / (1 + (step − 1)·LRDecay)
	WeightDecay float64
	Initial     float64 // initial value of the sum of squares
	Eps         float64 // 0 means 1e-10
	Maximize    bool    // ascend instead of descend
}

// Adagrad divides each step by the root of the sum of all squared gradients.
// Source: Duchi, Hazan and Singer 2011; agrees with torch.optim.Adagrad.
type Adagrad struct {
	Base
	o AdagradOptions
}

// NewAdagrad returns an Adagrad over params.
func NewAdagrad(params []*eager.Tensor, o ...AdagradOptions) *Adagrad {
	var a AdagradOptions
	if len(o) > 0 {
		a = o[0]
	}
	a.LR, a.Eps = or(a.LR, 1e-2), or(a.Eps, 1e-10)
	d := &Adagrad{newBase("optim.Adagrad", params, Group{LR: a.LR, WeightDecay: a.WeightDecay}), a}
	d.sparse = func(g *Group) bool { return g.WeightDecay == 0 }
	return d
}

// Step makes one update. Without weight decay it changes of a table whose gradient came by rows those rows
// only.
func (a *Adagrad) Step() {
	rate := func(g *Group, s *slots) float64 { return g.LR / (1 + float64(s.step-1)*a.o.LRDecay) }
	a.eachRows(func(g *Group, p *eager.Tensor, grad *eager.RowGrad, s *slots) {
		all := s.get("sum", p, a.o.Initial)
		sum := all.IndexSelect(0, grad.Index).Add(grad.Values.Square())
		all.SetRows(grad.Index, sum)
		step := signed(grad.Values, a.o.Maximize).Mul(rate(g, s)).Div(sum.Sqrt().Add(a.o.Eps))
		p.SetRows(grad.Index, p.Detach().IndexSelect(0, grad.Index).Sub(step))
	})
	a.each(func(g *Group, p, grad *eager.Tensor, s *slots) {
		grad = decay(g, p, grad, false, a.o.Maximize)
		sum := s.get("sum", p, a.o.Initial)
		sum.Assign(sum.Add(grad.Square()))
		p.Assign(p.Sub(grad.Mul(rate(g, s)).Div(sum.Sqrt().Add(a.o.Eps))))
	})
}

// AdadeltaOptions are the options of Adadelta.
type AdadeltaOptions struct {
	LR          float64 // factor of the step; 0 means 1
	Rho         float64 // decay of both means; 0 means 0.9
	Eps         float64 // 0 means 1e-6
	WeightDecay float64
	Maximize    bool // ascend instead of descend
}

// Adadelta scales each step by the ratio of running root mean squares of steps and gradients.
// Source: Zeiler 2012; agrees with torch.optim.Adadelta.
type Adadelta struct {
	Base
	o AdadeltaOptions
}

// NewAdadelta returns an Adadelta over params.
func NewAdadelta(params []*eager.Tensor, o ...AdadeltaOptions) *Adadelta {
	var a AdadeltaOptions
	if len(o) > 0 {
		a = o[0]
	}
	a.LR, a.Rho, a.Eps = or(a.LR, 1), or(a.Rho, 0.9), or(a.Eps, 1e-6)
	return &Adadelta{newBase("optim.Adadelta", params, Group{LR: a.LR, WeightDecay: a.WeightDecay}), a}
}

// Step makes one update.
func (a *Adadelta) Step() {
	a.each(func(g *Group, p, grad *eager.Tensor, s *slots) {
		grad = decay(g, p, grad, false, a.o.Maximize)
		v, d := s.get("square_avg", p, 0), s.get("acc_delta", p, 0)
		lerp(v, a.o.Rho, grad.Square())
		step := d.Add(a.o.Eps).Sqrt().Div(v.Add(a.o.Eps).Sqrt()).Mul(grad)
		lerp(d, a.o.Rho, step.Square())
		p.Assign(p.Sub(step.Mul(g.LR)))
	})
}
