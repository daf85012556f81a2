package cpu

import "math"

// Lift1 makes a Vec1 for F32 and F64 of a function of one number; F32 is computed in float64 and
// rounded once.
func Lift1(name string, f func(x float64) float64) *Vec1 {
	return &Vec1{Name: name, Cost: 8, F64: map1(f), F32: func(d, x []float32) {
		for i, v := range x {
			d[i] = float32(f(float64(v)))
		}
	}}
}

// Lift2 makes a Vec2 for F32 and F64 of a function of two numbers; F32 is computed in float64 and
// rounded once.
func Lift2(name string, f func(x, y float64) float64) *Vec2 {
	return &Vec2{Name: name, Cost: 8, F64: map2(f), F32: lift32(f)}
}

func map1[T any](f func(T) T) func(d, x []T) {
	return func(d, x []T) {
		for i, v := range x {
			d[i] = f(v)
		}
	}
}

func map2[T any](f func(x, y T) T) func(d, x, y []T) {
	return func(d, x, y []T) {
		x, y = x[:len(d)], y[:len(d)]
		for i := range d {
			d[i] = f(x[i], y[i])
		}
	}
}

func lift32(f func(x, y float64) float64) func(d, x, y []float32) {
	return func(d, x, y []float32) {
		x, y = x[:len(d)], y[:len(d)]
		for i := range d {
			d[i] = float32(f(float64(x[i]), float64(y[i])))
		}
	}
}

// Functions of one float. NaN gives NaN; infinities, zeros and subnormal numbers are those of C's
// library, as in PyTorch. The error in float32 is at most 0.51 units of the last place (portable code
// and what SIMD computes in float64), except in SIMD: Exp and Log 1, Rsqrt and Tanh 1.5, Erf 2.5. In
// float64 it is that of Go's math package; SIMD forms of Exp, Log, Sin, Cos and Tanh stay within 2.
var (
	Reciprocal = Lift1("Reciprocal", func(x float64) float64 { return 1 / x })
	Sqrt       = Lift1("Sqrt", math.Sqrt)
	Rsqrt      = Lift1("Rsqrt", func(x float64) float64 { return 1 / math.Sqrt(x) })
	Exp        = Lift1("Exp", math.Exp)
	Exp2       = Lift1("Exp2", math.Exp2)
	Expm1      = Lift1("Expm1", math.Expm1)
	Log        = Lift1("Log", math.Log)
	Log1p      = Lift1("Log1p", math.Log1p)
	Log2       = Lift1("Log2", math.Log2)
	Log10      = Lift1("Log10", math.Log10)
	Sin        = Lift1("Sin", math.Sin)
	Cos        = Lift1("Cos", math.Cos)
	Tan        = Lift1("Tan", math.Tan)
	Asin       = Lift1("Asin", math.Asin)
	Acos       = Lift1("Acos", math.Acos)
	Atan       = Lift1("Atan", math.Atan)
	Sinh       = Lift1("Sinh", math.Sinh)
	Cosh       = Lift1("Cosh", math.Cosh)
	Tanh       = Lift1("Tanh", math.Tanh)
	Asinh      = Lift1("Asinh", math.Asinh)
	Acosh      = Lift1("Acosh", math.Acosh)
	Atanh      = Lift1("Atanh", math.Atanh)
	Erf        = Lift1("Erf", math.Erf)
	Erfc       = Lift1("Erfc", math.Erfc)
	Floor      = rounding("Floor", math.Floor)
	Ceil       = rounding("Ceil", math.Ceil)
	Trunc      = rounding("Trunc", math.Trunc)
	// Round rounds halves to even.
	Round = rounding("Round", math.RoundToEven)
)

// rounding is the identity on integers.
func rounding(name string, f func(float64) float64) *Vec1 {
	v := Lift1(name, f)
	v.Cost = 2
	v.I64, v.I32, v.I16 = copySlice[int64], copySlice[int32], copySlice[int16]
	v.I8, v.U8 = copySlice[int8], copySlice[uint8]
	return v
}
