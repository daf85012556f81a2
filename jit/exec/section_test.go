package exec

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
)

// drawArray returns small integers, most of them 0, whose sums of products are exact.
func drawArray(r *rand.Rand, t engine.DType, s engine.Shape) engine.Array {
	x := make([]float64, s.Numel())
	for i := range x {
		if r.IntN(4) == 0 {
			x[i] = float64(r.IntN(5) - 2)
		}
	}
	a := engine.NewArray(t, s)
	Move(a, engine.Of(s, x))
	return a
}

func numbers(a engine.Array) []float64 {
	c := engine.NewArray(engine.F64, a.Shape)
	Move(c, a)
	return c.F64()
}

// sameNumbers fails t where two arrays differ by more than rounding of what is not exact, which rel allows for.
func sameNumbers(t *testing.T, what string, have, want engine.Array, rel float64) {
	t.Helper()
	x, y := numbers(have), numbers(want)
	for i := range y {
		if d := math.Abs(x[i] - y[i]); !(d <= rel*(1+math.Abs(y[i]))) {
			t.Fatalf("%s: element %d is %v, want %v", what, i, x[i], y[i])
		}
	}
}

type layer struct{ w, bias, x, y graph.Value }

// network is a training step of layers of random widths: forward, backward and plain steps, on exact numbers.
func network(r *rand.Rand) *graph.Graph {
	b := graph.NewBuilder()
	one := func(d *op.Def, a op.Attrs, in ...graph.Value) graph.Value { return b.Apply(d, a, in...)[0] }
	types := []engine.DType{engine.F32, engine.F32, engine.F64}
	dt := types[r.IntN(len(types))]
	width := func() int { return []int{10, 16, 33, 64, 96, 128, 200}[r.IntN(7)] }
	lead := []engine.Shape{{32}, {16}, {50}, {4, 24}, {18, 3}}[r.IntN(5)]
	shape := func(n int) engine.Shape { return append(lead.Clone(), n) }
	k := width()
	x := b.Input("x", op.Type{DType: dt, Shape: shape(k)})
	var layers []layer
	h := x
	for i := range 1 + r.IntN(3) {
		n := width()
		l := layer{x: h, w: b.State(fmt.Sprint("w", i), drawArray(r, dt, engine.Shape{n, k}))}
		l.bias = b.State(fmt.Sprint("bias", i), drawArray(r, dt, engine.Shape{n}))
		if r.IntN(2) == 0 {
			h = one(graph.LinearReLU, nil, l.x, l.w, l.bias)
		} else {
			h = one(op.ReLU, nil, one(op.Linear, nil, l.x, l.w, l.bias))
		}
		l.y, k = h, n
		layers = append(layers, l)
	}
	if r.IntN(2) == 0 {
		h = one(op.Mul, nil, h, b.Input("scale", op.Type{DType: dt, Shape: engine.Shape{k}}))
	}
	target := b.Input("target", b.Type(h))
	d := one(op.Sub, nil, h, target)
	b.Output("sum", one(op.Sum, op.ReduceAttrs{}, d))
	a := op.SGDAttrs{LR: 0.25}
	for i := len(layers) - 1; i >= 0; i-- {
		l := layers[i]
		dz := one(op.ReLUGrad, nil, d, l.y)
		if i > 0 {
			d = one(op.MatMul, nil, dz, l.w)
		}
		g := b.Apply(op.LinearGrad, nil, dz, l.x)
		if len(lead) == 1 && r.IntN(2) == 0 {
			t := one(op.Permute, op.PermuteAttrs{Perm: []int{1, 0}}, dz)
			b.SetState(l.w, one(graph.ProductStep, a, l.w, t, l.x))
		} else {
			b.SetState(l.w, one(op.SGDUpdate, a, l.w, l.w, g[0]))
		}
		b.SetState(l.bias, one(op.SGDUpdate, a, l.bias, l.bias, g[1]))
	}
	if r.IntN(2) == 0 {
		b.Output("h", layers[0].y)
	}
	return b.Graph()
}

