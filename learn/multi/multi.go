// Package multi makes several classes, labels or outputs from estimators of two classes or one output.
//
//	m := multi.NewOneVsRestClassifier()
//	m.Estimator = svm.NewSVC()
//	err := m.Fit(x, y)
//	chain := multi.NewClassifierChain()
//	chain.Estimator = linear.NewLogisticRegression()
//
// Many estimators take several classes or outputs by themselves.
package multi

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
)

// scores returns one column of confidence in the second class: decisions, else probabilities.
func scores(e learn.Estimator, x learn.Data) *learn.Matrix {
	if d, ok := e.(learn.Decider); ok {
		m, err := d.DecisionFunction(x)
		learn.Must(err)
		return m
	}
	return probability(e, x)
}

// probability returns the probability of the second class.
func probability(e learn.Estimator, x learn.Data) *learn.Matrix {
	p, ok := e.(learn.Prober)
	if !ok {
		learn.Fail(e.Core().Name(), "has no probabilities")
	}
	m, err := p.PredictProba(x)
	learn.Must(err)
	return learn.Column(m.Col(m.Cols - 1))
}

// fitAll clones and fits an estimator for each target, in parallel.
func fitAll(b *learn.Base, e learn.Estimator, x func(i int) learn.Data, y []*learn.Matrix, w []float64,
) []learn.Estimator {
	if e == nil {
		b.Fail("Estimator is nil; set the estimator to repeat")
	}
	out, errs := make([]learn.Estimator, len(y)), make([]error, len(y))
	for i := range out {
		out[i] = learn.Clone(e)
	}
	engine.Parallel(len(y), 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			errs[i] = learn.Fit(out[i], x(i), y[i], w)
		}
	})
	for _, err := range errs {
		learn.Must(err)
	}
	return out
}

func init() { learn.NameType(&constant{}) }

// constant predicts one class where a label never varies.
type constant struct {
	learn.ClassifierBase
	Value float64
}

// Fit does nothing.
func (c *constant) Fit(learn.Data, *learn.Matrix) error { return nil }

// Constant returns the class of an estimator that an OutputCodeClassifier keeps for a bit that never varies.
func Constant(e learn.Estimator) (class float64, ok bool) {
	c, ok := e.(*constant)
	if !ok {
		return 0, false
	}
	return c.Value, true
}

// OneVsRestClassifier fits one estimator for each class, or for each label of several columns.
type OneVsRestClassifier struct {
	learn.ClassifierBase
	Estimator learn.Estimator `param:"estimator"`

	Estimators []learn.Estimator `fit:"estimators_"`
	Multilabel bool              `fit:"multilabel_"`
}

// NewOneVsRestClassifier returns one without an estimator.
func NewOneVsRestClassifier() *OneVsRestClassifier {
	m := &OneVsRestClassifier{}
	learn.Init(m)
	return m
}

// Fit fits the estimators.
func (m *OneVsRestClassifier) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	rows, cols := x.Dims()
	m.BeginSize(rows, cols, y)
	var targets []*learn.Matrix
	m.Multilabel = y.Cols > 1
	if m.Multilabel {
		m.Classes = nil
		for j := range y.Cols {
			m.Classes = append(m.Classes, float64(j))
			targets = append(targets, learn.Column(y.Col(j)))
		}
	} else {
		codes := m.Labels(y)
		first := 0
		if len(m.Classes) == 2 {
			first = 1
		}
		if len(m.Classes) < 2 {
			m.Fail("y has one class, %v; want at least 2", m.Classes)
		}
		for c := first; c < len(m.Classes); c++ {
			targets = append(targets, indicator(codes, c))
		}
	}
	m.Estimators = fitAll(&m.Base, m.Estimator, func(int) learn.Data { return x }, targets, nil)
	m.Done()
	return nil
}

func indicator(codes []int, c int) *learn.Matrix {
	t := learn.NewMatrix(len(codes), 1)
	for i, v := range codes {
		if v == c {
			t.Data[i] = 1
		}
	}
	return t
}

