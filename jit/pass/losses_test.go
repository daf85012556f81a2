package pass

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/exec"
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

func TestGradientsOfLossesAreThoseOfSamples(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for _, reduce := range []op.Reduction{op.ReduceNone, op.ReduceSum, op.ReduceMean} {
		for _, dt := range []engine.DType{engine.F32, engine.F64} {
			b := graph.NewBuilder()
			rows, dy := 12, op.Type{DType: dt}
			if reduce == op.ReduceNone {
				dy.Shape = engine.Shape{rows}
			}
			seed, x := b.Input("seed", dy), b.Input("x", op.Type{DType: dt, Shape: engine.Shape{rows, 5}})
			labels := b.Input("labels", op.Type{DType: engine.I64, Shape: engine.Shape{rows}})
			b.Output("dx", b.Apply(op.CrossEntropyGrad, op.CrossEntropyAttrs{Axis: 1, Reduce: reduce}, seed, x, labels)[0])
			g := b.Graph()
			h := Losses(g.Clone())
			if got := h.Nodes[0].Def == graph.LossGrads; got != (reduce != op.ReduceNone) {
				t.Errorf("%v: the graph became\n%v", reduce, h)
			}
			var in []engine.Array
			for i, v := range g.Inputs {
				y := make([]float64, g.Types[v.Value].Shape.Numel())
				for k := range y {
					if y[k] = r.NormFloat64(); i == 2 {
						y[k] = float64(r.IntN(5))
					}
				}
				a := engine.NewArray(g.Types[v.Value].DType, g.Types[v.Value].Shape)
				exec.Move(a, engine.Of(a.Shape, y))
				in = append(in, a)
			}
			run := func(g *graph.Graph) []float64 {
				p, err := exec.New(g, nil)
				if err != nil {
					t.Fatal(err)
				}
				c := engine.NewArray(engine.F64, engine.Shape{rows, 5})
				exec.Move(c, p.Run(&exec.Run{Inputs: in})[0])
				return c.F64()
			}
			if want, have := run(g), run(h); !slices.Equal(want, have) {
				t.Errorf("%v %v: %v, want %v", reduce, dt, have, want)
			}
			in[2].I64()[7] = 5
			if err := engine.Catch(func() { run(h) }); err == nil || !strings.Contains(err.Error(), "label 5 at position 7") {
				t.Errorf("a label of 5 classes is 5: %v", err)
			}
		}
	}
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
		g = Losses(g)
		if err := g.Verify(); err != nil || len(g.Nodes) != n {
			t.Fatalf("%s: %v, %d of %d nodes", c.name, err, len(g.Nodes), n)
		}
		if last := g.Nodes[n-1].Def == op.CrossEntropy; last != c.last {
			t.Errorf("%s: the loss is last: %v\n%v", c.name, last, g)
		}
	}
}
