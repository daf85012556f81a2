package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// inverse emits the accurate integer inverse DCT of libjpeg (13 fraction bits): columns, transpose,
// rows, then bytes. Eight lanes hold eight columns and, after the transpose, eight rows.
func inverse() {
	t := map[string]Mem{}
	for _, c := range []struct {
		name string
		v    int32
	}{
		{"c0298", 2446},
		{"c0390", -3196},
		{"c0541", 4433},
		{"c0765", 6270},
		{"c0899", -7373},
		{"c1175", 9633},
		{"c1501", 12299},
		{"c1847", -15137},
		{"c1961", -16069},
		{"c2053", 16819},
		{"c2562", -20995},
		{"c3072", 25172},
	} {
		t[c.name] = constant(c.name, c.v)
	}
	round11, round18 := constant("round11", 1<<10), constant("round18", 1<<17+128<<18)
	square := index("square4", [16]uint8{0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15})
	TEXT("idct8AVX2", NOSPLIT, "func(dst *byte, stride int, coef *int16, quant *int32)")
	Pragma("noescape")
	dst, stride := Load(Param("dst"), GP64()), Load(Param("stride"), GP64())
	coef, quant := Load(Param("coef"), GP64()), Load(Param("quant"), GP64())
	in := make([]reg.VecVirtual, 8)
	for i := range in {
		in[i] = YMM()
		VPMOVSXWD(Mem{Base: coef, Disp: 16 * i}, in[i])
		VPMULLD(Mem{Base: quant, Disp: 32 * i}, in[i], in[i])
	}
	out := pass(in, t, round11, 11)
	out = transpose8(out)
	out = pass(out, t, round18, 18)
	storeBlock(out, dst, stride, square)
	VZEROUPPER()
	RET()
}

func times(x reg.VecVirtual, c Mem) reg.VecVirtual {
	y := YMM()
	VPMULLD(c, x, y)
	return y
}

func sum(a, b reg.VecVirtual) reg.VecVirtual {
	y := YMM()
	VPADDD(a, b, y)
	return y
}

// pass is one one-dimensional transform over the eight vectors.
func pass(in []reg.VecVirtual, t map[string]Mem, round Mem, shift uint64) []reg.VecVirtual {
	// The odd part first: it needs most registers.
	z1, z2 := sum(in[7], in[1]), sum(in[5], in[3])
	z3, z4 := sum(in[7], in[3]), sum(in[5], in[1])
	z5 := sum(z3, z4)
	VPMULLD(t["c1175"], z5, z5)
	VPMULLD(t["c0899"], z1, z1)
	VPMULLD(t["c2562"], z2, z2)
	VPMULLD(t["c1961"], z3, z3)
	VPMULLD(t["c0390"], z4, z4)
	VPADDD(z5, z3, z3)
	VPADDD(z5, z4, z4)
	odd := []reg.VecVirtual{in[7], in[5], in[3], in[1]}
	for i, c := range []string{"c0298", "c2053", "c3072", "c1501"} {
		VPMULLD(t[c], odd[i], odd[i])
	}
	for i, z := range [][2]reg.VecVirtual{{z1, z3}, {z2, z4}, {z2, z3}, {z1, z4}} {
		VPADDD(z[0], odd[i], odd[i])
		VPADDD(z[1], odd[i], odd[i])
	}
	z := sum(in[2], in[6])
	VPMULLD(t["c0541"], z, z)
	tmp2, tmp3 := times(in[6], t["c1847"]), times(in[2], t["c0765"])
	VPADDD(z, tmp2, tmp2)
	VPADDD(z, tmp3, tmp3)
	tmp0, tmp1 := sum(in[0], in[4]), YMM()
	VPSUBD(in[4], in[0], tmp1)
	VPSLLD(U8(13), tmp0, tmp0)
	VPSLLD(U8(13), tmp1, tmp1)
	VPADDD(round, tmp0, tmp0)
	VPADDD(round, tmp1, tmp1)
	even := make([]reg.VecVirtual, 4)
	even[0], even[3] = sum(tmp0, tmp3), YMM()
	VPSUBD(tmp3, tmp0, even[3])
	even[1], even[2] = sum(tmp1, tmp2), YMM()
	VPSUBD(tmp2, tmp1, even[2])
	out := make([]reg.VecVirtual, 8)
	for i := range 4 {
		a, b := even[i], odd[3-i]
		out[i], out[7-i] = sum(a, b), a
		VPSUBD(b, a, a)
		VPSRAD(U8(shift), out[i], out[i])
		VPSRAD(U8(shift), out[7-i], out[7-i])
	}
	return out
}

// transpose8 transposes 8×8 lanes of 32 bits.
func transpose8(r []reg.VecVirtual) []reg.VecVirtual {
	two := func(f func(ops ...Op), a, b reg.VecVirtual) reg.VecVirtual {
		y := YMM()
		f(b, a, y)
		return y
	}
	u := make([]reg.VecVirtual, 8)
	for i := 0; i < 8; i += 2 {
		u[i], u[i+1] = two(VPUNPCKLDQ, r[i], r[i+1]), two(VPUNPCKHDQ, r[i], r[i+1])
	}
	v := make([]reg.VecVirtual, 8)
	for i := 0; i < 8; i += 4 {
		v[i], v[i+1] = two(VPUNPCKLQDQ, u[i], u[i+2]), two(VPUNPCKHQDQ, u[i], u[i+2])
		v[i+2], v[i+3] = two(VPUNPCKLQDQ, u[i+1], u[i+3]), two(VPUNPCKHQDQ, u[i+1], u[i+3])
	}
	w := make([]reg.VecVirtual, 8)
	for i := range 4 {
		w[i], w[i+4] = YMM(), YMM()
		VPERM2I128(U8(0x20), v[i+4], v[i], w[i])
		VPERM2I128(U8(0x31), v[i+4], v[i], w[i+4])
	}
	return w
}

// storeBlock writes eight columns of eight rows as rows of bytes.
func storeBlock(c []reg.VecVirtual, dst, stride reg.Register, square Mem) {
	for i := 0; i < 8; i += 4 {
		VPACKSSDW(c[i+1], c[i], c[i])
		VPACKSSDW(c[i+3], c[i+2], c[i+2])
		VPACKUSWB(c[i+2], c[i], c[i])
		VPSHUFB(square, c[i], c[i])
	}
	lo, hi := YMM(), YMM()
	VPUNPCKLDQ(c[4], c[0], lo)
	VPUNPCKHDQ(c[4], c[0], hi)
	p := GP64()
	for half := range 2 {
		for _, y := range []reg.VecVirtual{lo, hi} {
			x := y.AsX()
			if half == 1 {
				z := XMM()
				VEXTRACTI128(U8(1), y, z)
				x = z
			}
			if half == 0 && y == lo {
				MOVQ(dst, p)
			} else {
				ADDQ(stride, p)
			}
			VMOVQ(x, Mem{Base: p})
			ADDQ(stride, p)
			VMOVHPS(x, Mem{Base: p})
		}
	}
}
