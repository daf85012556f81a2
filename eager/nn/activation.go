package nn

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// Activation applies a function to every element (Softmax and its kin: along an axis). x: any shape → the
// same.
type Activation struct {
	Base
	name string
	f    func(x *eager.Tensor) *eager.Tensor
}

func activation(name string, f func(x *eager.Tensor) *eager.Tensor) *Activation {
	return &Activation{name: name, f: f}
}

// Forward returns the function of x.
func (a *Activation) Forward(x *eager.Tensor) *eager.Tensor {
	ready("nn.Activation", "nn.NewReLU or its kin", a != nil && a.f != nil, x)
	return a.Done(x, a.f(x))
}

// String returns the name of the function.
func (a *Activation) String() string {
	if a == nil || a.f == nil {
		return "empty activation"
	}
	return a.name
}

// NewReLU returns max(x, 0). Agrees with torch.nn.ReLU.
func NewReLU() *Activation { return activation("ReLU", (*eager.Tensor).ReLU) }

// NewSigmoid returns 1/(1 + e⁻ˣ). Agrees with torch.nn.Sigmoid.
func NewSigmoid() *Activation { return activation("Sigmoid", (*eager.Tensor).Sigmoid) }

// NewTanh returns tanh x. Agrees with torch.nn.Tanh.
func NewTanh() *Activation { return activation("Tanh", (*eager.Tensor).Tanh) }

// NewGELU returns x·Φ(x). Source: Hendrycks and Gimpel 2016; agrees with torch.nn.GELU.
func NewGELU() *Activation { return activation("GELU", (*eager.Tensor).GELU) }

// NewGELUTanh returns the tanh approximation of GELU. Agrees with torch.nn.GELU(approximate="tanh").
func NewGELUTanh() *Activation { return activation("GELUTanh", (*eager.Tensor).GELUTanh) }

// NewSiLU returns x·sigmoid(x). Agrees with torch.nn.SiLU.
func NewSiLU() *Activation { return activation("SiLU", (*eager.Tensor).SiLU) }

// NewMish returns x·tanh(softplus x). Source: Misra 2019; agrees with torch.nn.Mish.
func NewMish() *Activation {
	return activation("Mish", func(x *eager.Tensor) *eager.Tensor { return x.Mul(x.Softplus().Tanh()) })
}

// NewSoftsign returns x/(1 + |x|). Agrees with torch.nn.Softsign.
func NewSoftsign() *Activation {
	return activation("Softsign", func(x *eager.Tensor) *eager.Tensor { return x.Div(x.Abs().Add(1)) })
}

// NewTanhshrink returns x − tanh x. Agrees with torch.nn.Tanhshrink.
func NewTanhshrink() *Activation {
	return activation("Tanhshrink", func(x *eager.Tensor) *eager.Tensor { return x.Sub(x.Tanh()) })
}

// NewLogSigmoid returns log sigmoid(x) without overflow. Agrees with torch.nn.LogSigmoid.
func NewLogSigmoid() *Activation {
	return activation("LogSigmoid", func(x *eager.Tensor) *eager.Tensor { return x.Neg().Softplus().Neg() })
}

// NewHardtanh returns x bounded to [lo, hi]; PyTorch's default is −1 and 1. Agrees with torch.nn.Hardtanh.
func NewHardtanh(lo, hi float64) *Activation {
	if lo >= hi {
		engine.Fail("nn.NewHardtanh", "bounds %v and %v: want lo < hi", lo, hi)
	}
	return activation("Hardtanh", func(x *eager.Tensor) *eager.Tensor {
		inside := x.Gt(lo).And(x.Lt(hi)) // no gradient at the bounds, as in PyTorch
		return eager.Where(inside, x, x.Detach().Clamp(lo, hi))
	})
}

// NewReLU6 returns x bounded to [0, 6]. Agrees with torch.nn.ReLU6.
func NewReLU6() *Activation {
	a := NewHardtanh(0, 6)
	a.name = "ReLU6"
	return a
}

// NewHardsigmoid returns (x + 3)/6 bounded to [0, 1]. Source: Howard et al. 2019; agrees with
// torch.nn.Hardsigmoid.
func NewHardsigmoid() *Activation { return activation("Hardsigmoid", hardsigmoid) }

func hardsigmoid(x *eager.Tensor) *eager.Tensor {
	inside := x.Gt(-3).And(x.Lt(3))
	y := x.Add(3).Div(6)
	return eager.Where(inside, y, y.Detach().Clamp(0, 1))
}

// NewHardswish returns x·hardsigmoid(x). Source: Howard et al. 2019; agrees with torch.nn.Hardswish.
func NewHardswish() *Activation {
	return activation("Hardswish", func(x *eager.Tensor) *eager.Tensor { return x.Mul(hardsigmoid(x)) })
}

// NewLeakyReLU returns x where x > 0 and slope·x elsewhere; PyTorch's default slope is 0.01.
// Agrees with torch.nn.LeakyReLU.
func NewLeakyReLU(slope float64) *Activation {
	return activation("LeakyReLU", func(x *eager.Tensor) *eager.Tensor {
		return eager.Where(x.Gt(0), x, x.Mul(slope))
	})
}

