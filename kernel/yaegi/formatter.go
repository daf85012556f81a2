package yaegi

import (
	"cmp"
	"fmt"
	"go/types"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/traefik/yaegi/interp"

	"github.com/lathe-ml/lathe/kernel/yaegi/mono"
)

// printable is a value of a type that mentions session types. It formats as Go would.
type printable struct {
	v reflect.Value
	t types.Type
	r *registry
}

// Format makes printable a fmt.Formatter.
func (p printable) Format(s fmt.State, verb rune) {
	f := formatter{w: s, state: s, verb: verb, r: p.r, plus: s.Flag('+'), sharp: s.Flag('#') && verb == 'v'}
	f.value(p.v, p.t, 0)
}

type formatter struct {
	w           io.Writer
	state       fmt.State
	verb        rune
	r           *registry
	plus, sharp bool
	hidden      bool // inside of an unexported field, where fmt calls no methods
}

// hiding is how fmt is made to print a value as that of an unexported field.
type hiding struct{ v any }

// plain prints a value as one that stands at some depth of the value that is printed.
func (f *formatter) plain(v any, depth int) {
	format := fmt.FormatString(f.state, f.verb)
	switch {
	case f.sharp && depth > 0:
		s := fmt.Sprintf(format, v)
		if _, isBytes := v.([]byte); isBytes { // inside of a value fmt spells the type out
			s = "[]uint8" + strings.TrimPrefix(s, "[]byte")
		}
		io.WriteString(f.w, s)
	case f.sharp || depth == 0 && !f.hidden:
		fmt.Fprintf(f.w, format, v)
	case f.hidden:
		s := fmt.Sprintf(format, hiding{v})
		io.WriteString(f.w, strings.TrimPrefix(s[1:len(s)-1], "v:"))
	default:
		s := fmt.Sprintf(format, []any{v})
		io.WriteString(f.w, s[1:len(s)-1])
	}
}

// text returns the text that a method of the type gives, for the verbs for which fmt asks.
func (f *formatter) text(v reflect.Value, t types.Type) (string, bool) {
	if f.sharp || f.hidden || !strings.ContainsRune("vsxXq", f.verb) || !v.IsValid() || !v.CanInterface() {
		return "", false
	}
	key := f.r.textKey(t)
	f.r.mu.Lock()
	call := f.r.text[key]
	f.r.mu.Unlock()
	if call == nil || v.Kind() == reflect.Pointer && v.IsNil() {
		return "", false
	}
	return f.called(call, v.Interface(), t), true
}

// called returns what a method gives, or what fmt prints when it panics.
func (f *formatter) called(call func(any) string, v any, t types.Type) (text string) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if ip, ok := p.(interp.Panic); ok {
			p = ip.Value
		}
		for rv, ok := p.(reflect.Value); ok && rv.IsValid() && rv.CanInterface(); rv, ok = p.(reflect.Value) {
			p = rv.Interface()
		}
		p = f.r.goPanic(p)
		_, plain := p.(string)
		if !plain || f.verb != 'v' && f.verb != 's' {
			panic(p) // which fmt words for package errors, runtime.Error and the like
		}
		method := "String"
		if types.Implements(t, types.Universe.Lookup("error").Type().Underlying().(*types.Interface)) {
			method = "Error"
		}
		text = fmt.Sprintf("%%!%c(PANIC=%s method: %s)", f.verb, method, p)
	}()
	return call(v)
}

// sessionName is "T", "*T" or "".
func sessionName(t types.Type) string {
	star := ""
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		star, t = "*", p.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == mainPath {
		return star + n.Obj().Name()
	}
	return ""
}

func (f *formatter) value(v reflect.Value, t types.Type, depth int) {
	if s, ok := f.text(v, t); ok {
		f.plain(s, 0)
		return
	}
	if !v.IsValid() || !mentionsSession(t) && !types.IsInterface(t) {
		f.leaf(v, depth)
		return
	}
	switch u := types.Unalias(t).Underlying().(type) {
	case *types.Struct:
		f.structure(v, t, u, depth)
	case *types.Slice:
		f.list(v, t, u.Elem(), depth)
	case *types.Array:
		f.list(v, t, u.Elem(), depth)
	case *types.Map:
		f.mapping(v, t, u, depth)
	case *types.Pointer:
		f.pointer(v, u, depth)
	case *types.Interface:
		if v.Kind() == reflect.Interface {
			v = v.Elem()
		}
		if t := f.r.dynamic(v); t != nil {
			f.value(f.r.opened(v), t, depth)
			return
		}
		v = f.r.opened(v)
		if !v.IsValid() {
			f.nothing(t)
			return
		}
		f.dynamic(v.Interface(), depth)
	default:
		f.named(stripped(v, t), t, depth)
	}
}

