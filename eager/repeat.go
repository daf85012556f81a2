package eager

import (
	"slices"

	"github.com/lathe-ml/lathe/engine"
)

// Repeat returns x counts[i] times along axis i; leading counts beyond x's axes make new axes.
func (x *Tensor) Repeat(counts ...int) *Tensor {
	x.must("Repeat")
	lead := len(counts) - x.Rank()
	if lead < 0 {
		engine.Fail("Repeat", "%d counts for tensor %v; want one for each axis, or more", len(counts), x.arr)
	}
	newShape("Repeat", counts)
	var apart, wide, flat []int
	for i, c := range counts {
		n := 1
		if i >= lead {
			n = x.arr.Shape[i-lead]
		}
		apart, wide, flat = append(apart, 1, n), append(wide, c, n), append(flat, c*n)
	}
	return x.Reshape(apart...).Expand(wide...).Reshape(flat...)
}

// Tile is Repeat with 1 for missing leading counts.
func (x *Tensor) Tile(counts ...int) *Tensor {
	x.must("Tile")
	for len(counts) < x.Rank() {
		counts = slices.Insert(slices.Clone(counts), 0, 1)
	}
	return x.Repeat(counts...)
}

// RepeatInterleave returns each slice of axis n times in a row.
func (x *Tensor) RepeatInterleave(axis, n int) *Tensor {
	axis = x.axis("RepeatInterleave", axis)
	counts := make([]int, x.arr.Shape[axis])
	for i := range counts {
		counts[i] = n
	}
	return x.RepeatEach(axis, FromInts(counts))
}

// RepeatEach returns slice i of axis counts[i] times in a row; counts is an integer vector, or one count
// for all.
func (x *Tensor) RepeatEach(axis int, counts *Tensor) *Tensor {
	axis = x.axis("RepeatEach", axis)
	present("RepeatEach", "counts", counts)
	n, c := x.arr.Shape[axis], counts.Ints()
	if len(c) != n && len(c) != 1 {
		engine.Fail("RepeatEach", "%d counts for axis %d of %v", len(c), axis, x.arr)
	}
	var index []int
	for i := range n {
		k := c[min(i, len(c)-1)]
		if k < 0 {
			engine.Fail("RepeatEach", "count %d of slice %d is negative", k, i)
		}
		for range k {
			index = append(index, i)
		}
	}
	return x.IndexSelect(axis, FromInts(index).onto(x.Device()))
}

// Roll moves the elements by shifts[i] places along axes[i]; what leaves at one end enters at the other.
// Without axes, one shift rolls the flattened tensor.
func (x *Tensor) Roll(shifts, axes []int) *Tensor {
	x.must("Roll")
	if len(axes) == 0 && len(shifts) == 1 {
		return x.Reshape(-1).Roll(shifts, []int{0}).Reshape(x.arr.Shape...)
	}
	if len(shifts) != len(axes) {
		engine.Fail("Roll", "%d shifts for %d axes", len(shifts), len(axes))
	}
	y := x
	for i, a := range axes {
		a = x.axis("Roll", a)
		n := x.arr.Shape[a]
		if n == 0 {
			continue
		}
		if k := ((shifts[i] % n) + n) % n; k > 0 {
			y = Concat(a, y.Slice(a, n-k, n), y.Slice(a, 0, n-k))
		}
	}
	if y == x {
		return x.Clone()
	}
	return y
}

// Rot90 turns the plane of axes a and b by k quarter turns, from a towards b.
func (x *Tensor) Rot90(k, a, b int) *Tensor {
	a, b = x.axis("Rot90", a), x.axis("Rot90", b)
	if a == b {
		engine.Fail("Rot90", "a turn of %v needs two axes, not axis %d alone", x.arr, a)
	}
	switch ((k % 4) + 4) % 4 {
	case 1:
		return x.Flip(b).Transpose(a, b)
	case 2:
		return x.Flip(a, b)
	case 3:
		return x.Transpose(a, b).Flip(b)
	}
	return x.Clone()
}

// Meshgrid returns, for vectors or numbers of extents n₀ … nₖ, k+1 tensors [n₀ … nₖ]: tensor i repeats the
// values of xs[i] along all axes but i.
func Meshgrid(xs ...*Tensor) []*Tensor {
	s := make([]int, len(xs))
	for i, x := range xs {
		present("Meshgrid", "xs", x)
		if x.Rank() > 1 {
			engine.Fail("Meshgrid", "tensor %d is %v; want vectors", i, x.arr)
		}
		s[i] = x.Numel()
	}
	r := make([]*Tensor, len(xs))
	for i, x := range xs {
		one := ones(len(xs))
		one[i] = s[i]
		r[i] = x.Reshape(one...).Expand(s...)
	}
	return r
}

