package dap_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lathe-ml/lathe/debugger/dap"
	"github.com/lathe-ml/lathe/debugger/tensor"
	"github.com/lathe-ml/lathe/kernel"
	"github.com/lathe-ml/lathe/kernel/host"
	"github.com/lathe-ml/lathe/kernel/symbols"
	"github.com/lathe-ml/lathe/kernel/wire"
)

// TestMain makes the test binary a kernel when it is started as one.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "kernel" {
		os.Exit(kernel.Main(os.Args[2:], kernel.Options{
			Symbols: symbols.Packages(), Exports: symbols.Exports(), Prelude: symbols.Prelude(), Version: "test",
			Debugger: func(d kernel.Debuggee) kernel.Debugger { return dap.New(d, tensor.New()) },
		}, os.Stderr))
	}
	os.Exit(m.Run())
}

// client is a Jupyter client with a debugger.
type client struct {
	t      *testing.T
	k      *host.Kernel
	errs   *lines
	events chan map[string]any

	mu      sync.Mutex
	seq     int
	replies map[string]chan map[string]any // by message id
	outputs strings.Builder
	console strings.Builder        // output events
	idle    map[string]chan string // by message id: the status of an execution
}

// patience is how long a test waits for what must happen.
const patience = 2 * time.Minute

// connect starts a kernel with the given executor and further flags.
func connect(t *testing.T, executor string, flags ...string) *client {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	errs := &lines{}
	k, err := host.Start(context.Background(), host.Options{
		Command: append([]string{exe, "kernel", "--executor", executor}, flags...), Stderr: errs,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = k.Shutdown(ctx) // a kernel that still stops in a cell is killed
		errs.mu.Lock()
		defer errs.mu.Unlock()
		if text := errs.text.String(); strings.Contains(text, "DATA RACE") {
			t.Errorf("the kernel says: %s", text)
		}
	})
	c := &client{
		t: t, k: k, errs: errs, events: make(chan map[string]any, 1000), replies: map[string]chan map[string]any{},
		idle: map[string]chan string{},
	}
	go c.read()
	return c
}

func (c *client) read() {
	for m := range c.k.Messages() {
		var content map[string]any
		_ = json.Unmarshal(m.Content, &content)
		c.mu.Lock()
		switch m.Header.Type {
		case "debug_reply":
			if ch := c.replies[m.Parent.ID]; ch != nil {
				ch <- content
			}
		case "debug_event":
			if body, _ := content["body"].(map[string]any); content["event"] == "output" {
				fmt.Fprint(&c.console, body["output"])
			}
			c.events <- content
		case "stream":
			fmt.Fprint(&c.outputs, content["text"])
		case "execute_result":
			fmt.Fprintf(&c.outputs, "=> %v\n", content["data"].(map[string]any)["text/plain"])
		case "error":
			fmt.Fprintf(&c.outputs, "%v: %v\n", content["ename"], content["evalue"])
		case "execute_reply":
			if ch := c.idle[m.Parent.ID]; ch != nil {
				ch <- fmt.Sprint(content["status"])
			}
		}
		c.mu.Unlock()
	}
}

// ask sends a request and returns the whole answer.
func (c *client) ask(command string, args any) map[string]any {
	c.t.Helper()
	c.mu.Lock()
	c.seq++
	seq := c.seq
	c.mu.Unlock()
	return c.raw(map[string]any{"seq": seq, "type": "request", "command": command, "arguments": args})
}

// raw sends the content of a debug_request.
func (c *client) raw(content any) map[string]any {
	c.t.Helper()
	m, err := wire.New(wire.Control, "debug_request", nil, content)
	if err != nil {
		c.t.Fatal(err)
	}
	ch := make(chan map[string]any, 1)
	c.mu.Lock()
	c.replies[m.Header.ID] = ch
	c.mu.Unlock()
	if err := c.k.Send(m); err != nil {
		c.t.Fatal(err)
	}
	select {
	case r := <-ch:
		return r
	case <-time.After(patience):
		c.t.Fatalf("no answer to %v", content)
	}
	return nil
}

