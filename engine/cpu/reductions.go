package cpu

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
)

// Sum adds the elements of x over axes (nil: all). Integers and Bool add in I64; floats add in
// float64, or in blocks of float32 whose error does not grow with the length.
func Sum(dst, x engine.Array, axes []int) error {
	switch t := x.DType; {
	case t == engine.F32 && dst.DType == t:
		reduce("Sum", &sumF32, &dst, &x, axes)
	case t == engine.F64 && dst.DType == t:
		reduce("Sum", &sumF64, &dst, &x, axes)
	case isHalf(t):
		return viaF32(dst, func(d engine.Array) error { return Sum(d, toF32(x), axes) })
	case t.IsInt() || t == engine.Bool:
		return viaI64(dst, x, func(d, x engine.Array) { reduce("Sum", &sumI64, &d, &x, axes) })
	default:
		return unsupported("Sum", t)
	}
	return nil
}

// Mean is the arithmetic mean of floats over axes; of no elements it is NaN.
func Mean(dst, x engine.Array, axes []int) error {
	switch t := x.DType; {
	case t == engine.F32:
		reduce("Mean", &meanF32, &dst, &x, axes)
	case t == engine.F64:
		reduce("Mean", &meanF64, &dst, &x, axes)
	case isHalf(t):
		return viaF32(dst, func(d engine.Array) error { return Mean(d, toF32(x), axes) })
	default:
		return unsupported("Mean", t)
	}
	return nil
}

// Prod multiplies the elements of x over axes. Integers and Bool multiply in I64.
func Prod(dst, x engine.Array, axes []int) error {
	switch t := x.DType; {
	case t == engine.F32:
		reduce("Prod", prodOf[float32](), &dst, &x, axes)
	case t == engine.F64:
		reduce("Prod", prodOf[float64](), &dst, &x, axes)
	case isHalf(t):
		return viaF32(dst, func(d engine.Array) error { return Prod(d, toF32(x), axes) })
	case t.IsInt() || t == engine.Bool:
		return viaI64(dst, x, func(d, x engine.Array) { reduce("Prod", &prodI64, &d, &x, axes) })
	default:
		return unsupported("Prod", t)
	}
	return nil
}

// Max is the largest element over axes; NaN if one is NaN.
func Max(dst, x engine.Array, axes []int) error { return extreme("Max", dst, x, axes, 1) }

// Min is the smallest element over axes; NaN if one is NaN.
func Min(dst, x engine.Array, axes []int) error { return extreme("Min", dst, x, axes, -1) }

func extreme(name string, dst, x engine.Array, axes []int, sign int) error {
	switch t := x.DType; {
	case t == engine.F32 && sign > 0:
		reduce(name, &maxF32, &dst, &x, axes)
	case t == engine.F32:
		reduce(name, extremeOf(float32(math.Inf(1)), sign), &dst, &x, axes)
	case t == engine.F64:
		reduce(name, extremeOf(math.Inf(-sign), sign), &dst, &x, axes)
	case t == engine.I64:
		reduce(name, extremeOf(pick[int64](sign, math.MinInt64, math.MaxInt64), sign), &dst, &x,
			axes)
	case t == engine.I32:
		reduce(name, extremeOf(pick[int32](sign, math.MinInt32, math.MaxInt32), sign), &dst, &x,
			axes)
	case t == engine.I16:
		reduce(name, extremeOf(pick[int16](sign, math.MinInt16, math.MaxInt16), sign), &dst, &x,
			axes)
	case t == engine.I8:
		reduce(name, extremeOf(pick[int8](sign, math.MinInt8, math.MaxInt8), sign), &dst, &x, axes)
	case t == engine.U8 || t == engine.Bool:
		reduce(name, extremeOf(pick[uint8](sign, 0, math.MaxUint8), sign), &dst, &x, axes)
	case isHalf(t):
		return viaF32(dst, func(d engine.Array) error {
			return extreme(name, d, toF32(x), axes,
				sign)
		})
	default:
		return unsupported(name, t)
	}
	return nil
}

// All reports in the Bool array dst whether every element over axes is not zero.
func All(dst, x engine.Array, axes []int) error {
	return logical("All", dst, x, axes, func(acc uint8, x []uint8) uint8 {
		for _, v := range x {
			acc &= bit(v != 0)
		}
		return acc
	}, 1)
}

// Any reports in the Bool array dst whether some element over axes is not zero.
func Any(dst, x engine.Array, axes []int) error {
	return logical("Any", dst, x, axes, func(acc uint8, x []uint8) uint8 {
		for _, v := range x {
			acc |= bit(v != 0)
		}
		return acc
	}, 0)
}

func logical(name string, dst, x engine.Array, axes []int, row func(uint8, []uint8) uint8,
	init uint8,
) error {
	mustMatch(name, dst.DType, engine.Bool)
	if x.DType.Size() != 1 || x.DType == engine.I8 {
		b := engine.NewArray(engine.Bool, x.Shape)
		if err := Copy(b, x); err != nil {
			return err
		}
		x = b
	}
	f := &fold[uint8, uint8, uint8]{
		init: init, row: row,
		last: func(a uint8, _ int) uint8 { return a },
	}
	f.col = func(acc, x []uint8) {
		for i := range acc {
			acc[i] = row(acc[i], x[i:i+1])
		}
	}
	f.join = func(a, b uint8) uint8 { return row(a, []uint8{b}) }
	reduce(name, f, &dst, &x, axes)
	return nil
}

