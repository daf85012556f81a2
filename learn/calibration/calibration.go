// Package calibration makes scores of classifiers into probabilities, and chooses thresholds.
//
//	m := calibration.NewCalibratedClassifierCV()
//	m.Estimator, m.Method = svm.NewSVC(), "isotonic"
//	err := m.Fit(x, y)
//	p, err := m.PredictProba(xTest)
//	shares, predicted := calibration.Curve(y, p.Col(1), 10, "uniform")
//
// It does not draw (viz).
package calibration

import (
	"math"
	"sort"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/isotonic"
	"github.com/lathe-ml/lathe/learn/linear"
	"github.com/lathe-ml/lathe/learn/search"
	"github.com/lathe-ml/lathe/learn/split"
)

// Curve returns for each bin of predicted probabilities the share of positives and the mean prediction. y is
// 0 or 1; strategy is uniform (bins of equal width) or quantile.
func Curve(y, p []float64, bins int, strategy string) (shares, predicted []float64) {
	edges := make([]float64, bins+1)
	sorted := append([]float64(nil), p...)
	sort.Float64s(sorted)
	for i := range edges {
		edges[i] = float64(i) / float64(bins)
		if strategy == "quantile" {
			at := edges[i] * float64(len(sorted)-1)
			k := min(int(at), len(sorted)-2)
			edges[i] = sorted[k] + (at-float64(k))*(sorted[k+1]-sorted[k])
		}
	}
	sum, hit, count := make([]float64, bins+1), make([]float64, bins+1), make([]float64, bins+1)
	for i, v := range p {
		k := sort.SearchFloat64s(edges[1:bins], v)
		sum[k] += v
		hit[k] += y[i]
		count[k]++
	}
	for k, n := range count {
		if n > 0 {
			shares, predicted = append(shares, hit[k]/n), append(predicted, sum[k]/n)
		}
	}
	return shares, predicted
}

// calibrator maps scores of one class to probabilities.
type calibrator interface{ at(score float64) float64 }

type platt struct{ a, b float64 }

func (c platt) at(f float64) float64 { return 1 / (1 + math.Exp(c.a*f+c.b)) }

type steps struct{ m *isotonic.IsotonicRegression }

func init() { learn.NameType(platt{}); learn.NameType(steps{}) }

func (c steps) at(f float64) float64 {
	y, err := c.m.Predict(learn.Column([]float64{f}))
	learn.Must(err)
	return y.Data[0]
}

// fitPlatt minimizes the log-loss of 1/(1+exp(a·f+b)) against targets shrunk by the priors (Platt 1999), by
// Newton's method with halved steps.
func fitPlatt(f, y, w []float64) platt {
	pos, neg := 0.0, 0.0
	for i, v := range y {
		if v > 0 {
			pos += w[i]
		} else {
			neg += w[i]
		}
	}
	t := make([]float64, len(y))
	for i, v := range y {
		t[i] = 1 / (neg + 2)
		if v > 0 {
			t[i] = (pos + 1) / (pos + 2)
		}
	}
	loss := func(c platt) float64 {
		s := 0.0
		for i, v := range f {
			z := c.a*v + c.b // log-loss: t·z + log(1+exp(−z))
			s += w[i] * (t[i]*z + math.Log1p(math.Exp(-math.Abs(z))) + max(-z, 0))
		}
		return s
	}
	c := platt{0, math.Log((neg + 1) / (pos + 1))}
	best := loss(c)
	for range 100 {
		ga, gb, haa, hab, hbb := 0.0, 0.0, 1e-12, 0.0, 1e-12
		for i, v := range f {
			p := c.at(v)
			d, h := w[i]*(t[i]-p), w[i]*p*(1-p)
			ga, gb = ga+d*v, gb+d
			haa, hab, hbb = haa+h*v*v, hab+h*v, hbb+h
		}
		det := haa*hbb - hab*hab
		da, db := -(hbb*ga-hab*gb)/det, -(haa*gb-hab*ga)/det
		step := 1.0
		for ; step > 1e-10; step /= 2 {
			next := platt{c.a + step*da, c.b + step*db}
			if l := loss(next); l < best {
				c, best = next, l
				break
			}
		}
		if step <= 1e-10 || math.Abs(ga)+math.Abs(gb) < 1e-10 {
			break
		}
	}
	return c
}