// DecisionFunction returns one column for each estimator.
func (m *OneVsRestClassifier) DecisionFunction(x learn.Data) (d *learn.Matrix, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	var parts []*learn.Matrix
	for _, e := range m.Estimators {
		parts = append(parts, scores(e, x))
	}
	return learn.Concat(parts...), nil
}

// Predict returns the class of the most confident estimator, or all labels.
func (m *OneVsRestClassifier) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	if m.Multilabel {
		var parts []*learn.Matrix
		for _, e := range m.Estimators {
			p, err := e.(learn.Predictor).Predict(x)
			learn.Must(err)
			parts = append(parts, p)
		}
		return learn.Concat(parts...), nil
	}
	d, err := m.DecisionFunction(x)
	if err != nil {
		return nil, err
	}
	if d.Cols == 1 {
		return m.Decode(above(m.Estimators[0], d)), nil
	}
	return m.ArgMaxRows(d), nil
}

// PredictProba returns the estimators' probabilities, which add up to 1 unless there are several labels.
func (m *OneVsRestClassifier) PredictProba(x learn.Data) (p *learn.Matrix, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	var parts []*learn.Matrix
	for _, e := range m.Estimators {
		parts = append(parts, probability(e, x))
	}
	p = learn.Concat(parts...)
	if m.Multilabel {
		return p, nil
	}
	if p.Cols == 1 {
		q := learn.NewMatrix(p.Rows, 2)
		for i, v := range p.Data {
			q.Data[2*i], q.Data[2*i+1] = 1-v, v
		}
		return q, nil
	}
	for i := range p.Rows {
		sum := 0.0
		for _, v := range p.Row(i) {
			sum += v
		}
		for c := range p.Row(i) {
			p.Row(i)[c] /= sum
		}
	}
	return p, nil
}

// OneVsOneClassifier fits one estimator for each pair of classes.
type OneVsOneClassifier struct {
	learn.ClassifierBase
	Estimator learn.Estimator `param:"estimator"`

	Estimators []learn.Estimator `fit:"estimators_"`
	pairs      [][2]int
}

// NewOneVsOneClassifier returns one without an estimator.
func NewOneVsOneClassifier() *OneVsOneClassifier { m := &OneVsOneClassifier{}; learn.Init(m); return m }

// Fit fits the estimators.
func (m *OneVsOneClassifier) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	rows, cols := x.Dims()
	m.BeginSize(rows, cols, y)
	codes := m.Labels(y)
	if len(m.Classes) < 2 {
		m.Fail("y has one class, %v; want at least 2", m.Classes)
	}
	m.pairs = nil
	var targets []*learn.Matrix
	var parts []learn.Data
	for a := range m.Classes {
		for b := a + 1; b < len(m.Classes); b++ {
			var index []int
			var t []float64
			for i, c := range codes {
				if c == a || c == b {
					index = append(index, i)
					v := 0.0
					if c == b {
						v = 1
					}
					t = append(t, v)
				}
			}
			m.pairs = append(m.pairs, [2]int{a, b})
			targets, parts = append(targets, learn.Column(t)), append(parts, learn.TakeRows(x, index))
		}
	}
	m.Estimators = fitAll(&m.Base, m.Estimator, func(i int) learn.Data { return parts[i] }, targets, nil)
	m.Done()
	return nil
}

// Pairs returns the numbers of the two classes of each estimator.
func (m *OneVsOneClassifier) Pairs() [][2]int { return m.pairs }

// DecisionFunction returns votes of the pairs with their confidences as fractions.
func (m *OneVsOneClassifier) DecisionFunction(x learn.Data) (d *learn.Matrix, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	rows, _ := x.Dims()
	d = learn.NewMatrix(rows, len(m.Classes))
	sum := learn.NewMatrix(rows, len(m.Classes))
	for k, e := range m.Estimators {
		p, err := e.(learn.Predictor).Predict(x)
		learn.Must(err)
		s := scores(e, x)
		a, b := m.pairs[k][0], m.pairs[k][1]
		for i := range rows {
			sum.Row(i)[a] -= s.Data[i]
			sum.Row(i)[b] += s.Data[i]
			if p.Data[i] != 0 {
				d.Row(i)[b]++
			} else {
				d.Row(i)[a]++
			}
		}
	}
	for i, v := range sum.Data {
		d.Data[i] += v / (3 * (math.Abs(v) + 1))
	}
	if d.Cols == 2 {
		return learn.Column(scores(m.Estimators[0], x).Data), nil
	}
	return d, nil
}

