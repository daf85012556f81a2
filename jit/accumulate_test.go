package jit

import (
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/amp"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
)

// A compiled step may accumulate gradients of several batches, scale the loss, leave out steps that overflowed, and
// change the scale: it is what the function does without Compile, element by element.
func TestAccumulationAndLossScalingAreCompiled(t *testing.T) {
	type training struct {
		net    *nn.Sequential
		scaler *amp.Scaler
		step   func(x, y *eager.Tensor) *eager.Tensor
	}
	make1 := func() training {
		eager.Seed(7)
		net := nn.NewSequential(nn.NewLinear(6, 16), nn.NewTanh(), nn.NewLinear(16, 3))
		opt := optim.NewAdam(net.Params(), optim.AdamOptions{LR: 0.01})
		scaler := amp.NewScaler(amp.ScalerOptions{Initial: 1 << 10, Interval: 3})
		return training{net, scaler, func(x, y *eager.Tensor) *eager.Tensor {
			opt.ZeroGrad()
			var last *eager.Tensor
			for i := range 4 {
				last = nn.CrossEntropy(net.Forward(x.Slice(0, 5*i, 5*i+5)), y.Slice(0, 5*i, 5*i+5)).Div(4)
				scaler.Scale(last).Backward()
			}
			scaler.Step(opt)
			scaler.Update()
			return last
		}}
	}
	plain, compiled := make1(), make1()
	f := Compile(compiled.step)
	eager.Seed(8)
	for i := range 14 {
		x, y := eager.Randn(20, 6), eager.RandInt(0, 3, 20)
		if i == 8 { // overflows: no step, half the scale
			x = x.Mul(1e38).Mul(1e38)
		}
		plain.step(x, y)
		f.Call(x, y)
		if a, b := plain.scaler.Factor(), compiled.scaler.Factor(); a != b {
			t.Fatalf("step %d: the scale is %v, compiled %v", i, a, b)
		}
	}
	for i, p := range plain.net.Params() {
		if q := compiled.net.Params()[i]; !eager.AllClose(p, q, 0, 1e-6) {
			t.Errorf("parameter %d: %v, compiled %v", i, p, q)
		}
	}
	if f.stats.programs == 0 || f.stats.differed > 0 || plain.scaler.Factor() == 1<<10 {
		t.Error(Explain(f))
	}
}
