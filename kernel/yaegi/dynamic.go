package yaegi

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"

	"github.com/lathe-ml/lathe/kernel/yaegi/mono"
)

// yaegi keeps a value in an empty interface without its session type. Struct types are told apart by
// a tag (see tag); values of other session types are put into a Typed; those that are errors or
// Stringers into the wrapper by which compiled code sees them. Assertions look inside.

// typed returns the name under which values of t are put into a Typed, or "" when the run-time type says
// enough: t has no session types in it, or only structs, which have tags.
func (l *lowerer) typed(t types.Type) string {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		return l.typedName(t)
	case *types.Pointer:
		if n, ok := types.Unalias(t.Elem()).(*types.Named); ok {
			if name := l.typedName(n); name != "" {
				return "*" + name
			}
			return ""
		}
	case *types.Basic, *types.Interface, *types.Tuple:
		return ""
	case *types.Struct:
		if t.NumFields() == 0 { // yaegi fails to assert it
			return "struct {}"
		}
	}
	if !l.vague(t, map[types.Type]bool{}) {
		return ""
	}
	if name := l.spell(t, token.NoPos); name != "" {
		return name
	}
	return types.TypeString(t, (*types.Package).Name)
}

func (l *lowerer) typedName(n *types.Named) string {
	if n.Obj().Pkg() == nil || n.Obj().Pkg().Path() != mainPath || n.TypeArgs().Len() > 0 {
		return ""
	}
	switch u := n.Underlying().(type) {
	case *types.Interface:
		return ""
	case *types.Signature:
		if l.recursiveFunc(n) {
			return ""
		}
	case *types.Struct:
		if u.NumFields() > 0 { // others have no field for the tag
			return ""
		}
	}
	if !global(n.Obj()) {
		return n.Obj().Name() + "@" + strconv.Itoa(int(n.Obj().Pos()))
	}
	return l.names.current[n.Obj().Name()]
}

// vague reports whether the run-time type of an unnamed type is one of other types, too.
func (l *lowerer) vague(t types.Type, seen map[types.Type]bool) bool {
	if t == nil || seen[t] {
		return false
	}
	seen[t] = true
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		return l.typedName(t) != "" || l.ownInterface(t)
	case *types.Map:
		return l.vague(t.Key(), seen) || l.vague(t.Elem(), seen)
	case *types.Signature:
		return l.vague(t.Params(), seen) || l.vague(t.Results(), seen)
	case *types.Tuple:
		for v := range t.Variables() {
			if l.vague(v.Type(), seen) {
				return true
			}
		}
	case *types.Struct:
		for f := range t.Fields() {
			if l.vague(f.Type(), seen) {
				return true
			}
		}
	case interface{ Elem() types.Type }:
		return l.vague(t.Elem(), seen)
	}
	return false
}

// untyped returns raw, what Take gives, as a value of the type t, spelled te.
func (l *lowerer) untyped(raw ast.Expr, t types.Type, te ast.Expr) ast.Expr {
	pos := raw.Pos()
	if st, ok := t.Underlying().(*types.Struct); ok && st.NumFields() == 0 { // there is only one
		return &ast.StarExpr{Star: pos, X: call(id("new", pos), te)}
	}
	if _, named := types.Unalias(t).(*types.Named); !named {
		return &ast.TypeAssertExpr{X: raw, Type: te}
	}
	return call(te, &ast.TypeAssertExpr{X: raw, Type: l.typeExpr(t.Underlying(), pos)})
}

func quoted(s string, pos token.Pos) ast.Expr {
	return &ast.BasicLit{ValuePos: pos, Kind: token.STRING, Value: strconv.Quote(s)}
}

// box returns e, of type t, as the value of an empty interface.
func (l *lowerer) box(e ast.Expr, t types.Type) ast.Expr {
	pos := e.Pos()
	if l.ofSession(t) && !types.IsInterface(t) {
		for _, i := range l.known() {
			if types.Implements(t, i.Underlying().(*types.Interface)) {
				if name := l.presenter(t, i, pos); name != "" {
					return call(id(name, pos), e)
				}
			}
		}
	}
	if name := l.typed(t); name != "" {
		return call(rt("Box", pos), quoted(name, pos), intLit(l.reg.number(t), pos), e)
	}
	_, isStruct := structUnder(t)
	_, isArray := t.Underlying().(*types.Array) // which yaegi takes for none in a declaration of several variables
	if isStruct || isArray || len(sessionNames(t)) > 0 {
		return call(rt("Any", pos), e) // yaegi itself would wrap it
	}
	return e
}

