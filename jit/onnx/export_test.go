package onnx

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/fft"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit"
	ir "github.com/lathe-ml/lathe/jit/graph"
	"github.com/lathe-ml/lathe/jit/quant"
)

// exportedModel is a function and examples of its arguments.
type exportedModel struct {
	f  any
	in []*eager.Tensor
}

// free reports whether the function takes batches of any size.
func (m exportedModel) free() bool {
	_, module := m.f.(nn.Module)
	return module
}

// exported are models that go out and come back.
func exported() map[string]exportedModel {
	eager.Seed(1)
	type model = exportedModel
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
		"composed": {
			func(x, y *eager.Tensor) *eager.Tensor {
				z := x.Hypot(y).Add(x.Atan2(y)).Add(x.Fmod(0.3)).Add(x.TruncDiv(y.Abs().Add(0.1))).Add(x.CopySign(y))
				z = z.Add(x.CumProd(1)).Add(x.LogCumSumExp(0)).Add(x.Sigmoid()).Add(x.SignBit().To(engine.F32))
				at := first(x.Sort(1, false)).SearchSorted(y.Contiguous(), false).To(engine.F32)
				return z.IndexAdd(0, eager.FromInts([]int{1, 0, 1, 3, 2, 1}, 6), y).Add(at)
			},
			[]*eager.Tensor{eager.Randn(6, 5), eager.Randn(6, 5)},
		},
		"angles": {
			func(x, y *eager.Tensor) *eager.Tensor { return x.Atan2(y).Add(x.CopySign(y)).Add(x.Angle()) },
			[]*eager.Tensor{
				eager.FromFloat32s([]float32{0, 0, negativeZero, negativeZero, 1, -1, 2, -2}, 8),
				eager.FromFloat32s([]float32{1, -1, 1, -1, 0, 0, negativeZero, 3}, 8),
			},
		},
		"spectrum": {
			func(x, y *eager.Tensor) *eager.Tensor {
				z := fft.FFT(x).Mul(eager.Complex(y, y.Neg()))
				back := fft.IFFT(z)
				return fft.RFFT(x).Abs().Sum(1).Add(back.Real().Add(back.Imag()).Add(back.Conj().Angle()).Sum(1))
			},
			[]*eager.Tensor{eager.Randn(4, 10), eager.Randn(4, 10)},
		},
	}
}

var negativeZero = float32(math.Copysign(0, -1))

