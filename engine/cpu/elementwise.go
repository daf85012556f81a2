package cpu

import (
	"fmt"
	"runtime"

	"github.com/lathe-ml/lathe/engine"
)

// Vec1 is an elementwise function of one operand: for each element type a function over contiguous
// slices of equal length, nil where the type is not supported. dst may be x.
type Vec1 struct {
	Name string
	Cost int // relative time per element; 0 means 1, about that of an addition
	F32  func(dst, x []float32)
	F64  func(dst, x []float64)
	I64  func(dst, x []int64)
	I32  func(dst, x []int32)
	I16  func(dst, x []int16)
	I8   func(dst, x []int8)
	U8   func(dst, x []uint8)
	C64  func(dst, x []complex64)
	C128 func(dst, x []complex128)
	// past is F32 with a result that goes past the caches, at a multiple of 64 bytes and of whole
	// lines; nil: it is computed by parts and copied.
	past func(dst, x []float32)
}

// Vec2 is an elementwise function of two operands of one type. dst may be x or y.
type Vec2 struct {
	Name string
	Cost int
	F32  func(dst, x, y []float32)
	F64  func(dst, x, y []float64)
	I64  func(dst, x, y []int64)
	I32  func(dst, x, y []int32)
	I16  func(dst, x, y []int16)
	I8   func(dst, x, y []int8)
	U8   func(dst, x, y []uint8)
	C64  func(dst, x, y []complex64)
	C128 func(dst, x, y []complex128)
	// F32S and F32R take the scalar y, respectively the scalar x; nil: the scalar is repeated.
	F32S func(dst, x []float32, y float32)
	F32R func(dst, y []float32, x float32)
	// NonZero makes a zero in an integer y an error.
	NonZero bool
	// past is as in Vec1.
	past func(dst, x, y []float32)
}

// Pred1 is an elementwise function to Bool.
type Pred1 struct {
	Name string
	F32  func(dst []uint8, x []float32)
	F64  func(dst []uint8, x []float64)
	I64  func(dst []uint8, x []int64)
	I32  func(dst []uint8, x []int32)
	I16  func(dst []uint8, x []int16)
	I8   func(dst []uint8, x []int8)
	U8   func(dst []uint8, x []uint8)
}

// Cmp2 is an elementwise function of two operands of one type to Bool.
type Cmp2 struct {
	Name string
	F32  func(dst []uint8, x, y []float32)
	F64  func(dst []uint8, x, y []float64)
	I64  func(dst []uint8, x, y []int64)
	I32  func(dst []uint8, x, y []int32)
	I16  func(dst []uint8, x, y []int16)
	I8   func(dst []uint8, x, y []int8)
	U8   func(dst []uint8, x, y []uint8)
	C64  func(dst []uint8, x, y []complex64)
	C128 func(dst []uint8, x, y []complex128)
}

// grain is the number of elements of one parallel chunk for work of cost 1: about 4 µs.
const grain = 32768

func grainOf(cost int) int { return max(grain/max(cost, 1), 2048) }

// Run computes dst = v(x). x broadcasts to dst's shape and has its dtype.
func (v *Vec1) Run(dst, x engine.Array) error {
	mustMatch(v.Name, dst.DType, x.DType)
	g := grainOf(v.Cost)
	switch t := dst.DType; {
	case t == engine.F32 && v.past != nil && streams(&dst, &x) && dst.Shape.Equal(x.Shape) &&
		dst.IsContiguous() && x.IsContiguous():
		v.runPast(&dst, &x, g)
	case t == engine.F32 && v.F32 != nil:
		run1(v.F32, &dst, &x, g)
	case t == engine.F64 && v.F64 != nil:
		run1(v.F64, &dst, &x, g)
	case t == engine.I64 && v.I64 != nil:
		run1(v.I64, &dst, &x, g)
	case t == engine.I32 && v.I32 != nil:
		run1(v.I32, &dst, &x, g)
	case t == engine.I16 && v.I16 != nil:
		run1(v.I16, &dst, &x, g)
	case t == engine.I8 && v.I8 != nil:
		run1(v.I8, &dst, &x, g)
	case (t == engine.U8 || t == engine.Bool) && v.U8 != nil:
		run1(v.U8, &dst, &x, g)
	case t == engine.C64 && v.C64 != nil:
		run1(v.C64, &dst, &x, g)
	case t == engine.C128 && v.C128 != nil:
		run1(v.C128, &dst, &x, g)
	case isHalf(t) && v.F32 != nil:
		return viaF32(dst, func(d engine.Array, f32 widen) error { return v.Run(d, f32(x)) })
	default:
		return unsupported(v.Name, t)
	}
	return nil
}

