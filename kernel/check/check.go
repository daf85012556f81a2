package check

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// checker is one run of Session.Check.
type checker struct {
	*Session
	form    *cellForm
	news    []*Decl         // declarations of the cell
	changed map[string]bool // keys that the cell redefines
	retyped map[string]bool // variables whose type turned out to differ
	dropped map[string]string
	next    state

	request request
	probed  bool // the statements of the cell carry calls of Probes
	// restores has the functions of the cell that carry calls of Probes.
	restores map[ast.Decl]func()
	around   []*Var // variables of the function around the code
}

// Check parses and type-checks a cell under the given name, which must be unique. On success the
// program may be executed and committed; on failure the session is as before and the error is of
// type Errors.
func (s *Session) Check(name, text string) (p *Program, err error) {
	return s.check(name, text, request{})
}

func (s *Session) check(name, text string, r request) (p *Program, err error) {
	defer func() {
		if v := recover(); v != nil {
			p, err = nil, Errors{{
				Pos: token.Position{Filename: name, Line: 1, Column: 1},
				Msg: fmt.Sprintf("the cell cannot be checked: %v", v),
			}}
		}
	}()
	before := s.state
	var f *cellForm
	defer func() {
		if err != nil {
			s.state = before
			s.remember(f)
		}
	}()
	syn, err := parse(s.fset, name, text)
	if err != nil {
		return nil, err
	}
	f = form(syn)
	if len(f.errs) > 0 {
		return nil, s.located(f.errs)
	}
	c := &checker{
		Session: s, form: f, changed: map[string]bool{}, retyped: map[string]bool{},
		dropped: map[string]string{}, request: r, restores: map[ast.Decl]func(){},
	}
	for {
		p, again, err := c.round()
		if err != nil {
			return nil, err
		}
		if again || c.insert(p) {
			continue
		}
		if c.probes != nil {
			c.probes.Checked(p.Info)
		}
		return p, nil
	}
}

// round checks the cell together with what depends on it. It asks for another round when it learned
// something: a variable changed its type, a dependent no longer compiles.
func (c *checker) round() (p *Program, again bool, err error) {
	c.next = c.state.clone()
	if err := c.imports(); err != nil {
		return nil, false, err
	}
	c.declarations()
	plan := c.plan()
	for _, d := range plan.decls {
		c.plainly(d)
	}
	pkg, info, errs := c.run(plan)
	if c.keyed(plan, info, pkg) {
		return nil, true, nil
	}
	if len(errs) > 0 {
		if c.drop(plan, errs) {
			return nil, true, nil
		}
		return nil, false, c.explain(errs, pkg)
	}
	if errs := c.unavailable(info, c.news); len(errs) > 0 {
		return nil, false, c.explain(errs, pkg)
	}
	if c.form.file {
		c.form.inOrder(info)
	}
	p = &Program{
		Name: c.form.name, Fset: c.fset, Pkg: pkg, Info: info, Body: c.form.stmts,
		Result: c.form.result, Silent: c.form.silent, End: c.form.end, Defines: c.form.defines, Kept: map[*types.TypeName]string{},
		Sources: c.modules.order, Locals: c.around,
	}
	if c.variables(p) {
		return nil, true, nil
	}
	c.finish(p, plan)
	return p, false, nil
}

// imports records the imports of the cell in the next state.
func (c *checker) imports() error {
	here := map[string]string{}
	for _, spec := range c.form.syntax.imports {
		path := strings.Trim(spec.Path.Value, "`\"")
		pkg, err := c.Import(path)
		if err != nil {
			return Errors{{Pos: c.fset.Position(spec.Path.Pos()), Msg: err.Error()}}
		}
		name := pkg.Name()
		if spec.Name != nil {
			name = spec.Name.Name
		}
		switch name {
		case "_":
		case ".":
			if !slices.Contains(c.next.dots, path) {
				c.next.dots = append(c.next.dots, path)
			}
		default:
			if other := here[name]; other != "" && other != path {
				return Errors{{Pos: c.fset.Position(spec.Pos()), Msg: fmt.Sprintf(
					"%s redeclared in this block: it is the name of %q, too", name, other)}}
			}
			here[name] = path
			c.next.imports[name] = path
			c.forget(name, "")
		}
	}
	return nil
}

// forget removes a definition from the next state.
func (c *checker) forget(name, why string) {
	c.next.objects.remove(name)
	if d := c.next.decls.get(name); d != nil {
		for _, k := range d.Keys {
			c.next.decls.remove(k)
		}
	}
	if why != "" {
		c.next.stale.set(name, why)
	}
}

// declarations finds out what the cell redefines.
func (c *checker) declarations() {
	c.news = nil
	c.changed = maps.Clone(c.retyped)
	for _, node := range c.form.syntax.decls {
		keys := declKeys(node)
		if len(keys) == 0 {
			continue
		}
		d := &Decl{
			Keys: keys, Node: node, Text: c.source(node), Doc: c.comment(node), Cell: c.form.name,
			restore: c.restores[node],
		}
		if old := c.next.decls.get(keys[0]); old != nil && isType(node) && old.Text == d.Text &&
			c.next.objects.get(keys[0]) != nil && !c.inScope(d) {
			continue // the same type again: its values stay valid
		}
		c.news = append(c.news, d)
		for _, k := range keys {
			c.changed[k] = true
			if !strings.Contains(k, ".") {
				delete(c.next.imports, k)
			}
		}
	}
	for _, id := range c.form.vars {
		delete(c.next.imports, id.Name)
		if _, isVar := c.objects.get(id.Name).(*types.Var); !isVar {
			c.changed[id.Name] = true
		}
	}
}

