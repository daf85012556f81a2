package cpu

import (
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
)

// Convolution with the pixels of a row as columns of the tile and channels as its rows, on planar
// [n c h w] data with horizontal stride 1. Where channels are few, as in the first layers of a
// network, it fills the vectors better than the channels-last form, and planar data needs no
// transposition.

// planes is planar float32 data; the elements of a row are contiguous.
type planes struct {
	d                       []float32
	off                     int
	sample, plane, row      int
	buf                     *engine.Buffer
	channels, height, width int
}

func (p *planes) release() {
	if p.buf != nil {
		p.buf.Release()
	}
}

func (p *planes) array() engine.Array {
	n := 0
	if p.sample > 0 {
		n = (len(p.d) - slack) / p.sample
	}
	return engine.Array{
		DType: engine.F32, Shape: engine.Shape{n, p.channels, p.height, p.width},
		Strides: []int{p.sample, p.plane, p.row, 1}, Buf: p.buf, Offset: p.off,
	}
}

// inPlanes returns the logical [n c h w] array x in place, if its rows are contiguous.
func inPlanes(x *engine.Array) *planes {
	if x.Strides[3] != 1 && x.Shape[3] != 1 {
		return nil
	}
	for _, s := range x.Strides {
		if s < 0 {
			return nil
		}
	}
	return &planes{
		d: whole[float32](x), off: x.Offset, sample: x.Strides[0], plane: x.Strides[1],
		row: x.Strides[2], channels: x.Shape[1], height: x.Shape[2], width: x.Shape[3],
	}
}

func newPlanes(n, c, h, w int) *planes {
	size := n * c * h * w
	buf := engine.NewBuffer((size + slack) * 4)
	d := unsafe.Slice((*float32)(unsafe.Pointer(&buf.Bytes()[0])), size+slack)
	clear(d[size:])
	return &planes{
		d: d, sample: c * h * w, plane: h * w, row: w, buf: buf, channels: c, height: h, width: w,
	}
}

// framedPlanes returns x inside a frame of zeros, as framed does.
func framedPlanes(x *engine.Array, h, w, top, left int) *planes {
	n, c, xh, xw := x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]
	if top == 0 && left == 0 && h <= xh && w <= xw && tiling.masked {
		if p := inPlanes(x); p != nil {
			return p
		}
	}
	p := newPlanes(n, c, h, w)
	y0 := min(max(top, 0), h)
	y1 := max(min(top+xh, h), y0)
	x0 := min(max(left, 0), w)
	x1 := max(min(left+xw, w), x0)
	engine.Parallel(n*c, max(1, grain/max(h*w, 1)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			d := p.d[i*p.plane:][:p.plane]
			clear(d[:y0*w])
			for y := y0; y < y1; y++ {
				clear(d[y*w:][:x0])
				clear(d[y*w+x1:][:w-x1])
			}
			clear(d[y1*w:])
		}
	})
	if y0 < y1 && x0 < x1 {
		to := p.array().Slice(2, y0, y1, 1).Slice(3, x0, x1, 1)
		must(Copy(to, x.Slice(2, y0-top, y1-top, 1).Slice(3, x0-left, x1-left, 1)))
	}
	return p
}

// planarPays estimates whether the planar form takes less time for a result of rows of width pixels
// and outer channels from inner channels: vector operations of each form plus transpositions.
func planarPays(q *geometry, width, outer, inner int, out, in *engine.Array) bool {
	const transposition = 10 // vector operations for 16 elements
	if min(inner, outer) > 16 {
		return false
	}
	kk := inner * q.k[1] * q.k[2]
	last := func(x *engine.Array, c int) bool { return c > 1 && x.Strides[1] == 1 }
	moved := transposition * outer * width / 16
	read := transposition * inner * width / 16
	planar := outer * ((width + 15) / 16) * kk
	chan1 := width * ((outer + 15) / 16) * kk
	if last(out, outer) {
		planar += moved
	} else {
		chan1 += moved
	}
	if last(in, inner) {
		planar += read
	} else if inner > 1 {
		chan1 += read
	}
	return planar < chan1
}

// planarConv computes out[n, g·m+i, y, x] = Σ a[g, i, (c, kh, kw)]·in[n, g·c+c, y·sy+kh·dy,
// x+kw·dx].
type planarConv struct {
	t          *tiler
	in, out    *planes
	a          []float32 // [group][row][value]
	groups, m  int
	inner      int // input channels of one group
	kh, kw     int
	sy, dy, dx int
	// The rows of in from top up to bottom hold data, the others zeros.
	top, bottom int
	biased      bool
	after
}

