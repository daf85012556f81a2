package impute

import (
	"math"
	"slices"
	"sort"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/linear"
	"github.com/lathe-ml/lathe/learn/random"
)

// IterativeImputer models each column with missing values by the others, round after round.
type IterativeImputer struct {
	learn.TransformerBase
	Estimator       learn.Estimator `param:"estimator"` // nil: BayesianRidge
	MissingValues   float64         `param:"missing_values=NaN"`
	SamplePosterior bool            `param:"sample_posterior=false" fixed:"true"`
	MaxIter         int             `param:"max_iter=10"`
	Tol             float64         `param:"tol=0.001"`
	NNearest        any             `param:"n_nearest_features=None" fixed:"true"`
	InitialStrategy string          `param:"initial_strategy=mean"`
	ImputationOrder string          `param:"imputation_order=ascending"` // ascending, descending, roman, arabic, random
	SkipComplete    bool            `param:"skip_complete=false"`
	MinValue        float64         `param:"min_value=-inf"`
	MaxValue        float64         `param:"max_value=inf"`
	RandomState     int64           `param:"random_state=0"`
	AddIndicator    bool            `param:"add_indicator=false"`

	Initial *SimpleImputer `fit:"initial_imputer_"`
	NIter   int            `fit:"n_iter_"`

	sequence  []model
	indicated []int
}

// model predicts one column from the others.
type model struct {
	column int
	e      learn.Estimator
}

// NewIterativeImputer returns one with scikit-learn's defaults.
func NewIterativeImputer() *IterativeImputer { m := &IterativeImputer{}; learn.Init(m); return m }

// holes returns which values are missing.
func (m *IterativeImputer) holes(d *learn.Matrix) []bool {
	out := make([]bool, len(d.Data))
	for i, v := range d.Data {
		out[i] = missing(v, m.MissingValues)
	}
	return out
}

// order returns the columns in the order in which they are filled.
func (m *IterativeImputer) order(d *learn.Matrix, hole []bool, r *random.State) []int {
	count := make([]int, d.Cols)
	for i, h := range hole {
		if h {
			count[i%d.Cols]++
		}
	}
	var cols []int
	for j, n := range count {
		if n > 0 || !m.SkipComplete {
			cols = append(cols, j)
		}
	}
	switch m.ImputationOrder {
	case "ascending":
		sort.SliceStable(cols, func(a, b int) bool { return count[cols[a]] < count[cols[b]] })
	case "descending":
		sort.SliceStable(cols, func(a, b int) bool { return count[cols[a]] < count[cols[b]] })
		slices.Reverse(cols)
	case "arabic":
		slices.Reverse(cols)
	case "random":
		r.Shuffle(len(cols), func(i, j int) { cols[i], cols[j] = cols[j], cols[i] })
	}
	return cols
}

// Fit learns the models.
func (m *IterativeImputer) Fit(x learn.Data, y *learn.Matrix) error {
	_, err := m.FitTransform(x, y)
	return err
}

// FitTransform learns the models and returns the data filled.
func (m *IterativeImputer) FitTransform(x learn.Data, _ *learn.Matrix) (out learn.Data, err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, nil, learn.AllowNaN)
	m.OneOf("ImputationOrder", m.ImputationOrder, "ascending", "descending", "roman", "arabic", "random")
	m.Initial = NewSimpleImputer()
	m.Initial.Strategy, m.Initial.MissingValues, m.Initial.KeepEmptyFeatures = m.InitialStrategy, m.MissingValues, true
	learn.Must(m.Initial.Fit(d, nil))
	f, err := m.Initial.Transform(d)
	learn.Must(err)
	filled, hole := f.(*learn.Matrix), m.holes(d)
	base := m.Estimator
	if base == nil {
		base = linear.NewBayesianRidge()
	}
	limit := 0.0
	m.indicated = nil
	for i, h := range hole {
		if !h {
			limit = max(limit, math.Abs(d.Data[i]))
		} else if j := i % d.Cols; !slices.Contains(m.indicated, j) {
			m.indicated = append(m.indicated, j)
		}
	}
	sort.Ints(m.indicated)
	limit *= m.Tol
	m.sequence, m.NIter = nil, 0
	r := random.New(m.RandomState)
	for len(m.indicated) > 0 && d.Cols > 1 && m.NIter < m.MaxIter {
		m.NIter++
		before := filled.Clone()
		for _, j := range m.order(d, hole, r) {
			m.Poll()
			m.sequence = append(m.sequence, m.learn(base, filled, hole, j))
		}
		if rowNorm(filled, before) < limit {
			break
		}
	}
	m.Done()
	return m.finish(filled, d), nil
}

// rowNorm is the largest sum of absolute differences of a row.
func rowNorm(a, b *learn.Matrix) float64 {
	most := 0.0
	for i := range a.Rows {
		s := 0.0
		for j, v := range a.Row(i) {
			s += math.Abs(v - b.At(i, j))
		}
		most = max(most, s)
	}
	return most
}

func others(cols, j int) []int {
	var out []int
	for k := range cols {
		if k != j {
			out = append(out, k)
		}
	}
	return out
}

// learn fits the model of a column on the rows that have it and fills the others.
func (m *IterativeImputer) learn(base learn.Estimator, d *learn.Matrix, hole []bool, j int) model {
	var known []int
	for i := range d.Rows {
		if !hole[i*d.Cols+j] {
			known = append(known, i)
		}
	}
	c := model{j, learn.Clone(base)}
	x := d.TakeCols(others(d.Cols, j))
	learn.Must(c.e.Fit(x.Take(known), learn.Column(learn.TakeFloats(d.Col(j), known))))
	m.fill(c, d, hole)
	return c
}

func (m *IterativeImputer) fill(c model, d *learn.Matrix, hole []bool) {
	var rows []int
	for i := range d.Rows {
		if hole[i*d.Cols+c.column] {
			rows = append(rows, i)
		}
	}
	if len(rows) == 0 {
		return
	}
	p, err := c.e.(learn.Predictor).Predict(d.TakeCols(others(d.Cols, c.column)).Take(rows))
	learn.Must(err)
	for k, i := range rows {
		d.Set(i, c.column, min(max(p.Data[k], m.MinValue), m.MaxValue))
	}
}

func (m *IterativeImputer) finish(filled, d *learn.Matrix) *learn.Matrix {
	if m.AddIndicator {
		return learn.Concat(filled, indicators(d, m.indicated, m.MissingValues))
	}
	return filled
}

// Transform fills by the models in the order in which Fit learned them.
func (m *IterativeImputer) Transform(x learn.Data) (out learn.Data, err error) {
	defer learn.Catch(&err)
	d := m.Ready(x, learn.AllowNaN)
	f, err := m.Initial.Transform(d)
	learn.Must(err)
	filled, hole := f.(*learn.Matrix), m.holes(d)
	for _, c := range m.sequence {
		m.fill(c, filled, hole)
	}
	return m.finish(filled, d), nil
}
