package jit

import (
	"sync"
	"weak"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/exec"
)

// session follows one call of a function. Operators that the function applies are put off: their results
// have types and layouts, and Buffers that ask the session for contents when somebody reads them. What was
// put off is a segment. It ends where somebody reads, or with the call, and is then computed as a whole:
// by a Program, when a segment of the same signature was met before, or operator by operator.
//
// mu guards all fields. The goroutine of the call adds events; any goroutine may read, write or release
// storage and so end the segment.
type session struct {
	mu     sync.Mutex
	lazy   *engine.Lazy
	owner  segments // who knows segments; decides how one is computed
	events []event
	stores []store
	index  index
	slab   slab
	filled bool   // no application that the slab gave space for is still to come
	sig    []byte // signature of the segment, behind prefix
	prefix []byte
	wanted []engine.Array // lowering gives the values of these, too
	outer  *session       // of a branch that is traced: that of the function around it
	dev    op.Device      // where the segment is computed; nil: the CPU
	trust  bool           // nobody writes to storage without telling before the segment ends
}

// segments decides how a segment is computed.
type segments interface {
	// flush computes the segment of s and ends it with s.settle.
	flush(s *session)
	// read is told that a segment ends because b is read.
	read(s *session, b *engine.Buffer)
	// random is told of a place in the random stream.
	random(seed, offset uint64)
	// moved is told that a goes to another device, at once.
	moved(s *session, a engine.Array)
}

type eventKind uint8

const (
	isApply  eventKind = iota
	isView             // out[0] is a view of in[0]
	isUpdate           // results overwrite the first operands
	isAssign           // in[1] is copied into in[0]
)

// event is one application of an operator, with the stores of its arrays.
type event struct {
	*eager.Application
	kind    eventKind
	dev     op.Device // nil: the CPU
	risky   bool      // it may panic because of values: it is computed even if nobody reads what it makes
	in, out []int32
}

// store is storage that a segment knows.
type store struct {
	buf      *engine.Buffer
	made     bool // by an event of this segment
	written  bool // by an event, after it was made
	released bool // nobody reads it after the segment
}

// longest is the number of events after which a segment is computed.
const longest = 1 << 13

// copied is the number of bytes up to which storage that Go code may write to is copied when an operator
// reads it, instead of ending the segment.
const copied = 1 << 20

func newSession(owner segments) *session {
	s := &session{owner: owner}
	s.lazy = &engine.Lazy{Force: s.force}
	return s
}

// MayRead is asked by operators whose work depends on values, such as gradients by rows: a function that is compiled
// ends a segment there, a traced graph cannot have them.
func (s *session) MayRead() bool { _, ok := s.owner.(*Func); return ok }

// Lazy is part of eager.Tracer.
func (s *session) Lazy() *engine.Lazy { return s.lazy }

// force computes the segment because b is read.
func (s *session) force(b *engine.Buffer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b.DeferredBy() != s.lazy {
		return
	}
	s.owner.read(s, b)
	s.owner.flush(s)
}

// end computes what is left.
func (s *session) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.events) > 0 {
		s.owner.flush(s)
	}
}

// store returns the number of b in the segment.
func (s *session) store(b *engine.Buffer) int32 {
	if i, ok := s.index.find(s.stores, b); ok {
		return i
	}
	s.stores = append(s.stores, store{buf: b})
	s.index.add(s.stores)
	return int32(len(s.stores) - 1)
}

// operands enters what an event reads, the first keep ones without a copy. It reports whether the event
// must be computed at once: Go code may write to one.
func (s *session) operands(e *event, keep int) (now bool) {
	e.in = s.slab.numbers(len(e.In))
	for k := range e.In {
		a := &e.In[k]
		if a.Buf.Shared() && !s.makes(a.Buf) {
			switch {
			case s.trust:
			case k < keep || a.Numel()*a.DType.Size() > copied:
				now = true
			default:
				*a = snapshot(*a)
			}
		}
		e.in[k] = s.store(a.Buf)
	}
	return now
}

// makes reports whether an event of this segment makes b.
func (s *session) makes(b *engine.Buffer) bool {
	i, ok := s.index.find(s.stores, b)
	return ok && s.stores[i].made
}

// snapshot returns a copy of a with its layout.
func snapshot(a engine.Array) engine.Array {
	c := engine.NewArrayOn(a.Device(), a.DType, a.Shape)
	exec.Move(c, a)
	return c
}

