package data

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/lathe-ml/lathe/eager"
)

// CSVOptions are the options of ReadCSV; the zero value is the default.
type CSVOptions struct {
	Comma       rune     // field separator; 0: a comma
	Comment     rune     // lines that start with it are skipped; 0: none
	NoHeader    bool     // the first line is data; columns are then called c0, c1, …
	Label       string   // column to predict; "": none, Y is nil
	Columns     []string // feature columns, in order; nil: all but Label
	Categorical []string // feature columns of text, coded 0, 1, … in sorted order
	Missing     []string // what a missing value looks like; nil: "", NA, N/A, NaN, nan, null, ?
	DropMissing bool     // leave out rows with a missing value; otherwise a missing feature is NaN
}

var missing = []string{"", "NA", "N/A", "NaN", "nan", "null", "?"}

// ReadCSV reads a file of comma-separated values. Features are F64 [n columns]. The label column gives
// I64 [n] when all its values are whole numbers, F64 [n] when they are numbers, and otherwise I64 [n] with
// Classes in sorted order. A text in a numeric column, a missing label and a row of another length are
// errors that name line and column.
func ReadCSV(path string, o ...CSVOptions) (*Table, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("data.ReadCSV: %w", err)
	}
	defer f.Close()
	t, err := DecodeCSV(f, o...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	t.Title = path
	return t, nil
}

// DecodeCSV is ReadCSV for a reader.
func DecodeCSV(r io.Reader, o ...CSVOptions) (*Table, error) {
	d := &csvReader{r: csv.NewReader(r)}
	if len(o) > 0 {
		d.o = o[0]
	}
	if d.o.Missing == nil {
		d.o.Missing = missing
	}
	if d.o.Comma != 0 {
		d.r.Comma = d.o.Comma
	}
	d.r.Comment = d.o.Comment
	d.r.ReuseRecord = true
	d.r.TrimLeadingSpace = true
	t, err := d.read()
	if err != nil {
		return nil, fmt.Errorf("data.ReadCSV: %w", err)
	}
	return t, nil
}

type csvReader struct {
	o        CSVOptions
	r        *csv.Reader
	header   []string
	features []int // field of each feature column
	label    int   // field of the label, or −1
	codes    map[int][]string
	rows     int
	values   []float64 // row-major; texts as their position in codes
	labels   []string
}

func (d *csvReader) read() (*Table, error) {
	first, err := d.r.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty")
	}
	if err != nil {
		return nil, err
	}
	d.header = slices.Clone(first)
	for i, h := range d.header {
		if !utf8.ValidString(h) {
			return nil, errors.New("the first line is not UTF-8 text; convert the file to UTF-8")
		}
		d.header[i] = strings.TrimSpace(h)
	}
	if d.o.NoHeader {
		for i := range d.header {
			d.header[i] = "c" + strconv.Itoa(i)
		}
	}
	if err := d.choose(); err != nil {
		return nil, err
	}
	if d.o.NoHeader {
		err = d.row(first)
	}
	for err == nil {
		var rec []string
		switch rec, err = d.r.Read(); {
		case err == nil:
			err = d.row(rec)
		case errors.Is(err, csv.ErrFieldCount):
			line, _ := d.r.FieldPos(0)
			err = fmt.Errorf("line %d has %d fields, the first line has %d", line, len(rec), len(d.header))
		}
	}
	if !errors.Is(err, io.EOF) {
		return nil, err
	}
	return d.table()
}

// choose finds the fields of the columns that the options name.
func (d *csvReader) choose() error {
	d.header[0] = strings.TrimPrefix(d.header[0], "\ufeff")
	d.label, d.codes = -1, map[int][]string{}
	var err error
	if d.o.Label != "" {
		if d.label, err = d.field(d.o.Label); err != nil {
			return err
		}
	}
	for i := range d.header {
		if i != d.label && d.o.Columns == nil {
			d.features = append(d.features, i)
		}
	}
	for _, name := range d.o.Columns {
		i, err := d.field(name)
		if err != nil {
			return err
		}
		d.features = append(d.features, i)
	}
	for _, name := range d.o.Categorical {
		i, err := d.field(name)
		if err != nil {
			return err
		}
		d.codes[i] = []string{}
	}
	return nil
}

