package check_test

import (
	"fmt"
	"go/token"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/symbols/std"
)

var library = check.Open(std.Exports)

func has(path, name string) bool {
	for key, symbols := range std.Symbols {
		if key[:strings.LastIndexByte(key, '/')] == path {
			_, ok := symbols[name]
			return ok
		}
	}
	return false
}

func session() *check.Session {
	return check.New(token.NewFileSet(), library, check.Options{
		Prelude: map[string]string{"fmt": "fmt", "strings": "strings", "math": "math", "slices": "slices"},
		Has:     has,
	})
}

// TestCells runs conversations: each cell of a case is checked and committed when it is right. A
// line of want says "ok" or holds the wanted parts of the error, separated by "|".
func TestCells(t *testing.T) {
	type step struct{ cell, want string }
	ok := func(cell string) step { return step{cell, "ok"} }
	for name, steps := range map[string][]step{
		"state is kept": {
			ok("x := 1"), ok("y := x + 1; fmt.Println(y)"), ok("func f() int { return x + y }"), ok("f()"),
		},
		"order within a cell": {
			ok("n := 3\nfunc f() int { return n }\nm := f()"),
			{"fmt.Println(q)\nq := 1", "line 1|undefined: q|declared in line 2"},
		},
		"a variable may be set from its older self": {
			ok("x := 1"), ok("x := float64(x) / 2"), ok("x + 0.5"), ok("var x = fmt.Sprint(x)"), ok("x + \"\""),
		},
		"positions": {
			{"x := 1\ny := x +\n  zz", "line 3|zz is unknown"},
			{"x := 1\nif x {\n}", "line 2|non-boolean"},
			{"fmt.Println(1,\n2", "line 2"},
			{"func f() {\n\treturn 1\n}", "line 2|too many return values"},
		},
		"suggestions": {
			ok("weights := []int{1}"),
			{"weigths", "weigths is unknown|did you mean weights (cell 1)?"},
			{"fmt.Printn(1)", "did you mean fmt.Print"},
			{"strings.toupper(\"a\")", "ToUpper"},
		},
		"operators on types with methods": {
			ok("type V struct{}\nfunc (v V) Add(o any) V { return v }"), ok("v := V{}"),
			{"v + v", "operator + not defined|use the method: v.Add(…)"},
			{"v * 2", "use the methods Add"},
			{"1.5 / v", "use the methods Add"},
			{"m := map[string]int{}\nm + m", "operator + not defined"},
		},
		"a failing cell changes nothing": {
			ok("x := 1"),
			{"x := \"a\"\ny := undefinedThing", "unknown"},
			ok("x + 1"),
			{"y", "y is unknown"},
		},
		"redefined function, same signature": {
			ok("func f() int { return 1 }"), ok("func g() int { return f() }"),
			ok("func f() int { return 2 }"), ok("g()"),
		},
		"redefined function, other signature": {
			ok("func f() int { return 1 }"), ok("func g() int { return f() }"),
			ok("func f() string { return \"\" }"),
			{"g()", "g (cell 2) no longer compiles since cell 3"},
			ok("func g() string { return f() }"), ok("g() + \"\""),
		},
		"redefined type": {
			ok("type T struct{ A int }"), ok("v := T{1}"), ok("func (t T) Get() int { return t.A }"),
			ok("v.Get()"),
			ok("type T struct{ B int }"),
			{"v.A", "v holds a T as it was before cell 5; run cell 2 again"},
			ok("v := T{2}"), ok("v.B"),
		},
		"the same type again keeps its values": {
			ok("type T struct{ A int }"), ok("v := T{1}"), ok("type T struct{ A int }\nfunc (t T) M() int { return 1 }"),
			ok("v.M() + v.A"), ok("func (t T) M() int { return 2 }"), ok("v.M()"),
		},
		"a variable changes its type": {
			ok("x := 1"), ok("func f() int { return x }"), ok("x := 2"), ok("f()"), ok("x := \"s\""),
			{"f()", "f (cell 2) no longer compiles since cell 5"},
		},
		"shadowed prelude": {
			ok("fmt.Println(1)"), ok("func p() { fmt.Println(2) }"), ok("fmt := 3"), ok("fmt + 1"), ok("p()"),
			ok("import \"fmt\""), ok("fmt.Println(4)"),
		},
		"imports": {
			ok("import \"math/rand\""), ok("rand.Intn(3)"),
			{"import \"math/rnad\"", "not part of this kernel"},
			ok("import r2 \"math/rand/v2\"\nr2.IntN(3)"),
		},
		"unused things are no errors": {
			ok("func f() { x := 1 }"), ok("import \"os\""), ok("for i := 0; i < 1; i++ { y := i }"),
		},
		"last value": {ok("1 + 1"), ok("len(\"abc\")"), {"len(\"abc\")\nfmt.Println()", "not used"}},
		"err is reused": {
			ok("a, err := fmt.Println(1)\nb, err := fmt.Println(2)\nfmt.Println(a, b, err)"),
			{"a := 1\na := 2", "no new variables"},
		},
		"a whole program":               {ok("package main\n\nimport \"fmt\"\n\nfunc main() {\n\tfmt.Println(1)\n}\n")},
		"compiled generics are refused": {{"slices.Max([]int{1})", "slices.Max is generic"}},
		"recursion": {
			ok("func even(n int) bool { return n == 0 || odd(n-1) }\nfunc odd(n int) bool { return n != 0 && even(n-1) }"),
			ok("fs := []func(){a}\nfunc a() { fmt.Println(len(fs)) }"),
		},
		"methods on a later cell's interface": {
			ok("type A interface{ M() int }"), ok("type B struct{}"), ok("func (b *B) M() int { return 1 }"),
			ok("var a A = &B{}"), ok("func (b *B) N() int { return 2 }"), ok("a.M() + (&B{}).N()"),
		},
		"constants": {
			ok("const (\n\tA = iota\n\tB\n)"), ok("var arr [B + 1]int"), ok("const B = 7"), ok("A + B"),
		},
		"generics": {
			ok("type Stack[T any] struct{ items []T }\nfunc (s *Stack[T]) Push(x T) { s.items = append(s.items, x) }"),
			ok("s := &Stack[int]{}"), ok("s.Push(1)"), ok("func Map[T, U any](xs []T, f func(T) U) (out []U) { return }"),
			ok("Map([]int{1}, func(i int) string { return \"\" })"),
			ok("func (s *Stack[T]) Len() int { return len(s.items) }"), ok("s.Len()"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := session()
			for i, st := range steps {
				p, err := s.Check("cell "+string(rune('1'+i)), st.cell)
				if err == nil {
					s.Commit(p)
				}
				if (err == nil) != (st.want == "ok") {
					t.Fatalf("cell %d %q: error %v, want %s", i+1, st.cell, err, st.want)
				}
				for part := range strings.SplitSeq(st.want, "|") {
					if err != nil && !strings.Contains(err.Error(), part) {
						t.Errorf("cell %d %q: error %q lacks %q", i+1, st.cell, err, part)
					}
				}
			}
		})
	}
}

