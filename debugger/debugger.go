// Package debugger is the target of a debugger for cells: breakpoints, stepping, frames, variables.
//
//	t := debugger.New(host, nil)
//	t.Listen(func(e debugger.Event) { … })
//	err := t.Attach(client)
//	t.SetBreakpoints(t.PathOf(code), []debugger.Breakpoint{{Line: 3}})
//	// a cell runs, and e is a stop: t.Stack(e.Thread, 0, 20), t.Evaluate(frame, "loss"), t.Resume(…)
//
// While attached, cells carry the calls of kernel/probe (debugger/instrument); without, they are as
// the kernel compiles them. It works the same on every executor. It speaks no protocol: that is
// debugger/dap.
package debugger

import (
	"cmp"
	"crypto/rand"
	"errors"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/lathe-ml/lathe/debugger/instrument"
	"github.com/lathe-ml/lathe/kernel"
	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/outcome"
	"github.com/lathe-ml/lathe/kernel/probe"
)

// Host is the kernel whose cells are debugged: a kernel.Debuggee.
type Host interface {
	FileSet() *token.FileSet
	Instrument(p check.Probes) (later bool, err error)
	Inside(code string, names []types.Object) (*outcome.Inside, error)
	Globals() []kernel.Global
	OnPanic(f func(v any, returned bool)) (unwinding func() bool)
	Reach() (direct, all int, err error)
	Busy() bool
	Declare(name string, t types.Type, addr any) error
}

// Target is the cells of a kernel under a debugger.
//
// Goroutines: it has none. Those of cells come in through probe.Handler and are parked in Line while
// they are stopped; clients call the other methods. mu guards everything but the frames, which belong
// to their goroutines: others look at them only while those are parked. It is never held while the
// host is called.
type Target struct {
	host  Host
	table *instrument.Table
	views Views
	dir   string

	threads sync.Map // goroutine → *thread

	mu        sync.Mutex
	listeners map[int]func(Event)
	numbers   int          // of listeners, breakpoints, threads, frames and values
	clients   map[any]bool // that are attached
	attached  bool
	unwinding atomic.Pointer[func() bool] // says whether a function is left by a panic; nil: panicked is told
	draining  bool                        // an interrupt is under way: nothing stops
	sources   sources
	points    points
	stopped   *thread // that stopped; all others park at their next statement
	pausing   bool
	dead      *thread // of the last panic, until the next run
	runs      int     // cells that began
	handles   handles
	filters   map[string]string // exception filters that are on, with their conditions
}

// Event is what happened in the target.
type Event struct {
	Kind   string // "stopped", "continued", "output", "breakpoint"
	Thread int
	Reason string // of a stop: "breakpoint", "step", "pause", "exception", "entry"
	Text   string // more about it, or the output
	Points []int  // breakpoints that were hit
	Point  *Breakpoint
}

// Views shows values of types that it knows in its own way.
type Views interface {
	// Describe returns a line about a value.
	Describe(v any) (text string, ok bool)
	// Mark names what clients can do with a value beside looking at its parts: "tensor", "module" or "".
	Mark(v any) string
	// Filters lists the exceptions that such values bring, and Kind which of them a panic is, or "".
	Filters() []Filter
	Kind(panicked any) string
	// Watch says which filters are on, with their conditions; nil: the target is detached.
	Watch(t *Target, on map[string]string) error
}

// Hook is a gradient breakpoint.
type Hook struct {
	ID         int    `json:"id"`
	Expression string `json:"expression"`
	Tensors    int    `json:"tensors"` // whose gradients stop
}

// New returns a target that is not attached.
func New(host Host, views Views) *Target {
	t := &Target{
		host: host, views: views, listeners: map[int]func(Event){}, clients: map[any]bool{}, filters: map[string]string{},
		dir: filepath.Join(os.TempDir(), "lathe-"+strings.ToLower(rand.Text())), // nobody can guess it
	}
	t.sources.init()
	t.points.init()
	t.handles.clear()
	t.table = instrument.NewTable(t.checked)
	t.table.Sources(true)
	return t
}

// Listen makes f be called with every event until stop is called. f must not call the target.
func (t *Target) Listen(f func(Event)) (stop func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	id := t.number()
	t.listeners[id] = f
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.listeners, id)
	}
}

// number returns a number that nothing else has. It needs mu.
func (t *Target) number() int {
	t.numbers++
	return t.numbers
}

// Number returns a number that nothing else in the target has.
func (t *Target) Number() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.number()
}

