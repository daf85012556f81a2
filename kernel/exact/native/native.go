// Package native gives interpreted code values that compiled code takes for its own: types with
// method tables, functions that compiled code can call, and calls of compiled functions.
//
//	t := native.NewNamed(native.Named{Name: "main.T", Package: "main", Methods: 2}, under)
//	p := native.New(t)
//	f := native.NewFunc(signature, body, nil)
//	native.Call(fn, plan, frame)
//	err := native.Check() // is all of this what this runtime does?
//
// It rests on layouts of the Go runtime that no specification promises. Check tests every one that
// is used; who calls it first may rely on the rest. The package knows nothing of Go source.
package native

import (
	"reflect"
	"unsafe"
)

// P is a pointer to a value or to a frame.
type P = unsafe.Pointer

// Type is the head of the runtime's description of a type (internal/abi.Type).
type Type struct {
	Size       uintptr
	PtrBytes   uintptr // prefix of the value that may hold pointers
	Hash       uint32
	Flags      uint8
	Align      uint8
	FieldAlign uint8
	Kind       uint8
	Equal      func(P, P) bool
	GCData     *byte
	Str        int32
	PtrToThis  int32
}

const (
	flagUncommon     = 1 << 0
	flagExtra        = 1 << 1
	flagNamed        = 1 << 2
	flagRegular      = 1 << 3 // memory comparable as bytes
	flagMaskOnDemand = 1 << 4 // GCData is no mask yet
	flagDirect       = 1 << 5 // stored in the data word of interfaces
	kindMask         = 1<<5 - 1
)

// Direct reports whether interfaces hold values of the type in their data word.
func (t *Type) Direct() bool { return t.Flags&flagDirect != 0 }

// uncommon follows the description of a type with methods or a package.
type uncommon struct {
	pkgPath int32
	mcount  uint16
	xcount  uint16
	moff    uint32
	_       uint32
}

// method is an entry of a method table: name, type, and code for interfaces and for values.
type method struct{ name, mtyp, ifn, tfn int32 }

type structType struct {
	Type
	pkgPath *byte
	fields  []structField
}

type structField struct {
	name *byte
	typ  *Type
	off  uintptr
}

type interfaceType struct {
	Type
	pkgPath *byte
	methods []interfaceMethod
}

type interfaceMethod struct{ name, typ int32 }

// Eface is the representation of an empty interface.
type Eface struct {
	Type *Type
	Data P
}

// Itab is a table of the methods by which a type implements an interface.
type Itab struct {
	Inter *Type
	Type  *Type
	_     uint32     // hash of Type
	fun   [1]uintptr // as many as Inter has methods
}

// Iface is the representation of an interface with methods.
type Iface struct {
	Tab  *Itab
	Data P
}

// Method returns the i-th method of the table as the value of a function that takes the data word
// first.
func (t *Itab) Method(i int) P {
	return unsafe.Add(P(&t.fun), uintptr(i)*unsafe.Sizeof(uintptr(0)))
}

// Dynamic returns the type and the data word of an interface value.
func Dynamic(p P, empty bool) (*Type, P) {
	if empty {
		e := (*Eface)(p)
		return e.Type, e.Data
	}
	i := (*Iface)(p)
	if i.Tab == nil {
		return nil, nil
	}
	return i.Tab.Type, i.Data
}

// Of returns the description behind a reflect.Type.
func Of(t reflect.Type) *Type { return (*Type)((*[2]P)(P(&t))[1]) }

// Reflect returns the reflect.Type of a description.
func (t *Type) Reflect() reflect.Type {
	e := Eface{Type: t}
	return reflect.TypeOf(*(*any)(P(&e)))
}

// Fields returns offset and type of each field of a struct type.
func (t *Type) Fields() (offs []uintptr, types []*Type) {
	for _, f := range (*structType)(P(t)).fields {
		offs = append(offs, f.off)
		types = append(types, f.typ)
	}
	return offs, types
}

//go:linkname addReflectOff reflect.addReflectOff
func addReflectOff(ptr P) int32

// Move copies a value of type t.
//
//go:linkname Move runtime.typedmemmove
func Move(t *Type, dst, src P)

// Clear sets a value of type t to zero.
//
//go:linkname Clear reflect.typedmemclr
func Clear(t *Type, p P)

// New allocates a zero value of type t.
//
//go:linkname New reflect.unsafe_New
func New(t *Type) P

// NewArray allocates n zero values of type t.
//
//go:linkname NewArray reflect.unsafe_NewArray
func NewArray(t *Type, n int) P

// MapGet looks key up in m, a map of type t.
//
//go:linkname MapGet runtime.mapaccess2
func MapGet(t *Type, m P, key P) (P, bool)

// MapSet returns the address of the value of key in m, which it enters when it is missing.
//
//go:linkname MapSet runtime.mapassign
func MapSet(t *Type, m P, key P) P

// MapDelete removes key from m.
//
//go:linkname MapDelete runtime.mapdelete
func MapDelete(t *Type, m P, key P)

// Slice is the representation of a slice.
type Slice struct {
	Data P
	Len  int
	Cap  int
}

// Grow returns a larger copy of the slice old for newLen elements, num of them to be appended.
//
//go:linkname Grow runtime.growslice
func Grow(old P, newLen, oldCap, num int, elem *Type) Slice

//go:linkname copyPointers runtime.typedslicecopy
func copyPointers(elem *Type, dst P, dstLen int, src P, srcLen int) int

// CopySlice copies elements and returns how many.
func CopySlice(elem *Type, dst P, dstLen int, src P, srcLen int) int {
	n := min(dstLen, srcLen)
	switch {
	case n == 0 || elem.Size == 0:
	case elem.PtrBytes > 0:
		copyPointers(elem, dst, dstLen, src, srcLen)
	default:
		bytes := uintptr(n) * elem.Size
		copy(unsafe.Slice((*byte)(dst), bytes), unsafe.Slice((*byte)(src), bytes))
	}
	return n
}

//go:linkname chansend reflect.chansend0
func chansend(ch P, val P, nb bool) bool

//go:linkname chanrecv reflect.chanrecv
func chanrecv(ch P, nb bool, val P) (selected, received bool)

// TrySend sends *val unless that would block.
func TrySend(ch, val P) bool { return chansend(ch, val, true) }

// Send sends *val.
func Send(ch, val P) { chansend(ch, val, false) }

// TryReceive receives into *val unless that would block.
func TryReceive(ch, val P) (selected, ok bool) { return chanrecv(ch, true, val) }

// Receive receives into *val.
func Receive(ch, val P) (ok bool) {
	_, ok = chanrecv(ch, false, val)
	return ok
}
