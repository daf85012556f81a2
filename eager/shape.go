package eager

import (
	"fmt"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// Reshape returns x's elements in row-major order under another shape; one extent may be −1 and is
// inferred. The result shares storage when x's strides allow it.
func (x *Tensor) Reshape(shape ...int) *Tensor {
	x.must("Reshape")
	s := engine.Shape(shape).Clone()
	infer, n := -1, 1
	for i, d := range s {
		switch {
		case d == -1 && infer < 0:
			infer = i
		case d < 0:
			engine.Fail("Reshape", "shape %v: extents are ≥ 0, and at most one may be -1", s)
		default:
			n *= d
		}
	}
	if infer >= 0 {
		if n == 0 || x.Numel()%n != 0 {
			engine.Fail("Reshape", "tensor %v with %d elements does not fit shape %v", x.arr, x.Numel(), s)
		}
		s[infer] = x.Numel() / n
	}
	return apply1(op.Reshape, op.ShapeAttrs{Shape: s}, x)
}

// Flatten merges axes from … last into one: [8 3 4 4].Flatten(1) is [8 48].
func (x *Tensor) Flatten(from int) *Tensor {
	x.must("Flatten")
	if x.Rank() == 0 {
		return x.Reshape(1)
	}
	from = x.axis("Flatten", from)
	n := x.arr.Shape[from:].Numel()
	return x.Reshape(append(slices.Clone(x.arr.Shape[:from]), n)...)
}

// Squeeze drops the named axes, which must have extent 1; without axes all of extent 1.
func (x *Tensor) Squeeze(axes ...int) *Tensor {
	x.must("Squeeze")
	drop := x.axes("Squeeze", axes)
	var s []int
	for i, d := range x.arr.Shape {
		named := slices.Contains(drop, i)
		if named && d != 1 {
			engine.Fail("Squeeze", "axis %d of %v has extent %d, not 1", i, x.arr, d)
		}
		if named || len(axes) == 0 && d == 1 {
			continue
		}
		s = append(s, d)
	}
	return x.Reshape(s...)
}

// Unsqueeze inserts an axis of extent 1 at position axis of the result; −1 appends it.
func (x *Tensor) Unsqueeze(axis int) *Tensor {
	x.must("Unsqueeze")
	if axis < 0 {
		axis += x.Rank() + 1
	}
	if axis < 0 || axis > x.Rank() {
		engine.Fail("Unsqueeze", "position %d is outside %v; want 0…%d", axis, x.arr, x.Rank())
	}
	return x.Reshape(slices.Insert(slices.Clone([]int(x.arr.Shape)), axis, 1)...)
}

// Permute returns the view whose axis i is x's axis axes[i].
func (x *Tensor) Permute(axes ...int) *Tensor {
	p := make([]int, len(axes))
	for i, a := range axes {
		p[i] = x.axis("Permute", a)
	}
	return apply1(op.Permute, op.PermuteAttrs{Perm: p}, x)
}

// Transpose returns the view with axes a and b exchanged.
func (x *Tensor) Transpose(a, b int) *Tensor {
	a, b = x.axis("Transpose", a), x.axis("Transpose", b)
	p := make([]int, x.Rank())
	for i := range p {
		p[i] = i
	}
	p[a], p[b] = b, a
	return x.Permute(p...)
}

// T returns the view with the last two axes exchanged: the transpose of a matrix, or of each of a batch.
func (x *Tensor) T() *Tensor {
	x.must("T")
	if x.Rank() < 2 {
		engine.Fail("T", "tensor %v has fewer than 2 axes", x.arr)
	}
	return x.Transpose(-2, -1)
}

// Expand returns the view broadcast to shape; −1 keeps an extent.
func (x *Tensor) Expand(shape ...int) *Tensor {
	x.must("Expand")
	s := engine.Shape(shape).Clone()
	off := len(s) - x.Rank()
	for i := range s {
		if s[i] == -1 && i >= off {
			s[i] = x.arr.Shape[i-off]
		}
		if s[i] < 0 {
			engine.Fail("Expand", "axis %d of %v is new to %v; want its extent, not %d", i, shape, x.arr, s[i])
		}
	}
	return apply1(op.Expand, op.ShapeAttrs{Shape: s}, x)
}

// Slice returns the view of indices start … stop−1 on axis, or every step-th of them. Negative start
// and stop count from the end; values beyond the ends are clipped, as in Python.
func (x *Tensor) Slice(axis, start, stop int, step ...int) *Tensor {
	axis = x.axis("Slice", axis)
	n := x.arr.Shape[axis]
	st := 1
	if len(step) > 0 {
		st = step[0]
	}
	if st <= 0 {
		engine.Fail("Slice", "step is %d; want ≥ 1 (use Flip to reverse)", st)
	}
	a := op.SliceAttrs{Start: make([]int, x.Rank()), Stop: slices.Clone(x.arr.Shape), Step: ones(x.Rank())}
	a.Start[axis], a.Stop[axis], a.Step[axis] = clip(start, n), clip(stop, n), st
	return apply1(op.Slice, a, x)
}

func ones(n int) []int {
	r := make([]int, n)
	for i := range r {
		r[i] = 1
	}
	return r
}

func clip(i, n int) int {
	if i < 0 {
		i += n
	}
	return min(max(i, 0), n)
}

// Index returns the view at the given index of each leading axis: x.Index(2) of a matrix is row 2.
// Negative indices count from the end.
func (x *Tensor) Index(index ...int) *Tensor {
	x.must("Index")
	if len(index) > x.Rank() {
		engine.Fail("Index", "%d indices for tensor %v, which has %d axes", len(index), x.arr, x.Rank())
	}
	a := op.SliceAttrs{Start: make([]int, x.Rank()), Stop: slices.Clone(x.arr.Shape), Step: ones(x.Rank())}
	for axis, i := range index {
		n := x.arr.Shape[axis]
		if i < -n || i >= n {
			engine.Fail("Index", "index %d is outside axis %d of %v", i, axis, x.arr)
		}
		if i < 0 {
			i += n
		}
		a.Start[axis], a.Stop[axis] = i, i+1
	}
	return apply1(op.Slice, a, x).Reshape(x.arr.Shape[len(index):]...)
}

// IndexSelect returns the slices of x at the given I64 indices along axis. index may have any rank;
// its axes replace axis. Indices are in [−n, n).
func (x *Tensor) IndexSelect(axis int, index *Tensor) *Tensor {
	return apply1(op.IndexSelect, op.AxisAttrs{Axis: x.axis("IndexSelect", axis)}, x, index)
}

// Gather returns y with y[i, j] = x[i, index[i, j]] (axis 1 of a matrix; likewise for other axes).
func (x *Tensor) Gather(axis int, index *Tensor) *Tensor {
	return apply1(op.Gather, op.AxisAttrs{Axis: x.axis("Gather", axis)}, x, index)
}

// ScatterAdd returns x with src[i, j] added at [i, index[i, j]] (axis 1 of a matrix; likewise for others).
func (x *Tensor) ScatterAdd(axis int, index, src *Tensor) *Tensor {
	return apply1(op.ScatterAdd, op.AxisAttrs{Axis: x.axis("ScatterAdd", axis)}, x, index, src)
}

// Flip reverses the order along axes.
func (x *Tensor) Flip(axes ...int) *Tensor {
	return apply1(op.Flip, op.ReduceAttrs{Axes: x.axes("Flip", axes)}, x)
}

// Pad adds before[i] and after[i] elements of value on axis i.
func (x *Tensor) Pad(before, after []int, value float64) *Tensor {
	return apply1(op.Pad, op.PadAttrs{Before: before, After: after, Value: value}, x)
}

// Concat joins tensors along axis; their other extents agree.
func Concat(axis int, xs ...*Tensor) *Tensor {
	if len(xs) == 0 {
		engine.Fail("Concat", "no tensors to join")
	}
	present("Concat", "xs[0]", xs[0])
	return apply1(op.Concat, op.AxisAttrs{Axis: xs[0].axis("Concat", axis)}, xs...)
}

// Stack joins tensors of one shape along a new axis.
func Stack(axis int, xs ...*Tensor) *Tensor {
	if len(xs) == 0 {
		engine.Fail("Stack", "no tensors to join")
	}
	ys := make([]*Tensor, len(xs))
	for i, x := range xs {
		if x == nil || x.arr.DType == engine.Invalid {
			absent("Stack", fmt.Sprintf("xs[%d]", i), x)
		}
		if !x.arr.Shape.Equal(xs[0].arr.Shape) {
			engine.Fail("Stack", "tensor %d is %v and tensor 0 is %v; want one shape", i, x.arr, xs[0].arr)
		}
		if rank := x.Rank(); axis < -rank-1 || axis > rank {
			engine.Fail("Stack", "position %d is outside %v; want %d…%d", axis, x.arr, -rank-1, rank)
		}
		ys[i] = x.Unsqueeze(axis)
	}
	if axis < 0 {
		axis += ys[0].Rank()
	}
	return Concat(axis, ys...)
}

// Split cuts x along axis into pieces of the given size; the last may be smaller.
func (x *Tensor) Split(axis, size int) []*Tensor {
	x.must("Split")
	if size <= 0 {
		engine.Fail("Split", "size is %d; want ≥ 1", size)
	}
	var parts []*Tensor
	for i := 0; i < x.Size(axis); i += size {
		parts = append(parts, x.Slice(axis, i, min(i+size, x.Size(axis))))
	}
	return parts
}
