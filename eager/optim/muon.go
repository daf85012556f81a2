package optim

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// MuonOptions are the options of Muon.
type MuonOptions struct {
	LR          float64 // 0 means 1e-3
	Momentum    float64 // 0 means 0.95
	WeightDecay float64 // decoupled; 0 means 0.1, −1 none
	Plain       bool    // momentum without Nesterov's look ahead
	Iterations  int     // of Newton and Schulz; 0 means 5
	MatchAdamW  bool    // scale steps so that learning rates of AdamW fit
}

// Muon moves matrices, the weights of hidden linear layers, along the momentum with all its singular values
// made nearly 1. Other parameters go to AdamW.
// Source: Jordan et al. 2024; agrees with torch.optim.Muon, which orthogonalises in BF16.
type Muon struct {
	Base
	o MuonOptions
}

// NewMuon returns a Muon over params, all of them matrices.
func NewMuon(params []*eager.Tensor, o ...MuonOptions) *Muon {
	var m MuonOptions
	if len(o) > 0 {
		m = o[0]
	}
	m.LR, m.Momentum = or(m.LR, 1e-3), or(m.Momentum, 0.95)
	if m.WeightDecay = or(m.WeightDecay, 0.1); m.WeightDecay == -1 {
		m.WeightDecay = 0
	}
	if m.Iterations == 0 {
		m.Iterations = 5
	}
	if m.Iterations < 0 || !(m.Momentum < 1) {
		engine.Fail("optim.Muon", "Iterations %d, Momentum %v; want a number ≥ 0 and 0 … 1", m.Iterations, m.Momentum)
	}
	for i, p := range params {
		if p != nil && p.Rank() != 2 {
			engine.Fail("optim.Muon", "parameter %d (%v) is not a matrix; give it to AdamW", i, p.Type())
		}
	}
	g := Group{LR: m.LR, WeightDecay: m.WeightDecay, Momentum: m.Momentum}
	return &Muon{newBase("optim.Muon", params, g), m}
}

// Step makes one update.
func (m *Muon) Step() {
	m.each(func(g *Group, p, grad *eager.Tensor, s *slots) {
		v := s.get("momentum_buffer", p, 0)
		lerp(v, g.Momentum, grad)
		d := v
		if !m.o.Plain {
			d = grad.Lerp(v, g.Momentum)
		}
		rows, columns := float64(p.Size(0)), float64(p.Size(1))
		scale := math.Sqrt(max(1, rows/columns))
		if m.o.MatchAdamW {
			scale = 0.2 * math.Sqrt(max(rows, columns))
		}
		p.Assign(p.Mul(1 - g.LR*g.WeightDecay).Sub(orthogonal(d, m.o.Iterations).Mul(g.LR * scale)))
	})
}

// orthogonal returns x with its singular values moved towards 1 by a polynomial of fifth degree.
func orthogonal(x *eager.Tensor, iterations int) *eager.Tensor {
	if x.Size(0) > x.Size(1) {
		return orthogonal(x.T(), iterations).T()
	}
	const a, b, c = 3.4445, -4.7750, 2.0315
	x = x.Div(x.Norm().Maximum(1e-7))
	for range iterations {
		s := x.MatMul(x.T())
		x = x.Mul(a).Add(s.Mul(b).Add(s.MatMul(s).Mul(c)).MatMul(x))
	}
	return x
}