// LogSumExp is log Σ eˣ over axes, computed relative to the maximum.
func LogSumExp(dst, x engine.Array, axes []int) error {
	if isHalf(x.DType) {
		return viaF32(dst, func(d engine.Array) error { return LogSumExp(d, toF32(x), axes) })
	}
	if !x.DType.IsFloat() {
		return unsupported("LogSumExp", x.DType)
	}
	keep := keepShape(x.Shape, axes)
	m, s := engine.NewArray(x.DType, keep), engine.NewArray(x.DType, keep)
	must(Max(m, x, axes))
	finite := engine.NewArray(engine.Bool, keep)
	must(IsFinite.Run(finite, m))
	must(Where(m, finite, m, engine.Zeros(x.DType, engine.Shape{})))
	e := engine.NewArray(x.DType, x.Shape)
	must(Sub.Run(e, x, m))
	must(Exp.Run(e, e))
	must(Sum(s, e, axes))
	must(Log.Run(s, s))
	must(Add.Run(s, s, m))
	r, _ := s.Reshape(dst.Shape)
	return Copy(dst, r)
}

// Variance is Σ(x−mean)² / (n−correction) over axes; the mean is stored too when mean has a buffer.
func Variance(dst, mean, x engine.Array, axes []int, correction float64) error {
	if isHalf(x.DType) {
		m := engine.NewArray(engine.F32, dst.Shape)
		err := viaF32(dst, func(d engine.Array) error {
			return Variance(d, m, toF32(x), axes, correction)
		})
		if err == nil && mean.Buf != nil {
			err = Copy(mean, m)
		}
		return err
	}
	if x.DType == engine.F32 {
		varianceF32(dst, mean, x, axes, correction)
		return nil
	}
	keep := keepShape(x.Shape, axes)
	m := engine.NewArray(x.DType, keep)
	if err := Mean(m, x, axes); err != nil {
		return err
	}
	d := engine.NewArray(x.DType, x.Shape)
	must(Sub.Run(d, x, m))
	must(Square.Run(d, d))
	must(Sum(dst, d, axes))
	n := float64(max(x.Numel(), 1) / max(m.Numel(), 1))
	if x.Numel() == 0 {
		n = 0
	}
	scale := engine.NewArray(x.DType, engine.Shape{})
	must(Fill(scale, 1/max(n-correction, 0)))
	must(Mul.Run(dst, dst, scale))
	if mean.Buf != nil {
		r, _ := m.Reshape(mean.Shape)
		return Copy(mean, r)
	}
	return nil
}

// sums are the sum of some values and that of their squares.
type sums struct{ s, q float64 }

// varianceF32 needs one pass: in float64 the difference of the sums keeps more digits than float32
// values hold.
func varianceF32(dst, mean, x engine.Array, axes []int, correction float64) {
	f := &fold[float32, sums, sums]{
		row: func(a sums, x []float32) sums { return sums{a.s + sumRow(x), a.q + dotRow(x, x)} },
		col: func(acc []sums, x []float32) {
			for i, v := range x[:len(acc)] {
				w := float64(v)
				acc[i].s += w
				acc[i].q += w * w
			}
		},
		join: func(a, b sums) sums { return sums{a.s + b.s, a.q + b.q} },
		last: func(a sums, n int) sums {
			m := a.s / float64(n)
			return sums{m, max(a.q-m*a.s, 0) / max(float64(n)-correction, 0)}
		},
	}
	pairs := engine.NewArray(engine.C128, dst.Shape) // a pair of float64 for each result
	defer pairs.Buf.Release()
	reduce("Variance", f, &pairs, &x, axes)
	p := flatSlice[sums](&pairs)
	means, variances := make([]float64, len(p)), make([]float64, len(p))
	for i, v := range p {
		means[i], variances[i] = v.s, v.q
	}
	must(Copy(dst, engine.Of(dst.Shape, variances)))
	if mean.Buf != nil {
		must(Copy(mean, engine.Of(mean.Shape, means)))
	}
}

// keepShape is s with extent 1 on axes.
func keepShape(s engine.Shape, axes []int) engine.Shape {
	k := s.Clone()
	for i := range k {
		if axes == nil {
			k[i] = 1
		}
	}
	for _, a := range axes {
		k[a] = 1
	}
	return k
}

// viaI64 runs f on x and dst as I64, converting where they are not.
func viaI64(dst, x engine.Array, f func(d, x engine.Array)) error {
	if x.DType != engine.I64 {
		w := engine.NewArray(engine.I64, x.Shape)
		if err := Copy(w, x); err != nil {
			return err
		}
		x = w
	}
	if dst.DType == engine.I64 {
		f(dst, x)
		return nil
	}
	d := engine.NewArray(engine.I64, dst.Shape)
	f(d, x)
	return Copy(dst, d)
}

func pick[T any](sign int, ofMax, ofMin T) T {
	if sign > 0 {
		return ofMax
	}
	return ofMin
}
