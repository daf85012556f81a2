//go:build cuda && full

package cuda

import (
	"math"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// leNet is LeNet-5 for images of 28×28 pixels, with a batch normalisation and dropout.
func leNet() *nn.Sequential {
	return nn.NewSequential(
		nn.NewConv2D(1, 6, 5, nn.ConvOptions{Padding: 2}), nn.NewTanh(), nn.NewMaxPool2D(2),
		nn.NewConv2D(6, 16, 5, nn.ConvOptions{NoBias: true}), nn.NewBatchNorm2D(16), nn.NewReLU(), nn.NewMaxPool2D(2), nn.NewFlatten(),
		nn.NewLinear(400, 120), nn.NewReLU(), nn.NewDropout(0.1), nn.NewLinear(120, 84), nn.NewReLU(),
		nn.NewLinear(84, 10))
}

// train returns the losses of a few steps on d (nil: the CPU), and the parameters after them.
func train(d op.Device, step func(params []*eager.Tensor) func(), steps int) (losses []float64, params [][]float32) {
	eager.Seed(7)
	m := leNet()
	x, labels := eager.Randn(8, 1, 28, 28), eager.RandInt(0, 10, 8)
	if d != nil {
		m.To(d)
		x, labels = x.To(d), labels.To(d)
	}
	update := step(m.Params())
	for range steps {
		loss := nn.CrossEntropy(m.Forward(x), labels)
		m.ZeroGrad()
		loss.Backward()
		update()
		losses = append(losses, loss.Item())
	}
	for _, p := range m.Params() {
		params = append(params, p.Float32s())
	}
	return losses, params
}

func TestLeNetTrainsAsOnTheCPU(t *testing.T) {
	d := open(t)
	before := d.Memory().Allocated
	for name, step := range map[string]func(params []*eager.Tensor) func(){
		"SGD": func(p []*eager.Tensor) func() {
			return optim.NewSGD(p, optim.SGDOptions{LR: 0.05, Momentum: 0.9, WeightDecay: 1e-3}).Step
		},
		"AdamW": func(p []*eager.Tensor) func() { return optim.NewAdamW(p).Step },
	} {
		t.Run(name, func(t *testing.T) {
			const steps = 5
			want, wantParams := train(nil, step, steps)
			got, gotParams := train(d, step, steps)
			for i := range want {
				if math.Abs(got[i]-want[i]) > 1e-4*math.Abs(want[i]) {
					t.Errorf("loss of step %d is %v, on the CPU %v", i, got[i], want[i])
				}
			}
			if want[steps-1] >= want[0] {
				t.Errorf("the loss went from %v to %v", want[0], want[steps-1])
			}
			for k := range wantParams {
				for i, w := range wantParams[k] {
					// Adam divides by the size of the gradient: rounding of tiny ones decides about steps of LR.
					if g := gotParams[k][i]; math.Abs(float64(g-w)) > 2e-3 {
						t.Fatalf("parameter %d, element %d is %v, on the CPU %v", k, i, g, w)
					}
				}
			}
		})
	}
	d.memory.collect()
	for i := 0; d.Memory().Allocated > before && i < 20; i++ {
		d.memory.collect()
	}
	if m := d.Memory(); m.Allocated > before {
		t.Errorf("%d bytes are still allocated after training, before it were %d", m.Allocated, before)
	}
}

func TestGradientsComeBackFromTheDevice(t *testing.T) {
	d := open(t)
	x := eager.New([]float32{1, 2, 3}).SetRequiresGrad(true)
	x.To(d).Mul(x.To(d)).Sum().To(eager.CPU).Backward()
	if g := x.Grad(); g.Device() != nil || g.Float32s()[2] != 6 {
		t.Errorf("the gradient of x² is %v on %v, want [2 4 6] on the CPU", g, g.Device())
	}
}

func TestDevicesAreNotMixedSilently(t *testing.T) {
	d := open(t)
	x, y := eager.Ones(2, 3), eager.Ones(2, 3).To(d)
	for name, f := range map[string]func(){
		"operands on both":    func() { x.Add(y) },
		"reading by the CPU":  func() { y.Array().F32() },
		"an operator without": func() { eager.Apply(op.Eig, nil, eager.Eye(2).To(d)) },
	} {
		if err := engine.Catch(f); err == nil {
			t.Errorf("%s: no error", name)
		} else {
			t.Log(err)
		}
	}
	if s := y.Add(1).Mul(eager.New(float32(2))).Sum().Item(); s != 24 {
		t.Errorf("numbers go along: the sum is %v, want 24", s)
	}
}

func TestFaultsOfKernelsAreErrorsOfTheirOperator(t *testing.T) {
	d := open(t)
	x, index := eager.Ones(4, 3).To(d), eager.New([]int{1, 9}).To(d)
	err := engine.Catch(func() { x.IndexSelect(0, index).Sum().Item() })
	if err == nil || err.Error() != "IndexSelect: index 9 is outside [0, 4)" {
		t.Errorf("error %v", err)
	}
	if s := x.Sum().Item(); s != 12 {
		t.Errorf("the device is not usable after a fault: the sum is %v", s)
	}
}
