package mixture

import (
	"math"

	"gonum.org/v1/gonum/mathext"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
)

// BayesianGaussianMixture is a mixture with priors over weights, means and covariances, estimated by variational
// inference (Blei and Jordan 2006): components that the data does not need get weights near 0.
type BayesianGaussianMixture struct {
	learn.Base
	NComponents     int           `param:"n_components=1"`
	CovarianceType  string        `param:"covariance_type=full"` // full, tied, diag or spherical
	Tol             float64       `param:"tol=0.001"`            // of the lower bound
	RegCovar        float64       `param:"reg_covar=1e-06"`      // added to diagonals
	MaxIter         int           `param:"max_iter=100"`
	NInit           int           `param:"n_init=1"`
	InitParams      string        `param:"init_params=kmeans"`                                // or random_from_data
	PriorType       string        `param:"weight_concentration_prior_type=dirichlet_process"` // or dirichlet_distribution
	WeightPrior     any           `param:"weight_concentration_prior=None"`                   // nil: 1/NComponents
	PrecisionPrior  any           `param:"mean_precision_prior=None"`                         // nil: 1
	MeanPrior       []float64     `param:"mean_prior"`                                        // nil: the mean of X
	FreedomPrior    any           `param:"degrees_of_freedom_prior=None"`                     // nil: the features
	CovariancePrior *learn.Matrix `param:"covariance_prior"`                                  // nil: the covariance of X
	RandomState     int64         `param:"random_state=0"`
	WarmStart       bool          `param:"warm_start=false" fixed:"true"`

	Weights       []float64       `fit:"weights_"`
	Means         *learn.Matrix   `fit:"means_"`
	Covariances   []*learn.Matrix `fit:"covariances_"` // of each component, [features features]
	Concentration []float64       `fit:"weight_concentration_"`
	MeanPrecision []float64       `fit:"mean_precision_"`
	Freedom       []float64       `fit:"degrees_of_freedom_"`
	Converged     bool            `fit:"converged_"`
	NIter         int             `fit:"n_iter_"`
	LowerBound    float64         `fit:"lower_bound_"`

	concentrationB []float64 // second parameters of a Dirichlet process
	priors         priors
	normal         *GaussianMixture // means, covariances and their factors
}

// priors are the options that nil stands for, filled in.
type priors struct {
	weight, precision, freedom float64
	mean                       []float64
	covariance                 *learn.Matrix // [features features]
}

// NewBayesianGaussianMixture returns one with scikit-learn's defaults.
func NewBayesianGaussianMixture() *BayesianGaussianMixture {
	m := &BayesianGaussianMixture{}
	learn.Init(m)
	return m
}

// Kind returns learn.KindDensity.
func (m *BayesianGaussianMixture) Kind() learn.Kind { return learn.KindDensity }

// Fit maximizes the lower bound of the likelihood from NInit starts.
func (m *BayesianGaussianMixture) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.MustSquare(m.MustRows(m.Begin(x, nil), 2))
	m.OneOf("CovarianceType", m.CovarianceType, "full", "tied", "diag", "spherical")
	m.OneOf("InitParams", m.InitParams, "kmeans", "random_from_data")
	m.OneOf("PriorType", m.PriorType, "dirichlet_process", "dirichlet_distribution")
	if m.NComponents < 1 || m.NComponents > d.Rows {
		m.Fail("NComponents is %d; want 1 … %d", m.NComponents, d.Rows)
	}
	m.setPriors(d)
	r := random.New(m.RandomState)
	var best *BayesianGaussianMixture
	for range max(m.NInit, 1) {
		m.normal = NewGaussianMixture()
		m.normal.NComponents, m.normal.CovarianceType = m.NComponents, m.CovarianceType
		m.normal.RegCovar, m.normal.InitParams = m.RegCovar, m.InitParams
		m.maximize(d, m.normal.responsibilities(d, r))
		m.iterate(d)
		if best == nil || m.LowerBound > best.LowerBound {
			c := *m
			best = &c
		}
	}
	m.normal, m.Concentration, m.concentrationB = best.normal, best.Concentration, best.concentrationB
	m.MeanPrecision, m.Freedom = best.MeanPrecision, best.Freedom
	m.Converged, m.NIter, m.LowerBound = best.Converged, best.NIter, best.LowerBound
	m.Means, m.Covariances = best.Means, best.Covariances
	m.setWeights()
	m.Done()
	return nil
}

