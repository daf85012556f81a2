package eager

import (
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// Step is an operator that ran, or the gradient rule of one, as Inspect reports it.
type Step struct {
	Op       string
	Backward bool      // the gradient rule ran
	Leaf     bool      // Out is the gradient that a backward pass brings to a leaf; Op is ""
	Seq      uint64    // number of the operator's record, the same in both directions; 0: it has none
	Out      []*Tensor // results, or gradients of the operands (nil: none); not to be kept or changed
}

// Inspect calls f after each operator, on the goroutine that ran it, after each gradient rule, and for
// each gradient of a leaf, until stop is called. Operators that package jit puts off are not reported,
// those inside gradient rules neither. While it lasts operators take the long way, as under Observe; it
// is for debuggers. Panics with *engine.Error when somebody inspects already.
func Inspect(f func(s Step)) (stop func()) {
	if f == nil {
		engine.Fail("Inspect", "f is a nil func")
	}
	observers.Lock()
	defer observers.Unlock()
	if o := observer.Load(); o != nil && o.look != nil {
		engine.Fail("Inspect", "operators are inspected already; end that first")
	}
	observe(func(o *observing) { o.look = f })
	return func() {
		observers.Lock()
		defer observers.Unlock()
		observe(func(o *observing) { o.look = nil })
	}
}

// observe changes who is told of operators. It needs observers.
func observe(change func(o *observing)) {
	var o observing
	if now := observer.Load(); now != nil {
		o = *now
	}
	change(&o)
	if o.f == nil && o.look == nil {
		observer.Store(nil)
		return
	}
	observer.Store(&o)
}

// looked reports results of d.
func (o *observing) looked(d *op.Def, outs []*Tensor) {
	if o.look == nil || len(outs) == 0 || tracer() != nil {
		return
	}
	s := Step{Op: d.Name, Out: outs}
	if n := outs[0].node; n != nil {
		s.Seq = n.seq
	}
	o.look(s)
}

// lookedBack reports the gradients that the rule of n gave.
func (o *observing) lookedBack(n *node, dins []op.Value) {
	s := Step{Op: n.def.Name, Backward: true, Seq: n.seq}
	for _, v := range dins {
		g, _ := v.(*Tensor)
		s.Out = append(s.Out, g)
	}
	o.look(s)
}

// Origin is a value on the tape, as Tape lists it.
type Origin struct {
	Seq    uint64 // of the operator's record; 0: a leaf
	Op     string // "": a leaf
	Type   op.Type
	Inputs []int // where the operands that require gradients stand in the list
	More   bool  // operands were left out
}

// Tape lists from what x was computed, as far as gradients are concerned: x first, at most depth
// operators back and limit entries. Nothing comes of a tensor that does not require a gradient.
func (x *Tensor) Tape(depth, limit int) (list []Origin) {
	x.must("Tape")
	if !x.tracked() {
		return nil
	}
	nodes, leaves := map[*node]int{}, map[*Tensor]int{}
	type visit struct {
		at, depth int
		n         *node
	}
	var open []visit
	place := func(n *node, leaf *Tensor, t op.Type, depth int) int {
		if n == nil {
			if _, ok := leaves[leaf]; !ok {
				leaves[leaf] = len(list)
				list = append(list, Origin{Type: t})
			}
			return leaves[leaf]
		}
		if _, ok := nodes[n]; !ok {
			nodes[n] = len(list)
			open = append(open, visit{len(list), depth, n})
			list = append(list, Origin{Seq: n.seq, Op: n.def.Name, Type: t})
		}
		return nodes[n]
	}
	place(x.node, x, x.Type(), 0)
	for len(open) > 0 {
		v := open[0]
		open = open[1:]
		for i := range v.n.in {
			e := &v.n.in[i]
			if !e.wanted() {
				continue
			}
			if v.depth >= depth || len(list) >= limit {
				list[v.at].More = true
				break
			}
			k := place(e.node, e.leaf, e.typ, v.depth+1)
			list[v.at].Inputs = append(list[v.at].Inputs, k)
		}
	}
	return list
}
