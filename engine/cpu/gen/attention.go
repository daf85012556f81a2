package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Softmax of blocks of scores with one key a row and one query a column, for two vectors of queries.
// ld is in bytes.

func attention() {
	for _, v := range []*isa{avx512, avx2} {
		v.attentionSoftmax()
		v.attentionGrad()
	}
}

// rowPairs calls body with the two vectors of two rows, and of the last when their number is odd:
// index 0 and 1 are those of the first row. p and n are changed.
func (v *isa) rowPairs(name string, p []reg.GPVirtual, n, ld reg.Register, body func(i int, at []Mem)) {
	row := func(second bool) {
		for j := range 2 {
			at, i := make([]Mem, len(p)), j
			for k, r := range p {
				at[k] = Mem{Base: r, Disp: 4 * v.lanes * j}
				if second {
					at[k].Index, at[k].Scale = ld, 1
				}
			}
			if second {
				i += 2
			}
			body(i, at)
		}
	}
	Label(name + "Pairs")
	CMPQ(n, U32(2))
	JLT(LabelRef(name + "Last"))
	row(false)
	row(true)
	for _, r := range p {
		LEAQ(Mem{Base: r, Index: ld, Scale: 2}, r)
	}
	SUBQ(U32(2), n)
	JMP(LabelRef(name + "Pairs"))
	Label(name + "Last")
	TESTQ(n, n)
	JE(LabelRef(name + "Done"))
	row(false)
	Label(name + "Done")
}

func register(name string) reg.GPVirtual { return Load(Param(name), GP64()).(reg.GPVirtual) }

func duplicate(r reg.GPVirtual) reg.GPVirtual {
	d := GP64()
	MOVQ(r, d)
	return d
}

// attentionSoftmax raises the running maxima m by those of the rows, turns the rows into exp(s − m),
// multiplies the running sums l by alpha = exp(old m − m) and adds the rows.
func (v *isa) attentionSoftmax() {
	TEXT("attentionSoftmax"+v.suffix, NOSPLIT|NOFRAME,
		"func(s *float32, rows, ld int, m, l, alpha *float32)")
	Pragma("noescape")
	s, rows, ld := register("s"), register("rows"), register("ld")
	pm, pl, pa := register("m"), register("l"), register("alpha")
	half := func(p reg.Register, j int) Mem { return Mem{Base: p, Disp: 4 * v.lanes * j} }
	var m [4]vec
	for i := range m {
		m[i] = v.load(half(pm, i%2))
	}
	v.rowPairs("max", []reg.GPVirtual{duplicate(s)}, duplicate(rows), ld, func(i int, at []Mem) {
		VMAXPS(m[i], v.load(at[0]), m[i]) // NaN is left to the sum
	})
	sum := v.zeros(4)
	for j := range 2 {
		VMAXPS(m[j+2], m[j], m[j])
		a := v.exp(v.sub(v.load(half(pm, j)), m[j]))
		VMOVUPS(a, half(pa, j))
		VMOVUPS(m[j], half(pm, j))
		VMULPS(half(pl, j), a, sum[j])
	}
	v.rowPairs("exp", []reg.GPVirtual{s}, rows, ld, func(i int, at []Mem) {
		p := v.exp(v.sub(v.load(at[0]), m[i%2]))
		VMOVUPS(p, at[0])
		VADDPS(p, sum[i], sum[i])
	})
	for j := range 2 {
		VADDPS(sum[j+2], sum[j], sum[j])
		VMOVUPS(sum[j], half(pl, j))
	}
	VZEROUPPER()
	RET()
}

// attentionGrad turns scores s into p = exp(s − lse) and dp into p·(dp − delta).
func (v *isa) attentionGrad() {
	TEXT("attentionGrad"+v.suffix, NOSPLIT|NOFRAME,
		"func(s, dp *float32, rows, ld int, lse, delta *float32)")
	Pragma("noescape")
	s, dp, rows, ld := register("s"), register("dp"), register("rows"), register("ld")
	lse, delta := register("lse"), register("delta")
	var l, d [2]vec
	for j := range 2 {
		l[j] = v.load(Mem{Base: lse, Disp: 4 * v.lanes * j})
		d[j] = v.load(Mem{Base: delta, Disp: 4 * v.lanes * j})
	}
	v.rowPairs("row", []reg.GPVirtual{s, dp}, rows, ld, func(i int, at []Mem) {
		p := v.exp(v.sub(v.load(at[0]), l[i%2]))
		VMOVUPS(p, at[0])
		VMOVUPS(v.mul(p, v.sub(v.load(at[1]), d[i%2])), at[1])
	})
	VZEROUPPER()
	RET()
}
