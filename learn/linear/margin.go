package linear

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
)

// squaredHinge is max(0, 1 − y·z)² with y of ±1.
type squaredHinge struct{ y []float64 }

func (l squaredHinge) outputs() int { return 1 }

func (l squaredHinge) row(i int, z, grad, curvature []float64) float64 {
	y := l.y[i]
	m := 1 - y*z[0]
	grad[0] = 0
	if curvature != nil {
		curvature[0] = 0
	}
	if m <= 0 {
		return 0
	}
	grad[0] = -2 * y * m
	if curvature != nil {
		curvature[0] = 2
	}
	return m * m
}

// squaredTube is max(0, |z − y| − ε)².
type squaredTube struct {
	y   []float64
	eps float64
}

func (l squaredTube) outputs() int { return 1 }

func (l squaredTube) row(i int, z, grad, curvature []float64) float64 {
	e := z[0] - l.y[i]
	m := math.Abs(e) - l.eps
	grad[0] = 0
	if curvature != nil {
		curvature[0] = 0
	}
	if m <= 0 {
		return 0
	}
	grad[0] = 2 * math.Copysign(m, e)
	if curvature != nil {
		curvature[0] = 2
	}
	return m * m
}

// Margin are the options that linear support vector machines share.
type Margin struct {
	C                float64 `param:"C=1.0"`
	FitIntercept     bool    `param:"fit_intercept=true"`
	InterceptScaling float64 `param:"intercept_scaling=1.0"` // the intercept is penalized, as in liblinear
	Tol              float64 `param:"tol=0.0001"`
	MaxIter          int     `param:"max_iter=1000"`
	RandomState      int64   `param:"random_state=0"`
	Dual             any     `param:"dual=auto"` // without effect: both problems have one solution
	NIter            int     `fit:"n_iter_"`
}

// augmented returns x with a constant column where there is an intercept.
func (m *Margin) augmented(x *learn.Matrix) *learn.Matrix {
	if !m.FitIntercept {
		return x
	}
	a := learn.NewMatrix(x.Rows, x.Cols+1)
	for i := range a.Rows {
		copy(a.Row(i), x.Row(i))
		a.Row(i)[x.Cols] = m.InterceptScaling
	}
	return a
}

// split separates the coefficient of the constant column.
func (m *Margin) split(v []float64) (w []float64, b float64) {
	if !m.FitIntercept {
		return v, 0
	}
	n := len(v) - 1
	return v[:n:n], v[n] * m.InterceptScaling
}

// primal minimizes a smooth loss by Newton's method.
func (m *Margin) primal(x *learn.Matrix, w []float64, loss rowLoss, l2, l1 float64, poll func()) []float64 {
	cw := make([]float64, len(w))
	for i, v := range w {
		cw[i] = m.C * v
	}
	p := &problem{
		x: x, w: cw, loss: loss, l2: l2, l1: l1, penalizeB: true, tol: m.Tol, maxIter: max(m.MaxIter, 100),
		poll: poll,
	}
	v := p.solve(make([]float64, p.size()))
	m.NIter = p.iterations
	return v
}

// hinge solves the dual of the hinge loss by coordinate descent (Hsieh et al. 2008).
func (m *Margin) hinge(x *learn.Matrix, y, w []float64, poll func()) []float64 {
	r := random.New(m.RandomState)
	coef, alpha, q := make([]float64, x.Cols), make([]float64, x.Rows), make([]float64, x.Rows)
	for i := range q {
		q[i] = dot(x.Row(i), x.Row(i))
	}
	for m.NIter = 1; m.NIter <= 20*m.MaxIter; m.NIter++ {
		poll()
		worst := 0.0
		for _, i := range r.Permutation(x.Rows) {
			if q[i] == 0 {
				continue
			}
			row, c := x.Row(i), m.C*w[i]
			g := y[i]*dot(coef, row) - 1
			pg := g
			if alpha[i] <= 0 {
				pg = min(g, 0)
			} else if alpha[i] >= c {
				pg = max(g, 0)
			}
			worst = max(worst, math.Abs(pg))
			if pg != 0 {
				old := alpha[i]
				alpha[i] = min(max(old-g/q[i], 0), c)
				axpy((alpha[i]-old)*y[i], row, coef)
			}
		}
		if worst < m.Tol*1e-2 {
			break
		}
	}
	return coef
}

