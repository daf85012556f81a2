package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// Vector forms of exp, log, tanh and what is built from them. The tests state their errors.

func (v *isa) functions() {
	for _, v := range []*isa{v, v.pastCaches()} {
		v.unary("exp", v.exp)
		v.unary("sigmoid", v.sigmoid)
		v.unary("log", v.log)
		v.unary("tanh", v.tanh)
		v.unary("erf", v.erf)
		v.unary("silu", func(x vec) vec { return v.div(x, v.onePlusExpNeg(x)) })
		v.unary("gelu", v.gelu)
	}
	v.binary("geluGrad", func(dy, x vec) vec {
		_, slope := v.geluSlope(x)
		return v.mul(dy, slope)
	})
	v.routine("geluSlope", []operand{dst, {name: "slope", write: true}, opX}, nil, func(in []vec, _ func(int) vec) []vec {
		y, slope := v.geluSlope(in[0])
		return []vec{y, slope}
	})
	// ½x(1 + tanh u) = x·sigmoid(2u)
	v.unary("geluTanh", func(x vec) vec {
		const k = 2 * 0.79788456080286536
		u := v.mul(x, v.fma(v.mul(x, x), c(k*0.044715), c(k)))
		return v.div(x, v.onePlusExpNeg(u))
	})
}

// exp reduces x = n·ln 2 + r with |r| ≤ ½ ln 2; eʳ is a polynomial. The bounds lie beyond overflow
// and underflow, so that ±∞ and subnormal results come from the scaling.
func (v *isa) exp(x vec) vec {
	x = v.atLeast(v.atMost(x, 104), -104)
	n := v.round(v.mul(x, c(math.Log2E)), 8)
	r := v.fnma(n, c(0.693359375), x)
	r = v.fnma(n, c(-2.12194440e-4), r)
	p := v.polynomial(r, 1.0/5040, 1.0/720, 8.3333337680e-3, 4.1666667908e-2, 1.6666665459e-1, 0.5,
		1, 1)
	return v.scale(p, n)
}

func (v *isa) onePlusExpNeg(x vec) vec { return v.add(v.exp(v.neg(x)), c(1)) }

func (v *isa) sigmoid(x vec) vec { return v.div(v.load(c(1)), v.onePlusExpNeg(x)) }

// log splits x = m·2ᵉ with m in [√½, √2); log m is m−1 plus a polynomial (Cephes logf).
func (v *isa) log(x vec) vec {
	const subnormal = 1 << 23
	scaled := v.mul(x, c(subnormal))
	small := v.load(c(0x1p-126))
	y := v.where(x, less, small, scaled, x)
	bias := v.where(x, less, small, v.load(c(127+23)), v.load(c(127)))
	e := v.new()
	VPSRLD(U8(23), y, e)
	VCVTDQ2PS(e, e)
	e = v.sub(e, bias)
	m := v.or(v.and(y, bits(0x7fffff)), c(1))
	big := v.load(c(math.Sqrt2))
	e = v.where(big, less, m, v.add(e, c(1)), e)
	m = v.where(big, less, m, v.mul(m, c(0.5)), m)
	r := v.sub(m, c(1))
	z := v.mul(r, r)
	p := v.polynomial(r, 7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1,
		1.4249322787e-1, -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1)
	p = v.mul(v.mul(p, r), z)
	p = v.fma(e, c(-2.12194440e-4), p)
	p = v.fnma(z, c(0.5), p)
	out := v.fma(e, c(0.693359375), v.add(r, p))
	// x ≤ 0, ∞ and NaN
	out = v.where(v.load(c(math.MaxFloat32)), less, x, x, out)
	out = v.where(x, less, c(0), v.load(bits(0x7fc00000)), out)
	out = v.where(v.abs(x), lessEqual, c(0), v.load(c(math.Inf(-1))), out)
	return v.where(x, unordered, x, x, out)
}

