package yaegi

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// body lowers the body of a function: it can be interrupted when it is entered.
func (l *lowerer) body(b *ast.BlockStmt, sig *types.Signature) *ast.BlockStmt {
	loops, results, noted := l.loops, l.results, l.noted
	l.loops, l.results = nil, nil
	for v := range sig.Results().Variables() {
		l.results = append(l.results, v)
	}
	places := l.riskyPlaces(b)
	l.noted = len(places) > 1
	at := funcPlace{name: l.within, pos: b.Lbrace, noted: l.noted}
	if len(places) == 1 {
		at.pos = places[0]
	}
	l.reg.function(b.Lbrace, at)
	list := append([]ast.Stmt{l.poll(b.Lbrace)}, l.zeroResults(sig, b.Lbrace)...)
	if l.noted {
		list = append(list, l.notes(b.Lbrace)...)
	}
	if hasDefer(b.List) {
		list = append(list, l.defers(b.Lbrace))
	}
	list = append(list, l.stmts(b.List)...)
	if l.noted && !ends(b) {
		list = append(list, l.done(b.Rbrace))
	}
	out := block(b.Lbrace, list...)
	out.Rbrace = b.Rbrace
	l.loops, l.results, l.noted = loops, results, noted
	return out
}

// zeroResults sets named results to zero: yaegi leaves in them what the caller's variable held.
func (l *lowerer) zeroResults(sig *types.Signature, pos token.Pos) (out []ast.Stmt) {
	for v := range sig.Results().Variables() {
		if v.Name() != "" && v.Name() != "_" {
			out = append(out, assign(id(v.Name(), pos), l.zero(v.Type(), pos)))
		}
	}
	return out
}

// zero returns the zero value of a type.
func (l *lowerer) zero(t types.Type, pos token.Pos) ast.Expr {
	if l.recursiveFunc(t) {
		return &ast.CompositeLit{Type: l.typeExpr(t, pos)}
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		switch {
		case u.Info()&types.IsString != 0:
			return quoted("", pos)
		case u.Info()&types.IsBoolean != 0:
			return id("false", pos)
		case u.Info()&types.IsNumeric != 0:
			return intLit(0, pos)
		}
	case *types.Pointer, *types.Slice, *types.Map, *types.Chan, *types.Signature:
		return id("nil", pos)
	case *types.Interface:
		return id("nil", pos)
	}
	if te := l.typeExpr(t, pos); te != nil {
		return &ast.StarExpr{Star: pos, X: call(id("new", pos), te)}
	}
	return id("nil", pos)
}

// poll is where an interrupt takes effect: if stop { rt.Poll() }.
func (l *lowerer) poll(pos token.Pos) ast.Stmt {
	return &ast.IfStmt{If: pos, Cond: id(stopVar, pos), Body: block(pos, exprStmt(call(rt("Poll", pos))))}
}

func (l *lowerer) stmts(list []ast.Stmt) (out []ast.Stmt) {
	for _, s := range list {
		out = append(out, l.located(s)...)
	}
	return out
}

// located lowers a statement that stands in a list and notes its position first when it may panic.
func (l *lowerer) located(s ast.Stmt) []ast.Stmt {
	var out []ast.Stmt
	l.bare(s)
	if l.noted && l.risky(s) {
		out = append(out, l.at(s.Pos()))
	}
	if a, ok := s.(*ast.AssignStmt); ok {
		b := l.assignment(a)
		if list := l.several(a.Lhs, a.Rhs, b); list != nil {
			return append(out, list...)
		}
		return append(out, b)
	}
	if low := l.stmt(s); low != nil {
		out = append(out, low)
	}
	return out
}

// risky reports whether the part of s that runs before its blocks may panic or call.
func (l *lowerer) risky(s ast.Stmt) bool {
	risky := false
	ast.Inspect(s, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt, *ast.FuncLit, *ast.CaseClause, *ast.CommClause:
			return false
		case *ast.CallExpr:
			if tv := l.Info.Types[n.Fun]; !tv.IsType() {
				switch l.builtin(n.Fun) {
				case "len", "cap", "append", "new", "min", "max", "complex", "real", "imag":
				default:
					risky = true
				}
			} else {
				risky = true
			}
		case *ast.IndexExpr, *ast.SliceExpr, *ast.StarExpr, *ast.TypeAssertExpr, *ast.SendStmt:
			risky = true
		case *ast.SelectorExpr:
			if s := l.Info.Selections[n]; s != nil && s.Indirect() {
				risky = true
			}
		case *ast.BinaryExpr:
			risky = risky || n.Op == token.QUO || n.Op == token.REM || n.Op == token.EQL || n.Op == token.SHL ||
				n.Op == token.SHR
		case *ast.AssignStmt:
			risky = risky || n.Tok == token.QUO_ASSIGN || n.Tok == token.REM_ASSIGN ||
				n.Tok == token.SHL_ASSIGN || n.Tok == token.SHR_ASSIGN
		}
		return !risky
	})
	return risky
}

