package caffe2

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func init() {
	for kind, f := range map[string]func(x *eager.Tensor) *eager.Tensor{
		"Abs": (*eager.Tensor).Abs, "Acos": (*eager.Tensor).Acos, "Asin": (*eager.Tensor).Asin, "Atan": (*eager.Tensor).Atan,
		"Ceil": (*eager.Tensor).Ceil, "Cos": (*eager.Tensor).Cos, "Cosh": (*eager.Tensor).Cosh, "Erf": (*eager.Tensor).Erf,
		"Exp": (*eager.Tensor).Exp, "Floor": (*eager.Tensor).Floor, "Log": (*eager.Tensor).Log, "Negative": (*eager.Tensor).Neg,
		"Not": (*eager.Tensor).Not, "Relu": (*eager.Tensor).ReLU, "Sigmoid": (*eager.Tensor).Sigmoid, "Sign": (*eager.Tensor).Sign,
		"Sin": (*eager.Tensor).Sin, "Sinh": (*eager.Tensor).Sinh, "Softplus": (*eager.Tensor).Softplus, "Sqrt": (*eager.Tensor).Sqrt,
		"Tan": (*eager.Tensor).Tan, "Tanh": (*eager.Tensor).Tanh, "Swish": (*eager.Tensor).SiLU, "Rsqrt": (*eager.Tensor).Rsqrt,
		"Reciprocal": (*eager.Tensor).Reciprocal,
	} {
		unary(kind, func(_ *call, x *eager.Tensor) *eager.Tensor { return f(x) })
	}
	unary("Sqr", func(_ *call, x *eager.Tensor) *eager.Tensor { return x.Mul(x) })
	unary("Cube", func(_ *call, x *eager.Tensor) *eager.Tensor { return x.Mul(x).Mul(x) })
	unary("Softsign", func(_ *call, x *eager.Tensor) *eager.Tensor { return x.Div(x.Abs().Add(1)) })
	unary("Elu", func(c *call, x *eager.Tensor) *eager.Tensor {
		return eager.Where(x.Gt(0), x, x.Minimum(0).Expm1().Mul(c.float("alpha", 1)))
	})
	unary("Selu", func(c *call, x *eager.Tensor) *eager.Tensor {
		neg := x.Minimum(0).Expm1().Mul(c.float("alpha", 1.6732632423543772))
		return eager.Where(x.Gt(0), x, neg).Mul(c.float("scale", 1.0507009873554805))
	})
	unary("LeakyRelu", func(c *call, x *eager.Tensor) *eager.Tensor {
		return eager.Where(x.Gt(0), x, x.Mul(c.float("alpha", 0.01)))
	})
	unary("ThresholdedRelu", func(c *call, x *eager.Tensor) *eager.Tensor {
		return eager.Where(x.Gt(c.float("alpha", 1)), x, eager.ZerosLike(x))
	})
	unary("ReplaceNaN", func(c *call, x *eager.Tensor) *eager.Tensor {
		return eager.Where(x.IsNaN(), eager.Full(c.float("value", 0)).Reshape(), x)
	})
	unary("Clip", func(c *call, x *eager.Tensor) *eager.Tensor {
		return x.Clamp(c.float("min", math.Inf(-1)), c.float("max", math.Inf(1)))
	})
	unary("Scale", func(c *call, x *eager.Tensor) *eager.Tensor { return x.Mul(c.float("scale", 1)) })
	unary("Mod", func(c *call, x *eager.Tensor) *eager.Tensor {
		if c.flag("sign_follow_divisor", false) {
			return x.Mod(c.float("divisor", 0))
		}
		return x.Fmod(c.float("divisor", 0))
	})
	unary("Cast", func(c *call, x *eager.Tensor) *eager.Tensor { return x.To(c.dtype("to", engine.F32)) })
	add(prelu, "PRelu")
	for kind, f := range map[string]func(x *eager.Tensor, y any) *eager.Tensor{
		"Add": (*eager.Tensor).Add, "Sub": (*eager.Tensor).Sub, "Mul": (*eager.Tensor).Mul, "Div": (*eager.Tensor).Div,
		"And": (*eager.Tensor).And, "Or": (*eager.Tensor).Or, "Xor": (*eager.Tensor).Xor,
		"EQ": (*eager.Tensor).Eq, "NE": (*eager.Tensor).Ne, "GE": (*eager.Tensor).Ge, "GT": (*eager.Tensor).Gt,
		"LE": (*eager.Tensor).Le, "LT": (*eager.Tensor).Lt,
	} {
		add(func(c *call) *eager.Tensor { c.want(2, 2); return f(c.in[0], c.second()) }, kind)
	}
	add(func(c *call) *eager.Tensor {
		if c.want(1, 2); len(c.in) == 1 {
			return c.in[0].Pow(c.float("exponent", 0))
		}
		return c.in[0].Pow(c.second())
	}, "Pow")
	add(func(c *call) *eager.Tensor { c.want(3, 3); return eager.Where(c.in[0], c.in[1], c.in[2]) }, "Where")
	for kind, f := range map[string]func(x *eager.Tensor, y any) *eager.Tensor{
		"Sum": (*eager.Tensor).Add, "Mean": (*eager.Tensor).Add, "Max": (*eager.Tensor).Maximum, "Min": (*eager.Tensor).Minimum,
	} {
		add(func(c *call) *eager.Tensor { return c.fold(f) }, kind)
	}
	add(fullyConnected, "FC", "FCTransposed")
	add(matMul, "MatMul")
	add(batchMatMul, "BatchMatMul")
	add(func(c *call) *eager.Tensor {
		c.want(2, 2)
		return flat(c.in[0], 1).Mul(flat(c.in[1], 1)).Sum(1)
	}, "DotProduct")
}

