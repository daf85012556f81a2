package linear

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/metric"
)

// deviance is half the deviance of the Tweedie family of a power with a log or identity link.
type deviance struct {
	y     []float64
	power float64
	log   bool
}

func (l deviance) outputs() int { return 1 }

func (l deviance) row(i int, z, grad, curvature []float64) float64 {
	y, s, p := l.y[i], z[0], l.power
	if !l.log {
		grad[0] = s - y
		if curvature != nil {
			curvature[0] = 1
		}
		return (s - y) * (s - y) / 2
	}
	a, b := math.Exp((1-p)*s), math.Exp((2-p)*s)
	grad[0] = b - y*a
	if curvature != nil {
		curvature[0] = max((2-p)*b-(1-p)*y*a, 1e-12*b)
	}
	switch p {
	case 1:
		return b - y*s
	case 2:
		return s + y*math.Exp(-s)
	}
	return b/(2-p) - y*a/(1-p)
}

// glm is what generalized linear regressors have in common.
type glm struct {
	regressor
	Alpha        float64 `param:"alpha=1.0"`
	FitIntercept bool    `param:"fit_intercept=true"`
	Solver       string  `param:"solver=lbfgs"` // or newton-cholesky; both find the one optimum
	MaxIter      int     `param:"max_iter=100"`
	Tol          float64 `param:"tol=0.0001"`
	WarmStart    bool    `param:"warm_start=false"`

	NIter int `fit:"n_iter_"`
	power float64
	logs  bool
}

func (m *glm) fit(x learn.Data, y *learn.Matrix, w []float64, power float64, log bool) {
	var start *Coefs
	if m.WarmStart && m.Fitted() {
		start = &m.Coefs
	}
	d := m.begin(x, y)
	t := learn.Target(m.Name(), y)
	m.OneOf("Solver", m.Solver, "lbfgs", "newton-cholesky")
	w = learn.Weights(m.Name(), w, d.Rows)
	total, mean := 0.0, 0.0
	for i, v := range t {
		if power >= 1 && v < 0 || power >= 2 && v <= 0 {
			m.Fail("target %d is %g, which the family of power %g does not have", i, v, power)
		}
		total += w[i]
		mean += w[i] * v
	}
	rel := make([]float64, len(w))
	for i, v := range w {
		rel[i] = v / total
	}
	m.power, m.logs = power, log
	p := &problem{
		x: d, w: rel, loss: deviance{t, power, log}, l2: m.Alpha, intercept: m.FitIntercept, tol: m.Tol,
		maxIter: max(m.MaxIter, 1), poll: m.Poll,
	}
	v := make([]float64, p.size())
	switch {
	case start != nil && start.Coef.Cols == d.Cols:
		v = p.pack(*start)
	case m.FitIntercept && log:
		v[d.Cols] = math.Log(mean / total)
	case m.FitIntercept:
		v[d.Cols] = mean / total
	}
	m.Coefs = p.coefs(p.solve(v))
	m.NIter = p.iterations
	m.Done()
}

// Predict returns the mean.
func (m *glm) Predict(x learn.Data) (out *learn.Matrix, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	out = m.decide(x, func() *learn.Matrix { return m.Ready(x) })
	if m.logs {
		for i, v := range out.Data {
			out.Data[i] = math.Exp(v)
		}
	}
	return out, nil
}

// Score returns D²: the part of the deviance of the mean that is explained.
func (m *glm) Score(x learn.Data, y *learn.Matrix) (s float64, err error) {
	defer learn.Catch(&err)
	p, err := m.Predict(x)
	if err != nil {
		return 0, err
	}
	return metric.D2Tweedie(y, p, metric.Outputs{Power: m.power}), nil
}

// PoissonRegressor predicts counts: log link, Poisson deviance.
type PoissonRegressor struct{ glm }

// NewPoissonRegressor returns one with scikit-learn's defaults.
func NewPoissonRegressor() *PoissonRegressor { m := &PoissonRegressor{}; learn.Init(m); return m }

// Fit minimizes half the mean deviance plus α‖w‖²/2.
func (m *PoissonRegressor) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *PoissonRegressor) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	m.fit(x, y, w, 1, true)
	return nil
}

// GammaRegressor predicts positive numbers: log link, gamma deviance.
type GammaRegressor struct{ glm }

// NewGammaRegressor returns one with scikit-learn's defaults.
func NewGammaRegressor() *GammaRegressor { m := &GammaRegressor{}; learn.Init(m); return m }

// Fit minimizes half the mean deviance plus α‖w‖²/2.
func (m *GammaRegressor) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *GammaRegressor) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	m.fit(x, y, w, 2, true)
	return nil
}

// TweedieRegressor predicts with the Tweedie deviance of a power.
type TweedieRegressor struct {
	glm
	Power float64 `param:"power=0.0"`
	Link  string  `param:"link=auto"` // auto (log for powers above 0), identity or log
}

// NewTweedieRegressor returns one with scikit-learn's defaults.
func NewTweedieRegressor() *TweedieRegressor { m := &TweedieRegressor{}; learn.Init(m); return m }

// Fit minimizes half the mean deviance plus α‖w‖²/2.
func (m *TweedieRegressor) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *TweedieRegressor) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	m.OneOf("Link", m.Link, "auto", "identity", "log")
	log := m.Link == "log" || m.Link == "auto" && m.Power > 0
	if !log && m.Power != 0 {
		m.Fail("identity link is for power 0, got %g; use log", m.Power)
	}
	m.fit(x, y, w, m.Power, log)
	return nil
}
