package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// vec is a vector of one element type, or of integers of its size.
type vec = reg.VecVirtual

// isa emits vector operations of one instruction set and element type; every method returns a new
// register.
type isa struct {
	suffix string
	lanes  int
	double bool              // float64 and 64-bit integers, else float32 and 32-bit integers
	past   bool              // whole vectors are stored past the caches
	short  bool              // float64 on the way to float32: errors up to 2⁻³¹ do not matter
	tail   reg.OpmaskVirtual // of the last, partial vector; nil elsewhere
}

var (
	avx512  = &isa{suffix: "512", lanes: 16}
	avx2    = &isa{suffix: "256", lanes: 8}
	avx512d = &isa{suffix: "512d", lanes: 8, double: true}
	avx2d   = &isa{suffix: "256d", lanes: 4, double: true}
)

// pastCaches is v for routines, named NAMEPast, whose results go past the caches: they lie at a
// multiple of 64 bytes.
func (v *isa) pastCaches() *isa {
	w := *v
	w.suffix, w.past = "Past"+v.suffix, true
	return &w
}

// size is that of an element in bytes.
func (v *isa) size() int {
	if v.double {
		return 8
	}
	return 4
}

func (v *isa) wide() bool { return v.lanes*v.size() == 64 }

func (v *isa) new() vec {
	if v.wide() {
		return ZMM()
	}
	return YMM()
}

// instruction is one that avo offers for all of its forms.
type instruction = func(ops ...Op)

// pick returns the instruction for v's element type.
func (v *isa) pick(single, double instruction) instruction {
	if v.double {
		return double
	}
	return single
}

// op2 returns the result of a three-operand instruction; y is the one that may be memory.
func (v *isa) op2(f instruction, y Op, x vec) vec { r := v.new(); f(y, x, r); return r }

var constants = map[uint32]Mem{}

// bits returns the read-only memory that holds 16 copies of a word.
func bits(w uint32) Mem {
	m, ok := constants[w]
	if !ok {
		m = GLOBL(fmt.Sprintf("word_%08x", w), attr.RODATA|attr.NOPTR)
		for i := range 16 {
			DATA(4*i, U32(w))
		}
		constants[w] = m
	}
	return m
}

var longConstants = map[uint64]Mem{}

// bits64 returns the read-only memory that holds 8 copies of a word.
func bits64(w uint64) Mem {
	m, ok := longConstants[w]
	if !ok {
		m = GLOBL(fmt.Sprintf("long_%016x", w), attr.RODATA|attr.NOPTR)
		for i := range 8 {
			DATA(8*i, U64(w))
		}
		longConstants[w] = m
	}
	return m
}

// c returns the memory of a float32 constant.
func c(x float64) Mem { return bits(math.Float32bits(float32(x))) }

// c returns the memory of a constant of v's type.
func (v *isa) c(x float64) Mem {
	if v.double {
		return bits64(math.Float64bits(x))
	}
	return c(x)
}

// word returns the memory of an integer constant of v's size.
func (v *isa) word(w int64) Mem {
	if v.double {
		return bits64(uint64(w))
	}
	return bits(uint32(w))
}

// sign is the memory of the sign bit.
func (v *isa) sign() Mem {
	if v.double {
		return bits64(1 << 63)
	}
	return bits(1 << 31)
}

func (v *isa) load(m Op) vec {
	r := v.new()
	VMOVUPS(m, r)
	return r
}

func (v *isa) add(x vec, y Op) vec { return v.op2(v.pick(VADDPS, VADDPD), y, x) }
func (v *isa) sub(x vec, y Op) vec { return v.op2(v.pick(VSUBPS, VSUBPD), y, x) }
func (v *isa) mul(x vec, y Op) vec { return v.op2(v.pick(VMULPS, VMULPD), y, x) }
func (v *isa) div(x vec, y Op) vec { return v.op2(v.pick(VDIVPS, VDIVPD), y, x) }
func (v *isa) sqrt(x vec) vec      { r := v.new(); v.pick(VSQRTPS, VSQRTPD)(x, r); return r }
func (v *isa) and(x vec, y Op) vec { return v.op2(v.pick(VANDPS, VANDPD), y, x) }
func (v *isa) or(x vec, y Op) vec  { return v.op2(v.pick(VORPS, VORPD), y, x) }
func (v *isa) xor(x vec, y Op) vec { return v.op2(v.pick(VXORPS, VXORPD), y, x) }

// max and min give y when either operand is NaN.
func (v *isa) max(x vec, y Op) vec { return v.op2(v.pick(VMAXPS, VMAXPD), y, x) }
func (v *isa) min(x vec, y Op) vec { return v.op2(v.pick(VMINPS, VMINPD), y, x) }

