package linalg

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// epsilon is the distance of 1 to the next number of x's dtype.
func epsilon(x *eager.Tensor) float64 {
	if parts(x) == engine.F64 {
		return 0x1p-52
	}
	return 0x1p-23
}

// Cutoff says which singular values count as 0: those of at most max(Absolute, Relative·largest). Negative
// means the default: nothing, and the larger extent times the distance of 1 to the next number; Relative
// is 0 by default where Absolute is positive.
type Cutoff struct{ Absolute, Relative float64 }

// DefaultCutoff is the Cutoff of rounding errors.
var DefaultCutoff = Cutoff{-1, -1}

func (c Cutoff) of(a *eager.Tensor) (absolute, relative float64) {
	if c.Relative < 0 {
		c.Relative = epsilon(a) * float64(max(a.Size(-2), a.Size(-1)))
		if c.Absolute > 0 {
			c.Relative = 0
		}
	}
	return max(c.Absolute, 0), c.Relative
}

// PInv returns the pseudo-inverses [… n m] of matrices [… m n].
func PInv(a *eager.Tensor, c Cutoff) *eager.Tensor {
	matrices("linalg.PInv", a)
	absolute, relative := c.of(a)
	return eager.First(op.PInv, op.PInvAttrs{Absolute: absolute, Relative: relative}, a)
}

// PInvH is PInv for symmetric matrices, of which the lower part is read.
func PInvH(a *eager.Tensor, c Cutoff) *eager.Tensor {
	matrices("linalg.PInvH", a)
	absolute, relative := c.of(a)
	return eager.First(op.PInv, op.PInvAttrs{Absolute: absolute, Relative: relative, Symmetric: true}, a)
}

// MatrixRank returns the number of singular values that do not count as 0 (I64).
func MatrixRank(a *eager.Tensor, c Cutoff) *eager.Tensor {
	matrices("linalg.MatrixRank", a)
	absolute, relative := c.of(a)
	s := SVDVals(a.Detach())
	if s.Size(-1) == 0 {
		return eager.ZerosLike(s.Sum(-1)).To(engine.I64)
	}
	return s.Gt(s.MaxKeep(-1).Mul(relative).Maximum(absolute)).Sum(-1)
}

// MatrixRankEach is MatrixRank with bounds for each matrix of the batch: those of at most max(absolute,
// relative·largest) count as 0. Either may be nil for the default.
func MatrixRankEach(a, absolute, relative *eager.Tensor) *eager.Tensor {
	matrices("linalg.MatrixRankEach", a)
	s := SVDVals(a.Detach())
	if s.Size(-1) == 0 {
		return eager.ZerosLike(s.Sum(-1)).To(engine.I64)
	}
	least := eager.ZerosLike(s.Sum(-1))
	if absolute != nil {
		least = least.Add(absolute.To(parts(a)))
	}
	_, rounding := DefaultCutoff.of(a)
	factor := eager.FullLike(least, rounding)
	switch {
	case relative != nil:
		factor = relative.To(parts(a))
	case absolute != nil:
		factor = eager.Where(absolute.Gt(0), 0, factor)
	}
	return s.Gt(s.Max(-1).Mul(factor).Maximum(least).Unsqueeze(-1)).Sum(-1)
}

// LstSq returns the x of least norm that minimises |a·x − b|: a [… m n], b [… m k] → [… n k].
func LstSq(a, b *eager.Tensor) *eager.Tensor {
	matrices("linalg.LstSq", a, b)
	return PInv(a, DefaultCutoff).MatMul(b)
}

// LstSqEx is LstSq with the sums of squares |a·x − b|² [… k], the ranks [… ] (I64) and the singular values of
// a. The sums are an empty vector unless a has more rows than columns and full rank. Agrees with
// torch.linalg.lstsq.
func LstSqEx(a, b *eager.Tensor, c Cutoff) (x, squares, rank, singular *eager.Tensor) {
	matrices("linalg.LstSqEx", a, b)
	a, b = sameBatch("linalg.LstSqEx", a, b)
	m, n := a.Size(-2), a.Size(-1)
	x = PInv(a, c).MatMul(b)
	rank, singular = MatrixRank(a, c), SVDVals(a)
	squares = eager.Zeros(0).To(parts(a))
	if m > n && rank.Lt(n).Sum().Item() == 0 {
		squares = squaresOf(a.MatMul(x).Sub(b)).Sum(-2)
	}
	return x, squares, rank, singular
}

// squaresOf are the squares of absolute values.
func squaresOf(x *eager.Tensor) *eager.Tensor {
	if x.DType().IsComplex() {
		return x.Real().Square().Add(x.Imag().Square())
	}
	return x.Square()
}

// MatrixNorm returns a norm of the last two axes: "fro" (Frobenius), "nuc" (sum of the singular values),
// "2" and "-2" (largest and smallest of them), "1" and "-1" (largest and smallest sum of |column|), "inf"
// and "-inf" (of |row|).
func MatrixNorm(a *eager.Tensor, kind string) *eager.Tensor {
	matrices("linalg.MatrixNorm", a)
	switch kind {
	case "fro":
		return a.VectorNorm(2, -2, -1)
	case "nuc":
		return SVDVals(a).Sum(-1)
	case "2":
		return SVDVals(a).Max(-1)
	case "-2":
		return SVDVals(a).Min(-1)
	case "1":
		return a.Abs().Sum(-2).Max(-1)
	case "-1":
		return a.Abs().Sum(-2).Min(-1)
	case "inf":
		return a.Abs().Sum(-1).Max(-1)
	case "-inf":
		return a.Abs().Sum(-1).Min(-1)
	}
	engine.Fail("linalg.MatrixNorm", "norm %q is unknown; known: fro, nuc, 2, -2, 1, -1, inf, -inf", kind)
	return nil
}

