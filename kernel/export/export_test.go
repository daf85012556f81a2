package export_test

import (
	"go/token"
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

func TestWhatCannotBeExportedIsSaid(t *testing.T) {
	_, err := program(t, "type T int\nfunc (T) M() {}", "func (T) M() int { return 1 }")
	if err == nil || !strings.Contains(err.Error(), "the method T.M was defined again with another signature") {
		t.Errorf("%v", err)
	}
	if _, err = program(t, "nope"); err == nil || !strings.Contains(err.Error(), "nope is unknown") {
		t.Errorf("%v", err)
	}
}
