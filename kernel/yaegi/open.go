package yaegi

import (
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"strconv"
)

// A value of a session type that is no struct is bare inside an interface of the session, which knows its
// type, but must be in a Typed inside an empty one. Each interface type that is ever turned into an empty
// one has a function that does so.

// toAny returns e, of an interface type of the session, as an empty interface.
func (l *lowerer) toAny(e ast.Expr, t types.Type) ast.Expr {
	pos := e.Pos()
	te := l.typeExpr(t, pos)
	if te == nil || !l.ownInterface(t) {
		return e
	}
	key := "open " + types.ExprString(te)
	name, ok := l.names.current[key]
	if !ok {
		l.names.count["open"]++
		name = "open·" + strconv.Itoa(l.names.count["open"])
		l.names.current[key] = name
		l.openerFunc(name, te, pos)
	}
	return call(id(name, pos), l.element0(e, t))
}

// openerFunc declares a function that takes a value out of an interface.
func (l *lowerer) openerFunc(name string, te ast.Expr, pos token.Pos) {
	x := id("x·", pos)
	l.file.Decls = append(l.file.Decls, &ast.FuncDecl{
		Name: id(name, pos),
		Type: &ast.FuncType{
			Func:    pos,
			Params:  &ast.FieldList{List: []*ast.Field{{Names: []*ast.Ident{x}, Type: te}}},
			Results: &ast.FieldList{List: []*ast.Field{{Type: id("any", pos)}}},
		},
		Body: block(pos,
			&ast.IfStmt{
				If: pos, Cond: &ast.BinaryExpr{X: x, OpPos: pos, Op: token.EQL, Y: id("nil", pos)},
				Body: block(pos, &ast.ReturnStmt{Return: pos, Results: []ast.Expr{id("nil", pos)}}),
			},
			&ast.ReturnStmt{Return: pos, Results: []ast.Expr{
				call(rt("Opened", pos), &ast.UnaryExpr{OpPos: pos, Op: token.AND, X: x}, call(rt("Any", pos), x)),
			}},
		),
	})
}

// taken returns v, the value in the interface of the session that p points to, in the form that it has in an
// empty interface.
func (r *registry) taken(p, v any) any {
	i := reflect.ValueOf(p)
	if i.Kind() != reflect.Pointer {
		return v
	}
	t := r.dynamic(i.Elem())
	if t == nil {
		return v
	}
	name := r.textKey(t)
	if st, ok := types.Unalias(t).Underlying().(*types.Struct); name == "" || ok && st.NumFields() > 0 {
		return v
	}
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		if st, ok := p.Elem().Underlying().(*types.Struct); ok && st.NumFields() > 0 {
			return v
		}
	}
	return r.box(name, r.number(t), v)
}
