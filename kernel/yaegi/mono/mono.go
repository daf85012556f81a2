// Package mono rewrites checked programs so that they have neither generic code nor types declared in
// functions.
//
//	var s *mono.State // of the session, nil at first
//	p, s, err := s.Rewrite(p, library)
//
// Each generic function and type is written out for the type arguments with which it is used, and the
// result is type-checked again (generic code of the standard library comes from Library), so that the types recorded for it are those of the instances. Names of
// instances are encoded as identifiers; Plain gives them as Go prints them. The package executes
// nothing, and leaves programs of sessions without such code as they are.
package mono

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"

	"github.com/lathe-ml/lathe/kernel/check"
)

// mainPath is the import path of the package that the cells form.
const mainPath = "main"

// State is what the earlier cells of a session declared. It is not changed after it was returned.
type State struct {
	generics map[string]*generic        // functions and types of the session
	objects  map[string]types.Object    // what programs that were rewritten declared, by name
	needs    map[string]map[string]bool // instance → session names that it is made of
	packages map[string]*types.Package  // that rewritten code imports
	count    int                        // types declared in functions so far
}

// generic is a generic declaration.
type generic struct {
	node    ast.Decl
	info    *types.Info
	cell    string
	methods []*generic
}

func (s *State) clone() *State {
	if s == nil {
		return &State{
			map[string]*generic{},
			map[string]types.Object{},
			map[string]map[string]bool{},
			map[string]*types.Package{},
			0,
		}
	}
	return &State{
		maps.Clone(s.generics), maps.Clone(s.objects), maps.Clone(s.needs), maps.Clone(s.packages), s.count,
	}
}

// rewriter is one run of Rewrite.
type rewriter struct {
	*State
	p        *check.Program
	library  *Library
	imports  map[string]*types.Package
	out      *check.Program
	extra    []ast.Decl      // declarations for the checker alone
	declared map[string]bool // names that the rewritten program declares
	kept     map[string]bool // types declared anew whose values stay valid
	dropped  map[string]bool // instances that are out of date; true: their values stay valid
	queue    []func()
	stmts    map[ast.Stmt]ast.Stmt
	errs     check.Errors
}

// Rewrite returns p without generic code, and the state for the next program.
func (s *State) Rewrite(p *check.Program, library *Library) (*check.Program, *State, error) {
	if s == nil && !needed(p) {
		return p, nil, nil
	}
	r := &rewriter{
		State: s.clone(), p: p, library: library, imports: map[string]*types.Package{}, declared: map[string]bool{},
		kept: map[string]bool{}, dropped: map[string]bool{}, stmts: map[ast.Stmt]ast.Stmt{},
	}
	r.out = &check.Program{
		Name: p.Name, Fset: p.Fset, Silent: p.Silent, Main: p.Main, Stale: p.Stale, End: p.End,
		Kept: map[*types.TypeName]string{}, Defines: map[ast.Stmt]bool{}, Locals: p.Locals,
	}
	r.outdate()
	r.declarations()
	r.body()
	r.variables()
	for len(r.queue) > 0 {
		next := r.queue[0]
		r.queue = r.queue[1:]
		next()
	}
	if len(r.errs) > 0 {
		return nil, nil, r.errs
	}
	if err := r.check(); err != nil {
		return nil, nil, err
	}
	return r.out, r.State, nil
}

// needed reports whether a program has anything to be rewritten.
func needed(p *check.Program) bool {
	if len(p.Info.Instances) > 0 {
		return true
	}
	found := false
	visit := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncType:
			found = found || n.TypeParams != nil
		case *ast.TypeSpec:
			found = found || n.TypeParams != nil
		case *ast.DeclStmt:
			found = found || n.Decl.(*ast.GenDecl).Tok == token.TYPE
		}
		return !found
	}
	for _, d := range p.Decls {
		ast.Inspect(d.Node, visit)
	}
	for _, s := range p.Body {
		ast.Inspect(s, visit)
	}
	return found
}

// outdate forgets the instances that are made of what the program declares anew.
func (r *rewriter) outdate() {
	changed := map[string]bool{}
	for _, d := range r.p.Decls {
		for _, k := range d.Keys {
			changed[k] = true
		}
	}
	for _, name := range r.p.Kept {
		r.kept[name] = true
	}
	for name, needs := range r.needs {
		old, same := false, true
		for n := range needs {
			if changed[n] {
				old, same = true, same && r.kept[n]
			}
		}
		if old {
			r.dropped[name] = same
			delete(r.objects, name)
		}
	}
	for k := range changed {
		delete(r.objects, k)
	}
}

