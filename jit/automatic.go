package jit

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"weak"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/kernel/display"
)

// The automatic tier compiles the Forward of an nn.Sequential that is called again and again, where nobody can see
// what lies between its layers. After some calls alike it is timed both ways, and the faster way stays.

// How many calls alike each stage of a trial takes.
const (
	warmCalls  = 8 // before the first that is timed
	timedCalls = 8 // of eager mode, and of the program
	mostKinds  = 8 // kinds of calls of one Sequential: shapes, modes
)

// tiny is the time of a call that a program could not make shorter.
const tiny = 20 * time.Microsecond

// gain is how much less time a program must take.
const gain = 0.95

// Automatic is the automatic tier of this process; what is shown of it says which modules it runs.
var Automatic = &Tier{}

func init() {
	Automatic.seqs = map[weak.Pointer[nn.Sequential]]weak.Pointer[hot]{}
	display.HandleComm("lathe.jit", Automatic.accept)
	if os.Getenv("LATHE_JIT") != "off" {
		Automatic.Set(true)
	}
}

// Tier runs hot modules by programs, see Automatic. The environment LATHE_JIT=off starts a process without it.
type Tier struct {
	on     atomic.Bool
	always bool // whatever takes less time, for tests
	mu     sync.Mutex
	seqs   map[weak.Pointer[nn.Sequential]]weak.Pointer[hot] // that a trial has ended for
	comms  []*display.Comm                                   // of pages that show the badge
}

// Set turns the tier on or off. Modules run eagerly while it is off.
func (t *Tier) Set(on bool) {
	if t.on.Swap(on); on {
		nn.SetRunner(t)
	} else {
		nn.SetRunner(nil)
	}
	t.tell()
}

// On reports whether the tier is on.
func (t *Tier) On() bool { return t.on.Load() }

// hot is what the tier knows of a Sequential.
type hot struct {
	mu    sync.Mutex
	f     *Func
	kinds map[kind]*trial
}

// kind is what calls have in common that may share programs.
type kind struct {
	dtype engine.DType
	shape string
	modes uint64
	grad  bool // the call is recorded on the tape
	leads bool // to x, too
}

// trial is the comparison of the two ways for calls of one kind.
type trial struct {
	what          string // the type of the argument
	prefix        []byte // of signatures: the same operators of another kind may leave other values on the tape
	calls         int
	eager, ours   time.Duration // the least
	decided, runs bool
}

// Run is part of nn.Runner.
func (t *Tier) Run(s *nn.Sequential, slot *atomic.Pointer[any], modes uint64, x *eager.Tensor,
	forward func(x *eager.Tensor) *eager.Tensor,
) *eager.Tensor {
	h := slotOf(slot, forward)
	k := kind{x.DType(), string(appendInts(nil, x.Shape())), modes, eager.GradEnabled(), x.RequiresGrad()}
	tr, turn, decided, runs := h.next(k, x)
	switch {
	case tr == nil || decided && !(runs && h.f.sound()) || turn <= warmCalls:
		return forward(x)
	case decided:
		return h.compiled(tr, x)
	case turn <= warmCalls+timedCalls:
		start := time.Now()
		y := forward(x)
		least := h.least(&tr.eager, time.Since(start))
		if turn == warmCalls+timedCalls && least < tiny && !t.always {
			h.decide(tr, t.always)
			t.enter(s, h)
		}
		return y
	case turn <= warmCalls+timedCalls+trusted+1: // operator by operator, then compared with eager mode
		return h.compiled(tr, x)
	}
	start := time.Now()
	y := h.compiled(tr, x)
	h.least(&tr.ours, time.Since(start))
	if turn >= warmCalls+2*timedCalls+trusted+1 {
		h.decide(tr, t.always)
		t.enter(s, h)
	}
	return y
}

func slotOf(slot *atomic.Pointer[any], forward func(x *eager.Tensor) *eager.Tensor) *hot {
	if p := slot.Load(); p != nil {
		return (*p).(*hot)
	}
	h := &hot{f: Compile(forward, Options{Quiet: true}), kinds: map[kind]*trial{}}
	var v any = h
	if !slot.CompareAndSwap(nil, &v) {
		return (*slot.Load()).(*hot)
	}
	return h
}

