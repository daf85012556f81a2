package bayes

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
)

// Counted is what classifiers of counts have in common.
type Counted struct {
	learn.ClassifierBase
	Alpha      any       `param:"alpha=1.0"` // smoothing: a number, or one for each feature
	ForceAlpha bool      `param:"force_alpha=true"`
	FitPrior   bool      `param:"fit_prior=true"`
	ClassPrior []float64 `param:"class_prior"`

	ClassCount    []float64     `fit:"class_count_"`
	FeatureCount  *learn.Matrix `fit:"feature_count_"`
	FeatureLog    *learn.Matrix `fit:"feature_log_prob_"`
	ClassLogPrior []float64     `fit:"class_log_prior_"`
}

// begin counts; clean changes the values first.
func (m *Counted) begin(x learn.Data, y *learn.Matrix, w []float64, clean func(v float64) float64) {
	d := m.Begin(x, y)
	m.Labels(y)
	k := len(m.Classes)
	m.ClassCount, m.FeatureCount = make([]float64, k), learn.NewMatrix(k, d.Cols)
	m.count(d, y, learn.Weights(m.Name(), w, d.Rows), clean)
}

func (m *Counted) count(d, y *learn.Matrix, w []float64, clean func(v float64) float64) {
	for i, c := range learn.Codes(m.Classes, y.Data) {
		m.ClassCount[c] += w[i]
		dst := m.FeatureCount.Row(c)
		for j, v := range d.Row(i) {
			dst[j] += w[i] * clean(v)
		}
	}
	k := len(m.Classes)
	m.ClassLogPrior = make([]float64, k)
	total := 0.0
	for _, n := range m.ClassCount {
		total += n
	}
	given := priors(&m.Base, m.ClassPrior, k)
	for c, n := range m.ClassCount {
		switch {
		case given != nil:
			m.ClassLogPrior[c] = math.Log(given[c])
		case m.FitPrior:
			m.ClassLogPrior[c] = math.Log(n) - math.Log(total)
		default:
			m.ClassLogPrior[c] = -math.Log(float64(k))
		}
	}
}

// smoothing returns the added count of feature j.
func (m *Counted) smoothing(j int) float64 {
	a, ok := learn.OptFloat(m.Alpha)
	if list, isList := m.Alpha.([]float64); isList && len(list) == m.NFeatures {
		a, ok = list[j], true
	}
	if !ok || a < 0 {
		m.Fail("Alpha is %v; want a number of 0 or more, or one for each feature", m.Alpha)
	}
	if !m.ForceAlpha {
		a = max(a, 1e-10)
	}
	return a
}

func notNegative(b *learn.Base, v float64) float64 {
	if v < 0 {
		b.Fail("X has the negative value %g; want counts", v)
	}
	return v
}

// linearJoint returns x·Wᵀ + b.
func linearJoint(x learn.Data, ready func() *learn.Matrix, w *learn.Matrix, b []float64) *learn.Matrix {
	var out *learn.Matrix
	if s, ok := x.(*learn.CSR); ok {
		out = s.MulDense(w.T())
	} else {
		out = learn.MulT(ready(), w)
	}
	for i := range out.Rows {
		row := out.Row(i)
		for c := range row {
			row[c] += b[c]
		}
	}
	return out
}

// MultinomialNB is for counts, such as those of words.
type MultinomialNB struct{ Counted }

// NewMultinomialNB returns one with scikit-learn's defaults.
func NewMultinomialNB() *MultinomialNB { m := &MultinomialNB{}; learn.Init(m); return m }

// Fit counts.
func (m *MultinomialNB) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *MultinomialNB) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	m.begin(x, y, w, func(v float64) float64 { return notNegative(&m.Base, v) })
	m.update()
	m.Done()
	return nil
}

func (m *MultinomialNB) update() {
	m.FeatureLog = m.FeatureCount.Clone()
	for c := range m.FeatureLog.Rows {
		row, sum := m.FeatureLog.Row(c), 0.0
		for j := range row {
			row[j] += m.smoothing(j)
			sum += row[j]
		}
		for j, v := range row {
			row[j] = math.Log(v) - math.Log(sum)
		}
	}
}

// PartialFit learns from one more batch of the classes that the first Fit saw.
func (m *MultinomialNB) PartialFit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	if !m.Fitted() {
		return m.Fit(x, y)
	}
	d := m.Ready(x)
	m.count(d, y, learn.Weights(m.Name(), nil, d.Rows), func(v float64) float64 {
		return notNegative(&m.Base, v)
	})
	m.update()
	return nil
}

