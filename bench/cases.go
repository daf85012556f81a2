package main

import (
	"fmt"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// benchCase is one step of work; the peer knows the same name.
type benchCase struct {
	name string
	work float64
	make func() func()
}

func cases() []benchCase {
	all := []benchCase{
		{"mlp/b32", 0, func() func() { return train(mlp(), 32, 784) }},
		{"mlp/b64", 0, func() func() { return train(mlp(), 64, 784) }},
		{"lenet/b64", 0, func() func() { return train(lenet(), 64, 1, 28, 28) }},
		{"cnn/b64", 0, func() func() { return train(cnn(), 64, 1, 28, 28) }},
	}
	for _, s := range [][3]int{
		{64, 64, 64},
		{128, 128, 128},
		{256, 256, 256},
		{512, 512, 512},
		{1024, 1024, 1024},
		{32, 128, 784},
		{784, 128, 32},
		{16, 4096, 4096},
		{3136, 64, 576},
	} {
		all = append(all, gemm(s[0], s[1], s[2]))
	}
	for _, n := range []int{8, 4096, 1 << 20} {
		all = append(all, benchCase{fmt.Sprintf("add/%d", n), 0, func() func() {
			a, b := eager.Randn(n), eager.Randn(n)
			return func() { a.Add(b) }
		}})
	}
	return all
}

func gemm(m, n, k int) benchCase {
	return benchCase{fmt.Sprintf("gemm/%dx%dx%d", m, n, k), 2 * float64(m) * float64(n) * float64(k), func() func() {
		a, b := eager.Randn(m, k).Array(), eager.Randn(k, n).Array()
		c := engine.NewArray(engine.F32, engine.Shape{m, n})
		return func() {
			if err := cpu.MatMul(c, a, b, cpu.Epilogue{}); err != nil {
				panic(err)
			}
		}
	}}
}

func mlp() nn.Module {
	return nn.NewSequential(nn.NewLinear(784, 128), nn.NewReLU(), nn.NewLinear(128, 10))
}

func lenet() nn.Module {
	pool := func() nn.Module { return nn.NewMaxPool2D(2) }
	return nn.NewSequential(
		nn.NewConv2D(1, 6, 5, nn.ConvOptions{Padding: 2}), nn.NewReLU(), pool(),
		nn.NewConv2D(6, 16, 5), nn.NewReLU(), pool(), nn.NewFlatten(),
		nn.NewLinear(400, 120), nn.NewReLU(), nn.NewLinear(120, 84), nn.NewReLU(), nn.NewLinear(84, 10))
}

func cnn() nn.Module {
	return nn.NewSequential(
		nn.NewConv2D(1, 32, 3), nn.NewReLU(), nn.NewConv2D(32, 64, 3), nn.NewReLU(), nn.NewMaxPool2D(2),
		nn.NewFlatten(), nn.NewLinear(9216, 128), nn.NewReLU(), nn.NewLinear(128, 10))
}

// train returns a whole training step: zero gradients, forward, cross-entropy, backward, SGD.
func train(m nn.Module, shape ...int) func() {
	eager.Seed(0)
	x, y := eager.Randn(shape...), eager.RandInt(0, 10, shape[0])
	opt := optim.NewSGD(m.Self().Params(), optim.SGDOptions{LR: 0.01})
	return func() {
		opt.ZeroGrad()
		nn.CrossEntropy(m.Forward(x), y).Backward()
		opt.Step()
	}
}
