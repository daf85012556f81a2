package main

import (
	"math"

	"github.com/mmcloughlin/avo/attr"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The random generator Philox4x32-10 and the distributions that are made of its words.

func randoms() {
	for _, v := range []*isa{avx512d, avx2d} {
		v.philox()
		v.normal()
	}
	for _, v := range []*isa{avx512, avx2} {
		words := of(opX, "uint32")
		v.routine("uniform", []operand{dst, words}, []string{"lo", "span"}, func(in []vec,
			s func(int) vec,
		) []vec {
			return []vec{v.add(v.mul(v.unit(in[0]), s(1)), s(0))}
		})
		v.routine("bernoulli", []operand{dstBool, words}, []string{"p"}, func(in []vec,
			s func(int) vec,
		) []vec {
			return []vec{v.asBytes(v.compare(v.unit(in[0]), less, s(0)))}
		})
	}
	v := avx512d
	v.routine("uniform", []operand{dst, of(opX, "uint64")}, []string{"lo", "span"}, func(in []vec,
		s func(int) vec,
	) []vec {
		w, r := v.new(), v.new()
		VPROLQ(U8(32), in[0], w)
		VPSRLQ(U8(11), w, w)
		VCVTQQ2PD(w, r)
		return []vec{v.add(v.mul(v.mul(r, v.c(0x1p-53)), s(1)), s(0))}
	})
}

// unit maps words to [0, 1) in steps of 2⁻²⁴.
func (v *isa) unit(w vec) vec {
	r := v.new()
	VPSRLD(U8(8), w, r)
	VCVTDQ2PS(r, r)
	return v.mul(r, v.c(0x1p-24))
}

// philox writes the words of blocks first, first+1 …, whose number is a multiple of twice the lanes.
// A lane of 64 bits holds one word of one block; what lies above the word does not matter. The lanes
// are ordered so that unpacking pairs of words leaves the blocks in order.
func (v *isa) philox() {
	TEXT("philox"+v.suffix, NOSPLIT|NOFRAME, "func(d *uint32, blocks int, seed, first uint64)")
	Pragma("noescape")
	d, blocks := Load(Param("d"), GP64()), Load(Param("blocks"), GP64())
	seed, first := Load(Param("seed"), GP64()), Load(Param("first"), GP64())
	order := GLOBL("lane_order_"+v.suffix, attr.RODATA|attr.NOPTR)
	for i := range v.lanes {
		DATA(8*i, U64(i/2+i%2*v.lanes/2))
	}
	spread := func(r reg.Register) vec {
		w, x := v.new(), XMM()
		MOVQ(r, x)
		VPBROADCASTQ(x, w)
		return w
	}
	counter := spread(first)
	VPADDQ(order, counter, counter)
	low, high := spread(seed), v.new()
	VPSRLQ(U8(32), low, high)
	Label("loop")
	groups := make([][]vec, 2)
	for g := range groups {
		c0, c1, zero := v.new(), v.new(), v.zeros(2)
		VMOVUPS(counter, c0)
		VPSRLQ(U8(32), counter, c1)
		groups[g] = []vec{c0, c1, zero[0], zero[1]}
		VPADDQ(v.word(int64(v.lanes)), counter, counter)
	}
	k0, k1 := v.new(), v.new()
	VMOVUPS(low, k0)
	VMOVUPS(high, k1)
	for range 10 {
		for g, c := range groups {
			groups[g] = v.philoxRound(c, k0, k1)
		}
		VPADDQ(v.word(0x9E3779B9), k0, k0)
		VPADDQ(v.word(0xBB67AE85), k1, k1)
	}
	for g, c := range groups {
		a, b, lo, hi := v.joinWords(c[0], c[1]), v.joinWords(c[2], c[3]), v.new(), v.new()
		VPUNPCKLQDQ(b, a, lo)
		VPUNPCKHQDQ(b, a, hi)
		VMOVUPS(lo, v.at(d, 2*g))
		VMOVUPS(hi, v.at(d, 2*g+1))
	}
	ADDQ(U32(32*v.lanes), d)
	SUBQ(U32(2*v.lanes), blocks)
	JNE(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

func (v *isa) philoxRound(c []vec, k0, k1 vec) []vec {
	p, q, p1, q1 := v.new(), v.new(), v.new(), v.new()
	VPMULUDQ(v.word(0xD2511F53), c[0], p)
	VPMULUDQ(v.word(0xCD9E8D57), c[2], q)
	VPSRLQ(U8(32), p, p1)
	VPSRLQ(U8(32), q, q1)
	return []vec{v.xor(v.xor(q1, c[1]), k0), q, v.xor(v.xor(p1, c[3]), k1), p}
}

// joinWords puts the low words of b above those of a.
func (v *isa) joinWords(a, b vec) vec {
	r := v.new()
	VPSLLQ(U8(32), b, r)
	return v.or(r, v.and(a, v.word(0xffffffff)))
}

// normal maps pairs of words to pairs of normally distributed float32 (Box and Muller), rounded once
// from float64 with errors below 2⁻⁴⁰.
func (v *isa) normal() {
	words, out := of(opX, "uint64"), of(dst, "uint64")
	v.unrolled(single, "normal", []operand{out, words}, []string{"mean", "std"}, func(in []vec,
		s func(int) vec,
	) []vec {
		b := v.new()
		VPSRLQ(U8(32), in[0], b)
		u := v.mul(v.add(v.fromWord(v.and(in[0], v.word(0xffffffff))), v.c(0.5)), v.c(0x1p-32))
		e, f := v.split(u)
		log := v.mul(f, v.polynomial(f, fit(func(f float64) float64 { return math.Log1p(f) / f },
			math.Sqrt2/2-1, math.Sqrt2-1, 16)...))
		r := v.sqrt(v.mul(v.fma(e, v.c(math.Ln2), log), v.c(-2)))
		// Quarter turns, exactly.
		t := v.mul(v.add(v.fromWord(b), v.c(0.5)), v.c(0x1p-30))
		const magic = 0x1.8p52
		n := v.add(t, v.c(magic))
		t = v.sub(t, v.sub(n, v.c(magic)))
		z := v.mul(t, t)
		sin := v.mul(t, v.polynomial(z, fit(ofSquare(func(t float64) float64 {
			return math.Sin(t * math.Pi / 2)
		}), 0, 0.2501, 6)...))
		cos := v.polynomial(z, fit(func(z float64) float64 { return math.Cos(math.Sqrt(z) * math.Pi / 2) },
			0, 0.2501, 6)...)
		next := v.new()
		VPADDQ(v.word(1), n, next)
		x := v.fma(v.mul(r, v.turned(next, sin, cos)), s(1), s(0))
		y := v.fma(v.mul(r, v.turned(n, sin, cos)), s(1), s(0))
		return []vec{v.joinWords(v.narrowed(x), v.narrowed(y))}
	})
}

// fromWord converts whole numbers below 2³² to float64.
func (v *isa) fromWord(w vec) vec { return v.sub(v.or(w, v.c(0x1p52)), v.c(0x1p52)) }

// narrowed rounds to float32 and leaves each in the low half of its lane.
func (v *isa) narrowed(x vec) vec {
	r := v.new()
	if v.wide() {
		y := YMM()
		VCVTPD2PS(x, y)
		VPMOVZXDQ(y, r)
		return r
	}
	y := XMM()
	VCVTPD2PSY(x, y)
	VPMOVZXDQ(y, r)
	return r
}
