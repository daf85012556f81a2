// Package probe is what cells call when a debugger is attached: debugger/instrument inserts the
// calls, debugger answers them.
//
//	ᐧf := probe.Enter(17)             // at the beginning of a function
//	defer ᐧf.Exit()
//	ᐧf.Vars[0] = &x                   // where x is declared
//	if ᐧf.At = 204; *ᐧf.Hot != 0 {    // before a statement
//		ᐧf.Line()
//	}
//
// It is a leaf that knows neither cells nor protocols. Cells without a debugger do not use it.
package probe

import "sync/atomic"

// Frame is an active function of a cell. It belongs to its goroutine; others read it while that one
// is parked by the Handler.
type Frame struct {
	At   int     // number of the statement that runs
	Hot  *uint32 // not 0: the Handler wants to see each statement
	Vars []any   // addresses of the variables that were declared so far, by slot

	Func   int    // number of the function
	Up     *Frame // the function that was active on the goroutine before
	Depth  int    // functions below
	Thread any    // the Handler's notion of the goroutine
}

// Handler is a debugger.
type Handler interface {
	// Enter begins a function on the goroutine with that identity.
	Enter(fn int, goroutine uintptr) *Frame
	// Exit ends it, also when it panics.
	Exit(f *Frame)
	// Line is called before a statement of a function that is hot.
	Line(f *Frame)
}

type box struct{ h Handler }

var handler atomic.Pointer[box]

// Install makes h answer the calls of cells. Code that was instrumented keeps calling, so there is
// no way back but another Handler.
func Install(h Handler) { handler.Store(&box{h}) }

// Enter begins a function.
func Enter(fn int) *Frame { return handler.Load().h.Enter(fn, goroutine()) }

// Exit ends the function.
func (f *Frame) Exit() { handler.Load().h.Exit(f) }

// Line is called before a statement.
func (f *Frame) Line() { handler.Load().h.Line(f) }

// Heat sets the word that Hot of frames points to. Cells read it without synchronization, which the
// race detector is not to be told: a statement later is early enough.
//
//go:norace
func Heat(word *uint32, on bool) {
	*word = 0
	if on {
		*word = 1
	}
}

// Goroutine returns an identity of the calling goroutine, stable while that lives.
func Goroutine() uintptr { return goroutine() }
