package dist

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/special"
	"github.com/lathe-ml/lathe/engine"
)

// Exponential has the density rate·exp(−rate·x), x ≥ 0. Agrees with torch.distributions.Exponential.
func Exponential(rate any) *Distribution {
	d := family("Exponential", "rate", rate).positive("rate")
	r := d.params["rate"]
	d.within = above(0, true, 1)
	d.logProb = func(x *tensor) *tensor { return r.Log().Sub(r.Mul(x)) }
	d.cdf = func(x *tensor) *tensor { return r.Mul(x).Neg().Expm1().Neg() }
	d.icdf = func(p *tensor) *tensor { return p.Neg().Log1p().Neg().Div(r) }
	d.rsample = func(shape engine.Shape) *tensor { return d.exponential(shape).Div(r) }
	d.mean = func() *tensor { return r.Reciprocal() }
	d.variance = func() *tensor { return r.Square().Reciprocal() }
	d.entropy = func() *tensor { return r.Log().Neg().Add(1) }
	return d
}

// Gamma has the density rateᵃ·xᵃ⁻¹·exp(−rate·x)/Γ(a), a = concentration, x > 0. Agrees with
// torch.distributions.Gamma.
func Gamma(concentration, rate any) *Distribution {
	return gammaFamily("Gamma", "concentration rate", concentration, rate)
}

func gammaFamily(name, names string, concentration, rate any) *Distribution {
	d := family(name, names, concentration, rate).positive("concentration", "rate")
	a, r := d.params["concentration"], d.params["rate"]
	d.within = above(0, true, 1)
	d.logProb = func(x *tensor) *tensor {
		return special.XLogY(a, r).Add(special.XLogY(a.Sub(1), x)).Sub(r.Mul(x)).Sub(special.LogGamma(a))
	}
	d.cdf = func(x *tensor) *tensor { return special.GammaP(a, r.Mul(x)) }
	d.rsample = func(shape engine.Shape) *tensor { return d.gamma(shape, a).Div(r) }
	d.mean = func() *tensor { return a.Div(r) }
	d.variance = func() *tensor { return a.Div(r.Square()) }
	d.entropy = func() *tensor {
		return a.Sub(r.Log()).Add(special.LogGamma(a)).Sub(a.Sub(1).Mul(special.Digamma(a)))
	}
	return d
}

// Chi2 is Gamma(df/2, ½). Agrees with torch.distributions.Chi2.
func Chi2(df any) *Distribution {
	k := family("Chi2", "df", df).positive("df")
	d := gammaFamily("Chi2", "concentration rate", k.params["df"].Mul(0.5), 0.5)
	d.params["df"] = k.params["df"]
	d.names = []string{"df"}
	return d
}

// InverseGamma is the distribution of 1/x for x of Gamma(concentration, rate). Agrees with
// torch.distributions.InverseGamma.
func InverseGamma(concentration, rate any) *Distribution {
	d := family("InverseGamma", "concentration rate", concentration, rate).positive("concentration", "rate")
	a, r := d.params["concentration"], d.params["rate"]
	d.within = above(0, false, 1)
	d.logProb = func(x *tensor) *tensor {
		return a.Mul(r.Log()).Sub(a.Add(1).Mul(x.Log())).Sub(r.Div(x)).Sub(special.LogGamma(a))
	}
	d.cdf = func(x *tensor) *tensor { return special.GammaQ(a, r.Div(x)) }
	d.rsample = func(shape engine.Shape) *tensor { return r.Div(d.gamma(shape, a)) }
	d.mean = func() *tensor { return eager.Where(a.Gt(1), r.Div(a.Sub(1)), math.Inf(1)) }
	d.variance = func() *tensor {
		v := r.Square().Div(a.Sub(1).Square().Mul(a.Sub(2)))
		return eager.Where(a.Gt(2), v, math.Inf(1))
	}
	d.entropy = func() *tensor {
		return a.Add(r.Log()).Add(special.LogGamma(a)).Sub(a.Add(1).Mul(special.Digamma(a)))
	}
	return d
}

