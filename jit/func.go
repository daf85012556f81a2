package jit

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"sync"
	"weak"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/jit/exec"
)

// Options are the options of Compile; the zero value is the default.
type Options struct {
	// Limit is the number of different sequences of operators that are kept, and of different shapes of each. A
	// function with more sequences runs eagerly from then on; of the shapes, those that were met longest ago are
	// forgotten. 0 means 64.
	Limit int
	// Verify says that one of so many runs of a program is compared with eager computation; a difference
	// beyond rounding retires the program. 0 means 256, a negative number never.
	Verify int
	// Memory is the number of bytes between the operators of a program, for each, above which elementwise operators
	// are applied again where their results are read, instead of keeping these for the backward pass. Results are the
	// same; Explain tells what was reached. 0, or less: no limit.
	Memory int
	// Quiet leaves out the warning when a function goes back to eager mode.
	Quiet bool
}

// Func is a compiled function. It may be called from several goroutines at once, as far as the function
// itself may.
type Func struct {
	f any
	o Options

	mu       sync.Mutex
	segments map[string]*segment // by signature
	families map[string]*family  // by sequence of operators
	off      string              // why the function runs eagerly; "" while it does not
	stats    stats
	idle     sync.Pool // *session
}

// stats counts what calls did.
type stats struct {
	calls, programs, interpreted, verified, differed int
}

// trusted is the number of times that a segment is computed operator by operator before it gets a program.
const trusted = 2

// segment is what is known of the segments with one signature.
type segment struct {
	key     string // signature
	family  *family
	seen    int
	unseen  bool // it was never looked for which values of this shape somebody holds on to
	program *program
	why     string // there is no program because
	runs    int
}

// call runs body, one call of f.
func (f *Func) call(body func()) { f.within(nil, body) }

// within is call; signatures of segments begin with prefix.
func (f *Func) within(prefix []byte, body func()) {
	f.mu.Lock()
	f.stats.calls++
	off := f.off != ""
	f.mu.Unlock()
	if off || eager.IsTraced() {
		body()
		return
	}
	s, _ := f.idle.Get().(*session)
	if s == nil {
		s = newSession(f)
	}
	s.prefix = prefix
	s.sig = append(s.sig[:0], prefix...)
	returned := false
	defer func() {
		if !returned { // the error of the body counts, not one of what it had put off
			_ = engine.Catch(s.end)
			return
		}
		s.end()
		f.idle.Put(s)
	}()
	eager.WithTracer(s, body)
	returned = true
}

func (f *Func) read(*session, *engine.Buffer) {}
func (f *Func) random(uint64, uint64)         {}
func (f *Func) moved(*session, engine.Array)  {} // reading it ends the segment

// flush is part of segments.
func (f *Func) flush(s *session) {
	seg := f.lookup(s)
	if seg == nil || len(s.events) == 0 {
		finish(s, s.everything)
		return
	}
	p, turn, known := f.program(s, seg)
	switch {
	case p != nil && f.o.Verify > 0 && (turn == 1 || turn%f.o.Verify == 0):
		w, first := s.weakly(), turn == 1 && seg.unseen
		defer func() { // one that failed is made again
			f.mu.Lock()
			defer f.mu.Unlock()
			if first && seg.unseen {
				seg.runs = 0
			}
		}()
		finish(s, func() ([]*engine.Buffer, *engine.Lazy) { return f.verified(s, seg, p), nil })
		if first {
			f.observe(seg, w)
		}
	case p != nil:
		finish(s, func() ([]*engine.Buffer, *engine.Lazy) {
			made := p.run(s, nil)
			return made, p.recipe(s, made)
		})
	case turn <= trusted && !known:
		w, ok := s.weakly(), false
		defer func() { // one that failed teaches nothing
			if !ok {
				f.mu.Lock()
				seg.seen--
				f.mu.Unlock()
			}
		}()
		finish(s, s.everything)
		ok = true
		f.observe(seg, w)
	default:
		finish(s, s.everything)
	}
}

// program returns the program of seg, made for the occasion if it is due; nil: there is none. turn counts
// its runs, or those of seg when there is none; known says that nothing has to be found out about the sequence of
// operators. A shape of a known sequence has a program from the second time on, or later
// where there were many programs already.
func (f *Func) program(s *session, seg *segment) (p *program, turn int, known bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	seg.seen++
	known = seg.family.known() && f.o.Verify > 0
	due := seg.seen > trusted && seg.family.known() // other goroutines may still be looking
	if known {
		due = seg.seen > seg.family.calls()
	}
	if due && seg.program == nil && seg.why == "" {
		seg.program, seg.why = build(s, seg.family.kept, f.o.Memory)
		seg.family.built++
		seg.unseen = seg.seen <= trusted
	}
	if seg.program == nil {
		f.stats.interpreted++
		return nil, seg.seen, known
	}
	if seg.unseen && seg.runs > 0 { // another goroutine is looking
		f.stats.interpreted++
		return nil, seg.seen, true
	}
	seg.runs++
	f.stats.programs++
	return seg.program, seg.runs, known
}