// calibrated is a classifier with a calibrator for each of its classes.
type calibrated struct {
	e       learn.Estimator
	classes []int // numbers, among all classes, of the columns that maps are for
	maps    []calibrator
}

// CalibratedClassifierCV fits classifiers on folds and calibrates each on the rest.
type CalibratedClassifierCV struct {
	learn.ClassifierBase
	Estimator learn.Estimator `param:"estimator"`      // nil: a linear support vector machine
	Method    string          `param:"method=sigmoid"` // or isotonic
	CV        any             `param:"cv=None"`        // nil (5), a number of folds, or a split.Splitter
	Ensemble  any             `param:"ensemble=auto"`  // auto, true: a classifier for each fold; false: one of all rows

	parts []calibrated
}

// Member is one of the classifiers of a CalibratedClassifierCV with the calibrators of its scores: of each class, either the
// parameters of a sigmoid 1/(1 + exp(a·score + b)) or an isotonic regression.
type Member struct {
	Estimator learn.Estimator
	Classes   []int // places of its columns among all classes
	Sigmoid   [][2]float64
	Isotonic  []*isotonic.IsotonicRegression
}

// Members returns the fitted classifiers, one for each fold unless Ensemble is false.
func (m *CalibratedClassifierCV) Members() []Member {
	var out []Member
	for _, p := range m.parts {
		c := Member{Estimator: p.e, Classes: p.classes}
		for _, f := range p.maps {
			var ab [2]float64
			var iso *isotonic.IsotonicRegression
			switch f := f.(type) {
			case platt:
				ab = [2]float64{f.a, f.b}
			case steps:
				iso = f.m
			}
			c.Sigmoid, c.Isotonic = append(c.Sigmoid, ab), append(c.Isotonic, iso)
		}
		out = append(out, c)
	}
	return out
}

// NewCalibratedClassifierCV returns one with scikit-learn's defaults.
func NewCalibratedClassifierCV() *CalibratedClassifierCV {
	m := &CalibratedClassifierCV{}
	learn.Init(m)
	return m
}

// Fit fits and calibrates.
func (m *CalibratedClassifierCV) Fit(x learn.Data, y *learn.Matrix) error {
	return m.FitWeighted(x, y, nil)
}

// FitWeighted is Fit with a weight for each row.
func (m *CalibratedClassifierCV) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	rows, cols := x.Dims()
	m.BeginSize(rows, cols, y)
	m.OneOf("Method", m.Method, "sigmoid", "isotonic")
	codes := learn.Ints(m.Labels(y))
	base := m.Estimator
	if base == nil {
		base = linear.NewLinearSVC()
	}
	var cv split.Splitter
	switch v := m.CV.(type) {
	case nil:
		cv = split.For(5, codes, true)
	case int:
		cv = split.For(v, codes, true)
	case split.Splitter:
		cv = v
	default:
		m.Fail("CV is %v; want a number of folds or a split.Splitter", m.CV)
	}
	if m.Ensemble == false {
		m.fitOne(base, x, codes, w, cv)
	} else {
		m.fitFolds(base, x, codes, w, cv)
	}
	m.Done()
	return nil
}

func (m *CalibratedClassifierCV) fitFolds(base learn.Estimator, x learn.Data, y *learn.Matrix, w []float64,
	cv split.Splitter,
) {
	rows, _ := x.Dims()
	folds, err := cv.Split(rows, y.Data, nil)
	learn.Must(err)
	m.parts = make([]calibrated, len(folds))
	errs := make([]error, len(folds))
	engine.Parallel(len(folds), 1, func(lo, hi int) {
		for k := lo; k < hi; k++ {
			errs[k] = m.fitFold(k, learn.Clone(base), folds[k], x, y, w)
		}
	})
	for _, err := range errs {
		learn.Must(err)
	}
}

