package export

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/lathe-ml/lathe/kernel/check"
)

// declare adds a declaration, or the new definition of one. It returns what the cell does first.
func (w *writer) declare(d *check.Decl, kept map[string]bool) ([]string, error) {
	f, ok := d.Node.(*ast.FuncDecl)
	if ok {
		return w.function(d, f)
	}
	key := d.Keys[0]
	if old := w.versions[key]; old != nil {
		text, err := w.print(d.Node)
		if err != nil || text == old.text {
			return nil, err
		}
		if kept[key] {
			old.text = text
			return nil, nil
		}
	}
	for _, k := range d.Keys {
		w.current[k] = w.unique(k)
	}
	text, err := w.print(d.Node)
	if err != nil {
		return nil, err
	}
	own := &decl{key: key, text: text, node: d.Node}
	for _, k := range d.Keys {
		w.versions[k] = own
	}
	w.decls = append(w.decls, own)
	return nil, nil
}

// function adds a function or method.
func (w *writer) function(d *check.Decl, f *ast.FuncDecl) ([]string, error) {
	o, _ := w.p.Info.Defs[f.Name].(*types.Func)
	if o == nil {
		return nil, nil
	}
	key, owner := d.Keys[0], ""
	if f.Recv != nil {
		owner = w.current[strings.TrimSuffix(key, "."+f.Name.Name)]
		key = owner + "." + f.Name.Name
	}
	sig, err := w.typeText(types.NewSignatureType(nil, nil, nil, o.Signature().Params(), o.Signature().Results(),
		o.Signature().Variadic()))
	if err != nil {
		return nil, err
	}
	if f.Name.Name == "init" && f.Recv == nil {
		w.current["init"] = w.unique("init")
		return w.newFunction("init", f, sig)
	}
	old := w.versions[key]
	if old == nil {
		if f.Recv == nil {
			w.current[key] = w.unique(key)
		}
		return w.newFunction(key, f, sig)
	}
	text, err := w.print(f)
	if err != nil || text == old.text {
		return nil, err
	}
	fn := w.funcs[key]
	generic := o.Signature().TypeParams().Len() > 0 || o.Signature().RecvTypeParams().Len() > 0
	switch {
	case fn.sig == sig && !generic:
		old.text = text
		return w.again(key, owner, fn, f, text)
	case f.Recv != nil:
		return nil, fmt.Errorf("the method %s was defined again with another signature", key)
	}
	w.current[key] = w.unique(key)
	return w.newFunction(key, f, sig)
}

// laterName stands for the name that the first definition of a function gets when there is another.
const laterName = "later__name"

// newFunction adds the first definition of a function.
func (w *writer) newFunction(key string, f *ast.FuncDecl, sig string) ([]string, error) {
	text, err := w.print(f)
	if err != nil {
		return nil, err
	}
	d := &decl{key: key, text: text, node: f}
	w.versions[key] = d
	fn := &function{sig: sig, node: f, by: w, first: d}
	if fn.text, err = w.definition(f, laterName); err != nil {
		return nil, err
	}
	w.funcs[key] = fn
	w.decls = append(w.decls, d)
	if key == "init" {
		return []string{w.current["init"] + "()"}, nil
	}
	return nil, nil
}

// again adds a later definition with the same signature: the function becomes a variable.
func (w *writer) again(key, owner string, fn *function, f *ast.FuncDecl, text string) ([]string, error) {
	name := f.Name.Name
	if owner == "" {
		name = w.current[key]
	} else {
		name = owner + "_" + name
	}
	if !fn.dynamic {
		fn.dynamic = true
		first := w.unique(name)
		body := strings.Replace(fn.text, laterName, first, 1)
		variable, err := fn.by.variable(fn, owner, name)
		if err != nil {
			return nil, err
		}
		w.decls = append(w.decls, &decl{key: key, text: body}, &decl{key: key, text: variable})
		// Every cell that runs before calls the first definition.
		w.decls = append(w.decls, &decl{key: key, text: fmt.Sprintf("func init() { %s = %s }", variableName(owner, name), first)})
		fn.first.text = ""
		w.versions[key] = &decl{key: key, text: text}
	}
	next := w.unique(name)
	body, err := w.definition(f, next)
	if err != nil {
		return nil, err
	}
	w.decls = append(w.decls, &decl{key: key, text: body})
	w.versions[key].text = text
	return []string{variableName(owner, name) + " = " + next}, nil
}

func variableName(owner, name string) string {
	if owner == "" {
		return name
	}
	return name + "_now"
}

// definition prints a function, or a method as a function with its receiver first, under another name.
func (w *writer) definition(f *ast.FuncDecl, name string) (string, error) {
	own := *f
	own.Name = &ast.Ident{Name: name, NamePos: f.Name.NamePos}
	if f.Recv != nil {
		t := *f.Type
		recv := *f.Recv.List[0]
		if len(recv.Names) == 0 {
			recv.Names = []*ast.Ident{{Name: "_", NamePos: recv.Pos()}}
		}
		t.Params = &ast.FieldList{Opening: f.Type.Params.Opening, Closing: f.Type.Params.Closing}
		t.Params.List = append([]*ast.Field{&recv}, named2(f.Type.Params.List)...)
		own.Recv, own.Type = nil, &t
	}
	return w.print(&own)
}