// TestSectionsComputeWhatTheirStepsDo runs random networks by parts and step by step.
func TestSectionsComputeWhatTheirStepsDo(t *testing.T) {
	defer engine.SetThreads(0)
	sections, turned := 0, 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 9))
		engine.SetThreads(2 + r.IntN(4))
		g := network(r)
		p, err := New(g, nil)
		if err != nil {
			t.Fatal(err)
		}
		disjoint(t, p)
		for _, s := range p.groups {
			for k, c := range s.cuts {
				sections++
				if y := p.steps[s.from+k].out[0].arr; c.n > 0 && y.Strides[len(y.Shape)-1] != 1 {
					turned++
				}
			}
		}
		var in []engine.Array
		for _, x := range g.Inputs {
			in = append(in, drawArray(r, g.Types[x.Value].DType, g.Types[x.Value].Shape))
		}
		states := func() (all []engine.Array) {
			for _, s := range g.States {
				c := engine.NewArray(s.Data.DType, s.Data.Shape)
				Move(c, s.Data)
				all = append(all, c)
			}
			return all
		}
		a, b := Run{Inputs: in, States: states()}, Run{Inputs: in, States: states()}
		b.Took = func(int, time.Duration) {}
		have, want := p.Run(&a), p.Run(&b)
		what := fmt.Sprintf("seed %d, %d threads\n%v", seed, engine.Threads(), g)
		for i := range want {
			sameNumbers(t, what, have[i], want[i], 0)
		}
		for i := range a.States {
			sameNumbers(t, g.States[i].Name+" of "+what, a.States[i], b.States[i], 0)
		}
	}
	if sections < 1000 || turned < 100 {
		t.Errorf("%d steps in sections, %d of them store by columns: the test shows little", sections, turned)
	}
}

// disjoint fails t where storage that a section uses shares memory of the arena.
func disjoint(t *testing.T, p *Program) {
	t.Helper()
	for _, s := range p.groups {
		used := map[int]bool{}
		for i := s.from; i < s.to && s.cuts != nil; i++ {
			for _, list := range [][]place{p.steps[i].in, p.steps[i].out} {
				for _, x := range list {
					used[x.storage] = p.storages[x.storage].kind == inArena
				}
			}
		}
		for i := range used {
			for k := range used {
				x, y := p.storages[i], p.storages[k]
				if i < k && used[i] && used[k] && x.offset < y.offset+y.bytes && y.offset < x.offset+x.bytes {
					t.Fatalf("storages %d and %d of steps %d to %d share memory", i, k, s.from, s.to)
				}
			}
		}
	}
}

var losses = []*op.Def{op.CrossEntropy, op.CrossEntropyGrad, graph.LossGrads}

// division is an operator with operands that divisions tell how to divide.
type division struct {
	def  *op.Def
	a    op.Attrs
	in   []engine.Shape
	cuts int // how many ways there are
}

func TestStepsByPartsAreWhole(t *testing.T) {
	sgd := op.SGDAttrs{LR: 0.5}
	s := func(n ...int) engine.Shape { return n }
	list := []division{
		{op.Linear, nil, []engine.Shape{s(32, 20), s(48, 20), s(48)}, 2},
		{op.Linear, nil, []engine.Shape{s(16, 20, 8), s(48, 8)}, 2},
		{graph.LinearReLU, nil, []engine.Shape{s(40, 300), s(64, 300), s(64)}, 2},
		{op.MatMul, nil, []engine.Shape{s(32, 10), s(10, 128)}, 2},
		{op.MatMul, nil, []engine.Shape{s(16, 24, 7), s(16, 7, 32)}, 2},
		{op.MatMul, nil, []engine.Shape{s(16, 24, 7), s(7, 32)}, 2},
		{graph.ProductStep, sgd, []engine.Shape{s(64, 48), s(64, 9), s(9, 48)}, 2},
		{op.LinearGrad, nil, []engine.Shape{s(20, 64), s(20, 33)}, 1},
		{op.LinearGrad, nil, []engine.Shape{s(5, 4, 64), s(5, 4, 33)}, 1},
		{op.Sum, op.ReduceAttrs{Axes: []int{0}}, []engine.Shape{s(20, 64)}, 1},
		{op.Sum, op.ReduceAttrs{Axes: []int{1}, Keep: true}, []engine.Shape{s(32, 7, 32)}, 2},
		{op.Sum, op.ReduceAttrs{}, []engine.Shape{s(20, 64)}, 0},
		{op.ReLUGrad, nil, []engine.Shape{s(32, 48), s(32, 48)}, 2},
		{op.SGDUpdate, sgd, []engine.Shape{s(32, 48), s(32, 48), s(32, 48)}, 1},
		{op.CrossEntropy, op.CrossEntropyAttrs{Axis: 1}, []engine.Shape{s(32, 10), s(32)}, 1},
		{op.CrossEntropy, op.CrossEntropyAttrs{Axis: 1, Reduce: op.ReduceMean}, []engine.Shape{s(32, 10), s(32)}, 0},
		{op.CrossEntropyGrad, op.CrossEntropyAttrs{Axis: 1}, []engine.Shape{s(32), s(32, 10), s(32)}, 1},
		{op.CrossEntropyGrad, op.CrossEntropyAttrs{Axis: 1, Reduce: op.ReduceSum}, []engine.Shape{s(), s(32, 10), s(32)}, 1},
		{op.CrossEntropyGrad, op.CrossEntropyAttrs{Axis: 1, Reduce: op.ReduceMean}, []engine.Shape{s(), s(32, 10), s(32)}, 0},
		{graph.LossGrads, graph.LossGradsAttrs{Samples: 32}, []engine.Shape{s(), s(32, 10), s(32)}, 1},
		{op.Add, nil, []engine.Shape{s(32, 48), s(48)}, 2},
		{op.Mul, nil, []engine.Shape{s(32, 1), s(32, 48)}, 2},
		{op.GELUSlope, nil, []engine.Shape{s(4, 48)}, 2},
		{op.LayerNorm, op.LayerNormAttrs{Axes: 1, Eps: 1e-5}, []engine.Shape{s(4, 6, 24), s(24), s(24)}, 1},
		{op.SelfAttention, op.AttentionAttrs{Heads: 2, Scale: 0.5}, []engine.Shape{s(4, 9, 48)}, 1},
		{op.SelfAttention, op.AttentionAttrs{Heads: 2, Scale: 0.5, Dropout: 0.5}, []engine.Shape{s(4, 9, 48)}, 0},
		{op.SelfAttention, op.AttentionAttrs{Heads: 2, Scale: 0.5}, []engine.Shape{s(4, 9, 48), s(9, 9)}, 0},
		{
			op.SelfAttentionGrad,
			op.AttentionAttrs{Heads: 2, Scale: 0.5},
			[]engine.Shape{s(4, 9, 48), s(4, 9, 16), s(4, 2, 9), s(4, 2, 9)},
			1,
		},
		{op.Dropout, op.DropoutAttrs{P: 0.5}, []engine.Shape{s(32, 48)}, 0},
	}
	r := rand.New(rand.NewPCG(3, 3))
	tested := map[*op.Def]bool{}
	for _, d := range list {
		tested[d.def] = true
		d.test(t, r)
	}
	for d := range divisions {
		if !tested[d] {
			t.Errorf("%s is divided without a test", d.Name)
		}
	}
}

