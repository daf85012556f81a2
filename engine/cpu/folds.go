package cpu

import "math"

var (
	sumF32 = fold[float32, float64, float32]{
		row: func(a float64, x []float32) float64 { return a + sumRow(x) },
		col: func(acc []float64, x []float32) { addColumns(acc, x) },

		join: addOf[float64], last: func(a float64, _ int) float32 { return float32(a) },
	}
	meanF32 = fold[float32, float64, float32]{
		row: func(a float64, x []float32) float64 { return a + sumRow(x) },
		col: func(acc []float64, x []float32) { addColumns(acc, x) },

		join: addOf[float64], last: func(a float64,
			n int,
		) float32 {
			return float32(a / float64(n))
		},
	}
	sumF64 = fold[float64, float64, float64]{
		row: func(a float64, x []float64) float64 { return a + pairwise(x) }, col: addInto[float64],
		join: addOf[float64], last: func(a float64, _ int) float64 { return a },
	}
	meanF64 = fold[float64, float64, float64]{
		row: func(a float64, x []float64) float64 { return a + pairwise(x) }, col: addInto[float64],
		join: addOf[float64], last: func(a float64, n int) float64 { return a / float64(n) },
	}
	sumI64 = fold[int64, int64, int64]{
		row: func(a int64, x []int64) int64 {
			for _, v := range x {
				a += v
			}
			return a
		}, col: addInto[int64],
		join: addOf[int64], last: func(a int64, _ int) int64 { return a },
	}
	prodI64 = fold[int64, int64, int64]{
		init: 1, row: func(a int64, x []int64) int64 {
			for _, v := range x {
				a *= v
			}
			return a
		}, col: func(acc, x []int64) {
			for i := range acc {
				acc[i] *= x[i]
			}
		},
		join: func(a, b int64) int64 { return a * b }, last: func(a int64,
			_ int,
		) int64 {
			return a
		},
	}
	maxF32 = func() fold[float32, float32, float32] {
		f := *extremeOf(float32(math.Inf(-1)), 1)
		f.row = func(a float32, x []float32) float32 { return max(a, lineMaxF32(x)) }
		f.col = func(acc, x []float32) { Maximum.F32(acc, acc, x[:len(acc)]) }
		return f
	}()
)

func addOf[T number](a, b T) T { return a + b }

// sumRow adds a contiguous run.
var sumRow = sumRowGo

func sumRowGo(x []float32) float64 {
	var a, b, c, d float64
	for ; len(x) >= 4; x = x[4:] {
		a += float64(x[0])
		b += float64(x[1])
		c += float64(x[2])
		d += float64(x[3])
	}
	for _, v := range x {
		a += float64(v)
	}
	return (a + b) + (c + d)
}

// addColumns adds x to acc.
var addColumns = addColumnsGo

func addColumnsGo(acc []float64, x []float32) {
	x = x[:len(acc)]
	for i, v := range x {
		acc[i] += float64(v)
	}
}

func addInto[T number](acc, x []T) {
	x = x[:len(acc)]
	for i, v := range x {
		acc[i] += v
	}
}

// pairwise adds halves recursively; the error grows with the logarithm of the length.
func pairwise(x []float64) float64 {
	if len(x) > 256 {
		h := len(x) / 2
		return pairwise(x[:h]) + pairwise(x[h:])
	}
	var a, b, c, d float64
	for ; len(x) >= 4; x = x[4:] {
		a += x[0]
		b += x[1]
		c += x[2]
		d += x[3]
	}
	for _, v := range x {
		a += v
	}
	return (a + b) + (c + d)
}

// prodOf multiplies in float64.
func prodOf[T float]() *fold[T, float64, T] {
	return &fold[T, float64, T]{
		init: 1,
		row: func(a float64, x []T) float64 {
			for _, v := range x {
				a *= float64(v)
			}
			return a
		},
		col: func(acc []float64, x []T) {
			for i := range acc {
				acc[i] *= float64(x[i])
			}
		},
		join: func(a, b float64) float64 { return a * b },
		last: func(a float64, _ int) T { return T(a) },
	}
}

// extremeOf is the maximum (sign 1) or minimum (sign −1); the built-in max and min propagate NaN.
func extremeOf[T number](init T, sign int) *fold[T, T, T] {
	f := &fold[T, T, T]{init: init, last: func(a T, _ int) T { return a }}
	if sign > 0 {
		f.join = func(a, b T) T { return max(a, b) }
		f.row = func(a T, x []T) T {
			for _, v := range x {
				a = max(a, v)
			}
			return a
		}
		f.col = func(acc, x []T) { maxV(acc, acc, x) }
		return f
	}
	f.join = func(a, b T) T { return min(a, b) }
	f.row = func(a T, x []T) T {
		for _, v := range x {
			a = min(a, v)
		}
		return a
	}
	f.col = func(acc, x []T) { minV(acc, acc, x) }
	return f
}
