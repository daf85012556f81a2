package eager

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/engine/op"
)

// NonZero returns the indices [count rank] of the elements other than 0, in row-major order.
func (x *Tensor) NonZero() *Tensor {
	at := x.flatNonZero("NonZero")
	shape, rows := x.arr.Shape, make([]int, 0, len(at)*x.Rank())
	for _, p := range at {
		row := make([]int, len(shape))
		for i := len(shape) - 1; i >= 0; i-- {
			row[i], p = p%shape[i], p/shape[i]
		}
		rows = append(rows, row...)
	}
	return FromInts(rows, len(at), len(shape)).onto(x.Device())
}

// flatNonZero are the row-major positions of the elements other than 0.
func (x *Tensor) flatNonZero(where string) []int {
	x.must(where)
	var at []int
	for p, on := range x.Bools() {
		if on {
			at = append(at, p)
		}
	}
	return at
}

// MaskedSelect returns the vector of the elements of x where mask is true; both broadcast.
func (x *Tensor) MaskedSelect(mask *Tensor) *Tensor {
	x.must("MaskedSelect")
	x, mask = broadcast("MaskedSelect", x, mask)
	return x.Reshape(-1).IndexSelect(0, vectorOf(mask.flatNonZero("MaskedSelect")).onto(x.Device()))
}

// vectorOf is FromInts, also of nothing.
func vectorOf(v []int) *Tensor { return FromInts(v, len(v)) }

// broadcast expands both tensors to their common shape.
func broadcast(where string, x, y *Tensor) (*Tensor, *Tensor) {
	present(where, "tensor", x)
	present(where, "operand", y)
	s, err := engine.Broadcast(x.arr.Shape, y.arr.Shape)
	if err != nil {
		engine.Fail(where, "%v and %v: %v", x.arr, y.arr, err)
	}
	return x.Expand(s...), y.Expand(s...)
}

// MaskedFill returns x with value, a number or a scalar tensor, where mask is true. x keeps its dtype.
func (x *Tensor) MaskedFill(mask *Tensor, value any) *Tensor {
	x.must("MaskedFill")
	return Where(mask, value, x).To(x.arr.DType)
}

// MaskedScatter returns x with successive elements of src where mask is true; x and mask broadcast.
func (x *Tensor) MaskedScatter(mask, src *Tensor) *Tensor {
	x.must("MaskedScatter")
	present("MaskedScatter", "src", src)
	x, mask = broadcast("MaskedScatter", x, mask)
	on := mask.Bools()
	index, n := make([]int, len(on)), 0
	for p, set := range on {
		index[p] = min(n, max(src.Numel()-1, 0))
		if set {
			n++
		}
	}
	if n > src.Numel() {
		engine.Fail("MaskedScatter", "%d elements are masked, src %v has %d", n, src.arr, src.Numel())
	}
	if n == 0 {
		return x.Clone()
	}
	return Where(mask, src.Reshape(-1).IndexSelect(0, FromInts(index, x.arr.Shape...).onto(src.Device())), x)
}

// Take returns the elements of x, read row-major, at the given positions; negative ones count from the end.
func (x *Tensor) Take(index *Tensor) *Tensor {
	x.must("Take")
	return x.Reshape(-1).IndexSelect(0, wrapped("Take", index, x.Numel()))
}

// wrapped counts negative indices from the end n.
func wrapped(where string, index *Tensor, n int) *Tensor {
	present(where, "index", index)
	if !index.arr.DType.IsInt() {
		engine.Fail(where, "index is %v; want integers", index.arr)
	}
	return Where(index.Lt(0), index.Add(n), index).To(I64)
}

// TakeAlong is Gather with x and index broadcast against each other on the other axes; negative indices
// count from the end.
func (x *Tensor) TakeAlong(axis int, index *Tensor) *Tensor {
	axis = x.axis("TakeAlong", axis)
	index = wrapped("TakeAlong", index, x.arr.Shape[axis])
	xs, is := x.arr.Shape.Clone(), index.arr.Shape.Clone()
	if len(is) != len(xs) {
		engine.Fail("TakeAlong", "index %v and tensor %v differ in rank", index.arr, x.arr)
	}
	n, k := xs[axis], is[axis]
	xs[axis], is[axis] = 1, 1
	s, err := engine.Broadcast(xs, is)
	if err != nil {
		engine.Fail("TakeAlong", "%v and index %v: %v", x.arr, index.arr, err)
	}
	full, short := s.Clone(), s.Clone()
	full[axis], short[axis] = n, k
	return x.Expand(full...).Gather(axis, index.Expand(short...))
}

