package native

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"unsafe"
)

// knownVersion is the Go release whose layouts this package was written for.
const knownVersion = "go1.26"

// Check reports why this package cannot be used: how this runtime differs from what it relies on.
var Check = sync.OnceValue(func() (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%s is not as expected: %v", runtime.Version(), v)
		}
	}()
	v := runtime.Version()
	if v != knownVersion && !strings.HasPrefix(v, knownVersion+".") && !strings.HasPrefix(v, knownVersion+" ") {
		return fmt.Errorf("this kernel was built by %s, and the layouts of %s are known", v, knownVersion)
	}
	for _, c := range []struct {
		what  string
		holds func() bool
	}{
		{"descriptions of types", checkTypes},
		{"method stubs", checkStubs},
		{"function values", checkFuncs},
		{"types with methods", checkMethods},
		{"the calling convention", checkCalls},
		{"maps, slices and channels", checkCollections},
		{"errors of the runtime", checkPanics},
	} {
		if !c.holds() {
			return fmt.Errorf("%s has other %s than expected", v, c.what)
		}
	}
	return nil
})

type sample struct {
	a int8
	B string `tag:"x"`
	c *int
}

// samples keeps the linker from looking into the type.
var samples = []any{sample{}}

func checkTypes() bool {
	t := Of(reflect.TypeOf(samples[0]))
	offs, types := t.Fields()
	name := unsafe.Slice((*structType)(P(t)).fields[1].name, 3)
	frame := NewFrame([]*Type{t, Of(reflect.TypeFor[[2]any]())}, []uintptr{0, 32}, 64)
	words := 0
	frame.EachPointer(0, func(uintptr) { words++ })
	e := samples[0]
	var s fmt.Stringer = reflect.ValueOf(1)
	return unsafe.Sizeof(Type{}) == 48 && t.Size == 32 && t.PtrBytes == 32 && len(offs) == 3 && offs[2] == 24 &&
		types[1] == Of(reflect.TypeFor[string]()) && t.Reflect() == reflect.TypeFor[sample]() &&
		name[0]&1 == 1 && name[1] == 1 && name[2] == 'B' && t.Kind&kindMask == uint8(reflect.Struct) &&
		Of(reflect.TypeFor[*int]()).Direct() && !t.Direct() && t.Equal(P(&sample{}), P(&sample{})) && words == 4 &&
		(*Eface)(P(&e)).Type == t && (*Iface)(P(&s)).Tab.Type == Of(reflect.TypeFor[reflect.Value]())
}

func checkStubs() bool {
	code, table := stubTable()
	return table != nil && stubsEnd()-code >= stubCount*stubSize && stubsEnd()-code < stubCount*stubSize+64
}

// echo is a Body that gives its last argument back.
type echo struct{}

// Invoke makes it a Body.
func (echo) Invoke(_ *Func, args []reflect.Value) []reflect.Value { return args[len(args)-1:] }

func checkFuncs() bool {
	f := PrototypeOf(reflect.TypeFor[func(int, float64, string) string]()).New(echo{}, nil)
	p := P(f)
	g := *(*func(int, float64, string) string)(P(&p))
	plain := strings.ToUpper
	return g(1, 2, "three") == "three" && AsFunc(p) == f && AsFunc(*(*P)(P(&plain))) == nil
}

func checkMethods() bool {
	t := Blank(reflect.Int, 1, 0)
	Fill(t, Of(reflect.TypeFor[int]()), "main.T", "main")
	pointer := Blank(reflect.Pointer, 0, 0)
	SetElem(pointer, t)
	word := PrototypeOf(reflect.TypeFor[func(unsafe.Pointer) string]()).New(named{}, nil)
	err := SetMethods(t, "main", []Method{{
		Name: "String", Exported: true, Type: reflect.TypeFor[func() string](), Word: word,
	}})
	if err != nil {
		return false
	}
	tab := Table(Of(reflect.TypeFor[fmt.Stringer]()), t)
	if tab == nil {
		return false
	}
	n := 42
	i := Iface{tab, P(&n)}
	s := *(*fmt.Stringer)(P(&i))
	r := reflect.ValueOf(s)
	return s.String() == "a name" && r.Type().String() == "main.T" && r.Type().PkgPath() == "main" &&
		r.Int() == 42 && reflect.PointerTo(r.Type()) == pointer.Reflect() && fmt.Sprint(s) == "a name" &&
		r.MethodByName("String").Call(nil)[0].String() == "a name" && r.Type().NumMethod() == 1
}

