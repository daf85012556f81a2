package check

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/types"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

// Source is a package that is read from source: a package of the notebook's own module, of a vendor
// folder, or of a module in the module cache.
type Source struct {
	Pkg   *types.Package
	Files []*ast.File
	Info  *types.Info
}

// modules finds and checks such packages. The go.mod that counts is the nearest one in or above the
// working directory when the first package is looked for.
type modules struct {
	s      *Session
	loaded map[string]*Source
	order  []*Source // imported ones first
	active []string  // being checked
}

// Import makes a Session the importer of its cells: packages of the library first, then source.
func (s *Session) Import(path string) (*types.Package, error) {
	p, err := s.lib.Import(path)
	if err == nil || !strings.Contains(strings.Split(path, "/")[0], ".") && !s.modules.own(path) {
		return p, err
	}
	src, why := s.modules.load(path)
	var none noModule
	switch {
	case errors.As(why, &none):
		return nil, fmt.Errorf("%w; %w", err, why)
	case why != nil:
		return nil, why
	}
	return src.Pkg, nil
}

// ofModules reports whether p was read from source.
func (s *Session) ofModules(p *types.Package) bool { return s.modules.loaded[p.Path()] != nil }

// project is the go.mod file that counts.
type project struct {
	dir  string
	file *modfile.File
}

// find returns the project of the working directory, or nil.
func find() (*project, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	for {
		name := filepath.Join(dir, "go.mod")
		text, err := os.ReadFile(name)
		if err == nil {
			f, err := modfile.Parse(name, text, nil)
			if err != nil {
				return nil, err
			}
			return &project{dir, f}, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return nil, nil
		}
		dir = up
	}
}

// own reports whether path belongs to the module of the notebook's folder.
func (m *modules) own(path string) bool {
	p, err := find()
	return err == nil && p != nil && p.file.Module != nil && within(path, p.file.Module.Mod.Path)
}

// within reports whether a package belongs to a module, by its path.
func within(path, mod string) bool { return path == mod || strings.HasPrefix(path, mod+"/") }

// noModule says why no module is known for a package.
type noModule string

// Error is the reason.
func (n noModule) Error() string { return string(n) }

// folder returns the folder of a package.
func (m *modules) folder(path string) (string, error) {
	p, err := find()
	if err != nil {
		return "", err
	}
	if p == nil {
		return "", noModule("a go.mod in the notebook's folder that requires its module makes it known")
	}
	if p.file.Module != nil && within(path, p.file.Module.Mod.Path) {
		return filepath.Join(p.dir, strings.TrimPrefix(path, p.file.Module.Mod.Path)), nil
	}
	if dir := filepath.Join(p.dir, "vendor", path); isDir(dir) {
		return dir, nil
	}
	var best module.Version
	for _, r := range p.file.Require {
		if within(path, r.Mod.Path) && len(r.Mod.Path) > len(best.Path) {
			best = r.Mod
		}
	}
	if best.Path == "" {
		return "", noModule(fmt.Sprintf("no module that %s requires has it; go get adds one",
			filepath.Join(p.dir, "go.mod")))
	}
	rest := strings.TrimPrefix(path, best.Path)
	for _, r := range p.file.Replace {
		if r.Old.Path != best.Path || r.Old.Version != "" && r.Old.Version != best.Version {
			continue
		}
		if r.New.Version == "" {
			dir := r.New.Path
			if !filepath.IsAbs(dir) {
				dir = filepath.Join(p.dir, dir)
			}
			return filepath.Join(dir, rest), nil
		}
		best = r.New
	}
	dir, err := cached(best)
	return filepath.Join(dir, rest), err
}

// cached returns the folder of a module in the module cache.
func cached(v module.Version) (string, error) {
	path, err := module.EscapePath(v.Path)
	if err != nil {
		return "", err
	}
	version, err := module.EscapeVersion(v.Version)
	if err != nil {
		return "", err
	}
	root := os.Getenv("GOMODCACHE")
	if root == "" {
		gopath := filepath.SplitList(cmp.Or(os.Getenv("GOPATH"), build.Default.GOPATH))
		if len(gopath) == 0 {
			return "", errors.New("neither GOMODCACHE nor GOPATH says where modules are")
		}
		root = filepath.Join(gopath[0], "pkg", "mod")
	}
	dir := filepath.Join(root, path+"@"+version)
	if !isDir(dir) {
		return "", fmt.Errorf("module %s is not in the module cache %s; go mod download puts it there", v, root)
	}
	return dir, nil
}

