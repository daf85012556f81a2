package cpu

import (
	"fmt"
	"slices"
	"sync"

	"github.com/lathe-ml/lathe/engine"
)

// fold describes a reduction of elements T in an accumulator A to a result D.
type fold[T, A, D any] struct {
	init  A
	row   func(acc A, x []T) A             // folds a contiguous run
	col   func(acc []A, x []T)             // folds one element into each accumulator
	join  func(a, b A) A                   // joins two accumulators
	last  func(acc A, n int) D             // the result, from the accumulator of n elements
	cols  func(acc []A, x []T, stride int) // optional: folds eightRows rows that lie stride ≥ 0 apart
	joins func(acc, x []A)                 // optional: join for each accumulator
	rows  *func(d []D, x []T, n int)       // optional: the results of contiguous rows of n elements
}

// layout splits the axes of x into kept and reduced ones, for a dst whose shape is x's without the
// reduced axes or with extent 1 there.
type layout struct {
	kept    walk // operands: dst, x
	reduced walk // operand: x, relative to the kept position
	room    [6][8]int
}

func (l *layout) init(name string, dst, x *engine.Array, axes []int) {
	rank := len(x.Shape)
	keepdims := len(dst.Shape) == rank
	kd := engine.Array{Shape: l.room[0][:0], Strides: l.room[1][:0], Offset: dst.Offset}
	kx := engine.Array{Shape: l.room[2][:0], Strides: l.room[3][:0], Offset: x.Offset}
	rx := engine.Array{Shape: l.room[4][:0], Strides: l.room[5][:0]}
	j := 0
	for i, d := range x.Shape {
		if axes == nil || slices.Contains(axes, i) {
			rx.Shape, rx.Strides = append(rx.Shape, d), append(rx.Strides, x.Strides[i])
			if keepdims && dst.Shape[i] != 1 {
				panicReduce(name, dst, x, axes)
			}
			continue
		}
		k := j
		if keepdims {
			k = i
		}
		if k >= len(dst.Shape) || dst.Shape[k] != d {
			panicReduce(name, dst, x, axes)
		}
		kd.Shape, kd.Strides = append(kd.Shape, d), append(kd.Strides, dst.Strides[k])
		kx.Shape, kx.Strides = append(kx.Shape, d), append(kx.Strides, x.Strides[i])
		j++
	}
	if !keepdims && j != len(dst.Shape) {
		panicReduce(name, dst, x, axes)
	}
	l.kept.init(&kd, &kx)
	l.reduced.init(&rx)
}

func panicReduce(name string, dst, x *engine.Array, axes []int) {
	panic(fmt.Sprintf("cpu.%s: %v reduced over axes %v does not give shape %v",
		name, *x, axes, dst.Shape))
}

// layouts keeps layouts, which are large, for the next reductions.
var layouts = sync.Pool{New: func() any { return new(layout) }}

// pieceSize is the number of elements that one task reduces when few results have many elements.
// It does not depend on the number of threads, and so neither does the order of summation.
const pieceSize = 1 << 16

// width is the number of neighbouring results that one task computes in column order.
const width = 512

