package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"os"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// ReadArrow reads columns of an Arrow file: Feather (version 2) or the streaming format.
func ReadArrow(path string, columns ...string) (*Table, error) {
	return open("table.ReadArrow", path, func(f *os.File) (*Table, error) {
		info, err := f.Stat()
		if err != nil {
			return nil, err
		}
		return guarded("table.ReadArrow", info.Size(), func(m memory.Allocator) (*Table, error) {
			return feather(f, info.Size(), m, columns)
		})
	})
}

// DecodeArrow is ReadArrow for the bytes of a file.
func DecodeArrow(b []byte, columns ...string) (*Table, error) {
	return guarded("table.DecodeArrow", int64(len(b)), func(m memory.Allocator) (*Table, error) {
		return feather(bytes.NewReader(b), int64(len(b)), m, columns)
	})
}

// limited allocates at most left bytes in all, so that a forged length cannot take the machine's memory.
type limited struct {
	memory.Allocator
	left int64
}

var errMemory = errors.New("the file asks for more memory than its length can stand for")

func (l *limited) take(n int) {
	if l.left -= int64(n); l.left < 0 {
		panic(errMemory)
	}
}

// Allocate returns n bytes.
func (l *limited) Allocate(n int) []byte {
	l.take(n)
	return l.Allocator.Allocate(n)
}

// Reallocate returns b with n bytes.
func (l *limited) Reallocate(n int, b []byte) []byte {
	l.take(max(n-len(b), 0))
	return l.Allocator.Reallocate(n, b)
}

// guarded runs a decoder of the Arrow library, which panics on files that contradict themselves.
func guarded(where string, size int64, decode func(memory.Allocator) (*Table, error)) (t *Table, err error) {
	defer func() {
		if r := recover(); r != nil {
			t, err = nil, fmt.Errorf("%v", r)
		}
		if err != nil {
			err = fmt.Errorf("%s: %w", where, err)
		}
	}()
	return decode(&limited{memory.NewGoAllocator(), 64<<20 + 4096*size})
}

// fields returns the places of columns in a schema.
func fields(s *arrow.Schema, columns []string) ([]int, error) {
	var index []int
	if len(columns) == 0 {
		for i := range s.NumFields() {
			index = append(index, i)
		}
	}
	for _, n := range columns {
		at := s.FieldIndices(n)
		if len(at) == 0 {
			return nil, fmt.Errorf("there is no column %q; columns: %v", n, s.Fields())
		}
		index = append(index, at[0])
	}
	return index, nil
}

func (t *Table) check() error {
	for _, c := range t.Columns {
		c.square()
		if c.Len() != t.Len() {
			return fmt.Errorf("column %s has %d values and column %s %d", c.Name, c.Len(), t.Columns[0].Name, t.Len())
		}
	}
	return nil
}

// feather reads the file format, or the stream format where the file does not begin with its mark.
func feather(s ipc.ReadAtSeeker, size int64, m memory.Allocator, columns []string) (*Table, error) {
	size = max(size, 1) // 0 would lift the limits
	o := []ipc.Option{ipc.WithAllocator(m), ipc.WithMetadataSizeLimit(size), ipc.WithBodySizeLimit(size)}
	var mark [6]byte
	if _, err := s.ReadAt(mark[:], 0); err != nil {
		return nil, fmt.Errorf("the file ends within its header: %w", err)
	}
	var next func() (arrow.RecordBatch, error)
	var schema *arrow.Schema
	if string(mark[:]) == "ARROW1" {
		f, err := ipc.NewFileReader(s, o...)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		schema, next = f.Schema(), f.Read
	} else {
		f, err := ipc.NewReaderFromMessageReader(ipc.NewMessageReader(s, o...), o...)
		if err != nil {
			return nil, err
		}
		defer f.Release()
		schema, next = f.Schema(), f.Read
	}
	index, err := fields(schema, columns)
	if err != nil {
		return nil, err
	}
	t := &Table{}
	for _, i := range index {
		c, err := newColumn(schema.Field(i))
		if err != nil {
			return nil, err
		}
		t.Columns = append(t.Columns, c)
	}
	for {
		b, err := next()
		if errors.Is(err, io.EOF) {
			return t, t.check()
		}
		if err != nil {
			return nil, err
		}
		for k, i := range index {
			if err := t.Columns[k].add(b.Column(i)); err != nil {
				return nil, err
			}
		}
	}
}

