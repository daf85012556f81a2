// Package discriminant has linear and quadratic discriminant analysis: classes with normal distributions.
//
//	m := discriminant.NewLinearDiscriminantAnalysis()
//	m.Solver, m.Shrinkage = "lsqr", "auto"
//	err := m.Fit(x, y)
//	p, err := m.PredictProba(xTest)
//	q := discriminant.NewQuadraticDiscriminantAnalysis()
//
// Naive Bayes, whose covariances are diagonal, is in learn/bayes.
package discriminant

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/covariance"
)

// LinearDiscriminantAnalysis has one covariance for all classes.
type LinearDiscriminantAnalysis struct {
	learn.ClassifierBase
	Solver          string    `param:"solver=svd"`     // svd, lsqr or eigen
	Shrinkage       any       `param:"shrinkage=None"` // of lsqr and eigen: nil, auto (Ledoit–Wolf) or 0 … 1
	Priors          []float64 `param:"priors"`
	NComponents     any       `param:"n_components=None"` // of Transform
	StoreCovariance bool      `param:"store_covariance=false" fixed:"true"`
	Tol             float64   `param:"tol=0.0001"` // of singular values
	CovEstimator    any       `param:"covariance_estimator=None" fixed:"true"`

	Coef       *learn.Matrix `fit:"coef_"`
	Intercept  []float64     `fit:"intercept_"`
	Means      *learn.Matrix `fit:"means_"`
	Prior      []float64     `fit:"priors_"`
	Covariance *learn.Matrix `fit:"covariance_"`
	Scalings   *learn.Matrix `fit:"scalings_"`
	XBar       []float64     `fit:"xbar_"`
	Ratio      []float64     `fit:"explained_variance_ratio_"`
	components int
}

// NewLinearDiscriminantAnalysis returns one with scikit-learn's defaults.
func NewLinearDiscriminantAnalysis() *LinearDiscriminantAnalysis {
	m := &LinearDiscriminantAnalysis{}
	learn.Init(m)
	return m
}

// priorsOf returns given priors scaled to add up to 1, or the frequencies of classes.
func priorsOf(b *learn.Base, given []float64, codes []int, k int) []float64 {
	p := make([]float64, k)
	if given == nil {
		for _, c := range codes {
			p[c] += 1 / float64(len(codes))
		}
		return p
	}
	if len(given) != k {
		b.Fail("%d priors for %d classes; want one for each", len(given), k)
	}
	sum := 0.0
	for _, v := range given {
		if v < 0 {
			b.Fail("prior %g is negative", v)
		}
		sum += v
	}
	for c, v := range given {
		p[c] = v / sum
	}
	return p
}

// classMeans returns the mean of each class.
func classMeans(x *learn.Matrix, codes []int, k int) *learn.Matrix {
	m, n := learn.NewMatrix(k, x.Cols), make([]float64, k)
	for i, c := range codes {
		n[c]++
		for j, v := range x.Row(i) {
			m.Data[c*x.Cols+j] += v
		}
	}
	for c := range k {
		for j := range x.Cols {
			m.Data[c*x.Cols+j] /= n[c]
		}
	}
	return m
}

// Fit estimates means and covariance.
func (m *LinearDiscriminantAnalysis) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, y)
	codes := m.Labels(y)
	k := len(m.Classes)
	m.OneOf("Solver", m.Solver, "svd", "lsqr", "eigen")
	if d.Rows == k {
		m.Fail("%d rows for %d classes; want more rows than classes", d.Rows, k)
	}
	if k < 2 {
		m.Fail("y has one class, %v; want at least 2", m.Classes)
	}
	most := min(k-1, d.Cols)
	m.components = most
	if n, ok := learn.OptInt(m.NComponents); ok {
		if n > most || n < 1 {
			m.Fail("NComponents is %d; want 1 … %d", n, most)
		}
		m.components = n
	}
	m.Prior = priorsOf(&m.Base, m.Priors, codes, k)
	m.Means = classMeans(d, codes, k)
	m.XBar = make([]float64, d.Cols)
	for c, p := range m.Prior {
		for j, v := range m.Means.Row(c) {
			m.XBar[j] += p * v
		}
	}
	switch m.Solver {
	case "svd":
		if m.Shrinkage != nil {
			m.Fail("Shrinkage needs the solver lsqr or eigen")
		}
		m.svd(d, codes)
	case "lsqr":
		m.lsqr(d, codes)
	default:
		m.eigen(d, codes)
	}
	if k == 2 {
		row := learn.NewMatrix(1, d.Cols)
		for j := range row.Data {
			row.Data[j] = m.Coef.At(1, j) - m.Coef.At(0, j)
		}
		m.Coef, m.Intercept = row, []float64{m.Intercept[1] - m.Intercept[0]}
	}
	m.Done()
	return nil
}

