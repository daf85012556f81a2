package eager

import (
	"github.com/lathe-ml/lathe/engine/op"
)

// inPlace stores the result of an elementwise operator in x: x keeps its dtype, so that integers refuse
// fractions, and its shape, to which the other operand broadcasts. Views of x see it. It is recorded, also
// for what x is a view of, and other views of that. A leaf that requires a gradient can only be changed inside
// NoGrad. A value that the tape saved and that is changed makes Backward panic. Agrees with PyTorch.
func inPlace(d *op.Def, x *Tensor, other ...any) *Tensor {
	where := d.Method + "InPlace"
	x.must(where)
	in, converted := []*Tensor{x}, false
	for _, v := range other {
		y := operand(where, v)
		present(where, "operand", y)
		in = append(in, y)
		converted = converted || y.arr.DType != x.arr.DType && !y.weak
	}
	if converted {
		return x.become(where, d.Saves.In(0), func(x *Tensor) *Tensor {
			in[0] = x
			return apply1(d, nil, in...)
		})
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
	v := operand("MaskedFillInPlace", value)
	return x.become("MaskedFillInPlace", false, func(x *Tensor) *Tensor { return x.MaskedFill(mask, v) })
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

// SquareInPlace stores x² in x and returns x.
func (x *Tensor) SquareInPlace() *Tensor {
	x.must("SquareInPlace")
	return x.PowInPlace(2)
}

// LerpInPlace is Lerp, stored in x, which it returns.
func (x *Tensor) LerpInPlace(y *Tensor, weight any) *Tensor {
	return x.become("LerpInPlace", true, func(x *Tensor) *Tensor { return x.Lerp(y, weight) })
}

// ScatterInPlace is Scatter, stored in x, which it returns.
func (x *Tensor) ScatterInPlace(axis int, index, src *Tensor) *Tensor {
	return x.become("ScatterInPlace", false, func(x *Tensor) *Tensor { return x.Scatter(axis, index, src) })
}

// ScatterAddInPlace is ScatterAdd, stored in x, which it returns.
func (x *Tensor) ScatterAddInPlace(axis int, index, src *Tensor) *Tensor {
	return x.become("ScatterAddInPlace", false, func(x *Tensor) *Tensor { return x.ScatterAdd(axis, index, src) })
}

// ScatterReduceInPlace is ScatterReduce, stored in x, which it returns.
func (x *Tensor) ScatterReduceInPlace(axis int, index, src *Tensor, how string, self bool) *Tensor {
	return x.become("ScatterReduceInPlace", true, func(x *Tensor) *Tensor {
		return x.ScatterReduce(axis, index, src, how, self)
	})
}

// MaskedScatterInPlace is MaskedScatter, stored in x, which it returns.
func (x *Tensor) MaskedScatterInPlace(mask, src *Tensor) *Tensor {
	return x.become("MaskedScatterInPlace", false, func(x *Tensor) *Tensor { return x.MaskedScatter(mask, src) })
}

// IndexAddInPlace is IndexAdd, stored in x, which it returns.
func (x *Tensor) IndexAddInPlace(axis int, index, src *Tensor) *Tensor {
	return x.become("IndexAddInPlace", false, func(x *Tensor) *Tensor { return x.IndexAdd(axis, index, src) })
}

// IndexCopyInPlace is IndexCopy, stored in x, which it returns.
func (x *Tensor) IndexCopyInPlace(axis int, index, src *Tensor) *Tensor {
	return x.become("IndexCopyInPlace", false, func(x *Tensor) *Tensor { return x.IndexCopy(axis, index, src) })
}

// IndexFillInPlace is IndexFill, stored in x, which it returns.
func (x *Tensor) IndexFillInPlace(axis int, index *Tensor, value any) *Tensor {
	return x.become("IndexFillInPlace", false, func(x *Tensor) *Tensor { return x.IndexFill(axis, index, value) })
}

// IndexPutInPlace is IndexPut, stored in x, which it returns.
func (x *Tensor) IndexPutInPlace(values *Tensor, accumulate bool, index ...*Tensor) *Tensor {
	return x.become("IndexPutInPlace", false, func(x *Tensor) *Tensor { return x.IndexPut(values, accumulate, index...) })
}

// PutInPlace is Put, stored in x, which it returns.
func (x *Tensor) PutInPlace(index, src *Tensor, accumulate bool) *Tensor {
	return x.become("PutInPlace", false, func(x *Tensor) *Tensor { return x.Put(index, src, accumulate) })
}
