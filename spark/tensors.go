package spark

import (
	"fmt"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

var nan = math.NaN()

// Tensors runs the plan and returns a tensor for each of the given columns, without names for all: [rows]
// for numbers and truth values, [rows length] for arrays and vectors of one length. Missing numbers are NaN;
// a missing whole number or truth value is an error. A result of one batch is not copied.
func (d *DataFrame) Tensors(columns ...string) ([]*eager.Tensor, error) {
	if len(columns) > 0 {
		names := make([]any, len(columns))
		for i, n := range columns {
			names[i] = n
		}
		d = d.Select(names...)
	}
	return tensors(d.Batches, nil)
}

// tensors is the tensors of some columns of batches, without names of all.
func tensors(s Source, columns []string) ([]*eager.Tensor, error) {
	var parts [][]engine.Array // of each column
	var names []string
	err := s(func(b arrow.RecordBatch) error {
		at, err := places(b.Schema(), columns)
		if err != nil {
			return err
		}
		for i, place := range at {
			f := b.Schema().Field(place)
			if i == len(parts) {
				parts, names = append(parts, nil), append(names, f.Name)
			}
			if b.NumRows() == 0 && len(parts[i]) > 0 {
				continue
			}
			a, err := arrayOf(b.Column(place))
			if err != nil {
				return fmt.Errorf("spark.Tensors: column %s: %w", f.Name, err)
			}
			if len(parts[i]) == 1 && parts[i][0].Shape[0] == 0 {
				parts[i] = nil // an empty batch knows no length of arrays
			}
			parts[i] = append(parts[i], a)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := make([]*eager.Tensor, len(parts))
	for i, p := range parts {
		a, err := concatenate(p)
		if err != nil {
			return nil, fmt.Errorf("spark.Tensors: column %s: %w", names[i], err)
		}
		out[i] = eager.FromArray(a)
	}
	return out, nil
}

// places is where columns are in a schema.
func places(s *arrow.Schema, columns []string) ([]int, error) {
	var at []int
	if len(columns) == 0 {
		for i := range s.NumFields() {
			at = append(at, i)
		}
	}
	for _, c := range columns {
		i := s.FieldIndices(c)
		if len(i) != 1 {
			return nil, fmt.Errorf("spark.Tensors: %d columns %q in %v; want one", len(i), c, s.Fields())
		}
		at = append(at, i[0])
	}
	return at, nil
}

func concatenate(parts []engine.Array) (engine.Array, error) {
	if len(parts) == 1 {
		return parts[0], nil
	}
	rows := 0
	shape := append(engine.Shape{}, parts[0].Shape...)
	for _, p := range parts {
		if p.DType != parts[0].DType || len(p.Shape) != len(shape) || len(shape) == 2 && p.Shape[1] != shape[1] {
			return engine.Array{}, fmt.Errorf("rows of %v and of %v; want one length", parts[0].Shape, p.Shape)
		}
		rows += p.Shape[0]
	}
	shape[0] = rows
	all := engine.NewArray(parts[0].DType, shape)
	at := all.Buf.Bytes()
	for _, p := range parts {
		at = at[copy(at, p.Buf.Bytes()[:p.Numel()*p.DType.Size()]):]
	}
	return all, nil
}

// arrayOf is an Arrow array as row-major numbers; where it can it is the same memory.
func arrayOf(a arrow.Array) (engine.Array, error) {
	if a.NullN() > 0 {
		return withMissing(a)
	}
	wrap := func(t engine.DType) engine.Array {
		b, size := a.Data().Buffers()[1], t.Size()
		s := engine.Shape{a.Len()}
		if a.Len() == 0 || b == nil {
			return engine.NewArray(t, s)
		}
		lo := a.Data().Offset() * size
		return engine.Array{DType: t, Shape: s, Strides: s.Strides(), Buf: engine.WrapBytes(b.Bytes()[lo : lo+a.Len()*size])}
	}
	switch a := a.(type) {
	case *array.Float64:
		return wrap(engine.F64), nil
	case *array.Float32:
		return wrap(engine.F32), nil
	case *array.Int64, *array.Timestamp:
		return wrap(engine.I64), nil
	case *array.Int32, *array.Date32:
		return wrap(engine.I32), nil
	case *array.Int16:
		return wrap(engine.I16), nil
	case *array.Int8:
		return wrap(engine.I8), nil
	case *array.Boolean:
		t := engine.NewArray(engine.Bool, engine.Shape{a.Len()})
		for i, b := range t.Buf.Bytes()[:a.Len()] {
			_ = b
			if a.Value(i) {
				t.Buf.Bytes()[i] = 1
			}
		}
		return t, nil
	case *array.List:
		return rowsOf(a)
	case *array.Struct:
		return vectorsOf(a)
	}
	return engine.Array{}, fmt.Errorf("it is of type %v; want numbers, truth values, arrays or vectors", a.DataType())
}

func withMissing(a arrow.Array) (engine.Array, error) {
	t := engine.NewArray(engine.F64, engine.Shape{a.Len()})
	switch a.(type) {
	case *array.Float64, *array.Float32, *array.Decimal128:
	default:
		return t, fmt.Errorf("%d of %d values of type %v are missing; fill them (FillNA) or drop them (DropNA)",
			a.NullN(), a.Len(), a.DataType())
	}
	for i := range a.Len() {
		v, err := value(a, i)
		if err != nil {
			return t, err
		}
		f, ok := v.(float64)
		if !ok {
			f = nan
		}
		t.F64()[i] = f
	}
	return t, nil
}

// rowsOf makes a matrix of arrays of one length.
func rowsOf(a *array.List) (engine.Array, error) {
	if a.Len() == 0 {
		return engine.NewArray(engine.F64, engine.Shape{0, 0}), nil
	}
	lo, hi := a.ValueOffsets(0)
	n := hi - lo
	for i := range a.Len() {
		if l, h := a.ValueOffsets(i); h-l != n {
			return engine.Array{}, fmt.Errorf("arrays of %d and of %d values; want one length", n, h-l)
		}
	}
	_, end := a.ValueOffsets(a.Len() - 1)
	values := array.NewSlice(a.ListValues(), lo, end)
	all, err := arrayOf(values)
	if err != nil {
		return all, err
	}
	if len(all.Shape) != 1 {
		return all, fmt.Errorf("arrays of arrays; want arrays of numbers")
	}
	s := engine.Shape{a.Len(), int(n)}
	return engine.Array{DType: all.DType, Shape: s, Strides: s.Strides(), Buf: all.Buf, Offset: all.Offset}, nil
}

// vectorsOf makes a matrix of MLlib's vectors.
func vectorsOf(a *array.Struct) (engine.Array, error) {
	var out engine.Array
	for i := range a.Len() {
		v, err := value(a, i)
		if err != nil {
			return out, err
		}
		vector, ok := v.(Vector)
		if !ok {
			return out, fmt.Errorf("structs of type %v; want vectors", a.DataType())
		}
		if i == 0 {
			out = engine.NewArray(engine.F64, engine.Shape{a.Len(), vector.Size})
		}
		if vector.Size != out.Shape[1] {
			return out, fmt.Errorf("vectors of %d and of %d values; want one length", out.Shape[1], vector.Size)
		}
		copy(out.F64()[i*vector.Size:], vector.Dense())
	}
	if a.Len() == 0 {
		out = engine.NewArray(engine.F64, engine.Shape{0, 0})
	}
	return out, nil
}