func (p *planarConv) run(n int) {
	size := p.inner * p.kh * p.kw
	taps := p.taps()
	h, w := p.out.height, p.out.width
	work := h * w * size * p.m
	engine.Parallel(n*p.groups, max(1, 1<<18/max(work, 1)), func(lo, hi int) {
		t := &tileArgs{
			k: p.kw, rowA: 4 * size, colA: 4, ldb: 4 * p.dx, ldc: 4 * p.out.plane,
		}
		p.set(t)
		if p.biased {
			t.flags |= flagAdd
		}
		for i := lo; i < hi; i++ {
			s, g := i/p.groups, i%p.groups
			from := p.in.off + s*p.in.sample + g*p.inner*p.in.plane
			to := p.out.off + s*p.out.sample + g*p.m*p.out.plane
			t.a = unsafe.Pointer(&p.a[g*p.m*size])
			for y := range h {
				t.offsets, t.taps = &taps[y][0], len(taps[y])
				for x := 0; x < w; x += strip {
					t.b = unsafe.Pointer(&p.in.d[from+y*p.sy*p.in.row+x])
					t.c = unsafe.Pointer(&p.out.d[to+y*p.out.row+x])
					p.t.rowsRun(t, p.m, min(strip, w-x))
				}
			}
		}
	})
}

// taps returns the offsets of the kernel's rows in a and in for each row of the result, without those that
// meet the frame alone; one is left where all do. Rows that meet the same share them.
func (p *planarConv) taps() [][][2]int {
	all := make([][][2]int, p.out.height)
	from, to := 0, 0
	for y := range all {
		lo, hi := p.kh, 0
		for kh := range p.kh {
			if at := y*p.sy + kh*p.dy; p.top <= at && at < p.bottom {
				lo, hi = min(lo, kh), kh+1
			}
		}
		if lo >= hi {
			lo, hi = 0, 1
		}
		if y > 0 && lo == from && hi == to {
			all[y] = all[y-1]
			continue
		}
		from, to = lo, hi
		all[y] = make([][2]int, 0, p.inner*(hi-lo))
		for c := range p.inner {
			for kh := lo; kh < hi; kh++ {
				all[y] = append(all[y], [2]int{
					4 * (c*p.kh + kh) * p.kw, 4 * (c*p.in.plane + kh*p.dy*p.in.row),
				})
			}
		}
	}
	return all
}

// planarForward is the forward pass in planar form.
func planarForward(q *geometry, dst, x, bias *engine.Array, f *filters, a after) {
	x4, y4 := array4(x), array4(dst)
	h := (q.out[1]-1)*q.stride[1] + q.dil[1]*(q.k[1]-1) + 1
	in := framedPlanes(&x4, h, q.out[2]+q.dil[2]*(q.k[2]-1), q.pad[1], q.pad[2])
	defer in.release()
	out := inPlanes(&y4)
	direct := out != nil
	if !direct {
		out = newPlanes(q.n, q.g*q.co, q.out[1], q.out[2])
		defer out.release()
	}
	w, release := f.form(asRows, q.g*q.co*q.ci*q.kernelSize, func(d []float32) {
		copy(d, packWeights(q, whole[float32](f.w)))
	})
	defer release()
	c := &planarConv{
		t: tiling, in: in, out: out, a: w, groups: q.g, m: q.co,
		inner: q.ci, kh: q.k[1], kw: q.k[2], sy: q.stride[1], dy: q.dil[1], dx: q.dil[2], after: a,
		top: q.pad[1], bottom: q.pad[1] + q.in[1],
	}
	if bias.Buf != nil {
		c.biased = true
		to := y4
		if !direct {
			to = out.array()
		}
		must(Copy(to, alongChannels(*bias, 4)))
	}
	c.run(q.n)
	if !direct {
		must(Copy(y4, out.array()))
	}
}

// planarInput is the input's gradient in planar form, for stride 1: a convolution of dy with the
// kernel turned around.
func planarInput(q *geometry, dx, dy, w *engine.Array) {
	x4, y4 := array4(dx), array4(dy)
	spanH, spanW := q.dil[1]*(q.k[1]-1), q.dil[2]*(q.k[2]-1)
	in := framedPlanes(&y4, q.in[1]+spanH, q.in[2]+spanW, spanH-q.pad[1], spanW-q.pad[2])
	defer in.release()
	out := inPlanes(&x4)
	direct := out != nil
	if !direct {
		out = newPlanes(q.n, q.g*q.ci, q.in[1], q.in[2])
		defer out.release()
	}
	c := &planarConv{
		t: tiling, in: in, out: out, a: turned(q, whole[float32](w)), after: reluAfter(false), groups: q.g, m: q.ci, inner: q.co,
		kh: q.k[1], kw: q.k[2], sy: 1, dy: q.dil[1], dx: q.dil[2],
		top: spanH - q.pad[1], bottom: spanH - q.pad[1] + q.out[1],
	}
	c.run(q.n)
	if !direct {
		must(Copy(x4, out.array()))
	}
}

// turned returns the weights w turned around, as [group][ci][co][kernel].
func turned(q *geometry, w []float32) []float32 {
	a := make([]float32, 0, q.g*q.ci*q.co*q.k[1]*q.k[2])
	for g := range q.g {
		for c := range q.ci {
			for o := range q.co {
				for kh := q.k[1] - 1; kh >= 0; kh-- {
					for kw := q.k[2] - 1; kw >= 0; kw-- {
						a = append(a, w[q.weightAt(g*q.co+o, c, [3]int{0, kh, kw})])
					}
				}
			}
		}
	}
	return a
}
