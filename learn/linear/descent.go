package linear

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
)

// descent is a problem ½‖Y − XW‖² + l1·Σⱼ‖Wⱼ‖ + ½·l2·‖W‖² with rows Wⱼ of W, one for each feature; with
// one output, ‖Wⱼ‖ is |wⱼ|.
type descent struct {
	cols     [][]float64   // columns of X
	norm     []float64     // their squared lengths
	y        *learn.Matrix // [outputs rows]
	l1, l2   float64
	tol      float64
	maxIter  int
	positive bool
	rng      *random.State // features in random order; nil: cyclic
	poll     func()
}

func newDescent(x, y *learn.Matrix) *descent {
	d := &descent{y: y.T(), cols: make([][]float64, x.Cols), norm: make([]float64, x.Cols)}
	t := x.T()
	for j := range d.cols {
		d.cols[j] = t.Row(j)
		d.norm[j] = dot(d.cols[j], d.cols[j])
	}
	return d
}

// run improves w [features outputs] until the duality gap is small; it returns the gap and the rounds.
func (d *descent) run(w *learn.Matrix) (gap float64, rounds int) {
	r := d.y.Clone() // residuals
	for j, c := range d.cols {
		for k, v := range w.Row(j) {
			if v != 0 {
				axpy(-v, c, r.Row(k))
			}
		}
	}
	yy := dot(d.y.Data, d.y.Data)
	gap = math.Inf(1)
	for rounds = 1; rounds <= d.maxIter; rounds++ {
		largest, change := 0.0, 0.0
		for step := range d.cols {
			j := step
			if d.rng != nil {
				j = d.rng.Intn(len(d.cols))
			}
			if d.norm[j] == 0 {
				continue
			}
			ch, size := d.update(j, w.Row(j), r)
			change, largest = max(change, ch), max(largest, size)
		}
		if rounds%64 == 0 {
			d.poll()
		}
		if largest == 0 || change/largest < d.tol || rounds == d.maxIter {
			if gap = d.gap(w, r); gap <= d.tol*yy {
				break
			}
		}
	}
	return gap, min(rounds, d.maxIter)
}

// update minimizes over feature j.
func (d *descent) update(j int, w []float64, r *learn.Matrix) (change, size float64) {
	c := d.cols[j]
	if len(w) == 1 {
		res := r.Row(0)
		old := w[0]
		t := dot(c, res) + old*d.norm[j]
		switch {
		case d.positive && t < 0:
			w[0] = 0
		default:
			w[0] = math.Copysign(max(math.Abs(t)-d.l1, 0), t) / (d.norm[j] + d.l2)
		}
		if w[0] != old {
			axpy(old-w[0], c, res)
		}
		return math.Abs(w[0] - old), math.Abs(w[0])
	}
	t := make([]float64, len(w))
	for k := range w {
		t[k] = dot(c, r.Row(k)) + w[k]*d.norm[j]
	}
	f := max(1-d.l1/math.Sqrt(dot(t, t)), 0) / (d.norm[j] + d.l2)
	for k, old := range w {
		w[k] = f * t[k]
		if w[k] != old {
			axpy(old-w[k], c, r.Row(k))
		}
		change, size = max(change, math.Abs(w[k]-old)), max(size, math.Abs(w[k]))
	}
	return change, size
}

// gap returns the duality gap.
func (d *descent) gap(w, r *learn.Matrix) float64 {
	norm, l1 := 0.0, 0.0
	for j, c := range d.cols {
		row := w.Row(j)
		s := 0.0
		for k := range row {
			v := dot(c, r.Row(k)) - d.l2*row[k]
			if d.positive {
				s = max(s, v)
			} else {
				s += v * v
			}
		}
		if !d.positive {
			s = math.Sqrt(s)
		}
		norm = max(norm, s)
		l1 += math.Sqrt(dot(row, row))
	}
	rr, ww := dot(r.Data, r.Data), dot(w.Data, w.Data)
	k, g := 1.0, rr
	if norm > d.l1 {
		k = d.l1 / norm
		g = (rr + rr*k*k) / 2
	}
	return g + d.l1*l1 - k*dot(r.Data, d.y.Data) + d.l2/2*(1+k*k)*ww
}

// Sparse is what lasso and elastic net have in common.
type Sparse struct {
	FitIntercept bool    `param:"fit_intercept=true"`
	MaxIter      int     `param:"max_iter=1000"`
	Tol          float64 `param:"tol=0.0001"` // of the duality gap, relative to ‖y‖²
	WarmStart    bool    `param:"warm_start=false"`
	RandomState  int64   `param:"random_state=0"`
	Selection    string  `param:"selection=cyclic"` // or random: the order of features

	NIter   int     `fit:"n_iter_"`
	DualGap float64 `fit:"dual_gap_"`
}

// solve fits one penalty on centred data, from start [features outputs] when it is not nil, and returns
// [outputs features].
func (s *Sparse) solve(c *centred, alpha, ratio float64, positive bool, start *learn.Matrix, poll func(),
) *learn.Matrix {
	n := float64(c.x.Rows)
	d := newDescent(c.x, c.y)
	s.configure(d, poll)
	d.l1, d.l2, d.positive = alpha*ratio*n, alpha*(1-ratio)*n, positive
	if start == nil {
		start = learn.NewMatrix(c.x.Cols, c.y.Cols)
	}
	s.DualGap, s.NIter = d.run(start)
	s.DualGap /= n
	return start.T()
}

