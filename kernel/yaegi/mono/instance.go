package mono

import (
	"go/ast"
	"go/token"
	"go/types"
)

// instance returns the name of a generic function or type of the session with type arguments, and
// sees to it that it is declared. It returns "" for compiled ones.
func (r *rewriter) instance(o types.Object, args []types.Type) string {
	if o.Pkg() == nil {
		return ""
	}
	g := r.genericFor(o)
	if g == nil {
		return ""
	}
	name := instanceName(qualified(o), args)
	if r.declared[name] || r.objects[name] != nil {
		return name
	}
	r.declared[name] = true
	needs := map[string]bool{}
	if o.Pkg().Path() == mainPath {
		needs[o.Name()] = true
	}
	names(needs, args...)
	r.needs[name] = needs
	if r.dropped[name] {
		r.kept[name] = true
	}
	r.queue = append(r.queue, func() {
		if f, ok := g.node.(*ast.FuncDecl); ok {
			r.function(g, f, name, args)
			return
		}
		r.typeSpec(g, g.node.(*ast.GenDecl), name, args)
	})
	return name
}

// function declares an instance of a generic function.
func (r *rewriter) function(g *generic, f *ast.FuncDecl, name string, args []types.Type) {
	o, _ := g.info.Defs[f.Name].(*types.Func)
	c := r.copier(g.info, substitution{}.with(o.Signature().TypeParams(), args), name)
	c.shun(args)
	r.declare([]string{name}, &ast.FuncDecl{
		Name: ident(name, f.Name.Pos()), Body: c.block(f.Body),
		Type: &ast.FuncType{Func: f.Type.Func, Params: c.fields(f.Type.Params), Results: c.fields(f.Type.Results)},
	}, g.cell)
}

// typeSpec declares an instance of a generic type with its methods.
func (r *rewriter) typeSpec(g *generic, d *ast.GenDecl, name string, args []types.Type) {
	spec := d.Specs[0].(*ast.TypeSpec)
	o := g.info.Defs[spec.Name].(*types.TypeName)
	var params *types.TypeParamList
	switch t := o.Type().(type) {
	case *types.Named:
		params = t.TypeParams()
	case *types.Alias:
		params = t.TypeParams()
	}
	c := r.copier(g.info, substitution{}.with(params, args), name)
	c.shun(args)
	r.declare([]string{name}, &ast.GenDecl{TokPos: d.TokPos, Tok: token.TYPE, Specs: []ast.Spec{&ast.TypeSpec{
		Name: ident(name, spec.Name.Pos()), Assign: spec.Assign, Type: c.expr(spec.Type),
	}}}, g.cell)
	for _, m := range g.methods {
		f := m.node.(*ast.FuncDecl)
		fo, _ := m.info.Defs[f.Name].(*types.Func)
		c := r.copier(m.info, substitution{}.with(fo.Signature().RecvTypeParams(), args), name)
		c.shun(args)
		recv := &ast.Field{Type: ident(name, f.Recv.Pos())}
		if _, ok := fo.Signature().Recv().Type().(*types.Pointer); ok {
			recv.Type = &ast.StarExpr{Star: f.Recv.Pos(), X: recv.Type}
		}
		for _, n := range f.Recv.List[0].Names {
			recv.Names = append(recv.Names, c.name(n))
		}
		r.declare([]string{name + "." + f.Name.Name}, &ast.FuncDecl{
			Recv: &ast.FieldList{List: []*ast.Field{recv}}, Name: ident(f.Name.Name, f.Name.Pos()),
			Type: c.expr(f.Type).(*ast.FuncType), Body: c.block(f.Body),
		}, m.cell)
	}
}
