package eager

import (
	"fmt"
	"math"
	"reflect"
	"sync"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// New returns a tensor of a Go number or of nested slices or arrays of numbers, row-major:
// New(3), New([]float32{1, 2}), New([][]int{{1, 2}, {3, 4}}).
// float32 gives F32, float64 F64, int and int64 I64, int32 I32, uint8 U8, bool Bool, complex64 C64, complex128 C128.
// It panics when rows differ in length.
func New(data any) *Tensor {
	v := reflect.ValueOf(data)
	if !v.IsValid() {
		engine.Fail("New", "data is nil; want a number or nested slices of numbers")
	}
	var shape engine.Shape
	for e := v; ; e = e.Index(0) {
		for e.Kind() == reflect.Interface {
			e = e.Elem()
		}
		if e.Kind() != reflect.Slice && e.Kind() != reflect.Array {
			break
		}
		shape = append(shape, e.Len())
		if e.Len() == 0 {
			break
		}
	}
	leaf := leafType(v.Type())
	d, ok := kindDType[leaf.Kind()]
	if !ok {
		engine.Fail("New", "elements are %v; want float32, float64, complex128, int, int64, int32, uint8 or bool", leaf)
	}
	x := wrap(engine.NewArray(d, shape))
	i := 0
	fill(v, shape, x.arr, &i)
	return x
}

var kindDType = map[reflect.Kind]engine.DType{
	reflect.Float32: F32, reflect.Float64: F64, reflect.Int: I64, reflect.Int64: I64, reflect.Int32: I32,
	reflect.Int16: I16, reflect.Int8: I8, reflect.Uint8: U8, reflect.Bool: Bool,
	reflect.Complex64: C64, reflect.Complex128: C128,
}

func leafType(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Array {
		t = t.Elem()
	}
	return t
}

func fill(v reflect.Value, shape engine.Shape, a engine.Array, i *int) {
	if len(shape) == 0 {
		store(a, *i, v)
		*i++
		return
	}
	if v.Len() != shape[0] {
		engine.Fail("New", "rows differ in length: %d and %d", shape[0], v.Len())
	}
	for k := range v.Len() {
		fill(v.Index(k), shape[1:], a, i)
	}
}

func store(a engine.Array, i int, v reflect.Value) {
	switch a.DType {
	case F32:
		a.F32()[i] = float32(v.Float())
	case F64:
		a.F64()[i] = v.Float()
	case Bool:
		if a.U8()[i] = 0; v.Bool() {
			a.U8()[i] = 1
		}
	case U8:
		a.U8()[i] = uint8(v.Uint())
	case I64:
		a.I64()[i] = v.Int()
	case I32:
		engine.View[int32](a)[i] = int32(v.Int())
	case C64:
		engine.View[complex64](a)[i] = complex64(v.Complex())
	case C128:
		engine.View[complex128](a)[i] = v.Complex()
	case I16:
		engine.View[int16](a)[i] = int16(v.Int())
	default:
		engine.View[int8](a)[i] = int8(v.Int())
	}
}

// Of returns the F32 vector of values.
func Of(values ...float64) *Tensor {
	d := make([]float32, len(values))
	for i, v := range values {
		d[i] = float32(v)
	}
	return wrap(engine.Of(engine.Shape{len(d)}, d))
}

// FromFloat32s returns an F32 tensor over data, row-major, sharing its memory. No shape means a vector.
func FromFloat32s(data []float32, shape ...int) *Tensor {
	return over("FromFloat32s", data, shape)
}

// FromFloat64s returns an F64 tensor over data, row-major, sharing its memory. No shape means a vector.
func FromFloat64s(data []float64, shape ...int) *Tensor {
	return over("FromFloat64s", data, shape)
}

// FromInts returns an I64 tensor with a copy of data. No shape means a vector.
func FromInts(data []int, shape ...int) *Tensor {
	d := make([]int64, len(data))
	for i, v := range data {
		d[i] = int64(v)
	}
	x := over("FromInts", d, shape)
	x.arr.Buf = engine.WrapBytes(x.arr.Buf.Bytes()) // nobody else knows d
	return x
}

func over[T engine.Elem](where string, data []T, shape []int) *Tensor {
	if len(shape) == 0 {
		shape = []int{len(data)}
	}
	s := newShape(where, shape)
	if s.Numel() != len(data) {
		engine.Fail(where, "%d values for shape %v, which needs %d", len(data), s, s.Numel())
	}
	return FromArray(engine.Of(s, data))
}

func newShape(where string, shape []int) engine.Shape {
	for _, n := range shape {
		if n < 0 {
			engine.Fail(where, "shape %v has a negative extent", engine.Shape(shape))
		}
	}
	return engine.Shape(shape).Clone()
}

// Empty returns an F32 tensor of unspecified contents.
func Empty(shape ...int) *Tensor { return wrap(engine.NewArray(F32, newShape("Empty", shape))) }

// Zeros returns an F32 tensor of zeros.
func Zeros(shape ...int) *Tensor { return wrap(engine.Zeros(F32, newShape("Zeros", shape))) }

// Ones returns an F32 tensor of ones.
func Ones(shape ...int) *Tensor { return full(F32, 1, newShape("Ones", shape)) }

// Full returns an F32 tensor filled with v.
func Full(v float64, shape ...int) *Tensor { return full(F32, v, newShape("Full", shape)) }

func full(d engine.DType, v float64, shape engine.Shape) *Tensor {
	a := engine.NewArray(d, shape)
	fillWith(a, v)
	return wrap(a)
}

// fullLike is full for x's dtype and shape, where x lies.
func fullLike(x *Tensor, v float64) *Tensor {
	a := newOn(x.Device(), x.arr.DType, x.arr.Shape)
	fillWith(a, v)
	return wrap(a)
}

// ZerosLike returns zeros of x's dtype and shape.
func ZerosLike(x *Tensor) *Tensor {
	present("ZerosLike", "x", x)
	return fullLike(x, 0)
}

// OnesLike returns ones of x's dtype and shape.
func OnesLike(x *Tensor) *Tensor {
	present("OnesLike", "x", x)
	return fullLike(x, 1)
}

// FullLike returns a tensor of x's dtype and shape filled with v.
func FullLike(x *Tensor, v float64) *Tensor {
	present("FullLike", "x", x)
	return fullLike(x, v)
}

// mostValues is the length above which Arange and Linspace refuse a vector as a mistake.
const mostValues = 1 << 31

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// Arange returns start, start+step … < stop; F32, or I64 when all three are whole numbers.
func Arange(start, stop, step float64) *Tensor {
	if step == 0 || !finite(step) {
		engine.Fail("Arange", "step is %v; want a number other than 0", step)
	}
	if !finite(start) || !finite(stop) {
		engine.Fail("Arange", "start %v, stop %v; want finite numbers", start, stop)
	}
	count := math.Ceil((stop - start) / step)
	if count > mostValues {
		engine.Fail("Arange", "start %v, stop %v, step %v give %.3g values; want at most %d", start, stop, step,
			count, mostValues)
	}
	n := int(max(count, 0))
	d := F32
	if start == math.Trunc(start) && stop == math.Trunc(stop) && step == math.Trunc(step) {
		d = I64
	}
	v := make([]float64, n)
	for i := range v {
		v[i] = start + float64(i)*step
	}
	return FromFloat64s(v).To(d)
}

// Linspace returns n evenly spaced F32 values from start to stop, both included.
func Linspace(start, stop float64, n int) *Tensor {
	if n < 0 || n > mostValues {
		engine.Fail("Linspace", "n is %d; want 0…%d", n, mostValues)
	}
	if !finite(start) || !finite(stop) {
		engine.Fail("Linspace", "start %v, stop %v; want finite numbers", start, stop)
	}
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(start + (stop-start)*float64(i)/float64(max(n-1, 1)))
	}
	return FromFloat32s(v)
}

