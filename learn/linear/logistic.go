package linear

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/metric"
	"github.com/lathe-ml/lathe/learn/split"
)

// Logit is what logistic regression with a given and with a searched penalty have in common.
type Logit struct {
	classifier
	Penalty          string       `param:"penalty=deprecated"` // l1, l2, elasticnet, None; else L1Ratio says it
	Dual             bool         `param:"dual=false"`         // of liblinear; without effect here
	Tol              float64      `param:"tol=0.0001"`
	FitIntercept     bool         `param:"fit_intercept=true"`
	InterceptScaling float64      `param:"intercept_scaling=1.0"` // of liblinear
	ClassWeight      ClassWeights `param:"class_weight=None"`
	RandomState      int64        `param:"random_state=0"` // of sag, saga and liblinear; without effect here
	Solver           string       `param:"solver=lbfgs"`   // all but liblinear find the same optimum
	MaxIter          int          `param:"max_iter=100"`
	NIter            []int        `fit:"n_iter_"`
}

// LogisticRegression minimizes C·Σ log-loss + ‖w‖²/2, or with L1Ratio a mix with ‖w‖₁.
type LogisticRegression struct {
	Logit
	C         float64 `param:"C=1.0"`
	L1Ratio   any     `param:"l1_ratio=0.0"`
	WarmStart bool    `param:"warm_start=false"`
}

// NewLogisticRegression returns one with scikit-learn's defaults.
func NewLogisticRegression() *LogisticRegression { m := &LogisticRegression{}; learn.Init(m); return m }

// Fit learns from the classes of y.
func (m *LogisticRegression) Fit(x learn.Data, y *learn.Matrix) error {
	return m.FitWeighted(x, y, nil)
}

// FitWeighted is Fit with a weight for each row.
func (m *LogisticRegression) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	var start *Coefs
	if m.WarmStart && m.Fitted() {
		start = &Coefs{m.Coef, m.Intercept}
	}
	d := m.Begin(x, y)
	codes := m.Labels(y)
	m.check()
	if len(m.Classes) < 2 {
		m.Fail("y has one class, %v; want at least 2", m.Classes)
	}
	if w != nil {
		w = learn.Weights(m.Name(), w, d.Rows)
	}
	ratio, _ := learn.OptFloat(m.L1Ratio)
	w = classWeights(m.Fail, m.ClassWeight, m.Classes, codes, w)
	m.Coefs, m.NIter = m.solve(d, codes, len(m.Classes), w, m.C, ratio, start)
	m.Done()
	return nil
}

func (m *Logit) check() {
	m.OneOf("Solver", m.Solver, "lbfgs", "liblinear", "newton-cg", "newton-cholesky", "sag", "saga")
	m.OneOf("Penalty", m.Penalty, "", "deprecated", "l1", "l2", "elasticnet", "none", "None")
}

// solve returns the coefficients for one penalty.
func (m *Logit) solve(x *learn.Matrix, codes []int, k int, w []float64, c, ratio float64, start *Coefs,
) (Coefs, []int) {
	l2, l1 := 1-ratio, ratio
	switch m.Penalty {
	case "l1":
		l2, l1 = 0, 1
	case "l2":
		l2, l1 = 1, 0
	case "none", "None", "":
		l2, l1 = 0, 0
	}
	if !(c > 0) {
		m.Fail("C is %g; want a number above 0", c)
	}
	p := &problem{
		x: x, w: w, l2: l2 / c, l1: l1 / c, intercept: m.FitIntercept, tol: m.Tol, maxIter: m.MaxIter,
		poll: m.Poll,
	}
	if m.Solver == "liblinear" {
		return m.oneVsRest(p, codes, k)
	}
	if k == 2 {
		p.loss = logistic{indicators(codes, 1)}
	} else {
		p.loss = softmax{codes, k}
	}
	v := make([]float64, p.size())
	if start != nil && start.Coef.Rows == p.loss.outputs() && start.Coef.Cols == x.Cols {
		v = p.pack(*start)
	}
	v = p.solve(v)
	return p.coefs(v), []int{p.iterations}
}

func indicators(codes []int, class int) []float64 {
	y := make([]float64, len(codes))
	for i, c := range codes {
		if c == class {
			y[i] = 1
		}
	}
	return y
}

// oneVsRest is liblinear's: the intercept is the coefficient of a constant column and penalized.
func (m *Logit) oneVsRest(p *problem, codes []int, k int) (Coefs, []int) {
	first := 0
	if k == 2 {
		first = 1
	}
	if m.FitIntercept {
		p.intercept = false
		x := learn.NewMatrix(p.x.Rows, p.x.Cols+1)
		for i := range x.Rows {
			copy(x.Row(i), p.x.Row(i))
			x.Row(i)[x.Cols-1] = m.InterceptScaling
		}
		p.x = x
	}
	p.maxIter = max(p.maxIter, 1000)
	var rows [][]float64
	var b []float64
	var iters []int
	for c := first; c < k; c++ {
		p.loss = logistic{indicators(codes, c)}
		v := p.solve(make([]float64, p.size()))
		iters = append(iters, p.iterations)
		bias := 0.0
		if m.FitIntercept {
			bias = v[len(v)-1] * m.InterceptScaling
			v = v[:len(v)-1]
		}
		rows, b = append(rows, v), append(b, bias)
	}
	return Coefs{learn.FromRows(rows), b}, iters
}

