package spark

import (
	"fmt"
	"math/big"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// Vector is a vector of MLlib: Values at Indices, or, when Indices is nil, all Size values.
type Vector struct {
	Size    int
	Indices []int
	Values  []float64
}

// Dense returns all elements.
func (v Vector) Dense() []float64 {
	if v.Indices == nil {
		return v.Values
	}
	d := make([]float64, v.Size)
	for i, at := range v.Indices {
		d[at] = v.Values[i]
	}
	return d
}

// String writes the vector as MLlib does: [1,2] or (4,[0,2],[1,2]).
func (v Vector) String() string {
	text := func(n int, at func(int) any) string {
		s := "["
		for i := range n {
			if i > 0 {
				s += ","
			}
			s += fmt.Sprint(at(i))
		}
		return s + "]"
	}
	values := text(len(v.Values), func(i int) any { return v.Values[i] })
	if v.Indices == nil {
		return values
	}
	return fmt.Sprintf("(%d,%s,%s)", v.Size, text(len(v.Indices), func(i int) any { return v.Indices[i] }), values)
}

// Matrix is a matrix of MLlib, row by row.
type Matrix struct {
	Rows, Cols int
	Values     []float64
}

// At returns element (i, j).
func (m Matrix) At(i, j int) float64 { return m.Values[i*m.Cols+j] }

// value returns element k of an Arrow array as Row describes.
func value(a arrow.Array, k int) (any, error) {
	if a.IsNull(k) {
		return nil, nil
	}
	if n, ok := integer(a, k); ok {
		return n, nil
	}
	switch a := a.(type) {
	case *array.Boolean:
		return a.Value(k), nil
	case *array.Float32:
		return float64(a.Value(k)), nil
	case *array.Float64:
		return a.Value(k), nil
	case *array.String:
		return a.Value(k), nil
	case *array.LargeString:
		return a.Value(k), nil
	case *array.Binary:
		return append([]byte{}, a.Value(k)...), nil
	case *array.LargeBinary:
		return append([]byte{}, a.Value(k)...), nil
	case *array.Date32:
		return time.Unix(int64(a.Value(k))*86400, 0).UTC(), nil
	case *array.Timestamp:
		return a.Value(k).ToTime(a.DataType().(*arrow.TimestampType).Unit), nil
	case *array.Duration:
		return time.Duration(a.Value(k)) * a.DataType().(*arrow.DurationType).Unit.Multiplier(), nil
	case *array.MonthInterval:
		return int64(a.Value(k)), nil
	case *array.Decimal128:
		f, _ := new(big.Float).SetInt(a.Value(k).BigInt()).Float64()
		return f / pow10(a.DataType().(*arrow.Decimal128Type).Scale), nil
	case *array.Map:
		return mapping(a, k)
	case *array.List:
		return elements(a.ListValues(), a, k)
	case *array.LargeList:
		return elements(a.ListValues(), a, k)
	case *array.Struct:
		return structure(a, k)
	}
	return nil, fmt.Errorf("values of Arrow type %v have no Go form here; cast the column", a.DataType())
}

func integer(a arrow.Array, k int) (int64, bool) {
	switch a := a.(type) {
	case *array.Int8:
		return int64(a.Value(k)), true
	case *array.Int16:
		return int64(a.Value(k)), true
	case *array.Int32:
		return int64(a.Value(k)), true
	case *array.Int64:
		return a.Value(k), true
	}
	return 0, false
}

func pow10(n int32) float64 {
	f := 1.0
	for range n {
		f *= 10
	}
	return f
}

func elements(values arrow.Array, list interface{ ValueOffsets(int) (int64, int64) }, k int) (any, error) {
	lo, hi := list.ValueOffsets(k)
	out := make([]any, 0, hi-lo)
	for i := lo; i < hi; i++ {
		v, err := value(values, int(i))
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func mapping(a *array.Map, k int) (any, error) {
	lo, hi := a.ValueOffsets(k)
	out := make(map[any]any, hi-lo)
	for i := int(lo); i < int(hi); i++ {
		key, err := value(a.Keys(), i)
		if err != nil {
			return nil, err
		}
		if out[fmtKey(key)], err = value(a.Items(), i); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// fmtKey makes keys that Go cannot compare text.
func fmtKey(key any) any {
	switch key.(type) {
	case []any, Row, []byte, Vector, Matrix:
		return fmt.Sprint(key)
	}
	return key
}

func structure(a *array.Struct, k int) (any, error) {
	t := a.DataType().(*arrow.StructType)
	r := Row{make([]string, t.NumFields()), make([]any, t.NumFields())}
	for i, f := range t.Fields() {
		v, err := value(a.Field(i), k)
		if err != nil {
			return nil, err
		}
		r.Names[i], r.Values[i] = f.Name, v
	}
	return special(r), nil
}

// special recognises the structs by which MLlib's vectors and matrices travel.
func special(r Row) any {
	typ, ok := r.Get("type").(int64)
	values, ok2 := r.Get("values").([]any)
	if !ok || !ok2 {
		return r
	}
	switch {
	case len(r.Names) == 4 && r.Names[1] == "size" && r.Names[2] == "indices":
		v := Vector{Size: len(values), Values: floats(values)}
		if typ == 0 {
			size, _ := r.Values[1].(int64)
			at, _ := r.Values[2].([]any)
			v.Size, v.Indices = int(size), make([]int, len(at))
			for i, x := range at {
				n, _ := x.(int64)
				v.Indices[i] = int(n)
			}
		}
		return v
	case len(r.Names) == 7 && r.Names[1] == "numRows" && typ == 1:
		rows, _ := r.Values[1].(int64)
		cols, _ := r.Values[2].(int64)
		transposed, _ := r.Values[6].(bool)
		return newMatrix(int(rows), int(cols), floats(values), transposed)
	}
	return r
}

func floats(values []any) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i], _ = v.(float64)
	}
	return out
}

// newMatrix takes values column by column, as Spark keeps them unless they are transposed.
func newMatrix(rows, cols int, values []float64, transposed bool) Matrix {
	m := Matrix{rows, cols, values}
	if transposed || len(values) != rows*cols {
		return m
	}
	m.Values = make([]float64, len(values))
	for j := range cols {
		for i := range rows {
			m.Values[i*cols+j] = values[j*rows+i]
		}
	}
	return m
}