// TestExportedModelsGiveTheSameResults writes models and runs what was written.
func TestExportedModelsGiveTheSameResults(t *testing.T) {
	for name, m := range exported() {
		p, err := Export(m.f, ExportOptions{Batch: m.free()}, m.in...)
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
			if more && !m.free() {
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

// TestQuantisedGraphsComeBackAsTheyWent writes layers over bytes as QDQ, and reads layers over bytes.
func TestQuantisedGraphsComeBackAsTheyWent(t *testing.T) {
	for name, m := range quantised(t) {
		p, err := ExportGraph(m.g.Graph, nil, ExportOptions{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		back, err := FromProto(p, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		eager.NoGrad(func() {
			want, got := m.g.Run(m.x)[0], back.Apply(m.x)[0]
			near(t, name, got, want, 0.02*want.Abs().Max().Item())
			again, err := jit.Trace(back.Apply, m.x)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				return
			}
			for _, d := range []*op.Def{op.QuantConv, op.QuantLinear, op.QuantMaxPool, op.Quantize, op.Dequantize} {
				if n, k := count(m.g.Graph, d), count(again.Graph, d); n != k {
					t.Errorf("%s: %d %s went, %d came back", name, n, d.Name, k)
				}
			}
		})
	}
}

func count(g *ir.Graph, d *op.Def) int {
	n := 0
	for i := range g.Nodes {
		if g.Nodes[i].Def == d {
			n++
		}
	}
	return n
}

type quantisedModel struct {
	g *jit.Graph
	x *eager.Tensor
}

// quantised are networks of 8-bit layers.
func quantised(t *testing.T) map[string]quantisedModel {
	eager.Seed(2)
	conv := func(in, out, kernel, stride, groups int) nn.Module {
		return nn.NewConv2D(in, out, kernel, nn.ConvOptions{Stride: stride, Padding: kernel / 2, Groups: groups})
	}
	body := nn.NewSequential(conv(8, 8, 3, 1, 8), nn.NewReLU(), conv(8, 8, 1, 1, 1))
	head := nn.NewSequential(nn.NewFlatten(), nn.NewLinear(8*4*4, 12), nn.NewReLU(), nn.NewLinear(12, 5))
	stem := nn.NewSequential(conv(3, 8, 3, 2, 1), nn.NewReLU(), nn.NewMaxPool2D(2))
	wide := nn.NewSequential(nn.NewLinear(6, 9), nn.NewReLU(), nn.NewLinear(9, 4))
	all := map[string]quantisedModel{}
	for name, c := range map[string]struct {
		f any
		x *eager.Tensor
	}{
		"residual": {func(x *eager.Tensor) *eager.Tensor {
			y := stem.Forward(x)
			return head.Forward(body.Forward(y).Add(y).ReLU())
		}, eager.Randn(2, 3, 16, 16)},
		"rows of rows": {wide.Forward, eager.Randn(2, 5, 6)},
	} {
		eager.NoGrad(func() {
			g, err := jit.Trace(c.f, c.x)
			if err != nil {
				t.Fatal(err)
			}
			q, _, err := g.Quantize([][]*eager.Tensor{{c.x}})
			if err != nil {
				t.Fatal(err)
			}
			all[name] = quantisedModel{q, c.x}
		})
	}
	return all
}

// TestWritingWhatWasReadChangesNothing exports, reads, traces, exports and reads again.
func TestWritingWhatWasReadChangesNothing(t *testing.T) {
	for name, m := range exported() {
		first, err := Export(m.f, ExportOptions{}, m.in...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		back, err := FromProto(first, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		second, err := Export(back.Apply, ExportOptions{}, m.in...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		again, err := FromProto(second, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		eager.NoGrad(func() { near(t, name, again.Apply(m.in...)[0], back.Apply(m.in...)[0], 1e-5) })
	}
}

func first(x, _ *eager.Tensor) *eager.Tensor { return x }

// dynamic are networks of layers with 8-bit weights on numbers.
func dynamic(t *testing.T) map[string]quantisedModel {
	eager.Seed(3)
	all := map[string]quantisedModel{}
	lstm := nn.NewSequential(nn.NewLSTM(5, 12, nn.RNNOptions{BatchFirst: true, Bidirectional: true}), nn.NewLinear(24, 3))
	for name, c := range map[string]struct {
		f any
		x *eager.Tensor
		o quant.DynamicOptions
	}{
		"dense by row":    {nn.NewSequential(nn.NewLinear(20, 9), nn.NewReLU(), nn.NewLinear(9, 4)), eager.Randn(7, 20), quant.DynamicOptions{}},
		"dense by tensor": {nn.NewSequential(nn.NewLinear(20, 9), nn.NewReLU(), nn.NewLinear(9, 4)), eager.Randn(7, 20), quant.DynamicOptions{ByTensor: true}},
		"dynamic lstm":    {lstm, eager.Randn(3, 6, 5), quant.DynamicOptions{}},
		"dynamic gru":     {nn.NewGRU(5, 12, nn.RNNOptions{Bidirectional: true}), eager.Randn(6, 3, 5), quant.DynamicOptions{ByTensor: true}},
	} {
		eager.NoGrad(func() {
			g, err := jit.Trace(c.f, c.x)
			if err != nil {
				t.Fatal(err)
			}
			q, _, err := g.QuantizeDynamic(nil, c.o)
			if err != nil {
				t.Fatal(err)
			}
			all[name] = quantisedModel{q, c.x}
		})
	}
	return all
}

// TestDynamicLayersComeBackAsTheyWent writes layers that make bytes of what they read, as MatMulInteger.
func TestDynamicLayersComeBackAsTheyWent(t *testing.T) {
	for name, m := range dynamic(t) {
		p, err := ExportGraph(m.g.Graph, nil, ExportOptions{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, k := range p.Graph.Initializer {
			if strings.HasSuffix(k.GetName(), "weight") || strings.Contains(k.GetName(), "weight_hh") {
				t.Errorf("%s: %s went beside its transpose", name, k.GetName())
			}
		}
		back, err := FromProto(p, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		eager.NoGrad(func() {
			want, got := m.g.Run(m.x)[0], back.Apply(m.x)[0]
			near(t, name, got, want, 1e-5*want.Abs().Max().Item())
		})
	}
}
