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
	avx512.softmaxRows("softmaxRows", false)
	avx512.softmaxRows("logSoftmaxRows", true)
}

// alongRow calls body for each vector of a row of n, the last one masked; at is the place of a vector
// in the row that begins at p.
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
	TESTQ(left, left)
	JE(LabelRef(label + "Done"))
	v.tail = tail
	body(at)
	v.tail = nil
	Label(label + "Done")
}

func (v *isa) softmaxRows(name string, log bool) {
	TEXT(name+v.suffix, NOSPLIT|NOFRAME, "func(d, x *float32, rows, n int)")
	Pragma("noescape")
	d, x := Load(Param("d"), GP64()), Load(Param("x"), GP64())
	rows, n := Load(Param("rows"), GP64()), Load(Param("n"), GP64())
	rest, bytes := GP64(), GP64()
	MOVQ(n, rest)
	ANDQ(U32(v.lanes-1), rest)
	tail := v.mask(rest)
	MOVQ(n, bytes)
	SHLQ(U8(2), bytes)
	Label("rows")
	m := v.load(v.c(math.Inf(-1)))
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
		if !log {
			v.store(e, at(d))
		}
		v.widen(e, acc)
	})
	sum, s := v.total(acc), v.new()
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
