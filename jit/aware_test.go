package jit

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
)

// The steps that a network has learnt become those of its bytes, and the rounding itself is gone.
func TestAQuantAwareNetworkBecomesBytesWithItsOwnSteps(t *testing.T) {
	eager.Seed(4)
	net := nn.NewSequential(
		nn.NewFakeQuantize(), nn.NewQuantAware(nn.NewConv2D(1, 8, 3, nn.ConvOptions{Padding: 1})), nn.NewReLU(),
		nn.NewMaxPool2D(2), nn.NewFlatten(), nn.NewQuantAware(nn.NewLinear(8*4*4, 24)), nn.NewQuantAware(nn.NewLinear(24, 10)),
	)
	opt := optim.NewAdam(net.Params(), optim.AdamOptions{LR: 1e-3})
	for range 30 {
		x, y := eager.Randn(16, 1, 8, 8), eager.RandInt(0, 10, 16)
		opt.ZeroGrad()
		nn.CrossEntropy(net.Forward(x), y).Backward()
		opt.Step()
	}
	net.Eval()
	x := eager.Randn(16, 1, 8, 8)
	var g *Graph
	var err error
	eager.NoGrad(func() { g, err = Trace(net, x) })
	if err != nil {
		t.Fatal(err)
	}
	q, report, err := g.Quantize([][]*eager.Tensor{{x}})
	if err != nil {
		t.Fatal(err)
	}
	if report.Quantised != 3 {
		t.Errorf("%d layers have bytes:\n%v", report.Quantised, report)
	}
	if n := strings.Count(q.Graph.String(), "= Round("); n > 1 { // that of the result
		t.Errorf("%d roundings are left:\n%v", n, q.Graph)
	}
	scale, zero := net.Layer(0).(*nn.FakeQuantize).Steps()
	first := ""
	for _, l := range strings.Split(q.Graph.String(), "\n") {
		if strings.Contains(l, "= Quantize(") {
			first = l
			break
		}
	}
	if a := g.Graph.Nodes; len(a) == 0 || !strings.Contains(first, "Scale:"+short(scale)) || zero == 0 {
		t.Errorf("the input is stored by %q; want scale %v, zero %d", first, scale, zero)
	}
	want, have := net.Forward(x), q.Run(x)[0]
	if d := want.Sub(have).Abs().Max().Item(); d > 0.1*want.Abs().Max().Item() {
		t.Errorf("results differ by %v of %v", d, want.Abs().Max())
	}
}

// short is the beginning of a float32 as texts show it.
func short(v float64) string { return fmt.Sprintf("%.4f", math.Floor(v*1e4)/1e4) }
