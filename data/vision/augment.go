package vision

import (
	"math"
	"math/rand/v2"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// RandomCrop cuts Size×Size, or H×W, pixels at a random place.
type RandomCrop struct {
	Size, H, W  int
	Padding     []int // added before, as Pad.Padding; nil: none
	PadIfNeeded bool  // also pad an image that is too small
	Fill        float64
	Mode        PadMode
}

// Apply crops x.
func (t RandomCrop) Apply(x *eager.Tensor, r *rand.Rand) *eager.Tensor {
	r = source(r)
	h, w := extent("vision.RandomCrop", t.Size, t.H, t.W)
	if t.Padding != nil {
		x = Pad{Padding: t.Padding, Fill: t.Fill, Mode: t.Mode}.Apply(x, r)
	}
	p := of("vision.RandomCrop", x)
	if dx, dy := max(w-p.w, 0), max(h-p.h, 0); dx+dy > 0 {
		if !t.PadIfNeeded {
			engine.Fail("vision.RandomCrop", "the image %v is smaller than %d×%d; PadIfNeeded pads it",
				x.Array(), h, w)
		}
		x = Pad{Padding: []int{dx, dy}, Fill: t.Fill, Mode: t.Mode}.Apply(x, r)
		p = of("vision.RandomCrop", x)
	}
	top, left := r.IntN(p.h-h+1), r.IntN(p.w-w+1)
	return crop(p, top, left, h, w)
}

// RandomResizedCrop cuts a random part and resizes it to Size×Size, or H×W.
type RandomResizedCrop struct {
	Size, H, W    int
	Scale         [2]float64 // part of the area; zero: 0.08…1
	Ratio         [2]float64 // width to height; zero: 3/4…4/3
	Interpolation Interpolation
	NoAntialias   bool
}

// Apply crops and resizes x.
func (t RandomResizedCrop) Apply(x *eager.Tensor, r *rand.Rand) *eager.Tensor {
	p := of("vision.RandomResizedCrop", x)
	h, w := extent("vision.RandomResizedCrop", t.Size, t.H, t.W)
	top, left, ch, cw := t.part(p, source(r))
	return resize(p, x, [4]int{left, top, left + cw, top + ch}, h, w, t.Interpolation, !t.NoAntialias)
}

// part draws the part to cut; after ten tries it is the largest one in the middle that fits.
func (t RandomResizedCrop) part(p pic, r *rand.Rand) (top, left, h, w int) {
	scale, ratio := span(t.Scale, 0.08, 1), span(t.Ratio, 3.0/4, 4.0/3)
	area := float64(p.h * p.w)
	for range 10 {
		a := area * uniform(r, scale[0], scale[1])
		aspect := math.Exp(uniform(r, math.Log(ratio[0]), math.Log(ratio[1])))
		w, h = int(math.RoundToEven(math.Sqrt(a*aspect))), int(math.RoundToEven(math.Sqrt(a/aspect)))
		if w > 0 && h > 0 && w <= p.w && h <= p.h {
			return r.IntN(p.h - h + 1), r.IntN(p.w - w + 1), h, w
		}
	}
	w, h = p.w, p.h
	if have := float64(p.w) / float64(p.h); have < ratio[0] {
		h = min(int(math.RoundToEven(float64(w)/ratio[0])), p.h)
	} else if have > ratio[1] {
		w = min(int(math.RoundToEven(float64(h)*ratio[1])), p.w)
	}
	return (p.h - h) / 2, (p.w - w) / 2, h, w
}

// span returns v, or lo…hi for the zero value.
func span(v [2]float64, lo, hi float64) [2]float64 {
	if v == [2]float64{} {
		return [2]float64{lo, hi}
	}
	return v
}

// RandomHorizontalFlip mirrors left and right with probability P.
type RandomHorizontalFlip struct {
	P float64 // 0: 0.5
}

// Apply mirrors x or returns it.
func (t RandomHorizontalFlip) Apply(x *eager.Tensor, r *rand.Rand) *eager.Tensor {
	if !chance(source(r), t.P) {
		return x
	}
	return HorizontalFlip(x)
}

// RandomVerticalFlip mirrors top and bottom with probability P.
type RandomVerticalFlip struct {
	P float64 // 0: 0.5
}

// Apply mirrors x or returns it.
func (t RandomVerticalFlip) Apply(x *eager.Tensor, r *rand.Rand) *eager.Tensor {
	if !chance(source(r), t.P) {
		return x
	}
	return VerticalFlip(x)
}

// RandomRotation turns an image by a random angle.
type RandomRotation struct {
	Degrees  [2]float64 // drawn uniformly from, as −10…10
	Expand   bool       // the result is as large as the turned image
	Bilinear bool       // between pixels; otherwise the nearest pixel
	Fill     float64
}

// Apply turns x.
func (t RandomRotation) Apply(x *eager.Tensor, r *rand.Rand) *eager.Tensor {
	a := uniform(source(r), t.Degrees[0], t.Degrees[1])
	return Rotate(x, Motion{Angle: a, Bilinear: t.Bilinear, Fill: t.Fill}, t.Expand)
}

// RandomAffine moves an image at random about its middle.
type RandomAffine struct {
	Degrees   [2]float64
	Translate [2]float64 // at most this part of width, of height
	Scale     [2]float64 // zero: 1
	Shear     [2]float64 // degrees along x
	Bilinear  bool       // between pixels; otherwise the nearest pixel
	Fill      float64
}

// Apply moves x.
func (t RandomAffine) Apply(x *eager.Tensor, r *rand.Rand) *eager.Tensor {
	r = source(r)
	p := of("vision.RandomAffine", x)
	m := Motion{Angle: uniform(r, t.Degrees[0], t.Degrees[1]), Bilinear: t.Bilinear, Fill: t.Fill}
	for i, size := range [2]int{p.w, p.h} {
		most := t.Translate[i] * float64(size)
		m.Translate[i] = math.RoundToEven(uniform(r, -most, most))
	}
	s := span(t.Scale, 1, 1)
	m.Scale = uniform(r, s[0], s[1])
	m.Shear[0] = uniform(r, t.Shear[0], t.Shear[1])
	return Affine(x, m)
}

// ColorJitter changes brightness, contrast, saturation and hue in random order. B stands for factors
// max(0, 1−B)…1+B; Hue, at most 0.5, for shifts −Hue…Hue.
type ColorJitter struct {
	Brightness, Contrast, Saturation, Hue float64
}

// Apply changes x.
func (t ColorJitter) Apply(x *eager.Tensor, r *rand.Rand) *eager.Tensor {
	r = source(r)
	by := func(v float64) float64 { return uniform(r, max(0, 1-v), 1+v) }
	for _, k := range r.Perm(4) {
		switch {
		case k == 0 && t.Brightness > 0:
			x = AdjustBrightness(x, by(t.Brightness))
		case k == 1 && t.Contrast > 0:
			x = AdjustContrast(x, by(t.Contrast))
		case k == 2 && t.Saturation > 0:
			x = AdjustSaturation(x, by(t.Saturation))
		case k == 3 && t.Hue > 0:
			x = AdjustHue(x, uniform(r, -t.Hue, t.Hue))
		}
	}
	return x
}

// Grayscale turns an image gray.
type Grayscale struct {
	Channels int // of the result, 1 or 3; 0: 1
}

// Apply turns x gray.
func (t Grayscale) Apply(x *eager.Tensor, _ *rand.Rand) *eager.Tensor {
	return ToGrayscale(x, max(t.Channels, 1))
}

// RandomGrayscale turns an image gray with probability P and keeps its number of channels.
type RandomGrayscale struct {
	P float64 // 0: 0.1
}

// Apply turns x gray or returns it.
func (t RandomGrayscale) Apply(x *eager.Tensor, r *rand.Rand) *eager.Tensor {
	p := t.P
	if p == 0 {
		p = 0.1
	}
	if !chance(source(r), p) {
		return x
	}
	return ToGrayscale(x, of("vision.RandomGrayscale", x).c)
}

// RandomErasing sets a random rectangle to Value with probability P.
type RandomErasing struct {
	P     float64    // 0: 0.5
	Scale [2]float64 // part of the area; zero: 0.02…0.33
	Ratio [2]float64 // height to width; zero: 0.3…3.3
	Value float64
	Noise bool // normal random numbers instead of Value
}

// Apply erases in a copy of x, or returns x.
func (t RandomErasing) Apply(x *eager.Tensor, r *rand.Rand) *eager.Tensor {
	r = source(r)
	p := of("vision.RandomErasing", x)
	if !chance(r, t.P) {
		return x
	}
	scale, ratio := span(t.Scale, 0.02, 0.33), span(t.Ratio, 0.3, 3.3)
	for range 10 {
		a := float64(p.h*p.w) * uniform(r, scale[0], scale[1])
		aspect := math.Exp(uniform(r, math.Log(ratio[0]), math.Log(ratio[1])))
		h, w := int(math.RoundToEven(math.Sqrt(a*aspect))), int(math.RoundToEven(math.Sqrt(a/aspect)))
		if h >= 1 && w >= 1 && h < p.h && w < p.w {
			value := func() float64 { return t.Value }
			if t.Noise {
				value = r.NormFloat64
			}
			return erase(p, r.IntN(p.h-h+1), r.IntN(p.w-w+1), h, w, value)
		}
	}
	return x
}

func erase(p pic, top, left, h, w int, value func() float64) *eager.Tensor {
	q, out := p.make(p.c, p.h, p.w)
	copy(q.u8, p.u8)
	copy(q.f, p.f)
	for c := range p.c {
		for y := top; y < top+h; y++ {
			for x := left; x < left+w; x++ {
				if v := value(); q.u8 != nil {
					q.u8[(c*p.h+y)*p.w+x] = byte(min(max(v, 0), 255))
				} else {
					q.f[(c*p.h+y)*p.w+x] = float32(v)
				}
			}
		}
	}
	return out
}
