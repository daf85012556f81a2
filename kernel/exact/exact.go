// Package exact runs checked cells as Go runs them: their SSA form is turned into closures that work
// on native memory, with types, functions and goroutines that compiled code takes for its own.
//
//	x, err := exact.New(exact.Options{Symbols: std.Symbols, Library: lib})
//	s := check.New(x.FileSet(), lib, check.Options{Has: x.Has})
//	p, err := s.Check("cell 1", "1 + 1")
//	run, err := x.Prepare(p)
//	out := run(ctx)
//
// It relies on layouts of the Go runtime (kernel/exact/native), which New checks; where they differ,
// kernel/yaegi is the executor that needs none. The package does not check types (see kernel/check)
// and knows no messages.
package exact

import (
	"context"
	"fmt"
	"go/token"
	"go/types"
	"io"
	"math"
	"os"
	"reflect"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/tools/go/ssa"

	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/exact/native"
	"github.com/lathe-ml/lathe/kernel/outcome"
)

// Options of an Executor.
type Options struct {
	// Symbols are the compiled packages, by "import/path/name".
	Symbols map[string]map[string]reflect.Value
	// Library has the type information of those packages; the same as that of the check.Session.
	Library *check.Library
	// Memory is the most bytes that a slice may have; 0: as many as there are. A program that asks for
	// more than there are is ended by the Go runtime, and the kernel with it.
	Memory int64
	// Report is told of panics in goroutines that a cell started; nil: they are dropped.
	Report func(*outcome.Failure)
	// Stdin is the standard input of cells; nil: that of the process.
	Stdin io.Reader
}

// Executor runs programs. Its methods must not be called concurrently, except Stray.
//
// Goroutines: each run starts one for the cell; go statements of the cell start others. Each knows
// its run by its label. An interrupted run that does not end in time is left behind: its goroutines
// end at their next loop, call or channel operation.
type Executor struct {
	m    *machine
	fset *token.FileSet
	opts Options
}

// New returns an executor with the given symbols, or an error that says why this process cannot have
// one.
func New(o Options) (*Executor, error) {
	if err := native.Check(); err != nil {
		return nil, fmt.Errorf("exact: %w", err)
	}
	own := o.Stdin != nil && o.Stdin != io.Reader(os.Stdin)
	if o.Stdin == nil {
		o.Stdin = os.Stdin
	}
	x := &Executor{fset: token.NewFileSet(), opts: o}
	m := &machine{
		lib: o.Library, fset: x.fset, fns: map[*ssa.Function]*Fn{}, globals: map[*ssa.Global]P{},
		packages: map[*types.Package]int{}, session: map[*types.Package]bool{}, vars: map[string]P{},
		funcs: map[string]*Fn{}, named: map[string]*types.TypeName{}, live: &goroutines{}, instead: map[string]reflect.Value{},
	}
	if m.most = math.MaxUint; o.Memory > 0 {
		m.most = uintptr(o.Memory)
	}
	if own {
		m.stdin = &input{o.Stdin}
	}
	m.symbols = byPath(o.Symbols)
	m.types, m.sources = newTypeTable(m), newSources(m)
	m.prog = ssa.NewProgram(x.fset, ssa.InstantiateGenerics|ssa.BareInits)
	m.prog.CreatePackage(types.Unsafe, nil, nil, true)
	m.live.report = func(f *outcome.Failure) {
		if o.Report != nil {
			o.Report(f)
		}
	}
	m.live.failure = x.failure
	x.m = m
	x.adapt(m.symbols)
	return x, nil
}

// FileSet is the file set that checked programs must use.
func (x *Executor) FileSet() *token.FileSet { return x.fset }

// Has reports whether a compiled name can be used in cells.
func (x *Executor) Has(path, name string) bool {
	if _, ok := x.m.symbol(path, name); ok {
		return true
	}
	if x.m.symbols[path] == nil && !strings.HasPrefix(path, "overlay/") {
		return false
	}
	x.m.mu.Lock()
	defer x.m.mu.Unlock()
	return x.m.sources.knows(path, name)
}

// Stray reports whether the calling goroutine belongs to a cell that was interrupted, so that what
// it writes must be dropped. It is cheap while there is none.
func (x *Executor) Stray() bool {
	if x.m.live.zombies.Load() == 0 {
		return false
	}
	in := x.m.live.here()
	return in != nil && in.run != nil && in.run.stopped.Load() != nil
}

