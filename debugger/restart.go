package debugger

import (
	"errors"
	"fmt"

	"github.com/lathe-ml/lathe/kernel/outcome"
	"github.com/lathe-ml/lathe/kernel/probe"
)

// rerun is a frame that is to run again. It belongs to the goroutine once that goes on.
type rerun struct {
	frame  *probe.Frame
	signal *outcome.Restart // what the goroutine panics with to get there
}

// RestartFrame leaves the functions above a frame of the thread that has stopped and runs the function
// of the frame again, with the arguments that it was called with, up to its first statement. What the
// functions deferred runs; what they changed elsewhere stays changed.
func (t *Target) RestartFrame(id int) error {
	f, err := t.frame(id)
	if err != nil {
		return err
	}
	if f == nil {
		return errors.New("a frame is needed to restart")
	}
	th := f.thread
	above, own, err := t.restartable(f)
	if err != nil {
		return err
	}
	direct, active := 0, 0
	if e := t.on(th, func() { direct, active, err = t.host.Reach() }); e != nil || err != nil {
		return errors.Join(e, err)
	}
	// Functions that are not the debugger's may defer, too: at worst all of them stand above.
	if others := active - own; above >= direct-others {
		return fmt.Errorf("%s cannot run again: compiled code stands between it and where the program stopped, "+
			"or deferred calls that the debugger does not know; restart a frame above it",
			t.table.FuncOf(f.frame.Func).Name)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if th != t.stopped || !th.parked {
		return errRunning
	}
	th.again = &rerun{f.frame, &outcome.Restart{}}
	th.step, th.failed = &step{kind: "restart"}, nil
	t.tell(Event{Kind: "continued", Thread: th.id})
	t.resume()
	return nil
}

// restartable says how many frames stand above f and how many of the thread's functions defer for the
// debugger, or why f cannot run again.
func (t *Target) restartable(f *frameRef) (above, own int, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	th := f.thread
	switch {
	case th == t.dead:
		return 0, 0, errors.New("the program has ended; run the cell again")
	case th != t.stopped || !th.parked:
		return 0, 0, errors.New("only frames of the thread that has stopped can run again")
	case t.table.FuncOf(f.frame.Func).Body:
		return 0, 0, errors.New("the statements of a cell cannot run again from within; interrupt it and run it again")
	case th.halted:
		return 0, 0, errors.New(
			"the program stands inside compiled code, which made the value; step to the next statement first")
	}
	for g := th.top; g != nil; g = g.Up {
		if !t.table.FuncOf(g.Func).Body { // which does not need to
			own++
		}
	}
	return th.top.Depth - f.frame.Depth, own, nil
}

// leave begins what RestartFrame asked for, on the goroutine that it asked. It does not return then.
func (th *thread) leave() {
	if th.again != nil {
		th.within = true // what is deferred runs without stops
		panic(th.again.signal)
	}
}

// reached notes that the goroutine leaves f, which runs again when that was asked for.
func (th *thread) reached(f *probe.Frame) bool {
	if th.again == nil || th.again.frame != f {
		return false
	}
	th.again.signal.Reached = true
	th.again, th.within = nil, false
	return true
}
