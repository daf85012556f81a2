package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Reductions of float32 with accumulators in float64. In the AVX2 forms n is a multiple of 16; in
// the AVX-512 forms of 32.

func reductions() {
	for _, v := range []*isa{avx512, avx2} {
		v.sum()
		v.dot()
		v.addColumns()
		v.largest()
	}
}

// widened loads lanes/2 elements as float64.
func (v *isa) widened(m Mem) vec {
	r := v.new()
	VCVTPS2PD(m, r)
	return r
}

// total adds the lanes of float64 accumulators and returns them as the result.
func (v *isa) total(acc []vec) {
	VADDPD(acc[1], acc[0], acc[0])
	VADDPD(acc[3], acc[2], acc[2])
	VADDPD(acc[2], acc[0], acc[0])
	var y reg.VecVirtual = acc[0]
	if v.wide() {
		hi := YMM()
		VEXTRACTF64X4(U8(1), acc[0], hi)
		VADDPD(acc[0].AsY(), hi, hi)
		y = hi
	}
	x := XMM()
	VEXTRACTF128(U8(1), y.AsY(), x)
	VADDPD(y.AsX(), x, x)
	s := XMM()
	VPERMILPD(U8(1), x, s)
	VADDSD(s, x, x)
	Store(x, ReturnIndex(0))
}

func (v *isa) zeros(n int) []vec {
	acc := make([]vec, n)
	for i := range acc {
		acc[i] = v.new()
		VXORPS(acc[i].AsY(), acc[i].AsY(), acc[i].AsY())
	}
	return acc
}

// sum adds 4 vectors of float64 at a time.
func (v *isa) sum() {
	TEXT("sum"+v.suffix, NOSPLIT|NOFRAME, "func(x *float32, n int) float64")
	Pragma("noescape")
	x, n := Load(Param("x"), GP64()), Load(Param("n"), GP64())
	acc := v.zeros(4)
	w := v.lanes / 2
	Label("loop")
	for i, a := range acc {
		VADDPD(v.widened(Mem{Base: x, Disp: 4 * w * i}), a, a)
	}
	ADDQ(U32(16*w), x)
	SUBQ(U32(4*w), n)
	JNE(LabelRef("loop"))
	v.total(acc)
	VZEROUPPER()
	RET()
}

// dot adds the products of two arrays.
func (v *isa) dot() {
	TEXT("dot"+v.suffix, NOSPLIT|NOFRAME, "func(x, y *float32, n int) float64")
	Pragma("noescape")
	x, y, n := Load(Param("x"), GP64()), Load(Param("y"), GP64()), Load(Param("n"), GP64())
	acc := v.zeros(4)
	w := v.lanes / 2
	Label("loop")
	for i, a := range acc {
		VFMADD231PD(v.widened(Mem{Base: x, Disp: 4 * w * i}),
			v.widened(Mem{Base: y, Disp: 4 * w * i}), a)
	}
	ADDQ(U32(16*w), x)
	ADDQ(U32(16*w), y)
	SUBQ(U32(4*w), n)
	JNE(LabelRef("loop"))
	v.total(acc)
	VZEROUPPER()
	RET()
}

// addColumns adds n elements to n float64 accumulators.
func (v *isa) addColumns() {
	TEXT("addColumns"+v.suffix, NOSPLIT|NOFRAME, "func(acc *float64, x *float32, n int)")
	Pragma("noescape")
	p, x, n := Load(Param("acc"), GP64()), Load(Param("x"), GP64()), Load(Param("n"), GP64())
	w := v.lanes / 2
	Label("loop")
	for i := range 4 {
		r := v.widened(Mem{Base: x, Disp: 4 * w * i})
		VADDPD(Mem{Base: p, Disp: 8 * w * i}, r, r)
		VMOVUPD(r, Mem{Base: p, Disp: 8 * w * i})
	}
	ADDQ(U32(16*w), x)
	ADDQ(U32(32*w), p)
	SUBQ(U32(4*w), n)
	JNE(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// largest stores the maximum of each lane over n elements to d and, behind them, a NaN in each lane
// that met one.
func (v *isa) largest() {
	TEXT("largest"+v.suffix, NOSPLIT|NOFRAME, "func(d, x *float32, n int)")
	Pragma("noescape")
	d, x, n := Load(Param("d"), GP64()), Load(Param("x"), GP64()), Load(Param("n"), GP64())
	m, nan := v.load(Mem{Base: x}), v.zeros(1)[0]
	Label("loop")
	for i := range 16 / v.lanes * 2 {
		r := v.load(Mem{Base: x, Disp: 4 * v.lanes * i})
		VMAXPS(r, m, m)
		// nan adds itself, 0, until an element is unordered, and is NaN from then on.
		VADDPS(v.where(r, unordered, r, r, nan), nan, nan)
	}
	ADDQ(U32(128), x)
	SUBQ(U32(32), n)
	JNE(LabelRef("loop"))
	VMOVUPS(m, Mem{Base: d})
	VMOVUPS(nan, Mem{Base: d, Disp: 4 * v.lanes})
	VZEROUPPER()
	RET()
}
