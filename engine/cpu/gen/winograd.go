package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Winograd's convolution with tiles of 6×6: y = Aᵀ[(G·g·Gᵀ) ⊙ (Bᵀ·d·B)]A gives m×m sums of r×r products, m+r =
// 7, from 36 multiplications. The matrices evaluate polynomials at 0, ±√½, ±√2 and ∞: these five keep the error
// of float32 about twice that of sums (0, ±1, ±2 five times).

// winogradPoints are the positive ones.
var winogradPoints = [2]float64{math.Sqrt2 / 2, math.Sqrt2}

// term is a coefficient of one element of a vector.
type term struct {
	i int
	c float64
}

// winogradRows are the rows 0, (1, 2), (3, 4) and 5 of a matrix that takes some elements: of a pair the terms
// that both rows add and those that the second subtracts.
type winogradRows struct {
	first, last []term
	pairs       [2]struct{ even, odd []term }
}

// winogradInput is Bᵀ: rows of Π(x − q) over the other points q.
func winogradInput() *winogradRows {
	a, b := winogradPoints[0], winogradPoints[1]
	s := a*a + b*b
	m := &winogradRows{first: []term{{4, 1}, {0, a * a * b * b}, {2, -s}}, last: []term{{5, 1}, {1, a * a * b * b}, {3, -s}}}
	for i, p := range winogradPoints {
		o := winogradPoints[1-i]
		m.pairs[i].even = []term{{4, 1}, {2, -o * o}}
		m.pairs[i].odd = []term{{3, p}, {1, -p * o * o}}
	}
	return m
}

// winogradFilter is G for r elements: rows of powers of p divided by Π(p − q).
func winogradFilter(r int) *winogradRows {
	a, b := winogradPoints[0], winogradPoints[1]
	m := &winogradRows{first: []term{{0, 1 / (a * a * b * b)}}, last: []term{{r - 1, 1}}}
	for i, p := range winogradPoints {
		o := winogradPoints[1-i]
		d := p * 2 * p * (p*p - o*o)
		for j := range r {
			t := term{j, math.Pow(p, float64(j)) / d}
			if j%2 == 0 {
				m.pairs[i].even = append(m.pairs[i].even, t)
			} else {
				m.pairs[i].odd = append(m.pairs[i].odd, t)
			}
		}
	}
	return m
}

// winograd is an instruction set with constants in registers, where it has enough.
type winograd struct {
	*isa
	held map[float32]vec
}

// hold loads coefficients that are not 1.
func (v *winograd) hold(all ...float64) {
	v.held = map[float32]vec{}
	for _, c := range all {
		if k := float32(c); v.held[k] == nil && v.wide() && math.Abs(c-1) > 1e-6 {
			v.held[k] = v.load(v.c(c))
		}
	}
}

// constant returns a vector of c.
func (v *winograd) constant(c float64) vec {
	if k := v.held[float32(c)]; k != nil {
		return k
	}
	return v.load(v.c(c))
}

// coefficients lists those of m as sum uses them: subtracted ones are positive.
func (m *winogradRows) coefficients() (all []float64) {
	for _, terms := range [][]term{m.first, m.last, m.pairs[0].even, m.pairs[0].odd, m.pairs[1].even, m.pairs[1].odd} {
		for i, t := range terms {
			if i > 0 {
				t.c = math.Abs(t.c)
			}
			all = append(all, t.c)
		}
	}
	return all
}

// sum returns Σ c·x over the terms.
func (v *winograd) sum(terms []term, x func(i int) Op) vec {
	var acc vec
	for _, t := range terms {
		switch one := math.Abs(t.c-1) < 1e-6; {
		case acc == nil && one:
			acc = v.load(x(t.i))
		case acc == nil:
			acc = v.new()
			VMULPS(x(t.i), v.constant(t.c), acc)
		case one:
			VADDPS(x(t.i), acc, acc)
		case t.c < 0:
			VFNMADD231PS(x(t.i), v.constant(-t.c), acc)
		default:
			VFMADD231PS(x(t.i), v.constant(t.c), acc)
		}
	}
	return acc
}

// rows returns the sums of row k, or of rows k and k+1 of a pair.
func (v *winograd) rows(m *winogradRows, k int, x func(i int) Op) []vec {
	switch k {
	case 0:
		return []vec{v.sum(m.first, x)}
	case 5:
		return []vec{v.sum(m.last, x)}
	}
	p := m.pairs[k/2]
	even, odd := v.sum(p.even, x), v.sum(p.odd, x)
	return []vec{v.add(even, odd), v.sub(even, odd)}
}

