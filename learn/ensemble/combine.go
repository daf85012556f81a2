package ensemble

import (
	"math"
	"sort"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
	"github.com/lathe-ml/lathe/learn/tree"
)

// Bag are the options of bagging.
type Bag struct {
	Estimator         learn.Estimator `param:"estimator"` // nil: a decision tree
	NEstimators       int             `param:"n_estimators=10"`
	MaxSamples        any             `param:"max_samples=1.0"`  // count (int) or fraction of rows
	MaxFeatures       any             `param:"max_features=1.0"` // count (int) or fraction of columns
	Bootstrap         bool            `param:"bootstrap=true"`
	BootstrapFeatures bool            `param:"bootstrap_features=false"`
	OOBScore          bool            `param:"oob_score=false" fixed:"true"`
	WarmStart         bool            `param:"warm_start=false"`
	RandomState       int64           `param:"random_state=0"`

	Estimators []learn.Estimator `fit:"estimators_"`
	Features   [][]int           `fit:"estimators_features_"`
}

// setSeed gives an estimator a seed where it has one.
func setSeed(e learn.Estimator, seed int64) {
	for _, o := range learn.Options(e) {
		if o.Name == "random_state" {
			learn.Must(learn.SetParams(e, learn.Params{"random_state": int(seed)}))
		}
	}
}

// grow fits the estimators on random rows and columns.
func (m *Bag) grow(b *learn.Base, x, y *learn.Matrix, w []float64, def func() learn.Estimator) {
	n, ok := sampleCount(m.MaxSamples, x.Rows)
	p, ok2 := sampleCount(m.MaxFeatures, x.Cols)
	if !ok || !ok2 || m.NEstimators < 1 || p > x.Cols {
		b.Fail("MaxSamples is %v, MaxFeatures %v, NEstimators %d; want counts or fractions, and at least 1",
			m.MaxSamples, m.MaxFeatures, m.NEstimators)
	}
	base := m.Estimator
	if base == nil {
		base = def()
	}
	r := random.New(m.RandomState)
	seeds := make([]int64, m.NEstimators)
	for i := range seeds {
		seeds[i] = r.Seed()
	}
	m.Estimators, m.Features = make([]learn.Estimator, len(seeds)), make([][]int, len(seeds))
	errs := make([]error, len(seeds))
	engine.Parallel(len(seeds), 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			q := random.New(seeds[i])
			cols := allRows(x.Cols)
			if m.BootstrapFeatures {
				cols = q.Ints(x.Cols, p)
			} else if p < x.Cols {
				cols = q.Choice(x.Cols, p)
				sort.Ints(cols)
			}
			rows := q.Ints(x.Rows, n)
			if !m.Bootstrap {
				rows = q.Choice(x.Rows, min(n, x.Rows))
			}
			e := learn.Clone(base)
			setSeed(e, q.Seed())
			m.Estimators[i], m.Features[i] = e, cols
			errs[i] = learn.Fit(e, x.TakeCols(cols).Take(rows), y.Take(rows), learn.TakeFloats(w, rows))
		}
	})
	for _, e := range errs {
		learn.Must(e)
	}
}

// BaggingClassifier fits clones on random rows and averages their probabilities.
type BaggingClassifier struct {
	learn.ClassifierBase
	Bag
}

// NewBaggingClassifier returns one with scikit-learn's defaults.
func NewBaggingClassifier() *BaggingClassifier { m := &BaggingClassifier{}; learn.Init(m); return m }

// Fit fits the clones.
func (m *BaggingClassifier) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *BaggingClassifier) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, y, learn.AllowNaN)
	m.Labels(y)
	m.grow(&m.Base, d, y, w, func() learn.Estimator { return tree.NewDecisionTreeClassifier() })
	m.Done()
	return nil
}

// PredictProba returns the mean probabilities, or shares of votes.
func (m *BaggingClassifier) PredictProba(x learn.Data) (p *learn.Matrix, err error) {
	defer learn.Catch(&err)
	d := m.Ready(x, learn.AllowNaN)
	return averageProba(m.Estimators, m.Classes, nil, func(i int) learn.Data { return d.TakeCols(m.Features[i]) },
		d.Rows), nil
}

