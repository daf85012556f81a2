package cpu

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lathe-ml/lathe/engine"
)

func TestGatherAndScatterFollowTheirIndex(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for range 50 {
		xs := engine.Shape{1 + r.IntN(5), 1 + r.IntN(6), 1 + r.IntN(7)}
		axis := r.IntN(3)
		is := xs.Clone()
		for i := range is {
			is[i] = 1 + r.IntN(xs[i])
		}
		is[axis] = 1 + r.IntN(9)
		x := random(r, engine.F32, xs, r.Float64)
		index := random(r, engine.I64, is, func() float64 { return float64(r.IntN(xs[axis])) })
		y := output(r, engine.F32, is)
		must(Gather(y, x, index, axis))
		src := random(r, engine.F32, is, r.Float64)
		sum := random(r, engine.F32, xs, func() float64 { return 1 })
		must(ScatterAdd(sum, index, src, axis))

		xv, iv, sv := values(x), values(index), values(src)
		want, wantSum := make([]float64, is.Numel()), make([]float64, xs.Numel())
		for i := range wantSum {
			wantSum[i] = 1
		}
		st, xst := is.Strides(), xs.Strides()
		for p := range want {
			q := 0
			for a := range is {
				k := p / st[a] % is[a]
				if a == axis {
					k = int(iv[p])
				}
				q += k * xst[a]
			}
			want[p] = xv[q]
			wantSum[q] += sv[p]
		}
		compare(t, "gather", values(y), want, 0)
		compare(t, "scatter", values(sum), wantSum, 1e-6)
		must(Scatter(x, index, y, axis))
		compare(t, "scatter of what was gathered", values(x), xv, 0)
	}
}

func TestIndexAddIsTheTransposeOfIndexSelect(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 4))
	for range 50 {
		xs := engine.Shape{1 + r.IntN(5), 1 + r.IntN(9), 1 + r.IntN(40)}
		axis := r.IntN(3)
		is := engine.Shape{1 + r.IntN(3), 1 + r.IntN(4)}
		index := random(r, engine.I32, is, func() float64 { return float64(r.IntN(xs[axis])) })
		ys := append(append(xs[:axis].Clone(), is...), xs[axis+1:]...)
		x, dy := random(r, engine.F64, xs, r.NormFloat64), random(r, engine.F64, ys, r.NormFloat64)
		y, dx := output(r, engine.F64, ys), engine.Zeros(engine.F64, xs)
		must(IndexSelect(y, x, index, axis))
		must(IndexAdd(dx, index, dy, axis))
		dot := func(a, b engine.Array) (s float64) {
			bv := values(b)
			for i, v := range values(a) {
				s += v * bv[i]
			}
			return s
		}
		if a, b := dot(y, dy), dot(x, dx); math.Abs(a-b) > 1e-9 {
			t.Fatalf("⟨select x, dy⟩ = %v, ⟨x, add dy⟩ = %v", a, b)
		}
	}
}

func TestAnIndexOutOfRangeIsAnError(t *testing.T) {
	x, y := engine.Zeros(engine.F32, engine.Shape{3}), engine.Zeros(engine.F32, engine.Shape{1})
	for _, bad := range []int64{-1, 3} {
		index := engine.Of(engine.Shape{1}, []int64{bad})
		for name, err := range map[string]error{
			"Gather": Gather(y, x, index, 0), "Scatter": Scatter(x, index, y, 0),
			"ScatterAdd": ScatterAdd(x, index, y, 0), "IndexSelect": IndexSelect(y, x, index, 0),
			"IndexAdd": IndexAdd(x, index, y, 0),
		} {
			if err == nil {
				t.Errorf("%s accepts index %d", name, bad)
			}
		}
	}
}

func TestSortIsStableWithNaNGreatest(t *testing.T) {
	nan := math.NaN()
	x := engine.Of(engine.Shape{6}, []float64{2, nan, 1, 2, -1, 1})
	v, i := engine.NewArray(engine.F64, x.Shape), engine.NewArray(engine.I64, x.Shape)
	must(Sort(v, i, x, 0, false))
	compare(t, "ascending", values(v), []float64{-1, 1, 1, 2, 2, nan}, 0)
	compare(t, "order", values(i), []float64{4, 2, 5, 0, 3, 1}, 0)
	must(Sort(v, i, x, 0, true))
	compare(t, "descending", values(v), []float64{nan, 2, 2, 1, 1, -1}, 0)
	compare(t, "order", values(i), []float64{1, 0, 3, 2, 5, 4}, 0)
	k := engine.NewArray(engine.F64, engine.Shape{2})
	must(TopK(k, engine.Array{}, x, 0, false))
	compare(t, "two smallest", values(k), []float64{-1, 1}, 0)
}

func TestPaddingModes(t *testing.T) {
	x := engine.Of(engine.Shape{1, 4}, []float32{1, 2, 3, 4})
	for mode, want := range map[PadMode][]float64{
		PadConstant:  {9, 9, 1, 2, 3, 4, 9},
		PadReflect:   {3, 2, 1, 2, 3, 4, 3},
		PadReplicate: {1, 1, 1, 2, 3, 4, 4},
		PadCircular:  {3, 4, 1, 2, 3, 4, 1},
	} {
		d := engine.NewArray(engine.F32, engine.Shape{1, 7})
		must(Pad(d, x, []int{0, 2}, mode, 9))
		compare(t, "pad", values(d), want, 0)
	}
	d := engine.NewArray(engine.F32, engine.Shape{1, 2})
	must(Pad(d, x, []int{0, -1}, PadConstant, 0))
	compare(t, "cut", values(d), []float64{2, 3}, 0)
}
