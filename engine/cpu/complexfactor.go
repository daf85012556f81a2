package cpu

import (
	"errors"
	"math"
	"math/cmplx"

	"gonum.org/v1/gonum/lapack"
	lapackgo "gonum.org/v1/gonum/lapack/gonum"
	"gonum.org/v1/gonum/lapack/lapack64"

	"github.com/lathe-ml/lathe/engine"
)

// Factorizations of complex matrices by reflections I − τ·v·vᴴ, with LAPACK's conventions. Hermitian matrices
// become real tridiagonal ones and others real bidiagonal ones, which the real routines take.

// reflector turns x into β·e₁ with a real β: (I − τ·v·vᴴ)ᴴ·x. It returns τ and leaves v in x, with a leading one,
// and β. Source: LAPACK, zlarfg.
func reflector(x []complex128) (beta float64, tau complex128) {
	alpha, rest := x[0], 0.0
	for _, v := range x[1:] {
		rest = math.Hypot(rest, cmplx.Abs(v))
	}
	x[0] = 1
	if rest == 0 && imag(alpha) == 0 {
		return real(alpha), 0
	}
	beta = -math.Copysign(math.Hypot(rest, cmplx.Abs(alpha)), real(alpha))
	tau = complex((beta-real(alpha))/beta, -imag(alpha)/beta)
	f := 1 / (alpha - complex(beta, 0))
	for i := range x[1:] {
		x[i+1] *= f
	}
	return beta, tau
}

// reflectRows is a ← (I − f·v·vᴴ)·a for rows from row on of a [m n], columns from col on.
func reflectRows(a []complex128, n, row, col int, v []complex128, f complex128) {
	if f == 0 {
		return
	}
	s := make([]complex128, n-col)
	for i, x := range v {
		addScaled(s, cmplx.Conj(x), a[(row+i)*n+col:(row+i+1)*n])
	}
	for i, x := range v {
		addScaled(a[(row+i)*n+col:(row+i+1)*n], -f*x, s)
	}
}

// reflectColumns is a ← a·(I − f·v·vᴴ) for columns from col on of a [m n], rows from row on.
func reflectColumns(a []complex128, m, n, row, col int, v []complex128, f complex128) {
	for i := row; i < m && f != 0; i++ {
		line, s := a[i*n+col:i*n+col+len(v)], complex(0, 0)
		for j, x := range v {
			s += line[j] * x
		}
		for j, x := range v {
			line[j] -= f * s * cmplx.Conj(x)
		}
	}
}

// columnBelow is a copy of column col of a [m n] from row on.
func columnBelow(a []complex128, m, n, row, col int) []complex128 {
	v := make([]complex128, m-row)
	for i := range v {
		v[i] = a[(row+i)*n+col]
	}
	return v
}

// reflectionsComplex factors a [m n] = Q·R in place; below the diagonal lie the vectors of Q.
func reflectionsComplex(a []complex128, m, n int, tau []complex128) {
	for k := range tau {
		v := columnBelow(a, m, n, k, k)
		beta, t := reflector(v)
		reflectRows(a, n, k, k+1, v, cmplx.Conj(t))
		tau[k], a[k*n+k] = t, complex(beta, 0)
		for i, x := range v[1:] {
			a[(k+1+i)*n+k] = x
		}
	}
}

// unitary is the first cols columns of the product of reflections of order m, the first one first.
func unitary(m, cols int, vs [][]complex128, tau []complex128) []complex128 {
	q := make([]complex128, m*cols)
	for i := range min(m, cols) {
		q[i*cols+i] = 1
	}
	for k := len(vs) - 1; k >= 0; k-- {
		reflectRows(q, cols, m-len(vs[k]), 0, vs[k], tau[k])
	}
	return q
}

// householderComplex is Householder.
func householderComplex(dst, tau, a engine.Array) error {
	m, n := extents(a)
	return batched([]operand{member(dst, 2), member(tau, 1)}, []operand{member(a, 2)}, func(out, in [][]float64) error {
		copy(out[0], in[0])
		reflectionsComplex(numbers(out[0]), m, n, numbers(out[1]))
		return nil
	})
}

// qrComplex is QR.
func qrComplex(q, r, a engine.Array) error {
	m, n := extents(a)
	return batched([]operand{member(q, 2), member(r, 2)}, []operand{member(a, 2)}, func(out, in [][]float64) error {
		x, tau := numbers(in[0]), make([]complex128, n)
		reflectionsComplex(x, m, n, tau)
		vs := make([][]complex128, n)
		for k := range vs {
			vs[k] = columnBelow(x, m, n, k, k)
			vs[k][0] = 1
			copy(numbers(out[1])[k*n+k:(k+1)*n], x[k*n+k:(k+1)*n])
		}
		copy(numbers(out[0]), unitary(m, n, vs, tau))
		return nil
	})
}

func isFinite(x []float64) bool {
	for _, v := range x {
		if v-v != 0 {
			return false
		}
	}
	return true
}

