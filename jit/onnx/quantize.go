package onnx

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

func init() {
	add("QuantizeLinear", 10, quantize)
	add("DequantizeLinear", 10, dequantize)
	add("DynamicQuantizeLinear", 11, dynamicQuantize)
	add("MatMulInteger", 10, matmulInteger)
	add("ConvInteger", 10, convInteger)
	add("QLinearMatMul", 10, qlinearMatmul)
	add("QLinearConv", 10, qlinearConv)
}

// spread shapes scales or zero points so that they broadcast to x: one number, one for each element of an
// axis, or one for each block along it.
func spread(p *Tensor, x engine.Shape, axis, block int) *eager.Tensor {
	s := p.Shape()
	if p.Numel() == 1 && len(s) <= 1 {
		return p.Data.Reshape()
	}
	axis = axisOf(axis, len(x))
	if block == 0 {
		if len(s) != 1 || s[0] != x[axis] {
			fail("%s for axis %d of %v", p.describe(), axis, x)
		}
		shape := slices.Repeat([]int{1}, len(x))
		shape[axis] = s[0]
		return p.Data.Reshape(shape...)
	}
	if block < 0 || len(s) != len(x) || s[axis]*block < x[axis] {
		fail("%s with blocks of %d for axis %d of %v", p.describe(), block, axis, x)
	}
	return p.Data.RepeatInterleave(axis, block).Slice(axis, 0, x[axis])
}

// quantize returns round(x / scale) + zero point, saturated.
func quantize(c *call) []Value {
	x, scale := c.numeric(0), c.numeric(1)
	to := ElemType(c.int("output_dtype", 0))
	if z := c.optional(2); z != nil {
		to = z.Type
	}
	if to == Undefined {
		to = Uint8
	}
	wide := engine.F32
	if x.Type == Double || x.Type == Int32 {
		wide = engine.F64
	}
	if p := ElemType(c.int("precision", 0)); p != Undefined {
		wide = p.Carrier()
	}
	axis, block := c.int("axis", 1), c.int("block_size", 0)
	if len(x.Shape()) < 2 && !c.node.has("axis") {
		axis = 0
	}
	if a, ok := c.byteCoding(x, to); ok && x.Type == Float && wide == engine.F32 {
		return one(&Tensor{Type: to, Data: eager.First(op.Quantize, a, x.Data)})
	}
	t := x.Data.To(wide).Div(spread(scale, x.Shape(), axis, block).To(wide))
	if to.isSmallFloat() {
		return one(roundSmallTo(FromTensor(t), to, c.int("saturate", 1) != 0, "up"))
	}
	t = t.To(engine.F64).Round()
	if c.has(2) {
		t = t.Add(spread(c.numeric(2), x.Shape(), axis, block).To(engine.F64))
	}
	return one(saturated(t, to))
}

// saturated rounds f64 values to an integer type, bounded by its range.
func saturated(t *eager.Tensor, to ElemType) *Tensor {
	lo, hi := to.bounds()
	if to == Uint8 || to == Int8 { // as tensor operators, which a tracer can follow
		t = eager.Where(t.IsNaN(), eager.ZerosLike(t), t).Round().Clamp(float64(lo), float64(hi))
		return &Tensor{Type: to, Data: t.To(to.Carrier())}
	}
	t = eager.Where(t.IsNaN(), eager.ZerosLike(t), t)
	return convert(FromTensor(t.Round().Clamp(float64(lo), float64(hi))), to, true, "up")
}

// byteCoding reads the scale and zero point in inputs 1 and 2 where bytes of type t have one of each for all of x.
func (c *call) byteCoding(x *Tensor, t ElemType) (a op.QuantizeAttrs, ok bool) {
	scale, zero := c.numeric(1), c.optional(2)
	if t != Uint8 && t != Int8 || scale.Type != Float || scale.Numel() != 1 || len(scale.Shape()) > 1 ||
		zero != nil && (zero.Type != t || zero.Numel() != 1) || c.node.int("block_size", 0) != 0 {
		return a, false
	}
	if c.frame.known != nil { // under a tracer only what does not depend on inputs can be read
		for i := 1; i < len(c.in); i++ {
			if c.in[i] >= 0 && !c.frame.known[c.in[i]] {
				return a, false
			}
		}
	}
	a = op.QuantizeAttrs{Scale: scale.Data.Float64s()[0], DType: t.Carrier()}
	if zero != nil {
		a.Zero = zero.Data.Ints()[0]
	}
	return a, a.Scale > 0 && !math.IsInf(a.Scale, 0)
}

func dequantize(c *call) []Value {
	x, scale := c.numeric(0), c.numeric(1)
	axis, block := c.int("axis", 1), c.int("block_size", 0)
	if len(x.Shape()) < 2 && !c.node.has("axis") {
		axis = 0
	}
	to := scale.Type
	if d := ElemType(c.int("output_dtype", 0)); d != Undefined {
		to = d
	}
	if a, ok := c.byteCoding(x, x.Type); ok && to == Float {
		a.DType = 0
		return one(FromTensor(eager.First(op.Dequantize, a, x.Data)))
	}
	t := x.Data.To(engine.F32)
	if x.Type == Int32 {
		t = x.Data.To(engine.F64)
	}
	if c.has(2) && !x.Type.isSmallFloat() {
		z := c.numeric(2)
		if z.Type != x.Type {
			fail("types %v and %v differ", x.Type, z.Type)
		}
		t = t.Sub(spread(z, x.Shape(), axis, block).To(t.DType()))
	}
	return one(number(to, t.Mul(spread(scale, x.Shape(), axis, block).To(t.DType()))))
}

