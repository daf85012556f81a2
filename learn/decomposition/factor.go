package decomposition

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/metric"
	"github.com/lathe-ml/lathe/learn/preprocess"
)

// KernelPCA is PCA in the space of a kernel.
type KernelPCA struct {
	learn.TransformerBase
	NComponents         int     `param:"n_components=0"` // 0: all that are not zero
	Kernel              string  `param:"kernel=linear"`
	Gamma               any     `param:"gamma=None"` // nil: 1 / features
	Degree              float64 `param:"degree=3"`
	Coef0               float64 `param:"coef0=1"`
	KernelParams        any     `param:"kernel_params=None" fixed:"true"`
	Alpha               float64 `param:"alpha=1.0"` // of InverseTransform's ridge regression
	FitInverseTransform bool    `param:"fit_inverse_transform=false"`
	EigenSolver         string  `param:"eigen_solver=auto"` // all give the same result
	Tol                 float64 `param:"tol=0"`
	MaxIter             any     `param:"max_iter=None"`
	IteratedPower       any     `param:"iterated_power=auto"`
	RemoveZeroEig       bool    `param:"remove_zero_eig=false"`
	RandomState         int64   `param:"random_state=0"`

	Eigenvalues  []float64     `fit:"eigenvalues_"`
	Eigenvectors *learn.Matrix `fit:"eigenvectors_"` // [rows components]
	XFit         *learn.Matrix `fit:"X_fit_"`
	DualCoef     *learn.Matrix `fit:"dual_coef_"`
	GammaUsed    float64       `fit:"gamma_"`
	Centerer     *preprocess.KernelCenterer
	projected    *learn.Matrix
}

// NewKernelPCA returns one with scikit-learn's defaults.
func NewKernelPCA() *KernelPCA { m := &KernelPCA{}; learn.Init(m); return m }

func (m *KernelPCA) kernel(a, b *learn.Matrix) *learn.Matrix {
	if m.Kernel == "precomputed" {
		return a
	}
	return metric.Kernel(a, b, m.Kernel, metric.KernelOptions{Gamma: m.GammaUsed, Degree: m.Degree, Coef0: m.Coef0})
}

// Fit decomposes the centred kernel matrix.
func (m *KernelPCA) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, nil)
	m.OneOf("EigenSolver", m.EigenSolver, "auto", "dense", "arpack", "randomized")
	m.XFit, m.GammaUsed = d.Clone(), 1/float64(d.Cols)
	if g, ok := learn.OptFloat(m.Gamma); ok {
		m.GammaUsed = g
	}
	m.Centerer = preprocess.NewKernelCenterer()
	k, err := m.Centerer.FitTransform(m.kernel(d, d), nil)
	learn.Must(err)
	values, rows := learn.Eigh(k.(*learn.Matrix))
	n := m.NComponents
	if n == 0 || n > d.Rows {
		n = d.Rows
	}
	flip(rows)
	var kept []int
	for i := range n {
		if values[i] < 1e-12*values[0] {
			values[i] = 0
		}
		if values[i] > 0 || !m.RemoveZeroEig && m.NComponents > 0 {
			kept = append(kept, i)
		}
	}
	m.Eigenvalues = learn.TakeFloats(values, kept)
	m.Eigenvectors = rows.Take(kept).T()
	m.Done()
	if m.FitInverseTransform {
		m.fitInverse()
	}
	return nil
}

// scaled returns the eigenvectors over the roots of their values.
func (m *KernelPCA) scaled() *learn.Matrix {
	s := m.Eigenvectors.Clone()
	for i := range s.Rows {
		for k := range s.Row(i) {
			if m.Eigenvalues[k] > 0 {
				s.Row(i)[k] /= math.Sqrt(m.Eigenvalues[k])
			} else {
				s.Row(i)[k] = 0
			}
		}
	}
	return s
}

// Transform projects rows.
func (m *KernelPCA) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	k, err := m.Centerer.Transform(m.kernel(m.Ready(x), m.XFit))
	if err != nil {
		return nil, err
	}
	return learn.Mul(k.(*learn.Matrix), m.scaled()), nil
}

// fitInverse learns ridge regression from projections to rows.
func (m *KernelPCA) fitInverse() {
	z, err := m.Transform(m.XFit)
	learn.Must(err)
	m.projected = z.(*learn.Matrix)
	k := m.kernel(m.projected, m.projected).Clone()
	for i := range k.Rows {
		k.Data[i*k.Cols+i] += m.Alpha
	}
	values, rows := learn.Eigh(k)
	t := learn.Mul(rows, m.XFit)
	for i, v := range values {
		for j := range t.Row(i) {
			t.Row(i)[j] /= v
		}
	}
	m.DualCoef = learn.TMul(rows, t)
}

// InverseTransform maps projections back; it needs FitInverseTransform.
func (m *KernelPCA) InverseTransform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	if m.DualCoef == nil {
		m.Fail("InverseTransform needs FitInverseTransform")
	}
	return learn.Mul(m.kernel(learn.Dense(m.Name(), x), m.projected), m.DualCoef), nil
}

// FactorAnalysis has factors and a noise of its own for each feature.
type FactorAnalysis struct {
	learn.TransformerBase
	NComponents   int       `param:"n_components=0"` // 0: the number of features
	Tol           float64   `param:"tol=0.01"`
	MaxIter       int       `param:"max_iter=1000"`
	NoiseInit     []float64 `param:"noise_variance_init"`
	SVDMethod     string    `param:"svd_method=randomized"` // or lapack; both are exact here
	IteratedPower int       `param:"iterated_power=3"`
	Rotation      string    `param:"rotation"` // "", varimax or quartimax
	RandomState   int64     `param:"random_state=0"`

	Components    *learn.Matrix `fit:"components_"`
	NoiseVariance []float64     `fit:"noise_variance_"`
	LogLike       []float64     `fit:"loglike_"`
	Mean          []float64     `fit:"mean_"`
	NIter         int           `fit:"n_iter_"`
}

