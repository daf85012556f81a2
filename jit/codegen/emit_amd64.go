//go:build linux

package codegen

import "slices"

// emitter turns a vector program into machine code. Register rdi points at the arguments; rdx counts the
// elements and rcx is where the loop is, in bytes.
type emitter struct {
	assembler
	v      *vector
	place  places
	scalar uint64
	uses   [][]int // places of the program that read each virtual register, from here on
	at     []int   // register that holds each virtual register; −1: none
	slot   []int   // where it lies in the arguments; −1: nowhere
	holds  []int   // virtual register in each register; −1: it is free
	unused []int   // slots
	slots  int
}

// places is where the parts of the arguments begin, in bytes: a pointer for each output and each input, the
// constants, masks of tails, and slots for values that registers do not suffice for. Machine code keeps nothing
// on the stack: goroutines move theirs.
type places struct {
	outputs            int
	consts, mask, slot int32
}

// lay gives the parts of the arguments their places, at multiples of 64 bytes.
func lay(v *vector, outputs, inputs int) places {
	p := places{outputs: outputs}
	p.consts = align(8 * (outputs + inputs))
	p.mask = p.consts + align(len(v.consts)*v.size()*v.copies())
	p.slot = p.mask + align(v.maskBytes())
	return p
}

func align(n int) int32 { return int32((n + 63) &^ 63) }

// assemble returns the code of a loop, with bit i of scalar set where input i is one number for all
// elements, and the number of slots that it uses, which does not depend on scalar.
func assemble(v *vector, p places, scalar uint64) (code []byte, slots int) {
	e := &emitter{assembler: assembler{isa: v.isa}, v: v, place: p, scalar: scalar}
	lanes := int32(e.lanes)
	e.zero(rcx)
	e.cmpImm(rdx, lanes)
	tail := e.jump(below, 0)
	top := len(e.b)
	e.body(false)
	e.addImm(rcx, int32(e.vectorBytes()))
	e.subImm(rdx, lanes)
	e.cmpImm(rdx, lanes)
	e.jump(notLess, top)
	e.land(tail)
	e.cmpImm(rdx, 0)
	end := e.jump(equal, 0)
	e.tailMask()
	e.body(true)
	e.land(end)
	e.ret()
	return e.b, e.slots
}

// body emits the program once; tail: for the last, partial vector.
func (e *emitter) body(tail bool) {
	e.uses = make([][]int, e.v.n)
	for k := range e.v.ops {
		for _, a := range e.v.ops[k].reads() {
			if u := e.uses[a.id]; len(u) == 0 || u[len(u)-1] != k {
				e.uses[a.id] = append(u, k)
			}
		}
	}
	e.at, e.slot = slices.Repeat([]int{-1}, e.v.n), slices.Repeat([]int{-1}, e.v.n)
	e.holds = slices.Repeat([]int{-1}, e.usable(tail))
	e.unused = e.unused[:0]
	for s := range e.slots {
		e.unused = append(e.unused, s)
	}
	for k := range e.v.ops {
		e.op(k, &e.v.ops[k], tail)
	}
}

// op emits one operation. The result takes the register of an operand that is overwritten anyway, where
// that one is not read again, or another one; only then do operands give theirs back.
func (e *emitter) op(k int, o *vop, tail bool) {
	for _, a := range e.needed(o) {
		if !a.konst && e.at[a.id] < 0 {
			r := e.take(k)
			e.rm(vload, r, 0, e.slotOf(a.id), 0, false, false)
			e.at[a.id], e.holds[r] = r, a.id
		}
	}
	d, over := -1, e.overwritten(o)
	switch {
	case o.d < 0:
	case over >= 0:
		d = e.at[over]
	default:
		d = e.take(k)
	}
	e.write(o, d, over >= 0, tail)
	for _, a := range o.reads() {
		if u := e.uses[a.id]; len(u) > 0 && u[0] == k {
			e.uses[a.id] = u[1:]
		}
		if len(e.uses[a.id]) == 0 {
			e.release(a.id)
		}
	}
	if o.d >= 0 {
		if e.at[o.d], e.holds[d] = d, o.d; len(e.uses[o.d]) == 0 { // nobody reads it
			e.release(o.d)
		}
	}
}

// release gives back what holds virtual register id.
func (e *emitter) release(id int) {
	if r := e.at[id]; r >= 0 {
		e.holds[r], e.at[id] = -1, -1
	}
	if s := e.slot[id]; s >= 0 {
		e.unused = append(e.unused, s)
		e.slot[id] = -1
	}
}

