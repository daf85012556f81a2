//go:build linux

package codegen

import (
	"fmt"
	"runtime"
	"sync"
	"unsafe"
	"weak"

	"golang.org/x/sys/cpu"
	"golang.org/x/sys/unix"
)

// code is the machine code of a Loop: one routine for each set of inputs that are one number.
type code struct {
	v        *vector
	outputs  int
	inputs   int
	mu       sync.Mutex
	routines map[uint64]*routine
}

// routine is executable memory. It is never writable at the same time, and unmapped when nobody can call it
// any more.
type routine struct{ mem []byte }

// compile returns the machine code of l; nil where the interpreter has to run it: another processor,
// float64, an operator that vector programs lack.
func compile(l *Loop) *code {
	x := &cpu.X86
	if !x.HasAVX512F || !x.HasAVX512DQ || !x.HasAVX512BW || !x.HasAVX512VL || !x.HasBMI2 ||
		l.DType.Size() != 4 || l.Inputs > 64 {
		return nil
	}
	for k := range l.Code { // an operator of somebody else may have the name of one of these
		if d := l.Code[k].Def; unaryForms[d] == nil && binaryForms[d] == nil {
			return nil
		}
	}
	return known.code(l)
}

// library holds the code of all loops: equal ones, as repeated layers have, share it as long as one lives.
type library struct {
	mu    sync.Mutex
	codes map[string]weak.Pointer[code]
}

var known = library{codes: map[string]weak.Pointer[code]{}}

func (k *library) code(l *Loop) *code {
	name := fmt.Sprintf("%d %v %v", l.Inputs, l, l.DType)
	k.mu.Lock()
	defer k.mu.Unlock()
	if c := k.codes[name].Value(); c != nil {
		return c
	}
	v, ok := translate(l)
	if !ok {
		return nil
	}
	c := &code{v: v, outputs: len(l.Outputs), inputs: l.Inputs, routines: map[uint64]*routine{}}
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

// routine returns the code for a set of numbers among the inputs; nil when it does not fit in registers, or
// the system allows no code at run time.
func (c *code) routine(scalar uint64) *routine {
	c.mu.Lock()
	defer c.mu.Unlock()
	r, ok := c.routines[scalar]
	if !ok {
		if b, fits := assemble(c.v, c.outputs, c.inputs, scalar); fits {
			r = executable(b)
		}
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

func (c *code) block() block {
	b := make(block, c.outputs+c.inputs+(len(c.v.consts)+1)/2)
	for i, w := range c.v.consts {
		b[c.outputs+c.inputs+i/2] |= uint64(w) << (32 * (i % 2))
	}
	return b
}

// set makes operand i, outputs first, begin at p.
func (b block) set(i int, p *float32) { b[i] = uint64(uintptr(unsafe.Pointer(p))) }

// call computes n elements.
func (r *routine) call(b block, n int) {
	callCode(unsafe.Pointer(unsafe.SliceData(r.mem)), unsafe.Pointer(unsafe.SliceData(b)), uintptr(n))
	runtime.KeepAlive(r)
	runtime.KeepAlive(b)
}

//go:noescape
func callCode(code, args unsafe.Pointer, n uintptr)
