// Package optest is the conformance harness of operators: being registered means being tested.
//
//	for _, d := range op.Defs() {
//		t.Run(d.Name, func(t reporter) { optest.Run(t, d) })
//	}
//
// Run checks every Case of a definition: documentation; the same values in f32 and f64, for any strides,
// in place, as a view, and on every level of the CPU; every dtype that Takes promises; what NaN does; the
// gradient and its own gradient against central differences; that the gradient rule reads only what Saves
// declares, also when another Builder records it and the record is replayed; and errors that name the
// operator and its operands.
//
// It does not know what an operator should compute: that is checked against recorded results of PyTorch
// (internal/conform).
package optest

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/engine/op"
)

// reporter is the part of *testing.T that checks use.
type reporter interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Run checks d.
func Run(t *testing.T, d *op.Def) {
	t.Helper()
	if !checkDef(t, d) {
		return
	}
	for _, c := range d.Cases() {
		t.Run(c.Name, func(t *testing.T) { checkCase(t, d, c) })
	}
}

// checkDef checks d as a whole; false: its cases cannot be run.
func checkDef(t reporter, d *op.Def) bool {
	t.Helper()
	if !documented(t, d) {
		return false
	}
	badInput(t, d)
	dtypes(t, d)
	nanIsDocumented(t, d)
	large(t, d)
	return true
}

func checkCase(t reporter, d *op.Def, c op.Case) {
	t.Helper()
	in := operands(d, c)
	want := result(t, d, c, in)
	precision(t, d, c, in, want)
	layoutsAgree(t, d, c, in, want)
	repeatsAgree(t, d, c, in)
	viewsAgree(t, d, c, in, want)
	inPlace(t, d, c, in, want)
	levelsAgree(t, d, c, in)
	if d.Grad != nil && !c.NoGrad {
		gradient(t, d, c, in)
	}
}

// documented checks what the generated table and the reader need.
func documented(t reporter, d *op.Def) bool {
	ok := true
	want := func(is bool, what string, args ...any) {
		t.Helper()
		if !is {
			ok = false
			t.Errorf(d.Name+": "+what, args...)
		}
	}
	want(strings.HasPrefix(d.Doc, d.Name+" "), "Doc starts with the name, got %q", d.Doc)
	want(strings.HasSuffix(d.Doc, "."), "Doc ends with a full stop, got %q", d.Doc)
	want(len(d.Cases()) > 0, "has no Cases; an operator without an example is not tested")
	want(d.CPU != nil, "has no CPU kernel")
	want(d.Tol == (op.Tolerance{}) || d.Tol.Reason != "", "a tolerance needs its reason")
	empty, names := len(d.Inputs) == 0, map[string]bool{}
	for _, c := range d.Cases() {
		want(!names[c.Name], "two cases are called %q", c.Name)
		names[c.Name] = true
		for _, x := range c.In {
			empty = empty || x.Shape.Numel() == 0
		}
		want(fmt.Sprintf("%T", c.Attrs) == fmt.Sprintf("%T", d.Attrs), "case %q has attributes %T, want %T",
			c.Name, c.Attrs, d.Attrs)
	}
	want(empty, "no case has an empty operand")
	return ok
}

func result(t reporter, d *op.Def, c op.Case, in []engine.Array) []engine.Array {
	t.Helper()
	outs, err := run(d, c.Attrs, c.In, in)
	if err != nil {
		t.Fatalf("%v", err)
	}
	if len(outs) != len(d.Outputs) {
		t.Fatalf("%s: %d results, Outputs names %d", d.Name, len(outs), len(d.Outputs))
	}
	return outs
}

// tolerance is how far results of dtype t may differ, relative to max(|b|, 1).
func tolerance(d *op.Def, t engine.DType) float64 {
	rel := func(v, otherwise float64) float64 {
		if v == 0 {
			return otherwise
		}
		return v
	}
	switch t {
	case engine.F64, engine.C128:
		return rel(d.Tol.Rel64, 1e-12)
	case engine.F32, engine.C64:
		return rel(d.Tol.Rel32, 1e-6)
	case engine.F16:
		return 2e-3
	case engine.BF16:
		return 1e-2
	}
	return 0
}

// same compares got with want; NaN equals NaN.
func same(t reporter, what string, got, want []engine.Array, tol func(engine.DType) float64) {
	t.Helper()
	for k := range want {
		if !got[k].Shape.Equal(want[k].Shape) {
			t.Errorf("%s: result %d is %v, want %v", what, k, got[k], want[k])
			return
		}
		limit := tol(got[k].DType)
		if i, g, w := differ(floats(got[k]), floats(want[k]), limit); i >= 0 {
			t.Errorf("%s: result %d %v, element %d is %v, want %v (tolerance %g)", what, k, got[k], i,
				g, w, limit)
			return
		}
	}
}