// known lists the compiled interfaces that values in an empty interface keep.
func (l *lowerer) known() []types.Type {
	return []types.Type{types.Universe.Lookup("error").Type()}
}

// content returns the syntax for what is inside e, an operand of static type t, when the target of
// an assertion is a type of the session.
func (l *lowerer) content(e ast.Expr, t types.Type) ast.Expr {
	if isAny(t) || l.compiledInterface(t) {
		return call(rt("Unwrap", e.Pos()), e)
	}
	return e
}

// assertion lowers x.(T) with one result.
func (l *lowerer) assertion(e *ast.TypeAssertExpr) ast.Expr {
	pos := e.Pos()
	from, to := l.typeOf(e.X), l.Info.TypeOf(e.Type)
	ft, tt := l.typeExpr(from, pos), l.typeExpr(to, pos)
	if ft == nil || tt == nil {
		l.refuse(e, "an assertion from %s to %s is not supported in cells; a named type works", from, to)
		return e
	}
	x, v, ok := id("x·", pos), id("v·", pos), id("ok·", pos)
	source := l.reg.number(from)
	if mono.Impossible(e.X) {
		source = unknownSource
	}
	return call(&ast.FuncLit{
		Type: &ast.FuncType{
			Func:    pos,
			Params:  &ast.FieldList{List: []*ast.Field{{Names: []*ast.Ident{x}, Type: ft}}},
			Results: &ast.FieldList{List: []*ast.Field{{Type: tt}}},
		},
		Body: block(pos,
			&ast.AssignStmt{
				Lhs: []ast.Expr{v, ok}, TokPos: pos, Tok: token.DEFINE, Rhs: []ast.Expr{l.asserted(x, from, to)},
			},
			&ast.IfStmt{
				If: pos, Cond: &ast.UnaryExpr{OpPos: pos, Op: token.NOT, X: ok},
				Body: block(pos, exprStmt(call(rt("NotAsserted", pos), l.present(x, from, anyType),
					intLit(source, pos), intLit(l.reg.number(to), pos)))),
			},
			&ast.ReturnStmt{Return: pos, Results: []ast.Expr{v}},
		),
	}, l.expr(e.X))
}

var anyType = types.Universe.Lookup("any").Type()

// commaOk returns the right side of v, ok := x.(T).
func (l *lowerer) commaOk(e *ast.TypeAssertExpr) ast.Expr {
	return l.asserted(l.expr(e.X), l.typeOf(e.X), l.Info.TypeOf(e.Type))
}

// asserted returns an expression with two values: x, of type from, as one of type to, and whether it is.
func (l *lowerer) asserted(x ast.Expr, from, to types.Type) ast.Expr {
	pos := x.Pos()
	t := l.typeExpr(to, pos)
	if t == nil {
		l.refuse(x, "an assertion to %s is not supported in cells; a named type works", to)
		return x
	}
	name := l.typed(to)
	switch {
	case isAny(to):
		return call(rt("Holds", pos), l.present(x, from, to))
	case l.ownInterface(to), l.sought(from, to):
		return call(l.find(to, pos), l.content(l.present(x, from, anyType), anyType))
	case name != "":
		return l.takeTyped(l.content(l.present(x, from, anyType), anyType), to, t, name)
	case l.compiledInterface(to) && types.IsInterface(from) && !l.ownInterface(from):
		x = call(rt("Plain", pos), x, intLit(l.reg.number(to), pos))
	case !types.IsInterface(to):
		x = l.content(x, from)
	}
	return &ast.TypeAssertExpr{X: x, Lparen: pos, Type: t, Rparen: pos}
}

// takeTyped returns a call that gives the value in a Typed of the type to, spelled t, and whether x
// is one.
func (l *lowerer) takeTyped(operand ast.Expr, to types.Type, t ast.Expr, name string) ast.Expr {
	pos := operand.Pos()
	x := id("x·", pos)
	zero := &ast.StarExpr{Star: pos, X: call(id("new", pos), t)}
	raw := call(rt("Take", pos), x, quoted(name, pos))
	return call(&ast.FuncLit{
		Type: &ast.FuncType{
			Func:    pos,
			Params:  &ast.FieldList{List: []*ast.Field{{Names: []*ast.Ident{x}, Type: id("any", pos)}}},
			Results: &ast.FieldList{List: []*ast.Field{{Type: t}, {Type: id("bool", pos)}}},
		},
		Body: block(pos,
			&ast.IfStmt{
				If: pos, Cond: call(rt("Is", pos), x, quoted(name, pos)),
				Body: block(pos, &ast.ReturnStmt{
					Return: pos, Results: []ast.Expr{l.untyped(raw, to, t), id("true", pos)},
				}),
			},
			&ast.ReturnStmt{Return: pos, Results: []ast.Expr{zero, id("false", pos)}},
		),
	}, operand)
}

