package op

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// random completes and registers an operator without operands that fills its result from the counter-based
// generator of Seed and Offset.
func random(fill func(dst engine.Array, g engine.Generator, p RandAttrs) error, takes Kinds, d Def) *Def {
	d.Attrs = RandAttrs{}
	inner := d.Rule
	d.Rule = func(a Attrs, in []Type) ([]Type, error) {
		p := a.(RandAttrs)
		if !takes.Has(p.DType) {
			return nil, fmt.Errorf("dtype is %v, want %v", p.DType, takes)
		}
		if inner != nil {
			if _, err := inner(a, in); err != nil {
				return nil, err
			}
		}
		return []Type{{DType: p.DType, Shape: p.Shape}}, nil
	}
	name := d.Name
	d.CPU = func(a Attrs, out, _ []engine.Array) {
		p := a.(RandAttrs)
		check(name, fill(out[0], engine.Generator{Seed: p.Seed, Offset: p.Offset}, p))
	}
	return Register(&d)
}

func randCases(p, q float64, types ...engine.DType) []Case {
	var cases []Case
	for _, t := range types {
		for _, s := range []engine.Shape{{3, 5}, {}, {0, 2}, {1001}} {
			cases = append(cases, Case{
				Name:  fmt.Sprintf("%v%v", t, s),
				Attrs: RandAttrs{Shape: s, DType: t, Seed: 7, Offset: 11, P: p, Q: q},
			})
		}
	}
	return cases
}

// Random numbers: pure functions of their attributes.
var (
	RandUniform = random(
		func(dst engine.Array, g engine.Generator, p RandAttrs) error {
			return cpu.Uniform(dst, g, p.P, p.Q)
		},
		Floats, Def{
			Name: "RandUniform", Doc: "RandUniform draws from the uniform distribution on [P, Q).",
			Cases: func() []Case { return randCases(-1, 3, engine.F32, engine.F64) }, Rule: ordered,
		})
	RandNormal = random(
		func(dst engine.Array, g engine.Generator, p RandAttrs) error {
			return cpu.Normal(dst, g, p.P, p.Q)
		},
		Floats, Def{
			Name: "RandNormal", Doc: "RandNormal draws from the normal distribution with mean P and " +
				"standard deviation Q.",
			Cases: func() []Case { return randCases(1, 2, engine.F32, engine.F64) },
		})
	RandBernoulli = random(
		func(dst engine.Array, g engine.Generator, p RandAttrs) error {
			return cpu.Bernoulli(dst, g, p.P)
		},
		AllKinds, Def{
			Name: "RandBernoulli", Doc: "RandBernoulli draws 1 with probability P in [0, 1], otherwise 0.",
			Cases: func() []Case { return randCases(0.3, 0, engine.F32, engine.F64, engine.Bool, engine.I64) },
			Rule: func(a Attrs, _ []Type) ([]Type, error) {
				if p := a.(RandAttrs).P; !(p >= 0 && p <= 1) {
					return nil, fmt.Errorf("probability is %v, want 0 to 1", p)
				}
				return nil, nil
			},
		})
	RandInt = random(
		func(dst engine.Array, g engine.Generator, p RandAttrs) error {
			return cpu.RandInt(dst, g, int64(p.P), int64(p.Q))
		},
		Ints, Def{
			Name: "RandInt", Doc: "RandInt draws integers uniformly from [P, Q).",
			Cases: func() []Case { return randCases(-3, 9, engine.I64, engine.I32) }, Rule: ordered,
		})
	Permutation = random(
		func(dst engine.Array, g engine.Generator, _ RandAttrs) error {
			return cpu.Permutation(dst, g)
		},
		Ints, Def{
			Name: "Permutation", Doc: "Permutation returns the numbers 0 … n−1 in random order; " +
				"Shape is [n].",
			Cases: func() []Case {
				return []Case{
					{Name: "ten", Attrs: RandAttrs{Shape: engine.Shape{10}, DType: engine.I64, Seed: 1}},
					{Name: "none", Attrs: RandAttrs{Shape: engine.Shape{0}, DType: engine.I64}},
				}
			},
			Rule: func(a Attrs, _ []Type) ([]Type, error) {
				if s := a.(RandAttrs).Shape; len(s) != 1 {
					return nil, fmt.Errorf("shape is %v, want one axis", s)
				}
				return nil, nil
			},
		})
)

func ordered(a Attrs, _ []Type) ([]Type, error) {
	if p := a.(RandAttrs); !(p.P < p.Q) {
		return nil, fmt.Errorf("bounds are %v and %v, want the first below the second", p.P, p.Q)
	}
	return nil, nil
}

// Range counts.
var Range = Register(&Def{
	Name: "Range", Doc: "Range returns Start, Start + Step, … (N numbers). Agrees with torch.arange.",
	Attrs: RangeAttrs{},
	Rule: func(a Attrs, _ []Type) ([]Type, error) {
		p := a.(RangeAttrs)
		if p.N < 0 || !Numbers.Has(p.DType) {
			return nil, fmt.Errorf("want n ≥ 0 and a dtype of %v, got n = %d, %v", Numbers, p.N, p.DType)
		}
		return []Type{{DType: p.DType, Shape: engine.Shape{p.N}}}, nil
	},
	CPU: func(a Attrs, out, _ []engine.Array) {
		p := a.(RangeAttrs)
		check("Range", cpu.Arange(out[0], p.Start, p.Step))
	},
	Cases: func() []Case {
		return []Case{
			{Name: "floats", Attrs: RangeAttrs{Start: 0.5, Step: 0.25, N: 9, DType: engine.F32}},
			{Name: "integers", Attrs: RangeAttrs{Start: 3, Step: -2, N: 5, DType: engine.I64}},
			{Name: "none", Attrs: RangeAttrs{DType: engine.F64}},
		}
	},
})
