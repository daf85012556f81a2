// Package webtest is a scripted kernel for tests of the workbench: cells hold one command a line.
//
//	s, err := web.New(web.Options{Root: dir, Kernel: webtest.Start})
//	print hello        stdout (err: stderr)        result 42            value of the cell
//	sleep 100          milliseconds                loop                 until interrupted
//	html <b>x</b>      rich output (md, svg, json) chart 20             a live curve of 20 points
//	input name?        ask and print the answer    die out of memory    end the process
//
// Unknown lines are errors at their line. It interprets no Go and starts no process.
package webtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/lathe-ml/lathe/kernel/wire"
	"github.com/lathe-ml/lathe/web"
)

// Kernel is one scripted kernel. One goroutine runs cells; it ends with Kill or Shutdown.
type Kernel struct {
	messages chan *wire.Message
	requests chan *wire.Message
	inputs   chan string
	stop     chan struct{} // closed when the process ends
	once     sync.Once

	mu        sync.Mutex
	reason    string
	interrupt chan struct{} // closed and replaced by Interrupt
	count     int
}

var (
	running sync.Map   // *Kernel → true
	_       web.Kernel = (*Kernel)(nil)
)

// Start is a web.Starter.
func Start(context.Context, string) (web.Kernel, error) {
	k := &Kernel{
		messages: make(chan *wire.Message, 64), requests: make(chan *wire.Message, 64),
		inputs: make(chan string, 1), stop: make(chan struct{}), interrupt: make(chan struct{}),
		reason: "the kernel was killed (signal: killed)",
	}
	running.Store(k, true)
	go k.run()
	return k, nil
}

// KillAll ends every running kernel, as the out-of-memory killer would.
func KillAll() {
	running.Range(func(k, _ any) bool {
		k.(*Kernel).Kill()
		return true
	})
}

// Refuse is a web.Starter that starts nothing.
func Refuse(context.Context, string) (web.Kernel, error) {
	return nil, errors.New("no memory for another kernel")
}

// Send takes a request.
func (k *Kernel) Send(m *wire.Message) error {
	if m.Header.Type == "input_reply" {
		var in wire.InputReply
		if err := m.DecodeContent(&in); err != nil {
			return err
		}
		k.inputs <- in.Value
		return nil
	}
	select {
	case k.requests <- m:
		return nil
	case <-k.stop:
		return errors.New("the kernel has ended")
	}
}

// Messages delivers what the kernel says.
func (k *Kernel) Messages() <-chan *wire.Message { return k.messages }

// Interrupt ends the running command with an error.
func (k *Kernel) Interrupt() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	close(k.interrupt)
	k.interrupt = make(chan struct{})
	return nil
}

// Shutdown ends the kernel.
func (k *Kernel) Shutdown(context.Context) error { k.Kill(); return nil }

// Kill ends the kernel.
func (k *Kernel) Kill() { k.once.Do(func() { running.Delete(k); close(k.stop) }) }

// Reason says why the kernel ended.
func (k *Kernel) Reason() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.reason
}

// MemoryUsage is an invented number.
func (k *Kernel) MemoryUsage() int64 { return 123 << 20 }

func (k *Kernel) run() {
	defer close(k.messages)
	for {
		select {
		case <-k.stop:
			return
		case m := <-k.requests:
			k.handle(m)
		}
	}
}

// say sends one message; it gives up when the process ends.
func (k *Kernel) say(channel, kind string, parent *wire.Message, content any) {
	m, err := wire.New(channel, kind, &parent.Header, content)
	if err != nil {
		panic(err)
	}
	select {
	case <-k.stop:
		return
	default:
	}
	select {
	case k.messages <- m:
	case <-k.stop:
	}
}

func (k *Kernel) handle(m *wire.Message) {
	k.say(wire.IOPub, "status", m, wire.Status{State: "busy"})
	switch m.Header.Type {
	case "execute_request":
		k.execute(m)
	case "complete_request":
		k.complete(m)
	case "kernel_info_request":
		k.say(wire.Shell, "kernel_info_reply", m, wire.KernelInfo{
			Status: "ok", ProtocolVersion: wire.ProtocolVersion, Implementation: "webtest",
			LanguageInfo: wire.LanguageInfo{Name: "go", FileExtension: ".go"},
		})
	default:
		kind := strings.Replace(m.Header.Type, "_request", "_reply", 1)
		k.say(m.Channel, kind, m, map[string]any{"status": "ok"})
	}
	k.say(wire.IOPub, "status", m, wire.Status{State: "idle"})
}

