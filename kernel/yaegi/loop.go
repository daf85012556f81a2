package yaegi

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
)

// loop is an enclosing statement that break and continue may mean.
type loop struct {
	label string
	step  []ast.Stmt // what a continue must do first
	yield *yield     // the loop is the body function of a range over func
	isFor bool
	from  token.Pos
}

// forStmt lowers a for loop. Since Go 1.22 each iteration has its own variables; a loop whose
// variables are captured keeps them outside under another name and copies them in and out.
func (l *lowerer) forStmt(s *ast.ForStmt, label string) ast.Stmt {
	vars := l.loopVars(s.Init)
	captured := slices.ContainsFunc(vars, func(v types.Object) bool { return l.captured(s.Body, v) })
	in := &loop{label: label, isFor: true, from: s.For}
	out := &ast.ForStmt{For: s.For}
	var enter []ast.Stmt
	if captured {
		for _, v := range vars {
			outer := l.temp(v.Name())
			l.rename[v] = outer
			enter = append(enter, define(v.Name(), id(outer, s.For)))
			in.step = append(in.step, assign(id(outer, s.For), id(v.Name(), s.For)))
		}
	}
	out.Init, out.Cond, out.Post = l.loopInit(s.Init, captured), l.expr(s.Cond), l.stmt(s.Post)
	if l.hasLit(s.Cond) || l.hasLit(s.Post) {
		for _, v := range vars {
			if captured || l.captured(s.Cond, v) || l.captured(s.Post, v) {
				l.refuse(s, "a function literal in the head of a loop that captures %s is not supported in cells", v.Name())
			}
		}
	}
	for _, v := range vars {
		delete(l.rename, v)
	}
	l.loops = append(l.loops, in)
	body := l.block(s.Body)
	l.loops = l.loops[:len(l.loops)-1]
	body.List = slices.Concat([]ast.Stmt{l.poll(s.For)}, enter, body.List)
	if captured && !terminates(body) {
		body.List = append(body.List, in.step...)
	}
	out.Body = body
	return out
}

// loopInit lowers the init statement, with the variables under their outer names when captured.
func (l *lowerer) loopInit(s ast.Stmt, captured bool) ast.Stmt {
	a, ok := s.(*ast.AssignStmt)
	if !ok || !captured {
		return l.stmt(s)
	}
	rhs := l.exprs(a.Rhs)
	return &ast.AssignStmt{Lhs: l.exprs(a.Lhs), TokPos: a.TokPos, Tok: a.Tok, Rhs: rhs}
}

// terminates reports whether the last statement of a body leaves it, so that nothing may follow.
func terminates(b *ast.BlockStmt) bool {
	if len(b.List) == 0 {
		return false
	}
	switch b.List[len(b.List)-1].(type) {
	case *ast.ReturnStmt, *ast.BranchStmt:
		return true
	}
	return false
}

// loopVars returns the variables that the init statement of a loop declares.
func (l *lowerer) loopVars(s ast.Stmt) (vars []types.Object) {
	a, ok := s.(*ast.AssignStmt)
	if !ok || a.Tok != token.DEFINE {
		return nil
	}
	for _, e := range a.Lhs {
		if v := l.Info.Defs[e.(*ast.Ident)]; v != nil {
			vars = append(vars, v)
		}
	}
	return vars
}

func (l *lowerer) hasLit(n ast.Node) bool {
	found := false
	if n != nil {
		ast.Inspect(n, func(n ast.Node) bool {
			_, lit := n.(*ast.FuncLit)
			found = found || lit
			return !found
		})
	}
	return found
}

// captured reports whether a function literal inside n uses v, or v's address is taken.
func (l *lowerer) captured(n ast.Node, v types.Object) bool {
	if n == nil {
		return false
	}
	found := false
	uses := func(n ast.Node) {
		ast.Inspect(n, func(n ast.Node) bool {
			if x, ok := n.(*ast.Ident); ok && l.Info.Uses[x] == v {
				found = true
			}
			return !found
		})
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			uses(n.Body)
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				uses(n.X)
			}
		case *ast.SelectorExpr:
			// A method with a pointer receiver takes the address.
			if s := l.Info.Selections[n]; s != nil && s.Kind() == types.MethodVal {
				uses(n.X)
			}
		case *ast.SliceExpr:
			uses(n.X)
		case *ast.GoStmt, *ast.DeferStmt:
			uses(n)
		}
		return !found
	})
	return found
}

