package caffe

import (
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

func init() {
	layers["Convolution"] = convolution
	layers["ConvolutionDepthwise"] = convolution
	layers["DepthwiseConvolution"] = convolution
	layers["Deconvolution"] = deconvolution
	layers["Pooling"] = pooling
	layers["SPP"] = pyramid
	layers["LRN"] = localResponse
	layers["Im2col"] = im2col
	layers["Crop"] = crop
	layers["Interp"] = interp
	layers["Upsample"] = upsampleLayer
}

// window is the kernel of a convolution or pooling over the spatial axes.
type window struct{ kernel, stride, pad, dilation []int }

// spatialList returns a repeated field (one number for all axes, or one for each), or the pair of fields for
// height and width.
func spatialList(p *Message, name, h, w string, n, def int) []int {
	if p.Has(h) || p.Has(w) {
		if n != 2 {
			fail("%s and %s are for two spatial axes, there are %d", h, w, n)
		}
		return []int{p.Int(h, def), p.Int(w, def)}
	}
	v := p.Ints(name)
	switch len(v) {
	case 0:
		return slices.Repeat([]int{def}, n)
	case 1:
		return slices.Repeat(v, n)
	case n:
		return v
	}
	fail("%s has %d numbers for %d spatial axes", name, len(v), n)
	return nil
}

func convWindow(p *Message, n int) window {
	w := window{
		kernel:   spatialList(p, "kernel_size", "kernel_h", "kernel_w", n, 0),
		stride:   spatialList(p, "stride", "stride_h", "stride_w", n, 1),
		pad:      spatialList(p, "pad", "pad_h", "pad_w", n, 0),
		dilation: spatialList(p, "dilation", "", "", n, 1),
	}
	for i := range n {
		if w.kernel[i] < 1 || w.stride[i] < 1 || w.pad[i] < 0 || w.dilation[i] < 1 {
			fail("kernel %v, stride %v, pad %v, dilation %v", w.kernel, w.stride, w.pad, w.dilation)
		}
	}
	return w
}

// convShape checks the input of a convolution and returns its window, groups and number of outputs.
func convShape(l *layer, x *eager.Tensor) (p *Message, w window, groups, outputs int) {
	p = l.Message.Message("convolution_param")
	if x.Rank() < 3 {
		fail("bottom %v, want [N C spatial…]", x.Shape())
	}
	if a := axis(p.Int("axis", 1), x.Rank()); a != 1 {
		fail("axis %d; channels must be axis 1", a)
	}
	groups, outputs = p.Int("group", 1), p.Int("num_output", 0)
	c := x.Size(1)
	if l.kind != "Convolution" && l.kind != "Deconvolution" && !p.Has("group") {
		groups = c
	}
	if outputs < 1 || groups < 1 || c%groups != 0 || outputs%groups != 0 {
		fail("%d channels, %d outputs, %d groups", c, outputs, groups)
	}
	return p, convWindow(p, x.Rank()-2), groups, outputs
}

func convolution(l *layer, in []*eager.Tensor) []*eager.Tensor {
	out := make([]*eager.Tensor, len(in))
	for i, x := range in {
		p, w, groups, outputs := convShape(l, x)
		shape := append(engine.Shape{outputs, x.Size(1) / groups}, w.kernel...)
		a := op.ConvAttrs{Stride: w.stride, Padding: w.pad, Dilation: w.dilation, Groups: groups}
		args := []*eager.Tensor{x, l.param(0, shape, p, "weight_filler")}
		if p.Bool("bias_term", true) {
			args = append(args, l.param(1, engine.Shape{outputs}, p, "bias_filler"))
		}
		out[i] = eager.First(op.Conv, a, args...)
	}
	return out
}

func deconvolution(l *layer, in []*eager.Tensor) []*eager.Tensor {
	out := make([]*eager.Tensor, len(in))
	for i, x := range in {
		p, w, groups, outputs := convShape(l, x)
		weight := l.param(0, append(engine.Shape{x.Size(1), outputs / groups}, w.kernel...), p, "weight_filler")
		shape := engine.Shape{x.Size(0), outputs}
		for k := range w.kernel {
			n := w.stride[k]*(x.Size(k+2)-1) + (w.kernel[k]-1)*w.dilation[k] + 1 - 2*w.pad[k]
			if n < 1 {
				fail("result of extent %d on axis %d", n, k+2)
			}
			shape = append(shape, n)
		}
		a := op.ConvAttrs{Stride: w.stride, Padding: w.pad, Dilation: w.dilation, Groups: groups, Shape: shape}
		y := eager.First(op.ConvInputGrad, a, x, weight)
		if p.Bool("bias_term", true) {
			y = y.Add(channels(l.param(1, engine.Shape{outputs}, p, "bias_filler"), 1, y.Rank()))
		}
		out[i] = y
	}
	return out
}

// channels shapes v so that it broadcasts from axis on over rank axes.
func channels(v *eager.Tensor, axis, rank int) *eager.Tensor {
	tail := rank - axis - v.Rank()
	if tail < 0 {
		fail("%v does not fit from axis %d of rank %d on", v.Shape(), axis, rank)
	}
	return v.Reshape(slices.Concat(v.Shape(), slices.Repeat([]int{1}, tail))...)
}

func pooling(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 1, 1)
	x, p := in[0], l.Message.Message("pooling_param")
	if x.Rank() != 4 {
		fail("bottom %v, want [N C H W]", x.Shape())
	}
	w := window{
		kernel: spatialList(p, "kernel_size", "kernel_h", "kernel_w", 2, 0),
		stride: spatialList(p, "stride", "stride_h", "stride_w", 2, 1),
		pad:    spatialList(p, "pad", "pad_h", "pad_w", 2, 0),
	}
	if p.Bool("global_pooling", false) {
		w.kernel, w.stride, w.pad = x.Shape()[2:], []int{1, 1}, []int{0, 0}
	}
	ceil := p.Text("round_mode", "CEIL") == "CEIL" && p.Bool("ceil_mode", true)
	return pooled(x, p.Text("pool", "MAX"), w, ceil, len(l.top) > 1, l.net.Phase)
}

