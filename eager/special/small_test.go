package special_test

import (
	"math"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/special"
)

func TestUpperGammaIsAccurateForSmallShapes(t *testing.T) {
	// For a → 0, Q(a, x) = a·E₁(x) + O(a²); E₁ from Abramowitz and Stegun, table 5.1.
	for x, e1 := range map[float64]float64{0.5: 0.559773595, 1: 0.219383934, 0.1: 1.822923958} {
		const a = 1e-9
		got := special.GammaQ(eager.New(a), eager.New(x)).Item()
		if math.Abs(got/(a*e1)-1) > 1e-7 {
			t.Errorf("GammaQ(%v, %v) is %v, want %v", a, x, got, a*e1)
		}
	}
	// Q(½, x) = erfc √x
	for _, x := range []float64{1e-6, 0.01, 0.3, 0.9, 1.2} {
		got := special.GammaQ(eager.New(0.5), eager.New(x)).Item()
		if want := math.Erfc(math.Sqrt(x)); math.Abs(got/want-1) > 1e-13 {
			t.Errorf("GammaQ(½, %v) is %v, want %v", x, got, want)
		}
	}
}

func TestEntropyRisesSteeplyAtZero(t *testing.T) {
	x := eager.New([]float64{0, 0.5, -1}).SetRequiresGrad(true)
	y := special.Entropy(x)
	if v := y.Float64s(); v[0] != 0 || math.Abs(v[1]-0.5*math.Ln2) > 1e-15 || !math.IsInf(v[2], -1) {
		t.Errorf("entropies are %v", v)
	}
	y.Slice(0, 0, 2).Sum().Backward()
	if g := x.Grad().Float64s(); !math.IsInf(g[0], 1) || math.Abs(g[1]-(math.Ln2-1)) > 1e-15 {
		t.Errorf("gradients are %v, want +Inf and log 2 − 1", g)
	}
}
