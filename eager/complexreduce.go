package eager

import (
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// Reductions, running results and convolutions of complex numbers, made of operators that take them.

// folded multiplies the elements of x over axes, nil for all, halves at a time.
func (x *Tensor) folded(axes []int) *Tensor {
	if axes == nil {
		for i := range x.Rank() {
			axes = append(axes, i)
		}
	}
	var kept []int
	for i := range x.Rank() {
		if !slices.Contains(axes, i) {
			kept = append(kept, i)
		}
	}
	shape := make([]int, len(kept))
	for i, a := range kept {
		shape[i] = x.arr.Shape[a]
	}
	n := 1
	for _, a := range axes {
		n *= x.arr.Shape[a]
	}
	y := x.Permute(slices.Concat(kept, axes)...).Reshape(append(slices.Clone(shape), n)...)
	if n == 0 {
		return full(x.arr.DType, 1, shape).onto(x.Device())
	}
	for n > 1 {
		h := n / 2
		z := y.Slice(-1, 0, h).Mul(y.Slice(-1, h, 2*h))
		if n%2 == 1 {
			z = Concat(-1, z, y.Slice(-1, n-1, n))
		}
		y, n = z, h+n%2
	}
	return y.Reshape(shape...)
}

// running combines each element of x along axis with all before it, in log₂ n steps.
func (x *Tensor) running(axis int, f func(x, y *Tensor) *Tensor) *Tensor {
	n := x.Size(axis)
	for d := 1; d < n; d *= 2 {
		x = Concat(axis, x.Slice(axis, 0, d), f(x.Slice(axis, d, n), x.Slice(axis, 0, n-d)))
	}
	return x
}

// runningOneByOne is running in n steps, for functions whose results depend on the order.
func (x *Tensor) runningOneByOne(axis int, f func(x, y *Tensor) *Tensor) *Tensor {
	if x.Size(axis) == 0 {
		return x.Clone()
	}
	parts := x.Split(axis, 1)
	for i := range len(parts) - 1 {
		parts[i+1] = f(parts[i+1], parts[i])
	}
	return Concat(axis, parts...)
}

// logSumExpC is LogSumExp: the largest real part is subtracted first.
func (x *Tensor) logSumExpC(axes []int) *Tensor {
	if x.Numel() == 0 {
		return x.Exp().Sum(axes...).Log()
	}
	if x.Rank() == 0 {
		return x.Reshape(1).logSumExpC(nil).Reshape()
	}
	var top *Tensor
	NoGrad(func() {
		top = x.Real().MaxKeep(axes...)
		top = Where(top.IsFinite(), top, 0)
	})
	y := x.Sub(top).Exp().SumKeep(axes...).Log().Add(top)
	return y.Sum(axes...) // without the axes of extent 1
}

// logAddExpC is LogAddExp: log(1 + e^(b − a)) + a, where a has the larger real part.
func logAddExpC(x, y *Tensor) *Tensor {
	var first *Tensor
	NoGrad(func() { first = x.Real().Ge(y.Real()) })
	a, b := Where(first, x, y), Where(first, y, x)
	return b.Sub(a).Exp().Log1p().Add(a)
}

// varianceC is the variance of the real parts and of the imaginary ones.
func (x *Tensor) varianceC(a op.VarianceAttrs) *Tensor {
	return apply1(op.Variance, a, x.Real()).Add(apply1(op.Variance, a, x.Imag()))
}

// Convolve applies the convolution d, op.Conv or op.ConvInputGrad, to x, w and a bias, or none. Those of complex
// numbers are made of convolutions of their parts.
func Convolve(d *op.Def, a op.ConvAttrs, in ...*Tensor) *Tensor {
	present(d.Name, "x", in[0])
	present(d.Name, "w", in[1])
	x, w := in[0], in[1]
	if !x.IsComplex() && !w.IsComplex() {
		return apply1(d, a, in...)
	}
	if !x.IsComplex() || !w.IsComplex() {
		engine.Fail(d.Name, "x is %v and w %v; want both complex", x.arr, w.arr)
	}
	f := func(x, w *Tensor) *Tensor { return apply1(d, a, x, w) }
	re := f(x.Real(), w.Real()).Sub(f(x.Imag(), w.Imag()))
	im := f(x.Real(), w.Imag()).Add(f(x.Imag(), w.Real()))
	y := Complex(re, im)
	if len(in) < 3 {
		return y
	}
	bias := ones(y.Rank())
	bias[1] = in[2].Numel()
	return y.Add(in[2].Reshape(bias...))
}
