package model

import (
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
)

func ones(s engine.Shape) engine.Array {
	x := make([]float32, s.Numel())
	for i := range x {
		x[i] = 1
	}
	return engine.Of(s, x)
}

func TestProfileSaysWhatEachOperatorHasToDo(t *testing.T) {
	b := graph.NewBuilder()
	x := b.Input("x", op.Type{DType: engine.F32, Shape: engine.Shape{2, 3, 5, 5}})
	w := b.Constant("w", ones(engine.Shape{4, 3, 3, 3}))
	v := b.Constant("v", ones(engine.Shape{6, 36}))
	y := b.Apply(op.Conv, op.ConvAttrs{Stride: []int{1, 1}, Padding: []int{0, 0}, Dilation: []int{1, 1}, Groups: 1}, x, w)[0]
	y = b.Apply(op.Reshape, op.ShapeAttrs{Shape: engine.Shape{2, 36}}, y)[0]
	b.Output("y", b.Apply(op.Linear, nil, y, v)[0])
	m, err := New(b.Graph())
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Profile(3, []engine.Array{ones(engine.Shape{2, 3, 5, 5})})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][2]float64{ // multiplications and additions; bytes
		"PackedConv":   {2 * 2 * 4 * 9 * 27, 4 * (2*3*25 + 4*27 + 2*4*9)},
		"PackedLinear": {2 * 2 * 6 * 36, 4 * (2*36 + 6*36 + 2*6)},
	}
	for _, n := range p.Nodes {
		if c, ok := want[n.Op]; ok {
			if delete(want, n.Op); n.Flops != c[0] || n.Bytes != c[1] || n.Took <= 0 {
				t.Errorf("%+v; want %v operations on %v bytes, and a time", n, c[0], c[1])
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("no times for %v", want)
	}
	if p.Alone <= 0 || p.Total <= 0 || !strings.Contains(p.String(), "weight[4 3 3 3]") {
		t.Errorf("a run took %v, %v with times; the table is\n%v", p.Alone, p.Total, p)
	}
	if _, err := m.Profile(0, nil); err == nil || !strings.Contains(err.Error(), "want at least one") {
		t.Errorf("no runs: %v", err)
	}
}
