package pass

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/exec"
	"github.com/lathe-ml/lathe/jit/graph"
)

// Simplify replaces operators that return an operand: copies, conversions to the same type, reshapes to the
// same shape, x·1, x/1, x − 0, pairs that undo each other, and choices between x and its bounds. x + 0 is not among them: it turns −0 into 0.
func Simplify(g *graph.Graph) *graph.Graph {
	from := g.Producers()
	by := make([]graph.Value, len(g.Types)) // what stands for a value
	for v := range by {
		by[v] = graph.Value(v)
	}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		for k, v := range n.In {
			n.In[k] = by[v]
		}
		if len(n.Out) != 1 {
			continue
		}
		if v := simpler(g, n, from); v != graph.None && same(g.Types[v], g.Types[n.Out[0]]) && !g.Types[v].Weak {
			by[n.Out[0]] = v
		}
	}
	for i := range g.Outputs {
		g.Outputs[i].Value = by[g.Outputs[i].Value]
	}
	for i := range g.States {
		g.States[i].Out = by[g.States[i].Out]
	}
	return g
}

func same(a, b op.Type) bool { return a.DType == b.DType && a.Shape.Equal(b.Shape) }

// simpler returns the operand that n returns, or None.
func simpler(g *graph.Graph, n *graph.Node, from []int) graph.Value {
	x := n.In
	switch n.Def {
	case op.Copy, op.Cast, op.Reshape, op.Expand:
		if same(g.Types[x[0]], g.Types[n.Out[0]]) {
			return x[0]
		}
	case op.Permute:
		if identity(n.Attrs.(op.PermuteAttrs).Perm) {
			return x[0]
		}
		if b := before(g, from, x[0], op.Permute); b != nil && identity(compose(b, n)) {
			return b.In[0]
		}
	case op.Neg:
		if b := before(g, from, x[0], op.Neg); b != nil {
			return b.In[0]
		}
	case op.Mul, op.Div:
		if isNumber(g, x[1], 1) {
			return x[0]
		}
		if n.Def == op.Mul && isNumber(g, x[0], 1) {
			return x[1]
		}
	case op.Sub:
		if isNumber(g, x[1], 0) {
			return x[0]
		}
	case op.Where:
		if bounded(g, from, x) {
			return x[2]
		}
	}
	return graph.None
}

// before returns the node that made v, if it applies d.
func before(g *graph.Graph, from []int, v graph.Value, d *op.Def) *graph.Node {
	if i := from[v]; i >= 0 && g.Nodes[i].Def == d {
		return &g.Nodes[i]
	}
	return nil
}

func identity(perm []int) bool {
	for i, p := range perm {
		if i != p {
			return false
		}
	}
	return true
}

func compose(first, second *graph.Node) []int {
	a, b := first.Attrs.(op.PermuteAttrs).Perm, second.Attrs.(op.PermuteAttrs).Perm
	r := make([]int, len(b))
	for i, p := range b {
		r[i] = a[p]
	}
	return r
}

// isNumber reports whether v is the Go number x. Tensors are not looked at: their values may change.
func isNumber(g *graph.Graph, v graph.Value, x float64) bool {
	if !g.Types[v].Weak {
		return false
	}
	a, ok := g.ConstOf(v)
	if !ok {
		return false
	}
	y, ok := graph.Scalar(a)
	return ok && y == x
}

// foldMax is the number of elements up to which a result of constants is computed ahead.
const foldMax = 1 << 16

// Fold computes operators on Go numbers ahead. Constants that are tensors stay operands: they are
// references to storage that may change.
func Fold(g *graph.Graph) *graph.Graph { return foldTo(g, foldMax) }

// foldNumbers is Fold for results of one element, which a device takes as numbers.
func foldNumbers(g *graph.Graph) *graph.Graph { return foldTo(g, 1) }

func foldTo(g *graph.Graph, most int) *graph.Graph {
	known := map[graph.Value]engine.Array{}
	for _, c := range g.Consts {
		if g.Types[c.Value].Weak {
			known[c.Value] = c.Data
		}
	}
	return fold(g, known, func(*graph.Node) int { return most })
}

// fold computes the nodes whose operands are all known ahead and whose results have at most so many elements.
func fold(g *graph.Graph, known map[graph.Value]engine.Array, most func(n *graph.Node) int) *graph.Graph {
	nodes := make([]graph.Node, 0, len(g.Nodes))
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if y, ok := folded(g, n, known, most(n)); ok {
			known[n.Out[0]] = y
			g.Consts = append(g.Consts, graph.Const{Value: n.Out[0], Data: y})
			continue
		}
		nodes = append(nodes, *n)
	}
	g.Nodes = nodes
	return g
}

func folded(g *graph.Graph, n *graph.Node, known map[graph.Value]engine.Array, most int) (y engine.Array, ok bool) {
	if len(n.Out) != 1 || len(n.In) == 0 || n.Random || g.Types[n.Out[0]].Shape.Numel() > most {
		return y, false
	}
	if _, _, random := op.RandomPlace(n.Attrs); random {
		return y, false
	}
	var weak uint64
	in := make([]engine.Array, len(n.In))
	for k, v := range n.In {
		a, is := known[v]
		if !is {
			return y, false
		}
		in[k] = a
		if g.Types[v].Weak {
			weak |= 1 << min(k, 63)
		}
	}
	t := g.Types[n.Out[0]]
	out := []engine.Array{engine.NewArray(t.DType, t.Shape)}
	if err := engine.Catch(func() { exec.Apply(n.Def, n.Attrs, in, weak, out) }); err != nil {
		return y, false // the error belongs to the run
	}
	return out[0], true
}

// Common computes what two nodes both compute once. Random operators and steps of optimizers, whose
// parameters differ between runs, are left alone, as are operators of others, whose parameters may be anything.
func Common(g *graph.Graph) *graph.Graph {
	seen := map[string][]graph.Value{}
	by := make([]graph.Value, len(g.Types))
	for v := range by {
		by[v] = graph.Value(v)
	}
	nodes := make([]graph.Node, 0, len(g.Nodes))
	for i := range g.Nodes {
		n := g.Nodes[i]
		for k, v := range n.In {
			n.In[k] = by[v]
		}
		_, _, random := op.RandomPlace(n.Attrs)
		if random || n.Random || n.Def.IsUpdate() || n.Def.Domain != "" {
			nodes = append(nodes, n)
			continue
		}
		key := fmt.Sprintf("%p %T%v %v", n.Def, n.Attrs, n.Attrs, n.In)
		if out, ok := seen[key]; ok {
			for k, v := range n.Out {
				by[v] = out[k]
			}
			continue
		}
		seen[key] = n.Out
		nodes = append(nodes, n)
	}
	g.Nodes = nodes
	for i := range g.Outputs {
		g.Outputs[i].Value = by[g.Outputs[i].Value]
	}
	for i := range g.States {
		g.States[i].Out = by[g.States[i].Out]
	}
	return g
}