// averageProba returns the weighted mean of the estimators' probabilities of all classes.
func averageProba(es []learn.Estimator, classes, w []float64, x func(i int) learn.Data, rows int,
) *learn.Matrix {
	p := learn.NewMatrix(rows, len(classes))
	total := 0.0
	for i, e := range es {
		f := 1.0
		if w != nil {
			f = w[i]
		}
		total += f
		own, _ := learn.Attributes(e)["classes_"].([]float64)
		at := learn.Codes(classes, own)
		if pr, ok := e.(learn.Prober); ok {
			q, err := pr.PredictProba(x(i))
			learn.Must(err)
			for r := range rows {
				for c, v := range q.Row(r) {
					p.Row(r)[at[c]] += f * v
				}
			}
			continue
		}
		q, err := e.(learn.Predictor).Predict(x(i))
		learn.Must(err)
		for r, c := range learn.Codes(classes, q.Data) {
			p.Row(r)[c] += f
		}
	}
	for i := range p.Data {
		p.Data[i] /= total
	}
	return p
}

// Predict returns the class with the largest mean probability.
func (m *BaggingClassifier) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	p, err := m.PredictProba(x)
	if err != nil {
		return nil, err
	}
	return m.ArgMaxRows(p), nil
}

// BaggingRegressor fits clones on random rows and averages their predictions.
type BaggingRegressor struct {
	learn.RegressorBase
	Bag
}

// NewBaggingRegressor returns one with scikit-learn's defaults.
func NewBaggingRegressor() *BaggingRegressor { m := &BaggingRegressor{}; learn.Init(m); return m }

// Fit fits the clones.
func (m *BaggingRegressor) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *BaggingRegressor) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, y, learn.AllowNaN)
	m.grow(&m.Base, d, y, w, func() learn.Estimator { return tree.NewDecisionTreeRegressor() })
	m.Done()
	return nil
}

// Predict returns the mean predictions.
func (m *BaggingRegressor) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	d := m.Ready(x, learn.AllowNaN)
	for i, e := range m.Estimators {
		p, err := e.(learn.Predictor).Predict(d.TakeCols(m.Features[i]))
		learn.Must(err)
		if y == nil {
			y = learn.NewMatrix(p.Rows, p.Cols)
		}
		for k, v := range p.Data {
			y.Data[k] += v / float64(len(m.Estimators))
		}
	}
	return y, nil
}

// AdaBoostClassifier weighs rows up that were predicted wrong (SAMME).
type AdaBoostClassifier struct {
	learn.ClassifierBase
	Estimator    learn.Estimator `param:"estimator"` // nil: a tree of depth 1
	NEstimators  int             `param:"n_estimators=50"`
	LearningRate float64         `param:"learning_rate=1.0"`
	Algorithm    string          `param:"algorithm=deprecated"`
	RandomState  int64           `param:"random_state=0"`

	Estimators []learn.Estimator `fit:"estimators_"`
	Weights    []float64         `fit:"estimator_weights_"`
	Errors     []float64         `fit:"estimator_errors_"`
}

// NewAdaBoostClassifier returns one with scikit-learn's defaults.
func NewAdaBoostClassifier() *AdaBoostClassifier { m := &AdaBoostClassifier{}; learn.Init(m); return m }

// Fit fits the rounds.
func (m *AdaBoostClassifier) Fit(x learn.Data, y *learn.Matrix) error {
	return m.FitWeighted(x, y, nil)
}

// normalized returns w with the sum 1.
func normalized(w []float64) []float64 {
	s := 0.0
	for _, v := range w {
		s += v
	}
	out := make([]float64, len(w))
	for i, v := range w {
		out[i] = v / s
	}
	return out
}

