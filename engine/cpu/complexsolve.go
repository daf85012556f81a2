package cpu

import (
	"errors"
	"math"
	"math/cmplx"
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
)

// Systems of complex equations and determinants, computed in complex128 as LAPACK does it. gonum has the real
// routines only.

// member is the operand of an array whose last rank axes belong to one member of a batch, complex ones as pairs.
func member(a engine.Array, rank int) operand {
	if a.DType.IsComplex() {
		return operand{Pairs(a), rank + 1}
	}
	return operand{a, rank}
}

// numbers are pairs of parts as complex numbers.
func numbers(x []float64) []complex128 {
	if len(x) == 0 {
		return nil
	}
	return unsafe.Slice((*complex128)(unsafe.Pointer(unsafe.SliceData(x))), len(x)/2)
}

func abs1(z complex128) float64 { return math.Abs(real(z)) + math.Abs(imag(z)) }

// eliminate factors a [m n] into L and U in place, by rows of largest pivots. Row i was exchanged with pivots[i].
func eliminate(a []complex128, m, n int, pivots []int) (regular bool) {
	regular = true
	for k := range pivots {
		p := k
		for i := k + 1; i < m; i++ {
			if abs1(a[i*n+k]) > abs1(a[p*n+k]) {
				p = i
			}
		}
		if pivots[k] = p; a[p*n+k] == 0 {
			regular = false
			continue
		}
		if p != k {
			for j := range n {
				a[k*n+j], a[p*n+j] = a[p*n+j], a[k*n+j]
			}
		}
		for i := k + 1; i < m; i++ {
			f := a[i*n+k] / a[k*n+k]
			if a[i*n+k] = f; f != 0 {
				addScaled(a[i*n+k+1:(i+1)*n], -f, a[k*n+k+1:(k+1)*n])
			}
		}
	}
	return regular
}

// addScaled is y += f·x.
func addScaled(y []complex128, f complex128, x []complex128) {
	for j, v := range x {
		y[j] += f * v
	}
}

// substitute solves a·x = b [n k] in place for a triangular a: its conjugate transpose when adjoint.
func substitute(a, b []complex128, n, k int, upper, unit, adjoint bool) {
	at := func(i, j int) complex128 {
		if adjoint {
			return cmplx.Conj(a[j*n+i])
		}
		return a[i*n+j]
	}
	for step := range n {
		i, lo, hi := step, 0, step
		if upper != adjoint {
			i = n - 1 - step
			lo, hi = i+1, n
		}
		row := b[i*k : (i+1)*k]
		for j := lo; j < hi; j++ {
			if f := at(i, j); f != 0 {
				addScaled(row, -f, b[j*k:(j+1)*k])
			}
		}
		if !unit {
			d := at(i, i)
			for c := range row {
				row[c] /= d
			}
		}
	}
}

// solveComplex is Solve.
func solveComplex(dst, a, b engine.Array) error {
	n, k := extents(b)
	return batched([]operand{member(dst, 2)}, []operand{member(a, 2), member(b, 2)}, func(out, in [][]float64) error {
		copy(out[0], in[1])
		lu, x, pivots := numbers(in[0]), numbers(out[0]), make([]int, n)
		if !eliminate(lu, n, n, pivots) {
			return errSingular
		}
		for i, p := range pivots {
			for c := range k {
				x[i*k+c], x[p*k+c] = x[p*k+c], x[i*k+c]
			}
		}
		substitute(lu, x, n, k, false, true, false)
		substitute(lu, x, n, k, true, false, false)
		return nil
	})
}

// solveTriangularComplex is SolveTriangular.
func solveTriangularComplex(dst, a, b engine.Array, upper, unit bool) error {
	n, k := extents(b)
	return batched([]operand{member(dst, 2)}, []operand{member(a, 2), member(b, 2)}, func(out, in [][]float64) error {
		copy(out[0], in[1])
		substitute(numbers(in[0]), numbers(out[0]), n, k, upper, unit, false)
		return nil
	})
}

// choleskySolveComplex solves l·lᴴ·dst = b.
func choleskySolveComplex(dst, l, b engine.Array) error {
	n, k := extents(b)
	return batched([]operand{member(dst, 2)}, []operand{member(l, 2), member(b, 2)}, func(out, in [][]float64) error {
		copy(out[0], in[1])
		substitute(numbers(in[0]), numbers(out[0]), n, k, false, false, false)
		substitute(numbers(in[0]), numbers(out[0]), n, k, false, false, true)
		return nil
	})
}

// logDetComplex is LogDet; the sign is a number of absolute value 1, or 0.
func logDetComplex(sign, log, a engine.Array) error {
	n, _ := extents(a)
	outs := []operand{member(sign, 0), {log, 0}}
	return batched(outs, []operand{member(a, 2)}, func(out, in [][]float64) error {
		lu, pivots := numbers(in[0]), make([]int, n)
		eliminate(lu, n, n, pivots)
		s, l := complex(1, 0), 0.0
		for i, p := range pivots {
			if p != i {
				s = -s
			}
			r := cmplx.Abs(lu[i*n+i])
			if r == 0 {
				s = 0
			} else {
				s *= lu[i*n+i] / complex(r, 0)
			}
			l += math.Log(r)
		}
		numbers(out[0])[0], out[1][0] = s, l
		return nil
	})
}

// luComplex is LU.
func luComplex(lu, pivots, order, a engine.Array) error {
	m, n := extents(a)
	outs := []operand{member(lu, 2), {pivots, 1}, {order, 1}}
	return batched(outs, []operand{member(a, 2)}, func(out, in [][]float64) error {
		copy(out[0], in[0])
		p, o := make([]int, min(m, n)), out[2]
		eliminate(numbers(out[0]), m, n, p)
		for i := range o {
			o[i] = float64(i)
		}
		for i, v := range p {
			out[1][i] = float64(v + 1)
			o[i], o[v] = o[v], o[i]
		}
		return nil
	})
}

// choleskyComplex is Cholesky: dst·dstᴴ = a.
func choleskyComplex(dst, info, a engine.Array) error {
	n, _ := extents(a)
	outs := []operand{member(dst, 2)}
	if info.Buf != nil {
		outs = append(outs, operand{info, 0})
	}
	return batched(outs, []operand{member(a, 2)}, func(out, in [][]float64) error {
		l, x := numbers(out[0]), numbers(in[0])
		for i := range n {
			for j := range i + 1 {
				s := x[i*n+j]
				for k := range j {
					s -= l[i*n+k] * cmplx.Conj(l[j*n+k])
				}
				switch {
				case i > j:
					l[i*n+j] = s / l[j*n+j]
				case real(s) > 0:
					l[i*n+i] = complex(math.Sqrt(real(s)), 0)
				case info.Buf != nil:
					out[1][0] = 1
					return nil
				default:
					return errors.New("the matrix is not positive definite; add a small multiple of the identity")
				}
			}
		}
		return nil
	})
}
