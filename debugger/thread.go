package debugger

import (
	"errors"
	"fmt"

	"github.com/lathe-ml/lathe/debugger/instrument"
	"github.com/lathe-ml/lathe/kernel/probe"
)

// thread is a goroutine on which functions of cells are active.
type thread struct {
	id        int
	goroutine uintptr
	cell      string // whose code it began with
	main      bool   // it runs the statements of that cell
	began     string // name of its first function

	top    *probe.Frame // belongs to the goroutine
	body   *probe.Frame // whose loop over a function runs its body, above top; nil: none; belongs to the goroutine
	within bool         // it runs code for a client; belongs to the goroutine
	raised *probe.Frame // that a panic left last; belongs to the goroutine
	stays  bool         // its first function runs again; belongs to the goroutine

	// Guarded by Target.mu.
	step   *step
	parked bool
	wake   chan struct{} // closed to let it go on
	calls  chan func()   // run by the goroutine while it is parked
	failed *failed
	halted bool   // it stopped inside compiled code
	again  *rerun // set while it is parked
}

// failed is a panic as it began.
type failed struct {
	text string
	top  *probe.Frame
}

// step is what a thread is to do before it stops again.
type step struct {
	kind  string // "next", "in", "out", "restart"
	frame *probe.Frame
	depth int
	site  *instrument.Site
}

// maxDepth bounds calls within calls; with the calls of the debugger each takes more stack than Go
// allows at the executor's own limit.
const maxDepth = 100_000

var errDeep = errors.New(
	"stack overflow: calls nest more than 100000 deep under the debugger; a function called itself without end")

// Enter begins a function. It makes Target a probe.Handler.
func (t *Target) Enter(fn int, goroutine uintptr) *probe.Frame {
	def := t.table.FuncOf(fn)
	th := t.thread(goroutine, def)
	f := &probe.Frame{
		Hot: &def.Hot, Vars: make([]any, len(def.Slots)), Func: fn, Up: th.top, Thread: th,
	}
	if def.Body {
		f.Up = nil
	}
	if f.Up != nil {
		if f.Depth = f.Up.Depth + 1; f.Depth > maxDepth {
			panic(errDeep)
		}
	}
	th.top = f
	return f
}

// thread returns the thread of a goroutine, which runs def.
func (t *Target) thread(goroutine uintptr, def *instrument.Func) *thread {
	if v, ok := t.threads.Load(goroutine); ok {
		if th := v.(*thread); (th.top != nil || th.stays) && !def.Body {
			th.stays = false
			return th
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	th := &thread{
		id: t.number(), goroutine: goroutine, cell: def.Cell, main: def.Body, began: def.Name, calls: make(chan func()),
	}
	t.threads.Store(goroutine, th)
	return th
}

// Exit ends a function.
func (t *Target) Exit(f *probe.Frame) {
	th := f.Thread.(*thread)
	if unwinding := t.unwinding.Load(); unwinding != nil && t.catches() && !th.within && (*unwinding)() {
		if raised := th.raised; raised == nil || raised.Up != f {
			th.top = f
			t.panicked(errUnknown, false)
		}
		if th.raised = f; t.table.FuncOf(f.Func).Recovers {
			th.raised = nil
		}
	}
	th.top = f.Up
	th.stays = th.reached(f)
	if f.Up == nil && !th.stays {
		t.threads.CompareAndDelete(th.goroutine, th)
	}
}

// errUnknown is a panic of which only the place is known.
var errUnknown = errors.New("a panic; its message comes when it leaves the cell")

// catches reports whether the target stops at panics.
func (t *Target) catches() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.filters) > 0 && !t.quiet()
}

// eachThread calls f with every thread.
func (t *Target) eachThread(f func(*thread)) {
	t.threads.Range(func(_, v any) bool {
		f(v.(*thread))
		return true
	})
}

// Line is called before a statement of a function that is hot.
func (t *Target) Line(f *probe.Frame) {
	th := f.Thread.(*thread)
	if th.within {
		return
	}
	if th.body = nil; f != th.top {
		th.body = f
	}
	t.look(th, f)
	th.body = nil
	th.leave()
}

// here is the frame of the statement that the thread is at.
func (th *thread) here() *probe.Frame {
	if th.body != nil {
		return th.body
	}
	return th.top
}

// look stops th at the statement before which it is, where something wants that.
func (t *Target) look(th *thread, f *probe.Frame) {
	t.mu.Lock()
	t.yield(th)
	if t.quiet() {
		t.mu.Unlock()
		return
	}
	site := t.table.Site(f.At)
	reason := ""
	switch {
	case th.step != nil && th.step.done(f, site):
		if reason = "step"; th.step.kind == "restart" {
			reason = "restart"
		}
	case t.pausing:
		reason = "pause"
	}
	points := t.points.at[f.At]
	t.mu.Unlock()
	var hit []int
	text := ""
	for _, p := range points {
		ok, note := t.met(th, f, site, p)
		if ok {
			hit, reason = append(hit, p.ID), p.reason()
		}
		if note != "" {
			text = note
		}
	}
	if reason == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stop(th, Event{Reason: reason, Points: hit, Text: text})
}

