package torch

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// maskedOver is a reduction of what a mask leaves, over the argument dim.
func maskedOver(params string, f func(c *call, m eager.Masked, axes ...int) *tensor) entry {
	return entry{params, func(c *call) any {
		mask, x, axes := c.opt("mask"), c.t("input"), c.ints("dim")
		keep := c.bool("keepdim", false)
		if x.Rank() == 0 {
			x, axes = x.Reshape(1), []int{0}
			y := f(c, x.Masked(mask), axes...)
			return y.Reshape()
		}
		return over(x, axes, keep, func(x *tensor, axes ...int) *tensor { return f(c, x.Masked(mask), axes...) })
	}}
}

func maskedReduce(f func(m eager.Masked, axes ...int) *tensor) entry {
	return maskedOver("input dim keepdim", func(_ *call, m eager.Masked, axes ...int) *tensor {
		return f(m, axes...)
	})
}

func maskedAlong(f func(m eager.Masked, axis int) *tensor) entry {
	return entry{"input dim", func(c *call) any {
		x := c.t("input")
		d := x.DType()
		if x.Rank() == 0 {
			x = x.Reshape(1)
			return keptInt(f(x.Masked(c.opt("mask")), 0*c.int("dim", 0)).Reshape(), d)
		}
		return keptInt(f(x.Masked(c.opt("mask")), c.int("dim", -1)), d)
	}}
}

// keptInt is y in dtype d where both are integers: torch.masked keeps them narrow.
func keptInt(y *tensor, d engine.DType) *tensor {
	if d.IsInt() && y.DType().IsInt() {
		return y.To(d)
	}
	return y
}

// maskedPosition is argmax or argmin; without dim of all elements.
func maskedPosition(fill float64, f func(x *tensor, axis int) *tensor) entry {
	return entry{"input dim keepdim", func(c *call) any {
		x, mask := c.t("input"), c.opt("mask")
		y := x.Masked(mask).Filled(fill)
		c.args["input"] = y
		return positionOf(f).f(c).(*tensor).To(x.DType()) // PyTorch gives the input's dtype
	}}
}

func (c *call) spread() float64 {
	if c.has("unbiased") && !c.bool("unbiased", true) {
		return 0
	}
	return c.float("correction", 1)
}

var masking = map[string]entry{
	"masked.sum":  maskedReduce(eager.Masked.Sum),
	"masked.prod": maskedReduce(eager.Masked.Prod),
	"masked.mean": maskedReduce(eager.Masked.Mean),
	"masked.amax": maskedReduce(eager.Masked.Max),
	"masked.amin": maskedReduce(eager.Masked.Min),
	"masked.logsumexp": maskedOver("input dim keepdim", func(c *call, m eager.Masked, axes ...int) *tensor {
		return m.LogSumExp(axes...).To(c.t("input").DType())
	}),
	"masked.argmax": maskedPosition(math.Inf(-1), (*tensor).ArgMax),
	"masked.argmin": maskedPosition(math.Inf(1), (*tensor).ArgMin),
	"masked.norm": maskedOver("input ord dim keepdim", func(c *call, m eager.Masked, axes ...int) *tensor {
		return m.VectorNorm(c.float("ord", 2), axes...)
	}),
	"masked.var": maskedOver("input dim unbiased keepdim", func(c *call, m eager.Masked, axes ...int) *tensor {
		return m.Variance(c.spread(), axes...)
	}),
	"masked.std": maskedOver("input dim unbiased keepdim", func(c *call, m eager.Masked, axes ...int) *tensor {
		return m.Variance(c.spread(), axes...).Sqrt()
	}),
	"masked.median": {"input dim keepdim", func(c *call) any {
		return over(c.t("input"), c.ints("dim"), c.bool("keepdim", false), func(x *tensor, axes ...int) *tensor {
			return x.Masked(c.opt("mask")).Median(axes[0])
		})
	}},
	"masked.softmax":     maskedAlong(eager.Masked.Softmax),
	"masked.log_softmax": maskedAlong(eager.Masked.LogSoftmax),
	"masked.cumsum":      maskedAlong(eager.Masked.CumSum),
	"masked.cumprod":     maskedAlong(eager.Masked.CumProd),
	"masked.logaddexp": {"input other", func(c *call) any {
		x := c.t("input").Masked(c.opt("input_mask")).Filled(math.Inf(-1))
		y := c.t("other").Masked(c.opt("other_mask")).Filled(math.Inf(-1))
		return x.LogAddExp(y)
	}},

	"linalg.vector_norm": {"input ord dim keepdim", func(c *call) any {
		return reduceOver(c, func(x *tensor, axes ...int) *tensor {
			return x.VectorNorm(c.float("ord", 2), axes...)
		})
	}},
	"dist": {"input other p", func(c *call) any {
		return c.t("input").Dist(c.t("other"), c.float("p", 2))
	}},
	"cdist": {"input x2 p compute_mode", func(c *call) any {
		c.str("compute_mode", "")
		return c.t("input").CDist(c.t("x2"), c.float("p", 2))
	}},
	"nn.functional.pdist": {"input p", func(c *call) any { return c.t("input").PDist(c.float("p", 2)) }},
	"nn.functional.normalize": {"input p dim eps", func(c *call) any {
		return c.t("input").Normalize(c.float("p", 2), c.int("dim", 1), c.float("eps", 1e-12))
	}},
	"renorm": {"input p dim maxnorm", func(c *call) any {
		return c.t("input").Renorm(c.float("p", 2), c.int("dim", 0), c.float("maxnorm", 1))
	}},
}
