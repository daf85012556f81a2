// Package export writes the cells of a session as one Go program that go run accepts.
//
//	s := check.New(token.NewFileSet(), lib, check.Options{Prelude: prelude})
//	text, err := export.Program(s, []export.Cell{{"cell 1", "x := 1"}, {"cell 2", "x + 1"}})
//
// Variables of cells become package variables, their statements functions that main calls in order.
// What a cell defines again gets a number; a function or method that is defined again with the same
// signature becomes a variable, so that older code calls the new one, as in the session. The last
// value of a cell is printed. The package runs nothing, and leaves comments out.
package export

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/format"
	"go/printer"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/lathe-ml/lathe/kernel/check"
)

// Cell is an executed cell.
type Cell struct{ Name, Text string }

// Options of a program.
type Options struct {
	// Recover makes a cell that panics print the panic and lets the next one run, as a notebook does.
	Recover bool
}

// exporter collects the program.
type exporter struct {
	opts     Options
	session  *check.Session
	imports  map[string]string // path → name
	current  map[string]string // session name → name in the program
	taken    map[string]bool
	funcs    map[string]*function // by name in the program; methods as T.M
	decls    []*decl              // in order
	cells    []string             // bodies
	versions map[string]*decl     // session key → last emitted
}

// decl is a declaration of the program.
type decl struct {
	key  string
	text string
	node ast.Decl
}

// function is a function or method, with its definitions when there are several.
type function struct {
	sig     string
	node    *ast.FuncDecl
	by      *writer // of the cell of the first definition
	text    string  // the first definition under laterName
	dynamic bool
	first   *decl
}

// Program returns the program of cells. s is an empty session, which it fills.
func Program(s *check.Session, cells []Cell, o Options) ([]byte, error) {
	x := &exporter{
		opts: o, session: s, imports: map[string]string{}, current: map[string]string{}, taken: map[string]bool{},
		funcs: map[string]*function{}, versions: map[string]*decl{},
	}
	for _, c := range cells {
		p, err := s.Check(c.Name, c.Text)
		if err != nil {
			return nil, fmt.Errorf("export: %w", err)
		}
		s.Commit(p)
		if err := x.cell(p); err != nil {
			return nil, fmt.Errorf("export: %s: %w", c.Name, err)
		}
	}
	return x.source()
}

// cell adds a cell.
func (x *exporter) cell(p *check.Program) error {
	older := maps.Clone(x.current)
	kept := map[string]bool{}
	for _, name := range p.Kept {
		kept[name] = true
	}
	for _, v := range p.Vars {
		if v.Fresh || x.current[v.Name] == "" {
			x.current[v.Name] = x.unique(v.Name)
		}
	}
	w := &writer{exporter: x, p: p, older: older}
	var setup []string
	for _, d := range ordered(p.Decls) {
		more, err := w.declare(d, kept)
		if err != nil {
			return err
		}
		setup = append(setup, more...)
	}
	for _, v := range p.Vars {
		if v.Fresh || older[v.Name] == "" {
			t, err := w.typeText(v.Obj.Type())
			if err != nil {
				return fmt.Errorf("%s: %w", v.Name, err)
			}
			x.decls = append(x.decls, &decl{key: v.Name, text: "var " + x.current[v.Name] + " " + t})
		}
	}
	body := slices.Clone(setup)
	for i, s := range p.Body {
		text, err := w.statement(s, i == len(p.Body)-1)
		if err != nil {
			return err
		}
		body = append(body, text)
	}
	if p.Main {
		body = append(body, x.current["main"]+"()")
	}
	x.cells = append(x.cells, strings.Join(body, "\n"))
	return nil
}

// ordered puts types first, so that the names of methods are known, and constants before them.
func ordered(list []*check.Decl) []*check.Decl {
	rank := func(d *check.Decl) int {
		switch n := d.Node.(type) {
		case *ast.GenDecl:
			if n.Tok == token.CONST {
				return 0
			}
			return 1
		case *ast.FuncDecl:
			if n.Recv != nil {
				return 2
			}
		}
		return 3
	}
	return slices.SortedStableFunc(slices.Values(list), func(a, b *check.Decl) int {
		return cmp.Compare(rank(a), rank(b))
	})
}

// unique returns a name that the program does not use yet.
func (x *exporter) unique(name string) string {
	if name == "_" {
		return name
	}
	free := name
	for n := 2; x.taken[free] || free == "main" || free == "init"; n++ {
		free = name + "_" + strconv.Itoa(n)
	}
	x.taken[free] = true
	return free
}

