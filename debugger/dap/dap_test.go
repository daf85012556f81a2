package dap_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

var executors = []string{"exact", "yaegi"}

// each runs f with a fresh kernel of each executor.
func each(t *testing.T, f func(t *testing.T, c *client)) {
	t.Parallel()
	for _, x := range executors {
		t.Run(x, func(t *testing.T) {
			t.Parallel()
			f(t, connect(t, x))
		})
	}
}

func TestABreakpointStopsInAFunctionOfAnotherCell(t *testing.T) {
	each(t, func(t *testing.T, c *client) {
		def := "func square(n int) int {\n\tr := n * n\n\treturn r\n}"
		c.run(def)
		c.start()
		points := c.breaks(c.dump(def), 3)
		if p := points[0].(map[string]any); p["verified"] != true || p["line"] != 3.0 {
			t.Errorf("%v", p)
		}
		wait := c.execute("sum := 0\nfor i := range 3 {\n\tsum += square(i)\n}\nsum")
		for i, want := range []string{"n=0 r=0", "n=1 r=1", "n=2 r=4"} {
			e := c.stopped("breakpoint")
			if got := c.stack(e); got != "square:3 cell:3" {
				t.Errorf("stack %s", got)
			}
			f := c.frames(e)
			if got := c.vars(f[0], "Locals"); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if got, want := c.eval(f[0], "fmt.Sprint(r+100, n)"), fmt.Sprintf("%q", fmt.Sprint(i*i+100, i)); got != want {
				t.Errorf("eval: %s, want %s", got, want)
			}
			if got, want := c.vars(f[1], "Locals"), fmt.Sprintf("i=%d", i); got != want {
				t.Errorf("caller: got %s, want %s", got, want)
			}
			c.resume("continue", e)
		}
		c.ends(wait, "ok", "=> 5\n")
	})
}

func TestStepsGoOverIntoAndOut(t *testing.T) {
	each(t, func(t *testing.T, c *client) {
		c.run("type acc struct{ n int }\nfunc (a *acc) add(k int) {\n\ta.n += k\n}\nfunc twice(a *acc, k int) {\n\ta.add(k)\n\ta.add(k)\n}")
		c.start()
		cell := "a := &acc{}\ntwice(a, 1)\ntwice(a, 2)\nfor i := 0; i < 2; i++ {\n\ta.n++\n}\na.n"
		c.breaks(c.dump(cell), 2)
		wait := c.execute(cell)
		e := c.stopped("breakpoint")
		for _, s := range []struct{ step, want string }{
			{"stepIn", "twice:6 cell:2"},
			{"next", "twice:7 cell:2"},
			{"stepIn", "acc.add:3 twice:7 cell:2"},
			{"stepOut", "cell:3"},
			{"next", "cell:4"},
			{"next", "cell:5"},
			{"next", "cell:5"},
			{"next", "cell:7"},
		} {
			c.resume(s.step, e)
			e = c.stopped("step")
			if got := c.stack(e); got != s.want {
				t.Fatalf("%s: stack %s, want %s", s.step, got, s.want)
			}
		}
		c.resume("next", e)
		c.ends(wait, "ok", "=> 8\n")
	})
}

func TestConditionsHitCountsAndLogPoints(t *testing.T) {
	each(t, func(t *testing.T, c *client) {
		c.start()
		cell := "sum := 0\nfor i := range 20 {\n\tsum += i\n\tsum++\n}\nsum"
		c.breaks(c.dump(cell),
			map[string]any{"line": 3, "condition": "i == 3 && sum > 1"},
			map[string]any{"line": 4, "hitCondition": "7"},
			map[string]any{"line": 2, "logMessage": "sum is {sum} and {sum*2}"})
		wait := c.execute(cell)
		e := c.stopped("breakpoint")
		f := c.frames(e)
		if got := c.vars(f[0], "Locals"); got != "i=3" || f[0]["line"] != 3.0 {
			t.Errorf("condition: %s in line %v", got, f[0]["line"])
		}
		c.resume("continue", e)
		e = c.stopped("breakpoint")
		f = c.frames(e)
		if got := c.vars(f[0], "Locals"); got != "i=6" || f[0]["line"] != 4.0 {
			t.Errorf("hit count: %s in line %v", got, f[0]["line"])
		}
		c.breaks(c.dump(cell), map[string]any{"line": 3, "condition": "nothing > 1"})
		c.resume("continue", e)
		e = c.stopped("breakpoint")
		if text := fmt.Sprint(e["text"]); !strings.Contains(text, "nothing is unknown") && !strings.Contains(text, "undefined: nothing") {
			t.Errorf("a condition that makes no sense: %s", text)
		}
		c.breaks(c.dump(cell))
		c.resume("continue", e)
		c.ends(wait, "ok", "=> 210\n")
		if got := c.said(); got != "sum is 0 and 0\n" {
			t.Errorf("log: %q", got)
		}
		c.breaks(c.dump(cell), map[string]any{"line": 3, "condition": "i == 7"}) // false again and again
		wait = c.execute(cell)
		e = c.stopped("breakpoint")
		if got := c.vars(c.frames(e)[0], "Locals"); got != "i=7" || e["text"] != nil {
			t.Errorf("%s, %v", got, e["text"])
		}
		c.resume("continue", e)
		c.ends(wait, "ok", "=> 210\n")
	})
}

