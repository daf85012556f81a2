package check

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// plan is what must be checked again together with a cell.
type plan struct {
	decls []*Decl           // older declarations that depend on what the cell changes
	vars  []string          // older variables whose type is declared anew
	kept  map[string]bool   // types declared anew whose representation is unchanged
	stale map[string]string // variables that hold values of a type that is gone, with the reason
}

// plan follows the uses of what the cell changes. Types are declared anew when their methods
// change, too, because go/types cannot take a method away; their values stay valid. A type whose
// own declaration changes makes the variables that hold its values stale.
func (c *checker) plan() *plan {
	p := &plan{kept: map[string]bool{}, stale: map[string]string{}}
	affected := c.affected()
	broken := c.broken()
	seen := map[*Decl]bool{}
	for _, key := range slices.Sorted(maps.Keys(affected)) {
		if c.changed[key] || c.dropped[key] != "" {
			continue
		}
		if d := c.next.decls.get(key); d != nil {
			if !seen[d] && !c.shadowed(d) {
				seen[d] = true
				p.decls = append(p.decls, d)
				if isType(d.Node) && !broken[key] {
					p.kept[key] = true
				}
			}
			continue
		}
		v, ok := c.next.objects.get(key).(*types.Var)
		if !ok {
			continue
		}
		if t := c.brokenType(v, broken); t != "" {
			p.stale[key] = key + " holds a " + t + " as it was before " + c.form.name + "; run " +
				c.next.cells.get(key) + " again to set it"
			continue
		}
		p.vars = append(p.vars, key)
	}
	for k := range c.changed {
		if d := c.next.decls.get(k); d != nil && isType(d.Node) && !broken[k] {
			p.kept[k] = true
		}
	}
	return p
}

// shadowed reports whether the cell redefines one of the names that d declares.
func (c *checker) shadowed(d *Decl) bool {
	return slices.ContainsFunc(d.Keys, func(k string) bool { return c.changed[k] })
}

// affected is the closure of c.changed under use. A type counts as using its methods.
func (c *checker) affected() map[string]bool {
	all := map[string]bool{}
	var visit func(string)
	visit = func(k string) {
		if all[k] {
			return
		}
		all[k] = true
		for u := range c.next.usersOf(k) {
			visit(u)
		}
		if t, _, ok := strings.Cut(k, "."); ok {
			visit(t)
		}
	}
	for k := range c.changed {
		visit(k)
	}
	if !c.request.again {
		return all
	}
	for k, d := range c.next.decls.all() {
		if isFunc(d.Node) || isMethod(d.Node) {
			visit(k)
		}
	}
	return all
}

// broken is the set of types whose values do not survive the cell: those declared differently, and
// those built from them.
func (c *checker) broken() map[string]bool {
	all := map[string]bool{}
	var visit func(string)
	visit = func(k string) {
		if all[k] {
			return
		}
		all[k] = true
		for u := range c.next.usersOf(k) {
			if d := c.next.decls.get(u); d != nil && (isType(d.Node) || isConst(d.Node)) {
				visit(u)
			}
		}
	}
	for k := range c.changed {
		if d := c.next.decls.get(k); d == nil || !isMethod(d.Node) && !isFunc(d.Node) {
			visit(k)
		}
	}
	return all
}

func (c *checker) brokenType(v *types.Var, broken map[string]bool) string {
	for _, t := range slices.Sorted(maps.Keys(mentions(v.Type()))) {
		if broken[t] {
			return t
		}
	}
	return ""
}

func isFunc(d ast.Decl) bool {
	f, ok := d.(*ast.FuncDecl)
	return ok && f.Recv == nil
}

func isMethod(d ast.Decl) bool {
	f, ok := d.(*ast.FuncDecl)
	return ok && f.Recv != nil
}

func isConst(d ast.Decl) bool {
	g, ok := d.(*ast.GenDecl)
	return ok && g.Tok == token.CONST
}

// used returns the session names that a declaration mentions.
func (c *checker) used(info *types.Info, d *Decl) map[string]bool {
	out := map[string]bool{}
	ast.Inspect(d.Node, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if obj := info.Uses[id]; obj != nil && c.sessionLevel(obj) {
				out[obj.Name()] = true
			}
		}
		return true
	})
	for _, k := range d.Keys {
		delete(out, k)
	}
	return out
}

// sessionLevel reports whether obj is declared at the top level of a cell.
func (c *checker) sessionLevel(obj types.Object) bool {
	if obj.Pkg() == nil || obj.Pkg().Path() != mainPath || obj.Parent() == nil {
		return false
	}
	return obj.Parent() == obj.Pkg().Scope()
}

// mentions returns the names of the session's types inside t.
func mentions(t types.Type) map[string]bool {
	out := map[string]bool{}
	seen := map[types.Type]bool{}
	var walk func(types.Type)
	walk = func(t types.Type) {
		if t == nil || seen[t] {
			return
		}
		seen[t] = true
		switch t := t.(type) {
		case *types.Alias:
			walk(t.Rhs())
			name(out, t.Obj())
		case *types.Named:
			name(out, t.Obj())
			for a := range t.TypeArgs().Types() {
				walk(a)
			}
		case *types.Pointer:
			walk(t.Elem())
		case *types.Slice:
			walk(t.Elem())
		case *types.Array:
			walk(t.Elem())
		case *types.Chan:
			walk(t.Elem())
		case *types.Map:
			walk(t.Key())
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
		case *types.Interface:
			for m := range t.Methods() {
				walk(m.Type())
			}
		}
	}
	walk(t)
	return out
}

func name(out map[string]bool, o *types.TypeName) {
	if o.Pkg() != nil && o.Pkg().Path() == mainPath {
		out[o.Name()] = true
	}
}
