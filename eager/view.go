package eager

import (
	"slices"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// A write to a view is a write to all tensors that share its storage. The tape follows it through the tensor
// that the view was made of, the base: that gets a new place on the tape, and a view whose storage was written
// to since it was last looked at is recorded again, from the new place of its base. Detach makes no view in
// this sense.

// viewOf says of what a tensor is a view.
type viewOf struct {
	from  *Tensor // may be a view itself
	def   *op.Def
	attrs op.Attrs
	// settled is the version of the storage for which the view's place on the tape holds.
	settled atomic.Uint32
	quiet   bool  // made inside NoGrad
	seen    *node // place of from when a quiet view was made
}

// viewTensor is one allocation for a view.
type viewTensor struct {
	Tensor
	state ownState
	view  viewOf
}

// newView returns what operator d made of from without copying.
func newView(a engine.Array, d *op.Def, attrs op.Attrs, from *Tensor, track recording) *Tensor {
	if track == insidePass {
		return &Tensor{arr: a}
	}
	v := new(viewTensor)
	v.Tensor.arr, v.Tensor.isView = a, true
	v.state.view = &v.view
	v.extra.Store(&v.state)
	v.view.from, v.view.def, v.view.attrs = from, d, attrs
	if v.view.quiet = track == recordsNothing; v.view.quiet {
		v.view.seen = from.node
	}
	v.view.settled.Store(a.Buf.Version())
	return &v.Tensor
}

// tracked reports whether x requires a gradient.
func (x *Tensor) tracked() bool {
	if x.isView {
		x.renew()
	}
	return x.requires
}

// viewLocks are taken while a view is renewed, so that several goroutines may read one.
var viewLocks [16]sync.Mutex

// renew brings the place of the view x on the tape up to date.
func (x *Tensor) renew() {
	v, now := x.own().view, x.arr.Buf.Version()
	if v.settled.Load() == now {
		return
	}
	p := v.from
	if p.isView {
		p.renew()
	}
	lock := &viewLocks[uintptr(unsafe.Pointer(x))/unsafe.Sizeof(*x)%uintptr(len(viewLocks))]
	lock.Lock()
	defer lock.Unlock()
	switch {
	case v.settled.Load() == now, p.arr.Buf != x.arr.Buf, x.requires && x.node == nil:
		// up to date; on its own since p got other storage (SetData); a leaf
	case v.quiet:
		if p.node != v.seen && gradEnabled() {
			engine.Fail("view", "%v was made in NoGrad, and the tensor that it is a view of was changed in place "+
				"outside since; make the view outside too, or change the tensor inside", x.arr)
		}
		return // maybe used outside later
	case p.requires:
		t := Tensor{arr: x.arr}
		record(v.def, v.attrs, []*Tensor{p}, []*Tensor{&t})
		x.moveTo(t.node, t.out)
	}
	v.settled.Store(now)
}

// moveTo gives x a new place on the tape. A hook of RetainGrad goes along, others stay where they are.
func (x *Tensor) moveTo(n *node, out int32) {
	if x.own() != nil && x.own().retained != nil {
		h := x.own().retained
		if old := x.node; old != nil {
			old.hooks[x.out] = without(old.hooks[x.out], h)
		}
		n.addHook(out, h)
	}
	x.requires, x.node, x.out = true, n, out
}

// addHook calls h with the gradient of a result; hooks of RetainGrad come last.
func (n *node) addHook(out int32, h *hook) {
	if n.hooks == nil {
		n.hooks = map[int32][]*hook{}
	}
	hs := slices.Clone(n.hooks[out])
	at := len(hs)
	for !h.last && at > 0 && hs[at-1].last {
		at--
	}
	n.hooks[out] = slices.Insert(hs, at, h)
}

// base returns the tensor that x is a view of in the end, x itself for others, and the views from there to x.
func (x *Tensor) base() (b *Tensor, views []*Tensor) {
	for b = x; b.isView && b.own().view.from.arr.Buf == x.arr.Buf; b = b.own().view.from {
		views = append(views, b)
	}
	slices.Reverse(views)
	return b, views
}

// viewStep is an operator that makes a view.
type viewStep struct {
	def   *op.Def
	attrs op.Attrs
}
