package neural

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
)

// BernoulliRBM is a restricted Boltzmann machine of values in [0, 1], fitted by persistent contrastive
// divergence (Tieleman 2008).
type BernoulliRBM struct {
	learn.TransformerBase
	NComponents  int     `param:"n_components=256"`
	LearningRate float64 `param:"learning_rate=0.1"`
	BatchSize    int     `param:"batch_size=10"`
	NIter        int     `param:"n_iter=10"`
	RandomState  int64   `param:"random_state=0"`

	Components *learn.Matrix `fit:"components_"` // [components features]
	Hidden     []float64     `fit:"intercept_hidden_"`
	Visible    []float64     `fit:"intercept_visible_"`
	Samples    *learn.Matrix `fit:"h_samples_"`
}

// NewBernoulliRBM returns one with scikit-learn's defaults.
func NewBernoulliRBM() *BernoulliRBM { m := &BernoulliRBM{}; learn.Init(m); return m }

// Fit learns from values in [0, 1].
func (m *BernoulliRBM) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, nil)
	if m.NComponents < 1 || m.BatchSize < 1 {
		m.Fail("NComponents is %d, BatchSize %d; want at least 1", m.NComponents, m.BatchSize)
	}
	for i, v := range d.Data {
		if v < 0 || v > 1 {
			m.Fail("value %g (row %d, column %d) is outside [0, 1]; scale it (preprocess.MinMaxScaler)", v,
				i/d.Cols, i%d.Cols)
		}
	}
	r := random.New(m.RandomState)
	m.Components = learn.NewMatrix(m.NComponents, d.Cols)
	for i := range m.Components.Data {
		m.Components.Data[i] = r.Normal(0, 0.01)
	}
	m.Hidden, m.Visible = make([]float64, m.NComponents), make([]float64, d.Cols)
	m.Samples = learn.NewMatrix(m.BatchSize, m.NComponents)
	batches := (d.Rows + m.BatchSize - 1) / m.BatchSize
	for range m.NIter {
		for b := range batches {
			m.Poll()
			lo, hi := b*m.BatchSize, min((b+1)*m.BatchSize, d.Rows)
			m.step(&learn.Matrix{Rows: hi - lo, Cols: d.Cols, Data: d.Data[lo*d.Cols : hi*d.Cols]}, r)
		}
	}
	m.Done()
	return nil
}

// hiddens returns the probabilities of the hidden units.
func (m *BernoulliRBM) hiddens(v *learn.Matrix) *learn.Matrix {
	return sigmoids(learn.MulT(v, m.Components), m.Hidden)
}

func sigmoids(z *learn.Matrix, bias []float64) *learn.Matrix {
	for i := range z.Rows {
		row := z.Row(i)
		for j := range row {
			row[j] = 1 / (1 + math.Exp(-(row[j] + bias[j])))
		}
	}
	return z
}

func (m *BernoulliRBM) step(v *learn.Matrix, r *random.State) {
	pos := m.hiddens(v)
	vneg := sigmoids(learn.Mul(m.Samples, m.Components), m.Visible)
	for i, p := range vneg.Data {
		vneg.Data[i] = 0
		if r.Float64() < p {
			vneg.Data[i] = 1
		}
	}
	neg := m.hiddens(vneg)
	rate := m.LearningRate / float64(v.Rows)
	up, down := learn.TMul(pos, v), learn.TMul(neg, vneg)
	for i := range m.Components.Data {
		m.Components.Data[i] += rate * (up.Data[i] - down.Data[i])
	}
	addRows(m.Hidden, pos, rate)
	addRows(m.Hidden, neg, -rate)
	addRows(m.Visible, v, rate)
	addRows(m.Visible, vneg, -rate)
	for i, p := range neg.Data {
		neg.Data[i] = 0
		if r.Float64() < p {
			neg.Data[i] = 1
		}
	}
	m.Samples = neg
}

func addRows(to []float64, m *learn.Matrix, f float64) {
	for i := range m.Rows {
		for j, v := range m.Row(i) {
			to[j] += f * v
		}
	}
}

// Transform returns the probabilities of the hidden units.
func (m *BernoulliRBM) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	return m.hiddens(m.Ready(x)), nil
}
