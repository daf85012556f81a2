package yaegi

import (
	"cmp"
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"maps"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/traefik/yaegi/interp"

	"github.com/lathe-ml/lathe/kernel/outcome"
	"github.com/lathe-ml/lathe/kernel/yaegi/mono"
)

// Failure is why a cell, or a goroutine that it started, did not run to its end.
type Failure = outcome.Failure

// Frame is a function of a cell that was active.
type Frame = outcome.Frame

// failure describes a recovered panic.
func (x *Executor) failure(v any) *Failure {
	if p, ok := v.(interp.Panic); ok {
		v = p.Value
	}
	for {
		rv, ok := v.(reflect.Value)
		if !ok || !rv.IsValid() || !rv.CanInterface() {
			break
		}
		v = rv.Interface()
	}
	v = x.reg.goPanic(v)
	frames := x.trace.take(x.fset) // before a method of the cell writes its message
	f := &Failure{Kind: "panic", Frames: frames}
	if u, ok := v.(*unsure); ok {
		f.Msg = u.text
	} else {
		f.Msg = message(v)
	}
	if len(frames) > 0 {
		f.Pos = frames[0].Pos
	}
	if at, msg := x.position(f.Msg); at.Line > 0 {
		f.Pos, f.Msg = at, msg
	}
	var i interrupted
	var fail *Failure
	err, _ := v.(error)
	switch {
	case errors.As(err, &fail):
		f.Kind, f.Msg, f.Err = fail.Kind, fail.Msg, fail.Err
	case errors.As(err, &i):
		f.Kind, f.Msg, f.Err, f.Interrupted = "interrupt", i.Error(), i.reason, true
	case errors.As(err, new(refused)):
		f.Kind, f.Err = "error", err
	case err != nil:
		f.Err = err
		var rt runtime.Error
		if !errors.As(err, &rt) {
			f.Kind = x.reg.kind(err)
		}
	}
	return f
}

// runtimeError is a panic of the Go runtime that the interpreter words in its own way.
type runtimeError string

// Error is the message as Go gives it.
func (e runtimeError) Error() string {
	if strings.HasPrefix(string(e), "makechan: ") {
		return string(e)
	}
	return "runtime error: " + string(e)
}

// RuntimeError makes it a runtime.Error.
func (runtimeError) RuntimeError() {}

// unsure is a panic of the Go runtime of which the interpreter knows too little to give Go's text. Cells recover
// from it, but a cell that asks for the text ends.
type unsure struct {
	text  string
	asked func(text string)
}

// Error refuses to say.
func (e *unsure) Error() string {
	e.asked(e.text)
	return e.text
}

// PanicText is the text for people: the debugger shows it.
func (e *unsure) PanicText() string { return e.text }

// RuntimeError makes it a runtime.Error.
func (*unsure) RuntimeError() {}

// textAsked ends the cell that asked for the text of a panic. Package fmt would print the refusal and go on.
func (x *Executor) textAsked(text string) {
	why := refused(fmt.Sprintf("the text of the panic %q is not supported in cells by the executor yaegi; "+
		"recovering from it without its text works", strings.TrimSuffix(text, noNumbers)))
	x.mu.Lock()
	r := x.running[goid()]
	x.mu.Unlock()
	if r == nil {
		r = x.current.Load()
	}
	if r != nil {
		r.refused.Store(&why)
	}
	panic(why)
}

// conversionError is a failed assertion.
type conversionError string

// Error is the message as Go gives it.
func (e conversionError) Error() string { return "interface conversion: " + string(e) }

// RuntimeError makes it a runtime.Error.
func (conversionError) RuntimeError() {}

// unknownSource is the number of the type of an operand that generic code asserted to be what it cannot be.
const unknownSource = -1

