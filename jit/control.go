package jit

import (
	"fmt"
	"sync"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/exec"
	"github.com/lathe-ml/lathe/jit/graph"
)

// Control flow that a graph keeps. Compile needs none of it: there Go's own statements hold.

// If returns what then returns where pred, which has one element, is not 0, and otherwise what els returns.
// Under Trace both become part of the graph and must agree in types; elsewhere one of them is called. Traced
// branches have no gradient, change no storage and draw no random numbers.
func If(pred *eager.Tensor, then, els func() []*eager.Tensor) []*eager.Tensor {
	s := traced()
	if s == nil {
		if pred.Item() != 0 {
			return then()
		}
		return els()
	}
	a, b := branch(s, "jit.If", nil, ignoring(then)), branch(s, "jit.If", nil, ignoring(els))
	if d := a.sameOutputs(b); d != "" {
		engine.Fail("jit.If", "the branches differ: %s", d)
	}
	in := append(append([]engine.Array{pred.Storage()}, a.captured...), b.captured...)
	return s.control(ifDef, ifAttrs{a, b}, in, a.outputs())
}

// While calls body on the state as long as cond of it is not 0, and returns the last state. Under Trace both
// become part of the graph, and the state keeps its types; see If.
func While(cond func(state []*eager.Tensor) *eager.Tensor, body func(state []*eager.Tensor) []*eager.Tensor,
	state ...*eager.Tensor,
) []*eager.Tensor {
	s := traced()
	if s == nil {
		for cond(state).Item() != 0 {
			state = body(state)
		}
		return state
	}
	a := branch(s, "jit.While", state, func(x []*eager.Tensor) []*eager.Tensor { return []*eager.Tensor{cond(x)} })
	b := branch(s, "jit.While", state, body)
	var in []engine.Array
	for i, x := range state {
		if i >= len(b.g.Outputs) || b.outputs()[i].String() != (op.Type{DType: x.DType(), Shape: x.Shape()}).String() {
			engine.Fail("jit.While", "the body turns the state %v into %v; want the same types", x.Type(), b.outputs())
		}
		in = append(in, x.Storage())
	}
	in = append(append(in, a.captured...), b.captured...)
	return s.control(whileDef, whileAttrs{a, b}, in, b.outputs())
}

// Scan calls step with the state and each slice of xs along its first axis, and returns the last state and
// what step returned besides, stacked along a new first axis. Under Trace the steps are part of the graph
// one by one.
func Scan(step func(state, x *eager.Tensor) (next, y *eager.Tensor), state, xs *eager.Tensor) (last, ys *eager.Tensor) {
	if xs.Rank() == 0 || xs.Size(0) == 0 {
		engine.Fail("jit.Scan", "xs is %v; want a first axis of at least one step", xs.Type())
	}
	out := make([]*eager.Tensor, xs.Size(0))
	for i := range out {
		state, out[i] = step(state, xs.Index(i))
	}
	return state, eager.Stack(0, out...)
}

func ignoring(f func() []*eager.Tensor) func([]*eager.Tensor) []*eager.Tensor {
	return func([]*eager.Tensor) []*eager.Tensor { return f() }
}

// traced returns the session of a Trace that the calling goroutine is in, or nil.
func traced() *session {
	s, _ := eager.TracerOf().(*session)
	if s == nil {
		return nil
	}
	switch s.owner.(type) {
	case *tracing, *branchOwner:
		return s
	}
	return nil
}

// part is a traced branch: a graph whose inputs are arguments and then what it captured.
type part struct {
	g        *graph.Graph
	captured []engine.Array
	once     sync.Once
	prog     *exec.Program
	err      error
}

func (p *part) outputs() []op.Type {
	t := make([]op.Type, len(p.g.Outputs))
	for i, o := range p.g.Outputs {
		t[i] = op.Type{DType: p.g.Type(o.Value).DType, Shape: p.g.Type(o.Value).Shape}
	}
	return t
}

func (p *part) sameOutputs(q *part) string {
	a, b := fmt.Sprint(p.outputs()), fmt.Sprint(q.outputs())
	if a != b {
		return a + " and " + b
	}
	return ""
}

// run computes the branch on dev; nil: the CPU.
func (p *part) run(dev op.Device, in []engine.Array) []engine.Array {
	p.once.Do(func() {
		host := map[graph.Value]bool{}
		for i, x := range p.g.Inputs {
			host[x.Value] = in[i].Device() == nil
		}
		g := improved(p.g, dev)
		p.prog, p.err = exec.NewOn(dev, g, nil, func(v graph.Value) bool { return host[v] || isConst(g, v) })
	})
	if p.err != nil {
		engine.Fail("jit", "%v", p.err)
	}
	dense := make([]engine.Array, len(in))
	for i, a := range in {
		if dense[i] = a; !a.IsContiguous() {
			dense[i] = snapshot(a)
		}
	}
	return p.prog.Run(&exec.Run{Inputs: dense})
}

// branchOwner refuses what a traced branch may not do.
type branchOwner struct{ where string }

func (o *branchOwner) read(*session, *engine.Buffer) {
	engine.Fail(o.where, "a branch reads a value, as Item and printing do; use tensor operators")
}

func (o *branchOwner) flush(*session) {
	engine.Fail(o.where, "a branch is too long, computes on several devices, or works on storage that other code changes")
}

func (o *branchOwner) random(uint64, uint64) {
	engine.Fail(o.where, "a branch draws random numbers; draw them before")
}

func (o *branchOwner) moved(*session, engine.Array) { engine.Fail(o.where, elsewhere) }

