package dap

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/google/go-dap"

	"github.com/lathe-ml/lathe/debugger"
	"github.com/lathe-ml/lathe/kernel/check"
)

func (s *Session) nothing(struct{}) (any, error) { return nil, nil }

// line converts a line from and to the client's way of counting.
func (s *Session) toClient(line int) int   { return line - 1 + s.ones.lines }
func (s *Session) fromClient(line int) int { return line + 1 - s.ones.lines }

func (s *Session) initialize(a struct {
	LinesStartAt1   *bool  `json:"linesStartAt1"`
	ColumnsStartAt1 *bool  `json:"columnsStartAt1"`
	Client          string `json:"clientID"`
},
) (any, error) {
	s.lab = a.Client == "jupyterlab"
	first := func(b *bool) int {
		if b != nil && !*b {
			return 0
		}
		return 1
	}
	s.ones.lines, s.ones.columns = first(a.LinesStartAt1), first(a.ColumnsStartAt1)
	c := dap.Capabilities{
		SupportsConfigurationDoneRequest: true, SupportsFunctionBreakpoints: true,
		SupportsConditionalBreakpoints: true, SupportsHitConditionalBreakpoints: true, SupportsLogPoints: true,
		SupportsEvaluateForHovers: true, SupportsSetVariable: true, SupportsSetExpression: true,
		SupportsExceptionInfoRequest: true, SupportsDelayedStackTraceLoading: true,
		SupportsLoadedSourcesRequest: true, SupportsModulesRequest: true, SupportsBreakpointLocationsRequest: true,
		SupportsExceptionFilterOptions: true, SupportsRestartFrame: true,
	}
	for _, f := range s.t.Filters() {
		c.ExceptionBreakpointFilters = append(c.ExceptionBreakpointFilters, dap.ExceptionBreakpointsFilter{
			Filter: f.ID, Label: f.Label, Default: f.On, SupportsCondition: f.Condition != "",
			ConditionDescription: f.Condition,
		})
	}
	return c, nil
}

// attach makes cells stop. Clients send their breakpoints when they hear "initialized".
func (s *Session) attach(a struct {
	JustMyCode bool `json:"justMyCode"`
},
) (any, error) {
	s.t.OnlyCells(a.JustMyCode)
	if err := s.t.Attach(s); err != nil {
		return nil, err
	}
	s.emit("initialized", nil)
	return nil, nil
}

func (s *Session) disconnect(struct{}) (any, error) { return nil, s.t.Detach(s) }

func (s *Session) src(path string) *dap.Source {
	return &dap.Source{Name: s.t.Title(path), Path: path}
}

func (s *Session) breakpoint(b debugger.Breakpoint) dap.Breakpoint {
	out := dap.Breakpoint{Id: b.ID, Verified: b.Verified, Message: b.Message}
	if b.Path != "" {
		out.Source, out.Line = &dap.Source{Name: b.Title, Path: b.Path}, s.toClient(b.At)
	}
	return out
}

func (s *Session) breakpoints(list []debugger.Breakpoint) any {
	out := struct {
		Breakpoints []dap.Breakpoint `json:"breakpoints"`
	}{Breakpoints: []dap.Breakpoint{}}
	for _, b := range list {
		out.Breakpoints = append(out.Breakpoints, s.breakpoint(b))
	}
	return out
}

func (s *Session) setBreakpoints(a dap.SetBreakpointsArguments) (any, error) {
	if a.Source.Path == "" {
		return nil, fmt.Errorf("setBreakpoints needs the path of a source, as dumpCell returns it")
	}
	var list []debugger.Breakpoint
	for _, b := range a.Breakpoints {
		list = append(list, debugger.Breakpoint{
			Line: s.fromClient(b.Line), Condition: b.Condition, Hits: b.HitCondition, Log: b.LogMessage,
		})
	}
	for _, line := range a.Lines {
		if len(a.Breakpoints) == 0 {
			list = append(list, debugger.Breakpoint{Line: s.fromClient(line)})
		}
	}
	return s.breakpoints(s.t.SetBreakpoints(a.Source.Path, list)), nil
}

func (s *Session) setFunctionBreakpoints(a dap.SetFunctionBreakpointsArguments) (any, error) {
	var list []debugger.Breakpoint
	for _, b := range a.Breakpoints {
		list = append(list, debugger.Breakpoint{Func: b.Name, Condition: b.Condition, Hits: b.HitCondition})
	}
	return s.breakpoints(s.t.SetFunctionBreakpoints(list)), nil
}

