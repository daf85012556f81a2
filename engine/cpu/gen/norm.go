package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Layer norm of contiguous rows: the sum, the sums of deviations from about the mean and of their squares, the
// result. Sums have four accumulators of a vector's lanes in float32; the sum of deviations, which would be 0 for the exact
// mean, corrects both the mean and the squares.

func norms() {
	avx512.layerNormRows()
	avx2.layerNormRows()
}

// blocks calls body for each vector of a row of n: four at a time, then single ones, the last one masked; AVX2 has
// no masks, and takes rows of whole vectors. k is which of four accumulators the vector is for.
func (v *isa) blocks(label string, n reg.Register, tail reg.OpmaskVirtual, body func(k int, at func(p reg.Register) Mem)) {
	i, left := GP64(), GP64()
	XORQ(i, i)
	MOVQ(n, left)
	at := func(k int) func(p reg.Register) Mem {
		return func(p reg.Register) Mem { return Mem{Base: p, Index: i, Scale: 1, Disp: 4 * v.lanes * k} }
	}
	Label(label + "Four")
	CMPQ(left, U32(4*v.lanes))
	JLT(LabelRef(label))
	for k := range 4 {
		body(k, at(k))
	}
	ADDQ(U32(16*v.lanes), i)
	SUBQ(U32(4*v.lanes), left)
	JMP(LabelRef(label + "Four"))
	Label(label)
	CMPQ(left, U32(v.lanes))
	JLT(LabelRef(label + "Rest"))
	body(0, at(0))
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
	body(1, at(0))
	v.tail = nil
	Label(label + "Done")
}

// summed adds the lanes of accumulators.
func (v *isa) summed(acc []vec) reg.VecVirtual {
	for k := 1; k < len(acc); k++ {
		VADDPS(acc[k], acc[0], acc[0])
	}
	r := v.folded(acc[0], VADDPS)
	for _, order := range []uint8{0x4e, 0xb1} {
		s := XMM()
		VPERMILPS(U8(order), r, s)
		VADDPS(s, r, r)
	}
	return r
}

func (v *isa) zeroed(n int) []vec {
	acc := make([]vec, n)
	for k := range acc {
		acc[k] = v.new()
		VXORPS(acc[k], acc[k], acc[k])
	}
	return acc
}

// statistics makes about the mean, given the sums of deviations from it and of their squares, and returns
// 1/√(variance + eps).
func statistics(sum, squares, about, inverse, eps reg.VecVirtual) (scale reg.VecVirtual) {
	s, q, shift, one := XMM(), XMM(), XMM(), XMM()
	VCVTSS2SD(sum, sum, s)
	VCVTSS2SD(squares, squares, q)
	VMULSD(inverse, s, shift)
	VFNMADD231SD(shift, s, q)
	zero := XMM()
	VXORPS(zero, zero, zero)
	VMAXSD(q, zero, q) // rounding; NaN stays
	VFMADD213SD(eps, inverse, q)
	VSQRTSD(q, q, q)
	VMOVUPS(bits64(math.Float64bits(1)), one)
	VDIVSD(q, one, q)
	scale = XMM()
	VCVTSD2SS(q, q, scale)
	mean := XMM()
	VCVTSS2SD(about, about, mean)
	VADDSD(shift, mean, mean)
	VCVTSD2SS(mean, mean, about)
	return scale
}

func (v *isa) layerNormRows() {
	TEXT("layerNormRows"+v.suffix, NOSPLIT|NOFRAME,
		"func(d, x, gamma, beta, mean, rstd *float32, rows, n int, inverse, eps float64)")
	Pragma("noescape")
	ptr := func(name string) reg.Register { return Load(Param(name), GP64()) }
	d, x, g, b, mean, rstd := ptr("d"), ptr("x"), ptr("gamma"), ptr("beta"), ptr("mean"), ptr("rstd")
	rows, n := ptr("rows"), ptr("n")
	inverse, eps, inverse32 := XMM(), XMM(), XMM()
	Load(Param("inverse"), inverse)
	Load(Param("eps"), eps)
	VCVTSD2SS(inverse, inverse, inverse32)
	tail := v.rest(n)
	Label("rows")
	acc := v.zeroed(4)
	v.blocks("sum", n, tail, func(k int, at func(p reg.Register) Mem) {
		VADDPS(v.fetch(at(x)), acc[k], acc[k])
	})
	about, m := v.summed(acc), v.new()
	VMULSS(inverse32, about, about)
	VBROADCASTSS(about, m)
	s, q := v.zeroed(4), v.zeroed(4)
	v.blocks("spread", n, tail, func(k int, at func(p reg.Register) Mem) {
		e := v.sub(v.fetch(at(x)), m)
		if v.tail != nil {
			z := v.new()
			VMOVAPS_Z(e, v.tail, z)
			e = z
		}
		VADDPS(e, s[k], s[k])
		VFMADD231PS(e, e, q[k])
	})
	scale, r := statistics(v.summed(s), v.summed(q), about, inverse, eps), v.new()
	VMOVSS(about, Mem{Base: mean})
	VBROADCASTSS(about, m)
	VMOVSS(scale, Mem{Base: rstd})
	VBROADCASTSS(scale, r)
	v.blocks("result", n, tail, func(_ int, at func(p reg.Register) Mem) {
		y := v.mul(v.sub(v.fetch(at(x)), m), r)
		VFMADD213PS(v.fetch(at(b)), v.fetch(at(g)), y)
		v.store(y, at(d))
	})
	for _, p := range []reg.Register{d, x} {
		LEAQ(Mem{Base: p, Index: n, Scale: 4}, p)
	}
	ADDQ(U8(4), mean)
	ADDQ(U8(4), rstd)
	DECQ(rows)
	JNE(LabelRef("rows"))
	VZEROUPPER()
	RET()
}
