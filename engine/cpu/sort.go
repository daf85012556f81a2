package cpu

import (
	"cmp"
	"slices"

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
		orderLines[float32](values, indices, x, axis, descending)
	case t == engine.F64:
		orderLines[float64](values, indices, x, axis, descending)
	case t == engine.I64:
		orderLines[int64](values, indices, x, axis, descending)
	case t == engine.I32:
		orderLines[int32](values, indices, x, axis, descending)
	case t == engine.I16:
		orderLines[int16](values, indices, x, axis, descending)
	case t == engine.I8:
		orderLines[int8](values, indices, x, axis, descending)
	case t == engine.U8 || t == engine.Bool:
		orderLines[uint8](values, indices, x, axis, descending)
	case isHalf(t):
		w := wideLike(values)
		err := order(name, w, indices, toF32(x), axis, descending)
		return firstError(err, copyBack(values, w))
	default:
		return unsupported(name, t)
	}
	return nil
}

func orderLines[T number](values, indices, x engine.Array, axis int, descending bool) {
	type item struct {
		v T
		i int64
	}
	compare := func(a, b item) int { return compareNaN(a.v, b.v) }
	if descending {
		compare = func(a, b item) int { return compareNaN(b.v, a.v) }
	}
	x = atLeast1(x)
	args := []*engine.Array{&x}
	var vs []T
	var is []int64
	vi, ii := 0, 0
	if values.Buf != nil {
		v := atLeast1(values)
		vs, vi = whole[T](&v), len(args)
		args = append(args, &v)
	}
	if indices.Buf != nil {
		v := atLeast1(indices)
		is, ii = whole[int64](&v), len(args)
		args = append(args, &v)
	}
	k := x.Shape[axis]
	for _, a := range args[1:] {
		k = min(k, a.Shape[axis])
	}
	xs := whole[T](&x)
	eachLine(axis, func(n int, pos, s []int) {
		items := make([]item, n)
		for i := range items {
			items[i] = item{xs[pos[0]+i*s[0]], int64(i)}
		}
		slices.SortStableFunc(items, compare)
		for i, it := range items[:k] {
			if vs != nil {
				vs[pos[vi]+i*s[vi]] = it.v
			}
			if is != nil {
				is[pos[ii]+i*s[ii]] = it.i
			}
		}
	}, args...)
}

// compareNaN orders numbers with NaN greatest.
func compareNaN[T number](a, b T) int {
	switch an, bn := a != a, b != b; {
	case an && bn:
		return 0
	case an:
		return 1
	case bn:
		return -1
	}
	return cmp.Compare(a, b)
}
