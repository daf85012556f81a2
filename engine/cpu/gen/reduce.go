package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Reductions. Sums of float32 add eight values in float32, by halves, and go on in float64: three
// roundings per value, however many there are.

func reductions() {
	for _, v := range []*isa{avx512, avx2} {
		v.sum()
		v.dot()
		v.deviations()
		v.addColumns()
		v.addRows()
	}
	for _, v := range []*isa{avx512, avx2, avx512d, avx2d} {
		v.largest("largest", v.pick(VMAXPS, VMAXPD))
		v.largest("least", v.pick(VMINPS, VMINPD))
		v.extremeInt("largest", VPMAXSD, VPMAXSQ)
		v.extremeInt("least", VPMINSD, VPMINSQ)
		v.exceeds()
	}
	avx512.sumRows()
	softmaxes()
	extremes()
	layerNorms()
	for _, v := range []*isa{avx512d, avx2d} {
		v.sumDouble()
		v.sumInt()
	}
}

// group is the number of vectors that one step of a sum takes.
const group = 8

func (v *isa) zeros(n int) []vec {
	acc := make([]vec, n)
	for i := range acc {
		acc[i] = v.new()
		VXORPS(acc[i].AsY(), acc[i].AsY(), acc[i].AsY())
	}
	return acc
}

// widen adds the lanes of x to the float64 accumulators lo and hi.
func (v *isa) widen(x vec, acc []vec) {
	for h, a := range acc {
		w := v.new()
		VCVTPS2PD(v.half(x, h), w)
		VADDPD(w, a, a)
	}
}

// total adds the lanes of float64 accumulators.
func (v *isa) total(acc []vec) reg.VecVirtual {
	for len(acc) > 1 {
		h := len(acc) / 2
		for i, a := range acc[:h] {
			VADDPD(acc[h+i], a, a)
		}
		acc = acc[:h]
	}
	y := acc[0]
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
	return x
}

// steps emits a loop over n elements behind the pointers p, of steps of some vectors each: block
// computes one, at the element distances that it is given. n must be a multiple of the step.
func (v *isa) steps(label string, n reg.Register, vectors int, block func(), p ...reg.Register) {
	Label(label)
	CMPQ(n, U32(vectors*v.lanes))
	JLT(LabelRef(label + "Done"))
	block()
	for _, r := range p {
		ADDQ(U32(vectors*v.lanes*v.size()), r)
	}
	SUBQ(U32(vectors*v.lanes), n)
	JMP(LabelRef(label))
	Label(label + "Done")
}

func (v *isa) at(p reg.Register, i int) Mem { return Mem{Base: p, Disp: v.size() * v.lanes * i} }

// halving adds vectors by halves.
func (v *isa) halving(x []vec) vec {
	for len(x) > 1 {
		var next []vec
		for i := 0; i < len(x); i += 2 {
			next = append(next, v.add(x[i], x[i+1]))
		}
		x = next
	}
	return x[0]
}

