package quant

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
	"github.com/lathe-ml/lathe/jit/pass"
)

// Method says how the range of bytes is chosen from what was observed.
type Method string

// Methods.
const (
	MSE        Method = "mse"        // least mean squared error; the default
	MinMax     Method = "minmax"     // all numbers fit
	Percentile Method = "percentile" // the share Options.Share of all numbers fits
)

// Options of Static.
type Options struct {
	Method Method
	Share  float64 // of numbers that fit, for Percentile; 0: 0.9999
	// Keep names weights ("conv1.weight", as the graph's constants are called) whose layers stay f32.
	Keep []string
}

// Batches returns a sequence of given batches for graphs of one input.
func Batches(x ...engine.Array) iter.Seq[[]engine.Array] {
	return func(yield func([]engine.Array) bool) {
		for _, a := range x {
			if !yield([]engine.Array{a}) {
				return
			}
		}
	}
}

// Static returns a copy of g, frozen (pass.Freeze), whose layers compute with 8 bits, and how far its results
// are from those of g on the batches. Each batch has one array for each input of g; the sequence is run
// through several times. It is an error when g has states, no layer that can be quantised, or when a value of
// the batches is not finite.
//
// Where g rounds a value to learnt steps, as package nn's FakeQuantize does, these are taken instead of chosen ones.
func Static(g *graph.Graph, batches iter.Seq[[]engine.Array], o Options) (*graph.Graph, *Report, error) {
	switch {
	case o.Method == "":
		o.Method = MSE
	case o.Method != MSE && o.Method != MinMax && o.Method != Percentile:
		return nil, nil, fmt.Errorf("quant: method %q; want mse, minmax or percentile", o.Method)
	}
	if o.Share == 0 {
		o.Share = 0.9999
	}
	if !(o.Share > 0 && o.Share <= 1) {
		return nil, nil, fmt.Errorf("quant: Share %v; want more than 0 and at most 1", o.Share)
	}
	known, err := pass.Constants(g)
	if err != nil {
		return nil, nil, err
	}
	plain, learnt := learn(known)
	frozen, err := pass.Freeze(plain)
	if err != nil {
		return nil, nil, err
	}
	c := newConverter(frozen, o)
	if err := c.find(); err != nil {
		return nil, nil, err
	}
	seen, err := observe(frozen, c.observed(), batches, o.Method != MinMax)
	if err != nil {
		return nil, nil, err
	}
	for v, s := range seen {
		if a, ok := learnt[v]; ok {
			c.params[v] = a
			continue
		}
		c.params[v] = s.choose(o)
	}
	var q *graph.Graph
	if err := engine.Catch(func() { q = c.convert() }); err != nil {
		return nil, nil, err
	}
	if err := q.Verify(); err != nil {
		return nil, nil, fmt.Errorf("quant: %w", err)
	}
	r, err := c.report(q, batches)
	return q, r, err
}

// layer is a convolution or dense layer and the nodes behind it that become part of it.
type layer struct {
	node      int
	name      string
	last      int         // the node whose result is the layer's
	residual  graph.Value // None: there is none
	clamp     bool
	lo, hi    float64
	out, sums graph.Value // results of last and node
}

// converter makes the new graph.
type converter struct {
	g      *graph.Graph
	o      Options
	from   []int
	uses   []int
	layers map[int]*layer // by their last node
	inside map[int]bool   // nodes that are part of a layer but not its last
	params map[graph.Value]op.QuantizeAttrs

	b       *graph.Builder
	numbers map[graph.Value]graph.Value // values of g as f32 in b
	bytes   map[graph.Value]graph.Value // and as bytes
	coded   map[graph.Value]op.QuantizeAttrs
}

func newConverter(g *graph.Graph, o Options) *converter {
	return &converter{
		g: g, o: o, from: g.Producers(), uses: g.Uses(), layers: map[int]*layer{}, inside: map[int]bool{},
		params: map[graph.Value]op.QuantizeAttrs{},
	}
}

// find lists the layers.
func (c *converter) find() error {
	for i := range c.g.Nodes {
		if l := c.layerAt(i); l != nil {
			c.extend(l)
			c.layers[l.last] = l
		}
	}
	if err := namesConstants(c.g, c.o.Keep); err != nil {
		return err
	}
	for _, l := range c.layers {
		w, _ := c.g.ConstOf(c.g.Nodes[l.node].In[1])
		if err := finite(w, l.name); err != nil {
			return err
		}
	}
	if len(c.layers) == 0 {
		return fmt.Errorf("quant: the graph has no convolution over one or two axes and no dense layer with constant " +
			"weights of f32")
	}
	return nil
}

// constants lists the constants that have names.
func constants(g *graph.Graph) string {
	var all []string
	for _, k := range g.Consts {
		if k.Name != "" {
			all = append(all, k.Name)
		}
	}
	return strings.Join(all, ", ")
}

// layerAt returns the layer that node i begins; nil: none.
func (c *converter) layerAt(i int) *layer {
	n := &c.g.Nodes[i]
	if n.Def != op.Conv && n.Def != op.Linear {
		return nil
	}
	for _, v := range append(slices.Clone(n.In), n.Out...) {
		if c.g.Types[v].DType != engine.F32 {
			return nil
		}
	}
	for _, v := range n.In[1:] {
		if _, known := c.g.ConstOf(v); !known {
			return nil
		}
	}
	w := c.g.Types[n.In[1]].Shape
	if len(w) > 4 || w.Numel() == 0 || n.Def == op.Conv && len(c.g.Types[n.In[0]].Shape) != len(w) {
		return nil
	}
	l := &layer{node: i, last: i, residual: graph.None, out: n.Out[0], sums: n.Out[0]}
	l.name = nameOf(c.g, n.In[1])
	if slices.Contains(c.o.Keep, l.name) && l.name != "" {
		return nil
	}
	if l.name == "" {
		l.name = fmt.Sprintf("%s %%%d", n.Def.Name, int(l.out))
	}
	return l
}

// extend takes in a residual and bounds that follow l and that alone read its result.
func (c *converter) extend(l *layer) {
	for c.uses[l.out] == 1 && !l.clamp {
		i := c.reader(l.out)
		if i < 0 {
			return
		}
		n := &c.g.Nodes[i]
		switch {
		case n.Def == op.ReLU:
			l.clamp, l.hi = true, maxFloat32
		case n.Def == op.Clamp:
			a := n.Attrs.(op.ClampAttrs)
			l.clamp, l.lo, l.hi = true, max(a.Lo, -maxFloat32), min(a.Hi, maxFloat32)
		case n.Def == op.Add && l.residual == graph.None && !c.isLast(i):
			other := n.In[0]
			if other == l.out {
				other = n.In[1]
			}
			t := c.g.Types[l.out]
			if o := c.g.Types[other]; o.DType != t.DType || o.Weak || !o.Shape.Equal(t.Shape) || other == l.out {
				return
			}
			if _, known := c.g.ConstOf(other); known {
				return
			}
			l.residual = other
		default:
			return
		}
		if l.last != l.node {
			c.inside[l.last] = true
		} else {
			c.inside[l.node] = true
		}
		l.last, l.out = i, n.Out[0]
	}
}

// isLast reports whether node i is already part of another layer.
func (c *converter) isLast(i int) bool { return c.layers[i] != nil || c.inside[i] }

const maxFloat32 = 0x1.fffffep127

// reader returns the node that reads v; −1: an output does.
func (c *converter) reader(v graph.Value) int {
	for i := range c.g.Nodes {
		if slices.Contains(c.g.Nodes[i].In, v) {
			return i
		}
	}
	return -1
}
