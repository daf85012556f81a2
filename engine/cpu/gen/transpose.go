package main

import (
	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// transpositions emits block-wise transposition: rows of the source at distance lds become columns,
// the rows of the result are ldd apart (bytes).
func transpositions() {
	for _, edge := range []bool{false, true} {
		transpose512(edge)
	}
	transpose256()
}

// transpose512 transposes 16×16 blocks along the source's columns: n blocks, or with edge n columns
// of m ≤ 16 rows.
func transpose512(edge bool) {
	name, sig := "transpose512", "func(d, s *float32, n, ldd, lds int)"
	if edge {
		name, sig = "transposeEdge512", "func(d, s *float32, n, ldd, lds, m int)"
	}
	TEXT(name, NOSPLIT|NOFRAME, sig)
	Pragma("noescape")
	d, s, n := Load(Param("d"), GP64()), Load(Param("s"), GP64()), Load(Param("n"), GP64())
	ldd, lds := Load(Param("ldd"), GP64()), Load(Param("lds"), GP64())
	var m reg.Register
	var rows reg.OpmaskVirtual
	if edge {
		m = Load(Param("m"), GP64())
		rows = avx512.mask(m)
	}
	z := zmm
	Label("block")
	var cols reg.OpmaskVirtual
	if edge {
		cols = avx512.firstLanes(n)
	}
	loadRows16(z, s, lds, m, cols)
	shuffle16(z)
	if edge {
		for i := range 16 {
			VMOVUPS(z[i], rows, Mem{Base: d})
			ADDQ(ldd, d)
			DECQ(n)
			JE(LabelRef("done"))
		}
	} else {
		for i := range 16 {
			VMOVUPS(z[i], Mem{Base: d})
			ADDQ(ldd, d)
		}
	}
	ADDQ(U8(64), s)
	if edge {
		JMP(LabelRef("block"))
		Label("done")
	} else {
		DECQ(n)
		JNE(LabelRef("block"))
	}
	VZEROUPPER()
	RET()
}

// loadRows16 loads 16 rows; with a mask cols only their first columns, and rows beyond m repeat the
// last.
func loadRows16(z []reg.VecPhysical, s, lds, m reg.Register, cols reg.OpmaskVirtual) {
	p, step, last := GP64(), GP64(), GP64()
	MOVQ(s, p)
	if m != nil {
		MOVQ(lds, step)
		MOVQ(m, last)
	}
	for i := range 16 {
		if m == nil {
			VMOVUPS(Mem{Base: p}, z[i])
			ADDQ(lds, p)
			continue
		}
		VMOVUPS_Z(Mem{Base: p}, cols, z[i])
		DECQ(last)
		zero := GP64()
		MOVQ(I32(0), zero)
		CMPQ(last, U8(0))
		CMOVQLE(zero, step)
		ADDQ(step, p)
	}
}

// shuffle16 transposes z[0:16], using z[16:32].
func shuffle16(z []reg.VecPhysical) {
	for i := range 8 {
		VUNPCKLPS(z[2*i+1], z[2*i], z[16+2*i])
		VUNPCKHPS(z[2*i+1], z[2*i], z[17+2*i])
	}
	for q := range 4 {
		b := 16 + 4*q
		VUNPCKLPD(z[b+2], z[b], z[4*q])
		VUNPCKHPD(z[b+2], z[b], z[4*q+1])
		VUNPCKLPD(z[b+3], z[b+1], z[4*q+2])
		VUNPCKHPD(z[b+3], z[b+1], z[4*q+3])
	}
	// Lane l of z[4q+c] holds rows 4q … 4q+3 of column 4l+c.
	for c := range 4 {
		VSHUFF32X4(U8(0x88), z[4+c], z[c], z[16+c])
		VSHUFF32X4(U8(0xdd), z[4+c], z[c], z[20+c])
		VSHUFF32X4(U8(0x88), z[12+c], z[8+c], z[24+c])
		VSHUFF32X4(U8(0xdd), z[12+c], z[8+c], z[28+c])
	}
	for c := range 4 {
		VSHUFF32X4(U8(0x88), z[24+c], z[16+c], z[c])
		VSHUFF32X4(U8(0xdd), z[24+c], z[16+c], z[8+c])
		VSHUFF32X4(U8(0x88), z[28+c], z[20+c], z[4+c])
		VSHUFF32X4(U8(0xdd), z[28+c], z[20+c], z[12+c])
	}
}

// transpose256 transposes n 8×8 blocks along the source's columns.
func transpose256() {
	TEXT("transpose256", NOSPLIT|NOFRAME, "func(d, s *float32, n, ldd, lds int)")
	Pragma("noescape")
	d, s, n := Load(Param("d"), GP64()), Load(Param("s"), GP64()), Load(Param("n"), GP64())
	ldd, lds := Load(Param("ldd"), GP64()), Load(Param("lds"), GP64())
	y := ymm
	Label("block")
	p := GP64()
	MOVQ(s, p)
	for i := range 8 {
		VMOVUPS(Mem{Base: p}, y[i])
		ADDQ(lds, p)
	}
	for i := range 4 {
		VUNPCKLPS(y[2*i+1], y[2*i], y[8+2*i])
		VUNPCKHPS(y[2*i+1], y[2*i], y[9+2*i])
	}
	for q := range 2 {
		b := 8 + 4*q
		VUNPCKLPD(y[b+2], y[b], y[4*q])
		VUNPCKHPD(y[b+2], y[b], y[4*q+1])
		VUNPCKLPD(y[b+3], y[b+1], y[4*q+2])
		VUNPCKHPD(y[b+3], y[b+1], y[4*q+3])
	}
	// Half l of y[4q+c] holds rows 4q … 4q+3 of column 4l+c.
	for c := range 4 {
		VPERM2F128(U8(0x20), y[4+c], y[c], y[8+c])
		VPERM2F128(U8(0x31), y[4+c], y[c], y[12+c])
	}
	for i := range 8 {
		VMOVUPS(y[8+i], Mem{Base: d})
		ADDQ(ldd, d)
	}
	ADDQ(U8(32), s)
	DECQ(n)
	JNE(LabelRef("block"))
	VZEROUPPER()
	RET()
}

// firstLanes returns the mask of the first min(n, 16) lanes.
func (v *isa) firstLanes(n reg.Register) reg.OpmaskVirtual {
	r, most := GP64(), GP64()
	MOVQ(n, r)
	MOVQ(I32(16), most)
	CMPQ(r, most)
	CMOVQGT(most, r)
	return v.mask(r)
}

// maxPool2 emits 2×2 maxima with stride 2 of n windows in two rows, and the positions at + 0, 1,
// width or width + 1 plus twice the window. The first of equal elements and the first NaN win.
func maxPool2() {
	v := avx512
	TEXT("maxPool2x512", NOSPLIT|NOFRAME,
		"func(d *float32, index *int64, x, y *float32, n, at, width int)")
	Pragma("noescape")
	d, index := Load(Param("d"), GP64()), Load(Param("index"), GP64())
	x, y, n := Load(Param("x"), GP64()), Load(Param("y"), GP64()), Load(Param("n"), GP64())
	word := func(name string) vec {
		r, z := GP64(), ZMM()
		Load(Param(name), r)
		VPBROADCASTD(r.As32(), z)
		return z
	}
	at, width := word("at"), word("width")
	VPADDD(lanes("twice", 0, 2), at, at)
	one := v.load(bits(1))
	odd := ZMM()
	VPADDD(one, width, odd)
	even, odds := v.load(lanes("twice", 0, 2)), v.load(lanes("odd", 1, 2))
	Label("loop")
	k := v.firstLanes(n)
	low, high := twoMasks(v, n)
	pair := func(p reg.Register) (a, b vec) { return evenOdd(p, low, high, even, odds) }
	best, b := pair(x)
	e, f := pair(y)
	pos := ZMM()
	VPXORD(pos, pos, pos)
	for _, c := range []struct{ x, at vec }{{b, one}, {e, width}, {f, odd}} {
		ordered, better := K(), K()
		VCMPPS(U8(7), best, best, ordered)
		VCMPPS(U8(6), best, c.x, better) // not ≤: greater or unordered
		KANDW(ordered, better, better)
		VMOVAPS(c.x, better, best)
		VMOVDQA32(c.at, better, pos)
	}
	VMOVUPS(best, k, Mem{Base: d})
	VPADDD(at, pos, pos)
	VPADDD(bits(32), at, at)
	hi := YMM()
	VEXTRACTI32X8(U8(1), pos, hi)
	wide := ZMM()
	VPMOVSXDQ(pos.AsY(), wide)
	VMOVDQU64(wide, k, Mem{Base: index})
	KSHIFTRW(U8(8), k, k)
	VPMOVSXDQ(hi, wide)
	VMOVDQU64(wide, k, Mem{Base: index, Disp: 64})
	ADDQ(U8(64), d)
	ADDQ(U32(128), index)
	ADDQ(U32(128), x)
	ADDQ(U32(128), y)
	SUBQ(U8(16), n)
	JG(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// evenOdd loads up to 32 elements and returns those at even and at odd positions.
func evenOdd(p reg.Register, low, high reg.OpmaskVirtual, even, odds vec) (a, b vec) {
	lo, hi := ZMM(), ZMM()
	VMOVUPS_Z(Mem{Base: p}, low, lo)
	VMOVUPS_Z(Mem{Base: p, Disp: 64}, high, hi)
	a, b = ZMM(), ZMM()
	VMOVAPS(lo, a)
	VPERMT2PS(hi, even, a)
	VMOVAPS(lo, b)
	VPERMT2PS(hi, odds, b)
	return a, b
}

// twoMasks returns the masks of the first and second 16 of 2n elements.
func twoMasks(v *isa, n reg.Register) (low, high reg.OpmaskVirtual) {
	r := GP64()
	LEAQ(Mem{Base: n, Index: n, Scale: 1}, r)
	low = v.firstLanes(r)
	zero := GP64()
	MOVQ(I32(0), zero)
	SUBQ(U8(16), r)
	CMOVQLT(zero, r)
	return low, v.firstLanes(r)
}

var sequences = map[string]Mem{}

// lanes returns the read-only memory of the words first, first+step … of 16 lanes.
func lanes(name string, first, step int) Mem {
	m, ok := sequences[name]
	if !ok {
		m = GLOBL("lanes_"+name, attr.RODATA|attr.NOPTR)
		for i := range 16 {
			DATA(4*i, U32(first+i*step))
		}
		sequences[name] = m
	}
	return m
}
