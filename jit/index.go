package jit

import (
	"unsafe"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// index finds the store of a Buffer: a hash table with open addressing, which a call fills and empties
// without allocation.
type index struct {
	slots []int32 // store + 1; 0 is free
	n     int
}

func hash(b *engine.Buffer) uint32 {
	h := uint64(uintptr(unsafe.Pointer(b))>>6) * 0x9E3779B97F4A7C15
	return uint32(h >> 32)
}

// find returns the store of b.
func (x *index) find(stores []store, b *engine.Buffer) (int32, bool) {
	if x.n == 0 {
		return 0, false
	}
	mask := uint32(len(x.slots) - 1)
	for i := hash(b) & mask; ; i = (i + 1) & mask {
		switch k := x.slots[i]; {
		case k == 0:
			return 0, false
		case stores[k-1].buf == b:
			return k - 1, true
		}
	}
}

// add enters the last of stores.
func (x *index) add(stores []store) {
	if 2*(x.n+1) > len(x.slots) {
		x.slots = make([]int32, max(64, 2*len(x.slots)))
		x.n = 0
		for i := range stores[:len(stores)-1] {
			x.put(stores[i].buf, int32(i))
		}
	}
	x.put(stores[len(stores)-1].buf, int32(len(stores)-1))
}

func (x *index) put(b *engine.Buffer, store int32) {
	mask := uint32(len(x.slots) - 1)
	i := hash(b) & mask
	for x.slots[i] != 0 {
		i = (i + 1) & mask
	}
	x.slots[i] = store + 1
	x.n++
}

func (x *index) clear() {
	clear(x.slots)
	x.n = 0
}

// slab is memory for the events of a segment: a few allocations instead of several for each event.
type slab struct {
	apps   []eager.Application
	arrays []engine.Array
	ints   []int32
}

// application returns space for so many operands and results.
func (s *slab) application(in, out int) *eager.Application {
	if len(s.apps) == cap(s.apps) {
		s.apps = make([]eager.Application, 0, max(16, cap(s.apps)))
	}
	s.apps = s.apps[:len(s.apps)+1]
	a := &s.apps[len(s.apps)-1]
	all := s.take(in + out)
	a.In, a.Out = all[:in:in], all[in:]
	return a
}

func (s *slab) take(n int) []engine.Array {
	k := len(s.arrays)
	if k+n > cap(s.arrays) {
		s.arrays, k = make([]engine.Array, 0, max(64, n, cap(s.arrays))), 0
	}
	s.arrays = s.arrays[:k+n]
	return s.arrays[k : k+n : k+n]
}

// numbers returns n store numbers.
func (s *slab) numbers(n int) []int32 {
	k := len(s.ints)
	if k+n > cap(s.ints) {
		s.ints, k = make([]int32, 0, max(64, n, cap(s.ints))), 0
	}
	s.ints = s.ints[:k+n]
	return s.ints[k : k+n : k+n]
}
