package gang

import (
	"encoding/binary"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/lathe-ml/lathe/data/table"
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/spark"
)

// Batches hands the rows that Spark feeds this rank to f, as they come. They are read once.
func (w *Worker) Batches(f func(arrow.RecordBatch) error) error { return w.in.Batches(f) }

// Tensors reads all rows of this rank as tensors of columns, as DataFrame.Tensors does.
func (w *Worker) Tensors(columns ...string) ([]*eager.Tensor, error) {
	return spark.TensorsOf(w.in.Batches, columns...)
}

// Table reads all rows of this rank as a table.
func (w *Worker) Table() (*table.Table, error) { return spark.TableOf(w.in.Batches) }

// Emit adds rows to the gang's output. Their types are those of Job.Output.
func (w *Worker) Emit(b arrow.RecordBatch) error {
	bytes, err := spark.EncodeBatches(b)
	if err != nil {
		return fmt.Errorf("gang.Emit: %w", err)
	}
	return w.frame(bytes)
}

// EmitRow adds a row to the gang's output, as Session.FromRows takes it.
func (w *Worker) EmitRow(columns []string, values ...any) error {
	b, err := spark.BatchOfRows(columns, values)
	if err != nil {
		return fmt.Errorf("gang.EmitRow: %w", err)
	}
	return w.Emit(b)
}

// EmitTensors adds rows to the gang's output, as Session.FromTensors takes them.
func (w *Worker) EmitTensors(columns []string, tensors ...*eager.Tensor) error {
	b, err := spark.BatchOfTensors(columns, tensors...)
	if err != nil {
		return fmt.Errorf("gang.EmitTensors: %w", err)
	}
	return w.Emit(b)
}

// largestFrame is the largest batch that the data source takes: a Java array.
const largestFrame = 1 << 30

// frame writes the length of a part of the output and the part, an Arrow stream; an empty one is the last.
func (w *Worker) frame(b []byte) error {
	if len(b) > largestFrame {
		return fmt.Errorf("gang.Emit: a batch of %d bytes; want at most %d, so emit several", len(b), largestFrame)
	}
	if err := binary.Write(w.out, binary.BigEndian, uint32(len(b))); err != nil {
		return err
	}
	if _, err := w.out.Write(b); err != nil {
		return err
	}
	return w.out.Flush()
}
