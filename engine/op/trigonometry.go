package op

import (
	"math"

	"github.com/lathe-ml/lathe/engine/cpu"
)

// Inverse trigonometric and hyperbolic functions.
var (
	Asin = unary(cpu.Asin, Def{
		Name: "Asin", CUDA: "asin(x)", Doc: "Asin returns the angle in [−π/2, π/2] whose sine is x; NaN outside [−1, 1]. " +
			"Agrees with torch.asin.",
		Saves: SaveIn, Cases: func() []Case { return shapesOf(1, -0.8, 0.8) },
		Grad: slope(func(b Builder, x, _ Value) Value { return rootOf(b, x, -1, 1) }),
	})
	Acos = unary(cpu.Acos, Def{
		Name: "Acos", CUDA: "acos(x)", Doc: "Acos returns the angle in [0, π] whose cosine is x; NaN outside [−1, 1]. " +
			"Agrees with torch.acos.",
		Saves: SaveIn, Cases: func() []Case { return shapesOf(1, -0.8, 0.8) },
		Grad: slope(func(b Builder, x, _ Value) Value { return neg(b, rootOf(b, x, -1, 1)) }),
	})
	Atan = unary(cpu.Atan, Def{
		Name: "Atan", CUDA: "atan(x)", Doc: "Atan returns the angle in (−π/2, π/2) whose tangent is x. Agrees with torch.atan.",
		Saves: SaveIn,
		Cases: func() []Case { return shapesOf(1, -3, 3) }, Grad: grad1(func(b Builder, x, _, dy Value) Value {
			return div(b, dy, conj(b, addNum(b, square(b, x), 1)))
		}),
	})
	Sinh = unary(cpu.Sinh, Def{
		Name: "Sinh", CUDA: "sinh(x)", Doc: "Sinh returns ½(eˣ − e⁻ˣ). Agrees with torch.sinh.",
		Saves: SaveIn, Cases: func() []Case { return shapesOf(1, -2, 2) },
		Grad: slope(func(b Builder, x, _ Value) Value { return b.Apply(hyperbolic.cosh, nil, x)[0] }),
	})
	Cosh = unary(cpu.Cosh, Def{
		Name: "Cosh", CUDA: "cosh(x)", Doc: "Cosh returns ½(eˣ + e⁻ˣ). Agrees with torch.cosh.",
		Saves: SaveIn, Cases: func() []Case { return shapesOf(1, -2, 2) },
		Grad: slope(func(b Builder, x, _ Value) Value { return b.Apply(hyperbolic.sinh, nil, x)[0] }),
	})
	Asinh = unary(cpu.Asinh, Def{
		Name: "Asinh", CUDA: "asinh(x)", Doc: "Asinh returns log(x + √(x² + 1)). Agrees with torch.asinh.",
		Saves: SaveIn, Cases: func() []Case { return shapesOf(1, -3, 3) },
		Grad: slope(func(b Builder, x, _ Value) Value { return rootOf(b, x, 1, 1) }),
	})
	Acosh = unary(cpu.Acosh, Def{
		Name: "Acosh", CUDA: "acosh(x)", Doc: "Acosh returns log(x + √(x² − 1)); NaN below 1. Agrees with torch.acosh.",
		Saves: SaveIn, Cases: func() []Case { return shapesOf(1, 1.5, 4) },
		Grad: slope(func(b Builder, x, _ Value) Value { return rootOf(b, x, 1, -1) }),
	})
	Atanh = unary(cpu.Atanh, Def{
		Name: "Atanh", CUDA: "atanh(x)", Doc: "Atanh returns ½ log((1 + x)/(1 − x)); ±Inf at ±1, NaN beyond. Agrees with " +
			"torch.atanh.",
		Saves: SaveIn,
		Cases: func() []Case { return shapesOf(1, -0.8, 0.8) }, Grad: grad1(func(b Builder, x, _, dy Value) Value {
			return div(b, dy, conj(b, oneMinus(b, square(b, x))))
		}),
	})
	Erfc = unary(cpu.Erfc, Def{
		Name: "Erfc", CUDA: "erfc(x)", Doc: "Erfc returns 1 − erf x, accurate for large x. Agrees with torch.erfc.",
		Saves: SaveIn,
		Cases: func() []Case { return shapesOf(1, -2, 2) }, Grad: slope(func(b Builder, x, _ Value) Value {
			return gaussian(b, x, -1, -2/math.Sqrt(math.Pi))
		}),
	})
)

// hyperbolic holds what rules of this file apply to each other; init fills it, as it does prim.
var hyperbolic struct{ sinh, cosh *Def }

func init() { hyperbolic.sinh, hyperbolic.cosh = Sinh, Cosh }
