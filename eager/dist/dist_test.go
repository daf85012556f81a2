package dist_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/dist"
	"github.com/lathe-ml/lathe/engine"
)

func ExampleNormal() {
	p := dist.Normal(0, 2)
	fmt.Printf("%.4f %.4f\n", p.LogProb(1.0).Item(), dist.KL(p, dist.Normal(0, 1)).Item())
	// Output: -1.7371 0.8069
}

func f64(v float64) *eager.Tensor { return eager.New(v) }

func vec(v ...float64) *eager.Tensor { return eager.New(v) }

// line is a family on the real line with the interval that holds all but 1e-7 of its probability, or its counts.
type line struct {
	d       *dist.Distribution
	lo, hi  float64
	whole   bool
	loose   float64 // relative error of the moments, where tails are heavy or densities have poles
	moments bool    // mean and variance exist
}

var lines = map[string]line{
	"Normal":            {dist.Normal(f64(0.5), 1.5), -9, 10, false, 1e-6, true},
	"Laplace":           {dist.Laplace(f64(-0.5), 0.8), -20, 19, false, 1e-4, true},
	"Gumbel":            {dist.Gumbel(f64(0.3), 0.7), -6, 25, false, 1e-5, true},
	"StudentT":          {dist.StudentT(f64(9), 0.2, 1.1), -300, 300, false, 1e-4, true},
	"Uniform":           {dist.Uniform(f64(-1), 2.5), -1, 2.5, false, 1e-4, true},
	"HalfNormal":        {dist.HalfNormal(f64(1.3)), 0, 9, false, 1e-5, true},
	"Exponential":       {dist.Exponential(f64(1.7)), 0, 14, false, 1e-5, true},
	"Gamma":             {dist.Gamma(f64(2.5), 1.3), 0, 25, false, 1e-5, true},
	"Chi2":              {dist.Chi2(f64(5)), 0, 60, false, 1e-5, true},
	"InverseGamma":      {dist.InverseGamma(f64(9), 3), 0, 60, false, 1e-4, true},
	"Weibull":           {dist.Weibull(f64(1.2), 2.1), 0, 7, false, 1e-5, true},
	"Pareto":            {dist.Pareto(f64(1.5), 9), 1.5, 40, false, 1e-4, true},
	"GeneralizedPareto": {dist.GeneralizedPareto(f64(0.5), 1.2, -0.2), 0.5, 6.5, false, 1e-4, true},
	"Beta":              {dist.Beta(f64(2.2), 3.1), 0, 1, false, 1e-5, true},
	"Kumaraswamy":       {dist.Kumaraswamy(f64(2.2), 3.1), 0, 1, false, 1e-5, true},
	"FisherSnedecor":    {dist.FisherSnedecor(f64(6), 30), 0, 60, false, 1e-4, true},
	"LogNormal":         {dist.LogNormal(f64(0.1), 0.4), 0, 14, false, 1e-5, true},
	"ContinuousBernoulli": {
		dist.ContinuousBernoulli(f64(0.2)), 0, 1, false, 1e-6, true,
	},
	"ContinuousBernoulli near ½": {dist.ContinuousBernoulli(f64(0.5005)), 0, 1, false, 1e-6, true},
	"RelaxedBernoulli":           {dist.RelaxedBernoulli(f64(0.9), 0.4), 0, 1, false, 1e-3, false},
	"Cauchy":                     {dist.Cauchy(f64(0), 0.1), -100, 100, false, 1e-3, false},
	"HalfCauchy":                 {dist.HalfCauchy(f64(0.1)), 0, 100, false, 1e-3, false},
	"VonMises":                   {dist.VonMises(f64(0.4), 1.8), -math.Pi, math.Pi, false, 1e-6, false},
	"Bernoulli":                  {dist.Bernoulli(f64(0.3)), 0, 1, true, 1e-9, true},
	"Geometric":                  {dist.Geometric(f64(0.4)), 0, 60, true, 1e-9, true},
	"Poisson":                    {dist.Poisson(f64(3.4)), 0, 50, true, 1e-9, true},
	"Binomial":                   {dist.Binomial(f64(12), 0.35), 0, 12, true, 1e-9, true},
	"NegativeBinomial":           {dist.NegativeBinomial(f64(4), 0.45), 0, 150, true, 1e-9, true},
	"mixture": {
		dist.MixtureSameFamily(dist.Categorical(vec(1, 3)), dist.Normal(vec(-1, 2), vec(0.5, 1))), -6, 9, false, 1e-6, true,
	},
	"transformed": {dist.Transformed(dist.Normal(f64(0), 0.5), dist.Affine(1, -2), dist.Sigmoid()), 0, 1, false, 1e-4, false},
}

