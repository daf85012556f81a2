package table

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"slices"

	"github.com/apache/arrow-go/v18/arrow/float16"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"
)

// ReadParquet reads columns of a Parquet file, without names all of them.
func ReadParquet(path string, columns ...string) (*Table, error) {
	return open("table.ReadParquet", path, func(f *os.File) (*Table, error) {
		info, err := f.Stat()
		if err != nil {
			return nil, err
		}
		return guarded("table.ReadParquet", info.Size(), func(m memory.Allocator) (*Table, error) {
			return readParquet(f, m, columns)
		})
	})
}

// DecodeParquet is ReadParquet for the bytes of a file.
func DecodeParquet(b []byte, columns ...string) (*Table, error) {
	return guarded("table.DecodeParquet", int64(len(b)), func(m memory.Allocator) (*Table, error) {
		return readParquet(bytes.NewReader(b), m, columns)
	})
}

// parquetChunk is how many values are read at once.
const parquetChunk = 1 << 14

func readParquet(r parquet.ReaderAtSeeker, m memory.Allocator, columns []string) (*Table, error) {
	f, err := file.NewParquetReader(r, file.WithReadProps(parquet.NewReaderProperties(m)))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s := f.MetaData().Schema
	var names []string
	for i := range s.NumColumns() {
		names = append(names, s.Column(i).Path())
	}
	if len(columns) == 0 {
		columns = names
	}
	t := &Table{}
	for _, n := range columns {
		i := slices.Index(names, n)
		if i < 0 {
			return nil, fmt.Errorf("there is no column %q; columns: %v", n, names)
		}
		c, err := parquetColumn(f, i)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", n, err)
		}
		t.Columns = append(t.Columns, c)
	}
	return t, t.check()
}

// parquetColumn reads column i of all row groups.
func parquetColumn(f *file.Reader, i int) (*Column, error) {
	d := f.MetaData().Schema.Column(i)
	c := &Column{Name: d.Path(), Kind: Float}
	if d.MaxRepetitionLevel() > 0 {
		return nil, fmt.Errorf("it holds lists; numbers, truth values, text and times are read")
	}
	decimal, isDecimal := d.LogicalType().(schema.DecimalLogicalType)
	switch t := d.PhysicalType(); {
	case isDecimal, t == parquet.Types.Float, t == parquet.Types.Double:
	case t == parquet.Types.Int32, t == parquet.Types.Int64, t == parquet.Types.Int96:
		c.Kind = Int
	case t == parquet.Types.Boolean:
		c.Kind = Bool
	case t == parquet.Types.ByteArray:
		c.Kind = Text
	case t == parquet.Types.FixedLenByteArray && d.TypeLength() == 2:
		// half precision
	case t == parquet.Types.FixedLenByteArray:
		c.Kind = Text
	default:
		return nil, fmt.Errorf("it is of type %v; numbers, truth values, text and times are read", t)
	}
	scale := 1.0
	if isDecimal {
		scale = math.Pow10(int(decimal.Scale()))
	}
	for g := range f.NumRowGroups() {
		r, err := f.RowGroup(g).Column(i)
		if err != nil {
			return nil, err
		}
		if err := c.chunk(r, d.MaxDefinitionLevel(), scale); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// chunk appends the values of a column in one row group; levels below full are missing values.
func (c *Column) chunk(r file.ColumnChunkReader, full int16, scale float64) error {
	levels := make([]int16, parquetChunk)
	for r.HasNext() {
		rows, values, at, err := readValues(r, levels, scale)
		if err != nil {
			return err
		}
		if rows == 0 {
			break
		}
		k := 0
		for i := range int(rows) {
			gone := full > 0 && levels[i] < full
			if gone {
				c.lack(c.Len())
			} else if k >= values {
				return fmt.Errorf("a page has %d values for its rows", values)
			}
			c.put(at, k, gone)
			if !gone {
				k++
			}
		}
	}
	return r.Err()
}

// read is a chunk of values of one type.
type read struct {
	number func(k int) float64
	whole  func(k int) int64
	truth  func(k int) bool
	text   func(k int) string
}

func (c *Column) put(v read, k int, gone bool) {
	switch c.Kind {
	case Float:
		x := math.NaN()
		if !gone {
			x = v.number(k)
		}
		c.Floats = append(c.Floats, x)
	case Int:
		x := int64(0)
		if !gone {
			x = v.whole(k)
		}
		c.Ints = append(c.Ints, x)
	case Bool:
		c.Bools = append(c.Bools, !gone && v.truth(k))
	case Text:
		s := ""
		if !gone {
			s = v.text(k)
		}
		c.Texts = append(c.Texts, s)
	}
}

// readValues reads the next values of a chunk, whatever their type.
func readValues(r file.ColumnChunkReader, levels []int16, scale float64) (
	rows int64, n int, at read, err error,
) {
	switch r := r.(type) {
	case *file.BooleanColumnChunkReader:
		v := make([]bool, parquetChunk)
		at.truth = func(k int) bool { return v[k] }
		rows, n, err = r.ReadBatch(parquetChunk, v, levels, nil)
	case *file.Int32ColumnChunkReader:
		v := make([]int32, parquetChunk)
		at.whole = func(k int) int64 { return int64(v[k]) }
		at.number = func(k int) float64 { return float64(v[k]) / scale }
		rows, n, err = r.ReadBatch(parquetChunk, v, levels, nil)
	case *file.Int64ColumnChunkReader:
		v := make([]int64, parquetChunk)
		at.whole = func(k int) int64 { return v[k] }
		at.number = func(k int) float64 { return float64(v[k]) / scale }
		rows, n, err = r.ReadBatch(parquetChunk, v, levels, nil)
	case *file.Int96ColumnChunkReader:
		v := make([]parquet.Int96, parquetChunk)
		at.whole = func(k int) int64 { return v[k].ToTime().UnixNano() }
		rows, n, err = r.ReadBatch(parquetChunk, v, levels, nil)
	case *file.Float32ColumnChunkReader:
		v := make([]float32, parquetChunk)
		at.number = func(k int) float64 { return float64(v[k]) }
		rows, n, err = r.ReadBatch(parquetChunk, v, levels, nil)
	case *file.Float64ColumnChunkReader:
		v := make([]float64, parquetChunk)
		at.number = func(k int) float64 { return v[k] }
		rows, n, err = r.ReadBatch(parquetChunk, v, levels, nil)
	case *file.ByteArrayColumnChunkReader:
		v := make([]parquet.ByteArray, parquetChunk)
		at.text = func(k int) string { return string(v[k]) }
		at.number = func(k int) float64 { return signed(v[k]) / scale }
		rows, n, err = r.ReadBatch(parquetChunk, v, levels, nil)
	case *file.FixedLenByteArrayColumnChunkReader:
		v := make([]parquet.FixedLenByteArray, parquetChunk)
		at.text = func(k int) string { return string(v[k]) }
		at.number = func(k int) float64 {
			if scale == 1 && len(v[k]) == 2 {
				return float64(float16.FromLEBytes(v[k]).Float32())
			}
			return signed(v[k]) / scale
		}
		rows, n, err = r.ReadBatch(parquetChunk, v, levels, nil)
	default:
		err = fmt.Errorf("values of type %v are not read", r.Type())
	}
	return rows, n, at, err
}

// signed is a big-endian two's complement number.
func signed(b []byte) float64 {
	v := 0.0
	for i, x := range b {
		if i == 0 && x >= 128 {
			v = -1
		}
		v = v*256 + float64(x)
	}
	return v
}