// tanh is an odd polynomial below 0.625 and 1 − 2/(e²ˣ+1) above (Cephes tanhf).
func (v *isa) tanh(x vec) vec {
	a := v.abs(x)
	z := v.mul(x, x)
	p := v.polynomial(z, -5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1,
		-3.33332819422e-1)
	near := v.fma(v.mul(p, z), x, x)
	e := v.add(v.exp(v.add(a, a)), c(1))
	far := v.sub(v.load(c(1)), v.div(v.load(c(2)), e))
	far = v.or(far, v.and(x, bits(0x80000000)))
	return v.where(a, less, c(0.625), near, far)
}

// erfNear is erf x for |x| < 1, an odd polynomial. The leading coefficient is split, so that the
// rounding of the rest does not reach the last place.
func (v *isa) erfNear(x vec) vec {
	lead := float64(float32(2 / math.Sqrt(math.Pi)))
	rest := fit(func(z float64) float64 { return (math.Erf(math.Sqrt(z))/math.Sqrt(z) - lead) }, 1e-9, 1,
		8)
	return v.fma(x, c(lead), v.mul(x, v.polynomial(v.mul(x, x), rest...)))
}

// tailEnd is where e^(−a²/2) has left the range of float32.
const tailEnd = 14.42

// upperTail is the normal distribution function at −a, a ≥ 0.
func (v *isa) upperTail(a vec) vec {
	e, p, n := v.upperTailFactors(a)
	return v.scale(v.mul(e, p), n)
}

// upperTailFactors splits it into e·2ⁿ = e^(−a²/2) and p(1/(1+0.3a)). What a² loses by rounding is made up for,
// because the exponential magnifies it. The reciprocal is that of a multiple, so that it only has to be shifted to
// [−1, 1].
func (v *isa) upperTailFactors(a vec) (e, p, n vec) {
	const slope = 0.3
	a = v.atMost(a, tailEnd)
	square := v.mul(a, a)
	lost := v.load(square)
	VFMSUB231PS(a, a, lost) // a² − square
	w := v.inverse(v.add(a, c(1/slope)))
	p = v.polynomial(w, fit(func(w float64) float64 {
		a := 1/w - 1/slope
		return math.Exp(a*a/2) * math.Erfc(a/math.Sqrt2) / 2
	}, 1/(1/slope+tailEnd), slope, 8)...)
	n = v.round(v.mul(square, c(-0.5*math.Log2E)), 8)
	VFNMSUB231PS(c(2*math.Ln2), n, square)
	r := v.sub(square, lost) // twice the rest of the exponent
	e = v.polynomial(r, fit(func(r float64) float64 { return math.Exp(r / 2) }, -0.7, 0.7, 5)...)
	return e, p, n
}

// gelu is x·Φ(x) = max(x, 0) − |x|·Φ(−|x|).
func (v *isa) gelu(x vec) vec {
	a := v.abs(x)
	least := v.min(x, v.neg(v.atMost(a, tailEnd)))
	return v.fma(least, v.upperTail(a), v.max(v.zeros(1)[0], x))
}

// geluSlope is gelu and its derivative Φ(x) + x·φ(x), which share the exponential.
func (v *isa) geluSlope(x vec) (y, slope vec) {
	a := v.abs(x)
	e, p, n := v.upperTailFactors(a)
	least := v.min(x, v.neg(v.atMost(a, tailEnd)))
	low := v.scale(v.mul(e, p), n) // Φ(−|x|)
	y = v.fma(least, low, v.max(v.zeros(1)[0], x))
	density := v.scale(v.mul(e, c(0.3989422804014327)), n)
	phi := v.where(x, less, c(0), low, v.sub(v.load(c(1)), low))
	return y, v.fma(x, density, phi)
}

// inverse is 1/x for normal x, within two units of the last place.
func (v *isa) inverse(x vec) vec {
	if !v.wide() {
		return v.div(v.load(c(1)), x)
	}
	y := v.new()
	VRCP14PS(x, y)
	return v.fma(y, v.fnma(x, y, c(1)), y)
}

func (v *isa) erf(x vec) vec {
	a := v.abs(x)
	far := v.fnma(v.upperTail(v.mul(a, c(math.Sqrt2))), c(2), c(1))
	return v.where(a, less, c(1), v.erfNear(x), v.copySign(far, x))
}
