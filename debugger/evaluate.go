package debugger

import (
	"bytes"
	"errors"
	"fmt"
	"go/scanner"
	"go/token"
	"go/types"
	"reflect"
	"unsafe"

	"github.com/lathe-ml/lathe/debugger/instrument"
	"github.com/lathe-ml/lathe/kernel/display"
	"github.com/lathe-ml/lathe/kernel/outcome"
	"github.com/lathe-ml/lathe/kernel/probe"
)

// snippet is code that was compiled for a statement, with the slots of the variables that it may use.
type snippet struct {
	inside *outcome.Inside
	slots  map[string]int
	err    error
}

// compile compiles code that sees what the statement at site sees; nil: only the session.
func (t *Target) compile(site *instrument.Site, code string) *snippet {
	s := &snippet{slots: map[string]int{}}
	names := map[string]types.Object{}
	if site != nil {
		used := identifiers(code)
		for _, k := range site.Visible {
			slot := site.Func.Slots[k]
			o := slot.Object()
			if o == nil || !used[slot.Name] || mentionsParam(o.Type()) {
				continue
			}
			delete(s.slots, slot.Name)
			names[slot.Name] = o
			if slot.Variable {
				s.slots[slot.Name] = k
			}
		}
	}
	list := make([]types.Object, 0, len(names))
	for _, o := range names {
		list = append(list, o)
	}
	s.inside, s.err = t.host.Inside(code, list)
	return s
}

// identifiers is the set of names in code. Only those of the frame are declared for it: others cost time,
// and a type of the function that one executor cannot have elsewhere is not in the way.
func identifiers(code string) map[string]bool {
	set := map[string]bool{}
	var s scanner.Scanner
	fset := token.NewFileSet()
	s.Init(fset.AddFile("", -1, len(code)), []byte(code), func(token.Position, string) {}, 0) // the checker tells
	for {
		switch _, tok, text := s.Scan(); tok {
		case token.IDENT:
			set[text] = true
		case token.EOF:
			return set
		}
	}
}

// mentionsParam reports whether t depends on a type parameter of the function.
func mentionsParam(t types.Type) (found bool) {
	switch t := types.Unalias(t).(type) {
	case *types.TypeParam:
		return true
	case *types.Pointer:
		return mentionsParam(t.Elem())
	case *types.Slice:
		return mentionsParam(t.Elem())
	case *types.Array:
		return mentionsParam(t.Elem())
	case *types.Chan:
		return mentionsParam(t.Elem())
	case *types.Map:
		return mentionsParam(t.Key()) || mentionsParam(t.Elem())
	case *types.Named:
		for a := range t.TypeArgs().Types() {
			found = found || mentionsParam(a)
		}
	case *types.Signature:
		for _, tuple := range []*types.Tuple{t.Params(), t.Results()} {
			for v := range tuple.Variables() {
				found = found || mentionsParam(v.Type())
			}
		}
	}
	return found
}

// perform runs a snippet in a frame, on the goroutine that it is called on. What it assigns to the
// variables of the frame is kept.
func (s *snippet) perform(f *probe.Frame) ([]any, error) {
	if s.err != nil {
		return nil, s.err
	}
	type shared struct{ local, own reflect.Value }
	var vars []shared
	before := map[int][]byte{}
	for name, addr := range s.inside.Addr {
		k, ok := s.slots[name]
		if !ok || f == nil || f.Vars[k] == nil {
			continue
		}
		local, own := reflect.ValueOf(f.Vars[k]).Elem(), reflect.ValueOf(addr).Elem()
		if local.Type() != own.Type() {
			return nil, fmt.Errorf("%s is a %s here and a %s for new code", name, local.Type(), own.Type())
		}
		own.Set(local)
		before[len(vars)] = bytes.Clone(memory(own))
		vars = append(vars, shared{local, own})
	}
	out := s.inside.Run()
	for i, v := range vars {
		if !bytes.Equal(before[i], memory(v.own)) {
			v.local.Set(v.own)
		}
		v.own.SetZero() // it would keep what it refers to
	}
	if out.Err != nil {
		if out.Err.Interrupted {
			return nil, errors.New("interrupted")
		}
		return nil, fmt.Errorf("%s: %s", out.Err.Kind, out.Err.Msg)
	}
	return out.Values, nil
}

// memory is the representation of an addressable value.
func memory(v reflect.Value) []byte {
	return unsafe.Slice((*byte)(v.Addr().UnsafePointer()), v.Type().Size())
}

// run evaluates an expression of a breakpoint on the goroutine of the frame.
func (t *Target) run(p *point, th *thread, f *probe.Frame, site *instrument.Site, expr string) (any, error) {
	key := fmt.Sprintf("%d %s", site.ID, expr)
	t.mu.Lock()
	s := p.code[key]
	t.mu.Unlock()
	if s == nil {
		s = t.compile(site, expr)
		t.mu.Lock()
		p.code[key] = s
		t.mu.Unlock()
	}
	th.within = true
	defer func() { th.within = false }()
	values, err := s.perform(f)
	if err != nil {
		return nil, err
	}
	if len(values) != 1 {
		return nil, fmt.Errorf("%s has %d values; want one", expr, len(values))
	}
	return values[0], nil
}

// Evaluate runs an expression or statements in a frame; 0 is no frame: what the session defines.
func (t *Target) Evaluate(frame int, code string) (v Variable, err error) {
	f, err := t.frame(frame)
	if err != nil {
		return v, err
	}
	values, err := t.evaluate(f, code)
	if err != nil {
		return v, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	switch len(values) {
	case 0:
		return Variable{}, nil
	case 1:
		return t.variable("", code, copied(values[0]), nil, f), nil
	}
	for i, x := range values {
		if i > 0 {
			v.Value += ", "
		}
		v.Value += t.line(x)
	}
	return v, nil
}

// evaluate runs code in a frame on the goroutine of the frame, or here when there is none.
func (t *Target) evaluate(f *frameRef, code string) (values []any, err error) {
	if f == nil {
		if t.host.Busy() && !t.isStopped() {
			return nil, errRunning
		}
		return t.compile(nil, code).perform(nil)
	}
	s := t.compile(f.site, code)
	if e := t.on(f.thread, func() { values, err = s.perform(f.frame) }); e != nil {
		return nil, e
	}
	return values, err
}

// With calls f with the value of an expression in a frame, on the goroutine of the frame.
func (t *Target) With(frame int, code string, f func(v any)) error {
	ref, err := t.frame(frame)
	if err != nil {
		return err
	}
	values, err := t.evaluate(ref, code)
	if err != nil {
		return err
	}
	if len(values) != 1 {
		return fmt.Errorf("%s has %d values; want one", code, len(values))
	}
	if ref == nil {
		f(values[0])
		return nil
	}
	return t.on(ref.thread, func() { f(values[0]) })
}

// Display returns how an expression is shown in the notebook, by media type.
func (t *Target) Display(frame int, code string) (data, metadata map[string]any, err error) {
	err = t.With(frame, code, func(v any) {
		d := display.Of(v)
		if data, metadata = d.MIME, d.Metadata; metadata == nil {
			metadata = map[string]any{}
		}
	})
	return data, metadata, err
}

func (t *Target) isStopped() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.stopped != nil
}

// copied returns an addressable copy of a value.
func copied(v any) reflect.Value {
	if v == nil {
		return reflect.Value{}
	}
	p := reflect.New(reflect.TypeOf(v))
	p.Elem().Set(reflect.ValueOf(v))
	return p.Elem()
}
