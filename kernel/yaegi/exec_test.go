package yaegi_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/symbols/std"
	"github.com/lathe-ml/lathe/kernel/yaegi"
)

var library = check.Open(std.Exports)

// notebook is a session with its executor.
type notebook struct {
	x *yaegi.Executor
	s *check.Session
	n int
}

func newNotebook(t testing.TB) *notebook {
	x, err := yaegi.New(yaegi.Options{Symbols: std.Symbols})
	if err != nil {
		t.Fatal(err)
	}
	prelude := map[string]string{}
	for _, p := range []string{"fmt", "strings", "math", "sort", "errors", "time", "os", "sync", "encoding/json", "slices"} {
		prelude[p[strings.LastIndexByte(p, 47)+1:]] = p
	}
	return &notebook{x: x, s: check.New(x.FileSet(), library, check.Options{Prelude: prelude, Has: x.Has})}
}

// run executes a cell and returns what it printed, followed by its values and its error.
func (nb *notebook) run(t testing.TB, cell string) string {
	nb.n++
	p, err := nb.s.Check(fmt.Sprintf("cell %d", nb.n), cell)
	if err != nil {
		return "check: " + err.Error()
	}
	f, err := nb.x.Prepare(p)
	if err != nil {
		return "refused: " + err.Error()
	}
	nb.s.Commit(p)
	var out yaegi.Outcome
	text := stdout(t, func() { out = f(context.Background()) })
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
