package check_test

import (
	"go/token"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/kernel/check"
)

// Errors of syntax are told in the terms of the cell: never a line or a bracket that it lacks.
func TestSyntaxErrorsStandInsideTheCell(t *testing.T) {
	for _, c := range []struct {
		cell, want string
		line, col  int
	}{
		{"x := ", "expected operand, found 'EOF'", 1, 5},
		{"y := 1\nx := 1 +\n\n", "expected operand, found 'EOF'", 2, 9},
		{"func f() {", "expected '}', found 'EOF': the '{' of line 1 is not closed", 1, 11},
		{"if x {\n\ty()\n", "expected '}', found 'EOF': the '{' of line 1 is not closed", 2, 5},
		{"\"abc", "string literal not terminated", 1, 1},
		{"s := `a\nb", "raw string literal not terminated", 1, 6},
		{"a.", "expected selector or type assertion, found 'EOF'", 1, 3},
		{"f(", "expected ')', found 'EOF': the '(' of line 1 is not closed", 1, 3},
		{"1\n/* open", "comment not terminated", 2, 1},
		{"}", "unexpected '}': nothing before it is open", 1, 1},
		{"1\n)", "unexpected ')': nothing before it is open", 2, 1},
		{"f(1]", "expected ')' for the '(' of line 1, found ']'", 1, 4},
		{"@", "illegal character U+0040 '@'", 1, 1},
		{"var", "expected a name, found 'EOF'", 1, 4},
		{"type T", "expected type, found 'EOF'", 1, 7},
		{"\té := 1; x = = 2", "expected operand, found '='", 1, 15},
		{"x := 1\r\ny := = 2\r\n", "expected operand, found '='", 2, 6},
		{"import \"gihtub.com/foo/bar\"", "cells can import the standard library", 1, 8},
		{"import \"mth\"", "did you mean \"math\"?", 1, 8},
	} {
		_, err := check.New(token.NewFileSet(), library, check.Options{}).Check("cell 1", c.cell)
		list, _ := err.(check.Errors)
		if len(list) != 1 {
			t.Errorf("%q: %v, want one error", c.cell, err)
			continue
		}
		if p := list[0].Pos; !strings.Contains(list[0].Msg, c.want) || p.Line != c.line || p.Column != c.col {
			t.Errorf("%q: line %d column %d: %s; want line %d column %d: %s",
				c.cell, p.Line, p.Column, list[0].Msg, c.line, c.col, c.want)
		}
	}
}

func TestCellsWithoutStatementsAreNoErrors(t *testing.T) {
	for _, cell := range []string{
		"", " \n\t\n", "// only\n/* comments */", "package main", ";", "import _ \"image/png\"",
		"package main\r\n\r\nimport (\r\n\t\"fmt\"\r\n)\r\n\r\nfunc main() {\r\n\tfmt.Print()\r\n}\r\n",
	} {
		if _, err := check.New(token.NewFileSet(), library, check.Options{}).Check("cell 1", cell); err != nil {
			t.Errorf("%q: %v", cell, err)
		}
	}
}
