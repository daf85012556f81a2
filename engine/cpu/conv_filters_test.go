package cpu

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/lathe-ml/lathe/engine"
)

// bigConv is a random convolution whose sizes reach every form of the kernels.
func bigConv(r *rand.Rand) convCase {
	if r.IntN(2) == 0 {
		return randomConv(r)
	}
	c := convCase{}
	k, g := 1+2*r.IntN(2), 1
	ci, co := []int{3, 16, 33, 70}[r.IntN(4)], []int{1, 16, 40, 64}[r.IntN(4)]
	if r.IntN(4) == 0 {
		g, ci, co = 2+r.IntN(40), 1, 1
	}
	h := k + r.IntN(9)
	c.s = ConvSpec{Groups: g, Padding: []int{r.IntN(2), r.IntN(2)}, Stride: []int{1 + r.IntN(2), 1 + r.IntN(2)}}
	c.xs, c.ws = engine.Shape{1 + r.IntN(2), g * ci, h, k + r.IntN(9)}, engine.Shape{g * co, ci, k, k}
	c.ys, _ = c.s.Out(c.xs, c.ws)
	return c
}

func TestKeptWeightsAndWhatFollowsAgreeWithTheFormula(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		f := func() float64 { return float64(r.IntN(9) - 4) }
		for range 120 {
			c := bigConv(r)
			dt := []engine.DType{engine.F32, engine.F32, engine.F32, engine.F64}[r.IntN(4)]
			w := random(r, dt, c.ws, f)
			kept := PackConv(w, c.s)
			ws := values(w)
			var bias engine.Array
			if r.IntN(2) == 0 {
				bias = random(r, dt, c.ws[:1], f)
			}
			for run := range 2 { // the second one finds the weights in order
				x := relaid(r, random(r, dt, c.xs, f))
				y := relaid(r, output(r, dt, c.ys))
				var e ConvEpilogue
				want := make([]float64, c.ys.Numel())
				inner := c.ys[2:].Numel()
				if bias.Buf != nil {
					b := values(bias)
					for i := range want {
						want[i] = b[i/inner%c.ys[1]]
					}
				}
				xs := values(x)
				visitConv(c.ys, c.xs, c.ws, c.s, func(y, x, w int) { want[y] += xs[x] * ws[w] })
				if r.IntN(2) == 0 {
					e.Residual = relaid(r, random(r, dt, c.ys, f))
					for i, v := range values(e.Residual) {
						want[i] += v
					}
				}
				switch r.IntN(3) {
				case 0:
					e.ReLU = true
				case 1:
					e.Clamp, e.Low, e.High = true, -3, 6
				}
				for i, v := range want {
					if e.ReLU {
						v = max(v, 0)
					}
					if e.Clamp {
						v = min(max(v, -3), 6)
					}
					want[i] = v
				}
				must(kept.Conv(y, x, bias, e))
				what := fmt.Sprintf("run %d, %+v, relu %v clamp %v residual %v, %s", run, c, e.ReLU, e.Clamp,
					e.Residual.Buf != nil, describe(y, x))
				compare(t, what, values(y), want, 1e-5)
			}
		}
	})
}

func TestProductsAreBounded(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		f := func() float64 { return float64(r.IntN(9) - 4) }
		for range 100 {
			m, n, k := 1+r.IntN(40), 1+r.IntN(70), 1+r.IntN(30)
			dt := []engine.DType{engine.F32, engine.F64}[r.IntN(2)]
			a, b := random(r, dt, engine.Shape{m, k}, f), random(r, dt, engine.Shape{k, n}, f)
			y, want := output(r, dt, engine.Shape{m, n}), engine.NewArray(dt, engine.Shape{m, n})
			must(MatMul(want, a, b, Epilogue{}))
			must(Clamp(want, want, -2, 6))
			must(MatMul(y, a, b, Epilogue{Clamp: true, Low: -2, High: 6}))
			compare(t, describe(y, a, b), values(y), values(want), 1e-6)
		}
	})
}

func TestKeptMatricesGiveTheSameProducts(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		f := func() float64 { return float64(r.IntN(9) - 4) }
		for range 60 {
			n, k := 1+r.IntN(100), 1+r.IntN(90)
			if r.IntN(5) == 0 {
				k = 500 + r.IntN(900)
			}
			b := random(r, engine.F32, engine.Shape{k, n}, f)
			kept := PackMatMul(b)
			for range 2 {
				lead := engine.Shape{r.IntN(40)}
				if r.IntN(3) == 0 {
					lead = engine.Shape{1 + r.IntN(3), 1 + r.IntN(20)}
				}
				a := random(r, engine.F32, append(lead.Clone(), k), f)
				e := Epilogue{ReLU: r.IntN(3) == 0, Alpha: float64(r.IntN(3)) / 2, Accumulate: r.IntN(3) == 0}
				if r.IntN(2) == 0 {
					e.Bias = random(r, engine.F32, engine.Shape{n}, f)
				}
				if r.IntN(3) == 0 {
					e.Clamp, e.Low, e.High = true, -5, 9
				}
				y := random(r, engine.F32, append(lead, n), f)
				want := engine.NewArray(engine.F32, y.Shape)
				must(Copy(want, y))
				must(MatMul(want, a, b, e))
				must(kept.MatMul(y, a, e))
				compare(t, fmt.Sprintf("%+v %s", e, describe(y, a, b)), values(y), values(want), 1e-5)
			}
		}
	})
}
