package yaegi

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// deferStmt keeps recover working: it must be called by the deferred function itself.
func (l *lowerer) deferStmt(s *ast.DeferStmt) ast.Stmt {
	if probes(s) {
		return s
	}
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
			"an argument of the literal, or a function that does the deferring, works", v.Name())
	}
	if x, ok := c.Fun.(*ast.Ident); ok {
		c.Fun = id(l.itself(x.Name), x.Pos())
	}
	c = l.spreadLater(s.Call, l.builtinLater(s.Call, c))
	return l.watched(s, &ast.DeferStmt{Defer: s.Defer, Call: c})
}

// defersVar is, in a function that defers others, a *Defers.
const defersVar = "lathe·defers"

// hasDefer reports whether one of the statements defers something in its own function.
func hasDefer(list []ast.Stmt) bool {
	found := false
	for _, s := range list {
		ast.Inspect(s, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.DeferStmt:
				found = found || !probes(n)
			}
			return !found
		})
	}
	return found
}

// probes reports whether a debugger put s into the function: the first to be deferred, which never panics.
func probes(s *ast.DeferStmt) bool {
	sel, ok := s.Call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	x, ok := sel.X.(*ast.Ident)
	return ok && strings.HasPrefix(x.Name, "ᐧ")
}

// defers declares defersVar.
func (l *lowerer) defers(pos token.Pos) ast.Stmt {
	var at ast.Expr = id("nil", pos)
	if l.noted {
		at = &ast.UnaryExpr{OpPos: pos, Op: token.AND, X: id(atVar, pos)}
	}
	return define(defersVar, call(rt("Defers", pos), intLit(int(pos), pos), at))
}

// watched adds calls to d, which is s lowered, that tell that the function is deferred and, later, that it is
// called.
func (l *lowerer) watched(s *ast.DeferStmt, d *ast.DeferStmt) ast.Stmt {
	pos := s.Defer
	began := &ast.DeferStmt{Defer: pos, Call: call(rt("Began", pos), id(defersVar, pos))}
	out := block(pos, l.argumentTemps(s.Call, d.Call)...)
	var deferred ast.Stmt = d
	if e := l.dynamicCallee(s.Call, d.Call); e != nil {
		deferred = l.ifCallable(s, d, e, out)
	}
	out.List = append(out.List, deferred, began, exprStmt(call(rt("Deferring", pos), id(defersVar, pos))))
	return out
}

// ifCallable returns d, which is s lowered, as a statement that also defers what panics only when it is called: a
// nil function, or the method of a nil pointer. yaegi would panic at once. e is what is called.
func (l *lowerer) ifCallable(s *ast.DeferStmt, d *ast.DeferStmt, e ast.Expr, out *ast.BlockStmt) ast.Stmt {
	pos := s.Defer
	key := l.signatureKey(l.typeOf(s.Call.Fun))
	method, isMethod := l.named(s.Call.Fun).(*types.Func)
	if isMethod {
		key = "method " + method.Name()
	}
	if l.names.recovers[key] {
		l.refuse(s, "defer of a function that is not named here, while one of its type calls recover, "+
			"is not supported in cells; a function literal or the name of a function works")
	}
	good := l.temp("good")
	out.List = append(out.List, define(good, call(rt("Callable", pos), e)))
	name := l.temp("f")
	later := &ast.DeferStmt{Defer: pos, Call: call(rt("CallNil", pos))}
	if sel, ok := d.Call.Fun.(*ast.SelectorExpr); ok && isMethod {
		out.List = append(out.List, define(name, sel.X))
		d.Call.Fun = &ast.SelectorExpr{X: id(name, pos), Sel: sel.Sel}
		later.Call = call(&ast.FuncLit{
			Type: &ast.FuncType{Func: pos, Params: &ast.FieldList{}}, Body: block(pos, exprStmt(d.Call)),
		})
	} else {
		out.List = append(out.List, define(name, d.Call.Fun))
		d.Call.Fun = id(name, pos)
	}
	return &ast.IfStmt{If: pos, Cond: id(good, pos), Body: block(pos, d), Else: block(pos, later)}
}

// spreadLater returns c, the lowered call of e, as one of a function literal when it passes a slice as its last
// arguments, which yaegi would defer as one of them.
func (l *lowerer) spreadLater(e, c *ast.CallExpr) *ast.CallExpr {
	sig, ok := l.typeOf(e.Fun).Underlying().(*types.Signature)
	if !ok || !c.Ellipsis.IsValid() {
		return c
	}
	pos := e.Pos()
	recv := len(c.Args) - sig.Params().Len() // 1 for a method, whose receiver comes first
	if _, lit := ast.Unparen(e.Fun).(*ast.FuncLit); lit || recv != 0 || l.names.recovers[l.signatureKey(sig)] {
		l.refuse(e, "defer of this call with ... is not supported in cells; a function literal that makes the call works")
		return c
	}
	lit := &ast.FuncLit{Type: &ast.FuncType{Func: pos, Params: &ast.FieldList{}}}
	in := &ast.CallExpr{Fun: c.Fun, Lparen: c.Lparen, Ellipsis: c.Ellipsis, Rparen: c.Rparen}
	for i := range c.Args {
		te, p := l.typeExpr(sig.Params().At(i).Type(), pos), l.temp("p")
		if te == nil {
			l.refuse(e, "defer of this call with ... is not supported in cells; a function literal that makes the call works")
			return c
		}
		lit.Type.Params.List = append(lit.Type.Params.List, &ast.Field{Names: []*ast.Ident{id(p, pos)}, Type: te})
		in.Args = append(in.Args, id(p, pos))
	}
	lit.Body = block(pos, exprStmt(in))
	return call(lit, c.Args...)
}

