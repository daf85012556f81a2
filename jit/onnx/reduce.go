package onnx

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// reduction registers a reduction over axes, which are an input since version inputSince. empty is the
// result over no elements, NaN where that is an error.
func reduction(name string, inputSince int, f func(x *eager.Tensor, axes []int) *eager.Tensor) {
	add(name, 1, func(c *call) []Value {
		x := c.numeric(0)
		axes, keep := c.listOf("axes", 1, inputSince), c.int("keepdims", 1) != 0
		if len(axes) == 0 {
			if c.int("noop_with_empty_axes", 0) != 0 {
				return one(noReduction(name, x))
			}
			axes = nil
			for i := range x.Shape() {
				axes = append(axes, i)
			}
		}
		axes = axesOf(axes, len(x.Shape()))
		y := reducedOver(x, axes, f)
		if !keep {
			return one(y)
		}
		shape := slices.Clone([]int(x.Shape()))
		for _, a := range axes {
			shape[a] = 1
		}
		return one(y.reshaped(shape...))
	})
}

// reducedOver computes on a type wide enough and gives the result x's type.
func reducedOver(x *Tensor, axes []int, f func(x *eager.Tensor, axes []int) *eager.Tensor) *Tensor {
	if len(axes) == 0 { // a scalar
		return x.like(f(x.Data.Reshape(1), []int{0}).To(x.Data.DType()).Reshape())
	}
	if x.Type.isInt() {
		return convert(FromTensor(f(x.Data.To(engine.I64), axes)), x.Type, true, "up")
	}
	return widened(x, func(t *eager.Tensor) *eager.Tensor { return f(t, axes) })
}

// noReduction is what a reduction over no axes is: only what it does to each element.
func noReduction(name string, x *Tensor) *Tensor {
	return reducedOver(x.reshaped(append([]int{1}, x.Shape()...)...), []int{0}, reductions[name])
}

var reductions = map[string]func(x *eager.Tensor, axes []int) *eager.Tensor{
	"ReduceSum":  func(x *eager.Tensor, a []int) *eager.Tensor { return x.Sum(a...) },
	"ReduceMean": mean,
	"ReduceProd": func(x *eager.Tensor, a []int) *eager.Tensor { return eachAxis(x, a, prod) },
	"ReduceMax":  func(x *eager.Tensor, a []int) *eager.Tensor { return extreme(x, a, false) },
	"ReduceMin":  func(x *eager.Tensor, a []int) *eager.Tensor { return extreme(x, a, true) },
	"ReduceL1":   func(x *eager.Tensor, a []int) *eager.Tensor { return x.Abs().Sum(a...) },
	"ReduceL2": func(x *eager.Tensor, a []int) *eager.Tensor {
		return asFloat(x.Mul(x).Sum(a...)).Sqrt()
	},
	"ReduceSumSquare": func(x *eager.Tensor, a []int) *eager.Tensor { return x.Mul(x).Sum(a...) },
	"ReduceLogSum":    func(x *eager.Tensor, a []int) *eager.Tensor { return asFloat(x.Sum(a...)).Log() },
	"ReduceLogSumExp": logSumExp,
}

func init() {
	for name, f := range reductions {
		since := 18
		if name == "ReduceSum" {
			since = 13
		}
		reduction(name, since, f)
	}
	add("ArgMax", 1, argExtreme(false))
	add("ArgMin", 1, argExtreme(true))
	add("CumSum", 11, cumulative((*eager.Tensor).CumSum, 0))
	add("CumProd", 26, cumulative((*eager.Tensor).CumProd, 1))
	add("TopK", 1, topK)
	add("NonZero", 9, nonZero)
	add("Unique", 11, unique)
}

func asFloat(x *eager.Tensor) *eager.Tensor {
	if x.DType().IsInt() {
		return x.To(engine.F64)
	}
	return x
}

func mean(x *eager.Tensor, axes []int) *eager.Tensor {
	n := 1
	for _, a := range axes {
		n *= x.Size(a)
	}
	if x.DType().IsInt() {
		return x.Sum(axes...).To(engine.F64).Div(float64(n)).Trunc().To(engine.I64)
	}
	return x.Mean(axes...)
}

func prod(x *eager.Tensor, axis int) *eager.Tensor { return x.Prod(axis) }

// eachAxis reduces one axis after the other, the last first.
func eachAxis(x *eager.Tensor, axes []int, f func(x *eager.Tensor, axis int) *eager.Tensor) *eager.Tensor {
	for i := len(axes) - 1; i >= 0; i-- {
		x = f(x, axes[i])
	}
	return x
}

// extreme is the greatest or least element; over no elements the type's least or greatest value.
func extreme(x *eager.Tensor, axes []int, least bool) *eager.Tensor {
	n := 1
	for _, a := range axes {
		n *= x.Size(a)
	}
	if n == 0 {
		return neutral(x, axes, least)
	}
	if x.DType() == engine.Bool {
		x = x.To(engine.I64)
		defer func() { x = nil }()
		return pickExtreme(x, axes, least).Ne(0)
	}
	return pickExtreme(x, axes, least)
}

func pickExtreme(x *eager.Tensor, axes []int, least bool) *eager.Tensor {
	if least {
		return x.Min(axes...)
	}
	return x.Max(axes...)
}

