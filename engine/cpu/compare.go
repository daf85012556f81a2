package cpu

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
)

// Comparisons; NaN is unequal to everything.
var (
	Eq = &Cmp2{
		Name: "Eq", F32: eqV[float32], F64: eqV[float64], I64: eqV[int64],
		I32: eqV[int32], I16: eqV[int16], I8: eqV[int8], U8: eqV[uint8],
	}
	Ne = &Cmp2{
		Name: "Ne", F32: neV[float32], F64: neV[float64], I64: neV[int64],
		I32: neV[int32], I16: neV[int16], I8: neV[int8], U8: neV[uint8],
	}
	Lt = &Cmp2{
		Name: "Lt", F32: ltV[float32], F64: ltV[float64], I64: ltV[int64],
		I32: ltV[int32], I16: ltV[int16], I8: ltV[int8], U8: ltV[uint8],
	}
	Le = &Cmp2{
		Name: "Le", F32: leV[float32], F64: leV[float64], I64: leV[int64],
		I32: leV[int32], I16: leV[int16], I8: leV[int8], U8: leV[uint8],
	}
	Gt = &Cmp2{
		Name: "Gt", F32: gtV[float32], F64: gtV[float64], I64: gtV[int64],
		I32: gtV[int32], I16: gtV[int16], I8: gtV[int8], U8: gtV[uint8],
	}
	Ge = &Cmp2{
		Name: "Ge", F32: geV[float32], F64: geV[float64], I64: geV[int64],
		I32: geV[int32], I16: geV[int16], I8: geV[int8], U8: geV[uint8],
	}
)

// Logical functions: an element is true when it is not zero.
var (
	LogicalAnd = &Cmp2{
		Name: "LogicalAnd", F32: bothV[float32], F64: bothV[float64],
		I64: bothV[int64], I32: bothV[int32], I16: bothV[int16], I8: bothV[int8],
		U8: bothV[uint8],
	}
	LogicalOr = &Cmp2{
		Name: "LogicalOr", F32: eitherV[float32], F64: eitherV[float64],
		I64: eitherV[int64], I32: eitherV[int32], I16: eitherV[int16], I8: eitherV[int8],
		U8: eitherV[uint8],
	}
	LogicalXor = &Cmp2{
		Name: "LogicalXor", F32: oneV[float32], F64: oneV[float64],
		I64: oneV[int64], I32: oneV[int32], I16: oneV[int16], I8: oneV[int8], U8: oneV[uint8],
	}
	LogicalNot = &Pred1{
		Name: "LogicalNot", F32: zeroV[float32], F64: zeroV[float64],
		I64: zeroV[int64], I32: zeroV[int32], I16: zeroV[int16], I8: zeroV[int8],
		U8: zeroV[uint8],
	}
)

// Classification of floats; integers are finite.
var (
	IsNaN    = predicate("IsNaN", func(x float64) bool { return x != x }, 0)
	IsInf    = predicate("IsInf", func(x float64) bool { return math.IsInf(x, 0) }, 0)
	IsFinite = predicate("IsFinite", func(x float64) bool { return x-x == 0 }, 1)
)

// predicate makes a Pred1 of a test on floats and its answer for integers.
func predicate(name string, f func(x float64) bool, ofInt uint8) *Pred1 {
	return &Pred1{
		Name: name, F32: testV[float32](f), F64: testV[float64](f), I64: always[int64](ofInt),
		I32: always[int32](ofInt), I16: always[int16](ofInt), I8: always[int8](ofInt),
		U8: always[uint8](ofInt),
	}
}

func testV[T float](f func(x float64) bool) func(d []uint8, x []T) {
	return func(d []uint8, x []T) {
		for i, v := range x {
			d[i] = bit(f(float64(v)))
		}
	}
}

func always[T integer](answer uint8) func(d []uint8, x []T) {
	return func(d []uint8, _ []T) { fillSlice(d, answer) }
}

func eqV[T number](d []uint8, x, y []T) {
	for i := range d {
		d[i] = bit(x[i] == y[i])
	}
}

func neV[T number](d []uint8, x, y []T) {
	for i := range d {
		d[i] = bit(x[i] != y[i])
	}
}

func ltV[T number](d []uint8, x, y []T) {
	for i := range d {
		d[i] = bit(x[i] < y[i])
	}
}

func leV[T number](d []uint8, x, y []T) {
	for i := range d {
		d[i] = bit(x[i] <= y[i])
	}
}

func gtV[T number](d []uint8, x, y []T) {
	for i := range d {
		d[i] = bit(x[i] > y[i])
	}
}

func geV[T number](d []uint8, x, y []T) {
	for i := range d {
		d[i] = bit(x[i] >= y[i])
	}
}