// pooled pools planes; with mask the second result are the places of the largest elements.
func pooled(x *eager.Tensor, method string, w window, ceil, mask bool, phase Phase) []*eager.Tensor {
	for i := range w.kernel {
		if w.kernel[i] < 1 || w.stride[i] < 1 || w.pad[i] < 0 || w.pad[i] >= w.kernel[i] {
			fail("kernel %v, stride %v, pad %v", w.kernel, w.stride, w.pad)
		}
	}
	w.kernel = slices.Clone(w.kernel)
	for i, k := range w.kernel {
		if all := x.Size(i+2) + 2*w.pad[i]; ceil && k > all && k-all < w.stride[i] {
			w.kernel[i] = all // Caffe cuts the one window that there is
		}
	}
	a := op.PoolAttrs{Kernel: w.kernel, Stride: w.stride, Padding: w.pad, Ceil: ceil}
	switch method {
	case "MAX", "0":
		if !mask {
			return one(eager.First(op.MaxPool, a, x))
		}
		r := eager.Apply(op.MaxPool, a, x)
		return []*eager.Tensor{r[0], r[1].To(engine.F32)}
	case "AVE", "1":
		return one(eager.First(op.AvgPool, a, x))
	case "STOCHASTIC", "2":
		if phase == Train {
			fail("stochastic pooling cannot train; use MAX or AVE")
		}
		a.Divisor = 1
		return one(eager.First(op.AvgPool, a, x.Mul(x)).Div(eager.First(op.AvgPool, a, x).Maximum(1e-30)))
	}
	fail("pool %q is unknown; known: MAX, AVE, STOCHASTIC", method)
	return nil
}

// pyramid pools into 1, 2², 4² … bins and joins them.
func pyramid(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 1, 1)
	x, p := in[0], l.Message.Message("spp_param")
	var parts []*eager.Tensor
	for level := range p.Int("pyramid_height", 1) {
		bins := 1 << level
		w := window{}
		for _, n := range x.Shape()[2:] {
			k := (n + bins - 1) / bins
			w.kernel = append(w.kernel, k)
			w.stride = append(w.stride, k)
			w.pad = append(w.pad, (k*bins-n+1)/2)
		}
		y := pooled(x, p.Text("pool", "MAX"), w, true, false, l.net.Phase)[0]
		parts = append(parts, y.Reshape(x.Size(0), y.Numel()/max(x.Size(0), 1)))
	}
	return one(eager.Concat(1, parts...))
}