// tell reports an event. It needs mu, so that events come in order.
func (t *Target) tell(e Event) {
	for _, f := range t.listeners {
		f(e)
	}
}

// OnlyCells says whether packages that cells import from source from now on stay as they are, so that
// they are stepped over.
func (t *Target) OnlyCells(on bool) { t.table.Sources(!on) }

// Attach makes cells stop on behalf of a client. Functions of earlier cells are compiled again with
// calls; a cell that runs already stops in the functions that it calls.
func (t *Target) Attach(client any) error {
	t.mu.Lock()
	was := t.attached
	t.attached = true
	t.clients[client] = true
	t.mu.Unlock()
	if was {
		return nil
	}
	probe.Install(t)
	t.table.Use(t.host.FileSet())
	t.watchPanics()
	if _, err := t.host.Instrument(t.table); err != nil {
		return err
	}
	return t.watch()
}

func (t *Target) watchPanics() {
	if f := t.host.OnPanic(t.panicked); f != nil {
		t.unwinding.Store(&f)
	} else {
		t.unwinding.Store(nil)
	}
}

// watch tells the views which filters are on.
func (t *Target) watch() error {
	if t.views == nil {
		return nil
	}
	t.mu.Lock()
	on := maps.Clone(t.filters)
	if !t.attached {
		on = nil
	}
	t.mu.Unlock()
	return t.views.Watch(t, on)
}

// Attached reports whether cells stop.
func (t *Target) Attached() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.attached
}

// Detach is the end of a client. With the last one everything goes on, cells become plain again, and
// breakpoints are forgotten.
func (t *Target) Detach(client any) error {
	t.mu.Lock()
	delete(t.clients, client)
	if !t.attached || len(t.clients) > 0 {
		t.mu.Unlock()
		return nil
	}
	t.attached, t.pausing, t.dead = false, false, nil
	t.points.init()
	t.filters = map[string]string{}
	t.eachThread(func(th *thread) { th.step = nil })
	t.resume()
	t.mu.Unlock()
	t.host.OnPanic(nil)
	_, err := t.host.Instrument(nil)
	return cmp.Or(err, t.watch())
}

// Begin says that a cell is about to be checked and run.
func (t *Target) Begin(c kernel.Cell) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.draining, t.dead = false, nil
	t.runs++
	t.sources.ran(c, t.path(c.Code))
}

// End says that a cell ended.
func (t *Target) End(c kernel.Cell, failure *outcome.Failure) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.threads.Range(func(k, v any) bool {
		if th := v.(*thread); th.cell == c.Name && th.main {
			t.threads.Delete(k)
			if failure != nil && !failure.Interrupted && th.failed != nil {
				t.dead = th
			}
			th.parked = false
		}
		return true
	})
	t.pausing = t.pausing && t.anyThread()
	t.heat()
	if _, on := t.filters["afterwards"]; on && t.dead != nil && t.stopped == nil {
		t.handles.clear()
		t.tell(Event{Kind: "stopped", Thread: t.dead.id, Reason: "exception", Text: t.dead.failed.text})
	}
}

func (t *Target) anyThread() (found bool) {
	t.eachThread(func(*thread) { found = true })
	return found
}

// Interrupt lets what is stopped go on, because it is to be interrupted.
func (t *Target) Interrupt() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.draining, t.pausing = true, false
	t.eachThread(func(th *thread) { th.step = nil })
	t.resume()
}

// Restart says that everything that cells declared is gone. Breakpoints stay.
func (t *Target) Restart() {
	t.mu.Lock()
	on := t.attached
	t.sources.cells = map[string]source{}
	t.dead = nil
	t.resume()
	t.mu.Unlock()
	if !on {
		return
	}
	t.table.Use(t.host.FileSet())
	t.watchPanics()
	if _, err := t.host.Instrument(t.table); err != nil {
		t.mu.Lock()
		t.tell(Event{Kind: "output", Text: "debugger: " + err.Error() + "\n"})
		t.mu.Unlock()
	}
}

// checked is called with functions that are about to run for the first time. The kernel holds its
// locks meanwhile.
func (t *Target) checked(fresh []*instrument.Func) {
	if len(fresh) == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, f := range fresh {
		for _, p := range t.points.lines[f.Path] {
			known := p.Verified
			t.within(p)
			p.Verified = known
		}
	}
	t.resolve(fresh)
	t.heat()
}

// errRunning is what methods return that need a thread to be stopped.
var errRunning = errors.New("the thread is running; pause it first")
