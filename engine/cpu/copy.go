package cpu

import (
	"github.com/lathe-ml/lathe/engine"
)

type integer interface {
	uint8 | int8 | int16 | int32 | int64
}

type float interface{ float32 | float64 }

type number interface{ integer | float }

// Copy writes src, broadcast to dst's shape and converted to its dtype, to dst. Floats convert to
// integers by truncation and to Bool by x != 0; complex numbers convert to real ones by dropping
// the imaginary part.
func Copy(dst, src engine.Array) error {
	d, s := dst.DType, src.DType
	switch {
	case d == s || (d == engine.U8 && s == engine.Bool):
		copySame(&dst, &src)
	case d.IsComplex() || s.IsComplex():
		copyComplex(dst, src)
	case s == engine.F16:
		copyHalf(dst, src, widenF16)
	case s == engine.BF16:
		copyHalf(dst, src, widenBF16)
	case s == engine.F32:
		copyFrom[float32](dst, src)
	case s == engine.F64:
		copyFrom[float64](dst, src)
	case s == engine.I64:
		copyFrom[int64](dst, src)
	case s == engine.I32:
		copyFrom[int32](dst, src)
	case s == engine.I16:
		copyFrom[int16](dst, src)
	case s == engine.I8:
		copyFrom[int8](dst, src)
	case s == engine.U8 || s == engine.Bool:
		copyFrom[uint8](dst, src)
	default:
		return unsupported("Copy", s)
	}
	return nil
}

func copySame(dst, src *engine.Array) {
	switch dst.DType.Size() {
	case 1:
		run1(copySlice[uint8], dst, src, 4*grain)
	case 2:
		run1(copySlice[uint16], dst, src, 2*grain)
	case 4:
		if !copyTransposed(dst, src) {
			run1(moveF32, dst, src, grain)
		}
	case 8:
		run1(moveF64, dst, src, grain)
	case 16:
		run1(copySlice[complex128], dst, src, grain)
	}
}

// moveF32 and moveF64 copy any elements of 4 and 8 bytes; for large arrays the runtime's copy is
// slower.
var (
	moveF32 = copySlice[float32]
	moveF64 = copySlice[float64]
)

func copySlice[T any](d, s []T) { copy(d, s) }

func copyFrom[S number](dst, src engine.Array) {
	switch dst.DType {
	case engine.F32:
		run1(converter[float32, S](dst.DType, src.DType), &dst, &src, grain)
	case engine.F64:
		run1(converter[float64, S](dst.DType, src.DType), &dst, &src, grain)
	case engine.I64:
		run1(converter[int64, S](dst.DType, src.DType), &dst, &src, grain)
	case engine.I32:
		run1(converter[int32, S](dst.DType, src.DType), &dst, &src, grain)
	case engine.I16:
		run1(converter[int16, S](dst.DType, src.DType), &dst, &src, grain)
	case engine.I8:
		run1(converter[int8, S](dst.DType, src.DType), &dst, &src, grain)
	case engine.U8:
		run1(converter[uint8, S](dst.DType, src.DType), &dst, &src, grain)
	case engine.Bool:
		f, ok := conversions[engine.Bool][src.DType].(func(d []uint8, s []S))
		if !ok {
			f = nonZero[S]
		}
		run1(f, &dst, &src, grain)
	case engine.F16, engine.BF16:
		f := narrowF16
		if dst.DType == engine.BF16 {
			f = narrowBF16
		}
		if src.DType != engine.F32 {
			t := engine.NewArray(engine.F32, src.Shape)
			run1(converter[float32, S](t.DType, src.DType), &t, &src, grain)
			src = t
		}
		run1(f, &dst, &src, grain)
	}
}

func copyHalf(dst, src engine.Array, widen func(d []float32, s []uint16)) {
	if dst.DType == engine.F32 {
		run1(widen, &dst, &src, grain)
		return
	}
	t := engine.NewArray(engine.F32, src.Shape)
	run1(widen, &t, &src, grain)
	copyFrom[float32](dst, t)
}

func copyComplex(dst, src engine.Array) {
	wide := src
	if src.DType != engine.C128 { // through C128
		wide = engine.NewArray(engine.C128, src.Shape)
		if src.DType == engine.C64 {
			run1(func(d []complex128, s []complex64) {
				for i, v := range s {
					d[i] = complex128(v)
				}
			}, &wide, &src, grain)
		} else {
			f := engine.NewArray(engine.F64, src.Shape)
			must(Copy(f, src))
			run1(func(d []complex128, s []float64) {
				for i, v := range s {
					d[i] = complex(v, 0)
				}
			}, &wide, &f, grain)
		}
	}
	switch {
	case dst.DType == engine.C128:
		copySame(&dst, &wide)
	case dst.DType == engine.C64:
		run1(func(d []complex64, s []complex128) {
			for i, v := range s {
				d[i] = complex64(v)
			}
		}, &dst, &wide, grain)
	default:
		f := engine.NewArray(engine.F64, src.Shape)
		run1(func(d []float64, s []complex128) {
			for i, v := range s {
				d[i] = real(v)
			}
		}, &f, &wide, grain)
		must(Copy(dst, f))
	}
}

// Fill sets every element of dst to v, converted as Copy converts.
func Fill(dst engine.Array, v float64) error {
	return Copy(dst, engine.Of(engine.Shape{}, []float64{v}))
}

// FillInt sets every element of dst to v; exact for I64.
func FillInt(dst engine.Array, v int64) error {
	return Copy(dst, engine.Of(engine.Shape{}, []int64{v}))
}

// Arange sets element i of dst, in row-major order, to start + i·step.
func Arange(dst engine.Array, start, step float64) error {
	if dst.DType.IsInt() {
		t := engine.NewArray(engine.I64, dst.Shape)
		for i := range t.I64() {
			t.I64()[i] = int64(start) + int64(i)*int64(step)
		}
		return Copy(dst, t)
	}
	t := engine.NewArray(engine.F64, dst.Shape)
	for i := range t.F64() {
		t.F64()[i] = start + float64(i)*step
	}
	return Copy(dst, t)
}

// conversions holds the SIMD forms, func(d []D, s []S), by the types of result and source.
var conversions [engine.C128 + 1][engine.C128 + 1]any

// converter returns the function that converts S to D.
func converter[D, S number](to, from engine.DType) func(d []D, s []S) {
	if from == engine.Bool {
		from = engine.U8
	}
	if f, ok := conversions[to][from].(func(d []D, s []S)); ok {
		return f
	}
	return convert[D, S]
}

func convert[D, S number](d []D, s []S) {
	for i, v := range s {
		d[i] = D(v)
	}
}

func nonZero[S number](d []uint8, s []S) {
	for i, v := range s {
		d[i] = bit(v != 0)
	}
}

func bit(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}
