package exec

import (
	"fmt"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
)

// kind says who provides the memory of a storage.
type kind uint8

const (
	inArena kind = iota
	bound        // an input, constant or state
	result       // made anew for each run, handed out
	number       // a number in the memory of the CPU that a program on a device converts
)

// storage is memory that values lie in.
type storage struct {
	kind        kind
	index       int  // bound: of Program.bound; result: of Program.results
	host        bool // in the memory of the CPU, of a program on a device
	bytes       int
	first, last int // steps that write and read it
	offset      int // in the arena
	root        graph.Value
}

// place is where a value lies: an Array whose Buffer is a storage.
type place struct {
	arr     engine.Array // Buf nil; Offset within the storage
	storage int
}

// step is one kernel call. Operands that are cast get a step of their own.
type step struct {
	def     *op.Def
	node    int // whose attributes; −1: a copy with conversion
	in, out []place
}

// planner makes a Program of a graph.
type planner struct {
	g      *graph.Graph
	p      *Program
	places []place // of each value
	stores []step  // copies of new states to where they belong, which go last
	uses   []int
	host   func(v graph.Value) bool
}

// New plans the execution of g. layout gives the strides of inputs, constants and states; nil, or a nil
// result, means row-major.
func New(g *graph.Graph, layout func(v graph.Value) []int) (*Program, error) {
	return NewOn(nil, g, layout, nil)
}

// NewOn is New for a device; nil: the CPU. host says which inputs and constants are single elements in the memory of
// the CPU, which go along as numbers.
func NewOn(dev op.Device, g *graph.Graph, layout func(v graph.Value) []int, host func(v graph.Value) bool) (*Program,
	error,
) {
	return plan(dev, g, layout, host, false)
}

// NewTight is NewOn for a program whose arena is as small as it can be: its steps are done one after the other.
func NewTight(dev op.Device, g *graph.Graph, layout func(v graph.Value) []int, host func(v graph.Value) bool) (*Program,
	error,
) {
	return plan(dev, g, layout, host, true)
}

func plan(
	dev op.Device, g *graph.Graph, layout func(v graph.Value) []int, host func(v graph.Value) bool, tight bool,
) (*Program, error) {
	pl := &planner{g: g, p: &Program{g: g, dev: dev}, places: make([]place, len(g.Types)), uses: g.Uses(), host: host}
	pl.bind(layout)
	for i := range g.Nodes {
		if err := pl.node(i); err != nil {
			return nil, err
		}
	}
	pl.lifetimes()
	pl.finish()
	pl.inPlace()
	if dev == nil && !tight && engine.Threads() > 1 {
		pl.sections()
	}
	pl.p.arena = layOut(pl.p.storages)
	pl.p.group()
	return pl.p, nil
}

// bind gives inputs, constants and states a storage each.
func (pl *planner) bind(layout func(v graph.Value) []int) {
	add := func(v graph.Value) {
		t := pl.g.Types[v]
		strides := t.Shape.Strides()
		if layout != nil {
			if s := layout(v); s != nil {
				strides = s
			}
		}
		host := pl.p.dev != nil && pl.host != nil && pl.host(v)
		s := pl.storage(storage{kind: bound, index: len(pl.p.bound), root: v, host: host})
		pl.places[v] = place{engine.Array{DType: t.DType, Shape: t.Shape, Strides: strides}, s}
		pl.p.bound = append(pl.p.bound, pl.places[v].arr)
	}
	for _, x := range pl.g.Inputs {
		add(x.Value)
	}
	for _, c := range pl.g.Consts {
		add(c.Value)
	}
	for _, s := range pl.g.States {
		add(s.In)
	}
}

func (pl *planner) storage(s storage) int {
	pl.p.storages = append(pl.p.storages, s)
	return len(pl.p.storages) - 1
}

// node adds the steps of node i.
func (pl *planner) node(i int) error {
	n := &pl.g.Nodes[i]
	types := make([]op.Type, len(n.In))
	for k, v := range n.In {
		types[k] = pl.g.Types[v]
	}
	r, err := n.Def.Resolve(n.Attrs, types)
	if err != nil {
		return fmt.Errorf("exec: node %d: %w", i, err)
	}
	if n.Def.View != nil && pl.places[n.In[0]].arr.DType == r.DType[0] {
		if v, ok := n.Def.View(n.Attrs, pl.places[n.In[0]].arr, r.Out[0]); ok {
			pl.places[n.Out[0]] = place{v, pl.places[n.In[0]].storage}
			return nil
		}
	}
	s := step{def: n.Def, node: i}
	arrays := make([]engine.Array, len(n.In))
	for k, v := range n.In {
		x := pl.cast(pl.places[v], r.DType[k])
		if pl.p.storages[x.storage].host && !n.Def.Elementwise && n.Def.OnDevice == nil {
			x = pl.onDevice(x)
		}
		if r.Shape != nil {
			x.arr = x.arr.Expand(r.Shape)
		}
		s.in, arrays[k] = append(s.in, x), x.arr
	}
	if pl.p.dev != nil && n.Def == graph.Write {
		pl.write(n, s.in)
		return nil
	}
	for k, v := range n.Out {
		t := r.Out[k]
		y := engine.Array{DType: t.DType, Shape: pl.g.Types[v].Shape, Strides: pl.layout(n, arrays, t)}
		pl.places[v] = place{y, pl.fresh(t, v)}
		s.out = append(s.out, pl.places[v])
	}
	pl.shareUnused(n, &s)
	pl.p.steps = append(pl.p.steps, s)
	return nil
}

