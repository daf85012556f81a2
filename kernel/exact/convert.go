package exact

import (
	"reflect"
	"unsafe"

	"golang.org/x/tools/go/ssa"
)

func convertFrom[F number](to reflect.Kind, d, x uintptr) op {
	switch to {
	case reflect.Int:
		return func(fp P) { store(fp, d, int(load[F](fp, x))) }
	case reflect.Int8:
		return func(fp P) { store(fp, d, int8(load[F](fp, x))) }
	case reflect.Int16:
		return func(fp P) { store(fp, d, int16(load[F](fp, x))) }
	case reflect.Int32:
		return func(fp P) { store(fp, d, int32(load[F](fp, x))) }
	case reflect.Int64:
		return func(fp P) { store(fp, d, int64(load[F](fp, x))) }
	case reflect.Uint:
		return func(fp P) { store(fp, d, uint(load[F](fp, x))) }
	case reflect.Uint8:
		return func(fp P) { store(fp, d, uint8(load[F](fp, x))) }
	case reflect.Uint16:
		return func(fp P) { store(fp, d, uint16(load[F](fp, x))) }
	case reflect.Uint32:
		return func(fp P) { store(fp, d, uint32(load[F](fp, x))) }
	case reflect.Uint64:
		return func(fp P) { store(fp, d, uint64(load[F](fp, x))) }
	case reflect.Uintptr:
		return func(fp P) { store(fp, d, uintptr(load[F](fp, x))) }
	case reflect.Float32:
		return func(fp P) { store(fp, d, float32(load[F](fp, x))) }
	case reflect.Float64:
		return func(fp P) { store(fp, d, float64(load[F](fp, x))) }
	}
	return nil
}

func convertNumber(from, to reflect.Kind, d, x uintptr) op {
	switch from {
	case reflect.Int:
		return convertFrom[int](to, d, x)
	case reflect.Int8:
		return convertFrom[int8](to, d, x)
	case reflect.Int16:
		return convertFrom[int16](to, d, x)
	case reflect.Int32:
		return convertFrom[int32](to, d, x)
	case reflect.Int64:
		return convertFrom[int64](to, d, x)
	case reflect.Uint:
		return convertFrom[uint](to, d, x)
	case reflect.Uint8:
		return convertFrom[uint8](to, d, x)
	case reflect.Uint16:
		return convertFrom[uint16](to, d, x)
	case reflect.Uint32:
		return convertFrom[uint32](to, d, x)
	case reflect.Uint64:
		return convertFrom[uint64](to, d, x)
	case reflect.Uintptr:
		return convertFrom[uintptr](to, d, x)
	case reflect.Float32:
		return convertFrom[float32](to, d, x)
	case reflect.Float64:
		return convertFrom[float64](to, d, x)
	}
	return nil
}

// convert compiles the conversion of src into dst.
func (c *compiler) convert(dst, src ssa.Value) op {
	d, x := c.off(dst), c.off(src)
	to, from := c.typeOf(dst), c.typeOf(src)
	if o := convertNumber(from.Kind(), to.Kind(), d, x); o != nil {
		return o
	}
	word := moveKindOf(to) == movePointer
	if to.Kind() == reflect.UnsafePointer || from.Kind() == reflect.UnsafePointer ||
		word && moveKindOf(from) == movePointer {
		if word {
			return func(fp P) { store(fp, d, load[P](fp, x)) }
		}
		return func(fp P) { store(fp, d, load[uintptr](fp, x)) }
	}
	bytes := func(t reflect.Type) bool { return t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 }
	isComplex := to.Kind() == reflect.Complex64 || to.Kind() == reflect.Complex128
	switch {
	case to.Kind() == from.Kind() && !isComplex || !from.ConvertibleTo(to):
		return moveOp(d, x, to)
	case bytes(to) && from.Kind() == reflect.String:
		return func(fp P) { store(fp, d, []byte(load[string](fp, x))) }
	case to.Kind() == reflect.String && bytes(from):
		return func(fp P) { store(fp, d, string(load[[]byte](fp, x))) }
	}
	return func(fp P) { at(to, unsafe.Add(fp, d)).Set(at(from, unsafe.Add(fp, x)).Convert(to)) }
}
