package optim

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// SGDOptions are the options of SGD.
type SGDOptions struct {
	LR          float64 // learning rate; 0 means 1e-3
	Momentum    float64
	Dampening   float64
	WeightDecay float64
	Nesterov    bool // needs Momentum and no Dampening
	Maximize    bool // ascend instead of descend
}

// SGD is stochastic gradient descent with momentum: m = μm + (1 − dampening)·g, p −= LR·m.
// Source: Sutskever et al. 2013; agrees with torch.optim.SGD.
type SGD struct {
	Base
	o SGDOptions
}

// NewSGD returns an SGD over params.
func NewSGD(params []*eager.Tensor, o ...SGDOptions) *SGD {
	var opt SGDOptions
	if len(o) > 0 {
		opt = o[0]
	}
	if opt.Nesterov && (opt.Momentum <= 0 || opt.Dampening != 0) {
		engine.Fail("optim.SGD", "Nesterov needs a momentum (got %v) and no dampening (got %v)",
			opt.Momentum, opt.Dampening)
	}
	g := Group{LR: or(opt.LR, 1e-3), WeightDecay: opt.WeightDecay, Momentum: opt.Momentum}
	s := &SGD{newBase("optim.SGD", params, g), opt}
	s.sparse = func(g *Group) bool { return g.Momentum == 0 && g.WeightDecay == 0 }
	return s
}

// Step makes one update. Without momentum and weight decay it changes of a table whose gradient came by
// rows those rows only.
func (s *SGD) Step() {
	s.eachRows(func(g *Group, p *eager.Tensor, grad *eager.RowGrad, _ *slots) {
		step := signed(grad.Values, s.o.Maximize).Mul(g.LR)
		p.SetRows(grad.Index, p.Detach().IndexSelect(0, grad.Index).Sub(step))
	})
	s.together(op.SGDUpdate, func(g *Group, p *eager.Tensor, st *slots, in []*eager.Tensor) (op.Attrs, []*eager.Tensor) {
		m := p // not read without momentum
		if g.Momentum != 0 {
			m = st.get("momentum_buffer", p, 0)
		}
		return op.SGDAttrs{
			LR: g.LR, Momentum: g.Momentum, Dampening: s.o.Dampening, WeightDecay: g.WeightDecay,
			Nesterov: s.o.Nesterov, Maximize: s.o.Maximize, First: st.step == 1,
		}, append(in, p, m)
	})
}
