package cpu

import (
	"math"
	"slices"
	"sync"
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
)

// Quantised convolutions whose channels have filters of their own, for instruction sets that multiply four bytes at
// once: taps come by fours, channels in blocks. Taps outside the input read a row of zero points, so that no frame
// is copied around it.

// depthBlock is the number of channels that are computed at once.
const depthBlock = 64

// depthArgs are some pixels of up to depthBlock channels. The assembly knows the offsets of the fields.
type depthArgs struct {
	x            unsafe.Pointer
	taps         *int // distances from x, by fours
	count        int  // of fours
	w            *int8
	bias         *int32
	pixels, step int
	dst          unsafe.Pointer
	ld, columns  int
	scale, shift *float32
	low, high    float32
	zero         int32
}

// depthPlace is the place of channel c of a block among bias, scale, shift and the fours of weights.
func depthPlace(c int) int { return c%16/4*16 + c/16*4 + c%4 }

// depthSumsGo stores sums in rows of strip, the last channels quantRows rows behind the first. Taps outside the
// input lead to memory of another block, which checks of pointers would refuse.
//
//go:nocheckptr
func depthSumsGo(a *depthArgs) {
	bias := unsafe.Slice(a.bias, depthBlock)
	w := unsafe.Slice(a.w, a.count*quantum*depthBlock)
	for i := range a.pixels {
		sums := unsafe.Slice((*int32)(unsafe.Add(a.dst, i*a.ld)), (quantRows+1)*strip)
		for c := range a.columns {
			place := depthPlace(c)
			sum := bias[place]
			for t, at := range unsafe.Slice(a.taps, a.count*quantum) {
				x := *(*uint8)(unsafe.Add(a.x, i*a.step+at+c))
				sum += int32(x) * int32(w[t/quantum*quantum*depthBlock+place*quantum+t%quantum])
			}
			sums[c/strip*quantRows*strip+c%strip] = sum
		}
	}
}

// depthBytesGo stores bound(sum·scale + shift), rounded half to even, plus zero.
//
//go:nocheckptr
func depthBytesGo(a *depthArgs) {
	var sums [(quantRows + 1) * strip]int32
	one := *a
	one.pixels, one.dst = 1, unsafe.Pointer(&sums)
	scale, shift := unsafe.Slice(a.scale, depthBlock), unsafe.Slice(a.shift, depthBlock)
	for i := range a.pixels {
		one.x = unsafe.Add(a.x, i*a.step)
		depthSumsGo(&one)
		d := unsafe.Slice((*uint8)(unsafe.Add(a.dst, i*a.ld)), a.columns)
		for c := range d {
			place := depthPlace(c)
			v := float32(float32(sums[c/strip*quantRows*strip+c%strip])*scale[place]) + shift[place]
			if !(v > a.low) {
				v = a.low
			}
			if !(v < a.high) {
				v = a.high
			}
			d[c] = uint8(int32(math.RoundToEven(float64(v))) + a.zero)
		}
	}
}

// fours returns the number of groups of taps.
func (q *QuantWeights) fours() int { return (q.kh*q.kw + quantum - 1) / quantum }

// packFours writes [block][four][channel in place][tap].
func (q *QuantWeights) packFours(src []int8) {
	kk, fours := q.kh*q.kw, q.fours()
	q.blocks = (q.g + depthBlock - 1) / depthBlock
	q.byFours = make([]int8, q.blocks*fours*quantum*depthBlock)
	for c := range q.g {
		for t := range kk {
			four := c/depthBlock*fours + t/quantum
			q.byFours[(four*depthBlock+depthPlace(c%depthBlock))*quantum+t%quantum] = src[c*kk+t]
		}
	}
}

// placed are numbers of channels in the order of blocks.
type placed struct {
	bias         []int32
	scale, shift []float32
}

// place makes l.placed, if channels have filters of their own.
func (l *QuantLayer) place() {
	if l.w.depthwise() {
		l.placed = placed{inPlaces(l.w, l.bias), inPlaces(l.w, l.scale), inPlaces(l.w, l.shift)}
	}
}

// inPlaces returns v in the order of blocks.
func inPlaces[T any](q *QuantWeights, v []T) []T {
	d := make([]T, q.blocks*depthBlock)
	for c := range q.g {
		d[c/depthBlock*depthBlock+depthPlace(c%depthBlock)] = v[c]
	}
	return d
}

// depthRun is a run of a layer whose channels have filters of their own.
type depthRun struct {
	*quantRun
	q    *geometry
	pad  unsafe.Pointer // a row of zero points
	sums bool           // other routines finish them
}

