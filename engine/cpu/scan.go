package cpu

import "github.com/lathe-ml/lathe/engine"

// CumSum is the running sum along axis. Floats accumulate in float64, integers in I64.
func CumSum(dst, x engine.Array, axis int) error {
	switch t := x.DType; {
	case t == engine.F32 && dst.DType == t:
		sumLines[float32, float64](&dst, &x, axis)
	case t == engine.F64 && dst.DType == t:
		sumLines[float64, float64](&dst, &x, axis)
	case isHalf(t):
		return viaF32(dst, func(d engine.Array, f32 widen) error { return CumSum(d, f32(x), axis) })
	case t.IsInt() || t == engine.Bool:
		return viaI64(dst, x, func(d, x engine.Array) { sumLines[int64, int64](&d, &x, axis) })
	case t.IsComplex() && dst.DType == t:
		return CumSum(Pairs(dst), Pairs(x), axis)
	default:
		return unsupported("CumSum", t)
	}
	return nil
}

// CumProd is the running product along axis.
func CumProd(dst, x engine.Array, axis int) error {
	switch t := x.DType; {
	case t == engine.F32 && dst.DType == t:
		productLines[float32, float64](&dst, &x, axis)
	case t == engine.F64 && dst.DType == t:
		productLines[float64, float64](&dst, &x, axis)
	case isHalf(t):
		return viaF32(dst, func(d engine.Array, f32 widen) error { return CumProd(d, f32(x), axis) })
	case t.IsInt() || t == engine.Bool:
		return viaI64(dst, x, func(d, x engine.Array) { productLines[int64, int64](&d, &x, axis) })
	default:
		return unsupported("CumProd", t)
	}
	return nil
}

func productLines[T, A number](dst, x *engine.Array, axis int) {
	d, xs := whole[T](dst), whole[T](x)
	eachLine(axis, func(n int, pos, s []int) {
		acc, i, j := A(1), pos[0], pos[1]
		for range n {
			acc *= A(xs[j])
			d[i] = T(acc)
			i, j = i+s[0], j+s[1]
		}
	}, dst, x)
}

// scanPart is the part of a long line that one task adds up.
const scanPart = 1 << 14

// sumLines adds contiguous lines four at a time, because each sum waits for the one before; a long
// line is cut into segments whose totals come first. Lines across contiguous rows go row by row.
func sumLines[T, A number](dst, x *engine.Array, axis int) {
	if len(x.Shape) > 0 && dst.IsContiguous() && x.IsContiguous() && x.Numel() > 0 {
		d, xs := flatSlice[T](dst), flatSlice[T](x)
		n, inner := x.Shape[axis], x.Shape[axis+1:].Numel()
		switch lines := len(xs) / n; {
		case inner >= 8:
			sumDown[T, A](d, xs, n, inner)
			return
		case inner == 1 && lines == 1 && n >= 4*scanPart:
			sumSegments[T, A](d, xs)
			return
		case inner == 1:
			engine.Parallel((lines+3)/4, max(1, grain/8/n), func(lo, hi int) {
				for i := 4 * lo; i < min(4*hi, lines); i += 4 {
					k := min(4, lines-i)
					sumFour(d[i*n:(i+k)*n], xs[i*n:(i+k)*n], n, make([]A, 4))
				}
			})
			return
		}
	}
	d, xs := whole[T](dst), whole[T](x)
	eachLine(axis, func(n int, pos, s []int) {
		var acc A
		i, j := pos[0], pos[1]
		for range n {
			acc += A(xs[j])
			d[i] = T(acc)
			i, j = i+s[0], j+s[1]
		}
	}, dst, x)
}

// sumFour computes up to four lines of n, one behind the other, that start from acc.
func sumFour[T, A number](d, x []T, n int, acc []A) {
	if len(x) < 4*n {
		for i := 0; i < len(x); i += n {
			a := acc[i/n]
			for j, v := range x[i:min(i+n, len(x))] {
				a += A(v)
				d[i+j] = T(a)
			}
		}
		return
	}
	a0, a1, a2, a3 := acc[0], acc[1], acc[2], acc[3]
	x0, x1, x2, x3 := x[:n], x[n:2*n], x[2*n:3*n], x[3*n:4*n]
	d0, d1, d2, d3 := d[:n], d[n:2*n], d[2*n:3*n], d[3*n:4*n]
	for i, v := range x0 {
		a0 += A(v)
		a1 += A(x1[i])
		a2 += A(x2[i])
		a3 += A(x3[i])
		d0[i], d1[i], d2[i], d3[i] = T(a0), T(a1), T(a2), T(a3)
	}
}

// sumSegments computes one long line.
func sumSegments[T, A number](d, x []T) {
	k := (len(x) + scanPart - 1) / scanPart
	starts := make([]A, k+4)
	engine.Parallel(k, 2, func(lo, hi int) {
		for s := lo; s < hi; s++ {
			starts[s+1] = sumPart[T, A](x[s*scanPart : min((s+1)*scanPart, len(x))])
		}
	})
	for s := range k {
		starts[s+1] += starts[s]
	}
	engine.Parallel((k+3)/4, 1, func(lo, hi int) {
		for s := 4 * lo; s < min(4*hi, k); s += 4 {
			from, to := s*scanPart, min((s+4)*scanPart, len(x))
			sumFour(d[from:to], x[from:to], scanPart, starts[s:])
		}
	})
}

func sumPart[T, A number](x []T) A {
	var a, b, c, d A
	for ; len(x) >= 4; x = x[4:] {
		a += A(x[0])
		b += A(x[1])
		c += A(x[2])
		d += A(x[3])
	}
	for _, v := range x {
		a += A(v)
	}
	return (a + b) + (c + d)
}

// sumDown adds along an axis of n with inner contiguous elements behind it.
func sumDown[T, A number](d, x []T, n, inner int) {
	wide := min(inner, 512)
	blocks := (inner + wide - 1) / wide
	engine.Parallel(len(x)/(n*inner)*blocks, max(1, grain/4/(n*wide)), func(lo, hi int) {
		acc := make([]A, wide)
		for t := lo; t < hi; t++ {
			from := t/blocks*n*inner + t%blocks*wide
			acc := acc[:min(wide, inner-t%blocks*wide)]
			clear(acc)
			for i := range n {
				row, out := x[from+i*inner:][:len(acc)], d[from+i*inner:][:len(acc)]
				for j, v := range row {
					a := acc[j] + A(v)
					acc[j] = a
					out[j] = T(a)
				}
			}
		}
	})
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
