package source

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/codegen"
)

// expression is the form of elementwise operators: Def.CUDA for each element. Attributes that it names are
// arguments.
func expression(c *call) error {
	d := c.def
	if c.in[0].DType.IsComplex() && !takesComplex(d) {
		return fmt.Errorf("has no CUDA form for %v", c.in[0].DType)
	}
	e := each{name: d.Name, out: c.out[:1], in: c.in}
	var params strings.Builder
	for i := range c.in {
		fmt.Fprintf(&params, ", X%d %s", i, d.Inputs[i])
	}
	numbers, values := attributes(d.CUDA, c.attrs)
	for i, n := range numbers {
		fmt.Fprintf(&params, ", %s %s", values[i].kind, n)
	}
	e.numbers = values
	e.define = fmt.Sprintf("template <%s> DEVICE auto NAME_f(Fault fault%s) { (void)fault; return %s; }\n",
		typeList(len(c.in)), params.String(), d.CUDA)
	var list strings.Builder
	for i := range c.in {
		fmt.Fprintf(&list, ", v%d", i)
	}
	for i := range numbers {
		fmt.Fprintf(&list, ", a.c%d", i)
	}
	e.body = []string{"NAME_f(a.h.fault" + list.String() + ")"}
	if specials.MatchString(d.CUDA) {
		e.parts = []string{"special"}
	}
	e.plan(c)
	return nil
}

func typeList(n int) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = fmt.Sprintf("class X%d", i)
	}
	return strings.Join(parts, ", ")
}

// takesComplex reports whether the functions that d's expression calls exist for complex numbers.
func takesComplex(d *op.Def) bool {
	return len(d.Takes) > 0 && d.Takes[len(d.Takes)-1]&op.Complexes != 0 && !realOnly.MatchString(d.CUDA)
}

var (
	realOnly = regexp.MustCompile(`\b(exp|expm1|log|log1p|sqrt|rsqrt|sin|cos|tan|a?sinh?|a?cosh?|a?tanh?|tanh|` +
		`sigmoid|power|1)\b`)
	// specials are the functions of special.cuh.
	specials = regexp.MustCompile(`\b(inverse_\w+|scaled_erfc|bessel_i\d|zeta|polygamma|gamma_[pq])\(`)
	word     = regexp.MustCompile(`[A-Z]\w*`)
)

// number is an attribute as an argument.
type number struct {
	kind string
	bits Word
}

// attributes finds the fields of the attributes that an expression names.
func attributes(text string, a op.Attrs) (names []string, values []number) {
	if a == nil {
		return nil, nil
	}
	v := reflect.ValueOf(a)
	for _, n := range word.FindAllString(text, -1) {
		f := v.FieldByName(n)
		if !f.IsValid() {
			continue
		}
		var w args
		kind := "f64"
		if f.CanInt() {
			kind = "i64"
			w.ints(int(f.Int()))
		} else {
			w.floats(f.Float())
		}
		names, values = append(names, n), append(values, number{kind, w.words[0]})
	}
	return names, values
}

// each is a kernel that computes each element of its results from those of its operands at the same place.
type each struct {
	name    string
	parts   []string
	out, in []engine.Array
	numbers []number
	define  string   // functions that body calls, under names that begin with NAME
	before  string   // statements before results are stored
	body    []string // an expression in v0, v1 … for each result
}

// plan adds the launch to c.
func (e *each) plan(c *call) {
	n := e.out[0].Numel()
	if n == 0 {
		return
	}
	all := make([][]int, 0, len(e.out)+len(e.in))
	for _, x := range e.out {
		all = append(all, x.Strides)
	}
	for _, x := range e.in {
		all = append(all, x.Strides)
	}
	order := byStride(e.out[0])
	for i, s := range all {
		all[i] = permuted(s, order)
	}
	shape, strides := collapse(permuted(e.out[0].Shape, order), all...)
	a := (&args{c: c}).ints(n).ints(shape...)
	for i, x := range e.out {
		a.array(x).ints(strides[i]...)
	}
	for i, x := range e.in {
		if isNumber(x) {
			a.bits(element(x))
			continue
		}
		a.array(x).ints(strides[len(e.out)+i]...)
	}
	for _, v := range e.numbers {
		a.words = append(a.words, v.bits)
	}
	c.launch(e.kernel(len(shape), n), over(n), a)
}

