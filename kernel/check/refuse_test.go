package check

import (
	"fmt"
	"go/token"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/kernel/symbols/std"
)

// go/types calls these errors soft: a compiler may go on, but the program cannot run.
func TestErrorsThatGoTypesCallsSoftAreErrors(t *testing.T) {
	for _, c := range []struct{ cell, want string }{
		{"type S struct{}\nfor range (&S{}) { }", "cannot range over"},
		{"for v := range 3.5 { _ = v }", "cannot range over 3.5"},
		{"for i, v := range 10 { _, _ = i, v }", "permits only one iteration variable"},
		{"func f[T int | float64](x T) {}\nf(\"a\")", "string does not satisfy int | float64"},
		{"type Set[T comparable] map[T]bool\nvar s Set[func()]", "func() does not satisfy comparable"},
		{"type N interface{ ~int }\nvar n N", "outside a type constraint"},
		{"func f() { goto L; y := 1; _ = y; L: }", "jumps over variable declaration"},
		{"func f() { goto L; { L: } }", "jumps into block"},
		{"func f() int { b := 1; b := 2; return b }", "no new variables"},
		{"for i := 0; i < 3; j := 2 { }", "cannot declare in post statement"},
		{"func init[T any]() {}", "must have no type parameters"},
	} {
		_, err := New(token.NewFileSet(), Open(), Options{}).Check("cell 1", c.cell)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q gave %v, want %q", c.cell, err, c.want)
		}
	}
	for _, cell := range []string{"func f() { x := 1; L: for { break } }", "x := 1", "import \"fmt\""} {
		if _, err := New(token.NewFileSet(), Open(), Options{}).Check("cell 1", cell); err != nil && !strings.Contains(err.Error(), "fmt") {
			t.Errorf("%q gave %v", cell, err)
		}
	}
}

func TestHintsNameWhatWouldWork(t *testing.T) {
	o := Options{Prelude: map[string]string{"net": "net", "fmt": "fmt"}, Peer: func(name string) string {
		if name == "torch.nn.Linear" {
			return "it is nn.NewLinear here"
		}
		return ""
	}}
	s := New(token.NewFileSet(), Open(std.Exports), o)
	const tensor = "type T struct{}\nfunc (T) Add(T) T { return T{} }\n"
	if _, err := s.Check("cell 1", tensor); err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct{ cell, want string }{
		{"l := torch.nn.Linear(1, 2)", "torch is unknown; it is nn.NewLinear here"},
		{tensor + "x := T{}\nx[0]", "x.Index(i)"},
		{tensor + "x := T{}\nlen(x)", "x.Size(0)"},
		{tensor + "x := T{}\nfor range x {}", "range over x.Size(0)"},
		{"x", "it is declared in cell 5, which does not compile"},
		{"q", "q is unknown"},
		{"net := q.New()", "q is unknown"},
		{"net.Eval()", "net is unknown; it is declared in cell 8, which does not compile"},
		{"fmt.Println(net)", "net is unknown; it is declared in cell 8, which does not compile"},
		{"net.IPv9()", "net is unknown; it is declared in cell 8"},
	} {
		_, err := s.Check(fmt.Sprint("cell ", i+2), c.cell)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q gave %v, want %q", c.cell, err, c.want)
		}
	}
}
