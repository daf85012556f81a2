package nn_test

import (
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
