package eager

import (
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// inPlace stores the result of an elementwise operator in x: x keeps its dtype, so that integers refuse
// fractions, and its shape, to which the other operand broadcasts. Views of x see it. Nothing is recorded:
// inside a computation that is, x and y must not require a gradient; use the method without InPlace there, or
// NoGrad. A value that the tape saved and that is changed makes Backward panic.
func inPlace(d *op.Def, x *Tensor, other ...any) *Tensor {
	where := d.Method + "InPlace"
	x.must(where)
	in := []*Tensor{x}
	for _, v := range other {
		y := operand(where, v)
		if y.requires && gradEnabled() {
			engine.Fail(where, "operand %v requires a gradient, which x would not pass on; use %s, or NoGrad", y.arr,
				d.Method)
		}
		in = append(in, y)
	}
	ApplyInPlace(d, nil, in...)
	return x
}

// FillInPlace sets every element of x to v and returns x.
func (x *Tensor) FillInPlace(v float64) *Tensor { x.Assign(v); return x }

// ZeroInPlace sets every element of x to 0 and returns x.
func (x *Tensor) ZeroInPlace() *Tensor { return x.FillInPlace(0) }

// ClampInPlace bounds every element of x to [lo, hi] and returns x.
func (x *Tensor) ClampInPlace(lo, hi float64) *Tensor {
	x.must("ClampInPlace")
	ApplyInPlace(op.Clamp, op.ClampAttrs{Lo: lo, Hi: hi}, x)
	return x
}

// MaskedFillInPlace sets the elements of x where mask is true to value and returns x.
func (x *Tensor) MaskedFillInPlace(mask *Tensor, value any) *Tensor {
	x.must("MaskedFillInPlace")
	present("MaskedFillInPlace", "mask", mask)
	x.SetMask(value, mask)
	return x
}

// UniformInPlace fills x with draws from [lo, hi) and returns x.
func (x *Tensor) UniformInPlace(lo, hi float64) *Tensor {
	x.must("UniformInPlace")
	x.Assign(Uniform(lo, hi, x.arr.Shape...))
	return x
}

// NormalInPlace fills x with draws from a normal distribution and returns x.
func (x *Tensor) NormalInPlace(mean, std float64) *Tensor {
	x.must("NormalInPlace")
	x.Assign(Normal(mean, std, x.arr.Shape...))
	return x
}
