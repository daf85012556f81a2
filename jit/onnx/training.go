package onnx

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// trainingDomain holds optimizers as operators.
const trainingDomain = "ai.onnx.preview.training"

func init() {
	addIn(trainingDomain, "Momentum", 1, optimizer(1, momentumStep))
	addIn(trainingDomain, "Adagrad", 1, optimizer(1, adagradStep))
	addIn(trainingDomain, "Adam", 1, optimizer(2, adamStep))
}

// optimizer updates any number of tensors: rate, step, then all tensors, all gradients, and states of all.
// step returns the tensor and its states.
func optimizer(states int, step func(c *call, rate, t float64, x, g *eager.Tensor, s []*eager.Tensor) []*eager.Tensor) kernel {
	return func(c *call) []Value {
		rate, t := c.scalar(0), c.scalar(1)
		n := (len(c.values) - 2) / (2 + states)
		if n < 1 || len(c.values) != 2+n*(2+states) {
			fail("%d inputs, want 2 and %d for each tensor", len(c.values), 2+states)
		}
		out := make([]Value, n*(1+states))
		for i := range n {
			x := c.numeric(2 + i)
			wide := func(k int) *eager.Tensor { return c.numeric(2 + k*n + i).Data.To(engine.F64) }
			s := make([]*eager.Tensor, states)
			for k := range s {
				s[k] = wide(2 + k)
			}
			g := wide(1).Add(wide(0).Mul(c.float("norm_coefficient", 0)))
			for k, y := range step(c, rate, t, wide(0), g, s) {
				out[k*n+i] = number(x.Type, y)
			}
		}
		return out
	}
}

func momentumStep(c *call, rate, t float64, x, g *eager.Tensor, s []*eager.Tensor) []*eager.Tensor {
	alpha, beta := c.float("alpha", 0), c.float("beta", 0)
	if t <= 0 {
		beta = 1
	}
	v := s[0].Mul(alpha).Add(g.Mul(beta))
	step := v
	if c.oneOf("mode", "standard", "nesterov") == "nesterov" {
		step = g.Add(v.Mul(alpha))
	}
	return []*eager.Tensor{x.Sub(step.Mul(rate)), v}
}

func adagradStep(c *call, rate, t float64, x, g *eager.Tensor, s []*eager.Tensor) []*eager.Tensor {
	rate /= 1 + t*c.float("decay_factor", 0)
	h := s[0].Add(g.Mul(g))
	return []*eager.Tensor{x.Sub(g.Mul(rate).Div(h.Sqrt().Add(c.float("epsilon", 1e-6)))), h}
}

func adamStep(c *call, rate, t float64, x, g *eager.Tensor, s []*eager.Tensor) []*eager.Tensor {
	alpha, beta := c.float("alpha", 0.9), c.float("beta", 0.999)
	v := s[0].Mul(alpha).Add(g.Mul(1 - alpha))
	h := s[1].Mul(beta).Add(g.Mul(g).Mul(1 - beta))
	if t > 0 {
		rate *= math.Sqrt(1-math.Pow(beta, t)) / (1 - math.Pow(alpha, t))
	}
	y := x.Sub(v.Div(h.Sqrt().Add(c.float("epsilon", 1e-6))).Mul(rate))
	return []*eager.Tensor{y.Mul(1 - c.float("norm_coefficient_post", 0)), v, h}
}
