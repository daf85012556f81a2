package op

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

func (a PoolAttrs) spec() cpu.PoolSpec {
	return cpu.PoolSpec{
		Kernel: a.Kernel, Stride: a.Stride, Padding: a.Padding, Dilation: a.Dilation,
		Ceil: a.Ceil, CountIncludePad: !a.ExcludePad, Divisor: a.Divisor,
	}
}

func poolRule(a Attrs, in []Type) (Type, error) {
	s, err := a.(PoolAttrs).spec().Out(in[0].Shape)
	return Type{DType: in[0].DType, Shape: s}, err
}

// Pooling over the trailing spatial axes (1 to 3, as many as Kernel has), and its gradients.
var (
	MaxPool = Register(&Def{
		Name: "MaxPool", Inputs: []string{"x"}, Outputs: []string{"y", "index"},
		Doc: "MaxPool returns the largest element of each window, and where it lies.\n" +
			"x: [n c spatial…] → y, index (i64, flat within the spatial axes): [n c windows…]. NaN " +
			"counts as largest, the first of equals wins, padding never does. Stride is Kernel by " +
			"default. Agrees with torch.nn.functional.max_pool2d.",
		Attrs: PoolAttrs{}, Takes: []Kinds{Floats}, Saves: SaveOut1,
		Cases: func() []Case { return poolCases() },
		Rule: func(a Attrs, in []Type) ([]Type, error) {
			y, err := poolRule(a, in)
			return []Type{y, {DType: engine.I64, Shape: y.Shape}}, err
		},
		ChannelsLast: like(0),
		CPU: func(a Attrs, out, in []engine.Array) {
			check("MaxPool", cpu.MaxPool(out[0], out[1], in[0], a.(PoolAttrs).spec()))
		},
		Grad: func(b Builder, c *Call) []Value {
			a := ShapeAttrs{Shape: c.In[0].Type().Shape}
			return b.Apply(prim.maxPoolGrad, a, c.DOut[0], c.Out[1])
		},
	})
	MaxPoolGrad = Register(&Def{
		Name: "MaxPoolGrad", Inputs: []string{"dy", "index"}, Outputs: []string{"dx"},
		Doc:   "MaxPoolGrad is the gradient of MaxPool: it adds each dy at its index into zeros of Shape.",
		Attrs: ShapeAttrs{}, Takes: []Kinds{Floats, Ints}, Saves: SaveIn1, Rule: maxPoolGradRule,
		Cases: func() []Case {
			return []Case{
				{
					Name: "2×2", Attrs: ShapeAttrs{Shape: engine.Shape{1, 2, 2, 4}},
					In: []Type{
						{DType: engine.F64, Shape: engine.Shape{1, 2, 1, 2}},
						{DType: engine.I64, Shape: engine.Shape{1, 2, 1, 2}},
					},
					Data: [][]float64{nil, {5, 2, 0, 0}},
				},
				{
					Name: "no rows", Attrs: ShapeAttrs{Shape: engine.Shape{0, 2, 4}},
					In: []Type{
						{DType: engine.F32, Shape: engine.Shape{0, 2, 2}},
						{DType: engine.I64, Shape: engine.Shape{0, 2, 2}},
					},
				},
			}
		},
		ChannelsLast: like(1),
		CPU: func(_ Attrs, out, in []engine.Array) {
			index := in[1]
			if index.DType != engine.I64 {
				index = engine.NewArray(engine.I64, in[1].Shape)
				check("MaxPoolGrad", cpu.Copy(index, in[1]))
			}
			check("MaxPoolGrad", cpu.MaxPoolGrad(out[0], in[0], index))
		},
		Grad: func(b Builder, c *Call) []Value {
			s, dx := c.In[1].Type().Shape, c.DOut[0]
			plane := func(v Value) Value {
				s := v.Type().Shape
				return reshape(b, v, engine.Shape{s[0], s[1], s[2:].Numel()})
			}
			g := b.Apply(prim.gather, AxisAttrs{Axis: 2}, plane(dx), plane(c.In[1]))[0]
			return []Value{reshape(b, g, s), nil}
		},
	})
	AvgPool = Register(&Def{
		Name: "AvgPool", Inputs: []string{"x"},
		Doc: "AvgPool returns the mean of each window.\n" +
			"x: [n c spatial…] → [n c windows…]. Padding counts as zeros unless ExcludePad. Stride " +
			"is Kernel by default. Agrees with torch.nn.functional.avg_pool2d.",
		Attrs: PoolAttrs{}, Takes: []Kinds{Floats}, Saves: SaveNone,
		Cases: func() []Case { return poolCases() },
		Tol:   Tolerance{Rel32: 4e-6, Reason: "the order of the additions is free"},
		Rule: func(a Attrs, in []Type) ([]Type, error) {
			y, err := poolRule(a, in)
			return []Type{y}, err
		},
		CPU: func(a Attrs, out, in []engine.Array) {
			check("AvgPool", cpu.AvgPool(out[0], in[0], a.(PoolAttrs).spec()))
		},
		Grad: func(b Builder, c *Call) []Value {
			a := c.Attrs.(PoolAttrs)
			a.Shape = c.In[0].Type().Shape
			return b.Apply(prim.avgPoolGrad, a, c.DOut[0])
		},
	})
	AvgPoolGrad = Register(&Def{
		Name: "AvgPoolGrad", Inputs: []string{"dy"}, Outputs: []string{"dx"},
		Doc: "AvgPoolGrad is the gradient of AvgPool: it spreads each dy evenly over its window. " +
			"Shape is that of the pooled input.",
		Attrs: PoolAttrs{}, Takes: []Kinds{Floats}, Saves: SaveNone,
		Cases: func() []Case { return avgPoolGradCases() },
		Tol:   Tolerance{Rel32: 4e-6, Reason: "the order of the additions is free"},
		Rule: func(a Attrs, in []Type) ([]Type, error) {
			p := a.(PoolAttrs)
			s, err := p.spec().Out(p.Shape)
			if err == nil && !s.Equal(in[0].Shape) {
				err = fmt.Errorf("attribute Shape %v gives %v, not the shape of dy", p.Shape, s)
			}
			return []Type{{DType: in[0].DType, Shape: p.Shape}}, err
		},
		CPU: func(a Attrs, out, in []engine.Array) {
			check("AvgPoolGrad", cpu.AvgPoolGrad(out[0], in[0], a.(PoolAttrs).spec()))
		},
		Grad: func(b Builder, c *Call) []Value {
			a := c.Attrs.(PoolAttrs)
			a.Shape = nil
			return b.Apply(prim.avgPool, a, c.DOut[0])
		},
	})
)

