package pass

import (
	"testing"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
)

// losses is a loss with its gradient and a step of what the scores are made of.
func losses(rows int, grad, read bool) *graph.Graph {
	b := graph.NewBuilder()
	x, labels := b.Input("x", f32(rows, 16)), b.Input("labels", op.Type{DType: engine.I64, Shape: engine.Shape{rows}})
	w := b.State("w", engine.Zeros(engine.F32, engine.Shape{10, 16}))
	a := op.CrossEntropyAttrs{Axis: 1, Reduce: op.ReduceMean}
	scores := b.Apply(op.Linear, nil, x, w)[0]
	loss := b.Apply(op.CrossEntropy, a, scores, labels)[0]
	d := scores
	if grad {
		d = b.Apply(op.CrossEntropyGrad, a, b.Input("seed", f32()), scores, labels)[0]
	}
	if read {
		d = b.Apply(op.Mul, nil, d, loss)[0]
	}
	g := b.Apply(op.MatMul, nil, b.Apply(op.Permute, op.PermuteAttrs{Perm: []int{1, 0}}, d)[0], x)[0]
	b.SetState(w, b.Apply(op.SGDUpdate, op.SGDAttrs{LR: 0.5}, w, w, g)[0])
	b.Output("loss", loss)
	return b.Graph()
}

func TestALossThatOnlyTheCallerReadsGoesLast(t *testing.T) {
	for _, c := range []struct {
		name       string
		rows       int
		grad, read bool
		last       bool
	}{
		{"training step", 32, true, false, true},
		{"large scores", 4096, true, false, false},
		{"labels that nothing else refuses", 32, false, false, false},
		{"a loss that is read", 32, true, true, false},
	} {
		g := losses(c.rows, c.grad, c.read)
		n := len(g.Nodes)
		g = Late(g)
		if err := g.Verify(); err != nil || len(g.Nodes) != n {
			t.Fatalf("%s: %v, %d of %d nodes", c.name, err, len(g.Nodes), n)
		}
		if last := g.Nodes[n-1].Def == op.CrossEntropy; last != c.last {
			t.Errorf("%s: the loss is last: %v\n%v", c.name, last, g)
		}
	}
}
