package jit

import (
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
	print := func(s string) { println(s) }
	_ = print
	_ = g
}

func TestTraceOfANetwork(t *testing.T) {
	net := nn.NewSequential(nn.NewLinear(3, 4), nn.NewReLU(), nn.NewLinear(4, 2))
	g, err := Trace(net, eager.Randn(5, 3))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", g)
	if why := g.Diff(eager.Randn(5, 3)); why != "" {
		t.Error(why)
	}
}

func TestTraceOfATrainingStep(t *testing.T) {
	net := nn.NewSequential(nn.NewLinear(3, 4), nn.NewDropout(0.5), nn.NewLinear(4, 2))
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
	t.Logf("\n%s", g)
	a := g.Run(x, y)[0].Item()
	for range 60 {
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
