package yaegi

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// yield is the body of a range over func while it is lowered: a function literal that tells by its
// result whether to go on. What leaves the loop in another way stores a code and its values first.
type yield struct {
	code    string
	state   string   // what the calls of the body are up to, see rangeState
	values  []string // temporaries for the results of the surrounding function
	exits   []ast.Stmt
	returns int // code of a return with values, 0 while there is none
	bare    int
}

// rangeFunc lowers range over a function.
func (l *lowerer) rangeFunc(s *ast.RangeStmt, label string, sig *types.Signature) ast.Stmt {
	pos := s.For
	body := types.Unalias(sig.Params().At(0).Type()).Underlying().(*types.Signature)
	y := &yield{code: l.temp("code"), state: l.temp("state")}
	lit := &ast.FuncLit{
		Type: &ast.FuncType{
			Func: pos, Params: &ast.FieldList{},
			Results: &ast.FieldList{List: []*ast.Field{{Type: id("bool", pos)}}},
		},
		Body: block(pos, l.poll(pos), y.enter(pos)),
	}
	for i, e := range []ast.Expr{s.Key, s.Value}[:body.Params().Len()] {
		te := l.typeExpr(body.Params().At(i).Type(), pos)
		if te == nil {
			l.refuse(s, "range over a function of %s is not supported in cells", body.Params().At(i).Type())
			return s
		}
		name := l.temp("unused")
		if x, ok := e.(*ast.Ident); ok && s.Tok == token.DEFINE && x.Name != "_" {
			name = x.Name
		} else if e != nil && !ok || e != nil && x.Name != "_" {
			name = l.temp("k")
			lit.Body.List = append(lit.Body.List, assign(l.expr(e), id(name, pos)))
		}
		lit.Type.Params.List = append(lit.Type.Params.List, &ast.Field{Names: []*ast.Ident{id(name, pos)}, Type: te})
	}
	l.reg.function(pos, funcPlace{name: l.within, pos: pos, loop: true})
	fun := l.expr(s.X)
	l.lits++
	l.loops = append(l.loops, &loop{label: label, yield: y, isFor: true, from: s.For})
	inner := l.block(s.Body)
	l.loops = l.loops[:len(l.loops)-1]
	l.lits--
	lit.Body.List = append(lit.Body.List, inner, y.answer(true, pos))
	out := block(pos, define(y.code, intLit(0, pos)), define(y.state, intLit(rangeReady, pos)))
	for i, v := range y.values {
		spec := &ast.ValueSpec{Names: []*ast.Ident{id(v, pos)}, Type: l.typeExpr(l.results[i].Type(), pos)}
		out.List = append(out.List, &ast.DeclStmt{Decl: &ast.GenDecl{TokPos: pos, Tok: token.VAR, Specs: []ast.Spec{spec}}})
	}
	out.List = append(out.List, exprStmt(call(fun, lit)), y.end(pos))
	for i, exit := range y.exits {
		out.List = append(out.List, &ast.IfStmt{
			If: pos, Cond: &ast.BinaryExpr{X: id(y.code, pos), OpPos: pos, Op: token.EQL, Y: intLit(i+1, pos)},
			Body: block(pos, l.exit(exit, y)),
		})
	}
	return out
}

// exit lowers, after the call, the statement that left the body.
func (l *lowerer) exit(s ast.Stmt, y *yield) ast.Stmt {
	switch s := s.(type) {
	case *ast.BranchStmt:
		return l.branch(s)
	case *ast.ReturnStmt:
		out := &ast.ReturnStmt{Return: s.Return}
		if len(s.Results) > 0 {
			for _, v := range y.values {
				out.Results = append(out.Results, id(v, s.Return))
			}
		}
		return l.leave(out, nil)
	}
	return s
}

// yielding returns the innermost body of a range over func that is being lowered, or nil.
func (l *lowerer) yielding() *yield {
	for i := len(l.loops) - 1; i >= 0; i-- {
		if y := l.loops[i].yield; y != nil {
			return y
		}
	}
	return nil
}