// argumentTemps puts the arguments of c, which is e lowered, into variables of their own: yaegi defers with the
// places of the values, which change.
func (l *lowerer) argumentTemps(e, c *ast.CallExpr) (pre []ast.Stmt) {
	for i, a := range c.Args {
		if x, ok := a.(*ast.Ident); ok && (x.Name == "nil" || x.Name == defersVar) {
			continue
		}
		if _, lit := a.(*ast.BasicLit); lit {
			continue
		}
		name := l.temp("a")
		pre = append(pre, define(name, a))
		c.Args[i] = id(name, e.Pos())
	}
	return pre
}

// builtinLater returns c, the lowered call of a builtin, as one that yaegi can defer: it would call some at once.
func (l *lowerer) builtinLater(e, c *ast.CallExpr) *ast.CallExpr {
	pos := e.Pos()
	lit := &ast.FuncLit{Type: &ast.FuncType{Func: pos, Params: &ast.FieldList{}}}
	in := &ast.CallExpr{Fun: c.Fun, Lparen: c.Lparen, Ellipsis: c.Ellipsis, Rparen: c.Rparen}
	out := call(lit)
	switch l.builtin(e.Fun) {
	case "recover":
		l.refuse(e, "defer of recover, which seldom recovers, is not supported in cells; a function literal that calls it works")
	case "panic", "close", "delete", "copy":
		for i, a := range c.Args {
			t := anyType
			if l.builtin(e.Fun) != "panic" {
				t = types.Default(l.typeOf(e.Args[i]))
			}
			te, p := l.typeExpr(t, pos), l.temp("p")
			if te == nil {
				return c
			}
			lit.Type.Params.List = append(lit.Type.Params.List, &ast.Field{Names: []*ast.Ident{id(p, pos)}, Type: te})
			in.Args, out.Args = append(in.Args, id(p, pos)), append(out.Args, a)
		}
	default:
		return c
	}
	lit.Body = block(pos, exprStmt(in))
	return out
}

// recovering notes which functions of the cell call recover: yaegi recovers nothing where they are deferred as
// the values of variables, or through interfaces.
func (l *lowerer) recovering() {
	deferred := map[*ast.FuncLit]bool{}
	visit := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.DeferStmt:
			if lit, ok := ast.Unparen(n.Call.Fun).(*ast.FuncLit); ok {
				deferred[lit] = true
			}
		case *ast.FuncLit:
			if !deferred[n] && l.recoversIn(n.Body) {
				l.names.recovers[l.signatureKey(l.typeOf(n))] = true
			}
		case *ast.FuncDecl:
			if n.Body == nil || !l.recoversIn(n.Body) {
				break
			}
			key := l.signatureKey(l.typeOf(n.Name))
			if n.Recv != nil {
				l.names.recovers["method "+n.Name.Name] = true
			}
			l.names.recovers[key] = true
		}
		return true
	}
	for _, d := range l.Decls {
		ast.Inspect(d.Node, visit)
	}
	for _, s := range l.Body {
		ast.Inspect(s, visit)
	}
}

// recoversIn reports whether a function with that body calls recover itself.
func (l *lowerer) recoversIn(b *ast.BlockStmt) bool {
	found := false
	ast.Inspect(b, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			found = found || l.builtin(n.Fun) == "recover"
		}
		return !found
	})
	return found
}

// signatureKey is the same for functions that a variable can hold.
func (l *lowerer) signatureKey(t types.Type) string {
	sig, ok := t.Underlying().(*types.Signature)
	if !ok {
		return ""
	}
	return types.TypeString(types.NewSignatureType(nil, nil, nil, sig.Params(), sig.Results(), sig.Variadic()), nil)
}

// dynamicCallee returns what tells, at run time, whether e, of which c is the lowered form, calls something: a
// function value, or an interface whose method is called. It returns nil for other calls.
func (l *lowerer) dynamicCallee(e, c *ast.CallExpr) ast.Expr {
	switch fun := ast.Unparen(e.Fun).(type) {
	case *ast.FuncLit:
		return nil
	case *ast.SelectorExpr:
		if s := l.Info.Selections[fun]; s != nil && s.Kind() == types.MethodVal {
			if t := l.typeOf(fun.X); types.IsInterface(t) && !l.calls(fun.X) {
				return l.toAny(l.expr(fun.X), t)
			}
			return nil
		}
	}
	if l.builtin(e.Fun) != "" || l.Info.Types[e.Fun].IsType() || l.calls(e.Fun) {
		return nil
	}
	if _, isFunc := l.named(e.Fun).(*types.Func); isFunc {
		return nil
	}
	return c.Fun
}

// named returns the object that fun names, or nil.
func (l *lowerer) named(fun ast.Expr) types.Object {
	switch fun := ast.Unparen(fun).(type) {
	case *ast.Ident:
		return l.Info.Uses[fun]
	case *ast.SelectorExpr:
		return l.Info.Uses[fun.Sel]
	}
	return nil
}

// itself returns the function that the variable of that name holds, when it is one that indirectTo made: in
// yaegi, a deferred function can recover only where it is not called through a variable.
func (l *lowerer) itself(name string) string {
	for key, in := range l.names.indirect {
		if f, ok := l.names.current[key]; ok && in.name == name {
			return f
		}
	}
	return name
}

// changes returns a variable whose later value a deferred function literal would see in yaegi: one of a loop.
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
	return found
}
