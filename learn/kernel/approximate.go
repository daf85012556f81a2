package kernel

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
)

// Nystroem maps rows so that products of the results approximate a kernel, from a sample of the rows of Fit.
type Nystroem struct {
	learn.TransformerBase
	Kernel string `param:"kernel=rbf"`
	Options
	NComponents int   `param:"n_components=100"`
	RandomState int64 `param:"random_state=0"`

	Components    *learn.Matrix `fit:"components_"` // the sample
	Normalization *learn.Matrix `fit:"normalization_"`
	Indices       []int         `fit:"component_indices_"`
}

// NewNystroem returns one with scikit-learn's defaults.
func NewNystroem() *Nystroem {
	m := &Nystroem{}
	learn.Init(m)
	m.Coef0 = 1
	return m
}

// Fit draws the sample and inverts the root of its kernel.
func (m *Nystroem) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, nil)
	if m.NComponents < 1 {
		m.Fail("NComponents is %d; want at least 1", m.NComponents)
	}
	n := min(m.NComponents, d.Rows)
	m.Indices = random.New(m.RandomState).Permutation(d.Rows)[:n]
	m.Components = d.Take(m.Indices)
	m.Normalization = inverseRoot(m.matrix(m.Kernel, m.Components, m.Components))
	m.Done()
	return nil
}

// inverseRoot returns k^(−1/2) of a symmetric matrix, through its singular values, as scikit-learn does.
func inverseRoot(k *learn.Matrix) *learn.Matrix {
	u, s, vt := learn.SVD(k)
	for i := range u.Rows {
		for j := range u.Row(i) {
			u.Row(i)[j] /= math.Sqrt(max(s[j], 1e-12))
		}
	}
	return learn.Mul(u, vt)
}

// Transform maps rows.
func (m *Nystroem) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	return learn.MulT(m.matrix(m.Kernel, m.Ready(x), m.Components), m.Normalization), nil
}

// RBFSampler approximates the kernel exp(−γ‖x−y‖²) by random Fourier features.
type RBFSampler struct {
	learn.TransformerBase
	Gamma       any   `param:"gamma=1.0"` // number, or scale: 1/(features·variance)
	NComponents int   `param:"n_components=100"`
	RandomState int64 `param:"random_state=0"`

	Weights *learn.Matrix `fit:"random_weights_"` // [features components]
	Offset  []float64     `fit:"random_offset_"`
}

// NewRBFSampler returns one with scikit-learn's defaults.
func NewRBFSampler() *RBFSampler { m := &RBFSampler{}; learn.Init(m); return m }

// Fit draws the features.
func (m *RBFSampler) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, nil)
	gamma, ok := learn.OptFloat(m.Gamma)
	if !ok && m.Gamma != "scale" || ok && gamma <= 0 {
		m.Fail("Gamma is %v; want a positive number or scale", m.Gamma)
	}
	if !ok {
		gamma = 1
		if v := variance(d); v > 0 {
			gamma = 1 / (float64(d.Cols) * v)
		}
	}
	r := random.New(m.RandomState)
	m.Weights = learn.NewMatrix(d.Cols, m.NComponents)
	for i, v := range r.Normals(len(m.Weights.Data)) {
		m.Weights.Data[i] = math.Sqrt(2*gamma) * v
	}
	m.Offset = make([]float64, m.NComponents)
	for i := range m.Offset {
		m.Offset[i] = r.Uniform(0, 2*math.Pi)
	}
	m.Done()
	return nil
}

func variance(d *learn.Matrix) float64 {
	mean, v := 0.0, 0.0
	n := float64(len(d.Data))
	for _, x := range d.Data {
		mean += x / n
	}
	for _, x := range d.Data {
		v += (x - mean) * (x - mean) / n
	}
	return v
}

// Transform returns √(2/components)·cos(x·Weights + Offset).
func (m *RBFSampler) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	z := learn.Mul(m.Ready(x), m.Weights)
	for i := range z.Rows {
		for j := range z.Row(i) {
			z.Row(i)[j] = math.Sqrt(2/float64(z.Cols)) * math.Cos(z.Row(i)[j]+m.Offset[j])
		}
	}
	return z, nil
}

