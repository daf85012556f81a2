package jit

import (
	"sync"

	"github.com/lathe-ml/lathe/engine"
)

// recipe computes values that a program did not make because nobody held on to them in the first calls,
// and somebody did now. It can as long as what the segment read is unchanged.
type recipe struct {
	mu     sync.Mutex
	events []event
	stores []store
	lazy   engine.Lazy
}

// keepRecipe returns what computes the stores of the segment of s that are missing in made; nil when there
// are none. The recipe lives as long as one of their Buffers, and takes the events over.
func keepRecipe(s *session, made []*engine.Buffer) *engine.Lazy {
	missing := false
	for i := range s.stores {
		missing = missing || s.stores[i].made && made[i] == nil && !s.stores[i].released
	}
	if !missing {
		return nil
	}
	r := &recipe{events: s.events, stores: s.stores}
	for i := range r.stores {
		r.stores[i].version = r.stores[i].buf.Version()
	}
	r.lazy.Force = r.force
	return &r.lazy
}

// force computes all values again and gives b its own.
func (r *recipe) force(b *engine.Buffer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if b.DeferredBy() != &r.lazy {
		return
	}
	for i := range r.stores {
		st := &r.stores[i]
		if !st.made && (st.written || st.buf.Gone() || st.buf.Shared() || st.buf.Version() != st.version) {
			engine.Fail("jit", "a value inside a compiled function is read after the call, which kept it for the "+
				"first time, and what it was computed from has changed; return the value, or keep it in each call")
		}
	}
	s := &session{events: r.events, stores: r.stores}
	made := s.interpret()
	for i := range r.stores {
		if made[i] != nil && r.stores[i].buf.DeferredBy() == &r.lazy {
			r.stores[i].buf.Fulfil(made[i])
		}
	}
}
