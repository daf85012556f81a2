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

// Products with transposed constants, as ONNX's Gemm gives them, are dense layers after Freeze, and factors
// and terms behind them are part of those.
func TestFreezeMakesProductsDenseLayers(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 9))
	random := func(s ...int) engine.Array {
		v := make([]float32, engine.Shape(s).Numel())
		for i := range v {
			v[i] = r.Float32() - 0.5
		}
		return engine.Of(engine.Shape(s), v)
	}
	b := graph.NewBuilder()
	one := func(d *op.Def, a op.Attrs, in ...graph.Value) graph.Value { return b.Apply(d, a, in...)[0] }
	x := b.Input("x", f32(5, 300))
	w := one(op.Permute, op.PermuteAttrs{Perm: []int{1, 0}}, b.Constant("w", random(400, 300)))
	h := one(op.Add, nil, one(op.MatMul, nil, x, w), b.Constant("bias", random(400)))
	y := one(op.Mul, nil, one(op.MatMul, nil, h, b.Constant("v", random(400, 7))), number(b, 0.5))
	b.Output("y", y)
	b.Output("squared", one(op.MatMul, nil, y, one(op.Permute, op.PermuteAttrs{Perm: []int{1, 0}}, y)))
	g := b.Graph()
	frozen, err := Freeze(g)
	if err != nil {
		t.Fatal(err)
	}
	count := map[*op.Def]int{}
	for i := range frozen.Nodes {
		count[frozen.Nodes[i].Def]++
	}
	if count[op.Linear] != 2 || count[op.MatMul] != 1 || len(frozen.Nodes) != 4 {
		t.Errorf("the frozen graph is\n%s", frozen)
	}
	in := &exec.Run{Inputs: []engine.Array{random(5, 300)}}
	var results [2][]engine.Array
	for i, g := range []*graph.Graph{g, frozen} {
		p, err := exec.New(g, nil)
		if err != nil {
			t.Fatal(err)
		}
		results[i] = p.Run(in)
	}
	for i, want := range results[0] {
		for k, v := range clone(want).F32() {
			if got := clone(results[1][i]).F32()[k]; math.Abs(float64(got-v)) > 1e-4*max(1, math.Abs(float64(v))) {
				t.Fatalf("output %d: element %d is %v, want %v", i, k, got, v)
			}
		}
	}
}
