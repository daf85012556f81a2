// Package check is the front half of the kernel: it parses cells and type-checks them against
// everything that earlier cells declared, before anything runs.
//
//	lib := check.Open(std.Exports)
//	s := check.New(token.NewFileSet(), lib, check.Options{})
//	p, err := s.Check("cell 1", "x := 1; fmt.Println(x)")
//	s.Commit(p) // the declarations of p are now visible
//	q, err := s.Check("cell 2", "y := x + 1")
//
// A session always holds one definition of each name. Redefining a name re-checks everything that
// depends on it; what no longer compiles is dropped and remembered with its reason, so that a later
// use can be explained. The package neither executes nor rewrites code (see kernel/yaegi).
package check

import (
	"go/ast"
	"go/token"
	"go/types"
	"iter"
	"maps"
	"slices"
)

// Options of a Session.
type Options struct {
	// Prelude maps names to the import paths that they stand for in cells without an import.
	Prelude map[string]string
	// Has reports whether a compiled package's exported name can be used at run time; nil: all can.
	Has func(path, name string) bool
	// Peer says what a name of another library that users may know is called here ("nn.Linear is nn.NewLinear(in, out)"
	// for "nn.Linear"), for hints of errors; "" when it does not know; nil: it never does. A name is as in the cell but
	// for members, which follow the name of their type: "Tensor.backward".
	Peer func(name string) string
}

// Session is the typed state of a notebook. Its methods must not be called concurrently, except
// that Commit'ed state is only replaced, never changed, so that a Snapshot stays valid.
type Session struct {
	fset *token.FileSet
	lib  *Library
	opts Options

	modules *modules
	probes  Probes
	failed  map[string]string // names of cells that did not compile → the cell; replaced, never changed
	state
}

// state is everything that Commit replaces.
type state struct {
	objects table[types.Object]    // current definition of each name
	decls   table[*Decl]           // functions, methods ("T.M"), types, constants by key
	cells   table[string]          // cell that set each name
	imports map[string]string      // name → path, from the cells' imports
	dots    []string               // paths imported with a dot
	stale   table[string]          // dropped name → why
	uses    table[map[string]bool] // key → names that its declaration mentions
	users   table[*user]           // the other way round, with keys that no longer do
}

// Decl is a function, method, type or constant declaration of the session.
type Decl struct {
	Keys []string // the names it defines; "T.M" for a method
	Node ast.Decl
	Text string // source text, to recognise an unchanged declaration
	Doc  string // the comment above it
	Cell string // name of the cell

	restore func() // takes the calls of Probes out of Node; nil: there are none
}

// New returns an empty session whose positions are recorded in fset.
func New(fset *token.FileSet, lib *Library, o Options) *Session {
	s := &Session{fset: fset, lib: lib, opts: o, state: state{imports: map[string]string{}}}
	s.modules = &modules{s: s, loaded: map[string]*Source{}}
	return s
}

func (s *state) clone() state {
	return state{
		s.objects.copy(), s.decls.copy(), s.cells.copy(), maps.Clone(s.imports),
		slices.Clone(s.dots), s.stale.copy(), s.uses.copy(), s.users.copy(),
	}
}

// setUses records what a declaration mentions.
func (s *state) setUses(key string, names map[string]bool) {
	before := s.uses.get(key)
	for name := range names {
		if !before[name] {
			s.users.set(name, &user{key, s.users.get(name)})
		}
	}
	s.uses.set(key, names)
}

// usersOf yields the keys whose declarations mention name, some more than once.
func (s *state) usersOf(name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for u := s.users.get(name); u != nil; u = u.next {
			if s.uses.get(u.key)[name] && !yield(u.key) {
				return
			}
		}
	}
}

// Program is a checked cell, ready to be executed.
type Program struct {
	Name    string // of the cell, as in positions
	Fset    *token.FileSet
	Pkg     *types.Package
	Info    *types.Info
	Decls   []*Decl                    // new declarations and those re-checked because of them
	Vars    []*Var                     // variables that the cell declares, in source order
	Kept    map[*types.TypeName]string // re-checked types whose values stay valid → their name
	Body    []ast.Stmt                 // in source order; top-level := and var set the Vars
	Result  ast.Expr                   // value of the cell: its last expression; or nil
	Silent  bool                       // the cell ends with a semicolon: Result is not shown
	Main    bool                       // the cell declares func main
	Stale   []string                   // what this cell breaks, with reasons
	Defines map[ast.Stmt]bool          // statements of Body that declare variables
	Sources []*Source                  // packages read from source so far, imported ones first
	Locals  []*Var                     // variables of the function around the code, see CheckIn
	End     token.Pos                  // of the cell, where no other node stands

	next state
}

// Var is a top-level variable of a cell. Fresh is false when a variable of the same name and type
// exists: it is then set, so that functions that use it see the new value.
type Var struct {
	Name  string
	Obj   *types.Var
	Fresh bool
}

// Commit makes the declarations of p part of the session. It is called when p is compiled.
func (s *Session) Commit(p *Program) {
	s.state = p.next
	p.next = state{}
	p.release()
}

// release takes the names of other cells out of the scope of the package: the objects of each cell keep
// its scope, which would keep those of all cells before it.
func (p *Program) release() {
	scope := p.Pkg.Scope()
	own := types.NewScope(scope.Parent(), token.NoPos, token.NoPos, "")
	for _, name := range scope.Names() {
		if o := scope.Lookup(name); o.Pkg() == p.Pkg {
			own.Insert(o)
		}
	}
	*scope = *own
}

// Complete puts all types of the session into the scope of p, which has the names that the cell mentions.
// It must come before Commit.
func (p *Program) Complete() {
	for name, o := range p.next.objects.all() {
		_, isType := o.(*types.TypeName)
		if _, imported := p.next.imports[name]; isType && !imported {
			p.Pkg.Scope().Insert(o)
		}
	}
}

// Names lists what the session defines, in order.
func (s *Session) Names() []string { return slices.Sorted(s.objects.names()) }

// Lookup returns the current definition of a name, or nil.
func (s *Session) Lookup(name string) types.Object { return s.objects.get(name) }
