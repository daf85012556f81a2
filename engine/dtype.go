package engine

import "fmt"

// DType is the type of one element.
type DType uint8

// Element types. F16 and BF16 are storage formats: kernels widen them to F32.
const (
	Invalid DType = iota
	Bool
	U8
	I8
	I16
	I32
	I64
	F16
	BF16
	F32
	F64
	C64
	C128
)

var dtypes = [...]struct {
	name string
	size int
}{
	Invalid: {"invalid", 0},
	Bool:    {"bool", 1}, U8: {"u8", 1}, I8: {"i8", 1},
	I16: {"i16", 2}, I32: {"i32", 4}, I64: {"i64", 8},
	F16: {"f16", 2}, BF16: {"bf16", 2}, F32: {"f32", 4}, F64: {"f64", 8},
	C64: {"c64", 8}, C128: {"c128", 16},
}

// String returns the short name: "f32", "i64", "bool" …
func (d DType) String() string {
	if int(d) < len(dtypes) {
		return dtypes[d].name
	}
	return fmt.Sprintf("DType(%d)", uint8(d))
}

// Size returns the bytes of one element.
func (d DType) Size() int { return dtypes[d].size }

// IsFloat reports whether d is a real floating-point type.
func (d DType) IsFloat() bool { return d >= F16 && d <= F64 }

// IsInt reports whether d is an integer type; Bool is not.
func (d DType) IsInt() bool { return d >= U8 && d <= I64 }

// IsComplex reports whether d is a complex type.
func (d DType) IsComplex() bool { return d == C64 || d == C128 }

// ParseDType returns the DType with the given short name.
func ParseDType(name string) (DType, error) {
	for d, t := range dtypes {
		if d > 0 && t.name == name {
			return DType(d), nil
		}
	}
	return Invalid, fmt.Errorf("dtype: %q is unknown; "+
		"known: bool u8 i8 i16 i32 i64 f16 bf16 f32 f64 c64 c128", name)
}

// Promote returns the type that holds values of both a and b: the higher category (bool < integer <
// float < complex), and within it the wider type. As in PyTorch, u8 with a signed integer gives the
// next wider signed type, f16 with bf16 gives f32, and an integer with a float gives the float.
func Promote(a, b DType) DType {
	if a > b {
		a, b = b, a
	}
	switch {
	case a == b:
		return a
	case a == U8 && b == I8:
		return I16
	case a == F16 && b == BF16:
		return F32
	case a == F64 && b == C64:
		return C128
	}
	return b
}
