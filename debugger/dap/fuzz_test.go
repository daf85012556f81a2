package dap_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/debugger/dap"
	"github.com/lathe-ml/lathe/debugger/local"
	"github.com/lathe-ml/lathe/debugger/tensor"
)

// FuzzAnswer gives a session any request: it answers, and the target lives on.
func FuzzAnswer(f *testing.F) {
	for _, command := range []string{
		"initialize", "attach", "setBreakpoints", "setFunctionBreakpoints", "setExceptionBreakpoints", "stackTrace",
		"scopes", "variables", "setVariable", "source", "continue", "next", "pause", "debugInfo", "latheTensor",
		"latheTape", "latheRunTo", "copyToGlobals", "richInspectVariables", "disconnect", "breakpointLocations",
	} {
		f.Add(command, `{}`)
		f.Add(command, `{"source":{"path":"x"},"breakpoints":[{"line":-1,"condition":"("}],"threadId":1,"frameId":3,"line":1}`)
	}
	views := tensor.New()
	s, err := local.New("yaegi", views, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, command, args string) {
		if command == "evaluate" || strings.HasPrefix(command, "set") && strings.HasSuffix(command, "e") || command == "setExpression" {
			return // runs what it is given
		}
		session := dap.NewSession(s.Target, views, func(any) {})
		defer session.Close()
		raw, err := json.Marshal(map[string]any{"seq": 1, "type": "request", "command": command, "arguments": json.RawMessage(`{}`)})
		if err != nil {
			t.Skip()
		}
		text := strings.Replace(string(raw), `"arguments":{}`, `"arguments":`+args, 1)
		answer, err := json.Marshal(session.Answer([]byte(text)))
		if err != nil || !strings.Contains(string(answer), `"type":"response"`) {
			t.Errorf("%s: %s, %v", text, answer, err)
		}
		if err := s.Target.Detach(session); err != nil {
			t.Error(err)
		}
	})
}
