package caffe

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

func init() {
	elementwise("ReLU", func(l *layer, x *eager.Tensor) *eager.Tensor {
		if s := l.Message.Message("relu_param").Float("negative_slope", 0); s != 0 {
			return eager.Where(x.Gt(0), x, x.Mul(s))
		}
		return x.ReLU()
	})
	elementwise("ReLU6", func(_ *layer, x *eager.Tensor) *eager.Tensor { return x.Clamp(0, 6) })
	elementwise("PReLU", func(l *layer, x *eager.Tensor) *eager.Tensor {
		p := l.Message.Message("prelu_param")
		if !p.Has("filler") {
			p = newMessage()
			f := newMessage()
			f.set("value", 0.25)
			p.set("filler", f)
		}
		if p.Bool("channel_shared", l.Message.Message("prelu_param").Bool("channel_shared", false)) {
			return eager.Where(x.Gt(0), x, x.Mul(l.param(0, engine.Shape{}, p, "filler")))
		}
		slope := channels(l.param(0, engine.Shape{x.Size(1)}, p, "filler"), 1, x.Rank())
		return eager.Where(x.Gt(0), x, x.Mul(slope))
	})
	elementwise("ELU", func(l *layer, x *eager.Tensor) *eager.Tensor {
		a := l.Message.Message("elu_param").Float("alpha", 1)
		return eager.Where(x.Gt(0), x, x.Minimum(0).Expm1().Mul(a))
	})
	elementwise("Sigmoid", func(_ *layer, x *eager.Tensor) *eager.Tensor { return x.Sigmoid() })
	elementwise("TanH", func(_ *layer, x *eager.Tensor) *eager.Tensor { return x.Tanh() })
	elementwise("AbsVal", func(_ *layer, x *eager.Tensor) *eager.Tensor { return x.Abs() })
	elementwise("BNLL", func(_ *layer, x *eager.Tensor) *eager.Tensor { return x.Softplus() })
	elementwise("Swish", func(l *layer, x *eager.Tensor) *eager.Tensor {
		return x.Mul(x.Mul(l.Message.Message("swish_param").Float("beta", 1)).Sigmoid())
	})
	elementwise("Clip", func(l *layer, x *eager.Tensor) *eager.Tensor {
		p := l.Message.Message("clip_param")
		return x.Clamp(p.Float("min", math.Inf(-1)), p.Float("max", math.Inf(1)))
	})
	elementwise("Threshold", func(l *layer, x *eager.Tensor) *eager.Tensor {
		return x.Gt(l.Message.Message("threshold_param").Float("threshold", 0)).To(x.DType())
	})
	elementwise("Power", func(l *layer, x *eager.Tensor) *eager.Tensor {
		p := l.Message.Message("power_param")
		y := x.Mul(p.Float("scale", 1)).Add(p.Float("shift", 0))
		if e := p.Float("power", 1); e != 1 {
			y = y.Pow(e)
		}
		return y
	})
	elementwise("Exp", func(l *layer, x *eager.Tensor) *eager.Tensor {
		p := l.Message.Message("exp_param")
		return x.Mul(p.Float("scale", 1)).Add(p.Float("shift", 0)).Mul(logBase(p)).Exp()
	})
	elementwise("Log", func(l *layer, x *eager.Tensor) *eager.Tensor {
		p := l.Message.Message("log_param")
		return x.Mul(p.Float("scale", 1)).Add(p.Float("shift", 0)).Log().Div(logBase(p))
	})
	elementwise("Dropout", dropout)
	elementwise("Softmax", func(l *layer, x *eager.Tensor) *eager.Tensor {
		return x.Softmax(axis(l.Message.Message("softmax_param").Int("axis", 1), x.Rank()))
	})
	elementwise("MVN", meanVariance)
	elementwise("ShuffleChannel", func(l *layer, x *eager.Tensor) *eager.Tensor {
		s, g := x.Shape(), l.Message.Message("shuffle_channel_param").Int("group", 1)
		if g < 1 || s[1]%g != 0 {
			fail("%d channels in %d groups", s[1], g)
		}
		rest := s[2:].Numel()
		return x.Reshape(s[0], g, s[1]/g, rest).Transpose(1, 2).Reshape(s...)
	})
	layers["InnerProduct"] = innerProduct
	layers["BatchNorm"] = batchNorm
	layers["Scale"] = scale
	layers["Bias"] = bias
	layers["Eltwise"] = eltwise
	layers["Embed"] = embed
	layers["ArgMax"] = argMax
	layers["Axpy"] = func(_ *layer, in []*eager.Tensor) []*eager.Tensor {
		bottoms(in, 3, 3)
		return one(in[0].Reshape(slices.Concat(in[0].Shape()[:2], []int{1, 1})...).Mul(in[1]).Add(in[2]))
	}
}

