package nn

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// NormOptions are the options of NewLayerNorm, NewGroupNorm and NewRMSNorm; the zero value is the default.
type NormOptions struct {
	Eps      float64 // added to the variance; 0: 1e-5 (RMSNorm: the smallest ε of the dtype)
	NoAffine bool    // no weight and bias
	NoBias   bool    // LayerNorm: weight without bias
}

func normOptions(o []NormOptions) NormOptions {
	if len(o) > 0 {
		return o[0]
	}
	return NormOptions{}
}

// LayerNorm normalises over the trailing axes.
//
//	y = (x − mean)/√(var + eps)·weight + bias
//
// x: [… shape…] → the same.
type LayerNorm struct {
	Base
	Weight, Bias *eager.Tensor // [shape…], or nil
	shape        engine.Shape
	eps          float64
}

// NewLayerNorm returns a normalisation over trailing axes of the given shape.
// Source: Ba et al. 2016; agrees with torch.nn.LayerNorm.
func NewLayerNorm(shape []int, o ...NormOptions) *LayerNorm {
	opt := normOptions(o)
	l := &LayerNorm{shape: engine.Shape(shape).Clone(), eps: or(opt.Eps, 1e-5)}
	extents("nn.NewLayerNorm", shape)
	if !opt.NoAffine {
		l.Weight = l.Param("weight", eager.Ones(shape...))
		if !opt.NoBias {
			l.Bias = l.Param("bias", eager.Zeros(shape...))
		}
	}
	return l
}

// Forward returns the normalised x.
func (l *LayerNorm) Forward(x *eager.Tensor) *eager.Tensor {
	ready("nn.LayerNorm", "nn.NewLayerNorm", l != nil && len(l.shape) > 0, x)
	axes := trailing("nn.LayerNorm", x, l.shape)
	return l.Done(x, layerNorm(x, len(axes), l.eps, l.Weight, l.Bias))
}

// trailing returns the axes of x that shape covers.
func trailing(where string, x *eager.Tensor, shape engine.Shape) []int {
	floating(where, x)
	return lastAxes(where, x, shape)
}

// lastAxes are the axes that shape is of.
func lastAxes(where string, x *eager.Tensor, shape engine.Shape) []int {
	from := x.Rank() - len(shape)
	if from < 0 || !x.Shape()[from:].Equal(shape) {
		engine.Fail(where, "input %v does not end in %v", x.Array(), shape)
	}
	axes := make([]int, len(shape))
	for i := range axes {
		axes[i] = from + i
	}
	return axes
}

// layerNorm normalises over the last n axes; weight and bias may be nil.
func layerNorm(x *eager.Tensor, n int, eps float64, weight, bias *eager.Tensor) *eager.Tensor {
	return eager.First(op.LayerNorm, op.LayerNormAttrs{Axes: n, Eps: eps}, withAffine(x, weight, bias)...)
}

// withAffine lists the operands of an operator whose weight, and then bias, are optional.
func withAffine(x, weight, bias *eager.Tensor) []*eager.Tensor {
	if weight == nil {
		return []*eager.Tensor{x}
	}
	return withBias(x, weight, bias)
}

// GroupNorm normalises groups of channels of each sample.
// x: [n c spatial…] → the same.
type GroupNorm struct {
	Base
	Weight, Bias     *eager.Tensor // [c], or nil
	groups, channels int
	eps              float64
}

// NewGroupNorm returns a normalisation of channels in the given number of groups.
// Source: Wu and He 2018; agrees with torch.nn.GroupNorm.
func NewGroupNorm(groups, channels int, o ...NormOptions) *GroupNorm {
	opt := normOptions(o)
	atLeast("nn.NewGroupNorm", "groups", groups, 1)
	atLeast("nn.NewGroupNorm", "channels", channels, 1)
	if channels%groups != 0 {
		engine.Fail("nn.NewGroupNorm", "%d channels do not divide into %d groups", channels, groups)
	}
	g := &GroupNorm{groups: groups, channels: channels, eps: or(opt.Eps, 1e-5)}
	if !opt.NoAffine {
		g.Weight = g.Param("weight", eager.Ones(channels))
		g.Bias = g.Param("bias", eager.Zeros(channels))
	}
	return g
}

// Forward returns the normalised x.
func (g *GroupNorm) Forward(x *eager.Tensor) *eager.Tensor {
	ready("nn.GroupNorm", "nn.NewGroupNorm", g != nil && g.groups > 0, x)
	floating("nn.GroupNorm", x)
	if x.Rank() < 2 || x.Size(1) != g.channels {
		engine.Fail("nn.GroupNorm", "input %v, want [n %d …]", x.Array(), g.channels)
	}
	each := g.channels / g.groups * x.Shape()[2:].Numel()
	y := layerNorm(x.Reshape(x.Size(0), g.groups, each), 1, g.eps, nil, nil).Reshape(x.Shape()...)
	if g.Weight != nil {
		y = addChannels(y.Mul(perChannel(g.Weight, x.Rank())), g.Bias)
	}
	return g.Done(x, y)
}

// RMSNorm divides by the root of the mean square over the trailing axes.
//
//	y = x/√(mean x² + eps)·weight
//
// x: [… shape…] → the same.
type RMSNorm struct {
	Base
	Weight *eager.Tensor // [shape…], or nil
	shape  engine.Shape
	eps    float64
}

// NewRMSNorm returns a normalisation over trailing axes of the given shape.
// Source: Zhang and Sennrich 2019; agrees with torch.nn.RMSNorm.
func NewRMSNorm(shape []int, o ...NormOptions) *RMSNorm {
	opt := normOptions(o)
	extents("nn.NewRMSNorm", shape)
	r := &RMSNorm{shape: engine.Shape(shape).Clone(), eps: opt.Eps}
	if !opt.NoAffine {
		r.Weight = r.Param("weight", eager.Ones(shape...))
	}
	return r
}

// Forward returns the normalised x.
func (r *RMSNorm) Forward(x *eager.Tensor) *eager.Tensor {
	ready("nn.RMSNorm", "nn.NewRMSNorm", r != nil && len(r.shape) > 0, x)
	if !x.IsComplex() {
		floating("nn.RMSNorm", x)
	}
	axes := lastAxes("nn.RMSNorm", x, r.shape)
	eps := r.eps
	if eps == 0 {
		eps = epsilon(x.Real().DType())
	}
	y := x.Mul(x.Mul(x).MeanKeep(axes...).Add(eps).Rsqrt())
	if r.Weight != nil {
		y = y.Mul(r.Weight)
	}
	return r.Done(x, y)
}

// epsilon returns the distance from 1 to the next number of d.
func epsilon(d engine.DType) float64 {
	switch d {
	case engine.F64:
		return 0x1p-52
	case engine.F16:
		return 0x1p-10
	case engine.BF16:
		return 0x1p-7
	}
	return 0x1p-23
}
