package graph

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/engine/op"
)

// Layers with 8-bit weights on numbers: what they read becomes bytes in each run, with a scale and a zero point that
// fit what it holds. They run on the CPU.

// DynamicAttrs say how bytes are made of the input of a DynamicLinear.
type DynamicAttrs struct {
	ByRow bool // each row has its own scale and zero point; otherwise there is one for all of x
}

// DynamicLinear is Linear with 8-bit weights.
var DynamicLinear = &op.Def{
	Domain: "graph", Name: "DynamicLinear", Inputs: []string{"x", "w", "scale", "bias"}, Outputs: []string{"y"}, Optional: 1,
	Attrs: DynamicAttrs{}, Takes: []op.Kinds{op.Reals, op.SignedBytes, op.Reals, op.Reals},
	Doc: "DynamicLinear returns s·(bytes − z)·wᵀ·scale + bias, where (bytes − z)·s is x rounded: s = (max − min) / 255 of x " +
		"and 0, or of each row, z = round(−min / s), as ONNX's DynamicQuantizeLinear has it. Sums are exact.\n" +
		"x: [… k] f32, w (i8): [n k], scale, bias: [n] f32 → [… n]. Where x, or the row, is not finite the result is NaN.",
	Rule: func(_ op.Attrs, in []op.Type) ([]op.Type, error) {
		if err := wantF32(in, 1); err != nil {
			return nil, err
		}
		r, err := op.Linear.Rule(nil, withoutScale(in))
		if err == nil {
			err = scaleOf(in[2], in[1])
		}
		return r, err
	},
	CPU: func(a op.Attrs, out, in []engine.Array) {
		w, err := PackDynamic(in[1], in[2], a.(DynamicAttrs).ByRow)
		must(err)
		must(w.Run(rows(out[0]), rows(in[0]), biasOf(in, 3)))
	},
}

// withoutScale are the operands of Linear among those of DynamicLinear.
func withoutScale(in []op.Type) []op.Type {
	if len(in) < 4 {
		return in[:2:2]
	}
	return []op.Type{in[0], in[1], in[3]}
}

// wantF32 checks the types of all operands but the weights, which stand from a place on.
func wantF32(in []op.Type, weights ...int) error {
	bytes := map[int]bool{}
	for _, i := range weights {
		bytes[i] = true
	}
	for i, t := range in {
		if !bytes[i] && t.DType != engine.F32 {
			return fmt.Errorf("operand %d is %v, want f32", i, t)
		}
	}
	return nil
}

// scaleOf checks the scales t of weights w.
func scaleOf(t, w op.Type) error {
	if w.Shape.Numel() == 0 || !t.Shape.Equal(w.Shape[:1]) {
		return fmt.Errorf("scale is %v, want one for each of the rows of w %v, which is not empty", t.Shape, w.Shape)
	}
	return nil
}

// PackDynamic packs constant weights of i8 [n k] with scales [n].
func PackDynamic(w, scale engine.Array, byRow bool) (*cpu.DynamicWeights, error) {
	return cpu.PackDynamic(w, floats(scale), byRow)
}

// floats returns the elements of a vector of f32.
func floats(a engine.Array) []float32 {
	c := engine.NewArray(engine.F32, a.Shape)
	must(cpu.Copy(c, a))
	return append([]float32{}, c.F32()...)
}

func biasOf(in []engine.Array, at int) []float32 {
	if len(in) <= at {
		return nil
	}
	return floats(in[at])
}

// PackedDynamicAttrs hold a DynamicLinear with constant weights.
type PackedDynamicAttrs struct {
	Weights *cpu.DynamicWeights
	Weight  engine.Shape
	Bias    []float32 // nil: none
}

// PackedDynamic is DynamicLinear with constant weights.
var PackedDynamic = &op.Def{
	Domain: "graph", Name: "PackedDynamic", Inputs: []string{"x"}, Outputs: []string{"y"},
	Attrs: PackedDynamicAttrs{}, Takes: []op.Kinds{op.Reals},
	Doc: "PackedDynamic returns DynamicLinear of x and constant weights.",
	Rule: func(a op.Attrs, in []op.Type) ([]op.Type, error) {
		return op.Linear.Rule(nil, []op.Type{in[0], {DType: engine.F32, Shape: a.(PackedDynamicAttrs).Weight}})
	},
	CPU: func(a op.Attrs, out, in []engine.Array) {
		p := a.(PackedDynamicAttrs)
		must(p.Weights.Run(rows(out[0]), rows(in[0]), p.Bias))
	},
}

