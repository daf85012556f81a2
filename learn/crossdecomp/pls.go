// Package crossdecomp finds directions of X and Y that belong together: partial least squares and canonical
// correlation.
//
//	m := crossdecomp.NewPLSRegression()
//	m.NComponents = 3
//	err := m.Fit(x, y)
//	p, err := m.Predict(xTest)
//	z, err := m.Transform(x)
//
// Directions of X alone are in learn/decomposition.
package crossdecomp

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/lathe-ml/lathe/learn"
)

// PLS are the options and results of partial least squares.
type PLS struct {
	learn.RegressorBase
	NComponents int     `param:"n_components=2"`
	Scale       bool    `param:"scale=true"`
	MaxIter     int     `param:"max_iter=500"`
	Tol         float64 `param:"tol=1e-06"`

	XWeights   *learn.Matrix `fit:"x_weights_"`
	YWeights   *learn.Matrix `fit:"y_weights_"`
	XLoadings  *learn.Matrix `fit:"x_loadings_"`
	YLoadings  *learn.Matrix `fit:"y_loadings_"`
	XScores    *learn.Matrix `fit:"x_scores_"`
	YScores    *learn.Matrix `fit:"y_scores_"`
	XRotations *learn.Matrix `fit:"x_rotations_"`
	YRotations *learn.Matrix `fit:"y_rotations_"`
	Coef       *learn.Matrix `fit:"coef_"` // [targets features]
	Intercept  []float64     `fit:"intercept_"`
	NIter      []int         `fit:"n_iter_"`

	xMean, yMean, xStd, yStd []float64
}

// standard centres columns and divides them by their standard deviations where scale.
func standard(x *learn.Matrix, scale bool) (c *learn.Matrix, mean, std []float64) {
	c = x.Clone()
	n := float64(x.Rows)
	mean, std = make([]float64, x.Cols), make([]float64, x.Cols)
	for j := range x.Cols {
		for _, v := range x.Col(j) {
			mean[j] += v / n
		}
		std[j] = 1
		if scale {
			s := 0.0
			for _, v := range x.Col(j) {
				s += (v - mean[j]) * (v - mean[j])
			}
			if s > 0 {
				std[j] = math.Sqrt(s / (n - 1))
			}
		}
		for i := range c.Rows {
			c.Set(i, j, (c.At(i, j)-mean[j])/std[j])
		}
	}
	return c, mean, std
}

func pinv(x *learn.Matrix) *learn.Matrix {
	var f mat.SVD
	if !f.Factorize(x.Mat(), mat.SVDThin) {
		learn.Fail("crossdecomp", "singular value decomposition does not converge")
	}
	var u, v mat.Dense
	f.UTo(&u)
	f.VTo(&v)
	vm := learn.FromMat(&v)
	s := f.Values(nil)
	for i := range vm.Rows {
		for k, e := range s {
			if e > 1e-15*float64(max(x.Rows, x.Cols))*s[0] {
				vm.Data[i*vm.Cols+k] /= e
			} else {
				vm.Data[i*vm.Cols+k] = 0
			}
		}
	}
	return learn.MulT(vm, learn.FromMat(&u))
}

func norm(v []float64) float64 {
	s := 0.0
	for _, x := range v {
		s += x * x
	}
	return math.Sqrt(s)
}

// mulVec returns x·v.
func mulVec(x *learn.Matrix, v []float64) []float64 { return learn.Mul(x, learn.Column(v)).Data }

// tmulVec returns xᵀ·v.
func tmulVec(x *learn.Matrix, v []float64) []float64 { return learn.TMul(x, learn.Column(v)).Data }