func (m *MultinomialNB) joint(x learn.Data) *learn.Matrix {
	m.MustFitted()
	return linearJoint(x, func() *learn.Matrix { return m.Ready(x) }, m.FeatureLog, m.ClassLogPrior)
}

// Predict returns the most probable class.
func (m *MultinomialNB) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return predict(&m.ClassifierBase, m.joint(x)), nil
}

// PredictProba returns the probabilities of the classes.
func (m *MultinomialNB) PredictProba(x learn.Data) (p *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return proba(m.joint(x)), nil
}

// ComplementNB estimates each class from the rows of the others (Rennie et al. 2003).
type ComplementNB struct {
	Counted
	Norm bool `param:"norm=false"`

	FeatureAll []float64 `fit:"feature_all_"`
}

// NewComplementNB returns one with scikit-learn's defaults.
func NewComplementNB() *ComplementNB { m := &ComplementNB{}; learn.Init(m); return m }

// Fit counts.
func (m *ComplementNB) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *ComplementNB) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	m.begin(x, y, w, func(v float64) float64 { return notNegative(&m.Base, v) })
	p := m.FeatureCount.Cols
	m.FeatureAll = make([]float64, p)
	for c := range m.FeatureCount.Rows {
		for j, v := range m.FeatureCount.Row(c) {
			m.FeatureAll[j] += v
		}
	}
	m.FeatureLog = learn.NewMatrix(m.FeatureCount.Rows, p)
	for c := range m.FeatureLog.Rows {
		row, sum := m.FeatureLog.Row(c), 0.0
		for j := range row {
			row[j] = m.FeatureAll[j] + m.smoothing(j) - m.FeatureCount.At(c, j)
			sum += row[j]
		}
		logs := 0.0
		for j, v := range row {
			row[j] = math.Log(v / sum)
			logs += row[j]
		}
		for j := range row {
			if m.Norm {
				row[j] /= logs
			} else {
				row[j] = -row[j]
			}
		}
	}
	m.Done()
	return nil
}

func (m *ComplementNB) joint(x learn.Data) *learn.Matrix {
	m.MustFitted()
	b := make([]float64, len(m.Classes))
	if len(b) == 1 {
		b[0] = m.ClassLogPrior[0]
	}
	return linearJoint(x, func() *learn.Matrix { return m.Ready(x) }, m.FeatureLog, b)
}

// Predict returns the most probable class.
func (m *ComplementNB) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return predict(&m.ClassifierBase, m.joint(x)), nil
}

// PredictProba returns normalized scores.
func (m *ComplementNB) PredictProba(x learn.Data) (p *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return proba(m.joint(x)), nil
}

// BernoulliNB is for features that are there or not.
type BernoulliNB struct {
	Counted
	Binarize any `param:"binarize=0.0"` // values above are there; nil: values are 0 and 1
}

// NewBernoulliNB returns one with scikit-learn's defaults.
func NewBernoulliNB() *BernoulliNB { m := &BernoulliNB{}; learn.Init(m); return m }

func (m *BernoulliNB) clean(v float64) float64 {
	t, ok := learn.OptFloat(m.Binarize)
	if !ok {
		return v
	}
	if v > t {
		return 1
	}
	return 0
}

// Fit counts.
func (m *BernoulliNB) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *BernoulliNB) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	m.begin(x, y, w, m.clean)
	m.FeatureLog = learn.NewMatrix(m.FeatureCount.Rows, m.FeatureCount.Cols)
	for c := range m.FeatureLog.Rows {
		for j, v := range m.FeatureCount.Row(c) {
			a := m.smoothing(j)
			m.FeatureLog.Set(c, j, math.Log(v+a)-math.Log(m.ClassCount[c]+2*a))
		}
	}
	m.Done()
	return nil
}

func (m *BernoulliNB) joint(x learn.Data) *learn.Matrix {
	d := m.Ready(x).Clone()
	for i, v := range d.Data {
		d.Data[i] = m.clean(v)
	}
	w, b := m.FeatureLog.Clone(), append([]float64(nil), m.ClassLogPrior...)
	for c := range w.Rows {
		row := w.Row(c)
		for j, v := range row {
			absent := math.Log1p(-math.Exp(v))
			b[c] += absent
			row[j] -= absent
		}
	}
	return linearJoint(d, func() *learn.Matrix { return d }, w, b)
}

