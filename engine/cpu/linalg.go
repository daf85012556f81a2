package cpu

import (
	"errors"
	"math"
	"runtime"
	"sync"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack"
	"gonum.org/v1/gonum/lapack/lapack64"

	"github.com/lathe-ml/lathe/engine"
)

// Matrix factorizations, computed in float64 by LAPACK's algorithms (gonum), matrices of a batch in
// parallel. The last two axes are a matrix, all others a batch.

var errSingular = errors.New("the matrix is singular; Solve and Inv want one that is not, PInv takes any")

// operand is an array whose last rank axes belong to one member of a batch.
type operand struct {
	a    engine.Array
	rank int
}

// batched calls f with the float64 elements of each member of a batch, out row-major and zero at first.
func batched(out, in []operand, f func(out, in [][]float64) error) error {
	shape := in[0].a.Shape
	count := shape[:len(shape)-in[0].rank].Numel()
	if count == 0 {
		return nil
	}
	data := func(list []operand, fill bool) ([]engine.Array, [][]float64) {
		arrays, flat := make([]engine.Array, len(list)), make([][]float64, len(list))
		for i, o := range list {
			arrays[i] = engine.Zeros(engine.F64, o.a.Shape)
			if fill {
				must(Copy(arrays[i], o.a))
			}
			flat[i] = arrays[i].F64()
		}
		return arrays, flat
	}
	operands, xs := data(in, true)
	results, ys := data(out, false)
	var mu sync.Mutex
	var failed error
	engine.Parallel(count, 1, func(lo, hi int) {
		part := func(flat [][]float64, k int) [][]float64 {
			r := make([][]float64, len(flat))
			for i, v := range flat {
				n := len(v) / count
				r[i] = v[k*n : (k+1)*n]
			}
			return r
		}
		for k := lo; k < hi; k++ {
			if err := f(part(ys, k), part(xs, k)); err != nil {
				mu.Lock()
				failed = err
				mu.Unlock()
			}
		}
	})
	runtime.KeepAlive(operands) // xs does not hold their buffers, which the pool takes back
	for i, o := range out {
		must(Copy(o.a, results[i]))
	}
	return failed
}

// extents are the rows and columns of the matrices of a.
func extents(a engine.Array) (rows, cols int) {
	n := len(a.Shape)
	return a.Shape[n-2], a.Shape[n-1]
}

func general(rows, cols int, data []float64) blas64.General {
	return blas64.General{Rows: rows, Cols: cols, Stride: max(cols, 1), Data: data}
}

func triangular(n int, upper, unit bool, data []float64) blas64.Triangular {
	t := blas64.Triangular{N: n, Stride: max(n, 1), Data: data, Uplo: blas.Lower, Diag: blas.NonUnit}
	if upper {
		t.Uplo = blas.Upper
	}
	if unit {
		t.Diag = blas.Unit
	}
	return t
}

// Solve solves a·dst = b for square matrices.
func Solve(dst, a, b engine.Array) error {
	if dst.DType.IsComplex() {
		return solveComplex(dst, a, b)
	}
	n, k := extents(b)
	return batched([]operand{{dst, 2}}, []operand{{a, 2}, {b, 2}}, func(out, in [][]float64) error {
		copy(out[0], in[1])
		if n == 0 || k == 0 {
			return nil
		}
		lu, pivots := general(n, n, in[0]), make([]int, n)
		if !lapack64.Getrf(lu, pivots) {
			return errSingular
		}
		lapack64.Getrs(blas.NoTrans, lu, general(n, k, out[0]), pivots)
		return nil
	})
}

// SolveTriangular solves a·dst = b for a triangular matrix: the upper or lower part of a, with ones on the
// diagonal when unit.
func SolveTriangular(dst, a, b engine.Array, upper, unit bool) error {
	if a.DType.IsComplex() {
		return solveTriangularComplex(dst, a, b, upper, unit)
	}
	n, k := extents(b)
	return batched([]operand{{dst, 2}}, []operand{{a, 2}, {b, 2}}, func(out, in [][]float64) error {
		copy(out[0], in[1])
		if n > 0 && k > 0 {
			blas64.Trsm(blas.Left, blas.NoTrans, 1, triangular(n, upper, unit, in[0]), general(n, k, out[0]))
		}
		return nil
	})
}

// CholeskySolve solves l·lᵀ·dst = b, where the lower part of l counts.
func CholeskySolve(dst, l, b engine.Array) error {
	if l.DType.IsComplex() {
		return choleskySolveComplex(dst, l, b)
	}
	n, k := extents(b)
	return batched([]operand{{dst, 2}}, []operand{{l, 2}, {b, 2}}, func(out, in [][]float64) error {
		copy(out[0], in[1])
		if n > 0 && k > 0 {
			t, x := triangular(n, false, false, in[0]), general(n, k, out[0])
			blas64.Trsm(blas.Left, blas.NoTrans, 1, t, x)
			blas64.Trsm(blas.Left, blas.Trans, 1, t, x)
		}
		return nil
	})
}

