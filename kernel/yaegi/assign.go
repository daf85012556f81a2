package yaegi

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// Assignments of several values. yaegi evaluates and sets one after the other, forgets some values,
// and sets what the right side still needs, so all but the plainest are written out.

// several lowers an assignment of several values as a list of statements, or returns nil when yaegi
// runs it as it stands; b is s lowered.
func (l *lowerer) several(left, right []ast.Expr, b *ast.AssignStmt) []ast.Stmt {
	if x, ok := left[0].(*ast.Ident); ok && len(left) == 1 && x.Name == "_" && b.Tok == token.ASSIGN {
		if l.Info.Types[right[0]].IsNil() || l.Info.Types[right[0]].Value != nil {
			return nil
		}
		return []ast.Stmt{define(l.temp("unused"), b.Rhs[0])}
	}
	if lit, ok := b.Rhs[0].(*ast.CompositeLit); ok && b.Tok == token.ASSIGN && len(left) == 1 {
		name := l.temp("t") // yaegi would make the literal a new variable, which functions do not see
		return []ast.Stmt{define(name, lit), assign(b.Lhs[0], id(name, b.TokPos))}
	}
	if len(left) < 2 {
		return l.operator(left, right, b)
	}
	if len(left) == len(right) {
		if !l.pairwise(left, right, b.Tok) {
			return nil
		}
		return l.oneByOne(left, right, b)
	}
	received := receives(right[0])
	if _, looksUp := ast.Unparen(right[0]).(*ast.IndexExpr); looksUp && b.Tok == token.ASSIGN && blank(left) {
		return []ast.Stmt{define(l.temp("unused"), b.Rhs[0])} // yaegi would not look it up
	}
	if b.Tok == token.DEFINE && received {
		for i, e := range b.Lhs { // yaegi has no blank place for what it receives
			if x, ok := e.(*ast.Ident); ok && x.Name == "_" {
				b.Lhs[i] = id(l.temp("unused"), b.TokPos)
			}
		}
	}
	if b.Tok != token.ASSIGN || !received && !slices.ContainsFunc(left, l.indirectPlace) && !l.otherTypes(left, right[0]) {
		return nil
	}
	pre, places := l.places(left, b.Lhs)
	t, ok := l.typeOf(right[0]).(*types.Tuple)
	d := &ast.AssignStmt{TokPos: b.TokPos, Tok: token.DEFINE, Rhs: b.Rhs}
	var set []ast.Stmt
	for i, place := range places {
		name := id("_", b.TokPos)
		if received {
			name = id(l.temp("unused"), b.TokPos)
		}
		if x, isName := place.(*ast.Ident); !isName || x.Name != "_" {
			name = id(l.temp("t"), b.TokPos)
			var from types.Type = types.Typ[types.Bool]
			if ok && i < t.Len() {
				from = t.At(i).Type()
			}
			value := l.present(id(name.Name, b.TokPos), from, l.typeOf(left[i]))
			set = append(set, &ast.AssignStmt{
				Lhs: []ast.Expr{place}, TokPos: b.TokPos, Tok: token.ASSIGN, Rhs: []ast.Expr{value},
			})
		}
		d.Lhs = append(d.Lhs, name)
	}
	if len(set) == 0 && !received {
		d.Tok = token.ASSIGN
	}
	return slices.Concat(pre, []ast.Stmt{d}, set)
}

// operator lowers x op= y where y calls something and x is no variable: yaegi finds x after the call.
func (l *lowerer) operator(left, right []ast.Expr, b *ast.AssignStmt) []ast.Stmt {
	if b.Tok == token.ASSIGN || b.Tok == token.DEFINE || !l.indirectPlace(left[0]) || !l.calls(right[0]) {
		return nil
	}
	set := map[types.Object]bool{}
	ast.Inspect(left[0], func(n ast.Node) bool {
		if x, ok := n.(*ast.Ident); ok {
			set[l.Info.ObjectOf(x)] = true
		}
		return true
	})
	var pre []ast.Stmt
	place := l.place(left[0], b.Lhs[0], set, &pre)
	return append(pre, &ast.AssignStmt{Lhs: []ast.Expr{place}, TokPos: b.TokPos, Tok: b.Tok, Rhs: b.Rhs})
}

