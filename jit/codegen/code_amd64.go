//go:build linux

package codegen

import (
	"fmt"
	"runtime"
	"sync"
	"unsafe"
	"weak"

	"golang.org/x/sys/unix"
)

// code is the machine code of a Loop: one routine for each set of inputs that are one number.
type code struct {
	v        *vector
	place    places
	slots    int
	mu       sync.Mutex
	routines map[uint64]*routine
}

// routine is executable memory. It is never writable at the same time, and unmapped when nobody can call it
// any more.
type routine struct{ mem []byte }

// compile returns the machine code of l; an error says why the interpreter has to run it: another processor, or
// an operator that vector programs lack.
func compile(l *Loop) (*code, error) {
	i, err := isaFor(l.DType)
	if err != nil {
		return nil, err
	}
	if l.Inputs > 64 {
		return nil, fmt.Errorf("%d inputs are more than the 64 that machine code takes", l.Inputs)
	}
	v, err := translate(l, i)
	if err != nil {
		return nil, err
	}
	return known.code(l, v), nil
}

// library holds the code of all loops: equal ones, as repeated layers have, share it as long as one lives.
type library struct {
	mu    sync.Mutex
	codes map[string]weak.Pointer[code]
}

var known = library{codes: map[string]weak.Pointer[code]{}}

func (k *library) code(l *Loop, v *vector) *code {
	name := fmt.Sprintf("%s %d %v %v", v.name, l.Inputs, l, l.DType)
	k.mu.Lock()
	defer k.mu.Unlock()
	if c := k.codes[name].Value(); c != nil {
		return c
	}
	c := &code{v: v, place: lay(v, len(l.Outputs), l.Inputs), routines: map[uint64]*routine{}}
	_, c.slots = assemble(v, c.place, 0)
	k.codes[name] = weak.Make(c)
	runtime.AddCleanup(c, k.forget, name)
	return c
}

// forget drops a name whose code is gone.
func (k *library) forget(name string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.codes[name].Value() == nil {
		delete(k.codes, name)
	}
}

// routine returns the code for a set of numbers among the inputs; nil when the system allows no code at run time.
func (c *code) routine(scalar uint64) *routine {
	c.mu.Lock()
	defer c.mu.Unlock()
	r, ok := c.routines[scalar]
	if !ok {
		b, _ := assemble(c.v, c.place, scalar)
		r = executable(b)
		c.routines[scalar] = r
	}
	return r
}

// executable maps b as code.
func executable(b []byte) *routine {
	page := unix.Getpagesize()
	mem, err := unix.Mmap(-1, 0, (len(b)+page-1)/page*page, unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil
	}
	copy(mem, b)
	if unix.Mprotect(mem, unix.PROT_READ|unix.PROT_EXEC) != nil {
		_ = unix.Munmap(mem)
		return nil
	}
	r := &routine{mem}
	runtime.AddCleanup(r, func(mem []byte) { _ = unix.Munmap(mem) }, mem)
	return r
}

// block is the arguments of calls, as the code reads them. Pointers are numbers here: the collector does not
// look at them, and no write barrier runs. Who calls keeps what they point at alive.
type block []uint64

// block returns arguments without pointers, at a multiple of 64 bytes, so that no constant crosses a cache line.
func (c *code) block() block {
	vector := c.v.vectorBytes()
	b := make(block, (int(c.place.slot)+c.slots*vector+64)/8)
	if past := uintptr(unsafe.Pointer(unsafe.SliceData(b))) % 64; past > 0 {
		b = b[(64-past)/8:]
	}
	at := int(c.place.consts)
	for _, w := range c.v.consts {
		for range c.v.copies() {
			b[at/8] |= w << (8 * (at % 8))
			at += c.v.size()
		}
	}
	for i := range c.v.maskBytes() / 2 / 8 {
		b[int(c.place.mask)/8+i] = ^uint64(0)
	}
	return b
}

// set makes operand i, outputs first, begin at p.
func (b block) set(i int, p unsafe.Pointer) { b[i] = uint64(uintptr(p)) }

// call computes n elements.
func (r *routine) call(b block, n int) {
	callCode(unsafe.Pointer(unsafe.SliceData(r.mem)), unsafe.Pointer(unsafe.SliceData(b)), uintptr(n))
	runtime.KeepAlive(r)
	runtime.KeepAlive(b)
}

//go:noescape
func callCode(code, args unsafe.Pointer, n uintptr)
