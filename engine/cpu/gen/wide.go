package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// Functions in float64. With short set they serve float32, whose values they round once: shorter
// polynomials, and no thought of subnormal float64 or of what rounding there does to the last bits.
// The bounds of the error stand in the tests.

// through converts the lanes of float32 vectors to float64 in two halves and the results of f back.
func (v *isa) through(f func(d *isa, in ...vec) vec) func(in ...vec) vec {
	d := &isa{suffix: v.suffix, lanes: v.lanes / 2, double: true, short: true}
	return func(in ...vec) vec {
		var halves [2]vec
		for h := range halves {
			var wide []vec
			for _, x := range in {
				w := d.new()
				VCVTPS2PD(v.half(x, h), w)
				wide = append(wide, w)
			}
			y := f(d, wide...)
			if v.wide() {
				halves[h] = YMM()
				VCVTPD2PS(y, halves[h])
			} else {
				halves[h] = XMM()
				VCVTPD2PSY(y, halves[h])
			}
		}
		r := v.new()
		if v.wide() {
			VINSERTF64X4(U8(1), halves[1], halves[0].AsZ(), r)
		} else {
			VINSERTF128(U8(1), halves[1], halves[0].AsY(), r)
		}
		return r
	}
}

// half returns the lower (0) or upper half of x.
func (v *isa) half(x vec, h int) Op {
	switch {
	case h == 0 && v.wide():
		return x.AsY()
	case h == 0:
		return x.AsX()
	case v.wide():
		y := YMM()
		VEXTRACTF64X4(U8(1), x, y)
		return y
	}
	y := XMM()
	VEXTRACTF128(U8(1), x, y)
	return y
}

// reduceExp splits x = n·ln 2 + r with |r| ≤ ½ ln 2, after bounding x beyond overflow and underflow.
func (v *isa) reduceExp(x vec) (n, r vec) {
	const hi, lo = 6.93147180369123816490e-01, 1.90821492927058770002e-10
	x = v.atLeast(v.atMost(x, 710), -746)
	n = v.round(v.mul(x, v.c(math.Log2E)), 8)
	if v.short {
		return n, v.fnma(n, v.c(math.Ln2), x)
	}
	return n, v.fnma(n, v.c(lo), v.fnma(n, v.c(hi), x))
}

func (v *isa) expWide(x vec) vec {
	n, r := v.reduceExp(x)
	if v.short {
		return v.scale(v.polynomial(r, fit(math.Exp, -0.3466, 0.3466, 7)...), n)
	}
	k, taylor := make([]float64, 14), 1.0
	for i := range k {
		k[13-i] = taylor
		taylor /= float64(i + 1)
	}
	return v.scale(v.polynomial(r, k...), n)
}

// expm1Wide is 2ⁿ(eʳ − 1) + (2ⁿ − 1).
func (v *isa) expm1Wide(x vec) vec {
	n, r := v.reduceExp(x)
	e := v.mul(r, v.polynomial(r, fit(func(r float64) float64 { return math.Expm1(r) / r },
		-0.3466, 0.3466, 7)...))
	p := v.scale(v.load(v.c(1)), n)
	return v.fma(p, e, v.sub(p, v.c(1)))
}

// split writes a positive normal x = (1 + f)·2ᵉ with 1+f in [√½, √2).
func (v *isa) split(x vec) (e, f vec) {
	const low, bias = 0x3fe6a09e667f3bcd, 1023 << 52
	from, biased, m := v.new(), v.new(), v.new()
	VPADDQ(v.word(-low), x, from)
	VPADDQ(v.word(bias), from, biased)
	VPSRLQ(U8(52), biased, biased)
	VPSUBQ(v.and(from, bits64(0xfff<<52)), x, m)
	e = v.sub(v.or(biased, v.c(0x1p52)), v.c(0x1p52+1023))
	return e, v.sub(m, v.c(1))
}

// log1pFit is the factor of f in log(1+f)·scale.
func (v *isa) log1pFit(f vec, scale float64, degree int) vec {
	return v.polynomial(f, fit(func(f float64) float64 { return scale * math.Log1p(f) / f },
		math.Sqrt2/2-1, math.Sqrt2-1, degree)...)
}

