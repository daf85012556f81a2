package svm

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
)

// Kernel are the options of all machines with kernels.
type Kernel struct {
	Kernel    string  `param:"kernel=rbf"` // linear, poly, rbf, sigmoid or precomputed
	Degree    int     `param:"degree=3"`
	Gamma     any     `param:"gamma=scale"` // scale (1/(features·variance)), auto (1/features), or a number
	Coef0     float64 `param:"coef0=0.0"`
	Shrinking bool    `param:"shrinking=true"` // of libsvm's speed; without effect here
	Tol       float64 `param:"tol=0.001"`
	CacheSize float64 `param:"cache_size=200"`
	MaxIter   int     `param:"max_iter=-1"` // -1: no limit
}

// width returns gamma for the data.
func (k *Kernel) width(b *learn.Base, x *learn.Matrix) float64 {
	b.OneOf("Kernel", k.Kernel, "linear", "poly", "rbf", "sigmoid", "precomputed")
	if g, ok := learn.OptFloat(k.Gamma); ok && g >= 0 {
		return g
	}
	switch k.Gamma {
	case "auto":
		return 1 / float64(x.Cols)
	case "scale":
		mean, v := 0.0, 0.0
		for _, a := range x.Data {
			mean += a / float64(len(x.Data))
		}
		for _, a := range x.Data {
			v += (a - mean) * (a - mean) / float64(len(x.Data))
		}
		if v == 0 {
			return 1
		}
		return 1 / (float64(x.Cols) * v)
	}
	b.Fail("Gamma is %v; want scale, auto or a number of 0 or more", k.Gamma)
	return 0
}

// Machine is what machines with kernels learn.
type Machine struct {
	Support        []int         `fit:"support_"` // rows of Fit
	SupportVectors *learn.Matrix `fit:"support_vectors_"`
	DualCoef       *learn.Matrix `fit:"dual_coef_"`
	Intercept      []float64     `fit:"intercept_"`
	GammaUsed      float64
	Iterations     []int `fit:"n_iter_"`
}

// kernelWith returns the kernel of rows with the support vectors.
func (m *Machine) kernelWith(x *learn.Matrix, k *Kernel) *learn.Matrix {
	if k.Kernel == "precomputed" {
		return x.TakeCols(m.Support)
	}
	p := learn.MulT(x, m.SupportVectors)
	g := newGram(m.SupportVectors, k, m.GammaUsed)
	for i := range p.Rows {
		row := p.Row(i)
		n := dot(x.Row(i), x.Row(i))
		for j := range row {
			row[j] = g.value(row[j], n, g.norm[j])
		}
	}
	return p
}

// voter is what SVC and NuSVC have in common: a machine for each pair of classes.
type voter struct {
	learn.ClassifierBase
	Machine
	Kernel
	Probability   bool   `param:"probability=false" fixed:"true"`
	ClassWeight   any    `param:"class_weight=None"`
	DecisionShape string `param:"decision_function_shape=ovr"` // or ovo
	BreakTies     bool   `param:"break_ties=false"`
	RandomState   int64  `param:"random_state=0"`

	NSupport []int `fit:"n_support_"` // of each class

	pairs []pairing
}

// pairing is the machine of classes a and b: coefficients by position in Support, and the offset.
type pairing struct {
	A, B int
	Coef map[int]float64 // by row of Fit
	Rho  float64
}

// trainer solves the problem of some rows: y is 1 for the first class and -1 for the second.
type trainer func(g *gram, y, w []float64) (alpha []float64, rho float64, iter int)

func (m *voter) fit(x learn.Data, y *learn.Matrix, w []float64, train trainer) {
	d := m.MustSquare(m.Begin(x, y))
	codes := m.Labels(y)
	k := len(m.Classes)
	if k < 2 {
		m.Fail("y has one class, %v; want at least 2", m.Classes)
	}
	m.OneOf("DecisionShape", m.DecisionShape, "ovr", "ovo")
	w = append([]float64(nil), learn.Weights(m.Name(), w, d.Rows)...)
	m.weigh(codes, w)
	m.GammaUsed = m.width(&m.Base, d)
	m.pairs, m.Iterations = nil, nil
	used := make([]bool, d.Rows)
	for a := range k {
		for b := a + 1; b < k; b++ {
			var rows []int
			for _, c := range []int{a, b} {
				for i, code := range codes {
					if code == c && w[i] > 0 {
						rows = append(rows, i)
					}
				}
			}
			p := m.pair(d, codes, w, rows, a, b, train)
			for i := range p.Coef {
				used[i] = true
			}
			m.pairs = append(m.pairs, p)
		}
	}
	m.collect(d, codes, used)
	m.Done()
}

