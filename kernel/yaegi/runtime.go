package yaegi

import (
	"encoding/json"
	"fmt"
	"go/token"
	"go/types"
	"io"
	"maps"
	"math"
	"os"
	"path"
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"
)

// symbols are the functions that lowered code calls.
func (x *Executor) symbols() map[string]map[string]reflect.Value {
	return map[string]map[string]reflect.Value{
		runtimePath + "/runtime": {
			"Defers":        reflect.ValueOf(func(body int, at *int) *Defers { return &Defers{body: token.Pos(body), at: at} }),
			"Deferring":     reflect.ValueOf(x.deferring),
			"Began":         reflect.ValueOf(x.began),
			"Bare":          reflect.ValueOf(bare),
			"SeenType":      reflect.ValueOf(x.reg.seenType),
			"SeenValue":     reflect.ValueOf(x.reg.seenValue),
			"ReflectName":   reflect.ValueOf(x.reg.reflectName),
			"ReflectString": reflect.ValueOf(x.reg.reflectString),
			"Callable":      reflect.ValueOf(callable),
			"CallNil":       reflect.ValueOf(callNil),
			"Select":        reflect.ValueOf(x.choose),
			"Send":          reflect.ValueOf(sendCase),
			"Receive":       reflect.ValueOf(receiveCase),
			"Bool":          reflect.ValueOf(func(b bool) bool { return b }),
			"Complex64":     reflect.ValueOf(func(re, im float64) complex64 { return complex64(complex(re, im)) }),
			"Into":          reflect.ValueOf(x.into),
			"Complex":       reflect.ValueOf(func(re, im float64) complex128 { return complex(re, im) }),
			"Entry":         reflect.ValueOf(func(f func()) { x.entry = f }),
			"Poll":          reflect.ValueOf(x.poll),
			"Go":            reflect.ValueOf(x.goroutine),
			"Guarded":       reflect.ValueOf(x.guarded),
			"Recovered":     reflect.ValueOf(x.recovered),
			"Leave":         reflect.ValueOf(x.trace.leave),
			"RangeState":    reflect.ValueOf(rangeState),
			"Result":        reflect.ValueOf(x.result),
			"Check":         reflect.ValueOf(x.check),
			"Stdin":         reflect.ValueOf(func() io.Reader { return x.opts.Stdin }),
			"Error":         reflect.ValueOf((*Error)(nil)),
			"Known":         reflect.ValueOf(x.reg.known),
			"Texter":        reflect.ValueOf(x.reg.texter),
			"Show":          reflect.ValueOf(x.reg.show),
			"ShowAny":       reflect.ValueOf(x.reg.showAny),
			"TypeName":      reflect.ValueOf(x.reg.typeName),
			"ShowAll":       reflect.ValueOf(x.reg.showAll),
			"Any":           reflect.ValueOf(func(v any) any { return v }),
			"Box":           reflect.ValueOf(x.reg.box),
			"Take":          reflect.ValueOf(take),
			"Is":            reflect.ValueOf(isTyped),
			"Missing": reflect.ValueOf(func(v any, name string) {
				panic(fmt.Errorf("interface conversion: %T is not %s", unwrap(v), plain(name)))
			}),
			"Opened":       reflect.ValueOf(x.reg.taken),
			"Thrown":       reflect.ValueOf(thrown),
			"EncoderError": reflect.ValueOf(x.reg.encoderError),
			"Key":          reflect.ValueOf(x.reg.key),
			"NilHeld":      reflect.ValueOf(func() { x.reg.nilHeld.Store(true) }),
			"NotAsserted":  reflect.ValueOf(x.reg.notAsserted),
			"Holds":        reflect.ValueOf(func(v any) (any, bool) { return v, v != nil }),
			"IsNil":        reflect.ValueOf(func(v any) bool { return v == nil }),
			"Plain":        reflect.ValueOf(x.reg.plain),
			"Equal":        reflect.ValueOf(equal),
			"As":           reflect.ValueOf(as),
			"Unwrap":       reflect.ValueOf(unwrap),
			"Print":        reflect.ValueOf(func(a ...any) { fmt.Fprint(os.Stderr, a...) }),
			"Println":      reflect.ValueOf(func(a ...any) { fmt.Fprintln(os.Stderr, a...) }),
			"Runes":        reflect.ValueOf(runes),
			"Clear":        reflect.ValueOf(clearValue),
			"ShiftCount":   reflect.ValueOf(shiftCount),
			"MinInt":       reflect.ValueOf(func(a, b int64) int64 { return min(a, b) }),
			"MaxInt":       reflect.ValueOf(func(a, b int64) int64 { return max(a, b) }),
			"MinUint":      reflect.ValueOf(func(a, b uint64) uint64 { return min(a, b) }),
			"MaxUint":      reflect.ValueOf(func(a, b uint64) uint64 { return max(a, b) }),
			"MinFloat":     reflect.ValueOf(math.Min),
			"MaxFloat":     reflect.ValueOf(math.Max),
			"MinString":    reflect.ValueOf(func(a, b string) string { return min(a, b) }),
			"MaxString":    reflect.ValueOf(func(a, b string) string { return max(a, b) }),
		},
	}
}

