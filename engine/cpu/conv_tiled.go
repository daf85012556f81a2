package cpu

import (
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
)

// Convolution over up to two spatial axes as implicit matrix products on channels-last data:
// nothing is unfolded, the micro-kernel's taps are the windows. Inputs in another layout are copied
// once into channels-last scratch memory; results in another layout are copied out.

// image is channels-last float32 data: element (n, y, x, c) is at off + n·plane + y·row + x·pix +
// c.
type image struct {
	d               []float32
	off             int
	plane, row, pix int
	buf             *engine.Buffer // owned scratch memory, or nil
}

func (m *image) at(n, y, x int) int { return m.off + n*m.plane + y*m.row + x*m.pix }

func (m *image) release() {
	if m.buf != nil {
		m.buf.Release()
	}
}

// slack is the readable memory behind scratch data, in elements: the width of a strip.
const slack = strip

// newImage returns scratch memory for n·h·w pixels of c channels.
func newImage(n, h, w, c int) *image {
	size := n * h * w * c
	buf := engine.NewBuffer((size + slack) * 4)
	d := unsafe.Slice((*float32)(unsafe.Pointer(&buf.Bytes()[0])), size+slack)
	clear(d[size:])
	return &image{d: d, plane: h * w * c, row: w * c, pix: c, buf: buf}
}

// array views m as a logical [n c h w] array.
func (m *image) array(n, c, h, w int) engine.Array {
	return engine.Array{
		DType: engine.F32, Shape: engine.Shape{n, c, h, w},
		Strides: []int{m.plane, 1, m.row, m.pix}, Buf: m.buf, Offset: m.off,
	}
}

// array4 views x with two spatial axes: a missing one comes first with extent 1.
func array4(x *engine.Array) engine.Array {
	if len(x.Shape) == 4 {
		return *x
	}
	if len(x.Shape) == 5 {
		y := *x
		y.Shape = engine.Shape{x.Shape[0], x.Shape[1], x.Shape[3], x.Shape[4]}
		y.Strides = []int{x.Strides[0], x.Strides[1], x.Strides[3], x.Strides[4]}
		return y
	}
	return insertAxis(*x, 2)
}

// channelsLast returns the image of the logical [n c h w] array x in place, if its channels are
// contiguous.
func channelsLast(x *engine.Array) *image {
	if x.Strides[1] != 1 && x.Shape[1] != 1 {
		return nil
	}
	for _, s := range x.Strides {
		if s < 0 {
			return nil
		}
	}
	return &image{
		d: whole[float32](x), off: x.Offset, plane: x.Strides[0], row: x.Strides[2],
		pix: x.Strides[3],
	}
}

// framed returns x inside a frame of zeros: h×w pixels of which x's first is at (top, left). Parts
// of x beyond are cut.
func framed(x *engine.Array, h, w, top, left int) *image {
	n, c, xh, xw := x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]
	m := newImage(n, h, w, c)
	y0, y1 := max(top, 0), max(min(top+xh, h), max(top, 0))
	x0, x1 := max(left, 0), max(min(left+xw, w), max(left, 0))
	engine.Parallel(n, max(1, grain/max(h*w*c, 1)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			clear(m.d[m.at(i, 0, 0):m.at(i, min(y0, h), 0)])
			for y := min(y0, h); y < y1; y++ {
				clear(m.d[m.at(i, y, 0):m.at(i, y, min(x0, w))])
				clear(m.d[m.at(i, y, min(x1, w)):m.at(i, y, w)])
			}
			clear(m.d[m.at(i, min(y1, h), 0):m.at(i, h, 0)])
		}
	})
	if y0 < y1 && x0 < x1 {
		to := m.array(n, c, h, w).Slice(2, y0, y1, 1).Slice(3, x0, x1, 1)
		must(Copy(to, x.Slice(2, y0-top, y1-top, 1).Slice(3, x0-left, x1-left, 1)))
	}
	return m
}

// tiles reports whether the tiled forms can compute q.
func (q *geometry) tiles() bool {
	return tiling != nil && q.k[0] == 1 && q.in[0] == 1 && q.out[0] == 1 && q.pad[0] == 0 &&
		q.n*q.ci*q.co*q.points*q.inSize > 0
}

// frame is the extent of the padded input that the result sees.
func (q *geometry) frame() (h, w int) {
	return (q.out[1]-1)*q.stride[1] + q.dil[1]*(q.k[1]-1) + 1,
		(q.out[2]-1)*q.stride[2] + q.dil[2]*(q.k[2]-1) + 1
}

// input returns x padded, channels last.
func (q *geometry) input(x *engine.Array) *image {
	h, w := q.frame()
	x4 := array4(x)
	if q.pad[1] == 0 && q.pad[2] == 0 && h <= q.in[1] && w <= q.in[2] {
		if m := channelsLast(&x4); m != nil && tiling.masked {
			return m
		}
	}
	return framed(&x4, h, w, q.pad[1], q.pad[2])
}

// merged reports whether the taps of one kernel row are contiguous in m, so that they act as one
// tap with k[2]·ci values.
func (q *geometry) merged(m *image) bool { return q.g == 1 && q.dil[2] == 1 && m.pix == q.ci }

// output returns where to compute y: in place when its channels are contiguous.
func (q *geometry) output(y *engine.Array) (m *image, direct bool) {
	y4 := array4(y)
	if m := channelsLast(&y4); m != nil {
		return m, true
	}
	return newImage(q.n, q.out[1], q.out[2], q.g*q.co), false
}
