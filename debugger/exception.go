package debugger

import (
	"fmt"
	"slices"

	"github.com/lathe-ml/lathe/kernel/probe"
)

// filters are the kinds of exceptions at which every target can stop.
var filters = []Filter{
	{"panic", "Panics that nothing recovers", true},
	{"recovered", "Panics that a cell recovers", false},
	{"error", "Errors that a cell returns", false},
}

// Filter is a kind of exception.
type Filter struct {
	ID, Label string
	On        bool // unless the client says otherwise
}

// Filters lists the kinds of exceptions at which the target can stop.
func (t *Target) Filters() []Filter { return filters }

// SetFilters says at which exceptions to stop.
func (t *Target) SetFilters(on map[string]string) error {
	for id := range on {
		if !slices.ContainsFunc(t.Filters(), func(f Filter) bool { return f.ID == id }) {
			return fmt.Errorf("exception filter %q is unknown", id)
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.filters = on
	return nil
}

// panicked is called on the goroutine of a cell where a panic begins.
func (t *Target) panicked(v any, returned bool) {
	x, ok := t.threads.Load(probe.Goroutine())
	if !ok {
		return
	}
	th := x.(*thread)
	if th.within || th.top == nil {
		return
	}
	kind := "panic"
	if returned {
		kind = "error"
	} else if t.recovers(th.top) {
		kind = "recovered"
	}
	th.within = true // a method of the cell may write the message
	text := message(v)
	th.within = false
	t.mu.Lock()
	defer t.mu.Unlock()
	if kind != "recovered" {
		th.failed = &failed{text, th.top}
	}
	if _, on := t.filters[kind]; on && !t.quiet() {
		t.stop(th, Event{Reason: "exception", Text: text})
	}
}

// recovers reports whether an active function recovers from panics.
func (t *Target) recovers(f *probe.Frame) bool {
	for ; f != nil; f = f.Up {
		if t.table.FuncOf(f.Func).Recovers {
			return true
		}
	}
	return false
}

// Exception describes why a thread stopped at an exception.
func (t *Target) Exception(id int) (text string, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	th := t.find(id)
	if th == nil || th.failed == nil {
		return "", false
	}
	return th.failed.text, true
}

// message is the text of a panic value.
func message(v any) (s string) {
	defer func() {
		if recover() != nil {
			s = fmt.Sprintf("a %T", v)
		}
	}()
	if err, ok := v.(error); ok {
		return err.Error()
	}
	return fmt.Sprint(v)
}
