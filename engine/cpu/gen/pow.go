package main

import (
	"math"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// Powers of float32 for AVX-512: 2^(y·log₂|x|), of which the logarithm and the product are float64, because
// the exponential magnifies their error a hundredfold, and the rest of the exponential is float32.
//
// |x| = 2ᵉ·m with m in [¾, 1½), and a table divides that into sixteen parts by the highest bits of m: there
// m·w = 1 + r with |r| ≤ 1/16, and log₂|x| = e − log₂ w + log₂(1 + r). The factor w is such that log₂ w is
// a float32 to which a whole exponent adds without rounding, and 1 around 1, where the logarithm vanishes.

const (
	powShift  = 19 // of the bits of m, whose lowest four remain
	powDegree = 5  // of log₂(1 + r)/r
)

// powTable returns the factors w and the logarithms −log₂ w by the four bits of m.
func powTable() (w [16]float64, logs [16]float32) {
	for i := range 8 {
		for at, m := range map[int]float64{
			i:     1 + (float64(i)+0.5)/16,    // 1 … 1½
			i + 8: 0.75 + (float64(i)+0.5)/32, // ¾ … 1
		} {
			const unit = 0x1p15
			logs[at] = float32(math.Round(math.Log2(m)*unit) / unit)
			if at == 0 || at == 15 {
				logs[at] = 0
			}
			w[at] = math.Exp2(-float64(logs[at]))
		}
	}
	return w, logs
}

// pow is x^y with the limits of C's pow.
func (v *isa) pow(x, y vec) vec {
	d := &isa{suffix: v.suffix, lanes: v.lanes / 2, double: true, short: true}
	w, logs := powTable()
	low, high := d.table("pow_factors_low", w[:8]), d.table("pow_factors_high", w[8:])
	m, place, fraction, e := v.new(), v.new(), v.new(), v.new()
	VGETMANTPS(U8(7), x, m) // in [¾, 1½), without the sign
	VPSRLD(U8(powShift), m, place)
	VPERMPS(v.singles("pow_logs", logs[:]), place, fraction)
	VGETEXPPS(x, e)
	VGETEXPPS(m, place)
	e = v.add(v.sub(e, place), fraction)
	k := fit(func(r float64) float64 { return math.Log1p(r) / r / math.Ln2 }, -1.0/32, 1.0/16, powDegree)
	first := d.load(low)
	var whole, rest [2]Op
	for h := range 2 {
		md, ed, yd, r := d.new(), d.new(), d.new(), d.new()
		VCVTPS2PD(v.half(m, h), md)
		VCVTPS2PD(v.half(e, h), ed)
		VCVTPS2PD(v.half(y, h), yd)
		VPSRLQ(U8(powShift+29), md, r)
		VPERMI2PD(high, first, r)
		VFMSUB213PD(d.c(1), md, r)
		t := d.mul(d.fma(r, d.polynomial(r, k...), ed), yd)
		n := d.round(t, 8)
		whole[h], rest[h] = YMM(), YMM()
		VCVTPD2PS(n, whole[h])
		VCVTPD2PS(d.sub(t, n), rest[h])
	}
	n, f := v.joined(whole), v.joined(rest)
	p := v.polynomial(f, append(fit(func(f float64) float64 { return math.Expm1(f*math.Ln2) / f },
		-0.5, 0.5, 5), 1)...)
	return v.powLimits(x, y, v.scale(p, n))
}

// powLimits sets the powers r where x is not a positive number or y is not finite; it steps over that where
// there are none.
func (v *isa) powLimits(x, y, r vec) vec {
	const infinity = 0x7f800000
	before, special, wild := v.new(), K(), v.sub(y, y) // NaN where y is not finite
	VPSUBD(bits(1), x, before)
	VPCMPUD(U8(5), bits(infinity-1), before, special) // not below, without signs
	KORW(special, v.compare(wild, unordered, wild).k, special)
	KORTESTW(special, special)
	usual := "usual"
	if v.tail != nil {
		usual = "usualRest"
	}
	JE(LabelRef(usual))
	VMOVUPS(v.powOfLimits(x, y, r), r)
	Label(usual)
	return r
}

// powOfLimits sets the powers r of x that are not positive numbers, and of y that are not finite.
func (v *isa) powOfLimits(x, y, r vec) vec {
	a, unit := v.abs(x), v.load(v.c(1))
	edge := v.where(y, less, v.c(0), v.div(unit, a), a)
	r = v.where(a, equal, v.c(0), edge, r)
	r = v.where(a, equal, v.c(math.Inf(1)), edge, r)
	grows := v.max(v.where(a, greater, v.c(1), y, v.neg(y)), v.c(0))
	r = v.where(v.abs(y), equal, v.c(math.Inf(1)), grows, r)
	r = v.where(a, equal, v.c(1), unit, r)
	whole := v.compare(v.round(y, 11), equal, y)
	h := v.mul(y, v.c(0.5))
	odd := v.both(whole, v.compare(v.round(h, 11), notEqual, h))
	r = v.choose(odd, v.or(r, v.and(x, v.sign())), r)
	// a finite negative base and a fraction
	none := v.both(v.compare(x, less, v.c(0)), v.compare(x, greater, v.c(math.Inf(-1))))
	r = v.choose(whole, r, v.choose(none, v.load(v.c(math.NaN())), r))
	r = v.where(x, unordered, y, v.add(x, y), r)
	r = v.where(x, equal, v.c(1), unit, r)
	return v.where(y, equal, v.c(0), unit, r)
}

// joined returns the float32 of two halves.
func (v *isa) joined(halves [2]Op) vec {
	r := v.new()
	VINSERTF64X4(U8(1), halves[1], halves[0].(vec).AsZ(), r)
	return r
}

// table and singles return the read-only memory of numbers.
func (v *isa) table(name string, x []float64) Mem {
	if m, ok := tables[name]; ok {
		return m
	}
	m := GLOBL(name, attr.RODATA|attr.NOPTR)
	for i, f := range x {
		DATA(8*i, U64(math.Float64bits(f)))
	}
	tables[name] = m
	return m
}

func (v *isa) singles(name string, x []float32) Mem {
	if m, ok := tables[name]; ok {
		return m
	}
	m := GLOBL(name, attr.RODATA|attr.NOPTR)
	for i, f := range x {
		DATA(4*i, U32(math.Float32bits(f)))
	}
	tables[name] = m
	return m
}

var tables = map[string]Mem{}
