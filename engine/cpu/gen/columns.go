package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// columnLoop is a routine over rows of columns: one number for each column from every name of
// constants, sums of the columns in every name of sums, rows of columns read from every name of in and
// written to out. Distances of rows, in bytes, are called ld and the name.
type columnLoop struct {
	name                string
	in, constants, sums []string
	out                 string // "": none
	body                func(in, constants, sums []vec) vec
	names               []string // of all pointers
	pointers            map[string]reg.Register
}

// columnRoutines emits the passes of batch normalisation over channels-last data.
func columnRoutines() {
	v := avx512
	deviation := func(x, shift vec) vec { return v.sub(x, shift) }
	for _, l := range []*columnLoop{
		{ // Σ (x − shift) and Σ (x − shift)²
			name: "columnMoments512", in: []string{"x"}, constants: []string{"shift"},
			sums: []string{"first", "second"},
			body: func(in, c, sums []vec) vec {
				d := deviation(in[0], c[0])
				VADDPS(d, sums[0], sums[0])
				VFMADD231PS(d, d, sums[1])
				return nil
			},
		},
		{ // Σ dy and Σ dy·(x − shift)
			name: "columnDots512", in: []string{"dy", "x"}, constants: []string{"shift"},
			sums: []string{"first", "second"},
			body: func(in, c, sums []vec) vec {
				VADDPS(in[0], sums[0], sums[0])
				VFMADD231PS(deviation(in[1], c[0]), in[0], sums[1])
				return nil
			},
		},
		{ // (x − shift)·a + b
			name: "columnScale512", in: []string{"x"}, constants: []string{"shift", "a", "b"}, out: "d",
			body: func(in, c, _ []vec) vec {
				d := deviation(in[0], c[0])
				VFMADD213PS(c[2], c[1], d)
				return d
			},
		},
		{ // (x − shift)·a + dy·s + b
			name: "columnGrad512", in: []string{"dy", "x"}, constants: []string{"shift", "a", "s", "b"},
			out: "d",
			body: func(in, c, _ []vec) vec {
				d := deviation(in[1], c[0])
				VFMADD213PS(c[3], c[1], d)
				VFMADD231PS(in[0], c[2], d)
				return d
			},
		},
	} {
		l.emit()
	}
}

func (l *columnLoop) emit() {
	sig := "func("
	all := append(append(append([]string{}, l.in...), l.constants...), l.sums...)
	if l.out != "" {
		all = append([]string{l.out}, all...)
	}
	for _, name := range all {
		sig += name + ", "
	}
	sig = sig[:len(sig)-2] + " *float32, rows, n"
	for _, name := range l.moving() {
		sig += ", ld" + name
	}
	TEXT(l.name, NOSPLIT|NOFRAME, sig+" int)")
	Pragma("noescape")
	l.names, l.pointers = all, map[string]reg.Register{}
	for _, name := range all {
		l.pointers[name] = Load(Param(name), GP64())
	}
	n := Load(Param("n"), GP64())
	SUBQ(U8(64), n)
	JLT(LabelRef("narrow"))
	Label("wide")
	l.block("wideRow", 4, nil)
	SUBQ(U8(64), n)
	JGE(LabelRef("wide"))
	Label("narrow")
	ADDQ(U8(64), n)
	JE(LabelRef("done"))
	Label("single")
	l.block("row", 1, avx512.firstLanes(n))
	SUBQ(U8(16), n)
	JG(LabelRef("single"))
	Label("done")
	VZEROUPPER()
	RET()
}

// moving lists the names with rows.
func (l *columnLoop) moving() []string {
	if l.out == "" {
		return l.in
	}
	return append([]string{l.out}, l.in...)
}

// parameter is the stack slot of an argument.
func parameter(name string) Op {
	p, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return p.Addr
}

