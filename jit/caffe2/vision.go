package caffe2

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

func init() {
	add(nchw(convolution), "Conv", "Conv1D", "Conv2D", "Conv3D")
	add(nchw(deconvolution), "ConvTranspose")
	add(nchw(pool), "MaxPool", "MaxPool1D", "MaxPool2D", "MaxPool3D", "AveragePool", "AveragePool1D", "AveragePool2D", "AveragePool3D")
	add(nchw(batchNorm), "SpatialBN")
	add(nchw(instanceNorm), "InstanceNorm")
	add(nchw(localResponse), "LRN")
	add(nchw(pad), "PadImage")
	add(nchw(resize), "ResizeNearest")
	add(nchw(shuffle), "ChannelShuffle")
	unary("NCHW2NHWC", func(_ *call, x *eager.Tensor) *eager.Tensor { return lastAxis(x) })
	unary("NHWC2NCHW", func(_ *call, x *eager.Tensor) *eager.Tensor { return first(x) })
	unary("Softmax", func(c *call, x *eager.Tensor) *eager.Tensor {
		return flat(x, c.int("axis", 1)).Softmax(1).Reshape(x.Shape()...)
	})
	unary("LogSoftmax", func(c *call, x *eager.Tensor) *eager.Tensor {
		return flat(x, c.int("axis", 1)).LogSoftmax(1).Reshape(x.Shape()...)
	})
	operators["LayerNorm"] = layerNorm
	operators["Dropout"] = dropout
	operators["SoftmaxWithLoss"] = softmaxLoss
	add(func(c *call) *eager.Tensor {
		c.want(2, 2)
		label := c.in[1].To(engine.I64).Reshape(c.in[1].Numel())
		return flat(c.in[0], 1).Gather(1, label.Unsqueeze(1)).Squeeze(1).Maximum(1e-20).Log().Neg()
	}, "LabelCrossEntropy")
	unary("AveragedLoss", func(_ *call, x *eager.Tensor) *eager.Tensor { return x.Mean() })
	add(accuracy, "Accuracy")
}

// window is the kernel of a convolution or pooling: extents, steps, and paddings of begins and ends.
type window struct{ kernel, stride, dilation, before, after []int }

// spatial returns an argument for n axes: NAMEs, NAME_h and NAME_w, or NAME.
func (c *call) spatial(name, many string, n, def int) []int {
	v := c.ints(many)
	switch {
	case len(v) == n:
		return v
	case len(v) > 0:
		fail("%s has %d numbers for %d axes", many, len(v), n)
	case n == 2 && (c.has(name+"_h") || c.has(name+"_w")):
		return []int{c.int(name+"_h", def), c.int(name+"_w", def)}
	}
	return slices.Repeat([]int{c.int(name, def)}, n)
}

func (c *call) window(x *eager.Tensor) window {
	if x.Rank() < 3 {
		fail("input %v, want [N C spatial…]", x.Shape())
	}
	n := x.Rank() - 2
	w := window{
		kernel: c.spatial("kernel", "kernels", n, 0), stride: c.spatial("stride", "strides", n, 1),
		dilation: c.spatial("dilation", "dilations", n, 1),
	}
	if c.flag("global_pooling", false) {
		w.kernel, w.stride = x.Shape()[2:].Clone(), slices.Repeat([]int{1}, n)
	}
	switch p := c.ints("pads"); {
	case len(p) == 2*n:
		w.before, w.after = p[:n], p[n:]
	case len(p) > 0:
		fail("pads has %d numbers for %d axes", len(p), n)
	case n == 2 && (c.has("pad_t") || c.has("pad_l") || c.has("pad_b") || c.has("pad_r")):
		w.before, w.after = []int{c.int("pad_t", 0), c.int("pad_l", 0)}, []int{c.int("pad_b", 0), c.int("pad_r", 0)}
	default:
		w.before = slices.Repeat([]int{c.int("pad", 0)}, n)
		w.after = w.before
	}
	for i := range n {
		if w.kernel[i] < 1 || w.stride[i] < 1 || w.dilation[i] < 1 || w.before[i] < 0 || w.after[i] < 0 {
			fail("kernel %v, stride %v, dilation %v, padding %v %v", w.kernel, w.stride, w.dilation, w.before, w.after)
		}
	}
	if l := c.int("legacy_pad", 0); l == 2 { // same: as many results as steps fit
		for i := range n {
			need := (x.Size(i+2)+w.stride[i]-1)/w.stride[i]*w.stride[i] - w.stride[i] + w.kernel[i] - x.Size(i+2)
			w.before, w.after = slices.Clone(w.before), slices.Clone(w.after)
			w.before[i], w.after[i] = max(need, 0)/2, max(need, 0)-max(need, 0)/2
		}
	}
	return w
}

func (w window) symmetric() bool { return slices.Equal(w.before, w.after) }

