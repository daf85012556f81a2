package jit

import (
	"sync"
	"weak"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
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
	index  map[*engine.Buffer]int32
	sig    []byte         // signature of the segment
	wanted []engine.Array // lowering gives the values of these, too
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
	in, out []int32
}

// store is storage that a segment knows.
type store struct {
	buf      *engine.Buffer
	made     bool // by an event of this segment
	written  bool // by an event, after it was made
	released bool // nobody reads it after the segment
	numel    int  // made: elements
	dtype    engine.DType
}

// longest is the number of events after which a segment is computed.
const longest = 1 << 13

// copied is the number of bytes up to which storage that Go code may write to is copied when an operator
// reads it, instead of ending the segment.
const copied = 1 << 20

func newSession(owner segments) *session {
	s := &session{owner: owner, index: map[*engine.Buffer]int32{}}
	s.lazy = &engine.Lazy{Force: s.force}
	return s
}

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
	if i, ok := s.index[b]; ok {
		return i
	}
	i := int32(len(s.stores))
	s.stores = append(s.stores, store{buf: b})
	s.index[b] = i
	return i
}

// operands enters what an event reads, the first keep ones without a copy. It reports whether the event
// must be computed at once: Go code may write to one.
func (s *session) operands(e *event, keep int) (now bool) {
	e.in = make([]int32, len(e.In))
	for k := range e.In {
		a := &e.In[k]
		if i, ok := s.index[a.Buf]; (!ok || !s.stores[i].made) && a.Buf.Shared() {
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

// snapshot returns a copy of a with its layout.
func snapshot(a engine.Array) engine.Array {
	c := engine.NewArray(a.DType, a.Shape)
	exec.Move(c, a)
	return c
}

// before makes storage that another session has put off ready: two that wait for each other would never
// end.
func (s *session) before(arrays []engine.Array) {
	for i := range arrays {
		if l := arrays[i].Buf.DeferredBy(); l != nil && l != s.lazy {
			arrays[i].Buf.Bytes()
		}
	}
}

// Apply is part of eager.Tracer.
func (s *session) Apply(c *eager.Application) {
	s.before(c.In)
	s.mu.Lock()
	defer s.mu.Unlock()
	e := event{Application: c, kind: isApply}
	now := s.operands(&e, 0)
	e.out = make([]int32, len(c.Out))
	for k, y := range c.Out {
		i := s.store(y.Buf)
		s.stores[i].made, s.stores[i].numel, s.stores[i].dtype = true, y.Numel(), y.DType
		e.out[k] = i
	}
	s.add(e, now)
}

// View is part of eager.Tracer.
func (s *session) View(c *eager.Application) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.store(c.In[0].Buf)
	e := event{Application: c, kind: isView, in: []int32{i}, out: []int32{i}}
	s.events = append(s.events, e)
	s.sig = appendEvent(s.sig, &e)
}

// Update is part of eager.Tracer.
func (s *session) Update(c *eager.Application) {
	s.before(c.In)
	s.mu.Lock()
	defer s.mu.Unlock()
	e := event{Application: c, kind: isUpdate}
	now := s.operands(&e, len(c.Types))
	s.writes(&e, len(c.Types))
	s.add(e, now)
}

// Assign is part of eager.Tracer.
func (s *session) Assign(dst, src engine.Array) {
	c := &eager.Application{In: []engine.Array{dst, src}}
	s.before(c.In)
	s.mu.Lock()
	defer s.mu.Unlock()
	e := event{Application: c, kind: isAssign}
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
	if _, ok := s.index[b]; ok {
		s.owner.flush(s)
	}
}

// Released is part of eager.Tracer.
func (s *session) Released(b *engine.Buffer) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, ok := s.index[b]
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
	clear(s.events)
	clear(s.stores)
	clear(s.index)
	s.events, s.stores, s.sig = s.events[:0], s.stores[:0], s.sig[:0]
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
		in, out := make([]engine.Array, len(e.In)), make([]engine.Array, len(e.Out))
		for k := range in {
			in[k] = at(e.In[k], e.in[k])
		}
		for k, y := range e.Out {
			made[e.out[k]] = engine.NewArray(y.DType, y.Shape).Buf
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

// compute runs the kernel of e.
func (e *event) compute(in, out []engine.Array) {
	switch e.kind {
	case isApply:
		exec.Apply(e.Def, e.Attrs, in, e.Weak, out)
	case isAssign:
		exec.Move(in[0], in[1])
	case isUpdate:
		exec.Update(e.Def, e.Attrs, in, e.Weak, len(e.Types))
	}
}
