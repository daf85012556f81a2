package yaegi

import (
	"go/ast"
	"go/types"
	"slices"
)

// yaegi looks for the methods of a struct in its embedded fields one after the other, each with all that it
// embeds; Go takes the shallowest. Values whose methods it would get wrong are refused as interfaces.

// hides refuses e, of type from, as the interface to when yaegi would find another method than Go.
func (l *lowerer) hides(e ast.Expr, from, to types.Type) {
	iface, ok := to.Underlying().(*types.Interface)
	if !ok || types.IsInterface(from) {
		return
	}
	for m := range iface.Methods() {
		_, want, _ := types.LookupFieldOrMethod(from, true, l.Pkg, m.Name())
		got := l.firstMethod(from, m.Name(), map[types.Type]bool{})
		if len(want) > 1 && len(got) > 0 && !slices.Equal(got, want[:len(want)-1]) {
			l.refuse(e, "the method %s of %s, which hides a deeper one, is not supported in cells in the interface %s; "+
				"a method of its own works", m.Name(), types.TypeString(from, (*types.Package).Name), types.TypeString(to, (*types.Package).Name))
			return
		}
	}
}

// firstMethod returns the embedded fields that lead to the first method of that name, as yaegi looks for it.
func (l *lowerer) firstMethod(t types.Type, name string, seen map[types.Type]bool) []int {
	st, ok := structUnder(t)
	if !ok || seen[t] {
		return nil
	}
	seen[t] = true
	for i := range st.NumFields() {
		f := st.Field(i)
		if !f.Embedded() {
			continue
		}
		if declares(f.Type(), name) {
			return []int{i}
		}
		if path := l.firstMethod(f.Type(), name, seen); path != nil {
			return append([]int{i}, path...)
		}
	}
	return nil
}

// declares reports whether t itself, or what it points to, has a method of that name.
func declares(t types.Type, name string) bool {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	if i, ok := t.Underlying().(*types.Interface); ok {
		for m := range i.Methods() {
			if m.Name() == name {
				return true
			}
		}
	}
	n, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return false
	}
	for m := range n.Methods() {
		if m.Name() == name {
			return true
		}
	}
	return false
}

// unasked returns the package that asks values for the method m, which those of the session do not show to
// compiled code, and what works instead; or "".
func unasked(m *types.Func) (pkg, instead string) {
	in, out := m.Signature().Params(), m.Signature().Results()
	takes := func(path, name string) bool {
		if in.Len() == 0 {
			return false
		}
		n, ok := types.Unalias(in.At(0).Type()).(*types.Named)
		return ok && n.Obj().Name() == name && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == path
	}
	switch name := m.Name(); {
	case name == "GoString" && in.Len() == 0, name == "Format" && takes("fmt", "State"):
		return "fmt", "a method String is"
	case name == "Scan" && takes("fmt", "ScanState"):
		return "fmt", "a function that parses what was scanned works"
	case name == "LogValue" && in.Len() == 0:
		return "log/slog", "calling it in the argument works"
	case name == "As" && in.Len() == 1 && isAny(in.At(0).Type()) && out.Len() == 1:
		return "errors", "a method Unwrap is"
	case name == "Unwrap" && in.Len() == 0 && out.Len() == 1 && types.Identical(out.At(0).Type(), errorList):
		return "errors", "errors.Join works"
	}
	return "", ""
}

var errorList = types.NewSlice(types.Universe.Lookup("error").Type())
