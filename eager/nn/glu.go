package nn

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// GLU halves x along axis to a and b and returns a·sigmoid(b). Panics when the extent is odd.
// Source: Dauphin et al. 2017; agrees with torch.nn.functional.glu.
func GLU(x *eager.Tensor, axis int) *eager.Tensor {
	present("nn.GLU", "x", x)
	floating("nn.GLU", x)
	if axis < -x.Rank() || axis >= x.Rank() || x.Size(axis)%2 != 0 {
		engine.Fail("nn.GLU", "axis %d of %v; want an axis of even extent", axis, x.Array())
	}
	if axis < 0 {
		axis += x.Rank()
	}
	n := x.Size(axis)
	return x.Slice(axis, 0, n/2).Mul(x.Slice(axis, n/2, n).Sigmoid())
}

// NewGLU returns the gated linear unit along axis. Agrees with torch.nn.GLU.
func NewGLU(axis int) *Activation {
	return activation("GLU", func(x *eager.Tensor) *eager.Tensor { return GLU(x, axis) })
}
