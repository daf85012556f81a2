package cpu

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
)

// Combine says what becomes of elements that ScatterReduce brings to one position.
type Combine int

// How ScatterReduce combines. NaN wins over any number in CombineMax and CombineMin.
const (
	CombineProd Combine = iota
	CombineMax
	CombineMin
)

// ScatterReduce combines dst[… index[… i …] …] with src[… i …] along axis.
func ScatterReduce(dst, index, src engine.Array, axis int, how Combine) error {
	mustMatch("ScatterReduce", dst.DType, src.DType)
	switch t := dst.DType; {
	case t == engine.F32:
		return scatterLines("ScatterReduce", axis, dst, index, src, combiner[float32](how))
	case t == engine.F64:
		return scatterLines("ScatterReduce", axis, dst, index, src, combiner[float64](how))
	case t == engine.I64:
		return scatterLines("ScatterReduce", axis, dst, index, src, combiner[int64](how))
	case t == engine.I32:
		return scatterLines("ScatterReduce", axis, dst, index, src, combiner[int32](how))
	case t == engine.I16:
		return scatterLines("ScatterReduce", axis, dst, index, src, combiner[int16](how))
	case t == engine.I8:
		return scatterLines("ScatterReduce", axis, dst, index, src, combiner[int8](how))
	case t == engine.U8:
		return scatterLines("ScatterReduce", axis, dst, index, src, combiner[uint8](how))
	case isHalf(t):
		return viaF32(dst, func(d engine.Array, f32 widen) error {
			must(Copy(d, dst))
			return ScatterReduce(d, index, f32(src), axis, how)
		})
	default:
		return unsupported("ScatterReduce", t)
	}
}

func combiner[T number](how Combine) func(*T, T) {
	switch how {
	case CombineMax:
		return func(d *T, v T) { *d = max(*d, v) }
	case CombineMin:
		return func(d *T, v T) { *d = min(*d, v) }
	}
	return func(d *T, v T) { *d *= v }
}

// CumArg gives the I64 position of the largest (or smallest) element so far along axis: the last of
// equals; from the first NaN on the last NaN.
func CumArg(dst, x engine.Array, axis int, largest bool) error {
	mustMatch("CumArg", dst.DType, engine.I64)
	switch t := x.DType; {
	case t == engine.F32:
		cumArgLines[float32](&dst, &x, axis, largest)
	case t == engine.F64:
		cumArgLines[float64](&dst, &x, axis, largest)
	case isHalf(t):
		return withF32(func(f32 widen) error { return CumArg(dst, f32(x), axis, largest) })
	case t.IsInt() || t == engine.Bool:
		return viaI64(dst, x, func(d, x engine.Array) { cumArgLines[int64](&d, &x, axis, largest) })
	default:
		return unsupported("CumArg", t)
	}
	return nil
}

func cumArgLines[T number](dst, x *engine.Array, axis int, largest bool) {
	d, xs := whole[int64](dst), whole[T](x)
	eachLine(axis, func(n int, pos, s []int) {
		if n == 0 {
			return
		}
		at, best := 0, xs[pos[1]]
		for i := range n {
			v := xs[pos[1]+i*s[1]]
			if v != v || largest && v >= best || !largest && v <= best {
				at, best = i, v
			}
			d[pos[0]+i*s[0]] = int64(at)
		}
	}, dst, x)
}

// LogCumSumExp is log Σ exp x up to and including each element along axis, without overflow.
func LogCumSumExp(dst, x engine.Array, axis int) error {
	switch t := x.DType; {
	case t == engine.F32:
		logSumLines[float32](&dst, &x, axis)
	case t == engine.F64:
		logSumLines[float64](&dst, &x, axis)
	case isHalf(t):
		return viaF32(dst, func(d engine.Array, f32 widen) error { return LogCumSumExp(d, f32(x), axis) })
	default:
		return unsupported("LogCumSumExp", t)
	}
	return nil
}

func logSumLines[T float](dst, x *engine.Array, axis int) {
	d, xs := whole[T](dst), whole[T](x)
	eachLine(axis, func(n int, pos, s []int) {
		acc := math.Inf(-1)
		for i := range n {
			acc = logAddExp(acc, float64(xs[pos[1]+i*s[1]]))
			d[pos[0]+i*s[0]] = T(acc)
		}
	}, dst, x)
}

// logAddExp is log(exp x + exp y).
func logAddExp(x, y float64) float64 {
	if x == y && math.IsInf(x, 0) {
		return x
	}
	return max(x, y) + math.Log1p(math.Exp(-math.Abs(x-y)))
}
