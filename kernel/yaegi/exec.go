// Package yaegi runs checked cells in the yaegi interpreter.
//
//	fset := token.NewFileSet()
//	x, err := yaegi.New(yaegi.Options{Symbols: std.Symbols})
//	s := check.New(x.FileSet(), lib, check.Options{Has: x.Has})
//	p, err := s.Check("cell 1", "1 + 1")
//	out := x.Run(ctx, p)
//
// A cell is first lowered: what yaegi runs wrong, or cannot run, is rewritten into Go that it runs
// right, or refused. The package does not check types (see kernel/check) and knows no messages.
package yaegi

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/traefik/yaegi/interp"

	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/outcome"
	"github.com/lathe-ml/lathe/kernel/yaegi/mono"
)

// Options of an Executor.
type Options struct {
	// Symbols are the compiled packages, by "import/path/name".
	Symbols map[string]map[string]reflect.Value
	// Library has the types of the compiled packages, which generic code of the standard library needs; nil:
	// cells cannot use that.
	Library *check.Library
	// Report is told of panics in goroutines that a cell started; nil: they are dropped.
	Report func(*Failure)
	// Stdin is the standard input of cells; nil: that of the process.
	Stdin io.Reader
}

// Executor runs programs. Run must not be called concurrently.
//
// Goroutines: each Run starts one for the cell; a cell's go statements start others through
// goroutine. Each is entered in running under its id, which is how poll knows to which Run it
// belongs. An interrupted Run that does not end in time is left behind as a zombie: it dies at its
// next poll.
type Executor struct {
	in      *interp.Interpreter
	fset    *token.FileSet
	names   *names
	mono    *mono.State
	library *mono.Library // nil: none
	reg     *registry
	opts    Options
	trace   *trace
	stop    *bool  // the interpreter's stopVar
	entry   func() // set by the init function of a lowered cell

	mu       sync.Mutex
	running  map[int64]*run // by goroutine id
	zombies  int
	deferred map[int64][]*Defers // functions that have deferred others, by goroutine
	exits    map[int64]any       // what goroutines that called os.Exit or log.Fatal panic with

	current atomic.Pointer[run]
	watch   atomic.Pointer[func(v any, returned bool)] // see OnPanic
}

// run is one execution of a cell with the goroutines that it started.
type run struct {
	cell    string
	stopped atomic.Pointer[interrupted]
	done    chan struct{} // closed when it is stopped
	live    int           // goroutines, guarded by Executor.mu
	results []reflect.Value
	refused atomic.Pointer[refused] // why it ends although the cell went on, see unsure
}

// grace is how long an interrupted cell may take to unwind before it is left behind.
const grace = 600 * time.Millisecond

// New returns an executor with the given symbols.
func New(o Options) (*Executor, error) {
	if o.Stdin == nil {
		o.Stdin = os.Stdin
	}
	x := &Executor{
		names: newNames(), reg: newRegistry(), opts: o, running: map[int64]*run{}, deferred: map[int64][]*Defers{},
		exits: map[int64]any{}, fset: token.NewFileSet(),
	}
	if o.Library != nil {
		x.library = mono.NewLibrary(x.fset, o.Library)
	}
	x.reg.asked = x.textAsked
	x.trace = &trace{reg: x.reg, by: map[int64]*unwinding{}}
	x.in = interp.New(interp.Options{
		Stdout: io.Discard, Stderr: x.trace, Unrestricted: true, Args: []string{"lathe"},
	})
	x.in.FileSet().AddFile(allFile, 1, 1<<30)
	for _, symbols := range []interp.Exports{x.adapted(o.Symbols), x.symbols()} {
		if err := x.in.Use(symbols); err != nil {
			return nil, fmt.Errorf("yaegi: symbols: %w", err)
		}
	}
	if err := x.globals(); err != nil {
		return nil, err
	}
	return x, nil
}

// FileSet is the file set that checked programs must use.
func (x *Executor) FileSet() *token.FileSet { return x.fset }

// allFile is the one file that the interpreter knows. Its file set gives every position of fset as
// line 1 and the position itself as the column: yaegi keeps imports by file name, and declarations
// of several cells are compiled together.
const allFile = "cells"

// Has reports whether a compiled name can be used in cells.
func (x *Executor) Has(path, name string) bool {
	for key, symbols := range x.opts.Symbols {
		if strings.HasPrefix(key, path) && strings.LastIndexByte(key, '/') == len(path) {
			if _, ok := symbols[name]; ok {
				return true
			}
		}
	}
	return x.library.Has(path, name)
}

// globalSource is compiled once: the variable through which the interpreter is stopped, and a
// function that takes a value out of the form that yaegi gives to interfaces of the session.
const globalSource = `package main
import lathe_rt "` + runtimePath + `"
var lathe_stop bool
func lathe_open(x interface{ lathe() }) any { return lathe_rt.Any(x) }
`