// newColumn returns an empty column for an Arrow field.
func newColumn(f arrow.Field) (*Column, error) {
	c := &Column{Name: f.Name}
	d := f.Type
	if dict, ok := d.(*arrow.DictionaryType); ok {
		d = dict.ValueType
	}
	switch d.ID() {
	case arrow.INT8, arrow.INT16, arrow.INT32, arrow.INT64, arrow.UINT8, arrow.UINT16, arrow.UINT32, arrow.UINT64,
		arrow.DATE32, arrow.DATE64, arrow.TIMESTAMP, arrow.TIME32, arrow.TIME64, arrow.DURATION:
		c.Kind = Int
	case arrow.FLOAT16, arrow.FLOAT32, arrow.FLOAT64, arrow.DECIMAL128, arrow.NULL:
		c.Kind = Float
	case arrow.BOOL:
		c.Kind = Bool
	case arrow.STRING, arrow.LARGE_STRING, arrow.STRING_VIEW, arrow.BINARY, arrow.LARGE_BINARY:
		c.Kind = Text
	default:
		return nil, fmt.Errorf("column %s is of type %v; numbers, truth values, text and times are read", f.Name, f.Type)
	}
	return c, nil
}

// add appends the values of an Arrow array.
func (c *Column) add(a arrow.Array) error {
	at := func(i int) (arrow.Array, int) { return a, i }
	if d, ok := a.(*array.Dictionary); ok {
		at = func(i int) (arrow.Array, int) { return d.Dictionary(), d.GetValueIndex(i) }
	}
	for i := range a.Len() {
		gone := a.IsNull(i)
		if gone {
			c.lack(c.Len())
		}
		values, k := a, i
		if !gone {
			if values, k = at(i); k < 0 || k >= values.Len() {
				return fmt.Errorf("column %s: value %d points outside its dictionary", c.Name, i)
			}
			gone = values.IsNull(k)
		}
		if err := c.one(values, k, gone); err != nil {
			return err
		}
	}
	return nil
}

// one appends value k of a, or a zero.
func (c *Column) one(a arrow.Array, k int, gone bool) error {
	switch c.Kind {
	case Int:
		v := int64(0)
		if !gone {
			v = whole(a, k)
		}
		c.Ints = append(c.Ints, v)
	case Float:
		v := math.NaN()
		if !gone {
			v = real64(a, k)
		}
		c.Floats = append(c.Floats, v)
	case Bool:
		b, _ := a.(*array.Boolean)
		c.Bools = append(c.Bools, !gone && b.Value(k))
	case Text:
		s := ""
		if !gone {
			s = words(a, k)
		}
		c.Texts = append(c.Texts, s)
	}
	return nil
}

// whole is value k of an array of whole numbers or times, in the unit of its type.
func whole(a arrow.Array, k int) int64 {
	switch a := a.(type) {
	case *array.Int8:
		return int64(a.Value(k))
	case *array.Int16:
		return int64(a.Value(k))
	case *array.Int32:
		return int64(a.Value(k))
	case *array.Int64:
		return a.Value(k)
	case *array.Uint8:
		return int64(a.Value(k))
	case *array.Uint16:
		return int64(a.Value(k))
	case *array.Uint32:
		return int64(a.Value(k))
	case *array.Uint64:
		return int64(a.Value(k))
	case *array.Date32:
		return int64(a.Value(k))
	case *array.Date64:
		return int64(a.Value(k))
	case *array.Timestamp:
		return int64(a.Value(k))
	case *array.Time32:
		return int64(a.Value(k))
	case *array.Time64:
		return int64(a.Value(k))
	case *array.Duration:
		return int64(a.Value(k))
	}
	panic(fmt.Errorf("an array of type %v in a column of whole numbers", a.DataType()))
}

func real64(a arrow.Array, k int) float64 {
	switch a := a.(type) {
	case *array.Float16:
		return float64(a.Value(k).Float32())
	case *array.Float32:
		return float64(a.Value(k))
	case *array.Float64:
		return a.Value(k)
	case *array.Decimal128:
		v, _ := new(big.Float).SetInt(a.Value(k).BigInt()).Float64()
		return v / math.Pow10(int(a.DataType().(*arrow.Decimal128Type).Scale))
	}
	panic(fmt.Errorf("an array of type %v in a column of numbers", a.DataType()))
}

func words(a arrow.Array, k int) string {
	switch a := a.(type) {
	case *array.String:
		return a.Value(k)
	case *array.LargeString:
		return a.Value(k)
	case *array.StringView:
		return a.Value(k)
	case *array.Binary:
		return string(a.Value(k))
	case *array.LargeBinary:
		return string(a.Value(k))
	}
	panic(fmt.Errorf("an array of type %v in a column of text", a.DataType()))
}
