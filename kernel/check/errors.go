package check

import (
	"fmt"
	"go/token"
	"strings"
)

// Error is what the checker has against a cell, at a place in it. Pos.Filename is the name of the
// cell ("cell 4"); lines and columns are those of the cell.
type Error struct {
	Pos    token.Position
	Msg    string
	Hint   string // "did you mean xs?", or ""
	Syntax bool   // the cell does not parse
}

// Error formats the error as "cell 4 line 2: what; hint".
func (e *Error) Error() string {
	s := fmt.Sprintf("%s line %d: %s", e.Pos.Filename, e.Pos.Line, e.Msg)
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// Errors is every error of a cell, in source order.
type Errors []*Error

// Error lists the errors, one a line.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, x := range e {
		lines[i] = x.Error()
	}
	return strings.Join(lines, "\n")
}
