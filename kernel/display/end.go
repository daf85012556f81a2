package display

import "sync"

// waiting holds what AtEnd registered.
var waiting struct {
	sync.Mutex
	calls []func()
}

// AtEnd makes the kernel call f once when the running cell ends, before the cell counts as finished.
// Displays that update at intervals send their last state there.
func AtEnd(f func()) {
	waiting.Lock()
	defer waiting.Unlock()
	waiting.calls = append(waiting.calls, f)
}

// End calls, and forgets, what AtEnd registered. The kernel calls it; a program without a kernel may
// call it before it exits.
func End() {
	waiting.Lock()
	calls := waiting.calls
	waiting.calls = nil
	waiting.Unlock()
	for _, f := range calls {
		f()
	}
}
