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

func TestGradientOfGELUIsAProductWithTheDerivativeSavedBefore(t *testing.T) {
	b := graph.NewBuilder()
	x, dy, row := b.Input("x", f32(5, 7)), b.Input("dy", f32(5, 7)), b.Input("row", f32(7))
	y := b.Apply(op.GELU, nil, x)[0]
	b.Output("y", y)
	b.Output("dx", b.Apply(op.GELUGrad, nil, dy, x)[0])
	b.Output("again", b.Apply(op.GELUGrad, nil, y, x)[0])
	b.Output("broadcast", b.Apply(op.GELUGrad, nil, row, x)[0]) // stays
	b.Output("other", b.Apply(op.GELUGrad, nil, x, dy)[0])      // no GELU of dy
	g := b.Graph()
	h := Slopes(g.Clone())
	if err := h.Verify(); err != nil {
		t.Fatal(err)
	}
	count := map[*op.Def]int{}
	for _, n := range h.Nodes {
		count[n.Def]++
	}
	if count[op.GELU] != 0 || count[op.GELUSlope] != 1 || count[op.Mul] != 2 || count[op.GELUGrad] != 2 {
		t.Errorf("the operators are %v\n%v", count, h)
	}
	r := rand.New(rand.NewPCG(1, 2))
	var in []engine.Array
	for _, n := range []int{35, 35, 7} {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(3 * r.NormFloat64())
		}
		in = append(in, engine.Of(engine.Shape{n / 7, 7}, v))
	}
	in[2].Shape, in[2].Strides = engine.Shape{7}, []int{1}
	in[0].F32()[3], in[0].F32()[4], in[1].F32()[5] = float32(math.NaN()), -40, float32(math.Copysign(0, -1))
	run := func(g *graph.Graph) []engine.Array {
		p, err := exec.New(g, nil)
		if err != nil {
			t.Fatal(err)
		}
		return p.Run(&exec.Run{Inputs: in})
	}
	want, got := run(g), run(h)
	for k := range want {
		for i, w := range want[k].F32() {
			v := got[k].F32()[i]
			if d := math.Abs(float64(v - w)); d > 2e-7*math.Max(1, math.Abs(float64(w))) || (v != v) != (w != w) {
				t.Errorf("output %d, element %d: %v, want %v", k, i, v, w)
			}
		}
	}
}
