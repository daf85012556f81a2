// Package gp has regression and classification by Gaussian processes.
//
//	m := gp.NewGaussianProcessRegressor()
//	m.Kernel = gp.Constant(1).Mul(gp.Matern(1.5, 2)).Add(gp.White(0.1))
//	err := m.Fit(x, y)
//	mean, sd, err := m.PredictStd(xTest)
//	fmt.Println(m.Tuned, m.LogMarginalLikelihood)
//
// Without a Kernel it is a constant times exp(−‖a−b‖²/2ℓ²), which stays as it is. Kernels are in kernel.go.
package gp

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/minimize"
	"github.com/lathe-ml/lathe/learn/random"
)

// GaussianProcessRegressor predicts with the posterior of a Gaussian process.
type GaussianProcessRegressor struct {
	learn.RegressorBase
	Kernel      *Kernel   `param:"kernel"`             // nil: Constant·exp(−‖a−b‖²/2·LengthScale²), fixed
	Constant    float64   `param:"constant_value=1.0"` // of the kernel nil
	LengthScale float64   `param:"length_scale=1.0"`
	Bounds      []float64 `param:"bounds=[1e-05 100000.0]"` // of a tuned LengthScale
	Tune        bool      // tune LengthScale of the kernel nil
	Alpha       float64   `param:"alpha=1e-10"`             // variance of the noise
	Optimizer   any       `param:"optimizer=fmin_l_bfgs_b"` // nil: parameters stay
	NRestarts   int       `param:"n_restarts_optimizer=0"`  // further starts at random within the bounds
	NormalizeY  bool      `param:"normalize_y=false"`
	RandomState int64     `param:"random_state=0"`

	Tuned                 *Kernel       `fit:"kernel_"`
	XTrain                *learn.Matrix `fit:"X_train_"`
	AlphaVec              *learn.Matrix `fit:"alpha_"`
	LogMarginalLikelihood float64       `fit:"log_marginal_likelihood_value_"`
	L                     *learn.Matrix `fit:"L_"`
	yMean, yStd           []float64
}

// NewGaussianProcessRegressor returns one with scikit-learn's defaults.
func NewGaussianProcessRegressor() *GaussianProcessRegressor {
	m := &GaussianProcessRegressor{}
	learn.Init(m)
	return m
}

// plain is the kernel that nil stands for.
func plain(constant, length float64, bounds []float64) *Kernel {
	k := RBF(length)
	k.Limits[0] = bounds
	if constant == 1 {
		return k
	}
	return Constant(constant).Fixed().Mul(k)
}

// Fit computes the posterior; y may have several columns.
func (m *GaussianProcessRegressor) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	if y == nil {
		m.Fail("y is nil; want a target for each row")
	}
	m.XTrain = m.Begin(x, y).Clone()
	if m.Alpha < 0 {
		m.Fail("Alpha is %g; want 0 or more", m.Alpha)
	}
	t := y.Clone()
	m.yMean, m.yStd = make([]float64, y.Cols), make([]float64, y.Cols)
	for j := range y.Cols {
		m.yStd[j] = 1
		if !m.NormalizeY {
			continue
		}
		n := float64(y.Rows)
		for _, v := range y.Col(j) {
			m.yMean[j] += v / n
		}
		s := 0.0
		for _, v := range y.Col(j) {
			s += (v - m.yMean[j]) * (v - m.yMean[j]) / n
		}
		if s > 0 {
			m.yStd[j] = math.Sqrt(s)
		}
		for i := range t.Rows {
			t.Set(i, j, (t.At(i, j)-m.yMean[j])/m.yStd[j])
		}
	}
	switch {
	case m.Kernel != nil:
		m.Tuned = m.Kernel.CloneOption().(*Kernel)
	case m.Tune:
		m.Tuned = plain(m.Constant, m.LengthScale, m.Bounds)
	default:
		m.Tuned = plain(m.Constant, m.LengthScale, nil)
	}
	if m.Optimizer != nil {
		tune(m.Tuned, m.NRestarts, m.RandomState, func(slopes bool) (float64, []float64) {
			m.Poll()
			return m.posterior(t, slopes)
		})
	}
	m.LogMarginalLikelihood, _ = m.posterior(t, false)
	m.Done()
	return nil
}