// stmt lowers one statement.
func (l *lowerer) stmt(s ast.Stmt) ast.Stmt {
	switch s := s.(type) {
	case nil:
		return nil
	case *ast.EmptyStmt:
		return nil
	case *ast.ExprStmt:
		return &ast.ExprStmt{X: l.expr(s.X)}
	case *ast.AssignStmt:
		b := l.assignment(s)
		if l.pairwise(s.Lhs, s.Rhs, s.Tok) {
			return l.atOnce(s.Lhs, s.Rhs, b)
		}
		return b
	case *ast.IncDecStmt:
		return &ast.IncDecStmt{X: l.expr(s.X), TokPos: s.TokPos, Tok: s.Tok}
	case *ast.DeclStmt:
		return l.declStmt(s)
	case *ast.BlockStmt:
		return l.block(s)
	case *ast.IfStmt:
		return &ast.IfStmt{
			If: s.If, Init: l.stmt(s.Init), Cond: l.expr(s.Cond), Body: l.block(s.Body), Else: l.stmt(s.Else),
		}
	case *ast.ForStmt:
		return l.forStmt(s, "")
	case *ast.RangeStmt:
		return l.rangeStmt(s, "")
	case *ast.SwitchStmt:
		sw, _ := l.switchStmt(s, "")
		return sw
	case *ast.TypeSwitchStmt:
		return l.typeSwitch(s, "")
	case *ast.SelectStmt:
		b, _ := l.selectStmt(s, "")
		return b
	case *ast.LabeledStmt:
		return l.labeled(s)
	case *ast.BranchStmt:
		return l.branch(s)
	case *ast.ReturnStmt:
		return l.returnStmt(s)
	case *ast.GoStmt:
		return l.goStmt(s)
	case *ast.DeferStmt:
		return l.deferStmt(s)
	case *ast.SendStmt:
		return &ast.SendStmt{Chan: l.expr(s.Chan), Arrow: s.Arrow, Value: l.convert(s.Value, chanElem(l.typeOf(s.Chan)))}
	}
	l.refuse(s, "%T is not supported in cells", s)
	return s
}

func chanElem(t types.Type) types.Type {
	if c, ok := t.Underlying().(*types.Chan); ok {
		return c.Elem()
	}
	return nil
}

func (l *lowerer) block(b *ast.BlockStmt) *ast.BlockStmt {
	return &ast.BlockStmt{Lbrace: b.Lbrace, List: l.stmts(b.List), Rbrace: b.Rbrace}
}

func (l *lowerer) assignment(s *ast.AssignStmt) *ast.AssignStmt {
	rhs := l.converted(s.Rhs, func(i int) types.Type {
		if len(s.Lhs) != len(s.Rhs) || s.Tok != token.ASSIGN {
			return nil
		}
		return l.Info.TypeOf(s.Lhs[i])
	})
	if len(s.Lhs) == 2 && len(s.Rhs) == 1 {
		if a, ok := ast.Unparen(s.Rhs[0]).(*ast.TypeAssertExpr); ok {
			rhs[0] = l.commaOk(a)
		}
	}
	if x, ok := s.Lhs[0].(*ast.IndexExpr); ok && len(s.Rhs) == 1 && l.mapKey(x.X) != nil {
		rhs[0] = l.pointed(s.Rhs[0], rhs[0], l.typeOf(x))
	}
	if s.Tok == token.SHL_ASSIGN || s.Tok == token.SHR_ASSIGN {
		rhs[0] = l.shiftCount(s.Rhs[0], rhs[0])
	}
	return &ast.AssignStmt{Lhs: l.exprs(s.Lhs), TokPos: s.TokPos, Tok: s.Tok, Rhs: rhs}
}

