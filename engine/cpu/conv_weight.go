package cpu

import (
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
)

// weightSweep computes the weight's gradient from channels-last images: rows of a tile are output
// channels, columns input channels under one position of the kernel, the taps are rows of the result
// in all samples and k runs along them. Positions that a tap does not reach are left out, so the
// input needs no frame. Each element of the result is summed by one thread, in one order.
type weightSweep struct {
	q         *geometry
	in, dy    *image
	acc       []float32 // [group][kernel][co][ci]
	strips    int
	blocks    int // of output channels
	tall      int // channels of a block
	rows      [][][2]int
	first     [][2]int // by kernel row: the first row of dy and the row of in that it meets
	cols      []span
	chunk     int // rows of the result at once
	mostTaps  int
	positions int
}

// span is the range lo … hi of columns of the result that a kernel column reaches, and the column of
// the input that the first one meets.
type span struct{ lo, hi, from int }

// chunkBytes of both images stay in the second-level cache.
const chunkBytes = 1 << 20

func (b *weightSweep) prepare() {
	q := b.q
	for kh := range q.k[1] {
		d := kh*q.dil[1] - q.pad[1]
		lo, hi := validRange(d, q.stride[1], q.in[1], q.out[1])
		var list [][2]int
		for n := range q.n {
			for y := range hi - lo {
				list = append(list, [2]int{
					4 * (n*b.dy.plane + y*b.dy.row), 4 * (n*b.in.plane + y*q.stride[1]*b.in.row),
				})
			}
		}
		b.rows = append(b.rows, list)
		b.first = append(b.first, [2]int{lo, lo*q.stride[1] + d})
		b.mostTaps = max(b.mostTaps, len(list))
	}
	for kw := range q.k[2] {
		d := kw*q.dil[2] - q.pad[2]
		lo, hi := validRange(d, q.stride[2], q.in[2], q.out[2])
		b.cols = append(b.cols, span{lo, hi, lo*q.stride[2] + d})
	}
	b.positions = q.k[1] * q.k[2]
	b.strips = (q.ci + strip - 1) / strip
	row := 4 * (q.out[2]*q.co + q.stride[1]*q.in[2]*q.ci)
	b.chunk = max(1, chunkBytes/row)
	b.tall = q.co
	for b.units() < 16 && b.tall > 2*tiling.rows {
		b.tall = (b.tall + 1) / 2
	}
}

func (b *weightSweep) units() int {
	b.blocks = (b.q.co + b.tall - 1) / b.tall
	return b.q.g * b.positions * b.strips * b.blocks
}

// run lets each thread add the chunks of the images, one after the other, to its part of the result.
func (b *weightSweep) run() {
	q := b.q
	units := b.units()
	clear(b.acc)
	work := q.n * q.points * min(q.ci, strip) * b.tall
	engine.Parallel(units, max(1, leastWork/max(work, 1)), func(lo, hi int) {
		a := &tileArgs{flags: flagAdd, rowA: 4, colA: 4 * b.dy.pix}
		a.ldb, a.ldc = 4*q.stride[2]*b.in.pix, 4*q.ci
		for r := 0; r < b.mostTaps; r += b.chunk {
			for u := lo; u < hi; u++ {
				b.unit(a, u, r)
			}
		}
	})
}

// unit adds the chunk of rows from r on to one block of the result.
func (b *weightSweep) unit(a *tileArgs, u, r int) {
	q := b.q
	block, u := u%b.blocks, u/b.blocks
	c, u := u%b.strips*strip, u/b.strips
	t, g := u%b.positions, u/b.positions
	kh, kw := t/q.k[2], t%q.k[2]
	list, col := b.rows[kh], b.cols[kw]
	if r >= len(list) || col.lo >= col.hi {
		return
	}
	o := block * b.tall
	a.offsets, a.taps, a.k = &list[r], min(b.chunk, len(list)-r), col.hi-col.lo
	from := b.first[kh]
	a.a = unsafe.Pointer(&b.dy.d[b.dy.at(0, from[0], col.lo)+g*q.co+o])
	a.b = unsafe.Pointer(&b.in.d[b.in.at(0, from[1], col.from)+g*q.ci+c])
	a.c = unsafe.Pointer(&b.acc[((g*b.positions+t)*q.co+o)*q.ci+c])
	tiling.rowsRun(a, min(b.tall, q.co-o), min(strip, q.ci-c))
}

// sweepWeight computes the weight's gradient.
func sweepWeight(q *geometry, dw, x, dy *engine.Array) {
	in, up := forColumns(ptr(array4(x))), asChannelsLast(ptr(array4(dy)))
	defer in.release()
	defer up.release()
	size := q.g * q.co * q.ci * q.kernelSize
	buf := engine.NewBuffer(4 * size)
	defer buf.Release()
	b := &weightSweep{q: q, in: in, dy: up, acc: floats(buf)}
	b.prepare()
	b.run()
	if d, same := packed(*dw); same {
		turnBack(q, flatSlice[float32](&d), b.acc)
		return
	}
	st := []int{q.co * q.ci * q.kernelSize, q.ci, 1, q.k[2] * q.co * q.ci, q.co * q.ci}
	b.store(q, dw, buf, st)
}

// store copies the sums, whose strides along group, co, ci and kernel are st.
func (b *weightSweep) store(q *geometry, dw *engine.Array, sums *engine.Buffer, st []int) {
	shape := engine.Shape{q.g, q.co, q.ci, q.k[1], q.k[2]}
	d := array4(dw)
	d.Strides = append([]int{q.co * d.Strides[0]}, d.Strides...)
	d.Shape = shape
	must(Copy(d, engine.Array{DType: engine.F32, Shape: shape, Strides: st, Buf: sums}))
}

// mergedWeight is sweepWeight for few input channels: in a frame of zeros the values under one
// kernel row are contiguous and act as the channels of a narrower kernel.
func mergedWeight(q *geometry, dw, x, dy *engine.Array) {
	h, w := q.frame()
	in := q.input(x)
	if !q.merged(in) {
		in = framed(ptr(array4(x)), h, w, q.pad[1], q.pad[2])
	}
	defer in.release()
	up := asChannelsLast(ptr(array4(dy)))
	defer up.release()
	r := *q
	r.ci, r.k[2], r.pad = q.ci*q.k[2], 1, [3]int{}
	r.kernelSize = q.k[1]
	r.in[1], r.in[2] = h, w-q.k[2]+1
	buf := engine.NewBuffer(4 * r.co * r.ci * r.k[1])
	defer buf.Release()
	b := &weightSweep{q: &r, in: in, dy: up, acc: floats(buf)}
	b.prepare()
	b.run()
	b.store(q, dw, buf, []int{0, r.ci, 1, r.co * r.ci, q.ci})
}

// turnBack copies sums [group][kernel][co][ci] to d [group][co][ci][kernel].
func turnBack(q *geometry, d, sums []float32) {
	kk := q.kernelSize
	engine.Parallel(q.g*q.co, max(1, grain/(q.ci*kk)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			g, o := i/q.co, i%q.co
			transpose(d, sums, i*q.ci*kk, (g*kk*q.co+o)*q.ci, q.ci, kk, kk, q.co*q.ci)
		}
	})
}

// forColumns returns the image of x in place or a copy, readable as the columns of a tile.
func forColumns(x *engine.Array) *image {
	if tiling.masked || x.Shape[1]%16 == 0 {
		return asChannelsLast(x)
	}
	return framed(x, x.Shape[2], x.Shape[3], 0, 0)
}