// ownInterface reports whether t is an interface with methods that is not a compiled one.
func (l *lowerer) ownInterface(t types.Type) bool {
	i, ok := t.Underlying().(*types.Interface)
	return ok && i.NumMethods() > 0 && !l.compiledInterface(t)
}

// sought reports whether an assertion from one interface to another, a compiled one, may meet a value of a type
// of the session, which yaegi does not recognise.
func (l *lowerer) sought(from, to types.Type) bool {
	if !l.compiledInterface(to) || !types.IsInterface(from) || isError(to) && isAny(from) {
		return false
	}
	for _, name := range l.Pkg.Scope().Names() {
		o, ok := l.Pkg.Scope().Lookup(name).(*types.TypeName)
		if ok && !types.IsInterface(o.Type()) && !o.IsAlias() &&
			types.Implements(types.NewPointer(o.Type()), to.Underlying().(*types.Interface)) {
			return true
		}
	}
	return false
}

// find returns a function from any to (to, bool): yaegi cannot assert an empty interface to one of
// the session, so the session's types that implement it are tried. One declared later is refused
// at run time.
func (l *lowerer) find(to types.Type, pos token.Pos) ast.Expr {
	x := id("x·", pos)
	te := l.typeExpr(to, pos)
	if te == nil {
		l.refuse(x, "an assertion to this interface is not supported in cells")
		te = id("any", pos)
	}
	body := block(pos)
	iface := to.Underlying().(*types.Interface)
	for _, name := range l.Pkg.Scope().Names() {
		o, ok := l.Pkg.Scope().Lookup(name).(*types.TypeName)
		if !ok || types.IsInterface(o.Type()) || o.IsAlias() {
			continue
		}
		for _, t := range []types.Type{o.Type(), types.NewPointer(o.Type())} {
			if types.Implements(t, iface) {
				body.List = append(body.List, l.try(t, to, x, pos))
			}
		}
	}
	plain := call(rt("Plain", pos), x, intLit(l.reg.number(to), pos))
	if l.compiledInterface(to) {
		v, good := id("v·", pos), id("ok·", pos)
		body.List = append(body.List, &ast.AssignStmt{
			Lhs: []ast.Expr{v, good}, TokPos: pos, Tok: token.DEFINE, Rhs: []ast.Expr{&ast.TypeAssertExpr{X: plain, Type: te}},
		}, &ast.ReturnStmt{Return: pos, Results: []ast.Expr{v, good}})
	} else {
		body.List = append(body.List, exprStmt(plain),
			&ast.ReturnStmt{Return: pos, Results: []ast.Expr{id("nil", pos), id("false", pos)}})
	}
	return &ast.FuncLit{
		Type: &ast.FuncType{
			Func:    pos,
			Params:  &ast.FieldList{List: []*ast.Field{{Names: []*ast.Ident{x}, Type: id("any", pos)}}},
			Results: &ast.FieldList{List: []*ast.Field{{Type: te}, {Type: id("bool", pos)}}},
		},
		Body: body,
	}
}

// try returns x as the interface to if it is a t.
func (l *lowerer) try(t, to types.Type, x *ast.Ident, pos token.Pos) ast.Stmt {
	te := l.typeExpr(t, pos)
	var value ast.Expr = &ast.TypeAssertExpr{X: x, Type: te}
	if name := l.typed(t); name != "" {
		value = l.takeTyped(x, t, te, name)
	}
	var found ast.Expr = id("t·", pos)
	if l.compiledInterface(to) {
		found = l.present(found, t, to)
	}
	return &ast.IfStmt{
		If: pos,
		Init: &ast.AssignStmt{
			Lhs: []ast.Expr{id("t·", pos), id("ok·", pos)}, TokPos: pos, Tok: token.DEFINE, Rhs: []ast.Expr{value},
		},
		Cond: id("ok·", pos),
		Body: block(pos, &ast.ReturnStmt{Return: pos, Results: []ast.Expr{found, id("true", pos)}}),
	}
}

