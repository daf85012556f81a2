//go:build !race

package parallel_test

import (
	"fmt"
	"sync"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
)

// Hogwild: goroutines train one set of parameters without locks. Each has a network of its own whose parameters
// are views of the same memory, so that every step is seen by all. Updates may overwrite each other, which is
// part of the method (Recht et al. 2011) and what the race detector would report.
func Example_hogwild() {
	eager.Seed(1)
	shared := nn.NewLinear(4, 1)
	truth := eager.Randn(4, 1)
	replica := func() *nn.Linear {
		l := nn.NewLinear(4, 1)
		for i, p := range shared.Params() {
			p, mine := p.Array(), l.Params()[i]
			eager.NoGrad(func() { mine.SetData(eager.FromFloat32s(p.F32(), p.Shape...)) })
		}
		return l
	}
	var all sync.WaitGroup
	for range 4 {
		net := replica()
		all.Go(func() {
			opt := optim.NewSGD(net.Params(), optim.SGDOptions{LR: 0.02})
			for range 500 {
				x := eager.Randn(8, 4)
				opt.ZeroGrad()
				nn.MSE(net.Forward(x), x.MatMul(truth)).Backward()
				opt.Step()
			}
		})
	}
	all.Wait()
	x := eager.Randn(100, 4)
	fmt.Println("learned:", nn.MSE(shared.Forward(x), x.MatMul(truth)).Item() < 1e-3)
	// Output: learned: true
}
