package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// Convolutions of bytes whose channels have filters of their own, four pixels beside each other at once. The bytes of 64
// channels of four pixels of the input are brought together once and meet the weights of each pixel of the result that
// they go into, which lie shifted by the distance of the two.

// depthFilter is a filter's width and stride and how its quads of pixels are used.
type depthFilter struct {
	kernel, stride, shifts int
	quads                  []depthUse
}

// depthUse is a quad: the column that it begins with, and pixels of the result with the weights for them.
type depthUse struct {
	column int
	uses   [][2]int
}

// depthFilters are cpu.depthFilters.
var depthFilters = []depthFilter{
	{3, 1, 2, []depthUse{{0, [][2]int{{0, 0}, {1, 1}}}, {2, [][2]int{{2, 0}, {3, 1}}}}},
	{5, 1, 8, []depthUse{
		{0, [][2]int{{0, 0}, {1, 1}, {2, 2}, {3, 3}}}, {4, [][2]int{{0, 7}, {1, 6}, {2, 5}, {3, 4}}},
	}},
	{5, 2, 4, []depthUse{
		{0, [][2]int{{0, 0}, {1, 1}}}, {4, [][2]int{{0, 3}, {1, 2}, {2, 0}, {3, 1}}}, {8, [][2]int{{2, 3}, {3, 2}}},
	}},
}

// Byte offsets in cpu.depthQuads.
const (
	quadX = 8 * iota
	quadTable
	quadLdt
	quadRows
	quadW
	quadBias
	quadDst
	quadLd
	quadCount
	quadColumns
	quadScale
	quadShift
	quadBounds // high and the zero point
	quadBytes  // the lowest and the highest byte
)

func (f depthFilter) emit() {
	TEXT(fmt.Sprintf("depthQuads512k%ds%d", f.kernel, f.stride), NOSPLIT|NOFRAME, "func(a *byte)")
	Pragma("noescape")
	d := &depthwise{args: Load(Param("a"), GP64())}
	x, table, ldt := d.slot(quadX), d.slot(quadTable), d.slot(quadLdt)
	dst, ld, count := d.slot(quadDst), d.slot(quadLd), d.slot(quadCount)
	mask := byteLanes(d.slot(quadColumns))
	high, zero, least, most := ZMM(), ZMM(), ZMM(), ZMM()
	VBROADCASTSS(Mem{Base: d.args, Disp: quadBounds}, high)
	VPBROADCASTW(Mem{Base: d.args, Disp: quadBounds + 4}, zero)
	VPBROADCASTB(Mem{Base: d.args, Disp: quadBytes}, least)
	VPBROADCASTB(Mem{Base: d.args, Disp: quadBytes + 4}, most)
	Label("tile")
	var acc [4][4]vec
	bias := d.slot(quadBias)
	for i := range acc {
		for v := range acc[i] {
			acc[i][v] = ZMM()
			VMOVUPS(Mem{Base: bias, Disp: 64 * v}, acc[i][v])
		}
	}
	rows, w, row := d.slot(quadRows), d.slot(quadW), GP64()
	MOVQ(table, row)
	Label("row")
	for _, q := range f.quads {
		var bytes [4]vec
		for t := range bytes {
			p := GP64()
			bytes[t] = ZMM()
			MOVQ(Mem{Base: row, Disp: 8 * (q.column + t)}, p)
			VMOVDQU8_Z(Mem{Base: x, Index: p, Scale: 1}, mask, bytes[t])
		}
		for v, quads := range byFours(bytes) {
			for _, u := range q.uses {
				dotBytes(Mem{Base: w, Disp: 256*u[1] + 64*v}, quads, acc[u[0]][v])
			}
		}
	}
	ADDQ(ldt, row)
	ADDQ(I32(int32(256*f.shifts)), w)
	DECQ(rows)
	JNE(LabelRef("row"))
	scale, shift := d.slot(quadScale), d.slot(quadShift)
	for i := range acc {
		for v, y := range acc[i] {
			VCVTDQ2PS(y, y)
			VMULPS(Mem{Base: scale, Disp: 64 * v}, y, y)
			VADDPS(Mem{Base: shift, Disp: 64 * v}, y, y)
			VMINPS(y, high, y) // NaN, the second source, passes and becomes the lowest number
			VCVTPS2DQ(y, y)
		}
		y := acc[i]
		VPACKSSDW(y[1], y[0], y[0])
		VPACKSSDW(y[3], y[2], y[2])
		VPADDSW(zero, y[0], y[0])
		VPADDSW(zero, y[2], y[2])
		VPACKUSWB(y[2], y[0], y[0])
		VPMAXUB(least, y[0], y[0])
		VPMINUB(most, y[0], y[0])
		VMOVDQU8(y[0], mask, Mem{Base: dst})
		ADDQ(ld, dst)
	}
	ADDQ(I32(int32(8*4*f.stride)), table)
	DECQ(count)
	JNE(LabelRef("tile"))
	VZEROUPPER()
	RET()
}
