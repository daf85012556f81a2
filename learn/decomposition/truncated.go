package decomposition

import (
	"github.com/lathe-ml/lathe/learn"
)

// TruncatedSVD is PCA without centring, so that sparse data stays sparse; of TF-IDF it is latent semantic
// analysis.
type TruncatedSVD struct {
	Components
	NComponents          int     `param:"n_components=2"`
	Algorithm            string  `param:"algorithm=randomized"` // or arpack; both are exact here
	NIter                int     `param:"n_iter=5"`
	NOversamples         int     `param:"n_oversamples=10"`
	PowerIterationNormal string  `param:"power_iteration_normalizer=auto"`
	RandomState          int64   `param:"random_state=0"`
	Tol                  float64 `param:"tol=0.0"`
}

// NewTruncatedSVD returns one with scikit-learn's defaults.
func NewTruncatedSVD() *TruncatedSVD { m := &TruncatedSVD{}; learn.Init(m); return m }

// Fit finds the components.
func (m *TruncatedSVD) Fit(x learn.Data, y *learn.Matrix) error {
	_, err := m.FitTransform(x, y)
	return err
}

// FitTransform finds the components and projects the rows.
func (m *TruncatedSVD) FitTransform(x learn.Data, _ *learn.Matrix) (d learn.Data, err error) {
	defer learn.Catch(&err)
	rows, cols := x.Dims()
	m.BeginSize(rows, cols, nil)
	if m.NComponents < 1 || m.NComponents > min(rows, cols) {
		m.Fail("NComponents is %d; want 1 … %d", m.NComponents, min(rows, cols))
	}
	s, vt := truncated(x, m.Name(), m.NComponents, m.RandomState)
	flip(vt)
	m.Components.Components, m.SingularValues, m.NUsed = vt, s, m.NComponents
	m.Mean = make([]float64, cols)
	m.Done()
	z := m.project(x)
	m.variances(x, z)
	return z, nil
}

func (m *TruncatedSVD) project(x learn.Data) *learn.Matrix {
	if s, ok := x.(*learn.CSR); ok {
		return s.MulDense(m.Components.Components.T())
	}
	return learn.MulT(m.Ready(x), m.Components.Components)
}

// variances fills in the explained variance of the projections.
func (m *TruncatedSVD) variances(x learn.Data, z *learn.Matrix) {
	total := 0.0
	rows, cols := x.Dims()
	n := float64(rows)
	sum, sq := make([]float64, cols), make([]float64, cols)
	if s, ok := x.(*learn.CSR); ok {
		for k, j := range s.Index {
			sum[j] += s.Values[k]
			sq[j] += s.Values[k] * s.Values[k]
		}
		for j := range sum {
			total += sq[j]/n - sum[j]/n*(sum[j]/n)
		}
	} else {
		d := minus(m.Ready(x), means(m.Ready(x)))
		for _, v := range d.Data {
			total += v * v / n
		}
	}
	m.ExplainedVariance, m.ExplainedVarianceRatio = nil, nil
	c := minus(z, means(z))
	for k := range c.Cols {
		v := 0.0
		for _, a := range c.Col(k) {
			v += a * a / n
		}
		m.ExplainedVariance = append(m.ExplainedVariance, v)
		m.ExplainedVarianceRatio = append(m.ExplainedVarianceRatio, v/total)
	}
}

// Transform projects rows.
func (m *TruncatedSVD) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	if _, cols := x.Dims(); cols != m.NFeatures {
		m.Fail("X has %d features, Fit saw %d; want the same columns", cols, m.NFeatures)
	}
	return m.project(x), nil
}

// InverseTransform maps projections back.
func (m *TruncatedSVD) InverseTransform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	return m.inverse(x, false), nil
}
