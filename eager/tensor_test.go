package eager_test

import (
	"math"
	"slices"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func TestNewInfersShapeAndType(t *testing.T) {
	for _, c := range []struct {
		data any
		want string
	}{
		{3, "i64[]"},
		{2.5, "f64[]"},
		{[]float32{1, 2}, "f32[2]"},
		{[][]int{{1, 2, 3}, {4, 5, 6}}, "i64[2 3]"},
		{[2][1]bool{{true}, {false}}, "bool[2 1]"},
		{[]uint8{}, "u8[0]"},
		{[]int32{7}, "i32[1]"},
	} {
		if got := eager.New(c.data).Array().String(); got != c.want {
			t.Errorf("New(%v) is %s, want %s", c.data, got, c.want)
		}
	}
	wantError(t, "rows differ", func() { eager.New([][]int{{1}, {2, 3}}) })
	wantError(t, "elements are string", func() { eager.New([]string{"a"}) })
}

func TestNumbersPromoteByCategory(t *testing.T) {
	f32, i64, f64 := eager.Zeros(2), eager.New([]int{1, 2}), eager.New([]float64{1, 2})
	u8 := eager.New([]uint8{1, 2})
	for _, c := range []struct {
		got  *eager.Tensor
		want engine.DType
	}{
		{f32.Mul(2.5), eager.F32},
		{f32.Mul(2), eager.F32},
		{i64.Mul(2), eager.I64},
		{i64.Mul(2.5), eager.F32},
		{f64.Add(1), eager.F64},
		{u8.Add(1), eager.U8},
		{u8.Add(i64), eager.I64},
		{f32.Add(f64), eager.F64},
		{i64.Div(2), eager.F32},
		{f32.Add(eager.New(1.0)), eager.F32}, // a scalar tensor does not widen within its category
		{f32.Lt(1), eager.Bool},
	} {
		if c.got.DType() != c.want {
			t.Errorf("result is %v, want %v", c.got.DType(), c.want)
		}
	}
}

func TestViewsShareStorage(t *testing.T) {
	x := eager.Arange(0, 12, 1).Reshape(3, 4)
	row := x.Index(1)
	row.Assign(0)
	wantValues(t, x.Sum(), 66-22)
	wantValues(t, x.T().Slice(0, 0, 4, 2).Index(1), 2, 0, 10)
	wantValues(t, x.Slice(1, -2, 99).Index(2), 10, 11)
	if x.T().Reshape(12).Array().Buf == x.Array().Buf {
		t.Error("reshape of a transposed matrix shares storage")
	}
}

func TestPrintingAlignsAndSummarises(t *testing.T) {
	for _, c := range []struct {
		x    *eager.Tensor
		want string
	}{
		{eager.New([][]float32{{1, -2.5}, {10, 0}}), "[[ 1.0000 -2.5000]\n [10.0000  0.0000]] f32[2 2]"},
		{eager.New([]int{1, 20}), "[ 1 20] i64[2]"},
		{eager.New([]bool{true, false}), "[ true false] bool[2]"},
		{eager.New(float32(3)), "3. f32[]"},
		{eager.Zeros(0, 3), "[] f32[0 3]"},
		{eager.Arange(0, 2000, 1), "[   0    1    2 … 1997 1998 1999] i64[2000]"},
		{eager.Zeros(2, 1).SetRequiresGrad(true), "[[0.]\n [0.]] f32[2 1] requires grad"},
	} {
		if got := c.x.String(); got != c.want {
			t.Errorf("got\n%s\nwant\n%s", got, c.want)
		}
	}
}

func TestVectorsMultiplyAsRowsAndColumns(t *testing.T) {
	m, v := eager.New([][]float64{{1, 2}, {3, 4}}), eager.New([]float64{1, 10})
	wantValues(t, m.MatMul(v), 21, 43)
	wantValues(t, v.MatMul(m), 31, 42)
	wantValues(t, v.MatMul(v), 101)
	if got := v.MatMul(eager.Zeros(5, 2, 3).To(eager.F64)).Shape().String(); got != "[5 3]" {
		t.Errorf("shape is %s, want [5 3]", got)
	}
}

func TestSeedRepeatsTheStream(t *testing.T) {
	eager.Seed(7)
	a, b := eager.Randn(5), eager.Rand(5)
	eager.Seed(7)
	wantValues(t, eager.Randn(5), a.Float64s()...)
	wantValues(t, eager.Rand(5), b.Float64s()...)
	if eager.AllClose(eager.Rand(5), b, 0, 0) {
		t.Error("two draws are equal")
	}
}

func TestReductionsOverAxes(t *testing.T) {
	x := eager.New([][]float64{{1, 2, 6}, {4, 5, 0}})
	wantValues(t, x.Sum(0), 5, 7, 6)
	wantValues(t, x.Mean(-1), 3, 3)
	wantValues(t, x.Var(1), 7, 7)
	wantValues(t, x.Max(1), 6, 5)
	wantValues(t, x.ArgMax(0), 1, 1, 0)
	if got := x.SumKeep(1).Shape().String(); got != "[2 1]" {
		t.Errorf("SumKeep(1) has shape %s", got)
	}
	wantError(t, "named twice", func() { x.Sum(1, -1) })
}

func TestStackAndSplitAreInverse(t *testing.T) {
	x := eager.Arange(0, 6, 1).Reshape(3, 2)
	parts := x.Split(0, 1)
	rows := make([]*eager.Tensor, len(parts))
	for i, p := range parts {
		rows[i] = p.Squeeze(0)
	}
	wantValues(t, eager.Stack(0, rows...), x.Float64s()...)
	wantValues(t, eager.Stack(-1, rows...), x.T().Float64s()...)
}

func TestAllCloseTakesInfinityAndNaNLiterally(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		x, y float64
		want bool
	}{{1, 1 + 1e-9, true}, {1, 1.1, false}, {inf, inf, true}, {1, inf, false}, {inf, -inf, false}, {nan, nan, false}} {
		if got := eager.AllClose(eager.New(c.x), eager.New(c.y), 1e-6, 0); got != c.want {
			t.Errorf("AllClose(%v, %v) = %v", c.x, c.y, got)
		}
	}
}

func TestMultinomialDrawsInProportion(t *testing.T) {
	eager.Seed(3)
	w := eager.New([][]float64{{1, 0, 3}, {0, 2, 0}})
	draws := w.Multinomial(4000, true)
	counts := draws.Index(0).BinCount(nil, 3).Float64s()
	if counts[1] != 0 || math.Abs(counts[2]/4000-0.75) > 0.03 || draws.Index(1).Ne(1).Any().Bools()[0] {
		t.Errorf("counts %v of weights %v", counts, w)
	}
	once := eager.New([]float64{5, 1, 0, 2}).Multinomial(3, false).Ints()
	slices.Sort(once)
	if !slices.Equal(once, []int{0, 1, 3}) {
		t.Errorf("three draws without replacement are %v", once)
	}
	wantError(t, "Multinomial: 1 weights above 0 for 2 draws", func() { w.Multinomial(2, false) })
}