// globals declares what globalSource says.
func (x *Executor) globals() error {
	f, err := parser.ParseFile(token.NewFileSet(), "", globalSource, 0)
	if err == nil {
		ast.Inspect(f, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				id.Name = strings.Replace(id.Name, "lathe_", "lathe·", 1)
			}
			return true
		})
		_, err = x.eval(f)
	}
	x.names.imported[runtimePath] = true
	value := func(e ast.Expr) (v reflect.Value) {
		if err == nil {
			v, err = x.eval(&ast.BlockStmt{List: []ast.Stmt{&ast.ExprStmt{X: e}}})
		}
		return v
	}
	stop := value(&ast.UnaryExpr{Op: token.AND, X: ast.NewIdent(stopVar)})
	open := value(ast.NewIdent(openFunc))
	if err != nil {
		return fmt.Errorf("yaegi: globals: %w", err)
	}
	x.stop, x.reg.open = stop.Interface().(*bool), open
	return nil
}

// eval compiles and executes a node. A panic of the interpreter's compiler becomes an error.
func (x *Executor) eval(n ast.Node) (v reflect.Value, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fault{r}
		}
	}()
	p, err := x.in.CompileAST(n)
	if err != nil {
		return v, err
	}
	return x.in.Execute(p)
}

// fault is a panic inside the interpreter's compiler.
type fault struct{ value any }

// Error describes the fault.
func (f fault) Error() string { return fmt.Sprint(f.value) }

// Outcome is what running a program gave.
type Outcome = outcome.Outcome

// Prepare lowers and compiles a program without running it. The returned function runs it. An error
// means that the session is unchanged.
func (x *Executor) Prepare(p *check.Program) (func(context.Context) Outcome, error) {
	if path := fromSource(p); path != "" {
		return nil, check.Errors{{
			Pos: token.Position{Filename: p.Name, Line: 1, Column: 1},
			Msg: fmt.Sprintf("package %q is read from source, which the executor yaegi cannot run; exact can", path),
		}}
	}
	p.Complete() // which types of the session an interface may hold is found out by trying them
	f, p, err := x.compile(p)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) Outcome { return x.run(ctx, p, f) }, nil
}

// compile lowers and compiles a program, and returns its entry.
func (x *Executor) compile(p *check.Program) (func(), *check.Program, error) {
	p, m, err := x.mono.Rewrite(p, x.library)
	if err != nil {
		return nil, nil, err
	}
	n := x.names.clone()
	file, err := lower(p, n, x.reg)
	if err != nil {
		return nil, nil, err
	}
	if _, err := x.eval(file); err != nil {
		return nil, nil, x.compileError(p, err)
	}
	f := x.entry
	if x.entry = nil; f == nil {
		return nil, nil, x.compileError(p, errors.New("no entry"))
	}
	x.names, x.mono = n, m
	return f, p, nil
}

// fromSource returns the path of a package read from source that p uses, or "".
func fromSource(p *check.Program) string {
	for _, src := range p.Sources {
		for _, o := range p.Info.Uses {
			if pn, ok := o.(*types.PkgName); ok && pn.Imported() == src.Pkg || o.Pkg() == src.Pkg {
				return src.Pkg.Path()
			}
		}
	}
	return ""
}

// run calls the entry of a cell in a goroutine of its own and waits for it or for ctx.
func (x *Executor) run(ctx context.Context, p *check.Program, f func()) Outcome {
	r := &run{cell: p.Name, done: make(chan struct{})}
	x.current.Store(r)
	done := make(chan *Failure, 1)
	go func() {
		var fail *Failure
		defer func() { done <- fail }() // also after runtime.Goexit
		fail = x.guard(r, f)
	}()
	select {
	case fail := <-done:
		return ended(r, fail)
	case <-ctx.Done():
	}
	reason := context.Cause(ctx)
	x.interrupt(r, reason)
	defer x.settle(r)
	select {
	case fail := <-done:
		return ended(r, fail)
	case <-time.After(grace):
		return Outcome{Err: x.failure(interrupted{reason})}
	}
}

func ended(r *run, fail *Failure) Outcome {
	if fail != nil && quits(fail) {
		fail = nil
	}
	if why := r.refused.Load(); why != nil && (fail == nil || fail.Kind != "error") {
		fail = &Failure{Kind: "error", Msg: string(*why), Err: *why, Pos: token.Position{Filename: r.cell, Line: 1, Column: 1}}
	}
	o := Outcome{Err: fail}
	for _, v := range r.results {
		o.Values = append(o.Values, v.Interface())
	}
	return o
}

// quits reports whether a failure is an exit without one.
func quits(f *Failure) bool { return f.Kind == "exit" && f.Msg == "os.Exit(0)" }

// guard runs f as a goroutine of r and turns a panic into a Failure.
func (x *Executor) guard(r *run, f func()) (fail *Failure) {
	id := goid()
	x.enter(id, r)
	defer x.leave(id, r)
	defer x.trace.forget(id)
	defer func() {
		if v := recover(); v != nil {
			x.ended(v)
			fail = x.failure(v)
		}
		if x.forgotten(id) && fail != nil && !fail.Interrupted && fail.Msg != skipped {
			fail.Msg = skipped + " (it panicked with: " + fail.Msg + ")"
		}
	}()
	f()
	return nil
}

var errFault = errors.New("the interpreter cannot run this cell")

// compileError explains why yaegi did not take a program that the checker accepted.
func (x *Executor) compileError(p *check.Program, err error) error {
	pos, msg := x.position(err.Error())
	if pos.Line == 0 {
		pos.Filename, pos.Line, pos.Column = p.Name, 1, 1
	}
	return check.Errors{{Pos: pos, Msg: fmt.Sprintf("%v: %s", errFault, plain(msg))}}
}
