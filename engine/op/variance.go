package op

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// VarianceAttrs are the parameters of Variance.
type VarianceAttrs struct {
	Axes       []int   // axes to reduce, 0 ≤ axis < rank, ascending; nil: all
	Keep       bool    // keep reduced axes with extent 1
	Correction float64 // 1 is the unbiased estimate, 0 the population variance
}

// Measures of spread over axes.
var (
	Variance = Register(&Def{
		Name: "Variance", Inputs: []string{"x"}, Attrs: VarianceAttrs{},
		Doc: "Variance returns Σ(x − mean)²/(n − Correction) over Axes (none given: all), n elements each. " +
			"Without a remaining degree of freedom it is NaN or infinite. Agrees with torch.var.",
		Takes: []Kinds{Floats}, Saves: SaveIn,
		Tol: Tolerance{Rel32: 1e-5, Rel64: 1e-11, Reason: "the order of the additions is free"},
		Rule: func(a Attrs, in []Type) ([]Type, error) {
			s, err := reduced(a.(VarianceAttrs).reduce(), in[0].Shape)
			return []Type{{DType: in[0].DType, Shape: s}}, err
		},
		CPU: func(a Attrs, out, in []engine.Array) {
			p := a.(VarianceAttrs)
			check("Variance", cpu.Variance(out[0], engine.Array{}, in[0], p.Axes, p.Correction))
		},
		Grad:  varianceGrad,
		Cases: func() []Case { return varianceCases() },
	})
	Norm = reduction(cpu.Norm, same, Def{
		Name: "Norm", Doc: "Norm returns the Euclidean norm √Σx² over Axes (none given: all). The " +
			"gradient at 0 is 0. Agrees with torch.linalg.vector_norm.",
		Promote: ToFloat, Takes: []Kinds{Floats}, Saves: SaveAll,
		Tol: Tolerance{Rel32: 1e-5, Rel64: 1e-11, Reason: "the order of the additions is free"},
		Grad: func(b Builder, c *Call) []Value {
			s := kept(c)
			y := reshape(b, c.Out[0], s)
			none := b.Apply(prim.eq, nil, y, num(b, y, 0))[0]
			share := div(b, reshape(b, c.DOut[0], s), where(b, none, num(b, y, math.Inf(1)), y))
			return []Value{mul(b, share, c.In[0])}
		},
	})
)

func (a VarianceAttrs) reduce() ReduceAttrs { return ReduceAttrs{Axes: a.Axes, Keep: a.Keep} }

// varianceGrad is dx = dy·2(x − mean)/(n − Correction).
func varianceGrad(b Builder, c *Call) []Value {
	a, x := c.Attrs.(VarianceAttrs), c.In[0]
	r := ReduceAttrs{Axes: a.Axes, Keep: true}
	s, _ := reduced(r, x.Type().Shape) // the forward pass checked the axes
	n := 1
	for i, d := range x.Type().Shape {
		if len(a.Axes) == 0 || slices.Contains(a.Axes, i) {
			n *= d
		}
	}
	mean := div(b, b.Apply(prim.sum, r, x)[0], num(b, x, float64(n)))
	share := scale(b, reshape(b, c.DOut[0], s), 2/max(float64(n)-a.Correction, 0))
	return []Value{mul(b, share, sub(b, x, mean))}
}

func varianceCases() []Case {
	var cases []Case
	for i, c := range reduceCases(engine.F32, engine.F64) {
		a := c.Attrs.(ReduceAttrs)
		if c.In[0].Shape.Numel() != 1 { // a single element has no variance to differentiate
			c.Attrs = VarianceAttrs{Axes: a.Axes, Keep: a.Keep, Correction: float64(i % 2)}
			cases = append(cases, c)
		}
	}
	return cases
}
