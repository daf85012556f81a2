package gang

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/spark"
)

// Predict is what a model makes of each row of a DataFrame, or of a stream: columns that are kept as they are,
// and one for each output. An output [rows] is a column of numbers or text; one of more axes is a column of
// arrays, row-major.
//
//	job, err := gang.Predict{Model: "digits.onnx", Input: rows, Columns: []string{"pixels"}, Keep: []string{"id"}}.Job()
//	out, err := job.Run(s)                  // or job.Local, or job.Stream
//
// The model is a file of jit.Graph.Save (.lathe), which is run for any number of rows, or of ONNX. It must give
// for a row the same whatever other rows are beside it.
type Predict struct {
	Model   string
	Input   *spark.DataFrame
	Columns []string // for the inputs of the model, in its order; nil: columns that are called like the inputs
	Keep    []string // columns that go through, of any type but vectors and matrices
	Outputs []string // of the model; nil: all
	Rows    int      // that the model gets at once; 0: 256
}

const predictTask = "lathe.predict"

var _ = Register(predictTask, predict)

// Job is the job that predicts: it has no Workers, so that each partition is done when there is a slot for it.
// Without Input it is for Job.Local, whose parts have the columns.
func (p Predict) Job() (Job, error) {
	m, err := openModel(p.Model, &p)
	if err != nil {
		return Job{}, fmt.Errorf("gang.Predict: %w", err)
	}
	j := Job{Task: predictTask, Attach: []string{p.Model}}
	if p.Input != nil {
		schema, err := p.Input.Schema()
		if err != nil {
			return Job{}, fmt.Errorf("gang.Predict: %w", err)
		}
		out, err := p.output(m, schema)
		if err != nil {
			return Job{}, fmt.Errorf("gang.Predict: %w", err)
		}
		j.Output, j.Input = out.DDL(), p.Input.Select(names(append(slices.Clone(p.Keep), p.Columns...))...)
		p.Input = nil
	}
	text, err := json.Marshal(p)
	if err != nil {
		return Job{}, fmt.Errorf("gang.Predict: %w", err)
	}
	j.Args = []string{string(text)}
	return j, nil
}

// output is the columns that come out for an input of the given ones.
func (p *Predict) output(m *served, schema spark.Schema) (out spark.Schema, err error) {
	for _, k := range p.Keep {
		i := schema.Index(k)
		if i < 0 || strings.Contains(schema[i].Type, "vector") || strings.Contains(schema[i].Type, "matrix") {
			return nil, fmt.Errorf("column %q cannot be kept; the input has %v, of which vectors and matrices do not go through", k, schema)
		}
		out = append(out, schema[i])
	}
	for _, c := range p.Columns {
		if schema.Index(c) < 0 {
			return nil, fmt.Errorf("there is no column %q for an input of the model (%s); the input has %v", c, listed(m.inputs), schema)
		}
	}
	for _, o := range m.outputs {
		if out.Index(o.name) >= 0 {
			return nil, fmt.Errorf("%q is a column that is kept and an output of the model; rename the column", o.name)
		}
		out = append(out, spark.Field{Name: o.name, Type: o.column, Nullable: true})
	}
	return out, nil
}

// names is the columns, each once.
func names(columns []string) []any {
	var all []any
	for _, c := range columns {
		if !slices.Contains(all, any(c)) {
			all = append(all, c)
		}
	}
	return all
}

// predict is the task of a job of Predict.
func predict(w *Worker) error {
	var p Predict
	if err := json.Unmarshal([]byte(w.Args[0]), &p); err != nil {
		return err
	}
	file, err := w.Attached(filepath.Base(p.Model))
	if err != nil {
		return err
	}
	m, err := openModel(file, &p)
	if err != nil {
		return err
	}
	return w.Batches(func(b arrow.RecordBatch) error {
		if b.NumRows() == 0 {
			return nil
		}
		var out arrow.RecordBatch
		var err error
		eager.NoGrad(func() { out, err = p.batch(m, b) })
		if err != nil {
			return err
		}
		return w.Emit(out)
	})
}

