package selection

import (
	"math"
	"sort"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/metric"
	"github.com/lathe-ml/lathe/learn/search"
	"github.com/lathe-ml/lathe/learn/split"
)

// importances returns how much each column matters to a fitted estimator: feature_importances_, or the norm
// of coef_ over the outputs; order is that norm's.
func importances(e learn.Estimator, order float64) []float64 {
	a := learn.Attributes(e)
	if v, ok := a["feature_importances_"].([]float64); ok {
		return v
	}
	w, ok := a["coef_"].(*learn.Matrix)
	if !ok {
		learn.Fail("selection", "%s has neither feature_importances_ nor coef_", e.Core().Name())
	}
	out := make([]float64, w.Cols)
	for j := range out {
		for i := range w.Rows {
			v := math.Abs(w.At(i, j))
			switch {
			case math.IsInf(order, 1):
				out[j] = max(out[j], v)
			case order == 1:
				out[j] += v
			default:
				out[j] += math.Pow(v, order)
			}
		}
		if order != 1 && !math.IsInf(order, 1) {
			out[j] = math.Pow(out[j], 1/order)
		}
	}
	return out
}

// SelectFromModel keeps the columns that matter to an estimator at least as much as Threshold.
type SelectFromModel struct {
	Mask
	Estimator   learn.Estimator `param:"estimator"`
	Threshold   any             `param:"threshold=None"`    // number, mean, median, "1.25*mean"; nil: mean, or 1e-5 for L1 penalties
	Prefit      bool            `param:"prefit=false"`      // Estimator is fitted already
	NormOrder   float64         `param:"norm_order=1"`      // of coefficients of several outputs
	MaxFeatures any             `param:"max_features=None"` // nil: no limit

	Final         learn.Estimator `fit:"estimator_"`
	ThresholdUsed float64         `fit:"threshold_"`
}

// NewSelectFromModel returns one with scikit-learn's defaults.
func NewSelectFromModel() *SelectFromModel { m := &SelectFromModel{}; learn.Init(m); return m }

// Fit fits a clone of the estimator and chooses columns.
func (m *SelectFromModel) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, y)
	if m.Estimator == nil {
		m.Fail("Estimator is nil; want one with feature_importances_ or coef_")
	}
	m.Final = m.Estimator
	if !m.Prefit {
		m.Final = learn.Clone(m.Estimator)
		learn.Must(m.Final.Fit(d, y))
	}
	imp := importances(m.Final, m.NormOrder)
	m.ThresholdUsed = m.threshold(imp)
	most := len(imp)
	if n, ok := learn.OptInt(m.MaxFeatures); ok {
		if n < 0 || n > len(imp) {
			m.Fail("MaxFeatures is %d of %d columns", n, len(imp))
		}
		most = n
	}
	order := make([]int, len(imp))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return imp[order[a]] > imp[order[b]] })
	m.Support = make([]bool, len(imp))
	for _, j := range order[:most] {
		m.Support[j] = imp[j] >= m.ThresholdUsed
	}
	m.Done()
	return nil
}

// threshold reads Threshold.
func (m *SelectFromModel) threshold(imp []float64) float64 {
	if v, ok := learn.OptFloat(m.Threshold); ok {
		return v
	}
	word, _ := m.Threshold.(string)
	if m.Threshold == nil {
		word = "mean"
		if sparse(m.Final) {
			return 1e-5
		}
	}
	factor := 1.0
	for i, r := range word {
		if r == '*' {
			f, ok := parseFloat(word[:i])
			if !ok {
				m.Fail("Threshold is %q; want a number times mean or median", word)
			}
			factor, word = f, trim(word[i+1:])
			break
		}
	}
	switch word {
	case "mean":
		s := 0.0
		for _, v := range imp {
			s += v / float64(len(imp))
		}
		return factor * s
	case "median":
		return factor * metric.Percentile(imp, nil, 50)
	}
	m.Fail("Threshold is %v; want a number, mean or median", m.Threshold)
	return 0
}

