package onnx

import (
	"fmt"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// Value is what an edge of a graph carries: *Tensor, *Sequence, *Optional or *Map.
type Value interface{ describe() string }

// Tensor is a tensor of numbers or strings.
type Tensor struct {
	Type    ElemType
	Data    *eager.Tensor // has dtype Type.Carrier(); nil for strings
	Strings []string      // row-major, for Type String
	shape   engine.Shape  // of Strings
}

// Sequence is an ordered list of values of one type.
type Sequence struct{ Items []Value }

// Optional holds a value or none.
type Optional struct{ Item Value } // nil: none

// Map is a table from integers or strings to numbers, as classifiers of ai.onnx.ml return.
type Map struct {
	Ints   []int64  // keys; or
	Keys   []string // keys
	Values []float64
}

// FromTensor returns x as a value.
func FromTensor(x *eager.Tensor) *Tensor { return &Tensor{Type: elemTypeOf(x.DType()), Data: x} }

// FromStrings returns a tensor of strings, row-major.
func FromStrings(data []string, shape ...int) *Tensor {
	s := engine.Shape(shape).Clone()
	if s.Numel() != len(data) {
		fail("%d strings for shape %v, which needs %d", len(data), s, s.Numel())
	}
	return &Tensor{Type: String, Strings: data, shape: s}
}

// Shape returns the extents of t. The caller must not change it.
func (t *Tensor) Shape() engine.Shape {
	if t.Data == nil {
		return t.shape
	}
	return t.Data.Shape()
}

// Numel returns the number of elements.
func (t *Tensor) Numel() int { return t.Shape().Numel() }

func (t *Tensor) describe() string { return fmt.Sprintf("%v%v", t.Type, t.Shape()) }
func (s *Sequence) describe() string {
	if len(s.Items) == 0 {
		return "empty sequence"
	}
	return fmt.Sprintf("sequence of %d, the first %s", len(s.Items), describe(s.Items[0]))
}

func (o *Optional) describe() string {
	if o.Item == nil {
		return "optional, none"
	}
	return "optional " + o.Item.describe()
}
func (m *Map) describe() string { return fmt.Sprintf("map of %d", len(m.Values)) }

func describe(v Value) string {
	if v == nil {
		return "absent"
	}
	return v.describe()
}

// like returns data as a tensor of t's type.
func (t *Tensor) like(data *eager.Tensor) *Tensor { return &Tensor{Type: t.Type, Data: data} }

// fail panics with an error that Run returns with the node's name.
func fail(format string, args ...any) { engine.Fail("onnx", format, args...) }

// number returns a value of type t that holds x, which has any dtype of the same kind.
func number(t ElemType, x *eager.Tensor) *Tensor {
	if d := t.Carrier(); x.DType() != d {
		x = x.To(d)
	}
	return &Tensor{Type: t, Data: x}
}

// fromInts returns an int64 tensor; without extents it is a scalar.
func fromInts(data []int, shape ...int) *Tensor {
	v := make([]int64, len(data))
	for i, x := range data {
		v[i] = int64(x)
	}
	return &Tensor{Type: Int64, Data: eager.FromArray(engine.Of(engine.Shape(shape).Clone(), v))}
}

// fromFloats returns a tensor of type t with the given elements.
func fromFloats(t ElemType, data []float64, shape engine.Shape) *Tensor {
	return number(t, eager.FromArray(engine.Of(shape.Clone(), data)))
}

// reshaped returns t with another shape of as many elements.
func (t *Tensor) reshaped(shape ...int) *Tensor {
	if t.Type == String {
		return FromStrings(t.Strings, shape...)
	}
	return t.like(t.Data.Reshape(shape...))
}

// maxList bounds lists that operators make on the host from sizes in a model.
const maxList = 1 << 28

// list returns a slice of n elements, and refuses sizes that only a damaged model has.
func list[T any](n int) []T {
	if n < 0 || n > maxList {
		fail("a list of %d elements; 0 to %d are allowed", n, maxList)
	}
	return make([]T, n)
}
