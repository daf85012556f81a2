package yaegi

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// convert lowers e where a value of type to is wanted. A value of a session type becomes a compiled
// interface through the wrapper that the symbol tables hold for it: yaegi does so by itself, but not
// everywhere.
func (l *lowerer) convert(e ast.Expr, to types.Type) ast.Expr {
	low := l.expr(e)
	tv := l.Info.Types[e]
	if to != nil && tv.IsNil() && l.recursiveFunc(to) {
		return &ast.CompositeLit{Type: l.typeExpr(to, e.Pos())}
	}
	if to == nil || tv.Type == nil || tv.IsNil() {
		return low
	}
	return l.present(low, tv.Type, to)
}

// present returns e, of type from, as the compiled interface to.
func (l *lowerer) present(e ast.Expr, from, to types.Type) ast.Expr {
	if from == nil || to == nil {
		return e
	}
	e = l.wrapFunc(e, from, to)
	if b, ok := from.Underlying().(*types.Basic); ok && types.IsInterface(to) && b.Info()&types.IsBoolean != 0 {
		e = call(rt("Bool", e.Pos()), e) // yaegi takes the place of a comparison for one that holds a bool
		if !isAny(to) || l.typed(from) != "" {
			e = call(l.typeExpr(types.Default(from), e.Pos()), e)
		}
	}
	if isAny(to) && !types.IsInterface(from) {
		return l.box(e, from)
	}
	if isAny(to) && l.ownInterface(from) {
		return l.toAny(e, from)
	}
	if l.ownInterface(to) && ofPackage(from, "reflect") {
		for m := range to.Underlying().(*types.Interface).Methods() {
			if unseen[m.Name()] || slices.Contains(fieldwise, m.Name()) || m.Name() == "Name" || m.Name() == "String" {
				l.refuse(e, "reflection through the interface %s is not supported in cells", types.TypeString(to, (*types.Package).Name))
			}
		}
	}
	if l.ownInterface(to) && !types.IsInterface(from) {
		l.hides(e, from, to)
		return l.held(e, from, to)
	}
	if l.compiledInterface(to) && !l.ofSession(from) {
		l.hides(e, from, to)
	}
	if !l.compiledInterface(to) || types.IsInterface(from) || !l.ofSession(from) {
		return e
	}
	if name := l.presenter(from, to, e.Pos()); name != "" {
		return call(id(name, e.Pos()), e)
	}
	return e
}

// held returns e, of type from, as the interface to of the session, made in a frame of its own: yaegi's
// interfaces refer to the place that they are made from and change with it.
func (l *lowerer) held(e ast.Expr, from, to types.Type) ast.Expr {
	pos := e.Pos()
	f, t := l.typeExpr(types.Default(from), pos), l.typeExpr(to, pos)
	if f == nil || t == nil {
		l.refuse(e, "a value of type %s in the interface %s is not supported in cells; a named type works", from, to)
		return e
	}
	v := id("v·", pos)
	ft := &ast.FuncType{
		Params:  &ast.FieldList{List: []*ast.Field{{Names: []*ast.Ident{v}, Type: f}}},
		Results: &ast.FieldList{List: []*ast.Field{{Type: t}}},
	}
	body := block(pos, &ast.ReturnStmt{Return: pos, Results: []ast.Expr{v}})
	if needsPointee(from, to) {
		isNil := &ast.BinaryExpr{X: v, OpPos: pos, Op: token.EQL, Y: id("nil", pos)}
		body.List = append([]ast.Stmt{&ast.IfStmt{If: pos, Cond: isNil, Body: block(pos, exprStmt(call(rt("NilHeld", pos))))}},
			body.List...)
	}
	if l.local(from) || l.local(to) || holdsFloat(from) {
		ft.Func = pos
		return call(&ast.FuncLit{Type: ft, Body: body}, e)
	}
	key := "held " + types.ExprString(f) + " " + types.ExprString(t)
	name, ok := l.names.current[key]
	if !ok {
		l.names.count["held"]++
		name = "held·" + strconv.Itoa(l.names.count["held"])
		l.names.current[key] = name
		l.file.Decls = append(l.file.Decls, &ast.FuncDecl{Name: id(name, pos), Type: ft, Body: body})
	}
	return call(id(name, pos), e)
}

