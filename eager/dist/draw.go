package dist

import (
	"math"
	"math/rand/v2"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/special"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// raw draws from an operator of the engine, in d's dtype.
func (d *Distribution) raw(o *op.Def, shape engine.Shape, p, q float64) *eager.Tensor {
	seed, offset := eager.NextRandom(shape.Numel())
	return eager.First(o, op.RandAttrs{Shape: shape, DType: d.dtype, Seed: seed, Offset: offset, P: p, Q: q})
}

// normal draws standard normal values.
func (d *Distribution) normal(shape engine.Shape) *eager.Tensor {
	return d.raw(op.RandNormal, shape, 0, 1)
}

// uniform draws from the open interval (0, 1).
func (d *Distribution) uniform(shape engine.Shape) *eager.Tensor {
	lo, hi := math.SmallestNonzeroFloat32*(1<<24), 1-0x1p-24
	if d.dtype == engine.F64 {
		lo, hi = 0x1p-1000, 1-0x1p-53
	}
	return d.raw(op.RandUniform, shape, 0, 1).Clamp(lo, hi)
}

// exponential draws with rate 1.
func (d *Distribution) exponential(shape engine.Shape) *eager.Tensor {
	return d.uniform(shape).Log().Neg()
}

// source returns the generator of n draws that need an unknown count of numbers each.
func source(n int) *rand.Rand {
	seed, offset := eager.NextRandom(n)
	return rand.New(rand.NewPCG(seed, offset))
}

// each draws one value for each element of the parameters, expanded to shape.
func (d *Distribution) each(
	shape engine.Shape, f func(r *rand.Rand, p []float64) float64, params ...*eager.Tensor,
) *eager.Tensor {
	n := shape.Numel()
	r, y := source(n), make([]float64, n)
	values := make([][]float64, len(params))
	for i, p := range params {
		values[i] = p.Detach().Expand(shape...).Float64s()
	}
	one := make([]float64, len(params))
	for i := range y {
		for k, v := range values {
			one[k] = v[i]
		}
		y[i] = f(r, one)
	}
	return eager.FromFloat64s(y, shape...).To(d.dtype)
}

// gamma draws gamma values of the given shape parameter and rate 1, differentiable in it.
func (d *Distribution) gamma(shape engine.Shape, alpha *eager.Tensor) *eager.Tensor {
	z := d.each(shape, func(r *rand.Rand, p []float64) float64 { return gammaValue(r, p[0]) }, alpha)
	least := 1.2e-38
	if d.dtype == engine.F64 {
		least = 2.3e-308
	}
	z = z.Maximum(least)
	if !alpha.RequiresGrad() {
		return z
	}
	wide := alpha.Expand(shape...)
	return z.Add(wide.Sub(wide.Detach()).Mul(gammaSlope(wide.Detach(), z).To(d.dtype)))
}

// gammaSlope is dz/dα of a gamma value z at a fixed quantile: −(∂P/∂α)/density. The derivative of P is a
// central difference, good to about eight digits.
// Source: Figurnov, Mohamed and Mnih 2018.
func gammaSlope(alpha, z *eager.Tensor) *eager.Tensor {
	a, x := alpha.To(engine.F64), z.To(engine.F64)
	h := a.Mul(1e-4)
	dp := special.GammaP(a.Add(h), x).Sub(special.GammaP(a.Sub(h), x)).Div(h.Mul(2))
	logDensity := a.Sub(1).Mul(x.Log()).Sub(x).Sub(special.LogGamma(a))
	slope := dp.Neg().Mul(logDensity.Neg().Exp())
	small := x.Div(a) // where the density vanishes: z ≈ (u·Γ(α+1))^(1/α)
	return eager.Where(slope.IsFinite(), slope, small)
}

// gammaValue draws a gamma value of shape a and rate 1. Source: Marsaglia and Tsang 2000.
func gammaValue(r *rand.Rand, a float64) float64 {
	boost := 1.0
	if a < 1 {
		boost = math.Pow(1-r.Float64(), 1/a)
		a++
	}
	d := a - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := r.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		u := 1 - r.Float64()
		if math.Log(u) < 0.5*x*x+d*(1-v+math.Log(v)) {
			return boost * d * v
		}
	}
}

func logGamma(x float64) float64 {
	y, _ := math.Lgamma(x)
	return y
}

// poissonValue draws a count of mean rate: by products below 10, by transformed rejection above.
// Source: Hörmann 1993, PTRS.
func poissonValue(r *rand.Rand, rate float64) float64 {
	if !(rate > 0) {
		return rate * 0 // 0, or NaN
	}
	if rate < 10 {
		k, p := -1.0, 1.0
		for limit := math.Exp(-rate); p > limit; k++ {
			p *= r.Float64()
		}
		return k
	}
	b := 0.931 + 2.53*math.Sqrt(rate)
	a := -0.059 + 0.02483*b
	inverse := 1.1239 + 1.1328/(b-3.4)
	accept := 0.9277 - 3.6224/(b-2)
	for {
		u, v := r.Float64()-0.5, 1-r.Float64()
		s := 0.5 - math.Abs(u)
		k := math.Floor((2*a/s+b)*u + rate + 0.43)
		if s >= 0.07 && v <= accept {
			return k
		}
		if k < 0 || s < 0.013 && v > s {
			continue
		}
		if math.Log(v*inverse/(a/(s*s)+b)) <= -rate+k*math.Log(rate)-logGamma(k+1) {
			return k
		}
	}
}

// binomialValue draws the number of successes of n trials: by gaps where few are expected, by transformed
// rejection above. Source: Hörmann 1993, BTRS.
func binomialValue(r *rand.Rand, n, p float64) float64 {
	switch {
	case p > 0.5:
		return n - binomialValue(r, n, 1-p)
	case !(p > 0):
		return p * 0
	case n*p < 10:
		k, at := 0.0, 0.0
		for {
			if at += math.Floor(math.Log(1-r.Float64())/math.Log1p(-p)) + 1; at > n {
				return k
			}
			k++
		}
	}
	q := math.Sqrt(n * p * (1 - p))
	b := 1.15 + 2.53*q
	a := -0.0873 + 0.0248*b + 0.01*p
	c, accept, alpha := n*p+0.5, 0.92-4.2/b, (2.83+5.1/b)*q
	m, odds := math.Floor((n+1)*p), math.Log(p/(1-p))
	top := logGamma(m+1) + logGamma(n-m+1)
	for {
		u, v := r.Float64()-0.5, 1-r.Float64()
		s := 0.5 - math.Abs(u)
		k := math.Floor((2*a/s+b)*u + c)
		if k < 0 || k > n {
			continue
		}
		if s >= 0.07 && v <= accept {
			return k
		}
		if math.Log(v*alpha/(a/(s*s)+b)) <= top-logGamma(k+1)-logGamma(n-k+1)+(k-m)*odds {
			return k
		}
	}
}
