package native

import (
	"errors"
	"reflect"
	"sync"
	"unsafe"
)

// Func is a function that is called like a compiled one: its address is a value of a function type.
// It begins as the functions of reflect.MakeFunc do, which hand their arguments to a Go function;
// here that is the method bridge.call of the Func itself.
type Func struct {
	head
	fn     P // as a function value: &bridge
	bridge struct {
		code uintptr
		self *Func
	}
	Body  Body
	Bound P            // variables that a closure captured
	Recv  reflect.Type // the first argument is a pointer to a receiver of this type; or nil
}

// head is reflect's makeFuncImpl without its last field.
type head struct {
	code     uintptr
	stack    P
	argLen   uintptr
	pointers uintptr
	typ      P
}

// Body is the code of a Func.
type Body interface {
	// Invoke calls f with arguments from compiled code.
	Invoke(f *Func, args []reflect.Value) []reflect.Value
}

// Prototype is what the Funcs of one type have in common.
type Prototype struct{ head }

var prototypes sync.Map // reflect.Type → *Prototype

// PrototypeOf returns the prototype of a function type.
func PrototypeOf(t reflect.Type) *Prototype {
	if p, ok := prototypes.Load(t); ok {
		return p.(*Prototype)
	}
	m := reflect.MakeFunc(t, func([]reflect.Value) []reflect.Value { return nil })
	v := reflect.New(t)
	v.Elem().Set(m)
	p := &Prototype{*(*head)(*(*P)(v.UnsafePointer()))}
	prototypes.Store(t, p)
	return p
}

// New returns a function.
func (p *Prototype) New(body Body, bound P) *Func {
	f := &Func{head: p.head, Body: body, Bound: bound}
	f.fn = P(&f.bridge)
	f.bridge.code = bridgeCode
	f.bridge.self = f
	return f
}

// AsFunc returns the Func that a function value is, or nil when compiled code made it.
func AsFunc(p P) *Func {
	if *(*uintptr)(p) != makeFuncCode {
		return nil
	}
	fn := *(*P)(unsafe.Add(p, unsafe.Offsetof(Func{}.fn)))
	if *(*uintptr)(fn) != bridgeCode {
		return nil
	}
	return (*Func)(p)
}

var bridgeCode, makeFuncCode = func() (uintptr, uintptr) {
	b := bridgeTo(nil)
	m := reflect.MakeFunc(reflect.TypeFor[func()](), b).Interface().(func())
	return **(**uintptr)(P(&b)), **(**uintptr)(P(&m))
}()

// bridgeTo returns a closure whose layout is that of Func.bridge.
func bridgeTo(self *Func) func([]reflect.Value) []reflect.Value {
	return func(args []reflect.Value) []reflect.Value { return self.Body.Invoke(self, args) }
}

var stubs struct {
	sync.Mutex
	used int
	of   map[*Func]int32
}

var errStubs = errors.New("the session declared too many methods; restart the kernel")

// codeOff returns the offset by which a method table refers to the code of f: a stub that jumps to
// it.
func codeOff(f *Func) (int32, error) {
	stubs.Lock()
	defer stubs.Unlock()
	if off, ok := stubs.of[f]; ok {
		return off, nil
	}
	if stubs.used >= stubCount {
		return 0, errStubs
	}
	code, table := stubTable()
	*(*uintptr)(unsafe.Add(table, stubs.used*8)) = uintptr(P(f))
	at := code + uintptr(stubs.used*stubSize)
	stubs.used++
	keep(f)
	off := addReflectOff(*(*P)(P(&at)))
	if stubs.of == nil {
		stubs.of = map[*Func]int32{}
	}
	stubs.of[f] = off
	return off, nil
}
