package check

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// drop takes the declarations of older cells that the errors are about out of the plan, with the
// reason. It reports whether there were any.
func (c *checker) drop(p *plan, errs []types.Error) bool {
	found := false
	for _, e := range errs {
		for _, d := range p.decls {
			if e.Pos < d.Node.Pos() || e.Pos > d.Node.End() || c.dropped[d.Keys[0]] != "" {
				continue
			}
			found = true
			for _, k := range d.Keys {
				c.dropped[k] = fmt.Sprintf("%s (%s) no longer compiles since %s: %s",
					k, d.Cell, c.form.name, clean(e.Msg))
			}
		}
	}
	return found
}

// unavailable reports the uses of compiled names that have no run-time value in the kernel.
func (c *checker) unavailable(info *types.Info, _ []*Decl) (errs []types.Error) {
	if c.opts.Has == nil {
		return nil
	}
	for id, obj := range info.Uses {
		p := obj.Pkg()
		if p == nil || p.Path() == mainPath || c.ofModules(p) || obj.Parent() != p.Scope() || p == types.Unsafe {
			continue
		}
		if _, isPkg := obj.(*types.PkgName); isPkg || c.opts.Has(p.Path(), obj.Name()) {
			continue
		}
		why := "cannot be used in cells"
		if generic(obj) {
			why = "is generic compiled code, which cells cannot use"
		}
		errs = append(errs, types.Error{
			Fset: c.fset, Pos: id.Pos(), Msg: fmt.Sprintf("%s.%s %s", p.Name(), obj.Name(), why),
		})
	}
	return errs
}

func generic(obj types.Object) bool {
	switch t := obj.Type().(type) {
	case *types.Signature:
		return t.TypeParams().Len() > 0
	case *types.Named:
		return t.TypeParams().Len() > 0
	}
	iface, ok := obj.Type().Underlying().(*types.Interface)
	return ok && !iface.IsMethodSet()
}

// explain turns the checker's errors into Errors with suggestions, in source order.
func (c *checker) explain(errs []types.Error, pkg *types.Package) error {
	out := c.located(errs)
	for _, e := range out {
		c.suggest(e, pkg)
		e.Msg = c.inCellsWords(e.Msg)
	}
	return out
}

// inCellsWords writes packages as cells do: t.Tensor for a package eager that the prelude calls t.
func (c *checker) inCellsWords(msg string) string {
	for name, importPath := range c.opts.Prelude {
		if base := path.Base(importPath); base != name && c.opts.Prelude[base] == importPath {
			msg = regexp.MustCompile(`\b`+regexp.QuoteMeta(base)+`\.`).ReplaceAllString(msg, name+".")
		}
	}
	return msg
}

func (s *Session) located(errs []types.Error) Errors {
	var out Errors
	for _, e := range errs {
		pos := s.fset.Position(e.Pos)
		x := &Error{Pos: pos, Msg: clean(e.Msg)}
		if !slices.ContainsFunc(out, func(y *Error) bool { return y.Pos == pos && y.Msg == x.Msg }) {
			out = append(out, x)
		}
	}
	slices.SortStableFunc(out, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Column, b.Pos.Column))
	})
	return out
}

var (
	marks     = regexp.MustCompile(`[·ᐧ][\w/.-]*`)
	undefined = regexp.MustCompile(`^undefined: (\w+)$`)
	missing   = regexp.MustCompile(`^undefined: (\w+)\.(\w+)$`)
	packaged  = regexp.MustCompile(`^use of package (\w+) not in selector$`)
	operator  = regexp.MustCompile(`^invalid operation: operator (\S+) not defined on (.+) \(.* of (?:\w+ )?type (.+)\)$`)
	converted = regexp.MustCompile(`^cannot convert (\S+) \(untyped .*\) to type (.+)$`)
	mixed     = regexp.MustCompile(`^invalid operation: .* \(mismatched types (.+) and (.+)\)$`)
	indexed   = regexp.MustCompile(`^(?:invalid operation: )?cannot (?:index|slice) (\S+) \(.* of (?:\w+ )?type (.+)\)$`)
	measured  = regexp.MustCompile(`^invalid argument: (\S+) \(.* of (?:\w+ )?type (.+)\) for built-in len$`)
	ranged    = regexp.MustCompile(`^cannot range over (\S+) \(.* of (?:\w+ )?type ([^)]+)\)`)
	madeBy    = regexp.MustCompile(`^(?:too many|missing) arguments? in conversion to (\w+)\.(\w+)$`)
	valueOf   = regexp.MustCompile(`^cannot use .* as (\w+)\.(\w+) value in argument to \S+$`)
	member    = regexp.MustCompile(`^(.+)\.(\w+) undefined \(type (.+) has no field or method (\w+)(.*)\)$`)
)