func (k *Kernel) complete(m *wire.Message) {
	var q wire.CompleteRequest
	if m.DecodeContent(&q) != nil {
		return
	}
	text := []rune(q.Code)[:min(q.CursorPos, len([]rune(q.Code)))]
	start := len(text)
	for start > 0 && text[start-1] != ' ' && text[start-1] != '\n' {
		start--
	}
	matches := []string{}
	for _, word := range []string{"print", "printer", "chart", "result", "sleep"} {
		if strings.HasPrefix(word, string(text[start:])) {
			matches = append(matches, word)
		}
	}
	k.say(wire.Shell, "complete_reply", m, wire.CompleteReply{
		Status: "ok", Matches: matches, CursorStart: start, CursorEnd: q.CursorPos,
	})
}

// failure is how a command ends a cell with an error.
type failure struct {
	name, value string
	line        int
}

func (k *Kernel) execute(m *wire.Message) {
	var q wire.ExecuteRequest
	if m.DecodeContent(&q) != nil {
		return
	}
	k.mu.Lock()
	k.count++
	count := k.count
	interrupt := k.interrupt
	k.mu.Unlock()
	k.say(wire.IOPub, "execute_input", m, wire.ExecuteInput{Code: q.Code, ExecutionCount: count})
	for i, line := range strings.Split(q.Code, "\n") {
		if fail := k.command(m, line, count, interrupt); fail != nil {
			fail.line = i + 1
			k.fail(m, count, fail)
			return
		}
	}
	k.say(wire.Shell, "execute_reply", m, wire.ExecuteReply{Status: "ok", ExecutionCount: count})
}

func (k *Kernel) fail(m *wire.Message, count int, f *failure) {
	e := wire.Error{
		Name: f.name, Value: f.value,
		Traceback: []string{
			fmt.Sprintf("\x1b[31m%s\x1b[0m: %s", f.name, f.value),
			fmt.Sprintf("  cell %d line %d", count, f.line),
		},
		Place: &wire.Position{Cell: m.CellID(), Line: f.line, Column: 1},
	}
	k.say(wire.IOPub, "error", m, e)
	k.say(wire.Shell, "execute_reply", m, wire.ExecuteReply{
		Status: "error", ExecutionCount: count, Error: &e,
	})
}

// wait sleeps unless the cell is interrupted or the process ends.
func (k *Kernel) wait(d time.Duration, interrupt <-chan struct{}) *failure {
	select {
	case <-time.After(d):
		return nil
	case <-interrupt:
		return &failure{name: "interrupted", value: "the cell was interrupted"}
	case <-k.stop:
		return &failure{name: "killed", value: "the kernel ended"}
	}
}

func (k *Kernel) command(m *wire.Message, line string, count int, interrupt <-chan struct{}) *failure {
	verb, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	n, _ := strconv.Atoi(rest)
	switch verb {
	case "", "//":
	case "print":
		k.stream(m, "stdout", rest+"\n")
	case "err":
		k.stream(m, "stderr", rest+"\n")
	case "flood":
		k.flood(m, n)
	case "big":
		for range n {
			k.stream(m, "stdout", strings.Repeat(strings.Repeat("x", 99)+"\n", 10000))
		}
	case "sleep":
		return k.wait(time.Duration(n)*time.Millisecond, interrupt)
	case "loop":
		return k.wait(time.Hour, interrupt)
	case "error":
		return &failure{name: "panic", value: rest}
	case "die":
		k.mu.Lock()
		k.reason = rest
		k.mu.Unlock()
		k.Kill()
		return &failure{name: "killed", value: rest}
	case "input":
		return k.input(m, rest, interrupt)
	case "chart":
		return k.chart(m, n, interrupt)
	default:
		return k.show(m, verb, rest, count)
	}
	return nil
}

func (k *Kernel) stream(m *wire.Message, name, text string) {
	k.say(wire.IOPub, "stream", m, wire.Stream{Name: name, Text: text})
}

