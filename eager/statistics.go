package eager

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/engine/op"
)

// Quantile returns the quantile q, a number or a vector in [0, 1], along axis, which is dropped; the
// quantiles of a vector lie along a new first axis. Between two elements the result is how: "linear" (the
// default), "lower", "higher", "nearest" or "midpoint". NaN where a line has one.
func (x *Tensor) Quantile(q any, axis int, how ...string) *Tensor {
	return x.quantile("Quantile", q, axis, false, how)
}

// NanQuantile is Quantile of the elements that are numbers; NaN where there are none.
func (x *Tensor) NanQuantile(q any, axis int, how ...string) *Tensor {
	return x.quantile("NanQuantile", q, axis, true, how)
}

func (x *Tensor) quantile(where string, q any, axis int, skip bool, how []string) *Tensor {
	axis = x.axis(where, axis)
	n := x.arr.Shape[axis]
	if n == 0 || !x.arr.DType.IsFloat() {
		engine.Fail(where, "axis %d of %v; want elements, and floats", axis, x.arr)
	}
	qs := operand(where, q).To(F64)
	if v := qs.Detach().Reshape(-1); v.Numel() > 0 && !(v.Min().Item() >= 0 && v.Max().Item() <= 1) {
		engine.Fail(where, "quantiles lie in [0, 1], got %v", v)
	}
	sorted, _ := x.Transpose(axis, -1).Sort(-1, false)
	nans := sorted.Detach().IsNaN()
	last := nans.Not().SumKeep(-1).Sub(1).Maximum(0) // [… 1]
	rank := last.To(F64).Mul(qs.Reshape(-1))
	if !skip {
		rank = Where(nans.To(I64).MaxKeep(-1).Ne(0), float64(n-1), rank)
	}
	y := between(where, sorted, rank, how)
	if qs.Rank() == 0 { // the axis of quantiles stands last; axis stands where it was moved to
		return y.Transpose(axis, -1).Squeeze(axis)
	}
	y = y.Unsqueeze(0).Transpose(0, -1)
	return y.Squeeze(-1).insertAxis(axis+1, x.Rank())
}

// insertAxis undoes the exchange of axis with the last one in a tensor whose last axis is gone: axis from
// holds what was last.
func (x *Tensor) insertAxis(from, rank int) *Tensor {
	if from == rank {
		return x
	}
	perm := make([]int, 0, rank)
	for i := range rank {
		if i != from {
			perm = append(perm, i)
		}
	}
	return x.Permute(append(perm, from)...)
}

// between reads sorted lines at fractional ranks.
func between(where string, sorted, rank *Tensor, how []string) *Tensor {
	mode := "linear"
	if len(how) > 0 {
		mode = how[0]
	}
	switch mode {
	case "lower":
		rank = rank.Floor()
	case "higher":
		rank = rank.Ceil()
	case "nearest":
		rank = rank.Round()
	case "linear", "midpoint":
	default:
		engine.Fail(where, "interpolation %q is unknown; known: linear, lower, higher, nearest, midpoint", mode)
	}
	below := rank.Floor()
	low := sorted.Gather(-1, below.To(I64))
	if mode != "linear" && mode != "midpoint" {
		return low
	}
	part := rank.Sub(below)
	if mode == "midpoint" {
		part = Where(part.Gt(0), 0.5, part)
	}
	high := sorted.Gather(-1, rank.Ceil().To(I64))
	part = part.To(sorted.arr.DType)
	y := low.Add(high.Sub(low).Mul(part))
	ends := low.Detach().IsInf().Or(high.Detach().IsInf())
	if ends.Numel() == 0 || ends.Any().Item() == 0 {
		return y
	}
	// differences with infinities are not numbers; the element itself counts, or the one that is infinite
	atLow := part.Eq(0).Or(low.Detach().Eq(high.Detach()))
	far := Where(low.Detach().IsInf(), low, high)
	both := low.Detach().IsInf().And(high.Detach().IsInf())
	y = Where(ends, Where(both, math.NaN(), far), y)
	return Where(atLow, low, y)
}

