package cpu

import "math"

var (
	sumF32 = fold[float32, float64, float32]{
		row: func(a float64, x []float32) float64 { return a + sumRow(x) },
		col: func(acc []float64, x []float32) { addColumns(acc, x) }, cols: func(acc []float64, x []float32, s int) { addRows(acc, x, s) },
		join: addOf[float64], joins: addInto[float64], last: func(a float64, _ int) float32 { return float32(a) },
		rows: &rowsSumF32,
	}
	meanF32 = fold[float32, float64, float32]{
		row: func(a float64, x []float32) float64 { return a + sumRow(x) },
		col: func(acc []float64, x []float32) { addColumns(acc, x) }, cols: func(acc []float64, x []float32, s int) { addRows(acc, x, s) },
		join: addOf[float64], joins: addInto[float64], last: func(a float64,
			n int,
		) float32 {
			return float32(a / float64(n))
		},
		rows: &rowsMeanF32,
	}
	sumF64 = fold[float64, float64, float64]{
		row: func(a float64, x []float64) float64 { return a + sumRowF64(x) }, col: addInto[float64],
		join: addOf[float64], last: func(a float64, _ int) float64 { return a },
	}
	meanF64 = fold[float64, float64, float64]{
		row: func(a float64, x []float64) float64 { return a + sumRowF64(x) }, col: addInto[float64],
		join: addOf[float64], last: func(a float64, n int) float64 { return a / float64(n) },
	}
	sumI64 = fold[int64, int64, int64]{
		row: func(a int64, x []int64) int64 { return a + sumRowI64(x) }, col: addInto[int64],
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
)

var (
	normF32 = fold[float32, float64, float32]{
		row: func(a float64, x []float32) float64 { return a + dotRow(x, x) }, col: addSquares[float32],
		join: addOf[float64], last: func(a float64, _ int) float32 { return float32(math.Sqrt(a)) },
	}
	normF64 = fold[float64, float64, float64]{
		row: func(a float64, x []float64) float64 { return a + squares(x) }, col: addSquares[float64],
		join: addOf[float64], last: func(a float64, _ int) float64 { return math.Sqrt(a) },
	}
)

// addSquares adds the squares of x to acc.
func addSquares[T float](acc []float64, x []T) {
	x = x[:len(acc)]
	for i, v := range x {
		acc[i] += float64(v) * float64(v)
	}
}

// squares adds the squares of halves recursively, as pairwise does.
func squares(x []float64) float64 {
	if len(x) > 256 {
		h := len(x) / 2
		return squares(x[:h]) + squares(x[h:])
	}
	var a, b, c, d float64
	for ; len(x) >= 4; x = x[4:] {
		a += x[0] * x[0]
		b += x[1] * x[1]
		c += x[2] * x[2]
		d += x[3] * x[3]
	}
	for _, v := range x {
		a += v * v
	}
	return (a + b) + (c + d)
}

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

// addRows adds eightRows rows of x, which lie stride apart, to acc.
var addRows = addRowsGo

func addRowsGo(acc []float64, x []float32, stride int) {
	for i := range eightRows {
		addColumns(acc, x[i*stride:])
	}
}

// sumRowF64 and sumRowI64 add a contiguous run.
var (
	sumRowF64 = pairwise
	sumRowI64 = sumRowI64Go
)

func sumRowI64Go(x []int64) int64 {
	var a int64
	for _, v := range x {
		a += v
	}
	return a
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

// The largest and least elements of lines that have elements; NaN if one is.
var (
	lineMaxF32, lineMinF32 = lineMaxOf[float32], lineMinOf[float32]
	lineMaxF64, lineMinF64 = lineMaxOf[float64], lineMinOf[float64]
	lineMaxI32, lineMinI32 = lineMaxOf[int32], lineMinOf[int32]
	lineMaxI64, lineMinI64 = lineMaxOf[int64], lineMinOf[int64]
)

func lineMaxOf[T number](x []T) T {
	m := x[0]
	for _, v := range x {
		m = max(m, v)
	}
	return m
}

func lineMinOf[T number](x []T) T {
	m := x[0]
	for _, v := range x {
		m = min(m, v)
	}
	return m
}

// The sums and means of contiguous rows of n; nil where there is no routine.
var rowsSumF32, rowsMeanF32 func(d, x []float32, n int)

// The extremes of contiguous rows of n; nil where there is no routine.
var rowsMaxF32, rowsMinF32 func(d, x []float32, n int)

// The extremes of acc and of eight rows that lie stride apart.
var columnsMaxF32, columnsMinF32 = columnsMaxGo, columnsMinGo

func columnsMaxGo(acc, x []float32, stride int) {
	for r := range eightRows {
		maxV(acc, acc, x[r*stride:][:len(acc)])
	}
}

func columnsMinGo(acc, x []float32, stride int) {
	for r := range eightRows {
		minV(acc, acc, x[r*stride:][:len(acc)])
	}
}

// extremeOf is the maximum (sign 1) or minimum (sign −1); the built-in max and min propagate NaN.
// line and pair are the variables that hold the functions of a line and of two.
func extremeOf[T number](init T, sign int, line *func(x []T) T, pair *func(d, x, y []T)) *fold[T, T,
	T] {
	f := &fold[T, T, T]{
		init: init, last: func(a T, _ int) T { return a },
		join: func(a, b T) T { return max(a, b) },
		col:  func(acc, x []T) { (*pair)(acc, acc, x[:len(acc)]) },
	}
	f.joins = f.col
	if sign < 0 {
		f.join = func(a, b T) T { return min(a, b) }
	}
	join := f.join
	f.row = func(a T, x []T) T {
		if len(x) == 0 {
			return a
		}
		return join(a, (*line)(x))
	}
	return f
}

var (
	maxF32 = blockwise(extremeOf(float32(math.Inf(-1)), 1, &lineMaxF32, &Maximum.F32), &rowsMaxF32,
		&columnsMaxF32)
	minF32 = blockwise(extremeOf(float32(math.Inf(1)), -1, &lineMinF32, &Minimum.F32), &rowsMinF32,
		&columnsMinF32)
	maxF64 = extremeOf(math.Inf(-1), 1, &lineMaxF64, &Maximum.F64)
	minF64 = extremeOf(math.Inf(1), -1, &lineMinF64, &Minimum.F64)
	maxI64 = extremeOf(math.MinInt64, 1, &lineMaxI64, &Maximum.I64)
	minI64 = extremeOf(math.MaxInt64, -1, &lineMinI64, &Minimum.I64)
	maxI32 = extremeOf(math.MinInt32, 1, &lineMaxI32, &Maximum.I32)
	minI32 = extremeOf(math.MaxInt32, -1, &lineMinI32, &Minimum.I32)
)

// blockwise returns f with the functions that the variables hold.
func blockwise(
	f *fold[float32, float32, float32], rows *func(d, x []float32, n int), cols *func(acc, x []float32, s int),
) *fold[float32, float32, float32] {
	f.rows, f.cols = rows, func(acc, x []float32, s int) { (*cols)(acc, x, s) }
	return f
}

// narrowExtremeOf is extremeOf of the types that have no routines.
func narrowExtremeOf[T number](init T, sign int) *fold[T, T, T] {
	line, pair := lineMaxOf[T], maxV[T]
	if sign < 0 {
		line, pair = lineMinOf[T], minV[T]
	}
	return extremeOf(init, sign, &line, &pair)
}
