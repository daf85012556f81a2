package torch

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// selectAlong is an operator with values and indices along dim, on scalars too.
func selectAlong(params string, dim int, f func(c *call, x *tensor, axis int) (*tensor, *tensor)) entry {
	return entry{params, func(c *call) any {
		x, axis := c.t("input"), c.int("dim", dim)
		keep := c.bool("keepdim", false)
		if x.Rank() == 0 {
			v, i := f(c, x.Reshape(1), 0)
			return []any{v.Reshape(), i.Reshape()}
		}
		v, i := f(c, x, axis)
		if keep {
			v, i = v.Unsqueeze(axis), i.Unsqueeze(axis)
		}
		return []any{v, i}
	}}
}

// medianOf is median and nanmedian, of all elements or along an axis.
func medianOf(f func(x *tensor, axis int) (*tensor, *tensor)) entry {
	along := selectAlong("input dim keepdim", -1, func(_ *call, x *tensor, axis int) (*tensor, *tensor) {
		return f(x, axis)
	})
	return entry{along.params, func(c *call) any {
		if c.has("dim") {
			return along.f(c)
		}
		x := c.t("input").Reshape(-1)
		y, _ := f(x, 0)
		same := x.Detach().Eq(y.Detach())
		if !x.DType().IsFloat() || same.Sum().Item() < 2 {
			return y
		}
		return eager.Where(same, x, 0).Sum().Div(same.Sum()) // equal elements share the gradient
	}}
}

func quantileOf(f func(x *tensor, q any, axis int, how ...string) *tensor) entry {
	return entry{"input q dim keepdim interpolation", func(c *call) any {
		x, q, axis := c.t("input"), c.operand("q"), c.int("dim", 0)
		keep := c.bool("keepdim", false)
		rank := x.Rank()
		if !c.has("dim") || rank == 0 {
			x, axis = x.Reshape(-1), 0
		}
		y := f(x, q, axis, c.str("interpolation", "linear"))
		if keep && rank > 0 {
			lead := 0
			if t, ok := q.(*tensor); ok {
				lead = t.Rank()
			}
			if !c.has("dim") {
				return y.Reshape(append(append([]int{}, y.Shape()...), ones(rank)...)...)
			}
			y = y.Unsqueeze((axis+rank)%rank + lead)
		}
		return y
	}}
}

func unique(consecutive bool) entry {
	return entry{"input sorted return_inverse return_counts dim", func(c *call) any {
		c.bool("sorted", true)
		x := c.t("input")
		var v, inverse, counts *tensor
		switch {
		case c.has("dim"):
			v, inverse, counts = x.UniqueAlong(c.int("dim", 0), consecutive)
		case consecutive:
			v, inverse, counts = x.UniqueConsecutive()
		default:
			v, inverse, counts = x.Unique()
		}
		r := []any{v}
		if c.bool("return_inverse", false) {
			r = append(r, inverse)
		}
		if c.bool("return_counts", false) {
			r = append(r, counts)
		}
		if len(r) == 1 {
			return v
		}
		return r
	}}
}

// trapezoidal is an integral over points x or with distance dx.
func trapezoidal(f func(y *tensor, dx any, axis int) *tensor) entry {
	return entry{"input x dim", func(c *call) any {
		y, axis := c.t("input"), c.int("dim", -1)
		dx := any(c.float("dx", 1))
		if c.has("x") {
			x := c.t("x")
			a := axis
			if x.Rank() == 1 {
				a = 0
			}
			d := x.Diff(1, a)
			if x.Rank() == 1 && y.Rank() > 1 {
				s := ones(y.Rank())
				s[(axis+y.Rank())%y.Rank()] = d.Numel()
				d = d.Reshape(s...)
			}
			dx = d
		}
		return f(y, dx, axis)
	}}
}

// distinct reports whether there are no equal elements along axis.
func distinct(x *tensor, axis int) bool {
	v, _ := x.Detach().Sort(axis, false)
	n := v.Size(axis)
	return n < 2 || v.Slice(axis, 1, n).Eq(v.Slice(axis, 0, n-1)).Sum().Item() == 0
}

func cumulative(f func(x *tensor, axis int) (*tensor, *tensor)) entry {
	return selectAlong("input dim", 0, func(_ *call, x *tensor, axis int) (*tensor, *tensor) {
		return f(x, axis)
	})
}

