package eager

import (
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// Complex dtypes: pairs of F32 and pairs of F64.
const (
	C64  = engine.C64
	C128 = engine.C128
)

// FromComplex128s returns a C128 tensor with a copy of data, row-major. No shape means a vector.
func FromComplex128s(data []complex128, shape ...int) *Tensor {
	return over("FromComplex128s", append([]complex128(nil), data...), shape)
}

// Complex returns re + i·im, which broadcast: C128 when one is F64, otherwise C64. Either may be a number.
func Complex(re, im any) *Tensor {
	a, b := operand("Complex", re), operand("Complex", im)
	d := op.CommonType([]op.Type{a.Type(), b.Type()})
	if d != F64 {
		d = F32
	}
	return apply1(op.Complex, nil, a.To(d), b.To(d))
}

// Polar returns the complex numbers of given magnitude and angle, in radians.
func Polar(magnitude, angle *Tensor) *Tensor {
	present("Polar", "magnitude", magnitude)
	present("Polar", "angle", angle)
	return Complex(magnitude.Mul(angle.Cos()), magnitude.Mul(angle.Sin()))
}

// IsComplex reports whether the elements are complex numbers.
func (x *Tensor) IsComplex() bool {
	x.must("IsComplex")
	return x.arr.DType.IsComplex()
}

// Complex128s returns a row-major copy of the elements.
func (x *Tensor) Complex128s() []complex128 {
	return engine.View[complex128](x.copyTo("Complex128s", C128))[:x.Numel()]
}

// Real returns the real parts of complex numbers, as a view; other tensors themselves.
func (x *Tensor) Real() *Tensor {
	x.must("Real")
	if !x.IsComplex() {
		return x
	}
	return apply1(op.Real, nil, x)
}

// Imag returns the imaginary parts of complex numbers, as a view.
func (x *Tensor) Imag() *Tensor { return apply1(op.Imag, nil, x) }

// ViewAsReal returns complex numbers [… ] as pairs [… 2] of real and imaginary part, as a view.
func (x *Tensor) ViewAsReal() *Tensor { return apply1(op.ViewAsReal, nil, x) }

// ViewAsComplex returns pairs [… 2] of real and imaginary part as complex numbers [… ], as a view where
// strides allow it.
func (x *Tensor) ViewAsComplex() *Tensor { return apply1(op.ViewAsComplex, nil, x) }

// Sgn returns x/|x|, and 0 at 0: Sign for complex numbers too.
func (x *Tensor) Sgn() *Tensor {
	x.must("Sgn")
	if !x.IsComplex() {
		return x.Sign()
	}
	r := x.Abs()
	return x.Div(Where(r.Eq(0), 1, r))
}

// adjoint is H, and T of other tensors.
func (x *Tensor) adjoint() *Tensor {
	if x.IsComplex() {
		return x.H()
	}
	return x.T()
}

// H returns the conjugate transpose of the last two axes.
func (x *Tensor) H() *Tensor { return x.T().Conj() }
