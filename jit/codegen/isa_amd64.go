//go:build linux

package codegen

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// isa is an instruction set for one type of elements. What programs and allocation of registers have to know
// of it stands in its fields, what is done differently in the methods of this file; encode_amd64.go writes both
// kinds of prefixes.
type isa struct {
	name      string // level of package engine/cpu
	evex      bool   // masks in registers k, memory operands that repeat one number
	double    bool   // float64, else float32
	lanes     int    // elements in a register
	registers int
}

var (
	avx512  = &isa{name: "avx512", evex: true, lanes: 16, registers: 32}
	avx2    = &isa{name: "avx2", lanes: 8, registers: 16}
	avx512d = &isa{name: "avx512", evex: true, double: true, lanes: 8, registers: 32}
	avx2d   = &isa{name: "avx2", double: true, lanes: 4, registers: 16}
)

// isaFor returns the instruction set of the level that package engine/cpu computes with.
func isaFor(t engine.DType) (*isa, error) {
	for _, i := range []*isa{avx512, avx2, avx512d, avx2d} {
		if i.name == cpu.Level() && i.double == (t == engine.F64) {
			return i, nil
		}
	}
	return nil, fmt.Errorf("there is no machine code at level %q", cpu.Level())
}

// size is that of an element in bytes, shift its logarithm.
func (i *isa) size() int {
	if i.double {
		return 8
	}
	return 4
}

func (i *isa) shift() byte {
	if i.double {
		return 3
	}
	return 2
}

// vectorBytes is the size of a register.
func (i *isa) vectorBytes() int { return i.lanes * i.size() }

// copies is how often a constant stands in memory: AVX2 has no operands that repeat one number.
func (i *isa) copies() int {
	if i.evex {
		return 1
	}
	return i.lanes
}

// maskRegister holds the mask of the last, partial vector in AVX2: ones in the lanes that exist.
const maskRegister = 15

// usable is the number of registers that a body may use.
func (i *isa) usable(tail bool) int {
	if tail && !i.evex {
		return maskRegister
	}
	return i.registers
}

// maskBytes is the size of the table of masks: ones, then zeros, a vector each.
func (i *isa) maskBytes() int {
	if i.evex {
		return 0
	}
	return 2 * i.vectorBytes()
}

// tailMask makes the mask of the lowest rdx lanes, of which there are fewer than a vector's. In AVX2 it lies in
// a table at disp, rdx elements before the zeros.
func (e *emitter) tailMask() {
	if e.evex {
		e.lowBits()
		return
	}
	e.neg(rdx)
	e.rm(vload, maskRegister, 0, memory{rdi, rdx, e.shift(), e.place.mask + int32(e.vectorBytes())}, 0, false, false)
}

// read loads a vector of an input; the lanes of a tail that do not exist are zero and not touched.
func (e *emitter) read(d int, m memory, tail bool) {
	switch {
	case !tail:
		e.rm(vload, d, 0, m, 0, false, false)
	case e.evex:
		e.rm(vload, d, 0, m, 1, true, false)
	default:
		e.rm(vmaskLoad, d, maskRegister, m, 0, false, false)
	}
}

// store writes a vector of an output, of a tail the lanes that exist.
func (e *emitter) store(x int, m memory, tail bool) {
	switch {
	case !tail:
		e.rm(vstore, x, 0, m, 0, false, false)
	case e.evex:
		e.rm(vstore, x, 0, m, 1, false, false)
	default:
		e.rm(vmaskStore, x, maskRegister, m, 0, false, false)
	}
}

// with emits d = i(a, b), where b may be a constant or lie in memory.
func (e *emitter) with(i instruction, d, a int, b arg, imm ...byte) {
	switch {
	case b.konst:
		e.rm(i, d, a, e.constant(b), 0, false, e.evex, imm...)
	case e.at[b.id] >= 0:
		e.rr(i, d, a, e.at[b.id], 0, imm...)
	default:
		e.rm(i, d, a, e.slotOf(b.id), 0, false, false, imm...)
	}
}

// pick emits d = a compare b ? c : e, the comparison being o.imm. In AVX2 d holds the mask first, so that it is
// no operand's register.
func (e *emitter) pick(o *vop, d int, in bool) {
	if e.evex {
		e.with(vcmp, 2, e.at[o.a.id], o.b, o.imm)
		e.move(d, o.e, in)
		e.rr(vmov, d, 0, e.at[o.c.id], 2)
		return
	}
	e.with(vcmp, d, e.at[o.a.id], o.b, o.imm)
	e.with(vblend, d, e.at[o.e.id], o.c, byte(d<<4))
}

// Programs of an instruction set.

// scale is x·2ⁿ for whole n; in AVX2 n lies in twice the range of normal exponents.
func (v *vector) scale(x, n arg) arg {
	if v.evex {
		return v.bin(vscalef, x, n)
	}
	// Two factors, because 2ⁿ itself may not be a normal number.
	if v.double {
		h := v.round(v.mul(n, v.c(0.5)), 9)
		return v.mul(v.mul(x, v.power(h)), v.power(v.sub(n, h)))
	}
	i := v.emit(vop{kind: unOp, i: vtoInt, b: n})
	h := v.emit(vop{kind: shiftOp, i: vrightSign, b: i, imm: 1})
	rest := v.bin(vsubInt, i, h)
	exponent := func(e arg) arg {
		return v.emit(vop{kind: shiftOp, i: vleft, b: v.bin(vaddInt, e, v.bits(127)), imm: 23})
	}
	return v.mul(v.mul(x, exponent(h)), exponent(rest))
}

// power is 2ⁿ in float64 for whole n within the exponents of normal numbers: adding 2⁵² + 1023 leaves the
// biased exponent in the lowest bits.
func (v *vector) power(n arg) arg {
	return v.emit(vop{kind: shiftOp, i: vleft, b: v.add(n, v.c(0x1p52+1023)), imm: 52})
}

// rsqrt refines the estimate of AVX-512 by one step of the third order.
func (v *vector) rsqrt(x arg) arg {
	if !v.evex || v.double {
		return v.div(v.c(1), v.sqrt(x))
	}
	y := v.emit(vop{kind: unOp, i: vrsqrt14, b: x})
	e := v.fnma(v.mul(x, y), y, v.c(1))
	z := v.fma(v.mul(y, e), v.fma(e, v.c(0.375), v.c(0.5)), y)
	return v.where(e, isUnordered, e, y, z)
}

// inverse is 1/x for normal x, within two units of the last place.
func (v *vector) inverse(x arg) arg {
	if !v.evex {
		return v.div(v.c(1), x)
	}
	y := v.emit(vop{kind: unOp, i: vrcp14, b: x})
	return v.fma(y, v.fnma(x, y, v.c(1)), y)
}
