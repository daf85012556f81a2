package op

import (
	"fmt"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// LayerNormAttrs are the parameters of LayerNorm.
type LayerNormAttrs struct {
	Axes   int     // how many of the last axes are normalised together
	Eps    float64 // added to the variance
	OnlyDX bool    // LayerNormGrad: dgamma and dbeta are not wanted and come out empty
}

// BatchNormAttrs are the parameters of BatchNorm.
type BatchNormAttrs struct{ Eps float64 } // added to the variance

var normTolerance = Tolerance{Rel32: 2e-5, Rel64: 1e-11, Reason: "the order of the additions is free"}

// Normalisations and their gradients.
var (
	LayerNorm = Register(&Def{
		Name: "LayerNorm", Inputs: []string{"x", "gamma", "beta"}, Optional: 2,
		Outputs: []string{"y", "mean", "rstd"}, Attrs: LayerNormAttrs{},
		Doc: "LayerNorm returns (x − mean)·rstd·gamma + beta, and the mean and rstd = 1/√(variance + Eps) of " +
			"the last Axes axes.\n" +
			"gamma and beta have the shape of these axes, mean and rstd that of the others. Source: Ba et " +
			"al. 2016; agrees with torch.native_layer_norm.",
		Promote: ToCommon, Takes: []Kinds{Floats}, Saves: SaveIn0 | SaveIn1 | SaveOut1 | SaveOut2,
		Tol: normTolerance, Cases: func() []Case { return layerNormCases(false) }, Rule: layerNormRule,
		CPU: func(a Attrs, out, in []engine.Array) {
			p := a.(LayerNormAttrs)
			check("LayerNorm", cpu.LayerNorm(out[0], out[1], out[2], in[0], optional(in, 1), optional(in, 2),
				p.Axes, p.Eps))
		},
		Grad: func(b Builder, c *Call) []Value {
			l := layerLayout(c.Attrs.(LayerNormAttrs), c.In[0].Type().Shape)
			a := c.Attrs.(LayerNormAttrs)
			a.OnlyDX = !slices.Contains(c.Needs[1:], true)
			g := l.grad(b, c, prim.layerNormGrad, a, c.Out[2])
			if h := c.DOut[2]; h != nil && c.Wants(0) { // d rstd/dx = −rstd³(x − mean)/n
				r := c.Out[2]
				h = mul(b, h, mul(b, r, square(b, r)))
				g[0] = l.plus(b, g[0], l.spread(b, c, scale(b, h, -1)))
			}
			return g
		},
	})
	LayerNormGrad = Register(&Def{
		Name: "LayerNormGrad", Inputs: []string{"dy", "x", "mean", "rstd", "gamma"}, Optional: 1,
		Outputs: []string{"dx", "dgamma", "dbeta"}, Attrs: LayerNormAttrs{},
		Doc: "LayerNormGrad is the gradient kernel of LayerNorm: with x̂ = (x − mean)·rstd and u = dy·gamma, " +
			"dx = rstd·(u − mean(u) − x̂·mean(u·x̂)), dgamma = Σ dy·x̂, dbeta = Σ dy.",
		Promote: ToCommon, Takes: []Kinds{Floats}, Saves: SaveIn, Tol: normTolerance,
		Cases: func() []Case { return layerNormCases(true) },
		Rule: func(a Attrs, in []Type) ([]Type, error) {
			p := a.(LayerNormAttrs)
			n := len(in[1].Shape) - p.Axes
			if p.Axes < 1 || n < 0 {
				return nil, fmt.Errorf("x does not have %d axes to normalise", p.Axes)
			}
			out, err := normGradRule(in, in[1].Shape[:n], in[1].Shape[n:])
			if p.OnlyDX {
				out[1].Shape, out[2].Shape = engine.Shape{0}, engine.Shape{0}
			}
			return out, err
		},
		CPU: func(a Attrs, out, in []engine.Array) {
			p := a.(LayerNormAttrs)
			if p.OnlyDX {
				out = []engine.Array{out[0], {}, {}}
			}
			check("LayerNormGrad", cpu.LayerNormGrad(out[0], out[1], out[2], in[0], in[1], in[2], in[3],
				optional(in, 4), p.Axes))
		},
		Grad: func(b Builder, c *Call) []Value {
			return layerLayout(c.Attrs.(LayerNormAttrs), c.In[1].Type().Shape).curve(b, c)
		},
	})
	BatchNorm = Register(&Def{
		Name: "BatchNorm", Inputs: []string{"x", "gamma", "beta"}, Optional: 2,
		Outputs: []string{"y", "mean", "var"}, Attrs: BatchNormAttrs{},
		Doc: "BatchNorm returns (x − mean)/√(var + Eps)·gamma + beta, and the mean and biased variance of each " +
			"channel over the batch and the spatial axes.\n" +
			"x: [n c spatial…]; all others [c]. Source: Ioffe and Szegedy 2015; agrees with " +
			"torch.nn.functional.batch_norm in training.",
		Promote: ToCommon, Takes: []Kinds{Floats}, Saves: SaveIn0 | SaveIn1 | SaveOut1 | SaveOut2,
		Tol:   normTolerance,
		Cases: func() []Case { return batchNormCases(false) }, CPU: batchNorm, ChannelsLast: like(0),
		Rule: func(_ Attrs, in []Type) ([]Type, error) {
			if len(in[0].Shape) < 2 {
				return nil, fmt.Errorf("x has %d axes, want [n c …]", len(in[0].Shape))
			}
			channels := in[0].Shape[1:2]
			if err := haveShape(in[1:], channels); err != nil {
				return nil, err
			}
			stat := Type{DType: in[0].DType, Shape: channels}
			return []Type{in[0], stat, stat}, nil
		},
		Grad: func(b Builder, c *Call) []Value {
			rstd := b.Apply(prim.rsqrt, nil, addNum(b, c.Out[2], c.Attrs.(BatchNormAttrs).Eps))[0]
			l := batchLayout(c.In[0].Type().Shape)
			g := l.grad(b, c, prim.batchNormGrad, nil, rstd)
			if h := c.DOut[2]; h != nil && c.Wants(0) {
				g[0] = l.plus(b, g[0], l.spread(b, c, scale(b, h, 2)))
			}
			return g
		},
	})
	BatchNormGrad = Register(&Def{
		Name: "BatchNormGrad", Inputs: []string{"dy", "x", "mean", "rstd", "gamma"}, Optional: 1,
		Outputs: []string{"dx", "dgamma", "dbeta"},
		Doc: "BatchNormGrad is the gradient kernel of BatchNorm, with rstd = 1/√(var + Eps): with x̂ = (x − " +
			"mean)·rstd and u = dy·gamma, dx = rstd·(u − mean(u) − x̂·mean(u·x̂)), dgamma = Σ dy·x̂, dbeta = " +
			"Σ dy.",
		Promote: ToCommon, Takes: []Kinds{Floats}, Saves: SaveIn, Tol: normTolerance,
		Cases: func() []Case { return batchNormCases(true) },
		Rule: func(_ Attrs, in []Type) ([]Type, error) {
			if len(in[1].Shape) < 2 {
				return nil, fmt.Errorf("x has %d axes, want [n c …]", len(in[1].Shape))
			}
			return normGradRule(in, in[1].Shape[1:2], in[1].Shape[1:2])
		},
		ChannelsLast: like(1),
		CPU: func(_ Attrs, out, in []engine.Array) {
			check("BatchNormGrad", cpu.BatchNormGrad(out[0], out[1], out[2], in[0], in[1], in[2], in[3],
				optional(in, 4)))
		},
		Grad: func(b Builder, c *Call) []Value { return batchLayout(c.In[1].Type().Shape).curve(b, c) },
	})
)

func layerNormRule(a Attrs, in []Type) ([]Type, error) {
	p, x := a.(LayerNormAttrs), in[0]
	n := len(x.Shape) - p.Axes
	if p.Axes < 1 || n < 0 {
		return nil, fmt.Errorf("x does not have %d axes to normalise", p.Axes)
	}
	if err := haveShape(in[1:], x.Shape[n:]); err != nil {
		return nil, err
	}
	stat := Type{DType: x.DType, Shape: x.Shape[:n]}
	return []Type{x, stat, stat}, nil
}

// normGradRule is the rule of the gradient kernels: dy like x, statistics of shape stat, gamma like param.
func normGradRule(in []Type, stat, param engine.Shape) ([]Type, error) {
	err := haveShape(in[:1], in[1].Shape)
	if err == nil {
		err = haveShape(in[2:4], stat)
	}
	if err == nil {
		err = haveShape(in[4:], param)
	}
	p := Type{DType: in[0].DType, Shape: param}
	return []Type{in[1], p, p}, err
}

func haveShape(types []Type, s engine.Shape) error {
	for _, t := range types {
		if !t.Shape.Equal(s) {
			return fmt.Errorf("shape %v where %v is wanted", t.Shape, s)
		}
	}
	return nil
}

func batchNorm(a Attrs, out, in []engine.Array) {
	x, mean, variance := in[0], out[1], out[2]
	check("BatchNorm", cpu.BatchMoments(mean, variance, x))
	rstd, eps := engine.NewArray(x.DType, variance.Shape), engine.NewArray(x.DType, nil)
	check("BatchNorm", cpu.Fill(eps, a.(BatchNormAttrs).Eps))
	check("BatchNorm", cpu.Add.Run(rstd, variance, eps))
	check("BatchNorm", cpu.Rsqrt.Run(rstd, rstd))
	check("BatchNorm", cpu.BatchNorm(out[0], x, mean, rstd, optional(in, 1), optional(in, 2)))
}

func layerNormCases(grad bool) []Case {
	var cases []Case
	for _, t := range []engine.DType{engine.F32, engine.F64} {
		for _, c := range []struct {
			x engine.Shape
			n int
		}{
			{engine.Shape{3, 5}, 1},
			{engine.Shape{2, 3, 4}, 2},
			{engine.Shape{2, 2, 37}, 1},
			{engine.Shape{6}, 1},
			{engine.Shape{0, 4}, 1},
		} {
			lead := len(c.x) - c.n
			cases = append(cases, normCases(t, c.x, c.x[:lead], c.x[lead:], LayerNormAttrs{Axes: c.n, Eps: 1e-3}, grad)...)
			if grad {
				only := LayerNormAttrs{Axes: c.n, OnlyDX: true}
				for _, c := range normCases(t, c.x, c.x[:lead], c.x[lead:], only, true) {
					c.Name += ", dx alone"
					cases = append(cases, c)
				}
			}
		}
	}
	return cases
}

func batchNormCases(grad bool) []Case {
	var cases []Case
	var a Attrs
	if !grad {
		a = BatchNormAttrs{Eps: 1e-3}
	}
	for _, t := range []engine.DType{engine.F32, engine.F64} {
		for _, x := range []engine.Shape{{4, 3}, {3, 2, 5}, {2, 3, 4, 5}, {2, 1, 2, 2, 3}, {3, 0, 2}} {
			cases = append(cases, normCases(t, x, x[1:2], x[1:2], a, grad)...)
		}
	}
	return cases
}

// normCases builds the cases of a normalisation, or of its gradient, with all numbers of operands.
func normCases(t engine.DType, x, stat, param engine.Shape, a Attrs, grad bool) []Case {
	of := func(shapes ...engine.Shape) []Type {
		var types []Type
		for _, s := range shapes {
			types = append(types, Type{DType: t, Shape: s})
		}
		return types
	}
	all, least := of(x, param, param), 1
	if grad {
		all, least = of(x, x, stat, stat, param), 4
	}
	var cases []Case
	for n := len(all); n >= least; n-- {
		cases = append(cases, Case{
			Name: fmt.Sprintf("%v%v with %d operands", t, x, n), Attrs: a, In: all[:n:n], Lo: -2, Hi: 2,
		})
	}
	return cases
}