// Supports reports whether v computes on dtype t.
func (v *Vec1) Supports(t engine.DType) bool {
	switch t {
	case engine.F32, engine.F16, engine.BF16:
		return v.F32 != nil
	case engine.F64:
		return v.F64 != nil
	case engine.I64:
		return v.I64 != nil
	case engine.I32:
		return v.I32 != nil
	case engine.I16:
		return v.I16 != nil
	case engine.I8:
		return v.I8 != nil
	case engine.U8, engine.Bool:
		return v.U8 != nil
	case engine.C64:
		return v.C64 != nil
	case engine.C128:
		return v.C128 != nil
	}
	return false
}

// Run computes dst = v(x, y). x and y broadcast to dst's shape and have its dtype.
func (v *Vec2) Run(dst, x, y engine.Array) error {
	mustMatch(v.Name, dst.DType, x.DType, y.DType)
	if v.NonZero && dst.DType.IsInt() && hasZero(y) && dst.Numel() > 0 {
		return fmt.Errorf("cpu.%s: integer division by zero", v.Name)
	}
	g := grainOf(v.Cost)
	switch t := dst.DType; {
	case t == engine.F32 && v.past != nil && streams(&dst, &x, &y) && dst.Shape.Equal(x.Shape) && dst.Shape.Equal(y.Shape) &&
		dst.IsContiguous() && x.IsContiguous() && y.IsContiguous():
		v.runPast(&dst, &x, &y, g)
	case t == engine.F32 && v.F32 != nil:
		run2(v.F32, v.F32S, v.F32R, &dst, &x, &y, g)
	case t == engine.F64 && v.F64 != nil:
		run2(v.F64, nil, nil, &dst, &x, &y, g)
	case t == engine.I64 && v.I64 != nil:
		run2(v.I64, nil, nil, &dst, &x, &y, g)
	case t == engine.I32 && v.I32 != nil:
		run2(v.I32, nil, nil, &dst, &x, &y, g)
	case t == engine.I16 && v.I16 != nil:
		run2(v.I16, nil, nil, &dst, &x, &y, g)
	case t == engine.I8 && v.I8 != nil:
		run2(v.I8, nil, nil, &dst, &x, &y, g)
	case (t == engine.U8 || t == engine.Bool) && v.U8 != nil:
		run2(v.U8, nil, nil, &dst, &x, &y, g)
	case t == engine.C64 && v.C64 != nil:
		run2(v.C64, nil, nil, &dst, &x, &y, g)
	case t == engine.C128 && v.C128 != nil:
		run2(v.C128, nil, nil, &dst, &x, &y, g)
	case isHalf(t) && v.F32 != nil:
		return viaF32(dst, func(d engine.Array, f32 widen) error { return v.Run(d, f32(x), f32(y)) })
	default:
		return unsupported(v.Name, t)
	}
	return nil
}

// Supports reports whether v computes on dtype t.
func (v *Vec2) Supports(t engine.DType) bool {
	switch t {
	case engine.F32, engine.F16, engine.BF16:
		return v.F32 != nil
	case engine.F64:
		return v.F64 != nil
	case engine.I64:
		return v.I64 != nil
	case engine.I32:
		return v.I32 != nil
	case engine.I16:
		return v.I16 != nil
	case engine.I8:
		return v.I8 != nil
	case engine.U8, engine.Bool:
		return v.U8 != nil
	case engine.C64:
		return v.C64 != nil
	case engine.C128:
		return v.C128 != nil
	}
	return false
}

