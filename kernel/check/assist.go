package check

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Candidate is a completion.
type Candidate struct {
	Name   string
	Kind   string // "function", "variable", "type", "constant", "module", "keyword", "field"
	Detail string // its declaration
	rank   int
	obj    types.Object // nil for packages and keywords
}

// cursor is the name put where the cursor is; like older, no cell contains it.
const cursor = "ᐧcursor"

// Completions lists what could stand in code at the byte offset at, and where the replaced text
// begins. It works on cells that were never executed and on those that do not parse yet.
func (s *Session) Completions(code string, at int) (list []Candidate, start int) {
	start = at
	for start > 0 {
		r, n := utf8.DecodeLastRuneInString(code[:start])
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		start -= n
	}
	prefix := code[start:at]
	spot := s.look(code[:start] + cursor + code[at:])
	if spot == nil {
		return nil, start
	}
	low := strings.ToLower(prefix)
	list = spot.candidates(func(name string) bool {
		return len(name) >= len(low) && strings.HasPrefix(strings.ToLower(name), low) &&
			!strings.ContainsAny(name, "ᐧ·") && name != "_"
	})
	slices.SortStableFunc(list, func(a, b Candidate) int {
		exact := func(c Candidate) int {
			if strings.HasPrefix(c.Name, prefix) {
				return 0
			}
			return 1
		}
		return cmp.Or(cmp.Compare(exact(a), exact(b)), cmp.Compare(a.rank, b.rank), strings.Compare(a.Name, b.Name))
	})
	return slices.CompactFunc(list, func(a, b Candidate) bool { return a.Name == b.Name }), start
}