func (s *Session) setExceptionBreakpoints(a dap.SetExceptionBreakpointsArguments) (any, error) {
	on := map[string]string{}
	for _, f := range a.Filters {
		on[f] = ""
	}
	for _, f := range a.FilterOptions {
		on[f.FilterId] = f.Condition
	}
	return nil, s.t.SetFilters(on)
}

func (s *Session) breakpointLocations(a dap.BreakpointLocationsArguments) (any, error) {
	out := dap.BreakpointLocationsResponseBody{Breakpoints: []dap.BreakpointLocation{}}
	code, ok := s.t.Source(a.Source.Path)
	if !ok {
		return out, nil
	}
	from := s.fromClient(a.Line)
	to := from
	if a.EndLine > 0 {
		to = s.fromClient(a.EndLine)
	}
	for _, n := range check.Lines(code) {
		if from <= n && n <= to {
			out.Breakpoints = append(out.Breakpoints, dap.BreakpointLocation{Line: s.toClient(n)})
		}
	}
	return out, nil
}

func (s *Session) threads(struct{}) (any, error) {
	out := dap.ThreadsResponseBody{Threads: []dap.Thread{}}
	for _, t := range s.t.Threads() {
		out.Threads = append(out.Threads, dap.Thread{Id: t.ID, Name: t.Name})
	}
	slices.SortFunc(out.Threads, func(a, b dap.Thread) int { return a.Id - b.Id })
	return out, nil
}

func (s *Session) stackTrace(a dap.StackTraceArguments) (any, error) {
	frames, total, err := s.t.Stack(a.ThreadId, a.StartFrame, a.Levels)
	if err != nil {
		return nil, err
	}
	out := dap.StackTraceResponseBody{StackFrames: []dap.StackFrame{}, TotalFrames: total}
	for _, f := range frames {
		frame := dap.StackFrame{Id: f.ID, Name: f.Name, Line: s.toClient(f.Line), Column: f.Col - 1 + s.ones.columns}
		if f.Path != "" {
			frame.Source = &dap.Source{Name: f.Cell, Path: f.Path}
		}
		out.StackFrames = append(out.StackFrames, frame)
	}
	return out, nil
}

func (s *Session) scopes(a dap.ScopesArguments) (any, error) {
	list, err := s.t.Scopes(a.FrameId)
	if err != nil {
		return nil, err
	}
	out := dap.ScopesResponseBody{Scopes: []dap.Scope{}}
	for _, c := range list {
		scope := dap.Scope{Name: c.Name, VariablesReference: c.Ref, NamedVariables: c.Count}
		if c.Name == "Locals" {
			scope.PresentationHint = "locals"
		}
		out.Scopes = append(out.Scopes, scope)
	}
	return out, nil
}

// variable is dap.Variable with what Lathe can do with it.
type variable struct {
	dap.Variable
	marks
}

// marks say that a value is a tensor, or a module.
type marks struct {
	Tensor bool `json:"latheTensor,omitempty"`
	Module bool `json:"latheModule,omitempty"`
}

func marksOf(v debugger.Variable) marks { return marks{v.Mark == "tensor", v.Mark == "module"} }

func shown(v debugger.Variable) variable {
	return variable{dap.Variable{
		Name: v.Name, Value: v.Value, Type: v.Type, EvaluateName: v.Path, VariablesReference: v.Ref,
		NamedVariables: v.Named, IndexedVariables: v.Indexed,
	}, marksOf(v)}
}

// labType is a type as JupyterLab wants it: its tree shows values of Python's types and those without a
// type, and otherwise the type alone.
func labType(v debugger.Variable) string {
	switch v.Type {
	case "float64", "float32":
		return "float"
	case "string":
		return "str"
	case "bool":
		return "bool"
	case "int", "int64", "int32", "int16", "int8", "uint", "uint64", "uint32", "uint16", "uint8", "byte", "rune":
		if len(v.Value) <= 15 { // which JavaScript can have
			return "int"
		}
	}
	return ""
}

func (s *Session) list(list []debugger.Variable) any {
	out := struct {
		Variables []variable `json:"variables"`
	}{Variables: []variable{}}
	for _, v := range list {
		d := shown(v)
		if s.lab {
			d.Type = labType(v)
		}
		out.Variables = append(out.Variables, d)
	}
	return out
}