// assigned reports whether n may change v.
func (l *lowerer) assigned(n ast.Node, v types.Object) bool {
	found := false
	is := func(e ast.Expr) {
		x, ok := ast.Unparen(e).(*ast.Ident)
		found = found || ok && l.Info.Uses[x] == v
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				is(e)
			}
		case *ast.IncDecStmt:
			is(n.X)
		}
		return !found
	})
	return found
}

// rangeStmt lowers the forms of range.
func (l *lowerer) rangeStmt(s *ast.RangeStmt, label string) ast.Stmt {
	t := l.Info.Types[s.X].Type
	if s.Tok == token.ASSIGN && s.Key != nil {
		return l.rangeAssign(s, label)
	}
	switch u := types.Unalias(t).Underlying().(type) {
	case *types.Array:
		if own := l.rangeArray(s, u); own != nil {
			return l.rangeInt(own, label)
		}
	case *types.Basic:
		if u.Info()&types.IsInteger != 0 {
			return l.rangeInt(s, label)
		}
		if u.Info()&types.IsString != 0 {
			return l.rangeString(s, label)
		}
	case *types.Signature:
		return l.rangeFunc(s, label, u)
	case *types.Pointer:
		if own := l.rangeArray(s, u.Elem().Underlying().(*types.Array)); own != nil {
			return l.rangeInt(own, label)
		}
		own := *s
		own.X = &ast.SliceExpr{X: s.X, Lbrack: s.X.Pos(), Rbrack: s.X.Pos()}
		arr := u.Elem().Underlying().(*types.Array)
		l.Info.Types[own.X] = types.TypeAndValue{Type: types.NewSlice(arr.Elem())}
		return l.rangeStmt(&own, label)
	}
	if s.Value != nil && l.ofChannels(t) {
		return l.rangeIndexed(s, label)
	}
	in := &loop{label: label, isFor: true, from: s.For}
	out := &ast.RangeStmt{For: s.For, TokPos: s.TokPos, Tok: s.Tok, X: l.expr(s.X)}
	key, enter := l.rangeVar(s, s.Key)
	value, enter2 := l.rangeVar(s, s.Value)
	out.Key, out.Value = key, value
	if out.Key == nil && out.Value == nil {
		out.Tok = token.ILLEGAL
	}
	l.loops = append(l.loops, in)
	body := l.block(s.Body)
	l.loops = l.loops[:len(l.loops)-1]
	body.List = slices.Concat([]ast.Stmt{l.poll(s.For)}, enter, enter2, body.List)
	out.Body = body
	return out
}

// ofChannels reports whether t holds channels, which yaegi would receive from in a range over t.
func (l *lowerer) ofChannels(t types.Type) bool {
	var elem types.Type
	switch u := t.Underlying().(type) {
	case *types.Slice:
		elem = u.Elem()
	case *types.Array:
		elem = u.Elem()
	case *types.Map:
		elem = u.Elem()
	default:
		return false
	}
	_, ok := elem.Underlying().(*types.Chan)
	return ok
}

// rangeIndexed lowers a range with values as one over keys, which looks them up.
func (l *lowerer) rangeIndexed(s *ast.RangeStmt, label string) ast.Stmt {
	own, body := *s, *s.Body
	operand, key := id(l.temp("x"), s.For), s.Key
	x := types.NewVar(s.For, l.Pkg, operand.Name, l.typeOf(s.X))
	def := id(operand.Name, s.For)
	l.Info.Defs[def], l.Info.Uses[operand] = x, x
	l.Info.Types[operand] = types.TypeAndValue{Type: x.Type()}
	keys, values := l.rangeTypes(x.Type())
	if k, ok := key.(*ast.Ident); !ok || k.Name == "_" {
		own.Key = id(l.temp("k"), s.For)
		l.Info.Defs[own.Key.(*ast.Ident)] = types.NewVar(s.For, l.Pkg, own.Key.(*ast.Ident).Name, keys)
	}
	use := id(own.Key.(*ast.Ident).Name, s.For)
	l.Info.Uses[use] = l.Info.Defs[own.Key.(*ast.Ident)]
	l.Info.Types[use] = types.TypeAndValue{Type: keys}
	value := &ast.IndexExpr{X: operand, Lbrack: s.For, Index: use, Rbrack: s.For}
	l.Info.Types[value] = types.TypeAndValue{Type: values}
	if v, ok := s.Value.(*ast.Ident); !ok || v.Name != "_" {
		set := &ast.AssignStmt{Lhs: []ast.Expr{s.Value}, TokPos: s.For, Tok: token.DEFINE, Rhs: []ast.Expr{value}}
		body.List = append([]ast.Stmt{set}, body.List...)
	}
	own.X, own.Value, own.Body = operand, nil, &body
	loop := l.rangeStmt(&own, label)
	if label != "" {
		loop = &ast.LabeledStmt{Label: id(label, s.For), Stmt: loop}
	}
	return block(s.For, define(def.Name, l.expr(s.X)), loop)
}

