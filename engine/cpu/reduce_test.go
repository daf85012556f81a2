package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lathe-ml/lathe/engine"
)

// reduceSlowly folds the elements of x over axes one by one.
func reduceSlowly(x engine.Array, axes []int, f func(v []float64) float64) []float64 {
	keep := keepShape(x.Shape, axes)
	groups := make([][]float64, keep.Numel())
	st := keep.Strides()
	idx := make([]int, len(x.Shape))
	for _, v := range values(x) {
		g := 0
		for i, p := range idx {
			if keep[i] != 1 {
				g += p * st[i]
			}
		}
		groups[g] = append(groups[g], v)
		for i := len(idx) - 1; i >= 0; i-- {
			if idx[i]++; idx[i] < x.Shape[i] {
				break
			}
			idx[i] = 0
		}
	}
	out := make([]float64, len(groups))
	for i, g := range groups {
		out[i] = f(g)
	}
	return out
}

func total(v []float64) (s float64) {
	for _, x := range v {
		s += x
	}
	return s
}

var reducers = map[string]struct {
	f    func(dst, x engine.Array, axes []int) error
	slow func(v []float64) float64
	min  int
}{
	"sum":  {Sum, total, 0},
	"mean": {Mean, func(v []float64) float64 { return total(v) / float64(len(v)) }, 0},
	"prod": {Prod, func(v []float64) float64 {
		p := 1.0
		for _, x := range v {
			p *= x
		}
		return p
	}, 0},
	"max": {Max, func(v []float64) float64 {
		m := math.Inf(-1)
		for _, x := range v {
			m = math.Max(m, x)
		}
		return m
	}, 1},
	"min": {Min, func(v []float64) float64 {
		m := math.Inf(1)
		for _, x := range v {
			m = math.Min(m, x)
		}
		return m
	}, 1},
	"logsumexp": {LogSumExp, func(v []float64) float64 {
		s := 0.0
		for _, x := range v {
			s += math.Exp(x)
		}
		return math.Log(s)
	}, 0},
}

func TestReductionsAgreeWithTheirFormulaForAnyStrides(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for name, c := range reducers {
			for range 150 {
				s := shapes(r)
				if c.min > 0 && s.Numel() == 0 {
					continue
				}
				var axes []int
				for i := range s {
					if r.IntN(2) == 0 {
						axes = append(axes, i)
					}
				}
				if r.IntN(6) == 0 {
					axes = nil
				} else if axes == nil {
					axes = []int{}
				}
				for _, dt := range []engine.DType{engine.F32, engine.F64} {
					x := random(r, dt, s, func() float64 { return 1 + 0.1*r.NormFloat64() })
					ds := keepShape(s, axes)
					if r.IntN(2) == 0 {
						ds = engine.Shape{}
						for i, k := range s {
							if axes != nil && keepShape(s, axes)[i] == k && !contains(axes, i) {
								ds = append(ds, k)
							}
						}
					}
					d := output(r, dt, ds)
					must(c.f(d, x, axes))
					compare(t, fmt.Sprint(name, axes, describe(d, x)), values(d),
						reduceSlowly(x, axes, c.slow), 1e-5)
				}
			}
		}
	})
}

func TestExtremesOfRowsAndColumnsKeepNaN(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for range 300 {
			s := engine.Shape{1 + r.IntN(40), 1 + r.IntN(90)}
			x := random(r, engine.F32, s, r.NormFloat64)
			row, col := r.IntN(s[0]), r.IntN(s[1])
			x.Buf.F32(x.Offset+row*x.Strides[0]+col*x.Strides[1], 1)[0] = float32(math.NaN())
			for axis, place := range []int{col, row} {
				d := engine.NewArray(engine.F32, engine.Shape{s[1-axis]})
				for name, f := range map[string]func(dst, x engine.Array, axes []int) error{"max": Max, "min": Min} {
					must(f(d, x, []int{axis}))
					for i, v := range values(d) {
						if math.IsNaN(v) != (i == place) {
							t.Fatalf("%s of %v along axis %d with NaN at %d, %d: result %d is %v", name, s, axis, row, col, i, v)
						}
					}
				}
			}
		}
	})
}

func contains(v []int, x int) bool {
	for _, y := range v {
		if x == y {
			return true
		}
	}
	return false
}

func TestLongSumsKeepTheirPrecision(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		n := 1 << 20
		x := engine.NewArray(engine.F32, engine.Shape{n, 2})
		for i := range x.F32() {
			x.F32()[i] = 0.1
		}
		want := float64(float32(0.1)) * float64(n)
		d := engine.NewArray(engine.F32, engine.Shape{2})
		must(Sum(d, x, []int{0}))
		compare(t, "columns", values(d), []float64{want, want}, 1e-6)
		s := engine.NewArray(engine.F32, engine.Shape{})
		must(Sum(s, x, nil))
		compare(t, "all", values(s), []float64{2 * want}, 1e-6)
	})
}

func TestSumDoesNotDependOnTheNumberOfThreads(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 9))
	x := random(r, engine.F32, engine.Shape{700, 900}, r.NormFloat64)
	old := engine.Threads()
	defer engine.SetThreads(old)
	var first []float64
	for _, n := range []int{1, 2, 3} {
		engine.SetThreads(n)
		d := engine.NewArray(engine.F32, engine.Shape{})
		must(Sum(d, x, nil))
		if first == nil {
			first = values(d)
		}
		compare(t, fmt.Sprint(n, " threads"), values(d), first, 0)
	}
}

func TestArgMaxTakesTheFirstAndNaN(t *testing.T) {
	nan := math.NaN()
	x := engine.Of(engine.Shape{3, 4}, []float64{1, 3, 3, 2, 1, nan, 5, nan, -1, -2, -3, -3})
	d := engine.NewArray(engine.I64, engine.Shape{3})
	must(ArgMax(d, x, 1))
	compare(t, "ArgMax", values(d), []float64{1, 1, 0}, 0)
	must(ArgMin(d, x, 1))
	compare(t, "ArgMin", values(d), []float64{0, 1, 2}, 0)
	e := engine.NewArray(engine.I64, engine.Shape{4})
	must(ArgMax(e, x, 0))
	compare(t, "ArgMax of columns", values(e), []float64{0, 1, 1, 1}, 0)
}

func TestScansRunAlongTheirAxis(t *testing.T) {
	x := engine.Of(engine.Shape{2, 3}, []int32{1, 2, 3, 4, 5, 6})
	d := engine.NewArray(engine.I64, x.Shape)
	must(CumSum(d, x, 1))
	compare(t, "CumSum", values(d), []float64{1, 3, 6, 4, 9, 15}, 0)
	must(CumProd(d, x, 0))
	compare(t, "CumProd", values(d), []float64{1, 2, 3, 4, 10, 18}, 0)
}

func TestVarianceUsesTheCorrection(t *testing.T) {
	x := engine.Of(engine.Shape{2, 4}, []float64{1, 2, 3, 4, 2, 2, 2, 2})
	d, m := engine.NewArray(engine.F64, engine.Shape{2}), engine.NewArray(engine.F64,
		engine.Shape{2})
	must(Variance(d, m, x, []int{1}, 1))
	compare(t, "variance", values(d), []float64{5.0 / 3, 0}, 1e-15)
	compare(t, "mean", values(m), []float64{2.5, 2}, 0)
}
