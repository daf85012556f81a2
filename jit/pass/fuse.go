package pass

import (
	"slices"

	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/codegen"
	"github.com/lathe-ml/lathe/jit/graph"
)

// Epilogue makes a ReLU part of the product before it.
func Epilogue(g *graph.Graph) *graph.Graph {
	uses, from := g.Uses(), g.Producers()
	with := map[*op.Def]*op.Def{op.Linear: graph.LinearReLU, op.Conv: graph.ConvReLU}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if n.Def != op.ReLU || from[n.In[0]] < 0 || uses[n.In[0]] != 1 {
			continue
		}
		p := g.Nodes[from[n.In[0]]]
		d := with[p.Def]
		if d == nil || !g.Types[p.Out[0]].DType.IsFloat() {
			continue
		}
		*n = graph.Node{Def: d, Attrs: p.Attrs, In: slices.Clone(p.In), Out: n.Out, Tag: n.Tag, Source: n.Source}
	}
	return DeadCode(g)
}

// Limits of one loop: more instructions or inputs than that do not fit in registers or first cache.
const (
	mostInstructions = 32
	mostInputs       = 12
)

// Fuse turns chains of elementwise operators into loops: each takes in the operators that feed it and whose
// other readers come later.
func Fuse(g *graph.Graph) *graph.Graph {
	f := &fuser{g: g, from: g.Producers(), group: make([]int, len(g.Nodes)), readers: make([][]int, len(g.Types))}
	for i := range g.Nodes {
		f.group[i] = -1
		for _, v := range g.Nodes[i].In {
			f.readers[v] = append(f.readers[v], i)
		}
	}
	f.kept = make([]bool, len(g.Types))
	for _, o := range g.Outputs {
		f.kept[o.Value] = true
	}
	for _, s := range g.States {
		f.kept[s.Out] = true
	}
	for i := len(g.Nodes) - 1; i >= 0; i-- {
		v := g.Nodes[i].Out[0]
		if f.group[i] < 0 && f.fusible(&g.Nodes[i]) && (f.kept[v] || len(f.readers[v]) > 0) {
			f.grow(i)
		}
	}
	return f.rewrite()
}

// fuser finds groups of nodes. A group is named by its last node, where its loop will stand.
type fuser struct {
	g       *graph.Graph
	from    []int   // node that makes a value
	group   []int   // of each node
	readers [][]int // nodes that read a value
	kept    []bool  // outputs and new states
}

// fusible reports whether n is an elementwise operator that a loop can hold, on values of its own type and
// Go numbers.
func (f *fuser) fusible(n *graph.Node) bool {
	if len(n.Out) != 1 || n.Attrs != nil || n.Random {
		return false
	}
	t := f.g.Types[n.Out[0]]
	if !codegen.Takes(n.Def, t.DType) || t.Weak {
		return false
	}
	typed := false
	for _, v := range n.In {
		x := f.g.Types[v]
		if !x.Weak && x.DType != t.DType {
			return false
		}
		typed = typed || !x.Weak
	}
	return typed
}

// grow makes a group that ends with node root.
func (f *fuser) grow(root int) {
	members := []int{root}
	f.group[root] = root
	shape := f.g.Types[f.g.Nodes[root].Out[0]].Shape
	for grown := true; grown && len(members) < mostInstructions; {
		grown = false
		for _, m := range members {
			for _, v := range f.g.Nodes[m].In {
				p := f.from[v]
				if p < 0 || f.group[p] >= 0 || !f.fusible(&f.g.Nodes[p]) ||
					!f.g.Types[v].Shape.Equal(shape) || f.g.Types[v].DType != f.g.Types[f.g.Nodes[root].Out[0]].DType ||
					!f.readLater(v, root) {
					continue
				}
				f.group[p] = root
				if next := append(slices.Clone(members), p); len(f.inputs(next)) <= mostInputs {
					members, grown = next, true
					break
				}
				f.group[p] = -1
			}
			if grown {
				break
			}
		}
	}
	if len(members) == 1 {
		f.group[root] = -1
	}
}

// readLater reports whether all readers of v are in the group of root or behind it.
func (f *fuser) readLater(v graph.Value, root int) bool {
	for _, r := range f.readers[v] {
		if f.group[r] != root && r <= root {
			return false
		}
	}
	return true
}

// inputs lists what a group reads from outside.
func (f *fuser) inputs(members []int) []graph.Value {
	var in []graph.Value
	for _, m := range members {
		for _, v := range f.g.Nodes[m].In {
			if p := f.from[v]; p >= 0 && slices.Contains(members, p) || slices.Contains(in, v) {
				continue
			}
			in = append(in, v)
		}
	}
	return in
}

// rewrite puts loops in the places of groups.
func (f *fuser) rewrite() *graph.Graph {
	members := map[int][]int{}
	for i, r := range f.group {
		if r >= 0 {
			members[r] = append(members[r], i)
		}
	}
	nodes := make([]graph.Node, 0, len(f.g.Nodes))
	for i := range f.g.Nodes {
		switch {
		case f.group[i] < 0:
			nodes = append(nodes, f.g.Nodes[i])
		case f.group[i] == i:
			nodes = append(nodes, f.loop(members[i]))
		}
	}
	f.g.Nodes = nodes
	return f.g
}

// loop returns the node of a group, whose members are in the order of their nodes.
func (f *fuser) loop(members []int) graph.Node {
	in := f.inputs(members)
	at := map[graph.Value]int{}
	for i, v := range in {
		at[v] = i
	}
	root := &f.g.Nodes[members[len(members)-1]]
	l := &codegen.Loop{DType: f.g.Types[root.Out[0]].DType, Inputs: len(in)}
	n := graph.Node{Def: graph.Fused, In: in, Tag: root.Tag, Source: root.Source}
	for _, m := range members {
		x := &f.g.Nodes[m]
		i := codegen.Ins{Def: x.Def, A: at[x.In[0]]}
		if len(x.In) > 1 {
			i.B = at[x.In[1]]
		}
		v := x.Out[0]
		at[v] = len(in) + len(l.Code)
		l.Code = append(l.Code, i)
		outside := f.kept[v]
		for _, r := range f.readers[v] {
			outside = outside || f.group[r] != f.group[m]
		}
		if outside {
			l.Outputs = append(l.Outputs, at[v])
			n.Out = append(n.Out, v)
		}
	}
	n.Attrs = graph.FusedAttrs{Loop: l}
	return n
}
