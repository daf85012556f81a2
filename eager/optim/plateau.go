package optim

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
)

// PlateauOptions are the options of Plateau.
type PlateauOptions struct {
	Factor    float64 // the rate is multiplied by this; 0 means 0.1
	Patience  int     // epochs without improvement that are let pass; 0 means 10, a negative value none
	Threshold float64 // improvement that counts; 0 means 1e-4, a negative value none
	Absolute  bool    // Threshold is absolute instead of relative to the best value
	Cooldown  int     // epochs to wait after a reduction
	MinLR     float64 // lower bound of the rate
	Eps       float64 // smaller changes of the rate are not made; 0 means 1e-8
	Max       bool    // larger is better
}

// Plateau lowers the learning rate when a metric stops improving.
// Agrees with torch's ReduceLROnPlateau.
type Plateau struct {
	opt       Optimizer
	o         PlateauOptions
	best      float64
	bad, cool int
}

// NewPlateau returns a Plateau; call Step with the metric after every epoch.
func NewPlateau(opt Optimizer, o ...PlateauOptions) *Plateau {
	base("optim.NewPlateau", opt)
	p := &Plateau{opt: opt, best: math.Inf(1)}
	if len(o) > 0 {
		p.o = o[0]
	}
	p.o.Factor, p.o.Eps = or(p.o.Factor, 0.1), or(p.o.Eps, 1e-8)
	p.o.Threshold = math.Max(0, or(p.o.Threshold, 1e-4))
	if !(p.o.Factor > 0 && p.o.Factor < 1) {
		engine.Fail("optim.NewPlateau", "Factor is %v; want a number between 0 and 1", p.o.Factor)
	}
	switch {
	case p.o.Patience == 0:
		p.o.Patience = 10
	case p.o.Patience < 0:
		p.o.Patience = 0
	}
	if p.o.Max {
		p.best = math.Inf(-1)
	}
	return p
}

// Step takes the metric of an epoch and lowers the rate when it is time.
func (p *Plateau) Step(metric float64) {
	if p.better(metric) {
		p.best, p.bad = metric, 0
	} else {
		p.bad++
	}
	if p.cool > 0 {
		p.cool--
		p.bad = 0
	}
	if p.bad <= p.o.Patience {
		return
	}
	for _, g := range p.opt.Self().Groups() {
		if next := math.Max(g.LR*p.o.Factor, p.o.MinLR); g.LR-next > p.o.Eps {
			g.LR = next
		}
	}
	p.cool, p.bad = p.o.Cooldown, 0
}

// LR returns the current learning rate of the first group.
func (p *Plateau) LR() float64 { return p.opt.Self().LR() }

func (p *Plateau) better(x float64) bool {
	t := p.o.Threshold
	switch {
	case p.o.Max && p.o.Absolute:
		return x > p.best+t
	case p.o.Max:
		return x > p.best*(1+t) || math.IsInf(p.best, -1)
	case p.o.Absolute:
		return x < p.best-t
	}
	return x < p.best*(1-t)
}
