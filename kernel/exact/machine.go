package exact

import (
	"go/token"
	"go/types"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/tools/go/ssa"

	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/exact/native"
)

// mainPath is the path of the package that all cells form.
const mainPath = "main"

// machine turns SSA into code. One lock guards everything that compiling reads or writes; running
// code takes it only to compile a function at its first call.
type machine struct {
	symbols map[string]map[string]reflect.Value // by import path
	instead map[string]reflect.Value            // compiled methods that others stand for
	lib     *check.Library
	fset    *token.FileSet
	most    uintptr // bytes of a slice
	prog    *ssa.Program

	mu       sync.Mutex
	types    *typeTable
	fns      map[*ssa.Function]*Fn
	globals  map[*ssa.Global]P
	packages map[*types.Package]int // compiled packages in prog → names they had then
	session  map[*types.Package]bool
	sources  *sources
	begin    []*types.Package           // source packages that are not initialized yet
	vars     map[string]P               // current variables of the session
	funcs    map[string]*Fn             // current functions
	named    map[string]*types.TypeName // current types

	methods  sync.Map    // *native.Type → map[string]*entry
	newer    sync.Map    // *native.Type → *native.Type: the type that replaced it
	renewed  atomic.Bool // newer is not empty
	stopping atomic.Bool
	live     *goroutines
	stdin    *input // nil: that of the process
}

// Fn is a function of the session, or one that it calls. The code of a function that is defined
// anew is replaced, so that who called the old one calls the new one.
type Fn struct {
	m        *machine
	ssa      *ssa.Function
	code     atomic.Pointer[code]
	compiled P            // function value of the compiled function that it is, or nil
	typ      reflect.Type // of compiled, with the receiver as a parameter
	resolved bool         // compiled is known
	instead  *Fn          // that replaces it
	follow   []*Fn        // those that it replaces, whose code is its own
}

// fn returns the Fn of an SSA function. It needs m.mu.
func (m *machine) fn(s *ssa.Function) *Fn {
	f := m.fns[s]
	if f == nil {
		f = &Fn{m: m, ssa: s}
		m.fns[s] = f
	}
	for f.instead != nil {
		f = f.instead
	}
	return f
}

// replace makes calls of f run the code of g.
func (f *Fn) replace(m *machine, g *Fn) {
	for f.instead != nil && f.instead != g {
		f = f.instead
	}
	if f == g || f.instead == g {
		return
	}
	for _, h := range append(f.follow, f) {
		h.instead = g
		h.code.Store(g.code.Load()) // nil: compiled when it is called
		g.follow = append(g.follow, h)
	}
	f.follow = nil
}

// ready returns the code of f and compiles it when this is its first call.
func (f *Fn) ready() *code {
	if c := f.code.Load(); c != nil {
		return c
	}
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	f.m.types.reset()
	return f.compile()
}

// compile is ready for who holds m.mu.
func (f *Fn) compile() *code {
	if c := f.code.Load(); c != nil {
		return c
	}
	target := f
	for target.instead != nil {
		target = target.instead
	}
	c := target.code.Load()
	if c == nil {
		c = target.m.compile(target)
		target.code.Store(c)
	}
	f.code.Store(c)
	return c
}

// symbol returns an exported name of a compiled package.
func (m *machine) symbol(path, name string) (reflect.Value, bool) {
	v, ok := m.symbols[path][name]
	return v, ok
}

// byPath returns symbols, which are keyed by "import/path/name", by import path.
func byPath(all map[string]map[string]reflect.Value) map[string]map[string]reflect.Value {
	out := make(map[string]map[string]reflect.Value, len(all))
	for key, symbols := range all {
		out[key[:strings.LastIndexByte(key, '/')]] = symbols
	}
	return out
}

func (m *machine) ofSession(p *types.Package) bool { return m.session[p] || m.sources.has(p) }

func (m *machine) entries(t *native.Type) map[string]*entry {
	e, _ := m.methods.Load(t)
	table, _ := e.(map[string]*entry)
	return table
}

// resolve finds out whether f is a compiled function. It needs m.mu.
func (f *Fn) resolve() (P, reflect.Type) {
	if f.resolved {
		return f.compiled, f.typ
	}
	f.resolved = true
	v := f.m.compiledFunc(f.ssa)
	if v.IsValid() {
		p := reflect.New(v.Type())
		p.Elem().Set(v)
		f.compiled, f.typ = *(*P)(p.UnsafePointer()), v.Type()
	}
	return f.compiled, f.typ
}

// compiledFunc returns the compiled function or method that s stands for.
func (m *machine) compiledFunc(s *ssa.Function) reflect.Value {
	if s.Parent() != nil || len(s.Blocks) > 0 || s.Pkg != nil && m.ofSession(s.Pkg.Pkg) {
		return reflect.Value{}
	}
	recv := s.Signature.Recv()
	if recv == nil {
		if o := s.Object(); o != nil && o.Pkg() != nil && len(s.TypeArgs()) == 0 {
			if v, ok := m.symbol(o.Pkg().Path(), s.Name()); ok && v.Kind() == reflect.Func {
				return v
			}
		}
		return reflect.Value{}
	}
	if v, ok := m.instead[s.String()]; ok {
		return v
	}
	t := types.Unalias(recv.Type())
	named := t
	if p, ok := t.(*types.Pointer); ok {
		named = types.Unalias(p.Elem())
	}
	if n, ok := named.(*types.Named); ok {
		if _, ok := m.types.compiledType(n); ok {
			if method, ok := m.types.of(t).MethodByName(s.Name()); ok {
				return method.Func
			}
		}
	}
	return reflect.Value{}
}

// global returns the address of a package variable.
func (m *machine) global(g *ssa.Global) P {
	if p, ok := m.globals[g]; ok {
		return p
	}
	var p P
	if !m.ofSession(g.Pkg.Pkg) {
		if v, ok := m.symbol(g.Pkg.Pkg.Path(), g.Name()); ok && v.CanAddr() {
			p = v.Addr().UnsafePointer()
		}
	}
	if p == nil {
		p = native.New(native.Of(m.types.of(g.Type().(*types.Pointer).Elem())))
	}
	m.globals[g] = p
	return p
}
