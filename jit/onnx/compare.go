package onnx

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func boolean(x *eager.Tensor) *Tensor { return number(Bool, x) }

// comparison registers an operator that compares numbers of one type.
func comparison(name string, since int, f binaryFunc, unsigned func(a, b uint64) bool) {
	add(name, since, func(c *call) []Value {
		x, y := c.tensor(0), c.tensor(1)
		if x.Type != y.Type {
			fail("types %v and %v differ", x.Type, y.Type)
		}
		if x.Type == String {
			return one(equalStrings(x, y))
		}
		y = legacyBroadcast(c, x, y)
		if x.Type != Uint64 {
			return one(boolean(f(x.Data, y.Data)))
		}
		a, b, shape := aligned(x, y)
		out := make([]bool, len(a))
		for i := range out {
			out[i] = unsigned(uint64(a[i]), uint64(b[i]))
		}
		return one(&Tensor{Type: Bool, Data: eager.FromArray(engine.Of(shape, out))})
	})
}

func equalStrings(x, y *Tensor) *Tensor {
	shape := broadcastShape(x.Shape(), y.Shape())
	out := make([]bool, shape.Numel())
	xi, yi := positions(x.Shape(), shape), positions(y.Shape(), shape)
	for i := range out {
		out[i] = x.Strings[xi[i]] == y.Strings[yi[i]]
	}
	return &Tensor{Type: Bool, Data: eager.FromArray(engine.Of(shape, out))}
}

// positions returns for each element of shape to the place of the element of shape from that it repeats.
func positions(from, to engine.Shape) []int {
	n := from.Numel()
	index := make([]int, n)
	for i := range index {
		index[i] = i
	}
	return eager.FromInts(index, from...).Expand(to...).Ints()
}

func logical(name string, f binaryFunc) {
	add(name, 1, func(c *call) []Value {
		x, y := pair(c)
		if x.Type != Bool {
			fail("%s and %s, want bool", x.describe(), y.describe())
		}
		return one(boolean(f(x.Data, y.Data)))
	})
}

func init() {
	plain := func(f func(x *eager.Tensor, y any) *eager.Tensor) binaryFunc {
		return func(x, y *eager.Tensor) *eager.Tensor { return f(x, y) }
	}
	comparison("Equal", 1, plain((*eager.Tensor).Eq), func(a, b uint64) bool { return a == b })
	comparison("Less", 1, plain((*eager.Tensor).Lt), func(a, b uint64) bool { return a < b })
	comparison("LessOrEqual", 12, plain((*eager.Tensor).Le), func(a, b uint64) bool { return a <= b })
	comparison("Greater", 1, plain((*eager.Tensor).Gt), func(a, b uint64) bool { return a > b })
	comparison("GreaterOrEqual", 12, plain((*eager.Tensor).Ge), func(a, b uint64) bool { return a >= b })
	logical("And", plain((*eager.Tensor).And))
	logical("Or", plain((*eager.Tensor).Or))
	logical("Xor", plain((*eager.Tensor).Xor))
	add("Not", 1, func(c *call) []Value { return one(boolean(c.numeric(0).Data.Not())) })
	add("IsNaN", 9, func(c *call) []Value { return one(boolean(c.numeric(0).Data.IsNaN())) })
	add("IsInf", 10, isInf)
	add("Where", 9, where)
}

func isInf(c *call) []Value {
	x := c.numeric(0)
	v := x.Data.Float64s()
	neg, pos := c.int("detect_negative", 1) != 0, c.int("detect_positive", 1) != 0
	out := make([]bool, len(v))
	for i, a := range v {
		out[i] = pos && math.IsInf(a, 1) || neg && math.IsInf(a, -1)
	}
	return one(&Tensor{Type: Bool, Data: eager.FromArray(engine.Of(x.Shape().Clone(), out))})
}

func where(c *call) []Value {
	cond, x, y := c.numeric(0), c.tensor(1), c.tensor(2)
	if x.Type != y.Type {
		fail("types %v and %v differ", x.Type, y.Type)
	}
	if x.Type != String {
		return one(number(x.Type, eager.Where(cond.Data, x.Data, y.Data)))
	}
	shape := broadcastShape(cond.Shape(), x.Shape(), y.Shape())
	ci := cond.Data.Expand(shape...).Bools()
	xi, yi := positions(x.Shape(), shape), positions(y.Shape(), shape)
	out := make([]string, len(ci))
	for i, yes := range ci {
		if yes {
			out[i] = x.Strings[xi[i]]
		} else {
			out[i] = y.Strings[yi[i]]
		}
	}
	return one(FromStrings(out, shape...))
}
