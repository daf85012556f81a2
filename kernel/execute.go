package kernel

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/display"
	"github.com/lathe-ml/lathe/kernel/export"
	"github.com/lathe-ml/lathe/kernel/native"
	"github.com/lathe-ml/lathe/kernel/outcome"
	"github.com/lathe-ml/lathe/kernel/wire"
)

// work executes the queue.
func (s *Server) work() {
	for {
		m := s.queue.take()
		s.status(m, "busy")
		aborted := s.execute(m)
		s.status(m, "idle")
		for _, rest := range aborted {
			s.status(rest, "busy")
			s.reply(rest, "execute_reply", wire.ExecuteReply{Status: "aborted", ExecutionCount: s.count})
			s.status(rest, "idle")
		}
	}
}

// execute runs one request. When it fails it returns the requests that waited by then and must be
// aborted.
func (s *Server) execute(m *wire.Message) (aborted []*wire.Message) {
	var req wire.ExecuteRequest
	if err := m.DecodeContent(&req); err != nil {
		s.reply(m, "execute_reply", wire.ExecuteReply{Status: "error", Error: &wire.Error{
			Name: "message", Value: err.Error(), Traceback: []string{err.Error()},
		}})
		return nil
	}
	yes := func(b *bool) bool { return b == nil || *b }
	name := s.begin(m, &req, yes(req.StoreHistory) && !req.Silent)
	s.beginOutputs(m)
	defer s.endOutputs()
	if !req.Silent {
		s.publish(&m.Header, "execute_input", wire.ExecuteInput{
			Code: req.Code, ExecutionCount: s.count,
		})
	}
	if yes(req.AllowStdin) {
		s.allowInput(m)
	}
	values, fail := s.run(name, req.Code)
	var data display.Data
	if fail == nil && !req.Silent {
		data, fail = s.show(values)
	}
	s.allowInput(nil)
	display.End()
	s.out.drain()
	reply := wire.ExecuteReply{Status: "ok", ExecutionCount: s.count, Payload: s.payload}
	s.payload = nil
	switch {
	case fail != nil:
		reply.Status, reply.Error = "error", fail
		if !req.Silent {
			s.publish(&m.Header, "error", fail)
		}
	default:
		if len(data.MIME) > 0 {
			s.publish(&m.Header, "execute_result", wire.ExecuteResult{
				ExecutionCount: s.count, Data: bundle(data.MIME), Metadata: metadata(data),
			})
		}
		reply.UserExpressions = s.userExpressions(name, req.UserExpressions)
	}
	// Before the reply: what the client sends when it has seen it is not part of the queue.
	if fail != nil && yes(req.StopOnError) {
		aborted = s.queue.drain()
	}
	s.reply(m, "execute_reply", reply)
	return aborted
}

// beginOutputs makes outputs those of the execution m until endOutputs.
func (s *Server) beginOutputs(m *wire.Message) {
	s.owner.mu.Lock()
	defer s.owner.mu.Unlock()
	s.owner.executes = true
	s.out.attach(&m.Header)
}

func (s *Server) endOutputs() {
	s.owner.mu.Lock()
	defer s.owner.mu.Unlock()
	s.owner.executes = false
}

// idleOutputs makes outputs those of m unless something is executed.
func (s *Server) idleOutputs(m *wire.Message) {
	s.owner.mu.Lock()
	defer s.owner.mu.Unlock()
	if !s.owner.executes {
		s.out.attach(&m.Header)
	}
}

// allowInput says on whose behalf input may be asked for.
func (s *Server) allowInput(m *wire.Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asking = m
}

// begin numbers the execution and returns the name of its cell.
func (s *Server) begin(m *wire.Message, req *wire.ExecuteRequest, store bool) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs++
	name := fmt.Sprintf("silent %d", s.runs)
	if store {
		s.count++
		name = fmt.Sprintf("cell %d", s.count)
		s.history = append(s.history, entry{s.count, req.Code})
	}
	s.cells[name], s.debug.code = m.CellID(), req.Code
	return name
}

