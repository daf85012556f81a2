package debugger

import (
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/lathe-ml/lathe/debugger/instrument"
	"github.com/lathe-ml/lathe/kernel/probe"
)

// Frame is an active function as clients see it, innermost first.
type Frame struct {
	ID   int
	Name string
	Cell string // or the name of the file, in a package that was read from source
	Path string // of the code
	Line int
	Col  int
}

// frameRef is what the number of a frame stands for.
type frameRef struct {
	thread *thread
	frame  *probe.Frame
	site   *instrument.Site
}

// container is what the number of a group of variables stands for.
type container struct {
	scope string // "locals", "captured", "globals", or "": a value
	frame *frameRef
	path  string // expression for the value, or ""
	value reflect.Value
	typ   typ
}

// handles are the numbers that clients hold. They mean nothing after the target went on.
type handles struct {
	frames map[int]*frameRef
	groups map[int]*container
}

func (h *handles) clear() { h.frames, h.groups = map[int]*frameRef{}, map[int]*container{} }

// Stack lists the active functions of a stopped thread, and how many there are.
func (t *Target) Stack(id, start, count int) (list []Frame, total int, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	th := t.find(id)
	if th == nil {
		return nil, 0, fmt.Errorf("thread %d has ended", id)
	}
	f := th.top
	switch {
	case th == t.dead:
		f = th.failed.top
	case !th.parked:
		return nil, 0, errRunning
	}
	active := []*probe.Frame{}
	if th != t.dead && th.body != nil {
		active = append(active, th.body)
	}
	for ; f != nil; f = f.Up {
		active = append(active, f)
	}
	for i, f := range active {
		if i < start || count > 0 && i >= start+count {
			continue
		}
		site, def := t.table.Site(f.At), t.table.FuncOf(f.Func)
		out := Frame{ID: t.number(), Name: def.Name, Cell: def.Cell, Path: t.pathOf(def)}
		if i == 0 && f == th.body {
			out.Name += ", loop body"
		}
		if def.Path != "" {
			out.Cell = filepath.Base(def.Path)
		}
		if site != nil {
			out.Line, out.Col = site.Pos.Line, site.Pos.Column
		}
		t.handles.frames[out.ID] = &frameRef{th, f, site}
		list = append(list, out)
	}
	return list, len(active), nil
}

// frame returns what a number stands for; nil for 0.
func (t *Target) frame(id int) (*frameRef, error) {
	if id == 0 {
		return nil, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.handles.frames[id]
	if f == nil {
		return nil, errors.New("this frame is gone; the thread went on")
	}
	return f, nil
}

// Scope is a group of variables.
type Scope struct {
	Name  string
	Ref   int
	Count int
}

// Scopes lists the groups of variables of a frame.
func (t *Target) Scopes(frame int) (list []Scope, err error) {
	f, err := t.frame(frame)
	if err != nil {
		return nil, err
	}
	globals := len(t.host.Globals())
	t.mu.Lock()
	defer t.mu.Unlock()
	add := func(name, scope string, n int) {
		id := t.number()
		t.handles.groups[id] = &container{scope: scope, frame: f}
		list = append(list, Scope{name, id, n})
	}
	if f != nil && f.site != nil {
		own, captured := 0, 0
		for _, k := range f.site.Visible {
			switch s := f.site.Func.Slots[k]; {
			case !s.Variable:
			case s.Captured:
				captured++
			default:
				own++
			}
		}
		if !f.site.Func.Body || own > 0 {
			add("Locals", "locals", own)
		}
		if captured > 0 {
			add("Captured", "captured", captured)
		}
	}
	add("Globals", "globals", globals)
	return list, nil
}

// Variables lists a group: count of them from start on; 0: all, up to a bound.
func (t *Target) Variables(ref, start, count int) ([]Variable, error) {
	t.mu.Lock()
	c := t.handles.groups[ref]
	t.mu.Unlock()
	if c == nil {
		return nil, errors.New("these variables are gone; the thread went on")
	}
	if c.scope == "globals" {
		return t.globals(c), nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if c.frame != nil && !c.frame.thread.parked && c.frame.thread != t.dead {
		return nil, errRunning
	}
	if c.scope == "" {
		return t.children(c, start, count), nil
	}
	var list []Variable
	index := map[string]int{}
	for _, k := range c.frame.site.Visible {
		s := c.frame.site.Func.Slots[k]
		addr := c.frame.frame.Vars[k]
		if !s.Variable || s.Captured != (c.scope == "captured") || addr == nil {
			continue
		}
		v := t.variable(s.Name, s.Name, reflect.ValueOf(addr).Elem(), objectType(s.Object()), c.frame)
		if i, ok := index[s.Name]; ok { // the inner one hides the outer one
			list[i].Name += " (outer)"
			list[i].Path = ""
		}
		index[s.Name] = len(list)
		list = append(list, v)
	}
	return list, nil
}

func (t *Target) globals(c *container) (list []Variable) {
	all := t.host.Globals()
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, g := range all {
		list = append(list, t.variable(g.Name, g.Name, reflect.ValueOf(g.Addr).Elem(), g.Type, c.frame))
	}
	return list
}

// Globals lists the variables of the session.
func (t *Target) Globals() []Variable { return t.globals(&container{}) }

// SetVariable sets the variable with that name in a group to the value of an expression.
func (t *Target) SetVariable(ref int, name, expr string) (v Variable, err error) {
	list, err := t.Variables(ref, 0, 0)
	if err != nil {
		return v, err
	}
	t.mu.Lock()
	c := t.handles.groups[ref]
	t.mu.Unlock()
	if c == nil {
		return v, errRunning
	}
	for _, v := range list {
		if v.Name != name {
			continue
		}
		if v.Path == "" {
			return v, fmt.Errorf("%s cannot be set: no expression leads to it", name)
		}
		if _, err := t.evaluate(c.frame, v.Path+" = "+expr); err != nil {
			return v, err
		}
		list, err := t.Variables(ref, 0, 0)
		for _, v := range list {
			if v.Name == name {
				return v, err
			}
		}
		return v, err
	}
	return v, fmt.Errorf("%s is not among these variables", name)
}

// CopyToGlobals makes the variable from of a frame the variable to of the session.
func (t *Target) CopyToGlobals(frame int, from, to string) error {
	f, err := t.frame(frame)
	if err != nil {
		return err
	}
	if f == nil || f.site == nil {
		return errors.New("a frame is needed to copy from")
	}
	for _, k := range slices.Backward(f.site.Visible) {
		s := f.site.Func.Slots[k]
		if s.Name != from || !s.Variable || f.frame.Vars[k] == nil {
			continue
		}
		st := objectType(s.Object())
		if st == nil {
			return fmt.Errorf("the type of %s depends on a type parameter", from)
		}
		if e := t.on(f.thread, func() { err = t.host.Declare(to, st, f.frame.Vars[k]) }); e != nil {
			return e
		}
		return err
	}
	return fmt.Errorf("%s is no variable of this frame", from)
}
