package dist

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/special"
	"github.com/lathe-ml/lathe/engine"
)

type tensor = eager.Tensor

// eulerGamma is the Euler–Mascheroni constant.
const eulerGamma = 0.57721566490153286060651209008240243

// standard is a distribution of z = (x − loc)/scale.
type standard struct {
	logProb  func(z *tensor) *tensor
	cdf      func(z *tensor) *tensor
	quantile func(p *tensor) *tensor
	draw     func(d *Distribution, shape engine.Shape) *tensor // nil: the quantile of a uniform value
	mean     float64
	variance float64
	entropy  float64
}

// locationScale is the family of loc + scale·z.
func locationScale(name string, loc, scale any, s standard) *Distribution {
	d := family(name, "loc scale", loc, scale).positive("scale")
	m, b := d.params["loc"], d.params["scale"]
	z := func(x *tensor) *tensor { return x.Sub(m).Div(b) }
	d.logProb = func(x *tensor) *tensor { return s.logProb(z(x)).Sub(b.Log()) }
	d.cdf = func(x *tensor) *tensor { return s.cdf(z(x)) }
	d.icdf = func(p *tensor) *tensor { return m.Add(b.Mul(s.quantile(p))) }
	d.rsample = func(shape engine.Shape) *tensor {
		if s.draw != nil {
			return m.Add(b.Mul(s.draw(d, shape)))
		}
		return d.icdf(d.uniform(shape))
	}
	d.mean = func() *tensor { return m.Add(b.Mul(s.mean)) }
	d.variance = func() *tensor { return b.Square().Mul(s.variance) }
	d.entropy = func() *tensor { return b.Log().Add(s.entropy) }
	return d
}

// standardNormal has mean 0 and variance 1.
var standardNormal = standard{
	logProb:  func(z *tensor) *tensor { return z.Square().Mul(-0.5).Sub(0.5 * math.Log(2*math.Pi)) },
	cdf:      special.NormalCDF,
	quantile: special.NormalInv,
	draw:     (*Distribution).normal,
	variance: 1,
	entropy:  0.5 + 0.5*math.Log(2*math.Pi),
}

// Normal has the density exp(−(x − loc)²/2·scale²)/(scale·√2π); scale > 0. Agrees with
// torch.distributions.Normal.
func Normal(loc, scale any) *Distribution { return locationScale("Normal", loc, scale, standardNormal) }

// Laplace has the density exp(−|x − loc|/scale)/2·scale; scale > 0. Agrees with torch.distributions.Laplace.
func Laplace(loc, scale any) *Distribution {
	return locationScale("Laplace", loc, scale, standard{
		logProb: func(z *tensor) *tensor { return z.Abs().Neg().Sub(math.Ln2) },
		cdf: func(z *tensor) *tensor {
			return z.Sign().Mul(z.Abs().Neg().Expm1()).Mul(-0.5).Add(0.5)
		},
		quantile: func(p *tensor) *tensor {
			c := p.Sub(0.5)
			return c.Sign().Mul(c.Abs().Mul(-2).Log1p()).Neg()
		},
		variance: 2, entropy: 1 + math.Ln2,
	})
}

// Cauchy has the density 1/(π·scale·(1 + z²)), z = (x − loc)/scale; its mean and variance do not exist. Agrees
// with torch.distributions.Cauchy.
func Cauchy(loc, scale any) *Distribution {
	return locationScale("Cauchy", loc, scale, standard{
		logProb:  func(z *tensor) *tensor { return z.Square().Log1p().Neg().Sub(math.Log(math.Pi)) },
		cdf:      func(z *tensor) *tensor { return z.Atan().Div(math.Pi).Add(0.5) },
		quantile: func(p *tensor) *tensor { return p.Sub(0.5).Mul(math.Pi).Tan() },
		mean:     math.NaN(), variance: math.Inf(1), entropy: math.Log(4 * math.Pi),
	})
}

// Gumbel has the distribution function exp(−exp(−z)), z = (x − loc)/scale. Agrees with
// torch.distributions.Gumbel.
func Gumbel(loc, scale any) *Distribution {
	return locationScale("Gumbel", loc, scale, standard{
		logProb:  func(z *tensor) *tensor { return z.Add(z.Neg().Exp()).Neg() },
		cdf:      func(z *tensor) *tensor { return z.Neg().Exp().Neg().Exp() },
		quantile: func(p *tensor) *tensor { return p.Log().Neg().Log().Neg() },
		mean:     eulerGamma, variance: math.Pi * math.Pi / 6, entropy: 1 + eulerGamma,
	})
}

