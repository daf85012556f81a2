package yaegi

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"

	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/yaegi/mono"
)

// mainPath is the import path of the package that the cells form.
const mainPath = "main"

// runtimePath is the import path under which the interpreter finds the functions of runtime.go.
const runtimePath = "lathe/kernel/runtime"

// Names that lowered code uses. The dot keeps them apart from every name in a cell.
const (
	stopVar = "lathe·stop" // set while something is to be interrupted
	atVar   = "lathe·at"   // in a function: token.Pos of the statement that is running
	rtAlias = "lathe·rt"

	openFunc = "lathe·open" // see globalSource
)

// lowerer rewrites one checked program into Go that yaegi runs right. It builds a new tree and
// leaves the checked one alone, because its declarations may be lowered again.
type lowerer struct {
	*check.Program
	names   *names
	reg     *registry
	imports map[string]string // path → alias
	temps   int
	errs    check.Errors
	rename  map[types.Object]string // loop variables in the head of their loop
	lits    int                     // depth of function literals
	loops   []*loop                 // enclosing loops of the current function
	results []*types.Var            // results of the current function
	noted   bool                    // the current function notes positions in atVar
	within  string                  // name of the function that is being lowered
	file    *ast.File
	keep    *ast.UnaryExpr // a receive that is left as it is
	callee  *ast.Ident     // the function of the call that is being lowered
	inits   []ast.Stmt     // calls of init functions
	setup   []ast.Stmt     // what the cell does before its own statements
}

// names maps the names of a session to those of the interpreter, where each definition has its own.
type names struct {
	current  map[string]string    // "f", "T", "T.M", "x" → name of the live definition
	count    map[string]int       // definitions so far
	indirect map[string]*indirect // function or method → variable through which it can be replaced
	methods  map[string]bool      // "T·1.M": methods that interpreter types have
	imported map[string]bool      // packages that the interpreter has imported
	recovers map[string]bool      // types of functions, and names of methods, that call recover; see recovering
}

// indirect is a variable that holds the current definition of a function.
type indirect struct {
	name string
	sig  string // in the interpreter's names, so that the types of earlier cells compare equal
}

func newNames() *names {
	return &names{map[string]string{}, map[string]int{}, map[string]*indirect{}, map[string]bool{}, map[string]bool{}, map[string]bool{}}
}

func (n *names) clone() *names {
	return &names{
		maps.Clone(n.current), maps.Clone(n.count), maps.Clone(n.indirect), maps.Clone(n.methods),
		maps.Clone(n.imported), maps.Clone(n.recovers),
	}
}

// define gives the session name key a new interpreter name.
func (n *names) define(key string, isType bool) string {
	n.count[key]++
	name := key + "·" + strconv.Itoa(n.count[key])
	if isType && n.count[key] == 1 {
		name = key // what %T prints
	}
	n.current[key] = name
	return name
}

// lower rewrites p and returns the file to compile. Its init function hands the function that runs
// the cell to the executor. n is changed; the caller keeps the old one to go back.
func lower(p *check.Program, n *names, r *registry) (file *ast.File, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = check.Errors{{
				Pos: token.Position{Filename: p.Name, Line: 1, Column: 1},
				Msg: fmt.Sprintf("the cell cannot be prepared for the interpreter: %v", v),
			}}
		}
	}()
	l := &lowerer{
		Program: p, names: n, reg: r, imports: map[string]string{runtimePath: rtAlias},
		rename: map[types.Object]string{}, file: &ast.File{Package: 1, Name: ast.NewIdent(mainPath)},
	}
	l.predeclared()
	if l.arrays(); len(l.errs) > 0 {
		return nil, l.errs
	}
	l.recovering()
	l.defineAll()
	l.types()
	l.functions()
	l.variables()
	entry := l.names.define("cell", false)
	start := p.End
	l.noted, l.within = true, CellFunc
	l.reg.function(start, funcPlace{name: CellFunc, noted: true})
	body := l.notes(start)
	if hasDefer(l.Body) {
		body = append(body, l.defers(start))
	}
	body = append(body, l.cell()...)
	body = append(body, l.done(start))
	l.file.Decls = append(l.file.Decls, &ast.FuncDecl{
		Name: ast.NewIdent(entry), Type: &ast.FuncType{Params: &ast.FieldList{}},
		Body: block(start, slices.Concat([]ast.Stmt{l.poll(start)}, l.setup, body)...),
	}, &ast.FuncDecl{
		Name: ast.NewIdent("init"), Type: &ast.FuncType{Params: &ast.FieldList{}},
		Body: &ast.BlockStmt{List: []ast.Stmt{exprStmt(call(rt("Entry", token.NoPos), ast.NewIdent(entry)))}},
	})
	l.importDecls()
	if len(l.errs) > 0 {
		return nil, l.errs
	}
	freeze(l.file)
	return l.file, nil
}

