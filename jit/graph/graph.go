// Package graph is a program of tensor operators as data: typed, in SSA form, without side effects.
//
//	b := graph.NewBuilder()
//	x := b.Input("x", op.Type{DType: engine.F32, Shape: engine.Shape{32, 784}})
//	w := b.Constant("w", weight) // an engine.Array, by reference
//	b.Output("y", b.Apply(op.MatMul, nil, x, w)[0])
//	g := b.Graph()
//
// What a training step changes (parameters, moments, running means) is state: a value that goes in and one
// that comes out, over the same storage. Package jit makes graphs of functions, jit/pass improves them,
// jit/exec runs them. It does not compute and does not know eager tensors.
package graph

import (
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// Value names a value of a Graph: an index into Graph.Types.
type Value int

// None stands for no value.
const None Value = -1

// Graph is a function of its inputs, constants and states. Each value is defined once: by Inputs, Consts,
// States or one Node, and Nodes are in an order in which operands come first.
type Graph struct {
	Types   []op.Type // of each Value
	Inputs  []Input
	Consts  []Const
	States  []State
	Nodes   []Node
	Outputs []Output
	Words   uint64 // how much of the default random stream a run uses up
}

// Input is an argument.
type Input struct {
	Name  string
	Value Value
}

// Const is a value that stays the same. Data is a reference: a weight is not copied.
type Const struct {
	Name  string // path of a weight, such as "conv1.weight"; "" for others
	Value Value
	Data  engine.Array
}

// State is storage that the graph reads as In and replaces by Out.
type State struct {
	Name    string
	In, Out Value
	Data    engine.Array
}

// Output is a result.
type Output struct {
	Name  string
	Value Value
}

// Node is one application of an operator: operands are promoted and broadcast as Def.Resolve says.
type Node struct {
	Def   *op.Def
	Attrs op.Attrs
	In    []Value
	Out   []Value
	// Random says that the operator draws from the default random stream, Words behind where the run
	// starts; Seed and Offset of Attrs are then those of the recorded run.
	Random bool
	Words  uint64
	// Tag is for who made the graph: passes keep it.
	Tag int
	// Source is where the operator was called: "cell 3 line 7"; "" is unknown.
	Source string
}

// At returns the parameters of n in a run that so many runs went before and that starts at a place in the
// random stream.
func (n *Node) At(runs int, seed, offset uint64) op.Attrs {
	switch {
	case n.Random:
		return op.AtRandomPlace(n.Attrs, seed, offset+n.Words)
	case n.Def.IsUpdate():
		return op.Later(n.Attrs, runs)
	}
	return n.Attrs
}

// Type returns the type of v.
func (g *Graph) Type(v Value) op.Type { return g.Types[v] }

// Clone returns a copy that can be changed; types, attributes and data are shared.
func (g *Graph) Clone() *Graph {
	c := *g
	c.Types = slices.Clone(g.Types)
	c.Inputs, c.Consts = slices.Clone(g.Inputs), slices.Clone(g.Consts)
	c.States, c.Outputs = slices.Clone(g.States), slices.Clone(g.Outputs)
	c.Nodes = slices.Clone(g.Nodes)
	for i := range c.Nodes {
		n := &c.Nodes[i]
		n.In, n.Out = slices.Clone(n.In), slices.Clone(n.Out)
	}
	return &c
}

// Producers returns the index of the node that makes each value; −1 for those that no node makes.
func (g *Graph) Producers() []int {
	p := make([]int, len(g.Types))
	for i := range p {
		p[i] = -1
	}
	for i := range g.Nodes {
		for _, v := range g.Nodes[i].Out {
			p[v] = i
		}
	}
	return p
}

// Uses returns how often each value is read: by nodes, as an output and as the new value of a state.
func (g *Graph) Uses() []int {
	n := make([]int, len(g.Types))
	for i := range g.Nodes {
		for _, v := range g.Nodes[i].In {
			n[v]++
		}
	}
	for _, o := range g.Outputs {
		n[o.Value]++
	}
	for _, s := range g.States {
		n[s.Out]++
	}
	return n
}

// Replace makes everything that reads from read to instead.
func (g *Graph) Replace(from, to Value) {
	for i := range g.Nodes {
		for k, v := range g.Nodes[i].In {
			if v == from {
				g.Nodes[i].In[k] = to
			}
		}
	}
	for i := range g.Outputs {
		if g.Outputs[i].Value == from {
			g.Outputs[i].Value = to
		}
	}
	for i := range g.States {
		if g.States[i].Out == from {
			g.States[i].Out = to
		}
	}
}

// ConstOf returns the data of a constant value.
func (g *Graph) ConstOf(v Value) (engine.Array, bool) {
	for i := range g.Consts {
		if g.Consts[i].Value == v {
			return g.Consts[i].Data, true
		}
	}
	return engine.Array{}, false
}
