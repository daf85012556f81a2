package check

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// cycle is an initialization cycle as go/types reports it: an error, then one for each step, whose messages
// begin with a tab and which stand at the object that refers to the next.
type cycle struct {
	first types.Error
	steps []types.Error
}

const initializationCycle = "initialization cycle"

// cycles takes the initialization cycles out of errs, where each is followed by its steps, and returns the
// others, with an error for each cycle that is a mistake.
func (c *checker) cycles(errs []types.Error) (out []types.Error) {
	for i := 0; i < len(errs); i++ {
		if !strings.HasPrefix(errs[i].Msg, initializationCycle) {
			if !strings.HasPrefix(errs[i].Msg, "\t") {
				out = append(out, errs[i])
			}
			continue
		}
		y := cycle{first: errs[i]}
		for i+1 < len(errs) && strings.HasPrefix(errs[i+1].Msg, "\t") {
			i++
			y.steps = append(y.steps, errs[i])
		}
		if c.mistaken(y) {
			e := y.error()
			if !c.form.file && slices.ContainsFunc(c.form.vars, func(id *ast.Ident) bool { return id.Pos() == e.Pos }) {
				e.Msg += "; a statement with := sets it in its turn"
			}
			out = append(out, e)
		}
	}
	return out
}

// mistaken reports whether no order of initialization can do without the cycle. Statements run in the order in
// which they stand: a variable set by := may call functions that use it, which see it as it was. So may
// functions of older cells, which use what the name meant before.
func (c *checker) mistaken(y cycle) bool {
	for _, e := range append(y.steps, y.first) {
		if c.fset.Position(e.Pos).Filename != c.form.name || c.form.assigns(e.Pos) {
			return false
		}
	}
	return true
}

// error says what refers to what.
func (y cycle) error() types.Error {
	e := y.first
	for i, s := range y.steps {
		e.Msg += [2]string{": ", ", "}[min(i, 1)] + strings.TrimSpace(s.Msg)
	}
	return e
}

// assigns reports whether a statement of the cell declares by := the variable at pos.
func (f *cellForm) assigns(pos token.Pos) bool {
	for s := range f.defines {
		if a, ok := s.(*ast.AssignStmt); ok {
			for _, e := range a.Lhs {
				if e.Pos() == pos {
					return true
				}
			}
		}
	}
	return false
}

// anonymous finds interfaces without a name that refer to themselves, as in type A interface{ M(interface{ A }) }: the
// compiler refuses them, go/types does not (go.dev/issue/56103).
func anonymous(info *types.Info) []types.Error {
	f := anonymousCycles{}
	var first ast.Expr
	for e, t := range info.Types {
		i, ok := t.Type.(*types.Interface)
		if ok && t.IsType() && (first == nil || e.Pos() < first.Pos()) && f.methods(i) {
			first = e
		}
	}
	if first == nil {
		return nil
	}
	return []types.Error{{
		Pos: first.Pos(), Msg: "invalid recursive type: anonymous interface refers to itself; give it a name",
	}}
}

// anonymousCycles has the interfaces that were visited: true while they are, and for those in a cycle.
type anonymousCycles map[*types.Interface]bool

func (f anonymousCycles) methods(i *types.Interface) bool {
	for m := range i.Methods() {
		if f.visit(m.Type()) {
			return true
		}
	}
	return false
}

func (f anonymousCycles) visit(t types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case interface{ Elem() types.Type }: // pointer, slice, array, channel, map
		m, ok := t.(*types.Map)
		return ok && f.visit(m.Key()) || f.visit(t.Elem())
	case *types.Struct:
		for v := range t.Fields() {
			if f.visit(v.Type()) {
				return true
			}
		}
	case *types.Signature:
		return f.visit(t.Params()) || f.visit(t.Results())
	case *types.Tuple:
		for v := range t.Variables() {
			if f.visit(v.Type()) {
				return true
			}
		}
	case *types.Interface:
		if in, seen := f[t]; seen {
			return in
		}
		f[t] = true
		f[t] = f.methods(t)
		return f[t]
	}
	return false // named types end a cycle
}