// within returns the mean of the classes' covariances weighted by the priors.
func (m *LinearDiscriminantAnalysis) within(x *learn.Matrix, codes []int) *learn.Matrix {
	s := learn.NewMatrix(x.Cols, x.Cols)
	for c, p := range m.Prior {
		var rows []int
		for i, code := range codes {
			if code == c {
				rows = append(rows, i)
			}
		}
		cov := covariance.Shrunk(x.Take(rows), m.Shrinkage)
		for i, v := range cov.Data {
			s.Data[i] += p * v
		}
	}
	return s
}

func svd(x *learn.Matrix) (u *learn.Matrix, s []float64, v *learn.Matrix) {
	u, s, vt := learn.SVD(x)
	return u, s, vt.T()
}

func rank(s []float64, tol float64) int {
	n := 0
	for _, v := range s {
		if v > tol {
			n++
		}
	}
	return n
}

func (m *LinearDiscriminantAnalysis) svd(x *learn.Matrix, codes []int) {
	n, k, p := float64(x.Rows), len(m.Classes), x.Cols
	xc := learn.NewMatrix(x.Rows, p)
	std := make([]float64, p)
	for i, c := range codes {
		for j, v := range x.Row(i) {
			xc.Set(i, j, v-m.Means.At(c, j))
		}
	}
	for j := range p {
		mean, ss := 0.0, 0.0
		for i := range x.Rows {
			mean += xc.At(i, j) / n
		}
		for i := range x.Rows {
			ss += (xc.At(i, j) - mean) * (xc.At(i, j) - mean) / n
		}
		if std[j] = math.Sqrt(ss); std[j] == 0 {
			std[j] = 1
		}
	}
	f := math.Sqrt(1 / n)
	for i := range x.Rows {
		row := xc.Row(i)
		for j := range row {
			row[j] *= f / std[j]
		}
	}
	_, s, v := svd(xc)
	r := rank(s, m.Tol)
	if r == 0 {
		m.Fail("no feature varies within the classes; want rows that differ")
	}
	scalings := learn.NewMatrix(p, r)
	for j := range p {
		for c := range r {
			scalings.Set(j, c, v.At(j, c)/std[j]/s[c])
		}
	}
	fac := 1.0
	if k > 1 {
		fac = 1 / float64(k-1)
	}
	between := learn.NewMatrix(k, p)
	for c := range k {
		for j := range p {
			between.Set(c, j, math.Sqrt(n*m.Prior[c]*fac)*(m.Means.At(c, j)-m.XBar[j]))
		}
	}
	_, s2, v2 := svd(learn.Mul(between, scalings))
	total := 0.0
	for _, e := range s2 {
		total += e * e
	}
	m.Ratio = nil
	for _, e := range s2[:min(m.components, len(s2))] {
		m.Ratio = append(m.Ratio, e*e/total)
	}
	r2 := 0
	for _, e := range s2 {
		if e > m.Tol*s2[0] {
			r2++
		}
	}
	index := make([]int, r2)
	for i := range index {
		index[i] = i
	}
	if r2 == 0 {
		m.Fail("the means of the classes are equal; nothing separates them")
	}
	m.Scalings = learn.Mul(scalings, v2.TakeCols(index))
	m.fromScalings()
}

// fromScalings computes the discriminant functions in the space of Scalings, centred on XBar.
func (m *LinearDiscriminantAnalysis) fromScalings() {
	k, p := len(m.Classes), m.Means.Cols
	centred := m.Means.Clone()
	for c := range k {
		for j := range p {
			centred.Data[c*p+j] -= m.XBar[j]
		}
	}
	coef := learn.Mul(centred, m.Scalings)
	m.Intercept = make([]float64, k)
	for c := range k {
		s := 0.0
		for _, v := range coef.Row(c) {
			s += v * v
		}
		m.Intercept[c] = -0.5*s + math.Log(m.Prior[c])
	}
	m.Coef = learn.MulT(coef, m.Scalings)
	for c := range k {
		for j, v := range m.Coef.Row(c) {
			m.Intercept[c] -= v * m.XBar[j]
		}
	}
}

func (m *LinearDiscriminantAnalysis) fromMeans() {
	m.Intercept = make([]float64, m.Means.Rows)
	for c := range m.Means.Rows {
		s := 0.0
		for j, v := range m.Coef.Row(c) {
			s += v * m.Means.At(c, j)
		}
		m.Intercept[c] = -0.5*s + math.Log(m.Prior[c])
	}
}

