package exact

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"sync"
	"unsafe"

	"golang.org/x/tools/go/ssa"

	"github.com/lathe-ml/lathe/kernel/exact/native"
)

// builtin compiles the call of a builtin function. in is nil when the result is not used.
func (c *compiler) builtin(in *ssa.Call, b *ssa.Builtin, args []ssa.Value) op {
	var d uintptr
	if in != nil {
		d = c.slots[in]
	}
	off := make([]uintptr, len(args))
	ts := make([]reflect.Type, len(args))
	for i, a := range args {
		off[i], ts[i] = c.off(a), c.typeOf(a)
	}
	switch name := b.Name(); name {
	case "len", "cap":
		return lengthOp(d, off[0], ts[0], name == "cap")
	case "append":
		return appendOp(d, off, ts[0])
	case "copy":
		x, y, t := off[0], off[1], native.Of(ts[0].Elem())
		return func(fp P) {
			to, from := (*native.Slice)(unsafe.Add(fp, x)), (*native.Slice)(unsafe.Add(fp, y))
			n := native.CopySlice(t, to.Data, to.Len, from.Data, from.Len)
			if d != 0 {
				store(fp, d, n)
			}
		}
	case "delete":
		t, x, y := native.Of(ts[0]), off[0], off[1]
		return func(fp P) { native.MapDelete(t, load[P](fp, x), unsafe.Add(fp, y)) }
	case "clear":
		t, x := ts[0], off[0]
		return func(fp P) { at(t, unsafe.Add(fp, x)).Clear() }
	case "close":
		t, x := ts[0], off[0]
		return func(fp P) { at(t, unsafe.Add(fp, x)).Close() }
	case "panic":
		x := off[0]
		return func(fp P) { panic(goPanic(load[any](fp, x))) }
	case "print", "println":
		return printOp(off, ts, name == "println")
	case "min", "max":
		return extreme(d, off, ts[0], name == "min")
	case "recover":
		return func(fp P) {
			v := recovers((*frame)(fp))
			if d != 0 {
				store(fp, d, v)
			}
		}
	case "real", "imag", "complex":
		return complexPart(name, d, off, ts[0].Kind())
	default:
		return c.unsafeBuiltin(name, d, args, off, ts)
	}
}

func (c *compiler) unsafeBuiltin(name string, d uintptr, args []ssa.Value, off []uintptr, ts []reflect.Type) op {
	x := off
	switch name {
	case "ssa:wrapnilchk":
		return func(fp P) {
			p := load[P](fp, x[0])
			if p == nil {
				t, method := load[string](fp, x[1]), load[string](fp, x[2])
				short := t[strings.LastIndexByte(t, '.')+1:]
				panic(nilReceiver("value method " + t + "." + method + " called using nil *" + short + " pointer"))
			}
			store(fp, d, p)
		}
	case "ssa:deferstack":
		return func(fp P) { store(fp, d, fp) }
	case "String":
		return func(fp P) { store(fp, d, unsafe.String(load[*byte](fp, x[0]), load[int](fp, x[1]))) }
	case "StringData", "SliceData":
		return func(fp P) { store(fp, d, load[P](fp, x[0])) }
	case "Slice":
		size, n := ts[0].Elem().Size(), c.indexOf(args[1])
		return func(fp P) {
			n, p := n(fp), load[P](fp, x[0])
			if n < 0 || size > 0 && uintptr(n) > (1<<47)/size || p == nil && n > 0 {
				_ = unsafe.Slice((*byte)(p), n)
			}
			*(*native.Slice)(unsafe.Add(fp, d)) = native.Slice{Data: p, Len: n, Cap: n}
		}
	case "Sizeof", "Alignof": // of a type parameter: others are constants
		n := ts[0].Size()
		if name == "Alignof" {
			n = uintptr(ts[0].Align())
		}
		return func(fp P) { store(fp, d, n) }
	case "Add":
		n := c.indexOf(args[1])
		return func(fp P) { store(fp, d, unsafe.Add(load[P](fp, x[0]), n(fp))) }
	}
	panic(fmt.Errorf("exact: no code for builtin %s", name))
}

// nilReceiver returns what Go panics with when a value method is called through a nil pointer: a plainError of
// package runtime, whose type is that of another one.
func nilReceiver(text string) any {
	e := reflect.New(plainError()).Elem()
	e.SetString(text)
	return e.Interface()
}

// plainError is the type of the error of closing a nil channel.
var plainError = sync.OnceValue(func() (t reflect.Type) {
	defer func() { t = reflect.TypeOf(recover()) }()
	var c chan int
	close(c)
	return nil
})

func lengthOp(d, x uintptr, t reflect.Type, capacity bool) op {
	switch t.Kind() {
	case reflect.String:
		return func(fp P) { store(fp, d, load[int](fp, x+8)) }
	case reflect.Slice:
		if capacity {
			x += 8
		}
		return func(fp P) { store(fp, d, load[int](fp, x+8)) }
	case reflect.Pointer:
		n := t.Elem().Len()
		return func(fp P) { store(fp, d, n) }
	case reflect.Array:
		n := t.Len()
		return func(fp P) { store(fp, d, n) }
	}
	if capacity {
		return func(fp P) { store(fp, d, at(t, unsafe.Add(fp, x)).Cap()) }
	}
	return func(fp P) { store(fp, d, at(t, unsafe.Add(fp, x)).Len()) }
}

