package pass

import (
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/exec"
	"github.com/lathe-ml/lathe/jit/graph"
)

var update = flag.Bool("update", false, "write the golden files")

func f32(shape ...int) op.Type { return op.Type{DType: engine.F32, Shape: shape} }

func number(b *graph.Builder, v float64) graph.Value {
	return b.Number(engine.Of(nil, []float64{v}))
}

// example has work for every pass.
func example() *graph.Graph {
	b := graph.NewBuilder()
	one := func(d *op.Def, a op.Attrs, in ...graph.Value) graph.Value { return b.Apply(d, a, in...)[0] }
	x, w, bias := b.Input("x", f32(4, 6)), b.Input("w", f32(6, 6)), b.Input("bias", f32(6))
	h := one(op.ReLU, nil, one(op.Linear, nil, x, w, bias))
	h = one(op.Copy, nil, h)
	h = one(op.Mul, nil, h, number(b, 1))
	h = one(op.Permute, op.PermuteAttrs{Perm: []int{1, 0}}, one(op.Permute, op.PermuteAttrs{Perm: []int{1, 0}}, h))
	two := one(op.Add, nil, number(b, 1), number(b, 1))
	a := one(op.Tanh, nil, one(op.Mul, nil, h, two))
	c := one(op.Tanh, nil, one(op.Mul, nil, h, two))
	one(op.Exp, nil, c) // nobody reads it
	y := one(op.Add, nil, one(op.Add, nil, a, c), bias)
	b.Output("y", y)
	b.Output("a", a)
	return b.Graph()
}

// TestPassesHaveTheirGoldenText shows a graph after each pass.
func TestPassesHaveTheirGoldenText(t *testing.T) {
	g := example()
	text := "traced\n" + g.String()
	for _, p := range All() {
		g = p.Do(g)
		if err := g.Verify(); err != nil {
			t.Fatalf("%s: %v", p.Name, err)
		}
		text += "\n" + p.Name + "\n" + g.String()
	}
	path := filepath.Join("testdata", "passes.txt")
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || string(want) != text {
		t.Errorf("the passes give (run with -update to accept)\n%s", text)
	}
}

// TestEachPassKeepsResults runs random graphs before and after each pass by itself.
func TestEachPassKeepsResults(t *testing.T) {
	for seed := range uint64(400) {
		g := randomGraph(rand.New(rand.NewPCG(seed, 3)))
		want := outputs(t, g, seed)
		for _, p := range All() {
			h := p.Do(g.Clone())
			if err := h.Verify(); err != nil {
				t.Fatalf("seed %d: %s: %v", seed, p.Name, err)
			}
			for i, y := range outputs(t, h, seed) {
				for k := range y {
					if d := y[k] - want[i][k]; d > 1e-4 || d < -1e-4 || (d != d) != (want[i][k] != want[i][k]) {
						t.Fatalf("seed %d: %s: output %d[%d] is %v, want %v\n%s\n%s", seed, p.Name, i, k, y[k], want[i][k], g, h)
					}
				}
			}
		}
	}
}

func randomGraph(r *rand.Rand) *graph.Graph {
	b := graph.NewBuilder()
	vals := []graph.Value{b.Input("x", f32(3, 5)), b.Input("y", f32(3, 5)), number(b, 1), number(b, 0)}
	unary := []*op.Def{op.Neg, op.Tanh, op.Copy, op.ReLU, op.Sigmoid}
	binary := []*op.Def{op.Add, op.Sub, op.Mul, op.Maximum}
	for range 4 + r.IntN(16) {
		v, w := vals[r.IntN(len(vals))], vals[r.IntN(len(vals))]
		if b.Type(v).Weak {
			v = vals[0]
		}
		switch s := b.Type(v).Shape; {
		case r.IntN(4) == 0:
			vals = append(vals, b.Apply(op.Permute, op.PermuteAttrs{Perm: []int{1, 0}}, v)[0])
		case r.IntN(2) == 0:
			vals = append(vals, b.Apply(unary[r.IntN(len(unary))], nil, v)[0])
		case b.Type(w).Weak || b.Type(w).Shape.Equal(s):
			vals = append(vals, b.Apply(binary[r.IntN(len(binary))], nil, v, w)[0])
		}
	}
	b.Output("last", vals[len(vals)-1])
	b.Output("some", vals[4+r.IntN(max(1, len(vals)-4))%max(1, len(vals)-4)])
	return b.Graph()
}

func outputs(t *testing.T, g *graph.Graph, seed uint64) [][]float32 {
	t.Helper()
	p, err := exec.New(g, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(seed, 4))
	in := make([]engine.Array, len(g.Inputs))
	for i := range in {
		x := make([]float32, 15)
		for k := range x {
			x[k] = float32(r.NormFloat64())
		}
		in[i] = engine.Of(engine.Shape{3, 5}, x)
	}
	var out [][]float32
	for _, y := range p.Run(&exec.Run{Inputs: in}) {
		c := engine.NewArray(y.DType, y.Shape)
		exec.Move(c, y)
		out = append(out, c.F32())
	}
	return out
}

func TestPassesLeaveAloneWhatMayChange(t *testing.T) {
	b := graph.NewBuilder()
	x := b.Input("x", f32(3))
	w := b.Constant("w", engine.Of(engine.Shape{3}, []float32{1, 1, 1}))
	b.Output("y", b.Apply(op.Mul, nil, x, b.Apply(op.Exp, nil, w)[0])[0])
	b.Output("zero", b.Apply(op.Add, nil, x, b.Number(engine.Of(nil, []float64{0})))[0])
	random := op.DropoutAttrs{P: 0.5}
	b.Output("a", b.Random(op.Dropout, random, 0, x)[0])
	b.Output("b", b.Random(op.Dropout, random, 4, x)[0])
	g := Run(b.Graph())
	count := map[*op.Def]int{}
	for i := range g.Nodes {
		count[g.Nodes[i].Def]++
	}
	// Exp of a weight is computed each time, x + 0 turns −0 into 0, and two draws differ.
	if count[graph.Fused] != 1 || count[op.Add] != 1 || count[op.Dropout] != 2 {
		t.Errorf("the graph became\n%s", g)
	}
}