// named is a Body whose calls give "a name".
type named struct{}

// Invoke makes it a Body.
func (named) Invoke(*Func, []reflect.Value) []reflect.Value {
	return []reflect.Value{reflect.ValueOf("a name")}
}

func checkCalls() bool {
	type values struct {
		a  int8
		_  [7]byte
		f  float32
		_  [4]byte
		s  string
		e  error
		g  float64
		r  string
		r2 float64
		r3 error
		r4 bool
		_  [7]byte
	}
	f := func(a int8, f float32, s string, e error, g float64) (string, float64, error, bool) {
		return fmt.Sprint(a, f, s), g * 2, e, a < 0
	}
	t := reflect.TypeOf(f)
	v := values{a: -3, f: 1.5, s: "x", e: errors.New("e"), g: 2.25}
	plan := NewPlan(t, false,
		[]uintptr{unsafe.Offsetof(v.a), unsafe.Offsetof(v.f), unsafe.Offsetof(v.s), unsafe.Offsetof(v.e), unsafe.Offsetof(v.g)},
		[]uintptr{unsafe.Offsetof(v.r), unsafe.Offsetof(v.r2), unsafe.Offsetof(v.r3), unsafe.Offsetof(v.r4)})
	if !plan.Direct() {
		return false
	}
	plan.Call(*(*P)(P(&f)), P(&v))
	first := v.r == "-3 1.5x" && v.r2 == 4.5 && v.r3 == v.e && v.r4
	var e error = v.e
	tab := (*Iface)(P(&e)).Tab
	type call struct {
		word P
		r    string
	}
	c := call{word: (*Iface)(P(&e)).Data}
	plan = NewPlan(reflect.TypeFor[func() string](), true, []uintptr{0}, []uintptr{unsafe.Offsetof(c.r)})
	plan.Call(tab.Method(0), P(&c))
	return first && c.r == "e"
}

func checkCollections() bool {
	m := map[string]int{"a": 1}
	t := Of(reflect.TypeOf(m))
	mp, key := *(*P)(P(&m)), "b"
	*(*int)(MapSet(t, mp, P(&key))) = 2
	v, ok := MapGet(t, mp, P(&key))
	held := ok && *(*int)(v) == 2 && m["b"] == 2
	MapDelete(t, mp, P(&key))
	old := []int{1, 2}
	s := Grow(P(&old[0]), 3, 2, 1, Of(reflect.TypeFor[int]()))
	n := CopySlice(Of(reflect.TypeFor[int]()), s.Data, 1, P(&old[1]), 1)
	ch := make(chan int, 1)
	c, in, out := *(*P)(P(&ch)), 7, 0
	sent := TrySend(c, P(&in)) && !TrySend(c, P(&in))
	got, open := TryReceive(c, P(&out))
	none, _ := TryReceive(c, P(&out))
	return held && len(m) == 1 && s.Cap >= 3 && n == 1 && *(*int)(s.Data) == 2 && sent && got && open && !none &&
		out == 7
}

func checkPanics() bool {
	text := func(f func()) (s string) {
		defer func() { s = fmt.Sprint(recover()) }()
		f()
		return ""
	}
	one := []int{1}
	bounds := text(func() { BoundsPanic(-7, 3, true, func() { _ = one[:2+len(one)] }) })
	assert := text(func() { AssertPanic(nil, Of(reflect.TypeFor[int]()), Of(reflect.TypeFor[fmt.Stringer]())) })
	return bounds == "runtime error: slice bounds out of range [:-7]" &&
		assert == "interface conversion: int is not fmt.Stringer: missing method String"
}
