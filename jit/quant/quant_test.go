package quant

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
	"github.com/lathe-ml/lathe/jit/pass"
)

// normal returns numbers around 0.
func normal(r *rand.Rand, scale float64, s ...int) engine.Array {
	a := engine.NewArray(engine.F32, s)
	for i := range a.F32() {
		a.F32()[i] = float32(r.NormFloat64() * scale)
	}
	return a
}

// network is a small residual network with everything that quantisation treats specially: a stem that pools,
// a residual block with batch normalisation, a depthwise layer with Clamp, a sigmoid gate in f32, a dense head.
func network(r *rand.Rand) *graph.Graph {
	b := graph.NewBuilder()
	conv := func(name string, x graph.Value, a op.ConvAttrs, w ...int) graph.Value {
		fan := w[1] * w[2] * w[3]
		return b.Apply(op.Conv, a, x, b.Constant(name+".weight", normal(r, math.Sqrt(2/float64(fan)), w...)),
			b.Constant(name+".bias", normal(r, 0.1, w[0])))[0]
	}
	same := op.ConvAttrs{Padding: []int{1, 1}}
	x := b.Input("x", op.Type{DType: engine.F32, Shape: engine.Shape{4, 3, 16, 16}})
	stem := b.Apply(op.ReLU, nil, conv("stem", x, same, 16, 3, 3, 3))[0]
	stem = b.Apply(op.MaxPool, op.PoolAttrs{Kernel: []int{2, 2}}, stem)[0]
	h := b.Apply(op.ReLU, nil, conv("block.1", stem, same, 16, 16, 3, 3))[0]
	h = conv("block.2", h, same, 16, 16, 3, 3)
	h = b.Apply(op.Mul, nil, h, b.Constant("norm.weight", normal(r, 1, 16, 1, 1)))[0]
	h = b.Apply(op.ReLU, nil, b.Apply(op.Add, nil, h, stem)[0])[0]
	d := conv("depthwise", h, op.ConvAttrs{Padding: []int{1, 1}, Groups: 16}, 16, 1, 3, 3)
	d = b.Apply(op.Clamp, op.ClampAttrs{Lo: 0, Hi: 6}, d)[0]
	gate := b.Apply(op.Sigmoid, nil, conv("gate", d, op.ConvAttrs{}, 16, 16, 1, 1))[0]
	d = b.Apply(op.Mul, nil, d, gate)[0]
	flat := b.Apply(op.Reshape, op.ShapeAttrs{Shape: engine.Shape{4, 16 * 64}}, d)[0]
	w := b.Constant("head.weight", normal(r, 0.03, 10, 16*64))
	b.Output("scores", b.Apply(op.Linear, nil, flat, w)[0])
	return b.Graph()
}

func count(g *graph.Graph) map[string]int {
	n := map[string]int{}
	for i := range g.Nodes {
		n[g.Nodes[i].Def.Name]++
	}
	return n
}

func TestANetworkOfBytesAgreesWithItsNumbers(t *testing.T) {
	for _, o := range []Options{{}, {Method: MinMax}, {Method: Percentile}} {
		r := rand.New(rand.NewPCG(1, 2))
		g := network(r)
		var batches []engine.Array
		for range 8 {
			batches = append(batches, normal(r, 1, 4, 3, 16, 16))
		}
		q, report, err := Static(g, Batches(batches...), o)
		if err != nil {
			t.Fatal(err)
		}
		n := count(q)
		if n["Conv"]+n["Linear"] > 0 || n["QuantConv"] != 5 || n["QuantLinear"] != 1 || n["QuantMaxPool"] != 1 {
			t.Errorf("%s: operators %v", o.Method, n)
		}
		if n["ReLU"]+n["Clamp"]+n["Add"] > 0 {
			t.Errorf("%s: something stayed behind a layer: %v", o.Method, n)
		}
		// The input and the gated product are made bytes; the gated value is read as numbers.
		if n["Quantize"] != 2 || n["Dequantize"] != 1 {
			t.Errorf("%s: operators between bytes and numbers: %v", o.Method, n)
		}
		out := report.Outputs[0]
		if out.Rows != 32 || out.SQNR < 25 || out.SameTop1 < 30 {
			t.Errorf("%s: %v", o.Method, report)
		}
		for _, l := range report.Layers {
			if l.SQNR < 20 {
				t.Errorf("%s: layer %s has %.1f dB", o.Method, l.Name, l.SQNR)
			}
		}
	}
}

