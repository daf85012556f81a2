// Package viz draws charts, images and live training curves in a notebook.
//
//	viz.Line("train", steps, loss).Line("val", steps, valLoss).Title("loss").YLog()
//	viz.ConfusionMatrix(labels, predictions, nil)
//	viz.ImageGrid(wrong.X, captions)
//	d := viz.Live("training")
//	d.Add("loss/train", step, loss.Item())
//
// A chart shows itself when it is the last value of a cell, or with Show. Charts are ECharts options
// built with go-echarts and drawn by the page; they hold data, never script. Data may be a tensor or any
// slice of numbers; NaN and Inf become gaps. The package does not draw in a terminal: without a page a
// chart is one line of text.
package viz

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/kernel/display"
)

// MIME types of a chart and of points to append to one that is shown.
const (
	chartMIME  = "application/vnd.lathe.echarts+json"
	appendMIME = "application/vnd.lathe.echarts.append+json"
)

const (
	defaultHeight = 320 // pixels
	maxHeight     = 10000
	maxPoints     = 4000 // of a line; longer ones are down-sampled
)

// Chart is a chart under construction. Its methods change it and return it.
type Chart struct {
	base   *charts.BaseConfiguration
	finish func()         // go-echarts' Validate of the chart kind
	extra  map[string]any // options that go-echarts cannot express
	height int
	note   string // text form; "": made from the series
	still  bool   // with a static image, for clients without ECharts
}

// ECharts returns the chart of any go-echarts chart, for kinds that viz has no function for:
//
//	viz.ECharts(&pie.BaseConfiguration, pie.Validate)
func ECharts(base *charts.BaseConfiguration, validate func()) *Chart {
	if base == nil || validate == nil {
		engine.Fail("viz.ECharts", "the chart or its Validate is nil; want (&pie.BaseConfiguration, pie.Validate)")
	}
	base.Title.Left, base.Title.Top = "0", "0"
	return &Chart{base: base, finish: validate, height: defaultHeight, extra: map[string]any{}, still: true}
}

// newXY returns a chart with two value axes and no series.
func newXY() *Chart {
	l := charts.NewLine()
	c := ECharts(&l.BaseConfiguration, func() {}) // Validate would drop the labels of the x axis
	c.base.Theme = ""                             // colours are the page's
	c.base.XAxisList[0] = opts.XAxis{
		Type: "value", NameLocation: "middle", NameGap: 28, Scale: opts.Bool(true),
	}
	c.base.YAxisList[0] = opts.YAxis{
		Type: "value", NameLocation: "middle", NameGap: 44, Scale: opts.Bool(true),
	}
	c.base.Tooltip = opts.Tooltip{Show: opts.Bool(true), Trigger: "axis"}
	c.base.Legend = opts.Legend{Show: opts.Bool(true), Type: "scroll", Top: "0", Right: "0", Left: "45%"}
	c.base.GridList = []opts.Grid{{Left: "60", Right: "24", Top: "56", Bottom: "48"}}
	c.base.Animation = opts.Bool(false)
	return c
}

// Line returns a chart with one line through the points (x, y); x nil counts 0, 1, 2 …
// Lines of more than 4,000 points are thinned by LTTB.
func Line(name string, x, y any) *Chart { return newXY().Line(name, x, y) }

// Scatter returns a chart with one cloud of points (x, y); x nil counts 0, 1, 2 …
func Scatter(name string, x, y any) *Chart { return newXY().Scatter(name, x, y) }

// Line adds a line through the points (x, y); x nil counts 0, 1, 2 …
func (c *Chart) Line(name string, x, y any) *Chart {
	p := lttb(points("viz.Line", x, y), maxPoints)
	return c.add(charts.SingleSeries{Name: name, Type: "line", Data: pairs(p), ShowSymbol: opts.Bool(len(p) == 1)})
}

// Scatter adds a cloud of points (x, y); x nil counts 0, 1, 2 …
func (c *Chart) Scatter(name string, x, y any) *Chart {
	p := points("viz.Scatter", x, y)
	s := charts.SingleSeries{Name: name, Type: "scatter", Data: pairs(p), SymbolSize: 7}
	if len(p) > 2000 {
		s.SymbolSize, s.Large = 3, opts.Bool(true)
	}
	c.base.Tooltip.Trigger = "item"
	return c.add(s)
}

func (c *Chart) add(s charts.SingleSeries) *Chart {
	c.base.MultiSeries = append(c.base.MultiSeries, s)
	return c
}

// Title sets the title.
func (c *Chart) Title(s string) *Chart {
	c.base.Title.Title = s
	return c
}

// Subtitle sets the line under the title.
func (c *Chart) Subtitle(s string) *Chart {
	c.base.Title.Subtitle = s
	return c
}

// XLabel names the x axis.
func (c *Chart) XLabel(s string) *Chart {
	c.base.XAxisList[0].Name = s
	return c
}

// YLabel names the y axis.
func (c *Chart) YLabel(s string) *Chart {
	c.base.YAxisList[0].Name = s
	return c
}