// calls reports whether e calls a function.
func (l *lowerer) calls(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if c, ok := n.(*ast.CallExpr); ok && !l.Info.Types[c.Fun].IsType() && l.builtin(c.Fun) == "" {
			found = true
		}
		return !found
	})
	return found
}

func blank(list []ast.Expr) bool {
	return !slices.ContainsFunc(list, func(e ast.Expr) bool {
		x, ok := e.(*ast.Ident)
		return !ok || x.Name != "_"
	})
}

// indirectPlace reports whether e is an element, field or what a pointer points to.
func (l *lowerer) indirectPlace(e ast.Expr) bool {
	_, isName := ast.Unparen(e).(*ast.Ident)
	return !isName
}

// otherTypes reports whether a variable on the left has another type than the value it gets from the
// one expression on the right.
func (l *lowerer) otherTypes(left []ast.Expr, right ast.Expr) bool {
	t, ok := l.typeOf(right).(*types.Tuple)
	if !ok {
		return false
	}
	for i, e := range left {
		if x, isName := e.(*ast.Ident); isName && x.Name == "_" || i >= t.Len() {
			continue
		}
		if !types.Identical(types.Default(t.At(i).Type()), l.typeOf(e)) {
			return true
		}
	}
	return false
}

// places evaluates the operands of lowered places on the left, as Go does before it sets any.
func (l *lowerer) places(left, low []ast.Expr) (pre []ast.Stmt, out []ast.Expr) {
	set := map[types.Object]bool{}
	for _, e := range left {
		if x, ok := ast.Unparen(e).(*ast.Ident); ok {
			set[l.Info.ObjectOf(x)] = true
		}
	}
	for i, e := range left {
		out = append(out, l.place(e, low[i], set, &pre))
	}
	return pre, out
}

// place returns low, which is e lowered, with its operands in temporaries where set has variables of
// theirs or they have effects.
func (l *lowerer) place(e, low ast.Expr, set map[types.Object]bool, pre *[]ast.Stmt) ast.Expr {
	e, low = ast.Unparen(e), ast.Unparen(low)
	operand := func(e, low ast.Expr) ast.Expr {
		if l.Info.Types[e].Value != nil || l.steady(e, set) {
			return low
		}
		name := l.temp("o")
		*pre = append(*pre, define(name, low))
		return id(name, low.Pos())
	}
	switch e := e.(type) {
	case *ast.IndexExpr:
		x, ok := low.(*ast.IndexExpr)
		if !ok {
			return low
		}
		out := &ast.IndexExpr{Lbrack: x.Lbrack, Rbrack: x.Rbrack}
		if _, array := l.typeOf(e.X).Underlying().(*types.Array); array {
			out.X = l.place(e.X, x.X, set, pre)
		} else {
			out.X = operand(e.X, x.X)
		}
		out.Index = operand(e.Index, x.Index)
		return out
	case *ast.SelectorExpr:
		x, ok := low.(*ast.SelectorExpr)
		if !ok || l.Info.Selections[e] == nil || len(l.Info.Selections[e].Index()) > 1 {
			return low
		}
		if _, ptr := l.typeOf(e.X).Underlying().(*types.Pointer); ptr {
			return &ast.SelectorExpr{X: operand(e.X, x.X), Sel: x.Sel}
		}
		return &ast.SelectorExpr{X: l.place(e.X, x.X, set, pre), Sel: x.Sel}
	case *ast.StarExpr:
		if x, ok := low.(*ast.StarExpr); ok {
			return &ast.StarExpr{Star: x.Star, X: operand(e.X, x.X)}
		}
	}
	return low
}

// steady reports whether e gives the same value after the variables in set have changed.
func (l *lowerer) steady(e ast.Expr, set map[types.Object]bool) bool {
	steady := true
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			steady = steady && !set[l.Info.ObjectOf(n)]
		case *ast.CallExpr, *ast.IndexExpr, *ast.SelectorExpr, *ast.StarExpr, *ast.UnaryExpr:
			steady = false
		}
		return steady
	})
	return steady
}

