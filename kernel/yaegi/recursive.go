package yaegi

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// yaegi builds struct types that lead to each other from the one that it meets first, and takes every reference
// back for one to the same type. That is right when all of them lead back to where it began; so the
// interpreter is made to begin there, and types that have no such place are refused.

// recursive makes yaegi build the types of the cell that lead to each other, in a good order.
func (l *lowerer) recursive() {
	done := map[*types.Named]bool{}
	for _, d := range l.Decls {
		g, ok := d.Node.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		spec := g.Specs[0].(*ast.TypeSpec)
		n := l.structNamed(l.Info.TypeOf(spec.Name))
		if n == nil || spec.Assign.IsValid() || done[n] {
			continue
		}
		all := l.circle(n)
		for _, t := range all {
			done[t] = true
		}
		if len(all) == 0 {
			continue
		}
		at := slices.IndexFunc(all, func(t *types.Named) bool { return l.leadsBack(t) && !l.inside(t, all) })
		if at < 0 {
			l.refuse(spec, "%s refer to each other in a way that is not supported in cells; a field of type any works",
				namesOf(all))
			continue
		}
		if f := unmended(all, all[at]); f != nil {
			l.refuse(spec, "the field %s of type %s, which leads back to %s, is not supported in cells; a field of type any works",
				f.Name(), types.TypeString(f.Type(), types.RelativeTo(l.Pkg)), all[at].Obj().Name())
			continue
		}
		l.global(l.temp("build"), l.typeExpr(types.NewPointer(all[at]), spec.Pos()), spec.Pos())
	}
}

func namesOf(list []*types.Named) string {
	var names []string
	for _, t := range list {
		names = append(names, t.Obj().Name())
	}
	return strings.Join(names, ", ")
}

// structNamed returns t when it is a struct type of the session with a name, or nil.
func (l *lowerer) structNamed(t types.Type) *types.Named {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || !l.ofSession(n) {
		return nil
	}
	if _, ok := n.Underlying().(*types.Struct); !ok {
		return nil
	}
	return n
}

// leads lists the structs of the session that the fields of t mention, without an interface between.
func (l *lowerer) leads(t *types.Named) (list []*types.Named) {
	seen := map[types.Type]bool{}
	var walk func(types.Type)
	walk = func(t types.Type) {
		t = types.Unalias(t)
		if t == nil || seen[t] {
			return
		}
		seen[t] = true
		switch t := t.(type) {
		case *types.Named:
			if n := l.structNamed(t); n != nil {
				list = append(list, n)
			} else if l.ofSession(t) {
				walk(t.Underlying())
			}
		case *types.Struct:
			for f := range t.Fields() {
				walk(f.Type())
			}
		case *types.Map:
			walk(t.Key())
			walk(t.Elem())
		case *types.Signature:
			walk(t.Params())
			walk(t.Results())
		case *types.Tuple:
			for v := range t.Variables() {
				walk(v.Type())
			}
		case interface{ Elem() types.Type }:
			walk(t.Elem())
		}
	}
	walk(t.Underlying())
	return list
}

// circle lists the types that t leads to and that lead to t.
func (l *lowerer) circle(t *types.Named) (all []*types.Named) {
	from := l.reached(t)
	for _, n := range from {
		if n == t || slices.Contains(l.reached(n), t) {
			all = append(all, n)
		}
	}
	return all
}

// reached lists the types that t leads to over any number of steps.
func (l *lowerer) reached(t *types.Named) (list []*types.Named) {
	for todo := l.leads(t); len(todo) > 0; todo = todo[1:] {
		if n := todo[0]; !slices.Contains(list, n) {
			list = append(list, n)
			todo = append(todo, l.leads(n)...)
		}
	}
	return list
}

// unmended returns a field of the types in all that leads back to t in a form that yaegi leaves incomplete.
func unmended(all []*types.Named, t *types.Named) *types.Var {
	for _, n := range all {
		for f := range n.Underlying().(*types.Struct).Fields() {
			_, isFunc := f.Type().Underlying().(*types.Signature)
			if !isFunc && !endsIn(f.Type(), t) && reaches(f.Type(), t, map[types.Type]bool{}) {
				return f
			}
		}
	}
	return nil
}

// endsIn reports whether the last type that t spells out is n, or another struct type with a name.
func endsIn(t types.Type, n *types.Named) bool {
	switch u := types.Unalias(t).(type) {
	case *types.Named:
		_, isStruct := u.Underlying().(*types.Struct)
		return isStruct || endsIn(u.Underlying(), n)
	case *types.Signature:
		return u.Results().Len() == 1 && endsIn(u.Results().At(0).Type(), n)
	case interface{ Elem() types.Type }:
		return endsIn(u.Elem(), n)
	}
	return false
}

// inside reports whether one of the types in all has a value of t in it, so that t must be whole before.
func (l *lowerer) inside(t *types.Named, all []*types.Named) bool {
	return slices.ContainsFunc(all, func(n *types.Named) bool { return holds(n.Underlying(), t) })
}

// holds reports whether values of t have one of n in them.
func holds(t types.Type, n *types.Named) bool {
	if types.Unalias(t) == n {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Array:
		return holds(u.Elem(), n)
	case *types.Struct:
		for f := range u.Fields() {
			if holds(f.Type(), n) {
				return true
			}
		}
	}
	return false
}

// leadsBack reports whether no types lead to each other but over t.
func (l *lowerer) leadsBack(t *types.Named) bool {
	good, done := true, map[*types.Named]bool{t: true}
	var visit func(n *types.Named, path []*types.Named)
	visit = func(n *types.Named, path []*types.Named) {
		for _, m := range l.leads(n) {
			if slices.Contains(path, m) {
				good = false
			} else if !done[m] {
				visit(m, append(path, m))
				done[m] = true
			}
		}
	}
	visit(t, nil)
	return good
}