// source prints the program.
func (x *exporter) source() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("package main\n\n")
	if x.opts.Recover {
		x.imports["fmt"] = cmp.Or(x.imports["fmt"], "fmt")
	}
	for _, path := range slices.Sorted(maps.Keys(x.imports)) {
		fmt.Fprintf(&b, "import %s %q\n", x.imports[path], path)
	}
	for _, d := range x.decls {
		if d.text != "" {
			b.WriteString("\n" + d.text + "\n")
		}
	}
	b.WriteString("\nfunc main() {\n")
	for i := range x.cells {
		if x.opts.Recover {
			fmt.Fprintf(&b, "guarded(cell%d)\n", i+1)
		} else {
			fmt.Fprintf(&b, "cell%d()\n", i+1)
		}
	}
	b.WriteString("}\n")
	if x.opts.Recover {
		b.WriteString("\nfunc guarded(f func()) {\ndefer func() {\nif v := recover(); v != nil {\n" +
			x.imports["fmt"] + ".Println(\"panic:\", v)\n}\n}()\nf()\n}\n")
	}
	for i, c := range x.cells {
		fmt.Fprintf(&b, "\nfunc cell%d() {\n%s\n}\n", i+1, c)
	}
	text, err := format.Source(b.Bytes())
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	return useAll(text, x.session)
}

// writer prints parts of one cell.
type writer struct {
	*exporter
	p     *check.Program
	older map[string]string
}

// print returns the text of a node in the names of the program.
func (w *writer) print(n ast.Node) (string, error) {
	undo := w.rename(n)
	defer undo()
	var b strings.Builder
	err := printer.Fprint(&b, w.p.Fset, n)
	return b.String(), err
}

// rename gives the identifiers of a node the names of the program until undo is called.
func (w *writer) rename(n ast.Node) (undo func()) {
	old := map[*ast.Ident]string{}
	ast.Inspect(n, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		if name := w.name(id); name != id.Name {
			old[id] = id.Name
			id.Name = name
		}
		return true
	})
	return func() {
		for id, name := range old {
			id.Name = name
		}
	}
}

// name is the name of an identifier in the program.
func (w *writer) name(id *ast.Ident) string {
	o := w.p.Info.Uses[id]
	if o == nil {
		o = w.p.Info.Defs[id]
	}
	if o == nil || o.Pkg() == nil {
		return id.Name
	}
	if pn, ok := o.(*types.PkgName); ok {
		return w.pkg(pn.Imported())
	}
	if v, ok := o.(*types.Var); ok && v.Embedded() {
		if n, ok := named(v.Type()); ok && n.Obj().Pkg() == o.Pkg() {
			o = n.Obj()
		}
	}
	if o.Pkg().Path() != "main" || o.Parent() == nil || o.Parent() != o.Pkg().Scope() {
		return id.Name
	}
	if name, ok := strings.CutSuffix(o.Name(), check.Older); ok {
		return cmp.Or(w.older[name], name)
	}
	return cmp.Or(w.current[o.Name()], o.Name())
}

func named(t types.Type) (*types.Named, bool) {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := t.(*types.Named)
	return n, ok
}

// pkg returns the name of an imported package, importing it.
func (x *exporter) pkg(p *types.Package) string {
	if name := x.imports[p.Path()]; name != "" {
		return name
	}
	name := x.unique(p.Name())
	x.imports[p.Path()] = name
	return name
}

// typeText spells a type.
func (w *writer) typeText(t types.Type) (string, error) {
	e := check.TypeExpr(t, token.NoPos)
	if e == nil {
		return "", fmt.Errorf("the type %s has no name outside of its package or function", t)
	}
	qualifier := func(p *types.Package) string {
		if p.Path() == "main" {
			return ""
		}
		return w.pkg(p)
	}
	text := types.TypeString(t, qualifier)
	if renamed := w.renamedTypes(t); !renamed {
		return text, nil
	}
	ast.Inspect(e, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			x := sel.X.(*ast.Ident)
			_, path, _ := strings.Cut(x.Name, "·")
			x.Name = w.imports[path]
			return false
		}
		if f, ok := n.(*ast.Field); ok {
			ast.Inspect(f.Type, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					id.Name = cmp.Or(w.current[id.Name], id.Name)
				}
				return true
			})
			return false
		}
		if id, ok := n.(*ast.Ident); ok {
			id.Name = cmp.Or(w.current[id.Name], id.Name)
		}
		return true
	})
	var b strings.Builder
	err := printer.Fprint(&b, token.NewFileSet(), e)
	return b.String(), err
}

// renamedTypes reports whether t mentions a type whose name in the program is another one.
func (w *writer) renamedTypes(t types.Type) bool {
	found := false
	types.TypeString(t, func(p *types.Package) string {
		found = found || p.Path() == "main"
		return ""
	})
	return found
}
