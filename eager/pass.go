package eager

import (
	"slices"
	"sync"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// pass is one walk over the tape, backwards. It is the op.Builder of the gradient rules: it runs what
// they apply, and records it when the gradient itself is to be differentiated.
type pass struct {
	waiting []arrival // nodes that gradients have arrived at, the latest last
	book    ledger
	made    *ledger // book, or nil when the rules are recorded
	track   bool
	retain  bool // keeps saved values for another walk
	// For Grad: computed tensors and leaves whose gradient is asked for, and what was found. All nil:
	// gradients are added to the leaves.
	want     map[tap]*Tensor
	wantLeaf map[*Tensor]bool
	found    map[*Tensor]*Tensor

	at    op.Device // of the gradients of the rule that runs
	call  op.Call   // memory of one call
	vals  [4]op.Value
	dout  [1]op.Value
	needs [3]bool
	one   [1]*Tensor
}

// arrival is a node that waits for its visit with the gradients of its results.
type arrival struct {
	n   *node
	one *Tensor   // of the only result
	all []*Tensor // when there are several
}

var passes = sync.Pool{New: func() any { return new(pass) }}

// walk runs the tape backwards from roots and gives p back to the pool.
func (p *pass) walk(roots, seeds []*Tensor) {
	if o := observer.Load(); o != nil && o.f != nil {
		defer o.begin("Backward", seeds).end(nil)
	}
	if p.made = nil; !p.track {
		p.made = &p.book
	}
	for i, r := range roots {
		if r.node == nil {
			p.emit(r, seeds[i])
			continue
		}
		p.add(r.node, r.out, seeds[i])
	}
	for k := len(p.waiting) - 1; k >= 0; k = len(p.waiting) - 1 {
		a := p.waiting[k]
		p.waiting[k] = arrival{}
		p.waiting = p.waiting[:k]
		if a.all == nil {
			p.one[0] = a.one
			a.all = p.one[:]
		}
		p.visit(a.n, a.all)
	}
	clear(p.book.entries[:cap(p.book.entries)])
	*p = pass{waiting: p.waiting[:0], book: ledger{p.book.entries[:0]}}
	passes.Put(p)
}

// add brings gradient g of a result of n.
func (p *pass) add(n *node, out int32, g *Tensor) {
	k := len(p.waiting)
	for k > 0 && p.waiting[k-1].n.seq > n.seq && k > len(p.waiting)-8 {
		k--
	}
	if k > 0 && p.waiting[k-1].n.seq > n.seq { // far down
		k, _ = slices.BinarySearchFunc(p.waiting[:k], n.seq+1, func(a arrival, seq uint64) int {
			return int(int64(a.n.seq - seq))
		})
	}
	if k == 0 || p.waiting[k-1].n != n {
		p.waiting = slices.Insert(p.waiting, k, arrival{n: n})
		k++
		if len(n.out) > 1 {
			p.waiting[k-1].all = make([]*Tensor, len(n.out))
		}
	}
	at := &p.waiting[k-1].one
	if all := p.waiting[k-1].all; all != nil {
		at = &all[out]
	}
	*at = p.made.add(*at, g, p.track)
}

// visit runs the gradient rule of n on the gradients of its results.
func (p *pass) visit(n *node, grads []*Tensor) {
	if n.hooks != nil || p.want != nil {
		p.runHooks(n, grads)
	}
	if n.freed {
		engine.Fail("Backward", "the values saved by %s were freed by an earlier backward pass; "+
			"use RetainGraph in the first one", n.def.Name)
	}
	if n.def == rowsRead && p.byRows(n, grads[0]) {
		return
	}
	dins := p.rule(n, grads)
	if anomalies.Load() > 0 {
		n.checkNaN(dins)
	}
	if o := observer.Load(); o != nil && o.look != nil {
		o.lookedBack(n, dins)
	}
	if !p.retain {
		n.free(dins)
	}
	for i := range n.in {
		if i < len(dins) && dins[i] != nil && n.in[i].wanted() {
			g := op.Unbroadcast(p, dins[i], n.in[i].typ).(*Tensor)
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
	for i := range n.in {
		e := &n.in[i]
		switch {
		case i >= len(dins) || dins[i] == nil:
		case e.node != nil:
			p.add(e.node, e.from, dins[i].(*Tensor))
		case e.leaf != nil:
			p.emit(e.leaf, dins[i].(*Tensor))
		}
	}
}

// rule runs n's gradient rule. Those of custom operators may keep what they see, and use tensors.
func (p *pass) rule(n *node, grads []*Tensor) (dins []op.Value) {
	p.at = nil
	for _, g := range grads {
		if g != nil && engine.HasRemote() {
			p.at = g.Device()
		}
	}
	if n.def.Domain == "" {
		c := p.prepare(n, grads, &p.call)
		return n.def.Grad(p, c)
	}
	n.keepSaved()
	c := new(pass).prepare(n, grads, new(op.Call))
	p.quietly(func() { dins = n.def.Grad(p, c) })
	return dins
}

// quietly runs code of users, which records only when the pass is recorded.
func (p *pass) quietly(f func()) {
	if p.track {
		f()
		return
	}
	NoGrad(f)
}

// prepare fills c, with memory of p, with what the gradient rule of n sees.
func (p *pass) prepare(n *node, grads []*Tensor, c *op.Call) *op.Call {
	vals := p.vals[:0]
	c.Attrs, c.DOut, c.Needs = n.attrs, p.dout[:0], p.needs[:0]
	for i := range n.in {
		vals = append(vals, n.in[i].read(n.def))
		e := &n.in[i]
		c.Needs = append(c.Needs, e.wanted() && (p.found == nil || e.leaf == nil || p.wantLeaf[e.leaf]))
	}
	for i := range n.out {
		vals = append(vals, n.out[i].read(n.def))
	}
	for _, g := range grads {
		var v op.Value // stays nil where no gradient arrives
		if g != nil {
			v = g
		}
		c.DOut = append(c.DOut, v)
	}
	c.In, c.Out = vals[:len(n.in):len(n.in)], vals[len(n.in):]
	return c
}

// emit hands the gradient g of x over: a leaf, or a computed tensor that was asked for.
func (p *pass) emit(x, g *Tensor) {
	if x.node == nil && x.own() != nil && len(x.own().hooks) > 0 {
		p.made.keep(g)
		p.quietly(func() { g = runHooks(x.own().hooks, g) })
	}
	if o := observer.Load(); o != nil && o.look != nil && x.node == nil {
		o.look(Step{Backward: true, Leaf: true, Out: []*Tensor{g}})
	}
	if p.found == nil {
		lock := gradLock(x)
		lock.Lock()
		x.accumulate(g, p.made, p.track)
		lock.Unlock()
		x.accumulated()
		return
	}
	if p.made.keep(g); x.node != nil || p.wantLeaf[x] {
		p.found[x] = sum(p.found[x], g, p.track)
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
			p.quietly(func() { grads[i] = runHooks(hs, grads[i]) })
		}
		if x := p.want[tap{n, int32(i)}]; x != nil {
			p.emit(x, grads[i])
		}
	}
}

// Apply is part of op.Builder.
func (p *pass) Apply(d *op.Def, a op.Attrs, in ...op.Value) []op.Value {
	var fewIn [4]*Tensor
	xs := fewIn[:0]
	for _, v := range in {
		x, ok := v.(*Tensor)
		if !ok {
			engine.Fail(d.Name, "a gradient rule reads a value that its Saves leaves out (%v)", v.Type())
		}
		xs = append(xs, x)
	}
	var fewOut [2]*Tensor
	var outs []*Tensor
	if o := observer.Load(); o != nil && o.f == nil {
		outs = compute(fewOut[:0], d, a, recordedIf(p.track), xs) // not for Inspect
	} else {
		outs = run(fewOut[:0], d, a, recordedIf(p.track), xs)
	}
	p.made.made(outs, xs)
	r := make([]op.Value, len(outs))
	for i, y := range outs {
		r[i] = y
	}
	return r
}

// Const is part of op.Builder.
func (p *pass) Const(t op.Type, x float64) op.Value {
	at := p.at
	if t.Weak { // goes along as an argument
		at = nil
	}
	s := newOn(at, t.DType, nil)
	fillWith(s, x)
	return &Tensor{arr: s.Expand(t.Shape), weak: t.Weak}
}
