package viz

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// Bar returns a chart with one bar for each label.
func Bar(labels []string, values any) *Chart {
	v := numbers("viz.Bar", values)
	if len(v) != len(labels) {
		engine.Fail("viz.Bar", "%d labels for %d values", len(labels), len(v))
	}
	c := newXY()
	c.base.XAxisList[0] = opts.XAxis{Type: "category", Data: labels, NameLocation: "middle", NameGap: 28}
	c.base.YAxisList[0].Scale = nil
	c.base.Legend.Show = opts.Bool(false)
	c.note = fmt.Sprintf("bar chart of %d values", len(v))
	return c.Bar("", v)
}

// Bar adds bars to a chart made by Bar, beside those that it has.
func (c *Chart) Bar(name string, values any) *Chart {
	v := numbers("viz.Bar", values)
	data := make([]cell, len(v))
	for i, y := range v {
		data[i] = cell{y}
	}
	if name != "" {
		c.base.Legend.Show = opts.Bool(true)
	}
	return c.add(charts.SingleSeries{Name: name, Type: "bar", Data: data})
}

// cell is a list of numbers in JSON; one number stands for itself. NaN and Inf become null.
type cell []float64

// MarshalJSON writes v or [v,…].
func (c cell) MarshalJSON() ([]byte, error) {
	if len(c) == 1 {
		return number(c[0]), nil
	}
	b := []byte{'['}
	for i, v := range c {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, number(v)...)
	}
	return append(b, ']'), nil
}

// Largest charts: more bins or classes than this cannot be told apart on a screen.
const (
	maxBins    = 10000
	maxClasses = 1000
)

// Hist returns the histogram of values in bins of equal width; 0 bins means 30. NaN and Inf are left out
// and counted in the subtitle.
func Hist(values any, bins int) *Chart {
	if bins < 0 || bins > maxBins {
		engine.Fail("viz.Hist", "%d bins; want 0…%d", bins, maxBins)
	}
	if bins == 0 {
		bins = 30
	}
	lo, hi, skipped := math.Inf(1), math.Inf(-1), 0
	v := numbers("viz.Hist", values)
	for _, x := range v {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			skipped++
			continue
		}
		lo, hi = min(lo, x), max(hi, x)
	}
	if skipped == len(v) {
		lo, hi = 0, 1
	}
	if lo == hi {
		lo, hi = lo-0.5, hi+0.5
	}
	counts, labels := make([]float64, bins), make([]string, bins)
	width := hi/float64(bins) - lo/float64(bins)
	for i := range labels {
		labels[i] = strconv.FormatFloat(lo+(float64(i)+0.5)*width, 'g', 4, 64)
	}
	for _, x := range v {
		if !math.IsNaN(x) && !math.IsInf(x, 0) {
			counts[min(int((x/2-lo/2)/width*2), bins-1)]++ // halves: hi − lo may overflow
		}
	}
	c := Bar(labels, counts)
	c.base.MultiSeries[0].BarCategoryGap = "0%"
	c.note = fmt.Sprintf("histogram of %d values from %.4g to %.4g in %d bins", len(v)-skipped, lo, hi, bins)
	if skipped > 0 {
		c.Subtitle(fmt.Sprintf("%d values are NaN or Inf", skipped))
	}
	return c
}

// HeatmapOptions are the options of Heatmap; the zero value is the default.
type HeatmapOptions struct {
	Rows, Columns []string // labels; nil: 0, 1, …
	Values        bool     // write the values into the cells
}

