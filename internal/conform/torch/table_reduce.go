package torch

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// reduceOver applies f over the argument dim, none or an empty list for all axes, and keeps them on
// keepdim.
func reduceOver(c *call, f func(x *tensor, axes ...int) *tensor) *tensor {
	x := c.t("input")
	if c.has("dtype") {
		x = x.To(c.dtype("dtype", x.DType()))
	}
	return over(x, c.ints("dim"), c.bool("keepdim", false), f)
}

// over reduces x, which may be a scalar with axis 0 or −1, as PyTorch allows.
func over(x *tensor, axes []int, keep bool, f func(x *tensor, axes ...int) *tensor) *tensor {
	if x.Rank() == 0 {
		return f(x.Reshape(1), 0).Reshape()
	}
	y := f(x, axes...)
	if !keep {
		return y
	}
	s := x.Shape().Clone()
	for i := range s {
		if len(axes) == 0 {
			s[i] = 1
		}
	}
	for _, a := range axes {
		s[(a+len(s))%len(s)] = 1
	}
	return y.Reshape(s...)
}

func reducing(f func(x *tensor, axes ...int) *tensor) entry {
	return entry{"input dim keepdim", func(c *call) any { return reduceOver(c, f) }}
}

// positionOf finds an index along dim, or in the flattened operand without dim.
func positionOf(f func(x *tensor, axis int) *tensor) entry {
	return entry{"input dim keepdim", func(c *call) any {
		x, keep := c.t("input"), c.bool("keepdim", false)
		if !c.has("dim") {
			y := f(x.Flatten(0).Reshape(-1), 0)
			if keep {
				y = y.Reshape(ones(x.Rank())...)
			}
			return y
		}
		return over(x, c.ints("dim"), keep, func(x *tensor, axes ...int) *tensor { return f(x, axes[0]) })
	}}
}

func ones(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = 1
	}
	return s
}

// extreme is max and min: of all elements, along an axis with indices, or of two operands.
func extreme(
	all func(x *tensor, axes ...int) *tensor, at func(x *tensor, axis int) *tensor,
	two func(x *tensor, y any) *tensor,
) entry {
	return entry{"input dim keepdim", func(c *call) any {
		x := c.t("input")
		if c.has("other") {
			return two(x, c.operand("other"))
		}
		if y, ok := c.get("dim").(*tensor); ok {
			return two(x, y)
		}
		if !c.has("dim") {
			return all(x)
		}
		axis, keep := c.int("dim", 0), c.bool("keepdim", false)
		if x.Rank() == 0 {
			return []any{x, eager.Zeros().To(engine.I64)}
		}
		index := at(x, axis).Unsqueeze(axis)
		value := x.Gather(axis, index)
		if !keep {
			value, index = value.Squeeze(axis), index.Squeeze(axis)
		}
		return []any{value, index}
	}}
}

// correction is the argument of that name, or what unbiased means.
func (c *call) correction() float64 {
	if v, ok := c.get("dim").(bool); ok { // var(unbiased)
		c.args["dim"], c.args["unbiased"] = nil, v
	}
	if c.has("unbiased") && !c.bool("unbiased", true) {
		return 0
	}
	return c.float("correction", 1)
}

func variance(x *tensor, n float64, axes []int, keep bool) *tensor {
	return over(x, axes, keep, func(x *tensor, axes ...int) *tensor {
		return x.Variance(n, false, axes...)
	})
}

func spread(withMean bool, finish func(v *tensor) *tensor) entry {
	return entry{"input dim unbiased keepdim", func(c *call) any {
		n := c.correction()
		x, axes, keep := c.t("input"), c.ints("dim"), c.bool("keepdim", false)
		y := finish(variance(x, n, axes, keep))
		if !withMean {
			return y
		}
		return []any{y, over(x, axes, keep, (*tensor).Mean)}
	}}
}

func same(x *tensor) *tensor { return x }

// along applies f along the argument dim, after a conversion to the argument dtype.
func along(f func(x *tensor, axis int) *tensor) entry {
	return entry{"input dim", func(c *call) any {
		x := c.t("input")
		x = x.To(c.dtype("dtype", x.DType()))
		axis := c.int("dim", -1)
		var y *tensor
		if x.Rank() == 0 {
			y = f(x.Reshape(1), 0).Reshape()
		} else {
			y = f(x, axis)
		}
		return y.To(c.dtype("dtype", y.DType()))
	}}
}

func withoutNaN(x *tensor) *tensor { return eager.Where(x.IsNaN(), 0, x) }

var reductions = map[string]entry{
	"sum":           reducing((*tensor).Sum),
	"mean":          reducing((*tensor).Mean),
	"prod":          reducing((*tensor).Prod),
	"amax":          reducing((*tensor).Max),
	"amin":          reducing((*tensor).Min),
	"all":           reducing((*tensor).All),
	"any":           reducing((*tensor).Any),
	"logsumexp":     reducing((*tensor).LogSumExp),
	"count_nonzero": reducing(func(x *tensor, axes ...int) *tensor { return x.Ne(0).Sum(axes...) }),
	"nansum":        reducing(func(x *tensor, axes ...int) *tensor { return withoutNaN(x).Sum(axes...) }),
	"nanmean": reducing(func(x *tensor, axes ...int) *tensor {
		return withoutNaN(x).Sum(axes...).Div(x.IsNaN().Not().Sum(axes...))
	}),
	"aminmax": {"input dim keepdim", func(c *call) any {
		return []any{reduceOver(c, (*tensor).Min), reduceOver(c, (*tensor).Max)}
	}},
	"argmax":   positionOf((*tensor).ArgMax),
	"argmin":   positionOf((*tensor).ArgMin),
	"max":      extreme((*tensor).Max, (*tensor).ArgMax, (*tensor).Maximum),
	"min":      extreme((*tensor).Min, (*tensor).ArgMin, (*tensor).Minimum),
	"var":      spread(false, same),
	"std":      spread(false, (*tensor).Sqrt),
	"var_mean": spread(true, same),
	"std_mean": spread(true, (*tensor).Sqrt),

	"cumsum":                along((*tensor).CumSum),
	"softmax":               along((*tensor).Softmax),
	"log_softmax":           along((*tensor).LogSoftmax),
	"special.softmax":       along((*tensor).Softmax),
	"nn.functional.softmin": along(func(x *tensor, axis int) *tensor { return x.Neg().Softmax(axis) }),

	"logaddexp": {"input other", func(c *call) any {
		return c.t("input").LogAddExp(c.operand("other"))
	}},
}
