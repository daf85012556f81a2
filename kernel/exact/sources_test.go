package exact

import (
	"bytes"
	"go/build"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/symbols/std"
)

func TestArchiveOfGenericPackagesIsCurrent(t *testing.T) {
	s := newSources(&machine{})
	if err := s.open(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"cmp", "maps", "slices"} {
		if len(s.files[path]) == 0 {
			t.Errorf("%s is missing", path)
		}
		for _, f := range s.files[path] {
			want, err := os.ReadFile(filepath.Join(build.Default.GOROOT, "src", f.Name))
			if err != nil {
				t.Skip("there is no Go tree to compare with")
			}
			if !bytes.Equal(bytes.TrimSpace(f.Data), bytes.TrimSpace(want)) {
				t.Errorf("%s is not current; run go generate ./kernel/exact", f.Name)
			}
		}
	}
}

// Every overlay package type-checks, and has what cells are told that they can use.
func TestOverlayPackagesAreComplete(t *testing.T) {
	x, err := New(Options{Symbols: std.Symbols, Library: check.Open(std.Exports)})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"slices.Max", "maps.Keys", "cmp.Compare", "sync.OnceValues", "iter.Pull2", "errors.AsType",
		"reflect.TypeFor", "math/rand/v2.N", "sync/atomic.Pointer",
	} {
		i := strings.LastIndexByte(name, '.')
		if !x.Has(name[:i], name[i+1:]) {
			t.Errorf("%s cannot be used", name)
		}
	}
	for path := range x.m.sources.files {
		if _, err := x.m.sources.load(path); err != nil {
			t.Error(err)
		}
	}
	if x.Has("runtime", "AddCleanup") {
		t.Error("runtime.AddCleanup can be used")
	}
}