// dynamicQuantize chooses scale and zero point of uint8 from the range of x.
func dynamicQuantize(c *call) []Value {
	x := c.numeric(0).Data
	if x.Numel() == 0 {
		fail("%s has no range", c.numeric(0).describe())
	}
	lo, hi := x.Min().Clamp(math.Inf(-1), 0), x.Max().Clamp(0, math.Inf(1))
	scale := hi.Sub(lo).Div(255)
	scale = eager.Where(scale.Eq(0), eager.Full(1.0/255).Reshape(), scale)
	zero := lo.Neg().Div(scale).Clamp(0, 255).Round()
	var y *Tensor
	s := math.NaN()
	if c.frame.known == nil {
		s = scale.Item()
	}
	if s > 0 && !math.IsInf(s, 0) { // else a tracer watches, or x is not finite
		a := op.QuantizeAttrs{Scale: s, Zero: int(zero.Item()), DType: engine.U8}
		y = &Tensor{Type: Uint8, Data: eager.First(op.Quantize, a, x)}
	} else {
		y = saturated(x.Div(scale).Round().Add(zero), Uint8)
	}
	return []Value{y, FromTensor(scale), saturated(zero, Uint8)}
}

// centred returns x less its zero point as f64, in which sums of products of 8 bits are exact.
func (c *call) centred(i, zero int, perRow bool) *eager.Tensor {
	x := c.numeric(i)
	t := x.Data.To(engine.F64)
	if !c.has(zero) {
		return t
	}
	z := c.numeric(zero)
	zt := z.Data.To(engine.F64)
	if z.Numel() == 1 {
		return t.Sub(zt.Reshape())
	}
	if perRow && len(z.Shape()) == 1 {
		zt = zt.Unsqueeze(1)
	}
	return t.Sub(zt)
}

func matmulInteger(c *call) []Value {
	y := c.centred(0, 2, true).MatMul(c.centred(1, 3, false))
	return one(convert(FromTensor(y), Int32, true, "up"))
}

// convolved is a convolution of centred values.
func (c *call) convolved(x, w *eager.Tensor) *eager.Tensor {
	kernel := c.ints("kernel_shape")
	if kernel == nil {
		kernel = w.Shape()[2:]
	}
	return eager.Conv(x, w, windowOf(c, x.Shape()[2:], kernel).attrs(c.int("group", 1)))
}

// filters is centred for weights: a zero point may be given for each output channel.
func (c *call) filters(i, zero int) *eager.Tensor {
	w := c.numeric(i).Data.To(engine.F64)
	if !c.has(zero) {
		return w
	}
	z := c.numeric(zero).Data.To(engine.F64)
	if z.Numel() == 1 {
		return w.Sub(z.Reshape())
	}
	return w.Sub(z.Reshape(slices.Concat([]int{z.Numel()}, slices.Repeat([]int{1}, w.Rank()-1))...))
}

func convInteger(c *call) []Value {
	y := c.convolved(c.centred(0, 2, false), c.filters(1, 3))
	return one(convert(FromTensor(y), Int32, true, "up"))
}

// requantized scales sums to the result's type.
func requantized(sum, ratio *eager.Tensor, zero *Tensor) *Tensor {
	y := sum.Mul(ratio).Round().Add(zero.Data.To(engine.F64).Reshape())
	return saturated(y, zero.Type)
}

func qlinearMatmul(c *call) []Value {
	scale := func(i int) *eager.Tensor {
		s := c.numeric(i)
		t := s.Data.To(engine.F64)
		if s.Numel() == 1 {
			return t.Reshape()
		}
		return t
	}
	sum := c.centred(0, 2, true).MatMul(c.centred(3, 5, false))
	a := scale(1)
	if a.Rank() == 1 {
		a = a.Unsqueeze(1)
	}
	return one(requantized(sum, a.Mul(scale(4)).Div(scale(6)), c.numeric(7)))
}

func qlinearConv(c *call) []Value {
	sum := c.convolved(c.centred(0, 2, false), c.filters(3, 5))
	rank := sum.Rank()
	if c.has(8) {
		sum = sum.Add(perChannel(c.numeric(8).Data.To(engine.F64), rank))
	}
	w := c.numeric(4).Data.To(engine.F64)
	if w.Numel() == 1 {
		w = w.Reshape()
	} else {
		w = perChannel(w, rank)
	}
	ratio := w.Mul(c.numeric(1).Data.To(engine.F64).Reshape()).Div(c.numeric(6).Data.To(engine.F64).Reshape())
	return one(requantized(sum, ratio, c.numeric(7)))
}