// do sends a request that must succeed and returns its body.
func (c *client) do(command string, args any) map[string]any {
	c.t.Helper()
	r := c.ask(command, args)
	if r["success"] != true && !allowed(args) {
		c.t.Fatalf("%s %v: %v", command, args, r["message"])
	}
	body, _ := r["body"].(map[string]any)
	return body
}

// start is how clients begin.
func (c *client) start() {
	c.t.Helper()
	c.do("initialize", map[string]any{"clientID": "test", "linesStartAt1": true, "columnsStartAt1": true})
	c.do("attach", map[string]any{})
	c.wait("initialized")
	c.do("configurationDone", nil)
}

// wait returns the next event of that name; others are dropped.
func (c *client) wait(name string) map[string]any {
	c.t.Helper()
	for {
		select {
		case e := <-c.events:
			if e["event"] == name {
				body, _ := e["body"].(map[string]any)
				return body
			}
		case <-time.After(patience):
			c.t.Fatalf("no %s event; output so far: %s", name, c.output())
		}
	}
}

// execute begins a cell; what it returns waits for its end and returns its status.
func (c *client) execute(code string) func() string {
	c.t.Helper()
	m, err := wire.New(wire.Shell, "execute_request", nil, map[string]any{"code": code, "store_history": true})
	if err != nil {
		c.t.Fatal(err)
	}
	ch := make(chan string, 1)
	c.mu.Lock()
	c.idle[m.Header.ID] = ch
	c.mu.Unlock()
	if err := c.k.Send(m); err != nil {
		c.t.Fatal(err)
	}
	return func() string {
		c.t.Helper()
		select {
		case s := <-ch:
			return s
		case <-time.After(patience):
			c.t.Fatalf("the cell does not end; output so far: %s", c.output())
		}
		return ""
	}
}

// run executes a cell to its end and returns what it printed.
func (c *client) run(code string) string {
	c.t.Helper()
	c.output()
	c.execute(code)()
	return c.output()
}

// output takes what was printed since the last call.
func (c *client) output() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.outputs.String()
	c.outputs.Reset()
	return s
}

// prints waits until exactly that has been printed since the last call of output.
func (c *client) prints(want string) {
	c.t.Helper()
	got := ""
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if got += c.output(); got == want {
			return
		}
	}
	c.t.Fatalf("printed %q, want %q", got, want)
}

// dump tells the kernel of a cell and returns its path.
func (c *client) dump(code string) string {
	c.t.Helper()
	return c.do("dumpCell", map[string]any{"code": code})["sourcePath"].(string)
}

// breaks sets breakpoints: lines, or maps with more.
func (c *client) breaks(path string, points ...any) []any {
	c.t.Helper()
	list := []any{}
	for _, p := range points {
		if n, ok := p.(int); ok {
			p = map[string]any{"line": n}
		}
		list = append(list, p)
	}
	body := c.do("setBreakpoints", map[string]any{"source": map[string]any{"path": path}, "breakpoints": list})
	return body["breakpoints"].([]any)
}

// stopped waits for a stop for the given reason and returns the thread.
func (c *client) stopped(reason string) stop {
	c.t.Helper()
	e := c.wait("stopped")
	if e["reason"] != reason {
		c.t.Errorf("stopped by %v (%v), want %s", e["reason"], e["text"], reason)
	}
	return e
}

// stop is the body of a stopped event.
type stop = map[string]any

// resume lets the thread of a stop go on.
func (c *client) resume(command string, e stop) {
	c.t.Helper()
	c.do(command, map[string]any{"threadId": e["threadId"]})
}

// ends waits for the end of a cell, which must give that status and output.
func (c *client) ends(wait func() string, status, output string) {
	c.t.Helper()
	if s := wait(); s != status {
		c.t.Errorf("status %s, want %s", s, status)
	}
	if got := c.output(); got != output {
		c.t.Errorf("output %q, want %q", got, output)
	}
}

