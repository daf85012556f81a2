package onnx

import "math"

// A smallFloat describes a float of at most 8 bits: sign, exponent, mantissa.
type smallFloat struct {
	exponent, mantissa int // bits
	bias               int
	infinite           bool // has ±Inf
	unsignedZero       bool // "UZ": one zero, and the pattern of −0 is NaN
	noNaN              bool // float4e2m1 has neither NaN nor Inf
}

var smallFloats = map[ElemType]smallFloat{
	Float8E4M3FN:   {exponent: 4, mantissa: 3, bias: 7},
	Float8E4M3FNUZ: {exponent: 4, mantissa: 3, bias: 8, unsignedZero: true},
	Float8E5M2:     {exponent: 5, mantissa: 2, bias: 15, infinite: true},
	Float8E5M2FNUZ: {exponent: 5, mantissa: 2, bias: 16, unsignedZero: true},
	Float4E2M1:     {exponent: 2, mantissa: 1, bias: 1, noNaN: true},
}

// value returns what the bits mean.
func (f smallFloat) value(bits uint8) float64 {
	signBit := uint8(1) << (f.exponent + f.mantissa)
	mag := bits & (signBit - 1)
	sign := 1.0
	if bits&signBit != 0 {
		sign = -1
	}
	if f.unsignedZero && bits == signBit {
		return math.NaN()
	}
	e, m := int(mag>>f.mantissa), int(mag)&(1<<f.mantissa-1)
	top := 1<<f.exponent - 1
	switch {
	case f.infinite && e == top && m == 0:
		return sign * math.Inf(1)
	case f.infinite && e == top:
		return math.NaN()
	case !f.infinite && !f.unsignedZero && !f.noNaN && mag == signBit-1:
		return math.NaN()
	case e == 0:
		return sign * math.Ldexp(float64(m), 1-f.bias-f.mantissa)
	}
	return sign * math.Ldexp(float64(1<<f.mantissa+m), e-f.bias-f.mantissa)
}

// most returns the greatest finite value.
func (f smallFloat) most() float64 {
	for b := uint8(1)<<(f.exponent+f.mantissa) - 1; ; b-- {
		if v := f.value(b); !math.IsNaN(v) && !math.IsInf(v, 0) {
			return v
		}
	}
}

// round returns the value of the format nearest to x, ties to even. Values beyond the greatest become that
// one when saturate is set, and otherwise Inf or, where the format has none, NaN.
func (f smallFloat) round(x float64, saturate bool) float64 {
	if math.IsNaN(x) || x == 0 {
		if f.noNaN && math.IsNaN(x) {
			return math.Copysign(0, -1) // as the conversion of the ONNX project has it
		}
		if f.unsignedZero && x == 0 {
			return 0
		}
		return x
	}
	most := f.most()
	over := func() float64 {
		switch {
		case saturate || f.noNaN:
			return math.Copysign(most, x)
		case f.infinite:
			return math.Copysign(math.Inf(1), x)
		}
		return math.NaN()
	}
	if math.IsInf(x, 0) {
		return over()
	}
	_, e := math.Frexp(x) // |x| in [2^(e−1), 2^e)
	ulp := max(e-1, 1-f.bias) - f.mantissa
	y := math.RoundToEven(math.Ldexp(x, -ulp))
	y = math.Ldexp(y, ulp)
	if math.Abs(y) > most {
		return over()
	}
	if f.unsignedZero && y == 0 {
		return 0
	}
	return y
}

// bitsOf returns the pattern of a value of the format.
func (f smallFloat) bitsOf(v float64) uint8 {
	signBit := uint8(1) << (f.exponent + f.mantissa)
	if math.IsNaN(v) {
		switch {
		case f.unsignedZero:
			return signBit
		case f.infinite:
			return signBit - 2 // 0x7e: the quiet NaN
		}
		return signBit - 1
	}
	lo, hi := 0, int(signBit)-1 // patterns of magnitudes ascend
	for lo < hi {
		mid := (lo + hi) / 2
		if w := f.value(uint8(mid)); w >= math.Abs(v) || math.IsNaN(w) {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	if math.Signbit(v) && !(f.unsignedZero && v == 0) {
		return uint8(lo) | signBit
	}
	return uint8(lo)
}

// scaleValue returns what a float8e8m0 pattern means: a power of two, or NaN.
func scaleValue(bits uint8) float64 {
	if bits == 0xff {
		return math.NaN()
	}
	return math.Ldexp(1, int(bits)-127)
}

// roundScale returns the power of two that float8e8m0 has for x: mode is "up", "down" or "nearest".
func roundScale(x float64, saturate bool, mode string) float64 {
	if math.IsNaN(x) {
		return x
	}
	least, most := math.Ldexp(1, -127), math.Ldexp(1, 127)
	x = math.Abs(x)
	if math.IsInf(x, 0) || x > most {
		if saturate {
			return most
		}
		return math.NaN()
	}
	if x <= least {
		return least
	}
	frac, e := math.Frexp(x) // x = frac·2^e, frac in [0.5, 1)
	lower := math.Ldexp(1, e-1)
	up := frac != 0.5 && (mode == "up" || mode == "nearest" && frac >= 0.75)
	if up && lower < most {
		return 2 * lower
	}
	if up && !saturate {
		return math.NaN()
	}
	return lower
}

func scaleBits(v float64) uint8 {
	if math.IsNaN(v) {
		return 0xff
	}
	_, e := math.Frexp(v)
	return uint8(e - 1 + 127)
}

// roundSmall rounds x to a type of fewer than 16 bits; mode matters for float8e8m0 alone.
func roundSmall(t ElemType, x float64, saturate bool, mode string) float64 {
	if t == Float8E8M0 {
		return roundScale(x, saturate, mode)
	}
	return smallFloats[t].round(x, saturate)
}

func smallValue(t ElemType, bits uint8) float64 {
	if t == Float8E8M0 {
		return scaleValue(bits)
	}
	return smallFloats[t].value(bits)
}

func smallBits(t ElemType, v float64) uint8 {
	if t == Float8E8M0 {
		return scaleBits(v)
	}
	return smallFloats[t].bitsOf(v)
}
