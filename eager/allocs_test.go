package eager_test

import (
	"runtime"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/internal/poison"
	"github.com/lathe-ml/lathe/engine"
)

// bytesOf returns how many bytes a run of f takes from the Go heap on average.
func bytesOf(f func()) int {
	const runs = 50
	f()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range runs {
		f()
	}
	runtime.ReadMemStats(&after)
	return int(after.TotalAlloc-before.TotalAlloc) / runs
}

func TestASmallOperatorMakesTwoObjects(t *testing.T) {
	x, y := eager.Ones(8).SetRequiresGrad(true), eager.Ones(8)
	for name, f := range map[string]func(){
		"Add with tape": func() { x.Add(y) }, "Add": func() { y.Add(y) },
		"Exp with tape": func() { x.Exp() }, "Exp": func() { y.Exp() },
	} {
		if n := testing.AllocsPerRun(100, f); n > 2 {
			t.Errorf("%s makes %v objects, want the tensor (with its node) and its buffer", name, n)
		}
	}
}

func TestAStepInSteadyStateTakesOnlyHeadersFromTheHeap(t *testing.T) {
	poison.Released = nil
	defer func() { poison.Released = poison.Fill }()
	x, y := eager.Randn(256, 512), eager.RandInt(0, 10, 256)
	w1, b1, w2, b2 := param(1024, 512), param(1024), param(10, 1024), param(10)
	params := []*eager.Tensor{w1, b1, w2, b2}
	step := func() {
		a := linear(x, w1, b1)
		h := a.ReLU()
		a.Release()
		loss := crossEntropy(linear(h, w2, b2), y)
		h.Release()
		loss.Backward()
		update(params)
	}
	if n := bytesOf(step); n > 128<<10 && !underRace {
		t.Errorf("a step takes %d bytes from the heap; its tensors are %d", n, 4*(2*256*1024+1024*512))
	}
	engine.ResetPeak()
	before := engine.Memory().Allocated
	for range 20 {
		step()
	}
	// at most two layers of activations, their gradients and the gradients of parameters
	if grown := engine.Memory().Peak - before; grown > 8<<20 {
		t.Errorf("the peak grew by %d bytes in 20 steps", grown)
	}
}

func TestReleasedTensorsSaySo(t *testing.T) {
	x := eager.Randn(64, 64).SetRequiresGrad(true)
	y := x.Tanh()
	v := y.T()
	y.Release()
	finite(t, "a value that the tape still reads", y)
	y.Exp().Sum().Backward()
	finite(t, "the gradient", x.Grad())
	wantError(t, "y is an empty Tensor", func() { eager.Ones(64, 64).Add(y) })
	wantError(t, "was released", func() { v.Contiguous() })
}