// FitWeighted is Fit with a weight for each row.
func (m *AdaBoostClassifier) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, y)
	m.Labels(y)
	k := float64(len(m.Classes))
	if k < 2 {
		m.Fail("y has one class, %v; want at least 2", m.Classes)
	}
	w = normalized(learn.Weights(m.Name(), w, d.Rows))
	r := random.New(m.RandomState)
	m.Estimators, m.Weights, m.Errors = nil, nil, nil
	for round := range m.NEstimators {
		m.Poll()
		var e learn.Estimator
		if m.Estimator == nil {
			stump := tree.NewDecisionTreeClassifier()
			stump.MaxDepth = 1
			e = stump
		} else {
			e = learn.Clone(m.Estimator)
		}
		setSeed(e, r.Seed())
		learn.Must(learn.Fit(e, d, y, w))
		p, err := e.(learn.Predictor).Predict(d)
		learn.Must(err)
		wrong := 0.0
		for i, v := range p.Data {
			if v != y.Data[i] {
				wrong += w[i]
			}
		}
		if wrong <= 0 {
			m.add(e, 1, 0)
			break
		}
		if wrong >= 1-1/k {
			if round == 0 {
				m.Fail("the base estimator is worse than chance (error %g); choose another", wrong)
			}
			break
		}
		f := m.LearningRate * (math.Log((1-wrong)/wrong) + math.Log(k-1))
		m.add(e, f, wrong)
		for i, v := range p.Data {
			if v != y.Data[i] && w[i] > 0 {
				w[i] = math.Exp(math.Log(w[i]) + f)
			}
		}
		w = normalized(w)
	}
	m.Done()
	return nil
}

func (m *AdaBoostClassifier) add(e learn.Estimator, w, wrong float64) {
	m.Estimators, m.Weights, m.Errors = append(m.Estimators, e), append(m.Weights, w), append(m.Errors, wrong)
}

// votes returns the weighted decision of each class, adding up to 0.
func (m *AdaBoostClassifier) votes(x learn.Data) *learn.Matrix {
	d := m.Ready(x)
	k := len(m.Classes)
	out := learn.NewMatrix(d.Rows, k)
	total := 0.0
	for t, e := range m.Estimators {
		p, err := e.(learn.Predictor).Predict(d)
		learn.Must(err)
		total += m.Weights[t]
		for i, c := range learn.Codes(m.Classes, p.Data) {
			for q := range k {
				if q == c {
					out.Row(i)[q] += m.Weights[t]
				} else {
					out.Row(i)[q] -= m.Weights[t] / float64(k-1)
				}
			}
		}
	}
	for i := range out.Data {
		out.Data[i] /= total
	}
	return out
}

// DecisionFunction returns the votes; one column for two classes.
func (m *AdaBoostClassifier) DecisionFunction(x learn.Data) (d *learn.Matrix, err error) {
	defer learn.Catch(&err)
	v := m.votes(x)
	if v.Cols != 2 {
		return v, nil
	}
	d = learn.NewMatrix(v.Rows, 1)
	for i := range d.Data {
		d.Data[i] = v.At(i, 1) - v.At(i, 0)
	}
	return d, nil
}

// Predict returns the class with most votes.
func (m *AdaBoostClassifier) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return m.ArgMaxRows(m.votes(x)), nil
}

// PredictProba returns the softmax of the votes.
func (m *AdaBoostClassifier) PredictProba(x learn.Data) (p *learn.Matrix, err error) {
	defer learn.Catch(&err)
	v := m.votes(x)
	l := &labels{k: max(v.Cols, 3)}
	p = learn.NewMatrix(v.Rows, v.Cols)
	for i := range v.Rows {
		row := v.Row(i)
		if v.Cols == 2 {
			p.Row(i)[1] = 1 / (1 + math.Exp(row[0]-row[1]))
			p.Row(i)[0] = 1 - p.Row(i)[1]
			continue
		}
		for c := range row {
			row[c] /= float64(v.Cols - 1)
		}
		l.probabilities(row, p.Row(i))
	}
	return p, nil
}

