package nn

import (
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine/op"
)

func TestMaxUnpoolUndoesMaxPool(t *testing.T) {
	x := eager.Of(1, 5, 2, 3, 4, 8, 7, 6).Reshape(1, 2, 4).SetRequiresGrad(true)
	ys := eager.Apply(op.MaxPool, op.PoolAttrs{Kernel: []int{2}}, x)
	back := MaxUnpool(ys[0], ys[1], 4)
	if want := eager.Of(0, 5, 0, 3, 0, 8, 7, 0).Reshape(1, 2, 4); !eager.AllClose(back, want, 0, 0) {
		t.Errorf("the pooled maxima came back as %v, want %v", back, want)
	}
	back.Mul(eager.Of(1, 2, 3, 4)).Sum().Backward()
	if want := eager.Of(0, 2, 0, 4, 0, 2, 3, 0).Reshape(1, 2, 4); !eager.AllClose(x.Grad(), want, 0, 0) {
		t.Errorf("the gradient is %v, want %v", x.Grad(), want)
	}
}

func TestGLUGatesOneHalfByTheOther(t *testing.T) {
	y := GLU(eager.Of(2, -4, 0, 0).Reshape(1, 4), -1)
	if want := eager.Of(1, -2).Reshape(1, 2); !eager.AllClose(y, want, 0, 1e-6) {
		t.Errorf("GLU is %v, want %v", y, want)
	}
}

// One element spread over a kernel of 2 with dilation 4 reaches 5 places; padding added at the end beyond
// the stride is zeros there.
func TestOutputPaddingOfTransposedConvolutionMayExceedTheStride(t *testing.T) {
	c := NewConvTranspose1D(1, 1, 2, ConvOptions{Dilation: 4, OutputPadding: 3, NoBias: true})
	c.Weight.SetRequiresGrad(false).Assign(1)
	y := c.Forward(eager.Of(2).Reshape(1, 1, 1))
	if want := eager.Of(2, 0, 0, 0, 2, 0, 0, 0).Reshape(1, 1, 8); !eager.AllClose(y, want, 0, 0) {
		t.Errorf("the result is %v, want %v", y, want)
	}
}
