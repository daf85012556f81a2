// Command gen writes the AVX2 assembly of package pixel.
//
//	go generate ./data/internal/pixel
//
// Every routine has a portable twin in package pixel, which the tests compare it with bit for bit.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64")
	inverse()
	reduced()
	upsample()
	convert()
	transpose()
	across()
	down()
	Generate()
}

// constant is a read-only vector of eight equal 32-bit lanes.
func constant(name string, v int32) Mem {
	m := GLOBL(name, 24)
	for i := range 8 {
		DATA(4*i, I32(v))
	}
	return m
}

// index is a read-only shuffle pattern, the same in both halves.
func index(name string, p [16]uint8) Mem {
	m := GLOBL(name, 24)
	for i := range 32 {
		DATA(i, U8(p[i%16]))
	}
	return m
}

// upsample doubles a row: even and odd results weigh a sample three to one with its left and right
// neighbour, after near and far rows were weighed three to one.
func upsample() {
	TEXT("up2AVX2", NOSPLIT|NOFRAME, "func(dst, near, far *byte, n int, even, odd int16)")
	Pragma("noescape")
	dst, near, far := Load(Param("dst"), GP64()), Load(Param("near"), GP64()), Load(Param("far"), GP64())
	n := Load(Param("n"), GP64())
	even, odd := YMM(), YMM()
	broadcastWord("even", even)
	broadcastWord("odd", odd)
	Label("up2loop")
	var sums [3]reg.VecVirtual
	for i := range sums {
		a, b, s := YMM(), YMM(), YMM()
		VPMOVZXBW(Mem{Base: near, Disp: i - 1}, a)
		VPMOVZXBW(Mem{Base: far, Disp: i - 1}, b)
		VPADDW(a, a, s)
		VPADDW(a, s, s)
		VPADDW(b, s, s)
		sums[i] = s
	}
	three, e, o := YMM(), YMM(), YMM()
	VPADDW(sums[1], sums[1], three)
	VPADDW(sums[1], three, three)
	VPADDW(sums[0], three, e)
	VPADDW(even, e, e)
	VPSRLW(U8(4), e, e)
	VPADDW(sums[2], three, o)
	VPADDW(odd, o, o)
	VPSRLW(U8(4), o, o)
	VPSLLW(U8(8), o, o)
	VPOR(o, e, e)
	VMOVDQU(e, Mem{Base: dst})
	ADDQ(U8(16), near)
	ADDQ(U8(16), far)
	ADDQ(U8(32), dst)
	SUBQ(U8(16), n)
	JG(LabelRef("up2loop"))
	VZEROUPPER()
	RET()
}

func broadcastWord(name string, y reg.VecVirtual) {
	r, x := GP32(), XMM()
	Load(Param(name), r)
	VMOVD(r, x)
	VPBROADCASTW(x, y)
}

// convert turns eight samples of Y, Cb, Cr at a time into R, G, B.
func convert() {
	half, center := constant("half16", 1<<15), constant("center", 128)
	crR, cbB := constant("crR", 91881), constant("cbB", 116130)
	cbG, crG := constant("cbG", -22554), constant("crG", -46802)
	TEXT("rgbAVX2", NOSPLIT|NOFRAME, "func(red, green, blue, y, cb, cr *byte, n int)")
	Pragma("noescape")
	var p [6]reg.Register
	for i, name := range []string{"red", "green", "blue", "y", "cb", "cr"} {
		p[i] = Load(Param(name), GP64())
	}
	n := Load(Param("n"), GP64())
	Label("rgbloop")
	y, u, v := YMM(), YMM(), YMM()
	VPMOVZXBD(Mem{Base: p[3]}, y)
	VPMOVZXBD(Mem{Base: p[4]}, u)
	VPMOVZXBD(Mem{Base: p[5]}, v)
	VPSUBD(center, u, u)
	VPSUBD(center, v, v)
	mix := func(dst reg.Register, terms ...reg.VecVirtual) {
		s := terms[0]
		for _, t := range terms[1:] {
			VPADDD(t, s, s)
		}
		VPADDD(half, s, s)
		VPSRAD(U8(16), s, s)
		VPADDD(y, s, s)
		store8(s, Mem{Base: dst})
	}
	r, g, g2, b := YMM(), YMM(), YMM(), YMM()
	VPMULLD(crR, v, r)
	VPMULLD(cbG, u, g)
	VPMULLD(crG, v, g2)
	VPMULLD(cbB, u, b)
	mix(p[0], r)
	mix(p[1], g, g2)
	mix(p[2], b)
	for _, q := range p {
		ADDQ(U8(8), q)
	}
	SUBQ(U8(8), n)
	JG(LabelRef("rgbloop"))
	VZEROUPPER()
	RET()
}

// store8 writes eight 32-bit lanes as bytes, saturated.
func store8(s reg.VecVirtual, m Mem) {
	hi := XMM()
	VEXTRACTI128(U8(1), s, hi)
	VPACKSSDW(hi, s.AsX(), hi)
	VPACKUSWB(hi, hi, hi)
	VMOVQ(hi, m)
}

