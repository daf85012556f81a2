package jit

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
)

func ExampleTrace() {
	w := eager.Of(1, 2, 3)
	g, err := Trace(func(x tensor) tensor { return x.Mul(w).Add(1).Sum() }, eager.Of(4, 5, 6))
	if err != nil {
		panic(err)
	}
	fmt.Print(g)
	fmt.Println(g.Run(eager.Of(1, 1, 1))[0].Item())
	// Output:
	// %0 = input x0 : f32[3]
	// %1 = const : f32[3]
	// %2 = const 1 : i64[] number
	// %3 = Mul(%0, %1) : f32[3]
	// %4 = Add(%3, %2) : f32[3]
	// %5 = Sum(%4) : f32[]
	// output y0 = %5
	// 9
}

func TestTraceOfANetwork(t *testing.T) {
	net := nn.NewSequential(nn.NewLinear(3, 4), nn.NewReLU(), nn.NewLinear(4, 2))
	g, err := Trace(net, eager.Randn(5, 3))
	if err != nil {
		t.Fatal(err)
	}
	if why := g.Diff(eager.Randn(5, 3)); why != "" {
		t.Error(why)
	}
}

func TestTraceOfATrainingStep(t *testing.T) {
	eager.Seed(1)
	net := nn.NewSequential(nn.NewLinear(3, 8), nn.NewDropout(0.1), nn.NewLinear(8, 2))
	opt := optim.NewSGD(net.Params(), optim.SGDOptions{LR: 0.1})
	x, y := eager.Randn(5, 3), eager.RandInt(0, 2, 5)
	g, err := Trace(func(x, y tensor) tensor {
		opt.ZeroGrad()
		loss := nn.CrossEntropy(net.Forward(x), y)
		loss.Backward()
		opt.Step()
		return loss
	}, x, y)
	if err != nil {
		t.Fatal(err)
	}
	a := g.Run(x, y)[0].Item()
	for range 400 {
		g.Run(x, y)
	}
	if b := g.Run(x, y)[0].Item(); b >= a {
		t.Errorf("loss went from %v to %v", a, b)
	}
}

func TestTraceRefusesAHostRead(t *testing.T) {
	_, err := Trace(func(x tensor) tensor {
		if x.Sum().Item() > 0 {
			return x
		}
		return x.Neg()
	}, eager.Ones(3))
	if err == nil || !strings.Contains(err.Error(), "trace_test.go:") {
		t.Errorf("error is %v", err)
	}
}

// TestGraphOfATrainingStepContinuesTheTraining compares runs of the graph of a step with steps of a twin.
func TestGraphOfATrainingStepContinuesTheTraining(t *testing.T) {
	type run struct {
		step   func(x, y tensor) tensor
		params []tensor
	}
	setUp := func(how string) run {
		eager.Seed(5)
		net := nn.NewSequential(nn.NewLinear(6, 16), nn.NewTanh(), nn.NewDropout(0.2), nn.NewLinear(16, 3))
		var opt optim.Optimizer = optim.NewSGD(net.Params(), optim.SGDOptions{LR: 0.1})
		switch how {
		case "momentum":
			opt = optim.NewSGD(net.Params(), optim.SGDOptions{LR: 0.1, Momentum: 0.9})
		case "adam":
			opt = optim.NewAdam(net.Params(), optim.AdamOptions{LR: 0.01})
		}
		return run{func(x, y tensor) tensor {
			opt.Self().ZeroGrad()
			loss := nn.CrossEntropy(net.Forward(x), y)
			loss.Backward()
			opt.Step()
			return loss
		}, net.Params()}
	}
	for _, how := range []string{"plain", "momentum", "adam"} {
		x, y := eager.Randn(8, 6), eager.RandInt(0, 3, 8)
		a := setUp(how)
		var want []float64
		for range 9 {
			want = append(want, a.step(x, y).Item())
		}
		b := setUp(how)
		b.step(x, y)
		g, err := Trace(b.step, x, y)
		if err != nil {
			t.Fatal(err)
		}
		for i := 2; i < 6; i++ {
			if loss := g.Run(x, y)[0].Item(); math.Abs(loss-want[i]) > 1e-6 {
				t.Errorf("%s, step %d: loss %v, want %v", how, i, loss, want[i])
			}
		}
		path := t.TempDir() + "/step.lathe"
		if err := g.Save(path); err != nil {
			t.Fatal(err)
		}
		h, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		for i := 6; i < 9; i++ { // a state of the file is its own
			if loss := h.Run(x, y)[0].Item(); math.Abs(loss-want[i]) > 1e-6 {
				t.Errorf("%s, step %d after the file: loss %v, want %v", how, i, loss, want[i])
			}
		}
	}
}

func TestFrozenGraphHasNoBatchNormalisation(t *testing.T) {
	net := nn.NewSequential(nn.NewConv2D(3, 8, 3, nn.ConvOptions{NoBias: true}), nn.NewBatchNorm2D(8), nn.NewReLU(),
		nn.NewFlatten(), nn.NewLinear(8*36, 4), nn.NewBatchNorm1D(4))
	for range 3 { // running means that are not 0
		net.Forward(eager.Randn(16, 3, 8, 8))
	}
	net.Eval()
	x := eager.Randn(2, 3, 8, 8)
	g, err := Trace(net, x)
	if err != nil {
		t.Fatal(err)
	}
	f, err := g.Freeze()
	if err != nil {
		t.Fatal(err)
	}
	if why := f.Diff(x); why != "" {
		t.Error(why)
	}
	if len(f.Nodes) > 4 {
		t.Errorf("%d operators are left:\n%s", len(f.Nodes), f)
	}
	before := f.Run(x)[0].Float32s()
	eager.NoGrad(func() { net.Params()[0].Assign(0) })
	for i, v := range f.Run(x)[0].Float32s() {
		if v != before[i] {
			t.Fatal("a change of the network reached the frozen graph")
		}
	}
}