// LogDet gives the sign (−1, 0 or 1) and the logarithm of the absolute value of the determinant.
func LogDet(sign, log, a engine.Array) error {
	if a.DType.IsComplex() {
		return logDetComplex(sign, log, a)
	}
	n, _ := extents(a)
	return batched([]operand{{sign, 0}, {log, 0}}, []operand{{a, 2}}, func(out, in [][]float64) error {
		s, l := 1.0, 0.0
		pivots := make([]int, n)
		if n > 0 {
			lapack64.Getrf(general(n, n, in[0]), pivots)
		}
		for i, p := range pivots {
			d := in[0][i*n+i]
			if p != i {
				s = -s
			}
			if d < 0 {
				s = -s
			} else if d == 0 {
				s = 0
			}
			l += math.Log(math.Abs(d))
		}
		out[0][0], out[1][0] = s, l
		return nil
	})
}

// LU factors a = P·L·U by rows of largest pivots: lu holds U and, below its diagonal, L without its ones;
// row i was exchanged with row pivots[i], counted from 1, in turn. Row i of L·U is row order[i] of a.
func LU(lu, pivots, order, a engine.Array) error {
	if a.DType.IsComplex() {
		return luComplex(lu, pivots, order, a)
	}
	m, n := extents(a)
	outs := []operand{{lu, 2}, {pivots, 1}, {order, 1}}
	return batched(outs, []operand{{a, 2}}, func(out, in [][]float64) error {
		copy(out[0], in[0])
		p := make([]int, min(m, n))
		if len(p) > 0 {
			lapack64.Getrf(general(m, n, out[0]), p) // a zero pivot is part of the result
		}
		o := out[2]
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

// Cholesky gives the lower triangular dst with dst·dstᵀ = a, of which the lower part is read. info, where
// it has a buffer, gets 0, or 1 where a is not positive definite, which otherwise is an error.
func Cholesky(dst, info, a engine.Array) error {
	if a.DType.IsComplex() {
		return choleskyComplex(dst, info, a)
	}
	n, _ := extents(a)
	outs := []operand{{dst, 2}}
	if info.Buf != nil {
		outs = append(outs, operand{info, 0})
	}
	return batched(outs, []operand{{a, 2}}, func(out, in [][]float64) error {
		for i := range n {
			copy(out[0][i*n:i*n+i+1], in[0][i*n:])
		}
		if n == 0 {
			return nil
		}
		_, ok := lapack64.Potrf(blas64.Symmetric{N: n, Stride: n, Data: out[0], Uplo: blas.Lower})
		switch {
		case ok:
		case info.Buf != nil:
			out[1][0] = 1
		default:
			return errors.New("the matrix is not positive definite; add a small multiple of the identity")
		}
		return nil
	})
}

// Householder factors a = Q·R into reflections: dst holds R and, below its diagonal, their vectors without
// the leading ones; tau their factors.
func Householder(dst, tau, a engine.Array) error {
	if a.DType.IsComplex() {
		return householderComplex(dst, tau, a)
	}
	m, n := extents(a)
	return batched([]operand{{dst, 2}, {tau, 1}}, []operand{{a, 2}}, func(out, in [][]float64) error {
		copy(out[0], in[0])
		reflections(m, n, out[0], out[1])
		return nil
	})
}

func reflections(m, n int, a, tau []float64) {
	if len(tau) == 0 {
		return
	}
	work := make([]float64, 1)
	lapack64.Geqrf(general(m, n, a), tau, work, -1)
	work = make([]float64, max(int(work[0]), n))
	lapack64.Geqrf(general(m, n, a), tau, work, len(work))
}

// QR factors a [m n], m ≥ n, into q [m n] with orthonormal columns and the upper triangular r [n n].
func QR(q, r, a engine.Array) error {
	if a.DType.IsComplex() {
		return qrComplex(q, r, a)
	}
	m, n := extents(a)
	return batched([]operand{{q, 2}, {r, 2}}, []operand{{a, 2}}, func(out, in [][]float64) error {
		if n == 0 {
			return nil
		}
		copy(out[0], in[0])
		tau := make([]float64, n)
		reflections(m, n, out[0], tau)
		for i := range n {
			copy(out[1][i*n+i:(i+1)*n], out[0][i*n+i:(i+1)*n])
		}
		work := make([]float64, 1)
		lapack64.Orgqr(general(m, n, out[0]), tau, work, -1)
		work = make([]float64, max(int(work[0]), n))
		lapack64.Orgqr(general(m, n, out[0]), tau, work, len(work))
		return nil
	})
}

// EigH gives the eigenvalues of symmetric matrices in ascending order and orthonormal eigenvectors as the
// columns of v. The lower part of a is read; where it is not finite, all results are NaN.
func EigH(w, v, a engine.Array) error {
	if a.DType.IsComplex() {
		return eigHComplex(w, v, a)
	}
	n, _ := extents(a)
	return batched([]operand{{w, 1}, {v, 2}}, []operand{{a, 2}}, func(out, in [][]float64) error {
		copy(out[1], in[0])
		if n == 0 {
			return nil
		}
		if !lowerIsFinite(n, in[0]) { // Syev would return numbers
			fillNaN(out[0])
			fillNaN(out[1])
			return nil
		}
		s := blas64.Symmetric{N: n, Stride: n, Data: out[1], Uplo: blas.Lower}
		work := make([]float64, 1)
		lapack64.Syev(lapack.EVCompute, s, out[0], work, -1)
		work = make([]float64, max(int(work[0]), 3*n))
		if !lapack64.Syev(lapack.EVCompute, s, out[0], work, len(work)) {
			return errors.New("the eigenvalues do not converge; is there a NaN?")
		}
		return nil
	})
}

func lowerIsFinite(n int, a []float64) bool {
	for i := range n {
		for _, v := range a[i*n : i*n+i+1] {
			if v-v != 0 {
				return false
			}
		}
	}
	return true
}

func fillNaN(x []float64) {
	for i := range x {
		x[i] = math.NaN()
	}
}

// SVD factors a [m n] into u [m k], s [k] descending and vt [k n], k = min(m, n).
func SVD(u, s, vt, a engine.Array) error {
	if a.DType.IsComplex() {
		return svdComplex(u, s, vt, a)
	}
	m, n := extents(a)
	k := min(m, n)
	outs := []operand{{u, 2}, {s, 1}, {vt, 2}}
	return batched(outs, []operand{{a, 2}}, func(out, in [][]float64) error {
		if k == 0 {
			return nil
		}
		x, us, vts := general(m, n, in[0]), general(m, k, out[0]), general(k, n, out[2])
		work := make([]float64, 1)
		lapack64.Gesvd(lapack.SVDStore, lapack.SVDStore, x, us, vts, out[1], work, -1)
		work = make([]float64, max(int(work[0]), 5*max(m, n)))
		if !lapack64.Gesvd(lapack.SVDStore, lapack.SVDStore, x, us, vts, out[1], work, len(work)) {
			return errors.New("the singular values do not converge; is there a NaN?")
		}
		return nil
	})
}

// PInv gives the pseudo-inverse [n m] of a [m n]: singular values of at most max(absolute, relative·largest)
// count as 0.
func PInv(dst, a engine.Array, absolute, relative float64) error {
	if a.DType.IsComplex() {
		return pinvComplex(dst, a, absolute, relative)
	}
	m, n := extents(a)
	k := min(m, n)
	batch := a.Shape[:len(a.Shape)-2]
	with := func(tail ...int) engine.Array {
		return engine.NewArray(engine.F64, append(batch.Clone(), tail...))
	}
	u, s, vt := with(m, k), with(k), with(k, n)
	if err := SVD(u, s, vt, a); err != nil {
		return err
	}
	in := []operand{{u, 2}, {s, 1}, {vt, 2}}
	return batched([]operand{{dst, 2}}, in, func(out, in [][]float64) error {
		if k == 0 {
			return nil
		}
		limit := max(absolute, relative*in[1][0])
		for i, v := range in[1] {
			f := 0.0
			if v > limit {
				f = 1 / v
			}
			for j := range n {
				in[2][i*n+j] *= f
			}
		}
		blas64.Gemm(blas.Trans, blas.Trans, 1, general(k, n, in[2]), general(m, k, in[0]), 0,
			general(n, m, out[0]))
		return nil
	})
}

// Mirrored returns copies of the matrices of a with the lower part mirrored to the upper, so that they are
// symmetric or Hermitian.
func Mirrored(a engine.Array) engine.Array {
	y := engine.NewArray(a.DType, a.Shape)
	must(Copy(y, a))
	rank, n := len(a.Shape), a.Shape[len(a.Shape)-1]
	if a.DType.IsComplex() { // the diagonal is real
		d := ImagPart(y)
		d.Shape = append(d.Shape[:rank-2:rank-2], n)
		d.Strides = append(d.Strides[:rank-2:rank-2], d.Strides[rank-2]+d.Strides[rank-1])
		must(Fill(d, 0))
	}
	for j := 1; j < n; j++ { // column j above the diagonal is row j left of it
		above := y.Slice(rank-1, j, j+1, 1).Slice(rank-2, 0, j, 1)
		left := y.Slice(rank-2, j, j+1, 1).Slice(rank-1, 0, j, 1)
		left.Shape, left.Strides = above.Shape, append([]int(nil), left.Strides...)
		left.Strides[rank-2], left.Strides[rank-1] = left.Strides[rank-1], left.Strides[rank-2]
		if a.DType.IsComplex() {
			must(Conj.Run(above, left))
		} else {
			must(Copy(above, left))
		}
	}
	return y
}
