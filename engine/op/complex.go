package op

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// Gradients of complex values follow PyTorch: the gradient of a real loss L is ∂L/∂a + i·∂L/∂b at a + i·b, so
// that a holomorphic f passes dy·conj(f′) on.

func isComplex(v Value) bool { return v.Type().DType.IsComplex() }

// conj is the complex conjugate; real values stay.
func conj(b Builder, v Value) Value {
	if !isComplex(v) {
		return v
	}
	return b.Apply(complexOps.conj, nil, v)[0]
}

// complexOps holds what gradient rules apply; init fills it, as it does prim.
var complexOps struct{ conj, real, imag, join, split, abs *Def }

func init() {
	c := &complexOps
	c.conj, c.real, c.imag, c.join, c.split, c.abs = Conj, Real, Imag, Complex, ViewAsReal, Abs
}

// partsOf is the dtype of the parts of a complex dtype; others stay.
func partsOf(t engine.DType) engine.DType {
	switch t {
	case engine.C64:
		return engine.F32
	case engine.C128:
		return engine.F64
	}
	return t
}

func joined(t engine.DType) engine.DType {
	if t == engine.F32 {
		return engine.C64
	}
	return engine.C128
}

// toParts is the rule of functions with real results.
func toParts(_ Attrs, in []Type) ([]Type, error) {
	if !in[0].DType.IsComplex() {
		return in[:1:1], nil
	}
	return []Type{{DType: partsOf(in[0].DType), Shape: in[0].Shape}}, nil
}

// direction is x/|x|, and 0 at 0.
func direction(b Builder, x Value) Value {
	if !isComplex(x) {
		return sign(b, x)
	}
	r := b.Apply(complexOps.abs, nil, x)[0]
	zero := b.Apply(prim.eq, nil, r, num(b, r, 0))[0]
	return div(b, x, where(b, zero, num(b, r, 1), r))
}

// join1 makes a complex value of real parts.
func join1(b Builder, re, im Value) Value { return b.Apply(complexOps.join, nil, re, im)[0] }

var complexCases = []Case{
	{Name: "real", In: []Type{{DType: engine.F64, Shape: engine.Shape{3, 5}}}, Lo: 1, Hi: 3},
	{Name: "nothing", In: []Type{{DType: engine.F64, Shape: engine.Shape{0}}}},
	{Name: "real f32", In: []Type{{DType: engine.F32, Shape: engine.Shape{7}}}, Lo: 1, Hi: 3},
}

// complexPart is the view of the real or the imaginary parts.
func complexPart(view func(a engine.Array) engine.Array, d Def) *Def {
	d.Inputs, d.Takes, d.Saves, d.Rule = []string{"x"}, []Kinds{Complexes}, SaveNone, toParts
	name := d.Name
	d.View = func(_ Attrs, x engine.Array, _ Type) (engine.Array, bool) { return view(x), true }
	d.CPU = func(_ Attrs, out, in []engine.Array) { check(name, cpu.Copy(out[0], view(in[0]))) }
	return Register(&d)
}

func complexOperand(s ...int) []Case {
	var cases []Case
	for _, t := range []engine.DType{engine.C128, engine.C64} {
		for _, shape := range []engine.Shape{s, {0, 3}, nil} {
			cases = append(cases, Case{
				Name: fmt.Sprintf("%v%v; differences are of real operands", t, shape),
				In:   []Type{{DType: t, Shape: shape}}, NoGrad: true,
			})
		}
	}
	return cases
}