// predeclared refuses local names that yaegi takes for what they mean elsewhere.
func (l *lowerer) predeclared() {
	for x, o := range l.Info.Defs {
		if v, ok := o.(*types.Var); ok && !v.IsField() && !global(o) {
			switch x.Name {
			case "nil":
				l.refuse(x, "a variable with the name %s is not supported in cells; another name works", x.Name)
			}
		}
	}
}

// maxArray is the most elements that an array may have: memory for variables is taken before
// anything could be interrupted.
const maxArray = 1 << 26

// arrays refuses array types that are too large.
func (l *lowerer) arrays() {
	for e, tv := range l.Info.Types {
		n := int64(1)
		for t := tv.Type; tv.IsType(); {
			a, ok := t.Underlying().(*types.Array)
			if !ok {
				break
			}
			if n *= max(a.Len(), 1); n > maxArray || a.Len() > maxArray {
				l.refuse(e, "an array of more than %d elements is not supported in cells; a slice works", maxArray)
				return
			}
			t = a.Elem()
		}
	}
}

// refuse records that a construct cannot run.
func (l *lowerer) refuse(n ast.Node, format string, args ...any) {
	l.errs = append(l.errs, &check.Error{Pos: l.Fset.Position(n.Pos()), Msg: mono.Plain(fmt.Sprintf(format, args...))})
}

// defineAll names everything that the program declares before anything refers to it.
func (l *lowerer) defineAll() {
	kept := map[string]bool{}
	for _, name := range l.Kept {
		kept[name] = true
	}
	for _, d := range l.Decls {
		for _, k := range d.Keys {
			isType := isTypeDecl(d.Node)
			g, ok := d.Node.(*ast.GenDecl)
			isConst := ok && g.Tok == token.CONST
			if !isConst && !(isType && kept[k] && l.names.current[k] != "") {
				l.names.define(k, isType)
			}
			if obj, ok := l.Pkg.Scope().Lookup(k).(*types.TypeName); ok && isType {
				l.reg.owns(obj, l.names.current[k])
			}
		}
	}
	for _, v := range l.Locals {
		l.names.define(v.Name, false)
	}
	for _, v := range l.Vars {
		if v.Fresh || l.names.current[v.Name] == "" {
			if old := l.names.current[v.Name]; old != "" {
				l.names.current[v.Name+"ᐧold"] = old
			}
			l.names.define(v.Name, false)
		} else {
			l.names.current[v.Name+"ᐧold"] = l.names.current[v.Name]
		}
	}
}

func isTypeDecl(d ast.Decl) bool {
	g, ok := d.(*ast.GenDecl)
	return ok && g.Tok == token.TYPE
}

// variables emits storage for the variables that are new or have a new type.
func (l *lowerer) variables() {
	for _, v := range slices.Concat(l.Locals, l.Vars) {
		if !v.Fresh {
			continue
		}
		t := l.typeExpr(v.Obj.Type(), v.Obj.Pos())
		if t == nil {
			l.errs = append(l.errs, &check.Error{
				Pos: l.Fset.Position(v.Obj.Pos()),
				Msg: fmt.Sprintf("%s has type %s, which has no name here; convert it to an interface or keep it inside a function",
					v.Name, v.Obj.Type()),
			})
			continue
		}
		l.global(l.names.current[v.Name], t, v.Obj.Pos())
	}
}

// global emits a package variable.
func (l *lowerer) global(name string, t ast.Expr, pos token.Pos) {
	spec := &ast.ValueSpec{Names: []*ast.Ident{id(name, pos)}, Type: t}
	l.file.Decls = append(l.file.Decls, &ast.GenDecl{TokPos: pos, Tok: token.VAR, Specs: []ast.Spec{spec}})
}

