package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Byte offsets in cpu.tileArgs.
const (
	argA = 8 * iota
	argOffsets
	argTaps
	argK
	argRowA
	argColA
	argB
	argLdb
	argC
	argLdc
	argBias
	argFlags
	argMask
	argAlpha
	argDelta
	argLow
	argHigh
)

// Bits of cpu.tileArgs.flags.
const (
	flagAdd   = 1
	flagReLU  = 2
	flagScale = 4
	flagClamp = 8
	flagCold  = 16
	flagPast  = 32
	flagRows  = 64
)

// tile is the state of one micro-kernel while it is emitted: m rows of nv vectors of accumulators.
type tile struct {
	m, nv  int
	masked bool
	double bool // float64 instead of float32
	dot    bool // products of 4 bytes instead of float32
	bytes  int  // of one vector
	v      []reg.VecPhysical
	args   reg.Register
	// registers of the loop
	taps, count, row, row3, row5, col, b, ldb reg.GPVirtual
	a0, a7, k                                 reg.GPVirtual
	half                                      int // rows reached from a0; the others from a7
}

var masks = []reg.OpmaskPhysical{reg.K1, reg.K2}

func (t *tile) acc(i, j int) reg.VecPhysical { return t.v[i*t.nv+j] }

func (t *tile) bReg(j int) reg.VecPhysical { return t.v[t.m*t.nv+j] }

func (t *tile) aReg(i int) reg.VecPhysical {
	free := min(len(t.v)-t.m*t.nv-t.nv, 4)
	return t.v[t.m*t.nv+t.nv+i%free]
}

func (t *tile) load(off int) reg.GPVirtual {
	r := GP64()
	MOVQ(Mem{Base: t.args, Disp: off}, r)
	return r
}

// gemm512 emits the AVX-512 kernels: up to 14 rows of one or two vectors, whole and masked.
func gemm512() {
	for _, double := range []bool{false, true} {
		for nv := 1; nv <= 2; nv++ {
			for m := 1; m <= 14; m++ {
				for _, masked := range []bool{false, true} {
					t := &tile{
						m: m, nv: nv, masked: masked, double: double, bytes: 64, v: zmm,
						half: 7,
					}
					t.emit(t.name("512"))
				}
			}
		}
	}
}

// gemm256 emits the AVX2 kernels: up to 6 rows of one or two vectors.
func gemm256() {
	for _, double := range []bool{false, true} {
		for nv := 1; nv <= 2; nv++ {
			for m := 1; m <= 6; m++ {
				t := &tile{m: m, nv: nv, double: double, bytes: 32, v: ymm, half: 7}
				t.emit(t.name("256"))
			}
		}
	}
}

// name is tile, the width, d for float64, rows x vectors and m for masked.
func (t *tile) name(width string) string {
	s := "tile" + width
	if t.double {
		s += "d"
	}
	s = fmt.Sprintf("%sx%dx%d", s, t.m, t.nv)
	if t.masked {
		s += "m"
	}
	return s
}

// emit writes the kernel
//
//	c[m × nv vectors] = epilogue(Σ over taps Σ over k of a_tap(i, k)·b_tap(k, :))
//
// a tap adds a pair of byte offsets to the addresses of a and b.
func (t *tile) emit(name string) {
	TEXT(name, NOSPLIT|NOFRAME, "func(a *byte)")
	Pragma("noescape")
	t.args = Load(Param("a"), GP64())
	t.taps, t.count = t.load(argOffsets), t.load(argTaps)
	t.row, t.col, t.ldb = t.load(argRowA), t.load(argColA), t.load(argLdb)
	if t.masked {
		m := t.load(argMask)
		for j := range t.nv {
			KMOVW(m.As32(), masks[j])
			SHRQ(U8(uint8(t.lanes())), m)
		}
	}
	for i := range t.m * t.nv {
		t.zero(t.v[i])
	}
	t.row3, t.row5 = GP64(), GP64()
	LEAQ(Mem{Base: t.row, Index: t.row, Scale: 2}, t.row3)
	LEAQ(Mem{Base: t.row, Index: t.row, Scale: 4}, t.row5)
	t.summon()
	t.loop()
	t.epilogue()
	VZEROUPPER()
	RET()
}

