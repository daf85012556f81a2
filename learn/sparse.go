package learn

import (
	"slices"
	"sort"
)

// CSR is a sparse matrix: row i holds Values[Start[i]:Start[i+1]] at the columns Index[Start[i]:Start[i+1]],
// which rise within a row.
type CSR struct {
	Rows, Cols int
	Start      []int
	Index      []int
	Values     []float64
}

// Dims returns the number of rows and columns.
func (s *CSR) Dims() (rows, cols int) { return s.Rows, s.Cols }

// Dense returns the matrix with its zeros.
func (s *CSR) Dense() *Matrix {
	m := NewMatrix(s.Rows, s.Cols)
	for i := range s.Rows {
		row := m.Row(i)
		for k := s.Start[i]; k < s.Start[i+1]; k++ {
			row[s.Index[k]] += s.Values[k]
		}
	}
	return m
}

// Row returns the columns and values of row i, shared.
func (s *CSR) Row(i int) (index []int, values []float64) {
	return s.Index[s.Start[i]:s.Start[i+1]], s.Values[s.Start[i]:s.Start[i+1]]
}

// Take returns a copy of the rows that index names.
func (s *CSR) Take(index []int) *CSR {
	t := &CSR{Rows: len(index), Cols: s.Cols, Start: []int{0}}
	for _, i := range index {
		c, v := s.Row(i)
		t.Index = append(t.Index, c...)
		t.Values = append(t.Values, v...)
		t.Start = append(t.Start, len(t.Index))
	}
	return t
}

// TakeCols returns a copy of the columns that index names.
func (s *CSR) TakeCols(index []int) *CSR {
	to := make([]int, s.Cols)
	for j := range to {
		to[j] = -1
	}
	for j, k := range index {
		to[k] = j
	}
	b := NewCSRBuilder(len(index))
	for i := range s.Rows {
		c, v := s.Row(i)
		for k, j := range c {
			if to[j] >= 0 {
				b.Add(to[j], v[k])
			}
		}
		b.EndRow()
	}
	return b.CSR()
}

// MulDense returns s·d.
func (s *CSR) MulDense(d *Matrix) *Matrix {
	out := NewMatrix(s.Rows, d.Cols)
	for i := range s.Rows {
		dst := out.Row(i)
		for k := s.Start[i]; k < s.Start[i+1]; k++ {
			v := s.Values[k]
			for j, w := range d.Row(s.Index[k]) {
				dst[j] += v * w
			}
		}
	}
	return out
}

// TMulDense returns sᵀ·d.
func (s *CSR) TMulDense(d *Matrix) *Matrix {
	out := NewMatrix(s.Cols, d.Cols)
	for i := range s.Rows {
		src := d.Row(i)
		for k := s.Start[i]; k < s.Start[i+1]; k++ {
			v, dst := s.Values[k], out.Row(s.Index[k])
			for j, w := range src {
				dst[j] += v * w
			}
		}
	}
	return out
}

// ToCSR returns the values of m that are not zero.
func ToCSR(m *Matrix) *CSR {
	b := NewCSRBuilder(m.Cols)
	for i := range m.Rows {
		for j, v := range m.Row(i) {
			if v != 0 {
				b.Add(j, v)
			}
		}
		b.EndRow()
	}
	return b.CSR()
}

// CSRBuilder makes a CSR row by row; values of one column add up.
type CSRBuilder struct {
	s   CSR
	row map[int]float64
}

// NewCSRBuilder returns a builder of a matrix with cols columns.
func NewCSRBuilder(cols int) *CSRBuilder {
	return &CSRBuilder{s: CSR{Cols: cols, Start: []int{0}}, row: map[int]float64{}}
}

// Add adds v to column j of the current row.
func (b *CSRBuilder) Add(j int, v float64) { b.row[j] += v }

// EndRow finishes the current row and begins the next.
func (b *CSRBuilder) EndRow() {
	from := len(b.s.Index)
	for j := range b.row {
		b.s.Index = append(b.s.Index, j)
	}
	slices.Sort(b.s.Index[from:])
	for _, j := range b.s.Index[from:] {
		b.s.Values = append(b.s.Values, b.row[j])
	}
	b.s.Start = append(b.s.Start, len(b.s.Index))
	b.s.Rows++
	clear(b.row)
}

