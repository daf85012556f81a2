package vision

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// pic is an image as planes in memory: u8 or f holds [c h w], the other is nil.
type pic struct {
	c, h, w int
	u8      []byte
	f       []float32
}

// of opens the tensor of an image.
func of(where string, x *eager.Tensor) pic {
	if x == nil {
		engine.Fail(where, "the image is nil; want u8[channels height width] or f32")
	}
	a := x.Array()
	if a.DType != engine.U8 && a.DType != engine.F32 || x.Rank() != 3 || a.Numel() == 0 {
		engine.Fail(where, "the image is %v; want u8[channels height width] or f32, not empty", a)
	}
	a = x.Contiguous().Array()
	p := pic{c: a.Shape[0], h: a.Shape[1], w: a.Shape[2]}
	if a.DType == engine.U8 {
		p.u8 = engine.View[byte](a)[:a.Numel()]
	} else {
		p.f = engine.View[float32](a)[:a.Numel()]
	}
	return p
}

// make returns an empty image of p's type, and its tensor.
func (p pic) make(c, h, w int) (pic, *eager.Tensor) {
	q := pic{c: c, h: h, w: w}
	if p.u8 != nil {
		a := engine.NewArray(engine.U8, engine.Shape{c, h, w})
		q.u8 = a.U8()
		return q, eager.FromArray(a)
	}
	a := engine.NewArray(engine.F32, engine.Shape{c, h, w})
	q.f = a.F32()
	return q, eager.FromArray(a)
}

// bound is the largest value of p's type.
func (p pic) bound() float32 {
	if p.u8 != nil {
		return 255
	}
	return 1
}

// floats returns p's values as floats; they may be p's own memory.
func (p pic) floats() []float32 {
	if p.f != nil {
		return p.f
	}
	v := make([]float32, len(p.u8))
	for i, b := range p.u8 {
		v[i] = float32(b)
	}
	return v
}

// set stores v, clamped to the type's range; bytes are cut to whole numbers unless round.
func (p pic) set(v []float32, round bool) {
	if p.f != nil {
		for i, x := range v {
			p.f[i] = min(max(x, 0), 1)
		}
		return
	}
	p.cut(v, round)
}

// raw stores v without clamping floats.
func (p pic) raw(v []float32) {
	if p.f != nil {
		copy(p.f, v)
		return
	}
	p.cut(v, true)
}

func (p pic) cut(v []float32, round bool) {
	for i, x := range v {
		x = min(max(x, 0), 255)
		if round {
			x = roundEven(x)
		}
		p.u8[i] = byte(x)
	}
}

// roundEven rounds 0 ≤ x < 2²² to the nearest whole number, halves to even.
func roundEven(x float32) float32 {
	const big = 1 << 23
	return float32(x+big) - big
}

// each returns x with f applied to every byte, or g to every float.
func each(where string, x *eager.Tensor, f func(byte) byte, g func(float32) float32) *eager.Tensor {
	p := of(where, x)
	q, out := p.make(p.c, p.h, p.w)
	if p.u8 != nil {
		var lut [256]byte
		for i := range lut {
			lut[i] = f(byte(i))
		}
		for i, b := range p.u8 {
			q.u8[i] = lut[b]
		}
		return out
	}
	for i, v := range p.f {
		q.f[i] = g(v)
	}
	return out
}

// move copies elements: to(from, into) is called once for bytes or for floats of every plane.
func move(p, q pic, bytes func(dst, src []byte), floats func(dst, src []float32)) {
	n, m := p.h*p.w, q.h*q.w
	for c := range q.c {
		if p.u8 != nil {
			bytes(q.u8[c*m:][:m], p.u8[c*n:][:n])
		} else {
			floats(q.f[c*m:][:m], p.f[c*n:][:n])
		}
	}
}
