package main

import (
	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Products of bytes whose sums are finished where they were computed, in registers.

// fused is the distance of cpu.requantArgs behind cpu.tileArgs in cpu.quantTile.
const fused = argHigh + 8

// Values of cpu.requantArgs.mode.
const (
	modeFloats = 1 // float32
	modePlain  = 2 // bytes without zero point and bounds, of numbers within 32 bits
)

// emitDotFinish writes the kernel of emitDot and requant in one:
//
//	d = bound(sum·scale + shift + residual·scale of the residual)
//
// as float32, or rounded half to even plus a zero point, as unsigned bytes, for the first columns of a strip. The
// residual is one of unsigned bytes, or there is none.
func (t *tile) emitDotFinish(name string) {
	t.begin(name)
	t.fetchAhead()
	t.loop()
	spare := t.v[t.m*t.nv:]
	t.scaled(spare)
	t.addResidual(spare)
	mode := t.load(fused + reMode)
	CMPQ(mode, U8(modeFloats))
	JEQ(LabelRef("floats"))
	if t.nv == 2 {
		CMPQ(mode, U8(modePlain))
		JEQ(LabelRef("plain"))
	}
	high := spare[0]
	VBROADCASTSS(Mem{Base: t.args, Disp: fused + reBounds + 4}, high)
	for i := range t.m * t.nv {
		VMINPS(t.v[i], high, t.v[i]) // NaN, the second source, passes and becomes the lowest number
		VCVTPS2DQ(t.v[i], t.v[i])
	}
	if t.nv == 1 {
		t.storeColumns(spare)
		VZEROUPPER()
		RET()
	} else {
		t.packPairs(spare)
		Label("packed")
		t.storePairs()
		Label("plain")
		for i := range t.m * t.nv {
			VCVTPS2DQ(t.v[i], t.v[i])
		}
		t.pairs(spare[3], nil, nil)
		JMP(LabelRef("packed"))
	}
	Label("floats")
	t.storeFloats(spare)
	VZEROUPPER()
	RET()
}

// fetchAhead asks for the lines of the residual and of the result where they are cold, which come while the sums are computed.
func (t *tile) fetchAhead() {
	TESTQ(U32(flagCold), t.load(argFlags))
	JE(LabelRef("warm"))
	p, ld := t.load(fused+reResidual), t.load(fused+reLdResidual)
	TESTQ(p, p)
	JE(LabelRef("without"))
	for i := range t.m {
		PREFETCHT0(Mem{Base: p})
		if i+1 < t.m {
			ADDQ(ld, p)
		}
	}
	Label("without")
	d, ldd := t.load(fused+reDst), t.load(fused+reLd)
	for i := range t.m {
		PREFETCHT0(Mem{Base: d})
		if i+1 < t.m {
			ADDQ(ldd, d)
		}
	}
	Label("warm")
}

// storeFloats stores bounded numbers; NaN becomes the lower bound.
func (t *tile) storeFloats(spare []reg.VecPhysical) {
	low, high := spare[0], spare[1]
	VBROADCASTSS(Mem{Base: t.args, Disp: fused + reBounds}, low)
	VBROADCASTSS(Mem{Base: t.args, Disp: fused + reBounds + 4}, high)
	lanes := t.columns(true)
	d, ld := t.load(fused+reDst), t.load(fused+reLd)
	for i := range t.m {
		for j := range t.nv {
			x := t.acc(i, j)
			VMAXPS(low, x, x)
			VMINPS(high, x, x)
			VMOVUPS(x, lanes[j], Mem{Base: d, Disp: 64 * j})
		}
		if i+1 < t.m {
			ADDQ(ld, d)
		}
	}
}

// scaled makes the sums numbers.
func (t *tile) scaled(spare []reg.VecPhysical) {
	scale, shift := t.load(fused+reScale), t.load(fused+reShift)
	for j := range t.nv {
		VMOVUPS(Mem{Base: scale, Disp: 64 * j}, spare[2*j])
		VMOVUPS(Mem{Base: shift, Disp: 64 * j}, spare[2*j+1])
	}
	for i := range t.m {
		for j := range t.nv {
			x := t.acc(i, j)
			VCVTDQ2PS(x, x)
			VMULPS(spare[2*j], x, x)
			VADDPS(spare[2*j+1], x, x)
		}
	}
}

// addResidual adds what other bytes stand for, where there are some.
func (t *tile) addResidual(spare []reg.VecPhysical) {
	p, ld := t.load(fused+reResidual), t.load(fused+reLdResidual)
	TESTQ(p, p)
	JE(LabelRef("alone"))
	lanes := t.columns(true)
	weight := spare[0]
	VBROADCASTSS(Mem{Base: t.args, Disp: fused + reZero + 4}, weight)
	for i := range t.m {
		for j := range t.nv {
			x := spare[1+(i*t.nv+j)%3]
			VPMOVZXBD_Z(Mem{Base: p, Disp: 16 * j}, lanes[j], x)
			VCVTDQ2PS(x, x)
			VMULPS(weight, x, x)
			VADDPS(x, t.acc(i, j), t.acc(i, j))
		}
		if i+1 < t.m {
			ADDQ(ld, p)
		}
	}
	Label("alone")
}

// columns sets masks of the columns: one for each vector of 32 bits, or one of bytes.
func (t *tile) columns(vectors bool) []reg.OpmaskPhysical {
	n, ones := t.load(fused+reColumns), GP64()
	MOVQ(I32(-1), ones)
	BZHIQ(n, ones, ones)
	if !vectors {
		KMOVD(ones.As32(), masks[0])
		return masks[:1]
	}
	for j := range t.nv {
		KMOVW(ones.As32(), masks[j])
		SHRQ(U8(16), ones)
	}
	return masks[:t.nv]
}

// storeColumns stores rows of up to 16 columns.
func (t *tile) storeColumns(spare []reg.VecPhysical) {
	k := t.columns(false)[0]
	zero, least := spare[1], spare[2]
	VPBROADCASTD(Mem{Base: t.args, Disp: fused + reZero}, zero)
	VPBROADCASTD(Mem{Base: t.args, Disp: fused + reLeast}, least)
	d, ld := t.load(fused+reDst), t.load(fused+reLd)
	for i := range t.m {
		x := t.v[i]
		VPADDD(zero, x, x)
		VPMAXSD(least, x, x)
		VPMOVDB(x, x.AsX())
		VMOVDQU8(x.AsX(), k, Mem{Base: d})
		if i+1 < t.m {
			ADDQ(ld, d)
		}
	}
}

// packPairs adds the zero point and makes bytes of rows of 32 columns.
func (t *tile) packPairs(spare []reg.VecPhysical) {
	zero, least := spare[1], spare[2]
	VPBROADCASTW(Mem{Base: t.args, Disp: fused + reZero}, zero)
	VPBROADCASTB(Mem{Base: t.args, Disp: fused + reLeast}, least)
	t.pairs(spare[3], zero, least)
}

// pairs makes bytes of two rows of 32 columns at a time, in the first register of the first; zero and least are nil
// where they are 0.
func (t *tile) pairs(order, zero, least reg.VecPhysical) {
	VMOVDQU32(turnedQuads(), order)
	for i := 0; i < t.m; i += 2 {
		x, last := t.acc(i, 0), min(i+1, t.m-1)
		for row := i; row <= last; row++ {
			y := t.acc(row, 0)
			VPACKSSDW(t.acc(row, 1), y, y)
			if zero != nil {
				VPADDSW(zero, y, y)
			}
		}
		VPACKUSWB(t.acc(last, 0), x, x) // of each 16 bytes: 4 of a row's first half, 4 of its second, the other row's
		if least != nil {
			VPMAXUB(least, x, x)
		}
		VPERMD(x, order, x)
	}
}

// storePairs stores rows of up to 32 columns and returns.
func (t *tile) storePairs() {
	d, ld := t.load(fused+reDst), t.load(fused+reLd)
	CMPQ(t.load(fused+reColumns), U8(32))
	JNE(LabelRef("some"))
	t.storeRows(d, ld, func(x reg.VecPhysical, upper bool) {
		if upper {
			VEXTRACTI64X4(U8(1), x, Mem{Base: d})
		} else {
			VMOVUPS(x.AsY(), Mem{Base: d})
		}
	})
	VZEROUPPER()
	RET()
	Label("some")
	k := t.columns(false)[0]
	t.storeRows(d, ld, func(x reg.VecPhysical, upper bool) {
		if upper {
			VEXTRACTI64X4(U8(1), x, x.AsY())
		}
		VMOVDQU8(x.AsY(), k, Mem{Base: d})
	})
	VZEROUPPER()
	RET()
}

// storeRows calls store for the bytes of every row, which are in the lower or upper half of x.
func (t *tile) storeRows(d, ld reg.GPVirtual, store func(x reg.VecPhysical, upper bool)) {
	for i := range t.m {
		store(t.acc(i&^1, 0), i%2 == 1)
		if i+1 < t.m {
			ADDQ(ld, d)
		}
	}
}

// quadOrder is the data of turnedQuads, once it is written.
var quadOrder *Mem

// turnedQuads returns places of 16 quads that make rows of the columns of 4×4.
func turnedQuads() Mem {
	if quadOrder == nil {
		m := GLOBL("quad_order", attr.RODATA|attr.NOPTR)
		for i := range 16 {
			DATA(4*i, U32(i%4*4+i/4))
		}
		quadOrder = &m
	}
	return *quadOrder
}
