package yaegi

import (
	"errors"
	"go/ast"
	"go/token"
	"go/types"
	"runtime"
	"strings"

	"github.com/traefik/yaegi/interp"

	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/outcome"
)

// Inside compiles code that was checked with Session.CheckIn.
func (x *Executor) Inside(p *check.Program) (*outcome.Inside, error) {
	names := x.names
	f, p, err := x.compile(p)
	if err != nil {
		return nil, err
	}
	own := x.names
	names.count, names.imported = own.count, own.imported
	x.names = names // what the code declares is not for the session
	in := &outcome.Inside{
		Addr: map[string]any{}, Run: func() Outcome { return x.here(p, f) },
		Keep: func() {
			for _, v := range p.Vars {
				x.names.current[v.Name] = own.current[v.Name]
			}
		},
	}
	for _, v := range p.Locals {
		if in.Addr[v.Name], err = x.pointer(own.current[v.Name]); err != nil {
			return nil, err
		}
	}
	return in, nil
}

// pointer returns the address of a variable of the interpreter.
func (x *Executor) pointer(name string) (any, error) {
	addr := &ast.UnaryExpr{Op: token.AND, X: ast.NewIdent(name)}
	v, err := x.eval(&ast.BlockStmt{List: []ast.Stmt{&ast.ExprStmt{X: addr}}})
	if err != nil {
		return nil, err
	}
	return v.Interface(), nil
}

// here runs the entry of a program on the calling goroutine.
func (x *Executor) here(p *check.Program, f func()) Outcome {
	id := goid()
	before := x.of(id)
	r := &run{cell: p.Name, done: make(chan struct{})}
	x.mu.Lock()
	deferred := x.deferred[id] // by the functions around
	delete(x.deferred, id)
	x.mu.Unlock()
	fail := x.guard(r, f)
	x.mu.Lock()
	if before != nil {
		x.running[id] = before
	}
	if deferred != nil {
		x.deferred[id] = deferred
	}
	x.mu.Unlock()
	return ended(r, fail)
}

// Address returns a pointer to a variable of the session, or nil when there is none of that name.
func (x *Executor) Address(v *types.Var) any {
	name := x.names.current[v.Name()]
	if name == "" {
		return nil
	}
	p, err := x.pointer(name)
	if err != nil {
		return nil
	}
	return p
}

// Replace makes the functions of p those of the session without running anything. The interpreter
// cannot do so while a cell runs.
func (x *Executor) Replace(p *check.Program) error {
	x.mu.Lock()
	busy := len(x.running) > 0
	x.mu.Unlock()
	if busy {
		return ErrBusy
	}
	f, _, err := x.compile(p)
	if err != nil {
		return err
	}
	f() // puts the functions into the variables through which they are called
	return nil
}

// ErrBusy is what Replace returns while cells run.
var ErrBusy = errors.New("the executor yaegi cannot replace functions while a cell runs")

// OnPanic makes f be called with a panic, or the error that the last call of a cell returned, that
// leaves the statements of a cell; nil: nothing is called. Functions of cells can ask by unwinding, in
// functions that they defer, whether a panic leaves them: the interpreter tells nobody else.
func (x *Executor) OnPanic(f func(v any, returned bool)) (unwinding func() bool) {
	if f == nil {
		x.watch.Store(nil)
		return nil
	}
	x.watch.Store(&f)
	return inPanic
}

// ended tells who watches that v has left the statements of a cell.
func (x *Executor) ended(v any) {
	f := x.watch.Load()
	if f == nil {
		return
	}
	if p, ok := v.(interp.Panic); ok {
		v = p.Value
	}
	err, _ := v.(error)
	var fail *Failure
	var i interrupted
	switch {
	case errors.As(err, &i):
	case errors.As(err, &fail):
		(*f)(fail.Err, true)
	default:
		(*f)(x.reg.goPanic(v), false)
	}
}

// inPanic reports whether the interpreter runs deferred calls of a function that panics: its handler
// was called by the runtime's panic, and not by a return.
func inPanic() bool {
	var pcs [48]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		f, more := frames.Next()
		if strings.HasSuffix(f.Function, "/interp.runCfg.func1") {
			f, _ = frames.Next()
			return strings.HasPrefix(f.Function, "runtime.") && f.Function != "runtime.deferreturn"
		}
		if !more {
			return false
		}
	}
}
