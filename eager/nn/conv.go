package nn

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// ConvOptions are the options of convolutions; the zero value is the default. A number holds for every
// spatial axis; a list has one number for each and takes its place.
type ConvOptions struct {
	Stride   int  // step of the window; 0: 1
	Padding  int  // elements added on both sides
	Dilation int  // distance of kernel elements; 0: 1
	Groups   int  // channels are convolved in this many separate groups; 0: 1
	NoBias   bool // no b is added
	Same     bool // pad so that stride 1 keeps the extents; Padding is ignored
	// PadMode is what is padded: "zeros" (or ""), "reflect", "replicate" or "circular".
	PadMode       string
	OutputPadding int // transposed convolutions: elements added to the end of the output

	Kernels, Strides, Paddings, Dilations, OutputPaddings []int
}

// Conv is a convolution (cross-correlation) over 1, 2 or 3 spatial axes.
//
//	y[n, o, i] = b[o] + Σ_c Σ_k w[o, c, k]·x[n, c, i·stride + k·dilation − padding]
//
// x: [n in spatial…] or [in spatial…] → [n out spatial…], each extent (s + 2·padding − dilation·(k−1) −
// 1)/stride + 1, rounded down.
type Conv struct {
	Base
	Weight *eager.Tensor // [out in/groups kernel…]
	Bias   *eager.Tensor // [out], or nil
	name   string
	rank   int
	attrs  op.ConvAttrs
	mode   padMode
	before []int // of padding, for modes other than zeros
	after  []int
}

// Conv1D, Conv2D and Conv3D are convolutions over 1, 2 and 3 spatial axes.
type (
	Conv1D = Conv
	Conv2D = Conv
	Conv3D = Conv
)

// NewConv1D returns a convolution over [n in length]. Weight and Bias start uniform in ±1/√(in/groups·kernel).
// Agrees with torch.nn.Conv1d.
func NewConv1D(in, out, kernel int, o ...ConvOptions) *Conv1D {
	return newConv("nn.Conv1D", 1, in, out, kernel, o)
}

// NewConv2D returns a convolution over [n in height width]. Weight and Bias start uniform in
// ±1/√(in/groups·kernel²). Agrees with torch.nn.Conv2d.
func NewConv2D(in, out, kernel int, o ...ConvOptions) *Conv2D {
	return newConv("nn.Conv2D", 2, in, out, kernel, o)
}

// NewConv3D returns a convolution over [n in depth height width]. Weight and Bias start uniform in
// ±1/√(in/groups·kernel³). Agrees with torch.nn.Conv3d.
func NewConv3D(in, out, kernel int, o ...ConvOptions) *Conv3D {
	return newConv("nn.Conv3D", 3, in, out, kernel, o)
}

func newConv(name string, rank, in, out, kernel int, o []ConvOptions) *Conv {
	opt, attrs, k := convAttrs(name, rank, in, out, kernel, o)
	c := &Conv{name: name, rank: rank, attrs: attrs, mode: padModeOf(name, opt.PadMode)}
	if opt.Same {
		c.before, c.after = make([]int, rank), make([]int, rank)
		for i := range rank {
			if attrs.Stride[i] != 1 {
				engine.Fail(name, "Same wants stride 1, got %d", attrs.Stride[i])
			}
			total := attrs.Dilation[i] * (k[i] - 1)
			c.before[i], c.after[i] = total/2, total-total/2
		}
		c.attrs.Padding = slices.Concat(c.before, c.after)
	} else {
		c.before, c.after = attrs.Padding, attrs.Padding
	}
	if c.mode != padZeros {
		c.attrs.Padding = nil
	}
	shape := append([]int{out, in / attrs.Groups}, k...)
	c.Weight, c.Bias = convParams(&c.Base, shape, out, opt.NoBias)
	return c
}

