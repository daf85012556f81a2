package linalg

import (
	"fmt"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func draw(d engine.DType, s ...int) *eager.Tensor {
	return eager.Complex(eager.Randn(s...), eager.Randn(s...)).To(d)
}

// TestComplexFactorizationsMultiplyBack compares products of factors with what was factored, in batches, of one
// column, tall, wide and with zero columns.
func TestComplexFactorizationsMultiplyBack(t *testing.T) {
	eager.Seed(3)
	for _, s := range [][]int{{1, 1}, {2, 2}, {3, 7, 7}, {40, 40}, {9, 4}, {4, 9}, {2, 5, 0}} {
		a := draw(engine.C128, s...)
		if s[len(s)-1] == 7 {
			a = a.Mul(eager.Of(1, 0, 1, 1, 0, 1, 1)) // of less than full rank
		}
		t.Run(fmt.Sprint(s), func(t *testing.T) { multiplyBack(t, a) })
	}
	a := draw(engine.C64, 6, 6)
	if x := Solve(a, draw(engine.C64, 6, 2)); x.DType() != engine.C64 || !x.IsFinite().All().Bools()[0] {
		t.Errorf("the solution of c64 is %v", x)
	}
	if u, v, _ := SVD(a); u.DType() != engine.C64 || v.DType() != engine.F32 {
		t.Errorf("factors of c64 are %v and %v", u.DType(), v.DType())
	}
}

func multiplyBack(t *testing.T, a *eager.Tensor) {
	near := func(what string, x, y *eager.Tensor) {
		t.Helper()
		if d := x.Sub(y).Abs(); d.Numel() > 0 && !(d.Max().Item() < 1e-11) {
			t.Errorf("%s is off by %v", what, d.Max().Item())
		}
	}
	m, n := a.Size(-2), a.Size(-1)
	k := min(m, n)
	u, s, vh := SVD(a)
	near("u·s·vᴴ", u.Mul(s.Unsqueeze(-2)).MatMul(vh), a)
	near("uᴴ·u", u.H().MatMul(u), identity(a, k))
	near("vᴴ·v", vh.MatMul(vh.H()), identity(a, k))
	q, r := QR(a)
	near("q·r", q.MatMul(r), a)
	near("qᴴ·q", q.H().MatMul(q), identity(a, k))
	p, l, up := LU(a)
	near("p·l·u", p.MatMul(l).MatMul(up), a)
	near("a·a⁺·a", a.MatMul(PInv(a, DefaultCutoff)).MatMul(a), a)
	if m != n {
		return
	}
	w, v := Eig(a)
	near("a·v − v·w", a.MatMul(v), v.Mul(w.Unsqueeze(-2)))
	h := a.Add(a.H())
	wh, vhh := EigH(h)
	near("v·w·vᴴ", vhh.Mul(wh.Unsqueeze(-2)).MatMul(vhh.H()), h)
	positive := a.MatMul(a.H()).Add(identity(a, n))
	c := Cholesky(positive)
	near("l·lᴴ", c.MatMul(c.H()), positive)
	near("positive·x", positive.MatMul(CholeskySolve(c, a)), a)
	near("the determinant of a product", Det(positive).Div(Det(c).Square().Abs()), eager.OnesLike(Det(c)))
}

// TestGradientsOfComplexMatricesAreDerivatives compares them with differences in the real and imaginary parts,
// first and second order. Results that have a free phase enter by what does not depend on it.
func TestGradientsOfComplexMatricesAreDerivatives(t *testing.T) {
	eager.Seed(5)
	hermitian := func(a *eager.Tensor) *eager.Tensor { return a.Add(a.H()) }
	positive := func(a *eager.Tensor) *eager.Tensor { return a.MatMul(a.H()).Add(identity(a, a.Size(-1))) }
	for name, f := range map[string]func(a *eager.Tensor) *eager.Tensor{
		"Inv":          Inv,
		"Det":          Det,
		"LogDet":       func(a *eager.Tensor) *eager.Tensor { return LogDet(positive(a)).Real() },
		"SlogDet":      func(a *eager.Tensor) *eager.Tensor { s, l := SlogDet(a); return s.Mul(l) },
		"Cholesky":     func(a *eager.Tensor) *eager.Tensor { return Cholesky(positive(a)) },
		"CholeskyEx":   func(a *eager.Tensor) *eager.Tensor { l, _ := CholeskyEx(positive(a)); return l },
		"QR":           func(a *eager.Tensor) *eager.Tensor { q, r := QR(a); return q.Mul(r) },
		"LU":           func(a *eager.Tensor) *eager.Tensor { _, l, u := LU(a); return l.Mul(u.T()) },
		"EigValsH":     func(a *eager.Tensor) *eager.Tensor { return EigValsH(hermitian(a)) },
		"EigH vectors": func(a *eager.Tensor) *eager.Tensor { _, v := EigH(hermitian(a)); return v.Abs() },
		"EigVals":      EigVals,
		"Eig vectors":  func(a *eager.Tensor) *eager.Tensor { _, v := Eig(a); return v.Abs() },
		"SVDVals":      SVDVals,
		"SVD vectors":  func(a *eager.Tensor) *eager.Tensor { u, s, v := SVD(a); return u.Mul(s.Square()).MatMul(v) },
		"PInv":         func(a *eager.Tensor) *eager.Tensor { return PInv(a.Slice(-1, 0, 2), DefaultCutoff) },
		"MatrixExp":    MatrixExp,
		"Solve":        func(a *eager.Tensor) *eager.Tensor { return Solve(a, a.H().Slice(-1, 0, 2)) },
		"SolveTriangular": func(a *eager.Tensor) *eager.Tensor {
			return SolveTriangular(a, a.H(), TriangularOptions{Upper: true})
		},
		"Householder": func(a *eager.Tensor) *eager.Tensor { return HouseholderProduct(a, a.Slice(0, 0, 1).Reshape(-1)) },
		"nuclear norm": func(a *eager.Tensor) *eager.Tensor {
			return MatrixNorm(a, "nuc")
		},
	} {
		t.Run(name, func(t *testing.T) {
			parts := []*eager.Tensor{eager.Randn(3, 3).To(engine.F64), eager.Randn(3, 3).To(engine.F64)}
			err := eager.GradCheck(func(in ...*eager.Tensor) *eager.Tensor {
				y := f(eager.Complex(in[0], in[1]))
				if y.IsComplex() {
					return y.ViewAsReal()
				}
				return y
			}, parts, eager.GradCheckOptions{Second: true, Rel: 1e-3, Abs: 1e-4})
			if err != nil {
				t.Error(err)
			}
		})
	}
}
