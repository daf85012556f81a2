package kernel

import (
	"fmt"
	"strings"

	"github.com/lathe-ml/lathe/kernel/wire"
)

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

// inspect answers an inspection request: what the name at the cursor is, and of the call that the
// cursor is in, its function and argument.
func (s *Server) inspect(req wire.InspectRequest) wire.InspectReply {
	at := byteOffset(req.Code, req.CursorPos)
	s.mu.Lock()
	name, doc := s.session.Describe(req.Code, at)
	sig := s.session.Signature(req.Code, at)
	s.mu.Unlock()
	reply := wire.InspectReply{Status: "ok", Data: wire.MIME{}, Metadata: map[string]any{}}
	var text, marked []string
	if name != "" {
		reply.Metadata["lathe_name"] = map[string]any{"declaration": name, "doc": doc}
		text, marked = append(text, name), append(marked, "```go\n"+name+"\n```")
		if doc != "" {
			text, marked = append(text, doc), append(marked, doc)
		}
	}
	if sig != nil {
		reply.Metadata["lathe_signature"] = map[string]any{
			"label": sig.Label, "parameters": orNone(sig.Parameters), "argument": sig.Argument, "doc": sig.Doc,
		}
		text, marked = append(text, sig.Label), append(marked, "```go\n"+sig.Label+"\n```")
		if n := len(sig.Parameters); n > 0 && sig.Argument >= 0 {
			where := fmt.Sprintf("argument %d of %d: ", sig.Argument+1, n)
			text = append(text, where+sig.Parameters[sig.Argument])
			marked = append(marked, where+"`"+sig.Parameters[sig.Argument]+"`")
		}
		if sig.Doc != "" {
			text, marked = append(text, sig.Doc), append(marked, sig.Doc)
		}
	}
	if len(text) > 0 {
		reply.Found = true
		reply.Data["text/plain"] = strings.Join(text, "\n\n")
		reply.Data["text/markdown"] = strings.Join(marked, "\n\n")
	}
	return reply
}

func orNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
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
