package learn

import (
	"fmt"
	"html"
	"reflect"
	"strings"

	"github.com/lathe-ml/lathe/kernel/display"
)

// Display draws the estimator and its parts as boxes that open: options that differ from the defaults, and what Fit
// learned.
func (b *Base) Display() display.Data {
	d := display.Text(b.String())
	if b.self == nil {
		return d
	}
	var out strings.Builder
	drawEstimator(&out, "", b.self, 0)
	d.MIME["text/html"] = out.String()
	return d
}

const boxStyle = "border:1px solid #8888;border-radius:4px;padding:2px 8px;margin:3px 0;display:table"

// drawEstimator writes a box; name is that of a step, or empty.
func drawEstimator(out *strings.Builder, name string, e Estimator, depth int) {
	if e == nil || reflect.ValueOf(e).IsNil() || depth > 20 {
		fmt.Fprintf(out, `<div style="%s">%s passes data through</div>`, boxStyle, html.EscapeString(name))
		return
	}
	title := e.Core().Name()
	title = title[strings.LastIndex(title, ".")+1:]
	if name != "" {
		title = name + ": " + title
	}
	state := "not fitted"
	if e.Core().Fitted() {
		state = "fitted"
	}
	children := partsOf(e)
	open := ""
	if len(children) > 0 || depth == 0 {
		open = " open"
	}
	fmt.Fprintf(out, `<details style="%s"%s><summary><b>%s</b> <small>%s</small></summary>`, boxStyle, open,
		html.EscapeString(title), state)
	drawRows(out, e)
	for _, c := range children {
		drawEstimator(out, c.Name, c.Estimator, depth+1)
	}
	out.WriteString("</details>")
}

// partsOf returns the steps of an estimator, and the estimators among its options.
func partsOf(e Estimator) (parts []Step) {
	if h, ok := e.(Holder); ok {
		for _, n := range h.PartNames() {
			parts = append(parts, Step{Name: n, Estimator: h.Part(n)})
		}
	}
	for _, o := range Options(e) {
		if inner, ok := o.Value().(Estimator); ok && inner != nil && !reflect.ValueOf(inner).IsNil() {
			parts = append(parts, Step{Name: o.Name, Estimator: inner})
		}
	}
	return parts
}

// drawRows writes the options that differ from the defaults and the fitted attributes.
func drawRows(out *strings.Builder, e Estimator) {
	row := func(name, value string) {
		fmt.Fprintf(out, `<tr><td style="text-align:left">%s</td><td style="text-align:left">%s</td></tr>`,
			html.EscapeString(name), html.EscapeString(value))
	}
	out.WriteString("<table>")
	def := Defaults(e)
	for _, o := range Options(e) {
		v := o.Value()
		if _, nested := v.(Estimator); nested || o.Type == reflect.TypeOf([]Step(nil)) || reflect.DeepEqual(v, def[o.Name]) {
			continue
		}
		row(o.Name, brief(v))
	}
	if e.Core().Fitted() {
		attr := Attributes(e)
		for _, n := range AttributeNames(e) {
			if v, ok := attr[n]; ok {
				row(n, brief(v))
			}
		}
	}
	out.WriteString("</table>")
}

// brief describes a value in a line: the size of what is large.
func brief(v any) string {
	if m, ok := v.(*Matrix); ok && m != nil {
		return fmt.Sprintf("matrix [%d %d]", m.Rows, m.Cols)
	}
	rv := reflect.ValueOf(v)
	switch rv.Kind() {
	case reflect.Slice, reflect.Map:
		if rv.Len() > 8 {
			return fmt.Sprintf("%d values", rv.Len())
		}
	case reflect.Pointer, reflect.Interface:
		if rv.IsNil() {
			return "none"
		}
	case reflect.Func:
		return "a function"
	}
	s := []rune(fmt.Sprint(v))
	if len(s) > 80 {
		return string(s[:80]) + "…"
	}
	return string(s)
}