// rangeArray returns a range over an array without its values as one over its length, which Go does not
// evaluate the array for, or nil.
func (l *lowerer) rangeArray(s *ast.RangeStmt, a *types.Array) *ast.RangeStmt {
	if x, ok := s.Value.(*ast.Ident); s.Value != nil && (!ok || x.Name != "_") {
		return nil
	}
	calls := false
	ast.Inspect(s.X, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			calls = true
		case *ast.UnaryExpr:
			calls = calls || n.Op == token.ARROW
		}
		return !calls
	})
	own := *s
	own.Value = nil
	if calls {
		if _, ptr := l.typeOf(s.X).Underlying().(*types.Pointer); !ptr {
			return nil
		}
		length := id("len", s.X.Pos())
		n := call(length, s.X)
		l.Info.Uses[length] = types.Universe.Lookup("len")
		l.Info.Types[n] = types.TypeAndValue{Type: types.Typ[types.Int]}
		own.X = n
		return &own
	}
	n := intLit(int(a.Len()), s.X.Pos())
	l.Info.Types[n] = types.TypeAndValue{Type: types.Typ[types.Int], Value: constant.MakeInt64(a.Len())}
	own.X = n
	return &own
}

// rangeAssign lowers a range that sets variables which exist: in yaegi they have other values after the
// loop, and their operands are evaluated once.
func (l *lowerer) rangeAssign(s *ast.RangeStmt, label string) ast.Stmt {
	own, body := *s, *s.Body
	set := &ast.AssignStmt{TokPos: s.TokPos, Tok: token.ASSIGN}
	keys, values := l.rangeTypes(l.Info.TypeOf(s.X))
	for i, e := range []ast.Expr{s.Key, s.Value} {
		if e == nil {
			continue
		}
		name := id("_", e.Pos())
		if x, ok := e.(*ast.Ident); !ok || x.Name != "_" {
			name = id(l.temp("k"), e.Pos())
			v := types.NewVar(e.Pos(), l.Pkg, name.Name, []types.Type{keys, values}[i])
			use := id(name.Name, e.Pos())
			l.Info.Defs[name], l.Info.Uses[use] = v, v
			l.Info.Types[use] = types.TypeAndValue{Type: v.Type()}
			set.Lhs, set.Rhs = append(set.Lhs, e), append(set.Rhs, use)
		}
		if i == 0 {
			own.Key = name
		} else {
			own.Value = name
		}
	}
	own.Tok = token.DEFINE
	if len(set.Lhs) > 0 {
		body.List = append([]ast.Stmt{set}, body.List...)
	}
	own.Body = &body
	if len(set.Lhs) == 0 {
		own.Key, own.Value, own.Tok = nil, nil, token.ILLEGAL
	}
	return l.rangeStmt(&own, label)
}

// rangeTypes returns the types of the variables of a range over a value of type t.
func (l *lowerer) rangeTypes(t types.Type) (key, value types.Type) {
	key = types.Typ[types.Int]
	switch u := t.Underlying().(type) {
	case *types.Basic:
		if u.Info()&types.IsInteger != 0 {
			key = types.Default(t)
		}
		value = types.Typ[types.Rune]
	case *types.Slice:
		value = u.Elem()
	case *types.Array:
		value = u.Elem()
	case *types.Pointer:
		value = u.Elem().Underlying().(*types.Array).Elem()
	case *types.Map:
		key, value = u.Key(), u.Elem()
	case *types.Chan:
		key = u.Elem()
	case *types.Signature:
		yield := u.Params().At(0).Type().Underlying().(*types.Signature).Params()
		if yield.Len() > 0 {
			key = yield.At(0).Type()
		}
		if yield.Len() > 1 {
			value = yield.At(1).Type()
		}
	}
	return key, value
}

