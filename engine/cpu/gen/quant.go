package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Products of unsigned with signed bytes, summed in 32 bits, and what becomes of the sums. Packed weights
// hold the 4 bytes of one column that meet 4 bytes of a row, for 32 columns: 128 bytes.

func quantized() {
	for nv := 1; nv <= 2; nv++ {
		for m := 1; m <= 14; m++ {
			t := &tile{m: m, nv: nv, dot: true, bytes: 64, v: zmm, half: 7}
			t.emitDot(fmt.Sprintf("dot512x%dx%d", m, nv))
			t.emitDotFinish(fmt.Sprintf("dotFinish512x%dx%d", m, nv))
		}
	}
	for m := 1; m <= 4; m++ {
		dot256(m)
	}
	(&depthwise{}).emit("depthBytes512")
	(&depthwise{sums: true}).emit("depthSums512")
	for _, f := range depthFilters {
		f.emit()
	}
	for _, v := range []*isa{avx512, avx2} {
		for _, floats := range []bool{false, true} {
			(&requant{isa: v, floats: floats}).emit()
		}
		v.mixBytes()
		v.maxBytes()
		v.quantize()
	}
}

// dotBytes emits acc += Σ over 4 bytes of x·w, x unsigned. avo does not know the instruction.
func dotBytes(w, x, acc Op) {
	Instruction(&ir.Instruction{
		Opcode: "VPDPBUSD", Operands: []Op{w, x, acc}, Inputs: []Op{w, x, acc}, Outputs: []Op{acc},
	})
}

// emitDot writes the kernel sums[m × nv vectors] = bias + Σ over taps Σ over k of 4 bytes of a times 4 of b.
func (t *tile) emitDot(name string) {
	t.begin(name)
	t.loop()
	c, ldc := t.load(argC), t.load(argLdc)
	for i := range t.m {
		for j := range t.nv {
			VMOVUPS(t.acc(i, j), Mem{Base: c, Disp: 64 * j})
		}
		if i+1 < t.m {
			ADDQ(ldc, c)
		}
	}
	VZEROUPPER()
	RET()
}

// begin begins a kernel up to the loop.
func (t *tile) begin(name string) {
	TEXT(name, NOSPLIT|NOFRAME, "func(a *byte)")
	Pragma("noescape")
	t.args = Load(Param("a"), GP64())
	t.taps, t.count = t.load(argOffsets), t.load(argTaps)
	t.row, t.col, t.ldb = t.load(argRowA), t.load(argColA), t.load(argLdb)
	bias := t.load(argBias)
	for j := range t.nv {
		VMOVUPS(Mem{Base: bias, Disp: 64 * j}, t.acc(0, j))
		for i := 1; i < t.m; i++ {
			VMOVAPS(t.acc(0, j), t.acc(i, j))
		}
	}
	t.row3, t.row5 = GP64(), GP64()
	LEAQ(Mem{Base: t.row, Index: t.row, Scale: 2}, t.row3)
	LEAQ(Mem{Base: t.row, Index: t.row, Scale: 4}, t.row5)
}

// dot256 emits the same for m rows of 8 columns without VNNI: bytes become words, whose products come in
// pairs. An accumulator holds two partial sums of 4 columns.
func dot256(m int) {
	TEXT(fmt.Sprintf("dot256x%d", m), NOSPLIT|NOFRAME, "func(a *byte)")
	Pragma("noescape")
	t := &tile{args: Load(Param("a"), GP64()), half: 7}
	taps, count := t.load(argOffsets), t.load(argTaps)
	t.row, t.col, t.ldb = t.load(argRowA), t.load(argColA), t.load(argLdb)
	t.row3 = GP64()
	LEAQ(Mem{Base: t.row, Index: t.row, Scale: 2}, t.row3)
	acc, b, a, p := ymm[:2*m], ymm[8:10], ymm[10:14], ymm[14]
	for _, x := range acc {
		VPXOR(x, x, x)
	}
	t.a0, t.b, t.k = GP64(), GP64(), GP64()
	Label("tap")
	MOVQ(Mem{Base: t.args, Disp: argA}, t.a0)
	ADDQ(Mem{Base: taps}, t.a0)
	MOVQ(Mem{Base: t.args, Disp: argB}, t.b)
	ADDQ(Mem{Base: taps, Disp: 8}, t.b)
	ADDQ(U8(16), taps)
	MOVQ(Mem{Base: t.args, Disp: argK}, t.k)
	Label("loop")
	VPMOVSXBW(Mem{Base: t.b}, b[0])
	VPMOVSXBW(Mem{Base: t.b, Disp: 16}, b[1])
	for i := range m {
		VPBROADCASTD(t.aAddress(i), a[i].AsX())
		VPMOVZXBW(a[i].AsX(), a[i])
		for j := range 2 {
			VPMADDWD(b[j], a[i], p)
			VPADDD(p, acc[2*i+j], acc[2*i+j])
		}
	}
	ADDQ(t.ldb, t.b)
	ADDQ(t.col, t.a0)
	DECQ(t.k)
	JNE(LabelRef("loop"))
	DECQ(count)
	JNE(LabelRef("tap"))
	c, ldc, bias := t.load(argC), t.load(argLdc), t.load(argBias)
	VMOVUPS(Mem{Base: bias}, p)
	for i := range m {
		x := acc[2*i]
		VPHADDD(acc[2*i+1], x, x)
		VPERMQ(U8(0xd8), x, x) // halves of the two vectors alternate
		VPADDD(p, x, x)
		VMOVUPS(x, Mem{Base: c})
		if i+1 < m {
			ADDQ(ldc, c)
		}
	}
	VZEROUPPER()
	RET()
}