// grid are points and weights of the midpoint rule, or all counts.
func (l line) grid() (x, w *eager.Tensor) {
	if l.whole {
		n := int(l.hi-l.lo) + 1
		return eager.Arange(l.lo, l.hi+1, 1).To(eager.F64), eager.Ones(n).To(eager.F64)
	}
	const n = 80001
	h := (l.hi - l.lo) / n
	x = eager.Arange(0, n, 1).To(eager.F64).Add(0.5).Mul(h).Add(l.lo)
	return x, eager.FullLike(x, h)
}

func near(t *testing.T, what string, got, want, rel float64) {
	t.Helper()
	if !(math.Abs(got-want) <= rel*(1+math.Abs(want))) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func TestDensitiesIntegrateToTheirMomentsAndEntropy(t *testing.T) {
	for name, l := range lines {
		x, w := l.grid()
		lp := l.d.LogProb(x)
		p := lp.Exp().Mul(w)
		near(t, name+": total", p.Sum().Item(), 1, 10*l.loose)
		if l.moments {
			mean := p.Mul(x).Sum().Item()
			near(t, name+": mean", l.d.Mean().Item(), mean, 10*l.loose)
			near(t, name+": variance", l.d.Variance().Item(), p.Mul(x.Sub(mean).Square()).Sum().Item(), 10*l.loose)
		}
		if h, ok := try(l.d.Entropy); ok {
			near(t, name+": entropy", h.Item(), eager.Where(p.Gt(0), p.Mul(lp), 0).Sum().Neg().Item(), 10*l.loose)
		}
	}
}

// try returns what f gives, unless it has no closed form.
func try(f func() *eager.Tensor) (y *eager.Tensor, ok bool) {
	defer func() {
		if e, is := recover().(*engine.Error); is {
			y, ok = nil, e == nil
		}
	}()
	return f(), true
}

func TestDistributionFunctionsAreIntegralsAndQuantilesTheirInverse(t *testing.T) {
	for name, l := range lines {
		x, w := l.grid()
		at := x.Slice(0, x.Numel()/5, x.Numel(), max(x.Numel()/7, 1))
		cdf, ok := try(func() *eager.Tensor { return l.d.CDF(at) })
		if !ok {
			continue
		}
		p := l.d.Prob(x).Mul(w).CumSum(0).Float64s()
		for i, got := range cdf.Float64s() {
			near(t, fmt.Sprintf("%s: CDF %d", name, i), got, p[x.Numel()/5+i*max(x.Numel()/7, 1)], 1e-3)
		}
		back, ok := try(func() *eager.Tensor { return l.d.ICDF(cdf) })
		if !ok {
			continue
		}
		inner := cdf.Gt(1e-4).And(cdf.Lt(1 - 1e-4)).Float64s()
		for i, got := range back.Float64s() {
			if inner[i] == 1 {
				near(t, fmt.Sprintf("%s: ICDF %d", name, i), got, at.Float64s()[i], 1e-6)
			}
		}
	}
}

func TestDrawsFollowTheDensity(t *testing.T) {
	const n = 40000
	for name, l := range lines {
		eager.Seed(11)
		draws := l.d.Sample(n)
		if s := draws.Shape(); !s.Equal(engine.Shape{n}) {
			t.Errorf("%s: draws have shape %v", name, s)
			continue
		}
		x, w := l.grid()
		p := l.d.Prob(x).Mul(w).CumSum(0).Float64s()
		for _, q := range []float64{0.1, 0.3, 0.5, 0.8} { // the share of draws up to a quantile
			k := 0
			for p[k] < q && k < len(p)-1 {
				k++
			}
			share := draws.To(eager.F64).Le(x.At(k)).To(eager.F64).Mean().Item()
			near(t, fmt.Sprintf("%s: share below %.4g", name, x.At(k)), share, p[k], 0.01)
		}
	}
}

func TestGradientsOfDrawsAreThoseOfTheMean(t *testing.T) {
	for name, k := range map[string]struct {
		at   []float64
		make func(p []*eager.Tensor) *dist.Distribution
	}{
		"Normal": {[]float64{0.5, 1.2}, func(p []*eager.Tensor) *dist.Distribution { return dist.Normal(p[0], p[1]) }},
		"Gamma":  {[]float64{2.5, 1.3}, func(p []*eager.Tensor) *dist.Distribution { return dist.Gamma(p[0], p[1]) }},
		"small Gamma": {[]float64{0.3, 1}, func(p []*eager.Tensor) *dist.Distribution {
			return dist.Gamma(p[0], p[1])
		}},
		"Beta":        {[]float64{2, 3}, func(p []*eager.Tensor) *dist.Distribution { return dist.Beta(p[0], p[1]) }},
		"Weibull":     {[]float64{1.2, 2}, func(p []*eager.Tensor) *dist.Distribution { return dist.Weibull(p[0], p[1]) }},
		"Kumaraswamy": {[]float64{2, 3}, func(p []*eager.Tensor) *dist.Distribution { return dist.Kumaraswamy(p[0], p[1]) }},
		"Uniform":     {[]float64{-1, 2}, func(p []*eager.Tensor) *dist.Distribution { return dist.Uniform(p[0], p[1]) }},
	} {
		eager.Seed(7)
		leaves := make([]*eager.Tensor, len(k.at))
		for i, v := range k.at {
			leaves[i] = f64(v).SetRequiresGrad(true)
		}
		d := k.make(leaves)
		got := eager.Grad([]*eager.Tensor{d.RSample(30000).Mean()}, leaves, eager.GradOptions{})
		want := eager.Grad([]*eager.Tensor{d.Mean().Sum()}, leaves, eager.GradOptions{AllowUnused: true})
		for i := range leaves {
			if want[i] != nil {
				near(t, fmt.Sprintf("%s: gradient %d", name, i), got[i].Item(), want[i].Item(), 0.03)
			}
		}
	}
}

func TestDivergencesAreIntegrals(t *testing.T) {
	for _, c := range []struct{ p, q string }{
		{"Normal", "Normal"},
		{"Laplace", "Laplace"},
		{"Gumbel", "Gumbel"},
		{"Exponential", "Exponential"},
		{"Gamma", "Gamma"},
		{"Beta", "Beta"},
		{"HalfNormal", "HalfNormal"},
		{"Poisson", "Poisson"},
		{"Geometric", "Geometric"},
		{"Bernoulli", "Bernoulli"},
		{"Uniform", "Normal"},
		{"Laplace", "Normal"},
		{"Exponential", "Normal"},
		{"Gamma", "Exponential"},
		{"Exponential", "Gamma"},
		{"Gumbel", "Normal"},
		{"Binomial", "Binomial"},
		{"LogNormal", "LogNormal"},
		{"Chi2", "Chi2"},
		{"Beta", "Normal"},
	} {
		p, q := lines[c.p], others[c.q]
		x, w := p.grid()
		lp := p.d.LogProb(x)
		prob := lp.Exp().Mul(w)
		want := eager.Where(prob.Gt(0), prob.Mul(lp.Sub(q.LogProb(x))), 0).Sum().Item()
		near(t, c.p+" from "+c.q, dist.KL(p.d, q).Item(), want, 2e-4)
	}
	wide, narrow := dist.Uniform(f64(0), 3), dist.Uniform(f64(1), 2)
	near(t, "Uniform", dist.KL(narrow, wide).Item(), math.Log(3), 1e-12)
	if v := dist.KL(wide, narrow).Item(); !math.IsInf(v, 1) {
		t.Errorf("divergence from a distribution that excludes values is %v, want +Inf", v)
	}
	a, b := dist.Cauchy(f64(0), 1), dist.Cauchy(f64(1), 2)
	near(t, "Cauchy", dist.KL(a, b).Item(), math.Log((9.0+1)/8), 1e-12)
}

// others are second distributions of the families.
var others = map[string]*dist.Distribution{
	"Normal": dist.Normal(f64(-0.3), 2), "Laplace": dist.Laplace(f64(0.4), 1.1), "Gumbel": dist.Gumbel(f64(0), 0.9),
	"Exponential": dist.Exponential(f64(0.8)), "Gamma": dist.Gamma(f64(1.5), 0.7), "Beta": dist.Beta(f64(1.2), 2),
	"HalfNormal": dist.HalfNormal(f64(0.9)), "Poisson": dist.Poisson(f64(2)), "Geometric": dist.Geometric(f64(0.25)),
	"Bernoulli": dist.Bernoulli(f64(0.6)), "Binomial": dist.Binomial(f64(12), 0.6), "LogNormal": dist.LogNormal(f64(0), 0.7),
	"Chi2": dist.Chi2(f64(4)),
}

func TestValuesThatCannotOccurHaveNoProbability(t *testing.T) {
	for name, x := range map[string]float64{
		"Exponential": -1, "Gamma": -0.5, "Beta": 1.5, "Uniform": 3, "Pareto": 1, "Poisson": 1.5, "Bernoulli": 0.5,
		"HalfNormal": -2, "LogNormal": -1, "Binomial": 13, "Geometric": -1, "GeneralizedPareto": 7,
	} {
		if v := lines[name].d.LogProb(x).Item(); !math.IsInf(v, -1) {
			t.Errorf("%s at %v: log probability %v, want −Inf", name, x, v)
		}
	}
}
