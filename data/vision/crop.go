package vision

import (
	"math"
	"math/rand/v2"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// PadMode says what padding shows.
type PadMode int

// The modes of padding.
const (
	Constant  PadMode = iota // a value
	Edge                     // the nearest pixel
	Reflect                  // the image mirrored at its outermost pixels
	Symmetric                // the image mirrored at its edges
)

// Crop returns the h×w pixels whose first is at (top, left); what lies outside the image is 0.
func Crop(x *eager.Tensor, top, left, h, w int) *eager.Tensor {
	p := of("vision.Crop", x)
	if h <= 0 || w <= 0 {
		engine.Fail("vision.Crop", "size %d×%d; want numbers > 0", h, w)
	}
	return crop(p, top, left, h, w)
}

func crop(p pic, top, left, h, w int) *eager.Tensor {
	return pad(p, -top, -left, h, w, Constant, 0)
}

// pad places p at (top, left) in an image of h×w.
func pad(p pic, top, left, h, w int, mode PadMode, fill float64) *eager.Tensor {
	q, out := p.make(p.c, h, w)
	ys, xs := places(p.h, top, h, mode), places(p.w, left, w, mode)
	f := float32(fill)
	move(p, q, func(dst, src []byte) { arrange(dst, src, ys, xs, p.w, byte(min(max(f, 0), 255))) },
		func(dst, src []float32) { arrange(dst, src, ys, xs, p.w, f) })
	return out
}

// places returns for each of n positions the one of from that it shows, or −1.
func places(from, start, n int, mode PadMode) []int {
	at := make([]int, n)
	for i := range at {
		k := i - start
		switch {
		case k >= 0 && k < from:
		case mode == Constant:
			k = -1
		case mode == Edge || from == 1:
			k = min(max(k, 0), from-1)
		case mode == Reflect:
			k = mirror(k, 2*from-2)
		default:
			if k = mirror(2*k+1, 4*from); k >= 0 {
				k /= 2
			}
		}
		at[i] = k
	}
	return at
}

// mirror folds k into the first half of a period.
func mirror(k, period int) int {
	k = ((k % period) + period) % period
	return min(k, period-k)
}

func arrange[T any](dst, src []T, ys, xs []int, w int, fill T) {
	n := len(xs)
	run := 0 // positions that show neighbours in order
	for run < n && xs[run] >= 0 && xs[run] == xs[0]+run {
		run++
	}
	for i, y := range ys {
		out := dst[i*n:][:n]
		switch {
		case y < 0:
			for k := range out {
				out[k] = fill
			}
			continue
		case run == n:
			copy(out, src[y*w+xs[0]:])
			continue
		}
		row := src[y*w:][:w]
		for k, x := range xs {
			if x >= 0 {
				out[k] = row[x]
			} else {
				out[k] = fill
			}
		}
	}
}

// Pad adds a border: Padding is one width for all sides, or left and right with top and bottom, or left,
// top, right, bottom.
type Pad struct {
	Padding []int
	Fill    float64 // of mode Constant
	Mode    PadMode
}

// Apply pads x.
func (t Pad) Apply(x *eager.Tensor, _ *rand.Rand) *eager.Tensor {
	p := of("vision.Pad", x)
	l, top, r, b := t.sides()
	if min(l, top, r, b) < 0 || t.Mode == Reflect && (max(l, r) >= p.w || max(top, b) >= p.h) {
		engine.Fail("vision.Pad", "padding %v of an image %v; want numbers ≥ 0, with Reflect below its size",
			t.Padding, x.Array())
	}
	return pad(p, top, l, p.h+top+b, p.w+l+r, t.Mode, t.Fill)
}

func (t Pad) sides() (left, top, right, bottom int) {
	switch p := t.Padding; len(p) {
	case 1:
		return p[0], p[0], p[0], p[0]
	case 2:
		return p[0], p[1], p[0], p[1]
	case 4:
		return p[0], p[1], p[2], p[3]
	}
	engine.Fail("vision.Pad", "padding %v; want 1, 2 or 4 numbers", t.Padding)
	return
}

// CenterCrop cuts Size×Size, or H×W, pixels from the middle; a smaller image is padded with 0.
type CenterCrop struct {
	Size, H, W int
}

// Apply crops x.
func (t CenterCrop) Apply(x *eager.Tensor, _ *rand.Rand) *eager.Tensor {
	p := of("vision.CenterCrop", x)
	h, w := extent("vision.CenterCrop", t.Size, t.H, t.W)
	half := func(have, want int) int {
		if have < want { // the padding is smaller before than after
			return -((want - have) / 2)
		}
		return int(math.RoundToEven(float64(have-want) / 2))
	}
	return crop(p, half(p.h, h), half(p.w, w), h, w)
}

// extent reads a size given as one number or as two.
func extent(where string, size, h, w int) (int, int) {
	if size > 0 {
		h, w = size, size
	}
	if h <= 0 || w <= 0 {
		engine.Fail(where, "size %d, or %d×%d; want Size > 0, or H and W", size, h, w)
	}
	return h, w
}

// HorizontalFlip mirrors left and right.
func HorizontalFlip(x *eager.Tensor) *eager.Tensor { return flip("vision.HorizontalFlip", x, false) }

// VerticalFlip mirrors top and bottom.
func VerticalFlip(x *eager.Tensor) *eager.Tensor { return flip("vision.VerticalFlip", x, true) }

func flip(where string, x *eager.Tensor, vertical bool) *eager.Tensor {
	p := of(where, x)
	q, out := p.make(p.c, p.h, p.w)
	xs, ys := make([]int, p.w), make([]int, p.h)
	for i := range xs {
		xs[i] = p.w - 1 - i
		if vertical {
			xs[i] = i
		}
	}
	for i := range ys {
		ys[i] = i
		if vertical {
			ys[i] = p.h - 1 - i
		}
	}
	move(p, q, func(dst, src []byte) { arrange(dst, src, ys, xs, p.w, 0) },
		func(dst, src []float32) { arrange(dst, src, ys, xs, p.w, 0) })
	return out
}