func (m *BayesianGaussianMixture) setPriors(d *learn.Matrix) {
	p := float64(d.Cols)
	m.priors = priors{weight: 1 / float64(m.NComponents), precision: 1, freedom: p, mean: m.MeanPrior}
	set := func(name string, dst *float64, v any, above float64) {
		if f, ok := learn.OptFloat(v); ok {
			*dst = f
		}
		if !(*dst > above) {
			m.Fail("%s is %g; want more than %g", name, *dst, above)
		}
	}
	set("WeightPrior", &m.priors.weight, m.WeightPrior, 0)
	set("PrecisionPrior", &m.priors.precision, m.PrecisionPrior, 0)
	set("FreedomPrior", &m.priors.freedom, m.FreedomPrior, p-1)
	mean := make([]float64, d.Cols)
	for i := range d.Rows {
		for j, v := range d.Row(i) {
			mean[j] += v / float64(d.Rows)
		}
	}
	if m.priors.mean == nil {
		m.priors.mean = mean
	}
	if len(m.priors.mean) != d.Cols {
		m.Fail("MeanPrior has %d numbers for %d features", len(m.priors.mean), d.Cols)
	}
	m.priors.covariance = m.CovariancePrior
	if m.CovariancePrior == nil {
		if d.Rows < 2 {
			m.Fail("one row has no covariance; set CovariancePrior")
		}
		z := d.Clone()
		for i := range z.Rows {
			for j := range z.Row(i) {
				z.Row(i)[j] -= mean[j]
			}
		}
		cov := learn.TMul(z, z)
		for i := range cov.Data {
			cov.Data[i] /= float64(d.Rows - 1)
		}
		m.priors.covariance = cov
	}
	c := m.priors.covariance
	if c.Rows != d.Cols || c.Cols != d.Cols {
		m.Fail("CovariancePrior is [%d %d]; want [%d %d]", c.Rows, c.Cols, d.Cols, d.Cols)
	}
	m.priors.covariance = m.restrict(c)
}

// restrict returns c with what the covariance type allows.
func (m *BayesianGaussianMixture) restrict(c *learn.Matrix) *learn.Matrix {
	if m.CovarianceType == "full" || m.CovarianceType == "tied" {
		return c.Clone()
	}
	out, mean := learn.NewMatrix(c.Rows, c.Cols), 0.0
	for j := range c.Rows {
		out.Set(j, j, c.At(j, j))
		mean += c.At(j, j) / float64(c.Rows)
	}
	if m.CovarianceType == "spherical" {
		for j := range c.Rows {
			out.Set(j, j, mean)
		}
	}
	return out
}

func (m *BayesianGaussianMixture) iterate(d *learn.Matrix) {
	m.LowerBound, m.Converged = math.Inf(-1), false
	for m.NIter = 1; m.NIter <= m.MaxIter; m.NIter++ {
		m.Poll()
		resp := m.logs(d)
		entropy := 0.0
		for i := range resp.Rows {
			row := resp.Row(i)
			z := logSum(row)
			for c := range row {
				l := row[c] - z
				row[c] = math.Exp(l)
				entropy -= row[c] * l
			}
		}
		m.maximize(d, resp)
		old := m.LowerBound
		m.LowerBound = m.bound(entropy)
		if math.Abs(m.LowerBound-old) < m.Tol {
			m.Converged = true
			return
		}
	}
	m.NIter = m.MaxIter
}

