package dap_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	protocol "github.com/google/go-dap"
)

var update = flag.Bool("update", false, "write testdata/*.golden")

// The notebook of the conversation: a model and a loss, a loop that trains it.
const (
	modelCell = `type Net struct {
	nn.Base
	fc *nn.Linear
}

func (m *Net) Forward(x *t.Tensor) *t.Tensor {
	y := m.fc.Forward(x)
	return y.Tanh()
}

t.Seed(1)
net := &Net{fc: nn.NewLinear(2, 3)}
net.Add("fc", net.fc)`
	lossCell = `func lossOf(out, y *t.Tensor, step int) *t.Tensor {
	d := out.Sub(y)
	loss := d.Mul(d).Mean()
	return loss
}`
	loopCell = `lr := 0.1
x, y := t.Ones(4, 2), t.Zeros(4, 3).Add(0.9)
for step := range 20 {
	net.ZeroGrad()
	out := net.Forward(x)
	l := lossOf(out, y, step)
	l.Backward()
	for _, p := range net.Params() {
		p.SetData(p.Detach().Sub(p.Grad().Mul(lr)))
	}
}
fmt.Println("trained with", lr)`
)

// peer asks as a client does; events come by wait.
type peer interface {
	do(command string, args any) map[string]any
	wait(event string) map[string]any
}

type m = map[string]any

// script is a session as JupyterLab's client drives it, with the same arguments.
func script(c peer, execute func(code string) func() string) (end func() string) {
	execute(modelCell)()
	execute(lossCell)()
	c.do("debugInfo", m{})
	c.do("initialize", m{
		"clientID": "jupyterlab", "clientName": "JupyterLab", "adapterID": "lathe", "pathFormat": "path",
		"linesStartAt1": true, "columnsStartAt1": true, "supportsVariableType": true, "supportsVariablePaging": true,
		"supportsRunInTerminalRequest": true, "locale": "en",
	})
	c.do("attach", m{})
	c.wait("initialized")
	path := c.do("dumpCell", m{"code": lossCell})["sourcePath"]
	c.do("dumpCell", m{"code": loopCell})
	c.do("setBreakpoints", m{
		"breakpoints": []any{m{"line": 4, "condition": "step == 10 && loss.Item() > 0.001"}},
		"source":      m{"path": path}, "sourceModified": false,
	})
	c.do("debugInfo", m{})
	c.do("configurationDone", m{})
	end = execute(loopCell)
	thread := c.wait("stopped")["threadId"]
	frames := c.do("stackTrace", m{"threadId": thread})["stackFrames"].([]any)
	top := frames[0].(m)["id"]
	for _, s := range c.do("scopes", m{"frameId": top})["scopes"].([]any) {
		c.do("variables", m{"variablesReference": s.(m)["variablesReference"]})
	}
	c.do("source", m{"source": m{"path": path}, "sourceReference": 0})
	c.do("richInspectVariables", m{"variableName": "step", "frameId": top})
	c.do("latheTensor", m{"expression": "out.Shape()[0]", "frameId": top, "mayFail": true})
	c.do("latheTensor", m{"expression": "d.Detach().Mul(0)", "frameId": top, "bins": 4})
	c.do("latheTape", m{"expression": "loss", "frameId": top, "depth": 2})
	c.do("evaluate", m{"context": "repl", "expression": "lr = 0.05", "frameId": top})
	c.do("evaluate", m{"context": "repl", "expression": "lr * 2", "frameId": top})
	c.do("setBreakpoints", m{"breakpoints": []any{}, "source": m{"path": path}, "sourceModified": false})
	c.do("stepOut", m{"threadId": thread})
	c.wait("stopped")
	for line := 0.0; line != 5; { // to where the loop calls Forward again
		c.do("next", m{"threadId": thread})
		c.wait("stopped")
		line, _ = c.do("stackTrace", m{"threadId": thread})["stackFrames"].([]any)[0].(m)["line"].(float64)
	}
	c.do("stepIn", m{"threadId": thread})
	c.wait("stopped")
	c.do("stackTrace", m{"threadId": thread})
	c.do("continue", m{"threadId": thread})
	return end
}

// recorder writes down what a peer says.
type recorder struct {
	peer
	out strings.Builder
	ids map[string]int
}

var numbered = regexp.MustCompile(`^(id|frameId|threadId|variablesReference|hitBreakpointIds)$`)

// plain replaces what differs from run to run.
func (r *recorder) plain(key string, v any) any {
	switch v := v.(type) {
	case float64:
		if numbered.MatchString(key) && v != 0 {
			name := fmt.Sprint(v)
			if _, ok := r.ids[name]; !ok {
				r.ids[name] = len(r.ids) + 1
			}
			return fmt.Sprintf("#%d", r.ids[name])
		}
	case string:
		return moduleBase.ReplaceAllString(paths.ReplaceAllString(v, "CELLS/$1"), "Base: {…}")
	}
	return v
}

var paths = regexp.MustCompile(`[^"\s]*/lathe-\w+/((?:\d+\.go)?)`)

// moduleBase is the inside of nn.Base, which is not the debugger's.
var moduleBase = regexp.MustCompile(`Base: \{[^{}]*\}`)