// summon asks for the lines of c where they are cold, which come while the sums are computed: stores would wait
// for them.
func (t *tile) summon() {
	c, ldc, flags := t.load(argC), t.load(argLdc), t.load(argFlags)
	TESTQ(U32(flagCold), flags)
	JE(LabelRef("warm"))
	for i := range t.m {
		for j := range t.nv {
			PREFETCHT0(Mem{Base: c, Disp: t.bytes * j})
		}
		if i+1 < t.m {
			ADDQ(ldc, c)
		}
	}
	Label("warm")
}

// lanes is the number of elements of a vector.
func (t *tile) lanes() int {
	if t.double {
		return t.bytes / 8
	}
	return t.bytes / 4
}

// The operations of the element type.

func (t *tile) broadcast(m Mem, v reg.VecPhysical) {
	if t.double {
		VBROADCASTSD(m, v)
	} else {
		VBROADCASTSS(m, v)
	}
}

func (t *tile) fma(x, y, acc reg.VecPhysical) {
	switch {
	case t.dot:
		dotBytes(x, y, acc)
	case t.double:
		VFMADD231PD(x, y, acc)
	default:
		VFMADD231PS(x, y, acc)
	}
}

func (t *tile) add(x, acc reg.VecPhysical) {
	if t.double {
		VADDPD(x, acc, acc)
	} else {
		VADDPS(x, acc, acc)
	}
}

func (t *tile) mul(x, acc reg.VecPhysical) {
	if t.double {
		VMULPD(x, acc, acc)
	} else {
		VMULPS(x, acc, acc)
	}
}

// scaleAdd computes acc·alpha + y, rounded once.
func (t *tile) scaleAdd(y, alpha, acc reg.VecPhysical) {
	if t.double {
		VFMADD213PD(y, alpha, acc)
	} else {
		VFMADD213PS(y, alpha, acc)
	}
}

// atMost computes min(acc, x); NaN passes.
func (t *tile) atMost(x, acc reg.VecPhysical) {
	if t.double {
		VMINPD(acc, x, acc)
	} else {
		VMINPS(acc, x, acc)
	}
}

// relu computes max(acc, zero); NaN, the second source, passes.
func (t *tile) relu(zero, acc reg.VecPhysical) {
	if t.double {
		VMAXPD(acc, zero, acc)
	} else {
		VMAXPS(acc, zero, acc)
	}
}

// store stores vector j of a row.
func (t *tile) store(v reg.VecPhysical, j int, m Mem) {
	switch {
	case t.masked && t.double:
		VMOVUPD(v, masks[j], m)
	case t.masked:
		VMOVUPS(v, masks[j], m)
	default:
		VMOVUPS(v, m)
	}
}

func (t *tile) zero(v reg.VecPhysical) {
	if t.bytes == 64 {
		VPXORD(v, v, v)
	} else {
		VXORPS(v, v, v)
	}
}

func (t *tile) loop() {
	const unroll = 4
	t.a0, t.a7, t.k, t.b = GP64(), GP64(), GP64(), GP64()
	Label("tap")
	MOVQ(Mem{Base: t.args, Disp: argA}, t.a0)
	ADDQ(Mem{Base: t.taps}, t.a0)
	MOVQ(Mem{Base: t.args, Disp: argB}, t.b)
	ADDQ(Mem{Base: t.taps, Disp: 8}, t.b)
	ADDQ(U8(16), t.taps)
	if t.m > t.half {
		LEAQ(Mem{Base: t.a0, Index: t.row3, Scale: 2}, t.a7)
		ADDQ(t.row, t.a7)
	}
	MOVQ(Mem{Base: t.args, Disp: argK}, t.k)
	SUBQ(U8(unroll), t.k)
	JLT(LabelRef("tail"))
	Label("loop")
	for range unroll {
		t.step()
	}
	SUBQ(U8(unroll), t.k)
	JGE(LabelRef("loop"))
	Label("tail")
	ADDQ(U8(unroll), t.k)
	JE(LabelRef("next"))
	Label("single")
	t.step()
	DECQ(t.k)
	JNE(LabelRef("single"))
	Label("next")
	DECQ(t.count)
	JNE(LabelRef("tap"))
}

