package dist

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/linalg"
	"github.com/lathe-ml/lathe/eager/special"
	"github.com/lathe-ml/lathe/engine"
)

// divergence is KL(p, q) in closed form.
type divergence func(p, q *Distribution) *tensor

// divergences by the families of p and q; init fills it, because some refer to KL.
var divergences map[[2]string]divergence

// KL returns the Kullback–Leibler divergence E_p[log p − log q] [batch], in nats. Pairs of families without a
// closed form panic; RegisterKL adds more. Agrees with torch.distributions.kl_divergence.
func KL(p, q *Distribution) *eager.Tensor {
	if p == nil || q == nil {
		engine.Fail("dist.KL", "a distribution is nil")
	}
	f := divergences[[2]string{p.name, q.name}]
	if f == nil {
		engine.Fail("dist.KL", "no closed form for %s and %s; estimate it with the mean of p.LogProb(x) − q.LogProb(x) "+
			"over x = p.Sample(n)", p.name, q.name)
	}
	return f(p, q)
}

// RegisterKL adds a closed form for two families.
func RegisterKL(p, q string, f func(p, q *Distribution) *eager.Tensor) {
	divergences[[2]string{p, q}] = f
}

func init() {
	divergences = map[[2]string]divergence{
		{"Bernoulli", "Bernoulli"}:                   bernoulliKL,
		{"Binomial", "Binomial"}:                     binomialKL,
		{"Categorical", "Categorical"}:               classKL,
		{"OneHotCategorical", "OneHotCategorical"}:   classKL,
		{"Poisson", "Poisson"}:                       poissonKL,
		{"Geometric", "Geometric"}:                   geometricKL,
		{"Normal", "Normal"}:                         normalKL,
		{"LogNormal", "LogNormal"}:                   normalKL,
		{"HalfNormal", "HalfNormal"}:                 halfNormalKL,
		{"Laplace", "Laplace"}:                       laplaceKL,
		{"Cauchy", "Cauchy"}:                         cauchyKL,
		{"Gumbel", "Gumbel"}:                         gumbelKL,
		{"Uniform", "Uniform"}:                       uniformKL,
		{"Exponential", "Exponential"}:               exponentialKL,
		{"Gamma", "Gamma"}:                           gammaKL,
		{"Chi2", "Chi2"}:                             gammaKL,
		{"Gamma", "Exponential"}:                     gammaExponentialKL,
		{"Exponential", "Gamma"}:                     exponentialGammaKL,
		{"Beta", "Beta"}:                             betaKL,
		{"Dirichlet", "Dirichlet"}:                   dirichletKL,
		{"Pareto", "Pareto"}:                         paretoKL,
		{"Uniform", "Normal"}:                        momentsNormalKL,
		{"Laplace", "Normal"}:                        momentsNormalKL,
		{"Exponential", "Normal"}:                    momentsNormalKL,
		{"Gamma", "Normal"}:                          momentsNormalKL,
		{"Beta", "Normal"}:                           momentsNormalKL,
		{"Gumbel", "Normal"}:                         momentsNormalKL,
		{"MultivariateNormal", "MultivariateNormal"}: multivariateKL,
		{"Independent", "Independent"}:               independentKL,
	}
}

func bernoulliKL(p, q *Distribution) *tensor {
	a := p.params["probs"]
	return xDifference(a, a, q.params["probs"]).Add(
		xDifference(a.Neg().Add(1), a.Neg().Add(1), q.params["probs"].Neg().Add(1)))
}

// xDifference is x·(log a − log b), 0 where x is 0.
func xDifference(x, a, b *tensor) *tensor { return special.XLogY(x, a).Sub(special.XLogY(x, b)) }

func binomialKL(p, q *Distribution) *tensor {
	n, m := p.params["count"], q.params["count"]
	kl := bernoulliKL(p, q).Mul(n)
	if n.Detach().Lt(m.Detach()).Any().Item() == 1 {
		engine.Fail("dist.KL", "no closed form for Binomial counts of which the first is smaller")
	}
	return eager.Where(n.Detach().Gt(m.Detach()), infinite(kl), kl)
}

func classKL(p, q *Distribution) *tensor {
	a, b := p.params["probs"], q.params["probs"]
	t := a.Mul(p.params["logits"].Sub(q.params["logits"]))
	t = eager.Where(b.Detach().Eq(0), math.Inf(1), t)
	return eager.Where(a.Detach().Eq(0), 0, t).Sum(-1)
}

func poissonKL(p, q *Distribution) *tensor {
	a, b := p.params["rate"], q.params["rate"]
	return xDifference(a, a, b).Sub(a.Sub(b))
}

func geometricKL(p, q *Distribution) *tensor {
	a, b := p.params["probs"], q.params["probs"]
	return p.entropy().Neg().Sub(b.Neg().Log1p().Mul(a.Neg().Add(1)).Div(a)).Sub(b.Log())
}

func normalKL(p, q *Distribution) *tensor {
	b := q.params["scale"]
	ratio := p.params["scale"].Div(b).Square()
	shift := p.params["loc"].Sub(q.params["loc"]).Div(b).Square()
	return ratio.Add(shift).Sub(1).Sub(ratio.Log()).Mul(0.5)
}

func halfNormalKL(p, q *Distribution) *tensor {
	ratio := p.params["scale"].Div(q.params["scale"]).Square()
	return ratio.Sub(1).Sub(ratio.Log()).Mul(0.5)
}