func neutral(x *eager.Tensor, axes []int, least bool) *eager.Tensor {
	var shape []int
	for i, d := range x.Shape() {
		if !slices.Contains(axes, i) {
			shape = append(shape, d)
		}
	}
	sign := -1
	if least {
		sign = 1
	}
	if x.DType().IsFloat() {
		return eager.Full(math.Inf(sign), shape...).To(x.DType())
	}
	lo, hi := elemTypeOf(x.DType()).bounds()
	if x.DType() == engine.Bool {
		lo, hi = 0, 1
	}
	v := lo
	if least {
		v = hi
	}
	return eager.FromInts([]int{int(v)}).Expand(shape...).To(x.DType())
}

func logSumExp(x *eager.Tensor, axes []int) *eager.Tensor {
	x = asFloat(x)
	n := 1
	for _, a := range axes {
		n *= x.Size(a)
	}
	if n == 0 {
		return neutral(x, axes, false)
	}
	return x.LogSumExp(axes...)
}

func argExtreme(least bool) kernel {
	return func(c *call) []Value {
		x := c.numeric(0)
		axis := axisOf(c.int("axis", 0), len(x.Shape()))
		t := x.Data
		last := c.flag("select_last_index")
		if last {
			t = t.Flip(axis)
		}
		var at *eager.Tensor
		if least {
			at = t.ArgMin(axis)
		} else {
			at = t.ArgMax(axis)
		}
		if last {
			at = at.Neg().Add(x.Shape()[axis] - 1)
		}
		if c.int("keepdims", 1) != 0 {
			at = at.Unsqueeze(axis)
		}
		return one(number(Int64, at))
	}
}

// cumulative registers a running sum or product, which starts with neutral when it is exclusive.
func cumulative(f func(x *eager.Tensor, axis int) *eager.Tensor, start float64) kernel {
	return func(c *call) []Value {
		x := c.numeric(0)
		axis := axisOf(c.integer(1), len(x.Shape()))
		reverse, exclusive := c.flag("reverse"), c.flag("exclusive")
		run := func(t *eager.Tensor) *eager.Tensor {
			if reverse {
				t = t.Flip(axis)
			}
			if n := t.Size(axis); exclusive && n > 0 {
				before, after := make([]int, t.Rank()), make([]int, t.Rank())
				before[axis] = 1
				t = t.Slice(axis, 0, n-1).Pad(before, after, start)
			}
			t = f(t, axis)
			if reverse {
				t = t.Flip(axis)
			}
			return t
		}
		if x.Type.isInt() {
			return one(convert(FromTensor(run(x.Data.To(engine.I64))), x.Type, true, "up"))
		}
		return one(widened(x, run))
	}
}

func topK(c *call) []Value {
	x := c.numeric(0)
	k := c.int("k", 0)
	if c.version >= 10 {
		k = c.integer(1)
	}
	axis := axisOf(c.int("axis", -1), len(x.Shape()))
	if k < 0 || k > x.Shape()[axis] {
		fail("k is %d, axis %d of %s has %d elements", k, axis, x.describe(), x.Shape()[axis])
	}
	largest := c.int("largest", 1) != 0
	t := x.Data
	if x.Type == Uint64 {
		t = t.Xor(math.MinInt64) // order of the unsigned values
	}
	var index *eager.Tensor
	if k == x.Shape()[axis] || c.int("sorted", 1) == 0 {
		index = t.ArgSort(axis, largest).Slice(axis, 0, k)
	} else if largest {
		_, index = t.TopK(k, axis)
	} else {
		_, index = t.BottomK(k, axis)
	}
	return []Value{x.like(x.Data.Gather(axis, index)), number(Int64, index)}
}

func nonZero(c *call) []Value {
	x := c.tensor(0)
	rank := len(x.Shape())
	if rank == 0 {
		if x.Data.Ne(0).Item() != 0 {
			return one(fromInts([]int{}, 0, 1))
		}
		return one(fromInts([]int{}, 0, 0))
	}
	at := x.Data.NonZero()
	return one(number(Int64, at.Permute(1, 0)))
}

// unique returns the distinct elements, or slices along axis, and where each stood first.
func unique(c *call) []Value {
	x := c.tensor(0)
	sorted := c.int("sorted", 1) != 0
	axis, flat := 0, x.reshaped(x.Numel())
	if c.node.has("axis") {
		axis = axisOf(c.int("axis", 0), len(x.Shape()))
		flat = x
	}
	n := flat.Shape()[axis]
	keys := sliceKeys(flat, axis)
	first, counts := map[string]int{}, map[string]int{}
	var order []int // slices that are distinct, as they first stand
	for i, k := range keys {
		if _, seen := first[k.text]; !seen {
			first[k.text] = i
			order = append(order, i)
		}
		counts[k.text]++
	}
	if sorted {
		slices.SortStableFunc(order, func(a, b int) int { return keys[a].compare(keys[b]) })
	}
	rank := map[string]int{}
	count := make([]int, len(order))
	for r, i := range order {
		rank[keys[i].text] = r
		count[r] = counts[keys[i].text]
	}
	inverse := make([]int, n)
	for i, k := range keys {
		inverse[i] = rank[k.text]
	}
	picked := byIndex(flat, func(t *eager.Tensor) *eager.Tensor {
		return t.IndexSelect(axis, eager.FromInts(order, len(order)))
	})
	return []Value{picked, fromInts(order, len(order)), fromInts(inverse, n), fromInts(count, len(order))}
}