// padded pads the spatial axes.
func (w window) padded(x *eager.Tensor, value float64) *eager.Tensor {
	return x.Pad(append([]int{0, 0}, w.before...), append([]int{0, 0}, w.after...), value)
}

func convolution(c *call) *eager.Tensor {
	c.want(2, 3)
	x, weight := c.in[0], c.in[1]
	w := c.window(x)
	groups := c.int("group", 1)
	if weight.Rank() != x.Rank() || groups < 1 || x.Size(1)%groups != 0 || weight.Size(1) != x.Size(1)/groups ||
		!slices.Equal([]int(weight.Shape()[2:]), w.kernel) {
		fail("%d channels, %d groups, kernel %v, filter %v", x.Size(1), groups, w.kernel, weight.Shape())
	}
	a := op.ConvAttrs{Stride: w.stride, Padding: w.before, Dilation: w.dilation, Groups: groups}
	if !w.symmetric() {
		x = w.padded(x, 0)
		a.Padding = make([]int, len(w.kernel))
	}
	args := []*eager.Tensor{x, weight}
	if len(c.in) > 2 {
		args = append(args, c.in[2])
	}
	return apply(op.Conv, a, args...)
}

func deconvolution(c *call) *eager.Tensor {
	c.want(2, 3)
	x, weight := c.in[0], c.in[1]
	w := c.window(x)
	groups := c.int("group", 1)
	adj := c.spatial("adj", "adjs", len(w.kernel), 0)
	if weight.Rank() != x.Rank() || groups < 1 || weight.Size(0) != x.Size(1) {
		fail("%d channels, %d groups, filter %v", x.Size(1), groups, weight.Shape())
	}
	shape := engine.Shape{x.Size(0), weight.Size(1) * groups}
	cut := false
	for k := range w.kernel {
		n := w.stride[k]*(x.Size(k+2)-1) + (w.kernel[k]-1)*w.dilation[k] + 1 + adj[k]
		if n-w.before[k]-w.after[k] < 1 {
			fail("result of extent %d on axis %d", n-w.before[k]-w.after[k], k+2)
		}
		if cut = cut || w.before[k] != w.after[k]; w.symmetric() {
			n -= 2 * w.before[k]
		}
		shape = append(shape, n)
	}
	a := op.ConvAttrs{Stride: w.stride, Padding: w.before, Dilation: w.dilation, Groups: groups, Shape: shape}
	if !w.symmetric() {
		a.Padding = make([]int, len(w.kernel))
	}
	y := apply(op.ConvInputGrad, a, x, weight)
	for k := range w.kernel {
		if cut {
			y = y.Slice(k+2, w.before[k], y.Size(k+2)-w.after[k])
		}
	}
	if len(c.in) > 2 {
		y = y.Add(channels(c.in[2], y.Rank()))
	}
	return y
}

// pool takes averages of the elements inside the input only, unless count_include_pad says otherwise.
func pool(c *call) *eager.Tensor {
	c.want(1, 1)
	x := c.in[0]
	w := c.window(x)
	a := op.PoolAttrs{
		Kernel: w.kernel, Stride: w.stride, Padding: w.before, Dilation: w.dilation, Ceil: c.int("legacy_pad", 0) == 3,
		ExcludePad: !c.flag("count_include_pad", false),
	}
	if c.kind[0] == 'M' {
		a.ExcludePad = false
		if !w.symmetric() {
			x, a.Padding = w.padded(x, math.Inf(-1)), nil
		}
		return apply(op.MaxPool, a, x)
	}
	if w.symmetric() {
		return apply(op.AvgPool, a, x)
	}
	a.Padding, a.ExcludePad = nil, false
	y := apply(op.AvgPool, a, w.padded(x, 0))
	if c.flag("count_include_pad", false) {
		return y
	}
	return y.Div(apply(op.AvgPool, a, w.padded(eager.OnesLike(x), 0)))
}

func batchNorm(c *call) *eager.Tensor {
	c.want(5, 5)
	if !c.flag("is_test", false) {
		fail("is_test is 0: statistics of the batch; give the net that predicts")
	}
	x := c.in[0]
	r := c.in[4].Add(c.float("epsilon", 1e-5)).Rsqrt().Mul(c.in[1])
	shift := c.in[2].Sub(c.in[3].Mul(r))
	return x.Mul(channels(r, x.Rank())).Add(channels(shift, x.Rank()))
}

func instanceNorm(c *call) *eager.Tensor {
	c.want(3, 3)
	x := c.in[0]
	var axes []int
	for i := 2; i < x.Rank(); i++ {
		axes = append(axes, i)
	}
	y := x.Sub(x.MeanKeep(axes...)).Mul(x.Variance(0, true, axes...).Add(c.float("epsilon", 1e-5)).Rsqrt())
	return y.Mul(channels(c.in[1], x.Rank())).Add(channels(c.in[2], x.Rank()))
}

