package kernel

import (
	"errors"
	"io"
	"runtime"
	"slices"
	"strings"

	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/wire"
)

// answer serves the requests that need no execution.
func (s *Server) answer() {
	for m := range s.aside {
		s.status(m, "busy")
		s.respond(m)
		s.status(m, "idle")
	}
}

func (s *Server) respond(m *wire.Message) {
	switch m.Header.Type {
	case "kernel_info_request":
		s.reply(m, "kernel_info_reply", s.info())
	case "is_complete_request":
		var req wire.IsCompleteRequest
		if m.DecodeContent(&req) == nil {
			status, indent := check.Complete(req.Code)
			s.reply(m, "is_complete_reply", wire.IsCompleteReply{Status: status, Indent: indent})
		}
	case "complete_request":
		var req wire.CompleteRequest
		if m.DecodeContent(&req) == nil {
			s.reply(m, "complete_reply", s.complete(req))
		}
	case "inspect_request":
		var req wire.InspectRequest
		if m.DecodeContent(&req) == nil {
			s.reply(m, "inspect_reply", s.inspect(req))
		}
	case "history_request":
		var req wire.HistoryRequest
		if m.DecodeContent(&req) == nil {
			s.reply(m, "history_reply", s.recall(req))
		}
	case "comm_info_request":
		var req struct {
			Target string `json:"target_name"`
		}
		_ = m.DecodeContent(&req) // without a target all are meant
		s.reply(m, "comm_info_reply", commInfo(req.Target))
	case "comm_open", "comm_msg", "comm_close":
		s.comm(m, strings.TrimPrefix(m.Header.Type, "comm_"))
	}
}

func (s *Server) info() wire.KernelInfo {
	return wire.KernelInfo{
		Status: "ok", ProtocolVersion: wire.ProtocolVersion, Implementation: "lathe",
		ImplementationVersion: s.opts.Version, Banner: "Lathe: Go for machine learning",
		LanguageInfo: wire.LanguageInfo{
			Name: "go", Version: strings.TrimPrefix(runtime.Version(), "go"), MIMEType: "text/x-go",
			FileExtension: ".go", PygmentsLexer: "go", CodeMirrorMode: "text/x-go",
		},
		Debugger:  s.debug.debugger != nil,
		HelpLinks: []wire.HelpLink{{Text: "Go", URL: "https://go.dev/ref/spec"}},
	}
}

// recall answers a history request.
func (s *Server) recall(req wire.HistoryRequest) wire.HistoryReply {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := wire.HistoryReply{Status: "ok", History: [][3]any{}}
	last := map[string]int{} // source → line, of the entries in out
	for _, h := range s.history {
		switch {
		case req.Access == "range" && (h.line < req.Start || req.Stop > 0 && h.line >= req.Stop):
			continue
		case req.Access == "search" && !match(req.Pattern, h.source):
			continue
		}
		if req.Unique {
			out.History = slices.DeleteFunc(out.History, func(r [3]any) bool { return r[1] == last[h.source] })
			last[h.source] = h.line
		}
		var row any = h.source
		if req.Output {
			row = [2]any{h.source, nil}
		}
		out.History = append(out.History, [3]any{1, h.line, row})
	}
	if n := len(out.History); req.N > 0 && n > req.N && req.Access != "range" {
		out.History = out.History[n-req.N:]
	}
	return out
}

// match matches text against a pattern with * and ?.
func match(pattern, text string) bool {
	if pattern == "" {
		return text == ""
	}
	switch pattern[0] {
	case '*':
		for i := 0; i <= len(text); i++ {
			if match(pattern[1:], text[i:]) {
				return true
			}
		}
		return false
	case '?':
		return text != "" && match(pattern[1:], text[1:])
	}
	return text != "" && text[0] == pattern[0] && match(pattern[1:], text[1:])
}

// input is the standard input of cells: each read that finds nothing asks the client for a line.
type input struct{ s *Server }

var errNoInput = errors.New("this client does not take input requests")

// Read makes input an io.Reader. A line that is longer than p is kept for the next read.
func (in input) Read(p []byte) (int, error) {
	s := in.s
	s.reading.Lock()
	defer s.reading.Unlock()
	if len(s.line) == 0 {
		s.mu.Lock()
		parent := s.asking
		s.mu.Unlock()
		if parent == nil {
			return 0, errNoInput
		}
		s.out.drain()
		s.send(wire.Stdin, parent.Route, "input_request", &parent.Header, wire.InputRequest{})
		line, ok := <-s.replies
		if !ok {
			return 0, io.EOF
		}
		s.line = []byte(line + "\n")
	}
	n := copy(p, s.line)
	s.line = s.line[n:]
	return n, nil
}
