package display

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

type place struct {
	Name string
	pop  int
	in   *place
}

type loud []place

func (loud) String() string { return "loud" }

func rowsOf(t *testing.T, v any) (columns []string, rows [][]string) {
	t.Helper()
	m, ok := Of(v).MIME[TableMIME].(map[string]any)
	if !ok {
		return nil, nil
	}
	return m["columns"].([]string), m["rows"].([][]string)
}

func TestTablesHoldStructsAndMaps(t *testing.T) {
	home := &place{Name: "here", pop: 3}
	for _, c := range []struct {
		v       any
		columns []string
		rows    [][]string
	}{
		{[]place{{"a", 1, nil}, {"b", 2, nil}}, []string{"Name", "pop", "in"}, [][]string{{"a", "1", "<nil>"}, {"b", "2", "<nil>"}}},
		{[]*place{home, nil}, []string{"Name", "pop", "in"}, [][]string{{"here", "3", "<nil>"}, {"<nil>", "", ""}}},
		{[1]place{{"a", 1, nil}}, []string{"Name", "pop", "in"}, [][]string{{"a", "1", "<nil>"}}},
		{map[int]float64{10: 1, 9: 2.5}, []string{"key", "value"}, [][]string{{"9", "2.5"}, {"10", "1"}}},
		{map[string]any{"b": nil, "a": []int{1}}, []string{"key", "value"}, [][]string{{"a", "[1]"}, {"b", "<nil>"}}},
		{map[string]place{"x": {"a", 1, nil}}, []string{"key", "Name", "pop", "in"}, [][]string{{"x", "a", "1", "<nil>"}}},
		{map[string]struct{}{"x": {}}, []string{"key", "value"}, [][]string{{"x", "{}"}}},
		{[]map[string]int{{"a": 1}, {"b": 2}}, []string{"a", "b"}, [][]string{{"1", ""}, {"", "2"}}},
		{place{"a", 1, nil}, []string{"field", "value"}, [][]string{{"Name", "a"}, {"pop", "1"}, {"in", "<nil>"}}},
		{[]struct{ At time.Duration }{{time.Second}}, []string{"At"}, [][]string{{"1s"}}},
	} {
		columns, rows := rowsOf(t, c.v)
		if !reflect.DeepEqual(columns, c.columns) || !reflect.DeepEqual(rows, c.rows) {
			t.Errorf("%#v: %v %v, want %v %v", c.v, columns, rows, c.columns, c.rows)
		}
		if got := Of(c.v).MIME["text/plain"]; got != fmt.Sprint(c.v) {
			t.Errorf("%#v: text %v", c.v, got)
		}
	}
	for _, v := range []any{
		1, "a",
		[]int{1},
		[]place{},
		map[string]int{},
		loud{{}},
		[]time.Time{{}},
		time.Time{},
		home,
		[]any{1},
		[]struct{}{{}},
		struct{}{},
		[]chart{{}},
	} {
		if columns, _ := rowsOf(t, v); columns != nil {
			t.Errorf("%#v is a table of %v", v, columns)
		}
	}
}

func TestTableHTMLIsEscapedAndShort(t *testing.T) {
	many := make([]struct{ A, B string }, 5000)
	many[0].A, many[1].B = `<script>alert("1")</script>`, strings.Repeat("é", 100)+"end"
	d := Of(many)
	text := d.MIME["text/html"].(string)
	for _, want := range []string{"&lt;script&gt;", "… 20 of 5,000 rows", "… show all</summary>", "éend</details>"} {
		if !strings.Contains(text, want) {
			t.Errorf("%.400s lacks %s", text, want)
		}
	}
	if strings.Contains(text, "<script") || strings.Count(text, "<tr>") != 21 {
		t.Errorf("%d rows: %.400s", strings.Count(text, "<tr>"), text)
	}
	m := d.MIME[TableMIME].(map[string]any)
	if n := len(m["rows"].([][]string)); n != keptRows || m["total"] != 5000 {
		t.Errorf("%d rows of %v for the page, want %d of 5000", n, m["total"], keptRows)
	}
	wide := map[string]int{}
	for i := range 130 {
		wide[fmt.Sprint("c", i)] = i
	}
	if text := Of([]map[string]int{wide}).MIME["text/html"].(string); !strings.Contains(text, "30 columns left out") {
		t.Errorf("%.300s says nothing of columns", text)
	}
	long := Of([]struct{ A string }{{strings.Repeat("x", 1<<20)}, {strings.Repeat("y", 1<<20)}})
	if n := len(long.MIME["text/html"].(string)); n > 40_000 {
		t.Errorf("two long values make %d bytes", n)
	}
	if _, ok := long.MIME[TextMIME]; ok {
		t.Error("the whole text comes beside the table")
	}
}

func TestNumericColumnsAreKnown(t *testing.T) {
	m := Table("", []string{"a", "b", "c"}, [][]string{{"1", "x", ""}, {"NaN", "2", "3e4"}}, 0).MIME[TableMIME].(map[string]any)
	if got := m["numeric"]; !reflect.DeepEqual(got, []bool{true, false, true}) || m["total"] != 2 {
		t.Errorf("numeric %v, total %v", got, m["total"])
	}
}

func TestLongTextIsCutAndKeptBeside(t *testing.T) {
	long := strings.Repeat("é", 120_000)
	for v, kept := range map[any]bool{long: true, strings.Repeat("x", 2<<20): false} {
		d := Of(v)
		got, whole := d.MIME["text/plain"].(string), d.MIME[TextMIME]
		n := len([]rune(v.(string)))
		want := thousands(n-longestText) + " of " + thousands(n) + " characters left out"
		if !strings.Contains(got, want) || len([]rune(got)) > longestText+100 {
			t.Errorf("%d characters end with %q, want %q", len([]rune(got)), got[len(got)-60:], want)
		}
		if (whole == v) != kept {
			t.Errorf("whole text of %d characters kept: %v, want %v", n, whole == v, kept)
		}
	}
	if d := Of(strings.Repeat("é", longestText)); len(d.MIME) != 1 || strings.Contains(d.MIME["text/plain"].(string), "left out") {
		t.Error("a text of the limit is cut")
	}
	if d := Text(long); d.MIME["text/plain"] != long {
		t.Error("what a cell shows as text is cut")
	}
}
