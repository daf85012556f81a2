package pass

import (
	"slices"

	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
)

// Steps makes plain gradient descent part of the product that gives the gradient of a matrix, where nobody
// else reads that gradient: the largest gradients of a network are then never stored.
func Steps(g *graph.Graph) *graph.Graph {
	uses, from := g.Uses(), g.Producers()
	before := map[int][]graph.Node{} // nodes to insert
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if !plainStep(n) || uses[n.Out[1]] != 0 || uses[n.In[2]] != 1 || from[n.In[2]] < 0 {
			continue
		}
		made := from[n.In[2]]
		if a, b, ok := product(g, &g.Nodes[made], n.In[2]); ok {
			if g.Nodes[made].Def == op.LinearGrad {
				view, t := transposed(g, a)
				before[i] = append(before[i], view)
				a = t
				replaceLinearGrad(g, &g.Nodes[made], uses)
			}
			n.Def, n.In, n.Out = graph.ProductStep, []graph.Value{n.In[0], a, b}, n.Out[:1]
		}
	}
	nodes := make([]graph.Node, 0, len(g.Nodes)+len(before))
	for i := range g.Nodes {
		nodes = append(append(nodes, before[i]...), g.Nodes[i])
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

// product returns the matrices whose product n gives as v; for LinearGrad the first one is still to be
// transposed.
func product(g *graph.Graph, n *graph.Node, v graph.Value) (a, b graph.Value, ok bool) {
	if n.Def != op.MatMul && n.Def != op.LinearGrad || n.Out[0] != v {
		return 0, 0, false
	}
	for _, x := range append(slices.Clone(n.In), v) {
		if t := g.Types[x]; len(t.Shape) != 2 || t.DType != g.Types[v].DType {
			return 0, 0, false
		}
	}
	return n.In[0], n.In[1], true
}

// transposed returns a node that views x with its axes exchanged, and its result.
func transposed(g *graph.Graph, x graph.Value) (graph.Node, graph.Value) {
	t := g.Types[x]
	v := graph.Value(len(g.Types))
	t.Shape = []int{t.Shape[1], t.Shape[0]}
	g.Types = append(g.Types, t)
	return graph.Node{
		Def: op.Permute, Attrs: op.PermuteAttrs{Perm: []int{1, 0}}, In: []graph.Value{x}, Out: []graph.Value{v},
	}, v
}

// replaceLinearGrad leaves the gradient of the bias to n, if somebody reads it.
func replaceLinearGrad(_ *graph.Graph, n *graph.Node, uses []int) {
	if uses[n.Out[1]] == 0 {
		return // dead now
	}
	*n = graph.Node{
		Def: op.Sum, Attrs: op.ReduceAttrs{Axes: []int{0}}, In: []graph.Value{n.In[0]}, Out: n.Out[1:], Tag: n.Tag,
		Source: n.Source,
	}
}