func localResponse(c *call) *eager.Tensor {
	c.want(1, 1)
	x, size := c.in[0], c.int("size", 0)
	if size < 1 || size%2 == 0 {
		fail("size is %d, want an odd number", size)
	}
	around := make([]int, x.Rank())
	around[1] = size / 2
	wide, n := x.Mul(x).Pad(around, around, 0), x.Size(1)
	sum := wide.Slice(1, 0, n)
	for i := 1; i < size; i++ {
		sum = sum.Add(wide.Slice(1, i, i+n))
	}
	return x.Mul(sum.Mul(c.float("alpha", 0) / float64(size)).Add(c.float("bias", 1)).Pow(-c.float("beta", 0)))
}

func pad(c *call) *eager.Tensor {
	c.want(1, 1)
	p := c.ints("pads")
	if len(p) == 0 {
		p = []int{c.int("pad_t", c.int("pad", 0)), c.int("pad_l", c.int("pad", 0)), c.int("pad_b", c.int("pad", 0)), c.int("pad_r", c.int("pad", 0))}
	}
	if mode := c.text("mode", "constant"); mode != "constant" {
		fail("mode %q is not known; known: constant", mode)
	}
	if c.in[0].Rank() != 4 || len(p) != 4 || slices.Min(p) < 0 {
		fail("input %v and pads %v", c.in[0].Shape(), p)
	}
	return c.in[0].Pad([]int{0, 0, p[0], p[1]}, []int{0, 0, p[2], p[3]}, c.float("value", 0))
}

func resize(c *call) *eager.Tensor {
	c.want(1, 1)
	x := c.in[0]
	for i, name := range []string{"height_scale", "width_scale"} {
		k := c.float(name, 1)
		n := int(float64(x.Size(i+2)) * k)
		if n < 1 || n > 1<<16 {
			fail("%s %v of extent %d", name, k, x.Size(i+2))
		}
		at := make([]int, n)
		for j := range at {
			at[j] = min(int(float64(j)/k), x.Size(i+2)-1)
		}
		x = x.IndexSelect(i+2, eager.FromInts(at, n))
	}
	return x
}

func shuffle(c *call) *eager.Tensor {
	c.want(1, 1)
	x, g := c.in[0], c.int("group", 1)
	s := x.Shape()
	if g < 1 || s[1]%g != 0 {
		fail("%d channels in %d groups", s[1], g)
	}
	return x.Reshape(s[0], g, s[1]/g, s[2:].Numel()).Transpose(1, 2).Reshape(s...)
}

// layerNorm returns results, means and deviations.
func layerNorm(c *call) []*eager.Tensor {
	c.want(1, 3)
	a := c.int("axis", 1)
	x := flat(c.in[0], a)
	mean := x.MeanKeep(1)
	std := x.Variance(0, true, 1).Add(c.float("epsilon", 1e-5)).Sqrt()
	y := x.Sub(mean).Div(std)
	if len(c.in) == 3 {
		y = y.Mul(c.in[1].Reshape(x.Size(1))).Add(c.in[2].Reshape(x.Size(1)))
	}
	a = axis(a, c.in[0].Rank())
	rows := append(c.in[0].Shape()[:a].Clone(), 1)
	return []*eager.Tensor{y.Reshape(c.in[0].Shape()...), mean.Reshape(rows...), std.Reshape(rows...)}
}

func dropout(c *call) []*eager.Tensor {
	c.want(1, 1)
	x, r := c.in[0], c.float("ratio", 0.5)
	if c.flag("is_test", false) || r == 0 {
		return one(x)
	}
	mask := eager.Bernoulli(1-r, x.Shape()...)
	return []*eager.Tensor{x.Mul(mask).Div(1 - r), mask.Ne(0)}
}

// softmaxLoss returns probabilities and the mean loss.
func softmaxLoss(c *call) []*eager.Tensor {
	c.want(2, 3)
	x := flat(c.in[0], c.int("axis", 1))
	logs := x.LogSoftmax(1)
	weight := eager.Ones(x.Size(0))
	if len(c.in) == 3 {
		weight = c.in[2].Reshape(x.Size(0))
	}
	var loss *eager.Tensor
	if c.flag("label_prob", false) {
		loss = c.in[1].Reshape(x.Shape()...).Mul(logs).Sum(1).Neg()
	} else {
		loss = logs.Gather(1, c.in[1].To(engine.I64).Reshape(x.Size(0), 1)).Squeeze(1).Neg()
	}
	return []*eager.Tensor{
		logs.Exp().Reshape(c.in[0].Shape()...),
		loss.Mul(weight).Sum().Div(weight.Sum()).Mul(c.float("scale", 1)),
	}
}

func accuracy(c *call) *eager.Tensor {
	c.want(2, 2)
	x := flat(c.in[0], 1)
	label := c.in[1].To(engine.I64).Reshape(x.Size(0), 1)
	better := x.Gt(x.Gather(1, label)).To(engine.F32).Sum(1)
	return better.Lt(c.int("top_k", 1)).To(engine.F32).Mean()
}
