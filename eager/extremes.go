package eager

import "math"

// FMax returns the larger of x and y, a tensor or a number; the other one where one is NaN. x gets the
// gradient of equal elements.
func (x *Tensor) FMax(y any) *Tensor {
	x.must("FMax")
	z := operand("FMax", y)
	return Where(x.Ge(z).Or(z.IsNaN()), x, z)
}

// FMin returns the smaller of x and y, a tensor or a number; the other one where one is NaN. x gets the
// gradient of equal elements.
func (x *Tensor) FMin(y any) *Tensor {
	x.must("FMin")
	z := operand("FMin", y)
	return Where(x.Le(z).Or(z.IsNaN()), x, z)
}

// Heaviside returns 0 where x is negative, 1 where it is positive, and y, a tensor or a number, where it is
// 0; NaN where x is. Has no gradient.
func (x *Tensor) Heaviside(y any) *Tensor {
	x.must("Heaviside")
	d := x.Detach()
	z := operand("Heaviside", y).Detach()
	step := d.Gt(0).To(d.arr.DType)
	if d.arr.DType.IsFloat() {
		step = Where(d.IsNaN(), math.NaN(), step)
	}
	return Where(d.Eq(0), z, step)
}

// Ldexp returns x·2ʸ; y is a tensor or a number. Integers give floats.
func (x *Tensor) Ldexp(y any) *Tensor {
	x.must("Ldexp")
	return x.Mul(weak(2.0).Pow(operand("Ldexp", y)))
}
