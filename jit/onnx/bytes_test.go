package onnx

import (
	"slices"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/checkpoint"
	"github.com/lathe-ml/lathe/jit"
)

// TestQuantisedModelsComputeWithBytesAsOnnxruntimeDoes reads what testdata/quantise.py recorded.
func TestQuantisedModelsComputeWithBytesAsOnnxruntimeDoes(t *testing.T) {
	x, err := checkpoint.LoadNPY("testdata/quant/x.npy")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		kinds []string // that must be there
		step  float64  // largest difference that is allowed: one byte of the result
	}{
		"qdq":          {[]string{"QuantConv", "QuantAdd", "QuantLinear", "MaxPool"}, 0},
		"qdq-signed":   {[]string{"QuantConv", "QuantAdd", "QuantLinear", "MaxPool"}, 0},
		"qdq-unsigned": {[]string{"QuantAdd", "MaxPool"}, 0}, // weights whose zero point is not near 128 stay f32
		"qoperator":    {[]string{"QuantConv", "QuantAdd", "QuantLinear", "MaxPool"}, 0},
		"dynamic":      {[]string{"DynamicConv", "DynamicLinear"}, 1e-5},
	} {
		m, err := Load("testdata/quant/" + name + ".onnx")
		if err != nil {
			t.Fatal(err)
		}
		want, err := checkpoint.LoadNPY("testdata/quant/" + name + ".npy")
		if err != nil {
			t.Fatal(err)
		}
		kinds := m.kinds()
		for _, k := range c.kinds {
			if !slices.Contains(kinds, k) {
				t.Errorf("%s has no %s among %q", name, k, kinds)
			}
		}
		for _, k := range []string{"Conv", "Gemm", "MatMul", "QLinearConv", "QLinearAdd", "ConvInteger", "MatMulInteger", "DynamicQuantizeLinear", "Cast"} {
			if slices.Contains(kinds, k) && name != "qdq-unsigned" {
				t.Errorf("%s still has %s", name, k)
			}
		}
		step := c.step
		if last := m.graph.nodes[len(m.graph.nodes)-1]; step == 0 {
			if last.op != "DequantizeLinear" {
				t.Fatalf("%s ends with %s", name, last.op)
			}
			step = m.graph.constant(last.in[1]).Data.Item() * 1.001
		}
		eager.NoGrad(func() {
			near(t, name, m.Apply(x)[0], want, step)
			near(t, name+" again", m.Apply(x)[0], want, step)
			g, err := jit.Trace(m.Apply, x)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				return
			}
			near(t, name+" as a graph", g.Run(x)[0], want, step)
		})
	}
}

// kinds are the operators of the model's own graph.
func (m *Model) kinds() []string {
	var k []string
	for _, n := range m.graph.nodes {
		k = append(k, n.op)
	}
	return k
}

func (g *graph) constant(slot int) *Tensor {
	for _, i := range g.inits {
		if i.slot == slot {
			return i.value
		}
	}
	return nil
}

func near(t *testing.T, name string, got, want *eager.Tensor, step float64) {
	t.Helper()
	if !got.Shape().Equal(want.Shape()) {
		t.Errorf("%s: shape %v, want %v", name, got.Shape(), want.Shape())
	} else if d := got.Sub(want).Abs().Max().Item(); !(d <= step) {
		t.Errorf("%s: differs by %g, at most %g is allowed", name, d, step)
	}
}
