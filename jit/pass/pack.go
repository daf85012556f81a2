package pass

import (
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
)

// RunConstant is Run for a graph whose constants stay as they are: weights of convolutions are packed once,
// and what follows a convolution (a sum with another value, bounds) becomes part of it.
func RunConstant(g *graph.Graph) *graph.Graph {
	passes := All()
	at := slices.IndexFunc(passes, func(p Pass) bool { return p.Name == "epilogue" })
	return run(g, slices.Insert(passes, at, Pass{"pack", Pack}))
}

// Pack makes convolutions and dense layers of f32 with constant weights graph.PackedConv and
// graph.PackedLinear and takes in what follows them; those over bytes become graph.PackedQuant, those with 8-bit weights
// on numbers graph.PackedDynamic and its kind.
func Pack(g *graph.Graph) *graph.Graph {
	p := &packer{g: g, uses: g.Uses(), from: g.Producers()}
	for i := range g.Nodes {
		switch n := &g.Nodes[i]; n.Def {
		case op.Conv:
			p.conv(n)
		case op.Linear:
			p.linear(n)
		case op.QuantConv, op.QuantLinear:
			p.quantised(n)
		case graph.DynamicLinear, graph.DynamicConv, graph.DynamicLSTM, graph.DynamicGRU:
			p.dynamic(n)
		case op.ReLU:
			p.bound(n, graph.Bounds{ReLU: true})
		case op.Clamp:
			c := n.Attrs.(op.ClampAttrs)
			p.bound(n, graph.Bounds{Clamp: true, Lo: c.Lo, Hi: c.Hi})
		case op.Add:
			p.add(n)
		}
	}
	return DeadCode(g)
}

type packer struct {
	g    *graph.Graph
	uses []int
	from []int
}

// weight returns the weight of n, if it is constant and everything is f32.
func (p *packer) weight(n *graph.Node) (w engine.Array, known bool) {
	w, known = p.g.ConstOf(n.In[1])
	for _, v := range append([]graph.Value{n.Out[0]}, n.In...) {
		known = known && p.g.Types[v].DType == engine.F32
	}
	return w, known
}

// linear packs the weights of n, if they are constant.
func (p *packer) linear(n *graph.Node) {
	if w, known := p.weight(n); known {
		a := graph.PackedLinearAttrs{Weights: cpu.PackMatMul(w.Permute(1, 0)), Weight: w.Shape, Bias: len(n.In) > 2}
		n.Def, n.Attrs, n.In = graph.PackedLinear, a, slices.Delete(slices.Clone(n.In), 1, 2)
	}
}

// conv packs the weights of n, if they are constant.
func (p *packer) conv(n *graph.Node) {
	w, known := p.weight(n)
	if !known {
		return
	}
	c := n.Attrs.(op.ConvAttrs)
	a := graph.PackedConvAttrs{ConvAttrs: c, Weight: w.Shape, Bias: len(n.In) > 2}
	a.Weights = cpu.PackConv(w, cpu.ConvSpec{
		Stride: c.Stride, Padding: c.Padding, Dilation: c.Dilation, Groups: c.Groups,
	})
	n.Def, n.Attrs, n.In = graph.PackedConv, a, slices.Delete(slices.Clone(n.In), 1, 2)
}

// quantised packs the weights of n, if they, their scales and biases are constant.
func (p *packer) quantised(n *graph.Node) {
	data, known := p.constants(n.In[1:4])
	if !known {
		return
	}
	a := graph.PackedQuantAttrs{QuantLayerAttrs: n.Attrs.(op.QuantLayerAttrs), Weight: data[0].Shape}
	l, err := a.QuantLayerAttrs.Layer(data[0], data[1], data[2])
	check(err)
	a.Layer = l
	n.Def, n.Attrs, n.In = graph.PackedQuant, a, slices.Delete(slices.Clone(n.In), 1, 4)
}

// before returns the node that makes v, if nothing else reads v.
func (p *packer) before(v graph.Value) *graph.Node {
	if p.from[v] < 0 || p.uses[v] != 1 {
		return nil
	}
	return &p.g.Nodes[p.from[v]]
}

// bound makes bounds part of the layer before them.
func (p *packer) bound(n *graph.Node, b graph.Bounds) {
	l := p.before(n.In[0])
	if l == nil {
		return
	}
	switch a := l.Attrs.(type) {
	case graph.PackedConvAttrs:
		if !a.Any() {
			a.Bounds = b
			become(n, l, a)
		}
	case graph.PackedLinearAttrs:
		if !a.Any() {
			a.Bounds = b
			become(n, l, a)
		}
	}
}

// add makes a sum of two values of one type part of a convolution that gives one of them.
func (p *packer) add(n *graph.Node) {
	t := p.g.Types[n.Out[0]]
	for k, v := range n.In {
		o, c := p.g.Types[n.In[1-k]], p.before(v)
		if c == nil {
			continue
		}
		a, ok := c.Attrs.(graph.PackedConvAttrs)
		if !ok || a.Any() || a.Residual || o.DType != t.DType || o.Weak || !o.Shape.Equal(t.Shape) ||
			!p.g.Types[v].Shape.Equal(t.Shape) {
			continue
		}
		a.Residual = true
		become(n, c, a, n.In[1-k])
		return
	}
}

// become makes n the layer c with other attributes and further operands.
func become(n, c *graph.Node, a op.Attrs, more ...graph.Value) {
	*n = graph.Node{
		Def: c.Def, Attrs: a, In: append(slices.Clone(c.In), more...), Out: n.Out, Tag: n.Tag, Source: n.Source,
	}
}