// inScope reports whether another declaration of the same name stands in the cell, so that the
// checker must see both.
func (c *checker) inScope(d *Decl) bool {
	n := 0
	for _, node := range c.form.syntax.decls {
		for _, k := range declKeys(node) {
			if k == d.Keys[0] {
				n++
			}
		}
	}
	for _, id := range c.form.vars {
		if id.Name == d.Keys[0] {
			n++
		}
	}
	return n > 1
}

func isType(d ast.Decl) bool {
	g, ok := d.(*ast.GenDecl)
	return ok && g.Tok == token.TYPE
}

// source returns the text of a node of the cell.
func (c *checker) source(n ast.Node) string {
	from, to := c.fset.Position(n.Pos()), c.fset.Position(n.End())
	a, b := offset(c.form.text, from), offset(c.form.text, to)
	if b < a { // the end of a declaration that is being typed may lie behind the file
		b = len(c.form.text)
	}
	return c.form.text[a:b]
}

// offset converts line and column, which count bytes from 1, to an index into text.
func offset(text string, pos token.Position) int {
	at := 0
	for line := 1; line < pos.Line; line++ {
		k := strings.IndexByte(text[at:], '\n')
		if k < 0 {
			return len(text)
		}
		at += k + 1
	}
	return max(0, min(at+pos.Column-1, len(text)))
}

// variables fills p.Vars and reports whether a variable has another type than before, which makes
// its users re-checked in another round.
func (c *checker) variables(p *Program) (again bool) {
	for _, id := range c.form.vars {
		obj, ok := p.Info.Defs[id].(*types.Var)
		if !ok {
			continue
		}
		v := &Var{Name: id.Name, Obj: obj, Fresh: true}
		if old, ok := c.objects.get(id.Name).(*types.Var); ok {
			now, _ := p.Pkg.Scope().Lookup(id.Name + Older).(*types.Var)
			v.Fresh = !types.Identical(obj.Type(), old.Type()) &&
				(now == nil || !types.Identical(obj.Type(), now.Type()))
			if v.Fresh && !c.retyped[id.Name] {
				c.retyped[id.Name], again = true, true
			}
		}
		p.Vars = append(p.Vars, v)
	}
	return again
}

// callsMain reports whether the cell calls main itself, so that it is not called once more.
func (c *checker) callsMain() (found bool) {
	for _, s := range c.form.stmts {
		ast.Inspect(s, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				id, isName := call.Fun.(*ast.Ident)
				found = found || isName && id.Name == "main" && len(call.Args) == 0
			}
			return !found
		})
	}
	return found
}

// finish puts everything that the check defined into the next state.
func (c *checker) finish(p *Program, plan *plan) {
	for _, d := range slices.Concat(plan.decls, c.news) {
		p.Decls = append(p.Decls, d)
		for _, k := range d.Keys {
			c.next.decls.set(k, d)
			c.next.setUses(k, c.used(p.Info, d))
			if obj := p.Pkg.Scope().Lookup(k); obj != nil {
				c.next.objects.set(k, obj)
				c.next.stale.remove(k)
			}
			if k == "main" && d.Cell == c.form.name && !c.callsMain() {
				p.Main = true
			}
		}
		d.qualify(p.Info)
	}
	for _, d := range c.news {
		for _, k := range d.Keys {
			c.next.cells.set(k, c.form.name)
		}
	}
	for _, name := range plan.vars {
		if obj := p.Pkg.Scope().Lookup(name); obj != nil {
			c.next.objects.set(name, obj)
			c.next.setUses(name, mentions(obj.Type()))
		}
	}
	for _, v := range p.Vars {
		if d := c.next.decls.get(v.Name); d != nil {
			c.forget(v.Name, "")
		}
		c.next.objects.set(v.Name, v.Obj)
		c.next.setUses(v.Name, mentions(v.Obj.Type()))
		c.next.cells.set(v.Name, c.form.name)
		c.next.stale.remove(v.Name)
	}
	for name := range plan.kept {
		if obj, ok := p.Pkg.Scope().Lookup(name).(*types.TypeName); ok {
			p.Kept[obj] = name
		}
	}
	for _, name := range slices.Sorted(maps.Keys(plan.stale)) {
		c.forget(name, plan.stale[name])
		p.Stale = append(p.Stale, plan.stale[name])
	}
	for _, name := range slices.Sorted(maps.Keys(c.dropped)) {
		if c.changed[name] {
			continue
		}
		c.forget(name, c.dropped[name])
		p.Stale = append(p.Stale, c.dropped[name])
	}
	c.next.objects.remove("_")
	c.next.decls.remove("init")
	c.next.decls.remove("_")
	p.next = c.next
}
