package vision

import (
	"math/rand/v2"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// ImageNetMean and ImageNetStd are the statistics that models trained on ImageNet expect.
var (
	ImageNetMean = []float64{0.485, 0.456, 0.406}
	ImageNetStd  = []float64{0.229, 0.224, 0.225}
)

// Transform changes an image [channels height width]. Random ones draw from r; with r nil, from the
// stream that eager.Seed sets. It panics with *engine.Error when the image does not suit it, and does not
// write into x.
type Transform interface {
	Apply(x *eager.Tensor, r *rand.Rand) *eager.Tensor
}

// Compose applies transforms one after the other.
type Compose []Transform

// Apply applies all transforms.
func (c Compose) Apply(x *eager.Tensor, r *rand.Rand) *eager.Tensor {
	r = source(r)
	first := x
	for i := 0; i < len(c); i++ {
		was := x
		if n, ok := next[Normalize](c, i+1); ok && isUnit(c[i]) && x != nil && x.DType() == engine.U8 {
			x = n.bytes(x)
			i++
		} else {
			x = c[i].Apply(x, r)
		}
		// What a step made and the next has read is given back at once.
		if was != first && was.Array().Buf != x.Array().Buf && was.Array().Buf != first.Array().Buf {
			was.Release()
		}
	}
	return x
}

// next returns transform i when it is a T.
func next[T Transform](c Compose, i int) (t T, ok bool) {
	if i < len(c) {
		t, ok = c[i].(T)
	}
	return t, ok
}

// isUnit says whether t turns bytes into F32 in 0…1.
func isUnit(t Transform) bool {
	switch t := t.(type) {
	case ToTensor:
		return true
	case ToDtype:
		return t.DType == eager.F32 && t.Scale
	}
	return false
}

// source returns r, or a generator that continues the default stream.
func source(r *rand.Rand) *rand.Rand {
	if r == nil {
		r = rand.New(rand.NewPCG(eager.NextRandom(1)))
	}
	return r
}

// ToTensor turns bytes 0…255 into F32 0…1; F32 stays as it is.
type ToTensor struct{}

// Apply converts x.
func (ToTensor) Apply(x *eager.Tensor, _ *rand.Rand) *eager.Tensor {
	return toDtype("vision.ToTensor", x, eager.F32, true)
}

// ToDtype converts to U8, F32 or another dtype. With Scale the range is converted too: 255 ↔ 1.
type ToDtype struct {
	DType engine.DType
	Scale bool
}

// Apply converts x.
func (t ToDtype) Apply(x *eager.Tensor, _ *rand.Rand) *eager.Tensor {
	return toDtype("vision.ToDtype", x, t.DType, t.Scale)
}

func toDtype(where string, x *eager.Tensor, d engine.DType, scale bool) *eager.Tensor {
	p := of(where, x)
	if x.DType() == d || !scale {
		return x.To(d)
	}
	switch {
	case d == eager.F32:
		a := engine.NewArray(engine.F32, engine.Shape{p.c, p.h, p.w})
		lookUp(a.F32(), p.u8, func(b byte) float32 { return float32(b) / 255 })
		return eager.FromArray(a)
	case d == engine.U8:
		a := engine.NewArray(engine.U8, engine.Shape{p.c, p.h, p.w})
		for i, v := range p.f {
			a.U8()[i] = byte(min(max(v*(256-1e-3), 0), 255))
		}
		return eager.FromArray(a)
	}
	engine.Fail(where, "scaling from %v to %v; want between u8 and f32", x.DType(), d)
	return nil
}

func lookUp(dst []float32, src []byte, f func(byte) float32) {
	var lut [256]float32
	for i := range lut {
		lut[i] = f(byte(i))
	}
	dst = dst[:len(src)]
	for i, b := range src {
		dst[i] = lut[b]
	}
}

// Normalize returns (x − mean)/std of each channel of an F32 image.
type Normalize struct {
	Mean, Std []float64 // one for each channel, or one for all
}

func (n Normalize) at(c, channels int) (mean, std float32) {
	pick := func(v []float64) float32 {
		if len(v) != 1 && len(v) != channels {
			engine.Fail("vision.Normalize", "mean %v and std %v for an image of %d channels; want one for each",
				n.Mean, n.Std, channels)
		}
		return float32(v[min(c, len(v)-1)])
	}
	mean, std = pick(n.Mean), pick(n.Std)
	if std == 0 {
		engine.Fail("vision.Normalize", "std %v has a 0; want numbers > 0", n.Std)
	}
	return mean, std
}

// Apply normalizes x.
func (n Normalize) Apply(x *eager.Tensor, _ *rand.Rand) *eager.Tensor {
	p := of("vision.Normalize", x)
	if p.f == nil {
		engine.Fail("vision.Normalize", "the image is %v; want f32: apply ToTensor before", x.Array())
	}
	q, out := p.make(p.c, p.h, p.w)
	size := p.h * p.w
	for c := range p.c {
		mean, std := n.at(c, p.c)
		dst := q.f[c*size:][:size]
		for i, v := range p.f[c*size:][:size] {
			dst[i] = (v - mean) / std
		}
	}
	return out
}

// bytes is ToTensor and Normalize in one pass.
func (n Normalize) bytes(x *eager.Tensor) *eager.Tensor {
	p := of("vision.Normalize", x)
	a := engine.NewArray(engine.F32, engine.Shape{p.c, p.h, p.w})
	size := p.h * p.w
	for c := range p.c {
		mean, std := n.at(c, p.c)
		lookUp(a.F32()[c*size:], p.u8[c*size:][:size], func(b byte) float32 {
			return (float32(b)/255 - mean) / std
		})
	}
	return eager.FromArray(a)
}

// Lambda is a function as a Transform.
type Lambda func(x *eager.Tensor) *eager.Tensor

// Apply calls the function.
func (f Lambda) Apply(x *eager.Tensor, _ *rand.Rand) *eager.Tensor { return f(x) }

// RandomApply applies its transforms, all or none, with probability P.
type RandomApply struct {
	Transforms []Transform
	P          float64 // 0: 0.5
}

// Apply applies the transforms or returns x.
func (t RandomApply) Apply(x *eager.Tensor, r *rand.Rand) *eager.Tensor {
	if r = source(r); !chance(r, t.P) {
		return x
	}
	return Compose(t.Transforms).Apply(x, r)
}

// RandomChoice applies one of its transforms, each with the same probability.
type RandomChoice []Transform

// Apply applies one transform.
func (t RandomChoice) Apply(x *eager.Tensor, r *rand.Rand) *eager.Tensor {
	if len(t) == 0 {
		engine.Fail("vision.RandomChoice", "there are no transforms to choose from")
	}
	r = source(r)
	return t[r.IntN(len(t))].Apply(x, r)
}

// chance is true with probability p; 0 stands for one half.
func chance(r *rand.Rand, p float64) bool {
	if p == 0 {
		p = 0.5
	}
	return r.Float64() < p
}

// uniform draws from lo…hi.
func uniform(r *rand.Rand, lo, hi float64) float64 { return lo + (hi-lo)*r.Float64() }
