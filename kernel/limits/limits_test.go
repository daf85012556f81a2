package limits_test

import (
	"os"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/kernel"
	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/limits"
	"github.com/lathe-ml/lathe/kernel/symbols/std"
)

func TestEveryLimitIsRefusedWithItsMessage(t *testing.T) {
	lib := check.Open(std.Exports)
	for _, l := range limits.All {
		for _, name := range []string{"yaegi", "exact"} {
			x, err := kernel.NewExecutor(name, kernel.ExecutorOptions{Symbols: std.Symbols, Library: lib})
			if err != nil {
				t.Fatal(err)
			}
			s := check.New(x.FileSet(), lib, check.Options{
				Prelude: map[string]string{"fmt": "fmt", "slices": "slices"}, Has: x.Has,
			})
			p, err := s.Check("cell 1", l.Cell)
			if err == nil {
				_, err = x.Prepare(p)
			}
			switch {
			case name == "exact" && !l.Both && err != nil:
				t.Errorf("%s: %s refuses it: %v", l.Construct, name, err)
			case (name == "yaegi" || l.Both) && (err == nil || !strings.Contains(err.Error(), l.Message)):
				t.Errorf("%s: %s says %v, want %q", l.Construct, name, err, l.Message)
			}
		}
	}
}

func TestLimitsDocumentIsCurrent(t *testing.T) {
	b, err := os.ReadFile("../../docs/limits.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(b), limits.Markdown()) {
		t.Error("docs/limits.md is not current; run go generate ./kernel/limits")
	}
}
