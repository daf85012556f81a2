package limits_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/kernel"
	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/limits"
	"github.com/lathe-ml/lathe/kernel/outcome"
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
			var run func(context.Context) outcome.Outcome
			if err == nil {
				run, err = x.Prepare(p)
			}
			if l.Later && err == nil {
				if out := run(t.Context()); out.Err != nil {
					err = errors.New(out.Err.Msg)
				}
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