// rangeVar lowers the key or value of a range and returns the copy that a captured variable needs.
func (l *lowerer) rangeVar(s *ast.RangeStmt, e ast.Expr) (ast.Expr, []ast.Stmt) {
	if e == nil {
		return nil, nil
	}
	x, ok := e.(*ast.Ident)
	if !ok || s.Tok != token.DEFINE {
		return l.expr(e), nil
	}
	v := l.Info.Defs[x]
	if v == nil || !l.captured(s.Body, v) {
		return id(x.Name, x.Pos()), nil
	}
	outer := l.temp(x.Name)
	return id(outer, x.Pos()), []ast.Stmt{define(x.Name, id(outer, x.Pos()))}
}

// rangeString lowers range over a string to one over its runes with their indices: yaegi counts
// runes when there is no value, and takes three bytes for a byte that is no UTF-8.
func (l *lowerer) rangeString(s *ast.RangeStmt, label string) ast.Stmt {
	pos := s.For
	in := l.temp("rune")
	var enter []ast.Stmt
	for field, e := range map[string]ast.Expr{"Index": s.Key, "Rune": s.Value} {
		if x, ok := e.(*ast.Ident); e == nil || ok && x.Name == "_" {
			continue
		}
		left := l.expr(e)
		enter = append(enter, &ast.AssignStmt{
			Lhs: []ast.Expr{left}, TokPos: pos, Tok: s.Tok,
			Rhs: []ast.Expr{&ast.SelectorExpr{X: id(in, pos), Sel: id(field, pos)}},
		})
	}
	out := &ast.RangeStmt{For: pos, TokPos: pos, Tok: token.DEFINE, X: call(rt("Runes", pos), l.expr(s.X))}
	out.Key, out.Value = id("_", pos), id(in, pos)
	if len(enter) == 0 {
		out.Value = id(l.temp("unused"), pos)
	}
	l.loops = append(l.loops, &loop{label: label, isFor: true, from: s.For})
	body := l.block(s.Body)
	l.loops = l.loops[:len(l.loops)-1]
	body.List = slices.Concat([]ast.Stmt{l.poll(pos)}, enter, body.List)
	out.Body = body
	return out
}

// rangeInt lowers range over an integer to a counting loop.
func (l *lowerer) rangeInt(s *ast.RangeStmt, label string) ast.Stmt {
	pos := s.For
	t := l.Info.Types[s.X].Type
	if x, ok := s.Key.(*ast.Ident); ok && s.Tok == token.DEFINE && l.Info.Defs[x] != nil {
		t = l.Info.Defs[x].Type()
	}
	te := l.typeExpr(types.Default(t), pos)
	if te == nil {
		l.refuse(s, "range over %s is not supported in cells", t)
		return s
	}
	n, i := l.temp("n"), l.temp("i")
	var enter []ast.Stmt
	switch x := s.Key.(type) {
	case nil:
	case *ast.Ident:
		v := l.Info.Defs[x]
		switch {
		case x.Name == "_":
		case s.Tok == token.DEFINE && !l.captured(s.Body, v) && !l.assigned(s.Body, v):
			i = x.Name
		case s.Tok == token.DEFINE:
			enter = append(enter, define(x.Name, id(i, pos)))
		default:
			enter = append(enter, assign(l.expr(x), id(i, pos)))
		}
	default:
		enter = append(enter, assign(l.expr(x), id(i, pos)))
	}
	l.loops = append(l.loops, &loop{label: label, isFor: true, from: s.For})
	body := l.block(s.Body)
	l.loops = l.loops[:len(l.loops)-1]
	body.List = slices.Concat([]ast.Stmt{l.poll(pos)}, enter, body.List)
	return &ast.ForStmt{
		For: pos,
		Init: &ast.AssignStmt{
			Lhs: []ast.Expr{id(i, pos), id(n, pos)}, TokPos: pos, Tok: token.DEFINE,
			Rhs: []ast.Expr{call(te, intLit(0, pos)), call(te, l.expr(s.X))},
		},
		Cond: &ast.BinaryExpr{X: id(i, pos), OpPos: pos, Op: token.LSS, Y: id(n, pos)},
		Post: &ast.IncDecStmt{X: id(i, pos), TokPos: pos, Tok: token.INC},
		Body: body,
	}
}
