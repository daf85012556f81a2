package cpu

import "math"

// Special functions of floats, computed in float64. Relative errors in float64 are below 1e-13, except
// near zeros of a function, where the error is that part of its terms, and in GammaP and GammaQ, whose
// error grows with the magnitude of a·log x.
var (
	LogGamma   = Lift1("LogGamma", logGamma)
	ErfcScaled = Lift1("ErfcScaled", erfcScaled)
	ErfInv     = Lift1("ErfInv", math.Erfinv)
	NormalInv  = Lift1("NormalInv", normalInv)
	BesselI0   = Lift1("BesselI0", func(x float64) float64 { return besselScaled(0, x) })
	BesselI1   = Lift1("BesselI1", func(x float64) float64 { return besselScaled(1, x) })
	Zeta       = Lift2("Zeta", zeta)
	GammaP     = Lift2("GammaP", func(a, x float64) float64 { p, _ := gammaPQ(a, x); return p })
	GammaQ     = Lift2("GammaQ", func(a, x float64) float64 { _, q := gammaPQ(a, x); return q })
	polygamma  [16]*Vec1
)

func init() {
	for n := range polygamma {
		polygamma[n] = polygammaOf(n)
	}
	for _, v := range append(polygamma[:], ErfcScaled, NormalInv, BesselI0, BesselI1) {
		v.Cost = 32
	}
	Zeta.Cost, GammaP.Cost, GammaQ.Cost = 64, 64, 64
}

// Polygamma returns derivative n of the digamma function, n ≥ 0: n = 0 is digamma itself.
func Polygamma(n int) *Vec1 {
	if n < len(polygamma) {
		return polygamma[n]
	}
	v := polygammaOf(n)
	v.Cost = 32
	return v
}

// polygammaOf uses ψ⁽ⁿ⁾(x) = (−1)ⁿ⁺¹ n! ζ(n+1, x).
func polygammaOf(n int) *Vec1 {
	if n == 0 {
		return Lift1("Polygamma", digamma)
	}
	factor := math.Gamma(float64(n + 1))
	if n%2 == 0 {
		factor = -factor
	}
	return Lift1("Polygamma", func(x float64) float64 { return factor * zeta(float64(n+1), x) })
}

// logGamma is +Inf at −Inf, as C's lgamma is; math.Lgamma is −Inf there.
func logGamma(x float64) float64 {
	y, _ := math.Lgamma(math.Max(x, -math.MaxFloat64))
	return y
}

// digamma moves x up to where the asymptotic series holds. Source: Abramowitz and Stegun 6.3.5–6.3.18.
func digamma(x float64) float64 {
	switch {
	case x == 0:
		return math.Copysign(math.Inf(1), -x)
	case math.IsNaN(x) || math.IsInf(x, 1):
		return x
	case x < 0 && x == math.Floor(x), math.IsInf(x, -1):
		return math.NaN()
	case x < 0:
		_, f := math.Modf(x) // the tangent of the fraction is exact where that of πx is not
		return digamma(1-x) - math.Pi/math.Tan(math.Pi*f)
	}
	y := 0.0
	for ; x < 12; x++ {
		y -= 1 / x
	}
	z := 1 / (x * x)
	series := z * (1./12 - z*(1./120-z*(1./252-z*(1./240-z*(1./132-z*(691./32760-z/12))))))
	return y + math.Log(x) - 0.5/x - series
}

// zetaTerms are (2k)!/B₂ₖ, the divisors in the Euler–Maclaurin sum.
var zetaTerms = [...]float64{
	12, -720, 30240, -1209600, 47900160, -1.8924375803183791606e9, 7.47242496e10,
	-2.950130727918164224e12, 1.1646782814350067249e14, -4.5979787224074726105e15,
	1.8152105401943546773e17, -7.1661652561756670113e18,
}

// zeta is Σ (q + k)⁻ˣ over k ≥ 0. Source: Cephes, which PyTorch follows: +Inf at the poles q = 0, −1, …,
// NaN for negative q unless x is whole, and for x < 1.
func zeta(x, q float64) float64 {
	switch {
	case x == 1:
		return math.Inf(1)
	case !(x >= 1) || math.IsNaN(q):
		return math.NaN()
	case q <= 0 && q == math.Floor(q):
		return math.Inf(1)
	case q <= 0 && x != math.Floor(x):
		return math.NaN()
	case math.IsInf(q, 1):
		return 0
	}
	const eps = 0x1p-53
	s, w, b := math.Pow(q, -x), q, 0.0
	for i := 0; i < 9 || w <= 9; i++ {
		w++
		b = math.Pow(w, -x)
		s += b
		if math.Abs(b) < eps*math.Abs(s) {
			return s
		}
	}
	s += b*w/(x-1) - 0.5*b
	a, k := 1.0, 0.0
	for _, d := range zetaTerms {
		a *= x + k
		b /= w
		t := a * b / d
		s += t
		if math.Abs(t) < eps*math.Abs(s) {
			break
		}
		a *= x + k + 1
		b /= w
		k += 2
	}
	return s
}