func (m *LinearDiscriminantAnalysis) lsqr(x *learn.Matrix, codes []int) {
	m.Covariance = m.within(x, codes)
	u, s, v := svd(m.Covariance)
	b := learn.TMul(u, m.Means.T())
	for i, e := range s {
		for j := range b.Row(i) {
			if e > 2.22e-16*float64(x.Cols)*s[0] {
				b.Row(i)[j] /= e
			} else {
				b.Row(i)[j] = 0
			}
		}
	}
	m.Coef = learn.Mul(v, b).T()
	m.fromMeans()
}

func (m *LinearDiscriminantAnalysis) eigen(x *learn.Matrix, codes []int) {
	m.Covariance = m.within(x, codes)
	p := x.Cols
	total := covariance.Shrunk(x, m.Shrinkage)
	between := learn.NewMatrix(p, p)
	for i := range between.Data {
		between.Data[i] = total.Data[i] - m.Covariance.Data[i]
	}
	var ch mat.Cholesky
	if !ch.Factorize(mat.NewSymDense(p, m.Covariance.Clone().Data)) {
		m.Fail("covariance within classes is singular; set Shrinkage or use the solver svd")
	}
	var l mat.TriDense
	ch.LTo(&l)
	// l⁻¹·between·l⁻ᵀ has the generalized eigenvalues.
	var half, inner mat.Dense
	learn.Must(half.Solve(&l, between.Mat()))
	learn.Must(inner.Solve(&l, half.T()))
	sym := mat.NewSymDense(p, nil)
	for i := range p {
		for j := i; j < p; j++ {
			sym.SetSym(i, j, (inner.At(i, j)+inner.At(j, i))/2)
		}
	}
	var e mat.EigenSym
	if !e.Factorize(sym, true) {
		m.Fail("eigenvalues do not converge")
	}
	var vec, back mat.Dense
	e.VectorsTo(&vec)
	learn.Must(back.Solve(l.T(), &vec))
	values := e.Values(nil)
	order := make([]int, p)
	sum := 0.0
	for i := range order {
		order[i] = p - 1 - i
		sum += values[i]
	}
	m.Ratio = nil
	for _, o := range order[:m.components] {
		m.Ratio = append(m.Ratio, values[o]/sum)
	}
	m.Scalings = learn.FromMat(&back).TakeCols(order)
	m.Coef = learn.MulT(learn.Mul(m.Means, m.Scalings), m.Scalings)
	m.fromMeans()
}

// DecisionFunction returns X·Coefᵀ + Intercept: one column for two classes.
func (m *LinearDiscriminantAnalysis) DecisionFunction(x learn.Data) (d *learn.Matrix, err error) {
	defer learn.Catch(&err)
	d = learn.MulT(m.Ready(x), m.Coef)
	for i := range d.Rows {
		for c := range d.Row(i) {
			d.Row(i)[c] += m.Intercept[c]
		}
	}
	return d, nil
}

// Predict returns the most probable class.
func (m *LinearDiscriminantAnalysis) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	p, err := m.PredictProba(x)
	if err != nil {
		return nil, err
	}
	return m.ArgMaxRows(p), nil
}

// PredictProba returns the probabilities of the classes.
func (m *LinearDiscriminantAnalysis) PredictProba(x learn.Data) (p *learn.Matrix, err error) {
	defer learn.Catch(&err)
	d, err := m.DecisionFunction(x)
	if err != nil {
		return nil, err
	}
	if d.Cols == 1 {
		p = learn.NewMatrix(d.Rows, 2)
		for i, v := range d.Data {
			p.Data[2*i], p.Data[2*i+1] = 1/(1+math.Exp(v)), 1/(1+math.Exp(-v))
		}
		return p, nil
	}
	return softmax(d), nil
}

func softmax(d *learn.Matrix) *learn.Matrix {
	for i := range d.Rows {
		row := d.Row(i)
		top, sum := row[learn.ArgMax(row)], 0.0
		for c, v := range row {
			row[c] = math.Exp(v - top)
			sum += row[c]
		}
		for c := range row {
			row[c] /= sum
		}
	}
	return d
}

// Transform projects on the directions that separate the classes best.
func (m *LinearDiscriminantAnalysis) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	q := m.Ready(x)
	if m.Solver == "lsqr" {
		m.Fail("the solver lsqr cannot transform; use svd or eigen")
	}
	if m.Solver == "svd" {
		q = q.Clone()
		for i := range q.Rows {
			for j := range q.Row(i) {
				q.Row(i)[j] -= m.XBar[j]
			}
		}
	}
	index := make([]int, min(m.components, m.Scalings.Cols))
	for i := range index {
		index[i] = i
	}
	return learn.Mul(q, m.Scalings.TakeCols(index)), nil
}

