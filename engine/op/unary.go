package op

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// unary completes and registers an elementwise operator x → y computed by v.
// Unless d says otherwise it takes floats, and promotes integers and bool to F32.
func unary(v *cpu.Vec1, d Def) *Def {
	d.Inputs, d.Elementwise, d.Method, d.Vec1 = []string{"x"}, true, d.Name, v
	d.ChannelsLast = likeOperand
	if d.Takes == nil {
		d.Takes, d.Promote = []Kinds{Floats}, ToFloat
	}
	if v.C128 != nil {
		d.Takes = []Kinds{d.Takes[0] | Complexes}
	}
	name := d.Name
	if d.CPU == nil {
		d.CPU = func(_ Attrs, out, in []engine.Array) { check(name, v.Run(out[0], in[0])) }
	}
	return Register(&d)
}

// shapesOf is the usual set of operand shapes of an elementwise operator, drawn from [lo, hi).
func shapesOf(n int, lo, hi float64, types ...engine.DType) []Case {
	if types == nil {
		types = []engine.DType{engine.F32, engine.F64}
	}
	var cases []Case
	for _, t := range types {
		for _, s := range []engine.Shape{{3, 5}, {}, {2, 0, 3}, {67}} {
			c := Case{Name: t.String() + s.String(), Lo: lo, Hi: hi}
			for range n {
				c.In = append(c.In, Type{DType: t, Shape: s})
			}
			cases = append(cases, c)
		}
	}
	return cases
}

// numbers are cases of n operands of every numeric category.
func numbers(n int, lo, hi float64) []Case {
	return shapesOf(n, lo, hi, engine.F32, engine.F64, engine.I64)
}

// flat is the gradient of a piecewise constant function: zero.
var flat = grad1(func(b Builder, _, _, dy Value) Value { return zeros(b, dy) })

