package op

import (
	"fmt"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// viewing completes and registers an operator whose result is a view of x; the CPU kernel copies it, for
// executors that want results in storage of their own.
func viewing(view func(a Attrs, x engine.Array, out Type) engine.Array, d Def) *Def {
	d.Inputs, d.Saves, d.Takes = []string{"x"}, SaveNone, []Kinds{Everything}
	d.View = func(a Attrs, x engine.Array, out Type) (engine.Array, bool) { return view(a, x, out), true }
	name := d.Name
	d.CPU = func(a Attrs, out, in []engine.Array) {
		check(name, cpu.Copy(out[0], view(a, in[0], Type{DType: out[0].DType, Shape: out[0].Shape})))
	}
	return Register(&d)
}

// forms are cases of shape s in several dtypes.
func forms(name string, a Attrs, s engine.Shape) []Case {
	var cases []Case
	for _, t := range []engine.DType{engine.F32, engine.F64, engine.I64, engine.Bool} {
		cases = append(cases, Case{Name: t.String() + " " + name, Attrs: a, In: []Type{{DType: t, Shape: s}}})
	}
	return cases
}

// Reshape keeps the elements and their row-major order.
var Reshape = Register(&Def{
	Name: "Reshape", Inputs: []string{"x"},
	Doc: "Reshape returns x, read row-major, with shape Shape of as many elements; a view where " +
		"strides allow it. Agrees with torch.reshape.",
	Attrs: ShapeAttrs{}, Takes: []Kinds{Everything}, Saves: SaveNone,
	Rule: func(a Attrs, in []Type) ([]Type, error) {
		s := a.(ShapeAttrs).Shape
		if s.Numel() != in[0].Shape.Numel() {
			return nil, fmt.Errorf("shape %v has %d elements, x has %d", s, s.Numel(), in[0].Shape.Numel())
		}
		return []Type{{DType: in[0].DType, Shape: s}}, nil
	},
	View: func(_ Attrs, x engine.Array, out Type) (engine.Array, bool) { return x.Reshape(out.Shape) },
	CPU: func(_ Attrs, out, in []engine.Array) {
		y, _ := out[0].Reshape(in[0].Shape) // row-major, so there is a view
		check("Reshape", cpu.Copy(y, in[0]))
	},
	Grad: func(b Builder, c *Call) []Value {
		return []Value{reshape(b, c.DOut[0], c.In[0].Type().Shape)}
	},
	Cases: func() []Case {
		return slices.Concat(
			forms("split", ShapeAttrs{Shape: engine.Shape{2, 3, 4}}, engine.Shape{6, 4}),
			forms("join", ShapeAttrs{Shape: engine.Shape{24}}, engine.Shape{2, 3, 4}),
			forms("to scalar", ShapeAttrs{}, engine.Shape{1, 1}),
			forms("empty", ShapeAttrs{Shape: engine.Shape{0, 7}}, engine.Shape{3, 0}))
	},
})

// Views of one operand.
var (
	Permute = viewing(
		func(a Attrs, x engine.Array, _ Type) engine.Array { return x.Permute(a.(PermuteAttrs).Perm...) },
		Def{
			Name: "Permute", Doc: "Permute reorders axes: axis i of the view y is axis Perm[i] of x. " +
				"Agrees with torch.permute.",
			Attrs: PermuteAttrs{}, Rule: permuteRule,
			Grad: func(b Builder, c *Call) []Value {
				perm := c.Attrs.(PermuteAttrs).Perm
				inverse := make([]int, len(perm))
				for i, p := range perm {
					inverse[p] = i
				}
				return b.Apply(prim.permute, PermuteAttrs{Perm: inverse}, c.DOut[0])
			},
			Cases: func() []Case {
				return slices.Concat(
					forms("transpose", PermuteAttrs{Perm: []int{1, 0}}, engine.Shape{3, 5}),
					forms("cycle", PermuteAttrs{Perm: []int{2, 0, 1}}, engine.Shape{2, 3, 4}),
					forms("scalar", PermuteAttrs{}, nil),
					forms("empty", PermuteAttrs{Perm: []int{1, 0}}, engine.Shape{0, 3}))
			},
		})
	Expand = viewing(
		func(_ Attrs, x engine.Array, out Type) engine.Array { return x.Expand(out.Shape) },
		Def{
			Name: "Expand", Doc: "Expand repeats axes of extent 1, and new leading axes, to Shape, " +
				"as a view. Agrees with torch.expand.",
			Attrs: ShapeAttrs{},
			Rule: func(a Attrs, in []Type) ([]Type, error) {
				s := a.(ShapeAttrs).Shape
				if all, err := engine.Broadcast(in[0].Shape, s); err != nil || !all.Equal(s) {
					return nil, fmt.Errorf("x does not expand to %v", s)
				}
				return []Type{{DType: in[0].DType, Shape: s}}, nil
			},
			Grad: grad1(func(_ Builder, _, _, dy Value) Value { return dy }), // the walk sums it
			Cases: func() []Case {
				return slices.Concat(
					forms("rows", ShapeAttrs{Shape: engine.Shape{3, 4}}, engine.Shape{1, 4}),
					forms("new axes", ShapeAttrs{Shape: engine.Shape{2, 3, 4}}, engine.Shape{3, 1}),
					forms("scalar", ShapeAttrs{Shape: engine.Shape{2, 2}}, nil),
					forms("empty", ShapeAttrs{Shape: engine.Shape{2, 0, 3}}, engine.Shape{0, 1}),
					forms("to nothing", ShapeAttrs{Shape: engine.Shape{0, 3}}, engine.Shape{1, 3}))
			},
		})
	Slice = viewing(sliceView, Def{
		Name: "Slice", Doc: "Slice returns the indices Start, Start+Step, … before Stop on every " +
			"axis, as a view. Steps may be negative. Start and Stop lie within the axis. Agrees with " +
			"Go's and NumPy's basic slices.",
		Attrs: SliceAttrs{},
		Rule: func(a Attrs, in []Type) ([]Type, error) {
			s, err := sliced(a.(SliceAttrs), in[0].Shape)
			return []Type{{DType: in[0].DType, Shape: s}}, err
		},
		Grad: func(b Builder, c *Call) []Value {
			a := UnsliceAttrs{SliceAttrs: c.Attrs.(SliceAttrs), Shape: c.In[0].Type().Shape}
			return b.Apply(prim.unslice, a, c.DOut[0])
		},
		Cases: func() []Case {
			return slices.Concat(
				forms("inner", SliceAttrs{Start: []int{1, 2}, Stop: []int{3, 5}, Step: []int{1, 1}},
					engine.Shape{4, 5}),
				forms("steps", SliceAttrs{Start: []int{0, 4}, Stop: []int{4, -1}, Step: []int{3, -2}},
					engine.Shape{4, 5}),
				forms("nothing", SliceAttrs{Start: []int{2}, Stop: []int{2}, Step: []int{1}}, engine.Shape{4}),
				forms("empty", SliceAttrs{Start: []int{0, 1}, Stop: []int{0, 3}, Step: []int{1, 1}},
					engine.Shape{0, 4}))
		},
	})
	Flip = viewing(flipView, Def{
		Name: "Flip", Doc: "Flip reverses the order along Axes (none given: all), as a view. Agrees " +
			"with torch.flip.",
		Attrs: ReduceAttrs{},
		Rule: func(a Attrs, in []Type) ([]Type, error) {
			return in[:1], checkAxes(a.(ReduceAttrs).Axes, len(in[0].Shape))
		},
		Grad: func(b Builder, c *Call) []Value { return b.Apply(prim.flip, c.Attrs, c.DOut[0]) },
		Cases: func() []Case {
			return slices.Concat(
				forms("rows", ReduceAttrs{Axes: []int{0}}, engine.Shape{3, 5}),
				forms("all", ReduceAttrs{}, engine.Shape{3, 5}),
				forms("empty", ReduceAttrs{Axes: []int{1}}, engine.Shape{3, 0}))
		},
	})
)

// Unslice undoes Slice into zeros.
var Unslice = Register(&Def{
	Name: "Unslice", Inputs: []string{"x"},
	Doc: "Unslice returns zeros of Shape with x at the indices that a Slice of the same attributes " +
		"reads: the gradient of Slice.",
	Attrs: UnsliceAttrs{}, Takes: []Kinds{Everything}, Saves: SaveNone,
	Rule: func(a Attrs, in []Type) ([]Type, error) {
		p := a.(UnsliceAttrs)
		s, err := sliced(p.SliceAttrs, p.Shape)
		if err == nil && !s.Equal(in[0].Shape) {
			err = fmt.Errorf("the slice of %v has shape %v, not that of x", p.Shape, s)
		}
		return []Type{{DType: in[0].DType, Shape: p.Shape}}, err
	},
	CPU: func(a Attrs, out, in []engine.Array) {
		check("Unslice", cpu.Fill(out[0], 0))
		check("Unslice", cpu.Copy(sliceView(a.(UnsliceAttrs).SliceAttrs, out[0], Type{}), in[0]))
	},
	Grad: func(b Builder, c *Call) []Value {
		return b.Apply(prim.slice, c.Attrs.(UnsliceAttrs).SliceAttrs, c.DOut[0])
	},
	Cases: func() []Case {
		return slices.Concat(
			forms("inner", UnsliceAttrs{SliceAttrs{Start: []int{1, 0}, Stop: []int{3, 5}, Step: []int{1, 2}}, engine.Shape{4, 5}},
				engine.Shape{2, 3}),
			forms("reversed", UnsliceAttrs{
				SliceAttrs{Start: []int{3}, Stop: []int{-1}, Step: []int{-1}},
				engine.Shape{4},
			},
				engine.Shape{4}),
			forms("empty", UnsliceAttrs{
				SliceAttrs{Start: []int{1}, Stop: []int{1}, Step: []int{1}},
				engine.Shape{3},
			},
				engine.Shape{0}))
	},
})

func permuteRule(a Attrs, in []Type) ([]Type, error) {
	perm, x := a.(PermuteAttrs).Perm, in[0].Shape
	if len(perm) != len(x) {
		return nil, fmt.Errorf("permutation %v has %d axes, x has %d", perm, len(perm), len(x))
	}
	s := make(engine.Shape, len(x))
	var seen uint64
	for i, p := range perm {
		if p < 0 || p >= len(x) || seen>>p&1 == 1 {
			return nil, fmt.Errorf("%v is not a permutation of %d axes", perm, len(x))
		}
		seen |= 1 << p
		s[i] = x[p]
	}
	return []Type{{DType: in[0].DType, Shape: s}}, nil
}

// sliced is the shape of the slice a of a value of shape s.
func sliced(a SliceAttrs, s engine.Shape) (engine.Shape, error) {
	if len(a.Start) != len(s) || len(a.Stop) != len(s) || len(a.Step) != len(s) {
		return nil, fmt.Errorf("want start, stop and step for each of %d axes, got %d, %d and %d",
			len(s), len(a.Start), len(a.Stop), len(a.Step))
	}
	out := make(engine.Shape, len(s))
	for i, n := range s {
		lo, hi, step := a.Start[i], a.Stop[i], a.Step[i]
		switch {
		case step == 0:
			return nil, fmt.Errorf("axis %d: step is 0", i)
		case step > 0 && lo >= 0 && lo <= hi && hi <= n:
			out[i] = (hi - lo + step - 1) / step
		case step < 0 && hi >= -1 && hi <= lo && lo < max(n, 1):
			out[i] = min((lo-hi-step-1)/-step, n)
		default:
			return nil, fmt.Errorf("axis %d: %d to %d by %d leaves the extent %d", i, lo, hi, step, n)
		}
	}
	return out, nil
}

func sliceView(a Attrs, x engine.Array, _ Type) engine.Array {
	p := a.(SliceAttrs)
	x.Shape, x.Strides = x.Shape.Clone(), slices.Clone(x.Strides)
	s, err := sliced(p, x.Shape)
	check("Slice", err)
	for i, step := range p.Step {
		if s[i] > 0 {
			x.Offset += p.Start[i] * x.Strides[i]
		}
		x.Strides[i] *= step
	}
	x.Shape = s
	return x
}

func flipView(a Attrs, x engine.Array, _ Type) engine.Array {
	axes := a.(ReduceAttrs).Axes
	for i, n := range x.Shape {
		if len(axes) == 0 || slices.Contains(axes, i) {
			x = x.Slice(i, n-1, -1, -1)
		}
	}
	return x
}

// Operators that join and extend.
var (
	Concat = Register(&Def{
		Name: "Concat", Inputs: []string{"xs..."},
		Doc:   "Concat joins operands along Axis; all other axes agree. Agrees with torch.cat.",
		Attrs: AxisAttrs{}, Promote: ToCommon, Takes: []Kinds{Everything}, Saves: SaveNone, Rule: concatRule,
		CPU: func(a Attrs, out, in []engine.Array) {
			axis, at := a.(AxisAttrs).Axis, 0
			for _, x := range in {
				n := x.Shape[axis]
				check("Concat", cpu.Copy(out[0].Slice(axis, at, at+n, 1), x))
				at += n
			}
		},
		Grad: func(b Builder, c *Call) []Value {
			g, axis, at := make([]Value, len(c.In)), c.Attrs.(AxisAttrs).Axis, 0
			for i, x := range c.In {
				n := x.Type().Shape[axis]
				if c.Wants(i) {
					g[i] = slice1(b, c.DOut[0], axis, at, at+n)
				}
				at += n
			}
			return g
		},
		Cases: func() []Case { return concatCases() },
	})
	Pad = Register(&Def{
		Name: "Pad", Inputs: []string{"x"},
		Doc: "Pad adds Before[i] and After[i] elements of Value (default 0) around axis i; counts " +
			"are ≥ 0. Agrees with torch.nn.functional.pad, mode constant.",
		Attrs: PadAttrs{}, Takes: []Kinds{Everything}, Saves: SaveNone, Rule: padRule,
		CPU: func(a Attrs, out, in []engine.Array) {
			p := a.(PadAttrs)
			inner := out[0]
			for i, n := range in[0].Shape {
				inner = inner.Slice(i, p.Before[i], p.Before[i]+n, 1)
			}
			if inner.Numel() < out[0].Numel() {
				check("Pad", cpu.Fill(out[0], p.Value))
			}
			check("Pad", cpu.Copy(inner, in[0]))
		},
		Grad: func(b Builder, c *Call) []Value {
			p, s := c.Attrs.(PadAttrs), c.In[0].Type().Shape
			a := wholeSlice(s)
			for i, n := range s {
				a.Start[i], a.Stop[i] = p.Before[i], p.Before[i]+n
			}
			return b.Apply(prim.slice, a, c.DOut[0])
		},
		Cases: func() []Case {
			return slices.Concat(
				forms("frame", PadAttrs{Before: []int{1, 2}, After: []int{0, 3}, Value: 1}, engine.Shape{2, 3}),
				forms("around nothing", PadAttrs{Before: []int{1}, After: []int{2}}, engine.Shape{0}))
		},
	})
)

func concatRule(a Attrs, in []Type) ([]Type, error) {
	axis, err := checkAxis(a, in[0])
	if err != nil {
		return nil, err
	}
	s := in[0].Shape.Clone()
	for _, t := range in[1:] {
		if len(t.Shape) != len(s) {
			return nil, fmt.Errorf("ranks differ, %d and %d", len(s), len(t.Shape))
		}
		for i, n := range t.Shape {
			if i != axis && n != s[i] {
				return nil, fmt.Errorf("axis %d differs, %d and %d", i, s[i], n)
			}
		}
		s[axis] += t.Shape[axis]
	}
	return []Type{{DType: in[0].DType, Shape: s}}, nil
}

func padRule(a Attrs, in []Type) ([]Type, error) {
	p, s := a.(PadAttrs), in[0].Shape.Clone()
	if len(p.Before) != len(s) || len(p.After) != len(s) {
		return nil, fmt.Errorf("want counts for each of %d axes, got %d before and %d after",
			len(s), len(p.Before), len(p.After))
	}
	for i := range s {
		if p.Before[i] < 0 || p.After[i] < 0 {
			return nil, fmt.Errorf("axis %d: counts %d and %d must not be negative", i, p.Before[i],
				p.After[i])
		}
		s[i] += p.Before[i] + p.After[i]
	}
	return []Type{{DType: in[0].DType, Shape: s}}, nil
}

func concatCases() []Case {
	f := func(t engine.DType, s ...int) Type { return Type{DType: t, Shape: s} }
	return []Case{
		{Name: "rows", Attrs: AxisAttrs{}, In: []Type{
			f(engine.F32, 2, 3), f(engine.F32, 1, 3), f(engine.F32, 0, 3),
		}},
		{Name: "columns", Attrs: AxisAttrs{Axis: 1}, In: []Type{f(engine.F64, 2, 3), f(engine.F64, 2, 2)}},
		{Name: "one", Attrs: AxisAttrs{}, In: []Type{f(engine.F64, 4)}},
		{Name: "mixed", Attrs: AxisAttrs{}, In: []Type{f(engine.I64, 2), f(engine.F32, 3)}},
		{Name: "bool", Attrs: AxisAttrs{}, In: []Type{f(engine.Bool, 2), f(engine.Bool, 3)}},
	}
}
