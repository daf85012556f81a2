package viz

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

var update = flag.Bool("update", false, "rewrite testdata/*.json")

func ExampleLine() {
	c := Line("train", nil, []float64{3, 2, 1.5}).Line("val", nil, []float64{3, 2.5, 2}).Title("loss")
	fmt.Println(c)
	// Output: chart loss: line train (3 points), line val (3 points)
}

func ExampleConfusionMatrix() {
	fmt.Println(ConfusionMatrix([]int{0, 1, 1, 2}, []int{0, 1, 2, 2}, []string{"cat", "dog", "owl"}))
	// Output:
	// confusion matrix, 3 of 4 right (75.00 %)
	//     cat dog owl
	// cat   1   0   0
	// dog   0   1   1
	// owl   0   0   1
}

// examples are charts of every kind, among them awkward values.
func examples() map[string]*Chart {
	nan, inf := math.NaN(), math.Inf(1)
	pie := charts.NewPie()
	pie.AddSeries("p", []opts.PieData{{Name: "a", Value: 1}, {Name: "b", Value: 2}})
	return map[string]*Chart{
		"line": Line("a", []float64{1, 2, nan, 4}, []float64{1, nan, 3, inf}).
			Scatter("b", nil, eager.Of(1, 2)).Title("T").Subtitle("s").XLabel("x").YLabel("y").YLog().Height(200),
		"bar":       Bar([]string{"a", "b"}, []int{1, 2}).Bar("second", []float32{3, 4}).YRange(0, 5),
		"hist":      Hist([]float64{0, 1, 1, 2, 3, nan, inf}, 3),
		"heatmap":   Heatmap([][]float64{{1, nan}, {-2.5, 1e9}}, HeatmapOptions{Rows: []string{"r", "s"}}),
		"confusion": ConfusionMatrix([]int{0, 1, 1}, eager.New([][]float32{{2, 1}, {0, 1}, {5, 1}}), nil),
		"pie":       ECharts(&pie.BaseConfiguration, pie.Validate),
	}
}

