package vision

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// blend returns ratio·a + (1−ratio)·b in a's type; b is as long as a, or one value for all.
func blend(a pic, b []float32, ratio float64) *eager.Tensor {
	q, out := a.make(a.c, a.h, a.w)
	v := a.floats()
	sum := make([]float32, len(v))
	r, rest := float32(ratio), float32(1-ratio)
	for i, x := range v {
		y := b[0]
		if len(b) > 1 {
			y = b[i%len(b)]
		}
		sum[i] = x*r + y*rest
	}
	q.set(sum, false)
	return out
}

// factor refuses numbers below 0.
func factor(where string, f float64) {
	if !(f >= 0) {
		engine.Fail(where, "factor %v; want a number ≥ 0, where 1 keeps the image", f)
	}
}

// AdjustBrightness multiplies an image by factor: 0 is black, 1 the image.
func AdjustBrightness(x *eager.Tensor, f float64) *eager.Tensor {
	factor("vision.AdjustBrightness", f)
	return blend(of("vision.AdjustBrightness", x), []float32{0}, f)
}

// AdjustContrast blends an image with the mean of its brightness: 0 is that gray, 1 the image.
func AdjustContrast(x *eager.Tensor, f float64) *eager.Tensor {
	factor("vision.AdjustContrast", f)
	p := of("vision.AdjustContrast", x)
	sum := 0.0
	g := p.grays("vision.AdjustContrast", true)
	for _, v := range g {
		sum += float64(v)
	}
	return blend(p, []float32{float32(sum / float64(len(g)))}, f)
}

// AdjustSaturation blends an image with its gray form: 0 is gray, 1 the image.
func AdjustSaturation(x *eager.Tensor, f float64) *eager.Tensor {
	factor("vision.AdjustSaturation", f)
	p := of("vision.AdjustSaturation", x)
	if p.c == 1 {
		return x
	}
	return blend(p, p.grays("vision.AdjustSaturation", true), f)
}

// grays returns the brightness of every pixel; cut to whole numbers for bytes when floor.
func (p pic) grays(where string, floor bool) []float32 {
	v := p.floats()
	switch p.c {
	case 1:
		return v
	case 3:
	default:
		engine.Fail(where, "the image has %d channels; want 1 or 3", p.c)
	}
	n := p.h * p.w
	g := make([]float32, n)
	for i := range g {
		g[i] = 0.2989*v[i] + 0.587*v[n+i] + 0.114*v[2*n+i]
		if floor && p.u8 != nil {
			g[i] = float32(byte(g[i]))
		}
	}
	return g
}

// ToGrayscale returns the brightness, 0.2989 red + 0.587 green + 0.114 blue, as that many channels.
func ToGrayscale(x *eager.Tensor, channels int) *eager.Tensor {
	p := of("vision.ToGrayscale", x)
	if channels != 1 && channels != 3 {
		engine.Fail("vision.ToGrayscale", "%d channels; want 1 or 3", channels)
	}
	q, out := p.make(channels, p.h, p.w)
	g := p.grays("vision.ToGrayscale", false)
	for c := range channels {
		if q.u8 != nil {
			for i, v := range g {
				q.u8[c*len(g)+i] = byte(v)
			}
		} else {
			copy(q.f[c*len(g):], g)
		}
	}
	return out
}

// AdjustHue turns the colours by shift of a full circle, −0.5…0.5.
func AdjustHue(x *eager.Tensor, shift float64) *eager.Tensor {
	p := of("vision.AdjustHue", x)
	if !(shift >= -0.5 && shift <= 0.5) {
		engine.Fail("vision.AdjustHue", "shift %v; want -0.5…0.5", shift)
	}
	if p.c == 1 {
		return x
	}
	if p.c != 3 {
		engine.Fail("vision.AdjustHue", "the image has %d channels; want 1 or 3", p.c)
	}
	q, out := p.make(3, p.h, p.w)
	n := p.h * p.w
	at := func(i int) float32 {
		if p.u8 != nil {
			return float32(p.u8[i]) / 255
		}
		return p.f[i]
	}
	for i := range n {
		h, s, v := hsv(at(i), at(n+i), at(2*n+i))
		h += float32(shift)
		h -= floor32(h)
		for c, y := range rgb(h, s, v) {
			if q.u8 != nil {
				q.u8[c*n+i] = byte(y * (256 - 1e-3))
			} else {
				q.f[c*n+i] = y
			}
		}
	}
	return out
}

