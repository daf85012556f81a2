package pass

import (
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
)

// ConvPool makes a convolution of few channels, ReLU and the maxima of 2×2 windows one operator, and all their gradients
// another, on images in blocks of samples; images between two of them stay in blocks. The convolution adds in its order,
// so that maxima lie where they lay. Pooled goes before it.
func ConvPool(g *graph.Graph) *graph.Graph {
	c := &convPools{g: g, uses: g.Uses(), from: g.Producers(), blocks: map[graph.Value]graph.Value{}, last: map[graph.Value]bool{}}
	c.readers = make([][]int, len(g.Types))
	for i := range g.Nodes {
		for _, v := range g.Nodes[i].In {
			c.readers[v] = append(c.readers[v], i)
		}
	}
	c.find()
	if len(c.found) == 0 {
		return g
	}
	nodes := make([]graph.Node, 0, len(g.Nodes))
	for i := range g.Nodes {
		for _, p := range c.found {
			switch i {
			case p.pool:
				nodes = append(nodes, c.forward(p)...)
			case p.spread:
				nodes = append(nodes, c.backward(p)...)
			}
		}
		if !slices.ContainsFunc(c.found, func(p *convPool) bool { return slices.Contains(p.replaced, i) }) {
			nodes = append(nodes, g.Nodes[i])
		}
	}
	g.Nodes = nodes
	return DeadCode(g)
}

// convPools replaces the convolutions of a graph.
type convPools struct {
	g       *graph.Graph
	uses    []int
	from    []int
	readers [][]int
	found   []*convPool
	blocks  map[graph.Value]graph.Value // values that also lie in blocks
	last    map[graph.Value]bool        // maxima that would have their channels last
}

// convPool is a convolution to replace, by the indices of its nodes; input is −1 where its gradient is not wanted.
type convPool struct {
	cpu.ConvPool
	conv, pool, mask, spread, weight, bias, input int
	code                                          graph.Value
	replaced                                      []int
}

func (c *convPools) find() {
	for i := range c.g.Nodes {
		if p := c.match(i); p != nil {
			c.found = append(c.found, p)
		}
	}
}

// match returns the convolution whose maxima node i takes; nil if they cannot be one operator.
func (c *convPools) match(i int) *convPool {
	pool := &c.g.Nodes[i]
	if pool.Def != op.MaxPool || !pairs(pool.Attrs.(op.PoolAttrs)) {
		return nil
	}
	relu := before(c.g, c.from, pool.In[0], op.ReLU)
	if relu == nil || c.uses[pool.In[0]] != 1 || c.uses[relu.In[0]] != 1 || c.uses[pool.Out[1]] != 1 {
		return nil
	}
	conv := before(c.g, c.from, relu.In[0], op.Conv)
	if conv == nil || len(conv.In) != 3 {
		return nil
	}
	for _, v := range append(slices.Clone(conv.In), conv.Out[0]) {
		if t := c.g.Types[v]; t.DType != engine.F32 || t.Weak {
			return nil
		}
	}
	a := conv.Attrs.(op.ConvAttrs)
	if !ones(a.Stride) || !ones(a.Dilation) || a.Groups > 1 {
		return nil
	}
	x, w := c.g.Types[conv.In[0]].Shape, c.g.Types[conv.In[1]].Shape
	order, ok := cpu.ConvPoolPays(x, w, a.Padding, c.last[conv.In[0]])
	if !ok {
		return nil
	}
	p := &convPool{ConvPool: order, conv: c.from[relu.In[0]], pool: i, input: -1, weight: -1, bias: -1}
	if !c.gradients(p) {
		return nil
	}
	c.last[pool.Out[0]] = w[0] >= 16
	p.replaced = []int{p.conv, c.from[pool.In[0]], i, p.mask, p.spread, p.weight, p.bias, p.input}
	return p
}

// pairs reports whether windows are 2×2 and do not overlap.
func pairs(a op.PoolAttrs) bool {
	two := func(v []int) bool { return len(v) == 2 && v[0] == 2 && v[1] == 2 }
	return two(a.Kernel) && (len(a.Stride) == 0 || two(a.Stride)) && !a.Ceil && ones(a.Dilation) &&
		!slices.ContainsFunc(a.Padding, func(n int) bool { return n != 0 })
}

func ones(v []int) bool { return !slices.ContainsFunc(v, func(n int) bool { return n != 1 }) }

