package cpu

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
)

// Sort sorts along axis: stable, NaN greatest. values and the I64 indices are optional.
func Sort(values, indices, x engine.Array, axis int, descending bool) error {
	return order("Sort", values, indices, x, axis, descending)
}

// TopK gives the k largest or smallest elements along axis in order, where k is the extent of
// values or indices; both are optional. NaN counts as greatest.
func TopK(values, indices, x engine.Array, axis int, largest bool) error {
	return order("TopK", values, indices, x, axis, largest)
}

func order(name string, values, indices, x engine.Array, axis int, descending bool) error {
	if values.Buf != nil {
		mustMatch(name, values.DType, x.DType)
	}
	if indices.Buf != nil {
		mustMatch(name, indices.DType, engine.I64)
	}
	switch t := x.DType; {
	case t == engine.F32:
		orderLines(values, indices, x, axis, descending, keyF32)
	case t == engine.F64:
		orderLong(values, indices, x, axis, descending, keyF64)
	case t == engine.I64:
		orderLong(values, indices, x, axis, descending, keyInt[int64])
	case t == engine.I32:
		orderLines(values, indices, x, axis, descending, keyInt[int32])
	case t == engine.I16:
		orderLines(values, indices, x, axis, descending, keyInt[int16])
	case t == engine.I8:
		orderLines(values, indices, x, axis, descending, keyInt[int8])
	case t == engine.U8 || t == engine.Bool:
		orderLines(values, indices, x, axis, descending, keyInt[uint8])
	case isHalf(t):
		w := wideLike(values)
		err := withF32(func(f32 widen) error { return order(name, w, indices, f32(x), axis, descending) })
		return firstError(err, copyBack(values, w))
	default:
		return unsupported(name, t)
	}
	return nil
}

// Keys are unsigned numbers in the order of the values, NaN greatest, −0 as 0. The upper 32 bits hold
// all of a value of 4 bytes.

func keyF32(v float32) uint64 {
	b := math.Float32bits(v + 0) // −0 + 0 is 0
	if v != v {
		return math.MaxUint32 << 32
	}
	if b>>31 != 0 {
		return uint64(^b) << 32
	}
	return uint64(b|1<<31) << 32
}

func keyF64(v float64) uint64 {
	b := math.Float64bits(v + 0)
	if v != v {
		return math.MaxUint64
	}
	if b>>63 != 0 {
		return ^b
	}
	return b | 1<<63
}

func keyInt[T integer](v T) uint64 {
	return uint64(int64(v))<<(64-8*keySize(v)) ^ 1<<63
}

// keySize is 4, or 8 for int64.
func keySize[T integer](v T) int {
	if _, ok := any(v).(int64); ok {
		return 8
	}
	return 4
}

// sorted is one line: values, which is nil where none are wanted, is set at the distance sv.
type sorted[T any] struct {
	x, values  []T
	indices    []int64
	px, pv, pi int // positions of the first elements
	sx, sv, si int // strides
	n, k       int
}

// put stores element i of the result, which is element at of the line.
func (l *sorted[T]) put(i, at int) {
	if l.values != nil {
		l.values[l.pv+i*l.sv] = l.x[l.px+at*l.sx]
	}
	if l.indices != nil {
		l.indices[l.pi+i*l.si] = int64(at)
	}
}

// eachSorted calls f for every line along axis.
func eachSorted[T any](values, indices, x engine.Array, axis int, f func(l *sorted[T])) {
	x = atLeast1(x)
	args := []*engine.Array{&x}
	all := sorted[T]{x: whole[T](&x), k: x.Shape[axis]}
	vi, ii := 0, 0
	if values.Buf != nil {
		v := atLeast1(values)
		all.values, vi = whole[T](&v), len(args)
		args = append(args, &v)
	}
	if indices.Buf != nil {
		v := atLeast1(indices)
		all.indices, ii = whole[int64](&v), len(args)
		args = append(args, &v)
	}
	for _, a := range args[1:] {
		all.k = min(all.k, a.Shape[axis])
	}
	eachLine(axis, func(n int, pos, s []int) {
		l := all
		l.n, l.px, l.sx, l.pv, l.sv, l.pi, l.si = n, pos[0], s[0], pos[vi], s[vi], pos[ii], s[ii]
		f(&l)
	}, args...)
}

// orderLines sorts values of up to 4 bytes as numbers that hold the key above the position, so that
// no two are equal and every sorting method is stable.
func orderLines[T number](values, indices, x engine.Array, axis int, descending bool,
	key func(v T) uint64,
) {
	flip := uint64(0)
	if descending {
		flip = math.MaxUint32 << 32
	}
	eachSorted(values, indices, x, axis, func(l *sorted[T]) {
		var items []uint64
		if 0 < l.k && l.k <= l.n/8 && l.n >= 256 {
			items = leading(l, key, flip)
		} else {
			items = make([]uint64, 2*l.n)
			l.pack(items[:l.n], 0, key, flip)
			items = sortPacked(items[:l.n], items[l.n:])
		}
		for i, it := range items[:l.k] {
			l.put(i, int(uint32(it)))
		}
	})
}

// pack writes the keys and positions of the elements from lo on.
func (l *sorted[T]) pack(items []uint64, lo int, key func(v T) uint64, flip uint64) {
	p := l.px + lo*l.sx
	for i := range items {
		items[i] = key(l.x[p]) ^ flip | uint64(lo+i)
		p += l.sx
	}
}

// orderLong sorts values of 8 bytes.
func orderLong[T number](values, indices, x engine.Array, axis int, descending bool,
	key func(v T) uint64,
) {
	flip := uint64(0)
	if descending {
		flip = math.MaxUint64
	}
	eachSorted(values, indices, x, axis, func(l *sorted[T]) {
		items := make([]keyed, 2*l.n)
		p := l.px
		for i := range l.n {
			items[i] = keyed{key(l.x[p]) ^ flip, i}
			p += l.sx
		}
		for i, it := range sortKeyed(items[:l.n], items[l.n:])[:l.k] {
			l.put(i, it.at)
		}
	})
}
