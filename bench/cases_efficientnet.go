package main

import (
	"fmt"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
)

// inverted is the block of EfficientNet-Lite: 1×1 to a multiple of the channels, a filter for each channel, 1×1 back,
// and the input added where shapes agree (Sandler et al. 2018; no squeeze-and-excitation, ReLU6).
type inverted struct {
	nn.Base
	body *nn.Sequential
	skip bool
}

func newInverted(in, out, expand, kernel, stride int) *inverted {
	b := &inverted{body: nn.NewSequential(), skip: stride == 1 && in == out}
	wide := in * expand
	if expand > 1 {
		b.append(in, wide, 1, 1, 1, true)
	}
	b.append(wide, wide, kernel, stride, wide, true)
	b.append(wide, out, 1, 1, 1, false)
	b.Add("body", b.body)
	return b
}

// append adds a convolution with batch normalisation and, where bounded, ReLU6.
func (b *inverted) append(in, out, kernel, stride, groups int, bounded bool) {
	for _, m := range convReLU6(in, out, kernel, stride, groups, bounded) {
		b.body.Append(m)
	}
}

func convReLU6(in, out, kernel, stride, groups int, bounded bool) []nn.Module {
	o := nn.ConvOptions{Stride: stride, Padding: kernel / 2, Groups: groups, NoBias: true}
	m := []nn.Module{nn.NewConv2D(in, out, kernel, o), nn.NewBatchNorm2D(out)}
	if bounded {
		m = append(m, nn.NewReLU6())
	}
	return m
}

func (b *inverted) Forward(x *eager.Tensor) *eager.Tensor {
	y := b.body.Forward(x)
	if b.skip {
		y = y.Add(x)
	}
	return y
}

// String names the block in printed networks.
func (b *inverted) String() string { return fmt.Sprintf("inverted(skip %v)", b.skip) }

// efficientNetLite0 is the ImageNet network with 1000 classes for pictures of 224×224 (Tan and Le 2019; Lite variant).
func efficientNetLite0() nn.Module {
	s := nn.NewSequential(convReLU6(3, 32, 3, 2, 1, true)...)
	in := 32
	for _, c := range []struct{ expand, out, blocks, stride, kernel int }{
		{1, 16, 1, 1, 3},
		{6, 24, 2, 2, 3},
		{6, 40, 2, 2, 5},
		{6, 80, 3, 2, 3},
		{6, 112, 3, 1, 5},
		{6, 192, 4, 2, 5},
		{6, 320, 1, 1, 3},
	} {
		for i := range c.blocks {
			stride := c.stride
			if i > 0 {
				stride = 1
			}
			s.Append(newInverted(in, c.out, c.expand, c.kernel, stride))
			in = c.out
		}
	}
	for _, m := range convReLU6(in, 1280, 1, 1, 1, true) {
		s.Append(m)
	}
	s.Append(nn.NewAdaptiveAvgPool2D(1, 1))
	s.Append(nn.NewFlatten())
	s.Append(nn.NewLinear(1280, 1000))
	return s
}