// gammaPQ returns the regularized incomplete gamma functions, P + Q = 1: the series where x < a + 1, the
// continued fraction elsewhere. Source: Abramowitz and Stegun 6.5.29 and 6.5.31.
func gammaPQ(a, x float64) (p, q float64) {
	switch {
	case !(a >= 0) || !(x >= 0) || a == 0 && x == 0 || math.IsInf(a, 1) && math.IsInf(x, 1):
		return math.NaN(), math.NaN()
	case a == 0 || math.IsInf(x, 1):
		return 1, 0
	case x == 0 || math.IsInf(a, 1):
		return 0, 1
	}
	if x <= 1.1 && a < 1.1*x || x <= 0.5 && a < -0.4/math.Log(x) {
		q := smallGammaQ(a, x)
		return 1 - q, q
	}
	lg, _ := math.Lgamma(a)
	front := math.Exp(a*math.Log(x) - x - lg)
	const eps, limit = 0x1p-53, 1 << 16
	if x < a+1 {
		term := 1 / a
		sum := term
		for n := 1; n < limit && term > eps*sum; n++ {
			term *= x / (a + float64(n))
			sum += term
		}
		return front * sum, 1 - front*sum
	}
	b := x + 1 - a // Lentz's method
	c, d := math.Inf(1), 1/b
	h := d
	for n := 1.0; n < limit; n++ {
		an := n * (a - n)
		b += 2
		d = 1 / (an*d + b)
		c = b + an/c
		h *= d * c
		if math.Abs(d*c-1) < eps*4 {
			break
		}
	}
	return 1 - front*h, front * h
}

// smallGammaQ is Q for small arguments, where 1 − P cancels: 1 − xᵃ/Γ(a+1) less xᵃ/Γ(a)·Σ (−x)ⁿ/(n!·(a + n)).
// Source: DLMF 8.7.3.
func smallGammaQ(a, x float64) float64 {
	sum, factor := 0.0, 1.0
	for n := 1.0; n < 100; n++ {
		factor *= -x / n
		term := factor / (a + n)
		if sum += term; math.Abs(term) <= 0x1p-54*math.Abs(sum) {
			break
		}
	}
	power := a*math.Log(x) - logGamma1p(a)
	return -math.Expm1(power) - a*math.Exp(power)*sum
}

// logGamma1p is log Γ(1 + a), accurate for small a: −γ·a + Σ ζ(n)·(−a)ⁿ/n.
func logGamma1p(a float64) float64 {
	if a > 0.5 {
		return logGamma(1 + a)
	}
	sum, power := -0.57721566490153286061*a, -a
	for n := 2.0; n < 60; n++ {
		power *= -a
		term := zeta(n, 1) * power / n
		if sum += term; math.Abs(term) <= 0x1p-54*math.Abs(sum) {
			break
		}
	}
	return sum
}

// Entropy is −x·log x: 0 at 0, −Inf below.
var Entropy = Lift1("Entropy", func(x float64) float64 {
	switch {
	case x > 0:
		return -x * math.Log(x)
	case x == 0:
		return 0
	case x < 0:
		return math.Inf(-1)
	}
	return x
})

// erfcScaled is exp(x²)·erfc(x).
func erfcScaled(x float64) float64 {
	if math.IsInf(x, -1) {
		return math.Inf(1)
	}
	if x < 12 {
		y := x * x
		return math.Exp(y) * (1 + math.FMA(x, x, -y)) * math.Erfc(x) // y and what its rounding lost
	}
	z, sum, term := 0.5/(x*x), 1.0, 1.0
	for k := 1.0; k < 30 && math.Abs(term) > 0x1p-54; k++ { // Abramowitz and Stegun 7.1.23
		term *= -z * (2*k - 1)
		sum += term
	}
	return sum / (x * math.Sqrt(math.Pi))
}

// normalInv solves Φ(x) = p: a start good to 4e-4, then Halley's method, which triples the digits.
// Source: Abramowitz and Stegun 26.2.23.
func normalInv(p float64) float64 {
	switch {
	case !(p >= 0 && p <= 1):
		return math.NaN()
	case p == 0 || p == 1:
		return math.Inf(int(2*p) - 1)
	case p > 0.25 && p < 0.75:
		return math.Sqrt2 * math.Erfinv(2*p-1)
	case p > 0.5:
		return -normalInv(1 - p) // exact
	}
	t := math.Sqrt(-2 * math.Log(p))
	x := (2.515517+t*(0.802853+t*0.010328))/(1+t*(1.432788+t*(0.189269+t*0.001308))) - t
	for range 3 {
		// u = (Φ(x) − p)/φ(x)
		u := (0.5*erfcScaled(-x/math.Sqrt2) - p*math.Exp(x*x/2)) * math.Sqrt(2*math.Pi)
		if math.IsInf(u, 0) || math.IsNaN(u) {
			break
		}
		x -= u / (1 + x*u/2)
	}
	return x
}

// besselScaled is exp(−|x|)·Iₙ(x) for n = 0, 1: the power series, all terms of which have one sign, and
// from 30 on the asymptotic one. Source: Abramowitz and Stegun 9.6.10 and 9.7.1.
func besselScaled(n int, x float64) float64 {
	y := math.Abs(x)
	sum, term, mu := 1.0, 1.0, float64(4*n*n)
	switch {
	case y < 30:
		for k := 1.0; term > 0x1p-54*sum; k++ {
			term *= y * y / (4 * k * (k + float64(n)))
			sum += term
		}
		if n == 1 {
			sum *= y / 2
		}
		sum *= math.Exp(-y)
	default:
		for k := 1.0; k < 60 && math.Abs(term) > 0x1p-54; k++ {
			term *= ((2*k-1)*(2*k-1) - mu) / (8 * k * y)
			sum += term
		}
		sum /= math.Sqrt(2 * math.Pi * y)
	}
	if n == 1 && x < 0 {
		return -sum
	}
	return sum
}