func maxPoolGradRule(a Attrs, in []Type) ([]Type, error) {
	s, dy := a.(ShapeAttrs).Shape, in[0].Shape
	if !dy.Equal(in[1].Shape) {
		return nil, fmt.Errorf("dy and index differ in shape")
	}
	if len(s) < 3 || len(dy) != len(s) || !s[:2].Equal(dy[:2]) {
		return nil, fmt.Errorf("attribute Shape %v does not have the batch and channels of dy", s)
	}
	return []Type{{DType: in[0].DType, Shape: s}}, nil
}

var poolTable = []struct {
	name string
	x, y engine.Shape
	a    PoolAttrs
}{
	{"2×2", engine.Shape{2, 3, 4, 6}, engine.Shape{2, 3, 2, 3}, PoolAttrs{Kernel: []int{2, 2}}},
	{
		"overlapping padded",
		engine.Shape{1, 2, 5, 5},
		engine.Shape{1, 2, 3, 3},
		PoolAttrs{Kernel: []int{3, 3}, Stride: []int{2, 2}, Padding: []int{1, 1}},
	},
	{
		"ceil",
		engine.Shape{1, 1, 5, 5},
		engine.Shape{1, 1, 3, 3},
		PoolAttrs{Kernel: []int{2, 2}, Ceil: true, ExcludePad: true},
	},
	{
		"padding excluded",
		engine.Shape{1, 1, 4, 4},
		engine.Shape{1, 1, 3, 3},
		PoolAttrs{Kernel: []int{2, 2}, Padding: []int{1, 1}, ExcludePad: true},
	},
	{"one axis", engine.Shape{2, 1, 7}, engine.Shape{2, 1, 3}, PoolAttrs{Kernel: []int{2}}},
	{
		"three axes",
		engine.Shape{1, 1, 2, 4, 3},
		engine.Shape{1, 1, 2, 2, 1},
		PoolAttrs{Kernel: []int{1, 2, 3}},
	},
	{"no rows", engine.Shape{0, 2, 4, 4}, engine.Shape{0, 2, 2, 2}, PoolAttrs{Kernel: []int{2, 2}}},
}

func poolCases() []Case {
	var cases []Case
	for _, t := range []engine.DType{engine.F32, engine.F64} {
		for _, c := range poolTable {
			cases = append(cases, Case{
				Name: t.String() + " " + c.name, Attrs: c.a,
				In: []Type{{DType: t, Shape: c.x}},
			})
		}
	}
	return cases
}

func avgPoolGradCases() []Case {
	var cases []Case
	for _, t := range []engine.DType{engine.F32, engine.F64} {
		for _, c := range poolTable {
			c.a.Shape = c.x
			cases = append(cases, Case{
				Name: t.String() + " " + c.name, Attrs: c.a,
				In: []Type{{DType: t, Shape: c.y}},
			})
		}
	}
	return cases
}
