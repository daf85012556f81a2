package dist

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// Independent makes the last n batch axes of base part of its events, which are independent: LogProb sums over
// them. Agrees with torch.distributions.Independent.
func Independent(base *Distribution, n int) *Distribution {
	if base == nil || n < 0 || n > len(base.batch) {
		engine.Fail("dist.Independent", "%d axes of %v", n, base)
	}
	k := len(base.batch) - n
	d := &Distribution{
		name: "Independent", params: map[string]*tensor{}, dtype: base.dtype, base: base, reach: n,
		batch: base.batch[:k:k], event: append(base.batch[k:].Clone(), base.event...),
		rsample: base.rsample, sample: base.sample, mean: base.mean, variance: base.variance,
	}
	d.logProb = func(x *tensor) *tensor { return sumLast(base.LogProb(x), n) }
	if base.entropy != nil {
		d.entropy = func() *tensor { return sumLast(base.entropy(), n) }
	}
	return d
}

// MixtureSameFamily draws from component i, along the last batch axis of components, with the probability that
// mixture, a Categorical, gives i. Agrees with torch.distributions.MixtureSameFamily.
func MixtureSameFamily(mixture, components *Distribution) *Distribution {
	const where = "dist.MixtureSameFamily"
	if mixture == nil || components == nil || mixture.name != "Categorical" || len(components.batch) == 0 ||
		components.batch[len(components.batch)-1] != mixture.params["probs"].Size(-1) {
		engine.Fail(where, "mixture %v of components %v; want a Categorical over their last batch axis", mixture,
			components)
	}
	k := len(components.batch) - 1
	d := &Distribution{
		name: "MixtureSameFamily", params: map[string]*tensor{}, dtype: components.dtype, base: components,
		batch: components.batch[:k:k], event: components.event,
	}
	n, events := components.batch[k], len(components.event)
	l, p := mixture.params["logits"], mixture.params["probs"]
	// each is x with an axis for the components before the event
	each := func(x *tensor) *tensor { return x.Unsqueeze(x.Rank() - events) }
	d.logProb = func(x *tensor) *tensor { return components.LogProb(each(x)).Add(l).LogSumExp(-1) }
	if components.cdf != nil {
		d.cdf = func(x *tensor) *tensor { return components.CDF(each(x)).Mul(p).Sum(-1) }
	}
	d.sample = func(shape engine.Shape) *tensor {
		lead := shape[:len(shape)-events]
		index := mixture.choose(lead).Unsqueeze(-1)
		all := components.Sample(lead[:len(lead)-k]...)
		to := index
		for range components.event {
			to = to.Unsqueeze(-1)
		}
		at := append(append(lead.Clone(), 1), components.event...)
		return all.Gather(len(lead), to.Expand(at...)).Squeeze(len(lead))
	}
	weights := func() *tensor {
		w := p.Expand(append(d.batch.Clone(), n)...)
		for range components.event {
			w = w.Unsqueeze(-1)
		}
		return w
	}
	d.mean = func() *tensor { return components.Mean().Mul(weights()).Sum(k) }
	d.variance = func() *tensor { // within, and between the means
		w, m := weights(), components.Mean()
		between := m.Sub(m.Mul(w).SumKeep(k)).Square()
		return components.Variance().Add(between).Mul(w).Sum(k)
	}
	return d
}

// LogNormal is the distribution of eˣ for a normal x. Agrees with torch.distributions.LogNormal.
func LogNormal(loc, scale any) *Distribution {
	n := Normal(loc, scale)
	d := Transformed(n, Exp())
	m, s := n.params["loc"], n.params["scale"]
	d.name, d.names, d.params = "LogNormal", n.names, n.params
	d.within = above(0, false, 1)
	d.mean = func() *tensor { return m.Add(s.Square().Mul(0.5)).Exp() }
	d.variance = func() *tensor {
		v := s.Square()
		return v.Expm1().Mul(m.Mul(2).Add(v).Exp())
	}
	d.entropy = func() *tensor { return n.entropy().Add(m) }
	return d
}

// LogisticNormal is the distribution of n + 1 probabilities that StickBreaking makes of n normal numbers, along
// the last axis of loc and scale. Agrees with torch.distributions.LogisticNormal.
func LogisticNormal(loc, scale *eager.Tensor) *Distribution {
	d := Transformed(Independent(Normal(loc, scale), 1), StickBreaking())
	d.name = "LogisticNormal"
	d.within = func(y *tensor) (*tensor, any) {
		v := y.Detach()
		return v.Gt(0).And(v.Sum(-1).Sub(1).Abs().Lt(1e-5).Unsqueeze(-1)), 1 / float64(y.Size(-1))
	}
	return d
}

// infinite is +Inf in the shape of x.
func infinite(x *tensor) *tensor { return eager.FullLike(x.Detach(), math.Inf(1)) }
