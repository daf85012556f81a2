package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// Arithmetic on integers and conversions between element types.

func integers() {
	for _, v := range []*isa{avx512, avx2, avx512d, avx2d} {
		v.integerArithmetic()
	}
	for _, v := range []*isa{avx512, avx2} {
		v.conversions()
	}
	for _, v := range []*isa{avx512, avx2} {
		v.stream()
	}
	avx512.halves()
}

func (v *isa) integerArithmetic() {
	d, x, y := v.whole(dst), v.whole(opX), v.whole(opY)
	two := func(name string, f func(x, y vec) vec) {
		v.routine(name+v.intName(), []operand{d, x, y}, nil, func(in []vec,
			_ func(int) vec,
		) []vec {
			return []vec{f(in[0], in[1])}
		})
	}
	direct := func(name string, single, double instruction) {
		two(name, func(x, y vec) vec { return v.op2(v.pick(single, double), y, x) })
	}
	direct("add", VPADDD, VPADDQ)
	direct("sub", VPSUBD, VPSUBQ)
	two("and", func(x, y vec) vec { return v.and(x, y) })
	two("or", func(x, y vec) vec { return v.or(x, y) })
	two("xor", func(x, y vec) vec { return v.xor(x, y) })
	if !v.double || v.wide() {
		direct("mul", VPMULLD, VPMULLQ)
		direct("maximum", VPMAXSD, VPMAXSQ)
		direct("minimum", VPMINSD, VPMINSQ)
		v.routine("abs"+v.intName(), []operand{d, x}, nil, func(in []vec, _ func(int) vec) []vec {
			r := v.new()
			v.pick(VPABSD, VPABSQ)(in[0], r)
			return []vec{r}
		})
	}
	v.routine("neg"+v.intName(), []operand{d, x}, nil, func(in []vec, _ func(int) vec) []vec {
		zero := v.new()
		VXORPS(zero.AsX(), zero.AsX(), zero.AsX())
		return []vec{v.op2(v.pick(VPSUBD, VPSUBQ), in[0], zero)}
	})
}

// of is an operand of another element type.
func of(a operand, elem string) operand {
	a.elem = elem
	return a
}

// conversions are named after their source and result. v is of float32.
func (v *isa) conversions() {
	d := avx512d
	if !v.wide() {
		d = avx2d
	}
	convert := func(v *isa, name, to, from string, f func(x vec) vec) {
		v.routine(name, []operand{of(dst, to), of(opX, from)}, nil, func(in []vec,
			_ func(int) vec,
		) []vec {
			return []vec{f(in[0])}
		})
	}
	same := func(x vec) vec { return x }
	into := func(v *isa, f instruction) func(x vec) vec {
		return func(x vec) vec { r := v.new(); f(x, r); return r }
	}
	convert(d, "f32ToF64x", "", "float32", same)
	convert(d, "i32ToI64x", "int64", "int32", same)
	convert(d, "f64ToF32x", "float32", "", func(x vec) vec {
		if d.wide() {
			r := YMM()
			VCVTPD2PS(x, r)
			return r
		}
		r := XMM()
		VCVTPD2PSY(x, r)
		return r
	})
	convert(v, "i32ToF32x", "", "int32", into(v, VCVTDQ2PS))
	convert(v, "f32ToI32x", "int32", "", into(v, VCVTTPS2DQ))
	convert(v, "u8ToF32x", "", "uint8", into(v, VCVTDQ2PS))
	convert(v, "f32ToBoolx", "uint8", "", func(x vec) vec {
		return v.asBytes(v.compare(x, notEqual, v.c(0)))
	})
	convert(d, "u8ToI64x", "int64", "uint8", same)
	if !v.wide() {
		return
	}
	narrow := func(f instruction) func(x vec) vec {
		return func(x vec) vec { r := YMM(); f(x, r); return r }
	}
	convert(d, "i64ToF32x", "float32", "int64", narrow(VCVTQQ2PS))
	convert(d, "i64ToF64x", "", "int64", into(d, VCVTQQ2PD))
	convert(d, "f64ToI64x", "int64", "", into(d, VCVTTPD2QQ))
	convert(d, "i64ToI32x", "int32", "int64", narrow(VPMOVQD))
}

// halves convert bfloat16 and binary16, both rounded half to even.
func (v *isa) halves() {
	x16, d16 := of(opX, "uint16"), of(dst, "uint16")
	narrow := func(x vec) vec { r := YMM(); VPMOVDW(x, r); return r }
	v.routine("widenBF16x", []operand{dst, x16}, nil, func(in []vec, _ func(int) vec) []vec {
		r := v.new()
		VPSLLD(U8(16), in[0], r)
		return []vec{r}
	})
	v.routine("narrowBF16x", []operand{d16, opX}, nil, func(in []vec, _ func(int) vec) []vec {
		x, high, odd, quiet := in[0], v.new(), v.new(), v.new()
		VPSRLD(U8(16), x, high)
		VPORD(bits(0x40), high, quiet)
		VPANDD(bits(1), high, odd)
		VPADDD(bits(0x7fff), odd, odd)
		VPADDD(x, odd, odd)
		VPSRLD(U8(16), odd, odd)
		return []vec{narrow(v.where(x, unordered, x, quiet, odd))}
	})
	v.routine("widenF16x", []operand{dst, x16}, nil, func(in []vec, _ func(int) vec) []vec {
		r := v.new()
		VCVTPH2PS(narrow(in[0]), r)
		return []vec{r}
	})
	v.routine("narrowF16x", []operand{d16, opX}, nil, func(in []vec, _ func(int) vec) []vec {
		r := YMM()
		VCVTPS2PH(U8(0), in[0], r)
		return []vec{r}
	})
}

// stream copies n bytes, a multiple of 256, past the caches; d lies at a multiple of 64.
func (v *isa) stream() {
	TEXT("stream"+v.suffix, NOSPLIT|NOFRAME, "func(d, s *byte, n int)")
	Pragma("noescape")
	d, s, n := Load(Param("d"), GP64()), Load(Param("s"), GP64()), Load(Param("n"), GP64())
	Label("loop")
	for i := range 1024 / (4 * v.lanes) / 4 {
		VMOVNTPS(v.load(v.at(s, i)), v.at(d, i))
	}
	ADDQ(U32(256), s)
	ADDQ(U32(256), d)
	SUBQ(U32(256), n)
	JNE(LabelRef("loop"))
	SFENCE()
	VZEROUPPER()
	RET()
}