// functions emits functions and methods.
func (l *lowerer) functions() {
	for _, d := range l.Decls {
		f, ok := d.Node.(*ast.FuncDecl)
		if !ok || f.Name.Name == "_" {
			continue
		}
		obj, _ := l.Info.Defs[f.Name].(*types.Func)
		if obj == nil {
			continue
		}
		key := d.Keys[0]
		if f.Recv != nil {
			l.method(f, obj, key)
			continue
		}
		name := l.names.current[key]
		l.emit(name, nil, f, obj.Signature())
		l.replace(key, obj.Signature(), name, f.Pos())
		if f.Name.Name == "init" {
			l.inits = append(l.inits, exprStmt(call(id(name, f.Pos()))))
			delete(l.names.current, key)
		}
	}
}

// emit adds a function declaration with a lowered body. recv, when given, becomes the first
// parameter.
func (l *lowerer) emit(name string, recv *ast.Field, f *ast.FuncDecl, sig *types.Signature) {
	if f.Body == nil {
		l.refuse(f, "func %s has no body", f.Name.Name)
		return
	}
	ft := l.signature(f.Type)
	if recv != nil {
		ft.Params.List = append([]*ast.Field{recv}, ft.Params.List...)
	}
	l.within = plain(name)
	l.file.Decls = append(l.file.Decls, &ast.FuncDecl{
		Name: id(name, f.Name.Pos()), Type: ft, Body: l.body(f.Body, sig),
	})
}

// method emits a method as a function with its receiver first, which is what calls on concrete
// types use, and, once per interpreter type, the method proper for interfaces. The latter goes
// through a variable, so that it can be redefined.
func (l *lowerer) method(f *ast.FuncDecl, obj *types.Func, key string) {
	if pkg, instead := unasked(obj); pkg != "" {
		l.refuse(f, "the method %s is not seen by package %s in cells; %s", f.Name.Name, pkg, instead)
	}
	static := l.names.current[key]
	recv := obj.Signature().Recv()
	rf := f.Recv.List[0]
	param := &ast.Field{Type: l.expr(rf.Type), Names: []*ast.Ident{id(l.temp("unused"), rf.Pos())}}
	if len(rf.Names) > 0 && rf.Names[0].Name != "_" {
		param.Names[0] = id(rf.Names[0].Name, rf.Pos())
	}
	l.emit(static, param, f, obj.Signature())
	v := l.indirectTo(key, withReceiver(obj.Signature()), f.Pos())
	l.replace(key, withReceiver(obj.Signature()), static, f.Pos())

	name := l.names.current[typeName(recv.Type())] + "." + f.Name.Name
	if l.names.methods[name] {
		return
	}
	l.names.methods[name] = true
	l.texter(obj, f.Pos())
	ft, args := l.forwarded(obj.Signature(), f.Pos())
	c := call(id(v, f.Pos()), append([]ast.Expr{id("r·", f.Pos())}, args...)...)
	if obj.Signature().Variadic() {
		c.Ellipsis = f.Pos()
	}
	var st ast.Stmt = exprStmt(c)
	if obj.Signature().Results().Len() > 0 {
		st = &ast.ReturnStmt{Return: f.Pos(), Results: []ast.Expr{c}}
	}
	l.file.Decls = append(l.file.Decls, &ast.FuncDecl{
		Recv: &ast.FieldList{List: []*ast.Field{{
			Names: []*ast.Ident{id("r·", f.Pos())}, Type: l.expr(rf.Type),
		}}},
		Name: id(f.Name.Name, f.Name.Pos()), Type: ft, Body: &ast.BlockStmt{Lbrace: f.Pos(), List: []ast.Stmt{st}},
	})
}

// forwarded returns the type of a function with named parameters and the arguments that pass them
// on.
func (l *lowerer) forwarded(sig *types.Signature, pos token.Pos) (*ast.FuncType, []ast.Expr) {
	ft := l.typeExpr(types.NewSignatureType(nil, nil, nil, sig.Params(), sig.Results(), sig.Variadic()), pos).(*ast.FuncType)
	var args []ast.Expr
	for i := range l.parameters(ft).Params.List {
		args = append(args, id("p·"+strconv.Itoa(i), pos))
	}
	return ft, args
}

// withReceiver is the signature of a method as a function.
func withReceiver(sig *types.Signature) *types.Signature {
	params := []*types.Var{sig.Recv()}
	params = slices.AppendSeq(params, sig.Params().Variables())
	return types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), sig.Results(), sig.Variadic())
}

// indirectTo returns the variable that holds the current definition of a function.
func (l *lowerer) indirectTo(key string, sig *types.Signature, pos token.Pos) string {
	spelled := l.spell(sig, pos)
	if in := l.names.indirect[key]; in != nil && in.sig == spelled {
		return in.name
	}
	l.names.count["·"+key]++
	in := &indirect{key + "·v" + strconv.Itoa(l.names.count["·"+key]), spelled}
	l.names.indirect[key] = in
	l.global(in.name, l.typeExpr(sig, pos), pos)
	l.setup = append(l.setup, assign(id(in.name, pos), id(l.names.current[key], pos)))
	return in.name
}