// branch traces f on arguments of the types of args.
func branch(outer *session, name string, args []*eager.Tensor, f func([]*eager.Tensor) []*eager.Tensor) *part {
	s := newSession(&branchOwner{name})
	s.outer, s.trust = outer, true
	inside := make([]*eager.Tensor, len(args))
	for i, x := range args {
		inside[i] = eager.Over(engine.Array{
			DType: x.DType(), Shape: x.Shape(), Strides: x.Shape().Strides(),
			Buf: engine.NewDeferredOn(where(x.Device()), x.Numel()*x.DType().Size(), s.lazy),
		})
	}
	var outs []*eager.Tensor
	eager.InsteadOfTracer(s, func() { outs = f(inside) })
	arrays := make([]engine.Array, len(outs))
	for i, y := range outs {
		if arrays[i] = y.Storage(); y.RequiresGrad() {
			engine.Fail(name, "a branch has no gradient under Trace; trace under NoGrad")
		}
	}
	s.want(arrays)
	l, err := lower(s, func(int) bool { return false })
	if err != nil || len(l.states) > 0 {
		engine.Fail(name, "a branch changes storage, which only the function around it may (%v)", err)
	}
	for i, v := range l.wanted {
		l.g.Outputs = append(l.g.Outputs, graph.Output{Name: fmt.Sprintf("y%d", i), Value: v})
	}
	return sorted(s, l, inside)
}

// sorted puts the inputs of a branch into order: arguments, then what it captured.
func sorted(s *session, l *lowered, args []*eager.Tensor) *part {
	p := &part{g: l.g}
	inputs := make([]graph.Input, len(args))
	for i := range inputs {
		inputs[i] = graph.Input{Name: fmt.Sprintf("state%d", i), Value: graph.None}
	}
	for i, x := range l.g.Inputs {
		a, at := l.array(s, l.inputs[i]), -1
		for k, arg := range args {
			if arg.Storage().Buf == a.Buf && sameElements(a, arg.Storage()) {
				at = k
			}
		}
		if at >= 0 {
			inputs[at].Value = x.Value
			continue
		}
		inputs = append(inputs, x)
		p.captured = append(p.captured, a)
	}
	for i, x := range args {
		if inputs[i].Value == graph.None {
			inputs[i].Value = graph.Value(len(l.g.Types))
			l.g.Types = append(l.g.Types, op.Type{DType: x.DType(), Shape: x.Shape()})
		}
	}
	l.g.Inputs = inputs
	return p
}

// control adds an application of d to the session and returns its results.
func (s *session) control(d *op.Def, a op.Attrs, in []engine.Array, types []op.Type) []*eager.Tensor {
	c := s.Application(len(in), len(types))
	c.Def, c.Attrs = d, a
	copy(c.In, in)
	var dev engine.Device
	for _, x := range in {
		if d := x.Device(); d != nil {
			dev = d
		}
	}
	out := make([]*eager.Tensor, len(types))
	for i, t := range types {
		c.Out[i] = engine.Array{DType: t.DType, Shape: t.Shape, Strides: t.Shape.Strides()}
		c.Out[i].Buf = engine.NewDeferredOn(dev, t.Shape.Numel()*t.DType.Size(), s.lazy)
		out[i] = eager.Over(c.Out[i])
	}
	s.Apply(c)
	return out
}

type (
	ifAttrs    struct{ Then, Else *part }
	whileAttrs struct{ Cond, Body *part }
)

// String shows the graphs in the text of the graph around them.
func (p *part) String() string { return "graph of " + fmt.Sprint(len(p.g.Nodes)) + " operators" }

var ifDef = &op.Def{
	Domain: "jit", Name: "If", Inputs: []string{"pred", "captured..."}, Attrs: ifAttrs{}, Optional: 1,
	Rule:     func(a op.Attrs, _ []op.Type) ([]op.Type, error) { return a.(ifAttrs).Then.outputs(), nil },
	CPU:      func(a op.Attrs, out, in []engine.Array) { a.(ifAttrs).run(nil, out, in) },
	OnDevice: func(d op.Device, a op.Attrs, out, in []engine.Array) { a.(ifAttrs).run(d, out, in) },
}

func (p ifAttrs) run(dev op.Device, out, in []engine.Array) {
	n := 1 + len(p.Then.captured)
	var y []engine.Array
	if truth(in[0]) {
		y = p.Then.run(dev, in[1:n])
	} else {
		y = p.Else.run(dev, in[n:])
	}
	for i := range out {
		exec.Move(out[i], y[i])
	}
}

var whileDef = &op.Def{
	Domain: "jit", Name: "While", Inputs: []string{"state..."}, Attrs: whileAttrs{},
	Rule:     func(a op.Attrs, _ []op.Type) ([]op.Type, error) { return a.(whileAttrs).Body.outputs(), nil },
	CPU:      func(a op.Attrs, out, in []engine.Array) { a.(whileAttrs).run(nil, out, in) },
	OnDevice: func(d op.Device, a op.Attrs, out, in []engine.Array) { a.(whileAttrs).run(d, out, in) },
}

func (p whileAttrs) run(dev op.Device, out, in []engine.Array) {
	n := len(out)
	m := n + len(p.Cond.captured)
	state := append([]engine.Array(nil), in[:n]...)
	for truth(p.Cond.run(dev, append(append([]engine.Array(nil), state...), in[n:m]...))[0]) {
		state = p.Body.run(dev, append(append([]engine.Array(nil), state...), in[m:]...))
	}
	for i := range out {
		exec.Move(out[i], state[i])
	}
}

// truth reads a number, for which a device is waited for.
func truth(a engine.Array) bool {
	v := eager.Over(a)
	return v.Item() != 0
}

// where is a device for package engine; a nil op.Device is the CPU.
func where(d op.Device) engine.Device {
	if d == nil {
		return nil
	}
	return d
}
