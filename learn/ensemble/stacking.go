package ensemble

import (
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/linear"
	"github.com/lathe-ml/lathe/learn/search"
	"github.com/lathe-ml/lathe/learn/split"
)

// Stack are the options of stacking: a final estimator learns from what the others predict for rows that
// they were not fitted on.
type Stack struct {
	team
	FinalEstimator learn.Estimator `param:"final_estimator"` // nil: logistic regression, or ridge with a searched penalty
	CV             any             `param:"cv=None"`         // nil (5), a number of folds, a split.Splitter, or prefit
	Passthrough    bool            `param:"passthrough=false"`

	Final   learn.Estimator `fit:"final_estimator_"`
	Methods []string        `fit:"stack_method_"` // that the estimators answer with
}

// method returns how an estimator answers.
func (m *Stack) method(b *learn.Base, e learn.Estimator, want string) string {
	_, prober := e.(learn.Prober)
	_, decider := e.(learn.Decider)
	switch {
	case want == "predict", want == "predict_proba" && prober, want == "decision_function" && decider:
		return want
	case want != "auto":
		b.Fail("%s has no %s; set StackMethod to auto", e.Core().Name(), want)
	case prober:
		return "predict_proba"
	case decider:
		return "decision_function"
	}
	return "predict"
}

// splitter reads CV.
func (m *Stack) splitter(b *learn.Base, y *learn.Matrix, classifier bool) split.Splitter {
	switch v := m.CV.(type) {
	case nil:
		return split.For(5, y, classifier)
	case int:
		return split.For(v, y, classifier)
	case split.Splitter:
		return v
	}
	b.Fail("CV is %v; want a number of folds, a split.Splitter, or prefit", m.CV)
	return nil
}

// stack fits the estimators and then the final one.
func (m *Stack) stack(b *learn.Base, x learn.Data, y *learn.Matrix, w []float64, want string, classes int,
	def func() learn.Estimator,
) {
	prefit := m.CV == "prefit"
	if prefit {
		m.Estimators = nil
		for _, s := range m.Steps {
			s.Estimator.Core().MustFitted()
			m.Estimators = append(m.Estimators, s.Estimator)
		}
	} else {
		m.fit(b, x, y, w)
	}
	m.Methods = nil
	for _, e := range m.Estimators {
		m.Methods = append(m.Methods, m.method(b, e, want))
	}
	parts := make([]*learn.Matrix, len(m.Estimators))
	if prefit {
		parts = m.answers(x)
	} else {
		cv := m.splitter(b, y, classes > 0)
		errs := make([]error, len(parts))
		engine.Parallel(len(parts), 1, func(lo, hi int) {
			for k := lo; k < hi; k++ {
				parts[k], errs[k] = search.CrossValPredict(m.Estimators[k], x, y, m.Methods[k],
					search.Options{Splitter: cv, Weights: w})
			}
		})
		for _, err := range errs {
			learn.Must(err)
		}
	}
	m.Final = m.FinalEstimator
	if m.Final == nil {
		m.Final = def()
	}
	m.Final = learn.Clone(m.Final)
	learn.Must(learn.Fit(m.Final, m.join(b, parts, x, classes), y, w))
}

// answers are what the fitted estimators say of x.
func (m *Stack) answers(x learn.Data) []*learn.Matrix {
	parts := make([]*learn.Matrix, len(m.Estimators))
	for k, e := range m.Estimators {
		var err error
		switch m.Methods[k] {
		case "predict_proba":
			parts[k], err = e.(learn.Prober).PredictProba(x)
		case "decision_function":
			parts[k], err = e.(learn.Decider).DecisionFunction(x)
		default:
			parts[k], err = e.(learn.Predictor).Predict(x)
		}
		learn.Must(err)
	}
	return parts
}

