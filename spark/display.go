package spark

import (
	"fmt"
	"html"
	"strings"
	"time"

	"github.com/lathe-ml/lathe/kernel/display"
)

// Plan is how Spark would run a query, as Explain returns it.
type Plan string

// Display shows the plan as text with its lines.
func (p Plan) Display() display.Data {
	return display.Data{MIME: map[string]any{
		"text/plain": string(p),
		"text/html":  `<pre style="overflow-x:auto">` + html.EscapeString(string(p)) + "</pre>",
	}}
}

// shownRows is how many rows a notebook shows of a DataFrame.
const shownRows = 20

// String describes the plan without running it.
func (d *DataFrame) String() string {
	if d.err != nil {
		return "DataFrame: " + d.err.Error()
	}
	s, err := d.Schema()
	if err != nil {
		return "DataFrame: " + err.Error()
	}
	parts := make([]string, len(s))
	for i, f := range s {
		parts[i] = f.Name + ": " + f.Type
	}
	return "DataFrame[" + strings.Join(parts, ", ") + "]"
}

// Display runs the plan for its first 20 rows and shows them as a table. A stream shows its schema.
func (d *DataFrame) Display() display.Data {
	if streaming, err := d.IsStreaming(); err != nil || streaming {
		return display.Text(d.String())
	}
	rows, names, err := d.head(shownRows + 1)
	if err != nil {
		return display.Text("DataFrame: " + err.Error())
	}
	more := len(rows) > shownRows
	rows = rows[:min(len(rows), shownRows)]
	return display.Data{MIME: map[string]any{
		"text/plain": textTable(names, rows, more), "text/html": htmlTable(names, rows, more),
	}}
}

// head returns the first n rows as text, and the names of the columns.
func (d *DataFrame) head(n int) (rows [][]string, names []string, err error) {
	list, err := d.Limit(n).Collect()
	if err != nil {
		return nil, nil, err
	}
	if len(list) == 0 {
		names, err = d.Columns()
		return nil, names, err
	}
	for _, r := range list {
		cells := make([]string, len(r.Values))
		for i, v := range r.Values {
			cells[i] = cell(v)
		}
		rows = append(rows, cells)
	}
	return rows, list[0].Names, nil
}

const longestCell = 60 // characters

func cell(v any) string {
	s := ""
	switch v := v.(type) {
	case nil:
		return "NULL"
	case float64:
		s = fmt.Sprintf("%.6g", v)
	case time.Time:
		s = strings.TrimSuffix(v.Format("2006-01-02 15:04:05.999999"), " 00:00:00")
	default:
		s = fmt.Sprint(v)
	}
	if r := []rune(s); len(r) > longestCell {
		return string(r[:longestCell-1]) + "…"
	}
	return s
}

// Show prints the first 20 rows.
func (d *DataFrame) Show() error {
	rows, names, err := d.head(shownRows + 1)
	if err != nil {
		return err
	}
	fmt.Println(textTable(names, rows[:min(len(rows), shownRows)], len(rows) > shownRows))
	return nil
}

func textTable(names []string, rows [][]string, more bool) string {
	widths := make([]int, len(names))
	for i, n := range names {
		widths[i] = len([]rune(n))
		for _, r := range rows {
			widths[i] = max(widths[i], len([]rune(r[i])))
		}
	}
	var b strings.Builder
	line := func(cells []string) {
		for i, c := range cells {
			if i > 0 {
				b.WriteString("  ")
			}
			b.WriteString(strings.Repeat(" ", widths[i]-len([]rune(c))) + c)
		}
		b.WriteString("\n")
	}
	line(names)
	for _, r := range rows {
		line(r)
	}
	if more {
		fmt.Fprintf(&b, "only the first %d rows\n", len(rows))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func htmlTable(names []string, rows [][]string, more bool) string {
	var b strings.Builder
	line := func(tag string, cells []string) {
		b.WriteString("<tr>")
		for _, c := range cells {
			fmt.Fprintf(&b, "<%s>%s</%s>", tag, html.EscapeString(c), tag)
		}
		b.WriteString("</tr>")
	}
	b.WriteString(`<table class="dataframe"><thead>`)
	line("th", names)
	b.WriteString("</thead><tbody>")
	for _, r := range rows {
		line("td", r)
	}
	b.WriteString("</tbody></table>")
	if more {
		fmt.Fprintf(&b, "<p>only the first %d rows</p>", len(rows))
	}
	return b.String()
}
