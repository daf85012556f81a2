package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The largest and least elements of rows and of columns of float32. The instructions do not keep NaN: masks
// note where one was.

func extremes() {
	avx512.extremeRows("largestRows", VMAXPS, math.Inf(-1))
	avx512.extremeRows("leastRows", VMINPS, math.Inf(1))
	avx512.extremeColumns("largestColumns", VMAXPS)
	avx512.extremeColumns("leastColumns", VMINPS)
}

// extremeRows stores the extreme of each row of n elements to d; loser is below all others.
func (v *isa) extremeRows(name string, extreme instruction, loser float64) {
	TEXT(name+v.suffix, NOSPLIT|NOFRAME, "func(d, x *float32, rows, n int)")
	Pragma("noescape")
	d, x := Load(Param("d"), GP64()), Load(Param("x"), GP64())
	rows, n := Load(Param("rows"), GP64()), Load(Param("n"), GP64())
	rest, left, worst := GP64(), GP64(), v.load(v.c(loser))
	MOVQ(n, rest)
	ANDQ(U32(v.lanes-1), rest)
	tail, nan := v.mask(rest), K()
	Label("rows")
	MOVQ(n, left)
	KXORW(nan, nan, nan)
	var m []vec
	for range 4 {
		m = append(m, v.load(worst))
	}
	note := func(a, b vec) { KORW(v.compare(a, unordered, b).k, nan, nan) }
	v.steps("groups", left, 4, func() {
		var r []vec
		for i := range 4 {
			r = append(r, v.load(v.at(x, i)))
			extreme(r[i], m[i], m[i])
		}
		note(r[0], r[1])
		note(r[2], r[3])
	}, x)
	one := func(r vec) {
		extreme(r, m[0], m[0])
		note(r, r)
	}
	v.steps("vectors", left, 1, func() { one(v.load(v.at(x, 0))) }, x)
	TESTQ(left, left)
	JE(LabelRef("whole"))
	r := v.load(worst)
	VMOVUPS(v.at(x, 0), tail, r)
	one(r)
	LEAQ(Mem{Base: x, Index: left, Scale: 4}, x)
	Label("whole")
	extreme(m[1], m[0], m[0])
	extreme(m[3], m[2], m[2])
	extreme(m[2], m[0], m[0])
	f := v.folded(m[0], extreme)
	for _, order := range []uint8{0x4e, 0xb1} {
		s := XMM()
		VPERMILPS(U8(order), f, s)
		extreme(s, f, f)
	}
	flag, quiet := GP32(), XMM()
	KMOVW(nan, flag)
	NEGL(flag) // sets the carry when a flag is set
	SBBL(flag, flag)
	VMOVD(flag, quiet)
	VORPS(quiet, f, f)
	VMOVSS(f, Mem{Base: d})
	ADDQ(U32(4), d)
	DECQ(rows)
	JNE(LabelRef("rows"))
	VZEROUPPER()
	RET()
}

// extremeColumns takes eight rows of n elements, which lie stride bytes apart, into acc; n is a multiple of
// the lanes.
func (v *isa) extremeColumns(name string, extreme instruction) {
	TEXT(name+v.suffix, NOSPLIT|NOFRAME, "func(acc, x *float32, n, stride int)")
	Pragma("noescape")
	p, x, n := Load(Param("acc"), GP64()), Load(Param("x"), GP64()), Load(Param("n"), GP64())
	stride := Load(Param("stride"), GP64())
	three, low := GP64(), GP64()
	LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, three)
	ones := v.new()
	VPTERNLOGD(U8(0xff), ones, ones, ones)
	v.steps("vectors", n, 1, func() {
		LEAQ(Mem{Base: x, Index: stride, Scale: 4}, low)
		nextEight(low, stride, three)
		m := []vec{v.load(v.at(p, 0))}
		for i := range 8 {
			m = append(m, v.load(eighth(x, low, stride, three, i)))
		}
		nan := v.compare(m[0], unordered, m[0]).k
		for i := 1; i < len(m); i += 2 {
			KORW(v.compare(m[i], unordered, m[i+1]).k, nan, nan)
		}
		for len(m) > 1 {
			for i := 0; i+1 < len(m); i += 2 {
				extreme(m[i+1], m[i], m[i])
			}
			m = everySecond(m)
		}
		VMOVUPS(ones, nan, m[0])
		VMOVUPS(m[0], v.at(p, 0))
	}, x, p)
	VZEROUPPER()
	RET()
}

// nextEight asks for the vectors of the eight rows behind those of eighth, which the CPU does not foresee.
func nextEight(low, stride, three reg.Register) {
	next, half := GP64(), GP64()
	LEAQ(Mem{Base: low, Index: stride, Scale: 4}, next)
	LEAQ(Mem{Base: next, Index: stride, Scale: 4}, half)
	for i := range 8 {
		PREFETCHT0(eighth(next, half, stride, three, i))
	}
}

func everySecond(m []vec) []vec {
	var half []vec
	for i := 0; i < len(m); i += 2 {
		half = append(half, m[i])
	}
	return half
}

// eighth is the place of row i of eight: low is four rows behind x.
func eighth(x, low, stride, three reg.Register, i int) Mem {
	m := Mem{Base: x}
	if i >= 4 {
		m.Base = low
	}
	switch i % 4 {
	case 1:
		m.Index, m.Scale = stride, 1
	case 2:
		m.Index, m.Scale = stride, 2
	case 3:
		m.Index, m.Scale = three, 1
	}
	return m
}
