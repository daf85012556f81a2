package nn

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// LocalResponseNorm divides by the energy of neighbouring channels.
//
//	y = x / (k + alpha/size·Σ x²)^beta over the size channels around each
//
// x: [n c spatial…] → the same.
type LocalResponseNorm struct {
	Base
	size int
	o    ResponseOptions
}

// ResponseOptions are the options of NewLocalResponseNorm; the zero value is the default.
type ResponseOptions struct {
	Alpha float64 // 0: 1e-4
	Beta  float64 // 0: 0.75
	K     float64 // 0: 1
}

// NewLocalResponseNorm returns the layer. Source: Krizhevsky et al. 2012, section 3.3; agrees with
// torch.nn.LocalResponseNorm.
func NewLocalResponseNorm(size int, o ...ResponseOptions) *LocalResponseNorm {
	l := &LocalResponseNorm{size: size}
	if len(o) > 0 {
		l.o = o[0]
	}
	if size < 1 {
		engine.Fail("nn.NewLocalResponseNorm", "size is %d; want ≥ 1", size)
	}
	l.o = ResponseOptions{or(l.o.Alpha, 1e-4), or(l.o.Beta, 0.75), or(l.o.K, 1)}
	return l
}

// Forward returns the normalised x.
func (l *LocalResponseNorm) Forward(x *eager.Tensor) *eager.Tensor {
	ready("nn.LocalResponseNorm", "nn.NewLocalResponseNorm", l != nil && l.size > 0, x)
	if x.Rank() < 3 {
		engine.Fail("nn.LocalResponseNorm", "input %v has %d axes, want at least 3", x.Array(), x.Rank())
	}
	before, after := make([]int, x.Rank()), make([]int, x.Rank())
	before[1], after[1] = l.size/2, (l.size-1)/2
	squares := x.Mul(x).Pad(before, after, 0)
	var sum *eager.Tensor
	for i := range l.size {
		s := squares.Slice(1, i, i+x.Size(1))
		if sum == nil {
			sum = s
		} else {
			sum = sum.Add(s)
		}
	}
	if x.DType().IsInt() { // the mean of integers is cut to one, as in PyTorch
		sum = sum.Div(l.size).Trunc().Mul(l.size)
	}
	return l.Done(x, x.Div(sum.Mul(l.o.Alpha/float64(l.size)).Add(l.o.K).Pow(l.o.Beta)))
}

// or returns v, or the default d where v is 0.
func or(v, d float64) float64 {
	if v == 0 || math.IsNaN(v) {
		return d
	}
	return v
}