// StudentT has df > 0 degrees of freedom. Agrees with torch.distributions.StudentT.
func StudentT(df, loc, scale any) *Distribution {
	d := family("StudentT", "df loc scale", df, loc, scale).positive("df", "scale")
	v, m, b := d.params["df"], d.params["loc"], d.params["scale"]
	d.logProb = func(x *tensor) *tensor {
		z := x.Sub(m).Div(b)
		norm := b.Log().Add(v.Log().Mul(0.5)).Add(0.5 * math.Log(math.Pi)).Add(special.LogGamma(v.Mul(0.5))).
			Sub(special.LogGamma(v.Add(1).Mul(0.5)))
		return v.Add(1).Mul(-0.5).Mul(z.Square().Div(v).Log1p()).Sub(norm)
	}
	d.rsample = func(shape engine.Shape) *tensor {
		chi := d.gamma(shape, v.Mul(0.5)).Mul(2)
		return m.Add(b.Mul(d.normal(shape)).Mul(chi.Div(v).Rsqrt()))
	}
	d.mean = func() *tensor { return eager.Where(v.Gt(1), m, math.NaN()) }
	d.variance = func() *tensor {
		wide := eager.Where(v.Gt(2), v, 3)
		finite := b.Square().Mul(wide.Div(wide.Sub(2)))
		return eager.Where(v.Gt(2), finite, eager.Where(v.Gt(1), d.full(math.Inf(1)), math.NaN()))
	}
	d.entropy = func() *tensor {
		h := v.Add(1).Mul(0.5)
		beta := special.LogGamma(v.Mul(0.5)).Add(0.5 * math.Log(math.Pi)).Sub(special.LogGamma(h))
		return b.Log().Add(h.Mul(special.Digamma(h).Sub(special.Digamma(v.Mul(0.5))))).
			Add(v.Log().Mul(0.5)).Add(beta)
	}
	return d
}

// Uniform has a constant density from low to high, low < high. Agrees with torch.distributions.Uniform.
func Uniform(low, high any) *Distribution {
	d := family("Uniform", "low high", low, high)
	a, b := d.params["low"], d.params["high"]
	d.want("low < high", a.Detach().Lt(b.Detach()))
	width := func() *tensor { return b.Sub(a) }
	d.logProb = func(x *tensor) *tensor {
		inside := x.Detach().Ge(a.Detach()).And(x.Detach().Lt(b.Detach()))
		return eager.Where(inside, width().Log().Neg().Add(x.Mul(0)), math.Inf(-1))
	}
	d.cdf = func(x *tensor) *tensor { return x.Sub(a).Div(width()).Clamp(0, 1) }
	d.icdf = func(p *tensor) *tensor { return a.Add(p.Mul(width())) }
	d.rsample = func(shape engine.Shape) *tensor { return d.icdf(d.raw1(shape)) }
	d.mean = func() *tensor { return a.Add(b).Mul(0.5) }
	d.variance = func() *tensor { return width().Square().Div(12.0) }
	d.entropy = func() *tensor { return width().Log() }
	return d
}

// raw1 draws from [0, 1).
func (d *Distribution) raw1(shape engine.Shape) *tensor {
	return d.uniform(shape)
}

// half is the distribution of |x| for one that is symmetric about 0.
func half(name string, scale any, s standard, mean, variance float64) *Distribution {
	d := family(name, "scale", scale).positive("scale")
	whole := locationScale(name, 0.0, d.params["scale"], s)
	b := d.params["scale"]
	d.within = above(0, true, 1)
	d.logProb = func(x *tensor) *tensor { return whole.logProb(x).Add(math.Ln2) }
	d.cdf = func(x *tensor) *tensor { return whole.cdf(x).Mul(2).Sub(1) }
	d.icdf = func(p *tensor) *tensor { return whole.icdf(p.Add(1).Mul(0.5)) }
	d.rsample = func(shape engine.Shape) *tensor { return whole.rsample(shape).Abs() }
	d.mean = func() *tensor { return b.Mul(mean) }
	d.variance = func() *tensor { return b.Square().Mul(variance) }
	d.entropy = func() *tensor { return whole.entropy().Sub(math.Ln2) }
	return d
}

// HalfNormal is the distribution of |x| for a normal x of mean 0. Agrees with
// torch.distributions.HalfNormal.
func HalfNormal(scale any) *Distribution {
	return half("HalfNormal", scale, standardNormal, math.Sqrt(2/math.Pi), 1-2/math.Pi)
}

// HalfCauchy is the distribution of |x| for a Cauchy x about 0. Agrees with torch.distributions.HalfCauchy.
func HalfCauchy(scale any) *Distribution {
	c := standard{
		logProb:  func(z *tensor) *tensor { return z.Square().Log1p().Neg().Sub(math.Log(math.Pi)) },
		cdf:      func(z *tensor) *tensor { return z.Atan().Div(math.Pi).Add(0.5) },
		quantile: func(p *tensor) *tensor { return p.Sub(0.5).Mul(math.Pi).Tan() },
		entropy:  math.Log(4 * math.Pi),
	}
	return half("HalfCauchy", scale, c, math.Inf(1), math.Inf(1))
}
