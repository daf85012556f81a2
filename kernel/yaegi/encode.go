package yaegi

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// encoders are the packages that look at values through reflection, where session types have
// neither methods nor embedded fields.
var encoders = []string{"encoding/json", "encoding/xml", "encoding/gob", "text/template", "html/template"}

// encodable refuses arguments that an encoding package would get wrong. It returns the type of the session that
// is one of the arguments, or is in it, when the call gives nothing but an error.
func (l *lowerer) encodable(e *ast.CallExpr) (of types.Type) {
	sel, ok := ast.Unparen(e.Fun).(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	f := l.Info.Uses[sel.Sel]
	if f == nil || f.Pkg() == nil || !slices.Contains(encoders, f.Pkg().Path()) {
		return nil
	}
	for _, a := range e.Args {
		why := l.unlikeGo(l.typeOf(a), map[types.Type]bool{})
		switch n := l.sessionNamed(l.typeOf(a)); {
		case why != "" || n == nil:
		case strings.HasSuffix(f.Pkg().Path(), "/template") && types.NewMethodSet(types.NewPointer(n)).Len() > 0:
			why = "the methods of " + n.Obj().Name() + " are not seen by it; build a map or a struct of plain fields"
		case f.Pkg().Path() == "encoding/xml" && !namesElement(n):
			why = "it does not see the name " + n.Obj().Name() + "; add a field XMLName"
		}
		if why != "" {
			l.refuse(a, "%s.%s cannot take this value in cells: %s", f.Pkg().Name(), f.Name(), why)
		}
		if t := l.typeOf(a); isError(l.typeOf(e)) && (mentionsSession(t) || types.IsInterface(t)) {
			of = t
		}
	}
	return of
}

// encoderError returns the error of an encoding package that was given a value of the type with the number n, with
// the name of the type in it, or refuses when it names others.
func (r *registry) encoderError(err error, n int) error {
	if err == nil {
		return nil
	}
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Struct == "" && wrong.Field != "" {
		r.mu.Lock()
		t := r.types[n]
		r.mu.Unlock()
		if p, ok := types.Unalias(t).(*types.Pointer); ok {
			t = p.Elem()
		}
		named, isNamed := types.Unalias(t).(*types.Named)
		_, isStruct := t.Underlying().(*types.Struct)
		switch {
		case !isStruct || strings.Contains(wrong.Field, "."):
			refuseNow("an error about the field %s of a type of a cell", wrong.Field)
		case isNamed:
			wrong.Struct = named.Obj().Name()
		}
	}
	if text := err.Error(); strings.Contains(text, "lathe:") || strings.Contains(text, "unsafe2.") {
		refuseNow("an error about a type of a cell")
	}
	return err
}

// sessionNamed returns the type of the session that t is, or that it points to, or nil.
func (l *lowerer) sessionNamed(t types.Type) *types.Named {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok && l.ofSession(n) {
		return n
	}
	return nil
}

// namesElement reports whether a struct tells package xml the name of its element.
func namesElement(n *types.Named) bool {
	st, ok := n.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for f := range st.Fields() {
		if f.Name() == "XMLName" {
			return true
		}
	}
	return false
}

// unlikeGo says why encoding values of t would not give what Go gives, or "".
func (l *lowerer) unlikeGo(t types.Type, seen map[types.Type]bool) string {
	if seen[t] {
		return ""
	}
	seen[t] = true
	if n, ok := types.Unalias(t).(*types.Named); ok && l.ofSession(n) && !types.IsInterface(n) {
		for m := range types.NewMethodSet(types.NewPointer(n)).Methods() {
			name := m.Obj().Name()
			if kind, ok := strings.CutPrefix(name, "Un"); ok {
				name = strings.ToUpper(kind[:1]) + kind[1:]
			}
			switch name {
			case "MarshalJSON", "MarshalText", "MarshalXML", "MarshalBinary", "GobEncode", "GobDecode":
				return "the method " + m.Obj().Name() + " of " + n.Obj().Name() +
					" is not seen by it; build a map or a struct of plain fields"
			}
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		if n, ok := types.Unalias(t).(*types.Named); ok && !l.ofSession(n) {
			return ""
		}
		for f := range u.Fields() {
			if f.Embedded() {
				return "the embedded field " + f.Name() + " would become a field of its own; name its fields"
			}
			if why := l.unlikeGo(f.Type(), seen); f.Exported() && why != "" {
				return why
			}
		}
	case *types.Map:
		return l.unlikeGo(u.Elem(), seen)
	case interface{ Elem() types.Type }:
		return l.unlikeGo(u.Elem(), seen)
	}
	return ""
}