// tube solves the dual of the ε-insensitive loss by coordinate descent (Ho and Lin 2012).
func (m *Margin) tube(x *learn.Matrix, y, w []float64, eps float64, poll func()) []float64 {
	r := random.New(m.RandomState)
	coef, beta, q := make([]float64, x.Cols), make([]float64, x.Rows), make([]float64, x.Rows)
	for i := range q {
		q[i] = dot(x.Row(i), x.Row(i))
	}
	for m.NIter = 1; m.NIter <= 20*m.MaxIter; m.NIter++ {
		poll()
		change, size := 0.0, 0.0
		for _, i := range r.Permutation(x.Rows) {
			if q[i] == 0 {
				continue
			}
			row, c := x.Row(i), m.C*w[i]
			t := beta[i] - (dot(coef, row)-y[i])/q[i]
			next := math.Copysign(max(math.Abs(t)-eps/q[i], 0), t)
			next = min(max(next, -c), c)
			if d := next - beta[i]; d != 0 {
				beta[i] = next
				axpy(d, row, coef)
				change = max(change, math.Abs(d))
			}
			size = max(size, math.Abs(next))
		}
		if change <= 1e-7*max(size, 1e-12) {
			break
		}
	}
	return coef
}

// LinearSVC separates each class from the rest by a plane; the intercept is penalized.
type LinearSVC struct {
	classifier
	Margin
	Penalty     string       `param:"penalty=l2"`         // or l1, with squared_hinge
	Loss        string       `param:"loss=squared_hinge"` // or hinge
	MultiClass  string       `param:"multi_class=ovr"`
	ClassWeight ClassWeights `param:"class_weight=None"`
}

// NewLinearSVC returns one with scikit-learn's defaults.
func NewLinearSVC() *LinearSVC { m := &LinearSVC{}; learn.Init(m); return m }

// Fit learns from the classes of y.
func (m *LinearSVC) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *LinearSVC) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, y)
	codes := m.Labels(y)
	k := len(m.Classes)
	m.OneOf("Penalty", m.Penalty, "l1", "l2")
	m.OneOf("Loss", m.Loss, "hinge", "squared_hinge")
	m.OneOf("MultiClass", m.MultiClass, "ovr")
	if k < 2 || !(m.C > 0) || m.Loss == "hinge" && m.Penalty == "l1" {
		m.Fail("%d classes, C %g, %s with %s; want at least 2 classes, C above 0, and not hinge with l1", k,
			m.C, m.Loss, m.Penalty)
	}
	w = classWeights(m.Fail, m.ClassWeight, m.Classes, codes, w)
	a := m.augmented(d)
	first := 0
	if k == 2 {
		first = 1
	}
	var rows [][]float64
	m.Intercept = nil
	for c := first; c < k; c++ {
		y := indicators(codes, c)
		for i, v := range y {
			y[i] = 2*v - 1
		}
		var v []float64
		switch {
		case m.Loss == "hinge":
			v = m.hinge(a, y, w, m.Poll)
		case m.Penalty == "l1":
			v = m.primal(a, w, squaredHinge{y}, 0, 1, m.Poll)
		default:
			v = m.primal(a, w, squaredHinge{y}, 1, 0, m.Poll)
		}
		coef, b := m.split(v)
		rows, m.Intercept = append(rows, coef), append(m.Intercept, b)
	}
	m.Coef = learn.FromRows(rows)
	m.Done()
	return nil
}

// LinearSVR fits a tube around a plane; the intercept is penalized.
type LinearSVR struct {
	regressor
	Margin
	Epsilon float64 `param:"epsilon=0.0"`
	Loss    string  `param:"loss=epsilon_insensitive"` // or squared_epsilon_insensitive
}

// NewLinearSVR returns one with scikit-learn's defaults.
func NewLinearSVR() *LinearSVR { m := &LinearSVR{}; learn.Init(m); return m }

// Fit solves the problem.
func (m *LinearSVR) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *LinearSVR) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	d := m.begin(x, y)
	t := learn.Target(m.Name(), y)
	m.OneOf("Loss", m.Loss, "epsilon_insensitive", "squared_epsilon_insensitive")
	w = learn.Weights(m.Name(), w, d.Rows)
	a := m.augmented(d)
	var v []float64
	if m.Loss == "epsilon_insensitive" {
		v = m.tube(a, t, w, m.Epsilon, m.Poll)
	} else {
		v = m.primal(a, w, squaredTube{t, m.Epsilon}, 1, 0, m.Poll)
	}
	coef, b := m.split(v)
	m.Coef, m.Intercept = &learn.Matrix{Rows: 1, Cols: d.Cols, Data: coef}, []float64{b}
	m.Done()
	return nil
}