// notAsserted panics as a failed assertion of v, whose static type has the number from, to the type to.
func (r *registry) notAsserted(v any, from, to int) {
	if from == unknownSource {
		panic(&unsure{"interface conversion", r.asked})
	}
	r.mu.Lock()
	source, target := r.types[from], r.types[to]
	r.mu.Unlock()
	goal := spelled(target)
	in := "interface {}"
	switch t := types.Unalias(source).(type) {
	case *types.Named, *types.Interface:
		in = spelled(t)
	}
	iface, toInterface := target.Underlying().(*types.Interface)
	switch {
	case v == nil && toInterface:
		panic(conversionError("interface is nil, not " + goal))
	case v == nil:
		panic(conversionError(in + " is nil, not " + goal))
	case toInterface:
		panic(conversionError(fmt.Sprintf("%s is not %s: missing method %s", r.typeName(v), goal, r.missing(v, iface))))
	}
	has := r.typeName(v)
	if has == goal {
		goal += " (types from different scopes)"
	}
	panic(conversionError(fmt.Sprintf("%s is %s, not %s", in, has, goal)))
}

// missing returns the first method of iface that v has not.
func (r *registry) missing(v any, iface *types.Interface) string {
	v = unwrap(v)
	var own types.Type
	if t, ok := v.(Typed); ok {
		r.mu.Lock()
		own = r.types[t.show.n]
		r.mu.Unlock()
	} else if p, ok := r.showAny(v).(printable); ok {
		own = p.t
	}
	for m := range iface.Methods() {
		has := false
		if own != nil {
			obj, _, _ := types.LookupFieldOrMethod(own, false, m.Pkg(), m.Name())
			f, ok := obj.(*types.Func)
			has = ok && types.Identical(f.Type(), m.Type())
		} else {
			has = reflect.ValueOf(v).MethodByName(m.Name()).IsValid()
		}
		if !has {
			return m.Name()
		}
	}
	return ""
}

// noNumbers says that the message of Go would say more.
const noNumbers = " (the interpreter does not say which)"

// reworded are panics of reflection and of the interpreter with what compiled code panics with.
var reworded = []struct {
	from *regexp.Regexp
	to   string
}{
	{regexp.MustCompile(`^reflect.*nil (?:function|interface value)$`), "invalid memory address or nil pointer dereference"},
	{regexp.MustCompile(`^reflect: Call using zero Value argument$`), "invalid memory address or nil pointer dereference"},
	{regexp.MustCompile(`^reflect.*index out of range$`), "index out of range" + noNumbers},
	{regexp.MustCompile(`^reflect.*index out of bounds$`), "slice bounds out of range" + noNumbers},
	{regexp.MustCompile(`^reflect.*Grow: slice overflow$`), "growslice: len out of range"},
	{regexp.MustCompile(`^reflect.MakeSlice: (?:negative len|len out of range)$`), "makeslice: len out of range"},
	{regexp.MustCompile(`^reflect.MakeSlice: (?:negative cap|len > cap|cap out of range)$`), "makeslice: cap out of range"},
	{regexp.MustCompile(`^(?:runtime error: )?hash of unhashable type:? (struct .*)$`), "hash of unhashable type $1" + noNumbers},
	{regexp.MustCompile(`^(?:runtime error: )?hash of unhashable type:? (.*)$`), "hash of unhashable type $1"},
	{regexp.MustCompile(`^reflect.MakeChan: (?:negative buffer size|invalid buffer size)$`), "makechan: size out of range"},
	{
		regexp.MustCompile(`^reflect: cannot convert slice with length (\d+) to (?:pointer to )?array with length (\d+)$`),
		"cannot convert slice with length $1 to array or pointer to array with length $2",
	},
}

// noMethod is how yaegi says that it does not find a method which there is.
var noMethod = regexp.MustCompile(`^(?:cells:1:\d+: )?method not found: (.*)$`)

var (
	notAsserted = regexp.MustCompile(`^(?:cells:1:\d+: )?interface conversion: (.*)$`)
	concrete    = regexp.MustCompile(`^(\S+) is not (\S+): missing method $`)
)

