package op

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

func toBool(_ Attrs, in []Type) ([]Type, error) {
	return []Type{{DType: engine.Bool, Shape: in[0].Shape}}, nil
}

// compare registers an elementwise comparison of x and y.
func compare(v *cpu.Cmp2, name, sign, doc string) *Def {
	takes := AllKinds
	if v.C128 != nil {
		takes = Everything
	}
	return Register(&Def{
		Name: name, Doc: doc + " False where either is NaN, Ne true. Has no gradient.", Method: name,
		Inputs: []string{"x", "y"}, Elementwise: true, Promote: ToCommon, Takes: []Kinds{takes},
		CUDA:  "x " + sign + " y",
		Rule:  toBool,
		Cases: func() []Case { return append(numbers(2, -3, 3), broadcasts(Case{Lo: -3, Hi: 3})...) },
		CPU:   func(_ Attrs, out, in []engine.Array) { check(name, v.Run(out[0], in[0], in[1])) },
	})
}

// Comparisons; the result is bool.
var (
	Eq = compare(cpu.Eq, "Eq", "==", "Eq is true where x = y. Agrees with torch.eq.")
	Ne = compare(cpu.Ne, "Ne", "!=", "Ne is true where x ≠ y. Agrees with torch.ne.")
	Lt = compare(cpu.Lt, "Lt", "<", "Lt is true where x < y. Agrees with torch.lt.")
	Le = compare(cpu.Le, "Le", "<=", "Le is true where x ≤ y. Agrees with torch.le.")
	Gt = compare(cpu.Gt, "Gt", ">", "Gt is true where x > y. Agrees with torch.gt.")
	Ge = compare(cpu.Ge, "Ge", ">=", "Ge is true where x ≥ y. Agrees with torch.ge.")
)

func bitwise(v *cpu.Vec2, name, sign, doc string) *Def {
	return binary(v, Def{
		Name: name, CUDA: "x " + sign + " y", Doc: doc, Takes: []Kinds{Counts},
		Cases: func() []Case { return shapesOf(2, 0, 9, engine.Bool, engine.I64, engine.U8) },
	})
}

// Logic on bool, and bit by bit on integers.
var (
	And = bitwise(cpu.And, "And", "&", "And returns x and y, bit by bit for integers. Agrees with "+
		"torch.bitwise_and.")
	Or  = bitwise(cpu.Or, "Or", "|", "Or returns x or y, bit by bit for integers. Agrees with torch.bitwise_or.")
	Xor = bitwise(cpu.Xor, "Xor", "^", "Xor returns x exclusive-or y, bit by bit for integers. Agrees "+
		"with torch.bitwise_xor.")

	Not = Register(&Def{
		Name: "Not", CUDA: "inverted(x)", Doc: "Not returns true where x is false; for integers every bit is inverted. " +
			"Agrees with torch.bitwise_not.",
		Inputs: []string{"x"}, Elementwise: true, Takes: []Kinds{Counts}, Method: "Not",
		Cases: func() []Case { return shapesOf(1, 0, 9, engine.Bool, engine.I64) },
		CPU: func(_ Attrs, out, in []engine.Array) {
			if in[0].DType == engine.Bool {
				check("Not", cpu.LogicalNot.Run(out[0], in[0]))
				return
			}
			check("Not", cpu.BitNot.Run(out[0], in[0]))
		},
	})
	IsNaN = Register(&Def{
		Name: "IsNaN", CUDA: "x != x", Doc: "IsNaN is true where x is not a number. Has no gradient. Agrees with " +
			"torch.isnan.",
		Inputs: []string{"x"}, Elementwise: true, Method: "IsNaN", Rule: toBool, Cases: func() []Case { return numbers(1, -3, 3) },
		Takes: []Kinds{Everything},
		CPU: func(_ Attrs, out, in []engine.Array) {
			if in[0].DType.IsComplex() {
				check("IsNaN", cpu.Ne.Run(out[0], in[0], in[0]))
				return
			}
			check("IsNaN", cpu.IsNaN.Run(out[0], in[0]))
		},
	})
)

// Where chooses between two operands.
var Where = Register(&Def{
	Name: "Where", CUDA: "cond ? x : y", Doc: "Where returns x where cond is true and y elsewhere. NaN in the operand that " +
		"is not chosen does not matter. Agrees with torch.where.",
	Inputs: []string{"cond", "x", "y"}, Elementwise: true, Promote: TailToCommon,
	Takes: []Kinds{Bools, Everything},
	Saves: SaveIn0, Cases: func() []Case { return whereCases() },
	Rule: func(_ Attrs, in []Type) ([]Type, error) {
		return []Type{{DType: in[1].DType, Shape: in[1].Shape}}, nil
	},
	CPU: func(_ Attrs, out, in []engine.Array) { check("Where", cpu.Where(out[0], in[0], in[1], in[2])) },
	Grad: func(b Builder, c *Call) []Value {
		g, cond, dy := make([]Value, 3), c.In[0], c.DOut[0]
		if c.Wants(1) {
			g[1] = where(b, cond, dy, num(b, dy, 0))
		}
		if c.Wants(2) {
			g[2] = where(b, cond, num(b, dy, 0), dy)
		}
		return g
	},
})

