package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lathe-ml/lathe/engine"
)

// ulps is the distance of got from want in units of the last place of float32 at want.
func ulps(got float32, want float64) float64 {
	w := float32(want)
	if math.IsNaN(want) || math.IsInf(float64(w), 0) || float64(got) == want {
		if got == w || got != got && w != w {
			return 0
		}
		return math.Inf(1)
	}
	unit := float64(math.Nextafter32(float32(math.Abs(want)),
		math.MaxFloat32)) - math.Abs(float64(w))
	return math.Abs(float64(got)-want) / unit
}

// errorBounds are what the vector forms promise; the portable forms round once.
var errorBounds = []struct {
	v      *Vec1
	f      func(float64) float64
	lo, hi float64
	bound  float64 // ulps
	floor  float64 // absolute error that is always allowed
}{
	{Exp, math.Exp, -110, 92, 1, 0},
	{Log, math.Log, 1e-40, 1e30, 1, 0},
	{Log, math.Log, 0.5, 2, 1, 0},
	{Tanh, math.Tanh, -12, 12, 1.5, 0},
	{Sigmoid, sigmoid, -80, 80, 2.5, 1e-37},
	{Erf, math.Erf, -6, 6, 2.5, 0},
	{SiLU, func(x float64) float64 { return x * sigmoid(x) }, -80, 80, 3, 1e-36},
	{GELU, func(x float64) float64 { return x * phi(x) }, -12, 12, 16, 1e-36},
	{
		GELUTanh, func(x float64) float64 { return 0.5 * x * (1 + math.Tanh(geluInner(x))) }, -9,
		9, 3, 3e-7,
	},
	{Sin, math.Sin, -1e5, 1e5, 1, 0},
	{Sin, math.Sin, -1e30, 1e30, 1, 0},
	{Cos, math.Cos, -1e5, 1e5, 1, 0},
	{Tan, math.Tan, -1e3, 1e3, 1, 0},
	{Asin, math.Asin, -1, 1, 1, 0},
	{Acos, math.Acos, -1, 1, 1, 0},
	{Atan, math.Atan, -50, 50, 1, 0},
	{Sinh, math.Sinh, -90, 90, 1, 0},
	{Cosh, math.Cosh, -90, 90, 1, 0},
	{Asinh, math.Asinh, -1e10, 1e10, 1, 0},
	{Acosh, math.Acosh, 1, 1e10, 1, 0},
	{Atanh, math.Atanh, -1, 1, 1, 0},
	{Exp2, math.Exp2, -150, 130, 1, 0},
	{Expm1, math.Expm1, -30, 90, 1, 0},
	{Log1p, math.Log1p, -1, 1e10, 1, 0},
	{Log2, math.Log2, 1e-40, 1e30, 1, 0},
	{Log10, math.Log10, 1e-40, 1e30, 1, 0},
	{Erfc, math.Erfc, -6, 10.1, 1, 0},
	{Softplus, softplus, -100, 100, 1, 0},
	{Sqrt, math.Sqrt, 0, 1e30, 0.51, 0},
	{Rsqrt, func(x float64) float64 { return 1 / math.Sqrt(x) }, 1e-30, 1e30, 1.5, 0},
	{Reciprocal, func(x float64) float64 { return 1 / x }, -100, 100, 0.51, 0},
	{Floor, math.Floor, -9, 9, 0, 0},
	{Ceil, math.Ceil, -9, 9, 0, 0},
	{Trunc, math.Trunc, -9, 9, 0, 0},
	{Round, math.RoundToEven, -9, 9, 0, 0},
	{Abs, math.Abs, -9, 9, 0, 0},
	{Neg, func(x float64) float64 { return -x }, -9, 9, 0, 0},
}

func TestFunctionsKeepTheirErrorBounds(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for _, c := range errorBounds {
			x := make([]float32, 60001)
			for i := range x {
				x[i] = float32(c.lo + (c.hi-c.lo)*r.Float64())
				if i%3 == 0 && c.lo <= 0 {
					x[i] = float32(r.NormFloat64() * math.Pow(2, float64(r.IntN(20)-15)))
					x[i] = float32(max(float64(x[i]), c.lo))
				}
				if i%2 == 1 && c.lo > 0 {
					x[i] = float32(c.lo * math.Pow(c.hi/c.lo, r.Float64()))
				}
			}
			y := make([]float32, len(x))
			c.v.F32(y, x)
			worst, at := 0.0, float32(0)
			for i, v := range x {
				want := c.f(float64(v))
				if math.Abs(float64(y[i])-want) <= c.floor {
					continue
				}
				if e := ulps(y[i], want); e > worst {
					worst, at = e, v
				}
			}
			if worst > c.bound {
				got := []float32{0}
				c.v.F32(got, []float32{at})
				t.Errorf("%s(%v) = %v, want %v: %.2f ulp, allowed %v", c.v.Name, at, got[0],
					c.f(float64(at)), worst, c.bound)
			}
			t.Logf("%s: %.2f ulp", c.v.Name, worst)
		}
	})
}

