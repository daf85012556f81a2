package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// correlations emits, for up to 4 channels and 5 shifts,
//
//	out[i][j] += Σ over rows Σ over n columns of dy[i][row][col]·x[row][col+j]
//
// Distances are in bytes: rows of x and dy, channels of dy and rows of out.
func correlations() {
	for m := 1; m <= 4; m++ {
		for n := 1; n <= 5; n++ {
			correlate(m, n)
		}
	}
}

func correlate(m, shifts int) {
	v := avx512
	TEXT(fmt.Sprintf("correlate512x%dx%d", m, shifts), NOSPLIT|NOFRAME,
		"func(out, x, dy *float32, rows, n, ldx, ldy, plane, ldout int)")
	Pragma("noescape")
	x, dy := Load(Param("x"), GP64()), Load(Param("dy"), GP64())
	rows, n := Load(Param("rows"), GP64()), Load(Param("n"), GP64())
	ldx, ldy := Load(Param("ldx"), GP64()), Load(Param("ldy"), GP64())
	plane, plane3 := Load(Param("plane"), GP64()), GP64()
	LEAQ(Mem{Base: plane, Index: plane, Scale: 2}, plane3)
	rest := GP64()
	MOVQ(n, rest)
	ANDQ(U8(15), rest)
	tail := v.mask(rest)
	acc := v.zeros(m * shifts)
	px, py, left := GP64(), GP64(), GP64()
	part := func() { v.correlatePart(m, shifts, px, py, plane, plane3, acc) }
	Label("row")
	MOVQ(x, px)
	MOVQ(dy, py)
	MOVQ(n, left)
	SUBQ(U8(16), left)
	JLT(LabelRef("tail"))
	Label("whole")
	part()
	ADDQ(U8(64), px)
	ADDQ(U8(64), py)
	SUBQ(U8(16), left)
	JGE(LabelRef("whole"))
	Label("tail")
	TESTQ(rest, rest)
	JE(LabelRef("next"))
	v.tail = tail
	part()
	v.tail = nil
	Label("next")
	ADDQ(ldx, x)
	ADDQ(ldy, dy)
	DECQ(rows)
	JNE(LabelRef("row"))
	out, ldout := Load(Param("out"), GP64()), Load(Param("ldout"), GP64())
	for i := range m {
		for j := range shifts {
			addLanes(acc[i*shifts+j], Mem{Base: out, Disp: 4 * j})
		}
		ADDQ(ldout, out)
	}
	VZEROUPPER()
	RET()
}

// correlatePart adds the products of one vector of columns at px and py.
func (v *isa) correlatePart(m, shifts int, px, py, plane, plane3 reg.Register, acc []vec) {
	var xs []vec
	for j := range shifts {
		xs = append(xs, v.fetch(Mem{Base: px, Disp: 4 * j}))
	}
	for i := range m {
		p := Mem{Base: py}
		switch i {
		case 1, 2:
			p.Index, p.Scale = plane, uint8(i)
		case 3:
			p.Index, p.Scale = plane3, 1
		}
		g := v.fetch(p)
		for j := range shifts {
			VFMADD231PS(xs[j], g, acc[i*shifts+j])
		}
	}
}

// addLanes adds the sum of the lanes of a to memory.
func addLanes(a reg.VecVirtual, m Mem) {
	h, q, s := YMM(), XMM(), XMM()
	VEXTRACTF64X4(U8(1), a, h)
	VADDPS(a.AsY(), h, h)
	VEXTRACTF32X4(U8(1), h, q)
	VADDPS(h.AsX(), q, q)
	VPERMILPD(U8(1), q, s)
	VADDPS(s, q, q)
	VPERMILPS(U8(1), q, s)
	VADDSS(s, q, q)
	VADDSS(m, q, q)
	VMOVSS(q, m)
}