// Byte offsets in cpu.requantArgs.
const (
	reSums = 8 * iota
	reDst
	reLd
	reRows
	reColumns
	reScale
	reShift
	reResidual
	reLdResidual
	reBounds // low and high
	reZero   // of the result, and the residual's scale
	reSigned
	reLeast // the lowest byte
	reMode
)

// requant emits, for rows of sums of 32 columns,
//
//	d = bound(sum·scale + shift + residual·scale of the residual)
//
// as float32, or rounded half to even plus a zero point, as bytes. In the AVX2 form there are only whole
// vectors of columns.
type requant struct {
	*isa
	floats bool
	args   reg.Register
}

func (r *requant) emit() {
	name, size := "requantBytes", 1
	if r.floats {
		name, size = "requantFloats", 4
	}
	TEXT(name+r.suffix, NOSPLIT|NOFRAME, "func(a *byte)")
	Pragma("noescape")
	r.args = Load(Param("a"), GP64())
	low, high := r.all(reBounds), r.all(reBounds+4)
	zero, weight := r.all(reZero), r.all(reZero+4)
	sums, dst, residual := r.slot(reSums), r.slot(reDst), r.slot(reResidual)
	ld, ldr := r.slot(reLd), r.slot(reLdResidual)
	scales, shifts, columns := r.slot(reScale), r.slot(reShift), r.slot(reColumns)
	signed := r.slot(reSigned)
	if r.wide() && !r.floats {
		CMPQ(columns, U8(32))
		JNE(LabelRef("block"))
		TESTQ(residual, residual)
		JNE(LabelRef("block"))
		r.whole(sums, dst, ld, scales, shifts, low, high, zero)
	}
	row, from, to, other := GP64(), GP64(), GP64(), GP64()
	Label("block")
	if r.wide() {
		r.tail = r.firstLanes(columns)
	}
	scale, shift := r.load(Mem{Base: scales}), r.load(Mem{Base: shifts})
	MOVQ(sums, from)
	MOVQ(dst, to)
	MOVQ(residual, other)
	MOVQ(Mem{Base: r.args, Disp: reRows}, row)
	Label("row")
	x := r.new()
	VCVTDQ2PS(Mem{Base: from}, x)
	VMULPS(scale, x, x)
	VADDPS(shift, x, x)
	TESTQ(other, other)
	JE(LabelRef("alone"))
	y := r.residual(other, signed)
	VMULPS(weight, y, y)
	VADDPS(y, x, x)
	ADDQ(ldr, other)
	Label("alone")
	VMAXPS(low, x, x)
	VMINPS(high, x, x)
	r.result(x, zero, Mem{Base: to})
	ADDQ(I32(128), from)
	ADDQ(ld, to)
	DECQ(row)
	JNE(LabelRef("row"))
	r.tail = nil
	lanes := int32(r.lanes)
	for _, p := range []reg.Register{sums, scales, shifts} {
		ADDQ(I32(4*lanes), p)
	}
	ADDQ(I32(int32(size)*lanes), dst)
	TESTQ(residual, residual)
	JE(LabelRef("next"))
	ADDQ(I32(lanes), residual)
	Label("next")
	SUBQ(I32(lanes), columns)
	JG(LabelRef("block"))
	VZEROUPPER()
	RET()
}

