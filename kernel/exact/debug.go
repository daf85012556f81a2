package exact

import (
	"go/types"
	"reflect"
	"runtime"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/exact/native"
	"github.com/lathe-ml/lathe/kernel/outcome"
)

// Replace makes the functions of p those of the session without running anything. Cells may run
// meanwhile: their next calls are calls of the new functions.
func (x *Executor) Replace(p *check.Program) error {
	x.m.mu.Lock()
	g, err := x.m.build(p)
	x.m.mu.Unlock()
	if err == nil {
		x.m.commit(g)
	}
	return err
}

// Inside compiles code that was checked with Session.CheckIn.
func (x *Executor) Inside(p *check.Program) (*outcome.Inside, error) {
	x.m.mu.Lock()
	defer x.m.mu.Unlock()
	g, err := x.m.build(p)
	if err != nil {
		return nil, err
	}
	in := &outcome.Inside{
		Addr: map[string]any{}, Run: func() outcome.Outcome { return x.here(g) }, Keep: func() { x.m.commit(g) },
	}
	for _, v := range p.Locals {
		if m, ok := g.ssa.Members[v.Name].(*ssa.Global); ok {
			in.Addr[v.Name] = x.m.address(v.Obj.Type(), x.m.globals[m])
		}
	}
	return in, nil
}

// here runs a program on the calling goroutine. One that no cell started cannot be interrupted: there
// the program gets a goroutine of its own.
func (x *Executor) here(p *program) (out outcome.Outcome) {
	if x.m.live.here() == nil {
		return x.apart(p)
	}
	in, _ := x.m.live.enter()
	defer in.nested.Add(-1)
	before := in.panic
	in.panic = traced{}
	g := newGor(in)
	defer func() {
		if v := recover(); v != nil {
			g.keepTrace()
			out.Err = x.failure(in, v)
		}
		in.panic = before
	}()
	out.Values = p.run(g)
	g.release()
	return out
}

// apart runs a program on a goroutine that EndGoroutines ends.
func (x *Executor) apart(p *program) (out outcome.Outcome) {
	in := &goroutine{run: &run{cell: p.Name, done: make(chan struct{})}}
	in.main = newGor(in)
	done := make(chan struct{})
	x.m.live.start(in, func() { out.Values = p.run(in.main) }, func(f *outcome.Failure) {
		out.Err = f
		close(done)
	})
	<-done
	return out
}

// Address returns a pointer to a variable of the session, or nil when there is none of that name.
func (x *Executor) Address(v *types.Var) any {
	x.m.mu.Lock()
	defer x.m.mu.Unlock()
	p := x.m.vars[v.Name()]
	if p == nil {
		return nil
	}
	return x.m.address(v.Type(), p)
}

// address returns p as a pointer to a value of type t. It needs m.mu.
func (m *machine) address(t types.Type, p P) any {
	m.types.reset()
	return reflect.NewAt(native.Of(m.types.of(t)).Reflect(), p).Interface()
}

// OnPanic makes f be called where a panic of a cell begins, before functions that the panic leaves
// do anything; nil: nothing is called. returned says that it is no panic, but the error that the last
// call of a cell returned. There is nothing else to ask, see yaegi.Executor.
func (x *Executor) OnPanic(f func(v any, returned bool)) (unwinding func() bool) {
	if f == nil {
		x.m.live.watch.Store(nil)
		return nil
	}
	x.m.live.watch.Store(&f)
	return nil
}

// began tells who watches that a panic begins on g. They may want a function to run again instead.
func (l *goroutines) began(g *gor, v any) (r *outcome.Restart) {
	f := l.watch.Load()
	if f == nil || g.in == nil || len(g.in.panic.frames) > 0 {
		return nil
	}
	defer func() {
		if v := recover(); v != nil {
			ok := false
			if r, ok = v.(*outcome.Restart); !ok {
				panic(v)
			}
		}
	}()
	switch v := v.(type) {
	case nil, interrupted, exit, *outcome.Restart:
	case resultError:
		(*f)(v.err, true)
	default:
		(*f)(v, false)
	}
	return nil
}

// Reach says how many of the active functions that defer the calling goroutine can leave by a panic
// that no compiled code sees, and how many there are.
func (x *Executor) Reach() (direct, all int) {
	pcs := make([]uintptr, 256)
	for n := runtime.Callers(1, pcs); n == len(pcs); n = runtime.Callers(1, pcs) {
		pcs = make([]uintptr, 2*len(pcs))
	}
	inner := true
	for frames := runtime.CallersFrames(pcs); ; {
		f, more := frames.Next()
		switch {
		case strings.HasSuffix(f.Function, "/exact.(*Fn).Invoke"):
			inner = false
		case strings.HasSuffix(f.Function, "/exact.(*code).attempt"):
			if all++; inner {
				direct++
			}
		}
		if !more {
			return direct, all
		}
	}
}
