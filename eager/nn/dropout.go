package nn

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// Dropout sets elements to 0 with probability P in training mode and scales the others by 1/(1−P); in
// evaluation mode it returns its input.
type Dropout struct {
	Base
	P        float64
	channels bool
}

// NewDropout returns a Dropout of single elements. 0 ≤ p ≤ 1.
// Source: Srivastava et al. 2014; agrees with torch.nn.Dropout.
func NewDropout(p float64) *Dropout { return newDropout("nn.NewDropout", p, false) }

// NewDropout2D returns a Dropout of whole channels of [n c …]. 0 ≤ p ≤ 1.
// Source: Tompson et al. 2015; agrees with torch.nn.Dropout1d, Dropout2d and Dropout3d.
func NewDropout2D(p float64) *Dropout { return newDropout("nn.NewDropout2D", p, true) }

func newDropout(where string, p float64, channels bool) *Dropout {
	if !(p >= 0 && p <= 1) {
		engine.Fail(where, "the probability is %v; want 0…1", p)
	}
	return &Dropout{P: p, channels: channels}
}

// Forward returns x with elements dropped.
func (d *Dropout) Forward(x *eager.Tensor) *eager.Tensor {
	ready("nn.Dropout", "nn.NewDropout", d != nil, x)
	if !d.Training() || d.P == 0 {
		return d.Done(x, x)
	}
	if !d.channels {
		return d.Done(x, dropout(x, d.P))
	}
	if x.Rank() < 3 {
		engine.Fail("nn.Dropout2D", "input %v has %d axes, want [n c …]", x.Array(), x.Rank())
	}
	shape := x.Shape().Clone()
	for i := 2; i < len(shape); i++ {
		shape[i] = 1
	}
	return d.Done(x, x.Mul(dropout(eager.Ones(shape...).To(x.DType()), d.P)))
}

// dropout drops elements of x.
func dropout(x *eager.Tensor, p float64) *eager.Tensor {
	seed, offset := eager.NextRandom(x.Numel())
	return eager.First(op.Dropout, op.DropoutAttrs{P: p, Seed: seed, Offset: offset}, x)
}