// tune maximizes likelihood over the logarithms of k's parameters, from where they are and from restarts at random.
func tune(k *Kernel, restarts int, seed int64, likelihood func(slopes bool) (float64, []float64)) {
	values, limits := k.tuned()
	if len(values) == 0 {
		return
	}
	o := minimize.Options{MaxIter: 200}
	start := make([]float64, len(values))
	for i, v := range values {
		start[i] = math.Log(*v)
		o.Lower, o.Upper = append(o.Lower, math.Log(limits[i][0])), append(o.Upper, math.Log(limits[i][1]))
	}
	set := func(x []float64) {
		for i, v := range x {
			*values[i] = math.Exp(v)
		}
	}
	f := func(x, grad []float64) float64 {
		set(x)
		l, g := likelihood(true)
		for i := range grad {
			grad[i] = -g[i]
		}
		return -l
	}
	best := minimize.LBFGS(f, start, o)
	r := random.New(seed)
	for range restarts {
		for i := range start {
			start[i] = r.Uniform(o.Lower[i], o.Upper[i])
		}
		if other := minimize.LBFGS(f, start, o); other.Value < best.Value {
			best = other
		}
	}
	set(best.X)
}

// posterior computes the weights of the rows and returns the log marginal likelihood, with its slopes by the logarithms of
// the tuned parameters: ½·tr((α·αᵀ − K⁻¹)·∂K).
func (m *GaussianProcessRegressor) posterior(t *learn.Matrix, slopes bool) (ll float64, grad []float64) {
	n := m.XTrain.Rows
	k, d := m.Tuned.eval(m.XTrain, nil, slopes)
	for i := range n {
		k.Data[i*n+i] += m.Alpha
	}
	var ch mat.Cholesky
	if !ch.Factorize(mat.NewSymDense(n, k.Data)) {
		if slopes { // no place for a minimum
			return math.Inf(-1), make([]float64, len(d))
		}
		m.Fail("kernel matrix is not positive definite; raise Alpha (%g)", m.Alpha)
	}
	var a mat.Dense
	if err := ch.SolveTo(&a, t.Mat()); err != nil {
		if _, ok := err.(mat.Condition); !ok {
			learn.Must(err)
		}
	}
	var l mat.TriDense
	ch.LTo(&l)
	m.AlphaVec, m.L = learn.FromMat(&a), learn.FromMat(&l)
	ll = -float64(t.Cols) * (0.5*ch.LogDet() + float64(n)/2*math.Log(2*math.Pi))
	for i, v := range t.Data {
		ll -= 0.5 * v * m.AlphaVec.Data[i]
	}
	if !slopes {
		return ll, nil
	}
	var inv mat.SymDense
	if err := ch.InverseTo(&inv); err != nil {
		if _, ok := err.(mat.Condition); !ok {
			learn.Must(err)
		}
	}
	inner := learn.MulT(m.AlphaVec, m.AlphaVec)
	for i := range n {
		for j := range n {
			inner.Data[i*n+j] -= float64(t.Cols) * inv.At(i, j)
		}
	}
	for _, dk := range d {
		s := 0.0
		for i, v := range dk.Data {
			s += inner.Data[i] * v
		}
		grad = append(grad, s/2)
	}
	return ll, grad
}

// Scale returns the mean and the standard deviation of the targets that NormalizeY takes out, of each column; 0 and 1 without.
func (m *GaussianProcessRegressor) Scale() (mean, sd []float64) { return m.yMean, m.yStd }

// Predict returns the mean of the posterior.
func (m *GaussianProcessRegressor) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	y = learn.Mul(m.Tuned.Matrix(m.Ready(x), m.XTrain), m.AlphaVec)
	for i := range y.Rows {
		for j := range y.Row(i) {
			y.Row(i)[j] = y.Row(i)[j]*m.yStd[j] + m.yMean[j]
		}
	}
	return y, nil
}

// PredictStd returns mean and standard deviation of the posterior.
func (m *GaussianProcessRegressor) PredictStd(x learn.Data) (mean, sd *learn.Matrix, err error) {
	defer learn.Catch(&err)
	mean, err = m.Predict(x)
	if err != nil {
		return nil, nil, err
	}
	k := m.Tuned.Matrix(m.Ready(x), m.XTrain)
	sd = learn.NewMatrix(k.Rows, mean.Cols)
	self := m.Tuned.diagonal(m.Ready(x))
	v := make([]float64, k.Cols)
	for i := range k.Rows {
		q := self[i]
		for r := range v { // L·v = k
			s := k.At(i, r)
			for c := range r {
				s -= m.L.At(r, c) * v[c]
			}
			v[r] = s / m.L.At(r, r)
			q -= v[r] * v[r]
		}
		for j := range mean.Cols {
			sd.Set(i, j, math.Sqrt(max(q, 0))*m.yStd[j])
		}
	}
	return mean, sd, nil
}
