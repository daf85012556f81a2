package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lathe-ml/lathe/engine"
)

func TestSGDFollowsItsFormula(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for _, o := range []SGD{
			{LR: 0.1},
			{LR: 0.1, WeightDecay: 0.01},
			{LR: 0.1, Momentum: 0.9},
			{LR: 0.1, Momentum: 0.9, Dampening: 0.5, WeightDecay: 0.1},
			{LR: 0.1, Momentum: 0.9, Nesterov: true},
			{LR: 0.1, Momentum: 0.9, Maximize: true},
		} {
			n := 1 + r.IntN(100)
			p, v := make([]float32, n), make([]float32, n)
			wp, wv := make([]float64, n), make([]float64, n)
			for i := range p {
				p[i] = float32(r.NormFloat64())
				wp[i] = float64(p[i])
			}
			s := engine.Shape{n}
			for step := range 4 {
				g := make([]float32, n)
				o.First = step == 0
				for i := range g {
					g[i] = float32(r.NormFloat64())
					d := float64(g[i])
					if o.Maximize {
						d = -d
					}
					d += o.WeightDecay * wp[i]
					if o.Momentum != 0 {
						wv[i] = o.Momentum*wv[i] + (1-o.Dampening)*d
						if o.First {
							wv[i] = d
						}
						if o.Nesterov {
							d += o.Momentum * wv[i]
						} else {
							d = wv[i]
						}
					}
					wp[i] -= o.LR * d
				}
				must(o.Step(engine.Of(s, p), engine.Of(s, g), engine.Of(s, v)))
			}
			compare(t, fmt.Sprintf("%+v", o), values(engine.Of(s, p)), wp, 1e-5)
		}
	})
}

func TestAdamFollowsItsFormula(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		base := Adam{LR: 0.01, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8}
		decay, decoupled := base, base
		decay.WeightDecay = 0.1
		decoupled.WeightDecay, decoupled.Decoupled = 0.1, true
		for _, o := range []Adam{base, decay, decoupled} {
			for _, amsgrad := range []bool{false, true} {
				n := 1 + r.IntN(100)
				s := engine.Shape{n}
				p, m, v, vm := make([]float32, n), make([]float32, n), make([]float32,
					n), make([]float32, n)
				wp, wm, wv, wx := make([]float64, n), make([]float64, n), make([]float64,
					n), make([]float64, n)
				for i := range p {
					p[i] = float32(r.NormFloat64())
					wp[i] = float64(p[i])
				}
				for step := 1; step < 6; step++ {
					o.Step = step
					g := make([]float32, n)
					c1, c2 := 1-math.Pow(o.Beta1, float64(step)), 1-math.Pow(o.Beta2, float64(step))
					for i := range g {
						g[i] = float32(r.NormFloat64())
						d := float64(g[i])
						if o.Decoupled {
							wp[i] -= o.LR * o.WeightDecay * wp[i]
						} else {
							d += o.WeightDecay * wp[i]
						}
						wm[i] = o.Beta1*wm[i] + (1-o.Beta1)*d
						wv[i] = o.Beta2*wv[i] + (1-o.Beta2)*d*d
						wx[i] = math.Max(wx[i], wv[i])
						w := wv[i]
						if amsgrad {
							w = wx[i]
						}
						wp[i] -= o.LR / c1 * wm[i] / (math.Sqrt(w)/math.Sqrt(c2) + o.Eps)
					}
					vmax := engine.Array{}
					if amsgrad {
						vmax = engine.Of(s, vm)
					}
					must(o.Update(engine.Of(s, p), engine.Of(s, g), engine.Of(s, m),
						engine.Of(s, v), vmax))
				}
				compare(t, fmt.Sprintf("%+v amsgrad %v", o, amsgrad), values(engine.Of(s, p)), wp,
					1e-4)
			}
		}
	})
}
