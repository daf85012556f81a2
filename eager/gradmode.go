package eager

import (
	"sync"
	"sync/atomic"

	"github.com/lathe-ml/lathe/engine"
)

// noGradScopes counts NoGrad calls in progress in the whole process; while it is 0 no look-up is made.
var noGradScopes atomic.Int64

// noGradDepth holds the NoGrad nesting of each goroutine that is inside one.
var noGradDepth sync.Map // goroutine identity → int

// NoGrad runs f without recording on the tape, as in evaluation and parameter updates. It holds for the
// calling goroutine only, also when f panics; goroutines that f starts record as usual.
func NoGrad(f func()) {
	if f == nil {
		engine.Fail("NoGrad", "f is a nil func")
	}
	g := goroutine()
	depth := 1
	if d, ok := noGradDepth.Load(g); ok {
		depth = d.(int) + 1
	}
	noGradDepth.Store(g, depth)
	noGradScopes.Add(1)
	defer func() {
		noGradScopes.Add(-1)
		if depth == 1 {
			noGradDepth.Delete(g)
		} else {
			noGradDepth.Store(g, depth-1)
		}
	}()
	f()
}

// EnableGrad runs f with recording on, also inside NoGrad, for the calling goroutine.
func EnableGrad(f func()) {
	if f == nil {
		engine.Fail("EnableGrad", "f is a nil func")
	}
	g := goroutine()
	depth, off := noGradDepth.Load(g)
	if off {
		noGradDepth.Delete(g)
		defer noGradDepth.Store(g, depth)
	}
	f()
}

// GradEnabled reports whether operators of the calling goroutine are recorded.
func GradEnabled() bool { return gradEnabled() }

func gradEnabled() bool {
	if noGradScopes.Load() == 0 {
		return true
	}
	_, off := noGradDepth.Load(goroutine())
	return !off
}

// recording says what becomes of an operator.
type recording uint8

const (
	insidePass     recording = iota // a backward pass that is not recorded runs it
	recordsNothing                  // it runs inside NoGrad
	recordsTape
)

// recorded says what becomes of operators of the calling goroutine.
func recorded() recording {
	if gradEnabled() {
		return recordsTape
	}
	return recordsNothing
}

// recordedIf says what becomes of operators of a backward pass.
func recordedIf(on bool) recording {
	if on {
		return recordsTape
	}
	return insidePass
}
