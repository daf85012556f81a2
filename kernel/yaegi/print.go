package yaegi

import (
	"fmt"
	"go/token"
	"go/types"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
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

	keys    sync.Map          // *Error by what it presents, see key
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
