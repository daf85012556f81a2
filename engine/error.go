package engine

import "fmt"

// Error is the one error that tensor code panics with. Every boundary (cell, Fit, jit entry,
// worker) recovers exactly this type and reports it without a Go stack trace.
type Error struct {
	Where string // operator, layer or method: "Conv2D"
	What  string // what is wrong, with the values, and what would work
}

// Error returns "Where: What".
func (e *Error) Error() string { return e.Where + ": " + e.What }

// Fail panics with an *Error.
func Fail(where, format string, args ...any) {
	panic(&Error{Where: where, What: fmt.Sprintf(format, args...)})
}

// Catch runs f and returns the *Error that it panics with, or nil. Other panics pass through.
func Catch(f func()) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *Error:
			err = r
		default:
			panic(r)
		}
	}()
	f()
	return nil
}
