package op

import (
	"fmt"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// reduced is the shape of s after the reduction a; axes are checked.
func reduced(a ReduceAttrs, s engine.Shape) (engine.Shape, error) {
	if err := checkAxes(a.Axes, len(s)); err != nil {
		return nil, err
	}
	out := make(engine.Shape, 0, len(s))
	for i, n := range s {
		switch gone := len(a.Axes) == 0 || slices.Contains(a.Axes, i); {
		case !gone:
			out = append(out, n)
		case a.Keep:
			out = append(out, 1)
		}
	}
	return out, nil
}

// checkAxes wants ascending axes of a value of the given rank.
func checkAxes(axes []int, rank int) error {
	for i, ax := range axes {
		if ax < 0 || ax >= rank || i > 0 && ax <= axes[i-1] {
			return fmt.Errorf("axes %v are not distinct ascending axes of rank %d", axes, rank)
		}
	}
	return nil
}

// checkFilled refuses to reduce no elements where the reduction has no neutral element.
func checkFilled(a ReduceAttrs, s engine.Shape) error {
	for i, n := range s {
		if n == 0 && (len(a.Axes) == 0 || slices.Contains(a.Axes, i)) {
			return fmt.Errorf("axis %d is empty and an empty reduction has no value", i)
		}
	}
	return nil
}

// reduction completes and registers a reduction; to gives the result dtype.
func reduction(
	run func(dst, x engine.Array, axes []int) error, to func(engine.DType) engine.DType, d Def,
) *Def {
	d.Inputs, d.Attrs = []string{"x"}, ReduceAttrs{}
	if d.Cases == nil {
		d.Cases = func() []Case { return reduceCases(engine.F32, engine.F64) }
	}
	inner := d.Rule
	d.Rule = func(a Attrs, in []Type) ([]Type, error) {
		s, err := reduced(a.(ReduceAttrs), in[0].Shape)
		if err == nil && inner != nil {
			_, err = inner(a, in)
		}
		return []Type{{DType: to(in[0].DType), Shape: s}}, err
	}
	name := d.Name
	d.CPU = func(a Attrs, out, in []engine.Array) {
		check(name, run(out[0], in[0], a.(ReduceAttrs).Axes))
	}
	return Register(&d)
}

func nonEmpty(a Attrs, in []Type) ([]Type, error) {
	return nil, checkFilled(a.(ReduceAttrs), in[0].Shape)
}

func same(t engine.DType) engine.DType { return t }

// wide is the type in which sums and products of counts are exact.
func wide(t engine.DType) engine.DType {
	if Counts.Has(t) {
		return engine.I64
	}
	return t
}

func boolean(engine.DType) engine.DType { return engine.Bool }

func reduceCases(types ...engine.DType) []Case {
	var cases []Case
	for _, t := range types {
		for _, c := range []struct {
			name string
			s    engine.Shape
			a    ReduceAttrs
		}{
			{"all", engine.Shape{3, 5}, ReduceAttrs{}},
			{"rows", engine.Shape{3, 5}, ReduceAttrs{Axes: []int{1}}},
			{"columns", engine.Shape{3, 5}, ReduceAttrs{Axes: []int{0}, Keep: true}},
			{"outer and inner", engine.Shape{3, 4, 5}, ReduceAttrs{Axes: []int{0, 2}}},
			{"long", engine.Shape{2, 131}, ReduceAttrs{Axes: []int{1}, Keep: true}},
			{"scalar", nil, ReduceAttrs{}},
			{"empty result", engine.Shape{0, 3}, ReduceAttrs{Axes: []int{1}}},
		} {
			cases = append(cases, Case{
				Name: t.String() + " " + c.name, Attrs: c.a, In: []Type{{DType: t, Shape: c.s}},
			})
		}
	}
	return cases
}

// kept is the shape of x's reduction with the reduced axes as 1, so that it broadcasts against x.
func kept(c *Call) engine.Shape {
	a := c.Attrs.(ReduceAttrs)
	a.Keep = true
	s, _ := reduced(a, c.In[0].Type().Shape) // the forward pass checked the axes
	return s
}

// Reductions over axes.
var (
	Sum = reduction(cpu.Sum, wide, Def{
		Name: "Sum", Doc: "Sum adds up x over Axes (none given: all). Integers and bool give i64. An " +
			"empty sum is 0. Agrees with torch.sum.",
		Takes: []Kinds{Everything}, Saves: SaveNone,
		Cases: func() []Case { return reduceCases(engine.F32, engine.F64, engine.I32, engine.Bool) },
		Tol:   Tolerance{Rel32: 1e-5, Reason: "the order of the additions is free"},
		Grad: func(b Builder, c *Call) []Value {
			return []Value{expand(b, reshape(b, c.DOut[0], kept(c)), c.In[0].Type().Shape)}
		},
	})
	Prod = reduction(cpu.Prod, wide, Def{
		Name: "Prod", Doc: "Prod multiplies x over Axes (none given: all). Integers and bool give " +
			"i64. An empty product is 1. The gradient is exact where factors are 0. Agrees with " +
			"torch.prod.",
		Saves: SaveIn, Cases: func() []Case {
			return append(reduceCases(engine.F32, engine.F64, engine.I32),
				Case{
					Name: "with zeros", In: []Type{{DType: engine.F64, Shape: engine.Shape{3, 4}}},
					Attrs: ReduceAttrs{Axes: []int{1}},
					Data:  [][]float64{{0, 2, 3, 4, 0, 0, 3, 4, 1, 2, 3, -4}},
				})
		},
		Tol:  Tolerance{Rel32: 1e-5, Rel64: 1e-11, Reason: "the order of the multiplications is free"},
		Grad: prodGrad,
	})
	Max = reduction(cpu.Max, same, Def{
		Name: "Max", Doc: "Max returns the largest element over Axes (none given: all); NaN where " +
			"there is one. Equal largest elements share the gradient evenly. Agrees with torch.amax.",
		Takes: []Kinds{Numbers}, Saves: SaveAll, Rule: nonEmpty, Grad: extremeGrad,
		Cases: func() []Case { return reduceCases(engine.F32, engine.F64, engine.I64) },
	})
	Min = reduction(cpu.Min, same, Def{
		Name: "Min", Doc: "Min returns the smallest element over Axes (none given: all); NaN where " +
			"there is one. Equal smallest elements share the gradient evenly. Agrees with " +
			"torch.amin.",
		Takes: []Kinds{Numbers}, Saves: SaveAll, Rule: nonEmpty, Grad: extremeGrad,
		Cases: func() []Case { return reduceCases(engine.F32, engine.F64, engine.I64) },
	})
	All = reduction(cpu.All, boolean, Def{
		Name: "All", Doc: "All is true where every element over Axes (none given: all) is not 0; NaN " +
			"is not 0. Has no gradient. Agrees with torch.all.",
		Cases: func() []Case { return reduceCases(engine.Bool, engine.F32, engine.I64) },
	})
	Any = reduction(cpu.Any, boolean, Def{
		Name: "Any", Doc: "Any is true where some element over Axes (none given: all) is not 0; NaN " +
			"is not 0. Has no gradient. Agrees with torch.any.",
		Cases: func() []Case { return reduceCases(engine.Bool, engine.F32, engine.I64) },
	})
	LogSumExp = reduction(cpu.LogSumExp, same, Def{
		Name: "LogSumExp", Doc: "LogSumExp returns log Σ eˣ over Axes (none given: all), without " +
			"overflow. Agrees with torch.logsumexp.",
		Promote: ToFloat, Takes: []Kinds{Floats}, Saves: SaveAll,
		Tol: Tolerance{Rel32: 4e-6, Reason: "rounding of the sum and of exp"},
		Grad: func(b Builder, c *Call) []Value {
			s := kept(c)
			share := exp(b, sub(b, c.In[0], reshape(b, c.Out[0], s)))
			return []Value{mul(b, reshape(b, c.DOut[0], s), share)}
		},
	})
)

// extremeGrad shares the gradient among the elements that equal the result.
func extremeGrad(b Builder, c *Call) []Value {
	s, x := kept(c), c.In[0]
	hit := b.Apply(prim.cast, CastAttrs{To: x.Type().DType},
		b.Apply(prim.eq, nil, x, reshape(b, c.Out[0], s))[0])[0]
	a := c.Attrs.(ReduceAttrs)
	a.Keep = true
	count := b.Apply(prim.sum, a, hit)[0]
	return []Value{mul(b, div(b, reshape(b, c.DOut[0], s), count), hit)}
}

// prodGrad multiplies the gradient by the product of the other factors. These products are made of
// multiplications alone, from both sides, so that factors of 0 need no special case at any order.
func prodGrad(b Builder, c *Call) []Value {
	a, x := c.Attrs.(ReduceAttrs), c.In[0]
	s := x.Type().Shape
	var outer, inner []int // axes that stay, axes that are multiplied
	n := 1
	for i, d := range s {
		if len(a.Axes) == 0 || slices.Contains(a.Axes, i) {
			inner, n = append(inner, i), n*d
		} else {
			outer = append(outer, i)
		}
	}
	perm := append(outer, inner...)
	moved := b.Apply(prim.permute, PermuteAttrs{Perm: perm}, x)[0]
	ms := moved.Type().Shape
	rows := reshape(b, moved, engine.Shape{ms[:len(outer)].Numel(), n})
	others := mul(b, scan(b, rows, 1), scan(b, rows, -1))
	inverse := make([]int, len(perm))
	for i, p := range perm {
		inverse[p] = i
	}
	back := b.Apply(prim.permute, PermuteAttrs{Perm: inverse}, reshape(b, others, ms))[0]
	return []Value{mul(b, reshape(b, c.DOut[0], kept(c)), back)}
}

// scan returns, for each element of rows [m n], the product of the elements before it (dir 1) or after it
// (dir −1) in its row, by doubling.
func scan(b Builder, rows Value, dir int) Value {
	n := rows.Type().Shape[1]
	y := shift(b, rows, dir)
	for d := 1; d < n; d *= 2 {
		y = mul(b, y, shift(b, y, d*dir))
	}
	return y
}

// shift moves rows [m n] by d places to the right (left where d < 0) and fills with 1.
func shift(b Builder, rows Value, d int) Value {
	n := rows.Type().Shape[1]
	keep := max(n-max(d, -d), 0)
	before, after, start := n-keep, 0, 0
	if d < 0 {
		before, after, start = 0, n-keep, n-keep
	}
	rest := slice1(b, rows, 1, start, start+keep)
	return b.Apply(prim.pad, PadAttrs{Before: []int{0, before}, After: []int{0, after}, Value: 1}, rest)[0]
}
