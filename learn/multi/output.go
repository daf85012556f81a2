package multi

import (
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
)

// columns returns y column by column.
func columns(b *learn.Base, y *learn.Matrix) []*learn.Matrix {
	if y == nil {
		b.Fail("y is nil; want one column for each output")
	}
	var out []*learn.Matrix
	for j := range y.Cols {
		out = append(out, learn.Column(y.Col(j)))
	}
	return out
}

func predictAll(es []learn.Estimator, x learn.Data) *learn.Matrix {
	var parts []*learn.Matrix
	for _, e := range es {
		p, err := e.(learn.Predictor).Predict(x)
		learn.Must(err)
		parts = append(parts, p)
	}
	return learn.Concat(parts...)
}

// MultiOutputRegressor fits one estimator for each column of y.
type MultiOutputRegressor struct {
	learn.RegressorBase
	Estimator  learn.Estimator   `param:"estimator"`
	Estimators []learn.Estimator `fit:"estimators_"`
}

// NewMultiOutputRegressor returns one without an estimator.
func NewMultiOutputRegressor() *MultiOutputRegressor {
	m := &MultiOutputRegressor{}
	learn.Init(m)
	return m
}

// Fit fits the estimators.
func (m *MultiOutputRegressor) Fit(x learn.Data, y *learn.Matrix) error {
	return m.FitWeighted(x, y, nil)
}

// FitWeighted is Fit with a weight for each row.
func (m *MultiOutputRegressor) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	rows, cols := x.Dims()
	m.BeginSize(rows, cols, y)
	m.Estimators = fitAll(&m.Base, m.Estimator, func(int) learn.Data { return x }, columns(&m.Base, y), w)
	m.Done()
	return nil
}

// Predict returns one column for each estimator.
func (m *MultiOutputRegressor) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	return predictAll(m.Estimators, x), nil
}

// MultiOutputClassifier fits one estimator for each column of y.
type MultiOutputClassifier struct {
	learn.ClassifierBase
	Estimator  learn.Estimator   `param:"estimator"`
	Estimators []learn.Estimator `fit:"estimators_"`
}

// NewMultiOutputClassifier returns one without an estimator.
func NewMultiOutputClassifier() *MultiOutputClassifier {
	m := &MultiOutputClassifier{}
	learn.Init(m)
	return m
}

// Fit fits the estimators.
func (m *MultiOutputClassifier) Fit(x learn.Data, y *learn.Matrix) error {
	return m.FitWeighted(x, y, nil)
}

// FitWeighted is Fit with a weight for each row.
func (m *MultiOutputClassifier) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	rows, cols := x.Dims()
	m.BeginSize(rows, cols, y)
	m.Estimators = fitAll(&m.Base, m.Estimator, func(int) learn.Data { return x }, columns(&m.Base, y), w)
	m.Done()
	return nil
}

// Predict returns one column for each estimator.
func (m *MultiOutputClassifier) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	return predictAll(m.Estimators, x), nil
}

// links is what chains have in common: each link sees the outputs before it as features.
type links struct {
	Estimator   learn.Estimator   `param:"estimator"`
	Order       any               `param:"order=None"` // nil (columns), random, or the columns in order
	CV          any               `param:"cv=None"`
	ChainMethod string            `param:"chain_method=predict" fixed:"true"`
	RandomState int64             `param:"random_state=0"`
	Links       []learn.Estimator `fit:"estimators_"`
	Used        []int             `fit:"order_"`
}

func (l *links) fit(b *learn.Base, x learn.Data, y *learn.Matrix) {
	d := b.Begin(x, y)
	if y == nil || l.Estimator == nil {
		b.Fail("y or Estimator is nil; want both")
	}
	if l.CV != nil {
		b.Fail("CV is not supported in chains; leave it nil")
	}
	l.Used = nil
	switch o := l.Order.(type) {
	case nil:
		for j := range y.Cols {
			l.Used = append(l.Used, j)
		}
	case []float64:
		for _, j := range o {
			l.Used = append(l.Used, int(j))
		}
	case string:
		if o != "random" {
			b.Fail("Order is %q; want nil, random, or the columns in order", o)
		}
		l.Used = random.New(l.RandomState).Permutation(y.Cols)
	}
	if len(l.Used) != y.Cols {
		b.Fail("Order has %d columns, y has %d", len(l.Used), y.Cols)
	}
	l.Links = nil
	for _, j := range l.Used {
		e := learn.Clone(l.Estimator)
		t := learn.Column(y.Col(j))
		learn.Must(e.Fit(d, t))
		l.Links = append(l.Links, e)
		d = learn.Concat(d, t)
	}
}

// run calls f for each link and adds its predictions to the features.
func (l *links) run(d *learn.Matrix, f func(e learn.Estimator, x *learn.Matrix) *learn.Matrix) *learn.Matrix {
	out := learn.NewMatrix(d.Rows, len(l.Used))
	for k, e := range l.Links {
		p, err := e.(learn.Predictor).Predict(d)
		learn.Must(err)
		v := p
		if f != nil {
			v = f(e, d)
		}
		out.SetCol(l.Used[k], v.Col(0))
		d = learn.Concat(d, p)
	}
	return out
}

// ClassifierChain predicts labels one after another, each from the features and the labels before it.
type ClassifierChain struct {
	learn.ClassifierBase
	links
}

// NewClassifierChain returns one without an estimator.
func NewClassifierChain() *ClassifierChain { m := &ClassifierChain{}; learn.Init(m); return m }

// Fit fits the links.
func (m *ClassifierChain) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m.fit(&m.Base, x, y)
	m.Done()
	return nil
}

// Predict returns the labels.
func (m *ClassifierChain) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return m.run(m.Ready(x), nil), nil
}

// PredictProba returns the probability of each label.
func (m *ClassifierChain) PredictProba(x learn.Data) (p *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return m.run(m.Ready(x), func(e learn.Estimator, x *learn.Matrix) *learn.Matrix {
		return probability(e, x)
	}), nil
}

// DecisionFunction returns the decision of each label.
func (m *ClassifierChain) DecisionFunction(x learn.Data) (d *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return m.run(m.Ready(x), func(e learn.Estimator, x *learn.Matrix) *learn.Matrix {
		return scores(e, x)
	}), nil
}

// RegressorChain predicts outputs one after another, each from the features and the outputs before it.
type RegressorChain struct {
	learn.RegressorBase
	links
}

// NewRegressorChain returns one without an estimator.
func NewRegressorChain() *RegressorChain { m := &RegressorChain{}; learn.Init(m); return m }

// Fit fits the links.
func (m *RegressorChain) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m.fit(&m.Base, x, y)
	m.Done()
	return nil
}

// Predict returns the outputs.
func (m *RegressorChain) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return m.run(m.Ready(x), nil), nil
}
