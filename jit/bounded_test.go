package jit

import (
	"math"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
	"github.com/lathe-ml/lathe/jit/pass"
)

// Bounds that choose between x and x bounded, for the gradient's sake, are one operator in a graph and part of the layer
// before them; other choices stay.
func TestBoundsOfActivationsAreOneOperator(t *testing.T) {
	inf := float32(math.Inf(1))
	edges := []float32{-inf, -7, -3, -1, float32(math.Copysign(0, -1)), 0, 1e-30, 1, 2.9999998, 3, 6, 7, inf, float32(math.NaN())}
	count := func(g *graph.Graph, d *op.Def) (n int) {
		for i := range g.Nodes {
			if g.Nodes[i].Def == d {
				n++
			}
		}
		return n
	}
	for name, c := range map[string]struct {
		f      func(x *eager.Tensor) *eager.Tensor
		wheres int
	}{
		"ReLU6":       {nn.NewReLU6().Forward, 0},
		"Hardtanh":    {nn.NewHardtanh(-2, 1).Forward, 0},
		"Hardsigmoid": {nn.NewHardsigmoid().Forward, 0},
		"Hardswish":   {nn.NewHardswish().Forward, 0},
		"other bound": {func(x *eager.Tensor) *eager.Tensor {
			return eager.Where(x.Gt(0).And(x.Lt(7)), x, x.Clamp(0, 6))
		}, 1},
		"other value": {func(x *eager.Tensor) *eager.Tensor {
			return eager.Where(x.Gt(0).And(x.Lt(6)), x.Neg(), x.Clamp(0, 6))
		}, 1},
		"other shift": {func(x *eager.Tensor) *eager.Tensor {
			y := x.Add(2).Div(6)
			return eager.Where(x.Gt(-3).And(x.Lt(3)), y, y.Clamp(0, 1))
		}, 1},
	} {
		x := eager.FromFloat32s(edges, len(edges))
		g, err := Trace(c.f, x)
		if err != nil {
			t.Fatal(err)
		}
		if n := count(pass.DeadCode(pass.Simplify(g.Graph.Clone())), op.Where); n != c.wheres {
			t.Errorf("%s: %d Where left, want %d", name, n, c.wheres)
		}
		want, have := c.f(x).Float64s(), g.Run(x)[0].Float64s()
		for i := range want {
			if math.Float64bits(want[i]) != math.Float64bits(have[i]) && !(math.IsNaN(want[i]) && math.IsNaN(have[i])) {
				t.Errorf("%s(%v) is %v, want %v", name, edges[i], have[i], want[i])
			}
		}
	}
	net := nn.NewSequential(nn.NewConv2D(3, 8, 3, nn.ConvOptions{}), nn.NewReLU6())
	g, err := Trace(net, eager.Randn(1, 3, 8, 8))
	if err != nil {
		t.Fatal(err)
	}
	f, err := g.Freeze()
	if err != nil {
		t.Fatal(err)
	}
	if best := pass.RunConstant(f.Graph); len(best.Nodes) != 1 {
		t.Errorf("a convolution with ReLU6 runs as %v", best)
	}
}