// Describe returns the declaration of the name at a byte offset of code, or "", and what is said of it
// there.
func (s *Session) Describe(code string, at int) (declaration, doc string) {
	isName := func(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
	from, to := at, at
	for from > 0 {
		r, n := utf8.DecodeLastRuneInString(code[:from])
		if !isName(r) {
			break
		}
		from -= n
	}
	for to < len(code) {
		r, n := utf8.DecodeRuneInString(code[to:])
		if !isName(r) {
			break
		}
		to += n
	}
	name := code[from:to]
	if name == "" {
		return "", ""
	}
	spot := s.look(code[:from] + cursor + code[to:])
	if spot == nil {
		return "", ""
	}
	list := spot.candidates(func(n string) bool { return n == name })
	if len(list) == 0 {
		return "", ""
	}
	if list[0].obj == nil {
		return list[0].Detail, ""
	}
	return list[0].Detail, spot.doc(list[0].obj)
}

// spot is the place of the cursor in a checked cell.
type spot struct {
	*checker
	pkg  *types.Package
	info *types.Info
	path []ast.Node // from the outermost node to the identifier
}

// look checks code, which need not parse, as far as it goes and finds the cursor in it.
func (s *Session) look(code string) *spot {
	own := *s
	own.fset = token.NewFileSet()
	syn, _ := parse(own.fset, "cursor", code)
	c := &checker{
		Session: &own, form: form(syn), changed: map[string]bool{}, retyped: map[string]bool{},
		dropped: map[string]string{},
	}
	c.next = c.state.clone()
	_ = c.imports() // an unknown import has no members to offer
	c.declarations()
	pkg, info, _ := c.run(c.plan())
	sp := &spot{checker: c, pkg: pkg, info: info}
	find := func(root ast.Node) {
		var path []ast.Node
		ast.Inspect(root, func(n ast.Node) bool {
			if n == nil {
				path = path[:len(path)-1]
				return true
			}
			path = append(path, n)
			if id, ok := n.(*ast.Ident); ok && id.Name == cursor && sp.path == nil {
				sp.path = slices.Clone(path)
			}
			return true
		})
	}
	for _, d := range syn.decls {
		find(d)
	}
	for _, st := range syn.stmts {
		find(st)
	}
	if sp.path == nil {
		return nil
	}
	return sp
}

// candidates lists everything that could stand at the cursor and whose name is wanted.
func (sp *spot) candidates(wanted func(name string) bool) (list []Candidate) {
	if len(sp.path) > 1 {
		if sel, ok := sp.path[len(sp.path)-2].(*ast.SelectorExpr); ok && sel.Sel == sp.path[len(sp.path)-1] {
			return sp.selected(sel, wanted)
		}
	}
	at := sp.path[len(sp.path)-1].Pos()
	for i, n := range slices.Backward(sp.path) {
		if f, ok := n.(*ast.FuncLit); ok {
			n = f.Type
		} else if f, ok := n.(*ast.FuncDecl); ok {
			n = f.Type
		}
		scope := sp.info.Scopes[n]
		if scope == nil {
			continue
		}
		for _, name := range scope.Names() {
			if o := scope.Lookup(name); o.Pos() < at && wanted(name) {
				list = append(list, sp.candidate(o, len(sp.path)-i))
			}
		}
	}
	for _, o := range sp.session(wanted) {
		list = append(list, sp.candidate(o, 100))
	}
	for _, imports := range []map[string]string{sp.next.imports, sp.opts.Prelude} {
		for name, path := range imports {
			if wanted(name) {
				list = append(list, Candidate{Name: name, Kind: "module", Detail: "package " + path, rank: 150})
			}
		}
	}
	for _, name := range types.Universe.Names() {
		if wanted(name) {
			list = append(list, sp.candidate(types.Universe.Lookup(name), 200))
		}
	}
	for t := token.BREAK; t <= token.VAR; t++ {
		if wanted(t.String()) {
			list = append(list, Candidate{Name: t.String(), Kind: "keyword", Detail: "keyword", rank: 300})
		}
	}
	return list
}

// session lists what the cell declares at its top level, and the names of the session.
func (sp *spot) session(wanted func(name string) bool) (list []types.Object) {
	scope := sp.pkg.Scope()
	for _, name := range scope.Names() {
		if wanted(name) && name != cursor {
			list = append(list, scope.Lookup(name))
		}
	}
	for name, o := range sp.next.objects.all() {
		if _, imported := sp.next.imports[name]; !imported && wanted(name) && scope.Lookup(name) == nil {
			list = append(list, o)
		}
	}
	return list
}

// selected lists the members of x in x.CURSOR whose names are wanted.
func (sp *spot) selected(sel *ast.SelectorExpr, wanted func(name string) bool) (list []Candidate) {
	if id, ok := sel.X.(*ast.Ident); ok {
		if pn, ok := sp.info.Uses[id].(*types.PkgName); ok {
			for _, name := range exported(pn.Imported()) {
				if wanted(name) && (sp.opts.Has == nil || sp.opts.Has(pn.Imported().Path(), name)) {
					list = append(list, sp.candidate(pn.Imported().Scope().Lookup(name), 0))
				}
			}
			return list
		}
	}
	t := sp.info.TypeOf(sel.X)
	if t == nil {
		return nil
	}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(memberNames(t)))) {
		if !wanted(name) {
			continue
		}
		obj, _, _ := types.LookupFieldOrMethod(t, true, sp.pkg, name)
		if obj == nil || !obj.Exported() && obj.Pkg().Path() != mainPath {
			continue
		}
		list = append(list, sp.candidate(obj, 0))
	}
	return list
}

// candidate describes an object.
func (sp *spot) candidate(o types.Object, rank int) Candidate {
	c := Candidate{Name: o.Name(), Kind: "variable", rank: rank, obj: o}
	switch o := o.(type) {
	case *types.Func, *types.Builtin:
		c.Kind = "function"
	case *types.TypeName:
		c.Kind = "type"
	case *types.Const:
		c.Kind = "constant"
	case *types.PkgName:
		c.Kind = "module"
	case *types.Var:
		if o.IsField() {
			c.Kind = "field"
		}
	}
	c.Detail = clean(types.ObjectString(o, sp.names))
	if b, ok := o.(*types.Builtin); ok {
		c.Detail = builtins[b.Name()]
	}
	return c
}

// names writes packages as cells do.
func (sp *spot) names(p *types.Package) string {
	if p.Path() == mainPath {
		return ""
	}
	return p.Name()
}