// takesFloats reports whether a parameter holds floats. When yaegi calls a function by its name it leaves out
// arguments that are equal to zero, and so loses the sign of a zero; a call through a variable keeps it.
func takesFloats(sig *types.Signature) bool {
	for p := range sig.Params().Variables() {
		if holdsFloat(p.Type()) {
			return true
		}
	}
	return false
}

// holdsFloat reports whether a value of type t has floats in it.
func holdsFloat(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Basic:
		return t.Info()&(types.IsFloat|types.IsComplex) != 0
	case *types.Array:
		return holdsFloat(t.Elem())
	case *types.Struct:
		for f := range t.Fields() {
			if holdsFloat(f.Type()) {
				return true
			}
		}
	}
	return false
}

// spell writes a type in the interpreter's names.
func (l *lowerer) spell(t types.Type, pos token.Pos) string {
	if e := l.typeExpr(t, pos); e != nil {
		return types.ExprString(e)
	}
	return ""
}

// replace makes the variable of a function, if it has one, hold the new definition.
func (l *lowerer) replace(key string, sig *types.Signature, name string, pos token.Pos) {
	if in := l.names.indirect[key]; in != nil && in.sig == l.spell(sig, pos) {
		l.setup = append(l.setup, assign(id(in.name, pos), id(name, pos)))
	}
}

// importDecls puts the imports that are new to the interpreter at the head of the file.
func (l *lowerer) importDecls() {
	var specs []ast.Spec
	for _, path := range slices.Sorted(maps.Keys(l.imports)) {
		if l.names.imported[path] {
			continue
		}
		l.names.imported[path] = true
		specs = append(specs, &ast.ImportSpec{
			Name: ast.NewIdent(l.imports[path]),
			Path: &ast.BasicLit{Kind: token.STRING, Value: strconv.Quote(path)},
		})
	}
	if len(specs) > 0 {
		l.file.Decls = append([]ast.Decl{&ast.GenDecl{Tok: token.IMPORT, Specs: specs}}, l.file.Decls...)
	}
}

// pkg returns the alias of a compiled package, importing it.
func (l *lowerer) pkg(p *types.Package) string {
	if a, ok := l.imports[p.Path()]; ok {
		return a
	}
	a := check.Qualified(p)
	l.imports[p.Path()] = a
	return a
}

// typeName returns the name of the session type behind t or *t, or "".
func typeName(t types.Type) string {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		return n.Obj().Name()
	}
	return ""
}

// temp returns a new name, unlike those of names.define.
func (l *lowerer) temp(what string) string {
	l.temps++
	return what + "·_" + strconv.Itoa(l.temps)
}

// Small constructors.

func id(name string, pos token.Pos) *ast.Ident { return &ast.Ident{Name: name, NamePos: pos} }

func call(fun ast.Expr, args ...ast.Expr) *ast.CallExpr {
	return &ast.CallExpr{Fun: fun, Lparen: fun.Pos(), Args: args, Rparen: fun.Pos()}
}

func exprStmt(e ast.Expr) ast.Stmt { return &ast.ExprStmt{X: e} }

func assign(to, from ast.Expr) ast.Stmt {
	return &ast.AssignStmt{Lhs: []ast.Expr{to}, TokPos: to.Pos(), Tok: token.ASSIGN, Rhs: []ast.Expr{from}}
}

func define(name string, from ast.Expr) ast.Stmt {
	return &ast.AssignStmt{
		Lhs: []ast.Expr{id(name, from.Pos())}, TokPos: from.Pos(), Tok: token.DEFINE, Rhs: []ast.Expr{from},
	}
}

func block(pos token.Pos, list ...ast.Stmt) *ast.BlockStmt {
	return &ast.BlockStmt{Lbrace: pos, List: list, Rbrace: pos}
}

func intLit(n int, pos token.Pos) ast.Expr {
	return &ast.BasicLit{ValuePos: pos, Kind: token.INT, Value: strconv.Itoa(n)}
}

// rt is a function of runtime.go.
func rt(name string, pos token.Pos) ast.Expr {
	return &ast.SelectorExpr{X: id(rtAlias, pos), Sel: id(name, pos)}
}
