package linear

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/split"
)

// LinearRegression minimizes ‖y − Xw‖²; where columns depend on each other, w has the least norm.
type LinearRegression struct {
	regressor
	FitIntercept bool    `param:"fit_intercept=true"`
	Tol          float64 `param:"tol=1e-06"` // of Positive
	Positive     bool    `param:"positive=false"`

	Rank     int       `fit:"rank_"`
	Singular []float64 `fit:"singular_"`
}

// NewLinearRegression returns one with scikit-learn's defaults.
func NewLinearRegression() *LinearRegression {
	m := &LinearRegression{}
	learn.Init(m)
	return m
}

// Fit solves the least-squares problem; y may have several columns.
func (m *LinearRegression) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *LinearRegression) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	d := m.begin(x, y)
	if w != nil {
		w = learn.Weights(m.Name(), w, d.Rows)
	}
	c := centre(d, y, w, m.FitIntercept)
	if m.Positive {
		m.set(nonNegative(c.x, c.y, 0), c)
	} else {
		coef, rank, s := lstsq(c.x, c.y, 2.22e-16*float64(max(d.Rows, d.Cols)))
		m.Rank, m.Singular = rank, s
		m.set(coef, c)
	}
	m.Done()
	return nil
}

// begin checks X and y.
func (r *regressor) begin(x learn.Data, y *learn.Matrix) *learn.Matrix {
	if y == nil {
		r.Fail("y is nil; want a target for each row")
	}
	return r.Begin(x, y)
}

// nonNegative minimizes ½‖y − Xw‖² + ½α‖w‖² over w ≥ 0, output by output.
func nonNegative(x, y *learn.Matrix, alpha float64) *learn.Matrix {
	g, xy := learn.TMul(x, x), learn.TMul(x, y)
	out := learn.NewMatrix(y.Cols, x.Cols)
	for k := range y.Cols {
		w := out.Row(k)
		grad := make([]float64, x.Cols)
		for j := range grad {
			grad[j] = -xy.At(j, k)
		}
		for range 100000 {
			change, size := 0.0, 0.0
			for j := range w {
				h := g.At(j, j) + alpha
				if h == 0 {
					continue
				}
				next := max(0, w[j]-(grad[j]+alpha*w[j])/h)
				if d := next - w[j]; d != 0 {
					axpy(d, g.Row(j), grad)
					w[j] = next
					change = max(change, math.Abs(d))
				}
				size = max(size, math.Abs(next))
			}
			if change <= 1e-12*size {
				break
			}
		}
	}
	return out
}

// Ridge minimizes ‖y − Xw‖² + α‖w‖².
type Ridge struct {
	regressor
	Alpha        any     `param:"alpha=1.0"` // float64, or one for each output
	FitIntercept bool    `param:"fit_intercept=true"`
	MaxIter      any     `param:"max_iter=None"` // of iterative solvers; without effect here
	Tol          float64 `param:"tol=0.0001"`    // of iterative solvers; without effect here
	Solver       string  `param:"solver=auto"`   // all find the one optimum
	Positive     bool    `param:"positive=false"`
	RandomState  int64   `param:"random_state=0"` // of sag and saga; without effect here
}

// NewRidge returns one with scikit-learn's defaults.
func NewRidge() *Ridge { m := &Ridge{}; learn.Init(m); return m }

// Fit solves the problem; y may have several columns.
func (m *Ridge) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *Ridge) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	d := m.begin(x, y)
	m.OneOf("Solver", m.Solver, "auto", "svd", "cholesky", "lsqr", "sparse_cg", "sag", "saga", "lbfgs")
	if w != nil {
		w = learn.Weights(m.Name(), w, d.Rows)
	}
	c := centre(d, y, w, m.FitIntercept)
	alphas := perOutput(m.Fail, m.Alpha, y.Cols)
	if m.Positive {
		m.set(nonNegative(c.x, c.y, alphas[0]), c)
	} else {
		m.set(ridge(c.x, c.y, alphas), c)
	}
	m.Done()
	return nil
}

// perOutput reads a penalty, or one for each of k outputs.
func perOutput(fail func(string, ...any), v any, k int) []float64 {
	out := make([]float64, k)
	list, isList := v.([]float64)
	f, isNumber := learn.OptFloat(v)
	if isList && len(list) == 1 {
		f, isNumber, isList = list[0], true, false
	}
	if isList && len(list) != k || !isList && !isNumber {
		fail("Alpha is %v; want a number, or one for each of %d outputs", v, k)
	}
	for i := range out {
		out[i] = f
		if isList {
			out[i] = list[i]
		}
		if out[i] < 0 {
			fail("Alpha is %g; want 0 or more", out[i])
		}
	}
	return out
}

