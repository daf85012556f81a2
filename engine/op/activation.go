package op

import (
	"math"
	"strings"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// The gradient of an activation is an operator of its own, one pass over memory instead of several.
// viaKernel makes the rule that applies it to dy and the operand.
func viaKernel(kernel **Def) func(Builder, *Call) []Value {
	return grad1(func(b Builder, x, _, dy Value) Value { return b.Apply(*kernel, nil, dy, x)[0] })
}

// viaResult is viaKernel for gradients that are computed from the result.
func viaResult(kernel **Def) func(Builder, *Call) []Value {
	return grad1(func(b Builder, _, y, dy Value) Value { return b.Apply(*kernel, nil, dy, y)[0] })
}

// resultOr is viaResult for floats; complex numbers take the derivative f of the result.
func resultOr(kernel **Def, f func(b Builder, y Value) Value) func(Builder, *Call) []Value {
	return grad1(func(b Builder, _, y, dy Value) Value {
		if isComplex(dy) {
			return mul(b, dy, conj(b, f(b, y)))
		}
		return b.Apply(*kernel, nil, dy, y)[0]
	})
}

// Activations.
var (
	Tanh = unary(cpu.Tanh, Def{
		Name: "Tanh", CUDA: "tanh(x)", Doc: "Tanh returns the hyperbolic tangent of x. Agrees with torch.tanh.",
		Saves: SaveOut, Cases: func() []Case { return shapesOf(1, -2, 2) },
		Grad: resultOr(&prim.tanhGrad, func(b Builder, y Value) Value { return oneMinus(b, square(b, y)) }),
	})
	Sigmoid = unary(cpu.Sigmoid, Def{
		Name: "Sigmoid", CUDA: "sigmoid(x)", Doc: "Sigmoid returns 1 / (1 + e⁻ˣ). Agrees with torch.sigmoid.",
		Saves: SaveOut, Cases: func() []Case { return shapesOf(1, -3, 3) },
		Grad: resultOr(&prim.sigmoidGrad, func(b Builder, y Value) Value { return mul(b, y, oneMinus(b, y)) }),
	})
	ReLU = unary(cpu.ReLU, Def{
		Name: "ReLU", CUDA: "relu(x)", Doc: "ReLU returns max(x, 0). The gradient at 0 is 0. NaN stays NaN. Agrees " +
			"with torch.nn.functional.relu.",
		Takes: []Kinds{Numbers}, Saves: SaveOut, Cases: func() []Case { return numbers(1, 1, 3) },
		Grad: viaResult(&prim.reluGrad),
	})
	GELU = unary(cpu.GELU, Def{
		Name: "GELU", CUDA: "gelu(x)", Doc: "GELU returns x·Φ(x), Φ the standard normal distribution function. " +
			"Source: Hendrycks and Gimpel 2016; agrees with torch.nn.functional.gelu.",
		Saves: SaveIn, Cases: func() []Case { return shapesOf(1, -3, 3) },
		Grad: viaKernel(&prim.geluGrad), Recorded: GELUSlope,
	})
	GELUTanh = unary(cpu.GELUTanh, Def{
		Name: "GELUTanh", CUDA: "gelu_tanh(x)", Doc: "GELUTanh approximates GELU: ½x(1 + tanh(√(2/π)(x + 0.044715x³))). " +
			"Source: Hendrycks and Gimpel 2016; agrees with gelu(approximate='tanh').",
		Saves: SaveIn, Cases: func() []Case { return shapesOf(1, -3, 3) },
		Grad: viaKernel(&prim.geluTanhGrad),
	})
	SiLU = unary(cpu.SiLU, Def{
		Name: "SiLU", CUDA: "x * sigmoid(x)", Doc: "SiLU (swish) returns x·sigmoid(x). Source: Elfwing et al. 2017; agrees " +
			"with torch.nn.functional.silu.",
		Saves: SaveIn, Cases: func() []Case { return shapesOf(1, -3, 3) },
		Grad: viaKernel(&prim.siluGrad),
	})
	Softplus = unary(cpu.Softplus, Def{
		Name: "Softplus", CUDA: "softplus(x)", Doc: "Softplus returns log(1 + eˣ) without overflow. Agrees with " +
			"torch.nn.functional.softplus up to its linear part above 20.",
		Saves: SaveIn, Cases: func() []Case { return shapesOf(1, -3, 3) },
		Grad: viaKernel(&prim.softplusGrad),
	})
)

// derivative completes and registers the gradient kernel of an activation: dx = dy·f′(x), or of its result
// y. It is linear in dy; curve gives dy·f″.
func derivative(
	v *cpu.Vec2, name, from, cuda, formula string, lo float64, curve func(b Builder, g, dy, x Value) Value,
) *Def {
	d := &Def{
		Name: name, CUDA: cuda, Doc: name + " is the gradient kernel of " + strings.TrimSuffix(name, "Grad") + ": " +
			formula + ".",
		Inputs: []string{"dy", from}, Outputs: []string{"dx"}, Elementwise: true, Promote: ToFloat,
		Takes: []Kinds{Floats}, Saves: SaveIn, Cases: func() []Case { return shapesOf(2, lo, 3) },
	}
	d.ChannelsLast = likeOperand
	d.CPU = func(_ Attrs, out, in []engine.Array) { check(name, v.Run(out[0], in[0], in[1])) }
	if curve == nil {
		d.Saves = SaveIn1
	}
	d.Grad = func(b Builder, c *Call) []Value {
		g := make([]Value, 2)
		if c.Wants(0) {
			g[0] = b.Apply(d, nil, c.DOut[0], c.In[1])[0]
		}
		if c.Wants(1) && curve != nil {
			g[1] = curve(b, c.DOut[0], c.In[0], c.In[1])
		}
		return g
	}
	return Register(d)
}

// Gradient kernels of the activations.
var (
	ReLUGrad = derivative(cpu.ReLUGrad, "ReLUGrad", "y", "y <= 0 ? 0 : dy", "dx = dy where y is positive or NaN, 0 "+
		"elsewhere", 1, nil)

	SigmoidGrad = derivative(cpu.SigmoidGrad, "SigmoidGrad", "y", "dy * y * (1 - y)", "dx = dy·y(1 − y)", -1,
		func(b Builder, g, dy, y Value) Value {
			return mul(b, mul(b, g, dy), oneMinus(b, scale(b, y, 2)))
		})
	TanhGrad = derivative(cpu.TanhGrad, "TanhGrad", "y", "dy * (1 - y * y)", "dx = dy(1 − y²)", -1,
		func(b Builder, g, dy, y Value) Value { return mul(b, mul(b, g, dy), scale(b, y, -2)) })

	GELUGrad = derivative(cpu.GELUGrad, "GELUGrad", "x", "gelu_grad(dy, x)", "dx = dy(Φ(x) + xφ(x))", -3,
		func(b Builder, g, dy, x Value) Value { return mul(b, mul(b, g, dy), geluCurve(b, x)) })
	GELUTanhGrad = derivative(cpu.GELUTanhGrad, "GELUTanhGrad", "x", "gelu_tanh_grad(dy, x)",
		"dx = dy(½(1 + t) + ½x(1 − t²)u′), t = tanh u, u = √(2/π)(x + 0.044715x³)", -3, geluTanhCurve)

	// (xs)″ = s(1 − s)(2 + x(1 − 2s))
	SiLUGrad = derivative(cpu.SiLUGrad, "SiLUGrad", "x", "silu_grad(dy, x)", "dx = dy(s + xs(1 − s)), s = sigmoid(x)", -3,
		func(b Builder, g, dy, x Value) Value {
			s := b.Apply(prim.sigmoid, nil, x)[0]
			bend := addNum(b, mul(b, x, oneMinus(b, scale(b, s, 2))), 2)
			return mul(b, b.Apply(prim.sigmoidGrad, nil, mul(b, g, dy), s)[0], bend)
		})
	SoftplusGrad = derivative(cpu.SoftplusGrad, "SoftplusGrad", "x", "dy * sigmoid(x)", "dx = dy·sigmoid(x)", -3,
		func(b Builder, g, dy, x Value) Value {
			return b.Apply(prim.sigmoidGrad, nil, mul(b, g, dy), b.Apply(prim.sigmoid, nil, x)[0])[0]
		})
)

// GELUSlope stands for GELU where a gradient will be asked for: the derivative costs little beside the value, and the
// gradient is a product then.
var GELUSlope = Register(&Def{
	Name: "GELUSlope", Inputs: []string{"x"}, Outputs: []string{"y", "slope"}, Takes: []Kinds{Floats},
	Promote: ToFloat, Saves: SaveIn0 | SaveOut1, Cases: func() []Case { return shapesOf(1, -3, 3) },
	Doc:  "GELUSlope returns GELU's x·Φ(x) and its derivative Φ(x) + xφ(x).",
	Rule: func(_ Attrs, in []Type) ([]Type, error) { return []Type{in[0], in[0]}, nil },
	CPU:  func(_ Attrs, out, in []engine.Array) { check("GELUSlope", cpu.GELUSlope(out[0], out[1], in[0])) },
	Grad: func(b Builder, c *Call) []Value {
		var g Value
		if dy := c.DOut[0]; dy != nil {
			g = mul(b, dy, c.Out[1])
		}
		if ds := c.DOut[1]; ds != nil {
			g = plus(b, g, mul(b, ds, geluCurve(b, c.In[0])))
		}
		return []Value{g}
	},
})

// geluCurve is (xΦ)″ = φ(x)(2 − x²).
func geluCurve(b Builder, x Value) Value {
	x2 := square(b, x)
	density := scale(b, exp(b, scale(b, x2, -0.5)), 1/math.Sqrt(2*math.Pi))
	return mul(b, density, sub(b, num(b, x, 2), x2))
}

// geluTanhCurve is (1 − t²)(u′ + ½x(u″ − 2tu′²)) times g·dy.
func geluTanhCurve(b Builder, g, dy, x Value) Value {
	const a, c = 0.044715, 0.7978845608028654 // √(2/π)
	x2 := square(b, x)
	u := scale(b, mul(b, x, addNum(b, scale(b, x2, a), 1)), c)
	u1 := scale(b, addNum(b, scale(b, x2, 3*a), 1), c)
	t := b.Apply(prim.tanh, nil, u)[0]
	turn := sub(b, scale(b, x, 6*a*c), mul(b, scale(b, t, 2), square(b, u1)))
	bend := add(b, u1, mul(b, scale(b, x, 0.5), turn))
	return b.Apply(prim.tanhGrad, nil, mul(b, mul(b, g, dy), bend), t)[0]
}
