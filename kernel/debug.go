package kernel

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"net"
	"reflect"
	"sync/atomic"

	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/outcome"
	"github.com/lathe-ml/lathe/kernel/wire"
	"github.com/lathe-ml/lathe/kernel/yaegi"
)

// Debugger answers debug requests and is told what cells do. Its methods may be called concurrently.
type Debugger interface {
	// Request answers the content of a debug_request; nil: later, or not at all.
	Request(content json.RawMessage) any
	// Begin says that a cell is about to be checked and run.
	Begin(c Cell)
	// End says that it ended; failure is nil when it ran to its end.
	End(c Cell, failure *outcome.Failure)
	// Interrupt lets what is stopped go on, because it is to be interrupted.
	Interrupt()
	// Listen serves clients that come by themselves to a TCP address.
	Listen(address string) (net.Addr, error)
	// Close removes what the debugger keeps outside of the process.
	Close() error
	// Restart says that another session has begun: everything that cells declared is gone.
	Restart()
}

// Cell is an execution of a cell.
type Cell struct {
	Name string // "cell 3", as in positions
	ID   string // in the document, or ""
	Code string
}

// Debuggee is the kernel as a Debugger sees it.
type Debuggee struct{ s *Server }

// Event publishes the content of a debug_event.
func (d Debuggee) Event(content any) {
	d.s.publish(d.s.debug.parent.Load(), "debug_event", content)
}

// FileSet has the positions of cells; another one after Restart.
func (d Debuggee) FileSet() *token.FileSet {
	d.s.mu.Lock()
	defer d.s.mu.Unlock()
	return d.s.exec.FileSet()
}

// Instrument makes the functions of the session, and cells from now on, carry the calls of p, or none
// when p is nil. While a cell runs on an executor that cannot replace functions meanwhile, they are
// replaced when it has ended; later says so.
func (d Debuggee) Instrument(p check.Probes) (later bool, err error) {
	s := d.s
	s.mu.Lock()
	defer s.mu.Unlock()
	s.session.SetProbes(p)
	err = s.rebuild()
	s.debug.stale = errors.Is(err, yaegi.ErrBusy)
	if s.debug.stale {
		return true, nil
	}
	return false, err
}

// replacer is an Executor that can exchange functions.
type replacer interface {
	Replace(p *check.Program) error
	Inside(p *check.Program) (*outcome.Inside, error)
	Address(v *types.Var) any
}

// watcher is an Executor that tells of panics where they begin.
type watcher interface {
	OnPanic(f func(v any, returned bool)) (unwinding func() bool)
}

// rebuild checks and compiles all functions of the session again. It needs s.mu.
func (s *Server) rebuild() error {
	x, ok := s.exec.(replacer)
	if !ok {
		return errors.New("debugger: this executor cannot replace functions")
	}
	s.debug.rebuilds++
	p, err := s.session.Recheck(fmt.Sprintf("debugger %d", s.debug.rebuilds))
	if err != nil {
		return fmt.Errorf("debugger: %w", err)
	}
	if err := x.Replace(p); err != nil {
		return err
	}
	s.session.Commit(p)
	return nil
}

// Inside compiles code that sees the given names beside those of the session.
func (d Debuggee) Inside(code string, names []types.Object) (*outcome.Inside, error) {
	s := d.s
	s.mu.Lock()
	defer s.mu.Unlock()
	s.debug.rebuilds++
	p, err := s.session.CheckIn(fmt.Sprintf("debugger %d", s.debug.rebuilds), code, names)
	if err != nil {
		return nil, err
	}
	x, ok := s.exec.(replacer)
	if !ok {
		return nil, errors.New("debugger: this executor cannot run code in a function")
	}
	return x.Inside(p)
}

// Global is a variable of the session.
type Global struct {
	Name string
	Type types.Type
	Addr any // a pointer to it
}

// Globals lists the variables of the session by name.
func (d Debuggee) Globals() (list []Global) {
	s := d.s
	s.mu.Lock()
	defer s.mu.Unlock()
	x, ok := s.exec.(replacer)
	if !ok {
		return nil
	}
	for _, name := range s.session.Names() {
		v, ok := s.session.Lookup(name).(*types.Var)
		if !ok {
			continue
		}
		if p := x.Address(v); p != nil {
			list = append(list, Global{name, v.Type(), p})
		}
	}
	return list
}

// OnPanic makes f be called where a panic of a cell begins; nil: nothing is called. An executor that
// cannot tell returns a function that says, when a function deferred it, whether a panic leaves that.
func (d Debuggee) OnPanic(f func(v any, returned bool)) (unwinding func() bool) {
	d.s.mu.Lock()
	defer d.s.mu.Unlock()
	if x, ok := d.s.exec.(watcher); ok {
		return x.OnPanic(f)
	}
	return nil
}

// Reach says how many of the active functions that defer the calling goroutine of a cell can leave by
// a panic that no compiled code sees, and how many there are.
func (d Debuggee) Reach() (direct, all int, err error) {
	d.s.mu.Lock()
	x, ok := d.s.exec.(interface{ Reach() (direct, all int) })
	d.s.mu.Unlock()
	if !ok {
		return 0, 0, errors.New("this executor cannot run a function again; lathe kernel --executor exact can")
	}
	direct, all = x.Reach()
	return direct, all, nil
}

// Declare makes a variable of the session with the value at addr, which is of type t.
func (d Debuggee) Declare(name string, t types.Type, addr any) error {
	const source = "copiedᐧ"
	s := d.s
	s.mu.Lock()
	defer s.mu.Unlock()
	x, ok := s.exec.(replacer)
	if !ok {
		return errors.New("debugger: this executor cannot declare variables")
	}
	s.debug.rebuilds++
	from := types.NewVar(token.NoPos, nil, source, t)
	p, err := s.session.CheckIn(
		fmt.Sprintf("debugger %d", s.debug.rebuilds), name+" := "+source+";", []types.Object{from})
	if err != nil {
		return err
	}
	in, err := x.Inside(p)
	if err != nil {
		return err
	}
	to, value := reflect.ValueOf(in.Addr[source]).Elem(), reflect.ValueOf(addr).Elem()
	if to.Type() != value.Type() {
		return fmt.Errorf("debugger: a %s cannot become a variable of the session", value.Type())
	}
	to.Set(value)
	if out := in.Run(); out.Err != nil {
		return out.Err
	}
	in.Keep()
	s.session.Commit(p)
	return nil
}

// Busy reports whether a cell runs.
func (d Debuggee) Busy() bool {
	d.s.mu.Lock()
	defer d.s.mu.Unlock()
	return d.s.cancel != nil
}

// attend tells the debugger of a new session.
func (s *Server) attend() {
	if s.debug.debugger != nil {
		s.debug.debugger.Restart()
	}
}

// debugging is what a Server keeps for its debugger.
type debugging struct {
	debugger Debugger                    // nil: none
	requests chan *wire.Message          // debug requests
	parent   atomic.Pointer[wire.Header] // of the last one
	code     string                      // of the running cell, with its magics, guarded by Server.mu
	stale    bool                        // functions wait to be replaced, guarded by Server.mu
	rebuilds int                         // guarded by Server.mu
}

// answerDebug answers debug requests, one after the other.
func (s *Server) answerDebug() {
	for m := range s.debug.requests {
		s.status(m, "busy")
		s.debug.parent.Store(&m.Header)
		if answer := s.debug.debugger.Request(m.Content); answer != nil {
			s.reply(m, "debug_reply", answer)
		}
		s.status(m, "idle")
	}
}
