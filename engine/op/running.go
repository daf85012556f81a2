package op

import (
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// running holds what the gradient rules of this file apply; see prim.
var running struct{ logCumSumExp *Def }

func init() { running.logCumSumExp = LogCumSumExp }

// cumulative completes an operator that gives the position of the extreme so far.
func cumulative(largest bool, name, doc string) *Def {
	return Register(&Def{
		Name: name, Doc: doc, Inputs: []string{"x"}, Attrs: AxisAttrs{},
		Cases: func() []Case { return axisCases(1, engine.F32, engine.F64, engine.I64) },
		Rule: func(a Attrs, in []Type) ([]Type, error) {
			_, err := checkAxis(a, in[0])
			return []Type{{DType: engine.I64, Shape: in[0].Shape}}, err
		},
		CPU: func(a Attrs, out, in []engine.Array) {
			check(name, cpu.CumArg(out[0], in[0], a.(AxisAttrs).Axis, largest))
		},
	})
}

// Operators that run along one axis.
var (
	CumArgMax = cumulative(true, "CumArgMax", "CumArgMax returns the index (i64) of the largest element "+
		"so far along Axis, the last of equals; from the first NaN on the index of the last NaN. Agrees "+
		"with the indices of torch.cummax.")
	CumArgMin = cumulative(false, "CumArgMin", "CumArgMin returns the index (i64) of the smallest element "+
		"so far along Axis, the last of equals; from the first NaN on the index of the last NaN. Agrees "+
		"with the indices of torch.cummin.")
	CumProd = Register(&Def{
		Name: "CumProd", Inputs: []string{"x"}, Attrs: AxisAttrs{}, Saves: SaveIn,
		Doc: "CumProd returns the products of x up to and including each element along Axis. Integers " +
			"and bool give i64. The gradient is exact where factors are 0. Agrees with torch.cumprod.",
		Cases: func() []Case {
			return append(axisCases(1, engine.F32, engine.F64, engine.I32, engine.Bool), Case{
				Name: "with zeros", In: []Type{{DType: engine.F64, Shape: engine.Shape{3, 4}}},
				Attrs: AxisAttrs{Axis: 1}, Data: [][]float64{{0, 2, 3, 4, 0, 0, 3, 4, 1, 2, 3, -4}},
			})
		},
		Tol: Tolerance{Rel32: 1e-5, Rel64: 1e-11, Reason: "the order of the multiplications is free"},
		Rule: func(a Attrs, in []Type) ([]Type, error) {
			_, err := checkAxis(a, in[0])
			return []Type{{DType: wide(in[0].DType), Shape: in[0].Shape}}, err
		},
		CPU: func(a Attrs, out, in []engine.Array) {
			check("CumProd", cpu.CumProd(out[0], in[0], a.(AxisAttrs).Axis))
		},
		Grad: func(b Builder, c *Call) []Value {
			t := newRetrace(b)
			x := t.leaves(c.In)
			y := products(t, x[0], c.Attrs.(AxisAttrs).Axis)
			return t.plain(t.vjp([]Value{y}, c.DOut, x))
		},
	})
	LogCumSumExp = Register(&Def{
		Name: "LogCumSumExp", Inputs: []string{"x"}, Attrs: AxisAttrs{}, Saves: SaveAll,
		Doc: "LogCumSumExp returns log Σ eˣ up to and including each element along Axis, without " +
			"overflow. Agrees with torch.logcumsumexp.",
		Promote: ToFloat, Takes: []Kinds{Floats}, Rule: alongAxis,
		Cases: func() []Case { return axisCases(1, engine.F32, engine.F64) },
		Tol:   Tolerance{Rel32: 1e-5, Reason: "rounding of exp and of the sums"},
		CPU: func(a Attrs, out, in []engine.Array) {
			check("LogCumSumExp", cpu.LogCumSumExp(out[0], in[0], a.(AxisAttrs).Axis))
		},
		Grad: logCumSumExpGrad,
	})
)

// products is CumProd by doubling, of multiplications alone, so that zeros need no special case.
func products(b Builder, x Value, axis int) Value {
	s := x.Type().Shape
	n := s[axis]
	before, after := make([]int, len(s)), make([]int, len(s))
	for d := 1; d < n; d *= 2 {
		before[axis] = d
		head := slice1(b, x, axis, 0, n-d)
		shifted := b.Apply(prim.pad, PadAttrs{Before: append([]int(nil), before...), After: after, Value: 1},
			head)[0]
		x = mul(b, x, shifted)
	}
	return x
}

// logCumSumExpGrad is dxᵢ = Σⱼ≥ᵢ dyⱼ·exp(xᵢ − yⱼ), computed of logarithms, of the positive and of the
// negative dy apart, so that no exponential overflows.
func logCumSumExpGrad(b Builder, c *Call) []Value {
	x, y, dy := c.In[0], c.Out[0], c.DOut[0]
	turn := ReduceAttrs{Axes: []int{c.Attrs.(AxisAttrs).Axis}}
	part := func(dy Value) Value {
		zero := num(b, dy, 0)
		some := b.Apply(prim.gt, nil, dy, zero)[0]
		logs := where(b, some, log(b, where(b, some, dy, num(b, dy, 1))), num(b, dy, lowest(dy)))
		back := b.Apply(prim.flip, turn, sub(b, logs, y))[0]
		sums := b.Apply(prim.flip, turn, b.Apply(running.logCumSumExp, c.Attrs, back)[0])[0]
		return exp(b, add(b, sums, x))
	}
	return []Value{sub(b, part(dy), part(neg(b, dy)))}
}

// lowest stands for the logarithm of 0: finite, so that differences with it are numbers, and so low that
// its exponential is 0.
func lowest(x Value) float64 {
	if x.Type().DType == engine.F16 {
		return -3e4
	}
	return -1e30
}