// step adds the products of one k.
func (t *tile) step() {
	for j := range t.nv {
		t.fetch(t.b, j, t.bReg(j))
	}
	for i := range t.m {
		t.broadcast(t.aAddress(i), t.aReg(i))
		for j := range t.nv {
			t.fma(t.bReg(j), t.aReg(i), t.acc(i, j))
		}
	}
	ADDQ(t.ldb, t.b)
	ADDQ(t.col, t.a0)
	if t.m > t.half {
		ADDQ(t.col, t.a7)
	}
}

// aAddress is the address of row i: a0 or a7 plus 0 … 6 rows.
func (t *tile) aAddress(i int) Mem {
	base := t.a0
	if i >= t.half {
		base = t.a7
		i -= t.half
	}
	switch i {
	case 0:
		return Mem{Base: base}
	case 1, 2, 4:
		return Mem{Base: base, Index: t.row, Scale: uint8(i)}
	case 3:
		return Mem{Base: base, Index: t.row3, Scale: 1}
	case 5:
		return Mem{Base: base, Index: t.row5, Scale: 1}
	default:
		return Mem{Base: base, Index: t.row3, Scale: 2}
	}
}

// epilogue computes alpha·acc + what lies delta behind c + bias, of each column or each row, bounded by 0 or two numbers, each part by
// its flag, and stores.
func (t *tile) epilogue() {
	c, ldc, flags, bias := t.load(argC), t.load(argLdc), t.load(argFlags), t.load(argBias)
	x := t.v[t.m*t.nv]
	p := t.load(argDelta)
	ADDQ(c, p)
	TESTQ(U32(flagScale), flags)
	JE(LabelRef("unscaled"))
	t.broadcast(Mem{Base: t.args, Disp: argAlpha}, x)
	TESTQ(U32(flagAdd), flags)
	JNE(LabelRef("both"))
	for i := range t.m * t.nv {
		t.mul(x, t.v[i])
	}
	JMP(LabelRef("unadded"))
	Label("both")
	y := t.v[t.m*t.nv+1]
	for i := range t.m {
		for j := range t.nv {
			t.fetch(p, j, y)
			t.scaleAdd(y, x, t.acc(i, j))
		}
		if i+1 < t.m {
			ADDQ(ldc, p)
		}
	}
	JMP(LabelRef("unadded"))
	Label("unscaled")
	TESTQ(U32(flagAdd), flags)
	JE(LabelRef("unadded"))
	for i := range t.m {
		for j := range t.nv {
			t.fetch(p, j, x)
			t.add(x, t.acc(i, j))
		}
		if i+1 < t.m {
			ADDQ(ldc, p)
		}
	}
	Label("unadded")
	TESTQ(bias, bias)
	JE(LabelRef("unbiased"))
	TESTQ(U32(flagRows), flags)
	JNE(LabelRef("rowBias"))
	for j := range t.nv {
		t.fetch(bias, j, x)
		for i := range t.m {
			t.add(x, t.acc(i, j))
		}
	}
	JMP(LabelRef("unbiased"))
	Label("rowBias")
	for i := range t.m {
		t.broadcast(Mem{Base: bias, Disp: i * t.bytes / t.lanes()}, x)
		for j := range t.nv {
			t.add(x, t.acc(i, j))
		}
	}
	Label("unbiased")
	TESTQ(U32(flagReLU), flags)
	JE(LabelRef("linear"))
	t.zero(x)
	for i := range t.m * t.nv {
		t.relu(x, t.v[i])
	}
	Label("linear")
	TESTQ(U32(flagClamp), flags)
	JE(LabelRef("unbounded"))
	t.broadcast(Mem{Base: t.args, Disp: argLow}, x)
	for i := range t.m * t.nv {
		t.relu(x, t.v[i])
	}
	t.broadcast(Mem{Base: t.args, Disp: argHigh}, x)
	for i := range t.m * t.nv {
		t.atMost(x, t.v[i])
	}
	Label("unbounded")
	if t.bytes == 64 && !t.masked {
		TESTQ(U32(flagPast), flags)
		JNE(LabelRef("past"))
	}
	t.rows(c, ldc, t.store)
	if t.bytes == 64 && !t.masked {
		JMP(LabelRef("stored"))
		Label("past")
		t.rows(c, ldc, func(v reg.VecPhysical, _ int, m Mem) { VMOVNTPS(v, m) })
		Label("stored")
	}
}