// Recurrent layers with 8-bit weights. wihscale and whhscale have an element for each row of the weights; gates and
// cells, which gradients need, are not among the results.
var (
	DynamicLSTM = dynamicRecurrent(op.LSTM, "x", "h0", "c0", "wih", "whh", "bias", "wihscale", "whhscale")
	DynamicGRU  = dynamicRecurrent(op.GRU, "x", "h0", "wih", "whh", "bih", "bhh", "wihscale", "whhscale")

	PackedDynamicLSTM = packedRecurrent(op.LSTM, "x", "h0", "c0", "bias")
	PackedDynamicGRU  = packedRecurrent(op.GRU, "x", "h0", "bih", "bhh")
)

func dynamicRecurrent(d *op.Def, inputs ...string) *op.Def {
	layer := op.NewByteRecurrent(d)
	at, n := layer.Weights(), layer.Operands()
	takes := make([]op.Kinds, len(inputs))
	for i := range takes {
		takes[i] = op.Reals
		if i == at || i == at+1 {
			takes[i] = op.SignedBytes
		}
	}
	return &op.Def{
		Domain: "graph", Name: "Dynamic" + d.Name, Inputs: inputs, Outputs: d.Outputs[:at:at],
		Attrs: op.RecurrentAttrs{}, Takes: takes,
		Doc: "Dynamic" + d.Name + " returns " + d.Name + " with 8-bit weights; inputs and states become bytes at each step, " +
			"those of a sample with a scale and a zero point of their own (DynamicLinear with ByRow).",
		Rule: func(a op.Attrs, in []op.Type) ([]op.Type, error) {
			if err := wantF32(in, at, at+1); err != nil {
				return nil, err
			}
			for i := range 2 {
				if err := scaleOf(in[n+i], in[at+i]); err != nil {
					return nil, err
				}
			}
			return layer.Types(a.(op.RecurrentAttrs), in[:n])
		},
		CPU: func(a op.Attrs, out, in []engine.Array) {
			wih, err := PackDynamic(in[at], in[n], true)
			must(err)
			whh, err := PackDynamic(in[at+1], in[n+1], true)
			must(err)
			layer.Run(a.(op.RecurrentAttrs), out, in[:n], wih, whh)
		},
	}
}

// PackedRecurrentAttrs hold a DynamicLSTM or DynamicGRU with constant weights.
type PackedRecurrentAttrs struct {
	op.RecurrentAttrs
	Wih, Whh             *cpu.DynamicWeights
	WeightsIn, WeightsHh engine.Shape
}

func packedRecurrent(d *op.Def, inputs ...string) *op.Def {
	layer := op.NewByteRecurrent(d)
	at := layer.Weights()
	return &op.Def{
		Domain: "graph", Name: "PackedDynamic" + d.Name, Inputs: inputs, Outputs: d.Outputs[:at:at],
		Attrs: PackedRecurrentAttrs{}, Takes: []op.Kinds{op.Reals},
		Doc: "PackedDynamic" + d.Name + " returns Dynamic" + d.Name + " with constant weights.",
		Rule: func(a op.Attrs, in []op.Type) ([]op.Type, error) {
			p := a.(PackedRecurrentAttrs)
			w := []op.Type{{DType: engine.F32, Shape: p.WeightsIn}, {DType: engine.F32, Shape: p.WeightsHh}}
			return layer.Types(p.RecurrentAttrs, insert(in, at, w...))
		},
		CPU: func(a op.Attrs, out, in []engine.Array) {
			p := a.(PackedRecurrentAttrs)
			w := []engine.Array{{DType: engine.I8, Shape: p.WeightsIn}, {DType: engine.I8, Shape: p.WeightsHh}}
			layer.Run(p.RecurrentAttrs, out, insert(in, at, w...), p.Wih, p.Whh)
		},
	}
}

func insert[T any](in []T, at int, more ...T) []T {
	return append(append(append([]T{}, in[:at]...), more...), in[at:]...)
}
