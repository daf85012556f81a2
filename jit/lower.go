package jit

import (
	"errors"
	"fmt"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
)

// operand says where in a segment an array is found: operand k of event event.
type operand struct{ event, k int }

// lowered is the graph of a segment, and what its inputs and states are in a segment of that signature.
type lowered struct {
	g       *graph.Graph
	inputs  []operand // in the order of g.Inputs
	states  []operand // in the order of g.States
	outputs []int     // stores that become g.Outputs
	wanted  []graph.Value
}

// wantedEvent stands for session.wanted in place of an event.
const wantedEvent = -1

// array returns what lies at.
func (l *lowered) array(s *session, at operand) engine.Array {
	if at.event == wantedEvent {
		return s.wanted[at.k]
	}
	return s.events[at.event].In[at.k]
}

// name says who reads at, in errors.
func (lw *lowerer) name(at operand) string {
	if at.event == wantedEvent {
		return "the result"
	}
	return lw.s.events[at.event].name()
}

// lowerer turns the events of a segment, which work on storage, into a graph, which works on values. It
// knows for each storage which value its whole holds and which views of it hold which.
type lowerer struct {
	s     *session
	b     *graph.Builder
	out   lowered
	known []knowledge // of each store
}

// knowledge is what is known of a storage.
type knowledge struct {
	views   []holding // that hold their value now; the first is the whole, if hasRoot
	hasRoot bool
	root    engine.Array // layout of the whole
	source  graph.Value  // not made here: the value that it came with
	state   bool
	sources int
}

// holding says that the elements of storage at arr hold a value.
type holding struct {
	arr engine.Array
	v   graph.Value
}

// lower makes a graph of the segment of s that gives the stores in keep.
func lower(s *session, keep func(store int) bool) (l *lowered, err error) {
	lw := &lowerer{s: s, b: graph.NewBuilder(), known: make([]knowledge, len(s.stores))}
	for i := range lw.known {
		lw.known[i].source = graph.None
	}
	var refused error
	err = engine.Catch(func() {
		for i := 0; i < len(s.events) && refused == nil; i++ {
			refused = lw.event(i)
		}
	})
	if err = errors.Join(refused, err); err != nil {
		return nil, err
	}
	for i := range s.stores {
		if !s.stores[i].made || !keep(i) {
			continue
		}
		k := &lw.known[i]
		lw.b.Output(fmt.Sprintf("y%d", len(lw.out.outputs)), k.views[0].v)
		lw.out.outputs = append(lw.out.outputs, i)
	}
	for i := range s.wanted {
		v, err := lw.read(s.wanted[i], s.store(s.wanted[i].Buf), operand{wantedEvent, i}, false)
		if err != nil {
			return nil, err
		}
		lw.out.wanted = append(lw.out.wanted, v)
	}
	lw.out.g = lw.b.Graph()
	lw.order()
	return &lw.out, lw.out.g.Verify()
}

// order turns inputs that are overwritten into states.
func (lw *lowerer) order() {
	g := lw.out.g
	var inputs []graph.Input
	var from []operand
	for i, x := range g.Inputs {
		k := lw.stateOf(x.Value)
		if k == nil {
			inputs, from = append(inputs, x), append(from, lw.out.inputs[i])
			continue
		}
		at := lw.out.inputs[i]
		g.States = append(g.States, graph.State{
			Name: x.Name, In: x.Value, Out: k.views[0].v, Data: lw.out.array(lw.s, at),
		})
		lw.out.states = append(lw.out.states, at)
	}
	g.Inputs, lw.out.inputs = inputs, from
}

func (lw *lowerer) stateOf(v graph.Value) *knowledge {
	for i := range lw.known {
		if k := &lw.known[i]; k.state && k.source == v {
			return k
		}
	}
	return nil
}

func (lw *lowerer) event(i int) error {
	e := &lw.s.events[i]
	switch e.kind {
	case isView:
		return lw.view(i, e)
	case isAssign:
		return lw.assign(i, e)
	}
	in := make([]graph.Value, len(e.In))
	for k := range in {
		v, err := lw.value(i, k)
		if err != nil {
			return err
		}
		in[k] = v
	}
	out := lw.apply(i, e, in)
	if e.kind == isApply {
		for k, y := range e.Out {
			lw.known[e.out[k]] = knowledge{
				views: []holding{{y, out[k]}}, hasRoot: true, root: y, source: graph.None,
			}
		}
		return nil
	}
	for k := range e.Out {
		again := slices.ContainsFunc(e.In[:k], func(x engine.Array) bool {
			return x.Buf == e.In[k].Buf && sameElements(x, e.In[k])
		})
		if !again {
			if err := lw.write(i, k, out[k]); err != nil {
				return err
			}
		}
	}
	return nil
}

// apply adds the node of event i.
func (lw *lowerer) apply(i int, e *event, in []graph.Value) []graph.Value {
	out := lw.b.Apply(e.Def, e.Attrs, in...)
	lw.b.Tag(i)
	return out
}

