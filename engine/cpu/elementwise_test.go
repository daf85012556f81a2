package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lathe-ml/lathe/engine"
)

func Example() {
	x := engine.Of(engine.Shape{2, 2}, []float32{1, 2, 3, 4})
	y := engine.NewArray(engine.F32, engine.Shape{2, 2})
	must(Mul.Run(y, x, x))
	must(MatMul(y, x, x.Permute(1, 0), Epilogue{}))
	fmt.Println(y.F32())
	// Output: [5 11 11 25]
}

var binaries = map[string]struct {
	v *Vec2
	f func(x, y float64) float64
}{
	"add": {Add, func(x, y float64) float64 { return x + y }},
	"sub": {Sub, func(x, y float64) float64 { return x - y }},
	"mul": {Mul, func(x, y float64) float64 { return x * y }},
	"div": {Div, func(x, y float64) float64 { return x / y }},
	"max": {Maximum, func(x, y float64) float64 { return max(x, y) }},
	"min": {Minimum, func(x, y float64) float64 { return min(x, y) }},
	"relu gradient": {ReLUGrad, func(x, y float64) float64 {
		if y <= 0 {
			return 0
		}
		return x
	}},
	"sigmoid gradient": {SigmoidGrad, func(x, y float64) float64 { return x * y * (1 - y) }},
	"tanh gradient":    {TanhGrad, func(x, y float64) float64 { return x * (1 - y*y) }},
}

// special mixes ordinary numbers with the ones that go wrong.
func special(r *rand.Rand) float64 {
	switch r.IntN(24) {
	case 0:
		return math.NaN()
	case 1:
		return math.Inf(1)
	case 2:
		return math.Inf(-1)
	case 3:
		return 0
	case 4:
		return 100 * r.NormFloat64()
	}
	return r.NormFloat64()
}

func TestBinaryFunctionsAgreeWithTheirFormulaForAnyStrides(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for name, b := range binaries {
			for range 60 {
				for _, dt := range []engine.DType{engine.F32, engine.F64} {
					s := shapes(r)
					x := random(r, dt, part1(r, s), func() float64 { return special(r) })
					y := random(r, dt, part1(r, s), func() float64 { return special(r) })
					d := output(r, dt, s)
					must(b.v.Run(d, x, y))
					xs, ys := broadcast(x, s), broadcast(y, s)
					want := make([]float64, len(xs))
					for i := range want {
						want[i] = b.f(xs[i], ys[i])
						if dt == engine.F32 {
							want[i] = float64(float32(want[i]))
						}
					}
					compare(t, name+describe(d, x, y), values(d), want, 1e-5)
				}
			}
		}
	})
}

func TestIntegerDivisionByZeroIsAnError(t *testing.T) {
	x := engine.Of(engine.Shape{2}, []int64{1, 2})
	y := engine.Of(engine.Shape{2}, []int64{1, 0})
	for _, v := range []*Vec2{TruncDiv, FloorDiv, Mod, Fmod} {
		if err := v.Run(x, x, y); err == nil {
			t.Errorf("%s: no error", v.Name)
		}
	}
}

func TestDivisionRoundsAsPyTorch(t *testing.T) {
	x := engine.Of(engine.Shape{4}, []int32{7, -7, 7, -7})
	y := engine.Of(engine.Shape{4}, []int32{2, 2, -2, -2})
	for _, c := range []struct {
		v    *Vec2
		want []float64
	}{
		{TruncDiv, []float64{3, -3, -3, 3}},
		{FloorDiv, []float64{3, -4, -4, 3}},
		{Mod, []float64{1, 1, -1, -1}},
		{Fmod, []float64{1, -1, 1, -1}},
	} {
		d := engine.NewArray(engine.I32, x.Shape)
		must(c.v.Run(d, x, y))
		compare(t, c.v.Name, values(d), c.want, 0)
		f, g, h := engine.NewArray(engine.F32, x.Shape), toF64(x), toF64(y)
		must(Copy(f, x))
		e := engine.NewArray(engine.F64, x.Shape)
		must(c.v.Run(e, g, h))
		compare(t, c.v.Name+" of floats", values(e), c.want, 0)
	}
}

