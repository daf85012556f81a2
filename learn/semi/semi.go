// Package semi learns from rows of which only some have labels; the label −1 means none.
//
//	m := semi.NewLabelSpreading()
//	err := m.Fit(x, y) // y has −1 where it is unknown
//	fmt.Println(m.Transduction)
//	s := semi.NewSelfTrainingClassifier()
//
// It does not ask for labels (active learning).
package semi

import (
	"math"
	"sort"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/metric"
	"github.com/lathe-ml/lathe/learn/neighbors"
)

// Graph are the options and results of label propagation and spreading.
type Graph struct {
	learn.ClassifierBase
	Kernel     string  `param:"kernel=rbf"` // or knn
	Gamma      float64 `param:"gamma=20"`
	NNeighbors int     `param:"n_neighbors=7"`
	Tol        float64 `param:"tol=0.001"`

	X             *learn.Matrix `fit:"X_"`
	Distributions *learn.Matrix `fit:"label_distributions_"` // of classes, for each row of Fit
	Transduction  []float64     `fit:"transduction_"`        // the label of each row of Fit
	NIter         int           `fit:"n_iter_"`
}

// weights returns the similarity of rows of q to the rows of Fit.
func (g *Graph) weights(q *learn.Matrix) *learn.Matrix {
	if g.Kernel == "rbf" {
		return metric.Kernel(q, g.X, "rbf", metric.KernelOptions{Gamma: g.Gamma})
	}
	s := neighbors.NewNearestNeighbors()
	s.NNeighbors = g.NNeighbors
	learn.Must(s.Fit(g.X, nil))
	_, rows, err := s.Kneighbors(q, 0)
	learn.Must(err)
	w := learn.NewMatrix(q.Rows, g.X.Rows)
	for i, list := range rows {
		for _, j := range list {
			w.Set(i, j, 1)
		}
	}
	return w
}

func (g *Graph) begin(x learn.Data, y *learn.Matrix) (codes []int) {
	g.OneOf("Kernel", g.Kernel, "rbf", "knn")
	g.X = g.Begin(x, y).Clone()
	t := learn.Target(g.Name(), y)
	var known []float64
	for _, v := range t {
		if v != -1 {
			known = append(known, v)
		}
	}
	if len(known) == 0 {
		g.Fail("no row has a label; want at least one that is not −1")
	}
	g.Classes = learn.Distinct(known)
	codes = make([]int, len(t))
	for i, v := range t {
		if codes[i] = -1; v != -1 {
			codes[i] = sort.SearchFloat64s(g.Classes, v)
		}
	}
	return codes
}

// spread iterates f ← step(w·f) until it rests; fix restores what is known.
func (g *Graph) spread(w *learn.Matrix, codes []int, maxIter int, fix func(f *learn.Matrix)) {
	f := learn.NewMatrix(g.X.Rows, len(g.Classes))
	for i, c := range codes {
		if c >= 0 {
			f.Set(i, c, 1)
		}
	}
	before := learn.NewMatrix(f.Rows, f.Cols)
	for g.NIter = 0; g.NIter < maxIter; g.NIter++ {
		g.Poll()
		change := 0.0
		for i, v := range f.Data {
			change += math.Abs(v - before.Data[i])
		}
		if change < g.Tol {
			break
		}
		before = f
		f = learn.Mul(w, f)
		fix(f)
	}
	g.Transduction = make([]float64, f.Rows)
	for i := range f.Rows {
		normalize(f.Row(i))
		g.Transduction[i] = g.Classes[learn.ArgMax(f.Row(i))]
	}
	g.Distributions = f
}

func normalize(v []float64) {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	if sum == 0 {
		return
	}
	for i := range v {
		v[i] /= sum
	}
}

// PredictProba returns the classes of the rows of Fit, weighted by similarity.
func (g *Graph) PredictProba(x learn.Data) (p *learn.Matrix, err error) {
	defer learn.Catch(&err)
	p = learn.Mul(g.weights(g.Ready(x)), g.Distributions)
	for i := range p.Rows {
		normalize(p.Row(i))
	}
	return p, nil
}

// Predict returns the most probable class.
func (g *Graph) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	p, err := g.PredictProba(x)
	learn.Must(err)
	return g.ArgMaxRows(p), nil
}

// LabelPropagation keeps known labels and lets the others follow their neighbours (Zhu and Ghahramani 2002).
type LabelPropagation struct {
	Graph
	MaxIter int `param:"max_iter=1000"`
}

// NewLabelPropagation returns one with scikit-learn's defaults.
func NewLabelPropagation() *LabelPropagation { m := &LabelPropagation{}; learn.Init(m); return m }

// Fit labels the rows.
func (m *LabelPropagation) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	codes := m.begin(x, y)
	w := m.weights(m.X)
	if m.Kernel == "rbf" {
		for i := range w.Rows {
			normalize(w.Row(i))
		}
	} else {
		for i := range w.Data {
			w.Data[i] /= float64(m.NNeighbors)
		}
	}
	m.spread(w, codes, m.MaxIter, func(f *learn.Matrix) {
		for i, c := range codes {
			normalize(f.Row(i))
			if c >= 0 {
				clear(f.Row(i))
				f.Set(i, c, 1)
			}
		}
	})
	m.Done()
	return nil
}

// LabelSpreading lets known labels give way a little (Zhou et al. 2004).
type LabelSpreading struct {
	Graph
	Alpha   float64 `param:"alpha=0.2"` // share of a label that comes from the neighbours
	MaxIter int     `param:"max_iter=30"`
}

// NewLabelSpreading returns one with scikit-learn's defaults.
func NewLabelSpreading() *LabelSpreading { m := &LabelSpreading{}; learn.Init(m); return m }

