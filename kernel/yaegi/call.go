package yaegi

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// call lowers a call, conversion or use of a builtin.
func (l *lowerer) call(e *ast.CallExpr) ast.Expr {
	out := l.anyCall(e)
	if c, ok := out.(*ast.CallExpr); ok && len(c.Args) > 0 && l.starts(e.Fun) {
		last := &c.Args[len(c.Args)-1]
		*last = call(rt("Guarded", (*last).Pos()), *last)
	}
	return out
}

// starts reports whether fun is a compiled function that runs its last argument in a goroutine of its own.
func (l *lowerer) starts(fun ast.Expr) bool {
	sel, ok := ast.Unparen(fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	f, ok := l.Info.Uses[sel.Sel].(*types.Func)
	return ok && slices.Contains([]string{"(*sync.WaitGroup).Go", "time.AfterFunc", "context.AfterFunc"}, f.FullName())
}

func (l *lowerer) anyCall(e *ast.CallExpr) ast.Expr {
	if b := l.builtin(e.Fun); b != "" {
		return l.builtinCall(e, b)
	}
	if l.isFunc(e.Fun, "errors", "As") {
		if c := l.errorsAs(e); c != nil {
			return c
		}
	}
	if c := l.reflected(e); c != nil {
		return c
	}
	if sel, ok := ast.Unparen(e.Fun).(*ast.SelectorExpr); ok {
		if c := l.methodCall(e, sel); c != nil {
			return c
		}
	}
	if c := l.spreadTuple(e); c != nil {
		l.encodable(e)
		return c
	}
	l.callee, _ = ast.Unparen(e.Fun).(*ast.Ident)
	fun := l.expr(e.Fun)
	if _, ok := ast.Unparen(e.Fun).(*ast.StarExpr); ok && !l.Info.Types[e.Fun].IsType() {
		fun = l.settled(fun, l.typeOf(e.Fun)) // yaegi holds a lock while it finds what to call
	}
	if tv := l.Info.Types[e.Fun]; tv.IsType() {
		switch {
		case types.IsInterface(tv.Type):
			return call(fun, l.convert(e.Args[0], tv.Type))
		case l.recursiveFunc(tv.Type):
			return l.convert(e.Args[0], tv.Type)
		case l.recursiveFunc(l.typeOf(e.Args[0])):
			return call(fun, funcIn(l.expr(e.Args[0])))
		}
	} else if l.recursiveFunc(tv.Type) {
		fun = funcIn(fun)
	}
	out := &ast.CallExpr{
		Fun: fun, Lparen: e.Lparen, Args: l.args(e), Ellipsis: e.Ellipsis, Rparen: e.Rparen,
	}
	if t := l.encodable(e); t != nil {
		return call(rt("EncoderError", e.Pos()), out, intLit(l.reg.number(t), e.Pos()))
	}
	return out
}

func (l *lowerer) args(e *ast.CallExpr) []ast.Expr {
	sig, _ := types.Unalias(l.typeOf(e.Fun)).Underlying().(*types.Signature)
	if b := l.builtin(e.Fun); b == "append" && !e.Ellipsis.IsValid() {
		elem := l.Info.Types[e].Type.Underlying().(*types.Slice).Elem()
		return l.converted(e.Args, func(i int) types.Type {
			if i == 0 {
				return nil
			}
			return elem
		})
	}
	if sig == nil {
		return l.exprs(e.Args)
	}
	foreign := l.compiled(e.Fun) && !l.stores(e.Fun)
	out := l.converted(e.Args, func(i int) types.Type {
		t := paramType(sig, i, e.Ellipsis.IsValid())
		if foreign && t != nil && isAny(t) {
			return nil // compiled code gets the bare value, or, when it prints it, a printable one
		}
		return t
	})
	for i, a := range out {
		if t := paramType(sig, i, e.Ellipsis.IsValid()); t != nil && l.ownInterface(t) {
			out[i] = l.element0(a, t)
		}
	}
	formats := l.formats(e.Fun)
	named := map[int]bool{} // arguments that became the name of their type
	if formats {
		out, named = l.typeVerbs(e, sig, out)
	}
	for i, a := range e.Args {
		if formats && e.Ellipsis.IsValid() && i == len(e.Args)-1 {
			out[i] = call(rt("ShowAll", a.Pos()), out[i])
		}
		if t := paramType(sig, i, e.Ellipsis.IsValid()); formats && !named[i] && t != nil && isAny(t) {
			out[i] = l.shown(out[i], l.typeOf(a))
		}
		// Where only a reader is wanted, os.Stdin is the one that asks the client.
		if l.isStdin(a) && i < sig.Params().Len() && types.IsInterface(sig.Params().At(i).Type()) {
			out[i] = call(rt("Stdin", a.Pos()))
		}
	}
	return out
}

// element0 returns e, an argument of the interface type t of the session, as the element of a slice when it is
// a call: yaegi would hand on the place of its result, which the next call changes.
func (l *lowerer) element0(e ast.Expr, t types.Type) ast.Expr {
	te := l.typeExpr(types.NewSlice(t), e.Pos())
	if _, ok := ast.Unparen(e).(*ast.CallExpr); !ok || te == nil {
		return e
	}
	pos := e.Pos()
	return &ast.IndexExpr{X: &ast.CompositeLit{Type: te, Elts: []ast.Expr{e}}, Lbrack: pos, Index: intLit(0, pos), Rbrack: pos}
}

// isFunc reports whether fun is the function of a compiled package.
func (l *lowerer) isFunc(fun ast.Expr, path, name string) bool {
	sel, ok := ast.Unparen(fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	f, ok := l.Info.Uses[sel.Sel].(*types.Func)
	return ok && f.Pkg() != nil && f.Pkg().Path() == path && f.Name() == name
}

// errorsAs lowers errors.As for a target of a session type; it returns nil for others.
func (l *lowerer) errorsAs(e *ast.CallExpr) ast.Expr {
	p, ok := types.Unalias(l.typeOf(e.Args[1])).(*types.Pointer)
	if !ok || !l.ofSession(p.Elem()) {
		return nil
	}
	pos := e.Pos()
	t := l.typeExpr(p.Elem(), pos)
	if t == nil {
		return nil
	}
	x, good := l.temp("x"), id("ok·", pos)
	var value ast.Expr = &ast.TypeAssertExpr{X: id("v·", pos), Type: t}
	if name := l.typed(p.Elem()); name != "" {
		value = l.takeTyped(id("v·", pos), p.Elem(), t, name)
	}
	set := &ast.FuncLit{
		Type: &ast.FuncType{
			Func:    pos,
			Params:  &ast.FieldList{List: []*ast.Field{{Names: []*ast.Ident{id("v·", pos)}, Type: id("any", pos)}}},
			Results: &ast.FieldList{List: []*ast.Field{{Type: id("bool", pos)}}},
		},
		Body: block(pos,
			&ast.AssignStmt{
				Lhs: []ast.Expr{id(x, pos), good}, TokPos: pos, Tok: token.DEFINE,
				Rhs: []ast.Expr{value},
			},
			&ast.IfStmt{If: pos, Cond: good, Body: block(pos,
				assign(&ast.StarExpr{Star: pos, X: &ast.ParenExpr{X: l.expr(e.Args[1])}}, id(x, pos)))},
			&ast.ReturnStmt{Return: pos, Results: []ast.Expr{good}},
		),
	}
	return call(rt("As", pos), l.convert(e.Args[0], l.Info.TypeOf(e.Fun).(*types.Signature).Params().At(0).Type()), set)
}

// compiled reports whether fun is a function or method of a compiled package.
func (l *lowerer) compiled(fun ast.Expr) bool {
	switch fun := ast.Unparen(fun).(type) {
	case *ast.SelectorExpr:
		f := l.Info.Uses[fun.Sel]
		return f != nil && f.Pkg() != nil && f.Pkg().Path() != mainPath
	case *ast.Ident:
		f := l.Info.Uses[fun]
		return f != nil && f.Pkg() != nil && f.Pkg().Path() != mainPath
	}
	return false
}

// stores reports whether fun keeps values of type any for the cell, which must keep their types.
func (l *lowerer) stores(fun ast.Expr) bool {
	sel, ok := ast.Unparen(fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	f := l.Info.Uses[sel.Sel]
	if f == nil || f.Pkg() == nil {
		return false
	}
	switch f.Pkg().Path() {
	case "reflect":
		return f.Name() == "DeepEqual"
	case "context", "sync", "sync/atomic", "container/list", "container/heap", "container/ring":
		return true
	}
	return false
}

// typeOf returns the type of e; for a builtin an invalid one.
func (l *lowerer) typeOf(e ast.Expr) types.Type {
	if t := l.Info.TypeOf(e); t != nil {
		return t
	}
	return types.Typ[types.Invalid]
}

func (l *lowerer) isStdin(e ast.Expr) bool {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	v, ok := l.Info.Uses[sel.Sel].(*types.Var)
	return ok && v.Name() == "Stdin" && v.Pkg() != nil && v.Pkg().Path() == "os"
}

// builtin returns the name of the builtin that fun is, or "".
func (l *lowerer) builtin(fun ast.Expr) string {
	x, ok := ast.Unparen(fun).(*ast.Ident)
	if !ok {
		return ""
	}
	b, ok := l.Info.Uses[x].(*types.Builtin)
	if !ok {
		return ""
	}
	return b.Name()
}

// builtinCall lowers the builtins that yaegi lacks or gets wrong.
func (l *lowerer) builtinCall(e *ast.CallExpr, name string) ast.Expr {
	pos := e.Pos()
	switch name {
	case "min", "max":
		return l.minMax(e, name)
	case "delete":
		return call(id(name, pos), l.expr(e.Args[0]), l.key(e.Args[1], l.mapKey(e.Args[0])))
	case "len", "cap":
		if c := l.arrayLen(e.Args[0]); c != nil {
			return c
		}
	case "clear":
		return call(rt("Clear", pos), l.expr(e.Args[0]))
	case "print", "println":
		f := map[string]string{"print": "Print", "println": "Println"}[name]
		return call(rt(f, pos), l.args(e)...)
	case "recover":
		return call(rt("Recovered", pos), call(id("recover", pos)))
	case "panic":
		return call(id("panic", pos), l.panicValue(e.Args[0]))
	case "make":
		if c := l.makeChan(e); c != nil {
			return c
		}
	case "new":
		if tv := l.Info.Types[e.Args[0]]; !tv.IsType() {
			return l.newOf(e.Args[0], l.Info.Types[e].Type.(*types.Pointer).Elem())
		} else if l.ownInterface(tv.Type) {
			return l.newOf(nil, tv.Type) // new gives one that is not nil
		}
	}
	out := &ast.CallExpr{
		Fun: id(name, pos), Lparen: e.Lparen, Args: l.args(e), Ellipsis: e.Ellipsis, Rparen: e.Rparen,
	}
	if name == "append" && len(out.Args) > 2 {
		l.appendCopied(e, out)
	}
	return out
}

// makeChan lowers make of a channel of one direction, which yaegi cannot make, or returns nil.
func (l *lowerer) makeChan(e *ast.CallExpr) ast.Expr {
	t := l.typeOf(e.Args[0])
	c, ok := t.Underlying().(*types.Chan)
	if !ok || c.Dir() == types.SendRecv {
		return nil
	}
	both, te := l.typeExpr(types.NewChan(types.SendRecv, c.Elem()), e.Pos()), l.typeExpr(t, e.Pos())
	if both == nil || te == nil {
		return nil
	}
	args := append([]ast.Expr{both}, l.exprs(e.Args[1:])...)
	return call(&ast.ParenExpr{Lparen: e.Pos(), X: te, Rparen: e.Pos()}, call(id("make", e.Pos()), args...))
}

// appendCopied makes an append of several values copy them first: yaegi reads one when those before it
// are written, and it may be an element of the slice.
func (l *lowerer) appendCopied(e, out *ast.CallExpr) {
	t := l.typeExpr(l.Info.Types[e].Type.Underlying(), e.Pos())
	if t == nil || !slices.ContainsFunc(e.Args[1:], func(a ast.Expr) bool {
		switch ast.Unparen(a).(type) {
		case *ast.IndexExpr, *ast.StarExpr, *ast.SelectorExpr:
			return true
		}
		return false
	}) {
		return
	}
	out.Args = []ast.Expr{out.Args[0], &ast.CompositeLit{Type: t, Elts: out.Args[1:]}}
	out.Ellipsis = e.Pos()
}

// arrayLen lowers the length of an array that is no constant because the operand calls something, and
// that of what a nil pointer points to.
func (l *lowerer) arrayLen(e ast.Expr) ast.Expr {
	t := l.typeOf(e)
	u := t.Underlying()
	if p, ok := u.(*types.Pointer); ok {
		u = p.Elem().Underlying()
	}
	a, ok := u.(*types.Array)
	te := l.typeExpr(t, e.Pos())
	if !ok || te == nil {
		return nil
	}
	pos := e.Pos()
	return call(&ast.FuncLit{
		Type: &ast.FuncType{
			Func:    pos,
			Params:  &ast.FieldList{List: []*ast.Field{{Names: []*ast.Ident{id(l.temp("unused"), pos)}, Type: te}}},
			Results: &ast.FieldList{List: []*ast.Field{{Type: id("int", pos)}}},
		},
		Body: block(pos, &ast.ReturnStmt{Return: pos, Results: []ast.Expr{intLit(int(a.Len()), pos)}}),
	}, l.expr(e))
}

// panicValue keeps the type and the message of a session value readable outside of the interpreter.
func (l *lowerer) panicValue(e ast.Expr) ast.Expr {
	t := l.typeOf(e)
	if types.IsInterface(t) || l.Info.Types[e].IsNil() {
		return call(rt("Thrown", e.Pos()), l.expr(e))
	}
	return l.box(l.expr(e), t)
}

// minMax lowers min and max to a function literal that compares as Go does; NaN and signed zeros
// are left to package math.
func (l *lowerer) minMax(e *ast.CallExpr, name string) ast.Expr {
	pos := e.Pos()
	t := l.Info.Types[e].Type
	b, ok := t.Underlying().(*types.Basic)
	te := l.typeExpr(types.Default(t), pos)
	if !ok || te == nil {
		l.refuse(e, "%s of %s is not supported in cells", name, t)
		return e
	}
	acc := l.expr(e.Args[0])
	for _, a := range e.Args[1:] {
		acc = l.minMax2(name, b, te, acc, l.expr(a), pos)
	}
	return call(te, acc)
}

func (l *lowerer) minMax2(name string, b *types.Basic, te, x, y ast.Expr, pos token.Pos) ast.Expr {
	upper := map[string]string{"min": "Min", "max": "Max"}[name]
	conv := func(to string, e ast.Expr) ast.Expr { return call(id(to, pos), e) }
	switch info := b.Info(); {
	case info&types.IsString != 0:
		return call(te, call(rt(upper+"String", pos), conv("string", x), conv("string", y)))
	case info&types.IsFloat != 0:
		return call(te, call(rt(upper+"Float", pos), conv("float64", x), conv("float64", y)))
	case info&types.IsUnsigned != 0:
		return call(te, call(rt(upper+"Uint", pos), conv("uint64", x), conv("uint64", y)))
	}
	return call(te, call(rt(upper+"Int", pos), conv("int64", x), conv("int64", y)))
}

// newOf lowers new(value).
func (l *lowerer) newOf(e ast.Expr, t types.Type) ast.Expr {
	var value ast.Expr
	pos := l.End
	if e != nil {
		value, pos = l.expr(e), e.Pos()
	} else {
		value = id("nil", pos)
	}
	te := l.typeExpr(t, pos)
	if te == nil {
		l.refuse(e, "new of %s is not supported in cells", t)
		return e
	}
	v := l.temp("v")
	return call(&ast.FuncLit{
		Type: &ast.FuncType{
			Func:    pos,
			Params:  &ast.FieldList{List: []*ast.Field{{Names: []*ast.Ident{id(v, pos)}, Type: te}}},
			Results: &ast.FieldList{List: []*ast.Field{{Type: &ast.StarExpr{Star: pos, X: l.typeExpr(t, pos)}}}},
		},
		Body: block(pos, &ast.ReturnStmt{Return: pos, Results: []ast.Expr{
			&ast.UnaryExpr{OpPos: pos, Op: token.AND, X: id(v, pos)},
		}}),
	}, value)
}

// methodCall lowers x.M(…) for a method declared in a cell and x of concrete type to a call of the
// method's function. It returns nil when the call is of another kind.
func (l *lowerer) methodCall(e *ast.CallExpr, sel *ast.SelectorExpr) ast.Expr {
	s := l.Info.Selections[sel]
	if s == nil || s.Kind() != types.MethodVal {
		return nil
	}
	m := s.Obj().(*types.Func)
	name := l.methodName(m, sel.Pos())
	if name == nil {
		return nil
	}
	recv := l.receiver(sel.X, s, m)
	if recv == nil {
		return nil
	}
	return &ast.CallExpr{
		Fun: name, Lparen: e.Lparen, Args: append([]ast.Expr{recv}, l.args(e)...),
		Ellipsis: e.Ellipsis, Rparen: e.Rparen,
	}
}

// methodName returns the function of a method that a cell declared, or nil.
func (l *lowerer) methodName(m *types.Func, pos token.Pos) ast.Expr {
	recv := m.Signature().Recv()
	if m.Pkg() == nil || m.Pkg().Path() != mainPath || types.IsInterface(recv.Type()) {
		return nil
	}
	key := typeName(recv.Type()) + "." + m.Name()
	name, ok := l.names.current[key]
	if !ok {
		return nil
	}
	if l.lits > 0 || takesFloats(withReceiver(m.Signature())) {
		name = l.indirectTo(key, withReceiver(m.Signature()), pos)
	}
	return id(name, pos)
}

// receiver returns x, followed through embedded fields, as the receiver that m wants.
func (l *lowerer) receiver(x ast.Expr, s *types.Selection, m *types.Func) ast.Expr {
	e, t := l.path(x, s)
	if e == nil {
		return nil
	}
	_, isPtr := t.Underlying().(*types.Pointer)
	_, wantPtr := types.Unalias(m.Signature().Recv().Type()).(*types.Pointer)
	pos := x.Pos()
	switch {
	case wantPtr && !isPtr:
		if _, lit := ast.Unparen(x).(*ast.CompositeLit); lit {
			return nil
		}
		return &ast.UnaryExpr{OpPos: pos, Op: token.AND, X: e}
	case !wantPtr && isPtr:
		return &ast.StarExpr{Star: pos, X: e}
	}
	return e
}

// path returns x with the embedded fields of a selection written out, and the type of that.
func (l *lowerer) path(x ast.Expr, s *types.Selection) (ast.Expr, types.Type) {
	e, t := l.expr(x), s.Recv()
	for _, i := range s.Index()[:len(s.Index())-1] {
		st := structOf(t)
		if st == nil {
			return nil, nil
		}
		f := st.Field(i)
		e = &ast.SelectorExpr{X: e, Sel: id(f.Name(), x.Pos())}
		t = f.Type()
	}
	return e, t
}

func structOf(t types.Type) *types.Struct {
	t = t.Underlying()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem().Underlying()
	}
	st, _ := t.(*types.Struct)
	return st
}

// selector lowers x.f: package members, fields, method values and method expressions.
func (l *lowerer) selector(e *ast.SelectorExpr) ast.Expr {
	s := l.Info.Selections[e]
	if s != nil && s.Obj().Pkg() != nil && s.Obj().Pkg().Path() == "reflect" && unseen[s.Obj().Name()] {
		l.refuse(e, "reflect's %s does not see the methods and fields of types of cells", s.Obj().Name())
	}
	if s == nil {
		return &ast.SelectorExpr{X: l.expr(e.X), Sel: id(e.Sel.Name, e.Sel.Pos())}
	}
	switch s.Kind() {
	case types.MethodExpr:
		return l.methodExpr(e, s)
	case types.MethodVal:
		if v := l.methodValue(e, s); v != nil {
			return v
		}
	}
	if len(s.Index()) > 1 {
		if x, _ := l.path(e.X, s); x != nil {
			return &ast.SelectorExpr{X: x, Sel: id(e.Sel.Name, e.Sel.Pos())}
		}
	}
	return &ast.SelectorExpr{X: l.expr(e.X), Sel: id(e.Sel.Name, e.Sel.Pos())}
}

// methodValue lowers the method value x.M, M declared in a cell, to a closure that binds x now.
func (l *lowerer) methodValue(e *ast.SelectorExpr, s *types.Selection) ast.Expr {
	m := s.Obj().(*types.Func)
	if l.methodName(m, e.Pos()) == nil {
		return nil
	}
	recv := l.receiver(e.X, s, m)
	if recv == nil {
		return nil
	}
	l.lits++
	name := l.methodName(m, e.Pos())
	l.lits--
	pos := e.Pos()
	sig := m.Signature()
	ft, args := l.forwarded(sig, pos)
	c := call(name, append([]ast.Expr{id("r·", pos)}, args...)...)
	if sig.Variadic() {
		c.Ellipsis = pos
	}
	inner := &ast.FuncLit{Type: ft, Body: block(pos, l.result(c, sig, pos))}
	outer := &ast.FuncType{
		Func: pos,
		Params: &ast.FieldList{List: []*ast.Field{{
			Names: []*ast.Ident{id("r·", pos)}, Type: l.typeExpr(sig.Recv().Type(), pos),
		}}},
		Results: &ast.FieldList{List: []*ast.Field{{Type: l.typeExpr(s.Type(), pos)}}},
	}
	return call(&ast.FuncLit{
		Type: outer, Body: block(pos, &ast.ReturnStmt{Return: pos, Results: []ast.Expr{inner}}),
	}, recv)
}

// result returns c, or does c and returns nothing when sig has no results.
func (l *lowerer) result(c ast.Expr, sig *types.Signature, pos token.Pos) ast.Stmt {
	if sig.Results().Len() == 0 {
		return exprStmt(c)
	}
	return &ast.ReturnStmt{Return: pos, Results: []ast.Expr{c}}
}

// methodExpr lowers T.M and (*T).M to a function literal.
func (l *lowerer) methodExpr(e *ast.SelectorExpr, s *types.Selection) ast.Expr {
	pos := e.Pos()
	sig := s.Type().(*types.Signature)
	ft, args := l.forwarded(sig, pos)
	m := s.Obj().(*types.Func)
	var fun ast.Expr = &ast.SelectorExpr{X: args[0], Sel: id(m.Name(), pos)}
	rest := args[1:]
	l.lits++
	defer func() { l.lits-- }()
	if name := l.methodName(m, pos); name != nil && len(s.Index()) == 1 {
		_, isPtr := types.Unalias(s.Recv()).(*types.Pointer)
		_, wantPtr := types.Unalias(m.Signature().Recv().Type()).(*types.Pointer)
		recv := args[0]
		if isPtr && !wantPtr {
			recv = &ast.StarExpr{Star: pos, X: recv}
		}
		fun, rest = name, append([]ast.Expr{recv}, rest...)
	}
	c := call(fun, rest...)
	if sig.Variadic() {
		c.Ellipsis = pos
	}
	return &ast.FuncLit{Type: ft, Body: block(pos, l.result(c, sig, pos))}
}