func (d *division) test(t *testing.T, r *rand.Rand) {
	t.Helper()
	b := graph.NewBuilder()
	var ids []graph.Value
	var in []engine.Array
	for i, s := range d.in {
		dt := engine.F32
		if n := len(d.in) - 1; i == n && slices.Contains(losses, d.def) {
			dt = engine.I64
		}
		x := drawArray(r, dt, s)
		if dt == engine.I64 {
			for k := range x.I64() {
				x.I64()[k] = int64(r.IntN(10))
			}
		}
		in = append(in, x)
		ids = append(ids, b.Input(fmt.Sprint("x", i), op.Type{DType: dt, Shape: s}))
	}
	out := b.Apply(d.def, d.a, ids...)
	b.Output("y", out[0])
	g := b.Graph()
	pl := &planner{g: g, p: &Program{g: g}, places: make([]place, len(g.Types)), uses: g.Uses()}
	pl.bind(nil)
	if err := pl.node(0); err != nil {
		t.Fatal(err)
	}
	s := &pl.p.steps[0]
	whole := make([]engine.Array, len(s.out))
	for k, x := range s.in {
		in[k] = in[k].Expand(x.arr.Shape)
	}
	for k, y := range s.out {
		whole[k] = engine.Zeros(y.arr.DType, y.arr.Shape)
	}
	d.def.CPU(d.a, whole, in)
	cuts := pl.cuts(s)
	if len(cuts) != d.cuts {
		t.Errorf("%s%v: %d ways to divide, want %d: %v", d.def.Name, d.in, len(cuts), d.cuts, cuts)
	}
	for _, c := range cuts {
		for _, parts := range []int{2, 3} {
			made := make([]engine.Array, len(s.out))
			for k, y := range s.out {
				made[k] = engine.Zeros(y.arr.DType, y.arr.Shape)
			}
			for q := range parts {
				some := func(all []engine.Array, axes []int) []engine.Array {
					list := make([]engine.Array, len(all))
					for k, x := range all {
						list[k] = part(place{arr: x}, axes[k], q, parts).arr
					}
					return list
				}
				d.def.CPU(d.a, some(made, c.out), some(in, c.in))
			}
			for k := range made {
				what := fmt.Sprintf("%s%v, result %d in %d parts by %v", d.def.Name, d.in, k, parts, c)
				sameNumbers(t, what, made[k], whole[k], 1e-6)
			}
		}
	}
}
