package linear

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/lathe-ml/lathe/learn"
)

// Prior are the settings of Gamma priors and of the iterations of Bayesian regression.
type Prior struct {
	MaxIter      int     `param:"max_iter=300"`
	Tol          float64 `param:"tol=0.001"`
	Alpha1       float64 `param:"alpha_1=1e-06"`
	Alpha2       float64 `param:"alpha_2=1e-06"`
	Lambda1      float64 `param:"lambda_1=1e-06"`
	Lambda2      float64 `param:"lambda_2=1e-06"`
	ComputeScore bool    `param:"compute_score=false"`
	FitIntercept bool    `param:"fit_intercept=true"`

	Alpha  float64       `fit:"alpha_"` // precision of the noise
	Sigma  *learn.Matrix `fit:"sigma_"` // covariance of the coefficients
	Scores []float64     `fit:"scores_"`
	NIter  int           `fit:"n_iter_"`
}

// BayesianRidge estimates the precisions of noise and coefficients from the data (MacKay 1992).
type BayesianRidge struct {
	regressor
	Prior
	AlphaInit  any `param:"alpha_init=None"`  // nil: 1 / Var(y)
	LambdaInit any `param:"lambda_init=None"` // nil: 1

	Lambda float64   `fit:"lambda_"` // precision of the coefficients
	XMean  []float64 `fit:"X_offset_"`
}

// NewBayesianRidge returns one with scikit-learn's defaults.
func NewBayesianRidge() *BayesianRidge { m := &BayesianRidge{}; learn.Init(m); return m }

// Fit maximizes the marginal likelihood.
func (m *BayesianRidge) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *BayesianRidge) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	d := m.begin(x, y)
	learn.Target(m.Name(), y)
	total := float64(d.Rows)
	if w != nil {
		w = learn.Weights(m.Name(), w, d.Rows)
		total = 0
		for _, v := range w {
			total += v
		}
	}
	c := centre(d, y, w, m.FitIntercept)
	m.XMean = c.meanX
	variance := variance(y.Data, w)
	m.Alpha, m.Lambda = 1/(variance+2.2e-16), 1
	if v, ok := learn.OptFloat(m.AlphaInit); ok {
		m.Alpha = v
	}
	if v, ok := learn.OptFloat(m.LambdaInit); ok {
		m.Lambda = v
	}
	u, s, v := svd(c.x)
	uy := learn.TMul(u, c.y)
	coef := make([]float64, d.Cols)
	m.Scores = nil
	for m.NIter = 1; m.NIter <= m.MaxIter; m.NIter++ {
		old := append([]float64(nil), coef...)
		rss := m.step(c, s, v, uy, coef)
		if m.ComputeScore {
			m.Scores = append(m.Scores, m.evidence(total, d.Cols, s, coef, rss))
		}
		gamma := 0.0
		for _, e := range s {
			gamma += m.Alpha * e * e / (m.Lambda + m.Alpha*e*e)
		}
		m.Lambda = (gamma + 2*m.Lambda1) / (dot(coef, coef) + 2*m.Lambda2)
		m.Alpha = (total - gamma + 2*m.Alpha1) / (rss + 2*m.Alpha2)
		change := 0.0
		for j, o := range old {
			change += math.Abs(coef[j] - o)
		}
		if m.NIter > 1 && change < m.Tol {
			break
		}
	}
	m.NIter = min(m.NIter, m.MaxIter)
	rss := m.step(c, s, v, uy, coef)
	if m.ComputeScore {
		m.Scores = append(m.Scores, m.evidence(total, d.Cols, s, coef, rss))
	}
	m.covariance(s, v)
	m.set(&learn.Matrix{Rows: 1, Cols: d.Cols, Data: coef}, c)
	m.Done()
	return nil
}

func variance(v, w []float64) float64 {
	mean, all := 0.0, 0.0
	k := func(i int) float64 {
		if w == nil {
			return 1
		}
		return w[i]
	}
	for i, x := range v {
		mean += k(i) * x
		all += k(i)
	}
	mean /= all
	s := 0.0
	for i, x := range v {
		s += k(i) * (x - mean) * (x - mean)
	}
	return s / all
}

// step sets the coefficients of the current precisions and returns the residual sum of squares.
func (m *BayesianRidge) step(c *centred, s []float64, v, uy *learn.Matrix, coef []float64) float64 {
	clear(coef)
	for k, e := range s {
		f := e / (e*e + m.Lambda/m.Alpha) * uy.Data[k]
		for j := range coef {
			coef[j] += f * v.At(j, k)
		}
	}
	rss := 0.0
	for i := range c.x.Rows {
		r := c.y.Data[i] - dot(c.x.Row(i), coef)
		rss += r * r
	}
	return rss
}

// evidence is the logarithm of the marginal likelihood.
func (m *BayesianRidge) evidence(n float64, p int, s, coef []float64, rss float64) float64 {
	logdet := 0.0
	for _, e := range s {
		logdet -= math.Log(m.Lambda + m.Alpha*e*e)
	}
	logdet -= float64(p-len(s)) * math.Log(m.Lambda)
	score := m.Lambda1*math.Log(m.Lambda) - m.Lambda2*m.Lambda
	score += m.Alpha1*math.Log(m.Alpha) - m.Alpha2*m.Alpha
	return score + 0.5*(float64(p)*math.Log(m.Lambda)+n*math.Log(m.Alpha)-m.Alpha*rss-
		m.Lambda*dot(coef, coef)+logdet-n*math.Log(2*math.Pi))
}

