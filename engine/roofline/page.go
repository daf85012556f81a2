package roofline

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// Series is one set of points of the chart: a roof, or operators that have the same bound.
type Series struct {
	Name string
	Line bool
	X, Y []float64 // operations per byte, GFLOP/s
	Text []string  // what each point is
}

// roofs returns what the machine can do with values from each level of memory.
func (p Peaks) roofs() []Series {
	var all []Series
	for _, l := range p.Levels {
		ridge := p.F32 / l.GBs
		all = append(all, Series{
			Name: l.Name, Line: true,
			X: []float64{least, ridge, most}, Y: []float64{least * l.GBs, p.F32, p.F32},
		})
	}
	return all
}

// The range of operations per byte that the chart shows.
const least, most = 0.02, 1000.0

// SeriesOf returns the roofs of every level of memory, and the operators by what bounds them.
func SeriesOf(p Peaks, rows []Row) []Series {
	all := p.roofs()
	index := map[string]int{}
	for _, r := range rows {
		if r.Seconds == 0 || r.Bytes == 0 || r.Flops == 0 {
			continue
		}
		i, ok := index[r.Bound]
		if !ok {
			i, index[r.Bound] = len(all), len(all)
			all = append(all, Series{Name: "bound by " + r.Bound})
		}
		s := &all[i]
		s.X, s.Y = append(s.X, math.Max(least, r.Flops/r.Bytes)), append(s.Y, r.GFlops())
		s.Text = append(s.Text, fmt.Sprintf("%s: %s, %.0f%% of its bound (%s)", r.Name, timeText(r.Seconds), r.Percent, r.In))
	}
	return all
}

// Page returns an HTML page of its own, without script, with the chart and the table.
func Page(p Peaks, rows []Row) string {
	var b strings.Builder
	b.WriteString("<!doctype html><html lang=en><meta charset=utf-8><title>Operators under the roofline</title>\n<style>" +
		style + "</style>\n<h1>Operators under the roofline</h1>\n<p>" + html.EscapeString(p.String()) + "</p>\n")
	drawing(&b, SeriesOf(p, rows))
	b.WriteString("<table><tr><th>operator<th>time<th>GFLOP/s<th>GB/s<th>bound<th>of it<th>operands\n")
	for _, r := range rows {
		if r.Seconds == 0 {
			fmt.Fprintf(&b, "<tr><td>%s<td colspan=6>%s\n", html.EscapeString(r.Name), html.EscapeString(r.Note))
			continue
		}
		fmt.Fprintf(&b, "<tr><td>%s<td>%s<td>%.1f<td>%.1f<td>%s<td>%.0f%%<td>%s\n", html.EscapeString(r.Name),
			timeText(r.Seconds), r.GFlops(), r.GBs(), r.Bound, r.Percent, html.EscapeString(r.In))
	}
	b.WriteString("</table></html>\n")
	return b.String()
}

const style = "body{font:14px system-ui;margin:2em;max-width:70em}td,th{padding:.1em .8em;text-align:right}" +
	"td:first-child,td:last-child{text-align:left}svg{width:100%;height:auto}text{font-size:11px}"

// Size of the drawing.
const width, height, margin = 900.0, 480.0, 50.0

var colours = []string{"#888", "#aaa", "#ccc", "#1f6fb5", "#d1632b", "#2c8f5b", "#8a4fb0"}

// drawing writes the chart as SVG; both axes are logarithmic.
func drawing(b *strings.Builder, all []Series) {
	lo, hi := math.Inf(1), 0.0
	for _, s := range all {
		for _, y := range s.Y {
			lo, hi = math.Min(lo, y), math.Max(hi, y)
		}
	}
	lo, hi = math.Max(lo, hi/1e5), hi*1.5
	x := func(v float64) float64 { return margin + (width-2*margin)*math.Log(v/least)/math.Log(most/least) }
	y := func(v float64) float64 {
		return height - margin - (height-2*margin)*math.Log(math.Max(v, lo)/lo)/math.Log(hi/lo)
	}
	fmt.Fprintf(b, "<svg viewBox='0 0 %g %g' role='img'>\n", width, height)
	for e := math.Ceil(math.Log10(least)); math.Pow(10, e) <= most; e++ {
		v := math.Pow(10, e)
		fmt.Fprintf(b, "<line x1='%.1f' x2='%.1f' y1='%g' y2='%g' stroke='#eee'/><text x='%.1f' y='%g'>%g</text>\n", x(v), x(v),
			margin, height-margin, x(v), height-margin+16, v)
	}
	for e := math.Ceil(math.Log10(lo)); math.Pow(10, e) <= hi; e++ {
		v := math.Pow(10, e)
		fmt.Fprintf(b, "<line x1='%g' x2='%g' y1='%.1f' y2='%.1f' stroke='#eee'/><text x='4' y='%.1f'>%g</text>\n", margin,
			width-margin, y(v), y(v), y(v)+4, v)
	}
	for i, s := range all {
		colour := colours[i%len(colours)]
		fmt.Fprintf(b, "<text x='%g' y='%g' fill='%s'>%s</text>\n", width-2.6*margin, margin+16*float64(i)+100, colour,
			html.EscapeString(s.Name))
		if s.Line {
			b.WriteString("<polyline fill='none' stroke='" + colour + "' points='")
		}
		for k := range s.X {
			if s.Line {
				fmt.Fprintf(b, "%.1f,%.1f ", x(s.X[k]), y(s.Y[k]))
				continue
			}
			fmt.Fprintf(b, "<circle cx='%.1f' cy='%.1f' r='4' fill='%s' fill-opacity='.7'><title>%s</title></circle>\n",
				x(s.X[k]), y(s.Y[k]), colour, html.EscapeString(s.Text[k]))
		}
		if s.Line {
			b.WriteString("'/>\n")
		}
	}
	fmt.Fprintf(b, "<text x='%g' y='%g'>operations per byte</text><text x='4' y='20'>GFLOP/s</text></svg>\n", width/2-50,
		height-10)
}