// Eye returns the F32 identity matrix [n n].
func Eye(n int) *Tensor {
	if n < 0 {
		engine.Fail("Eye", "n is %d; want ≥ 0", n)
	}
	x := Zeros(n, n)
	d := x.arr.F32()
	for i := range n {
		d[i*n+i] = 1
	}
	return x
}

// OneHot returns F32 [… classes] with a 1 at each label; labels are integers in [0, classes).
func OneHot(labels *Tensor, classes int) *Tensor {
	present("OneHot", "labels", labels)
	if !labels.arr.DType.IsInt() {
		engine.Fail("OneHot", "labels are %v; want integers: labels.To(t.I64)", labels.arr)
	}
	if classes < 1 {
		engine.Fail("OneHot", "classes is %d; want ≥ 1", classes)
	}
	ids := labels.Ints()
	x := wrap(engine.Zeros(F32, append(labels.arr.Shape.Clone(), classes)))
	d := x.arr.F32()
	for i, c := range ids {
		if c < 0 || c >= classes {
			engine.Fail("OneHot", "label %d is outside [0, %d)", c, classes)
		}
		d[i*classes+c] = 1
	}
	return x.onto(labels.Device())
}

// generator is the default random stream: a seed and how much of it is used up.
var generator struct {
	sync.Mutex
	seed, offset uint64
}