func TestChartJSONIsGolden(t *testing.T) {
	for name, c := range examples() {
		b, err := json.MarshalIndent(c.Display().MIME[chartMIME], "", " ")
		if err != nil {
			t.Fatal(err)
		}
		b = append(b, '\n')
		path := filepath.Join("testdata", name+".json")
		if *update {
			if err := os.WriteFile(path, b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b, want) {
			t.Errorf("%s: %s\nwant %s\n(-update rewrites it)", name, b, want)
		}
	}
}

func TestChartsWithoutFiniteValuesStillDraw(t *testing.T) {
	nan := math.NaN()
	for _, c := range []*Chart{
		Line("", nil, []float64{}), Line("", []float64{nan}, []float64{nan}), Hist([]float64{nan}, 0),
		Hist([]float64{2, 2}, 0), Hist([]float64{}, 0), Heatmap([][]float64{{nan}}), Heatmap([][]float64{{-3, -3}}),
		ConfusionMatrix([]int{}, []int{}, []string{"a"}), Bar(nil, []float64{}),
	} {
		if b, err := c.Option(); err != nil {
			t.Errorf("%v: %s, %v", c, b, err)
		}
	}
}

func TestUnusableDataIsRefusedWithAReason(t *testing.T) {
	for want, f := range map[string]func(){
		"x has 2 values, y has 3":       func() { Line("", []int{1, 2}, []int{1, 2, 3}) },
		"the data is nil":               func() { Line("", nil, nil) },
		"2 labels for 1 values":         func() { Bar([]string{"a", "b"}, []int{1}) },
		"want a matrix":                 func() { Heatmap([]int{1, 2}) },
		"1 labels for 2 predictions":    func() { ConfusionMatrix([]int{1}, []int{1, 2}, nil) },
		"class 2 has no name":           func() { ConfusionMatrix([]int{1}, []int{2}, []string{"a", "b"}) },
		"is negative":                   func() { ConfusionMatrix([]int{1}, []int{-2}, nil) },
		"1, 3 or 4 channels":            func() { Image(eager.Zeros(2, 4, 4)) },
		"2 captions for 3 images":       func() { ImageGrid(eager.Zeros(3, 4, 4), []string{"a", "b"}) },
		"want [n h w] or [n channels h": func() { ImageGrid(eager.Zeros(3, 4), nil) },
	} {
		if err := engine.Catch(f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestHistogramCountsEveryFiniteValueOnce(t *testing.T) {
	c := Hist(eager.Randn(1000), 7)
	total := 0.0
	for _, v := range c.base.MultiSeries[0].Data.([]cell) {
		total += v[0]
	}
	if total != 1000 {
		t.Errorf("%v values in the bins", total)
	}
}

func TestThinningKeepsEndsOrderAndPeaks(t *testing.T) {
	p := make([]point, 50000)
	for i := range p {
		p[i] = point{float64(i), math.Sin(float64(i) / 5000)}
	}
	p[31234].y = 9
	q := lttb(p, 1000)
	if len(q) != 1000 || q[0] != p[0] || q[999] != p[49999] {
		t.Fatalf("%d points from %v to %v", len(q), q[0], q[len(q)-1])
	}
	peak := false
	for i, v := range q {
		peak = peak || v == p[31234]
		if i > 0 && v.x <= q[i-1].x {
			t.Fatalf("x %v after %v", v.x, q[i-1].x)
		}
	}
	if !peak {
		t.Error("the peak was lost")
	}
	if c := Line("", nil, make([]float64, 50000)); len(c.base.MultiSeries[0].Data.([]pair)) != maxPoints {
		t.Error("a long line was not thinned")
	}
}

func TestImageKeepsPixelsAndEnlarges(t *testing.T) {
	for _, c := range []struct {
		x    *eager.Tensor
		want string // colours of pixel (0, 0) and (1, 0) of the original
	}{
		{eager.New([][]float32{{0, 1}, {0.5, 0}}), "0,0,0 255,255,255"},
		{eager.New([][][]uint8{{{7, 200}}}), "7,7,7 200,200,200"},
		{eager.New([][][]float64{{{-1, 3}}}), "0,0,0 255,255,255"},
		{eager.New([][][]float64{{{1, 0}}, {{0, 1}}, {{0, 0}}}), "255,0,0 0,255,0"},
		{eager.New([][]float64{{math.NaN(), 1}}), "0,0,0 255,255,255"},
	} {
		img, err := png.Decode(bytes.NewReader(Image(c.x).Display().MIME["image/png"].([]byte)))
		if err != nil {
			t.Fatal(err)
		}
		k := img.Bounds().Dx() / 2
		at := func(x int) string {
			r, g, b, _ := img.At(x, 0).RGBA()
			return fmt.Sprintf("%d,%d,%d", r>>8, g>>8, b>>8)
		}
		if got := at(k-1) + " " + at(k); got != c.want || k != 128 {
			t.Errorf("%v: pixels %s with factor %d, want %s", c.x, got, k, c.want)
		}
	}
}

func TestImageGridEscapesCaptionsAndHoldsImages(t *testing.T) {
	d := ImageGrid(eager.Rand(30, 1, 28, 28), append([]string{"<b>&"}, make([]string, 29)...)).Display()
	s := d.MIME["text/html"].(string)
	if strings.Contains(s, "<b>") || !strings.Contains(s, "&lt;b&gt;&amp;") || strings.Count(s, "<tr>") != 5 {
		t.Errorf("%.300s", s)
	}
	_, rest, _ := strings.Cut(s, "base64,")
	data, _, _ := strings.Cut(rest, `"`)
	raw, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		t.Fatal(err)
	}
	if img, err := png.Decode(bytes.NewReader(raw)); err != nil || img.Bounds().Dx() != 84 {
		t.Errorf("image %v, %v", img.Bounds(), err)
	}
	if strings.Count(s, "<img") != 30 || strings.Count(s, "</tr>") != 5 {
		t.Error("images or rows are missing")
	}
}
