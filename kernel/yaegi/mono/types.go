package mono

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"

	"github.com/lathe-ml/lathe/kernel/check"
)

// substitution says what type parameters and types declared in functions stand for.
type substitution struct {
	params map[*types.TypeParam]types.Type
	locals map[*types.TypeName]*types.Named
	args   []types.Type // those of the instance
}

// apply returns t with everything replaced, without aliases.
func (s substitution) apply(t types.Type) types.Type {
	switch t := t.(type) {
	case *types.TypeParam:
		if a := s.params[t]; a != nil {
			return a
		}
	case *types.Alias:
		return s.apply(types.Unalias(t))
	case *types.Named:
		if n := s.locals[t.Obj()]; n != nil {
			return n
		}
		if t.TypeArgs().Len() > 0 {
			args := s.list(t.TypeArgs())
			if n, err := types.Instantiate(nil, t.Origin(), args, false); err == nil {
				return n
			}
		}
	case *types.Pointer:
		return types.NewPointer(s.apply(t.Elem()))
	case *types.Slice:
		return types.NewSlice(s.apply(t.Elem()))
	case *types.Array:
		return types.NewArray(s.apply(t.Elem()), t.Len())
	case *types.Map:
		return types.NewMap(s.apply(t.Key()), s.apply(t.Elem()))
	case *types.Chan:
		return types.NewChan(t.Dir(), s.apply(t.Elem()))
	case *types.Signature:
		return types.NewSignatureType(nil, nil, nil, s.tuple(t.Params()), s.tuple(t.Results()), t.Variadic())
	case *types.Tuple:
		return s.tuple(t)
	case *types.Struct:
		var fields []*types.Var
		var tags []string
		for i := range t.NumFields() {
			f := t.Field(i)
			fields = append(fields, types.NewField(f.Pos(), f.Pkg(), f.Name(), s.apply(f.Type()), f.Embedded()))
			tags = append(tags, t.Tag(i))
		}
		return types.NewStruct(fields, tags)
	case *types.Interface:
		return s.iface(t)
	}
	return t
}

func (s substitution) iface(t *types.Interface) types.Type {
	var methods []*types.Func
	var embedded []types.Type
	for m := range t.ExplicitMethods() {
		methods = append(methods, types.NewFunc(m.Pos(), m.Pkg(), m.Name(), s.apply(m.Signature()).(*types.Signature)))
	}
	for e := range t.EmbeddedTypes() {
		embedded = append(embedded, s.apply(e))
	}
	return types.NewInterfaceType(methods, embedded).Complete()
}

func (s substitution) tuple(t *types.Tuple) *types.Tuple {
	var vars []*types.Var
	for v := range t.Variables() {
		vars = append(vars, types.NewVar(v.Pos(), v.Pkg(), v.Name(), s.apply(v.Type())))
	}
	return types.NewTuple(vars...)
}

func (s substitution) list(l *types.TypeList) (out []types.Type) {
	for t := range l.Types() {
		out = append(out, s.apply(t))
	}
	return out
}

// with returns s with more type parameters replaced.
func (s substitution) with(params *types.TypeParamList, args []types.Type) substitution {
	out := substitution{maps.Clone(s.params), maps.Clone(s.locals), args}
	if out.params == nil {
		out.params = map[*types.TypeParam]types.Type{}
	}
	if out.locals == nil {
		out.locals = map[*types.TypeName]*types.Named{}
	}
	i := 0
	for p := range params.TypeParams() {
		out.params[p] = args[i]
		i++
	}
	return out
}

// names are the session names that types spell, and those of basic types.
func names(into map[string]bool, list ...types.Type) {
	seen := map[types.Type]bool{}
	var walk func(types.Type)
	walk = func(t types.Type) {
		if t == nil || seen[t] {
			return
		}
		seen[t] = true
		switch t := types.Unalias(t).(type) {
		case *types.Basic:
			into[t.Name()] = true
		case *types.Named:
			if p := t.Obj().Pkg(); p == nil || p.Path() == mainPath {
				into[t.Obj().Name()] = true
			}
			for a := range t.TypeArgs().Types() {
				walk(a)
			}
		case *types.Map:
			walk(t.Key())
			walk(t.Elem())
		case interface{ Elem() types.Type }:
			walk(t.Elem())
		case *types.Signature:
			walk(t.Params())
			walk(t.Results())
		case *types.Tuple:
			for v := range t.Variables() {
				walk(v.Type())
			}
		case *types.Struct:
			for f := range t.Fields() {
				walk(f.Type())
			}
		case *types.Interface:
			into["any"] = true
			for m := range t.Methods() {
				walk(m.Type())
			}
		}
	}
	for _, t := range list {
		walk(t)
	}
}

// typeExpr returns syntax for t, whose type parameters have been replaced, or nil when it has none.
func (r *rewriter) typeExpr(t types.Type, pos token.Pos) ast.Expr {
	w := typeWriter{rewriter: r, pos: pos}
	e := w.expr(t)
	if w.unspeakable {
		return nil
	}
	return e
}

