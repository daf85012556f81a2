package yaegi

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

// types emits the type declarations that are new to the interpreter.
func (l *lowerer) types() {
	kept := map[string]bool{}
	for _, name := range l.Kept {
		kept[name] = true
	}
	for _, d := range l.Decls {
		g, ok := d.Node.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		spec := g.Specs[0].(*ast.TypeSpec)
		name := l.names.current[spec.Name.Name]
		if kept[spec.Name.Name] && l.names.methods["type "+name] {
			continue
		}
		l.names.methods["type "+name] = true
		t := l.expr(spec.Type)
		if o := l.Info.Defs[spec.Name]; o != nil && l.recursiveFunc(o.Type()) {
			t = asStruct(t)
		}
		if !spec.Assign.IsValid() {
			t = l.ownStruct(spec, t)
		}
		st, isStruct := t.(*ast.StructType)
		if isStruct && !spec.Assign.IsValid() {
			tag(st, name)
		}
		l.file.Decls = append(l.file.Decls, &ast.GenDecl{
			TokPos: g.TokPos, Tok: token.TYPE,
			Specs: []ast.Spec{&ast.TypeSpec{
				Name: id(name, spec.Pos()), Assign: spec.Assign, Type: t,
			}},
		})
		l.promoted(spec)
		l.describe(spec)
	}
	l.recursive()
}

// ownStruct returns t, the lowered type of a declaration, written out when it names another struct, so that
// it can have a tag of its own.
func (l *lowerer) ownStruct(spec *ast.TypeSpec, t ast.Expr) ast.Expr {
	if _, ok := t.(*ast.StructType); ok {
		return t
	}
	o := l.Info.Defs[spec.Name]
	if o == nil || l.recursiveFunc(o.Type()) {
		return t
	}
	st, ok := o.Type().Underlying().(*types.Struct)
	if ok && st.NumFields() > 0 && !ofSessionWithin(st) { // yaegi does not end with types that lead to each other
		if own := l.typeExpr(st, spec.Pos()); own != nil {
			return own
		}
	}
	return t
}

// ofSessionWithin reports whether a struct mentions types of the session.
func ofSessionWithin(st *types.Struct) bool {
	found := false
	types.TypeString(st, func(p *types.Package) string {
		found = found || p.Path() == mainPath
		return ""
	})
	return found
}

// tag makes the run-time type of a struct unlike that of any other, and keeps its unexported fields,
// which yaegi exports under another name, away from encoders.
func tag(st *ast.StructType, name string) {
	for i, f := range st.Fields.List {
		text := ""
		if f.Tag != nil {
			text, _ = strconv.Unquote(f.Tag.Value)
		}
		if len(f.Names) > 0 && !f.Names[0].IsExported() {
			text += ` json:"-" xml:"-"`
		}
		if i == 0 {
			text += " lathe:" + strconv.Quote(name)
		}
		if text = strings.TrimSpace(text); text != "" {
			f.Tag = &ast.BasicLit{ValuePos: f.Pos(), Kind: token.STRING, Value: strconv.Quote(text)}
		}
	}
}

// describe tells the registry about a type: its run-time form, and its String or Error method.
func (l *lowerer) describe(spec *ast.TypeSpec) {
	obj, ok := l.Info.Defs[spec.Name].(*types.TypeName)
	if !ok || spec.Assign.IsValid() {
		return
	}
	pos := spec.Pos()
	if _, ok := obj.Type().Underlying().(*types.Struct); ok || l.recursiveFunc(obj.Type()) {
		zero := &ast.StarExpr{Star: pos, X: call(id("new", pos), l.typeExpr(obj.Type(), pos))}
		l.setup = append(l.setup, exprStmt(call(rt("Known", pos), intLit(l.reg.number(obj.Type()), pos), zero)))
		l.inheritedText(obj.Type(), pos)
	}
}

// inheritedText tells the registry about a String or Error method that a struct has from a type
// that it embeds. Error comes last, as fmt prefers it.
func (l *lowerer) inheritedText(t types.Type, pos token.Pos) {
	for _, form := range []types.Type{t, types.NewPointer(t)} {
		for _, name := range []string{"String", "Error"} {
			m := types.NewMethodSet(form).Lookup(nil, name)
			if m == nil || len(m.Index()) < 2 {
				continue
			}
			if f := m.Obj().(*types.Func); isText(f) && l.bind(form, name, pos) != nil {
				l.showBy(form, name, pos)
			}
		}
	}
}