func laplaceKL(p, q *Distribution) *tensor {
	a, b := p.params["scale"], q.params["scale"]
	d := p.params["loc"].Sub(q.params["loc"]).Abs()
	return a.Div(b).Log().Neg().Add(d.Div(b)).Add(a.Div(b).Mul(d.Div(a).Neg().Exp())).Sub(1)
}

func cauchyKL(p, q *Distribution) *tensor {
	a, b := p.params["scale"], q.params["scale"]
	d := p.params["loc"].Sub(q.params["loc"]).Square()
	return a.Add(b).Square().Add(d).Log().Sub(a.Mul(b).Mul(4).Log())
}

func gumbelKL(p, q *Distribution) *tensor {
	r := p.params["scale"].Div(q.params["scale"])
	d := q.params["loc"].Sub(p.params["loc"]).Div(q.params["scale"])
	return r.Mul(eulerGamma).Sub(d).Sub(r.Log()).Add(d.Add(special.LogGamma(r.Add(1))).Exp()).Sub(1 + eulerGamma)
}

func uniformKL(p, q *Distribution) *tensor {
	a, b, c, e := p.params["low"], p.params["high"], q.params["low"], q.params["high"]
	kl := e.Sub(c).Div(b.Sub(a)).Log()
	outside := c.Detach().Gt(a.Detach()).Or(e.Detach().Lt(b.Detach()))
	return eager.Where(outside, math.Inf(1), kl)
}

func exponentialKL(p, q *Distribution) *tensor {
	r := q.params["rate"].Div(p.params["rate"])
	return r.Sub(r.Log()).Sub(1)
}

func gammaKL(p, q *Distribution) *tensor {
	a, b := p.params["concentration"], q.params["concentration"]
	r, s := p.params["rate"], q.params["rate"]
	return b.Mul(r.Div(s).Log()).Add(special.LogGamma(b)).Sub(special.LogGamma(a)).
		Add(a.Sub(b).Mul(special.Digamma(a))).Add(s.Sub(r).Mul(a.Div(r)))
}

func gammaExponentialKL(p, q *Distribution) *tensor {
	a, r := p.params["concentration"], q.params["rate"].Div(p.params["rate"])
	return p.entropy().Neg().Sub(q.params["rate"].Log()).Add(r.Mul(a))
}

func exponentialGammaKL(p, q *Distribution) *tensor {
	a, r := q.params["concentration"], q.params["rate"].Div(p.params["rate"])
	return a.Mul(r.Log()).Neg().Add(r).Add(special.LogGamma(a)).Add(a.Mul(eulerGamma)).Sub(1 + eulerGamma)
}

func betaKL(p, q *Distribution) *tensor {
	a, b := p.params["concentration1"], p.params["concentration0"]
	c, e := q.params["concentration1"], q.params["concentration0"]
	return logBeta(c, e).Sub(logBeta(a, b)).Add(a.Sub(c).Mul(special.Digamma(a))).
		Add(b.Sub(e).Mul(special.Digamma(b))).Add(c.Add(e).Sub(a.Add(b)).Mul(special.Digamma(a.Add(b))))
}

func dirichletKL(p, q *Distribution) *tensor {
	a, b := p.params["concentration"], q.params["concentration"]
	sum := a.SumKeep(-1)
	return special.LogGamma(sum.Squeeze(-1)).Sub(special.LogGamma(b.Sum(-1))).
		Sub(special.LogGamma(a).Sub(special.LogGamma(b)).Sum(-1)).
		Add(a.Sub(b).Mul(special.Digamma(a).Sub(special.Digamma(sum))).Sum(-1))
}

func paretoKL(p, q *Distribution) *tensor {
	a, b := p.params["alpha"], q.params["alpha"]
	r := p.params["scale"].Div(q.params["scale"])
	kl := b.Mul(r.Log()).Sub(b.Div(a).Log()).Add(b.Div(a)).Sub(1)
	return eager.Where(r.Detach().Lt(1), math.Inf(1), kl)
}

// momentsNormalKL needs the entropy and the first two moments of p.
func momentsNormalKL(p, q *Distribution) *tensor {
	m, s := q.params["loc"], q.params["scale"]
	square := p.Variance().Add(p.Mean().Sub(m).Square()).Div(s.Square())
	return p.Entropy().Neg().Add(s.Log()).Add(square.Add(math.Log(2 * math.Pi)).Mul(0.5))
}

func multivariateKL(p, q *Distribution) *tensor {
	a, b := p.params["scale_tril"], q.params["scale_tril"]
	n := a.Size(-1)
	logs := b.Diagonal(0, -2, -1).Log().Sum(-1).Sub(a.Diagonal(0, -2, -1).Log().Sum(-1))
	m := linalg.SolveTriangular(b, a, linalg.TriangularOptions{}).Square().Sum(-2, -1)
	d := q.params["loc"].Sub(p.params["loc"]).Unsqueeze(-1)
	z := linalg.SolveTriangular(b, d, linalg.TriangularOptions{}).Square().Sum(-2, -1)
	return logs.Add(m.Add(z).Sub(float64(n)).Mul(0.5))
}

func independentKL(p, q *Distribution) *tensor {
	if p.reach != q.reach {
		engine.Fail("dist.KL", "Independent over %d and %d axes", p.reach, q.reach)
	}
	return sumLast(KL(p.base, q.base), p.reach)
}
