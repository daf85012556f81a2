package linear

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
)

// Descent are the options of stochastic gradient descent.
type Descent struct {
	Penalty            string  `param:"penalty=l2"` // l2, l1, elasticnet or "" (none)
	Alpha              float64 `param:"alpha=0.0001"`
	L1Ratio            float64 `param:"l1_ratio=0.15"`
	FitIntercept       bool    `param:"fit_intercept=true"`
	MaxIter            int     `param:"max_iter=1000"`
	Tol                any     `param:"tol=0.001"` // nil: all passes are made
	Shuffle            bool    `param:"shuffle=true"`
	Epsilon            float64 `param:"epsilon=0.1"` // of huber and the insensitive losses
	RandomState        int64   `param:"random_state=0"`
	LearningRate       string  `param:"learning_rate=optimal"` // optimal, invscaling, constant, adaptive, pa1, pa2
	Eta0               float64 `param:"eta0=0.01"`
	PowerT             float64 `param:"power_t=0.5"`
	EarlyStopping      bool    `param:"early_stopping=false"`
	ValidationFraction float64 `param:"validation_fraction=0.1"`
	NIterNoChange      int     `param:"n_iter_no_change=5"`
	WarmStart          bool    `param:"warm_start=false"`
	Average            any     `param:"average=false"` // mean of all steps: true, or from that step on

	NIter int `fit:"n_iter_"`
}

// slope returns the loss at prediction p and target y, and its derivative.
func slope(loss string, p, y, eps float64) (value, d float64) {
	z := p * y
	switch loss {
	case "hinge":
		if z <= 1 {
			return 1 - z, -y
		}
	case "perceptron":
		if z <= 0 {
			return -z, -y
		}
	case "squared_hinge":
		if z < 1 {
			return (1 - z) * (1 - z), -2 * y * (1 - z)
		}
	case "modified_huber":
		switch {
		case z >= 1:
		case z >= -1:
			return (1 - z) * (1 - z), 2 * (1 - z) * -y
		default:
			return -4 * z, -4 * y
		}
	case "log_loss":
		if z > 0 {
			e := math.Exp(-z)
			return math.Log1p(e), -y * e / (1 + e)
		}
		return math.Log1p(math.Exp(z)) - z, -y / (1 + math.Exp(z))
	case "squared_error":
		return 0.5 * (p - y) * (p - y), p - y
	case "huber":
		r := p - y
		if a := math.Abs(r); a > eps {
			return eps*a - 0.5*eps*eps, eps * math.Copysign(1, r)
		}
		return 0.5 * r * r, r
	case "epsilon_insensitive":
		switch {
		case y-p > eps:
			return y - p - eps, -1
		case p-y > eps:
			return p - y - eps, 1
		}
	case "squared_epsilon_insensitive":
		if e := math.Abs(y-p) - eps; e > 0 {
			return e * e, -2 * e * math.Copysign(1, y-p)
		}
	default:
		learn.Fail("linear.SGD", "Loss is %q; want hinge, log_loss, modified_huber, squared_hinge, "+
			"perceptron, squared_error, huber, epsilon_insensitive or squared_epsilon_insensitive", loss)
	}
	return 0, 0
}

// run descends for one output from coef and returns the coefficients and the intercept.
func (o *Descent) run(b *learn.Base, x *learn.Matrix, y, w []float64, loss string, seed int64, coef []float64,
	intercept float64, oneClass bool,
) ([]float64, float64, int) {
	r := random.New(seed)
	train, valid := o.divide(x.Rows, r)
	s := &sgdState{o: o, loss: loss, w: append([]float64(nil), coef...), b: intercept, t: 1, oneClass: oneClass}
	s.start()
	tol, stops := learn.OptFloat(o.Tol)
	best, idle := math.Inf(1), 0
	epochs := 0
	for epochs < o.MaxIter {
		epochs++
		b.Poll()
		if o.Shuffle {
			r.Shuffle(len(train), func(i, j int) { train[i], train[j] = train[j], train[i] })
		}
		sum := 0.0
		for _, i := range train {
			sum += s.step(x.Row(i), y[i], w[i])
		}
		if valid != nil {
			sum = s.validate(x, y, w, valid) * float64(len(train))
		}
		if math.IsNaN(s.b) || math.IsInf(s.b, 0) {
			b.Fail("coefficients overflow; scale X (preprocess.NewStandardScaler) or lower Eta0")
		}
		if stops && sum > best-tol*float64(len(train)) {
			idle++
		} else {
			idle = 0
		}
		best = min(best, sum)
		if stops && idle >= o.NIterNoChange {
			if o.LearningRate == "adaptive" && s.eta > 1e-6 {
				s.eta /= 5
				idle = 0
				continue
			}
			break
		}
	}
	return s.result(), s.offset(), epochs
}

