package yaegi

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/yaegi/mono"
)

// formats reports whether fun turns its arguments into text.
func (l *lowerer) formats(fun ast.Expr) bool {
	sel, ok := ast.Unparen(fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	f, ok := l.Info.Uses[sel.Sel].(*types.Func)
	return ok && f.Pkg() != nil && (f.Pkg().Path() == "fmt" && !strings.Contains(f.Name(), "can") ||
		f.Pkg().Path() == "log" || f.Pkg().Path() == "log/slog" || strings.HasSuffix(f.Pkg().Path(), "/kernel/display"))
}

func isAny(t types.Type) bool {
	i, ok := t.Underlying().(*types.Interface)
	return ok && i.NumMethods() == 0 && i.IsMethodSet()
}

// typeVerbs replaces %T by %s and the name of the type for arguments that show another type at run
// time than in the cell.
func (l *lowerer) typeVerbs(e *ast.CallExpr, sig *types.Signature, out []ast.Expr) ([]ast.Expr, map[int]bool) {
	named := map[int]bool{}
	at := sig.Params().Len() - 2
	if !sig.Variadic() || at < 0 || at >= len(e.Args) || e.Ellipsis.IsValid() {
		return out, named
	}
	v := l.Info.Types[e.Args[at]].Value
	if v == nil || v.Kind() != constant.String || !strings.ContainsAny(constant.StringVal(v), "Tw") {
		return out, named
	}
	format := []byte(constant.StringVal(v))
	arg := at + 1
	for i := 0; i+1 < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		for i++; i < len(format) && strings.IndexByte("+-# 0123456789.", format[i]) >= 0; i++ {
		}
		switch {
		case i >= len(format) || format[i] == '*' || format[i] == '[':
			return out, named
		case format[i] == '%':
			continue
		case format[i] == 'w' && arg < len(e.Args) && l.ofSession(l.typeOf(e.Args[arg])):
			named[arg] = true
			out[arg] = l.convert(e.Args[arg], types.Universe.Lookup("error").Type())
		case format[i] == 'T' && arg < len(e.Args):
			t := l.typeOf(e.Args[arg])
			if types.IsInterface(t) {
				format[i], named[arg] = 's', true
				out[arg] = call(rt("TypeName", e.Pos()), l.toAny(out[arg], t))
			} else if mentionsSession(t) {
				format[i], named[arg] = 's', true
				name := strconv.Quote(spelled(t))
				out[arg] = &ast.BasicLit{ValuePos: e.Pos(), Kind: token.STRING, Value: name}
			}
		}
		arg++
	}
	out[at] = &ast.BasicLit{ValuePos: e.Pos(), Kind: token.STRING, Value: strconv.Quote(string(format))}
	return out, named
}

// spelled writes a type as %T does.
func spelled(t types.Type) string {
	t = types.Unalias(t)
	switch t := t.(type) {
	case *types.Pointer:
		return "*" + spelled(t.Elem())
	case *types.Slice:
		return "[]" + spelled(t.Elem())
	case *types.Array:
		return "[" + strconv.FormatInt(t.Len(), 10) + "]" + spelled(t.Elem())
	case *types.Map:
		return "map[" + spelled(t.Key()) + "]" + spelled(t.Elem())
	case *types.Chan:
		return [...]string{"chan ", "chan<- ", "<-chan "}[t.Dir()] + spelled(t.Elem())
	case *types.Struct:
		if t.NumFields() == 0 {
			return "struct {}"
		}
		var fields []string
		for i := range t.NumFields() {
			f := spelled(t.Field(i).Type())
			if !t.Field(i).Embedded() {
				f = t.Field(i).Name() + " " + f
			}
			if tag := t.Tag(i); tag != "" {
				f += " " + strconv.Quote(tag)
			}
			fields = append(fields, f)
		}
		return "struct { " + strings.Join(fields, "; ") + " }"
	case *types.Signature:
		s := "func(" + spelledList(t.Params(), t.Variadic()) + ")"
		switch r := spelledList(t.Results(), false); t.Results().Len() {
		case 0:
			return s
		case 1:
			return s + " " + r
		default:
			return s + " (" + r + ")"
		}
	case *types.Interface:
		if t.NumMethods() == 0 {
			return "interface {}"
		}
		var methods []string
		for m := range t.Methods() {
			methods = append(methods, m.Name()+strings.TrimPrefix(spelled(m.Signature()), "func"))
		}
		slices.Sort(methods)
		return "interface { " + strings.Join(methods, "; ") + " }"
	case *types.Named:
		if t.TypeArgs().Len() == 0 {
			break
		}
		return qualifiedName(t) + mono.Plain(check.TypeArguments(t, nil))
	}
	return mono.Plain(types.TypeString(t, (*types.Package).Name))
}

func qualifiedName(t *types.Named) string {
	if p := t.Obj().Pkg(); p != nil {
		return p.Name() + "." + mono.Plain(t.Obj().Name())
	}
	return t.Obj().Name()
}

func spelledList(t *types.Tuple, variadic bool) string {
	var list []string
	for i := range t.Len() {
		s := spelled(t.At(i).Type())
		if variadic && i == t.Len()-1 {
			s = "..." + strings.TrimPrefix(s, "[]")
		}
		list = append(list, s)
	}
	return strings.Join(list, ", ")
}
