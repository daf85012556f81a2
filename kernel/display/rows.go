package display

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// TextMIME is the type under which a text that plain clients get cut is sent whole.
const TextMIME = "application/vnd.lathe.text+json"

const (
	longestText = 20_000  // characters of a value's text that every client gets
	keptWhole   = 1 << 19 // bytes of a text that is sent whole beside it
)

// plain is the text of a value. A long one is cut; the page can show all of it.
func plain(v any) Data {
	text := fmt.Sprint(v) // fmt survives the String method of a nil pointer
	if len(text) <= longestText {
		return Text(text)
	}
	all := utf8.RuneCountInString(text)
	if all <= longestText {
		return Text(text)
	}
	d := Text(fmt.Sprintf("%s\n… %s of %s characters left out; fmt.Println shows all",
		head(text, longestText), thousands(all-longestText), thousands(all)))
	if len(text) <= keptWhole {
		d.MIME[TextMIME] = text
	}
	return d
}

// rich shows structs, slices of structs and maps as tables, and anything else as text.
func rich(v any) Data {
	d := plain(v)
	r := reflect.ValueOf(v)
	if !r.IsValid() || speaks(r) {
		return d
	}
	var g grid
	switch r.Kind() {
	case reflect.Struct:
		g = fields(r)
	case reflect.Slice, reflect.Array:
		g = list(r)
	case reflect.Map:
		g = table(r)
	}
	if len(g.rows) == 0 {
		return d
	}
	return Table(d.MIME["text/plain"].(string), g.columns, g.rows, g.total)
}

// grid is a table before it is drawn.
type grid struct {
	columns []string
	rows    [][]string
	total   int
}

// fields has a row for each field of a struct.
func fields(v reflect.Value) grid {
	g := grid{columns: []string{"field", "value"}, total: v.NumField()}
	for i := range v.NumField() {
		g.rows = append(g.rows, []string{v.Type().Field(i).Name, cell(v.Field(i))})
	}
	return g
}

// list has a row for each element of a slice of structs, of pointers to them or of maps with text keys.
func list(v reflect.Value) grid {
	e := v.Type().Elem()
	g := grid{total: v.Len()}
	switch {
	case isRecord(e):
		g.columns = fieldNames(e)
		for i := range min(v.Len(), keptRows) {
			g.rows = append(g.rows, recordCells(v.Index(i), len(g.columns)))
		}
	case e.Kind() == reflect.Map && e.Key().Kind() == reflect.String && !spoken(e):
		names := map[string]bool{}
		for i := range min(v.Len(), keptRows) {
			for _, k := range v.Index(i).MapKeys() {
				names[k.String()] = true
			}
		}
		if len(names) == 0 {
			return grid{}
		}
		g.columns = slices.Sorted(maps.Keys(names))
		for i := range min(v.Len(), keptRows) {
			row := make([]string, len(g.columns))
			for j, name := range g.columns {
				if x := v.Index(i).MapIndex(reflect.ValueOf(name).Convert(e.Key())); x.IsValid() {
					row[j] = cell(x)
				}
			}
			g.rows = append(g.rows, row)
		}
	}
	return g
}

// table has a row for each entry of a map, in the order of the keys.
func table(v reflect.Value) grid {
	e := v.Type().Elem()
	g := grid{columns: []string{"key", "value"}, total: v.Len()}
	if isRecord(e) {
		g.columns = append([]string{"key"}, fieldNames(e)...)
	}
	keys := v.MapKeys()
	slices.SortFunc(keys, byKey)
	for _, k := range keys[:min(len(keys), keptRows)] {
		x := v.MapIndex(k)
		if !x.IsValid() {
			continue // a NaN
		}
		row := []string{cell(k)}
		if isRecord(e) {
			row = append(row, recordCells(x, len(g.columns)-1)...)
		} else {
			row = append(row, cell(x))
		}
		g.rows = append(g.rows, row)
	}
	return g
}

func byKey(a, b reflect.Value) int {
	switch {
	case a.CanInt():
		return cmp.Compare(a.Int(), b.Int())
	case a.CanUint():
		return cmp.Compare(a.Uint(), b.Uint())
	case a.CanFloat():
		return cmp.Compare(a.Float(), b.Float())
	case a.Kind() == reflect.String:
		return strings.Compare(a.String(), b.String())
	}
	return strings.Compare(cell(a), cell(b))
}

// isRecord reports whether values of t, or what they point to, have columns.
func isRecord(t reflect.Type) bool {
	if spoken(t) {
		return false
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.Struct && t.NumField() > 0 && !spoken(t)
}

var speakers = []reflect.Type{
	reflect.TypeFor[fmt.Formatter](), reflect.TypeFor[fmt.Stringer](), reflect.TypeFor[error](), reflect.TypeFor[Displayer](),
}

// spoken reports whether values of t say themselves how they look.
func spoken(t reflect.Type) bool { return slices.ContainsFunc(speakers, t.Implements) }

func fieldNames(t reflect.Type) []string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	names := make([]string, t.NumField())
	for i := range names {
		names[i] = t.Field(i).Name
	}
	return names
}

// recordCells returns the fields of a struct, or of what a pointer points to, as text.
func recordCells(v reflect.Value, columns int) []string {
	row := make([]string, columns)
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if !v.IsValid() {
		row[0] = "<nil>"
		return row
	}
	for i := range row {
		row[i] = cell(v.Field(i))
	}
	return row
}

// cell is the text of a value in a table. As inside a struct that fmt prints, a pointer is an address.
func cell(v reflect.Value) string {
	for v.Kind() == reflect.Interface && !speaks(v) {
		v = v.Elem()
	}
	switch {
	case !v.IsValid():
		return "<nil>"
	case speaks(v):
		return fmt.Sprint(v.Interface())
	case v.Kind() == reflect.String:
		return v.String()
	case v.Kind() == reflect.Pointer && v.IsNil():
		return "<nil>"
	case v.Kind() == reflect.Pointer:
		return fmt.Sprintf("%#x", v.Pointer())
	}
	left := fewest
	if follow(v, 0, &left) {
		return fmt.Sprintf("a %s that contains itself, or nests deeper than %d levels", v.Type(), deepest)
	}
	return fmt.Sprint(v)
}
