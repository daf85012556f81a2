package check

import (
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// mainPath is the import path of the package that all cells form.
const mainPath = "main"

// run type-checks the cell and the plan in a fresh package that sees what they mention of the session.
func (c *checker) run(p *plan) (*types.Package, *types.Info, []types.Error) {
	pkg := types.NewPackage(mainPath, mainPath)
	declared := map[string]bool{}
	for _, d := range slices.Concat(p.decls, c.news) {
		for _, k := range d.Keys {
			declared[k] = true
		}
	}
	for _, name := range p.vars {
		declared[name] = true
	}
	for _, id := range c.form.vars {
		declared[id.Name] = true
	}
	for _, o := range c.request.names {
		declared[o.Name()] = true
	}
	files := c.files(p, declared)
	for name := range mentioned(files) {
		c.know(pkg, p, name, declared[name])
	}
	c.locals(pkg)
	info := newInfo()
	var errs []types.Error
	conf := types.Config{
		Importer: c.Session, DisableUnusedImportCheck: true, Sizes: types.SizesFor("gc", "amd64"),
		Error: func(err error) {
			if e, ok := err.(types.Error); ok && !c.harmless(e) {
				errs = append(errs, e)
			}
		},
	}
	chk := types.NewChecker(&conf, c.fset, pkg, info)
	_ = chk.Files(files) // the errors came through conf.Error
	if errs = c.cycles(errs); len(errs) == 0 {
		errs = anonymous(info)
	}
	return pkg, info, errs
}

// know puts what a name means in the session into the scope of pkg. Only names that the files
// mention get there: a session has thousands.
func (c *checker) know(pkg *types.Package, p *plan, name string, declared bool) {
	base, older := strings.CutSuffix(name, Older)
	obj := c.next.objects.get(base)
	if _, imported := c.next.imports[base]; obj == nil || imported || p.stale[base] != "" {
		return
	}
	if older {
		if v, ok := obj.(*types.Var); ok && !slices.Contains(p.vars, base) {
			pkg.Scope().Insert(types.NewVar(v.Pos(), pkg, name, v.Type()))
		}
		return
	}
	if !declared && c.dropped[name] == "" {
		pkg.Scope().Insert(obj)
	}
}

// mentioned returns every name in the files.
func mentioned(files []*ast.File) map[string]bool {
	names := map[string]bool{}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				names[id.Name] = true
			}
			return true
		})
	}
	return names
}

// keyed writes the field names into struct literals without them when the struct comes from another
// cell and has unexported fields: for go/types such a literal stands in another package. It reports
// whether there were any.
func (c *checker) keyed(p *plan, info *types.Info, pkg *types.Package) (found bool) {
	visit := func(n ast.Node) bool {
		lit, ok := n.(*ast.CompositeLit)
		if !ok || len(lit.Elts) == 0 || info.TypeOf(lit) == nil {
			return true
		}
		t := types.Unalias(info.TypeOf(lit))
		if ptr, ok := t.Underlying().(*types.Pointer); ok {
			t = ptr.Elem()
		}
		st, ok := t.Underlying().(*types.Struct)
		if _, done := lit.Elts[0].(*ast.KeyValueExpr); !ok || done || len(lit.Elts) != st.NumFields() {
			return true
		}
		foreign := false
		for f := range st.Fields() {
			foreign = foreign || !f.Exported() && f.Pkg() != pkg && f.Pkg().Path() == mainPath
		}
		for i := 0; foreign && i < len(lit.Elts); i++ {
			pos := lit.Elts[i].Pos()
			lit.Elts[i] = &ast.KeyValueExpr{Key: ident(st.Field(i).Name(), pos), Colon: pos, Value: lit.Elts[i]}
		}
		found = found || foreign
		return true
	}
	for _, d := range slices.Concat(p.decls, c.news) {
		ast.Inspect(d.Node, visit)
	}
	for _, s := range c.form.stmts {
		ast.Inspect(s, visit)
	}
	return found
}

// softInCells are the messages of go/types that cells report as warnings or not at all. Others that it calls soft,
// such as a range over a struct or a type argument outside its constraint, leave a program that cannot run.
var softInCells = regexp.MustCompile(`declared and not used|imported (as \S+ )?and not used$`)

