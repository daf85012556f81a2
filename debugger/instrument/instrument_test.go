package instrument_test

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/token"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/debugger/instrument"
	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/symbols"
)

// session returns a session with a table that puts calls into its cells.
func session() (*check.Session, *instrument.Table) {
	fset := token.NewFileSet()
	s := check.New(fset, check.Open(symbols.Exports()...), check.Options{Prelude: symbols.Prelude()})
	table := instrument.NewTable(func([]*instrument.Func) {})
	table.Use(fset)
	s.SetProbes(table)
	return s, table
}

// source prints the functions and statements of a program.
func source(t *testing.T, p *check.Program) string {
	t.Helper()
	var out bytes.Buffer
	write := func(n any) {
		if err := format.Node(&out, token.NewFileSet(), n); err != nil {
			t.Fatal(err)
		}
		out.WriteByte('\n')
	}
	for _, d := range p.Decls {
		write(d.Node)
	}
	for _, s := range p.Body {
		write(s)
	}
	return out.String()
}

const cell = `func f(a int) (r int) {
	if b := a; b > 1 {
		r = b
	} else {
		for range 2 {
		}
	}
	g := func() int { return a }
	return g()
}
x := 1
f(x)`

func TestEachStatementHasACallAndTheVariablesItSees(t *testing.T) {
	s, table := session()
	p, err := s.Check("cell 1", cell)
	if err != nil {
		t.Fatal(err)
	}
	text := source(t, p)
	if n := strings.Count(text, ".Line()"); n != 9 {
		t.Errorf("%d calls in\n%s", n, text)
	}
	var got []string
	for _, f := range table.Funcs() {
		for _, site := range f.Sites {
			line := f.Name + ":"
			for _, k := range site.Visible {
				line += " " + f.Slots[k].Name
				if f.Slots[k].Captured {
					line += "*"
				}
			}
			got = append(got, line)
		}
	}
	want := []string{"cell:", "cell:", "f: a r", "f: a r b", "f: a r b", "f: a r b", "f: a r", "f: a r g", "func literal in f: a*"}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	for _, f := range table.Funcs() {
		for _, slot := range f.Slots {
			if slot.Object() == nil {
				t.Errorf("%s: nothing is known of %s", f.Name, slot.Name)
			}
		}
	}
}

func TestFunctionsBecomePlainAgain(t *testing.T) {
	s, _ := session()
	p, err := s.Check("cell 1", cell)
	if err != nil {
		t.Fatal(err)
	}
	s.Commit(p)
	s.SetProbes(nil)
	again, err := s.Recheck("again")
	if err != nil {
		t.Fatal(err)
	}
	plain, _ := session()
	plain.SetProbes(nil)
	q, err := plain.Check("cell 1", cell)
	if err != nil {
		t.Fatal(err)
	}
	got, want := source(t, again), ""
	for _, d := range q.Decls {
		var b bytes.Buffer
		if err := format.Node(&b, token.NewFileSet(), d.Node.(ast.Node)); err != nil {
			t.Fatal(err)
		}
		want += b.String() + "\n"
	}
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestCellsWithoutProbesCarryNothing(t *testing.T) {
	s, _ := session()
	s.SetProbes(nil)
	p, err := s.Check("cell 1", cell)
	if err != nil {
		t.Fatal(err)
	}
	if text := source(t, p); strings.Contains(text, "ᐧ") {
		t.Error(text)
	}
}
