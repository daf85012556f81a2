package torch

import (
	"slices"

	"github.com/lathe-ml/lathe/eager/nn"
)

// given reports whether an argument was written, be it as None.
func (c *call) given(name string) bool {
	c.read[name] = true
	_, ok := c.args[name]
	return ok
}

// spread1 puts one number into the single field and several into the list field of options.
func spread1(v []int, one *int, list *[]int) {
	if len(v) == 1 {
		*one = v[0]
	} else {
		*list = v
	}
}

func convModule(build func(in, out, kernel int, o ...nn.ConvOptions) nn.Module) entry {
	params := "in_channels out_channels kernel_size stride padding"
	return entry{params, func(c *call) any {
		o := nn.ConvOptions{
			Groups: c.int("groups", 1), NoBias: !c.bool("bias", true), PadMode: c.str("padding_mode",
				"zeros"),
		}
		kernel := 0
		spread1(c.ints("kernel_size"), &kernel, &o.Kernels)
		spread1(c.ints("stride"), &o.Stride, &o.Strides)
		spread1(c.ints("dilation"), &o.Dilation, &o.Dilations)
		spread1(c.ints("output_padding"), &o.OutputPadding, &o.OutputPaddings)
		if p, ok := c.get("padding").(string); ok {
			o.Same = p == "same"
			need(p == "same" || p == "valid", "padding "+p)
		} else {
			spread1(c.ints("padding"), &o.Padding, &o.Paddings)
		}
		return build(c.int("in_channels", 0), c.int("out_channels", 0), kernel, o)
	}}
}

func poolModule(build func(c *call, kernel int, o nn.PoolOptions) nn.Module) entry {
	return entry{"kernel_size stride padding", func(c *call) any {
		o := nn.PoolOptions{
			Ceil: c.bool("ceil_mode", false), ExcludePad: !c.bool("count_include_pad", true),
			Divisor: c.int("divisor_override", 0),
		}
		pairs := c.bool("return_indices", false)
		kernel := 0
		spread1(c.ints("kernel_size"), &kernel, &o.Kernels)
		spread1(c.ints("stride"), &o.Stride, &o.Strides)
		spread1(c.ints("padding"), &o.Padding, &o.Paddings)
		spread1(c.ints("dilation"), &o.Dilation, &o.Dilations)
		m := build(c, kernel, o)
		if p, ok := m.(*nn.Pool); ok && pairs {
			return module{layer: m, forward: func(xs []*tensor) any {
				y, index := p.ForwardIndex(xs[0])
				return []any{y, index}
			}}
		}
		return m
	}}
}

func plainPool(build func(kernel int, o ...nn.PoolOptions) *nn.Pool) entry {
	return poolModule(func(_ *call, kernel int, o nn.PoolOptions) nn.Module { return build(kernel, o) })
}

func normPool(build func(p float64, kernel int, o ...nn.PoolOptions) *nn.Pool) entry {
	e := poolModule(func(c *call, kernel int, o nn.PoolOptions) nn.Module {
		return build(c.float("norm_type", 2), kernel, o)
	})
	e.params = "norm_type kernel_size stride ceil_mode"
	return e
}

func adaptive(n int, build func(size []int) nn.Module) entry {
	return entry{"output_size", func(c *call) any {
		pairs := c.bool("return_indices", false) && c.args["input"] == nil
		if sizes, ok := c.get("output_size").([]any); ok { // None keeps an extent
			sizes = slices.Clone(sizes)
			for i, s := range sizes {
				if s == nil {
					sizes[i] = -1
				}
			}
			c.args["output_size"] = sizes
		}
		m := build(c.perAxis("output_size", n))
		if p, ok := m.(*nn.AdaptivePool); ok && pairs {
			return module{layer: m, forward: func(xs []*tensor) any {
				y, index := p.ForwardIndex(xs[0])
				return []any{y, index}
			}}
		}
		return m
	}}
}

func batchNorm(build func(channels int, o ...nn.BatchNormOptions) *nn.BatchNorm) entry {
	return entry{"num_features", func(c *call) any {
		bias := c.bool("bias", true)
		need(bias || !c.bool("affine", true), "affine without a bias")
		o := nn.BatchNormOptions{
			Eps: c.positive("eps", 1e-5), NoAffine: !c.bool("affine", true),
			NoTracking: !c.bool("track_running_stats", true),
		}
		if c.given("momentum") && !c.has("momentum") {
			o.Cumulative = true
		} else {
			o.Momentum = c.orNone("momentum", 0.1)
		}
		return build(c.int("num_features", 0), o)
	}}
}

