package torch

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

func flipping(dims func(c *call) []int) entry {
	return entry{"input dims", func(c *call) any {
		x, d := c.t("input"), dims(c)
		if len(d) == 0 {
			return x.Clone()
		}
		return x.Flip(d...)
	}}
}

// selecting is an operator on x, an axis and an index; a scalar counts as one element.
func selecting(params string, f func(c *call, x *tensor, axis int, index *tensor) *tensor) entry {
	return entry{params, func(c *call) any {
		x, i := c.t("input"), c.t("index")
		axis := c.int("dim", 0)
		if x.Rank() == 0 {
			return f(c, x.Reshape(1), 0, i.Reshape(i.Numel())).Reshape()
		}
		if i.Rank() == 0 {
			i = i.Reshape(1)
		}
		return f(c, x, axis, i)
	}}
}

var selections = map[string]entry{
	"select": {"input dim index", func(c *call) any {
		x, a, i := c.t("input"), c.int("dim", 0), c.int("index", 0)
		if i < 0 {
			i += x.Size(a)
		}
		return x.Slice(a, i, i+1).Squeeze(a)
	}},
	"flip":   flipping(func(c *call) []int { return c.ints("dims") }),
	"fliplr": flipping(func(*call) []int { return []int{1} }),
	"flipud": flipping(func(*call) []int { return []int{0} }),

	"index_add": selecting("input dim index source", func(c *call, x *tensor, a int, i *tensor) *tensor {
		s := c.t("source")
		if s.Rank() == 0 {
			s = s.Reshape(1)
		}
		if c.has("alpha") {
			s = s.Mul(c.operand("alpha"))
		}
		return eager.Apply(op.IndexAdd, op.AxisAttrs{Axis: (a + x.Rank()) % x.Rank()}, x, i, s)[0]
	}),
	"index_select": selecting("input dim index", func(_ *call, x *tensor, a int, i *tensor) *tensor {
		return x.IndexSelect(a, i)
	}),
	"scatter_add": selecting("input dim index src", func(c *call, x *tensor, a int, i *tensor) *tensor {
		s := c.t("src")
		if s.Rank() == 0 {
			s = s.Reshape(1)
		}
		for axis, n := range i.Shape() { // src may be larger than index
			s = s.Slice(axis, 0, n)
		}
		return x.ScatterAdd(a, i, s)
	}),
	"nn.functional.embedding": {
		"input weight padding_idx max_norm norm_type scale_grad_by_freq sparse",
		func(c *call) any {
			index, table := c.t("input"), c.t("weight")
			if index.DType().IsFloat() { // recorded as weight, input
				index, table = table, index
			}
			c.bool("sparse", false)
			o := nn.EmbeddingOptions{
				ScaleByFreq: c.bool("scale_grad_by_freq", false), MaxNorm: c.float("max_norm", 0),
				NormP: c.float("norm_type", 0),
			}
			if c.has("padding_idx") {
				o.Padding, o.PadIndex = true, (c.int("padding_idx", 0)+table.Size(0))%table.Size(0)
			}
			m := nn.NewEmbedding(table.Size(0), table.Size(1), o)
			m.Weight = table
			return m.Forward(index)
		},
	},
	"nn.functional.one_hot": {"input num_classes", func(c *call) any {
		x, n := c.t("input"), c.int("num_classes", -1)
		if n < 0 {
			n = x.Max().Ints()[0] + 1
		}
		return eager.OneHot(x, n).To(engine.I64)
	}},
}
