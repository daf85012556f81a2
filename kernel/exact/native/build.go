package native

import (
	"hash/fnv"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"unsafe"
)

// made lists what this package made, for ever: the runtime refers to types by plain addresses.
var made struct {
	sync.Mutex
	keep  []any
	types map[*Type]bool
}

func keep(v any) {
	made.Lock()
	made.keep = append(made.keep, v)
	made.Unlock()
}

// Made reports whether this package made t.
func Made(t *Type) bool {
	made.Lock()
	defer made.Unlock()
	return made.types[t]
}

// baseSize is the size of the description of each kind without what follows it.
func baseSize(k reflect.Kind) uintptr {
	switch k {
	case reflect.Pointer, reflect.Func, reflect.Slice:
		return 56
	case reflect.Array:
		return 72
	case reflect.Chan:
		return 64
	case reflect.Map:
		return 112
	case reflect.Interface, reflect.Struct:
		return 80
	}
	return 48
}

const uncommonSize = unsafe.Sizeof(uncommon{})

// Blank reserves the description of a type of kind k with room for methods, and for the parameters
// of a function. It stands for a type that is still being built.
func Blank(k reflect.Kind, methods, params int) *Type {
	n := baseSize(k) + uncommonSize + uintptr(methods)*unsafe.Sizeof(method{}) + uintptr(params)*8
	words := make([]uint64, n/8+4)
	t := (*Type)(P(&words[0]))
	made.Lock()
	defer made.Unlock()
	made.keep = append(made.keep, words)
	if made.types == nil {
		made.types = map[*Type]bool{}
	}
	made.types[t] = true
	return t
}

// Fill makes dst a type with the representation of src. pkg is the path of the package of a named
// type, "" for others.
func Fill(dst, src *Type, name, pkg string) {
	k := reflect.Kind(src.Kind & kindMask)
	n := baseSize(k)
	pointer := dst.PtrToThis
	copy(unsafe.Slice((*byte)(P(dst)), n), unsafe.Slice((*byte)(P(src)), n))
	dst.PtrToThis = pointer
	dst.Str = nameOff(name, true)
	dst.Flags &^= flagUncommon | flagExtra | flagNamed
	if pkg != "" {
		dst.Flags |= flagNamed
	}
	h := fnv.New32a()
	h.Write([]byte(pkg + "|" + name + strconv.FormatUint(uint64(uintptr(P(dst))), 16)))
	dst.Hash = h.Sum32()
	skip := uintptr(0)
	if src.Flags&flagUncommon != 0 {
		skip = uncommonSize
	}
	dst.Flags |= flagUncommon
	u := (*uncommon)(unsafe.Add(P(dst), n))
	*u = uncommon{moff: uint32(uncommonSize)}
	if pkg != "" {
		u.pkgPath = nameOff(pkg, false)
	}
	if k == reflect.Func { // the types of parameters follow the uncommon part
		t := src.Reflect()
		count := t.NumIn() + t.NumOut()
		to := unsafe.Slice((*uintptr)(unsafe.Add(P(dst), n+uncommonSize)), count)
		copy(to, unsafe.Slice((*uintptr)(unsafe.Add(P(src), n+skip)), count))
		u.moff += uint32(count) * 8
	}
}

// SetElem makes the blank pointer type t one to elem, named after it.
func SetElem(t, elem *Type) {
	Fill(t, Of(reflect.TypeFor[*int]()), "*"+elem.Reflect().String(), "")
	*(**Type)(unsafe.Add(P(t), baseSize(reflect.Pointer)-8)) = elem
	elem.PtrToThis = addReflectOff(P(t))
}

// Method is an entry of a method table.
type Method struct {
	Name     string
	Exported bool
	Type     reflect.Type // without receiver
	Word     *Func        // takes the data word of an interface
	Value    *Func        // takes the receiver; nil: the same as Word
}

// SetMethods gives the type methods: the exported ones first, each group sorted by name. pkg is the
// path of the package that unexported ones belong to. It fails when all method slots are taken.
func SetMethods(t *Type, pkg string, methods []Method) error {
	u := (*uncommon)(unsafe.Add(P(t), baseSize(reflect.Kind(t.Kind&kindMask))))
	table := unsafe.Slice((*method)(unsafe.Add(P(u), u.moff)), len(methods))
	exported := 0
	for i, m := range methods {
		word, err := codeOff(m.Word)
		if err != nil {
			return err
		}
		value := word
		if m.Value != nil {
			if value, err = codeOff(m.Value); err != nil {
				return err
			}
		}
		if m.Exported {
			exported++
		}
		keep(m.Type)
		table[i] = method{nameOff(m.Name, m.Exported), addReflectOff(P(Of(m.Type))), word, value}
	}
	u.pkgPath = nameOff(pkg, false)
	u.mcount, u.xcount = uint16(len(methods)), uint16(exported)
	return nil
}

// Field describes a field beyond its type.
type Field struct {
	Name     string
	Tag      string
	Exported bool
	Embedded bool
}

// NewStruct returns a struct type with the layout of src and the given fields, with room for
// methods. pkg is the package of its unexported fields.
func NewStruct(src reflect.Type, fields []Field, pkg string, methods int) *Type {
	var text strings.Builder
	text.WriteString("struct {")
	for i, f := range fields {
		if i > 0 {
			text.WriteString(";")
		}
		text.WriteString(" ")
		if !f.Embedded {
			text.WriteString(f.Name + " ")
		}
		text.WriteString(src.Field(i).Type.String())
		if f.Tag != "" {
			text.WriteString(" " + strconv.Quote(f.Tag))
		}
	}
	text.WriteString(" }")
	t := Blank(reflect.Struct, methods, 0)
	Fill(t, Of(src), text.String(), "")
	st := (*structType)(P(t))
	if pkg != "" {
		st.pkgPath = encodeName(pkg, "", false, false)
	}
	old := (*structType)(P(Of(src))).fields
	list := make([]structField, len(old))
	blank := false
	for i, f := range fields {
		list[i] = old[i]
		list[i].name = encodeName(f.Name, f.Tag, f.Exported, f.Embedded)
		blank = blank || f.Name == "_"
	}
	st.fields = list
	keep(list)
	keep(src)
	if blank && t.Equal != nil {
		t.Flags &^= flagRegular
		t.Equal = equalBut(list, fields)
		keep(t.Equal)
	}
	return t
}

