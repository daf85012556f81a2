package cpu

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/lathe-ml/lathe/engine"
)

// stableOrder is the order that Sort promises, by the library's stable sort: NaN greatest, −0 as 0.
func stableOrder(v []float64, descending bool) []int {
	order := make([]int, len(v))
	for i := range order {
		order[i] = i
	}
	compare := func(a, b float64) int {
		switch an, bn := a != a, b != b; {
		case an && bn:
			return 0
		case an:
			return 1
		case bn:
			return -1
		}
		return cmp.Compare(a+0, b+0)
	}
	slices.SortStableFunc(order, func(i, j int) int {
		if descending {
			i, j = j, i
		}
		return compare(v[i], v[j])
	})
	return order
}

// lineOf draws values with ties, zeros of both signs, infinities and NaN.
func lineOf(r *rand.Rand, t engine.DType, n int) engine.Array {
	v := make([]float64, n)
	few := r.IntN(2) == 0
	for i := range v {
		switch k := r.IntN(50); {
		case k == 0 && t.IsFloat():
			v[i] = []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), 0}[r.IntN(5)]
		case few:
			v[i] = float64(r.IntN(7) - 3)
		default:
			v[i] = math.Floor(r.NormFloat64() * 1e4)
		}
	}
	a := engine.NewArray(t, engine.Shape{n})
	must(Copy(a, engine.Of(engine.Shape{n}, v)))
	return a
}

func TestSortingIsStableAtEveryLength(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	old := engine.Threads()
	defer engine.SetThreads(old)
	types := []engine.DType{engine.F32, engine.F64, engine.I64, engine.I32, engine.I8, engine.U8}
	for _, n := range []int{1, 2, 63, 64, 191, 192, 193, 300, 5000, halvesFrom + 7} {
		for _, dt := range types {
			for _, descending := range []bool{false, true} {
				engine.SetThreads(1 + r.IntN(3))
				x := lineOf(r, dt, n)
				what := fmt.Sprintf("%d of %v, descending %v", n, dt, descending)
				checkOrder(t, what, x, n, descending)
				checkOrder(t, what+", few", x, min(n, 1+r.IntN(1+n/8)), descending)
			}
		}
	}
}

// checkOrder compares the first k elements of the sorted line with the promised order.
func checkOrder(t *testing.T, what string, x engine.Array, k int, descending bool) {
	t.Helper()
	v := values(x)
	got := engine.NewArray(x.DType, engine.Shape{k})
	at := engine.NewArray(engine.I64, engine.Shape{k})
	must(TopK(got, at, x, 0, descending))
	g := values(got)
	for i, p := range stableOrder(v, descending)[:k] {
		if at.I64()[i] != int64(p) || g[i] != v[p] && v[p] == v[p] {
			t.Fatalf("%s: place %d has element %d, %v; want %d, %v", what, i, at.I64()[i], g[i], p, v[p])
		}
	}
}

func TestTopKOfALongLineFindsTheExtremesOfEveryPart(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 5))
	x := lineOf(r, engine.F32, 2*topPiece+77)
	checkOrder(t, "largest", x, 100, true)
	checkOrder(t, "smallest", x, 100, false)
}

func TestLongRunningSumsAreThoseOfTheirFormula(t *testing.T) {
	n := 5*scanPart + 3
	x, y := engine.NewArray(engine.F32, engine.Shape{n}), engine.NewArray(engine.F32, engine.Shape{n})
	must(Normal(x, engine.Generator{Seed: 3}, 0, 1))
	must(CumSum(y, x, 0))
	sum := 0.0
	for i, v := range x.F32() {
		sum += float64(v)
		if !near(float64(y.F32()[i]), sum, 1e-6) {
			t.Fatalf("element %d is %v, want %v", i, y.F32()[i], sum)
		}
	}
}

func TestArgMaxOfALongLineIsTheFirst(t *testing.T) {
	for _, at := range []int{0, 5, argPiece - 1, argPiece, 3*argPiece - 2} {
		for _, v := range []float32{2, float32(math.NaN())} {
			x := engine.Zeros(engine.F32, engine.Shape{3 * argPiece})
			i := engine.NewArray(engine.I64, engine.Shape{})
			x.F32()[at], x.F32()[3*argPiece-1] = v, v
			must(ArgMax(i, x, 0))
			if i.I64()[0] != int64(at) {
				t.Errorf("%v at %d and at the end is found at %d", v, at, i.I64()[0])
			}
		}
	}
}

func TestVarianceDoesNotCancelFarFromZero(t *testing.T) {
	eachLevel(t, func(t *testing.T, _ *rand.Rand) {
		n := 100_003
		x := engine.NewArray(engine.F32, engine.Shape{n, 1})
		for i := range x.F32() {
			x.F32()[i] = 1e7 + float32(i%2) // of mean 1e7 + ½ and variance ¼
		}
		flat, _ := x.Reshape(engine.Shape{n})
		for _, a := range []engine.Array{flat, x} {
			y := engine.NewArray(engine.F32, engine.Shape{})
			must(Variance(y, engine.Array{}, a, nil, 0))
			if v := y.F32()[0]; math.Abs(float64(v)-0.25) > 1e-5 {
				t.Errorf("variance of %v is %v, want 0.25", a, v)
			}
		}
	})
}
