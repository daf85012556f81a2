package display

import (
	"fmt"
	"html"
	"strconv"
	"strings"
	"unicode/utf8"
)

// TableMIME is the type under which Table sends the rows that Lathe's page sorts and pages:
// columns and rows of texts, numeric (which columns hold numbers) and total.
const TableMIME = "application/vnd.lathe.table+json"

// What of a table is kept.
const (
	htmlRows    = 20      // in HTML, which clients show as it is
	keptRows    = 2000    // for the page
	keptText    = 1 << 18 // bytes of all of them
	keptColumns = 100
	longestCell = 60   // characters of a value that are shown before somebody asks for the rest
	keptCell    = 4000 // characters of a value that are kept
)

// Table shows rows of texts under the names of columns. text is the plain form. HTML holds the first 20
// rows; the page gets up to 2,000 of them and 256 KB, to sort and page. total is how many rows there
// are where rows has only the first of them.
func Table(text string, columns []string, rows [][]string, total int) Data {
	total = max(total, len(rows))
	left := max(len(columns)-keptColumns, 0)
	columns = columns[:len(columns)-left]
	kept, size := [][]string{}, 0
	for _, r := range rows[:min(len(rows), keptRows)] {
		row := make([]string, len(columns))
		for i := range min(len(r), len(row)) {
			row[i] = shorten(r[i], keptCell)
			size += len(row[i])
		}
		if size > keptText && len(kept) > 0 {
			break
		}
		kept = append(kept, row)
	}
	return Data{MIME: map[string]any{
		"text/plain": text,
		"text/html":  tableHTML(columns, kept[:min(len(kept), htmlRows)], total, left),
		TableMIME: map[string]any{
			"columns": columns, "rows": kept, "numeric": numeric(len(columns), kept), "total": total, "left": left,
		},
	}}
}

// shorten cuts s after n characters and says how many are missing.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	all := utf8.RuneCountInString(s)
	if all <= n {
		return s
	}
	return head(s, n) + fmt.Sprintf("… (%s more characters)", thousands(all-n))
}

// head returns the first n characters of s.
func head(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// numeric tells which columns hold numbers only.
func numeric(columns int, rows [][]string) []bool {
	out := make([]bool, columns)
	for i := range out {
		out[i] = len(rows) > 0
		for _, r := range rows {
			if _, err := strconv.ParseFloat(r[i], 64); err != nil && r[i] != "" {
				out[i] = false
				break
			}
		}
	}
	return out
}

func tableHTML(columns []string, rows [][]string, total, left int) string {
	var b strings.Builder
	b.WriteString(`<table class="dataframe"><thead><tr>`)
	for _, c := range columns {
		b.WriteString("<th>" + html.EscapeString(c) + "</th>")
	}
	b.WriteString("</tr></thead><tbody>")
	for _, r := range rows {
		b.WriteString("<tr>")
		for _, c := range r {
			b.WriteString("<td>" + cellHTML(c) + "</td>")
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</tbody></table>")
	var notes []string
	if total > len(rows) {
		notes = append(notes, fmt.Sprintf("… %s of %s rows", thousands(len(rows)), thousands(total)))
	}
	if left > 0 {
		notes = append(notes, fmt.Sprintf("%s columns left out", thousands(left)))
	}
	if notes != nil {
		b.WriteString("<p>" + strings.Join(notes, ", ") + "</p>")
	}
	return b.String()
}

// cellHTML folds what is long: clients that run no scripts open it too.
func cellHTML(s string) string {
	if utf8.RuneCountInString(s) <= longestCell {
		return html.EscapeString(s)
	}
	return "<details><summary>" + html.EscapeString(head(s, longestCell)) + "… show all</summary>" +
		html.EscapeString(s) + "</details>"
}

// thousands writes a count with commas.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
