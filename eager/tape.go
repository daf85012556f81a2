package eager

import (
	"container/heap"
	"sync/atomic"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// node is one recorded application of an operator. Nodes point at what their operands came from, never
// at their results' handles, so a graph lives exactly as long as something can still be reached from it.
type node struct {
	def   *op.Def
	attrs op.Attrs
	seq   uint64 // creation order: operands always have a smaller one
	in    []edge
	out   []op.Type
	saved []saved // operands, then results, that the gradient rule reads
	freed bool
	hooks map[int32][]*hook

	few struct { // memory of in, out and saved in the usual case of up to three operands and one result
		in    [3]edge
		out   [1]op.Type
		saved [4]saved
	}
}

// edge says where the gradient of an operand goes.
type edge struct {
	typ  op.Type
	node *node // nil for a leaf
	out  int32
	leaf *Tensor // nil when no gradient is wanted
}

// saved is a value kept for the gradient rule, with the version of its storage at that time.
type saved struct {
	x       *Tensor // nil: only the type
	typ     op.Type
	version uint32
}

var nextSeq atomic.Uint64

// record puts d on the tape and makes outs require gradients.
func record(d *op.Def, a op.Attrs, in, outs []*Tensor) {
	n := &node{def: d, attrs: a, seq: nextSeq.Add(1)}
	n.room(len(in), len(outs))
	for i, x := range in {
		e := edge{typ: x.Type(), node: x.node, out: x.out}
		if x.requires && x.node == nil {
			e.leaf = x
		}
		n.in[i] = e
		n.saved[i] = save(x, d.Saves.In(i))
	}
	for i, y := range outs {
		n.out[i] = y.Type()
		if y.arr.DType.IsFloat() || y.arr.DType.IsComplex() {
			y.requires, y.node, y.out = true, n, int32(i)
		}
		n.saved[len(in)+i] = save(y, d.Saves.Out(i))
	}
}

// room gives in, out and saved their lengths.
func (n *node) room(in, out int) {
	if in <= len(n.few.in) && out <= len(n.few.out) {
		n.in, n.out, n.saved = n.few.in[:in], n.few.out[:out], n.few.saved[:in+out]
		return
	}
	n.in, n.out, n.saved = make([]edge, in), make([]op.Type, out), make([]saved, in+out)
}

func save(x *Tensor, keep bool) saved {
	s := saved{typ: x.Type()}
	if keep {
		s.x, s.version = x, x.arr.Buf.Version()
	}
	return s
}

func (e edge) wanted() bool { return e.leaf != nil || e.node != nil }

// callRoom is one allocation for what a gradient rule sees in the usual case.
type callRoom struct {
	call  op.Call
	vals  [4]op.Value
	dout  [1]op.Value
	needs [3]bool
}

// call rebuilds what the gradient rule sees; it refuses values that were changed since.
func (n *node) call(dout []*Tensor) *op.Call {
	m := new(callRoom)
	c, vals := &m.call, m.vals[:0]
	c.Attrs = n.attrs
	for i := range n.saved {
		s := &n.saved[i]
		switch {
		case s.x == nil:
			vals = append(vals, &s.typ)
		case s.x.arr.Buf.Version() != s.version:
			engine.Fail("Backward", "%s saved a value %v that was changed in place afterwards; "+
				"change a Clone of it", n.def.Name, s.typ)
		default:
			vals = append(vals, s.x)
		}
	}
	c.In, c.Out = vals[:len(n.in):len(n.in)], vals[len(n.in):]
	c.DOut, c.Needs = m.dout[:0], m.needs[:0]
	for _, g := range dout {
		var v op.Value // stays nil where no gradient arrives
		if g != nil {
			v = g
		}
		c.DOut = append(c.DOut, v)
	}
	for _, e := range n.in {
		c.Needs = append(c.Needs, e.wanted())
	}
	return c
}

// pending collects the gradients that have arrived at nodes not yet visited, latest node first.
type pending struct {
	grads map[*node][]*Tensor
	order []*node
}

func (p *pending) Len() int           { return len(p.order) }
func (p *pending) Less(i, j int) bool { return p.order[i].seq > p.order[j].seq }
func (p *pending) Swap(i, j int)      { p.order[i], p.order[j] = p.order[j], p.order[i] }

// Push is part of heap.Interface.
func (p *pending) Push(x any) { p.order = append(p.order, x.(*node)) }

// Pop is part of heap.Interface.
func (p *pending) Pop() any {
	n := p.order[len(p.order)-1]
	p.order = p.order[:len(p.order)-1]
	return n
}

func (p *pending) add(n *node, out int32, g *Tensor, l *ledger, track bool) {
	gs := p.grads[n]
	if gs == nil {
		gs = make([]*Tensor, len(n.out))
		p.grads[n] = gs
		heap.Push(p, n)
	}
	gs[out] = l.add(gs[out], g, track)
}

// sink receives the gradient of a leaf, or of a computed tensor that the caller asked for.
type sink func(leaf, g *Tensor, l *ledger)

// pass is one walk over the tape, backwards.
type pass struct {
	pending
	rules  op.Builder // runs the gradient rules
	made   *ledger    // nil when they are recorded
	track  bool
	retain bool // keeps saved values for another walk
	want   map[tap]*Tensor
	emit   sink
}

// walk runs the tape backwards from roots. want selects computed tensors whose gradient is reported to
// emit besides leaves; retain keeps saved values for another walk.
func walk(roots, seeds []*Tensor, track, retain bool, want map[tap]*Tensor, emit sink) {
	p := &pass{
		pending: pending{grads: map[*node][]*Tensor{}},
		track:   track, retain: retain, want: want, emit: emit,
	}
	if !track {
		p.made = new(ledger)
	}
	p.rules = builder{track, p.made}
	for i, r := range roots {
		e := edge{node: r.node, out: r.out}
		if r.node == nil {
			e.leaf = r
		}
		p.arrive(e, seeds[i])
	}
	for p.Len() > 0 {
		n := heap.Pop(&p.pending).(*node)
		grads := p.grads[n]
		delete(p.grads, n)
		p.visit(n, grads)
	}
}

func (p *pass) arrive(e edge, g *Tensor) {
	switch {
	case e.node != nil:
		p.add(e.node, e.out, g, p.made, p.track)
	case e.leaf != nil:
		p.emit(e.leaf, g, p.made)
	}
}

// visit runs the gradient rule of n on the gradients of its results.
func (p *pass) visit(n *node, grads []*Tensor) {
	p.runHooks(n, grads)
	if n.freed {
		engine.Fail("Backward", "the values saved by %s were freed by an earlier backward pass; "+
			"use RetainGraph in the first one", n.def.Name)
	}
	dins := n.def.Grad(p.rules, n.call(grads))
	if !p.retain {
		n.free()
	}
	for i, e := range n.in {
		if i < len(dins) && dins[i] != nil && e.wanted() {
			g := op.Unbroadcast(p.rules, dins[i], e.typ).(*Tensor)
			p.made.hold(g)
			dins[i] = g
		}
	}
	for _, g := range grads {
		if g != nil {
			p.made.drop(g)
		}
	}
	if n.def.Domain != "" {
		p.made.keepAll()
	}
	p.made.sweep()
	for i, e := range n.in {
		if i < len(dins) && dins[i] != nil && e.wanted() {
			p.arrive(e, dins[i].(*Tensor))
		}
	}
}

// free lets go of saved values; a node that saved none can be walked again.
func (n *node) free() {
	for i := range n.saved {
		n.freed = n.freed || n.saved[i].x != nil
		n.saved[i].x = nil
	}
}

// tap names one result of a node.
type tap struct {
	n   *node
	out int32
}

// runHooks lets hooks see and replace the gradients of n's results, and reports wanted ones.
func (p *pass) runHooks(n *node, grads []*Tensor) {
	for i := range grads {
		if grads[i] == nil {
			continue
		}
		if hs := n.hooks[int32(i)]; len(hs) > 0 {
			p.made.keep(grads[i])
			grads[i] = runHooks(hs, grads[i])
		}
		if x := p.want[tap{n, int32(i)}]; x != nil {
			p.emit(x, grads[i], p.made)
		}
	}
}