// settleOn ends the segment where the next event is for another device. s.mu is held.
func (s *session) settleOn(arrays []engine.Array) {
	var dev op.Device
	for i := range arrays {
		if d, ok := arrays[i].Device().(op.Device); ok {
			dev = d
			break
		}
	}
	if dev == s.dev {
		return
	}
	if len(s.events) > 0 {
		s.owner.flush(s)
	}
	s.dev = dev
}

// before makes storage that another session has put off ready: two that wait for each other would never
// end.
func (s *session) before(arrays []engine.Array) {
	for i := range arrays {
		if l := arrays[i].Buf.DeferredBy(); l != nil && l != s.lazy && !s.within(l) {
			arrays[i].Buf.Bytes()
		}
	}
}

// within reports whether l belongs to a session around this one.
func (s *session) within(l *engine.Lazy) bool {
	return s.outer != nil && (s.outer.lazy == l || s.outer.within(l))
}

// Application is part of eager.Tracer. Only the goroutine of the call uses the slab outside mu.
func (s *session) Application(in, out int) *eager.Application {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.filled = false
	return s.slab.application(in, out)
}

// Apply is part of eager.Tracer.
func (s *session) Apply(c *eager.Application) {
	s.before(c.In)
	risky := !s.trust && mayFail(c)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settleOn(c.Out)
	if risky && s.dev == nil && len(s.events) > 0 { // what came before is not to fail with it
		s.owner.flush(s)
	}
	e := event{Application: c, dev: s.dev, kind: isApply, risky: risky}
	now := s.operands(&e, 0) || risky && s.dev == nil // a device reports what fails to who reads a value
	e.out = s.slab.numbers(len(c.Out))
	for k, y := range c.Out {
		i := s.store(y.Buf)
		s.stores[i].made = true
		e.out[k] = i
	}
	s.add(e, now)
}

// View is part of eager.Tracer.
func (s *session) View(c *eager.Application) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settleOn(c.In[:1])
	i := s.store(c.In[0].Buf)
	n := s.slab.numbers(1)
	n[0] = i
	e := event{Application: c, dev: s.dev, kind: isView, in: n, out: n}
	s.filled = true
	s.events = append(s.events, e)
	s.sig = appendEvent(s.sig, &e)
}

// Update is part of eager.Tracer.
func (s *session) Update(c *eager.Application) {
	s.before(c.In)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settleOn(c.In[:1])
	e := event{Application: c, dev: s.dev, kind: isUpdate}
	now := s.operands(&e, len(c.Out))
	s.writes(&e, len(c.Out))
	s.add(e, now)
}

// Assign is part of eager.Tracer.
func (s *session) Assign(dst, src engine.Array) {
	if from := src.Device(); from != dst.Device() && !(from == nil && oneElement(src)) {
		to, _ := dst.Device().(op.Device)
		src = eager.Over(src).To(to).Storage()
	}
	c := s.Application(2, 0)
	c.In[0], c.In[1] = dst, src
	s.before(c.In)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settleOn(c.In[:1])
	e := event{Application: c, dev: s.dev, kind: isAssign}
	now := s.operands(&e, 1)
	s.writes(&e, 1)
	s.add(e, now)
}

// writes marks the stores that the first n operands of e lie in.
func (s *session) writes(e *event, n int) {
	for _, i := range e.in[:n] {
		st := &s.stores[i]
		st.written = true
		if !st.made {
			st.buf.Defer(s.lazy)
		}
	}
}

func (s *session) add(e event, now bool) {
	s.filled = true
	s.events = append(s.events, e)
	s.sig = appendEvent(s.sig, &e)
	if now || len(s.events) >= longest {
		s.owner.flush(s)
	}
}

// Writing is part of eager.Tracer.
func (s *session) Writing(b *engine.Buffer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.index.find(s.stores, b); ok {
		s.owner.flush(s)
	}
}

// Moving is part of eager.Tracer.
func (s *session) Moving(a engine.Array) { s.owner.moved(s, a) }

// Released is part of eager.Tracer.
func (s *session) Released(b *engine.Buffer) bool {
	if !s.mu.TryLock() { // it computes, maybe with b: the collector takes that
		return true
	}
	defer s.mu.Unlock()
	i, ok := s.index.find(s.stores, b)
	if ok {
		s.stores[i].released = true
	}
	return ok
}

