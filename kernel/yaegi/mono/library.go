package mono

import (
	"embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"sync"

	"github.com/lathe-ml/lathe/kernel/check"
)

// library has the generic functions and types of the standard library, written for cells: compiled code has
// none of them. The file of package a/b is a_b.txt.
//
//go:embed library/*.txt
var library embed.FS

// Library gives programs the generic code of the standard library. Its methods may be called concurrently.
type Library struct {
	fset     *token.FileSet
	importer types.Importer

	mu     sync.Mutex
	loaded map[string]map[string]*generic // by import path and name; an empty map for packages without
}

// NewLibrary returns a library whose sources import packages with importer.
func NewLibrary(fset *token.FileSet, importer types.Importer) *Library {
	return &Library{fset: fset, importer: importer, loaded: map[string]map[string]*generic{}}
}

// ownPath tells the packages of the library from the compiled ones.
const ownPath = "library/"

// Has reports whether programs can use a generic function or type.
func (l *Library) Has(path, name string) bool {
	if path == "cmp" && name == "Ordered" || path == "iter" && (name == "Seq" || name == "Seq2") {
		return true
	}
	return l != nil && ast.IsExported(name) && l.find(path, name) != nil
}

// find returns a generic declaration, or nil.
func (l *Library) find(path, name string) *generic {
	if l == nil {
		return nil
	}
	path = strings.TrimPrefix(path, ownPath)
	l.mu.Lock()
	defer l.mu.Unlock()
	decls, ok := l.loaded[path]
	if !ok {
		decls = map[string]*generic{}
		if text, err := library.ReadFile("library/" + strings.ReplaceAll(path, "/", "_") + ".txt"); err == nil {
			if decls, err = l.load(path, text); err != nil {
				panic(fmt.Errorf("mono: library package %s: %w", path, err)) // a test loads every one
			}
		}
		l.loaded[path] = decls
	}
	return decls[name]
}

// load type-checks a package.
func (l *Library) load(path string, text []byte) (map[string]*generic, error) {
	file, err := parser.ParseFile(l.fset, path, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{},
		Uses: map[*ast.Ident]types.Object{}, Implicits: map[ast.Node]types.Object{},
		Instances: map[*ast.Ident]types.Instance{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
	}
	conf := types.Config{Importer: l.importer, Sizes: types.SizesFor("gc", "amd64")}
	if _, err := conf.Check(ownPath+path, l.fset, []*ast.File{file}, info); err != nil {
		return nil, err
	}
	decls := map[string]*generic{}
	var methods []*ast.FuncDecl
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv != nil {
				methods = append(methods, d)
				continue
			}
			decls[d.Name.Name] = &generic{node: d, info: info, cell: path}
		case *ast.GenDecl:
			if spec, ok := d.Specs[0].(*ast.TypeSpec); ok {
				decls[spec.Name.Name] = &generic{node: d, info: info, cell: path}
			}
		}
	}
	for _, f := range methods {
		g := decls[check.Receiver(f)]
		g.methods = append(g.methods, &generic{node: f, info: info, cell: path})
	}
	return decls, nil
}

// genericFor returns the declaration of a generic function or type, or nil for a compiled one.
func (r *rewriter) genericFor(o types.Object) *generic {
	if o.Pkg().Path() == mainPath {
		return r.generics[o.Name()]
	}
	return r.library.find(o.Pkg().Path(), o.Name())
}

// qualified is the name of a generic function or type in the names of its instances.
func qualified(o types.Object) string {
	path := strings.TrimPrefix(o.Pkg().Path(), ownPath)
	if path == mainPath {
		return o.Name()
	}
	return path[strings.LastIndexByte(path, '/')+1:] + "." + o.Name()
}
