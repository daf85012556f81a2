package dist

import (
	"math"
	"math/rand/v2"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/linalg"
	"github.com/lathe-ml/lathe/eager/special"
	"github.com/lathe-ml/lathe/engine"
)

// Dirichlet is a distribution of probabilities [… classes]: density proportional to Π xᶜ⁻¹ with the given
// concentrations [… classes]. Agrees with torch.distributions.Dirichlet.
func Dirichlet(concentration *eager.Tensor) *Distribution {
	d := family("Dirichlet", "concentration", concentration).positive("concentration")
	c := d.params["concentration"]
	d.lastIsEvent(c)
	d.within = func(x *tensor) (*tensor, any) {
		v := x.Detach()
		sum := v.Sum(-1).Sub(1).Abs().Lt(1e-5).Unsqueeze(-1)
		return v.Ge(0).And(sum), 0.5
	}
	total := c.Sum(-1)
	norm := func() *tensor { return special.LogGamma(c).Sum(-1).Sub(special.LogGamma(total)) }
	d.logProb = func(x *tensor) *tensor { return special.XLogY(c.Sub(1), x).Sum(-1).Sub(norm()) }
	d.rsample = func(shape engine.Shape) *tensor {
		g := d.gamma(shape, c)
		return g.Div(g.SumKeep(-1))
	}
	d.mean = func() *tensor { return c.Div(total.Unsqueeze(-1)) }
	d.variance = func() *tensor {
		t := total.Unsqueeze(-1)
		return c.Mul(t.Sub(c)).Div(t.Square().Mul(t.Add(1)))
	}
	d.entropy = func() *tensor {
		k := float64(c.Size(-1))
		return norm().Sub(total.Neg().Add(k).Mul(special.Digamma(total))).
			Sub(c.Sub(1).Mul(special.Digamma(c)).Sum(-1))
	}
	return d
}

// lastIsEvent moves the last axis of the parameters from the batch to the event.
func (d *Distribution) lastIsEvent(x *tensor) {
	if x.Rank() == 0 {
		engine.Fail("dist."+d.name, "a parameter is a number; want [… n]")
	}
	k := len(d.batch) - 1
	d.event, d.batch = d.batch[k:].Clone(), d.batch[:k].Clone()
}

// MultivariateNormal has mean loc [… n] and the positive definite covariance [… n n]. Agrees with
// torch.distributions.MultivariateNormal.
func MultivariateNormal(loc, covariance *eager.Tensor) *Distribution {
	return multivariateNormal(loc, linalg.Cholesky(covariance))
}

// MultivariateNormalTriL is MultivariateNormal with the covariance l·lᵀ of a lower triangular l.
func MultivariateNormalTriL(loc, l *eager.Tensor) *Distribution {
	return multivariateNormal(loc, l.Tril(0))
}

func multivariateNormal(loc, l *tensor) *Distribution {
	n := l.Size(-1)
	s, err := engine.Broadcast(loc.Shape(), l.Shape()[:l.Rank()-1])
	if err != nil || loc.Rank() == 0 || loc.Size(-1) != n {
		engine.Fail("dist.MultivariateNormal", "loc %v and factor %v; want [… n] and [… n n]", loc.Array(), l.Array())
	}
	d := family("MultivariateNormal", "loc", loc.Expand(s...))
	d.lastIsEvent(loc)
	m := d.params["loc"]
	l = l.To(d.dtype).Expand(append(s.Clone(), n)...)
	d.names = append(d.names, "scale_tril")
	d.params["scale_tril"] = l
	logDet := func() *tensor { return l.Diagonal(0, -2, -1).Log().Sum(-1) }
	d.logProb = func(x *tensor) *tensor {
		z := linalg.SolveTriangular(l, x.Sub(m).Unsqueeze(-1), linalg.TriangularOptions{}).Squeeze(-1)
		return z.Square().Sum(-1).Mul(-0.5).Sub(logDet()).Sub(0.5 * float64(n) * math.Log(2*math.Pi))
	}
	d.rsample = func(shape engine.Shape) *tensor {
		return m.Add(l.MatMul(d.normal(shape).Unsqueeze(-1)).Squeeze(-1))
	}
	d.mean = func() *tensor { return m }
	d.variance = func() *tensor { return l.Square().Sum(-1) }
	d.entropy = func() *tensor { return logDet().Add(0.5 * float64(n) * (1 + math.Log(2*math.Pi))) }
	return d
}

