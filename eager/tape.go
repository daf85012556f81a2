package eager

import (
	"sync/atomic"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// node is one recorded application of an operator. Nodes point at what their operands came from, never
// at their results' handles, so a graph lives exactly as long as something can still be reached from it.
// (A result of a few hundred bytes shares its memory with its node, see direct.go.)
type node struct {
	def   *op.Def
	attrs op.Attrs
	seq   uint64 // creation order: operands always have a smaller one
	in    []edge
	out   []value
	hooks map[int32][]*hook
	freed bool
}

// value is an operand or a result as the gradient rule sees it. What the rule reads is saved, with the
// version of its storage at that time, and its Buffer is held.
type value struct {
	typ     op.Type
	x       *Tensor // nil: only the type
	version uint32
}

// edge is an operand and says where its gradient goes.
type edge struct {
	value
	from int32 // which result of node
	node *node // nil for a leaf
	leaf *Tensor
}

// node1 is one allocation for a node of up to three operands and one result.
type node1 struct {
	node
	few struct {
		in  [3]edge
		out [1]value
	}
}

var nextSeq atomic.Uint64

// record puts d on the tape and makes outs require gradients.
func record(d *op.Def, a op.Attrs, in, outs []*Tensor) { newNode(d, a, in, len(outs)).results(outs) }

// newNode records the operands of d.
func newNode(d *op.Def, a op.Attrs, in []*Tensor, outs int) *node {
	var n *node
	if len(in) <= 3 && outs == 1 {
		m := new(node1)
		n = &m.node
		n.in, n.out = m.few.in[:len(in)], m.few.out[:]
	} else {
		n = &node{in: make([]edge, len(in)), out: make([]value, outs)}
	}
	n.def, n.attrs, n.seq = d, a, nextSeq.Add(1)
	for i, x := range in {
		n.in[i].set(x, d.Saves.In(i))
	}
	return n
}

// results records outs, which are computed or about to be, and makes them require gradients.
func (n *node) results(outs []*Tensor) {
	for i, y := range outs {
		n.out[i].set(y, n.def.Saves.Out(i))
		if y.arr.DType.IsFloat() || y.arr.DType.IsComplex() {
			y.requires, y.node, y.out = true, n, int32(i)
			if x := n.out[i].x; x != nil && x != y { // packed
				x.requires, x.node, x.out = true, n, int32(i)
			}
		}
	}
}

// set makes e an edge to x.
func (e *edge) set(x *Tensor, keep bool) {
	x.tracked()
	e.value.set(x, keep)
	e.node, e.from = x.node, x.out
	if x.requires && x.node == nil {
		e.leaf = x
	}
}

func (v *value) set(x *Tensor, keep bool) {
	v.typ = op.Type{DType: x.arr.DType, Weak: x.weak, Shape: x.arr.Shape}
	if !keep {
		return
	}
	if v.x = kept(x); v.x == x {
		v.version = x.arr.Buf.Version()
		x.arr.Buf.Hold()
	}
}

func (e *edge) wanted() bool { return e.leaf != nil || e.node != nil }

// read returns v for the gradient rule of d; it refuses values that were changed since.
func (v *value) read(d *op.Def) op.Value {
	switch {
	case v.x == nil:
		return &v.typ
	case v.x.isPacked():
		return v.x.unpacked("Backward of " + d.Name)
	case v.x.arr.Buf.Version() != v.version:
		engine.Fail("Backward", "%s saved a value %v that was changed in place afterwards: it was version %d, now it is "+
			"version %d; change a Clone of it", d.Name, v.typ, v.version, v.x.arr.Buf.Version())
	}
	return v.x
}

// free lets go of saved values; a node that saved none is not written to
// and can be walked again, also by several goroutines. Storage that nobody else
// knows (see Release) goes back, unless the gradients dins share it.
func (n *node) free(dins []op.Value) {
	for i := range n.in {
		if n.in[i].free(dins) {
			n.freed = true
		}
	}
	for i := range n.out {
		if n.out[i].free(dins) {
			n.freed = true
		}
	}
}

func (v *value) free(dins []op.Value) bool {
	x := v.x
	if x == nil {
		return false
	}
	if v.x = nil; x.isPacked() {
		return true
	}
	b := x.arr.Buf
	for _, g := range dins {
		if g, ok := g.(*Tensor); ok && g.arr.Buf == b {
			b.Keep()
		}
	}
	if b.LetGo() {
		x.arr = engine.Array{}
		giveBack(b)
	}
	return true
}

// keepSaved takes Release back for the values that n saved: the rule of a custom operator may keep them.
func (n *node) keepSaved() {
	for i := range n.in {
		if x := n.in[i].x; x != nil && !x.isPacked() {
			x.arr.Buf.Keep()
		}
	}
	for i := range n.out {
		if x := n.out[i].x; x != nil && !x.isPacked() {
			x.arr.Buf.Keep()
		}
	}
}

// Release gives the memory of x back: at once, or with the backward pass that reads x last. It is for
// code that makes large intermediate values and is their only owner, such as the layers of a network;
// without it memory waits for the garbage collector. Neither x nor a tensor that shares its storage (a
// view, Detach) may be used afterwards.
func (x *Tensor) Release() {
	x.must("Release")
	b := x.arr.Buf
	if b.Forget() {
		x.arr = engine.Array{}
		giveBack(b)
	}
}

// SharesStorage reports whether x and y use the same memory, as views do.
func (x *Tensor) SharesStorage(y *Tensor) bool {
	x.must("SharesStorage")
	present("SharesStorage", "y", y)
	return x.arr.Buf == y.arr.Buf
}