func whereCases() []Case {
	var cases []Case
	for _, c := range numbers(2, -3, 3) {
		cond := Type{DType: engine.Bool, Shape: c.In[0].Shape}
		cases = append(cases, Case{Name: c.Name, Lo: c.Lo, Hi: c.Hi, In: []Type{cond, c.In[0], c.In[1]}})
	}
	row := Type{DType: engine.Bool, Shape: engine.Shape{5}}
	return append(cases, Case{Name: "broadcast", In: []Type{
		row, {DType: engine.F32, Shape: engine.Shape{3, 1}}, {DType: engine.F32, Weak: true},
	}})
}

// Clamp bounds values.
var Clamp = Register(&Def{
	Name: "Clamp", CUDA: "bounded(x, Lo, Hi)", Doc: "Clamp bounds x to [Lo, Hi]; Hi wins when Lo > Hi. NaN stays NaN. The " +
		"gradient passes where Lo ≤ x ≤ Hi. Agrees with torch.clamp.",
	Inputs: []string{"x"}, Attrs: ClampAttrs{}, Elementwise: true, Takes: []Kinds{Numbers}, Saves: SaveIn,
	Cases: func() []Case { return withAttrs(ClampAttrs{Lo: -1.05, Hi: 2.05}, numbers(1, -3, 3)) },
	CPU: func(a Attrs, out, in []engine.Array) {
		p := a.(ClampAttrs)
		check("Clamp", cpu.Clamp(out[0], in[0], p.Lo, p.Hi))
	},
	Grad: func(b Builder, c *Call) []Value {
		p, x, dy := c.Attrs.(ClampAttrs), c.In[0], c.DOut[0]
		inside := b.Apply(prim.and, nil,
			b.Apply(prim.ge, nil, x, num(b, x, p.Lo))[0], b.Apply(prim.le, nil, x, num(b, x, p.Hi))[0])[0]
		return []Value{where(b, inside, dy, num(b, dy, 0))}
	},
})

// withAttrs gives every case the attributes a.
func withAttrs(a Attrs, cases []Case) []Case {
	for i := range cases {
		cases[i].Attrs = a
	}
	return cases
}

// Conversions.
var (
	Cast = Register(&Def{
		Name: "Cast", CUDA: "x", Doc: "Cast converts x to the dtype To: floats to integers truncate towards 0, " +
			"anything to bool is x ≠ 0. NaN becomes an unspecified integer. Agrees with Tensor.to.",
		Inputs: []string{"x"}, Attrs: CastAttrs{}, Elementwise: true, Takes: []Kinds{Everything},
		Saves: SaveNone, Cases: func() []Case { return castCases() },
		Rule: func(a Attrs, in []Type) ([]Type, error) {
			to := a.(CastAttrs).To
			if !Everything.Has(to) {
				return nil, fmt.Errorf("no conversion to %v; want %v", to, Everything)
			}
			return []Type{{DType: to, Shape: in[0].Shape}}, nil
		},
		CPU: func(_ Attrs, out, in []engine.Array) { check("Cast", cpu.Copy(out[0], in[0])) },
		Grad: func(_ Builder, c *Call) []Value { // the walk casts to the operand's type
			if t := c.Out[0].Type().DType; !t.IsFloat() && !t.IsComplex() {
				return []Value{nil}
			}
			return []Value{c.DOut[0]}
		},
	})
	Copy = Register(&Def{
		Name: "Copy", CUDA: "x", Doc: "Copy returns x in new storage, row-major. Agrees with torch.clone.",
		Inputs: []string{"x"}, Elementwise: true, Takes: []Kinds{Everything}, Saves: SaveNone,
		Cases: func() []Case { return shapesOf(1, -3, 3, engine.F32, engine.F64, engine.I64, engine.Bool) },
		CPU:   func(_ Attrs, out, in []engine.Array) { check("Copy", cpu.Copy(out[0], in[0])) },
		Grad:  grad1(func(_ Builder, _, _, dy Value) Value { return dy }),
	})
)

func castCases() []Case {
	pairs := [][2]engine.DType{
		{engine.F32, engine.F64},
		{engine.F64, engine.F32},
		{engine.F32, engine.I64},
		{engine.I64, engine.F32},
		{engine.F32, engine.F16},
		{engine.F32, engine.BF16},
		{engine.Bool, engine.F32},
		{engine.I32, engine.Bool},
		{engine.U8, engine.I8},
	}
	var cases []Case
	for _, p := range pairs {
		for _, s := range []engine.Shape{{3, 5}, {}, {0, 4}} {
			cases = append(cases, Case{
				Name: fmt.Sprintf("%v to %v %v", p[0], p[1], s), Attrs: CastAttrs{To: p[1]}, Lo: 1, Hi: 3,
				In: []Type{{DType: p[0], Shape: s}},
			})
		}
	}
	return cases
}
