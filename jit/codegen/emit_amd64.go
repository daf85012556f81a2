//go:build linux

package codegen

// emitter turns a vector program into machine code. Register rdi points at the arguments: a pointer for each
// output and each input, then the constants; rdx counts the elements and rcx is where the loop is, in bytes.
type emitter struct {
	assembler
	v       *vector
	outputs int
	consts  int32 // where the constants begin
	scalar  uint64
	last    []int // where each register is read last
	at      []int // register that holds each virtual register
	free    []int
}

// assemble returns the code of a loop, with bit i of scalar set where input i is one number for all
// elements; false when the registers do not suffice.
func assemble(v *vector, outputs, inputs int, scalar uint64) ([]byte, bool) {
	e := &emitter{v: v, outputs: outputs, consts: int32(8 * (outputs + inputs)), scalar: scalar}
	e.lifetimes()
	e.zero(rcx)
	e.cmpImm(rdx, lanes)
	tail := e.jump(below, 0)
	top := len(e.b)
	if !e.body(0) {
		return nil, false
	}
	e.addImm(rcx, 4*lanes)
	e.subImm(rdx, lanes)
	e.cmpImm(rdx, lanes)
	e.jump(notLess, top)
	e.land(tail)
	e.cmpImm(rdx, 0)
	end := e.jump(equal, 0)
	e.tailMask()
	e.body(1)
	e.land(end)
	e.ret()
	return e.b, true
}

// lanes is the number of floats in a register.
const lanes = 16

func (e *emitter) lifetimes() {
	e.last = make([]int, e.v.n)
	for k := range e.v.ops {
		o := &e.v.ops[k]
		for _, a := range o.reads() {
			e.last[a.id] = k
		}
	}
}

// reads lists the registers that o reads.
func (o *vop) reads() []arg {
	var r []arg
	all := []arg{o.b}
	switch o.kind {
	case binOp:
		all = []arg{o.a, o.b}
	case fmaOp, polyOp:
		all = []arg{o.a, o.b, o.c}
	case pickOp:
		all = []arg{o.a, o.b, o.c, o.e}
	case inOp, constOp:
		return nil
	}
	for _, a := range all {
		if !a.konst {
			r = append(r, a)
		}
	}
	return r
}

// body emits the program once, with loads and stores under mask k.
func (e *emitter) body(k int) bool {
	e.at = make([]int, e.v.n)
	e.free = e.free[:0]
	for r := 31; r >= 0; r-- {
		e.free = append(e.free, r)
	}
	for i := range e.v.ops {
		if !e.op(i, &e.v.ops[i], k) {
			return false
		}
	}
	return true
}

func (e *emitter) take() (int, bool) {
	n := len(e.free) - 1
	if n < 0 {
		return 0, false
	}
	r := e.free[n]
	e.free = e.free[:n]
	return r, true
}

// op emits one operation. The result takes the register of an operand that is overwritten anyway, where
// that one is not read again, or a free one; only then do operands give theirs back.
func (e *emitter) op(i int, o *vop, k int) bool {
	var d int
	over := e.overwritten(i, o)
	switch {
	case o.d < 0:
	case over >= 0:
		d = e.at[over]
	default:
		var ok bool
		if d, ok = e.take(); !ok {
			return false
		}
	}
	e.write(o, d, over >= 0, k)
	if o.d >= 0 {
		e.at[o.d] = d
	}
	freed := map[int]bool{}
	for _, a := range o.reads() {
		if e.last[a.id] == i && a.id != over && !freed[a.id] {
			freed[a.id] = true
			e.free = append(e.free, e.at[a.id])
		}
	}
	if o.d >= 0 && e.last[o.d] <= i { // nobody reads it
		e.free = append(e.free, d)
	}
	return true
}

// overwritten returns the operand whose register o may write over; −1: none.
func (e *emitter) overwritten(i int, o *vop) int {
	var x arg
	switch o.kind {
	case fmaOp:
		x = o.c
	case polyOp:
		x = o.a
	case pickOp:
		x = o.e
	default:
		return -1
	}
	if x.konst || e.last[x.id] != i {
		return -1
	}
	for _, a := range []arg{o.a, o.b, o.c} { // an operand that is read after the first write
		if !a.konst && a.id == x.id && !(o.kind == polyOp && a == o.a && o.b.id != x.id) &&
			!(o.kind == fmaOp && a == o.c && o.a.id != x.id && (o.b.konst || o.b.id != x.id)) {
			return -1
		}
	}
	return x.id
}

// write emits the instructions of o with result register d, which holds the overwritten operand already
// where in says so.
func (e *emitter) write(o *vop, d int, in bool, k int) {
	switch o.kind {
	case binOp:
		e.with(o.i, d, e.at[o.a.id], o.b)
	case unOp:
		if o.i == vround {
			e.rr(o.i, d, 0, e.at[o.b.id], 0, o.imm)
		} else {
			e.rr(o.i, d, 0, e.at[o.b.id], 0)
		}
	case shiftOp:
		// the destination stands where others have the first source
		e.rr(vshift, 2, d, e.at[o.b.id], 0, o.imm)
	case fmaOp:
		e.move(d, o.c, in)
		e.with(o.i, d, e.at[o.a.id], o.b)
	case polyOp:
		e.move(d, o.a, in)
		e.with(vfma213, d, e.at[o.b.id], o.c)
	case pickOp:
		if o.b.konst {
			e.rm(vcmp, 2, e.at[o.a.id], e.constant(o.b), 0, false, true, o.imm)
		} else {
			e.rr(vcmp, 2, e.at[o.a.id], e.at[o.b.id], 0, o.imm)
		}
		e.move(d, o.e, in)
		e.rr(vmov, d, 0, e.at[o.c.id], 2)
	case constOp:
		e.rm(vbcast, d, 0, e.constant(o.b), 0, false, false)
	case inOp:
		e.movPointer(rax, int32(8*(e.outputs+int(o.imm))))
		if e.scalar>>o.imm&1 != 0 {
			e.rm(vbcast, d, 0, memory{rax, -1, 0}, 0, false, false)
		} else {
			e.rm(vload, d, 0, memory{rax, rcx, 0}, k, k > 0, false)
		}
	case outOp:
		e.movPointer(rax, int32(8*int(o.imm)))
		e.rm(vstore, e.at[o.b.id], 0, memory{rax, rcx, 0}, k, false, false)
	}
}

func (e *emitter) constant(a arg) memory { return memory{rdi, -1, e.consts + int32(4*a.id)} }

// with emits d = i(a, b), where b may be a constant.
func (e *emitter) with(i instruction, d, a int, b arg) {
	if b.konst {
		e.rm(i, d, a, e.constant(b), 0, false, true)
		return
	}
	e.rr(i, d, a, e.at[b.id], 0)
}

// move puts x into register d, if it is not there.
func (e *emitter) move(d int, x arg, there bool) {
	switch {
	case there:
	case x.konst:
		e.rm(vbcast, d, 0, e.constant(x), 0, false, false)
	default:
		e.rr(vmov, d, 0, e.at[x.id], 0)
	}
}