// write writes a message in a form whose keys are in order.
func (r *recorder) write(arrow, name string, v any) {
	raw, _ := json.Marshal(v)
	var x any
	_ = json.Unmarshal(raw, &x)
	text, _ := json.Marshal(r.visit("", x))
	fmt.Fprintf(&r.out, "%s %s %s\n", arrow, name, text)
}

// visit is plain with the keys of maps visited in order, so that numbers are stable.
func (r *recorder) visit(key string, v any) any {
	if x, ok := v.(map[string]any); ok {
		out := map[string]any{}
		for _, k := range slices.Sorted(maps.Keys(x)) {
			if k == "latheModule" { // yaegi's types have no methods that compiled code sees
				continue
			}
			if out[k] = x[k]; k != "id" || x["op"] == nil { // nodes of a tape count from 0
				out[k] = r.visit(k, x[k])
			}
		}
		return out
	}
	if x, ok := v.([]any); ok {
		out := make([]any, len(x))
		for i := range x {
			out[i] = r.visit(key, x[i])
		}
		return out
	}
	return r.plain(key, v)
}

func (r *recorder) do(command string, args any) map[string]any {
	r.write("→", command, args)
	body := r.peer.do(command, args)
	r.write("←", command, body)
	return body
}

func (r *recorder) wait(event string) map[string]any {
	body := r.peer.wait(event)
	r.write("!", event, body)
	return body
}

// golden compares what was recorded with the file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := "testdata/" + name + ".golden"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(g), len(w)) {
		if i >= len(g) || i >= len(w) || g[i] != w[i] {
			t.Fatalf("message %d differs\ngot  %s\nwant %s", i+1, at(g, i), at(w, i))
		}
	}
}

func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return "nothing"
}

func TestTheConversationOfJupyterLab(t *testing.T) {
	each(t, func(t *testing.T, c *client) {
		r := &recorder{peer: c, ids: map[string]int{}}
		c.ends(script(r, c.execute), "ok", "trained with 0.05\n")
		r.do("disconnect", m{"restart": false, "terminateDebuggee": false})
		golden(t, "jupyterlab", r.out.String())
	})
}

// A client over TCP has the same conversation.
func TestTheConversationOverTCP(t *testing.T) {
	t.Parallel()
	c := connect(t, "exact", "--dap", "127.0.0.1:0")
	p := dial(t, c.adapter())
	r := &recorder{peer: p, ids: map[string]int{}}
	c.ends(script(r, c.execute), "ok", "trained with 0.05\n")
	r.do("disconnect", m{"restart": false, "terminateDebuggee": false})
	golden(t, "jupyterlab", r.out.String())
}

// A client that vanishes while the program is stopped lets it go on.
func TestAClientThatVanishesLetsTheProgramGoOn(t *testing.T) {
	t.Parallel()
	c := connect(t, "exact", "--dap", "127.0.0.1:0")
	p := dial(t, c.adapter())
	p.do("attach", m{})
	cell := "n := 1\nn++\nn"
	path := p.do("dumpCell", m{"code": cell})["sourcePath"]
	p.do("setBreakpoints", m{"breakpoints": []any{m{"line": 2}}, "source": m{"path": path}})
	wait := c.execute(cell)
	p.wait("stopped")
	p.conn.Close()
	c.ends(wait, "ok", "=> 2\n")
}

// tcp is a client of the Debug Adapter Protocol.
type tcp struct {
	t      *testing.T
	conn   net.Conn
	in     *bufio.Reader
	seq    int
	events []m
}

func dial(t *testing.T, address string) *tcp {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &tcp{t: t, conn: conn, in: bufio.NewReader(conn)}
}

func (p *tcp) read() m {
	p.t.Helper()
	_ = p.conn.SetReadDeadline(time.Now().Add(patience))
	raw, err := protocol.ReadBaseMessage(p.in)
	if err != nil {
		p.t.Fatal(err)
	}
	var msg m
	if err := json.Unmarshal(raw, &msg); err != nil {
		p.t.Fatal(err)
	}
	return msg
}

func (p *tcp) do(command string, args any) map[string]any {
	p.t.Helper()
	p.seq++
	raw, err := json.Marshal(m{"seq": p.seq, "type": "request", "command": command, "arguments": args})
	if err == nil {
		err = protocol.WriteBaseMessage(p.conn, raw)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	for {
		msg := p.read()
		if msg["type"] == "event" {
			p.events = append(p.events, msg)
			continue
		}
		if msg["success"] != true && !allowed(args) {
			p.t.Fatalf("%s: %v", command, msg["message"])
		}
		body, _ := msg["body"].(m)
		return body
	}
}

// allowed reports whether a request may fail: then its answer is part of the conversation.
func allowed(args any) bool {
	a, ok := args.(m)
	return ok && a["mayFail"] == true
}

func (p *tcp) wait(event string) map[string]any {
	p.t.Helper()
	for {
		for len(p.events) == 0 {
			if msg := p.read(); msg["type"] == "event" {
				p.events = append(p.events, msg)
			}
		}
		e := p.events[0]
		p.events = p.events[1:]
		if e["event"] == event {
			body, _ := e["body"].(m)
			return body
		}
	}
}
