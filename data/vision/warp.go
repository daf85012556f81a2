package vision

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// Motion is what Affine does with an image; the zero value keeps it.
type Motion struct {
	Angle     float64    // degrees, clockwise
	Translate [2]float64 // pixels to the right, down
	Scale     float64    // 0: 1
	Shear     [2]float64 // degrees along x, y
	Center    *[2]float64

	Bilinear bool    // between pixels; otherwise the nearest pixel
	Fill     float64 // of what comes from outside
}

// Affine rotates, scales, shears and moves an image about its center, keeping its size.
func Affine(x *eager.Tensor, m Motion) *eager.Tensor {
	p := of("vision.Affine", x)
	if m.Scale == 0 {
		m.Scale = 1
	}
	if m.Scale < 0 {
		engine.Fail("vision.Affine", "scale %v; want a number > 0", m.Scale)
	}
	return warp(p, m.inverse(p), p.h, p.w, m)
}

// inverse returns the matrix from results to sources, both relative to the middle of the image.
func (m Motion) inverse(p pic) [6]float64 {
	rot, sx, sy := radians(m.Angle), radians(m.Shear[0]), radians(m.Shear[1])
	cx, cy := 0.0, 0.0
	if m.Center != nil {
		cx, cy = m.Center[0]-float64(p.w)/2, m.Center[1]-float64(p.h)/2
	}
	a := math.Cos(rot-sy) / math.Cos(sy)
	b := -math.Cos(rot-sy)*math.Tan(sx)/math.Cos(sy) - math.Sin(rot)
	c := math.Sin(rot-sy) / math.Cos(sy)
	d := -math.Sin(rot-sy)*math.Tan(sx)/math.Cos(sy) + math.Cos(rot)
	k := [6]float64{d / m.Scale, -b / m.Scale, 0, -c / m.Scale, a / m.Scale, 0}
	tx, ty := cx+m.Translate[0], cy+m.Translate[1]
	k[2] = cx - k[0]*tx - k[1]*ty
	k[5] = cy - k[3]*tx - k[4]*ty
	return k
}

func radians(deg float64) float64 { return deg * math.Pi / 180 }

// warp samples p at matrix·position for an image of h×w.
func warp(p pic, k [6]float64, h, w int, m Motion) *eager.Tensor {
	q, out := p.make(p.c, h, w)
	res := make([]float32, p.c*h*w)
	v := p.floats()
	n, size := p.h*p.w, h*w
	for y := range h {
		for x := range w {
			bx, by := float64(x)-float64(w-1)/2, float64(y)-float64(h-1)/2
			sx := k[0]*bx + k[1]*by + k[2] + float64(p.w-1)/2
			sy := k[3]*bx + k[4]*by + k[5] + float64(p.h-1)/2
			for c := range p.c {
				plane := v[c*n:][:n]
				if !m.Bilinear {
					res[c*size+y*w+x] = p.nearestAt(plane, sx, sy, float32(m.Fill))
				} else {
					res[c*size+y*w+x] = p.between(plane, sx, sy, float32(m.Fill))
				}
			}
		}
	}
	q.raw(res)
	return out
}

func (p pic) nearestAt(plane []float32, x, y float64, fill float32) float32 {
	// In F32 precision, as PyTorch rounds: positions between two pixels depend on it.
	i, j := int(math.RoundToEven(float64(float32(x)))), int(math.RoundToEven(float64(float32(y))))
	if i < 0 || j < 0 || i >= p.w || j >= p.h {
		return fill
	}
	return plane[j*p.w+i]
}

// between is bilinear; beyond the edges lies fill.
func (p pic) between(plane []float32, x, y float64, fill float32) float32 {
	x0, y0 := math.Floor(x), math.Floor(y)
	fx, fy := float32(x-x0), float32(y-y0)
	sum, weight := float32(0), float32(0)
	for d := range 4 {
		i, j := int(x0)+d&1, int(y0)+d>>1
		if i < 0 || j < 0 || i >= p.w || j >= p.h {
			continue
		}
		wx, wy := 1-fx, 1-fy
		if d&1 == 1 {
			wx = fx
		}
		if d>>1 == 1 {
			wy = fy
		}
		sum += wx * wy * plane[j*p.w+i]
		weight += wx * wy
	}
	return sum + (1-weight)*fill
}

// Rotate turns an image counter-clockwise by m.Angle degrees about its middle or m.Center. With expand the
// result is as large as the turned image.
func Rotate(x *eager.Tensor, m Motion, expand bool) *eager.Tensor {
	p := of("vision.Rotate", x)
	if expand && m.Center != nil {
		engine.Fail("vision.Rotate", "expand keeps the middle; want no Center with it")
	}
	m.Angle, m.Translate, m.Scale, m.Shear = -m.Angle, [2]float64{}, 1, [2]float64{}
	k := m.inverse(p)
	h, w := p.h, p.w
	if expand {
		h, w = turned(k, p)
	}
	return warp(p, k, h, w, m)
}

// turned returns height and width of the turned image.
func turned(k [6]float64, p pic) (h, w int) {
	lx, hx, ly, hy := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, c := range [4][2]float64{{-1, -1}, {-1, 1}, {1, 1}, {1, -1}} {
		cx, cy := c[0]*float64(p.w)/2, c[1]*float64(p.h)/2
		x, y := k[0]*cx+k[1]*cy+float64(p.w)/2, k[3]*cx+k[4]*cy+float64(p.h)/2
		lx, hx, ly, hy = min(lx, x), max(hx, x), min(ly, y), max(hy, y)
	}
	const tol = 1e-3
	cut := func(v float64) float64 { return math.Trunc(v/tol) * tol }
	return int(math.Ceil(cut(hy)) - math.Floor(cut(ly))), int(math.Ceil(cut(hx)) - math.Floor(cut(lx)))
}
