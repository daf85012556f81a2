package check

import (
	"go/ast"
	"go/types"
)

// Probes puts a debugger's calls into code, after it was checked as it stands and before it is
// checked again with them. New nodes have the positions of their neighbours.
type Probes interface {
	// Cell returns the statements of a cell with calls. vars are its variables, which are
	// package-level.
	Cell(name string, list []ast.Stmt, info *types.Info) []ast.Stmt
	// Func puts calls into a function of the cell with that name. restore takes them out.
	Func(cell string, d *ast.FuncDecl, info *types.Info) (restore func())
	// Source puts calls into the functions of a file of a package that is read from source, for good.
	// It reports whether it did.
	Source(pkg *types.Package, file *ast.File, info *types.Info) bool
	// Checked is called with the types of what now holds calls.
	Checked(info *types.Info)
}

// SetProbes makes cells that are checked from now on carry the calls of p; nil: none.
func (s *Session) SetProbes(p Probes) { s.probes = p }

// Recheck checks all functions and methods again, so that they carry the calls of the Probes, or no
// longer do. The program has no statements.
func (s *Session) Recheck(name string) (*Program, error) {
	return s.check(name, "", request{again: true})
}

// CheckIn is Check for code inside a function: names are the variables, types and constants that it
// sees beside those of the session. The variables become variables of the program, listed in Locals.
// The program is not meant for Commit.
func (s *Session) CheckIn(name, text string, names []types.Object) (*Program, error) {
	return s.check(name, text, request{names: names, plain: true})
}

// request is what a check is asked for beside the cell.
type request struct {
	again bool           // check all functions again
	plain bool           // without Probes
	names []types.Object // of the function around the code
}

// insert puts the calls of the Probes into the program, where they are not there yet. It reports
// whether there are new ones, so that another round has to check them.
func (c *checker) insert(p *Program) (changed bool) {
	if c.probes == nil || c.request.plain {
		return false
	}
	if !c.probed && !c.form.file && len(c.form.stmts) > 0 {
		c.probed, changed = true, true
		c.form.stmts = c.probes.Cell(c.form.name, c.form.stmts, p.Info)
		c.form.assemble()
	}
	for _, d := range p.Decls {
		f, ok := d.Node.(*ast.FuncDecl)
		if !ok || f.Body == nil || d.restore != nil {
			continue
		}
		d.restore = c.probes.Func(d.Cell, f, p.Info)
		c.restores[f] = d.restore
		changed = true
	}
	return changed
}

// plainly takes calls of Probes out of a declaration that is about to be checked without.
func (c *checker) plainly(d *Decl) {
	if d.restore != nil && c.probes == nil {
		d.restore()
		d.restore = nil
	}
}

// locals makes the names of the function around the code known to pkg, but those that the code
// declares anew.
func (c *checker) locals(pkg *types.Package) {
	c.around = nil
	own := map[string]bool{}
	for _, id := range c.form.vars {
		own[id.Name] = true
	}
	for _, d := range c.news {
		for _, k := range d.Keys {
			own[k] = true
		}
	}
	for _, o := range c.request.names {
		if own[o.Name()] || pkg.Scope().Lookup(o.Name()) != nil {
			continue
		}
		v, ok := o.(*types.Var)
		if !ok {
			pkg.Scope().Insert(o)
			continue
		}
		v = types.NewVar(c.form.end, pkg, o.Name(), v.Type())
		pkg.Scope().Insert(v)
		c.around = append(c.around, &Var{Name: o.Name(), Obj: v, Fresh: true})
	}
}