// harmless reports whether an error of the compiler is none in a notebook: unused variables and
// imports, and the value at the end of a cell.
func (c *checker) harmless(e types.Error) bool {
	if e.Soft && softInCells.MatchString(e.Msg) {
		return true
	}
	return c.form.result != nil && e.Pos == c.form.result.Pos() && strings.Contains(e.Msg, "is not used")
}

// files builds the virtual files of a check: the cell, the variables that are declared anew, and
// one file for each older declaration, because each has its own imports.
func (c *checker) files(p *plan, declared map[string]bool) []*ast.File {
	body := &ast.FuncDecl{
		Name: ident("_", c.form.end), Type: &ast.FuncType{Func: c.form.end, Params: &ast.FieldList{}},
		Body: &ast.BlockStmt{Lbrace: c.form.end, List: c.form.body, Rbrace: c.form.end},
	}
	decls := slices.Clone(c.form.specs)
	for _, d := range c.news {
		decls = append(decls, d.Node)
	}
	files := []*ast.File{c.file(append(decls, body), declared)}
	for _, d := range p.decls {
		files = append(files, c.file([]ast.Decl{d.Node}, declared))
	}
	var vars []ast.Decl
	for _, name := range p.vars {
		t := TypeExpr(c.next.objects.get(name).Type(), c.form.end)
		names := []*ast.Ident{ident(name, c.form.end)}
		if c.form.olds[name] {
			names = append(names, ident(name+Older, c.form.end))
		}
		if slices.ContainsFunc(c.form.vars, func(id *ast.Ident) bool { return id.Name == name }) {
			names = names[1:] // the cell declares it itself
		}
		if len(names) > 0 {
			vars = append(vars, varDecl(c.form.end, &ast.ValueSpec{Names: names, Type: t}))
		}
	}
	if len(vars) > 0 {
		files = append(files, c.file(vars, declared))
	}
	return files
}

// file wraps declarations with the imports that they use.
func (c *checker) file(decls []ast.Decl, declared map[string]bool) *ast.File {
	f := &ast.File{Name: ident(mainPath, c.form.end), Package: c.form.end}
	seen := map[string]bool{}
	add := func(name, path string) {
		if seen[name] {
			return
		}
		seen[name] = true
		f.Imports = append(f.Imports, &ast.ImportSpec{
			Name: ident(name, c.form.end),
			Path: &ast.BasicLit{ValuePos: c.form.end, Kind: token.STRING, Value: strconv.Quote(path)},
		})
	}
	for _, d := range decls {
		ast.Inspect(d, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if id, ok := sel.X.(*ast.Ident); ok {
				if path := c.importOf(id.Name, declared); path != "" {
					add(id.Name, path)
				}
			}
			return true
		})
	}
	for _, path := range c.next.dots {
		f.Imports = append(f.Imports, &ast.ImportSpec{
			Name: ident(".", c.form.end),
			Path: &ast.BasicLit{ValuePos: c.form.end, Kind: token.STRING, Value: strconv.Quote(path)},
		})
	}
	specs := make([]ast.Spec, len(f.Imports))
	for i, s := range f.Imports {
		specs[i] = s
	}
	if len(specs) > 0 {
		f.Decls = append(f.Decls, &ast.GenDecl{TokPos: c.form.end, Tok: token.IMPORT, Specs: specs})
	}
	f.Decls = append(f.Decls, decls...)
	return f
}

// importOf returns the path that a package name stands for, or "".
func (c *checker) importOf(name string, declared map[string]bool) string {
	if _, path, ok := strings.Cut(name, qualified); ok {
		return path
	}
	if declared[name] {
		return ""
	}
	if path, ok := c.next.imports[name]; ok {
		return path
	}
	if c.next.objects.get(name) != nil {
		return ""
	}
	return c.opts.Prelude[name]
}

// qualified separates name and path in the unambiguous package names of kept declarations.
const qualified = "·"

// Qualified returns the unambiguous name of a package: its name and path.
func Qualified(p *types.Package) string { return p.Name() + qualified + p.Path() }

// qualify makes the package names in a declaration independent of imports, so that it can be
// checked again after the names got another meaning.
func (d *Decl) qualify(info *types.Info) {
	ast.Inspect(d.Node, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if pn, ok := info.Uses[id].(*types.PkgName); ok {
				id.Name = Qualified(pn.Imported())
			}
		}
		return true
	})
}

func ident(name string, pos token.Pos) *ast.Ident { return &ast.Ident{Name: name, NamePos: pos} }