// goPanic returns a panic value of reflection as what compiled code would panic with, as far as the
// reason is known.
func (r *registry) goPanic(v any) any {
	s, isText := v.(string)
	err, _ := v.(error)
	if err != nil {
		s = err.Error()
	}
	if m := noMethod.FindStringSubmatch(s); m != nil {
		return refused(fmt.Sprintf("calling %s through this interface is not supported in cells by the executor yaegi", plain(m[1])))
	}
	var field *reflect.ValueError
	var rt runtime.Error
	if errors.As(err, &field) && field.Kind == reflect.Invalid {
		if r.nilHeld.Load() {
			return &unsure{"runtime error: invalid memory address or nil pointer dereference", r.asked}
		}
		return runtimeError("invalid memory address or nil pointer dereference")
	}
	if !isText && err == nil || err != nil && !errors.As(err, &rt) && !strings.Contains(s, "interface conversion") {
		return v
	}
	for _, w := range reworded {
		if w.from.MatchString(s) {
			text := r.goNames(w.from.ReplaceAllString(s, w.to))
			if strings.HasSuffix(text, noNumbers) {
				return &unsure{"runtime error: " + text, r.asked}
			}
			return runtimeError(text)
		}
	}
	if m := notAsserted.FindStringSubmatch(s); m != nil && (m[0] != s || err != nil) {
		return conversionError(plainNames(concrete.ReplaceAllString(m[1], "interface {} is $1, not $2")))
	}
	return v
}

// goNames replaces the run-time forms of session types in a message by their names.
func (r *registry) goNames(s string) string {
	if !strings.Contains(s, "lathe:") {
		return s
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	longest := func(a, b reflect.Type) int { return cmp.Compare(len(b.String()), len(a.String())) }
	for _, t := range slices.SortedFunc(maps.Keys(r.named), longest) { // it may have others in it
		s = strings.ReplaceAll(s, t.String(), spelled(r.named[t]))
	}
	return s
}

// plainNames removes the marks of lowered names, but not the package.
func plainNames(s string) string { return versioned.ReplaceAllString(mono.Plain(s), "") }

// kind names the type of an error.
func (r *registry) kind(err error) string {
	var own *Error
	if errors.As(err, &own) {
		v := own.IValue
		if t, ok := v.(Typed); ok {
			return plain(t.Name)
		}
		t := reflect.TypeOf(v)
		if t != nil && t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		if st, ok := r.named[t]; ok {
			return plain(sessionName(st))
		}
		return "error"
	}
	t := reflect.TypeOf(err)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Name() == "Exit" && strings.HasSuffix(t.PkgPath(), "/kernel/symbols/std") {
		return "exit"
	}
	if t.Name() == "" || !token.IsExported(t.Name()) || t.Name() == "Error" && t.PkgPath() == "" {
		return "error"
	}
	if i := strings.LastIndexByte(t.PkgPath(), '/'); i >= 0 || t.PkgPath() != "" {
		return t.PkgPath()[i+1:] + "." + t.Name()
	}
	return t.Name()
}

// message is the text of a panic value in one line.
func message(v any) string {
	var s string
	switch v := v.(type) {
	case error:
		s = v.Error()
	case fmt.Stringer:
		s = v.String()
	default:
		s = fmt.Sprint(v)
	}
	return plain(s)
}

var (
	versioned = regexp.MustCompile(`·[\w/.-]*`)
	localMark = regexp.MustCompile(`\b@\d+\b`) // of types declared in functions, see typed
	generated = regexp.MustCompile(`\b(main|lathe)\.`)
)

// plain removes the names of lowered code from a message.
func plain(s string) string {
	s = localMark.ReplaceAllString(mono.Plain(strings.TrimPrefix(s, "reflect: ")), "")
	return generated.ReplaceAllString(versioned.ReplaceAllString(s, ""), "")
}

var located = regexp.MustCompile(`^(cells):(1):(\d+): (.*)$`)

// position splits "cells:1:POS: message".
func (x *Executor) position(s string) (token.Position, string) {
	m := located.FindStringSubmatch(s)
	if m == nil {
		return token.Position{}, s
	}
	pos, _ := strconv.Atoi(m[3])
	return x.fset.Position(token.Pos(pos)), m[4]
}
