package op

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// SortAttrs name the axis and the direction of a sort.
type SortAttrs struct {
	Axis       int
	Descending bool
}

// TopKAttrs name the axis and how many elements are wanted from which end.
type TopKAttrs struct {
	Axis, K  int
	Smallest bool
}

// backToIndex is the gradient of a selection along axis whose second result are the indices.
func backToIndex(axis func(a Attrs) int) func(Builder, *Call) []Value {
	return func(b Builder, c *Call) []Value {
		if c.DOut[0] == nil {
			return []Value{nil}
		}
		zero := b.Const(c.In[0].Type(), 0)
		a := AxisAttrs{Axis: axis(c.Attrs)}
		return b.Apply(prim.scatterAdd, a, zero, c.Out[1], c.DOut[0])
	}
}

// Selections by size.
var (
	Sort = Register(&Def{
		Name: "Sort", Inputs: []string{"x"}, Outputs: []string{"values", "index"},
		Doc: "Sort orders x along Axis, ascending or Descending, and returns where each element stood " +
			"(i64). Stable; NaN is greater than any number. Agrees with torch.sort.",
		Attrs: SortAttrs{}, Takes: []Kinds{AllKinds}, Saves: SaveOut1,
		Rule: func(a Attrs, in []Type) ([]Type, error) {
			_, err := checkAxis(AxisAttrs{Axis: a.(SortAttrs).Axis}, in[0])
			return []Type{in[0], {DType: engine.I64, Shape: in[0].Shape}}, err
		},
		CPU: func(a Attrs, out, in []engine.Array) {
			p := a.(SortAttrs)
			check("Sort", cpu.Sort(out[0], out[1], in[0], p.Axis, p.Descending))
		},
		Grad: backToIndex(func(a Attrs) int { return a.(SortAttrs).Axis }),
		Cases: func() []Case {
			return sizeCases(axisCases(1, engine.F32, engine.F64, engine.I64), func(axis, i int) Attrs {
				return SortAttrs{Axis: axis, Descending: i%2 == 1}
			})
		},
	})
	TopK = Register(&Def{
		Name: "TopK", Inputs: []string{"x"}, Outputs: []string{"values", "index"},
		Doc: "TopK returns the K largest (or Smallest) elements along Axis in order, and where they " +
			"stood (i64). NaN is greater than any number. Agrees with torch.topk.",
		Attrs: TopKAttrs{}, Takes: []Kinds{Numbers}, Saves: SaveOut1,
		Rule: func(a Attrs, in []Type) ([]Type, error) {
			p := a.(TopKAttrs)
			axis, err := checkAxis(AxisAttrs{Axis: p.Axis}, in[0])
			if err != nil {
				return nil, err
			}
			s := in[0].Shape.Clone()
			if p.K < 0 || p.K > s[axis] {
				return nil, fmt.Errorf("k is %d, axis %d has %d elements", p.K, axis, s[axis])
			}
			s[axis] = p.K
			return []Type{{DType: in[0].DType, Shape: s}, {DType: engine.I64, Shape: s}}, nil
		},
		CPU: func(a Attrs, out, in []engine.Array) {
			p := a.(TopKAttrs)
			if p.K == 0 {
				return
			}
			check("TopK", cpu.TopK(out[0], out[1], in[0], p.Axis, !p.Smallest))
		},
		Grad: backToIndex(func(a Attrs) int { return a.(TopKAttrs).Axis }),
		Cases: func() []Case {
			return sizeCases(axisCases(1, engine.F32, engine.F64, engine.I64), func(axis, i int) Attrs {
				return TopKAttrs{Axis: axis, K: 1 + i%3, Smallest: i%2 == 1}
			})
		},
	})
)

// sizeCases replaces the attributes of cases along an axis.
func sizeCases(cases []Case, f func(axis, i int) Attrs) []Case {
	for i, c := range cases {
		cases[i].Attrs = f(c.Attrs.(AxisAttrs).Axis, i)
	}
	return cases
}
