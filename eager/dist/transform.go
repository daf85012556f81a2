package dist

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/special"
	"github.com/lathe-ml/lathe/engine"
)

// Transform is a function y = f(x) with an inverse, and the logarithm of |dy/dx|.
type Transform struct {
	Name    string
	Forward func(x *eager.Tensor) *eager.Tensor
	Inverse func(y *eager.Tensor) *eager.Tensor
	// LogDet is log |dy/dx|, of functions of the last axis the determinant's, without that axis. nil: the
	// function is not one to one and has no density (Softmax).
	LogDet func(x, y *eager.Tensor) *eager.Tensor
	// Event is the number of trailing axes that f works on together: 0 for elementwise functions.
	Event int
	// Decreasing functions turn distribution functions round.
	Decreasing bool
	// Shape gives the shape of y from that of x; nil: the same.
	Shape func(x engine.Shape) engine.Shape
}

// Affine is loc + scale·x; scale ≠ 0.
func Affine(loc, scale float64) Transform {
	return Transform{
		Name:       "Affine",
		Forward:    func(x *tensor) *tensor { return x.Mul(scale).Add(loc) },
		Inverse:    func(y *tensor) *tensor { return y.Sub(loc).Div(scale) },
		LogDet:     func(x, _ *tensor) *tensor { return eager.FullLike(x.Detach(), math.Log(math.Abs(scale))) },
		Decreasing: scale < 0,
	}
}

// Exp is eˣ.
func Exp() Transform {
	return Transform{
		Name: "Exp", Forward: (*tensor).Exp, Inverse: (*tensor).Log,
		LogDet: func(x, _ *tensor) *tensor { return x },
	}
}

// Power is xᵖ on positive numbers.
func Power(p float64) Transform {
	return Transform{
		Name:    "Power",
		Forward: func(x *tensor) *tensor { return x.Pow(p) },
		Inverse: func(y *tensor) *tensor { return y.Pow(1 / p) },
		LogDet:  func(x, y *tensor) *tensor { return y.Mul(p).Div(x).Abs().Log() }, Decreasing: p < 0,
	}
}

// Sigmoid is 1/(1 + e⁻ˣ).
func Sigmoid() Transform {
	return Transform{
		Name: "Sigmoid", Forward: (*tensor).Sigmoid,
		Inverse: func(y *tensor) *tensor { return special.Logit(y, 0) },
		LogDet:  func(x, _ *tensor) *tensor { return x.Softplus().Add(x.Neg().Softplus()).Neg() },
	}
}

// Tanh is the hyperbolic tangent.
func Tanh() Transform {
	return Transform{
		Name: "Tanh", Forward: (*tensor).Tanh, Inverse: (*tensor).Atanh,
		LogDet: func(x, _ *tensor) *tensor { // log(1 − tanh²), stable
			return x.Neg().Add(math.Ln2).Sub(x.Mul(-2).Softplus()).Mul(2)
		},
	}
}

// Softplus is log(1 + eˣ).
func Softplus() Transform {
	return Transform{
		Name: "Softplus", Forward: (*tensor).Softplus,
		Inverse: func(y *tensor) *tensor { return y.Neg().Expm1().Neg().Log().Add(y) },
		LogDet:  func(x, _ *tensor) *tensor { return x.Neg().Softplus().Neg() },
	}
}

// Softmax maps the last axis to probabilities; many x give the same, so that there is no density.
func Softmax() Transform {
	return Transform{
		Name: "Softmax", Forward: func(x *tensor) *tensor { return x.Softmax(-1) }, Inverse: (*tensor).Log, Event: 1,
	}
}

// StickBreaking maps n numbers of the last axis to n + 1 probabilities, one after the other.
func StickBreaking() Transform {
	offsets := func(x *tensor) *tensor { // log n, log(n − 1) … log 1
		n := x.Size(-1)
		v := make([]float64, n)
		for i := range v {
			v[i] = math.Log(float64(n - i))
		}
		return eager.FromFloat64s(v, n).To(x.DType())
	}
	return Transform{
		Name: "StickBreaking", Event: 1,
		Forward: func(x *tensor) *tensor {
			z := x.Sub(offsets(x)).Sigmoid()
			rest := z.Neg().Add(1).CumProd(-1)
			k := x.Rank() - 1
			one := make([]int, x.Rank())
			one[k] = 1
			none := make([]int, x.Rank())
			return z.Pad(none, one, 1).Mul(rest.Pad(one, none, 1))
		},
		Inverse: func(y *tensor) *tensor {
			n := y.Size(-1) - 1
			head := y.Slice(-1, 0, n)
			left := head.CumSum(-1).Neg().Add(1)
			return head.Log().Sub(left.Log()).Add(offsets(head))
		},
		LogDet: func(x, y *tensor) *tensor {
			z := x.Sub(offsets(x))
			return z.Softplus().Neg().Add(z.Neg().Softplus().Neg()).Sum(-1).
				Add(remaining(z).Sum(-1))
		},
		Shape: func(s engine.Shape) engine.Shape {
			t := s.Clone()
			t[len(t)-1]++
			return t
		},
	}
}

