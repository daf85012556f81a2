package viz

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"github.com/lathe-ml/lathe/kernel/display"
)

const headline = 58 // pixels above the first row: title, status and legend

// full draws all curves: one panel for each group, in rows. The static image comes with what stays.
func (d *Dashboard) full(still bool) display.Data {
	c := newXY()
	c.base.GridList, c.base.XAxisList, c.base.YAxisList = nil, nil, nil
	panels := max(len(d.groups), 1)
	columns := min(d.o.Columns, panels)
	for i := range panels {
		d.panel(c.base, i, columns)
	}
	for _, v := range d.curves {
		c.add(d.series(v))
	}
	c.Title(d.title).Subtitle(d.status())
	rows := (panels + columns - 1) / columns
	c.height = headline + rows*d.o.Height
	c.note, c.still = d.line(), still
	return c.Display()
}

// panel adds the axes of group i.
func (d *Dashboard) panel(base *charts.BaseConfiguration, i, columns int) {
	name, kind := "", "value"
	if i < len(d.groups) {
		name = d.groups[i]
		if slices.Contains(d.o.Log, name) {
			kind = "log"
		}
	}
	width := 100 / columns
	base.GridList = append(base.GridList, opts.Grid{
		Left:   fmt.Sprintf("%d%%", i%columns*width+min(6, width/4)),
		Width:  fmt.Sprintf("%d%%", width-min(9, width/3)),
		Top:    strconv.Itoa(headline + i/columns*d.o.Height + 26),
		Height: strconv.Itoa(d.o.Height - 60),
	})
	base.XAxisList = append(base.XAxisList, opts.XAxis{Type: "value", GridIndex: i, Scale: opts.Bool(true)})
	base.YAxisList = append(base.YAxisList, opts.YAxis{
		Type: kind, Name: name, NameLocation: "end", GridIndex: i, Scale: opts.Bool(true),
	})
}

// series draws a curve; a curve with a smoothed twin stays in the background.
func (d *Dashboard) series(c *curve) charts.SingleSeries {
	s := charts.SingleSeries{
		Name: c.name, Type: "line", Data: pairs(c.all), ShowSymbol: opts.Bool(false),
		XAxisIndex: c.group, YAxisIndex: c.group,
	}
	if c.smooth != nil {
		s.LineStyle = &opts.LineStyle{Width: 1, Opacity: opts.Float(0.35)}
	}
	return s
}

// line is the dashboard as text: status and the last value of each curve.
func (d *Dashboard) line() string {
	parts := []string{d.title + ": " + d.status()}
	for _, c := range d.curves {
		if n := len(c.all); n > 0 {
			parts = append(parts, fmt.Sprintf("%s %.4g", c.name, c.all[n-1].y))
		}
	}
	return strings.Join(parts, " · ")
}
