package jit

import (
	"runtime"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/optim"
)

// Ten thousand calls whose shapes, branches and errors change leave no more memory than two thousand.
func TestManyCallsDoNotFillTheMemory(t *testing.T) {
	eager.Seed(7)
	net := perceptron(3, 8, 1)
	opt := optim.NewAdam(net.Params())
	n, kept := 0, tensor(nil)
	f := Compile(func(x tensor) tensor {
		n++
		opt.ZeroGrad()
		loss := net.Forward(x).Square().Mean()
		if n%7 == 0 && loss.Item() > 1e-9 {
			kept = loss.Detach()
		}
		loss.Backward()
		opt.Step()
		return loss
	}, Options{Quiet: true})
	calls := func(count int) uint64 {
		for i := range count {
			f.Call(eager.Randn(1+i%90, 3))
			if i%50 == 0 {
				func() {
					defer func() { _ = recover() }()
					f.Call(eager.Randn(2, 4))
				}()
			}
		}
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := calls(2000)
	after := calls(8000)
	if after > before+8<<20 || kept == nil {
		t.Errorf("%d bytes after 2,000 calls, %d after 10,000; kept %v", before, after, kept)
	}
	if f.stats.differed > 0 {
		t.Error(Explain(f))
	}
}
