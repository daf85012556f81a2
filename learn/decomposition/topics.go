package decomposition

import (
	"math"

	"gonum.org/v1/gonum/mathext"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
)

// LatentDirichletAllocation explains counts of words by topics, by variational Bayes (Hoffman et al. 2010).
type LatentDirichletAllocation struct {
	learn.TransformerBase
	NComponents    int     `param:"n_components=10"`
	DocPrior       any     `param:"doc_topic_prior=None"`  // nil: 1/components
	WordPrior      any     `param:"topic_word_prior=None"` // nil: 1/components
	LearningMethod string  `param:"learning_method=batch"` // or online
	LearningDecay  float64 `param:"learning_decay=0.7"`
	LearningOffset float64 `param:"learning_offset=10.0"`
	MaxIter        int     `param:"max_iter=10"`
	BatchSize      int     `param:"batch_size=128"` // of online
	EvaluateEvery  int     `param:"evaluate_every=-1" fixed:"true"`
	TotalSamples   float64 `param:"total_samples=1000000.0"`
	PerpTol        float64 `param:"perp_tol=0.1"`
	MeanChangeTol  float64 `param:"mean_change_tol=0.001"`
	MaxDocUpdate   int     `param:"max_doc_update_iter=100"`
	RandomState    int64   `param:"random_state=0"`

	Components *learn.Matrix `fit:"components_"` // [topics words]
	NIter      int           `fit:"n_iter_"`
	NBatch     int           `fit:"n_batch_iter_"`
	Bound      float64       `fit:"bound_"` // perplexity of the rows of Fit

	expected *learn.Matrix // exp of the expectation of log Components
}

// NewLatentDirichletAllocation returns one with scikit-learn's defaults.
func NewLatentDirichletAllocation() *LatentDirichletAllocation {
	m := &LatentDirichletAllocation{}
	learn.Init(m)
	return m
}

func (m *LatentDirichletAllocation) prior(v any) float64 {
	if f, ok := learn.OptFloat(v); ok {
		return f
	}
	return 1 / float64(m.NComponents)
}

// expectation returns E[log θ] of Dirichlet distributions with these rows of parameters.
func expectation(a *learn.Matrix) *learn.Matrix {
	out := a.Clone()
	for i := range a.Rows {
		sum := 0.0
		for _, v := range a.Row(i) {
			sum += v
		}
		psi := mathext.Digamma(sum)
		for j, v := range a.Row(i) {
			out.Row(i)[j] = mathext.Digamma(v) - psi
		}
	}
	return out
}

func exponents(a *learn.Matrix) *learn.Matrix {
	for i, v := range a.Data {
		a.Data[i] = math.Exp(v)
	}
	return a
}

// Fit finds the topics.
func (m *LatentDirichletAllocation) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.counts(m.Begin(x, nil))
	m.OneOf("LearningMethod", m.LearningMethod, "batch", "online")
	if m.NComponents < 1 || m.BatchSize < 1 {
		m.Fail("NComponents is %d, BatchSize %d; want at least 1", m.NComponents, m.BatchSize)
	}
	r := random.New(m.RandomState)
	m.Components = learn.NewMatrix(m.NComponents, d.Cols)
	for i := range m.Components.Data {
		m.Components.Data[i] = r.Gamma(100, 0.01)
	}
	m.expected = exponents(expectation(m.Components))
	m.NBatch = 1
	for m.NIter = 0; m.NIter < m.MaxIter; m.NIter++ {
		m.Poll()
		if m.LearningMethod == "batch" {
			_, s := m.documents(d, r, true)
			for i, v := range s.Data {
				m.Components.Data[i] = m.prior(m.WordPrior) + v
			}
			m.refresh()
			continue
		}
		for lo := 0; lo < d.Rows; lo += m.BatchSize {
			hi := min(lo+m.BatchSize, d.Rows)
			m.online(&learn.Matrix{Rows: hi - lo, Cols: d.Cols, Data: d.Data[lo*d.Cols : hi*d.Cols]}, r, d.Rows)
		}
	}
	topics, _ := m.documents(d, nil, false)
	m.Bound = m.perplexity(d, topics)
	m.Done()
	return nil
}

func (m *LatentDirichletAllocation) refresh() {
	m.expected = exponents(expectation(m.Components))
	m.NBatch++
}

// online moves the topics towards what one batch says.
func (m *LatentDirichletAllocation) online(d *learn.Matrix, r *random.State, total int) {
	_, s := m.documents(d, r, true)
	weight := math.Pow(m.LearningOffset+float64(m.NBatch), -m.LearningDecay)
	ratio := float64(total) / float64(d.Rows)
	for i, v := range s.Data {
		m.Components.Data[i] = (1-weight)*m.Components.Data[i] + weight*(m.prior(m.WordPrior)+ratio*v)
	}
	m.refresh()
}

func (m *LatentDirichletAllocation) counts(d *learn.Matrix) *learn.Matrix {
	for i, v := range d.Data {
		if v < 0 {
			m.Fail("value %g (row %d, column %d) is negative; want counts", v, i/d.Cols, i%d.Cols)
		}
	}
	return d
}

