package jit

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/exec"
	"github.com/lathe-ml/lathe/jit/graph"
)

// drawn is a random program: values are made by applying operators to earlier ones.
type drawn struct {
	r      *rand.Rand
	values []tensor
	b      *graph.Builder
	ids    []graph.Value
	inputs []tensor
	text   string
}

var (
	unaryDefs = []*op.Def{
		op.Neg, op.Abs, op.ReLU, op.Tanh, op.Sigmoid, op.Exp, op.Sin, op.Cos, op.GELU, op.SiLU, op.Copy, op.Sign,
		op.Floor,
	}
	binaryDefs  = []*op.Def{op.Add, op.Sub, op.Mul, op.Maximum, op.Minimum, op.ReLUGrad, op.SigmoidGrad, op.TanhGrad}
	shapesDrawn = []engine.Shape{{4, 6}, {6}, {4, 1}, {1, 6}, {}, {2, 4, 6}, {2, 1, 6}, {1}}
)

// draw makes a program of n operators.
func draw(seed uint64, n int) *drawn {
	d := &drawn{r: rand.New(rand.NewPCG(seed, 1)), b: graph.NewBuilder()}
	eager.Seed(seed)
	types := []engine.DType{engine.F32, engine.F32, engine.F32, engine.F64}
	t := types[d.r.IntN(len(types))]
	for i := range 2 + d.r.IntN(3) {
		x := eager.Randn(shapesDrawn[d.r.IntN(len(shapesDrawn))]...).To(t)
		d.inputs = append(d.inputs, x)
		d.values = append(d.values, x)
		d.ids = append(d.ids, d.b.Input(fmt.Sprint("x", i), x.Type()))
	}
	for range n {
		d.step()
	}
	for i, v := range d.ids {
		if i >= len(d.ids)-2 || d.r.IntN(6) == 0 {
			d.b.Output(fmt.Sprint("y", i), v)
		}
	}
	return d
}

func (d *drawn) any() int {
	if n := len(d.values); n > 3 && d.r.IntN(3) > 0 {
		return n - 1 - d.r.IntN(3)
	}
	return d.r.IntN(len(d.values))
}

// step applies a random operator, if it takes its operands.
func (d *drawn) step() {
	i := d.any()
	x := d.values[i]
	switch k := d.r.IntN(16); {
	case k < 5:
		d.apply(unaryDefs[d.r.IntN(len(unaryDefs))], nil, i)
	case k < 10:
		d.apply(binaryDefs[d.r.IntN(len(binaryDefs))], nil, i, d.any())
	case k == 10:
		d.number([]float64{1, 0, 2.5, -1}[d.r.IntN(4)])
		d.apply(binaryDefs[d.r.IntN(4)], nil, i, len(d.values)-1)
	case x.Rank() == 0:
	case k == 11:
		d.apply(op.Sum, op.ReduceAttrs{Axes: []int{d.r.IntN(x.Rank())}, Keep: d.r.IntN(2) == 0}, i)
	case k == 12:
		d.apply(op.Permute, op.PermuteAttrs{Perm: d.r.Perm(x.Rank())}, i)
	case k == 13:
		d.apply(op.Reshape, op.ShapeAttrs{Shape: engine.Shape{x.Numel()}}, i)
	case k == 14:
		d.apply(op.Softmax, op.AxisAttrs{Axis: d.r.IntN(x.Rank())}, i)
	default:
		a := op.SliceAttrs{Start: make([]int, x.Rank()), Stop: x.Shape().Clone(), Step: make([]int, x.Rank())}
		for k := range a.Step {
			a.Step[k] = 1 + d.r.IntN(2)
			a.Start[k] = d.r.IntN(2) * (x.Shape()[k] - 1) / 2
		}
		d.apply(op.Slice, a, i)
	}
}

func (d *drawn) number(v float64) {
	a := engine.Of(nil, []float64{v})
	x := eager.FromArray(a)
	d.values = append(d.values, x)
	d.ids = append(d.ids, d.b.Number(a))
}

// apply applies an operator in both worlds; operands whose shapes do not broadcast are left.
func (d *drawn) apply(def *op.Def, a op.Attrs, in ...int) {
	ids, types := make([]graph.Value, len(in)), make([]op.Type, len(in))
	arrays, weak := make([]engine.Array, len(in)), uint64(0)
	typed := false
	for k, i := range in {
		ids[k], types[k], arrays[k] = d.ids[i], d.b.Type(d.ids[i]), d.values[i].Array()
		if types[k].Weak {
			weak |= 1 << k
		} else {
			typed = true
		}
	}
	r, err := def.Resolve(a, types)
	if err != nil || !typed {
		return
	}
	out := engine.NewArray(r.Out[0].DType, r.Out[0].Shape)
	interpretOne(def, a, arrays, weak, out)
	d.values = append(d.values, eager.FromArray(out))
	d.ids = append(d.ids, d.b.Apply(def, a, ids...)[0])
	d.text += fmt.Sprintf("%s%v ", def.Name, in)
}

// TestRandomGraphsAreEqual runs random graphs, as they are and improved, against operators one by one.
func TestRandomGraphsAreEqual(t *testing.T) {
	n := 10_000
	if testing.Short() {
		n = 1000
	}
	fused := 0
	for seed := range uint64(n) {
		d := draw(seed, 4+int(seed%20))
		g, err := FromGraph(d.b.Graph())
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		have := g.Run(d.inputs...)
		for i := range g.best.Nodes {
			if g.best.Nodes[i].Def == graph.Fused {
				fused++
			}
		}
		for i, o := range g.Outputs {
			k := 0
			for d.ids[k] != o.Value {
				k++
			}
			if why := differ(d.values[k].Storage(), have[i].Storage()); why != "" {
				t.Fatalf("seed %d: output %s: %s\n%s\n%s\n%s", seed, o.Name, why, d.text, g, g.best)
			}
		}
	}
	if fused < n/4 {
		t.Errorf("%d loops in %d graphs: the fuzzer tests little", fused, n)
	}
}

// interpretOne applies an operator as eager mode does.
func interpretOne(d *op.Def, a op.Attrs, in []engine.Array, weak uint64, out engine.Array) {
	exec.Apply(d, a, in, weak, []engine.Array{out})
}
