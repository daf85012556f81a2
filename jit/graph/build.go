package graph

import (
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// Builder makes a Graph. It panics with *engine.Error where types do not fit, as operators do.
type Builder struct{ g Graph }

// NewBuilder returns a Builder of an empty graph.
func NewBuilder() *Builder { return &Builder{} }

// value adds a value of type t.
func (b *Builder) value(t op.Type) Value {
	t.Shape = t.Shape.Clone()
	b.g.Types = append(b.g.Types, t)
	return Value(len(b.g.Types) - 1)
}

// Type returns the type of v.
func (b *Builder) Type(v Value) op.Type { return b.g.Types[v] }

// Input adds an argument of type t.
func (b *Builder) Input(name string, t op.Type) Value {
	v := b.value(t)
	b.g.Inputs = append(b.g.Inputs, Input{name, v})
	return v
}

// Constant adds a value by reference to data.
func (b *Builder) Constant(name string, data engine.Array) Value {
	v := b.value(op.Type{DType: data.DType, Shape: data.Shape})
	b.g.Consts = append(b.g.Consts, Const{name, v, data})
	return v
}

// Number adds a Go number, which takes part in promotion by its category only.
func (b *Builder) Number(data engine.Array) Value {
	v := b.value(op.Type{DType: data.DType, Shape: data.Shape, Weak: true})
	b.g.Consts = append(b.g.Consts, Const{"", v, data})
	return v
}

// State adds storage that SetState may replace.
func (b *Builder) State(name string, data engine.Array) Value {
	v := b.value(op.Type{DType: data.DType, Shape: data.Shape})
	b.g.States = append(b.g.States, State{Name: name, In: v, Out: v, Data: data})
	return v
}

// SetState makes v the new value of the state whose value was in.
func (b *Builder) SetState(in, v Value) {
	for i := range b.g.States {
		if b.g.States[i].In == in {
			b.g.States[i].Out = v
			return
		}
	}
	engine.Fail("graph", "value %d is not a state", in)
}

// Apply adds an application of d and returns its results.
func (b *Builder) Apply(d *op.Def, a op.Attrs, in ...Value) []Value {
	types := make([]op.Type, len(in))
	for i, v := range in {
		types[i] = b.g.Types[v]
	}
	r, err := d.Resolve(a, types)
	if err != nil {
		panic(err)
	}
	return b.add(Node{Def: d, Attrs: a, In: in}, r.Out)
}

// Random is Apply for an operator that draws from the default random stream, words behind its start.
func (b *Builder) Random(d *op.Def, a op.Attrs, words uint64, in ...Value) []Value {
	out := b.Apply(d, a, in...)
	n := &b.g.Nodes[len(b.g.Nodes)-1]
	n.Random, n.Words = true, words
	return out
}

func (b *Builder) add(n Node, types []op.Type) []Value {
	for _, t := range types {
		n.Out = append(n.Out, b.value(t))
	}
	b.g.Nodes = append(b.g.Nodes, n)
	return n.Out
}

// Output adds a result.
func (b *Builder) Output(name string, v Value) {
	b.g.Outputs = append(b.g.Outputs, Output{name, v})
}

// Graph returns what was built. The Builder must not be used afterwards.
func (b *Builder) Graph() *Graph { return &b.g }

// Tag sets the tag of the last node.
func (b *Builder) Tag(tag int) { b.g.Nodes[len(b.g.Nodes)-1].Tag = tag }
