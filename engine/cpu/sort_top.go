package cpu

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/engine"
)

// topPiece is the part of a long line whose first elements one task finds.
const topPiece = 1 << 18

// leading returns the first k packed elements of the sorted line.
func leading[T number](l *sorted[T], key func(v T) uint64, flip uint64) []uint64 {
	pieces := (l.n + topPiece - 1) / topPiece
	found := make([][]uint64, pieces)
	engine.Parallel(pieces, 1, func(lo, hi int) {
		for p := lo; p < hi; p++ {
			found[p] = leadingPart(l, p*topPiece, min((p+1)*topPiece, l.n), key, flip)
		}
	})
	all := slices.Concat(found...)
	slices.Sort(all)
	return all[:l.k]
}

// leadingPart returns the first k packed elements, or all, among those from lo to hi, in any order.
// Candidates are those below the bound that the k-th of the last sorting of the candidates set.
func leadingPart[T number](l *sorted[T], lo, hi int, key func(v T) uint64, flip uint64) []uint64 {
	const block = 128
	items := make([]uint64, 0, max(2*l.k, 512)+block)
	bound := uint64(math.MaxUint64)
	var buf [block]uint64
	f := quickFilter(l, flip)
	for ; lo < hi; lo += block {
		n := min(block, hi-lo)
		if f != nil && bound != math.MaxUint64 {
			items = f(items, lo, n, bound)
		} else {
			l.pack(buf[:n], lo, key, flip)
			for _, v := range buf[:n] {
				if v < bound {
					items = append(items, v)
				}
			}
		}
		if len(items) > cap(items)-block {
			bound = smallest(items, l.k)
			items = items[:l.k]
		}
	}
	if len(items) > l.k {
		smallest(items, l.k)
		items = items[:l.k]
	}
	return items
}

// smallest moves the k smallest of different numbers to the front, k at least 1, and returns the
// largest of them (Hoare 1961).
func smallest(x []uint64, k int) uint64 {
	lo, hi := 0, len(x)-1
	for lo < hi {
		pivot := median(x[lo], x[(lo+hi)/2], x[hi])
		i, j := lo, hi
		for i <= j {
			for x[i] < pivot {
				i++
			}
			for x[j] > pivot {
				j--
			}
			if i <= j {
				x[i], x[j] = x[j], x[i]
				i, j = i+1, j-1
			}
		}
		switch { // x[lo…j] ≤ pivot ≤ x[i…hi]
		case k-1 <= j:
			hi = j
		case k-1 >= i:
			lo = i
		default:
			return pivot
		}
	}
	return x[k-1]
}

func median(a, b, c uint64) uint64 { return max(min(a, b), min(max(a, b), c)) }

// quickFilter returns a function that appends those of n elements from lo on that come before a
// bound, for contiguous float32; nil otherwise. It passes over blocks by their extreme.
func quickFilter[T number](l *sorted[T], flip uint64) func(items []uint64, lo, n int,
	bound uint64) []uint64 {
	all, ok := any(l.x).([]float32)
	if !ok || l.sx != 1 {
		return nil
	}
	extreme, sign := lineMinF32, float32(1)
	if flip != 0 {
		extreme, sign = lineMaxF32, -1
	}
	return func(items []uint64, lo, n int, bound uint64) []uint64 {
		x := all[l.px+lo:][:n]
		at := int(uint32(bound))
		limit := sign * all[l.px+at]
		if v := sign * extreme(x); v > limit {
			return items
		}
		for i, v := range x {
			if s := sign * v; s > limit { // false for NaN in either
				continue
			}
			if p := keyF32(v) ^ flip | uint64(lo+i); p < bound {
				items = append(items, p)
			}
		}
		return items
	}
}