// NewThreshold returns x where x > threshold and value elsewhere. Agrees with torch.nn.Threshold.
func NewThreshold(threshold, value float64) *Activation {
	return activation("Threshold", func(x *eager.Tensor) *eager.Tensor {
		return eager.Where(x.Gt(threshold), x, value)
	})
}

// NewHardshrink returns x where |x| > lambda and 0 elsewhere; PyTorch's default is 0.5.
// Agrees with torch.nn.Hardshrink.
func NewHardshrink(lambda float64) *Activation {
	return activation("Hardshrink", func(x *eager.Tensor) *eager.Tensor {
		return eager.Where(x.Abs().Gt(lambda), x, 0)
	})
}

// NewSoftshrink returns x moved towards 0 by lambda, and 0 where |x| ≤ lambda; PyTorch's default is 0.5.
// Agrees with torch.nn.Softshrink.
func NewSoftshrink(lambda float64) *Activation {
	return activation("Softshrink", func(x *eager.Tensor) *eager.Tensor {
		return eager.Where(x.Abs().Gt(lambda), x.Sub(x.Sign().Mul(lambda)), 0)
	})
}

// NewELU returns x where x > 0 and alpha·(eˣ − 1) elsewhere; PyTorch's default alpha is 1.
// Source: Clevert et al. 2016; agrees with torch.nn.ELU.
func NewELU(alpha float64) *Activation {
	return activation("ELU", func(x *eager.Tensor) *eager.Tensor { return elu(x, alpha, 1, 1) })
}

// elu returns scale·x where x > 0 and scale·alpha·(exp(inner·x) − 1) elsewhere. The exponent is bounded by
// 0 so that the branch that is not taken stays finite.
func elu(x *eager.Tensor, alpha, scale, inner float64) *eager.Tensor {
	below := x.Minimum(0).Mul(inner).Expm1().Mul(alpha * scale)
	return eager.Where(x.Gt(0), x.Mul(scale), below)
}

// NewCELU returns x where x > 0 and alpha·(e^(x/alpha) − 1) elsewhere; PyTorch's default alpha is 1.
// Source: Barron 2017; agrees with torch.nn.CELU.
func NewCELU(alpha float64) *Activation {
	return activation("CELU", func(x *eager.Tensor) *eager.Tensor { return elu(x, alpha, 1, 1/alpha) })
}

// NewSELU returns the ELU whose scales keep mean 0 and variance 1.
// Source: Klambauer et al. 2017; agrees with torch.nn.SELU.
func NewSELU() *Activation {
	const alpha, scale = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946
	return activation("SELU", func(x *eager.Tensor) *eager.Tensor { return elu(x, alpha, scale, 1) })
}

// NewSoftplus returns log(1 + e^(beta·x))/beta, and x where beta·x > threshold; PyTorch's defaults are 1 and
// 20. Agrees with torch.nn.Softplus.
func NewSoftplus(beta, threshold float64) *Activation {
	if beta == 0 || math.IsNaN(beta) {
		engine.Fail("nn.NewSoftplus", "beta is %v; want a number other than 0", beta)
	}
	return activation("Softplus", func(x *eager.Tensor) *eager.Tensor {
		z := x.Mul(beta)
		return eager.Where(z.Gt(threshold), x, z.Softplus().Div(beta))
	})
}

// NewSoftmax returns eˣ/Σeˣ along axis. Agrees with torch.nn.Softmax.
func NewSoftmax(axis int) *Activation {
	return activation("Softmax", func(x *eager.Tensor) *eager.Tensor { return x.Softmax(axis) })
}

// NewSoftmin returns e⁻ˣ/Σe⁻ˣ along axis. Agrees with torch.nn.Softmin.
func NewSoftmin(axis int) *Activation {
	return activation("Softmin", func(x *eager.Tensor) *eager.Tensor { return x.Neg().Softmax(axis) })
}

// NewLogSoftmax returns x − log Σeˣ along axis. Agrees with torch.nn.LogSoftmax.
func NewLogSoftmax(axis int) *Activation {
	return activation("LogSoftmax", func(x *eager.Tensor) *eager.Tensor { return x.LogSoftmax(axis) })
}

// PReLU is LeakyReLU with a trained slope for all channels, or for each on axis 1.
type PReLU struct {
	Base
	Weight *eager.Tensor // [1] or [channels]
}

// NewPReLU returns the layer with the given number of slopes (1, or the number of channels), which start
// at 0.25. Source: He et al. 2015; agrees with torch.nn.PReLU.
func NewPReLU(slopes int) *PReLU {
	atLeast("nn.NewPReLU", "slopes", slopes, 1)
	p := &PReLU{}
	p.Weight = p.Param("weight", eager.Full(0.25, slopes))
	return p
}

// Forward returns x where x > 0 and slope·x elsewhere.
func (p *PReLU) Forward(x *eager.Tensor) *eager.Tensor {
	ready("nn.PReLU", "nn.NewPReLU", p != nil && p.Weight != nil, x)
	w := p.Weight
	if n := w.Numel(); n > 1 {
		if x.Rank() < 2 || x.Size(1) != n {
			engine.Fail("nn.PReLU", "input %v, want %d channels on axis 1", x.Array(), n)
		}
		w = perChannel(w, x.Rank())
	} else {
		w = w.Reshape()
	}
	return p.Done(x, eager.Where(x.Gt(0), x, x.Mul(w)))
}
