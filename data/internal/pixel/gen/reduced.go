package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// reduced emits the 4×4 form of the inverse DCT: column 4 and row 4 of the coefficients do not count.
func reduced() {
	t := map[string]Mem{}
	for _, c := range []struct {
		name string
		v    int32
	}{
		{"r1847", 15137},
		{"r0765", -6270},
		{"r0211", -1730},
		{"r1451", 11893},
		{"r2172", -17799},
		{"r1061", 8697},
		{"r0509", -4176},
		{"r0601", -4926},
		{"r0899", 7373},
		{"r2562", 20995},
	} {
		t[c.name] = constant(c.name, c.v)
	}
	round12, round19 := constant("round12", 1<<11), constant("round19", 1<<18+128<<19)
	square := Mem{Symbol: Symbol{Name: "square4", Static: true}, Base: reg.StaticBase}
	TEXT("idct4AVX2", NOSPLIT, "func(dst *byte, stride int, coef *int16, quant *int32)")
	Pragma("noescape")
	dst, stride := Load(Param("dst"), GP64()), Load(Param("stride"), GP64())
	coef, quant := Load(Param("coef"), GP64()), Load(Param("quant"), GP64())
	in := make([]reg.VecVirtual, 8)
	for i := range in {
		if i == 4 {
			continue
		}
		in[i] = YMM()
		VPMOVSXWD(Mem{Base: coef, Disp: 16 * i}, in[i])
		VPMULLD(Mem{Base: quant, Disp: 32 * i}, in[i], in[i])
	}
	out := pass4(in, t, round12, 12)
	for range 4 {
		z := YMM()
		VPXOR(z, z, z)
		out = append(out, z)
	}
	c := pass4(transpose8(out), t, round19, 19)
	VPACKSSDW(c[1], c[0], c[0])
	VPACKSSDW(c[3], c[2], c[2])
	VPACKUSWB(c[2], c[0], c[0])
	VPSHUFB(square, c[0], c[0])
	x := c[0].AsX()
	for i := range 4 {
		if i > 0 {
			ADDQ(stride, dst)
		}
		VPEXTRD(U8(i), x, Mem{Base: dst})
	}
	VZEROUPPER()
	RET()
}

// pass4 is one one-dimensional transform of eight vectors to four.
func pass4(in []reg.VecVirtual, t map[string]Mem, round Mem, shift uint64) []reg.VecVirtual {
	dot := func(terms ...any) reg.VecVirtual {
		s := times(terms[0].(reg.VecVirtual), t[terms[1].(string)])
		for i := 2; i < len(terms); i += 2 {
			VPADDD(times(terms[i].(reg.VecVirtual), t[terms[i+1].(string)]), s, s)
		}
		return s
	}
	o0 := dot(in[7], "r0211", in[5], "r1451", in[3], "r2172", in[1], "r1061")
	o2 := dot(in[7], "r0509", in[5], "r0601", in[3], "r0899", in[1], "r2562")
	t2 := dot(in[2], "r1847", in[6], "r0765")
	e0, e1 := YMM(), YMM()
	VPSLLD(U8(14), in[0], e1)
	VPADDD(round, e1, e1)
	VPADDD(t2, e1, e0)
	VPSUBD(t2, e1, e1)
	out := []reg.VecVirtual{sum(e0, o2), sum(e1, o0), YMM(), YMM()}
	VPSUBD(o0, e1, out[2])
	VPSUBD(o2, e0, out[3])
	for _, o := range out {
		VPSRAD(U8(shift), o, o)
	}
	return out
}
