// Package local is a session of cells under a debugger in this process, without a kernel: for tests and
// benchmarks.
//
//	s, err := local.New("exact", nil)
//	err = s.Target.Attach(s)
//	out := s.Run("1 + 1") // on another goroutine, when it may stop
//
// It captures no output and sends no messages; kernels are package kernel.
package local

import (
	"context"
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"os"

	"github.com/lathe-ml/lathe/debugger"
	"github.com/lathe-ml/lathe/kernel"
	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/outcome"
	"github.com/lathe-ml/lathe/kernel/symbols"
)

// Session is a session with its target. Run must not be called concurrently.
type Session struct {
	Target *debugger.Target

	exec    kernel.Executor
	session *check.Session
	cells   int
}

// New starts a session with everything that cells can use. report is told of panics of goroutines.
func New(executor string, views debugger.Views, report func(*outcome.Failure)) (*Session, error) {
	lib := check.Open(symbols.Exports()...)
	x, err := kernel.NewExecutor(executor, kernel.ExecutorOptions{
		Symbols: symbols.Packages(), Library: lib, Report: report, Stdin: os.Stdin,
	})
	if err != nil {
		return nil, err
	}
	s := &Session{
		exec: x, session: check.New(x.FileSet(), lib, check.Options{Prelude: symbols.Prelude(), Has: x.Has}),
	}
	s.Target = debugger.New(s, views)
	return s, nil
}

// Run executes a cell. An error means that it was refused.
func (s *Session) Run(code string) (outcome.Outcome, error) {
	s.cells++
	c := kernel.Cell{Name: fmt.Sprintf("cell %d", s.cells), Code: code}
	s.Target.Begin(c)
	p, err := s.session.Check(c.Name, code)
	if err != nil {
		return outcome.Outcome{}, err
	}
	run, err := s.exec.Prepare(p)
	if err != nil {
		return outcome.Outcome{}, err
	}
	s.session.Commit(p)
	out := run(context.Background())
	s.Target.End(c, out.Err)
	return out, nil
}

// The methods below make Session a debugger.Host.

// FileSet has the positions of cells.
func (s *Session) FileSet() *token.FileSet { return s.exec.FileSet() }

// Instrument makes cells carry calls.
func (s *Session) Instrument(p check.Probes) (later bool, err error) {
	s.session.SetProbes(p)
	again, err := s.session.Recheck("debugger")
	if err != nil {
		return false, err
	}
	err = s.exec.(interface{ Replace(*check.Program) error }).Replace(again)
	if err == nil {
		s.session.Commit(again)
	}
	return false, err
}

// Inside compiles code of a client.
func (s *Session) Inside(code string, names []types.Object) (*outcome.Inside, error) {
	s.cells++
	p, err := s.session.CheckIn(fmt.Sprintf("debugger %d", s.cells), code, names)
	if err != nil {
		return nil, err
	}
	return s.exec.(interface {
		Inside(*check.Program) (*outcome.Inside, error)
	}).Inside(p)
}

// Globals lists nothing.
func (s *Session) Globals() []kernel.Global { return nil }

// OnPanic passes f on.
func (s *Session) OnPanic(f func(v any, returned bool)) (unwinding func() bool) {
	return s.exec.(interface {
		OnPanic(func(any, bool)) func() bool
	}).OnPanic(f)
}

// Reach passes the question on.
func (s *Session) Reach() (direct, all int, err error) {
	x, ok := s.exec.(interface{ Reach() (direct, all int) })
	if !ok {
		return 0, 0, errors.New("local: this executor cannot run a function again")
	}
	direct, all = x.Reach()
	return direct, all, nil
}

// Busy reports that no cell runs.
func (s *Session) Busy() bool { return false }

// Declare refuses.
func (s *Session) Declare(string, types.Type, any) error {
	return errors.New("local: nothing can be declared from outside")
}

// Step makes every goroutine of cells stop at each of its statements and go on at once, up to limit
// times; then they run. It returns how often they stopped by the time that done is called.
func (s *Session) Step(limit int) (done func() int) {
	stops := make(chan int, 1)
	end := make(chan int)
	remove := s.Target.Listen(func(e debugger.Event) {
		if e.Kind == "stopped" {
			stops <- e.Thread
		}
	})
	go func() {
		n := 0
		for {
			select {
			case id := <-stops:
				kind := "in"
				if n++; n >= limit {
					kind = "continue"
				}
				_ = s.Target.Resume(id, kind) // it is parked
			case end <- n:
				return
			}
		}
	}()
	s.Target.Pause()
	return func() int {
		remove()
		return <-end
	}
}