// clean removes the marks of virtual names from a message.
func clean(msg string) string {
	if !strings.ContainsAny(msg, "·ᐧ") {
		return strings.ReplaceAll(msg, "main.", "")
	}
	return strings.ReplaceAll(marks.ReplaceAllString(msg, ""), "main.", "")
}

// suggest adds what would work to an error about an unknown name.
func (c *checker) suggest(e *Error, pkg *types.Package) {
	if m := undefined.FindStringSubmatch(e.Msg); m != nil {
		c.suggestName(e, m[1])
		return
	}
	if m := packaged.FindStringSubmatch(e.Msg); m != nil {
		c.suggestFailed(e, m[1])
		return
	}
	if m := missing.FindStringSubmatch(e.Msg); m != nil {
		if c.suggestFailed(e, m[1]) {
			return
		}
		e.Hint = c.peer(c.selected(m[1]+"."+m[2], e.Pos))
		if path := c.importOf(m[1], nil); e.Hint == "" && path != "" {
			if p, err := c.lib.Import(path); err == nil {
				if n := nearest(m[2], exported(p)); n != "" {
					e.Hint = "did you mean " + m[1] + "." + n + "?"
				}
			}
		}
		return
	}
	if hint := cmp.Or(c.method(e.Msg, pkg), c.value(e.Msg, pkg)); hint != "" {
		e.Hint = hint
		return
	}
	if m := member.FindStringSubmatch(e.Msg); m != nil && m[5] == "" {
		if n := nearest(m[4], c.members(m[3], pkg)); n != "" {
			e.Hint = "did you mean " + n + "?"
			return
		}
		e.Hint = c.peer(c.inCellsWords(strings.TrimLeft(m[3], "*") + "." + m[4]))
	}
}

// suggestName is suggest for a name that nothing declares.
func (c *checker) suggestName(e *Error, name string) {
	if why := cmp.Or(c.next.stale.get(name), c.dropped[name]); why != "" {
		e.Msg, e.Hint = name+" is unknown", why
		return
	}
	for _, id := range c.form.vars {
		if id.Name == name {
			e.Hint = fmt.Sprintf("it is declared in line %d", c.fset.Position(id.Pos()).Line)
			return
		}
	}
	if c.suggestFailed(e, name) {
		return
	}
	e.Msg = name + " is unknown"
	e.Hint = cmp.Or(c.peer(c.selected(name, e.Pos)), c.didYouMean(name, e.Pos))
}

// suggestFailed says which cell would declare a name, which stands for nothing or for a package, and reports
// whether there is one.
func (c *checker) suggestFailed(e *Error, name string) bool {
	cell := c.failed[name]
	if cell != "" {
		e.Msg, e.Hint = name+" is unknown", "it is declared in "+cell+", which does not compile"
	}
	return cell != ""
}

// remember keeps the names that a cell, which does not compile, would have declared.
func (s *Session) remember(f *cellForm) {
	if f == nil {
		return
	}
	names := maps.Clone(s.failed)
	if names == nil {
		names = map[string]string{}
	}
	for _, id := range f.vars {
		names[id.Name] = f.name
	}
	for _, d := range f.decls {
		for _, k := range declKeys(d) {
			names[k] = f.name
		}
	}
	s.failed = names
}

func (c *checker) peer(name string) string {
	if c.opts.Peer == nil || name == "" {
		return ""
	}
	return c.opts.Peer(name)
}

// selected returns the whole selection in the line of pos that begins with name: torch.nn.Linear for torch.
func (c *checker) selected(name string, pos token.Position) string {
	longest := name
	look := func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok || c.fset.Position(sel.Pos()).Line != pos.Line {
			return true
		}
		text := types.ExprString(sel)
		if len(text) > len(longest) && strings.HasPrefix(text, name+".") && !strings.Contains(text, "(") {
			longest = text
		}
		return true
	}
	for _, st := range c.form.stmts {
		ast.Inspect(st, look)
	}
	for _, d := range c.form.decls {
		ast.Inspect(d, look)
	}
	return longest
}

// method names the method to use where an operator is not defined on a type that has one for it.
func (c *checker) method(msg string, pkg *types.Package) string {
	has := func(typ string) bool { return slices.Contains(c.members(typ, pkg), "Add") }
	words := map[string]string{
		"+": "Add", "-": "Sub", "*": "Mul", "/": "Div", "<": "Lt", "<=": "Le", ">": "Gt", ">=": "Ge",
	}
	if m := operator.FindStringSubmatch(msg); m != nil && words[m[1]] != "" && has(m[3]) {
		return fmt.Sprintf("use the method: %s.%s(…)", m[2], words[m[1]])
	}
	if m := indexed.FindStringSubmatch(msg); m != nil && has(m[2]) {
		return fmt.Sprintf("use the methods: %s.Index(i), %s.Slice(axis, from, to)", m[1], m[1])
	}
	if m := measured.FindStringSubmatch(msg); m != nil && has(m[2]) {
		return fmt.Sprintf("use the method: %s.Size(0)", m[1])
	}
	if m := ranged.FindStringSubmatch(msg); m != nil && has(m[2]) {
		return fmt.Sprintf("range over %s.Size(0) and take %s.Index(i)", m[1], m[1])
	}
	const all = "use the methods Add, Sub, Mul, Div …, which take numbers too"
	if m := converted.FindStringSubmatch(msg); m != nil && has(m[2]) {
		return all
	}
	if m := mixed.FindStringSubmatch(msg); m != nil && (has(m[1]) || has(m[2])) {
		return all
	}
	return ""
}