// needsPointee reports whether from is a pointer with which the interface to has a method of a value: Go words the
// panic of calling it with a nil pointer in its own way.
func needsPointee(from, to types.Type) bool {
	p, ok := types.Unalias(from).(*types.Pointer)
	if !ok {
		return false
	}
	values := types.NewMethodSet(p.Elem())
	for m := range to.Underlying().(*types.Interface).Methods() {
		if values.Lookup(m.Pkg(), m.Name()) != nil {
			return true
		}
	}
	return false
}

// local reports whether a type is or mentions one that a function declares.
func (l *lowerer) local(t types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		return t.Obj().Pkg() != nil && t.Obj().Pkg().Path() == mainPath && !global(t.Obj())
	case *types.Basic:
		return false
	case *types.Pointer:
		return l.local(t.Elem())
	}
	return true
}

// pointed returns low, which is e lowered and becomes an element of a map or an operand of text: yaegi takes
// what a nil pointer points to for no value, and deletes the element.
func (l *lowerer) pointed(e, low ast.Expr, t types.Type) ast.Expr {
	if _, ok := ast.Unparen(e).(*ast.StarExpr); ok {
		return l.settled(low, t)
	}
	return low
}

// settled returns e, of type t, as the result of a call: yaegi takes a literal of a slice or map for the
// interface that it becomes.
func (l *lowerer) settled(e ast.Expr, t types.Type) ast.Expr {
	te := l.typeExpr(t, e.Pos())
	if te == nil {
		return e
	}
	return call(&ast.FuncLit{
		Type: &ast.FuncType{
			Func: e.Pos(), Params: &ast.FieldList{}, Results: &ast.FieldList{List: []*ast.Field{{Type: te}}},
		},
		Body: block(e.Pos(), &ast.ReturnStmt{Return: e.Pos(), Results: []ast.Expr{e}}),
	})
}

// compiledInterface reports whether t is an interface with methods that a compiled package declares.
func (l *lowerer) compiledInterface(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == mainPath {
		return false
	}
	i, ok := n.Underlying().(*types.Interface)
	return ok && i.NumMethods() > 0
}

// ofSession reports whether t is a named type of a cell or a pointer to one.
func (l *lowerer) ofSession(t types.Type) bool {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == mainPath
}

// presenter returns the function that turns values of type from into the interface to, writing it
// when it is needed for the first time:
//
//	func name(v *T) nn.Module {
//		return &nn._Module{IValue: v, WForward: func(x) { return T·Forward(v, x) }, …}
//	}
func (l *lowerer) presenter(from, to types.Type, pos token.Pos) string {
	f, t := l.typeExpr(from, pos), l.typeExpr(to, pos)
	if f == nil || t == nil {
		return ""
	}
	key := "as " + types.ExprString(f) + " " + types.ExprString(t)
	if name, ok := l.names.current[key]; ok {
		return name
	}
	letters := strings.NewReplacer("*", "p·", ".", "·", "/", "·", "[", "·", "]", "·")
	name := "as·" + letters.Replace(types.ExprString(f)+"·"+types.ExprString(t))
	l.names.current[key] = name
	iface := to.Underlying().(*types.Interface)
	var value ast.Expr = id("v·", pos)
	if typed := l.typed(from); typed != "" {
		value = call(rt("Box", pos), quoted(typed, pos), intLit(l.reg.number(from), pos), value)
	}
	lit := &ast.CompositeLit{Type: l.wrapper(to, pos), Elts: []ast.Expr{
		&ast.KeyValueExpr{Key: id("IValue", pos), Value: value},
	}}
	l.lits++
	for m := range iface.Methods() {
		if fun := l.bind(from, m.Name(), pos); fun != nil {
			lit.Elts = append(lit.Elts, &ast.KeyValueExpr{Key: id("W"+m.Name(), pos), Value: fun})
		}
	}
	if isError(to) {
		lit.Elts = append(lit.Elts, &ast.KeyValueExpr{Key: id("WShow", pos), Value: rt("ShowAny", pos)})
		if obj, _, _ := types.LookupFieldOrMethod(from, true, l.Pkg, "Is"); isIs(obj) {
			lit.Elts = append(lit.Elts, &ast.KeyValueExpr{Key: id("WIs", pos), Value: l.bind(from, "Is", pos)})
		}
		if obj, _, _ := types.LookupFieldOrMethod(from, true, l.Pkg, "Unwrap"); isUnwrap(obj) {
			lit.Elts = append(lit.Elts, &ast.KeyValueExpr{Key: id("WUnwrap", pos), Value: l.bind(from, "Unwrap", pos)})
		}
	}
	l.lits--
	l.file.Decls = append(l.file.Decls, &ast.FuncDecl{
		Name: id(name, pos),
		Type: &ast.FuncType{
			Params:  &ast.FieldList{List: []*ast.Field{{Names: []*ast.Ident{id("v·", pos)}, Type: f}}},
			Results: &ast.FieldList{List: []*ast.Field{{Type: t}}},
		},
		Body: block(pos, &ast.ReturnStmt{Return: pos, Results: []ast.Expr{
			&ast.UnaryExpr{OpPos: pos, Op: token.AND, X: lit},
		}}),
	})
	return name
}

