package viz_test

import (
	"math"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/viz"
)

func TestDataThatCannotBeDrawnIsNamedWithTheFunction(t *testing.T) {
	var none *eager.Tensor
	for want, f := range map[string]func(){
		"viz.ECharts: the chart":                 func() { viz.ECharts(nil, nil) },
		"viz.Heatmap: the data is nil":           func() { viz.Heatmap(none) },
		"viz.Heatmap: rows differ":               func() { viz.Heatmap([][]float64{{1}, {1, 2}}) },
		"viz.Image: the data is nil":             func() { viz.Image(nil) },
		"viz.ImageGrid: the data is nil":         func() { viz.ImageGrid(nil, nil) },
		"viz.ImageGrid: there are 1001 images":   func() { viz.ImageGrid(eager.Zeros(1001, 2, 2), nil) },
		"viz.Line: elements are string":          func() { viz.Line("a", "x", []float64{1}) },
		"viz.Line: the data is nil":              func() { viz.Line("a", nil, none) },
		"viz.Line: the data is f32[4 3]; want":   func() { viz.Line("a", nil, eager.Zeros(4, 3)) },
		"viz.YRange: the range is 3 to 1":        func() { viz.Line("a", nil, []float64{1}).YRange(3, 1) },
		"viz.YRange: the range is NaN to 1":      func() { viz.Line("a", nil, []float64{1}).YRange(math.NaN(), 1) },
		"viz.Height: the height is -1":           func() { viz.Line("a", nil, []float64{1}).Height(-1) },
		"viz.Hist: 1073741824 bins":              func() { viz.Hist([]float64{1}, 1<<30) },
		"viz.ConfusionMatrix: the labels hold 1": func() { viz.ConfusionMatrix([]float64{1.5}, []int{1}, nil) },
		"viz.ConfusionMatrix: the data is nil":   func() { viz.ConfusionMatrix(none, []int{1}, nil) },
		"viz.ConfusionMatrix: there are 1073":    func() { viz.ConfusionMatrix([]int{1 << 30}, []int{1}, nil) },
	} {
		err := engine.Catch(f)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s…", err, want)
		}
	}
}

func TestColumnsAndRowsAreOneAxis(t *testing.T) {
	c := viz.Scatter("a", eager.Zeros(5, 1), eager.Zeros(1, 5))
	if got := c.String(); got != "chart: scatter a (5 points)" {
		t.Errorf("got %q", got)
	}
}

func TestHistogramOfTheWholeRangeCountsEveryValue(t *testing.T) {
	o, err := viz.Hist([]float64{-math.MaxFloat64, 0, math.MaxFloat64}, 3).Option()
	if err != nil || !strings.Contains(string(o), `"data":[1,1,1]`) {
		t.Errorf("option %s, error %v; want one value in each bin", o, err)
	}
}