func isDir(path string) bool {
	i, err := os.Stat(path)
	return err == nil && i.IsDir()
}

// load reads and checks a package and what it imports.
func (m *modules) load(path string) (*Source, error) {
	if src := m.loaded[path]; src != nil {
		return src, nil
	}
	for _, p := range m.active {
		if p == path {
			return nil, fmt.Errorf("package %s imports itself", path)
		}
	}
	m.active = append(m.active, path)
	defer func() { m.active = m.active[:len(m.active)-1] }()
	dir, err := m.folder(path)
	if err != nil {
		return nil, err
	}
	context := build.Default
	context.CgoEnabled = false
	context.BuildTags = []string{"purego", "noasm", "nounsafe"}
	found, err := context.ImportDir(dir, 0)
	var none *build.NoGoError
	if errors.As(err, &none) || errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("package %q has no Go files without cgo in %s", path, dir)
	}
	if err != nil {
		return nil, fmt.Errorf("package %q: %w", path, err)
	}
	src := &Source{}
	for _, name := range found.GoFiles {
		f, err := parser.ParseFile(m.s.fset, filepath.Join(dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("package %q: %w", path, err)
		}
		src.Files = append(src.Files, f)
	}
	if err := m.check(path, src); err != nil {
		return nil, err
	}
	if err := m.pure(path, src); err != nil {
		return nil, err
	}
	if err := m.insert(path, src); err != nil {
		return nil, err
	}
	m.loaded[path] = src
	m.order = append(m.order, src)
	return src, nil
}

// check type-checks a package.
func (m *modules) check(path string, src *Source) (err error) {
	src.Info = newInfo()
	conf := types.Config{Importer: m.s, Sizes: types.SizesFor("gc", "amd64")}
	if src.Pkg, err = conf.Check(path, m.s.fset, src.Files, src.Info); err != nil {
		return fmt.Errorf("package %q: %w", path, err)
	}
	return nil
}

// insert puts the calls of the Probes into a package that nothing has imported yet.
func (m *modules) insert(path string, src *Source) error {
	if m.s.probes == nil {
		return nil
	}
	changed := false
	for _, f := range src.Files {
		changed = m.s.probes.Source(src.Pkg, f, src.Info) || changed
	}
	if !changed {
		return nil
	}
	if err := m.check(path, src); err != nil {
		return err
	}
	m.s.probes.Checked(src.Info)
	return nil
}

// pure refuses what cannot run in a kernel: functions without a body, and names of compiled packages
// that the kernel does not have.
func (m *modules) pure(path string, src *Source) error {
	for _, f := range src.Files {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Body == nil {
				return fmt.Errorf("package %q is not all Go: %s has no body (%s)", path, fn.Name.Name,
					m.s.fset.Position(fn.Pos()))
			}
		}
	}
	if m.s.opts.Has == nil {
		return nil
	}
	for id, o := range src.Info.Uses {
		p := o.Pkg()
		if p == nil || p == src.Pkg || o.Parent() != p.Scope() || m.loaded[p.Path()] != nil {
			continue
		}
		if !m.s.opts.Has(p.Path(), o.Name()) && !constrains(o) {
			return fmt.Errorf("package %q uses %s.%s, which this kernel does not have (%s)", path, p.Name(), o.Name(),
				m.s.fset.Position(id.Pos()))
		}
	}
	return nil
}

// constrains reports whether o only has a meaning for the checker.
func constrains(o types.Object) bool {
	t, ok := o.(*types.TypeName)
	if !ok {
		return false
	}
	i, ok := t.Type().Underlying().(*types.Interface)
	return ok && !i.IsMethodSet()
}

func newInfo() *types.Info {
	return &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{},
		Uses: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
		Implicits: map[ast.Node]types.Object{}, Instances: map[*ast.Ident]types.Instance{},
		Scopes: map[ast.Node]*types.Scope{}, FileVersions: map[*ast.File]string{},
	}
}
