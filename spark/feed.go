package spark

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"

	"github.com/lathe-ml/lathe/data/table"
	"github.com/lathe-ml/lathe/eager"
)

// Feed reads an Arrow stream of a writer that stays connected after the last batch: the end of the connection
// means that the writer has died.
//
// Goroutines: Batches or Drain start one after the last batch, which waits for the end of the connection.
type Feed struct {
	r    io.Reader
	died func()
	once sync.Once
	done bool
}

// NewFeed reads r. died is called from another goroutine when r ends behind the last batch.
func NewFeed(r io.Reader, died func()) *Feed { return &Feed{r: r, died: died} }

// Batches hands each batch to f; a stream that ends before its mark is an error.
func (f *Feed) Batches(each func(arrow.RecordBatch) error) (err error) {
	if f.done {
		return errors.New("spark.Feed: the rows have been read; they come once")
	}
	f.done = true
	defer func() {
		if p := recover(); p != nil { // the Arrow library panics on bytes that contradict themselves
			err = fmt.Errorf("spark.Feed: no Arrow stream: %v", p)
		}
	}()
	m := &marked{r: f.r}
	r, err := ipc.NewReader(m)
	if err != nil {
		return fmt.Errorf("spark.Feed: no Arrow stream: %w", err)
	}
	defer r.Release()
	for r.Next() {
		if err := each(r.RecordBatch()); err != nil {
			return err
		}
	}
	if err := r.Err(); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("spark.Feed: %w", err)
	}
	if m.ended {
		return errors.New("spark.Feed: the rows end without their mark: the writer has died")
	}
	f.once.Do(func() {
		go func() {
			_, _ = io.Copy(io.Discard, f.r) // an error is an end, too
			f.died()
		}()
	})
	return nil
}

// Drain reads what Batches has not.
func (f *Feed) Drain() error {
	if f.done {
		return nil
	}
	return f.Batches(func(arrow.RecordBatch) error { return nil })
}

// marked notes that a stream has ended.
type marked struct {
	r     io.Reader
	ended bool
}

// Read reads, and notes the end.
func (m *marked) Read(b []byte) (int, error) {
	n, err := m.r.Read(b)
	m.ended = m.ended || err != nil
	return n, err
}

// Source hands Arrow record batches to a function, as DataFrame.Batches does.
type Source func(func(arrow.RecordBatch) error) error

// TensorsOf makes tensors of columns of batches, see DataFrame.Tensors.
func TensorsOf(s Source, columns ...string) ([]*eager.Tensor, error) { return tensors(s, columns) }

// TableOf makes a table of batches, see DataFrame.Table.
func TableOf(s Source) (*table.Table, error) { return tableOf(s) }

// EncodeBatches writes batches of one schema as an Arrow stream.
func EncodeBatches(batches ...arrow.RecordBatch) ([]byte, error) { return encode(batches...) }

// BatchOfTensors makes a record batch of tensors, see Session.FromTensors.
func BatchOfTensors(names []string, tensors ...*eager.Tensor) (arrow.RecordBatch, error) {
	fields, columns, err := tensorColumns(names, tensors)
	if err != nil {
		return nil, err
	}
	return batchOf(fields, columns)
}

// BatchOfRows makes a record batch of rows, see Session.FromRows.
func BatchOfRows(columns []string, rows ...[]any) (arrow.RecordBatch, error) {
	fields, arrays, err := rowColumns(columns, rows)
	if err != nil {
		return nil, err
	}
	return batchOf(fields, arrays)
}

// batchOf makes a batch of columns of one length.
func batchOf(fields []arrow.Field, columns []arrow.Array) (arrow.RecordBatch, error) {
	rows := columns[0].Len()
	for i, c := range columns {
		if c.Len() != rows {
			return nil, fmt.Errorf("column %s has %d values and column %s %d", fields[i].Name, c.Len(), fields[0].Name, rows)
		}
	}
	return array.NewRecordBatch(arrow.NewSchema(fields, nil), columns, int64(rows)), nil
}
