package learn

import "gonum.org/v1/gonum/mat"

// SVD returns the thin singular value decomposition x = U·diag(s)·Vᵀ, s falling.
func SVD(x *Matrix) (u *Matrix, s []float64, vt *Matrix) {
	var d mat.SVD
	if !d.Factorize(x.Mat(), mat.SVDThin) {
		Fail("learn.SVD", "singular value decomposition of a %d×%d matrix does not converge", x.Rows, x.Cols)
	}
	var um, vm mat.Dense
	d.UTo(&um)
	d.VTo(&vm)
	return FromMat(&um), d.Values(nil), FromMat(&vm).T()
}

// Eigh returns the eigenvalues of a symmetric matrix, falling, and the eigenvectors as rows.
func Eigh(a *Matrix) (values []float64, rows *Matrix) {
	var e mat.EigenSym
	if !e.Factorize(mat.NewSymDense(a.Rows, a.Clone().Data), true) {
		Fail("learn.Eigh", "eigenvalues of a %d×%d matrix do not converge", a.Rows, a.Cols)
	}
	var v mat.Dense
	e.VectorsTo(&v)
	vals := e.Values(nil)
	n := len(vals)
	rows = NewMatrix(n, n)
	for k := range n {
		values = append(values, vals[n-1-k])
		for i := range n {
			rows.Set(k, i, v.At(i, n-1-k))
		}
	}
	return values, rows
}