func TestABreakpointWaitsForItsCellAndMovesWhileItRuns(t *testing.T) {
	each(t, func(t *testing.T, c *client) {
		c.start()
		cell := "// comment\n\nfunc work(n int) int {\n\tm := n\n\n\tm++\n\treturn m\n}\nt0 := 0\nfor i := range 4 {\n\tt0 += work(i)\n}\nt0"
		points := c.breaks(c.dump(cell), 5, 40)
		if p := points[0].(map[string]any); p["line"] != 6.0 || p["verified"] != true {
			t.Errorf("line 5 is empty: %v", p)
		}
		if p := points[1].(map[string]any); p["verified"] != false || p["message"] == nil {
			t.Errorf("line 40 is behind the end: %v", p)
		}
		wait := c.execute(cell)
		e := c.stopped("breakpoint")
		if got := c.stack(e); got != "work:6 cell:11" {
			t.Errorf("stack %s", got)
		}
		c.breaks(c.dump(cell), 7)
		c.resume("continue", e)
		e = c.stopped("breakpoint")
		if got := c.stack(e); got != "work:7 cell:11" {
			t.Errorf("stack %s", got)
		}
		c.breaks(c.dump(cell))
		c.resume("continue", e)
		c.ends(wait, "ok", "=> 10\n")
	})
}

func TestFunctionBreakpoints(t *testing.T) {
	each(t, func(t *testing.T, c *client) {
		c.start()
		body := c.do("setFunctionBreakpoints", map[string]any{"breakpoints": []any{
			map[string]any{"name": "box.get"}, map[string]any{"name": "none"},
		}})
		if p := body["breakpoints"].([]any)[0].(map[string]any); p["verified"] != false {
			t.Errorf("%v", p)
		}
		c.run("type box struct{ v int }\nfunc (b box) get() int {\n\treturn b.v\n}")
		p := c.wait("breakpoint")["breakpoint"].(map[string]any)
		if p["verified"] != true || p["line"] != 3.0 {
			t.Errorf("%v", p)
		}
		wait := c.execute("b := box{7}\nb.get()")
		e := c.stopped("function breakpoint")
		if got := c.stack(e); got != "box.get:3 cell:2" {
			t.Errorf("stack %s", got)
		}
		c.resume("continue", e)
		c.ends(wait, "ok", "=> 7\n")
	})
}

func TestVariablesAreSet(t *testing.T) {
	each(t, func(t *testing.T, c *client) {
		c.start()
		cell := "type pt struct {\n\tX, y int\n\ttags map[string]int\n}\nlr := 0.5\nfunc f(p *pt, xs []int, name string) string {\n\tvar any any = 3\n\tn := len(xs)\n" +
			"\treturn fmt.Sprint(*p, xs, name, n, lr, any)\n}\nf(&pt{1, 2, map[string]int{\"a\": 1}}, []int{1, 2, 3}, \"x\")"
		c.breaks(c.dump(cell), 9)
		wait := c.execute(cell)
		e := c.stopped("breakpoint")
		f := c.frames(e)[0]
		if got, want := c.vars(f, "Locals"), `p=&{X: 1, y: 2, tags: {"a": 1}} xs=[1, 2, 3] name="x" any=3 n=3`; got != want {
			t.Errorf("got %s\nwant %s", got, want)
		}
		scope := c.scope(f, "Locals")
		c.do("setVariable", map[string]any{"variablesReference": scope, "name": "name", "value": `name + "yz"`})
		c.do("setVariable", map[string]any{"variablesReference": scope, "name": "n", "value": "40 + 2"})
		c.do("setVariable", map[string]any{"variablesReference": c.part(scope, "p"), "name": "y", "value": "n"})
		c.do("setVariable", map[string]any{"variablesReference": c.part(scope, "xs"), "name": "1", "value": "-1"})
		c.do("setVariable", map[string]any{"variablesReference": c.part(c.part(scope, "p"), "tags"), "name": `"a"`, "value": "9"})
		if got := c.eval(f, "lr = 0.25"); got != "" {
			t.Errorf("assignment: %s", got)
		}
		if got := c.eval(f, "for i := range xs { n += xs[i] }\nn"); got != "45" {
			t.Errorf("statements: %s", got)
		}
		r := c.ask("setVariable", map[string]any{"variablesReference": scope, "name": "n", "value": `"text"`})
		if r["success"] == true {
			t.Error("a string fits into an int")
		}
		c.resume("continue", e)
		c.ends(wait, "ok", "=> {1 42 map[a:9]} [1 -1 3]xyz45 0.25 3\n")
	})
}