// batch is what the model makes of the rows of b.
func (p *Predict) batch(m *served, b arrow.RecordBatch) (arrow.RecordBatch, error) {
	in := make([]feature, len(m.inputs))
	for i, x := range m.inputs {
		var err error
		if in[i], err = x.of(b, p.Columns[i]); err != nil {
			return nil, fmt.Errorf("column %s for input %s of the model: %w", p.Columns[i], x.name, err)
		}
	}
	n := int(b.NumRows())
	parts := make([][]*eager.Tensor, len(m.outputs))
	texts := make([][]string, len(m.outputs))
	for lo := 0; lo < n; lo += p.Rows {
		out, err := m.rows(in, lo, min(lo+p.Rows, n))
		if err != nil {
			return nil, err
		}
		for i, o := range out {
			if o.numbers != nil {
				parts[i] = append(parts[i], o.numbers)
			}
			texts[i] = append(texts[i], o.texts...)
		}
	}
	var fields []arrow.Field
	var columns []arrow.Array
	for _, k := range p.Keep {
		at := b.Schema().FieldIndices(k)
		if len(at) != 1 {
			return nil, fmt.Errorf("%d columns %q; want one", len(at), k)
		}
		fields, columns = append(fields, b.Schema().Field(at[0])), append(columns, b.Column(at[0]))
	}
	for i, o := range m.outputs {
		var c arrow.RecordBatch
		var err error
		if o.text {
			c, err = textColumn(o.name, texts[i])
		} else {
			c, err = spark.BatchOfTensors([]string{o.name}, o.shaped(eager.Concat(0, parts[i]...), n))
		}
		if err != nil {
			return nil, fmt.Errorf("output %s: %w", o.name, err)
		}
		fields, columns = append(fields, c.Schema().Field(0)), append(columns, c.Column(0))
	}
	return array.NewRecordBatch(arrow.NewSchema(fields, nil), columns, b.NumRows()), nil
}

func textColumn(name string, texts []string) (arrow.RecordBatch, error) {
	rows := make([][]any, len(texts))
	for i, t := range texts {
		rows[i] = []any{t}
	}
	return spark.BatchOfRows([]string{name}, rows...)
}

// feature is a column, or a part of one, as a model takes it: numbers, or texts.
type feature struct {
	numbers *eager.Tensor
	texts   []string
}

// slot is an input or output of a model; the first axis, of rows, is not in shape.
type slot struct {
	name   string
	text   bool
	typ    engine.DType
	shape  []int  // −1: any extent
	column string // Spark's type of an output
}

// of is the column of a batch for an input.
func (s *slot) of(b arrow.RecordBatch, column string) (feature, error) {
	one := func(f func(arrow.RecordBatch) error) error { return f(b) }
	if s.text {
		at := b.Schema().FieldIndices(column)
		if len(at) != 1 || b.Schema().Field(at[0]).Type.ID() != arrow.STRING {
			return feature{}, errors.New("the model wants text")
		}
		texts := make([]string, b.NumRows())
		a := b.Column(at[0]).(*array.String)
		for i := range texts {
			texts[i] = strings.Clone(a.Value(i)) // missing text is empty
		}
		return feature{texts: texts}, nil
	}
	x, err := spark.TensorsOf(one, column)
	if err != nil {
		return feature{}, err
	}
	rows := int(b.NumRows())
	want, known, per := append([]int{rows}, s.shape...), 1, x[0].Numel()/rows
	open := slices.Index(want, -1)
	for i, n := range want[1:] {
		switch {
		case n >= 0:
			known *= n
		case i+1 != open:
			return feature{numbers: x[0].To(s.typ)}, nil // several open axes: as it is
		}
	}
	if open >= 0 && known > 0 && per%known == 0 {
		want[open] = per / known
	} else if open >= 0 || known != per {
		return feature{}, fmt.Errorf("%d numbers in a row; the model wants the shape %v", per, s.shape)
	}
	return feature{numbers: x[0].To(s.typ).Reshape(want...)}, nil
}

// shaped is an output as a column: [rows], or [rows n].
func (s *slot) shaped(x *eager.Tensor, rows int) *eager.Tensor {
	x = x.To(s.typ)
	if len(s.shape) == 0 {
		return x.Reshape(rows)
	}
	return x.Reshape(rows, -1)
}
