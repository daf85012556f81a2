package onnx

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// activation registers an elementwise function of floats with parameters.
func activation(name string, since int, f func(c *call, x *eager.Tensor) *eager.Tensor) {
	add(name, since, func(c *call) []Value {
		return one(widened(c.numeric(0), func(x *eager.Tensor) *eager.Tensor { return f(c, x) }))
	})
}

// piecewise is a where cond holds and b elsewhere.
func piecewise(cond, a, b *eager.Tensor) *eager.Tensor { return eager.Where(cond, a, b) }

func elu(x *eager.Tensor, alpha float64) *eager.Tensor {
	return piecewise(x.Gt(0), x, x.Minimum(0).Expm1().Mul(alpha))
}

func init() {
	activation("LeakyRelu", 1, func(c *call, x *eager.Tensor) *eager.Tensor {
		return piecewise(x.Ge(0), x, x.Mul(c.float("alpha", 0.01)))
	})
	activation("Elu", 1, func(c *call, x *eager.Tensor) *eager.Tensor { return elu(x, c.float("alpha", 1)) })
	activation("Celu", 12, func(c *call, x *eager.Tensor) *eager.Tensor {
		a := c.float("alpha", 1)
		return piecewise(x.Gt(0), x, x.Minimum(0).Div(a).Expm1().Mul(a))
	})
	activation("Selu", 1, func(c *call, x *eager.Tensor) *eager.Tensor {
		alpha, gamma := c.float("alpha", 1.67326319217681884765625), c.float("gamma", 1.05070102214813232421875)
		return elu(x, alpha).Mul(gamma)
	})
	activation("HardSigmoid", 1, func(c *call, x *eager.Tensor) *eager.Tensor {
		return x.Mul(c.float("alpha", 0.2)).Add(c.float("beta", 0.5)).Clamp(0, 1)
	})
	activation("HardSwish", 14, func(_ *call, x *eager.Tensor) *eager.Tensor {
		return x.Mul(x.Mul(1.0/6).Add(0.5).Clamp(0, 1))
	})
	activation("Softsign", 1, func(_ *call, x *eager.Tensor) *eager.Tensor { return x.Div(x.Abs().Add(1)) })
	activation("ThresholdedRelu", 1, func(c *call, x *eager.Tensor) *eager.Tensor {
		return piecewise(x.Gt(c.float("alpha", 1)), x, eager.ZerosLike(x))
	})
	activation("Shrink", 9, func(c *call, x *eager.Tensor) *eager.Tensor {
		bias, l := c.float("bias", 0), c.float("lambd", 0.5)
		inner := piecewise(x.Gt(l), x.Sub(bias), eager.ZerosLike(x))
		return piecewise(x.Lt(-l), x.Add(bias), inner)
	})
	activation("Gelu", 20, func(c *call, x *eager.Tensor) *eager.Tensor {
		if c.oneOf("approximate", "none", "tanh") == "tanh" {
			return x.GELUTanh()
		}
		return x.GELU()
	})
	activation("Mish", 18, func(_ *call, x *eager.Tensor) *eager.Tensor { return x.Mul(x.Softplus().Tanh()) })
	activation("Swish", 24, func(c *call, x *eager.Tensor) *eager.Tensor {
		return x.Mul(x.Mul(c.float("alpha", 1)).Sigmoid())
	})
	add("SwiGLU", 28, swiGLU)
	add("PRelu", 1, prelu)
	add("Clip", 1, clip)
	for _, name := range []string{"Softmax", "LogSoftmax", "Hardmax"} {
		add(name, 1, normalizer(name))
	}
}

// swiGLU returns swish(a)·b, swish(a) = a·sigmoid(alpha·a).
func swiGLU(c *call) []Value {
	a, b := c.numeric(0), c.numeric(1)
	if a.Type != b.Type || !a.Shape().Equal(b.Shape()) {
		fail("%s and %s differ; they are not broadcast", a.describe(), b.describe())
	}
	alpha := c.float("alpha", 1)
	return one(combined(a, b, func(a, b *eager.Tensor) *eager.Tensor {
		return a.Mul(a.Mul(alpha).Sigmoid()).Mul(b)
	}))
}