// must is find for an assertion with one result.
func (l *lowerer) must(to types.Type, pos token.Pos) ast.Expr {
	x, v, good := id("x·", pos), id("v·", pos), id("found·", pos)
	return &ast.FuncLit{
		Type: &ast.FuncType{
			Func:    pos,
			Params:  &ast.FieldList{List: []*ast.Field{{Names: []*ast.Ident{x}, Type: id("any", pos)}}},
			Results: &ast.FieldList{List: []*ast.Field{{Type: l.typeExpr(to, pos)}}},
		},
		Body: block(pos,
			&ast.AssignStmt{
				Lhs: []ast.Expr{v, good}, TokPos: pos, Tok: token.DEFINE, Rhs: []ast.Expr{call(l.find(to, pos), x)},
			},
			&ast.IfStmt{
				If: pos, Cond: &ast.UnaryExpr{OpPos: pos, Op: token.NOT, X: good},
				Body: block(pos, exprStmt(call(rt("Missing", pos), x,
					quoted(spelled(to), pos)))),
			},
			&ast.ReturnStmt{Return: pos, Results: []ast.Expr{v}},
		),
	}
}

// typeSwitch lowers a type switch over an empty or compiled interface to a switch over the number
// of the case, which assertions find out. One over a session interface stays; without a binding
// yaegi takes no case for session types, so it gets one.
func (l *lowerer) typeSwitch(s *ast.TypeSwitchStmt, label string) ast.Stmt {
	operand, bound := guard(s)
	from := l.typeOf(operand.X)
	if !isAny(from) && !l.compiledInterface(from) && l.typeExpr(from, s.Pos()) == nil {
		name := "guard·"
		if bound != nil {
			name = bound.Name
		}
		g := define(name, &ast.TypeAssertExpr{X: l.expr(operand.X), Lparen: operand.Lparen, Rparen: operand.Rparen})
		return &ast.TypeSwitchStmt{
			Switch: s.Switch, Init: l.stmt(s.Init), Assign: g, Body: l.clauses(s.Body, label, nil),
		}
	}
	pos := s.Pos()
	x, in, k := l.temp("x"), l.temp("in"), l.temp("case")
	out := block(pos)
	if init := l.stmt(s.Init); init != nil {
		out.List = append(out.List, init)
	}
	var xt ast.Expr = id("any", pos)
	if !isAny(from) {
		xt = l.typeExpr(from, pos)
	}
	out.List = append(out.List, varStmt(x, xt, l.expr(operand.X), pos),
		varStmt(in, id("any", pos), call(rt("Unwrap", pos), l.present(id(x, pos), from, anyType)), pos),
		define(k, intLit(-1, pos)))
	whole := x // as an interface of compiled code
	if l.ownInterface(from) {
		whole = in
	}
	sw := &ast.SwitchStmt{Switch: s.Switch, Tag: id(k, pos), Body: block(pos)}
	l.loops = append(l.loops, &loop{label: label})
	var tests []ast.Stmt
	n := 0
	for _, c := range s.Body.List {
		c := c.(*ast.CaseClause)
		clause := &ast.CaseClause{Case: c.Case, Colon: c.Colon}
		for _, t := range c.List {
			tests = append(tests, l.caseTest(t, from, whole, in, k, n))
			clause.List = append(clause.List, intLit(n, t.Pos()))
			n++
		}
		if bound != nil {
			clause.Body = append(clause.Body, l.caseVar(c, bound, from, x, whole, in)...)
		}
		clause.Body = append(clause.Body, l.stmts(c.Body)...)
		sw.Body.List = append(sw.Body.List, clause)
	}
	l.loops = l.loops[:len(l.loops)-1]
	out.List = append(out.List, tests...)
	if label != "" {
		out.List = append(out.List, &ast.LabeledStmt{Label: id(label, pos), Stmt: sw})
	} else {
		out.List = append(out.List, sw)
	}
	return out
}

func varStmt(name string, t, value ast.Expr, pos token.Pos) ast.Stmt {
	spec := &ast.ValueSpec{Names: []*ast.Ident{id(name, pos)}, Type: t, Values: []ast.Expr{value}}
	return &ast.DeclStmt{Decl: &ast.GenDecl{TokPos: pos, Tok: token.VAR, Specs: []ast.Spec{spec}}}
}

// guard returns the operand of a type switch and the variable that it binds, if any.
func guard(s *ast.TypeSwitchStmt) (*ast.TypeAssertExpr, *ast.Ident) {
	switch a := s.Assign.(type) {
	case *ast.AssignStmt:
		return ast.Unparen(a.Rhs[0]).(*ast.TypeAssertExpr), a.Lhs[0].(*ast.Ident)
	case *ast.ExprStmt:
		return ast.Unparen(a.X).(*ast.TypeAssertExpr), nil
	}
	return nil, nil
}