// equalBut compares structs without their blank fields.
func equalBut(list []structField, fields []Field) func(P, P) bool {
	return func(p, q P) bool {
		for i, f := range list {
			if fields[i].Name != "_" && !f.typ.Equal(unsafe.Add(p, f.off), unsafe.Add(q, f.off)) {
				return false
			}
		}
		return true
	}
}

// BlankInterface reserves an interface type. SetInterface completes it.
func BlankInterface() *Type {
	t := Blank(reflect.Interface, 0, 0)
	Fill(t, Of(reflect.TypeFor[error]()), "interface {...}", "")
	return t
}

// SetInterface gives an interface type its methods, ordered as for SetMethods.
func SetInterface(t *Type, pkg string, methods []Method) {
	list := make([]interfaceMethod, len(methods))
	var text strings.Builder
	text.WriteString("interface {")
	for i, m := range methods {
		keep(m.Type)
		list[i] = interfaceMethod{nameOff(m.Name, m.Exported), addReflectOff(P(Of(m.Type)))}
		if i > 0 {
			text.WriteString(";")
		}
		name := m.Name
		if !m.Exported {
			name = pkg[strings.LastIndexByte(pkg, '/')+1:] + "." + name
		}
		text.WriteString(" " + name + strings.TrimPrefix(m.Type.String(), "func"))
	}
	keep(list)
	it := (*interfaceType)(P(t))
	it.methods, it.pkgPath = list, encodeName(pkg, "", false, false)
	t.Str = nameOff(text.String()+" }", true)
}

// encodeName writes a name as the runtime reads it (internal/abi.Name).
func encodeName(name, tag string, exported, embedded bool) *byte {
	var bits byte
	if exported {
		bits |= 1
	}
	if tag != "" {
		bits |= 2
	}
	if embedded {
		bits |= 8
	}
	b := append(varint([]byte{bits}, len(name)), name...)
	if tag != "" {
		b = append(varint(b, len(tag)), tag...)
	}
	keep(b)
	return &b[0]
}

func varint(b []byte, n int) []byte {
	for n >= 0x80 {
		b = append(b, byte(n)|0x80)
		n >>= 7
	}
	return append(b, byte(n))
}

func nameOff(name string, exported bool) int32 {
	return addReflectOff(P(encodeName(name, "", exported, false)))
}

var itabs sync.Map // [2]*Type → *Itab, nil when not implemented

// Table returns the itab of t for an interface type, or nil when t does not implement it.
func Table(inter, t *Type) *Itab {
	key := [2]*Type{inter, t}
	if tab, ok := itabs.Load(key); ok {
		return tab.(*Itab)
	}
	var tab *Itab
	if it, ct := inter.Reflect(), t.Reflect(); ct.Implements(it) {
		v := reflect.New(it)
		v.Elem().Set(reflect.Zero(ct))
		tab = (*Iface)(v.UnsafePointer()).Tab
	}
	itabs.Store(key, tab)
	return tab
}

// NewFrame returns a type for memory that holds values of the given types at the given offsets,
// which are multiples of 8. The type has neither name nor fields: it is for allocation, copying and
// the garbage collector.
func NewFrame(types []*Type, offs []uintptr, size uintptr) *Type {
	t := &Type{Size: size, Align: 8, FieldAlign: 8, Kind: uint8(reflect.Struct)}
	for i, s := range types {
		if s.PtrBytes > 0 {
			t.PtrBytes = offs[i] + s.PtrBytes
		}
	}
	mask := make([]byte, (t.PtrBytes/8+7)/8+8)
	for i, s := range types {
		s.EachPointer(offs[i], func(off uintptr) { mask[off/64] |= 1 << (off / 8 % 8) })
	}
	t.GCData = &mask[0]
	keep(t)
	return t
}

// EachPointer calls f with the offset of each word of a value at base that may be a pointer.
func (t *Type) EachPointer(base uintptr, f func(off uintptr)) {
	if t.PtrBytes == 0 {
		return
	}
	switch r := t.Reflect(); reflect.Kind(t.Kind & kindMask) {
	case reflect.Array:
		for i := range r.Len() {
			Of(r.Elem()).EachPointer(base+uintptr(i)*r.Elem().Size(), f)
		}
	case reflect.Struct:
		if t.Flags&flagMaskOnDemand == 0 {
			t.eachMasked(base, f)
			return
		}
		offs, types := t.Fields()
		for i, s := range types {
			s.EachPointer(base+offs[i], f)
		}
	default:
		t.eachMasked(base, f)
	}
}

func (t *Type) eachMasked(base uintptr, f func(off uintptr)) {
	mask := unsafe.Slice(t.GCData, (t.PtrBytes/8+7)/8)
	for w := range t.PtrBytes / 8 {
		if mask[w/8]>>(w%8)&1 != 0 {
			f(base + w*8)
		}
	}
}

// KnownTable returns the itab of t for an interface type when it can be made by now: the method
// tables of both must be complete.
func KnownTable(inter, t *Type) (*Itab, bool) {
	tab, ok := itabs.Load([2]*Type{inter, t})
	if !ok {
		return nil, false
	}
	return tab.(*Itab), true
}