// transpose moves 16×16 blocks of bytes: rows of the source become columns.
func transpose() {
	TEXT("transpose16", NOSPLIT, "func(dst, src *byte, dstStride, srcStride, dstStep, srcStep, n int)")
	Pragma("noescape")
	dst, src := Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	ds, ss := Load(Param("dstStride"), GP64()), Load(Param("srcStride"), GP64())
	dstep, sstep := Load(Param("dstStep"), GP64()), Load(Param("srcStep"), GP64())
	n := Load(Param("n"), GP64())
	x := []reg.VecPhysical{
		reg.X0, reg.X1, reg.X2, reg.X3, reg.X4, reg.X5, reg.X6, reg.X7,
		reg.X8, reg.X9, reg.X10, reg.X11, reg.X12, reg.X13, reg.X14, reg.X15,
	}
	p := GP64()
	tmp := AllocLocal(16)
	Label("blocks")
	MOVQ(src, p)
	for i := range 16 {
		VMOVDQU(Mem{Base: p}, x[i])
		ADDQ(ss, p)
	}
	// Four rounds of interleaving row i with row i+8 give the transpose. Register 15 makes room.
	for range 4 {
		y := make([]reg.VecPhysical, 16)
		VMOVDQU(x[15], tmp)
		free := x[15]
		for i := range 8 {
			a, b := x[i], x[i+8]
			if i == 7 {
				VPUNPCKLBW(tmp, a, free)
				VPUNPCKHBW(tmp, a, a)
				y[2*i], y[2*i+1], free = free, a, b
				continue
			}
			VPUNPCKLBW(b, a, free)
			VPUNPCKHBW(b, a, a)
			y[2*i], y[2*i+1], free = free, a, b
		}
		x = y
	}
	MOVQ(dst, p)
	for i := range 16 {
		VMOVDQU(x[i], Mem{Base: p})
		ADDQ(ds, p)
	}
	ADDQ(dstep, dst)
	ADDQ(sstep, src)
	DECQ(n)
	JNE(LabelRef("blocks"))
	VZEROUPPER()
	RET()
}

// across resizes 16 rows at once: src is [width][16], dst [n][16]; span holds first tap and number of
// taps of every result, coef the taps, size apart.
func across() {
	half := constant("half22", 1<<21)
	TEXT("acrossAVX2", NOSPLIT|NOFRAME, "func(dst, src *byte, span, coef *int32, size, n int)")
	Pragma("noescape")
	dst, src := Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	span, coef := Load(Param("span"), GP64()), Load(Param("coef"), GP64())
	size, n := Load(Param("size"), GP64()), Load(Param("n"), GP64())
	SHLQ(U8(2), size)
	h := YMM()
	VMOVDQU(half, h)
	Label("acrossloop")
	p, c, k := GP64(), GP64(), GP64()
	MOVLQSX(Mem{Base: span}, p)
	MOVLQSX(Mem{Base: span, Disp: 4}, k)
	SHLQ(U8(4), p)
	ADDQ(src, p)
	MOVQ(coef, c)
	a, b := YMM(), YMM()
	VMOVDQA(h, a)
	VMOVDQA(h, b)
	Label("acrosstap")
	w, u, v := YMM(), YMM(), YMM()
	VPBROADCASTD(Mem{Base: c}, w)
	VPMOVZXBD(Mem{Base: p}, u)
	VPMOVZXBD(Mem{Base: p, Disp: 8}, v)
	VPMULLD(w, u, u)
	VPMULLD(w, v, v)
	VPADDD(u, a, a)
	VPADDD(v, b, b)
	ADDQ(U8(16), p)
	ADDQ(U8(4), c)
	DECQ(k)
	JG(LabelRef("acrosstap"))
	store16(a, b, Mem{Base: dst})
	ADDQ(U8(16), dst)
	ADDQ(U8(8), span)
	ADDQ(size, coef)
	DECQ(n)
	JNE(LabelRef("acrossloop"))
	VZEROUPPER()
	RET()
}

// store16 writes sixteen sums of 22 fraction bits as bytes, saturated.
func store16(a, b reg.VecVirtual, m Mem) {
	VPSRAD(U8(22), a, a)
	VPSRAD(U8(22), b, b)
	VPACKSSDW(b, a, a)
	VPERMQ(U8(0xd8), a, a)
	hi := XMM()
	VEXTRACTI128(U8(1), a, hi)
	VPACKUSWB(hi, a.AsX(), hi)
	VMOVDQU(hi, m)
}

// down adds k rows of the source, weighed, for sixteen columns at a time.
func down() {
	half := Mem{Symbol: Symbol{Name: "half22", Static: true}, Base: reg.StaticBase}
	TEXT("downAVX2", NOSPLIT|NOFRAME, "func(dst, src *byte, stride int, coef *int32, k, n int)")
	Pragma("noescape")
	dst, src := Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	stride, coef := Load(Param("stride"), GP64()), Load(Param("coef"), GP64())
	k, n := Load(Param("k"), GP64()), Load(Param("n"), GP64())
	h := YMM()
	VMOVDQU(half, h)
	Label("downloop")
	p, c, i := GP64(), GP64(), GP64()
	MOVQ(src, p)
	MOVQ(coef, c)
	MOVQ(k, i)
	a, b := YMM(), YMM()
	VMOVDQA(h, a)
	VMOVDQA(h, b)
	Label("downtap")
	w, u, v := YMM(), YMM(), YMM()
	VPBROADCASTD(Mem{Base: c}, w)
	VPMOVZXBD(Mem{Base: p}, u)
	VPMOVZXBD(Mem{Base: p, Disp: 8}, v)
	VPMULLD(w, u, u)
	VPMULLD(w, v, v)
	VPADDD(u, a, a)
	VPADDD(v, b, b)
	ADDQ(stride, p)
	ADDQ(U8(4), c)
	DECQ(i)
	JG(LabelRef("downtap"))
	store16(a, b, Mem{Base: dst})
	ADDQ(U8(16), dst)
	ADDQ(U8(16), src)
	SUBQ(U8(16), n)
	JG(LabelRef("downloop"))
	VZEROUPPER()
	RET()
}
