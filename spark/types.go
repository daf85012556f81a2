package spark

import (
	"fmt"
	"strings"

	pb "github.com/lathe-ml/lathe/spark/connectpb"
)

// Field is a column of a schema.
type Field struct {
	Name     string
	Type     string // as in SQL: bigint, double, array<string>, struct<a:int> …; vector and matrix for those of MLlib
	Nullable bool
}

// Schema is the names and types of a DataFrame's columns.
type Schema []Field

// String writes the schema as Spark's printSchema does.
func (s Schema) String() string {
	var b strings.Builder
	b.WriteString("root\n")
	for _, f := range s {
		fmt.Fprintf(&b, " |-- %s: %s (nullable = %t)\n", f.Name, f.Type, f.Nullable)
	}
	return b.String()
}

// DDL writes the schema as SQL does in CREATE TABLE, which readers take.
func (s Schema) DDL() string {
	parts := make([]string, len(s))
	for i, f := range s {
		parts[i] = quote(f.Name) + " " + f.Type
		if !f.Nullable {
			parts[i] += " NOT NULL"
		}
	}
	return strings.Join(parts, ", ")
}

// Names returns the names of the columns.
func (s Schema) Names() []string {
	names := make([]string, len(s))
	for i, f := range s {
		names[i] = f.Name
	}
	return names
}

// Index returns the place of a column, or −1.
func (s Schema) Index(name string) int {
	for i, f := range s {
		if f.Name == name {
			return i
		}
	}
	return -1
}

// quote makes name one that SQL takes as it is.
func quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

func schemaOf(t *pb.DataType) Schema {
	var s Schema
	for _, f := range t.GetStruct().GetFields() {
		s = append(s, Field{f.Name, typeName(f.DataType), f.Nullable})
	}
	return s
}

// typeName writes a type as SQL does.
func typeName(t *pb.DataType) string {
	switch k := t.GetKind().(type) {
	case *pb.DataType_Decimal_:
		return fmt.Sprintf("decimal(%d,%d)", k.Decimal.GetPrecision(), k.Decimal.GetScale())
	case *pb.DataType_Char_:
		return fmt.Sprintf("char(%d)", k.Char.Length)
	case *pb.DataType_VarChar_:
		return fmt.Sprintf("varchar(%d)", k.VarChar.Length)
	case *pb.DataType_Array_:
		return "array<" + typeName(k.Array.ElementType) + ">"
	case *pb.DataType_Map_:
		return "map<" + typeName(k.Map.KeyType) + "," + typeName(k.Map.ValueType) + ">"
	case *pb.DataType_Struct_:
		parts := make([]string, len(k.Struct.Fields))
		for i, f := range k.Struct.Fields {
			parts[i] = fieldName(f.Name) + ":" + typeName(f.DataType)
		}
		return "struct<" + strings.Join(parts, ",") + ">"
	case *pb.DataType_Udt:
		return udtName(k.Udt)
	case *pb.DataType_Unparsed_:
		return k.Unparsed.DataTypeString
	case nil:
		return "unknown"
	}
	return simpleName(t)
}

// fieldName quotes names that are no plain words.
func fieldName(name string) string {
	for _, r := range name {
		if !(r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z') {
			return quote(name)
		}
	}
	return name
}

func udtName(u *pb.DataType_UDT) string {
	class := u.GetJvmClass()
	switch {
	case strings.HasSuffix(class, ".VectorUDT"):
		return "vector"
	case strings.HasSuffix(class, ".MatrixUDT"):
		return "matrix"
	}
	return typeName(u.SqlType)
}

func simpleName(t *pb.DataType) string {
	switch t.Kind.(type) {
	case *pb.DataType_Null:
		return "void"
	case *pb.DataType_Binary_:
		return "binary"
	case *pb.DataType_Boolean_:
		return "boolean"
	case *pb.DataType_Byte_:
		return "tinyint"
	case *pb.DataType_Short_:
		return "smallint"
	case *pb.DataType_Integer_:
		return "int"
	case *pb.DataType_Long_:
		return "bigint"
	case *pb.DataType_Float_:
		return "float"
	case *pb.DataType_Double_:
		return "double"
	case *pb.DataType_String_:
		return "string"
	case *pb.DataType_Date_:
		return "date"
	case *pb.DataType_Timestamp_:
		return "timestamp"
	case *pb.DataType_TimestampNtz:
		return "timestamp_ntz"
	case *pb.DataType_CalendarInterval_:
		return "interval"
	case *pb.DataType_YearMonthInterval_:
		return "interval year to month"
	case *pb.DataType_DayTimeInterval_:
		return "interval day to second"
	case *pb.DataType_Variant_:
		return "variant"
	case *pb.DataType_Time_:
		return "time"
	}
	return fmt.Sprintf("%T", t.Kind)
}
