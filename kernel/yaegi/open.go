package yaegi

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
)

// A value of a session type that is no struct is bare inside an interface of the session, which knows
// its type, but must be in a Typed inside an empty one. Each interface type that is ever turned into
// an empty one has a list of functions that do so, one for each type that implements it; cells that
// declare such a type add to it.

// opener is the list of an interface type.
type opener struct {
	iface types.Type
	list  string          // variable with the functions
	fun   string          // tries them
	done  map[string]bool // types that are in the list, by interpreter name
}

// toAny returns e, of an interface type of the session, as an empty interface.
func (l *lowerer) toAny(e ast.Expr, t types.Type) ast.Expr {
	pos := e.Pos()
	te := l.typeExpr(t, pos)
	if te == nil || !l.ownInterface(t) {
		return e
	}
	key := types.ExprString(te)
	o := l.names.openers[key]
	if o == nil {
		l.names.count["open"]++
		o = &opener{iface: t, list: "openers·" + strconv.Itoa(l.names.count["open"])}
		o.fun = "open·" + o.list
		l.names.openers[key] = o
		l.openerFunc(o, te, pos)
	}
	l.openings(o, pos)
	return call(id(o.fun, pos), e)
}

// openFunc is the type of the functions in a list.
func openFuncType(te ast.Expr, pos token.Pos) *ast.FuncType {
	return &ast.FuncType{
		Func:    pos,
		Params:  &ast.FieldList{List: []*ast.Field{{Names: []*ast.Ident{id("x·", pos)}, Type: te}}},
		Results: &ast.FieldList{List: []*ast.Field{{Type: id("any", pos)}, {Type: id("bool", pos)}}},
	}
}

// openerFunc declares the list and the function that tries what is in it.
func (l *lowerer) openerFunc(o *opener, te ast.Expr, pos token.Pos) {
	l.global(o.list, &ast.ArrayType{Lbrack: pos, Elt: openFuncType(te, pos)}, pos)
	v, ok := id("v·", pos), id("ok·", pos)
	x := id("x·", pos)
	l.file.Decls = append(l.file.Decls, &ast.FuncDecl{
		Name: id(o.fun, pos),
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
			&ast.RangeStmt{
				For: pos, Key: id("_", pos), Value: id("f·", pos), TokPos: pos, Tok: token.DEFINE, X: id(o.list, pos),
				Body: block(pos, &ast.IfStmt{
					If: pos,
					Init: &ast.AssignStmt{
						Lhs: []ast.Expr{v, ok}, TokPos: pos, Tok: token.DEFINE,
						Rhs: []ast.Expr{call(id("f·", pos), x)},
					},
					Cond: ok, Body: block(pos, &ast.ReturnStmt{Return: pos, Results: []ast.Expr{v}}),
				}),
			},
			&ast.ReturnStmt{Return: pos, Results: []ast.Expr{call(rt("Any", pos), x)}},
		),
	})
}

// openings adds the types that implement an interface and are not in its list.
func (l *lowerer) openings(o *opener, pos token.Pos) {
	iface, ok := o.iface.Underlying().(*types.Interface)
	if !ok {
		return
	}
	for _, name := range l.Pkg.Scope().Names() {
		if t, ok := l.Pkg.Scope().Lookup(name).(*types.TypeName); ok && !t.IsAlias() {
			l.opening(o, iface, t.Type(), pos)
			l.opening(o, iface, types.NewPointer(t.Type()), pos)
		}
	}
}

// opening adds t to a list when it implements the interface and its values must be in a Typed.
func (l *lowerer) opening(o *opener, iface *types.Interface, t types.Type, pos token.Pos) {
	own := l.typed(t)
	if own == "" || o.done[own] || !types.Implements(t, iface) {
		return
	}
	if o.done == nil {
		o.done = map[string]bool{}
	}
	o.done[own] = true
	te := l.typeExpr(o.iface, pos)
	v, good := id("v·", pos), id("ok·", pos)
	fun := &ast.FuncLit{Type: openFuncType(te, pos), Body: block(pos,
		&ast.AssignStmt{
			Lhs: []ast.Expr{v, good}, TokPos: pos, Tok: token.DEFINE,
			Rhs: []ast.Expr{&ast.TypeAssertExpr{X: id("x·", pos), Type: l.typeExpr(t, pos)}},
		},
		&ast.IfStmt{If: pos, Cond: good, Body: block(pos, &ast.ReturnStmt{
			Return: pos, Results: []ast.Expr{l.box(v, t), id("true", pos)},
		})},
		&ast.ReturnStmt{Return: pos, Results: []ast.Expr{id("nil", pos), id("false", pos)}},
	)}
	l.setup = append(l.setup, assign(id(o.list, pos), call(id("append", pos), id(o.list, pos), fun)))
}

// reopen adds the types that the cell declares to the lists of earlier cells.
func (l *lowerer) reopen() {
	for _, o := range l.names.openers {
		l.openings(o, l.End)
	}
}

func (o *opener) clone() *opener {
	c := *o
	c.done = map[string]bool{}
	for k := range o.done {
		c.done[k] = true
	}
	return &c
}