func (m *CalibratedClassifierCV) fitFold(k int, e learn.Estimator, f split.Fold, x learn.Data, y *learn.Matrix,
	w []float64,
) (err error) {
	defer learn.Catch(&err)
	fitWeights := learn.TakeFloats(w, f.Train)
	if _, ok := e.(learn.Weighted); !ok {
		fitWeights = nil
	}
	learn.Must(learn.Fit(e, learn.TakeRows(x, f.Train), y.Take(f.Train), fitWeights))
	m.parts[k] = m.calibrate(e, scores(e, learn.TakeRows(x, f.Test)), y.Take(f.Test).Data, learn.TakeFloats(w, f.Test))
	return nil
}

func (m *CalibratedClassifierCV) fitOne(base learn.Estimator, x learn.Data, y *learn.Matrix, w []float64,
	cv split.Splitter,
) {
	method := "predict_proba"
	if _, ok := base.(learn.Decider); ok {
		method = "decision_function"
	}
	s, err := search.CrossValPredict(base, x, y, method, search.Options{Splitter: cv, Weights: w})
	learn.Must(err)
	if method == "predict_proba" && s.Cols == 2 {
		s = learn.Column(s.Col(1))
	}
	e := learn.Clone(base)
	learn.Must(learn.Fit(e, x, y, w))
	m.parts = []calibrated{m.calibrate(e, s, y.Data, w)}
}

// scores returns the decision function or the probabilities; one column for two classes.
func scores(e learn.Estimator, x learn.Data) *learn.Matrix {
	if d, ok := e.(learn.Decider); ok {
		s, err := d.DecisionFunction(x)
		learn.Must(err)
		return s
	}
	p, ok := e.(learn.Prober)
	if !ok {
		learn.Fail("calibration", "%s has neither a decision function nor probabilities", e.Core().Name())
	}
	s, err := p.PredictProba(x)
	learn.Must(err)
	if s.Cols == 2 {
		s = learn.Column(s.Col(1))
	}
	return s
}

// calibrate fits a map for each column of scores.
func (m *CalibratedClassifierCV) calibrate(e learn.Estimator, s *learn.Matrix, y, w []float64) calibrated {
	w = learn.Weights(m.Name(), w, s.Rows)
	c := calibrated{e: e}
	own, _ := learn.Attributes(e)["classes_"].([]float64)
	for k := range s.Cols {
		class := k
		if s.Cols == 1 {
			class = len(own) - 1
		}
		code := int(own[class])
		t := make([]float64, len(y))
		for i, v := range y {
			if int(v) == code {
				t[i] = 1
			}
		}
		c.classes = append(c.classes, code)
		if m.Method == "sigmoid" {
			c.maps = append(c.maps, fitPlatt(s.Col(k), t, w))
			continue
		}
		iso := isotonic.NewIsotonicRegression()
		iso.OutOfBounds = "clip"
		learn.Must(iso.FitWeighted(learn.Column(s.Col(k)), learn.Column(t), w))
		c.maps = append(c.maps, steps{iso})
	}
	return c
}

// PredictProba returns the mean of the calibrated probabilities.
func (m *CalibratedClassifierCV) PredictProba(x learn.Data) (p *learn.Matrix, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	rows, _ := x.Dims()
	p = learn.NewMatrix(rows, len(m.Classes))
	for _, c := range m.parts {
		s := scores(c.e, x)
		one := make([]float64, len(m.Classes))
		for i := range rows {
			clear(one)
			for k, f := range c.maps {
				one[c.classes[k]] = f.at(s.At(i, k))
			}
			normalize(one, len(c.maps) == 1)
			for k, v := range one {
				p.Row(i)[k] += v / float64(len(m.parts))
			}
		}
	}
	return p, nil
}

func normalize(p []float64, two bool) {
	if two {
		p[0] = 1 - p[len(p)-1]
		return
	}
	sum := 0.0
	for _, v := range p {
		sum += v
	}
	for k := range p {
		if sum == 0 {
			p[k] = 1 / float64(len(p))
		} else {
			p[k] /= sum
		}
	}
}

// Predict returns the most probable class.
func (m *CalibratedClassifierCV) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	p, err := m.PredictProba(x)
	learn.Must(err)
	return m.ArgMaxRows(p), nil
}