// run performs the magics at the top of a cell and then its Go code.
func (s *Server) run(name, code string) ([]any, *wire.Error) {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	s.setCancel(cancel)
	defer func() {
		s.setCancel(nil)
		if s.opts.Resume != nil {
			s.opts.Resume() // what shows the result may compute
		}
	}()
	stop := context.AfterFunc(ctx, native.Interrupt)
	defer stop()
	if about, ok := strings.CutSuffix(strings.TrimSpace(code), "?"); ok && !strings.ContainsAny(about, " \n") {
		return nil, s.page(about)
	}
	list, code := splitMagics(code)
	rest := s.untimed
	for _, m := range list {
		var err error
		switch {
		case m.name == "%native":
			rest = s.native
		case m.name == "%time" && m.args == "":
			rest = s.timed
		case m.name == "%time":
			values, fail := s.timed(ctx, name, padded(m))
			if fail != nil || strings.TrimSpace(code) == "" {
				return values, fail
			}
		case m.name == "%timeit":
			if fail := s.timeit(ctx, name, m); fail != nil {
				return nil, fail
			}
		default:
			err = s.perform(ctx, m)
		}
		if err != nil {
			return nil, s.magicError(name, m, err)
		}
	}
	return rest(ctx, name, code)
}

func (s *Server) untimed(ctx context.Context, name, code string) ([]any, *wire.Error) {
	values, fail, _ := s.evaluate(ctx, name, code)
	return values, fail
}

func (s *Server) setCancel(cancel context.CancelCauseFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cancel = cancel
}

// evaluate takes code through check, lower and execute, and tells how long the last took.
func (s *Server) evaluate(ctx context.Context, name, code string) ([]any, *wire.Error, time.Duration) {
	s.mu.Lock()
	c := Cell{name, s.cells[name], s.debug.code}
	if s.debug.stale {
		if err := s.rebuild(); err != nil {
			fmt.Fprintln(s.out.stderr, "kernel:", err)
		}
		s.debug.stale = false
	}
	s.mu.Unlock()
	if s.debug.debugger != nil {
		s.debug.debugger.Begin(c)
	}
	s.mu.Lock()
	p, err := s.session.Check(name, code)
	var start func(context.Context) outcome.Outcome
	if err == nil {
		if start, err = s.exec.Prepare(p); err == nil {
			s.session.Commit(p)
			if strings.HasPrefix(name, "cell ") && !strings.Contains(name, "expression") {
				s.executed = append(s.executed, export.Cell{Name: name, Text: code})
			}
		}
	}
	s.mu.Unlock()
	if err != nil {
		return nil, s.checkError(err, code), 0
	}
	for _, why := range p.Stale {
		fmt.Fprintln(s.out.captured, "note: "+why)
	}
	began := time.Now()
	if s.opts.Resume != nil && ctx.Err() == nil {
		s.opts.Resume()
	}
	out := start(ctx)
	took := time.Since(began)
	if s.debug.debugger != nil {
		s.debug.debugger.End(c, out.Err)
	}
	if out.Err != nil {
		return nil, s.failure(out.Err), took
	}
	return out.Values, nil, took
}

// userExpressions evaluates the expressions that came with a request.
func (s *Server) userExpressions(name string, exprs map[string]string) map[string]any {
	out := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(exprs)) {
		values, fail := s.run(name+" expression "+key, exprs[key])
		if fail != nil {
			out[key] = map[string]any{
				"status": "error", "ename": fail.Name, "evalue": fail.Value, "traceback": fail.Traceback,
			}
			continue
		}
		data, fail := s.show(values)
		if fail != nil {
			data = display.Text(fail.Value)
		}
		out[key] = map[string]any{"status": "ok", "data": bundle(data.MIME), "metadata": metadata(data)}
	}
	return out
}

// report shows a panic of a goroutine as text; the cell that started it goes on.
func (s *Server) report(f *outcome.Failure) {
	e := s.failure(f)
	fmt.Fprintf(s.out.captured, "goroutine: %s\n", e.Traceback[0])
}