// logLimits sets the logarithms y where x is not finite or not above zero, whose logarithm is −∞.
func (v *isa) logLimits(x, y vec, zero float64) vec {
	y = v.where(x, less, v.c(math.Inf(1)), y, x)
	none := v.where(x, equal, v.c(zero), v.load(v.c(math.Inf(-1))), v.load(v.c(math.NaN())))
	return v.where(x, lessEqual, v.c(zero), none, y)
}

// logDegree is enough for logarithms of float32.
const logDegree = 11

// logOf is log x / log base for float32, without the limits.
func (v *isa) logOf(x vec, base float64) vec {
	e, f := v.split(x)
	y := v.mul(f, v.log1pFit(f, 1/math.Log(base), logDegree))
	return v.fma(e, v.c(math.Ln2/math.Log(base)), y)
}

// log1pWide is without the limits.
func (v *isa) log1pWide(x vec) vec {
	u := v.add(x, v.c(1))
	e, f := v.split(u)
	near := v.compare(e, equal, v.c(0)) // there x has the digits that 1 + x lost
	f = v.choose(near, x, f)
	y := v.mul(f, v.log1pFit(f, 1, logDegree))
	return v.choose(near, y, v.fma(e, v.c(math.Ln2), y))
}

func (v *isa) log1pLimited(x vec) vec { return v.logLimits(x, v.log1pWide(x), -1) }

// logWide is FreeBSD's e_log.c.
func (v *isa) logWide(x vec) vec {
	small := v.compare(x, less, v.c(0x1p-1022))
	e, f := v.split(v.choose(small, v.mul(x, v.c(0x1p54)), x))
	e = v.choose(small, v.sub(e, v.c(54)), e)
	s := v.div(f, v.add(f, v.c(2)))
	z := v.mul(s, s)
	r := v.mul(z, v.polynomial(z, 1.479819860511658591e-01, 1.531383769920937332e-01,
		1.818357216161805012e-01, 2.222219843214978396e-01, 2.857142874366239149e-01,
		3.999999999940941908e-01, 6.666666666666735130e-01))
	half := v.mul(v.mul(f, f), v.c(0.5))
	y := v.fma(s, v.add(half, r), v.mul(e, v.c(1.90821492927058770002e-10)))
	y = v.sub(f, v.sub(half, y))
	return v.logLimits(x, v.fma(e, v.c(6.93147180369123816490e-01), y), 0)
}

// circle reduces x by quarter turns: t holds their number in its lowest bits, s and c are sine and
// cosine of the rest. The callers keep |x| below the limits that package cpu states.
func (v *isa) circle(x vec) (t, s, c vec) {
	const magic = 0x1.8p52
	t = v.fma(x, v.c(2/math.Pi), v.c(magic))
	n := v.sub(t, v.c(magic))
	r := v.fnma(n, v.c(math.Pi/2), x)
	r = v.fnma(n, v.c(6.123233995736766036e-17), r)
	if !v.short {
		r = v.fnma(n, v.c(-1.497384904859169777e-33), r)
	}
	z := v.mul(r, r)
	if v.short {
		const top = math.Pi * math.Pi / 16 * 1.0001
		s = v.mul(r, v.polynomial(z, fit(ofSquare(math.Sin), 0, top, 5)...))
		c = v.polynomial(z, fit(func(z float64) float64 { return math.Cos(math.Sqrt(z)) }, 0, top,
			5)...)
		return t, s, c
	}
	s = v.fma(v.mul(r, z), v.polynomial(z, 1.58962301576546568060e-10, -2.50507477628578072866e-8,
		2.75573136213857245213e-6, -1.98412698295895385996e-4, 8.33333333332211858878e-3,
		-1.66666666666666307295e-1), r)
	p := v.polynomial(z, -1.13585365213876817300e-11, 2.08757008419747316778e-9,
		-2.75573141792967388112e-7, 2.48015872888517045348e-5, -1.38888888888730564116e-3,
		4.16666666666665929218e-2)
	c = v.fma(v.mul(z, z), p, v.fnma(z, v.c(0.5), v.c(1)))
	return t, s, c
}

