package yaegi

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strconv"
	"strings"

	"github.com/lathe-ml/lathe/kernel/check"
)

// expr lowers an expression.
func (l *lowerer) expr(e ast.Expr) ast.Expr {
	if e == nil {
		return nil
	}
	if c := l.constant(e); c != nil {
		return c
	}
	switch e := e.(type) {
	case *ast.Ident:
		return l.ident(e)
	case *ast.BasicLit:
		c := *e
		return &c
	case *ast.ParenExpr:
		return &ast.ParenExpr{Lparen: e.Lparen, X: l.expr(e.X), Rparen: e.Rparen}
	case *ast.SelectorExpr:
		return l.selector(e)
	case *ast.CallExpr:
		return l.call(e)
	case *ast.FuncLit:
		return l.funcLit(e)
	case *ast.CompositeLit:
		return l.composite(e)
	case *ast.KeyValueExpr:
		return &ast.KeyValueExpr{Key: l.expr(e.Key), Colon: e.Colon, Value: l.expr(e.Value)}
	case *ast.UnaryExpr:
		if r := l.received(e); r != nil {
			return r
		}
		return &ast.UnaryExpr{OpPos: e.OpPos, Op: e.Op, X: l.expr(e.X)}
	case *ast.BinaryExpr:
		if c := l.comparison(e); c != nil {
			return c
		}
		if c := l.nilFunc(e); c != nil {
			return c
		}
		y := l.expr(e.Y)
		if e.Op == token.SHL || e.Op == token.SHR {
			y = l.shiftCount(e.Y, y)
		}
		x := l.expr(e.X)
		if b, ok := l.typeOf(e.X).Underlying().(*types.Basic); ok && b.Info()&types.IsString != 0 {
			x, y = l.pointed(e.X, x, l.typeOf(e.X)), l.pointed(e.Y, y, l.typeOf(e.Y))
		}
		return &ast.BinaryExpr{X: x, OpPos: e.OpPos, Op: e.Op, Y: y}
	case *ast.StarExpr:
		return &ast.StarExpr{Star: e.Star, X: l.expr(e.X)}
	case *ast.IndexExpr:
		return &ast.IndexExpr{
			X: l.expr(e.X), Lbrack: e.Lbrack, Index: l.key(e.Index, l.mapKey(e.X)), Rbrack: e.Rbrack,
		}
	case *ast.IndexListExpr:
		return &ast.IndexListExpr{X: l.expr(e.X), Lbrack: e.Lbrack, Indices: l.exprs(e.Indices), Rbrack: e.Rbrack}
	case *ast.SliceExpr:
		return &ast.SliceExpr{
			X: l.expr(e.X), Lbrack: e.Lbrack, Low: l.expr(e.Low), High: l.expr(e.High), Max: l.expr(e.Max),
			Slice3: e.Slice3, Rbrack: e.Rbrack,
		}
	case *ast.TypeAssertExpr:
		return l.assertion(e)
	}
	return l.typeSyntax(e)
}

// mapKey returns the type of the keys of a map, or nil for other operands.
func (l *lowerer) mapKey(e ast.Expr) types.Type {
	if m, ok := l.typeOf(e).Underlying().(*types.Map); ok {
		return m.Key()
	}
	return nil
}

// key lowers the key of a map whose keys are of type to.
func (l *lowerer) key(e ast.Expr, to types.Type) ast.Expr {
	if to != nil && l.holdsOwnInterface(to) {
		l.refuse(e, "a map with keys of the interface type %s is not supported in cells; a map with keys of type any works",
			types.TypeString(to, (*types.Package).Name))
	}
	if from := l.typeOf(e); to != nil && l.compiledInterface(to) && l.ofSession(from) && !types.IsInterface(from) {
		l.refuse(e, "a %s as a key of type %s is not supported in cells; a map with keys of type %s works",
			typeName(from), types.TypeString(to, (*types.Package).Name), typeName(from))
	}
	low, from := l.convert(e, to), l.typeOf(e)
	if to != nil && isAny(to) && (isAny(from) || l.ofSession(from) && types.Implements(from, errorInterface)) {
		return call(rt("Key", e.Pos()), low)
	}
	return low
}

var errorInterface = types.Universe.Lookup("error").Type().Underlying().(*types.Interface)

