package eager

import (
	"github.com/lathe-ml/lathe/eager/internal/poison"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// ledger knows the storage that one backward pass made, and how many gradients that have not been used
// yet refer to it. Storage with no reference goes back to the pool at once. That is safe because what a
// rule makes is known to three places only: the results of the rule, which the ledger counts; the views
// among them, which share the Buffer that it counts by; and whoever is handed a gradient (leaf, hook,
// caller), for whom keep strikes the storage off. A pass that is recorded itself has no ledger (nil), and
// rules of custom operators may keep what they see.
type ledger struct{ entries []entry }

type entry struct {
	buf  *engine.Buffer
	refs int
}

func (l *ledger) find(x *Tensor) *entry {
	if l == nil {
		return nil
	}
	for i := range l.entries {
		if l.entries[i].buf == x.arr.Buf {
			return &l.entries[i]
		}
	}
	return nil
}

// made enters results of d that are not views of its operands.
func (l *ledger) made(outs, in []*Tensor) {
	if l == nil {
		return
	}
	for _, y := range outs {
		if len(in) == 0 || y.arr.Buf != in[0].arr.Buf {
			l.entries = append(l.entries, entry{buf: y.arr.Buf})
		}
	}
}

// hold counts a reference to x's storage, drop takes one away.
func (l *ledger) hold(x *Tensor) { l.count(x, 1) }
func (l *ledger) drop(x *Tensor) { l.count(x, -1) }

func (l *ledger) count(x *Tensor, by int) {
	if e := l.find(x); e != nil {
		e.refs += by
	}
}

// keep leaves x's storage to the garbage collector: others know it from now on. It reports whether until
// now one gradient alone referred to it.
func (l *ledger) keep(x *Tensor) (alone bool) {
	e := l.find(x)
	if e == nil {
		return false
	}
	alone = e.refs == 1
	last := len(l.entries) - 1
	*e = l.entries[last]
	l.entries = l.entries[:last]
	return alone
}

// keepAll leaves all storage to the garbage collector.
func (l *ledger) keepAll() {
	if l != nil {
		l.entries = l.entries[:0]
	}
}

// alone reports whether x's storage is known to the pass only, by one gradient, and can be written over.
func (l *ledger) alone(x *Tensor) bool {
	e := l.find(x)
	return e != nil && e.refs == 1 && x.arr.IsContiguous()
}

// sweep gives storage without references back.
func (l *ledger) sweep() {
	if l == nil {
		return
	}
	held := l.entries[:0]
	for _, e := range l.entries {
		if e.refs > 0 {
			held = append(held, e)
			continue
		}
		giveBack(e.buf)
	}
	l.entries = held
}

func giveBack(b *engine.Buffer) {
	if tracers.used() && released(b) {
		return
	}
	if poison.Released != nil && b.Device() == nil {
		poison.Released(b.Bytes())
	}
	b.Release()
}

// add returns a + b for gradients of one type, which are used up; a may be nil.
func (l *ledger) add(a, b *Tensor, track bool) *Tensor {
	if a == nil {
		return b
	}
	if l.alone(a) {
		addTo(a, b)
		l.drop(b)
		return a
	}
	y := run1(op.Add, nil, recordedIf(track), []*Tensor{a, b})
	if !track {
		l.made([]*Tensor{y}, nil)
	}
	l.hold(y)
	l.drop(a)
	l.drop(b)
	return y
}

// addTo adds b to a in a's storage.
func addTo(a, b *Tensor) {
	if diverted() {
		NoGrad(func() { ApplyInPlace(op.Add, nil, a, b) })
		return
	}
	writing(a.arr.Buf, nil)
	op.Add.CPU(nil, []engine.Array{a.arr}, []engine.Array{a.arr, b.arr})
	a.arr.Buf.Bump()
}
