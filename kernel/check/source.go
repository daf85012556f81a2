package check

import (
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Source returns, as the text of one cell, the declaration of the function, type or constant name and of all that it
// needs of the session: functions, types with their methods, constants, and the imports of cells. Variables have
// values that the text cannot give: a declaration that uses one is an error.
func (s *Session) Source(name string) (string, error) {
	x := &sourcer{s: s, done: map[string]bool{}, imports: map[string]string{}}
	if err := x.add(name, ""); err != nil {
		return "", fmt.Errorf("source of %s: %w", name, err)
	}
	slices.SortFunc(x.decls, func(a, b *Decl) int { return int(a.Node.Pos()) - int(b.Node.Pos()) })
	var b strings.Builder
	for _, path := range s.dots {
		fmt.Fprintf(&b, "import . %q\n", path)
	}
	for _, n := range slices.Sorted(maps.Keys(x.imports)) {
		fmt.Fprintf(&b, "import %s %s\n", n, strconv.Quote(x.imports[n]))
	}
	for _, d := range slices.Compact(x.decls) {
		text := d.Text
		if isType(d.Node) && !strings.HasPrefix(text, "type ") { // of a group
			text = "type " + text
		}
		fmt.Fprintf(&b, "\n%s\n", text)
	}
	return b.String(), nil
}

// sourcer collects what a name needs.
type sourcer struct {
	s       *Session
	done    map[string]bool
	decls   []*Decl
	imports map[string]string
}

// add takes the declaration of key, which user mentions.
func (x *sourcer) add(key, user string) error {
	if x.done[key] {
		return nil
	}
	x.done[key] = true
	d := x.s.decls.get(key)
	if d == nil {
		return x.missing(key, user)
	}
	x.decls = append(x.decls, d)
	ast.Inspect(d.Node, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok && x.s.imports[id.Name] != "" {
				x.imports[id.Name] = x.s.imports[id.Name]
			}
		}
		return true
	})
	for _, k := range d.Keys {
		x.done[k] = true
		for _, n := range slices.Sorted(maps.Keys(x.s.uses.get(k))) {
			if err := x.add(n, k); err != nil {
				return err
			}
		}
		if _, isType := x.s.objects.get(k).(*types.TypeName); isType {
			if err := x.methods(k); err != nil {
				return err
			}
		}
	}
	return nil
}

// methods takes the methods of a type.
func (x *sourcer) methods(of string) error {
	for _, key := range slices.Sorted(x.s.decls.names()) {
		if strings.HasPrefix(key, of+".") && x.s.decls.get(key) != nil {
			if err := x.add(key, of); err != nil {
				return err
			}
		}
	}
	return nil
}

// missing says why there is no declaration of key.
func (x *sourcer) missing(key, user string) error {
	if why := x.s.stale.get(key); why != "" {
		return fmt.Errorf("%s", why)
	}
	v, isVar := x.s.objects.get(key).(*types.Var)
	switch {
	case isVar && user == "":
		return fmt.Errorf("%s is a variable (%s); want a function", key, x.s.cells.get(key))
	case isVar:
		return fmt.Errorf("%s uses the variable %s (%s) of type %s, whose value stays here; make it inside, or hand it over", user, key, x.s.cells.get(key), clean(v.Type().String()))
	case user == "":
		return fmt.Errorf("no cell declares it")
	}
	return fmt.Errorf("%s uses %s, which no cell declares", user, key)
}
