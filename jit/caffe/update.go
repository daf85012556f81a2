package caffe

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
)

// change returns what an update takes from a weight, and moves the weight's history.
func (s *Solver) change(kind string, w, g *eager.Tensor, rate float64) *eager.Tensor {
	h := s.history[w]
	if h == nil {
		for range histories(kind) {
			h = append(h, eager.ZerosLike(w).Detach())
		}
		s.history[w] = h
	}
	m, delta := s.param.Float("momentum", 0), s.param.Float("delta", 1e-8)
	switch kind {
	case "Nesterov":
		old := h[0]
		h[0] = g.Mul(rate).Add(old.Mul(m))
		return h[0].Mul(1 + m).Sub(old.Mul(m))
	case "AdaGrad":
		h[0] = h[0].Add(g.Mul(g))
		return g.Mul(rate).Div(h[0].Sqrt().Add(delta))
	case "RMSProp":
		d := s.param.Float("rms_decay", 0.99)
		h[0] = h[0].Mul(d).Add(g.Mul(g).Mul(1 - d))
		return g.Mul(rate).Div(h[0].Sqrt().Add(delta))
	case "AdaDelta":
		h[0] = h[0].Mul(m).Add(g.Mul(g).Mul(1 - m))
		step := g.Mul(h[1].Add(delta).Div(h[0].Add(delta)).Sqrt())
		h[1] = h[1].Mul(m).Add(step.Mul(step).Mul(1 - m))
		return step.Mul(rate)
	case "Adam":
		b2, t := s.param.Float("momentum2", 0.999), float64(s.iter+1)
		h[0] = h[0].Mul(m).Add(g.Mul(1 - m))
		h[1] = h[1].Mul(b2).Add(g.Mul(g).Mul(1 - b2))
		rate *= math.Sqrt(1-math.Pow(b2, t)) / (1 - math.Pow(m, t))
		return h[0].Div(h[1].Sqrt().Add(delta)).Mul(rate)
	}
	h[0] = g.Mul(rate).Add(h[0].Mul(m))
	return h[0]
}
