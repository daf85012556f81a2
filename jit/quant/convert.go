package quant

import (
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
)

// moves are operators that take bytes as they take numbers.
var moves = map[*op.Def]bool{op.Reshape: true, op.Permute: true, op.Slice: true}

// wanted reports for each value whether something reads it as bytes.
func (c *converter) wanted() []bool {
	w := make([]bool, len(c.g.Types))
	for i := len(c.g.Nodes) - 1; i >= 0; i-- {
		n := &c.g.Nodes[i]
		switch l := c.layers[i]; {
		case l != nil:
			w[c.g.Nodes[l.node].In[0]] = true
			if l.residual != graph.None {
				w[l.residual] = true
			}
		case c.inside[i]:
		case n.Def == op.MaxPool, moves[n.Def]:
			if w[n.Out[0]] && c.f32(n.Out[0]) {
				w[n.In[0]] = true
			}
		}
	}
	return w
}

func (c *converter) f32(v graph.Value) bool { return c.g.Types[v].DType == engine.F32 }

// observed lists the values whose range has to be known.
func (c *converter) observed() []graph.Value {
	var values []graph.Value
	for v, w := range c.wanted() {
		if w {
			values = append(values, graph.Value(v))
		}
	}
	return values
}

// convert builds the graph of 8-bit layers.
func (c *converter) convert() *graph.Graph {
	c.b = graph.NewBuilder()
	c.numbers, c.bytes = map[graph.Value]graph.Value{}, map[graph.Value]graph.Value{}
	c.coded = map[graph.Value]op.QuantizeAttrs{}
	want := c.wanted()
	for _, x := range c.g.Inputs {
		c.numbers[x.Value] = c.b.Input(x.Name, c.g.Types[x.Value])
	}
	for i := range c.g.Nodes {
		n := &c.g.Nodes[i]
		switch l := c.layers[i]; {
		case l != nil:
			c.layer(l, want[l.out])
		case c.inside[i]:
		case c.inBytes(n):
			c.move(n)
		default:
			in := make([]graph.Value, len(n.In))
			for k, v := range n.In {
				in[k] = c.asNumbers(v)
			}
			for k, v := range c.apply(n, in) {
				c.numbers[n.Out[k]] = v
			}
		}
	}
	for _, o := range c.g.Outputs {
		c.b.Output(o.Name, c.asNumbers(o.Value))
	}
	g := c.b.Graph()
	g.Words = c.g.Words
	return g
}

func (c *converter) apply(n *graph.Node, in []graph.Value) []graph.Value {
	if n.Random {
		return c.b.Random(n.Def, n.Attrs, n.Words, in...)
	}
	return c.b.Apply(n.Def, n.Attrs, in...)
}

// inBytes reports whether n, which moves elements or takes the largest, has bytes to do so with.
func (c *converter) inBytes(n *graph.Node) bool {
	if !moves[n.Def] && (n.Def != op.MaxPool || c.uses[n.Out[1]] > 0) {
		return false
	}
	_, have := c.bytes[n.In[0]]
	return have
}

func (c *converter) move(n *graph.Node) {
	d, x, y := n.Def, n.In[0], n.Out[0]
	if d == op.MaxPool {
		d = op.QuantMaxPool
	}
	c.bytes[y] = c.b.Apply(d, n.Attrs, c.bytes[x])[0]
	c.coded[y] = c.coded[x]
}

// asNumbers returns v as f32, or as it is when it is of another type.
func (c *converter) asNumbers(v graph.Value) graph.Value {
	if x, ok := c.numbers[v]; ok {
		return x
	}
	if x, ok := c.bytes[v]; ok {
		a := c.coded[v]
		a.DType = 0
		c.numbers[v] = c.b.Apply(op.Dequantize, a, x)[0]
		return c.numbers[v]
	}
	i := slices.IndexFunc(c.g.Consts, func(k graph.Const) bool { return k.Value == v })
	if i < 0 {
		engine.Fail("quant", "value %d of the graph is not defined before it is read", int(v))
	}
	k := c.g.Consts[i]
	if c.g.Types[v].Weak {
		c.numbers[v] = c.b.Number(k.Data)
	} else {
		c.numbers[v] = c.b.Constant(k.Name, k.Data)
	}
	return c.numbers[v]
}

// asBytes returns v as bytes, and what they stand for.
func (c *converter) asBytes(v graph.Value) (graph.Value, op.QuantizeAttrs) {
	if x, ok := c.bytes[v]; ok {
		return x, c.coded[v]
	}
	p := c.params[v]
	c.bytes[v], c.coded[v] = c.b.Apply(op.Quantize, p, c.asNumbers(v))[0], p
	return c.bytes[v], p
}

// layer adds l with a result of bytes or of f32.
func (c *converter) layer(l *layer, bytes bool) {
	n := &c.g.Nodes[l.node]
	x, xp := c.asBytes(n.In[0])
	xp.DType = 0
	a := op.QuantLayerAttrs{X: xp, Y: op.QuantizeAttrs{DType: engine.F32}, Clamp: l.clamp, Lo: l.lo, Hi: l.hi}
	d := op.QuantLinear
	if n.Def == op.Conv {
		d, a.ConvAttrs = op.QuantConv, n.Attrs.(op.ConvAttrs)
	}
	w, _ := c.g.ConstOf(n.In[1])
	data, scales := weights(w)
	bias := engine.Zeros(engine.F32, scales.Shape)
	if len(n.In) > 2 {
		b, _ := c.g.ConstOf(n.In[2])
		bias = rowMajor(b)
	}
	in := []graph.Value{
		x, c.b.Constant(l.name, data), c.b.Constant(l.name+".scale", scales), c.b.Constant(l.name+".bias", bias),
	}
	if l.residual != graph.None {
		r, rp := c.asBytes(l.residual)
		rp.DType = 0
		a.HasResidual, a.Residual = true, rp
		in = append(in, r)
	}
	if bytes {
		a.Y = c.params[l.out]
		c.bytes[l.out], c.coded[l.out] = c.b.Apply(d, a, in...)[0], a.Y
		return
	}
	c.numbers[l.out] = c.b.Apply(d, a, in...)[0]
}
