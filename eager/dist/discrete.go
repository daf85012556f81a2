package dist

import (
	"math"
	"math/rand/v2"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/special"
	"github.com/lathe-ml/lathe/engine"
)

// ofLogits gives d the parameters probs and logits from the one that names says; the other is computed.
func (d *Distribution) ofLogits() (probs, logits *tensor) {
	if p := d.params["probs"]; p != nil {
		v := p.Detach()
		d.want("probabilities in 0…1", v.Ge(0).And(v.Le(1)))
		eps := 0x1p-23
		if d.dtype == engine.F64 {
			eps = 0x1p-52
		}
		d.params["logits"] = special.Logit(p.Clamp(eps, 1-eps), 0)
	} else {
		d.params["probs"] = d.params["logits"].Sigmoid()
	}
	return d.params["probs"], d.params["logits"]
}

// Bernoulli is 1 with probability probs, otherwise 0. Agrees with torch.distributions.Bernoulli.
func Bernoulli(probs any) *Distribution { return bernoulli("probs", probs) }

// BernoulliLogits is Bernoulli of sigmoid(logits).
func BernoulliLogits(logits any) *Distribution { return bernoulli("logits", logits) }

func bernoulli(by string, v any) *Distribution {
	d := family("Bernoulli", by, v)
	p, l := d.ofLogits()
	d.within = func(x *tensor) (*tensor, any) { return x.Detach().Eq(0).Or(x.Detach().Eq(1)), 0 }
	d.logProb = func(x *tensor) *tensor { return x.Mul(l).Sub(l.Softplus()) }
	d.sample = func(shape engine.Shape) *tensor { return d.uniform(shape).Lt(p).To(d.dtype) }
	d.mean = func() *tensor { return p }
	d.variance = func() *tensor { return p.Mul(p.Neg().Add(1)) }
	d.entropy = func() *tensor { return l.Softplus().Sub(p.Mul(l)) }
	return d
}

// Geometric is the number of failures before the first success of trials with probability probs. Agrees with
// torch.distributions.Geometric.
func Geometric(probs any) *Distribution {
	d := family("Geometric", "probs", probs).positive("probs")
	p := d.params["probs"]
	d.want("probabilities in 0…1", p.Detach().Le(1))
	d.within = counts(0)
	d.logProb = func(x *tensor) *tensor { return special.XLog1pY(x, p.Neg()).Add(p.Log()) }
	d.sample = func(shape engine.Shape) *tensor {
		return d.uniform(shape).Log().Div(p.Neg().Log1p()).Floor()
	}
	d.mean = func() *tensor { return p.Reciprocal().Sub(1) }
	d.variance = func() *tensor { return p.Reciprocal().Sub(1).Div(p) }
	d.entropy = func() *tensor {
		q := p.Neg().Add(1)
		return special.XLogY(q, q).Add(special.XLogY(p, p)).Neg().Div(p)
	}
	return d
}

// Poisson counts events of the given rate. Agrees with torch.distributions.Poisson.
func Poisson(rate any) *Distribution {
	d := family("Poisson", "rate", rate)
	r := d.params["rate"]
	d.want("rate ≥ 0", r.Detach().Ge(0))
	d.within = counts(0)
	d.logProb = func(x *tensor) *tensor {
		return special.XLogY(x, r).Sub(r).Sub(special.LogGamma(x.Add(1)))
	}
	d.cdf = func(x *tensor) *tensor { return special.GammaQ(x.Floor().Add(1), r) }
	d.sample = func(shape engine.Shape) *tensor {
		return d.each(shape, func(g *rand.Rand, p []float64) float64 { return poissonValue(g, p[0]) }, r)
	}
	d.mean = func() *tensor { return r }
	d.variance = func() *tensor { return r }
	return d
}

// logChoose is log (n over k).
func logChoose(n, k *tensor) *tensor {
	return special.LogGamma(n.Add(1)).Sub(special.LogGamma(k.Add(1))).Sub(special.LogGamma(n.Sub(k).Add(1)))
}

// Binomial counts successes of count trials with probability probs. Agrees with
// torch.distributions.Binomial.
func Binomial(count, probs any) *Distribution { return binomial("count probs", count, probs) }

// BinomialLogits is Binomial of sigmoid(logits).
func BinomialLogits(count, logits any) *Distribution { return binomial("count logits", count, logits) }

