package eager

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
)

// Masked is a tensor of which only some elements count in its methods.
type Masked struct{ x, mask *Tensor }

// Masked returns a view of x whose reductions leave out the elements where mask is false; mask broadcasts
// to x's shape, nil leaves out nothing.
//
//	mean := x.Masked(valid).Mean(1)
func (x *Tensor) Masked(mask *Tensor) Masked {
	x.must("Masked")
	if mask == nil {
		mask = full(Bool, 1, x.arr.Shape).onto(x.Device())
	}
	s, err := engine.Broadcast(x.arr.Shape, mask.arr.Shape)
	if err != nil || !s.Equal(x.arr.Shape) {
		engine.Fail("Masked", "mask %v does not broadcast to %v", mask.arr, x.arr)
	}
	return Masked{x, mask.Expand(s...)}
}

// Filled returns the tensor with v in place of the elements left out; of integers, which have no
// infinities, the greatest or least stands for one.
func (m Masked) Filled(v float64) *Tensor {
	switch d := m.x.arr.DType; {
	case d.IsFloat():
		return Where(m.mask, m.x, v)
	case math.IsInf(v, 1):
		return Where(m.mask, m.x, outermost(d, false))
	case math.IsInf(v, -1):
		return Where(m.mask, m.x, outermost(d, true))
	}
	return Where(m.mask, m.x, int(v))
}

// outermost is the least or greatest number of a type of integers.
func outermost(d engine.DType, least bool) int {
	bits := 8*d.Size() - 1
	switch {
	case d == Bool || d == U8:
		if least {
			return 0
		}
		return map[engine.DType]int{Bool: 1, U8: 255}[d]
	case least:
		return -1 << bits
	}
	return 1<<bits - 1
}

// Count returns the number of elements that count over axes (I64).
func (m Masked) Count(axes ...int) *Tensor { return m.mask.Sum(axes...) }

// Sum adds up over axes; without axes over all.
func (m Masked) Sum(axes ...int) *Tensor { return m.Filled(0).Sum(axes...) }

// Prod multiplies over axes; without axes over all.
func (m Masked) Prod(axes ...int) *Tensor { return m.Filled(1).Prod(axes...) }

// Mean returns the arithmetic mean over axes; NaN of nothing.
func (m Masked) Mean(axes ...int) *Tensor { return m.Sum(axes...).Div(m.Count(axes...)) }

// Max returns the largest element over axes; −Inf of nothing, of integers the least one.
func (m Masked) Max(axes ...int) *Tensor { return m.Filled(math.Inf(-1)).Max(axes...) }

// Min returns the smallest element over axes; Inf of nothing, of integers the greatest one.
func (m Masked) Min(axes ...int) *Tensor { return m.Filled(math.Inf(1)).Min(axes...) }

// ArgMax returns the index of the largest element along axis.
func (m Masked) ArgMax(axis int) *Tensor { return m.Filled(math.Inf(-1)).ArgMax(axis) }

// ArgMin returns the index of the smallest element along axis.
func (m Masked) ArgMin(axis int) *Tensor { return m.Filled(math.Inf(1)).ArgMin(axis) }

// LogSumExp returns log Σ exp x over axes.
func (m Masked) LogSumExp(axes ...int) *Tensor { return m.Filled(math.Inf(-1)).LogSumExp(axes...) }

// VectorNorm returns the p-norm over axes.
func (m Masked) VectorNorm(p float64, axes ...int) *Tensor {
	if p < 0 {
		return m.Filled(math.Inf(1)).VectorNorm(p, axes...)
	}
	return m.Filled(0).VectorNorm(p, axes...)
}

// Variance returns Σ(x−mean)²/(n−correction) over axes.
func (m Masked) Variance(correction float64, axes ...int) *Tensor {
	n := m.Count(axes...).To(m.x.Real().arr.DType)
	s := m.x.arr.Shape.Clone()
	for i := range s {
		if len(axes) == 0 {
			s[i] = 1
		}
	}
	for _, a := range axes {
		s[m.x.axis("Variance", a)] = 1
	}
	mean := m.Mean(axes...).Reshape(s...)
	d := Where(m.mask, m.x.Sub(mean), 0)
	if d.IsComplex() {
		d = d.Mul(d.Conj()).Real()
	} else {
		d = d.Mul(d)
	}
	v := d.Sum(axes...).Div(n.Sub(correction).Maximum(0))
	if m.x.IsComplex() {
		return v.To(m.x.arr.DType)
	}
	return v
}

// Median returns the middle element along axis (the lower of two); NaN of nothing.
func (m Masked) Median(axis int) *Tensor {
	v, _ := m.Filled(math.NaN()).NanMedian(axis)
	return v
}

// Softmax returns exp x / Σ exp x along axis, 0 where elements are left out; NaN of nothing.
func (m Masked) Softmax(axis int) *Tensor { return m.Filled(math.Inf(-1)).Softmax(axis) }

// LogSoftmax returns x − log Σ exp x along axis, −Inf where elements are left out.
func (m Masked) LogSoftmax(axis int) *Tensor { return m.Filled(math.Inf(-1)).LogSoftmax(axis) }

// CumSum returns the running sum along axis.
func (m Masked) CumSum(axis int) *Tensor { return m.Filled(0).CumSum(axis) }

// CumProd returns the running product along axis.
func (m Masked) CumProd(axis int) *Tensor { return m.Filled(1).CumProd(axis) }
