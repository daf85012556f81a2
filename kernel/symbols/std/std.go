// Package std holds the standard library as cells see it: the values and types of its packages for
// the interpreter, and their type information for the checker.
//
//	exec := yaegi.New(fset, yaegi.Options{Symbols: std.Symbols})
//	archive := std.Exports
//
// The tables are generated; packages.txt lists what is in them. Generic functions and types have
// no run-time value and are not in Symbols. The package knows nothing of Lathe's own packages:
// those are in kernel/symbols.
package std

import (
	_ "embed"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"testing"
)

//go:generate go run ../gen -list packages.txt -dest std -out .

// Symbols maps "import/path/name" to the exported symbols of the package of that name, in the form
// that the interpreter takes.
var Symbols = map[string]map[string]reflect.Value{}

// Exports is the archive of type information, to be opened with check.Open.
//
//go:embed exports.zst
var Exports []byte

// Exit is what os.Exit panics with in a cell: a cell may end itself but not its kernel.
type Exit struct{ Code int }

// Error makes Exit an error.
func (e Exit) Error() string { return fmt.Sprintf("os.Exit(%d)", e.Code) }

func osExit(code int) { panic(Exit{code}) }

func breakpoint() {
	panic(errors.New("runtime.Breakpoint would end the kernel; fmt.Println or a panic works"))
}

func allocsPerRun(int, func()) float64 {
	panic(errors.New("testing.AllocsPerRun would count what the kernel allocates; testing.Benchmark measures time"))
}

func testingMain(func(string, string) (bool, error), []testing.InternalTest, []testing.InternalBenchmark,
	[]testing.InternalExample,
) {
	panic(errors.New("testing.Main would end the kernel; calling the functions works"))
}

// frames is why functions that look at the stack are refused: it has the frames of the kernel on it.
func frames(name string) error {
	return fmt.Errorf("%s would show the frames of the kernel, not those of cells; a panic shows the lines of cells", name)
}

func caller(int) (pc uintptr, file string, line int, ok bool) { panic(frames("runtime.Caller")) }

func callers(int, []uintptr) int { panic(frames("runtime.Callers")) }

func funcForPC(uintptr) *runtime.Func { panic(frames("runtime.FuncForPC")) }