func TestCapturedVariablesAreThoseOfTheClosure(t *testing.T) {
	each(t, func(t *testing.T, c *client) {
		c.start()
		cell := "func build() (fs []func() int) {\n\tbase := 10\n\tfor i := range 3 {\n\t\tfs = append(fs, func() int {\n\t\t\tk := base + i\n\t\t\treturn k\n\t\t})\n\t}\n\tbase++\n\treturn fs\n}\n" +
			"s := 0\nfor _, f := range build() {\n\ts += f()\n}\ns"
		c.breaks(c.dump(cell), 6)
		wait := c.execute(cell)
		for i := range 3 {
			e := c.stopped("breakpoint")
			f := c.frames(e)[0]
			if got, want := c.vars(f, "Captured"), fmt.Sprintf("base=11 i=%d", i); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if got, want := c.vars(f, "Locals"), fmt.Sprintf("k=%d", 11+i); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if f["name"] != "func literal in build" {
				t.Errorf("%v", f["name"])
			}
			c.resume("continue", e)
		}
		c.ends(wait, "ok", "=> 36\n")
	})
}

func TestPauseStopsATightLoop(t *testing.T) {
	each(t, func(t *testing.T, c *client) {
		c.start()
		c.run("on, n := true, 0")
		wait := c.execute("for on {\n\tn++\n}\nfmt.Println(on)")
		c.do("pause", map[string]any{"threadId": 1})
		e := c.stopped("pause")
		f := c.frames(e)[0]
		if got := c.eval(f, "on = false"); got != "" {
			t.Error(got)
		}
		c.resume("continue", e)
		c.ends(wait, "ok", "false\n")
		wait = c.execute("for {\n}")
		c.do("pause", map[string]any{"threadId": 1})
		c.stopped("pause")
		c.interrupt()
		c.ends(wait, "error", "interrupt: interrupted\n")
		if got := c.run("1 + 1"); got != "=> 2\n" {
			t.Error(got)
		}
	})
}

func TestDisconnectingInAStopLetsTheProgramGoOn(t *testing.T) {
	each(t, func(t *testing.T, c *client) {
		c.start()
		cell := "n := 0\nfor range 3 {\n\tn++\n}\nn"
		c.breaks(c.dump(cell), 3)
		wait := c.execute(cell)
		c.stopped("breakpoint")
		c.do("disconnect", map[string]any{"restart": false, "terminateDebuggee": false})
		c.ends(wait, "ok", "=> 3\n")
		if got := c.run(cell); got != "=> 3\n" {
			t.Error(got)
		}
		c.start()
		if info := c.do("debugInfo", nil); len(info["breakpoints"].([]any)) != 0 || info["isStarted"] != true {
			t.Errorf("%v", info)
		}
	})
}

func TestAttachingToARunningCellStopsInItsFunctions(t *testing.T) {
	t.Parallel()
	c := connect(t, "exact")
	def := "func work(n int) int {\n\tm := n + 1\n\treturn m\n}"
	c.run(def)
	wait := c.execute("fmt.Println(1)\nn := 0\nfor n < 1<<30 {\n\tn = work(n)\n}\nn")
	c.prints("1\n")
	c.start()
	c.breaks(c.dump(def), 3)
	e := c.stopped("breakpoint")
	if got := c.stack(e); got != "work:3" {
		t.Errorf("stack %s", got)
	}
	f := c.frames(e)[0]
	c.breaks(c.dump(def))
	c.eval(f, "m = 1 << 30")
	c.resume("continue", e)
	c.ends(wait, "ok", "=> 1073741824\n")
}

