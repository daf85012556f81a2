package preprocess

import (
	"math"
	"slices"
	"sort"
	"strconv"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
)

func formatNumber(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

// LabelEncoder numbers texts: 0 … n−1 in the order of the sorted classes.
type LabelEncoder struct {
	Classes []string
}

// NewLabelEncoder returns an empty one.
func NewLabelEncoder() *LabelEncoder { return &LabelEncoder{} }

// Fit learns the distinct labels.
func (e *LabelEncoder) Fit(labels []string) {
	e.Classes = slices.Compact(slices.Sorted(slices.Values(labels)))
}

// Transform returns the numbers as a column, for y.
func (e *LabelEncoder) Transform(labels []string) (m *learn.Matrix, err error) {
	defer learn.Catch(&err)
	m = learn.NewMatrix(len(labels), 1)
	for i, l := range labels {
		k, ok := slices.BinarySearch(e.Classes, l)
		if !ok {
			learn.Fail("preprocess.LabelEncoder", "label %q is unknown; Fit saw %q", l, e.Classes)
		}
		m.Data[i] = float64(k)
	}
	return m, nil
}

// FitTransform is Fit followed by Transform.
func (e *LabelEncoder) FitTransform(labels []string) (*learn.Matrix, error) {
	e.Fit(labels)
	return e.Transform(labels)
}

// InverseTransform returns the labels of numbers.
func (e *LabelEncoder) InverseTransform(y *learn.Matrix) (labels []string, err error) {
	defer learn.Catch(&err)
	for _, k := range y.Ints() {
		if k < 0 || k >= len(e.Classes) {
			learn.Fail("preprocess.LabelEncoder", "number %d is unknown; there are %d classes", k,
				len(e.Classes))
		}
		labels = append(labels, e.Classes[k])
	}
	return labels, nil
}

// LabelBinarizer turns a column of labels into an indicator column for each class; one for two classes.
type LabelBinarizer struct {
	learn.TransformerBase
	NegLabel     float64 `param:"neg_label=0"`
	PosLabel     float64 `param:"pos_label=1"`
	SparseOutput bool    `param:"sparse_output=false"`

	Classes []float64 `fit:"classes_"`
}

// NewLabelBinarizer returns one with scikit-learn's defaults.
func NewLabelBinarizer() *LabelBinarizer {
	s := &LabelBinarizer{}
	learn.Init(s)
	return s
}

// Fit learns the classes of a column.
func (s *LabelBinarizer) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m := s.Begin(x, nil)
	if s.NegLabel >= s.PosLabel {
		s.Fail("NegLabel is %g, PosLabel %g; want the first smaller", s.NegLabel, s.PosLabel)
	}
	s.Classes = learn.Distinct(learn.Target(s.Name(), m))
	s.Done()
	return nil
}

// Transform returns the indicators.
func (s *LabelBinarizer) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	m := s.Ready(x)
	cols := len(s.Classes)
	if cols <= 2 {
		cols = 1
	}
	out := learn.NewMatrix(m.Rows, cols)
	for i, v := range m.Data {
		row := out.Row(i)
		for j := range row {
			row[j] = s.NegLabel
			if cols == 1 && len(s.Classes) == 2 && v == s.Classes[1] || cols > 1 && v == s.Classes[j] {
				row[j] = s.PosLabel
			}
		}
	}
	if s.SparseOutput {
		return learn.ToCSR(out), nil
	}
	return out, nil
}

// InverseTransform returns the labels.
func (s *LabelBinarizer) InverseTransform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	s.MustFitted()
	m := learn.Dense(s.Name(), x)
	out := learn.NewMatrix(m.Rows, 1)
	for i := range m.Rows {
		k := learn.ArgMax(m.Row(i))
		if m.Cols == 1 {
			k = 0
			if m.Data[i] > (s.NegLabel+s.PosLabel)/2 && len(s.Classes) > 1 {
				k = 1
			}
		}
		out.Data[i] = s.Classes[k]
	}
	return out, nil
}

// MultiLabelBinarizer turns sets of texts into an indicator column for each text.
type MultiLabelBinarizer struct {
	Classes []string
}