// layout returns the strides of a result of n: the devices' are row-major.
func (pl *planner) layout(n *graph.Node, in []engine.Array, t op.Type) []int {
	if pl.p.dev != nil {
		return t.Shape.Strides()
	}
	return n.Def.Layout(n.Attrs, in, t)
}

// write adds what graph.Write is on a device: two copies.
func (pl *planner) write(n *graph.Node, in []place) {
	y := pl.copyOf(in[0], in[0].arr.DType)
	pl.p.storages[y.storage].root = n.Out[0]
	a := n.Attrs.(op.StridedAttrs)
	part := y
	part.arr.Offset, part.arr.Shape, part.arr.Strides = y.arr.Offset+a.Offset, a.Shape, a.Strides
	pl.p.steps = append(pl.p.steps, step{node: -1, in: in[1:2], out: []place{part}})
	pl.places[n.Out[0]] = y
}

// shareUnused gives state that a setting of an optimizer does not use, and that stands for another operand,
// no storage of its own.
func (pl *planner) shareUnused(n *graph.Node, s *step) {
	if !n.Def.IsUpdate() {
		return
	}
	for k, v := range n.Out {
		if j := slices.Index(n.In, n.In[k]); j < k && pl.uses[v] == 0 {
			pl.places[v], s.out[k] = s.out[j], s.out[j]
		}
	}
}

func (pl *planner) fresh(t op.Type, v graph.Value) int {
	return pl.storage(storage{bytes: t.Shape.Numel() * t.DType.Size(), root: v})
}

// cast returns x as dtype d.
func (pl *planner) cast(x place, d engine.DType) place {
	if x.arr.DType == d {
		return x
	}
	y := pl.copyOf(x, d)
	if pl.p.storages[x.storage].host {
		st := &pl.p.storages[y.storage]
		st.kind, st.host = number, true
	}
	return y
}

// onDevice returns the number x as an array of one element in the memory of the device.
func (pl *planner) onDevice(x place) place {
	shape := x.arr.Shape
	for i := range x.arr.Shape {
		if i == 0 {
			shape = make(engine.Shape, len(x.arr.Shape))
		}
		shape[i] = min(x.arr.Shape[i], 1)
	}
	one := x
	one.arr.Shape = shape
	return pl.copyOf(one, x.arr.DType)
}

// copyOf adds a step that copies x and converts it.
func (pl *planner) copyOf(x place, d engine.DType) place {
	t := op.Type{DType: d, Shape: x.arr.Shape}
	y := place{engine.Array{DType: d, Shape: t.Shape, Strides: t.Shape.Strides()}, pl.fresh(t, graph.None)}
	pl.p.steps = append(pl.p.steps, step{node: -1, in: []place{x}, out: []place{y}})
	return y
}

// lifetimes sets when each storage is written first and read last.
func (pl *planner) lifetimes() {
	for i := range pl.p.storages {
		pl.p.storages[i].first, pl.p.storages[i].last = -1, -1
	}
	for i := range pl.p.steps {
		s := &pl.p.steps[i]
		for _, x := range s.in {
			pl.p.storages[x.storage].last = i
		}
		for _, y := range s.out {
			st := &pl.p.storages[y.storage]
			if st.last = max(st.last, i); st.first < 0 {
				st.first = i
			}
		}
	}
	end := len(pl.p.steps)
	for _, o := range pl.g.Outputs {
		pl.p.storages[pl.places[o.Value].storage].last = end
	}
	for _, s := range pl.g.States {
		if s.Out != s.In {
			pl.p.storages[pl.places[s.Out].storage].last = end
		}
	}
}

// finish decides where outputs and new states lie. Copies of what lies in storage that others may change go
// first, then new states are stored.
func (pl *planner) finish() {
	for _, o := range pl.g.Outputs {
		x := pl.places[o.Value]
		if pl.changes(x.storage) {
			x = pl.copyOf(x, x.arr.DType)
			pl.last(x.storage)
		}
		if st := &pl.p.storages[x.storage]; st.kind == inArena {
			st.kind, st.index = result, len(pl.p.results)
			pl.p.results = append(pl.p.results, st.bytes)
		}
		pl.p.outputs = append(pl.p.outputs, x)
	}
	for i, s := range pl.g.States {
		if s.Out == s.In || pl.storeInPlace(i) {
			continue
		}
		x := pl.places[s.Out]
		if pl.p.storages[x.storage].kind == bound {
			x = pl.copyOf(x, x.arr.DType)
			pl.last(x.storage)
		}
		pl.stores = append(pl.stores, step{node: -1, in: []place{x}, out: []place{pl.places[s.In]}})
	}
	for _, s := range pl.stores {
		pl.p.storages[s.in[0].storage].last = len(pl.p.steps)
		pl.p.steps = append(pl.p.steps, s)
	}
	for i := range pl.p.storages {
		if pl.p.storages[i].kind == result {
			pl.p.storages[i].last = len(pl.p.steps)
		}
	}
}

