package sklearn

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"math"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/lathe-ml/lathe/learn"
)

// record is one case: nil, bool, int, float64, string, []any and map[string]any.
type record map[string]any

func (r record) str(key string) string { s, _ := r[key].(string); return s }

func (r record) obj(key string) record { m, _ := r[key].(map[string]any); return m }

// readFile returns the contents of a file or of its compressed form, name + ".zst".
func readFile(refs fs.FS, name string) ([]byte, error) {
	if b, err := fs.ReadFile(refs, name); err == nil {
		return b, nil
	}
	f, err := refs.Open(name + ".zst")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	d, err := zstd.NewReader(f)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return io.ReadAll(d)
}

func readCases(refs fs.FS, name string) ([]record, error) {
	b, err := readFile(refs, name)
	if err != nil {
		return nil, err
	}
	var list []any
	if err := decode(b, &list); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var out []record
	for i, e := range list {
		m, ok := clean(e).(map[string]any)
		if !ok {
			return nil, fmt.Errorf("%s: case %d is no object", name, i+1)
		}
		out = append(out, m)
	}
	return out, nil
}

func readRecord(refs fs.FS, name string) (record, error) {
	b, err := readFile(refs, name)
	if err != nil {
		return nil, err
	}
	var m map[string]any
	if err := decode(b, &m); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return clean(m).(map[string]any), nil
}

func decode(b []byte, v any) error {
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.UseNumber()
	return d.Decode(v)
}

// clean replaces numbers by int or float64 as they are written, and {"$float": …} by its value.
func clean(v any) any {
	switch v := v.(type) {
	case json.Number:
		if i, err := v.Int64(); err == nil && !strings.ContainsAny(v.String(), ".eE") {
			return int(i)
		}
		f, _ := v.Float64()
		return f
	case []any:
		for i := range v {
			v[i] = clean(v[i])
		}
		return v
	case map[string]any:
		if f, ok := v["$float"].(string); ok && len(v) == 1 {
			switch f {
			case "inf":
				return math.Inf(1)
			case "-inf":
				return math.Inf(-1)
			}
			return math.NaN()
		}
		for k := range v {
			v[k] = clean(v[k])
		}
		return v
	}
	return v
}

// number returns v as float64.
func number(v any) float64 {
	switch v := v.(type) {
	case float64:
		return v
	case int:
		return float64(v)
	case bool:
		if v {
			return 1
		}
		return 0
	case nil:
		return math.NaN()
	}
	panic(unsupported(fmt.Sprintf("value %v of type %T", v, v)))
}

// matrix returns a list of rows, or of numbers as a column.
func matrix(v any) *learn.Matrix {
	list, ok := v.([]any)
	if !ok {
		panic(unsupported(fmt.Sprintf("matrix %v", v)))
	}
	var rows [][]float64
	for _, e := range list {
		var row []float64
		if l, ok := e.([]any); ok {
			for _, x := range l {
				row = append(row, number(x))
			}
		} else {
			row = []float64{number(e)}
		}
		rows = append(rows, row)
	}
	return learn.FromRows(rows)
}

func texts(v any) []string {
	var out []string
	list, _ := v.([]any)
	for _, e := range list {
		out = append(out, e.(string))
	}
	return out
}

func ints(v any) []int {
	var out []int
	list, _ := v.([]any)
	for _, e := range list {
		out = append(out, int(number(e)))
	}
	return out
}