// view enters a view, so that graphs show the operator that the function applied. A view of storage that is
// not known yet says nothing.
func (lw *lowerer) view(i int, e *event) error {
	k := &lw.known[e.in[0]]
	v, ok := k.find(e.In[0])
	if !ok {
		if !lw.s.stores[e.in[0]].made && k.sources == 0 {
			var err error
			if v, err = lw.value(i, 0); err != nil {
				return err
			}
		} else {
			return nil
		}
	}
	k = &lw.known[e.in[0]]
	if _, ok := k.find(e.Out[0]); !ok {
		k.views = append(k.views, holding{e.Out[0], lw.apply(i, e, []graph.Value{v})[0]})
	}
	return nil
}

// value returns the value of operand k of event i.
func (lw *lowerer) value(i, k int) (graph.Value, error) {
	e := &lw.s.events[i]
	return lw.read(e.In[k], e.in[k], operand{i, k}, e.Weak>>min(k, 63)&1 != 0)
}

// read returns the value of a, which lies in store st and is found at.
func (lw *lowerer) read(a engine.Array, st int32, at operand, number bool) (graph.Value, error) {
	kn := &lw.known[st]
	if v, ok := kn.find(a); ok {
		return v, nil
	}
	if kn.hasRoot {
		if v, ok := lw.within(kn, a); ok {
			return v, nil
		}
		if lw.s.stores[st].made || kn.state {
			return 0, fmt.Errorf("%s reads %v in a way that the whole %v, which was changed, does not give", lw.name(at),
				a, kn.root)
		}
	}
	if kn.state {
		return 0, fmt.Errorf("%s reads %v of storage of which another part was changed", lw.name(at), a)
	}
	v := lw.input(at, a, number)
	kn.sources++
	if !kn.hasRoot {
		kn.hasRoot, kn.root, kn.source = true, a, v
		kn.views = slices.Insert(kn.views, 0, holding{a, v})
	} else {
		kn.views = append(kn.views, holding{a, v})
	}
	return v, nil
}

func (lw *lowerer) input(at operand, a engine.Array, number bool) graph.Value {
	v := lw.b.Input(fmt.Sprintf("x%d", len(lw.out.inputs)),
		op.Type{DType: a.DType, Shape: a.Shape, Weak: number})
	lw.out.inputs = append(lw.out.inputs, at)
	return v
}

// within returns a as a strided part of the whole, if that is row-major.
func (lw *lowerer) within(kn *knowledge, a engine.Array) (graph.Value, bool) {
	p := op.StridedAttrs{Shape: a.Shape, Strides: a.Strides, Offset: a.Offset - kn.root.Offset}
	if !kn.root.IsContiguous() || a.DType != kn.root.DType || !inside(p, kn.root.Shape) {
		return 0, false
	}
	v := lw.b.Apply(op.AsStrided, p, kn.views[0].v)[0]
	kn.views = append(kn.views, holding{a, v})
	return v, true
}

// inside reports whether all positions lie in a row-major value of shape s.
func inside(p op.StridedAttrs, s engine.Shape) bool {
	last := p.Offset
	for i, n := range p.Shape {
		if n == 0 {
			return false
		}
		if p.Strides[i] < 0 {
			return false
		}
		last += (n - 1) * p.Strides[i]
	}
	return p.Offset >= 0 && last < s.Numel()
}

func (lw *lowerer) assign(i int, e *event) error {
	v, err := lw.value(i, 1)
	if err != nil {
		return err
	}
	if d := e.In[0].DType; lw.b.Type(v).DType != d {
		v = lw.b.Apply(op.Cast, op.CastAttrs{To: d}, v)[0]
	}
	return lw.write(i, 0, v)
}

// write makes v the value of operand k of event i from now on.
func (lw *lowerer) write(i, k int, v graph.Value) error {
	e := &lw.s.events[i]
	a, st := e.In[k], e.in[k]
	kn := &lw.known[st]
	if !kn.hasRoot {
		if _, err := lw.value(i, k); err != nil { // its old value may not be read
			return err
		}
	}
	switch {
	case !sameElements(kn.root, a):
		p := op.StridedAttrs{Shape: a.Shape, Strides: a.Strides, Offset: a.Offset - kn.root.Offset}
		if !kn.root.IsContiguous() || a.DType != kn.root.DType || !inside(p, kn.root.Shape) || kn.sources > 1 {
			return fmt.Errorf("%s changes %v in a way that the whole, %v, does not give", e.name(), a, kn.root)
		}
		v = lw.b.Apply(graph.Write, p, kn.views[0].v, v)[0]
	case kn.sources > 1:
		return fmt.Errorf("%s changes %v, of which other parts were read", e.name(), a)
	}
	kn.views = append(kn.views[:0], holding{kn.root, v})
	kn.state = !lw.s.stores[st].made
	return nil
}

// find returns what the elements of a hold.
func (k *knowledge) find(a engine.Array) (graph.Value, bool) {
	for i := range k.views {
		if sameElements(k.views[i].arr, a) {
			return k.views[i].v, true
		}
	}
	return 0, false
}

// sameElements reports whether two arrays over one storage are the same elements in the same order and
// shape.
func sameElements(a, b engine.Array) bool {
	return a.DType == b.DType && a.Offset == b.Offset && a.Shape.Equal(b.Shape) && slices.Equal(a.Strides, b.Strides)
}

func (e *event) name() string {
	if e.kind == isAssign {
		return "Assign"
	}
	return e.Def.Name
}