// convAttrs brings options to one number for each axis and checks them.
func convAttrs(name string, rank, in, out, kernel int, o []ConvOptions) (ConvOptions, op.ConvAttrs, []int) {
	var opt ConvOptions
	if len(o) > 0 {
		opt = o[0]
	}
	k := perAxis(name, "kernel", rank, kernel, opt.Kernels, 1)
	a := op.ConvAttrs{
		Stride:   perAxis(name, "Stride", rank, orOne(opt.Stride), opt.Strides, 1),
		Padding:  perAxis(name, "Padding", rank, opt.Padding, opt.Paddings, 0),
		Dilation: perAxis(name, "Dilation", rank, orOne(opt.Dilation), opt.Dilations, 1),
		Groups:   orOne(opt.Groups),
	}
	atLeast(name, "the number of input channels", in, 1)
	atLeast(name, "the number of output channels", out, 1)
	atLeast(name, "Groups", a.Groups, 1)
	if in%a.Groups != 0 || out%a.Groups != 0 {
		engine.Fail(name, "%d input and %d output channels do not divide into %d groups", in, out, a.Groups)
	}
	return opt, a, k
}

// orOne returns n, or 1 where an option was left 0.
func orOne(n int) int {
	if n == 0 {
		return 1
	}
	return n
}

// perAxis returns list, or v for each axis; every number is at least lo.
func perAxis(name, what string, rank, v int, list []int, lo int) []int {
	if list == nil {
		list = slices.Repeat([]int{v}, rank)
	}
	if len(list) != rank || slices.Min(list) < lo {
		engine.Fail(name, "%s %v: want %d numbers ≥ %d", what, list, rank, lo)
	}
	return slices.Clone(list)
}

// convParams registers weight and bias, uniform in ±1/√fan with fan the inputs of one output.
func convParams(b *Base, shape []int, out int, noBias bool) (weight, bias *eager.Tensor) {
	bound := 1 / math.Sqrt(float64(engine.Shape(shape[1:]).Numel()))
	weight = b.Param("weight", eager.Uniform(-bound, bound, shape...))
	if !noBias {
		bias = b.Param("bias", eager.Uniform(-bound, bound, out))
	}
	return weight, bias
}

// Forward returns the convolution of x.
func (c *Conv) Forward(x *eager.Tensor) *eager.Tensor {
	ready("nn.Conv", "nn.NewConv2D or its kin", c != nil && c.Weight != nil, x)
	in, single := batched(c.name, x, c.rank, c.Weight.Size(1)*c.attrs.Groups)
	if c.mode != padZeros {
		in = pad(c.name, in, c.mode, c.before, c.after)
	}
	y := eager.Convolve(op.Conv, c.attrs, withBias(in, c.Weight, c.Bias)...)
	if single {
		y = y.Squeeze(0)
	}
	return c.Done(x, y)
}

// batched checks the channels of x and gives it a batch axis; single says that it had none.
func batched(name string, x *eager.Tensor, rank, channels int) (in *eager.Tensor, single bool) {
	if x.Rank() != rank+1 && x.Rank() != rank+2 {
		engine.Fail(name, "input %v has %d axes, want %d (or %d without a batch)",
			x.Array(), x.Rank(), rank+2, rank+1)
	}
	single = x.Rank() == rank+1
	if n := x.Size(-rank - 1); n != channels && channels >= 0 {
		engine.Fail(name, "input %v has %d channels, the layer wants %d", x.Array(), n, channels)
	}
	if single {
		x = x.Unsqueeze(0)
	}
	return x, single
}

// addChannels adds b [c] to y [n c spatial…]; b may be nil.
func addChannels(y, b *eager.Tensor) *eager.Tensor {
	if b == nil {
		return y
	}
	return y.Add(perChannel(b, y.Rank()))
}

// perChannel gives v [c] the shape [c 1 …] that broadcasts over a batch of the given rank.
func perChannel(v *eager.Tensor, rank int) *eager.Tensor {
	shape := slices.Repeat([]int{1}, rank-1)
	shape[0] = v.Numel()
	return v.Reshape(shape...)
}

// ConvTranspose is the gradient of a convolution for its input: it spreads each element of x over a window
// of the output.
// x: [n in spatial…] or [in spatial…] → [n out spatial…], each extent (s−1)·stride − 2·padding +
// dilation·(k−1) + outputPadding + 1.
type ConvTranspose struct {
	Base
	Weight *eager.Tensor // [in out/groups kernel…]
	Bias   *eager.Tensor // [out], or nil
	name   string
	rank   int
	attrs  op.ConvAttrs
	extra  []int
}