// sparse reports whether an estimator has an L1 penalty, whose zero coefficients select.
func sparse(e learn.Estimator) bool {
	p := learn.GetParams(e, false)
	if v, ok := p["penalty"].(string); ok && v == "l1" {
		return true
	}
	if v, ok := learn.OptFloat(p["l1_ratio"]); ok && v == 1 && p["penalty"] != nil {
		return true
	}
	switch name := e.Core().Name(); name {
	case "linear.Lasso", "linear.LassoCV", "linear.LassoLars", "linear.LassoLarsCV", "linear.MultiTaskLasso":
		return true
	}
	return false
}

// Elimination is what recursive elimination learns.
type Elimination struct {
	Ranking   []int           `fit:"ranking_"` // 1: kept; the last eliminated have 2
	Kept      []bool          `fit:"support_"`
	NSelected int             `fit:"n_features_"`
	Final     learn.Estimator `fit:"estimator_"` // fitted on the columns that are kept
}

// RFE eliminates the columns that matter least, a few at a time, until enough are left.
type RFE struct {
	Mask
	Estimator learn.Estimator `param:"estimator"`
	Select    any             `param:"n_features_to_select=None"` // count, fraction, or nil: half
	Step      any             `param:"step=1"`                    // columns eliminated at a time: count or fraction

	Elimination
}

// NewRFE returns one with scikit-learn's defaults.
func NewRFE() *RFE { m := &RFE{}; learn.Init(m); return m }

// count reads a count or a fraction of n.
func count(b *learn.Base, name string, v any, n int) int {
	switch v := v.(type) {
	case int:
		if v >= 1 {
			return v
		}
	case float64:
		if v > 0 && v < 1 {
			return max(1, int(v*float64(n)))
		}
		if v == math.Trunc(v) && v >= 1 {
			return int(v)
		}
	}
	b.Fail("%s is %v; want a count of at least 1, or a fraction", name, v)
	return 0
}

// Fit eliminates.
func (m *RFE) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, y)
	if m.Estimator == nil {
		m.Fail("Estimator is nil; want one with feature_importances_ or coef_")
	}
	keep := d.Cols / 2
	if m.Select != nil {
		keep = count(&m.Base, "Select", m.Select, d.Cols)
	}
	m.Elimination = eliminate(m.Estimator, d, y, keep, count(&m.Base, "Step", m.Step, d.Cols), nil)
	m.Support = m.Kept
	m.Done()
	return nil
}

// eliminate runs recursive elimination; each, when not nil, is called with the columns of every round.
func eliminate(base learn.Estimator, d, y *learn.Matrix, keep, step int, each func(cols []int, e learn.Estimator),
) (r Elimination) {
	support := make([]bool, d.Cols)
	r.Kept = support
	r.Ranking = make([]int, d.Cols)
	cols := make([]int, d.Cols)
	for j := range cols {
		cols[j], support[j], r.Ranking[j] = j, true, 1
	}
	for len(cols) > keep {
		e := learn.Clone(base)
		learn.Must(e.Fit(d.TakeCols(cols), y))
		imp := squared(e)
		order := make([]int, len(cols))
		for i := range order {
			order[i] = i
		}
		sort.SliceStable(order, func(a, b int) bool { return imp[order[a]] < imp[order[b]] })
		if each != nil {
			each(cols, e)
		}
		for _, i := range order[:min(step, len(cols)-keep)] {
			support[cols[i]] = false
		}
		cols = cols[:0:0]
		for j, ok := range support {
			if ok {
				cols = append(cols, j)
			} else {
				r.Ranking[j]++
			}
		}
	}
	r.Final, r.NSelected = learn.Clone(base), len(cols)
	learn.Must(r.Final.Fit(d.TakeCols(cols), y))
	if each != nil {
		each(cols, r.Final)
	}
	return r
}

// squared returns importances for ranking: squares of coefficients, summed over the outputs.
func squared(e learn.Estimator) []float64 {
	if v, ok := learn.Attributes(e)["feature_importances_"].([]float64); ok {
		return v
	}
	v := importances(e, 2)
	for j := range v {
		v[j] *= v[j]
	}
	return v
}