// depthwise computes the layer where there are routines for it; r has its images.
func (r *quantRun) depthwise(q *geometry) {
	d := &depthRun{quantRun: r, q: q}
	d.sums = r.size != 1 || r.residual.p != nil
	if q.pad != [3]int{} {
		buf := engine.NewBuffer(q.out[2]*r.step + q.g)
		defer buf.Release()
		d.pad = unsafe.Pointer(&buf.Bytes()[0])
		fillBytes(buf.Bytes(), byte(r.xZero))
	}
	row := q.out[2] * q.g * (depthCost + quantum*r.w.fours())
	engine.Parallel(q.n*q.out[1], max(1, quantWork/row), func(lo, hi int) {
		t := depthTasks.Get().(*depthTask)
		defer t.done()
		n := quantum * r.w.fours()
		t.depthRun, t.taps = d, slices.Grow(t.taps[:0], n)[:n]
		t.args = depthArgs{
			taps: &t.taps[0], count: r.w.fours(), step: r.step, ld: r.out.pix, low: r.args.low, high: r.args.high,
			zero: r.args.zero,
		}
		if d.sums {
			t.args.ld = stripBytes
		}
		for i := lo; i < hi; i++ {
			t.row(i/q.out[1], i%q.out[1])
		}
	})
}

// depthTask is what one thread needs.
type depthTask struct {
	*depthRun
	taps  []int
	args  depthArgs
	sums2 [2 * quantRows * strip]int32
}

// depthTasks are tasks to be used again.
var depthTasks = sync.Pool{New: func() any { return new(depthTask) }}

// done puts t back without what it refers to.
func (t *depthTask) done() {
	t.depthRun, t.args = nil, depthArgs{}
	depthTasks.Put(t)
}

// row computes a row of the result: pixels between the edges see the same taps.
func (t *depthTask) row(n, y int) {
	q := t.q
	last := (q.k[2] - 1) * q.dil[2]
	from := min((q.pad[2]+q.stride[2]-1)/q.stride[2], q.out[2])
	to := max(from, min((q.in[2]+q.pad[2]-last+q.stride[2]-1)/q.stride[2], q.out[2]))
	for x := range from {
		t.pixels(n, y, x, 1)
	}
	if from < to {
		t.pixels(n, y, from, to-from)
	}
	for x := to; x < q.out[2]; x++ {
		t.pixels(n, y, x, 1)
	}
}

// pixels computes m pixels from x on, which see the same columns of taps.
func (t *depthTask) pixels(n, y, x, m int) {
	q := t.q
	base := t.in.at(n, 0, 0)
	outside := int(uintptr(t.pad) - uintptr(base))
	for i := range t.taps {
		if i >= q.kernelSize {
			t.taps[i] = t.taps[0] // for weights of zero
			continue
		}
		t.taps[i] = outside
		r := y*q.stride[1] + i/q.k[2]*q.dil[1] - q.pad[1]
		c := x*q.stride[2] + i%q.k[2]*q.dil[2] - q.pad[2]
		if r >= 0 && r < q.in[1] && c >= 0 && c < q.in[2] {
			t.taps[i] = r*t.in.row + c*t.in.pix
		}
	}
	for b := range t.w.blocks {
		at := b * depthBlock
		a := &t.args
		a.x, a.columns = unsafe.Add(base, at), min(depthBlock, q.g-at)
		a.w = &t.w.byFours[at*t.w.fours()*quantum]
		a.bias, a.scale, a.shift = &t.placed.bias[at], &t.placed.scale[at], &t.placed.shift[at]
		if t.sums {
			t.finishing(n, y, x, m, at)
			continue
		}
		a.pixels, a.dst = m, unsafe.Add(t.out.at(n, y, x), at)
		quantTiling.depthBytes(a)
	}
}

// finishing computes pixels of the block at channel c, whose sums other routines finish.
func (t *depthTask) finishing(n, y, x, m, c int) {
	a := &t.args
	from := a.x
	for i := 0; i < m; i += quantRows {
		a.x, a.pixels, a.dst = unsafe.Add(from, i*a.step), min(quantRows, m-i), unsafe.Pointer(&t.sums2)
		quantTiling.depthSums(a)
		for h := 0; h < a.columns; h += strip {
			f := t.quantRun.args
			f.sums, f.rows, f.columns = &t.sums2[h*quantRows], a.pixels, min(strip, a.columns-h)
			f.scale, f.shift = &t.scale[c+h], &t.shift[c+h]
			f.dst = unsafe.Add(t.out.at(n, y, x+i), (c+h)*t.size)
			if t.residual.p != nil {
				f.residual = unsafe.Add(t.residual.at(n, y, x+i), c+h)
			}
			t.finish(&f)
		}
	}
}