// square emits the transform of n×n vectors at from to 6×6 vectors, of which ξ is stored at to: column by
// column, or two columns of a pair at once where there are registers for them.
func (v *winograd) square(m *winogradRows, n int, from func(i, j int) Mem, to func(k int) Mem) {
	for _, first := range []int{0, 1, 3, 5} {
		var columns [2][]Op
		for i := range n {
			for c, x := range v.rows(m, first, func(j int) Op { return from(i, j) }) {
				columns[c] = append(columns[c], x)
			}
		}
		for c, column := range columns {
			if column == nil {
				continue
			}
			for _, k := range []int{0, 1, 3, 5} {
				for i, y := range v.rows(m, k, func(i int) Op { return column[i] }) {
					VMOVUPS(y, to(6*(k+i)+first+c))
				}
			}
		}
	}
}

// winograds emits the transforms.
func winograds() {
	for _, set := range []*isa{avx512, avx2} {
		v := &winograd{isa: set}
		v.winogradTable("winogradInput", winogradInput(), 6)
		v.winogradTable("winogradGrad", winogradFilter(4), 4)
		v.winogradFilters(3)
		v.winogradFilters(4)
		v.winogradFilters(5)
		for m := 2; m <= 4; m++ {
			v.winogradOutput(m)
		}
	}
}

// winogradTable emits func(v *float32, x **float32, count, ldv int): the transform of n×n pixels, each with
// count channels at its own address, to 36 vectors ldv bytes apart.
func (v *winograd) winogradTable(name string, m *winogradRows, n int) {
	TEXT(name+v.suffix, NOSPLIT|NOFRAME, "func(v *float32, x **float32, count, ldv int)")
	Pragma("noescape")
	d, table := Load(Param("v"), GP64()), Load(Param("x"), GP64())
	count, ld := Load(Param("count"), GP64()), Load(Param("ldv"), GP64())
	at := GP64()
	XORQ(at, at)
	v.hold(m.coefficients()...)
	step := 4 * v.lanes
	Label("next")
	v.square(m, n, func(i, j int) Mem {
		p := GP64()
		MOVQ(Mem{Base: table, Disp: 8 * (n*i + j)}, p)
		return Mem{Base: p, Index: at, Scale: 1}
	}, v.scattered(d, ld))
	ADDQ(U32(uint32(step)), at)
	ADDQ(U32(uint32(step)), d)
	SUBQ(U32(uint32(v.lanes)), count)
	JG(LabelRef("next"))
	VZEROUPPER()
	RET()
}

// scattered returns the addresses d + k·ld.
func (v *winograd) scattered(d, ld reg.Register) func(k int) Mem {
	return func(k int) Mem {
		p := GP64()
		IMUL3Q(U32(uint32(k)), ld, p)
		return Mem{Base: d, Index: p, Scale: 1}
	}
}

// winogradFilters emits func(u, w *float32, count, row, column, step, ldu int): the transforms of count filters
// of r×r strips of 32 columns, whose rows and columns are some bytes apart and which follow each other after
// step; the results are ldu apart and follow each other.
func (v *winograd) winogradFilters(r int) {
	TEXT(fmt.Sprintf("winogradFilter%dx%s", r, v.suffix), NOSPLIT|NOFRAME,
		"func(u, w *float32, count, row, column, step, ldu int)")
	Pragma("noescape")
	u, w := Load(Param("u"), GP64()), Load(Param("w"), GP64())
	count, row := Load(Param("count"), GP64()), Load(Param("row"), GP64())
	column, step := Load(Param("column"), GP64()), Load(Param("step"), GP64())
	ld := Load(Param("ldu"), GP64())
	part, p := GP64(), GP64()
	m := winogradFilter(r)
	v.hold(m.coefficients()...)
	Label("next")
	MOVQ(U32(32/uint32(v.lanes)), part)
	MOVQ(w, p)
	Label("part")
	v.square(m, r, func(i, j int) Mem {
		q, c := GP64(), GP64()
		IMUL3Q(U32(uint32(i)), row, q)
		IMUL3Q(U32(uint32(j)), column, c)
		ADDQ(c, q)
		return Mem{Base: p, Index: q, Scale: 1}
	}, v.scattered(u, ld))
	ADDQ(U32(4*uint32(v.lanes)), p)
	ADDQ(U32(4*uint32(v.lanes)), u)
	DECQ(part)
	JNE(LabelRef("part"))
	ADDQ(step, w)
	DECQ(count)
	JNE(LabelRef("next"))
	VZEROUPPER()
	RET()
}

// Byte offsets in cpu.winogradTile.
const (
	winoM = 8 * iota
	winoLdm
	winoCount
	winoY
	winoRow
	winoPix
	winoRows
	winoCols
	winoBias
	winoFlags
	winoDelta
	winoLow
	winoHigh
)