// named prints a leaf of the session type t, which fmt names where the verb does not fit.
func (f *formatter) named(v reflect.Value, t types.Type, depth int) {
	var own strings.Builder
	in := *f
	in.w = &own
	in.leaf(v, depth)
	s := own.String()
	if rest, bad := strings.CutPrefix(s, "%!"+string(f.verb)+"("+v.Type().String()+"="); bad {
		s = "%!" + string(f.verb) + "(" + spelled(t) + "=" + rest
	}
	io.WriteString(f.w, s)
}

// stripped returns the value of a type of the session that has no methods without those that its run-time
// type has, which is that of the type it was declared as.
func stripped(v reflect.Value, t types.Type) reflect.Value {
	if _, named := types.Unalias(t).(*types.Named); !named || sessionName(t) == "" || v.Type().NumMethod() == 0 {
		return v
	}
	if b, ok := basicRuntime[v.Kind()]; ok {
		return v.Convert(b)
	}
	return v
}

var basicRuntime = map[reflect.Kind]reflect.Type{
	reflect.Bool: reflect.TypeFor[bool](), reflect.String: reflect.TypeFor[string](),
	reflect.Int: reflect.TypeFor[int](), reflect.Int8: reflect.TypeFor[int8](),
	reflect.Int16: reflect.TypeFor[int16](), reflect.Int32: reflect.TypeFor[int32](),
	reflect.Int64: reflect.TypeFor[int64](), reflect.Uint: reflect.TypeFor[uint](),
	reflect.Uint8: reflect.TypeFor[uint8](), reflect.Uint16: reflect.TypeFor[uint16](),
	reflect.Uint32: reflect.TypeFor[uint32](), reflect.Uint64: reflect.TypeFor[uint64](),
	reflect.Uintptr: reflect.TypeFor[uintptr](), reflect.Float32: reflect.TypeFor[float32](),
	reflect.Float64: reflect.TypeFor[float64](), reflect.Complex64: reflect.TypeFor[complex64](),
	reflect.Complex128: reflect.TypeFor[complex128](),
}

// dynamic prints the value of an interface.
func (f *formatter) dynamic(v any, depth int) {
	if f.hidden {
		v = unwrap(v)
	}
	v = f.r.showAny(v)
	if t, ok := v.(Typed); ok {
		v = f.r.show(t.V, t.show.n)
	}
	if p, ok := v.(printable); ok {
		f.value(p.v, p.t, depth)
		return
	}
	f.plain(v, depth)
}

func (f *formatter) leaf(v reflect.Value, depth int) {
	if !v.IsValid() || !v.CanInterface() {
		fmt.Fprintf(f.w, "%v", v)
		return
	}
	f.plain(v.Interface(), depth)
}

func (f *formatter) open(t types.Type, bracket string) {
	if f.sharp {
		io.WriteString(f.w, spelled(t)+"{")
		return
	}
	io.WriteString(f.w, bracket)
}

func (f *formatter) close(bracket string) {
	if f.sharp {
		bracket = "}"
	}
	io.WriteString(f.w, bracket)
}

func (f *formatter) separate(i int) {
	switch {
	case i == 0:
	case f.sharp:
		io.WriteString(f.w, ", ")
	default:
		io.WriteString(f.w, " ")
	}
}

func (f *formatter) structure(v reflect.Value, t types.Type, st *types.Struct, depth int) {
	if v.Kind() != reflect.Struct || v.NumField() < st.NumFields() {
		f.leaf(v, depth)
		return
	}
	outer := f.hidden
	defer func() { f.hidden = outer }()
	f.open(t, "{")
	for i := range st.NumFields() {
		f.separate(i)
		if f.plus || f.sharp {
			name, _, _ := strings.Cut(mono.Plain(st.Field(i).Name()), "[") // an embedded instance
			io.WriteString(f.w, name+":")
		}
		f.hidden = outer || !st.Field(i).Exported()
		f.value(v.Field(i), st.Field(i).Type(), depth+1)
	}
	f.close("}")
}

