package special

import (
	"math"
	"testing"

	"github.com/lathe-ml/lathe/eager"
)

func TestGradientOfGammaPIsTheDensity(t *testing.T) {
	a, x := eager.Of(0.5, 2, 5), eager.Of(0.3, 2, 9).SetRequiresGrad(true)
	dp := eager.Grad([]*eager.Tensor{GammaP(a, x).Sum()}, []*eager.Tensor{x}, eager.GradOptions{})[0]
	dq := eager.Grad([]*eager.Tensor{GammaQ(a, x).Sum()}, []*eager.Tensor{x}, eager.GradOptions{})[0]
	for i, a := range []float64{0.5, 2, 5} {
		x := []float64{0.3, 2, 9}[i]
		want := math.Pow(x, a-1) * math.Exp(-x) / math.Gamma(a)
		if got := dp.Float64s()[i]; math.Abs(got-want) > 1e-5 {
			t.Errorf("the density of shape %v at %v is %v, want %v", a, x, got, want)
		}
		if got := dq.Float64s()[i]; math.Abs(got+want) > 1e-5 {
			t.Errorf("the slope of GammaQ(%v, %v) is %v, want %v", a, x, got, -want)
		}
	}
}

func TestGradientOfZetaInItsSecondArgument(t *testing.T) {
	q := eager.Of(1).SetRequiresGrad(true)
	Zeta(eager.Of(2), q).Backward()
	if got, want := q.Grad().Item(), -2*1.2020569031595942; math.Abs(got-want) > 1e-5 {
		t.Errorf("the slope of ζ(2, q) at 1 is %v, want −2ζ(3) = %v", got, want)
	}
}

func TestLogNormalCDFHasATail(t *testing.T) {
	x := eager.Of(-40, 0, 8).SetRequiresGrad(true)
	y := LogNormalCDF(x)
	y.Sum().Backward()
	for i, want := range []float64{-804.608442, -0.693147181, 0} {
		if got := y.Float64s()[i]; math.Abs(got-want) > 1e-4 {
			t.Errorf("log Φ(%v) is %v, want %v", x.Float64s()[i], got, want)
		}
	}
	for i, want := range []float64{40.0249688, 0.797884561, 0} {
		if got := x.Grad().Float64s()[i]; math.Abs(got-want) > 1e-4 {
			t.Errorf("the slope of log Φ at %v is %v, want %v", x.Float64s()[i], got, want)
		}
	}
}