// logBase is the logarithm of attribute base; the default is e.
func logBase(p *Message) float64 {
	b := p.Float("base", -1)
	if b == -1 {
		return 1
	}
	if b <= 0 {
		fail("base is %v, want a positive number", b)
	}
	return math.Log(b)
}

func dropout(l *layer, x *eager.Tensor) *eager.Tensor {
	r := l.Message.Message("dropout_param").Float("dropout_ratio", 0.5)
	if l.net.Phase == Test || l.net.dry || r == 0 {
		return x
	}
	seed, offset := eager.NextRandom(x.Numel())
	return eager.First(op.Dropout, op.DropoutAttrs{P: r, Seed: seed, Offset: offset}, x)
}

func meanVariance(l *layer, x *eager.Tensor) *eager.Tensor {
	p := l.Message.Message("mvn_param")
	var axes []int
	for i := 1; i < x.Rank(); i++ {
		if i > 1 || p.Bool("across_channels", false) {
			axes = append(axes, i)
		}
	}
	y := x.Sub(x.MeanKeep(axes...))
	if !p.Bool("normalize_variance", true) {
		return y
	}
	return y.Div(x.Variance(0, true, axes...).Sqrt().Add(p.Float("eps", 1e-9)))
}

func innerProduct(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 1, 1)
	x, p := in[0], l.Message.Message("inner_product_param")
	a := axis(p.Int("axis", 1), x.Rank())
	k, n := x.Shape()[a:].Numel(), p.Int("num_output", 0)
	if n < 1 {
		fail("num_output is %d", n)
	}
	flat := x.Reshape(x.Shape()[:a].Numel(), k)
	shape := engine.Shape{n, k}
	if p.Bool("transpose", false) {
		shape = engine.Shape{k, n}
	}
	w := l.param(0, shape, p, "weight_filler")
	if p.Bool("transpose", false) {
		w = w.T()
	}
	args := []*eager.Tensor{flat, w}
	if p.Bool("bias_term", true) {
		args = append(args, l.param(1, engine.Shape{n}, p, "bias_filler"))
	}
	y := eager.First(op.Linear, nil, args...)
	return one(y.Reshape(slices.Concat(x.Shape()[:a], []int{n})...))
}

// batchNorm normalises channels: by its statistics, or in training by those of the batch, which move them.
func batchNorm(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 1, 1)
	x, p := in[0], l.Message.Message("batch_norm_param")
	c := 1
	if x.Rank() > 1 {
		c = x.Size(1)
	}
	zero := newMessage()
	mean := l.param(0, engine.Shape{c}, zero, "")
	variance := l.param(1, engine.Shape{c}, zero, "")
	count := l.param(2, engine.Shape{1}, zero, "")
	eps := p.Float("eps", 1e-5)
	if p.Bool("use_global_stats", l.net.Phase == Test) || l.net.dry {
		f := 0.0
		if n := count.Item(); n != 0 {
			f = 1 / n
		}
		r := variance.Mul(f).Add(eps).Rsqrt()
		shift := mean.Mul(f).Mul(r).Neg()
		return one(x.Mul(channels(r, 1, x.Rank())).Add(channels(shift, 1, x.Rank())))
	}
	axes := []int{0}
	for i := 2; i < x.Rank(); i++ {
		axes = append(axes, i)
	}
	mu, v := x.Mean(axes...), x.Variance(0, false, axes...)
	m := x.Numel() / c
	keep := p.Float("moving_average_fraction", 0.999)
	unbiased := 1.0
	if m > 1 {
		unbiased = float64(m) / float64(m-1)
	}
	eager.NoGrad(func() {
		count.SetData(count.Mul(keep).Add(1))
		mean.SetData(mean.Mul(keep).Add(mu.Detach()))
		variance.SetData(variance.Mul(keep).Add(v.Detach().Mul(unbiased)))
	})
	y := x.Sub(channels(mu, 1, x.Rank())).Mul(channels(v.Add(eps).Rsqrt(), 1, x.Rank()))
	return one(y)
}

