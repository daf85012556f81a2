package op

import (
	"fmt"
	"math"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// QuantizeAttrs say which real numbers bytes stand for: (byte − Zero)·Scale.
type QuantizeAttrs struct {
	Scale float64      // > 0
	Zero  int          // zero point, a value of the type of the bytes
	DType engine.DType // of the bytes: U8 or I8
}

// check wants a scale and a zero point that bytes of type t can have.
func (a QuantizeAttrs) check(t engine.DType) error {
	lo, hi := 0, 255
	switch t {
	case engine.U8:
	case engine.I8:
		lo, hi = -128, 127
	default:
		return fmt.Errorf("type of the bytes is %v, want u8 or i8", t)
	}
	if s := float32(a.Scale); !(s > 0) || math.IsInf(float64(s), 0) {
		return fmt.Errorf("attribute Scale is %v, want a positive number", a.Scale)
	}
	if a.Zero < lo || a.Zero > hi {
		return fmt.Errorf("attribute Zero is %d, want %d…%d", a.Zero, lo, hi)
	}
	return nil
}

// QuantLayerAttrs are the parameters of a layer over bytes. Y and Residual say which numbers bytes stand
// for; Y.DType F32 (Scale and Zero are not read) gives the numbers themselves, I32 the exact sums of products
// before scales, bias and bounds.
type QuantLayerAttrs struct {
	ConvAttrs   // of QuantConv
	X, Y        QuantizeAttrs
	Residual    QuantizeAttrs // where HasResidual is set
	HasResidual bool
	Clamp       bool // bound results by Lo and Hi
	Lo, Hi      float64
}

// Operators over bytes that stand for real numbers.
var (
	Quantize = Register(&Def{
		Name: "Quantize", Inputs: []string{"x"}, Attrs: QuantizeAttrs{}, Takes: []Kinds{Floats},
		Doc: "Quantize returns round(x / Scale) + Zero as bytes of DType (u8 or i8), half to even, bounded by the " +
			"type.\nNaN becomes Zero. As ONNX's QuantizeLinear; there is no gradient.",
		Elementwise: true,
		// Layers over bytes read channels-last data.
		ChannelsLast: func(_ Attrs, _ []engine.Array, t Type) bool { return t.Shape[1] > 1 },
		Rule: func(a Attrs, in []Type) ([]Type, error) {
			p := a.(QuantizeAttrs)
			return []Type{{DType: p.DType, Shape: in[0].Shape}}, p.check(p.DType)
		},
		CPU: func(a Attrs, out, in []engine.Array) {
			p := a.(QuantizeAttrs)
			check("Quantize", cpu.Quantize(out[0], in[0], float32(p.Scale), p.Zero))
		},
		Tol: Tolerance{Rel64: 1e-6, Reason: "computes in f32"},
		Cases: func() []Case {
			return []Case{
				{Name: "u8", Attrs: QuantizeAttrs{0.25, 7, engine.U8}, In: []Type{f32(2, 3, 5)}, Lo: -5, Hi: 100},
				{Name: "i8", Attrs: QuantizeAttrs{0.125, -3, engine.I8}, In: []Type{f32(4, 33)}, Lo: -20, Hi: 20},
				{Name: "none", Attrs: QuantizeAttrs{1, 0, engine.I8}, In: []Type{f32(0, 3)}},
			}
		},
	})
	Dequantize = Register(&Def{
		Name: "Dequantize", Inputs: []string{"x"}, Attrs: QuantizeAttrs{}, Takes: []Kinds{Bytes},
		Doc:         "Dequantize returns (x − Zero)·Scale as f32 for bytes x. As ONNX's DequantizeLinear.",
		Elementwise: true, ChannelsLast: likeOperand,
		Rule: func(a Attrs, in []Type) ([]Type, error) {
			return []Type{{DType: engine.F32, Shape: in[0].Shape}}, a.(QuantizeAttrs).check(in[0].DType)
		},
		CPU: func(a Attrs, out, in []engine.Array) {
			p := a.(QuantizeAttrs)
			check("Dequantize", cpu.Dequantize(out[0], in[0], float32(p.Scale), p.Zero))
		},
		Cases: func() []Case {
			return []Case{
				{Name: "u8", Attrs: QuantizeAttrs{Scale: 0.25, Zero: 7}, In: []Type{u8(2, 3, 5)}, Hi: 255},
				{Name: "i8", Attrs: QuantizeAttrs{Scale: 0.1, Zero: 3}, In: []Type{{DType: engine.I8, Shape: engine.Shape{9}}}, Hi: 100},
				{Name: "none", Attrs: QuantizeAttrs{Scale: 1}, In: []Type{u8(0)}},
			}
		},
	})
	QuantConv = Register(&Def{
		Name: "QuantConv", Inputs: []string{"x", "w", "scale", "bias", "residual"}, Optional: 1,
		Attrs: QuantLayerAttrs{}, Takes: []Kinds{Bytes, SignedBytes, Reals, Reals, Bytes},
		Doc: "QuantConv returns Conv(x, w)·X.Scale·scale + bias + residual, bounded, as bytes or f32.\n" +
			"x (u8 or i8) stands for numbers as X says, residual as Residual says; w (i8) [o c/groups kernel…] has " +
			"one scale for each output channel: scale, bias: [o]. Y says which bytes the result has. Sums are exact, " +
			"what follows is computed in f32 in this order. Y.DType i32 gives the sums. One or two spatial axes. As ONNX's QLinearConv but for " +
			"the f32 bias.",
		Rule: func(a Attrs, in []Type) ([]Type, error) {
			p := a.(QuantLayerAttrs)
			if r := len(in[0].Shape); r != 3 && r != 4 {
				return nil, fmt.Errorf("x is %v, want one or two spatial axes", in[0].Shape)
			}
			s, err := p.spec().Out(in[0].Shape, in[1].Shape)
			if err != nil {
				return nil, err
			}
			return p.result(in, s, s[1])
		},
		ChannelsLast: func(_ Attrs, _ []engine.Array, t Type) bool { return t.Shape[1] > 1 },
		CPU:          quantLayerCPU("QuantConv"),
		Cases:        func() []Case { return quantConvCases() },
	})
	QuantLinear = Register(&Def{
		Name: "QuantLinear", Inputs: []string{"x", "w", "scale", "bias", "residual"}, Optional: 1,
		Attrs: QuantLayerAttrs{}, Takes: []Kinds{Bytes, SignedBytes, Reals, Reals, Bytes},
		Doc: "QuantLinear returns x·wᵀ·X.Scale·scale + bias + residual, bounded, as bytes or f32.\n" +
			"x: [… k], w (i8): [n k], scale, bias: [n] → [… n]; see QuantConv.",
		Rule: func(a Attrs, in []Type) ([]Type, error) {
			r, err := linearRule(nil, in[:2])
			if err != nil {
				return nil, err
			}
			return a.(QuantLayerAttrs).result(in, r[0].Shape, in[1].Shape[0])
		},
		CPU:   quantLayerCPU("QuantLinear"),
		Cases: func() []Case { return quantLinearCases() },
	})
	QuantMaxPool = Register(&Def{
		Name: "QuantMaxPool", Inputs: []string{"x"}, Attrs: PoolAttrs{}, Takes: []Kinds{Bytes},
		Doc: "QuantMaxPool returns the largest byte of each window; see MaxPool.",
		Rule: func(a Attrs, in []Type) ([]Type, error) {
			y, err := poolRule(a, in)
			return []Type{y}, err
		},
		ChannelsLast: like(0),
		CPU: func(a Attrs, out, in []engine.Array) {
			check("QuantMaxPool", cpu.MaxPool(out[0], engine.Array{}, in[0], a.(PoolAttrs).spec()))
		},
		Cases: func() []Case { return quantPoolCases() },
	})
)

func f32(s ...int) Type { return Type{DType: engine.F32, Shape: s} }
func u8(s ...int) Type  { return Type{DType: engine.U8, Shape: s} }
func i8(s ...int) Type  { return Type{DType: engine.I8, Shape: s} }

// result is the type of a layer's result of shape s with n output channels.
func (a QuantLayerAttrs) result(in []Type, s engine.Shape, n int) ([]Type, error) {
	if in[1].Shape.Numel() == 0 {
		return nil, fmt.Errorf("w is %v, want weights", in[1].Shape)
	}
	if err := a.X.check(in[0].DType); err != nil {
		return nil, fmt.Errorf("x: %w", err)
	}
	for i, name := range []string{"scale", "bias"} {
		if got := in[2+i].Shape; !got.Equal(engine.Shape{n}) {
			return nil, fmt.Errorf("%s is %v, want [%d]", name, got, n)
		}
	}
	if a.HasResidual != (len(in) > 4) {
		return nil, fmt.Errorf("attribute HasResidual is %v with %d operands", a.HasResidual, len(in))
	}
	if len(in) > 4 {
		if !in[4].Shape.Equal(s) {
			return nil, fmt.Errorf("residual is %v, want %v", in[4].Shape, s)
		}
		if err := a.Residual.check(in[4].DType); err != nil {
			return nil, fmt.Errorf("residual: %w", err)
		}
	}
	if a.Clamp && !(a.Lo <= a.Hi) {
		return nil, fmt.Errorf("attributes Lo %v and Hi %v, want the lower one first", a.Lo, a.Hi)
	}
	t := []Type{{DType: a.Y.DType, Shape: s}}
	switch {
	case a.Y.DType == engine.I32 && (a.Clamp || a.HasResidual):
		return nil, fmt.Errorf("sums (attribute Y.DType i32) take neither bounds nor a residual")
	case a.Y.DType == engine.F32 || a.Y.DType == engine.I32:
		return t, nil
	}
	return t, a.Y.check(a.Y.DType)
}

// Layer packs weights w (I8) with their scales and biases [n] for runs with the attributes a.
func (a QuantLayerAttrs) Layer(w, scale, bias engine.Array) (*cpu.QuantLayer, error) {
	spec := a.spec()
	if len(w.Shape) == 2 {
		spec = cpu.ConvSpec{}
	}
	p, err := cpu.PackQuant(w, spec)
	if err != nil {
		return nil, err
	}
	unit, bytes := float32(1), a.Y.DType != engine.F32 && a.Y.DType != engine.I32
	if bytes {
		unit = float32(a.Y.Scale)
	}
	r := cpu.Requant{XZero: a.X.Zero, Scale: floatsOf(scale), Shift: floatsOf(bias), Clamp: a.Clamp}
	for i := range r.Scale {
		r.Scale[i] *= float32(a.X.Scale) / unit
		r.Shift[i] /= unit
	}
	if a.Clamp {
		r.Low, r.High = float32(a.Lo)/unit, float32(a.Hi)/unit
	}
	if bytes {
		r.Zero = a.Y.Zero
	}
	if a.HasResidual {
		r.ResidualScale, r.ResidualZero = float32(a.Residual.Scale)/unit, a.Residual.Zero
	}
	return p.Layer(r)
}

// floatsOf returns the elements of a vector as new f32.
func floatsOf(a engine.Array) []float32 {
	c := engine.NewArray(engine.F32, a.Shape)
	check("QuantLayer", cpu.Copy(c, a))
	return append([]float32{}, c.F32()...)
}

func quantLayerCPU(name string) func(a Attrs, out, in []engine.Array) {
	return func(a Attrs, out, in []engine.Array) {
		l, err := a.(QuantLayerAttrs).Layer(in[1], in[2], in[3])
		check(name, err)
		check(name, l.Run(out[0], in[0], optional(in, 4)))
	}
}

func quantConvCases() []Case {
	x := QuantizeAttrs{Scale: 0.05, Zero: 10}
	y := QuantizeAttrs{Scale: 0.5, Zero: 3, DType: engine.U8}
	return []Case{
		{
			Name: "3×3", Attrs: QuantLayerAttrs{ConvAttrs: ConvAttrs{Padding: []int{1, 1}}, X: x, Y: y},
			In: []Type{u8(2, 3, 6, 5), i8(4, 3, 3, 3), f32(4), f32(4)}, Lo: 1, Hi: 20,
		},
		{
			Name: "residual, bounded, stride 2",
			Attrs: QuantLayerAttrs{
				ConvAttrs: ConvAttrs{Stride: []int{2, 2}}, X: x, Y: QuantizeAttrs{Scale: 0.4, DType: engine.I8},
				HasResidual: true, Residual: QuantizeAttrs{Scale: 0.3, Zero: 9}, Clamp: true, Hi: 60,
			},
			In: []Type{u8(1, 5, 7, 7), i8(33, 5, 3, 3), f32(33), f32(33), u8(1, 33, 3, 3)}, Lo: 1, Hi: 20,
		},
		{
			Name: "depthwise, f32",
			Attrs: QuantLayerAttrs{
				ConvAttrs: ConvAttrs{Groups: 3}, X: x, Y: QuantizeAttrs{DType: engine.F32},
			},
			In: []Type{u8(1, 3, 5, 4), i8(3, 1, 3, 3), f32(3), f32(3)}, Lo: 1, Hi: 20,
		},
		{
			Name:  "bounds below the bytes",
			Attrs: QuantLayerAttrs{X: x, Y: y, Clamp: true, Lo: -9, Hi: -5}, // y.Zero·y.Scale is 1.5
			In:    []Type{u8(1, 3, 4, 4), i8(2, 3, 3, 3), f32(2), f32(2)}, Lo: 1, Hi: 20,
		},
		{
			Name: "one axis, no rows", Attrs: QuantLayerAttrs{X: x, Y: y},
			In: []Type{i8(0, 2, 9), i8(3, 2, 3), f32(3), f32(3)},
		},
	}
}

func quantLinearCases() []Case {
	x := QuantizeAttrs{Scale: 0.05, Zero: 10}
	return []Case{
		{
			Name: "u8", Attrs: QuantLayerAttrs{X: x, Y: QuantizeAttrs{Scale: 0.5, Zero: 3, DType: engine.U8}},
			In: []Type{u8(7, 20), i8(5, 20), f32(5), f32(5)}, Lo: 1, Hi: 20,
		},
		{
			Name: "f32 of i8", Attrs: QuantLayerAttrs{X: x, Y: QuantizeAttrs{DType: engine.F32}},
			In: []Type{i8(2, 3, 8), i8(40, 8), f32(40), f32(40)}, Lo: 1, Hi: 20,
		},
		{
			Name: "sums", Attrs: QuantLayerAttrs{X: x, Y: QuantizeAttrs{DType: engine.I32}},
			In: []Type{u8(5, 40), i8(35, 40), f32(35), f32(35)}, Lo: 1, Hi: 100,
		},
		{
			Name: "no rows", Attrs: QuantLayerAttrs{X: x, Y: QuantizeAttrs{DType: engine.F32}},
			In: []Type{u8(0, 4), i8(3, 4), f32(3), f32(3)},
		},
	}
}

func quantPoolCases() []Case {
	a := PoolAttrs{Kernel: []int{2, 3}, Stride: []int{2, 1}}
	return []Case{
		{Name: "2×3", Attrs: a, In: []Type{u8(2, 5, 6, 7)}, Hi: 200},
		{Name: "signed", Attrs: a, In: []Type{i8(1, 2, 4, 5)}, Lo: -100, Hi: 100},
		{Name: "no rows", Attrs: a, In: []Type{u8(0, 2, 6, 7)}},
	}
}