// differ finds the first element of g that is not w; −1: none.
func differ(got, want []float64, limit float64) (int, float64, float64) {
	for i, w := range want {
		g := got[i]
		if g == w || g != g && w != w {
			continue
		}
		if !(math.Abs(g-w) <= limit*max(math.Abs(w), 1)) {
			return i, g, w
		}
	}
	return -1, 0, 0
}

// precision compares f32 with f64.
func precision(t reporter, d *op.Def, c op.Case, in, want []engine.Array) {
	t.Helper()
	if len(c.In) == 0 { // random numbers differ between dtypes; they are functions of their attributes
		same(t, "a second run", result(t, d, c, in), want, func(engine.DType) float64 { return 0 })
		return
	}
	c64, in64 := inF64(c, in)
	same(t, "against f64", want, result(t, d, c64, in64),

		func(e engine.DType) float64 { return tolerance(d, e) })
}

func layoutsAgree(t reporter, d *op.Def, c op.Case, in, want []engine.Array) {
	t.Helper()
	for _, l := range layouts {
		other := make([]engine.Array, len(in))
		for i, x := range in {
			other[i] = l.of(x)
		}
		same(t, l.name, result(t, d, c, other), want,
			func(e engine.DType) float64 { return tolerance(d, e) })
	}
}

// repeatsAgree gives operands whose first axis repeats one slice with stride 0, as gradients of sums do.
func repeatsAgree(t reporter, d *op.Def, c op.Case, in []engine.Array) {
	t.Helper()
	repeated, copied := make([]engine.Array, len(in)), make([]engine.Array, len(in))
	for i, x := range in {
		if len(x.Shape) > 0 && x.Shape[0] > 1 {
			x = x.Slice(0, 0, 1, 1).Expand(x.Shape)
		}
		repeated[i], copied[i] = x, packed(x)
	}
	same(t, "repeated", result(t, d, c, repeated), result(t, d, c, copied),
		func(e engine.DType) float64 { return tolerance(d, e) })
}

// viewsAgree compares the view of an operator that has one with what its kernel copies.
func viewsAgree(t reporter, d *op.Def, c op.Case, in, want []engine.Array) {
	t.Helper()
	if d.View == nil {
		return
	}
	for _, l := range layouts {
		x := l.of(in[0])
		v, ok := d.View(c.Attrs, x, op.Type{DType: want[0].DType, Shape: want[0].Shape})
		if !ok {
			continue
		}
		if v.Buf != x.Buf {
			t.Errorf("view of a %s operand does not share its storage", l.name)
		}
		same(t, "view of a "+l.name+" operand", []engine.Array{v}, want,
			func(engine.DType) float64 { return 0 })
	}
}

// inPlace runs elementwise operators and optimizer steps with result i over operand i.
func inPlace(t reporter, d *op.Def, c op.Case, in, want []engine.Array) {
	t.Helper()
	r, _ := d.Resolve(c.Attrs, c.In)
	step := len(d.Outputs) > 1 && d.Outputs[0] == d.Inputs[0]
	if !d.Elementwise && !step {
		return
	}
	arrays, outs := make([]engine.Array, len(in)), make([]engine.Array, len(r.Out))
	for i, x := range in {
		x = convert(x, r.DType[i])
		if d.Elementwise {
			x = x.Expand(r.Shape)
		}
		arrays[i] = copyInto(engine.NewArray(x.DType, x.Shape), x)
	}
	for i, o := range r.Out {
		if outs[i] = arrays[i]; o.DType != arrays[i].DType {
			return
		}
	}
	if err := engine.Catch(func() { d.CPU(c.Attrs, outs, arrays) }); err != nil {
		t.Errorf("in place: %v", err)
	}
	same(t, "in place", outs, want,
		func(e engine.DType) float64 { return tolerance(d, e) })
}

// levelsAgree compares every level of the CPU with portable code.
func levelsAgree(t reporter, d *op.Def, c op.Case, in []engine.Array) {
	t.Helper()
	defer cpu.SetLevel(cpu.Level())
	var want []engine.Array
	for _, level := range append([]string{"portable"}, cpu.Levels()...) {
		if err := cpu.SetLevel(level); err != nil {
			t.Fatalf("%v", err)
		}
		got := result(t, d, c, in)
		if want == nil {
			want = got
		}
		same(t, "level "+level, got, want,
			func(e engine.DType) float64 { return tolerance(d, e) })
	}
}
