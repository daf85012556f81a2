package mono

import (
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"slices"
)

// copier copies syntax with the meaning that info records for it, for one set of type arguments.
type copier struct {
	*rewriter
	info    *types.Info
	subst   substitution
	within  string
	avoid   map[string]bool // names that local variables must not have
	constOf bool            // constants become literals: a type leaves its function
}

func (r *rewriter) copier(info *types.Info, s substitution, within string) *copier {
	if s.locals == nil {
		s.locals = map[*types.TypeName]*types.Named{}
	}
	return &copier{rewriter: r, info: info, subst: s, within: within}
}

// shun keeps local variables from hiding the names that args spell.
func (c *copier) shun(args []types.Type) {
	c.avoid = map[string]bool{}
	names(c.avoid, args...)
}

func (c *copier) expr(e ast.Expr) ast.Expr {
	if e == nil {
		return nil
	}
	return c.node(e).(ast.Expr)
}

func (c *copier) block(b *ast.BlockStmt) *ast.BlockStmt {
	if b == nil {
		return nil
	}
	return c.node(b).(*ast.BlockStmt)
}

func (c *copier) fields(f *ast.FieldList) *ast.FieldList {
	if f == nil {
		return nil
	}
	return c.node(f).(*ast.FieldList)
}

// node copies a node.
func (c *copier) node(n ast.Node) ast.Node {
	switch n := n.(type) {
	case *ast.Ident:
		return c.ident(n)
	case *ast.SelectorExpr:
		return c.selector(n)
	case *ast.IndexExpr:
		if x := c.instantiated(n.X); x != nil {
			return x
		}
	case *ast.IndexListExpr:
		if x := c.instantiated(n.X); x != nil {
			return x
		}
	case *ast.CompositeLit:
		return c.literal(n)
	case *ast.DeclStmt:
		if n.Decl.(*ast.GenDecl).Tok == token.TYPE {
			return c.localTypes(n)
		}
	case *ast.TypeSwitchStmt:
		return c.typeSwitch(n)
	case *ast.TypeAssertExpr:
		return c.assertion(n)
	case *ast.BinaryExpr:
		return c.binary(n)
	case *ast.UnaryExpr:
		out := c.plain(n).(*ast.UnaryExpr)
		if c.unfixed(n.X) && n.Op != token.AND {
			out.X = c.opaque(n.X, out.X)
		}
		return out
	case *ast.Field:
		return c.field(n)
	}
	return c.plain(n)
}

// plain copies a node as it stands.
func (c *copier) plain(n ast.Node) ast.Node {
	from := reflect.ValueOf(n).Elem()
	to := reflect.New(from.Type())
	to.Elem().Set(from)
	for i := range from.NumField() {
		c.value(to.Elem().Field(i), from.Field(i))
	}
	return to.Interface().(ast.Node)
}

// value copies a field of a node.
func (c *copier) value(to, from reflect.Value) {
	switch from.Kind() {
	case reflect.Pointer, reflect.Interface:
		if from.IsNil() {
			return
		}
		switch x := from.Interface().(type) {
		case *ast.CommentGroup:
			to.SetZero()
		case *ast.Ident:
			if from.Kind() == reflect.Pointer {
				to.Set(reflect.ValueOf(c.name(x)))
				return
			}
			to.Set(reflect.ValueOf(c.ident(x)))
		case ast.Node:
			to.Set(reflect.ValueOf(c.node(x)))
		default: // what the parser resolved
			to.SetZero()
		}
	case reflect.Slice:
		if from.IsNil() {
			return
		}
		out := reflect.MakeSlice(from.Type(), from.Len(), from.Len())
		for i := range from.Len() {
			out.Index(i).Set(from.Index(i))
			c.value(out.Index(i), from.Index(i))
		}
		to.Set(out)
	}
}

// name copies a name that is declared or selected.
func (c *copier) name(n *ast.Ident) *ast.Ident {
	o := c.info.Defs[n]
	if o == nil {
		o = c.info.Uses[n]
	}
	return ident(c.nameOf(n.Name, o), n.NamePos)
}

func (c *copier) nameOf(name string, o types.Object) string {
	v, ok := o.(*types.Var)
	switch {
	case ok && v.IsField():
		if v.Embedded() {
			return c.embedded(name, v)
		}
	case o != nil && c.avoid[name] && local(o):
		return name + string(mark) + "v"
	}
	return name
}

