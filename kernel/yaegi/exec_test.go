package yaegi_test

import (
	"testing"

	"github.com/lathe-ml/lathe/kernel/exectest"
	"github.com/lathe-ml/lathe/kernel/yaegi"
)

func start(o exectest.Options) (exectest.Executor, error) {
	return yaegi.New(yaegi.Options{Symbols: o.Symbols, Library: o.Library, Report: o.Report})
}

func newNotebook(t testing.TB) *exectest.Notebook { return exectest.NewNotebook(t, start) }

func TestExecutor(t *testing.T) { exectest.Run(t, start, nil) }

// Every way to make a value meets every way to use it: a part of the matrix, which the full tests run all of.
func TestMatrix(t *testing.T) {
	if ran, refused := exectest.Matrix(t, start, 0, matrixStride, true); ran < 50*refused || ran < 1000 {
		t.Errorf("%d ran, %d were refused", ran, refused)
	}
}
