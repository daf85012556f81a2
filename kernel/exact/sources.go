package exact

import (
	"embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/tools/txtar"

	"github.com/lathe-ml/lathe/kernel/check"
)

//go:generate go run ./gen overlay.zst

// overlay holds what the table of compiled symbols cannot: generic functions. overlay.zst has those
// of packages that are taken from the standard library as they are, overlay/ those that are written
// for cells because the originals reach into the runtime.
//
//go:embed overlay.zst overlay/*.txt
var overlay embed.FS

// sources type-checks overlay packages when cells use them. Its methods need machine.mu.
type sources struct {
	m      *machine
	files  map[string][]txtar.File // by import path; nil until the archive is read
	loaded map[string]*types.Package
	own    map[*types.Package]bool
}

func newSources(m *machine) *sources {
	return &sources{m: m, loaded: map[string]*types.Package{}, own: map[*types.Package]bool{}}
}

func (s *sources) has(p *types.Package) bool { return s.own[p] }

func (s *sources) open() error {
	if s.files != nil {
		return nil
	}
	s.files = map[string][]txtar.File{}
	packed, err := overlay.ReadFile("overlay.zst")
	if err != nil {
		return err
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return err
	}
	defer dec.Close()
	text, err := dec.DecodeAll(packed, nil)
	if err != nil {
		return fmt.Errorf("exact: sources of generic packages: %w", err)
	}
	for _, f := range txtar.Parse(text).Files {
		path := f.Name[:strings.LastIndexByte(f.Name, '/')]
		s.files[path] = append(s.files[path], f)
	}
	list, err := overlay.ReadDir("overlay")
	if err != nil {
		return err
	}
	for _, e := range list {
		data, err := overlay.ReadFile("overlay/" + e.Name())
		if err != nil {
			return err
		}
		path := strings.ReplaceAll(strings.TrimSuffix(e.Name(), ".txt"), "_", "/")
		s.files[path] = append(s.files[path], txtar.File{Name: e.Name(), Data: data})
	}
	return nil
}

// overlayPath is the path of an overlay package, so that it is not taken for the original.
func overlayPath(path string) string { return "overlay/" + path }

// load returns the overlay package of a compiled one, or nil when there is none.
func (s *sources) load(path string) (*types.Package, error) {
	if p, ok := s.loaded[path]; ok {
		return p, nil
	}
	if err := s.open(); err != nil {
		return nil, err
	}
	if s.files[path] == nil {
		return nil, nil
	}
	fset := s.m.fset
	var files []*ast.File
	for _, f := range s.files[path] {
		file, err := parser.ParseFile(fset, "overlay/"+f.Name, f.Data, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	info := newInfo()
	conf := types.Config{Importer: withUnsafe{s.m.lib}, Sizes: types.SizesFor("gc", "amd64")}
	p, err := conf.Check(overlayPath(path), fset, files, info)
	if err != nil {
		return nil, fmt.Errorf("exact: generic package %s: %w", path, err)
	}
	s.loaded[path], s.own[p] = p, true
	if err := s.redirect(info); err != nil {
		return nil, err
	}
	s.m.create(p, files, info)
	return p, nil
}

// withUnsafe imports package unsafe, too, which only overlay packages may use.
type withUnsafe struct{ types.Importer }

// Import makes it a types.Importer.
func (w withUnsafe) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	return w.Importer.Import(path)
}

// adopt adds the packages that cells import from source.
func (s *sources) adopt(list []*check.Source) (fresh []*types.Package, err error) {
	for _, src := range list {
		if s.own[src.Pkg] {
			continue
		}
		s.own[src.Pkg] = true
		if err := s.redirect(src.Info); err != nil {
			return nil, err
		}
		s.m.create(src.Pkg, src.Files, src.Info)
		fresh = append(fresh, src.Pkg)
	}
	return fresh, nil
}

// redirect makes uses of generic compiled functions uses of those in overlay packages.
func (s *sources) redirect(info *types.Info) error {
	for id, o := range info.Uses {
		f, ok := o.(*types.Func)
		if !ok || f.Pkg() == nil || s.m.ofSession(f.Pkg()) || f.Signature().TypeParams().Len() == 0 {
			continue
		}
		p, err := s.load(f.Pkg().Path())
		if err != nil {
			return err
		}
		if p == nil || p.Scope().Lookup(f.Name()) == nil {
			return fmt.Errorf("%s.%s is generic compiled code, which cells cannot use", f.Pkg().Name(), f.Name())
		}
		info.Uses[id] = p.Scope().Lookup(f.Name())
	}
	return nil
}

// knows reports whether cells can use the generic function or type of that name.
func (s *sources) knows(path, name string) bool {
	if path == "sync/atomic" && name == "Pointer" || path == "iter" && strings.HasPrefix(name, "Seq") ||
		path == "cmp" && name == "Ordered" {
		return true
	}
	p, err := s.load(path)
	return err == nil && p != nil && p.Scope().Lookup(name) != nil && token.IsExported(name)
}

func newInfo() *types.Info {
	return &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{},
		Uses: map[*ast.Ident]types.Object{}, Implicits: map[ast.Node]types.Object{},
		Instances: map[*ast.Ident]types.Instance{}, Scopes: map[ast.Node]*types.Scope{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}, FileVersions: map[*ast.File]string{},
	}
}