// Weibull has the distribution function 1 − exp(−(x/scale)ᵏ), k = concentration. Agrees with
// torch.distributions.Weibull.
func Weibull(scale, concentration any) *Distribution {
	d := family("Weibull", "scale concentration", scale, concentration).positive("scale", "concentration")
	b, k := d.params["scale"], d.params["concentration"]
	d.within = above(0, false, 1)
	d.logProb = func(x *tensor) *tensor {
		l := x.Log().Sub(b.Log())
		return k.Log().Sub(b.Log()).Add(k.Sub(1).Mul(l)).Sub(k.Mul(l).Exp())
	}
	d.cdf = func(x *tensor) *tensor { return x.Div(b).Pow(k).Neg().Expm1().Neg() }
	d.icdf = func(p *tensor) *tensor { return b.Mul(p.Neg().Log1p().Neg().Pow(k.Reciprocal())) }
	d.rsample = func(shape engine.Shape) *tensor { return b.Mul(d.exponential(shape).Pow(k.Reciprocal())) }
	moment := func(n float64) *tensor { return special.LogGamma(k.Reciprocal().Mul(n).Add(1)) }
	d.mean = func() *tensor { return b.Mul(moment(1).Exp()) }
	d.variance = func() *tensor { return b.Square().Mul(moment(2).Exp().Sub(moment(1).Mul(2).Exp())) }
	d.entropy = func() *tensor {
		return k.Reciprocal().Neg().Add(1).Mul(eulerGamma).Add(b.Div(k).Log()).Add(1)
	}
	return d
}

// Pareto has the density alpha·scaleᵅ/xᵅ⁺¹, x ≥ scale. Agrees with torch.distributions.Pareto.
func Pareto(scale, alpha any) *Distribution {
	d := family("Pareto", "scale alpha", scale, alpha).positive("scale", "alpha")
	b, a := d.params["scale"], d.params["alpha"]
	d.logProb = func(x *tensor) *tensor {
		ok := x.Detach().Ge(b.Detach())
		v := eager.Where(ok, x, b)
		return eager.Where(ok, a.Log().Add(a.Mul(b.Log())).Sub(a.Add(1).Mul(v.Log())), math.Inf(-1))
	}
	d.cdf = func(x *tensor) *tensor {
		ok := x.Detach().Ge(b.Detach())
		return eager.Where(ok, b.Div(eager.Where(ok, x, b)).Pow(a).Neg().Add(1), 0)
	}
	d.icdf = func(p *tensor) *tensor { return b.Mul(p.Neg().Log1p().Div(a).Neg().Exp()) }
	d.rsample = func(shape engine.Shape) *tensor { return b.Mul(d.exponential(shape).Div(a).Exp()) }
	d.mean = func() *tensor { return eager.Where(a.Gt(1), a.Mul(b).Div(a.Sub(1)), math.Inf(1)) }
	d.variance = func() *tensor {
		v := b.Square().Mul(a).Div(a.Sub(1).Square().Mul(a.Sub(2)))
		return eager.Where(a.Gt(2), v, math.Inf(1))
	}
	d.entropy = func() *tensor { return b.Div(a).Log().Add(a.Reciprocal()).Add(1) }
	return d
}

// GeneralizedPareto has the distribution function 1 − (1 + k·z)^(−1/k), z = (x − loc)/scale ≥ 0, k =
// concentration; k = 0 is exponential. Agrees with torch.distributions.GeneralizedPareto.
func GeneralizedPareto(loc, scale, concentration any) *Distribution {
	d := family("GeneralizedPareto", "loc scale concentration", loc, scale, concentration).positive("scale")
	m, b, k := d.params["loc"], d.params["scale"], d.params["concentration"]
	flat := k.Detach().Eq(0)
	safe := eager.Where(flat, 1, k)
	parts := func(x *tensor) (z, ok *tensor) {
		z = x.Sub(m).Div(b)
		v := z.Detach()
		ok = v.Ge(0).And(k.Detach().Mul(v).Gt(-1))
		return eager.Where(ok, z, 0), ok
	}
	// tail is −log(1 − CDF)
	tail := func(z *tensor) *tensor { return eager.Where(flat, z, safe.Mul(z).Log1p().Div(safe)) }
	d.logProb = func(x *tensor) *tensor {
		z, ok := parts(x)
		return eager.Where(ok, tail(z).Mul(k.Add(1)).Add(b.Log()).Neg(), math.Inf(-1))
	}
	d.cdf = func(x *tensor) *tensor {
		z, ok := parts(x)
		beyond := x.Detach().Gt(m.Detach()).To(d.dtype)
		return eager.Where(ok, tail(z).Neg().Expm1().Neg(), beyond)
	}
	of := func(e *tensor) *tensor { // from an exponential value
		return m.Add(b.Mul(eager.Where(flat, e, safe.Mul(e).Expm1().Div(safe))))
	}
	d.icdf = func(p *tensor) *tensor { return of(p.Neg().Log1p().Neg()) }
	d.rsample = func(shape engine.Shape) *tensor { return of(d.exponential(shape)) }
	d.mean = func() *tensor { return eager.Where(k.Lt(1), m.Add(b.Div(k.Neg().Add(1))), math.Inf(1)) }
	d.variance = func() *tensor {
		one := k.Neg().Add(1)
		v := b.Square().Div(one.Square().Mul(k.Mul(-2).Add(1)))
		return eager.Where(k.Lt(0.5), v, math.Inf(1))
	}
	d.entropy = func() *tensor { return b.Log().Add(k).Add(1) }
	return d
}

