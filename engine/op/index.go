package op

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

var valueAndIndex = []Kinds{Everything, Ints, Everything}

// Selection by integer indices. Indices are i64 or i32 and count from 0; negative ones are out of range.
var (
	Gather = Register(&Def{
		Name: "Gather", Inputs: []string{"x", "index"},
		Doc: "Gather picks elements of x along Axis: y[i, j, k] = x[i, index[i, j, k], k] for Axis " +
			"1.\n" +
			"index has the rank of x and no axis longer than x's, except Axis; y has the shape of " +
			"index. Panics when an index is out of range. Agrees with torch.gather.",
		Attrs: AxisAttrs{}, Takes: valueAndIndex, Saves: SaveIn1,
		Cases: func() []Case { return gatherCases(false) },
		Rule: func(a Attrs, in []Type) ([]Type, error) {
			if err := checkGather(a, in[0], in[1]); err != nil {
				return nil, err
			}
			return []Type{{DType: in[0].DType, Shape: in[1].Shape}}, nil
		},
		CPU: func(a Attrs, out, in []engine.Array) {
			check("Gather", cpu.Gather(out[0], in[0], in[1], a.(AxisAttrs).Axis))
		},
		Grad: func(b Builder, c *Call) []Value {
			zero := b.Const(c.In[0].Type(), 0)
			return []Value{b.Apply(prim.scatterAdd, c.Attrs, zero, c.In[1], c.DOut[0])[0], nil}
		},
	})
	ScatterAdd = Register(&Def{
		Name: "ScatterAdd", Inputs: []string{"x", "index", "src"},
		Doc: "ScatterAdd returns x with elements of src added: y[i, index[i, j, k], k] += src[i, j, " +
			"k] for Axis 1.\n" +
			"src has the shape of index. Equal indices add up. Panics when an index is out of range. " +
			"Agrees with torch.scatter_add.",
		Attrs: AxisAttrs{}, Takes: []Kinds{Numbers | Complexes, Ints, Numbers | Complexes}, Saves: SaveIn1,
		Cases: func() []Case { return gatherCases(true) },
		Rule: func(a Attrs, in []Type) ([]Type, error) {
			if err := checkGather(a, in[0], in[1]); err != nil {
				return nil, err
			}
			return addInto(in, in[1].Shape)
		},
		CPU: func(a Attrs, out, in []engine.Array) {
			check("ScatterAdd", cpu.Copy(out[0], in[0]))
			check("ScatterAdd", cpu.ScatterAdd(out[0], in[1], in[2], a.(AxisAttrs).Axis))
		},
		Grad: func(b Builder, c *Call) []Value {
			g := []Value{c.DOut[0], nil, nil}
			if c.Wants(2) {
				g[2] = b.Apply(prim.gather, c.Attrs, c.DOut[0], c.In[1])[0]
			}
			return g
		},
	})
	IndexSelect = Register(&Def{
		Name: "IndexSelect", Inputs: []string{"x", "index"},
		Doc: "IndexSelect picks whole slices of x along Axis; index may have any rank, and its axes " +
			"replace Axis. Panics when an index is out of range. Agrees with torch.index_select, and " +
			"for Axis 0 with torch.nn.functional.embedding.",
		Attrs: AxisAttrs{}, Takes: valueAndIndex, Saves: SaveIn1,
		Cases: func() []Case { return selectCases(false) },
		Rule: func(a Attrs, in []Type) ([]Type, error) {
			axis, err := checkAxis(a, in[0])
			if err != nil {
				return nil, err
			}
			return []Type{{DType: in[0].DType, Shape: selected(in[0].Shape, in[1].Shape, axis)}}, nil
		},
		CPU: func(a Attrs, out, in []engine.Array) {
			check("IndexSelect", cpu.IndexSelect(out[0], in[0], in[1], a.(AxisAttrs).Axis))
		},
		Grad: func(b Builder, c *Call) []Value {
			zero := b.Const(c.In[0].Type(), 0)
			return []Value{b.Apply(prim.indexAdd, c.Attrs, zero, c.In[1], c.DOut[0])[0], nil}
		},
	})
	IndexAdd = Register(&Def{
		Name: "IndexAdd", Inputs: []string{"x", "index", "src"},
		Doc: "IndexAdd returns x with slices of src added along Axis at index; src has the shape " +
			"that IndexSelect gives. Equal indices add up. Panics when an index is out of range. " +
			"Agrees with torch.index_add.",
		Attrs: AxisAttrs{}, Takes: []Kinds{Numbers | Complexes, Ints, Numbers | Complexes}, Saves: SaveIn1,
		Cases: func() []Case { return selectCases(true) },
		Rule: func(a Attrs, in []Type) ([]Type, error) {
			axis, err := checkAxis(a, in[0])
			if err != nil {
				return nil, err
			}
			return addInto(in, selected(in[0].Shape, in[1].Shape, axis))
		},
		CPU: func(a Attrs, out, in []engine.Array) {
			check("IndexAdd", cpu.Copy(out[0], in[0]))
			check("IndexAdd", cpu.IndexAdd(out[0], in[1], in[2], a.(AxisAttrs).Axis))
		},
		Grad: func(b Builder, c *Call) []Value {
			g := []Value{c.DOut[0], nil, nil}
			if c.Wants(2) {
				g[2] = b.Apply(prim.indexSelect, c.Attrs, c.DOut[0], c.In[1])[0]
			}
			return g
		},
	})
)