// Random is part of eager.Tracer.
func (s *session) Random(seed, offset uint64) { s.owner.random(seed, offset) }

// want makes lowering give the values of arrays that a function returned.
func (s *session) want(arrays []engine.Array) {
	for _, a := range arrays {
		s.store(a.Buf)
	}
	s.wanted = arrays
}

// settle ends the segment. made holds the memory of the stores that were computed; the others are lost.
func (s *session) settle(made []*engine.Buffer, lost *engine.Lazy) {
	for i := range s.stores {
		st := &s.stores[i]
		switch {
		case st.made && made[i] != nil:
			st.buf.Fulfil(made[i])
			if st.released {
				st.buf.Release()
			}
		case st.made:
			st.buf.Defer(lost)
		default:
			if st.written {
				st.buf.Settle()
			}
			if st.released {
				st.buf.Release()
			}
		}
	}
	s.index.clear()
	s.sig = append(s.sig[:0], s.prefix...)
	if !s.filled { // another goroutine ends the segment while this one describes an application
		s.events, s.stores = make([]event, 0, len(s.events)), make([]store, 0, len(s.stores))
		s.slab = slab{
			make([]eager.Application, 0, len(s.slab.apps)), make([]engine.Array, 0, len(s.slab.arrays)),
			make([]int32, 0, len(s.slab.ints)),
		}
		return
	}
	clear(s.events)
	clear(s.stores)
	clear(s.slab.apps)
	clear(s.slab.arrays)
	s.events, s.stores = s.events[:0], s.stores[:0]
	s.slab = slab{s.slab.apps[:0], s.slab.arrays[:0], s.slab.ints[:0]}
}

// oneElement reports whether a holds one element, which may stand for many.
func oneElement(a engine.Array) bool {
	for i, n := range a.Shape {
		if n > 1 && a.Strides[i] != 0 {
			return false
		}
	}
	return true
}

// weakly returns the Buffers that events made, for a look at who holds them later.
func (s *session) weakly() []weak.Pointer[engine.Buffer] {
	w := make([]weak.Pointer[engine.Buffer], len(s.stores))
	for i := range s.stores {
		if s.stores[i].made && !s.stores[i].released {
			w[i] = weak.Make(s.stores[i].buf)
		}
	}
	return w
}

// interpret computes the segment operator by operator, as eager mode does, and keeps every value. It
// returns the memory of what was made.
func (s *session) interpret() (made []*engine.Buffer) {
	made = make([]*engine.Buffer, len(s.stores))
	last := make([]int, len(s.stores))
	for i := range s.events {
		for _, k := range s.events[i].in {
			last[k] = i
		}
	}
	raws := make([]*engine.Buffer, len(s.stores))
	at := func(a engine.Array, i int32) engine.Array {
		switch {
		case made[i] != nil:
			a.Buf = made[i]
		case raws[i] == nil:
			raws[i] = s.stores[i].buf.Raw()
			fallthrough
		default:
			a.Buf = raws[i]
		}
		return a
	}
	for i := range s.events {
		e := &s.events[i]
		if e.kind == isView {
			continue
		}
		in, out := make([]engine.Array, len(e.In)), make([]engine.Array, len(e.out))
		for k := range in {
			in[k] = at(e.In[k], e.in[k])
		}
		for k := range e.out {
			y := e.Out[k]
			made[e.out[k]] = engine.NewArrayOn(where(s.dev), y.DType, y.Shape).Buf
			out[k] = at(y, e.out[k])
		}
		e.compute(in, out)
		for _, n := range e.in {
			if s.stores[n].released && last[n] == i && made[n] != nil {
				made[n].Release()
				made[n] = nil
			}
		}
	}
	return made
}

// everything is interpret for finish.
func (s *session) everything() ([]*engine.Buffer, *engine.Lazy) { return s.interpret(), nil }

// compute runs the kernel of e.
func (e *event) compute(in, out []engine.Array) {
	switch e.kind {
	case isApply:
		exec.Apply(e.Def, e.Attrs, in, e.Weak, out)
	case isAssign:
		exec.Move(in[0], in[1])
	case isUpdate:
		exec.Update(e.Def, e.Attrs, in, e.Weak, len(e.Out))
	}
}
