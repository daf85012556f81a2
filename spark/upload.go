package spark

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"google.golang.org/protobuf/proto"

	"github.com/lathe-ml/lathe/data/table"
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	pb "github.com/lathe-ml/lathe/spark/connectpb"
)

// FromBatches makes a DataFrame of Arrow record batches, which travel to the server now. An uploaded
// DataFrame is part of every plan that is built on it: Materialize it, or write it, before iterating over it.
func (s *Session) FromBatches(batches ...arrow.RecordBatch) (*DataFrame, error) {
	if len(batches) == 0 {
		return nil, fmt.Errorf("spark.FromBatches: no batches; want at least one, which may be empty")
	}
	size := 0
	var parts [][]byte
	for _, b := range batches {
		p, err := encode(b)
		if err != nil {
			return nil, fmt.Errorf("spark.FromBatches: %w", err)
		}
		parts, size = append(parts, p), size+len(p)
	}
	if size <= inlineBytes {
		all, err := encode(batches...)
		if err != nil {
			return nil, fmt.Errorf("spark.FromBatches: %w", err)
		}
		return s.frame(&pb.Relation{RelType: &pb.Relation_LocalRelation{LocalRelation: &pb.LocalRelation{Data: all}}}), nil
	}
	if strings.HasPrefix(s.version, "4.0.") {
		return s.fromWhole(batches)
	}
	c := &pb.ChunkedCachedLocalRelation{}
	for _, p := range parts {
		hash, err := s.cached(p)
		if err != nil {
			return nil, err
		}
		c.DataHashes = append(c.DataHashes, hash)
	}
	return s.frame(&pb.Relation{RelType: &pb.Relation_ChunkedCachedLocalRelation{ChunkedCachedLocalRelation: c}}), nil
}

// fromWhole uploads batches as Spark 4.0 wants them: one artifact, which is a relation.
func (s *Session) fromWhole(batches []arrow.RecordBatch) (*DataFrame, error) {
	all, err := encode(batches...)
	if err != nil {
		return nil, fmt.Errorf("spark.FromBatches: %w", err)
	}
	b, err := proto.Marshal(&pb.LocalRelation{Data: all})
	if err != nil {
		return nil, fmt.Errorf("spark.FromBatches: %w", err)
	}
	hash, err := s.cached(b)
	if err != nil {
		return nil, err
	}
	return s.frame(&pb.Relation{RelType: &pb.Relation_CachedLocalRelation{CachedLocalRelation: &pb.CachedLocalRelation{Hash: hash}}}), nil
}

// Data below inlineBytes is part of the plan; more travels as session artifacts in parts of uploadRows rows.
const (
	inlineBytes = 1 << 20
	uploadRows  = 1 << 18
)

