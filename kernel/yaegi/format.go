package yaegi

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

// formats reports whether fun turns its arguments into text.
func (l *lowerer) formats(fun ast.Expr) bool {
	sel, ok := ast.Unparen(fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	f, ok := l.Info.Uses[sel.Sel].(*types.Func)
	return ok && f.Pkg() != nil && (f.Pkg().Path() == "fmt" && !strings.Contains(f.Name(), "can") ||
		f.Pkg().Path() == "log" || strings.HasSuffix(f.Pkg().Path(), "/kernel/display"))
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
	if v == nil || v.Kind() != constant.String || !strings.Contains(constant.StringVal(v), "%T") {
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
		case format[i] == 'T' && arg < len(e.Args):
			t := l.typeOf(e.Args[arg])
			if !types.IsInterface(t) && mentionsSession(t) {
				format[i], named[arg] = 's', true
				name := strconv.Quote(types.TypeString(t, (*types.Package).Name))
				out[arg] = &ast.BasicLit{ValuePos: e.Pos(), Kind: token.STRING, Value: name}
			}
		}
		arg++
	}
	out[at] = &ast.BasicLit{ValuePos: e.Pos(), Kind: token.STRING, Value: strconv.Quote(string(format))}
	return out, named
}
