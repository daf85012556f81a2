package cpu

import (
	"errors"
	"math"
	"math/cmplx"

	"github.com/lathe-ml/lathe/engine"
)

// eigComplex is Eig of complex matrices: a = Z·T·Zᴴ with an upper triangular T, whose diagonal are the
// eigenvalues. The largest element of each vector is real, as in LAPACK's zgeev.
func eigComplex(w, v, a engine.Array) error {
	n, _ := extents(a)
	return batched([]operand{member(w, 1), member(v, 2)}, []operand{member(a, 2)}, func(out, in [][]float64) error {
		if !isFinite(in[0]) {
			fillNaN(out[0])
			fillNaN(out[1])
			return nil
		}
		t, ws, vs := numbers(in[0]), numbers(out[0]), numbers(out[1])
		z := hessenberg(t, n)
		if !triangularize(t, z, n) {
			return errors.New("the eigenvalues do not converge")
		}
		for k := range n {
			ws[k] = t[k*n+k]
			x := unitVector(z, eigenvector(t, n, k), n)
			for i, e := range x {
				vs[i*n+k] = e
			}
		}
		return nil
	})
}

// hessenberg makes t = Z·H·Zᴴ, H with zeros below its first subdiagonal, in place and returns Z.
func hessenberg(t []complex128, n int) []complex128 {
	var vs [][]complex128
	var tau []complex128
	for k := range max(n-2, 0) {
		v := columnBelow(t, n, n, k+1, k)
		_, f := reflector(v)
		reflectRows(t, n, k+1, k, v, cmplx.Conj(f))
		reflectColumns(t, n, n, 0, k+1, v, f)
		for i := k + 2; i < n; i++ {
			t[i*n+k] = 0
		}
		vs, tau = append(vs, v), append(tau, f)
	}
	return unitary(n, n, vs, tau)
}

// triangularize brings a Hessenberg matrix to triangular form by steps of the QR algorithm with one shift, and
// multiplies z with the rotations. Source: Golub and Van Loan 2013, section 7.5.
func triangularize(h, z []complex128, n int) bool {
	steps := 0
	for hi := n - 1; hi > 0; {
		lo := hi
		for ; lo > 0; lo-- {
			s := abs1(h[(lo-1)*n+lo-1]) + abs1(h[lo*n+lo])
			if abs1(h[lo*n+lo-1]) <= 0x1p-53*max(s, math.SmallestNonzeroFloat64) {
				h[lo*n+lo-1] = 0
				break
			}
		}
		if lo == hi {
			hi, steps = hi-1, 0
			continue
		}
		if steps++; steps > 300 {
			return false
		}
		s := shift(h, n, hi)
		if steps%10 == 0 { // out of a cycle
			s = h[hi*n+hi] + complex(cmplx.Abs(h[hi*n+hi-1]), 0)
		}
		for k := lo; k < hi; k++ {
			x, y := h[lo*n+lo]-s, h[(lo+1)*n+lo]
			if k > lo {
				x, y = h[k*n+k-1], h[(k+1)*n+k-1]
			}
			rotate(h, z, n, k, max(k-1, lo), min(k+2, hi), x, y)
		}
	}
	return true
}

// shift is the eigenvalue of the 2 by 2 matrix that ends at hi, hi which is closer to the last element.
func shift(h []complex128, n, hi int) complex128 {
	a, b, c, d := h[(hi-1)*n+hi-1], h[(hi-1)*n+hi], h[hi*n+hi-1], h[hi*n+hi]
	half := (a - d) / 2
	root := cmplx.Sqrt(half*half + b*c)
	if real(half)*real(root)+imag(half)*imag(root) > 0 {
		root = -root
	}
	return d + half + root
}

// rotate turns (x, y) into (r, 0), rows k and k+1 of h from column from on with it, and the columns back, down to
// row to.
func rotate(h, z []complex128, n, k, from, to int, x, y complex128) {
	r := math.Hypot(cmplx.Abs(x), cmplx.Abs(y))
	if r == 0 {
		return
	}
	c, s := x/complex(r, 0), y/complex(r, 0)
	for j := from; j < n; j++ {
		a, b := h[k*n+j], h[(k+1)*n+j]
		h[k*n+j], h[(k+1)*n+j] = cmplx.Conj(c)*a+cmplx.Conj(s)*b, c*b-s*a
	}
	columns := func(m []complex128, rows int) {
		for i := range rows {
			a, b := m[i*n+k], m[i*n+k+1]
			m[i*n+k], m[i*n+k+1] = a*c+b*s, b*cmplx.Conj(c)-a*cmplx.Conj(s)
		}
	}
	columns(h, to+1)
	columns(z, n)
}

// eigenvector solves (t − t[k,k])·x = 0 for an upper triangular t.
func eigenvector(t []complex128, n, k int) []complex128 {
	x := make([]complex128, n)
	x[k] = 1
	small := 0.0
	for _, v := range t {
		small = max(small, abs1(v)*0x1p-52)
	}
	for i := k - 1; i >= 0; i-- {
		var s complex128
		for j := i + 1; j <= k; j++ {
			s += t[i*n+j] * x[j]
		}
		d := t[k*n+k] - t[i*n+i]
		if abs1(d) < small {
			d = complex(small, 0)
		}
		if s != 0 {
			x[i] = s / d
		}
	}
	return x
}

// unitVector is z·x with norm 1 and a real largest element.
func unitVector(z, x []complex128, n int) []complex128 {
	y, norm, top := make([]complex128, n), 0.0, complex128(0)
	for i := range y {
		for j, v := range x {
			y[i] += z[i*n+j] * v
		}
		r := cmplx.Abs(y[i])
		norm = math.Hypot(norm, r)
		if r > cmplx.Abs(top) {
			top = y[i]
		}
	}
	f := cmplx.Conj(top) / complex(cmplx.Abs(top)*norm, 0)
	for i := range y {
		y[i] *= f
	}
	return y
}