// Run computes the Bool array dst = v(x).
func (v *Pred1) Run(dst, x engine.Array) error {
	mustMatch(v.Name, dst.DType, engine.Bool)
	switch t := x.DType; {
	case t == engine.F32:
		run1(v.F32, &dst, &x, grain)
	case t == engine.F64:
		run1(v.F64, &dst, &x, grain)
	case t == engine.I64:
		run1(v.I64, &dst, &x, grain)
	case t == engine.I32:
		run1(v.I32, &dst, &x, grain)
	case t == engine.I16:
		run1(v.I16, &dst, &x, grain)
	case t == engine.I8:
		run1(v.I8, &dst, &x, grain)
	case t == engine.U8 || t == engine.Bool:
		run1(v.U8, &dst, &x, grain)
	case isHalf(t):
		return withF32(func(f32 widen) error { return v.Run(dst, f32(x)) })
	default:
		return unsupported(v.Name, t)
	}
	return nil
}

// Run computes the Bool array dst = v(x, y).
func (v *Cmp2) Run(dst, x, y engine.Array) error {
	mustMatch(v.Name, dst.DType, engine.Bool)
	mustMatch(v.Name, x.DType, y.DType)
	switch t := x.DType; {
	case t == engine.F32:
		run2(v.F32, nil, nil, &dst, &x, &y, grain)
	case t == engine.F64:
		run2(v.F64, nil, nil, &dst, &x, &y, grain)
	case t == engine.I64:
		run2(v.I64, nil, nil, &dst, &x, &y, grain)
	case t == engine.I32:
		run2(v.I32, nil, nil, &dst, &x, &y, grain)
	case t == engine.I16:
		run2(v.I16, nil, nil, &dst, &x, &y, grain)
	case t == engine.I8:
		run2(v.I8, nil, nil, &dst, &x, &y, grain)
	case t == engine.U8 || t == engine.Bool:
		run2(v.U8, nil, nil, &dst, &x, &y, grain)
	case t == engine.C64 && v.C64 != nil:
		run2(v.C64, nil, nil, &dst, &x, &y, grain)
	case t == engine.C128 && v.C128 != nil:
		run2(v.C128, nil, nil, &dst, &x, &y, grain)
	case isHalf(t):
		return withF32(func(f32 widen) error { return v.Run(dst, f32(x), f32(y)) })
	default:
		return unsupported(v.Name, t)
	}
	return nil
}

func mustMatch(name string, t engine.DType, others ...engine.DType) {
	for _, o := range others {
		if o != t {
			panic(fmt.Sprintf("cpu.%s: dtypes %v and %v differ", name, t, o))
		}
	}
}

func unsupported(name string, t engine.DType) error {
	return fmt.Errorf("cpu.%s: dtype %v has no implementation", name, t)
}

func isHalf(t engine.DType) bool { return t == engine.F16 || t == engine.BF16 }

// toF32 returns x as F32; half-precision arrays are widened into a new array.
func toF32(x engine.Array) engine.Array {
	if x.Buf == nil || !isHalf(x.DType) {
		return x
	}
	y := engine.NewArray(engine.F32, x.Shape)
	must(Copy(y, x))
	return y
}

// widen is toF32 for operands that last as long as a computation: a kernel reads slices of them, which do not
// hold their buffers.
type widen func(x engine.Array) engine.Array

// viaF32 lets f compute into an F32 array from operands that it widens, and narrows the result to dst.
func viaF32(dst engine.Array, f func(d engine.Array, f32 widen) error) error {
	d := engine.NewArray(engine.F32, dst.Shape)
	if err := withF32(func(f32 widen) error { return f(d, f32) }); err != nil {
		return err
	}
	return Copy(dst, d)
}

// withF32 lets f compute from operands that it widens.
func withF32(f func(f32 widen) error) error {
	var operands []*engine.Buffer
	err := f(func(x engine.Array) engine.Array {
		y := toF32(x)
		operands = append(operands, y.Buf)
		return y
	})
	runtime.KeepAlive(operands)
	return err
}

// must panics on errors that cannot happen.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// hasZero reports whether an element of y is 0.
func hasZero(y engine.Array) bool {
	z := engine.NewArray(engine.Bool, engine.Shape{})
	defer z.Buf.Release()
	must(All(z, y, nil))
	return z.U8()[0] == 0
}
