package yaegi

import (
	"cmp"
	"fmt"
	"go/token"
	"go/types"
	"io"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/lathe-ml/lathe/kernel/yaegi/mono"
)

// registry knows the session types by the types that they have at run time, so that fmt shows their
// values with their methods and field names.
type registry struct {
	mu    sync.Mutex
	types []types.Type                // by number in lowered code
	named map[reflect.Type]types.Type // struct types, which are unique
	text  map[string]func(any) string // String or Error method by interpreter name "T·2" or "*T·2"
	owner map[*types.TypeName]string  // session type → interpreter name
	boxed map[string]int
	open  reflect.Value           // the interpreter's openFunc
	funcs map[token.Pos]funcPlace // by the position that yaegi reports for a function

	asked   func(text string) // see unsure
	nilHeld atomic.Bool       // a nil pointer became an interface whose methods need what it points to
}

func newRegistry() *registry {
	return &registry{
		named: map[reflect.Type]types.Type{}, text: map[string]func(any) string{}, boxed: map[string]int{},
		owner: map[*types.TypeName]string{}, funcs: map[token.Pos]funcPlace{},
	}
}

// number registers a type for use in lowered code.
func (r *registry) number(t types.Type) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.types = append(r.types, t)
	return len(r.types) - 1
}

// owns records which definition of a type obj is, so that a redefined type does not borrow the
// methods of the old one.
func (r *registry) owns(obj *types.TypeName, name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.owner[obj] = name
}

// textKey is the key of t in text, or "" for a type that has none.
func (r *registry) textKey(t types.Type) string {
	star := ""
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		star, t = "*", p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return ""
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if name := r.owner[n.Obj()]; name != "" {
		return star + name
	}
	return ""
}

// texter records how values of a session type are turned into text.
func (r *registry) texter(name string, f any) {
	v := reflect.ValueOf(f)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.text[name] = func(x any) string {
		return v.Call([]reflect.Value{reflect.ValueOf(x)})[0].String()
	}
}

// known records the run-time type of a struct type.
func (r *registry) known(n int, sample any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.named[reflect.TypeOf(sample)] = r.types[n]
}

func (r *registry) show(v any, n int) any {
	r.mu.Lock()
	defer r.mu.Unlock()
	return printable{reflect.ValueOf(v), r.types[n], r}
}

// showAny finds out at run time whether v is of a session type.
func (r *registry) showAny(v any) any {
	v = unwrapPlain(v)
	t := reflect.TypeOf(v)
	if t == nil {
		return v
	}
	switch w := v.(type) {
	case reflect.Type:
		if ofCells(w) {
			return r.reflectString(w)
		}
		return v
	case reflect.Value:
		if w.IsValid() && w.CanInterface() && ofCells(w.Type()) {
			return r.showAny(w.Interface())
		}
		return v
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if st, ok := r.named[t]; ok {
		return printable{reflect.ValueOf(v), st, r}
	}
	if ofCells(t) {
		if st := r.goType(t); st != nil {
			return printable{reflect.ValueOf(v), st, r}
		}
	}
	return v
}

// goType returns the type of Go that a run-time type with types of the session in it stands for, or nil. The
// caller holds mu.
func (r *registry) goType(t reflect.Type) types.Type {
	if st, ok := r.named[t]; ok {
		return st
	}
	elem := func(made func(types.Type) types.Type) types.Type {
		if e := r.goType(t.Elem()); e != nil {
			return made(e)
		}
		return nil
	}
	switch k := t.Kind(); k {
	case reflect.Pointer:
		return elem(func(e types.Type) types.Type { return types.NewPointer(e) })
	case reflect.Slice:
		return elem(func(e types.Type) types.Type { return types.NewSlice(e) })
	case reflect.Array:
		return elem(func(e types.Type) types.Type { return types.NewArray(e, int64(t.Len())) })
	case reflect.Map:
		if key := r.goType(t.Key()); key != nil {
			return elem(func(e types.Type) types.Type { return types.NewMap(key, e) })
		}
	case reflect.Interface:
		if t.NumMethod() == 0 {
			return anyType
		}
	default:
		if t.PkgPath() != "" {
			return nil
		}
		if o, ok := types.Universe.Lookup(t.String()).(*types.TypeName); ok {
			return o.Type()
		}
	}
	return nil
}

// typeName is what %T prints for v.
func (r *registry) typeName(v any) string {
	v = unwrap(v)
	switch w := v.(type) {
	case conversionError:
		return "*runtime.TypeAssertionError"
	case *unsure:
		switch {
		case strings.Contains(w.text, " range"):
			return "runtime.boundsError"
		case strings.HasPrefix(w.text, "interface"):
			return "*runtime.TypeAssertionError"
		}
		return "runtime.errorString"
	case runtimeError:
		if strings.HasPrefix(string(w), "cannot convert slice") {
			return "runtime.boundsError"
		}
		if strings.HasPrefix(string(w), "makechan: ") {
			return "runtime.plainError"
		}
		return "runtime.errorString"
	}
	if t, ok := v.(Typed); ok {
		r.mu.Lock()
		defer r.mu.Unlock()
		return spelled(r.types[t.show.n])
	}
	if p, ok := r.showAny(v).(printable); ok {
		return spelled(p.t)
	}
	return fmt.Sprintf("%T", v)
}

// showAll is showAny for arguments that are passed on.
func (r *registry) showAll(list []any) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = r.showAny(v)
	}
	return out
}

// opened returns the value inside v when that is an interface of the session, and v otherwise.
func (r *registry) opened(v reflect.Value) reflect.Value {
	if !r.open.IsValid() || !v.IsValid() || v.Type() != r.open.Type().In(0) || !v.CanInterface() {
		return v
	}
	if v.IsZero() {
		return reflect.Value{}
	}
	return reflect.ValueOf(unwrapPlain(r.open.Call([]reflect.Value{v})[0].Interface()))
}

// dynamic returns the session type of the value inside v, an interface of the session, when that is no
// struct, of which the run-time type tells nothing. yaegi keeps the type with the value.
func (r *registry) dynamic(v reflect.Value) types.Type {
	if !r.open.IsValid() || !v.IsValid() || v.Type() != r.open.Type().In(0) || v.Kind() != reflect.Struct {
		return nil
	}
	n := v.FieldByName("node")
	if !n.IsValid() || n.Kind() != reflect.Pointer || n.IsNil() {
		return nil
	}
	t := n.Elem().FieldByName("typ")
	if !t.IsValid() || t.IsNil() {
		return nil
	}
	pointer := false
	name := t.Elem().FieldByName("name").String()
	if to := t.Elem().FieldByName("val"); name == "" && to.IsValid() && !to.IsNil() {
		name, pointer = to.Elem().FieldByName("name").String(), true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for o, own := range r.owner {
		if own == name && pointer {
			return types.NewPointer(o.Type())
		}
		if own == name {
			return o.Type()
		}
	}
	return nil
}

// unwrapPlain unwraps what is not an error: those print themselves.
func unwrapPlain(v any) any {
	if _, isErr := v.(error); isErr {
		return v
	}
	return unwrap(v)
}

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
	return call(v.Interface()), true
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
		f.leaf(stripped(v, t), depth)
	}
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
		f.nothing(p)
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
