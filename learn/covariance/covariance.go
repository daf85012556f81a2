// Package covariance estimates covariance matrices: empirical, shrunk, sparse and robust.
//
//	m := covariance.NewLedoitWolf()
//	err := m.Fit(x, nil)
//	fmt.Println(m.Covariance, m.Shrinkage)
//	d, err := m.Mahalanobis(x)
//	robust := covariance.NewMinCovDet()
//
// The package does not test hypotheses.
package covariance

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/lathe-ml/lathe/learn"
)

// Empirical returns the maximum-likelihood covariance of rows around their mean, or around 0 when they are
// centred already.
func Empirical(x *learn.Matrix, centred bool) *learn.Matrix {
	c := x
	if !centred {
		c, _ = centre(x)
	}
	s := learn.TMul(c, c)
	for i := range s.Data {
		s.Data[i] /= float64(x.Rows)
	}
	return s
}

func centre(x *learn.Matrix) (*learn.Matrix, []float64) {
	c, mean := x.Clone(), make([]float64, x.Cols)
	for i := range x.Rows {
		for j, v := range x.Row(i) {
			mean[j] += v / float64(x.Rows)
		}
	}
	for i := range c.Rows {
		row := c.Row(i)
		for j := range row {
			row[j] -= mean[j]
		}
	}
	return c, mean
}

// Shrunk returns the covariance of rows: empirical for nil, shrunk by a number, or for auto by Ledoit and
// Wolf's rule on standardized columns, as discriminant analysis wants it.
func Shrunk(x *learn.Matrix, shrinkage any) *learn.Matrix {
	switch s, ok := learn.OptFloat(shrinkage); {
	case shrinkage == nil:
		return Empirical(x, false)
	case ok:
		return shrink(Empirical(x, false), s)
	case shrinkage != "auto":
		learn.Fail("covariance", "shrinkage is %v; want nil, auto or a number", shrinkage)
	}
	z, _ := centre(x)
	scale := make([]float64, x.Cols)
	for j := range scale {
		for i := range z.Rows {
			scale[j] += z.At(i, j) * z.At(i, j) / float64(z.Rows)
		}
		if scale[j] = math.Sqrt(scale[j]); scale[j] == 0 {
			scale[j] = 1
		}
		for i := range z.Rows {
			z.Data[i*z.Cols+j] /= scale[j]
		}
	}
	s := shrink(Empirical(z, true), LedoitWolfShrinkage(z, true))
	for i := range s.Rows {
		for j := range s.Cols {
			s.Data[i*s.Cols+j] *= scale[i] * scale[j]
		}
	}
	return s
}

// shrink returns (1−s)·c + s·mean(diagonal)·I, in place.
func shrink(c *learn.Matrix, s float64) *learn.Matrix {
	mu := trace(c) / float64(c.Rows)
	for i := range c.Data {
		c.Data[i] *= 1 - s
	}
	for i := range c.Rows {
		c.Data[i*c.Cols+i] += s * mu
	}
	return c
}

func trace(c *learn.Matrix) float64 {
	t := 0.0
	for i := range c.Rows {
		t += c.At(i, i)
	}
	return t
}

// LedoitWolfShrinkage returns the shrinkage of least expected error (Ledoit and Wolf 2004).
func LedoitWolfShrinkage(x *learn.Matrix, centred bool) float64 {
	c := x
	if !centred {
		c, _ = centre(x)
	}
	n, p := float64(c.Rows), float64(c.Cols)
	if c.Cols == 1 {
		return 0
	}
	sq := c.Clone()
	tr := 0.0
	for i, v := range sq.Data {
		sq.Data[i] = v * v
		tr += v * v / n
	}
	mu := tr / p
	beta, delta := 0.0, 0.0
	for _, v := range learn.TMul(sq, sq).Data {
		beta += v
	}
	for _, v := range learn.TMul(c, c).Data {
		delta += v * v
	}
	delta /= n * n
	beta = 1 / (p * n) * (beta/n - delta)
	delta = (delta - 2*mu*tr + p*mu*mu) / p
	beta = min(beta, delta)
	if beta == 0 {
		return 0
	}
	return beta / delta
}

// Estimate is what estimators of covariance learn.
type Estimate struct {
	learn.Base
	StorePrecision bool `param:"store_precision=true"`
	AssumeCentered bool `param:"assume_centered=false"` // the mean is 0

	Covariance *learn.Matrix `fit:"covariance_"`
	Location   []float64     `fit:"location_"`
	Precision  *learn.Matrix `fit:"precision_"` // (pseudo-)inverse of Covariance
}

// Kind returns learn.KindDensity.
func (m *Estimate) Kind() learn.Kind { return learn.KindDensity }

// set stores a covariance and its inverse.
func (m *Estimate) set(cov *learn.Matrix, location []float64) {
	m.Covariance, m.Location = cov, location
	if m.StorePrecision {
		m.Precision = pseudoInverse(cov)
	}
	m.Done()
}

// begin returns the data and their location.
func (m *Estimate) begin(x learn.Data) (d *learn.Matrix, location []float64) {
	d = m.Begin(x, nil)
	location = make([]float64, d.Cols)
	if !m.AssumeCentered {
		_, location = centre(d)
	}
	return d, location
}