// weigh multiplies by the weights of classes.
func (m *voter) weigh(codes []int, w []float64) {
	factor := make([]float64, len(m.Classes))
	switch o := m.ClassWeight.(type) {
	case nil:
		return
	case string:
		for i, c := range codes {
			_ = i
			factor[c]++
		}
		for c, n := range factor {
			factor[c] = float64(len(codes)) / (float64(len(factor)) * n)
		}
	case map[float64]float64:
		for c, l := range m.Classes {
			factor[c] = 1
			if v, ok := o[l]; ok {
				factor[c] = v
			}
		}
	default:
		m.Fail("ClassWeight is %T; want nil, balanced, or a map[float64]float64", o)
	}
	for i, c := range codes {
		w[i] *= factor[c]
	}
}

func (m *voter) pair(d *learn.Matrix, codes []int, w []float64, rows []int, a, b int, train trainer) pairing {
	x := d.Take(rows)
	if m.Kernel.Kernel == "precomputed" {
		x = x.TakeCols(rows)
	}
	y, pw := make([]float64, len(rows)), make([]float64, len(rows))
	for q, i := range rows {
		y[q], pw[q] = 1, w[i]
		if codes[i] == b {
			y[q] = -1
		}
	}
	alpha, rho, iter := train(newGram(x, &m.Kernel, m.GammaUsed), y, pw)
	m.Iterations = append(m.Iterations, iter)
	p := pairing{A: a, B: b, Coef: map[int]float64{}, Rho: rho}
	for q, v := range alpha {
		if v > 0 {
			p.Coef[rows[q]] = v * y[q]
		}
	}
	return p
}

// collect orders the support vectors by class and fills in the attributes.
func (m *voter) collect(d *learn.Matrix, codes []int, used []bool) {
	k := len(m.Classes)
	m.Support, m.NSupport = nil, make([]int, k)
	for c := range k {
		for i, u := range used {
			if u && codes[i] == c {
				m.Support = append(m.Support, i)
				m.NSupport[c]++
			}
		}
	}
	m.SupportVectors = d.Take(m.Support)
	m.DualCoef = learn.NewMatrix(max(k-1, 1), len(m.Support))
	m.Intercept = nil
	sign := 1.0
	if k == 2 {
		sign = -1
	}
	for _, p := range m.pairs {
		m.Intercept = append(m.Intercept, -sign*p.Rho)
		for q, i := range m.Support {
			v, ok := p.Coef[i]
			if !ok {
				continue
			}
			row := p.A // rows of class b hold their machine against a at row a
			if codes[i] == p.A {
				row = p.B - 1
			}
			m.DualCoef.Set(row, q, sign*v)
		}
	}
}

// raw returns the values of all pairs; positive means the first class.
func (m *voter) raw(x *learn.Matrix) *learn.Matrix {
	kern := m.kernelWith(x, &m.Kernel)
	coef := learn.NewMatrix(len(m.pairs), len(m.Support))
	for r, p := range m.pairs {
		for q, i := range m.Support {
			coef.Set(r, q, p.Coef[i])
		}
	}
	out := learn.MulT(kern, coef)
	for i := range out.Rows {
		for r, p := range m.pairs {
			out.Row(i)[r] -= p.Rho
		}
	}
	return out
}

// Pairs are the machines of all pairs of classes over one list of support vectors.
type Pairs struct {
	Classes [][2]int      // numbers of the first and the second class of each pair
	Weights *learn.Matrix // [support vectors, pairs]; a positive sum means the first class
	Bias    []float64     // of each pair
}

// Pairwise returns the machines of all pairs of classes.
func (m *voter) Pairwise() Pairs {
	m.MustFitted()
	p := Pairs{Weights: learn.NewMatrix(len(m.Support), len(m.pairs))}
	for r, q := range m.pairs {
		p.Classes = append(p.Classes, [2]int{q.A, q.B})
		p.Bias = append(p.Bias, -q.Rho)
		for i, row := range m.Support {
			p.Weights.Set(i, r, q.Coef[row])
		}
	}
	return p
}