func appendOp(d uintptr, off []uintptr, t reflect.Type) op {
	x := off[0]
	if len(off) == 1 {
		return moveOp(d, x, t)
	}
	y, r, k := off[1], native.Of(t.Elem()), moveKindOf(t.Elem())
	size := r.Size
	return func(fp P) {
		s, more := *(*native.Slice)(unsafe.Add(fp, x)), (*native.Slice)(unsafe.Add(fp, y))
		n := s.Len + more.Len
		data := more.Data
		if n > s.Cap || n < s.Len {
			s = native.Grow(s.Data, n, s.Cap, more.Len, r)
		}
		if more.Len == 1 && size > 0 {
			k.copy(r, unsafe.Add(s.Data, uintptr(n-1)*size), data)
		} else if more.Len > 0 && size > 0 {
			native.CopySlice(r, unsafe.Add(s.Data, uintptr(n-more.Len)*size), more.Len, data, more.Len)
		}
		*(*native.Slice)(unsafe.Add(fp, d)) = native.Slice{Data: s.Data, Len: n, Cap: s.Cap}
	}
}

func complexPart(name string, d uintptr, x []uintptr, k reflect.Kind) op {
	half := uintptr(8)
	if k == reflect.Complex64 || k == reflect.Float32 {
		half = 4
	}
	switch {
	case name == "complex" && half == 4:
		return func(fp P) { store(fp, d, complex(load[float32](fp, x[0]), load[float32](fp, x[1]))) }
	case name == "complex":
		return func(fp P) { store(fp, d, complex(load[float64](fp, x[0]), load[float64](fp, x[1]))) }
	case name == "real":
		half = 0
	}
	at := x[0] + half
	if k == reflect.Complex64 {
		return func(fp P) { store(fp, d, load[float32](fp, at)) }
	}
	return func(fp P) { store(fp, d, load[float64](fp, at)) }
}

// extreme compiles min and max.
func extreme(d uintptr, off []uintptr, t reflect.Type, smallest bool) op {
	switch t.Kind() {
	case reflect.Int:
		return extremeOf[int](d, off, smallest)
	case reflect.Int8:
		return extremeOf[int8](d, off, smallest)
	case reflect.Int16:
		return extremeOf[int16](d, off, smallest)
	case reflect.Int32:
		return extremeOf[int32](d, off, smallest)
	case reflect.Int64:
		return extremeOf[int64](d, off, smallest)
	case reflect.Uint:
		return extremeOf[uint](d, off, smallest)
	case reflect.Uint8:
		return extremeOf[uint8](d, off, smallest)
	case reflect.Uint16:
		return extremeOf[uint16](d, off, smallest)
	case reflect.Uint32:
		return extremeOf[uint32](d, off, smallest)
	case reflect.Uint64:
		return extremeOf[uint64](d, off, smallest)
	case reflect.Uintptr:
		return extremeOf[uintptr](d, off, smallest)
	case reflect.Float32:
		return extremeOf[float32](d, off, smallest)
	case reflect.Float64:
		return extremeOf[float64](d, off, smallest)
	}
	return extremeOf[string](d, off, smallest)
}

func extremeOf[T ordered](d uintptr, off []uintptr, smallest bool) op {
	return func(fp P) {
		best := load[T](fp, off[0])
		for _, o := range off[1:] {
			if smallest {
				best = min(best, load[T](fp, o))
			} else {
				best = max(best, load[T](fp, o))
			}
		}
		store(fp, d, best)
	}
}

// printOp compiles print and println, which write to standard error.
func printOp(off []uintptr, ts []reflect.Type, line bool) op {
	return func(fp P) {
		var text []byte
		for i, x := range off {
			if i > 0 && line {
				text = append(text, ' ')
			}
			text = appendPrinted(text, at(ts[i], unsafe.Add(fp, x)))
		}
		if line {
			text = append(text, '\n')
		}
		_, _ = os.Stderr.Write(text)
	}
}

// appendPrinted appends a value as print writes it.
func appendPrinted(text []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint,
		reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		k := v.Kind()
		switch {
		case k == reflect.Bool:
			return fmt.Append(text, v.Bool())
		case v.CanInt():
			return fmt.Append(text, v.Int())
		}
		return fmt.Append(text, v.Uint())
	case reflect.Float32, reflect.Float64:
		return appendFloat(text, v.Float())
	case reflect.Complex64, reflect.Complex128:
		z := v.Complex()
		text = appendFloat(append(text, '('), real(z))
		return append(appendFloat(text, imag(z)), 'i', ')')
	case reflect.String:
		return append(text, v.String()...)
	case reflect.Slice:
		return fmt.Appendf(text, "[%d/%d]%#x", v.Len(), v.Cap(), v.Pointer())
	case reflect.Interface:
		e := (*[2]uintptr)(v.Addr().UnsafePointer())
		return fmt.Appendf(text, "(%#x,%#x)", e[0], e[1])
	}
	return fmt.Appendf(text, "%#x", *(*uintptr)(v.Addr().UnsafePointer()))
}

// appendFloat appends a float as the runtime prints it: +d.dddddde+ddd.
func appendFloat(text []byte, f float64) []byte {
	switch {
	case f != f:
		return append(text, "NaN"...)
	case f > 1.7976931348623157e308:
		return append(text, "+Inf"...)
	case f < -1.7976931348623157e308:
		return append(text, "-Inf"...)
	}
	s := fmt.Sprintf("%+.6e", f)
	digits := len(s) - 2 // the runtime writes three digits of exponent
	if s[digits-2] == 'e' || s[len(s)-4] == 'e' {
		return append(append(text, s[:len(s)-2]...), "0"+s[len(s)-2:]...)
	}
	return append(text, s...)
}
