// Package mixture fits mixtures of normal distributions.
//
//	m := mixture.NewGaussianMixture()
//	m.NComponents = 3
//	err := m.Fit(x, nil)
//	p, err := m.PredictProba(x)
//	fmt.Println(m.Means, m.Weights)
//
// BayesianGaussianMixture chooses the number of components by itself. Hard clusters are in learn/cluster.
package mixture

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/cluster"
	"github.com/lathe-ml/lathe/learn/random"
)

// GaussianMixture estimates weights, means and covariances by expectation and maximization.
type GaussianMixture struct {
	learn.Base
	NComponents    int           `param:"n_components=1"`
	CovarianceType string        `param:"covariance_type=full"` // full, tied, diag or spherical
	Tol            float64       `param:"tol=0.001"`
	RegCovar       float64       `param:"reg_covar=1e-06"` // added to diagonals
	MaxIter        int           `param:"max_iter=100"`
	NInit          int           `param:"n_init=1"`
	InitParams     string        `param:"init_params=kmeans"` // kmeans or random_from_data
	WeightsInit    []float64     `param:"weights_init"`
	MeansInit      *learn.Matrix `param:"means_init"`
	RandomState    int64         `param:"random_state=0"`
	WarmStart      bool          `param:"warm_start=false" fixed:"true"`

	Weights     []float64       `fit:"weights_"`
	Means       *learn.Matrix   `fit:"means_"`
	Covariances []*learn.Matrix `fit:"covariances_"` // of each component, [features features]
	Converged   bool            `fit:"converged_"`
	NIter       int             `fit:"n_iter_"`
	LowerBound  float64         `fit:"lower_bound_"`
	halves      []half
}

// half is the inverse Cholesky factor of a covariance and the logarithm of its determinant.
type half struct {
	inv    *learn.Matrix
	logdet float64
}

// NewGaussianMixture returns one with scikit-learn's defaults.
func NewGaussianMixture() *GaussianMixture { m := &GaussianMixture{}; learn.Init(m); return m }

// Kind returns learn.KindDensity.
func (m *GaussianMixture) Kind() learn.Kind { return learn.KindDensity }

// Fit maximizes the likelihood from NInit starts.
func (m *GaussianMixture) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.MustSquare(m.MustRows(m.Begin(x, nil), 2))
	m.OneOf("CovarianceType", m.CovarianceType, "full", "tied", "diag", "spherical")
	m.OneOf("InitParams", m.InitParams, "kmeans", "random_from_data")
	if m.NComponents < 1 || m.NComponents > d.Rows {
		m.Fail("NComponents is %d; want 1 … %d", m.NComponents, d.Rows)
	}
	r := random.New(m.RandomState)
	var best *GaussianMixture
	for range max(m.NInit, 1) {
		m.maximize(d, m.responsibilities(d, r))
		if m.WeightsInit != nil {
			m.Weights = m.WeightsInit
		}
		if m.MeansInit != nil {
			m.Means = m.MeansInit.Clone()
		}
		m.iterate(d)
		if best == nil || m.LowerBound > best.LowerBound {
			c := *m
			best = &c
		}
	}
	m.Weights, m.Means, m.Covariances, m.halves = best.Weights, best.Means, best.Covariances, best.halves
	m.Converged, m.NIter, m.LowerBound = best.Converged, best.NIter, best.LowerBound
	m.Done()
	return nil
}

func (m *GaussianMixture) iterate(d *learn.Matrix) {
	m.LowerBound, m.Converged = math.Inf(-1), false
	for m.NIter = 1; m.NIter <= m.MaxIter; m.NIter++ {
		m.Poll()
		resp, mean := m.expect(d)
		m.maximize(d, resp)
		change := mean - m.LowerBound
		m.LowerBound = mean
		if math.Abs(change) < m.Tol {
			m.Converged = true
			return
		}
	}
	m.NIter = m.MaxIter
}

// responsibilities returns the start.
func (m *GaussianMixture) responsibilities(d *learn.Matrix, r *random.State) *learn.Matrix {
	resp := learn.NewMatrix(d.Rows, m.NComponents)
	if m.InitParams == "random_from_data" {
		for k, i := range r.Choice(d.Rows, m.NComponents) {
			resp.Set(i, k, 1)
		}
		return resp
	}
	km := cluster.NewKMeans()
	km.NClusters, km.RandomState = m.NComponents, r.Seed()
	learn.Must(km.Fit(d, nil))
	for i, k := range km.Labels {
		resp.Set(i, k, 1)
	}
	return resp
}

// maximize estimates the parameters from responsibilities.
func (m *GaussianMixture) maximize(d, resp *learn.Matrix) {
	k, p := m.NComponents, d.Cols
	n := make([]float64, k)
	for i := range resp.Rows {
		for c, v := range resp.Row(i) {
			n[c] += v
		}
	}
	m.Means = learn.TMul(resp, d)
	m.Weights, m.Covariances = make([]float64, k), nil
	total := 0.0
	for c := range k {
		n[c] += 10 * epsilon
		total += n[c]
		for j := range p {
			m.Means.Row(c)[j] /= n[c]
		}
	}
	for c := range k {
		m.Weights[c] = n[c] / total
		z, zw := learn.NewMatrix(d.Rows, p), learn.NewMatrix(d.Rows, p)
		for i := range d.Rows {
			w := resp.At(i, c)
			for j, v := range d.Row(i) {
				e := v - m.Means.At(c, j)
				z.Data[i*p+j], zw.Data[i*p+j] = e, w*e
			}
		}
		cov := learn.TMul(zw, z)
		for i := range cov.Data {
			cov.Data[i] /= n[c]
		}
		m.Covariances = append(m.Covariances, cov)
	}
	m.shape(n, total)
	m.factor()
}

