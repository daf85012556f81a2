package main

import (
	"fmt"
	"strings"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// operand is an array argument of a routine. Its elements are of the routine's float type, of elem
// when that is not empty: an integer of the same size, uint8 or uint16 (read with zeros above), or
// the float32 that a float64 routine converts.
type operand struct {
	name  string
	read  bool
	write bool
	elem  string
}

// float is the Go name of v's element type.
func (v *isa) float() string {
	if v.double {
		return "float64"
	}
	return "float32"
}

// elem is the Go name of a's elements, and their size.
func (v *isa) elem(a operand) (string, int) {
	switch a.elem {
	case "":
		return v.float(), v.size()
	case "uint8":
		return a.elem, 1
	case "uint16":
		return a.elem, 2
	case "int32", "uint32", "float32":
		return a.elem, 4
	}
	return a.elem, 8
}

// loops says how many vectors a routine computes at once.
const (
	pairs  = 2
	single = 1
)

// routine emits func(arrays… *T, n int, scalars… T): body maps the vectors read to the vectors
// written; s(i) loads scalar i. In the AVX2 form n is a multiple of the lanes.
func (v *isa) routine(name string, arrays []operand, scalars []string,
	body func(in []vec, s func(i int) vec) []vec,
) {
	v.unrolled(pairs, name, arrays, scalars, body)
}

func (v *isa) unrolled(most int, name string, arrays []operand, scalars []string,
	body func(in []vec, s func(i int) vec) []vec,
) {
	var params []string
	for _, a := range arrays {
		t, _ := v.elem(a)
		params = append(params, a.name+" *"+t)
	}
	params = append(params, "n int")
	for _, s := range scalars {
		params = append(params, s+" "+v.float())
	}
	TEXT(name+v.suffix, NOSPLIT|NOFRAME, "func("+strings.Join(params, ", ")+")")
	Pragma("noescape")
	p, sizes := make([]reg.Register, len(arrays)), make([]int, len(arrays))
	for i, a := range arrays {
		p[i] = Load(Param(a.name), GP64())
		_, sizes[i] = v.elem(a)
	}
	n := Load(Param("n"), GP64())
	v.loops(most, n, p, sizes, func(count int) {
		for u := range count {
			var in []vec
			for i, a := range arrays {
				if a.read {
					in = append(in, v.read(a, Mem{Base: p[i], Disp: sizes[i] * v.lanes * u}))
				}
			}
			out := body(in, func(i int) vec { return v.scalar(scalars[i]) })
			for i, a := range arrays {
				if a.write {
					v.write(a, out[0], Mem{Base: p[i], Disp: sizes[i] * v.lanes * u})
					out = out[1:]
				}
			}
		}
	})
	if v.past {
		SFENCE()
	}
	VZEROUPPER()
	RET()
}

func (v *isa) scalar(name string) vec {
	b, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	r := v.new()
	v.pick(VBROADCASTSS, VBROADCASTSD)(b.Addr, r)
	return r
}

// read loads the lanes of an operand.
func (v *isa) read(a operand, m Mem) vec {
	t, size := v.elem(a)
	r := v.new()
	var f, masked instruction
	switch {
	case size == v.size():
		f, masked = VMOVUPS, v.pick(zeroed(VMOVUPS_Z), zeroed(VMOVUPD_Z))
	case t == "uint8":
		f = v.pick(VPMOVZXBD, VPMOVZXBQ)
		masked = v.pick(zeroed(VPMOVZXBD_Z), zeroed(VPMOVZXBQ_Z))
	case t == "uint16":
		f, masked = VPMOVZXWD, zeroed(VPMOVZXWD_Z)
	case t == "float32":
		f, masked = VCVTPS2PD, zeroed(VCVTPS2PD_Z)
	case t == "int32":
		f, masked = VPMOVSXDQ, zeroed(VPMOVSXDQ_Z)
	default:
		panic(fmt.Sprintf("gen: no load of %s", t))
	}
	if v.tail != nil {
		masked(m, v.tail, r)
	} else {
		f(m, r)
	}
	return r
}

func zeroed(f func(m, k, r Op)) instruction {
	return func(ops ...Op) { f(ops[0], ops[1], ops[2]) }
}

// write stores the lanes of x, which has as many bytes as the elements of the operand.
func (v *isa) write(a operand, x vec, m Mem) {
	_, size := v.elem(a)
	var f instruction
	switch {
	case v.tail == nil && v.past:
		VMOVNTPS(x, m)
		return
	case v.tail == nil:
		f = VMOVUPS
		switch size * v.lanes {
		case 4:
			f = two(VMOVD)
		case 8:
			f = two(VMOVQ)
		}
		f(x, m)
		return
	case size == 1:
		f = VMOVDQU8
	case size == 2:
		f = VMOVDQU16
	case size == 4:
		f = VMOVUPS
	default:
		f = VMOVUPD
	}
	f(x, v.tail, m)
}

func two(f func(a, b Op)) instruction { return func(ops ...Op) { f(ops[0], ops[1]) } }

// loops calls block for pairs of vectors, single vectors and, in AVX-512, the masked rest.
func (v *isa) loops(most int, n reg.Register, p []reg.Register, sizes []int,
	block func(count int),
) {
	advance := func(count int) {
		for i, r := range p {
			ADDQ(U32(sizes[i]*v.lanes*count), r)
		}
		SUBQ(U32(v.lanes*count), n)
	}
	if most == pairs {
		Label("pairs")
		CMPQ(n, U32(2*v.lanes))
		JLT(LabelRef("single"))
		block(2)
		advance(2)
		JMP(LabelRef("pairs"))
	}
	Label("single")
	CMPQ(n, U32(v.lanes))
	JLT(LabelRef("rest"))
	block(1)
	advance(1)
	JMP(LabelRef("single"))
	Label("rest")
	if v.wide() {
		TESTQ(n, n)
		JE(LabelRef("done"))
		v.tail = v.mask(n)
		block(1)
		v.tail = nil
		Label("done")
	}
}

// mask returns the mask of the first n lanes.
func (v *isa) mask(n reg.Register) reg.OpmaskVirtual {
	ones, k := GP64(), K()
	MOVQ(I32(-1), ones)
	count := GP64()
	MOVQ(n, count)
	r := GP64()
	BZHIQ(count, ones, r)
	KMOVW(r.As32(), k)
	return k
}

// fetch and store move vectors of v's own type.
func (v *isa) fetch(m Mem) vec    { return v.read(operand{}, m) }
func (v *isa) store(x vec, m Mem) { v.write(operand{}, x, m) }
