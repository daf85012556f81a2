package viz

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"github.com/lathe-ml/lathe/eager"
)

// LATHE_SHOTS names a folder that receives the images, to look at.
func TestEveryKindOfChartHasAStaticImage(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	x := []float64{1, 10, 100, 1000}
	for name, c := range map[string]*Chart{
		"lines": Line("train", x, []float64{3, 1, 0.4, 0.2}).Line("val", x, []float64{3.2, 1.4, 0.9, 1}).
			Title("loss <of> \"both\"").XLabel("step").YLabel("nats").XLog(),
		"log":       Line("a", x, []float64{1e-5, 1, 0, -3}).YLog(),
		"gaps":      Line("a", nil, []float64{1, nan, 3, inf, 2}),
		"nothing":   Line("a", nil, []float64{}),
		"one":       Line("a", nil, []float64{7}),
		"all gaps":  Scatter("a", nil, []float64{nan, nan}),
		"scatter":   Scatter("a", eager.Randn(200), eager.Randn(200)).YRange(-2, 2),
		"bars":      Bar([]string{"a", "b", "c"}, []float64{3, -1, nan}).Bar("more", []float64{1, 2, 3}),
		"histogram": Hist(eager.Randn(1000), 0),
		"heat":      Heatmap([][]float64{{1, 2, 3}, {nan, 5, 6}}, HeatmapOptions{Values: true}),
		"confusion": ConfusionMatrix([]int{0, 1, 2, 2}, []int{0, 1, 2, 1}, []string{"cat", "dog", "a & b"}),
		"huge":      Line("a", nil, []float64{1e300, -1e300}),
	} {
		s, _ := c.Display().MIME["image/svg+xml"].(string)
		wellFormed(t, name, s)
		if dir := os.Getenv("LATHE_SHOTS"); dir != "" {
			if err := os.WriteFile(filepath.Join(dir, name+".svg"), []byte(s), 0o644); err != nil {
				t.Error(err)
			}
		}
	}
}

func wellFormed(t *testing.T, name, svg string) {
	t.Helper()
	if !strings.HasPrefix(svg, "<svg") {
		t.Errorf("%s: no image: %.40q", name, svg)
	}
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			break
		}
		if e, ok := token.(xml.StartElement); ok {
			for _, a := range e.Attr {
				if strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf") {
					t.Errorf("%s: %s %s=%q", name, e.Name.Local, a.Name.Local, a.Value)
				}
			}
		}
	}
}

func TestAChartWithoutStaticFormHasNone(t *testing.T) {
	pie := charts.NewPie()
	pie.AddSeries("a", []opts.PieData{{Name: "x", Value: 1}})
	if _, ok := ECharts(&pie.BaseConfiguration, pie.Validate).Display().MIME["image/svg+xml"]; ok {
		t.Error("a pie got an image that cannot be right")
	}
}

func TestADashboardLeavesItsImageWhenTheCellEnds(t *testing.T) {
	d := Live("run")
	for i := range 30 {
		d.Add("loss/train", i, 1/float64(i+1))
		d.Add("accuracy/test", i, float64(i))
	}
	wellFormed(t, "dashboard", d.Display().MIME["image/svg+xml"].(string))
}
