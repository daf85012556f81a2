package cpu

import (
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
)

// tiledForward computes out = conv(in) for few input channels, in a frame of zeros: the taps of one
// kernel row are contiguous and act as one. Rows of a tile are pixels of one output row, columns are
// output channels.
type tiledForward struct {
	q       *geometry
	t       *tiler
	in, out *image
	bias    []float32
	after
	delta   int       // to the residual, bytes; with residual
	packed  []float32 // [group][strip][tap][k][32]
	offsets [][2]int  // of the taps in input and weights, bytes
	k       int       // values of one tap
	strips  int       // of one group
}

// prepare lists the taps and packs the weights.
func (f *tiledForward) prepare(w *filters) (release func()) {
	q := f.q
	merged := q.merged(f.in)
	f.k = q.ci
	if merged {
		f.k *= q.k[2]
	}
	for kh := range q.k[1] {
		for kw := range q.k[2] {
			if merged && kw > 0 {
				break
			}
			at := kh*q.dil[1]*f.in.row + kw*q.dil[2]*f.in.pix
			f.offsets = append(f.offsets, [2]int{4 * at, 4 * len(f.offsets) * f.k * strip})
		}
	}
	f.strips = (q.co + strip - 1) / strip
	kk := q.ci * q.k[1] * q.k[2]
	f.packed, release = w.form(asMerged, q.g*f.strips*kk*strip, func(d []float32) {
		src := whole[float32](w.w)
		for g := range q.g {
			for s := range f.strips {
				f.packStrip(d[:kk*strip], src, g*q.co+s*strip, min(strip, q.co-s*strip))
				d = d[kk*strip:]
			}
		}
	})
	return release
}

// packStrip packs n output channels from o on in the order kernel row, kernel column, input
// channel.
func (f *tiledForward) packStrip(d, w []float32, o, n int) {
	q := f.q
	for kh := range q.k[1] {
		for kw := range q.k[2] {
			for c := range q.ci {
				p := q.weightAt(o, c, [3]int{0, kh, kw})
				for j := range n {
					d[j] = w[p]
					p += q.ws[0]
				}
				clear(d[n:strip])
				d = d[strip:]
			}
		}
	}
}

// run visits tasks of some output rows of one sample.
func (f *tiledForward) run() {
	q := f.q
	width, height := q.out[2], q.out[1]
	rowIn, rowOut := q.stride[1]*f.in.row, f.out.row
	if step := q.stride[2] * f.in.pix; rowIn == width*step && rowOut == width*f.out.pix {
		width, height = width*height, 1 // rows follow each other, as in a 1×1 convolution
	}
	perTask := max(1, 56/width)
	chunks := (height + perTask - 1) / perTask
	work := perTask * width * q.kernelSize * q.ci * f.strips * strip * q.g
	engine.Parallel(q.n*chunks, max(1, 1<<18/work), func(lo, hi int) {
		a := &tileArgs{
			taps: len(f.offsets), offsets: &f.offsets[0], k: f.k, ldb: 4 * strip,
		}
		a.rowA, a.colA, a.ldc = 4*q.stride[2]*f.in.pix, 4, 4*f.out.pix
		f.set(a)
		a.flags |= coldFlag(4 * q.n * f.out.plane)
		if f.residual.Buf != nil {
			a.flags, a.delta = a.flags|flagAdd, f.delta
		}
		for t := lo; t < hi; t++ {
			y0 := t % chunks * perTask
			f.rows(a, t/chunks, y0, min(y0+perTask, height), width)
		}
	})
}

// rows computes output rows y0 … y1 of sample n.
func (f *tiledForward) rows(a *tileArgs, n, y0, y1, width int) {
	q := f.q
	size := q.ci * q.k[1] * q.k[2] * strip
	for s := range q.g * f.strips {
		g, c := s/f.strips, s%f.strips*strip
		o := g*q.co + c
		a.b = unsafe.Pointer(&f.packed[s*size])
		if f.bias != nil {
			a.bias = unsafe.Pointer(&f.bias[o])
		}
		for y := y0; y < y1; y++ {
			a.a = unsafe.Pointer(&f.in.d[f.in.at(n, y*q.stride[1], 0)+g*q.ci])
			a.c = unsafe.Pointer(&f.out.d[f.out.at(n, y, 0)+o])
			f.t.rowsRun(a, width, min(strip, q.co-c))
		}
	}
}

// mergedForward is the forward pass.
func mergedForward(q *geometry, dst, x, bias *engine.Array, w *filters, a after) {
	in := q.input(x)
	defer in.release()
	out, direct := q.output(dst)
	defer out.release()
	f := &tiledForward{q: q, t: tiling, in: in, out: out, after: a}
	if a.residual.Buf != nil {
		f.delta, _ = a.delta(dst)
	}
	if bias.Buf != nil {
		f.bias = flatSlice[float32](ptr(lasting(*bias)))
	}
	defer f.prepare(w)()
	f.run()
	if !direct {
		d4 := array4(dst)
		must(Copy(d4, out.array(q.n, q.g*q.co, q.out[1], q.out[2])))
	}
}