// SkewedChi2Sampler approximates the skewed χ² kernel by random Fourier features.
type SkewedChi2Sampler struct {
	learn.TransformerBase
	Skewedness  float64 `param:"skewedness=1.0"`
	NComponents int     `param:"n_components=100"`
	RandomState int64   `param:"random_state=0"`

	Weights *learn.Matrix `fit:"random_weights_"`
	Offset  []float64     `fit:"random_offset_"`
}

// NewSkewedChi2Sampler returns one with scikit-learn's defaults.
func NewSkewedChi2Sampler() *SkewedChi2Sampler { m := &SkewedChi2Sampler{}; learn.Init(m); return m }

// Fit draws the features.
func (m *SkewedChi2Sampler) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, nil)
	r := random.New(m.RandomState)
	m.Weights = learn.NewMatrix(d.Cols, m.NComponents)
	for i := range m.Weights.Data {
		u := r.Uniform(0, 1)
		m.Weights.Data[i] = 1 / math.Pi * math.Log(math.Tan(math.Pi/2*u))
	}
	m.Offset = make([]float64, m.NComponents)
	for i := range m.Offset {
		m.Offset[i] = r.Uniform(0, 2*math.Pi)
	}
	m.Done()
	return nil
}

// Transform returns √(2/components)·cos(log(x + Skewedness)·Weights + Offset); values are above −Skewedness.
func (m *SkewedChi2Sampler) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	q := m.Ready(x).Clone()
	for i, v := range q.Data {
		if v <= -m.Skewedness {
			m.Fail("value %g (row %d, column %d) is not above −Skewedness, %g", v, i/q.Cols, i%q.Cols, -m.Skewedness)
		}
		q.Data[i] = math.Log(v + m.Skewedness)
	}
	z := learn.Mul(q, m.Weights)
	for i := range z.Rows {
		for j := range z.Row(i) {
			z.Row(i)[j] = math.Sqrt(2) / math.Sqrt(float64(z.Cols)) * math.Cos(z.Row(i)[j]+m.Offset[j])
		}
	}
	return z, nil
}

// AdditiveChi2Sampler maps each column to samples of the Fourier transform of the additive χ² kernel.
type AdditiveChi2Sampler struct {
	learn.TransformerBase
	SampleSteps    int `param:"sample_steps=2"`
	SampleInterval any `param:"sample_interval=None"` // nil: the best for 1, 2 or 3 steps
}

// NewAdditiveChi2Sampler returns one with scikit-learn's defaults.
func NewAdditiveChi2Sampler() *AdditiveChi2Sampler {
	m := &AdditiveChi2Sampler{}
	learn.Init(m)
	return m
}

// Fit checks the data.
func (m *AdditiveChi2Sampler) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m.nonNegative(m.Begin(x, nil))
	m.Interval()
	m.Done()
	return nil
}

func (m *AdditiveChi2Sampler) nonNegative(d *learn.Matrix) *learn.Matrix {
	for i, v := range d.Data {
		if v < 0 {
			m.Fail("value %g (row %d, column %d) is negative; want none", v, i/d.Cols, i%d.Cols)
		}
	}
	return d
}

// Interval returns the distance of samples in use.
func (m *AdditiveChi2Sampler) Interval() float64 {
	if v, ok := learn.OptFloat(m.SampleInterval); ok {
		return v
	}
	best := map[int]float64{1: 0.8, 2: 0.5, 3: 0.4}
	v, ok := best[m.SampleSteps]
	if !ok {
		m.Fail("SampleInterval is nil for %d steps; set it for other than 1, 2 or 3", m.SampleSteps)
	}
	return v
}

// Transform returns 2·SampleSteps−1 columns for each column: all first samples, then cosines and sines.
func (m *AdditiveChi2Sampler) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	q, step := m.nonNegative(m.Ready(x)), m.Interval()
	out := learn.NewMatrix(q.Rows, q.Cols*(2*m.SampleSteps-1))
	for i := range q.Rows {
		for j, v := range q.Row(i) {
			row := out.Row(i)
			if v == 0 {
				continue
			}
			row[j] = math.Sqrt(v * step)
			for k := 1; k < m.SampleSteps; k++ {
				f := math.Sqrt(2 * v * step / math.Cosh(math.Pi*float64(k)*step))
				angle := float64(k) * step * math.Log(v)
				row[(2*k-1)*q.Cols+j] = f * math.Cos(angle)
				row[2*k*q.Cols+j] = f * math.Sin(angle)
			}
		}
	}
	return out, nil
}