// last enters the storage that the last step wrote.
func (pl *planner) last(s int) {
	end := len(pl.p.steps) - 1
	pl.p.storages[s].first, pl.p.storages[s].last = end, end+1
}

// changes reports whether s is the storage of a state.
func (pl *planner) changes(s int) bool {
	st := pl.p.storages[s]
	if st.kind != bound {
		return false
	}
	for i := range pl.g.States {
		if pl.g.States[i].In == st.root {
			return true
		}
	}
	return false
}

// storeInPlace lets the step that computes the new value of state i write it to its storage, if nobody
// reads the old one afterwards.
func (pl *planner) storeInPlace(i int) bool {
	s := pl.g.States[i]
	old, y := pl.places[s.In], pl.places[s.Out]
	st := &pl.p.storages[y.storage]
	if st.kind != inArena || st.root != s.Out || st.first < 0 || !sameLayout(old.arr, y.arr) ||
		pl.p.storages[old.storage].last > st.first {
		return false
	}
	maker := &pl.p.steps[st.first]
	if pl.p.storages[old.storage].last == st.first && !mayOverwrite(maker, old, y.storage) {
		return false
	}
	from := y.storage
	pl.rename(from, old)
	pl.p.storages[old.storage].last = len(pl.p.steps) + 1
	st.first, st.last = -1, -1
	return true
}

// rename moves everything that lies in storage from to where to lies.
func (pl *planner) rename(from int, to place) {
	for i := range pl.p.steps {
		for k := range pl.p.steps[i].in {
			if x := &pl.p.steps[i].in[k]; x.storage == from {
				x.storage = to.storage
			}
		}
		for k := range pl.p.steps[i].out {
			if y := &pl.p.steps[i].out[k]; y.storage == from {
				y.storage = to.storage
			}
		}
	}
	for v := range pl.places {
		if pl.places[v].storage == from {
			pl.places[v].storage = to.storage
		}
	}
	for i := range pl.stores {
		if x := &pl.stores[i].in[0]; x.storage == from {
			x.storage = to.storage
		}
	}
	for k := range pl.p.outputs {
		if pl.p.outputs[k].storage == from {
			pl.p.outputs[k].storage = to.storage
		}
	}
}

// mayOverwrite reports whether s may write its result in storage y over the operands that lie where old
// does.
func mayOverwrite(s *step, old place, y int) bool {
	if s.def == nil || !overwrites(s, old) {
		return false
	}
	if graph.OverwritesFirst(s.def) {
		return s.in[0].storage == old.storage && s.in[1].storage != old.storage && s.in[2].storage != old.storage
	}
	if !s.def.Elementwise && !s.def.IsUpdate() {
		return false
	}
	for k, x := range s.in {
		if s.def.IsUpdate() && x.storage == old.storage && (k >= len(s.out) || s.out[k].storage != y) {
			return false
		}
	}
	return true
}

func sameLayout(a, b engine.Array) bool {
	if a.DType != b.DType || !a.Shape.Equal(b.Shape) || a.Offset != b.Offset {
		return false
	}
	for i, n := range a.Shape {
		if n > 1 && a.Strides[i] != b.Strides[i] {
			return false
		}
	}
	return true
}

// inPlace lets elementwise steps write over an operand that nobody reads afterwards.
func (pl *planner) inPlace() {
	for i := range pl.p.steps {
		s := &pl.p.steps[i]
		if s.def == nil || !s.def.Elementwise || len(s.out) != 1 {
			continue
		}
		y := s.out[0]
		st := &pl.p.storages[y.storage]
		if st.kind != inArena || st.first != i {
			continue
		}
		for _, x := range s.in {
			xs := &pl.p.storages[x.storage]
			if xs.kind == inArena && x.storage != y.storage && xs.last == i && xs.bytes == st.bytes &&
				sameLayout(x.arr, y.arr) && overwrites(s, x) {
				last := st.last
				st.first, st.last, st.bytes = -1, -1, 0
				pl.rename(y.storage, x)
				xs.last = last
				break
			}
		}
	}
}

// overwrites reports whether all operands of s that lie with x lie exactly so.
func overwrites(s *step, x place) bool {
	for _, o := range s.in {
		if o.storage == x.storage && !sameLayout(o.arr, x.arr) {
			return false
		}
	}
	return true
}
