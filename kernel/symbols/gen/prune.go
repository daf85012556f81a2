package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/packages"
)

// The type information of a package holds everything that its declarations lead to, also by way of what cells
// cannot reach: the field of a data frame that holds a message of a protocol brings all messages. prune checks such
// packages again without it.

// pruner rewrites packages.
type pruner struct {
	listed map[string]bool // paths that cells can import
	loaded map[string]*packages.Package
	pruned map[string]*types.Package
}

// prune returns pkgs with those in place of the originals that lead to unlisted packages by what cells cannot use.
func prune(pkgs []*packages.Package) ([]*types.Package, error) {
	p := &pruner{map[string]bool{}, map[string]*packages.Package{}, map[string]*types.Package{}}
	for _, pkg := range pkgs {
		p.listed[pkg.PkgPath] = true
	}
	var err error
	packages.Visit(pkgs, nil, func(pkg *packages.Package) {
		p.loaded[pkg.PkgPath] = pkg
		if err == nil && strings.Contains(pkg.PkgPath, ".") {
			err = p.visit(pkg)
		}
	})
	out := make([]*types.Package, len(pkgs))
	for i, pkg := range pkgs {
		out[i] = pkg.Types
		if less := p.pruned[pkg.PkgPath]; less != nil {
			out[i] = less
		}
	}
	return out, err
}

// visit prunes pkg, whose imports have been visited, when it or one of them has something to leave out. An unlisted
// package is checked again only to see the same types as others.
func (p *pruner) visit(pkg *packages.Package) error {
	less := false
	for path := range pkg.Imports {
		less = less || p.pruned[path] != nil
	}
	if !less && !p.listed[pkg.PkgPath] {
		return nil
	}
	files := make([]*ast.File, len(pkg.Syntax))
	for i, f := range pkg.Syntax {
		var changed bool
		files[i], changed = p.file(pkg.TypesInfo, f)
		less = less || changed
	}
	if !less {
		return nil
	}
	var hard []error
	conf := types.Config{
		Importer: p, IgnoreFuncBodies: true, FakeImportC: true, Sizes: pkg.TypesSizes,
		Error: func(err error) {
			if e := (types.Error{}); errors.As(err, &e) && !e.Soft { // an import without a use is soft
				hard = append(hard, err)
			}
		},
	}
	out, _ := conf.Check(pkg.PkgPath, pkg.Fset, files, nil) // its errors are those that Error was told of
	if len(hard) > 0 {
		return fmt.Errorf("%s without what cells cannot use: %w", pkg.PkgPath, hard[0])
	}
	p.pruned[pkg.PkgPath] = out
	return nil
}

// Import returns a package as the pruned ones see it.
func (p *pruner) Import(path string) (*types.Package, error) {
	if less := p.pruned[path]; less != nil {
		return less, nil
	}
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if pkg := p.loaded[path]; pkg != nil {
		return pkg.Types, nil
	}
	return nil, fmt.Errorf("%s is not loaded", path)
}

// file returns a copy of f without its unexported variables, the methods that mention unlisted packages, and the
// types of the fields that do, and reports whether there were such methods or fields.
func (p *pruner) file(info *types.Info, f *ast.File) (*ast.File, bool) {
	out, changed := *f, false
	out.Decls = nil
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv != nil || !d.Name.IsExported() {
				if p.hidden(info.TypeOf(d.Name), d.Name.IsExported()) {
					changed = true
					continue
				}
			}
		case *ast.GenDecl:
			if d.Tok == token.VAR && !exportsOne(d) {
				continue
			}
		}
		out.Decls = append(out.Decls, d)
	}
	for _, d := range out.Decls {
		ast.Inspect(d, func(n ast.Node) bool {
			st, ok := n.(*ast.StructType)
			if !ok {
				return !isBody(n)
			}
			for _, field := range st.Fields.List {
				t := info.TypeOf(field.Type)
				if len(field.Names) == 0 || field.Names[0].IsExported() || !p.hidden(t, false) {
					continue
				}
				changed = true
				field.Type = &ast.ArrayType{Lbrack: field.Type.Pos(), Elt: ast.NewIdent("byte")}
				if types.Comparable(t) {
					field.Type = &ast.StarExpr{Star: field.Type.Pos(), X: ast.NewIdent("byte")}
				}
			}
			return true
		})
	}
	return &out, changed
}

func isBody(n ast.Node) bool {
	_, ok := n.(*ast.BlockStmt)
	return ok
}

func exportsOne(d *ast.GenDecl) bool {
	for _, s := range d.Specs {
		for _, n := range s.(*ast.ValueSpec).Names {
			if n.IsExported() {
				return true
			}
		}
	}
	return false
}

// hidden reports whether t mentions an unlisted package outside of the standard library: any for what is unexported,
// one that holds a protocol for what is exported.
func (p *pruner) hidden(t types.Type, exported bool) bool {
	found := false
	types.TypeString(t, func(pkg *types.Package) string {
		path := pkg.Path()
		if strings.Contains(path, ".") && !p.listed[path] {
			found = found || !exported || strings.HasSuffix(path, "pb") || strings.HasPrefix(path, "google.golang.org/")
		}
		return ""
	})
	return found
}
