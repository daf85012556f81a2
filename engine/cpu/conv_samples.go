package cpu

import (
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
)

// Convolution with the samples of a batch as columns of the tile and channels as its rows. Blocks of samples are
// transposed, so that each pixel of a channel is a row of samples, and results back: small images fill the vectors
// that their rows leave half empty, and taps outside the image cost nothing.

// sampleConv computes y[n, i, r, c] = bias[i] + Σ a[i, tap]·x[n, channel, r·stride+kh−pad, …].
type sampleConv struct {
	x, y           sampled
	a, bias        []float32 // rows of (channel, kh, kw), or of (kh, kw, channel) where x has its channels last
	k, stride, pad [2]int
	after
}

// sampled is an array [n channels h w] of which each sample lies in pieces without gaps: planes, or rows of pixels
// that hold all channels. Its transposed blocks have the elements of a sample in the same order.
type sampled struct {
	engine.Array
	last           bool
	pieces, size   int
	piece          int // distance of pieces
	pixel, channel int // distances in a block, in rows of samples
}

// bySample returns x as sampled, if its elements lie so.
func bySample(x engine.Array) (s sampled, ok bool) {
	c, h, w, st := x.Shape[1], x.Shape[2], x.Shape[3], x.Strides
	switch {
	case st[0] < 0 || st[1] < 0 || st[2] < 0:
		return s, false
	case (w == 1 || st[3] == 1) && (h == 1 || st[2] == w):
		return sampled{x, false, c, h * w, st[1], 1, h * w}, true
	case st[1] == 1 && (w == 1 || st[3] == c) && (h == 1 || st[2] == w*c):
		return sampled{x, true, h, w * c, w * c, c, 1}, true
	}
	return s, false
}

// newSampleConv returns the convolution of x to y if it takes less time than width columns of the tile for a row of
// pixels; both are estimated in vector operations for a sample.
func newSampleConv(x, y *engine.Array, k, stride, pad [2]int, a after) *sampleConv {
	p := &sampleConv{k: k, stride: stride, pad: pad, after: a}
	var ok [2]bool
	p.x, ok[0] = bySample(array4(x))
	p.y, ok[1] = bySample(array4(y))
	if !ok[0] || !ok[1] || p.y.Shape[0] < 16 {
		return nil
	}
	n, m, inner := p.y.Shape[0], p.y.Shape[1], p.x.Shape[1]
	met := [2]int{} // rows and columns of taps that lie within x
	for i := range met {
		if pad[i] < 0 || pad[i] >= k[i] || (p.y.Shape[2+i]-1)*stride[i]-pad[i] >= p.x.Shape[2+i] {
			return nil
		}
		for at := range p.y.Shape[2+i] {
			lo, hi := p.within(i, at)
			met[i] += hi - lo
		}
	}
	planar := m * inner * met[0] * k[1] * ((p.y.Shape[3] + 15) / 16)
	moved := 10 * (p.y.pieces*p.y.size + p.x.pieces*p.x.size) / 16
	if 10*planar <= 11*(m*inner*met[0]*met[1]*((n+15)/16)/n+moved) {
		return nil
	}
	return p
}

// within returns the taps of axis i that lie within x for row or column at of y.
func (p *sampleConv) within(i, at int) (lo, hi int) {
	first := at*p.stride[i] - p.pad[i]
	return max(0, -first), min(p.k[i], p.x.Shape[2+i]-first)
}

func (p *sampleConv) run() {
	n, m, h, w := p.y.Shape[0], p.y.Shape[1], p.y.Shape[2], p.y.Shape[3]
	in, buf := p.x.blocks()
	defer buf.Release()
	blocks := (n + strip - 1) / strip
	bands := min(h, max(1, 4*engine.Threads()/blocks))
	rows := (h + bands - 1) / bands
	bands = (h + rows - 1) / rows
	taps := p.taps()
	engine.Parallel(blocks*bands, max(1, 1<<18/max(len(p.a)*rows*w*strip, 1)), func(lo, hi int) {
		out := p.y
		if !out.last {
			out.channel = rows*w + 1
		}
		parts, buf := cut[float32]([]int{(m*rows*w + m) * strip})
		defer buf.Release()
		t := &tileArgs{rowA: 4 * len(p.a) / m, colA: 4, ldb: stripBytes, ldc: stripBytes * out.channel}
		p.set(t)
		if p.bias != nil {
			t.flags |= flagAdd
		}
		for i := lo; i < hi; i++ {
			b, y0 := i/bands, i%bands*rows
			block := in[b*p.x.pieces*p.x.size*strip:]
			pixels := (min(y0+rows, h) - y0) * w
			for j := range pixels {
				for c, v := range p.bias {
					repeat(parts[0][(j*out.pixel+c*out.channel)*strip:][:strip], v)
				}
				t.c = unsafe.Pointer(&parts[0][j*out.pixel*strip])
				p.pixel(t, taps, block, y0+j/w, j%w)
				tiling.rowsRun(t, m, min(strip, n-b*strip))
			}
			out.store(parts[0], b*strip, y0*w, pixels)
		}
	})
}

