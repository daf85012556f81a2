package eager

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
)

// VectorNorm returns (Σ|x|ᵖ)^(1/p) over axes, without axes over all; p = ±Inf gives the largest or smallest
// |x|, p = 0 the number of elements other than 0. The gradient at 0 is 0.
func (x *Tensor) VectorNorm(p float64, axes ...int) *Tensor {
	x.must("VectorNorm")
	if x.arr.DType.IsComplex() {
		return x.Abs().VectorNorm(p, axes...)
	}
	if !x.arr.DType.IsFloat() {
		engine.Fail("VectorNorm", "tensor %v is not floating-point; convert it with To(t.F32)", x.arr)
	}
	switch {
	case x.Rank() == 0:
		return x.Reshape(1).VectorNorm(p).Reshape()
	case math.IsInf(p, 1):
		if x.count("VectorNorm", axes) == 0 {
			return x.Sum(axes...)
		}
		return x.Abs().Max(axes...)
	case math.IsInf(p, -1):
		return x.Abs().Min(axes...)
	case p == 0:
		return x.Ne(0).Sum(axes...).To(x.arr.DType)
	case p == 1 || x.count("VectorNorm", axes) == 1:
		return x.Abs().Sum(axes...)
	}
	var terms *Tensor
	if p == 2 {
		terms = x.Mul(x)
	} else {
		zero, at := x.Detach().Eq(0), 0.0
		if p < 0 {
			at = math.Inf(1)
		}
		terms = Where(zero, at, Where(zero, 1, x).Abs().Pow(p))
	}
	sum := terms.Sum(axes...)
	none := sum.Detach().Eq(0)
	safe := Where(none, 1, sum)
	if p == 2 {
		return Where(none, 0, safe.Sqrt())
	}
	return Where(none, 0, safe.Pow(1/p))
}

// Dist returns the p-norm of x − y.
func (x *Tensor) Dist(y *Tensor, p float64) *Tensor { return x.Sub(y).VectorNorm(p) }

// CDist returns the p-norms of all differences of a row of x [… m k] and a row of y [… n k] → [… m n].
func (x *Tensor) CDist(y *Tensor, p float64) *Tensor {
	x.must("CDist")
	present("CDist", "y", y)
	if x.Rank() < 2 || y.Rank() < 2 || x.Size(-1) != y.Size(-1) {
		engine.Fail("CDist", "operands are %v and %v; want [… m k] and [… n k]", x.arr, y.arr)
	}
	return x.Unsqueeze(-2).Sub(y.Unsqueeze(-3)).VectorNorm(p, -1)
}

// PDist returns the p-norms of the differences of rows i < j of x [n k], row by row.
func (x *Tensor) PDist(p float64) *Tensor {
	x.must("PDist")
	if x.Rank() != 2 {
		engine.Fail("PDist", "tensor %v; want a matrix", x.arr)
	}
	ij := TriuIndices(x.Size(0), x.Size(0), 1).onto(x.Device())
	return x.IndexSelect(0, ij.Index(0)).Sub(x.IndexSelect(0, ij.Index(1))).VectorNorm(p, -1)
}

// Normalize returns x divided by its p-norm along axis, or by eps where that is smaller.
func (x *Tensor) Normalize(p float64, axis int, eps float64) *Tensor {
	if x.Rank() == 0 && (axis == 0 || axis == -1) {
		return x.Reshape(1).Normalize(p, 0, eps).Reshape()
	}
	axis = x.axis("Normalize", axis)
	return x.Div(x.VectorNorm(p, axis).Unsqueeze(axis).Clamp(eps, math.Inf(1)))
}

// Renorm scales down each slice of x along axis whose p-norm is above most, so that it is most.
func (x *Tensor) Renorm(p float64, axis int, most float64) *Tensor {
	axis = x.axis("Renorm", axis)
	norms := x.Transpose(0, axis)
	s := ones(x.Rank())
	s[0] = norms.Size(0)
	n := norms.Reshape(s[0], -1).VectorNorm(p, 1)
	factor := Where(n.Gt(most), n.Add(1e-7).Reciprocal().Mul(most), 1)
	return x.Mul(factor.Reshape(s...).Transpose(0, axis))
}