func instanceNorm(build func(channels int, o ...nn.InstanceNormOptions) *nn.InstanceNorm) entry {
	return entry{"num_features", func(c *call) any {
		bias := c.bool("bias", true)
		need(bias || !c.bool("affine", false), "affine without a bias")
		return build(c.int("num_features", 0), nn.InstanceNormOptions{
			Eps: c.positive("eps", 1e-5), Momentum: c.orNone("momentum", 0.1),
			Affine: c.bool("affine", false), Tracking: c.bool("track_running_stats", false),
		})
	}}
}

func padModule(n int, mode string) entry {
	return entry{"padding", func(c *call) any {
		w := c.ints("padding")
		for len(w) == 1 || len(w) < 2*n && len(c.ints("padding")) == 1 {
			w = append(w, w[0])
		}
		return nn.NewPad(w, nn.PadOptions{Mode: mode, Value: c.float("value", 0)})
	}}
}

func layer(m func() *nn.Activation) entry {
	return entry{"", func(c *call) any {
		c.get("inplace")
		return m()
	}}
}

func layerOf(name string, otherwise float64, m func(v float64) *nn.Activation) entry {
	return entry{name, func(c *call) any {
		c.get("inplace")
		return m(c.float(name, otherwise))
	}}
}

func layerAlong(m func(axis int) *nn.Activation) entry {
	return entry{"dim", func(c *call) any {
		need(c.has("dim"), "no dim")
		return m(c.int("dim", -1))
	}}
}

