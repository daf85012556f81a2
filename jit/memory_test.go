package jit

import (
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
)

// A step that may use less memory between its operators computes activations again: same losses and parameters, bit by
// bit, and a smaller arena.
func TestABudgetOfMemoryChangesNoResult(t *testing.T) {
	train := func(o Options) (f *Func, losses []float64, net *nn.Sequential) {
		eager.Seed(5)
		net = nn.NewSequential()
		for range 6 {
			net.Append(nn.NewLinear(64, 64))
			net.Append(nn.NewGELU())
		}
		net.Append(nn.NewLinear(64, 4))
		opt := optim.NewSGD(net.Params(), optim.SGDOptions{LR: 0.05, Momentum: 0.9})
		o.Verify = 3
		f = Compile(func(x, y *eager.Tensor) *eager.Tensor {
			opt.ZeroGrad()
			loss := nn.CrossEntropy(net.Forward(x), y)
			loss.Backward()
			opt.Step()
			return loss
		}, o)
		for range 8 {
			losses = append(losses, f.Call(eager.Randn(256, 64), eager.RandInt(0, 4, 256)).Item())
		}
		return f, losses, net
	}
	arena := func(f *Func) (most int) {
		for _, s := range f.segments {
			if s.program != nil {
				most = max(most, s.program.exec.ArenaBytes())
			}
		}
		return most
	}
	plain, want, a := train(Options{})
	tight, have, b := train(Options{Memory: 1})
	for i := range want {
		if want[i] != have[i] {
			t.Errorf("step %d: loss %v, with a budget %v", i, want[i], have[i])
		}
	}
	for i, p := range a.Params() {
		if !eager.AllClose(p, b.Params()[i], 0, 0) {
			t.Errorf("parameter %d differs", i)
		}
	}
	before, after := arena(plain), arena(tight)
	if after*10 > before*8 {
		t.Errorf("%d bytes between operators, %d before; want a fifth less", after, before)
	}
	if text := Explain(tight); !strings.Contains(text, "applied again to save memory") || tight.stats.differed > 0 {
		t.Error(text)
	}
	middle := (before + after) / 2
	some, _, _ := train(Options{Memory: middle})
	if n := arena(some); n > middle || n < after {
		t.Errorf("%d bytes with a budget of %d", n, middle)
	}
	t.Logf("%d bytes, %d with a budget", before, after)
}
