package learn

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/lathe-ml/lathe/data"
	"github.com/lathe-ml/lathe/eager"
)

// Data is what an estimator takes as X: a *Matrix, a *CSR or a *Frame.
type Data interface {
	// Dims returns the number of rows (samples) and columns (features).
	Dims() (rows, cols int)
}

// Matrix is a dense row-major matrix of float64: element (i, j) is Data[i·Cols+j]. Targets are matrices
// too, with one column for each output.
type Matrix struct {
	Rows, Cols int
	Data       []float64
}

// NewMatrix returns a matrix of zeros.
func NewMatrix(rows, cols int) *Matrix {
	return &Matrix{Rows: rows, Cols: cols, Data: make([]float64, rows*cols)}
}

// FromRows returns a matrix with a copy of rows, which must have one length.
func FromRows(rows [][]float64) *Matrix {
	if len(rows) == 0 {
		return &Matrix{}
	}
	m := NewMatrix(len(rows), len(rows[0]))
	for i, r := range rows {
		if len(r) != m.Cols {
			Fail("learn.FromRows", "row %d has %d values, row 0 has %d; want one length", i, len(r), m.Cols)
		}
		copy(m.Row(i), r)
	}
	return m
}

// Column returns a matrix of one column that shares v.
func Column(v []float64) *Matrix { return &Matrix{Rows: len(v), Cols: 1, Data: v} }

// Ints returns a matrix of one column with the numbers of v.
func Ints(v []int) *Matrix {
	m := NewMatrix(len(v), 1)
	for i, k := range v {
		m.Data[i] = float64(k)
	}
	return m
}

// FromTensor returns the values of t, of one or two axes, as a matrix; a row-major F64 tensor is shared.
func FromTensor(t *eager.Tensor) *Matrix {
	s := t.Shape()
	if len(s) == 0 || len(s) > 2 {
		Fail("learn.FromTensor", "tensor has shape %v; want one or two axes", s)
	}
	m := &Matrix{Rows: s[0], Cols: 1, Data: t.Float64s()}
	if len(s) == 2 {
		m.Cols = s[1]
	}
	m.Data = m.Data[:m.Rows*m.Cols]
	return m
}

// FromTable returns the features and the target of a table.
func FromTable(t *data.Table) (x, y *Matrix) {
	x = FromTensor(t.X)
	if t.Y != nil {
		y = FromTensor(t.Y)
	}
	return x, y
}

// FromMat returns the values of a gonum matrix; those of a *mat.Dense without padding are shared.
func FromMat(a mat.Matrix) *Matrix {
	r, c := a.Dims()
	if d, ok := a.(*mat.Dense); ok {
		if raw := d.RawMatrix(); raw.Stride == raw.Cols {
			return &Matrix{Rows: r, Cols: c, Data: raw.Data[:r*c]}
		}
	}
	m := NewMatrix(r, c)
	for i := range r {
		for j := range c {
			m.Data[i*c+j] = a.At(i, j)
		}
	}
	return m
}

// Mat returns the matrix as a gonum matrix that shares its memory.
func (m *Matrix) Mat() *mat.Dense {
	if m.Rows == 0 || m.Cols == 0 {
		return &mat.Dense{}
	}
	return mat.NewDense(m.Rows, m.Cols, m.Data)
}

// Tensor returns the matrix as an F64 tensor [rows cols] with a copy of its values.
func (m *Matrix) Tensor() *eager.Tensor {
	return eager.FromFloat64s(append([]float64(nil), m.Data...), m.Rows, m.Cols)
}

// Dims returns the number of rows and columns.
func (m *Matrix) Dims() (rows, cols int) { return m.Rows, m.Cols }

// At returns element (i, j).
func (m *Matrix) At(i, j int) float64 { return m.Data[i*m.Cols+j] }

// Set changes element (i, j).
func (m *Matrix) Set(i, j int, v float64) { m.Data[i*m.Cols+j] = v }

// Row returns row i, which shares the matrix's memory.
func (m *Matrix) Row(i int) []float64 { return m.Data[i*m.Cols : (i+1)*m.Cols : (i+1)*m.Cols] }

// Col returns a copy of column j.
func (m *Matrix) Col(j int) []float64 {
	c := make([]float64, m.Rows)
	for i := range c {
		c[i] = m.Data[i*m.Cols+j]
	}
	return c
}

// SetCol changes column j.
func (m *Matrix) SetCol(j int, v []float64) {
	for i, x := range v {
		m.Data[i*m.Cols+j] = x
	}
}

// Clone returns a copy.
func (m *Matrix) Clone() *Matrix {
	if m == nil {
		return nil
	}
	return &Matrix{Rows: m.Rows, Cols: m.Cols, Data: append([]float64(nil), m.Data...)}
}

// T returns the transpose, a copy.
func (m *Matrix) T() *Matrix {
	t := NewMatrix(m.Cols, m.Rows)
	for i := range m.Rows {
		for j, v := range m.Row(i) {
			t.Data[j*m.Rows+i] = v
		}
	}
	return t
}

// Take returns a copy of the rows that index names.
func (m *Matrix) Take(index []int) *Matrix {
	if m == nil {
		return nil
	}
	t := NewMatrix(len(index), m.Cols)
	for i, k := range index {
		copy(t.Row(i), m.Row(k))
	}
	return t
}

// TakeCols returns a copy of the columns that index names.
func (m *Matrix) TakeCols(index []int) *Matrix {
	t := NewMatrix(m.Rows, len(index))
	for i := range m.Rows {
		row, out := m.Row(i), t.Row(i)
		for j, k := range index {
			out[j] = row[k]
		}
	}
	return t
}

// Ints returns the values of the first column, rounded.
func (m *Matrix) Ints() []int {
	v := make([]int, m.Rows)
	for i := range v {
		v[i] = int(math.Round(m.Data[i*m.Cols]))
	}
	return v
}

// String returns the size and at most eight rows.
func (m *Matrix) String() string {
	if m == nil {
		return "no matrix"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "matrix [%d %d]", m.Rows, m.Cols)
	for i := range min(m.Rows, 8) {
		b.WriteString("\n")
		for _, v := range m.Row(i)[:min(m.Cols, 10)] {
			fmt.Fprintf(&b, " %10.5g", v)
		}
	}
	return b.String()
}

// Concat returns the matrices beside each other; they must have the same number of rows.
func Concat(parts ...*Matrix) *Matrix {
	rows, cols := 0, 0
	for _, p := range parts {
		rows = p.Rows
		cols += p.Cols
	}
	m := NewMatrix(rows, cols)
	at := 0
	for _, p := range parts {
		if p.Rows != rows {
			Fail("learn.Concat", "parts have %d and %d rows; want the same number", p.Rows, rows)
		}
		for i := range rows {
			copy(m.Row(i)[at:], p.Row(i))
		}
		at += p.Cols
	}
	return m
}