// quiet reports whether nothing stops.
func (t *Target) quiet() bool { return !t.attached || t.draining }

// yield parks th while another thread is stopped. It needs mu.
func (t *Target) yield(th *thread) {
	for t.stopped != nil && t.stopped != th && !t.quiet() {
		t.park(th)
	}
}

// stop stops th and waits until it goes on. It needs mu.
func (t *Target) stop(th *thread, e Event) {
	t.yield(th) // one after the other
	if t.quiet() {
		return
	}
	t.stopped, th.step = th, nil
	if e.Reason == "pause" {
		t.pausing = false
	}
	t.handles.clear()
	t.heat()
	e.Kind, e.Thread = "stopped", th.id
	t.tell(e)
	t.park(th)
}

// park makes the goroutine of th wait, and work for clients meanwhile. It needs mu, which is not held
// while it waits.
func (t *Target) park(th *thread) {
	wake := make(chan struct{})
	th.parked, th.wake = true, wake
	t.mu.Unlock()
	for again := true; again; {
		select {
		case f := <-th.calls:
			f()
		case <-wake:
			again = false
		}
	}
	t.mu.Lock()
}

// resume lets all parked threads go on. It needs mu.
func (t *Target) resume() {
	t.stopped = nil
	t.handles.clear()
	t.eachThread(func(th *thread) {
		if th.parked {
			th.parked = false
			close(th.wake)
		}
	})
	t.heat()
}

// on runs f on the goroutine of th, which must be parked, and waits for it.
func (t *Target) on(th *thread, f func()) error {
	t.mu.Lock()
	if th == t.dead { // its goroutine is gone
		t.mu.Unlock()
		f()
		return nil
	}
	if !th.parked {
		t.mu.Unlock()
		return errRunning
	}
	wake := th.wake
	t.mu.Unlock()
	done := make(chan struct{})
	work := func() {
		th.within = true
		defer func() {
			th.within = false
			close(done)
		}()
		f()
	}
	select {
	case th.calls <- work:
		<-done
		return nil
	case <-wake:
		return errRunning
	}
}

// done reports whether the step ends before the statement at site.
func (s *step) done(f *probe.Frame, site *instrument.Site) bool {
	same := f == s.frame
	moved := !same || site == nil || s.site == nil || site.Pos.Line != s.site.Pos.Line || site.ID <= s.site.ID
	switch s.kind {
	case "restart":
		return true
	case "next":
		return f.Depth < s.depth || f.Depth == s.depth && moved
	case "out":
		return f.Depth < s.depth
	}
	return moved
}

// Resume lets a stopped target go on: kind is "continue", or how thread id shall stop again: "next",
// "in", "out".
func (t *Target) Resume(id int, kind string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.dead != nil && t.stopped == nil {
		t.tell(Event{Kind: "continued", Thread: t.dead.id})
		t.dead = nil
		t.handles.clear()
		return nil
	}
	th := t.find(id)
	if kind != "continue" {
		if th == nil || !th.parked {
			return errRunning
		}
		f := th.here()
		th.step = &step{kind: kind, frame: f, depth: f.Depth, site: t.table.Site(f.At)}
	}
	t.tell(Event{Kind: "continued", Thread: id})
	t.resume()
	return nil
}

// Pause stops the next thread that comes to a statement.
func (t *Target) Pause() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stopped == nil && t.attached {
		t.pausing = true
		t.heat()
	}
}

// find returns the thread with that number, or nil. It needs mu.
func (t *Target) find(id int) (found *thread) {
	t.eachThread(func(th *thread) {
		if th.id == id {
			found = th
		}
	})
	if found == nil && t.dead != nil && t.dead.id == id {
		found = t.dead
	}
	return found
}

// Thread is a goroutine as clients see it.
type Thread struct {
	ID      int
	Name    string
	Stopped bool
}

// Threads lists the goroutines of cells.
func (t *Target) Threads() (list []Thread) {
	t.mu.Lock()
	defer t.mu.Unlock()
	add := func(th *thread) {
		name := th.cell
		if !th.main {
			name = fmt.Sprintf("goroutine of %s: %s", th.cell, th.began)
		}
		if th == t.dead {
			name += " (ended by a panic)"
		}
		list = append(list, Thread{th.id, name, th.parked || th == t.dead})
	}
	t.eachThread(add)
	if t.dead != nil {
		add(t.dead)
	}
	return list
}

// heat decides which functions call Line. It needs mu.
func (t *Target) heat() {
	all := t.stopped != nil || t.pausing
	t.eachThread(func(th *thread) { all = all || th.step != nil })
	all = all && t.attached
	for _, f := range t.table.Funcs() {
		probe.Heat(&f.Hot, all || t.attached && t.points.in[f.ID])
	}
}