// observe finds out which of the values that a segment made somebody still holds: a program has to make
// those. It is called for the first segments of a sequence of operators, and once for each further shape; a program
// that does not make all of them is made anew.
func (f *Func) observe(seg *segment, made []weak.Pointer[engine.Buffer]) {
	runtime.GC()
	f.mu.Lock()
	defer f.mu.Unlock()
	seg.family.observed++
	seg.unseen = false
	for i, w := range made {
		if w != (weak.Pointer[engine.Buffer]{}) && w.Value() != nil && !seg.family.kept[i] {
			seg.family.kept[i] = true
			seg.program, seg.runs = nil, 0
		}
	}
}

// finish computes the segment of s and ends it, also when the computation panics: what was to be made
// fails then as the computation did.
func finish(s *session, compute func() (made []*engine.Buffer, lost *engine.Lazy)) {
	none := make([]*engine.Buffer, len(s.stores))
	done := false
	defer func() {
		if done {
			return
		}
		r := recover()
		err, ok := r.(*engine.Error)
		if !ok {
			err = &engine.Error{Where: "jit", What: "the computation that makes this value ended early"}
		}
		s.settle(none, &engine.Lazy{Force: func(*engine.Buffer) { panic(err) }})
		if r != nil { // else the goroutine ends
			panic(r)
		}
	}()
	made, lost := compute()
	s.settle(made, lost)
	done = true
}

// lookup returns the segment for that of s; nil when there are too many.
func (f *Func) lookup(s *session) *segment {
	f.mu.Lock()
	defer f.mu.Unlock()
	seg := f.segments[string(s.sig)]
	if seg == nil {
		if f.off != "" {
			return nil
		}
		sequence := s.sequence()
		m := f.families[sequence]
		if m == nil {
			if len(f.families) >= f.o.Limit {
				f.giveUp(fmt.Sprintf("%d different sequences of operators were met", len(f.families)))
				return nil
			}
			m = &family{kept: map[int]bool{}}
			f.families[sequence] = m
		}
		seg = &segment{key: string(s.sig), family: m}
		f.segments[seg.key] = seg
	}
	if old := seg.family.met(seg, f.o.Limit); old != nil {
		delete(f.segments, old.key)
	}
	return seg
}

// giveUp makes f eager. f.mu is held.
func (f *Func) giveUp(why string) {
	f.off = why
	if !f.o.Quiet {
		fmt.Fprintf(os.Stderr, "jit: the function runs eagerly from now on: %s; see jit.Explain\n", why)
	}
}

// verified runs p beside the interpreter, whose results count.
func (f *Func) verified(s *session, seg *segment, p *program) []*engine.Buffer {
	copies := make([]engine.Array, len(p.l.states))
	for i, at := range p.l.states {
		a := s.events[at.event].In[at.k]
		a.Buf = a.Buf.Raw()
		copies[i] = cloneLayout(a)
	}
	var trial []*engine.Buffer
	failed := engine.Catch(func() { trial = p.run(s, copies) })
	made := s.interpret()
	why := ""
	if failed != nil {
		why = failed.Error()
	} else {
		why = p.compare(s, made, trial, copies)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stats.verified++
	if why != "" {
		f.stats.differed++
		seg.program, seg.why = nil, "its results differ from eager mode: "+why
	}
	return made
}

// cloneLayout copies a with its strides.
func cloneLayout(a engine.Array) engine.Array {
	c := a
	c.Buf = engine.NewArrayOn(a.Device(), engine.U8, engine.Shape{extent(a) * a.DType.Size()}).Buf
	c.Offset = 0
	exec.Move(c, a)
	return c
}

// extent is the number of elements from the first to the last of a.
func extent(a engine.Array) int {
	n := 1
	for i, d := range a.Shape {
		if d == 0 {
			return 0
		}
		n += (d - 1) * a.Strides[i]
	}
	return n
}

// near is the difference that another order of operations may make, as a part of the largest value.
func near(d engine.DType) float64 {
	switch d {
	case engine.F64, engine.C128:
		return 1e-10
	case engine.F16, engine.BF16:
		return 2e-2
	}
	return 2e-4
}

// differ says how two arrays of one type differ beyond rounding; "" when they do not.
func differ(a, b engine.Array) string {
	x, y := eager.FromArray(a).Float64s(), eager.FromArray(b).Float64s()
	scale := 1e-3
	for _, v := range x {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			scale = math.Max(scale, math.Abs(v))
		}
	}
	for i := range x {
		if math.IsNaN(x[i]) && math.IsNaN(y[i]) || x[i] == y[i] {
			continue
		}
		if d := math.Abs(x[i] - y[i]); !(d <= near(a.DType)*scale) {
			return fmt.Sprintf("element %d of %v is %v, want %v", i, a, y[i], x[i])
		}
	}
	return ""
}
