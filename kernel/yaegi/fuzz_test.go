package yaegi_test

import (
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/exectest"
)

// FuzzSession feeds cells to a session up to the point where they would run: whatever they hold,
// the answer is a program or errors with a place, and the session goes on.
func FuzzSession(f *testing.F) {
	for _, c := range exectest.Cells() {
		f.Add(c)
	}
	for _, s := range []string{
		"x := ", "}", "/*", "func (", "\x00", "type T[P any] struct{ f T[T[P]] }", "type A [len(x)]int\nvar x A",
		strings.Repeat("(", 5000) + "1" + strings.Repeat(")", 5000), "x := " + strings.Repeat("-", 3000) + "1",
		"const c = 1 << 600", "var a [1<<40]int", "func f() { defer recover(); goto L }", "import \"C\"",
		"type I interface{ I }", "type T struct{ T }", "x := x", "a, b := 1", "func init() int { return 1 }",
		"func main(x int) {}", "switch x := any(1).(type) {}", "for i := range 1<<70 {}", "_ = 'ab'", "1 = 2",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, cells string) {
		nb := newNotebook(t)
		for i, cell := range strings.Split(cells, "\n---\n") {
			if i == 8 {
				break
			}
			p, err := nb.Session.Check("cell", cell)
			if err == nil {
				if _, err = nb.Executor.Prepare(p); err == nil {
					nb.Session.Commit(p)
					continue
				}
			}
			list, ok := err.(check.Errors)
			if !ok || len(list) == 0 {
				t.Fatalf("%q: %v is no list of errors", cell, err)
			}
			if lines := strings.Count(cell, "\n") + 1; list[0].Pos.Line > lines {
				t.Fatalf("%q: %v stands outside of the cell", cell, list[0])
			}
		}
		if p, err := nb.Session.Check("last", "0"); err != nil {
			t.Fatalf("%q: the session is broken: %v, %v", cells, p, err)
		}
	})
}