// block visits all rows of some vectors of columns and moves on to the next ones.
func (l *columnLoop) block(label string, vectors int, mask reg.Register) {
	load := func(p reg.Register, j int) vec {
		x, m := ZMM(), Mem{Base: p, Disp: 64 * j}
		if mask != nil {
			VMOVUPS_Z(m, mask, x)
		} else {
			VMOVUPS(m, x)
		}
		return x
	}
	store := func(x vec, p reg.Register, j int) {
		m := Mem{Base: p, Disp: 64 * j}
		if mask != nil {
			VMOVUPS(x, mask, m)
		} else {
			VMOVUPS(x, m)
		}
	}
	var constants, sums [][]vec
	for j := range vectors {
		var c []vec
		for _, name := range l.constants {
			c = append(c, load(l.pointers[name], j))
		}
		constants = append(constants, c)
		sums = append(sums, avx512.zeros(len(l.sums)))
	}
	at := map[string]reg.Register{}
	for _, name := range l.moving() {
		at[name] = GP64()
		MOVQ(l.pointers[name], at[name])
	}
	row := GP64()
	MOVQ(parameter("rows"), row)
	Label(label)
	for j := range vectors {
		var in []vec
		for _, name := range l.in {
			in = append(in, load(at[name], j))
		}
		if d := l.body(in, constants[j], sums[j]); d != nil {
			store(d, at[l.out], j)
		}
	}
	for _, name := range l.moving() {
		ADDQ(parameter("ld"+name), at[name])
	}
	DECQ(row)
	JNE(LabelRef(label))
	for i, name := range l.sums {
		for j := range vectors {
			VADDPS(load(l.pointers[name], j), sums[j][i], sums[j][i])
			store(sums[j][i], l.pointers[name], j)
		}
	}
	for _, name := range l.names {
		ADDQ(I32(int32(64*vectors)), l.pointers[name])
	}
}

// windowRoutines emits what computes one window of all channels.
func windowRoutines() {
	maxWindow()
	sumWindow("sumWindow512", 1, 4)
	sumWindow("sumWindows512", 4, 2)
}

// maxWindow emits the maximum over the taps of one window and n channels of channels-last data, and the
// position at + that of the tap. The first of equal elements and the first NaN win. A tap is a pair of a
// distance in bytes and a position.
func maxWindow() {
	TEXT("maxWindow512", NOSPLIT|NOFRAME,
		"func(d *float32, index *int64, x *float32, taps *[2]int, count, n, at int)")
	Pragma("noescape")
	d, index := Load(Param("d"), GP64()), Load(Param("index"), GP64())
	x, n, at := Load(Param("x"), GP64()), Load(Param("n"), GP64()), Load(Param("at"), GP64())
	Label("block")
	k := avx512.firstLanes(n)
	tap, count, p := GP64(), GP64(), GP64()
	MOVQ(parameter("taps"), tap)
	MOVQ(parameter("count"), count)
	best, where := ZMM(), ZMM()
	position := func() vec {
		q, z := GP64(), ZMM()
		MOVQ(Mem{Base: tap, Disp: 8}, q)
		ADDQ(at, q)
		VPBROADCASTD(q.As32(), z)
		return z
	}
	value := func(z vec) vec {
		MOVQ(x, p)
		ADDQ(Mem{Base: tap}, p)
		VMOVUPS_Z(Mem{Base: p}, k, z)
		return z
	}
	value(best)
	VMOVAPS(position(), where)
	DECQ(count)
	JE(LabelRef("store"))
	Label("tap")
	ADDQ(U8(16), tap)
	v, larger := value(ZMM()), K()
	VCMPPS(U8(6), best, v, larger)            // not v ≤ best: larger, or NaN among them
	VCMPPS(U8(7), best, best, larger, larger) // and best is no NaN
	VMOVAPS(v, larger, best)
	VMOVDQA32(position(), larger, where)
	DECQ(count)
	JNE(LabelRef("tap"))
	Label("store")
	VMOVUPS(best, k, Mem{Base: d})
	low, high, half, upper := ZMM(), ZMM(), YMM(), K()
	VPMOVSXDQ(where.AsY(), low)
	VEXTRACTI64X4(U8(1), where, half)
	VPMOVSXDQ(half, high)
	KSHIFTRW(U8(8), k, upper)
	VMOVDQU64(low, k, Mem{Base: index})
	VMOVDQU64(high, upper, Mem{Base: index, Disp: 64})
	ADDQ(I32(64), d)
	ADDQ(I32(128), index)
	ADDQ(I32(64), x)
	SUBQ(U8(16), n)
	JG(LabelRef("block"))
	VZEROUPPER()
	RET()
}