// wideBounds are the same for float64, of which float64 results of Go's library are themselves off by
// up to a unit.
var wideBounds = []struct {
	v      *Vec1
	f      func(float64) float64
	lo, hi float64
}{
	{Exp, math.Exp, -700, 700},
	{Log, math.Log, 1e-310, 1e10},
	{Sin, math.Sin, -1e5, 1e5},
	{Cos, math.Cos, -1e5, 1e5},
	{Sin, math.Sin, -1e15, 1e15},
	{Tanh, math.Tanh, -20, 20},
	{Sigmoid, sigmoid, -30, 30},
}

func TestFunctionsOfFloat64KeepTheirErrorBounds(t *testing.T) {
	const bound = 3 // two units and that of the reference
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for _, c := range wideBounds {
			x, y := make([]float64, 20001), make([]float64, 20001)
			for i := range x {
				x[i] = c.lo + (c.hi-c.lo)*r.Float64()
				if c.lo > 0 && i%2 == 0 {
					x[i] = c.lo * math.Pow(c.hi/c.lo, r.Float64())
				}
			}
			c.v.F64(y, x)
			for i, v := range x {
				want := c.f(v)
				unit := math.Nextafter(math.Abs(want), math.Inf(1)) - math.Abs(want)
				// Near a zero of sine and cosine the reference has lost digits of the argument.
				if e := math.Abs(y[i]-want) / max(unit, 0x1p-57); e > bound {
					t.Fatalf("%s(%v) = %v, want %v: %.1f units", c.v.Name, v, y[i], want, e)
				}
			}
		}
	})
}

func TestFunctionsOfSpecialValues(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	x := []float32{0, float32(inf), float32(-inf), float32(nan), -1, 1e-45, 3.4e38}
	eachLevel(t, func(t *testing.T, _ *rand.Rand) {
		for _, c := range []struct {
			v    *Vec1
			want []float64
		}{
			{Exp, []float64{1, inf, 0, nan, math.Exp(-1), 1, inf}},
			{Log, []float64{-inf, inf, nan, nan, nan, math.Log(0x1p-149), math.Log(3.4e38)}},
			{Tanh, []float64{0, 1, -1, nan, math.Tanh(-1), 1e-45, 1}},
			{Sigmoid, []float64{0.5, 1, 0, nan, sigmoid(-1), 0.5, 1}},
			{Erf, []float64{0, 1, -1, nan, math.Erf(-1), 1e-45, 1}},
			{ReLU, []float64{0, inf, 0, nan, 0, 1e-45, 3.4e38}},
			{Sqrt, []float64{0, inf, nan, nan, nan, 3.7e-23, 1.8439088e19}},
		} {
			y := make([]float32, len(x))
			c.v.F32(y, x)
			for i := range x {
				if !near(float64(y[i]), c.want[i], 2e-7) && math.Abs(c.want[i]) > 1e-44 {
					t.Errorf("%s(%v) = %v, want %v", c.v.Name, x[i], y[i], c.want[i])
				}
			}
		}
	})
}

func TestFunctionsComputeEveryLength(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for n := range 100 {
			x, y := make([]float32, n), make([]float32, n+1)
			for i := range x {
				x[i] = r.Float32()
			}
			y[n] = 7
			Exp.F32(y[:n], x)
			for i, v := range x {
				if ulps(y[i], math.Exp(float64(v))) > 2 {
					t.Fatalf("length %d: exp(%v) = %v", n, v, y[i])
				}
			}
			if y[n] != 7 {
				t.Fatalf("length %d: wrote behind the end", n)
			}
			var want float64
			for _, v := range x {
				want += float64(v)
			}
			if got := sumRow(x); !near(got, want, 3*0x1p-24) { // three roundings to float32
				t.Fatalf("length %d: sum %v, want %v", n, got, want)
			}
			if n > 0 {
				x[r.IntN(n)] = 2
				if got := lineMaxF32(x); got != 2 {
					t.Fatalf("length %d: maximum %v", n, got)
				}
				x[r.IntN(n)] = float32(math.NaN())
				if got := lineMaxF32(x); got == got {
					t.Fatalf("length %d: maximum with NaN is %v", n, got)
				}
			}
		}
	})
}

