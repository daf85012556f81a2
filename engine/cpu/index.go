package cpu

import (
	"fmt"
	"runtime"

	"github.com/lathe-ml/lathe/engine"
)

// Elements move by size, so that every dtype has gather and scatter; additions need arithmetic.

// indexI64 returns the I64 form of an index and checks that its elements lie in [0, n).
func indexI64(name string, index engine.Array, n int) (engine.Array, error) {
	if !index.DType.IsInt() {
		return index, fmt.Errorf("cpu.%s: index has dtype %v; want an integer type", name,
			index.DType)
	}
	ix := index
	if index.DType != engine.I64 || !index.IsContiguous() {
		ix = engine.NewArray(engine.I64, index.Shape)
		must(Copy(ix, index))
	}
	for p, v := range ix.I64() {
		if v < 0 || v >= int64(n) {
			return ix, fmt.Errorf("cpu.%s: index %d at flat position %d is outside [0, %d)", name,
				v, p, n)
		}
	}
	return ix, nil
}

// clip returns the view of a whose axes other than axis have the extents of s.
func clip(a engine.Array, s engine.Shape, axis int) engine.Array {
	shape := a.Shape.Clone()
	for i := range shape {
		if i != axis {
			shape[i] = s[i]
		}
	}
	a.Shape = shape
	return a
}

// Gather computes dst[… i …] = x[… index[… i …] …] along axis; dst has index's shape, which is at
// most x's on the other axes.
func Gather(dst, x, index engine.Array, axis int) error {
	mustMatch("Gather", dst.DType, x.DType)
	dst, x, index = atLeast1(dst), atLeast1(x), atLeast1(index)
	ix, err := indexI64("Gather", index, x.Shape[axis])
	defer runtime.KeepAlive(ix.Buf)
	if err != nil {
		return err
	}
	x = clip(x, index.Shape, axis)
	switch dst.DType.Size() {
	case 1:
		gatherLines[uint8](&dst, &x, &ix, axis)
	case 2:
		gatherLines[uint16](&dst, &x, &ix, axis)
	case 4:
		gatherLines[uint32](&dst, &x, &ix, axis)
	case 8:
		gatherLines[uint64](&dst, &x, &ix, axis)
	default:
		gatherLines[complex128](&dst, &x, &ix, axis)
	}
	return nil
}

// atLeast1 views a scalar as [1].
func atLeast1(a engine.Array) engine.Array {
	if len(a.Shape) == 0 {
		a.Shape, a.Strides = engine.Shape{1}, []int{1}
	}
	return a
}

func gatherLines[T any](dst, x, index *engine.Array, axis int) {
	d, xs, ix := whole[T](dst), whole[T](x), whole[int64](index)
	eachLine(axis, func(n int, pos, s []int) {
		p, q := pos[0], pos[1]
		for range n {
			d[p] = xs[pos[2]+int(ix[q])*s[2]]
			p, q = p+s[0], q+s[1]
		}
	}, dst, index, x)
}

// Scatter stores dst[… index[… i …] …] = src[… i …] along axis; of equal positions one wins.
func Scatter(dst, index, src engine.Array, axis int) error {
	mustMatch("Scatter", dst.DType, src.DType)
	switch dst.DType.Size() {
	case 1:
		return scatterLines("Scatter", axis, dst, index, src, store[uint8])
	case 2:
		return scatterLines("Scatter", axis, dst, index, src, store[uint16])
	case 4:
		return scatterLines("Scatter", axis, dst, index, src, store[uint32])
	case 8:
		return scatterLines("Scatter", axis, dst, index, src, store[uint64])
	}
	return scatterLines("Scatter", axis, dst, index, src, store[complex128])
}

