package yaegi

import (
	"go/ast"
	"go/types"
)

// spreadTuple lowers f(g()) where g has several results and those become interfaces or text: they
// go through the parameters of a function literal. It returns nil for other calls.
func (l *lowerer) spreadTuple(e *ast.CallExpr) ast.Expr {
	sig, ok := types.Unalias(l.typeOf(e.Fun)).Underlying().(*types.Signature)
	if !ok || len(e.Args) != 1 {
		return nil
	}
	tuple, ok := l.typeOf(e.Args[0]).(*types.Tuple)
	if !ok || tuple.Len() < 2 {
		return nil
	}
	pos, formats, foreign := e.Pos(), l.formats(e.Fun), l.compiled(e.Fun)
	lit := &ast.FuncLit{Type: &ast.FuncType{Func: pos, Params: &ast.FieldList{}}}
	c := &ast.CallExpr{Lparen: e.Lparen, Rparen: e.Rparen}
	needed := false
	for i := range tuple.Len() {
		from, to := tuple.At(i).Type(), paramType(sig, i, false)
		te := l.typeExpr(from, pos)
		if te == nil {
			return nil
		}
		needed = needed || types.IsInterface(to) && !types.Identical(from, to) || formats
		name := id(l.temp("p"), pos)
		lit.Type.Params.List = append(lit.Type.Params.List, &ast.Field{Names: []*ast.Ident{name}, Type: te})
		var arg ast.Expr = id(name.Name, pos)
		switch {
		case formats && isAny(to):
			arg = l.shown(arg, from)
		case !foreign || !isAny(to):
			arg = l.present(arg, from, to)
		}
		c.Args = append(c.Args, arg)
	}
	if !needed {
		return nil
	}
	l.lits++
	c.Fun = l.expr(e.Fun)
	l.lits--
	for v := range sig.Results().Variables() {
		if lit.Type.Results == nil {
			lit.Type.Results = &ast.FieldList{}
		}
		te := l.typeExpr(v.Type(), pos)
		if te == nil {
			return nil
		}
		lit.Type.Results.List = append(lit.Type.Results.List, &ast.Field{Type: te})
	}
	lit.Body = block(pos, l.result(c, sig, pos))
	return call(lit, l.expr(e.Args[0]))
}