// whole emits the routine for rows of 32 columns without a residual, which most rows are.
func (r *requant) whole(sums, dst, ld, scales, shifts reg.Register, low, high, zero vec) {
	var scale, shift [2]vec
	for h := range 2 {
		scale[h], shift[h] = r.load(Mem{Base: scales, Disp: 64 * h}), r.load(Mem{Base: shifts, Disp: 64 * h})
	}
	row := r.slot(reRows)
	Label("whole")
	for h := range 2 {
		x := r.new()
		VCVTDQ2PS(Mem{Base: sums, Disp: 64 * h}, x)
		VMULPS(scale[h], x, x)
		VADDPS(shift[h], x, x)
		VMAXPS(low, x, x)
		VMINPS(high, x, x)
		r.result(x, zero, Mem{Base: dst, Disp: 16 * h})
	}
	ADDQ(I32(128), sums)
	ADDQ(ld, dst)
	DECQ(row)
	JNE(LabelRef("whole"))
	VZEROUPPER()
	RET()
}

// result stores x, or its whole numbers plus zero as bytes.
func (r *requant) result(x, zero vec, to Mem) {
	if r.floats {
		r.write(dst32, x, to)
		return
	}
	VCVTPS2DQ(x, x)
	VPADDD(zero, x, x)
	r.write(of(dst32, "uint8"), r.lowBytes(x), to)
}

// dst32 is an operand of float32.
var dst32 = operand{write: true, elem: "float32"}

func (r *requant) slot(at int) reg.GPVirtual {
	x := GP64()
	MOVQ(Mem{Base: r.args, Disp: at}, x)
	return x
}

// all repeats 32 bits of the arguments.
func (r *requant) all(at int) vec {
	x := r.new()
	VBROADCASTSS(Mem{Base: r.args, Disp: at}, x)
	return x
}

// residual reads bytes as float32.
func (r *requant) residual(p, signed reg.Register) vec {
	x, m := r.new(), Mem{Base: p}
	TESTQ(signed, signed)
	JNE(LabelRef("signed"))
	r.bytesOf(m, x, false)
	JMP(LabelRef("read"))
	Label("signed")
	r.bytesOf(m, x, true)
	Label("read")
	VCVTDQ2PS(x, x)
	return x
}

// bytesOf widens bytes at m to 32 bits.
func (v *isa) bytesOf(m Mem, x vec, signed bool) {
	switch {
	case v.tail != nil && signed:
		VPMOVSXBD_Z(m, v.tail, x)
	case v.tail != nil:
		VPMOVZXBD_Z(m, v.tail, x)
	case signed:
		VPMOVSXBD(m, x)
	default:
		VPMOVZXBD(m, x)
	}
}

// lowBytes returns the lowest bytes of the lanes.
func (v *isa) lowBytes(x vec) vec {
	b := XMM()
	if v.wide() {
		VPMOVDB(x, b)
		return b
	}
	VPAND(bits(255), x, x)
	VEXTRACTI128(U8(1), x, b)
	VPACKUSDW(b, x.AsX(), b) // the upper half follows
	VPACKUSWB(b, b, b)
	return b
}

// mixBytes emits sums[column] = bias[column] + Σ over taps of x·w for n columns of unsigned and signed
// bytes. A tap is a pair of distances: of the values from x and of the weights from w.
func (v *isa) mixBytes() {
	TEXT("mixBytes"+v.suffix, NOSPLIT|NOFRAME,
		"func(sums, bias *int32, x *uint8, w *int8, taps *[2]int, count, n int)")
	Pragma("noescape")
	sums, bias := Load(Param("sums"), GP64()), Load(Param("bias"), GP64())
	x, w, n := Load(Param("x"), GP64()), Load(Param("w"), GP64()), Load(Param("n"), GP64())
	tap, count, p, q := GP64(), GP64(), GP64(), GP64()
	Label("block")
	if v.wide() {
		v.tail = v.firstLanes(n)
	}
	acc, a, b := v.load(Mem{Base: bias}), v.new(), v.new()
	MOVQ(parameter("taps"), tap)
	MOVQ(parameter("count"), count)
	Label("tap")
	MOVQ(Mem{Base: tap}, p)
	MOVQ(Mem{Base: tap, Disp: 8}, q)
	v.bytesOf(Mem{Base: x, Index: p, Scale: 1}, a, false)
	v.bytesOf(Mem{Base: w, Index: q, Scale: 1}, b, true)
	VPMADDWD(b, a, a) // the upper words of a are zero
	VPADDD(a, acc, acc)
	ADDQ(U8(16), tap)
	DECQ(count)
	JNE(LabelRef("tap"))
	v.tail = nil
	VMOVUPS(acc, Mem{Base: sums})
	lanes := int32(v.lanes)
	for _, r := range []reg.Register{sums, bias} {
		ADDQ(I32(4*lanes), r)
	}
	for _, r := range []reg.Register{x, w} {
		ADDQ(I32(lanes), r)
	}
	SUBQ(I32(lanes), n)
	JG(LabelRef("block"))
	VZEROUPPER()
	RET()
}

