package exact

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/exact/native"
)

// program is a checked cell as SSA.
type program struct {
	*check.Program
	m      *machine
	ssa    *ssa.Package
	vars   map[string]P
	funcs  map[string]*Fn
	shown  bool // the cell has values to show
	errors bool // the last value is an error that ends the cell
}

const (
	declaring = "declaringᐧ" // the function of the variables that a cell begins with
	running   = "cellᐧ"      // that of its other statements
)

// build turns a checked cell into SSA. It needs m.mu.
func (m *machine) build(p *check.Program) (g *program, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the cell cannot be compiled: %v", v)
		}
	}()
	for _, d := range p.Decls {
		if f, ok := d.Node.(*ast.FuncDecl); ok && f.Body == nil {
			return nil, check.Errors{{
				Pos: p.Fset.Position(f.Pos()), Msg: f.Name.Name + " has no body, which cells cannot use",
			}}
		}
	}
	m.types.reset()
	m.types.locals.number(p)
	m.session[p.Pkg] = true
	begin, err := m.sources.adopt(p.Sources)
	if err != nil {
		return nil, err
	}
	if err := m.sources.redirect(p.Info); err != nil {
		return nil, err
	}
	m.require(p.Info)
	m.begin = append(m.begin, begin...)
	g = &program{Program: p, m: m, vars: map[string]P{}, funcs: map[string]*Fn{}}
	file := &ast.File{Name: ast.NewIdent(mainPath), Package: p.End}
	file.Decls = append(file.Decls, g.variables()...)
	for _, d := range p.Decls {
		file.Decls = append(file.Decls, d.Node)
	}
	file.Decls = append(file.Decls, g.functions()...)
	for now, name := range p.Kept {
		if before := m.named[name]; before != nil && before != now {
			m.types.kept[now] = before
		}
	}
	g.ssa = m.prog.CreatePackage(p.Pkg, []*ast.File{file}, p.Info, false)
	g.ssa.Build()
	g.storage()
	for _, d := range p.Decls {
		for _, k := range d.Keys {
			if f := g.ssa.Func(k); f != nil && k != "init" && k != "_" {
				g.funcs[k] = m.fn(f)
			}
		}
	}
	for now := range p.Kept {
		if now.Type().Underlying() != nil {
			m.upgrade(now)
		}
	}
	m.fn(g.ssa.Func(running)).compile()
	return g, nil
}

// variables declares the package variables that the cell sets or that are declared anew with it.
// They have no values: the statements set them in their order.
func (g *program) variables() (decls []ast.Decl) {
	scope := g.Pkg.Scope()
	for _, name := range scope.Names() {
		v, ok := scope.Lookup(name).(*types.Var)
		if !ok || v.Pkg() != g.Pkg {
			continue
		}
		id := &ast.Ident{Name: name, NamePos: v.Pos()}
		g.Info.Defs[id] = v
		decls = append(decls, &ast.GenDecl{
			TokPos: v.Pos(), Tok: token.VAR, Specs: []ast.Spec{&ast.ValueSpec{Names: []*ast.Ident{id}}},
		})
	}
	return decls
}

// storage gives the variables their memory: that of the variable of this name where the type is the
// same, so that functions and closures of earlier cells see what this one sets.
func (g *program) storage() {
	fresh := map[string]bool{}
	for _, v := range g.Vars {
		fresh[v.Name] = v.Fresh
	}
	for _, v := range g.Locals {
		fresh[v.Name] = true
	}
	for name, member := range g.ssa.Members {
		v, ok := member.(*ssa.Global)
		if !ok {
			continue
		}
		base, isOld := strings.CutSuffix(name, check.Older)
		p := g.m.vars[base]
		if p == nil || !isOld && fresh[base] {
			p = native.New(native.Of(g.m.types.of(elem(v.Type()))))
		}
		g.m.globals[v] = p
		if !isOld {
			g.vars[name] = p
		}
	}
}

// functions makes the functions that hold the statements of the cell.
func (g *program) functions() []ast.Decl {
	k := 0
	for k < len(g.Body) && g.Defines[g.Body[k]] {
		k++
	}
	result := types.NewTuple()
	rest := g.statements(g.Body[k:])
	if n := len(rest); g.Result != nil && n > 0 {
		result = g.resultTypes(g.Result)
		if result.Len() > 0 {
			rest[n-1] = &ast.ReturnStmt{Return: g.Result.Pos(), Results: []ast.Expr{g.Result}}
		} else if _, call := ast.Unparen(g.Result).(*ast.CallExpr); !call && !g.receives(g.Result) {
			rest[n-1] = g.blank(g.Result)
		}
	}
	return []ast.Decl{
		g.function(declaring, g.statements(g.Body[:k]), types.NewTuple()),
		g.function(running, rest, result),
	}
}

