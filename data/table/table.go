package table

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/lathe-ml/lathe/data"
	"github.com/lathe-ml/lathe/eager"
)

// Kind is the type of a column's values.
type Kind int

// The kinds.
const (
	Float Kind = iota
	Int
	Bool
	Text
)

// String returns float, int, bool or text.
func (k Kind) String() string { return [...]string{"float", "int", "bool", "text"}[k] }

// Column is one column: the slice of its kind holds the values, the others are nil.
type Column struct {
	Name    string
	Kind    Kind
	Floats  []float64
	Ints    []int64
	Bools   []bool
	Texts   []string
	Missing []bool // nil: no value is missing
}

// Len returns the number of values.
func (c *Column) Len() int {
	return max(len(c.Floats), len(c.Ints), len(c.Bools), len(c.Texts))
}

// IsMissing says whether value i is missing; the column's slice holds a zero, or NaN, in its place.
func (c *Column) IsMissing(i int) bool { return c.Missing != nil && c.Missing[i] }

// lack marks value i, the last one so far, as missing.
func (c *Column) lack(i int) {
	for len(c.Missing) <= i {
		c.Missing = append(c.Missing, false)
	}
	c.Missing[i] = true
}

// square makes Missing as long as the values.
func (c *Column) square() {
	for c.Missing != nil && len(c.Missing) < c.Len() {
		c.Missing = append(c.Missing, false)
	}
}

// number returns value i as a number, NaN when it is missing. Text has no number.
func (c *Column) number(i int) float64 {
	if c.IsMissing(i) {
		return math.NaN()
	}
	switch c.Kind {
	case Int:
		return float64(c.Ints[i])
	case Bool:
		if c.Bools[i] {
			return 1
		}
		return 0
	}
	return c.Floats[i]
}

// Table is columns of one length.
type Table struct {
	Title   string
	Columns []*Column
}

// Len returns the number of rows.
func (t *Table) Len() int {
	if len(t.Columns) == 0 {
		return 0
	}
	return t.Columns[0].Len()
}

// String returns one line: title, rows, and each column with its kind.
func (t *Table) String() string {
	parts := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		parts[i] = c.Name + " " + c.Kind.String()
	}
	return fmt.Sprintf("%s: %d rows: %s", t.Title, t.Len(), strings.Join(parts, ", "))
}

// Column returns the column of that name, or nil.
func (t *Table) Column(name string) *Column {
	for _, c := range t.Columns {
		if c.Name == name {
			return c
		}
	}
	return nil
}

func (t *Table) names() string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	return strings.Join(names, ", ")
}

// Select returns the table of some columns, in that order; without names all.
func (t *Table) Select(names ...string) (*Table, error) {
	if len(names) == 0 {
		return t, nil
	}
	s := &Table{Title: t.Title}
	for _, n := range names {
		c := t.Column(n)
		if c == nil {
			return nil, fmt.Errorf("table.Select: there is no column %q; columns: %s", n, t.names())
		}
		s.Columns = append(s.Columns, c)
	}
	return s, nil
}

// Dataset returns the rows for training: X F64 [n features] and Y of column label ("": none). Text features
// become numbers 0, 1, … in sorted order (Categories lists them), missing features NaN. Y is I64 for whole
// numbers, truth values and text (with Classes), else F64; a missing label is an error. Features are all
// other columns unless they are named.
func (t *Table) Dataset(label string, features ...string) (*data.Table, error) {
	out := &data.Table{Title: t.Title, Categories: map[string][]string{}}
	if len(features) == 0 {
		for _, c := range t.Columns {
			if c.Name != label {
				features = append(features, c.Name)
			}
		}
	}
	n := t.Len()
	x := make([]float64, n*len(features))
	for k, name := range features {
		c := t.Column(name)
		if c == nil {
			return nil, fmt.Errorf("table.Dataset: there is no column %q; columns: %s", name, t.names())
		}
		number := c.number
		if c.Kind == Text {
			codes, texts := c.codes()
			out.Categories[name] = texts
			number = func(i int) float64 { return codes[i] }
		}
		for i := range n {
			x[i*len(features)+k] = number(i)
		}
	}
	out.Features = features
	if n == 0 || len(features) == 0 {
		return nil, fmt.Errorf("table.Dataset: %d rows of %d features; want at least one of each", n, len(features))
	}
	out.TensorDataset = data.NewTensorDataset(eager.FromFloat64s(x, n, len(features)), nil)
	if label == "" {
		return out, nil
	}
	var err error
	if out.Y, out.Classes, err = t.target(label); err != nil {
		return nil, fmt.Errorf("table.Dataset: %w", err)
	}
	return out, nil
}

// codes numbers the texts of a column in sorted order; NaN where they are missing.
func (c *Column) codes() ([]float64, []string) {
	var texts []string
	for i, s := range c.Texts {
		if !c.IsMissing(i) {
			texts = append(texts, s)
		}
	}
	slices.Sort(texts)
	texts = slices.Compact(texts)
	codes := make([]float64, len(c.Texts))
	for i, s := range c.Texts {
		k, _ := slices.BinarySearch(texts, s)
		codes[i] = float64(k)
		if c.IsMissing(i) {
			codes[i] = math.NaN()
		}
	}
	return codes, texts
}

func (t *Table) target(label string) (*eager.Tensor, []string, error) {
	c := t.Column(label)
	if c == nil {
		return nil, nil, fmt.Errorf("there is no column %q; columns: %s", label, t.names())
	}
	if i := slices.Index(c.Missing, true); i >= 0 {
		return nil, nil, fmt.Errorf("row %d has no %s; a label must be there", i, label)
	}
	if c.Kind == Float {
		return eager.FromFloat64s(c.Floats, len(c.Floats)), nil, nil
	}
	var classes []string
	number := c.number
	if c.Kind == Text {
		codes, texts := c.codes()
		classes, number = texts, func(i int) float64 { return codes[i] }
	}
	y := make([]int, c.Len())
	for i := range y {
		y[i] = int(number(i))
	}
	return eager.FromInts(y, len(y)), classes, nil
}
