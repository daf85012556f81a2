package neighbors

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
)

// Search is what estimators of nearest rows have in common.
type Search struct {
	Algorithm    string  `param:"algorithm=auto"` // auto, brute, kd_tree or ball_tree: all are exact
	LeafSize     int     `param:"leaf_size=30"`
	Metric       string  `param:"metric=minkowski"`
	P            float64 `param:"p=2"` // power of minkowski
	MetricParams any     `param:"metric_params=None" fixed:"true"`

	X     *learn.Matrix // rows of Fit
	index *Index
}

// build indexes the rows.
func (s *Search) build(b *learn.Base, x *learn.Matrix) {
	b.OneOf("Algorithm", s.Algorithm, "auto", "brute", "kd_tree", "ball_tree")
	s.X = x
	s.index = NewIndex(x, s.Algorithm, s.Metric, s.P, s.LeafSize)
}

// ready returns the index, which a loaded estimator does not have yet.
func (s *Search) ready() *Index {
	if s.index == nil {
		s.index = NewIndex(s.X, s.Algorithm, s.Metric, s.P, s.LeafSize)
	}
	return s.index
}

// nearest returns the k nearest rows; x nil means the rows of Fit, each without itself.
func (s *Search) nearest(b *learn.Base, x learn.Data, k int) (*learn.Matrix, [][]int) {
	b.MustFitted()
	q, self := s.X, x == nil
	if !self {
		q = b.Ready(x)
	}
	most := s.X.Rows
	if self {
		most--
	}
	if k < 1 || k > most {
		b.Fail("%d neighbours of %d rows; want 1 … %d", k, s.X.Rows, most)
	}
	return s.ready().Nearest(q, k, self)
}

func (s *Search) within(b *learn.Base, x learn.Data, r float64) ([][]float64, [][]int) {
	b.MustFitted()
	if x == nil {
		return s.ready().Within(s.X, r, true)
	}
	return s.ready().Within(b.Ready(x), r, false)
}

// NearestNeighbors searches, and predicts nothing.
type NearestNeighbors struct {
	learn.Base
	NNeighbors int     `param:"n_neighbors=5"`
	Radius     float64 `param:"radius=1.0"`
	Search
}

// NewNearestNeighbors returns one with scikit-learn's defaults.
func NewNearestNeighbors() *NearestNeighbors { m := &NearestNeighbors{}; learn.Init(m); return m }

// Fit keeps the rows.
func (m *NearestNeighbors) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m.build(&m.Base, m.Begin(x, nil))
	m.Done()
	return nil
}

// Kneighbors returns distances and numbers of the k nearest rows (0: NNeighbors), near to far; x nil means
// the rows of Fit, each without itself.
func (m *NearestNeighbors) Kneighbors(x learn.Data, k int) (d *learn.Matrix, rows [][]int, err error) {
	defer learn.Catch(&err)
	if k == 0 {
		k = m.NNeighbors
	}
	d, rows = m.nearest(&m.Base, x, k)
	return d, rows, nil
}

// RadiusNeighbors returns distances and numbers of the rows within r (0: Radius).
func (m *NearestNeighbors) RadiusNeighbors(x learn.Data, r float64) (d [][]float64, rows [][]int, err error) {
	defer learn.Catch(&err)
	if r == 0 {
		r = m.Radius
	}
	d, rows = m.within(&m.Base, x, r)
	return d, rows, nil
}

// Graph returns a sparse matrix of the k nearest rows: 1, or the distance.
func (m *NearestNeighbors) Graph(x learn.Data, k int, distances bool) (s *learn.CSR, err error) {
	defer learn.Catch(&err)
	d, rows, err := m.Kneighbors(x, k)
	if err != nil {
		return nil, err
	}
	b := learn.NewCSRBuilder(m.X.Rows)
	for i, r := range rows {
		for q, j := range r {
			v := 1.0
			if distances {
				v = d.At(i, q)
			}
			b.Add(j, v)
		}
		b.EndRow()
	}
	return b.CSR(), nil
}

// weights returns those of neighbours at distances d: equal, or 1/d where a distance of 0 excludes others.
func weights(b *learn.Base, how string, d []float64) []float64 {
	w := make([]float64, len(d))
	exact := false
	for _, v := range d {
		exact = exact || v == 0
	}
	for i, v := range d {
		switch {
		case how == "uniform":
			w[i] = 1
		case how != "distance":
			b.Fail("Weights is %q; want uniform or distance", how)
		case !exact:
			w[i] = 1 / v
		case v == 0:
			w[i] = 1
		}
	}
	return w
}

