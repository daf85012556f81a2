package cpu

import (
	"math"
	"math/cmplx"

	"github.com/lathe-ml/lathe/engine"
)

// Complex numbers are pairs of floats, real part first. What is linear runs on the pairs; elementwise
// functions are those of math/cmplx.

type complexes interface{ complex64 | complex128 }

// partType is the dtype of the parts of a complex dtype.
func partType(t engine.DType) engine.DType {
	if t == engine.C64 {
		return engine.F32
	}
	return engine.F64
}

// Pairs returns the view of a complex array as floats, with a last axis of real and imaginary part.
func Pairs(a engine.Array) engine.Array {
	y := engine.Array{DType: partType(a.DType), Offset: 2 * a.Offset, Buf: a.Buf}
	y.Shape = append(a.Shape.Clone(), 2)
	for _, s := range a.Strides {
		y.Strides = append(y.Strides, 2*s)
	}
	y.Strides = append(y.Strides, 1)
	return y
}

// RealPart returns the view of the real parts of a complex array.
func RealPart(a engine.Array) engine.Array { return component(a, 0) }

// ImagPart returns the view of the imaginary parts of a complex array.
func ImagPart(a engine.Array) engine.Array { return component(a, 1) }

func component(a engine.Array, i int) engine.Array {
	y := Pairs(a)
	n := len(a.Shape)
	y.Shape, y.Strides, y.Offset = y.Shape[:n:n], y.Strides[:n:n], y.Offset+i
	return y
}

// FromPairs returns the complex view of an array of floats whose last axis has extent 2; false where its
// strides do not allow one.
func FromPairs(a engine.Array) (engine.Array, bool) {
	n := len(a.Shape) - 1
	y := engine.Array{DType: engine.C128, Shape: a.Shape[:n:n], Offset: a.Offset / 2, Buf: a.Buf}
	if a.DType == engine.F32 {
		y.DType = engine.C64
	}
	ok := a.Strides[n] == 1 && a.Offset%2 == 0
	for _, s := range a.Strides[:n] {
		ok = ok && s%2 == 0
		y.Strides = append(y.Strides, s/2)
	}
	return y, ok
}

// liftC completes v for complex numbers with f; those of complex64 are rounded once.
func liftC(v *Vec1, f func(x complex128) complex128) {
	v.C128 = map1(f)
	v.C64 = func(d, x []complex64) {
		for i, c := range x {
			d[i] = complex64(f(complex128(c)))
		}
	}
}

func liftC2(v *Vec2, f func(x, y complex128) complex128) {
	v.C128 = map2(f)
	v.C64 = func(d, x, y []complex64) {
		for i := range d {
			d[i] = complex64(f(complex128(x[i]), complex128(y[i])))
		}
	}
}

// Conj is the complex conjugate.
var Conj = &Vec1{Name: "Conj"}

func init() {
	for v, f := range map[*Vec1]func(complex128) complex128{
		Exp: cmplx.Exp, Log: cmplx.Log, Sqrt: cmplx.Sqrt, Sin: cmplx.Sin, Cos: cmplx.Cos, Tan: cmplx.Tan,
		Sinh: cmplx.Sinh, Cosh: cmplx.Cosh, Tanh: cmplx.Tanh, Asin: cmplx.Asin, Acos: cmplx.Acos,
		Atan: cmplx.Atan, Asinh: cmplx.Asinh, Acosh: cmplx.Acosh, Atanh: cmplx.Atanh,
		Neg:        func(x complex128) complex128 { return -x },
		Conj:       cmplx.Conj,
		Square:     func(x complex128) complex128 { return x * x },
		Reciprocal: func(x complex128) complex128 { return 1 / x },
		Rsqrt:      func(x complex128) complex128 { return 1 / cmplx.Sqrt(x) },
		Expm1:      func(x complex128) complex128 { return cmplx.Exp(x) - 1 },
		Log1p:      func(x complex128) complex128 { return cmplx.Log(1 + x) },
		Sigmoid:    func(x complex128) complex128 { return 1 / (1 + cmplx.Exp(-x)) },
	} {
		liftC(v, f)
	}
	Add.C64, Add.C128 = addC[complex64], addC[complex128]
	Sub.C64, Sub.C128 = subC[complex64], subC[complex128]
	Mul.C64, Mul.C128 = mulC[complex64], mulC[complex128]
	liftC2(Div, func(x, y complex128) complex128 { return x / y })
	liftC2(Pow, cmplx.Pow)
	Eq.C128, Ne.C128 = equalC[complex128](1), equalC[complex128](0)
	Eq.C64, Ne.C64 = equalC[complex64](1), equalC[complex64](0)
}

func addC[T complexes](d, x, y []T) {
	for i := range d {
		d[i] = x[i] + y[i]
	}
}

func subC[T complexes](d, x, y []T) {
	for i := range d {
		d[i] = x[i] - y[i]
	}
}

func mulC[T complexes](d, x, y []T) {
	for i := range d {
		d[i] = x[i] * y[i]
	}
}

func equalC[T complexes](same uint8) func(d []uint8, x, y []T) {
	return func(d []uint8, x, y []T) {
		for i := range d {
			d[i] = 1 - same
			if x[i] == y[i] {
				d[i] = same
			}
		}
	}
}

// Magnitude computes dst = |x| of a complex x.
func Magnitude(dst, x engine.Array) error { return toReal("Abs", dst, x, cmplx.Abs) }

// Phase computes the angle of a complex x, in (−π, π].
func Phase(dst, x engine.Array) error { return toReal("Angle", dst, x, cmplx.Phase) }

func toReal(name string, dst, x engine.Array, f func(complex128) float64) error {
	if !x.DType.IsComplex() || dst.DType != partType(x.DType) {
		return unsupported(name, x.DType)
	}
	if x.DType == engine.C64 {
		run1(func(d []float32, x []complex64) {
			for i, v := range x {
				d[i] = float32(f(complex128(v)))
			}
		}, &dst, &x, grainOf(8))
		return nil
	}
	run1(func(d []float64, x []complex128) {
		for i, v := range x {
			d[i] = f(v)
		}
	}, &dst, &x, grainOf(8))
	return nil
}

// RealAngle is the angle of a real number: π below 0, else 0; NaN for NaN.
var RealAngle = Lift1("Angle", func(x float64) float64 {
	switch {
	case x < 0:
		return math.Pi
	case x != x:
		return x
	}
	return 0
})

// matmulComplex computes dst = a·b from the products of the parts.
func matmulComplex(dst, a, b engine.Array, e Epilogue) error {
	if e.Bias.Buf != nil || e.ReLU || e.Accumulate || e.Alpha != 1 {
		return unsupported("MatMul with an epilogue", dst.DType)
	}
	t := engine.Zeros(partType(dst.DType), dst.Shape)
	ar, ai, br, bi := RealPart(a), ImagPart(a), RealPart(b), ImagPart(b)
	must(MatMul(t, ar, br, Epilogue{}))
	must(MatMul(t, ai, bi, Epilogue{Accumulate: true, Alpha: -1}))
	must(Copy(RealPart(dst), t))
	must(MatMul(t, ar, bi, Epilogue{}))
	must(MatMul(t, ai, br, Epilogue{Accumulate: true}))
	return Copy(ImagPart(dst), t)
}
