package op

import (
	"fmt"
	"math"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// OrderAttrs are the order of a function in a family.
type OrderAttrs struct{ N int }

// special holds what the gradient rules of this file apply; init fills it, as it does prim.
var special struct{ polygamma, zeta, logGamma, erfcScaled, besselI0, besselI1 *Def }

func init() {
	special.polygamma, special.zeta, special.logGamma = Polygamma, Zeta, LogGamma
	special.erfcScaled, special.besselI0, special.besselI1 = ErfcScaled, BesselI0, BesselI1
}

// special1 is unary for operators that package eager/special gives names to.
func special1(v *cpu.Vec1, d Def) *Def {
	r := unary(v, d)
	r.Method = ""
	return r
}

// special2 is binary for operators that package eager/special gives names to, whose first operand has no
// gradient: differences cannot check that.
func special2(v *cpu.Vec2, d Def) *Def {
	d.Takes, d.Promote, d.Saves = []Kinds{Floats}, ToFloat, SaveIn
	r := binary(v, d)
	r.Method = ""
	cases := r.Cases
	r.Cases = func() []Case {
		all := cases()
		for i := range all {
			all[i].NoGrad = true
			all[i].Name += " (the first operand has no gradient)"
		}
		return all
	}
	return r
}

// slope is the rule dx = dy·f(x, y).
func slope(f func(b Builder, x, y Value) Value) func(Builder, *Call) []Value {
	return grad1(func(b Builder, x, y, dy Value) Value { return mul(b, dy, conj(b, f(b, x, y))) })
}

// rootOf returns (s·x² + c)^(−½).
func rootOf(b Builder, x Value, s, c float64) Value {
	return b.Apply(prim.rsqrt, nil, addNum(b, scale(b, square(b, x), s), c))[0]
}

// gaussian returns c·exp(k·x²).
func gaussian(b Builder, x Value, k, c float64) Value {
	return scale(b, exp(b, scale(b, square(b, x), k)), c)
}

// Special functions.
var (
	LogGamma = special1(cpu.LogGamma, Def{
		Name: "LogGamma", CUDA: "lgamma(x)", Doc: "LogGamma returns log |Γ(x)|; +Inf at 0, −1, … Agrees with torch.lgamma.",
		Saves: SaveIn,
		Cases: func() []Case { return shapesOf(1, 0.5, 4) }, Grad: slope(func(b Builder, x, _ Value) Value {
			return b.Apply(special.polygamma, OrderAttrs{}, x)[0]
		}),
	})
	Polygamma = Register(&Def{
		Name: "Polygamma", CUDA: "polygamma(N, x)", Doc: "Polygamma returns derivative N ≥ 0 of the digamma function at x; N = 0 is " +
			"digamma itself. Agrees with torch.polygamma and torch.digamma.",
		Inputs: []string{"x"}, Attrs: OrderAttrs{}, Elementwise: true, Promote: ToFloat,
		Takes: []Kinds{Floats}, Saves: SaveIn, ChannelsLast: likeOperand,
		Cases: func() []Case {
			return append(withAttrs(OrderAttrs{}, shapesOf(1, 0.5, 4)),
				Case{
					Name: "N=2", Attrs: OrderAttrs{N: 2}, In: []Type{{DType: engine.F64, Shape: engine.Shape{3, 5}}},
					Lo: 1, Hi: 4,
				})
		},
		Rule: func(a Attrs, in []Type) ([]Type, error) {
			if n := a.(OrderAttrs).N; n < 0 {
				return nil, fmt.Errorf("order %d; want 0 or more", n)
			}
			return in[:1], nil
		},
		CPU: func(a Attrs, out, in []engine.Array) {
			check("Polygamma", cpu.Polygamma(a.(OrderAttrs).N).Run(out[0], in[0]))
		},
		Grad: func(b Builder, c *Call) []Value {
			next := OrderAttrs{N: c.Attrs.(OrderAttrs).N + 1}
			return []Value{mul(b, c.DOut[0], b.Apply(special.polygamma, next, c.In[0])[0])}
		},
	})
	ErfcScaled = special1(cpu.ErfcScaled, Def{
		Name: "ErfcScaled", CUDA: "scaled_erfc(x)", Doc: "ErfcScaled returns exp(x²)·(1 − erf x). Agrees with torch.special.erfcx.",
		Saves: SaveAll,
		Cases: func() []Case { return shapesOf(1, -1, 4) }, Grad: slope(func(b Builder, x, y Value) Value {
			return addNum(b, scale(b, mul(b, x, y), 2), -2/math.Sqrt(math.Pi))
		}),
	})
	Entropy = special1(cpu.Entropy, Def{
		Name: "Entropy", CUDA: "entropy(x)", Doc: "Entropy returns −x·log x: 0 at 0, where the slope is infinite, and −Inf below. " +
			"Agrees with torch.special.entr.",
		Saves: SaveIn,
		Cases: func() []Case { return shapesOf(1, 0.5, 3) }, Grad: slope(func(b Builder, x, _ Value) Value {
			return neg(b, addNum(b, log(b, x), 1))
		}),
	})
	ErfInv = special1(cpu.ErfInv, Def{
		Name: "ErfInv", CUDA: "inverse_erf(x)", Doc: "ErfInv returns x with erf x = y; ±Inf at ±1, NaN beyond. Agrees with " +
			"torch.erfinv.",
		Saves: SaveOut,
		Cases: func() []Case { return shapesOf(1, -0.9, 0.9) }, Grad: slope(func(b Builder, _, y Value) Value {
			return gaussian(b, y, 1, math.Sqrt(math.Pi)/2)
		}),
	})
	NormalInv = special1(cpu.NormalInv, Def{
		Name: "NormalInv", CUDA: "inverse_normal(x)", Doc: "NormalInv returns the quantile of the standard normal distribution at p; " +
			"∓Inf at 0 and 1, NaN outside. Agrees with torch.special.ndtri.",
		Saves: SaveOut,
		Cases: func() []Case { return shapesOf(1, 0.1, 0.9) }, Grad: slope(func(b Builder, _, y Value) Value {
			return gaussian(b, y, 0.5, math.Sqrt(2*math.Pi))
		}),
	})
	BesselI0 = special1(cpu.BesselI0, Def{
		Name: "BesselI0", CUDA: "bessel_i0(x)", Doc: "BesselI0 returns exp(−|x|)·I₀(x). Agrees with torch.special.i0e.",
		Saves: SaveAll,
		Cases: func() []Case { return shapesOf(1, 0.5, 4) }, Grad: slope(func(b Builder, x, y Value) Value {
			return sub(b, b.Apply(special.besselI1, nil, x)[0], mul(b, y, b.Apply(prim.sign, nil, x)[0]))
		}),
	})
	BesselI1 = special1(cpu.BesselI1, Def{
		Name: "BesselI1", CUDA: "bessel_i1(x)", Doc: "BesselI1 returns exp(−|x|)·I₁(x). Agrees with torch.special.i1e.",
		Saves: SaveAll, Cases: func() []Case { return shapesOf(1, 0.5, 4) }, Grad: slope(besselI1Slope),
	})
	Zeta = special2(cpu.Zeta, Def{
		Name: "Zeta", CUDA: "zeta(x, y)", Doc: "Zeta returns the Hurwitz function Σ (y + k)⁻ˣ over k ≥ 0; +Inf at x = 1 and " +
			"y = 0, −1, …, NaN for x < 1. x has no gradient. Agrees with torch.special.zeta.",
		Cases: func() []Case { return shapesOf(2, 1.5, 4) },
		Grad: grad2(nothing, func(b Builder, x, y, dz Value) Value {
			return neg(b, mul(b, dz, mul(b, x, b.Apply(special.zeta, nil, addNum(b, x, 1), y)[0])))
		}),
	})
	GammaP = special2(cpu.GammaP, Def{
		Name: "GammaP", CUDA: "gamma_p(x, y)", Doc: "GammaP returns the regularized lower incomplete gamma function P(x, y). The " +
			"shape x has no gradient. Agrees with torch.special.gammainc.",
		Cases: func() []Case { return shapesOf(2, 0.5, 4) }, Grad: grad2(nothing, gammaDensity),
	})
	GammaQ = special2(cpu.GammaQ, Def{
		Name: "GammaQ", CUDA: "gamma_q(x, y)", Doc: "GammaQ returns 1 − P(x, y), accurate where it is small. The shape x has no " +
			"gradient. Agrees with torch.special.gammaincc.",
		Cases: func() []Case { return shapesOf(2, 0.5, 4) },
		Grad: grad2(nothing, func(b Builder, x, y, dz Value) Value {
			return neg(b, gammaDensity(b, x, y, dz))
		}),
	})
)

// besselI1Slope is i0e(x) − i1e(x)·(sign x + 1/x), ½ at 0.
func besselI1Slope(b Builder, x, y Value) Value {
	zero := b.Apply(prim.eq, nil, x, num(b, x, 0))[0]
	safe := where(b, zero, num(b, x, 1), x)
	factor := add(b, b.Apply(prim.sign, nil, x)[0], div(b, num(b, x, 1), safe))
	at := sub(b, b.Apply(special.besselI0, nil, x)[0], mul(b, y, factor))
	return where(b, zero, num(b, x, 0.5), at)
}

// gammaDensity is dz·yˣ⁻¹e⁻ʸ/Γ(x).
func gammaDensity(b Builder, a, x, dz Value) Value {
	e := sub(b, mul(b, addNum(b, a, -1), log(b, x)), add(b, x, b.Apply(special.logGamma, nil, a)[0]))
	return mul(b, dz, exp(b, e))
}