// shiftCount checks the lowered count y of a shift: yaegi shifts by a negative one without a panic.
func (l *lowerer) shiftCount(e, y ast.Expr) ast.Expr {
	b, ok := l.typeOf(e).Underlying().(*types.Basic)
	if !ok || b.Info()&types.IsUnsigned != 0 || l.Info.Types[e].Value != nil {
		return y
	}
	return call(rt("ShiftCount", e.Pos()), call(id("int64", e.Pos()), y))
}

// comparison lowers == and != between compiled interfaces, or one and a session type: the wrappers
// of equal values are not equal.
func (l *lowerer) comparison(e *ast.BinaryExpr) ast.Expr {
	if e.Op != token.EQL && e.Op != token.NEQ || l.Info.Types[e.X].IsNil() || l.Info.Types[e.Y].IsNil() {
		return nil
	}
	x, y := l.typeOf(e.X), l.typeOf(e.Y)
	if !types.IsInterface(x) && !types.IsInterface(y) {
		if !holdsInterface(x) {
			return nil
		}
		c := l.compared(l.expr(e.X), l.expr(e.Y), x)
		if e.Op == token.NEQ {
			c = &ast.UnaryExpr{OpPos: e.OpPos, Op: token.NOT, X: c}
		}
		return c
	}
	operand := func(e ast.Expr, t types.Type) ast.Expr {
		if types.IsInterface(t) {
			return l.toAny(l.expr(e), t)
		}
		return l.box(l.expr(e), t)
	}
	var c ast.Expr = call(rt("Equal", e.OpPos), operand(e.X, x), operand(e.Y, y))
	if e.Op == token.NEQ {
		c = &ast.UnaryExpr{OpPos: e.OpPos, Op: token.NOT, X: c}
	}
	return c
}

// typeSyntax lowers the syntax of a type.
func (l *lowerer) typeSyntax(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.ArrayType:
		n := l.expr(e.Len)
		if _, open := e.Len.(*ast.Ellipsis); open {
			n = &ast.Ellipsis{Ellipsis: e.Len.Pos()}
		} else if a, ok := l.typeOf(e).(*types.Array); ok {
			n = intLit(int(a.Len()), e.Len.Pos()) // which may be the constant 5.0
		}
		return &ast.ArrayType{Lbrack: e.Lbrack, Len: n, Elt: l.expr(e.Elt)}
	case *ast.MapType:
		return &ast.MapType{Map: e.Map, Key: l.expr(e.Key), Value: l.expr(e.Value)}
	case *ast.ChanType:
		return &ast.ChanType{Begin: e.Begin, Arrow: e.Arrow, Dir: e.Dir, Value: l.expr(e.Value)}
	case *ast.FuncType:
		return l.funcType(e)
	case *ast.StructType:
		return &ast.StructType{Struct: e.Struct, Fields: l.fields(e.Fields)}
	case *ast.InterfaceType:
		return &ast.InterfaceType{Interface: e.Interface, Methods: l.fields(e.Methods)}
	case *ast.Ellipsis:
		return &ast.Ellipsis{Ellipsis: e.Ellipsis, Elt: l.expr(e.Elt)}
	}
	l.refuse(e, "%T is not supported in cells", e)
	return e
}

func (l *lowerer) exprs(list []ast.Expr) []ast.Expr {
	out := make([]ast.Expr, len(list))
	for i, e := range list {
		out[i] = l.expr(e)
	}
	return out
}

func (l *lowerer) funcType(t *ast.FuncType) *ast.FuncType {
	params := l.fields(t.Params)
	if params == nil {
		params = &ast.FieldList{}
	}
	return &ast.FuncType{Func: t.Func, Params: params, Results: l.fields(t.Results)}
}

// signature lowers the type of a function that has a body. Every parameter gets a name: yaegi puts
// the arguments of others where the function keeps its temporaries.
func (l *lowerer) signature(t *ast.FuncType) *ast.FuncType {
	ft := l.funcType(t)
	for _, f := range ft.Params.List {
		if len(f.Names) == 0 {
			f.Names = []*ast.Ident{id("_", f.Pos())}
		}
		for _, n := range f.Names {
			if n.Name == "_" {
				n.Name = l.temp("unused")
			}
		}
	}
	return ft
}