// shape restricts the covariances to their type and adds RegCovar.
func (m *GaussianMixture) shape(n []float64, total float64) {
	p := m.Means.Cols
	if m.CovarianceType == "tied" {
		all := learn.NewMatrix(p, p)
		for c, cov := range m.Covariances {
			for i, v := range cov.Data {
				all.Data[i] += v * n[c] / total
			}
		}
		for c := range m.Covariances {
			m.Covariances[c] = all.Clone()
		}
	}
	for _, cov := range m.Covariances {
		mean := 0.0
		for j := range p {
			mean += cov.At(j, j) / float64(p)
		}
		for i := range p {
			for j := range p {
				switch {
				case i != j && (m.CovarianceType == "diag" || m.CovarianceType == "spherical"):
					cov.Set(i, j, 0)
				case i == j && m.CovarianceType == "spherical":
					cov.Set(i, j, mean)
				}
			}
			cov.Data[i*p+i] += m.RegCovar
		}
	}
}

// factor inverts the Cholesky factors.
func (m *GaussianMixture) factor() {
	p := m.Means.Cols
	m.halves = nil
	for c, cov := range m.Covariances {
		var ch mat.Cholesky
		if !ch.Factorize(mat.NewSymDense(p, cov.Clone().Data)) {
			m.Fail("covariance of component %d is not positive definite; raise RegCovar or lower NComponents", c)
		}
		var l, inv mat.TriDense
		ch.LTo(&l)
		if err := inv.InverseTri(&l); err != nil {
			if _, ok := err.(mat.Condition); !ok {
				learn.Must(err)
			}
		}
		m.halves = append(m.halves, half{learn.FromMat(&inv), ch.LogDet()})
	}
}

// PrecisionsCholesky returns for each component an upper triangular U [features features] whose U·Uᵀ is the
// inverse of the covariance.
func (m *GaussianMixture) PrecisionsCholesky() []*learn.Matrix {
	if m.halves == nil {
		m.MustFitted()
		m.factor()
	}
	var out []*learn.Matrix
	for _, h := range m.halves {
		out = append(out, h.inv.T())
	}
	return out
}

// logs returns log(weight · density) of each row and component.
func (m *GaussianMixture) logs(d *learn.Matrix) *learn.Matrix {
	if m.halves == nil {
		m.factor()
	}
	logs := make([]float64, len(m.Weights))
	for c, w := range m.Weights {
		logs[c] = math.Log(w)
	}
	return m.logsWith(d, logs)
}

// logsWith returns weights, which are logarithms, plus the log-density of each row and component.
func (m *GaussianMixture) logsWith(d *learn.Matrix, weights []float64) *learn.Matrix {
	out := learn.NewMatrix(d.Rows, len(weights))
	for c, h := range m.halves {
		z := d.Clone()
		for i := range z.Rows {
			for j := range z.Row(i) {
				z.Row(i)[j] -= m.Means.At(c, j)
			}
		}
		z = learn.MulT(z, h.inv)
		base := weights[c] - 0.5*(float64(d.Cols)*math.Log(2*math.Pi)+h.logdet)
		for i := range z.Rows {
			s := 0.0
			for _, v := range z.Row(i) {
				s += v * v
			}
			out.Set(i, c, base-0.5*s)
		}
	}
	return out
}

// expect returns responsibilities and the mean log-likelihood.
func (m *GaussianMixture) expect(d *learn.Matrix) (*learn.Matrix, float64) {
	l := m.logs(d)
	mean := 0.0
	for i := range l.Rows {
		row := l.Row(i)
		z := logSum(row)
		mean += z / float64(l.Rows)
		for c := range row {
			row[c] = math.Exp(row[c] - z)
		}
	}
	return l, mean
}

func logSum(v []float64) float64 {
	top, s := v[learn.ArgMax(v)], 0.0
	for _, x := range v {
		s += math.Exp(x - top)
	}
	return top + math.Log(s)
}

// PredictProba returns the probability of each component.
func (m *GaussianMixture) PredictProba(x learn.Data) (p *learn.Matrix, err error) {
	defer learn.Catch(&err)
	p, _ = m.expect(m.Ready(x))
	return p, nil
}

// Predict returns the number of the most probable component.
func (m *GaussianMixture) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return mostProbable(m.logs(m.Ready(x))), nil
}

func mostProbable(l *learn.Matrix) *learn.Matrix {
	y := learn.NewMatrix(l.Rows, 1)
	for i := range y.Data {
		y.Data[i] = float64(learn.ArgMax(l.Row(i)))
	}
	return y
}

// ScoreSamples returns the log-likelihood of rows.
func (m *GaussianMixture) ScoreSamples(x learn.Data) (s *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return logSums(m.logs(m.Ready(x))), nil
}

func logSums(l *learn.Matrix) *learn.Matrix {
	s := learn.NewMatrix(l.Rows, 1)
	for i := range s.Data {
		s.Data[i] = logSum(l.Row(i))
	}
	return s
}

// Score returns the mean of ScoreSamples.
func (m *GaussianMixture) Score(x learn.Data, _ *learn.Matrix) (float64, error) {
	return meanOf(m.ScoreSamples(x))
}

func meanOf(s *learn.Matrix, err error) (float64, error) {
	if err != nil {
		return 0, err
	}
	sum := 0.0
	for _, v := range s.Data {
		sum += v
	}
	return sum / float64(len(s.Data)), nil
}
