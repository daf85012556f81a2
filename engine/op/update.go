package op

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// update completes and registers a step of an optimizer. Its state comes first among the operands, and its
// results, so that a step in place writes result i over operand i; the gradient is the last operand.
func update(step func(a Attrs, state []engine.Array, g engine.Array) error, d Def) *Def {
	d.Outputs = append([]string(nil), d.Inputs[:len(d.Inputs)-1]...)
	d.Takes = []Kinds{Reals}
	d.Tol = Tolerance{Rel32: 4e-6, Reason: "a kernel may fuse multiplications and additions"}
	d.Rule = func(_ Attrs, in []Type) ([]Type, error) {
		for _, t := range in[1:] {
			if t.DType != in[0].DType || !t.Shape.Equal(in[0].Shape) {
				return nil, fmt.Errorf("operands differ in type")
			}
		}
		return in[: len(in)-1 : len(in)-1], nil
	}
	name := d.Name
	d.CPU = func(a Attrs, out, in []engine.Array) {
		for i, y := range out {
			if y.Buf != in[i].Buf {
				check(name, cpu.Copy(y, in[i]))
			}
		}
		g := in[len(in)-1]
		if !g.IsContiguous() {
			g = engine.NewArray(g.DType, g.Shape)
			defer g.Buf.Release()
			check(name, cpu.Copy(g, in[len(in)-1]))
		}
		check(name, step(a, out, g))
	}
	return Register(&d)
}

func updateCases(n int, attrs ...Attrs) []Case {
	var cases []Case
	for i, a := range attrs {
		for _, t := range []engine.DType{engine.F32, engine.F64} {
			for _, s := range []engine.Shape{{3, 5}, {67}, {0}} {
				c := Case{Name: fmt.Sprintf("variant %d %v%v", i, t, s), Attrs: a, Lo: 0.1, Hi: 2}
				for range n {
					c.In = append(c.In, Type{DType: t, Shape: s})
				}
				cases = append(cases, c)
			}
		}
	}
	return cases
}

// Steps of optimizers. They have no gradient.
var (
	SGDUpdate = update(
		func(a Attrs, s []engine.Array, g engine.Array) error {
			p := a.(SGDAttrs)
			return cpu.SGD{
				LR: p.LR, Momentum: p.Momentum, Dampening: p.Dampening, WeightDecay: p.WeightDecay,
				Nesterov: p.Nesterov, First: p.First, Maximize: p.Maximize,
			}.Step(s[0], g, s[1])
		},
		Def{
			Name: "SGDUpdate", Inputs: []string{"p", "m", "g"}, Attrs: SGDAttrs{},
			Doc: "SGDUpdate returns the parameter p and its momentum m after one step along the " +
				"gradient g:\n" +
				"g += WeightDecay·p; m = Momentum·m + (1 − Dampening)·g (m = g when First); p −= " +
				"LR·(Nesterov ? g + Momentum·m : Momentum ≠ 0 ? m : g). Maximize turns g round. m is " +
				"unchanged when Momentum is 0. Source: Sutskever et al. 2013; agrees with " +
				"torch.optim.SGD.",
			Cases: func() []Case {
				return updateCases(3, SGDAttrs{LR: 0.1},
					SGDAttrs{LR: 0.1, Momentum: 0.9, WeightDecay: 0.01, Dampening: 0.1},
					SGDAttrs{LR: 0.1, Momentum: 0.9, Nesterov: true},
					SGDAttrs{LR: 0.1, Momentum: 0.5, First: true, Maximize: true})
			},
		})
	AdamUpdate = update(
		func(a Attrs, s []engine.Array, g engine.Array) error {
			p := a.(AdamAttrs)
			return cpu.Adam{
				LR: p.LR, Beta1: p.Beta1, Beta2: p.Beta2, Eps: p.Eps, WeightDecay: p.WeightDecay,
				Decoupled: p.Decoupled, Maximize: p.Maximize, Step: p.Step,
			}.Update(s[0], g, s[1], s[2], engine.Array{})
		},
		Def{
			Name: "AdamUpdate", Inputs: []string{"p", "m", "v", "g"}, Attrs: AdamAttrs{},
			Doc: "AdamUpdate returns the parameter p and the moments m, v after step Step along the " +
				"gradient g:\n" +
				"m = β₁m + (1 − β₁)g; v = β₂v + (1 − β₂)g²; p −= LR·m̂ / (√v̂ + Eps) with m̂ = m/(1 " +
				"− β₁ᵗ), v̂ = v/(1 − β₂ᵗ). WeightDecay·p is added to g, or with Decoupled " +
				"LR·WeightDecay·p is taken off p. Source: Kingma and Ba 2015, Loshchilov and Hutter " +
				"2019; agrees with torch.optim.Adam and AdamW.",
			Cases: func() []Case {
				return updateCases(4, AdamAttrs{LR: 0.01, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, Step: 1},
					AdamAttrs{LR: 0.01, Beta1: 0.9, Beta2: 0.99, Eps: 1e-8, Step: 7, WeightDecay: 0.1},
					AdamAttrs{
						LR: 0.01, Beta1: 0.9, Beta2: 0.99, Eps: 1e-8, Step: 3, WeightDecay: 0.1,
						Decoupled: true, Maximize: true,
					})
			},
		})
)
