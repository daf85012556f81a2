package viz

import (
	"fmt"
	"html"
	"math"
	"strconv"
	"strings"

	"github.com/go-echarts/go-echarts/v2/charts"
)

// The static form of a chart, for clients that have no ECharts: JupyterLab, nbconvert, GitHub. It
// knows the lines, points, bars and heat maps that this package makes, not every ECharts option.

const (
	svgWidth  = 760
	svgText   = "#555"
	svgGrid   = "#ddd"
	svgPoints = 800 // of a line; more cannot be seen
)

var svgColors = []string{
	"#5470c6", "#ee6666", "#3ba272", "#fac858", "#73c0de", "#9a60b4", "#fc8452", "#91cc75", "#ea7ccc",
}

// svg draws the chart, or returns "" when it holds a kind of series that it does not know.
func (c *Chart) svg() string {
	for _, s := range c.base.MultiSeries {
		switch s.Type {
		case "line", "scatter", "bar", "heatmap":
		default:
			return ""
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" `+
		`font-family="sans-serif" font-size="11" fill="%s">`, svgWidth, c.height, svgWidth, c.height, svgText)
	b.WriteString(`<rect width="100%" height="100%" fill="#fff"/>`)
	label(&b, 4, 16, "start", 15, c.base.Title.Title)
	label(&b, 4, 34, "start", 11, c.base.Title.Subtitle)
	for i := range c.base.GridList {
		c.plot(i).draw(&b)
	}
	c.legend(&b)
	b.WriteString("</svg>")
	return b.String()
}

func label(b *strings.Builder, x, y float64, anchor string, size int, text string) {
	if text != "" {
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="%s" font-size="%d">%s</text>`, x, y, anchor, size,
			html.EscapeString(text))
	}
}

func (c *Chart) legend(b *strings.Builder) {
	if show := c.base.Legend.Show; show == nil || !*show {
		return
	}
	x := 0.45 * svgWidth
	for i, s := range c.base.MultiSeries {
		width := 26 + 6.2*float64(len(s.Name))
		if x+width > svgWidth {
			return
		}
		fmt.Fprintf(b, `<rect x="%.1f" y="6" width="14" height="4" fill="%s"/>`, x, svgColors[i%len(svgColors)])
		label(b, x+18, 12, "start", 11, s.Name)
		x += width
	}
}

// plot is one panel: its frame in pixels, its axes and what it shows.
type plot struct {
	x0, y0, x1, y1 float64
	x, y           scale
	xName, yName   string
	series         []charts.SingleSeries
	colors         []string
}

// scale maps values to 0…1: a range of numbers, of their logarithms, or a list of names.
type scale struct {
	lo, hi  float64
	log     bool
	inverse bool
	names   []string
}

func (c *Chart) plot(i int) *plot {
	g := c.base.GridList[i]
	p := &plot{x0: pixels(g.Left, svgWidth), y0: pixels(g.Top, float64(c.height))}
	p.x1 = svgWidth - pixels(g.Right, svgWidth)
	if g.Width != "" {
		p.x1 = p.x0 + pixels(g.Width, svgWidth)
	}
	p.y1 = float64(c.height) - pixels(g.Bottom, float64(c.height))
	if g.Height != "" {
		p.y1 = p.y0 + pixels(g.Height, float64(c.height))
	}
	x, y := c.base.XAxisList[i], c.base.YAxisList[i]
	p.xName, p.yName = x.Name, y.Name
	for k, s := range c.base.MultiSeries {
		if s.XAxisIndex == i {
			p.series = append(p.series, s)
			p.colors = append(p.colors, svgColors[k%len(svgColors)])
		}
	}
	p.x, p.y = axis(x.Type, x.Data, x.Min, x.Max), axis(y.Type, y.Data, y.Min, y.Max)
	p.y.inverse = y.Inverse != nil && *y.Inverse
	p.span(y.Scale != nil && *y.Scale)
	return p
}

// pixels reads a length of ECharts: pixels or a percentage of all.
func pixels(s any, all float64) float64 {
	text := fmt.Sprint(s)
	if part, ok := strings.CutSuffix(text, "%"); ok {
		v, _ := strconv.ParseFloat(part, 64) // "" and words mean 0
		return v / 100 * all
	}
	v, _ := strconv.ParseFloat(text, 64)
	return v
}

func axis(kind string, data, lo, hi any) scale {
	s := scale{lo: math.Inf(1), hi: math.Inf(-1), log: kind == "log"}
	if names, ok := data.([]string); ok && kind == "category" {
		s.names = names
	}
	if v, ok := lo.(float64); ok {
		s.lo = v
	}
	if v, ok := hi.(float64); ok {
		s.hi = v
	}
	return s
}

// span gives the axes without a range the one of their values; bars begin at 0.
func (p *plot) span(free bool) {
	fixed := !math.IsInf(p.y.lo, 0)
	for _, s := range p.series {
		each(s, func(x, y, _ float64) {
			p.x.include(x)
			if !fixed {
				p.y.include(y)
			}
		})
	}
	if !free && !fixed && p.y.names == nil {
		p.y.include(0)
	}
	p.x.settle()
	p.y.settle()
}

func (s *scale) include(v float64) {
	if !math.IsNaN(v) && !math.IsInf(v, 0) && !(s.log && v <= 0) {
		s.lo, s.hi = min(s.lo, v), max(s.hi, v)
	}
}

func (s *scale) settle() {
	switch {
	case s.names != nil:
		s.lo, s.hi = -0.5, float64(len(s.names))-0.5
	case s.lo > s.hi:
		s.lo, s.hi = 1, 2
	case s.lo == s.hi && s.log:
		s.lo, s.hi = s.lo/2, s.hi*2
	case s.lo == s.hi:
		s.lo, s.hi = s.lo-0.5, s.hi+0.5
	}
}

func (s *scale) at(v float64) float64 {
	t := (v - s.lo) / (s.hi - s.lo)
	if s.log {
		t = math.Log(v/s.lo) / math.Log(s.hi/s.lo)
	}
	if s.inverse {
		return 1 - t
	}
	return t
}

func (p *plot) px(v float64) float64 { return p.x0 + p.x.at(v)*(p.x1-p.x0) }
func (p *plot) py(v float64) float64 { return p.y1 - p.y.at(v)*(p.y1-p.y0) }

// each calls f with the position and the value of every element of a series.
func each(s charts.SingleSeries, f func(x, y, v float64)) {
	switch data := s.Data.(type) {
	case []pair:
		for _, p := range data {
			f(p[0], p[1], 0)
		}
	case []cell:
		for i, c := range data {
			if len(c) == 3 {
				f(c[0], c[1], c[2])
			} else {
				f(float64(i), c[0], 0)
			}
		}
	}
}

// tick is a mark on an axis.
type tick struct {
	at   float64
	text string
}

// ticks are round numbers, powers of ten, or names.
func (s *scale) ticks(most int) (list []tick) {
	switch {
	case s.names != nil:
		step := (len(s.names) + most - 1) / most
		for i := 0; i < len(s.names); i += max(step, 1) {
			list = append(list, tick{float64(i), s.names[i]})
		}
		return list
	case s.log && s.hi/s.lo > 10:
		for e := math.Ceil(math.Log10(s.lo)); e <= math.Log10(s.hi); e++ {
			list = append(list, tick{math.Pow(10, e), strconv.FormatFloat(math.Pow(10, e), 'g', 4, 64)})
		}
		return list
	}
	raw := (s.hi - s.lo) / float64(most)
	step := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, m := range []float64{1, 2, 5, 10} {
		if m*step >= raw {
			step *= m
			break
		}
	}
	first := math.Ceil(s.lo/step - 1e-9)
	for k := 0.0; k <= float64(2*most) && (first+k)*step <= s.hi+1e-9*step; k++ {
		v := (first + k) * step
		list = append(list, tick{v, strconv.FormatFloat(v, 'g', 6, 64)})
	}
	return list
}

func (p *plot) draw(b *strings.Builder) {
	for _, t := range p.y.ticks(max(2, int((p.y1-p.y0)/45))) {
		y := p.py(t.at)
		if p.y.names == nil {
			fmt.Fprintf(b, `<path d="M%.1f %.1fH%.1f" stroke="%s"/>`, p.x0, y, p.x1, svgGrid)
		}
		label(b, p.x0-5, y+4, "end", 11, t.text)
	}
	for _, t := range p.x.ticks(max(2, int((p.x1-p.x0)/60))) {
		label(b, p.px(t.at), p.y1+15, "middle", 11, t.text)
	}
	fmt.Fprintf(b, `<path d="M%.1f %.1fV%.1fH%.1f" stroke="#888" fill="none"/>`, p.x0, p.y0, p.y1, p.x1)
	label(b, (p.x0+p.x1)/2, p.y1+32, "middle", 11, p.xName)
	label(b, p.x0, p.y0-8, "middle", 11, p.yName)
	bars := 0
	for i, s := range p.series {
		switch s.Type {
		case "line":
			p.line(b, s, p.colors[i])
		case "scatter":
			each(s, func(x, y, _ float64) {
				if cx, cy := p.px(x), p.py(y); cx >= p.x0 && cx <= p.x1 && cy >= p.y0 && cy <= p.y1 {
					fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="2.5" fill="%s" fill-opacity=".7"/>`, cx, cy, p.colors[i])
				}
			})
		case "bar":
			p.bars(b, s, p.colors[i], bars)
			bars++
		case "heatmap":
			p.heat(b, s)
		}
	}
}