// QuadraticDiscriminantAnalysis has a covariance for each class.
type QuadraticDiscriminantAnalysis struct {
	learn.ClassifierBase
	Solver          string    `param:"solver=svd"` // svd or eigen
	Shrinkage       any       `param:"shrinkage=None"`
	Priors          []float64 `param:"priors"`
	RegParam        float64   `param:"reg_param=0.0"` // (1−r)·Σ + r·I
	StoreCovariance bool      `param:"store_covariance=false" fixed:"true"`
	Tol             float64   `param:"tol=0.0001"`
	CovEstimator    any       `param:"covariance_estimator=None" fixed:"true"`

	Means      *learn.Matrix   `fit:"means_"`
	Prior      []float64       `fit:"priors_"`
	Covariance []*learn.Matrix `fit:"covariance_"`
	Rotations  []*learn.Matrix `fit:"rotations_"`
	Scalings   [][]float64     `fit:"scalings_"`
}

// NewQuadraticDiscriminantAnalysis returns one with scikit-learn's defaults.
func NewQuadraticDiscriminantAnalysis() *QuadraticDiscriminantAnalysis {
	m := &QuadraticDiscriminantAnalysis{}
	learn.Init(m)
	return m
}

// Fit estimates means and covariances.
func (m *QuadraticDiscriminantAnalysis) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, y)
	codes := m.Labels(y)
	k := len(m.Classes)
	if k < 2 {
		m.Fail("y has one class, %v; want at least 2", m.Classes)
	}
	m.OneOf("Solver", m.Solver, "svd", "eigen")
	m.Prior = priorsOf(&m.Base, m.Priors, codes, k)
	m.Means = classMeans(d, codes, k)
	m.Rotations, m.Scalings, m.Covariance = nil, nil, nil
	for c := range k {
		var rows []int
		for i, code := range codes {
			if code == c {
				rows = append(rows, i)
			}
		}
		if len(rows) < 2 {
			m.Fail("class %g has one row; want at least 2", m.Classes[c])
		}
		part := d.Take(rows)
		for i := range part.Rows {
			for j := range part.Row(i) {
				part.Row(i)[j] -= m.Means.At(c, j)
			}
		}
		var scaling []float64
		var rotation *learn.Matrix
		if m.Solver == "eigen" {
			cov := covariance.Shrunk(d.Take(rows), m.Shrinkage)
			_, s, v := svd(cov)
			scaling, rotation = s, v
		} else {
			_, s, v := svd(part)
			for _, e := range s {
				scaling = append(scaling, e*e/float64(part.Rows))
			}
			rotation = v
		}
		for i := range scaling {
			scaling[i] = (1-m.RegParam)*scaling[i] + m.RegParam
		}
		if m.Solver == "svd" && rank(scaling, m.Tol) < d.Cols {
			m.Fail("covariance of class %g is singular; raise RegParam", m.Classes[c])
		}
		m.Scalings, m.Rotations = append(m.Scalings, scaling), append(m.Rotations, rotation)
	}
	m.Done()
	return nil
}

func (m *QuadraticDiscriminantAnalysis) scores(x learn.Data) *learn.Matrix {
	d := m.Ready(x)
	out := learn.NewMatrix(d.Rows, len(m.Classes))
	for c := range m.Classes {
		logdet := 0.0
		for _, s := range m.Scalings[c] {
			logdet += math.Log(s)
		}
		z := d.Clone()
		for i := range z.Rows {
			for j := range z.Row(i) {
				z.Row(i)[j] -= m.Means.At(c, j)
			}
		}
		z = learn.Mul(z, m.Rotations[c])
		for i := range z.Rows {
			s := 0.0
			for j, v := range z.Row(i) {
				s += v * v / m.Scalings[c][j]
			}
			out.Set(i, c, -0.5*(s+logdet)+math.Log(m.Prior[c]))
		}
	}
	return out
}

// DecisionFunction returns log posteriors, or for two classes their difference.
func (m *QuadraticDiscriminantAnalysis) DecisionFunction(x learn.Data) (d *learn.Matrix, err error) {
	defer learn.Catch(&err)
	s := m.scores(x)
	if s.Cols != 2 {
		return s, nil
	}
	d = learn.NewMatrix(s.Rows, 1)
	for i := range d.Data {
		d.Data[i] = s.At(i, 1) - s.At(i, 0)
	}
	return d, nil
}

// Predict returns the most probable class.
func (m *QuadraticDiscriminantAnalysis) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return m.ArgMaxRows(m.scores(x)), nil
}

// PredictProba returns the probabilities of the classes.
func (m *QuadraticDiscriminantAnalysis) PredictProba(x learn.Data) (p *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return softmax(m.scores(x)), nil
}