// next counts a call and tells what its trial has come to; nil: there are too many kinds.
func (h *hot) next(k kind, x *eager.Tensor) (tr *trial, turn int, decided, runs bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	tr = h.kinds[k]
	if tr == nil {
		if len(h.kinds) >= mostKinds {
			return nil, 0, false, false
		}
		tr = &trial{what: x.Type().String(), prefix: fmt.Appendf(nil, "%v|%v|%v|", k.modes, k.grad, k.leads)}
		h.kinds[k] = tr
	}
	if !tr.decided {
		tr.calls++
	}
	return tr, tr.calls, tr.decided, tr.runs
}

// least enters a time in d and returns the least so far.
func (h *hot) least(d *time.Duration, took time.Duration) time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	if *d == 0 || took < *d {
		*d = took
	}
	return *d
}

func (h *hot) decide(tr *trial, always bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	tr.decided = true
	faster := tr.ours > 0 && float64(tr.ours) < gain*float64(tr.eager)
	tr.runs = (faster || always) && h.f.sound()
}

// compiled runs the program of a kind.
func (h *hot) compiled(tr *trial, x *eager.Tensor) *eager.Tensor { return h.f.callIn(tr.prefix, x) }

// sound reports whether no program of f gave a wrong result.
func (f *Func) sound() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.off == "" && f.stats.differed == 0
}

// callIn is Call for segments that are kept apart from those of other prefixes.
func (f *Func) callIn(prefix []byte, x *eager.Tensor) (y *eager.Tensor) {
	f.within(prefix, func() { y = f.f.(func(*eager.Tensor) *eager.Tensor)(x) })
	return y
}

// enter makes s one of the modules that are shown.
func (t *Tier) enter(s *nn.Sequential, h *hot) {
	t.mu.Lock()
	for p := range t.seqs {
		if p.Value() == nil {
			delete(t.seqs, p)
		}
	}
	t.seqs[weak.Make(s)] = weak.Make(h)
	t.mu.Unlock()
	t.tell()
}

// modules lists those that programs run, with how much faster they are, and counts those that stay eager.
func (t *Tier) modules() (lines []string, eagerly int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for p, q := range t.seqs {
		s, h := p.Value(), q.Value()
		if s == nil || h == nil {
			continue
		}
		h.mu.Lock()
		for _, tr := range h.kinds {
			switch {
			case tr.runs:
				lines = append(lines, fmt.Sprintf("nn.Sequential of %d layers on %s: %.1f µs eager, %.1f µs compiled",
					s.Len(), tr.what, micros(tr.eager), micros(tr.ours)))
			case tr.decided:
				eagerly++
			}
		}
		h.mu.Unlock()
	}
	slices.Sort(lines)
	return lines, eagerly
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }

// String says what the tier does, and with which modules.
func (t *Tier) String() string {
	if !t.On() {
		return "the automatic tier is off; jit.Automatic.Set(true) turns it on"
	}
	lines, eagerly := t.modules()
	head := fmt.Sprintf("the automatic tier is on: %s compiled, %s not faster and left eager; jit.Automatic.Set(false) turns it off",
		count(len(lines), "kind")+" of calls", count(eagerly, "kind"))
	return strings.Join(append([]string{head}, lines...), "\n")
}

// accept serves a page that shows the badge; it may turn the tier on or off.
func (t *Tier) accept(c *display.Comm, _ map[string]any) {
	c.OnReceive(func(data map[string]any) {
		if on, ok := data["on"].(bool); ok {
			t.Set(on)
		}
	})
	t.mu.Lock()
	t.comms = append(t.comms, c)
	t.mu.Unlock()
	t.tell()
}

// tell sends pages what their badge shows.
func (t *Tier) tell() {
	t.mu.Lock()
	comms := slices.Clone(t.comms)
	t.mu.Unlock()
	if len(comms) == 0 {
		return
	}
	lines, _ := t.modules()
	data := map[string]any{"on": t.On(), "compiled": len(lines), "text": t.String()}
	for _, c := range comms {
		if c.Send(data) != nil { // the page has closed it
			t.mu.Lock()
			t.comms = slices.DeleteFunc(t.comms, func(o *display.Comm) bool { return o == c })
			t.mu.Unlock()
		}
	}
}
