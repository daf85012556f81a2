package nn

import (
	"math"
	"strings"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// Module returns the module below b at a path such as "encoder.0". Agrees with torch's get_submodule.
func (b *Base) Module(path string) Module {
	for _, m := range b.NamedModules() {
		if m.Name == path {
			return m.Module
		}
	}
	engine.Fail("nn.Module", "there is no module %q; Summary lists them", path)
	return nil
}

// Tensor returns the parameter or buffer at a path such as "encoder.0.weight". Agrees with torch's
// get_parameter and get_buffer.
func (b *Base) Tensor(path string) *eager.Tensor {
	var found *eager.Tensor
	b.state(func(name string, x *eager.Tensor) {
		if name == path {
			found = x
		}
	})
	if found == nil {
		engine.Fail("nn.Tensor", "there is no parameter or buffer %q; StateDict lists them", path)
	}
	return found
}

// ToVector returns the elements of all parameters in one vector. Agrees with
// torch.nn.utils.parameters_to_vector.
func ToVector(params []*eager.Tensor) *eager.Tensor {
	if len(params) == 0 {
		engine.Fail("nn.ToVector", "no parameters; pass net.Params()")
	}
	flat := make([]*eager.Tensor, len(params))
	for i, p := range params {
		present("nn.ToVector", "a parameter", p)
		flat[i] = p.Reshape(p.Numel())
	}
	return eager.Concat(0, flat...)
}

// FromVector copies the elements of a vector into the parameters. Agrees with
// torch.nn.utils.vector_to_parameters.
func FromVector(v *eager.Tensor, params []*eager.Tensor) {
	present("nn.FromVector", "v", v)
	n := 0
	for _, p := range params {
		present("nn.FromVector", "a parameter", p)
		n += p.Numel()
	}
	if v.Rank() != 1 || v.Numel() != n {
		engine.Fail("nn.FromVector", "the vector is %v; the parameters have %d elements", v.Type(), n)
	}
	eager.NoGrad(func() {
		at := 0
		for _, p := range params {
			p.Assign(v.Slice(0, at, at+p.Numel()).Reshape(p.Shape()...))
			at += p.Numel()
		}
	})
}

// FuseConvBatchNorm returns one convolution that computes what c and then b compute in evaluation mode.
// Agrees with torch.nn.utils.fuse_conv_bn_eval.
func FuseConvBatchNorm(c *Conv, b *BatchNorm) *Conv {
	const where = "nn.FuseConvBatchNorm"
	if c == nil || b == nil || c.Weight == nil || b.RunningMean == nil || b.channels != c.Weight.Size(0) {
		engine.Fail(where, "want a convolution and a batch normalisation of its output with running statistics")
	}
	fused := *c
	fused.Base = Base{eval: c.eval}
	eager.NoGrad(func() {
		scale, shift := b.folded(c.Bias)
		ones := make([]int, c.Weight.Rank()-1)
		for i := range ones {
			ones[i] = 1
		}
		fused.Weight = c.Weight.Mul(scale.Reshape(append([]int{scale.Numel()}, ones...)...))
		fused.Bias = shift
	})
	fused.Weight = fused.Param("weight", fused.Weight.Detach())
	fused.Bias = fused.Param("bias", fused.Bias.Detach())
	return &fused
}

// FuseLinearBatchNorm returns one Linear that computes what l and then b compute in evaluation mode.
// Agrees with torch.nn.utils.fuse_linear_bn_eval.
func FuseLinearBatchNorm(l *Linear, b *BatchNorm) *Linear {
	const where = "nn.FuseLinearBatchNorm"
	if l == nil || b == nil || l.Weight == nil || b.RunningMean == nil || b.channels != l.Weight.Size(0) {
		engine.Fail(where, "want a Linear and a batch normalisation of its output with running statistics")
	}
	fused := &Linear{Base: Base{eval: l.eval}}
	var w, shift *eager.Tensor
	eager.NoGrad(func() {
		var scale *eager.Tensor
		scale, shift = b.folded(l.Bias)
		w = l.Weight.Mul(scale.Unsqueeze(1))
	})
	fused.Weight = fused.Param("weight", w.Detach())
	fused.Bias = fused.Param("bias", shift.Detach())
	return fused
}

// folded returns the factor and the term that b is in evaluation mode behind a layer with a bias, or nil.
func (b *BatchNorm) folded(bias *eager.Tensor) (scale, shift *eager.Tensor) {
	scale = b.RunningVar.Add(b.eps()).Rsqrt()
	if b.Weight != nil {
		scale = scale.Mul(b.Weight)
	}
	shift = b.RunningMean.Neg().Mul(scale)
	if bias != nil {
		shift = shift.Add(bias.Mul(scale))
	}
	if b.Bias != nil {
		shift = shift.Add(b.Bias)
	}
	return scale, shift
}

func (b *BatchNorm) eps() float64 {
	if b.o.Eps == 0 {
		return 1e-5
	}
	return b.o.Eps
}

// Lazy is a layer that is made when it sees its first input, whose sizes its constructor needs.
type Lazy struct {
	Base
	build func(x *eager.Tensor) Module
}

// NewLazy returns a layer that build makes for the first input:
//
//	nn.NewLazy(func(x *t.Tensor) nn.Module { return nn.NewLinear(x.Size(-1), 10) })
//
// Run a batch through the network before its parameters go to an optimizer. It takes the place of torch's
// LazyLinear, LazyConv2d and the like.
func NewLazy(build func(x *eager.Tensor) Module) *Lazy {
	if build == nil {
		engine.Fail("nn.NewLazy", "build is a nil func")
	}
	return &Lazy{build: build}
}

// Forward applies the layer.
func (l *Lazy) Forward(x *eager.Tensor) *eager.Tensor {
	ready("nn.Lazy", "nn.NewLazy", l != nil && l.build != nil, x)
	if len(l.children) == 0 {
		m := l.build(x)
		l.Add("layer", m)
		m.Self().Train(l.Training())
	}
	return l.Done(x, l.children[0].Module.Forward(x))
}

// Gain returns the factor of the standard deviation that keeps the variance through an activation: "linear",
// "sigmoid", "tanh", "relu", "leaky_relu" (slope 0.01 unless given) or "selu".
// Agrees with torch.nn.init.calculate_gain.
func Gain(activation string, slope ...float64) float64 {
	switch strings.ToLower(activation) {
	case "linear", "conv1d", "conv2d", "conv3d", "sigmoid":
		return 1
	case "tanh":
		return 5.0 / 3
	case "relu":
		return math.Sqrt2
	case "leaky_relu":
		return math.Sqrt(2 / (1 + math.Pow(first(slope, 0.01), 2)))
	case "selu":
		return 0.75
	}
	engine.Fail("nn.Gain", "activation %q is unknown; known: linear, sigmoid, tanh, relu, leaky_relu, selu", activation)
	return 0
}

// InitEye fills a matrix with ones on the diagonal and zeros elsewhere.
func InitEye(x *eager.Tensor) {
	present("nn.InitEye", "x", x)
	if x.Rank() != 2 {
		engine.Fail("nn.InitEye", "tensor %v has %d axes; want a matrix", x.Type(), x.Rank())
	}
	v := make([]float64, x.Numel())
	for i := range min(x.Size(0), x.Size(1)) {
		v[i*x.Size(1)+i] = 1
	}
	assign(x, eager.FromFloat64s(v, x.Shape()...))
}

// InitDirac fills the weights [out in kernel…] of a convolution so that it passes its input on.
// Agrees with torch.nn.init.dirac_.
func InitDirac(x *eager.Tensor) {
	present("nn.InitDirac", "x", x)
	if x.Rank() < 3 {
		engine.Fail("nn.InitDirac", "tensor %v has %d axes; want the weight of a convolution", x.Type(), x.Rank())
	}
	assign(x, 0)
	eager.NoGrad(func() {
		for i := range min(x.Size(0), x.Size(1)) {
			at := []int{i, i}
			for _, k := range x.Shape()[2:] {
				at = append(at, k/2)
			}
			x.Index(at...).Assign(1)
		}
	})
}

// InitSparse fills a matrix with normal values, of which the part sparsity of each column is 0.
// Source: Martens 2010; agrees with torch.nn.init.sparse_.
func InitSparse(x *eager.Tensor, sparsity, std float64) {
	present("nn.InitSparse", "x", x)
	if x.Rank() != 2 || !(sparsity >= 0 && sparsity <= 1) {
		engine.Fail("nn.InitSparse", "tensor %v, sparsity %v; want a matrix and a part of 0…1", x.Type(), sparsity)
	}
	InitNormal(x, 0, std)
	zeros := int(math.Ceil(sparsity * float64(x.Size(0))))
	eager.NoGrad(func() {
		for c := range x.Size(1) {
			for _, r := range eager.Perm(x.Size(0)).Ints()[:zeros] {
				x.Index(r, c).Assign(0)
			}
		}
	})
}
