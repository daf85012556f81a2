package nn

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// FakeQuantizeOptions are the options of NewFakeQuantize; the zero value is the default.
type FakeQuantizeOptions struct {
	Signed   bool    // −127 … 127 around 0, as weights; default: 0 … 255 from the least to the largest
	Momentum float64 // of a new batch in the range, 0 … 1; 0: 0.01
}

// FakeQuantize rounds what passes through it as a layer of 8 bits would, so that a network learns to bear
// it; the gradient passes as if it were not there. In training it follows the range of its input.
// x: any shape → the same. Agrees with torch's FakeQuantize with a MovingAverageMinMaxObserver.
type FakeQuantize struct {
	Base
	Low, High *eager.Tensor // [1]: the range so far
	seen      *eager.Tensor // [1]: batches
	o         FakeQuantizeOptions
}

// NewFakeQuantize returns a layer that has not seen a range.
func NewFakeQuantize(o ...FakeQuantizeOptions) *FakeQuantize {
	f := &FakeQuantize{}
	if len(o) > 0 {
		f.o = o[0]
	}
	if f.o.Momentum = or(f.o.Momentum, 0.01); !(f.o.Momentum > 0 && f.o.Momentum <= 1) {
		engine.Fail("nn.NewFakeQuantize", "Momentum is %v; want 0 … 1", f.o.Momentum)
	}
	f.Low, f.High = f.Buffer("low", eager.Zeros(1)), f.Buffer("high", eager.Zeros(1))
	f.seen = f.Buffer("batches", eager.Zeros(1))
	return f
}

// Forward returns x rounded to the 256 steps of its range.
func (f *FakeQuantize) Forward(x *eager.Tensor) *eager.Tensor {
	ready("nn.FakeQuantize", "nn.NewFakeQuantize", f != nil && f.Low != nil, x)
	if f.Training() && x.Numel() > 0 {
		f.observe(x)
	}
	if f.seen.Item() == 0 {
		return f.Done(x, x)
	}
	scale, zero := f.Steps()
	low, high := 0, 255
	if f.o.Signed {
		low, high = -127, 127
	}
	return f.Done(x, x.FakeQuantize(scale, zero, low, high))
}

func (f *FakeQuantize) observe(x *eager.Tensor) {
	eager.NoGrad(func() {
		low, high, m := x.Detach().Min().Item(), x.Detach().Max().Item(), f.o.Momentum
		if f.seen.Item() == 0 {
			m = 1
		}
		f.Low.Assign(f.Low.Mul(1 - m).Add(m * low))
		f.High.Assign(f.High.Mul(1 - m).Add(m * high))
		f.seen.Assign(f.seen.Add(1))
	})
}

// Steps returns the scale and the zero point of the range so far, which includes 0.
func (f *FakeQuantize) Steps() (scale float64, zero int) {
	const least = 1.0 / (1 << 23) // of a scale, when all has been 0
	low, high := min(f.Low.Item(), 0), max(f.High.Item(), 0)
	if f.o.Signed {
		return max(max(-low, high)/127, least), 0
	}
	scale = max((high-low)/255, least)
	return scale, min(max(int(-low/scale+0.5), 0), 255)
}

// QuantAware is a Linear, Conv or ConvTranspose that trains as if it had 8 bits: its weight is rounded to
// signed steps for each output channel and its result to 256 steps. Remove of Weights gives the layer back,
// whose weight then suffers little from Graph.Quantize (package jit).
// Source: Jacob et al. 2018; agrees in kind with torch's prepare_qat.
type QuantAware struct {
	Base
	Weights *Parametrized
	Output  *FakeQuantize
}

// NewQuantAware returns layer made aware of 8 bits.
func NewQuantAware(layer Module) *QuantAware {
	axis := 0
	if _, ok := layer.(*ConvTranspose); ok {
		axis = 1
	}
	q := &QuantAware{Output: NewFakeQuantize()}
	q.Weights = NewParametrized(layer, func(w *eager.Tensor) *eager.Tensor {
		var axes []int
		for i := range w.Rank() {
			if i != axis {
				axes = append(axes, i)
			}
		}
		scale := w.Detach().Abs().Max(axes...).Div(127).Maximum(1.0 / (1 << 23))
		return w.FakeQuantizeAxis(axis, scale, eager.ZerosLike(scale), -127, 127)
	})
	q.Add("layer", q.Weights)
	q.Add("output", q.Output)
	return q
}

// Forward applies the layer and rounds what it returns.
func (q *QuantAware) Forward(x *eager.Tensor) *eager.Tensor {
	ready("nn.QuantAware", "nn.NewQuantAware", q != nil && q.Weights != nil, x)
	return q.Done(x, q.Output.Forward(q.Weights.Forward(x)))
}
