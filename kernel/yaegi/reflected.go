package yaegi

import (
	"go/ast"
	"go/types"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// Reflection sees the types of the session as yaegi makes them: without names and methods, with other names for
// fields. What it says right is let through, the names of types are put right, and all else is refused.

// unseen are methods of reflection that are refused everywhere in cells.
var unseen = map[string]bool{"Method": true, "MethodByName": true, "NumMethod": true, "PkgPath": true, "CanSet": true}

// fieldwise are methods of reflection that are refused for types whose fields differ from those of Go.
var fieldwise = []string{
	"Field", "FieldByName", "FieldByIndex", "FieldByIndexErr", "FieldByNameFunc", "Implements", "AssignableTo",
	"ConvertibleTo", "Fields",
}

// ofReflection returns the method of reflect.Type or reflect.Value that e selects, or nil.
func (l *lowerer) ofReflection(e ast.Expr) *types.Func {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok || l.Info.Selections[sel] == nil {
		return nil
	}
	f, ok := l.Info.Selections[sel].Obj().(*types.Func)
	if !ok || f.Pkg() == nil || f.Pkg().Path() != "reflect" {
		return nil
	}
	return f
}

// ofPackage reports whether t is a named type of the package.
func ofPackage(t types.Type, path string) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == path
}

// reflected lowers the calls of reflection that would tell something else than in Go; it returns nil for others.
func (l *lowerer) reflected(e *ast.CallExpr) ast.Expr {
	pos := e.Pos()
	switch {
	case l.isFunc(e.Fun, "reflect", "TypeOf"), l.isFunc(e.Fun, "reflect", "ValueOf"):
		t := l.typeOf(e.Args[0])
		if name := l.typed(t); name != "" {
			if _, isStruct := structUnder(t); !isStruct {
				l.refuse(e, "reflection on a value of type %s is not supported in cells; a type switch works",
					types.TypeString(t, (*types.Package).Name))
			}
		}
		if types.IsInterface(t) {
			return call(l.expr(e.Fun), call(rt("Bare", pos), l.present(l.expr(e.Args[0]), t, anyType)))
		}
		return nil
	case l.isFunc(e.Fun, "reflect", "VisibleFields"):
		return call(l.expr(e.Fun), call(rt("SeenType", pos), l.expr(e.Args[0]), quoted("VisibleFields", pos)))
	}
	f := l.ofReflection(e.Fun)
	if f == nil {
		return nil
	}
	x := ast.Unparen(e.Fun).(*ast.SelectorExpr).X
	isValue := typeName(l.typeOf(x)) == "Value"
	switch {
	case !isValue && (f.Name() == "Name" || f.Name() == "String"):
		return call(rt("Reflect"+f.Name(), pos), l.expr(x))
	case slices.Contains(fieldwise, f.Name()):
		seen := "SeenType"
		if isValue {
			seen = "SeenValue"
		}
		fun := &ast.SelectorExpr{X: call(rt(seen, pos), l.expr(x), quoted(f.Name(), pos)), Sel: id(f.Name(), pos)}
		return &ast.CallExpr{Fun: fun, Lparen: e.Lparen, Args: l.args(e), Ellipsis: e.Ellipsis, Rparen: e.Rparen}
	}
	return nil
}

// bare returns v for reflection, which cannot be told the type of a value of the session that is no struct.
func bare(v any) any {
	v = unwrap(v)
	if t, ok := v.(Typed); ok {
		refuseNow("reflection on a value of type %s", plain(t.Name))
	}
	return v
}

// ownField is the name of a field that is another one in Go.
var ownField = regexp.MustCompile(`[{;] X[^\p{Lu}]`)

// ofCells reports whether a run-time type is or has in it one that yaegi made in place of a type of Go.
func ofCells(t reflect.Type) bool {
	s := t.String()
	return strings.Contains(s, "lathe:") || ownField.MatchString(s) || strings.Contains(s, "interp.valueInterface")
}

// seenType returns t, whose method of that name is called.
func (r *registry) seenType(t reflect.Type, method string) reflect.Type {
	if t != nil && ofCells(t) {
		refuseNow("reflect's %s for a type of a cell", method)
	}
	return t
}

// seenValue is seenType for a value.
func (r *registry) seenValue(v reflect.Value, method string) reflect.Value {
	if !v.IsValid() {
		return v
	}
	r.mu.Lock()
	st, known := r.named[v.Type()]
	r.mu.Unlock()
	if known && plainFields(st) || !known && !ofCells(v.Type()) {
		return v
	}
	refuseNow("reflect's %s for a type of a cell", method)
	return v
}

// plainFields reports whether all fields of a struct of the session are as in Go for reflection.
func plainFields(t types.Type) bool {
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for f := range st.Fields() {
		if !f.Exported() || f.Embedded() || mentionsSession(f.Type()) {
			return false
		}
	}
	return true
}

// reflectName is the method Name of a type.
func (r *registry) reflectName(t reflect.Type) string {
	r.mu.Lock()
	st, ok := r.named[t]
	r.mu.Unlock()
	if ok {
		_, name, _ := strings.Cut(spelled(st), ".")
		return name
	}
	return r.seenType(t, "Name").Name()
}

// reflectString is the method String of a type.
func (r *registry) reflectString(t reflect.Type) string {
	if !ofCells(t) {
		return t.String()
	}
	s := r.goNames(t.String())
	if strings.Contains(s, "lathe:") || ownField.MatchString(s) || strings.Contains(s, "interp.valueInterface") {
		refuseNow("reflect's String for this type")
	}
	return s
}