func prelu(c *call) []Value {
	x, slope := c.numeric(0), c.numeric(1)
	if c.version < 7 && slope.Numel() > 1 { // one slope per channel
		shape := []int{slope.Numel()}
		for range len(x.Shape()) - 2 {
			shape = append(shape, 1)
		}
		slope = slope.reshaped(shape...)
	}
	return one(combined(x, slope, func(x, s *eager.Tensor) *eager.Tensor {
		return piecewise(x.Ge(0), x, x.Mul(s))
	}))
}

// clip bounds x; since version 11 the bounds are inputs.
func clip(c *call) []Value {
	x := c.numeric(0)
	if c.version < 11 {
		lo, hi := c.float("min", math.Inf(-1)), c.float("max", math.Inf(1))
		return one(widened(x, func(x *eager.Tensor) *eager.Tensor { return x.Clamp(lo, hi) }))
	}
	if lo, hi, ok := bounds(c, x); ok {
		return one(widened(x, func(x *eager.Tensor) *eager.Tensor { return x.Clamp(lo, hi) }))
	}
	if c.has(1) {
		x = pickedBy(x, c.numeric(1), false)
	}
	if c.has(2) {
		x = pickedBy(x, c.numeric(2), true)
	}
	return one(x)
}

// bounds returns the bounds of Clip when x is a float whose bounds are numbers in order.
func bounds(c *call, x *Tensor) (lo, hi float64, ok bool) {
	lo, hi = math.Inf(-1), math.Inf(1)
	if c.has(1) {
		lo = c.scalar(1)
	}
	if c.has(2) {
		hi = c.scalar(2)
	}
	return lo, hi, x.Data.DType().IsFloat() && lo <= hi
}

func pickedBy(x, bound *Tensor, least bool) *Tensor {
	if x.Type == Uint64 {
		return integers(x, bound, unsignedPick(least))
	}
	if least {
		return combined(x, bound, func(a, b *eager.Tensor) *eager.Tensor { return a.Minimum(b) })
	}
	return combined(x, bound, func(a, b *eager.Tensor) *eager.Tensor { return a.Maximum(b) })
}

// normalizer is Softmax, LogSoftmax or Hardmax: along one axis since version 13, over all axes from axis on
// before.
func normalizer(name string) kernel {
	return func(c *call) []Value {
		x := c.numeric(0)
		shape := x.Shape()
		return one(widened(x, func(t *eager.Tensor) *eager.Tensor {
			if c.version >= 13 {
				return normalized(name, t, axisOf(c.int("axis", -1), len(shape)))
			}
			axis := c.int("axis", 1)
			if axis < 0 {
				axis += len(shape)
			}
			if axis < 0 || axis > len(shape) {
				fail("axis %d is out of range for rank %d", axis, len(shape))
			}
			flat := t.Reshape(shape[:axis].Numel(), shape[axis:].Numel())
			return normalized(name, flat, 1).Reshape(shape...)
		}))
	}
}

func normalized(name string, x *eager.Tensor, axis int) *eager.Tensor {
	switch name {
	case "Softmax":
		return x.Softmax(axis)
	case "LogSoftmax":
		return x.LogSoftmax(axis)
	}
	return oneHotLike(x, axis)
}

// oneHotLike has 1 at the first greatest element along axis, and 0 elsewhere.
func oneHotLike(x *eager.Tensor, axis int) *eager.Tensor {
	at := x.ArgMax(axis).Unsqueeze(axis)
	ramp := make([]int, x.Rank())
	for i := range ramp {
		ramp[i] = 1
	}
	ramp[axis] = x.Size(axis)
	index := eager.Arange(0, float64(x.Size(axis)), 1).To(engine.I64).Reshape(ramp...)
	return at.Eq(index).To(x.DType())
}