// repeat sets all of d to v.
func repeat(d []float32, v float32) {
	for i := range d {
		d[i] = v
	}
}

// pixel points t at the taps of pixel (y, x) of the result.
func (p *sampleConv) pixel(t *tileArgs, taps [][][2]int, block []float32, y, x int) {
	top, bottom := p.within(0, y)
	left, right := p.within(1, x)
	at, from := top*p.k[1]+left, (y*p.stride[0]-p.pad[0]+top)*p.x.Shape[3]+x*p.stride[1]-p.pad[1]+left
	list := taps[(bottom-top-1)*p.k[1]+right-left-1]
	t.offsets, t.taps, t.k = &list[0], len(list), right-left
	if p.x.last {
		at, t.k = at*p.x.Shape[1], p.x.Shape[1]
	}
	t.a, t.b = unsafe.Pointer(&p.a[at]), unsafe.Pointer(&block[from*p.x.pixel*strip])
}

// taps returns the offsets in a and a block of x for each number of rows and columns of taps. A tap of the tile is a
// row of the kernel in a plane, or a position of it with all channels.
func (p *sampleConv) taps() [][][2]int {
	all := make([][][2]int, 0, p.k[0]*p.k[1])
	width, inner := p.x.Shape[3], p.x.Shape[1]
	for rows := 1; rows <= p.k[0]; rows++ {
		for columns := 1; columns <= p.k[1]; columns++ {
			var list [][2]int
			switch {
			case p.x.last:
				for i := range rows * columns {
					kh, kw := i/columns, i%columns
					list = append(list, [2]int{4 * (kh*p.k[1] + kw) * inner, stripBytes * (kh*width + kw) * inner})
				}
			case columns > 1:
				list = all[len(all)-1]
			default:
				for i := range inner * rows {
					c, kh := i/rows, i%rows
					list = append(list, [2]int{
						4 * (c*p.k[0] + kh) * p.k[1], stripBytes * (c*p.x.channel + kh*width),
					})
				}
			}
			all = append(all, list)
		}
	}
	return all
}

// blocks returns s as [block of samples][element][sample].
func (s *sampled) blocks() ([]float32, *engine.Buffer) {
	n := s.Shape[0]
	count := (n + strip - 1) / strip * s.pieces
	buf := engine.NewBuffer(4 * count * s.size * strip)
	in, from := floats(buf), whole[float32](&s.Array)
	engine.Parallel(count, max(1, grain/(s.size*strip)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			first := i / s.pieces * strip
			d, samples := in[i*s.size*strip:][:s.size*strip], min(strip, n-first)
			if samples < strip {
				clear(d)
			}
			at := s.Offset + first*s.Strides[0] + i%s.pieces*s.piece
			transpose(d, from, 0, at, s.size, samples, strip, s.Strides[0])
		}
	})
	return in, buf
}

// store writes a band of pixels from a block to the samples from first on.
func (s *sampled) store(block []float32, first, from, pixels int) {
	count, d, at := min(strip, s.Shape[0]-first), whole[float32](&s.Array), s.Offset+first*s.Strides[0]
	if s.last {
		m := s.Shape[1]
		transpose(d, block, at+from*m, 0, count, pixels*m, s.Strides[0], strip)
		return
	}
	for c := range s.Shape[1] {
		transpose(d, block, at+c*s.piece+from, c*s.channel*strip, count, pixels, s.Strides[0], strip)
	}
}

// samplesForward is the forward pass by samples, where that pays.
func samplesForward(q *geometry, dst, x, bias *engine.Array, f *filters, a after) bool {
	if q.g != 1 || q.dil != [3]int{1, 1, 1} {
		return false
	}
	p := newSampleConv(x, dst, [2]int(q.k[1:]), [2]int(q.stride[1:]), [2]int(q.pad[1:]), a)
	if p == nil || p.x.last {
		return false
	}
	w, release := f.form(asRows, q.co*q.ci*q.kernelSize, func(d []float32) {
		copy(d, packWeights(q, whole[float32](f.w)))
	})
	defer release()
	p.a = w[:q.co*q.ci*q.kernelSize]
	if bias.Buf != nil {
		c := packedCopy(*bias)
		p.bias = flatSlice[float32](&c)
	}
	p.run()
	return true
}

// samplesInput is the input's gradient by samples, where that pays: a convolution of dy with the kernel turned
// around.
func samplesInput(q *geometry, dx, dy, w *engine.Array) bool {
	if q.g != 1 || q.dil != [3]int{1, 1, 1} || q.stride != q.dil {
		return false
	}
	pad := [2]int{q.k[1] - 1 - q.pad[1], q.k[2] - 1 - q.pad[2]}
	p := newSampleConv(dy, dx, [2]int(q.k[1:]), [2]int{1, 1}, pad, reluAfter(false))
	if p == nil {
		return false
	}
	p.a = turned(q, whole[float32](w))
	if p.x.last {
		size := q.k[1] * q.k[2]
		a := make([]float32, len(p.a))
		for c := range q.ci {
			row := c * q.co * size
			transposeGo(a, p.a, row, row, size, q.co, q.co, size)
		}
		p.a = a
	}
	p.run()
	return true
}