// atMost and atLeast bound x by a constant; NaN passes.
func (v *isa) atMost(x vec, hi float64) vec  { return v.min(v.load(v.c(hi)), x) }
func (v *isa) atLeast(x vec, lo float64) vec { return v.max(v.load(v.c(lo)), x) }

func (v *isa) abs(x vec) vec {
	if v.double {
		return v.and(x, bits64(1<<63-1))
	}
	return v.and(x, bits(1<<31-1))
}

func (v *isa) neg(x vec) vec { return v.xor(x, v.sign()) }

// copySign gives x, which is not negative, the sign of s.
func (v *isa) copySign(x, s vec) vec { return v.or(x, v.and(s, v.sign())) }

// fma returns x·y + z.
func (v *isa) fma(x vec, y Op, z Op) vec {
	r := v.load(z)
	v.pick(VFMADD231PS, VFMADD231PD)(y, x, r)
	return r
}

// fnma returns z − x·y.
func (v *isa) fnma(x vec, y Op, z Op) vec {
	r := v.load(z)
	v.pick(VFNMADD231PS, VFNMADD231PD)(y, x, r)
	return r
}

// polynomial evaluates Σ k[i]·xⁿ⁻¹⁻ⁱ by Horner's rule.
func (v *isa) polynomial(x vec, k ...float64) vec {
	p := v.load(v.c(k[0]))
	for _, a := range k[1:] {
		v.pick(VFMADD213PS, VFMADD213PD)(v.c(a), x, p)
	}
	return p
}

// round rounds by mode: 8 to nearest even, 9 down, 10 up, 11 to zero.
func (v *isa) round(x vec, mode uint8) vec {
	r := v.new()
	switch {
	case v.wide():
		v.pick(VRNDSCALEPS, VRNDSCALEPD)(U8(mode), x, r)
	case v.double:
		VROUNDPD(U8(mode), x, r)
	default:
		VROUNDPS(U8(mode), x, r)
	}
	return r
}

// Comparison predicates: ordered, false for NaN, except unordered and notEqual.
const (
	equal        = 0
	less         = 1
	lessEqual    = 2
	unordered    = 3
	notEqual     = 4
	greaterEqual = 13
	greater      = 14
)

// mask is the outcome of a comparison: a mask register, or a vector of ones and zeros.
type mask struct {
	k reg.OpmaskVirtual
	m vec
}

// compare compares x with y.
func (v *isa) compare(x vec, predicate uint8, y Op) mask {
	if v.wide() {
		k := K()
		v.pick(VCMPPS, VCMPPD)(U8(predicate), y, x, k)
		return mask{k: k}
	}
	m := v.new()
	v.pick(VCMPPS, VCMPPD)(U8(predicate), y, x, m)
	return mask{m: m}
}

// both joins two comparisons.
func (v *isa) both(a, b mask) mask {
	if v.wide() {
		k := K()
		KANDW(a.k, b.k, k)
		return mask{k: k}
	}
	return mask{m: v.and(a.m, b.m)}
}

// choose returns a where m holds, else b.
func (v *isa) choose(m mask, a, b vec) vec {
	r := v.new()
	switch {
	case v.wide():
		// VBLENDMPS would do, but avo keeps its mask alive for the whole routine.
		VMOVAPS(b, r)
		v.pick(VMOVAPS, VMOVAPD)(a, m.k, r)
	case v.double:
		VBLENDVPD(m.m, a, b, r)
	default:
		VBLENDVPS(m.m, a, b, r)
	}
	return r
}

// where returns a where the comparison of x with y holds, else b.
func (v *isa) where(x vec, predicate uint8, y Op, a, b vec) vec {
	return v.choose(v.compare(x, predicate, y), a, b)
}

// scale returns x·2ⁿ for whole n; in AVX2 n lies in twice the range of normal exponents.
func (v *isa) scale(x, n vec) vec {
	if v.wide() {
		return v.op2(v.pick(VSCALEFPS, VSCALEFPD), n, x)
	}
	// Two factors, because 2ⁿ itself may not be a normal number.
	if v.double {
		h := v.round(v.mul(n, v.c(0.5)), 9)
		return v.mul(v.mul(x, v.power(h)), v.power(v.sub(n, h)))
	}
	i, h := v.new(), v.new()
	VCVTPS2DQ(n, i)
	VPSRAD(U8(1), i, h)
	VPSUBD(h, i, i)
	for _, e := range []vec{h, i} {
		VPADDD(bits(127), e, e)
		VPSLLD(U8(23), e, e)
	}
	return v.mul(v.mul(x, h), i)
}

// power returns 2ⁿ in float64 for whole n within the exponents of normal numbers: adding 2⁵² + 1023
// leaves the biased exponent in the lowest bits.
func (v *isa) power(n vec) vec {
	r := v.add(n, v.c(0x1p52+1023))
	VPSLLQ(U8(52), r, r)
	return r
}
