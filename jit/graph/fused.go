package graph

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/codegen"
)

// Operators that exist in improved graphs only: several operators in one kernel.

// FusedAttrs hold what a Fused node computes.
type FusedAttrs struct{ Loop *codegen.Loop }

// CodeLoop returns the loop, for devices, which print it.
func (a FusedAttrs) CodeLoop() *codegen.Loop { return a.Loop }

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

// ProductStep is a step of gradient descent along a gradient that is a product of matrices: p − LR·a·b, of
// op.SGDAttrs without momentum, decay and Maximize. The gradient itself is not made.
var ProductStep = &op.Def{
	Domain: "graph", Name: "ProductStep", Inputs: []string{"p", "a", "b"}, Attrs: op.SGDAttrs{},
	Takes: []op.Kinds{op.Reals}, Doc: "ProductStep returns p − LR·a·b for matrices a and b.",
	Rule: func(_ op.Attrs, in []op.Type) ([]op.Type, error) {
		p, a, b := in[0].Shape, in[1].Shape, in[2].Shape
		if len(p) != 2 || len(a) != 2 || len(b) != 2 || p[0] != a[0] || p[1] != b[1] || a[1] != b[0] ||
			in[0].DType != in[1].DType || in[0].DType != in[2].DType {
			return nil, fmt.Errorf("want matrices [m n], [m k] and [k n] of one dtype")
		}
		return in[:1:1], nil
	},
	CPU: func(a op.Attrs, out, in []engine.Array) {
		if out[0].Buf != in[0].Buf {
			must(cpu.Copy(out[0], in[0]))
		}
		must(cpu.MatMul(out[0], in[1], in[2], cpu.Epilogue{Accumulate: true, Alpha: -a.(op.SGDAttrs).LR}))
	},
}

// OverwritesFirst reports whether a kernel may write its only result over its first operand, though it is
// not elementwise.
func OverwritesFirst(d *op.Def) bool { return d == ProductStep }

// Lookup returns the definition of an operator of graphs: those of package op, and those of this package
// under "graph.Name". Fused has no form in files.
func Lookup(name string) (*op.Def, error) {
	for _, d := range []*op.Def{Write, LinearReLU, ConvReLU, ProductStep, LossGrads, DynamicLinear, DynamicConv, DynamicLSTM, DynamicGRU} {
		if name == d.Domain+"."+d.Name {
			return d, nil
		}
	}
	return op.Lookup(name)
}