// Median returns the middle element along axis, which is dropped (the lower of two), and where it stood;
// NaN where there is one.
func (x *Tensor) Median(axis int) (value, index *Tensor) { return x.middle("Median", axis, false) }

// NanMedian is Median of the elements that are numbers; NaN where there are none.
func (x *Tensor) NanMedian(axis int) (value, index *Tensor) { return x.middle("NanMedian", axis, true) }

func (x *Tensor) middle(where string, axis int, skip bool) (value, index *Tensor) {
	axis = x.axis(where, axis)
	n := x.arr.Shape[axis]
	if n == 0 {
		engine.Fail(where, "axis %d of %v is empty", axis, x.arr)
	}
	sorted, order := x.Detach().Sort(axis, false)
	nans := sorted.IsNaN()
	at := nans.Not().SumKeep(axis).Sub(1).Maximum(0).FloorDiv(2)
	if !skip {
		numbers := nans.Not().SumKeep(axis)
		at = Where(numbers.Lt(n), numbers, at) // the first NaN
	}
	index = order.Gather(axis, at)
	return x.Gather(axis, index).Squeeze(axis), index.Squeeze(axis)
}

// CumMax returns the largest element so far along axis, and where it stood last (I64).
func (x *Tensor) CumMax(axis int) (values, index *Tensor) { return x.cumulative(op.CumArgMax, axis) }

// CumMin returns the smallest element so far along axis, and where it stood last (I64).
func (x *Tensor) CumMin(axis int) (values, index *Tensor) { return x.cumulative(op.CumArgMin, axis) }

func (x *Tensor) cumulative(d *op.Def, axis int) (values, index *Tensor) {
	axis = x.axis(d.Name, axis)
	index = apply1(d, op.AxisAttrs{Axis: axis}, x)
	return x.Gather(axis, index), index
}

// CumProd returns the running product along axis.
func (x *Tensor) CumProd(axis int) *Tensor {
	axis = x.axis("CumProd", axis)
	if x.IsComplex() {
		return x.running(axis, func(x, y *Tensor) *Tensor { return x.Mul(y) })
	}
	return apply1(op.CumProd, op.AxisAttrs{Axis: axis}, x)
}

// LogCumSumExp returns log Σ exp x up to each element along axis, without overflow.
func (x *Tensor) LogCumSumExp(axis int) *Tensor {
	axis = x.axis("LogCumSumExp", axis)
	if x.IsComplex() {
		return x.runningOneByOne(axis, logAddExpC)
	}
	return apply1(op.LogCumSumExp, op.AxisAttrs{Axis: axis}, x)
}

// Diff returns the n-th differences of neighbours along axis.
func (x *Tensor) Diff(n, axis int) *Tensor {
	axis = x.axis("Diff", axis)
	if n < 0 {
		engine.Fail("Diff", "n is %d; want ≥ 0", n)
	}
	for range n {
		k := x.arr.Shape[axis]
		if k == 0 {
			return x
		}
		head, tail := x.Slice(axis, 0, k-1), x.Slice(axis, 1, k)
		if x.arr.DType == Bool {
			x = tail.Ne(head)
		} else {
			x = tail.Sub(head)
		}
	}
	return x
}

// Trapezoid returns the integral along axis by the trapezoidal rule; dx, a number or a tensor that
// broadcasts against the pairs of neighbours, is their distance.
func (x *Tensor) Trapezoid(dx any, axis int) *Tensor {
	axis = x.axis("Trapezoid", axis)
	return x.trapezoids(dx, axis).Sum(axis)
}

// CumTrapezoid returns the running integral along axis by the trapezoidal rule; see Trapezoid.
func (x *Tensor) CumTrapezoid(dx any, axis int) *Tensor {
	axis = x.axis("CumTrapezoid", axis)
	return x.trapezoids(dx, axis).CumSum(axis)
}

func (x *Tensor) trapezoids(dx any, axis int) *Tensor {
	n := x.arr.Shape[axis]
	pairs := x.Slice(axis, 0, max(n-1, 0)).Add(x.Slice(axis, min(1, n), n))
	return pairs.Mul(dx).Div(2.0)
}