func TestSoftmaxFamilyAgreesWithItsFormula(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for range 150 {
			s := shapes(r)
			if len(s) == 0 {
				continue
			}
			axis := r.IntN(len(s))
			for _, dt := range []engine.DType{engine.F32, engine.F64} {
				x := random(r, dt, s, func() float64 { return 3 * r.NormFloat64() })
				dy := random(r, dt, s, r.NormFloat64)
				y, ly := output(r, dt, s), output(r, dt, s)
				dx, ldx := output(r, dt, s), output(r, dt, s)
				must(Softmax(y, x, axis))
				must(LogSoftmax(ly, x, axis))
				must(SoftmaxGrad(dx, dy, y, axis))
				must(LogSoftmaxGrad(ldx, dy, ly, axis))
				lse := reduceSlowly(x, []int{axis}, func(v []float64) float64 {
					m, sum := math.Inf(-1), 0.0
					for _, e := range v {
						m = math.Max(m, e)
					}
					for _, e := range v {
						sum += math.Exp(e - m)
					}
					return m + math.Log(sum)
				})
				l := broadcast(engine.Of(keepShape(s, []int{axis}), lse), s)
				xs, dys := values(x), values(dy)
				p, lp, prod := make([]float64, len(xs)), make([]float64, len(xs)), make([]float64,
					len(xs))
				for i := range xs {
					lp[i] = xs[i] - l[i]
					p[i] = math.Exp(lp[i])
					prod[i] = p[i] * dys[i]
				}
				total := func(v []float64) []float64 {
					sum := reduceSlowly(engine.Of(s, v), []int{axis},
						func(v []float64) (t float64) {
							for _, e := range v {
								t += e
							}
							return t
						})
					return broadcast(engine.Of(keepShape(s, []int{axis}), sum), s)
				}
				sp, sd := total(prod), total(dys)
				wd, wl := make([]float64, len(xs)), make([]float64, len(xs))
				for i := range xs {
					wd[i] = p[i] * (dys[i] - sp[i])
					wl[i] = dys[i] - p[i]*sd[i]
				}
				what := fmt.Sprint(axis, describe(y, x))
				compare(t, "softmax "+what, values(y), p, 1e-6)
				compare(t, "log softmax "+what, values(ly), lp, 1e-5)
				compare(t, "softmax gradient "+what, values(dx), wd, 1e-5)
				compare(t, "log softmax gradient "+what, values(ldx), wl, 2e-5)
			}
		}
	})
}

func BenchmarkElementwise(b *testing.B) {
	for _, n := range []int{64, 4096, 1 << 20} {
		x := engine.NewArray(engine.F32, engine.Shape{n})
		y, d := engine.NewArray(engine.F32, x.Shape), engine.NewArray(engine.F32, x.Shape)
		must(Uniform(x, engine.Generator{Seed: 1}, 0.1, 3))
		must(Copy(y, x))
		for name, f := range map[string]func(){
			"add":      func() { must(Add.Run(d, x, y)) },
			"relu":     func() { must(ReLU.Run(d, x)) },
			"reluGrad": func() { must(ReLUGrad.Run(d, x, y)) },
			"exp":      func() { must(Exp.Run(d, x)) },
			"log":      func() { must(Log.Run(d, x)) },
			"tanh":     func() { must(Tanh.Run(d, x)) },
			"gelu":     func() { must(GELU.Run(d, x)) },
			"sum":      func() { must(Sum(y.Slice(0, 0, 1, 1), x, []int{0})) },
			"copy":     func() { must(Copy(d, x)) },
			"adam": func() {
				must(Adam{LR: 1e-3, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, Step: 1}.Update(x, y, d, y,
					engine.Array{}))
			},
		} {
			b.Run(fmt.Sprintf("%s_%d", name, n), func(b *testing.B) {
				b.SetBytes(int64(4 * n))
				for b.Loop() {
					f()
				}
			})
		}
	}
}

func BenchmarkSoftmax(b *testing.B) {
	for _, s := range []engine.Shape{{64, 10}, {64, 1000}, {512, 512}} {
		x, d := engine.NewArray(engine.F32, s), engine.NewArray(engine.F32, s)
		must(Normal(x, engine.Generator{Seed: 1}, 0, 1))
		b.Run(fmt.Sprintf("forward_%dx%d", s[0], s[1]), func(b *testing.B) {
			b.SetBytes(int64(4 * s.Numel()))
			for b.Loop() {
				must(LogSoftmax(d, x, 1))
			}
		})
		b.Run(fmt.Sprintf("backward_%dx%d", s[0], s[1]), func(b *testing.B) {
			b.SetBytes(int64(4 * s.Numel()))
			for b.Loop() {
				must(LogSoftmaxGrad(d, x, x, 1))
			}
		})
	}
}
