package yaegi

import (
	"go/ast"
	"go/token"
	"go/types"
)

// switchStmt lowers an expression switch, and returns the switch itself, too, which a label belongs
// to. yaegi compares constants right; a switch that compares anything else, or has several
// conditions in a case, becomes one of single conditions.
func (l *lowerer) switchStmt(s *ast.SwitchStmt, label string) (ast.Stmt, *ast.SwitchStmt) {
	pos := s.Switch
	if b, sw := l.numbered(s, label); sw != nil {
		return b, sw
	}
	if s.Tag != nil && l.constantCases(s) {
		sw := &ast.SwitchStmt{
			Switch: pos, Init: l.stmt(s.Init), Tag: l.expr(s.Tag), Body: l.clauses(s.Body, label, nil),
		}
		return sw, sw
	}
	if s.Tag == nil {
		sw := &ast.SwitchStmt{Switch: pos, Init: l.stmt(s.Init), Body: l.clauses(s.Body, label, l.condition)}
		return sw, sw
	}
	out := block(pos)
	if init := l.stmt(s.Init); init != nil {
		out.List = append(out.List, init)
	}
	pre, test := l.tagged(s.Tag)
	sw := &ast.SwitchStmt{Switch: pos, Body: l.clauses(s.Body, label, test)}
	out.List = append(out.List, pre, sw)
	return out, sw
}

// condition lowers a case of a switch without a tag.
func (l *lowerer) condition(e ast.Expr) ast.Expr {
	if t := l.typeOf(e); types.IsInterface(t) {
		return call(rt("Equal", e.Pos()), l.present(l.expr(e), t, anyType), id("true", e.Pos()))
	}
	return l.expr(e)
}

// tagged puts the tag of a switch into a variable, and returns how a case is compared with it.
func (l *lowerer) tagged(e ast.Expr) (ast.Stmt, func(ast.Expr) ast.Expr) {
	pos := e.Pos()
	t := types.Default(l.typeOf(e))
	tag := l.temp("tag")
	pre := define(tag, l.expr(e))
	if te := l.typeExpr(t, pos); te != nil {
		pre = varStmt(tag, te, l.expr(e), pos)
	}
	return pre, func(e ast.Expr) ast.Expr { return l.equals(id(tag, e.Pos()), t, e) }
}

// numbered lowers a switch with a fallthrough whose default is not last, which yaegi would move there, to one
// over the number of the clause. It returns nil for others.
func (l *lowerer) numbered(s *ast.SwitchStmt, label string) (ast.Stmt, *ast.SwitchStmt) {
	pos := s.Switch
	other, falls := -1, false
	for i, c := range s.Body.List {
		c := c.(*ast.CaseClause)
		if c.List == nil {
			other = i
		}
		if n := len(c.Body); n > 0 {
			b, ok := c.Body[n-1].(*ast.BranchStmt)
			falls = falls || ok && b.Tok == token.FALLTHROUGH
		}
	}
	if !falls || other < 0 || other == len(s.Body.List)-1 {
		return nil, nil
	}
	out := block(pos)
	if init := l.stmt(s.Init); init != nil {
		out.List = append(out.List, init)
	}
	test := l.condition
	if s.Tag != nil {
		var pre ast.Stmt
		pre, test = l.tagged(s.Tag)
		out.List = append(out.List, pre)
	}
	k := l.temp("case")
	unset := &ast.BinaryExpr{X: id(k, pos), OpPos: pos, Op: token.LSS, Y: intLit(0, pos)}
	out.List = append(out.List, define(k, &ast.UnaryExpr{OpPos: pos, Op: token.SUB, X: intLit(1, pos)}))
	body := l.clauses(s.Body, label, nil)
	for i, c := range s.Body.List {
		for _, e := range c.(*ast.CaseClause).List {
			set := &ast.IfStmt{If: pos, Cond: test(e), Body: block(pos, assign(id(k, pos), intLit(i, pos)))}
			out.List = append(out.List, &ast.IfStmt{If: pos, Cond: unset, Body: block(pos, set)})
		}
		body.List[i].(*ast.CaseClause).List = []ast.Expr{intLit(i, pos)}
	}
	out.List = append(out.List, &ast.IfStmt{If: pos, Cond: unset, Body: block(pos, assign(id(k, pos), intLit(other, pos)))})
	sw := &ast.SwitchStmt{Switch: pos, Tag: id(k, pos), Body: body}
	out.List = append(out.List, sw)
	return out, sw
}

// constantCases reports whether a switch over a number or text has only constant cases.
func (l *lowerer) constantCases(s *ast.SwitchStmt) bool {
	if _, ok := l.typeOf(s.Tag).Underlying().(*types.Basic); !ok {
		return false
	}
	for _, c := range s.Body.List {
		for _, e := range c.(*ast.CaseClause).List {
			if l.Info.Types[e].Value == nil {
				return false
			}
		}
	}
	return true
}

// equals compares x, of type t, with e.
func (l *lowerer) equals(x ast.Expr, t types.Type, e ast.Expr) ast.Expr {
	pos := e.Pos()
	other := l.typeOf(e)
	if l.Info.Types[e].IsNil() {
		if types.IsInterface(t) {
			return call(rt("IsNil", pos), x)
		}
		if l.recursiveFunc(t) {
			x = funcIn(x)
		}
		return &ast.BinaryExpr{X: x, OpPos: pos, Op: token.EQL, Y: id("nil", pos)}
	}
	if holdsInterface(t) && !types.IsInterface(t) && !types.IsInterface(other) {
		return l.compared(x, l.expr(e), t)
	}
	if !types.IsInterface(t) && !types.IsInterface(other) {
		return &ast.BinaryExpr{X: x, OpPos: pos, Op: token.EQL, Y: l.expr(e)}
	}
	y := l.expr(e)
	if types.IsInterface(other) {
		y = l.toAny(y, other)
	} else {
		y = l.box(y, types.Default(other))
	}
	if types.IsInterface(t) {
		x = l.toAny(x, t)
	} else {
		x = l.box(x, t)
	}
	return call(rt("Equal", pos), x, y)
}

// clauses lowers the cases of a switch. With test, the conditions of a case become one.
func (l *lowerer) clauses(b *ast.BlockStmt, label string, test func(ast.Expr) ast.Expr) *ast.BlockStmt {
	l.loops = append(l.loops, &loop{label: label})
	defer func() { l.loops = l.loops[:len(l.loops)-1] }()
	out := block(b.Lbrace)
	out.Rbrace = b.Rbrace
	for _, c := range b.List {
		c := c.(*ast.CaseClause)
		n := &ast.CaseClause{Case: c.Case, Colon: c.Colon}
		switch {
		case c.List != nil && test != nil:
			var cond ast.Expr
			for _, e := range c.List {
				t := test(e)
				if cond != nil {
					t = &ast.BinaryExpr{
						X: cond, OpPos: e.Pos(), Op: token.LOR, Y: t,
					}
				}
				cond = t
			}
			n.List = []ast.Expr{cond}
		case c.List != nil:
			n.List = l.exprs(c.List)
		}
		n.Body = l.stmts(c.Body)
		out.List = append(out.List, n)
	}
	return out
}