func (s *Sparse) configure(d *descent, poll func()) {
	d.tol, d.maxIter, d.poll = s.Tol, s.MaxIter, poll
	if s.Selection == "random" {
		d.rng = random.New(s.RandomState)
	}
}

// relative scales weights to a mean of 1.
func relative(w []float64) []float64 {
	if w == nil {
		return nil
	}
	sum := 0.0
	for _, v := range w {
		sum += v
	}
	out := make([]float64, len(w))
	for i, v := range w {
		out[i] = v * float64(len(w)) / sum
	}
	return out
}

// fitSparse is the Fit of lasso and elastic net, single or multi-task.
func (r *regressor) fitSparse(s *Sparse, x learn.Data, y *learn.Matrix, w []float64, alpha, ratio float64,
	positive, joint bool,
) {
	var start *learn.Matrix
	if s.WarmStart && r.Fitted() {
		start = r.Coef.T()
	}
	d := r.begin(x, y)
	r.OneOf("Selection", s.Selection, "cyclic", "random")
	if alpha < 0 || ratio < 0 || ratio > 1 {
		r.Fail("Alpha is %g and L1Ratio %g; want Alpha of 0 or more and L1Ratio in [0, 1]", alpha, ratio)
	}
	if w != nil {
		w = relative(learn.Weights(r.Name(), w, d.Rows))
	}
	c := centre(d, y, w, s.FitIntercept)
	if joint || y.Cols == 1 {
		r.set(s.solve(c, alpha, ratio, positive, start, r.Poll), c)
	} else {
		coef := learn.NewMatrix(y.Cols, d.Cols)
		for k := range y.Cols {
			one := &centred{x: c.x, y: learn.Column(c.y.Col(k))}
			copy(coef.Row(k), s.solve(one, alpha, ratio, positive, nil, r.Poll).Row(0))
		}
		r.set(coef, c)
	}
	r.Done()
}

// Lasso minimizes ‖y − Xw‖²/2n + α‖w‖₁.
type Lasso struct {
	regressor
	Alpha      float64 `param:"alpha=1.0"`
	Positive   bool    `param:"positive=false"`
	Precompute any     `param:"precompute=false"` // of scikit-learn's Gram matrix; without effect here
	Sparse
}

// NewLasso returns one with scikit-learn's defaults.
func NewLasso() *Lasso { m := &Lasso{}; learn.Init(m); return m }

// Fit solves the problem by coordinate descent.
func (m *Lasso) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *Lasso) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	m.fitSparse(&m.Sparse, x, y, w, m.Alpha, 1, m.Positive, false)
	return nil
}

// ElasticNet minimizes ‖y − Xw‖²/2n + α·l1·‖w‖₁ + α(1 − l1)‖w‖²/2.
type ElasticNet struct {
	regressor
	Alpha      float64 `param:"alpha=1.0"`
	L1Ratio    float64 `param:"l1_ratio=0.5"`
	Positive   bool    `param:"positive=false"`
	Precompute any     `param:"precompute=false"` // see Lasso
	Sparse
}

// NewElasticNet returns one with scikit-learn's defaults.
func NewElasticNet() *ElasticNet { m := &ElasticNet{}; learn.Init(m); return m }

// Fit solves the problem by coordinate descent.
func (m *ElasticNet) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *ElasticNet) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	m.fitSparse(&m.Sparse, x, y, w, m.Alpha, m.L1Ratio, m.Positive, false)
	return nil
}

// MultiTaskLasso is Lasso with several outputs that share which features count: the penalty is Σⱼ‖Wⱼ‖.
type MultiTaskLasso struct {
	regressor
	Alpha float64 `param:"alpha=1.0"`
	Sparse
}

// NewMultiTaskLasso returns one with scikit-learn's defaults.
func NewMultiTaskLasso() *MultiTaskLasso { m := &MultiTaskLasso{}; learn.Init(m); return m }

// Fit solves the problem by coordinate descent.
func (m *MultiTaskLasso) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m.fitSparse(&m.Sparse, x, y, nil, m.Alpha, 1, false, true)
	return nil
}

// MultiTaskElasticNet is ElasticNet with several outputs that share which features count.
type MultiTaskElasticNet struct {
	regressor
	Alpha   float64 `param:"alpha=1.0"`
	L1Ratio float64 `param:"l1_ratio=0.5"`
	Sparse
}

// NewMultiTaskElasticNet returns one with scikit-learn's defaults.
func NewMultiTaskElasticNet() *MultiTaskElasticNet {
	m := &MultiTaskElasticNet{}
	learn.Init(m)
	return m
}

// Fit solves the problem by coordinate descent.
func (m *MultiTaskElasticNet) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m.fitSparse(&m.Sparse, x, y, nil, m.Alpha, m.L1Ratio, false, true)
	return nil
}
