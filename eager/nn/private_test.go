package nn_test

import (
	"math"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/internal/poison"
	"github.com/lathe-ml/lathe/eager/nn"
)

// givenBack counts what f gives back; what is given back is spoilt.
func givenBack(f func()) (n int) {
	defer func() { poison.Released = poison.Fill }()
	poison.Released = func(mem []byte) {
		n++
		poison.Fill(mem)
	}
	f()
	return n
}

func wantFinite(t *testing.T, what string, xs ...*eager.Tensor) {
	t.Helper()
	for _, x := range xs {
		for _, v := range x.Float64s() {
			if math.IsNaN(v) {
				t.Fatalf("%s was given back while it was in use", what)
			}
		}
	}
}

func TestSequentialGivesBackWhatLiesBetweenItsLayers(t *testing.T) {
	net := nn.NewSequential(nn.NewLinear(8, 16), nn.NewReLU(), nn.NewSequential(nn.NewLinear(16, 16), nn.NewTanh()),
		nn.NewLinear(16, 4))
	x := eager.Randn(5, 8)
	var y *eager.Tensor
	if n := givenBack(func() { y = net.Forward(x) }); n != 2 {
		t.Errorf("forward gave %d values back, want those before ReLU and Tanh, which nobody reads again", n)
	}
	wantFinite(t, "the output", y)
	if n := givenBack(func() { y.Mul(y).Sum().Backward() }); n < 2 {
		t.Errorf("backward gave %d values back, want the results of ReLU and Tanh and gradients", n)
	}
	for _, p := range net.Params() {
		wantFinite(t, "a gradient", p.Grad())
	}
	wantFinite(t, "input or output", x, y)
	eager.NoGrad(func() {
		if n := givenBack(func() { y = net.Forward(x) }); n != 4 {
			t.Errorf("without a tape %d values came back, want all 4 inner ones", n)
		}
	})
	wantFinite(t, "input or output", x, y)
}

func TestSequentialLeavesWhatOthersKnow(t *testing.T) {
	var seen []*eager.Tensor
	keep := nn.NewLambda(func(x *eager.Tensor) *eager.Tensor {
		seen = append(seen, x)
		return x
	})
	watched := nn.NewReLU()
	watched.OnForward(func(x, y *eager.Tensor) *eager.Tensor {
		seen = append(seen, x, y)
		return nil
	})
	x := eager.Randn(4, 2, 3)
	net := nn.NewSequential(nn.NewIdentity(), nn.NewFlatten(), nn.NewLinear(6, 6), keep, nn.NewTanh(), watched,
		nn.NewLinear(6, 6), nn.NewIdentity())
	y := net.Forward(x)
	y.Sum().Backward()
	eager.NoGrad(func() { wantFinite(t, "the output", net.Forward(x)) })
	wantFinite(t, "input or output", x, y)
	wantFinite(t, "a value that a hook or a function saw", seen...)
}

func TestInnerValuesLastForSecondDerivatives(t *testing.T) {
	net := nn.NewSequential(nn.NewLinear(3, 5), nn.NewTanh(), nn.NewLinear(5, 5), nn.NewSigmoid(), nn.NewLinear(5, 1))
	x := eager.Randn(4, 3).SetRequiresGrad(true)
	g := eager.Grad([]*eager.Tensor{net.Forward(x).Sum()}, []*eager.Tensor{x}, eager.GradOptions{CreateGraph: true})
	wantFinite(t, "the gradient", g[0])
	g[0].Mul(g[0]).Sum().Backward()
	wantFinite(t, "the second derivative", x.Grad())
}
