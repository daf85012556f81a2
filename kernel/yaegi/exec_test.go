package yaegi_test

import (
	"testing"

	"github.com/lathe-ml/lathe/kernel/exectest"
	"github.com/lathe-ml/lathe/kernel/yaegi"
)

func start(o exectest.Options) (exectest.Executor, error) {
	return yaegi.New(yaegi.Options{Symbols: o.Symbols, Report: o.Report})
}

func newNotebook(t testing.TB) *exectest.Notebook { return exectest.NewNotebook(t, start) }

func TestExecutor(t *testing.T) { exectest.Run(t, start, refused) }

// refused are the rows that this executor does not run.
var refused = map[string]string{
	"notebook: types of values": "[]map[string]*struct {} main.T func(int) string chan int\n",
}
