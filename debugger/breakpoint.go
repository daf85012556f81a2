package debugger

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lathe-ml/lathe/debugger/instrument"
	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/probe"
)

// Breakpoint is a place where threads stop.
type Breakpoint struct {
	Line      int    // asked for
	Func      string // name of the function at whose first statement it stands, instead of a line
	Condition string // expression that must hold
	Hits      string // "5", "== 5", ">= 5", "> 5", "< 5", "<= 5" or "% 5": which hits count
	Log       string // text to print instead of stopping; {expression} is replaced by its value
	Once      bool   // it goes away when it was hit

	// Set by the target.
	ID       int
	Path     string // of the code
	Title    string // what people call the code, see Target.Title
	At       int    // the line where it stands
	Verified bool
	Message  string
}

func (b *Breakpoint) reason() string {
	if b.Func != "" {
		return "function breakpoint"
	}
	return "breakpoint"
}

// point is a breakpoint with what was found out about it.
type point struct {
	Breakpoint
	count int                 // hits so far
	code  map[string]*snippet // compiled expressions by site and text
}

// points are the breakpoints of a target.
type points struct {
	lines map[string][]*point // by path
	funcs []*point
	at    map[int][]*point // by number of a site
	in    map[int]bool     // functions with one of these sites
}

func (p *points) init() {
	p.lines, p.funcs, p.at, p.in = map[string][]*point{}, nil, map[int][]*point{}, map[int]bool{}
}

// SetBreakpoints replaces the breakpoints in the code at a path and returns them as they stand. Where
// the code has not run, they wait for it.
func (t *Target) SetBreakpoints(path string, list []Breakpoint) []Breakpoint {
	t.mu.Lock()
	defer t.mu.Unlock()
	old := t.points.lines[path]
	delete(t.points.lines, path)
	for _, b := range list {
		b.Path, b.At = path, b.Line
		t.points.lines[path] = append(t.points.lines[path], t.keep(b, old))
	}
	t.place()
	return t.listed(t.points.lines[path])
}

// SetFunctionBreakpoints replaces the function breakpoints.
func (t *Target) SetFunctionBreakpoints(list []Breakpoint) []Breakpoint {
	t.mu.Lock()
	defer t.mu.Unlock()
	old := t.points.funcs
	t.points.funcs = nil
	for _, b := range list {
		t.points.funcs = append(t.points.funcs, t.keep(b, old))
	}
	t.place()
	return t.listed(t.points.funcs)
}

// Breakpoints returns the breakpoints by path.
func (t *Target) Breakpoints() map[string][]Breakpoint {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := map[string][]Breakpoint{}
	for path, list := range t.points.lines {
		if len(list) > 0 {
			out[path] = t.listed(list)
		}
	}
	return out
}

// RunTo lets the target go on until a line of the code at a path.
func (t *Target) RunTo(id int, path string, line int) error {
	t.mu.Lock()
	p := &point{Breakpoint: Breakpoint{Line: line, At: line, Path: path, Once: true, ID: t.number()}}
	t.points.lines[path] = append(t.points.lines[path], p)
	t.place()
	ok := p.Verified
	if !ok {
		t.remove(p)
	}
	t.mu.Unlock()
	if !ok {
		return fmt.Errorf("line %d has no statement that ran", line)
	}
	return t.Resume(id, "continue")
}

// keep returns a new point, or the one among old that says the same, with its count. It needs mu.
func (t *Target) keep(b Breakpoint, old []*point) *point {
	for _, p := range old {
		if p.Line == b.Line && p.Func == b.Func && p.Condition == b.Condition && p.Hits == b.Hits && p.Log == b.Log {
			return p
		}
	}
	b.ID = t.number()
	return &point{Breakpoint: b, code: map[string]*snippet{}}
}

// listed returns breakpoints for clients. It needs mu.
func (t *Target) listed(points []*point) []Breakpoint {
	out := make([]Breakpoint, 0, len(points))
	for _, p := range points {
		b := p.Breakpoint
		b.Title = t.title(b.Path)
		out = append(out, b)
	}
	return out
}

// remove takes a breakpoint away. It needs mu.
func (t *Target) remove(p *point) {
	t.points.lines[p.Path] = slices.DeleteFunc(t.points.lines[p.Path], func(q *point) bool { return q == p })
	t.place()
}

// place finds the sites of all breakpoints. It needs mu.
func (t *Target) place() {
	t.points.at, t.points.in = map[int][]*point{}, map[int]bool{}
	for _, list := range t.points.lines {
		for _, p := range list {
			t.expect(p)
		}
	}
	for _, p := range t.points.funcs {
		p.Verified, p.Message = false, "no function of that name was declared yet"
	}
	t.resolve(t.table.Funcs())
	t.heat()
}

