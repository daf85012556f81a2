package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Softmax of contiguous rows: the maximum, the sum of exponentials in float64, the result. A NaN does
// not become the maximum, but its exponential makes the sum and with it the row NaN.

func softmaxes() {
	for _, v := range []*isa{avx512, avx2} {
		v.softmaxRows("softmaxRows", false)
		v.softmaxRows("logSoftmaxRows", true)
	}
	avx512.crossEntropyRows()
	avx512.crossEntropyGradRows()
}

// alongRow calls body for each vector of a row of n, the last one masked; AVX2 has no masks, and takes rows of whole
// vectors. at is the place of a vector in the row that begins at p.
func (v *isa) alongRow(label string, n reg.Register, tail reg.OpmaskVirtual, body func(at func(p reg.Register) Mem)) {
	i, left := GP64(), GP64()
	XORQ(i, i)
	MOVQ(n, left)
	at := func(p reg.Register) Mem { return Mem{Base: p, Index: i, Scale: 1} }
	Label(label)
	CMPQ(left, U32(v.lanes))
	JLT(LabelRef(label + "Rest"))
	body(at)
	ADDQ(U32(4*v.lanes), i)
	SUBQ(U32(v.lanes), left)
	JMP(LabelRef(label))
	Label(label + "Rest")
	if !v.wide() {
		return
	}
	TESTQ(left, left)
	JE(LabelRef(label + "Done"))
	v.tail = tail
	body(at)
	v.tail = nil
	Label(label + "Done")
}

// rest masks the elements of a row of n that fill no vector; with AVX2 there are none.
func (v *isa) rest(n reg.Register) (tail reg.OpmaskVirtual) {
	if !v.wide() {
		return nil
	}
	r := GP64()
	MOVQ(n, r)
	ANDQ(U32(v.lanes-1), r)
	return v.mask(r)
}

func (v *isa) softmaxRows(name string, log bool) {
	TEXT(name+v.suffix, NOSPLIT|NOFRAME, "func(d, x *float32, rows, n int)")
	Pragma("noescape")
	d, x := Load(Param("d"), GP64()), Load(Param("x"), GP64())
	rows, n := Load(Param("rows"), GP64()), Load(Param("n"), GP64())
	tail, bytes := v.rest(n), GP64()
	MOVQ(n, bytes)
	SHLQ(U8(2), bytes)
	Label("rows")
	to := d
	if log {
		to = nil
	}
	m, sum := v.exponentials(to, x, n, tail)
	s := v.new()
	if log {
		VCVTSD2SS(sum, sum, sum)
		VBROADCASTSS(sum, s)
		s = v.log(s)
	} else {
		one := XMM()
		VMOVUPS(bits64(math.Float64bits(1)), one)
		VDIVSD(sum, one, sum)
		VCVTSD2SS(sum, sum, sum)
		VBROADCASTSS(sum, s)
	}
	v.alongRow("result", n, tail, func(at func(p reg.Register) Mem) {
		if log {
			v.store(v.sub(v.sub(v.fetch(at(x)), m), s), at(d))
		} else {
			v.store(v.mul(v.fetch(at(d)), s), at(d))
		}
	})
	ADDQ(bytes, d)
	ADDQ(bytes, x)
	DECQ(rows)
	JNE(LabelRef("rows"))
	VZEROUPPER()
	RET()
}

// exponentials returns the largest element of the row of n at x in every lane, and the sum of the exponentials
// relative to it, which go to d unless that is nil.
func (v *isa) exponentials(d, x, n reg.Register, tail reg.OpmaskVirtual) (m vec, sum reg.VecVirtual) {
	m = v.load(v.c(math.Inf(-1)))
	v.alongRow("largest", n, tail, func(at func(p reg.Register) Mem) {
		if v.tail != nil {
			VMAXPS(at(x), m, v.tail, m)
			return
		}
		VMAXPS(m, v.load(at(x)), m)
	})
	m = v.spread(m)
	acc := v.zeros(2)
	v.alongRow("sum", n, tail, func(at func(p reg.Register) Mem) {
		e := v.exp(v.sub(v.fetch(at(x)), m))
		if v.tail != nil {
			z := v.new()
			VMOVAPS_Z(e, v.tail, z)
			e = z
		}
		if d != nil {
			v.store(e, at(d))
		}
		v.widen(e, acc)
	})
	return m, v.total(acc)
}

