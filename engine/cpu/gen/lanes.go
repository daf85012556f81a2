package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// laneRoutines emits what cpu.ConvPool uses: see cpu.laneRoutines. A block has 32 samples, two vectors.
func laneRoutines() {
	lanePool()
	laneSpread()
	for m := 1; m <= 4; m++ {
		for n := 1; n <= 5; n++ {
			laneCorrelate(m, n)
		}
	}
}

// lanePool takes four pixels c [4][channels][32].
func lanePool() {
	v := avx512
	TEXT("lanePool512", NOSPLIT|NOFRAME, "func(y *float32, code *uint8, c, bias *float32, channels int)")
	Pragma("noescape")
	y, code := Load(Param("y"), GP64()), Load(Param("code"), GP64())
	c, bias := Load(Param("c"), GP64()), Load(Param("bias"), GP64())
	left, plane, plane3 := Load(Param("channels"), GP64()), GP64(), GP64()
	MOVQ(left, plane)
	SHLQ(U8(7), plane)
	LEAQ(Mem{Base: plane, Index: plane, Scale: 2}, plane3)
	zero, places := ZMM(), make([]vec, 1)
	VPXORD(zero, zero, zero)
	for i := 1; i <= 4; i++ {
		places = append(places, v.load(bits(uint32(i))))
	}
	Label("channel")
	b := ZMM()
	VBROADCASTSS(Mem{Base: bias}, b)
	for half := range 2 {
		pixel := func(m Mem) vec {
			m.Disp = 64 * half
			x := v.fetch(m)
			VADDPS(b, x, x)
			return x
		}
		best, pos := pixel(Mem{Base: c}), ZMM()
		VPXORD(pos, pos, pos)
		for i, m := range []Mem{
			{Base: c, Index: plane, Scale: 1}, {Base: c, Index: plane, Scale: 2}, {Base: c, Index: plane3, Scale: 1},
		} {
			x, ordered, better := pixel(m), K(), K()
			VCMPPS(U8(7), best, best, ordered)
			VCMPPS(U8(6), best, x, better) // not ≤: greater or unordered
			KANDW(ordered, better, better)
			VMOVAPS(x, better, best)
			VMOVDQA32(places[i+1], better, pos)
		}
		off := K()
		VCMPPS(U8(2), zero, best, off)
		VMOVDQA32(places[4], off, pos)
		VMAXPS(best, zero, best)
		VMOVUPS(best, Mem{Base: y, Disp: 64 * half})
		VPMOVDB(pos, Mem{Base: code, Disp: 16 * half})
	}
	ADDQ(U8(4), bias)
	for _, p := range []reg.Register{c, y} {
		SUBQ(I8(-128), p)
	}
	ADDQ(U8(32), code)
	DECQ(left)
	JNE(LabelRef("channel"))
	VZEROUPPER()
	RET()
}

// laneSpread writes the gradients of a row of windows to their pixels.
func laneSpread() {
	v := avx512
	TEXT("laneSpread512", NOSPLIT|NOFRAME,
		"func(dz, dy *float32, code *uint8, sums *float32, channels, windows, row, pixel, dyStep, codeStep int)")
	Pragma("noescape")
	dz, dy := Load(Param("dz"), GP64()), Load(Param("dy"), GP64())
	code, sums := Load(Param("code"), GP64()), Load(Param("sums"), GP64())
	windows, row, pixel := Load(Param("windows"), GP64()), Load(Param("row"), GP64()), Load(Param("pixel"), GP64())
	both, pz, pd, pc, ps, left := GP64(), GP64(), GP64(), GP64(), GP64(), GP64()
	LEAQ(Mem{Base: row, Index: pixel, Scale: 1}, both)
	places := make([]vec, 5)
	for i := range places {
		places[i] = v.load(bits(uint32(i)))
	}
	Label("window")
	for _, p := range [][2]reg.Register{{dz, pz}, {dy, pd}, {code, pc}, {sums, ps}} {
		MOVQ(p[0], p[1])
	}
	Load(Param("channels"), left)
	Label("channel")
	sum := v.fetch(Mem{Base: ps})
	for half := range 2 {
		x, at := v.fetch(Mem{Base: pd, Disp: 64 * half}), ZMM()
		VPMOVZXBD(Mem{Base: pc, Disp: 16 * half}, at)
		for i, m := range []Mem{
			{Base: pz}, {Base: pz, Index: pixel, Scale: 1}, {Base: pz, Index: row, Scale: 1}, {Base: pz, Index: both, Scale: 1},
		} {
			k, part := K(), ZMM()
			m.Disp = 64 * half
			VPCMPD(U8(0), places[i], at, k)
			VMOVAPS_Z(x, k, part)
			VMOVUPS(part, m)
		}
		on := K()
		VPCMPD(U8(4), places[4], at, on)
		VADDPS(x, sum, on, sum)
	}
	VMOVUPS(sum, Mem{Base: ps})
	for _, p := range []reg.Register{pz, pd} {
		SUBQ(I8(-128), p)
	}
	ADDQ(U8(32), pc)
	ADDQ(U8(64), ps)
	DECQ(left)
	JNE(LabelRef("channel"))
	for _, p := range []struct {
		name string
		r    reg.Register
	}{{"dyStep", dy}, {"codeStep", code}} {
		b, err := Param(p.name).Resolve()
		if err != nil {
			panic(err)
		}
		ADDQ(b.Addr, p.r)
	}
	LEAQ(Mem{Base: dz, Index: pixel, Scale: 2}, dz)
	DECQ(windows)
	JNE(LabelRef("window"))
	VZEROUPPER()
	RET()
}

// laneCorrelate adds the products of m channels of dy, 128 bytes apart, with x at a number of shifts by a pixel.
func laneCorrelate(m, shifts int) {
	v := avx512
	TEXT(fmt.Sprintf("laneCorrelate512x%dx%d", m, shifts), NOSPLIT|NOFRAME,
		"func(out, x, dy *float32, rows, columns, ldx, ldy, pixelX, pixelY, ldout int)")
	Pragma("noescape")
	x, dy := Load(Param("x"), GP64()), Load(Param("dy"), GP64())
	rows, columns := Load(Param("rows"), GP64()), Load(Param("columns"), GP64())
	ldx, ldy := Load(Param("ldx"), GP64()), Load(Param("ldy"), GP64())
	pixelX, pixelY := Load(Param("pixelX"), GP64()), Load(Param("pixelY"), GP64())
	pixel3, px, py, left := GP64(), GP64(), GP64(), GP64()
	LEAQ(Mem{Base: pixelX, Index: pixelX, Scale: 2}, pixel3)
	acc := v.zeros(m * shifts)
	Label("row")
	MOVQ(x, px)
	MOVQ(dy, py)
	MOVQ(columns, left)
	Label("column")
	for half := range 2 {
		var xs []vec
		for j := range shifts {
			at := Mem{Base: px, Disp: 64 * half}
			switch j {
			case 1, 2, 4:
				at.Index, at.Scale = pixelX, uint8(j)
			case 3:
				at.Index, at.Scale = pixel3, 1
			}
			xs = append(xs, v.fetch(at))
		}
		for i := range m {
			g := v.fetch(Mem{Base: py, Disp: 128*i + 64*half})
			for j := range shifts {
				VFMADD231PS(xs[j], g, acc[i*shifts+j])
			}
		}
	}
	ADDQ(pixelX, px)
	ADDQ(pixelY, py)
	DECQ(left)
	JNE(LabelRef("column"))
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
