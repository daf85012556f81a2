package dap

import (
	"encoding/json"
	"fmt"
	"go/token"

	"github.com/google/go-dap"

	"github.com/lathe-ml/lathe/debugger"
	"github.com/lathe-ml/lathe/kernel"
	"github.com/lathe-ml/lathe/kernel/outcome"
)

// Debugger is a target with the session of the kernel's Jupyter clients, which share it.
type Debugger struct {
	*debugger.Target
	session *Session
	view    Tensors
}

// New returns the debugger of a kernel: kernel.Options.Debugger. view may be nil.
func New(host kernel.Debuggee, view Tensors) *Debugger {
	var views debugger.Views
	if view != nil {
		views = view
	}
	t := debugger.New(host, views)
	return &Debugger{t, NewSession(t, view, host.Event), view}
}

// Request answers a debug_request. It makes Debugger a kernel.Debugger.
func (d *Debugger) Request(content json.RawMessage) any { return d.session.Answer(content) }

var _ interface {
	Begin(kernel.Cell)
	End(kernel.Cell, *outcome.Failure)
} = (*Debugger)(nil)

func (s *Session) debugInfo(struct{}) (any, error) {
	type list struct {
		Source      string                 `json:"source"`
		Breakpoints []dap.SourceBreakpoint `json:"breakpoints"`
	}
	points := []list{}
	for path, set := range s.t.Breakpoints() {
		l := list{Source: path}
		for _, b := range set {
			l.Breakpoints = append(l.Breakpoints, dap.SourceBreakpoint{
				Line: s.toClient(b.At), Condition: b.Condition, HitCondition: b.Hits, LogMessage: b.Log,
			})
		}
		points = append(points, l)
	}
	stopped := []int{}
	for _, t := range s.t.Threads() {
		if t.Stopped {
			stopped = append(stopped, t.ID)
		}
	}
	hooks := []debugger.Hook{}
	if s.view != nil {
		hooks = append(hooks, s.view.Hooks()...)
	}
	return map[string]any{
		"latheGradients": hooks,
		"isStarted":      s.t.Attached(), "hashMethod": "Murmur2", "hashSeed": s.t.Seed(), "tmpFilePrefix": s.t.Prefix(),
		"tmpFileSuffix": s.t.Suffix(), "breakpoints": points, "stoppedThreads": stopped, "richRendering": true,
		"exceptionPaths": []string{"Go exceptions"}, "copyToGlobals": true,
	}, nil
}

func (s *Session) dumpCell(a struct {
	Code string `json:"code"`
},
) (any, error) {
	path, err := s.t.Dump(a.Code)
	return map[string]string{"sourcePath": path}, err
}

// inspectVariables lists what the session defines; it works without a stop.
func (s *Session) inspectVariables(struct{}) (any, error) { return s.list(s.t.Globals()), nil }

func (s *Session) richInspectVariables(a struct {
	Name  string `json:"variableName"`
	Frame int    `json:"frameId"`
},
) (any, error) {
	data, metadata, err := s.t.Display(a.Frame, a.Name)
	if err != nil {
		return nil, err
	}
	return map[string]any{"data": data, "metadata": metadata}, nil
}

// copyToGlobals makes a variable of a frame one of the session.
func (s *Session) copyToGlobals(a struct {
	To    string `json:"dstVariableName"`
	From  string `json:"srcVariableName"`
	Frame int    `json:"srcFrameId"`
},
) (any, error) {
	if !token.IsIdentifier(a.To) || !token.IsIdentifier(a.From) {
		return nil, fmt.Errorf("dstVariableName and srcVariableName must be names")
	}
	return nil, s.t.CopyToGlobals(a.Frame, a.From, a.To)
}
