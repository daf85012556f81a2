package torch

import (
	"github.com/lathe-ml/lathe/eager/nn"
)

// through runs a layer on the argument input; its weights are those of the call.
func through(params string, build func(c *call) nn.Module) entry {
	return entry{"input " + params, func(c *call) any {
		c.get("inplace")
		return build(c).Forward(c.t("input"))
	}}
}

// activation is a layer whose constructor the module table has under name.
func activation(name, params string) entry {
	return through(params, func(c *call) nn.Module { return modules[name].f(c).(nn.Module) })
}

// normalization runs f with the arguments weight and bias in place of the layer's own.
func normalization(params string, build func(c *call, affine bool) (m nn.Module, weight,
	bias **tensor),
) entry {
	return through(params, func(c *call) nn.Module {
		m, w, b := build(c, c.has("weight") || c.has("bias"))
		*w, *b = c.opt("weight"), c.opt("bias")
		return m
	})
}

func resized(n int, name string) entry {
	return entry{"input output_size return_indices", func(c *call) any {
		x := c.t("input")
		if size, ok := c.get("output_size").([]any); ok { // None keeps the extent
			for i := range size {
				if size[i] == nil {
					size[i] = x.Size(i - n)
				}
			}
		}
		m := modules[name].f(c).(nn.Module)
		if c.bool("return_indices", false) {
			y, index := m.(*nn.AdaptivePool).ForwardIndex(x)
			return []any{y, index}
		}
		return batched(x, n, func(x *tensor) []*tensor { return []*tensor{m.Forward(x)} })[0]
	}}
}

// emptyOr is e for tensors with a channel axis; a vector without elements is itself.
func emptyOr(e entry) entry {
	return entry{e.params, func(c *call) any {
		if x := c.t("input"); x.Rank() == 1 && x.Numel() == 0 {
			for _, n := range []string{"running_mean", "running_var", "weight", "bias", "training", "momentum", "eps"} {
				c.get(n)
			}
			return x.Clone()
		}
		return e.f(c)
	}}
}

// layers are functional forms that Lathe has as layers.
var layers = map[string]entry{
	"leaky_relu":  activation("LeakyReLU", "negative_slope"),
	"elu":         activation("ELU", "alpha"),
	"celu":        activation("CELU", "alpha"),
	"selu":        activation("SELU", ""),
	"mish":        activation("Mish", ""),
	"hardshrink":  activation("Hardshrink", "lambd"),
	"softshrink":  activation("Softshrink", "lambd"),
	"hardsigmoid": activation("Hardsigmoid", ""),
	"hardswish":   activation("Hardswish", ""),

	"pixel_shuffle":   activation("PixelShuffle", "upscale_factor"),
	"pixel_unshuffle": activation("PixelUnshuffle", "downscale_factor"),
	"local_response_norm": through("size", func(c *call) nn.Module {
		if x := c.t("input"); x.Numel() == 0 { // of no integers PyTorch returns integers
			for _, n := range []string{"size", "alpha", "beta", "k"} {
				c.get(n)
			}
			return nn.NewIdentity()
		}
		return modules["LocalResponseNorm"].f(c).(nn.Module)
	}),
	"adaptive_avg_pool1d": resized(1, "AdaptiveAvgPool1d"),
	"adaptive_avg_pool2d": resized(2, "AdaptiveAvgPool2d"),
	"adaptive_avg_pool3d": resized(3, "AdaptiveAvgPool3d"),
	"adaptive_max_pool1d": resized(1, "AdaptiveMaxPool1d"),
	"adaptive_max_pool2d": resized(2, "AdaptiveMaxPool2d"),
	"adaptive_max_pool3d": resized(3, "AdaptiveMaxPool3d"),

	"prelu": through("weight", func(c *call) nn.Module {
		m := nn.NewPReLU(1)
		m.Weight = c.t("weight")
		return m
	}),
	"layer_norm": normalization("normalized_shape weight bias",
		func(c *call, affine bool) (nn.Module, **tensor, **tensor) {
			o := nn.NormOptions{Eps: c.positive("eps", 1e-5), NoAffine: !affine}
			m := nn.NewLayerNorm(c.ints("normalized_shape"), o)
			return m, &m.Weight, &m.Bias
		}),
	"group_norm": normalization("num_groups weight bias",
		func(c *call, affine bool) (nn.Module, **tensor, **tensor) {
			o := nn.NormOptions{Eps: c.positive("eps", 1e-5), NoAffine: !affine}
			m := nn.NewGroupNorm(c.int("num_groups", 1), c.t("input").Size(1), o)
			return m, &m.Weight, &m.Bias
		}),
	"batch_norm": emptyOr(normalization("running_mean running_var weight bias training momentum eps",
		func(c *call, affine bool) (nn.Module, **tensor, **tensor) {
			mean, v, x := c.opt("running_mean"), c.opt("running_var"), c.t("input")
			build := []func(int, ...nn.BatchNormOptions) *nn.BatchNorm{
				nn.NewBatchNorm1D, nn.NewBatchNorm1D, nn.NewBatchNorm2D, nn.NewBatchNorm3D,
			}[x.Rank()-2]
			m := build(x.Size(1), nn.BatchNormOptions{
				Eps: c.positive("eps", 1e-5), Momentum: c.orNone("momentum", 0.1), NoAffine: !affine,
				NoTracking: mean == nil,
			})
			m.RunningMean, m.RunningVar = mean, v
			m.Train(c.bool("training", false))
			return m, &m.Weight, &m.Bias
		})),
	"pad": {"input pad mode value", func(c *call) any {
		x, w := c.t("input"), c.ints("pad")
		o := nn.PadOptions{Mode: c.str("mode", "constant"), Value: c.float("value", 0)}
		wider, cut := make([]int, len(w)), make([]int, len(w))
		for i, n := range w { // negative widths cut
			wider[i], cut[i] = max(n, 0), max(-n, 0)
		}
		if o.Mode == "circular" { // what is cut off does not come round again
			return nn.NewPad(wider, o).Forward(cropped(x, cut))
		}
		return cropped(nn.NewPad(wider, o).Forward(x), cut)
	}},
	"cosine_similarity": {"x1 x2 dim eps", func(c *call) any {
		return nn.CosineSimilarity(c.t("x1"), c.t("x2"), c.int("dim", 1), c.float("eps", 1e-8))
	}},
	"pairwise_distance": {"x1 x2 p eps keepdim", func(c *call) any {
		c.asF32("x1", "x2")
		y := nn.PairwiseDistance(c.t("x1"), c.t("x2"), c.float("p", 2), c.float("eps", 1e-6))
		if c.bool("keepdim", false) {
			y = y.Unsqueeze(y.Rank())
		}
		return y
	}},
	"bilinear": {"input1 input2 weight bias", func(c *call) any {
		a, b, w := c.t("input1"), c.t("input2"), c.t("weight")
		m := nn.NewBilinear(w.Size(1), w.Size(2), w.Size(0))
		m.Weight, m.Bias = w, c.opt("bias")
		return m.Forward2(a, b)
	}},
}

// cropped takes widths off the ends of the last axes, in the order of pad.
func cropped(x *tensor, w []int) *tensor {
	for i := 0; i+1 < len(w); i += 2 {
		axis := x.Rank() - 1 - i/2
		x = x.Slice(axis, w[i], x.Size(axis)-w[i+1])
	}
	return x
}