func TestGoroutinesAreThreads(t *testing.T) {
	each(t, func(t *testing.T, c *client) {
		c.start()
		cell := "func worker(id int, out chan int) {\n\tout <- id * 10\n}\nout := make(chan int)\nfor i := range 2 {\n\tgo worker(i, out)\n}\na, b := <-out, <-out\na + b"
		c.breaks(c.dump(cell), 2)
		wait := c.execute(cell)
		seen := map[string]bool{}
		for range 2 {
			e := c.stopped("breakpoint")
			if got := c.stack(e); got != "worker:2" {
				t.Errorf("stack %s", got)
			}
			seen[c.vars(c.frames(e)[0], "Locals")[:4]] = true
			list := c.do("threads", nil)["threads"].([]any)
			if len(list) < 2 {
				t.Errorf("threads %v", list)
			}
			c.resume("continue", e)
		}
		if !seen["id=0"] || !seen["id=1"] {
			t.Errorf("%v", seen)
		}
		c.ends(wait, "ok", "=> 10\n")
	})
}

func TestAnExpressionWithoutEndIsInterrupted(t *testing.T) {
	each(t, func(t *testing.T, c *client) {
		c.start()
		c.run("func spin() int {\n\tfor {\n\t}\n}")
		got := make(chan map[string]any, 1)
		go func() { got <- c.ask("evaluate", map[string]any{"expression": "spin()"}) }()
		for done := false; !done; {
			select {
			case r := <-got:
				if done = true; r["success"] == true {
					t.Errorf("%v", r)
				}
			case <-time.After(50 * time.Millisecond):
				c.interrupt()
			}
		}
		cell := "n := 1\nn++\nn"
		c.breaks(c.dump(cell), 2)
		wait := c.execute(cell)
		frame := c.frames(c.stopped("breakpoint"))[0]["id"]
		go func() { got <- c.ask("evaluate", map[string]any{"expression": "spin()", "frameId": 0}) }()
		go func() { got <- c.ask("evaluate", map[string]any{"expression": "n", "frameId": frame}) }()
		for n := 0; n < 2; {
			select {
			case <-got:
				n++
			case <-time.After(50 * time.Millisecond):
				c.interrupt()
			}
		}
		wait()
		c.output()
		if got := c.run("1 + 1"); got != "=> 2\n" {
			t.Error(got)
		}
	})
}

func TestNoRequestBreaksTheKernel(t *testing.T) {
	t.Parallel()
	c := connect(t, "exact")
	for _, m := range []any{
		nil, 3, "text",
		[]any{},
		map[string]any{},
		map[string]any{"type": "request"},
		map[string]any{"type": "request", "command": "nothing", "seq": 1},
		map[string]any{"type": "request", "command": "setBreakpoints", "seq": 1},
		map[string]any{"type": "request", "command": "setBreakpoints", "seq": 1, "arguments": 7},
		map[string]any{"type": "request", "command": "stackTrace", "seq": 1, "arguments": map[string]any{"threadId": -1}},
		map[string]any{"type": "request", "command": "scopes", "seq": 1, "arguments": map[string]any{"frameId": 99}},
		map[string]any{"type": "request", "command": "variables", "seq": 1, "arguments": map[string]any{"variablesReference": 9999, "start": -5}},
		map[string]any{"type": "request", "command": "evaluate", "seq": 1, "arguments": map[string]any{"expression": "1 +"}},
		map[string]any{"type": "request", "command": "evaluate", "seq": 1, "arguments": map[string]any{"expression": "panic(1)"}},
		map[string]any{"type": "request", "command": "source", "seq": 1, "arguments": map[string]any{"source": map[string]any{"path": "/etc/passwd"}}},
		map[string]any{"type": "request", "command": "continue", "seq": 1, "arguments": map[string]any{"threadId": 5}},
		map[string]any{"type": "request", "command": "next", "seq": 1, "arguments": map[string]any{"threadId": 5}},
		map[string]any{"type": "response", "command": "next", "seq": 1},
	} {
		if r := c.raw(m); r["success"] != false && r["command"] != "continue" || r["message"] == "" {
			t.Errorf("%v: %v", m, r)
		}
	}
	if got := c.run("1 + 1"); got != "=> 2\n" {
		t.Error(got)
	}
}
