package spark

import (
	"fmt"
	"reflect"

	pb "github.com/lathe-ml/lathe/spark/connectpb"
)

// Literal makes a constant of the protocol: what Lit takes, Vector and Matrix.
func Literal(v any) (*pb.Expression_Literal, error) {
	switch x := v.(type) {
	case Vector:
		return vectorLiteral(x)
	case Matrix:
		return matrixLiteral(x)
	}
	return literal(v)
}

const linalg = "org.apache.spark.ml.linalg."

func structLiteral(class string, elements ...*pb.Expression_Literal) *pb.Expression_Literal {
	class = linalg + class
	kind := &pb.DataType{Kind: &pb.DataType_Udt{Udt: &pb.DataType_UDT{Type: "udt", JvmClass: &class}}}
	s := &pb.Expression_Literal_Struct{Elements: elements}
	s.StructType = kind //lint:ignore SA1019 servers know the class from here
	return &pb.Expression_Literal{LiteralType: &pb.Expression_Literal_Struct_{Struct: s}}
}

func ints(v []int) *pb.Expression_Literal {
	list := &pb.Ints{}
	for _, x := range v {
		list.Values = append(list.Values, int32(x))
	}
	return &pb.Expression_Literal{LiteralType: &pb.Expression_Literal_SpecializedArray_{
		SpecializedArray: &pb.Expression_Literal_SpecializedArray{ValueType: &pb.Expression_Literal_SpecializedArray_Ints{Ints: list}},
	}}
}

func doubles(v []float64) *pb.Expression_Literal {
	return &pb.Expression_Literal{LiteralType: &pb.Expression_Literal_SpecializedArray_{
		SpecializedArray: &pb.Expression_Literal_SpecializedArray{
			ValueType: &pb.Expression_Literal_SpecializedArray_Doubles{Doubles: &pb.Doubles{Values: v}},
		},
	}}
}

func integerLiteral(n int) *pb.Expression_Literal {
	return &pb.Expression_Literal{LiteralType: &pb.Expression_Literal_Integer{Integer: int32(n)}}
}

func byteLiteral(n int32) *pb.Expression_Literal {
	return &pb.Expression_Literal{LiteralType: &pb.Expression_Literal_Byte{Byte: n}}
}

func vectorLiteral(v Vector) (*pb.Expression_Literal, error) {
	if v.Indices != nil {
		return structLiteral("VectorUDT", byteLiteral(0), integerLiteral(v.Size), ints(v.Indices), doubles(v.Values)), nil
	}
	null, err := literal(nil)
	return structLiteral("VectorUDT", byteLiteral(1), null, null, doubles(v.Values)), err
}

func matrixLiteral(m Matrix) (*pb.Expression_Literal, error) {
	null, err := literal(nil)
	rowMajor := &pb.Expression_Literal{LiteralType: &pb.Expression_Literal_Boolean{Boolean: true}}
	return structLiteral("MatrixUDT", byteLiteral(1), integerLiteral(m.Rows), integerLiteral(m.Cols), null, null,
		doubles(m.Values), rowMajor), err
}

// Value is the Go value of a constant of the protocol, as Row describes; arrays of one kind of number or of
// text are []float64, []int64 and []string.
func Value(l *pb.Expression_Literal) (any, error) {
	switch x := l.GetLiteralType().(type) {
	case *pb.Expression_Literal_Null, nil:
		return nil, nil
	case *pb.Expression_Literal_SpecializedArray_:
		return specialized(x.SpecializedArray)
	case *pb.Expression_Literal_Array_:
		return valuesOf(x.Array.Elements)
	case *pb.Expression_Literal_Struct_:
		return structValue(x.Struct)
	case *pb.Expression_Literal_Map_:
		m := map[any]any{}
		for i, k := range x.Map.Keys {
			key, err := Value(k)
			if err != nil {
				return nil, err
			}
			if m[fmtKey(key)], err = Value(x.Map.Values[i]); err != nil {
				return nil, err
			}
		}
		return m, nil
	}
	return scalar(l)
}

func scalar(l *pb.Expression_Literal) (any, error) {
	switch x := l.LiteralType.(type) {
	case *pb.Expression_Literal_Boolean:
		return x.Boolean, nil
	case *pb.Expression_Literal_Byte:
		return int64(x.Byte), nil
	case *pb.Expression_Literal_Short:
		return int64(x.Short), nil
	case *pb.Expression_Literal_Integer:
		return int64(x.Integer), nil
	case *pb.Expression_Literal_Long:
		return x.Long, nil
	case *pb.Expression_Literal_Float:
		return float64(x.Float), nil
	case *pb.Expression_Literal_Double:
		return x.Double, nil
	case *pb.Expression_Literal_String_:
		return x.String_, nil
	case *pb.Expression_Literal_Binary:
		return x.Binary, nil
	}
	return nil, fmt.Errorf("spark: a constant of kind %T has no Go form here", l.LiteralType)
}

