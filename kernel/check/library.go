package check

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"go/token"
	"go/types"
	"maps"
	"path"
	"slices"
	"sync"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/tools/go/gcexportdata"
)

// Library is the type information of every package that cells may import. It reads an archive when
// the first package is asked for and a package when it is imported. Safe for concurrent use.
type Library struct {
	archives [][]byte
	mu       sync.Mutex
	data     map[string][]byte         // by import path; nil until the archives are open
	loaded   map[string]*types.Package // filled and partly filled packages
	full     map[string]bool           // packages read from data
}

// Open returns the library held in archives written by kernel/symbols/gen.
func Open(archives ...[]byte) *Library { return &Library{archives: archives} }

func (l *Library) open() error {
	if l.data != nil {
		return nil
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return err
	}
	defer dec.Close()
	data := map[string][]byte{}
	for _, a := range l.archives {
		all, err := dec.DecodeAll(a, nil)
		if err != nil {
			return fmt.Errorf("check: archive of type information: %w", err)
		}
		for len(all) > 0 {
			var name, body []byte
			if name, all, err = field(all); err == nil {
				body, all, err = field(all)
			}
			if err != nil {
				return err
			}
			data[string(name)] = body
		}
	}
	l.data, l.loaded, l.full = data, map[string]*types.Package{}, map[string]bool{}
	return nil
}

// Doc returns the first paragraph of the comment at the declaration of an exported function, type or
// method of a package; "" where the archives have none.
func (l *Library) Doc(o types.Object) string {
	key := o.Name()
	if f, ok := o.(*types.Func); ok && f.Signature().Recv() != nil {
		t := f.Signature().Recv().Type()
		if p, ok := t.(*types.Pointer); ok {
			t = p.Elem()
		}
		n, ok := t.(*types.Named)
		if !ok {
			return ""
		}
		key = n.Obj().Name() + "." + key
	}
	if o.Pkg() == nil {
		return ""
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open() != nil {
		return "" // Import says why
	}
	for rest := l.data[DocsOf+o.Pkg().Path()]; len(rest) > 0; {
		var name, text []byte
		var err error
		if name, rest, err = field(rest); err == nil {
			text, rest, err = field(rest)
		}
		if err != nil {
			return ""
		}
		if string(name) == key {
			return string(text)
		}
	}
	return ""
}

// DocsOf begins the name of the record of an archive that holds the comments of a package: pairs of a
// name and its text.
const DocsOf = "doc:"

func field(b []byte) (f, rest []byte, err error) {
	n, k := binary.Uvarint(b)
	if k <= 0 || n > uint64(len(b)-k) {
		return nil, nil, fmt.Errorf("check: archive of type information is cut short")
	}
	return b[k : k+int(n)], b[k+int(n):], nil
}

// Import returns the package with the given path. It makes Library a types.Importer.
func (l *Library) Import(path string) (*types.Package, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.open(); err != nil {
		return nil, err
	}
	if l.full[path] {
		return l.loaded[path], nil
	}
	data, ok := l.data[path]
	if !ok {
		return nil, l.missing(path)
	}
	p, err := gcexportdata.Read(bytes.NewReader(data), token.NewFileSet(), l.loaded, path)
	if err != nil {
		return nil, fmt.Errorf("check: type information of %s: %w", path, err)
	}
	l.full[path] = true
	return p, nil
}

func (l *Library) missing(name string) error {
	for _, p := range slices.Sorted(maps.Keys(l.data)) {
		if path.Base(p) == path.Base(name) || near(p, name) {
			return fmt.Errorf("package %q is not part of this kernel; did you mean %q?", name, p)
		}
	}
	return fmt.Errorf("package %q is not part of this kernel; "+
		"cells can import the standard library but for a few packages (docs/limits.md), and Lathe's packages", name)
}

// Paths lists the packages of the library in order.
func (l *Library) Paths() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open() != nil {
		return nil
	}
	return slices.Sorted(maps.Keys(l.data))
}
