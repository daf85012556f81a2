// Package kernel has ridge regression in the space of a kernel, and maps that approximate kernels.
//
//	m := kernel.NewKernelRidge()
//	m.Kernel, m.Gamma = "rbf", 0.1
//	err := m.Fit(x, y)
//	p, err := m.Predict(xTest)
//	z, err := kernel.NewNystroem().FitTransform(x, nil)
//
// Kernel matrices by themselves are metric.Kernel; support vectors are in learn/svm.
package kernel

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/metric"
	"gonum.org/v1/gonum/mat"
)

// Options name a kernel. Kernel is linear, poly, rbf, laplacian, sigmoid, cosine, chi2, additive_chi2 or
// precomputed.
type Options struct {
	Gamma        any     `param:"gamma=None"` // nil: 1 / features
	Degree       float64 `param:"degree=3"`
	Coef0        float64 `param:"coef0=1"`
	KernelParams any     `param:"kernel_params=None" fixed:"true"`
}

// matrix returns the kernel of rows of a and b.
func (o *Options) matrix(name string, a, b *learn.Matrix) *learn.Matrix {
	if name == "precomputed" {
		return a
	}
	k := metric.KernelOptions{Degree: o.Degree, Coef0: o.Coef0}
	if g, ok := learn.OptFloat(o.Gamma); ok {
		k.Gamma = g
	}
	return metric.Kernel(a, b, name, k)
}

// KernelRidge minimizes ‖y − Kd‖² + α·dᵀKd.
type KernelRidge struct {
	learn.RegressorBase
	Alpha  any    `param:"alpha=1"` // number, or one for each output
	Kernel string `param:"kernel=linear"`
	Options

	DualCoef *learn.Matrix `fit:"dual_coef_"` // [rows outputs]
	XFit     *learn.Matrix `fit:"X_fit_"`
}

// NewKernelRidge returns one with scikit-learn's defaults.
func NewKernelRidge() *KernelRidge { m := &KernelRidge{}; learn.Init(m); return m }

// Fit solves for the dual coefficients; y may have several columns.
func (m *KernelRidge) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *KernelRidge) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	if y == nil {
		m.Fail("y is nil; want a target for each row")
	}
	m.XFit = m.MustSquare(m.Begin(x, y)).Clone()
	n := m.XFit.Rows
	var root []float64
	if w != nil {
		root = sqrtAll(learn.Weights(m.Name(), w, n))
	}
	m.DualCoef = learn.NewMatrix(n, y.Cols)
	alphas := []float64{0}
	if list, ok := m.Alpha.([]float64); ok {
		alphas = list
	} else if a, ok := learn.OptFloat(m.Alpha); ok {
		alphas[0] = a
	} else {
		m.Fail("Alpha is %v; want a number, or one for each output", m.Alpha)
	}
	for o := range y.Cols {
		a := alphas[min(o, len(alphas)-1)]
		if o > 0 && len(alphas) == 1 {
			break
		}
		k := m.matrix(m.Kernel, m.XFit, m.XFit).Clone()
		t := y.Clone()
		for i := range n {
			for j := range n {
				if root != nil {
					k.Data[i*n+j] *= root[i] * root[j]
				}
			}
			k.Data[i*n+i] += a
			for c := range t.Row(i) {
				if root != nil {
					t.Row(i)[c] *= root[i]
				}
			}
		}
		d := solve(k, t)
		for i := range n {
			for c := range y.Cols {
				if len(alphas) == 1 || c == o {
					v := d.At(i, c)
					if root != nil {
						v *= root[i]
					}
					m.DualCoef.Set(i, c, v)
				}
			}
		}
	}
	m.Done()
	return nil
}

// solve uses Cholesky where the matrix allows, else least squares.
func solve(k, t *learn.Matrix) *learn.Matrix {
	var ch mat.Cholesky
	var out mat.Dense
	if ch.Factorize(mat.NewSymDense(k.Rows, k.Data)) {
		if err := ch.SolveTo(&out, t.Mat()); err == nil || isCondition(err) {
			return learn.FromMat(&out)
		}
	}
	var f mat.SVD
	if !f.Factorize(k.Mat(), mat.SVDThin) {
		learn.Fail("kernel.KernelRidge", "kernel matrix cannot be decomposed")
	}
	f.SolveTo(&out, t.Mat(), f.Rank(1e-14))
	return learn.FromMat(&out)
}

func isCondition(err error) bool { _, ok := err.(mat.Condition); return ok }

// Predict returns the kernel with the rows of Fit times the dual coefficients.
func (m *KernelRidge) Predict(x learn.Data) (p *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return learn.Mul(m.matrix(m.Kernel, m.Ready(x), m.XFit), m.DualCoef), nil
}

func sqrtAll(w []float64) []float64 {
	out := make([]float64, len(w))
	for i, v := range w {
		out[i] = math.Sqrt(v)
	}
	return out
}
