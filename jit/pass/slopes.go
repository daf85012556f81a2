package pass

import (
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
)

// Slopes has operators whose gradient is asked for compute their derivative beside their value, as the tape does
// (op.Def.Recorded): GELU(x) and GELUGrad(dy, x) become GELUSlope(x) and a product.
func Slopes(g *graph.Graph) *graph.Graph {
	made := map[graph.Value]int{} // the first GELU of a value
	slope := map[graph.Value]graph.Value{}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		switch n.Def {
		case op.GELU:
			if _, ok := made[n.In[0]]; !ok && g.Types[n.In[0]].DType == engine.F32 {
				made[n.In[0]] = i
			}
		case op.GELUGrad:
			x := n.In[1]
			at, ok := made[x]
			if !ok || !same(g.Types[n.In[0]], g.Types[n.Out[0]]) || !same(g.Types[x], g.Types[n.Out[0]]) {
				continue
			}
			if _, ok := slope[x]; !ok {
				slope[x] = graph.Value(len(g.Types))
				g.Types = append(g.Types, g.Types[x])
				g.Nodes[at].Def, g.Nodes[at].Out = op.GELUSlope, []graph.Value{g.Nodes[at].Out[0], slope[x]}
			}
			n.Def, n.In = op.Mul, []graph.Value{n.In[0], slope[x]}
		}
	}
	return g
}
