// Package sparse holds tensors of which only some elements are stored, with gradients.
//
//	a := sparse.New(eager.New([][]int{{0, 2}, {1, 0}}), values, 3, 2) // a[0, 1] and a[2, 0]
//	y := a.MatMul(x)                                                  // differentiable in values and x
//	d := a.Add(b).Dense()
//	c := sparse.FromDense(x).CSR()
//
// A COO lists the indices of its elements, a CSR the columns of each row of a matrix. Elements that are not
// stored are 0. Functions panic with *engine.Error, as tensor methods do. Everything is composed of tensor
// operators, so that a product makes one row of values for each stored element on its way. It does not hold
// sparse gradients or blocked formats.
package sparse

import (
	"fmt"
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// COO is a tensor as a list of indices and values. It does not change.
type COO struct {
	index     *eager.Tensor // I64 [rank count]
	values    *eager.Tensor // [count]
	shape     engine.Shape
	coalesced bool // ascending, each index once
}

// New returns a tensor of the given shape with values [count] at indices [rank count]. Values of equal indices
// add up.
func New(index, values *eager.Tensor, shape ...int) *COO {
	const where = "sparse.New"
	if index == nil || values == nil {
		engine.Fail(where, "index or values are nil")
	}
	if !index.DType().IsInt() || index.Rank() != 2 || values.Rank() != 1 || index.Size(0) != len(shape) ||
		index.Size(1) != values.Size(0) {
		engine.Fail(where, "index %v and values %v for shape %v; want integers [%d count] and [count]", index.Array(),
			values.Array(), shape, len(shape))
	}
	at := index.Ints()
	n := values.Size(0)
	for axis, extent := range shape {
		if extent < 0 {
			engine.Fail(where, "shape %v has a negative extent", shape)
		}
		for _, i := range at[axis*n : (axis+1)*n] {
			if i < 0 || i >= extent {
				engine.Fail(where, "index %d is outside axis %d of %v", i, axis, shape)
			}
		}
	}
	return &COO{index: index.To(engine.I64), values: values, shape: slices.Clone(shape)}
}

// FromDense returns the elements of x other than 0.
func FromDense(x *eager.Tensor) *COO {
	if x == nil {
		engine.Fail("sparse.FromDense", "x is nil")
	}
	at := x.Detach().NonZero()
	values := x.Reshape(-1).IndexSelect(0, flat(at.T(), x.Shape()))
	return &COO{index: at.T(), values: values, shape: x.Shape().Clone(), coalesced: true}
}

// flat turns indices [rank count] into positions of a row-major tensor.
func flat(index *eager.Tensor, s engine.Shape) *eager.Tensor {
	at := eager.Zeros(index.Size(1)).To(engine.I64)
	for i, st := range s.Strides() {
		at = at.Add(index.Index(i).Mul(st))
	}
	return at
}

// Shape returns the extents.
func (a *COO) Shape() engine.Shape { return a.shape.Clone() }

// Count returns the number of stored elements.
func (a *COO) Count() int { return a.values.Numel() }

// Values returns the stored elements [count].
func (a *COO) Values() *eager.Tensor { return a.values }

// Indices returns where the stored elements stand, I64 [rank count].
func (a *COO) Indices() *eager.Tensor { return a.index }

// String names type, shape and number of elements.
func (a *COO) String() string {
	return fmt.Sprintf("sparse %v%v with %d elements", a.values.DType(), a.shape, a.Count())
}

// Coalesce returns a with ascending indices, each once: values of equal indices are added.
func (a *COO) Coalesce() *COO {
	if a.coalesced {
		return a
	}
	places, inverse, _ := flat(a.index, a.shape).Unique()
	n := places.Numel()
	values := eager.Zeros(n).To(a.values.DType()).IndexAdd(0, inverse, a.values)
	rows := make([]*eager.Tensor, len(a.shape))
	for i, st := range a.shape.Strides() {
		rows[i] = places.FloorDiv(st).Mod(max(a.shape[i], 1))
	}
	return &COO{index: stacked(rows, n), values: values, shape: a.shape, coalesced: true}
}

func stacked(rows []*eager.Tensor, n int) *eager.Tensor {
	if len(rows) == 0 {
		return eager.Zeros(0, n).To(engine.I64)
	}
	return eager.Stack(0, rows...)
}

// Dense returns a as a tensor with all its elements.
func (a *COO) Dense() *eager.Tensor {
	zero := eager.Zeros(a.shape.Numel()).To(a.values.DType())
	return zero.IndexAdd(0, flat(a.index, a.shape), a.values).Reshape(a.shape...)
}

// Add returns a + b; both have one shape.
func (a *COO) Add(b *COO) *COO {
	if b == nil || !a.shape.Equal(b.shape) {
		engine.Fail("sparse.Add", "%v and %v differ in shape", a, b)
	}
	d := engine.Promote(a.values.DType(), b.values.DType())
	sum := &COO{
		index:  eager.Concat(1, a.index, b.index),
		values: eager.Concat(0, a.values.To(d), b.values.To(d)), shape: a.shape,
	}
	return sum.Coalesce()
}

// Mul returns a times a number, or times a tensor that broadcasts to its shape, at the stored elements.
func (a *COO) Mul(v any) *COO {
	if x, ok := v.(*eager.Tensor); ok {
		v = x.Expand(a.shape...).Reshape(-1).IndexSelect(0, flat(a.index, a.shape))
	}
	return &COO{index: a.index, values: a.values.Mul(v), shape: a.shape, coalesced: a.coalesced}
}

// Map returns a with f applied to the values of the coalesced tensor; f(0) is 0.
func (a *COO) Map(f func(v *eager.Tensor) *eager.Tensor) *COO {
	c := a.Coalesce()
	return &COO{index: c.index, values: f(c.values), shape: c.shape, coalesced: true}
}

// matrix refuses tensors that are not matrices.
func (a *COO) matrix(where string) {
	if len(a.shape) != 2 {
		engine.Fail(where, "%v is not a matrix", a)
	}
}

// T returns the transposed matrix.
func (a *COO) T() *COO {
	a.matrix("sparse.T")
	return &COO{index: a.index.Flip(0), values: a.values, shape: engine.Shape{a.shape[1], a.shape[0]}}
}

// MatMul returns a·x for a matrix a [m k] and a dense x [k n] or [k].
func (a *COO) MatMul(x *eager.Tensor) *eager.Tensor {
	a.matrix("sparse.MatMul")
	if x == nil || x.Rank() < 1 || x.Rank() > 2 || x.Size(0) != a.shape[1] {
		engine.Fail("sparse.MatMul", "%v times %v; want [%d n] or [%d]", a, x, a.shape[1], a.shape[1])
	}
	if x.Rank() == 1 {
		return a.MatMul(x.Unsqueeze(1)).Squeeze(1)
	}
	terms := x.IndexSelect(0, a.index.Index(1)).Mul(a.values.Unsqueeze(1))
	return eager.Zeros(a.shape[0], x.Size(1)).To(terms.DType()).IndexAdd(0, a.index.Index(0), terms)
}

// Sum returns the sum of all elements, or over the given axes as a dense tensor.
func (a *COO) Sum(axes ...int) *eager.Tensor {
	if len(axes) == 0 {
		return a.values.Sum()
	}
	gone := make([]bool, len(a.shape))
	for _, axis := range axes {
		i, err := a.shape.Axis(axis)
		if err != nil {
			engine.Fail("sparse.Sum", "%v", err)
		}
		gone[i] = true
	}
	var kept engine.Shape
	var rows []*eager.Tensor
	for i, n := range a.shape {
		if !gone[i] {
			kept, rows = append(kept, n), append(rows, a.index.Index(i))
		}
	}
	rest := &COO{index: stacked(rows, a.Count()), values: a.values, shape: kept}
	return rest.Dense()
}

// CSR is a matrix by rows: the columns and values of row i are those from start[i] to start[i+1].
type CSR struct {
	start, columns *eager.Tensor // I64 [rows + 1], [count]
	values         *eager.Tensor // [count]
	shape          engine.Shape
}

// NewCSR returns the matrix [rows columns] whose row i has values at the columns from start[i] to start[i+1].
func NewCSR(start, columns, values *eager.Tensor, rows, cols int) *CSR {
	const where = "sparse.NewCSR"
	if start == nil || columns == nil || values == nil {
		engine.Fail(where, "a tensor is nil")
	}
	if start.Rank() != 1 || columns.Rank() != 1 || values.Rank() != 1 || start.Numel() != rows+1 ||
		columns.Numel() != values.Numel() || !start.DType().IsInt() || !columns.DType().IsInt() {
		engine.Fail(where, "start %v, columns %v, values %v; want integers [%d], [count] and values [count]",
			start.Array(), columns.Array(), values.Array(), rows+1)
	}
	s := start.Ints()
	if s[0] != 0 || s[rows] != values.Numel() || !slices.IsSorted(s) {
		engine.Fail(where, "start %v does not ascend from 0 to %d", s, values.Numel())
	}
	for _, c := range columns.Ints() {
		if c < 0 || c >= cols {
			engine.Fail(where, "column %d is outside [0, %d)", c, cols)
		}
	}
	return &CSR{start.To(engine.I64), columns.To(engine.I64), values, engine.Shape{rows, cols}}
}

// CSR returns a matrix by rows.
func (a *COO) CSR() *CSR {
	a.matrix("sparse.CSR")
	c := a.Coalesce()
	start := make([]int, c.shape[0]+1)
	for _, r := range c.index.Index(0).Ints() {
		start[r+1]++
	}
	for i := range c.shape[0] {
		start[i+1] += start[i]
	}
	return &CSR{eager.FromInts(start, len(start)), c.index.Index(1), c.values, c.shape}
}

// COO returns the matrix as a list of indices.
func (c *CSR) COO() *COO {
	s := c.start.Ints()
	rows := make([]int, 0, c.values.Numel())
	for i := range c.shape[0] {
		for range s[i+1] - s[i] {
			rows = append(rows, i)
		}
	}
	index := eager.Stack(0, eager.FromInts(rows, len(rows)), c.columns)
	return &COO{index: index, values: c.values, shape: c.shape}
}

// Shape returns the extents.
func (c *CSR) Shape() engine.Shape { return c.shape.Clone() }

// Start returns where each row starts, I64 [rows + 1].
func (c *CSR) Start() *eager.Tensor { return c.start }

// Columns returns the columns of the stored elements, I64 [count].
func (c *CSR) Columns() *eager.Tensor { return c.columns }

// Values returns the stored elements [count].
func (c *CSR) Values() *eager.Tensor { return c.values }

// Dense returns the matrix with all its elements.
func (c *CSR) Dense() *eager.Tensor { return c.COO().Dense() }

// MatMul returns the product with a dense x [k n] or [k].
func (c *CSR) MatMul(x *eager.Tensor) *eager.Tensor { return c.COO().MatMul(x) }

// String names type, shape and number of elements.
func (c *CSR) String() string {
	return fmt.Sprintf("sparse %v%v by rows with %d elements", c.values.DType(), c.shape, c.values.Numel())
}
