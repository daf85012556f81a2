package debugger

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lathe-ml/lathe/debugger/instrument"
	"github.com/lathe-ml/lathe/kernel"
)

// hashSeed is the seed of PathOf.
const hashSeed = 0xc70f6907

// source is the code of a cell. Cells are known by their code, as Jupyter clients want it: all cells
// with the same text have the same path and the same breakpoints.
type source struct {
	path string
	id   string // of the cell in its document
	code string
}

type sources struct {
	code  map[string]string // by path
	cells map[string]source // by the name of the execution
	shown map[string]string // path → name of its last execution, or of the document's cell
}

func (s *sources) init() {
	s.code, s.cells, s.shown = map[string]string{}, map[string]source{}, map[string]string{}
}

// ran notes an execution.
func (s *sources) ran(c kernel.Cell, path string) {
	s.cells[c.Name] = source{path, c.ID, c.Code}
	s.code[path] = c.Code
	s.shown[path] = c.Name
}

// Prefix and Suffix are around the hash of the code in a path.
func (t *Target) Prefix() string { return t.dir + string(filepath.Separator) }

// Suffix ends paths.
func (t *Target) Suffix() string { return ".go" }

// Seed is the seed of the hash in a path: MurmurHash2 of the code.
func (t *Target) Seed() uint32 { return hashSeed }

// path returns where the code of a cell lies.
func (t *Target) path(code string) string {
	return fmt.Sprintf("%s%d%s", t.Prefix(), murmur2([]byte(code), hashSeed), t.Suffix())
}

// Dump notes the code of a cell, which need not have run, and returns its path. The file is written
// for clients that open it.
func (t *Target) Dump(code string) (string, error) {
	t.mu.Lock()
	path := t.path(code)
	t.sources.code[path] = code
	t.mu.Unlock()
	return path, t.write(path, code)
}

func (t *Target) write(path, code string) error {
	if err := os.MkdirAll(t.dir, 0o700); err != nil {
		return fmt.Errorf("debugger: %w", err)
	}
	if err := os.WriteFile(path, []byte(code), 0o600); err != nil {
		return fmt.Errorf("debugger: %w", err)
	}
	return nil
}

// Close removes what Dump wrote.
func (t *Target) Close() error { return os.RemoveAll(t.dir) }

// Source returns the code at a path.
func (t *Target) Source(path string) (code string, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if code, ok = t.sources.code[path]; ok {
		return code, true
	}
	if !t.ofPackage(path) {
		return "", false
	}
	b, err := os.ReadFile(path)
	return string(b), err == nil
}

// ofPackage reports whether a path is that of a package with calls that was read from source.
func (t *Target) ofPackage(path string) bool {
	return path != "" && slices.ContainsFunc(t.table.Funcs(), func(f *instrument.Func) bool { return f.Path == path })
}

// pathOf returns where the code of a function lies. It needs mu.
func (t *Target) pathOf(f *instrument.Func) string {
	if f.Path != "" {
		return f.Path
	}
	return t.sources.cells[f.Cell].path
}

// Title names a path for people: the last cell that ran with that code.
func (t *Target) Title(path string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.title(path)
}

// title is Title for who holds mu.
func (t *Target) title(path string) string {
	if name := t.sources.shown[path]; name != "" {
		return name
	}
	if !strings.HasPrefix(path, t.Prefix()) {
		return filepath.Base(path)
	}
	return strings.TrimSuffix(filepath.Base(path), t.Suffix())
}

// Paths lists the paths of all code that is known.
func (t *Target) Paths() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Sorted(maps.Keys(t.sources.code))
}

// murmur2 is Austin Appleby's MurmurHash2, the 32-bit one.
func murmur2(b []byte, seed uint32) uint32 {
	const m = 0x5bd1e995
	h := seed ^ uint32(len(b))
	for ; len(b) >= 4; b = b[4:] {
		k := uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
		k *= m
		k ^= k >> 24
		k *= m
		h = h*m ^ k
	}
	switch len(b) {
	case 3:
		h ^= uint32(b[2]) << 16
		fallthrough
	case 2:
		h ^= uint32(b[1]) << 8
		fallthrough
	case 1:
		h = (h ^ uint32(b[0])) * m
	}
	h ^= h >> 13
	h *= m
	return h ^ h>>15
}
