package dist_test

import (
	"math"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/dist"
	"github.com/lathe-ml/lathe/engine"
)

func same(t *testing.T, what string, got, want *eager.Tensor, tol float64) {
	t.Helper()
	if !eager.AllClose(got, want, tol, tol) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

var covariance = eager.New([][]float64{{2, 0.6, -0.3}, {0.6, 1.5, 0.2}, {-0.3, 0.2, 0.8}})

func TestMultivariateNormalAgreesWithItsMarginals(t *testing.T) {
	m, v := vec(1, -1, 0.5), vec(0.4, 2, 1.3)
	x := vec(0.2, 0.7, -1)
	diag := dist.MultivariateNormal(m, v.Diag(0))
	flat := dist.Independent(dist.Normal(m, v.Sqrt()), 1)
	same(t, "log density", diag.LogProb(x), flat.LogProb(x), 1e-12)
	same(t, "entropy", diag.Entropy(), flat.Entropy(), 1e-12)
	same(t, "divergence", dist.KL(diag, dist.MultivariateNormal(x, v.Mul(2).Diag(0))),
		dist.KL(flat, dist.Independent(dist.Normal(x, v.Mul(2).Sqrt()), 1)), 1e-12)

	w := eager.New([][]float64{{1, 0.5}, {0.2, -0.7}, {0.3, 0.1}})
	low := dist.LowRankMultivariateNormal(m, w, v)
	full := dist.MultivariateNormal(m, w.MatMul(w.T()).Add(v.Diag(0)))
	same(t, "low rank", low.LogProb(x), full.LogProb(x), 1e-12)
	same(t, "low rank entropy", low.Entropy(), full.Entropy(), 1e-12)
	same(t, "low rank variance", low.Variance(), full.Variance(), 1e-12)
	eager.Seed(5)
	for _, d := range []*dist.Distribution{low, full} {
		same(t, "covariance of draws", d.Sample(40000).T().Cov(eager.CovOptions{}), w.MatMul(w.T()).Add(v.Diag(0)), 0.06)
	}
}

func TestDirichletOfTwoIsBeta(t *testing.T) {
	d, b := dist.Dirichlet(vec(2.2, 3.1)), dist.Beta(f64(2.2), 3.1)
	same(t, "log density", d.LogProb(vec(0.3, 0.7)), b.LogProb(0.3), 1e-10)
	same(t, "entropy", d.Entropy(), b.Entropy(), 1e-10)
	same(t, "variance", d.Variance().Index(0), b.Variance(), 1e-12)
	same(t, "divergence", dist.KL(d, dist.Dirichlet(vec(1, 2))), dist.KL(b, dist.Beta(f64(1), 2)), 1e-10)
	eager.Seed(6)
	c := vec(0.5, 2, 4)
	draws := dist.Dirichlet(c).Sample(30000)
	same(t, "mean of draws", draws.Mean(0), dist.Dirichlet(c).Mean(), 0.01)
	same(t, "variance of draws", draws.Var(0), dist.Dirichlet(c).Variance(), 0.01)
}

func TestWishartHasItsMoments(t *testing.T) {
	one := dist.Wishart(f64(5), eager.New([][]float64{{2}}))
	gamma := dist.Gamma(f64(2.5), 0.25)
	same(t, "log density of order 1", one.LogProb(eager.New([][]float64{{3}})), gamma.LogProb(3.0), 1e-10)
	same(t, "entropy of order 1", one.Entropy(), gamma.Entropy(), 1e-10)
	eager.Seed(8)
	d := dist.Wishart(f64(6), covariance)
	draws := d.Sample(20000)
	same(t, "mean of draws", draws.Mean(0), d.Mean(), 0.03)
	same(t, "variance of draws", draws.Var(0), d.Variance(), 0.08)
	same(t, "entropy", d.LogProb(draws).Mean().Neg(), d.Entropy(), 0.02)
}

func TestLKJCorrelationsHaveBetaMarginals(t *testing.T) {
	eager.Seed(9)
	const n, c = 4, 1.5
	d := dist.LKJCholesky(n, f64(c))
	l := d.Sample(30000)
	r := l.MatMul(l.T())
	want := 1 / (2*(c-1+n/2.0) + 1)
	for i := range n {
		near(t, "diagonal", r.Slice(1, i, i+1).Slice(2, i, i+1).Mean().Item(), 1, 1e-6)
		for j := range i {
			v := r.Slice(1, i, i+1).Slice(2, j, j+1).Square().Mean().Item()
			near(t, "variance of a correlation", v, want, 0.01)
		}
	}
	// of two rows the density of r is proportional to (1 − r²)^(c−1)
	two := dist.LKJCholesky(2, f64(c))
	at := func(r float64) float64 {
		return two.LogProb(eager.New([][]float64{{1, 0}, {r, math.Sqrt(1 - r*r)}})).Item()
	}
	sum := 0.0
	for i := range 20000 { // the factor's free element is r itself
		sum += math.Exp(at(-1+(float64(i)+0.5)*1e-4)) * 1e-4
	}
	near(t, "total", sum, 1, 1e-4)
}

func TestClassesAreDrawnAsOften(t *testing.T) {
	eager.Seed(10)
	w := eager.New([][]float64{{1, 2, 5}, {0, 3, 1}})
	d := dist.Categorical(w)
	p := w.Div(w.SumKeep(-1))
	draws := d.Sample(30000)
	if draws.DType() != engine.I64 || !draws.Shape().Equal(engine.Shape{30000, 2}) {
		t.Fatalf("draws are %v", draws.Array())
	}
	same(t, "frequencies", eager.OneHot(draws, 3).Mean(0).To(eager.F64), p, 0.01)
	same(t, "log probability", d.LogProb(eager.New([]int{2, 1})), vec(math.Log(5.0/8), math.Log(0.75)), 1e-6)
	one := dist.OneHotCategorical(w)
	same(t, "one hot", one.LogProb(eager.New([][]float64{{0, 0, 1}, {0, 1, 0}})), d.LogProb(eager.New([]int{2, 1})), 1e-9)
	same(t, "entropy", one.Entropy(), d.Entropy(), 1e-12)
	same(t, "divergence", dist.KL(d, d), vec(0, 0), 1e-12)
	m := dist.Multinomial(7, w.Index(0))
	counts := m.Sample(20000)
	same(t, "mean of counts", counts.Mean(0), m.Mean(), 0.02)
	same(t, "variance of counts", counts.Var(0), m.Variance(), 0.05)
	same(t, "entropy of counts", m.LogProb(counts).Mean().Neg(), m.Entropy(), 0.02)
	near(t, "binomial", dist.Multinomial(7, vec(0.3, 0.7)).LogProb(vec(2, 5)).Item(),
		dist.Binomial(f64(7), 0.3).LogProb(2.0).Item(), 1e-6)
}

func TestDensitiesOfTransformsAccountForStretching(t *testing.T) {
	eager.Seed(12)
	x := eager.Randn(5).To(eager.F64).Mul(0.5)
	for _, tr := range []dist.Transform{
		dist.Affine(1, -3), dist.Exp(), dist.Sigmoid(), dist.Tanh(), dist.Softplus(),
	} {
		y := tr.Forward(x)
		same(t, tr.Name+": inverse", tr.Inverse(y), x, 1e-9)
		const h = 1e-6
		slope := tr.Forward(x.Add(h)).Sub(tr.Forward(x.Sub(h))).Div(2 * h)
		same(t, tr.Name+": log slope", tr.LogDet(x, y), slope.Abs().Log(), 1e-6)
	}
	s := dist.StickBreaking()
	y := s.Forward(x)
	near(t, "sum of the parts", y.Sum().Item(), 1, 1e-12)
	same(t, "StickBreaking: inverse", s.Inverse(y), x, 1e-9)
	j := eager.Jacobian(func(x *eager.Tensor) *eager.Tensor { return s.Forward(x).Slice(0, 0, 5) }, x)
	det := 0.0
	for i := range 5 { // triangular
		det += math.Log(math.Abs(j.At(i, i)))
	}
	near(t, "StickBreaking: log determinant", s.LogDet(x, y).Item(), det, 1e-9)
	d := dist.LogisticNormal(eager.Zeros(3).To(eager.F64), eager.Ones(3).To(eager.F64))
	if got := d.EventShape(); !got.Equal(engine.Shape{4}) {
		t.Errorf("event shape %v, want [4]", got)
	}
	draws := d.Sample(10)
	if v := d.LogProb(draws); !v.Shape().Equal(engine.Shape{10}) || v.IsFinite().All().Item() == 0 {
		t.Errorf("log densities %v", v)
	}
	r := dist.RelaxedOneHotCategorical(0.7, vec(1, 2, 3))
	if v := r.LogProb(r.RSample(50)); v.IsFinite().All().Item() == 0 {
		t.Errorf("log densities %v", v)
	}
}

func TestRefusalsNameTheFamily(t *testing.T) {
	for want, f := range map[string]func(){
		"dist.Normal: want scale > 0": func() { dist.Normal(0, -1) },
		"dist.Normal: the parameters do not fit: shapes [2] and [3] do not broadcast (axis -1: 2 and 3)": func() {
			dist.Normal(vec(0, 1), vec(1, 2, 3))
		},
		"dist.Poisson: the family has no draws that are differentiable; use Sample and LogProb (the score-function " +
			"estimator)": func() { dist.Poisson(1).RSample() },
		"dist.KL: no closed form for Normal and Poisson; estimate it with the mean of p.LogProb(x) − q.LogProb(x) over " +
			"x = p.Sample(n)": func() { dist.KL(dist.Normal(0, 1), dist.Poisson(1)) },
	} {
		func() {
			defer func() {
				if e, ok := recover().(*engine.Error); !ok || e.Error() != want {
					t.Errorf("got %v, want %q", e, want)
				}
			}()
			f()
		}()
	}
}
