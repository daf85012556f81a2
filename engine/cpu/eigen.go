package cpu

import (
	"errors"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack"
	"gonum.org/v1/gonum/lapack/lapack64"

	"github.com/lathe-ml/lathe/engine"
)

// Eig gives the complex eigenvalues w and eigenvectors, as columns of v with norm 1. NaN
// where a matrix is not finite.
func Eig(w, v, a engine.Array) error {
	if a.DType.IsComplex() {
		return eigComplex(w, v, a)
	}
	n, _ := extents(a)
	outs := []operand{{Pairs(w), 2}, {Pairs(v), 3}}
	return batched(outs, []operand{{a, 2}}, func(out, in [][]float64) error {
		if n == 0 {
			return nil
		}
		for _, x := range in[0] {
			if x-x != 0 {
				fillNaN(out[0])
				fillNaN(out[1])
				return nil
			}
		}
		wr, wi, vr := make([]float64, n), make([]float64, n), make([]float64, n*n)
		left, right := blas64.General{Stride: 1}, general(n, n, vr)
		work := make([]float64, 1)
		lapack64.Geev(lapack.LeftEVNone, lapack.RightEVCompute, general(n, n, in[0]), wr, wi, left, right, work, -1)
		work = make([]float64, max(int(work[0]), 4*n))
		first := lapack64.Geev(lapack.LeftEVNone, lapack.RightEVCompute, general(n, n, in[0]), wr, wi, left, right,
			work, len(work))
		if first != 0 {
			return errors.New("the eigenvalues do not converge")
		}
		for j := range n {
			out[0][2*j], out[0][2*j+1] = wr[j], wi[j]
			for i := range n {
				re, im := vr[i*n+j], 0.0
				switch { // of a pair the columns are real and imaginary part
				case wi[j] > 0:
					im = vr[i*n+j+1]
				case wi[j] < 0:
					re, im = vr[i*n+j-1], -vr[i*n+j]
				}
				out[1][2*(i*n+j)], out[1][2*(i*n+j)+1] = re, im
			}
		}
		return nil
	})
}