func checkGather(a Attrs, x, index Type) error {
	axis, err := checkAxis(a, x)
	if err != nil {
		return err
	}
	if len(index.Shape) != len(x.Shape) {
		return fmt.Errorf("index has rank %d, x has rank %d", len(index.Shape), len(x.Shape))
	}
	for i, n := range index.Shape {
		if i != axis && n > x.Shape[i] {
			return fmt.Errorf("index is longer than x on axis %d, %d and %d", i, n, x.Shape[i])
		}
	}
	return nil
}

// addInto is the result of adding src, which must have shape s, into x.
func addInto(in []Type, s engine.Shape) ([]Type, error) {
	if !in[2].Shape.Equal(s) {
		return nil, fmt.Errorf("src must have shape %v", s)
	}
	if in[2].DType != in[0].DType {
		return nil, fmt.Errorf("src must have the dtype of x")
	}
	return in[:1], nil
}

func selected(x, index engine.Shape, axis int) engine.Shape {
	s := make(engine.Shape, 0, len(x)+len(index)-1)
	s = append(append(s, x[:axis]...), index...)
	return append(s, x[axis+1:]...)
}

// indexCases builds cases of x and index, with a third operand of the shape that src returns when add.
func indexCases(add bool, x, index engine.Shape, axis int, values []float64, src engine.Shape) []Case {
	var cases []Case
	for _, t := range []engine.DType{engine.F32, engine.F64, engine.I64} {
		c := Case{
			Name: fmt.Sprintf("%v%v at %v axis %d", t, x, index, axis), Attrs: AxisAttrs{Axis: axis},
			In:   []Type{{DType: t, Shape: x}, {DType: engine.I64, Shape: index}},
			Data: [][]float64{nil, values}, Lo: -3, Hi: 3,
		}
		if add {
			c.In, c.Data = append(c.In, Type{DType: t, Shape: src}), append(c.Data, nil)
		}
		cases = append(cases, c)
	}
	return cases
}

func gatherCases(add bool) []Case {
	x, i := engine.Shape{3, 4}, engine.Shape{2, 4}
	cases := indexCases(add, x, i, 0, []float64{0, 2, 2, 1, 1, 2, 0, 1}, i)
	i = engine.Shape{2, 5}
	cases = append(cases, indexCases(add, x, i, 1, []float64{3, 3, 0, 1, 2, 0, 0, 0, 0, 1}, i)...)
	i = engine.Shape{0, 4}
	return append(cases, indexCases(add, x, i, 0, []float64{}, i)...)
}

func selectCases(add bool) []Case {
	x := engine.Shape{4, 3}
	cases := indexCases(add, x, engine.Shape{5}, 0, []float64{0, 2, 2, 1, 3}, engine.Shape{5, 3})
	cases = append(cases, indexCases(add, x, engine.Shape{2}, 1, []float64{2, 0}, engine.Shape{4, 2})...)
	cases = append(cases, indexCases(add, x, engine.Shape{2, 2}, 0, []float64{1, 0, 3, 1},
		engine.Shape{2, 2, 3})...)
	cases = append(cases, indexCases(add, x, engine.Shape{}, 0, []float64{2}, engine.Shape{3})...)
	return append(cases, indexCases(add, x, engine.Shape{0}, 0, []float64{}, engine.Shape{0, 3})...)
}
