package torch

import (
	"github.com/lathe-ml/lathe/eager/nn"
)

// ofTwo is a function of two inputs as a module.
func ofTwo(params string, f func(c *call) func(x, y *tensor) *tensor) entry {
	return entry{params, func(c *call) any {
		g := f(c)
		return module{forward: func(xs []*tensor) any { return g(xs[0], xs[1]) }}
	}}
}

// still is a module that draws random numbers in training alone; p 0 draws none.
func still(c *call) any {
	p := c.float("p", 0.5)
	c.get("inplace")
	return nn.NewDropout(p)
}

// repeated is the constructor of a stack of layers, which its printed form describes.
func (c *call) stack() (width, heads, layers int, o nn.TransformerOptions) {
	width, heads, o = c.transformerOptions()
	return width, heads, c.int("num_layers", 1), o
}

// remaining are modules that are one line of others.
var remaining = map[string]entry{
	"CosineSimilarity": ofTwo("dim eps", func(c *call) func(x, y *tensor) *tensor {
		dim, eps := c.int("dim", 1), c.float("eps", 1e-8)
		return func(x, y *tensor) *tensor { return nn.CosineSimilarity(x, y, dim, eps) }
	}),
	"PairwiseDistance": ofTwo("p eps keepdim", func(c *call) func(x, y *tensor) *tensor {
		p, eps, keep := c.float("p", 2), c.float("eps", 1e-6), c.bool("keepdim", false)
		return func(x, y *tensor) *tensor {
			d := nn.PairwiseDistance(x, y, p, eps)
			if keep {
				d = d.Unsqueeze(d.Rank())
			}
			return d
		}
	}),
	"GLU":       {"dim", func(c *call) any { return nn.NewGLU(c.int("dim", -1)) }},
	"Softmax2d": {"", func(*call) any { return nn.NewSoftmax(-3) }},
	"Unflatten": {"dim unflattened_size", func(c *call) any {
		dim, sizes := c.int("dim", 1), c.ints("unflattened_size")
		return module{forward: func(xs []*tensor) any {
			list := make([]any, len(sizes))
			for i, n := range sizes {
				list[i] = n
			}
			return operators["unflatten"].call(xs[0], []any{dim, list}, nil)
		}}
	}},
	"UpsamplingNearest2d": {"size scale_factor", func(c *call) any { return nn.NewUpsample(c.upsampleOptions()) }},
	"UpsamplingBilinear2d": {"size scale_factor", func(c *call) any {
		o := c.upsampleOptions()
		o.Mode, o.AlignCorners = "bilinear", true
		return nn.NewUpsample(o)
	}},
	"Dropout1d":           {"p inplace", still},
	"Dropout2d":           {"p inplace", still},
	"Dropout3d":           {"p inplace", still},
	"AlphaDropout":        {"p inplace", still},
	"FeatureAlphaDropout": {"p inplace", still},
	"RReLU": {"lower upper inplace", func(c *call) any {
		c.get("inplace")
		return nn.NewLeakyReLU((c.float("lower", 1.0/8) + c.float("upper", 1.0/3)) / 2)
	}},
	"MaxUnpool1d": unpoolModule(1),
	"MaxUnpool2d": unpoolModule(2),
	"MaxUnpool3d": unpoolModule(3),
	"TransformerEncoder": {"d_model nhead num_layers dim_feedforward dropout activation", func(c *call) any {
		width, heads, layers, o := c.stack()
		l := nn.NewTransformerEncoder(width, heads, layers, o)
		return layerWith(l, func(xs []*tensor, c *call) any {
			return l.Encode(xs[0], nn.EncodeOptions{
				Mask: c.opt("mask"), KeyPadding: c.opt("src_key_padding_mask"),
				Causal: c.bool("is_causal", false) && !c.has("mask"),
			})
		})
	}},
	"TransformerDecoder": {"d_model nhead num_layers dim_feedforward dropout activation", func(c *call) any {
		width, heads, layers, o := c.stack()
		l := nn.NewTransformerDecoder(width, heads, layers, o)
		return layerWith(l, func(xs []*tensor, c *call) any { return l.Decode(xs[0], xs[1], c.decodeOptions()) })
	}},
	"TripletMarginWithDistanceLoss": {"margin swap reduction", func(c *call) any {
		o := nn.TripletOptions{
			Margin: c.positive("margin", 1), Swap: c.bool("swap", false), Reduction: c.reduction(),
		}
		return module{forward: func(xs []*tensor) any { return nn.TripletMargin(xs[0], xs[1], xs[2], o) }}
	}},
}

// unpoolModule puts elements back where MaxPool took them from.
func unpoolModule(n int) entry {
	return entry{"kernel_size stride padding", func(c *call) any {
		kernel, stride, padding := c.perAxis("kernel_size", n), c.perAxis("stride", n), c.perAxis("padding", n)
		if stride == nil {
			stride = kernel
		}
		if padding == nil {
			padding = make([]int, n)
		}
		return module{forward: func(xs []*tensor) any {
			size := make([]int, n)
			for i := range size {
				size[i] = (xs[0].Size(i-n)-1)*stride[i] - 2*padding[i] + kernel[i]
			}
			return nn.MaxUnpool(xs[0], xs[1], size...)
		}}
	}}
}

func init() {
	for name, e := range remaining {
		modules[name] = e
	}
	operators["nn.functional.dropout"] = entry{"input p training inplace", func(c *call) any {
		c.get("inplace")
		p := c.float("p", 0.5)
		need(!c.bool("training", true) || p == 0, "PyTorch's random numbers")
		return c.t("input").Clone()
	}}
}
