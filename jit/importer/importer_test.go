package importer

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/onnx"
)

// normalised returns a network in evaluation mode whose normalisations have statistics of their own.
func normalised() (*nn.Sequential, *eager.Tensor) {
	eager.Seed(1)
	net := nn.NewSequential(nn.NewConv2D(3, 8, 3, nn.ConvOptions{NoBias: true}), nn.NewBatchNorm2D(8), nn.NewReLU(),
		nn.NewConv2D(8, 4, 1), nn.NewBatchNorm2D(4), nn.NewFlatten(), nn.NewLinear(4*6*6, 5))
	for range 3 {
		net.Forward(eager.Randn(4, 3, 8, 8).Mul(3).Add(1))
	}
	net.Eval()
	return net, eager.Randn(2, 3, 8, 8)
}

func TestImportedNormalisationIsPartOfTheLayersBeforeIt(t *testing.T) {
	net, x := normalised()
	path := filepath.Join(t.TempDir(), "net.onnx")
	if err := onnx.Save(path, net, onnx.ExportOptions{}, x); err != nil {
		t.Fatal(err)
	}
	m, err := Model(path, "", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	layers := 0
	for _, n := range m.Graph().Nodes {
		switch n.Def {
		case op.Conv, op.Linear:
			layers++
		case op.ReLU, op.Reshape:
		default:
			t.Errorf("%s is left of the network: want convolutions, a dense layer and what lies between them", n.Def.Name)
		}
	}
	if layers != 3 {
		t.Errorf("%d layers, want 3", layers)
	}
	y, err := m.Run([]engine.Array{x.Array()})
	if err != nil {
		t.Fatal(err)
	}
	want := net.Forward(x).Float64s()
	for i, v := range eager.FromArray(y[0]).Float64s() {
		if d := math.Abs(v - want[i]); !(d <= 1e-4*(1+math.Abs(want[i]))) {
			t.Fatalf("output %d is %v, want %v as before the export", i, v, want[i])
		}
	}
}
