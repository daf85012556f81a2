package eager

import (
	"sync"
	"sync/atomic"
)

// scoped is a setting that holds for a goroutine while a function runs.
type scoped[T any] struct {
	count atomic.Int64 // functions that run with one; without any no look-up is made
	of    sync.Map     // goroutine identity → T
}

// used reports whether any goroutine has one.
func (s *scoped[T]) used() bool { return s.count.Load() != 0 }

// get returns that of the calling goroutine.
func (s *scoped[T]) get() (v T, ok bool) {
	if !s.used() {
		return v, false
	}
	x, ok := s.of.Load(goroutine())
	if ok {
		v, _ = x.(T) // one that was set to nil is none
	}
	return v, ok
}

// with runs f under v; an outer one is in charge again afterwards.
func (s *scoped[T]) with(v T, f func()) {
	g := goroutine()
	outer, nested := s.of.Load(g)
	s.of.Store(g, v)
	s.count.Add(1)
	defer func() {
		s.count.Add(-1)
		if nested {
			s.of.Store(g, outer)
		} else {
			s.of.Delete(g)
		}
	}()
	f()
}
