package quant

import (
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
	"github.com/lathe-ml/lathe/jit/pass"
)

// DynamicOptions are the options of Dynamic; the zero value is the default.
type DynamicOptions struct {
	// ByTensor gives all of a layer's input one scale and zero point, as ONNX's DynamicQuantizeLinear does. Otherwise
	// each row has its own, which loses less, and rows of a batch do not depend on each other. Recurrent layers always
	// go by row.
	ByTensor bool
	// Keep names weights ("head.weight", as the graph's constants are called) whose layers stay f32.
	Keep []string
}

// Dynamic returns a copy of g, frozen (pass.Freeze), whose dense layers, products with a constant matrix, LSTMs and GRUs
// have 8-bit weights with one scale for each row of them, and make bytes of what they read in each run: no
// examples are needed. Convolutions and projected LSTMs stay f32.
// Batches, when given, are run through both graphs for the report, which otherwise has sizes only; each has one array
// for each input of g. It is an error when g has states or no such layer, or when a weight is not finite.
func Dynamic(g *graph.Graph, batches iter.Seq[[]engine.Array], o DynamicOptions) (*graph.Graph, *Report, error) {
	g, err := pass.Freeze(g)
	if err != nil {
		return nil, nil, err
	}
	if err := namesConstants(g, o.Keep); err != nil {
		return nil, nil, err
	}
	d := &dynamic{g: g.Clone(), o: o, uses: g.Uses(), report: &Report{Before: size(g)}}
	var caught error
	if err := engine.Catch(func() { caught = d.convert() }); err != nil || caught != nil {
		return nil, nil, firstOf(caught, err)
	}
	if len(d.layers) == 0 {
		return nil, nil, fmt.Errorf("quant: the graph has no dense layer, product, LSTM or GRU with constant weights of f32; " +
			"want one, or the static method, which knows convolutions")
	}
	q := pass.DeadCode(d.g)
	if err := q.Verify(); err != nil {
		return nil, nil, fmt.Errorf("quant: %w", err)
	}
	r := d.report
	r.After, r.Quantised = size(q), len(d.layers)
	if batches == nil {
		return q, r, nil
	}
	return q, r, d.measure(g, q, batches)
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// dynamic converts a graph in place; values keep their numbers.
type dynamic struct {
	g      *graph.Graph
	o      DynamicOptions
	uses   []int
	layers []graph.Value // results of converted layers
	report *Report
}

func (d *dynamic) convert() error {
	for i := 0; i < len(d.g.Nodes); i++ {
		n := &d.g.Nodes[i]
		weights, name := d.weightsOf(n)
		if weights == nil {
			if n.Def == op.Conv || n.Def == op.Linear || n.Def == op.LSTM || n.Def == op.GRU {
				d.report.Kept++
			}
			continue
		}
		for _, w := range weights {
			if err := finite(w, name); err != nil {
				return err
			}
		}
		y := n.Out[0]
		d.layers = append(d.layers, y)
		d.report.Layers = append(d.report.Layers, LayerError{Name: name, SQNR: math.NaN()})
		switch n.Def {
		case op.Linear:
			w, scale := d.weight(weights[0], name)
			*n = d.linear(n, n.In[0], w, scale, y, n.In[2:]...)
		case op.MatMul:
			i += d.left(i, weights[0], name)
		default:
			d.recurrent(n, weights, name)
		}
	}
	return nil
}

// weightsOf returns the constant weights of a layer that Dynamic converts, and its name; nil: it is none, or stays.
func (d *dynamic) weightsOf(n *graph.Node) (weights []engine.Array, name string) {
	var at []int
	switch n.Def {
	case op.Linear:
		at = []int{1}
	case op.MatMul: // pass.Freeze made those with a constant on the right dense layers
		if x := d.g.Types[n.In[1]].Shape; len(x) < 2 {
			return nil, ""
		}
		at = []int{0}
	case op.LSTM, op.GRU:
		l := op.NewByteRecurrent(n.Def)
		if len(n.In) != l.Operands() || d.readsFrom(n, l.Weights()) {
			return nil, ""
		}
		at = []int{l.Weights(), l.Weights() + 1}
	default:
		return nil, ""
	}
	for _, v := range append(slices.Clone(n.In), n.Out...) {
		if d.g.Types[v].DType != engine.F32 {
			return nil, ""
		}
	}
	for _, i := range at {
		w, known := d.g.ConstOf(n.In[i])
		k := nameOf(d.g, n.In[i])
		if !known || len(w.Shape) != 2 || w.Numel() == 0 || k != "" && slices.Contains(d.o.Keep, k) {
			return nil, ""
		}
		if weights = append(weights, w); name == "" {
			name = k
		}
	}
	if name == "" {
		name = fmt.Sprintf("%s %%%d", n.Def.Name, int(n.Out[0]))
	}
	return weights, name
}

// readsFrom reports whether results of n from k on are read.
func (d *dynamic) readsFrom(n *graph.Node, k int) bool {
	for _, v := range n.Out[k:] {
		if d.uses[v] > 0 {
			return true
		}
	}
	return false
}

// weight adds w as signed bytes and their scales.
func (d *dynamic) weight(w engine.Array, name string) (bytes, scale graph.Value) {
	data, scales := weights(w)
	return d.constant(name, data), d.constant(name+".scale", scales)
}

func (d *dynamic) constant(name string, a engine.Array) graph.Value {
	v := d.value(op.Type{DType: a.DType, Shape: a.Shape})
	d.g.Consts = append(d.g.Consts, graph.Const{Value: v, Name: name, Data: a})
	return v
}

func (d *dynamic) value(t op.Type) graph.Value {
	d.g.Types = append(d.g.Types, t)
	return graph.Value(len(d.g.Types) - 1)
}

// linear is the layer with weights w of n that reads x and gives y.
func (d *dynamic) linear(n *graph.Node, x, w, scale, y graph.Value, bias ...graph.Value) graph.Node {
	return graph.Node{
		Def: graph.DynamicLinear, Attrs: graph.DynamicAttrs{ByRow: !d.o.ByTensor},
		In: append([]graph.Value{x, w, scale}, bias...), Out: []graph.Value{y}, Tag: n.Tag, Source: n.Source,
	}
}

// left makes node i, w·x, the transpose of the layer xᵀ·wᵀ and returns by how many nodes the graph grew.
func (d *dynamic) left(i int, data engine.Array, name string) int {
	n := d.g.Nodes[i]
	w, scale := d.weight(data, name)
	turn := func(v, to graph.Value) graph.Node {
		perm := make([]int, len(d.g.Types[v].Shape))
		for k := range perm {
			perm[k] = k
		}
		r := len(perm)
		perm[r-2], perm[r-1] = r-1, r-2
		return graph.Node{
			Def: op.Permute, Attrs: op.PermuteAttrs{Perm: perm}, In: []graph.Value{v}, Out: []graph.Value{to},
			Tag: n.Tag, Source: n.Source,
		}
	}
	swapped := func(v graph.Value) graph.Value {
		t := d.g.Types[v]
		s, r := t.Shape.Clone(), len(t.Shape)
		s[r-2], s[r-1] = s[r-1], s[r-2]
		return d.value(op.Type{DType: t.DType, Shape: s})
	}
	x, y := swapped(n.In[1]), swapped(n.Out[0])
	d.g.Nodes = slices.Replace(d.g.Nodes, i, i+1, turn(n.In[1], x), d.linear(&n, x, w, scale, y), turn(y, n.Out[0]))
	return 2
}

func (d *dynamic) recurrent(n *graph.Node, data []engine.Array, name string) {
	def := graph.DynamicLSTM
	if n.Def == op.GRU {
		def = graph.DynamicGRU
	}
	at := op.NewByteRecurrent(n.Def).Weights()
	wih, first := d.weight(data[0], name)
	whh, second := d.weight(data[1], nameOf(d.g, n.In[at+1]))
	in := append(slices.Clone(n.In), first, second)
	in[at], in[at+1] = wih, whh
	n.Def, n.In, n.Out = def, in, n.Out[:at:at]
}

// measure fills in the errors of layers and outputs.
func (d *dynamic) measure(g, q *graph.Graph, batches iter.Seq[[]engine.Array]) error {
	want := slices.Clone(d.layers)
	for _, o := range g.Outputs {
		if g.Types[o.Value].DType == engine.F32 {
			d.report.Outputs = append(d.report.Outputs, OutputError{Name: o.Name})
			want = append(want, o.Value)
		}
	}
	return d.report.compare(g, q, want, want, batches)
}

// nameOf is the name of constant v; "" when it has none.
func nameOf(g *graph.Graph, v graph.Value) string {
	i := slices.IndexFunc(g.Consts, func(k graph.Const) bool { return k.Value == v })
	if i < 0 {
		return ""
	}
	return g.Consts[i].Name
}

// finite wants weights that bytes can stand for.
func finite(w engine.Array, layer string) error {
	for _, v := range rowMajor(w).F32() {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("quant: a weight of %s is %v; want finite numbers", layer, v)
		}
	}
	return nil
}

// namesConstants wants names of constants of g.
func namesConstants(g *graph.Graph, names []string) error {
	for _, name := range names {
		if !slices.ContainsFunc(g.Consts, func(k graph.Const) bool { return k.Name == name }) {
			return fmt.Errorf("quant: Keep names %q, which is no constant of the frozen graph; there are %s", name, constants(g))
		}
	}
	return nil
}