// AdaBoostRegressor draws rows with large errors more often (AdaBoost.R2) and predicts the weighted median.
type AdaBoostRegressor struct {
	learn.RegressorBase
	Estimator    learn.Estimator `param:"estimator"` // nil: a tree of depth 3
	NEstimators  int             `param:"n_estimators=50"`
	LearningRate float64         `param:"learning_rate=1.0"`
	Loss         string          `param:"loss=linear"` // linear, square or exponential
	RandomState  int64           `param:"random_state=0"`

	Estimators []learn.Estimator `fit:"estimators_"`
	Weights    []float64         `fit:"estimator_weights_"`
	Errors     []float64         `fit:"estimator_errors_"`
}

// NewAdaBoostRegressor returns one with scikit-learn's defaults.
func NewAdaBoostRegressor() *AdaBoostRegressor { m := &AdaBoostRegressor{}; learn.Init(m); return m }

// Fit fits the rounds.
func (m *AdaBoostRegressor) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *AdaBoostRegressor) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, y)
	t := learn.Target(m.Name(), y)
	m.OneOf("Loss", m.Loss, "linear", "square", "exponential")
	w = normalized(learn.Weights(m.Name(), w, d.Rows))
	r := random.New(m.RandomState)
	m.Estimators, m.Weights, m.Errors = nil, nil, nil
	for range m.NEstimators {
		m.Poll()
		var e learn.Estimator
		if m.Estimator == nil {
			small := tree.NewDecisionTreeRegressor()
			small.MaxDepth = 3
			e = small
		} else {
			e = learn.Clone(m.Estimator)
		}
		setSeed(e, r.Seed())
		rows := r.Weighted(w, d.Rows)
		learn.Must(e.Fit(d.Take(rows), y.Take(rows)))
		p, err := e.(learn.Predictor).Predict(d)
		learn.Must(err)
		loss, mean := m.losses(t, p.Data, w)
		if mean <= 0 {
			m.Estimators, m.Weights, m.Errors = append(m.Estimators, e), append(m.Weights, 1), append(m.Errors, 0)
			break
		}
		if mean >= 0.5 && len(m.Estimators) > 0 {
			break
		}
		beta := mean / (1 - mean)
		m.Estimators, m.Errors = append(m.Estimators, e), append(m.Errors, mean)
		m.Weights = append(m.Weights, m.LearningRate*math.Log(1/beta))
		if mean >= 0.5 {
			break
		}
		for i := range w {
			w[i] *= math.Pow(beta, (1-loss[i])*m.LearningRate)
		}
		w = normalized(w)
	}
	m.Done()
	return nil
}

func (m *AdaBoostRegressor) losses(t, p, w []float64) (loss []float64, mean float64) {
	loss = make([]float64, len(t))
	top := 0.0
	for i := range t {
		loss[i] = math.Abs(t[i] - p[i])
		top = max(top, loss[i])
	}
	for i, v := range loss {
		if top > 0 {
			v /= top
		}
		switch m.Loss {
		case "square":
			v *= v
		case "exponential":
			v = 1 - math.Exp(-v)
		}
		loss[i] = v
		mean += w[i] * v
	}
	return loss, mean
}

// Predict returns the weighted median of the rounds.
func (m *AdaBoostRegressor) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	d := m.Ready(x)
	var preds []*learn.Matrix
	half := 0.0
	for t, e := range m.Estimators {
		p, err := e.(learn.Predictor).Predict(d)
		learn.Must(err)
		preds = append(preds, p)
		half += m.Weights[t] / 2
	}
	y = learn.NewMatrix(d.Rows, 1)
	order := make([]int, len(preds))
	for i := range y.Data {
		for t := range order {
			order[t] = t
		}
		sort.SliceStable(order, func(a, b int) bool { return preds[order[a]].Data[i] < preds[order[b]].Data[i] })
		sum := 0.0
		for _, t := range order {
			if sum += m.Weights[t]; sum >= half {
				y.Data[i] = preds[t].Data[i]
				break
			}
		}
	}
	return y, nil
}
