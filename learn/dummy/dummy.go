// Package dummy has baselines that do not look at X.
//
//	m := dummy.NewDummyClassifier()
//	m.Strategy = "most_frequent"
//	err := m.Fit(x, y)
//	s, err := m.Score(xTest, yTest)
//	r := dummy.NewDummyRegressor()
//
// They say what a score is worth; they are no models.
package dummy

import (
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/metric"
	"github.com/lathe-ml/lathe/learn/random"
)

// DummyClassifier predicts by the frequencies of classes.
type DummyClassifier struct {
	learn.ClassifierBase
	Strategy    string `param:"strategy=prior"` // prior, most_frequent, stratified, uniform or constant
	RandomState int64  `param:"random_state=0"`
	Constant    any    `param:"constant=None"`

	ClassPrior []float64 `fit:"class_prior_"`
	NClasses   int       `fit:"n_classes_"`
}

// NewDummyClassifier returns one with scikit-learn's defaults.
func NewDummyClassifier() *DummyClassifier { m := &DummyClassifier{}; learn.Init(m); return m }

// IgnoresX says that rows of any width are accepted.
func (m *DummyClassifier) IgnoresX() {}

// Fit counts the classes.
func (m *DummyClassifier) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *DummyClassifier) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	rows, cols := x.Dims()
	m.BeginSize(rows, cols, y)
	if rows == 0 {
		m.Fail("X has no rows; want at least one")
	}
	m.OneOf("Strategy", m.Strategy, "prior", "most_frequent", "stratified", "uniform", "constant")
	codes := m.Labels(y)
	w = learn.Weights(m.Name(), w, rows)
	m.ClassPrior, m.NClasses = make([]float64, len(m.Classes)), len(m.Classes)
	total := 0.0
	for _, v := range w {
		total += v
	}
	for i, c := range codes {
		m.ClassPrior[c] += w[i] / total
	}
	if m.Strategy == "constant" {
		m.constant()
	}
	m.Done()
	return nil
}

func (m *DummyClassifier) constant() int {
	v, ok := learn.OptFloat(m.Constant)
	for c, l := range m.Classes {
		if ok && l == v {
			return c
		}
	}
	m.Fail("Constant is %v; want one of the classes %v", m.Constant, m.Classes)
	return 0
}

// PredictProba returns the frequencies, or what the strategy says.
func (m *DummyClassifier) PredictProba(x learn.Data) (p *learn.Matrix, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	rows, _ := x.Dims()
	p = learn.NewMatrix(rows, len(m.Classes))
	r := random.New(m.RandomState)
	for i := range rows {
		row := p.Row(i)
		switch m.Strategy {
		case "prior":
			copy(row, m.ClassPrior)
		case "most_frequent":
			row[learn.ArgMax(m.ClassPrior)] = 1
		case "constant":
			row[m.constant()] = 1
		case "uniform":
			for c := range row {
				row[c] = 1 / float64(len(row))
			}
		default:
			row[r.Weighted(m.ClassPrior, 1)[0]] = 1
		}
	}
	return p, nil
}

// Predict returns classes by the strategy.
func (m *DummyClassifier) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	p, err := m.PredictProba(x)
	if err != nil {
		return nil, err
	}
	if m.Strategy == "uniform" {
		return m.Decode(random.New(m.RandomState).Ints(len(m.Classes), p.Rows)), nil
	}
	return m.ArgMaxRows(p), nil
}

// DummyRegressor predicts one number.
type DummyRegressor struct {
	learn.RegressorBase
	Strategy string `param:"strategy=mean"` // mean, median, quantile or constant
	Constant any    `param:"constant=None"`
	Quantile any    `param:"quantile=None"`

	Value []float64 `fit:"constant_"` // of each output
}

// NewDummyRegressor returns one with scikit-learn's defaults.
func NewDummyRegressor() *DummyRegressor { m := &DummyRegressor{}; learn.Init(m); return m }

// IgnoresX says that rows of any width are accepted.
func (m *DummyRegressor) IgnoresX() {}

// Fit computes the number; y may have several columns.
func (m *DummyRegressor) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *DummyRegressor) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	rows, cols := x.Dims()
	m.BeginSize(rows, cols, y)
	if rows == 0 {
		m.Fail("X has no rows; want at least one")
	}
	m.OneOf("Strategy", m.Strategy, "mean", "median", "quantile", "constant")
	m.Value = make([]float64, y.Cols)
	given := w
	w = learn.Weights(m.Name(), w, rows)
	for j := range y.Cols {
		switch m.Strategy {
		case "median":
			m.Value[j] = metric.Percentile(y.Col(j), given, 50)
		case "quantile":
			q, ok := learn.OptFloat(m.Quantile)
			if !ok || q < 0 || q > 1 {
				m.Fail("Quantile is %v; want a number in [0, 1]", m.Quantile)
			}
			m.Value[j] = metric.Percentile(y.Col(j), given, 100*q)
		case "constant":
			v, ok := learn.OptFloat(m.Constant)
			if list, isList := m.Constant.([]float64); isList && len(list) == y.Cols {
				v, ok = list[j], true
			}
			if !ok {
				m.Fail("Constant is %v; want a number, or one for each output", m.Constant)
			}
			m.Value[j] = v
		default:
			sum, total := 0.0, 0.0
			for i := range rows {
				sum += w[i] * y.At(i, j)
				total += w[i]
			}
			m.Value[j] = sum / total
		}
	}
	m.Done()
	return nil
}

// Predict returns the number for each row.
func (m *DummyRegressor) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	rows, _ := x.Dims()
	y = learn.NewMatrix(rows, len(m.Value))
	for i := range rows {
		copy(y.Row(i), m.Value)
	}
	return y, nil
}
