package quant

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
	"github.com/lathe-ml/lathe/jit/model"
	"github.com/lathe-ml/lathe/jit/pass"
)

// sequences is a network of every layer that Dynamic knows: LSTM, GRU, a product with a matrix on either side, a dense
// layer with bias.
func sequences(r *rand.Rand, batch int) *graph.Graph {
	const steps, in, h = 6, 12, 20
	b := graph.NewBuilder()
	constant := func(name string, s ...int) graph.Value {
		return b.Constant(name, normal(r, 1/math.Sqrt(float64(s[len(s)-1])), s...))
	}
	zeros := func() graph.Value { return b.Constant("", engine.Zeros(engine.F32, engine.Shape{batch, h})) }
	x := b.Input("x", op.Type{DType: engine.F32, Shape: engine.Shape{batch, steps, in}})
	a := op.RecurrentAttrs{BatchFirst: true}
	y := b.Apply(op.LSTM, a, x, zeros(), zeros(), constant("lstm.wih", 4*h, in), constant("lstm.whh", 4*h, h),
		constant("lstm.bias", 4*h))[0]
	a.Reverse = true
	y = b.Apply(op.GRU, a, y, zeros(), constant("gru.wih", 3*h, h), constant("gru.whh", 3*h, h),
		constant("gru.bih", 3*h), constant("gru.bhh", 3*h))[0]
	y = b.Apply(op.MatMul, nil, y, constant("right", h, 16))[0]
	y = b.Apply(op.MatMul, nil, constant("left", 5, steps), y)[0]
	b.Output("scores", b.Apply(op.Linear, nil, y, constant("head.weight", 10, 16), constant("head.bias", 10))[0])
	return b.Graph()
}

func TestDynamicLayersAgreeWithTheirNumbers(t *testing.T) {
	for _, byTensor := range []bool{false, true} {
		r := rand.New(rand.NewPCG(1, 2))
		g := sequences(r, 4)
		batches := Batches(normal(r, 1, 4, 6, 12), normal(r, 3, 4, 6, 12))
		q, report, err := Dynamic(g, batches, DynamicOptions{ByTensor: byTensor})
		if err != nil {
			t.Fatal(err)
		}
		n := count(q)
		if n["DynamicLinear"] != 3 || n["DynamicLSTM"] != 1 || n["DynamicGRU"] != 1 || n["Linear"]+n["MatMul"]+n["LSTM"]+n["GRU"] > 0 {
			t.Errorf("by tensor %v: operators %v", byTensor, n)
		}
		if report.Quantised != 5 || report.Kept != 0 || report.After*2 > report.Before {
			t.Errorf("by tensor %v: %v", byTensor, report)
		}
		if len(report.Layers) != 5 || report.Outputs[0].SQNR < 25 {
			t.Errorf("by tensor %v: %v", byTensor, report)
		}
		for _, l := range report.Layers {
			if !(l.SQNR > 25) {
				t.Errorf("by tensor %v: layer %s has %.1f dB", byTensor, l.Name, l.SQNR)
			}
		}
	}
}

func TestPackedDynamicLayersGiveTheSameNumbers(t *testing.T) {
	for _, byTensor := range []bool{false, true} {
		r := rand.New(rand.NewPCG(3, 4))
		x := normal(r, 1, 4, 6, 12)
		q, _, err := Dynamic(sequences(r, 4), nil, DynamicOptions{ByTensor: byTensor})
		if err != nil {
			t.Fatal(err)
		}
		n := count(pass.RunConstant(q))
		if n["PackedDynamic"] != 3 || n["PackedDynamicLSTM"] != 1 || n["PackedDynamicGRU"] != 1 {
			t.Fatalf("packed layers %v", n)
		}
		file := filepath.Join(t.TempDir(), "net.lathe")
		if err := model.Save(file, q); err != nil {
			t.Fatal(err)
		}
		m, err := model.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		y, err := m.Run([]engine.Array{x})
		if err != nil {
			t.Fatal(err)
		}
		want := interpret(t, q, x)
		for i, v := range rowMajor(y[0]).F32() {
			if want.F32()[i] != v {
				t.Fatalf("element %d: packed and saved %v, operators %v", i, v, want.F32()[i])
			}
		}
	}
}

// Rows with scales of their own do not depend on what else is in the batch.
func TestDynamicRowsDoNotDependOnEachOther(t *testing.T) {
	run := func(batch int, x engine.Array) []float32 {
		q, _, err := Dynamic(sequences(rand.New(rand.NewPCG(5, 6)), batch), nil, DynamicOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return interpret(t, q, x).F32()
	}
	x := normal(rand.New(rand.NewPCG(7, 8)), 1, 4, 6, 12)
	for i := range x.F32()[72:] { // samples behind the first are a thousand times as large
		x.F32()[72+i] *= 1000
	}
	whole, one := run(4, x), run(1, rowMajor(x.Slice(0, 0, 1, 1)))
	for i, v := range one {
		if whole[i] != v {
			t.Fatalf("element %d of the first sample: %v in the batch, %v alone", i, whole[i], v)
		}
	}
}

func TestWhatDynamicCannotDoIsAnError(t *testing.T) {
	broken := sequences(rand.New(rand.NewPCG(1, 2)), 1)
	for _, c := range broken.Consts {
		if c.Name == "gru.whh" {
			c.Data.F32()[3] = float32(math.Inf(1))
		}
	}
	for want, f := range map[string]func() (*graph.Graph, *Report, error){
		"gru.wih is +Inf": func() (*graph.Graph, *Report, error) { return Dynamic(broken, nil, DynamicOptions{}) },
		`names "heat"`: func() (*graph.Graph, *Report, error) {
			return Dynamic(sequences(rand.New(rand.NewPCG(1, 2)), 1), nil, DynamicOptions{Keep: []string{"heat"}})
		},
		"no dense layer": func() (*graph.Graph, *Report, error) {
			b := graph.NewBuilder()
			x := b.Input("x", op.Type{DType: engine.F32, Shape: engine.Shape{2, 3}})
			b.Output("y", b.Apply(op.ReLU, nil, x)[0])
			return Dynamic(b.Graph(), nil, DynamicOptions{})
		},
	} {
		if _, _, err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
	keep := DynamicOptions{Keep: []string{"lstm.whh", "head.weight"}}
	q, report, err := Dynamic(sequences(rand.New(rand.NewPCG(1, 2)), 1), nil, keep)
	if err != nil {
		t.Fatal(err)
	}
	if n := count(q); n["LSTM"] != 1 || n["Linear"] != 1 || report.Kept != 2 || strings.Contains(report.String(), "NaN") {
		t.Errorf("kept: operators %v, %v", n, report)
	}
}