func (g *program) receives(e ast.Expr) bool {
	u, ok := ast.Unparen(e).(*ast.UnaryExpr)
	return ok && u.Op == token.ARROW
}

// blank is _ = e.
func (g *program) blank(e ast.Expr) ast.Stmt {
	return &ast.AssignStmt{
		Lhs: []ast.Expr{&ast.Ident{Name: "_", NamePos: e.Pos()}}, TokPos: e.Pos(), Tok: token.ASSIGN,
		Rhs: []ast.Expr{e},
	}
}

func (g *program) function(name string, body []ast.Stmt, results *types.Tuple) ast.Decl {
	sig := types.NewSignatureType(nil, nil, nil, types.NewTuple(), results, false)
	pos := g.End
	if len(body) > 0 {
		pos = body[0].Pos()
	}
	id := &ast.Ident{Name: name, NamePos: pos}
	g.Info.Defs[id] = types.NewFunc(pos, g.Pkg, name, sig)
	t := &ast.FuncType{Func: pos, Params: &ast.FieldList{}}
	if results.Len() > 0 {
		t.Results = &ast.FieldList{}
		for range results.Len() {
			t.Results.List = append(t.Results.List, &ast.Field{Type: ast.NewIdent("any")})
		}
	}
	return &ast.FuncDecl{
		Name: id, Type: t, Body: &ast.BlockStmt{Lbrace: pos, List: body, Rbrace: g.End},
	}
}

// statements replaces the declarations of package variables by assignments.
func (g *program) statements(list []ast.Stmt) (out []ast.Stmt) {
	for _, s := range list {
		if !g.Defines[s] {
			out = append(out, s)
			continue
		}
		if a, ok := s.(*ast.AssignStmt); ok {
			out = append(out, g.assign(a.Lhs, a.Rhs, a.TokPos)...)
			continue
		}
		for _, spec := range s.(*ast.DeclStmt).Decl.(*ast.GenDecl).Specs {
			v := spec.(*ast.ValueSpec)
			var names []ast.Expr
			for _, id := range v.Names {
				if len(v.Values) > 0 {
					names = append(names, id)
				} else if id.Name != "_" {
					out = append(out, g.zero(id))
				}
			}
			if len(names) > 0 {
				out = append(out, g.assign(names, v.Values, v.Pos())...)
			}
		}
	}
	return out
}

// assign is left = right for variables that the statement declares: as in a declaration, the whole
// right side comes first.
func (g *program) assign(left, right []ast.Expr, pos token.Pos) []ast.Stmt {
	for _, e := range left { // a blank in a declaration has an object, in an assignment none
		if id, ok := e.(*ast.Ident); ok && id.Name == "_" {
			delete(g.Info.Defs, id)
		}
	}
	return []ast.Stmt{&ast.AssignStmt{Lhs: left, TokPos: pos, Tok: token.ASSIGN, Rhs: right}}
}

// zero is x = *new(T), without its spelling.
func (g *program) zero(id *ast.Ident) ast.Stmt {
	t := g.Info.Defs[id].Type()
	name := "zeroᐧ" + strconv.Itoa(int(id.Pos()))
	v := &ast.Ident{Name: name, NamePos: id.Pos()}
	g.Info.Defs[v] = types.NewVar(id.Pos(), g.Pkg, name, t)
	use := &ast.Ident{Name: name, NamePos: id.Pos()}
	g.Info.Uses[use] = g.Info.Defs[v]
	g.Info.Types[use] = types.TypeAndValue{Type: t}
	return &ast.BlockStmt{Lbrace: id.Pos(), Rbrace: id.End(), List: []ast.Stmt{
		&ast.DeclStmt{Decl: &ast.GenDecl{
			TokPos: id.Pos(), Tok: token.VAR, Specs: []ast.Spec{&ast.ValueSpec{Names: []*ast.Ident{v}}},
		}},
		&ast.AssignStmt{Lhs: []ast.Expr{id}, TokPos: id.Pos(), Tok: token.ASSIGN, Rhs: []ast.Expr{use}},
	}}
}

