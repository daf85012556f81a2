package yaegi

import (
	"go/ast"
	"go/token"
	"go/types"
)

// compared returns the comparison of x and y, of type t, as Go makes it: in yaegi, interfaces of equal
// values are not equal, nor are the structs and arrays that hold them.
func (l *lowerer) compared(x, y ast.Expr, t types.Type) ast.Expr {
	pos := x.Pos()
	if types.IsInterface(t) {
		return call(rt("Equal", pos), l.toAny(x, t), l.toAny(y, t))
	}
	te := l.typeExpr(t, pos)
	if !holdsInterface(t) || te == nil {
		return &ast.BinaryExpr{X: x, OpPos: pos, Op: token.EQL, Y: y}
	}
	a, b := id("a·", pos), id("b·", pos)
	body := block(pos)
	unless := func(same ast.Expr) ast.Stmt {
		not := &ast.UnaryExpr{OpPos: pos, Op: token.NOT, X: &ast.ParenExpr{X: same}}
		return &ast.IfStmt{If: pos, Cond: not, Body: block(pos, answer(false, pos))}
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for f := range u.Fields() {
			if f.Name() != "_" {
				body.List = append(body.List, unless(l.compared(&ast.SelectorExpr{X: a, Sel: id(f.Name(), pos)},
					&ast.SelectorExpr{X: b, Sel: id(f.Name(), pos)}, f.Type())))
			}
		}
	case *types.Array:
		i := id("i·", pos)
		body.List = append(body.List, &ast.RangeStmt{
			For: pos, Key: i, TokPos: pos, Tok: token.DEFINE, X: a,
			Body: block(pos, unless(l.compared(&ast.IndexExpr{X: a, Lbrack: pos, Index: i},
				&ast.IndexExpr{X: b, Lbrack: pos, Index: i}, u.Elem()))),
		})
	}
	body.List = append(body.List, answer(true, pos))
	return call(&ast.FuncLit{
		Type: &ast.FuncType{
			Func:    pos,
			Params:  &ast.FieldList{List: []*ast.Field{{Names: []*ast.Ident{a, b}, Type: te}}},
			Results: &ast.FieldList{List: []*ast.Field{{Type: id("bool", pos)}}},
		},
		Body: body,
	}, x, y)
}

// holdsInterface reports whether a struct or array has an interface in it.
func holdsInterface(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Interface:
		return true
	case *types.Struct:
		for f := range u.Fields() {
			if holdsInterface(f.Type()) {
				return true
			}
		}
	case *types.Array:
		return holdsInterface(u.Elem())
	}
	return false
}

// holdsOwnInterface is holdsInterface for interfaces that a cell declares.
func (l *lowerer) holdsOwnInterface(t types.Type) bool {
	if l.ownInterface(t) {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for f := range u.Fields() {
			if l.holdsOwnInterface(f.Type()) {
				return true
			}
		}
	case *types.Array:
		return l.holdsOwnInterface(u.Elem())
	}
	return false
}