func (l *lowerer) fields(f *ast.FieldList) *ast.FieldList {
	if f == nil {
		return nil
	}
	out := &ast.FieldList{Opening: f.Opening, Closing: f.Closing}
	for _, x := range f.List {
		n := &ast.Field{Type: l.expr(x.Type), Tag: x.Tag}
		for _, name := range x.Names {
			n.Names = append(n.Names, id(name.Name, name.Pos()))
		}
		out.List = append(out.List, n)
	}
	return out
}

// ident lowers a name: those of the session become the names of their live definition.
func (l *lowerer) ident(e *ast.Ident) ast.Expr {
	obj := l.Info.Uses[e]
	if obj == nil {
		obj = l.Info.Defs[e]
	}
	switch obj := obj.(type) {
	case nil:
		return id(e.Name, e.Pos())
	case *types.PkgName:
		return id(l.pkg(obj.Imported()), e.Pos())
	case *types.Nil:
		return id("nil", e.Pos())
	}
	if name, ok := l.rename[obj]; ok {
		return id(name, e.Pos())
	}
	if !global(obj) {
		if p := obj.Pkg(); p != nil && p.Path() != mainPath && obj.Parent() == p.Scope() { // dot import
			return &ast.SelectorExpr{X: id(l.pkg(p), e.Pos()), Sel: id(e.Name, e.Pos())}
		}
		return id(e.Name, e.Pos())
	}
	// yaegi has no place for the function itself where one of a function type is wanted.
	if f, ok := obj.(*types.Func); ok && (l.lits > 0 || l.callee != e || takesFloats(f.Signature())) {
		return id(l.indirectTo(f.Name(), f.Signature(), e.Pos()), e.Pos())
	}
	name, ok := l.names.current[obj.Name()]
	if !ok {
		name = e.Name
	}
	return id(name, e.Pos())
}

// global reports whether obj is declared at the top level of a cell.
func global(obj types.Object) bool {
	p := obj.Pkg()
	return p != nil && p.Path() == mainPath && obj.Parent() != nil && obj.Parent() == p.Scope()
}

// typeExpr returns lowered syntax for a type, or nil when it has none.
func (l *lowerer) typeExpr(t types.Type, pos token.Pos) ast.Expr {
	e := check.TypeExpr(t, pos)
	if e == nil {
		return nil
	}
	l.localize(e)
	return e
}

// localize replaces the names of session types by those of the interpreter and imports packages.
func (l *lowerer) localize(e ast.Expr) {
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok {
				_, path, _ := strings.Cut(x.Name, "·")
				l.imports[path] = x.Name
			}
			return false
		case *ast.Field:
			l.localize(n.Type)
			return false
		case *ast.Ident:
			if name, ok := l.names.current[n.Name]; ok && l.sessionType(n.Name) {
				n.Name = name
			}
		}
		return true
	})
}

// sessionType reports whether a name stands for a type of the session.
func (l *lowerer) sessionType(name string) bool {
	_, ok := l.Pkg.Scope().Lookup(name).(*types.TypeName)
	return ok
}

// constant returns the literal of a constant expression, or nil when e is none or is a literal that
// can stay.
func (l *lowerer) constant(e ast.Expr) ast.Expr {
	tv, ok := l.Info.Types[e]
	if !ok || tv.Value == nil || tv.IsType() {
		return nil
	}
	b, ok := tv.Type.Underlying().(*types.Basic)
	if !ok {
		return nil
	}
	lit := literal(tv.Value, b, e.Pos())
	if lit == nil {
		return nil
	}
	if lit, basic := lit.(*ast.BasicLit); basic {
		if own, ok := e.(*ast.BasicLit); ok && own.Kind == lit.Kind {
			lit.Value = own.Value
		}
	}
	if _, basic := tv.Type.(*types.Basic); basic {
		switch b.Kind() {
		case types.Int, types.Float64, types.String, types.Bool, types.Complex128,
			types.UntypedInt, types.UntypedFloat, types.UntypedString, types.UntypedBool, types.UntypedComplex:
			return lit
		}
		if own, ok := e.(*ast.BasicLit); ok && own.Kind != token.CHAR && b.Info()&types.IsUnsigned == 0 {
			return lit
		}
	}
	if b.Kind() == types.UntypedRune {
		return call(id("rune", e.Pos()), lit)
	}
	t := l.typeExpr(tv.Type, e.Pos())
	if t == nil {
		return nil
	}
	return call(t, lit)
}