// adapted replaces the functions that print or end the process. yaegi would do so itself for a
// table with the key "fmt/fmt", and then send log output where it sends its own traces.
func (x *Executor) adapted(all map[string]map[string]reflect.Value) map[string]map[string]reflect.Value {
	out := make(map[string]map[string]reflect.Value, len(all))
	for key, symbols := range all {
		if dir, base := path.Split(key); key == "fmt/fmt" {
			key = dir + "/" + base
		}
		out[key] = symbols
	}
	if symbols := all["fmt/fmt"]; symbols != nil {
		own := maps.Clone(symbols)
		own["Print"] = reflect.ValueOf(func(a ...any) (int, error) { return fmt.Fprint(x.stdout(), a...) })
		own["Printf"] = reflect.ValueOf(func(f string, a ...any) (int, error) { return fmt.Fprintf(x.stdout(), f, a...) })
		own["Println"] = reflect.ValueOf(func(a ...any) (int, error) { return fmt.Fprintln(x.stdout(), a...) })
		own["Scan"] = reflect.ValueOf(func(a ...any) (int, error) { return fmt.Fscan(x.opts.Stdin, a...) })
		own["Scanf"] = reflect.ValueOf(func(f string, a ...any) (int, error) { return fmt.Fscanf(x.opts.Stdin, f, a...) })
		own["Scanln"] = reflect.ValueOf(func(a ...any) (int, error) { return fmt.Fscanln(x.opts.Stdin, a...) })
		out["fmt//fmt"] = own
	}
	if symbols := all["log/log"]; symbols != nil {
		own := maps.Clone(symbols)
		own["Fatal"], own["Fatalf"], own["Fatalln"] = x.exiting(own["Panic"]), x.exiting(own["Panicf"]), x.exiting(own["Panicln"])
		out["log/log"] = own
	}
	if symbols := all["os/os"]; symbols != nil {
		own := maps.Clone(symbols)
		own["Exit"] = x.exiting(own["Exit"])
		out["os/os"] = own
	}
	return out
}

// stdout is where fmt prints: nowhere, for a goroutine that outlived its interrupted cell.
func (x *Executor) stdout() io.Writer {
	if x.Stray() {
		return io.Discard
	}
	return os.Stdout
}

// unwrap returns the session value inside the wrapper by which compiled code sees it.
func unwrap(v any) any {
	r := reflect.ValueOf(v)
	if r.Kind() == reflect.Pointer && !r.IsNil() {
		r = r.Elem()
	}
	if r.Kind() != reflect.Struct || r.NumField() == 0 || r.Type().Field(0).Name != "IValue" {
		return v
	}
	return r.Field(0).Interface()
}

// Error presents an error of a session type to compiled code.
type Error struct {
	IValue  any
	WError  func() string
	WUnwrap func() error
	WIs     func(error) bool
	WShow   func(any) any
}

// Error makes it an error.
func (e *Error) Error() string { return e.WError() }

// Format prints the text of the error for the verbs of texts, and the value itself for others.
func (e *Error) Format(s fmt.State, verb rune) {
	format := fmt.FormatString(s, verb)
	switch {
	case strings.ContainsRune("vsxXq", verb) && !(verb == 'v' && s.Flag('#')):
		fmt.Fprintf(s, format, e.WError())
	case e.WShow != nil:
		fmt.Fprintf(s, format, e.WShow(e.IValue))
	default:
		fmt.Fprintf(s, format, e.IValue)
	}
}

// Unwrap returns what the session's Unwrap method returns.
func (e *Error) Unwrap() error {
	if e.WUnwrap == nil {
		return nil
	}
	return e.WUnwrap()
}

// Is compares the values, because each conversion makes a new wrapper.
func (e *Error) Is(target error) bool {
	if t, ok := target.(*Error); ok && equal(e.IValue, t.IValue) {
		return true
	}
	return e.WIs != nil && e.WIs(target)
}

