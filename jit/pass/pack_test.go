package pass

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/exec"
	"github.com/lathe-ml/lathe/jit/graph"
)

// residualNet is a network of blocks as image classifiers have them: bounded convolutions, one for each
// channel, sums with what went into a block, a result that is read twice.
func residualNet(r *rand.Rand) (*graph.Graph, []engine.Array) {
	b := graph.NewBuilder()
	one := func(d *op.Def, a op.Attrs, in ...graph.Value) graph.Value { return b.Apply(d, a, in...)[0] }
	random := func(s ...int) engine.Array {
		v := make([]float32, engine.Shape(s).Numel())
		for i := range v {
			v[i] = r.Float32() - 0.5
		}
		return engine.Of(engine.Shape(s), v)
	}
	conv := func(x graph.Value, biased bool, groups, pad int, w ...int) graph.Value {
		in := []graph.Value{x, b.Constant("w", random(w...))}
		if biased {
			in = append(in, b.Constant("bias", random(w[0])))
		}
		return one(op.Conv, op.ConvAttrs{Padding: []int{pad, pad}, Groups: groups}, in...)
	}
	six := op.ClampAttrs{Lo: -0.25, Hi: 0.5}
	x := b.Input("x", f32(2, 3, 10, 9))
	h := one(op.ReLU, nil, conv(x, true, 1, 1, 24, 3, 3, 3))
	h = one(op.Clamp, six, conv(h, true, 24, 1, 24, 1, 3, 3))
	y := conv(h, false, 1, 0, 24, 24, 1, 1)
	h = one(op.ReLU, nil, one(op.Add, nil, y, h))
	left, right := conv(h, true, 1, 1, 40, 24, 3, 3), conv(h, true, 1, 0, 40, 24, 1, 1)
	h = one(op.Clamp, six, one(op.Add, nil, left, right))
	twice := conv(h, true, 1, 0, 8, 40, 1, 1)
	b.Output("y", one(op.Add, nil, one(op.ReLU, nil, twice), twice))
	hidden := one(op.ReLU, nil, one(op.Linear, nil, b.Input("v", f32(5, 33)), b.Constant("w", random(20, 33))))
	b.Output("dense", one(op.Linear, nil, hidden, b.Constant("w", random(7, 20)), b.Constant("bias", random(7))))
	b.Output("biased", one(op.Add, nil, conv(h, true, 1, 0, 8, 40, 1, 1), b.Constant("row", random(9))))
	return b.Graph(), []engine.Array{random(2, 3, 10, 9), random(5, 33)}
}

func TestPackedConvolutionsComputeTheSame(t *testing.T) {
	g, in := residualNet(rand.New(rand.NewPCG(3, 4)))
	packed := RunConstant(g)
	convs, dense := 0, 0
	for i := range packed.Nodes {
		switch n := &packed.Nodes[i]; n.Def {
		case graph.PackedConv:
			convs++
		case graph.PackedLinear:
			dense++
		case op.Conv, graph.ConvReLU, op.Clamp, op.Linear, graph.LinearReLU:
			t.Errorf("%s is left:\n%s", n.Def.Name, packed)
		}
	}
	if convs != 7 || dense != 2 {
		t.Errorf("%d packed convolutions and %d dense layers, want 7 and 2:\n%s", convs, dense, packed)
	}
	p, err := exec.New(packed, nil)
	if err != nil {
		t.Fatal(err)
	}
	reference, err := exec.New(g, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		got, want := p.Run(&exec.Run{Inputs: in}), reference.Run(&exec.Run{Inputs: in})
		for i := range want {
			a, b := clone(got[i]).F32(), clone(want[i]).F32()
			for k := range b {
				if math.Abs(float64(a[k]-b[k])) > 1e-5 {
					t.Fatalf("output %d: element %d is %v, want %v", i, k, a[k], b[k])
				}
			}
		}
	}
}
