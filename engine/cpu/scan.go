package cpu

import "github.com/lathe-ml/lathe/engine"

// CumSum is the running sum along axis. Floats accumulate in float64, integers in I64.
func CumSum(dst, x engine.Array, axis int) error {
	return scan("CumSum", dst, x, axis, 0, addOf[float64], addOf[int64])
}

// CumProd is the running product along axis.
func CumProd(dst, x engine.Array, axis int) error {
	return scan("CumProd", dst, x, axis, 1,
		func(a, b float64) float64 { return a * b }, func(a, b int64) int64 { return a * b })
}

func scan(name string, dst, x engine.Array, axis int, init int64,
	f func(a, b float64) float64, g func(a, b int64) int64,
) error {
	switch t := x.DType; {
	case t == engine.F32 && dst.DType == t:
		scanLines[float32](&dst, &x, axis, float64(init), f)
	case t == engine.F64 && dst.DType == t:
		scanLines[float64](&dst, &x, axis, float64(init), f)
	case isHalf(t):
		return viaF32(dst, func(d engine.Array) error {
			return scan(name, d, toF32(x), axis, init,
				f, g)
		})
	case t.IsInt() || t == engine.Bool:
		return viaI64(dst, x, func(d, x engine.Array) { scanLines[int64](&d, &x, axis, init, g) })
	default:
		return unsupported(name, t)
	}
	return nil
}

func scanLines[T, A number](dst, x *engine.Array, axis int, init A, f func(a, b A) A) {
	d, xs := whole[T](dst), whole[T](x)
	eachLine(axis, func(n int, pos, s []int) {
		acc, i, j := init, pos[0], pos[1]
		for range n {
			acc = f(acc, A(xs[j]))
			d[i] = T(acc)
			i, j = i+s[0], j+s[1]
		}
	}, dst, x)
}

// eachLine calls f for every line along axis of the arrays, which agree in all other axes, in
// parallel. n is the extent of the first array; pos and s are the line's start and stride in each
// array.
func eachLine(axis int, f func(n int, pos, s []int), arrays ...*engine.Array) {
	if len(arrays[0].Shape) == 0 { // a scalar is a line of one
		pos, s := make([]int, len(arrays)), make([]int, len(arrays))
		for i, a := range arrays {
			pos[i] = a.Offset
		}
		f(1, pos, s)
		return
	}
	n := arrays[0].Shape[axis]
	views := make([]*engine.Array, len(arrays))
	s := make([]int, len(arrays))
	for i, a := range arrays {
		v := a.Slice(axis, 0, min(1, a.Shape[axis]), 1)
		views[i], s[i] = &v, a.Strides[axis]
	}
	var w walk
	w.init(views...)
	engine.Parallel(w.n, max(1, grain/4/max(n, 1)), func(lo, hi int) {
		pos := make([]int, len(arrays))
		for p := lo; p < hi; p++ {
			for i := range pos {
				pos[i], _ = w.start(i, p)
			}
			f(n, pos, s)
		}
	})
}

// ArgMax gives the I64 position of the first largest element along axis; NaN counts as largest.
func ArgMax(dst, x engine.Array, axis int) error { return argExtreme("ArgMax", dst, x, axis, true) }

// ArgMin gives the I64 position of the first smallest element along axis; NaN counts as smallest.
func ArgMin(dst, x engine.Array, axis int) error {
	return argExtreme("ArgMin", dst, x, axis,
		false)
}

func argExtreme(name string, dst, x engine.Array, axis int, largest bool) error {
	mustMatch(name, dst.DType, engine.I64)
	if len(dst.Shape) < len(x.Shape) { // keep the axis
		dst = insertAxis(dst, axis)
	}
	switch t := x.DType; {
	case t == engine.F32:
		argLines[float32](&dst, &x, axis, largest)
	case t == engine.F64:
		argLines[float64](&dst, &x, axis, largest)
	case isHalf(t):
		return argExtreme(name, dst, toF32(x), axis, largest)
	case t.IsInt() || t == engine.Bool:
		return viaI64(dst, x, func(d, x engine.Array) { argLines[int64](&d, &x, axis, largest) })
	default:
		return unsupported(name, t)
	}
	return nil
}

func argLines[T number](dst, x *engine.Array, axis int, largest bool) {
	d, xs := whole[int64](dst), whole[T](x)
	eachLine(axis, func(n int, pos, s []int) {
		best, bi, j := xs[pos[0]], 0, pos[0]
		for i := range n {
			v := xs[j]
			better := v > best
			if !largest {
				better = v < best
			}
			if better || v != v && best == best {
				best, bi = v, i
			}
			j += s[0]
		}
		d[pos[1]] = int64(bi)
	}, x, dst)
}

// insertAxis returns the view of a with a new axis of extent 1.
func insertAxis(a engine.Array, axis int) engine.Array {
	s, st := make(engine.Shape, 0, len(a.Shape)+1), make([]int, 0, len(a.Shape)+1)
	s = append(append(append(s, a.Shape[:axis]...), 1), a.Shape[axis:]...)
	st = append(append(append(st, a.Strides[:axis]...), 0), a.Strides[axis:]...)
	a.Shape, a.Strides = s, st
	return a
}
