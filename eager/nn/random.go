package nn

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// AlphaDropout is a dropout that keeps mean 0 and variance 1, for networks of SELU: elements become the
// least value of SELU, and an affine map follows.
type AlphaDropout struct {
	Base
	P        float64
	channels bool
}

// NewAlphaDropout returns an AlphaDropout of single elements. 0 ≤ p < 1.
// Source: Klambauer et al. 2017; agrees with torch.nn.AlphaDropout.
func NewAlphaDropout(p float64) *AlphaDropout { return newAlphaDropout("nn.NewAlphaDropout", p, false) }

// NewFeatureAlphaDropout returns an AlphaDropout of whole channels of [n c …]. 0 ≤ p < 1.
// Agrees with torch.nn.FeatureAlphaDropout.
func NewFeatureAlphaDropout(p float64) *AlphaDropout {
	return newAlphaDropout("nn.NewFeatureAlphaDropout", p, true)
}

func newAlphaDropout(where string, p float64, channels bool) *AlphaDropout {
	if !(p >= 0 && p < 1) {
		engine.Fail(where, "the probability is %v; want 0 ≤ p < 1", p)
	}
	return &AlphaDropout{P: p, channels: channels}
}

// Forward returns x with elements dropped.
func (d *AlphaDropout) Forward(x *eager.Tensor) *eager.Tensor {
	ready("nn.AlphaDropout", "nn.NewAlphaDropout", d != nil, x)
	if !d.Training() || d.P == 0 {
		return d.Done(x, x)
	}
	const least = -1.7580993408473766 // of SELU: −scale·alpha
	shape := x.Shape().Clone()
	if d.channels && len(shape) > 2 {
		for i := 2; i < len(shape); i++ {
			shape[i] = 1
		}
	}
	keep := eager.Bernoulli(1-d.P, shape...).To(x.DType())
	a := 1 / math.Sqrt((1-d.P)*(1+d.P*least*least))
	y := x.Mul(keep).Add(keep.Neg().Add(1).Mul(least)) // NaN and Inf that are dropped stay
	return d.Done(x, y.Mul(a).Sub(a*d.P*least))
}

// RReLU is a leaky ReLU whose slope is drawn uniformly for each element in training and is the mean of its
// bounds in evaluation.
type RReLU struct {
	Base
	Lo, Hi float64
}

// NewRReLU returns an RReLU; PyTorch's bounds are 1/8 and 1/3.
// Source: Xu et al. 2015; agrees with torch.nn.RReLU.
func NewRReLU(lo, hi float64) *RReLU {
	if !(lo <= hi) || math.IsInf(hi-lo, 0) {
		engine.Fail("nn.NewRReLU", "bounds %v and %v; want lo ≤ hi", lo, hi)
	}
	return &RReLU{Lo: lo, Hi: hi}
}

// Forward returns x where it is positive and x times the slope elsewhere.
func (r *RReLU) Forward(x *eager.Tensor) *eager.Tensor {
	ready("nn.RReLU", "nn.NewRReLU", r != nil, x)
	var slope any = (r.Lo + r.Hi) / 2
	if r.Training() {
		slope = eager.Uniform(r.Lo, r.Hi, x.Shape()...).To(x.DType())
	}
	return r.Done(x, eager.Where(x.Ge(0), x, x.Mul(slope)))
}

// GumbelSoftmax returns softmax((logits + Gumbel noise)/tau) along the last axis: a sample of a category that
// has a gradient. hard returns the sample as one-hot, with the gradient of the soft one.
// Source: Jang et al. 2017; agrees with torch.nn.functional.gumbel_softmax.
func GumbelSoftmax(logits *eager.Tensor, tau float64, hard bool) *eager.Tensor {
	present("nn.GumbelSoftmax", "logits", logits)
	if !(tau > 0) {
		engine.Fail("nn.GumbelSoftmax", "tau is %v; want a number > 0", tau)
	}
	// −log(−log u) with u in (0, 1)
	u := eager.Rand(logits.Shape()...).To(logits.DType()).Clamp(1e-7, 1-1e-7)
	soft := logits.Sub(u.Log().Neg().Log()).Div(tau).Softmax(-1)
	if !hard {
		return soft
	}
	one := eager.OneHot(soft.Detach().ArgMax(-1), soft.Size(-1)).To(soft.DType())
	return one.Sub(soft.Detach()).Add(soft)
}
