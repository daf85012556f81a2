package exact_test

import (
	"testing"

	"github.com/lathe-ml/lathe/kernel/exact"
	"github.com/lathe-ml/lathe/kernel/exectest"
)

func start(o exectest.Options) (exectest.Executor, error) {
	return exact.New(exact.Options{Symbols: o.Symbols, Library: o.Library, Report: o.Report})
}

func newNotebook(t testing.TB) *exectest.Notebook { return exectest.NewNotebook(t, start) }

func TestExecutor(t *testing.T) { exectest.Run(t, start, nil) }