// modules maps the names of torch.nn.
var modules = map[string]entry{
	"Conv1d": convModule(func(i, o, k int, op ...nn.ConvOptions) nn.Module {
		return nn.NewConv1D(i, o,
			k, op...)
	}),
	"Conv2d": convModule(func(i, o, k int, op ...nn.ConvOptions) nn.Module {
		return nn.NewConv2D(i, o,
			k, op...)
	}),
	"Conv3d": convModule(func(i, o, k int, op ...nn.ConvOptions) nn.Module {
		return nn.NewConv3D(i, o,
			k, op...)
	}),
	"ConvTranspose1d": convModule(func(i, o, k int, op ...nn.ConvOptions) nn.Module {
		return nn.NewConvTranspose1D(i, o, k, op...)
	}),
	"ConvTranspose2d": convModule(func(i, o, k int, op ...nn.ConvOptions) nn.Module {
		return nn.NewConvTranspose2D(i, o, k, op...)
	}),
	"ConvTranspose3d": convModule(func(i, o, k int, op ...nn.ConvOptions) nn.Module {
		return nn.NewConvTranspose3D(i, o, k, op...)
	}),

	"MaxPool1d": plainPool(nn.NewMaxPool1D),
	"MaxPool2d": plainPool(nn.NewMaxPool2D),
	"MaxPool3d": plainPool(nn.NewMaxPool3D),
	"AvgPool1d": plainPool(nn.NewAvgPool1D),
	"AvgPool2d": plainPool(nn.NewAvgPool2D),
	"AvgPool3d": plainPool(nn.NewAvgPool3D),
	"LPPool1d":  normPool(nn.NewLPPool1D),
	"LPPool2d":  normPool(nn.NewLPPool2D),
	"LPPool3d":  normPool(nn.NewLPPool3D),

	"AdaptiveAvgPool1d": adaptive(1, func(s []int) nn.Module { return nn.NewAdaptiveAvgPool1D(s[0]) }),
	"AdaptiveAvgPool2d": adaptive(2, func(s []int) nn.Module {
		return nn.NewAdaptiveAvgPool2D(s[0],
			s[1])
	}),
	"AdaptiveAvgPool3d": adaptive(3, func(s []int) nn.Module {
		return nn.NewAdaptiveAvgPool3D(s[0],
			s[1], s[2])
	}),
	"AdaptiveMaxPool1d": adaptive(1, func(s []int) nn.Module { return nn.NewAdaptiveMaxPool1D(s[0]) }),
	"AdaptiveMaxPool2d": adaptive(2, func(s []int) nn.Module {
		return nn.NewAdaptiveMaxPool2D(s[0],
			s[1])
	}),
	"AdaptiveMaxPool3d": adaptive(3, func(s []int) nn.Module {
		return nn.NewAdaptiveMaxPool3D(s[0],
			s[1], s[2])
	}),

	"BatchNorm1d":    batchNorm(nn.NewBatchNorm1D),
	"BatchNorm2d":    batchNorm(nn.NewBatchNorm2D),
	"BatchNorm3d":    batchNorm(nn.NewBatchNorm3D),
	"InstanceNorm1d": instanceNorm(nn.NewInstanceNorm1D),
	"InstanceNorm2d": instanceNorm(nn.NewInstanceNorm2D),
	"InstanceNorm3d": instanceNorm(nn.NewInstanceNorm3D),
	"LayerNorm": {"normalized_shape", func(c *call) any {
		return nn.NewLayerNorm(c.ints("normalized_shape"), nn.NormOptions{
			Eps: c.positive("eps", 1e-5), NoAffine: !c.bool("elementwise_affine", true),
			NoBias: !c.bool("bias", true),
		})
	}},
	"GroupNorm": {"num_groups num_channels", func(c *call) any {
		need(c.bool("bias", true) || !c.bool("affine", true), "affine without a bias")
		return nn.NewGroupNorm(c.int("num_groups", 1), c.int("num_channels", 1), nn.NormOptions{
			Eps: c.positive("eps", 1e-5), NoAffine: !c.bool("affine", true),
		})
	}},
	"RMSNorm": {"normalized_shape", func(c *call) any {
		return nn.NewRMSNorm(c.ints("normalized_shape"), nn.NormOptions{
			Eps: c.float("eps", 0), NoAffine: !c.bool("elementwise_affine", true),
		})
	}},
	"LocalResponseNorm": {"size", func(c *call) any {
		return nn.NewLocalResponseNorm(c.int("size", 1), nn.ResponseOptions{
			Alpha: c.positive("alpha", 1e-4), Beta: c.positive("beta", 0.75), K: c.positive("k", 1),
		})
	}},

	"Linear": {"in_features out_features", func(c *call) any {
		o := nn.LinearOptions{NoBias: !c.bool("bias", true)}
		return nn.NewLinear(c.int("in_features", 1), c.int("out_features", 1), o)
	}},
	"Bilinear": {"in1_features in2_features out_features", func(c *call) any {
		o := nn.LinearOptions{NoBias: !c.bool("bias", true)}
		l := nn.NewBilinear(c.int("in1_features", 1), c.int("in2_features", 1), c.int("out_features", 1), o)
		return module{layer: l, forward: func(xs []*tensor) any { return l.Forward2(xs[0], xs[1]) }}
	}},
	"Embedding": {"num_embeddings embedding_dim", func(c *call) any {
		return nn.NewEmbedding(c.int("num_embeddings", 1), c.int("embedding_dim", 1), c.embedding())
	}},
	"EmbeddingBag": {"num_embeddings embedding_dim", func(c *call) any {
		o := c.embedding()
		o.Mode, o.LastOffset = c.str("mode", "mean"), c.bool("include_last_offset", false)
		bag := nn.NewEmbeddingBag(c.int("num_embeddings", 1), c.int("embedding_dim", 1), o)
		bags := func(weights *tensor) func(xs []*tensor) any {
			return func(xs []*tensor) any {
				var p nn.BagParts
				if p.Weights = weights; len(xs) > 1 {
					p.Offsets = xs[1]
				}
				return bag.ForwardParts(xs[0], p)
			}
		}
		return module{layer: bag, forward: bags(nil), with: func(kwargs map[string]any) func(xs []*tensor) any {
			w, ok := kwargs["per_sample_weights"].(*tensor)
			need(ok && len(kwargs) == 1, "arguments of forward")
			return bags(w)
		}}
	}},
	"Flatten": {"start_dim end_dim", func(c *call) any {
		if lo, hi := c.int("start_dim", 1), c.int("end_dim", -1); lo != 1 || hi != -1 {
			return module{forward: func(xs []*tensor) any {
				return operators["flatten"].call(xs[0], []any{lo, hi}, nil)
			}}
		}
		return nn.NewFlatten()
	}},
	"Identity": {"", func(*call) any { return nn.NewIdentity() }},
	"Dropout": {"p", func(c *call) any {
		c.get("inplace")
		return nn.NewDropout(c.float("p", 0.5))
	}},
	"PixelShuffle": {
		"upscale_factor",
		func(c *call) any { return nn.NewPixelShuffle(c.int("upscale_factor", 1)) },
	},
	"PixelUnshuffle": {
		"downscale_factor",
		func(c *call) any { return nn.NewPixelUnshuffle(c.int("downscale_factor", 1)) },
	},

	"ConstantPad1d":    padModule(1, "constant"),
	"ConstantPad2d":    padModule(2, "constant"),
	"ConstantPad3d":    padModule(3, "constant"),
	"ZeroPad1d":        padModule(1, "constant"),
	"ZeroPad2d":        padModule(2, "constant"),
	"ZeroPad3d":        padModule(3, "constant"),
	"ReflectionPad1d":  padModule(1, "reflect"),
	"ReflectionPad2d":  padModule(2, "reflect"),
	"ReflectionPad3d":  padModule(3, "reflect"),
	"ReplicationPad1d": padModule(1, "replicate"),
	"ReplicationPad2d": padModule(2, "replicate"),
	"ReplicationPad3d": padModule(3, "replicate"),
	"CircularPad1d":    padModule(1, "circular"),
	"CircularPad2d":    padModule(2, "circular"),
	"CircularPad3d":    padModule(3, "circular"),

	"ReLU":        layer(nn.NewReLU),
	"ReLU6":       layer(nn.NewReLU6),
	"Sigmoid":     layer(nn.NewSigmoid),
	"Tanh":        layer(nn.NewTanh),
	"SiLU":        layer(nn.NewSiLU),
	"Mish":        layer(nn.NewMish),
	"SELU":        layer(nn.NewSELU),
	"Softsign":    layer(nn.NewSoftsign),
	"Tanhshrink":  layer(nn.NewTanhshrink),
	"LogSigmoid":  layer(nn.NewLogSigmoid),
	"Hardsigmoid": layer(nn.NewHardsigmoid),
	"Hardswish":   layer(nn.NewHardswish),
	"LeakyReLU":   layerOf("negative_slope", 0.01, nn.NewLeakyReLU),
	"ELU":         layerOf("alpha", 1, nn.NewELU),
	"CELU":        layerOf("alpha", 1, nn.NewCELU),
	"Hardshrink":  layerOf("lambd", 0.5, nn.NewHardshrink),
	"Softshrink":  layerOf("lambd", 0.5, nn.NewSoftshrink),
	"Softmax":     layerAlong(nn.NewSoftmax),
	"Softmin":     layerAlong(nn.NewSoftmin),
	"LogSoftmax":  layerAlong(nn.NewLogSoftmax),
	"GELU": {"approximate", func(c *call) any {
		if c.str("approximate", "none") == "tanh" {
			return nn.NewGELUTanh()
		}
		return nn.NewGELU()
	}},
	"Hardtanh": {"min_val max_val", func(c *call) any {
		return nn.NewHardtanh(c.float("min_val", -1), c.float("max_val", 1))
	}},
	"Threshold": {"threshold value", func(c *call) any {
		return nn.NewThreshold(c.float("threshold", 0), c.float("value", 0))
	}},
	"Softplus": {"beta threshold", func(c *call) any {
		return nn.NewSoftplus(c.float("beta", 1), c.float("threshold", 20))
	}},
	"PReLU": {"num_parameters init", func(c *call) any {
		c.float("init", 0.25) // the recorded state says what the slopes are
		return nn.NewPReLU(c.int("num_parameters", 1))
	}},
}

func (c *call) embedding() nn.EmbeddingOptions {
	o := nn.EmbeddingOptions{
		ScaleByFreq: c.bool("scale_grad_by_freq", false), Sparse: c.bool("sparse", false),
		MaxNorm: c.float("max_norm", 0), NormP: c.float("norm_type", 0),
	}
	if c.has("padding_idx") {
		o.Padding, o.PadIndex = true, c.int("padding_idx", 0)
	}
	return o
}
