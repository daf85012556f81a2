//go:build linux

package codegen

import "encoding/binary"

// assembler encodes the few instructions that loops need: those of its instruction set on whole registers, and
// what steers the loop. An instruction has the same opcode with both prefixes, EVEX of AVX-512 and VEX of AVX2.
type assembler struct {
	*isa
	b []byte
}

func (a *assembler) bytes(b ...byte) { a.b = append(a.b, b...) }

func (a *assembler) i32(v int32) { a.b = binary.LittleEndian.AppendUint32(a.b, uint32(v)) }

// Integer registers by number.
const (
	rax = 0
	rcx = 1
	rdx = 2
	rdi = 7
)

// Opcode maps and prefixes.
const (
	map0F, map0F38, map0F3A = 1, 2, 3
	noPrefix, prefix66      = 0, 1
)

// instruction is the part of an encoding that names the operation: on 32-bit elements by prefix and op, on
// 64-bit ones by prefix66 and op64 (0: there is none). digit stands in place of a register.
type instruction struct{ prefix, opMap, op, op64, digit byte }

var (
	vadd       = instruction{noPrefix, map0F, 0x58, 0x58, 0}
	vmul       = instruction{noPrefix, map0F, 0x59, 0x59, 0}
	vsub       = instruction{noPrefix, map0F, 0x5C, 0x5C, 0}
	vmin       = instruction{noPrefix, map0F, 0x5D, 0x5D, 0}
	vdiv       = instruction{noPrefix, map0F, 0x5E, 0x5E, 0}
	vmax       = instruction{noPrefix, map0F, 0x5F, 0x5F, 0}
	vand       = instruction{noPrefix, map0F, 0x54, 0x54, 0}
	vor        = instruction{noPrefix, map0F, 0x56, 0x56, 0}
	vxor       = instruction{noPrefix, map0F, 0x57, 0x57, 0}
	vsqrt      = instruction{noPrefix, map0F, 0x51, 0x51, 0}
	vmov       = instruction{noPrefix, map0F, 0x28, 0x28, 0}
	vload      = instruction{noPrefix, map0F, 0x10, 0x10, 0}
	vstore     = instruction{noPrefix, map0F, 0x11, 0x11, 0}
	vcmp       = instruction{noPrefix, map0F, 0xC2, 0xC2, 0}
	vbcast     = instruction{prefix66, map0F38, 0x18, 0x19, 0}
	vfma213    = instruction{prefix66, map0F38, 0xA8, 0xA8, 0}
	vfma231    = instruction{prefix66, map0F38, 0xB8, 0xB8, 0}
	vfms231    = instruction{prefix66, map0F38, 0xBA, 0xBA, 0}
	vfnma231   = instruction{prefix66, map0F38, 0xBC, 0xBC, 0}
	vfnms231   = instruction{prefix66, map0F38, 0xBE, 0xBE, 0}
	vround     = instruction{prefix66, map0F3A, 0x08, 0x09, 0}
	vfromInt   = instruction{noPrefix, map0F, 0x5B, 0, 0} // int32 to float32
	vtoInt     = instruction{prefix66, map0F, 0x5B, 0, 0} // float32 to int32, to nearest even
	vaddInt    = instruction{prefix66, map0F, 0xFE, 0xD4, 0}
	vsubInt    = instruction{prefix66, map0F, 0xFA, 0xFB, 0}
	vright     = instruction{prefix66, map0F, 0x72, 0x73, 2} // by imm, zeros above
	vrightSign = instruction{prefix66, map0F, 0x72, 0, 4}    // by imm, the sign above
	vleft      = instruction{prefix66, map0F, 0x72, 0x73, 6} // by imm

	// AVX-512 only.
	vscalef  = instruction{prefix66, map0F38, 0x2C, 0x2C, 0}
	vrsqrt14 = instruction{prefix66, map0F38, 0x4E, 0x4E, 0}
	vrcp14   = instruction{prefix66, map0F38, 0x4C, 0x4C, 0}

	// AVX2 only.
	vblend     = instruction{prefix66, map0F3A, 0x4A, 0x4B, 0}
	vmaskLoad  = instruction{prefix66, map0F38, 0x2C, 0x2D, 0}
	vmaskStore = instruction{prefix66, map0F38, 0x2E, 0x2F, 0}
)

func bit(v, n int) byte { return byte(v>>n) & 1 }

