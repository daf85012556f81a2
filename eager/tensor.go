// Package eager runs tensor operators at once and records them on a tape for automatic differentiation.
//
//	w := eager.Randn(3, 2).SetRequiresGrad(true)
//	x := eager.New([][]float32{{1, 2, 3}})
//	loss := x.MatMul(w).ReLU().Sum()
//	loss.Backward()
//	fmt.Println(w.Grad())
//
// Operators live in engine/op; the plain methods in methods_gen.go are generated from there, everything
// else is composed of them. In cells the package is called t. Methods panic with *engine.Error, which
// every boundary (cell, estimator, worker) reports without a Go stack trace.
// It does not compile graphs (package jit) and holds no layers (package eager/nn).
package eager

import (
	"runtime"
	"sync/atomic"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// Tensor is an n-dimensional array of one dtype that may take part in automatic differentiation.
// A Tensor may be read from several goroutines; it must not be changed by one while another uses it.
type Tensor struct {
	arr      engine.Array
	weak     bool // a Go number: takes part in promotion by its category only
	requires bool
	isView   bool                     // own().view is there
	out      int32                    // which result of node this is
	node     *node                    // what computed it, when tracked
	extra    atomic.Pointer[ownState] // passes of several goroutines make it, see own
}

// ownState is what few tensors have: a gradient, hooks.
type ownState struct {
	grad *Tensor
	// alone says that nothing but the tensor refers to grad's storage.
	alone bool
	// retained is the hook of RetainGrad on the node of a computed tensor.
	retained *hook
	hooks    []*hook // of a leaf; a computed tensor's hooks sit on its node
	after    []*func(x *Tensor)
	rows     []RowGrad // parts of the gradient that came by rows, see LookUp
	packed   *packed   // what stands for the tensor on the tape, see SavedHooks
	view     *viewOf   // of what the tensor is a view
}

// own returns what of ownState x has, or nil.
func (x *Tensor) own() *ownState { return x.extra.Load() }

// state is own, made if need be.
func (x *Tensor) state() *ownState {
	if x.own() == nil {
		x.extra.CompareAndSwap(nil, new(ownState))
	}
	return x.own()
}

// DType names, for use as t.F32 in cells.
const (
	Bool = engine.Bool
	U8   = engine.U8
	I8   = engine.I8
	I16  = engine.I16
	I32  = engine.I32
	I64  = engine.I64
	F16  = engine.F16
	BF16 = engine.BF16
	F32  = engine.F32
	F64  = engine.F64
)

// FromArray returns a tensor that shares a's storage.
func FromArray(a engine.Array) *Tensor {
	a.Buf.Share()
	return wrap(a)
}

// wrap is FromArray for storage that nobody else writes to.
func wrap(a engine.Array) *Tensor { return &Tensor{arr: a} }

// Array returns the storage view behind x; writing through it is not seen by the tape.
func (x *Tensor) Array() engine.Array {
	if x == nil {
		isNil("Array")
	}
	x.arr.Buf.Share()
	return x.arr
}

// Storage is Array for reading only: work on x can still be put off (package jit) afterwards.
func (x *Tensor) Storage() engine.Array {
	if x == nil {
		isNil("Storage")
	}
	return x.arr
}

// Type returns dtype and shape; it makes Tensor an op.Value.
func (x *Tensor) Type() op.Type {
	if x == nil {
		isNil("Type")
	}
	return op.Type{DType: x.arr.DType, Shape: x.arr.Shape, Weak: x.weak}
}

// Shape returns the extent of each axis. The caller must not change it.
func (x *Tensor) Shape() engine.Shape {
	if x == nil {
		isNil("Shape")
	}
	return x.arr.Shape
}

// DType returns the element type.
func (x *Tensor) DType() engine.DType {
	if x == nil {
		isNil("DType")
	}
	return x.arr.DType
}

// Rank returns the number of axes.
func (x *Tensor) Rank() int {
	if x == nil {
		isNil("Rank")
	}
	return len(x.arr.Shape)
}

// Numel returns the number of elements.
func (x *Tensor) Numel() int {
	if x == nil {
		isNil("Numel")
	}
	return x.arr.Shape.Numel()
}

// Size returns the extent of axis; −1 is the last axis.
func (x *Tensor) Size(axis int) int { return x.arr.Shape[x.axis("Size", axis)] }

// IsContiguous reports whether the elements lie row-major without gaps.
func (x *Tensor) IsContiguous() bool {
	if x == nil {
		isNil("IsContiguous")
	}
	return x.arr.IsContiguous()
}

// axis normalises a possibly negative axis.
func (x *Tensor) axis(where string, axis int) int {
	x.must(where)
	a, err := x.arr.Shape.Axis(axis)
	if err != nil {
		engine.Fail(where, "%v", err)
	}
	return a
}

// axes normalises axes to ascending order without repetition; none means all (nil).
func (x *Tensor) axes(where string, axes []int) []int {
	if len(axes) == 0 {
		return nil
	}
	seen := make([]bool, x.Rank())
	for _, a := range axes {
		a = x.axis(where, a)
		if seen[a] {
			engine.Fail(where, "axis %d is named twice in %v", a, axes)
		}
		seen[a] = true
	}
	out := make([]int, 0, len(axes))
	for a, s := range seen {
		if s {
			out = append(out, a)
		}
	}
	return out
}

// Item returns the value of a tensor with one element.
func (x *Tensor) Item() float64 {
	x.must("Item")
	if x.Numel() != 1 {
		engine.Fail("Item", "tensor %v has %d elements; Item wants exactly one", x.arr, x.Numel())
	}
	if x.arr.DType == engine.F32 && x.arr.Device() == nil {
		return float64(engine.View[float32](x.arr)[0])
	}
	return x.Float64s()[0]
}

// At returns the element at the given index, one index per axis; negative indices count from the end.
func (x *Tensor) At(index ...int) float64 {
	x.must("At")
	if len(index) != x.Rank() {
		engine.Fail("At", "%d indices for tensor %v, which has %d axes", len(index), x.arr, x.Rank())
	}
	return x.Index(index...).Item()
}

// Float64s returns a row-major copy of the elements.
func (x *Tensor) Float64s() []float64 { return x.copyTo("Float64s", engine.F64).F64() }

// Float32s returns a row-major copy of the elements.
func (x *Tensor) Float32s() []float32 { return x.copyTo("Float32s", engine.F32).F32() }

// Ints returns a row-major copy of the elements, truncated towards zero.
func (x *Tensor) Ints() []int {
	x.must("Ints")
	a := x.arr
	if a.DType != engine.I64 || !a.IsContiguous() || a.Device() != nil {
		a = x.copyTo("Ints", engine.I64)
	}
	src := a.I64()
	out := make([]int, len(src))
	for i, v := range src {
		out[i] = int(v)
	}
	runtime.KeepAlive(x) // its memory is not the pool's while it is read
	return out
}

// Bools returns a row-major copy of the elements; anything but zero is true.
func (x *Tensor) Bools() []bool {
	src := x.copyTo("Bools", engine.Bool).U8()
	out := make([]bool, len(src))
	for i, v := range src {
		out[i] = v != 0
	}
	return out
}

// copyTo returns a row-major copy of dtype d in memory of its own, outside the pool.
func (x *Tensor) copyTo(where string, d engine.DType) engine.Array {
	x.must(where)
	a := engine.Array{
		DType: d, Shape: x.arr.Shape, Strides: x.arr.Shape.Strides(),
		Buf: engine.WrapBytes(make([]byte, x.Numel()*d.Size())),
	}
	copyInto(a, x.arr)
	return a
}

// operand turns an operand of a method into a tensor: a *Tensor, or a Go number or bool.
func operand(where string, v any) *Tensor {
	switch v := v.(type) {
	case *Tensor:
		if v == nil {
			engine.Fail(where, "operand is a nil *Tensor; make it with t.New, t.Zeros …")
		}
		return v
	case float64:
		return weak(v)
	case int:
		return weak(int64(v))
	case float32:
		return weak(float64(v))
	case int64:
		return weak(v)
	case int32:
		return weak(int64(v))
	case uint8:
		return weak(int64(v))
	case complex128:
		return weak(v)
	case bool:
		b := uint8(0)
		if v {
			b = 1
		}
		x := weak(b)
		x.arr.DType = engine.Bool
		return x
	}
	engine.Fail(where, "operand is a %T; want *Tensor, float64, int or bool", v)
	return nil
}

func weak[T engine.Elem](v T) *Tensor {
	return &Tensor{arr: engine.Of(nil, []T{v}), weak: true}
}
