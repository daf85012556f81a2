package exact

import (
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/lathe-ml/lathe/kernel/outcome"
)

// goroutine is a goroutine on which code of a cell runs. The Go runtime's label of the goroutine
// points to it; labels are inherited, so goroutines that compiled code starts find the run that they
// belong to.
type goroutine struct {
	labels [4]uintptr // empty: what the runtime takes a label for
	run    *run
	nested atomic.Int64 // calls of session code by compiled code
	main   *gor
	panic  traced // of the panic that is on its way out, if there is one
}

//go:linkname setLabel runtime/pprof.runtime_setProfLabel
func setLabel(p unsafe.Pointer)

//go:linkname getLabel runtime/pprof.runtime_getProfLabel
func getLabel() unsafe.Pointer

// goroutines knows every goroutine that runs, so that a label is only trusted when it is one.
type goroutines struct {
	known   sync.Map // *goroutine → nothing
	current atomic.Pointer[run]
	zombies atomic.Int64 // runs that were interrupted and have goroutines left
	settle  sync.Mutex   // guards machine.stopping together with zombies
	report  func(*outcome.Failure)
	failure func(*goroutine, any) *outcome.Failure
	watch   atomic.Pointer[func(v any, returned bool)] // see OnPanic
}

// here returns the goroutine of the caller, or nil.
func (l *goroutines) here() *goroutine {
	p := (*goroutine)(getLabel())
	if p == nil {
		return nil
	}
	if _, ok := l.known.Load(p); !ok {
		return nil
	}
	return p
}

// maxNested bounds calls of session code by compiled code within each other.
const maxNested = 5_000

// enter notes that compiled code calls session code. known says that a cell started the goroutine, or
// compiled code that a cell called.
func (l *goroutines) enter() (in *goroutine, known bool) {
	in = l.here()
	if known = in != nil; !known {
		in = &goroutine{run: l.current.Load()}
	}
	if in.nested.Add(1) > maxNested {
		in.nested.Add(-1)
		overflow()
	}
	return in, known
}

var gors = sync.Pool{New: func() any { return &gor{} }}

func newGor(in *goroutine) *gor {
	g := gors.Get().(*gor)
	g.in, g.top, g.depth = in, nil, 0
	return g
}

// release gives g back when its functions have returned.
func (g *gor) release() {
	if len(g.free) > 1<<12 {
		g.free = nil
	}
	g.in = nil
	gors.Put(g)
}

// run is one execution of a cell with the goroutines that it started.
type run struct {
	cell    string
	stopped atomic.Pointer[interrupted]
	done    chan struct{} // closed when it is stopped
	live    atomic.Int64
}

// interrupted is what an interrupt panics with. Cells cannot recover from it.
type interrupted struct{ reason error }

// Error is the reason of the interrupt.
func (i interrupted) Error() string { return i.reason.Error() }

// poll ends the goroutine when its run was stopped. It is called while machine.stopping is set.
func poll(in *goroutine) {
	if r := in.run; r != nil {
		if i := r.stopped.Load(); i != nil {
			panic(*i)
		}
	}
}

// runOf returns the run that a goroutine started by in belongs to.
func (l *goroutines) runOf(in *goroutine) *run {
	if in != nil && in.run != nil {
		return in.run
	}
	return l.current.Load()
}

// start runs f as a goroutine of a cell. Its end is told to end, with the failure if it panicked.
func (l *goroutines) start(in *goroutine, f func(), end func(*outcome.Failure)) {
	r := in.run
	r.live.Add(1)
	go func() {
		defer r.live.Add(-1)
		var fail *outcome.Failure
		defer func() { end(fail) }() // also after runtime.Goexit
		if i := r.stopped.Load(); i != nil {
			fail = l.failure(in, *i)
			return
		}
		l.known.Store(in, nil)
		setLabel(unsafe.Pointer(in))
		defer func() {
			setLabel(nil)
			l.known.Delete(in)
		}()
		defer func() {
			if v := recover(); v != nil {
				fail = l.failure(in, v)
			}
		}()
		f()
	}()
}

// stop makes the goroutines of r end at their next poll.
func (l *goroutines) stop(m *machine, r *run, reason error) {
	if !r.stopped.CompareAndSwap(nil, &interrupted{reason}) {
		return
	}
	close(r.done)
	l.settle.Lock()
	l.zombies.Add(1)
	m.stopping.Store(true)
	l.settle.Unlock()
	go func() {
		for r.live.Load() > 0 {
			time.Sleep(time.Millisecond)
		}
		l.settle.Lock()
		defer l.settle.Unlock()
		if l.zombies.Add(-1) == 0 {
			m.stopping.Store(false)
		}
	}()
}

// Goroutines returns the cell of each goroutine of a cell that is running and was not stopped.
func (x *Executor) Goroutines() (cells []string) {
	for _, r := range x.m.live.runs() {
		cells = append(cells, r.cell)
	}
	return cells
}

// runs returns the run of each goroutine that is not stopped.
func (l *goroutines) runs() (list []*run) {
	l.known.Range(func(k, _ any) bool {
		if r := k.(*goroutine).run; r != nil && r.stopped.Load() == nil {
			list = append(list, r)
		}
		return true
	})
	return list
}

// EndGoroutines makes the goroutines of cells end at their next call or loop.
func (x *Executor) EndGoroutines(reason error) {
	for _, r := range x.m.live.runs() {
		x.m.live.stop(x.m, r, reason)
	}
}
