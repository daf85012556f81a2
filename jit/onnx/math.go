package onnx

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

type (
	unaryFunc  = func(x *eager.Tensor) *eager.Tensor
	binaryFunc = func(x, y *eager.Tensor) *eager.Tensor
)

// widened runs f on x with 16-bit floats as f32, and rounds the result once.
func widened(x *Tensor, f unaryFunc) *Tensor {
	switch x.Type {
	case Float16, BFloat16:
		return number(x.Type, f(x.Data.To(engine.F32)))
	}
	if x.Type.isSmallFloat() {
		return roundTo(x.Type, f(x.Data))
	}
	return x.like(f(x.Data))
}

// unary registers an elementwise operator.
func unary(name string, f unaryFunc) {
	add(name, 1, func(c *call) []Value {
		x := c.numeric(0)
		return one(wrap(widened(x, f)))
	})
}

// wrap brings results on carriers back into the range of their integer type, modulo 2^bits.
func wrap(t *Tensor) *Tensor {
	switch t.Type {
	case Uint16, Uint32, Uint4, Uint2, Int4, Int2:
	default:
		return t
	}
	v := elements(t.Data)
	a := engine.NewArray(engine.I64, t.Shape())
	for i, x := range v {
		a.I64()[i] = signExtend(uint64(x), t.Type)
	}
	return number(t.Type, eager.FromArray(a))
}

// legacyBroadcast reshapes y as attributes broadcast and axis of operator sets before 7 say.
func legacyBroadcast(c *call, x, y *Tensor) *Tensor {
	if c.version >= 7 || !c.flag("broadcast") {
		return y
	}
	rank, ys := len(x.Shape()), y.Shape()
	if !c.node.has("axis") {
		return y
	}
	axis := axisOf(c.int("axis", 0), rank)
	if axis+len(ys) > rank {
		fail("%s does not fit %s from axis %d on", y.describe(), x.describe(), axis)
	}
	shape := append([]int{}, ys...)
	for len(shape) < rank-axis {
		shape = append(shape, 1)
	}
	return y.reshaped(shape...)
}

// pair returns the two operands of a binary operator, whose types must agree.
func pair(c *call) (x, y *Tensor) {
	x, y = c.numeric(0), c.numeric(1)
	if x.Type != y.Type {
		fail("types %v and %v differ", x.Type, y.Type)
	}
	return x, legacyBroadcast(c, x, y)
}

// combined runs f on operands of one type; see widened.
func combined(x, y *Tensor, f binaryFunc) *Tensor {
	switch x.Type {
	case Float16, BFloat16:
		return number(x.Type, f(x.Data.To(engine.F32), y.Data.To(engine.F32)))
	}
	if x.Type.isSmallFloat() {
		return roundTo(x.Type, f(x.Data, y.Data))
	}
	return wrap(number(x.Type, f(x.Data, y.Data)))
}

// arithmetic registers a binary operator on numbers of one type. ints, when given, computes integers: the
// operands are carried by 64 bits, unsigned ones by their bits.
func arithmetic(name string, f binaryFunc, ints func(a, b int64, t ElemType) int64) {
	add(name, 1, func(c *call) []Value {
		x, y := pair(c)
		if ints != nil && x.Type.isInt() {
			return one(integers(x, y, ints))
		}
		return one(combined(x, y, f))
	})
}

// integers computes f of two broadcast integer tensors.
func integers(x, y *Tensor, f func(a, b int64, t ElemType) int64) *Tensor {
	a, b, shape := aligned(x, y)
	out := list[int64](shape.Numel())
	for i := range out {
		out[i] = signExtend(uint64(f(a[i], b[i], x.Type)), x.Type)
	}
	return number(x.Type, eager.FromArray(engine.Of(shape, out)))
}

// aligned returns the elements of two integer tensors, broadcast to one shape.
func aligned(x, y *Tensor) (a, b []int64, shape engine.Shape) {
	shape = broadcastShape(x.Shape(), y.Shape())
	wide := func(t *Tensor) []int64 {
		return elements(t.Data.Expand(shape...))
	}
	return wide(x), wide(y), shape
}

func broadcastShape(shapes ...engine.Shape) engine.Shape {
	s, err := engine.Broadcast(shapes...)
	if err != nil {
		fail("%v", err)
	}
	return s
}

func divide(a, b int64, t ElemType) int64 {
	if b == 0 {
		fail("integer division by zero")
	}
	if t == Uint64 {
		return int64(uint64(a) / uint64(b))
	}
	return a / b
}

// variadic registers an operator that folds any number of operands of one type.
func variadic(name string, f binaryFunc, ints func(a, b int64, t ElemType) int64, last func(x *eager.Tensor, n int) *eager.Tensor) {
	add(name, 1, func(c *call) []Value {
		acc := c.numeric(0)
		for i := 1; i < len(c.values); i++ {
			y := c.numeric(i)
			if y.Type != acc.Type {
				fail("types %v and %v differ", acc.Type, y.Type)
			}
			if ints != nil && acc.Type == Uint64 {
				acc = integers(acc, y, ints)
			} else {
				acc = combined(acc, y, f)
			}
		}
		if last != nil {
			acc = widened(acc, func(x *eager.Tensor) *eager.Tensor { return last(x, len(c.values)) })
		}
		return one(acc)
	})
}

func unsignedPick(less bool) func(a, b int64, _ ElemType) int64 {
	return func(a, b int64, _ ElemType) int64 {
		if (uint64(a) < uint64(b)) == less {
			return a
		}
		return b
	}
}