func isIs(obj types.Object) bool {
	f, ok := obj.(*types.Func)
	return ok && f.Signature().Params().Len() == 1 && isError(f.Signature().Params().At(0).Type()) &&
		f.Signature().Results().Len() == 1 && types.Identical(f.Signature().Results().At(0).Type(), types.Typ[types.Bool])
}

func isUnwrap(obj types.Object) bool {
	f, ok := obj.(*types.Func)
	return ok && f.Signature().Params().Len() == 0 && f.Signature().Results().Len() == 1 &&
		isError(f.Signature().Results().At(0).Type())
}

// wrapper is the struct that implements the interface to with functions.
func (l *lowerer) wrapper(to types.Type, pos token.Pos) ast.Expr {
	o := types.Unalias(to).(*types.Named).Obj()
	if o.Pkg() == nil {
		return rt("Error", pos)
	}
	return &ast.SelectorExpr{X: id(l.pkg(o.Pkg()), pos), Sel: id("_"+o.Name(), pos)}
}

// bind returns a function literal that calls a method of v·, whose type is from.
func (l *lowerer) bind(from types.Type, name string, pos token.Pos) ast.Expr {
	obj, index, _ := types.LookupFieldOrMethod(from, true, l.Pkg, name)
	m, ok := obj.(*types.Func)
	if !ok {
		return nil
	}
	var x ast.Expr = id("v·", pos)
	t := from
	for _, i := range index[:len(index)-1] {
		f := structOf(t).Field(i)
		x, t = &ast.SelectorExpr{X: x, Sel: id(f.Name(), pos)}, f.Type()
	}
	ft, args := l.forwarded(m.Signature(), pos)
	var fun ast.Expr = &ast.SelectorExpr{X: x, Sel: id(name, pos)}
	if static := l.methodName(m, pos); static != nil {
		_, isPtr := types.Unalias(t).Underlying().(*types.Pointer)
		_, wantPtr := types.Unalias(m.Signature().Recv().Type()).(*types.Pointer)
		switch {
		case wantPtr && !isPtr:
			x = &ast.UnaryExpr{OpPos: pos, Op: token.AND, X: x}
		case !wantPtr && isPtr:
			x = &ast.StarExpr{Star: pos, X: x}
		}
		fun, args = static, append([]ast.Expr{x}, args...)
	}
	c := call(fun, args...)
	if m.Signature().Variadic() {
		c.Ellipsis = pos
	}
	return &ast.FuncLit{Type: ft, Body: block(pos, l.result(c, m.Signature(), pos))}
}

// converted lowers a list of expressions that become the types that at gives.
func (l *lowerer) converted(list []ast.Expr, at func(i int) types.Type) []ast.Expr {
	out := make([]ast.Expr, len(list))
	for i, e := range list {
		out[i] = l.convert(e, at(i))
	}
	return out
}

// paramType returns the type of the i-th argument of a call of sig.
func paramType(sig *types.Signature, i int, spread bool) types.Type {
	n := sig.Params().Len()
	switch {
	case sig.Variadic() && i >= n-1 && !spread:
		return sig.Params().At(n - 1).Type().Underlying().(*types.Slice).Elem()
	case i < n:
		return sig.Params().At(i).Type()
	}
	return nil
}