// maximize estimates the posteriors from responsibilities.
func (m *BayesianGaussianMixture) maximize(d, resp *learn.Matrix) {
	g, k := m.normal, m.NComponents
	g.maximize(d, resp)
	n := make([]float64, k)
	for c, w := range g.Weights {
		n[c] = w * (float64(d.Rows) + 10*epsilon*float64(k))
	}
	m.concentrate(n)
	m.MeanPrecision, m.Freedom = make([]float64, k), make([]float64, k)
	centres := g.Means
	g.Means = learn.NewMatrix(k, d.Cols)
	for c := range k {
		m.MeanPrecision[c] = m.priors.precision + n[c]
		m.Freedom[c] = m.priors.freedom + n[c]
		if m.CovarianceType == "tied" {
			m.Freedom[c] = m.priors.freedom + float64(d.Rows)/float64(k)
		}
		for j, v := range centres.Row(c) {
			g.Means.Set(c, j, (m.priors.precision*m.priors.mean[j]+n[c]*v)/m.MeanPrecision[c])
		}
	}
	m.spread(n, centres, float64(d.Rows))
	g.factor()
	m.Means, m.Covariances = g.Means, g.Covariances
}

const epsilon = 2.22e-16

// concentrate estimates the parameters of the weights.
func (m *BayesianGaussianMixture) concentrate(n []float64) {
	m.Concentration, m.concentrationB = make([]float64, len(n)), nil
	if m.PriorType == "dirichlet_distribution" {
		for c, v := range n {
			m.Concentration[c] = m.priors.weight + v
		}
		return
	}
	m.concentrationB = make([]float64, len(n))
	later := 0.0
	for c := len(n) - 1; c >= 0; c-- {
		m.Concentration[c], m.concentrationB[c] = 1+n[c], m.priors.weight+later
		later += n[c]
	}
}

// spread estimates the covariances of Wishart posteriors from those of the rows.
func (m *BayesianGaussianMixture) spread(n []float64, centres *learn.Matrix, rows float64) {
	g, k := m.normal, float64(m.NComponents)
	var tied *learn.Matrix
	for c, cov := range g.Covariances {
		p := cov.Rows
		outer := learn.NewMatrix(p, p)
		for i := range p {
			for j := range p {
				outer.Set(i, j, (centres.At(c, i)-m.priors.mean[i])*(centres.At(c, j)-m.priors.mean[j]))
			}
		}
		f := m.priors.precision * n[c] / m.MeanPrecision[c]
		if m.CovarianceType == "tied" {
			if tied == nil {
				tied = m.priors.covariance.Clone()
				for i, v := range cov.Data {
					tied.Data[i] += v * rows / k
				}
			}
			for i, v := range outer.Data {
				tied.Data[i] += f / k * v
			}
			continue
		}
		for i, v := range m.restrict(outer).Data {
			cov.Data[i] = (m.priors.covariance.Data[i] + n[c]*cov.Data[i] + f*v) / m.Freedom[c]
		}
	}
	if tied != nil {
		for c := range g.Covariances {
			for i, v := range tied.Data {
				g.Covariances[c].Data[i] = v / m.Freedom[c]
			}
		}
	}
}

// logWeights returns the expectations of the logarithms of the weights.
func (m *BayesianGaussianMixture) logWeights() []float64 {
	out := make([]float64, len(m.Concentration))
	if m.concentrationB == nil {
		all := 0.0
		for _, v := range m.Concentration {
			all += v
		}
		for c, v := range m.Concentration {
			out[c] = mathext.Digamma(v) - mathext.Digamma(all)
		}
		return out
	}
	before := 0.0
	for c, a := range m.Concentration {
		b := m.concentrationB[c]
		both := mathext.Digamma(a + b)
		out[c] = mathext.Digamma(a) - both + before
		before += mathext.Digamma(b) - both
	}
	return out
}