func (d *csvReader) field(name string) (int, error) {
	if i := slices.Index(d.header, name); i >= 0 {
		return i, nil
	}
	hint := ""
	if len(d.header) == 1 && strings.ContainsAny(d.header[0], ";\t|") {
		hint = "; set Comma to what separates the fields"
	}
	return 0, fmt.Errorf("there is no column %q; columns: %s%s", name, strings.Join(d.header, ", "), hint)
}

// fault describes what is wrong with a field of the record read last.
func (d *csvReader) fault(field int, format string, args ...any) error {
	line, col := d.r.FieldPos(field)
	return fmt.Errorf("line %d column %d (%s): %s", line, col, d.header[field], fmt.Sprintf(format, args...))
}

func (d *csvReader) row(rec []string) error {
	start := len(d.values)
	if d.label >= 0 {
		if !utf8.ValidString(rec[d.label]) {
			return d.fault(d.label, "%q is not UTF-8 text; convert the file to UTF-8", rec[d.label])
		}
		if d.missing(rec[d.label]) {
			if d.o.DropMissing {
				return nil
			}
			return d.fault(d.label, "the label is missing; DropMissing leaves such rows out")
		}
	}
	for _, i := range d.features {
		s := strings.TrimSpace(rec[i])
		codes, categorical := d.codes[i]
		switch {
		case !utf8.ValidString(s):
			return d.fault(i, "%q is not UTF-8 text; convert the file to UTF-8", s)
		case d.missing(s):
			if d.o.DropMissing {
				d.values = d.values[:start]
				return nil
			}
			d.values = append(d.values, math.NaN())
		case categorical:
			k := slices.Index(codes, s)
			if k < 0 {
				k = len(codes)
				d.codes[i] = append(codes, strings.Clone(s))
			}
			d.values = append(d.values, float64(k))
		default:
			v, err := strconv.ParseFloat(s, 64)
			if err != nil {
				return d.fault(i, "%q is not a number; name the column in Categorical if it holds text", s)
			}
			d.values = append(d.values, v)
		}
	}
	if d.label >= 0 {
		d.labels = append(d.labels, strings.Clone(strings.TrimSpace(rec[d.label])))
	}
	d.rows++
	return nil
}

func (d *csvReader) missing(s string) bool {
	return slices.Contains(d.o.Missing, strings.TrimSpace(s))
}

func (d *csvReader) table() (*Table, error) {
	if d.rows == 0 {
		return nil, errors.New("there are no rows of data")
	}
	t := &Table{Categories: map[string][]string{}}
	for k, i := range d.features {
		t.Features = append(t.Features, d.header[i])
		codes, ok := d.codes[i]
		if !ok {
			continue
		}
		sorted, rank := ranks(codes)
		t.Categories[d.header[i]] = sorted
		for r := range d.rows {
			if v := &d.values[r*len(d.features)+k]; !math.IsNaN(*v) {
				*v = float64(rank[int(*v)])
			}
		}
	}
	t.TensorDataset = NewTensorDataset(eager.FromFloat64s(d.values, d.rows, len(d.features)), nil)
	if d.label >= 0 {
		t.Y, t.Classes = target(d.labels)
	}
	return t, nil
}

// ranks returns texts sorted, and the place of each in that order.
func ranks(texts []string) ([]string, []int) {
	sorted := slices.Sorted(slices.Values(texts))
	rank := make([]int, len(texts))
	for i, s := range texts {
		rank[i], _ = slices.BinarySearch(sorted, s)
	}
	return sorted, rank
}

// target turns label texts into whole numbers, numbers or classes.
func target(labels []string) (*eager.Tensor, []string) {
	ints, floats := make([]int, len(labels)), make([]float64, len(labels))
	whole, number := true, true
	for i, s := range labels {
		var err error
		if ints[i], err = strconv.Atoi(s); err != nil {
			whole = false
		}
		if floats[i], err = strconv.ParseFloat(s, 64); err != nil {
			number = false
		}
	}
	switch {
	case whole:
		return eager.FromInts(ints), nil
	case number:
		return eager.FromFloat64s(floats), nil
	}
	classes := slices.Compact(slices.Sorted(slices.Values(labels)))
	for i, s := range labels {
		ints[i], _ = slices.BinarySearch(classes, s)
	}
	return eager.FromInts(ints), classes
}
