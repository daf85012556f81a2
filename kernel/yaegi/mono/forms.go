package mono

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strconv"
)

// literal copies a composite literal. The fields of a struct of another cell with unexported fields
// are named: for go/types the literal stands in another package.
func (c *copier) literal(n *ast.CompositeLit) ast.Node {
	out := c.plain(n).(*ast.CompositeLit)
	t := c.info.TypeOf(n)
	if t == nil {
		return out
	}
	t = c.subst.apply(t)
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok || len(n.Elts) == 0 || len(n.Elts) != st.NumFields() {
		return out
	}
	if _, keyed := n.Elts[0].(*ast.KeyValueExpr); keyed {
		return out
	}
	for i, e := range out.Elts {
		f := st.Field(i)
		if f.Pkg() == nil || f.Pkg().Path() != mainPath || f.Name() == "_" {
			return out
		}
		name := f.Name()
		if f.Embedded() {
			name = c.embedded(name, f)
		}
		out.Elts[i] = &ast.KeyValueExpr{Key: ident(name, e.Pos()), Colon: e.Pos(), Value: e}
	}
	return out
}

// localTypes moves types that are declared in a function out of it.
func (c *copier) localTypes(n *ast.DeclStmt) ast.Node {
	inner := *c
	inner.constOf = true
	var specs []*ast.TypeSpec
	for _, s := range n.Decl.(*ast.GenDecl).Specs {
		spec := s.(*ast.TypeSpec)
		o, ok := c.info.Defs[spec.Name].(*types.TypeName)
		if !ok || spec.Assign.IsValid() {
			continue // what an alias stands for is written out
		}
		named, ok := o.Type().(*types.Named)
		if !ok {
			continue
		}
		if named.TypeParams().Len() > 0 {
			c.refuse(spec.Pos(), "a generic type inside a function is not supported in cells")
			continue
		}
		hoisted := types.NewTypeName(o.Pos(), types.NewPackage(mainPath, mainPath), c.fresh(c.localName(o)), nil)
		c.subst.locals[o] = types.NewNamed(hoisted, types.Typ[types.Int], nil)
		specs = append(specs, spec)
	}
	for _, spec := range specs { // their underlying types may mention each other
		o := c.info.Defs[spec.Name].(*types.TypeName)
		c.subst.locals[o].SetUnderlying(c.subst.apply(o.Type().Underlying()))
	}
	for _, spec := range specs {
		o := c.info.Defs[spec.Name].(*types.TypeName)
		name := c.subst.locals[o].Obj().Name()
		c.needs[name] = map[string]bool{}
		c.declare([]string{name}, &ast.GenDecl{TokPos: n.Pos(), Tok: token.TYPE, Specs: []ast.Spec{&ast.TypeSpec{
			Name: ident(name, spec.Name.Pos()), Type: inner.expr(spec.Type),
		}}}, c.within)
	}
	return &ast.EmptyStmt{Semicolon: n.Pos(), Implicit: true}
}

// localName is the name of a type that is declared in a function: one of a generic function has its
// type arguments.
func (c *copier) localName(o *types.TypeName) string {
	if len(c.subst.args) == 0 {
		return o.Name()
	}
	return instanceName(o.Name(), c.subst.args)
}

// constant returns the value of a constant as a literal, or nil.
func (c *copier) constant(o *types.Const, n *ast.Ident) ast.Expr {
	pos := n.NamePos
	switch o.Val().Kind() {
	case constant.Int:
		return &ast.BasicLit{ValuePos: pos, Kind: token.INT, Value: o.Val().ExactString()}
	case constant.String:
		return &ast.BasicLit{ValuePos: pos, Kind: token.STRING, Value: strconv.Quote(constant.StringVal(o.Val()))}
	}
	return nil
}

// typeSwitch copies a type switch without the cases that cannot be or that another one covers: with
// type arguments two cases may be the same.
func (c *copier) typeSwitch(n *ast.TypeSwitchStmt) ast.Node {
	out := c.plain(n).(*ast.TypeSwitchStmt)
	if len(c.subst.params) == 0 {
		return out
	}
	operand, _ := guard(n)
	from := c.subst.apply(c.info.TypeOf(operand.X))
	var seen []types.Type
	body := &ast.BlockStmt{Lbrace: out.Body.Lbrace, Rbrace: out.Body.Rbrace}
	for i, s := range n.Body.List {
		old, clause := s.(*ast.CaseClause), out.Body.List[i].(*ast.CaseClause)
		var list []ast.Expr
		for k, e := range old.List {
			if !c.info.Types[e].IsNil() {
				t := c.subst.apply(c.info.TypeOf(e))
				if slices.ContainsFunc(seen, func(u types.Type) bool { return types.Identical(t, u) }) ||
					impossible(from, t) {
					continue
				}
				seen = append(seen, t)
			}
			list = append(list, clause.List[k])
		}
		if old.List != nil && len(list) == 0 {
			continue
		}
		clause.List = list
		body.List = append(body.List, clause)
	}
	out.Body = body
	return out
}

