package limits_test

import (
	"os"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/limits"
	"github.com/lathe-ml/lathe/kernel/symbols/std"
	"github.com/lathe-ml/lathe/kernel/yaegi"
)

func TestEveryLimitIsRefusedWithItsMessage(t *testing.T) {
	lib := check.Open(std.Exports)
	for _, l := range limits.All {
		x, err := yaegi.New(yaegi.Options{Symbols: std.Symbols})
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
		if err == nil || !strings.Contains(err.Error(), l.Message) {
			t.Errorf("%s: %v, want %q", l.Construct, err, l.Message)
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
