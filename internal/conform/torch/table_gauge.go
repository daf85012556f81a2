package torch

import (
	"fmt"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/linalg"
	"github.com/lathe-ml/lathe/engine"
)

// Factorizations are unique only up to signs or rotations, so results are compared by what they multiply
// up to, and by what is unique of them.

// gauge runs a factorization of a: the results with recorded types, and claims that hold for them.
type gauge struct {
	params string
	f      func(c *call) (got []any, claims []claim)
}

// claim is a tensor and what it should be.
type claim struct {
	what      string
	got, want *tensor
}

// adjoint is the conjugate transpose.
func adjoint(x *tensor) *tensor {
	if x.IsComplex() {
		return x.H()
	}
	return x.T()
}

// orthonormal claims that the columns of q are orthonormal.
func orthonormal(what string, q *tensor) claim {
	n := q.Size(-1)
	return claim{what, adjoint(q).MatMul(q), eager.Eye(n).To(q.DType()).Expand(append(q.Shape()[:q.Rank()-2].Clone(), n, n)...)}
}

func completed(u *tensor) *tensor {
	m := u.Size(-2)
	eye := eager.Eye(m).To(u.DType()).Expand(append(u.Shape()[:u.Rank()-2].Clone(), m, m)...)
	q, _ := linalg.QR(eager.Concat(-1, u, eye))
	return eager.Concat(-1, u, q.Slice(-1, u.Size(-1), m))
}

func svd(params string, full func(c *call) bool, turned bool) gauge {
	return gauge{params, func(c *call) ([]any, []claim) {
		a := c.t("input")
		u, s, vt := linalg.SVD(a)
		claims := []claim{
			{"u·s·vt", u.Mul(s.Unsqueeze(-2)).MatMul(vt), a}, orthonormal("uᵀ·u", u), orthonormal("vᵀ·v", adjoint(vt)),
		}
		if full(c) {
			u, vt = completed(u), adjoint(completed(adjoint(vt)))
			claims = append(claims, orthonormal("all uᵀ·u", u), orthonormal("all vᵀ·v", adjoint(vt)))
		}
		if turned {
			vt = adjoint(vt)
		}
		return []any{u, s, vt}, claims
	}}
}

func luFactor(info func(c *call) bool) gauge {
	return gauge{"input pivot get_infos", func(c *call) ([]any, []claim) {
		a := c.t("input")
		need(c.bool("pivot", true), "no pivots")
		lu, pivots := linalg.LUFactor(a)
		got := []any{lu, pivots}
		if info(c) {
			got = append(got, zeroInfo(a))
		}
		p, l, u := linalg.LU(a)
		return got, []claim{{"p·l·u", p.MatMul(l).MatMul(u), a}}
	}}
}

// unique says which results are the same in every implementation.
var gauges = map[string]struct {
	gauge
	unique []int
}{
	"linalg.svd": {svd("input full_matrices", func(c *call) bool { return c.bool("full_matrices", true) }, false), []int{1}},
	"svd":        {svd("input some", func(c *call) bool { return !c.bool("some", true) }, true), []int{1}},
	"linalg.qr": {gauge{"input", func(c *call) ([]any, []claim) {
		a := c.t("input")
		q, r := linalg.QR(a)
		return []any{q, r}, []claim{{"q·r", q.MatMul(r), a}, orthonormal("qᵀ·q", q), {"r", r, r.Triu(0)}}
	}}, nil},
	"geqrf": {gauge{"input", func(c *call) ([]any, []claim) {
		a := c.t("input")
		qr, tau := linalg.Householder(a)
		k := tau.Size(-1)
		q := linalg.HouseholderProduct(qr.Slice(-1, 0, k), tau)
		return []any{qr, tau}, []claim{{"q·r", q.MatMul(qr.Slice(-2, 0, k).Triu(0)), a}}
	}}, nil},
	"linalg.eigh": {gauge{"input", func(c *call) ([]any, []claim) {
		a := symmetricOf(c)
		w, v := linalg.EigH(a)
		below, diag := a.Tril(-1), a.Tril(0).Triu(0)
		whole := below.Add(adjoint(below)).Add(diag.Add(adjoint(diag)).Div(2.0))
		return []any{w, v}, []claim{{"v·w·vᵀ", v.Mul(w.Unsqueeze(-2)).MatMul(adjoint(v)), whole}, orthonormal("vᵀ·v", v)}
	}}, []int{0}},
	"linalg.eig": {gauge{"input", func(c *call) ([]any, []claim) {
		a := c.t("input")
		w, v := linalg.Eig(a)
		return []any{w, v}, []claim{
			{"a·v", a.To(v.DType()).MatMul(v), v.Mul(w.Unsqueeze(-2))},
			{"norms", v.VectorNorm(2, -2), eager.OnesLike(v.VectorNorm(2, -2))},
		}
	}}, []int{0}},
	"linalg.lu": {gauge{"input", func(c *call) ([]any, []claim) {
		a := c.t("input")
		need(c.bool("pivot", true), "no pivots")
		p, l, u := linalg.LU(a)
		return []any{p, l, u}, []claim{{"p·l·u", p.MatMul(l).MatMul(u), a}, {"l", l, l.Tril(0)}, {"u", u, u.Triu(0)}}
	}}, nil},
	"linalg.lstsq": {gauge{"input other rcond", func(c *call) ([]any, []claim) {
		a, b, driver := c.t("input"), c.t("other"), c.str("driver", "gelsy")
		x, squares, rank, s := linalg.LstSqEx(a, b, c.cutoff())
		none := eager.Zeros(0).To(s.DType())
		got := []any{x, squares, rank, s}
		if driver == "gelsy" {
			got[1] = none
		}
		if driver == "gels" {
			got[2] = eager.Zeros(0).To(engine.I64)
		}
		if driver == "gels" || driver == "gelsy" {
			got[3] = none
		}
		return got, nil
	}}, []int{0, 1, 2, 3}},
	"linalg.lu_factor": {luFactor(func(*call) bool { return false }), nil},
	"lu":               {luFactor(func(c *call) bool { return c.bool("get_infos", false) }), nil},
}

// runGauge compares the results of a factorization.
func runGauge(r record) error {
	g, ok := gauges[r.str("op")]
	if !ok {
		panic(unsupported("comparison " + r.str("compare")))
	}
	root := map[string]any{}
	for _, f := range []string{"input", "args", "kwargs", "output"} {
		v, err := r.value(f)
		if err != nil {
			return err
		}
		root[f] = v
	}
	var claims []claim
	e := entry{g.params, func(c *call) any {
		got, all := g.f(c)
		claims = all
		return got
	}}
	got, want := list(e.call(root["input"], list(root["args"]), root["kwargs"])), list(root["output"])
	if len(got) < len(want) {
		return fmt.Errorf("%d results, want %d", len(got), len(want))
	}
	got = got[:min(len(got), len(want))] // of some only the results with gradients were recorded
	for i, w := range want {
		x, y := got[i].(*tensor), w.(*tensor)
		if x.DType() != y.DType() || !x.Shape().Equal(y.Shape()) {
			return fmt.Errorf("result[%d] is %v, want %v", i, x.Type(), y.Type())
		}
	}
	for _, i := range g.unique {
		if i >= len(want) {
			continue
		}
		if err := equal(fmt.Sprintf("result[%d]", i), got[i], want[i], opsTolerance); err != nil {
			return err
		}
	}
	for _, k := range claims {
		if err := equalTensors(k.what, k.got, k.want, opsTolerance); err != nil {
			return err
		}
	}
	return nil
}
