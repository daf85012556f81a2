package cpu

import "github.com/lathe-ml/lathe/engine"

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
		argLines(&dst, &x, axis, largest, pickLine(largest, &lineMaxF32, &lineMinF32))
	case t == engine.F64:
		argLines(&dst, &x, axis, largest, pickLine(largest, &lineMaxF64, &lineMinF64))
	case isHalf(t):
		return withF32(func(f32 widen) error { return argExtreme(name, dst, f32(x), axis, largest) })
	case t.IsInt() || t == engine.Bool:
		return viaI64(dst, x, func(d, x engine.Array) {
			argLines(&d, &x, axis, largest, pickLine(largest, &lineMaxI64, &lineMinI64))
		})
	default:
		return unsupported(name, t)
	}
	return nil
}

func pickLine[T any](largest bool, most, least *func(x []T) T) func(x []T) T {
	if largest {
		return *most
	}
	return *least
}

// argPiece is the part of a long line that one task searches.
const argPiece = 1 << 16

func argLines[T number](dst, x *engine.Array, axis int, largest bool, extreme func(x []T) T) {
	d, xs := whole[int64](dst), whole[T](x)
	if x.Numel() >= 2*argPiece && len(x.Shape) > 0 && x.Shape[axis] == x.Numel() &&
		x.Strides[axis] == 1 {
		d[dst.Offset] = int64(argLong(flatSlice[T](x), largest, extreme))
		return
	}
	eachLine(axis, func(n int, pos, s []int) {
		if s[0] == 1 {
			i, _ := argLine(xs[pos[0]:][:n], largest, extreme)
			d[pos[1]] = int64(i)
			return
		}
		best, at, j := xs[pos[0]], 0, pos[0]
		for i := range n {
			if v := xs[j]; beats(v, best, largest) {
				best, at = v, i
			}
			j += s[0]
		}
		d[pos[1]] = int64(at)
	}, x, dst)
}

// beats reports whether v comes before best: more extreme, or the first NaN.
func beats[T number](v, best T, largest bool) bool {
	if v != v {
		return best == best
	}
	return largest && v > best || !largest && v < best
}

// argLine finds the block that holds the extreme first, then the element.
func argLine[T number](x []T, largest bool, extreme func(x []T) T) (at int, best T) {
	const block = 1024
	for i := 0; i < len(x); i += block {
		if v := extreme(x[i:min(i+block, len(x))]); i == 0 || beats(v, best, largest) {
			best, at = v, i
			if v != v {
				break
			}
		}
	}
	for i, v := range x[at:] {
		if v == best || v != v {
			return at + i, best
		}
	}
	return at, best // the line is empty
}

// argLong searches the pieces of one line in parallel.
func argLong[T number](x []T, largest bool, extreme func(x []T) T) int {
	k := (len(x) + argPiece - 1) / argPiece
	places, bests := make([]int, k), make([]T, k)
	engine.Parallel(k, 1, func(lo, hi int) {
		for p := lo; p < hi; p++ {
			i, v := argLine(x[p*argPiece:min((p+1)*argPiece, len(x))], largest, extreme)
			places[p], bests[p] = p*argPiece+i, v
		}
	})
	at := 0
	for p := range k {
		if beats(bests[p], bests[at], largest) {
			at = p
		}
	}
	return places[at]
}

// insertAxis returns the view of a with a new axis of extent 1.
func insertAxis(a engine.Array, axis int) engine.Array {
	s, st := make(engine.Shape, 0, len(a.Shape)+1), make([]int, 0, len(a.Shape)+1)
	s = append(append(append(s, a.Shape[:axis]...), 1), a.Shape[axis:]...)
	st = append(append(append(st, a.Strides[:axis]...), 0), a.Strides[axis:]...)
	a.Shape, a.Strides = s, st
	return a
}
