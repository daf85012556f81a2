package pass

import (
	"slices"

	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
)

// lateBytes is the size of scores that may be kept for later.
const lateBytes = 1 << 16

// Late moves the loss of a training step that only the caller reads behind everything else, if its scores are small:
// other nodes do not wait for it, and an executor may compute it beside them. The gradient, which has to be taken
// of the same scores, refuses wrong labels before anything is changed.
func Late(g *graph.Graph) *graph.Graph {
	uses := g.Uses()
	for _, o := range g.Outputs {
		uses[o.Value]--
	}
	bytes := func(v graph.Value) int { return g.Types[v].Shape.Numel() * g.Types[v].DType.Size() }
	state := func(v graph.Value) bool {
		return slices.ContainsFunc(g.States, func(s graph.State) bool { return s.In == v })
	}
	nodes := make([]graph.Node, 0, len(g.Nodes))
	var last []graph.Node
	for i := range g.Nodes {
		n := &g.Nodes[i]
		refused := func(m graph.Node) bool { return m.Def == op.CrossEntropyGrad && slices.Equal(m.In[1:], n.In) }
		if n.Def == op.CrossEntropy && uses[n.Out[0]] == 0 && bytes(n.In[0])+bytes(n.In[1]) <= lateBytes &&
			!slices.ContainsFunc(n.In, state) && slices.ContainsFunc(g.Nodes, refused) {
			last = append(last, *n)
		} else {
			nodes = append(nodes, *n)
		}
	}
	g.Nodes = append(nodes, last...)
	return g
}
