package yaegi

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// cell lowers the statements of the cell. Its variables are package variables, so their
// declarations become assignments.
func (l *lowerer) cell() (out []ast.Stmt) {
	for i, s := range l.Body {
		last := i == len(l.Body)-1
		if !l.Defines[s] { // as in a program: first variables, then init
			out, l.inits = append(out, l.inits...), nil
		}
		switch {
		case l.Defines[s]:
			out = append(out, l.topDefine(s)...)
		case last && l.Result != nil:
			out = append(out, l.at(s.Pos()))
			out = append(out, l.resultOf(l.Result)...)
		default:
			out = append(out, l.located(s)...)
		}
	}
	out = append(out, l.inits...)
	if l.Main {
		name := l.names.current["main"]
		out = append(out, exprStmt(call(ast.NewIdent(name))))
	}
	return out
}

// topDefine lowers a := or var at the top level of the cell.
func (l *lowerer) topDefine(s ast.Stmt) []ast.Stmt {
	out := []ast.Stmt{l.at(s.Pos())}
	if a, ok := s.(*ast.AssignStmt); ok {
		return append(out, l.setAll(a.Lhs, a.Rhs, a.TokPos)...)
	}
	for _, spec := range s.(*ast.DeclStmt).Decl.(*ast.GenDecl).Specs {
		v := spec.(*ast.ValueSpec)
		var names []ast.Expr
		for _, n := range v.Names {
			names = append(names, n)
		}
		if len(v.Values) > 0 {
			out = append(out, l.setAll(names, v.Values, v.Pos())...)
			continue
		}
		for _, n := range v.Names {
			if n.Name == "_" {
				continue
			}
			t := l.typeExpr(l.Info.Defs[n].Type(), n.Pos())
			if t == nil {
				continue // refused where the variable is declared
			}
			out = append(out, assign(l.ident(n), l.zero(l.Info.Defs[n].Type(), n.Pos())))
		}
	}
	return out
}

// setAll assigns right to left. Variables of interface type take their value through the variable's
// type, not that of the value, so one assignment each.
func (l *lowerer) setAll(left, right []ast.Expr, pos token.Pos) []ast.Stmt {
	if len(left) == 1 {
		if x, ok := left[0].(*ast.Ident); ok && x.Name == "_" {
			return []ast.Stmt{define(l.temp("unused"), l.expr(right[0]))}
		}
	}
	lhs := l.exprs(left)
	rhs := l.converted(right, func(i int) types.Type {
		if len(left) != len(right) {
			return nil
		}
		return l.Info.TypeOf(left[i])
	})
	if len(left) == 2 && len(right) == 1 {
		if a, ok := ast.Unparen(right[0]).(*ast.TypeAssertExpr); ok {
			rhs[0] = l.commaOk(a)
		}
	}
	b := &ast.AssignStmt{Lhs: lhs, TokPos: pos, Tok: token.ASSIGN, Rhs: rhs}
	if list := l.several(left, right, b); list != nil {
		return list
	}
	return []ast.Stmt{b}
}

// resultOf lowers the last expression of a cell: its value is handed to the kernel.
func (l *lowerer) resultOf(e ast.Expr) []ast.Stmt {
	pos := e.Pos()
	tv := l.Info.Types[e]
	c, isCall := ast.Unparen(e).(*ast.CallExpr)
	if l.Silent && !isCall {
		return []ast.Stmt{define(l.temp("unused"), l.expr(e))}
	}
	if l.Silent || isCall && l.prints(c.Fun) || tv.IsVoid() || tv.Type == nil || isCall && l.builtin(c.Fun) == "panic" {
		return []ast.Stmt{exprStmt(l.expr(e))}
	}
	tuple, ok := tv.Type.(*types.Tuple)
	if !ok {
		f := "Result"
		if l.Silent && !isCall {
			return []ast.Stmt{define(l.temp("unused"), l.expr(e))}
		}
		if l.Silent || isCall && isError(tv.Type) && !l.Info.Types[c.Fun].IsType() {
			f = "Check"
		}
		return []ast.Stmt{exprStmt(call(rt(f, pos), l.shown(l.expr(e), tv.Type)))}
	}
	if tuple.Len() == 0 {
		return []ast.Stmt{exprStmt(l.expr(e))}
	}
	var lhs []ast.Expr
	var out []ast.Stmt
	for i := range tuple.Len() {
		name := l.temp("result")
		lhs = append(lhs, id(name, pos))
		f := "Result"
		if i == tuple.Len()-1 && isError(tuple.At(i).Type()) {
			f = "Check"
		}
		out = append(out, block(pos, l.at(pos), exprStmt(call(rt(f, pos), l.shown(id(name, pos), tuple.At(i).Type())))))
	}
	// The error comes first: when there is one, the values mean nothing.
	if n := len(out); isError(tuple.At(n - 1).Type()) {
		out = slices.Concat(out[n-1:], out[:n-1])
	}
	def := &ast.AssignStmt{Lhs: lhs, TokPos: pos, Tok: token.DEFINE, Rhs: []ast.Expr{l.expr(e)}}
	return append([]ast.Stmt{def}, out...)
}