// value says how a value of a compiled type is made, where something else was written.
func (c *checker) value(msg string, pkg *types.Package) string {
	if m := madeBy.FindStringSubmatch(msg); m != nil {
		if _, isFunc := c.compiled(m[1], "New"+m[2], pkg).(*types.Func); isFunc {
			return fmt.Sprintf("%s.%s is a type; %s.New%s makes one", m[1], m[2], m[1], m[2])
		}
	}
	m := valueOf.FindStringSubmatch(msg)
	if m == nil {
		return ""
	}
	obj := c.compiled(m[1], m[2], pkg)
	if obj == nil {
		return ""
	}
	st, ok := obj.Type().Underlying().(*types.Struct)
	if !ok {
		return ""
	}
	var fields []string
	for f := range st.Fields() {
		if f.Exported() {
			fields = append(fields, f.Name())
		}
	}
	if len(fields) == 0 {
		return ""
	}
	return fmt.Sprintf("write %s.%s{%s: …}; its fields: %s", m[1], m[2], fields[0], strings.Join(fields, ", "))
}

// compiled returns what a compiled package, by its name, declares as name; nil if nothing.
func (c *checker) compiled(in, name string, pkg *types.Package) types.Object {
	for _, p := range append(pkg.Imports(), c.importsOf(pkg)...) {
		if p.Name() == in {
			if o := p.Scope().Lookup(name); o != nil {
				return o
			}
		}
	}
	return nil
}

func exported(p *types.Package) (names []string) {
	for _, n := range p.Scope().Names() {
		if token.IsExported(n) {
			names = append(names, n)
		}
	}
	return names
}

// didYouMean looks for a similar name among the session's, the cell's, the imports and the builtins.
func (c *checker) didYouMean(name string, _ token.Position) string {
	var names []string
	for _, id := range c.form.vars {
		names = append(names, id.Name)
	}
	for _, d := range c.news {
		names = append(names, d.Keys...)
	}
	names = slices.AppendSeq(names, c.next.objects.names())
	names = slices.AppendSeq(names, maps.Keys(c.next.imports))
	names = slices.AppendSeq(names, maps.Keys(c.opts.Prelude))
	names = append(names, types.Universe.Names()...)
	slices.Sort(names)
	n := nearest(name, names)
	if n == "" {
		return ""
	}
	if cell := c.next.cells.get(n); cell != "" && c.next.objects.get(n) != nil {
		return fmt.Sprintf("did you mean %s (%s)?", n, cell)
	}
	return "did you mean " + n + "?"
}

// members lists fields and methods of the type spelled text, as far as it can be found.
func (c *checker) members(text string, pkg *types.Package) []string {
	name := strings.TrimLeft(text, "*")
	var obj types.Object
	if q, n, ok := strings.Cut(name, "."); ok {
		for _, p := range append(pkg.Imports(), c.importsOf(pkg)...) {
			if p.Name() == q || p.Path() == q || strings.HasSuffix(p.Path(), "/"+q) {
				if o := p.Scope().Lookup(n); o != nil {
					obj = o
				}
			}
		}
	} else if pkg != nil {
		if obj = pkg.Scope().Lookup(name); obj == nil {
			obj = c.next.objects.get(name)
		}
	}
	if obj == nil {
		return nil
	}
	return memberNames(obj.Type())
}

func (c *checker) importsOf(*types.Package) (out []*types.Package) {
	c.lib.mu.Lock()
	defer c.lib.mu.Unlock()
	for path := range c.lib.full {
		out = append(out, c.lib.loaded[path])
	}
	return out
}

// memberNames lists the fields and methods that x.NAME can select for x of type t.
func memberNames(t types.Type) (names []string) {
	set := types.NewMethodSet(t)
	if _, isPtr := t.Underlying().(*types.Pointer); !isPtr && !types.IsInterface(t) {
		set = types.NewMethodSet(types.NewPointer(t))
	}
	for m := range set.Methods() {
		names = append(names, m.Obj().Name())
	}
	u := t.Underlying()
	if p, ok := u.(*types.Pointer); ok {
		u = p.Elem().Underlying()
	}
	if st, ok := u.(*types.Struct); ok {
		for f := range st.Fields() {
			names = append(names, f.Name())
			if f.Embedded() {
				names = append(names, memberNames(f.Type())...)
			}
		}
	}
	return names
}
