package cpu

import "math"

// Functions of two operands that look at the representation of numbers.
var (
	// CopySign is |x| with the sign of y.
	CopySign = Lift2("CopySign", math.Copysign)
	// NextAfter is the next number after x in the direction of y.
	NextAfter = &Vec2{Name: "NextAfter", Cost: 8, F64: map2(math.Nextafter), F32: map2(math.Nextafter32)}
	// GCD is the greatest common divisor, ≥ 0; that of 0 and 0 is 0.
	GCD = &Vec2{
		Name: "GCD", Cost: 32, I64: map2(gcd[int64]), I32: map2(gcd[int32]), I16: map2(gcd[int16]),
		I8: map2(gcd[int8]), U8: map2(gcd[uint8]),
	}
	// LCM is the least common multiple, ≥ 0; 0 where an operand is 0.
	LCM = &Vec2{
		Name: "LCM", Cost: 32, I64: map2(lcm[int64]), I32: map2(lcm[int32]), I16: map2(lcm[int16]),
		I8: map2(lcm[int8]), U8: map2(lcm[uint8]),
	}
	// ShiftLeft is x·2ʸ, wrapped; 0 where y is negative or not below the number of bits.
	ShiftLeft = &Vec2{
		Name: "ShiftLeft", I64: shiftLeft[int64](64), I32: shiftLeft[int32](32), I16: shiftLeft[int16](16),
		I8: shiftLeft[int8](8), U8: shiftLeft[uint8](8),
	}
	// ShiftRight is ⌊x/2ʸ⌋; all bits are that of the sign where y is negative or not below the number of bits.
	ShiftRight = &Vec2{
		Name: "ShiftRight", I64: shiftRight[int64](64), I32: shiftRight[int32](32), I16: shiftRight[int16](16),
		I8: shiftRight[int8](8), U8: shiftRight[uint8](8),
	}
	// SignBit is true for negative numbers and −0.
	SignBit = &Pred1{
		Name: "SignBit",
		F32:  pred1(func(x float32) bool { return math.Signbit(float64(x)) }),
		F64:  pred1(math.Signbit), I64: pred1(negative[int64]), I32: pred1(negative[int32]),
		I16: pred1(negative[int16]), I8: pred1(negative[int8]), U8: pred1(negative[uint8]),
	}
	// Mantissa is x scaled by a power of 2 to ±[½, 1).
	Mantissa = Lift1("Mantissa", func(x float64) float64 { m, _ := math.Frexp(x); return m })
	// Exponent is the power of 2 that Mantissa left out.
	Exponent = Lift1("Exponent", func(x float64) float64 { _, e := math.Frexp(x); return float64(e) })
)

func gcd[T integer](x, y T) T {
	for y != 0 {
		x, y = y, x%y
	}
	return absInt(x)
}

func lcm[T integer](x, y T) T {
	g := gcd(x, y)
	if g == 0 {
		return 0
	}
	return absInt(x / g * y)
}

func shiftLeft[T integer](bits T) func(d, x, y []T) {
	return map2(func(x, y T) T {
		if y < 0 || y >= bits {
			return 0
		}
		return x << y
	})
}

func shiftRight[T integer](bits T) func(d, x, y []T) {
	return map2(func(x, y T) T {
		if y < 0 || y >= bits {
			y = bits - 1
			if T(0)-1 > 0 { // unsigned: no sign to repeat
				return 0
			}
		}
		return x >> y
	})
}

func negative[T integer](x T) bool { return x < 0 }

func pred1[T any](f func(x T) bool) func(d []uint8, x []T) {
	return func(d []uint8, x []T) {
		for i, v := range x {
			d[i] = bit(f(v))
		}
	}
}
