package tree

import "math"

// entry is a value of a feature and its row.
type entry struct {
	v float32
	i int32
}

// sortEntries sorts by value, NaN last; tmp has room for as many.
func sortEntries(e, tmp []entry) {
	if len(e) < 512 {
		quick(e)
		return
	}
	radix(e, tmp)
}

// order maps floats to unsigned numbers of the same order.
func order(v float32) uint32 {
	b := math.Float32bits(v)
	if b>>31 != 0 {
		return ^b
	}
	return b | 1<<31
}

// radix is three passes of 11 bits.
func radix(e, tmp []entry) {
	var count [3][2048]int32
	for _, x := range e {
		k := order(x.v)
		count[0][k&2047]++
		count[1][k>>11&2047]++
		count[2][k>>22]++
	}
	src, dst := e, tmp[:len(e)]
	for p := range 3 {
		c := &count[p]
		if uint(len(src)) == uint(c[order(src[0].v)>>(11*p)&2047]) {
			continue // all alike
		}
		sum := int32(0)
		for i, n := range c {
			c[i] = sum
			sum += n
		}
		for _, x := range src {
			k := order(x.v) >> (11 * p) & 2047
			dst[c[k]] = x
			c[k]++
		}
		src, dst = dst, src
	}
	if &src[0] != &e[0] {
		copy(e, src)
	}
}

// quick is quicksort with insertion sort of short parts; NaN must not occur.
func quick(e []entry) {
	for len(e) > 24 {
		a, b, c := e[0].v, e[len(e)/2].v, e[len(e)-1].v
		p := max(min(a, b), min(max(a, b), c))
		i, j := 0, len(e)-1
		for i <= j {
			for e[i].v < p {
				i++
			}
			for e[j].v > p {
				j--
			}
			if i <= j {
				e[i], e[j] = e[j], e[i]
				i++
				j--
			}
		}
		if j+1 < len(e)-i {
			quick(e[:j+1])
			e = e[i:]
		} else {
			quick(e[i:])
			e = e[:j+1]
		}
	}
	for i := 1; i < len(e); i++ {
		x := e[i]
		j := i
		for j > 0 && e[j-1].v > x.v {
			e[j] = e[j-1]
			j--
		}
		e[j] = x
	}
}