// ScatterAdd adds src[… i …] to dst[… index[… i …] …] along axis.
func ScatterAdd(dst, index, src engine.Array, axis int) error {
	mustMatch("ScatterAdd", dst.DType, src.DType)
	switch t := dst.DType; {
	case t == engine.F32:
		return scatterLines("ScatterAdd", axis, dst, index, src, accumulate[float32])
	case t == engine.F64:
		return scatterLines("ScatterAdd", axis, dst, index, src, accumulate[float64])
	case t == engine.I64:
		return scatterLines("ScatterAdd", axis, dst, index, src, accumulate[int64])
	case t == engine.I32:
		return scatterLines("ScatterAdd", axis, dst, index, src, accumulate[int32])
	case t == engine.I16:
		return scatterLines("ScatterAdd", axis, dst, index, src, accumulate[int16])
	case t == engine.I8:
		return scatterLines("ScatterAdd", axis, dst, index, src, accumulate[int8])
	case t == engine.U8:
		return scatterLines("ScatterAdd", axis, dst, index, src, accumulate[uint8])
	case t == engine.C64:
		return scatterLines("ScatterAdd", axis, dst, index, src, accumulate[complex64])
	case t == engine.C128:
		return scatterLines("ScatterAdd", axis, dst, index, src, accumulate[complex128])
	case isHalf(t):
		return viaF32(dst, func(d engine.Array, f32 widen) error {
			must(Copy(d, dst))
			return ScatterAdd(d, index, f32(src), axis)
		})
	default:
		return unsupported("ScatterAdd", t)
	}
}

func store[T any](d *T, v T)                     { *d = v }
func accumulate[T number | complexes](d *T, v T) { *d += v }

// scatterLines runs one line at a time: lines along axis meet different elements of dst.
func scatterLines[T any](name string, axis int, dst, index, src engine.Array,
	put func(*T, T),
) error {
	dst, index, src = atLeast1(dst), atLeast1(index), atLeast1(src)
	ix, err := indexI64(name, index, dst.Shape[axis])
	defer runtime.KeepAlive(ix.Buf)
	if err != nil {
		return err
	}
	dst = clip(dst, index.Shape, axis)
	src = clip(src, index.Shape, -1)
	d, s, p := whole[T](&dst), whole[T](&src), whole[int64](&ix)
	eachLine(axis, func(n int, pos, st []int) {
		i, j := pos[0], pos[1]
		for range n {
			put(&d[pos[2]+int(p[i])*st[2]], s[j])
			i, j = i+st[0], j+st[1]
		}
	}, &ix, &src, &dst)
	return nil
}

// IndexSelect copies the slices x[… index …] of axis; index may have any rank, whose axes replace
// axis in dst. With axis 0 it is an embedding.
func IndexSelect(dst, x, index engine.Array, axis int) error {
	mustMatch("IndexSelect", dst.DType, x.DType)
	ix, err := indexI64("IndexSelect", index, x.Shape[axis])
	defer runtime.KeepAlive(ix.Buf)
	if err != nil || dst.Numel() == 0 {
		return err
	}
	d, same := packed(dst)
	x = packedCopy(x)
	defer runtime.KeepAlive(x.Buf)
	outer, inner := x.Shape[:axis].Numel(), x.Shape[axis+1:].Numel()
	bytes := inner * x.DType.Size()
	db, xb := d.Buf.Bytes()[d.Offset*d.DType.Size():], x.Buf.Bytes()[x.Offset*x.DType.Size():]
	list, rows := ix.I64(), x.Shape[axis]
	engine.Parallel(outer*len(list), max(1, 2*grain/max(bytes, 1)), func(lo, hi int) {
		for p := lo; p < hi; p++ {
			q := p/len(list)*rows + int(list[p%len(list)])
			copy(db[p*bytes:(p+1)*bytes], xb[q*bytes:(q+1)*bytes])
		}
	})
	if !same {
		return Copy(dst, d)
	}
	return nil
}

// IndexAdd adds the slices of src to dst[… index …] of axis: the gradient of IndexSelect. index may
// have any rank, whose axes stand in src where axis stands in dst.
func IndexAdd(dst, index, src engine.Array, axis int) error {
	mustMatch("IndexAdd", dst.DType, src.DType)
	ix, err := indexI64("IndexAdd", index, dst.Shape[axis])
	defer runtime.KeepAlive(ix.Buf)
	if err != nil || src.Numel() == 0 {
		return err
	}
	switch t := dst.DType; {
	case t == engine.F32:
		indexAdd[float32](dst, src, ix.I64(), axis)
	case t == engine.F64:
		indexAdd[float64](dst, src, ix.I64(), axis)
	case t == engine.I64:
		indexAdd[int64](dst, src, ix.I64(), axis)
	case t == engine.I32:
		indexAdd[int32](dst, src, ix.I64(), axis)
	case t == engine.I16:
		indexAdd[int16](dst, src, ix.I64(), axis)
	case t == engine.I8:
		indexAdd[int8](dst, src, ix.I64(), axis)
	case t == engine.U8:
		indexAdd[uint8](dst, src, ix.I64(), axis)
	case t.IsComplex():
		return IndexAdd(Pairs(dst), index, Pairs(src), axis)
	case isHalf(t):
		return viaF32(dst, func(d engine.Array, f32 widen) error {
			must(Copy(d, dst))
			return IndexAdd(d, index, f32(src), axis)
		})
	default:
		return unsupported("IndexAdd", t)
	}
	return nil
}