// Fit labels the rows.
func (m *LabelSpreading) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	if m.Alpha <= 0 || m.Alpha >= 1 {
		m.Fail("Alpha is %g; want 0 < Alpha < 1", m.Alpha)
	}
	codes := m.begin(x, y)
	m.spread(minusLaplacian(m.weights(m.X)), codes, m.MaxIter, func(f *learn.Matrix) {
		for i, c := range codes {
			for k := range f.Row(i) {
				f.Row(i)[k] *= m.Alpha
			}
			if c >= 0 {
				f.Row(i)[c] += 1 - m.Alpha
			}
		}
	})
	m.Done()
	return nil
}

// minusLaplacian returns D^(−1/2)·W·D^(−1/2) with zeros on the diagonal, D the sums of columns of W without
// its diagonal.
func minusLaplacian(w *learn.Matrix) *learn.Matrix {
	n := w.Rows
	root := make([]float64, n)
	for i := range n {
		w.Set(i, i, 0)
	}
	for i := range n {
		for j, v := range w.Row(i) {
			root[j] += v
		}
	}
	for j, v := range root {
		if root[j] = 1; v > 0 {
			root[j] = math.Sqrt(v)
		}
	}
	for i := range n {
		for j := range n {
			w.Data[i*n+j] /= root[i] * root[j]
		}
	}
	return w
}

// SelfTrainingClassifier gives labels to the rows of which its estimator is sure, and fits again.
type SelfTrainingClassifier struct {
	learn.ClassifierBase
	Estimator learn.Estimator `param:"estimator"`
	Threshold float64         `param:"threshold=0.75"`
	Criterion string          `param:"criterion=threshold"` // or k_best: the KBest surest rows
	KBest     int             `param:"k_best=10"`
	MaxIter   any             `param:"max_iter=10"` // nil: no limit

	Final        learn.Estimator `fit:"estimator_"`
	Transduction []float64       `fit:"transduction_"`
	LabeledIter  []int           `fit:"labeled_iter_"` // round in which each row got its label; 0: given, −1: none
	NIter        int             `fit:"n_iter_"`
	Termination  string          `fit:"termination_condition_"`
}

// NewSelfTrainingClassifier returns one with scikit-learn's defaults.
func NewSelfTrainingClassifier() *SelfTrainingClassifier {
	m := &SelfTrainingClassifier{}
	learn.Init(m)
	return m
}

// Fit fits until no row gets a label.
func (m *SelfTrainingClassifier) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	rows, cols := x.Dims()
	m.BeginSize(rows, cols, y)
	m.OneOf("Criterion", m.Criterion, "threshold", "k_best")
	if m.Estimator == nil {
		m.Fail("Estimator is nil; want a classifier with probabilities")
	}
	m.Transduction = append([]float64(nil), learn.Target(m.Name(), y)...)
	m.LabeledIter = make([]int, rows)
	for i, v := range m.Transduction {
		if v == -1 {
			m.LabeledIter[i] = -1
		}
	}
	limit, limited := learn.OptInt(m.MaxIter)
	m.NIter, m.Termination = 0, ""
	for !limited || m.NIter < limit {
		m.NIter++
		if !m.round(x) {
			break
		}
	}
	if m.Termination == "" {
		m.Termination = "max_iter"
	}
	m.fitKnown(x)
	m.Classes, _ = learn.Attributes(m.Final)["classes_"].([]float64)
	m.Done()
	return nil
}

// fitKnown fits on the rows that have labels.
func (m *SelfTrainingClassifier) fitKnown(x learn.Data) {
	var known []int
	for i, v := range m.LabeledIter {
		if v >= 0 {
			known = append(known, i)
		}
	}
	if len(known) == 0 {
		m.Fail("no row has a label; want at least one that is not −1")
	}
	m.Final = learn.Clone(m.Estimator)
	learn.Must(m.Final.Fit(learn.TakeRows(x, known), learn.Column(learn.TakeFloats(m.Transduction, known))))
}

// round gives labels; it reports whether another round is worth it.
func (m *SelfTrainingClassifier) round(x learn.Data) bool {
	m.fitKnown(x)
	var open []int
	for i, v := range m.LabeledIter {
		if v < 0 {
			open = append(open, i)
		}
	}
	if len(open) == 0 {
		m.Termination = "all_labeled"
		m.NIter--
		return false
	}
	e, ok := m.Final.(learn.Prober)
	if !ok {
		m.Fail("%s has no probabilities", m.Final.Core().Name())
	}
	p, err := e.PredictProba(learn.TakeRows(x, open))
	learn.Must(err)
	classes, _ := learn.Attributes(m.Final)["classes_"].([]float64)
	order := make([]int, len(open))
	top := make([]float64, len(open))
	for k := range open {
		order[k], top[k] = k, p.At(k, learn.ArgMax(p.Row(k)))
	}
	if m.Criterion == "k_best" {
		sort.SliceStable(order, func(a, b int) bool { return top[order[a]] > top[order[b]] })
		order = order[:min(m.KBest, len(order))]
	}
	found := false
	for _, k := range order {
		if m.Criterion == "k_best" || top[k] > m.Threshold {
			m.Transduction[open[k]] = classes[learn.ArgMax(p.Row(k))]
			m.LabeledIter[open[k]], found = m.NIter, true
		}
	}
	if !found {
		m.Termination = "no_change"
	}
	return found
}

// Predict returns the estimator's predictions.
func (m *SelfTrainingClassifier) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	return m.Final.(learn.Predictor).Predict(x)
}

// PredictProba returns the estimator's probabilities.
func (m *SelfTrainingClassifier) PredictProba(x learn.Data) (p *learn.Matrix, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	return m.Final.(learn.Prober).PredictProba(x)
}