// localResponse divides by neighbouring squares: over channels, or within each plane.
func localResponse(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 1, 1)
	x, p := in[0], l.Message.Message("lrn_param")
	size, alpha, beta, k := p.Int("local_size", 5), p.Float("alpha", 1), p.Float("beta", 0.75), p.Float("k", 1)
	if size < 1 || size%2 == 0 {
		fail("local_size is %d, want an odd number", size)
	}
	if p.Text("norm_region", "ACROSS_CHANNELS") == "WITHIN_CHANNEL" {
		h := (size - 1) / 2
		mean := eager.First(op.AvgPool, op.PoolAttrs{
			Kernel: []int{size, size}, Stride: []int{1, 1}, Padding: []int{h, h},
		}, x.Mul(x))
		return one(x.Mul(mean.Mul(alpha).Add(1).Pow(-beta)))
	}
	return one(eager.First(op.LocalResponse, op.LRNAttrs{Size: size, Alpha: alpha, Beta: beta, K: k}, x))
}

// im2col lays out the windows of a convolution: [N C·k… out…].
func im2col(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 1, 1)
	x := in[0]
	w := convWindow(l.Message.Message("convolution_param"), x.Rank()-2)
	n := engine.Shape(w.kernel).Numel()
	c := x.Size(1)
	eye := eager.Eye(n).Reshape(slices.Concat([]int{n, 1}, w.kernel)...)
	planes := x.Reshape(slices.Concat([]int{x.Size(0) * c, 1}, x.Shape()[2:])...)
	y := eager.Conv(planes, eye, op.ConvAttrs{Stride: w.stride, Padding: w.pad, Dilation: w.dilation})
	return one(y.Reshape(slices.Concat([]int{x.Size(0), c * n}, y.Shape()[2:])...))
}

// crop cuts the first bottom to the extents of the second from axis on.
func crop(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 2, 2)
	x, like, p := in[0], in[1], l.Message.Message("crop_param")
	from := axis(p.Int("axis", 2), x.Rank())
	offsets := p.Ints("offset")
	if len(offsets) > 1 && len(offsets) != x.Rank()-from {
		fail("%d offsets for %d axes", len(offsets), x.Rank()-from)
	}
	for i := from; i < x.Rank(); i++ {
		start := 0
		switch {
		case len(offsets) == 1:
			start = offsets[0]
		case len(offsets) > 1:
			start = offsets[i-from]
		}
		if start < 0 || start+like.Size(i) > x.Size(i) {
			fail("axis %d of %v has no %d elements from %d on", i, x.Shape(), like.Size(i), start)
		}
		x = x.Slice(i, start, start+like.Size(i))
	}
	return one(x)
}

// interp resizes planes bilinearly so that the corners stay.
func interp(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 1, 2)
	x, p := in[0], l.Message.Message("interp_param")
	begin, end := p.Int("pad_beg", 0), p.Int("pad_end", 0)
	x = x.Pad([]int{0, 0, max(begin, 0), max(begin, 0)}, []int{0, 0, max(end, 0), max(end, 0)}, 0)
	if begin < 0 || end < 0 {
		for i := 2; i < 4; i++ {
			x = x.Slice(i, max(-begin, 0), x.Size(i)+min(end, 0))
		}
	}
	size := []int{x.Size(2), x.Size(3)}
	for i := range size {
		if f := p.Int("shrink_factor", 1); f > 1 {
			size[i] = (size[i]-1)/f + 1
		}
		if f := p.Int("zoom_factor", 1); f > 1 {
			size[i] += (size[i] - 1) * (f - 1)
		}
	}
	switch {
	case p.Has("height") && p.Has("width"):
		size = []int{p.Int("height", 0), p.Int("width", 0)}
	case len(in) == 2:
		size = []int{in[1].Size(2), in[1].Size(3)}
	}
	return one(nn.Interpolate(x, nn.UpsampleOptions{Size: size, Mode: "bilinear", AlignCorners: true}))
}

// upsampleLayer repeats elements, or with a second bottom puts them where a pooling found them.
func upsampleLayer(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 1, 2)
	x, p := in[0], l.Message.Message("upsample_param")
	scale := p.Int("scale", p.Int("stride", 2))
	if scale < 1 {
		fail("scale is %d", scale)
	}
	h, w := p.Int("upsample_h", x.Size(2)*scale), p.Int("upsample_w", x.Size(3)*scale)
	if len(in) == 1 {
		return one(x.RepeatInterleave(2, scale).RepeatInterleave(3, scale))
	}
	planes := []int{x.Size(0), x.Size(1), x.Size(2) * x.Size(3)}
	zeros := eager.Zeros(x.Size(0), x.Size(1), h*w)
	y := zeros.Scatter(2, in[1].To(engine.I64).Reshape(planes...), x.Reshape(planes...))
	return one(y.Reshape(x.Size(0), x.Size(1), h, w))
}
