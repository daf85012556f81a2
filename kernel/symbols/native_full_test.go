//go:build full

package symbols_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/native"
	"github.com/lathe-ml/lathe/kernel/native/compile"
	"github.com/lathe-ml/lathe/kernel/symbols"
)

const nativeCell = `
type Stat struct { Mean float64; N int }

func Mean(xs ...float64) Stat {
	s := 0.0
	for _, x := range xs { s += math.Abs(x) }
	return Stat{s / float64(len(xs)), len(xs)}
}

func Parse(s string) (int, error) { return strconv.Atoi(s) }
func Bad(xs []int) int { return xs[5] }
func Count(m map[string][]int) (n int) { for _, v := range m { n += len(v) }; calls++; return n + calls }
func Call(f func()) { f() }
func Spin() { for { calls++ } }
var calls int
`

func TestFunctionsOfANativeCellAreCalledFromOthers(t *testing.T) { both(t, nativeCells) }

func nativeCells(t *testing.T, executor string) {
	x, s := session(t, executor)
	c, err := compile.Compile(t.Context(), nativeCell, compile.Options{
		Cell: "cell 1", Importer: check.Open(symbols.Exports()...), Prelude: map[string]string{"math": "math", "strconv": "strconv"},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(native.Close)
	if len(c.Inside) != 1 || !strings.Contains(c.Inside[0], "Call is called inside the cell only: values of type func()") {
		t.Errorf("inside: %q", c.Inside)
	}
	for i, cell := range []struct{ code, want string }{
		{c.Wrapper, "[]"},
		{"Mean(1, -2, 3)", "[{2 3}]"},
		{"Parse(\"7\")", "[7]"},
		{"Parse(\"x\")", `error: strconv.Atoi: parsing "x": invalid syntax`},
		{"Count(map[string][]int{\"a\": {1, 2}})", "[3]"},
		{"Count(nil)", "[2]"}, // the process keeps its variables
		{"Bad([]int{1})", "error: native Bad: panic: runtime error: index out of range [5] with length 1 (line 11 of the compiled cell)"},
		{"Mean(4).N", "[1]"},
	} {
		p, err := s.Check(fmt.Sprintf("cell %d", i+1), cell.code)
		if err != nil {
			t.Fatal(err)
		}
		run, err := x.Prepare(p)
		if err != nil {
			t.Fatal(err)
		}
		s.Commit(p)
		out := run(context.Background())
		got := fmt.Sprint(out.Values)
		if out.Err != nil {
			got = "error: " + out.Err.Msg
		}
		if got != cell.want {
			t.Errorf("%s\ngot  %s\nwant %s", cell.code, got, cell.want)
		}
	}
	interrupted := make(chan any)
	go func() {
		defer func() { interrupted <- recover() }()
		native.Call(c.ID, "Spin", nil)
	}()
	for v := any(nil); v == nil; { // until the call has begun and is ended
		native.Interrupt()
		select {
		case v = <-interrupted:
			if !strings.Contains(fmt.Sprint(v), "was interrupted") {
				t.Errorf("an interrupted call panics with %v", v)
			}
		case <-time.After(20 * time.Millisecond):
		}
	}
	n := 0
	native.Call(c.ID, "Count", []any{map[string][]int{}}, &n)
	if n != 1 { // a new process
		t.Errorf("after the interrupt: %d", n)
	}
}
