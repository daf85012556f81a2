package torch

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// source is the argument src or value, or a number repeated to the extents of index.
func (c *call) source(name string, x, index *tensor) *tensor {
	if v, ok := c.get(name).(*tensor); ok {
		if v.Rank() == 0 && index.Rank() > 0 {
			v = v.Reshape(1)
		}
		return v
	}
	return eager.Full(c.float(name, 0), index.Shape()...).To(x.DType())
}

// picked are the index tensors of index_put and of indexing.
func picked(c *call, name string) []*tensor {
	for _, v := range list(c.get(name)) {
		need(v != nil, "an index that is a whole axis")
	}
	return c.ts(name)
}

var indexing = map[string]entry{
	"nonzero": {"input as_tuple", func(c *call) any {
		x, tuple := c.t("input"), c.bool("as_tuple", false)
		if tuple && x.Rank() == 0 {
			x = x.Reshape(1)
		}
		y := x.NonZero()
		if !tuple {
			return y
		}
		var r []any
		for i := range y.Size(1) {
			r = append(r, y.Slice(1, i, i+1).Reshape(-1))
		}
		return r
	}},
	"argwhere": unary((*tensor).NonZero),
	"masked_select": {"input mask", func(c *call) any {
		return c.t("input").MaskedSelect(c.t("mask"))
	}},
	"masked_scatter": {"input mask source", func(c *call) any {
		return c.t("input").MaskedScatter(c.t("mask"), c.t("source"))
	}},
	"masked_fill": {"input mask value", func(c *call) any {
		return c.t("input").MaskedFill(c.t("mask"), c.operand("value"))
	}},
	"take": {"input index", func(c *call) any { return c.t("input").Take(c.t("index")) }},
	"put": {"input index source accumulate", func(c *call) any {
		return c.t("input").Put(c.t("index"), c.t("source"), c.bool("accumulate", false))
	}},
	"take_along_dim": {"input index dim", func(c *call) any {
		x, i := c.t("input"), c.t("index")
		if !c.has("dim") {
			return x.Take(i.Reshape(-1))
		}
		return x.TakeAlong(c.int("dim", 0), i)
	}},
	"scatter": selecting("input dim index src reduce", func(c *call, x *tensor, a int, i *tensor) *tensor {
		src := c.source("src", x, i)
		switch how := c.str("reduce", ""); how {
		case "":
			return x.Scatter(a, i, src)
		case "add":
			return x.ScatterReduce(a, i, src, "sum", true)
		default:
			need(how == "multiply", "reduction "+how)
			return x.ScatterReduce(a, i, src, "prod", true)
		}
	}),
	"scatter_reduce": selecting("input dim index src reduce include_self",
		func(c *call, x *tensor, a int, i *tensor) *tensor {
			return x.ScatterReduce(a, i, c.source("src", x, i), c.str("reduce", ""),
				c.bool("include_self", true))
		}),
	"index_copy": selecting("input dim index source", func(c *call, x *tensor, a int, i *tensor) *tensor {
		return x.IndexCopy(a, i, c.source("source", x, i))
	}),
	"index_fill": selecting("input dim index value", func(c *call, x *tensor, a int, i *tensor) *tensor {
		return x.IndexFill(a, i, c.operand("value"))
	}),
	"index_put": {"input indices values accumulate", func(c *call) any {
		return c.t("input").IndexPut(c.t("values"), c.bool("accumulate", false), picked(c, "indices")...)
	}},
	"gather": {"input dim index", func(c *call) any {
		x, a, i := c.t("input"), c.int("dim", 0), c.t("index")
		switch {
		case i.Numel() == 0: // of any rank
			return eager.Zeros(i.Shape()...).To(x.DType())
		case x.Rank() == 0 || i.Rank() == 0: // a scalar counts as one element
			return x.Reshape(-1).Gather(0, i.Reshape(-1)).Reshape(i.Shape()...)
		}
		return x.Gather(a, i)
	}},
	"isin": {"elements test_elements assume_unique invert", func(c *call) any {
		c.bool("assume_unique", false)
		y := c.t("elements").IsIn(c.t("test_elements"))
		if c.bool("invert", false) {
			return y.Not()
		}
		return y
	}},
	"bincount": {"input weights minlength", func(c *call) any {
		return c.t("input").BinCount(c.opt("weights"), c.int("minlength", 0))
	}},
}

// outInt32 is the dtype of positions.
func outInt32(c *call, y *tensor) *tensor {
	if c.bool("out_int32", false) {
		return y.To(engine.I32)
	}
	return y
}
