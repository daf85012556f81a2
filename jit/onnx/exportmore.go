package onnx

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/onnx/pb"
)

// Operators that ONNX has no word for, written as several of its own.

func init() {
	composed(op.Fmod, func(c *emission) string {
		return c.opAttr("Mod", []*pb.AttributeProto{attrInt("fmod", 1)}, c.in...)
	})
	composed(op.TruncDiv, func(c *emission) string {
		q := c.op("Div", c.in...)
		if c.types[0].DType.IsInt() { // rounds towards 0 by itself
			return q
		}
		return c.truncated(q)
	})
	composed(op.Hypot, func(c *emission) string { // without overflow
		x, y := c.op("Abs", c.in[0]), c.op("Abs", c.in[1])
		most, least := c.op("Max", x, y), c.op("Min", x, y)
		none := c.op("Equal", most, c.number(0))
		ratio := c.op("Div", least, c.op("Where", none, c.number(1), most))
		return c.op("Mul", most, c.op("Sqrt", c.op("Add", c.op("Mul", ratio, ratio), c.number(1))))
	})
	composed(op.Atan2, func(c *emission) string { return c.angle(c.in[0], c.in[1]) })
	composed(op.SignBit, func(c *emission) string { return c.negative(c.in[0], 0) })
	composed(op.CopySign, func(c *emission) string {
		x := c.op("Abs", c.in[0])
		return c.op("Where", c.negative(c.in[1], 1), c.op("Neg", x), x)
	})
	composed(op.Entropy, func(c *emission) string {
		x, zero := c.in[0], c.number(0)
		some := c.op("Greater", x, zero)
		y := c.op("Neg", c.op("Mul", x, c.op("Log", c.op("Where", some, x, c.number(1)))))
		return c.op("Where", c.op("Less", x, zero), c.number(math.Inf(-1)), y)
	})
	composed(op.IndexAdd, func(c *emission) string {
		axis, s := c.n.Attrs.(op.AxisAttrs).Axis, c.types[2].Shape
		shape := slices.Repeat([]int{1}, len(s))
		shape[axis] = s[axis]
		if c.twinType(2).Shape[axis] != s[axis] {
			c.refuse("the axis of its index follows the batch")
		}
		index := c.op("Expand", c.op("Reshape", c.in[1], c.ints(shape...)), c.dims(s, c.twinType(2).Shape))
		attrs := []*pb.AttributeProto{attrInt("axis", axis), attrText("reduction", "add")}
		return c.opAttr("ScatterElements", attrs, c.in[0], index, c.in[2])
	})
	composed(op.SearchSorted, exportSearchSorted)
	composed(op.CumProd, func(c *emission) string {
		x := c.cast(c.in[0], c.types[0].DType, c.out[0].DType)
		return c.doubling(x, 1, func(a, b string) string { return c.op("Mul", a, b) })
	})
	composed(op.LogCumSumExp, func(c *emission) string {
		least := c.number(-math.MaxFloat32)
		return c.doubling(c.in[0], math.Inf(-1), func(a, b string) string {
			m := c.op("Max", a, b, least)
			sum := c.op("Add", c.op("Exp", c.op("Sub", a, m)), c.op("Exp", c.op("Sub", b, m)))
			return c.op("Add", m, c.op("Log", sum))
		})
	})
	initRandom()
}

// truncated rounds towards 0.
func (c *emission) truncated(x string) string {
	return c.op("Mul", c.op("Sign", x), c.op("Floor", c.op("Abs", x)))
}

// negative says of each number of operand i, which has the name x, whether it or its zero is negative.
func (c *emission) negative(x string, i int) string {
	d := c.types[i].DType
	if d.IsFloat() {
		none := c.op("Equal", x, c.scalar(d, 0))
		x = c.op("Where", none, c.op("Div", c.scalar(d, 1), x), x) // 1/−0 is −Inf
	}
	return c.op("Less", x, c.scalar(d, 0))
}

// angle is atan2(y, x).
func (c *emission) angle(y, x string) string {
	d := c.out[0].DType
	num := func(v float64) string { return c.scalar(d, v) }
	side := func(v string) string { // −0 is negative
		return c.op("Less", c.op("Where", c.op("Equal", v, num(0)), c.op("Div", num(1), v), v), num(0))
	}
	ratio := c.op("Atan", c.op("Div", y, c.op("Where", c.op("Equal", x, num(0)), num(1), x)))
	half := c.op("Where", side(y), num(-math.Pi), num(math.Pi))
	level := c.op("Where", side(x), c.op("Add", ratio, half), ratio)
	quarter := c.op("Mul", half, num(0.5))
	up := c.op("And", c.op("Equal", x, num(0)), c.op("Not", c.op("Equal", y, num(0))))
	flat := c.op("And", c.op("Equal", x, num(0)), c.op("Equal", y, num(0)))
	still := c.op("Where", side(x), half, y)
	return c.op("Where", flat, still, c.op("Where", up, quarter, level))
}