// declStmt lowers a local declaration. Constants are gone: their uses are literals.
func (l *lowerer) declStmt(s *ast.DeclStmt) ast.Stmt {
	g := s.Decl.(*ast.GenDecl)
	out := &ast.GenDecl{TokPos: g.TokPos, Tok: g.Tok, Lparen: g.Lparen, Rparen: g.Rparen}
	for _, spec := range g.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			t := l.expr(spec.Type)
			if !spec.Assign.IsValid() {
				t = l.ownStruct(spec, t)
				if st, ok := t.(*ast.StructType); ok && len(st.Fields.List) > 0 {
					tag(st, fmt.Sprintf("%s@%d", spec.Name.Name, spec.Pos()))
				}
			}
			out.Specs = append(out.Specs, &ast.TypeSpec{
				Name: id(spec.Name.Name, spec.Name.Pos()), Assign: spec.Assign, Type: t,
			})
		case *ast.ValueSpec:
			if g.Tok == token.CONST {
				continue
			}
			v := &ast.ValueSpec{Type: l.expr(spec.Type)}
			v.Values = l.converted(spec.Values, func(i int) types.Type {
				if spec.Type == nil || len(spec.Names) != len(spec.Values) {
					return nil
				}
				return l.Info.TypeOf(spec.Type)
			})
			if len(spec.Values) == 0 {
				v.Values = nil
			}
			for _, n := range spec.Names {
				v.Names = append(v.Names, id(n.Name, n.Pos()))
			}
			out.Specs = append(out.Specs, l.apart(spec, v)...)
		}
	}
	if len(out.Specs) == 0 {
		return nil
	}
	return &ast.DeclStmt{Decl: out}
}

// apart returns v, the lowered form of spec, as declarations of one variable each when several interfaces get
// values: yaegi mixes up their types.
func (l *lowerer) apart(spec, v *ast.ValueSpec) (out []ast.Spec) {
	if spec.Type == nil || len(v.Names) < 2 || len(v.Names) != len(v.Values) || !types.IsInterface(l.Info.TypeOf(spec.Type)) {
		return []ast.Spec{v}
	}
	var named []ast.Spec
	for i, x := range v.Values {
		value := id(l.temp("v"), x.Pos())
		out = append(out, &ast.ValueSpec{Names: []*ast.Ident{value}, Type: v.Type, Values: []ast.Expr{x}})
		named = append(named, &ast.ValueSpec{Names: v.Names[i : i+1], Type: v.Type, Values: []ast.Expr{id(value.Name, x.Pos())}})
	}
	return append(out, named...)
}

// labeled lowers a statement with a label.
func (l *lowerer) labeled(s *ast.LabeledStmt) ast.Stmt {
	out := &ast.LabeledStmt{Label: id(s.Label.Name, s.Label.Pos()), Colon: s.Colon}
	switch st := s.Stmt.(type) {
	case *ast.ForStmt:
		out.Stmt = l.forStmt(st, s.Label.Name)
	case *ast.RangeStmt:
		out.Stmt = l.rangeStmt(st, s.Label.Name)
	case *ast.SwitchStmt:
		b, sw := l.switchStmt(st, s.Label.Name)
		if b, ok := b.(*ast.BlockStmt); ok {
			b.List[len(b.List)-1] = &ast.LabeledStmt{Label: out.Label, Stmt: sw}
			return b
		}
		out.Stmt = sw
	case *ast.TypeSwitchStmt:
		out.Stmt = l.typeSwitch(st, s.Label.Name)
	case *ast.SelectStmt:
		b, sw := l.selectStmt(st, s.Label.Name)
		b.List[len(b.List)-1] = &ast.LabeledStmt{Label: out.Label, Stmt: sw}
		return b
	default:
		out.Stmt = l.stmt(s.Stmt)
	}
	if b, ok := out.Stmt.(*ast.BlockStmt); ok && len(b.List) > 0 {
		if in, ok := b.List[len(b.List)-1].(*ast.LabeledStmt); ok && in.Label.Name == s.Label.Name {
			return b // the label is on the statement inside
		}
	}
	if out.Stmt == nil {
		out.Stmt = block(s.Pos())
	}
	return out
}

// goStmt runs the call under rt.Go, which turns a panic into an error output. The arguments are
// evaluated first, as the statement demands.
func (l *lowerer) goStmt(s *ast.GoStmt) ast.Stmt {
	pos := s.Pos()
	name := l.temp("go")
	if f, ok := ast.Unparen(s.Call.Fun).(*ast.FuncLit); ok && len(s.Call.Args) == 0 && f.Type.Results == nil {
		return block(pos, define(name, l.expr(f)), exprStmt(call(rt("Go", pos), id(name, pos))))
	}
	pre, c := l.bound(s.Call)
	run := &ast.FuncLit{
		Type: &ast.FuncType{Func: pos, Params: &ast.FieldList{}},
		Body: block(pos, exprStmt(c)),
	}
	return block(pos, append(pre, define(name, run), exprStmt(call(rt("Go", pos), id(name, pos))))...)
}