// votes is what classifiers by neighbours have in common: several outputs are allowed.
type votes struct {
	learn.ClassifierBase
	Search
	codes   [][]int     // of each output, the class of each row
	classes [][]float64 // of each output
}

// Codes returns, for each output, the number of the class of each row of Fit.
func (m *votes) Codes() [][]int { return m.codes }

func (m *votes) begin(x learn.Data, y *learn.Matrix) {
	if y == nil {
		m.Fail("y is nil; want a label for each row")
	}
	m.build(&m.Base, m.Begin(x, y))
	m.codes, m.classes = nil, nil
	for j := range y.Cols {
		c := y.Col(j)
		d := learn.Distinct(c)
		m.classes = append(m.classes, d)
		m.codes = append(m.codes, learn.Codes(d, c))
	}
	m.Classes = m.classes[0]
	m.Done()
}

// shares returns the weight of each class among neighbours, adding up to 1, for one output.
func (m *votes) shares(o int, d []float64, rows []int, how string) []float64 {
	p := make([]float64, len(m.classes[o]))
	sum := 0.0
	for i, w := range weights(&m.Base, how, d) {
		p[m.codes[o][rows[i]]] += w
		sum += w
	}
	for c := range p {
		if sum > 0 {
			p[c] /= sum
		}
	}
	return p
}

// KNeighborsClassifier predicts the class of most of the nearest rows.
type KNeighborsClassifier struct {
	votes
	NNeighbors int    `param:"n_neighbors=5"`
	Weights    string `param:"weights=uniform"` // or distance
}

// NewKNeighborsClassifier returns one with scikit-learn's defaults.
func NewKNeighborsClassifier() *KNeighborsClassifier {
	m := &KNeighborsClassifier{}
	learn.Init(m)
	return m
}

// Fit keeps the rows; y may have several columns.
func (m *KNeighborsClassifier) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m.begin(x, y)
	return nil
}

// Kneighbors is NearestNeighbors.Kneighbors.
func (m *KNeighborsClassifier) Kneighbors(x learn.Data, k int) (d *learn.Matrix, rows [][]int, err error) {
	defer learn.Catch(&err)
	if k == 0 {
		k = m.NNeighbors
	}
	d, rows = m.nearest(&m.Base, x, k)
	return d, rows, nil
}

// PredictProba returns the shares of the first output's classes among the neighbours.
func (m *KNeighborsClassifier) PredictProba(x learn.Data) (p *learn.Matrix, err error) {
	defer learn.Catch(&err)
	d, rows := m.nearest(&m.Base, x, m.NNeighbors)
	p = learn.NewMatrix(d.Rows, len(m.Classes))
	for i := range d.Rows {
		copy(p.Row(i), m.shares(0, d.Row(i), rows[i], m.Weights))
	}
	return p, nil
}

// Predict returns the class with the largest share; the smallest of equals.
func (m *KNeighborsClassifier) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	d, rows := m.nearest(&m.Base, x, m.NNeighbors)
	y = learn.NewMatrix(d.Rows, len(m.classes))
	for i := range d.Rows {
		for o, c := range m.classes {
			y.Set(i, o, c[learn.ArgMax(m.shares(o, d.Row(i), rows[i], m.Weights))])
		}
	}
	return y, nil
}

// RadiusNeighborsClassifier predicts the class of most rows within a radius.
type RadiusNeighborsClassifier struct {
	votes
	Radius       float64 `param:"radius=1.0"`
	Weights      string  `param:"weights=uniform"`
	OutlierLabel any     `param:"outlier_label=None"` // of rows without neighbours; nil: an error
}

// NewRadiusNeighborsClassifier returns one with scikit-learn's defaults.
func NewRadiusNeighborsClassifier() *RadiusNeighborsClassifier {
	m := &RadiusNeighborsClassifier{}
	learn.Init(m)
	return m
}

// Fit keeps the rows.
func (m *RadiusNeighborsClassifier) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m.begin(x, y)
	return nil
}

// PredictProba returns the shares of the first output's classes; zeros for outliers.
func (m *RadiusNeighborsClassifier) PredictProba(x learn.Data) (p *learn.Matrix, err error) {
	defer learn.Catch(&err)
	d, rows := m.within(&m.Base, x, m.Radius)
	p = learn.NewMatrix(len(rows), len(m.Classes))
	for i := range rows {
		if len(rows[i]) == 0 && m.OutlierLabel == nil {
			m.Fail("row %d has no neighbours within %g; set OutlierLabel or a larger Radius", i, m.Radius)
		}
		copy(p.Row(i), m.shares(0, d[i], rows[i], m.Weights))
	}
	return p, nil
}

