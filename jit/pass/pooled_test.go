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

func TestGradientOfReLUBeforeMaximaIsTakenOfTheMaxima(t *testing.T) {
	for _, a := range []op.PoolAttrs{
		{Kernel: []int{2, 2}, Stride: []int{2, 2}},
		{Kernel: []int{3, 3}, Stride: []int{2, 2}, Padding: []int{1, 1}},
	} {
		b := graph.NewBuilder()
		x, dy := b.Input("x", f32(2, 3, 8, 8)), b.Input("dy", f32(2, 3, 4, 4))
		y := b.Apply(op.ReLU, nil, x)[0]
		pool := b.Apply(op.MaxPool, a, y)
		dx := b.Apply(op.MaxPoolGrad, op.ShapeAttrs{Shape: engine.Shape{2, 3, 8, 8}}, dy, pool[1])[0]
		b.Output("dx", b.Apply(op.ReLUGrad, nil, dx, y)[0])
		g := b.Graph()
		r := rand.New(rand.NewPCG(1, 2))
		in := []engine.Array{engine.NewArray(engine.F32, engine.Shape{2, 3, 8, 8}), engine.NewArray(engine.F32, engine.Shape{2, 3, 4, 4})}
		for _, x := range in {
			for i := range x.F32() {
				x.F32()[i] = float32(r.NormFloat64() - 0.3)
			}
		}
		in[0].F32()[5], in[1].F32()[7] = float32(math.NaN()), float32(math.Copysign(0, -1))
		run := func(g *graph.Graph) []float32 {
			p, err := exec.New(g, nil)
			if err != nil {
				t.Fatal(err)
			}
			return p.Run(&exec.Run{Inputs: in})[0].F32()
		}
		h := Pooled(g.Clone())
		if err := h.Verify(); err != nil {
			t.Fatal(err)
		}
		if last := h.Nodes[len(h.Nodes)-1]; last.Def != op.MaxPoolGrad {
			t.Errorf("the last operator is %s, want MaxPoolGrad\n%v", last.Def.Name, h)
		}
		want, got := run(g), run(h)
		for i := range want {
			if math.Float32bits(want[i]) != math.Float32bits(got[i]) {
				t.Errorf("%v: element %d is %v, want %v", a, i, got[i], want[i])
			}
		}
	}
}