func (o *Descent) divide(n int, r *random.State) (train, valid []int) {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	if !o.EarlyStopping {
		return order, nil
	}
	p := r.Permutation(n)
	k := max(1, int(o.ValidationFraction*float64(n)))
	return p[k:], p[:k]
}

// sgdState is one descent: the coefficients are scale·w.
type sgdState struct {
	o         *Descent
	loss      string
	w         []float64
	scale     float64
	norm      float64 // ‖scale·w‖²
	b, eta, t float64
	optimal   float64
	mean      []float64
	meanB     float64
	seen      float64
	l1, l2, u float64
	q         []float64 // l1 penalty that each coefficient has had
	oneClass  bool
}

func (s *sgdState) start() {
	s.scale, s.eta = 1, s.o.Eta0
	switch s.o.Penalty {
	case "l2":
		s.l2 = 1
	case "l1":
		s.l1 = 1
	case "elasticnet":
		s.l1, s.l2 = s.o.L1Ratio, 1-s.o.L1Ratio
	case "", "None", "none":
	default:
		learn.Fail("linear.SGD", "Penalty is %q; want l2, l1, elasticnet or nothing", s.o.Penalty)
	}
	if s.o.LearningRate == "optimal" {
		typical := math.Sqrt(1 / math.Sqrt(s.o.Alpha))
		_, d := slope(s.loss, -typical, 1, s.o.Epsilon)
		s.optimal = 1 / (typical / max(1, math.Abs(d)) * s.o.Alpha)
	}
	if s.l1 > 0 {
		s.q = make([]float64, len(s.w))
	}
	s.norm = dot(s.w, s.w)
	if s.averages() {
		s.mean = make([]float64, len(s.w))
	}
}

func (s *sgdState) averages() bool {
	if b, ok := s.o.Average.(bool); ok {
		return b
	}
	n, ok := learn.OptInt(s.o.Average)
	return ok && n > 0
}

func (s *sgdState) rate() float64 {
	switch s.o.LearningRate {
	case "optimal":
		return 1 / (s.o.Alpha * (s.optimal + s.t - 1))
	case "invscaling":
		return s.o.Eta0 / math.Pow(s.t, s.o.PowerT)
	case "constant", "adaptive", "pa1", "pa2":
		return s.eta
	}
	learn.Fail("linear.SGD", "LearningRate is %q; want optimal, invscaling, constant, adaptive, pa1 or pa2",
		s.o.LearningRate)
	return 0
}

// objective is what a row with that loss adds to the sum that descent lowers.
func (s *sgdState) objective(loss float64) float64 {
	if s.o.LearningRate == "pa1" || s.o.LearningRate == "pa2" {
		return loss
	}
	if s.l1 > 0 {
		sum := 0.0
		for _, v := range s.w {
			sum += math.Abs(v)
		}
		loss += s.o.Alpha * s.l1 * s.scale * sum
	}
	if s.l2 > 0 {
		loss += s.o.Alpha * s.l2 * 0.5 * s.norm
	}
	if s.oneClass {
		loss += s.b * s.o.Alpha
	}
	return loss
}

// step learns from one row and returns its objective before.
func (s *sgdState) step(row []float64, y, weight float64) float64 {
	p := s.scale*dot(s.w, row) + s.b
	eta := s.rate()
	value, d := slope(s.loss, p, y, s.o.Epsilon)
	objective := s.objective(value)
	along := p - s.b
	move := 0.0
	switch s.o.LearningRate {
	case "pa1", "pa2":
		if n := dot(row, row); n > 0 && value > 0 {
			size := min(s.o.Eta0, value/n)
			if s.o.LearningRate == "pa2" {
				size = value / (n + 0.5/s.o.Eta0)
			}
			move = -size * math.Copysign(1, d)
		}
	default:
		move = -eta * min(max(d, -1e12), 1e12)
	}
	move *= weight
	if s.l2 > 0 && s.o.LearningRate[:2] != "pa" {
		decay := max(0, 1-(s.l2*eta*s.o.Alpha))
		s.scale *= decay
		along *= decay
		s.norm *= decay * decay
		if s.scale < 1e-9 {
			s.rescale()
		}
	}
	if move != 0 {
		axpy(move/s.scale, row, s.w)
		if s.l2 > 0 {
			s.norm += move * (2*along + move*dot(row, row))
		}
	}
	if s.o.FitIntercept {
		s.b += move
		if s.oneClass {
			s.b -= eta * s.o.Alpha
		}
	}
	if s.l1 > 0 {
		s.u += s.l1 * eta * s.o.Alpha
		s.truncate()
	}
	s.t++
	s.record()
	return objective
}

