package op

import (
	"fmt"
	"testing"

	"github.com/lathe-ml/lathe/engine"
)

func ExampleDef_Resolve() {
	_, err := MatMul.Resolve(nil, []Type{
		{DType: engine.F32, Shape: engine.Shape{2, 3}}, {DType: engine.F32, Shape: engine.Shape{4, 5}},
	})
	fmt.Println(err)
	// Output: MatMul: inner axes differ, 3 and 4 (x f32[2 3], y f32[4 5])
}

func TestCommonTypeIsPyTorchsResultType(t *testing.T) {
	s := engine.Shape{2}
	tensor := func(d engine.DType) Type { return Type{DType: d, Shape: s} }
	scalar := func(d engine.DType) Type { return Type{DType: d} }
	number := func(d engine.DType) Type { return Type{DType: d, Weak: true} }
	for _, c := range []struct {
		in   []Type
		want engine.DType
	}{
		{[]Type{tensor(engine.F32), tensor(engine.F64)}, engine.F64},
		{[]Type{tensor(engine.F32), scalar(engine.F64)}, engine.F32},
		{[]Type{tensor(engine.F16), number(engine.F64)}, engine.F16},
		{[]Type{tensor(engine.I32), number(engine.I64)}, engine.I32},
		{[]Type{tensor(engine.I32), number(engine.F64)}, engine.F32},
		{[]Type{tensor(engine.I32), scalar(engine.F64)}, engine.F64},
		{[]Type{tensor(engine.U8), tensor(engine.I8)}, engine.I16},
		{[]Type{tensor(engine.F16), tensor(engine.BF16)}, engine.F32},
		{[]Type{tensor(engine.Bool), number(engine.I64)}, engine.I64},
		{[]Type{tensor(engine.I64), tensor(engine.F16)}, engine.F16},
		{[]Type{scalar(engine.I64), number(engine.F64)}, engine.F32},
		{[]Type{number(engine.I64), number(engine.F64)}, engine.F64},
	} {
		if got := CommonType(c.in); got != c.want {
			t.Errorf("common type of %v is %v, want %v", c.in, got, c.want)
		}
	}
}

func TestErrorsNameOperatorAndOperands(t *testing.T) {
	f := func(s ...int) Type { return Type{DType: engine.F32, Shape: s} }
	i := func(s ...int) Type { return Type{DType: engine.I64, Shape: s} }
	for _, c := range []struct {
		d    *Def
		a    Attrs
		in   []Type
		want string
	}{
		{
			MatMul, nil,
			[]Type{f(2, 3), f(4, 5)},
			"MatMul: inner axes differ, 3 and 4 (x f32[2 3], y f32[4 5])",
		},
		{
			Add, nil,
			[]Type{f(2, 3), f(4)},
			"Add: shapes [2 3] and [4] do not broadcast (axis -1: 3 and 4) (x f32[2 3], y f32[4])",
		},
		{
			Gather,
			AxisAttrs{},
			[]Type{f(3), f(2)},
			"Gather: index is f32, want int (x f32[3], index f32[2])",
		},
		{Concat, AxisAttrs{}, []Type{f(2), f(2, 1)}, "Concat: ranks differ, 1 and 2 (xs[0] f32[2], " +
			"xs[1] f32[2 1])"},
		{Reshape, ShapeAttrs{Shape: engine.Shape{7}}, []Type{f(2, 3)}, "Reshape: shape [7] has 7 " +
			"elements, x has 6 (x f32[2 3])"},
		{Add, nil, []Type{f(2)}, "Add: wants 2 operands, got 1 (operand 0 f32[2])"},
		{SGDUpdate, SGDAttrs{}, []Type{i(2), i(2), i(2)}, "SGDUpdate: p is i64, want f32, f64 (p " +
			"i64[2], m i64[2], g i64[2])"},
	} {
		_, err := c.d.Resolve(c.a, c.in)
		if err == nil || err.Error() != c.want {
			t.Errorf("%s%v: error %v, want %s", c.d.Name, c.in, err, c.want)
		}
	}
}

func TestRegisteringANameTwicePanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a second Add was accepted")
		}
	}()
	Register(&Def{Name: "Add"})
}

func BenchmarkResolve(b *testing.B) {
	in := []Type{{DType: engine.F32, Shape: engine.Shape{64, 128}}, {
		DType: engine.F32,
		Shape: engine.Shape{128},
	}}
	for _, c := range []struct {
		name string
		in   []Type
	}{{"same", []Type{in[0], in[0]}}, {"broadcast", in}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Add.Resolve(nil, c.in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