// sumWindow emits, for n channels of channels-last data, bias plus the sums over the taps of a window of values
// times weights, for some windows beside each other. A tap is a pair of distances in bytes: of the values from x
// and of the weights from w. Windows share the weights, which are loaded once.
func sumWindow(name string, windows, widest int) {
	sig := "func(d, x, w, bias *float32, taps *[2]int, count, n int, low, high float32"
	if windows > 1 {
		sig += ", ldd, ldx int"
	}
	TEXT(name, NOSPLIT|NOFRAME, sig+")")
	Pragma("noescape")
	s := &windowSum{windows: windows}
	s.d, s.x = Load(Param("d"), GP64()), Load(Param("x"), GP64())
	s.w, s.bias = Load(Param("w"), GP64()), Load(Param("bias"), GP64())
	n := Load(Param("n"), GP64())
	s.low, s.high = avx512.scalar("low"), avx512.scalar("high")
	if windows > 1 {
		s.ldd, s.ldx = Load(Param("ldd"), GP64()), Load(Param("ldx"), GP64())
		s.ldx3 = GP64()
		LEAQ(Mem{Base: s.ldx, Index: s.ldx, Scale: 2}, s.ldx3)
	}
	lanes := uint8(16 * widest)
	SUBQ(U8(lanes), n)
	JLT(LabelRef("narrow"))
	Label("wide")
	s.block("wideTap", widest, nil)
	SUBQ(U8(lanes), n)
	JGE(LabelRef("wide"))
	Label("narrow")
	ADDQ(U8(lanes), n)
	JE(LabelRef("done"))
	Label("single")
	s.block("tap", 1, avx512.firstLanes(n))
	SUBQ(U8(16), n)
	JG(LabelRef("single"))
	Label("done")
	VZEROUPPER()
	RET()
}

// windowSum is the state of sumWindow.
type windowSum struct {
	windows        int // 1 or 4
	d, x, w, bias  reg.Register
	ldd, ldx, ldx3 reg.Register
	low, high      vec
}

// value is the address of vector j of window i behind p.
func (s *windowSum) value(p reg.Register, i, j int) Mem {
	switch i {
	case 0:
		return Mem{Base: p, Disp: 64 * j}
	case 3:
		return Mem{Base: p, Index: s.ldx3, Scale: 1, Disp: 64 * j}
	}
	return Mem{Base: p, Index: s.ldx, Scale: uint8(i), Disp: 64 * j}
}

// block computes some vectors of channels and moves on to the next ones.
func (s *windowSum) block(label string, vectors int, k reg.Register) {
	load := func(m Mem) vec {
		z := ZMM()
		if k == nil {
			VMOVUPS(m, z)
		} else {
			VMOVUPS_Z(m, k, z)
		}
		return z
	}
	acc := avx512.zeros(vectors * s.windows)
	TESTQ(s.bias, s.bias)
	JE(LabelRef(label + "Unbiased"))
	for j := range vectors {
		b := load(Mem{Base: s.bias, Disp: 64 * j})
		for i := range s.windows {
			VMOVAPS(b, acc[i*vectors+j])
		}
	}
	ADDQ(I32(int32(64*vectors)), s.bias)
	Label(label + "Unbiased")
	tap, count, p, q := GP64(), GP64(), GP64(), GP64()
	MOVQ(parameter("taps"), tap)
	MOVQ(parameter("count"), count)
	Label(label)
	MOVQ(Mem{Base: tap}, p)
	ADDQ(s.x, p)
	MOVQ(Mem{Base: tap, Disp: 8}, q)
	for j := range vectors {
		weight := load(Mem{Base: s.w, Index: q, Scale: 1, Disp: 64 * j})
		for i := range s.windows {
			if k == nil {
				VFMADD231PS(s.value(p, i, j), weight, acc[i*vectors+j])
			} else {
				VFMADD231PS(load(s.value(p, i, j)), weight, acc[i*vectors+j])
			}
		}
	}
	ADDQ(U8(16), tap)
	DECQ(count)
	JNE(LabelRef(label))
	s.store(acc, p, vectors, k)
	for _, r := range []reg.Register{s.d, s.x, s.w} {
		ADDQ(I32(int32(64*vectors)), r)
	}
}

// store bounds and stores the sums of all windows; p is free.
func (s *windowSum) store(acc []vec, p reg.Register, vectors int, k reg.Register) {
	MOVQ(s.d, p)
	for i := range s.windows {
		for j := range vectors {
			z := acc[i*vectors+j]
			VMAXPS(z, s.low, z) // NaN, the second source, passes
			VMINPS(z, s.high, z)
			if k == nil {
				VMOVUPS(z, Mem{Base: p, Disp: 64 * j})
			} else {
				VMOVUPS(z, k, Mem{Base: p, Disp: 64 * j})
			}
		}
		if i+1 < s.windows {
			ADDQ(s.ldd, p)
		}
	}
}
