package dap_test

import (
	"fmt"
	"strings"
	"testing"
)

// again runs the frame with that index on the stack of a stop again.
func (c *client) again(e stop, frame int) stop {
	c.t.Helper()
	c.do("restartFrame", map[string]any{"frameId": c.frames(e)[frame]["id"]})
	return c.stopped("restart")
}

// refuses expects that the frame with that index cannot run again, because of what.
func (c *client) refuses(e stop, frame int, what string) {
	c.t.Helper()
	r := c.ask("restartFrame", map[string]any{"frameId": c.frames(e)[frame]["id"]})
	if text := fmt.Sprint(r["message"]); r["success"] == true || !strings.Contains(text, what) {
		c.t.Errorf("frame %d: %v, want a message with %q", frame, r, what)
	}
}

func TestAFrameRunsAgainWithItsArguments(t *testing.T) {
	t.Parallel()
	c := connect(t, "exact")
	c.start()
	cell := "type box struct{ n int }\ncalls := 0\nlog := []string{}\n" +
		"func inner(n int) int {\n\tdefer func() { log = append(log, fmt.Sprint(\"left \", n, recover())) }()\n\tn *= 2\n\treturn n\n}\n" +
		"func (b *box) outer(k int, xs ...string) (r int, err error) {\n\tcalls++\n\tk++\n\tr = inner(k) + b.n + len(xs)\n\treturn r, nil\n}\n" +
		"b := &box{100}\nv, err := b.outer(4, \"a\", \"b\")\nfmt.Println(v, err, calls, log)"
	c.breaks(c.dump(cell), 7)
	wait := c.execute(cell)
	e := c.stopped("breakpoint")
	c.refuses(e, 2, "run it again")
	c.eval(c.frames(e)[1], "b.n = 1000") // stays
	e = c.again(e, 1)
	if got := c.stack(e); got != "box.outer:10 cell:16" {
		t.Errorf("stack %s", got)
	}
	if got := c.vars(c.frames(e)[0], "Locals"); got != `b=&{n: 1000} k=4 xs=["a", "b"] r=0 err=nil` {
		t.Errorf("locals %s", got)
	}
	c.resume("continue", e)
	e = c.stopped("breakpoint")
	e = c.again(e, 0)
	if got := c.stack(e); got != "inner:5 box.outer:12 cell:16" {
		t.Errorf("stack %s", got)
	}
	c.breaks(c.dump(cell))
	c.resume("continue", e)
	c.ends(wait, "ok", "1012 <nil> 2 [left 10 <nil> left 10 <nil> left 10 <nil>]\n")
}

func TestAFunctionLiteralAndAGoroutineRunAgain(t *testing.T) {
	t.Parallel()
	c := connect(t, "exact")
	c.start()
	cell := "done := make(chan int)\nbase := 10\nwork := func(n int) {\n\tm := n + base\n\tdone <- m\n}\ngo work(1)\n<-done"
	c.breaks(c.dump(cell), 5)
	wait := c.execute(cell)
	e := c.stopped("breakpoint")
	f := c.frames(e)[0]
	c.eval(f, "m = 0")
	thread := e["threadId"]
	e = c.again(e, 0)
	if got := c.stack(e); got != "func literal:4" || e["threadId"] != thread {
		t.Errorf("stack %s in thread %v, want %v", got, e["threadId"], thread)
	}
	c.eval(c.frames(e)[0], "base = 20")
	c.breaks(c.dump(cell))
	c.resume("continue", e)
	c.ends(wait, "ok", "=> 21\n")
}

func TestAFunctionThatPanickedRunsAgain(t *testing.T) {
	t.Parallel()
	c := connect(t, "exact")
	c.start()
	c.do("setExceptionBreakpoints", map[string]any{"filters": []string{"panic"}})
	cell := "xs := []int{1, 2}\nfunc at(i int) int {\n\treturn xs[i]\n}\nfunc sum() (s int) {\n\tfor i := range 3 {\n\t\ts += at(i)\n\t}\n\treturn s\n}\nsum()"
	wait := c.execute(cell)
	e := c.stopped("exception")
	if got := c.stack(e); got != "at:3 sum:7 cell:11" {
		t.Errorf("stack %s", got)
	}
	c.eval(c.frames(e)[0], "xs = append(xs, 39)")
	e = c.again(e, 0)
	c.resume("continue", e)
	c.ends(wait, "ok", "=> 42\n")
	c.run("xs = xs[:1]")
	wait = c.execute("sum()")
	e = c.stopped("exception")
	c.eval(c.frames(e)[0], "xs = append(xs, 5, 6)")
	e = c.again(e, 1)
	c.resume("continue", e)
	c.ends(wait, "ok", "=> 12\n")
	wait = c.execute("xs = nil\nsum()") // and a panic after a restart is one
	e = c.again(c.stopped("exception"), 0)
	c.resume("continue", e)
	c.resume("continue", c.stopped("exception"))
	if s := wait(); s != "error" || !strings.Contains(c.output(), "index out of range") {
		t.Errorf("status %s", s)
	}
}

func TestWhatCannotRunAgainSaysWhy(t *testing.T) {
	t.Parallel()
	c := connect(t, "exact")
	c.start()
	cell := "import (\n\t\"sort\"\n\tl \"github.com/lathe-ml/lathe/eager\"\n)\nfunc sorted(xs []int) []int {\n\tsort.Slice(xs, func(i, j int) bool {\n\t\tless := xs[i] < xs[j]\n\t\treturn less\n\t})\n\treturn xs\n}\nsorted([]int{2, 1})"
	c.breaks(c.dump(cell), 8)
	wait := c.execute(cell)
	e := c.stopped("breakpoint")
	c.refuses(e, 1, "compiled code")
	e = c.again(e, 0)
	if got := c.stack(e); got != "func literal in sorted:7 sorted:6 cell:12" {
		t.Errorf("stack %s", got)
	}
	c.breaks(c.dump(cell))
	c.resume("continue", e)
	c.ends(wait, "ok", "=> [1 2]\n")

	c.do("setExceptionBreakpoints", map[string]any{"filters": []string{"nan"}})
	wait = c.execute("func root(x *l.Tensor) *l.Tensor {\n\treturn x.Sqrt()\n}\ny := root(l.New([]float64{-1}))")
	e = c.stopped("exception")
	c.refuses(e, 0, "inside compiled code")
	c.resume("continue", e)
	wait()

	y := connect(t, "yaegi")
	y.start()
	cell = "func f(n int) int {\n\treturn n\n}\nf(1)"
	y.breaks(y.dump(cell), 2)
	wait = y.execute(cell)
	e = y.stopped("breakpoint")
	y.refuses(e, 0, "--executor exact")
	y.resume("continue", e)
	y.ends(wait, "ok", "=> 1\n")
}

// A panic of a deferred function on the way is a panic like others.
func TestADeferredPanicEndsARestart(t *testing.T) {
	t.Parallel()
	c := connect(t, "exact")
	c.start()
	cell := "func f(n int) int {\n\tdefer func() { panic(\"no way out\") }()\n\tn++\n\treturn n\n}\nf(1)"
	c.breaks(c.dump(cell), 3)
	wait := c.execute(cell)
	e := c.stopped("breakpoint")
	c.do("restartFrame", map[string]any{"frameId": c.frames(e)[0]["id"]})
	if s := wait(); s != "error" || !strings.Contains(c.output(), "no way out") {
		t.Errorf("status %s", s)
	}
	c.breaks(c.dump(cell))
	if got := c.run("func g() int {\n\treturn 3\n}\ng()"); got != "=> 3\n" {
		t.Error(got)
	}
}
