package gang

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/lathe-ml/lathe/data"
	"github.com/lathe-ml/lathe/data/table"
	"github.com/lathe-ml/lathe/data/vision"
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/spark"
)

// FileOptions say what Worker.FileStream makes of a file. The kind of a file is told by its ending: .parquet,
// .csv, .tfrecord or .tfrecords (also .gz), of tf.train.Example, or that of an image.
type FileOptions struct {
	X         []string                            // columns, or features, of numbers, side by side as F32 [n]; of a TFRecord also one encoded image
	Y         string                              // the label: a whole number is I64, another one F32; "": none. Of an image it is the number of its folder in Worker.Classes
	Transform func(x *eager.Tensor) *eager.Tensor // of X; of images, which are U8 [channels height width], it has to make one size
}

// FileStream is the samples of this rank's files, read from front to back as often as an epoch begins. The
// loader shuffles them in a buffer and reads ahead, several files at a time:
//
//	s, err := w.FileStream(gang.FileOptions{X: []string{"pixels"}, Y: "label"})
//	loader := data.NewStreamLoader(s, data.StreamOptions{BatchSize: 64, Buffer: 4096, Workers: 2, Seed: 1})
//
// Ranks may have samples of different number, but take as many steps.
func (w *Worker) FileStream(o FileOptions) (data.Stream, error) {
	for _, f := range w.Files {
		if kindOf(f) == nil {
			return nil, fmt.Errorf("gang.FileStream: %s is of no kind that is read; want .parquet, .csv, .tfrecord or an image", f)
		}
		if !isImage(f) && len(o.X) == 0 {
			return nil, fmt.Errorf("gang.FileStream: no columns for X; want some for %s", f)
		}
	}
	return &fileStream{w.Files, w.Classes(), o, w.storage.open}, nil
}

