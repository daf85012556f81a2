package nn_test

import (
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/internal/poison"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
	"github.com/lathe-ml/lathe/engine"
)

// step is a training step through layers, loss and optimizer, as bench times it against peers.
func step(b *testing.B, m nn.Module, shape ...int) {
	x, y := eager.Randn(shape...), eager.RandInt(0, 10, shape[0])
	opt := optim.NewSGD(m.Self().Params(), optim.SGDOptions{LR: 0.01})
	poison.Released = nil
	b.Cleanup(func() { poison.Released = poison.Fill })
	b.ReportAllocs()
	engine.ResetPeak()
	for b.Loop() {
		opt.ZeroGrad()
		nn.CrossEntropy(m.Forward(x), y).Backward()
		opt.Step()
	}
	b.ReportMetric(float64(engine.Memory().Peak)/(1<<20), "peak-MiB")
}

func BenchmarkStepMLPBatch32(b *testing.B) {
	step(b, nn.NewSequential(nn.NewLinear(784, 128), nn.NewReLU(), nn.NewLinear(128, 10)), 32, 784)
}

// The work of a step besides arithmetic.
func BenchmarkStepTinyMLP(b *testing.B) {
	step(b, nn.NewSequential(nn.NewLinear(4, 4), nn.NewReLU(), nn.NewLinear(4, 10)), 2, 4)
}

func BenchmarkStepLeNetBatch64(b *testing.B) {
	step(b, nn.NewSequential(
		nn.NewConv2D(1, 6, 5, nn.ConvOptions{Padding: 2}), nn.NewReLU(), nn.NewMaxPool2D(2),
		nn.NewConv2D(6, 16, 5), nn.NewReLU(), nn.NewMaxPool2D(2), nn.NewFlatten(),
		nn.NewLinear(400, 120), nn.NewReLU(), nn.NewLinear(120, 84), nn.NewReLU(), nn.NewLinear(84, 10)),
		64, 1, 28, 28)
}

func BenchmarkStepCNNBatch64(b *testing.B) {
	step(b, nn.NewSequential(
		nn.NewConv2D(1, 32, 3), nn.NewReLU(), nn.NewConv2D(32, 64, 3), nn.NewReLU(), nn.NewMaxPool2D(2),
		nn.NewFlatten(), nn.NewLinear(9216, 128), nn.NewReLU(), nn.NewLinear(128, 10)), 64, 1, 28, 28)
}

func BenchmarkStepNormsBatch64(b *testing.B) {
	step(b, nn.NewSequential(
		nn.NewConv2D(1, 16, 3), nn.NewBatchNorm2D(16), nn.NewReLU(), nn.NewMaxPool2D(2), nn.NewFlatten(),
		nn.NewLinear(16*13*13, 128), nn.NewLayerNorm([]int{128}), nn.NewReLU(), nn.NewDropout(0.5),
		nn.NewLinear(128, 10)), 64, 1, 28, 28)
}