// remaining is the logarithm of what is left of the stick before each break.
func remaining(z *tensor) *tensor {
	n := z.Size(-1)
	logs := z.Softplus().Neg().CumSum(-1) // log Π (1 − sigmoid z)
	before := make([]int, z.Rank())
	before[z.Rank()-1] = 1
	return logs.Slice(-1, 0, n-1).Pad(before, make([]int, z.Rank()), 0)
}

// Transformed is the distribution of t₁(t₂(…)) applied in order to draws of base. Agrees with
// torch.distributions.TransformedDistribution.
func Transformed(base *Distribution, transforms ...Transform) *Distribution {
	if base == nil {
		engine.Fail("dist.Transformed", "the base is nil")
	}
	d := &Distribution{
		name: "Transformed", params: map[string]*tensor{}, batch: base.batch, event: base.event, dtype: base.dtype,
		base: base, transforms: transforms,
	}
	reach := 0
	shape := append(base.batch.Clone(), base.event...)
	for _, t := range transforms {
		reach = max(reach, t.Event)
		if t.Shape != nil {
			shape = t.Shape(shape)
		}
	}
	if reach > len(shape) {
		engine.Fail("dist.Transformed", "the transforms work on %d axes, %v has %d", reach, base, len(shape))
	}
	k := min(len(shape)-max(reach, len(base.event)), len(base.batch))
	d.batch, d.event = shape[:k:k], shape[k:]
	forward := func(x *tensor) *tensor {
		for _, t := range transforms {
			x = t.Forward(x)
		}
		return x
	}
	from := append(base.batch.Clone(), base.event...)
	draw := func(f func(engine.Shape) *tensor) func(engine.Shape) *tensor {
		if f == nil {
			return nil
		}
		return func(s engine.Shape) *tensor {
			lead := s[:len(s)-len(shape)]
			return forward(f(append(lead.Clone(), from...)))
		}
	}
	d.rsample, d.sample = draw(base.rsample), draw(base.sample)
	d.logProb = func(y *tensor) *tensor { return d.pulledBack(y) }
	if base.cdf != nil && reach == 0 {
		d.cdf = d.below
	}
	if base.icdf != nil && reach == 0 {
		d.icdf = func(p *tensor) *tensor {
			for _, t := range transforms {
				if t.Decreasing {
					p = p.Neg().Add(1)
				}
			}
			return forward(base.ICDF(p))
		}
	}
	return d
}

// below is the distribution function of elementwise transforms.
func (d *Distribution) below(y *tensor) *tensor {
	down := false
	for i := len(d.transforms) - 1; i >= 0; i-- {
		y = d.transforms[i].Inverse(y)
		down = down != d.transforms[i].Decreasing
	}
	p := d.base.CDF(y)
	if down {
		return p.Neg().Add(1)
	}
	return p
}

// pulledBack is the density of the base at the inverse of y, less the stretching of the transforms.
func (d *Distribution) pulledBack(y *tensor) *tensor {
	var stretch *tensor
	for i := len(d.transforms) - 1; i >= 0; i-- {
		t := d.transforms[i]
		if t.LogDet == nil {
			d.none("density: " + t.Name + " is not one to one")
		}
		x := t.Inverse(y)
		s := sumLast(t.LogDet(x, y), len(d.event)-t.Event)
		if stretch == nil {
			stretch = s
		} else {
			stretch = stretch.Add(s)
		}
		y = x
	}
	p := sumLast(d.base.LogProb(y), len(d.event)-len(d.base.event))
	if stretch == nil {
		return p
	}
	return p.Sub(stretch)
}

// sumLast sums over the last n axes.
func sumLast(x *tensor, n int) *tensor {
	for range n {
		x = x.Sum(-1)
	}
	return x
}
