// Package bayes has naive Bayes classifiers: features are independent given the class.
//
//	m := bayes.NewMultinomialNB()
//	m.Alpha = 0.1
//	err := m.Fit(counts, y)
//	p, err := m.PredictProba(x)
//	err = m.PartialFit(more, y)
//
// Bayesian regression is in learn/linear, Gaussian processes in learn/gp.
package bayes

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
)

// predict returns the class with the largest joint probability.
func predict(b *learn.ClassifierBase, j *learn.Matrix) *learn.Matrix { return b.ArgMaxRows(j) }

// proba normalizes joint logarithms.
func proba(j *learn.Matrix) *learn.Matrix {
	for i := range j.Rows {
		row := j.Row(i)
		top, sum := row[learn.ArgMax(row)], 0.0
		for _, v := range row {
			sum += math.Exp(v - top)
		}
		z := top + math.Log(sum)
		for c := range row {
			row[c] = math.Exp(row[c] - z)
		}
	}
	return j
}

// priors checks given priors, or returns nil.
func priors(b *learn.Base, given []float64, k int) []float64 {
	if given == nil {
		return nil
	}
	sum := 0.0
	for _, v := range given {
		sum += v
	}
	if len(given) != k || math.Abs(sum-1) > 1e-8 {
		b.Fail("priors are %v; want %d numbers that add up to 1", given, k)
	}
	return given
}

// GaussianNB has a normal distribution for each feature and class.
type GaussianNB struct {
	learn.ClassifierBase
	Priors       []float64 `param:"priors"`
	VarSmoothing float64   `param:"var_smoothing=1e-09"` // of the largest variance, added to all

	Theta      *learn.Matrix `fit:"theta_"` // [classes features], means
	Var        *learn.Matrix `fit:"var_"`
	ClassPrior []float64     `fit:"class_prior_"`
	ClassCount []float64     `fit:"class_count_"`
	Epsilon    float64       `fit:"epsilon_"`
}

// NewGaussianNB returns one with scikit-learn's defaults.
func NewGaussianNB() *GaussianNB { m := &GaussianNB{}; learn.Init(m); return m }

// Fit estimates means and variances.
func (m *GaussianNB) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *GaussianNB) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, y)
	m.Labels(y)
	k := len(m.Classes)
	m.Theta, m.Var = learn.NewMatrix(k, d.Cols), learn.NewMatrix(k, d.Cols)
	m.ClassCount, m.Epsilon = make([]float64, k), 0
	m.update(d, y, learn.Weights(m.Name(), w, d.Rows))
	m.Done()
	return nil
}

// PartialFit learns from one more batch of the classes that the first Fit saw.
func (m *GaussianNB) PartialFit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	if !m.Fitted() {
		return m.Fit(x, y)
	}
	d := m.Ready(x)
	m.update(d, y, learn.Weights(m.Name(), nil, d.Rows))
	return nil
}

func (m *GaussianNB) update(x, y *learn.Matrix, w []float64) {
	largest := 0.0
	for j := range x.Cols {
		c := x.Col(j)
		mean, v := 0.0, 0.0
		for _, a := range c {
			mean += a / float64(len(c))
		}
		for _, a := range c {
			v += (a - mean) * (a - mean) / float64(len(c))
		}
		largest = max(largest, v)
	}
	for i := range m.Var.Data {
		m.Var.Data[i] -= m.Epsilon
	}
	m.Epsilon = m.VarSmoothing * largest
	codes := learn.Codes(m.Classes, y.Data)
	for c := range m.Classes {
		m.merge(x, codes, c, w)
	}
	for i := range m.Var.Data {
		m.Var.Data[i] += m.Epsilon
	}
	m.ClassPrior = priors(&m.Base, m.Priors, len(m.Classes))
	if m.ClassPrior == nil {
		total := 0.0
		for _, n := range m.ClassCount {
			total += n
		}
		m.ClassPrior = make([]float64, len(m.ClassCount))
		for c, n := range m.ClassCount {
			m.ClassPrior[c] = n / total
		}
	}
}

// merge adds the batch's moments of class c to those seen.
func (m *GaussianNB) merge(x *learn.Matrix, codes []int, c int, w []float64) {
	n := 0.0
	for i, code := range codes {
		if code == c {
			n += w[i]
		}
	}
	if n == 0 {
		return
	}
	old := m.ClassCount[c]
	for j := range x.Cols {
		mean, ss := 0.0, 0.0
		for i, code := range codes {
			if code == c {
				mean += w[i] * x.At(i, j) / n
			}
		}
		for i, code := range codes {
			if code == c {
				d := x.At(i, j) - mean
				ss += w[i] * d * d
			}
		}
		d := m.Theta.At(c, j) - mean
		m.Var.Set(c, j, (m.Var.At(c, j)*old+ss+old*n/(old+n)*d*d)/(old+n))
		m.Theta.Set(c, j, (m.Theta.At(c, j)*old+mean*n)/(old+n))
	}
	m.ClassCount[c] += n
}

func (m *GaussianNB) joint(x learn.Data) *learn.Matrix {
	d := m.Ready(x)
	out := learn.NewMatrix(d.Rows, len(m.Classes))
	for c := range m.Classes {
		base := math.Log(m.ClassPrior[c])
		for _, v := range m.Var.Row(c) {
			base -= 0.5 * math.Log(2*math.Pi*v)
		}
		for i := range d.Rows {
			s := base
			mu, v := m.Theta.Row(c), m.Var.Row(c)
			for j, a := range d.Row(i) {
				s -= 0.5 * (a - mu[j]) * (a - mu[j]) / v[j]
			}
			out.Set(i, c, s)
		}
	}
	return out
}

// Predict returns the most probable class.
func (m *GaussianNB) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return predict(&m.ClassifierBase, m.joint(x)), nil
}

// PredictProba returns the probabilities of the classes.
func (m *GaussianNB) PredictProba(x learn.Data) (p *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return proba(m.joint(x)), nil
}