// XLog makes the x axis logarithmic.
func (c *Chart) XLog() *Chart {
	c.base.XAxisList[0].Type = "log"
	return c
}

// YLog makes the y axis logarithmic.
func (c *Chart) YLog() *Chart {
	c.base.YAxisList[0].Type = "log"
	return c
}

// YRange bounds the y axis.
func (c *Chart) YRange(lo, hi float64) *Chart {
	if !(lo < hi) || math.IsInf(lo, 0) || math.IsInf(hi, 0) {
		engine.Fail("viz.YRange", "the range is %v to %v; want finite numbers, the lower first", lo, hi)
	}
	c.base.YAxisList[0].Min, c.base.YAxisList[0].Max = lo, hi
	return c
}

// Height sets the height in pixels; 320 at first.
func (c *Chart) Height(px int) *Chart {
	if px < 1 || px > maxHeight {
		engine.Fail("viz.Height", "the height is %d pixels; want 1…%d", px, maxHeight)
	}
	c.height = px
	return c
}

// Option returns the ECharts option as JSON.
func (c *Chart) Option() (json.RawMessage, error) {
	c.finish()
	option := c.base.JSON()
	for k, v := range c.extra {
		option[k] = v
	}
	delete(option, "toolbox") // go-echarts always writes one
	b, err := json.Marshal(option)
	if err != nil {
		return nil, fmt.Errorf("viz: the chart has a value that JSON lacks (NaN, Inf or a function): %w", err)
	}
	return b, nil
}

// Display makes a Chart a display.Displayer.
func (c *Chart) Display() display.Data {
	option, err := c.Option()
	if err != nil {
		return display.Text(err.Error())
	}
	mime := map[string]any{
		chartMIME:    map[string]any{"option": option, "height": c.height},
		"text/plain": c.String(),
	}
	if c.still {
		c.withImage(mime)
	}
	return display.Data{MIME: mime}
}

// Show displays the chart now.
func (c *Chart) Show() { display.Show(c) }

// String returns the chart in one line.
func (c *Chart) String() string {
	if c.note != "" {
		return c.note
	}
	var parts []string
	for _, s := range c.base.MultiSeries {
		n := ""
		if p, ok := s.Data.([]pair); ok {
			n = fmt.Sprintf(" (%d points)", len(p))
		}
		parts = append(parts, s.Type+" "+s.Name+n)
	}
	head := "chart"
	if t := c.base.Title.Title; t != "" {
		head = "chart " + t
	}
	return head + ": " + strings.Join(parts, ", ")
}

// pair is a point in JSON; NaN and Inf become null.
type pair [2]float64

// MarshalJSON writes [x,y].
func (p pair) MarshalJSON() ([]byte, error) {
	b := append([]byte{'['}, number(p[0])...)
	b = append(b, ',')
	b = append(b, number(p[1])...)
	return append(b, ']'), nil
}

// number is v in JSON with at most 7 significant digits, which is more than a screen shows.
func number(v float64) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return []byte("null")
	}
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return fmt.Appendf(nil, "%d", int64(v))
	}
	return fmt.Appendf(nil, "%.7g", v)
}

func pairs(p []point) []pair {
	out := make([]pair, len(p))
	for i, q := range p {
		out[i] = pair{q.x, q.y}
	}
	return out
}

// points pairs x and y; points without a finite x are dropped.
func points(where string, x, y any) []point {
	ys := numbers(where, y)
	var xs []float64
	if x != nil {
		if xs = numbers(where, x); len(xs) != len(ys) {
			engine.Fail(where, "x has %d values, y has %d", len(xs), len(ys))
		}
	}
	out := make([]point, 0, len(ys))
	for i, v := range ys {
		p := point{float64(i), v}
		if xs != nil {
			p.x = xs[i]
		}
		if !math.IsNaN(p.x) && !math.IsInf(p.x, 0) {
			out = append(out, p)
		}
	}
	return out
}

// numbers returns the elements of a tensor with at most one axis longer than 1, a slice of numbers or a
// number.
func numbers(where string, v any) []float64 {
	if v, ok := v.([]float64); ok {
		return v
	}
	x := tensor(where, v)
	long := 0
	for _, n := range x.Shape() {
		if n > 1 {
			long++
		}
	}
	if long > 1 {
		engine.Fail(where, "the data is %v; want one axis of values: take a column or use Flatten(0)", x.Array())
	}
	return x.Float64s()
}

// tensor returns a tensor, or a number or nested slices of numbers as one.
func tensor(where string, v any) *eager.Tensor {
	x, ok := v.(*eager.Tensor)
	if v == nil || ok && x == nil {
		engine.Fail(where, "the data is nil; want a tensor or a slice of numbers")
	}
	if ok {
		return x
	}
	if err := engine.Catch(func() { x = eager.New(v) }); err != nil {
		var e *engine.Error
		errors.As(err, &e)
		engine.Fail(where, "%s", e.What)
	}
	return x
}