func floor32(x float32) float32 {
	t := float32(int(x))
	if t > x {
		t--
	}
	return t
}

// hsv returns hue, saturation and value, all in 0…1.
func hsv(r, g, b float32) (h, s, v float32) {
	hi, lo := max(r, g, b), min(r, g, b)
	if hi == lo {
		return 0, 0, hi
	}
	d := hi - lo
	rc, gc, bc := (hi-r)/d, (hi-g)/d, (hi-b)/d
	switch hi {
	case r:
		h = bc - gc
	case g:
		h = 2 + rc - bc
	default:
		h = 4 + gc - rc
	}
	h = h*(1.0/6) + 1
	return h - floor32(h), d / hi, hi
}

func rgb(h, s, v float32) [3]float32 {
	h6 := h * 6
	i := floor32(h6)
	f := h6 - i
	unit := func(x float32) float32 { return min(max(x, 0), 1) }
	p, q, t := unit((1-s)*v), unit((1-s*f)*v), unit((1-s*(1-f))*v)
	switch int(i) % 6 {
	case 0:
		return [3]float32{v, t, p}
	case 1:
		return [3]float32{q, v, p}
	case 2:
		return [3]float32{p, v, t}
	case 3:
		return [3]float32{p, q, v}
	case 4:
		return [3]float32{t, p, v}
	}
	return [3]float32{v, p, q}
}

// Invert exchanges dark and light.
func Invert(x *eager.Tensor) *eager.Tensor {
	return each("vision.Invert", x, func(b byte) byte { return 255 - b },
		func(v float32) float32 { return 1 - v })
}

// Solarize inverts the values from threshold on (0…255 for bytes, 0…1 for floats).
func Solarize(x *eager.Tensor, threshold float64) *eager.Tensor {
	t := float32(threshold)
	return each("vision.Solarize", x, func(b byte) byte {
		if float32(b) >= t {
			return 255 - b
		}
		return b
	}, func(v float32) float32 {
		if v >= t {
			return 1 - v
		}
		return v
	})
}

// Posterize keeps the highest bits, 0…8, of each value.
func Posterize(x *eager.Tensor, bits int) *eager.Tensor {
	if bits < 0 || bits > 8 {
		engine.Fail("vision.Posterize", "%d bits; want 0…8", bits)
	}
	levels := float32(int(1) << bits)
	return each("vision.Posterize", x, func(b byte) byte { return b &^ byte(1<<(8-bits)-1) },
		func(v float32) float32 { return min(max(floor32(v*levels), 0), levels-1) / levels })
}

// AutoContrast stretches each channel to the whole range.
func AutoContrast(x *eager.Tensor) *eager.Tensor {
	p := of("vision.AutoContrast", x)
	q, out := p.make(p.c, p.h, p.w)
	v := p.floats()
	n := p.h * p.w
	sum := make([]float32, len(v))
	for c := range p.c {
		plane, dst := v[c*n:][:n], sum[c*n:][:n]
		lo, hi := plane[0], plane[0]
		for _, y := range plane {
			lo, hi = min(lo, y), max(hi, y)
		}
		scale := (hi - lo) * (1 / p.bound())
		if hi == lo {
			lo, scale = 0, 1
		}
		for i, y := range plane {
			dst[i] = (y - lo) / scale
		}
	}
	q.set(sum, false)
	return out
}

// Equalize gives each channel of a U8 image a flat histogram.
func Equalize(x *eager.Tensor) *eager.Tensor {
	p := of("vision.Equalize", x)
	if p.u8 == nil {
		engine.Fail("vision.Equalize", "the image is %v; want u8", x.Array())
	}
	q, out := p.make(p.c, p.h, p.w)
	n := p.h * p.w
	for c := range p.c {
		var count [256]int
		for _, b := range p.u8[c*n:][:n] {
			count[b]++
		}
		last := 255
		for count[last] == 0 {
			last--
		}
		step := (n - count[last]) / 255
		var lut [256]byte
		below := step / 2
		for i := range lut {
			lut[i] = byte(i)
			if step > 0 {
				lut[i] = byte(min(below/step, 255))
			}
			below += count[i]
		}
		for i, b := range p.u8[c*n:][:n] {
			q.u8[c*n+i] = lut[b]
		}
	}
	return out
}