func binomial(names string, count, v any) *Distribution {
	d := family("Binomial", names, count, v)
	p, l := d.ofLogits()
	n := d.params["count"]
	d.want("whole counts ≥ 0", n.Detach().Ge(0).And(n.Detach().Eq(n.Detach().Floor())))
	d.within = func(x *tensor) (*tensor, any) {
		ok, inner := counts(0)(x)
		return ok.And(x.Detach().Le(n.Detach())), inner
	}
	d.logProb = func(x *tensor) *tensor { return logChoose(n, x).Add(x.Mul(l)).Sub(n.Mul(l.Softplus())) }
	d.sample = func(shape engine.Shape) *tensor {
		return d.each(shape, func(g *rand.Rand, p []float64) float64 { return binomialValue(g, p[0], p[1]) }, n, p)
	}
	d.mean = func() *tensor { return n.Mul(p) }
	d.variance = func() *tensor { return n.Mul(p).Mul(p.Neg().Add(1)) }
	d.entropy = func() *tensor { // a sum over all counts
		most := int(n.Detach().Max().Item())
		var h *tensor
		for k := range most + 1 {
			x := d.full(float64(k))
			lp := d.LogProb(x)
			possible := x.Le(n)
			term := eager.Where(possible, eager.Where(possible, lp, 0).Exp().Mul(eager.Where(possible, lp, 0)), 0)
			if h == nil {
				h = term
			} else {
				h = h.Add(term)
			}
		}
		return h.Neg()
	}
	return d
}

// NegativeBinomial counts successes of probability probs before count failures. Agrees with
// torch.distributions.NegativeBinomial.
func NegativeBinomial(count, probs any) *Distribution {
	d := family("NegativeBinomial", "count probs", count, probs).positive("count")
	p, l := d.ofLogits()
	n := d.params["count"]
	d.want("probs < 1", p.Detach().Lt(1))
	d.within = counts(0)
	d.logProb = func(x *tensor) *tensor {
		unnormalised := n.Mul(l.Softplus().Neg()).Sub(x.Mul(l.Neg().Softplus()))
		return unnormalised.Add(special.LogGamma(n.Add(x))).Sub(special.LogGamma(x.Add(1))).Sub(special.LogGamma(n))
	}
	d.sample = func(shape engine.Shape) *tensor {
		return d.each(shape, func(g *rand.Rand, p []float64) float64 {
			return poissonValue(g, gammaValue(g, p[0])*p[1]/(1-p[1]))
		}, n, p)
	}
	d.mean = func() *tensor { return n.Mul(l.Exp()) }
	d.variance = func() *tensor { return n.Mul(l.Exp()).Div(p.Neg().Add(1)) }
	return d
}

// classes makes a distribution over the last axis of probs or logits, normalised: its parameters are probs
// and logits [batch classes].
func classes(name, by string, v *tensor) *Distribution {
	d := family(name, by, v)
	x := d.params[by]
	if x.Rank() == 0 || x.Size(-1) == 0 {
		engine.Fail("dist."+name, "%s is %v; want [… classes]", by, x.Array())
	}
	if by == "probs" {
		d.want("weights ≥ 0 with a sum > 0", x.Detach().Ge(0).All(-1).And(x.Detach().Sum(-1).Gt(0)))
		p := x.Div(x.SumKeep(-1))
		eps := 0x1p-23
		if d.dtype == engine.F64 {
			eps = 0x1p-52
		}
		d.params["probs"], d.params["logits"] = p, p.Clamp(eps, 1-eps).Log()
	} else {
		d.params["logits"] = x.LogSoftmax(-1)
		d.params["probs"] = d.params["logits"].Exp()
	}
	d.batch = x.Shape()[:x.Rank()-1].Clone()
	return d
}

// choose draws class indices (I64) of the given shape.
func (d *Distribution) choose(shape engine.Shape) *tensor {
	p := d.params["probs"].Detach()
	n := p.Size(-1)
	sums := p.CumSum(-1)
	u := d.uniform(append(shape.Clone(), 1)).Mul(sums.Slice(-1, n-1, n))
	return sums.Slice(-1, 0, n-1).Le(u).Sum(-1)
}

// classEntropy is −Σ p·log p.
func (d *Distribution) classEntropy() *tensor {
	p := d.params["probs"]
	return special.Entropy(p).Sum(-1)
}

// Categorical is a class index 0 … classes−1 with probabilities proportional to probs [… classes]. Draws are
// I64. Agrees with torch.distributions.Categorical.
func Categorical(probs *eager.Tensor) *Distribution { return categorical("probs", probs) }

// CategoricalLogits is Categorical of softmax(logits).
func CategoricalLogits(logits *eager.Tensor) *Distribution { return categorical("logits", logits) }

