package eager

import (
	"math"
	"testing"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/engine/op"
)

// block is a piece of a residual network, and its gradients for x and w.
func block(x, w, gamma, beta *Tensor) (conv, y, dx, dw *Tensor) {
	a := op.ConvAttrs{Padding: []int{1, 1}}
	conv = Apply(op.Conv, a, x, w)[0]
	h := Apply(op.BatchNorm, op.BatchNormAttrs{Eps: 1e-3}, conv, gamma, beta)[0].ReLU()
	h = Apply(op.Conv, a, h, w)[0].Add(x).ReLU()
	p := op.PoolAttrs{Kernel: []int{3, 3}, Stride: []int{2, 2}, Padding: []int{1, 1}}
	y = Apply(op.MaxPool, p, h)[0].Reshape(x.Shape()[0], -1)
	g := Grad([]*Tensor{y.Mul(y).Sum()}, []*Tensor{x, w}, GradOptions{})
	return conv, y, g[0], g[1]
}

// TestLayoutOfResultsIsInvisible compares F32, whose convolutions give channels-last results, with F64,
// whose results are row-major.
func TestLayoutOfResultsIsInvisible(t *testing.T) {
	if cpu.Level() == "portable" {
		t.Skip("results are row-major at the portable level")
	}
	Seed(3)
	in := []*Tensor{Randn(2, 20, 9, 7), Randn(20, 20, 3, 3).Mul(0.1), Randn(20), Randn(20)}
	wide := make([]*Tensor, len(in))
	for i, x := range in {
		wide[i] = x.To(engine.F64)
		x.SetRequiresGrad(true)
		wide[i].SetRequiresGrad(true)
	}
	conv, y, dx, dw := block(in[0], in[1], in[2], in[3])
	if !cpu.ChannelsLast(conv.Array()) {
		t.Fatalf("strides of a convolution's result are %v, want channels innermost", conv.Array().Strides)
	}
	_, wy, wdx, wdw := block(wide[0], wide[1], wide[2], wide[3])
	for _, c := range []struct {
		name      string
		got, want *Tensor
	}{{"y", y, wy}, {"dx", dx, wdx}, {"dw", dw, wdw}} {
		d := c.got.To(engine.F64).Sub(c.want).Abs().Max().Item()
		if most := c.want.Abs().Max().Item(); !(d <= 2e-5*most) || math.IsNaN(most) {
			t.Errorf("%s differs by %g, largest value %g", c.name, d, most)
		}
	}
}