// Heatmap shows a matrix [rows columns] by colour, the first row on top.
func Heatmap(matrix any, o ...HeatmapOptions) *Chart {
	x := tensor("viz.Heatmap", matrix)
	if x.Rank() != 2 {
		engine.Fail("viz.Heatmap", "the data is %v; want a matrix", x.Array())
	}
	var opt HeatmapOptions
	if len(o) > 0 {
		opt = o[0]
	}
	rows, cols := x.Size(0), x.Size(1)
	rowNames, colNames := names("Rows", opt.Rows, rows), names("Columns", opt.Columns, cols)
	data := make([]cell, 0, rows*cols)
	lo, hi, digits := math.Inf(1), math.Inf(-1), 0
	for i, v := range x.Float64s() {
		data = append(data, cell{float64(i % cols), float64(i / cols), v})
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			lo, hi = min(lo, v), max(hi, v)
			if v != math.Trunc(v) {
				digits = 3
			}
		}
	}
	if lo >= hi {
		lo, hi = min(lo, 0), max(hi, 1)
	}
	h := charts.NewHeatMap()
	c := ECharts(&h.BaseConfiguration, func() {})
	c.base.Theme = ""
	c.base.XAxisList[0] = opts.XAxis{
		Type: "category", Data: colNames, NameLocation: "middle", NameGap: 28,
	}
	c.base.YAxisList[0] = opts.YAxis{
		Type: "category", Data: rowNames, NameLocation: "middle", NameGap: 44, Inverse: opts.Bool(true),
	}
	c.base.Tooltip = opts.Tooltip{Show: opts.Bool(true), Trigger: "item"}
	c.base.Legend.Show = opts.Bool(false)
	c.base.Animation = opts.Bool(false)
	c.base.GridList = []opts.Grid{{Left: "72", Right: "96", Top: "56", Bottom: "48"}}
	c.extra["visualMap"] = map[string]any{
		"min": lo, "max": hi, "calculable": true, "right": "0", "top": "middle", "precision": digits,
		"inRange": map[string]any{"color": []string{"#f7fbff", "#9ecae1", "#2171b5", "#08306b"}},
	}
	s := charts.SingleSeries{Type: "heatmap", Data: data}
	if opt.Values {
		s.Label = &opts.Label{Show: opts.Bool(true)}
	}
	c.note = fmt.Sprintf("heat map %d×%d", rows, cols)
	return c.add(s)
}

func names(what string, given []string, n int) []string {
	if given == nil {
		given = make([]string, n)
		for i := range given {
			given[i] = strconv.Itoa(i)
		}
	}
	if len(given) != n {
		engine.Fail("viz.Heatmap", "%d %s for %d", len(given), what, n)
	}
	return given
}

// ConfusionMatrix shows how often each class (row) was predicted as each class (column). labels: integers
// [n]; predictions: integers [n], or scores [n classes] whose largest counts. classes names the classes;
// nil numbers them.
func ConfusionMatrix(labels, predictions any, classes []string) *Chart {
	p := tensor("viz.ConfusionMatrix", predictions)
	if p.Rank() == 2 {
		p = p.ArgMax(1)
	}
	truth := wholes("the labels", tensor("viz.ConfusionMatrix", labels))
	guess := wholes("the predictions", p)
	if len(truth) != len(guess) {
		engine.Fail("viz.ConfusionMatrix", "%d labels for %d predictions", len(truth), len(guess))
	}
	k := len(classes)
	for i := range truth {
		if min(truth[i], guess[i]) < 0 {
			engine.Fail("viz.ConfusionMatrix", "class %d of sample %d is negative", min(truth[i], guess[i]), i)
		}
		k = max(k, truth[i]+1, guess[i]+1)
	}
	if k > maxClasses {
		engine.Fail("viz.ConfusionMatrix", "there are %d classes; at most %d can be shown", k, maxClasses)
	}
	if classes == nil {
		classes = names("classes", nil, k)
	}
	if k > len(classes) {
		engine.Fail("viz.ConfusionMatrix", "class %d has no name; there are %d names", k-1, len(classes))
	}
	counts := make([]float64, k*k)
	right := 0
	for i, t := range truth {
		counts[t*k+guess[i]]++
		if t == guess[i] {
			right++
		}
	}
	c := Heatmap(eager.FromFloat64s(counts, k, k), HeatmapOptions{Rows: classes, Columns: classes, Values: true})
	c.XLabel("predicted").YLabel("actual").Height(max(defaultHeight, 120+28*k))
	share := fmt.Sprintf("%d of %d right (%.2f %%)", right, len(truth), 100*float64(right)/float64(max(len(truth), 1)))
	c.note = "confusion matrix, " + share + "\n" + table(classes, counts)
	return c.Title("confusion matrix").Subtitle(share)
}

// wholes returns class numbers; floats are taken when they are whole numbers.
func wholes(what string, x *eager.Tensor) []int {
	for i, v := range x.Float64s() {
		if v != math.Trunc(v) || math.IsInf(v, 0) {
			engine.Fail("viz.ConfusionMatrix", "%s hold %v at position %d; want class numbers", what, v, i)
		}
	}
	return x.Ints()
}

// table writes counts with their classes as text.
func table(classes []string, counts []float64) string {
	width := 0
	for _, s := range classes {
		width = max(width, len(s))
	}
	for _, v := range counts {
		width = max(width, len(strconv.Itoa(int(v))))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%*s", width, "")
	for _, s := range classes {
		fmt.Fprintf(&b, " %*s", width, s)
	}
	for i, s := range classes {
		fmt.Fprintf(&b, "\n%*s", width, s)
		for _, v := range counts[i*len(classes) : (i+1)*len(classes)] {
			fmt.Fprintf(&b, " %*d", width, int(v))
		}
	}
	return b.String()
}
