package engine

import "sync/atomic"

var interruption atomic.Pointer[Error]

// Interrupt makes every tensor operation of the process that runs, or begins, panic with an *Error that
// gives the reason, until Resume: the long ones between two of their chunks. What an operation in place has
// changed stays changed. A notebook kernel calls it to end a cell, and Resume before the next.
func Interrupt(reason string) {
	interruption.Store(&Error{Where: "interrupted", What: reason})
}

// Resume lets operations run again after Interrupt.
func Resume() { interruption.Store(nil) }

// Check panics with an *Error after Interrupt. Parallel calls it; a long loop that does without Parallel
// calls it some times in a second.
func Check() {
	if e := interruption.Load(); e != nil {
		panic(e)
	}
}