// What the packed program computes is what the operators of the graph compute.
func TestPackedLayersGiveTheSameBytes(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	x := normal(r, 1, 4, 3, 16, 16)
	q, _, err := Static(network(r), Batches(x), Options{})
	if err != nil {
		t.Fatal(err)
	}
	packed := pass.RunConstant(q)
	if n := count(packed)["PackedQuant"]; n != 6 {
		t.Fatalf("%d packed layers, want 6", n)
	}
	values := []graph.Value{q.Outputs[0].Value}
	a, err := newRunner(q, values)
	if err != nil {
		t.Fatal(err)
	}
	want, err := a.run([]engine.Array{x})
	if err != nil {
		t.Fatal(err)
	}
	have := interpret(t, q, x)
	for i, v := range want[0].F32() {
		if have.F32()[i] != v {
			t.Fatalf("element %d: packed %v, operators %v", i, v, have.F32()[i])
		}
	}
}

// interpret runs q operator by operator.
func interpret(t *testing.T, q *graph.Graph, x engine.Array) engine.Array {
	t.Helper()
	known := map[graph.Value]engine.Array{q.Inputs[0].Value: x}
	for _, c := range q.Consts {
		known[c.Value] = c.Data
	}
	for i := range q.Nodes {
		n := &q.Nodes[i]
		types, in := make([]op.Type, len(n.In)), make([]engine.Array, len(n.In))
		for k, v := range n.In {
			types[k], in[k] = q.Types[v], known[v]
		}
		r, err := n.Def.Resolve(n.Attrs, types)
		if err != nil {
			t.Fatal(err)
		}
		out := make([]engine.Array, len(n.Out))
		for k, v := range n.Out {
			out[k] = n.Def.NewResult(n.Attrs, in, r.Out[k])
			known[v] = out[k]
		}
		n.Def.CPU(n.Attrs, out, in)
	}
	return rowMajor(known[q.Outputs[0].Value])
}

func TestKeptLayersStayNumbers(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	q, report, err := Static(network(r), Batches(normal(r, 1, 4, 3, 16, 16)), Options{
		Keep: []string{"stem.weight", "head.weight"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := count(q); n["Conv"] != 1 || n["Linear"] != 1 || n["QuantConv"] != 4 || report.Kept != 2 {
		t.Errorf("operators %v, report %v", n, report)
	}
}

func TestBadCalibrationIsAnError(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	g, x := network(r), normal(r, 1, 4, 3, 16, 16)
	nan := normal(r, 1, 4, 3, 16, 16)
	nan.F32()[5] = float32(math.NaN())
	broken := network(r)
	for _, c := range broken.Consts {
		if c.Name == "head.weight" { // its results are not observed
			c.Data.F32()[3] = float32(math.NaN())
		}
	}
	b := graph.NewBuilder()
	v := b.Input("x", op.Type{DType: engine.F32, Shape: engine.Shape{3}})
	b.Output("y", b.Apply(op.ReLU, nil, v)[0])
	for want, f := range map[string]func() (*graph.Graph, *Report, error){
		"no batch":           func() (*graph.Graph, *Report, error) { return Static(g, Batches(), Options{}) },
		"finite":             func() (*graph.Graph, *Report, error) { return Static(g, Batches(nan), Options{}) },
		"the graph wants":    func() (*graph.Graph, *Report, error) { return Static(g, Batches(normal(r, 1, 2)), Options{}) },
		"head.weight is NaN": func() (*graph.Graph, *Report, error) { return Static(broken, Batches(x), Options{}) },
		`names "stem.wieght"`: func() (*graph.Graph, *Report, error) {
			return Static(g, Batches(x), Options{Keep: []string{"stem.wieght"}})
		},
		"no convolution":   func() (*graph.Graph, *Report, error) { return Static(b.Graph(), Batches(x), Options{}) },
		"mse, minmax or":   func() (*graph.Graph, *Report, error) { return Static(g, Batches(x), Options{Method: "best"}) },
		"more than 0 and ": func() (*graph.Graph, *Report, error) { return Static(g, Batches(x), Options{Share: 2}) },
	} {
		if _, _, err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
}
