//go:build cuda

package main

import (
	"fmt"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cuda"
)

// benchCase is something to measure; peer_torch.py has one of the same name.
type benchCase struct {
	name string
	work float64 // operations or bytes
	unit string
	make func(d *cuda.Device) func()
	// libraries: what cuBLAS (products) or cuDNN (convolutions) may compute of it
	libraries string
}

func cases(small bool) []benchCase {
	side, many, batch, channels, size := 2048, 1<<24, 256, 64, 56
	if small {
		side, many, batch, channels, size = 32, 1<<10, 4, 2, 6
	}
	all := []benchCase{
		elementwise("add", many, 12, func(x *eager.Tensor) *eager.Tensor { return x.Add(x) }),
		elementwise("gelu", many, 8, (*eager.Tensor).GELU),
		elementwise("sum", many, 4, func(x *eager.Tensor) *eager.Tensor { return x.Sum() }),
		elementwise("softmax of rows of 1024", many, 8, func(x *eager.Tensor) *eager.Tensor {
			return x.Reshape(-1, 1024).Softmax(1)
		}),
		matMul(side, engine.F32), matMul(side, engine.F16),
		conv(max(batch/8, 1), channels, size, 3),
		training("LeNet step", batch, leNet),
		training("LeNet step, small batch", batch/8+1, leNet),
	}
	return all
}

func elementwise(name string, n, bytes int, f func(x *eager.Tensor) *eager.Tensor) benchCase {
	return benchCase{name: name, work: float64(n * bytes), unit: "GB/s", make: func(d *cuda.Device) func() {
		x := random(d, n)
		return func() { f(x).Release() }
	}}
}

func matMul(n int, t engine.DType) benchCase {
	name := fmt.Sprintf("matmul %d³ %v", n, t)
	work := 2 * float64(n) * float64(n) * float64(n)
	return benchCase{name: name, work: work, unit: "GFLOP/s", libraries: "products", make: func(d *cuda.Device) func() {
		x, y := random(d, n, n).To(t), random(d, n, n).To(t)
		return func() { x.MatMul(y).Release() }
	}}
}

func conv(batch, channels, size, kernel int) benchCase {
	name := fmt.Sprintf("conv %d→%d %d×%d of %d×%d", channels, channels, kernel, kernel, size, size)
	work := 2 * float64(batch*channels*channels*size*size*kernel*kernel)
	return benchCase{name: name, work: work, unit: "GFLOP/s", libraries: "convolutions", make: func(d *cuda.Device) func() {
		m := nn.NewConv2D(channels, channels, kernel, nn.ConvOptions{Padding: kernel / 2})
		m.To(d)
		x := random(d, batch, channels, size, size)
		return func() { eager.NoGrad(func() { m.Forward(x).Release() }) }
	}}
}

func leNet() nn.Module {
	return nn.NewSequential(
		nn.NewConv2D(1, 6, 5, nn.ConvOptions{Padding: 2}), nn.NewReLU(), nn.NewMaxPool2D(2),
		nn.NewConv2D(6, 16, 5), nn.NewReLU(), nn.NewMaxPool2D(2), nn.NewFlatten(),
		nn.NewLinear(400, 120), nn.NewReLU(), nn.NewLinear(120, 84), nn.NewReLU(), nn.NewLinear(84, 10))
}

// training is steps of SGD on random digits.
func training(name string, batch int, model func() nn.Module) benchCase {
	both := "products, convolutions"
	return benchCase{name: name, work: float64(batch) * 1e9, unit: "images/s", libraries: both, make: func(d *cuda.Device) func() {
		m := model().(*nn.Sequential)
		m.To(d)
		x, labels := random(d, batch, 1, 28, 28), eager.RandInt(0, 10, batch).To(d)
		o := optim.NewSGD(m.Params(), optim.SGDOptions{LR: 0.01, Momentum: 0.9})
		return func() {
			m.ZeroGrad()
			nn.CrossEntropy(m.Forward(x), labels).Backward()
			o.Step()
		}
	}}
}