// Put returns x with the elements of src at row-major positions index, replacing or adding to what was
// there. Negative positions count from the end.
func (x *Tensor) Put(index, src *Tensor, accumulate bool) *Tensor {
	x.must("Put")
	present("Put", "src", src)
	index = wrapped("Put", index, x.Numel()).Reshape(-1)
	flat, src := x.Reshape(-1), src.Reshape(-1)
	if accumulate {
		return flat.ScatterAdd(0, index, src).Reshape(x.arr.Shape...)
	}
	return flat.Scatter(0, index, src).Reshape(x.arr.Shape...)
}

// Scatter returns x with src[i, j] at [i, index[i, j]] (axis 1 of a matrix; likewise for others). src may
// be larger than index.
func (x *Tensor) Scatter(axis int, index, src *Tensor) *Tensor {
	axis = x.axis("Scatter", axis)
	return apply1(op.Scatter, op.AxisAttrs{Axis: axis}, x, index, cropped("Scatter", src, index))
}

// cropped cuts src to the extents of index.
func cropped(where string, src, index *Tensor) *Tensor {
	present(where, "src", src)
	present(where, "index", index)
	if src.Rank() == index.Rank() && !src.arr.Shape.Equal(index.arr.Shape) {
		for axis, n := range index.arr.Shape {
			src = src.Slice(axis, 0, n)
		}
	}
	return src
}

// ScatterReduce returns x combined with src[i, j] at [i, index[i, j]] (axis 1 of a matrix; likewise for
// others). how is "sum", "mean", "prod", "amax" or "amin". Without self, positions that index names start
// from nothing instead of x.
func (x *Tensor) ScatterReduce(axis int, index, src *Tensor, how string, self bool) *Tensor {
	axis = x.axis("ScatterReduce", axis)
	src = cropped("ScatterReduce", src, index)
	start := func(v float64) *Tensor {
		if self {
			return x
		}
		return x.Scatter(axis, index, full(x.arr.DType, v, index.arr.Shape).onto(x.Device()))
	}
	reduce := func(how cpu.Combine, v float64) *Tensor {
		y := x
		switch {
		case self:
		case how != cpu.CombineProd && !x.arr.DType.IsFloat():
			y = x.Scatter(axis, index, src) // one of the candidates
		default:
			y = start(v)
		}
		return apply1(op.ScatterReduce, op.ScatterReduceAttrs{Axis: axis, How: how}, y, index, src)
	}
	switch how {
	case "sum":
		return start(0).ScatterAdd(axis, index, src)
	case "mean":
		count := OnesLike(x)
		if !self {
			count = count.Scatter(axis, index, full(x.arr.DType, 0, index.arr.Shape).onto(x.Device()))
		}
		count = count.ScatterAdd(axis, index, full(x.arr.DType, 1, index.arr.Shape).onto(x.Device())).Maximum(1)
		sum := start(0).ScatterAdd(axis, index, src)
		if x.arr.DType.IsFloat() {
			return sum.Div(count)
		}
		return sum.FloorDiv(count)
	case "prod":
		return reduce(cpu.CombineProd, 1)
	case "amax":
		return reduce(cpu.CombineMax, math.Inf(-1))
	case "amin":
		return reduce(cpu.CombineMin, math.Inf(1))
	}
	engine.Fail("ScatterReduce", "reduction is %q; want sum, mean, prod, amax or amin", how)
	return nil
}

// along expands the vector index, which lies along axis, to shape s.
func along(where string, index *Tensor, axis int, s engine.Shape) *Tensor {
	if axis >= len(s) {
		engine.Fail(where, "src has shape %v; want an axis %d with %d slices", s, axis, index.Numel())
	}
	one := ones(len(s))
	one[axis] = index.Numel()
	if s[axis] != index.Numel() {
		engine.Fail(where, "%d indices for %d slices", index.Numel(), s[axis])
	}
	return index.Reshape(one...).Expand(s...)
}

// IndexCopy returns x with the slices of src at the given indices along axis.
func (x *Tensor) IndexCopy(axis int, index, src *Tensor) *Tensor {
	axis = x.axis("IndexCopy", axis)
	present("IndexCopy", "src", src)
	index = wrapped("IndexCopy", index, x.arr.Shape[axis])
	return x.Scatter(axis, along("IndexCopy", index, axis, src.arr.Shape), src)
}

// IndexFill returns x with value, a number or a scalar tensor, in the slices at the given indices along
// axis.
func (x *Tensor) IndexFill(axis int, index *Tensor, value any) *Tensor {
	axis = x.axis("IndexFill", axis)
	index = wrapped("IndexFill", index, x.arr.Shape[axis])
	s := x.arr.Shape.Clone()
	s[axis] = index.Numel()
	there := full(U8, 0, x.arr.Shape).onto(x.Device()).Scatter(axis, along("IndexFill", index, axis, s), full(U8, 1, s).onto(x.Device()))
	return x.MaskedFill(there.To(Bool), value)
}