// reduce runs f over the arrays.
func reduce[T, A, D any](name string, f *fold[T, A, D], dst, x *engine.Array, axes []int) {
	l := layouts.Get().(*layout)
	defer layouts.Put(l)
	*l = layout{}
	l.init(name, dst, x, axes)
	nk, nr := l.kept.n, l.reduced.n
	if nk == 0 {
		return
	}
	da, xa := whole[D](dst), whole[T](x)
	if nr == 0 {
		buf := []D{f.last(f.init, 0)}
		for p := range nk {
			scatter(buf, da, &l.kept, 0, p)
		}
		return
	}
	in, rin := l.kept.inner(), l.reduced.inner()
	columns := in.s[1] == 1 && in.n >= 8 && (rin.s[0] != 1 || rin.n < in.n && rin.n < 32)
	if !columns && l.reduced.flat[0] && l.kept.flat[0] && len(l.kept.axes) == 1 &&
		(in.s[1] == nr || nk == 1) && nr <= pieceSize {
		d, xs := da[l.kept.off[0]:][:nk], xa[l.kept.off[1]:]
		engine.Parallel(nk, max(1, grain/nr), func(lo, hi int) {
			if f.rows != nil && *f.rows != nil {
				(*f.rows)(d[lo:hi], xs[lo*nr:hi*nr], nr)
				return
			}
			for i := lo; i < hi; i++ {
				d[i] = f.last(f.row(f.init, xs[i*nr:(i+1)*nr]), nr)
			}
		})
		return
	}
	w := 1
	if columns {
		w = min(width, in.n)
	}
	perRow := (in.n + w - 1) / w
	blocks := nk / in.n * perRow
	pieces := 1
	if blocks < 16 && nr*w > pieceSize {
		pieces = min((nr*w+pieceSize-1)/pieceSize, nr)
	}
	parts := make([]A, pieces*nk)
	engine.Parallel(blocks*pieces, max(1, grain*pieces/(nr*w)), func(lo, hi int) {
		s := scratches.Get().(*scratch)
		defer scratches.Put(s)
		for t := lo; t < hi; t++ {
			b, piece := t/pieces, t%pieces
			first := b/perRow*in.n + b%perRow*w
			c := min(w, in.n-b%perRow*w)
			acc := parts[piece*nk+first:][:c]
			r0, r1 := nr*piece/pieces, nr*(piece+1)/pieces
			base, _ := l.kept.start(1, first)
			if columns {
				foldColumns(f, acc, xa, base, &l.reduced, r0, r1)
			} else {
				acc[0] = foldRow(f, s, xa, base, &l.reduced, r0, r1)
			}
		}
	})
	finish(f, da, l, parts, pieces)
}

func finish[T, A, D any](f *fold[T, A, D], da []D, l *layout, parts []A, pieces int) {
	nk, direct := l.kept.n, l.kept.flat[0]
	var buf []D
	if direct {
		buf = da[l.kept.off[0]:][:nk]
	} else {
		buf = make([]D, min(nk, chunk))
	}
	for p := 0; p < nk; p += len(buf) {
		buf = buf[:min(len(buf), nk-p)]
		all := parts[p:][:len(buf)]
		for k := 1; k < pieces; k++ {
			more := parts[k*nk+p:][:len(buf)]
			if f.joins != nil {
				f.joins(all, more)
				continue
			}
			for i, v := range more {
				all[i] = f.join(all[i], v)
			}
		}
		for i, v := range all {
			buf[i] = f.last(v, l.reduced.n)
		}
		if !direct {
			scatter(buf, da, &l.kept, 0, p)
		}
	}
}

// foldColumns folds elements r0 … r1 of the reduced walk for len(acc) neighbouring results.
func foldColumns[T, A, D any](f *fold[T, A, D], acc []A, xa []T, base int, w *walk, r0, r1 int) {
	fillSlice(acc, f.init)
	s := w.inner().s[0]
	for r := r0; r < r1; {
		pos, left := w.start(0, r)
		pos += base
		left = min(left, r1-r)
		r += left
		for ; f.cols != nil && s >= 0 && left >= eightRows; left -= eightRows {
			f.cols(acc, xa[pos:], s)
			pos += eightRows * s
		}
		for range left {
			f.col(acc, xa[pos:pos+len(acc)])
			pos += s
		}
	}
}

// eightRows is the number of rows that fold.cols takes.
const eightRows = 8

// foldRow folds elements r0 … r1 of the reduced walk for one result.
func foldRow[T, A, D any](f *fold[T, A, D], s *scratch, xa []T, base int, w *walk, r0, r1 int) A {
	acc := f.init
	stride := w.inner().s[0]
	for r := r0; r < r1; {
		pos, left := w.start(0, r)
		c := min(left, r1-r)
		pos += base
		switch {
		case stride == 1 && c >= 8 || left == w.n && stride == 1:
			acc = f.row(acc, xa[pos:pos+c])
		default:
			buf := part[T](s, 1)
			c = min(r1-r, chunk)
			gatherFrom(buf[:c], xa, base, w, r)
			acc = f.row(acc, buf[:c])
		}
		r += c
	}
	return acc
}

// gatherFrom gathers elements of the reduced walk that starts at base.
func gatherFrom[T any](buf, all []T, base int, w *walk, p int) {
	s := w.inner().s[0]
	for len(buf) > 0 {
		pos, c := w.start(0, p)
		c = min(c, len(buf))
		pos += base
		for i := range buf[:c] {
			buf[i] = all[pos]
			pos += s
		}
		buf = buf[c:]
		p += c
	}
}
