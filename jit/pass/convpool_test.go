package pass

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/exec"
	"github.com/lathe-ml/lathe/jit/graph"
)

// smallConv is a convolution, ReLU and maxima with its gradients as the tape records them.
type smallConv struct {
	x, w, bias, y, index, relu graph.Value
	a                          op.ConvAttrs
	pool                       op.PoolAttrs
}

func newSmallConv(b *graph.Builder, x, w, bias graph.Value, a op.ConvAttrs, pool op.PoolAttrs) *smallConv {
	c := &smallConv{x: x, w: w, bias: bias, a: a, pool: pool}
	c.relu = b.Apply(op.ReLU, nil, b.Apply(op.Conv, a, x, w, bias)[0])[0]
	m := b.Apply(op.MaxPool, pool, c.relu)
	c.y, c.index = m[0], m[1]
	return c
}

// gradients adds those of w and the bias as outputs and returns the one of x, if wanted.
func (c *smallConv) gradients(b *graph.Builder, dy graph.Value, name string, input bool) (dx graph.Value) {
	spread := b.Apply(op.MaxPoolGrad, op.ShapeAttrs{Shape: b.Type(c.relu).Shape}, dy, c.index)[0]
	dz := b.Apply(op.ReLUGrad, nil, spread, c.relu)[0]
	restoring := func(v graph.Value) op.ConvAttrs {
		a := c.a
		a.Shape = b.Type(v).Shape
		return a
	}
	if input {
		dx = b.Apply(op.ConvInputGrad, restoring(c.x), dz, c.w)[0]
	}
	b.Output("dw"+name, b.Apply(op.ConvWeightGrad, restoring(c.w), dz, c.x)[0])
	b.Output("db"+name, b.Apply(op.Sum, op.ReduceAttrs{Axes: []int{0, 2, 3}}, dz)[0])
	return dx
}

// twoConvs is a network of two small convolutions with all gradients.
func twoConvs(n, h, w, c1, c2, k, pad int) *graph.Graph {
	b := graph.NewBuilder()
	a := op.ConvAttrs{Stride: []int{1, 1}, Padding: []int{pad, pad}, Dilation: []int{1, 1}, Groups: 1}
	pool := op.PoolAttrs{Kernel: []int{2, 2}, Stride: []int{2, 2}, Padding: []int{0, 0}, Dilation: []int{1, 1}}
	x := b.Input("x", f32(n, 1, h, w))
	w1, b1 := b.Input("w1", f32(c1, 1, k, k)), b.Input("b1", f32(c1))
	w2, b2 := b.Input("w2", f32(c2, c1, 3, 3)), b.Input("b2", f32(c2))
	first := newSmallConv(b, x, w1, b1, a, pool)
	a.Padding = []int{1, 1}
	second := newSmallConv(b, first.y, w2, b2, a, pool)
	b.Output("y", second.y)
	dy := b.Input("dy", b.Type(second.y))
	dx := second.gradients(b, dy, "2", true)
	first.gradients(b, dx, "1", false)
	return b.Graph()
}

func TestConvPoolHasItsGoldenText(t *testing.T) {
	if cpu.Level() != "avx512" {
		t.Skip("without AVX-512 convolutions stay as they are")
	}
	g := twoConvs(64, 12, 12, 3, 16, 5, 2)
	text := "traced\n" + g.String()
	g = ConvPool(Pooled(g))
	if err := g.Verify(); err != nil {
		t.Fatal(err)
	}
	text += "\nconvpool\n" + g.String()
	path := filepath.Join("testdata", "convpool.txt")
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(path); err != nil || string(want) != text {
		t.Errorf("the pass gives (run with -update to accept)\n%s", text)
	}
}

// TestConvPoolKeepsResults compares random networks before and after all passes, on small integers, whose sums are exact
// and whose maxima are often equal.
func TestConvPoolKeepsResults(t *testing.T) {
	r, taken := rand.New(rand.NewPCG(11, 4)), 0
	for range 60 {
		k := 2 + r.IntN(4)
		g := twoConvs(32*(1+r.IntN(3)), 8+r.IntN(6), 8+r.IntN(6), 1+r.IntN(17), 1+r.IntN(20), k, r.IntN(k))
		h := Run(g)
		for i := range h.Nodes {
			if h.Nodes[i].Def == graph.ConvPoolGrad {
				taken++
			}
		}
		in := make([]engine.Array, len(g.Inputs))
		for i, x := range g.Inputs {
			in[i] = engine.NewArray(engine.F32, g.Type(x.Value).Shape)
			for j := range in[i].F32() {
				in[i].F32()[j] = float32(r.IntN(5) - 2)
			}
		}
		run := func(g *graph.Graph) []engine.Array {
			p, err := exec.New(g, nil)
			if err != nil {
				t.Fatal(err)
			}
			return p.Run(&exec.Run{Inputs: in})
		}
		want, got := run(g), run(h)
		for i := range want {
			a, b := engine.NewArray(engine.F32, want[i].Shape), engine.NewArray(engine.F32, want[i].Shape)
			exec.Move(a, want[i])
			exec.Move(b, got[i])
			for j, v := range a.F32() {
				if b.F32()[j] != v {
					t.Fatalf("output %s: element %d is %v, want %v\n%v\n%v", g.Outputs[i].Name, j, b.F32()[j], v, g, h)
				}
			}
		}
	}
	if taken < 30 && cpu.Level() == "avx512" {
		t.Errorf("only %d convolutions became one operator", taken)
	}
}

// TestConvPoolLeavesAloneWhatOthersRead wants no change where the convolution, its maxima's places or the gradient before
// the maxima have other readers, or where windows overlap.
func TestConvPoolLeavesAloneWhatOthersRead(t *testing.T) {
	for _, what := range []string{"sum", "relu", "index", "spread", "overlap"} {
		b := graph.NewBuilder()
		a := op.ConvAttrs{Stride: []int{1, 1}, Padding: []int{2, 2}, Dilation: []int{1, 1}, Groups: 1}
		pool := op.PoolAttrs{Kernel: []int{2, 2}, Stride: []int{2, 2}}
		if what == "overlap" {
			pool = op.PoolAttrs{Kernel: []int{2, 2}, Stride: []int{1, 1}}
		}
		x, w, bias := b.Input("x", f32(32, 1, 8, 8)), b.Input("w", f32(4, 1, 5, 5)), b.Input("bias", f32(4))
		c := newSmallConv(b, x, w, bias, a, pool)
		dy := b.Input("dy", b.Type(c.y))
		c.gradients(b, dy, "", true)
		g := b.Graph()
		find := func(d *op.Def) *graph.Node {
			for i := range g.Nodes {
				if g.Nodes[i].Def == d {
					return &g.Nodes[i]
				}
			}
			return nil
		}
		switch what {
		case "sum":
			g.Outputs = append(g.Outputs, graph.Output{Name: "sum", Value: find(op.Conv).Out[0]})
		case "relu":
			g.Outputs = append(g.Outputs, graph.Output{Name: "relu", Value: c.relu})
		case "index":
			g.Outputs = append(g.Outputs, graph.Output{Name: "index", Value: c.index})
		case "spread":
			g.Outputs = append(g.Outputs, graph.Output{Name: "spread", Value: find(op.ReLUGrad).Out[0]})
		}
		g = ConvPool(Pooled(g))
		if err := g.Verify(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if find(graph.ConvPool) != nil {
			t.Errorf("%s: the convolution became one operator\n%v", what, g)
		}
	}
}
