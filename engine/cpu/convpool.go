package cpu

import (
	"fmt"
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
)

// A convolution of few channels, its bias, ReLU and the maxima of 2×2 windows as one kernel, and all gradients of it
// as another. Images lie in blocks of 32 samples, the samples last: [blocks height width channels 32]. So each vector
// holds a pixel of a channel of 16 samples: vectors are full however small the images are, taps beyond the border
// cost nothing, a window is four vectors, and the sums of the convolution never go to memory.

// Lanes is the number of samples of a block of ConvPool.
const Lanes = 32

// ConvPool describes the convolution: stride 1, Padding zeros before and behind each spatial axis. Planar says in
// which order products are added: channels, rows, columns of the kernel instead of rows, columns, channels.
type ConvPool struct {
	Padding [2]int
	Planar  bool
}

// noGradient is the code of a maximum that ReLU made 0; others are the place 2·row + column in the window.
const noGradient = 4

// ConvPoolPays reports whether ConvPool takes less time than single operators for x [n ci h w] and w [co ci kh kw],
// and the order in which Conv adds, which ConvPool then takes to compute the same bits. last says that x would have its
// channels last.
func ConvPoolPays(x, w engine.Shape, padding []int, last bool) (c ConvPool, ok bool) {
	const few = 16
	if lanes == nil || len(x) != 4 || len(w) != 4 || x[0]%Lanes != 0 || x[0] == 0 || w[1] >= few || w[0] > 2*few ||
		w[2]*w[3] < 2 || len(padding) != 0 && len(padding) != 2 {
		return c, false
	}
	if len(padding) == 2 {
		c.Padding = [2]int(padding)
	}
	s := ConvSpec{Padding: c.Padding[:]}
	out, err := s.Out(x, w)
	if err != nil || out[2] < 2 || out[3] < 2 || c.Padding[0] >= w[2] || c.Padding[1] >= w[3] {
		return c, false
	}
	at := func(s engine.Shape, last bool) engine.Array {
		a := engine.Array{DType: engine.F32, Shape: s, Strides: s.Strides()}
		if last {
			a.Strides = ChannelsLastStrides(s)
		}
		return a
	}
	in, filter := at(x, last && x[1] > 1), at(w, false)
	dst := at(out, ConvChannelsLast(in, filter, out, s))
	q := newGeometry(&in, &filter, &dst, &s)
	c.Planar = planarPays(q, q.out[2], q.co, q.ci, &dst, &in)
	return c, c.Planar || q.mergePays()
}

// laneRoutines are the routines of ConvPool at a level. Distances are in bytes.
type laneRoutines struct {
	// pool adds bias to four pixels [4][channels][32], takes the maxima and ReLU of them.
	pool func(y *float32, code *uint8, c, bias *float32, channels int)
	// spread writes the gradient of a window of channels to the four pixels at dz and adds it, lane by lane, to
	// sums [channels][16]; it goes through a row of windows, which lie dyStep and codeStep apart.
	spread func(dz, dy *float32, code *uint8, sums *float32, channels, windows, row, pixel, dyStep, codeStep int)
	// correlate adds products by channels − 1 and shifts − 1: see laneCorrelation.
	correlate *[4][5]laneCorrelation
}

// laneCorrelation adds to out[i][j] the products of channel i of dy and of x shifted by j pixels, over rows and columns
// of pixels and all samples of a block. Channels of dy are 32 samples apart.
type laneCorrelation = func(out, x, dy *float32, rows, columns, ldx, ldy, pixelX, pixelY, ldout int)

// lanes are the routines of the current level; nil: portable Go.
var lanes *laneRoutines

// convPool is a call with its extents.
type convPool struct {
	ConvPool
	blocks, h, w, ci, co, kh, kw int
	oh, ow, ph, pw               int // of the convolution and of the maxima
}

func (c ConvPool) of(x, w engine.Shape) *convPool {
	p := &convPool{
		ConvPool: c, blocks: x[0], h: x[1], w: x[2], ci: x[3], co: w[0], kh: w[2], kw: w[3],
	}
	p.oh, p.ow = p.h+2*c.Padding[0]-p.kh+1, p.w+2*c.Padding[1]-p.kw+1
	p.ph, p.pw = p.oh/2, p.ow/2
	return p
}

// Out returns the shape of the maxima for x [blocks h w ci 32] and w [co ci kh kw].
func (c ConvPool) Out(x, w engine.Shape) (engine.Shape, error) {
	if len(x) != 5 || len(w) != 4 || x[4] != Lanes || x[3] != w[1] {
		return nil, fmt.Errorf("ConvPool: input %v and weight %v; want [blocks h w ci %d] and [co ci kh kw]", x, w, Lanes)
	}
	p := c.of(x, w)
	if p.ph < 1 || p.pw < 1 || c.Padding[0] < 0 || c.Padding[1] < 0 || c.Padding[0] >= p.kh || c.Padding[1] >= p.kw {
		return nil, fmt.Errorf("ConvPool: weight %v with padding %v leaves no window of input %v", w, c.Padding, x)
	}
	return engine.Shape{p.blocks, p.ph, p.pw, p.co, Lanes}, nil
}

// within returns the taps lo … hi of a kernel of k that lie within n elements from at on.
func within(at, k, n int) (lo, hi int) { return max(0, -at), min(k, n-at) }

