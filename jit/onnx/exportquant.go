package onnx

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/onnx/pb"
)

// Layers over bytes are written as other tools write them: DequantizeLinear, the operator of f32, QuantizeLinear.

func init() {
	composed(op.Quantize, func(c *emission) string {
		return c.quantized(c.cast(c.in[0], c.types[0].DType, engine.F32), c.n.Attrs.(op.QuantizeAttrs))
	})
	composed(op.Dequantize, func(c *emission) string {
		return c.dequantized(0, c.n.Attrs.(op.QuantizeAttrs))
	})
	composed(op.QuantMaxPool, func(c *emission) string {
		return c.opAttr("MaxPool", poolAttrs(c.n.Attrs.(op.PoolAttrs)), c.in[0])
	})
	composed(op.QuantConv, func(c *emission) string {
		a := c.n.Attrs.(op.QuantLayerAttrs)
		x, w := c.dequantized(0, a.X), c.weights(c.in[1], 0)
		return c.finished(c.opAttr("Conv", convAttrs(c, a.ConvAttrs, 1), x, w, c.byteBias(a)), a)
	})
	composed(op.QuantLinear, func(c *emission) string {
		a := c.n.Attrs.(op.QuantLayerAttrs)
		x := c.dequantized(0, a.X)
		if len(c.types[0].Shape) == 2 {
			gemm := []*pb.AttributeProto{attrInt("transB", 1)}
			return c.finished(c.opAttr("Gemm", gemm, x, c.weights(c.in[1], 0), c.byteBias(a)), a)
		}
		w, known := c.g.ConstOf(c.n.In[1])
		if !known {
			c.refuse("its weights are computed")
		}
		turned := c.constant(eager.FromArray(w).T().Contiguous().Array())
		return c.finished(c.op("Add", c.op("MatMul", x, c.weights(turned, 1)), c.byteBias(a)), a)
	})
}

// zeroPoint is a constant of the type of bytes.
func (c *emission) zeroPoint(d engine.DType, zero int) string { return c.scalar(d, float64(zero)) }

func (c *emission) quantized(x string, a op.QuantizeAttrs) string {
	return c.op("QuantizeLinear", x, c.scalar(engine.F32, a.Scale), c.zeroPoint(a.DType, a.Zero))
}

// dequantized are the numbers that operand i stands for.
func (c *emission) dequantized(i int, a op.QuantizeAttrs) string {
	return c.op("DequantizeLinear", c.in[i], c.scalar(engine.F32, a.Scale), c.zeroPoint(c.types[i].DType, a.Zero))
}

// weights are the numbers of signed bytes with a scale for each output channel.
func (c *emission) weights(w string, axis int) string {
	zeros := c.constant(engine.Zeros(engine.I8, c.types[2].Shape))
	scale := c.cast(c.in[2], c.types[2].DType, engine.F32)
	return c.opAttr("DequantizeLinear", []*pb.AttributeProto{attrInt("axis", axis)}, w, scale, zeros)
}

// byteBias is the bias in units of the sums, as i32, which is what other tools compute with; f32 where that does not
// hold it.
func (c *emission) byteBias(a op.QuantLayerAttrs) string {
	if a.Y.DType == engine.I32 {
		c.refuse("its result are sums of products")
	}
	bias, known := c.g.ConstOf(c.n.In[3])
	scale, constant := c.g.ConstOf(c.n.In[2])
	if !known || !constant {
		return c.in[3]
	}
	b, s := eager.FromArray(bias).Float64s(), eager.FromArray(scale).Float64s()
	units, sums := make([]float32, len(b)), make([]int32, len(b))
	for i := range b {
		units[i] = float32(a.X.Scale) * float32(s[i])
		n := math.RoundToEven(b[i] / float64(units[i]))
		if !(math.Abs(n) < 1<<30) {
			return c.cast(c.in[3], c.types[3].DType, engine.F32)
		}
		sums[i] = int32(n)
	}
	shape := engine.Shape{len(b)}
	axis := []*pb.AttributeProto{attrInt("axis", 0)}
	return c.opAttr("DequantizeLinear", axis, c.constant(engine.Of(shape, sums)), c.constant(engine.Of(shape, units)))
}

// finished adds what follows the sums: a residual, bounds, bytes.
func (c *emission) finished(y string, a op.QuantLayerAttrs) string {
	if a.HasResidual {
		y = c.op("Add", y, c.dequantized(4, a.Residual))
	}
	switch {
	case !a.Clamp:
	case a.Lo == 0 && a.Hi >= greatest:
		y = c.op("Relu", y)
	default:
		y = c.op("Clip", y, c.scalar(engine.F32, a.Lo), c.scalar(engine.F32, a.Hi))
	}
	if a.Y.DType == engine.F32 {
		return y
	}
	return c.quantized(y, a.Y)
}
