package eager

import (
	"cmp"
	"slices"
	"sort"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// Sort orders x along axis, ascending or descending, and returns the values and where they stood (I64).
// Stable; NaN is greater than any number.
func (x *Tensor) Sort(axis int, descending bool) (values, index *Tensor) {
	r := Apply(op.Sort, op.SortAttrs{Axis: x.axis("Sort", axis), Descending: descending}, x)
	return r[0], r[1]
}

// ArgSort returns the index of Sort.
func (x *Tensor) ArgSort(axis int, descending bool) *Tensor {
	_, index := x.Sort(axis, descending)
	return index
}

// TopK returns the k largest elements along axis, in order, and where they stood (I64).
func (x *Tensor) TopK(k, axis int) (values, index *Tensor) { return x.extremes(k, axis, false) }

// BottomK returns the k smallest elements along axis, in order, and where they stood (I64).
func (x *Tensor) BottomK(k, axis int) (values, index *Tensor) { return x.extremes(k, axis, true) }

func (x *Tensor) extremes(k, axis int, smallest bool) (values, index *Tensor) {
	r := Apply(op.TopK, op.TopKAttrs{Axis: x.axis("TopK", axis), K: k, Smallest: smallest}, x)
	return r[0], r[1]
}

// KthValue returns the k-th smallest element (k ≥ 1) along axis, which is dropped, and where it stood.
func (x *Tensor) KthValue(k, axis int) (value, index *Tensor) {
	axis = x.axis("KthValue", axis)
	if n := x.arr.Shape[axis]; k < 1 || k > n {
		engine.Fail("KthValue", "k is %d for axis %d of %v; want 1…%d", k, axis, x.arr, n)
	}
	v, i := x.BottomK(k, axis)
	return v.Slice(axis, k-1, k).Squeeze(axis), i.Slice(axis, k-1, k).Squeeze(axis)
}

// Mode returns the most frequent element along axis, which is dropped, the smallest of several, and where
// it stood last (I64).
func (x *Tensor) Mode(axis int) (value, index *Tensor) {
	axis = x.axis("Mode", axis)
	n := x.arr.Shape[axis]
	if n == 0 {
		engine.Fail("Mode", "axis %d of %v is empty", axis, x.arr)
	}
	values, order := x.Detach().Sort(axis, false)
	rows := values.Transpose(axis, -1)
	repeats := rows.Slice(-1, 1, n).Eq(rows.Slice(-1, 0, n-1)).Bools()
	best := make([]int, x.Numel()/n)
	for line := range best {
		longest, run := 0, 0
		for i := 1; i < n; i++ {
			if run++; !repeats[line*(n-1)+i-1] {
				run = 0
			}
			if run > longest {
				longest, best[line] = run, i
			}
		}
	}
	at := rows.Slice(-1, 0, 1).arr.Shape
	index = order.Gather(axis, FromInts(best, at...).onto(x.Device()).Transpose(axis, -1))
	return x.Gather(axis, index).Squeeze(axis), index.Squeeze(axis)
}

// SearchSorted returns the I64 position at which each of values would keep x, which ascends along its last
// axis, in order: before elements equal to it, or after them with right. x has one axis, or the leading
// axes of values.
func (x *Tensor) SearchSorted(values any, right bool) *Tensor {
	x.must("SearchSorted")
	return apply1(op.SearchSorted, op.SearchAttrs{Right: right}, x, operand("SearchSorted", values))
}

// Bucketize returns the I64 index of the bucket between ascending boundaries that holds each element; with
// right a bucket does not include its right boundary.
func (x *Tensor) Bucketize(boundaries *Tensor, right bool) *Tensor {
	x.must("Bucketize")
	present("Bucketize", "boundaries", boundaries)
	return boundaries.SearchSorted(x, right)
}

// IsIn reports for each element of x whether it occurs in set.
func (x *Tensor) IsIn(set *Tensor) *Tensor {
	x.must("IsIn")
	present("IsIn", "set", set)
	if set.Numel() == 0 {
		return FromArray(engine.Zeros(Bool, x.arr.Shape)).onto(x.Device())
	}
	sorted, _ := set.Detach().Reshape(-1).Sort(0, false)
	at := sorted.SearchSorted(x, false)
	return sorted.IndexSelect(0, at.Minimum(set.Numel()-1)).Eq(x)
}

// Unique returns the distinct elements of x as an ascending vector, for each element of x which of them it
// is, and how often each occurs.
func (x *Tensor) Unique() (values, inverse, counts *Tensor) {
	x.must("Unique")
	sorted, order := x.Detach().Reshape(-1).Sort(0, false)
	values, place, counts := sorted.UniqueConsecutive()
	inverse = ZerosLike(place).Scatter(0, order, place)
	return values, inverse.Reshape(x.arr.Shape...), counts
}

// UniqueConsecutive returns the elements of x, read row-major, without those equal to the one before, for
// each element of x which of them it is, and how often each occurs in a row.
func (x *Tensor) UniqueConsecutive() (values, inverse, counts *Tensor) {
	x.must("UniqueConsecutive")
	v, n := x.Detach().Reshape(-1), x.Numel()
	var changes []bool
	if n > 1 {
		changes = v.Slice(0, 1, n).Ne(v.Slice(0, 0, n-1)).Bools()
	}
	first, inverse, counts := runs(x.Device(), n, func(i int) bool { return changes[i-1] })
	return v.IndexSelect(0, first), inverse.Reshape(x.arr.Shape...), counts
}

// runs cuts 0 … n−1 where changed says: the first of each run, the run of each, and their lengths, on d.
func runs(d op.Device, n int, changed func(i int) bool) (first, run, lengths *Tensor) {
	var starts, length []int
	at := make([]int, n)
	for i := range n {
		if i == 0 || changed(i) {
			starts, length = append(starts, i), append(length, 0)
		}
		at[i] = len(starts) - 1
		length[len(starts)-1]++
	}
	return vectorOf(starts).onto(d), vectorOf(at).onto(d), vectorOf(length).onto(d)
}

// UniqueAlong returns the distinct slices of x along axis in ascending (lexicographic) order, for each
// slice of x which of them it is, and how often each occurs. With consecutive it only joins equal
// neighbours.
func (x *Tensor) UniqueAlong(axis int, consecutive bool) (values, inverse, counts *Tensor) {
	axis = x.axis("UniqueAlong", axis)
	n := x.arr.Shape[axis]
	compare := x.Detach().Unsqueeze(0).Transpose(0, axis+1).slices()
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	if !consecutive {
		sort.SliceStable(order, func(i, j int) bool { return compare(order[i], order[j]) < 0 })
	}
	first, place, counts := runs(x.Device(), n, func(i int) bool { return compare(order[i-1], order[i]) != 0 })
	to := vectorOf(order).onto(x.Device())
	return x.Detach().IndexSelect(axis, to.IndexSelect(0, first)),
		ZerosLike(place).Scatter(0, to, place), counts
}

// slices returns a comparison of the slices along axis 0.
func (x *Tensor) slices() func(i, j int) int {
	if x.arr.DType.IsFloat() {
		return comparison(x.Float64s(), x.arr.Shape[0])
	}
	return comparison(x.Ints(), x.arr.Shape[0])
}

func comparison[T cmp.Ordered](v []T, rows int) func(i, j int) int {
	n := len(v) / max(rows, 1)
	return func(i, j int) int { return slices.Compare(v[i*n:(i+1)*n], v[j*n:(j+1)*n]) }
}