// DecisionFunction returns one column for two classes; else votes of the pairs with their confidences as
// fractions (ovr), or a column for each pair (ovo).
func (m *voter) DecisionFunction(x learn.Data) (d *learn.Matrix, err error) {
	defer learn.Catch(&err)
	raw := m.raw(m.Ready(x))
	if raw.Cols == 1 {
		for i := range raw.Data {
			raw.Data[i] = -raw.Data[i]
		}
		return raw, nil
	}
	if m.DecisionShape == "ovo" {
		return raw, nil
	}
	d = learn.NewMatrix(raw.Rows, len(m.Classes))
	for i := range raw.Rows {
		conf := make([]float64, len(m.Classes))
		row := d.Row(i)
		for r, p := range m.pairs {
			v := -raw.At(i, r)
			conf[p.A] -= v
			conf[p.B] += v
			if raw.At(i, r) < 0 {
				row[p.B]++
			} else {
				row[p.A]++
			}
		}
		for c, s := range conf {
			row[c] += s / (3 * (math.Abs(s) + 1))
		}
	}
	return d, nil
}

// Predict returns the class with most votes of the pairs; the smallest of equals unless BreakTies.
func (m *voter) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	q := m.Ready(x)
	if m.BreakTies && len(m.Classes) > 2 {
		d, err := m.DecisionFunction(q)
		if err != nil {
			return nil, err
		}
		return m.ArgMaxRows(d), nil
	}
	raw := m.raw(q)
	codes := make([]int, raw.Rows)
	for i := range codes {
		votes := make([]float64, len(m.Classes))
		for r, p := range m.pairs {
			if raw.At(i, r) > 0 {
				votes[p.A]++
			} else {
				votes[p.B]++
			}
		}
		codes[i] = learn.ArgMax(votes)
	}
	return m.Decode(codes), nil
}

// SVC separates classes with the widest margin; C is the price of rows within it.
type SVC struct {
	voter
	C float64 `param:"C=1.0"`
}

// NewSVC returns one with scikit-learn's defaults.
func NewSVC() *SVC { m := &SVC{}; learn.Init(m); return m }

// Fit solves a problem for each pair of classes.
func (m *SVC) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row, which scales its C.
func (m *SVC) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	if !(m.C > 0) {
		m.Fail("C is %g; want a number above 0", m.C)
	}
	m.fit(x, y, w, func(g *gram, y, w []float64) ([]float64, float64, int) {
		n := len(y)
		d := &dual{
			g: g, y: y, p: make([]float64, n), c: make([]float64, n), alpha: make([]float64, n), tol: m.Tol,
			maxIter: m.MaxIter, poll: m.Poll,
		}
		for i := range n {
			d.p[i], d.c[i] = -1, m.C*w[i]
		}
		d.solve()
		return d.alpha, d.rho, d.iter
	})
	return nil
}

// NuSVC is SVC with the fraction of support vectors instead of C.
type NuSVC struct {
	voter
	Nu float64 `param:"nu=0.5"`
}

// NewNuSVC returns one with scikit-learn's defaults.
func NewNuSVC() *NuSVC { m := &NuSVC{}; learn.Init(m); return m }

// Fit solves a problem for each pair of classes.
func (m *NuSVC) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *NuSVC) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	if !(m.Nu > 0 && m.Nu <= 1) {
		m.Fail("Nu is %g; want a number in (0, 1]", m.Nu)
	}
	m.fit(x, y, w, func(g *gram, y, w []float64) ([]float64, float64, int) {
		n := len(y)
		d := &dual{
			g: g, y: y, p: make([]float64, n), c: w, alpha: make([]float64, n), nu: true, tol: m.Tol,
			maxIter: m.MaxIter, poll: m.Poll,
		}
		total, pos, neg := 0.0, 0.0, 0.0
		for i, v := range w {
			total += v
			if y[i] > 0 {
				pos += v
			} else {
				neg += v
			}
		}
		each := m.Nu * total / 2
		if each > min(pos, neg)*(1+1e-12) {
			m.Fail("Nu is %g; classes of weights %g and %g allow at most %g", m.Nu, pos, neg,
				2*min(pos, neg)/total)
		}
		left := map[float64]float64{1: each, -1: each}
		for i := range n {
			d.alpha[i] = min(w[i], left[y[i]])
			left[y[i]] -= d.alpha[i]
		}
		d.solve()
		for i := range d.alpha {
			d.alpha[i] /= d.r
		}
		return d.alpha, d.rho / d.r, d.iter
	})
	return nil
}