func encode(batches ...arrow.RecordBatch) ([]byte, error) {
	var b bytes.Buffer
	w := ipc.NewWriter(&b, ipc.WithSchema(batches[0].Schema()))
	for _, r := range batches {
		if err := w.Write(r); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return b.Bytes(), err
}

// fromArrays makes a DataFrame of columns of one length.
func (s *Session) fromArrays(fields []arrow.Field, columns []arrow.Array) (*DataFrame, error) {
	all, err := batchOf(fields, columns)
	if err != nil {
		return nil, err
	}
	rows := int(all.NumRows())
	var parts []arrow.RecordBatch
	for lo := 0; lo < rows || lo == 0; lo += uploadRows {
		parts = append(parts, all.NewSlice(int64(lo), int64(min(lo+uploadRows, rows))))
	}
	return s.FromBatches(parts...)
}

// FromTable makes a DataFrame of a table; missing values become NULL.
func (s *Session) FromTable(t *table.Table) (*DataFrame, error) {
	if t == nil || len(t.Columns) == 0 {
		return nil, fmt.Errorf("spark.FromTable: the table has no columns")
	}
	var fields []arrow.Field
	var columns []arrow.Array
	for _, c := range t.Columns {
		a := tableArray(c)
		fields = append(fields, arrow.Field{Name: c.Name, Type: a.DataType(), Nullable: c.Missing != nil})
		columns = append(columns, a)
	}
	d, err := s.fromArrays(fields, columns)
	if err != nil {
		return nil, fmt.Errorf("spark.FromTable: %w", err)
	}
	return d, nil
}

func tableArray(c *table.Column) arrow.Array {
	m := memory.DefaultAllocator
	valid := []bool(nil)
	if c.Missing != nil {
		valid = make([]bool, len(c.Missing))
		for i, gone := range c.Missing {
			valid[i] = !gone
		}
	}
	switch c.Kind {
	case table.Int:
		b := array.NewInt64Builder(m)
		b.AppendValues(c.Ints, valid)
		return b.NewArray()
	case table.Bool:
		b := array.NewBooleanBuilder(m)
		b.AppendValues(c.Bools, valid)
		return b.NewArray()
	case table.Text:
		b := array.NewStringBuilder(m)
		b.AppendValues(c.Texts, valid)
		return b.NewArray()
	}
	b := array.NewFloat64Builder(m)
	b.AppendValues(c.Floats, valid)
	return b.NewArray()
}

// FromTensors makes a DataFrame with a column for each tensor: [rows] gives numbers, [rows n] arrays.
func (s *Session) FromTensors(names []string, tensors ...*eager.Tensor) (*DataFrame, error) {
	fields, columns, err := tensorColumns(names, tensors)
	if err != nil {
		return nil, fmt.Errorf("spark.FromTensors: %w", err)
	}
	d, err := s.fromArrays(fields, columns)
	if err != nil {
		return nil, fmt.Errorf("spark.FromTensors: %w", err)
	}
	return d, nil
}

func tensorColumns(names []string, tensors []*eager.Tensor) (fields []arrow.Field, columns []arrow.Array, err error) {
	if len(names) != len(tensors) || len(names) == 0 {
		return nil, nil, fmt.Errorf("%d names for %d tensors; want as many, and at least one", len(names), len(tensors))
	}
	for i, t := range tensors {
		a, err := tensorArray(t)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", names[i], err)
		}
		fields = append(fields, arrow.Field{Name: names[i], Type: a.DataType()})
		columns = append(columns, a)
	}
	return fields, columns, nil
}

var arrowTypes = map[engine.DType]arrow.DataType{
	engine.F32: arrow.PrimitiveTypes.Float32, engine.F64: arrow.PrimitiveTypes.Float64,
	engine.I8: arrow.PrimitiveTypes.Int8, engine.I16: arrow.PrimitiveTypes.Int16,
	engine.I32: arrow.PrimitiveTypes.Int32, engine.I64: arrow.PrimitiveTypes.Int64,
}

// tensorArray is a tensor as an Arrow array of the same memory.
func tensorArray(t *eager.Tensor) (arrow.Array, error) {
	if t == nil || t.DType() == engine.Invalid {
		return nil, fmt.Errorf("the tensor is nil or empty")
	}
	switch t.DType() {
	case engine.U8, engine.Bool:
		t = t.Detach().To(engine.I16)
	case engine.F16, engine.BF16:
		t = t.Detach().To(engine.F32)
	}
	typ, ok := arrowTypes[t.DType()]
	shape := t.Shape()
	if !ok || len(shape) < 1 || len(shape) > 2 {
		return nil, fmt.Errorf("it is %v %v; want real numbers of shape [rows] or [rows n]", t.DType(), shape)
	}
	a := t.Detach().Contiguous().Storage()
	size := a.DType.Size()
	memory0 := memory.NewBufferBytes(a.Buf.Bytes()[a.Offset*size:][:a.Numel()*size])
	values := array.NewData(typ, a.Numel(), []*memory.Buffer{nil, memory0}, nil, 0, 0)
	if len(shape) == 1 {
		return array.MakeFromData(values), nil
	}
	if a.Numel() > math.MaxInt32 {
		return nil, fmt.Errorf("%d numbers in arrays; want at most %d", a.Numel(), math.MaxInt32)
	}
	offsets := make([]int32, shape[0]+1)
	for i := range offsets {
		offsets[i] = int32(i * shape[1])
	}
	list := arrow.ListOfNonNullable(typ)
	return array.MakeFromData(array.NewData(list, shape[0],
		[]*memory.Buffer{nil, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(offsets))}, []arrow.ArrayData{values}, 0, 0)), nil
}

