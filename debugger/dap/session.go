// Package dap translates the Debug Adapter Protocol, with Jupyter's additions, for a debugger.Target.
//
//	d := dap.New(host, nil) // a kernel.Debugger
//	answer := d.Request([]byte(`{"seq":1,"type":"request","command":"threads"}`))
//
// The target does the work; this package knows only messages. docs/guide/debugging.md lists them.
package dap

import (
	"encoding/json"
	"fmt"
	"sync/atomic"

	"github.com/google/go-dap"

	"github.com/lathe-ml/lathe/debugger"
)

// Session is one client of a target.
type Session struct {
	t    *debugger.Target
	view Tensors
	send func(m any) // events; it must not block for long
	seq  atomic.Int64
	stop func() // ends the events
	ones struct{ lines, columns int }
	lab  bool // the client is JupyterLab
}

// Tensors shows tensors.
type Tensors interface {
	debugger.Views
	// View returns what a client asked to know about a tensor, as JSON.
	View(v any, request json.RawMessage) (any, error)
	// Tape returns from what it was computed, as JSON.
	Tape(v any, request json.RawMessage) (any, error)
	// Hook stops when a gradient reaches a tensor or module, and returns to how many tensors that may be.
	Hook(v any, number int, what string) (int, error)
	Unhook(number int)
	// Hooks lists what stops.
	Hooks() []debugger.Hook
}

// request is the envelope of a request.
type request struct {
	Seq       int             `json:"seq"`
	Type      string          `json:"type"`
	Command   string          `json:"command"`
	Arguments json.RawMessage `json:"arguments"`
}

// response is the envelope of an answer.
type response struct {
	Seq        int64  `json:"seq"`
	Type       string `json:"type"`
	RequestSeq int    `json:"request_seq"`
	Success    bool   `json:"success"`
	Command    string `json:"command"`
	Message    string `json:"message,omitempty"`
	Body       any    `json:"body,omitempty"`
}

// event is the envelope of an event.
type event struct {
	Seq   int64  `json:"seq"`
	Type  string `json:"type"`
	Event string `json:"event"`
	Body  any    `json:"body,omitempty"`
}

// NewSession returns a client of t. Events go to send.
func NewSession(t *debugger.Target, view Tensors, send func(m any)) *Session {
	s := &Session{t: t, view: view, send: send}
	s.ones.lines, s.ones.columns = 1, 1
	s.stop = t.Listen(s.listen)
	return s
}

// Close ends the events.
func (s *Session) Close() { s.stop() }

func (s *Session) emit(name string, body any) {
	s.send(&event{s.seq.Add(1), "event", name, body})
}

// listen turns an event of the target into messages.
func (s *Session) listen(e debugger.Event) {
	switch e.Kind {
	case "stopped":
		body := dap.StoppedEventBody{
			Reason: e.Reason, Text: e.Text, ThreadId: e.Thread, AllThreadsStopped: true, HitBreakpointIds: e.Points,
		}
		if e.Reason == "exception" {
			body.Description = "Paused on an exception"
		}
		s.emit("stopped", body)
	case "continued":
		s.emit("continued", dap.ContinuedEventBody{ThreadId: e.Thread, AllThreadsContinued: true})
	case "output":
		s.emit("output", dap.OutputEventBody{Category: "console", Output: e.Text})
	case "breakpoint":
		s.emit("breakpoint", dap.BreakpointEventBody{Reason: "changed", Breakpoint: s.breakpoint(*e.Point)})
	}
}

// Answer serves a request. It never fails: what cannot be done is an answer that says so.
func (s *Session) Answer(raw []byte) any {
	var r request
	answer := &response{Type: "response", Seq: s.seq.Add(1)}
	if err := json.Unmarshal(raw, &r); err != nil {
		answer.Message = fmt.Sprintf("this is no request: %v", err)
		return answer
	}
	answer.RequestSeq, answer.Command = r.Seq, r.Command
	f, ok := commands[r.Command]
	switch {
	case r.Type != "request":
		answer.Message = fmt.Sprintf("a message of type %q is not understood; want a request", r.Type)
	case !ok:
		answer.Message = fmt.Sprintf("the command %q is unknown", r.Command)
	default:
		body, err := s.try(f, r.Arguments)
		if err != nil {
			answer.Message = err.Error()
			answer.Body = dap.ErrorResponseBody{Error: &dap.ErrorMessage{Id: 1, Format: "{text}", Variables: map[string]string{"text": err.Error()}, ShowUser: false}}
			return answer
		}
		answer.Success, answer.Body = true, body
	}
	return answer
}

// try runs a command; a fault of its own is an error.
func (s *Session) try(f command, args json.RawMessage) (body any, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the debugger has a fault here: %v", v)
		}
	}()
	if len(args) == 0 || string(args) == "null" {
		args = json.RawMessage("{}")
	}
	return f(s, args)
}

// command serves a request with these arguments.
type command func(s *Session, args json.RawMessage) (any, error)

// with decodes the arguments of a command.
func with[A any](f func(s *Session, a A) (any, error)) command {
	return func(s *Session, args json.RawMessage) (any, error) {
		var a A
		if err := json.Unmarshal(args, &a); err != nil {
			return nil, fmt.Errorf("the arguments are not understood: %w", err)
		}
		return f(s, a)
	}
}

// commands are the requests that are understood.
var commands map[string]command

func init() {
	commands = map[string]command{
		"initialize":              with((*Session).initialize),
		"attach":                  with((*Session).attach),
		"launch":                  with((*Session).attach),
		"configurationDone":       with((*Session).nothing),
		"disconnect":              with((*Session).disconnect),
		"setBreakpoints":          with((*Session).setBreakpoints),
		"setFunctionBreakpoints":  with((*Session).setFunctionBreakpoints),
		"setExceptionBreakpoints": with((*Session).setExceptionBreakpoints),
		"breakpointLocations":     with((*Session).breakpointLocations),
		"threads":                 with((*Session).threads),
		"stackTrace":              with((*Session).stackTrace),
		"scopes":                  with((*Session).scopes),
		"variables":               with((*Session).variables),
		"setVariable":             with((*Session).setVariable),
		"setExpression":           with((*Session).setExpression),
		"evaluate":                with((*Session).evaluate),
		"source":                  with((*Session).source),
		"loadedSources":           with((*Session).loadedSources),
		"exceptionInfo":           with((*Session).exceptionInfo),
		"continue":                with((*Session).resume),
		"next":                    with(step("next")),
		"stepIn":                  with(step("in")),
		"stepOut":                 with(step("out")),
		"pause":                   with((*Session).pause),
		"restartFrame":            with((*Session).restartFrame),

		"debugInfo":            with((*Session).debugInfo),
		"dumpCell":             with((*Session).dumpCell),
		"inspectVariables":     with((*Session).inspectVariables),
		"richInspectVariables": with((*Session).richInspectVariables),
		"copyToGlobals":        with((*Session).copyToGlobals),
		"modules":              with((*Session).modules),

		"latheRunTo":         with((*Session).runTo),
		"latheTensor":        (*Session).tensor,
		"latheTape":          (*Session).tape,
		"latheGradient":      with((*Session).gradient),
		"latheClearGradient": with((*Session).clearGradient),
	}
}
