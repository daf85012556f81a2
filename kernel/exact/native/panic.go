package native

import (
	"runtime"
	"unsafe"
)

// BoundsPanic panics with the runtime's own error for bounds, which sample provokes, but with the
// numbers x, of a signed type or not, and y.
func BoundsPanic(x int64, y int, signed bool, sample func()) {
	var made Eface
	func() {
		defer func() {
			r := recover()
			e := (*Eface)(P(&r))
			p := New(e.Type)
			Move(e.Type, p, e.Data)
			*(*int64)(p) = x
			*(*int)(unsafe.Add(p, 8)) = y
			*(*bool)(unsafe.Add(p, 16)) = signed
			made = Eface{e.Type, p}
		}()
		sample()
	}()
	panic(*(*any)(P(&made)))
}

// AssertPanic panics as a type assertion does from an interface of type inter (nil: to an interface)
// that holds a value of type dynamic (nil: none).
func AssertPanic(inter, dynamic, asserted *Type) {
	e := &runtime.TypeAssertionError{}
	fields := (*struct {
		inter, dynamic, asserted *Type
		missing                  string
	})(P(e))
	fields.inter, fields.dynamic, fields.asserted = inter, dynamic, asserted
	if inter == nil && dynamic != nil {
		have, want := dynamic.Reflect(), asserted.Reflect()
		for i := range want.NumMethod() {
			if _, ok := have.MethodByName(want.Method(i).Name); !ok {
				fields.missing = want.Method(i).Name
				break
			}
		}
	}
	panic(e)
}
