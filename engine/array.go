package engine

import (
	"fmt"
	"unsafe"
)

// Array is a strided view of a Buffer. Strides and Offset are in elements; a stride of 0 repeats.
// Arrays are values: views share the Buffer, nothing else.
type Array struct {
	DType   DType
	Shape   Shape
	Strides []int
	Offset  int
	Buf     *Buffer
}

// NewArray returns a row-major Array of unspecified contents. It panics with *Error when the process may
// not have that much memory.
func NewArray(t DType, s Shape) Array {
	return Array{DType: t, Shape: s, Strides: s.Strides(), Buf: NewBuffer(byteSize(t, s))}
}

// Zeros returns a row-major Array of zeros.
func Zeros(t DType, s Shape) Array {
	a := NewArray(t, s)
	clear(a.Buf.Bytes())
	return a
}

// Of returns a row-major Array that uses the memory of data, which must have s.Numel() elements.
func Of[T Elem](s Shape, data []T) Array {
	if len(data) != s.Numel() {
		panic(fmt.Sprintf("engine.Of: %d elements for shape %v, which needs %d", len(data), s,
			s.Numel()))
	}
	return Array{DType: DTypeOf[T](), Shape: s, Strides: s.Strides(), Buf: WrapBytes(asBytes(data))}
}

// Elem is a Go type that can be an element. Bool is stored as uint8 0 or 1; F16 and BF16 have no Go
// type.
type Elem interface {
	bool | uint8 | int8 | int16 | int32 | int64 | float32 | float64 | complex64 | complex128
}

// DTypeOf returns the DType of a Go element type.
func DTypeOf[T Elem]() DType {
	var z T
	switch any(z).(type) {
	case bool:
		return Bool
	case uint8:
		return U8
	case int8:
		return I8
	case int16:
		return I16
	case int32:
		return I32
	case int64:
		return I64
	case float32:
		return F32
	case float64:
		return F64
	case complex64:
		return C64
	default:
		return C128
	}
}

func asBytes[T Elem](d []T) []byte {
	if len(d) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&d[0])), len(d)*int(unsafe.Sizeof(d[0])))
}

// View returns the elements of a as a Go slice that starts at a's first element and runs to the end
// of its Buffer; index it with a.Strides. T must have the size of a.DType (uint16 for F16 and
// BF16).
func View[T Elem | uint16](a Array) []T {
	var z T
	size := int(unsafe.Sizeof(z))
	if size != a.DType.Size() {
		panic(fmt.Sprintf("engine.View: %T does not fit dtype %v", z, a.DType))
	}
	b := a.Buf.Bytes()
	n := len(b)/size - a.Offset
	if n <= 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&b[a.Offset*size])), n)
}

// Contiguous elements, for arrays whose IsContiguous is true: exactly Numel of them.

// F32 returns the elements of a contiguous F32 array.
func (a Array) F32() []float32 { return flat[float32](a) }

// F64 returns the elements of a contiguous F64 array.
func (a Array) F64() []float64 { return flat[float64](a) }

// I64 returns the elements of a contiguous I64 array.
func (a Array) I64() []int64 { return flat[int64](a) }

// U8 returns the elements of a contiguous U8 or Bool array.
func (a Array) U8() []uint8 { return flat[uint8](a) }

func flat[T Elem](a Array) []T {
	if !a.IsContiguous() {
		panic(fmt.Sprintf("engine: array %v%v with strides %v is not contiguous", a.DType, a.Shape,
			a.Strides))
	}
	n := a.Shape.Numel()
	if n == 0 {
		return nil
	}
	return View[T](a)[:n]
}

// Numel returns the number of elements.
func (a Array) Numel() int { return a.Shape.Numel() }

// String describes the array's type: "f32[2 3]".
func (a Array) String() string { return a.DType.String() + a.Shape.String() }

// IsContiguous reports whether the elements lie row-major without gaps.
func (a Array) IsContiguous() bool {
	n := 1
	for i := len(a.Shape) - 1; i >= 0; i-- {
		if d := a.Shape[i]; d != 1 {
			if a.Strides[i] != n {
				return a.Numel() == 0
			}
			n *= d
		}
	}
	return true
}

// Permute returns the view whose axis i is a's axis axes[i].
func (a Array) Permute(axes ...int) Array {
	s, st := make(Shape, len(axes)), make([]int, len(axes))
	for i, x := range axes {
		s[i], st[i] = a.Shape[x], a.Strides[x]
	}
	a.Shape, a.Strides = s, st
	return a
}

// Slice returns the view of indices start, start+step … < stop on axis. step may be negative, with
// stop exclusive below start.
func (a Array) Slice(axis, start, stop, step int) Array {
	n := 0
	if step > 0 && stop > start {
		n = (stop - start + step - 1) / step
	} else if step < 0 && stop < start {
		n = (start - stop - step - 1) / -step
	}
	s, st := a.Shape.Clone(), append([]int(nil), a.Strides...)
	if n > 0 {
		a.Offset += start * st[axis]
	}
	s[axis], st[axis] = n, st[axis]*step
	a.Shape, a.Strides = s, st
	return a
}

// Expand returns the view broadcast to s: new and extent-1 axes get stride 0.
// s must be a result of Broadcast with a.Shape.
func (a Array) Expand(s Shape) Array {
	if a.Shape.Equal(s) {
		return a
	}
	st := make([]int, len(s))
	off := len(s) - len(a.Shape)
	for i, d := range a.Shape {
		if d == s[off+i] {
			st[off+i] = a.Strides[i]
		}
	}
	a.Shape, a.Strides = s, st
	return a
}

// Reshape returns the view of shape s, or false when a's strides do not allow one without copying.
func (a Array) Reshape(s Shape) (Array, bool) {
	if a.IsContiguous() {
		a.Shape, a.Strides = s, s.Strides()
		return a, true
	}
	st, ok := viewStrides(a.Shape, a.Strides, s)
	if ok {
		a.Shape, a.Strides = s, st
	}
	return a, ok
}

// viewStrides matches groups of old axes that are contiguous among themselves with groups of new
// axes of the same product.
func viewStrides(old Shape, strides []int, s Shape) ([]int, bool) {
	var od Shape
	var os []int
	for i, d := range old { // extent-1 axes do not matter
		if d != 1 {
			od, os = append(od, d), append(os, strides[i])
		}
	}
	out := make([]int, len(s))
	i, j := 0, 0
	for i < len(od) && j < len(s) {
		np, op, i0, j0 := s[j], od[i], i, j
		i, j = i+1, j+1
		for np != op {
			if np < op {
				if j == len(s) {
					return nil, false
				}
				np *= s[j]
				j++
			} else {
				if i == len(od) {
					return nil, false
				}
				op *= od[i]
				i++
			}
		}
		for k := i0; k < i-1; k++ {
			if os[k] != od[k+1]*os[k+1] {
				return nil, false
			}
		}
		st := os[i-1]
		for k := j - 1; k >= j0; k-- {
			out[k] = st
			st *= s[k]
		}
	}
	for ; j < len(s); j++ {
		out[j] = 1
	}
	return out, true
}
