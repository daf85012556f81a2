package decomposition

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
)

// MiniBatchDictionaryLearning is DictionaryLearning that sees a part of the rows at a time (Mairal et al.
// 2009, online).
type MiniBatchDictionaryLearning struct {
	learn.TransformerBase
	NComponents  any     `param:"n_components=None"` // atoms; nil: the number of features
	Alpha        float64 `param:"alpha=1.0"`
	MaxIter      int     `param:"max_iter=1000"`      // passes over the rows
	FitAlgorithm string  `param:"fit_algorithm=lars"` // or cd
	BatchSize    int     `param:"batch_size=256"`
	Shuffle      bool    `param:"shuffle=true"`
	coder
	DictInit         *learn.Matrix `param:"dict_init"`
	RandomState      int64         `param:"random_state=0"`
	PositiveDict     bool          `param:"positive_dict=false"`
	Tol              float64       `param:"tol=0.001"`
	MaxNoImprovement any           `param:"max_no_improvement=10"` // batches; nil: no limit

	Components *learn.Matrix `fit:"components_"` // [atoms features]
	NIter      int           `fit:"n_iter_"`
	NSteps     int           `fit:"n_steps_"` // batches

	a, b *learn.Matrix // codeᵀcode and xᵀcode, of old batches less
	rng  *random.State
}

// NewMiniBatchDictionaryLearning returns one with scikit-learn's defaults.
func NewMiniBatchDictionaryLearning() *MiniBatchDictionaryLearning {
	m := &MiniBatchDictionaryLearning{}
	learn.Init(m)
	return m
}

// begin checks options and returns the first atoms.
func (m *MiniBatchDictionaryLearning) begin(v *learn.Matrix) *learn.Matrix {
	m.OneOf("FitAlgorithm", m.FitAlgorithm, "lars", "cd")
	k := v.Cols
	if n, ok := learn.OptInt(m.NComponents); ok {
		k = n
	}
	if k < 1 || m.BatchSize < 1 {
		m.Fail("NComponents is %d and BatchSize %d; want 1 or more", k, m.BatchSize)
	}
	m.mustWide(m.DictInit, v.Cols)
	atoms := learn.NewMatrix(k, v.Cols)
	m.rng = random.New(m.RandomState)
	if m.DictInit != nil {
		copy(atoms.Data, m.DictInit.Data)
	} else {
		s, vt := truncated(v, m.Name(), min(k, v.Rows, v.Cols), m.RandomState)
		for i := range vt.Rows {
			for j, e := range vt.Row(i) {
				atoms.Set(i, j, s[i]*e)
			}
		}
	}
	m.a, m.b, m.NSteps = learn.NewMatrix(k, k), learn.NewMatrix(v.Cols, k), 0
	return atoms
}

// Fit passes over the rows until the atoms or the error rest.
func (m *MiniBatchDictionaryLearning) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	v := m.Begin(x, nil)
	atoms := m.begin(v)
	order := make([]int, v.Rows)
	for i := range order {
		order[i] = i
	}
	if m.Shuffle {
		order = m.rng.Permutation(v.Rows)
	}
	size := min(m.BatchSize, v.Rows)
	each := (v.Rows + size - 1) / size
	rest := batchRest{tol: m.Tol, rows: v.Rows, warm: min(100, float64(v.Rows)/float64(size))}
	rest.patience, rest.limited = learn.OptInt(m.MaxNoImprovement)
	for m.NSteps < m.MaxIter*each {
		m.Poll()
		at := m.NSteps % each * size
		batch := v.Take(order[at:min(at+size, v.Rows)])
		old := atoms.Clone()
		cost := m.step(batch, atoms)
		m.NSteps++
		if rest.after(cost, moved(atoms, old)/float64(atoms.Rows), m.NSteps, batch.Rows) {
			break
		}
	}
	m.NIter = (m.NSteps + each - 1) / each
	m.Components = atoms
	m.Done()
	return nil
}

// PartialFit learns from one batch.
func (m *MiniBatchDictionaryLearning) PartialFit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	if !m.Fitted() || m.a == nil {
		v := m.Begin(x, nil)
		m.Components = m.begin(v)
	}
	v := learn.Dense(m.Name(), x)
	if v.Cols != m.NFeatures {
		m.Fail("X has %d features, the first batch had %d; want the same columns", v.Cols, m.NFeatures)
	}
	m.step(v, m.Components)
	m.NSteps++
	m.Done()
	return nil
}

// step improves atoms by a batch and returns its mean error before.
func (m *MiniBatchDictionaryLearning) step(batch, atoms *learn.Matrix) float64 {
	code := encode(m.Name(), batch, atoms, EncodeOptions{
		Algorithm: "lasso_" + m.FitAlgorithm, Alpha: m.Alpha, MaxIter: m.TransformMaxIter, Positive: m.PositiveCode,
	})
	n := float64(batch.Rows)
	cost := codingError(batch, code, atoms, m.Alpha) / n
	t := float64(m.NSteps)
	theta := n*n + t + 1 - n
	if t < n-1 {
		theta = (t + 1) * n
	}
	beta := (theta + 1 - n) / (theta + 1)
	forget := func(dst, add *learn.Matrix) {
		for i, v := range add.Data {
			dst.Data[i] = beta*dst.Data[i] + v/n
		}
	}
	forget(m.a, learn.TMul(code, code))
	forget(m.b, learn.TMul(batch, code))
	updateAtoms(atoms, batch, code, m.a, m.b, m.rng, m.PositiveDict)
	return cost
}

// Transform returns codes by the atoms.
func (m *MiniBatchDictionaryLearning) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	return m.code(m.Name(), m.Ready(x), m.Components, m.Alpha), nil
}

// InverseTransform returns code · atoms.
func (m *MiniBatchDictionaryLearning) InverseTransform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	return m.restore(m.Name(), x, m.Components), nil
}

// moved is the Frobenius distance of two matrices.
func moved(a, b *learn.Matrix) float64 {
	s := 0.0
	for i, v := range a.Data {
		s += (v - b.Data[i]) * (v - b.Data[i])
	}
	return math.Sqrt(s)
}

// batchRest decides when a method that sees batches has come to rest.
type batchRest struct {
	tol      float64
	rows     int
	warm     float64 // steps that are not judged
	patience int
	limited  bool

	mean, least float64 // of the cost, newer batches more
	seen        bool
	worse       int
}

// after reports whether the step is the last: the change is below tol, or the mean cost has not fallen for patience
// batches.
func (b *batchRest) after(cost, change float64, step, size int) bool {
	if float64(step) <= b.warm {
		return false
	}
	if !b.seen {
		b.mean, b.least = cost, math.Inf(1)
	} else {
		a := min(float64(size)/float64(b.rows+1), 1)
		b.mean = b.mean*(1-a) + cost*a
	}
	b.seen = true
	if b.tol > 0 && change <= b.tol {
		return true
	}
	b.worse++
	if b.mean < b.least {
		b.least, b.worse = b.mean, 0
	}
	return b.limited && b.worse >= b.patience
}