// PredictProba returns the probabilities of the classes.
func (m *Logit) PredictProba(x learn.Data) (p *learn.Matrix, err error) {
	defer learn.Catch(&err)
	d, err := m.DecisionFunction(x)
	if err != nil {
		return nil, err
	}
	return m.probabilities(d), nil
}

func (m *Logit) probabilities(d *learn.Matrix) *learn.Matrix {
	p := learn.NewMatrix(d.Rows, len(m.Classes))
	for i := range d.Rows {
		row, z := p.Row(i), d.Row(i)
		if d.Cols == 1 {
			row[1] = 1 / (1 + math.Exp(-z[0]))
			row[0] = 1 / (1 + math.Exp(z[0]))
			continue
		}
		sum, top := 0.0, z[learn.ArgMax(z)]
		for c, v := range z {
			if m.Solver == "liblinear" {
				row[c] = 1 / (1 + math.Exp(-v))
			} else {
				row[c] = math.Exp(v - top)
			}
			sum += row[c]
		}
		for c := range row {
			row[c] /= sum
		}
	}
	return p
}

// LogisticRegressionCV is LogisticRegression with the penalty chosen by cross-validation.
type LogisticRegressionCV struct {
	Logit
	Cs       any       `param:"Cs=10"` // number of values from 1e-4 to 1e4, or a list
	L1Ratios []float64 `param:"l1_ratios=0.0"`
	CV       any       `param:"cv=None"` // folds; nil means 5
	Scoring  string    `param:"scoring"` // "": accuracy; neg_log_loss
	Refit    bool      `param:"refit=true" fixed:"true"`
	LegacyAt any       `param:"use_legacy_attributes=warn"` // without effect

	C      float64       `fit:"C_"`
	Ratio  float64       `fit:"l1_ratio_"`
	CsUsed []float64     `fit:"Cs_"`
	Scores *learn.Matrix `fit:"scores_"` // [ratios·Cs folds]
}

// NewLogisticRegressionCV returns one with scikit-learn's defaults.
func NewLogisticRegressionCV() *LogisticRegressionCV {
	m := &LogisticRegressionCV{}
	learn.Init(m)
	return m
}

// Fit chooses the penalty and learns from the classes of y.
func (m *LogisticRegressionCV) Fit(x learn.Data, y *learn.Matrix) error {
	return m.FitWeighted(x, y, nil)
}

// FitWeighted is Fit with a weight for each row.
func (m *LogisticRegressionCV) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, y)
	codes := m.Labels(y)
	m.check()
	if len(m.Classes) < 2 {
		m.Fail("y has one class, %v; want at least 2", m.Classes)
	}
	w = classWeights(m.Fail, m.ClassWeight, m.Classes, codes, w)
	m.CsUsed = m.grid()
	k, ok := learn.OptInt(m.CV)
	if !ok {
		k = 5
	}
	folds, err := split.NewStratifiedKFold(k).Split(d.Rows, y.Data, nil)
	learn.Must(err)
	m.Scores = learn.NewMatrix(len(m.L1Ratios)*len(m.CsUsed), len(folds))
	best := math.Inf(-1)
	for r, ratio := range m.L1Ratios {
		for f, fold := range folds {
			m.foldScores(d, y, codes, w, fold, ratio, r*len(m.CsUsed), f)
		}
		for i, c := range m.CsUsed {
			s := 0.0
			for _, v := range m.Scores.Row(r*len(m.CsUsed) + i) {
				s += v / float64(len(folds))
			}
			if s > best {
				best, m.C, m.Ratio = s, c, ratio
			}
		}
	}
	m.Coefs, m.NIter = m.solve(d, codes, len(m.Classes), w, m.C, m.Ratio, nil)
	m.Done()
	return nil
}

func (m *LogisticRegressionCV) grid() []float64 {
	if list, ok := m.Cs.([]float64); ok {
		return list
	}
	n, ok := learn.OptInt(m.Cs)
	if !ok || n < 1 {
		m.Fail("Cs is %v; want a number of values or a list", m.Cs)
	}
	out := make([]float64, n)
	for i := range out {
		out[i] = math.Pow(10, -4+8*float64(i)/float64(max(n-1, 1)))
	}
	return out
}

// foldScores writes the scores of a fold for each C, each solution the start of the next.
func (m *LogisticRegressionCV) foldScores(x, y *learn.Matrix, codes []int, w []float64, f split.Fold,
	ratio float64, row, column int,
) {
	train := x.Take(f.Train)
	t := make([]int, len(f.Train))
	for i, k := range f.Train {
		t[i] = codes[k]
	}
	xt, yt := x.Take(f.Test), y.Take(f.Test)
	var start *Coefs
	for i, c := range m.CsUsed {
		fit, _ := m.solve(train, t, len(m.Classes), learn.TakeFloats(w, f.Train), c, ratio, start)
		start = &fit
		d := fit.decide(xt, func() *learn.Matrix { return xt })
		p := m.probabilities(d)
		if m.Scoring == "neg_log_loss" {
			m.Scores.Set(row+i, column, -metric.LogLoss(yt, p, metric.Options{Labels: m.Classes}))
			continue
		}
		m.Scores.Set(row+i, column, learn.Accuracy(yt, m.ArgMaxRows(p), nil))
	}
}