// sum adds n elements, a multiple of the lanes.
func (v *isa) sum() {
	TEXT("sum"+v.suffix, NOSPLIT|NOFRAME, "func(x *float32, n int) float64")
	Pragma("noescape")
	x, n := Load(Param("x"), GP64()), Load(Param("n"), GP64())
	acc := v.zeros(2)
	v.steps("groups", n, group, func() {
		var s []vec
		for i := 0; i < group; i += 2 {
			s = append(s, v.add(v.load(v.at(x, i)), v.at(x, i+1)))
		}
		v.widen(v.halving(s), acc)
	}, x)
	v.steps("vectors", n, 1, func() { v.widen(v.load(v.at(x, 0)), acc) }, x)
	Store(v.total(acc), ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// sumRows stores the sums of rows of n elements, over divisor, to d.
func (v *isa) sumRows() {
	TEXT("sumRows"+v.suffix, NOSPLIT|NOFRAME, "func(d, x *float32, rows, n int, divisor float64)")
	Pragma("noescape")
	d, x := Load(Param("d"), GP64()), Load(Param("x"), GP64())
	rows, n := Load(Param("rows"), GP64()), Load(Param("n"), GP64())
	divisor := Load(Param("divisor"), XMM())
	rest, left := GP64(), GP64()
	MOVQ(n, rest)
	ANDQ(U32(v.lanes-1), rest)
	tail := v.mask(rest)
	Label("rows")
	MOVQ(n, left)
	acc := v.zeros(2)
	v.steps("groups", left, group, func() {
		var s []vec
		for i := 0; i < group; i += 2 {
			s = append(s, v.add(v.load(v.at(x, i)), v.at(x, i+1)))
		}
		v.widen(v.halving(s), acc)
	}, x)
	v.steps("vectors", left, 1, func() { v.widen(v.load(v.at(x, 0)), acc) }, x)
	TESTQ(left, left)
	JE(LabelRef("whole"))
	last := v.new()
	VMOVUPS_Z(v.at(x, 0), tail, last)
	v.widen(last, acc)
	LEAQ(Mem{Base: x, Index: left, Scale: 4}, x)
	Label("whole")
	sum := v.total(acc)
	VDIVSD(divisor, sum, sum)
	VCVTSD2SS(sum, sum, sum)
	VMOVSS(sum, Mem{Base: d})
	ADDQ(U32(4), d)
	DECQ(rows)
	JNE(LabelRef("rows"))
	VZEROUPPER()
	RET()
}

// dot adds the products of n elements, a multiple of the lanes.
func (v *isa) dot() {
	TEXT("dot"+v.suffix, NOSPLIT|NOFRAME, "func(x, y *float32, n int) float64")
	Pragma("noescape")
	x, y, n := Load(Param("x"), GP64()), Load(Param("y"), GP64()), Load(Param("n"), GP64())
	acc := v.zeros(2)
	block := func(vectors int) func() {
		return func() {
			var s []vec
			for i := 0; i < vectors; i += 2 {
				p := v.mul(v.load(v.at(x, i)), v.at(y, i))
				if i+1 < vectors {
					p = v.fma(v.load(v.at(x, i+1)), v.at(y, i+1), p)
				}
				s = append(s, p)
			}
			v.widen(v.halving(s), acc)
		}
	}
	v.steps("groups", n, 4, block(4), x, y)
	v.steps("vectors", n, 1, block(1), x, y)
	Store(v.total(acc), ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// deviations adds the differences of n elements, a multiple of the lanes, from m, and their squares.
func (v *isa) deviations() {
	TEXT("deviations"+v.suffix, NOSPLIT|NOFRAME, "func(x *float32, n int, m float32) (s, q float64)")
	Pragma("noescape")
	x, n, m := Load(Param("x"), GP64()), Load(Param("n"), GP64()), v.scalar("m")
	sums, squares := v.zeros(2), v.zeros(2)
	block := func(vectors int) func() {
		return func() {
			var s, q []vec
			for i := range vectors {
				d := v.sub(v.load(v.at(x, i)), m)
				s = append(s, d)
				if i%2 == 0 {
					q = append(q, v.mul(d, d))
				} else {
					q[i/2] = v.fma(d, d, q[i/2])
				}
			}
			v.widen(v.halving(s), sums)
			v.widen(v.halving(q), squares)
		}
	}
	v.steps("groups", n, 4, block(4), x)
	v.steps("vectors", n, 1, block(1), x)
	Store(v.total(sums), Return("s"))
	Store(v.total(squares), Return("q"))
	VZEROUPPER()
	RET()
}

// addRows adds eight rows of n elements, a multiple of the lanes, that lie stride bytes apart to n
// float64 accumulators.
func (v *isa) addRows() {
	TEXT("addRows"+v.suffix, NOSPLIT|NOFRAME, "func(acc *float64, x *float32, n, stride int)")
	Pragma("noescape")
	p, x, n := Load(Param("acc"), GP64()), Load(Param("x"), GP64()), Load(Param("n"), GP64())
	stride := Load(Param("stride"), GP64())
	three, low := GP64(), GP64()
	LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, three)
	v.steps("vectors", n, 1, func() {
		LEAQ(Mem{Base: x, Index: stride, Scale: 4}, low)
		row := func(i int) Mem { return eighth(x, low, stride, three, i) }
		var s []vec
		for i := 0; i < group; i += 2 {
			s = append(s, v.add(v.load(row(i)), row(i+1)))
		}
		v.addWide(v.halving(s), p)
	}, x)
	VZEROUPPER()
	RET()
}

// addColumns adds n elements, a multiple of the lanes, to float64 accumulators.
func (v *isa) addColumns() {
	TEXT("addColumns"+v.suffix, NOSPLIT|NOFRAME, "func(acc *float64, x *float32, n int)")
	Pragma("noescape")
	p, x, n := Load(Param("acc"), GP64()), Load(Param("x"), GP64()), Load(Param("n"), GP64())
	v.steps("vectors", n, 1, func() { v.addWide(v.load(v.at(x, 0)), p) }, x)
	VZEROUPPER()
	RET()
}

// addWide adds the lanes of x to float64 at p and moves p on.
func (v *isa) addWide(x vec, p reg.Register) {
	for h := range 2 {
		w := v.new()
		VCVTPS2PD(v.half(x, h), w)
		VADDPD(Mem{Base: p, Disp: 4 * v.lanes * h}, w, w)
		VMOVUPD(w, Mem{Base: p, Disp: 4 * v.lanes * h})
	}
	ADDQ(U32(8*v.lanes), p)
}

// largest stores the extreme of n elements, at least as many as there are lanes, to d: some candidates
// that fill 16 bytes, all NaN if one element is.
func (v *isa) largest(name string, extreme instruction) {
	TEXT(name+v.suffix, NOSPLIT|NOFRAME, "func(d, x *"+v.float()+", n int)")
	Pragma("noescape")
	d, x, n := Load(Param("d"), GP64()), Load(Param("x"), GP64()), Load(Param("n"), GP64())
	var m []vec
	for range 4 {
		m = append(m, v.load(v.at(x, 0)))
	}
	nan := v.compare(m[0], unordered, m[0])
	note := func(a, b vec) {
		k := v.compare(a, unordered, b)
		if v.wide() {
			KORW(k.k, nan.k, nan.k)
		} else {
			VORPS(k.m, nan.m, nan.m)
		}
	}
	v.steps("groups", n, 4, func() {
		var r []vec
		for i := range 4 {
			r = append(r, v.load(v.at(x, i)))
			extreme(r[i], m[i], m[i])
		}
		note(r[0], r[1])
		note(r[2], r[3])
	}, x)
	one := func(at Mem) {
		r := v.load(at)
		extreme(r, m[0], m[0])
		note(r, r)
	}
	v.steps("vectors", n, 1, func() { one(v.at(x, 0)) }, x)
	one(v.lastVector(x, n))
	extreme(m[1], m[0], m[0])
	extreme(m[3], m[2], m[2])
	extreme(m[2], m[0], m[0])
	r := v.folded(m[0], extreme)
	// The extreme itself does not keep NaN: the flags do.
	flag, quiet := GP32(), XMM()
	if v.wide() {
		KMOVW(nan.k, flag)
	} else {
		VMOVMSKPS(nan.m, flag)
	}
	NEGL(flag) // sets the carry when a flag is set
	SBBL(flag, flag)
	VMOVD(flag, quiet)
	VPBROADCASTD(quiet, quiet)
	VORPS(quiet, r, r)
	VMOVUPS(r, Mem{Base: d})
	VZEROUPPER()
	RET()
}

// lastVector is the vector that ends n elements behind x, fewer than the lanes.
func (v *isa) lastVector(x, n reg.Register) Mem {
	return Mem{Base: x, Index: n, Scale: uint8(v.size()), Disp: -v.size() * v.lanes}
}

// folded reduces the lanes of x to those of 16 bytes.
func (v *isa) folded(x vec, f instruction) reg.VecVirtual {
	y := x
	if v.wide() {
		y = YMM()
		VEXTRACTF64X4(U8(1), x, y)
		f(x.AsY(), y, y)
	}
	r := XMM()
	VEXTRACTF128(U8(1), y.AsY(), r)
	f(y.AsX(), r, r)
	return r
}

// extremeInt is largest for integers.
func (v *isa) extremeInt(name string, single, double instruction) {
	if v.double && !v.wide() {
		return
	}
	t := v.whole(opX).elem
	TEXT(name+v.intName()+v.suffix, NOSPLIT|NOFRAME, "func(d, x *"+t+", n int)")
	Pragma("noescape")
	d, x, n := Load(Param("d"), GP64()), Load(Param("x"), GP64()), Load(Param("n"), GP64())
	a, b := v.load(v.at(x, 0)), v.load(v.at(x, 0))
	f := v.pick(single, double)
	v.steps("groups", n, 2, func() {
		f(v.at(x, 0), a, a)
		f(v.at(x, 1), b, b)
	}, x)
	v.steps("vectors", n, 1, func() { f(v.at(x, 0), a, a) }, x)
	f(v.lastVector(x, n), b, b)
	f(a, b, b)
	VMOVUPS(v.folded(b, f), Mem{Base: d})
	VZEROUPPER()
	RET()
}

// exceeds tells whether the magnitude of one of n elements, a multiple of the lanes, is above limit.
func (v *isa) exceeds() {
	TEXT("exceeds"+v.suffix, NOSPLIT|NOFRAME,
		"func(x *"+v.float()+", n int, limit "+v.float()+") bool")
	Pragma("noescape")
	x, n, limit := Load(Param("x"), GP64()), Load(Param("n"), GP64()), v.scalar("limit")
	top := v.zeros(2)
	block := func(vectors int) func() {
		return func() {
			for i := range vectors {
				a := v.abs(v.load(v.at(x, i)))
				v.pick(VMAXPS, VMAXPD)(top[i], a, top[i]) // NaN gives the old value
			}
		}
	}
	v.steps("groups", n, 2, block(2), x)
	v.steps("vectors", n, 1, block(1), x)
	k := v.compare(v.max(top[0], top[1]), greater, limit)
	flag := GP32()
	if v.wide() {
		KMOVW(k.k, flag)
	} else {
		VMOVMSKPS(k.m, flag)
	}
	TESTL(flag, flag)
	any := GP8()
	SETNE(any)
	Store(any, ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// sumDouble adds n float64, a multiple of the lanes.
func (v *isa) sumDouble() {
	TEXT("sum"+v.suffix, NOSPLIT|NOFRAME, "func(x *float64, n int) float64")
	Pragma("noescape")
	x, n := Load(Param("x"), GP64()), Load(Param("n"), GP64())
	acc := v.zeros(4)
	v.steps("groups", n, 4, func() {
		for i, a := range acc {
			VADDPD(v.at(x, i), a, a)
		}
	}, x)
	v.steps("vectors", n, 1, func() { VADDPD(v.at(x, 0), acc[0], acc[0]) }, x)
	Store(v.total(acc), ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// sumInt adds n int64, a multiple of the lanes, by lane to d.
func (v *isa) sumInt() {
	TEXT("sumI64x"+v.suffix, NOSPLIT|NOFRAME, "func(d, x *int64, n int)")
	Pragma("noescape")
	d, x, n := Load(Param("d"), GP64()), Load(Param("x"), GP64()), Load(Param("n"), GP64())
	acc := v.zeros(2)
	v.steps("groups", n, 2, func() {
		for i, a := range acc {
			VPADDQ(v.at(x, i), a, a)
		}
	}, x)
	v.steps("vectors", n, 1, func() { VPADDQ(v.at(x, 0), acc[0], acc[0]) }, x)
	VPADDQ(acc[1], acc[0], acc[0])
	VMOVUPS(acc[0], Mem{Base: d})
	VZEROUPPER()
	RET()
}