// resultTypes says what the last expression of the cell gives, empty when nothing is to be shown.
func (g *program) resultTypes(e ast.Expr) *types.Tuple {
	tv := g.Info.Types[e]
	call, isCall := ast.Unparen(e).(*ast.CallExpr)
	if g.Silent || tv.IsVoid() || tv.Type == nil || isCall && (g.prints(call.Fun) || g.isPanic(call.Fun)) {
		return types.NewTuple()
	}
	if t, ok := tv.Type.(*types.Tuple); ok {
		g.shown = t.Len() > 0
		g.errors = t.Len() > 0 && isError(t.At(t.Len()-1).Type())
		return t
	}
	t := types.Default(tv.Type)
	if t == types.Typ[types.UntypedNil] {
		t = types.Universe.Lookup("any").Type()
	}
	g.shown = true
	g.errors = isCall && isError(t) && !g.Info.Types[call.Fun].IsType()
	return types.NewTuple(types.NewVar(e.Pos(), g.Pkg, "", t))
}

func (g *program) isPanic(fun ast.Expr) bool {
	id, ok := ast.Unparen(fun).(*ast.Ident)
	if !ok {
		return false
	}
	b, ok := g.Info.Uses[id].(*types.Builtin)
	return ok && b.Name() == "panic"
}

// prints reports whether fun is one of fmt's printing functions, whose results nobody wants to see.
func (g *program) prints(fun ast.Expr) bool {
	sel, ok := ast.Unparen(fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	f, ok := g.Info.Uses[sel.Sel].(*types.Func)
	return ok && f.Pkg() != nil && f.Pkg().Path() == "fmt" && f.Name()[0] != 'S' &&
		strings.Contains(strings.ToLower(f.Name()), "print")
}

func isError(t types.Type) bool { return types.Identical(t, types.Universe.Lookup("error").Type()) }

// commit makes the definitions of g those of the session.
func (m *machine) commit(g *program) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, v := range g.Locals {
		delete(g.vars, v.Name)
	}
	for name, p := range g.vars {
		m.vars[name] = p
	}
	for name, f := range g.funcs {
		if old := m.funcs[name]; old != nil && m.sameSignature(old, f) {
			old.replace(m, f)
		}
		m.funcs[name] = f
	}
	scope := g.Pkg.Scope()
	for _, name := range scope.Names() {
		if t, ok := scope.Lookup(name).(*types.TypeName); ok && t.Pkg() == g.Pkg {
			m.named[name] = t
		}
	}
}

// sameSignature reports whether callers of one function can call the other.
func (m *machine) sameSignature(a, b *Fn) bool {
	x, y := a.ssa.Signature, b.ssa.Signature
	if x.TypeParams().Len() > 0 || y.TypeParams().Len() > 0 {
		return false
	}
	return m.types.of(x) == m.types.of(y)
}

// require makes the compiled packages that info mentions known to SSA, with what they import.
func (m *machine) require(info *types.Info) {
	for _, o := range info.Uses {
		m.requirePackage(o.Pkg())
	}
	for _, s := range info.Selections {
		m.requirePackage(s.Obj().Pkg())
		if n, ok := types.Unalias(s.Recv()).(*types.Named); ok {
			m.requirePackage(n.Obj().Pkg())
		}
	}
}

func (m *machine) requirePackage(p *types.Package) {
	if p == nil || m.ofSession(p) {
		return
	}
	n, ok := m.packages[p]
	if ok && n == p.Scope().Len() {
		return
	}
	if p != types.Unsafe && !p.Complete() {
		_, _ = m.lib.Import(p.Path()) // a package that cells cannot import stays as far as it is known
	}
	m.packages[p] = p.Scope().Len()
	m.types.searched = map[*types.Package]bool{}
	m.prog.CreatePackage(p, nil, nil, true)
	for _, i := range p.Imports() {
		m.requirePackage(i)
	}
}

// create adds an overlay package to the program.
func (m *machine) create(p *types.Package, files []*ast.File, info *types.Info) {
	m.require(info)
	m.prog.CreatePackage(p, files, info, true).Build()
}

// display is the name of a function in a trace.
func (m *machine) display(s *ssa.Function) string {
	for s.Synthetic == "range-over-func yield" && s.Parent() != nil {
		s = s.Parent()
	}
	if s.Parent() != nil {
		outer := s
		for outer.Parent() != nil {
			outer = outer.Parent()
		}
		if n := outer.Name(); n == running || n == declaring {
			return "func literal"
		}
		return "func literal in " + m.display(outer)
	}
	name := s.Name()
	if name == running || name == declaring {
		return cellName
	}
	if r := s.Signature.Recv(); r != nil {
		t := types.Unalias(r.Type())
		if p, ok := t.(*types.Pointer); ok {
			t = types.Unalias(p.Elem())
		}
		if n, ok := t.(*types.Named); ok {
			return n.Obj().Name() + "." + name
		}
	}
	if slices.Contains([]string{"init", "_"}, name) || !strings.Contains(name, "[") {
		return name
	}
	return name[:strings.IndexByte(name, '[')]
}
