package main

import (
	"fmt"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine/op"
)

// convShape is one convolution of a residual network; the peer's table has the same names.
type convShape struct {
	name                                          string
	in, extent, out, kernel, stride, padding, grp int
}

var convShapes = []convShape{
	{"c3x3_64x56", 64, 56, 64, 3, 1, 1, 1},
	{"c3x3_128x28", 128, 28, 128, 3, 1, 1, 1},
	{"c3x3_256x14", 256, 14, 256, 3, 1, 1, 1},
	{"c3x3_512x7", 512, 7, 512, 3, 1, 1, 1},
	{"c1x1_64_256x56", 64, 56, 256, 1, 1, 0, 1},
	{"c1x1_256_64x56", 256, 56, 64, 1, 1, 0, 1},
	{"c1x1_1024_256x14", 1024, 14, 256, 1, 1, 0, 1},
	{"c1x1s2_256_512x56", 256, 56, 512, 1, 2, 0, 1},
	{"c7x7s2_3_64x224", 3, 224, 64, 7, 2, 3, 1},
	{"c3x3s2_64_128x56", 64, 56, 128, 3, 2, 1, 1},
	{"dw3x3_128x56", 128, 56, 128, 3, 1, 1, 128},
	{"dw3x3s2_128x56", 128, 56, 128, 3, 2, 1, 128},
	{"lenet5x5_6_16x14", 6, 14, 16, 5, 1, 0, 1},
}

// convolutions are forward passes at batch 1 and 8 and backward passes (data, weight and bias) at
// batch 8. Both sides take the better of two layouts of the input in memory, channels first and last;
// inside a network our layers keep the one that convolution wrote. Results are released, as the
// peer's are when its counter of references reaches 0.
func convolutions() []benchCase {
	var all []benchCase
	for _, s := range convShapes {
		for _, n := range []int{1, 8} {
			all = append(all, benchCase{
				fmt.Sprintf("conv_fwd/%s_N%d", s.name, n), s.work(n),
				func() func() { return s.forward(n) },
			})
		}
		all = append(all, benchCase{
			fmt.Sprintf("conv_bwd/%s_N8", s.name), 2 * s.work(8),
			func() func() { return s.backward(8) },
		})
	}
	return all
}

func (s convShape) work(n int) float64 {
	o := (s.extent+2*s.padding-s.kernel)/s.stride + 1
	return 2 * float64(n*s.out*o*o) * float64(s.in/s.grp*s.kernel*s.kernel)
}

func (s convShape) tensors(n int) (x, w, b *eager.Tensor, a op.ConvAttrs) {
	a = op.ConvAttrs{Stride: []int{s.stride, s.stride}, Padding: []int{s.padding, s.padding}, Groups: s.grp}
	return eager.Randn(n, s.in, s.extent, s.extent),
		eager.Randn(s.out, s.in/s.grp, s.kernel, s.kernel), eager.Randn(s.out), a
}

func (s convShape) forward(n int) func() {
	x, w, b, a := s.tensors(n)
	run := func(x *eager.Tensor) func() {
		return func() { eager.First(op.Conv, a, x, w, b).Release() }
	}
	return faster(run(x), run(channelsLast(x)))
}

// channelsLast returns x with the channels of a position side by side in memory.
func channelsLast(x *eager.Tensor) *eager.Tensor {
	return x.Permute(0, 2, 3, 1).Contiguous().Permute(0, 3, 1, 2)
}

// faster returns the one of two ways to do the same work that takes less time.
func faster(a, b func()) func() {
	best := func(f func()) (t float64) {
		f()
		t = measure(f, 2).seconds
		for range 4 {
			t = min(t, measure(f, 2).seconds)
		}
		return t
	}
	if best(b) < best(a) {
		return b
	}
	return a
}

func (s convShape) backward(n int) func() {
	x, w, b, a := s.tensors(n)
	return faster(gradients(x, w, b, a), gradients(channelsLast(x), w, b, a))
}

func gradients(x, w, b *eager.Tensor, a op.ConvAttrs) func() {
	in := []*eager.Tensor{x, w, b}
	for _, t := range in {
		t.SetRequiresGrad(true)
	}
	y := eager.First(op.Conv, a, x, w, b)
	o := eager.GradOptions{GradOutputs: []*eager.Tensor{y.Detach().Mul(0).Add(1)}, RetainGraph: true}
	return func() {
		for _, g := range eager.Grad([]*eager.Tensor{y}, in, o) {
			g.Release()
		}
	}
}
