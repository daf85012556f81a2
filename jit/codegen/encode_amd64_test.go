//go:build linux

package codegen

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/encodings.s, from which testdata/encodings.sh makes the golden file")

// mnemonics are the names of instructions on float32 and float64 ("": none there), and how their operands are
// written: D and S registers that are written and read, M a register or memory, m memory, i an immediate byte.
var mnemonics = []struct {
	i              instruction
	single, double string
	operands       string
	only           *isa // nil: both prefixes; else avx2 or avx512
}{
	{vadd, "vaddps", "vaddpd", "D S M", nil},
	{vmul, "vmulps", "vmulpd", "D S M", nil},
	{vsub, "vsubps", "vsubpd", "D S M", nil},
	{vmin, "vminps", "vminpd", "D S M", nil},
	{vdiv, "vdivps", "vdivpd", "D S M", nil},
	{vmax, "vmaxps", "vmaxpd", "D S M", nil},
	{vand, "vandps", "vandpd", "D S M", nil},
	{vor, "vorps", "vorpd", "D S M", nil},
	{vxor, "vxorps", "vxorpd", "D S M", nil},
	{vsqrt, "vsqrtps", "vsqrtpd", "D M", nil},
	{vmov, "vmovaps", "vmovapd", "D M", nil},
	{vload, "vmovups", "vmovupd", "D m", nil},
	{vstore, "vmovups", "vmovupd", "m D", nil},
	{vbcast, "vbroadcastss", "vbroadcastsd", "D m", nil},
	{vfma213, "vfmadd213ps", "vfmadd213pd", "D S M", nil},
	{vfma231, "vfmadd231ps", "vfmadd231pd", "D S M", nil},
	{vfms231, "vfmsub231ps", "vfmsub231pd", "D S M", nil},
	{vfnma231, "vfnmadd231ps", "vfnmadd231pd", "D S M", nil},
	{vfnms231, "vfnmsub231ps", "vfnmsub231pd", "D S M", nil},
	{vround, "vroundps", "vroundpd", "D M i", avx2},
	{vround, "vrndscaleps", "vrndscalepd", "D M i", avx512},
	{vfromInt, "vcvtdq2ps", "", "D M", nil},
	{vtoInt, "vcvtps2dq", "", "D M", nil},
	{vaddInt, "vpaddd", "vpaddq", "D S M", nil},
	{vsubInt, "vpsubd", "vpsubq", "D S M", nil},
	{vright, "vpsrld", "vpsrlq", "d R i", nil},
	{vrightSign, "vpsrad", "", "d R i", nil},
	{vleft, "vpslld", "vpsllq", "d R i", nil},
	{vscalef, "vscalefps", "vscalefpd", "D S M", avx512},
	{vrsqrt14, "vrsqrt14ps", "vrsqrt14pd", "D M", avx512},
	{vrcp14, "vrcp14ps", "vrcp14pd", "D M", avx512},
	{vcmp, "vcmpps", "vcmppd", "D S M i", avx2},
	{vcmp, "vcmpps", "vcmppd", "K S M i", avx512},
	{vblend, "vblendvps", "vblendvpd", "D S M 15", avx2},
	{vmaskLoad, "vmaskmovps", "vmaskmovpd", "D S m", avx2},
	{vmaskStore, "vmaskmovps", "vmaskmovpd", "m S D", avx2},
}

// Registers and addresses that every instruction is encoded with: low and high numbers, bases and indexes with
// forms of their own, displacements about the limits of a byte.
var (
	registerSets = [][3]int{{0, 1, 2}, {7, 8, 15}, {15, 7, 8}, {8, 15, 7}, {3, 12, 5}}
	highSets     = [][3]int{{16, 31, 24}, {31, 8, 16}, {8, 16, 31}}
	addresses    = []memory{
		{rdi, -1, 0, 0},
		{rax, rcx, 0, 0},
		{rdi, -1, 0, 8},
		{rdi, -1, 0, 64},
		{rdi, -1, 0, -128},
		{rdi, -1, 0, 127},
		{rdi, -1, 0, 128},
		{rdi, -1, 0, 8128},
		{rdi, -1, 0, 8192},
		{rdi, -1, 0, -8192},
		{rdi, -1, 0, -8200},
		{8, -1, 0, 4},
		{12, -1, 0, 0},
		{13, -1, 0, 0},
		{5, -1, 0, 0},
		{15, 14, 3, 512},
		{12, 9, 1, 100},
		{rdi, rdx, 2, 32},
		{rdi, rdx, 3, 1000},
		{13, 8, 2, 0},
	}
	integers = []string{
		"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
	}
)

func (m memory) String() string {
	s := "[" + integers[m.base]
	if m.index >= 0 {
		s += fmt.Sprintf("+%s*%d", integers[m.index], 1<<m.shift)
	}
	if m.disp != 0 {
		s += fmt.Sprintf("%+d", m.disp)
	}
	return s + "]"
}