// Predict returns the most probable class.
func (m *BernoulliNB) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return predict(&m.ClassifierBase, m.joint(x)), nil
}

// PredictProba returns the probabilities of the classes.
func (m *BernoulliNB) PredictProba(x learn.Data) (p *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return proba(m.joint(x)), nil
}

// CategoricalNB is for features that are numbers of categories.
type CategoricalNB struct {
	learn.ClassifierBase
	Alpha         float64   `param:"alpha=1.0"`
	ForceAlpha    bool      `param:"force_alpha=true"`
	FitPrior      bool      `param:"fit_prior=true"`
	ClassPrior    []float64 `param:"class_prior"`
	MinCategories any       `param:"min_categories=None"` // of each feature: int or list

	CategoryLog   []*learn.Matrix `fit:"feature_log_prob_"` // of each feature, [classes categories]
	CategoryCount []*learn.Matrix `fit:"category_count_"`
	ClassCount    []float64       `fit:"class_count_"`
	ClassLogPrior []float64       `fit:"class_log_prior_"`
	NCategories   []int           `fit:"n_categories_"`
}

// NewCategoricalNB returns one with scikit-learn's defaults.
func NewCategoricalNB() *CategoricalNB { m := &CategoricalNB{}; learn.Init(m); return m }

// Fit counts.
func (m *CategoricalNB) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *CategoricalNB) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, y)
	codes := m.Labels(y)
	w = learn.Weights(m.Name(), w, d.Rows)
	k := len(m.Classes)
	c := Counted{FitPrior: m.FitPrior, ClassPrior: m.ClassPrior}
	c.ClassifierBase = m.ClassifierBase
	c.ClassCount, c.FeatureCount = make([]float64, k), learn.NewMatrix(k, d.Cols)
	c.count(d, y, w, func(v float64) float64 { return v })
	m.ClassCount, m.ClassLogPrior = c.ClassCount, c.ClassLogPrior
	m.CategoryLog, m.CategoryCount, m.NCategories = nil, nil, nil
	alpha := m.Alpha
	if !m.ForceAlpha {
		alpha = max(alpha, 1e-10)
	}
	for j := range d.Cols {
		n := m.least(j)
		for _, v := range d.Col(j) {
			if v < 0 || v != math.Floor(v) || v > 1e6 {
				m.Fail("value %g of column %d is no number of a category (0 … 1e6)", v, j)
			}
			n = max(n, int(v)+1)
		}
		count := learn.NewMatrix(k, n)
		for i, c := range codes {
			count.Data[c*n+int(d.At(i, j))] += w[i]
		}
		log := learn.NewMatrix(k, n)
		for c := range k {
			sum := 0.0
			for _, v := range count.Row(c) {
				sum += v + alpha
			}
			for q, v := range count.Row(c) {
				log.Set(c, q, math.Log(v+alpha)-math.Log(sum))
			}
		}
		m.CategoryCount, m.CategoryLog = append(m.CategoryCount, count), append(m.CategoryLog, log)
		m.NCategories = append(m.NCategories, n)
	}
	m.Done()
	return nil
}

func (m *CategoricalNB) least(j int) int {
	if n, ok := learn.OptInt(m.MinCategories); ok {
		return n
	}
	if list, ok := m.MinCategories.([]float64); ok && j < len(list) {
		return int(list[j])
	}
	return 0
}

func (m *CategoricalNB) joint(x learn.Data) *learn.Matrix {
	d := m.Ready(x)
	out := learn.NewMatrix(d.Rows, len(m.Classes))
	for i := range d.Rows {
		for c := range m.Classes {
			s := m.ClassLogPrior[c]
			for j, v := range d.Row(i) {
				if int(v) < 0 || int(v) >= m.NCategories[j] {
					m.Fail("category %g of column %d is unknown; there are %d (MinCategories allows more)", v,
						j, m.NCategories[j])
				}
				s += m.CategoryLog[j].At(c, int(v))
			}
			out.Set(i, c, s)
		}
	}
	return out
}

// Predict returns the most probable class.
func (m *CategoricalNB) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return predict(&m.ClassifierBase, m.joint(x)), nil
}

// PredictProba returns the probabilities of the classes.
func (m *CategoricalNB) PredictProba(x learn.Data) (p *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return proba(m.joint(x)), nil
}
