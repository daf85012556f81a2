package yaegi

import (
	"go/ast"
	"go/token"
	"go/types"
)

// yaegi has no function types that mention themselves (type state func(*lexer) state). They become
// structs with the function as their field, which it has.

const funcField = "Fᐧ"

// recursiveFunc reports whether t is such a type.
func (l *lowerer) recursiveFunc(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() == nil || n.Obj().Pkg().Path() != mainPath {
		return false
	}
	sig, ok := n.Underlying().(*types.Signature)
	return ok && reaches(sig, n, map[types.Type]bool{})
}

// reaches reports whether t mentions n without a struct or an interface between.
func reaches(t types.Type, n *types.Named, seen map[types.Type]bool) bool {
	if t == nil || seen[t] {
		return false
	}
	seen[t] = true
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		if t == n {
			return true
		}
		return t.Obj().Pkg() == n.Obj().Pkg() && reaches(t.Underlying(), n, seen)
	case *types.Signature:
		return reaches(t.Params(), n, seen) || reaches(t.Results(), n, seen)
	case *types.Tuple:
		for v := range t.Variables() {
			if reaches(v.Type(), n, seen) {
				return true
			}
		}
	case *types.Map:
		return reaches(t.Key(), n, seen) || reaches(t.Elem(), n, seen)
	case interface{ Elem() types.Type }:
		return reaches(t.Elem(), n, seen)
	case *types.Struct:
		for f := range t.Fields() {
			if reaches(f.Type(), n, seen) {
				return true
			}
		}
	}
	return false
}

// asStruct is the struct that stands for a recursive function type, spelled t.
func asStruct(t ast.Expr) *ast.StructType {
	pos := t.Pos()
	return &ast.StructType{Struct: pos, Fields: &ast.FieldList{List: []*ast.Field{{
		Names: []*ast.Ident{id(funcField, pos)}, Type: t,
	}}}}
}

// wrapFunc returns the function e, of type from, as a value of the type to, when one of them is a
// recursive function type.
func (l *lowerer) wrapFunc(e ast.Expr, from, to types.Type) ast.Expr {
	in, out := l.recursiveFunc(from), l.recursiveFunc(to)
	if !in && !out || types.Identical(from, to) || types.IsInterface(to) {
		return e
	}
	if in {
		e = funcIn(e)
	}
	if out {
		return &ast.CompositeLit{Type: l.typeExpr(to, e.Pos()), Elts: []ast.Expr{
			&ast.KeyValueExpr{Key: id(funcField, e.Pos()), Value: e},
		}}
	}
	return e
}

// funcIn selects the function in a value of a recursive function type.
func funcIn(e ast.Expr) ast.Expr {
	return &ast.SelectorExpr{X: e, Sel: id(funcField, e.Pos())}
}

// nilFunc compares a value of a recursive function type with nil; it returns nil for others.
func (l *lowerer) nilFunc(e *ast.BinaryExpr) ast.Expr {
	x, y := e.X, e.Y
	if l.Info.Types[x].IsNil() {
		x, y = y, x
	}
	if e.Op != token.EQL && e.Op != token.NEQ || !l.Info.Types[y].IsNil() || !l.recursiveFunc(l.typeOf(x)) {
		return nil
	}
	return &ast.BinaryExpr{X: funcIn(l.expr(x)), OpPos: e.OpPos, Op: e.Op, Y: id("nil", e.OpPos)}
}
