package calibration

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/metric"
	"github.com/lathe-ml/lathe/learn/split"
)

// FixedThresholdClassifier predicts the second of two classes where the score reaches a threshold.
type FixedThresholdClassifier struct {
	learn.ClassifierBase
	Estimator learn.Estimator `param:"estimator"`
	Threshold any             `param:"threshold=auto"`       // auto: 0.5 of probabilities, 0 of decisions
	Response  string          `param:"response_method=auto"` // auto, predict_proba or decision_function
	PosLabel  any             `param:"pos_label=None"`       // nil: the second class

	Final learn.Estimator `fit:"estimator_"`
}

// NewFixedThresholdClassifier returns one with scikit-learn's defaults.
func NewFixedThresholdClassifier() *FixedThresholdClassifier {
	m := &FixedThresholdClassifier{}
	learn.Init(m)
	return m
}

// Fit fits the estimator; y has two classes.
func (m *FixedThresholdClassifier) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m.Final = begin(&m.ClassifierBase, m.Estimator, x, y)
	m.OneOf("Response", m.Response, "auto", "predict_proba", "decision_function")
	learn.Must(m.Final.Fit(x, y))
	m.Done()
	return nil
}

// begin checks what both classifiers want, and returns the clone to fit.
func begin(b *learn.ClassifierBase, e learn.Estimator, x learn.Data, y *learn.Matrix) learn.Estimator {
	rows, cols := x.Dims()
	b.BeginSize(rows, cols, y)
	if e == nil {
		b.Fail("Estimator is nil; want a classifier of two classes")
	}
	b.Labels(y)
	if len(b.Classes) != 2 {
		b.Fail("y has %d classes; want 2", len(b.Classes))
	}
	return learn.Clone(e)
}

// positive returns the position of the positive class.
func positive(b *learn.ClassifierBase, label any) int {
	v, ok := learn.OptFloat(label)
	if !ok {
		return 1
	}
	for k, c := range b.Classes {
		if c == v {
			return k
		}
	}
	b.Fail("PosLabel is %g; the classes are %v", v, b.Classes)
	return 0
}

// response returns the score of the positive class and its natural threshold.
func response(b *learn.ClassifierBase, e learn.Estimator, x learn.Data, how string, pos int) ([]float64, float64) {
	if p, ok := e.(learn.Prober); ok && how != "decision_function" {
		m, err := p.PredictProba(x)
		learn.Must(err)
		return m.Col(pos), 0.5
	}
	d, ok := e.(learn.Decider)
	if !ok || how == "predict_proba" {
		b.Fail("%s has no %s", e.Core().Name(), how)
	}
	m, err := d.DecisionFunction(x)
	learn.Must(err)
	s := m.Col(0)
	if pos == 0 {
		for i := range s {
			s[i] = -s[i]
		}
	}
	return s, 0
}

func threshold(b *learn.ClassifierBase, s []float64, limit float64, pos int) *learn.Matrix {
	codes := make([]int, len(s))
	for i, v := range s {
		if codes[i] = 1 - pos; v >= limit {
			codes[i] = pos
		}
	}
	return b.Decode(codes)
}

// Predict compares scores with the threshold.
func (m *FixedThresholdClassifier) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	pos := positive(&m.ClassifierBase, m.PosLabel)
	s, limit := response(&m.ClassifierBase, m.Final, x, m.Response, pos)
	if v, ok := learn.OptFloat(m.Threshold); ok {
		limit = v
	}
	return threshold(&m.ClassifierBase, s, limit, pos), nil
}

// PredictProba returns the estimator's probabilities.
func (m *FixedThresholdClassifier) PredictProba(x learn.Data) (p *learn.Matrix, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	e, ok := m.Final.(learn.Prober)
	if !ok {
		m.Fail("%s has no probabilities", m.Final.Core().Name())
	}
	return e.PredictProba(x)
}

// TunedThresholdClassifierCV chooses the threshold with the best cross-validated balanced accuracy,
// accuracy or F1.
type TunedThresholdClassifierCV struct {
	learn.ClassifierBase
	Estimator  learn.Estimator `param:"estimator"`
	Scoring    string          `param:"scoring=balanced_accuracy"` // or accuracy, f1
	Response   string          `param:"response_method=auto"`
	Thresholds int             `param:"thresholds=100"` // tried, between the least and the greatest score
	CV         any             `param:"cv=None"`        // nil (5), a number of folds, or a split.Splitter

	Final         learn.Estimator `fit:"estimator_"`
	BestThreshold float64         `fit:"best_threshold_"`
	BestScore     float64         `fit:"best_score_"`
}

