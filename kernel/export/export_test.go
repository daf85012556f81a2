package export_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/export"
	"github.com/lathe-ml/lathe/kernel/symbols/std"
)

// What exported programs print is tested by kernel/exectest, whose outputs are recorded from them.

func program(t *testing.T, cells ...string) (string, error) {
	t.Helper()
	lib := check.Open(std.Exports)
	s := check.New(token.NewFileSet(), lib, check.Options{Prelude: map[string]string{"fmt": "fmt"}})
	var list []export.Cell
	for i, c := range cells {
		list = append(list, export.Cell{Name: "cell " + string(rune('1'+i)), Text: c})
	}
	text, err := export.Program(s, list, export.Options{})
	return string(text), err
}

func TestACellBecomesAFunctionAndItsVariablesThoseOfThePackage(t *testing.T) {
	got, err := program(t, "x := 1", "x + 1")
	want := `package main

import fmt "fmt"

var x int

func main() {
	cell1()
	cell2()
}

func cell1() {
	x = 1
}

func cell2() {
	fmt.Println(x + 1)
}
`
	if err != nil || got != want {
		t.Errorf("got\n%s\n%v\nwant\n%s", got, err, want)
	}
}

func TestAFunctionThatIsDefinedAgainBecomesAVariable(t *testing.T) {
	got, err := program(t, "func f() int { return 1 }", "func f() int { return 2 }")
	if err != nil || !strings.Contains(got, "var f func() int") || !strings.Contains(got, "\tf = f_3\n") {
		t.Errorf("got\n%s\n%v", got, err)
	}
}

func TestVariablesThatNothingUsesAreUsed(t *testing.T) {
	got, err := program(t, `func f(v any, c chan int) {
	a, b := 1, 2
	var d int
	for i, x := range []int{1} {
	}
	if e := 1; true {
	}
	switch y := v.(type) {
	case int:
	}
	select {
	case z := <-c:
	default:
	}
	g := func() { h := 1 }
	switch k := 1; {
	}
L:
	for {
	}
}`)
	for _, want := range []string{
		"_ = a\n", "_ = b\n", "_ = d\n", "_ = i\n", "_ = x\n", "_ = e\n", "switch v.(type)", "_ = z\n", "_ = g\n", "_ = h", "switch _ = 1; {",
	} {
		if err != nil || !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s\n%v", want, got, err)
		}
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "main.go", got, 0)
	if err != nil {
		t.Fatal(err)
	}
	conf := types.Config{}
	if _, err := conf.Check("main", fset, []*ast.File{file}, nil); err != nil {
		t.Errorf("%v\n%s", err, got)
	}
}

func TestWhatCannotBeExportedIsSaid(t *testing.T) {
	_, err := program(t, "type T int\nfunc (T) M() {}", "func (T) M() int { return 1 }")
	if err == nil || !strings.Contains(err.Error(), "the method T.M was defined again with another signature") {
		t.Errorf("%v", err)
	}
	if _, err = program(t, "nope"); err == nil || !strings.Contains(err.Error(), "nope is unknown") {
		t.Errorf("%v", err)
	}
}
