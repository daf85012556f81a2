package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// Comparisons to bytes of 0 and 1, and the choice by such bytes.

var (
	dstBool = operand{name: "d", write: true, elem: "uint8"}
	opCond  = operand{name: "c", read: true, elem: "uint8"}
)

// relations are the comparisons by their number in the instructions on integers and on floats.
var relations = []struct {
	name   string
	whole  uint8
	floats uint8
}{
	{"eq", 0, equal},
	{"ne", 4, notEqual},
	{"lt", 1, less},
	{"le", 2, lessEqual},
	{"gt", 6, greater},
	{"ge", 5, greaterEqual},
}

func comparisons() {
	for _, v := range []*isa{avx512, avx2, avx512d, avx2d} {
		for _, r := range relations {
			v.routine(r.name, []operand{dstBool, opX, opY}, nil, func(in []vec,
				_ func(int) vec,
			) []vec {
				return []vec{v.asBytes(v.compare(in[0], r.floats, in[1]))}
			})
		}
		v.routine("whereBits", []operand{dst, opCond, opX, opY}, nil, func(in []vec,
			_ func(int) vec,
		) []vec {
			return []vec{v.byCondition(in[0], in[1], in[2])}
		})
	}
	for _, v := range []*isa{avx512, avx2, avx512d, avx2d} {
		for _, r := range relations {
			v.routine(r.name+v.intName(), []operand{dstBool, v.whole(opX), v.whole(opY)}, nil,
				func(in []vec, _ func(int) vec) []vec {
					return []vec{v.asBytes(v.compareInt(in[0], r.whole, in[1]))}
				})
		}
	}
}

// whole is an operand of integers of v's size.
func (v *isa) whole(a operand) operand {
	a.elem = "int32"
	if v.double {
		a.elem = "int64"
	}
	return a
}

// intName is the part of a routine's name that says which integers it works on.
func (v *isa) intName() string {
	if v.double {
		return "I64x"
	}
	return "I32x"
}

// compareInt compares signed integers.
func (v *isa) compareInt(x vec, relation uint8, y vec) mask {
	if v.wide() {
		k := K()
		v.pick(VPCMPD, VPCMPQ)(U8(relation), y, x, k)
		return mask{k: k}
	}
	var m vec
	switch relation {
	case 0, 4:
		m = v.op2(v.pick(VPCMPEQD, VPCMPEQQ), y, x)
	case 1, 5: // y > x
		m = v.op2(v.pick(VPCMPGTD, VPCMPGTQ), x, y)
	default:
		m = v.op2(v.pick(VPCMPGTD, VPCMPGTQ), y, x)
	}
	if relation == 4 || relation == 5 || relation == 2 {
		m = v.xor(m, v.word(-1))
	}
	return mask{m: m}
}

// asBytes returns 1 for each lane where m holds and 0 elsewhere, one byte each.
func (v *isa) asBytes(m mask) vec {
	ones, r := XMM(), XMM()
	VMOVDQU(bits(0x01010101), ones)
	if v.wide() {
		VMOVDQU8_Z(ones, m.k, r)
		return r
	}
	hi := XMM()
	VEXTRACTI128(U8(1), m.m, hi)
	if v.double {
		VSHUFPS(U8(0x88), hi, m.m.AsX(), r)
		VPACKSSDW(r, r, r)
	} else {
		VPACKSSDW(hi, m.m.AsX(), r)
	}
	VPACKSSWB(r, r, r)
	VPAND(ones, r, r)
	return r
}

// byCondition returns x where cond is not 0, else y.
func (v *isa) byCondition(cond, x, y vec) vec {
	if v.wide() {
		k := K()
		v.pick(VPTESTMD, VPTESTMQ)(cond, cond, k)
		return v.choose(mask{k: k}, x, y)
	}
	zero := v.new()
	VPXOR(zero, zero, zero)
	return v.choose(mask{m: v.op2(v.pick(VPCMPEQD, VPCMPEQQ), zero, cond)}, y, x)
}