// odd tells where the lowest bit of t is set.
func (v *isa) odd(t vec) mask {
	if v.wide() {
		k := K()
		VPTESTMQ(v.word(1), t, k)
		return mask{k: k}
	}
	m := v.new()
	VPSLLQ(U8(63), t, m)
	return mask{m: m}
}

// turned gives sine and cosine of a rest the value of the sine t quarter turns ahead.
func (v *isa) turned(t, s, c vec) vec {
	y := v.choose(v.odd(t), c, s)
	sign := v.new()
	VPSLLQ(U8(62), t, sign)
	return v.xor(y, v.and(sign, v.sign()))
}

func (v *isa) sinWide(x vec) vec { return v.turned(v.circle(x)) }

func (v *isa) cosWide(x vec) vec {
	t, s, c := v.circle(x)
	VPADDQ(v.word(1), t, t)
	return v.turned(t, s, c)
}

func (v *isa) tanWide(x vec) vec {
	t, s, c := v.circle(x)
	odd := v.odd(t)
	y := v.div(v.choose(odd, c, s), v.choose(odd, s, c))
	sign := v.new()
	VPSLLQ(U8(63), t, sign)
	return v.xor(y, sign)
}

// arcsine returns p with asin|x| = p where |x| ≤ ½ and ½π − 2p where big.
func (v *isa) arcsine(x vec) (p vec, big mask) {
	a := v.abs(x)
	big = v.compare(a, greater, v.c(0.5))
	half := v.fnma(a, v.c(0.5), v.c(0.5))
	z := v.choose(big, half, v.mul(a, a))
	w := v.choose(big, v.sqrt(half), a)
	return v.mul(w, v.polynomial(z, fit(ofSquare(math.Asin), 0, 0.25, 9)...)), big
}

func (v *isa) asinWide(x vec) vec {
	p, big := v.arcsine(x)
	p = v.choose(big, v.fnma(p, v.c(2), v.c(math.Pi/2)), p)
	return v.copySign(p, x)
}

func (v *isa) acosWide(x vec) vec {
	p, big := v.arcsine(x)
	twice := v.add(p, p)
	far := v.where(x, less, v.c(0), v.sub(v.load(v.c(math.Pi)), twice), twice)
	near := v.sub(v.load(v.c(math.Pi/2)), v.xor(p, v.and(x, v.sign())))
	return v.choose(big, far, near)
}

// atanFit is the arctangent of w in [0, 1].
func (v *isa) atanFit(w vec) vec {
	return v.mul(w, v.polynomial(v.mul(w, w), fit(ofSquare(math.Atan), 0, 1, 12)...))
}

func (v *isa) atanWide(x vec) vec {
	a, unit := v.abs(x), v.load(v.c(1))
	steep := v.compare(a, greater, v.c(1))
	y := v.atanFit(v.div(v.choose(steep, unit, a), v.choose(steep, a, unit)))
	return v.copySign(v.choose(steep, v.sub(v.load(v.c(math.Pi/2)), y), y), x)
}

func (v *isa) atan2Wide(y, x vec) vec {
	ax, ay, unit := v.abs(x), v.abs(y), v.load(v.c(1))
	low, high := v.min(ax, ay), v.max(ax, ay)
	w := v.where(low, equal, high, unit, v.div(low, high)) // ∞/∞
	w = v.where(high, equal, v.c(0), high, w)
	r := v.atanFit(w)
	r = v.where(ay, greater, ax, v.sub(v.load(v.c(math.Pi/2)), r), r)
	r = v.where(v.copySign(unit, x), less, v.c(0), v.sub(v.load(v.c(math.Pi)), r), r)
	return v.where(x, unordered, y, v.add(x, y), v.copySign(r, y))
}

func (v *isa) sinhWide(x vec) vec {
	e := v.expm1Wide(v.abs(x))
	rest := v.where(e, less, v.c(1e30), v.div(e, v.add(e, v.c(1))), v.load(v.c(1))) // not ∞/∞
	return v.copySign(v.mul(v.add(e, rest), v.c(0.5)), x)
}

