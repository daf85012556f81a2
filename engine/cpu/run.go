package cpu

import "github.com/lathe-ml/lathe/engine"

// The drivers of elementwise functions over arrays of any strides. Contiguous operands go to the
// function whole; otherwise the walk's rows do, or, when those are short, gathered blocks of them.

// run1 drives a unary function.
func run1[D, T any](f func(dst []D, x []T), dst, x *engine.Array, grain int) {
	n := dst.Numel()
	if n == 0 {
		return
	}
	if dst.Shape.Equal(x.Shape) && dst.IsContiguous() && x.IsContiguous() {
		d, xs := flatSlice[D](dst), flatSlice[T](x)
		switch {
		case n <= grain:
			f(d, xs)
		case streams(dst, x):
			engine.Parallel(n, grain, func(lo, hi int) {
				xs := xs[lo:hi]
				streamed(d[lo:hi], func(part []D, lo int) { f(part, xs[lo:lo+len(part)]) })
			})
		default:
			engine.Parallel(n, grain, func(lo, hi int) { f(d[lo:hi], xs[lo:hi]) })
		}
		return
	}
	if n <= grain && sameOrder(dst, x) {
		f(whole[D](dst)[dst.Offset:][:n], whole[T](x)[x.Offset:][:n])
		return
	}
	x, release := untransposed(dst, x)
	defer release()
	runWalk(func(d []D, xs, _ []T) { f(d, xs) }, nil, nil, dst, x, nil, grain)
}

// run2 drives a binary function; fs and fr, when not nil, take a scalar second or first operand.
func run2[D, T any](
	f func(dst []D, x, y []T), fs func(dst []D, x []T, y T), fr func(dst []D, y []T, x T),
	dst, x, y *engine.Array, grain int,
) {
	n := dst.Numel()
	if n == 0 {
		return
	}
	if dst.IsContiguous() && dst.Shape.Equal(x.Shape) && dst.Shape.Equal(y.Shape) &&
		x.IsContiguous() && y.IsContiguous() {
		d, xs, ys := flatSlice[D](dst), flatSlice[T](x), flatSlice[T](y)
		switch {
		case n <= grain:
			f(d, xs, ys)
		case streams(dst, x, y):
			engine.Parallel(n, grain, func(lo, hi int) {
				xs, ys := xs[lo:hi], ys[lo:hi]
				streamed(d[lo:hi], func(part []D, lo int) {
					f(part, xs[lo:lo+len(part)], ys[lo:lo+len(part)])
				})
			})
		default:
			engine.Parallel(n, grain, func(lo, hi int) { f(d[lo:hi], xs[lo:hi], ys[lo:hi]) })
		}
		return
	}
	if n <= grain && sameOrder(dst, x) && sameOrder(dst, y) {
		f(whole[D](dst)[dst.Offset:][:n], whole[T](x)[x.Offset:][:n], whole[T](y)[y.Offset:][:n])
		return
	}
	x, releaseX := untransposed(dst, x)
	defer releaseX()
	y, releaseY := untransposed(dst, y)
	defer releaseY()
	runWalk(f, fs, fr, dst, x, y, grain)
}

// sameOrder reports whether two arrays have one dense layout, such as that of a matrix by columns.
func sameOrder(a, b *engine.Array) bool {
	if len(a.Shape) != len(b.Shape) {
		return false
	}
	for i, n := range a.Shape {
		if n != b.Shape[i] || n != 1 && a.Strides[i] != b.Strides[i] {
			return false
		}
	}
	size := 1
	for range a.Shape { // the axis that goes on where those before end
		for i, n := range a.Shape {
			if n != 1 && a.Strides[i] == size {
				size *= n
				break
			}
		}
	}
	return size == a.Numel()
}

// untransposed returns x, or a copy in the order of dst when x is a large array whose contiguous axis
// is not dst's, and a function that gives the copy back: copying by square blocks is much faster than
// reading across the rows.
func untransposed(dst, x *engine.Array) (*engine.Array, func()) {
	k := len(x.Shape) - 1
	if k < 1 || len(dst.Shape) != len(x.Shape) || x.DType.Size() != 4 || x.Numel() < 4096 ||
		dst.Strides[k] != 1 || x.Strides[k] == 1 || x.Strides[k] == 0 {
		return x, func() {}
	}
	for i, s := range x.Strides[:k] {
		if s == 1 && x.Shape[i] >= 16 && x.Shape[k] >= 16 {
			y := engine.NewArray(x.DType, x.Shape)
			must(Copy(y, *x))
			return &y, y.Buf.Release
		}
	}
	return x, func() {}
}

