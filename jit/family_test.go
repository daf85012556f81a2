package jit

import (
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
)

// trainer is a network with its step; two of the same seed stay equal as long as their steps are.
func trainer(seed uint64) func(x, y *eager.Tensor) *eager.Tensor {
	eager.Seed(seed)
	net := nn.NewSequential(nn.NewConv2D(1, 4, 3, nn.ConvOptions{Padding: 1}), nn.NewReLU(), nn.NewMaxPool2D(2),
		nn.NewFlatten(), nn.NewLinear(64, 5))
	opt := optim.NewSGD(net.Params(), optim.SGDOptions{LR: 0.05, Momentum: 0.9})
	return func(x, y *eager.Tensor) *eager.Tensor {
		opt.ZeroGrad()
		loss := nn.CrossEntropy(net.Forward(x), y)
		loss.Backward()
		opt.Step()
		return loss
	}
}

// The last batch of an epoch is smaller than the others. It has a program from the second epoch on.
func TestTheLastBatchOfAnEpochIsOneMoreShape(t *testing.T) {
	step := trainer(1)
	plain := trainer(1)
	f := Compile(step)
	eager.Seed(2)
	var batches [][2]*eager.Tensor
	for _, n := range []int{16, 16, 16, 16, 7} {
		batches = append(batches, [2]*eager.Tensor{eager.Randn(n, 1, 8, 8), eager.RandInt(0, 5, n)})
	}
	programs := make([]int, 3)
	for epoch := range programs {
		before := f.stats.programs
		for i, b := range batches {
			have, want := f.Call(b[0], b[1]).Item(), plain(b[0], b[1]).Item()
			if d := have - want; d > 1e-5 || d < -1e-5 {
				t.Errorf("epoch %d batch %d: loss %v, eagerly %v", epoch, i, have, want)
			}
		}
		programs[epoch] = f.stats.programs - before
	}
	if programs[1] < 5 || programs[2] != programs[1] {
		t.Errorf("segments by programs in each epoch: %v; want all from the second on", programs)
	}
	if len(f.families) != 1 || f.stats.differed > 0 {
		t.Errorf("%d sequences of operators, %d differed", len(f.families), f.stats.differed)
	}
	if text := Explain(f); !strings.Contains(text, "one of 2 shapes of its sequence") || !strings.Contains(text, "f32[7 1 8 8]") {
		t.Error(text)
	}
}

// A function of texts of hundreds of lengths stays compiled; shapes that were met longest ago are forgotten.
func TestManyShapesDoNotMakeAFunctionEager(t *testing.T) {
	eager.Seed(3)
	w := eager.Randn(6, 6)
	plain := func(x *eager.Tensor) *eager.Tensor {
		y := x.MatMul(w).Tanh().Softmax(1)
		if x.Size(0)%2 == 0 { // Go decides by the size
			y = y.Mul(x).Sum(0)
		}
		return y.Exp()
	}
	f := Compile(plain, Options{Limit: 8})
	for round := range 3 {
		for n := 1; n <= 40; n++ {
			x := eager.Randn(n, 6)
			for range 2 {
				if have, want := f.Call(x), plain(x); !eager.AllClose(have, want, 1e-6, 1e-6) {
					t.Fatalf("round %d, %d rows: %v, want %v", round, n, have, want)
				}
			}
		}
	}
	if f.off != "" || len(f.families) != 2 || len(f.segments) != 16 {
		t.Errorf("off %q, %d sequences, %d shapes; want 2 and 8 of each", f.off, len(f.families), len(f.segments))
	}
	for _, m := range f.families {
		if m.dropped == 0 || m.built > 8 {
			t.Errorf("%d shapes were forgotten, %d programs made", m.dropped, m.built)
		}
	}
	before := f.stats.programs
	for range 20 { // a shape that stays gets its program all the same
		f.Call(eager.Randn(50, 6))
	}
	if n := f.stats.programs - before; n < 12 {
		t.Errorf("%d of 20 calls with one shape by a program", n)
	}
}

// What Go keeps for some shapes only is there: nobody was seen to hold it in the calls that taught the sequence.
func TestWhatIsKeptForOneShapeIsMade(t *testing.T) {
	var held []*eager.Tensor
	w := eager.Randn(4, 4)
	step := func(x *eager.Tensor) *eager.Tensor {
		h := x.MatMul(w).Sigmoid()
		if x.Size(0) == 5 {
			held = append(held, h)
		}
		return h.Sum()
	}
	f := Compile(step)
	for range 4 {
		f.Call(eager.Randn(3, 4))
	}
	var want []*eager.Tensor
	for range 5 {
		x := eager.Randn(5, 4)
		want = append(want, x.MatMul(w).Sigmoid())
		f.Call(x)
		x.ZeroInPlace()
	}
	for i, h := range held {
		if !eager.AllClose(h, want[i], 1e-6, 1e-6) {
			t.Errorf("call %d: kept %v, want %v", i, h, want[i])
		}
	}
	if f.stats.programs < 4 {
		t.Error(Explain(f))
	}
}
