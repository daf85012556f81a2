package main

import (
	"fmt"
	"math"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// vec is a vector of float32 or of 32-bit integers.
type vec = reg.VecVirtual

// isa emits vector operations of one instruction set; every method returns a new register.
type isa struct {
	suffix string
	lanes  int
	tail   reg.OpmaskVirtual // of the last, partial vector; nil elsewhere
}

var (
	avx512 = &isa{suffix: "512", lanes: 16}
	avx2   = &isa{suffix: "256", lanes: 8}
)

func (v *isa) wide() bool { return v.lanes == 16 }

func (v *isa) new() vec {
	if v.wide() {
		return ZMM()
	}
	return YMM()
}

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

// c returns the memory of a constant.
func c(x float64) Mem { return bits(math.Float32bits(float32(x))) }

func (v *isa) load(m Op) vec {
	r := v.new()
	VMOVUPS(m, r)
	return r
}

func (v *isa) add(x vec, y Op) vec { r := v.new(); VADDPS(y, x, r); return r }
func (v *isa) sub(x vec, y Op) vec { r := v.new(); VSUBPS(y, x, r); return r }
func (v *isa) mul(x vec, y Op) vec { r := v.new(); VMULPS(y, x, r); return r }
func (v *isa) div(x vec, y Op) vec { r := v.new(); VDIVPS(y, x, r); return r }
func (v *isa) sqrt(x vec) vec      { r := v.new(); VSQRTPS(x, r); return r }
func (v *isa) and(x vec, y Op) vec { r := v.new(); VANDPS(y, x, r); return r }
func (v *isa) or(x vec, y Op) vec  { r := v.new(); VORPS(y, x, r); return r }
func (v *isa) xor(x vec, y Op) vec { r := v.new(); VXORPS(y, x, r); return r }

// max and min give y when either operand is NaN.
func (v *isa) max(x vec, y Op) vec { r := v.new(); VMAXPS(y, x, r); return r }
func (v *isa) min(x vec, y Op) vec { r := v.new(); VMINPS(y, x, r); return r }

// atMost and atLeast bound x by a constant; NaN passes.
func (v *isa) atMost(x vec, hi float64) vec  { return v.min(v.load(c(hi)), x) }
func (v *isa) atLeast(x vec, lo float64) vec { return v.max(v.load(c(lo)), x) }

func (v *isa) abs(x vec) vec { return v.and(x, bits(0x7fffffff)) }
func (v *isa) neg(x vec) vec { return v.xor(x, bits(0x80000000)) }

// fma returns x·y + z.
func (v *isa) fma(x vec, y Op, z Op) vec {
	r := v.load(z)
	VFMADD231PS(y, x, r)
	return r
}

// fnma returns z − x·y.
func (v *isa) fnma(x vec, y Op, z Op) vec {
	r := v.load(z)
	VFNMADD231PS(y, x, r)
	return r
}

// polynomial evaluates Σ k[i]·xⁿ⁻¹⁻ⁱ by Horner's rule.
func (v *isa) polynomial(x vec, k ...float64) vec {
	p := v.load(c(k[0]))
	for _, a := range k[1:] {
		VFMADD213PS(c(a), x, p)
	}
	return p
}

// round rounds by mode: 8 to nearest even, 9 down, 10 up, 11 to zero.
func (v *isa) round(x vec, mode uint8) vec {
	r := v.new()
	if v.wide() {
		VRNDSCALEPS(U8(mode), x, r)
	} else {
		VROUNDPS(U8(mode), x, r)
	}
	return r
}

// Comparison predicates: ordered, false for NaN, except unordered.
const (
	less      = 1
	lessEqual = 2
	unordered = 3
)

// where returns a where the comparison of x with y holds, else b.
func (v *isa) where(x vec, predicate uint8, y Op, a, b vec) vec {
	r := v.new()
	if v.wide() {
		k := K()
		VCMPPS(U8(predicate), y, x, k)
		VMOVAPS(b, r)
		VMOVAPS(a, k, r)
	} else {
		m := v.new()
		VCMPPS(U8(predicate), y, x, m)
		VBLENDVPS(m, a, b, r)
	}
	return r
}

// scale returns x·2ⁿ for whole n in [−252, 254].
func (v *isa) scale(x, n vec) vec {
	if v.wide() {
		r := v.new()
		VSCALEFPS(n, x, r)
		return r
	}
	// Two factors, because 2ⁿ itself may not be a normal number.
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

// operand is an array argument of a routine.
type operand struct {
	name  string
	read  bool
	write bool
}

// routine emits func(arrays… *float32, n int, scalars… float32): body maps the vectors read to the
// vectors written; s(i) loads scalar i. In the AVX2 form n is a multiple of 8.
func (v *isa) routine(name string, arrays []operand, scalars []string,
	body func(in []vec, s func(i int) vec) []vec,
) {
	var names []string
	for _, a := range arrays {
		names = append(names, a.name)
	}
	sig := "func(" + strings.Join(names, ", ") + " *float32, n int"
	if len(scalars) > 0 {
		sig += ", " + strings.Join(scalars, ", ") + " float32"
	}
	TEXT(name+v.suffix, NOSPLIT|NOFRAME, sig+")")
	Pragma("noescape")
	p := make([]reg.Register, len(arrays))
	for i, a := range arrays {
		p[i] = Load(Param(a.name), GP64())
	}
	n := Load(Param("n"), GP64())
	block := func(count int) {
		for u := range count {
			var in []vec
			for i, a := range arrays {
				if a.read {
					in = append(in, v.fetch(Mem{Base: p[i], Disp: 4 * v.lanes * u}))
				}
			}
			out := body(in, func(i int) vec { return v.scalar(scalars[i]) })
			for i, a := range arrays {
				if a.write {
					v.store(out[0], Mem{Base: p[i], Disp: 4 * v.lanes * u})
					out = out[1:]
				}
			}
		}
	}
	v.loops(n, p, block)
	VZEROUPPER()
	RET()
}

func (v *isa) scalar(name string) vec {
	b, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	r := v.new()
	VBROADCASTSS(b.Addr, r)
	return r
}

func (v *isa) fetch(m Mem) vec {
	r := v.new()
	if v.tail != nil {
		VMOVUPS_Z(m, v.tail, r)
	} else {
		VMOVUPS(m, r)
	}
	return r
}

func (v *isa) store(x vec, m Mem) {
	if v.tail != nil {
		VMOVUPS(x, v.tail, m)
	} else {
		VMOVUPS(x, m)
	}
}

// loops calls block for pairs of vectors, single vectors and, in AVX-512, the masked rest.
func (v *isa) loops(n reg.Register, p []reg.Register, block func(count int)) {
	advance := func(count int) {
		for _, r := range p {
			ADDQ(U32(4*v.lanes*count), r)
		}
		SUBQ(U32(v.lanes*count), n)
	}
	Label("pairs")
	CMPQ(n, U32(2*v.lanes))
	JLT(LabelRef("single"))
	block(2)
	advance(2)
	JMP(LabelRef("pairs"))
	Label("single")
	CMPQ(n, U32(v.lanes))
	JLT(LabelRef("rest"))
	block(1)
	advance(1)
	JMP(LabelRef("single"))
	Label("rest")
	if v.wide() {
		TESTQ(n, n)
		JE(LabelRef("done"))
		v.tail = v.mask(n)
		block(1)
		v.tail = nil
		Label("done")
	}
}

// mask returns the mask of the first n lanes.
func (v *isa) mask(n reg.Register) reg.OpmaskVirtual {
	ones, k := GP64(), K()
	MOVQ(I32(-1), ones)
	count := GP64()
	MOVQ(n, count)
	r := GP64()
	BZHIQ(count, ones, r)
	KMOVW(r.As32(), k)
	return k
}