func bothV[T number](d []uint8, x, y []T) {
	for i := range d {
		d[i] = bit(x[i] != 0 && y[i] != 0)
	}
}

func eitherV[T number](d []uint8, x, y []T) {
	for i := range d {
		d[i] = bit(x[i] != 0 || y[i] != 0)
	}
}

func oneV[T number](d []uint8, x, y []T) {
	for i := range d {
		d[i] = bit((x[i] != 0) != (y[i] != 0))
	}
}

func zeroV[T number](d []uint8, x []T) {
	for i, v := range x {
		d[i] = bit(v == 0)
	}
}

// Clamp limits x to [lo, hi]; ±Inf means no bound, NaN elements stay NaN. When lo > hi the result
// is hi.
func Clamp(dst, x engine.Array, lo, hi float64) error {
	v := &Vec1{
		Name: "Clamp", F32: func(d, x []float32) { clampF32(d, x, float32(lo), float32(hi)) },
		F64: func(d, x []float64) { clampF64(d, x, lo, hi) },
		I64: clampInt[int64](lo, hi, math.MinInt64, math.MaxInt64),
		I32: clampInt[int32](lo, hi, math.MinInt32, math.MaxInt32),
		I16: clampInt[int16](lo, hi, math.MinInt16, math.MaxInt16),
		I8:  clampInt[int8](lo, hi, math.MinInt8, math.MaxInt8),
		U8:  clampInt[uint8](lo, hi, 0, math.MaxUint8),
	}
	return v.Run(dst, x)
}

var (
	clampF32 = clampFloat[float32]
	clampF64 = clampFloat[float64]
)

func clampFloat[T float](d, x []T, lo, hi T) {
	for i, v := range x {
		if v < lo {
			v = lo
		}
		if v > hi {
			v = hi
		}
		d[i] = v
	}
}

func clampInt[T integer](lo, hi float64, least, most T) func(d, x []T) {
	l, h := least, most
	if lo > float64(least) {
		l = most
		if lo < float64(most) {
			l = T(lo)
		}
	}
	if hi < float64(most) {
		h = least
		if hi > float64(least) {
			h = T(hi)
		}
	}
	return func(d, x []T) {
		for i, v := range x {
			d[i] = min(max(v, l), h)
		}
	}
}

// Where computes dst = x where the Bool array cond is true, else y; all broadcast to dst's shape.
func Where(dst, cond, x, y engine.Array) error {
	mustMatch("Where", dst.DType, x.DType, y.DType)
	mustMatch("Where", cond.DType, engine.Bool)
	switch dst.DType.Size() {
	case 1:
		where(whereV[uint8], &dst, &cond, &x, &y)
	case 2:
		where(whereV[uint16], &dst, &cond, &x, &y)
	case 4:
		where(whereF32, &dst, &cond, &x, &y)
	case 8:
		where(whereF64, &dst, &cond, &x, &y)
	case 16:
		where(whereV[complex128], &dst, &cond, &x, &y)
	default:
		return unsupported("Where", dst.DType)
	}
	return nil
}

// whereF32 and whereF64 move any elements of 4 and 8 bytes.
var (
	whereF32 = whereV[float32]
	whereF64 = whereV[float64]
)

func whereV[T any](d []T, c []uint8, x, y []T) {
	c, x, y = c[:len(d)], x[:len(d)], y[:len(d)]
	for i, on := range c {
		v := y[i]
		if on != 0 {
			v = x[i]
		}
		d[i] = v
	}
}

func where[T any](f func(d []T, c []uint8, x, y []T), dst, cond, x, y *engine.Array) {
	n := dst.Numel()
	if n == 0 {
		return
	}
	var w walk
	w.init(dst, cond, x, y)
	da, ca, xa, ya := whole[T](dst), whole[uint8](cond), whole[T](x), whole[T](y)
	limit := chunk
	direct := w.flat[0] && w.flat[1] && w.flat[2] && w.flat[3]
	if direct && !streams(dst, x, y) {
		limit = n
	}
	engine.Parallel(n, grain, func(lo, hi int) {
		s := scratches.Get().(*scratch)
		defer scratches.Put(s)
		block := func(d []T, p int) {
			c := len(d)
			f(d, fetch(s, 1, ca, &w, p, c), fetch(s, 2, xa, &w, p, c), fetch(s, 3, ya, &w, p, c))
		}
		if direct && limit == chunk {
			streamed(da[w.off[0]+lo:w.off[0]+hi], func(d []T, p int) { block(d, lo+p) })
			return
		}
		for p := lo; p < hi; p += limit {
			d, inPlace := place(s, da, &w, p, min(limit, hi-p))
			block(d, p)
			if !inPlace {
				scatter(d, da, &w, 0, p)
			}
		}
	})
}
