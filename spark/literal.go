package spark

import (
	"fmt"
	"math"
	"reflect"
	"time"

	pb "github.com/lathe-ml/lathe/spark/connectpb"
)

// literal makes a constant of a Go value: truth values, numbers, text, bytes, times, nil, and slices of them.
func literal(v any) (*pb.Expression_Literal, error) {
	switch x := v.(type) {
	case nil:
		return &pb.Expression_Literal{LiteralType: &pb.Expression_Literal_Null{Null: kind(&pb.DataType_Null{Null: &pb.DataType_NULL{}})}}, nil
	case bool:
		return &pb.Expression_Literal{LiteralType: &pb.Expression_Literal_Boolean{Boolean: x}}, nil
	case string:
		return &pb.Expression_Literal{LiteralType: &pb.Expression_Literal_String_{String_: x}}, nil
	case []byte:
		return &pb.Expression_Literal{LiteralType: &pb.Expression_Literal_Binary{Binary: x}}, nil
	case time.Time:
		return &pb.Expression_Literal{LiteralType: &pb.Expression_Literal_Timestamp{Timestamp: x.UnixMicro()}}, nil
	case time.Duration:
		return &pb.Expression_Literal{LiteralType: &pb.Expression_Literal_DayTimeInterval{DayTimeInterval: x.Microseconds()}}, nil
	case float32:
		return &pb.Expression_Literal{LiteralType: &pb.Expression_Literal_Float{Float: x}}, nil
	case float64:
		return &pb.Expression_Literal{LiteralType: &pb.Expression_Literal_Double{Double: x}}, nil
	}
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Int8:
		return &pb.Expression_Literal{LiteralType: &pb.Expression_Literal_Byte{Byte: int32(r.Int())}}, nil
	case reflect.Int16:
		return &pb.Expression_Literal{LiteralType: &pb.Expression_Literal_Short{Short: int32(r.Int())}}, nil
	case reflect.Int, reflect.Int32, reflect.Uint8, reflect.Uint16:
		n := whole(r)
		if n < math.MinInt32 || n > math.MaxInt32 {
			return &pb.Expression_Literal{LiteralType: &pb.Expression_Literal_Long{Long: n}}, nil
		}
		return &pb.Expression_Literal{LiteralType: &pb.Expression_Literal_Integer{Integer: int32(n)}}, nil
	case reflect.Int64, reflect.Uint32:
		return &pb.Expression_Literal{LiteralType: &pb.Expression_Literal_Long{Long: whole(r)}}, nil
	case reflect.String:
		return literal(r.String())
	case reflect.Slice, reflect.Array:
		return list(r)
	}
	return nil, fmt.Errorf("spark: %T (%v) is no value of SQL; want bool, a number, string, []byte, time.Time, time.Duration, nil or a slice of them", v, v)
}

func whole(r reflect.Value) int64 {
	if r.CanUint() {
		return int64(r.Uint())
	}
	return r.Int()
}

// list makes an array: the general form, which every part of the server takes.
func list(r reflect.Value) (*pb.Expression_Literal, error) {
	a := &pb.Expression_Literal_Array{}
	for i := range r.Len() {
		e, err := literal(r.Index(i).Interface())
		if err != nil {
			return nil, err
		}
		a.Elements = append(a.Elements, e)
	}
	var err error
	//lint:ignore SA1019 servers before 4.1 know the element type from here alone
	if a.ElementType, err = elementType(r.Type().Elem(), a.Elements); err != nil {
		return nil, err
	}
	return &pb.Expression_Literal{LiteralType: &pb.Expression_Literal_Array_{Array: a}}, nil
}

func elementType(t reflect.Type, e []*pb.Expression_Literal) (*pb.DataType, error) {
	if len(e) > 0 {
		return typeOfLiteral(e[0]), nil
	}
	if t.Kind() == reflect.Interface {
		return kind(&pb.DataType_String_{String_: &pb.DataType_String{}}), nil
	}
	l, err := literal(reflect.Zero(t).Interface())
	if err != nil {
		return nil, err
	}
	return typeOfLiteral(l), nil
}

func typeOfLiteral(l *pb.Expression_Literal) *pb.DataType {
	switch x := l.LiteralType.(type) {
	case *pb.Expression_Literal_Boolean:
		return kind(&pb.DataType_Boolean_{Boolean: &pb.DataType_Boolean{}})
	case *pb.Expression_Literal_Byte:
		return kind(&pb.DataType_Byte_{Byte: &pb.DataType_Byte{}})
	case *pb.Expression_Literal_Short:
		return kind(&pb.DataType_Short_{Short: &pb.DataType_Short{}})
	case *pb.Expression_Literal_Integer:
		return kind(&pb.DataType_Integer_{Integer: &pb.DataType_Integer{}})
	case *pb.Expression_Literal_Long:
		return kind(&pb.DataType_Long_{Long: &pb.DataType_Long{}})
	case *pb.Expression_Literal_Float:
		return kind(&pb.DataType_Float_{Float: &pb.DataType_Float{}})
	case *pb.Expression_Literal_Double:
		return kind(&pb.DataType_Double_{Double: &pb.DataType_Double{}})
	case *pb.Expression_Literal_String_:
		return kind(&pb.DataType_String_{String_: &pb.DataType_String{}})
	case *pb.Expression_Literal_Binary:
		return kind(&pb.DataType_Binary_{Binary: &pb.DataType_Binary{}})
	case *pb.Expression_Literal_Timestamp:
		return kind(&pb.DataType_Timestamp_{Timestamp: &pb.DataType_Timestamp{}})
	case *pb.Expression_Literal_DayTimeInterval:
		return kind(&pb.DataType_DayTimeInterval_{DayTimeInterval: &pb.DataType_DayTimeInterval{}})
	case *pb.Expression_Literal_Array_:
		//lint:ignore SA1019 list sets it
		return kind(&pb.DataType_Array_{Array: &pb.DataType_Array{ElementType: x.Array.ElementType, ContainsNull: true}})
	}
	return kind(&pb.DataType_Null{Null: &pb.DataType_NULL{}})
}

// kind wraps one of the kinds of a type. Kinds share an interface that the generated package does not export.
func kind(k any) *pb.DataType {
	t := &pb.DataType{}
	reflect.ValueOf(&t.Kind).Elem().Set(reflect.ValueOf(k))
	return t
}
