// Package outcome is what executors say about a cell that they ran.
//
//	out := run(ctx)
//	if out.Err != nil {
//		fmt.Println(out.Err.Pos, out.Err.Msg)
//	}
//
// It neither runs cells (kernel/exact, kernel/yaegi) nor turns outcomes into messages (kernel).
package outcome

import (
	"go/token"
)

// Outcome is what running a program gave.
type Outcome struct {
	Values []any    // of the last expression
	Err    *Failure // nil when the cell ran to its end
}

// Failure is why a cell, or a goroutine that it started, did not run to its end.
type Failure struct {
	Kind        string // "panic", "interrupt", "error" or the type of the error
	Msg         string // one line
	Err         error  // what was panicked with, when it is an error
	Pos         token.Position
	Frames      []Frame // innermost first
	Interrupted bool
}

// Error is the message.
func (f *Failure) Error() string { return f.Msg }

// CellFunc is Frame.Func of the function that holds the statements of a cell.
const CellFunc = "cell"

// Frame is a function of a cell that was active.
type Frame struct {
	Func string
	Pos  token.Position // of the statement that it was at
}