func categorical(by string, v *tensor) *Distribution {
	d := classes("Categorical", by, v)
	l := d.params["logits"]
	n := l.Size(-1)
	d.within = func(x *tensor) (*tensor, any) {
		ok, inner := counts(0)(x)
		return ok.And(x.Detach().Lt(float64(n))), inner
	}
	d.logProb = func(x *tensor) *tensor {
		s, err := engine.Broadcast(x.Shape(), d.batch)
		if err != nil {
			engine.Fail("dist.Categorical", "%v", err)
		}
		wide := l.Expand(append(s.Clone(), n)...)
		return wide.Gather(-1, x.Detach().Expand(s...).Unsqueeze(-1).To(engine.I64)).Squeeze(-1)
	}
	d.sample = func(shape engine.Shape) *tensor { return d.choose(shape) }
	d.mean = func() *tensor { return d.full(math.NaN()) }
	d.variance = func() *tensor { return d.full(math.NaN()) }
	d.entropy = d.classEntropy
	return d
}

// OneHotCategorical is Categorical as vectors with a 1 at the class. Agrees with
// torch.distributions.OneHotCategorical.
func OneHotCategorical(probs *eager.Tensor) *Distribution {
	return oneHot("OneHotCategorical", "probs", probs)
}

// OneHotCategoricalStraightThrough is OneHotCategorical whose draws pass gradients to probs unchanged.
// Source: Bengio et al. 2013; agrees with torch.distributions.OneHotCategoricalStraightThrough.
func OneHotCategoricalStraightThrough(probs *eager.Tensor) *Distribution {
	d := oneHot("OneHotCategoricalStraightThrough", "probs", probs)
	p := d.params["probs"]
	d.rsample = func(shape engine.Shape) *tensor { return d.sample(shape).Add(p.Sub(p.Detach())) }
	return d
}

func oneHot(name, by string, v *tensor) *Distribution {
	d := classes(name, by, v)
	p, l := d.params["probs"], d.params["logits"]
	n := l.Size(-1)
	d.event = engine.Shape{n}
	d.within = func(x *tensor) (*tensor, any) {
		v := x.Detach()
		one := v.Eq(1).Sum(-1).Eq(1).And(v.Eq(0).Sum(-1).Eq(n - 1)).Unsqueeze(-1)
		return one.Expand(x.Shape()...), 0
	}
	d.logProb = func(x *tensor) *tensor { return x.Mul(l).Sum(-1) }
	d.sample = func(shape engine.Shape) *tensor {
		return eager.OneHot(d.choose(shape[:len(shape)-1]), n).To(d.dtype)
	}
	d.mean = func() *tensor { return p }
	d.variance = func() *tensor { return p.Mul(p.Neg().Add(1)) }
	d.entropy = d.classEntropy
	return d
}

// Multinomial counts the classes of count independent draws with probabilities proportional to probs
// [… classes]. Agrees with torch.distributions.Multinomial.
func Multinomial(count int, probs *eager.Tensor) *Distribution {
	if count < 0 {
		engine.Fail("dist.Multinomial", "count is %d; want ≥ 0", count)
	}
	d := classes("Multinomial", "probs", probs)
	p, l := d.params["probs"], d.params["logits"]
	k := p.Size(-1)
	d.event = engine.Shape{k}
	d.within = func(x *tensor) (*tensor, any) {
		ok, _ := counts(0)(x)
		whole := ok.All(-1).And(x.Detach().Sum(-1).Eq(float64(count))).Unsqueeze(-1)
		return whole.Expand(x.Shape()...), 0
	}
	d.logProb = func(x *tensor) *tensor {
		return special.LogGamma(x.Sum(-1).Add(1)).Sub(special.LogGamma(x.Add(1)).Sum(-1)).Add(x.Mul(l).Sum(-1))
	}
	d.sample = func(shape engine.Shape) *tensor {
		draws := d.choose(append(engine.Shape{count}, shape[:len(shape)-1]...))
		return eager.OneHot(draws, k).To(d.dtype).Sum(0)
	}
	d.mean = func() *tensor { return p.Mul(float64(count)) }
	d.variance = func() *tensor { return p.Mul(p.Neg().Add(1)).Mul(float64(count)) }
	d.entropy = func() *tensor { // each class's count is binomial
		n := float64(count)
		h := d.classEntropy().Mul(n).Sub(logGamma(n + 1))
		for i := range count + 1 {
			weight := Binomial(count, p).Prob(float64(i)).Sum(-1)
			h = h.Add(weight.Mul(logGamma(float64(i) + 1)))
		}
		return h
	}
	return d
}
