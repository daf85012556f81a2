package cpu

import "github.com/lathe-ml/lathe/engine"

// StridedAdd sets dst, which is row-major, to zeros and adds element index of x at position
// offset + Σ index·strides. Positions may coincide.
func StridedAdd(dst, x engine.Array, strides []int, offset int) error {
	mustMatch("StridedAdd", dst.DType, x.DType)
	if err := Fill(dst, 0); err != nil {
		return err
	}
	at := engine.Array{
		DType: dst.DType, Shape: x.Shape, Strides: strides, Offset: dst.Offset + offset, Buf: dst.Buf,
	}
	if distinct(x.Shape, strides) {
		return Copy(at, x)
	}
	switch t := dst.DType; {
	case t == engine.F32:
		addAt[float32](at, x)
	case t == engine.F64:
		addAt[float64](at, x)
	case t == engine.I64:
		addAt[int64](at, x)
	case t == engine.I32:
		addAt[int32](at, x)
	case t == engine.I16:
		addAt[int16](at, x)
	case t == engine.I8:
		addAt[int8](at, x)
	case t == engine.U8:
		addAt[uint8](at, x)
	case t.IsComplex():
		addAt2(Pairs(at), Pairs(x))
	case isHalf(t):
		return viaF32(dst, func(d engine.Array, f32 widen) error { return StridedAdd(d, f32(x), strides, offset) })
	default:
		return unsupported("StridedAdd", t)
	}
	return nil
}

// distinct reports whether no two indices of shape meet at one position, as far as extents tell: each
// stride is larger than all that shorter strides reach.
func distinct(shape engine.Shape, strides []int) bool {
	reach, done := 0, make([]bool, len(shape))
	for range shape {
		least := -1
		for i, s := range strides {
			if !done[i] && (least < 0 || s < strides[least]) {
				least = i
			}
		}
		done[least] = true
		if shape[least] > 1 {
			if strides[least] <= reach {
				return false
			}
			reach += (shape[least] - 1) * strides[least]
		}
	}
	return true
}

// addAt2 is addAt for pairs of floats.
func addAt2(at, x engine.Array) {
	if at.DType == engine.F32 {
		addAt[float32](at, x)
		return
	}
	addAt[float64](at, x)
}

// addAt adds x to the view at, whose elements may coincide: one after the other.
func addAt[T number](at, x engine.Array) {
	d, xs := whole[T](&at), whole[T](&x)
	index := make([]int, len(x.Shape))
	p, q := at.Offset, x.Offset
	for range x.Numel() {
		d[p] += xs[q]
		for i := len(index) - 1; i >= 0; i-- {
			index[i]++
			p, q = p+at.Strides[i], q+x.Strides[i]
			if index[i] < x.Shape[i] {
				break
			}
			p, q = p-index[i]*at.Strides[i], q-index[i]*x.Strides[i]
			index[i] = 0
		}
	}
}