func (k *Kernel) flood(m *wire.Message, lines int) {
	var b strings.Builder
	for i := range lines {
		fmt.Fprintf(&b, "line %d\n", i)
		if b.Len() > 1<<15 || i == lines-1 {
			k.stream(m, "stdout", b.String())
			b.Reset()
		}
	}
}

func (k *Kernel) input(m *wire.Message, prompt string, interrupt <-chan struct{}) *failure {
	k.say(wire.Stdin, "input_request", m, wire.InputRequest{Prompt: prompt})
	select {
	case value := <-k.inputs:
		k.stream(m, "stdout", "got "+value+"\n")
		return nil
	case <-interrupt:
		return &failure{name: "interrupted", value: "the cell was interrupted"}
	case <-k.stop:
		return &failure{name: "killed", value: "the kernel ended"}
	}
}

var mimes = map[string]string{
	"html": "text/html", "md": "text/markdown", "svg": "image/svg+xml", "png": "image/png",
	"latex": "text/latex",
}

// show handles the commands that display something: mime types, result, json, clear and the
// displays with an id ("display ID TEXT", "update ID TEXT").
func (k *Kernel) show(m *wire.Message, verb, rest string, count int) *failure {
	id, text, _ := strings.Cut(rest, " ")
	switch {
	case verb == "result":
		k.say(wire.IOPub, "execute_result", m, wire.ExecuteResult{
			ExecutionCount: count, Data: wire.MIME{"text/plain": rest},
		})
	case verb == "json":
		k.data(m, "display_data", wire.MIME{"application/json": json.RawMessage(rest)}, "")
	case verb == "display":
		k.data(m, "display_data", wire.MIME{"text/plain": text}, id)
	case verb == "update":
		k.data(m, "update_display_data", wire.MIME{"text/plain": text}, id)
	case verb == "clear" || verb == "clearwait":
		k.say(wire.IOPub, "clear_output", m, wire.ClearOutput{Wait: verb == "clearwait"})
	case mimes[verb] != "":
		k.data(m, "display_data", wire.MIME{mimes[verb]: rest, "text/plain": "a " + verb}, "")
	default:
		return &failure{name: "undefined", value: verb + " is unknown"}
	}
	return nil
}

func (k *Kernel) data(m *wire.Message, kind string, data wire.MIME, id string) {
	d := wire.DisplayData{Data: data, Metadata: map[string]any{}}
	if id != "" {
		d.Transient = map[string]any{"display_id": id}
	}
	k.say(wire.IOPub, kind, m, d)
}

// chart draws loss and accuracy, one point each 30 ms.
func (k *Kernel) chart(m *wire.Message, points int, interrupt <-chan struct{}) *failure {
	id := "chart-" + m.Header.ID
	series := []any{
		map[string]any{"type": "line", "name": "loss", "showSymbol": false, "data": []any{}},
		map[string]any{
			"type": "line", "name": "accuracy", "showSymbol": false, "yAxisIndex": 1, "data": []any{},
		},
	}
	k.data(m, "display_data", wire.MIME{
		"text/plain": "chart of " + rest(points),
		"application/vnd.lathe.echarts+json": map[string]any{"height": 320, "option": map[string]any{
			"title": map[string]any{"text": "Training"}, "legend": map[string]any{},
			"tooltip": map[string]any{"trigger": "axis"},
			"xAxis":   map[string]any{"type": "value", "name": "step"},
			"yAxis": []any{
				map[string]any{"type": "value", "name": "loss"},
				map[string]any{"type": "value", "name": "accuracy", "max": 1, "min": 0},
			},
			"series": series,
		}},
	}, id)
	for i := range points {
		x := float64(i)
		k.data(m, "update_display_data", wire.MIME{
			"application/vnd.lathe.echarts.append+json": map[string]any{"append": []any{
				map[string]any{"series": 0, "data": []any{[]float64{x, 2.3/(1+x/15) + 0.05*float64(i%7)/7}}},
				map[string]any{"series": 1, "data": []any{[]float64{x, 1 - 0.9/(1+x/10)}}},
			}, "set": map[string]any{"title": map[string]any{"subtext": fmt.Sprintf("step %d", i+1)}}},
		}, id)
		if fail := k.wait(30*time.Millisecond, interrupt); fail != nil {
			return fail
		}
	}
	return nil
}

func rest(points int) string { return strconv.Itoa(points) + " points" }
