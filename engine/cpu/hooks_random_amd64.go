package cpu

import "unsafe"

var randomBindings = []binding{
	choose(&philoxWords, philoxWordsGo, philoxWith(philox512d, 16), philoxWith(philox256d, 8), true,
		true),
	choose(&normalF32, normalGo[float32], normalWith(normal512d, 1), normalWith(normal256d, 4), true,
		true),
	choose(&uniformF32, uniformGo, uniformWith(uniform512, 1), uniformWith(uniform256, 8), true, true),
	choose(&uniformF64, uniformF64Go, uniformF64x512, nil, true, false),
	choose(&bernoulliBits, bernoulliGo, bernoulliWith(bernoulli512, 1), bernoulliWith(bernoulli256, 8),
		true, true),
}

// philoxWith takes a routine that computes a multiple of some blocks.
func philoxWith(f func(d *uint32, blocks int, seed, first uint64), group int) func(d []uint32,
	seed, first uint64) {
	return func(d []uint32, seed, first uint64) {
		n := len(d) / 4 / group * group
		if n > 0 {
			f(&d[0], n, seed, first)
		}
		philoxWordsGo(d[4*n:], seed, first+uint64(n))
	}
}

func uniformWith(f func(d *float32, x *uint32, n int, lo, span float32), lanes int) func(d []float32,
	w []uint32, lo, span float32) {
	return func(d []float32, w []uint32, lo, span float32) {
		n := len(d) / lanes * lanes
		if n > 0 {
			f(&d[0], at(w, n), n, lo, span)
		}
		uniformGo(d[n:], w[n:], lo, span)
	}
}

func uniformF64x512(d []float64, w []uint32, lo, span float64) {
	if n := len(d); n > 0 {
		uniform512d(&d[0], (*uint64)(unsafe.Pointer(at(w, 2*n))), n, lo, span)
	}
}

func bernoulliWith(f func(d *uint8, x *uint32, n int, p float32), lanes int) func(d []uint8,
	w []uint32, p float32) {
	return func(d []uint8, w []uint32, p float32) {
		n := len(d) / lanes * lanes
		if n > 0 {
			f(&d[0], at(w, n), n, p)
		}
		bernoulliGo(d[n:], w[n:], p)
	}
}

// normalWith takes a routine that computes a multiple of some pairs.
func normalWith(f func(d, x *uint64, n int, mean, std float64), group int) func(d []float32,
	w []uint32, mean, std float64) {
	return func(d []float32, w []uint32, mean, std float64) {
		n := len(d) / 2 / group * group
		if n > 0 {
			f((*uint64)(unsafe.Pointer(&d[0])), (*uint64)(unsafe.Pointer(at(w, 2*n))), n, mean, std)
		}
		normalGo(d[2*n:], w[2*n:], mean, std)
	}
}
