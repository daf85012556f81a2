package cpu

import (
	"fmt"
	"runtime"
	"sort"

	"github.com/lathe-ml/lathe/engine"
)

// SearchSorted gives for each value the I64 position at which it would keep sorted, which ascends along
// its last axis, in order: before equal elements, or after them. sorted has one axis, or the leading axes
// of values.
func SearchSorted(dst, sorted, values engine.Array, right bool) error {
	mustMatch("SearchSorted", sorted.DType, values.DType)
	mustMatch("SearchSorted", dst.DType, engine.I64)
	switch t := values.DType; {
	case t == engine.F32:
		searchLines[float32](dst, lasting(sorted), lasting(values), right)
	case t == engine.F64:
		searchLines[float64](dst, lasting(sorted), lasting(values), right)
	case t == engine.I64:
		searchLines[int64](dst, lasting(sorted), lasting(values), right)
	case t.IsInt() || t == engine.Bool:
		return SearchSorted(dst, widened(sorted), widened(values), right)
	case isHalf(t):
		return withF32(func(f32 widen) error { return SearchSorted(dst, f32(sorted), f32(values), right) })
	default:
		return unsupported("SearchSorted", t)
	}
	return nil
}

func widened(x engine.Array) engine.Array {
	y := engine.NewArray(engine.I64, x.Shape)
	must(Copy(y, x))
	return y
}

func searchLines[T number](dst, sorted, values engine.Array, right bool) {
	d, s, v := flatSlice[int64](&dst), flatSlice[T](&sorted), flatSlice[T](&values)
	n := sorted.Shape[len(sorted.Shape)-1]
	m := len(v) // values that share a line
	if len(sorted.Shape) > 1 {
		m = values.Shape[len(values.Shape)-1]
	}
	engine.Parallel(len(v), 256, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			line := s[i/m*n:][:n]
			x := v[i]
			d[i] = int64(sort.Search(n, func(k int) bool {
				if y := line[k]; right {
					return y > x || y != y && x == x
				} else {
					return y >= x || y != y
				}
			}))
		}
	})
}

// BinCount adds the weights of equal elements of x up: dst[x[i]] += w[i], or 1 where w has no buffer. dst
// is I64 without weights, otherwise F64.
func BinCount(dst, x, w engine.Array) error {
	if err := Fill(dst, 0); err != nil {
		return err
	}
	ix, err := indexI64("BinCount", x, dst.Numel())
	defer runtime.KeepAlive(ix.Buf)
	if err != nil {
		return err
	}
	if w.Buf == nil {
		d := flatSlice[int64](&dst)
		for _, k := range ix.I64() {
			d[k]++
		}
		return nil
	}
	if w.Numel() != x.Numel() {
		return fmt.Errorf("cpu.BinCount: %d weights for %d elements", w.Numel(), x.Numel())
	}
	weights := engine.NewArray(engine.F64, w.Shape)
	must(Copy(weights, w))
	d, ws := flatSlice[float64](&dst), weights.F64()
	for i, k := range ix.I64() {
		d[k] += ws[i]
	}
	return nil
}