func TestCopyConvertsEveryPairOfTypes(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	all := []engine.DType{
		engine.Bool, engine.U8, engine.I8, engine.I16, engine.I32, engine.I64,
		engine.F16, engine.BF16, engine.F32, engine.F64,
	}
	for _, from := range all {
		for _, to := range all {
			s := engine.Shape{3, 5, 7}
			x := random(r, from, s, func() float64 { return float64(r.IntN(100)) })
			d := output(r, to, s)
			must(Copy(d, x))
			want := values(x)
			for i := range want {
				if to == engine.Bool && want[i] != 0 {
					want[i] = 1
				}
			}
			compare(t, fmt.Sprint(from, to), values(d), want, 0)
		}
	}
}

func TestHalfPrecisionRoundsToEven(t *testing.T) {
	for _, c := range []struct {
		x    float32
		want uint16
	}{
		{1, 0x3c00},
		{-2, 0xc000},
		{65504, 0x7bff},
		{65519, 0x7bff},
		{65520, 0x7c00},
		{1e-8, 0},
		{5.9604645e-08, 1},
		{6.1035156e-05, 0x400},
		{1.00048828125, 0x3c00},
		{1.00146484375, 0x3c02},
	} {
		if got := toF16(c.x); got != c.want {
			t.Errorf("toF16(%v) = %#x, want %#x", c.x, got, c.want)
		}
	}
	for h := range 1 << 16 {
		f := fromF16(uint16(h))
		if f == f && toF16(f) != uint16(h) {
			t.Fatalf("%#x → %v → %#x", h, f, toF16(f))
		}
	}
}

func TestTransposedCopyMovesEveryElement(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for range 200 {
			s := engine.Shape{1 + r.IntN(40), 1 + r.IntN(70), 1 + r.IntN(40)}
			x := random(r, engine.F32, s, r.Float64)
			d := engine.NewArray(engine.F32, engine.Shape{s[2], s[0], s[1]}).Permute(1, 2, 0)
			must(Copy(d, x))
			compare(t, describe(d, x), values(d), values(x), 0)
		}
	})
}

func TestWhereAndClampPassNaN(t *testing.T) {
	nan := math.NaN()
	x := engine.Of(engine.Shape{4}, []float64{nan, -3, 0.5, 3})
	d := engine.NewArray(engine.F64, x.Shape)
	must(Clamp(d, x, -1, 1))
	compare(t, "Clamp", values(d), []float64{nan, -1, 0.5, 1}, 0)
	c := engine.Of(engine.Shape{4}, []bool{true, false, true, false})
	must(Where(d, c, x, engine.Zeros(engine.F64, engine.Shape{})))
	compare(t, "Where", values(d), []float64{nan, 0, 0.5, 0}, 0)
}

// Arrays by columns are done as a line, others with the same strides are not.
func TestArraysOfOneOrderAreLines(t *testing.T) {
	columns := func(m, n int) engine.Array { return engine.NewArray(engine.F32, engine.Shape{n, m}).Permute(1, 0) }
	a, b := columns(5, 7), columns(5, 7)
	part := columns(5, 14)
	part.Shape = engine.Shape{5, 7}
	gap := engine.NewArray(engine.F32, engine.Shape{5, 9})
	gap.Shape = engine.Shape{5, 7}
	rows := engine.NewArray(engine.F32, engine.Shape{5, 7})
	repeated := rows
	repeated.Strides = []int{0, 1}
	overlapping := rows
	overlapping.Strides = []int{1, 1}
	cube := engine.NewArray(engine.F32, engine.Shape{2, 3, 4}).Permute(1, 2, 0)
	for _, c := range []struct {
		what string
		x, y engine.Array
		want bool
	}{
		{"columns", a, b, true},
		{"some columns", a, part, true},
		{"rows", rows, rows, true},
		{"rows and columns", rows, a, false},
		{"parts of rows", gap, gap, false},
		{"repeated", repeated, repeated, false},
		{"overlapping", overlapping, overlapping, false},
		{"three axes", cube, cube, true},
	} {
		if got := sameOrder(&c.x, &c.y); got != c.want {
			t.Errorf("%s: %v", c.what, got)
		}
	}
	for i := range 35 {
		a.Buf.F32(0, 35)[i], b.Buf.F32(0, 35)[i] = float32(i), float32(2*i)
	}
	must(Add.Run(a, a, b))
	for i, v := range a.Buf.F32(0, 35) {
		if v != float32(3*i) {
			t.Fatalf("element %d is %v, want %v", i, v, 3*i)
		}
	}
}
