package sparse

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// Softmax returns the softmax along axis over the stored elements; those that are not stored count as −Inf.
// Agrees with torch.sparse.softmax.
func (a *COO) Softmax(axis int) *COO {
	return a.alongAxis("sparse.Softmax", axis, func(v, sum *eager.Tensor) *eager.Tensor { return v.Exp().Div(sum) })
}

// LogSoftmax returns the logarithm of Softmax. Agrees with torch.sparse.log_softmax.
func (a *COO) LogSoftmax(axis int) *COO {
	return a.alongAxis("sparse.LogSoftmax", axis, func(v, sum *eager.Tensor) *eager.Tensor { return v.Sub(sum.Log()) })
}

// alongAxis calls f with the elements, less the largest of their line along axis, and with the sum of the
// exponentials of that line.
func (a *COO) alongAxis(where string, axis int, f func(v, sum *eager.Tensor) *eager.Tensor) *COO {
	at, err := a.shape.Axis(axis)
	if err != nil {
		engine.Fail(where, "%v", err)
	}
	c := a.Coalesce()
	lines := a.shape.Clone()
	lines[at] = 1
	index := make([]*eager.Tensor, len(lines))
	for i := range lines {
		if index[i] = c.index.Index(i); i == at {
			index[i] = index[i].Mul(0)
		}
	}
	line := flat(stacked(index, c.Count()), lines)
	top := eager.Full(math.Inf(-1), lines.Numel()).To(c.values.DType()).
		ScatterReduce(0, line, c.values.Detach(), "amax", true)
	v := c.values.Sub(top.IndexSelect(0, line))
	sum := eager.Zeros(lines.Numel()).To(v.DType()).IndexAdd(0, line, v.Exp())
	return &COO{index: c.index, values: f(v, sum.IndexSelect(0, line)), shape: c.shape, coalesced: true}
}

// Mask returns the elements of x where a has stored ones. Agrees with torch.Tensor.sparse_mask.
func (a *COO) Mask(x *eager.Tensor) *COO {
	if x == nil || !x.Shape().Equal(a.shape) {
		engine.Fail("sparse.Mask", "x is %v; want %v", x, a.shape)
	}
	c := a.Coalesce()
	values := x.Reshape(-1).IndexSelect(0, flat(c.index, c.shape))
	return &COO{index: c.index, values: values, shape: c.shape, coalesced: true}
}

// SampledAddMM returns beta·a + alpha·(x·y) at the stored elements of the matrix a [m n], x: [m k], y: [k n].
// The product is computed at those only. Agrees with torch.sparse.sampled_addmm.
func (a *COO) SampledAddMM(x, y *eager.Tensor, beta, alpha float64) *COO {
	const where = "sparse.SampledAddMM"
	a.matrix(where)
	if x == nil || y == nil || x.Rank() != 2 || y.Rank() != 2 || x.Size(0) != a.shape[0] || y.Size(1) != a.shape[1] ||
		x.Size(1) != y.Size(0) {
		engine.Fail(where, "x is %v and y %v; want [%d k] and [k %d]", x, y, a.shape[0], a.shape[1])
	}
	c := a.Coalesce()
	products := x.IndexSelect(0, c.index.Index(0)).Mul(y.T().IndexSelect(0, c.index.Index(1))).Sum(1)
	return &COO{
		index: c.index, values: c.values.Mul(beta).Add(products.Mul(alpha)), shape: c.shape, coalesced: true,
	}
}

// Diagonals returns the matrix [rows cols] whose diagonal at offset offsets[i] (0 is the main one, positive
// ones are above it) has the elements of row i of x by their column. Agrees with torch.sparse.spdiags.
func Diagonals(x *eager.Tensor, offsets []int, rows, cols int) *COO {
	const where = "sparse.Diagonals"
	if x == nil || x.Rank() != 2 || x.Size(0) != len(offsets) || rows < 0 || cols < 0 {
		engine.Fail(where, "x is %v with %d offsets for [%d %d]; want [offsets columns]", x, len(offsets), rows, cols)
	}
	seen := map[int]bool{}
	var r, c, from []int
	width := x.Size(1)
	for i, o := range offsets {
		if seen[o] {
			engine.Fail(where, "offset %d is given twice", o)
		}
		seen[o] = true
		for col := range min(cols, width) {
			if row := col - o; row >= 0 && row < rows {
				r, c, from = append(r, row), append(c, col), append(from, i*width+col)
			}
		}
	}
	n := len(from)
	values := x.Reshape(-1).IndexSelect(0, eager.FromInts(from, n))
	return New(eager.FromInts(append(r, c...), 2, n), values, rows, cols)
}