// ridge returns the coefficients [outputs features] of centred data.
func ridge(x, y *learn.Matrix, alphas []float64) *learn.Matrix {
	same := true
	for _, a := range alphas {
		same = same && a == alphas[0]
	}
	if same && alphas[0] > 0 {
		if x.Cols <= x.Rows {
			g := learn.TMul(x, x)
			for j := range x.Cols {
				g.Data[j*g.Cols+j] += alphas[0]
			}
			if w, ok := solvePD(g, learn.TMul(x, y)); ok {
				return w.T()
			}
		} else {
			k := learn.MulT(x, x)
			for i := range x.Rows {
				k.Data[i*k.Cols+i] += alphas[0]
			}
			if d, ok := solvePD(k, y); ok {
				return learn.TMul(d, x)
			}
		}
	}
	u, s, v := svd(x)
	uy := learn.TMul(u, y)
	for i, d := range s {
		for j := range uy.Row(i) {
			if d > 1e-15*s[0] {
				uy.Row(i)[j] *= d / (d*d + alphas[j])
			} else {
				uy.Row(i)[j] = 0
			}
		}
	}
	return learn.Mul(v, uy).T()
}

// ClassWeights says how much the classes count: nil (equally), balanced, or a weight by label.
type ClassWeights = any

// classWeights multiplies the weights of rows by those of their classes.
func classWeights(fail func(string, ...any), option any, classes []float64, codes []int, w []float64) []float64 {
	out := make([]float64, len(codes))
	for i := range out {
		out[i] = 1
		if w != nil {
			out[i] = w[i]
		}
	}
	switch o := option.(type) {
	case nil:
		return out
	case string:
		if o != "balanced" {
			fail("ClassWeight is %q; want balanced, or a map of labels to weights", o)
		}
		count := make([]float64, len(classes))
		for _, c := range codes {
			count[c]++
		}
		for i, c := range codes {
			out[i] *= float64(len(codes)) / (float64(len(classes)) * count[c])
		}
	case map[float64]float64:
		for i, c := range codes {
			if v, ok := o[classes[c]]; ok {
				out[i] *= v
			}
		}
	default:
		fail("ClassWeight is %T; want nil, balanced, or a map[float64]float64", option)
	}
	return out
}

// signs returns ±1 targets: one column for two classes, else one for each.
func signs(codes []int, classes int) *learn.Matrix {
	cols := classes
	if classes == 2 {
		cols = 1
	}
	m := learn.NewMatrix(len(codes), cols)
	for i := range m.Data {
		m.Data[i] = -1
	}
	for i, c := range codes {
		switch {
		case cols > 1:
			m.Set(i, c, 1)
		case c == 1:
			m.Data[i] = 1
		}
	}
	return m
}

// RidgeClassifier is Ridge on targets of ±1.
type RidgeClassifier struct {
	classifier
	Alpha        float64      `param:"alpha=1.0"`
	FitIntercept bool         `param:"fit_intercept=true"`
	MaxIter      any          `param:"max_iter=None"` // see Ridge
	Tol          float64      `param:"tol=0.0001"`
	ClassWeight  ClassWeights `param:"class_weight=None"`
	Solver       string       `param:"solver=auto"`
	Positive     bool         `param:"positive=false"`
	RandomState  int64        `param:"random_state=0"`
}

// NewRidgeClassifier returns one with scikit-learn's defaults.
func NewRidgeClassifier() *RidgeClassifier { m := &RidgeClassifier{}; learn.Init(m); return m }

// Fit learns from the classes of y.
func (m *RidgeClassifier) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *RidgeClassifier) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, y)
	codes := m.Labels(y)
	t := signs(codes, len(m.Classes))
	if w != nil || m.ClassWeight != nil {
		w = classWeights(m.Fail, m.ClassWeight, m.Classes, codes, w)
	}
	c := centre(d, t, w, m.FitIntercept)
	m.set(ridge(c.x, c.y, perOutput(m.Fail, m.Alpha, t.Cols)), c)
	m.Done()
	return nil
}

// penaltySearch is what RidgeCV and RidgeClassifierCV share.
type penaltySearch struct {
	Alphas       []float64 `param:"alphas=[0.1 1.0 10.0]"`
	FitIntercept bool      `param:"fit_intercept=true"`
	Scoring      string    `param:"scoring"` // "": the negative mean squared error
	CV           any       `param:"cv=None"` // nil: leave-one-out in closed form; or the number of folds
	GCVMode      any       `param:"gcv_mode=None"`
	StoreCV      bool      `param:"store_cv_results=false" fixed:"true"`
	AlphaPer     bool      `param:"alpha_per_target=false" fixed:"true"`

	Alpha     float64       `fit:"alpha_"`
	BestScore float64       `fit:"best_score_"`
	Results   *learn.Matrix `fit:"cv_results_"` // [rows·outputs alphas], squared errors
}

