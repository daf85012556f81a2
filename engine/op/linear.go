package op

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

var sumTolerance = Tolerance{Rel32: 2e-5, Rel64: 1e-11, Reason: "the order of the additions is free"}

// A dense layer and the gradients of its parameters.
var (
	Linear = Register(&Def{
		Name: "Linear", Inputs: []string{"x", "w", "bias"}, Optional: 1,
		Doc: "Linear returns x·wᵀ, plus bias where it is given.\n" +
			"x: [… k], w: [n k], bias: [n] → [… n]. 2·rows·n·k operations. Agrees with " +
			"torch.nn.functional.linear.",
		Promote: ToCommon, Takes: []Kinds{Floats}, Saves: SaveIn0 | SaveIn1,
		Cases: func() []Case { return linearCases() },
		Tol:   sumTolerance, Rule: linearRule, Grad: linearGrad,
		CPU: func(_ Attrs, out, in []engine.Array) {
			check("Linear", cpu.MatMul(asRows(out[0]), asRows(in[0]), in[1].Permute(1, 0),
				cpu.Epilogue{Bias: optional(in, 2)}))
		},
	})
	LinearGrad = Register(&Def{
		Name: "LinearGrad", Inputs: []string{"dy", "x"}, Outputs: []string{"dw", "dbias"},
		Doc: "LinearGrad is the gradient of Linear for its parameters: dw = dyᵀ·x and dbias = Σ dy, " +
			"over all rows.\n" +
			"dy: [… n], x: [… k] → dw: [n k], dbias: [n].",
		Promote: ToCommon, Takes: []Kinds{Floats}, Saves: SaveIn,
		Cases: func() []Case { return linearGradCases() },
		Tol:   sumTolerance,
		Rule: func(_ Attrs, in []Type) ([]Type, error) {
			dy, x := in[0].Shape, in[1].Shape
			if len(dy) == 0 || len(dy) != len(x) || !dy[:len(dy)-1].Equal(x[:len(x)-1]) {
				return nil, fmt.Errorf("dy and x differ in their leading axes")
			}
			n, k := dy[len(dy)-1], x[len(x)-1]
			return []Type{
				{DType: in[0].DType, Shape: engine.Shape{n, k}}, {DType: in[0].DType, Shape: engine.Shape{n}},
			}, nil
		},
		CPU: func(_ Attrs, out, in []engine.Array) {
			dy, x := flatRows(in[0]), flatRows(in[1])
			check("LinearGrad", cpu.MatMul(out[0], dy.Permute(1, 0), x, cpu.Epilogue{}))
			check("LinearGrad", cpu.Sum(out[1], dy, []int{0}))
		},
		Grad: func(b Builder, c *Call) []Value {
			dy, x, h, hb := c.In[0], c.In[1], c.DOut[0], c.DOut[1]
			g := make([]Value, 2)
			switch {
			case !c.Wants(0):
			case h != nil && hb != nil:
				g[0] = b.Apply(prim.linear, nil, x, h, hb)[0]
			case h != nil:
				g[0] = b.Apply(prim.linear, nil, x, h)[0]
			case hb != nil:
				g[0] = expand(b, hb, dy.Type().Shape)
			}
			if c.Wants(1) && h != nil {
				g[1] = timesRows(b, dy, h)
			}
			return g
		},
	})
)

func linearRule(_ Attrs, in []Type) ([]Type, error) {
	x, w := in[0].Shape, in[1].Shape
	if len(x) == 0 || len(w) != 2 || x[len(x)-1] != w[1] {
		return nil, fmt.Errorf("x is %v and w is %v, want [… k] and [n k]", x, w)
	}
	s := x.Clone()
	s[len(s)-1] = w[0]
	return []Type{{DType: in[0].DType, Shape: s}}, checkBias(in, w[0])
}

func linearGrad(b Builder, c *Call) []Value {
	x, w, dy := c.In[0], c.In[1], c.DOut[0]
	g := make([]Value, len(c.In))
	if c.Wants(0) {
		g[0] = timesRows(b, dy, w)
	}
	switch bias := len(c.In) > 2 && c.Wants(2); {
	case c.Wants(1) && bias:
		r := b.Apply(prim.linearGrad, nil, dy, x)
		g[1], g[2] = r[0], r[1]
	case c.Wants(1):
		g[1] = b.Apply(prim.matMul, nil, swap(b, rows(b, dy)), rows(b, x))[0]
	case bias:
		g[2] = b.Apply(prim.sum, ReduceAttrs{Axes: []int{0}}, rows(b, dy))[0]
	}
	return g
}

// timesRows is the product of x [… n], which may be a vector, with a matrix y [n k].
func timesRows(b Builder, x, y Value) Value {
	s := x.Type().Shape
	if len(s) > 1 {
		return b.Apply(prim.matMul, nil, x, y)[0]
	}
	return reshape(b, b.Apply(prim.matMul, nil, rows(b, x), y)[0], y.Type().Shape[1:])
}

// asRows gives a vector an axis of extent 1 in front.
func asRows(a engine.Array) engine.Array {
	if len(a.Shape) == 1 {
		a.Shape, a.Strides = engine.Shape{1, a.Shape[0]}, []int{0, a.Strides[0]}
	}
	return a
}

// flatRows joins all axes of a but the last, as a view where its strides allow one.
func flatRows(a engine.Array) engine.Array {
	if len(a.Shape) == 2 {
		return a
	}
	n := len(a.Shape) - 1
	s := engine.Shape{a.Shape[:n].Numel(), a.Shape[n]}
	if v, ok := a.Reshape(s); ok {
		return v
	}
	c := engine.NewArray(a.DType, a.Shape)
	check("LinearGrad", cpu.Copy(c, a))
	c.Shape, c.Strides = s, s.Strides()
	return c
}

var linearShapes = []struct{ x, w engine.Shape }{
	{engine.Shape{3, 4}, engine.Shape{5, 4}},
	{engine.Shape{17, 33}, engine.Shape{35, 33}},
	{engine.Shape{4}, engine.Shape{3, 4}},
	{engine.Shape{2, 3, 4}, engine.Shape{5, 4}},
	{engine.Shape{0, 4}, engine.Shape{2, 4}},
	{engine.Shape{3, 0}, engine.Shape{2, 0}},
}

func linearCases() []Case {
	var cases []Case
	for _, t := range []engine.DType{engine.F32, engine.F64} {
		for _, c := range linearShapes {
			in := []Type{{DType: t, Shape: c.x}, {DType: t, Shape: c.w}, {DType: t, Shape: c.w[:1]}}
			name := fmt.Sprintf("%v%v·%vᵀ", t, c.x, c.w)
			cases = append(cases, Case{Name: name + " with bias", In: in}, Case{Name: name, In: in[:2:2]})
		}
	}
	return cases
}

func linearGradCases() []Case {
	var cases []Case
	for _, t := range []engine.DType{engine.F32, engine.F64} {
		for _, c := range linearShapes {
			dy := c.x.Clone()
			dy[len(dy)-1] = c.w[0]
			cases = append(cases, Case{
				Name: fmt.Sprintf("%v%v %v", t, dy, c.x),
				In:   []Type{{DType: t, Shape: dy}, {DType: t, Shape: c.x}},
			})
		}
	}
	return cases
}
