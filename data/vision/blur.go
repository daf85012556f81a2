package vision

import (
	"math"
	"math/rand/v2"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// Blur convolves an image with a Gaussian of kernel×kernel taps; sigma 0 stands for 0.15·kernel + 0.35. Beyond
// its edges the image is mirrored.
func Blur(x *eager.Tensor, kernel int, sigma float64) *eager.Tensor {
	p := of("vision.Blur", x)
	if sigma == 0 {
		sigma = 0.15*float64(kernel) + 0.35
	}
	half := kernel / 2
	if kernel < 1 || kernel%2 == 0 || sigma <= 0 || half >= p.h || half >= p.w {
		engine.Fail("vision.Blur", "kernel %d, sigma %v for an image %v; want an odd kernel of less than twice its "+
			"size, and sigma > 0", kernel, sigma, x.Array())
	}
	taps, sum := make([]float64, kernel), 0.0
	for i := range taps {
		d := float64(i-half) / sigma
		taps[i] = math.Exp(-d * d / 2)
		sum += taps[i]
	}
	for i := range taps {
		taps[i] /= sum
	}
	q, out := p.make(p.c, p.h, p.w)
	v := p.floats()
	mid, res := make([]float32, len(v)), make([]float32, len(v))
	xs, ys := places(p.w, half, p.w+2*half, Reflect), places(p.h, half, p.h+2*half, Reflect)
	for r := range p.c * p.h {
		row, dst := v[r*p.w:][:p.w], mid[r*p.w:][:p.w]
		for i := range dst {
			s := 0.0
			for k, t := range taps {
				s += t * float64(row[xs[i+k]])
			}
			dst[i] = float32(s)
		}
	}
	for c := range p.c {
		plane := mid[c*p.h*p.w:][:p.h*p.w]
		for y := range p.h {
			dst := res[(c*p.h+y)*p.w:][:p.w]
			for k, t := range taps {
				for i, s := range plane[ys[y+k]*p.w:][:p.w] {
					dst[i] += float32(t) * s
				}
			}
		}
	}
	q.raw(res)
	return out
}

// AdjustSharpness blends an image with a smoothed form: 0 is smooth, 1 the image, 2 sharp.
func AdjustSharpness(x *eager.Tensor, f float64) *eager.Tensor {
	factor("vision.AdjustSharpness", f)
	p := of("vision.AdjustSharpness", x)
	if p.h <= 2 || p.w <= 2 {
		return x
	}
	q, out := p.make(p.c, p.h, p.w)
	v := p.floats()
	res := append([]float32(nil), v...)
	for c := range p.c {
		for y := 1; y < p.h-1; y++ {
			for i := 1; i < p.w-1; i++ {
				at := (c*p.h+y)*p.w + i
				s := 4 * v[at]
				for dy := -1; dy <= 1; dy++ {
					for dx := -1; dx <= 1; dx++ {
						s += v[at+dy*p.w+dx]
					}
				}
				if s /= 13; p.u8 != nil {
					s = roundEven(s)
				}
				res[at] = v[at] + (s-v[at])*float32(1-f)
			}
		}
	}
	q.set(res, false)
	return out
}

// GaussianBlur blurs with a random sigma.
type GaussianBlur struct {
	Kernel int        // odd
	Sigma  [2]float64 // drawn uniformly from; zero: 0.1…2
}

// Apply blurs x.
func (t GaussianBlur) Apply(x *eager.Tensor, r *rand.Rand) *eager.Tensor {
	s := t.Sigma
	if s == [2]float64{} {
		s = [2]float64{0.1, 2}
	}
	return Blur(x, t.Kernel, uniform(source(r), s[0], s[1]))
}