// factor returns the second bottom of Scale and Bias, or their weight, shaped to broadcast.
func (l *layer) factor(in []*eager.Tensor, p *Message, f *Message) *eager.Tensor {
	x := in[0]
	a := axis(p.Int("axis", 1), x.Rank())
	if len(in) > 1 {
		return channels(in[1], a, x.Rank())
	}
	n := p.Int("num_axes", 1)
	end := a + n
	if n < 0 {
		end = x.Rank()
	}
	if end > x.Rank() {
		fail("axes %d to %d of rank %d", a, end, x.Rank())
	}
	return channels(l.param(0, x.Shape()[a:end].Clone(), f, "filler"), a, x.Rank())
}

func scale(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 1, 2)
	p := l.Message.Message("scale_param")
	f := p
	if !p.Has("filler") {
		f = newMessage()
		unit := newMessage()
		unit.set("value", 1.0)
		f.set("filler", unit)
	}
	s := l.factor(in, p, f)
	y := in[0].Mul(s)
	if p.Bool("bias_term", false) {
		i := 1
		if len(in) > 1 {
			i = 0
		}
		b := l.param(i, squeezed(s.Shape(), p, in), p, "bias_filler")
		y = y.Add(b.Reshape(s.Shape()...))
	}
	return one(y)
}

// squeezed is the shape of a scale's bias: that of the scale without the ones that make it broadcast.
func squeezed(s engine.Shape, p *Message, in []*eager.Tensor) engine.Shape {
	if len(in) > 1 {
		return in[1].Shape().Clone()
	}
	n := p.Int("num_axes", 1)
	if n < 0 {
		n = len(s)
	}
	return s[:min(n, len(s))].Clone()
}

func bias(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 1, 2)
	p := l.Message.Message("bias_param")
	return one(in[0].Add(l.factor(in, p, p)))
}

func eltwise(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 1, 1<<20)
	p := l.Message.Message("eltwise_param")
	kind, coeff := p.Text("operation", "SUM"), p.Floats("coeff")
	if len(coeff) > 0 && (len(coeff) != len(in) || kind != "SUM") {
		fail("%d coefficients for %s of %d bottoms", len(coeff), kind, len(in))
	}
	y := in[0]
	if len(coeff) > 0 && coeff[0] != 1 {
		y = y.Mul(coeff[0])
	}
	for i, x := range in[1:] {
		if !x.Shape().Equal(in[0].Shape()) {
			fail("bottoms of shapes %v and %v", in[0].Shape(), x.Shape())
		}
		switch kind {
		case "SUM":
			if len(coeff) > 0 && coeff[i+1] != 1 {
				x = x.Mul(coeff[i+1])
			}
			y = y.Add(x)
		case "PROD":
			y = y.Mul(x)
		case "MAX":
			y = y.Maximum(x)
		default:
			fail("operation %q is unknown; known: SUM, PROD, MAX", kind)
		}
	}
	return one(y)
}

func embed(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 1, 1)
	p := l.Message.Message("embed_param")
	n, words := p.Int("num_output", 0), p.Int("input_dim", 0)
	if n < 1 || words < 1 {
		fail("num_output %d, input_dim %d", n, words)
	}
	index := in[0].To(engine.I64)
	y := l.param(0, engine.Shape{words, n}, p, "weight_filler").IndexSelect(0, index.Reshape(index.Numel()))
	if p.Bool("bias_term", true) {
		y = y.Add(l.param(1, engine.Shape{n}, p, "bias_filler"))
	}
	return one(y.Reshape(slices.Concat(in[0].Shape(), []int{n})...))
}

// argMax returns the places of the greatest elements (as numbers of the bottom's type), their values, or both.
func argMax(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 1, 1)
	x, p := in[0], l.Message.Message("argmax_param")
	k, values := p.Int("top_k", 1), p.Bool("out_max_val", false)
	if p.Has("axis") {
		v, at := x.TopK(k, axis(p.Int("axis", 0), x.Rank()))
		if values {
			return one(v)
		}
		return one(at.To(x.DType()))
	}
	v, at := x.Reshape(x.Size(0), x.Numel()/max(x.Size(0), 1)).TopK(k, 1)
	y := at.To(x.DType()).Reshape(x.Size(0), 1, k)
	if values {
		y = eager.Concat(1, y, v.Reshape(x.Size(0), 1, k))
	}
	for y.Rank() < x.Rank() {
		y = y.Unsqueeze(-1)
	}
	return one(y)
}