// LogWeights returns for each component the logarithm of its expected weight with the corrections that the
// uncertainty of means and covariances brings: PredictProba is the softmax of it plus the log-density of a normal
// distribution with Means and PrecisionsCholesky.
func (m *BayesianGaussianMixture) LogWeights() []float64 {
	p := m.Means.Cols
	out := m.logWeights()
	for c, f := range m.Freedom {
		l := float64(p) * math.Ln2
		for j := range p {
			l += mathext.Digamma(0.5 * (f - float64(j)))
		}
		out[c] += 0.5 * (l - float64(p)/m.MeanPrecision[c] - float64(p)*math.Log(f))
	}
	return out
}

// PrecisionsCholesky returns for each component an upper triangular U [features features] whose U·Uᵀ is the inverse
// of the covariance.
func (m *BayesianGaussianMixture) PrecisionsCholesky() []*learn.Matrix {
	m.MustFitted()
	return m.factored().PrecisionsCholesky()
}

// factored returns the components as a mixture of normal distributions.
func (m *BayesianGaussianMixture) factored() *GaussianMixture {
	if m.normal == nil { // restored from a file
		m.normal = NewGaussianMixture()
		m.normal.Means, m.normal.Covariances = m.Means, m.Covariances
		m.normal.factor()
	}
	return m.normal
}

// logs returns the expected log(weight · density) of each row and component.
func (m *BayesianGaussianMixture) logs(d *learn.Matrix) *learn.Matrix {
	return m.factored().logsWith(d, m.LogWeights())
}

// bound is the lower bound of the likelihood up to a constant.
func (m *BayesianGaussianMixture) bound(entropy float64) float64 {
	p := float64(m.normal.Means.Cols)
	lgamma := func(x float64) float64 { v, _ := math.Lgamma(x); return v }
	for c, f := range m.Freedom {
		half := -0.5*m.normal.halves[c].logdet - 0.5*p*math.Log(f)
		wishart := f*half + f*p*0.5*math.Ln2
		for j := range m.normal.Means.Cols {
			wishart += lgamma(0.5 * (f - float64(j)))
		}
		entropy += wishart - 0.5*p*math.Log(m.MeanPrecision[c])
	}
	if m.concentrationB == nil {
		all := 0.0
		for _, v := range m.Concentration {
			all += v
			entropy += lgamma(v)
		}
		return entropy - lgamma(all)
	}
	for c, a := range m.Concentration {
		b := m.concentrationB[c]
		entropy += lgamma(a) + lgamma(b) - lgamma(a+b)
	}
	return entropy
}

// setWeights sets the expected weights.
func (m *BayesianGaussianMixture) setWeights() {
	m.Weights = make([]float64, m.NComponents)
	sum, left := 0.0, 1.0
	for c, a := range m.Concentration {
		m.Weights[c] = a
		if m.concentrationB != nil {
			both := a + m.concentrationB[c]
			m.Weights[c] = a / both * left
			left *= m.concentrationB[c] / both
		}
		sum += m.Weights[c]
	}
	for c := range m.Weights {
		m.Weights[c] /= sum
	}
}

// PredictProba returns the probability of each component.
func (m *BayesianGaussianMixture) PredictProba(x learn.Data) (p *learn.Matrix, err error) {
	defer learn.Catch(&err)
	p = m.logs(m.Ready(x))
	for i := range p.Rows {
		row := p.Row(i)
		z := logSum(row)
		for c := range row {
			row[c] = math.Exp(row[c] - z)
		}
	}
	return p, nil
}

// Predict returns the number of the most probable component.
func (m *BayesianGaussianMixture) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return mostProbable(m.logs(m.Ready(x))), nil
}

// ScoreSamples returns the expected log-likelihood of rows.
func (m *BayesianGaussianMixture) ScoreSamples(x learn.Data) (s *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return logSums(m.logs(m.Ready(x))), nil
}

// Score returns the mean of ScoreSamples.
func (m *BayesianGaussianMixture) Score(x learn.Data, _ *learn.Matrix) (float64, error) {
	return meanOf(m.ScoreSamples(x))
}
