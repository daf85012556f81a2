package dist

import (
	"math"
	"math/rand/v2"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/special"
	"github.com/lathe-ml/lathe/engine"
)

// RelaxedBernoulli is a differentiable Bernoulli on (0, 1): sigmoid((logits + logistic noise)/temperature).
// Source: Maddison et al. 2017; agrees with torch.distributions.RelaxedBernoulli.
func RelaxedBernoulli(temperature, probs any) *Distribution {
	d := family("RelaxedBernoulli", "temperature probs", temperature, probs).positive("temperature")
	_, l := d.ofLogits()
	t := d.params["temperature"]
	d.within = func(x *tensor) (*tensor, any) { return x.Detach().Gt(0).And(x.Detach().Lt(1)), 0.5 }
	d.logProb = func(x *tensor) *tensor {
		z := special.Logit(x, 0)
		diff := l.Sub(z.Mul(t))
		return t.Log().Add(diff).Sub(diff.Softplus().Mul(2)).Sub(x.Log()).Sub(x.Neg().Log1p())
	}
	d.rsample = func(shape engine.Shape) *tensor {
		return special.Logit(d.uniform(shape), 0).Add(l).Div(t).Sigmoid()
	}
	return d
}

// RelaxedOneHotCategorical is a differentiable OneHotCategorical: softmax((logits + Gumbel noise)/temperature).
// Source: Jang et al. 2017; agrees with torch.distributions.RelaxedOneHotCategorical.
func RelaxedOneHotCategorical(temperature float64, probs *eager.Tensor) *Distribution {
	if !(temperature > 0) {
		engine.Fail("dist.RelaxedOneHotCategorical", "the temperature is %v; want a number > 0", temperature)
	}
	d := classes("RelaxedOneHotCategorical", "probs", probs)
	l := d.params["logits"]
	k := l.Size(-1)
	d.event = engine.Shape{k}
	d.within = func(x *tensor) (*tensor, any) {
		v := x.Detach()
		return v.Gt(0).And(v.Sum(-1).Sub(1).Abs().Lt(1e-4).Unsqueeze(-1)), 1 / float64(k)
	}
	d.logProb = func(x *tensor) *tensor {
		n := float64(k)
		score := l.Sub(x.Log().Mul(temperature))
		whole := score.Sum(-1).Sub(score.LogSumExp(-1).Mul(n))
		return whole.Sub(x.Log().Sum(-1)).Add(logGamma(n) + (n-1)*math.Log(temperature))
	}
	d.rsample = func(shape engine.Shape) *tensor {
		gumbel := d.uniform(shape).Log().Neg().Log().Neg()
		return l.Add(gumbel).Div(temperature).Softmax(-1)
	}
	return d
}

// ContinuousBernoulli has the density proportional to pˣ(1 − p)¹⁻ˣ on [0, 1]. Source: Loaiza-Ganem and
// Cunningham 2019; agrees with torch.distributions.ContinuousBernoulli.
func ContinuousBernoulli(probs any) *Distribution {
	d := family("ContinuousBernoulli", "probs", probs)
	p, l := d.ofLogits()
	d.within = unit
	middle := p.Detach().Sub(0.5).Abs().Lt(1e-3)
	safe := eager.Where(middle, 0.25, p) // formulas that divide by ½ − p; the series near ½ stands below
	x := p.Sub(0.5)
	logNorm := func() *tensor {
		odd := safe.Mul(-2).Add(1)
		outer := special.Logit(safe, 0).Neg().Abs().Log().Sub(odd.Abs().Log())
		taylor := x.Square().Mul(4.0 / 3).Add(math.Ln2).Add(x.Square().Square().Mul(104.0 / 45))
		return eager.Where(middle, taylor, outer)
	}
	d.logProb = func(v *tensor) *tensor { return v.Mul(l).Sub(l.Softplus()).Add(logNorm()) }
	d.cdf = func(v *tensor) *tensor {
		sl := special.Logit(safe, 0)
		return eager.Where(middle, v, sl.Mul(v).Expm1().Div(sl.Expm1()))
	}
	d.icdf = func(u *tensor) *tensor {
		sl := special.Logit(safe, 0)
		return eager.Where(middle, u, u.Mul(sl.Expm1()).Log1p().Div(sl))
	}
	d.rsample = func(shape engine.Shape) *tensor { return d.icdf(d.uniform(shape)) }
	d.mean = func() *tensor {
		odd := safe.Mul(2).Sub(1)
		outer := safe.Div(odd).Sub(special.Logit(safe, 0).Reciprocal())
		taylor := x.Mul(x.Square().Mul(16.0 / 45).Add(1.0 / 3)).Add(0.5)
		return eager.Where(middle, taylor, outer)
	}
	d.variance = func() *tensor {
		odd := safe.Mul(-2).Add(1)
		outer := safe.Mul(safe.Sub(1)).Div(odd.Square()).Add(special.Logit(safe, 0).Square().Reciprocal())
		taylor := x.Square().Mul(-1.0 / 15).Add(1.0 / 12).Add(x.Square().Square().Mul(128.0 / 945))
		return eager.Where(middle, taylor, outer)
	}
	d.entropy = func() *tensor {
		return d.mean().Mul(l).Neg().Add(l.Softplus()).Sub(logNorm())
	}
	return d
}

// VonMises is a distribution of angles about loc, of density exp(concentration·cos(x − loc))/(2π·I₀). Agrees
// with torch.distributions.VonMises.
func VonMises(loc, concentration any) *Distribution {
	d := family("VonMises", "loc concentration", loc, concentration).positive("concentration")
	m, k := d.params["loc"], d.params["concentration"]
	logI0 := func() *tensor { return special.I0Scaled(k).Log().Add(k) }
	d.logProb = func(x *tensor) *tensor {
		return k.Mul(x.Sub(m).Cos()).Sub(logI0()).Sub(math.Log(2 * math.Pi))
	}
	d.sample = func(shape engine.Shape) *tensor {
		return d.each(shape, func(g *rand.Rand, p []float64) float64 { return angle(g, p[0], p[1]) }, m, k)
	}
	d.mean = func() *tensor { return m }
	d.variance = func() *tensor { // circular
		return special.I1Scaled(k).Div(special.I0Scaled(k)).Neg().Add(1)
	}
	d.entropy = func() *tensor {
		return logI0().Add(math.Log(2 * math.Pi)).Sub(k.Mul(special.I1Scaled(k).Div(special.I0Scaled(k))))
	}
	return d
}

// angle draws from the von Mises distribution, in [−π, π). Source: Best and Fisher 1979.
func angle(g *rand.Rand, loc, k float64) float64 {
	tau := 1 + math.Sqrt(1+4*k*k)
	rho := (tau - math.Sqrt(2*tau)) / (2 * k)
	r := (1 + rho*rho) / (2 * rho)
	if k < 1e-5 { // the series of r: rho cancels
		r = 1/k + k
	}
	for {
		z := math.Cos(math.Pi * g.Float64())
		f := (1 + r*z) / (r + z)
		c := k * (r - f)
		u := 1 - g.Float64()
		if c*(2-c)-u > 0 || math.Log(c/u)+1-c >= 0 {
			x := math.Acos(f)
			if g.Float64() < 0.5 {
				x = -x
			}
			return math.Mod(math.Mod(x+loc+math.Pi, 2*math.Pi)+2*math.Pi, 2*math.Pi) - math.Pi
		}
	}
}
