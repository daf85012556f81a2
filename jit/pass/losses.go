package pass

import (
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
)

// lateBytes is the size of scores that may be kept for later.
const lateBytes = 1 << 16

// Losses makes the gradient of a mean of losses one of each sample, which an executor may divide, and moves a loss
// that only the caller reads behind everything else, if its scores are small: other nodes do not wait for it. The
// gradient, which has to be taken of the same scores, refuses wrong labels before anything is changed.
func Losses(g *graph.Graph) *graph.Graph {
	uses := g.Uses()
	for _, o := range g.Outputs {
		uses[o.Value]--
	}
	for i := range g.Nodes {
		single(g, &g.Nodes[i])
	}
	bytes := func(v graph.Value) int { return g.Types[v].Shape.Numel() * g.Types[v].DType.Size() }
	state := func(v graph.Value) bool {
		return slices.ContainsFunc(g.States, func(s graph.State) bool { return s.In == v })
	}
	nodes := make([]graph.Node, 0, len(g.Nodes))
	var last []graph.Node
	for i := range g.Nodes {
		n := &g.Nodes[i]
		refused := func(m graph.Node) bool {
			return (m.Def == op.CrossEntropyGrad || m.Def == graph.LossGrads) && slices.Equal(m.In[1:], n.In)
		}
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

// single makes n a graph.LossGrads, if it is the like.
func single(g *graph.Graph, n *graph.Node) {
	if n.Def != op.CrossEntropyGrad {
		return
	}
	a := n.Attrs.(op.CrossEntropyAttrs)
	dy, x, labels := g.Types[n.In[0]], g.Types[n.In[1]], g.Types[n.In[2]]
	real := x.DType == engine.F32 || x.DType == engine.F64
	if a.Axis != 1 || a.Reduce == op.ReduceNone || len(x.Shape) != 2 || len(dy.Shape) != 0 || dy.DType != x.DType ||
		labels.DType != engine.I64 || !real || x.Shape.Numel() == 0 {
		return
	}
	samples := 1
	if a.Reduce == op.ReduceMean {
		samples = x.Shape[0]
	}
	n.Def, n.Attrs = graph.LossGrads, graph.LossGradsAttrs{Samples: samples}
}