// Complex numbers and their parts.
var (
	Conj = unary(cpu.Conj, Def{
		Name: "Conj", CUDA: "conjugate(x)", Doc: "Conj returns the complex conjugate; of other numbers a copy. Agrees with " +
			"torch.conj.",
		Takes: []Kinds{Everything}, Saves: SaveNone,
		Cases: func() []Case { return append(complexOperand(3, 5), complexCases...) },
		CPU: func(_ Attrs, out, in []engine.Array) {
			if in[0].DType.IsComplex() {
				check("Conj", cpu.Conj.Run(out[0], in[0]))
				return
			}
			check("Conj", cpu.Copy(out[0], in[0]))
		},
		Grad: grad1(func(b Builder, _, _, dy Value) Value { return conj(b, dy) }),
	})
	Real = complexPart(cpu.RealPart, Def{
		Name: "Real", Doc: "Real returns the real parts, as a view. Agrees with torch.real.",
		Cases: func() []Case { return complexOperand(3, 5) }, Grad: grad1(func(_ Builder, _, _, dy Value) Value { return dy }),
	})
	Imag = complexPart(cpu.ImagPart, Def{
		Name: "Imag", Doc: "Imag returns the imaginary parts, as a view. Agrees with torch.imag.",
		Cases: func() []Case { return complexOperand(3, 5) },
		Grad:  grad1(func(b Builder, _, _, dy Value) Value { return join1(b, zeros(b, dy), dy) }),
	})
	Angle = Register(&Def{
		Name: "Angle", CUDA: "angle_of(x)", Doc: "Angle returns the angle of x in the complex plane, in (−π, π]; that of real " +
			"numbers is π below 0 and otherwise 0, NaN of NaN, without a gradient. Agrees with torch.angle.",
		Inputs: []string{"x"}, Elementwise: true, Promote: ToFloat, Takes: []Kinds{Floats | Complexes},
		Method: "Angle", Saves: SaveIn, Rule: toParts, Cases: func() []Case { return complexCases },
		CPU: func(_ Attrs, out, in []engine.Array) {
			if in[0].DType.IsComplex() {
				check("Angle", cpu.Phase(out[0], in[0]))
				return
			}
			check("Angle", cpu.RealAngle.Run(out[0], in[0]))
		},
		Grad: func(b Builder, c *Call) []Value { // i·x/|x|²
			x, dy := c.In[0], c.DOut[0]
			if !isComplex(x) {
				return []Value{zeros(b, dy)}
			}
			re, im := b.Apply(complexOps.real, nil, x)[0], b.Apply(complexOps.imag, nil, x)[0]
			r2 := add(b, square(b, re), square(b, im))
			zero := b.Apply(prim.eq, nil, r2, num(b, r2, 0))[0]
			g := div(b, dy, where(b, zero, num(b, r2, 1), r2))
			return []Value{join1(b, neg(b, mul(b, g, im)), mul(b, g, re))}
		},
	})
	Complex = Register(&Def{
		Name: "Complex", CUDA: "join(re, im)", Doc: "Complex returns re + i·im, each as it is, NaN too. Agrees with torch.complex.",
		Inputs: []string{"re", "im"}, Elementwise: true, Promote: ToCommon, Takes: []Kinds{Reals}, Saves: SaveNone,
		Cases: func() []Case { return ungraded(shapesOf(2, -3, 3), "the result is complex") },
		Rule: func(_ Attrs, in []Type) ([]Type, error) {
			return []Type{{DType: joined(in[0].DType), Shape: in[0].Shape}}, nil
		},
		CPU: func(_ Attrs, out, in []engine.Array) {
			check("Complex", cpu.Copy(cpu.RealPart(out[0]), in[0]))
			check("Complex", cpu.Copy(cpu.ImagPart(out[0]), in[1]))
		},
		Grad: func(b Builder, c *Call) []Value {
			dz := c.DOut[0]
			return []Value{b.Apply(complexOps.real, nil, dz)[0], b.Apply(complexOps.imag, nil, dz)[0]}
		},
	})
	ViewAsReal = Register(&Def{
		Name: "ViewAsReal", Doc: "ViewAsReal returns the view of complex x [… ] as pairs [… 2] of real and " +
			"imaginary part. Agrees with torch.view_as_real.",
		Inputs: []string{"x"}, Takes: []Kinds{Complexes}, Saves: SaveNone,
		Cases: func() []Case { return complexOperand(3, 5) },
		Rule: func(_ Attrs, in []Type) ([]Type, error) {
			return []Type{{DType: partsOf(in[0].DType), Shape: append(in[0].Shape.Clone(), 2)}}, nil
		},
		View: func(_ Attrs, x engine.Array, _ Type) (engine.Array, bool) { return cpu.Pairs(x), true },
		CPU: func(_ Attrs, out, in []engine.Array) {
			check("ViewAsReal", cpu.Copy(out[0], cpu.Pairs(in[0])))
		},
		Grad: grad1(func(b Builder, _, _, dy Value) Value { return b.Apply(viewAsComplex, nil, dy)[0] }),
	})
	ViewAsComplex = Register(&Def{
		Name: "ViewAsComplex", Doc: "ViewAsComplex returns pairs [… 2] of real and imaginary part as complex " +
			"numbers [… ], as a view where strides allow it. Agrees with torch.view_as_complex.",
		Inputs: []string{"x"}, Takes: []Kinds{Reals}, Saves: SaveNone,
		Cases: func() []Case {
			return []Case{
				{
					Name: "f64; the result is complex", In: []Type{{DType: engine.F64, Shape: engine.Shape{3, 2}}},
					NoGrad: true,
				},
				{Name: "nothing", In: []Type{{DType: engine.F32, Shape: engine.Shape{0, 2}}}, NoGrad: true},
			}
		},
		Rule: func(_ Attrs, in []Type) ([]Type, error) {
			n := len(in[0].Shape) - 1
			if n < 0 || in[0].Shape[n] != 2 {
				return nil, fmt.Errorf("the last axis does not have extent 2")
			}
			return []Type{{DType: joined(in[0].DType), Shape: in[0].Shape[:n:n]}}, nil
		},
		View: func(_ Attrs, x engine.Array, _ Type) (engine.Array, bool) { return cpu.FromPairs(x) },
		CPU: func(_ Attrs, out, in []engine.Array) {
			check("ViewAsComplex", cpu.Copy(cpu.Pairs(out[0]), in[0]))
		},
		Grad: grad1(func(b Builder, _, _, dy Value) Value { return b.Apply(complexOps.split, nil, dy)[0] }),
	})
)

// viewAsComplex is ViewAsComplex for the rule of its inverse.
var viewAsComplex *Def

func init() { viewAsComplex = ViewAsComplex }
