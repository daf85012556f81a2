package jit

import (
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
)

// Trace calls f once, with examples, and returns the graph of the operators that it applied, the backward
// pass and the step of an optimizer included. f is what Compile takes. Tensors that f did not get as
// arguments become constants, by reference, and those that it changes in place states; Go numbers and
// branches are those of this call.
//
// It is an error when f reads values (Item, printing): the graph could not follow what it does with them.
// Errors of f itself come back as they are.
func Trace(f any, examples ...*eager.Tensor) (*Graph, error) {
	call, err := asFunc(f)
	if err != nil {
		return nil, err
	}
	if eager.IsTraced() {
		return nil, errors.New("jit.Trace: inside a compiled or traced function; call it outside")
	}
	t := &tracing{args: make([]engine.Array, len(examples)), places: map[uint64]bool{}}
	for i, x := range examples {
		if x == nil {
			return nil, fmt.Errorf("jit.Trace: example %d is nil; want a tensor like those of later calls", i)
		}
		t.args[i] = x.Storage()
	}
	if m, ok := f.(nn.Module); ok {
		t.names = namesOf(m)
	}
	s := newSession(t)
	s.trust = true
	if err := t.run(s, func() { t.outs = call(examples) }); err != nil {
		return nil, err
	}
	if t.err != nil {
		return nil, t.err
	}
	g := newGraph(t.g, f)
	g.traced = s.dev
	return g, nil
}

// elsewhere says why a traced function may not bring a tensor to another device.
const elsewhere = "x moves to another device inside of a traced function; move it outside"

func (t *tracing) moved(*session, engine.Array) { engine.Fail("To", elsewhere) }

// namesOf returns the paths of a module's parameters and buffers.
func namesOf(m nn.Module) map[*engine.Buffer]string {
	names := map[*engine.Buffer]string{}
	for _, list := range [][]nn.NamedTensor{m.Self().NamedParams(), m.Self().NamedBuffers()} {
		for _, p := range list {
			names[p.Tensor.Storage().Buf] = p.Name
		}
	}
	return names
}

// tracing is the owner of the one segment of a Trace.
type tracing struct {
	args   []engine.Array
	outs   []*eager.Tensor
	names  map[*engine.Buffer]string
	places map[uint64]bool // of the random stream that were handed out
	first  uint64          // place in the stream at which the call began
	ended  bool            // the function has returned
	g      *graph.Graph
	err    error
}

// run calls body and then makes the graph.
func (t *tracing) run(s *session, body func()) error {
	_, t.first = eager.TakeRandom(0)
	err := engine.Catch(func() {
		defer s.end()
		eager.WithTracer(s, body)
		t.ended = true
		if len(s.events) == 0 && t.err == nil { // end has nothing to do
			t.err = t.lower(s)
		}
	})
	if err == nil && t.g != nil {
		_, now := eager.TakeRandom(0)
		t.g.Words = now - t.first
	}
	return err
}

func (t *tracing) random(_, offset uint64) { t.places[offset] = true }

func (t *tracing) read(_ *session, _ *engine.Buffer) {
	if t.err == nil && !t.ended {
		t.err = fmt.Errorf("jit.Trace: the function reads a value%s, as Item and printing do; a graph cannot follow "+
			"what Go does with it: use tensor operators (Where), or jit.Compile", caller())
	}
}

// caller returns " at " and the line of user code that runs, or nothing in cells, whose lines the runtime does
// not know.
func caller() string {
	pc := make([]uintptr, 64)
	frames := runtime.CallersFrames(pc[:runtime.Callers(2, pc)])
	for {
		f, more := frames.Next()
		if strings.Contains(f.Function, "/lathe/kernel") {
			return ""
		}
		inside := strings.Contains(f.Function, "lathe-ml/lathe/") && !strings.HasSuffix(f.File, "_test.go") ||
			strings.HasPrefix(f.Function, "runtime.")
		if !inside {
			return fmt.Sprintf(" at %s:%d", f.File, f.Line)
		}
		if !more {
			return ""
		}
	}
}

// flush is part of segments.
func (t *tracing) flush(s *session) {
	switch {
	case t.err != nil:
	case t.ended:
		t.err = t.lower(s)
	default:
		t.err = fmt.Errorf("jit.Trace: the function computes on several devices, applies more than %d operators, or "+
			"changes storage in a way that a graph cannot follow; use jit.Compile", longest)
	}
	finish(s, s.everything)
}

// lower makes the graph of the whole call.
func (t *tracing) lower(s *session) error {
	out := make([]engine.Array, len(t.outs))
	for i, y := range t.outs {
		if y == nil {
			return fmt.Errorf("jit.Trace: result %d of the function is nil", i)
		}
		out[i] = y.Storage()
	}
	s.want(out)
	l, err := lower(s, func(int) bool { return false })
	if err != nil {
		return fmt.Errorf("jit.Trace: %w", err)
	}
	t.g = l.g
	for i, v := range l.wanted {
		t.g.Outputs = append(t.g.Outputs, graph.Output{Name: fmt.Sprintf("y%d", i), Value: v})
	}
	t.sortInputs(s, l)
	for i := range t.g.Nodes {
		n := &t.g.Nodes[i]
		n.Attrs = op.Later(n.Attrs, 1) // the traced call was a step itself
		if _, offset, ok := op.RandomPlace(n.Attrs); ok && t.places[offset] {
			n.Random, n.Words = true, offset-t.first
		}
	}
	if err := t.arguments(); err != nil {
		return err
	}
	return t.g.Verify()
}

// sortInputs tells arguments, in their order, from what the function knew by itself.
func (t *tracing) sortInputs(s *session, l *lowered) {
	g := t.g
	inputs := make([]graph.Input, len(t.args))
	for i := range inputs {
		inputs[i] = graph.Input{Name: fmt.Sprintf("x%d", i), Value: graph.None}
	}
	for i, x := range g.Inputs {
		a := l.array(s, l.inputs[i])
		if k := t.argument(a); k >= 0 && inputs[k].Value == graph.None {
			inputs[k].Value = x.Value
			continue
		}
		g.Consts = append(g.Consts, graph.Const{Name: t.names[a.Buf], Value: x.Value, Data: a})
	}
	for i := range inputs {
		if inputs[i].Value == graph.None { // not read
			inputs[i].Value = graph.Value(len(g.Types))
			g.Types = append(g.Types, op.Type{DType: t.args[i].DType, Shape: t.args[i].Shape})
		}
	}
	g.Inputs = inputs
	for i := range g.States {
		if name := t.names[g.States[i].Data.Buf]; name != "" {
			g.States[i].Name = name
		} else {
			g.States[i].Name = fmt.Sprintf("state%d", i)
		}
	}
}

// argument returns which argument a is, or −1.
func (t *tracing) argument(a engine.Array) int {
	for i := range t.args {
		if a.Buf == t.args[i].Buf && sameElements(a, t.args[i]) {
			return i
		}
	}
	return -1
}

// arguments refuses a function that changes an argument: a graph has no place for that.
func (t *tracing) arguments() error {
	for _, s := range t.g.States {
		if i := t.argument(s.Data); i >= 0 {
			return fmt.Errorf("jit.Trace: the function changes argument %d in place; return a new tensor", i)
		}
	}
	return nil
}
