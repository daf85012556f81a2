package table_test

import (
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/data/table"
	"github.com/lathe-ml/lathe/kernel/display"
)

func TestTablesShowTheirFirstRows(t *testing.T) {
	const n = 3000
	c := &table.Table{Title: "trips", Columns: []*table.Column{
		{Name: "fare <€>", Kind: table.Float, Floats: make([]float64, n), Missing: make([]bool, n)},
		{Name: "stops", Kind: table.Int, Ints: make([]int64, n)},
		{Name: "paid", Kind: table.Bool, Bools: make([]bool, n)},
		{Name: "to", Kind: table.Text, Texts: make([]string, n)},
	}}
	c.Columns[0].Floats[0], c.Columns[0].Missing[1] = 2.5, true
	c.Columns[1].Ints[0], c.Columns[2].Bools[0], c.Columns[3].Texts[0] = -7, true, "<i>home</i>"
	d := display.Of(c)
	for mime, want := range map[string]string{
		"text/plain": "trips: 3000 rows: fare <€> float, stops int",
		"text/html": "<th>fare &lt;€&gt;</th><th>stops</th><th>paid</th><th>to</th></tr></thead><tbody>" +
			"<tr><td>2.5</td><td>-7</td><td>true</td><td>&lt;i&gt;home&lt;/i&gt;</td></tr><tr><td></td><td>0</td>",
	} {
		if got := d.MIME[mime].(string); !strings.Contains(got, want) {
			t.Errorf("%s: %.300s lacks %s", mime, got, want)
		}
	}
	m := d.MIME[display.TableMIME].(map[string]any)
	if rows := m["rows"].([][]string); len(rows) != 2000 || m["total"] != n {
		t.Errorf("%d rows of %v, want 2000 of %d", len(rows), m["total"], n)
	}
	if got := display.Of(&table.Table{Title: "none"}).MIME["text/plain"]; got != "none: 0 rows: " {
		t.Errorf("an empty table is %q", got)
	}
}
