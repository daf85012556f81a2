package cpu

import (
	"cmp"
	"slices"

	"github.com/lathe-ml/lathe/engine"
)

// Radix sort of numbers with a key in their upper 32 bits and of pairs with a key of 64 bits, from the
// lowest digit on.

const (
	digitBits = 8
	digits    = 1 << digitBits
	// radixFrom is the length from which counting digits is faster than comparing.
	radixFrom = 192
	// halvesFrom is the length from which two threads sort a half each and merge.
	halvesFrom = 1 << 16
)

// sortPacked sorts a, with room of the same length, and returns the one that holds the result. The
// lower 32 bits of a ascend already.
func sortPacked(a, room []uint64) []uint64 {
	if len(a) < radixFrom {
		slices.Sort(a)
		return a
	}
	if len(a) < halvesFrom || engine.Threads() == 1 {
		return radixPacked(a, room)
	}
	h := len(a) / 2
	var parts [2][]uint64
	engine.Parallel(2, 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			from, to := i*h, h+i*(len(a)-h)
			parts[i] = radixPacked(a[from:to:to], room[from:to:to])
		}
	})
	out := room
	if &parts[0][0] == &room[0] {
		out = a
	}
	if (&parts[1][0] == &room[h]) != (&parts[0][0] == &room[0]) {
		copy(other(out, a, room)[h:], parts[1])
		parts[1] = other(out, a, room)[h:]
	}
	engine.Parallel(2, 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			if i == 0 {
				mergeFront(out[:h], parts[0], parts[1])
			} else {
				mergeBack(out[h:], parts[0], parts[1])
			}
		}
	})
	return out
}

// other returns the one of a and b that x is not.
func other(x, a, b []uint64) []uint64 {
	if &x[0] == &a[0] {
		return b
	}
	return a
}

// mergeFront writes the smallest elements of two sorted slices.
func mergeFront(out, a, b []uint64) {
	i, j := 0, 0
	for n := range out {
		if j == len(b) || i < len(a) && a[i] < b[j] {
			out[n] = a[i]
			i++
		} else {
			out[n] = b[j]
			j++
		}
	}
}

// mergeBack writes the largest elements of two sorted slices.
func mergeBack(out, a, b []uint64) {
	i, j := len(a)-1, len(b)-1
	for n := len(out) - 1; n >= 0; n-- {
		if j < 0 || i >= 0 && a[i] > b[j] {
			out[n] = a[i]
			i--
		} else {
			out[n] = b[j]
			j--
		}
	}
}

func radixPacked(a, b []uint64) []uint64 {
	var counts [4][digits]uint32
	for _, v := range a {
		counts[0][uint8(v>>32)]++
		counts[1][uint8(v>>40)]++
		counts[2][uint8(v>>48)]++
		counts[3][uint8(v>>56)]++
	}
	for d := range counts {
		shift := 32 + digitBits*d
		c := &counts[d]
		if c[uint8(a[0]>>shift)] == uint32(len(a)) {
			continue // all have the same digit
		}
		offsets(c)
		for _, v := range a {
			p := &c[uint8(v>>shift)]
			b[*p] = v
			*p++
		}
		a, b = b, a
	}
	return a
}

// offsets turns counts into the positions of the first elements.
func offsets(c *[digits]uint32) {
	sum := uint32(0)
	for i, n := range c {
		c[i] = sum
		sum += n
	}
}

// keyed is a key and the position of its value.
type keyed struct {
	key uint64
	at  int
}

// sortKeyed is sortPacked for keys of 64 bits.
func sortKeyed(a, b []keyed) []keyed {
	if len(a) < radixFrom {
		slices.SortFunc(a, func(a, b keyed) int {
			if a.key != b.key {
				return cmp.Compare(a.key, b.key)
			}
			return a.at - b.at
		})
		return a
	}
	for shift := 0; shift < 64; shift += digitBits {
		var c [digits]uint32
		for i := range a {
			c[uint8(a[i].key>>shift)]++
		}
		if c[uint8(a[0].key>>shift)] == uint32(len(a)) {
			continue
		}
		offsets(&c)
		for i := range a {
			p := &c[uint8(a[i].key>>shift)]
			b[*p] = a[i]
			*p++
		}
		a, b = b, a
	}
	return a
}
