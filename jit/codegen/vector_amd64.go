//go:build linux

package codegen

import "math"

// vector is a straight-line program on virtual registers of the lanes of an instruction set. The methods below
// mirror those that generate the engine's static routines, so that machine code rounds as eager mode does.
type vector struct {
	*isa
	ops    []vop
	consts []uint64 // of 32 or 64 bits
	n      int      // registers
}

// arg is an operand: a register, or a constant in memory.
type arg struct {
	id    int
	konst bool
}

type vkind uint8

const (
	binOp   vkind = iota // d = a i b
	unOp                 // d = i(b), with imm
	fmaOp                // d = c ± a·b, by i
	polyOp               // d = a·b + c, over a
	pickOp               // d = a compare b ? c : e, imm is the comparison
	constOp              // d = constant b
	inOp                 // d = input imm
	outOp                // output imm = b
	shiftOp              // d = b shifted by imm, by i
)

type vop struct {
	kind       vkind
	i          instruction
	d          int
	a, b, c, e arg
	imm        byte
}

func (v *vector) emit(o vop) arg {
	o.d = v.n
	v.n++
	v.ops = append(v.ops, o)
	return arg{id: o.d}
}

func (v *vector) bits(w uint64) arg {
	for i, x := range v.consts {
		if x == w {
			return arg{i, true}
		}
	}
	v.consts = append(v.consts, w)
	return arg{len(v.consts) - 1, true}
}

func (v *vector) c(x float64) arg {
	if v.double {
		return v.bits(math.Float64bits(x))
	}
	return v.bits(uint64(math.Float32bits(float32(x))))
}

// sign is the constant with nothing but the sign bit.
func (v *vector) sign() arg { return v.bits(1 << (8*v.size() - 1)) }

func (v *vector) load(x arg) arg {
	if !x.konst {
		return x
	}
	return v.emit(vop{kind: constOp, b: x})
}

func (v *vector) bin(i instruction, a, b arg) arg {
	return v.emit(vop{kind: binOp, i: i, a: v.load(a), b: b})
}

func (v *vector) add(a, b arg) arg { return v.bin(vadd, a, b) }
func (v *vector) sub(a, b arg) arg { return v.bin(vsub, a, b) }
func (v *vector) mul(a, b arg) arg { return v.bin(vmul, a, b) }
func (v *vector) div(a, b arg) arg { return v.bin(vdiv, a, b) }

// max and min give b when either operand is NaN.
func (v *vector) max(a, b arg) arg { return v.bin(vmax, a, b) }
func (v *vector) min(a, b arg) arg { return v.bin(vmin, a, b) }

func (v *vector) and(a, b arg) arg { return v.bin(vand, a, b) }
func (v *vector) or(a, b arg) arg  { return v.bin(vor, a, b) }
func (v *vector) xor(a, b arg) arg { return v.bin(vxor, a, b) }
func (v *vector) neg(x arg) arg    { return v.xor(x, v.sign()) }
func (v *vector) abs(x arg) arg    { return v.and(x, v.bits(1<<(8*v.size()-1)-1)) }
func (v *vector) sqrt(x arg) arg   { return v.emit(vop{kind: unOp, i: vsqrt, b: x}) }

// copySign gives x, which is not negative, the sign of s.
func (v *vector) copySign(x, s arg) arg { return v.or(x, v.and(s, v.sign())) }

// fused emits one multiplication with addition: z ± x·y or −z ± x·y, by i.
func (v *vector) fused(i instruction, x, y, z arg) arg {
	return v.emit(vop{kind: fmaOp, i: i, a: v.load(x), b: y, c: z})
}

// fma is x·y + z, fnma z − x·y.
func (v *vector) fma(x, y, z arg) arg  { return v.fused(vfma231, x, y, z) }
func (v *vector) fnma(x, y, z arg) arg { return v.fused(vfnma231, x, y, z) }

func (v *vector) polynomial(x arg, k ...float64) arg {
	p := v.load(v.c(k[0]))
	for _, a := range k[1:] {
		p = v.emit(vop{kind: polyOp, a: p, b: x, c: v.c(a)})
	}
	return p
}

func (v *vector) round(x arg, mode byte) arg {
	return v.emit(vop{kind: unOp, i: vround, b: x, imm: mode})
}

// Comparisons, false for NaN but for unordered.
const (
	isEqual     = 0
	isLess      = 1
	isLessEqual = 2
	isUnordered = 3
)

// where is a where the comparison of x and y holds, else b.
func (v *vector) where(x arg, predicate byte, y, a, b arg) arg {
	return v.emit(vop{kind: pickOp, a: v.load(x), b: y, c: v.load(a), e: v.load(b), imm: predicate})
}

func (v *vector) atMost(x arg, hi float64) arg  { return v.min(v.load(v.c(hi)), x) }
func (v *vector) atLeast(x arg, lo float64) arg { return v.max(v.load(v.c(lo)), x) }
