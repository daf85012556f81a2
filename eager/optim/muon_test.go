package optim_test

import (
	"math"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/optim"
)

// The results are PyTorch 2.15's, which rounds to BF16 on the way.
func TestMuonAgreesWithPyTorch(t *testing.T) {
	p := eager.New([][]float32{{0.5, -1, 2}, {1.5, 0.25, -0.75}}).SetRequiresGrad(true)
	q := eager.New([][]float32{{1, 2}, {3, -4}, {0.5, 0.1}}).SetRequiresGrad(true)
	o := optim.NewMuon([]*eager.Tensor{p, q}, optim.MuonOptions{LR: 0.1})
	for range 3 {
		o.ZeroGrad()
		p.Square().Sum().Add(q.Pow(3).Sum().Div(3)).Backward()
		o.Step()
	}
	for i, want := range [][]float64{
		{0.42413187, -0.83205408, 1.66295183, 1.26169205, 0.20550704, -0.62081045},
		{1.24140692, 1.73996031, 2.73565936, -4.07018661, 0.402421, 0.13857119},
	} {
		for k, v := range o.Groups()[0].Params[i].Float64s() {
			if math.Abs(v-want[k]) > 5e-3 {
				t.Errorf("parameter %d element %d is %v, want %v", i, k, v, want[k])
			}
		}
	}
	wantMessage(t, "optim.Muon: parameter 0 (f32[3]) is not a matrix", func() {
		optim.NewMuon([]*eager.Tensor{eager.Ones(3).SetRequiresGrad(true)})
	})
}

func TestSWAGoesToItsRate(t *testing.T) {
	for linear, want := range map[bool][]float64{
		false: {1, 0.8681980515339464, 0.55, 0.23180194846605365, 0.1, 0.1},
		true:  {1, 0.775, 0.55, 0.325, 0.1, 0.1},
	} {
		o := optim.NewSGD(params(), optim.SGDOptions{LR: 1})
		s := optim.NewSWA(o, 0.1, 4, linear)
		for i, w := range want {
			if math.Abs(o.LR()-w) > 1e-12 {
				t.Errorf("linear %v: rate %v in epoch %d, want %v", linear, o.LR(), i, w)
			}
			s.Step()
		}
	}
}