func specialized(a *pb.Expression_Literal_SpecializedArray) (any, error) {
	switch x := a.ValueType.(type) {
	case *pb.Expression_Literal_SpecializedArray_Doubles:
		return x.Doubles.GetValues(), nil
	case *pb.Expression_Literal_SpecializedArray_Strings:
		return x.Strings.GetValues(), nil
	case *pb.Expression_Literal_SpecializedArray_Longs:
		return x.Longs.GetValues(), nil
	case *pb.Expression_Literal_SpecializedArray_Bools:
		return x.Bools.GetValues(), nil
	case *pb.Expression_Literal_SpecializedArray_Floats:
		return widen[float64](x.Floats.GetValues()), nil
	case *pb.Expression_Literal_SpecializedArray_Ints:
		return widen[int64](x.Ints.GetValues()), nil
	}
	return nil, fmt.Errorf("spark: an array of kind %T has no Go form here", a.ValueType)
}

func widen[To int64 | float64, From int32 | float32](values []From) []To {
	out := make([]To, len(values))
	for i, v := range values {
		out[i] = To(v)
	}
	return out
}

// valuesOf is a slice of the elements' type if they have one, else []any.
func valuesOf(elements []*pb.Expression_Literal) (any, error) {
	list := make([]any, len(elements))
	same := true
	for i, e := range elements {
		v, err := Value(e)
		if err != nil {
			return nil, err
		}
		list[i] = v
		same = same && reflect.TypeOf(v) == reflect.TypeOf(list[0])
	}
	if len(list) == 0 || !same || list[0] == nil {
		return list, nil
	}
	out := reflect.MakeSlice(reflect.SliceOf(reflect.TypeOf(list[0])), len(list), len(list))
	for i, v := range list {
		out.Index(i).Set(reflect.ValueOf(v))
	}
	return out.Interface(), nil
}

func structValue(s *pb.Expression_Literal_Struct) (any, error) {
	e := s.Elements
	values := make([]any, len(e))
	for i := range e {
		var err error
		if values[i], err = Value(e[i]); err != nil {
			return nil, err
		}
	}
	//lint:ignore SA1019 the class stands here
	class := s.StructType.GetUdt().GetJvmClass()
	at := func(i int) int { n, _ := values[i].(int64); return int(n) }
	list := func(i int) []float64 { f, _ := values[i].([]float64); return f }
	whole := func(i int) []int {
		n, _ := values[i].([]int64)
		out := make([]int, len(n))
		for k, v := range n {
			out[k] = int(v)
		}
		return out
	}
	switch {
	case class == linalg+"VectorUDT" && len(e) == 4:
		if at(0) == 1 {
			return Vector{Size: len(list(3)), Values: list(3)}, nil
		}
		return Vector{Size: at(1), Indices: whole(2), Values: list(3)}, nil
	case class == linalg+"MatrixUDT" && len(e) == 7:
		turned, _ := values[6].(bool)
		if at(0) == 1 {
			return newMatrix(at(1), at(2), list(5), turned), nil
		}
		return sparseMatrix(at(1), at(2), whole(3), whole(4), list(5), turned)
	}
	r := Row{Values: values, Names: make([]string, len(values))}
	for i := range r.Names {
		r.Names[i] = fmt.Sprintf("_%d", i+1)
	}
	return r, nil
}

// sparseMatrix spreads a matrix kept by columns, or by rows when it is turned.
func sparseMatrix(rows, cols int, starts, at []int, values []float64, turned bool) (Matrix, error) {
	m := Matrix{rows, cols, make([]float64, rows*cols)}
	for j := 0; j+1 < len(starts); j++ {
		for k := starts[j]; k < starts[j+1]; k++ {
			r, c := 0, j
			if k < len(at) && k < len(values) && k >= 0 {
				r = at[k]
			}
			if turned {
				r, c = c, r
			}
			if r < 0 || r >= rows || c < 0 || c >= cols || k >= len(values) {
				return m, fmt.Errorf("spark: a sparse matrix of %d×%d has an element at (%d, %d)", rows, cols, r, c)
			}
			m.Values[r*cols+c] = values[k]
		}
	}
	return m, nil
}