// bound evaluates the function and the arguments of a call into temporaries and returns the call
// of those.
func (l *lowerer) bound(e *ast.CallExpr) (pre []ast.Stmt, c *ast.CallExpr) {
	pos := e.Pos()
	l.lits++
	low, ok := l.call(e).(*ast.CallExpr)
	l.lits--
	if !ok {
		return nil, &ast.CallExpr{Fun: l.expr(e.Fun), Args: l.args(e)}
	}
	out := &ast.CallExpr{Fun: low.Fun, Lparen: low.Lparen, Ellipsis: low.Ellipsis, Rparen: low.Rparen}
	x, isVar := ast.Unparen(e.Fun).(*ast.Ident)
	if isVar {
		_, isVar = l.Info.Uses[x].(*types.Var)
	}
	if _, isLit := low.Fun.(*ast.FuncLit); isLit || isVar {
		f := l.temp("f")
		pre = append(pre, define(f, low.Fun))
		out.Fun = id(f, pos)
	} else if sel, ok := low.Fun.(*ast.SelectorExpr); ok && l.Info.Selections[unparenSel(e.Fun)] != nil {
		f := l.temp("f")
		pre = append(pre, define(f, sel))
		out.Fun = id(f, pos)
	}
	for _, a := range low.Args {
		if _, lit := a.(*ast.BasicLit); lit {
			out.Args = append(out.Args, a)
			continue
		}
		if n, ok := a.(*ast.Ident); ok && n.Name == "nil" {
			out.Args = append(out.Args, a)
			continue
		}
		v := l.temp("a")
		pre = append(pre, define(v, a))
		out.Args = append(out.Args, id(v, pos))
	}
	return pre, out
}

func unparenSel(e ast.Expr) *ast.SelectorExpr {
	s, _ := ast.Unparen(e).(*ast.SelectorExpr)
	return s
}

func (l *lowerer) returnStmt(s *ast.ReturnStmt) ast.Stmt {
	out := &ast.ReturnStmt{Return: s.Return}
	out.Results = l.converted(s.Results, func(i int) types.Type {
		if len(s.Results) != len(l.results) {
			return nil
		}
		return l.results[i].Type()
	})
	if len(s.Results) == 0 {
		out.Results = nil
	}
	return l.leave(out, l.resultTemps(s, out))
}

// swapped reports whether a result of a return mentions a named result other than its own, which yaegi
// may have set by then.
func (l *lowerer) swapped(s *ast.ReturnStmt) bool {
	found := false
	for i, e := range s.Results {
		if u, ok := ast.Unparen(e).(*ast.UnaryExpr); ok && u.Op == token.ARROW {
			return true // yaegi has no place for what it receives
		}
		ast.Inspect(e, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				v, ok := l.Info.Uses[n].(*types.Var)
				found = found || ok && slices.Contains(l.results, v) && (v != l.results[i] || n != e)
			case *ast.CallExpr:
				found = found || l.results[0].Name() != "" && !l.Info.Types[n.Fun].IsType() || l.builtin(n.Fun) == "make"
			}
			return !found
		})
	}
	return found && len(s.Results) > 1
}

// resultTemps evaluates the results of a return before the function is marked as done, when that
// may panic, and before named results are set.
func (l *lowerer) resultTemps(s, out *ast.ReturnStmt) (pre []ast.Stmt) {
	if (!l.noted || !l.risky(s)) && !l.swapped(s) {
		return nil
	}
	pos := s.Return
	if len(s.Results) == 1 && len(l.results) > 1 {
		var names []ast.Expr
		for range l.results {
			names = append(names, id(l.temp("r"), pos))
		}
		pre = append(pre, &ast.AssignStmt{Lhs: names, TokPos: pos, Tok: token.DEFINE, Rhs: out.Results})
		out.Results = names
		return pre
	}
	for i, e := range s.Results {
		t := l.typeExpr(l.results[i].Type(), pos)
		if t == nil || l.Info.Types[e].Value != nil || l.Info.Types[e].IsNil() {
			continue
		}
		name := l.temp("r")
		pre = append(pre, varStmt(name, t, out.Results[i], pos))
		out.Results[i] = id(name, pos)
	}
	return pre
}
