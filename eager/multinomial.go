package eager

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
)

// Multinomial draws n indices along the last axis with the probabilities that weights, ≥ 0, are proportional
// to: [… k] → I64 [… n]. Without replacement an index comes once, and n ≤ the number of weights above 0.
// Agrees with torch.multinomial.
func (x *Tensor) Multinomial(n int, replacement bool) *Tensor {
	x.must("Multinomial")
	if x.Rank() == 0 || n < 1 {
		engine.Fail("Multinomial", "weights %v, n %d; want [… k] and n ≥ 1", x.arr, n)
	}
	k := x.Size(-1)
	w := x.Float64s()
	shape := append(x.arr.Shape[:x.Rank()-1:x.Rank()-1], n)
	out := make([]int, 0, engine.Shape(shape).Numel())
	for row := 0; row*k < len(w); row++ {
		out = append(out, draw(w[row*k:][:k], n, replacement)...)
	}
	return FromInts(out, shape...).onto(x.Device())
}

// draw draws n indices of weights, which it changes.
func draw(w []float64, n int, replacement bool) []int {
	total, positive := 0.0, 0
	for i, v := range w {
		if !(v >= 0) || math.IsInf(v, 1) {
			engine.Fail("Multinomial", "weight %d is %v; want a finite number ≥ 0", i, v)
		}
		if total += v; v > 0 {
			positive++
		}
	}
	if positive == 0 || !replacement && positive < n {
		engine.Fail("Multinomial", "%d weights above 0 for %d draws without replacement", positive, n)
	}
	picked := make([]int, n)
	for j, u := range Rand(n).Float64s() {
		at, last := u*total, 0
		for i, v := range w {
			if v > 0 {
				if last = i; at < v {
					break
				}
				at -= v
			}
		}
		if picked[j] = last; !replacement {
			total -= w[last]
			w[last] = 0
		}
	}
	return picked
}
