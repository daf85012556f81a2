package exectest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/outcome"
)

// positions are cells with the functions and lines that their failures name, innermost first.
var positions = []struct{ cell, want string }{
	{`func leaf(xs []int, i int) int {
	a := xs[0]
	return a + xs[i]
}
func mid(i int) int {
	x := leaf([]int{1, 2}, 1)
	y := leaf([]int{1, 2}, i)
	return x + y
}
type T struct{ xs []int }
func (t *T) Get(i int) int {
	fmt.Print("")
	return t.xs[i]
}`, ""},
	{"x := mid(0)\n\nmid(x + 9)", "leaf 1:3, mid 1:7, cell 2:3"},
	{"v := &T{[]int{1}}\nv.Get(0)\nv.Get(4)", "T.Get 1:13, cell 3:3"},
	{"func nest(xs []int) int {\n\tf := mid(0)\n\treturn f + mid(0) + xs[5]\n}\nnest(nil)", "nest 4:3, cell 4:5"},
	{`s := []int{3, 1, 2}
sort.Slice(s, func(i, j int) bool {
	a := s[i]
	b := s[j+5]
	return a < b
})`, "func literal 5:4, cell 5:2"},
	{`go func() {
	q := mid(0)

	mid(q + 9)
}()`, "leaf 1:3, mid 1:7, func literal 6:4"},
	{`func rec(n int) int {
	if n == 0 { panic("deep") }

	return rec(n-1) + 1
}
rec(2)`, "rec 7:2, rec 7:4, rec 7:4, cell 7:6"},
	{`func seq(yield func(int) bool) { _ = yield(1) && yield(2) }
func use() {
	for v := range seq {
	fmt.Print("")
	if v == 2 { panic(v) }
	}
}
use()`, "use 8:5, seq 8:1, use 8:3, cell 8:8"},
	{`func safe() { defer func() { recover() }(); mid(9) }
safe()
var m map[int]int
m[1] = 2`, "cell 9:4"},
}

// Positions tests that a failure names the statement that failed and the calls that led there.
func Positions(t *testing.T, start New) {
	reports := make(chan *outcome.Failure, 1)
	o := options()
	o.Report = func(f *outcome.Failure) { reports <- f }
	x, err := start(o)
	if err != nil {
		t.Fatal(err)
	}
	prelude := map[string]string{"fmt": "fmt", "sort": "sort", "sync": "sync"}
	s := check.New(x.FileSet(), o.Library, check.Options{Prelude: prelude, Has: x.Has})
	for i, c := range positions {
		name := fmt.Sprintf("cell %d", i+1)
		p, err := s.Check(name, c.cell)
		if err != nil {
			t.Fatal(err)
		}
		run, err := x.Prepare(p)
		if err != nil {
			t.Fatal(err)
		}
		s.Commit(p)
		fail := run(context.Background()).Err
		if strings.HasPrefix(c.cell, "go ") {
			fail = <-reports
		}
		if got := places(fail); got != c.want {
			t.Errorf("%s\n%s\ngot  %s\nwant %s", name, c.cell, got, c.want)
		}
		if fail != nil && len(fail.Frames) > 0 && fail.Pos != fail.Frames[0].Pos {
			t.Errorf("%s: position %v", name, fail.Pos)
		}
	}
}

func places(f *outcome.Failure) (text string) {
	if f == nil {
		return ""
	}
	for k, fr := range f.Frames {
		if k > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%s %s:%d", fr.Func, fr.Pos.Filename[5:], fr.Pos.Line)
	}
	return text
}