// documents returns the parameters of each row's topics and the sums for the topics' words.
func (m *LatentDirichletAllocation) documents(d *learn.Matrix, r *random.State, sums bool) (topics, s *learn.Matrix) {
	k := m.NComponents
	topics = learn.NewMatrix(d.Rows, k)
	for i := range topics.Data {
		topics.Data[i] = 1
		if r != nil {
			topics.Data[i] = r.Gamma(100, 0.01)
		}
	}
	start := exponents(expectation(topics))
	words := m.expected.T() // [words topics]
	engine.Parallel(d.Rows, 8, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			m.document(d.Row(i), topics.Row(i), start.Row(i), words)
		}
	})
	if !sums {
		return topics, nil
	}
	st := learn.NewMatrix(d.Cols, k)
	for i := range d.Rows {
		e := start.Row(i)
		for j, c := range d.Row(i) {
			if c == 0 {
				continue
			}
			phi := 2.220446049250313e-16
			w := words.Row(j)
			for q, v := range e {
				phi += v * w[q]
			}
			row := st.Row(j)
			for q, v := range e {
				row[q] += v * c / phi
			}
		}
	}
	s = st.T()
	for i := range s.Data {
		s.Data[i] *= m.expected.Data[i]
	}
	return topics, s
}

// document iterates one row; e becomes exp E[log topics].
func (m *LatentDirichletAllocation) document(row, topics, e []float64, words *learn.Matrix) {
	prior := m.prior(m.DocPrior)
	next := make([]float64, len(topics))
	for range m.MaxDocUpdate {
		clear(next)
		for j, c := range row {
			if c == 0 {
				continue
			}
			phi := 2.220446049250313e-16
			w := words.Row(j)
			for q, v := range e {
				phi += v * w[q]
			}
			for q := range next {
				next[q] += c / phi * w[q]
			}
		}
		sum, change := 0.0, 0.0
		for q := range next {
			next[q] = next[q]*e[q] + prior
			sum += next[q]
			change += math.Abs(next[q]-topics[q]) / float64(len(next))
		}
		psi := mathext.Digamma(sum)
		for q, v := range next {
			e[q] = math.Exp(mathext.Digamma(v) - psi)
		}
		copy(topics, next)
		if change < m.MeanChangeTol {
			break
		}
	}
}

// Transform returns the shares of the topics in each row.
func (m *LatentDirichletAllocation) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	topics, _ := m.documents(m.counts(m.Ready(x)), nil, false)
	for i := range topics.Rows {
		sum := 0.0
		for _, v := range topics.Row(i) {
			sum += v
		}
		for q := range topics.Row(i) {
			topics.Row(i)[q] /= sum
		}
	}
	return topics, nil
}

// bound is the variational lower bound of the log-likelihood.
func (m *LatentDirichletAllocation) bound(d, topics *learn.Matrix) float64 {
	docs, comps := expectation(topics), expectation(m.Components)
	words := comps.T()
	s := 0.0
	temp := make([]float64, m.NComponents)
	for i := range d.Rows {
		for j, c := range d.Row(i) {
			if c == 0 {
				continue
			}
			top := math.Inf(-1)
			for q := range temp {
				temp[q] = docs.At(i, q) + words.At(j, q)
				top = max(top, temp[q])
			}
			sum := 0.0
			for _, v := range temp {
				sum += math.Exp(v - top)
			}
			s += c * (top + math.Log(sum))
		}
	}
	s += dirichlet(m.prior(m.DocPrior), topics, docs, m.NComponents)
	return s + dirichlet(m.prior(m.WordPrior), m.Components, comps, m.Components.Cols)
}

func dirichlet(prior float64, a, e *learn.Matrix, size int) float64 {
	gamma := func(v float64) float64 { g, _ := math.Lgamma(v); return g }
	s := 0.0
	for i := range a.Rows {
		sum := 0.0
		for j, v := range a.Row(i) {
			s += (prior-v)*e.At(i, j) + gamma(v) - gamma(prior)
			sum += v
		}
		s += gamma(prior*float64(size)) - gamma(sum)
	}
	return s
}

func (m *LatentDirichletAllocation) perplexity(d, topics *learn.Matrix) float64 {
	n := 0.0
	for _, v := range d.Data {
		n += v
	}
	return math.Exp(-m.bound(d, topics) / n)
}

// Perplexity returns exp(−log-likelihood per word).
func (m *LatentDirichletAllocation) Perplexity(x learn.Data) (p float64, err error) {
	defer learn.Catch(&err)
	d := m.counts(m.Ready(x))
	topics, _ := m.documents(d, nil, false)
	return m.perplexity(d, topics), nil
}

// Score returns the approximate log-likelihood of the rows.
func (m *LatentDirichletAllocation) Score(x learn.Data, _ *learn.Matrix) (s float64, err error) {
	defer learn.Catch(&err)
	d := m.counts(m.Ready(x))
	topics, _ := m.documents(d, nil, false)
	return m.bound(d, topics), nil
}
