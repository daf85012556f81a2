package vision

import (
	"math"
	"math/rand/v2"

	"github.com/lathe-ml/lathe/data/internal/pixel"
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// Interpolation is how pixels between pixels are computed.
type Interpolation int

// The interpolations.
const (
	Bilinear Interpolation = iota
	Nearest
	NearestExact
	Bicubic
)

// Resize changes the size of an image.
type Resize struct {
	Size          int // of the shorter side; the longer keeps the proportions
	H, W          int // instead of Size: height and width
	MaxSize       int // with Size: the longer side is at most this; 0: any
	Interpolation Interpolation
	NoAntialias   bool // when reducing, look at the nearest pixels only
}

// Apply resizes x.
func (t Resize) Apply(x *eager.Tensor, _ *rand.Rand) *eager.Tensor {
	p := of("vision.Resize", x)
	h, w := t.H, t.W
	if t.Size > 0 {
		h, w = t.fit(p.h, p.w)
	}
	if h <= 0 || w <= 0 {
		engine.Fail("vision.Resize", "size %d, or %d×%d; want Size > 0, or H and W", t.Size, t.H, t.W)
	}
	return resize(p, x, [4]int{0, 0, p.w, p.h}, h, w, t.Interpolation, !t.NoAntialias)
}

// fit returns height and width with the shorter side Size.
func (t Resize) fit(h, w int) (int, int) {
	short, long := min(h, w), max(h, w)
	s, l := t.Size, t.Size*long/short
	if t.MaxSize > 0 {
		if t.MaxSize <= t.Size {
			engine.Fail("vision.Resize", "MaxSize %d is not above Size %d", t.MaxSize, t.Size)
		}
		if l > t.MaxSize {
			s, l = t.MaxSize*s/l, t.MaxSize
		}
	}
	s, l = max(s, 1), max(l, 1)
	if w <= h {
		return l, s
	}
	return s, l
}

// resize resizes the part of p between box[0], box[1] (left, top) and box[2], box[3].
func resize(p pic, x *eager.Tensor, box [4]int, h, w int, how Interpolation, antialias bool) *eager.Tensor {
	whole := box == [4]int{0, 0, p.w, p.h}
	if whole && h == p.h && w == p.w {
		return x
	}
	if !whole { // neighbours outside the box do not count
		x = crop(p, box[1], box[0], box[3]-box[1], box[2]-box[0])
		p = of("vision.Resize", x)
	}
	q, out := p.make(p.c, h, w)
	switch how {
	case Nearest, NearestExact:
		nearest(p, q, how == NearestExact)
	case Bilinear, Bicubic:
		kind := pixel.Bilinear
		if how == Bicubic {
			kind = pixel.Bicubic
		}
		r := pixel.NewResizer(p.w, p.h, w, h, kind)
		if !antialias {
			r = pixel.NewPointResizer(p.w, p.h, w, h, kind)
		}
		if p.u8 != nil {
			r.Resize(q.u8, p.u8, p.c)
		} else {
			r.Floats(q.f, p.f, p.c)
		}
	default:
		engine.Fail("vision.Resize", "interpolation %d is unknown", how)
	}
	return out
}

func nearest(p, q pic, exact bool) {
	index := func(from, to int) []int {
		scale := float32(from) / float32(to)
		at := make([]int, to)
		for i := range at {
			v := float32(i) * scale
			if exact {
				v = (float32(i) + 0.5) * scale
			}
			at[i] = min(int(math.Floor(float64(v))), from-1)
		}
		return at
	}
	xs, ys := index(p.w, q.w), index(p.h, q.h)
	move(p, q, func(dst, src []byte) { pick(dst, src, xs, ys, p.w) },
		func(dst, src []float32) { pick(dst, src, xs, ys, p.w) })
}

func pick[T any](dst, src []T, xs, ys []int, w int) {
	for i, y := range ys {
		row, out := src[y*w:][:w], dst[i*len(xs):][:len(xs)]
		for k, x := range xs {
			out[k] = row[x]
		}
	}
}
