package pass

import (
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
)

// Steps makes plain gradient descent part of the product that gives the gradient of a matrix, where nobody
// else reads that gradient: the largest gradients of a network are then never stored. The step follows the
// product, or the last reader of the matrix, so that its operands are still in the caches.
func Steps(g *graph.Graph) *graph.Graph {
	uses, from := g.Uses(), g.Producers()
	before, after := map[int][]graph.Node{}, map[int][]graph.Node{} // nodes to insert
	moved := map[int]bool{}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if !plainStep(n) || uses[n.Out[1]] != 0 || uses[n.In[2]] != 1 || from[n.In[2]] < 0 {
			continue
		}
		made := from[n.In[2]]
		a, b, ok := product(g, &g.Nodes[made], n.In[2])
		if !ok {
			continue
		}
		if g.Nodes[made].Def == op.LinearGrad {
			var views []graph.Node
			a, b = flattened(g, a, &views), flattened(g, b, &views)
			replaceLinearGrad(&g.Nodes[made], a, uses)
			a = transposed(g, a, &views)
			for k := range views {
				views[k].Tag, views[k].Source = g.Nodes[made].Tag, g.Nodes[made].Source
			}
			before[made] = append(before[made], views...)
		}
		n.Def, n.In, n.Out = graph.ProductStep, []graph.Value{n.In[0], a, b}, n.Out[:1]
		at := made
		for k := made + 1; k < i; k++ {
			if slices.Contains(g.Nodes[k].In, n.In[0]) {
				at = k
			}
		}
		after[at], moved[i] = append(after[at], *n), true
	}
	nodes := make([]graph.Node, 0, len(g.Nodes)+len(before))
	for i := range g.Nodes {
		nodes = append(nodes, before[i]...)
		if !moved[i] {
			nodes = append(nodes, g.Nodes[i])
		}
		nodes = append(nodes, after[i]...)
	}
	g.Nodes = nodes
	return DeadCode(g)
}

// plainStep reports whether n is a step along the gradient alone.
func plainStep(n *graph.Node) bool {
	if n.Def != op.SGDUpdate || n.In[0] != n.In[1] {
		return false
	}
	a := n.Attrs.(op.SGDAttrs)
	return a.Momentum == 0 && a.WeightDecay == 0 && !a.Maximize
}

// product returns the matrices whose product n gives as v; for LinearGrad they may have more axes, and the first one
// is still to be transposed.
func product(g *graph.Graph, n *graph.Node, v graph.Value) (a, b graph.Value, ok bool) {
	if n.Def != op.MatMul && n.Def != op.LinearGrad || n.Out[0] != v {
		return 0, 0, false
	}
	for _, x := range append(slices.Clone(n.In), v) {
		t := g.Types[x]
		if r := len(t.Shape); r < 2 || r > 2 && n.Def != op.LinearGrad || t.DType != g.Types[v].DType {
			return 0, 0, false
		}
	}
	return n.In[0], n.In[1], true
}

// flattened returns x with all axes but the last joined, by a node that is added to views where it has more than two.
func flattened(g *graph.Graph, x graph.Value, views *[]graph.Node) graph.Value {
	t := g.Types[x]
	r := len(t.Shape)
	if r == 2 {
		return x
	}
	t.Shape = engine.Shape{t.Shape[:r-1].Numel(), t.Shape[r-1]}
	return view(g, op.Reshape, op.ShapeAttrs{Shape: t.Shape}, x, t, views)
}

// transposed returns the matrix x with its axes exchanged.
func transposed(g *graph.Graph, x graph.Value, views *[]graph.Node) graph.Value {
	t := g.Types[x]
	t.Shape = engine.Shape{t.Shape[1], t.Shape[0]}
	return view(g, op.Permute, op.PermuteAttrs{Perm: []int{1, 0}}, x, t, views)
}

// view adds the node d(x), of type t, to views and returns its result.
func view(
	g *graph.Graph, d *op.Def, a op.Attrs, x graph.Value, t op.Type, views *[]graph.Node,
) graph.Value {
	v := graph.Value(len(g.Types))
	g.Types = append(g.Types, t)
	*views = append(*views, graph.Node{Def: d, Attrs: a, In: []graph.Value{x}, Out: []graph.Value{v}})
	return v
}

// replaceLinearGrad leaves the gradient of the bias to n, from the matrix dy, if somebody reads it.
func replaceLinearGrad(n *graph.Node, dy graph.Value, uses []int) {
	if uses[n.Out[1]] == 0 {
		return // dead now
	}
	*n = graph.Node{
		Def: op.Sum, Attrs: op.ReduceAttrs{Axes: []int{0}}, In: []graph.Value{dy}, Out: n.Out[1:], Tag: n.Tag,
		Source: n.Source,
	}
}