// Classes is the names of the folders that hold the job's files, all ranks' files, in alphabetical order.
func (w *Worker) Classes() []string {
	var all []string
	for _, f := range w.allFiles {
		all = append(all, filepath.Base(filepath.Dir(f)))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

type fileStream struct {
	files   []string
	classes []string
	o       FileOptions
	open    func(name string) (File, error)
}

// Samples yields the samples of every parts-th file.
func (s *fileStream) Samples(part, parts int) iter.Seq[data.Sample] {
	return func(yield func(data.Sample) bool) {
		for i, f := range s.files {
			if i%parts != part {
				continue
			}
			stop := errors.New("the epoch was left")
			err := kindOf(f)(s, f, func(x data.Sample) error {
				if s.o.Transform != nil {
					x.X = s.o.Transform(x.X)
				}
				if !yield(x) {
					return stop
				}
				return nil
			})
			if errors.Is(err, stop) {
				return
			}
			if err != nil {
				engine.Fail("gang.FileStream", "%s: %v", f, err)
			}
		}
	}
}

// kind reads a file of one kind.
type kind func(s *fileStream, file string, each func(data.Sample) error) error

func isImage(file string) bool {
	return slices.Contains([]string{".jpg", ".jpeg", ".png", ".webp", ".gif"}, strings.ToLower(filepath.Ext(file)))
}

func kindOf(file string) kind {
	name := strings.ToLower(filepath.Base(file))
	switch filepath.Ext(name) {
	case ".parquet":
		return (*fileStream).parquet
	case ".csv":
		return (*fileStream).csv
	}
	switch filepath.Ext(strings.TrimSuffix(name, ".gz")) {
	case ".tfrecord", ".tfrecords":
		return (*fileStream).tfrecord
	}
	if isImage(file) {
		return (*fileStream).image
	}
	return nil
}

func (s *fileStream) parquet(file string, each func(data.Sample) error) error {
	columns := slices.Clone(s.o.X)
	if s.o.Y != "" {
		columns = append(columns, s.o.Y)
	}
	return readParquet(context.Background(), s.open, file, columns, func(b arrow.RecordBatch) error {
		x, err := spark.TensorsOf(func(f func(arrow.RecordBatch) error) error { return f(b) }, columns...)
		if err != nil || b.NumRows() == 0 {
			return err
		}
		return s.rows(x, each)
	})
}

// csv reads a whole file.
func (s *fileStream) csv(file string, each func(data.Sample) error) error {
	f, err := s.open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	t, err := table.DecodeCSV(f)
	if err != nil {
		return err
	}
	var x []*eager.Tensor
	columns := s.o.X
	if s.o.Y != "" {
		columns = append(slices.Clone(columns), s.o.Y)
	}
	for _, name := range columns {
		c := t.Column(name)
		switch {
		case c == nil:
			return fmt.Errorf("there is no column %q", name)
		case c.Kind == table.Int && c.Missing == nil:
			ints := make([]int, len(c.Ints))
			for i, n := range c.Ints {
				ints[i] = int(n)
			}
			x = append(x, eager.FromInts(ints, len(ints)))
		case c.Kind == table.Float && c.Missing == nil:
			x = append(x, eager.FromFloat64s(c.Floats, len(c.Floats)))
		default:
			return fmt.Errorf("column %q is %v, missing values %t; want numbers", name, c.Kind, c.Missing != nil)
		}
	}
	if t.Len() == 0 {
		return nil
	}
	return s.rows(x, each)
}

// rows cuts columns, of which the last is the label if there is one, into samples.
func (s *fileStream) rows(columns []*eager.Tensor, each func(data.Sample) error) error {
	var label *eager.Tensor
	if s.o.Y != "" {
		label = whole(columns[len(columns)-1])
		columns = columns[:len(columns)-1]
	}
	n := columns[0].Size(0)
	parts := make([]*eager.Tensor, len(columns))
	for i, c := range columns {
		parts[i] = c.To(engine.F32).Reshape(n, -1)
	}
	x := eager.Concat(1, parts...)
	for i := range n {
		sample := data.Sample{X: x.Slice(0, i, i+1).Reshape(x.Size(1))}
		if label != nil {
			sample.Y = label.Slice(0, i, i+1).Reshape(label.Shape()[1:]...)
		}
		if err := each(sample); err != nil {
			return err
		}
	}
	return nil
}

// whole is whole numbers as I64 and others as F32.
func whole(x *eager.Tensor) *eager.Tensor {
	switch x.DType() {
	case engine.F32, engine.F64, engine.F16, engine.BF16:
		return x.To(engine.F32)
	}
	return x.To(engine.I64)
}

func (s *fileStream) tfrecord(file string, each func(data.Sample) error) error {
	f, err := s.open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	r, err := data.NewTFRecordReader(f)
	if err != nil {
		return err
	}
	for {
		record, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var sample data.Sample
		if err == nil {
			sample, err = s.example(record)
		}
		if err == nil {
			err = each(sample)
		}
		if err != nil {
			return err
		}
	}
}

// example is a record of a TFRecord file.
func (s *fileStream) example(record []byte) (x data.Sample, err error) {
	features, err := data.ParseExample(record)
	if err != nil {
		return x, err
	}
	var numbers []float32
	for _, name := range s.o.X {
		f, ok := features[name]
		switch {
		case !ok:
			return x, fmt.Errorf("an example has no feature %q", name)
		case len(f.Bytes) == 1 && len(s.o.X) == 1:
			x.X, err = vision.Decode(f.Bytes[0])
			if err != nil {
				return x, fmt.Errorf("feature %q: %w", name, err)
			}
		case f.Bytes != nil:
			return x, fmt.Errorf("feature %q is bytes; want numbers, or one image alone", name)
		}
		numbers = append(numbers, f.Floats...)
		for _, n := range f.Ints {
			numbers = append(numbers, float32(n))
		}
	}
	if x.X == nil {
		x.X = eager.FromFloat32s(numbers, len(numbers))
	}
	if s.o.Y == "" {
		return x, nil
	}
	switch f := features[s.o.Y]; {
	case len(f.Ints) == 1:
		x.Y = eager.FromInts([]int{int(f.Ints[0])}).Reshape()
	case len(f.Floats) == 1:
		x.Y = eager.FromFloat32s(f.Floats, 1).Reshape()
	default:
		return x, fmt.Errorf("feature %q, the label, has %d numbers; want one", s.o.Y, len(f.Ints)+len(f.Floats))
	}
	return x, nil
}

func (s *fileStream) image(file string, each func(data.Sample) error) error {
	f, err := s.open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		return err
	}
	x, err := vision.Decode(b)
	if err != nil {
		return err
	}
	sample := data.Sample{X: x}
	if s.o.Y != "" {
		class := slices.Index(s.classes, filepath.Base(filepath.Dir(file)))
		sample.Y = eager.FromInts([]int{class}).Reshape()
	}
	return each(sample)
}
