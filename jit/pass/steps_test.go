package pass

import (
	"testing"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/exec"
	"github.com/lathe-ml/lathe/jit/graph"
)

// layerStep is a step of a layer's weight and bias along its gradients, and what another reader makes of the old weight.
func layerStep(lead ...int) *graph.Graph {
	b := graph.NewBuilder()
	f := func(name string, s ...int) graph.Value {
		return b.Input(name, f32(s...))
	}
	axes := func(n int) []int { return append(append([]int(nil), lead...), n) }
	w, bias, x, dy := f("w", 3, 5), f("bias", 3), f("x", axes(5)...), f("dy", axes(3)...)
	g := b.Apply(op.LinearGrad, nil, dy, x)
	dx := b.Apply(op.MatMul, nil, dy, w)[0]
	a := op.SGDAttrs{LR: 0.25}
	bias = b.Apply(op.SGDUpdate, a, bias, bias, g[1])[0]
	w = b.Apply(op.SGDUpdate, a, w, w, g[0])[0]
	b.Output("w", w)
	b.Output("bias", bias)
	b.Output("dx", dx)
	return b.Graph()
}

func TestStepsOfLayersAreTheirProducts(t *testing.T) {
	for _, lead := range [][]int{{7}, {2, 4}, {2, 3, 2}} {
		plain := layerStep(lead...)
		g := Steps(plain.Clone())
		if err := g.Verify(); err != nil {
			t.Fatalf("%v: %v", lead, err)
		}
		step, reader := -1, -1
		for i := range g.Nodes {
			switch g.Nodes[i].Def {
			case graph.ProductStep:
				step = i
			case op.MatMul:
				reader = i
			case op.LinearGrad:
				t.Errorf("%v: the gradient of the weight is still made:\n%v", lead, g)
			}
		}
		if step < 0 || step != reader+1 {
			t.Errorf("%v: the step is node %d, want it behind the weight's last reader, node %d", lead, step, reader)
		}
		want, have := results(t, plain), results(t, g)
		for i := range want {
			a, b := want[i].F32(), have[i].F32()
			for k := range a {
				if d := a[k] - b[k]; d > 1e-5 || d < -1e-5 {
					t.Errorf("%v: output %d, element %d is %v, want %v", lead, i, k, b[k], a[k])
				}
			}
		}
	}
}

// results runs g on numbers that are small fractions.
func results(t *testing.T, g *graph.Graph) []engine.Array {
	t.Helper()
	p, err := exec.New(g, nil)
	if err != nil {
		t.Fatal(err)
	}
	var in []engine.Array
	for i, x := range g.Inputs {
		v := make([]float32, g.Types[x.Value].Shape.Numel())
		for k := range v {
			v[k] = float32((k*7+i*3)%11-5) / 8
		}
		in = append(in, engine.Of(g.Types[x.Value].Shape, v))
	}
	return p.Run(&exec.Run{Inputs: in})
}