func (p *plot) line(b *strings.Builder, s charts.SingleSeries, color string) {
	data, _ := s.Data.([]pair)
	points := make([]point, len(data))
	for i, d := range data {
		points[i] = point{d[0], d[1]}
	}
	var path strings.Builder
	pen := byte('M')
	for _, q := range lttb(points, svgPoints) {
		x, y := p.px(q.x), p.py(q.y)
		if math.IsNaN(x+y) || math.IsInf(x+y, 0) {
			pen = 'M'
			continue
		}
		fmt.Fprintf(&path, "%c%.1f %.1f", pen, x, y)
		pen = 'L'
	}
	opacity := ""
	if s.LineStyle != nil && s.LineStyle.Opacity != nil {
		opacity = fmt.Sprintf(` stroke-opacity="%v"`, *s.LineStyle.Opacity)
	}
	fmt.Fprintf(b, `<path d="%s" fill="none" stroke="%s" stroke-width="1.8"%s/>`, path.String(), color, opacity)
}

// bars draws series number of the bar series beside the others.
func (p *plot) bars(b *strings.Builder, s charts.SingleSeries, color string, number int) {
	count := 0
	for _, o := range p.series {
		if o.Type == "bar" {
			count++
		}
	}
	room := 0.8
	if s.BarCategoryGap == "0%" {
		room = 1
	}
	width := room * (p.x1 - p.x0) / float64(max(len(p.x.names), 1)) / float64(count)
	base := p.py(min(max(0, p.y.lo), p.y.hi))
	each(s, func(x, y, _ float64) {
		top := p.py(y)
		if math.IsNaN(top) || math.IsInf(top, 0) {
			return
		}
		left := p.px(x) + width*(float64(number)-float64(count)/2)
		fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`, left, min(top, base),
			max(width-0.5, 0.5), math.Abs(top-base), color)
	})
}

func (p *plot) heat(b *strings.Builder, s charts.SingleSeries) {
	v := scale{lo: math.Inf(1), hi: math.Inf(-1)}
	each(s, func(_, _, value float64) { v.include(value) })
	v.settle()
	w, h := (p.x1-p.x0)/float64(len(p.x.names)), (p.y1-p.y0)/float64(len(p.y.names))
	write := s.Label != nil && s.Label.Show != nil && *s.Label.Show
	each(s, func(x, y, value float64) {
		if math.IsNaN(value) || math.IsInf(value, 0) {
			return
		}
		t := v.at(value)
		shade := func(from, to float64) int { return int(from + t*(to-from) + 0.5) }
		fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="#%02x%02x%02x"/>`,
			p.px(x)-w/2, p.py(y)-h/2, w+0.3, h+0.3, shade(247, 8), shade(251, 48), shade(255, 107))
		if write {
			color := "#333"
			if t > 0.5 {
				color = "#fff"
			}
			fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="middle" fill="%s">%s</text>`, p.px(x), p.py(y)+4, color,
				strconv.FormatFloat(value, 'g', 4, 64))
		}
	})
}

// withImage adds the static form to a chart's representations.
func (c *Chart) withImage(mime map[string]any) {
	if s := c.svg(); s != "" {
		mime["image/svg+xml"] = s
	}
}
