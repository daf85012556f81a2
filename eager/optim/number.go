package optim

import "math"

// number is a number of a line search. Whether a step is long enough is decided by differences of nearly
// equal numbers, so that the order of roundings chooses the path. PyTorch has lengths and losses in float64
// until they meet a slope, which is a tensor of the parameters' dtype, and then rounds each operation to it;
// the same is done here.
type number[T real] struct {
	v       float64
	rounded bool // an operation with it is rounded to T
}

func exactly[T real](v float64) number[T] { return number[T]{v: v} }
func rounded[T real](v T) number[T]       { return number[T]{float64(v), true} }

// with prepares an operation: both operands as it takes them, and whether its result is rounded.
func (a number[T]) with(b number[T]) (x, y float64, round bool) {
	if a.rounded || b.rounded {
		return float64(T(a.v)), float64(T(b.v)), true
	}
	return a.v, b.v, false
}

// numberOf rounds v if told so. float64 has more than twice the digits of float32, so that rounding twice
// is rounding once for + − × ÷ √.
func numberOf[T real](v float64, round bool) number[T] {
	if round {
		v = float64(T(v))
	}
	return number[T]{v, round}
}

func (a number[T]) plus(b number[T]) number[T] {
	x, y, round := a.with(b)
	return numberOf[T](x+y, round)
}

func (a number[T]) minus(b number[T]) number[T] {
	x, y, round := a.with(b)
	return numberOf[T](x-y, round)
}

func (a number[T]) times(b number[T]) number[T] {
	x, y, round := a.with(b)
	return numberOf[T](x*y, round)
}

// over divides. PyTorch multiplies a float by the reciprocal of a tensor.
func (a number[T]) over(b number[T]) number[T] {
	if b.rounded && !a.rounded {
		return rounded(T(1 / b.v)).times(a)
	}
	x, y, round := a.with(b)
	return numberOf[T](x/y, round)
}

func (a number[T]) root() number[T]            { return numberOf[T](math.Sqrt(a.v), a.rounded) }
func (a number[T]) abs() number[T]             { return number[T]{math.Abs(a.v), a.rounded} }
func (a number[T]) scaled(s float64) number[T] { return a.times(exactly[T](s)) }

func (a number[T]) less(b number[T]) bool {
	x, y, _ := a.with(b)
	return x < y
}

// lower and higher return a unless b is less, or more.
func (a number[T]) lower(b number[T]) number[T] {
	if b.less(a) {
		return b
	}
	return a
}

func (a number[T]) higher(b number[T]) number[T] {
	if a.less(b) {
		return b
	}
	return a
}

func (a number[T]) atMost(b number[T]) bool {
	x, y, _ := a.with(b)
	return x <= y
}
