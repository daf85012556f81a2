package optim

import (
	"testing"

	"github.com/lathe-ml/lathe/eager"
)

// Training that goes on from a saved state takes the same steps as training that was not interrupted.
func TestStateOfAdafactorRpropAndASGDIsComplete(t *testing.T) {
	for name, build := range map[string]func(p []*eager.Tensor) Optimizer{
		"Adafactor": func(p []*eager.Tensor) Optimizer { return NewAdafactor(p) },
		"Rprop":     func(p []*eager.Tensor) Optimizer { return NewRprop(p) },
		"ASGD":      func(p []*eager.Tensor) Optimizer { return NewASGD(p, ASGDOptions{Start: 2}) },
	} {
		start := func() []*eager.Tensor {
			w := eager.Arange(1, 7, 1).Reshape(2, 3).To(eager.F32).Clone().SetRequiresGrad(true)
			return []*eager.Tensor{w, eager.Of(1, -2).SetRequiresGrad(true)}
		}
		train := func(o Optimizer, p []*eager.Tensor, steps int) {
			for range steps {
				o.Self().ZeroGrad()
				p[0].Square().Sum().Add(p[1].Square().Square().Sum()).Backward()
				o.Step()
			}
		}
		p, q := start(), start()
		whole, first := build(p), build(q)
		train(whole, p, 6)
		train(first, q, 3)
		second := build(q)
		if err := second.Self().LoadStateDict(first.Self().StateDict()); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		train(second, q, 3)
		for i := range p {
			if !eager.AllClose(p[i], q[i], 0, 0) {
				t.Errorf("%s: parameter %d is %v after a restart, want %v", name, i, q[i], p[i])
			}
		}
	}
}