// rows stores the rows from c on.
func (t *tile) rows(c, ldc reg.GPVirtual, store func(v reg.VecPhysical, j int, m Mem)) {
	for i := range t.m {
		for j := range t.nv {
			store(t.acc(i, j), j, Mem{Base: c, Disp: t.bytes * j})
		}
		if i+1 < t.m {
			ADDQ(ldc, c)
		}
	}
}

// fetch loads vector j at p.
func (t *tile) fetch(p reg.Register, j int, x reg.VecPhysical) {
	switch {
	case t.masked && t.double:
		VMOVUPD_Z(Mem{Base: p, Disp: t.bytes * j}, masks[j], x)
	case t.masked:
		VMOVUPS_Z(Mem{Base: p, Disp: t.bytes * j}, masks[j], x)
	default:
		VMOVUPS(Mem{Base: p, Disp: t.bytes * j}, x)
	}
}

// gemv emits y[0:n] += Σ over rows of x[row]·w[row][0:n] for one and for eight rows; n is a multiple of
// the lanes. Whole rows are read one after the other, as memory delivers them best.
func gemv() {
	for _, c := range []struct {
		name  string
		v     []reg.VecPhysical
		bytes int
	}{{"gemv512", zmm, 64}, {"gemv256", ymm, 32}} {
		for _, rows := range []int{1, 8} {
			gemvRows(fmt.Sprintf("%sx%d", c.name, rows), c.v, c.bytes, rows)
		}
	}
}

func gemvRows(name string, v []reg.VecPhysical, bytes, rows int) {
	TEXT(name, NOSPLIT|NOFRAME, "func(y, x, w *float32, n, ldx, ldw int)")
	Pragma("noescape")
	y, x, w := Load(Param("y"), GP64()), Load(Param("x"), GP64()), Load(Param("w"), GP64())
	n, ldx := Load(Param("n"), GP64()), Load(Param("ldx"), GP64())
	t := &tile{half: 7, row: GP64(), row3: GP64(), row5: GP64(), a0: GP64(), a7: GP64()}
	Load(Param("ldw"), t.row)
	MOVQ(w, t.a0)
	LEAQ(Mem{Base: t.row, Index: t.row, Scale: 2}, t.row3)
	LEAQ(Mem{Base: t.row, Index: t.row, Scale: 4}, t.row5)
	LEAQ(Mem{Base: w, Index: t.row3, Scale: 2}, t.a7)
	ADDQ(t.row, t.a7)
	for i := range rows {
		VBROADCASTSS(Mem{Base: x}, v[i])
		ADDQ(ldx, x)
	}
	step := func(vectors int) {
		for j := range vectors {
			VMOVUPS(Mem{Base: y, Disp: bytes * j}, v[rows+j])
		}
		for i := range rows {
			for j := range vectors {
				m := t.aAddress(i)
				m.Disp = bytes * j
				VFMADD231PS(m, v[i], v[rows+j])
			}
		}
		for j := range vectors {
			VMOVUPS(v[rows+j], Mem{Base: y, Disp: bytes * j})
		}
		for _, p := range []reg.Register{y, t.a0, t.a7} {
			ADDQ(I32(bytes*vectors), p)
		}
	}
	const unroll = 4
	SUBQ(I32(unroll*bytes/4), n)
	JLT(LabelRef("tail"))
	Label("loop")
	step(unroll)
	SUBQ(I32(unroll*bytes/4), n)
	JGE(LabelRef("loop"))
	Label("tail")
	ADDQ(I32(unroll*bytes/4), n)
	JE(LabelRef("done"))
	Label("single")
	step(1)
	SUBQ(I32(bytes/4), n)
	JNE(LabelRef("single"))
	Label("done")
	VZEROUPPER()
	RET()
}