func (s *sgdState) rescale() {
	for j := range s.w {
		s.w[j] *= s.scale
	}
	s.scale = 1
}

// truncate applies the cumulative l1 penalty (Tsuruoka et al. 2009).
func (s *sgdState) truncate() {
	for j, v := range s.w {
		z := v
		if s.scale*v > 0 {
			s.w[j] = max(0, v-(s.u+s.q[j])/s.scale)
		} else if s.scale*v < 0 {
			s.w[j] = min(0, v+(s.u-s.q[j])/s.scale)
		}
		s.q[j] += s.scale * (s.w[j] - z)
	}
	s.norm = s.scale * s.scale * dot(s.w, s.w)
}

func (s *sgdState) record() {
	from := 1.0
	if n, ok := learn.OptInt(s.o.Average); ok {
		from = float64(n)
	}
	if s.mean == nil || s.t-1 < from {
		return
	}
	s.seen++
	for j, v := range s.w {
		s.mean[j] += (v*s.scale - s.mean[j]) / s.seen
	}
	s.meanB += (s.b - s.meanB) / s.seen
}

func (s *sgdState) result() []float64 {
	if s.seen > 0 {
		return s.mean
	}
	s.rescale()
	return s.w
}

func (s *sgdState) offset() float64 {
	if s.seen > 0 {
		return s.meanB
	}
	return s.b
}

func (s *sgdState) validate(x *learn.Matrix, y, w []float64, rows []int) float64 {
	sum := 0.0
	for _, i := range rows {
		v, _ := slope(s.loss, s.scale*dot(s.w, x.Row(i))+s.b, y[i], s.o.Epsilon)
		sum += w[i] * v
	}
	return sum / float64(len(rows))
}

// stochastic is what classifiers by stochastic gradient descent have in common.
type stochastic struct {
	classifier
	Descent
	ClassWeight ClassWeights `param:"class_weight=None"`
}

func (m *stochastic) fit(x learn.Data, y *learn.Matrix, w []float64, loss string) {
	warm := m.WarmStart && m.Fitted()
	d := m.Begin(x, y)
	codes := m.Labels(y)
	k := len(m.Classes)
	if k < 2 {
		m.Fail("y has one class, %v; want at least 2", m.Classes)
	}
	w = classWeights(m.Fail, m.ClassWeight, m.Classes, codes, w)
	outputs, first := k, 0
	if k == 2 {
		outputs, first = 1, 1
	}
	old := m.Coefs
	warm = warm && old.Coef.Rows == outputs && old.Coef.Cols == d.Cols
	coef, b, iters := learn.NewMatrix(outputs, d.Cols), make([]float64, outputs), make([]int, outputs)
	errs := make([]error, outputs)
	engine.Parallel(outputs, 1, func(lo, hi int) {
		for o := lo; o < hi; o++ {
			errs[o] = func() (err error) {
				defer learn.Catch(&err)
				t := indicators(codes, o+first)
				for i, v := range t {
					t[i] = 2*v - 1
				}
				start, b0 := make([]float64, d.Cols), 0.0
				if warm {
					start, b0 = old.Coef.Row(o), old.Intercept[o]
				}
				c, bias, n := m.run(&m.Base, d, t, w, loss, m.RandomState+int64(o), start, b0, false)
				copy(coef.Row(o), c)
				b[o], iters[o] = bias, n
				return nil
			}()
		}
	})
	m.NIter = 0
	for o, e := range errs {
		learn.Must(e)
		m.NIter = max(m.NIter, iters[o])
	}
	m.Coef, m.Intercept = coef, b
	m.Done()
}

// SGDClassifier learns a linear classifier row by row.
type SGDClassifier struct {
	stochastic
	Loss string `param:"loss=hinge"` // hinge, log_loss, modified_huber, squared_hinge, perceptron, …
}

// NewSGDClassifier returns one with scikit-learn's defaults.
func NewSGDClassifier() *SGDClassifier { m := &SGDClassifier{}; learn.Init(m); return m }

// Fit learns from the classes of y.
func (m *SGDClassifier) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *SGDClassifier) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	m.fit(x, y, w, m.Loss)
	return nil
}