// search finds the penalty with the least error, and the coefficients.
func (p *penaltySearch) search(x, y *learn.Matrix, w []float64, classes bool) (*learn.Matrix, *centred) {
	c := centre(x, y, w, p.FitIntercept)
	best := math.Inf(1)
	if k, ok := learn.OptInt(p.CV); ok {
		folds, err := split.For(k, nil, false).Split(x.Rows, nil, nil)
		learn.Must(err)
		for _, a := range p.Alphas {
			e := 0.0
			for _, f := range folds {
				e += foldError(x, y, w, f, a, p.FitIntercept) / float64(len(folds))
			}
			if e < best {
				best, p.Alpha = e, a
			}
		}
		p.BestScore = -best
		return ridge(c.x, c.y, repeat(p.Alpha, y.Cols)), c
	}
	errs := leaveOneOut(c, p.Alphas, p.FitIntercept)
	p.Results = learn.NewMatrix(x.Rows*y.Cols, len(p.Alphas))
	for k, e := range errs {
		sum := 0.0
		for i, v := range e.Data {
			p.Results.Set(i, k, v*v)
			sum += v * v / float64(len(e.Data))
		}
		if sum < best {
			best, p.Alpha = sum, p.Alphas[k]
		}
	}
	p.BestScore = -best
	_ = classes
	return ridge(c.x, c.y, repeat(p.Alpha, y.Cols)), c
}

func repeat(v float64, k int) []float64 {
	out := make([]float64, k)
	for i := range out {
		out[i] = v
	}
	return out
}

// foldError returns the mean squared error of a fold's test rows, or 1 − R² for scoring by R².
func foldError(x, y *learn.Matrix, w []float64, f split.Fold, alpha float64, intercept bool) float64 {
	c := centre(x.Take(f.Train), y.Take(f.Train), learn.TakeFloats(w, f.Train), intercept)
	var m Coefs
	m.set(ridge(c.x, c.y, repeat(alpha, y.Cols)), c)
	xt := x.Take(f.Test)
	p := m.decide(xt, func() *learn.Matrix { return xt })
	return 1 - learn.R2(y.Take(f.Test), p, nil)
}

// leaveOneOut returns the errors of predicting each row from all others, for each penalty, by the
// eigenvalues of the kernel (Rifkin and Lippert 2007).
func leaveOneOut(c *centred, alphas []float64, intercept bool) []*learn.Matrix {
	u, s, _ := svd(c.x)
	uy := learn.TMul(u, c.y)
	n := c.x.Rows
	leverage := make([]float64, n)
	if intercept {
		total := float64(n)
		if c.root != nil {
			total = 0
			for _, r := range c.root {
				total += r * r
			}
		}
		for i := range leverage {
			leverage[i] = 1 / total
			if c.root != nil {
				leverage[i] *= c.root[i] * c.root[i]
			}
		}
	}
	var out []*learn.Matrix
	for _, a := range alphas {
		e := learn.NewMatrix(n, c.y.Cols)
		for i := range n {
			h := leverage[i]
			fit := make([]float64, c.y.Cols)
			for k, d := range s {
				f := d * d / (d*d + a)
				v := u.At(i, k)
				h += f * v * v
				axpy(f*v, uy.Row(k), fit)
			}
			for j := range fit {
				e.Set(i, j, (c.y.At(i, j)-fit[j])/(1-h))
			}
		}
		out = append(out, e)
	}
	return out
}

// RidgeCV is Ridge with the penalty chosen by leave-one-out or by folds.
type RidgeCV struct {
	regressor
	penaltySearch
}

// NewRidgeCV returns one with scikit-learn's defaults.
func NewRidgeCV() *RidgeCV { m := &RidgeCV{}; learn.Init(m); return m }

// Fit chooses the penalty and solves the problem.
func (m *RidgeCV) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *RidgeCV) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	d := m.begin(x, y)
	coef, c := m.search(d, y, w, false)
	m.set(coef, c)
	m.Done()
	return nil
}

// RidgeClassifierCV is RidgeClassifier with the penalty chosen by leave-one-out or by folds.
type RidgeClassifierCV struct {
	classifier
	penaltySearch
	ClassWeight ClassWeights `param:"class_weight=None"`
}

// NewRidgeClassifierCV returns one with scikit-learn's defaults.
func NewRidgeClassifierCV() *RidgeClassifierCV { m := &RidgeClassifierCV{}; learn.Init(m); return m }

// Fit chooses the penalty and learns from the classes of y.
func (m *RidgeClassifierCV) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *RidgeClassifierCV) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, y)
	codes := m.Labels(y)
	if w != nil || m.ClassWeight != nil {
		w = classWeights(m.Fail, m.ClassWeight, m.Classes, codes, w)
	}
	coef, c := m.search(d, signs(codes, len(m.Classes)), w, true)
	m.set(coef, c)
	m.Done()
	return nil
}