// pairwise reports whether an assignment of several pairs is one that yaegi may run wrong. Values that
// are variables or constants are right when the places are variables, or when no operand of a place
// is set.
func (l *lowerer) pairwise(left, right []ast.Expr, tok token.Token) bool {
	if len(left) < 2 || len(left) != len(right) {
		return false
	}
	set := map[types.Object]bool{}
	for _, e := range left {
		if x, ok := ast.Unparen(e).(*ast.Ident); ok {
			set[l.Info.ObjectOf(x)] = true
		}
	}
	for i, e := range right {
		_, isFunc := l.typeOf(e).Underlying().(*types.Signature)
		if isFunc || !l.isPlace(e) || types.IsInterface(l.typeOf(left[i])) && !l.Info.Types[e].IsNil() {
			return true
		}
	}
	return tok == token.ASSIGN && slices.ContainsFunc(left, func(e ast.Expr) bool {
		_, isName := ast.Unparen(e).(*ast.Ident)
		return !isName && !l.unmoved(e, set)
	})
}

// unmoved reports whether the operands of a place have no effects and none is set.
func (l *lowerer) unmoved(e ast.Expr, set map[types.Object]bool) bool {
	good := true
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			good = good && !set[l.Info.ObjectOf(n)]
		case *ast.CallExpr, *ast.FuncLit:
			good = false
		case *ast.UnaryExpr:
			good = good && n.Op != token.ARROW
		}
		return good
	})
	return good
}

// isPlace reports whether e only names a value: a variable, field, element or constant.
func (l *lowerer) isPlace(e ast.Expr) bool {
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident, *ast.BasicLit:
		return true
	case *ast.SelectorExpr:
		return l.isPlace(x.X)
	case *ast.IndexExpr:
		return l.isPlace(x.X) && l.isPlace(x.Index)
	}
	return l.Info.Types[e].Value != nil
}

// oneByOne writes the lowered assignment b of pairs as one assignment each, through temporaries.
// Operands on the left are evaluated before anything is set, and plain variables come last.
func (l *lowerer) oneByOne(left, right []ast.Expr, b *ast.AssignStmt) (out []ast.Stmt) {
	places := b.Lhs
	if b.Tok == token.ASSIGN {
		out, places = l.places(left, b.Lhs)
	}
	values := make([]ast.Expr, len(right))
	for i, e := range b.Rhs {
		if tv := l.Info.Types[right[i]]; tv.Value != nil || tv.IsNil() {
			values[i] = e // a literal, which takes its type from the variable
			continue
		}
		name := l.temp("t")
		values[i] = id(name, b.TokPos)
		out = append(out, l.hold(name, right[i], e)...)
	}
	for _, plain := range []bool{false, true} {
		for i, e := range places {
			x, isName := left[i].(*ast.Ident)
			if isName != plain || isName && x.Name == "_" {
				continue
			}
			tok := b.Tok
			if tok == token.DEFINE && isName && l.Info.Defs[x] == nil {
				tok = token.ASSIGN // redeclared
			}
			out = append(out, &ast.AssignStmt{
				Lhs: []ast.Expr{e}, TokPos: b.TokPos, Tok: tok, Rhs: values[i : i+1],
			})
		}
	}
	return out
}

// hold puts low, which is e lowered, into a new variable.
func (l *lowerer) hold(name string, e, low ast.Expr) []ast.Stmt {
	t := l.typeExpr(l.typeOf(e), e.Pos())
	if !receives(e) || t == nil {
		return []ast.Stmt{define(name, low)}
	}
	return []ast.Stmt{zeroVar(name, t, e.Pos()), l.put(name, e, low)}
}

// put assigns low, which is e lowered, to a variable. For what is received yaegi would make the variable
// one that cannot be set.
func (l *lowerer) put(name string, e, low ast.Expr) ast.Stmt {
	if !receives(e) {
		return assign(id(name, e.Pos()), low)
	}
	pos := e.Pos()
	u := ast.Unparen(e).(*ast.UnaryExpr)
	return exprStmt(call(rt("Into", pos), &ast.UnaryExpr{OpPos: pos, Op: token.AND, X: id(name, pos)}, l.expr(u.X)))
}