// PredictProba returns probabilities; Loss must be log_loss or modified_huber.
func (m *SGDClassifier) PredictProba(x learn.Data) (p *learn.Matrix, err error) {
	defer learn.Catch(&err)
	if m.Loss != "log_loss" && m.Loss != "modified_huber" {
		m.Fail("probabilities need the loss log_loss or modified_huber, Loss is %q", m.Loss)
	}
	d, err := m.DecisionFunction(x)
	if err != nil {
		return nil, err
	}
	f := func(v float64) float64 {
		if m.Loss == "log_loss" {
			return 1 / (1 + math.Exp(-v))
		}
		return (min(max(v, -1), 1) + 1) / 2
	}
	p = learn.NewMatrix(d.Rows, len(m.Classes))
	for i := range d.Rows {
		if d.Cols == 1 {
			p.Row(i)[1] = f(d.Data[i])
			p.Row(i)[0] = 1 - p.Row(i)[1]
			continue
		}
		sum := 0.0
		for c, v := range d.Row(i) {
			p.Row(i)[c] = f(v)
			sum += f(v)
		}
		for c := range p.Row(i) {
			if sum == 0 {
				p.Row(i)[c] = 1 / float64(p.Cols)
			} else {
				p.Row(i)[c] /= sum
			}
		}
	}
	return p, nil
}

// Perceptron moves the plane after each mistake by the row.
type Perceptron struct{ stochastic }

// NewPerceptron returns one with scikit-learn's defaults.
func NewPerceptron() *Perceptron {
	m := &Perceptron{}
	learn.Init(m)
	m.Penalty, m.LearningRate, m.Eta0 = "", "constant", 1
	return m
}

// Fit learns from the classes of y.
func (m *Perceptron) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *Perceptron) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	m.fit(x, y, w, "perceptron")
	return nil
}

// PassiveAggressiveClassifier moves the plane just enough after each mistake, at most C.
type PassiveAggressiveClassifier struct {
	stochastic
	C    float64 `param:"C=1.0"`
	Loss string  `param:"loss=hinge"` // or squared_hinge
}

// NewPassiveAggressiveClassifier returns one with scikit-learn's defaults.
func NewPassiveAggressiveClassifier() *PassiveAggressiveClassifier {
	m := &PassiveAggressiveClassifier{}
	learn.Init(m)
	return m
}

// Fit learns from the classes of y.
func (m *PassiveAggressiveClassifier) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m.Penalty, m.LearningRate, m.Eta0 = "", "pa1", m.C
	if m.Loss == "squared_hinge" {
		m.LearningRate = "pa2"
	}
	m.fit(x, y, nil, "hinge")
	return nil
}

// stochasticRegressor is what regressors by stochastic gradient descent have in common.
type stochasticRegressor struct {
	regressor
	Descent
}

func (m *stochasticRegressor) fit(x learn.Data, y *learn.Matrix, w []float64, loss string) {
	warm := m.WarmStart && m.Fitted()
	d := m.begin(x, y)
	t := learn.Target(m.Name(), y)
	w = learn.Weights(m.Name(), w, d.Rows)
	start, b := make([]float64, d.Cols), 0.0
	if warm && m.Coef.Cols == d.Cols {
		start, b = m.Coef.Row(0), m.Intercept[0]
	}
	c, bias, n := m.run(&m.Base, d, t, w, loss, m.RandomState, start, b, false)
	m.Coef, m.Intercept, m.NIter = &learn.Matrix{Rows: 1, Cols: d.Cols, Data: c}, []float64{bias}, n
	m.Done()
}

// SGDRegressor learns a linear regressor row by row.
type SGDRegressor struct {
	stochasticRegressor
	Loss string `param:"loss=squared_error"` // huber, epsilon_insensitive, squared_epsilon_insensitive
}

// NewSGDRegressor returns one with scikit-learn's defaults.
func NewSGDRegressor() *SGDRegressor {
	m := &SGDRegressor{}
	learn.Init(m)
	m.LearningRate, m.PowerT = "invscaling", 0.25
	return m
}

// Fit learns from y.
func (m *SGDRegressor) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *SGDRegressor) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	m.fit(x, y, w, m.Loss)
	return nil
}

// PassiveAggressiveRegressor moves the plane just enough after each error beyond Epsilon, at most C.
type PassiveAggressiveRegressor struct {
	stochasticRegressor
	C    float64 `param:"C=1.0"`
	Loss string  `param:"loss=epsilon_insensitive"` // or squared_epsilon_insensitive
}

// NewPassiveAggressiveRegressor returns one with scikit-learn's defaults.
func NewPassiveAggressiveRegressor() *PassiveAggressiveRegressor {
	m := &PassiveAggressiveRegressor{}
	learn.Init(m)
	return m
}

// Fit learns from y.
func (m *PassiveAggressiveRegressor) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m.Penalty, m.LearningRate, m.Eta0 = "", "pa1", m.C
	if m.Loss == "squared_epsilon_insensitive" {
		m.LearningRate = "pa2"
	}
	m.fit(x, y, nil, "epsilon_insensitive")
	return nil
}
