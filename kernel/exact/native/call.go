package native

import (
	"math"
	"reflect"
	"unsafe"
)

const (
	maxInts   = 9 // integer registers for arguments and results (the amd64 part of ABIInternal)
	maxFloats = 8 // of 15; more than that takes the slow way
)

// word is a register's part of a value: size bytes at an offset.
type word struct {
	off  uintptr
	size uint8
	ptr  bool
}

// Plan says how a compiled function of one type is called with arguments and results in a frame.
type Plan struct {
	typ              reflect.Type
	args, results    []uintptr // offsets in the frame
	ints, floats     []word
	outInts, outFlts []word
	direct           bool // everything is passed in registers
}

// NewPlan returns the plan for functions of type t with arguments and results at the given offsets.
// With word, the first argument is the data word of an interface, which t does not mention.
func NewPlan(t reflect.Type, first bool, args, results []uintptr) *Plan {
	p := &Plan{typ: t, args: args, results: results, direct: true}
	skip := 0
	space := uintptr(0)
	if first {
		p.ints = append(p.ints, word{args[0], 8, true})
		skip, space = 1, 8
	}
	for i := range t.NumIn() {
		in := t.In(i)
		space += (in.Size() + 7) &^ 7
		p.direct = p.direct && flatten(in, args[i+skip], &p.ints, &p.floats)
	}
	for i := range t.NumOut() {
		p.direct = p.direct && flatten(t.Out(i), results[i], &p.outInts, &p.outFlts)
	}
	if len(p.ints) > maxInts || len(p.floats) > maxFloats || len(p.outInts) > maxInts ||
		len(p.outFlts) > maxFloats || space > 8*uintptr(len(p.ints)+len(p.floats)) || !registers {
		p.direct = false
	}
	return p
}

// flatten lists the registers of a value, as the calling convention assigns them. It reports false
// for values that are passed in memory.
func flatten(t reflect.Type, off uintptr, ints, floats *[]word) bool {
	add := func(n uint8, ptr bool, o uintptr) { *ints = append(*ints, word{off + o, n, ptr}) }
	switch t.Kind() {
	case reflect.Float32, reflect.Float64:
		*floats = append(*floats, word{off, uint8(t.Size()), false})
	case reflect.Complex64, reflect.Complex128:
		half := t.Size() / 2
		*floats = append(*floats, word{off, uint8(half), false}, word{off + half, uint8(half), false})
	case reflect.String:
		add(8, true, 0)
		add(8, false, 8)
	case reflect.Slice:
		add(8, true, 0)
		add(8, false, 8)
		add(8, false, 16)
	case reflect.Interface:
		add(8, true, 0)
		add(8, true, 8)
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer:
		add(8, true, 0)
	case reflect.Array:
		switch t.Len() {
		case 0:
			return true
		case 1:
			return flatten(t.Elem(), off, ints, floats)
		}
		return false
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			if f.Name == "_" || !flatten(f.Type, off+f.Offset, ints, floats) {
				return false
			}
		}
	default:
		add(uint8(t.Size()), false, 0)
	}
	return true
}

// Direct reports whether everything is passed in registers, so that Call can be used.
func (p *Plan) Direct() bool { return p.direct }

type (
	call4 func(a, b, c, d uintptr) (r0, r1, r2, r3 P)
	call9 func(a0, a1, a2, a3, a4, a5, a6, a7, a8 uintptr) (r0, r1, r2, r3, r4, r5, r6, r7, r8 P)
	callF func(
		a0, a1, a2, a3, a4, a5, a6, a7, a8 uintptr, f0, f1, f2, f3, f4, f5, f6, f7 float64,
	) (
		r0, r1, r2, r3, r4, r5, r6, r7, r8 P, g0, g1, g2, g3, g4, g5, g6, g7 float64,
	)
)

// Call calls the function value fn with the arguments in frame. The plan must be Direct.
//
// A function is called as one with more arguments and results than it has: the calling convention
// numbers registers in order, so those in excess are ignored. Arguments are passed as integers,
// which is safe because the frame keeps them alive and nothing stops between load and call.
// Results arrive as pointers, some of which are integers; they are stored before anything can look
// at them, with the write barriers of pointers where the word is one.
//
//go:nocheckptr
func (p *Plan) Call(fn, frame P) {
	if len(p.floats)+len(p.outFlts) > 0 {
		p.callFloats(fn, frame)
		return
	}
	if len(p.ints) <= 4 && len(p.outInts) <= 4 {
		var a [4]uintptr
		for i := range p.ints {
			a[i&3] = load(frame, &p.ints[i])
		}
		r0, r1, r2, r3 := (*(*call4)(P(&fn)))(a[0], a[1], a[2], a[3])
		switch w := p.outInts; len(w) {
		case 4:
			store(frame, &w[3], r3)
			fallthrough
		case 3:
			store(frame, &w[2], r2)
			fallthrough
		case 2:
			store(frame, &w[1], r1)
			fallthrough
		case 1:
			store(frame, &w[0], r0)
		}
		return
	}
	var a [maxInts]uintptr
	for i := range p.ints {
		a[i] = load(frame, &p.ints[i])
	}
	f := *(*call9)(P(&fn))
	r0, r1, r2, r3, r4, r5, r6, r7, r8 := f(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8])
	p.storeInts(frame, r0, r1, r2, r3, r4, r5, r6, r7, r8)
}