// encodings lists instructions as text and as we encode them.
func encodings() (text []string, code [][]byte) {
	add := func(s string, b []byte) { text, code = append(text, s), append(code, b) }
	for _, i := range []*isa{avx2, avx2d, avx512, avx512d} {
		for _, n := range mnemonics {
			name := n.single
			if i.double {
				name = n.double
			}
			if name == "" || n.only != nil && n.only.name != i.name {
				continue
			}
			sets := registerSets
			if i.evex {
				sets = append(sets[:len(sets):len(sets)], highSets...)
			}
			for _, r := range sets {
				if !strings.Contains(n.operands, "m") {
					add(i.written(name, n.operands, r, i.register(r[2]), ""), i.encoded(n.i, n.operands, r, nil, false))
				}
			}
			if strings.Contains(n.operands, "R") {
				continue
			}
			for k, m := range addresses {
				r := sets[k%len(sets)]
				add(i.written(name, n.operands, r, m.String(), ""), i.encoded(n.i, n.operands, r, &m, false))
				if i.evex && strings.Contains(n.operands, "M") && n.i != vmov {
					word := map[bool]string{false: "dword ptr ", true: "qword ptr "}[i.double]
					repeated := fmt.Sprintf("{1to%d}", i.lanes)
					add(i.written(name, n.operands, r, word+m.String(), repeated), i.encoded(n.i, n.operands, r, &m, true))
				}
			}
		}
	}
	masked(add)
	steering(add)
	return text, code
}

func (i *isa) register(r int) string {
	if i.evex {
		return fmt.Sprintf("zmm%d", r)
	}
	return fmt.Sprintf("ymm%d", r)
}

// written is an instruction in the assembler's language.
func (i *isa) written(name, operands string, r [3]int, other, after string) string {
	var parts []string
	for _, o := range strings.Fields(operands) {
		switch o {
		case "D", "d":
			parts = append(parts, i.register(r[0]))
		case "S":
			parts = append(parts, i.register(r[1]))
		case "M", "m", "R":
			parts = append(parts, other+after)
		case "K":
			parts = append(parts, fmt.Sprintf("k%d", r[0]&7))
		case "i":
			parts = append(parts, "9")
		default:
			parts = append(parts, i.register(15))
		}
	}
	prefix := "{evex} "
	if !i.evex {
		prefix = "{vex3} "
	}
	return prefix + name + " " + strings.Join(parts, ", ")
}

func (i *isa) encoded(in instruction, operands string, r [3]int, m *memory, one bool) []byte {
	a := &assembler{isa: i}
	var imm []byte
	switch {
	case strings.Contains(operands, "i"):
		imm = []byte{9}
	case strings.Contains(operands, "15"):
		imm = []byte{15 << 4}
	}
	dst, src := r[0], r[1]
	if !strings.Contains(operands, "S") {
		src = 0
	}
	if strings.Contains(operands, "K") {
		dst &= 7
	}
	switch {
	case m != nil:
		a.rm(in, dst, src, *m, 0, false, one, imm...)
	case strings.Contains(operands, "d"):
		a.rr(in, 0, dst, r[2], 0, imm...)
	default:
		a.rr(in, dst, src, r[2], 0, imm...)
	}
	return a.b
}

// masked adds moves under mask registers.
func masked(add func(string, []byte)) {
	for _, i := range []*isa{avx512, avx512d} {
		suffix := map[bool]string{false: "ps", true: "pd"}[i.double]
		m := memory{rax, rcx, 0, 0}
		for _, r := range []int{0, 9, 30} {
			a := &assembler{isa: i}
			a.rm(vload, r, 0, m, 1, true, false)
			add(fmt.Sprintf("vmovu%s zmm%d{k1}{z}, %v", suffix, r, m), a.b)
			a = &assembler{isa: i}
			a.rm(vstore, r, 0, m, 1, false, false)
			add(fmt.Sprintf("vmovu%s %v{k1}, zmm%d", suffix, m, r), a.b)
			a = &assembler{isa: i}
			a.rr(vmov, r, 0, 31-r, 2)
			add(fmt.Sprintf("vmova%s zmm%d{k2}, zmm%d", suffix, r, 31-r), a.b)
		}
	}
}

func steering(add func(string, []byte)) {
	for _, s := range []struct {
		text string
		f    func(a *assembler)
	}{
		{"mov rax, [rdi]", func(a *assembler) { a.movPointer(rax, 0) }},
		{"mov rax, [rdi+120]", func(a *assembler) { a.movPointer(rax, 120) }},
		{"mov r9, [rdi+128]", func(a *assembler) { a.movPointer(9, 128) }},
		{"xor ecx, ecx", func(a *assembler) { a.zero(rcx) }},
		{"add rcx, 1000", func(a *assembler) { a.addImm(rcx, 1000) }},
		{"sub rdx, 1000", func(a *assembler) { a.subImm(rdx, 1000) }},
		{"cmp rdx, 1000", func(a *assembler) { a.cmpImm(rdx, 1000) }},
		{"neg rdx", func(a *assembler) { a.neg(rdx) }},
		{"mov eax, 0xffffffff; bzhi eax, eax, edx; kmovw k1, eax", func(a *assembler) { a.lowBits() }},
		{"vzeroupper; ret", func(a *assembler) { a.ret() }},
	} {
		a := &assembler{isa: avx2}
		s.f(a)
		add(s.text, a.b)
	}
}

// TestEncodingsAreThoseOfAnotherAssembler compares with what GNU as made of the same text.
func TestEncodingsAreThoseOfAnotherAssembler(t *testing.T) {
	text, code := encodings()
	const source, golden = "testdata/encodings.s", "testdata/encodings.golden"
	if *update {
		if err := os.WriteFile(source, []byte(strings.Join(text, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		t.Skip("now run testdata/encodings.sh")
	}
	b, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(bytes.TrimSpace(b)), "\n")
	if len(lines) != len(text) {
		t.Fatalf("%d instructions, of which %s has %d: run with -update, then testdata/encodings.sh", len(text), golden,
			len(lines))
	}
	for k, line := range lines {
		if have := fmt.Sprintf("%x\t%s", code[k], text[k]); have != line {
			t.Errorf("have %s\nwant %s", have, line)
		}
	}
}
