package check_test

import (
	"fmt"
	"go/token"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/kernel/check"
)

// These compile for go/types in pieces, or are refused by the compiler behind it.
func TestCyclesOfACellAreErrors(t *testing.T) {
	for _, c := range []struct{ cell, want string }{
		{"var x = f()\nfunc f() int { return x }", "line 1: initialization cycle for x: x refers to f, f refers to x; a statement with := sets it in its turn"},
		{"func f() int { return x }\nvar x int = f()\nx++", "line 2: initialization cycle for x"},
		{"package main\nvar f = func() { f() }\nfunc main() {}", "line 2: initialization cycle: f refers to itself"},
		{"package main\nvar a = b\nvar b = c()\nfunc c() int { return a }\nfunc main() {}", "a refers to b, b refers to c, c refers to a"},
		{"type T struct{}\nfunc (T) m() int { return x }\nvar x = T{}.m()", "initialization cycle for x"},
		{"const A = B\nconst B = A", "initialization cycle for A"},
		{"const a = a", "initialization cycle: a refers to itself"},
		{"type A interface{ M(interface{ A }) }", "anonymous interface refers to itself"},
		{"import \"strings\"\nimport strings \"bytes\"", `line 2: strings redeclared in this block: it is the name of "strings", too`},
	} {
		_, err := check.New(token.NewFileSet(), library, check.Options{}).Check("cell 1", c.cell)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q gave %v, want %q", c.cell, err, c.want)
		}
	}
	s := check.New(token.NewFileSet(), library, check.Options{})
	for i, cell := range []string{
		"func f() int { return x }\nx := f()", // statements have an order
		"x := 1\nfunc f() int { return x }",
		"var x = f() + 1", // the older f
		"func f(n int) int { if n == 0 { return 0 }; return f(n-1) }\nvar y = f(3)",
		"type I interface{ M(interface{ N() I }) I }\ntype L []L",
	} {
		p, err := s.Check(fmt.Sprint("cell ", i+1), cell)
		if err != nil {
			t.Errorf("%q gave %v", cell, err)
			continue
		}
		s.Commit(p)
	}
}
