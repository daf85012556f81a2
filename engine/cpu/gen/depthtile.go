package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Convolutions of float32 whose channels have filters of their own: pixels beside each other of 16 or 32 channels. The
// weights of a row of the filter stay in registers, and each value is read once for all pixels that it goes into.

// Byte offsets in cpu.depthTile.
const (
	tileX = 8 * iota
	tileTable
	tileLdt
	tileRows
	tileW
	tileBias
	tileDst
	tileLd
	tileCount
	tileMask
	tileBounds // low and high
)

// depthTile is a routine for tiles of some pixels.
type depthTile struct {
	kernel, stride, pixels, vectors int
	args, x, table, dst, mask       reg.Register
	low, high                       vec
}

// depthTiles emits the routines of the filters that networks have.
func depthTiles() {
	for _, f := range [][2]int{{3, 1}, {5, 1}, {5, 2}} {
		for _, pixels := range []int{4, 7} {
			for _, vectors := range []int{1, 2} {
				(&depthTile{kernel: f[0], stride: f[1], pixels: pixels, vectors: vectors}).emit()
			}
		}
	}
}

func (d *depthTile) emit() {
	TEXT(fmt.Sprintf("depthTile512k%ds%dx%dv%d", d.kernel, d.stride, d.pixels, d.vectors), NOSPLIT|NOFRAME, "func(a *byte)")
	Pragma("noescape")
	d.args = Load(Param("a"), GP64())
	d.x, d.table, d.dst = d.slot(tileX), d.slot(tileTable), d.slot(tileDst)
	ld, count, ldt := d.slot(tileLd), d.slot(tileCount), d.slot(tileLdt)
	if d.vectors == 1 {
		lanes := d.slot(tileMask)
		d.mask = K()
		KMOVW(lanes.(reg.GPVirtual).As32(), d.mask)
	}
	d.low, d.high = ZMM(), ZMM()
	VBROADCASTSS(Mem{Base: d.args, Disp: tileBounds}, d.low)
	VBROADCASTSS(Mem{Base: d.args, Disp: tileBounds + 4}, d.high)
	Label("tile")
	acc := make([][]vec, d.pixels)
	bias := d.slot(tileBias)
	for i := range acc {
		for v := range d.vectors {
			acc[i] = append(acc[i], ZMM())
			if i == 0 {
				d.load(Mem{Base: bias, Disp: 64 * v}, acc[0][v])
			} else {
				VMOVAPS(acc[0][v], acc[i][v])
			}
		}
	}
	rows, w, row := d.slot(tileRows), d.slot(tileW), GP64()
	MOVQ(d.table, row)
	Label("row")
	d.row(acc, row, w)
	ADDQ(ldt, row)
	ADDQ(I32(int32(128*d.kernel)), w)
	DECQ(rows)
	JNE(LabelRef("row"))
	for i := range acc {
		for v, z := range acc[i] {
			VMAXPS(z, d.low, z) // NaN, the second source, passes
			VMINPS(z, d.high, z)
			if d.mask != nil {
				VMOVUPS(z, d.mask, Mem{Base: d.dst, Disp: 64 * v})
			} else {
				VMOVUPS(z, Mem{Base: d.dst, Disp: 64 * v})
			}
		}
		ADDQ(ld, d.dst)
	}
	ADDQ(I32(int32(8*d.stride*d.pixels)), d.table)
	DECQ(count)
	JNE(LabelRef("tile"))
	VZEROUPPER()
	RET()
}

// row adds a row of the filter, whose columns have distances of 128 bytes in w.
func (d *depthTile) row(acc [][]vec, table, w reg.Register) {
	weights := make([][]vec, d.kernel)
	for t := range weights {
		for v := range d.vectors {
			weights[t] = append(weights[t], ZMM())
			VMOVUPS(Mem{Base: w, Disp: 128*t + 64*v}, weights[t][v])
		}
	}
	for c := range (d.pixels-1)*d.stride + d.kernel {
		p := GP64()
		MOVQ(Mem{Base: table, Disp: 8 * c}, p)
		for v := range d.vectors {
			x := ZMM()
			d.load(Mem{Base: d.x, Index: p, Scale: 1, Disp: 64 * v}, x)
			for i := range acc {
				if t := c - i*d.stride; t >= 0 && t < d.kernel {
					VFMADD231PS(x, weights[t][v], acc[i][v])
				}
			}
		}
	}
}

func (d *depthTile) load(m Mem, z vec) {
	if d.mask != nil {
		VMOVUPS_Z(m, d.mask, z)
		return
	}
	VMOVUPS(m, z)
}

func (d *depthTile) slot(at int) reg.Register {
	x := GP64()
	MOVQ(Mem{Base: d.args, Disp: at}, x)
	return x
}
