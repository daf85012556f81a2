package op

import (
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// integral is binary for operators on integers.
func integral(v *cpu.Vec2, name, cuda, doc string, lo, hi float64) *Def {
	return binary(v, Def{
		Name: name, CUDA: cuda, Doc: doc, Takes: []Kinds{Ints},
		Cases: func() []Case { return shapesOf(2, lo, hi, engine.I64, engine.I32, engine.U8) },
	})
}

// Operators that look at the representation of numbers.
var (
	CopySign = binary(cpu.CopySign, Def{
		Name: "CopySign", CUDA: "copysign(x, y)", Doc: "CopySign returns |x| with the sign of y, also of −0 and NaN. y has no gradient. " +
			"Agrees with torch.copysign.",
		Takes: []Kinds{Floats}, Promote: ToFloat, Saves: SaveIn0 | SaveOut0,
		Cases: func() []Case { return shapesOf(2, 1, 3) },
		Grad: func(b Builder, c *Call) []Value {
			g, dz := make([]Value, 2), c.DOut[0]
			if c.Wants(0) {
				turned := mul(b, sign(b, c.In[0]), sign(b, c.Out[0]))
				g[0] = mul(b, dz, turned)
			}
			if c.Wants(1) {
				g[1] = zeros(b, dz)
			}
			return g
		},
	})
	Hypot = binary(cpu.Hypot, Def{
		Name: "Hypot", CUDA: "hypot(x, y)", Doc: "Hypot returns √(x² + y²) without overflow. Agrees with torch.hypot.",
		Takes: []Kinds{Floats}, Promote: ToFloat, Saves: SaveIn | SaveOut,
		Cases: func() []Case { return shapesOf(2, 0.5, 3) },
		Grad: func(b Builder, c *Call) []Value {
			g := make([]Value, 2)
			for i := range g {
				if c.Wants(i) {
					g[i] = mul(b, c.DOut[0], div(b, c.In[i], c.Out[0]))
				}
			}
			return g
		},
	})
	TruncDiv = binary(cpu.TruncDiv, Def{
		Name: "TruncDiv", CUDA: "trunc_div(fault, x, y)", Doc: "TruncDiv returns x/y rounded towards 0. The gradient is 0. Panics when an " +
			"integer y is 0. Agrees with torch.div, rounding_mode \"trunc\".",
		Saves: SaveNone,
		Cases: func() []Case { return numbers(2, 1.1, 1.9) }, Grad: grad2(nothing, nothing),
	})
	// fmod(x, y) = x − y·trunc(x/y)
	Fmod = binary(cpu.Fmod, Def{
		Name: "Fmod", CUDA: "remainder_of(fault, x, y)", Doc: "Fmod returns x − y·trunc(x/y), which has the sign of x. Panics when an integer y " +
			"is 0. Agrees with torch.fmod.",
		Saves: SaveIn, Cases: func() []Case { return numbers(2, 1.1, 1.9) },
		Grad: grad2(pass, func(b Builder, x, y, dz Value) Value {
			return neg(b, mul(b, dz, b.Apply(integralOps.truncDiv, nil, x, y)[0]))
		}),
	})
	GCD = integral(cpu.GCD, "GCD", "gcd(x, y)", "GCD returns the greatest common divisor, ≥ 0. Agrees with torch.gcd.", 0, 60)
	LCM = integral(cpu.LCM, "LCM", "lcm(x, y)", "LCM returns the least common multiple, ≥ 0; it wraps. Agrees with "+
		"torch.lcm.", 0, 15)
	ShiftLeft = integral(cpu.ShiftLeft, "ShiftLeft", "shift_left(x, y)", "ShiftLeft returns x·2ʸ, wrapped; 0 where y is negative "+
		"or not below the number of bits. Agrees with torch.bitwise_left_shift.", 0, 7)
	ShiftRight = integral(cpu.ShiftRight, "ShiftRight", "shift_right(x, y)", "ShiftRight returns ⌊x/2ʸ⌋; the sign alone where y is "+
		"negative or not below the number of bits. Agrees with torch.bitwise_right_shift.", 0, 7)

	SignBit = Register(&Def{
		Name: "SignBit", CUDA: "is_negative(x)", Doc: "SignBit is true for negative numbers, −0 and a NaN of that sign. Has no gradient. Agrees with " +
			"torch.signbit.",
		Inputs: []string{"x"}, Elementwise: true, Method: "SignBit", Rule: toBool,
		Cases: func() []Case { return numbers(1, -3, 3) },
		CPU:   func(_ Attrs, out, in []engine.Array) { check("SignBit", cpu.SignBit.Run(out[0], in[0])) },
	})
	Frexp = Register(&Def{
		Name: "Frexp", Outputs: []string{"mantissa", "exponent"},
		Doc: "Frexp splits x into mantissa·2^exponent, mantissa in ±[½, 1), exponent i32; 0, ±Inf and NaN " +
			"have exponent 0. Agrees with torch.frexp.",
		Inputs: []string{"x"}, Promote: ToFloat, Takes: []Kinds{Floats}, Saves: SaveOut1,
		Cases: func() []Case { return shapesOf(1, 1.1, 1.9) },
		Rule: func(_ Attrs, in []Type) ([]Type, error) {
			return []Type{in[0], {DType: engine.I32, Shape: in[0].Shape}}, nil
		},
		CPU: func(_ Attrs, out, in []engine.Array) {
			check("Frexp", cpu.Mantissa.Run(out[0], in[0]))
			e := engine.NewArray(in[0].DType, in[0].Shape)
			check("Frexp", cpu.Exponent.Run(e, in[0]))
			check("Frexp", cpu.Copy(out[1], e))
		},
		Grad: func(b Builder, c *Call) []Value {
			dm := c.DOut[0]
			if dm == nil {
				return []Value{nil}
			}
			e := b.Apply(prim.cast, CastAttrs{To: dm.Type().DType}, c.Out[1])[0]
			return []Value{mul(b, dm, pow(b, num(b, dm, 2), neg(b, e)))}
		},
	})
)

// integralOps holds what rules of this file apply to each other; init fills it, as it does prim.
var integralOps struct{ truncDiv *Def }

func init() { integralOps.truncDiv = TruncDiv }

func sign(b Builder, x Value) Value { return b.Apply(prim.sign, nil, x)[0] }
