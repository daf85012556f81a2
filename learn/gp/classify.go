package gp

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/lathe-ml/lathe/learn"
)

// GaussianProcessClassifier classifies by Laplace's approximation of the posterior of a Gaussian process with
// a logistic link (Rasmussen and Williams, algorithm 3.1), one against the rest for several classes.
type GaussianProcessClassifier struct {
	learn.ClassifierBase
	Kernel      *Kernel `param:"kernel"` // nil: Constant·exp(−d²/2·LengthScale²); nothing is tuned
	Constant    float64 `param:"constant_value=1.0"`
	LengthScale float64 `param:"length_scale=1.0"`
	Optimizer   any     `param:"optimizer=fmin_l_bfgs_b"` // scikit-learn's default kernel is fixed: nothing is tuned
	NRestarts   int     `param:"n_restarts_optimizer=0" fixed:"true"`
	MaxIter     int     `param:"max_iter_predict=100"`
	WarmStart   bool    `param:"warm_start=false" fixed:"true"`
	MultiClass  string  `param:"multi_class=one_vs_rest"`
	RandomState int64   `param:"random_state=0"`

	LogMarginalLikelihood float64 `fit:"log_marginal_likelihood_value_"` // the mean over the classes

	x     *learn.Matrix
	parts []laplace
}

// laplace is a fitted problem of two classes.
type laplace struct {
	residual []float64 // y − π
	root     []float64 // W^½
	l        *mat.TriDense
	lml      float64
}

// NewGaussianProcessClassifier returns one with scikit-learn's defaults.
func NewGaussianProcessClassifier() *GaussianProcessClassifier {
	m := &GaussianProcessClassifier{}
	learn.Init(m)
	return m
}

// kernel returns the kernel to use.
func (m *GaussianProcessClassifier) kernel() *Kernel {
	if m.Kernel != nil {
		return m.Kernel
	}
	return plain(m.Constant, m.LengthScale, nil)
}

// Fit finds the mode of the posterior.
func (m *GaussianProcessClassifier) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m.x = m.Begin(x, y).Clone()
	m.OneOf("MultiClass", m.MultiClass, "one_vs_rest")
	codes := m.Labels(y)
	if len(m.Classes) < 2 {
		m.Fail("y has one class; want at least 2")
	}
	k := m.kernel().Matrix(m.x, nil)
	m.parts, m.LogMarginalLikelihood = nil, 0
	for c := range m.Classes {
		if len(m.Classes) == 2 && c == 0 {
			continue
		}
		t := make([]float64, len(codes))
		for i, code := range codes {
			if code == c {
				t[i] = 1
			}
		}
		m.parts = append(m.parts, m.mode(k, t))
	}
	for _, p := range m.parts {
		m.LogMarginalLikelihood += p.lml / float64(len(m.parts))
	}
	m.Done()
	return nil
}

// mode is Newton's method for the posterior's mode.
func (m *GaussianProcessClassifier) mode(k *learn.Matrix, y []float64) (p laplace) {
	n := len(y)
	f := make([]float64, n)
	p.lml = math.Inf(-1)
	for range m.MaxIter {
		m.Poll()
		p.residual, p.root = make([]float64, n), make([]float64, n)
		b := make([]float64, n)
		for i, v := range f {
			pi := 1 / (1 + math.Exp(-v))
			w := pi * (1 - pi)
			p.residual[i], p.root[i] = y[i]-pi, math.Sqrt(w)
			b[i] = w*v + p.residual[i]
		}
		bm := mat.NewSymDense(n, nil)
		for i := range n {
			for j := i; j < n; j++ {
				v := p.root[i] * k.At(i, j) * p.root[j]
				if i == j {
					v++
				}
				bm.SetSym(i, j, v)
			}
		}
		var ch mat.Cholesky
		if !ch.Factorize(bm) {
			m.Fail("the matrix of a Newton step is not positive definite; change LengthScale")
		}
		p.l = &mat.TriDense{}
		ch.LTo(p.l)
		kb := learn.Mul(k, learn.Column(b)).Data
		for i := range kb {
			kb[i] *= p.root[i]
		}
		var s mat.VecDense
		learn.Must(ch.SolveVecTo(&s, mat.NewVecDense(n, kb)))
		a := make([]float64, n)
		for i := range a {
			a[i] = b[i] - p.root[i]*s.AtVec(i)
		}
		f = learn.Mul(k, learn.Column(a)).Data
		lml := 0.0
		for i := range a {
			lml -= 0.5*a[i]*f[i] + math.Log1p(math.Exp(-(2*y[i]-1)*f[i])) + math.Log(p.l.At(i, i))
		}
		if lml-p.lml < 1e-10 {
			break
		}
		p.lml = lml
	}
	return p
}

// Williams and Barber's five error functions that are close to the logistic function.
var (
	lambdas = []float64{0.41, 0.4, 0.37, 0.44, 0.39}
	coefs   = []float64{-1854.8214151, 3516.89893646, 221.29346712, 128.12323805, -2010.49422654}
)

// latent returns the mean and the variance of the latent function at each row of k, whose covariance with itself is self.
func (p *laplace) latent(k *learn.Matrix, self []float64) (mean, variance []float64) {
	mean, variance = make([]float64, k.Rows), make([]float64, k.Rows)
	n := k.Cols
	v := make([]float64, n)
	for i := range k.Rows {
		q := self[i]
		for r := range n {
			mean[i] += k.At(i, r) * p.residual[r]
			s := p.root[r] * k.At(i, r)
			for c := range r {
				s -= p.l.At(r, c) * v[c]
			}
			v[r] = s / p.l.At(r, r)
			q -= v[r] * v[r]
		}
		variance[i] = q
	}
	return mean, variance
}

// PredictProba integrates the logistic function over the latent function.
func (m *GaussianProcessClassifier) PredictProba(x learn.Data) (p *learn.Matrix, err error) {
	defer learn.Catch(&err)
	d := m.Ready(x)
	k, self := m.kernel().Matrix(d, m.x), m.kernel().diagonal(d)
	p = learn.NewMatrix(k.Rows, len(m.Classes))
	for c := range m.parts {
		mean, variance := m.parts[c].latent(k, self)
		for i := range p.Rows {
			v := average(mean[i], variance[i])
			if len(m.parts) == 1 {
				p.Set(i, 0, 1-v)
				p.Set(i, 1, v)
			} else {
				p.Set(i, c, v)
			}
		}
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

// average approximates the mean of the logistic function of a normal variable.
func average(mean, variance float64) float64 {
	alpha := 1 / (2 * variance)
	s := 0.0
	for i, l := range lambdas {
		gamma := l * mean
		s += coefs[i] * (math.Sqrt(math.Pi/alpha)*math.Erf(gamma*math.Sqrt(alpha/(alpha+l*l)))/
			(2*math.Sqrt(variance*2*math.Pi)) + 0.5)
	}
	return s
}

// Predict returns the most probable class.
func (m *GaussianProcessClassifier) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	p, err := m.PredictProba(x)
	learn.Must(err)
	return m.ArgMaxRows(p), nil
}