func prelu(c *call) *eager.Tensor {
	c.want(2, 2)
	x, slope := c.in[0], c.in[1]
	if slope.Numel() > 1 && c.text("order", "NCHW") == "NCHW" {
		slope = channels(slope, x.Rank())
	}
	return eager.Where(x.Gt(0), x, x.Mul(slope))
}

// second is the second operand: broadcast from the right, or with argument axis (or axis_str) from there.
func (c *call) second() *eager.Tensor {
	x, y := c.in[0], c.in[1]
	a := c.int("axis", -1)
	if s := c.text("axis_str", ""); s != "" {
		if a = slices.Index([]byte(c.text("order", "NCHW")), s[0]); a < 0 {
			fail("axis_str %q is not in order %s", s, c.text("order", "NCHW"))
		}
	}
	if !c.flag("broadcast", false) || a < 0 {
		return y
	}
	if tail := x.Rank() - a - y.Rank(); tail > 0 {
		return y.Reshape(slices.Concat(y.Shape(), slices.Repeat([]int{1}, tail))...)
	}
	return y
}

// fold joins all inputs, which have one shape.
func (c *call) fold(f func(x *eager.Tensor, y any) *eager.Tensor) *eager.Tensor {
	c.want(1, 1<<20)
	y := c.in[0]
	for _, x := range c.in[1:] {
		if !x.Shape().Equal(y.Shape()) {
			fail("inputs of shapes %v and %v", y.Shape(), x.Shape())
		}
		y = f(y, x)
	}
	if c.kind == "Mean" {
		y = y.Div(float64(len(c.in)))
	}
	return y
}

// fullyConnected is y = x·wᵀ + b with rows of all axes from axis on.
func fullyConnected(c *call) *eager.Tensor {
	c.want(3, 3)
	a := c.int("axis", 1)
	x, w := flat(c.in[0], a), flat(c.in[1], c.int("axis_w", 1))
	if c.kind == "FC" {
		w = w.T()
	}
	if x.Size(1) != w.Size(0) || c.in[2].Numel() != w.Size(1) {
		fail("rows of %d numbers, a weight of %v and a bias of %d", x.Size(1), c.in[1].Shape(), c.in[2].Numel())
	}
	if a < 0 {
		a += c.in[0].Rank()
	}
	y := x.MatMul(w).Add(c.in[2].Reshape(w.Size(1)))
	return y.Reshape(append(c.in[0].Shape()[:a].Clone(), w.Size(1))...)
}

func matMul(c *call) *eager.Tensor {
	c.want(2, 3)
	x, y := flat(c.in[0], c.int("axis_a", 1)), flat(c.in[1], c.int("axis_b", 1))
	if c.flag("trans_a", false) {
		x = x.T()
	}
	if c.flag("trans_b", false) {
		y = y.T()
	}
	return x.MatMul(y)
}

func batchMatMul(c *call) *eager.Tensor {
	c.want(2, 2)
	x, y := c.in[0], c.in[1]
	if c.flag("trans_a", false) {
		x = x.Transpose(-1, -2)
	}
	if c.flag("trans_b", false) {
		y = y.Transpose(-1, -2)
	}
	return x.MatMul(y)
}