// runWalk drives f over operands that are not all contiguous; y is nil for a unary function.
func runWalk[D, T any](
	f func(dst []D, x, y []T), fs func(dst []D, x []T, y T), fr func(dst []D, y []T, x T),
	dst, x, y *engine.Array, grain int,
) {
	var w walk
	da, xa := whole[D](dst), whole[T](x)
	var ya []T
	if y == nil {
		w.init(dst, x)
	} else {
		w.init(dst, x, y)
		ya = whole[T](y)
	}
	if w.inner().n < shortRow {
		engine.Parallel(w.n, grain, func(lo, hi int) {
			runBlocks(f, &w, da, xa, ya, lo, hi)
		})
		return
	}
	engine.Parallel(w.n, grain, func(lo, hi int) {
		r := rowRunner[D, T]{f: f, fs: fs, fr: fr, s: scratches.Get().(*scratch)}
		defer scratches.Put(r.s)
		for c := w.at(lo); lo < hi; {
			n := min(c.left, hi-lo)
			r.row(&c, da, xa, ya, n)
			c.skip(n)
			lo += n
		}
	})
}

// runBlocks computes the elements lo … hi of a walk with short rows in blocks across them.
func runBlocks[D, T any](f func(dst []D, x, y []T), w *walk, da []D, xa, ya []T, lo, hi int) {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	for lo < hi {
		n := min(chunk, hi-lo)
		xs := fetch(s, 1, xa, w, lo, n)
		var ys []T
		if ya != nil {
			ys = fetch(s, 2, ya, w, lo, n)
		}
		d, direct := place(s, da, w, lo, n)
		f(d, xs, ys)
		if !direct {
			scatter(d, da, w, 0, lo)
		}
		lo += n
	}
}

// rowRunner computes rows of a walk.
type rowRunner[D, T any] struct {
	f  func(dst []D, x, y []T)
	fs func(dst []D, x []T, y T)
	fr func(dst []D, y []T, x T)
	s  *scratch
}

// row computes n elements of one row.
func (r *rowRunner[D, T]) row(c *cursor, da []D, xa, ya []T, n int) {
	st := c.w.inner().s
	if st[0] == 1 {
		d := da[c.pos[0]:][:n]
		switch {
		case st[1] == 1 && ya == nil:
			r.f(d, xa[c.pos[1]:][:n], nil)
			return
		case st[1] == 1 && st[2] == 1:
			r.f(d, xa[c.pos[1]:][:n], ya[c.pos[2]:][:n])
			return
		case st[1] == 1 && st[2] == 0 && r.fs != nil:
			r.fs(d, xa[c.pos[1]:][:n], ya[c.pos[2]])
			return
		case st[1] == 0 && st[2] == 1 && r.fr != nil:
			r.fr(d, ya[c.pos[2]:][:n], xa[c.pos[1]])
			return
		}
	}
	var xs, ys []T
	for lo := 0; lo < n; lo += chunk {
		k := min(chunk, n-lo)
		xs = line(part[T](r.s, 1), xs, xa, c.pos[1], st[1], lo, k)
		if ya != nil {
			ys = line(part[T](r.s, 2), ys, ya, c.pos[2], st[2], lo, k)
		}
		if st[0] == 1 {
			r.f(da[c.pos[0]+lo:][:k], xs, ys)
			continue
		}
		d := part[D](r.s, 0)[:k]
		r.f(d, xs, ys)
		p := c.pos[0] + lo*st[0]
		for _, v := range d {
			da[p] = v
			p += st[0]
		}
	}
}

// line returns the k elements at distance s from the lo-th on: in place, repeated, which last, the
// line of the elements before, shows already, or gathered into buf.
func line[T any](buf, last, all []T, pos, s, lo, k int) []T {
	switch {
	case s == 1:
		return all[pos+lo:][:k]
	case s == 0 && last != nil:
		return last[:k]
	case s == 0:
		fillSlice(buf[:k], all[pos])
		return buf[:k]
	}
	p := pos + lo*s
	for i := range buf[:k] {
		buf[i] = all[p]
		p += s
	}
	return buf[:k]
}

// fetch returns the c elements of operand op from p on: in place when they are contiguous,
// otherwise gathered into scratch memory.
func fetch[T any](s *scratch, op int, all []T, w *walk, p, c int) []T {
	if w.flat[op] {
		o := w.off[op] + p
		return all[o : o+c]
	}
	buf := part[T](s, op)[:c]
	gather(buf, all, w, op, p)
	return buf
}

// place returns where to compute the c elements of operand 0 from p on, and whether that is their
// final place.
func place[T any](s *scratch, all []T, w *walk, p, c int) ([]T, bool) {
	if w.flat[0] {
		o := w.off[0] + p
		return all[o : o+c], true
	}
	return part[T](s, 0)[:c], false
}
