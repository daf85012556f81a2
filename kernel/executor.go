package kernel

import (
	"context"
	"fmt"
	"go/token"
	"io"
	"reflect"

	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/exact"
	"github.com/lathe-ml/lathe/kernel/outcome"
	"github.com/lathe-ml/lathe/kernel/yaegi"
)

// Executor is what runs checked programs.
type Executor interface {
	// FileSet is the file set that checked programs must use.
	FileSet() *token.FileSet
	// Has reports whether a compiled name can be used in cells.
	Has(path, name string) bool
	// Prepare makes p ready to run without running it. When it fails nothing has changed.
	Prepare(p *check.Program) (run func(context.Context) outcome.Outcome, err error)
	// Stray reports whether the calling goroutine belongs to a cell that was interrupted.
	Stray() bool
	// Goroutines returns the cell of each goroutine of a cell that is running.
	Goroutines() []string
	// EndGoroutines makes all of them end at their next call or loop.
	EndGoroutines(reason error)
}

// ExecutorOptions are what every executor needs.
type ExecutorOptions struct {
	// Symbols are the compiled packages, by "import/path/name".
	Symbols map[string]map[string]reflect.Value
	// Library has the type information of those packages.
	Library *check.Library
	// Memory is the most bytes that make may be asked for; 0: no limit. Only exact keeps it.
	Memory int64
	// Report is told of panics in goroutines that a cell started; nil: they are dropped.
	Report func(*outcome.Failure)
	// Stdin is the standard input of cells; nil: that of the process.
	Stdin io.Reader
	// Notice is told when auto chose another executor than the best one; nil: nobody is.
	Notice func(string)
}

// Executors are the names that NewExecutor takes.
var Executors = []string{"auto", "exact", "yaegi"}

// defaultExecutor is what "" means.
const defaultExecutor = "auto"

// NewExecutor returns the executor of that name: exact runs cells as Go does, where it knows the
// runtime; yaegi interprets them anywhere; auto is exact where that is possible.
func NewExecutor(name string, o ExecutorOptions) (Executor, error) {
	if name == "" {
		name = defaultExecutor
	}
	switch name {
	case "auto", "exact":
		x, err := exact.New(exact.Options{
			Symbols: o.Symbols, Library: o.Library, Report: o.Report, Stdin: o.Stdin, Memory: o.Memory,
		})
		if err == nil || name == "exact" {
			return x, err
		}
		if o.Notice != nil {
			o.Notice(fmt.Sprintf("%v; cells are run by the slower executor yaegi", err))
		}
		fallthrough
	case "yaegi":
		return yaegi.New(yaegi.Options{Symbols: o.Symbols, Library: o.Library, Report: o.Report, Stdin: o.Stdin})
	}
	return nil, fmt.Errorf("kernel: executor %q is unknown; there are %v", name, Executors)
}