func dot(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

// direct returns the first pair of directions by powers of the cross-covariance (NIPALS); modeB scales by
// the inverse covariances, as canonical correlation does.
func (m *PLS) direct(x, y *learn.Matrix, modeB, normY bool) (xw, yw []float64, iter int) {
	const eps = 2.220446049250313e-16
	score := make([]float64, y.Rows)
	for j := range y.Cols {
		c := y.Col(j)
		if norm(c) > eps {
			score = c
			break
		}
	}
	var xp, yp *learn.Matrix
	if modeB {
		xp, yp = pinv(x), pinv(y)
	}
	var old []float64
	for iter = 1; iter <= m.MaxIter; iter++ {
		if modeB {
			xw = mulVec(xp, score)
		} else {
			xw = tmulVec(x, score)
			s := dot(score, score)
			for i := range xw {
				xw[i] /= s
			}
		}
		n := norm(xw) + eps
		for i := range xw {
			xw[i] /= n
		}
		t := mulVec(x, xw)
		if modeB {
			yw = mulVec(yp, t)
		} else {
			yw = tmulVec(y, t)
			s := dot(t, t)
			for i := range yw {
				yw[i] /= s
			}
		}
		if normY {
			n := norm(yw) + eps
			for i := range yw {
				yw[i] /= n
			}
		}
		score = mulVec(y, yw)
		s := dot(yw, yw) + eps
		for i := range score {
			score[i] /= s
		}
		diff := 1.0
		if old != nil {
			diff = 0
			for i, v := range xw {
				diff += (v - old[i]) * (v - old[i])
			}
		}
		if diff < m.Tol || y.Cols == 1 {
			break
		}
		old = append([]float64(nil), xw...)
	}
	return xw, yw, min(iter, m.MaxIter)
}

// fit extracts components one after another; canonical deflates Y by its own scores.
func (m *PLS) fit(x learn.Data, y *learn.Matrix, modeB, canonical bool) {
	d := m.MustSquare(m.MustRows(m.Begin(x, y), 2))
	if y == nil {
		m.Fail("y is nil; want one column or more")
	}
	most := min(d.Rows, d.Cols)
	if canonical {
		most = min(most, y.Cols)
	}
	if m.NComponents < 1 || m.NComponents > most {
		m.Fail("NComponents is %d; want 1 … %d", m.NComponents, most)
	}
	var xk, yk *learn.Matrix
	xk, m.xMean, m.xStd = standard(d, m.Scale)
	yk, m.yMean, m.yStd = standard(y, m.Scale)
	k := m.NComponents
	m.XWeights, m.YWeights = learn.NewMatrix(d.Cols, k), learn.NewMatrix(y.Cols, k)
	m.XLoadings, m.YLoadings = learn.NewMatrix(d.Cols, k), learn.NewMatrix(y.Cols, k)
	m.XScores, m.YScores = learn.NewMatrix(d.Rows, k), learn.NewMatrix(d.Rows, k)
	m.NIter = nil
	for c := range k {
		xw, yw, iter := m.direct(xk, yk, modeB, canonical)
		m.NIter = append(m.NIter, iter)
		flipPair(xw, yw)
		t, u := mulVec(xk, xw), mulVec(yk, yw)
		if !canonical {
			s := dot(yw, yw)
			for i := range u {
				u[i] /= s
			}
		}
		xl := tmulVec(xk, t)
		tt := dot(t, t)
		for j := range xl {
			xl[j] /= tt
		}
		deflate(xk, t, xl)
		from := t
		if canonical {
			from = u
		}
		yl := tmulVec(yk, from)
		ff := dot(from, from)
		for j := range yl {
			yl[j] /= ff
		}
		deflate(yk, from, yl)
		m.XWeights.SetCol(c, xw)
		m.YWeights.SetCol(c, yw)
		m.XLoadings.SetCol(c, xl)
		m.YLoadings.SetCol(c, yl)
		m.XScores.SetCol(c, t)
		m.YScores.SetCol(c, u)
	}
	m.XRotations = learn.Mul(m.XWeights, pinv(learn.TMul(m.XLoadings, m.XWeights)))
	m.YRotations = learn.Mul(m.YWeights, pinv(learn.TMul(m.YLoadings, m.YWeights)))
	m.coefficients()
	for _, v := range m.Coef.Data {
		if v-v != 0 {
			m.Fail("component %d of %d has no direction: X or y is constant, or too small to square", k, k)
		}
	}
	m.Done()
}

func deflate(x *learn.Matrix, t, loading []float64) {
	for i := range x.Rows {
		row := x.Row(i)
		for j := range row {
			row[j] -= t[i] * loading[j]
		}
	}
}

// flipPair makes the largest entry of a positive.
func flipPair(a, b []float64) {
	best := 0
	for i, v := range a {
		if math.Abs(v) > math.Abs(a[best]) {
			best = i
		}
	}
	if a[best] < 0 {
		for i := range a {
			a[i] = -a[i]
		}
		for i := range b {
			b[i] = -b[i]
		}
	}
}

func (m *PLS) coefficients() {
	c := learn.MulT(m.XRotations, m.YLoadings) // [features targets]
	m.Coef = learn.NewMatrix(c.Cols, c.Rows)
	m.Intercept = append([]float64(nil), m.yMean...)
	for j := range c.Rows {
		for k := range c.Cols {
			v := c.At(j, k) * m.yStd[k] / m.xStd[j]
			m.Coef.Set(k, j, v)
			m.Intercept[k] -= v * m.xMean[j]
		}
	}
}

// Predict returns X·Coefᵀ + Intercept.
func (m *PLS) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	y = learn.MulT(m.Ready(x), m.Coef)
	for i := range y.Rows {
		for k := range y.Row(i) {
			y.Row(i)[k] += m.Intercept[k]
		}
	}
	return y, nil
}

// Transform projects rows of X.
func (m *PLS) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	c := m.Ready(x).Clone()
	for i := range c.Rows {
		for j := range c.Row(i) {
			c.Row(i)[j] = (c.Row(i)[j] - m.xMean[j]) / m.xStd[j]
		}
	}
	return learn.Mul(c, m.XRotations), nil
}

// PLSRegression predicts y from few directions of X.
type PLSRegression struct{ PLS }

// NewPLSRegression returns one with scikit-learn's defaults.
func NewPLSRegression() *PLSRegression { m := &PLSRegression{}; learn.Init(m); return m }

// Fit extracts the components.
func (m *PLSRegression) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m.fit(x, y, false, false)
	return nil
}

// PLSCanonical treats X and Y alike.
type PLSCanonical struct {
	PLS
	Algorithm string `param:"algorithm=nipals"`
}

// NewPLSCanonical returns one with scikit-learn's defaults.
func NewPLSCanonical() *PLSCanonical { m := &PLSCanonical{}; learn.Init(m); return m }

// Fit extracts the components.
func (m *PLSCanonical) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m.OneOf("Algorithm", m.Algorithm, "nipals", "svd")
	m.fit(x, y, false, true)
	return nil
}

// CCA finds directions whose scores correlate most.
type CCA struct{ PLS }

// NewCCA returns one with scikit-learn's defaults.
func NewCCA() *CCA { m := &CCA{}; learn.Init(m); return m }

// Fit extracts the components.
func (m *CCA) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m.fit(x, y, true, true)
	return nil
}
