package yaegi

import (
	"bytes"
	"errors"
	"fmt"
	"go/token"
	"reflect"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"github.com/traefik/yaegi/interp"
)

// Failure is why a cell, or a goroutine that it started, did not run to its end.
type Failure struct {
	Kind        string // "panic", "interrupt", "error" or the type of the error
	Msg         string // one line
	Err         error  // what was panicked with, when it is an error
	Pos         token.Position
	Frames      []Frame // innermost first
	Interrupted bool
}

// Frame is a function of a cell that was active.
type Frame struct {
	Func string
	Pos  token.Position // of its first statement
}

// Error is the message.
func (f *Failure) Error() string { return f.Msg }

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
	pos := x.fset.Position(token.Pos(*x.at)) // before a method of the cell writes its message
	f := &Failure{Kind: "panic", Pos: pos, Frames: x.trace.take(x.fset), Msg: message(v)}
	if at, msg := x.position(f.Msg); at.Line > 0 {
		f.Pos, f.Msg = at, msg
	}
	var i interrupted
	var fail *Failure
	err, _ := v.(error)
	switch {
	case errors.As(err, &fail):
		f.Kind, f.Msg, f.Err, f.Frames = fail.Kind, fail.Msg, fail.Err, nil
	case errors.As(err, &i):
		f.Kind, f.Msg, f.Err, f.Interrupted, f.Frames = "interrupt", i.Error(), i.reason, true, nil
	case isNilField(err):
		f.Msg = "runtime error: invalid memory address or nil pointer dereference"
	case err != nil:
		f.Err = err
		var rt runtime.Error
		if !errors.As(err, &rt) {
			f.Kind = x.reg.kind(err)
		}
	}
	return f
}

// isNilField recognises how reflection reports a field or method of a nil pointer.
func isNilField(err error) bool {
	var v *reflect.ValueError
	return errors.As(err, &v) && v.Kind == reflect.Invalid
}

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
	generated = regexp.MustCompile(`\b(main|lathe)\.`)
)

// plain removes the names of lowered code from a message.
func plain(s string) string {
	s = strings.TrimPrefix(s, "reflect: ")
	return generated.ReplaceAllString(versioned.ReplaceAllString(s, ""), "")
}

// trace receives what yaegi prints about a panic: a line for each active function, innermost first.
type trace struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write makes trace an io.Writer.
func (t *trace) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.buf.Len() < 64<<10 {
		t.buf.Write(p)
	}
	return len(p), nil
}

func (t *trace) reset() { t.take(token.NewFileSet()) }

// frameLine is what yaegi prints for a function that a panic leaves.
var frameLine = regexp.MustCompile(`^(.*):(\d+):(\d+): panic: (.*)\(\.\.\.\)$`)

func (t *trace) take(fset *token.FileSet) (frames []Frame) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for line := range strings.Lines(t.buf.String()) {
		m := frameLine.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if m == nil {
			continue
		}
		pos, _ := strconv.Atoi(m[3])
		frames = append(frames, Frame{Func: plain(m[4]), Pos: fset.Position(token.Pos(pos))})
	}
	t.buf.Reset()
	return frames
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
