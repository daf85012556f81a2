package debugger

import (
	"fmt"
	"slices"

	"github.com/lathe-ml/lathe/kernel/probe"
)

// filters are the kinds of exceptions at which every target can stop.
var filters = []Filter{
	{ID: "panic", Label: "Panics that nothing recovers", On: true},
	{ID: "recovered", Label: "Panics that a cell recovers"},
	{ID: "error", Label: "Errors that the last call of a cell returns"},
	{ID: "afterwards", Label: "Stop once more when a cell has failed"},
}

// Filter is a kind of exception.
type Filter struct {
	ID, Label string
	On        bool   // unless the client says otherwise
	Condition string // what its condition means, or ""
}

// Filters lists the kinds of exceptions at which the target can stop.
func (t *Target) Filters() []Filter {
	if t.views == nil {
		return filters
	}
	return slices.Concat(filters, t.views.Filters())
}

// SetFilters says at which exceptions to stop.
func (t *Target) SetFilters(on map[string]string) error {
	for id := range on {
		if !slices.ContainsFunc(t.Filters(), func(f Filter) bool { return f.ID == id }) {
			return fmt.Errorf("exception filter %q is unknown", id)
		}
	}
	t.mu.Lock()
	t.filters = on
	t.mu.Unlock()
	return t.watch()
}

// panicked is called on the goroutine of a cell where a panic begins.
func (t *Target) panicked(v any, returned bool) {
	x, ok := t.threads.Load(probe.Goroutine())
	if !ok {
		return
	}
	th := x.(*thread)
	if th.again != nil { // a deferred function panics on the way to a frame that was to run again
		th.again, th.within = nil, false
	}
	if th.within || th.top == nil {
		return
	}
	t.raised(th, v, returned)
	th.leave()
}

// raised notes a panic on th and stops where that is wanted.
func (t *Target) raised(th *thread, v any, returned bool) {
	kind := "panic"
	if returned {
		kind = "error"
	} else if t.recovers(th.top) {
		kind = "recovered"
	}
	own := ""
	if t.views != nil {
		own = t.views.Kind(v)
	}
	th.within = true // a method of the cell may write the message
	text := message(v)
	th.within = false
	t.mu.Lock()
	defer t.mu.Unlock()
	if r := th.raised; r != nil && r.Up == th.top && v != error(errUnknown) && th.failed != nil {
		th.failed.text = text // the panic that has stopped already leaves the cell
		return
	}
	if kind != "recovered" {
		th.failed = &failed{text, th.top}
	}
	_, on := t.filters[kind]
	if own != "" && kind != "recovered" {
		_, also := t.filters[own]
		on = on || also
	}
	if on && !t.quiet() {
		t.stop(th, Event{Reason: "exception", Text: text})
	}
}

// Halt stops the calling goroutine where a function that a cell called has found something. It reports
// whether it did: only goroutines of cells can be stopped, and not while they work for a client.
func (t *Target) Halt(reason, text string) bool {
	x, ok := t.threads.Load(probe.Goroutine())
	if !ok {
		return false
	}
	th := x.(*thread)
	if th.within || th.top == nil {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.quiet() {
		return false
	}
	th.failed, th.halted = &failed{text, th.top}, true
	t.stop(th, Event{Reason: reason, Text: text})
	th.halted = false
	return true
}

// Here returns the number of the statement of a cell that the calling goroutine is at, or 0.
func (t *Target) Here() int {
	x, ok := t.threads.Load(probe.Goroutine())
	if !ok {
		return 0
	}
	th := x.(*thread)
	if th.within || th.top == nil {
		return 0
	}
	return th.top.At
}

// Place is a statement of a cell.
type Place struct {
	Cell, Path, Function string
	Line                 int
}

// Place says where the statement with that number stands.
func (t *Target) Place(site int) Place {
	s := t.table.Site(site)
	if s == nil {
		return Place{}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return Place{s.Func.Cell, t.pathOf(s.Func), s.Func.Name, s.Pos.Line}
}

// Runs is how many cells have begun.
func (t *Target) Runs() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.runs
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
	switch v := v.(type) {
	case interface{ PanicText() string }: // for people, where cells may not ask
		return v.PanicText()
	case error:
		return v.Error()
	}
	return fmt.Sprint(v)
}
