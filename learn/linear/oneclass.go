package linear

import (
	"github.com/lathe-ml/lathe/learn"
)

// SGDOneClassSVM is a linear one-class SVM by stochastic gradient descent: rows on the origin's side of a plane are
// outliers.
type SGDOneClassSVM struct {
	learn.OutlierBase
	Nu           float64 `param:"nu=0.5"` // share of outliers at most, of support vectors at least
	FitIntercept bool    `param:"fit_intercept=true"`
	MaxIter      int     `param:"max_iter=1000"`
	Tol          any     `param:"tol=0.001"`
	Shuffle      bool    `param:"shuffle=true"`
	RandomState  int64   `param:"random_state=0"`
	LearningRate string  `param:"learning_rate=optimal"`
	Eta0         float64 `param:"eta0=0.01"`
	PowerT       float64 `param:"power_t=0.5"`
	WarmStart    bool    `param:"warm_start=false"`
	Average      any     `param:"average=false"`

	Coef   *learn.Matrix `fit:"coef_"` // [1 features]
	Offset []float64     `fit:"offset_"`
	NIter  int           `fit:"n_iter_"`
}

// NewSGDOneClassSVM returns one with scikit-learn's defaults.
func NewSGDOneClassSVM() *SGDOneClassSVM { m := &SGDOneClassSVM{}; learn.Init(m); return m }

// Fit finds the plane.
func (m *SGDOneClassSVM) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *SGDOneClassSVM) FitWeighted(x learn.Data, _ *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	m.learn(x, w, m.WarmStart && m.Fitted(), m.MaxIter)
	return nil
}

// PartialFit passes once over the rows.
func (m *SGDOneClassSVM) PartialFit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m.learn(x, nil, m.Fitted(), 1)
	return nil
}

func (m *SGDOneClassSVM) learn(x learn.Data, w []float64, warm bool, passes int) {
	coef, offset := []float64(nil), 0.0
	if warm {
		coef, offset = m.Coef.Data, m.Offset[0]
	}
	d := m.Begin(x, nil)
	if !(m.Nu > 0) || m.Nu > 1 {
		m.Fail("Nu is %g; want one in (0, 1]", m.Nu)
	}
	if len(coef) != d.Cols {
		coef, offset = make([]float64, d.Cols), 0
	}
	o := Descent{
		Penalty: "l2", Alpha: m.Nu, FitIntercept: m.FitIntercept, MaxIter: passes, Tol: m.Tol, Shuffle: m.Shuffle,
		LearningRate: m.LearningRate, Eta0: m.Eta0, PowerT: m.PowerT, NIterNoChange: 5, Average: m.Average,
	}
	ones := learn.Weights(m.Name(), nil, d.Rows)
	w = learn.Weights(m.Name(), w, d.Rows)
	c, b, n := o.run(&m.Base, d, ones, w, "hinge", m.RandomState, coef, 1-offset, true)
	m.Coef = &learn.Matrix{Rows: 1, Cols: d.Cols, Data: c}
	m.Offset, m.NIter = []float64{1 - b}, n
	m.Done()
}

// DecisionFunction returns the distance from the plane, times ‖Coef‖: negative for outliers.
func (m *SGDOneClassSVM) DecisionFunction(x learn.Data) (d *learn.Matrix, err error) {
	defer learn.Catch(&err)
	d = learn.MulT(m.Ready(x), m.Coef)
	for i := range d.Data {
		d.Data[i] -= m.Offset[0]
	}
	return d, nil
}

// ScoreSamples returns X·Coefᵀ.
func (m *SGDOneClassSVM) ScoreSamples(x learn.Data) (s *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return learn.MulT(m.Ready(x), m.Coef), nil
}

// Predict returns 1 for inliers and −1 for outliers.
func (m *SGDOneClassSVM) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	if y, err = m.DecisionFunction(x); err != nil {
		return nil, err
	}
	for i, v := range y.Data {
		y.Data[i] = 1
		if v < 0 {
			y.Data[i] = -1
		}
	}
	return y, nil
}