// eigHComplex is EigH of Hermitian matrices: a = Q·T·Qᴴ with a real tridiagonal T.
func eigHComplex(w, v, a engine.Array) error {
	n, _ := extents(a)
	return batched([]operand{{w, 1}, member(v, 2)}, []operand{member(a, 2)}, func(out, in [][]float64) error {
		x := numbers(in[0])
		for i := range n {
			x[i*n+i] = complex(real(x[i*n+i]), 0)
			for j := range i {
				x[j*n+i] = cmplx.Conj(x[i*n+j])
			}
		}
		if n == 0 {
			return nil
		}
		if !isFinite(in[0]) {
			fillNaN(out[0])
			fillNaN(out[1])
			return nil
		}
		off := make([]float64, max(n-1, 1))
		var vs [][]complex128
		var tau []complex128
		for k := range n - 1 {
			h := columnBelow(x, n, n, k+1, k)
			beta, t := reflector(h)
			reflectRows(x, n, k+1, k, h, cmplx.Conj(t))
			reflectColumns(x, n, n, k, k+1, h, t)
			off[k], vs, tau = beta, append(vs, h), append(tau, t)
		}
		for i := range n {
			out[0][i] = real(x[i*n+i])
		}
		z := make([]float64, n*n)
		for i := range n {
			z[i*n+i] = 1
		}
		var routines lapackgo.Implementation
		if !routines.Dsteqr(lapack.EVOrig, n, out[0], off, z, n, make([]float64, max(1, 2*n-2))) {
			return errors.New("the eigenvalues do not converge")
		}
		timesReal(numbers(out[1]), unitary(n, n, vs, tau), z, n, n, n)
		return nil
	})
}

// timesReal is y [m n] = a [m k]·b [k n] for a real b.
func timesReal(y, a []complex128, b []float64, m, k, n int) {
	for i := range m {
		row := y[i*n : (i+1)*n]
		for p := range k {
			f := a[i*k+p]
			for j, v := range b[p*n : (p+1)*n] {
				row[j] += f * complex(v, 0)
			}
		}
	}
}

// svdComplex is SVD. Wide matrices go as their conjugate transposes.
func svdComplex(u, s, vt, a engine.Array) error {
	m, n := extents(a)
	outs := []operand{member(u, 2), {s, 1}, member(vt, 2)}
	return batched(outs, []operand{member(a, 2)}, func(out, in [][]float64) error {
		x, us, vts := numbers(in[0]), numbers(out[0]), numbers(out[2])
		switch {
		case min(m, n) == 0:
			return nil
		case !isFinite(in[0]):
			return errors.New("the singular values do not converge; is there a NaN?")
		case m >= n:
			return svdTall(us, out[1], vts, x, m, n)
		}
		v, uh := make([]complex128, n*m), make([]complex128, m*m)
		err := svdTall(v, out[1], uh, adjoint(x, m, n), n, m)
		copy(us, adjoint(uh, m, m))
		copy(vts, adjoint(v, n, m))
		return err
	})
}

// adjoint is the conjugate transpose [n m] of a [m n].
func adjoint(a []complex128, m, n int) []complex128 {
	y := make([]complex128, m*n)
	for i := range m {
		for j := range n {
			y[j*m+i] = cmplx.Conj(a[i*n+j])
		}
	}
	return y
}

// svdTall factors x [m n], m ≥ n: x = Q·B·Pᴴ with a real bidiagonal B.
func svdTall(u []complex128, s []float64, vt, x []complex128, m, n int) error {
	b := make([]float64, n*n)
	var left, right [][]complex128
	var ltau, rtau []complex128
	for k := range n {
		v := columnBelow(x, m, n, k, k)
		beta, t := reflector(v)
		reflectRows(x, n, k, k+1, v, cmplx.Conj(t))
		b[k*n+k], left, ltau = beta, append(left, v), append(ltau, t)
		if k == n-1 {
			break
		}
		h := make([]complex128, n-k-1)
		for j := range h {
			h[j] = cmplx.Conj(x[k*n+k+1+j])
		}
		beta, t = reflector(h)
		reflectColumns(x, m, n, k+1, k+1, h, t)
		b[k*n+k+1], right, rtau = beta, append(right, h), append(rtau, t)
	}
	bu, bvt := make([]float64, n*n), make([]float64, n*n)
	work := make([]float64, 10*n+64)
	if !lapack64.Gesvd(lapack.SVDStore, lapack.SVDStore, general(n, n, b), general(n, n, bu), general(n, n, bvt), s, work,
		len(work)) {
		return errors.New("the singular values do not converge")
	}
	timesReal(u, unitary(m, n, left, ltau), bu, m, n, n)
	v := make([]complex128, n*n)
	bv := make([]float64, n*n)
	for i := range n {
		for j := range n {
			bv[j*n+i] = bvt[i*n+j]
		}
	}
	timesReal(v, unitary(n, n, right, rtau), bv, n, n, n)
	copy(vt, adjoint(v, n, n))
	return nil
}

// pinvComplex is PInv.
func pinvComplex(dst, a engine.Array, absolute, relative float64) error {
	m, n := extents(a)
	k := min(m, n)
	batch := a.Shape[:len(a.Shape)-2]
	with := func(t engine.DType, tail ...int) engine.Array {
		return engine.NewArray(t, append(batch.Clone(), tail...))
	}
	u, s, vt := with(engine.C128, m, k), with(engine.F64, k), with(engine.C128, k, n)
	if err := SVD(u, s, vt, a); err != nil {
		return err
	}
	in := []operand{member(u, 2), {s, 1}, member(vt, 2)}
	return batched([]operand{member(dst, 2)}, in, func(out, in [][]float64) error {
		if k == 0 {
			return nil
		}
		y, us, vts := numbers(out[0]), numbers(in[0]), numbers(in[2])
		limit := max(absolute, relative*in[1][0])
		for p, v := range in[1] {
			if !(v > limit) {
				continue
			}
			for i := range n {
				f := cmplx.Conj(vts[p*n+i]) / complex(v, 0)
				for j := range m {
					y[i*m+j] += f * cmplx.Conj(us[j*k+p])
				}
			}
		}
		return nil
	})
}
