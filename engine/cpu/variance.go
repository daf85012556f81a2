package cpu

import "github.com/lathe-ml/lathe/engine"

// spread is the number of some values and the sums of their differences from shift and of the
// squares of those. The shift is one of the values or near their mean, so that nothing cancels.
type spread struct{ n, shift, s, q float64 }

// spreadOf folds spread: a run around its mean, a column around its first value. sum and deviate add
// a run and its differences from a value.
func spreadOf[T float](
	sum func(x []T) float64, deviate func(x []T, m T) (s, q float64),
) *fold[T, spread, spread] {
	return &fold[T, spread, spread]{
		row: func(a spread, x []T) spread {
			if len(x) == 0 {
				return a
			}
			m := T(sum(x) / float64(len(x)))
			s, q := deviate(x, m)
			return a.join(spread{float64(len(x)), float64(m), s, q})
		},
		col: func(acc []spread, x []T) {
			for i, v := range x[:len(acc)] {
				a := &acc[i]
				if a.n == 0 {
					a.shift = float64(v)
				}
				d := float64(v) - a.shift
				a.n++
				a.s += d
				a.q += d * d
			}
		},
		join: spread.join,
		last: func(a spread, _ int) spread { return a },
	}
}

// join returns the spread of the values of both, around the shift of a.
func (a spread) join(b spread) spread {
	if a.n == 0 || b.n == 0 {
		return spread{a.n + b.n, a.shift + b.shift, a.s + b.s, a.q + b.q}
	}
	d := b.shift - a.shift
	return spread{a.n + b.n, a.shift, a.s + b.s + b.n*d, a.q + b.q + d*(2*b.s+b.n*d)}
}

// deviations adds the differences of x from m and their squares.
var deviations = deviationsGo

func deviationsGo(x []float32, m float32) (s, q float64) {
	for _, v := range x {
		d := float64(v - m)
		s += d
		q += d * d
	}
	return s, q
}

func deviationsF64(x []float64, m float64) (s, q float64) {
	for _, v := range x {
		d := v - m
		s += d
		q += d * d
	}
	return s, q
}

func variance[T float](f *fold[T, spread, spread], dst, mean, x engine.Array, axes []int,
	correction float64,
) {
	n := dst.Numel()
	all := engine.NewArray(engine.C128, append(dst.Shape.Clone(), 2)) // spread as pairs of pairs
	defer all.Buf.Release()
	d := engine.Array{
		DType: engine.C128, Shape: dst.Shape, Strides: dst.Shape.Strides(), Buf: all.Buf,
	}
	reduce("Variance", f, &d, &x, axes)
	means, variances := make([]float64, n), make([]float64, n)
	for i, a := range flatSlice[spread](&d) {
		m := a.s / a.n // NaN of nothing
		means[i] = a.shift + m
		variances[i] = max(a.q-m*a.s, 0) / max(a.n-correction, 0)
	}
	must(Copy(dst, engine.Of(dst.Shape, variances)))
	if mean.Buf != nil {
		must(Copy(mean, engine.Of(mean.Shape, means)))
	}
}