// said returns the text of the output events so far.
func (c *client) said() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.console.String()
}

func (c *client) interrupt() {
	c.t.Helper()
	if err := c.k.Interrupt(); err != nil {
		c.t.Fatal(err)
	}
}

// scope is the reference of the variables of a scope of a frame.
func (c *client) scope(frame map[string]any, scope string) any {
	c.t.Helper()
	for _, s := range c.do("scopes", map[string]any{"frameId": frame["id"]})["scopes"].([]any) {
		if s := s.(map[string]any); s["name"] == scope {
			return s["variablesReference"]
		}
	}
	return nil
}

// part is the reference of the parts of a variable.
func (c *client) part(ref any, name string) any {
	c.t.Helper()
	for _, v := range c.do("variables", map[string]any{"variablesReference": ref})["variables"].([]any) {
		if v := v.(map[string]any); v["name"] == name {
			return v["variablesReference"]
		}
	}
	c.t.Fatalf("no variable %s", name)
	return nil
}

// stack describes the stack of a stopped thread: "f:3 cell:7".
func (c *client) stack(e stop) string {
	c.t.Helper()
	var out []string
	for _, f := range c.frames(e) {
		out = append(out, fmt.Sprintf("%v:%v", f["name"], f["line"]))
	}
	return strings.Join(out, " ")
}

func (c *client) frames(e stop) (list []map[string]any) {
	c.t.Helper()
	for _, f := range c.do("stackTrace", map[string]any{"threadId": e["threadId"]})["stackFrames"].([]any) {
		list = append(list, f.(map[string]any))
	}
	return list
}

// vars describes the variables of a scope of a frame: "a=1 b=2".
func (c *client) vars(frame map[string]any, scope string) string {
	c.t.Helper()
	ref := c.scope(frame, scope)
	if ref == nil {
		return "no scope " + scope
	}
	return c.list(ref)
}

func (c *client) list(ref any) string {
	c.t.Helper()
	var out []string
	for _, v := range c.do("variables", map[string]any{"variablesReference": ref})["variables"].([]any) {
		v := v.(map[string]any)
		out = append(out, fmt.Sprintf("%v=%v", v["name"], v["value"]))
	}
	return strings.Join(out, " ")
}

// eval evaluates an expression in a frame.
func (c *client) eval(frame map[string]any, expr string) string {
	c.t.Helper()
	r := c.ask("evaluate", map[string]any{"expression": expr, "frameId": frame["id"], "context": "repl"})
	if r["success"] != true {
		return "error: " + fmt.Sprint(r["message"])
	}
	return fmt.Sprint(r["body"].(map[string]any)["result"])
}

// stepToEnd steps into everything until the cell ends, and returns the number of steps.
func (c *client) stepToEnd(e stop, wait func() string) (steps int) {
	c.t.Helper()
	done := make(chan struct{})
	go func() {
		wait()
		close(done)
	}()
	for {
		c.ask("stepIn", map[string]any{"threadId": e["threadId"]})
		steps++
		for stopped := false; !stopped; {
			select {
			case <-done:
				return steps
			case ev := <-c.events:
				if stopped = ev["event"] == "stopped"; stopped {
					e = ev["body"].(map[string]any)
				}
			case <-time.After(patience):
				c.t.Fatalf("no end after %d steps", steps)
			}
		}
	}
}

// lines is what the kernel writes to its own standard error.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write makes it an io.Writer.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// adapter waits for the address at which debuggers can connect.
func (c *client) adapter() string {
	c.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		c.errs.mu.Lock()
		_, after, ok := strings.Cut(c.errs.text.String(), "debug adapter at ")
		c.errs.mu.Unlock()
		if address, _, whole := strings.Cut(after, "\n"); ok && whole {
			return address
		}
	}
	c.t.Fatal("the kernel tells no address")
	return ""
}