// labelled begins a routine over rows of n scores and a label for each.
func (v *isa) labelled(name, signature string) (x, rows, n, labels, bytes reg.Register, tail reg.OpmaskVirtual) {
	TEXT(name+v.suffix, NOSPLIT|NOFRAME, signature)
	Pragma("noescape")
	x, labels = Load(Param("x"), GP64()), Load(Param("labels"), GP64())
	rows, n = Load(Param("rows"), GP64()), Load(Param("n"), GP64())
	size := GP64()
	tail = v.rest(n)
	MOVQ(n, size)
	SHLQ(U8(2), size)
	return x, rows, n, labels, size, tail
}

// crossEntropyRows stores log Σ eˣ − x[label] of rows of n scores; the results lie stride bytes apart.
func (v *isa) crossEntropyRows() {
	x, rows, n, labels, bytes, tail := v.labelled("crossEntropyRows",
		"func(loss, x *float32, labels *int64, rows, n, stride int)")
	d, stride, label := Load(Param("loss"), GP64()), Load(Param("stride"), GP64()), GP64()
	Label("rows")
	m, sum := v.exponentials(nil, x, n, tail)
	VCVTSD2SS(sum, sum, sum)
	s, top := v.new(), XMM()
	VBROADCASTSS(sum, s)
	s = v.log(s)
	MOVQ(Mem{Base: labels}, label)
	VSUBSS(Mem{Base: x, Index: label, Scale: 4}, m.AsX(), top)
	VADDSS(s.AsX(), top, top)
	VMOVSS(top, Mem{Base: d})
	ADDQ(stride, d)
	ADDQ(U32(8), labels)
	ADDQ(bytes, x)
	DECQ(rows)
	JNE(LabelRef("rows"))
	VZEROUPPER()
	RET()
}

// crossEntropyGradRows stores scale·dy·(softmax(x) − onehot(label)) of rows of n scores; the elements of dy
// lie stride bytes apart.
func (v *isa) crossEntropyGradRows() {
	x, rows, n, labels, bytes, tail := v.labelled("crossEntropyGradRows",
		"func(d, dy, x *float32, labels *int64, rows, n, stride int, scale float32)")
	d, dy := Load(Param("d"), GP64()), Load(Param("dy"), GP64())
	stride, label := Load(Param("stride"), GP64()), GP64()
	Label("rows")
	_, sum := v.exponentials(d, x, n, tail)
	one, share, factor, own := XMM(), v.new(), v.new(), XMM()
	VMOVUPS(bits64(math.Float64bits(1)), one)
	VDIVSD(sum, one, sum)
	VCVTSD2SS(sum, sum, sum)
	VBROADCASTSS(sum, share)
	v.scalarTimes(factor, dy)
	MOVQ(Mem{Base: labels}, label)
	VMULSS(Mem{Base: d, Index: label, Scale: 4}, sum, own)
	VSUBSS(c(1), own, own)
	VMULSS(factor.AsX(), own, own)
	v.alongRow("result", n, tail, func(at func(p reg.Register) Mem) {
		v.store(v.mul(v.mul(v.fetch(at(d)), share), factor), at(d))
	})
	VMOVSS(own, Mem{Base: d, Index: label, Scale: 4})
	ADDQ(stride, dy)
	ADDQ(U32(8), labels)
	ADDQ(bytes, d)
	ADDQ(bytes, x)
	DECQ(rows)
	JNE(LabelRef("rows"))
	VZEROUPPER()
	RET()
}

// scalarTimes sets every lane of f to the parameter scale times the number at p.
func (v *isa) scalarTimes(f vec, p reg.Register) {
	y := v.new()
	VBROADCASTSS(Mem{Base: p}, y)
	VMULPS(v.scalar("scale"), y, f)
}

// spread returns the largest lane of x in every lane.
func (v *isa) spread(x vec) vec {
	r := v.folded(x, VMAXPS)
	for _, order := range []uint8{0x4e, 0xb1} {
		s := XMM()
		VPERMILPS(U8(order), r, s)
		VMAXPS(s, r, r)
	}
	y := v.new()
	VBROADCASTSS(r, y)
	return y
}