// literal writes a constant as an untyped literal of the kind of b.
func literal(v constant.Value, b *types.Basic, pos token.Pos) ast.Expr {
	switch info := b.Info(); {
	case info&types.IsBoolean != 0:
		return id(strconv.FormatBool(constant.BoolVal(v)), pos)
	case info&types.IsString != 0:
		return &ast.BasicLit{ValuePos: pos, Kind: token.STRING, Value: strconv.Quote(constant.StringVal(v))}
	case info&types.IsInteger != 0:
		if v = constant.ToInt(v); v.Kind() != constant.Int {
			return nil
		}
		return signed(v, token.INT, v.ExactString(), pos)
	case info&types.IsFloat != 0:
		return float(constant.ToFloat(v), pos)
	case info&types.IsComplex != 0:
		c := constant.ToComplex(v)
		f := "Complex"
		if b.Kind() == types.Complex64 {
			f = "Complex64"
		}
		return call(rt(f, pos), float(constant.Real(c), pos), float(constant.Imag(c), pos))
	}
	return nil
}

func float(v constant.Value, pos token.Pos) ast.Expr {
	f, _ := constant.Float64Val(v)
	s := strconv.FormatFloat(f, 'g', -1, 64)
	if !strings.ContainsAny(s, ".en") {
		s += ".0"
	}
	if strings.ContainsAny(s, "nI") {
		return nil
	}
	return signed(v, token.FLOAT, s, pos)
}

func signed(v constant.Value, kind token.Token, s string, pos token.Pos) ast.Expr {
	abs, neg := strings.CutPrefix(s, "-")
	var e ast.Expr = &ast.BasicLit{ValuePos: pos, Kind: kind, Value: abs}
	if neg {
		e = &ast.ParenExpr{Lparen: pos, X: &ast.UnaryExpr{OpPos: pos, Op: token.SUB, X: e}, Rparen: pos}
	}
	return e
}

// composite lowers a literal. Field names stay as they are.
func (l *lowerer) composite(e *ast.CompositeLit) ast.Expr {
	out := &ast.CompositeLit{Lbrace: e.Lbrace, Rbrace: e.Rbrace}
	if e.Type != nil {
		out.Type = l.expr(e.Type)
	}
	t := l.Info.Types[e].Type
	if a, ok := out.Type.(*ast.ArrayType); ok {
		if _, open := a.Len.(*ast.Ellipsis); open { // yaegi counts the elements after the last index
			a.Len = intLit(int(t.Underlying().(*types.Array).Len()), a.Len.Pos())
		}
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	for i, x := range e.Elts {
		out.Elts = append(out.Elts, l.element(x, i, t.Underlying()))
	}
	return out
}

// element lowers an element of a literal whose underlying type is t.
func (l *lowerer) element(x ast.Expr, i int, t types.Type) ast.Expr {
	kv, keyed := x.(*ast.KeyValueExpr)
	if st, ok := t.(*types.Struct); ok {
		if !keyed {
			return l.convert(x, st.Field(i).Type())
		}
		key := kv.Key.(*ast.Ident)
		f, _ := l.Info.Uses[key].(*types.Var)
		var ft types.Type
		if f != nil {
			ft = f.Type()
		}
		return &ast.KeyValueExpr{Key: id(key.Name, key.Pos()), Colon: kv.Colon, Value: l.convert(kv.Value, ft)}
	}
	var elem, key types.Type
	switch t := t.(type) {
	case *types.Slice:
		elem = t.Elem()
	case *types.Array:
		elem = t.Elem()
	case *types.Map:
		elem, key = t.Elem(), t.Key()
	}
	if keyed {
		value := l.convert(kv.Value, elem)
		if key != nil {
			value = l.pointed(kv.Value, value, elem)
		}
		return &ast.KeyValueExpr{Key: l.key(kv.Key, key), Colon: kv.Colon, Value: value}
	}
	return l.convert(x, elem)
}

func (l *lowerer) funcLit(e *ast.FuncLit) ast.Expr {
	sig := l.Info.Types[e].Type.(*types.Signature)
	l.lits++
	within := l.within
	l.within = literalName(within)
	defer func() { l.lits, l.within = l.lits-1, within }()
	return &ast.FuncLit{Type: l.signature(e.Type), Body: l.body(e.Body, sig)}
}
