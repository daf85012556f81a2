package op

import (
	"fmt"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// checkAxis wants an axis of t.
func checkAxis(a Attrs, t Type) (int, error) {
	axis := a.(AxisAttrs).Axis
	if axis < 0 || axis >= len(t.Shape) {
		return 0, fmt.Errorf("axis %d is outside rank %d", axis, len(t.Shape))
	}
	return axis, nil
}

// alongAxis is the rule of operators that keep the type and work along one axis.
func alongAxis(a Attrs, in []Type) ([]Type, error) {
	_, err := checkAxis(a, in[0])
	return in[:1], err
}

func axisCases(n int, types ...engine.DType) []Case {
	var cases []Case
	for _, t := range types {
		for _, c := range []struct {
			s    engine.Shape
			axis int
		}{
			{engine.Shape{7}, 0},
			{engine.Shape{3, 5}, 1},
			{engine.Shape{3, 5}, 0},
			{engine.Shape{2, 3, 4}, 1},
			{engine.Shape{2, 131}, 1},
			{engine.Shape{0, 3}, 1},
		} {
			k := Case{Name: fmt.Sprintf("%v%v axis %d", t, c.s, c.axis), Attrs: AxisAttrs{Axis: c.axis}}
			for range n {
				k.In = append(k.In, Type{DType: t, Shape: c.s})
			}
			cases = append(cases, k)
		}
	}
	return cases
}

// position completes and registers an operator that finds an index along an axis.
func position(run func(dst, x engine.Array, axis int) error, name, doc string) *Def {
	return Register(&Def{
		Name: name, Doc: doc, Inputs: []string{"x"}, Attrs: AxisAttrs{}, Takes: []Kinds{Numbers},
		Cases: func() []Case { return axisCases(1, engine.F32, engine.F64, engine.I64) },
		Rule: func(a Attrs, in []Type) ([]Type, error) {
			axis, err := checkAxis(a, in[0])
			if err != nil {
				return nil, err
			}
			s := in[0].Shape
			if s[axis] == 0 {
				return nil, fmt.Errorf("axis %d is empty", axis)
			}
			return []Type{{DType: engine.I64, Shape: slices.Delete(s.Clone(), axis, axis+1)}}, nil
		},
		CPU: func(a Attrs, out, in []engine.Array) { check(name, run(out[0], in[0], a.(AxisAttrs).Axis)) },
	})
}

// Operators along one axis.
var (
	ArgMax = position(cpu.ArgMax, "ArgMax", "ArgMax returns the index (i64) of the largest element "+
		"along Axis, which is dropped; the first of equals, NaN before any number. Agrees with "+
		"torch.argmax.")
	ArgMin = position(cpu.ArgMin, "ArgMin", "ArgMin returns the index (i64) of the smallest element "+
		"along Axis, which is dropped; the first of equals, NaN before any number. Agrees with "+
		"torch.argmin.")

	CumSum = Register(&Def{
		Name: "CumSum", Doc: "CumSum returns the sums of x up to and including each element along " +
			"Axis. Integers and bool give i64. Agrees with torch.cumsum.",
		Inputs: []string{"x"}, Attrs: AxisAttrs{}, Takes: []Kinds{Everything}, Saves: SaveNone,
		Cases: func() []Case { return axisCases(1, engine.F32, engine.F64, engine.I32, engine.Bool) },
		Tol:   Tolerance{Rel32: 1e-5, Reason: "the order of the additions is free"},
		Rule: func(a Attrs, in []Type) ([]Type, error) {
			_, err := checkAxis(a, in[0])
			return []Type{{DType: wide(in[0].DType), Shape: in[0].Shape}}, err
		},
		CPU: func(a Attrs, out, in []engine.Array) {
			check("CumSum", cpu.CumSum(out[0], in[0], a.(AxisAttrs).Axis))
		},
		Grad: func(b Builder, c *Call) []Value { // sums from the other end
			turn := ReduceAttrs{Axes: []int{c.Attrs.(AxisAttrs).Axis}}
			sums := b.Apply(prim.cumSum, c.Attrs, b.Apply(prim.flip, turn, c.DOut[0])[0])[0]
			return []Value{b.Apply(prim.flip, turn, sums)[0]}
		},
	})
)

// normalizer completes and registers a member of the softmax family.
func normalizer(run func(dst, x engine.Array, axis int) error, grad **Def, d Def) *Def {
	d.Inputs, d.Attrs, d.Rule, d.Saves = []string{"x"}, AxisAttrs{}, alongAxis, SaveOut
	d.Promote, d.Takes = ToFloat, []Kinds{Floats}
	d.Cases = func() []Case { return axisCases(1, engine.F32, engine.F64) }
	d.Tol = Tolerance{Rel32: 4e-6, Reason: "rounding of exp and of the sum"}
	name := d.Name
	d.CPU = func(a Attrs, out, in []engine.Array) { check(name, run(out[0], in[0], a.(AxisAttrs).Axis)) }
	d.Grad = func(b Builder, c *Call) []Value { return b.Apply(*grad, c.Attrs, c.DOut[0], c.Out[0]) }
	return Register(&d)
}

// normalizerGrad completes and registers the gradient kernel of a member of the softmax family.
// forDY and forY give the gradient of its operands.
func normalizerGrad(
	run func(dx, dy, y engine.Array, axis int) error, d Def,
	forDY, forY func(b Builder, axis int, g, dy, y Value) Value,
) *Def {
	d.Inputs, d.Outputs, d.Attrs = []string{"dy", "y"}, []string{"dx"}, AxisAttrs{}
	d.Promote, d.Takes, d.Saves = ToFloat, []Kinds{Floats}, SaveIn
	d.Cases = func() []Case { return axisCases(2, engine.F32, engine.F64) }
	d.Tol = Tolerance{Rel32: 1e-5, Reason: "the difference to the sum cancels"}
	d.Rule = func(a Attrs, in []Type) ([]Type, error) {
		if !in[0].Shape.Equal(in[1].Shape) {
			return nil, fmt.Errorf("shapes differ")
		}
		return alongAxis(a, in)
	}
	name := d.Name
	d.CPU = func(a Attrs, out, in []engine.Array) {
		check(name, run(out[0], in[0], in[1], a.(AxisAttrs).Axis))
	}
	d.Grad = func(b Builder, c *Call) []Value {
		g, axis := make([]Value, 2), c.Attrs.(AxisAttrs).Axis
		if c.Wants(0) {
			g[0] = forDY(b, axis, c.DOut[0], c.In[0], c.In[1])
		}
		if c.Wants(1) {
			g[1] = forY(b, axis, c.DOut[0], c.In[0], c.In[1])
		}
		return g
	}
	return Register(&d)
}

// The softmax family.
var (
	Softmax = normalizer(cpu.Softmax, &prim.softmaxGrad, Def{
		Name: "Softmax", Doc: "Softmax returns eˣ / Σ eˣ along Axis; the largest element is " +
			"subtracted first. Agrees with torch.softmax.",
	})
	LogSoftmax = normalizer(cpu.LogSoftmax, &prim.logSoftmaxGrad, Def{
		Name: "LogSoftmax", Doc: "LogSoftmax returns x − log Σ eˣ along Axis; the largest element is " +
			"subtracted first. Agrees with torch.log_softmax.",
	})
	SoftmaxGrad = normalizerGrad(cpu.SoftmaxGrad, Def{
		Name: "SoftmaxGrad", Doc: "SoftmaxGrad is the gradient kernel of Softmax: dx = y(dy − Σ dy·y).",
	},
		func(b Builder, axis int, g, _, y Value) Value {
			return b.Apply(prim.softmaxGrad, AxisAttrs{Axis: axis}, g, y)[0]
		},
		func(b Builder, axis int, g, dy, y Value) Value {
			direct := mul(b, g, sub(b, dy, sumKeep(b, mul(b, dy, y), axis)))
			return sub(b, direct, mul(b, dy, sumKeep(b, mul(b, g, y), axis)))
		})
	LogSoftmaxGrad = normalizerGrad(cpu.LogSoftmaxGrad, Def{
		Name: "LogSoftmaxGrad", Doc: "LogSoftmaxGrad is the gradient kernel of LogSoftmax: dx = dy − " +
			"eʸ Σ dy.",
	},
		func(b Builder, axis int, g, _, y Value) Value {
			return sub(b, g, sumKeep(b, mul(b, g, exp(b, y)), axis))
		},
		func(b Builder, axis int, g, dy, y Value) Value {
			return neg(b, mul(b, mul(b, g, exp(b, y)), sumKeep(b, dy, axis)))
		})
)
