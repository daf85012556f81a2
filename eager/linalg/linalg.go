// Package linalg has the factorizations and solvers of linear algebra over tensors, with gradients.
//
//	x := linalg.Solve(a, b)        // a·x = b
//	u, s, vt := linalg.SVD(a)      // a = u·diag(s)·vt
//	w, v := linalg.EigH(cov)       // symmetric matrices
//	sign, log := linalg.SlogDet(a)
//	n := linalg.Cond(a)
//
// Matrices are the last two axes, all others a batch; real ones (f32, f64) or complex ones (c64, c128), of which
// aᵀ is the conjugate transpose. Everything is computed in float64 or complex128 and returned in the dtype of the
// operands. Functions panic with *engine.Error, as tensor methods do. It does not hold products (Tensor.MatMul)
// or vector norms (Tensor.VectorNorm).
package linalg

import (
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// identity returns identity matrices of order n in the batch and dtype of x.
func identity(x *eager.Tensor, n int) *eager.Tensor {
	return eager.Eye(n).To(x.DType()).Expand(append(batchOf(x), n, n)...)
}

// batchOf are the axes of x before its matrices.
func batchOf(x *eager.Tensor) []int { return slices.Clone([]int(x.Shape()[:x.Rank()-2])) }

// matrices refuses tensors without two axes.
func matrices(where string, xs ...*eager.Tensor) {
	for _, x := range xs {
		if x.Rank() < 2 {
			engine.Fail(where, "operand is %v; want matrices [… m n]", x.Type())
		}
	}
}

// adjoint is the conjugate transpose.
func adjoint(a *eager.Tensor) *eager.Tensor {
	if a.DType().IsComplex() {
		return a.T().Conj()
	}
	return a.T()
}

// parts is the dtype of the parts of x's elements.
func parts(x *eager.Tensor) engine.DType {
	switch x.DType() {
	case engine.C64:
		return engine.F32
	case engine.C128:
		return engine.F64
	}
	return x.DType()
}

// sameBatch broadcasts the batches of a and b.
func sameBatch(where string, a, b *eager.Tensor) (*eager.Tensor, *eager.Tensor) {
	matrices(where, a, b)
	s, err := engine.Broadcast(batchOf(a), batchOf(b))
	if err != nil {
		engine.Fail(where, "%v and %v: %v", a.Type(), b.Type(), err)
	}
	with := func(x *eager.Tensor) *eager.Tensor {
		return x.Expand(append(slices.Clone([]int(s)), x.Size(-2), x.Size(-1))...)
	}
	return with(a), with(b)
}

// Solve returns x with a·x = b: a [… n n], b [… n k], or b [… n] where that is a batch of vectors.
func Solve(a, b *eager.Tensor) *eager.Tensor {
	matrices("linalg.Solve", a)
	if b.Rank() == 1 || b.Rank() == a.Rank()-1 && b.Shape().Equal(a.Shape()[:a.Rank()-1]) {
		return Solve(a, b.Unsqueeze(-1)).Squeeze(-1)
	}
	a, b = sameBatch("linalg.Solve", a, b)
	return eager.First(op.Solve, nil, a, b)
}

// TriangularOptions say which part of a matrix SolveTriangular reads, and on which side it stands.
type TriangularOptions struct {
	Upper bool // the upper part; default: the lower
	Unit  bool // the diagonal counts as ones
	Right bool // x·a = b; default: a·x = b
}

// SolveTriangular returns x with a·x = b for triangular matrices.
func SolveTriangular(a, b *eager.Tensor, o TriangularOptions) *eager.Tensor {
	if o.Right {
		o.Right, o.Upper = false, !o.Upper
		return SolveTriangular(a.T(), b.T(), o).T()
	}
	a, b = sameBatch("linalg.SolveTriangular", a, b)
	return eager.First(op.SolveTriangular, op.TriangularAttrs{Upper: o.Upper, Unit: o.Unit}, a, b)
}

// Inv returns the inverses of square matrices.
func Inv(a *eager.Tensor) *eager.Tensor {
	matrices("linalg.Inv", a)
	return Solve(a, identity(a, a.Size(-1)))
}

// SlogDet returns the sign (−1, 0 or 1; of complex matrices det a/|det a|) and log|det a|.
func SlogDet(a *eager.Tensor) (sign, log *eager.Tensor) {
	r := eager.Apply(op.LogDet, nil, a)
	return r[0], r[1]
}

// LogDet returns log det a; NaN where the determinant of a real matrix is negative.
func LogDet(a *eager.Tensor) *eager.Tensor {
	sign, log := SlogDet(a)
	if a.DType().IsComplex() {
		return sign.Log().Add(log)
	}
	return eager.Where(sign.Lt(0), sign.Log(), log)
}

// Det returns the determinants. Singular matrices have no gradient.
func Det(a *eager.Tensor) *eager.Tensor {
	sign, log := SlogDet(a)
	return sign.Mul(log.Exp())
}

// Cholesky returns the lower triangular l with l·lᵀ = a for symmetric positive definite matrices, of which
// the lower part is read.
func Cholesky(a *eager.Tensor) *eager.Tensor { return eager.First(op.Cholesky, op.CholeskyAttrs{}, a) }

// CholeskyEx is Cholesky that does not panic: info (I32) is 0 where it holds, otherwise 1.
func CholeskyEx(a *eager.Tensor) (l, info *eager.Tensor) {
	r := eager.Apply(op.Cholesky, op.CholeskyAttrs{Lenient: true}, a)
	return r[0], r[1]
}

// CholeskySolve returns x with l·lᵀ·x = b. The gradient of l does not leave out its upper part.
func CholeskySolve(l, b *eager.Tensor) *eager.Tensor {
	l, b = sameBatch("linalg.CholeskySolve", l, b)
	return eager.First(op.CholeskySolve, nil, l, b)
}

// LUFactor factors a = P·L·U: lu holds U and, below its diagonal, L, whose diagonal is 1; row i was exchanged
// with row pivots[i], counted from 1, in turn.
func LUFactor(a *eager.Tensor) (lu, pivots *eager.Tensor) {
	r := eager.Apply(op.LU, nil, a)
	return r[0], r[1]
}

// LU returns p, l and u with a = p·l·u.
func LU(a *eager.Tensor) (p, l, u *eager.Tensor) {
	matrices("linalg.LU", a)
	r := eager.Apply(op.LU, nil, a)
	m, n := a.Size(-2), a.Size(-1)
	k := min(m, n)
	order := r[2].Unsqueeze(-1)
	p = eager.ZerosLike(identity(a, m)).Scatter(-1, order, eager.FullLike(order, 1).To(a.DType())).T()
	l = r[0].Slice(-1, 0, k).Tril(-1).Add(eager.Eye(m).Slice(1, 0, k).To(a.DType()))
	return p, l, r[0].Slice(-2, 0, k).Triu(0)
}

// permutation turns LAPACK's pivots [… n] into the matrices of their permutation.
func permutation(pivots, like *eager.Tensor) *eager.Tensor {
	n := pivots.Size(-1)
	v := pivots.Ints()
	rows := make([]int, 0, len(v))
	for lo := 0; lo+n <= len(v) && n > 0; lo += n {
		order := make([]int, n)
		for i := range order {
			order[i] = i
		}
		for i, p := range v[lo : lo+n] {
			order[i], order[p-1] = order[p-1], order[i]
		}
		rows = append(rows, order...)
	}
	return eager.Eye(n).To(like.DType()).IndexSelect(0, eager.FromInts(rows, pivots.Shape()...))
}

// LUSolve returns x with a·x = b from LUFactor(a).
func LUSolve(lu, pivots, b *eager.Tensor) *eager.Tensor {
	y := SolveTriangular(lu, permutation(pivots, lu).MatMul(b), TriangularOptions{Unit: true})
	return SolveTriangular(lu, y, TriangularOptions{Upper: true})
}

// LUSolveT returns x with aᵀ·x = b from LUFactor(a).
func LUSolveT(lu, pivots, b *eager.Tensor) *eager.Tensor {
	at := adjoint(lu)
	y := SolveTriangular(at, b, TriangularOptions{})
	y = SolveTriangular(at, y, TriangularOptions{Upper: true, Unit: true})
	return permutation(pivots, lu).T().MatMul(y)
}

// QR returns q [… m k] with orthonormal columns and the upper triangular r [… k n], k = min(m, n), with
// a = q·r.
func QR(a *eager.Tensor) (q, r *eager.Tensor) {
	matrices("linalg.QR", a)
	m, n := a.Size(-2), a.Size(-1)
	y := eager.Apply(op.QR, nil, a.Slice(-1, 0, min(m, n)))
	q, r = y[0], y[1]
	if n > m {
		r = eager.Concat(-1, r, adjoint(q).MatMul(a.Slice(-1, m, n)))
	}
	return q, r
}

// Householder factors a = Q·R into reflections I − τ·v·vᵀ: qr holds R and, below its diagonal, the v without
// their leading ones.
func Householder(a *eager.Tensor) (qr, tau *eager.Tensor) {
	r := eager.Apply(op.Householder, nil, a)
	return r[0], r[1]
}

// reflect applies the reflections of qr and tau to x, the last first, or the first first when turned.
func reflect(qr, tau, x *eager.Tensor, turned bool) *eager.Tensor {
	k := tau.Size(-1)
	eye := eager.Eye(max(qr.Size(-2), k)).To(qr.DType()).Slice(0, 0, qr.Size(-2))
	v := qr.Slice(-1, 0, k).Tril(-1).Add(eye.Slice(1, 0, k))
	if turned && tau.DType().IsComplex() {
		tau = tau.Conj()
	}
	for i := range k {
		if !turned {
			i = k - 1 - i
		}
		col := v.Slice(-1, i, i+1)
		x = x.Sub(col.Mul(tau.Slice(-1, i, i+1).Unsqueeze(-1)).MatMul(adjoint(col).MatMul(x)))
	}
	return x
}

// HouseholderProduct returns the first columns of Q, as many as qr has, from Householder.
func HouseholderProduct(qr, tau *eager.Tensor) *eager.Tensor {
	matrices("linalg.HouseholderProduct", qr)
	m, n := qr.Size(-2), qr.Size(-1)
	return reflect(qr, tau, identity(qr, m).Slice(-1, 0, n), false)
}

// HouseholderApply returns Q·x, or Qᴴ·x when transposed, from Householder.
func HouseholderApply(qr, tau, x *eager.Tensor, transposed bool) *eager.Tensor {
	matrices("linalg.HouseholderApply", qr, x)
	return reflect(qr, tau, x, transposed)
}

// EigH returns the eigenvalues of symmetric (Hermitian) matrices, ascending, and orthonormal eigenvectors as the columns
// of v; the lower part is read. The gradient of v is infinite where eigenvalues are equal.
func EigH(a *eager.Tensor) (w, v *eager.Tensor) {
	r := eager.Apply(op.EigH, nil, a)
	return r[0], r[1]
}

// Eig returns the complex eigenvalues of matrices and eigenvectors of norm 1 as the columns of v. The
// gradient of v is infinite where eigenvalues are equal, and holds for functions that do not depend on the
// phase of vectors.
func Eig(a *eager.Tensor) (w, v *eager.Tensor) {
	r := eager.Apply(op.Eig, nil, a)
	return r[0], r[1]
}

// EigVals returns the complex eigenvalues of matrices.
func EigVals(a *eager.Tensor) *eager.Tensor { return eager.First(op.Eig, nil, a) }

// EigValsH returns the eigenvalues of symmetric matrices, ascending.
func EigValsH(a *eager.Tensor) *eager.Tensor { return eager.First(op.EigH, nil, a) }

// SVD returns u [… m k], s [… k] descending and vt [… k n], k = min(m, n), with a = u·diag(s)·vt. The
// gradient of u and vt is infinite where singular values are equal.
func SVD(a *eager.Tensor) (u, s, vt *eager.Tensor) {
	r := eager.Apply(op.SVD, nil, a)
	return r[0], r[1], r[2]
}

// SVDVals returns the singular values, descending.
func SVDVals(a *eager.Tensor) *eager.Tensor {
	_, s, _ := SVD(a)
	return s
}
