package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/lathe-ml/lathe/engine"
)

func TestALayerOnFewSamplesIsThatOnManyBitForBit(t *testing.T) {
	const few, many, n = 32, 288, 288
	defer engine.SetThreads(0)
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for _, k := range []int{129, 784, 1500} {
			for _, dt := range []engine.DType{engine.F32, engine.F64} {
				for _, mode := range []int{0, 3} {
					f := func() float64 { return r.Float64() - 0.5 }
					x, w := engine.NewArray(dt, engine.Shape{many, k}), engine.NewArray(dt, engine.Shape{n, k})
					must(Copy(x, random(r, dt, x.Shape, f)))
					must(Copy(w, random(r, dt, w.Shape, f)))
					e := Epilogue{ReLU: mode&1 != 0}
					if mode&2 != 0 {
						e.Bias = random(r, dt, engine.Shape{n}, f)
					}
					want := engine.NewArray(dt, engine.Shape{many, n})
					engine.SetThreads(0)
					must(MatMul(want, x, w.Permute(1, 0), e))
					first := x
					first.Shape = engine.Shape{few, k}
					for _, workers := range []int{1, 2} {
						engine.SetThreads(workers)
						have := engine.NewArray(dt, engine.Shape{few, n})
						must(MatMul(have, first, w.Permute(1, 0), e))
						columns := engine.NewArray(dt, engine.Shape{n, few}).Permute(1, 0)
						must(MatMul(columns, first, w.Permute(1, 0), e))
						if a, b := values(columns), values(have); !slices.Equal(a, b) {
							t.Fatalf("%s: another result where it is stored by columns", fmt.Sprint(dt, k, mode, workers))
						}
						a, b := values(have), values(want)
						for i := range a {
							if math.Float64bits(a[i]) != math.Float64bits(b[i]) {
								t.Fatalf("%s: element %d is %v, want %v", fmt.Sprint(dt, k, mode, workers), i, a[i], b[i])
							}
						}
					}
				}
			}
		}
	})
}

func TestSmallProductsAndSumsAllocateLittle(t *testing.T) {
	if Level() != "avx512" {
		t.Skip("the routines of other levels take scratch memory for each task")
	}
	x, w := engine.NewArray(engine.F32, engine.Shape{32, 128}), engine.NewArray(engine.F32, engine.Shape{10, 128})
	y, sums := engine.NewArray(engine.F32, engine.Shape{32, 10}), engine.NewArray(engine.F32, engine.Shape{128})
	b := w.Permute(1, 0)
	for _, c := range []struct {
		what string
		most uint64 // bytes
		f    func()
	}{
		{"a product", 700, func() { must(MatMul(y, x, b, Epilogue{})) }},
		{"sums of columns", 1800, func() { must(Sum(sums, x, []int{0})) }},
	} {
		const runs = 500
		c.f()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range runs {
			c.f()
		}
		runtime.ReadMemStats(&after)
		if n := (after.TotalAlloc - before.TotalAlloc) / runs; n > c.most {
			t.Errorf("%s allocates %d bytes, want %d at most", c.what, n, c.most)
		}
	}
}

// A result that is stored by columns has its bias by rows, and what is added is scaled in the same step: on small
// numbers both are exact.
func TestProductsByColumnsAndScaledSums(t *testing.T) {
	defer engine.SetThreads(0)
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for seed := range 120 {
			dt := []engine.DType{engine.F32, engine.F64}[seed%2]
			engine.SetThreads(1 + seed%3)
			m, n, k := 1+r.IntN(70), 1+r.IntN(90), 1+r.IntN(40)
			f := func() float64 { return float64(r.IntN(7) - 3) }
			x, w, bias := random(r, dt, engine.Shape{m, k}, f), random(r, dt, engine.Shape{n, k}, f),
				random(r, dt, engine.Shape{n}, f)
			old := random(r, dt, engine.Shape{m, n}, f)
			e := Epilogue{Bias: bias, ReLU: seed%4 < 2}
			rows, columns := engine.NewArray(dt, engine.Shape{m, n}), engine.NewArray(dt, engine.Shape{n, m}).Permute(1, 0)
			must(MatMul(rows, x, w.Permute(1, 0), e))
			must(MatMul(columns, x, w.Permute(1, 0), e))
			sum := engine.NewArray(dt, engine.Shape{m, n})
			must(Copy(sum, old))
			must(MatMul(sum, x, w.Permute(1, 0), Epilogue{Accumulate: true, Alpha: -0.25}))
			a, b, c := values(rows), values(columns), values(sum)
			xs, ws, bs, os := values(x), values(w), values(bias), values(old)
			for i := range m {
				for j := range n {
					s := 0.0
					for p := range k {
						s += xs[i*k+p] * ws[j*k+p]
					}
					want := s + bs[j]
					if e.ReLU {
						want = max(want, 0)
					}
					at := i*n + j
					if a[at] != want || b[at] != want || c[at] != os[at]-s/4 {
						t.Fatalf("%v %d×%d×%d: element %d %d is %v, by columns %v, want %v; scaled %v, want %v", dt, m, n, k, i, j,
							a[at], b[at], want, c[at], os[at]-s/4)
					}
				}
			}
		}
	})
}
