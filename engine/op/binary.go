package op

import (
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// binary completes and registers an elementwise operator x, y → z computed by v.
// Unless d says otherwise it takes numbers and promotes to their common type.
func binary(v *cpu.Vec2, d Def) *Def {
	d.Inputs, d.Outputs, d.Elementwise, d.Vec2 = []string{"x", "y"}, []string{"z"}, true, v
	d.ChannelsLast = likeOperand
	if d.Method == "" {
		d.Method = d.Name
	}
	if d.Takes == nil {
		d.Takes = []Kinds{Numbers}
	}
	if d.Promote == KeepTypes {
		d.Promote = ToCommon
	}
	if v.C128 != nil {
		d.Takes = []Kinds{d.Takes[0] | Complexes}
	}
	if d.Takes[0].Has(engine.F32) {
		cases := d.Cases
		d.Cases = func() []Case {
			all := cases()
			return append(all, broadcasts(all[0])...)
		}
	}
	if d.CPU == nil {
		name := d.Name
		d.CPU = func(_ Attrs, out, in []engine.Array) { check(name, v.Run(out[0], in[0], in[1])) }
	}
	return Register(&d)
}

// broadcasts are the cases of two operands of different shapes and dtypes, with the bounds of c.
func broadcasts(c Case) []Case {
	f := engine.F32
	pairs := []struct {
		name string
		x, y Type
	}{
		{"row", Type{DType: f, Shape: engine.Shape{3, 5}}, Type{DType: f, Shape: engine.Shape{5}}},
		{"column", Type{DType: f, Shape: engine.Shape{3, 1}}, Type{DType: f, Shape: engine.Shape{3, 5}}},
		{"outer", Type{DType: f, Shape: engine.Shape{4, 1}}, Type{DType: f, Shape: engine.Shape{2, 1, 3}}},
		{"scalar", Type{DType: f, Shape: engine.Shape{70}}, Type{DType: engine.F64}},
		{"number", Type{DType: f, Weak: true}, Type{DType: f, Shape: engine.Shape{2, 50}}},
		{"mixed", Type{DType: engine.I32, Shape: engine.Shape{2, 3}}, Type{DType: f, Shape: engine.Shape{3}}},
	}
	cases := make([]Case, len(pairs))
	for i, p := range pairs {
		cases[i] = Case{Name: "broadcast " + p.name, In: []Type{p.x, p.y}, Lo: c.Lo, Hi: c.Hi}
	}
	return cases
}

type rule2 = func(b Builder, x, y, dz Value) Value

// Rules shared by several operators: the gradient arrives unchanged, negated, or not at all.
var (
	pass    rule2 = func(_ Builder, _, _, dz Value) Value { return dz }
	negated rule2 = func(b Builder, _, _, dz Value) Value { return neg(b, dz) }
	nothing rule2 = func(b Builder, _, _, dz Value) Value { return zeros(b, dz) }
)

// Arithmetic on two operands.
var (
	Add = binary(cpu.Add, Def{
		Name: "Add", CUDA: "x + y", Doc: "Add returns x + y. Integers wrap; for bool it is or. Agrees with torch.add.",
		Takes: []Kinds{AllKinds}, Saves: SaveNone,
		Cases: func() []Case { return numbers(2, -3, 3) }, Grad: grad2(pass, pass),
		CPU: func(_ Attrs, out, in []engine.Array) {
			v := cpu.Add
			if out[0].DType == engine.Bool {
				v = cpu.Or
			}
			check("Add", v.Run(out[0], in[0], in[1]))
		},
	})
	Sub = binary(cpu.Sub, Def{
		Name: "Sub", CUDA: "x - y", Doc: "Sub returns x − y. Integers wrap. Agrees with torch.sub.",
		Saves: SaveNone, Cases: func() []Case { return numbers(2, -3, 3) }, Grad: grad2(pass, negated),
	})
	Mul = binary(cpu.Mul, Def{
		Name: "Mul", CUDA: "x * y", Doc: "Mul returns x·y. Integers wrap; for bool it is and. Agrees with torch.mul.",
		Takes: []Kinds{AllKinds}, Saves: SaveIn, Cases: func() []Case { return numbers(2, -3, 3) },
		Grad: grad2(
			func(b Builder, _, y, dz Value) Value { return mul(b, dz, conj(b, y)) },
			func(b Builder, x, _, dz Value) Value { return mul(b, dz, conj(b, x)) }),
	})
	Div = binary(cpu.Div, Def{
		Name: "Div", CUDA: "divide(x, y)", Doc: "Div returns x/y, ±Inf or NaN where y is 0. Agrees with torch.div.",
		Takes: []Kinds{Floats}, Promote: ToFloat, Saves: SaveIn,
		Cases: func() []Case { return shapesOf(2, 0.5, 3) },
		Grad: grad2(
			func(b Builder, _, y, dz Value) Value { return div(b, dz, conj(b, y)) },
			func(b Builder, x, y, dz Value) Value {
				return neg(b, mul(b, dz, conj(b, div(b, div(b, x, y), y))))
			}),
	})
	FloorDiv = binary(cpu.FloorDiv, Def{
		Name: "FloorDiv", CUDA: "floor_div(fault, x, y)", Doc: "FloorDiv returns the greatest integer ≤ x/y. The gradient is 0. " +
			"Panics when an integer y is 0. Agrees with torch.floor_divide.",
		Saves: SaveNone,
		Cases: func() []Case { return numbers(2, 1.1, 1.9) }, Grad: grad2(nothing, nothing),
	})
	// x mod y = x − y·floor(x/y)
	Mod = binary(cpu.Mod, Def{
		Name: "Mod", CUDA: "modulo(fault, x, y)", Doc: "Mod returns x − y·floor(x/y), which has the sign of y. Panics when an " +
			"integer y is 0. Agrees with torch.remainder.",
		Saves: SaveIn, Cases: func() []Case { return numbers(2, 1.1, 1.9) },
		Grad: grad2(pass, func(b Builder, x, y, dz Value) Value {
			return neg(b, mul(b, dz, b.Apply(prim.floorDiv, nil, x, y)[0]))
		}),
	})
	Pow = binary(cpu.Pow, Def{
		Name: "Pow", CUDA: "power(x, y)", Doc: "Pow returns xʸ; 1 where y is 0, also for NaN. Integers: a negative y " +
			"gives 0 unless |x| is 1. The gradient for x is 0 where y is 0; that for y is 0 where x " +
			"is 0 and y ≥ 0. Agrees with torch.pow.",
		Saves: SaveIn,
		Cases: func() []Case { return numbers(2, 1, 3) }, Grad: grad2(powBase, powExponent),
		Tol: Tolerance{Rel32: 4e-6, Reason: "the exponent multiplies the rounding error of the logarithm"},
	})
	Maximum = binary(cpu.Maximum, Def{
		Name: "Maximum", CUDA: "larger(x, y)", Doc: "Maximum returns the larger of x and y; NaN where either is NaN. Equal " +
			"operands share the gradient evenly. Agrees with torch.maximum.",
		Saves: SaveIn, Cases: func() []Case { return numbers(2, -3, 3) }, Grad: grad2(
			func(b Builder, x, y, dz Value) Value { return share(b, prim.lt, x, y, dz) },
			func(b Builder, x, y, dz Value) Value { return share(b, prim.gt, x, y, dz) }),
	})
	Minimum = binary(cpu.Minimum, Def{
		Name: "Minimum", CUDA: "smaller(x, y)", Doc: "Minimum returns the smaller of x and y; NaN where either is NaN. " +
			"Equal operands share the gradient evenly. Agrees with torch.minimum.",
		Saves: SaveIn, Cases: func() []Case { return numbers(2, -3, 3) }, Grad: grad2(
			func(b Builder, x, y, dz Value) Value { return share(b, prim.gt, x, y, dz) },
			func(b Builder, x, y, dz Value) Value { return share(b, prim.lt, x, y, dz) }),
	})
	Atan2 = binary(cpu.Atan2, Def{
		Name: "Atan2", CUDA: "atan2(x, y)", Doc: "Atan2 returns the angle of the point at height x and width y, in (−π, π]. " +
			"Agrees with torch.atan2.",
		Takes: []Kinds{Floats}, Promote: ToFloat, Saves: SaveIn,
		Cases: func() []Case { return shapesOf(2, 0.5, 3) },
		Grad: grad2(
			func(b Builder, x, y, dz Value) Value { return mul(b, dz, div(b, y, norm2(b, x, y))) },
			func(b Builder, x, y, dz Value) Value { return neg(b, mul(b, dz, div(b, x, norm2(b, x, y)))) }),
	})
)

func norm2(b Builder, x, y Value) Value { return add(b, square(b, x), square(b, y)) }

// share passes dz on except where lost(x, y) holds, and half of it where x = y.
func share(b Builder, lost *Def, x, y, dz Value) Value {
	tie := b.Apply(prim.eq, nil, x, y)[0]
	g := where(b, tie, scale(b, dz, 0.5), dz)
	return where(b, b.Apply(lost, nil, x, y)[0], num(b, dz, 0), g)
}

// powBase is y·xʸ⁻¹, and 0 where y is 0.
func powBase(b Builder, x, y, dz Value) Value {
	g := mul(b, dz, conj(b, mul(b, y, pow(b, x, addNum(b, y, -1)))))
	return where(b, b.Apply(prim.eq, nil, y, num(b, y, 0))[0], num(b, dz, 0), g)
}

// powExponent is xʸ·log x, and 0 where x is 0 and y ≥ 0.
func powExponent(b Builder, x, y, dz Value) Value {
	g := mul(b, dz, conj(b, mul(b, pow(b, x, y), log(b, x))))
	if isComplex(g) {
		return where(b, b.Apply(prim.eq, nil, x, num(b, x, 0))[0], num(b, dz, 0), g)
	}
	zero := b.Apply(prim.and, nil,
		b.Apply(prim.eq, nil, x, num(b, x, 0))[0], b.Apply(prim.ge, nil, y, num(b, y, 0))[0])[0]
	return where(b, zero, num(b, dz, 0), g)
}
