//go:build cuda && full

package cuda

import (
	"math"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/amp"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit"
)

// mixed trains in mixed precision and returns the losses.
func mixed(d op.Device, t engine.DType, compiled bool) (losses []float64, scale float64) {
	eager.Seed(5)
	m := nn.NewSequential(nn.NewLinear(12, 32), nn.NewReLU(), nn.NewLayerNorm([]int{32}), nn.NewLinear(32, 4))
	x, y := eager.Randn(16, 12), eager.RandInt(0, 4, 16)
	if d != nil {
		m.To(d)
		x, y = x.To(d), y.To(d)
	}
	o := optim.NewSGD(m.Params(), optim.SGDOptions{LR: 0.2})
	scaler := amp.NewScaler(amp.ScalerOptions{Initial: 1 << 18, Disabled: t == eager.BF16})
	forward := func(x, y *eager.Tensor) (loss *eager.Tensor) {
		amp.Autocast(func() { loss = nn.CrossEntropy(m.Forward(x), y) }, amp.Options{DType: t})
		return loss
	}
	if compiled {
		f := jit.Compile(forward)
		forward = func(x, y *eager.Tensor) *eager.Tensor { return f.Call(x, y) }
	}
	for range 8 {
		o.ZeroGrad()
		loss := forward(x, y)
		scaler.Scale(loss).Backward()
		scaler.Step(o)
		scaler.Update()
		losses = append(losses, loss.Item())
	}
	return losses, scaler.Factor()
}

func TestMixedPrecisionTrainsAsOnTheCPU(t *testing.T) {
	d := open(t)
	for _, dtype := range []engine.DType{eager.BF16, eager.F16} {
		for _, compiled := range []bool{false, true} {
			want, wantScale := mixed(nil, dtype, false)
			got, scale := mixed(d, dtype, compiled)
			if scale != wantScale || dtype == eager.F16 && scale >= 1<<18 {
				t.Errorf("%v: the scale is %v, on the CPU %v, and was %v", dtype, scale, wantScale, 1<<18)
			}
			for i := range want {
				if math.Abs(got[i]-want[i]) > 0.03*math.Abs(want[i]) {
					t.Errorf("%v, compiled %v: loss of step %d is %v, on the CPU %v", dtype, compiled, i, got[i], want[i])
				}
			}
			if got[7] >= got[0] {
				t.Errorf("%v: the loss went from %v to %v", dtype, got[0], got[7])
			}
		}
	}
}
