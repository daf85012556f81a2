package onnx

import (
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/onnx/pb"
)

// Operators of ONNX take no complex numbers: in a model that is written they are pairs along a last axis.

// complexExporters holds how an operator is written when an operand or a result is complex.
var complexExporters = map[*op.Def]func(c *emission) string{}

func init() {
	same := func(c *emission) string { return c.op("Identity", c.in[0]) }
	for d, f := range map[*op.Def]func(c *emission) string{
		op.ViewAsReal: same, op.ViewAsComplex: same, op.Copy: same,
		op.Complex: func(c *emission) string {
			parts := make([]string, 2)
			for i, x := range c.in {
				if !c.types[i].Shape.Equal(c.out[0].Shape) {
					c.refuse("its parts have different shapes")
				}
				parts[i] = c.op("Unsqueeze", x, c.ints(-1))
			}
			return c.opAttr("Concat", []*pb.AttributeProto{attrInt("axis", -1)}, parts...)
		},
		op.Real: func(c *emission) string { return c.part(c.in[0], 0) },
		op.Imag: func(c *emission) string { return c.part(c.in[0], 1) },
		op.Conj: func(c *emission) string {
			signs := engine.Of(engine.Shape{2}, []float32{1, -1})
			return c.op("Mul", c.in[0], c.cast(c.constant(signs), engine.F32, realOf(c.types[0].DType)))
		},
		op.Abs: func(c *emission) string {
			return c.opAttr("ReduceL2", []*pb.AttributeProto{attrInt("keepdims", 0)}, c.in[0], c.ints(-1))
		},
		op.Angle: func(c *emission) string { return c.angle(c.part(c.in[0], 1), c.part(c.in[0], 0)) },
		op.Cast: func(c *emission) string {
			to := c.n.Attrs.(op.CastAttrs).To
			if !to.IsComplex() {
				c.refuse("imaginary parts would be lost")
			}
			return c.cast(c.in[0], c.types[0].DType, to)
		},
		op.Neg:   func(c *emission) string { return c.op("Neg", c.in[0]) },
		op.Add:   func(c *emission) string { return c.op("Add", c.in...) },
		op.Sub:   func(c *emission) string { return c.op("Sub", c.in...) },
		op.Mul:   exportComplexMul,
		op.FFT:   exportFFT,
		op.Slice: exportSlice,
		op.Concat: func(c *emission) string {
			return c.opAttr("Concat", []*pb.AttributeProto{axisAttr(c)}, c.in...)
		},
		op.IndexSelect: func(c *emission) string { return c.opAttr("Gather", []*pb.AttributeProto{axisAttr(c)}, c.in...) },
		op.Reshape: func(c *emission) string {
			return c.opAttr("Reshape", []*pb.AttributeProto{attrInt("allowzero", 1)}, c.in[0], pairs(c))
		},
		op.Expand: func(c *emission) string { return c.op("Expand", c.in[0], pairs(c)) },
		op.Permute: func(c *emission) string {
			perm := slices.Clone(c.n.Attrs.(op.PermuteAttrs).Perm)
			return c.opAttr("Transpose", []*pb.AttributeProto{attrInts("perm", append(perm, len(perm)))}, c.in[0])
		},
		op.Flip: func(c *emission) string { return exporters[op.Flip](c)[0] },
		op.Pad: func(c *emission) string {
			a, t := c.n.Attrs.(op.PadAttrs), c.twin.Attrs.(op.PadAttrs)
			if a.Value != 0 {
				c.refuse("its value is not 0")
			}
			both := func(a op.PadAttrs) []int { return slices.Concat(a.Before, []int{0}, a.After, []int{0}) }
			return c.op("Pad", c.in[0], c.dims(both(a), both(t)))
		},
	} {
		complexExporters[d] = f
	}
	for _, d := range []*op.Def{
		op.ViewAsReal, op.ViewAsComplex, op.Complex, op.Real, op.Imag, op.Conj, op.FFT,
	} {
		exporters[d] = func(c *emission) []string { return just(complexExporters[d](c)) }
	}
	composed(op.Angle, func(c *emission) string { // of real numbers
		x := c.in[0]
		y := c.op("Where", c.op("Less", x, c.number(0)), c.number(3.141592653589793), c.number(0))
		return c.op("Where", c.op("IsNaN", x), x, y)
	})
}

func realOf(d engine.DType) engine.DType {
	if d == engine.C128 {
		return engine.F64
	}
	return engine.F32
}

// pairs returns the wanted extents with the axis of the parts.
func pairs(c *emission) string {
	return c.dims(append(slices.Clone(c.n.Attrs.(op.ShapeAttrs).Shape), 2), append(slices.Clone(c.twin.Attrs.(op.ShapeAttrs).Shape), 2))
}

// part returns the real or imaginary parts of pairs.
func (c *emission) part(x string, i int) string {
	return c.opAttr("Gather", []*pb.AttributeProto{attrInt("axis", -1)}, x, c.scalar(engine.I64, float64(i)))
}

func exportComplexMul(c *emission) string {
	a, b := c.part(c.in[0], 0), c.part(c.in[0], 1)
	p, q := c.part(c.in[1], 0), c.part(c.in[1], 1)
	re := c.op("Sub", c.op("Mul", a, p), c.op("Mul", b, q))
	im := c.op("Add", c.op("Mul", a, q), c.op("Mul", b, p))
	last := c.ints(-1)
	return c.opAttr("Concat", []*pb.AttributeProto{attrInt("axis", -1)}, c.op("Unsqueeze", re, last), c.op("Unsqueeze", im, last))
}

// exportFFT writes one DFT for each axis. The inverse of ONNX divides by the extent, ours does not.
func exportFFT(c *emission) string {
	a := c.n.Attrs.(op.FFTAttrs)
	x, scale := c.in[0], a.Scale
	for _, axis := range a.Axes {
		if c.twinType(0).Shape[axis] != c.types[0].Shape[axis] {
			c.refuse("its axis follows the batch")
		}
		x = c.opAttr("DFT", []*pb.AttributeProto{attrBool("inverse", a.Inverse)}, x, "", c.scalar(engine.I64, float64(axis)))
		if a.Inverse {
			scale *= float64(c.types[0].Shape[axis])
		}
	}
	if scale != 1 {
		x = c.op("Mul", x, c.scalar(realOf(c.types[0].DType), scale))
	}
	return x
}
