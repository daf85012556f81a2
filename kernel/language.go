package kernel

import "github.com/lathe-ml/lathe/kernel/wire"

// complete answers a completion request.
func (s *Server) complete(req wire.CompleteRequest) wire.CompleteReply {
	at := byteOffset(req.Code, req.CursorPos)
	s.mu.Lock()
	names, start := s.session.Completions(req.Code, at)
	s.mu.Unlock()
	from := len([]rune(req.Code[:start]))
	reply := wire.CompleteReply{
		Status: "ok", Matches: []string{}, CursorStart: from, CursorEnd: req.CursorPos,
		Metadata: map[string]any{},
	}
	var kinds []map[string]any
	for _, n := range names {
		reply.Matches = append(reply.Matches, n.Name)
		kinds = append(kinds, map[string]any{
			"text": n.Name, "type": n.Kind, "signature": n.Detail, "start": from, "end": req.CursorPos,
		})
	}
	if kinds != nil {
		reply.Metadata["_jupyter_types_experimental"] = kinds
	}
	return reply
}

// inspect answers an inspection request.
func (s *Server) inspect(req wire.InspectRequest) wire.InspectReply {
	s.mu.Lock()
	text := s.session.Describe(req.Code, byteOffset(req.Code, req.CursorPos))
	s.mu.Unlock()
	reply := wire.InspectReply{Status: "ok", Data: wire.MIME{}, Metadata: map[string]any{}}
	if text != "" {
		reply.Found = true
		reply.Data["text/plain"] = text
		reply.Data["text/markdown"] = "```go\n" + text + "\n```"
	}
	return reply
}

// byteOffset converts a position in characters to one in bytes.
func byteOffset(code string, chars int) int {
	for i := range code {
		if chars <= 0 {
			return i
		}
		chars--
	}
	return len(code)
}
