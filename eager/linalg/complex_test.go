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