// NewMultiLabelBinarizer returns an empty one.
func NewMultiLabelBinarizer() *MultiLabelBinarizer { return &MultiLabelBinarizer{} }

// FitTransform learns the texts and returns the indicators.
func (e *MultiLabelBinarizer) FitTransform(sets [][]string) *learn.Matrix {
	e.Classes = slices.Compact(slices.Sorted(slices.Values(slices.Concat(sets...))))
	return e.Transform(sets)
}

// Transform returns the indicators; unknown texts are left out.
func (e *MultiLabelBinarizer) Transform(sets [][]string) *learn.Matrix {
	m := learn.NewMatrix(len(sets), len(e.Classes))
	for i, set := range sets {
		for _, l := range set {
			if k, ok := slices.BinarySearch(e.Classes, l); ok {
				m.Set(i, k, 1)
			}
		}
	}
	return m
}

// InverseTransform returns the texts whose indicators are not 0.
func (e *MultiLabelBinarizer) InverseTransform(m *learn.Matrix) [][]string {
	out := make([][]string, m.Rows)
	for i := range out {
		for j, v := range m.Row(i) {
			if v != 0 {
				out[i] = append(out[i], e.Classes[j])
			}
		}
	}
	return out
}

// TargetEncoder replaces each category by the smoothed mean of the target of its rows; FitTransform uses
// cross-fitting, so that a row does not see its own target.
type TargetEncoder struct {
	learn.TransformerBase
	vocabulary
	Given       [][]Category `param:"categories"`
	TargetType  string       `param:"target_type=auto"` // auto, continuous, binary or multiclass
	Smooth      any          `param:"smooth=auto"`      // auto (empirical Bayes) or a number of rows
	CV          int          `param:"cv=5"`
	Shuffle     bool         `param:"shuffle=true"`
	RandomState int64        `param:"random_state=0"`

	Encodings  [][]float64 `fit:"encodings_"` // of each column (and class), the value of each category
	TargetMean []float64   `fit:"target_mean_"`
	Classes    []float64   `fit:"classes_"`
}

// NewTargetEncoder returns one with scikit-learn's defaults.
func NewTargetEncoder() *TargetEncoder {
	s := &TargetEncoder{}
	learn.Init(s)
	return s
}

// Fit learns the encodings from all rows.
func (s *TargetEncoder) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	f, targets := s.start(x, y)
	s.learnCategories(f, s.Given, s.Fail, false)
	s.Encodings, s.TargetMean = s.encodings(f, targets, nil)
	s.Done()
	return nil
}

// start checks the data and returns one target for each encoding of a column.
func (s *TargetEncoder) start(x learn.Data, y *learn.Matrix) (*learn.Frame, [][]float64) {
	rows, cols := x.Dims()
	s.BeginSize(rows, cols, y)
	if rows == 0 || cols == 0 {
		s.Fail("X has %d rows and %d columns; want at least one of each", rows, cols)
	}
	t := learn.Target(s.Name()+".Fit", y)
	s.Classes = nil
	kinds := learn.Distinct(t)
	whole := !slices.ContainsFunc(kinds, func(v float64) bool { return v != math.Floor(v) })
	kind := s.TargetType
	if kind == "auto" {
		switch {
		case !whole:
			kind = "continuous"
		case len(kinds) == 2:
			kind = "binary"
		default:
			kind = "multiclass"
		}
	}
	f := learn.ToFrame(x)
	mustCount(s.Fail, f)
	if kind == "continuous" {
		return f, [][]float64{t}
	}
	s.Classes = kinds
	var out [][]float64
	for k, c := range kinds {
		if kind == "binary" && k == 0 {
			continue
		}
		v := make([]float64, rows)
		for i, label := range t {
			if label == c {
				v[i] = 1
			}
		}
		out = append(out, v)
	}
	return f, out
}