// Forward computes y = max over 2×2 windows of max(conv(x, w) + bias, 0), and in code (uint8) where each maximum lies.
// The first of equals wins and NaN counts as largest, as in MaxPool. All arrays are contiguous.
func (c ConvPool) Forward(y, code, x, w, bias engine.Array) {
	p := c.of(x.Shape, w.Shape)
	ys, codes, xs := flatSlice[float32](&y), flatSlice[uint8](&code), flatSlice[float32](&x)
	ws, bs := flatSlice[float32](&w), flatSlice[float32](&bias)
	if lanes == nil || tiling == nil {
		p.forwardGo(ys, codes, xs, ws, bs)
		return
	}
	if !p.Planar {
		ws = p.turn(ws, false)
	}
	work := 4 * p.pw * p.co * p.ci * p.kh * p.kw * Lanes
	conv := laneConv{a: ws, m: p.co, inner: p.ci, kh: p.kh, kw: p.kw, h: p.h, w: p.w, pad: p.Padding, planar: p.Planar}
	conv.start()
	engine.Parallel(p.blocks*p.ph, max(1, leastWork/work), func(lo, hi int) {
		parts, buf := cut[float32]([]int{4 * p.co * Lanes})
		defer buf.Release()
		f := conv // with a tileArgs of its own
		for i := lo; i < hi; i++ {
			b, row := i/p.ph, i%p.ph
			image := xs[b*p.h*p.w*p.ci*Lanes:]
			for col := range p.pw {
				for k := range 4 {
					f.pixel(parts[0][k*p.co*Lanes:], image, 2*row+k/2, 2*col+k%2)
				}
				at := (i*p.pw + col) * p.co * Lanes
				lanes.pool(&ys[at], &codes[at], &parts[0][0], &bs[0], p.co)
			}
		}
	})
}

// turn returns the weights in the order that laneConv reads: with back rows are input channels and the kernel is
// turned around, otherwise rows are output channels.
func (p *convPool) turn(w []float32, back bool) []float32 {
	size := p.kh * p.kw
	d := make([]float32, len(w))
	for o := range p.co {
		for c := range p.ci {
			for k := range size {
				v := w[(o*p.ci+c)*size+k]
				if back {
					d[(c*size+size-1-k)*p.co+o] = v
				} else {
					d[(o*size+k)*p.ci+c] = v
				}
			}
		}
	}
	return d
}

// laneConv computes pixels of a convolution of one block for m output channels: the kernel's rows are taps of the tile
// and run over columns and channels, or, planar, rows of each channel are, and run over columns.
type laneConv struct {
	a            []float32 // [m][kh][kw][inner]; planar: [m][inner][kh][kw]
	m, inner     int
	kh, kw, h, w int
	pad          [2]int
	planar       bool
	t            tileArgs
	taps         [][][2]int // by rows of the kernel − 1
}

func (f *laneConv) start() {
	f.t = tileArgs{rowA: 4 * f.inner * f.kh * f.kw, colA: 4, ldb: stripBytes, ldc: stripBytes}
	f.taps = make([][][2]int, f.kh)
	for rows := range f.kh {
		channels := 1
		if f.planar {
			channels, f.t.ldb = f.inner, stripBytes*f.inner
		}
		f.taps[rows] = make([][2]int, 0, channels*(rows+1))
		for c := range channels {
			for kh := range rows + 1 {
				a := kh * f.kw * f.inner
				if f.planar {
					a = (c*f.kh + kh) * f.kw
				}
				f.taps[rows] = append(f.taps[rows], [2]int{4 * a, stripBytes * (kh*f.w*f.inner + c)})
			}
		}
	}
}

// pixel computes d [m][32] of the pixel at a row and column.
func (f *laneConv) pixel(d, x []float32, row, col int) {
	y, z := row-f.pad[0], col-f.pad[1]
	top, bottom := within(y, f.kh, f.h)
	left, right := within(z, f.kw, f.w)
	t := &f.t
	list := f.taps[bottom-top-1]
	t.offsets, t.taps, t.k = &list[0], len(list), right-left
	at := top*f.kw + left
	if !f.planar {
		at, t.k = at*f.inner, t.k*f.inner
	}
	t.a = unsafe.Pointer(&f.a[at])
	t.b = unsafe.Pointer(&x[((y+top)*f.w+z+left)*f.inner*Lanes])
	t.c = unsafe.Pointer(&d[0])
	tiling.rowsRun(t, f.m, Lanes)
}

// LanesLast copies images x [n c h w] without gaps to blocks of samples y [n/32 h w c 32], or, with back, y to x.
func LanesLast(y, x engine.Array, back bool) {
	n, c, size := x.Shape[0], x.Shape[1], x.Shape[2]*x.Shape[3]
	ys, xs := flatSlice[float32](&y), flatSlice[float32](&x)
	engine.Parallel(n/Lanes*c, max(1, grain/(2*size*Lanes)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			b, k := i/c, i%c
			at, from := (b*size*c+k)*Lanes, (b*Lanes*c+k)*size
			if back {
				transpose(xs, ys, from, at, Lanes, size, c*size, c*Lanes)
			} else {
				transpose(ys, xs, at, from, size, Lanes, c*Lanes, c*size)
			}
		}
	})
}