// Seed restarts the default random stream. The same seed gives the same numbers on every machine, for
// any thread count.
func Seed(seed uint64) {
	generator.Lock()
	defer generator.Unlock()
	generator.seed, generator.offset = seed, 0
}

// NextRandom takes n values from the default random stream: the seed and offset of a random operator.
// Each value may use two 32-bit words of the stream.
func NextRandom(n int) (seed, offset uint64) {
	generator.Lock()
	defer generator.Unlock()
	offset = generator.offset
	if t := tracer(); t != nil {
		t.Random(generator.seed, offset)
	}
	generator.offset += (uint64(n)*2 + 3) / 4 * 4
	return generator.seed, offset
}

// TakeRandom takes words 32-bit words, a multiple of 4 is used up, from the default random stream.
func TakeRandom(words uint64) (seed, offset uint64) {
	generator.Lock()
	defer generator.Unlock()
	offset = generator.offset
	generator.offset += (words + 3) / 4 * 4
	return generator.seed, offset
}

func random(where string, d *op.Def, t engine.DType, p, q float64, shape []int) *Tensor {
	s := newShape(where, shape)
	seed, offset := NextRandom(s.Numel())
	return apply1(d, op.RandAttrs{Shape: s, DType: t, Seed: seed, Offset: offset, P: p, Q: q})
}

// Rand returns F32 values drawn uniformly from [0, 1).
func Rand(shape ...int) *Tensor { return random("Rand", op.RandUniform, F32, 0, 1, shape) }

// Randn returns F32 values drawn from the standard normal distribution.
func Randn(shape ...int) *Tensor { return random("Randn", op.RandNormal, F32, 0, 1, shape) }

// Uniform returns F32 values drawn uniformly from [lo, hi).
func Uniform(lo, hi float64, shape ...int) *Tensor {
	if !(lo <= hi) || !finite(hi-lo) {
		engine.Fail("Uniform", "bounds %v and %v; want finite numbers with lo ≤ hi", lo, hi)
	}
	return random("Uniform", op.RandUniform, F32, lo, hi, shape)
}

// Normal returns F32 values drawn from the normal distribution.
func Normal(mean, std float64, shape ...int) *Tensor {
	if !finite(mean) || !(std >= 0) || !finite(std) {
		engine.Fail("Normal", "mean %v, std %v; want finite numbers with std ≥ 0", mean, std)
	}
	return random("Normal", op.RandNormal, F32, mean, std, shape)
}

// Bernoulli returns F32 ones with probability p and zeros otherwise.
func Bernoulli(p float64, shape ...int) *Tensor {
	if !(p >= 0 && p <= 1) {
		engine.Fail("Bernoulli", "the probability is %v; want 0…1", p)
	}
	return random("Bernoulli", op.RandBernoulli, F32, p, 0, shape)
}

// RandInt returns I64 values drawn uniformly from [lo, hi).
func RandInt(lo, hi int, shape ...int) *Tensor {
	if hi <= lo {
		engine.Fail("RandInt", "the range [%d, %d) is empty", lo, hi)
	}
	return random("RandInt", op.RandInt, I64, float64(lo), float64(hi), shape)
}

// Perm returns a random permutation of 0 … n−1 as I64.
func Perm(n int) *Tensor {
	if n < 0 {
		engine.Fail("Perm", "n is %d; want ≥ 0", n)
	}
	s, o := NextRandom(n)
	return apply1(op.Permutation, op.RandAttrs{Shape: engine.Shape{n}, DType: I64, Seed: s, Offset: o})
}

// Format implements fmt.Formatter so that %v of a tensor prints its values.
func (x *Tensor) Format(f fmt.State, _ rune) { fmt.Fprint(f, x.String()) }