// prints reports whether fun is one of fmt's printing functions, whose results nobody wants to see.
func (l *lowerer) prints(fun ast.Expr) bool {
	sel, ok := ast.Unparen(fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	f, ok := l.Info.Uses[sel.Sel].(*types.Func)
	return ok && f.Pkg() != nil && f.Pkg().Path() == "fmt" && strings.Contains(strings.ToLower(f.Name()), "print") &&
		!strings.HasPrefix(f.Name(), "S")
}

func isError(t types.Type) bool { return types.Identical(t, types.Universe.Lookup("error").Type()) }

// shown returns e in a form in which compiled code prints it as Go would.
func (l *lowerer) shown(e ast.Expr, t types.Type) ast.Expr {
	pos := e.Pos()
	switch {
	case isError(t) || t == types.Typ[types.UntypedNil]:
		return e
	case l.displays(t) != nil:
		return l.present(e, t, l.displays(t))
	case l.ownInterface(t):
		return l.shownInterface(e, t)
	case types.IsInterface(t), ofPackage(t, "reflect"):
		return call(rt("ShowAny", pos), e)
	case mentionsSession(t):
		return call(rt("Show", pos), e, intLit(l.reg.number(t), pos))
	}
	return e
}

// displays returns the interface display.Displayer when t, a session type, implements it.
func (l *lowerer) displays(t types.Type) types.Type {
	if !l.ofSession(t) {
		return nil
	}
	obj, _, _ := types.LookupFieldOrMethod(t, false, l.Pkg, "Display")
	m, ok := obj.(*types.Func)
	if !ok || m.Signature().Params().Len() > 0 || m.Signature().Results().Len() != 1 {
		return nil
	}
	data, ok := types.Unalias(m.Signature().Results().At(0).Type()).(*types.Named)
	if !ok || data.Obj().Pkg() == nil || !strings.HasSuffix(data.Obj().Pkg().Path(), "/kernel/display") {
		return nil
	}
	if d := data.Obj().Pkg().Scope().Lookup("Displayer"); d != nil {
		return d.Type()
	}
	return nil
}

// shownInterface returns e, of an interface type of the session, as shown does. The types that it
// may hold and that have no form of their own at run time are tried.
func (l *lowerer) shownInterface(e ast.Expr, t types.Type) ast.Expr {
	pos := e.Pos()
	te := l.typeExpr(t, pos)
	plain := call(rt("ShowAny", pos), e)
	if te == nil {
		return plain
	}
	x, v := id("x·", pos), id("v·", pos)
	body := block(pos)
	for _, name := range l.Pkg.Scope().Names() {
		o, ok := l.Pkg.Scope().Lookup(name).(*types.TypeName)
		if !ok || o.IsAlias() || l.typed(o.Type()) == "" || l.names.current[name] == "" ||
			!types.Implements(o.Type(), t.Underlying().(*types.Interface)) {
			continue
		}
		body.List = append(body.List, &ast.IfStmt{
			If: pos,
			Init: &ast.AssignStmt{
				Lhs: []ast.Expr{v, id("ok·", pos)}, TokPos: pos, Tok: token.DEFINE,
				Rhs: []ast.Expr{&ast.TypeAssertExpr{X: x, Type: l.typeExpr(o.Type(), pos)}},
			},
			Cond: id("ok·", pos),
			Body: block(pos, &ast.ReturnStmt{Return: pos, Results: []ast.Expr{l.shown(v, o.Type())}}),
		})
	}
	if len(body.List) == 0 {
		return plain
	}
	body.List = append(body.List, &ast.ReturnStmt{Return: pos, Results: []ast.Expr{call(rt("ShowAny", pos), x)}})
	return call(&ast.FuncLit{
		Type: &ast.FuncType{
			Func:    pos,
			Params:  &ast.FieldList{List: []*ast.Field{{Names: []*ast.Ident{x}, Type: te}}},
			Results: &ast.FieldList{List: []*ast.Field{{Type: id("any", pos)}}},
		},
		Body: body,
	}, e)
}
