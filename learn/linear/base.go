package linear

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/lathe-ml/lathe/learn"
)

// Coefs is what linear models learn: predictions are X·Coefᵀ + Intercept.
type Coefs struct {
	Coef      *learn.Matrix `fit:"coef_"`      // [outputs features]
	Intercept []float64     `fit:"intercept_"` // of each output
}

// decide returns X·Coefᵀ + Intercept.
func (c *Coefs) decide(x learn.Data, dense func() *learn.Matrix) *learn.Matrix {
	var out *learn.Matrix
	if s, ok := x.(*learn.CSR); ok {
		out = s.MulDense(c.Coef.T())
	} else {
		out = learn.MulT(dense(), c.Coef)
	}
	for i := range out.Rows {
		row := out.Row(i)
		for j := range row {
			row[j] += c.Intercept[j]
		}
	}
	return out
}

// regressor is embedded by linear regressors.
type regressor struct {
	learn.RegressorBase
	Coefs
}

// Predict returns X·Coefᵀ + Intercept.
func (r *regressor) Predict(x learn.Data) (m *learn.Matrix, err error) {
	defer learn.Catch(&err)
	r.MustFitted()
	return r.decide(x, func() *learn.Matrix { return r.Ready(x) }), nil
}

// classifier is embedded by linear classifiers.
type classifier struct {
	learn.ClassifierBase
	Coefs
}

// DecisionFunction returns X·Coefᵀ + Intercept: one column for two classes, else one for each class.
func (c *classifier) DecisionFunction(x learn.Data) (m *learn.Matrix, err error) {
	defer learn.Catch(&err)
	c.MustFitted()
	return c.decide(x, func() *learn.Matrix { return c.Ready(x) }), nil
}

// Predict returns the class with the largest decision value.
func (c *classifier) Predict(x learn.Data) (m *learn.Matrix, err error) {
	defer learn.Catch(&err)
	d, err := c.DecisionFunction(x)
	if err != nil {
		return nil, err
	}
	if d.Cols == 1 && len(c.Classes) <= 2 {
		codes := make([]int, d.Rows)
		for i, v := range d.Data {
			if v > 0 {
				codes[i] = len(c.Classes) - 1
			}
		}
		return c.Decode(codes), nil
	}
	return c.ArgMaxRows(d), nil
}

// centred holds data with the weighted means of columns taken away, rows times the root of their weights.
type centred struct {
	x, y         *learn.Matrix
	meanX, meanY []float64
	root         []float64 // square roots of weights; nil: ones
}

// centre prepares least squares; without intercept the means are 0. w nil means equal weights.
func centre(x, y *learn.Matrix, w []float64, intercept bool) *centred {
	c := &centred{
		x: x.Clone(), y: y.Clone(), meanX: make([]float64, x.Cols), meanY: make([]float64, y.Cols),
	}
	if intercept {
		c.meanX, c.meanY = means(x, w), means(y, w)
		subtract(c.x, c.meanX)
		subtract(c.y, c.meanY)
	}
	if w != nil {
		c.root = make([]float64, len(w))
		for i, v := range w {
			c.root[i] = math.Sqrt(v)
			for j := range c.x.Row(i) {
				c.x.Row(i)[j] *= c.root[i]
			}
			for j := range c.y.Row(i) {
				c.y.Row(i)[j] *= c.root[i]
			}
		}
	}
	return c
}

func means(x *learn.Matrix, w []float64) []float64 {
	m, all := make([]float64, x.Cols), 0.0
	for i := range x.Rows {
		k := 1.0
		if w != nil {
			k = w[i]
		}
		all += k
		for j, v := range x.Row(i) {
			m[j] += k * v
		}
	}
	for j := range m {
		m[j] /= all
	}
	return m
}

func subtract(x *learn.Matrix, m []float64) {
	for i := range x.Rows {
		row := x.Row(i)
		for j := range row {
			row[j] -= m[j]
		}
	}
}

// set stores coefficients of centred data, [outputs features], and the intercepts that follow.
func (c *Coefs) set(coef *learn.Matrix, p *centred) {
	for _, v := range coef.Data {
		if v-v != 0 {
			learn.Fail("linear", "coefficients overflow (%g); scale X and y (preprocess.NewStandardScaler)", v)
		}
	}
	c.Coef = coef
	c.Intercept = make([]float64, coef.Rows)
	for k := range coef.Rows {
		c.Intercept[k] = p.meanY[k]
		for j, v := range coef.Row(k) {
			c.Intercept[k] -= v * p.meanX[j]
		}
	}
}

// svd returns the thin decomposition x = u·diag(s)·vᵀ.
func svd(x *learn.Matrix) (u *learn.Matrix, s []float64, v *learn.Matrix) {
	u, s, vt := learn.SVD(x)
	return u, s, vt.T()
}

// lstsq returns the least-squares solution of least norm, [targets features], with the rank and the
// singular values.
func lstsq(x, y *learn.Matrix, rcond float64) (coef *learn.Matrix, rank int, s []float64) {
	u, s, v := svd(x)
	uy := learn.TMul(u, y)
	for i, d := range s {
		k := 0.0
		if d > rcond*s[0] {
			k = 1 / d
			rank++
		}
		for j := range uy.Row(i) {
			uy.Row(i)[j] *= k
		}
	}
	return learn.Mul(v, uy).T(), rank, s
}

// symmetric returns m, square, as a gonum matrix that shares it.
func symmetric(m *learn.Matrix) *mat.SymDense { return mat.NewSymDense(m.Rows, m.Data) }

// solvePD solves a·z = b for a symmetric positive a; ok is false when it is not.
func solvePD(a, b *learn.Matrix) (z *learn.Matrix, ok bool) {
	var ch mat.Cholesky
	if !ch.Factorize(symmetric(a)) {
		return nil, false
	}
	var out mat.Dense
	if err := ch.SolveTo(&out, b.Mat()); err != nil {
		if _, cond := err.(mat.Condition); !cond {
			return nil, false
		}
	}
	return learn.FromMat(&out), true
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

func axpy(a float64, x, y []float64) {
	for i, v := range x {
		y[i] += a * v
	}
}
