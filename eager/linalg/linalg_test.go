package linalg_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/linalg"
	"github.com/lathe-ml/lathe/engine"
)

func ExampleSolve() {
	a := eager.New([][]float64{{2, 0}, {0, 4}})
	b := eager.New([]float64{1, 2})
	fmt.Println(linalg.Solve(a, b).Float64s())
	// Output: [0.5 0.5]
}

// near is the tolerance of products of factors in f64.
func near(t *testing.T, what string, got, want *eager.Tensor) {
	t.Helper()
	if !eager.AllClose(got, want, 1e-10, 1e-10) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func matrices(shape ...int) *eager.Tensor {
	eager.Seed(3)
	return eager.Randn(shape...).To(eager.F64)
}

func TestFactorsMultiplyUpToTheMatrix(t *testing.T) {
	for _, s := range [][]int{{4, 4}, {5, 3}, {3, 5}, {2, 4, 3}, {0, 3, 3}, {1, 1}} {
		a := matrices(s...)
		q, r := linalg.QR(a)
		near(t, "q·r", q.MatMul(r), a)
		u, v, w := linalg.SVD(a)
		near(t, "u·s·vt", u.Mul(v.Unsqueeze(-2)).MatMul(w), a)
		p, l, up := linalg.LU(a)
		near(t, "p·l·u", p.MatMul(l).MatMul(up), a)
		x, h := linalg.Polar(a)
		near(t, "polar", x.MatMul(h), a)
		pinv := linalg.PInv(a, linalg.DefaultCutoff)
		near(t, "a·a⁺·a", a.MatMul(pinv).MatMul(a), a)
	}
}

func TestSymmetricMatricesHaveRealSpectra(t *testing.T) {
	a := matrices(3, 4, 4)
	a = a.MatMul(a.T())
	w, v := linalg.EigH(a)
	near(t, "v·w·vᵀ", v.Mul(w.Unsqueeze(-2)).MatMul(v.T()), a)
	l := linalg.Cholesky(a)
	near(t, "l·lᵀ", l.MatMul(l.T()), a)
	near(t, "inverse", linalg.CholeskySolve(l, a), eager.Eye(4).To(eager.F64).Expand(3, 4, 4).Contiguous())
	near(t, "pseudo-inverse", linalg.PInvH(a, linalg.DefaultCutoff), linalg.Inv(a))
}

func TestSpectrumOfAMatrixThatIsNotFiniteIsNaN(t *testing.T) {
	for _, v := range []float64{math.NaN(), math.Inf(1)} {
		w, u := linalg.EigH(eager.New([][]float64{{v, 9}, {1, 2}}))
		for _, got := range append(w.Float64s(), u.Float64s()...) {
			if !math.IsNaN(got) {
				t.Errorf("an eigenvalue or vector with %v has %v, want NaN", v, got)
			}
		}
	}
	w, _ := linalg.EigH(eager.New([][]float64{{1, math.NaN()}, {0, 2}}))
	near(t, "spectrum of the lower part", w, eager.New([]float64{1, 2}))
}

func TestExponentialOfADiagonalIsThatOfItsElements(t *testing.T) {
	d := eager.New([]float64{-3, 0, 7})
	near(t, "matrix", linalg.MatrixExp(d.Diag(0)), d.Exp().Diag(0))
}

func TestSolversOfFactorsAgreeWithSolve(t *testing.T) {
	a, b := matrices(2, 4, 4), matrices(2, 4, 3)
	lu, p := linalg.LUFactor(a)
	near(t, "a·x", linalg.LUSolve(lu, p, b), linalg.Solve(a, b))
	near(t, "aᵀ·x", linalg.LUSolveT(lu, p, b), linalg.Solve(a.T(), b))
	near(t, "inverse", linalg.MatrixPower(a, -2), linalg.Inv(a.MatMul(a)))
}

func TestRefusalsNameTheOperator(t *testing.T) {
	for want, f := range map[string]func(){
		"singular":              func() { linalg.Inv(eager.Zeros(2, 2)) },
		"not positive definite": func() { linalg.Cholesky(eager.Eye(2).Neg()) },
		"want a square one":     func() { linalg.EigH(eager.Zeros(2, 3)) },
		"axis twice":            func() { eager.Einsum("ij->ii", eager.Zeros(2, 3)) },
		"unknown":               func() { linalg.MatrixNorm(eager.Zeros(2, 3), "3") },
	} {
		func() {
			defer func() {
				if e, ok := recover().(*engine.Error); !ok || !strings.Contains(e.Error(), want) {
					t.Errorf("got %v, want an error with %q", e, want)
				}
			}()
			f()
			t.Errorf("no error with %q", want)
		}()
	}
}
