// Package instrument puts the calls of kernel/probe into the code of cells and knows what stands
// where: functions, statements and the variables that each statement sees.
//
//	table := instrument.NewTable(func(fresh []*instrument.Func) { … })
//	table.Use(fset)
//	session.SetProbes(table)
//	p, err := session.Check("cell 1", "x := 1\nprintln(x)") // p carries calls
//	site := table.Site(frame.At)
//	fmt.Println(site.Pos, site.Func.Name, len(site.Visible))
//
// It changes syntax trees in place, under the positions of the statements, and can undo it. What
// happens at a call is package debugger's.
package instrument

import (
	"go/ast"
	"go/token"
	"go/types"
	"sync"
	"sync/atomic"
)

// Func is a function of a cell with calls. It does not change once its code was checked.
type Func struct {
	ID       int
	Name     string // as in traces: "f", "T.M", "func literal in f", "cell"
	Cell     string // "cell 3"; of a package that was read from source, its import path
	Path     string // of the file of such a package
	Slots    []*Slot
	Sites    []*Site // in source order
	Recovers bool    // a function literal that it defers calls recover
	Body     bool    // it is the statements of a cell
	known    bool    // it was checked with its calls
	Hot      uint32  // what Frame.Hot points to, see probe.Heat
}

// Slot is a name that a function declares or captures.
type Slot struct {
	Name     string
	Captured bool // from a function around
	Variable bool // it has an address in Frame.Vars; otherwise it is a type or a constant

	object atomic.Pointer[types.Object]
	ident  *ast.Ident // that declares it
	clause ast.Node   // of a type switch that declares it, instead
}

// Object is what the checker says about the name.
func (s *Slot) Object() types.Object {
	if o := s.object.Load(); o != nil {
		return *o
	}
	return nil
}

// Site is a statement that has a call before it.
type Site struct {
	ID      int
	Func    *Func
	Pos     token.Position
	Visible []int // slots that the statement sees, outer ones first
}

// Table is what was instrumented. It is a check.Probes and safe for concurrent use.
type Table struct {
	checked func(fresh []*Func)
	sources atomic.Bool // packages that are read from source get calls, too

	mu    sync.RWMutex
	fset  *token.FileSet
	funcs []*Func
	sites []*Site
	fresh []*Func // not known to be checked with their calls yet
}

// NewTable returns an empty table. It calls checked with functions whose code is about to run.
func NewTable(checked func(fresh []*Func)) *Table {
	return &Table{checked: checked, sites: []*Site{nil}}
}

// Use says to which files the code belongs from now on.
func (t *Table) Use(fset *token.FileSet) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fset = fset
}

// Sources says whether packages that are read from source from now on get calls, too.
func (t *Table) Sources(on bool) { t.sources.Store(on) }

// FuncOf returns the function with the given number.
func (t *Table) FuncOf(id int) *Func {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.funcs[id]
}

// Site returns the statement with the given number, or nil.
func (t *Table) Site(id int) *Site {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if id <= 0 || id >= len(t.sites) {
		return nil
	}
	return t.sites[id]
}

// Funcs returns all functions.
func (t *Table) Funcs() []*Func {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.funcs[:len(t.funcs):len(t.funcs)]
}

// Checked notes what the checker knows about the names of instrumented code.
func (t *Table) Checked(info *types.Info) {
	t.mu.Lock()
	for _, f := range t.funcs {
		if f.Path != "" && f.known {
			continue // its code was checked once and for all
		}
		for _, s := range f.Slots {
			var o types.Object
			if s.clause != nil {
				o = info.Implicits[s.clause]
			} else if s.ident != nil {
				o = info.Defs[s.ident]
			}
			if o != nil {
				s.object.Store(&o)
			}
		}
	}
	fresh := t.fresh
	t.fresh = nil
	for _, f := range fresh {
		f.known = true
	}
	t.mu.Unlock()
	t.checked(fresh)
}

// add numbers a function and its statements.
func (t *Table) add(f *Func) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f.ID = len(t.funcs)
	t.funcs = append(t.funcs, f)
	t.fresh = append(t.fresh, f)
}

func (t *Table) site(f *Func, pos token.Pos, visible []int) *Site {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := &Site{ID: len(t.sites), Func: f, Pos: t.fset.Position(pos), Visible: visible}
	t.sites = append(t.sites, s)
	f.Sites = append(f.Sites, s)
	return s
}