// impossible reports whether a value of the interface from cannot be a t.
func impossible(from, t types.Type) bool {
	i, ok := from.Underlying().(*types.Interface)
	return ok && !types.IsInterface(t) && !types.Implements(t, i)
}

// guard returns the operand of a type switch and the variable that it binds, if any.
func guard(s *ast.TypeSwitchStmt) (*ast.TypeAssertExpr, *ast.Ident) {
	if a, ok := s.Assign.(*ast.AssignStmt); ok {
		return ast.Unparen(a.Rhs[0]).(*ast.TypeAssertExpr), a.Lhs[0].(*ast.Ident)
	}
	return ast.Unparen(s.Assign.(*ast.ExprStmt).X).(*ast.TypeAssertExpr), nil
}

// assertion copies x.(T), which may be impossible with these type arguments.
func (c *copier) assertion(n *ast.TypeAssertExpr) ast.Node {
	out := c.plain(n).(*ast.TypeAssertExpr)
	if n.Type == nil || len(c.subst.params) == 0 {
		return out
	}
	if impossible(c.subst.apply(c.info.TypeOf(n.X)), c.subst.apply(c.info.TypeOf(n.Type))) {
		toAny := func(x ast.Expr) ast.Expr {
			return &ast.CallExpr{Fun: ident("any", n.Pos()), Lparen: n.Pos(), Args: []ast.Expr{x}, Rparen: n.Pos()}
		}
		out.X = toAny(toAny(out.X)) // see Impossible
	}
	return out
}

// Impossible reports whether x is the operand of an assertion that cannot hold, as Rewrite writes it: the panic of
// the assertion names another type than x has.
func Impossible(x ast.Expr) bool {
	toAny := func(x ast.Expr) ast.Expr {
		if c, ok := x.(*ast.CallExpr); ok && len(c.Args) == 1 {
			if f, ok := c.Fun.(*ast.Ident); ok && f.Name == "any" {
				return c.Args[0]
			}
		}
		return nil
	}
	in := toAny(x)
	return in != nil && toAny(in) != nil
}

// binary copies an operation. Operands that are constant only with these type arguments are made
// variable again: the operation must not be.
func (c *copier) binary(n *ast.BinaryExpr) ast.Node {
	out := c.plain(n).(*ast.BinaryExpr)
	x, y := c.unfixed(n.X), c.unfixed(n.Y)
	switch {
	case x && (y || c.info.Types[n.Y].Value != nil):
		out.X = c.opaque(n.X, out.X)
	case y && c.info.Types[n.X].Value != nil || y && (n.Op == token.QUO || n.Op == token.REM):
		out.Y = c.opaque(n.Y, out.Y)
	}
	return out
}

// unfixed reports whether e is a conversion of a constant to a type parameter, or an operation on such.
func (c *copier) unfixed(e ast.Expr) bool {
	if len(c.subst.params) == 0 || c.info.Types[e].Value != nil {
		return false
	}
	if call, ok := ast.Unparen(e).(*ast.CallExpr); ok && len(call.Args) == 1 {
		t := c.info.Types[call.Fun]
		if !t.IsType() {
			return false
		}
		_, isParam := types.Unalias(t.Type).(*types.TypeParam)
		return isParam && (c.info.Types[call.Args[0]].Value != nil || c.unfixed(call.Args[0]))
	}
	return false
}

// opaque returns e as the result of a call.
func (c *copier) opaque(old, e ast.Expr) ast.Expr {
	pos := e.Pos()
	t := c.spell(c.subst.apply(c.info.TypeOf(old)), pos)
	return &ast.CallExpr{Lparen: pos, Rparen: pos, Fun: &ast.FuncLit{
		Type: &ast.FuncType{
			Func: pos, Params: &ast.FieldList{}, Results: &ast.FieldList{List: []*ast.Field{{Type: t}}},
		},
		Body: &ast.BlockStmt{
			Lbrace: pos, Rbrace: pos, List: []ast.Stmt{&ast.ReturnStmt{Return: pos, Results: []ast.Expr{e}}},
		},
	}}
}
