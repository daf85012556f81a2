package spark

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"

	"github.com/lathe-ml/lathe/data/table"
	pb "github.com/lathe-ml/lathe/spark/connectpb"
)

// Batches runs the plan and hands its rows to f as Arrow record batches, in order. f may keep a batch by
// retaining it. Without rows f sees one empty batch, which has the schema.
func (d *DataFrame) Batches(f func(arrow.RecordBatch) error) error {
	if d.err != nil {
		return d.err
	}
	at := int64(0)
	return d.s.execute(&pb.Plan{OpType: &pb.Plan_Root{Root: d.rel}}, func(r *pb.ExecutePlanResponse) error {
		b := r.GetArrowBatch()
		if b == nil {
			return nil
		}
		if b.StartOffset != nil && *b.StartOffset != at {
			return fmt.Errorf("spark: a batch starts at row %d after %d rows; the answer is not whole", *b.StartOffset, at)
		}
		n, err := decode(b.Data, f)
		if err == nil && n != b.RowCount {
			err = fmt.Errorf("spark: a batch of %d rows holds %d", b.RowCount, n)
		}
		at += n
		return err
	})
}

// decode reads an Arrow stream whose memory is b itself: numbers are not copied.
func decode(b []byte, f func(arrow.RecordBatch) error) (rows int64, err error) {
	defer func() {
		if r := recover(); r != nil { // the Arrow library panics on bytes that contradict themselves
			err = fmt.Errorf("spark: a batch that is no Arrow stream: %v", r)
		}
	}()
	r, err := ipc.NewReader(bytes.NewReader(b))
	if err != nil {
		return 0, fmt.Errorf("spark: a batch that is no Arrow stream: %w", err)
	}
	defer r.Release()
	for r.Next() {
		batch := r.RecordBatch()
		rows += batch.NumRows()
		if err := f(batch); err != nil {
			return rows, err
		}
	}
	if err := r.Err(); err != nil && !errors.Is(err, io.EOF) {
		return rows, fmt.Errorf("spark: %w", err)
	}
	return rows, nil
}

// Row is a row of a DataFrame: bool, int64 (all whole numbers), float64 (all other numbers), string, []byte,
// time.Time (dates and timestamps), []any (arrays), map[any]any (maps), Row (structs), Vector, Matrix, or nil.
type Row struct {
	Names  []string
	Values []any
}

// Get returns the value of a column, nil without one.
func (r Row) Get(name string) any {
	if i := slices.Index(r.Names, name); i >= 0 {
		return r.Values[i]
	}
	return nil
}

// Map returns the row as a map.
func (r Row) Map() map[string]any {
	return maps.Collect(func(yield func(string, any) bool) {
		for i, n := range r.Names {
			if !yield(n, r.Values[i]) {
				return
			}
		}
	})
}

// String writes Row(a=1, b=x).
func (r Row) String() string {
	var b bytes.Buffer
	b.WriteString("Row(")
	for i, n := range r.Names {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s=%v", n, r.Values[i])
	}
	b.WriteString(")")
	return b.String()
}

// Collect runs the plan and returns its rows. For many rows Table, Tensors or Batches are faster.
func (d *DataFrame) Collect() ([]Row, error) {
	var rows []Row
	err := d.Batches(func(b arrow.RecordBatch) error {
		names := make([]string, b.NumCols())
		for i, f := range b.Schema().Fields() {
			names[i] = f.Name
		}
		for k := range int(b.NumRows()) {
			values := make([]any, len(names))
			for i := range values {
				v, err := value(b.Column(i), k)
				if err != nil {
					return fmt.Errorf("spark.Collect: column %s: %w", names[i], err)
				}
				values[i] = v
			}
			rows = append(rows, Row{names, values})
		}
		return nil
	})
	return rows, err
}

// Head returns the first n rows.
func (d *DataFrame) Head(n int) ([]Row, error) { return d.Limit(n).Collect() }

// First returns the first row; without rows an error.
func (d *DataFrame) First() (Row, error) {
	rows, err := d.Head(1)
	if err == nil && len(rows) == 0 {
		err = fmt.Errorf("spark.First: the DataFrame has no rows")
	}
	if err != nil {
		return Row{}, err
	}
	return rows[0], nil
}

// Count counts the rows.
func (d *DataFrame) Count() (int, error) {
	r, err := d.GroupBy().Agg(Call("count", 1).As("count")).First()
	if err != nil {
		return 0, err
	}
	return int(r.Values[0].(int64)), nil
}

// IsEmpty says whether there are no rows.
func (d *DataFrame) IsEmpty() (bool, error) {
	rows, err := d.Select().Limit(1).Collect()
	return len(rows) == 0, err
}

// Table runs the plan and returns its rows as a table of columns. Dates are days since 1970, timestamps
// microseconds. Arrays, maps and structs do not fit a table: select what is in them, or use Tensors.
func (d *DataFrame) Table() (*table.Table, error) { return tableOf(d.Batches) }

func tableOf(s Source) (*table.Table, error) {
	t := &table.Table{Title: "Spark"}
	err := s(func(b arrow.RecordBatch) error {
		for i, f := range b.Schema().Fields() {
			if i == len(t.Columns) {
				c, err := newColumn(f)
				if err != nil {
					return fmt.Errorf("spark.Table: %w", err)
				}
				t.Columns = append(t.Columns, c)
			}
			if err := appendColumn(t.Columns[i], b.Column(i)); err != nil {
				return fmt.Errorf("spark.Table: column %s: %w", f.Name, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}
