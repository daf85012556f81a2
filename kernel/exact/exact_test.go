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

func TestExecutor(t *testing.T) { exectest.Run(t, start, asGo) }

// asGo has what Go prints for the rows of the contract that the other executor refuses.
var asGo = map[string]string{
	"what a deferred call would see too late is refused": "",
	"errors name the line": "panic: runtime error: index out of range [1] with length 0 (cell 1 line 3)\n" +
		"panic: assignment to entry in nil map (cell 3 line 2)\n" +
		"panic: runtime error: invalid memory address or nil pointer dereference (cell 4 line 2)\n" +
		"panic: runtime error: integer divide by zero (cell 5 line 2)\n",
	"values that json would get wrong are refused": "json.MarshalerError: json: error calling MarshalJSON " +
		"for type T: unexpected end of JSON input (cell 1 line 3)\n=> [123 34 88 34 58 48 125]\n",
}

// Every way to make a value meets every way to use it: a part of the matrix, which the full tests run all of.
func TestMatrix(t *testing.T) {
	if ran, _ := exectest.Matrix(t, start, 0, matrixStride, false); ran < 1000 {
		t.Errorf("%d ran", ran)
	}
}