func (v *isa) coshWide(x vec) vec {
	e := v.expWide(v.abs(x))
	return v.mul(v.add(e, v.div(v.load(v.c(1)), e)), v.c(0.5))
}

// asinhWide is log(1 + a + a²/(1 + √(a²+1))), a = |x|.
func (v *isa) asinhWide(x vec) vec {
	a := v.abs(x)
	z := v.mul(a, a)
	y := v.add(a, v.div(z, v.add(v.sqrt(v.add(z, v.c(1))), v.c(1))))
	return v.copySign(v.log1pLimited(v.where(a, less, v.c(math.Inf(1)), y, a)), x)
}

// acoshWide is log(1 + t + √(t(t+2))), t = x − 1.
func (v *isa) acoshWide(x vec) vec {
	t := v.sub(x, v.c(1))
	y := v.log1pLimited(v.add(t, v.sqrt(v.mul(t, v.add(t, v.c(2))))))
	return v.where(x, less, v.c(1), v.load(v.c(math.NaN())), y)
}

// atanhWide is ½ log(1 + 2a/(1−a)), a = |x|.
func (v *isa) atanhWide(x vec) vec {
	a := v.abs(x)
	y := v.log1pLimited(v.div(v.add(a, a), v.sub(v.load(v.c(1)), a)))
	return v.copySign(v.mul(y, v.c(0.5)), x)
}

// erfcWide is e^(−a²)·p(t)/(1+2a), t = (a−4)/(a+4), a = |x|, and 2 minus that for negative x (Shepherd
// and Laframboise 1981).
func (v *isa) erfcWide(x vec) vec {
	a := v.atMost(v.abs(x), 26)
	up, two := v.add(a, v.c(4)), v.fma(a, v.c(2), v.c(1))
	inverse := v.div(v.load(v.c(1)), v.mul(up, two))
	t := v.mul(v.mul(v.sub(a, v.c(4)), two), inverse)
	p := v.polynomial(t, fit(func(t float64) float64 {
		a := 4 * (1 + t) / (1 - t)
		return math.Exp(a*a) * math.Erfc(a) * (1 + 2*a)
	}, -1, 0.5, 14)...)
	y := v.mul(v.mul(v.expWide(v.neg(v.mul(a, a))), p), v.mul(up, inverse))
	return v.where(x, less, v.c(0), v.sub(v.load(v.c(2)), y), y)
}

// softplusWide is max(x, 0) + log(1 + e^−|x|).
func (v *isa) softplusWide(x vec) vec {
	e := v.expWide(v.neg(v.abs(x)))
	p := v.polynomial(e, fit(func(e float64) float64 { return math.Log1p(e) / e }, 0, 1, 13)...)
	return v.fma(e, p, v.max(v.load(v.c(0)), x))
}

func (v *isa) sigmoidWide(x vec) vec {
	return v.div(v.load(v.c(1)), v.add(v.expWide(v.neg(x)), v.c(1)))
}

// tanhWide is a rational function below 0.625 and 1 − 2/(e²ˣ+1) above (Cephes tanh).
func (v *isa) tanhWide(x vec) vec {
	a, z := v.abs(x), v.mul(x, x)
	p := v.polynomial(z, -9.64399179425052238628e-1, -9.92877231001918586564e1,
		-1.61468768441708447952e3)
	q := v.polynomial(z, 1, 1.12811678491632931402e2, 2.23548839060100448583e3,
		4.84406305325125486048e3)
	near := v.fma(v.mul(x, z), v.div(p, q), x)
	e := v.add(v.expWide(v.add(a, a)), v.c(1))
	far := v.copySign(v.sub(v.load(v.c(1)), v.div(v.load(v.c(2)), e)), x)
	return v.where(a, less, v.c(0.625), near, far)
}

// powWide is 2^(y·log₂|x|) with the limits of C's pow.
func (v *isa) powWide(x, y vec) vec {
	e, f := v.split(v.abs(x))
	l := v.fma(f, v.log1pFit(f, math.Log2E, 13), e)
	return v.powOfLimits(x, y, v.expWide(v.mul(v.mul(y, l), v.c(math.Ln2))))
}