// gradients finds the nodes of the gradients of p; it reports whether these are all that reads its codes.
func (c *convPools) gradients(p *convPool) bool {
	conv, pool := &c.g.Nodes[p.conv], &c.g.Nodes[p.pool]
	p.spread = c.reader(pool.Out[1], op.MaxPoolGrad)
	if p.spread < 0 {
		return false
	}
	spread := &c.g.Nodes[p.spread]
	mask := before(c.g, c.from, spread.In[0], op.ReLUGrad)
	if mask == nil || mask.In[1] != pool.Out[0] || c.uses[spread.In[0]] != 1 || spread.In[1] != pool.Out[1] ||
		!same(c.g.Types[mask.In[0]], c.g.Types[pool.Out[0]]) {
		return false
	}
	p.mask = c.from[spread.In[0]]
	for _, i := range c.readers[spread.Out[0]] {
		n := &c.g.Nodes[i]
		switch {
		case n.Def == op.ConvWeightGrad && p.weight < 0 && n.In[0] == spread.Out[0] && n.In[1] == conv.In[0] &&
			sameConv(n.Attrs, conv.Attrs):
			p.weight = i
		case n.Def == op.ConvInputGrad && p.input < 0 && n.In[0] == spread.Out[0] && n.In[1] == conv.In[1] &&
			sameConv(n.Attrs, conv.Attrs):
			p.input = i
		case n.Def == op.Sum && p.bias < 0 && !n.Attrs.(op.ReduceAttrs).Keep &&
			slices.Equal(n.Attrs.(op.ReduceAttrs).Axes, []int{0, 2, 3}):
			p.bias = i
		default:
			return false
		}
	}
	return p.weight >= 0 && p.bias >= 0 && c.uses[spread.Out[0]] == len(c.readers[spread.Out[0]])
}

// sameConv reports whether two operators belong to one convolution.
func sameConv(a, b op.Attrs) bool {
	x, y := a.(op.ConvAttrs), b.(op.ConvAttrs)
	return slices.Equal(x.Padding, y.Padding) && ones(x.Stride) && ones(x.Dilation) && x.Groups <= 1
}

// reader returns the only node that reads v, if it applies d, or −1.
func (c *convPools) reader(v graph.Value, d *op.Def) int {
	if r := c.readers[v]; len(r) == 1 && c.g.Nodes[r[0]].Def == d {
		return r[0]
	}
	return -1
}

func (c *convPools) value(t op.Type) graph.Value {
	c.g.Types = append(c.g.Types, t)
	return graph.Value(len(c.g.Types) - 1)
}

// one returns a node of one result, like n in origin.
func one(n *graph.Node, d *op.Def, a op.Attrs, out graph.Value, in ...graph.Value) graph.Node {
	return graph.Node{Def: d, Attrs: a, In: in, Out: []graph.Value{out}, Tag: n.Tag, Source: n.Source}
}

// inBlocks returns x [n c h w] in blocks of samples and the node that arranges it so, none if it lies so.
func (c *convPools) inBlocks(n *graph.Node, x graph.Value) (graph.Value, []graph.Node) {
	if v, ok := c.blocks[x]; ok {
		return v, nil
	}
	v := c.value(c.blockType(x))
	c.blocks[x] = v
	return v, []graph.Node{one(n, graph.LanesLast, nil, v, x)}
}

// outOfBlocks returns a new value for x in blocks and the node that makes x of it.
func (c *convPools) outOfBlocks(n *graph.Node, x graph.Value) (graph.Value, graph.Node) {
	v := c.value(c.blockType(x))
	c.blocks[x] = v
	return v, one(n, graph.SamplesFirst, nil, x, v)
}

// blockType is the type of x [n c h w] in blocks.
func (c *convPools) blockType(x graph.Value) op.Type {
	s := c.g.Types[x].Shape
	return op.Type{DType: engine.F32, Shape: engine.Shape{s[0] / cpu.Lanes, s[2], s[3], s[1], cpu.Lanes}}
}

func (c *convPools) forward(p *convPool) []graph.Node {
	conv, pool := &c.g.Nodes[p.conv], &c.g.Nodes[p.pool]
	x, nodes := c.inBlocks(conv, conv.In[0])
	y, after := c.outOfBlocks(pool, pool.Out[0])
	p.code = c.value(op.Type{DType: engine.U8, Shape: c.g.Types[y].Shape})
	n := one(conv, graph.ConvPool, graph.ConvPoolAttrs{ConvPool: p.ConvPool}, y, x, conv.In[1], conv.In[2])
	n.Out = append(n.Out, p.code)
	return append(nodes, n, after)
}

func (c *convPools) backward(p *convPool) []graph.Node {
	conv, spread := &c.g.Nodes[p.conv], &c.g.Nodes[p.spread]
	dy, nodes := c.inBlocks(spread, c.g.Nodes[p.mask].In[0])
	x := c.blocks[conv.In[0]]
	a := graph.ConvPoolAttrs{ConvPool: p.ConvPool, NoInput: p.input < 0}
	n := one(spread, graph.ConvPoolGrad, a, c.g.Nodes[p.weight].Out[0], dy, p.code, x, conv.In[1])
	if a.NoInput {
		n.Out = append(n.Out, c.g.Nodes[p.bias].Out[0], c.value(op.Type{DType: engine.F32, Shape: engine.Shape{0}}))
		return append(nodes, n)
	}
	dx, after := c.outOfBlocks(&c.g.Nodes[p.input], c.g.Nodes[p.input].Out[0])
	n.Out = append(n.Out, c.g.Nodes[p.bias].Out[0], dx)
	return append(nodes, n, after)
}