// join puts answers beside each other, of two probabilities only the second, and x after them.
func (m *Stack) join(b *learn.Base, parts []*learn.Matrix, x learn.Data, classes int) *learn.Matrix {
	var out []*learn.Matrix
	for k, p := range parts {
		if m.Methods[k] == "predict_proba" && classes == 2 {
			p = learn.Column(p.Col(1))
		}
		out = append(out, p)
	}
	if m.Passthrough {
		out = append(out, learn.Dense(b.Name(), x))
	}
	return learn.Concat(out...)
}

// StackingClassifier lets a final classifier learn from the predictions of others.
type StackingClassifier struct {
	learn.ClassifierBase
	Stack
	StackMethod string `param:"stack_method=auto"` // auto, predict_proba, decision_function or predict
}

// NewStackingClassifier returns one of these estimators.
func NewStackingClassifier(steps ...learn.Step) *StackingClassifier {
	m := &StackingClassifier{}
	learn.Init(m)
	m.Steps = steps
	return m
}

// Fit fits the estimators, and the final one on cross-validated predictions.
func (m *StackingClassifier) Fit(x learn.Data, y *learn.Matrix) error {
	return m.FitWeighted(x, y, nil)
}

// FitWeighted is Fit with a weight for each row.
func (m *StackingClassifier) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	rows, cols := x.Dims()
	m.BeginSize(rows, cols, y)
	codes := learn.Ints(m.Labels(y))
	m.stack(&m.Base, x, codes, w, m.StackMethod, len(m.Classes), func() learn.Estimator {
		return linear.NewLogisticRegression()
	})
	m.Done()
	return nil
}

// Transform returns what the final estimator learns from.
func (m *StackingClassifier) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	return m.join(&m.Base, m.answers(x), x, len(m.Classes)), nil
}

// Predict returns the final estimator's classes.
func (m *StackingClassifier) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	d, err := m.Transform(x)
	learn.Must(err)
	p, err := m.Final.(learn.Predictor).Predict(d)
	learn.Must(err)
	return m.Decode(p.Ints()), nil
}

// PredictProba returns the final estimator's probabilities.
func (m *StackingClassifier) PredictProba(x learn.Data) (p *learn.Matrix, err error) {
	defer learn.Catch(&err)
	d, err := m.Transform(x)
	learn.Must(err)
	f, ok := m.Final.(learn.Prober)
	if !ok {
		m.Fail("the final estimator %s has no probabilities", m.Final.Core().Name())
	}
	return f.PredictProba(d)
}

// DecisionFunction returns the final estimator's decision.
func (m *StackingClassifier) DecisionFunction(x learn.Data) (p *learn.Matrix, err error) {
	defer learn.Catch(&err)
	d, err := m.Transform(x)
	learn.Must(err)
	f, ok := m.Final.(learn.Decider)
	if !ok {
		m.Fail("the final estimator %s has no decision function", m.Final.Core().Name())
	}
	return f.DecisionFunction(d)
}

// StackingRegressor lets a final regressor learn from the predictions of others.
type StackingRegressor struct {
	learn.RegressorBase
	Stack
}

// NewStackingRegressor returns one of these estimators.
func NewStackingRegressor(steps ...learn.Step) *StackingRegressor {
	m := &StackingRegressor{}
	learn.Init(m)
	m.Steps = steps
	return m
}

// Fit fits the estimators, and the final one on cross-validated predictions.
func (m *StackingRegressor) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *StackingRegressor) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	rows, cols := x.Dims()
	m.BeginSize(rows, cols, y)
	learn.Target(m.Name(), y)
	m.stack(&m.Base, x, y, w, "predict", 0, func() learn.Estimator { return linear.NewRidgeCV() })
	m.Done()
	return nil
}

// Transform returns what the final estimator learns from.
func (m *StackingRegressor) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	return m.join(&m.Base, m.answers(x), x, 0), nil
}

// Predict returns the final estimator's predictions.
func (m *StackingRegressor) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	d, err := m.Transform(x)
	learn.Must(err)
	return m.Final.(learn.Predictor).Predict(d)
}