// named2 gives parameters names, which either all have or none.
func named2(list []*ast.Field) (out []*ast.Field) {
	for _, f := range list {
		own := *f
		if len(own.Names) == 0 {
			own.Names = []*ast.Ident{{Name: "_", NamePos: f.Pos()}}
		}
		out = append(out, &own)
	}
	return out
}

// variable declares the variable of a dynamic function, and for a method the method that calls it.
func (w *writer) variable(fn *function, owner, name string) (string, error) {
	if owner == "" {
		return "var " + name + " " + fn.sig, nil
	}
	recv, err := w.print(fn.node.Recv.List[0].Type)
	if err != nil {
		return "", err
	}
	params, args := "", ""
	for i, p := range flat(fn.node.Type.Params) {
		t, err := w.print(p)
		if err != nil {
			return "", err
		}
		params += fmt.Sprintf("a%d %s, ", i, t)
		args += fmt.Sprintf(", a%d", i)
		if _, variadic := p.(*ast.Ellipsis); variadic {
			args += "..."
		}
	}
	results, ret := "", ""
	if fn.node.Type.Results != nil {
		for _, p := range flat(fn.node.Type.Results) {
			t, err := w.print(p)
			if err != nil {
				return "", err
			}
			results += t + ", "
		}
		ret = "return "
	}
	typ := "func(" + recv
	for _, p := range flat(fn.node.Type.Params) {
		t, _ := w.print(p)
		typ += ", " + t
	}
	typ += ") (" + results + ")"
	return fmt.Sprintf("var %s_now %s\n\nfunc (r %s) %s(%s) (%s) { %s%s_now(r%s) }", name, typ, recv,
		fn.node.Name.Name, params, results, ret, name, args), nil
}

// flat lists the types of parameters, one for each.
func flat(f *ast.FieldList) (out []ast.Expr) {
	for _, p := range f.List {
		for range max(1, len(p.Names)) {
			out = append(out, p.Type)
		}
	}
	return out
}

// statement prints a statement of the cell.
func (w *writer) statement(s ast.Stmt, last bool) (string, error) {
	if w.p.Defines[s] {
		return w.define(s)
	}
	if e, ok := s.(*ast.ExprStmt); ok && last && e.X == w.p.Result {
		return w.result(e.X)
	}
	return w.print(s)
}

// define prints a declaration of variables as an assignment.
func (w *writer) define(s ast.Stmt) (string, error) {
	if a, ok := s.(*ast.AssignStmt); ok {
		own := *a
		own.Tok = token.ASSIGN
		return w.print(&own)
	}
	var lines []string
	for _, spec := range s.(*ast.DeclStmt).Decl.(*ast.GenDecl).Specs {
		v := spec.(*ast.ValueSpec)
		a := &ast.AssignStmt{TokPos: v.Pos(), Tok: token.ASSIGN, Rhs: v.Values}
		for _, n := range v.Names {
			if len(v.Values) == 0 && n.Name != "_" {
				t, err := w.typeText(w.p.Info.Defs[n].Type())
				if err != nil {
					return "", err
				}
				lines = append(lines, w.name(n)+" = *new("+t+")")
			}
			a.Lhs = append(a.Lhs, n)
		}
		if len(v.Values) > 0 {
			text, err := w.print(a)
			if err != nil {
				return "", err
			}
			lines = append(lines, text)
		}
	}
	return strings.Join(lines, "\n"), nil
}

// result prints the last expression of a cell, which is shown.
func (w *writer) result(e ast.Expr) (string, error) {
	text, err := w.print(e)
	tv := w.p.Info.Types[e]
	c, isCall := ast.Unparen(e).(*ast.CallExpr)
	switch {
	case err != nil:
		return "", err
	case tv.IsVoid() || tv.Type == nil || isCall && (w.p.Silent || w.prints(c)):
		return text, nil
	case w.p.Silent:
		return "_ = " + text, nil
	}
	if t, ok := tv.Type.(*types.Tuple); ok && t.Len() == 0 {
		return text, nil
	}
	if w.imports["fmt"] == "" {
		w.imports["fmt"] = w.unique("fmt")
	}
	return w.imports["fmt"] + ".Println(" + text + ")", nil
}

// prints reports whether a call is one of fmt's printing functions or a builtin without a value.
func (w *writer) prints(c *ast.CallExpr) bool {
	switch f := ast.Unparen(c.Fun).(type) {
	case *ast.SelectorExpr:
		o := w.p.Info.Uses[f.Sel]
		return o != nil && o.Pkg() != nil && o.Pkg().Path() == "fmt" && strings.Contains(strings.ToLower(o.Name()), "print") &&
			!strings.HasPrefix(o.Name(), "S")
	case *ast.Ident:
		b, ok := w.p.Info.Uses[f].(*types.Builtin)
		return ok && (b.Name() == "panic" || b.Name() == "print" || b.Name() == "println" || b.Name() == "delete" ||
			b.Name() == "clear" || b.Name() == "close")
	}
	return false
}
