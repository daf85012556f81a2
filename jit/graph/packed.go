package graph

import (
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/engine/op"
)

// PackedConvAttrs hold a convolution with constant weights and what follows it. Operands are x, then bias and
// residual where there are such.
type PackedConvAttrs struct {
	op.ConvAttrs
	Weights        *cpu.ConvWeights
	Weight         engine.Shape
	Bias, Residual bool
	Bounds
}

// Bounds bound results from below by 0, or by Lo and Hi.
type Bounds struct {
	ReLU, Clamp bool
	Lo, Hi      float64
}

// Any reports whether there are bounds.
func (b Bounds) Any() bool { return b.ReLU || b.Clamp }

// PackedConv is Conv of f32 with constant weights, plus a residual, bounded.
var PackedConv = &op.Def{
	Domain: "graph", Name: "PackedConv", Inputs: []string{"x", "bias", "residual"}, Optional: 2,
	Attrs: PackedConvAttrs{}, Takes: []op.Kinds{op.Reals},
	Doc: "PackedConv returns Conv(x, Weights, bias) + residual, bounded, where bias, residual and bounds are optional.",
	Rule: func(a op.Attrs, in []op.Type) ([]op.Type, error) {
		p := a.(PackedConvAttrs)
		s, err := specOf(p.ConvAttrs).Out(in[0].Shape, p.Weight)
		return []op.Type{{DType: in[0].DType, Shape: s}}, err
	},
	ChannelsLast: func(a op.Attrs, in []engine.Array, t op.Type) bool {
		p := a.(PackedConvAttrs)
		return cpu.ConvChannelsLast(in[0], engine.Array{DType: t.DType, Shape: p.Weight}, t.Shape, specOf(p.ConvAttrs))
	},
	CPU: func(a op.Attrs, out, in []engine.Array) {
		p := a.(PackedConvAttrs)
		e := cpu.ConvEpilogue{ReLU: p.ReLU, Clamp: p.Clamp, Low: p.Lo, High: p.Hi}
		var bias engine.Array
		rest := in[1:]
		if p.Bias {
			bias, rest = rest[0], rest[1:]
		}
		if p.Residual {
			e.Residual = rest[0]
		}
		must(p.Weights.Conv(out[0], in[0], bias, e))
	},
}

// PackedLinearAttrs hold a dense layer with constant weights. Operands are x, then bias where there is one.
type PackedLinearAttrs struct {
	Weights *cpu.MatMulWeights // of wᵀ
	Weight  engine.Shape       // of w
	Bias    bool
	Bounds
}

// PackedLinear is Linear of f32 with constant weights, bounded.
var PackedLinear = &op.Def{
	Domain: "graph", Name: "PackedLinear", Inputs: []string{"x", "bias"}, Optional: 1,
	Attrs: PackedLinearAttrs{}, Takes: []op.Kinds{op.Reals},
	Doc: "PackedLinear returns x·wᵀ + bias, bounded, where bias and bounds are optional.",
	Rule: func(a op.Attrs, in []op.Type) ([]op.Type, error) {
		w := op.Type{DType: in[0].DType, Shape: a.(PackedLinearAttrs).Weight}
		return op.Linear.Rule(nil, append([]op.Type{in[0], w}, in[1:]...))
	},
	CPU: func(a op.Attrs, out, in []engine.Array) {
		p := a.(PackedLinearAttrs)
		e := cpu.Epilogue{ReLU: p.ReLU, Clamp: p.Clamp, Low: p.Lo, High: p.Hi}
		if p.Bias {
			e.Bias = in[1]
		}
		must(p.Weights.MatMul(rows(out[0]), rows(in[0]), e))
	},
}

// PackedQuantAttrs hold a layer over bytes with constant weights. Operands are x, then residual where there is one.
type PackedQuantAttrs struct {
	op.QuantLayerAttrs
	Layer  *cpu.QuantLayer
	Weight engine.Shape
}

// PackedQuant is QuantConv or QuantLinear with constant weights.
var PackedQuant = &op.Def{
	Domain: "graph", Name: "PackedQuant", Inputs: []string{"x", "residual"}, Optional: 1,
	Attrs: PackedQuantAttrs{}, Takes: []op.Kinds{op.Bytes},
	Doc: "PackedQuant returns QuantConv, or QuantLinear for a weight of two axes, of x and constant weights.",
	Rule: func(a op.Attrs, in []op.Type) ([]op.Type, error) {
		p := a.(PackedQuantAttrs)
		t := op.Type{DType: p.Y.DType}
		if len(p.Weight) == 2 {
			w := op.Type{DType: in[0].DType, Shape: p.Weight}
			r, err := op.Linear.Rule(nil, []op.Type{in[0], w})
			if err == nil {
				t.Shape = r[0].Shape
			}
			return []op.Type{t}, err
		}
		s, err := specOf(p.ConvAttrs).Out(in[0].Shape, p.Weight)
		t.Shape = s
		return []op.Type{t}, err
	},
	ChannelsLast: func(a op.Attrs, _ []engine.Array, t op.Type) bool {
		return len(a.(PackedQuantAttrs).Weight) > 2 && t.Shape[1] > 1
	},
	CPU: func(a op.Attrs, out, in []engine.Array) {
		var residual engine.Array
		if len(in) > 1 {
			residual = in[1]
		}
		must(a.(PackedQuantAttrs).Layer.Run(out[0], in[0], residual))
	},
}

func specOf(p op.ConvAttrs) cpu.ConvSpec {
	return cpu.ConvSpec{Stride: p.Stride, Padding: p.Padding, Dilation: p.Dilation, Groups: p.Groups}
}
