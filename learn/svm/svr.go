package svm

import (
	"slices"

	"github.com/lathe-ml/lathe/learn"
)

// single is a machine with one offset.
type single struct {
	Machine
	Kernel
	NSupport []int `fit:"n_support_"`
}

// keep stores the coefficients that are not 0.
func (m *single) keep(x *learn.Matrix, coef []float64, rho float64, iter int) {
	m.Support = nil
	var kept []float64
	for i, v := range coef {
		if v != 0 {
			m.Support = append(m.Support, i)
			kept = append(kept, v)
		}
	}
	m.SupportVectors = x.Take(m.Support)
	m.DualCoef = &learn.Matrix{Rows: 1, Cols: len(kept), Data: kept}
	m.Intercept, m.NSupport, m.Iterations = []float64{-rho}, []int{len(kept)}, []int{iter}
}

func (m *single) values(x *learn.Matrix) *learn.Matrix {
	if len(m.Support) == 0 {
		out := learn.NewMatrix(x.Rows, 1)
		for i := range out.Data {
			out.Data[i] = m.Intercept[0]
		}
		return out
	}
	out := learn.MulT(m.kernelWith(x, &m.Kernel), m.DualCoef)
	for i := range out.Data {
		out.Data[i] += m.Intercept[0]
	}
	return out
}

// regression is what SVR and NuSVR have in common.
type regression struct {
	learn.RegressorBase
	single
}

// Predict returns the machine's values.
func (m *regression) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return m.values(m.Ready(x)), nil
}

// begin checks data and returns the problem of 2n variables: errors above and below.
func (m *regression) begin(x learn.Data, y *learn.Matrix, w []float64) (*learn.Matrix, *dual, []float64) {
	d := m.MustSquare(m.Begin(x, y))
	t := learn.Target(m.Name(), y)
	w = learn.Weights(m.Name(), w, d.Rows)
	m.GammaUsed = m.width(&m.Base, d)
	n := d.Rows
	p := &dual{
		g: newGram(d, &m.Kernel, m.GammaUsed), y: make([]float64, 2*n), p: make([]float64, 2*n),
		c: make([]float64, 2*n), alpha: make([]float64, 2*n), tol: m.Tol, maxIter: m.MaxIter, poll: m.Poll,
	}
	for i := range n {
		p.y[i], p.y[i+n] = 1, -1
	}
	return d, p, slices.Concat(t, w)
}

func (m *regression) finish(d *learn.Matrix, p *dual, rho float64) {
	n := d.Rows
	coef := make([]float64, n)
	for i := range coef {
		coef[i] = p.alpha[i] - p.alpha[i+n]
	}
	m.keep(d, coef, rho, p.iter)
	m.Done()
}

// SVR fits a tube of half-width Epsilon; C is the price of errors beyond it.
type SVR struct {
	regression
	C       float64 `param:"C=1.0"`
	Epsilon float64 `param:"epsilon=0.1"`
}

// NewSVR returns one with scikit-learn's defaults.
func NewSVR() *SVR { m := &SVR{}; learn.Init(m); return m }

// Fit solves the problem.
func (m *SVR) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row, which scales its C.
func (m *SVR) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	d, p, tw := m.begin(x, y, w)
	n := d.Rows
	for i := range n {
		p.p[i], p.p[i+n] = m.Epsilon-tw[i], m.Epsilon+tw[i]
		p.c[i], p.c[i+n] = m.C*tw[n+i], m.C*tw[n+i]
	}
	p.solve()
	m.finish(d, p, p.rho)
	return nil
}

// NuSVR is SVR with the fraction of support vectors instead of Epsilon.
type NuSVR struct {
	regression
	Nu float64 `param:"nu=0.5"`
	C  float64 `param:"C=1.0"`
}

// NewNuSVR returns one with scikit-learn's defaults.
func NewNuSVR() *NuSVR { m := &NuSVR{}; learn.Init(m); return m }

// Fit solves the problem.
func (m *NuSVR) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row, which scales its C.
func (m *NuSVR) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	d, p, tw := m.begin(x, y, w)
	n := d.Rows
	p.nu = true
	sum := 0.0
	for i := range n {
		p.c[i], p.c[i+n] = m.C*tw[n+i], m.C*tw[n+i]
		sum += m.C * tw[n+i] * m.Nu
	}
	sum /= 2
	for i := range n {
		p.alpha[i] = min(sum, p.c[i])
		p.alpha[i+n] = p.alpha[i]
		sum -= p.alpha[i]
		p.p[i], p.p[i+n] = -tw[i], tw[i]
	}
	p.solve()
	m.finish(d, p, p.rho)
	return nil
}

// OneClassSVM finds the region that holds all but a fraction Nu of the rows.
type OneClassSVM struct {
	learn.OutlierBase
	single
	Nu float64 `param:"nu=0.5"`
}

// NewOneClassSVM returns one with scikit-learn's defaults.
func NewOneClassSVM() *OneClassSVM { m := &OneClassSVM{}; learn.Init(m); return m }

// Fit finds the region.
func (m *OneClassSVM) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *OneClassSVM) FitWeighted(x learn.Data, _ *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	d := m.MustSquare(m.Begin(x, nil))
	w = learn.Weights(m.Name(), w, d.Rows)
	m.GammaUsed = m.width(&m.Base, d)
	n := d.Rows
	p := &dual{
		g: newGram(d, &m.Kernel, m.GammaUsed), y: make([]float64, n), p: make([]float64, n), c: w,
		alpha: make([]float64, n), tol: m.Tol, maxIter: m.MaxIter, poll: m.Poll,
	}
	left := 0.0
	for _, v := range w {
		left += m.Nu * v
	}
	for i := range n {
		p.y[i] = 1
		p.alpha[i] = min(w[i], left)
		left -= p.alpha[i]
	}
	p.solve()
	m.keep(d, p.alpha, p.rho, p.iter)
	m.Offset = p.rho
	m.Done()
	return nil
}

// ScoreSamples returns the values without the offset.
func (m *OneClassSVM) ScoreSamples(x learn.Data) (s *learn.Matrix, err error) {
	s, err = m.DecisionFunction(x)
	if err != nil {
		return nil, err
	}
	for i := range s.Data {
		s.Data[i] += m.Offset
	}
	return s, nil
}

// DecisionFunction is positive within the region.
func (m *OneClassSVM) DecisionFunction(x learn.Data) (d *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return m.values(m.Ready(x)), nil
}

// Predict returns 1 within the region and -1 outside.
func (m *OneClassSVM) Predict(x learn.Data) (*learn.Matrix, error) {
	d, err := m.DecisionFunction(x)
	if err != nil {
		return nil, err
	}
	for i, v := range d.Data {
		d.Data[i] = -1
		if v > 0 {
			d.Data[i] = 1
		}
	}
	return d, nil
}