func (m *BayesianRidge) covariance(s []float64, v *learn.Matrix) {
	m.Sigma = learn.NewMatrix(v.Rows, v.Rows)
	for k, e := range s {
		f := 1 / (m.Alpha*e*e + m.Lambda)
		for i := range v.Rows {
			for j := range v.Rows {
				m.Sigma.Data[i*v.Rows+j] += f * v.At(i, k) * v.At(j, k)
			}
		}
	}
}

// PredictStd returns predictions and the standard deviations of their distributions.
func (m *BayesianRidge) PredictStd(x learn.Data) (mean, sd *learn.Matrix, err error) {
	defer learn.Catch(&err)
	d := m.Ready(x)
	mean = m.decide(d, func() *learn.Matrix { return d })
	sd = learn.NewMatrix(d.Rows, 1)
	for i := range d.Rows {
		z := append([]float64(nil), d.Row(i)...)
		axpy(-1, m.XMean, z)
		q := 0.0
		for j := range z {
			q += z[j] * dot(m.Sigma.Row(j), z)
		}
		sd.Data[i] = math.Sqrt(q + 1/m.Alpha)
	}
	return mean, sd, nil
}

// ARDRegression gives each coefficient a precision of its own, and drops those that become too precise.
type ARDRegression struct {
	regressor
	Prior
	ThresholdLambda float64 `param:"threshold_lambda=10000.0"`

	Lambda []float64 `fit:"lambda_"`
}

// NewARDRegression returns one with scikit-learn's defaults.
func NewARDRegression() *ARDRegression { m := &ARDRegression{}; learn.Init(m); return m }

// Fit maximizes the marginal likelihood.
func (m *ARDRegression) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.MustRows(m.begin(x, y), 2)
	learn.Target(m.Name(), y)
	c := centre(d, y, nil, m.FitIntercept)
	n, p := float64(d.Rows), d.Cols
	m.Alpha = 1 / (variance(y.Data, nil) + 2.2e-16)
	m.Lambda = repeat(1, p)
	coef, keep := make([]float64, p), make([]bool, p)
	for j := range keep {
		keep[j] = true
	}
	var old []float64
	for m.NIter = 1; m.NIter <= m.MaxIter; m.NIter++ {
		index, sigma := m.posterior(c, keep, coef)
		rss := 0.0
		for i := range d.Rows {
			r := c.y.Data[i] - dot(c.x.Row(i), coef)
			rss += r * r
		}
		gammas := 0.0
		for k, j := range index {
			g := 1 - m.Lambda[j]*sigma.At(k, k)
			gammas += g
			m.Lambda[j] = (g + 2*m.Lambda1) / (coef[j]*coef[j] + 2*m.Lambda2)
		}
		m.Alpha = (n - gammas + 2*m.Alpha1) / (rss + 2*m.Alpha2)
		any := false
		for j := range keep {
			keep[j] = m.Lambda[j] < m.ThresholdLambda
			if !keep[j] {
				coef[j] = 0
			}
			any = any || keep[j]
		}
		change := 0.0
		for j, o := range old {
			change += math.Abs(coef[j] - o)
		}
		if old != nil && change < m.Tol || !any {
			break
		}
		old = append([]float64(nil), coef...)
	}
	m.NIter = min(m.NIter, m.MaxIter)
	_, m.Sigma = m.posterior(c, keep, coef)
	m.set(&learn.Matrix{Rows: 1, Cols: p, Data: coef}, c)
	m.Done()
	return nil
}

// posterior updates the kept coefficients and returns their features and covariance.
func (m *ARDRegression) posterior(c *centred, keep []bool, coef []float64) ([]int, *learn.Matrix) {
	var index []int
	for j, k := range keep {
		if k {
			index = append(index, j)
		}
	}
	if len(index) == 0 {
		return nil, &learn.Matrix{}
	}
	x := c.x.TakeCols(index)
	g := learn.TMul(x, x)
	for k := range g.Data {
		g.Data[k] *= m.Alpha
	}
	for k, j := range index {
		g.Data[k*g.Cols+k] += m.Lambda[j]
	}
	var ch mat.Cholesky
	sigma := learn.NewMatrix(len(index), len(index))
	if !ch.Factorize(symmetric(g)) {
		m.Fail("precision matrix of %d coefficients is singular; standardize X", len(index))
	}
	inv := mat.NewSymDense(len(index), sigma.Data)
	learn.Must(inverse(&ch, inv))
	for i := range sigma.Rows {
		for j := range i {
			sigma.Set(i, j, sigma.At(j, i))
		}
	}
	w := learn.Mul(sigma, learn.TMul(x, c.y))
	for k, j := range index {
		coef[j] = m.Alpha * w.Data[k]
	}
	return index, sigma
}

// inverse ignores that a matrix is badly conditioned, as scikit-learn does.
func inverse(ch *mat.Cholesky, dst *mat.SymDense) error {
	err := ch.InverseTo(dst)
	if _, ok := err.(mat.Condition); ok {
		return nil
	}
	return err
}