// encodings computes those of the rows in index (nil: all).
func (s *TargetEncoder) encodings(f *learn.Frame, targets [][]float64, index []int) (enc [][]float64,
	means []float64,
) {
	rows, _ := f.Dims()
	if index == nil {
		for i := range rows {
			index = append(index, i)
		}
	}
	n := float64(len(index))
	for _, t := range targets {
		mean, variance := 0.0, 0.0
		for _, i := range index {
			mean += t[i] / n
		}
		for _, i := range index {
			variance += (t[i] - mean) * (t[i] - mean) / n
		}
		means = append(means, mean)
		for j, c := range f.Columns {
			_ = j
			enc = append(enc, s.encode(c, j, t, index, mean, variance))
		}
	}
	if len(targets) > 1 { // columns first, then classes
		cols := len(f.Columns)
		by := make([][]float64, 0, len(enc))
		for j := range cols {
			for k := range targets {
				by = append(by, enc[k*cols+j])
			}
		}
		enc = by
	}
	return enc, means
}

func (s *TargetEncoder) encode(c learn.Series, j int, t []float64, index []int, mean, variance float64,
) []float64 {
	k := len(s.Categories[j])
	sum, count, ss := make([]float64, k), make([]float64, k), make([]float64, k)
	at := make([]int, len(index))
	for p, i := range index {
		at[p] = s.find(j, value(c, i))
		sum[at[p]] += t[i]
		count[at[p]]++
	}
	for p, i := range index {
		d := t[i] - sum[at[p]]/count[at[p]]
		ss[at[p]] += d * d
	}
	out := make([]float64, k)
	for q := range out {
		out[q] = mean
		if count[q] == 0 {
			continue
		}
		if m, ok := learn.OptFloat(s.Smooth); ok {
			out[q] = (sum[q] + m*mean) / (count[q] + m)
			continue
		}
		if variance == 0 {
			continue
		}
		lambda := variance * count[q] / (variance*count[q] + ss[q]/count[q])
		out[q] = lambda*sum[q]/count[q] + (1-lambda)*mean
	}
	return out
}

// Transform returns the encodings of categories; unknown ones get the target's mean.
func (s *TargetEncoder) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	s.MustFitted()
	f := learn.ToFrame(x)
	rows, _ := f.Dims()
	m := learn.NewMatrix(rows, len(s.Encodings))
	s.fill(m, f, s.Encodings, s.TargetMean, nil)
	return m, nil
}

func (s *TargetEncoder) fill(m *learn.Matrix, f *learn.Frame, enc [][]float64, means []float64, index []int) {
	per := len(enc) / len(f.Columns)
	if index == nil {
		for i := range m.Rows {
			index = append(index, i)
		}
	}
	for j, c := range f.Columns {
		for _, i := range index {
			k := s.find(j, value(c, i))
			for q := range per {
				v := means[q]
				if k >= 0 {
					v = enc[j*per+q][k]
				}
				m.Set(i, j*per+q, v)
			}
		}
	}
}

// FitTransform fits, and encodes each fold with the targets of the others.
func (s *TargetEncoder) FitTransform(x learn.Data, y *learn.Matrix) (d learn.Data, err error) {
	defer learn.Catch(&err)
	if err := s.Fit(x, y); err != nil {
		return nil, err
	}
	f, targets := s.start(x, y)
	rows, _ := f.Dims()
	m := learn.NewMatrix(rows, len(s.Encodings))
	for _, test := range s.folds(rows, y.Data) {
		inTest := make([]bool, rows)
		for _, i := range test {
			inTest[i] = true
		}
		var train []int
		for i := range rows {
			if !inTest[i] {
				train = append(train, i)
			}
		}
		enc, means := s.encodings(f, targets, train)
		s.fill(m, f, enc, means, test)
	}
	s.Done()
	return m, nil
}

// folds deals rows of each class (or all rows) to CV folds, shuffled when Shuffle.
func (s *TargetEncoder) folds(rows int, y []float64) [][]int {
	order := make([]int, rows)
	for i := range order {
		order[i] = i
	}
	if s.Shuffle {
		order = random.New(s.RandomState).Permutation(rows)
	}
	if s.Classes != nil {
		sort.SliceStable(order, func(a, b int) bool { return y[order[a]] < y[order[b]] })
	}
	folds := make([][]int, max(s.CV, 2))
	for k, i := range order {
		folds[k%len(folds)] = append(folds[k%len(folds)], i)
	}
	return folds
}
