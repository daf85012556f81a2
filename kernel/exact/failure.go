package exact

import (
	"errors"
	"fmt"
	"go/token"
	"reflect"
	"regexp"
	"runtime"
	"strings"

	"github.com/lathe-ml/lathe/kernel/outcome"
)

const cellName = outcome.CellFunc

// maxFrames is how many functions of a panic are kept.
const maxFrames = 32

// trace lists the active functions, innermost first.
func (g *gor) trace() (frames []outcome.Frame) {
	for f := g.top; f != nil; f = f.up {
		if f.code.wrapper {
			continue
		}
		pos := f.code.place(f.at)
		name := f.code.name
		if !pos.IsValid() || len(frames) >= maxFrames && name != cellName {
			continue
		}
		frames = append(frames, outcome.Frame{Func: name, Pos: f.code.fn.m.fset.Position(pos)})
	}
	return frames
}

// place returns the position of the op with number n, or of the nearest one before it that has one.
func (c *code) place(n int32) token.Pos {
	for i := int(n); i >= 0 && i < len(c.places); i-- {
		if p := c.places[i].pos; p.IsValid() {
			return p
		}
	}
	return c.fn.ssa.Pos()
}

// traced is what a goroutine knows of a panic on its way out.
type traced struct {
	frames []outcome.Frame
	last   *gor // whose functions are the last of frames
}

// keepTrace notes the functions that a panic leaves, once: where the panic began.
func (g *gor) keepTrace() {
	in := g.in
	if in == nil || in.panic.last == g {
		return
	}
	in.panic = traced{append(in.panic.frames, g.trace()...), g}
}

const exitKind = "exit"

// exit is what os.Exit panics with: a cell may end itself but not its kernel. Cells cannot recover
// from it, and deferred functions do not run.
type exit int

// Error makes it an error.
func (e exit) Error() string { return fmt.Sprintf("os.Exit(%d)", int(e)) }

// failure describes a panic with value v that left the goroutine.
func (x *Executor) failure(in *goroutine, v any) *outcome.Failure {
	if in.main != nil {
		x.m.live.began(in.main, v)
		in.main.keepTrace()
	}
	f := &outcome.Failure{Kind: "panic", Frames: in.panic.frames, Msg: message(v)}
	if len(f.Frames) > 0 {
		f.Pos = f.Frames[0].Pos
	}
	err, _ := v.(error)
	switch e := v.(type) {
	case interrupted:
		f.Kind, f.Err, f.Interrupted = "interrupt", e.reason, true
		return f
	case exit:
		f.Kind, f.Err = exitKind, e
		return f
	case resultError:
		err = e.err
		f.Msg = message(err)
		if f.Kind = kind(err); f.Kind == "panic" {
			f.Kind = "error"
		}
		f.Err, f.Pos = err, e.pos
		f.Frames = []outcome.Frame{{Func: cellName, Pos: e.pos}}
		return f
	}
	if err != nil {
		f.Err = err
		var rt runtime.Error
		if !errors.As(err, &rt) {
			f.Kind = kind(err)
		}
	}
	return f
}

// kind names the type of an error.
func kind(err error) string {
	t := reflect.TypeOf(err)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t.PkgPath() == mainPath && t.Name() != "":
		return t.Name()
	case t.Name() == "" || !token.IsExported(t.Name()) || t.Name() == "Error" && t.PkgPath() == "":
		return "error"
	}
	if i := strings.LastIndexByte(t.PkgPath(), '/'); i >= 0 || t.PkgPath() != "" {
		return t.PkgPath()[i+1:] + "." + t.Name()
	}
	return t.Name()
}

// message is the text of a panic value in one line.
func message(v any) (s string) {
	defer func() {
		if recover() != nil { // a method of the session panics in turn
			s = fmt.Sprintf("a %T, whose text cannot be had", v)
		}
	}()
	switch v := v.(type) {
	case error:
		s = v.Error()
	case fmt.Stringer:
		s = v.String()
	default:
		s = fmt.Sprint(v)
	}
	return sessionPackage.ReplaceAllString(s, "")
}

var sessionPackage = regexp.MustCompile(`\bmain\.`)
