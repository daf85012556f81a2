package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Convolutions of bytes whose channels have filters of their own. Taps come by fours: the bytes of 64 channels under
// four taps are brought together, four for each channel, and meet as many weights in one instruction. The order of
// channels that this gives is that of bias, scale and shift; packing the results undoes it.

// Byte offsets in cpu.depthArgs.
const (
	depthX = 8 * iota
	depthTaps
	depthCount
	depthWeights
	depthBias
	depthPixels
	depthStep
	depthDst
	depthLd
	depthColumns
	depthScale
	depthShift
	depthBounds // low and high
	depthZero
)

// depthHalf is the distance in bytes between the sums of the first and the last 32 channels.
const depthHalf = 14 * 128

// depthwise is a routine for some pixels of up to 64 channels.
type depthwise struct {
	sums            bool // are stored as they are
	args            reg.Register
	x, step, dst    reg.Register
	ld              reg.Register
	mask            reg.Register
	low, high, zero vec
}

func (d *depthwise) emit(name string) {
	TEXT(name, NOSPLIT|NOFRAME, "func(a *byte)")
	Pragma("noescape")
	d.args = Load(Param("a"), GP64())
	d.x, d.step = d.slot(depthX), d.slot(depthStep)
	d.dst, d.ld = d.slot(depthDst), d.slot(depthLd)
	pixels := d.slot(depthPixels)
	d.mask = byteLanes(d.slot(depthColumns))
	if !d.sums {
		d.low, d.high, d.zero = ZMM(), ZMM(), ZMM()
		VBROADCASTSS(Mem{Base: d.args, Disp: depthBounds}, d.low)
		VBROADCASTSS(Mem{Base: d.args, Disp: depthBounds + 4}, d.high)
		VBROADCASTSS(Mem{Base: d.args, Disp: depthZero}, d.zero)
	}
	for _, n := range []int{2, 1} {
		Label(fmt.Sprint("some", n))
		CMPQ(pixels, U8(n))
		JLT(LabelRef(fmt.Sprint("fewer", n)))
		d.pixels(n)
		SUBQ(U8(n), pixels)
		JMP(LabelRef(fmt.Sprint("some", n)))
		Label(fmt.Sprint("fewer", n))
	}
	VZEROUPPER()
	RET()
}

func (d *depthwise) slot(at int) reg.GPVirtual {
	x := GP64()
	MOVQ(Mem{Base: d.args, Disp: at}, x)
	return x
}

// pixels computes n pixels beside each other and steps to the next.
func (d *depthwise) pixels(n int) {
	acc := make([][4]vec, n)
	bias := d.slot(depthBias)
	for i := range acc {
		for v := range 4 {
			acc[i][v] = ZMM()
			VMOVUPS(Mem{Base: bias, Disp: 64 * v}, acc[i][v])
		}
	}
	taps, count, w := d.slot(depthTaps), d.slot(depthCount), d.slot(depthWeights)
	Label(fmt.Sprint("taps", n))
	var at [4]reg.Register
	var ws [4]vec
	for t := range 4 {
		at[t], ws[t] = GP64(), ZMM()
		MOVQ(Mem{Base: taps, Disp: 8 * t}, at[t])
		ADDQ(d.x, at[t])
		VMOVUPS(Mem{Base: w, Disp: 64 * t}, ws[t])
	}
	for i := range n {
		var x [4]vec
		for t := range 4 {
			x[t] = ZMM()
			m := Mem{Base: at[t]}
			if i == 1 {
				m.Index, m.Scale = d.step, 1
			}
			VMOVDQU8_Z(m, d.mask, x[t])
		}
		for v, quads := range byFours(x) {
			dotBytes(ws[v], quads, acc[i][v])
		}
	}
	ADDQ(U8(32), taps)
	ADDQ(U32(256), w)
	DECQ(count)
	JNE(LabelRef(fmt.Sprint("taps", n)))
	for i := range n {
		if d.sums {
			d.storeSums(acc[i])
		} else {
			d.storeBytes(acc[i])
		}
		ADDQ(d.step, d.x)
		ADDQ(d.ld, d.dst)
	}
}

// byFours returns the bytes of four vectors by channels: vector v has channels 4v to 4v+3 of each 16.
func byFours(x [4]vec) [4]vec {
	var pairs, out [4]vec
	for i := range 4 {
		pairs[i], out[i] = ZMM(), ZMM()
	}
	VPUNPCKLBW(x[1], x[0], pairs[0])
	VPUNPCKLBW(x[3], x[2], pairs[1])
	VPUNPCKHBW(x[1], x[0], pairs[2])
	VPUNPCKHBW(x[3], x[2], pairs[3])
	for h := range 2 {
		VPUNPCKLWD(pairs[2*h+1], pairs[2*h], out[2*h])
		VPUNPCKHWD(pairs[2*h+1], pairs[2*h], out[2*h+1])
	}
	return out
}

// storeBytes stores bound(sum·scale + shift), rounded half to even, plus zero.
func (d *depthwise) storeBytes(acc [4]vec) {
	scale, shift := d.slot(depthScale), d.slot(depthShift)
	byteMask := bits(255)
	for v, x := range acc {
		VCVTDQ2PS(x, x)
		VMULPS(Mem{Base: scale, Disp: 64 * v}, x, x)
		VADDPS(Mem{Base: shift, Disp: 64 * v}, x, x)
		VMAXPS(d.low, x, x)
		VMINPS(d.high, x, x)
		VCVTPS2DQ(x, x)
		VPADDD(d.zero, x, x)
		VPANDD(byteMask, x, x)
	}
	VPACKUSDW(acc[1], acc[0], acc[0])
	VPACKUSDW(acc[3], acc[2], acc[2])
	VPACKUSWB(acc[2], acc[0], acc[0])
	VMOVDQU8(acc[0], d.mask, Mem{Base: d.dst})
}

// storeSums stores sums in the order of channels: rows of 32, the last 32 depthHalf bytes behind the first.
func (d *depthwise) storeSums(acc [4]vec) {
	var t [4]vec
	for i := range t {
		t[i] = ZMM()
	}
	for h := range 2 { // of the vectors
		VSHUFI32X4(U8(0x44), acc[2*h+1], acc[2*h], t[2*h])
		VSHUFI32X4(U8(0xee), acc[2*h+1], acc[2*h], t[2*h+1])
	}
	for i, to := range []int{0, 64, depthHalf, depthHalf + 64} {
		order := []uint8{0x88, 0xdd}[i%2]
		VSHUFI32X4(U8(order), t[2+i/2], t[i/2], acc[i])
		VMOVUPS(acc[i], Mem{Base: d.dst, Disp: to})
	}
}
