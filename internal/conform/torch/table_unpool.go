package torch

import (
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
)

func init() {
	operators["nn.functional.glu"] = entry{"input dim", func(c *call) any {
		return nn.GLU(c.t("input"), c.int("dim", -1))
	}}
	for n, name := range map[int]string{1: "1d", 2: "2d", 3: "3d"} {
		operators["nn.functional.max_unpool"+name] = unpooling(n)
		operators["nn.functional.conv_transpose"+name] = transposedConvolution(n, "ConvTranspose"+name)
	}
	operators["nn.functional.instance_norm"] = normalization(
		"running_mean running_var weight bias use_input_stats momentum eps", instanceNormOf)
	optimizers["Rprop"] = entry{"params lr", func(c *call) any {
		o := optim.RpropOptions{LR: c.rate(1e-2), Maximize: c.bool("maximize", false)}
		o.Shrink, o.Grow = c.pair("etas", 0.5, 1.2)
		o.Min, o.Max = c.pair("step_sizes", 1e-6, 50)
		return optim.NewRprop(c.ts("params"), o)
	}}
	optimizers["ASGD"] = entry{"params lr", func(c *call) any {
		return optim.NewASGD(c.ts("params"), optim.ASGDOptions{
			LR: c.rate(1e-2), Lambda: c.positive("lambd", 1e-4), Alpha: c.positive("alpha", 0.75),
			Start: c.positive("t0", 1e6), WeightDecay: c.float("weight_decay", 0),
			Maximize: c.bool("maximize", false),
		})
	}}
	optimizers["Adafactor"] = entry{"params lr", func(c *call) any {
		return optim.NewAdafactor(c.ts("params"), optim.AdafactorOptions{
			LR: c.rate(1e-2), Beta2Decay: c.positive("beta2_decay", -0.8), Clip: c.positive("d", 1),
			WeightDecay: c.float("weight_decay", 0), Maximize: c.bool("maximize", false),
		})
	}}
}

func unpooling(n int) entry {
	return entry{"input indices kernel_size stride padding output_size", func(c *call) any {
		size, x := c.ints("output_size"), c.t("input")
		need(len(size) >= n, "no output_size")
		for _, name := range []string{"kernel_size", "stride", "padding"} { // output_size says it all
			c.get(name)
		}
		return nn.MaxUnpool(x, c.t("indices"), size[len(size)-n:]...)
	}}
}

func transposedConvolution(n int, name string) entry {
	return entry{
		"input weight bias stride padding output_padding groups dilation",
		func(c *call) any {
			x, w, b := c.t("input"), c.t("weight"), c.opt("bias")
			var kernel []any
			for _, k := range w.Shape()[2:] {
				kernel = append(kernel, k)
			}
			args := map[string]any{
				"in_channels": w.Size(0), "out_channels": w.Size(1) * c.int("groups", 1),
				"kernel_size": kernel, "bias": b != nil, "stride": c.get("stride"), "padding": c.get("padding"),
				"output_padding": c.get("output_padding"), "groups": c.get("groups"),
				"dilation": c.get("dilation"),
			}
			m := modules[name].f(&call{args: args, read: map[string]bool{}}).(*nn.ConvTranspose)
			m.Weight, m.Bias = w, b
			return m.Forward(x)
		},
	}
}

func instanceNormOf(c *call, affine bool) (m nn.Module, weight, bias **tensor) {
	x := c.t("input")
	need(x.Rank() >= 3 && x.Rank() <= 5, "rank")
	mean, v := c.opt("running_mean"), c.opt("running_var")
	build := []func(int, ...nn.InstanceNormOptions) *nn.InstanceNorm{
		nn.NewInstanceNorm1D, nn.NewInstanceNorm2D, nn.NewInstanceNorm3D,
	}[x.Rank()-3]
	l := build(x.Size(1), nn.InstanceNormOptions{
		Eps: c.positive("eps", 1e-5), Momentum: c.orNone("momentum", 0.1), Affine: affine,
		Tracking: mean != nil,
	})
	l.RunningMean, l.RunningVar = mean, v
	l.Train(c.bool("use_input_stats", true))
	return l, &l.Weight, &l.Bias
}