const (
	red   = "\x1b[31m"
	bold  = "\x1b[1m"
	plain = "\x1b[0m"
)

// checkError turns what the checker or the lowering has against a cell into an error message.
func (s *Server) checkError(err error, code string) *wire.Error {
	var list check.Errors
	if !errors.As(err, &list) || len(list) == 0 {
		return &wire.Error{Name: "kernel", Value: err.Error(), Traceback: []string{err.Error()}}
	}
	first := list[0]
	e := &wire.Error{
		Name: "compile error", Value: first.Error(),
		Place: s.place(first.Pos.Filename, first.Pos.Line, first.Pos.Column),
	}
	for i, x := range list {
		if i == 10 {
			e.Traceback = append(e.Traceback, fmt.Sprintf("… and %d more", len(list)-i))
			break
		}
		e.Traceback = append(e.Traceback, red+bold+x.Error()+plain)
		shown := excerpt(code, x.Pos.Line, x.Pos.Column)
		e.Traceback = append(e.Traceback, shown...)
		if len(shown) > 0 && strings.HasPrefix(strings.TrimSpace(lineOf(code, x.Pos.Line)), "%") {
			e.Traceback = append(e.Traceback, "magics such as %time stand at the top of a cell (%help lists them)")
		}
	}
	return e
}

// failure turns a panic, an error or an interrupt into an error message.
func (s *Server) failure(f *outcome.Failure) *wire.Error {
	e := &wire.Error{Name: f.Kind, Value: f.Msg}
	line := f.Msg
	if f.Kind == "panic" {
		line = "panic: " + line
	}
	if f.Pos.Line > 0 {
		e.Place = s.place(f.Pos.Filename, f.Pos.Line, f.Pos.Column)
		line = fmt.Sprintf("%s line %d: %s", f.Pos.Filename, f.Pos.Line, line)
	}
	e.Traceback = []string{red + bold + line + plain}
	if f.Interrupted {
		return e
	}
	e.Traceback = append(e.Traceback, s.source(f.Pos.Filename, f.Pos.Line, f.Pos.Column)...)
	for _, fr := range f.Frames {
		switch {
		case fr.Func != outcome.CellFunc:
			e.Traceback = append(e.Traceback,
				fmt.Sprintf("  in %s (%s line %d)", fr.Func, fr.Pos.Filename, fr.Pos.Line))
		case len(f.Frames) > 1:
			e.Traceback = append(e.Traceback, fmt.Sprintf("  at %s line %d", fr.Pos.Filename, fr.Pos.Line))
		}
	}
	return e
}

func (s *Server) place(name string, line, column int) *wire.Position {
	return &wire.Position{Cell: s.cells[name], Line: line, Column: column}
}

// source shows the line of an executed cell.
func (s *Server) source(name string, line, column int) []string {
	var n int
	if _, err := fmt.Sscanf(name, "cell %d", &n); err != nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range s.history {
		if h.line == n {
			return excerpt(h.source, line, column)
		}
	}
	return nil
}

// show returns how the values of a cell are shown; nothing when there is none. Methods of the values
// may panic.
func (s *Server) show(values []any) (data display.Data, fail *wire.Error) {
	defer func() {
		if v := recover(); v != nil {
			text := fmt.Sprintf("panic while the result was shown: %v", v)
			fail = &wire.Error{Name: "panic", Value: text, Traceback: []string{red + bold + text + plain}}
		}
	}()
	if len(values) > 0 {
		data = resultData(values)
	}
	return data, nil
}

// resultData returns how the values of a cell are shown.
func resultData(values []any) display.Data {
	var shown []display.Data
	for _, v := range values {
		if v != nil {
			shown = append(shown, display.Of(v))
		}
	}
	switch {
	case len(values) == 1 && values[0] == nil:
		return display.Text("<nil>")
	case len(shown) == 1:
		return shown[0]
	}
	text := ""
	for i, v := range values {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprint(v)
	}
	return display.Of(text)
}