type typeWriter struct {
	*rewriter
	pos         token.Pos
	unspeakable bool
}

func (w *typeWriter) expr(t types.Type) ast.Expr {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		if t.Kind() == types.UnsafePointer {
			return &ast.SelectorExpr{X: w.pkg(types.Unsafe, w.pos), Sel: ident("Pointer", w.pos)}
		}
		w.unspeakable = w.unspeakable || t.Info()&types.IsUntyped != 0
		return ident(t.Name(), w.pos)
	case *types.Named:
		return w.named(t)
	case *types.Pointer:
		return &ast.StarExpr{Star: w.pos, X: w.expr(t.Elem())}
	case *types.Slice:
		return &ast.ArrayType{Lbrack: w.pos, Elt: w.expr(t.Elem())}
	case *types.Array:
		n := &ast.BasicLit{ValuePos: w.pos, Kind: token.INT, Value: strconv.FormatInt(t.Len(), 10)}
		return &ast.ArrayType{Lbrack: w.pos, Len: n, Elt: w.expr(t.Elem())}
	case *types.Map:
		return &ast.MapType{Map: w.pos, Key: w.expr(t.Key()), Value: w.expr(t.Elem())}
	case *types.Chan:
		dir := map[types.ChanDir]ast.ChanDir{
			types.SendRecv: ast.SEND | ast.RECV, types.SendOnly: ast.SEND, types.RecvOnly: ast.RECV,
		}
		return &ast.ChanType{Begin: w.pos, Dir: dir[t.Dir()], Value: w.expr(t.Elem())}
	case *types.Signature:
		return w.signature(t)
	case *types.Struct:
		return w.structure(t)
	case *types.Interface:
		return w.iface(t)
	}
	w.unspeakable = true
	return ident("any", w.pos)
}

func (w *typeWriter) named(t *types.Named) ast.Expr {
	o := t.Obj()
	if t.TypeArgs().Len() > 0 {
		args := slices.Collect(t.TypeArgs().Types())
		if name := w.instance(t.Origin().Obj(), args); name != "" {
			return ident(name, w.pos)
		}
		if o.Pkg().Path() == "iter" {
			return w.expr(t.Underlying())
		}
	}
	p := o.Pkg()
	switch {
	case p == nil || p.Path() == mainPath:
		return ident(o.Name(), w.pos)
	case !o.Exported():
		w.unspeakable = true
	}
	return &ast.SelectorExpr{X: w.pkg(p, w.pos), Sel: ident(o.Name(), w.pos)}
}

func (w *typeWriter) signature(t *types.Signature) *ast.FuncType {
	f := &ast.FuncType{Func: w.pos, Params: w.tuple(t.Params(), t.Variadic())}
	if t.Results().Len() > 0 {
		f.Results = w.tuple(t.Results(), false)
	}
	return f
}

func (w *typeWriter) tuple(t *types.Tuple, variadic bool) *ast.FieldList {
	l := &ast.FieldList{Opening: w.pos, Closing: w.pos}
	for i := range t.Len() {
		e := w.expr(t.At(i).Type())
		if a, ok := e.(*ast.ArrayType); ok && variadic && i == t.Len()-1 {
			e = &ast.Ellipsis{Ellipsis: w.pos, Elt: a.Elt}
		}
		l.List = append(l.List, &ast.Field{Type: e})
	}
	return l
}

func (w *typeWriter) structure(t *types.Struct) ast.Expr {
	l := &ast.FieldList{Opening: w.pos, Closing: w.pos}
	for i := range t.NumFields() {
		v := t.Field(i)
		f := &ast.Field{Type: w.expr(v.Type())}
		if !v.Embedded() {
			f.Names = []*ast.Ident{ident(v.Name(), w.pos)}
		}
		if tag := t.Tag(i); tag != "" {
			f.Tag = &ast.BasicLit{ValuePos: w.pos, Kind: token.STRING, Value: strconv.Quote(tag)}
		}
		l.List = append(l.List, f)
	}
	return &ast.StructType{Struct: w.pos, Fields: l}
}

func (w *typeWriter) iface(t *types.Interface) ast.Expr {
	if t.NumMethods() == 0 && t.NumEmbeddeds() == 0 {
		return ident("any", w.pos)
	}
	l := &ast.FieldList{Opening: w.pos, Closing: w.pos}
	for m := range t.ExplicitMethods() {
		l.List = append(l.List, &ast.Field{
			Names: []*ast.Ident{ident(m.Name(), w.pos)}, Type: w.signature(m.Signature()),
		})
	}
	for e := range t.EmbeddedTypes() {
		l.List = append(l.List, &ast.Field{Type: w.expr(e)})
	}
	return &ast.InterfaceType{Interface: w.pos, Methods: l}
}

// pkg returns the name of a compiled package, importing it.
func (r *rewriter) pkg(p *types.Package, pos token.Pos) *ast.Ident {
	name := check.Qualified(p)
	r.imports[p.Path()] = p
	return ident(name, pos)
}

func ident(name string, pos token.Pos) *ast.Ident { return &ast.Ident{Name: name, NamePos: pos} }
