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
		return viaF32(dst, func(d engine.Array, f32 widen) error { return Sum(d, f32(x), axes) })
	case t.IsInt() || t == engine.Bool:
		return viaI64(dst, x, func(d, x engine.Array) { reduce("Sum", &sumI64, &d, &x, axes) })
	case t.IsComplex() && dst.DType == t:
		if len(x.Shape) == 0 {
			return Copy(dst, x)
		}
		if len(axes) == 0 { // all but that of the parts
			for i := range x.Shape {
				axes = append(axes, i)
			}
		}
		return Sum(Pairs(dst), Pairs(x), axes)
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
		return viaF32(dst, func(d engine.Array, f32 widen) error { return Mean(d, f32(x), axes) })
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
		return viaF32(dst, func(d engine.Array, f32 widen) error { return Prod(d, f32(x), axes) })
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
	case t == engine.F32:
		reduce(name, pick(sign, maxF32, minF32), &dst, &x, axes)
	case t == engine.F64:
		reduce(name, pick(sign, maxF64, minF64), &dst, &x, axes)
	case t == engine.I64:
		reduce(name, pick(sign, maxI64, minI64), &dst, &x, axes)
	case t == engine.I32:
		reduce(name, pick(sign, maxI32, minI32), &dst, &x, axes)
	case t == engine.I16:
		reduce(name, narrowExtremeOf(pick[int16](sign, math.MinInt16, math.MaxInt16), sign), &dst, &x,
			axes)
	case t == engine.I8:
		reduce(name, narrowExtremeOf(pick[int8](sign, math.MinInt8, math.MaxInt8), sign), &dst, &x,
			axes)
	case t == engine.U8 || t == engine.Bool:
		reduce(name, narrowExtremeOf(pick[uint8](sign, 0, math.MaxUint8), sign), &dst, &x, axes)
	case isHalf(t):
		return viaF32(dst, func(d engine.Array, f32 widen) error {
			return extreme(name, d, f32(x), axes,
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
		return viaF32(dst, func(d engine.Array, f32 widen) error { return LogSumExp(d, f32(x), axes) })
	}
	if !x.DType.IsFloat() {
		return unsupported("LogSumExp", x.DType)
	}
	if last := len(x.Shape) - 1; x.DType == engine.F32 && len(axes) == 1 && axes[0] == last &&
		x.IsContiguous() && dst.IsContiguous() && x.Shape[last] > 0 {
		logSumExpRows(flatSlice[float32](&dst), flatSlice[float32](&x), x.Shape[last])
		return nil
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

// logSumExpRows computes rows of n.
func logSumExpRows(d, x []float32, n int) {
	engine.Parallel(len(d), max(1, grain/4/n), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row := x[i*n:][:n]
			m := lineMaxF32(row)
			if d[i] = m; m-m == 0 { // else the maximum is the result, NaN included
				d[i] = float32(float64(m) + math.Log(expSum(row, m)))
			}
		}
	})
}

// Variance is Σ(x−mean)² / (n−correction) over axes; the mean is stored too when mean has a buffer.
func Variance(dst, mean, x engine.Array, axes []int, correction float64) error {
	if isHalf(x.DType) {
		m := engine.NewArray(engine.F32, dst.Shape)
		err := viaF32(dst, func(d engine.Array, f32 widen) error {
			return Variance(d, m, f32(x), axes, correction)
		})
		if err == nil && mean.Buf != nil {
			err = Copy(mean, m)
		}
		return err
	}
	if x.DType == engine.F64 {
		variance(spreadOf(sumRowF64, deviationsF64), dst, mean, x, axes, correction)
		return nil
	}
	if x.DType != engine.F32 {
		return unsupported("Variance", x.DType)
	}
	variance(spreadOf(sumRow, deviations), dst, mean, x, axes, correction)
	return nil
}

// Norm is the Euclidean norm √Σx² of floats over axes. F32 adds in float64, which cannot overflow.
func Norm(dst, x engine.Array, axes []int) error {
	switch t := x.DType; {
	case t == engine.F32:
		reduce("Norm", &normF32, &dst, &x, axes)
	case t == engine.F64:
		reduce("Norm", &normF64, &dst, &x, axes)
	case isHalf(t):
		return viaF32(dst, func(d engine.Array, f32 widen) error { return Norm(d, f32(x), axes) })
	default:
		return unsupported("Norm", t)
	}
	return nil
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
		w := onHeap(engine.I64, x.Shape)
		if err := Copy(w, x); err != nil {
			return err
		}
		x = w
	}
	if dst.DType == engine.I64 {
		f(dst, x)
		return nil
	}
	d := onHeap(engine.I64, dst.Shape)
	f(d, x)
	return Copy(dst, d)
}

func pick[T any](sign int, ofMax, ofMin T) T {
	if sign > 0 {
		return ofMax
	}
	return ofMin
}
