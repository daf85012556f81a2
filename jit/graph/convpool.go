package graph

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/engine/op"
)

// ConvPoolAttrs are the parameters of ConvPool and its gradient.
type ConvPoolAttrs struct {
	cpu.ConvPool
	NoInput bool // gradient: dx is not wanted and comes out empty
}

// LanesLast arranges images x [n c h w] in blocks of samples, [n/32 h w c 32].
var LanesLast = &op.Def{
	Domain: "graph", Name: "LanesLast", Inputs: []string{"x"}, Takes: []op.Kinds{op.Reals},
	Doc: "LanesLast returns images x [n c h w] in blocks of samples, [n/32 h w c 32].",
	Rule: func(_ op.Attrs, in []op.Type) ([]op.Type, error) {
		s := in[0].Shape
		if len(s) != 4 || s[0]%cpu.Lanes != 0 || in[0].DType != engine.F32 {
			return nil, fmt.Errorf("want f32 images [n c h w] of a multiple of %d samples", cpu.Lanes)
		}
		return []op.Type{{DType: engine.F32, Shape: engine.Shape{s[0] / cpu.Lanes, s[2], s[3], s[1], cpu.Lanes}}}, nil
	},
	CPU: func(_ op.Attrs, out, in []engine.Array) { cpu.LanesLast(out[0], dense(in[0]), false) },
}

// SamplesFirst is the inverse of LanesLast.
var SamplesFirst = &op.Def{
	Domain: "graph", Name: "SamplesFirst", Inputs: []string{"x"}, Takes: []op.Kinds{op.Reals},
	Doc: "SamplesFirst returns images in blocks of samples x [b h w c 32] as [32·b c h w].",
	Rule: func(_ op.Attrs, in []op.Type) ([]op.Type, error) {
		s := in[0].Shape
		if len(s) != 5 || s[4] != cpu.Lanes || in[0].DType != engine.F32 {
			return nil, fmt.Errorf("want f32 images [b h w c %d]", cpu.Lanes)
		}
		return []op.Type{{DType: engine.F32, Shape: engine.Shape{s[0] * cpu.Lanes, s[3], s[1], s[2]}}}, nil
	},
	CPU: func(_ op.Attrs, out, in []engine.Array) { cpu.LanesLast(dense(in[0]), out[0], true) },
}

// ConvPool is the maximum over 2×2 windows of ReLU of a convolution, on images in blocks of samples:
// x [blocks h w ci 32], w [co ci kh kw], bias [co] → y [blocks h/2 w/2 co 32], code (uint8): where maxima lie.
var ConvPool = &op.Def{
	Domain: "graph", Name: "ConvPool", Inputs: []string{"x", "w", "bias"}, Outputs: []string{"y", "code"},
	Attrs: ConvPoolAttrs{}, Takes: []op.Kinds{op.Reals},
	Doc: "ConvPool returns the maxima over 2×2 windows of max(Conv(x, w, bias), 0), and codes of where they lie.",
	Rule: func(a op.Attrs, in []op.Type) ([]op.Type, error) {
		s, err := convPoolOut(a, in[0], in[1], in[2])
		return []op.Type{{DType: engine.F32, Shape: s}, {DType: engine.U8, Shape: s}}, err
	},
	CPU: func(a op.Attrs, out, in []engine.Array) {
		x, w, bias := dense(in[0]), dense(in[1]), dense(in[2])
		a.(ConvPoolAttrs).Forward(out[0], out[1], x, w, bias)
	},
}

// ConvPoolGrad returns the gradients of ConvPool for w, bias and x.
var ConvPoolGrad = &op.Def{
	Domain: "graph", Name: "ConvPoolGrad", Inputs: []string{"dy", "code", "x", "w"}, Outputs: []string{"dw", "dbias", "dx"},
	Attrs: ConvPoolAttrs{}, Takes: []op.Kinds{op.Everything},
	Doc: "ConvPoolGrad returns the gradients of ConvPool; the one of x is empty with NoInput.",
	Rule: func(a op.Attrs, in []op.Type) ([]op.Type, error) {
		bias := op.Type{DType: engine.F32, Shape: in[3].Shape[:1]}
		s, err := convPoolOut(a, in[2], in[3], bias)
		if err == nil && (!in[0].Shape.Equal(s) || !in[1].Shape.Equal(s) || in[0].DType != engine.F32 || in[1].DType != engine.U8) {
			err = fmt.Errorf("want dy f32%v and codes u8%v", s, s)
		}
		dx := in[2]
		if a.(ConvPoolAttrs).NoInput {
			dx.Shape = engine.Shape{0}
		}
		return []op.Type{in[3], bias, dx}, err
	},
	CPU: func(a op.Attrs, out, in []engine.Array) {
		p := a.(ConvPoolAttrs)
		dx := out[2]
		if p.NoInput {
			dx = engine.Array{}
		}
		p.Backward(out[0], out[1], dx, dense(in[0]), dense(in[1]), dense(in[2]), dense(in[3]))
	},
}

// convPoolOut checks the operands of ConvPool and returns the shape of its result.
func convPoolOut(a op.Attrs, x, w, bias op.Type) (engine.Shape, error) {
	if x.DType != engine.F32 || w.DType != engine.F32 || bias.DType != engine.F32 || len(w.Shape) != 4 ||
		!bias.Shape.Equal(w.Shape[:1]) {
		return nil, fmt.Errorf("want f32 images, weights [co ci kh kw] and a bias [co]")
	}
	return a.(ConvPoolAttrs).Out(x.Shape, w.Shape)
}

// dense returns x, or a copy, without gaps.
func dense(x engine.Array) engine.Array {
	if x.IsContiguous() {
		return x
	}
	c := engine.NewArray(x.DType, x.Shape)
	must(cpu.Copy(c, x))
	return c
}
