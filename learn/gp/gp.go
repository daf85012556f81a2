// Package gp has regression and classification by Gaussian processes with a radial-basis kernel.
//
//	m := gp.NewGaussianProcessRegressor()
//	m.Alpha = 0.1
//	err := m.Fit(x, y)
//	mean, sd, err := m.PredictStd(xTest)
//	fmt.Println(m.LogMarginalLikelihood)
//
// The kernel is a constant times exp(−‖a−b‖²/2ℓ²); its two parameters are tuned unless Optimizer is empty.
// Kernels other than the radial basis are not there.
package gp

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/metric"
	"github.com/lathe-ml/lathe/learn/minimize"
)

// GaussianProcessRegressor predicts with the posterior of a Gaussian process.
type GaussianProcessRegressor struct {
	learn.RegressorBase
	Constant    float64   `param:"constant_value=1.0"` // of the kernel
	LengthScale float64   `param:"length_scale=1.0"`
	Bounds      []float64 `param:"bounds=[1e-05 100000.0]"` // of a tuned LengthScale
	Tune        bool      // tune LengthScale; scikit-learn's default kernel is fixed
	Alpha       float64   `param:"alpha=1e-10"` // variance of the noise
	Optimizer   any       `param:"optimizer=fmin_l_bfgs_b"`
	NRestarts   int       `param:"n_restarts_optimizer=0" fixed:"true"`
	NormalizeY  bool      `param:"normalize_y=false"`
	RandomState int64     `param:"random_state=0"`

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

func (m *GaussianProcessRegressor) kernel(a, b *learn.Matrix) *learn.Matrix {
	k := metric.SquaredDistances(a, b)
	for i, d := range k.Data {
		k.Data[i] = m.Constant * math.Exp(-d/(2*m.LengthScale*m.LengthScale))
	}
	return k
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
	if m.Tune && m.Optimizer != nil {
		m.tune(t)
	}
	m.LogMarginalLikelihood = m.posterior(t)
	m.Done()
	return nil
}

// tune maximizes the marginal likelihood over the logarithm of LengthScale.
func (m *GaussianProcessRegressor) tune(t *learn.Matrix) {
	f := func(v, g []float64) float64 {
		m.Poll()
		const h = 1e-5
		m.LengthScale = math.Exp(v[0] + h)
		up := m.posterior(t)
		m.LengthScale = math.Exp(v[0] - h)
		down := m.posterior(t)
		m.LengthScale = math.Exp(v[0])
		g[0] = -(up - down) / (2 * h)
		return -m.posterior(t)
	}
	r := minimize.LBFGS(f, []float64{math.Log(m.LengthScale)}, minimize.Options{
		Lower: []float64{math.Log(m.Bounds[0])}, Upper: []float64{math.Log(m.Bounds[1])}, MaxIter: 100,
	})
	m.LengthScale = math.Exp(r.X[0])
}

// posterior computes the weights of the rows and returns the log marginal likelihood.
func (m *GaussianProcessRegressor) posterior(t *learn.Matrix) float64 {
	n := m.XTrain.Rows
	k := m.kernel(m.XTrain, m.XTrain)
	for i := range n {
		k.Data[i*n+i] += m.Alpha
	}
	var ch mat.Cholesky
	if !ch.Factorize(mat.NewSymDense(n, k.Data)) {
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
	ll := -float64(t.Cols) * (0.5*ch.LogDet() + float64(n)/2*math.Log(2*math.Pi))
	for i, v := range t.Data {
		ll -= 0.5 * v * m.AlphaVec.Data[i]
	}
	return ll
}

// Predict returns the mean of the posterior.
func (m *GaussianProcessRegressor) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	y = learn.Mul(m.kernel(m.Ready(x), m.XTrain), m.AlphaVec)
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
	k := m.kernel(m.Ready(x), m.XTrain)
	sd = learn.NewMatrix(k.Rows, mean.Cols)
	v := make([]float64, k.Cols)
	for i := range k.Rows {
		q := m.Constant
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