// received lowers a receive whose value is used: yaegi has a place for it only where a variable becomes that
// value. It returns nil for those and for other operators.
func (l *lowerer) received(e *ast.UnaryExpr) ast.Expr {
	if e.Op != token.ARROW || l.keep == e {
		return nil
	}
	pos := e.Pos()
	t := l.typeOf(e)
	if _, two := t.(*types.Tuple); two {
		return nil
	}
	te, from := l.typeExpr(t, pos), l.typeExpr(l.typeOf(e.X), pos)
	if te == nil || from == nil {
		l.refuse(e, "a value of type %s that is received here is not supported in cells; one of a named type works", t)
		return e
	}
	c, v := id("c·", pos), id("v·", pos)
	return call(&ast.FuncLit{
		Type: &ast.FuncType{
			Func:    pos,
			Params:  &ast.FieldList{List: []*ast.Field{{Names: []*ast.Ident{c}, Type: from}}},
			Results: &ast.FieldList{List: []*ast.Field{{Type: te}}},
		},
		Body: block(pos,
			zeroVar(v.Name, l.typeExpr(t, pos), pos),
			exprStmt(call(rt("Into", pos), &ast.UnaryExpr{OpPos: pos, Op: token.AND, X: v}, c)),
			&ast.ReturnStmt{Return: pos, Results: []ast.Expr{v}},
		),
	}, l.expr(e.X))
}

// bare notes the receive in s that yaegi runs right as it stands: one whose value nobody uses.
func (l *lowerer) bare(s ast.Stmt) {
	if e, ok := s.(*ast.ExprStmt); ok {
		l.keep, _ = ast.Unparen(e.X).(*ast.UnaryExpr)
	}
}

// funOf returns the function that e calls; for other expressions e.
func funOf(e ast.Expr) ast.Expr {
	if c, ok := ast.Unparen(e).(*ast.CallExpr); ok {
		return c.Fun
	}
	return e
}

func receives(e ast.Expr) bool {
	u, ok := ast.Unparen(e).(*ast.UnaryExpr)
	return ok && u.Op == token.ARROW
}

// zeroVar declares a variable.
func zeroVar(name string, t ast.Expr, pos token.Pos) ast.Stmt {
	st := varStmt(name, t, nil, pos).(*ast.DeclStmt)
	st.Decl.(*ast.GenDecl).Specs[0].(*ast.ValueSpec).Values = nil
	return st
}

// atOnce writes the lowered assignment b of pairs with one call that returns all values, for places
// that hold a single statement.
func (l *lowerer) atOnce(left, right []ast.Expr, b *ast.AssignStmt) ast.Stmt {
	results := &ast.FieldList{}
	for _, e := range left {
		t := l.typeExpr(l.typeOf(e), b.TokPos)
		if x, ok := e.(*ast.Ident); ok && x.Name == "_" {
			t = id("any", b.TokPos)
		}
		if t == nil {
			l.refuse(e, "setting several variables at once from calls is not supported in cells for "+
				"the type %s here; set them one by one", l.typeOf(e))
			return b
		}
		results.List = append(results.List, &ast.Field{Type: t})
	}
	body := block(b.TokPos)
	values := slices.Clone(b.Rhs)
	for i, e := range right {
		if receives(e) || l.builtin(funOf(e)) == "make" { // two makes would have one place
			name := l.temp("t")
			body.List = append(body.List, l.hold(name, e, values[i])...)
			values[i] = id(name, e.Pos())
		}
	}
	body.List = append(body.List, &ast.ReturnStmt{Return: b.TokPos, Results: values})
	f := &ast.FuncLit{
		Type: &ast.FuncType{Func: b.TokPos, Params: &ast.FieldList{}, Results: results}, Body: body,
	}
	return &ast.AssignStmt{Lhs: b.Lhs, TokPos: b.TokPos, Tok: b.Tok, Rhs: []ast.Expr{call(f)}}
}