// NewFactorAnalysis returns one with scikit-learn's defaults.
func NewFactorAnalysis() *FactorAnalysis { m := &FactorAnalysis{}; learn.Init(m); return m }

// Fit maximizes the likelihood.
func (m *FactorAnalysis) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	const tiny = 1e-12
	d := m.Begin(x, nil)
	m.Mean = means(d)
	c := minus(d, m.Mean)
	n, p := float64(d.Rows), d.Cols
	k := m.NComponents
	if k == 0 {
		k = p
	}
	variance, psi := make([]float64, p), make([]float64, p)
	for j := range p {
		psi[j] = 1
		if m.NoiseInit != nil {
			psi[j] = m.NoiseInit[j]
		}
		for _, v := range c.Col(j) {
			variance[j] += v * v / n
		}
	}
	old := math.Inf(-1)
	m.LogLike = nil
	scaled := learn.NewMatrix(d.Rows, p)
	for m.NIter = 1; m.NIter <= m.MaxIter; m.NIter++ {
		m.Poll()
		root := make([]float64, p)
		for j, v := range psi {
			root[j] = math.Sqrt(v) + tiny
		}
		for i := range d.Rows {
			for j, v := range c.Row(i) {
				scaled.Data[i*p+j] = v / (root[j] * math.Sqrt(n))
			}
		}
		s, vt := scaledValues(scaled)
		ll := float64(p)*math.Log(2*math.Pi) + float64(k)
		w := learn.NewMatrix(k, p)
		for q, v := range s {
			if q >= k {
				ll += v
				continue
			}
			ll += math.Log(v)
			f := math.Sqrt(max(v-1, 0))
			for j := range p {
				w.Set(q, j, f*vt.At(q, j)*root[j])
			}
		}
		for _, v := range psi {
			ll += math.Log(v)
		}
		ll *= -n / 2
		m.LogLike = append(m.LogLike, ll)
		m.Components = w
		if ll-old < m.Tol {
			break
		}
		old = ll
		for j := range p {
			e := variance[j]
			for q := range k {
				e -= w.At(q, j) * w.At(q, j)
			}
			psi[j] = max(e, tiny)
		}
	}
	m.NIter = min(m.NIter, m.MaxIter)
	m.NoiseVariance = psi
	if m.Rotation != "" {
		m.OneOf("Rotation", m.Rotation, "varimax", "quartimax")
		m.Components = rotate(m.Components, m.Rotation)
	}
	m.Done()
	return nil
}

// scaledValues returns squared singular values and right vectors.
func scaledValues(x *learn.Matrix) ([]float64, *learn.Matrix) {
	if x.Rows >= x.Cols {
		values, rows := learn.Eigh(learn.TMul(x, x))
		for i, v := range values {
			values[i] = max(v, 1e-300)
		}
		return values, rows
	}
	_, s, vt := learn.SVD(x)
	for i := range s {
		s[i] *= s[i]
	}
	return s, vt
}

// rotate turns factors so that loadings are near 0 or large.
func rotate(components *learn.Matrix, method string) *learn.Matrix {
	a := components.T()
	rows, cols := a.Rows, a.Cols
	r := learn.NewMatrix(cols, cols)
	for i := range cols {
		r.Set(i, i, 1)
	}
	v := 0.0
	for range 100 {
		rot := learn.Mul(a, r)
		t := learn.NewMatrix(rows, cols)
		for j := range cols {
			mean := 0.0
			if method == "varimax" {
				for i := range rows {
					mean += rot.At(i, j) * rot.At(i, j) / float64(rows)
				}
			}
			for i := range rows {
				x := rot.At(i, j)
				t.Set(i, j, x*x*x-x*mean)
			}
		}
		u, s, vt := learn.SVD(learn.TMul(a, t))
		r = learn.Mul(u, vt)
		sum := 0.0
		for _, x := range s {
			sum += x
		}
		if v != 0 && sum < v*(1+1e-6) {
			break
		}
		v = sum
	}
	return learn.Mul(a, r).T()
}

// Covariance returns that of the model.
func (m *FactorAnalysis) Covariance() *learn.Matrix {
	c := learn.TMul(m.Components, m.Components)
	for j, v := range m.NoiseVariance {
		c.Data[j*c.Cols+j] += v
	}
	return c
}

// Transform returns the expected factors of rows.
func (m *FactorAnalysis) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	c := minus(m.Ready(x), m.Mean)
	k := m.Components.Rows
	scaled := m.Components.Clone()
	for q := range k {
		for j := range scaled.Row(q) {
			scaled.Row(q)[j] /= m.NoiseVariance[j]
		}
	}
	g := learn.MulT(scaled, m.Components)
	for q := range k {
		g.Data[q*k+q]++
	}
	values, rows := learn.Eigh(g)
	inv := rows.Clone()
	for q, v := range values {
		for j := range inv.Row(q) {
			inv.Row(q)[j] /= v
		}
	}
	return learn.Mul(learn.MulT(c, scaled), learn.TMul(rows, inv)), nil
}

// ScoreSamples returns the log-likelihood of rows.
func (m *FactorAnalysis) ScoreSamples(x learn.Data) (s *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return learn.Column(logLikelihood(m.Ready(x), m.Mean, m.Covariance())), nil
}

// Score returns the mean of ScoreSamples.
func (m *FactorAnalysis) Score(x learn.Data, _ *learn.Matrix) (float64, error) {
	s, err := m.ScoreSamples(x)
	if err != nil {
		return 0, err
	}
	return average(s.Data), nil
}