// Prepare compiles a program without running it. The returned function runs it. An error means that
// the session is unchanged.
func (x *Executor) Prepare(p *check.Program) (func(context.Context) outcome.Outcome, error) {
	x.m.mu.Lock()
	defer x.m.mu.Unlock()
	g, err := x.m.build(p)
	if err != nil {
		if _, ok := err.(check.Errors); !ok {
			pos := token.Position{Filename: p.Name, Line: 1, Column: 1}
			err = check.Errors{{Pos: pos, Msg: err.Error()}}
		}
		return nil, err
	}
	return func(ctx context.Context) outcome.Outcome { return x.run(ctx, g) }, nil
}

// grace is how long an interrupted cell may take to unwind before it is left behind.
const grace = 600 * time.Millisecond

// run runs a cell in a goroutine of its own and waits for it or for ctx.
func (x *Executor) run(ctx context.Context, p *program) outcome.Outcome {
	x.m.commit(p)
	r := &run{cell: p.Name, done: make(chan struct{})}
	x.m.live.current.Store(r)
	var values []any
	in := &goroutine{run: r}
	g := newGor(in)
	in.main = g
	done := make(chan *outcome.Failure, 1)
	x.m.live.start(in, func() {
		values = p.run(g)
		p.forget()
	}, func(f *outcome.Failure) { done <- f })
	finish := func(f *outcome.Failure) outcome.Outcome {
		if f != nil && f.Kind == exitKind && f.Err == exit(0) {
			f = nil
		}
		return outcome.Outcome{Values: values, Err: f}
	}
	select {
	case f := <-done:
		return finish(f)
	case <-ctx.Done():
	}
	reason := context.Cause(ctx)
	x.m.live.stop(x.m, r, reason)
	select {
	case f := <-done:
		return finish(f)
	case <-time.After(grace):
		return outcome.Outcome{Err: &outcome.Failure{
			Kind: "interrupt", Msg: reason.Error(), Err: reason, Interrupted: true,
		}}
	}
}

// run runs the functions of a cell: what a program does before main, its statements, and main.
func (p *program) run(g *gor) []any {
	from := func(pkg *ssa.Package, name string) (*code, P) {
		f := pkg.Func(name)
		if f == nil {
			return nil, nil
		}
		p.m.mu.Lock()
		fn := p.m.fn(f)
		p.m.mu.Unlock()
		c := fn.ready()
		fp := c.get(g)
		c.call(nil, fp)
		return c, fp
	}
	call := func(name string) (*code, P) { return from(p.ssa, name) }
	for {
		p.m.mu.Lock()
		if len(p.m.begin) == 0 {
			p.m.mu.Unlock()
			break
		}
		pkg := p.m.prog.Package(p.m.begin[0])
		p.m.begin = p.m.begin[1:]
		p.m.mu.Unlock()
		from(pkg, "init")
	}
	call(declaring)
	for i := 1; p.ssa.Func(initName(i)) != nil; i++ {
		call(initName(i))
	}
	c, fp := call(running)
	if p.Main {
		call("main")
	}
	return p.results(c, fp)
}

// forget drops the functions that only the cell itself calls. Code that a debugger runs in a frame
// keeps them: it runs more than once.
func (p *program) forget() {
	p.m.mu.Lock()
	defer p.m.mu.Unlock()
	for _, name := range []string{declaring, running} {
		if f := p.ssa.Func(name); f != nil {
			delete(p.m.fns, f)
			delete(p.ssa.Members, name)
			f.Blocks, f.Locals, f.Recover = nil, nil, nil
		}
	}
}

func initName(i int) string { return fmt.Sprintf("init#%d", i) }

// results returns what the cell shows. An error as the last value ends the cell instead.
func (p *program) results(c *code, fp P) (values []any) {
	if !p.shown {
		return nil
	}
	for _, r := range c.results {
		v := reflect.New(r.typ.Reflect())
		r.kind.copy(r.typ, v.UnsafePointer(), unsafe.Add(fp, r.off))
		values = append(values, v.Elem().Interface())
	}
	if !p.errors {
		return values
	}
	last := len(values) - 1
	if err, ok := values[last].(error); ok && err != nil {
		panic(resultError{err, p.Fset.Position(p.Result.Pos())})
	}
	return values[:last]
}

// resultError is the panic of a cell whose last call returned an error.
type resultError struct {
	err error
	pos token.Position
}
