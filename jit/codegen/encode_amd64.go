//go:build linux

package codegen

import "encoding/binary"

// assembler encodes the few instructions that loops need: EVEX with 512-bit registers of 16 floats, and what
// steers the loop. Memory operands have 32-bit displacements, so that no disp8 compression takes place.
type assembler struct{ b []byte }

func (a *assembler) bytes(b ...byte) { a.b = append(a.b, b...) }

func (a *assembler) i32(v int32) { a.b = binary.LittleEndian.AppendUint32(a.b, uint32(v)) }

// Integer registers by number.
const (
	rax = 0
	rcx = 1
	rdx = 2
	rdi = 7
)

// Opcode maps and prefixes of EVEX.
const (
	map0F, map0F38, map0F3A = 1, 2, 3
	noPrefix, prefix66      = 0, 1
)

// instruction is the part of an EVEX encoding that names the operation.
type instruction struct{ prefix, opMap, op byte }

var (
	vadd     = instruction{noPrefix, map0F, 0x58}
	vmul     = instruction{noPrefix, map0F, 0x59}
	vsub     = instruction{noPrefix, map0F, 0x5C}
	vmin     = instruction{noPrefix, map0F, 0x5D}
	vdiv     = instruction{noPrefix, map0F, 0x5E}
	vmax     = instruction{noPrefix, map0F, 0x5F}
	vand     = instruction{noPrefix, map0F, 0x54}
	vor      = instruction{noPrefix, map0F, 0x56}
	vxor     = instruction{noPrefix, map0F, 0x57}
	vsqrt    = instruction{noPrefix, map0F, 0x51}
	vmov     = instruction{noPrefix, map0F, 0x28}
	vload    = instruction{noPrefix, map0F, 0x10}
	vstore   = instruction{noPrefix, map0F, 0x11}
	vcmp     = instruction{noPrefix, map0F, 0xC2}
	vbcast   = instruction{prefix66, map0F38, 0x18}
	vfma213  = instruction{prefix66, map0F38, 0xA8}
	vfma231  = instruction{prefix66, map0F38, 0xB8}
	vfnma231 = instruction{prefix66, map0F38, 0xBC}
	vscalef  = instruction{prefix66, map0F38, 0x2C}
	vrsqrt14 = instruction{prefix66, map0F38, 0x4E}
	vround   = instruction{prefix66, map0F3A, 0x08}
	vcvt     = instruction{noPrefix, map0F, 0x5B} // int32 to float32
	vshift   = instruction{prefix66, map0F, 0x72} // by imm, /2 right
)

func bit(v, n int) byte { return byte(v>>n) & 1 }

// rr encodes i on registers: dst, src1 (0 where there is none) and src2, under mask k (0: none).
func (a *assembler) rr(i instruction, dst, src1, src2, k int, imm ...byte) {
	a.bytes(
		0x62,
		(1-bit(dst, 3))<<7|(1-bit(src2, 4))<<6|(1-bit(src2, 3))<<5|(1-bit(dst, 4))<<4|i.opMap,
		byte(^src1&15)<<3|1<<2|i.prefix,
		2<<5|(1-bit(src1, 4))<<3|byte(k),
		i.op, 0xC0|byte(dst&7)<<3|byte(src2&7),
	)
	a.bytes(imm...)
}

// memory is [base + index + disp]; index < 0: none.
type memory struct {
	base, index int
	disp        int32
}

// rm encodes i with a memory operand. one repeats one number for all lanes; zero clears lanes outside k.
func (a *assembler) rm(i instruction, dst, src1 int, m memory, k int, zero, one bool, imm ...byte) {
	x := byte(0)
	if m.index >= 0 {
		x = bit(m.index, 3)
	}
	p2 := byte(2<<5) | (1-bit(src1, 4))<<3 | byte(k)
	if zero {
		p2 |= 1 << 7
	}
	if one {
		p2 |= 1 << 4
	}
	a.bytes(
		0x62,
		(1-bit(dst, 3))<<7|(1-x)<<6|(1-bit(m.base, 3))<<5|(1-bit(dst, 4))<<4|i.opMap,
		byte(^src1&15)<<3|1<<2|i.prefix, p2, i.op,
	)
	if m.index >= 0 {
		a.bytes(0x80|byte(dst&7)<<3|4, byte(m.index&7)<<3|byte(m.base&7))
	} else {
		a.bytes(0x80 | byte(dst&7)<<3 | byte(m.base&7))
	}
	a.i32(m.disp)
	a.bytes(imm...)
}

// Steering.

func (a *assembler) movPointer(reg int, disp int32) { // mov reg, [rdi + disp]
	a.bytes(0x48|bit(reg, 3)<<2, 0x8B, 0x80|byte(reg&7)<<3|rdi)
	a.i32(disp)
}

func (a *assembler) zero(reg int) { a.bytes(0x31, 0xC0|byte(reg)<<3|byte(reg)) }

func (a *assembler) addImm(reg int, v int32) {
	a.bytes(0x48, 0x81, 0xC0|byte(reg))
	a.i32(v)
}

func (a *assembler) subImm(reg int, v int32) {
	a.bytes(0x48, 0x81, 0xE8|byte(reg))
	a.i32(v)
}

func (a *assembler) cmpImm(reg int, v int32) {
	a.bytes(0x48, 0x81, 0xF8|byte(reg))
	a.i32(v)
}

// Conditions of jumps.
const (
	below   = 0x82
	notLess = 0x83 // unsigned
	equal   = 0x84
)

// jump jumps to target, which may be patched later; it returns where the distance stands.
func (a *assembler) jump(condition byte, target int) int {
	a.bytes(0x0F, condition)
	a.i32(int32(target - len(a.b) - 4))
	return len(a.b) - 4
}

// land makes the jump whose distance stands at end here.
func (a *assembler) land(at int) {
	binary.LittleEndian.PutUint32(a.b[at:], uint32(len(a.b)-at-4))
}

// tailMask sets k1 to the lowest rdx bits, rdx < 16.
func (a *assembler) tailMask() {
	a.bytes(0xB8) // mov eax, −1
	a.i32(-1)
	a.bytes(0xC4, 0xE2, 0x68, 0xF5, 0xC0) // bzhi eax, eax, edx
	a.bytes(0xC5, 0xF8, 0x92, 0xC8)       // kmovw k1, eax
}

func (a *assembler) ret() { a.bytes(0xC5, 0xF8, 0x77, 0xC3) } // vzeroupper; ret