// pseudoInverse inverts a symmetric matrix by its eigenvalues.
func pseudoInverse(c *learn.Matrix) *learn.Matrix {
	var e mat.EigenSym
	if !e.Factorize(mat.NewSymDense(c.Rows, c.Clone().Data), true) {
		learn.Fail("covariance", "eigenvalues do not converge")
	}
	var v mat.Dense
	e.VectorsTo(&v)
	values := e.Values(nil)
	top := 0.0
	for _, l := range values {
		top = max(top, math.Abs(l))
	}
	vec := learn.FromMat(&v)
	scaled := vec.Clone()
	for i := range scaled.Rows {
		for j, l := range values {
			if math.Abs(l) > 2.22e-16*float64(c.Rows)*top {
				scaled.Data[i*scaled.Cols+j] /= l
			} else {
				scaled.Data[i*scaled.Cols+j] = 0
			}
		}
	}
	return learn.MulT(scaled, vec)
}

// Score returns the mean log-likelihood of rows under a normal distribution.
func (m *Estimate) Score(x learn.Data, _ *learn.Matrix) (s float64, err error) {
	defer learn.Catch(&err)
	d := m.Ready(x).Clone()
	for i := range d.Rows {
		for j := range d.Row(i) {
			d.Row(i)[j] -= m.Location[j]
		}
	}
	prec := m.Precision
	if prec == nil {
		prec = pseudoInverse(m.Covariance)
	}
	return LogLikelihood(Empirical(d, true), prec), nil
}

// LogLikelihood returns the mean log-likelihood of data with an empirical covariance under a precision.
func LogLikelihood(emp, precision *learn.Matrix) float64 {
	s := 0.0
	for i, v := range emp.Data {
		s -= v * precision.Data[i]
	}
	det, sign := mat.LogDet(precision.Mat())
	if sign <= 0 {
		det = math.Inf(-1)
	}
	p := float64(precision.Rows)
	return (s + det - p*math.Log(2*math.Pi)) / 2
}

// Mahalanobis returns the squared distances of rows from the location.
func (m *Estimate) Mahalanobis(x learn.Data) (d []float64, err error) {
	defer learn.Catch(&err)
	q := m.Ready(x)
	prec := m.Precision
	if prec == nil {
		prec = pseudoInverse(m.Covariance)
	}
	return mahalanobis(q, m.Location, prec), nil
}

func mahalanobis(q *learn.Matrix, location []float64, prec *learn.Matrix) []float64 {
	c := q.Clone()
	for i := range c.Rows {
		for j := range c.Row(i) {
			c.Row(i)[j] -= location[j]
		}
	}
	z := learn.Mul(c, prec)
	d := make([]float64, c.Rows)
	for i := range d {
		for j, v := range z.Row(i) {
			d[i] += v * c.At(i, j)
		}
	}
	return d
}

// EmpiricalCovariance is the maximum-likelihood estimate.
type EmpiricalCovariance struct{ Estimate }

// NewEmpiricalCovariance returns one with scikit-learn's defaults.
func NewEmpiricalCovariance() *EmpiricalCovariance {
	m := &EmpiricalCovariance{}
	learn.Init(m)
	return m
}

// Fit computes the covariance.
func (m *EmpiricalCovariance) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d, loc := m.begin(x)
	m.set(Empirical(d, m.AssumeCentered), loc)
	return nil
}

// ShrunkCovariance mixes the estimate with a multiple of the identity.
type ShrunkCovariance struct {
	Estimate
	Shrinkage float64 `param:"shrinkage=0.1"`
}

// NewShrunkCovariance returns one with scikit-learn's defaults.
func NewShrunkCovariance() *ShrunkCovariance { m := &ShrunkCovariance{}; learn.Init(m); return m }

// Fit computes the covariance.
func (m *ShrunkCovariance) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d, loc := m.begin(x)
	if m.Shrinkage < 0 || m.Shrinkage > 1 {
		m.Fail("Shrinkage is %g; want a number in [0, 1]", m.Shrinkage)
	}
	m.set(shrink(Empirical(d, m.AssumeCentered), m.Shrinkage), loc)
	return nil
}

// LedoitWolf chooses the shrinkage of least expected error.
type LedoitWolf struct {
	Estimate
	BlockSize int     `param:"block_size=1000"` // of scikit-learn's computation; without effect
	Shrinkage float64 `fit:"shrinkage_"`
}

// NewLedoitWolf returns one with scikit-learn's defaults.
func NewLedoitWolf() *LedoitWolf { m := &LedoitWolf{}; learn.Init(m); return m }

// Fit computes shrinkage and covariance.
func (m *LedoitWolf) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d, loc := m.begin(x)
	m.Shrinkage = LedoitWolfShrinkage(d, m.AssumeCentered)
	m.set(shrink(Empirical(d, m.AssumeCentered), m.Shrinkage), loc)
	return nil
}

// OAS is oracle approximating shrinkage, for normal data (Chen et al. 2010).
type OAS struct {
	Estimate
	Shrinkage float64 `fit:"shrinkage_"`
}

// NewOAS returns one with scikit-learn's defaults.
func NewOAS() *OAS { m := &OAS{}; learn.Init(m); return m }

// Fit computes shrinkage and covariance.
func (m *OAS) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d, loc := m.begin(x)
	c := Empirical(d, m.AssumeCentered)
	n, p := float64(d.Rows), float64(d.Cols)
	alpha := 0.0
	for _, v := range c.Data {
		alpha += v * v / (p * p)
	}
	mu := trace(c) / p
	num, den := alpha+mu*mu, (n+1)*(alpha-mu*mu/p)
	m.Shrinkage = 1
	if den != 0 {
		m.Shrinkage = min(num/den, 1)
	}
	m.set(shrink(c, m.Shrinkage), loc)
	return nil
}
