package instrument

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lathe-ml/lathe/kernel/outcome"
)

// Cell puts calls into the statements of a cell.
func (t *Table) Cell(name string, list []ast.Stmt, info *types.Info) []ast.Stmt {
	f := &Func{Name: outcome.CellFunc, Cell: name, Body: true}
	t.add(f)
	w := &walker{t: t, f: f, names: &names{info: info}, undo: &undo{}}
	start := list[0].Pos()
	out := w.list(list, nil)
	return slices.Concat([]ast.Stmt{enter(f.ID, start)}, out)
}

// Func puts calls into a function of a cell. It makes Table a check.Probes.
func (t *Table) Func(cell string, d *ast.FuncDecl, info *types.Info) (restore func()) {
	u := &undo{}
	w := &walker{t: t, names: &names{info: info}, undo: u}
	w.function(&Func{Name: title(d), Cell: cell}, d.Recv, d.Type, d.Body, nil)
	return u.run
}

// Source puts calls into the functions of a file.
func (t *Table) Source(pkg *types.Package, file *ast.File, info *types.Info) (changed bool) {
	if !t.sources.Load() {
		return false
	}
	path := t.fset.Position(file.Package).Filename
	w := &walker{t: t, names: &names{info: info}, undo: &undo{}}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil {
			w.function(&Func{Name: pkg.Name() + "." + title(f), Cell: pkg.Path(), Path: path}, f.Recv, f.Type, f.Body, nil)
			changed = true
		}
	}
	if changed {
		file.Decls = slices.Concat([]ast.Decl{imports(file.Name.End())}, file.Decls)
	}
	return changed
}

// title is the name of a function: "f", "T.M".
func title(d *ast.FuncDecl) string {
	if d.Recv != nil && len(d.Recv.List) > 0 {
		if r := receiver(d.Recv.List[0].Type); r != "" {
			return r + "." + d.Name.Name
		}
	}
	return d.Name.Name
}

// receiver returns the name of the type in the declaration of a receiver.
func receiver(e ast.Expr) string {
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// undo remembers statement lists as they were.
type undo struct{ steps []func() }

func (u *undo) keep(list *[]ast.Stmt) {
	old := *list
	u.steps = append(u.steps, func() { *list = old })
}

func (u *undo) run() {
	for _, f := range slices.Backward(u.steps) {
		f()
	}
}

// walker goes through one function.
type walker struct {
	t *Table
	f *Func
	*names
	undo    *undo
	visible []int
}

// names finds where names are declared.
type names struct {
	info *types.Info
	defs map[types.Object]*ast.Ident
	in   map[types.Object]ast.Node
}

// declares returns the identifier, or the clause of a type switch, that declares what id stands for.
func (n *names) declares(id *ast.Ident) (*ast.Ident, ast.Node) {
	if n.defs == nil {
		n.defs, n.in = map[types.Object]*ast.Ident{}, map[types.Object]ast.Node{}
		for d, o := range n.info.Defs {
			n.defs[o] = d
		}
		for c, o := range n.info.Implicits {
			n.in[o] = c
		}
	}
	o := n.info.Uses[id]
	return n.defs[o], n.in[o]
}

// function instruments a function with a body. captured are variables of functions around it.
func (w *walker) function(f *Func, recv *ast.FieldList, typ *ast.FuncType, body *ast.BlockStmt, captured []*ast.Ident) {
	w.t.add(f)
	in := &walker{t: w.t, f: f, names: w.names, undo: w.undo}
	var first []int
	for _, id := range captured {
		s := &Slot{Name: id.Name, Captured: true, Variable: true}
		s.ident, s.clause = w.declares(id)
		first = append(first, in.slot(s))
	}
	for _, fields := range []*ast.FieldList{recv, typ.Params, typ.Results} {
		if fields == nil {
			continue
		}
		for _, field := range fields.List {
			for _, id := range field.Names {
				if id.Name != "_" {
					first = append(first, in.slot(&Slot{Name: id.Name, Variable: true, ident: id}))
				}
			}
		}
	}
	w.undo.keep(&body.List)
	pos := body.Lbrace
	list := in.list(body.List, nil)
	head := []ast.Stmt{enter(f.ID, pos), leave(pos)}
	for _, k := range first {
		head = append(head, declare(f.Slots[k].Name, k, pos))
	}
	body.List = slices.Concat(head, list)
}

// slot gives a name its number.
func (w *walker) slot(s *Slot) int {
	k := len(w.f.Slots)
	w.f.Slots = append(w.f.Slots, s)
	w.visible = append(w.visible, k)
	return k
}

// list returns statements with calls. first are slots of variables that the header around the list
// declares.
func (w *walker) list(list []ast.Stmt, first []int) (out []ast.Stmt) {
	mark := len(w.visible)
	if len(list) > 0 {
		for _, k := range first {
			out = append(out, declare(w.f.Slots[k].Name, k, list[0].Pos()))
		}
	}
	for _, s := range list {
		if runs(s) {
			out = append(out, w.call(s.Pos()))
		}
		w.statement(s)
		out = append(out, s)
		for _, k := range w.declared(s) {
			if w.f.Slots[k].Variable {
				out = append(out, declare(w.f.Slots[k].Name, k, s.End()))
			}
		}
	}
	w.visible = w.visible[:mark]
	return out
}

// block instruments a list in place.
func (w *walker) block(list *[]ast.Stmt, first []int) {
	if len(*list) == 0 {
		return
	}
	w.undo.keep(list)
	*list = w.list(*list, first)
}

// body is block for a loop, in which there must be a call even when it is empty.
func (w *walker) body(b *ast.BlockStmt, first []int, pos token.Pos) {
	if len(b.List) == 0 {
		w.undo.keep(&b.List)
		b.List = []ast.Stmt{w.call(pos)}
		return
	}
	w.block(&b.List, first)
}

// call is the call before a statement.
func (w *walker) call(pos token.Pos) ast.Stmt {
	return stop(w.t.site(w.f, pos, slices.Clone(w.visible)).ID, pos)
}

// runs reports whether a statement does something itself.
func runs(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.EmptyStmt, *ast.BlockStmt:
		return false
	case *ast.LabeledStmt:
		return runs(s.Stmt)
	case *ast.DeclStmt:
		g, ok := s.Decl.(*ast.GenDecl)
		return ok && g.Tok == token.VAR
	}
	return true
}

// declared gives slots to what a statement of a list declares.
func (w *walker) declared(s ast.Stmt) (slots []int) {
	add := func(id *ast.Ident, variable bool) {
		o := w.info.Defs[id]
		if o == nil || id.Name == "_" || o.Parent() == nil || o.Pkg() != nil && o.Parent() == o.Pkg().Scope() {
			return // not new here, or a variable of the session
		}
		slots = append(slots, w.slot(&Slot{Name: id.Name, Variable: variable, ident: id}))
	}
	switch s := s.(type) {
	case *ast.LabeledStmt:
		return w.declared(s.Stmt)
	case *ast.AssignStmt:
		if s.Tok == token.DEFINE {
			for _, e := range s.Lhs {
				if id, ok := e.(*ast.Ident); ok {
					add(id, true)
				}
			}
		}
	case *ast.DeclStmt:
		for _, spec := range s.Decl.(*ast.GenDecl).Specs {
			switch spec := spec.(type) {
			case *ast.ValueSpec:
				for _, id := range spec.Names {
					add(id, s.Decl.(*ast.GenDecl).Tok == token.VAR)
				}
			case *ast.TypeSpec:
				add(spec.Name, false)
			}
		}
	}
	return slots
}
