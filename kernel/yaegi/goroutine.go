package yaegi

import (
	"bytes"
	"runtime"
	"strconv"
	"time"
)

// goid returns the id of the calling goroutine. It is only needed when a goroutine starts or ends
// and while something is being interrupted.
func goid() int64 {
	var buf [40]byte
	b := bytes.TrimPrefix(buf[:runtime.Stack(buf[:], false)], []byte("goroutine "))
	n, _, _ := bytes.Cut(b, []byte(" "))
	id, _ := strconv.ParseInt(string(n), 10, 64)
	return id
}

func (x *Executor) enter(id int64, r *run) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.running[id] = r
	r.live++
}

func (x *Executor) leave(id int64, r *run) {
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.running, id)
	r.live--
}

// of returns the run that the calling goroutine belongs to, or nil when compiled code started it.
func (x *Executor) of(id int64) *run {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.running[id]
}

// goroutine runs f for a go statement. A panic is reported and ends f alone.
func (x *Executor) goroutine(f func()) {
	r := x.of(goid())
	if r == nil {
		r = x.current.Load()
	}
	go x.alone(r, f)
}

// alone runs f in its goroutine.
func (x *Executor) alone(r *run, f func()) {
	if r.stopped.Load() != nil {
		return
	}
	fail := x.guard(r, f)
	if fail != nil && !fail.Interrupted && !quits(fail) && x.opts.Report != nil {
		x.opts.Report(fail)
	}
}

// guarded returns f for compiled code that runs it in a goroutine: a panic there would end the kernel.
func (x *Executor) guarded(f func()) func() {
	r := x.of(goid())
	if r == nil {
		r = x.current.Load()
	}
	return func() { x.alone(r, f) }
}

// poll is called by lowered code while stop is set. It ends the goroutine if its run was stopped.
// Goroutines of compiled code are let through: a panic there could not be caught.
func (x *Executor) poll() {
	if r := x.of(goid()); r != nil {
		if i := r.stopped.Load(); i != nil {
			panic(*i)
		}
	}
}

// Stray reports whether the calling goroutine belongs to a cell that was interrupted, so that what
// it writes must be dropped. It is cheap while there is none.
func (x *Executor) Stray() bool {
	x.mu.Lock()
	n := x.zombies
	x.mu.Unlock()
	if n == 0 {
		return false
	}
	r := x.of(goid())
	return r != nil && r.stopped.Load() != nil
}

// interrupt makes the goroutines of r end at their next poll.
func (x *Executor) interrupt(r *run, reason error) {
	if r.stopped.CompareAndSwap(nil, &interrupted{reason}) {
		close(r.done)
	}
	x.mu.Lock()
	x.zombies++
	x.mu.Unlock()
	*x.stop = true
}

// settle clears the stop flag when the goroutines of r are gone. Those that sit in compiled code are
// given a short time in every second to notice when they come back, so that other cells keep their
// speed.
func (x *Executor) settle(r *run) {
	gone := func() bool {
		x.mu.Lock()
		defer x.mu.Unlock()
		return r.live == 0
	}
	wait := func(d time.Duration) bool {
		for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(time.Millisecond) {
			if gone() {
				return true
			}
		}
		return gone()
	}
	quick := wait(50 * time.Millisecond)
	*x.stop = false
	finish := func() {
		x.mu.Lock()
		x.zombies--
		x.mu.Unlock()
	}
	if quick {
		finish()
		return
	}
	go func() {
		for !gone() {
			*x.stop = true
			wait(20 * time.Millisecond)
			*x.stop = false
			time.Sleep(500 * time.Millisecond)
		}
		finish()
	}()
}

// Goroutines returns the cell of each goroutine of a cell that is running and was not stopped.
func (x *Executor) Goroutines() (cells []string) {
	for _, r := range x.runs() {
		cells = append(cells, r.cell)
	}
	return cells
}

// runs returns the run of each goroutine that is not stopped.
func (x *Executor) runs() (list []*run) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, r := range x.running {
		if r.stopped.Load() == nil {
			list = append(list, r)
		}
	}
	return list
}

// EndGoroutines makes the goroutines of cells end at their next call or loop.
func (x *Executor) EndGoroutines(reason error) {
	seen := map[*run]bool{}
	for _, r := range x.runs() {
		if !seen[r] {
			seen[r] = true
			x.interrupt(r, reason)
			go x.settle(r)
		}
	}
}