// head encodes all of i before its operands: r is the register of the operand that may not be memory, v the
// first source, x and b extend the other operand. flags are what EVEX says of masks and repetition.
func (a *assembler) head(i instruction, r, v int, x, b, flags byte) {
	op, prefix, w := i.op, i.prefix, byte(0)
	if a.double {
		op, prefix, w = i.op64, prefix66, 1
	}
	if a.evex {
		a.bytes(0x62, (1-bit(r, 3))<<7|(1-x)<<6|(1-b)<<5|(1-bit(r, 4))<<4|i.opMap,
			w<<7|byte(^v&15)<<3|1<<2|prefix, 2<<5|(1-bit(v, 4))<<3|flags, op)
		return
	}
	if fused := i.opMap == map0F38 && i.op >= 0x96; !fused { // others have an opcode for each type
		w = 0
	}
	a.bytes(0xC4, (1-bit(r, 3))<<7|(1-x)<<6|(1-b)<<5|i.opMap, w<<7|byte(^v&15)<<3|1<<2|prefix, op)
}

// rr encodes i on registers: dst, src1 (0 where there is none) and src2, under mask k (0: none). Where i has a
// digit, src1 is the destination.
func (a *assembler) rr(i instruction, dst, src1, src2, k int, imm ...byte) {
	if i.digit != 0 {
		dst = int(i.digit)
	}
	a.head(i, dst, src1, bit(src2, 4), bit(src2, 3), byte(k))
	a.bytes(0xC0 | byte(dst&7)<<3 | byte(src2&7))
	a.bytes(imm...)
}

// memory is [base + index·2^shift + disp]; index < 0: none.
type memory struct {
	base, index int
	shift       byte
	disp        int32
}

// rm encodes i with a memory operand. one repeats one number for all lanes; zero clears lanes outside k.
func (a *assembler) rm(i instruction, dst, src1 int, m memory, k int, zero, one bool, imm ...byte) {
	x, flags := byte(0), byte(k)
	if m.index >= 0 {
		x = bit(m.index, 3)
	}
	if zero {
		flags |= 1 << 7
	}
	if one {
		flags |= 1 << 4
	}
	unit := int32(1) // of 8-bit displacements
	if a.evex {
		if unit = int32(a.lanes * a.size()); one || i == vbcast {
			unit = int32(a.size())
		}
	}
	a.head(i, dst, src1, x, bit(m.base, 3), flags)
	a.address(dst, m, unit)
	a.bytes(imm...)
}

// address encodes the operands: a register and memory, whose displacement takes a byte if it can.
func (a *assembler) address(reg int, m memory, unit int32) {
	mode := byte(2)
	switch short := m.disp / unit; {
	case m.disp == 0 && m.base&7 != 5:
		mode = 0
	case m.disp%unit == 0 && short >= -128 && short <= 127:
		mode = 1
	}
	switch {
	case m.index >= 0:
		a.bytes(mode<<6|byte(reg&7)<<3|4, m.shift<<6|byte(m.index&7)<<3|byte(m.base&7))
	case m.base&7 == 4: // needs a second byte, without an index
		a.bytes(mode<<6|byte(reg&7)<<3|4, 4<<3|4)
	default:
		a.bytes(mode<<6 | byte(reg&7)<<3 | byte(m.base&7))
	}
	switch mode {
	case 1:
		a.bytes(byte(m.disp / unit))
	case 2:
		a.i32(m.disp)
	}
}

// Steering.

func (a *assembler) movPointer(reg int, disp int32) { // mov reg, [rdi + disp]
	a.bytes(0x48|bit(reg, 3)<<2, 0x8B)
	a.address(reg, memory{rdi, -1, 0, disp}, 1)
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

func (a *assembler) neg(reg int) { a.bytes(0x48, 0xF7, 0xD8|byte(reg)) }

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

// lowBits sets k1 to the lowest rdx bits, rdx < 32.
func (a *assembler) lowBits() {
	a.bytes(0xB8) // mov eax, −1
	a.i32(-1)
	a.bytes(0xC4, 0xE2, 0x68, 0xF5, 0xC0) // bzhi eax, eax, edx
	a.bytes(0xC5, 0xF8, 0x92, 0xC8)       // kmovw k1, eax
}

func (a *assembler) ret() { a.bytes(0xC5, 0xF8, 0x77, 0xC3) } // vzeroupper; ret
