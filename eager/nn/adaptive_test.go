package nn_test

import (
	"math"
	"slices"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
)

func TestAdaptiveMeanOfAllPixelsIsOneMean(t *testing.T) {
	x := eager.Randn(2, 19, 7, 5)
	want := nn.NewGlobalAvgPool().Forward(x).Float32s()
	y := nn.NewAdaptiveAvgPool2D(1, 1).Forward(x)
	if s := y.Shape(); !slices.Equal(s, []int{2, 19, 1, 1}) {
		t.Fatalf("shape %v, want [2 19 1 1]", s)
	}
	if got := y.Float32s(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAdaptiveMeansOfInfinityAreInfinite(t *testing.T) {
	x := eager.New([][]float64{{1, 2, math.Inf(1), 4, math.Inf(-1), 6, 8}})
	y := nn.NewAdaptiveAvgPool1D(3).Forward(x.Unsqueeze(0)) // windows 0…2, 2…4, 4…6
	if got := y.Float64s(); !math.IsInf(got[0], 1) || !math.IsNaN(got[1]) || !math.IsInf(got[2], -1) {
		t.Errorf("means are %v, want +Inf, NaN, -Inf", got)
	}
	x = eager.New([][]float64{{1, 2, 3, 4, math.Inf(-1)}})
	y = nn.NewAdaptiveAvgPool1D(3).Forward(x.Unsqueeze(0)) // windows 0…1, 1…3, 3…4
	if got := y.Float64s(); got[0] != 1.5 || got[1] != 3 || !math.IsInf(got[2], -1) {
		t.Errorf("means are %v, want 1.5, 3, -Inf", got)
	}
}