// maxBytes emits the maxima over the taps of one window for n columns of unsigned bytes; a tap is a
// distance from x.
func (v *isa) maxBytes() {
	TEXT("maxBytes"+v.suffix, NOSPLIT|NOFRAME, "func(d, x *uint8, taps *int, count, n int)")
	Pragma("noescape")
	d, x, n := Load(Param("d"), GP64()), Load(Param("x"), GP64()), Load(Param("n"), GP64())
	tap, count, p := GP64(), GP64(), GP64()
	width := 4 * v.lanes
	Label("block")
	var k reg.Register
	if v.wide() {
		k = byteLanes(n)
	}
	best, y := v.new(), v.new()
	VXORPS(best.AsY(), best.AsY(), best.AsY())
	MOVQ(parameter("taps"), tap)
	MOVQ(parameter("count"), count)
	Label("tap")
	MOVQ(Mem{Base: tap}, p)
	m := Mem{Base: x, Index: p, Scale: 1}
	if v.wide() {
		VMOVDQU8_Z(m, k, y)
		VPMAXUB(y, best, best)
	} else {
		VPMAXUB(m, best, best)
	}
	ADDQ(U8(8), tap)
	DECQ(count)
	JNE(LabelRef("tap"))
	if v.wide() {
		VMOVDQU8(best, k, Mem{Base: d})
	} else {
		VMOVUPS(best, Mem{Base: d})
	}
	for _, r := range []reg.Register{d, x} {
		ADDQ(I32(int32(width)), r)
	}
	SUBQ(I32(int32(width)), n)
	JG(LabelRef("block"))
	VZEROUPPER()
	RET()
}

// byteLanes returns the mask of the first n of 64 bytes.
func byteLanes(n reg.Register) reg.OpmaskVirtual {
	ones, count, k := GP64(), GP64(), K()
	MOVQ(n, count)
	CMPQ(count, U8(64))
	limit := GP64()
	MOVQ(U32(64), limit)
	CMOVQGT(limit, count)
	MOVQ(I32(-1), ones)
	BZHIQ(count, ones, ones)
	KMOVQ(ones, k)
	return k
}

// quantize emits d = x / scale, bounded and rounded, plus zero, as bytes of either sign, for n elements in whole
// vectors. NaN gives zero.
func (v *isa) quantize() {
	TEXT("quantize"+v.suffix, NOSPLIT|NOFRAME, "func(d *uint8, x *float32, scale, low, high float32, zero int32, n int)")
	Pragma("noescape")
	d, x, n := Load(Param("d"), GP64()), Load(Param("x"), GP64()), Load(Param("n"), GP64())
	scale, low, high, zero := v.new(), v.new(), v.new(), v.new()
	VBROADCASTSS(parameter("scale"), scale)
	VBROADCASTSS(parameter("low"), low)
	VBROADCASTSS(parameter("high"), high)
	VBROADCASTSS(parameter("zero"), zero)
	Label("block")
	y := v.load(Mem{Base: x})
	VDIVPS(scale, y, y)
	if v.wide() {
		k := K()
		VCMPPS(U8(7), y, y, k)
		VMOVAPS_Z(y, k, y)
	} else {
		ordered := v.new()
		VCMPPS(U8(7), y, y, ordered)
		VANDPS(ordered, y, y)
	}
	VMAXPS(low, y, y)
	VMINPS(high, y, y)
	VCVTPS2DQ(y, y)
	VPADDD(zero, y, y)
	b := v.lowBytes(y)
	if v.wide() {
		VMOVUPS(b, Mem{Base: d})
	} else {
		VMOVQ(b, Mem{Base: d})
	}
	ADDQ(U8(4*v.lanes), x)
	ADDQ(U8(v.lanes), d)
	SUBQ(U8(v.lanes), n)
	JG(LabelRef("block"))
	VZEROUPPER()
	RET()
}