// IndexAdd returns x with slice i of src added to slice index[i] along axis. Equal indices add up.
func (x *Tensor) IndexAdd(axis int, index, src *Tensor) *Tensor {
	axis = x.axis("IndexAdd", axis)
	return apply1(op.IndexAdd, op.AxisAttrs{Axis: axis}, x, wrapped("IndexAdd", index, x.arr.Shape[axis]), src)
}

// Pick returns the elements of x at index tensors of its leading axes, which broadcast: Pick(rows, cols) of
// a matrix is the tensor of x[rows[i], cols[i]]. A Bool tensor stands for the indices of its elements that
// are true.
func (x *Tensor) Pick(index ...*Tensor) *Tensor {
	flat, rest := x.flatIndex("Pick", index)
	return x.Reshape(append([]int{-1}, rest...)...).IndexSelect(0, flat)
}

// IndexPut returns x with values at index tensors of its leading axes (see Pick), replacing or adding to
// what was there. values broadcast.
func (x *Tensor) IndexPut(values *Tensor, accumulate bool, index ...*Tensor) *Tensor {
	flat, rest := x.flatIndex("IndexPut", index)
	present("IndexPut", "values", values)
	s := slices.Concat(flat.arr.Shape, rest)
	all := values.To(x.arr.DType).Expand(s...)
	rows := x.Reshape(append([]int{-1}, rest...)...)
	vector := flat.Reshape(-1)
	all = all.Reshape(append([]int{vector.Numel()}, rest...)...)
	if accumulate {
		return rows.IndexAdd(0, vector, all).Reshape(x.arr.Shape...)
	}
	return rows.IndexCopy(0, vector, all).Reshape(x.arr.Shape...)
}

// flatIndex turns index tensors of leading axes into positions of the slices they name, and gives the
// extents of the other axes.
func (x *Tensor) flatIndex(where string, index []*Tensor) (*Tensor, []int) {
	x.must(where)
	var list []*Tensor
	for _, t := range index {
		present(where, "index", t)
		if t.arr.DType != Bool {
			list = append(list, t)
			continue
		}
		at := t.NonZero()
		for i := range t.Rank() {
			list = append(list, at.Slice(1, i, i+1).Reshape(-1))
		}
	}
	if len(list) == 0 || len(list) > x.Rank() {
		engine.Fail(where, "%d indices for tensor %v; want 1…%d", len(list), x.arr, x.Rank())
	}
	var flat *Tensor
	for i, t := range list {
		t = wrapped(where, t, x.arr.Shape[i])
		if t.Numel() > 0 && (t.Min().Item() < 0 || t.Max().Item() >= float64(x.arr.Shape[i])) {
			engine.Fail(where, "an index is outside axis %d of %v", i, x.arr)
		}
		if flat == nil {
			flat = t
		} else {
			flat = flat.Mul(x.arr.Shape[i]).Add(t)
		}
	}
	return flat, slices.Clone(x.arr.Shape[len(list):])
}

// SetIndex stores value, a number or a tensor that broadcasts, at the given index of each leading axis, as
// Assign does: x.SetIndex(0, 2) clears row 2 of a matrix.
func (x *Tensor) SetIndex(value any, index ...int) { x.Index(index...).Assign(value) }

// SetSlice stores value, a number or a tensor that broadcasts, at the indices start … stop−1 of axis, as
// Assign does.
func (x *Tensor) SetSlice(value any, axis, start, stop int) {
	x.Slice(axis, start, stop).Assign(value)
}

// SetMask stores value where mask is true, as Assign does. value is a number, a vector with an element for each
// true one, or a tensor that broadcasts to x. A mask of fewer axes is for the first ones of x, and then value
// broadcasts to the slices of x that it names. Agrees with x[mask] = value in PyTorch.
func (x *Tensor) SetMask(value any, mask *Tensor) {
	x.must("SetMask")
	present("SetMask", "mask", mask)
	v, rank := operand("SetMask", value), mask.Rank()
	listed := false
	switch {
	case mask.arr.DType != Bool || rank == 0 || rank > x.Rank() || !mask.arr.Shape.Equal(x.arr.Shape[:rank]):
	case rank < x.Rank():
		listed = true
	case v.Rank() == 1 && v.Numel() > 1:
		listed = v.Numel() == len(mask.flatNonZero("SetMask"))
	}
	x.become("SetMask", false, func(x *Tensor) *Tensor {
		if listed {
			return x.IndexPut(v, false, mask)
		}
		return Where(mask, v, x).To(x.arr.DType)
	})
}
