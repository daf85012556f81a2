package pass

import (
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
)

// Pooled exchanges the gradients of a ReLU and of the maximum over windows behind it: the ReLU's is then taken of the
// maxima, of which there are fewer. A maximum is positive or NaN where the element that it was taken from is, so
// that results are the same in all bits.
func Pooled(g *graph.Graph) *graph.Graph {
	uses, from := g.Uses(), g.Producers()
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if n.Def != op.ReLUGrad {
			continue
		}
		spread := before(g, from, n.In[0], op.MaxPoolGrad)
		if spread == nil || uses[n.In[0]] != 1 || !same(g.Types[n.In[0]], g.Types[n.Out[0]]) {
			continue
		}
		pool := before(g, from, spread.In[1], op.MaxPool)
		if pool == nil || pool.Out[1] != spread.In[1] || pool.In[0] != n.In[1] ||
			!same(g.Types[spread.In[0]], g.Types[pool.Out[0]]) {
			continue
		}
		v := graph.Value(len(g.Types))
		g.Types = append(g.Types, g.Types[spread.In[0]])
		dy, a := spread.In[0], spread.Attrs
		*spread, *n = graph.Node{
			Def: op.ReLUGrad, Attrs: n.Attrs, In: []graph.Value{dy, pool.Out[0]}, Out: []graph.Value{v}, Tag: n.Tag,
			Source: n.Source,
		}, graph.Node{
			Def: op.MaxPoolGrad, Attrs: a, In: []graph.Value{v, spread.In[1]}, Out: n.Out, Tag: spread.Tag,
			Source: spread.Source,
		}
	}
	return g
}
