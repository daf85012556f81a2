package ensemble

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/tree"
)

// HistGradientBoostingRegressor is gradient boosting on binned features; NaN are allowed.
type HistGradientBoostingRegressor struct {
	learn.RegressorBase
	Loss     string `param:"loss=squared_error"` // absolute_error, gamma, poisson or quantile
	Quantile any    `param:"quantile=None"`      // of loss quantile
	Histogram
}

// NewHistGradientBoostingRegressor returns one with scikit-learn's defaults.
func NewHistGradientBoostingRegressor() *HistGradientBoostingRegressor {
	m := &HistGradientBoostingRegressor{}
	learn.Init(m)
	return m
}

// Fit adds the trees.
func (m *HistGradientBoostingRegressor) Fit(x learn.Data, y *learn.Matrix) error {
	return m.FitWeighted(x, y, nil)
}

// FitWeighted is Fit with a weight for each row.
func (m *HistGradientBoostingRegressor) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	warm := m.WarmStart && m.Fitted()
	d := m.Begin(x, y, learn.AllowNaN, learn.AllowInf)
	m.OneOf("Loss", m.Loss, "squared_error", "absolute_error", "gamma", "poisson", "quantile")
	t, q := learn.Target(m.Name(), y), 0.0
	if m.Loss == "quantile" {
		var ok bool
		if q, ok = learn.OptFloat(m.Quantile); !ok || q < 0 || q > 1 {
			m.Fail("Quantile is %v; loss quantile wants one in [0, 1]", m.Quantile)
		}
	}
	m.mustFitLoss(t)
	m.boost(&m.Base, d, learn.Weights(m.Name(), w, d.Rows), nil, warm, func(rows []int) slopes {
		return &targets{y: learn.TakeFloats(t, rows), kind: m.Loss, quantile: q}
	})
	m.Done()
	return nil
}

// mustFitLoss refuses targets without a logarithm where the loss takes it.
func (m *HistGradientBoostingRegressor) mustFitLoss(t []float64) {
	sum := 0.0
	for i, v := range t {
		sum += v
		if m.Loss == "gamma" && v <= 0 || m.Loss == "poisson" && v < 0 {
			m.Fail("y is %g in row %d; loss %s wants none below 0, gamma none of 0", v, i, m.Loss)
		}
	}
	if m.Loss == "poisson" && sum <= 0 {
		m.Fail("y adds up to %g; loss poisson wants more than 0", sum)
	}
}

// Predict returns the sums of the trees, their exponential for gamma and poisson.
func (m *HistGradientBoostingRegressor) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	y = m.raw(m.Ready(x, learn.AllowNaN, learn.AllowInf))
	if m.Loss == "gamma" || m.Loss == "poisson" {
		for i, v := range y.Data {
			y.Data[i] = math.Exp(v)
		}
	}
	return y, nil
}

// HistGradientBoostingClassifier is gradient boosting on binned features; NaN are allowed.
type HistGradientBoostingClassifier struct {
	learn.ClassifierBase
	Loss        string `param:"loss=log_loss"`
	ClassWeight any    `param:"class_weight=None"`
	Histogram
}

// NewHistGradientBoostingClassifier returns one with scikit-learn's defaults.
func NewHistGradientBoostingClassifier() *HistGradientBoostingClassifier {
	m := &HistGradientBoostingClassifier{}
	learn.Init(m)
	return m
}

// Fit adds the trees.
func (m *HistGradientBoostingClassifier) Fit(x learn.Data, y *learn.Matrix) error {
	return m.FitWeighted(x, y, nil)
}

// FitWeighted is Fit with a weight for each row.
func (m *HistGradientBoostingClassifier) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	warm := m.WarmStart && m.Fitted()
	old := m.Classes
	d := m.Begin(x, y, learn.AllowNaN, learn.AllowInf)
	codes := m.Labels(y)
	if warm && !slices.Equal(old, m.Classes) {
		m.Fail("y has the classes %v, the trees so far know %v; set WarmStart to false", m.Classes, old)
	}
	m.OneOf("Loss", m.Loss, "log_loss")
	if len(m.Classes) < 2 {
		m.Fail("y has one class, %v; want at least 2", m.Classes)
	}
	w = learn.Weights(m.Name(), w, d.Rows)
	if m.ClassWeight != nil {
		list := make([]int32, len(codes))
		for i, c := range codes {
			list[i] = int32(c)
		}
		w = tree.Balance(&m.Base, m.ClassWeight, [][]int32{list}, [][]float64{m.Classes}, w)
	}
	m.boost(&m.Base, d, w, y.Data, warm, func(rows []int) slopes {
		own := make([]int, len(rows))
		for i, r := range rows {
			own[i] = codes[r]
		}
		return &labels{codes: own, k: len(m.Classes)}
	})
	m.Done()
	return nil
}

// DecisionFunction returns the sums of the trees: one column for two classes.
func (m *HistGradientBoostingClassifier) DecisionFunction(x learn.Data) (d *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return m.raw(m.Ready(x, learn.AllowNaN, learn.AllowInf)), nil
}

// PredictProba returns the probabilities of the classes.
func (m *HistGradientBoostingClassifier) PredictProba(x learn.Data) (p *learn.Matrix, err error) {
	defer learn.Catch(&err)
	raw, l := m.raw(m.Ready(x, learn.AllowNaN, learn.AllowInf)), &labels{k: len(m.Classes)}
	p = learn.NewMatrix(raw.Rows, len(m.Classes))
	for i := range p.Rows {
		l.probabilities(raw.Row(i), p.Row(i))
	}
	return p, nil
}

// Predict returns the most probable class.
func (m *HistGradientBoostingClassifier) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	p, err := m.PredictProba(x)
	if err != nil {
		return nil, err
	}
	return m.ArgMaxRows(p), nil
}
