package graph

import (
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/engine/op"
)

// DynamicConv is Conv over one or two axes with 8-bit weights.
var DynamicConv = &op.Def{
	Domain: "graph", Name: "DynamicConv", Inputs: []string{"x", "w", "scale", "bias"}, Outputs: []string{"y"}, Optional: 1,
	Attrs: op.ConvAttrs{}, Takes: []op.Kinds{op.Reals, op.SignedBytes, op.Reals, op.Reals},
	Doc: "DynamicConv returns s·Conv(bytes − z, w)·scale + bias, where (bytes − z)·s is x rounded: s = (max − min) / 255 of " +
		"x and 0, z = round(−min / s), as ONNX's DynamicQuantizeLinear has it. Sums are exact.\n" +
		"x: [b c …] f32, w (i8): [n c/groups kernel…], scale, bias: [n] f32. Where x is not finite the result is NaN.",
	Rule: func(a op.Attrs, in []op.Type) ([]op.Type, error) {
		if err := wantF32(in, 1); err != nil {
			return nil, err
		}
		if err := scaleOf(in[2], in[1]); err != nil {
			return nil, err
		}
		w := op.Type{DType: engine.F32, Shape: in[1].Shape}
		return op.Conv.Rule(a, insert(in[3:], 0, in[0], w))
	},
	ChannelsLast: func(_ op.Attrs, _ []engine.Array, t op.Type) bool { return t.Shape[1] > 1 },
	CPU: func(a op.Attrs, out, in []engine.Array) {
		w, err := PackDynamicFilters(in[1], in[2], a.(op.ConvAttrs))
		must(err)
		must(w.Run(out[0], in[0], biasOf(in, 3)))
	},
}

// PackDynamicFilters packs constant filters of i8 with scales [n].
func PackDynamicFilters(w, scale engine.Array, a op.ConvAttrs) (*cpu.DynamicFilters, error) {
	return cpu.PackDynamicFilters(w, floats(scale), specOf(a))
}

// PackedDynamicConvAttrs hold a DynamicConv with constant weights.
type PackedDynamicConvAttrs struct {
	op.ConvAttrs
	Filters *cpu.DynamicFilters
	Weight  engine.Shape
	Bias    []float32 // nil: none
}

// PackedDynamicConv is DynamicConv with constant weights.
var PackedDynamicConv = &op.Def{
	Domain: "graph", Name: "PackedDynamicConv", Inputs: []string{"x"}, Outputs: []string{"y"},
	Attrs: PackedDynamicConvAttrs{}, Takes: []op.Kinds{op.Reals},
	Doc: "PackedDynamicConv returns DynamicConv of x and constant weights.",
	Rule: func(a op.Attrs, in []op.Type) ([]op.Type, error) {
		p := a.(PackedDynamicConvAttrs)
		return op.Conv.Rule(p.ConvAttrs, []op.Type{in[0], {DType: engine.F32, Shape: p.Weight}})
	},
	ChannelsLast: DynamicConv.ChannelsLast,
	CPU: func(a op.Attrs, out, in []engine.Array) {
		p := a.(PackedDynamicConvAttrs)
		must(p.Filters.Run(out[0], in[0], p.Bias))
	},
}
