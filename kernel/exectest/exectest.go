// Package exectest is what every executor of cells must do: tables of cells, programs and failures,
// and the tests that run them.
//
//	func TestExecutor(t *testing.T) {
//		exectest.Run(t, func(o exectest.Options) (exectest.Executor, error) { … })
//	}
//
// The package has no executor of its own and is only imported by tests.
package exectest

import (
	"context"
	"fmt"
	"go/token"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/outcome"
	"github.com/lathe-ml/lathe/kernel/symbols/std"
)

// Options of an executor under test.
type Options struct {
	Symbols map[string]map[string]reflect.Value
	Library *check.Library
	Report  func(*outcome.Failure)
}

// Executor is what is tested.
type Executor interface {
	FileSet() *token.FileSet
	Has(path, name string) bool
	Prepare(p *check.Program) (func(context.Context) outcome.Outcome, error)
	Stray() bool
}

// New makes an executor.
type New func(Options) (Executor, error)

// row is a session: cells separated by "---", and what they print, "=> " before values and
// "kind: message (cell line)" for errors.
type row struct{ name, cells, want string }

var library = check.Open(std.Exports)

func options() Options { return Options{Symbols: std.Symbols, Library: library} }

// Run runs all tests. instead has what rows give, by name, where the executor does not do what the
// table says; names of notebook cases and programs begin with "notebook: " and "program: ".
func Run(t *testing.T, start New, instead map[string]string) {
	t.Run("Language", func(t *testing.T) { sessions(t, start, instead) })
	t.Run("Programs", func(t *testing.T) { Programs(t, start, marked(instead, programMark)) })
	t.Run("Positions", func(t *testing.T) { Positions(t, start) })
	t.Run("Notebooks", func(t *testing.T) { Notebooks(t, start, marked(instead, notebookMark)) })
	t.Run("Modules", func(t *testing.T) { Modules(t, start) })
}

func sessions(t *testing.T, start New, instead map[string]string) {
	left := maps.Clone(instead)
	maps.DeleteFunc(left, func(name, _ string) bool {
		return strings.HasPrefix(name, notebookMark) || strings.HasPrefix(name, programMark)
	})
	for _, c := range slices.Concat(language, across, regressions) {
		t.Run(c.name, func(t *testing.T) {
			if want, ok := instead[c.name]; ok {
				c.want = want
				delete(left, c.name)
			}
			nb := NewNotebook(t, start)
			got := ""
			for cell := range strings.SplitSeq(c.cells, "\n---\n") {
				got += nb.Run(t, cell)
			}
			if got != c.want {
				t.Errorf("%s\ngot  %q\nwant %q", c.cells, got, c.want)
			}
		})
	}
	for name := range left {
		t.Errorf("no row is named %q", name)
	}
}

// Notebook is a session with its executor.
type Notebook struct {
	Executor Executor
	Session  *check.Session
	n        int

	asProgram bool // output as the exported program has it
}

// NewNotebook starts a session with the standard library.
func NewNotebook(t testing.TB, start New) *Notebook {
	return notebook(t, start, options(), Prelude())
}

func notebook(t testing.TB, start New, o Options, prelude map[string]string) *Notebook {
	x, err := start(o)
	if err != nil {
		t.Fatal(err)
	}
	return &Notebook{Executor: x, Session: check.New(x.FileSet(), o.Library, check.Options{
		Prelude: prelude, Has: x.Has,
	})}
}

// Run executes a cell and returns what it printed, followed by its values and its error.
func (nb *Notebook) Run(t testing.TB, cell string) string {
	nb.n++
	p, err := nb.Session.Check(fmt.Sprintf("cell %d", nb.n), cell)
	if err != nil {
		return "check: " + err.Error()
	}
	f, err := nb.Executor.Prepare(p)
	if err != nil {
		return "refused: " + err.Error()
	}
	nb.Session.Commit(p)
	var out outcome.Outcome
	text := stdout(t, func() { out = f(context.Background()) })
	if nb.asProgram {
		panicked := ""
		if out.Err != nil {
			panicked = out.Err.Msg
		}
		return text + shownAsProgram(out.Values, panicked)
	}
	for _, v := range out.Values {
		text += fmt.Sprintf("=> %v\n", v)
	}
	if out.Err != nil {
		text += fmt.Sprintf("%s: %s (%s line %d)\n", out.Err.Kind, out.Err.Msg, out.Err.Pos.Filename, out.Err.Pos.Line)
	}
	return text
}

// stdout returns what f writes to os.Stdout.
func stdout(t testing.TB, f func()) string {
	file, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	old := os.Stdout
	os.Stdout = file
	defer func() { os.Stdout = old }()
	f()
	b, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Cells returns the cells of all tables, as seeds for fuzzing.
func Cells() (list []string) {
	for _, c := range slices.Concat(language, across, regressions) {
		list = append(list, c.cells)
	}
	return list
}
