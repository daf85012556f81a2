package jit

import (
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/jit/graph"
)

// TestSmallConvolutionsTrainAsInEagerMode trains networks whose convolutions become one operator with ReLU and the maxima,
// as a graph, as a compiled function and in eager mode, on batches that take the operator and one that does not.
func TestSmallConvolutionsTrainAsInEagerMode(t *testing.T) {
	if cpu.Level() != "avx512" {
		t.Skip("without AVX-512 convolutions stay as they are")
	}
	for _, batch := range []int{32, 40, 96} {
		training := func() (step func(x, y *eager.Tensor) *eager.Tensor, params []*eager.Tensor) {
			eager.Seed(7)
			m := nn.NewSequential(
				nn.NewConv2D(1, 6, 5, nn.ConvOptions{Padding: 2}), nn.NewReLU(), nn.NewMaxPool2D(2),
				nn.NewConv2D(6, 16, 3), nn.NewReLU(), nn.NewMaxPool2D(2), nn.NewFlatten(), nn.NewLinear(64, 10))
			opt := optim.NewSGD(m.Params(), optim.SGDOptions{LR: 0.1, Momentum: 0.9})
			return func(x, y *eager.Tensor) *eager.Tensor {
				opt.ZeroGrad()
				loss := nn.CrossEntropy(m.Forward(x), y)
				loss.Backward()
				opt.Step()
				return loss
			}, m.Params()
		}
		eager.Seed(1)
		var xs, ys []*eager.Tensor
		for range 4 {
			xs, ys = append(xs, eager.Randn(batch, 1, 13, 12)), append(ys, eager.RandInt(0, 10, batch))
		}
		xs, ys = append(xs, xs[0]), append(ys, ys[0])
		xs[1], xs[4], ys[1], ys[4] = xs[4], xs[1], ys[4], ys[1] // the first batch twice: tracing is a call
		plain, want := training()
		for i := range xs {
			plain(xs[i], ys[i])
		}
		compiled, got := training()
		f := Compile(compiled)
		for i := range xs {
			f.Call(xs[i], ys[i])
		}
		traced, states := training()
		traced(xs[0], ys[0])
		g, err := Trace(traced, xs[0], ys[0])
		if err != nil {
			t.Fatal(err)
		}
		for i := 2; i < len(xs); i++ {
			g.Run(xs[i], ys[i])
		}
		pools := 0
		for _, n := range g.best.Nodes {
			if n.Def == graph.ConvPool {
				pools++
			}
		}
		if wantPools := 2 * (1 - min(1, batch%cpu.Lanes)); pools != wantPools {
			t.Errorf("batch %d: %d convolutions are one operator with their maxima, want %d\n%v", batch, pools, wantPools, g.best)
		}
		for i := range want {
			for what, have := range map[string]*eager.Tensor{"compiled": got[i], "graph": states[i]} {
				if why := differ(want[i].Storage(), have.Storage()); why != "" {
					t.Errorf("batch %d, %s, parameter %d: %s", batch, what, i, why)
				}
			}
		}
	}
}