// MeshgridXY is Meshgrid with the first two axes exchanged: xs[0] runs along axis 1 (columns, x) and xs[1]
// along axis 0 (rows, y). Agrees with torch.meshgrid, indexing "xy".
func MeshgridXY(xs ...*Tensor) []*Tensor {
	r := Meshgrid(xs...)
	for i, y := range r {
		if len(xs) > 1 {
			r[i] = y.Transpose(0, 1)
		}
	}
	return r
}

// CartesianProd returns the rows of all combinations of one element of each vector; of one vector itself.
func CartesianProd(xs ...*Tensor) *Tensor {
	if len(xs) == 1 {
		present("CartesianProd", "xs[0]", xs[0])
		return xs[0]
	}
	grid := Meshgrid(xs...)
	for i, x := range grid {
		grid[i] = x.Reshape(-1)
	}
	return Stack(1, grid...)
}

// Combinations returns the rows of the r elements of vector x in all ways in which their positions ascend;
// with repetition a position may occur again.
func (x *Tensor) Combinations(r int, repetition bool) *Tensor {
	x.must("Combinations")
	if x.Rank() != 1 || r < 0 {
		engine.Fail("Combinations", "r is %d for tensor %v; want r ≥ 0 and a vector", r, x.arr)
	}
	var rows []int
	row, step := make([]int, r), 1
	if repetition {
		step = 0
	}
	var fill func(k, from int)
	fill = func(k, from int) {
		if k == r {
			rows = append(rows, row...)
			return
		}
		for i := from; i < x.Numel(); i++ {
			row[k] = i
			fill(k+1, i+step)
		}
	}
	if r == 0 {
		return FromArray(engine.Zeros(x.arr.DType, engine.Shape{0})).onto(x.Device())
	}
	fill(0, 0)
	return x.IndexSelect(0, FromInts(rows, len(rows)/r, r).onto(x.Device()))
}

// ColumnStack joins tensors along axis 1; vectors and numbers are columns.
func ColumnStack(xs ...*Tensor) *Tensor {
	ys := make([]*Tensor, len(xs))
	for i, x := range xs {
		present("ColumnStack", "xs", x)
		ys[i] = x
		if x.Rank() < 2 {
			ys[i] = x.Reshape(x.Numel(), 1)
		}
	}
	return Concat(1, ys...)
}

// BlockDiag returns the matrix with the given ones along its diagonal; vectors are rows.
func BlockDiag(xs ...*Tensor) *Tensor {
	cols := 0
	for _, x := range xs {
		present("BlockDiag", "xs", x)
		if x.Rank() > 2 {
			engine.Fail("BlockDiag", "tensor %v has more than 2 axes", x.arr)
		}
		if x.Rank() < 2 {
			cols += x.Numel()
		} else {
			cols += x.Size(1)
		}
	}
	rows, at := make([]*Tensor, len(xs)), 0
	for i, x := range xs {
		if x.Rank() < 2 {
			x = x.Reshape(1, x.Numel())
		}
		n := x.Size(1)
		rows[i] = x.Pad([]int{0, at}, []int{0, cols - at - n}, 0)
		at += n
	}
	return Concat(0, rows...)
}

// SumTo sums x down to a shape that broadcasts to x's: the reverse of Expand.
func (x *Tensor) SumTo(shape ...int) *Tensor {
	x.must("SumTo")
	s := newShape("SumTo", shape)
	lead := x.Rank() - len(s)
	if all, err := engine.Broadcast(x.arr.Shape, s); err != nil || !all.Equal(x.arr.Shape) || lead < 0 {
		engine.Fail("SumTo", "shape %v does not expand to %v", s, x.arr)
	}
	var axes []int
	for i, n := range x.arr.Shape {
		if i < lead || s[i-lead] != n {
			axes = append(axes, i)
		}
	}
	switch {
	case len(s) == 0: // also of one number, whose dtype Sum makes wide
		return x.Sum()
	case len(axes) == 0:
		return x
	}
	return x.SumKeep(axes...).Reshape(s...)
}