// declarations copies what is not generic and keeps what is.
func (r *rewriter) declarations() {
	for _, d := range r.p.Decls {
		if f, ok := d.Node.(*ast.FuncDecl); ok && f.Recv != nil {
			continue
		}
		if g := r.genericOf(d); g != nil {
			r.generics[d.Keys[0]] = g
			continue
		}
		delete(r.generics, d.Keys[0])
	}
	for _, d := range r.p.Decls {
		f, isFunc := d.Node.(*ast.FuncDecl)
		if isFunc && f.Recv != nil {
			if g := r.generics[check.Receiver(f)]; g != nil {
				g.methods = append(g.methods, &generic{node: f, info: r.p.Info, cell: d.Cell})
				continue
			}
		} else if r.generics[d.Keys[0]] != nil {
			continue
		}
		c := r.copier(r.p.Info, substitution{}, r.p.Name)
		r.declare(d.Keys, c.node(d.Node).(ast.Decl), d.Cell)
		if isFunc {
			continue
		}
		for _, k := range d.Keys {
			if r.kept[k] {
				r.out.Kept[nil] = k // completed by check
			}
		}
	}
}

// genericOf returns d as a generic declaration, or nil when it is none.
func (r *rewriter) genericOf(d *check.Decl) *generic {
	switch n := d.Node.(type) {
	case *ast.FuncDecl:
		if n.Type.TypeParams == nil {
			return nil
		}
	case *ast.GenDecl:
		spec, ok := n.Specs[0].(*ast.TypeSpec)
		if !ok || spec.TypeParams == nil && !constraint(r.p.Info.Defs[spec.Name]) {
			return nil
		}
	}
	return &generic{node: d.Node, info: r.p.Info, cell: d.Cell}
}

// constraint reports whether a type can only constrain type parameters.
func constraint(o types.Object) bool {
	if o == nil {
		return false
	}
	i, ok := o.Type().Underlying().(*types.Interface)
	return ok && !i.IsMethodSet()
}

// declare adds a declaration to the rewritten program.
func (r *rewriter) declare(keys []string, node ast.Decl, cell string) {
	for _, k := range keys {
		r.declared[k] = true
	}
	r.out.Decls = append(r.out.Decls, &check.Decl{Keys: keys, Node: node, Cell: cell})
}

// body copies the statements of the cell.
func (r *rewriter) body() {
	c := r.copier(r.p.Info, substitution{}, r.p.Name)
	for _, s := range r.p.Body {
		t := c.node(s).(ast.Stmt)
		r.stmts[s] = t
		r.out.Body = append(r.out.Body, t)
		if r.p.Defines[s] {
			r.out.Defines[t] = true
		}
		if e, ok := s.(*ast.ExprStmt); ok && e.X == r.p.Result {
			r.out.Result = t.(*ast.ExprStmt).X
		}
	}
}

// variables declares the variables of the cell for the checker, and the session's with types of the
// rewritten session.
func (r *rewriter) variables() {
	own := map[string]bool{}
	for _, v := range r.p.Vars {
		own[v.Name] = true
		r.variable(v.Name, v.Obj)
	}
	scope := r.p.Pkg.Scope()
	for _, name := range scope.Names() {
		v, ok := scope.Lookup(name).(*types.Var)
		if !ok || own[name] || r.declared[name] {
			continue
		}
		delete(r.objects, name)
		if mentions := map[string]bool{}; true {
			if names(mentions, v.Type()); r.touched(mentions, v.Type()) {
				r.variable(name, v)
			}
		}
	}
}

// touched reports whether a type that spells these names is another one in the rewritten session.
func (r *rewriter) touched(mentions map[string]bool, t types.Type) bool {
	for name := range mentions {
		if r.declared[name] || r.objects[name] != nil || r.generics[name] != nil {
			return true
		}
	}
	return false
}

// variable declares a variable for the checker.
func (r *rewriter) variable(name string, v *types.Var) {
	r.declared[name] = true
	t := r.typeExpr(substitution{locals: r.localTypes()}.apply(v.Type()), v.Pos())
	if t == nil {
		r.objects[name] = types.NewVar(v.Pos(), v.Pkg(), name, v.Type())
		delete(r.declared, name)
		return
	}
	spec := &ast.ValueSpec{Names: []*ast.Ident{ident(name, v.Pos())}, Type: t}
	r.extra = append(r.extra, &ast.GenDecl{TokPos: v.Pos(), Tok: token.VAR, Specs: []ast.Spec{spec}})
}

// localTypes is for variables whose types are declared in blocks of cells; those have no name outside.
func (r *rewriter) localTypes() map[*types.TypeName]*types.Named { return nil }

// fresh returns a name for a type that is declared in a function.
func (r *rewriter) fresh(name string) string {
	r.count++
	return name + string(mark) + strconv.Itoa(r.count)
}

// refuse records that something cannot be rewritten.
func (r *rewriter) refuse(pos token.Pos, msg string) {
	r.errs = append(r.errs, &check.Error{Pos: r.p.Fset.Position(pos), Msg: msg})
}