// embedded returns the name of an embedded field, which is that of its type.
func (c *copier) embedded(name string, v *types.Var) string {
	t := c.subst.apply(v.Type())
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := t.(*types.Named)
	if !ok {
		return name
	}
	if n.TypeArgs().Len() > 0 {
		if i := c.instance(n.Origin().Obj(), slices.Collect(n.TypeArgs().Types())); i != "" {
			return i
		}
	}
	if _, alias := v.Type().(*types.Alias); !alias && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == mainPath {
		return n.Obj().Name()
	}
	return name
}

// local reports whether o is declared inside a function.
func local(o types.Object) bool {
	return o.Pkg() != nil && o.Parent() != nil && o.Parent() != o.Pkg().Scope() && o.Parent() != types.Universe
}

// ident copies a name that is used as an expression.
func (c *copier) ident(n *ast.Ident) ast.Expr {
	if x := c.instantiated(n); x != nil {
		return x
	}
	o := c.info.Uses[n]
	switch o := o.(type) {
	case *types.PkgName:
		return c.pkg(o.Imported(), n.NamePos)
	case *types.TypeName:
		if x := c.typeName(o, n); x != nil {
			return x
		}
	case *types.Const:
		if x := c.constant(o, n); c.constOf && local(o) && x != nil {
			return x
		}
	}
	if o != nil && o.Pkg() != nil && o.Pkg().Path() != mainPath && o.Parent() == o.Pkg().Scope() { // dot import
		return &ast.SelectorExpr{X: c.pkg(o.Pkg(), n.NamePos), Sel: ident(n.Name, n.NamePos)}
	}
	return c.name(n)
}

// typeName copies the name of a type that means something else in the copy, or returns nil.
func (c *copier) typeName(o *types.TypeName, n *ast.Ident) ast.Expr {
	t := o.Type()
	switch u := t.(type) {
	case *types.TypeParam:
		return c.spell(c.subst.apply(u), n.NamePos)
	case *types.Alias:
		if local(o) {
			return c.spell(c.subst.apply(u), n.NamePos)
		}
	case *types.Named:
		if c.subst.locals[o] != nil {
			return ident(c.subst.locals[o].Obj().Name(), n.NamePos)
		}
	}
	return nil
}

// spell returns syntax for a type.
func (c *copier) spell(t types.Type, pos token.Pos) ast.Expr {
	e := c.typeExpr(t, pos)
	if e == nil {
		c.refuse(pos, "the type "+Plain(t.String())+" cannot be spelled for the interpreter")
		return ident("any", pos)
	}
	return e
}

// instantiated returns what stands for a generic function or type with its type arguments.
func (c *copier) instantiated(e ast.Expr) ast.Expr {
	n, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		if sel, isSel := ast.Unparen(e).(*ast.SelectorExpr); isSel {
			return c.compiledInstance(sel)
		}
		return nil
	}
	in, ok := c.info.Instances[n]
	if !ok {
		return nil
	}
	o := c.info.Uses[n]
	if t, ok := o.(*types.TypeName); ok {
		if _, alias := t.Type().(*types.Alias); alias {
			return c.spell(c.subst.apply(in.Type), n.NamePos)
		}
	}
	if o == nil {
		return nil
	}
	if name := c.instance(o, c.subst.list(in.TypeArgs)); name != "" {
		return ident(name, n.NamePos)
	}
	return nil
}

// compiledInstance is instantiated for pkg.F.
func (c *copier) compiledInstance(sel *ast.SelectorExpr) ast.Expr {
	in, ok := c.info.Instances[sel.Sel]
	if !ok {
		return nil
	}
	o := c.info.Uses[sel.Sel]
	if o == nil || o.Pkg() == nil {
		return nil
	}
	if _, isType := o.(*types.TypeName); isType && o.Pkg().Path() == "iter" {
		return c.spell(c.subst.apply(in.Type).Underlying(), sel.Pos())
	}
	if name := c.instance(o, c.subst.list(in.TypeArgs)); name != "" {
		return ident(name, sel.Pos())
	}
	return nil
}

// selector copies x.f.
func (c *copier) selector(n *ast.SelectorExpr) ast.Node {
	if x := c.compiledInstance(n); x != nil {
		return x
	}
	return &ast.SelectorExpr{X: c.expr(n.X), Sel: c.name(n.Sel)}
}

// field copies a field or parameter; that of an embedded type has no name.
func (c *copier) field(n *ast.Field) *ast.Field {
	out := &ast.Field{Type: c.expr(n.Type), Tag: n.Tag}
	for _, x := range n.Names {
		out.Names = append(out.Names, c.name(x))
	}
	return out
}