// NewTunedThresholdClassifierCV returns one with scikit-learn's defaults.
func NewTunedThresholdClassifierCV() *TunedThresholdClassifierCV {
	m := &TunedThresholdClassifierCV{}
	learn.Init(m)
	return m
}

// Fit chooses the threshold and then fits the estimator on all rows.
func (m *TunedThresholdClassifierCV) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m.Final = begin(&m.ClassifierBase, m.Estimator, x, y)
	m.OneOf("Scoring", m.Scoring, "balanced_accuracy", "accuracy", "f1")
	if m.Thresholds < 2 {
		m.Fail("Thresholds is %d; want at least 2", m.Thresholds)
	}
	var cv split.Splitter
	switch v := m.CV.(type) {
	case nil:
		cv = split.For(5, y, true)
	case int:
		cv = split.For(v, y, true)
	case split.Splitter:
		cv = v
	default:
		m.Fail("CV is %v; want a number of folds or a split.Splitter", m.CV)
	}
	rows, _ := x.Dims()
	folds, err := cv.Split(rows, y.Data, nil)
	learn.Must(err)
	var curves [][2][]float64 // thresholds and scores of each fold
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, f := range folds {
		e := learn.Clone(m.Estimator)
		learn.Must(e.Fit(learn.TakeRows(x, f.Train), y.Take(f.Train)))
		s, _ := response(&m.ClassifierBase, e, learn.TakeRows(x, f.Test), m.Response, 1)
		limits, values := m.curve(s, y.Take(f.Test))
		curves = append(curves, [2][]float64{limits, values})
		lo, hi = min(lo, limits[0]), max(hi, limits[len(limits)-1])
	}
	m.BestScore = math.Inf(-1)
	for k := range m.Thresholds {
		t := lo + (hi-lo)*float64(k)/float64(m.Thresholds-1)
		mean := 0.0
		for _, c := range curves {
			mean += interpolate(t, c[0], c[1]) / float64(len(curves))
		}
		if mean > m.BestScore {
			m.BestThreshold, m.BestScore = t, mean
		}
	}
	learn.Must(m.Final.Fit(x, y))
	m.Done()
	return nil
}

// curve scores evenly spaced thresholds.
func (m *TunedThresholdClassifierCV) curve(s []float64, y *learn.Matrix) (limits, values []float64) {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, v := range s {
		lo, hi = min(lo, v), max(hi, v)
	}
	for k := range m.Thresholds {
		t := lo + (hi-lo)*float64(k)/float64(m.Thresholds-1)
		limits = append(limits, t)
		values = append(values, m.score(y, threshold(&m.ClassifierBase, s, t, 1)))
	}
	return limits, values
}

func (m *TunedThresholdClassifierCV) score(y, p *learn.Matrix) float64 {
	switch m.Scoring {
	case "accuracy":
		return learn.Accuracy(y, p, nil)
	case "f1":
		return binaryF1(y, p, m.Classes[1])
	}
	return metric.BalancedAccuracy(y, p)
}

func binaryF1(y, p *learn.Matrix, pos float64) float64 {
	hit, said, there := 0.0, 0.0, 0.0
	for i, v := range y.Data {
		if v == pos {
			there++
		}
		if p.Data[i] == pos {
			said++
			if v == pos {
				hit++
			}
		}
	}
	if said+there == 0 {
		return 0
	}
	return 2 * hit / (said + there)
}

// interpolate returns the value at t of a curve over rising xs, flat beyond its ends.
func interpolate(t float64, xs, ys []float64) float64 {
	if t <= xs[0] {
		return ys[0]
	}
	for k := 1; k < len(xs); k++ {
		if t <= xs[k] {
			if xs[k] == xs[k-1] {
				return ys[k]
			}
			return ys[k-1] + (ys[k]-ys[k-1])*(t-xs[k-1])/(xs[k]-xs[k-1])
		}
	}
	return ys[len(ys)-1]
}

// Predict compares scores with the chosen threshold.
func (m *TunedThresholdClassifierCV) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	s, _ := response(&m.ClassifierBase, m.Final, x, m.Response, 1)
	return threshold(&m.ClassifierBase, s, m.BestThreshold, 1), nil
}

// PredictProba returns the estimator's probabilities.
func (m *TunedThresholdClassifierCV) PredictProba(x learn.Data) (p *learn.Matrix, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	e, ok := m.Final.(learn.Prober)
	if !ok {
		m.Fail("%s has no probabilities", m.Final.Core().Name())
	}
	return e.PredictProba(x)
}
