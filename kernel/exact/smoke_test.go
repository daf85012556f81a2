package exact_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/exact"
	"github.com/lathe-ml/lathe/kernel/symbols/std"
)

func TestSmoke(t *testing.T) {
	lib := check.Open(std.Exports)
	x, err := exact.New(exact.Options{Symbols: std.Symbols, Library: lib})
	if err != nil {
		t.Fatal(err)
	}
	prelude := map[string]string{}
	for _, p := range []string{"fmt", "strings", "math", "sort", "errors", "time", "os", "sync", "encoding/json", "slices"} {
		prelude[p[strings.LastIndexByte(p, 47)+1:]] = p
	}
	s := check.New(x.FileSet(), lib, check.Options{Prelude: prelude, Has: x.Has})
	cells := os.Getenv("CELLS")
	for i, cell := range strings.Split(cells, "---") {
		p, err := s.Check(fmt.Sprintf("cell %d", i+1), cell)
		if err != nil {
			fmt.Println("check:", err)
			continue
		}
		f, err := x.Prepare(p)
		if err != nil {
			fmt.Println("refused:", err)
			continue
		}
		s.Commit(p)
		out := f(context.Background())
		fmt.Println("=>", out.Values)
		if out.Err != nil {
			fmt.Println(out.Err.Kind, out.Err.Msg, out.Err.Pos, out.Err.Frames)
		}
	}
}
