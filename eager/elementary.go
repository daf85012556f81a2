package eager

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/engine/op"
)

// Elementary functions that are one or two operators.

// Exp2 returns 2ˣ.
func (x *Tensor) Exp2() *Tensor { x.must("Exp2"); return x.Mul(math.Ln2).Exp() }

// Log2 returns the logarithm of x to base 2.
func (x *Tensor) Log2() *Tensor { return x.Log().Div(math.Ln2) }

// Log10 returns the logarithm of x to base 10.
func (x *Tensor) Log10() *Tensor { return x.Log().Div(math.Ln10) }

// Frac returns x − trunc x.
func (x *Tensor) Frac() *Tensor { return x.Sub(x.Trunc()) }

// Radians returns x degrees in radians.
func (x *Tensor) Radians() *Tensor { x.must("Radians"); return x.Mul(math.Pi / 180) }

// Degrees returns x radians in degrees.
func (x *Tensor) Degrees() *Tensor { x.must("Degrees"); return x.Mul(180 / math.Pi) }

// IsInf is true where x is ±Inf.
func (x *Tensor) IsInf() *Tensor { return x.Detach().Abs().Eq(math.Inf(1)) }

// IsFinite is true where x is neither ±Inf nor NaN.
func (x *Tensor) IsFinite() *Tensor { return x.Detach().Abs().Lt(math.Inf(1)) }

// IsReal is true where x has no imaginary part: everywhere, unless x is complex.
func (x *Tensor) IsReal() *Tensor {
	x.must("IsReal")
	if x.IsComplex() {
		return x.Detach().Imag().Eq(0)
	}
	return full(Bool, 1, x.arr.Shape).onto(x.Device())
}

// RoundTo rounds x to decimals places after the point, or before it when negative; ties go to even. The
// gradient is 0. Agrees with torch.round, decimals.
func (x *Tensor) RoundTo(decimals int) *Tensor {
	x.must("RoundTo")
	switch scale := math.Pow(10, math.Abs(float64(decimals))); {
	case decimals == 0 || !x.arr.DType.IsFloat():
		return x.Round()
	case decimals < 0:
		return x.Div(scale).Round().Mul(scale)
	default:
		return x.Mul(scale).Round().Div(scale)
	}
}

// NaNToNum returns x with NaN, Inf and −Inf replaced: by 0 and the greatest and least number of the dtype,
// or by the numbers of values, in this order. Agrees with torch.nan_to_num.
func (x *Tensor) NaNToNum(values ...float64) *Tensor {
	x.must("NaNToNum")
	if len(values) > 3 {
		engine.Fail("NaNToNum", "%d values; want at most three, for NaN, Inf and −Inf", len(values))
	}
	d := x.arr.DType
	if !d.IsFloat() {
		return x.Clone()
	}
	most := map[engine.DType]float64{
		F64: math.MaxFloat64, F32: math.MaxFloat32, F16: 65504, BF16: 0x1.fep127,
	}[d]
	by := append(append([]float64(nil), values...), []float64{0, most, -most}[len(values):]...)
	y := Where(x.IsNaN(), by[0], x)
	y = Where(x.Eq(math.Inf(1)), by[1], y)
	return Where(x.Eq(math.Inf(-1)), by[2], y)
}

// Frexp splits x into mantissa·2^exponent: the mantissa in ±[½, 1), the exponent I32.
// Agrees with torch.frexp.
func (x *Tensor) Frexp() (mantissa, exponent *Tensor) {
	x.must("Frexp")
	r := Apply(op.Frexp, nil, x)
	return r[0], r[1]
}

// LogAddExp returns log(eˣ + eʸ) without overflow; y is a tensor or a number.
func (x *Tensor) LogAddExp(y any) *Tensor {
	x.must("LogAddExp")
	a, b := broadcast("LogAddExp", x, operand("LogAddExp", y).onto(x.Device()))
	if a.IsComplex() || b.IsComplex() {
		return logAddExpC(a, b)
	}
	return Stack(0, a, b).LogSumExp(0)
}

// LogAddExp2 returns log₂(2ˣ + 2ʸ) without overflow; y is a tensor or a number.
func (x *Tensor) LogAddExp2(y any) *Tensor {
	x.must("LogAddExp2")
	return x.Mul(math.Ln2).LogAddExp(operand("LogAddExp2", y).Mul(math.Ln2)).Div(math.Ln2)
}

// Lerp returns x + weight·(y − x); weight is a tensor or a number.
func (x *Tensor) Lerp(y *Tensor, weight any) *Tensor {
	x.must("Lerp")
	present("Lerp", "y", y)
	return x.Add(y.Sub(x).Mul(weight))
}

// AddMul returns x + s·a·b. Agrees with torch.addcmul.
func (x *Tensor) AddMul(a, b *Tensor, s any) *Tensor { return x.Add(a.Mul(b).Mul(s)) }

// AddDiv returns x + s·a/b. Agrees with torch.addcdiv.
func (x *Tensor) AddDiv(a, b *Tensor, s any) *Tensor { return x.Add(a.Div(b).Mul(s)) }

// NextAfter returns the number of x's dtype, F32 or F64, that follows x in the direction of y, a tensor or a
// number. The gradient is that of x. Agrees with torch.nextafter.
func (x *Tensor) NextAfter(y any) *Tensor {
	x.must("NextAfter")
	a, b := broadcast("NextAfter", x, operand("NextAfter", y))
	d := op.CommonType([]op.Type{x.Type(), operand("NextAfter", y).Type()})
	a, b = a.To(d), b.To(d)
	z := engine.NewArray(d, a.arr.Shape)
	from, to := a.Detach().onto(nil), b.Detach().onto(nil)
	if err := cpu.NextAfter.Run(z, from.arr, to.arr); err != nil {
		engine.Fail("NextAfter", "%v and %v: %v", a.arr, b.arr, err)
	}
	return a.Add(FromArray(z).onto(a.Device()).Sub(a.Detach())) // the difference of neighbours is exact
}
