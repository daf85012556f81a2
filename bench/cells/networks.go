package main

import (
	t "github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
)

// This file is compiled, and it is also the text of a cell.

func mlp() func() {
	return train(nn.NewSequential(nn.NewLinear(784, 128), nn.NewReLU(), nn.NewLinear(128, 10)), 32, 784)
}

func cnn() func() {
	return train(nn.NewSequential(
		nn.NewConv2D(1, 32, 3), nn.NewReLU(), nn.NewConv2D(32, 64, 3), nn.NewReLU(), nn.NewMaxPool2D(2),
		nn.NewFlatten(), nn.NewLinear(9216, 128), nn.NewReLU(), nn.NewLinear(128, 10)), 64, 1, 28, 28)
}

// residual is a block of ResNet-18, written as users write modules.
type residual struct {
	nn.Base
	conv1, conv2 *nn.Conv2D
	norm1, norm2 *nn.BatchNorm2D
	shortcut     *nn.Sequential
}

func newResidual(in, out, stride int) *residual {
	conv := func(in, kernel, stride int) *nn.Conv2D {
		return nn.NewConv2D(in, out, kernel, nn.ConvOptions{Stride: stride, Padding: kernel / 2, NoBias: true})
	}
	b := &residual{
		conv1: conv(in, 3, stride), conv2: conv(out, 3, 1), norm1: nn.NewBatchNorm2D(out), norm2: nn.NewBatchNorm2D(out),
	}
	b.Add("conv1", b.conv1)
	b.Add("bn1", b.norm1)
	b.Add("conv2", b.conv2)
	b.Add("bn2", b.norm2)
	if stride != 1 {
		b.shortcut = nn.NewSequential(conv(in, 1, stride), nn.NewBatchNorm2D(out))
		b.Add("downsample", b.shortcut)
	}
	return b
}

// Forward adds the block's input to its result.
func (b *residual) Forward(x *t.Tensor) *t.Tensor {
	y := b.norm1.Forward(b.conv1.Forward(x)).ReLU()
	y = b.norm2.Forward(b.conv2.Forward(y))
	if b.shortcut != nil {
		x = b.shortcut.Forward(x)
	}
	return y.Add(x).ReLU()
}

func resNet18() func() {
	s := nn.NewSequential(nn.NewConv2D(3, 64, 7, nn.ConvOptions{Stride: 2, Padding: 3, NoBias: true}),
		nn.NewBatchNorm2D(64), nn.NewReLU(), nn.NewMaxPool2D(3, nn.PoolOptions{Stride: 2, Padding: 1}))
	in := 64
	for stage := range 4 {
		out := 64 << stage
		s.Append(newResidual(in, out, min(stage+1, 2)))
		s.Append(newResidual(out, out, 1))
		in = out
	}
	s.Append(nn.NewAdaptiveAvgPool2D(1, 1))
	s.Append(nn.NewFlatten())
	s.Append(nn.NewLinear(512, 1000))
	return train(s, 8, 3, 224, 224)
}

// train returns a step of training: zero gradients, forward, cross-entropy, backward, SGD.
func train(net *nn.Sequential, shape ...int) func() {
	t.Seed(0)
	x, y := t.Randn(shape...), t.RandInt(0, 10, shape[0])
	opt := optim.NewSGD(net.Params(), optim.SGDOptions{LR: 0.01})
	return func() {
		opt.ZeroGrad()
		logits := net.Forward(x)
		loss := nn.CrossEntropy(logits, y)
		loss.Backward()
		opt.Step()
	}
}