// ConvTranspose1D, ConvTranspose2D and ConvTranspose3D are transposed convolutions over 1 to 3 spatial axes.
type (
	ConvTranspose1D = ConvTranspose
	ConvTranspose2D = ConvTranspose
	ConvTranspose3D = ConvTranspose
)

// NewConvTranspose1D returns a transposed convolution over [n in length].
// Agrees with torch.nn.ConvTranspose1d.
func NewConvTranspose1D(in, out, kernel int, o ...ConvOptions) *ConvTranspose1D {
	return newConvTranspose("nn.ConvTranspose1D", 1, in, out, kernel, o)
}

// NewConvTranspose2D returns a transposed convolution over [n in height width].
// Agrees with torch.nn.ConvTranspose2d.
func NewConvTranspose2D(in, out, kernel int, o ...ConvOptions) *ConvTranspose2D {
	return newConvTranspose("nn.ConvTranspose2D", 2, in, out, kernel, o)
}

// NewConvTranspose3D returns a transposed convolution over [n in depth height width].
// Agrees with torch.nn.ConvTranspose3d.
func NewConvTranspose3D(in, out, kernel int, o ...ConvOptions) *ConvTranspose3D {
	return newConvTranspose("nn.ConvTranspose3D", 3, in, out, kernel, o)
}

func newConvTranspose(name string, rank, in, out, kernel int, o []ConvOptions) *ConvTranspose {
	opt, attrs, k := convAttrs(name, rank, in, out, kernel, o)
	if opt.Same || padModeOf(name, opt.PadMode) != padZeros {
		engine.Fail(name, "Same and PadMode %q do not apply to transposed convolutions", opt.PadMode)
	}
	c := &ConvTranspose{name: name, rank: rank, attrs: attrs}
	c.extra = perAxis(name, "OutputPadding", rank, opt.OutputPadding, opt.OutputPaddings, 0)
	for i, e := range c.extra {
		if e >= max(attrs.Stride[i], attrs.Dilation[i]) {
			engine.Fail(name, "OutputPadding %v: want less than Stride %v or Dilation %v", c.extra,
				attrs.Stride, attrs.Dilation)
		}
	}
	shape := append([]int{in, out / attrs.Groups}, k...)
	c.Weight, c.Bias = convParams(&c.Base, shape, out, opt.NoBias)
	return c
}

// Forward returns the transposed convolution of x.
func (c *ConvTranspose) Forward(x *eager.Tensor) *eager.Tensor {
	ready("nn.ConvTranspose", "nn.NewConvTranspose2D or its kin", c != nil && c.Weight != nil, x)
	w := c.Weight.Shape()
	in, single := batched(c.name, x, c.rank, w[0])
	a := c.attrs
	a.Shape = engine.Shape{in.Size(0), w[1] * a.Groups}
	ends, zeros := slices.Clone(a.Padding), make([]int, 2*c.rank)
	for i := range c.rank {
		n := (in.Size(2+i)-1)*a.Stride[i] - 2*a.Padding[i] + a.Dilation[i]*(w[2+i]-1) + c.extra[i] + 1
		if n < 1 {
			engine.Fail(c.name, "input %v gives output extent %d on spatial axis %d", x.Array(), n, i)
		}
		if c.extra[i] >= a.Stride[i] { // less padding at the end does it, and zeros where none is left
			cut := min(c.extra[i], ends[i])
			ends[i] -= cut
			zeros[2*(c.rank-1-i)+1] = max(0, c.extra[i]-cut-a.Stride[i]+1)
		}
		a.Shape = append(a.Shape, n-zeros[2*(c.rank-1-i)+1])
	}
	if !slices.Equal(ends, a.Padding) {
		a.Padding = append(slices.Clone(a.Padding), ends...)
	}
	y := eager.Convolve(op.ConvInputGrad, a, in, c.Weight)
	if slices.Max(zeros) > 0 {
		y = NewPad(zeros).Forward(y)
	}
	y = addChannels(y, c.Bias)
	if single {
		y = y.Squeeze(0)
	}
	return c.Done(x, y)
}