// CovOptions weigh the observations of Cov.
type CovOptions struct {
	Population bool    // divide by n, not n − 1
	Correction int     // divide by n − Correction; 0: n − 1, or n with Population
	Frequency  *Tensor // how often each observation counts; integers
	Weights    *Tensor // how much each observation counts
}

// Cov returns the covariance matrix of the rows of x [variables observations]; of a vector its variance.
func (x *Tensor) Cov(o CovOptions) *Tensor {
	x.must("Cov")
	if x.Rank() > 2 {
		engine.Fail("Cov", "tensor %v has more than 2 axes", x.arr)
	}
	if x.Rank() < 2 {
		x = x.Reshape(1, x.Numel())
	}
	if !x.arr.DType.IsFloat() && !x.IsComplex() {
		x = x.To(F32)
	}
	n := x.Size(1)
	w := full(x.Real().arr.DType, 1, engine.Shape{n}).onto(x.Device())
	switch {
	case o.Frequency != nil && o.Weights != nil:
		w = o.Frequency.Mul(o.Weights)
	case o.Frequency != nil:
		w = o.Frequency
	case o.Weights != nil:
		w = o.Weights
	}
	total := w.Sum()
	centred := x.Sub(x.Mul(w).SumKeep(1).Div(total))
	norm, k := total, o.Correction
	if k == 0 && !o.Population {
		k = 1
	}
	switch {
	case k != 0 && o.Weights != nil:
		norm = total.Sub(w.Mul(o.Weights).Sum().Div(total).Mul(k))
	case k != 0:
		norm = total.Sub(k)
	}
	c := centred.Mul(w).MatMul(centred.adjoint()).Div(norm.Maximum(0))
	if x.Size(0) == 1 {
		return c.Reshape()
	}
	return c
}

// CorrCoef returns the correlation coefficients of the rows of x [variables observations].
func (x *Tensor) CorrCoef() *Tensor {
	c := x.Cov(CovOptions{})
	if c.Rank() == 0 {
		return c.Div(c)
	}
	std := c.Diagonal(0, 0, 1).Real().Sqrt()
	c = c.Div(std.Unsqueeze(1)).Div(std)
	if c.IsComplex() {
		return Complex(c.Real().Clamp(-1, 1), c.Imag().Clamp(-1, 1))
	}
	return c.Clamp(-1, 1)
}

// BinCount returns how often each of 0 … max x occurs in a tensor of integers ≥ 0 (I64), or the sums of
// the weights of equal elements (F64); weights may be nil. The result has at least n elements.
func (x *Tensor) BinCount(weights *Tensor, n int) *Tensor {
	x.must("BinCount")
	if x.Numel() > 0 {
		n = max(n, int(x.Max().Item())+1)
	}
	dst, w := engine.NewArray(I64, engine.Shape{n}), engine.Array{}
	if weights != nil {
		dst, w = engine.NewArray(F64, engine.Shape{n}), weights.Detach().onto(nil).arr
	}
	if err := cpu.BinCount(dst, x.Detach().onto(nil).arr, w); err != nil {
		panic(&engine.Error{Where: "BinCount", What: err.Error()})
	}
	return FromArray(dst).onto(x.Device())
}

// Histogram returns the weights of the elements of x in each of the bins between ascending edges [n+1],
// the last one closed; weights nil: their number. Elements outside do not count. With density the result
// is divided so that its integral is 1.
func (x *Tensor) Histogram(edges, weights *Tensor, density bool) *Tensor {
	x.must("Histogram")
	present("Histogram", "edges", edges)
	n := edges.Numel() - 1
	if edges.Rank() != 1 || n < 1 {
		engine.Fail("Histogram", "edges are %v; want a vector of at least 2", edges.arr)
	}
	flat := x.Detach().Reshape(-1)
	at, inside := binOf(flat, edges)
	w := OnesLike(flat)
	if weights != nil {
		w = weights.Detach().Reshape(-1).To(x.arr.DType)
	}
	h := full(x.arr.DType, 0, engine.Shape{n}).onto(x.Device()).ScatterAdd(0, Where(inside, at, 0).To(I64), Where(inside, w, 0))
	if density {
		h = h.Div(h.Sum()).Div(edges.Slice(0, 1, n+1).Sub(edges.Slice(0, 0, n)))
	}
	return h
}

