package eager

import (
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

func (x *Tensor) reduce(d *op.Def, axes []int, keep bool) *Tensor {
	return apply1(d, op.ReduceAttrs{Axes: x.axes(d.Name, axes), Keep: keep}, x)
}

// Sum adds the elements over axes; without axes over all.
func (x *Tensor) Sum(axes ...int) *Tensor { return x.reduce(op.Sum, axes, false) }

// SumKeep is Sum that keeps reduced axes with extent 1.
func (x *Tensor) SumKeep(axes ...int) *Tensor { return x.reduce(op.Sum, axes, true) }

// Prod multiplies the elements over axes; without axes over all.
func (x *Tensor) Prod(axes ...int) *Tensor {
	x.must("Prod")
	if x.IsComplex() {
		return x.folded(x.axes("Prod", axes))
	}
	return x.reduce(op.Prod, axes, false)
}

// Max returns the largest element over axes; without axes over all. NaN wins.
// Equal largest elements share the gradient evenly.
func (x *Tensor) Max(axes ...int) *Tensor { return x.reduce(op.Max, axes, false) }

// MaxKeep is Max that keeps reduced axes with extent 1.
func (x *Tensor) MaxKeep(axes ...int) *Tensor { return x.reduce(op.Max, axes, true) }

// Min returns the smallest element over axes; without axes over all. NaN wins.
// Equal smallest elements share the gradient evenly.
func (x *Tensor) Min(axes ...int) *Tensor { return x.reduce(op.Min, axes, false) }

// MinKeep is Min that keeps reduced axes with extent 1.
func (x *Tensor) MinKeep(axes ...int) *Tensor { return x.reduce(op.Min, axes, true) }

// All reports whether every element over axes is nonzero, as Bool.
func (x *Tensor) All(axes ...int) *Tensor { return x.truth("All").reduce(op.All, axes, false) }

// Any reports whether some element over axes is nonzero, as Bool.
func (x *Tensor) Any(axes ...int) *Tensor { return x.truth("Any").reduce(op.Any, axes, false) }

// truth is where complex numbers are not 0; other tensors themselves.
func (x *Tensor) truth(where string) *Tensor {
	x.must(where)
	if x.IsComplex() {
		return x.Ne(0)
	}
	return x
}

// LogSumExp returns log Σ exp x over axes, stable for any finite x.
func (x *Tensor) LogSumExp(axes ...int) *Tensor {
	x.must("LogSumExp")
	if x.IsComplex() {
		return x.logSumExpC(x.axes("LogSumExp", axes))
	}
	return x.reduce(op.LogSumExp, axes, false)
}

// count returns the number of elements that a reduction over axes combines.
func (x *Tensor) count(where string, axes []int) int {
	if len(axes) == 0 {
		return x.Numel()
	}
	n := 1
	for _, a := range x.axes(where, axes) {
		n *= x.arr.Shape[a]
	}
	return n
}

func (x *Tensor) mean(axes []int, keep bool) *Tensor {
	x.must("Mean")
	if !x.arr.DType.IsFloat() && !x.arr.DType.IsComplex() {
		engine.Fail("Mean", "tensor %v is not floating-point; convert it with To(t.F32)", x.arr)
	}
	n := x.count("Mean", axes)
	return x.reduce(op.Sum, axes, keep).Div(float64(n))
}

// Mean returns the arithmetic mean over axes; without axes over all. Of no elements it is NaN.
func (x *Tensor) Mean(axes ...int) *Tensor { return x.mean(axes, false) }

// MeanKeep is Mean that keeps reduced axes with extent 1.
func (x *Tensor) MeanKeep(axes ...int) *Tensor { return x.mean(axes, true) }

// Variance returns Σ(x−mean)²/(n−correction) over axes; correction 1 is the unbiased estimate, 0 the
// population variance. n ≤ correction gives NaN or Inf, as in PyTorch. Of complex numbers it is real: Σ|x−mean|².
func (x *Tensor) Variance(correction float64, keep bool, axes ...int) *Tensor {
	a := op.VarianceAttrs{Axes: x.axes("Var", axes), Keep: keep, Correction: correction}
	if x.IsComplex() {
		return x.varianceC(a)
	}
	return apply1(op.Variance, a, x)
}

// Var returns the unbiased variance over axes; without axes over all.
func (x *Tensor) Var(axes ...int) *Tensor { return x.Variance(1, false, axes...) }

// Std returns the unbiased standard deviation over axes; without axes over all.
func (x *Tensor) Std(axes ...int) *Tensor {
	v := x.Var(axes...)
	if !v.RequiresGrad() {
		return v.Sqrt()
	}
	flat := v.Eq(0) // where the root has no slope, the gradient is 0
	return Where(flat, 0, Where(flat, 1, v).Sqrt())
}

// Norm returns the Euclidean norm √Σx² over axes; without axes over all. The gradient at 0 is 0.
func (x *Tensor) Norm(axes ...int) *Tensor { return x.reduce(op.Norm, axes, false) }

// ArgMax returns the index of the first largest element along axis as I64.
func (x *Tensor) ArgMax(axis int) *Tensor {
	return apply1(op.ArgMax, op.AxisAttrs{Axis: x.axis("ArgMax", axis)}, x)
}

// ArgMin returns the index of the first smallest element along axis as I64.
func (x *Tensor) ArgMin(axis int) *Tensor {
	return apply1(op.ArgMin, op.AxisAttrs{Axis: x.axis("ArgMin", axis)}, x)
}

// CumSum returns the running sum along axis.
func (x *Tensor) CumSum(axis int) *Tensor {
	return apply1(op.CumSum, op.AxisAttrs{Axis: x.axis("CumSum", axis)}, x)
}

// Softmax returns exp x / Σ exp x along axis, stable for any finite x.
func (x *Tensor) Softmax(axis int) *Tensor {
	return apply1(op.Softmax, op.AxisAttrs{Axis: x.axis("Softmax", axis)}, x)
}

// LogSoftmax returns x − log Σ exp x along axis, stable for any finite x.
func (x *Tensor) LogSoftmax(axis int) *Tensor {
	return apply1(op.LogSoftmax, op.AxisAttrs{Axis: x.axis("LogSoftmax", axis)}, x)
}
