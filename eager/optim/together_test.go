package optim_test

import (
	"math"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/optim"
)

func pair(shapes ...[]int) (together, apart []*eager.Tensor) {
	for _, s := range shapes {
		x := eager.Randn(s...)
		together = append(together, x.Clone().SetRequiresGrad(true))
		apart = append(apart, x.Clone().SetRequiresGrad(true))
	}
	return together, apart
}

func TestParametersTogetherChangeAsEachAlone(t *testing.T) {
	shapes := [][]int{{3}, {200, 300}, {1}, {5, 0}, {16, 16}, {64, 512}}
	for name, make := range map[string]func(p []*eager.Tensor) optim.Optimizer{
		"SGD": func(p []*eager.Tensor) optim.Optimizer { return optim.NewSGD(p, optim.SGDOptions{LR: 0.1}) },
		"momentum": func(p []*eager.Tensor) optim.Optimizer {
			return optim.NewSGD(p, optim.SGDOptions{LR: 0.1, Momentum: 0.9, WeightDecay: 0.01})
		},
		"AdamW": func(p []*eager.Tensor) optim.Optimizer { return optim.NewAdamW(p) },
	} {
		together, apart := pair(shapes...)
		all := make(together)
		each := []optim.Optimizer{}
		for i := range apart {
			each = append(each, make(apart[i:i+1]))
		}
		for step := range 3 {
			for _, ps := range [][]*eager.Tensor{together, apart} {
				for i, p := range ps {
					p.ZeroGrad()
					if i == 2 && step == 1 {
						continue // a parameter without a gradient falls behind
					}
					p.Mul(p).Sum().Backward()
				}
			}
			all.Step()
			for _, o := range each {
				o.Step()
			}
		}
		for i := range together {
			if !eager.AllClose(together[i], apart[i], 0, 0) {
				t.Errorf("%s: parameter %d differs", name, i)
			}
		}
	}
}

func TestClippingLeavesGradientsThatWereHandedOut(t *testing.T) {
	ps, _ := pair([]int{4, 5}, []int{7})
	for _, p := range ps {
		p.Mul(p).Sum().Backward()
	}
	seen := ps[0].Grad()
	before := seen.Clone()
	norm := optim.ClipGradNorm(ps, 0.5)
	if !eager.AllClose(seen, before, 0, 0) {
		t.Error("a gradient that was handed out changed")
	}
	sum := 0.0
	for _, p := range ps {
		for _, v := range p.Grad().Float64s() {
			sum += v * v
		}
	}
	if math.Abs(math.Sqrt(sum)-0.5) > 1e-5 || norm < 0.5 {
		t.Errorf("norm %v became %v, want 0.5", norm, math.Sqrt(sum))
	}
}