// as is errors.As for a target of a session type: set takes a value if it is of that type.
func as(err error, set func(any) bool) bool {
	for err != nil {
		if set(unwrap(err)) {
			return true
		}
		switch e := err.(type) {
		case interface{ Unwrap() error }:
			err = e.Unwrap()
		case interface{ Unwrap() []error }:
			for _, err := range e.Unwrap() {
				if as(err, set) {
					return true
				}
			}
			return false
		default:
			return false
		}
	}
	return false
}

// key returns v as the key of a map: equal errors of the session are one key.
func (r *registry) key(v any) any {
	e, ok := v.(*Error)
	if !ok || !reflect.ValueOf(e.IValue).Comparable() {
		return v
	}
	first, _ := r.keys.LoadOrStore(e.IValue, e)
	return first
}

// thrown returns v, an operand of panic.
func thrown(v any) any {
	if v == nil {
		return new(runtime.PanicNilError)
	}
	return v
}

// equal compares as == does.
func equal(a, b any) bool { return unwrap(a) == unwrap(b) }

// Typed is a value of a session type that is no struct, in an empty interface.
type Typed struct {
	Name string
	V    any
	show printer
}

// printer prints a value; it is comparable, as Typed must be.
type printer struct {
	r *registry
	n int
}

func (r *registry) box(name string, n int, v any) any {
	return Typed{name, v, printer{r, r.once(name, n)}}
}

// once returns the first number under which a type was boxed, so that equal values are equal.
func (r *registry) once(name string, n int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if first, ok := r.boxed[name]; ok {
		return first
	}
	r.boxed[name] = n
	return n
}

// Format prints the value as the session type would.
func (t Typed) Format(s fmt.State, verb rune) {
	t.show.r.show(t.V, t.show.n).(fmt.Formatter).Format(s, verb)
}

// MarshalJSON encodes the bare value.
func (t Typed) MarshalJSON() ([]byte, error) { return json.Marshal(t.V) }

func isTyped(v any, name string) bool {
	t, ok := v.(Typed)
	return ok && t.Name == name
}

// take returns the value of a Typed of that name.
func take(v any, name string) any {
	t, ok := v.(Typed)
	if !ok || t.Name != name {
		panic(fmt.Errorf("interface conversion: interface holds %T, not %s", v, plain(name)))
	}
	return t.V
}

// nothing stands for nil where yaegi needs a value. It implements no interface with methods.
type nothing struct{}

// plain returns v, an operand of an assertion to a compiled interface. A value of a session type
// that has the methods would not be recognised, so it is refused.
func (r *registry) plain(v any, n int) any {
	t := reflect.TypeOf(v)
	if t == nil {
		return nothing{} // yaegi cannot assert nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	st, ok := r.named[t]
	if _, isErr := v.(error); !isErr || !isError(r.types[n]) {
		if b, boxed := unwrap(v).(Typed); boxed {
			st, ok = r.types[b.show.n], true
		}
	}
	if !ok && t.Kind() == reflect.Pointer {
		if st, ok = r.named[t.Elem()]; ok {
			st = types.NewPointer(st)
		}
	}
	if i, isIface := r.types[n].Underlying().(*types.Interface); ok && isIface && types.Implements(st, i) {
		panic(refused(fmt.Sprintf("a %s of this session inside an any cannot be asserted to %s; keep it in a variable of that type",
			spelled(st), spelled(r.types[n]))))
	}
	return v
}

// Rune is a step of a range over a string.
type Rune struct {
	Index int
	Rune  rune
}

func runes(s string) []Rune {
	out := make([]Rune, 0, len(s))
	for i, r := range s {
		out = append(out, Rune{i, r})
	}
	return out
}

func clearValue(v any) { reflect.ValueOf(v).Clear() }

// interrupted is what an interrupt panics with. Cells cannot recover from it.
type interrupted struct{ reason error }

// Error is the reason of the interrupt.
func (i interrupted) Error() string { return i.reason.Error() }

// recovered stands around every recover in a cell: an interrupt goes on.
func (x *Executor) recovered(v any) any {
	if v != nil {
		defer x.trace.forget(goid())
	}
	for {
		r, ok := v.(reflect.Value)
		if !ok || !r.IsValid() {
			break
		}
		v = r.Interface()
	}
	v = x.reg.goPanic(v)
	switch v := v.(type) {
	case interrupted, refused:
		panic(v)
	}
	return v
}

// shifted keeps the shift in shiftCount from being optimised away.
var shifted atomic.Int64

// shiftCount returns n, or panics as a shift by a negative n does.
func shiftCount(n int64) uint64 {
	if n < 0 {
		shifted.Store(1 << n)
	}
	return uint64(n)
}
