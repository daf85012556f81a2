package onnx

import (
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
)

// exported are models that go out and come back.
func exported() map[string]struct {
	f  any
	in []*eager.Tensor
} {
	eager.Seed(1)
	type model = struct {
		f  any
		in []*eager.Tensor
	}
	eval := func(m nn.Module) nn.Module { m.Self().Eval(); return m }
	return map[string]model{
		"mlp": {eval(nn.NewSequential(nn.NewLinear(4, 8), nn.NewReLU(), nn.NewLinear(8, 3))), []*eager.Tensor{eager.Randn(5, 4)}},
		"cnn": {
			eval(nn.NewSequential(nn.NewConv2D(3, 8, 3, nn.ConvOptions{Padding: 1}), nn.NewBatchNorm2D(8), nn.NewReLU(),
				nn.NewMaxPool2D(2), nn.NewConv2D(8, 4, 3, nn.ConvOptions{Stride: 2}), nn.NewFlatten(), nn.NewLinear(36, 10))),
			[]*eager.Tensor{eager.Randn(2, 3, 16, 16)},
		},
		"decoder": {
			eval(nn.NewSequential(nn.NewConvTranspose2D(4, 3, 3, nn.ConvOptions{Stride: 2, Padding: 1, OutputPadding: 1}),
				nn.NewPReLU(1), nn.NewGroupNorm(3, 3), nn.NewAvgPool2D(2), nn.NewAdaptiveAvgPool2D(1, 1), nn.NewFlatten())),
			[]*eager.Tensor{eager.Randn(2, 4, 5, 5)},
		},
		"lstm": {
			eval(nn.NewSequential(nn.NewLSTM(5, 6, nn.RNNOptions{BatchFirst: true, Bidirectional: true, Layers: 2}), nn.NewLinear(12, 3))),
			[]*eager.Tensor{eager.Randn(2, 7, 5)},
		},
		"gru": {eval(nn.NewGRU(5, 6, nn.RNNOptions{BatchFirst: true})), []*eager.Tensor{eager.Randn(2, 7, 5)}},
		"rnn": {eval(nn.NewRNN(5, 6, nn.RNNOptions{BatchFirst: true})), []*eager.Tensor{eager.Randn(2, 7, 5)}},
		"transformer": {
			eval(nn.NewSequential(nn.NewEmbedding(20, 8),
				nn.NewTransformerEncoder(8, 2, 2, nn.TransformerOptions{BatchFirst: true, Hidden: 16, Activation: "gelu"}))),
			[]*eager.Tensor{eager.RandInt(0, 20, 2, 6)},
		},
		"upsample": {
			eval(nn.NewSequential(nn.NewUpsample(nn.UpsampleOptions{Scale: []float64{2}, Mode: "bilinear"}), nn.NewLayerNorm([]int{8}))),
			[]*eager.Tensor{eager.Randn(2, 3, 4, 4)},
		},
		"functions": {
			func(x, y *eager.Tensor) *eager.Tensor {
				z := x.MatMul(y.T()).Softmax(1).Add(1).Log1p().Mul(x.GELU().Mean()).Sub(y.SiLU().Std(0, 1))
				return eager.Where(z.Gt(0), z.Clamp(-1, 1), z.Square().Neg()).Slice(1, 1, 4).Flip(0).Sum(1)
			},
			[]*eager.Tensor{eager.Randn(6, 5), eager.Randn(7, 5)},
		},
	}
}

// TestExportedModelsGiveTheSameResults writes models and runs what was written.
func TestExportedModelsGiveTheSameResults(t *testing.T) {
	for name, m := range exported() {
		p, err := Export(m.f, ExportOptions{Batch: name != "functions"}, m.in...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		b, err := proto.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		back, err := Parse(b, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if dir := os.Getenv("ONNX_OUT"); dir != "" {
			_ = WriteFile(filepath.Join(dir, name+".onnx"), p)
		}
		for _, more := range []bool{false, true} {
			in := m.in
			if more && name == "functions" {
				continue
			}
			if more {
				in = []*eager.Tensor{eager.Concat(0, m.in[0], m.in[0], m.in[0])}
			}
			want := apply(m.f, in)
			got := back.Apply(in...)[0]
			if !got.Shape().Equal(want.Shape()) || !eager.AllClose(got, want, 1e-4, 1e-5) {
				t.Errorf("%s: exported model gives %v, want %v", name, got, want)
			}
		}
	}
}

func apply(f any, in []*eager.Tensor) *eager.Tensor {
	switch f := f.(type) {
	case interface {
		Forward(x *eager.Tensor) *eager.Tensor
	}:
		return f.Forward(in[0])
	case func(x, y *eager.Tensor) *eager.Tensor:
		return f(in[0], in[1])
	}
	return nil
}
