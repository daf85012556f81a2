package op

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// DropoutAttrs are the parameters of Dropout.
type DropoutAttrs struct {
	P            float64 // probability that an element becomes 0
	Seed, Offset uint64  // Philox key and counter
}

// Dropout drops elements. The gradient drops the same ones: the mask is drawn again rather than kept.
var Dropout = Register(&Def{
	Name: "Dropout", Inputs: []string{"x"},
	Doc: "Dropout returns x with each element set to 0 with probability P, and the others divided by 1 − " +
		"P.\nWhich ones is a function of Seed, Offset and the position. Source: Srivastava et al. 2014.",
	Attrs: DropoutAttrs{}, Takes: []Kinds{Floats}, Saves: SaveNone,
	Cases: func() []Case { return dropoutCases() },
	Rule: func(a Attrs, in []Type) ([]Type, error) {
		if p := a.(DropoutAttrs).P; !(p >= 0 && p <= 1) {
			return nil, fmt.Errorf("probability is %v, want 0 to 1", p)
		}
		return in[:1], nil
	},
	CPU: func(a Attrs, out, in []engine.Array) {
		p := a.(DropoutAttrs)
		g := engine.Generator{Seed: p.Seed, Offset: p.Offset}
		check("Dropout", cpu.Dropout(out[0], engine.Array{}, in[0], p.P, g))
	},
	Grad: func(b Builder, c *Call) []Value { return b.Apply(prim.dropout, c.Attrs, c.DOut[0]) },
})

func dropoutCases() []Case {
	var cases []Case
	for _, t := range []engine.DType{engine.F32, engine.F64} {
		for i, p := range []float64{0.5, 0.1, 0, 1} {
			for _, s := range []engine.Shape{{3, 5}, {131}, {0, 2}} {
				cases = append(cases, Case{
					Name: fmt.Sprintf("%v%v p %v", t, s, p), In: []Type{{DType: t, Shape: s}},
					Attrs: DropoutAttrs{P: p, Seed: uint64(i), Offset: uint64(4 * i)},
				})
			}
		}
	}
	return cases
}