// indexAdd splits the elements of a slice among threads, so that no two add to the same element and
// the order of additions does not depend on their number.
func indexAdd[T number](dst, src engine.Array, list []int64, axis int) {
	d, same := packed(dst)
	if !same {
		must(Copy(d, dst))
	}
	src = packedCopy(src)
	defer runtime.KeepAlive(src.Buf)
	outer, inner, rows := d.Shape[:axis].Numel(), d.Shape[axis+1:].Numel(), d.Shape[axis]
	ds, ss := flatSlice[T](&d), flatSlice[T](&src)
	engine.Parallel(outer*inner, max(16, grain/max(len(list), 1)), func(lo, hi int) {
		for o := lo / inner; o <= (hi-1)/inner; o++ {
			i0, i1 := max(lo-o*inner, 0), min(hi-o*inner, inner)
			for p, row := range list {
				to := ds[(o*rows+int(row))*inner:][i0:i1]
				addLine(to, ss[(o*len(list)+p)*inner:][i0:i1])
			}
		}
	})
	if !same {
		must(Copy(dst, d))
	}
}

func addLine[T number](d, x []T) {
	if f, ok := any(d).([]float32); ok {
		Add.F32(f, f, any(x).([]float32))
		return
	}
	addInto(d, x)
}

// PadMode says what lies outside of the padded array.
type PadMode int

// The padding modes, as in PyTorch.
const (
	PadConstant  PadMode = iota // a given value
	PadReflect                  // mirrored without the edge
	PadReplicate                // the edge
	PadCircular                 // the other end
)

// Pad places x at the position before of dst and fills the rest by mode, with v for PadConstant. A
// negative entry of before cuts.
func Pad(dst, x engine.Array, before []int, mode PadMode, v float64) error {
	mustMatch("Pad", dst.DType, x.DType)
	if mode != PadConstant {
		return padIndexed(dst, x, before, mode)
	}
	if err := Fill(dst, v); err != nil {
		return err
	}
	for i, b := range before {
		lo, hi := max(b, 0), min(b+x.Shape[i], dst.Shape[i])
		hi = max(hi, lo)
		dst = dst.Slice(i, lo, hi, 1)
		x = x.Slice(i, lo-b, hi-b, 1)
	}
	return Copy(dst, x)
}

// padIndexed selects, one axis after the other, the source position of each element.
func padIndexed(dst, x engine.Array, before []int, mode PadMode) error {
	for axis, b := range before {
		n, m := x.Shape[axis], dst.Shape[axis]
		if n == m && b == 0 {
			continue
		}
		if n == 0 {
			return fmt.Errorf("cpu.Pad: axis %d of %v is empty; only constant padding works", axis,
				x)
		}
		list := make([]int64, m)
		for i := range list {
			list[i] = int64(mode.source(i-b, n))
		}
		shape := x.Shape.Clone()
		shape[axis] = m
		t := engine.NewArray(x.DType, shape)
		if err := IndexSelect(t, x, engine.Of(engine.Shape{m}, list), axis); err != nil {
			return err
		}
		x = t
	}
	return Copy(dst, x)
}

// source returns the position in [0, n) that stands for position i.
func (m PadMode) source(i, n int) int {
	switch m {
	case PadReplicate:
		return min(max(i, 0), n-1)
	case PadCircular:
		return ((i % n) + n) % n
	}
	if n == 1 {
		return 0
	}
	i = abs(i) % (2 * (n - 1))
	return min(i, 2*(n-1)-i)
}