// leave makes a lowered return work inside the body of a range over func, and elsewhere marks the
// function as done. pre is done first.
func (l *lowerer) leave(s *ast.ReturnStmt, pre []ast.Stmt) ast.Stmt {
	y := l.yielding()
	pos := s.Return
	if y == nil {
		if l.noted {
			pre = append(pre, l.done(pos))
		}
		if len(pre) == 0 {
			return s
		}
		return block(pos, append(pre, s)...)
	}
	if len(s.Results) == 0 {
		if y.bare == 0 {
			y.exits = append(y.exits, &ast.ReturnStmt{Return: pos})
			y.bare = len(y.exits)
		}
		return l.stop(y, y.bare, pos)
	}
	if y.returns == 0 {
		y.exits = append(y.exits, &ast.ReturnStmt{Return: pos, Results: s.Results})
		y.returns = len(y.exits)
		for range l.results {
			y.values = append(y.values, l.temp("result"))
		}
	}
	var to []ast.Expr
	for _, v := range y.values {
		to = append(to, id(v, pos))
	}
	set := &ast.AssignStmt{Lhs: to, TokPos: pos, Tok: token.ASSIGN, Rhs: s.Results}
	b := l.stop(y, y.returns, pos)
	b.List = slices.Concat(pre, []ast.Stmt{set}, b.List)
	return b
}

// stop ends the iteration with a code.
func (l *lowerer) stop(y *yield, code int, pos token.Pos) *ast.BlockStmt {
	return block(pos, assign(id(y.code, pos), intLit(code, pos)), y.answer(false, pos))
}

// The states of a range over a function.
const (
	rangeReady   = iota // the body may be called
	rangeBusy           // it runs, or it panicked
	rangeStopped        // it told to stop
	rangeDone           // the function returned
)

// enter is what the body begins with: it must not run twice at once, nor after it told to stop.
func (y *yield) enter(pos token.Pos) ast.Stmt {
	return block(pos,
		&ast.IfStmt{
			If: pos, Cond: &ast.BinaryExpr{X: id(y.state, pos), OpPos: pos, Op: token.NEQ, Y: intLit(rangeReady, pos)},
			Body: block(pos, exprStmt(call(rt("RangeState", pos), id(y.state, pos)))),
		},
		assign(id(y.state, pos), intLit(rangeBusy, pos)),
	)
}

// end stands after the call of the function.
func (y *yield) end(pos token.Pos) ast.Stmt {
	return block(pos,
		&ast.IfStmt{
			If: pos, Cond: &ast.BinaryExpr{X: id(y.state, pos), OpPos: pos, Op: token.EQL, Y: intLit(rangeBusy, pos)},
			Body: block(pos, exprStmt(call(rt("RangeState", pos), intLit(-1, pos)))),
		},
		assign(id(y.state, pos), intLit(rangeDone, pos)),
	)
}

// rangeState panics as Go does in a state in which the body must not be called; -1: the function returned
// while the body had panicked.
func rangeState(state int) {
	panic(runtimeError("range function " + map[int]string{
		rangeBusy:    "continued iteration after loop body panic",
		rangeStopped: "continued iteration after function for loop body returned false",
		rangeDone:    "continued iteration after whole loop exit",
		-1:           "recovered a loop body panic and did not resume panicking",
	}[state]))
}

// answer returns from the body function.
func (y *yield) answer(more bool, pos token.Pos) ast.Stmt {
	state := rangeStopped
	if more {
		state = rangeReady
	}
	return block(pos, assign(id(y.state, pos), intLit(state, pos)), answer(more, pos))
}

// answer returns more.
func answer(more bool, pos token.Pos) ast.Stmt {
	name := "false"
	if more {
		name = "true"
	}
	return &ast.ReturnStmt{Return: pos, Results: []ast.Expr{id(name, pos)}}
}

// branch lowers break, continue, goto and fallthrough.
func (l *lowerer) branch(s *ast.BranchStmt) ast.Stmt {
	out := &ast.BranchStmt{TokPos: s.TokPos, Tok: s.Tok}
	if s.Label != nil {
		out.Label = id(s.Label.Name, s.Label.Pos())
	}
	if s.Tok == token.GOTO && l.yielding() != nil {
		l.refuse(s, "goto inside a range over a function is not supported in cells")
	}
	if s.Tok != token.BREAK && s.Tok != token.CONTINUE {
		return out
	}
	for i := len(l.loops) - 1; i >= 0; i-- {
		lp := l.loops[i]
		hit := s.Label != nil && lp.label == s.Label.Name ||
			s.Label == nil && (lp.isFor || s.Tok == token.BREAK)
		switch {
		case hit && lp.yield != nil:
			return lp.yield.answer(s.Tok == token.CONTINUE, s.TokPos)
		case hit && s.Tok == token.CONTINUE && len(lp.step) > 0:
			return block(s.TokPos, append(append([]ast.Stmt{}, lp.step...), out)...)
		case hit:
			return out
		case lp.yield != nil:
			lp.yield.exits = append(lp.yield.exits, s)
			return l.stop(lp.yield, len(lp.yield.exits), s.TokPos)
		}
	}
	return out
}