var sorting = map[string]entry{
	"sort": {"input dim descending", func(c *call) any {
		c.bool("stable", false)
		return selectAlong("", -1, func(c *call, x *tensor, axis int) (*tensor, *tensor) {
			return x.Sort(axis, c.bool("descending", false))
		}).f(c)
	}},
	"argsort": {"input dim descending", func(c *call) any {
		c.bool("stable", false)
		return selectAlong("", -1, func(c *call, x *tensor, axis int) (*tensor, *tensor) {
			return x.Sort(axis, c.bool("descending", false))
		}).f(c).([]any)[1]
	}},
	"msort": unary(func(x *tensor) *tensor { v, _ := x.Sort(0, false); return v }),
	"topk": {"input k dim largest sorted", func(c *call) any {
		c.bool("sorted", true)
		x, k, axis, largest := c.t("input"), c.int("k", 1), c.int("dim", -1), c.bool("largest", true)
		if x.Rank() == 0 {
			v, i := x.Reshape(1).TopK(k, 0)
			return []any{v.Reshape(), i.Reshape()}
		}
		f := x.TopK
		if !largest {
			f = x.BottomK
		}
		v, i := f(k, axis)
		return selected(x, v, i, axis, true)
	}},
	"kthvalue": {"input k dim keepdim", func(c *call) any {
		x, k, axis, keep := c.t("input"), c.int("k", 1), c.int("dim", -1), c.bool("keepdim", false)
		if x.Rank() == 0 {
			v, i := x.Reshape(1).KthValue(k, 0)
			return []any{v, i}
		}
		v, i := x.KthValue(k, axis)
		return selected(x, v.Unsqueeze(axis), i.Unsqueeze(axis), axis, keep)
	}},
	"mode": selectAlong("input dim keepdim", -1,
		func(_ *call, x *tensor, axis int) (*tensor, *tensor) { return x.Mode(axis) }),
	"median":             medianOf((*tensor).Median),
	"nanmedian":          medianOf((*tensor).NanMedian),
	"quantile":           quantileOf((*tensor).Quantile),
	"nanquantile":        quantileOf((*tensor).NanQuantile),
	"unique":             unique(false),
	"unique_consecutive": {"input return_inverse return_counts dim", unique(true).f},
	"searchsorted": {"input values", func(c *call) any {
		sorted := c.t("input")
		if s := c.opt("sorter"); s != nil {
			sorted = sorted.Gather(-1, s)
		}
		right := c.bool("right", false) || c.str("side", "left") == "right"
		return outInt32(c, sorted.SearchSorted(c.operand("values"), right))
	}},
	"bucketize": {"input boundaries", func(c *call) any {
		return outInt32(c, c.t("input").Bucketize(c.t("boundaries"), c.bool("right", false)))
	}},
	"histc": {"input bins min max", func(c *call) any {
		x := c.t("input")
		return x.Histogram(x.HistogramEdges(c.int("bins", 100), c.float("min", 0), c.float("max", 0)), nil, false)
	}},
	"histogram": {"input bins range weight density", func(c *call) any {
		x := c.t("input")
		edges, ok := c.get("bins").(*tensor)
		if !ok {
			n, lo, hi := c.int("bins", 1), 0.0, 0.0
			if r := list(c.get("range")); len(r) == 2 {
				lo, hi = number64(r[0]), number64(r[1])
			}
			edges = columnEdges(x, n, lo, hi)
		}
		return []any{x.Histogram(edges, c.opt("weight"), c.bool("density", false)), edges}
	}},
	"histogramdd": {"input bins range weight density", func(c *call) any {
		x := c.t("input")
		edges, bounds := []*tensor{}, list(c.get("range"))
		for i, b := range list(c.get("bins")) {
			e, ok := b.(*tensor)
			if !ok {
				lo, hi := 0.0, 0.0
				if len(bounds) > 2*i+1 {
					lo, hi = number64(bounds[2*i]), number64(bounds[2*i+1])
				}
				e = columnEdges(x.Slice(1, i, i+1).Reshape(-1), int(number64(b)), lo, hi)
			}
			edges = append(edges, e)
		}
		return []any{x.HistogramDD(edges, c.opt("weight"), c.bool("density", false)), edges}
	}},
	"cummax":               cumulative((*tensor).CumMax),
	"cummin":               cumulative((*tensor).CumMin),
	"cumprod":              along((*tensor).CumProd),
	"logcumsumexp":         along((*tensor).LogCumSumExp),
	"trapezoid":            trapezoidal((*tensor).Trapezoid),
	"trapz":                trapezoidal((*tensor).Trapezoid),
	"cumulative_trapezoid": trapezoidal((*tensor).CumTrapezoid),
	"diff": {"input n dim prepend append", func(c *call) any {
		x, axis := c.t("input"), c.int("dim", -1)
		if c.int("n", 1) == 0 {
			c.opt("prepend")
			c.opt("append")
			return x
		}
		if p := c.opt("prepend"); p != nil {
			x = eager.Concat(axis, p, x)
		}
		if p := c.opt("append"); p != nil {
			x = eager.Concat(axis, x, p)
		}
		return x.Diff(c.int("n", 1), axis)
	}},
	"cov": {"input", func(c *call) any {
		k := c.int("correction", 1)
		return c.t("input").Cov(eager.CovOptions{
			Population: k == 0, Correction: k, Frequency: c.opt("fweights"), Weights: c.opt("aweights"),
		})
	}},
	"corrcoef": unary((*tensor).CorrCoef),
	"narrow": {"input dim start length", func(c *call) any {
		x, axis, start := c.t("input"), c.int("dim", 0), int(c.scalar("start"))
		if start < 0 {
			start += x.Size(axis)
		}
		return x.Slice(axis, start, start+c.int("length", 0))
	}},
	"arange": {"start end step", func(c *call) any {
		lo, hi := 0.0, c.float("start", 0)
		_, whole := c.get("start").(int)
		if c.has("end") {
			lo, hi = hi, c.float("end", 0)
			_, i := c.get("end").(int)
			whole = whole && i
		}
		step := c.float("step", 1)
		if _, fraction := c.get("step").(float64); fraction {
			whole = false
		}
		d := engine.F32
		if whole {
			d = engine.I64
		}
		if d = c.dtype("dtype", d); d.IsInt() { // the numbers are counted first, then the step is cut
			n := eager.Arange(lo, hi, step).Numel()
			return eager.Arange(0, float64(n), 1).Mul(int(step)).Add(int(lo)).To(d)
		}
		return eager.Arange(lo, hi, step).To(d)
	}},
}

// columnEdges are the edges of histogram, which takes half a unit on both sides of equal elements where
// histc takes one.
func columnEdges(x *tensor, n int, lo, hi float64) *tensor {
	if lo == hi && x.Numel() > 0 && x.Min().Item() == x.Max().Item() {
		return x.HistogramEdges(n, x.Min().Item()-0.5, x.Max().Item()+0.5)
	}
	return x.HistogramEdges(n, lo, hi)
}