// expect says where a breakpoint will stand as far as its code tells, before that ran. It needs mu.
func (t *Target) expect(p *point) {
	code, ok := t.sources.code[p.Path]
	if !ok && t.within(p) {
		return
	}
	if !ok {
		p.Verified, p.Message = false, "no cell with this code is known yet"
		return
	}
	line := 0
	for _, n := range check.Lines(code) {
		if n >= p.Line && (line == 0 || n < line) {
			line = n
		}
	}
	if line == 0 {
		p.Verified, p.Message = false, "no statement stands at or after this line"
		return
	}
	p.At, p.Verified, p.Message = line, true, ""
}

// within says where a breakpoint in a package that was read from source stands. It reports whether the
// path is that of such a package. It needs mu.
func (t *Target) within(p *point) (known bool) {
	line := 0
	for _, f := range t.table.Funcs() {
		if f.Path != p.Path {
			continue
		}
		known = true
		for _, s := range f.Sites {
			if n := s.Pos.Line; n >= p.Line && (line == 0 || n < line) {
				line = n
			}
		}
	}
	switch {
	case line > 0:
		p.At, p.Verified, p.Message = line, true, ""
	case known:
		p.Verified, p.Message = false, "no statement stands at or after this line"
	}
	return known
}

// resolve finds the sites of the breakpoints in functions. It needs mu.
func (t *Target) resolve(funcs []*instrument.Func) {
	for _, f := range funcs {
		for _, p := range t.points.lines[t.pathOf(f)] {
			t.arm(p, f)
		}
		for _, p := range t.points.funcs {
			if p.Func == f.Name && len(f.Sites) > 0 {
				s := f.Sites[0]
				known := p.Verified
				p.Verified, p.Message, p.At = true, "", s.Pos.Line
				p.Path = t.pathOf(f)
				t.set(p, s, known)
			}
		}
	}
}

// arm sets p at the first statement of f on its line. It needs mu.
func (t *Target) arm(p *point, f *instrument.Func) {
	for _, s := range f.Sites {
		if s.Pos.Line == p.At {
			known := p.Verified
			p.Verified, p.Message = true, ""
			t.set(p, s, known)
			return
		}
	}
}

// set sets p at s, and tells clients when they do not know yet that it stands. It needs mu.
func (t *Target) set(p *point, s *instrument.Site, known bool) {
	if !known {
		b := t.listed([]*point{p})[0]
		t.tell(Event{Kind: "breakpoint", Point: &b})
	}
	if !slices.Contains(t.points.at[s.ID], p) {
		t.points.at[s.ID] = append(slices.Clone(t.points.at[s.ID]), p)
	}
	t.points.in[s.Func.ID] = true
}

// met reports whether th is to stop at p, or what there is to say about a condition that cannot be
// evaluated: then it stops, too. It prints log points.
func (t *Target) met(th *thread, f *probe.Frame, site *instrument.Site, p *point) (stop bool, note string) {
	if p.Condition != "" {
		v, err := t.run(p, th, f, site, p.Condition)
		if err != nil {
			return true, "condition " + p.Condition + ": " + err.Error()
		}
		holds, ok := v.(bool)
		if !ok {
			return true, fmt.Sprintf("condition %s is a %T, not a bool", p.Condition, v)
		}
		if !holds {
			return false, ""
		}
	}
	t.mu.Lock()
	p.count++
	count := p.count
	t.mu.Unlock()
	counts, err := counted(p.Hits, count)
	switch {
	case err != nil:
		return true, err.Error()
	case !counts:
		return false, ""
	case p.Log != "":
		text := t.filled(p, th, f, site)
		t.mu.Lock()
		t.tell(Event{Kind: "output", Thread: th.id, Text: text + "\n"})
		t.mu.Unlock()
		return false, ""
	case p.Once:
		t.mu.Lock()
		t.remove(p)
		t.mu.Unlock()
	}
	return true, ""
}

// counted reports whether hit number n counts.
func counted(want string, n int) (bool, error) {
	s := strings.TrimSpace(want)
	if s == "" {
		return true, nil
	}
	op := strings.TrimRight(s, "0123456789 ")
	k, err := strconv.Atoi(strings.TrimSpace(s[len(op):]))
	if err == nil {
		switch op {
		case "", "==", "=":
			return n == k, nil
		case ">=":
			return n >= k, nil
		case ">":
			return n > k, nil
		case "<=":
			return n <= k, nil
		case "<":
			return n < k, nil
		case "%":
			if k > 0 {
				return n%k == 0, nil
			}
		}
	}
	return true, fmt.Errorf("hit condition %q is not understood; want a number after nothing, ==, >=, >, <=, < or %%", want)
}

// filled is the text of a log point.
func (t *Target) filled(p *point, th *thread, f *probe.Frame, site *instrument.Site) string {
	var out strings.Builder
	for rest := p.Log; ; {
		before, after, ok := strings.Cut(rest, "{")
		out.WriteString(before)
		if !ok {
			return out.String()
		}
		expr, tail, ok := strings.Cut(after, "}")
		if !ok {
			out.WriteString("{" + after)
			return out.String()
		}
		v, err := t.run(p, th, f, site, expr)
		if err != nil {
			fmt.Fprintf(&out, "{%s: %v}", expr, err)
		} else {
			out.WriteString(t.line(v))
		}
		rest = tail
	}
}
