package eager

import (
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// AsStrided returns the tensor of the given shape whose element i is element offset + Σ i·strides of x,
// read row-major: a view where x is row-major. Elements may repeat; their gradients add up.
func (x *Tensor) AsStrided(shape, strides []int, offset int) *Tensor {
	return apply1(op.AsStrided, op.StridedAttrs{
		Shape: newShape("AsStrided", shape), Strides: slices.Clone(strides), Offset: offset,
	}, x)
}

// Diagonal returns the elements of axes a and b at distance offset above (below where negative) their
// diagonal, along a new last axis.
func (x *Tensor) Diagonal(offset, a, b int) *Tensor {
	a, b = x.axis("Diagonal", a), x.axis("Diagonal", b)
	return apply1(op.AsStrided, x.diagonal("Diagonal", x.arr.Shape, offset, a, b), x)
}

// diagonal are the positions of a diagonal of a row-major value of shape s.
func (x *Tensor) diagonal(where string, s engine.Shape, offset, a, b int) op.StridedAttrs {
	if a == b {
		engine.Fail(where, "a diagonal lies between two axes of %v, not along axis %d alone", x.arr, a)
	}
	st := s.Strides()
	p := op.StridedAttrs{}
	n := min(s[a], s[b]-offset)
	p.Offset = offset * st[b]
	if offset < 0 {
		n = min(s[a]+offset, s[b])
		p.Offset = -offset * st[a]
	}
	for i := range s {
		if i != a && i != b {
			p.Shape, p.Strides = append(p.Shape, s[i]), append(p.Strides, st[i])
		}
	}
	p.Shape, p.Strides = append(p.Shape, max(n, 0)), append(p.Strides, st[a]+st[b])
	if n <= 0 {
		p.Offset = 0
	}
	return p
}

// DiagEmbed returns zeros with the last axis of x on the diagonals, at distance offset, of axes a and b of
// the result. DiagEmbed(0, -2, -1) of [… n] is [… n n].
func (x *Tensor) DiagEmbed(offset, a, b int) *Tensor {
	x.must("DiagEmbed")
	rank := x.Rank() + 1
	if a < 0 {
		a += rank
	}
	if b < 0 {
		b += rank
	}
	if rank < 2 || a == b || min(a, b) < 0 || max(a, b) >= rank {
		engine.Fail("DiagEmbed", "axes %d and %d are not two of the %d of the result", a, b, rank)
	}
	n := x.Size(-1) + max(offset, -offset)
	s := slices.Clone(x.arr.Shape[:x.Rank()-1])
	for _, axis := range []int{min(a, b), max(a, b)} {
		s = slices.Insert(s, axis, n)
	}
	p := x.diagonal("DiagEmbed", s, offset, a, b)
	p.Base = s
	if x.arr.DType == Bool {
		return apply1(op.StridedAdd, p, x.To(U8)).To(Bool)
	}
	return apply1(op.StridedAdd, p, x)
}

// Diag returns the diagonal of a matrix, or the matrix with vector x on its diagonal, at distance offset.
func (x *Tensor) Diag(offset int) *Tensor {
	x.must("Diag")
	switch x.Rank() {
	case 1:
		return x.DiagEmbed(offset, 0, 1)
	case 2:
		return x.Diagonal(offset, 0, 1)
	}
	engine.Fail("Diag", "tensor %v; want a vector or a matrix (Diagonal and DiagEmbed take more axes)", x.arr)
	return nil
}

// Trace returns the sum of the diagonal of a matrix.
func (x *Tensor) Trace() *Tensor {
	x.must("Trace")
	if x.Rank() != 2 {
		engine.Fail("Trace", "tensor %v; want a matrix", x.arr)
	}
	return x.Diagonal(0, 0, 1).Sum()
}

// DiagonalScatter returns x with the diagonal that Diagonal gives replaced by src.
func (x *Tensor) DiagonalScatter(src *Tensor, offset, a, b int) *Tensor {
	present("DiagonalScatter", "src", src)
	a, b = x.axis("DiagonalScatter", a), x.axis("DiagonalScatter", b)
	p := x.diagonal("DiagonalScatter", x.arr.Shape, offset, a, b)
	return x.replaced("DiagonalScatter", src, func(like *Tensor) *Tensor {
		p.Base = x.arr.Shape
		return apply1(op.StridedAdd, p, like)
	}, p.Shape)
}

// SelectScatter returns x with the slice at index of axis replaced by src.
func (x *Tensor) SelectScatter(src *Tensor, axis, index int) *Tensor {
	present("SelectScatter", "src", src)
	axis = x.axis("SelectScatter", axis)
	n := x.arr.Shape[axis]
	if index < -n || index >= n {
		engine.Fail("SelectScatter", "index %d is outside axis %d of %v", index, axis, x.arr)
	}
	index = (index + n) % n
	return x.SliceScatter(src.Unsqueeze(axis), axis, index, index+1)
}

// SliceScatter returns x with the slice that x.Slice(axis, start, stop, step...) gives replaced by src.
func (x *Tensor) SliceScatter(src *Tensor, axis, start, stop int, step ...int) *Tensor {
	present("SliceScatter", "src", src)
	axis = x.axis("SliceScatter", axis)
	n, st := x.arr.Shape[axis], 1
	if len(step) > 0 {
		st = step[0]
	}
	if st <= 0 {
		engine.Fail("SliceScatter", "step is %d; want ≥ 1", st)
	}
	a := op.SliceAttrs{Start: make([]int, x.Rank()), Stop: slices.Clone(x.arr.Shape), Step: ones(x.Rank())}
	a.Start[axis], a.Step[axis] = clip(start, n), st
	a.Stop[axis] = max(clip(stop, n), a.Start[axis])
	s := x.arr.Shape.Clone()
	s[axis] = (a.Stop[axis] - a.Start[axis] + st - 1) / st
	return x.replaced("SliceScatter", src, func(like *Tensor) *Tensor {
		return apply1(op.Unslice, op.UnsliceAttrs{SliceAttrs: a, Shape: x.arr.Shape}, like)
	}, s)
}

// replaced returns x with src, of shape s, at the places where place puts it.
func (x *Tensor) replaced(where string, src *Tensor, place func(*Tensor) *Tensor, s engine.Shape) *Tensor {
	if !src.arr.Shape.Equal(s) {
		engine.Fail(where, "src is %v, the place in %v has shape %v", src.arr, x.arr, s)
	}
	there := place(full(U8, 1, s).onto(x.Device())).To(Bool)
	if x.arr.DType == Bool {
		return Where(there, place(src.To(U8)).To(Bool), x)
	}
	return Where(there, place(src.To(x.arr.DType)), x)
}

// Unfold returns the windows of size elements, step apart, along axis; the elements of a window lie along
// a new last axis. A view where x is row-major.
func (x *Tensor) Unfold(axis, size, step int) *Tensor {
	x.must("Unfold")
	if x.Rank() == 0 && (axis == 0 || axis == -1) {
		return x.Reshape(1).Unfold(0, size, step).Reshape(size)
	}
	axis = x.axis("Unfold", axis)
	n := x.arr.Shape[axis]
	if size < 0 || size > n || step <= 0 {
		engine.Fail("Unfold", "size %d, step %d for axis %d of %v; want 0…%d and ≥ 1", size, step, axis,
			x.arr, n)
	}
	st := x.arr.Shape.Strides()
	p := op.StridedAttrs{Shape: append(x.arr.Shape.Clone(), size), Strides: append(st, st[axis])}
	p.Shape[axis] = (n-size)/step + 1
	p.Strides = slices.Clone(p.Strides)
	p.Strides[axis] *= step
	return apply1(op.AsStrided, p, x)
}

// Tril returns x [… m n] with the elements above diagonal k (0: the main one, k > 0: above it) set to 0.
func (x *Tensor) Tril(k int) *Tensor { return x.triangle("Tril", k, true) }

// Triu returns x [… m n] with the elements below diagonal k (0: the main one, k > 0: above it) set to 0.
func (x *Tensor) Triu(k int) *Tensor { return x.triangle("Triu", k, false) }

func (x *Tensor) triangle(where string, k int, lower bool) *Tensor {
	x.must(where)
	if x.Rank() < 2 {
		engine.Fail(where, "tensor %v has fewer than 2 axes", x.arr)
	}
	m, n := x.Size(-2), x.Size(-1)
	mask := engine.Zeros(Bool, engine.Shape{m, n})
	d := mask.U8()
	for i := range m {
		for j := range n {
			if lower == (j-i <= k) || j-i == k {
				d[i*n+j] = 1
			}
		}
	}
	if x.arr.DType == Bool {
		return x.And(FromArray(mask).onto(x.Device()))
	}
	return Where(FromArray(mask).onto(x.Device()), x, 0)
}

// TrilIndices returns the rows and columns [2 count] of the lower triangle of a rows × cols matrix, up to
// diagonal k.
func TrilIndices(rows, cols, k int) *Tensor {
	return triangleIndices("TrilIndices", rows, cols, func(i, j int) bool { return j-i <= k })
}

// TriuIndices returns the rows and columns [2 count] of the upper triangle of a rows × cols matrix, from
// diagonal k on.
func TriuIndices(rows, cols, k int) *Tensor {
	return triangleIndices("TriuIndices", rows, cols, func(i, j int) bool { return j-i >= k })
}

func triangleIndices(where string, rows, cols int, in func(i, j int) bool) *Tensor {
	newShape(where, []int{rows, cols})
	var is, js []int
	for i := range rows {
		for j := range cols {
			if in(i, j) {
				is, js = append(is, i), append(js, j)
			}
		}
	}
	return FromInts(append(is, js...), 2, len(is))
}
