package cpu

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/engine"
)

// topBlock is the number of elements that are filtered at a time.
const topBlock = 128

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
// Candidates are those below a bound: the k-th of the candidates when last their room was full.
func leadingPart[T number](l *sorted[T], lo, hi int, key func(v T) uint64, flip uint64) []uint64 {
	const block = topBlock
	items := make([]uint64, 0, max(2*l.k, 512)+block)
	bound := uint64(math.MaxUint64)
	var buf [block]uint64
	f := newTopFilter(l, flip)
	if f != nil {
		bound = f.first(lo, hi, l.k)
	}
	for ; lo < hi; lo += block {
		n := min(block, hi-lo)
		if f != nil && bound != math.MaxUint64 {
			items = f.candidates(items, lo, n, bound)
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