// LowRankMultivariateNormal has mean loc [… n] and the covariance factor·factorᵀ + diag(diagonal), factor
// [… n rank], diagonal [… n] > 0. Agrees with torch.distributions.LowRankMultivariateNormal.
func LowRankMultivariateNormal(loc, factor, diagonal *eager.Tensor) *Distribution {
	d := family("LowRankMultivariateNormal", "loc diagonal", loc, diagonal).positive("diagonal")
	d.lastIsEvent(loc)
	m, v := d.params["loc"], d.params["diagonal"]
	n := m.Size(-1)
	if factor.Rank() < 2 || factor.Size(-2) != n {
		engine.Fail("dist.LowRankMultivariateNormal", "factor is %v; want [… %d rank]", factor.Array(), n)
	}
	w, k := factor.To(d.dtype), factor.Size(-1)
	d.names, d.params["factor"] = append(d.names, "factor"), w
	scaled := w.Div(v.Unsqueeze(-1)) // D⁻¹·W
	// the capacitance I + Wᵀ·D⁻¹·W, whose determinant and inverse give those of the covariance
	l := linalg.Cholesky(w.T().MatMul(scaled).Add(eager.Eye(k).To(d.dtype)))
	logDet := func() *tensor {
		return l.Diagonal(0, -2, -1).Log().Sum(-1).Mul(2).Add(v.Log().Sum(-1))
	}
	d.logProb = func(x *tensor) *tensor {
		r := x.Sub(m)
		y := linalg.SolveTriangular(l, scaled.T().MatMul(r.Unsqueeze(-1)), linalg.TriangularOptions{}).Squeeze(-1)
		square := r.Square().Div(v).Sum(-1).Sub(y.Square().Sum(-1))
		return square.Add(logDet()).Add(float64(n) * math.Log(2*math.Pi)).Mul(-0.5)
	}
	d.rsample = func(shape engine.Shape) *tensor {
		low := append(shape[:len(shape)-1].Clone(), k)
		return m.Add(w.MatMul(d.normal(low).Unsqueeze(-1)).Squeeze(-1)).Add(v.Sqrt().Mul(d.normal(shape)))
	}
	d.mean = func() *tensor { return m }
	d.variance = func() *tensor { return w.Square().Sum(-1).Add(v) }
	d.entropy = func() *tensor { return logDet().Add(float64(n) * (1 + math.Log(2*math.Pi))).Mul(0.5) }
	return d
}

