package yaegi

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// deferStmt keeps recover working: it must be called by the deferred function itself.
func (l *lowerer) deferStmt(s *ast.DeferStmt) ast.Stmt {
	c, ok := l.call(s.Call).(*ast.CallExpr)
	if l.yielding() != nil {
		l.refuse(s, "defer inside a range over a function is not supported in cells")
	}
	if !ok {
		l.refuse(s, "defer of this call is not supported in cells")
		return s
	}
	if v := l.changes(s); v != nil {
		l.refuse(s, "defer of a call that uses %s, which has another value later, is not supported in cells; "+
			"outside of a loop a copy (a := %s) works, in a loop a function that does the deferring", v.Name(), v.Name())
	}
	return &ast.DeferStmt{Defer: s.Defer, Call: c}
}

// changes returns a variable whose later value a deferred call would see in yaegi: one in the
// arguments that is assigned to afterwards, or one of a loop inside a function literal.
func (l *lowerer) changes(d *ast.DeferStmt) (found *types.Var) {
	from := token.NoPos
	for _, lp := range l.loops {
		if lp.isFor && from == token.NoPos {
			from = lp.from
		}
	}
	lit, isLit := ast.Unparen(d.Call.Fun).(*ast.FuncLit)
	if isLit && from != token.NoPos {
		ast.Inspect(lit.Body, func(n ast.Node) bool {
			x, ok := n.(*ast.Ident)
			v, isVar := l.Info.Uses[x].(*types.Var)
			if ok && isVar && !v.IsField() && v.Pos() > from && v.Pos() < lit.Pos() && !global(v) {
				found = v
			}
			return found == nil
		})
	}
	operands := slices.Clone(d.Call.Args)
	if sel, ok := ast.Unparen(d.Call.Fun).(*ast.SelectorExpr); ok {
		if s := l.Info.Selections[sel]; s != nil && s.Kind() == types.MethodVal && !l.byPointer(s) {
			operands = append(operands, sel.X)
		}
	}
	for _, e := range operands {
		ast.Inspect(e, func(n ast.Node) bool {
			x, ok := n.(*ast.Ident)
			v, isVar := l.Info.Uses[x].(*types.Var)
			if ok && isVar && !v.IsField() && slices.ContainsFunc(l.writes[v], func(p token.Pos) bool { return p > d.Pos() }) {
				found = v
			}
			_, lit := n.(*ast.FuncLit)
			return found == nil && !lit
		})
	}
	return found
}

// byPointer reports whether a method takes its receiver by pointer.
func (l *lowerer) byPointer(s *types.Selection) bool {
	_, ok := types.Unalias(s.Obj().(*types.Func).Signature().Recv().Type()).(*types.Pointer)
	return ok
}

// written finds the assignments to variables, also to their fields and elements.
func (l *lowerer) written() map[*types.Var][]token.Pos {
	out := map[*types.Var][]token.Pos{}
	add := func(e ast.Expr) {
		for {
			switch x := ast.Unparen(e).(type) {
			case *ast.SelectorExpr:
				e = x.X
				continue
			case *ast.IndexExpr:
				if _, ok := l.typeOf(x.X).Underlying().(*types.Array); ok {
					e = x.X
					continue
				}
			case *ast.Ident:
				if v, ok := l.Info.Uses[x].(*types.Var); ok {
					out[v] = append(out[v], x.Pos())
				}
			}
			return
		}
	}
	visit := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				add(e)
			}
		case *ast.IncDecStmt:
			add(n.X)
		}
		return true
	}
	for _, d := range l.Decls {
		ast.Inspect(d.Node, visit)
	}
	for _, s := range l.Body {
		ast.Inspect(s, visit)
	}
	return out
}
