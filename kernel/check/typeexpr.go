package check

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
)

// TypeExpr returns syntax for t at pos. Packages are written with their Qualified names. It returns
// nil when t has no spelling outside of its package or function.
func TypeExpr(t types.Type, pos token.Pos) ast.Expr {
	w := typeWriter{pos: pos}
	e := w.expr(t)
	if w.unspeakable {
		return nil
	}
	return e
}

type typeWriter struct {
	pos         token.Pos
	unspeakable bool
}

func (w *typeWriter) expr(t types.Type) ast.Expr {
	switch t := t.(type) {
	case *types.Basic:
		if t.Kind() == types.UnsafePointer || t.Info()&types.IsUntyped != 0 {
			w.unspeakable = true
		}
		return ident(t.Name(), w.pos)
	case *types.Alias:
		return w.named(t.Obj(), t.TypeArgs())
	case *types.Named:
		return w.named(t.Obj(), t.TypeArgs())
	case *types.TypeParam:
		return ident(t.Obj().Name(), w.pos)
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

func (w *typeWriter) named(o *types.TypeName, args *types.TypeList) ast.Expr {
	var e ast.Expr = ident(o.Name(), w.pos)
	if p := o.Pkg(); p != nil {
		if o.Parent() != p.Scope() && o.Parent() != nil {
			w.unspeakable = true // declared inside a function
		}
		if p.Path() != mainPath {
			w.unspeakable = w.unspeakable || !o.Exported()
			e = &ast.SelectorExpr{X: ident(Qualified(p), w.pos), Sel: ident(o.Name(), w.pos)}
		}
	}
	if args.Len() == 0 {
		return e
	}
	var list []ast.Expr
	for a := range args.Types() {
		list = append(list, w.expr(a))
	}
	if len(list) == 1 {
		return &ast.IndexExpr{X: e, Lbrack: w.pos, Index: list[0]}
	}
	return &ast.IndexListExpr{X: e, Lbrack: w.pos, Indices: list}
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
