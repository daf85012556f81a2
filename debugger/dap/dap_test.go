package dap_test

import (
	"testing"
)

var executors = []string{"exact", "yaegi"}

func each(t *testing.T, f func(t *testing.T, c *client)) {
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
		loop := "sum := 0\nfor i := range 3 {\n\tsum += square(i)\n}\nsum"
		c.run(def)
		c.start()
		points := c.breaks(c.dump(def), 3)
		if p := points[0].(map[string]any); p["verified"] != true || p["line"] != 3.0 {
			t.Errorf("%v", p)
		}
		wait := c.execute(loop)
		for _, want := range []string{"n=0 r=0", "n=1 r=1", "n=2 r=4"} {
			e := c.wait("stopped")
			if e["reason"] != "breakpoint" {
				t.Errorf("%v", e)
			}
			if got := c.stack(e["threadId"]); got != "square:3 cell:3" {
				t.Errorf("stack %s", got)
			}
			f := c.frames(e["threadId"])
			if got := c.vars(f[0], "Locals"); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if got := c.eval(f[0], "fmt.Sprint(r+100, n)"); got == "" || got[0] != '"' {
				t.Errorf("eval: %s", got)
			}
			t.Log(c.vars(f[1], "Locals"), "|", c.vars(f[1], "Globals"))
			c.do("continue", map[string]any{"threadId": e["threadId"]})
		}
		if s := wait(); s != "ok" {
			t.Error(s)
		}
		if got := c.output(); got != "=> 5\n" {
			t.Errorf("%q", got)
		}
	})
}