// kernel prints the kernel for so many axes.
func (e *each) kernel(rank, n int) *Kernel {
	id := []any{e.name}
	for _, x := range append(append([]engine.Array(nil), e.out...), e.in...) {
		if isNumber(x) {
			id = append(id, "number")
		}
		id = append(id, x.DType)
	}
	name := named(append(id, rank, index(n))...)
	var b strings.Builder
	fmt.Fprintf(&b, "struct A_%s {\n  Head h;\n  i64 n, shape[%d];\n", name, rank)
	for i, x := range e.out {
		fmt.Fprintf(&b, "  Out<%s> y%d;\n  i64 ys%d[%d];\n", ctype(x.DType), i, i, rank)
	}
	for i, x := range e.in {
		if isNumber(x) {
			fmt.Fprintf(&b, "  u64 x%d;\n", i)
			continue
		}
		fmt.Fprintf(&b, "  In<%s> x%d;\n  i64 xs%d[%d];\n", ctype(x.DType), i, i, rank)
	}
	for i, v := range e.numbers {
		fmt.Fprintf(&b, "  %s c%d;\n", v.kind, i)
	}
	b.WriteString("};\n" + strings.ReplaceAll(e.define, "NAME", name))
	ix := index(n)
	fmt.Fprintf(&b, "KERNEL(%s, A_%s) {\n  for (%s i = first<%s>(); i < (%s)a.n; i += step<%s>()) {\n",
		name, name, ix, ix, ix, ix)
	for i, x := range e.in {
		if isNumber(x) {
			fmt.Fprintf(&b, "    auto v%d = widen(element<%s>(a.x%d));\n", i, ctype(x.DType), i)
			continue
		}
		fmt.Fprintf(&b, "    auto v%d = widen(a.x%d[place<%d>(i, a.shape, a.xs%d)]);\n", i, i, rank, i)
	}
	b.WriteString(strings.ReplaceAll(e.before, "NAME", name))
	for i, x := range e.out {
		fmt.Fprintf(&b, "    a.y%d[place<%d>(i, a.shape, a.ys%d)] = narrow<%s>(%s);\n", i, rank, i, ctype(x.DType),
			strings.ReplaceAll(e.body[i], "NAME", name))
	}
	b.WriteString("  }\n}\n")
	return &Kernel{Name: name, parts: append([]string{"math"}, e.parts...), body: b.String()}
}

// TakesNumber reports whether x, in the memory of the CPU, is one element that may be an operand of d.
func TakesNumber(d *op.Def, x engine.Array) bool { return forms()[d] == nil && isNumber(x) }

// isNumber reports whether x is one element in the memory of the CPU that fits in a word.
func isNumber(x engine.Array) bool {
	if x.Buf == nil || x.Buf.Device() != nil || x.Buf.Len() < x.DType.Size() || x.DType == engine.C128 {
		return false
	}
	for i, n := range x.Shape {
		if n > 1 && x.Strides[i] != 0 {
			return false
		}
	}
	return true
}

// element is the bits of a number.
func element(x engine.Array) uint64 {
	var w [8]byte
	n := x.DType.Size()
	copy(w[:], x.Buf.Bytes()[x.Offset*n:][:n])
	return binary.LittleEndian.Uint64(w[:])
}

// byStride lists the axes of x from the largest stride to the smallest.
func byStride(x engine.Array) []int {
	order := make([]int, len(x.Shape))
	for i := range order {
		order[i] = i
		for k := i; k > 0 && x.Strides[order[k-1]] < x.Strides[order[k]]; k-- {
			order[k-1], order[k] = order[k], order[k-1]
		}
	}
	return order
}

func permuted[S ~[]int](s S, order []int) S {
	r := make(S, len(order))
	for i, k := range order {
		r[i] = s[k]
	}
	return r
}

// Fused plans a loop of package jit/codegen: all its instructions for one element after the other.
func Fused(l *codegen.Loop, out, in []engine.Array) (*Plan, error) {
	var define, before strings.Builder
	seen := map[*op.Def]bool{}
	var parts []string
	for k := range l.Code {
		i := &l.Code[k]
		if specials.MatchString(i.Def.CUDA) {
			parts = []string{"special"}
		}
		if i.Def.CUDA == "" {
			return nil, fmt.Errorf("fused loop: %s has no CUDA form", i.Def.Name)
		}
		if !seen[i.Def] {
			seen[i.Def] = true
			fmt.Fprintf(&define, "template <class T> DEVICE T NAME_%s(Fault fault", i.Def.Name)
			for _, x := range i.Def.Inputs {
				fmt.Fprintf(&define, ", T %s", x)
			}
			fmt.Fprintf(&define, ") { (void)fault; return (T)(%s); }\n", i.Def.CUDA)
		}
		fmt.Fprintf(&before, "    %s v%d = NAME_%s(a.h.fault, v%d", ctype(l.DType), l.Inputs+k, i.Def.Name, i.A)
		if len(i.Def.Inputs) > 1 {
			fmt.Fprintf(&before, ", v%d", i.B)
		}
		before.WriteString(");\n")
	}
	e := each{
		name: "fused" + digest(before.String()), parts: parts, out: out, in: in, define: define.String(), before: before.String(),
	}
	for _, o := range l.Outputs {
		e.body = append(e.body, fmt.Sprintf("v%d", o))
	}
	c := &call{}
	e.plan(c)
	return &c.plan, nil
}