// FromRows makes a DataFrame of rows of Go values, which have a value for each of the columns: bool, whole
// numbers, float64, string, []byte, time.Time, []float64, []string or nil. A column has the type of its first
// value that is not nil.
func (s *Session) FromRows(columns []string, rows ...[]any) (*DataFrame, error) {
	fields, arrays, err := rowColumns(columns, rows)
	if err != nil {
		return nil, fmt.Errorf("spark.FromRows: %w", err)
	}
	d, err := s.fromArrays(fields, arrays)
	if err != nil {
		return nil, fmt.Errorf("spark.FromRows: %w", err)
	}
	return d, nil
}

func rowColumns(columns []string, rows [][]any) ([]arrow.Field, []arrow.Array, error) {
	if len(columns) == 0 {
		return nil, nil, fmt.Errorf("no columns; want at least one")
	}
	fields := make([]arrow.Field, len(columns))
	arrays := make([]arrow.Array, len(columns))
	for i, name := range columns {
		typ := arrow.DataType(arrow.Null)
		for _, r := range rows {
			if len(r) != len(columns) {
				return nil, nil, fmt.Errorf("a row of %d values for %d columns", len(r), len(columns))
			}
			if r[i] != nil && typ == arrow.DataType(arrow.Null) {
				typ = goType(r[i])
			}
		}
		b := array.NewBuilder(memory.DefaultAllocator, typ)
		for k, r := range rows {
			if err := appendGo(b, r[i]); err != nil {
				return nil, nil, fmt.Errorf("row %d, column %s: %w", k, name, err)
			}
		}
		fields[i], arrays[i] = arrow.Field{Name: name, Type: typ, Nullable: true}, b.NewArray()
	}
	return fields, arrays, nil
}

func goType(v any) arrow.DataType {
	switch v.(type) {
	case bool:
		return arrow.FixedWidthTypes.Boolean
	case int32:
		return arrow.PrimitiveTypes.Int32
	case int, int64:
		return arrow.PrimitiveTypes.Int64
	case float32:
		return arrow.PrimitiveTypes.Float32
	case float64:
		return arrow.PrimitiveTypes.Float64
	case string:
		return arrow.BinaryTypes.String
	case []byte:
		return arrow.BinaryTypes.Binary
	case time.Time:
		return &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
	case []float64:
		return arrow.ListOf(arrow.PrimitiveTypes.Float64)
	case []string:
		return arrow.ListOf(arrow.BinaryTypes.String)
	}
	return arrow.Null
}

func appendGo(b array.Builder, v any) error {
	if v == nil {
		b.AppendNull()
		return nil
	}
	ok := true
	switch b := b.(type) {
	case *array.BooleanBuilder:
		var x bool
		x, ok = v.(bool)
		b.Append(x)
	case *array.Int32Builder:
		var x int32
		x, ok = v.(int32)
		b.Append(x)
	case *array.Int64Builder:
		x, isInt := v.(int)
		y, isLong := v.(int64)
		ok = isInt || isLong
		b.Append(int64(x) + y)
	case *array.Float32Builder:
		var x float32
		x, ok = v.(float32)
		b.Append(x)
	case *array.Float64Builder:
		x, isFloat := v.(float64)
		n, isInt := v.(int)
		ok = isFloat || isInt
		b.Append(x + float64(n))
	case *array.StringBuilder:
		var x string
		x, ok = v.(string)
		b.Append(x)
	case *array.BinaryBuilder:
		var x []byte
		x, ok = v.([]byte)
		b.Append(x)
	case *array.TimestampBuilder:
		var x time.Time
		x, ok = v.(time.Time)
		b.Append(arrow.Timestamp(x.UnixMicro()))
	case *array.ListBuilder:
		ok = appendList(b, v)
	default:
		ok = false
	}
	if !ok {
		return fmt.Errorf("%T (%v) in a column of %v", v, v, b.Type())
	}
	return nil
}

func appendList(b *array.ListBuilder, v any) bool {
	b.Append(true)
	switch e := b.ValueBuilder().(type) {
	case *array.Float64Builder:
		x, ok := v.([]float64)
		e.AppendValues(x, nil)
		return ok
	case *array.StringBuilder:
		x, ok := v.([]string)
		e.AppendValues(x, nil)
		return ok
	}
	return false
}
