package torch

import (
	"github.com/lathe-ml/lathe/eager/nn"
)

func init() {
	modules["Upsample"] = entry{"size scale_factor mode align_corners recompute_scale_factor", func(c *call) any {
		return nn.NewUpsample(c.upsampleOptions())
	}}
	modules["Fold"] = entry{"output_size kernel_size dilation padding stride", func(c *call) any {
		size := c.perAxis("output_size", 2)
		return nn.NewFold(size[0], size[1], c.ints("kernel_size"), c.foldOptions())
	}}
	modules["Unfold"] = entry{"kernel_size dilation padding stride", func(c *call) any {
		return nn.NewUnfold(c.ints("kernel_size"), c.foldOptions())
	}}
	modules["ChannelShuffle"] = entry{"groups", func(c *call) any {
		return nn.NewChannelShuffle(c.int("groups", 1))
	}}
	modules["CTCLoss"] = entry{"blank reduction zero_infinity", func(c *call) any {
		o := nn.CTCOptions{
			Blank: c.int("blank", 0), Reduction: c.reduction(), ZeroInfinity: c.bool("zero_infinity", false),
		}
		return module{forward: func(xs []*tensor) any {
			return nn.CTC(xs[0], xs[1], xs[2].Ints(), xs[3].Ints(), o)
		}}
	}}
	operators["nn.functional.interpolate"] = entry{
		"input size scale_factor mode align_corners recompute_scale_factor antialias", func(c *call) any {
			return nn.Interpolate(c.t("input"), c.upsampleOptions())
		},
	}
	operators["nn.functional.unfold"] = entry{"input kernel_size dilation padding stride", func(c *call) any {
		x := c.t("input")
		return nn.NewUnfold(c.ints("kernel_size"), c.foldOptions()).Forward(x)
	}}
	operators["nn.functional.channel_shuffle"] = entry{"input groups", func(c *call) any {
		return nn.NewChannelShuffle(c.int("groups", 1)).Forward(c.t("input"))
	}}
}

func (c *call) foldOptions() nn.FoldOptions {
	return nn.FoldOptions{Stride: c.ints("stride"), Padding: c.ints("padding"), Dilation: c.ints("dilation")}
}

func (c *call) upsampleOptions() nn.UpsampleOptions {
	o := nn.UpsampleOptions{
		Size: c.ints("size"), Mode: c.str("mode", "nearest"), AlignCorners: c.bool("align_corners", false),
		Antialias: c.bool("antialias", false), Recompute: c.bool("recompute_scale_factor", false),
	}
	switch s := c.get("scale_factor").(type) {
	case nil:
	case []any:
		for _, v := range s {
			f, ok := v.(float64)
			if i, whole := v.(int); whole {
				f, ok = float64(i), true
			}
			need(ok, "scale_factor")
			o.Scale = append(o.Scale, f)
		}
	default:
		o.Scale = []float64{c.float("scale_factor", 1)}
	}
	return o
}