// chosen returns the kept columns of x.
func (m *RFE) chosen(x learn.Data) learn.Data {
	d, err := m.Transform(x)
	learn.Must(err)
	return d
}

// Predict predicts with the estimator of the kept columns.
func (m *RFE) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return m.Final.(learn.Predictor).Predict(m.chosen(x))
}

// Score scores the estimator of the kept columns.
func (m *RFE) Score(x learn.Data, y *learn.Matrix) (s float64, err error) {
	defer learn.Catch(&err)
	return m.Final.(learn.Scorer).Score(m.chosen(x), y)
}

// RFECV is RFE with the number of columns that cross-validation finds best.
type RFECV struct {
	Mask
	Estimator   learn.Estimator `param:"estimator"`
	Step        any             `param:"step=1"`
	MinFeatures int             `param:"min_features_to_select=1"`
	CV          any             `param:"cv=None"`      // nil (5), a number of folds, or a split.Splitter
	Scoring     string          `param:"scoring=None"` // see search.ScorerNames; "" is the estimator's own

	Elimination
	Counts []int     `fit:"n_features_tried_"` // rising
	Means  []float64 `fit:"mean_test_score_"`  // of each count, over the folds
}

// NewRFECV returns one with scikit-learn's defaults.
func NewRFECV() *RFECV { m := &RFECV{}; learn.Init(m); return m }

func folds(b *learn.Base, cv any, rows int, y *learn.Matrix, e learn.Estimator) []split.Fold {
	classifier := learn.KindOf(e) == learn.KindClassifier
	var s split.Splitter
	switch v := cv.(type) {
	case nil:
		s = split.For(5, y, classifier)
	case int:
		s = split.For(v, y, classifier)
	case split.Splitter:
		s = v
	default:
		b.Fail("CV is %v; want a number of folds or a split.Splitter", cv)
	}
	f, err := s.Split(rows, y.Data, nil)
	learn.Must(err)
	return f
}

// Fit eliminates in each fold, and then in all rows down to the best number of columns.
func (m *RFECV) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, y)
	if m.Estimator == nil || y == nil {
		m.Fail("Estimator or y is nil; want both")
	}
	if d.Cols < 2 {
		m.Fail("X has one column; want at least 2 to choose from")
	}
	step := count(&m.Base, "Step", m.Step, d.Cols)
	score := search.ScoreFunc(func(e learn.Estimator, x learn.Data, y *learn.Matrix) (float64, error) {
		return e.(learn.Scorer).Score(x, y)
	})
	if m.Scoring != "" {
		score, err = search.ScorerOf(m.Scoring)
		learn.Must(err)
	}
	sums := map[int]float64{}
	list := folds(&m.Base, m.CV, d.Rows, y, m.Estimator)
	for _, f := range list {
		xt, yt := d.Take(f.Test), y.Take(f.Test)
		eliminate(m.Estimator, d.Take(f.Train), y.Take(f.Train), m.MinFeatures, step, func(cols []int, e learn.Estimator) {
			s, err := score(e, xt.TakeCols(cols), yt)
			learn.Must(err)
			sums[len(cols)] += s
		})
	}
	m.Counts, m.Means = nil, nil
	for n := range sums {
		m.Counts = append(m.Counts, n)
	}
	sort.Ints(m.Counts)
	best := 0
	for i, n := range m.Counts {
		if m.Means = append(m.Means, sums[n]/float64(len(list))); m.Means[i] > m.Means[best] {
			best = i
		}
	}
	m.Elimination = eliminate(m.Estimator, d, y, m.Counts[best], step, nil)
	m.Support = m.Kept
	m.Done()
	return nil
}

// Predict predicts with the estimator of the kept columns.
func (m *RFECV) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	d, err := m.Transform(x)
	learn.Must(err)
	return m.Final.(learn.Predictor).Predict(d)
}

// Score scores the estimator of the kept columns.
func (m *RFECV) Score(x learn.Data, y *learn.Matrix) (s float64, err error) {
	defer learn.Catch(&err)
	d, err := m.Transform(x)
	learn.Must(err)
	return m.Final.(learn.Scorer).Score(d, y)
}
