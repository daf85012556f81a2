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

func TestExecutor(t *testing.T) {
	exectest.Run(t, start, map[string]string{
		"program: embedinterfaces":        "panic: Call using *struct",
		"program: namesoflocals":          "refused: cell 1 line 16: a generic type inside a function",
		"program: rfdeferforms":           "refused: cell 1 line 14: defer inside a range over a function",
		"program: shadowing":              "refused: cell 1 line 42: a variable with the name nil",
		"program: typeswitchgenericiface": "refused: cell 1 line 48: a map with keys of the interface type main.Shape",
		"program: yseenmethods":           "refused: cell 1 line 12: the method Unwrap is not seen by package errors",
	})
}

// Every way to make a value meets every way to use it: a part of the matrix, which the full tests run all of.
func TestMatrix(t *testing.T) {
	if ran, refused := exectest.Matrix(t, start, 0, matrixStride, true); ran < 50*refused || ran < 1000 {
		t.Errorf("%d ran, %d were refused", ran, refused)
	}
}
