// Package special holds the special functions of statistics and physics over tensors, with gradients.
//
//	p := special.NormalCDF(x)                // Φ(x)
//	x = special.NormalInv(p)                 // and back
//	y := special.LogGamma(x)
//	y = special.Polygamma(1, x)              // trigamma
//	q := special.GammaQ(eager.Of(2.5), x)
//
// Functions take floats of any shape, elementwise; integers become F32. Elementary functions (Exp, Asin,
// Erf, …) are methods of tensors. It does not hold distributions.
package special

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// LogGamma returns log |Γ(x)|, +Inf at 0, −1, … Agrees with torch.lgamma.
func LogGamma(x *eager.Tensor) *eager.Tensor { return eager.First(op.LogGamma, nil, x) }

// Digamma returns the derivative of log Γ(x). Agrees with torch.digamma.
func Digamma(x *eager.Tensor) *eager.Tensor { return Polygamma(0, x) }

// Polygamma returns derivative n ≥ 0 of Digamma at x; n = 0 is Digamma itself. For n ≥ 1 it is
// (−1)ⁿ⁺¹ n! ζ(n+1, x). Agrees with torch.polygamma.
func Polygamma(n int, x *eager.Tensor) *eager.Tensor {
	return eager.First(op.Polygamma, op.OrderAttrs{N: n}, x)
}

// MultiLogGamma returns the logarithm of the multivariate gamma function of dimension p ≥ 1,
// p(p−1)/4·log π + Σ LogGamma(x − j/2) over j < p. Agrees with torch.mvlgamma for x > (p − 1)/2.
func MultiLogGamma(p int, x *eager.Tensor) *eager.Tensor {
	if p < 1 {
		engine.Fail("special.MultiLogGamma", "dimension %d; want 1 or more", p)
	}
	y := LogGamma(x)
	for j := 1; j < p; j++ {
		y = y.Add(LogGamma(x.Sub(float64(j) / 2)))
	}
	return y.Add(float64(p*(p-1)) / 4 * math.Log(math.Pi))
}

// Zeta returns the Hurwitz function Σ (q + k)⁻ˣ over k ≥ 0; it is not differentiable in x. Operands
// broadcast. Agrees with torch.special.zeta.
func Zeta(x, q *eager.Tensor) *eager.Tensor { return eager.First(op.Zeta, nil, x, q) }

// GammaP returns the regularized lower incomplete gamma function, the probability that a gamma variable
// of shape a and rate 1 is at most x. It is not differentiable in a. Agrees with torch.special.gammainc.
func GammaP(a, x *eager.Tensor) *eager.Tensor { return eager.First(op.GammaP, nil, a, x) }

// GammaQ returns 1 − GammaP(a, x), accurate where it is small. Agrees with torch.special.gammaincc.
func GammaQ(a, x *eager.Tensor) *eager.Tensor { return eager.First(op.GammaQ, nil, a, x) }

// ErfInv returns x with erf(x) = y for y in [−1, 1]. Agrees with torch.erfinv.
func ErfInv(y *eager.Tensor) *eager.Tensor { return eager.First(op.ErfInv, nil, y) }

// ErfcScaled returns exp(x²)·Erfc(x), which does not underflow. Agrees with torch.special.erfcx.
func ErfcScaled(x *eager.Tensor) *eager.Tensor { return eager.First(op.ErfcScaled, nil, x) }

// NormalCDF returns the probability Φ(x) that a standard normal variable is at most x. Agrees with
// torch.special.ndtr.
func NormalCDF(x *eager.Tensor) *eager.Tensor {
	return x.Mul(-1 / math.Sqrt2).Erfc().Mul(0.5)
}

// LogNormalCDF returns log Φ(x) without underflow for large negative x. Agrees with
// torch.special.log_ndtr.
func LogNormalCDF(x *eager.Tensor) *eager.Tensor {
	low := x.Lt(-1)
	a := eager.Where(low, x, -1.0) // each branch gets arguments that it can take
	b := eager.Where(low, 0.0, x)
	tail := ErfcScaled(a.Mul(-1 / math.Sqrt2)).Mul(0.5).Log().Sub(a.Square().Mul(0.5))
	return eager.Where(low, tail, b.Mul(1/math.Sqrt2).Erfc().Mul(-0.5).Log1p())
}

// NormalInv returns x with Φ(x) = p for p in [0, 1]. Agrees with torch.special.ndtri.
func NormalInv(p *eager.Tensor) *eager.Tensor { return eager.First(op.NormalInv, nil, p) }

// I0 returns the modified Bessel function of the first kind of order 0. Agrees with torch.special.i0.
func I0(x *eager.Tensor) *eager.Tensor { return I0Scaled(x).Mul(x.Abs().Exp()) }

// I0Scaled returns exp(−|x|)·I0(x). Agrees with torch.special.i0e.
func I0Scaled(x *eager.Tensor) *eager.Tensor { return eager.First(op.BesselI0, nil, x) }

// I1 returns the modified Bessel function of the first kind of order 1. Agrees with torch.special.i1.
func I1(x *eager.Tensor) *eager.Tensor { return I1Scaled(x).Mul(x.Abs().Exp()) }

// I1Scaled returns exp(−|x|)·I1(x). Agrees with torch.special.i1e.
func I1Scaled(x *eager.Tensor) *eager.Tensor { return eager.First(op.BesselI1, nil, x) }

// Entropy returns −x·log x: 0 at 0, where the gradient is infinite, and −Inf below. Agrees with
// torch.special.entr.
func Entropy(x *eager.Tensor) *eager.Tensor { return eager.First(op.Entropy, nil, x) }

// XLogY returns x·log y, 0 where x is 0 and y is not NaN. Agrees with torch.xlogy.
func XLogY(x, y *eager.Tensor) *eager.Tensor { return xTimes(x, y, (*eager.Tensor).Log) }

// XLog1pY returns x·log(1 + y), 0 where x is 0 and y is not NaN. Agrees with torch.special.xlog1py.
func XLog1pY(x, y *eager.Tensor) *eager.Tensor { return xTimes(x, y, (*eager.Tensor).Log1p) }

func xTimes(x, y *eager.Tensor, log func(*eager.Tensor) *eager.Tensor) *eager.Tensor {
	none := x.Eq(0).And(y.IsNaN().Eq(0))
	return eager.Where(none, 0.0, x.Mul(log(eager.Where(none, 1.0, y))))
}

// Logit returns log(x/(1 − x)), for x in [0, 1]. An eps > 0 bounds x from below by eps first, and what
// is not below it from above by 1 − eps. Agrees with torch.logit.
func Logit(x *eager.Tensor, eps float64) *eager.Tensor {
	if eps > 0 {
		x = eager.Where(x.Lt(eps), eps, eager.Where(x.Gt(1-eps), 1-eps, x))
	}
	return x.Div(x.Neg().Add(1)).Log()
}

// Sinc returns sin(πx)/(πx), 1 at 0. Agrees with torch.sinc.
func Sinc(x *eager.Tensor) *eager.Tensor {
	zero := x.Eq(0)
	y := eager.Where(zero, 1.0, x).Mul(math.Pi)
	return eager.Where(zero, 1.0, y.Sin().Div(y))
}