// CSR returns the finished matrix.
func (b *CSRBuilder) CSR() *CSR { return &b.s }

// Frame is a table of columns of numbers and of texts.
type Frame struct {
	Names   []string
	Columns []Series
}

// Series is one column: Numbers, or, when they are nil, Texts. A number may be NaN, a text that is
// missing is Missing.
type Series struct {
	Numbers []float64
	Texts   []string
}

// Missing is the text that stands for a missing value.
const Missing = "\x00missing"

// Len returns the number of rows.
func (s Series) Len() int { return max(len(s.Numbers), len(s.Texts)) }

// Dims returns the number of rows and columns.
func (f *Frame) Dims() (rows, cols int) {
	if len(f.Columns) == 0 {
		return 0, 0
	}
	return f.Columns[0].Len(), len(f.Columns)
}

// Select returns a frame with the columns that index names.
func (f *Frame) Select(index []int) *Frame {
	g := &Frame{}
	for _, j := range index {
		g.Columns = append(g.Columns, f.Columns[j])
		if f.Names != nil {
			g.Names = append(g.Names, f.Names[j])
		}
	}
	return g
}

// Take returns a frame with the rows that index names.
func (f *Frame) Take(index []int) *Frame {
	g := &Frame{Names: f.Names}
	for _, c := range f.Columns {
		var s Series
		for _, i := range index {
			if c.Numbers != nil {
				s.Numbers = append(s.Numbers, c.Numbers[i])
			} else {
				s.Texts = append(s.Texts, c.Texts[i])
			}
		}
		g.Columns = append(g.Columns, s)
	}
	return g
}

// Matrix returns the numbers; ok is false when a column holds texts.
func (f *Frame) Matrix() (m *Matrix, ok bool) {
	r, c := f.Dims()
	m = NewMatrix(r, c)
	for j, s := range f.Columns {
		if s.Numbers == nil {
			return nil, false
		}
		m.SetCol(j, s.Numbers)
	}
	return m, true
}

// ToFrame returns d as a frame.
func ToFrame(d Data) *Frame {
	switch d := d.(type) {
	case *Frame:
		return d
	case *CSR:
		return ToFrame(d.Dense())
	case *Matrix:
		f := &Frame{}
		for j := range d.Cols {
			f.Columns = append(f.Columns, Series{Numbers: d.Col(j)})
		}
		return f
	}
	Fail("learn.ToFrame", "X is %T; want *Matrix, *CSR or *Frame", d)
	return nil
}

// Distinct returns the values of v in rising order, each once; NaN, if any, last.
func Distinct(v []float64) []float64 {
	s := slices.Clone(v)
	sort.Slice(s, func(i, j int) bool { return s[i] < s[j] || s[i] == s[i] && s[j] != s[j] })
	out := s[:0]
	for i, x := range s {
		if i == 0 || x != out[len(out)-1] && (x == x || out[len(out)-1] == out[len(out)-1]) {
			out = append(out, x)
		}
	}
	return slices.Clip(out)
}

// TakeRows returns a copy of the rows of d that index names.
func TakeRows(d Data, index []int) Data {
	switch d := d.(type) {
	case *Matrix:
		return d.Take(index)
	case *CSR:
		return d.Take(index)
	case *Frame:
		return d.Take(index)
	}
	Fail("learn.TakeRows", "X is %T; want *Matrix, *CSR or *Frame", d)
	return nil
}

// TakeColumns returns a copy of the columns of d that index names.
func TakeColumns(d Data, index []int) Data {
	switch d := d.(type) {
	case *Matrix:
		return d.TakeCols(index)
	case *CSR:
		return d.TakeCols(index)
	case *Frame:
		return d.Select(index)
	}
	Fail("learn.TakeColumns", "X is %T; want *Matrix, *CSR or *Frame", d)
	return nil
}

// TakeFloats returns the elements of v that index names; nil stays nil.
func TakeFloats(v []float64, index []int) []float64 {
	if v == nil {
		return nil
	}
	out := make([]float64, len(index))
	for i, k := range index {
		out[i] = v[k]
	}
	return out
}