// binOf returns the bin of each element of a vector, and whether there is one.
func binOf(x, edges *Tensor) (at, inside *Tensor) {
	n := edges.Numel() - 1
	at = edges.SearchSorted(x, true).Sub(1)
	at = Where(x.Eq(edges.Index(n)), n-1, at)
	return at, at.Ge(0).And(at.Lt(n)).And(x.IsNaN().Not())
}

// HistogramDD returns the weights of the rows of x [n d] in the boxes that d vectors of ascending edges
// make → [bins of edges 0, …]; weights [n] nil: their number. With density the result is divided so that
// its integral is 1. Agrees with torch.histogramdd; for edges of one width see HistogramEdges of a column.
func (x *Tensor) HistogramDD(edges []*Tensor, weights *Tensor, density bool) *Tensor {
	x.must("HistogramDD")
	if x.Rank() != 2 || x.Size(1) != len(edges) || len(edges) == 0 {
		engine.Fail("HistogramDD", "x is %v with edges of %d axes; want [n %d]", x.arr, len(edges), len(edges))
	}
	var shape engine.Shape
	at, inside := full(engine.I64, 0, engine.Shape{x.Size(0)}).onto(x.Device()), full(engine.Bool, 1, engine.Shape{x.Size(0)}).onto(x.Device())
	for i, e := range edges {
		if present("HistogramDD", "a vector of edges", e); e.Rank() != 1 || e.Numel() < 2 {
			engine.Fail("HistogramDD", "edges of axis %d are %v; want a vector of at least 2", i, e.arr)
		}
		column := x.Detach().Slice(1, i, i+1).Reshape(-1)
		bin, in := binOf(column, e)
		shape = append(shape, e.Numel()-1)
		at, inside = at.Mul(shape[i]).Add(Where(in, bin, 0)), inside.And(in)
	}
	w := full(x.arr.DType, 1, engine.Shape{x.Size(0)}).onto(x.Device())
	if weights != nil {
		w = weights.Detach().Reshape(-1).To(x.arr.DType)
	}
	h := full(x.arr.DType, 0, engine.Shape{shape.Numel()}).onto(x.Device()).
		ScatterAdd(0, Where(inside, at, 0).To(I64), Where(inside, w, 0)).Reshape(shape...)
	if !density {
		return h
	}
	h = h.Div(h.Sum())
	for i, e := range edges {
		width := e.Slice(0, 1, e.Numel()).Sub(e.Slice(0, 0, e.Numel()-1))
		for range len(edges) - 1 - i {
			width = width.Unsqueeze(-1)
		}
		h = h.Div(width)
	}
	return h
}

// HistogramEdges returns the n+1 edges of n bins of one width from lo to hi; where both are 0, from the
// least to the greatest element of x.
func (x *Tensor) HistogramEdges(n int, lo, hi float64) *Tensor {
	x.must("HistogramEdges")
	if n < 1 || !(lo <= hi) {
		engine.Fail("HistogramEdges", "%d bins from %v to %v; want ≥ 1 and an ascending range", n, lo, hi)
	}
	if lo == 0 && hi == 0 && x.Numel() > 0 {
		lo, hi = x.Min().Item(), x.Max().Item()
		if math.IsNaN(lo + hi) {
			engine.Fail("HistogramEdges", "tensor %v has NaN; name a range", x.arr)
		}
	}
	if lo == hi && (x.Numel() > 0) {
		lo, hi = lo-1, hi+1
	} else if lo == hi {
		hi = lo + 1
	}
	return LinspaceOf(x.arr.DType, lo, hi, n+1).onto(x.Device())
}