//go:nocheckptr
func (p *Plan) callFloats(fn, frame P) {
	var a [maxInts]uintptr
	var x [maxFloats]float64
	for i := range p.ints {
		a[i] = load(frame, &p.ints[i])
	}
	for i := range p.floats {
		x[i] = loadFloat(frame, &p.floats[i])
	}
	f := *(*callF)(P(&fn))
	r0, r1, r2, r3, r4, r5, r6, r7, r8, g0, g1, g2, g3, g4, g5, g6, g7 := f(
		a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7])
	g := [maxFloats]float64{g0, g1, g2, g3, g4, g5, g6, g7}
	for i := range p.outFlts {
		storeFloat(frame, &p.outFlts[i], g[i])
	}
	p.storeInts(frame, r0, r1, r2, r3, r4, r5, r6, r7, r8)
}

//go:nosplit
//go:nocheckptr
func (p *Plan) storeInts(frame, r0, r1, r2, r3, r4, r5, r6, r7, r8 P) {
	w := p.outInts
	switch len(w) {
	case 9:
		store(frame, &w[8], r8)
		fallthrough
	case 8:
		store(frame, &w[7], r7)
		fallthrough
	case 7:
		store(frame, &w[6], r6)
		fallthrough
	case 6:
		store(frame, &w[5], r5)
		fallthrough
	case 5:
		store(frame, &w[4], r4)
		fallthrough
	case 4:
		store(frame, &w[3], r3)
		fallthrough
	case 3:
		store(frame, &w[2], r2)
		fallthrough
	case 2:
		store(frame, &w[1], r1)
		fallthrough
	case 1:
		store(frame, &w[0], r0)
	}
}

//go:nosplit
//go:nocheckptr
func load(frame P, w *word) uintptr {
	p := unsafe.Add(frame, w.off)
	switch w.size {
	case 1:
		return uintptr(*(*uint8)(p))
	case 2:
		return uintptr(*(*uint16)(p))
	case 4:
		return uintptr(*(*uint32)(p))
	}
	return *(*uintptr)(p)
}

//go:nosplit
//go:nocheckptr
func store(frame P, w *word, v P) {
	p := unsafe.Add(frame, w.off)
	if w.ptr {
		*(*P)(p) = v
		return
	}
	switch w.size {
	case 1:
		*(*uint8)(p) = uint8(uintptr(v))
	case 2:
		*(*uint16)(p) = uint16(uintptr(v))
	case 4:
		*(*uint32)(p) = uint32(uintptr(v))
	default:
		*(*uintptr)(p) = uintptr(v)
	}
}

// loadFloat returns the register for a float: a float32 is the low half of it.
//
//go:nosplit
//go:nocheckptr
func loadFloat(frame P, w *word) float64 {
	p := unsafe.Add(frame, w.off)
	if w.size == 4 {
		return math.Float64frombits(uint64(*(*uint32)(p)))
	}
	return *(*float64)(p)
}

//go:nosplit
//go:nocheckptr
func storeFloat(frame P, w *word, v float64) {
	p := unsafe.Add(frame, w.off)
	if w.size == 4 {
		*(*uint32)(p) = uint32(math.Float64bits(v))
		return
	}
	*(*float64)(p) = v
}

// CallSlow calls a function that takes or gives values in memory.
func (p *Plan) CallSlow(fn, frame P) {
	v := reflect.New(p.typ)
	*(*P)(v.UnsafePointer()) = fn
	p.CallValue(v.Elem(), frame)
}

// CallValue calls a function by reflection.
func (p *Plan) CallValue(fn reflect.Value, frame P) {
	in := make([]reflect.Value, p.typ.NumIn())
	first := len(p.args) - len(in)
	for i := range in {
		v := reflect.New(p.typ.In(i))
		Move(Of(p.typ.In(i)), v.UnsafePointer(), unsafe.Add(frame, p.args[i+first]))
		in[i] = v.Elem()
	}
	var out []reflect.Value
	if p.typ.IsVariadic() {
		out = fn.CallSlice(in)
	} else {
		out = fn.Call(in)
	}
	for i, o := range out {
		reflect.NewAt(p.typ.Out(i), unsafe.Add(frame, p.results[i])).Elem().Set(o)
	}
}
