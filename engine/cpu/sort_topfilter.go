package cpu

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// topFilter finds the elements of a contiguous line of float32 that may be among its first k.
type topFilter struct {
	x       []float32
	flip    uint64
	extreme func(x []float32) float32 // of those elements that come first
	past    *Cmp2                     // whether an element comes after another; false for NaN in either

	bound  uint64 // that of limits
	limits [topBlock]float32
	passed [topBlock]uint8
}

// newTopFilter returns nil for other lines.
func newTopFilter[T number](l *sorted[T], flip uint64) *topFilter {
	all, ok := any(l.x).([]float32)
	if !ok || l.sx != 1 {
		return nil
	}
	f := &topFilter{x: all[l.px:][:l.n], flip: flip, extreme: lineMinF32, past: Gt}
	if flip != 0 {
		f.extreme, f.past = lineMaxF32, Lt
	}
	return f
}

// first returns a bound on the first k packed elements from lo to hi: above the k-th of the extremes of
// short runs, each of which is one of k different elements. It is the greatest number where runs would be too short.
func (f *topFilter) first(lo, hi, k int) uint64 {
	n, run := min(hi-lo, 1<<15), topBlock
	for ; n/run < k+k/4; run /= 2 {
		if run == 16 {
			return math.MaxUint64
		}
	}
	ends := make([]uint64, n/run)
	for i := range ends {
		at := lo + i*run
		ends[i] = keyF32(f.extreme(f.x[at:][:run])) ^ f.flip | uint64(at+run-1)
	}
	return smallest(ends, k) + 1
}

// candidates appends those of n elements from lo on that come before the bound.
func (f *topFilter) candidates(items []uint64, lo, n int, bound uint64) []uint64 {
	if bound != f.bound {
		f.bound = bound
		fillSlice(f.limits[:], valueOfKey(bound^f.flip))
	}
	x := f.x[lo:][:n]
	e, limit := f.extreme(x), f.limits[0]
	if f.flip == 0 && e > limit || f.flip != 0 && e < limit {
		return items
	}
	fillSlice(f.passed[n:], 1)
	f.past.F32(f.passed[:n], x, f.limits[:n])
	for i := 0; i < n; i += 8 {
		w := ^binary.LittleEndian.Uint64(f.passed[i:]) & 0x0101010101010101
		for ; w != 0; w &= w - 1 {
			at := i + bits.TrailingZeros64(w)/8
			if p := keyF32(x[at]) ^ f.flip | uint64(lo+at); p < bound {
				items = append(items, p)
			}
		}
	}
	return items
}

// valueOfKey is the number whose key stands in the upper half.
func valueOfKey(key uint64) float32 {
	b := uint32(key >> 32)
	if b>>31 != 0 {
		return math.Float32frombits(b &^ (1 << 31))
	}
	return math.Float32frombits(^b)
}