// caseTest sets k to n when it is unset and the value is of the type that t spells.
func (l *lowerer) caseTest(t ast.Expr, from types.Type, x, in, k string, n int) ast.Stmt {
	pos := t.Pos()
	unset := &ast.BinaryExpr{X: id(k, pos), OpPos: pos, Op: token.LSS, Y: intLit(0, pos)}
	set := block(pos, assign(id(k, pos), intLit(n, pos)))
	to := l.Info.TypeOf(t)
	test := &ast.IfStmt{If: pos, Body: set}
	switch {
	case l.Info.Types[t].IsNil():
		test.Cond = call(rt("IsNil", pos), id(x, pos))
	case isAny(to):
		test.Cond = &ast.UnaryExpr{OpPos: pos, Op: token.NOT, X: call(rt("IsNil", pos), id(x, pos))}
	case l.ownInterface(to), l.sought(from, to):
		test.Init = &ast.AssignStmt{
			Lhs: []ast.Expr{id("_", pos), id("ok·", pos)}, TokPos: pos, Tok: token.DEFINE,
			Rhs: []ast.Expr{call(l.find(to, pos), id(in, pos))},
		}
		test.Cond = id("ok·", pos)
	case l.typed(to) != "":
		test.Cond = call(rt("Is", pos), id(in, pos), quoted(l.typed(to), pos))
	default:
		src := id(in, pos)
		var operand ast.Expr = src
		if types.IsInterface(to) {
			src = id(x, pos)
			operand = call(rt("Plain", pos), src, intLit(l.reg.number(to), pos))
			if !l.compiledInterface(to) {
				operand = id(in, pos)
			}
		}
		test.Init = &ast.AssignStmt{
			Lhs: []ast.Expr{id("_", pos), id("ok·", pos)}, TokPos: pos, Tok: token.DEFINE,
			Rhs: []ast.Expr{&ast.TypeAssertExpr{X: operand, Type: l.expr(t)}},
		}
		test.Cond = id("ok·", pos)
	}
	return &ast.IfStmt{If: pos, Cond: unset, Body: block(pos, test)}
}

// caseVar declares the variable of a type switch in a clause: with the type of its only case, or
// that of the operand.
func (l *lowerer) caseVar(c *ast.CaseClause, bound *ast.Ident, from types.Type, x, whole, in string) []ast.Stmt {
	pos := c.Pos()
	if v, ok := l.Info.Implicits[c].(*types.Var); !ok || bound.Name == "_" || !l.uses(c, v) {
		return nil
	}
	if len(c.List) != 1 || l.Info.Types[c.List[0]].IsNil() {
		return []ast.Stmt{define(bound.Name, id(x, pos))}
	}
	t := c.List[0]
	to := l.Info.TypeOf(t)
	if name := l.typed(to); name != "" {
		raw := call(rt("Take", pos), id(in, pos), quoted(name, pos))
		return []ast.Stmt{define(bound.Name, l.untyped(raw, to, l.expr(t)))}
	}
	src := in
	if types.IsInterface(to) && l.compiledInterface(to) {
		src = whole
	}
	if isAny(to) {
		return []ast.Stmt{define(bound.Name, id(whole, pos))}
	}
	if l.ownInterface(to) || l.sought(from, to) {
		return []ast.Stmt{define(bound.Name, call(l.must(to, pos), id(in, pos)))}
	}
	return []ast.Stmt{define(bound.Name, &ast.TypeAssertExpr{X: id(src, pos), Type: l.expr(t)})}
}

// uses reports whether n mentions v.
func (l *lowerer) uses(n ast.Node, v types.Object) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if x, ok := n.(*ast.Ident); ok && l.Info.Uses[x] == v {
			found = true
		}
		return !found
	})
	return found
}

// structUnder returns the struct that t or *t is.
func structUnder(t types.Type) (*types.Struct, bool) {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	return st, ok
}

// sessionNames lists the types of the session in t, which is not looked into where it is named.
func sessionNames(t types.Type) (names []string) {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		if p := t.Obj().Pkg(); p != nil && p.Path() == mainPath {
			names = append(names, t.Obj().Name())
		}
	case *types.Map:
		return append(sessionNames(t.Key()), sessionNames(t.Elem())...)
	case interface{ Elem() types.Type }:
		return sessionNames(t.Elem())
	}
	return names
}
