package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lathe-ml/lathe/engine"
)

func TestStreamedResultsAreTheSame(t *testing.T) {
	old := streamFrom
	defer func() { streamFrom = old }()
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for range 8 {
			n := grain + r.IntN(3*grain) // shorter ones are not cut into chunks
			place := func(dt engine.DType) engine.Array {
				a := engine.NewArray(dt, engine.Shape{n + 40})
				must(Uniform(a, engine.Generator{Seed: r.Uint64()}, 0.5, 3))
				lo := r.IntN(40)
				return a.Slice(0, lo, lo+n, 1)
			}
			x, y, x64 := place(engine.F32), place(engine.F32), place(engine.F64)
			for _, v := range []float32{float32(math.NaN()), float32(math.Inf(-1)), 0, -1, 1e-41} {
				flatSlice[float32](&x)[r.IntN(n)] = v
			}
			cond := engine.NewArray(engine.Bool, x.Shape)
			must(Gt.Run(cond, x, y))
			cases := map[string]func(d engine.Array){
				"copy":  func(d engine.Array) { must(Copy(d, x)) },
				"where": func(d engine.Array) { must(Where(d, cond, x, y)) },
				"cast":  func(d engine.Array) { must(Copy(d, x64)) },
			}
			for _, v := range []*Vec1{
				Neg, Abs, Square, Sqrt, Rsqrt, Reciprocal, ReLU, Exp, Log, Tanh, Sigmoid, Erf, SiLU, GELU, Floor, Sin,
			} {
				cases[v.Name] = func(d engine.Array) { must(v.Run(d, x)) }
			}
			for _, v := range []*Vec2{Add, Sub, Mul, Div, Maximum, Minimum, Pow} {
				cases[v.Name] = func(d engine.Array) { must(v.Run(d, x, y)) }
			}
			for name, f := range cases {
				streamFrom = old
				want := engine.NewArray(engine.F32, x.Shape)
				f(want)
				streamFrom = 0
				d := place(engine.F32)
				f(d)
				compare(t, fmt.Sprint(name, " ", describe(d)), values(d), values(want), 0)
			}
		}
	})
}

func TestStreamedGradientsOfStridedConvolutionsAreTheSame(t *testing.T) {
	old := streamFrom
	defer func() { streamFrom = old }()
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		s := ConvSpec{Stride: []int{2, 3}}
		for range 8 {
			xs := engine.Shape{1 + r.IntN(3), 17 + r.IntN(60), 20 + r.IntN(20), 20 + r.IntN(20)}
			w := random(r, engine.F32, engine.Shape{20, xs[1], 1, 1}, r.NormFloat64)
			ys, err := s.Out(xs, w.Shape)
			must(err)
			dy := NewChannelsLast(engine.F32, ys)
			must(Copy(dy, random(r, engine.F32, ys, r.NormFloat64)))
			gradient := func(from int) []float64 {
				streamFrom = from
				dx := NewChannelsLast(engine.F32, xs)
				must(Fill(dx, 7))
				must(ConvGradInput(dx, dy, w, s))
				return values(dx)
			}
			compare(t, describe(dy, w), gradient(0), gradient(old), 0)
		}
	})
}

func TestStreamedProductsAreTheSame(t *testing.T) {
	old := streamFrom
	defer func() { streamFrom = old }()
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for range 12 {
			m, n, k := 1+r.IntN(300), 16*(1+r.IntN(9))+r.IntN(2)*r.IntN(16), 1+r.IntN(700)
			a := random(r, engine.F32, engine.Shape{m, k}, r.NormFloat64)
			b := random(r, engine.F32, engine.Shape{k, n}, r.NormFloat64)
			product := func(from int) []float64 {
				streamFrom = from
				d := output(r, engine.F32, engine.Shape{m, n})
				must(MatMul(d, a, b, Epilogue{ReLU: m%2 == 0}))
				return values(d)
			}
			compare(t, describe(a, b), product(0), product(1<<40), 0)
		}
	})
}
