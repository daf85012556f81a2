package op

import (
	"fmt"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

func (a ConvAttrs) spec() cpu.ConvSpec {
	return cpu.ConvSpec{Stride: a.Stride, Padding: a.Padding, Dilation: a.Dilation, Groups: a.Groups}
}

// restoring returns the attributes of the gradient operator that restores shape s; nil for Conv itself.
func (a ConvAttrs) restoring(s engine.Shape) ConvAttrs {
	a.Shape = s
	return a
}

// convolution completes and registers one of the three bilinear operators of a convolution. Each is the
// gradient of the two others.
func convolution(d Def) *Def {
	d.Attrs, d.Promote, d.Takes, d.Saves = ConvAttrs{}, ToCommon, []Kinds{Floats}, SaveIn
	d.Tol = Tolerance{Rel32: 2e-5, Rel64: 1e-11, Reason: "the order of the additions is free"}
	return Register(&d)
}

// Convolution over the trailing spatial axes (1 to 3), and its gradients.
var (
	Conv = convolution(Def{
		Name: "Conv", Inputs: []string{"x", "w", "bias"}, Optional: 1,
		Doc: "Conv returns the cross-correlation of x with w, plus bias where it is given.\n" +
			"x: [n c spatial…], w: [o c/groups kernel…], bias: [o] → [n o spatial…]; 1 to 3 spatial axes. " +
			"Stride 1, Padding 0, Dilation 1 and Groups 1 are the defaults; Padding may give the end " +
			"of each axis after the begin of each. Agrees with torch.nn.functional.conv2d.",
		Rule: func(a Attrs, in []Type) ([]Type, error) {
			s, err := a.(ConvAttrs).spec().Out(in[0].Shape, in[1].Shape)
			if err == nil {
				err = checkBias(in, s[1])
			}
			return []Type{{DType: in[0].DType, Shape: s}}, err
		},
		ChannelsLast: func(a Attrs, in []engine.Array, t Type) bool {
			return cpu.ConvChannelsLast(in[0], in[1], t.Shape, a.(ConvAttrs).spec())
		},
		CPU: func(a Attrs, out, in []engine.Array) {
			check("Conv", cpu.Conv(out[0], in[0], in[1], optional(in, 2), a.(ConvAttrs).spec(), false))
		},
		Grad: func(b Builder, c *Call) []Value {
			g, a, x, w, dy := make([]Value, len(c.In)), c.Attrs.(ConvAttrs), c.In[0], c.In[1], c.DOut[0]
			if c.Wants(0) {
				g[0] = b.Apply(prim.convInputGrad, a.restoring(x.Type().Shape), dy, w)[0]
			}
			if c.Wants(1) {
				g[1] = b.Apply(prim.convWeightGrad, a.restoring(w.Type().Shape), dy, x)[0]
			}
			if len(c.In) > 2 && c.Wants(2) {
				g[2] = b.Apply(prim.sum, ReduceAttrs{Axes: allBut(1, len(dy.Type().Shape))}, dy)[0]
			}
			return g
		},
		Cases: func() []Case {
			return biased(convCases(func(_, x, w engine.Shape) [3]engine.Shape { return [3]engine.Shape{x, w, nil} }))
		},
	})
	ConvInputGrad = convolution(Def{
		Name: "ConvInputGrad", Inputs: []string{"dy", "w"}, Outputs: []string{"dx"},
		Doc: "ConvInputGrad is the gradient of Conv for x: the transposed convolution of dy with w. " +
			"Shape is that of x. Agrees with torch.nn.grad.conv2d_input.",
		Rule: func(a Attrs, in []Type) ([]Type, error) {
			return convRestores(a, in[0], in[1].Shape, false)
		},
		ChannelsLast: func(a Attrs, in []engine.Array, t Type) bool {
			return cpu.ConvChannelsLast(in[0], in[1], t.Shape, a.(ConvAttrs).spec())
		},
		CPU: func(a Attrs, out, in []engine.Array) {
			check("ConvInputGrad", cpu.ConvGradInput(out[0], in[0], in[1], a.(ConvAttrs).spec()))
		},
		Grad: func(b Builder, c *Call) []Value {
			g, a, dy, w, dx := make([]Value, 2), c.Attrs.(ConvAttrs), c.In[0], c.In[1], c.DOut[0]
			if c.Wants(0) {
				g[0] = b.Apply(prim.conv, a.restoring(nil), dx, w)[0]
			}
			if c.Wants(1) {
				g[1] = b.Apply(prim.convWeightGrad, a.restoring(w.Type().Shape), dy, dx)[0]
			}
			return g
		},
		Cases: func() []Case {
			return convCases(func(y, x, w engine.Shape) [3]engine.Shape { return [3]engine.Shape{y, w, x} })
		},
	})
	ConvWeightGrad = convolution(Def{
		Name: "ConvWeightGrad", Inputs: []string{"dy", "x"}, Outputs: []string{"dw"},
		Doc: "ConvWeightGrad is the gradient of Conv for w: the correlation of x with dy. Shape is " +
			"that of w. Agrees with torch.nn.grad.conv2d_weight.",
		Rule: func(a Attrs, in []Type) ([]Type, error) { return convRestores(a, in[0], in[1].Shape, true) },
		CPU: func(a Attrs, out, in []engine.Array) {
			check("ConvWeightGrad", cpu.ConvGradWeight(out[0], in[1], in[0], a.(ConvAttrs).spec()))
		},
		Grad: func(b Builder, c *Call) []Value {
			g, a, dy, x, dw := make([]Value, 2), c.Attrs.(ConvAttrs), c.In[0], c.In[1], c.DOut[0]
			if c.Wants(0) {
				g[0] = b.Apply(prim.conv, a.restoring(nil), x, dw)[0]
			}
			if c.Wants(1) {
				g[1] = b.Apply(prim.convInputGrad, a.restoring(x.Type().Shape), dy, dw)[0]
			}
			return g
		},
		Cases: func() []Case {
			return convCases(func(y, x, w engine.Shape) [3]engine.Shape { return [3]engine.Shape{y, x, w} })
		},
	})
)

// biased adds to cases of Conv the same ones with a bias.
func biased(cases []Case) []Case {
	for _, c := range slices.Clone(cases) {
		c.Name += " with bias"
		c.In = append(slices.Clone(c.In), Type{DType: c.In[0].DType, Shape: c.In[1].Shape[:1]})
		cases = append(cases, c)
	}
	return cases
}

// checkBias wants the third operand, where there is one, to have the shape [n].
func checkBias(in []Type, n int) error {
	if len(in) > 2 && !in[2].Shape.Equal(engine.Shape{n}) {
		return fmt.Errorf("bias is %v, want [%d]", in[2].Shape, n)
	}
	return nil
}

// optional is operand i, or a missing array.
func optional(in []engine.Array, i int) engine.Array {
	if i < len(in) {
		return in[i]
	}
	return engine.Array{}
}

// allBut lists the axes of a rank without one.
func allBut(axis, rank int) []int {
	axes := make([]int, 0, rank)
	for i := range rank {
		if i != axis {
			axes = append(axes, i)
		}
	}
	return axes
}

// convRestores is the rule of the gradient operators: Shape, when the convolution of x and w gives dy.
// other is the shape of the operand besides dy.
func convRestores(a Attrs, dy Type, other engine.Shape, weight bool) ([]Type, error) {
	p := a.(ConvAttrs)
	x, w := p.Shape, other
	if weight {
		x, w = other, p.Shape
	}
	s, err := p.spec().Out(x, w)
	if err != nil {
		return nil, err
	}
	if !s.Equal(dy.Shape) {
		return nil, fmt.Errorf("attribute Shape %v gives %v, not the shape of dy", p.Shape, s)
	}
	return []Type{{DType: dy.DType, Shape: p.Shape}}, nil
}

// convCases lists small convolutions; pick returns the two operands and the Shape attribute.
func convCases(pick func(y, x, w engine.Shape) [3]engine.Shape) []Case {
	var cases []Case
	for _, t := range []engine.DType{engine.F32, engine.F64} {
		for _, c := range []struct {
			name    string
			y, x, w engine.Shape
			a       ConvAttrs
		}{
			{
				"3×3",
				engine.Shape{2, 4, 4, 3},
				engine.Shape{2, 3, 6, 5},
				engine.Shape{4, 3, 3, 3},
				ConvAttrs{},
			},
			{
				"padded stride 2",
				engine.Shape{1, 2, 3, 3},
				engine.Shape{1, 3, 5, 6},
				engine.Shape{2, 3, 3, 3},
				ConvAttrs{Stride: []int{2, 2}, Padding: []int{1, 1}},
			},
			{
				"groups dilated",
				engine.Shape{1, 4, 3, 4},
				engine.Shape{1, 4, 7, 4},
				engine.Shape{4, 2, 3, 1},
				ConvAttrs{Dilation: []int{2, 1}, Groups: 2},
			},
			{
				"depthwise",
				engine.Shape{2, 3, 4, 4},
				engine.Shape{2, 3, 4, 4},
				engine.Shape{3, 1, 3, 3},
				ConvAttrs{Padding: []int{1, 1}, Groups: 3},
			},
			{
				"one axis",
				engine.Shape{2, 3, 4},
				engine.Shape{2, 2, 9},
				engine.Shape{3, 2, 3},
				ConvAttrs{Stride: []int{2}},
			},
			{
				"three axes",
				engine.Shape{1, 2, 2, 3, 2},
				engine.Shape{1, 1, 3, 3, 3},
				engine.Shape{2, 1, 2, 1, 2},
				ConvAttrs{},
			},
			{
				"no rows",
				engine.Shape{0, 4, 4, 3},
				engine.Shape{0, 3, 6, 5},
				engine.Shape{4, 3, 3, 3},
				ConvAttrs{},
			},
		} {
			s := pick(c.y, c.x, c.w)
			cases = append(cases, Case{
				Name: t.String() + " " + c.name, Attrs: c.a.restoring(s[2]),
				In: []Type{{DType: t, Shape: s[0]}, {DType: t, Shape: s[1]}},
			})
		}
	}
	s := pick(engine.Shape{3, 24, 17, 19}, engine.Shape{3, 16, 17, 19}, engine.Shape{24, 16, 3, 3})
	return append(cases, Case{
		Name: "large, differences take long", NoGrad: true,
		Attrs: ConvAttrs{Padding: []int{1, 1}}.restoring(s[2]),
		In:    []Type{{DType: engine.F32, Shape: s[0]}, {DType: engine.F32, Shape: s[1]}},
	})
}