// doubling combines each element with all before it along the axis, in log₂ n steps; filler changes nothing.
func (c *emission) doubling(x string, filler float64, combine func(a, b string) string) string {
	axis := c.n.Attrs.(op.AxisAttrs).Axis
	n := 1
	if len(c.types[0].Shape) > 0 {
		n = c.types[0].Shape[axis]
		if c.twinType(0).Shape[axis] != n {
			c.refuse("its axis follows the batch")
		}
	}
	for k := 1; k < n; k *= 2 {
		pads := make([]int, 2*len(c.types[0].Shape))
		pads[axis] = k
		front := c.op("Slice", x, c.ints(0), c.ints(n-k), c.ints(axis))
		moved := c.op("Pad", front, c.ints(pads...), c.scalar(c.out[0].DType, filler))
		x = combine(x, moved)
	}
	return x
}

// exportSearchSorted counts the elements that come before each value.
func exportSearchSorted(c *emission) string {
	kind := "Less"
	if c.n.Attrs.(op.SearchAttrs).Right {
		kind = "LessOrEqual"
	}
	axis := len(c.types[0].Shape) - 1 // elements of sorted are compared along a new last axis of values
	values := c.op("Unsqueeze", c.in[1], c.ints(len(c.types[1].Shape)))
	sorted := c.in[0]
	if axis > 0 {
		sorted = c.op("Unsqueeze", sorted, c.ints(axis))
	}
	before := c.cast(c.op(kind, sorted, values), engine.Bool, engine.I64)
	return c.opAttr("ReduceSum", []*pb.AttributeProto{attrInt("keepdims", 0)}, before, c.ints(len(c.types[1].Shape)))
}

// initRandom registers what draws: the model that is written draws other numbers of the same distributions.
func initRandom() {
	for d, kind := range map[*op.Def]string{op.RandNormal: "RandomNormal", op.RandUniform: "RandomUniform"} {
		composed(d, func(c *emission) string {
			a := c.n.Attrs.(op.RandAttrs)
			attrs := []*pb.AttributeProto{attrFloat("mean", a.P), attrFloat("scale", a.Q)}
			if kind == "RandomUniform" {
				attrs = []*pb.AttributeProto{attrFloat("low", a.P), attrFloat("high", a.Q)}
			}
			return c.drawn(kind, a.DType, attrs)
		})
	}
	composed(op.RandBernoulli, func(c *emission) string {
		a := c.n.Attrs.(op.RandAttrs)
		u := c.drawn("RandomUniform", engine.F32, nil)
		return c.cast(c.op("Less", u, c.scalar(engine.F32, a.P)), engine.Bool, a.DType)
	})
	composed(op.RandInt, func(c *emission) string {
		a := c.n.Attrs.(op.RandAttrs)
		attrs := []*pb.AttributeProto{attrFloat("low", 0), attrFloat("high", 1)}
		u := c.cast(c.drawn("RandomUniform", engine.F32, attrs), engine.F32, engine.F64)
		u = c.op("Floor", c.op("Mul", u, c.scalar(engine.F64, a.Q-a.P)))
		return c.cast(c.op("Add", u, c.scalar(engine.F64, a.P)), engine.F64, a.DType)
	})
	composed(op.Permutation, func(c *emission) string {
		n := c.dims(c.out[0].Shape, c.twin.Attrs.(op.RandAttrs).Shape)
		return c.cast(c.many("TopK", 2, nil, c.drawn("RandomUniform", engine.F32, nil), n)[1], engine.I64, c.out[0].DType)
	})
	composed(op.Dropout, func(c *emission) string {
		yes := engine.Of(engine.Shape{}, []bool{true})
		return c.op("Dropout", c.in[0], c.scalar(engine.F32, c.n.Attrs.(op.DropoutAttrs).P), c.constant(yes))
	})
}

// drawn adds a node that draws numbers of type d in the shape of the result.
func (c *emission) drawn(kind string, d engine.DType, attrs []*pb.AttributeProto) string {
	attrs = append(attrs, attrInt("dtype", int(elemTypeOf(d))))
	shape, twin := c.out[0].Shape, c.out[0].Shape
	if a, ok := c.twin.Attrs.(op.RandAttrs); ok {
		twin = a.Shape
	}
	if shape.Equal(twin) {
		return c.opAttr(kind, append(attrs, attrInts("shape", shape)))
	}
	return c.opAttr(kind+"Like", attrs, c.op("ConstantOfShape", c.dims(shape, twin)))
}