// A cell that is over keeps nothing of the cells before it, whatever the session has become.
func TestCommittedCellsKeepOnlyTheirOwnNames(t *testing.T) {
	s := session()
	for i, text := range []string{"a := 1", "func f() int { return a }", "type T struct{ n int }"} {
		p, err := s.Check(fmt.Sprint("cell ", i), text)
		if err != nil {
			t.Fatal(err)
		}
		s.Commit(p)
	}
	p, err := s.Check("cell 9", "b := f() + a + T{1}.n")
	if err != nil {
		t.Fatal(err)
	}
	if names := p.Pkg.Scope().Names(); len(names) < 4 {
		t.Errorf("the cell sees %v", names)
	}
	s.Commit(p)
	if names := p.Pkg.Scope().Names(); len(names) != 1 || names[0] != "b" {
		t.Errorf("the package keeps %v", names)
	}
	if _, err := s.Check("cell 10", "b + f()"); err != nil {
		t.Error(err)
	}
}

func TestAPackageHoldsWhatTheCellMentions(t *testing.T) {
	s := session()
	commit := func(cell string) *check.Program {
		p, err := s.Check("cell", cell)
		if err != nil {
			t.Fatal(err)
		}
		s.Commit(p)
		return p
	}
	for i := range 300 {
		commit(fmt.Sprintf("type T%d int\nx%d := %d\nfunc f%d() int { return x%d }", i, i, i, i, i))
	}
	p := commit("f7() + x8")
	if names := p.Pkg.Scope().Names(); len(names) != 0 {
		t.Errorf("the package keeps %v after the cell was committed", names)
	}
	q, err := s.Check("last", "f7() + x8")
	if err != nil {
		t.Fatal(err)
	}
	if names := q.Pkg.Scope().Names(); fmt.Sprint(names) != "[f7 x8]" {
		t.Errorf("the package of a cell that mentions f7 and x8 has %v", names)
	}
	q.Complete()
	if n := q.Pkg.Scope().Len(); n != 302 {
		t.Errorf("a completed package has %d names, want f7, x8 and 300 types", n)
	}
}
