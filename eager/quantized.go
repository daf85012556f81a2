package eager

import (
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// Quantized is a tensor as bytes that stand for (byte − Zero)·Scale.
type Quantized struct {
	Bytes *Tensor // U8 or I8
	Scale *Tensor // F32 scalar, or [n] for the n slices of Axis
	Zero  *Tensor // I64, of Scale's shape
	Axis  int     // −1: one scale for all
}

// Quantize returns round(x/scale) + zero as bytes of dtype d (U8 or I8), half to even, bounded by the dtype.
// It has no gradient; FakeQuantize has one. Agrees with torch.quantize_per_tensor.
func (x *Tensor) Quantize(scale float64, zero int, d engine.DType) *Quantized {
	x.must("Quantize")
	y := First(op.Quantize, op.QuantizeAttrs{Scale: scale, Zero: zero, DType: d}, x.Detach())
	return &Quantized{Bytes: y, Scale: New(scale).To(F32), Zero: New(zero), Axis: -1}
}

// QuantizeAxis is Quantize with a scale and a zero point, vectors, for each slice of axis.
// Agrees with torch.quantize_per_channel.
func (x *Tensor) QuantizeAxis(axis int, scale, zero *Tensor, d engine.DType) *Quantized {
	const where = "QuantizeAxis"
	axis = x.axis(where, axis)
	lo, hi := 0, 255
	if d == engine.I8 {
		lo, hi = -128, 127
	} else if d != engine.U8 {
		engine.Fail(where, "dtype is %v; want u8 or i8", d)
	}
	var y *Tensor
	NoGrad(func() {
		s, z := x.alongAxis(where, axis, scale, zero)
		y = x.Div(s).Round().Add(z).Clamp(float64(lo), float64(hi)).To(I64).To(d)
	})
	return &Quantized{Bytes: y, Scale: scale.Detach().To(F32), Zero: zero.Detach().To(I64), Axis: axis}
}

// Dense returns the numbers that the bytes stand for, F32. Agrees with torch.dequantize.
func (q *Quantized) Dense() *Tensor {
	if q == nil || q.Bytes == nil || q.Scale == nil || q.Zero == nil {
		engine.Fail("Dense", "the quantized tensor is nil or incomplete; make it with Quantize")
	}
	if q.Axis < 0 {
		a := op.QuantizeAttrs{Scale: q.Scale.Item(), Zero: int(q.Zero.Item()), DType: q.Bytes.arr.DType}
		return First(op.Dequantize, a, q.Bytes)
	}
	s, z := q.Bytes.alongAxis("Dense", q.Axis, q.Scale, q.Zero)
	return q.Bytes.To(F32).Sub(z).Mul(s)
}

// FakeQuantize returns the numbers that x becomes when it is rounded to steps of scale and bounded to the
// whole numbers low … high around zero: (clamp(round(x/scale) + zero, low, high) − zero)·scale. The gradient
// of rounding is taken as 1, and is 0 outside the bounds.
// Source: Jacob et al. 2018; agrees with torch.fake_quantize_per_tensor_affine.
func (x *Tensor) FakeQuantize(scale float64, zero, low, high int) *Tensor {
	x.must("FakeQuantize")
	if !(scale > 0) || low > zero || zero > high {
		engine.Fail("FakeQuantize", "scale %v, zero %d, bounds %d…%d; want a scale > 0 and a zero within the bounds",
			scale, zero, low, high)
	}
	return fakeQuantized(x, New(scale).To(x.arr.DType), New(zero).To(x.arr.DType), low, high)
}

// FakeQuantizeAxis is FakeQuantize with a scale and a zero point, vectors, for each slice of axis.
// Agrees with torch.fake_quantize_per_channel_affine.
func (x *Tensor) FakeQuantizeAxis(axis int, scale, zero *Tensor, low, high int) *Tensor {
	s, z := x.alongAxis("FakeQuantizeAxis", x.axis("FakeQuantizeAxis", axis), scale, zero)
	return fakeQuantized(x, s, z, low, high)
}

func fakeQuantized(x, scale, zero *Tensor, low, high int) *Tensor {
	var inside, y *Tensor
	NoGrad(func() {
		at := x.Mul(scale.Reciprocal()).Round().Add(zero)
		inside = at.Ge(low).And(at.Le(high))
		y = at.Clamp(float64(low), float64(high)).Sub(zero).Mul(scale)
	})
	if !x.tracked() || !gradEnabled() {
		return y
	}
	through := Where(inside, x, x.Detach()) // has the gradient
	return y.Add(through.Sub(x.Detach()))   // exactly y: the difference is 0
}

// alongAxis gives vectors for the slices of axis the shape that broadcasts over x.
func (x *Tensor) alongAxis(where string, axis int, scale, zero *Tensor) (s, z *Tensor) {
	present(where, "scale", scale)
	present(where, "zero", zero)
	shape := make([]int, x.Rank())
	for i := range shape {
		shape[i] = 1
	}
	shape[axis] = x.arr.Shape[axis]
	if scale.Numel() != shape[axis] || zero.Numel() != shape[axis] {
		engine.Fail(where, "scale %v and zero %v for axis %d of %v; want [%d]", scale.arr, zero.arr, axis, x.arr, shape[axis])
	}
	d := x.arr.DType
	if !d.IsFloat() {
		d = engine.F32
	}
	return scale.Detach().To(d).Reshape(shape...), zero.Detach().To(d).Reshape(shape...)
}