// logBeta is log B(a, b).
func logBeta(a, b *tensor) *tensor {
	return special.LogGamma(a).Add(special.LogGamma(b)).Sub(special.LogGamma(a.Add(b)))
}

// Beta has the density xᵃ⁻¹(1 − x)ᵇ⁻¹/B(a, b) on [0, 1]. Agrees with torch.distributions.Beta.
func Beta(a, b any) *Distribution {
	d := family("Beta", "concentration1 concentration0", a, b).positive("concentration1", "concentration0")
	p, q := d.params["concentration1"], d.params["concentration0"]
	d.within = unit
	d.logProb = func(x *tensor) *tensor {
		return special.XLogY(p.Sub(1), x).Add(special.XLog1pY(q.Sub(1), x.Neg())).Sub(logBeta(p, q))
	}
	d.rsample = func(shape engine.Shape) *tensor {
		x, y := d.gamma(shape, p), d.gamma(shape, q)
		return x.Div(x.Add(y))
	}
	sum := p.Add(q)
	d.mean = func() *tensor { return p.Div(sum) }
	d.variance = func() *tensor { return p.Mul(q).Div(sum.Square().Mul(sum.Add(1))) }
	d.entropy = func() *tensor {
		return logBeta(p, q).Sub(p.Sub(1).Mul(special.Digamma(p))).Sub(q.Sub(1).Mul(special.Digamma(q))).
			Add(sum.Sub(2).Mul(special.Digamma(sum)))
	}
	return d
}

// Kumaraswamy has the distribution function 1 − (1 − xᵃ)ᵇ on [0, 1]. Agrees with
// torch.distributions.Kumaraswamy.
func Kumaraswamy(a, b any) *Distribution {
	d := family("Kumaraswamy", "concentration1 concentration0", a, b).positive("concentration1", "concentration0")
	p, q := d.params["concentration1"], d.params["concentration0"]
	d.within = unit
	d.logProb = func(x *tensor) *tensor {
		return p.Log().Add(q.Log()).Add(special.XLogY(p.Sub(1), x)).
			Add(special.XLog1pY(q.Sub(1), x.Pow(p).Neg()))
	}
	d.cdf = func(x *tensor) *tensor { return q.Mul(x.Pow(p).Neg().Log1p()).Expm1().Neg() }
	d.icdf = func(u *tensor) *tensor {
		return u.Neg().Log1p().Div(q).Expm1().Neg().Pow(p.Reciprocal())
	}
	d.rsample = func(shape engine.Shape) *tensor { return d.icdf(d.uniform(shape)) }
	moment := func(n float64) *tensor { return q.Mul(logBeta(p.Reciprocal().Mul(n).Add(1), q).Exp()) }
	d.mean = func() *tensor { return moment(1) }
	d.variance = func() *tensor { return moment(2).Sub(moment(1).Square()) }
	d.entropy = func() *tensor {
		harmonic := special.Digamma(q.Add(1)).Add(eulerGamma)
		return q.Reciprocal().Neg().Add(1).Add(p.Reciprocal().Neg().Add(1).Mul(harmonic)).Sub(p.Log()).Sub(q.Log())
	}
	return d
}

// FisherSnedecor is the distribution of the ratio of two chi-squared values over their degrees of freedom.
// Agrees with torch.distributions.FisherSnedecor.
func FisherSnedecor(df1, df2 any) *Distribution {
	d := family("FisherSnedecor", "df1 df2", df1, df2).positive("df1", "df2")
	m, n := d.params["df1"], d.params["df2"]
	d.within = above(0, false, 1)
	d.logProb = func(x *tensor) *tensor {
		a, b, r := m.Mul(0.5), n.Mul(0.5), m.Div(n)
		return a.Mul(r.Log()).Add(a.Sub(1).Mul(x.Log())).Sub(a.Add(b).Mul(r.Mul(x).Log1p())).Sub(logBeta(a, b))
	}
	d.rsample = func(shape engine.Shape) *tensor {
		x, y := d.gamma(shape, m.Mul(0.5)), d.gamma(shape, n.Mul(0.5))
		return n.Mul(x).Div(m.Mul(y))
	}
	d.mean = func() *tensor { return eager.Where(n.Gt(2), n.Div(n.Sub(2)), math.NaN()) }
	d.variance = func() *tensor {
		v := n.Square().Mul(2).Mul(m.Add(n).Sub(2)).Div(m.Mul(n.Sub(2).Square()).Mul(n.Sub(4)))
		return eager.Where(n.Gt(4), v, math.NaN())
	}
	return d
}
