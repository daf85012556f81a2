package optim

import (
	"math"
	"testing"

	"github.com/lathe-ml/lathe/eager"
)

func TestSettingsOfGroupsAreRestored(t *testing.T) {
	make1 := func(g Group) *SGD {
		g.Params = []*eager.Tensor{eager.Ones(2).SetRequiresGrad(true)}
		o := NewSGD([]*eager.Tensor{eager.Ones(3).SetRequiresGrad(true)}, SGDOptions{LR: 0.1})
		o.AddGroup(g)
		return o
	}
	from := make1(Group{LR: 0.2, WeightDecay: 0.03, Momentum: 0.7})
	to := make1(Group{LR: 1})
	if err := to.LoadStateDict(from.StateDict()); err != nil {
		t.Fatal(err)
	}
	if g := to.Groups()[1]; g.LR != 0.2 || g.WeightDecay != 0.03 || g.Momentum != 0.7 {
		t.Errorf("restored %+v, want LR 0.2, WeightDecay 0.03 and Momentum 0.7", *g)
	}
}

func TestChainedSchedulesMultiply(t *testing.T) {
	o := NewSGD([]*eager.Tensor{eager.Ones(1).SetRequiresGrad(true)}, SGDOptions{LR: 0.5})
	s := NewChained(o, NewConstant(o, 0.1, 2), NewExponential(o, 0.9))
	for e, want := range []float64{0.05, 0.045, 0.405, 0.3645} {
		if math.Abs(o.LR()-want) > 1e-15 {
			t.Errorf("epoch %d: the rate is %v, want %v", e, o.LR(), want)
		}
		s.Step()
	}
	m := NewMultiplicative(o, func(e int) float64 { return 1 / float64(e+1) })
	start := o.LR()
	m.Step()
	m.Step()
	if want := start / 6; math.Abs(o.LR()-want) > 1e-15 {
		t.Errorf("after factors of ½ and ⅓ the rate is %v, want %v", o.LR(), want)
	}
}
