package nn_test

import (
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
)

func closeTo(t *testing.T, what string, got, want *eager.Tensor, tol float64) {
	t.Helper()
	if !eager.AllClose(got, want, tol, tol) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func TestTheIdentityGridReturnsTheImage(t *testing.T) {
	eager.Seed(1)
	x := eager.Randn(2, 3, 4, 5).To(eager.F64)
	eye := eager.New([][][]float64{{{1, 0, 0}, {0, 1, 0}}, {{1, 0, 0}, {0, 1, 0}}})
	for _, align := range []bool{true, false} {
		grid := nn.AffineGrid(eye, []int{2, 3, 4, 5}, align)
		for _, mode := range []string{"bilinear", "nearest", "bicubic"} {
			y := nn.GridSample(x, grid, nn.GridOptions{Mode: mode, AlignCorners: align, Padding: "border"})
			closeTo(t, mode, y, x, 1e-9)
		}
	}
	volume := eager.Randn(1, 2, 3, 4, 2).To(eager.F64)
	theta := eager.New([][][]float64{{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}}})
	y := nn.GridSample(volume, nn.AffineGrid(theta, []int{1, 2, 3, 4, 2}, true), nn.GridOptions{AlignCorners: true})
	closeTo(t, "volume", y, volume, 1e-12)
}

func TestPointsBetweenElementsAreInterpolated(t *testing.T) {
	x := eager.New([][][][]float64{{{{0, 1}, {2, 3}}}})
	grid := eager.New([][][][]float64{{{{0, 0}, {-1, 0}, {3, -1}}}})
	for padding, want := range map[string][]float64{
		"zeros": {1.5, 1, 0}, "border": {1.5, 1, 1}, "reflection": {1.5, 1, 0},
	} {
		y := nn.GridSample(x, grid, nn.GridOptions{Padding: padding, AlignCorners: true})
		closeTo(t, padding, y.Reshape(3), eager.New(want), 1e-12)
	}
}

func TestBagsCombineRows(t *testing.T) {
	table := eager.New([][]float64{{1, 10}, {2, 20}, {3, 0}})
	index, offsets := eager.New([]int{0, 2, 1, 1}), eager.New([]int{0, 2, 2})
	for mode, want := range map[string][][]float64{
		"sum": {{4, 10}, {0, 0}, {4, 40}}, "mean": {{2, 5}, {0, 0}, {2, 20}}, "max": {{3, 10}, {0, 0}, {2, 20}},
	} {
		y := nn.EmbedBags(table, index, nn.BagOptions{Offsets: offsets, Mode: mode})
		closeTo(t, mode, y, eager.New(want), 0)
		rows := nn.EmbedBags(table, eager.New([][]int{{0, 2}, {1, 1}}), nn.BagOptions{Mode: mode})
		closeTo(t, mode+" of rows", rows, eager.New([][]float64{want[0], want[2]}), 0)
	}
	w := eager.New([]float64{1, 2, 3, 4})
	y := nn.EmbedBags(table, index, nn.BagOptions{Offsets: offsets, Mode: "sum", Weights: w})
	closeTo(t, "weighted", y, eager.New([][]float64{{7, 10}, {0, 0}, {14, 140}}), 0)
	y = nn.EmbedBags(table, index, nn.BagOptions{Offsets: offsets, Padding: true, PadIndex: -1})
	closeTo(t, "without padding", y, eager.New([][]float64{{1, 10}, {0, 0}, {2, 20}}), 0)
}

func TestTheFirstOfEqualElementsOfAnAdaptiveWindowCounts(t *testing.T) {
	x := eager.New([][][]float64{{{1, 3, 3, 2, 5}}}).SetRequiresGrad(true)
	y, index := nn.NewAdaptiveMaxPool1D(2).ForwardIndex(x)
	closeTo(t, "maxima", y.Detach(), eager.New([][][]float64{{{3, 5}}}), 0)
	if at := index.Ints(); at[0] != 1 || at[1] != 4 {
		t.Errorf("the maxima stand at %v, want 1 and 4", at)
	}
	y.Sum().Backward()
	closeTo(t, "gradient", x.Grad(), eager.New([][][]float64{{{0, 1, 0, 0, 1}}}), 0)
}