func (s *Session) variables(a dap.VariablesArguments) (any, error) {
	list, err := s.t.Variables(a.VariablesReference, a.Start, a.Count)
	if err != nil {
		return nil, err
	}
	return s.list(list), nil
}

func (s *Session) setVariable(a dap.SetVariableArguments) (any, error) {
	v, err := s.t.SetVariable(a.VariablesReference, a.Name, a.Value)
	if err != nil {
		return nil, err
	}
	return dap.SetVariableResponseBody{
		Value: v.Value, Type: v.Type, VariablesReference: v.Ref, NamedVariables: v.Named, IndexedVariables: v.Indexed,
	}, nil
}

func (s *Session) setExpression(a dap.SetExpressionArguments) (any, error) {
	if _, err := s.t.Evaluate(a.FrameId, a.Expression+" = "+a.Value); err != nil {
		return nil, err
	}
	v, err := s.t.Evaluate(a.FrameId, a.Expression)
	if err != nil {
		return nil, err
	}
	return dap.SetExpressionResponseBody{
		Value: v.Value, Type: v.Type, VariablesReference: v.Ref, NamedVariables: v.Named, IndexedVariables: v.Indexed,
	}, nil
}

func (s *Session) evaluate(a dap.EvaluateArguments) (any, error) {
	v, err := s.t.Evaluate(a.FrameId, a.Expression)
	if err != nil {
		return nil, err
	}
	return struct {
		dap.EvaluateResponseBody
		marks
	}{dap.EvaluateResponseBody{
		Result: v.Value, Type: v.Type, VariablesReference: v.Ref, NamedVariables: v.Named, IndexedVariables: v.Indexed,
	}, marksOf(v)}, nil
}

func (s *Session) source(a dap.SourceArguments) (any, error) {
	if a.Source == nil {
		return nil, fmt.Errorf("source needs a source with a path")
	}
	code, ok := s.t.Source(a.Source.Path)
	if !ok {
		return nil, fmt.Errorf("no cell has the path %s", a.Source.Path)
	}
	return dap.SourceResponseBody{Content: code, MimeType: "text/x-go"}, nil
}

func (s *Session) loadedSources(struct{}) (any, error) {
	out := dap.LoadedSourcesResponseBody{Sources: []dap.Source{}}
	for _, path := range s.t.Paths() {
		out.Sources = append(out.Sources, *s.src(path))
	}
	return out, nil
}

func (s *Session) exceptionInfo(a dap.ExceptionInfoArguments) (any, error) {
	text, ok := s.t.Exception(a.ThreadId)
	if !ok {
		return nil, fmt.Errorf("thread %d is not at an exception", a.ThreadId)
	}
	return dap.ExceptionInfoResponseBody{ExceptionId: "panic", Description: text, BreakMode: "always"}, nil
}

func (s *Session) resume(a dap.ContinueArguments) (any, error) {
	if err := s.t.Resume(a.ThreadId, "continue"); err != nil {
		return nil, err
	}
	return dap.ContinueResponseBody{AllThreadsContinued: true}, nil
}

func step(kind string) func(s *Session, a dap.NextArguments) (any, error) {
	return func(s *Session, a dap.NextArguments) (any, error) { return nil, s.t.Resume(a.ThreadId, kind) }
}

func (s *Session) restartFrame(a dap.RestartFrameArguments) (any, error) {
	return nil, s.t.RestartFrame(a.FrameId)
}

func (s *Session) pause(struct{}) (any, error) {
	s.t.Pause()
	return nil, nil
}

func (s *Session) runTo(a struct {
	Thread int        `json:"threadId"`
	Source dap.Source `json:"source"`
	Line   int        `json:"line"`
},
) (any, error) {
	return nil, s.t.RunTo(a.Thread, a.Source.Path, s.fromClient(a.Line))
}

func (s *Session) modules(struct{}) (any, error) {
	out := dap.ModulesResponseBody{Modules: []dap.Module{}}
	for i, path := range s.t.Paths() {
		out.Modules = append(out.Modules, dap.Module{Id: i, Name: s.t.Title(path), Path: filepath.Clean(path)})
	}
	out.TotalModules = len(out.Modules)
	return out, nil
}