// take returns a register for operation k: a free one, or that of the value that is read last of all, which
// goes to a slot. The values that k reads stay.
func (e *emitter) take(k int) int {
	best, far := -1, k
	for r, id := range e.holds {
		if id < 0 {
			return r
		}
		if next := e.uses[id][0]; next > far {
			best, far = r, next
		}
	}
	id := e.holds[best]
	if e.slot[id] < 0 { // values do not change: they are written once
		e.slot[id] = e.takeSlot()
		e.rm(vstore, best, 0, e.slotOf(id), 0, false, false)
	}
	e.at[id] = -1
	return best
}

func (e *emitter) takeSlot() int {
	if n := len(e.unused) - 1; n >= 0 {
		s := e.unused[n]
		e.unused = e.unused[:n]
		return s
	}
	e.slots++
	return e.slots - 1
}

func (e *emitter) slotOf(id int) memory {
	return memory{base: rdi, index: -1, disp: e.place.slot + int32(e.slot[id]*e.vectorBytes())}
}

// write emits the instructions of o with result register d, which holds the overwritten operand already
// where in says so.
func (e *emitter) write(o *vop, d int, in, tail bool) {
	switch o.kind {
	case binOp:
		e.with(o.i, d, e.at[o.a.id], o.b)
	case unOp:
		if o.i == vround {
			e.with(o.i, d, 0, o.b, o.imm)
		} else {
			e.with(o.i, d, 0, o.b)
		}
	case shiftOp:
		e.rr(o.i, 0, d, e.at[o.b.id], 0, o.imm)
	case fmaOp:
		e.move(d, o.c, in)
		e.with(o.i, d, e.at[o.a.id], o.b)
	case polyOp:
		e.move(d, o.a, in)
		e.with(vfma213, d, e.at[o.b.id], o.c)
	case pickOp:
		e.pick(o, d, in)
	case constOp:
		e.move(d, o.b, false)
	case inOp:
		e.movPointer(rax, int32(8*(e.place.outputs+int(o.imm))))
		if e.scalar>>o.imm&1 != 0 {
			e.rm(vbcast, d, 0, memory{base: rax, index: -1}, 0, false, false)
		} else {
			e.read(d, memory{base: rax, index: rcx}, tail)
		}
	case outOp:
		e.movPointer(rax, int32(8*int(o.imm)))
		e.store(e.at[o.b.id], memory{base: rax, index: rcx}, tail)
	}
}

func (e *emitter) constant(a arg) memory {
	return memory{base: rdi, index: -1, disp: e.place.consts + int32(a.id*e.size()*e.copies())}
}

// move puts x into register d, if it is not there.
func (e *emitter) move(d int, x arg, there bool) {
	switch {
	case there:
	case x.konst && !e.evex:
		e.rm(vload, d, 0, e.constant(x), 0, false, false)
	case x.konst:
		e.rm(vbcast, d, 0, e.constant(x), 0, false, false)
	case e.at[x.id] >= 0:
		e.rr(vmov, d, 0, e.at[x.id], 0)
	default:
		e.rm(vload, d, 0, e.slotOf(x.id), 0, false, false)
	}
}

// reads lists the virtual registers that o reads.
func (o *vop) reads() []arg {
	return slices.DeleteFunc(o.operands(), func(a arg) bool { return a.konst })
}

func (o *vop) operands() []arg {
	switch o.kind {
	case binOp:
		return []arg{o.a, o.b}
	case fmaOp, polyOp:
		return []arg{o.a, o.b, o.c}
	case pickOp:
		return []arg{o.a, o.b, o.c, o.e}
	case inOp, constOp:
		return nil
	}
	return []arg{o.b}
}

// needed lists the operands of o that have to be in registers.
func (e *emitter) needed(o *vop) []arg {
	switch o.kind {
	case binOp, fmaOp:
		return []arg{o.a}
	case polyOp, shiftOp, outOp:
		return []arg{o.b}
	case pickOp:
		if e.evex {
			return []arg{o.a, o.c}
		}
		return []arg{o.a, o.e}
	}
	return nil
}

// overwritten returns the operand whose register o may write over: one that o changes in place, reads once and
// nobody reads later. −1: none.
func (e *emitter) overwritten(o *vop) int {
	var x arg
	switch {
	case o.kind == fmaOp:
		x = o.c
	case o.kind == polyOp:
		x = o.a
	case o.kind == pickOp && e.evex:
		x = o.e
	default:
		return -1
	}
	if x.konst || e.at[x.id] < 0 || len(e.uses[x.id]) != 1 {
		return -1
	}
	times := 0
	for _, a := range o.reads() {
		if a.id == x.id {
			times++
		}
	}
	if times > 1 {
		return -1
	}
	return x.id
}