// Cond returns the ratio of the largest to the smallest singular value.
func Cond(a *eager.Tensor) *eager.Tensor {
	s := SVDVals(a)
	return s.Max(-1).Div(s.Min(-1))
}

// MatrixPower returns aⁿ for square matrices; a negative n takes the inverse.
func MatrixPower(a *eager.Tensor, n int) *eager.Tensor {
	matrices("linalg.MatrixPower", a)
	if n < 0 {
		return MatrixPower(Inv(a), -n)
	}
	var y *eager.Tensor
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			if y == nil {
				y = a
			} else {
				y = y.MatMul(a)
			}
		}
		if n > 1 {
			a = a.MatMul(a)
		}
	}
	if y == nil {
		return identity(a, a.Size(-1)).Clone()
	}
	return y
}

// MatrixExp returns eᵃ for square matrices: the Padé approximant of order 6 of a/2ˢ, squared s times.
// Source: Moler and Van Loan 2003, method 3.
func MatrixExp(a *eager.Tensor) *eager.Tensor {
	matrices("linalg.MatrixExp", a)
	s := 0
	if a.Numel() > 0 {
		if n := MatrixNorm(a.Detach(), "inf").Max().Item(); n > 0.25 && !math.IsInf(n, 0) {
			s = int(math.Ceil(math.Log2(n))) + 2
		}
	}
	const order = 6
	x := a.Mul(math.Ldexp(1, -s))
	eye := identity(a, a.Size(-1))
	power, up, down, c := eye, eye, eye, 1.0
	for k := 1; k <= order; k++ {
		c *= float64(order-k+1) / float64(k*(2*order-k+1))
		power = x.MatMul(power)
		up = up.Add(power.Mul(c))
		if k%2 == 1 {
			down = down.Sub(power.Mul(c))
		} else {
			down = down.Add(power.Mul(c))
		}
	}
	y := Solve(down, up)
	for range s {
		y = y.MatMul(y)
	}
	return y
}

// Polar returns u [… m n] with orthonormal columns (rows where m < n) and the symmetric p [… n n] with
// eigenvalues ≥ 0 so that a = u·p.
func Polar(a *eager.Tensor) (u, p *eager.Tensor) {
	l, s, vt := SVD(a)
	return l.MatMul(vt), adjoint(vt).MatMul(s.Unsqueeze(-1).Mul(vt))
}

// Cross returns the vector products along axis, which has extent 3.
func Cross(x, y *eager.Tensor, axis int) *eager.Tensor {
	s, err := engine.Broadcast(x.Shape(), y.Shape())
	if err != nil {
		engine.Fail("linalg.Cross", "%v and %v: %v", x.Type(), y.Type(), err)
	}
	x, y = x.Expand(s...), y.Expand(s...)
	if x.Size(axis) != 3 {
		engine.Fail("linalg.Cross", "axis %d of %v has extent %d; want 3", axis, x.Type(), x.Size(axis))
	}
	turned := func(v *eager.Tensor, by int) *eager.Tensor { return v.Roll([]int{by}, []int{axis}) }
	return turned(x, -1).Mul(turned(y, -2)).Sub(turned(x, -2).Mul(turned(y, -1)))
}

// Vander returns the powers 0 … n−1 of the elements of x [… k] → [… k n].
func Vander(x *eager.Tensor, n int) *eager.Tensor {
	if n < 1 {
		engine.Fail("linalg.Vander", "n is %d; want ≥ 1", n)
	}
	if x.DType().IsInt() {
		x = x.To(engine.I64)
	}
	columns := []*eager.Tensor{eager.OnesLike(x)}
	for len(columns) < n {
		columns = append(columns, columns[len(columns)-1].Mul(x))
	}
	return eager.Stack(x.Rank(), columns...)
}

// TensorInv returns the inverse of x as a map from its axes from ind on to those before.
func TensorInv(x *eager.Tensor, ind int) *eager.Tensor {
	s := x.Shape()
	if ind <= 0 || ind > len(s) {
		engine.Fail("linalg.TensorInv", "ind is %d for %v; want 1…%d", ind, x.Type(), len(s))
	}
	y := Inv(x.Reshape(s[:ind].Numel(), s[ind:].Numel()))
	return y.Reshape(slices.Concat(s[ind:], s[:ind])...)
}

// TensorSolve returns the tensor y with TensorDot(a, y) = b over y's axes, which are the last ones of a
// after axes were moved to the end.
func TensorSolve(a, b *eager.Tensor, axes ...int) *eager.Tensor {
	var perm []int
	for i := range a.Rank() {
		if !slices.Contains(axes, i) {
			perm = append(perm, i)
		}
	}
	a = a.Permute(append(perm, axes...)...)
	rest := a.Shape()[b.Rank():]
	return Solve(a.Reshape(b.Numel(), rest.Numel()), b.Reshape(-1)).Reshape(rest...)
}
