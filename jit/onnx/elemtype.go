package onnx

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
)

// ElemType is the type of the elements of a tensor, numbered as in ONNX files.
type ElemType int32

// Element types.
const (
	Undefined ElemType = iota
	Float
	Uint8
	Int8
	Uint16
	Int16
	Int32
	Int64
	String
	Bool
	Float16
	Double
	Uint32
	Uint64
	Complex64
	Complex128
	BFloat16
	Float8E4M3FN
	Float8E4M3FNUZ
	Float8E5M2
	Float8E5M2FNUZ
	Uint4
	Int4
	Float4E2M1
	Float8E8M0
	Uint2
	Int2
)

// elemTypes says for each type its name, the type of the tensor that carries it, and its bits in a file.
// Unsigned integers are carried by i64 (uint64 by its bits), floats of 8 and 4 bits by f32, which holds all
// of their values.
var elemTypes = [...]struct {
	name    string
	carrier engine.DType
	bits    int
}{
	Undefined: {"undefined", engine.Invalid, 0},
	Float:     {"float", engine.F32, 32}, Double: {"double", engine.F64, 64},
	Float16: {"float16", engine.F16, 16}, BFloat16: {"bfloat16", engine.BF16, 16},
	Uint8: {"uint8", engine.U8, 8}, Uint16: {"uint16", engine.I64, 16},
	Uint32: {"uint32", engine.I64, 32}, Uint64: {"uint64", engine.I64, 64},
	Int8: {"int8", engine.I8, 8}, Int16: {"int16", engine.I16, 16},
	Int32: {"int32", engine.I32, 32}, Int64: {"int64", engine.I64, 64},
	Bool: {"bool", engine.Bool, 8}, String: {"string", engine.Invalid, 0},
	Complex64: {"complex64", engine.C64, 64}, Complex128: {"complex128", engine.C128, 128},
	Float8E4M3FN: {"float8e4m3fn", engine.F32, 8}, Float8E4M3FNUZ: {"float8e4m3fnuz", engine.F32, 8},
	Float8E5M2: {"float8e5m2", engine.F32, 8}, Float8E5M2FNUZ: {"float8e5m2fnuz", engine.F32, 8},
	Float8E8M0: {"float8e8m0", engine.F32, 8}, Float4E2M1: {"float4e2m1", engine.F32, 4},
	Uint4: {"uint4", engine.U8, 4}, Int4: {"int4", engine.I8, 4},
	Uint2: {"uint2", engine.U8, 2}, Int2: {"int2", engine.I8, 2},
}

func (t ElemType) known() bool { return t > 0 && int(t) < len(elemTypes) }

// String returns the name that ONNX uses: "float", "int64", "float8e4m3fn" …
func (t ElemType) String() string {
	if !t.known() {
		return fmt.Sprintf("ElemType(%d)", int32(t))
	}
	return elemTypes[t].name
}

// Carrier returns the type of the tensor that holds elements of type t; Invalid for strings.
func (t ElemType) Carrier() engine.DType {
	if !t.known() {
		return engine.Invalid
	}
	return elemTypes[t].carrier
}

// bits is the room that one element takes in a file.
func (t ElemType) bits() int { return elemTypes[t].bits }

// isFloat reports whether t is a real floating-point type of any width.
func (t ElemType) isFloat() bool {
	switch t {
	case Float, Double, Float16, BFloat16:
		return true
	}
	return t.isSmallFloat()
}

// isSmallFloat reports whether t has fewer than 16 bits and is a float.
func (t ElemType) isSmallFloat() bool {
	return t >= Float8E4M3FN && t <= Float8E5M2FNUZ || t == Float4E2M1 || t == Float8E8M0
}

func (t ElemType) isComplex() bool { return t == Complex64 || t == Complex128 }

// isInt reports whether t is an integer type of any width.
func (t ElemType) isInt() bool {
	return t.known() && !t.isFloat() && !t.isComplex() && t != String && t != Bool
}

func (t ElemType) isUnsigned() bool {
	switch t {
	case Uint8, Uint16, Uint32, Uint64, Uint4, Uint2:
		return true
	}
	return false
}

// bounds returns the least and greatest value of an integer type; for uint64, the greatest int64.
func (t ElemType) bounds() (lo, hi int64) {
	b := t.bits()
	switch {
	case t == Uint64 || t == Int64:
		return -1 << 63, 1<<63 - 1
	case t.isUnsigned():
		return 0, 1<<b - 1
	}
	return -1 << (b - 1), 1<<(b-1) - 1
}

// elemTypeOf returns the ElemType whose carrier is d and that has the same values.
func elemTypeOf(d engine.DType) ElemType {
	switch d {
	case engine.Bool:
		return Bool
	case engine.U8:
		return Uint8
	case engine.I8:
		return Int8
	case engine.I16:
		return Int16
	case engine.I32:
		return Int32
	case engine.I64:
		return Int64
	case engine.F16:
		return Float16
	case engine.BF16:
		return BFloat16
	case engine.F32:
		return Float
	case engine.F64:
		return Double
	case engine.C64:
		return Complex64
	case engine.C128:
		return Complex128
	}
	return Undefined
}