// Wishart is a distribution of positive definite matrices [… n n] with df > n − 1 degrees of freedom and mean
// df·covariance. Agrees with torch.distributions.Wishart.
func Wishart(df any, covariance *eager.Tensor) *Distribution {
	n := covariance.Size(-1)
	l := linalg.Cholesky(covariance)
	d := family("Wishart", "df", df)
	if covariance.DType() == engine.F64 {
		d.dtype = engine.F64
		d.params["df"] = d.params["df"].To(engine.F64)
	}
	d.want("df > n − 1", d.params["df"].Detach().Gt(float64(n-1)))
	s, err := engine.Broadcast(d.batch, covariance.Shape()[:covariance.Rank()-2])
	if err != nil {
		engine.Fail("dist.Wishart", "%v", err)
	}
	d.batch, d.event = s, engine.Shape{n, n}
	v := d.params["df"].Expand(s...)
	l = l.To(d.dtype).Expand(append(s.Clone(), n, n)...)
	d.params["df"], d.params["scale_tril"] = v, l
	d.names = append(d.names, "scale_tril")
	p := float64(n)
	logDet := func(t *tensor) *tensor { return t.Diagonal(0, -2, -1).Log().Sum(-1).Mul(2) }
	d.logProb = func(x *tensor) *tensor {
		lx := linalg.Cholesky(x)
		trace := linalg.CholeskySolve(l.Expand(x.Shape()...), x).Diagonal(0, -2, -1).Sum(-1)
		norm := v.Mul(p * math.Ln2 / 2).Add(logDet(l).Mul(v).Mul(0.5)).Add(special.MultiLogGamma(n, v.Mul(0.5)))
		return v.Sub(p + 1).Mul(0.5).Mul(logDet(lx)).Sub(trace.Mul(0.5)).Sub(norm)
	}
	d.rsample = func(shape engine.Shape) *tensor { // Bartlett's decomposition
		half := eager.Arange(0, p, 1).To(d.dtype)
		chi := d.gamma(shape[:len(shape)-1], v.Unsqueeze(-1).Sub(half).Mul(0.5)).Mul(2)
		a := d.normal(shape).Tril(-1).Add(chi.Sqrt().DiagEmbed(0, -2, -1))
		y := l.MatMul(a)
		return y.MatMul(y.T())
	}
	cov := func() *tensor { return l.MatMul(l.T()) }
	d.mean = func() *tensor { return cov().Mul(v.Unsqueeze(-1).Unsqueeze(-1)) }
	d.variance = func() *tensor {
		c := cov()
		diag := c.Diagonal(0, -2, -1)
		return c.Square().Add(diag.Unsqueeze(-1).Mul(diag.Unsqueeze(-2))).Mul(v.Unsqueeze(-1).Unsqueeze(-1))
	}
	d.entropy = func() *tensor {
		digammas := special.Digamma(v.Unsqueeze(-1).Sub(eager.Arange(0, p, 1).To(d.dtype)).Mul(0.5)).Sum(-1)
		return logDet(l).Mul((p + 1) / 2).Add(p * (p + 1) / 2 * math.Ln2).Add(special.MultiLogGamma(n, v.Mul(0.5))).
			Sub(v.Sub(p + 1).Mul(0.5).Mul(digammas)).Add(v.Mul(p / 2))
	}
	return d
}

// LKJCholesky is a distribution of Cholesky factors of correlation matrices [n n], of density proportional to
// det(correlation)^(concentration − 1). Source: Lewandowski, Kurowicka and Joe 2009 (the onion method); agrees
// with torch.distributions.LKJCholesky.
func LKJCholesky(n int, concentration any) *Distribution {
	if n < 2 {
		engine.Fail("dist.LKJCholesky", "n is %d; want ≥ 2", n)
	}
	d := family("LKJCholesky", "concentration", concentration).positive("concentration")
	c := d.params["concentration"]
	d.event = engine.Shape{n, n}
	d.logProb = func(x *tensor) *tensor {
		diag := x.Diagonal(0, -2, -1).Slice(-1, 1, n)
		order := eager.Arange(2, float64(n+1), 1).To(d.dtype)
		power := c.Sub(1).Mul(2).Unsqueeze(-1).Add(float64(n)).Sub(order)
		dim := float64(n - 1)
		alpha := c.Add(0.5 * dim)
		norm := special.MultiLogGamma(n-1, alpha.Sub(0.5)).Add(0.5 * dim * math.Log(math.Pi)).
			Sub(special.LogGamma(alpha).Mul(dim))
		return power.Mul(diag.Log()).Sum(-1).Sub(norm)
	}
	d.sample = func(shape engine.Shape) *tensor {
		rows := shape[:len(shape)-2]
		count := rows.Numel()
		g, out := source(count*n*n), make([]float64, 0, count*n*n)
		cs := c.Detach().Expand(rows...).Float64s()
		for k := range count {
			out = append(out, onion(g, n, cs[k])...)
		}
		return eager.FromFloat64s(out, shape...).To(d.dtype)
	}
	return d
}

// onion draws a Cholesky factor row by row: a direction, and how much of the row it takes.
func onion(g *rand.Rand, n int, c float64) []float64 {
	l := make([]float64, n*n)
	l[0] = 1
	for i := 1; i < n; i++ {
		a, b := gammaValue(g, float64(i)/2), gammaValue(g, c+float64(n-1-i)/2)
		y := a / (a + b)
		norm := 0.0
		for j := range i {
			l[i*n+j] = g.NormFloat64()
			norm += l[i*n+j] * l[i*n+j]
		}
		for j := range i {
			l[i*n+j] *= math.Sqrt(y / norm)
		}
		l[i*n+i] = math.Sqrt(1 - y)
	}
	return l
}
