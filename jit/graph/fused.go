package graph

import (
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/codegen"
)

// Operators that exist in improved graphs only: several operators in one kernel.

// FusedAttrs hold what a Fused node computes.
type FusedAttrs struct{ Loop *codegen.Loop }

// Fused is a chain of elementwise operators.
var Fused = &op.Def{
	Domain: "graph", Name: "Fused", Inputs: []string{"x..."}, Attrs: FusedAttrs{}, Elementwise: true,
	Promote: op.ToCommon, Takes: []op.Kinds{op.Reals},
	Doc: "Fused computes the results of a codegen.Loop.",
	Rule: func(a op.Attrs, in []op.Type) ([]op.Type, error) {
		l := a.(FusedAttrs).Loop
		out := make([]op.Type, len(l.Outputs))
		for i := range out {
			out[i] = op.Type{DType: l.DType, Shape: in[0].Shape}
		}
		return out, l.Verify()
	},
	ChannelsLast: op.Add.ChannelsLast,
	CPU:          func(a op.Attrs, out, in []engine.Array) { a.(FusedAttrs).Loop.Run(out, in) },
}

// LinearReLU is ReLU of Linear.
var LinearReLU = &op.Def{
	Domain: "graph", Name: "LinearReLU", Inputs: op.Linear.Inputs, Optional: 1, Promote: op.Linear.Promote,
	Takes: op.Linear.Takes, Rule: op.Linear.Rule, Doc: "LinearReLU returns max(x·wᵀ + bias, 0).",
	CPU: func(_ op.Attrs, out, in []engine.Array) {
		e := cpu.Epilogue{ReLU: true}
		if len(in) > 2 {
			e.Bias = in[2]
		}
		must(cpu.MatMul(rows(out[0]), rows(in[0]), in[1].Permute(1, 0), e))
	},
}

// rows gives a vector an axis of extent 1 in front.
func rows(a engine.Array) engine.Array {
	if len(a.Shape) == 1 {
		a.Shape, a.Strides = engine.Shape{1, a.Shape[0]}, []int{0, a.Strides[0]}
	}
	return a
}

// ConvReLU is ReLU of Conv.
var ConvReLU = &op.Def{
	Domain: "graph", Name: "ConvReLU", Inputs: op.Conv.Inputs, Optional: 1, Promote: op.Conv.Promote,
	Takes: op.Conv.Takes, Rule: op.Conv.Rule, Attrs: op.Conv.Attrs, ChannelsLast: op.Conv.ChannelsLast,
	Doc: "ConvReLU returns max(Conv(x, w, bias), 0).",
	CPU: func(a op.Attrs, out, in []engine.Array) {
		var bias engine.Array
		if len(in) > 2 {
			bias = in[2]
		}
		p := a.(op.ConvAttrs)
		s := cpu.ConvSpec{Stride: p.Stride, Padding: p.Padding, Dilation: p.Dilation, Groups: p.Groups}
		must(cpu.Conv(out[0], in[0], in[1], bias, s, true))
	},
}

// Lookup returns the definition of an operator of graphs: those of package op, and those of this package
// under "graph.Name". Fused has no form in files.
func Lookup(name string) (*op.Def, error) {
	for _, d := range []*op.Def{Write, LinearReLU, ConvReLU} {
		if name == d.Domain+"."+d.Name {
			return d, nil
		}
	}
	return op.Lookup(name)
}