// Predict returns the class with the largest share.
func (m *RadiusNeighborsClassifier) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	d, rows := m.within(&m.Base, x, m.Radius)
	y = learn.NewMatrix(len(rows), len(m.classes))
	for i := range rows {
		for o, c := range m.classes {
			if len(rows[i]) == 0 {
				y.Set(i, o, m.outlier(i, o))
				continue
			}
			y.Set(i, o, c[learn.ArgMax(m.shares(o, d[i], rows[i], m.Weights))])
		}
	}
	return y, nil
}

func (m *RadiusNeighborsClassifier) outlier(i, o int) float64 {
	if v, ok := learn.OptFloat(m.OutlierLabel); ok {
		return v
	}
	if m.OutlierLabel != "most_frequent" {
		m.Fail("row %d has no neighbours within %g; set OutlierLabel or a larger Radius", i, m.Radius)
	}
	count := make([]float64, len(m.classes[o]))
	for _, c := range m.codes[o] {
		count[c]++
	}
	return m.classes[o][learn.ArgMax(count)]
}

// means is what regressors by neighbours have in common.
type means struct {
	learn.RegressorBase
	Search
	Y *learn.Matrix // targets of Fit
}

func (m *means) begin(x learn.Data, y *learn.Matrix) {
	if y == nil {
		m.Fail("y is nil; want a target for each row")
	}
	m.build(&m.Base, m.Begin(x, y))
	m.Y = y.Clone()
	m.Done()
}

func (m *means) mean(out, d []float64, rows []int, how string) {
	sum := 0.0
	for i, w := range weights(&m.Base, how, d) {
		sum += w
		for j, v := range m.Y.Row(rows[i]) {
			out[j] += w * v
		}
	}
	for j := range out {
		if sum == 0 {
			out[j] = math.NaN()
		} else {
			out[j] /= sum
		}
	}
}

// KNeighborsRegressor predicts the mean target of the nearest rows.
type KNeighborsRegressor struct {
	means
	NNeighbors int    `param:"n_neighbors=5"`
	Weights    string `param:"weights=uniform"` // or distance
}

// NewKNeighborsRegressor returns one with scikit-learn's defaults.
func NewKNeighborsRegressor() *KNeighborsRegressor {
	m := &KNeighborsRegressor{}
	learn.Init(m)
	return m
}

// Fit keeps the rows; y may have several columns.
func (m *KNeighborsRegressor) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m.begin(x, y)
	return nil
}

// Kneighbors is NearestNeighbors.Kneighbors.
func (m *KNeighborsRegressor) Kneighbors(x learn.Data, k int) (d *learn.Matrix, rows [][]int, err error) {
	defer learn.Catch(&err)
	if k == 0 {
		k = m.NNeighbors
	}
	d, rows = m.nearest(&m.Base, x, k)
	return d, rows, nil
}

// Predict returns the means.
func (m *KNeighborsRegressor) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	d, rows := m.nearest(&m.Base, x, m.NNeighbors)
	y = learn.NewMatrix(d.Rows, m.Y.Cols)
	for i := range rows {
		m.mean(y.Row(i), d.Row(i), rows[i], m.Weights)
	}
	return y, nil
}

// RadiusNeighborsRegressor predicts the mean target of the rows within a radius; NaN without any.
type RadiusNeighborsRegressor struct {
	means
	Radius  float64 `param:"radius=1.0"`
	Weights string  `param:"weights=uniform"`
}

// NewRadiusNeighborsRegressor returns one with scikit-learn's defaults.
func NewRadiusNeighborsRegressor() *RadiusNeighborsRegressor {
	m := &RadiusNeighborsRegressor{}
	learn.Init(m)
	return m
}

// Fit keeps the rows; y may have several columns.
func (m *RadiusNeighborsRegressor) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m.begin(x, y)
	return nil
}

// Predict returns the means.
func (m *RadiusNeighborsRegressor) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	d, rows := m.within(&m.Base, x, m.Radius)
	y = learn.NewMatrix(len(rows), m.Y.Cols)
	for i := range rows {
		m.mean(y.Row(i), d[i], rows[i], m.Weights)
	}
	return y, nil
}
