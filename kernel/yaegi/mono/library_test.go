package mono_test

import (
	"go/token"
	"go/types"
	"slices"
	"testing"

	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/symbols/std"
	"github.com/lathe-ml/lathe/kernel/yaegi/mono"
)

// without lists the generic code that the interpreter cannot have: it needs types that reflection sees, the
// runtime, or variables of its package.
var without = []string{"reflect.TypeAssert", "reflect.TypeFor"}

func TestGenericCodeOfTheStandardLibraryIsThere(t *testing.T) {
	lib := check.Open(std.Exports)
	own := mono.NewLibrary(token.NewFileSet(), lib)
	for _, path := range []string{"cmp", "errors", "iter", "maps", "math/rand/v2", "reflect", "slices", "sync", "sync/atomic"} {
		p, err := lib.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range p.Scope().Names() {
			o := p.Scope().Lookup(name)
			if !o.Exported() || !generic(o) || slices.Contains(without, p.Name()+"."+name) {
				continue
			}
			if !own.Has(path, name) {
				t.Errorf("no %s.%s", path, name)
			}
		}
	}
	if own.Has("slices", "None") || own.Has("fmt", "Println") {
		t.Error("it has what there is not")
	}
}

func generic(o types.Object) bool {
	switch t := o.Type().(type) {
	case *types.Signature:
		return t.TypeParams().Len() > 0
	case *types.Named:
		return t.TypeParams().Len() > 0
	}
	return false
}