// Predict returns the class with most votes; confidences decide between equals.
func (m *OneVsOneClassifier) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	d, err := m.DecisionFunction(x)
	if err != nil {
		return nil, err
	}
	if d.Cols == 1 {
		return m.Decode(above(m.Estimators[0], d)), nil
	}
	return m.ArgMaxRows(d), nil
}

// above tells which scores of an estimator speak for its second class: decisions above 0, or probabilities above 0.5.
func above(e learn.Estimator, scores *learn.Matrix) []int {
	limit := 0.0
	if _, ok := e.(learn.Decider); !ok {
		limit = 0.5
	}
	codes := make([]int, scores.Rows)
	for i, v := range scores.Data {
		if v > limit {
			codes[i] = 1
		}
	}
	return codes
}

// OutputCodeClassifier gives each class a random code and fits one estimator for each bit.
type OutputCodeClassifier struct {
	learn.ClassifierBase
	Estimator   learn.Estimator `param:"estimator"`
	CodeSize    float64         `param:"code_size=1.5"` // bits for each class
	RandomState int64           `param:"random_state=0"`

	CodeBook   *learn.Matrix     `fit:"code_book_"`
	Estimators []learn.Estimator `fit:"estimators_"`
}

// NewOutputCodeClassifier returns one without an estimator.
func NewOutputCodeClassifier() *OutputCodeClassifier {
	m := &OutputCodeClassifier{}
	learn.Init(m)
	return m
}

// Fit fits the estimators.
func (m *OutputCodeClassifier) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	rows, cols := x.Dims()
	m.BeginSize(rows, cols, y)
	codes := m.Labels(y)
	bits := int(float64(len(m.Classes)) * m.CodeSize)
	if bits < 1 {
		m.Fail("CodeSize is %g for %d classes; want at least one bit", m.CodeSize, len(m.Classes))
	}
	r := random.New(m.RandomState)
	m.CodeBook = learn.NewMatrix(len(m.Classes), bits)
	for i := range m.CodeBook.Data {
		if r.Float64() > 0.5 {
			m.CodeBook.Data[i] = 1
		} else if _, ok := m.Estimator.(learn.Decider); ok {
			m.CodeBook.Data[i] = -1
		}
	}
	var targets []*learn.Matrix
	for b := range bits {
		t := learn.NewMatrix(rows, 1)
		for i, c := range codes {
			if m.CodeBook.At(c, b) > 0 {
				t.Data[i] = 1
			}
		}
		targets = append(targets, t)
	}
	if m.Estimator == nil {
		m.Fail("Estimator is nil; set the estimator to repeat")
	}
	m.Estimators = nil
	for _, t := range targets {
		var e learn.Estimator
		if d := learn.Distinct(t.Data); len(d) == 1 {
			c := &constant{Value: d[0]}
			learn.Init(c)
			e = c
		} else {
			e = learn.Clone(m.Estimator)
			learn.Must(e.Fit(x, t))
		}
		m.Estimators = append(m.Estimators, e)
	}
	m.Done()
	return nil
}

// Predict returns the class with the nearest code.
func (m *OutputCodeClassifier) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	rows, _ := x.Dims()
	var parts []*learn.Matrix
	for _, e := range m.Estimators {
		if c, ok := e.(*constant); ok {
			p := learn.NewMatrix(rows, 1)
			for i := range p.Data {
				p.Data[i] = c.Value
			}
			parts = append(parts, p)
			continue
		}
		parts = append(parts, scores(e, x))
	}
	s := learn.Concat(parts...)
	codes := make([]int, rows)
	for i := range rows {
		best := math.Inf(1)
		for c := range m.Classes {
			d := 0.0
			for b, v := range s.Row(i) {
				d += (v - m.CodeBook.At(c, b)) * (v - m.CodeBook.At(c, b))
			}
			if d < best {
				best, codes[i] = d, c
			}
		}
	}
	return m.Decode(codes), nil
}
