package yaegi

import (
	"cmp"
	"go/ast"
	"go/types"
	"slices"
)

// yaegi instantiates generic functions without telling types apart that have the same form at run
// time. That matters where a value of a type parameter becomes an interface, or an interface is
// asserted to one: such functions are refused for type arguments that would get lost.

// erasure is what a generic function or type does with values of its type parameters.
type erasure int

const (
	eraseBare      erasure = 1 << iota // T becomes an interface
	eraseComposite                     // []T, map[K]T, … become an interface
	eraseAssert                        // an interface is asserted to T
)

// erase notes that the function being lowered does something with a value of type t.
func (l *lowerer) erase(t types.Type, what erasure) {
	if l.generic == "" || !hasTypeParam(t) {
		return
	}
	if what == eraseBare && !l.typeParam(t) {
		what = eraseComposite
	}
	l.names.erases[l.generic] |= what
}

// hasTypeParam reports whether t contains a type parameter.
func hasTypeParam(t types.Type) bool {
	found := false
	seen := map[types.Type]bool{}
	var walk func(types.Type)
	walk = func(t types.Type) {
		if t == nil || found || seen[t] {
			return
		}
		seen[t] = true
		switch t := types.Unalias(t).(type) {
		case *types.TypeParam:
			found = true
		case *types.Named:
			for a := range t.TypeArgs().Types() {
				walk(a)
			}
		case *types.Map:
			walk(t.Key())
			walk(t.Elem())
		case interface{ Elem() types.Type }:
			walk(t.Elem())
		case *types.Struct:
			for f := range t.Fields() {
				walk(f.Type())
			}
		case *types.Signature:
			walk(t.Params())
			walk(t.Results())
		case *types.Tuple:
			for v := range t.Variables() {
				walk(v.Type())
			}
		}
	}
	walk(t)
	return found
}

// erased refuses the instances that would lose their types. It runs when everything is lowered.
func (l *lowerer) erased() {
	idents := make([]*ast.Ident, 0, len(l.Info.Instances))
	for x := range l.Info.Instances {
		idents = append(idents, x)
	}
	slices.SortFunc(idents, func(a, b *ast.Ident) int { return cmp.Compare(a.Pos(), b.Pos()) })
	for again := true; again; { // a generic function that calls one that erases does so itself
		again = false
		for _, x := range idents {
			in, outer := l.Info.Instances[x], l.around(x)
			what := l.names.erases[x.Name] &^ l.names.erases[outer]
			if outer != "" && what != 0 && slices.ContainsFunc(slices.Collect(in.TypeArgs.Types()), hasTypeParam) {
				l.names.erases[outer] |= what
				again = true
			}
		}
	}
	for _, x := range idents {
		what := l.names.erases[x.Name]
		obj := l.Info.Uses[x]
		for t := range l.Info.Instances[x].TypeArgs.Types() {
			if n, ok := types.Unalias(t).(*types.Named); ok && n.TypeArgs().Len() > 0 && hasTypeParam(n) {
				l.refuse(x, "%s of a generic type, inside generic code, is not supported in cells; "+
					"a type parameter for the whole argument works", x.Name)
			}
		}
		if what == 0 || obj == nil || !global(obj) {
			continue
		}
		for t := range l.Info.Instances[x].TypeArgs.Types() {
			if !hasTypeParam(t) && l.loses(t, what) {
				l.refuse(x, "%s with the type argument %s is not supported in cells: inside, it becomes an "+
					"interface and loses its type; a function for %s alone works",
					x.Name, types.TypeString(t, (*types.Package).Name), types.TypeString(t, (*types.Package).Name))
				break
			}
		}
	}
}

// loses reports whether a type argument cannot be told from others.
func (l *lowerer) loses(t types.Type, what erasure) bool {
	if what&eraseAssert != 0 && types.IsInterface(t) {
		return true
	}
	if what&(eraseBare|eraseAssert) != 0 && l.typed(t) != "" {
		return true
	}
	if what&eraseComposite != 0 && len(sessionNames(t)) > 0 {
		return true
	}
	_, isStruct := structUnder(t)
	return !isStruct && len(sessionNames(t)) > 0 && what&eraseBare != 0
}

// structUnder returns the struct that t or *t is.
func structUnder(t types.Type) (*types.Struct, bool) {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	return st, ok
}

// sessionNames lists the types of the session in t, which is not looked into where it is named.
func sessionNames(t types.Type) (names []string) {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		if p := t.Obj().Pkg(); p != nil && p.Path() == mainPath {
			names = append(names, t.Obj().Name())
		}
	case *types.Map:
		return append(sessionNames(t.Key()), sessionNames(t.Elem())...)
	case interface{ Elem() types.Type }:
		return sessionNames(t.Elem())
	}
	return names
}

// around returns the name of the generic function, or of the type of the generic method, that
// contains x, or "".
func (l *lowerer) around(x *ast.Ident) string {
	for _, d := range l.Decls {
		f, ok := d.Node.(*ast.FuncDecl)
		if !ok || x.Pos() < f.Pos() || x.Pos() > f.End() {
			continue
		}
		return genericName(l.Info.Defs[f.Name])
	}
	return ""
}

// genericName returns the name of a generic function, or of the type of a generic method, or "".
func genericName(o types.Object) string {
	f, ok := o.(*types.Func)
	switch {
	case !ok:
		return ""
	case f.Signature().TypeParams().Len() > 0:
		return f.Name()
	case f.Signature().RecvTypeParams().Len() > 0:
		return typeName(f.Signature().Recv().Type())
	}
	return ""
}