// inverse returns Aᵀ·x for rows of the given parity, where x(0) … x(5) are read once.
func (v *winograd) inverse(m, parity int, x func(i int) Op) []vec {
	load := func(i int) vec { return v.load(x(i)) }
	var parts [2]vec // sums or differences of the values at ±p
	for i := range 2 {
		one := load(1 + 2*i)
		if parity == 0 {
			VADDPS(x(2+2*i), one, one)
		} else {
			VSUBPS(x(2+2*i), one, one)
		}
		parts[i] = one
	}
	var all []vec
	for k := parity; k < m; k += 2 {
		var acc vec
		if k == 0 {
			acc = v.add(parts[0], parts[1])
			VADDPS(x(0), acc, acc)
		} else {
			acc = v.mul(parts[0], v.constant(math.Pow(winogradPoints[0], float64(k))))
			VFMADD231PS(parts[1], v.constant(math.Pow(winogradPoints[1], float64(k))), acc)
		}
		if k == m-1 {
			VADDPS(x(5), acc, acc)
		}
		all = append(all, acc)
	}
	return all
}

// winogradOutput emits func(a *byte) int, whose argument is a cpu.winogradTile: the inverse transform of 36
// vectors to m×m pixels, plus what follows a convolution. The result is not 0 if a sum is not finite.
func (v *winograd) winogradOutput(m int) {
	TEXT(fmt.Sprintf("winogradOutput%dx%s", m, v.suffix), NOSPLIT|NOFRAME, "func(a *byte) int")
	Pragma("noescape")
	args := Load(Param("a"), GP64())
	load := func(off int) reg.GPVirtual {
		r := GP64()
		MOVQ(Mem{Base: args, Disp: off}, r)
		return r
	}
	src, ld, y, bias := load(winoM), load(winoLdm), load(winoY), load(winoBias)
	count, delta := load(winoCount), load(winoDelta)
	check := v.zeros(1)[0]
	var powers []float64
	for _, p := range winogradPoints {
		for k := 1; k < m; k++ {
			powers = append(powers, math.Pow(p, float64(k)))
		}
	}
	v.hold(powers...)
	from := v.scattered(src, ld)
	Label("next")
	for parity := range min(2, m) {
		var rows [2][]Op
		for j := range 6 {
			for i, x := range v.inverse(m, parity, func(i int) Op { return from(6*i + j) }) {
				rows[i] = append(rows[i], x)
			}
		}
		for i, row := range rows {
			if row != nil {
				v.winogradRow(m, parity+2*i, row, args, y, bias, delta, check)
			}
		}
	}
	for _, p := range []reg.Register{src, y, bias} {
		ADDQ(U32(4*uint32(v.lanes)), p)
	}
	SUBQ(U32(uint32(v.lanes)), count)
	JG(LabelRef("next"))
	VSUBPS(check, check, check)
	bad := GP64()
	if v.wide() {
		k := K()
		VCMPPS(U8(unordered), check, check, k)
		KMOVW(k, bad.As32())
	} else {
		VCMPPS(U8(unordered), check, check, check)
		VMOVMSKPS(check, bad.As32())
	}
	Store(bad, ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// winogradRow stores a row of pixels as far as the map goes.
func (v *winograd) winogradRow(m, i int, row []Op, args, y, bias, delta reg.Register, check vec) {
	name := func(s string, j int) string { return fmt.Sprintf("%s%dx%d", s, i, j) }
	end := fmt.Sprintf("end%d", i)
	CMPQ(Mem{Base: args, Disp: winoRows}, U8(uint8(i)))
	JLE(LabelRef(end))
	p := GP64()
	IMUL3Q(U8(uint8(i)), loaded(args, winoRow), p)
	ADDQ(y, p)
	flags := loaded(args, winoFlags)
	parity := [2][]vec{}
	for s := range min(2, m) {
		parity[s] = v.inverse(m, s, func(i int) Op { return row[i] })
	}
	for j := range m {
		x := parity[j%2][j/2]
		CMPQ(Mem{Base: args, Disp: winoCols}, U8(uint8(j)))
		JLE(LabelRef(end))
		VADDPS(x, check, check)
		VADDPS(Mem{Base: bias}, x, x)
		TESTQ(flags, flags)
		JE(LabelRef(name("plain", j)))
		TESTQ(U32(flagAdd), flags)
		JE(LabelRef(name("unadded", j)))
		VADDPS(Mem{Base: p, Index: delta, Scale: 1}, x, x)
		Label(name("unadded", j))
		TESTQ(U32(flagClamp), flags)
		JE(LabelRef(name("plain", j)))
		bound := v.new()
		VBROADCASTSS(Mem{Base: args, Disp: winoLow}, bound)
		VMAXPS(x, bound, x)
		VBROADCASTSS(Mem{Base: args, Disp: winoHigh}, bound)
		VMINPS(x, bound, x)
		Label(name("plain", j))
		VMOVUPS(x, Mem{Base: p})
		ADDQ(Mem{Base: args, Disp: winoPix}, p)
	}
	Label(end)
}

// loaded is a field of the arguments.
func loaded(args reg.Register, off int) reg.GPVirtual {
	r := GP64()
	MOVQ(Mem{Base: args, Disp: off}, r)
	return r
}