// Elementary functions of one operand.
var (
	Neg = unary(cpu.Neg, Def{
		Name: "Neg", CUDA: "-x", Doc: "Neg returns −x. Integers wrap. Agrees with torch.neg.",
		Takes: []Kinds{Numbers}, Saves: SaveNone, Cases: func() []Case { return numbers(1, -3, 3) },
		Grad: grad1(func(b Builder, _, _, dy Value) Value { return neg(b, dy) }),
	})
	Abs = unary(cpu.Abs, Def{
		Name: "Abs", CUDA: "magnitude(x)", Doc: "Abs returns |x|, of complex numbers the magnitude. The gradient at 0 is 0. Agrees " +
			"with torch.abs.",
		Takes: []Kinds{Numbers | Complexes}, Saves: SaveIn,
		Cases: func() []Case { return numbers(1, 1, 3) }, Rule: toParts,
		Grad: grad1(func(b Builder, x, _, dy Value) Value { return mul(b, dy, direction(b, x)) }),
		CPU: func(_ Attrs, out, in []engine.Array) {
			if in[0].DType.IsComplex() {
				check("Abs", cpu.Magnitude(out[0], in[0]))
				return
			}
			check("Abs", cpu.Abs.Run(out[0], in[0]))
		},
	})
	Sign = unary(cpu.Sign, Def{
		Name: "Sign", CUDA: "sign_of(x)", Doc: "Sign returns −1, 0 or 1 with the sign of x, and 0 for NaN. The gradient " +
			"is 0. Agrees with torch.sign.",
		Takes: []Kinds{Numbers}, Saves: SaveNone,
		Cases: func() []Case { return numbers(1, 1, 3) }, Grad: flat,
	})
	Exp = unary(cpu.Exp, Def{
		Name: "Exp", CUDA: "exp(x)", Doc: "Exp returns eˣ. Overflow gives +Inf. Agrees with torch.exp.",
		Saves: SaveOut, Cases: func() []Case { return shapesOf(1, -2, 2) },
		Grad: grad1(func(b Builder, _, y, dy Value) Value { return mul(b, dy, conj(b, y)) }),
	})
	Expm1 = unary(cpu.Expm1, Def{
		Name: "Expm1", CUDA: "expm1(x)", Doc: "Expm1 returns eˣ − 1, accurate for small x. Agrees with torch.expm1.",
		Saves: SaveOut, Cases: func() []Case { return shapesOf(1, -2, 2) },
		Grad: grad1(func(b Builder, _, y, dy Value) Value { return mul(b, dy, conj(b, addNum(b, y, 1))) }),
	})
	Log = unary(cpu.Log, Def{
		Name: "Log", CUDA: "log(x)", Doc: "Log returns the natural logarithm of x; −Inf at 0 and NaN below. Agrees " +
			"with torch.log.",
		Saves: SaveIn, Cases: func() []Case { return shapesOf(1, 0.5, 3) },
		Grad: grad1(func(b Builder, x, _, dy Value) Value { return div(b, dy, conj(b, x)) }),
	})
	Log1p = unary(cpu.Log1p, Def{
		Name: "Log1p", CUDA: "log1p(x)", Doc: "Log1p returns log(1 + x), accurate for small x. Agrees with torch.log1p.",
		Saves: SaveIn, Cases: func() []Case { return shapesOf(1, -0.5, 3) },
		Grad: grad1(func(b Builder, x, _, dy Value) Value { return div(b, dy, conj(b, addNum(b, x, 1))) }),
	})
	Sqrt = unary(cpu.Sqrt, Def{
		Name: "Sqrt", CUDA: "sqrt(x)", Doc: "Sqrt returns √x; NaN below 0. Agrees with torch.sqrt.",
		Saves: SaveOut, Cases: func() []Case { return shapesOf(1, 0.5, 3) },
		Grad: grad1(func(b Builder, _, y, dy Value) Value { return div(b, dy, conj(b, scale(b, y, 2))) }),
	})
	Rsqrt = unary(cpu.Rsqrt, Def{
		Name: "Rsqrt", CUDA: "1 / sqrt(x)", Doc: "Rsqrt returns 1/√x; +Inf at 0. Agrees with torch.rsqrt.",
		Saves: SaveOut, Cases: func() []Case { return shapesOf(1, 0.5, 3) },
		Grad: grad1(func(b Builder, _, y, dy Value) Value { // −½ y³
			return mul(b, dy, conj(b, mul(b, scale(b, y, -0.5), square(b, y))))
		}),
	})
	Reciprocal = unary(cpu.Reciprocal, Def{
		Name: "Reciprocal", CUDA: "1 / x", Doc: "Reciprocal returns 1/x; ±Inf at ±0. Agrees with torch.reciprocal.",
		Saves: SaveOut, Cases: func() []Case { return shapesOf(1, 0.5, 3) },
		Grad: grad1(func(b Builder, _, y, dy Value) Value { return neg(b, mul(b, dy, conj(b, square(b, y)))) }),
	})
	Sin = unary(cpu.Sin, Def{
		Name: "Sin", CUDA: "sin(x)", Doc: "Sin returns the sine of x, in radians. Agrees with torch.sin.",
		Saves: SaveIn, Cases: func() []Case { return shapesOf(1, -4, 4) },
		Grad: grad1(func(b Builder, x, _, dy Value) Value {
			return mul(b, dy, conj(b, b.Apply(prim.cos, nil, x)[0]))
		}),
	})
	Cos = unary(cpu.Cos, Def{
		Name: "Cos", CUDA: "cos(x)", Doc: "Cos returns the cosine of x, in radians. Agrees with torch.cos.",
		Saves: SaveIn, Cases: func() []Case { return shapesOf(1, -4, 4) },
		Grad: grad1(func(b Builder, x, _, dy Value) Value {
			return neg(b, mul(b, dy, conj(b, b.Apply(prim.sin, nil, x)[0])))
		}),
	})
	Tan = unary(cpu.Tan, Def{
		Name: "Tan", CUDA: "tan(x)", Doc: "Tan returns the tangent of x, in radians. Agrees with torch.tan.",
		Saves: SaveOut, Cases: func() []Case { return shapesOf(1, -1, 1) },
		Grad: grad1(func(b Builder, _, y, dy Value) Value {
			return mul(b, dy, conj(b, addNum(b, square(b, y), 1)))
		}),
	})
	Erf = unary(cpu.Erf, Def{
		Name: "Erf", CUDA: "erf(x)", Doc: "Erf returns the error function 2/√π ∫₀ˣ exp(−t²) dt. Agrees with torch.erf.",
		Saves: SaveIn, Cases: func() []Case { return shapesOf(1, -2, 2) },
		Grad: grad1(func(b Builder, x, _, dy Value) Value {
			return mul(b, dy, scale(b, exp(b, neg(b, square(b, x))), 2/math.Sqrt(math.Pi)))
		}),
	})
	Floor = unary(cpu.Floor, Def{
		Name: "Floor", CUDA: "down(x)", Doc: "Floor returns the greatest integer ≤ x. The gradient is 0. Agrees with " +
			"torch.floor.",
		Takes: []Kinds{Numbers}, Saves: SaveNone,
		Cases: func() []Case { return numbers(1, 1.1, 1.9) }, Grad: flat,
	})
	Ceil = unary(cpu.Ceil, Def{
		Name: "Ceil", CUDA: "up(x)", Doc: "Ceil returns the least integer ≥ x. The gradient is 0. Agrees with torch.ceil.",
		Takes: []Kinds{Numbers}, Saves: SaveNone,
		Cases: func() []Case { return numbers(1, 1.1, 1.9) }, Grad: flat,
	})
	Trunc = unary(cpu.Trunc, Def{
		Name: "Trunc", CUDA: "towards0(x)", Doc: "Trunc rounds x towards 0. The gradient is 0. Agrees with torch.trunc.",
		Takes: []Kinds{Numbers}, Saves: SaveNone,
		Cases: func() []Case { return numbers(1, -1.9, -1.1) }, Grad: flat,
	})
	Round = unary(cpu.Round, Def{
		Name: "Round", CUDA: "nearest(x)", Doc: "Round rounds x to the nearest integer, ties to even. The gradient is 0. " +
			"Agrees with torch.round.",
		Takes: []Kinds{Numbers}, Saves: SaveNone,
		Cases: func() []Case { return numbers(1, 0.6, 1.4) }, Grad: flat,
	})
)
