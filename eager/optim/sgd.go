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
	return &SGD{newBase("optim.SGD", params, g), opt}
}

// Step makes one update.
func (s *SGD) Step() {
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