// isText reports whether f is a String or Error method.
func isText(f *types.Func) bool {
	sig := f.Signature()
	return (f.Name() == "String" || f.Name() == "Error") && sig.Params().Len() == 0 && sig.Results().Len() == 1 &&
		types.Identical(sig.Results().At(0).Type(), types.Typ[types.String])
}

// texter tells the registry how a type with a String or Error method is shown.
func (l *lowerer) texter(f *types.Func, pos token.Pos) {
	if !isText(f) {
		return
	}
	recv := types.Unalias(f.Signature().Recv().Type())
	forms := []types.Type{recv}
	if _, ok := recv.(*types.Pointer); !ok {
		forms = append(forms, types.NewPointer(recv))
	}
	for _, t := range forms {
		if obj, _, _ := types.LookupFieldOrMethod(t, true, l.Pkg, "Error"); f.Name() == "String" {
			if e, ok := obj.(*types.Func); ok && isText(e) {
				continue // as fmt prefers
			}
		}
		l.showBy(t, f.Name(), pos)
	}
}

// showBy makes the method of that name show values of t.
func (l *lowerer) showBy(t types.Type, method string, pos token.Pos) {
	l.lits++
	fun := l.bind(t, method, pos).(*ast.FuncLit)
	l.lits--
	fun.Type.Params.List = []*ast.Field{{Names: []*ast.Ident{id("v·", pos)}, Type: l.typeExpr(t, pos)}}
	name := &ast.BasicLit{ValuePos: pos, Kind: token.STRING, Value: strconv.Quote(l.reg.textKey(t))}
	l.setup = append(l.setup, exprStmt(call(rt("Texter", pos), name, fun)))
}

// promoted emits, for a struct type that embeds compiled types, the methods that it gets from them.
// yaegi itself overlooks those with a pointer receiver.
func (l *lowerer) promoted(spec *ast.TypeSpec) {
	obj, ok := l.Info.Defs[spec.Name].(*types.TypeName)
	if !ok || spec.Assign.IsValid() {
		return
	}
	if _, ok := obj.Type().Underlying().(*types.Struct); !ok {
		return
	}
	pos := spec.Pos()
	byValue := types.NewMethodSet(obj.Type())
	for m := range types.NewMethodSet(types.NewPointer(obj.Type())).Methods() {
		f := m.Obj().(*types.Func)
		if len(m.Index()) < 2 || f.Pkg() == nil || f.Pkg().Path() == mainPath || !f.Exported() {
			continue
		}
		name := l.names.current[obj.Name()]
		var recv ast.Expr = id(name, pos)
		if byValue.Lookup(f.Pkg(), f.Name()) == nil {
			recv = &ast.StarExpr{Star: pos, X: recv}
		}
		ft := l.typeExpr(f.Signature(), pos)
		if ft == nil {
			continue
		}
		var x ast.Expr = id("r·", pos)
		t := obj.Type()
		for _, i := range m.Index()[:len(m.Index())-1] {
			field := structOf(t).Field(i)
			x, t = &ast.SelectorExpr{X: x, Sel: id(field.Name(), pos)}, field.Type()
		}
		_, args := l.forwarded(f.Signature(), pos)
		c := call(&ast.SelectorExpr{X: x, Sel: id(f.Name(), pos)}, args...)
		if f.Signature().Variadic() {
			c.Ellipsis = pos
		}
		l.names.methods[name+"."+f.Name()] = true
		l.file.Decls = append(l.file.Decls, &ast.FuncDecl{
			Recv: &ast.FieldList{List: []*ast.Field{{Names: []*ast.Ident{id("r·", pos)}, Type: recv}}},
			Name: id(f.Name(), pos), Type: l.parameters(ft.(*ast.FuncType)),
			Body: block(pos, l.result(c, f.Signature(), pos)),
		})
	}
}

// parameters names the parameters of a function type as forwarded does.
func (l *lowerer) parameters(ft *ast.FuncType) *ast.FuncType {
	for i, f := range ft.Params.List {
		f.Names = []*ast.Ident{id("p·"+strconv.Itoa(i), f.Pos())}
	}
	return ft
}
