package onnx

import (
	"path/filepath"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit"
	jitmodel "github.com/lathe-ml/lathe/jit/model"
)

// pieces is maxout over groups of neighbouring columns.
func pieces() *eager.Registered {
	return eager.Operator{
		Domain: "test.onnx", Name: "Maxout",
		Shape: func(p eager.Params, in []op.Type) []op.Type {
			s := in[0].Shape
			return []op.Type{{DType: in[0].DType, Shape: engine.Shape{s[0], s[1] / p.Int("pieces", 2)}}}
		},
		Forward: func(p eager.Params, in []*eager.Tensor) []*eager.Tensor {
			s, k := in[0].Shape(), p.Int("pieces", 2)
			return []*eager.Tensor{in[0].Reshape(s[0], s[1]/k, k).Max(2)}
		},
	}.Register()
}

func TestOperatorsOfProgramsGoThroughGraphsFilesAndModels(t *testing.T) {
	eager.Seed(4)
	m := pieces()
	first, last := nn.NewLinear(5, 12), nn.NewLinear(4, 2)
	f := func(x *eager.Tensor) *eager.Tensor {
		return last.Forward(m.Call(eager.Params{"pieces": 3, "why": "a test", "w": []float64{1, 2}}, first.Forward(x))[0])
	}
	x := eager.Randn(7, 5)
	eager.NoGrad(func() {
		want := f(x)
		g, err := jit.Trace(f, x)
		if err != nil {
			t.Fatal(err)
		}
		if count(g.Graph, m.Def()) != 1 {
			t.Errorf("the graph has no Maxout: %v", g.Graph)
		}
		near(t, "graph", g.Run(x)[0], want, 1e-5)

		path := filepath.Join(t.TempDir(), "net.lathe")
		if err := g.Save(path); err != nil {
			t.Fatal(err)
		}
		file, err := jitmodel.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		y, err := file.Run([]engine.Array{x.Array()})
		if err != nil {
			t.Fatal(err)
		}
		near(t, "file", eager.FromArray(y[0]), want, 1e-5)

		p, err := Export(f, ExportOptions{}, x)
		if err != nil {
			t.Fatal(err)
		}
		back, err := FromProto(p, nil)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "ONNX", back.Apply(x)[0], want, 1e-5)

		q, report, err := g.Quantize([][]*eager.Tensor{{x}})
		if err != nil {
			t.Fatal(err)
		}
		if report.Quantised != 2 || count(q.Graph, m.Def()) != 1 {
			t.Errorf("%d layers became bytes, want 2 around Maxout: %v", report.Quantised, q.Graph)
		}
		near(t, "bytes", q.Run(x)[0], want, 0.05*want.Abs().Max().Item())
	})
	compiled := jit.Compile(func(x *eager.Tensor) *eager.Tensor { return f(x).Square().Mean() })
	for range 4 { // recorded, checked, run again
		first.Self().ZeroGrad()
		y := compiled.Call(x)
		y.Backward()
		w := first.Weight.Grad().Clone()
		first.Self().ZeroGrad()
		f(x).Square().Mean().Backward()
		near(t, "gradient in a compiled function", w, first.Weight.Grad(), 1e-5)
	}
}
