package dap_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// project makes the kernel's working directory one with a go.mod, and returns that.
func (c *client) project() string {
	c.t.Helper()
	dir, err := filepath.Abs("../../kernel/exact/testdata/modules")
	if err != nil {
		c.t.Fatal(err)
	}
	if got := c.run(fmt.Sprintf("os.Setenv(\"GOMODCACHE\", %q)\nos.Chdir(%q)", dir+"/cache", dir+"/app")); got != "" {
		c.t.Fatal(got)
	}
	return dir + "/app"
}

func TestStepsGoIntoPackagesReadFromSource(t *testing.T) {
	t.Parallel()
	c := connect(t, "exact")
	file := filepath.Join(c.project(), "shapes", "shapes.go")
	c.start()
	points := c.breaks(file, 27) // waits for the import
	if p := points[0].(map[string]any); p["verified"] != false {
		t.Errorf("%v", p)
	}
	cell := "import \"example.com/app/shapes\"\ns := shapes.Largest(&shapes.Square{2}, &shapes.Square{3})\ns.Area()"
	c.breaks(c.dump(cell), 2)
	wait := c.execute(cell)
	if p := c.wait("breakpoint")["breakpoint"].(map[string]any); p["verified"] != true {
		t.Errorf("%v", p)
	}
	e := c.stopped("breakpoint")
	c.resume("stepIn", e)
	e = c.stopped("breakpoint")
	if got := c.stack(e); got != "shapes.Largest:28 cell:2" {
		t.Errorf("stack %s", got)
	}
	source := c.frames(e)[0]["source"].(map[string]any)
	if source["path"] != file || source["name"] != "shapes.go" {
		t.Errorf("source %v", source)
	}
	text := c.do("source", map[string]any{"source": source})["content"]
	if !strings.Contains(fmt.Sprint(text), "package shapes") {
		t.Errorf("text %v", text)
	}
	for _, want := range []string{"sub.MaxBy:6", "sub.MaxBy:7", "sub.MaxBy:8", "sub.MaxBy:7"} {
		c.resume("stepIn", e)
		e = c.stopped("step")
		if got := c.stack(e); got != want+" shapes.Largest:28 cell:2" {
			t.Errorf("stack %s, want %s", got, want)
		}
	}
	f := c.frames(e)[0]
	if got := c.vars(f, "Locals"); got != "list=[&{Side: 2}, &{Side: 3}] by=func best=&{Side: 2} i=1 x=&{Side: 3}" {
		t.Errorf("locals %s", got)
	}
	if got := c.eval(f, "i + 41"); got != "42" {
		t.Errorf("evaluated %s", got)
	}
	c.resume("stepIn", e)
	e = c.stopped("step")
	if got := c.stack(e); got != "shapes.Square.Area:22 sub.MaxBy:7 shapes.Largest:28 cell:2" {
		t.Errorf("stack %s", got)
	}
	c.resume("continue", e)
	c.ends(wait, "ok", "=> 9\n")
}

func TestPackagesAreSteppedOverOnDemand(t *testing.T) {
	t.Parallel()
	c := connect(t, "exact")
	c.project()
	c.do("attach", map[string]any{"justMyCode": true})
	cell := "import \"example.com/app/shapes\"\nn := 1\ns := shapes.Largest(&shapes.Square{2}, &shapes.Square{3})\ns.Area()"
	c.breaks(c.dump(cell), 2)
	wait := c.execute(cell)
	e := c.stopped("breakpoint")
	for _, want := range []string{"cell:3", "cell:4"} {
		c.resume("stepIn", e)
		e = c.stopped("step")
		if got := c.stack(e); got != want {
			t.Errorf("stack %s, want %s", got, want)
		}
	}
	c.resume("stepIn", e)
	c.ends(wait, "ok", "=> 9\n")
}