// check type-checks the rewritten program.
func (r *rewriter) check() error {
	pkg := types.NewPackage(mainPath, mainPath)
	scope := r.p.Pkg.Scope()
	for _, name := range scope.Names() {
		if o := r.objects[name]; o == nil && !r.declared[name] && r.generics[name] == nil {
			pkg.Scope().Insert(scope.Lookup(name))
		}
	}
	for name, o := range r.objects {
		if !r.declared[name] && (scope.Lookup(name) != nil || r.needs[name] != nil) {
			pkg.Scope().Insert(o)
		}
	}
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{},
		Uses: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
		Implicits: map[ast.Node]types.Object{}, Instances: map[*ast.Ident]types.Instance{},
		Scopes: map[ast.Node]*types.Scope{},
	}
	var errs check.Errors
	conf := types.Config{
		Importer: r, DisableUnusedImportCheck: true, Sizes: types.SizesFor("gc", "amd64"),
		Error: func(err error) {
			e, ok := err.(types.Error)
			if !ok || e.Soft || r.out.Result != nil && e.Pos == r.out.Result.Pos() ||
				len(e.Msg) > 0 && e.Msg[0] == '\t' {
				return
			}
			errs = append(errs, &check.Error{
				Pos: r.p.Fset.Position(e.Pos), Msg: "cannot be written out for the interpreter: " + Plain(e.Msg),
			})
		},
	}
	_ = types.NewChecker(&conf, r.p.Fset, pkg, info).Files([]*ast.File{r.file()})
	if len(errs) > 0 {
		return errs
	}
	r.out.Pkg, r.out.Info = pkg, info
	r.record()
	return nil
}

// Import makes the rewriter a types.Importer.
func (r *rewriter) Import(path string) (*types.Package, error) { return r.packages[path], nil }

// file is what is checked.
func (r *rewriter) file() *ast.File {
	end := r.p.End
	f := &ast.File{Name: ident(mainPath, end), Package: end}
	var specs []ast.Spec
	for _, path := range slices.Sorted(maps.Keys(r.imports)) {
		p := r.imports[path]
		r.packages[path] = p
		s := &ast.ImportSpec{
			Name: ident(check.Qualified(p), end),
			Path: &ast.BasicLit{ValuePos: end, Kind: token.STRING, Value: strconv.Quote(path)},
		}
		f.Imports, specs = append(f.Imports, s), append(specs, s)
	}
	if len(specs) > 0 {
		f.Decls = append(f.Decls, &ast.GenDecl{TokPos: end, Tok: token.IMPORT, Specs: specs})
	}
	f.Decls = append(f.Decls, r.extra...)
	for _, d := range r.out.Decls {
		f.Decls = append(f.Decls, d.Node)
	}
	list := &ast.BlockStmt{Lbrace: end, Rbrace: end}
	for _, s := range r.out.Body {
		list.List = append(list.List, r.plainStmts(s)...)
	}
	f.Decls = append(f.Decls, &ast.FuncDecl{
		Name: ident("_", end), Type: &ast.FuncType{Func: end, Params: &ast.FieldList{}}, Body: list,
	})
	return f
}

// plainStmts returns a statement of the cell as the checker sees it: its variables are those of the
// package.
func (r *rewriter) plainStmts(s ast.Stmt) []ast.Stmt {
	if !r.out.Defines[s] {
		return []ast.Stmt{s}
	}
	if a, ok := s.(*ast.AssignStmt); ok {
		b := *a
		b.Tok = token.ASSIGN
		return []ast.Stmt{&b}
	}
	var out []ast.Stmt
	for _, spec := range s.(*ast.DeclStmt).Decl.(*ast.GenDecl).Specs {
		v := spec.(*ast.ValueSpec)
		if len(v.Values) == 0 {
			continue
		}
		a := &ast.AssignStmt{TokPos: v.Pos(), Tok: token.ASSIGN, Rhs: v.Values}
		for _, n := range v.Names {
			a.Lhs = append(a.Lhs, n)
		}
		out = append(out, a)
	}
	return out
}

// record completes the program with what the checker found, and the state.
func (r *rewriter) record() {
	scope := r.out.Pkg.Scope()
	def := func(n *ast.Ident) {
		if o := scope.Lookup(n.Name); o != nil && n.Name != "_" {
			r.out.Info.Defs[n] = o
		}
	}
	for s := range r.out.Defines {
		if a, ok := s.(*ast.AssignStmt); ok {
			for _, e := range a.Lhs {
				if n, ok := e.(*ast.Ident); ok {
					def(n)
				}
			}
			continue
		}
		for _, spec := range s.(*ast.DeclStmt).Decl.(*ast.GenDecl).Specs {
			for _, n := range spec.(*ast.ValueSpec).Names {
				def(n)
			}
		}
	}
	for _, v := range r.p.Vars {
		own := *v
		if o, ok := scope.Lookup(v.Name).(*types.Var); ok {
			own.Obj = o
		}
		r.out.Vars = append(r.out.Vars, &own)
	}
	delete(r.out.Kept, nil)
	for name := range r.declared {
		o := scope.Lookup(name)
		if o == nil {
			continue
		}
		r.objects[name] = o
		if t, ok := o.(*types.TypeName); ok && r.kept[name] {
			r.out.Kept[t] = name
		}
	}
}