func (f *formatter) list(v reflect.Value, t, elem types.Type, depth int) {
	if f.sharp && v.Kind() == reflect.Slice && v.IsNil() {
		io.WriteString(f.w, spelled(t)+"(nil)")
		return
	}
	if strings.ContainsRune("sqxX", f.verb) && v.Type().Elem().Kind() == reflect.Uint8 {
		f.plain(bytesOf(v), depth)
		return
	}
	f.open(t, "[")
	for i := range v.Len() {
		f.separate(i)
		f.value(v.Index(i), elem, depth+1)
	}
	f.close("]")
}

func (f *formatter) mapping(v reflect.Value, t types.Type, m *types.Map, depth int) {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int {
		switch {
		case a.CanInt() && b.CanInt():
			return cmp.Compare(a.Int(), b.Int())
		case a.CanUint() && b.CanUint():
			return cmp.Compare(a.Uint(), b.Uint())
		case a.CanFloat() && b.CanFloat():
			return cmp.Compare(a.Float(), b.Float())
		}
		return strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
	})
	switch {
	case f.sharp && v.IsNil():
		io.WriteString(f.w, spelled(t)+"(nil)")
		return
	case f.sharp:
		f.open(t, "")
	default:
		io.WriteString(f.w, "map[")
	}
	for i, k := range keys {
		f.separate(i)
		f.value(k, m.Key(), depth+1)
		io.WriteString(f.w, ":")
		f.value(v.MapIndex(k), m.Elem(), depth+1)
	}
	f.close("]")
}

func (f *formatter) pointer(v reflect.Value, p *types.Pointer, depth int) {
	if v.IsNil() {
		f.nilPointer(v, p)
		return
	}
	switch types.Unalias(p.Elem()).Underlying().(type) {
	case *types.Struct, *types.Slice, *types.Array, *types.Map:
		if depth == 0 && f.verb != 'p' {
			io.WriteString(f.w, "&")
			f.value(v.Elem(), p.Elem(), depth+1)
			return
		}
	}
	if f.sharp {
		fmt.Fprintf(f.w, "(%s)(%#x)", spelled(p), v.Pointer())
		return
	}
	fmt.Fprintf(f.w, "%#x", v.Pointer())
}

// nilPointer prints a nil pointer of type p.
func (f *formatter) nilPointer(v reflect.Value, p *types.Pointer) {
	key := f.r.textKey(p)
	f.r.mu.Lock()
	_, hasText := f.r.text[key]
	f.r.mu.Unlock()
	switch {
	case f.sharp, f.verb == 'v', hasText && !f.hidden:
		f.nothing(p)
	case strings.ContainsRune("pbodxX", f.verb):
		fmt.Fprintf(f.w, fmt.FormatString(f.state, f.verb), v.Interface())
	default:
		fmt.Fprintf(f.w, "%%!%c(%s=<nil>)", f.verb, spelled(p))
	}
}

// nothing prints nil of type t.
func (f *formatter) nothing(t types.Type) {
	switch {
	case !f.sharp:
		io.WriteString(f.w, "<nil>")
	case types.IsInterface(t):
		io.WriteString(f.w, spelled(t)+"(nil)")
	default:
		io.WriteString(f.w, "("+spelled(t)+")(nil)")
	}
}

// mentionsSession reports whether values of t may contain values of session types, or of structs
// with unexported fields, whose names are not the same at run time.
func mentionsSession(t types.Type) bool {
	seen := map[types.Type]bool{}
	var walk func(types.Type) bool
	walk = func(t types.Type) bool {
		if t == nil || seen[t] {
			return false
		}
		seen[t] = true
		switch t := types.Unalias(t).(type) {
		case *types.Named:
			return t.Obj().Pkg() != nil && t.Obj().Pkg().Path() == mainPath
		case *types.Pointer:
			return walk(t.Elem())
		case *types.Slice:
			return walk(t.Elem())
		case *types.Array:
			return walk(t.Elem())
		case *types.Map:
			return walk(t.Key()) || walk(t.Elem())
		case *types.Chan:
			return walk(t.Elem())
		case *types.Signature:
			return walk(t.Params()) || walk(t.Results())
		case *types.Tuple:
			for v := range t.Variables() {
				if walk(v.Type()) {
					return true
				}
			}
		case *types.Struct:
			return true
		case *types.Interface:
			return true
		}
		return false
	}
	return walk(t)
}

// bytesOf returns the elements of a slice or array of bytes.
func bytesOf(v reflect.Value) []byte {
	b := make([]byte, v.Len())
	for i := range b {
		b[i] = byte(v.Index(i).Uint())
	}
	return b
}
