package main

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
)

// models are whole training steps: zero gradients, forward, cross-entropy, backward, SGD.
func models() []benchCase {
	step := func(name string, m func() nn.Module, shape ...int) benchCase {
		return benchCase{name, 0, func() func() { return train(m(), shape...) }}
	}
	return []benchCase{
		step("mlp/b32", mlp, 32, 784),
		step("mlp/b64", mlp, 64, 784),
		step("lenet/b64", lenet, 64, 1, 28, 28),
		step("cnn/b64", cnn, 64, 1, 28, 28),
		step("resnet18/b8", resNet18, 8, 3, 224, 224),
	}
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

// basicBlock is the residual block of ResNet-18 (He et al. 2016).
type basicBlock struct {
	nn.Base
	first, second *nn.Conv2D
	norm1, norm2  *nn.BatchNorm2D
	shortcut      nn.Module
}

func newBasicBlock(in, out, stride int) *basicBlock {
	conv := func(in, kernel, stride int) *nn.Conv2D {
		return nn.NewConv2D(in, out, kernel, nn.ConvOptions{Stride: stride, Padding: kernel / 2, NoBias: true})
	}
	b := &basicBlock{
		first: conv(in, 3, stride), second: conv(out, 3, 1),
		norm1: nn.NewBatchNorm2D(out), norm2: nn.NewBatchNorm2D(out),
	}
	b.Add("conv1", b.first)
	b.Add("bn1", b.norm1)
	b.Add("conv2", b.second)
	b.Add("bn2", b.norm2)
	if stride != 1 || in != out {
		b.shortcut = nn.NewSequential(conv(in, 1, stride), nn.NewBatchNorm2D(out))
		b.Add("downsample", b.shortcut)
	}
	return b
}

func (b *basicBlock) Forward(x *eager.Tensor) *eager.Tensor {
	y := b.norm1.Forward(b.first.Forward(x)).ReLU()
	y = b.norm2.Forward(b.second.Forward(y))
	if b.shortcut != nil {
		x = b.shortcut.Forward(x)
	}
	return y.Add(x).ReLU()
}

// resNet18 is the ImageNet network with 1000 classes.
func resNet18() nn.Module {
	s := nn.NewSequential(nn.NewConv2D(3, 64, 7, nn.ConvOptions{Stride: 2, Padding: 3, NoBias: true}),
		nn.NewBatchNorm2D(64), nn.NewReLU(), nn.NewMaxPool2D(3, nn.PoolOptions{Stride: 2, Padding: 1}))
	in := 64
	for stage := range 4 {
		out := 64 << stage
		stride := min(stage+1, 2)
		s.Append(newBasicBlock(in, out, stride))
		s.Append(newBasicBlock(out, out, 1))
		in = out
	}
	s.Append(nn.NewAdaptiveAvgPool2D(1, 1))
	s.Append(nn.NewFlatten())
	s.Append(nn.NewLinear(512, 1000))
	return s
}

// train returns a whole training step.
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