func init() {
	plain := func(f func(x *eager.Tensor, y any) *eager.Tensor) binaryFunc {
		return func(x, y *eager.Tensor) *eager.Tensor { return f(x, y) }
	}
	arithmetic("Add", plain((*eager.Tensor).Add), nil)
	arithmetic("Sub", plain((*eager.Tensor).Sub), nil)
	arithmetic("Mul", plain((*eager.Tensor).Mul), nil)
	arithmetic("Div", plain((*eager.Tensor).Div), divide)
	variadic("Sum", plain((*eager.Tensor).Add), nil, nil)
	variadic("Max", plain((*eager.Tensor).Maximum), unsignedPick(false), nil)
	variadic("Min", plain((*eager.Tensor).Minimum), unsignedPick(true), nil)
	variadic("Mean", plain((*eager.Tensor).Add), nil, func(x *eager.Tensor, n int) *eager.Tensor {
		return x.Div(float64(n))
	})
	add("Pow", 1, power)
	add("Mod", 10, modulo)
	add("BitShift", 11, bitShift)
	for name, f := range map[string]unaryFunc{
		"Abs": (*eager.Tensor).Abs, "Neg": (*eager.Tensor).Neg, "Sign": (*eager.Tensor).Sign,
		"Ceil": (*eager.Tensor).Ceil, "Floor": (*eager.Tensor).Floor, "Round": (*eager.Tensor).Round,
		"Sqrt": (*eager.Tensor).Sqrt, "Exp": (*eager.Tensor).Exp, "Log": (*eager.Tensor).Log,
		"Sin": (*eager.Tensor).Sin, "Cos": (*eager.Tensor).Cos, "Tan": (*eager.Tensor).Tan,
		"Asin": (*eager.Tensor).Asin, "Acos": (*eager.Tensor).Acos, "Atan": (*eager.Tensor).Atan,
		"Sinh": (*eager.Tensor).Sinh, "Cosh": (*eager.Tensor).Cosh, "Tanh": (*eager.Tensor).Tanh,
		"Asinh": (*eager.Tensor).Asinh, "Acosh": (*eager.Tensor).Acosh, "Atanh": (*eager.Tensor).Atanh,
		"Erf": (*eager.Tensor).Erf, "Reciprocal": (*eager.Tensor).Reciprocal,
		"Sigmoid": (*eager.Tensor).Sigmoid, "Relu": (*eager.Tensor).ReLU, "Softplus": (*eager.Tensor).Softplus,
	} {
		unary(name, f)
	}
	add("BitwiseNot", 18, func(c *call) []Value {
		x := c.numeric(0)
		return one(integers(x, x, func(a, _ int64, _ ElemType) int64 { return ^a }))
	})
	bits := func(name string, f func(a, b int64, _ ElemType) int64) {
		add(name, 18, func(c *call) []Value { x, y := pair(c); return one(integers(x, y, f)) })
	}
	bits("BitwiseAnd", func(a, b int64, _ ElemType) int64 { return a & b })
	bits("BitwiseOr", func(a, b int64, _ ElemType) int64 { return a | b })
	bits("BitwiseXor", func(a, b int64, _ ElemType) int64 { return a ^ b })
}

// power computes x^y; the exponent may have another type.
func power(c *call) []Value {
	x, y := c.numeric(0), c.numeric(1)
	y = legacyBroadcast(c, x, y)
	if x.Type.isInt() && y.Type.isInt() {
		return one(integers(x, y, func(a, b int64, _ ElemType) int64 { return intPower(a, b) }))
	}
	if x.Type.isInt() { // the result has the type of the base
		r := x.Data.To(engine.F64).Pow(y.Data.To(engine.F64))
		return one(convert(&Tensor{Type: Double, Data: r}, x.Type, true, "up"))
	}
	d := x.Data.DType()
	if d == engine.F16 || d == engine.BF16 {
		d = engine.F32
	}
	return one(number(x.Type, x.Data.To(d).Pow(y.Data.To(d))))
}

func intPower(a, b int64) int64 {
	if b < 0 {
		switch {
		case a == 1:
			return 1
		case a == -1 && b%2 != 0:
			return -1
		case a == -1:
			return 1
		case a == 0:
			fail("0 to a negative power")
		}
		return 0
	}
	r := int64(1)
	for ; b > 0; b >>= 1 {
		if b&1 != 0 {
			r *= a
		}
		a *= a
	}
	return r
}

// modulo is the remainder with the sign of the divisor, or with fmod that of the dividend.
func modulo(c *call) []Value {
	x, y := pair(c)
	fmod := c.flag("fmod")
	if fmod && (x.Type.isFloat() || plainInt(x.Type)) {
		return one(combined(x, y, func(a, b *eager.Tensor) *eager.Tensor { return a.Fmod(b) }))
	}
	if plainInt(x.Type) {
		return one(x.like(x.Data.Mod(y.Data)))
	}
	if x.Type.isInt() {
		return one(integers(x, y, func(a, b int64, t ElemType) int64 {
			if b == 0 {
				fail("integer division by zero")
			}
			if t == Uint64 {
				return int64(uint64(a) % uint64(b))
			}
			r := a % b
			if !fmod && r != 0 && (r < 0) != (b < 0) {
				r += b
			}
			return r
		}))
	}
	return one(combined(x, y, func(a, b *eager.Tensor) *eager.Tensor { return a.Mod(b) }))
}

func bitShift(c *call) []Value {
	x, y := pair(c)
	c.must("direction")
	left := c.oneOf("direction", "LEFT", "RIGHT") == "LEFT"
	return one(integers(x, y, func(a, b int64, t ElemType) int64 {
		if b < 0 || b >= int64(t.bits()) { // as if all bits were shifted out
			if !left && a < 0 && !t.isUnsigned() {
				return -1
			}
			return 0
		}
		switch {
		case left:
			return a << b
		case t.isUnsigned():
			return int64(uint64(a) >> b)
		}
		return a >> b
	}))
}
