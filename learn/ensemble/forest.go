// Package ensemble combines estimators: forests, bagging, boosting, votes and stacks.
//
//	m := ensemble.NewRandomForestClassifier()
//	m.NEstimators = 200
//	err := m.Fit(x, y)
//	p, err := m.PredictProba(xTest)
//	h := ensemble.NewHistGradientBoostingRegressor()
//
// Trees grow on all threads, and the result does not depend on their number. Single trees are in learn/tree.
package ensemble

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
	"github.com/lathe-ml/lathe/learn/tree"
)

// Forest are the options that all forests have.
type Forest struct {
	NEstimators         int     `param:"n_estimators=100"`
	MaxDepth            int     `param:"max_depth=0"`         // 0: no limit
	MinSamplesSplit     any     `param:"min_samples_split=2"` // count (int) or fraction
	MinSamplesLeaf      any     `param:"min_samples_leaf=1"`
	MinWeightFraction   float64 `param:"min_weight_fraction_leaf=0.0"`
	MaxLeafNodes        int     `param:"max_leaf_nodes=0"`
	MinImpurityDecrease float64 `param:"min_impurity_decrease=0.0"`
	OOBScore            bool    `param:"oob_score=false"`
	RandomState         int64   `param:"random_state=0"`
	WarmStart           bool    `param:"warm_start=false"`
	CCPAlpha            float64 `param:"ccp_alpha=0.0" fixed:"true"`
	MaxSamples          any     `param:"max_samples=None"` // rows of a bootstrap: nil (all), count or fraction
	MonotonicCst        []int   `param:"monotonic_cst"`

	Trees              []*tree.Tree `fit:"estimators_"`
	FeatureImportances []float64    `fit:"feature_importances_"`
	OOB                float64      `fit:"oob_score_"`
}

// params checks the options of single trees.
func (f *Forest) params(b *learn.Base, rows, features int, weight float64, maxFeatures any) tree.Params {
	g := tree.Growth{
		MaxDepth: f.MaxDepth, MinSamplesSplit: f.MinSamplesSplit, MinSamplesLeaf: f.MinSamplesLeaf,
		MinWeightFraction: f.MinWeightFraction, MaxFeatures: maxFeatures, MaxLeafNodes: f.MaxLeafNodes,
		MinImpurityDecrease: f.MinImpurityDecrease, MonotonicCst: f.MonotonicCst,
	}
	return g.Params(b, rows, features, weight)
}

// draws returns the rows of a tree's bootstrap.
func draws(seed int64, rows, n int) []int { return random.New(seed).Ints(rows, n) }

// grow makes the trees with one seed each; make grows a tree from weights.
func (f *Forest) grow(b *learn.Base, rows, features int, w []float64, bootstrap bool,
	one func(w []float64, seed int64) *tree.Tree,
) (seeds []int64) {
	if f.NEstimators < 1 {
		b.Fail("NEstimators is %d; want at least 1", f.NEstimators)
	}
	if f.OOBScore && !bootstrap {
		b.Fail("OOBScore needs Bootstrap")
	}
	n := rows
	if f.MaxSamples != nil {
		var ok bool
		if n, ok = sampleCount(f.MaxSamples, rows); !ok {
			b.Fail("MaxSamples is %v; want a count or a fraction", f.MaxSamples)
		}
	}
	r := random.New(f.RandomState)
	var kept []*tree.Tree
	if f.WarmStart {
		kept = f.Trees
	}
	seeds = make([]int64, f.NEstimators)
	for t := range seeds {
		seeds[t] = r.Seed()
	}
	trees := make([]*tree.Tree, f.NEstimators)
	copy(trees, kept)
	engine.Parallel(len(trees), 1, func(lo, hi int) {
		for t := lo; t < hi; t++ {
			if trees[t] != nil {
				continue
			}
			tw := w
			if bootstrap {
				tw = make([]float64, rows)
				for _, i := range draws(seeds[t], rows, n) {
					tw[i] += w[i]
				}
			}
			trees[t] = one(tw, seeds[t])
		}
	})
	f.Trees = trees
	f.FeatureImportances = make([]float64, features)
	sum := 0.0
	for _, t := range trees {
		if len(t.Left) == 1 {
			continue
		}
		for j, v := range t.Importances(features) {
			f.FeatureImportances[j] += v
			sum += v
		}
	}
	for j := range f.FeatureImportances {
		if sum > 0 {
			f.FeatureImportances[j] /= sum
		}
	}
	return seeds
}

// sampleCount reads a count (int) or a fraction of rows.
func sampleCount(v any, rows int) (int, bool) {
	switch v := v.(type) {
	case nil:
		return rows, true
	case int:
		return v, v >= 1
	case float64:
		return max(1, int(math.Round(v*float64(rows)))), v > 0
	}
	return 0, false
}

// mean adds the trees' predictions of rows and divides by their number; unseen restricts to trees that did
// not see a row.
func (f *Forest) mean(x *learn.Matrix, unseen func(t, i int) bool) *learn.Matrix {
	width := f.Trees[0].Width
	out := learn.NewMatrix(x.Rows, width)
	engine.Parallel(x.Rows, 64, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			n, row, dst := 0.0, x.Row(i), out.Row(i)
			for t, tr := range f.Trees {
				if unseen != nil && !unseen(t, i) {
					continue
				}
				n++
				for k, v := range tr.Value(tr.Leaf(row)) {
					dst[k] += v
				}
			}
			for k := range dst {
				dst[k] /= max(n, 1)
			}
		}
	})
	return out
}

// outOfBag returns whether a tree did not draw a row.
func (f *Forest) outOfBag(seeds []int64, rows int) func(t, i int) bool {
	n, _ := sampleCount(f.MaxSamples, rows)
	seen := make([][]bool, len(seeds))
	for t, s := range seeds {
		seen[t] = make([]bool, rows)
		for _, i := range draws(s, rows, n) {
			seen[t][i] = true
		}
	}
	return func(t, i int) bool { return !seen[t][i] }
}

// forestClassifier is what forests of classification trees have in common.
type forestClassifier struct {
	learn.ClassifierBase
	Criterion   string `param:"criterion=gini"` // gini, entropy or log_loss
	ClassWeight any    `param:"class_weight=None"`
	MaxFeatures any    `param:"max_features=sqrt"` // nil (all), sqrt, log2, count or fraction
	Forest

	OutputClasses [][]float64
}

func (m *forestClassifier) fit(x learn.Data, y *learn.Matrix, w []float64, bootstrap, randomCuts bool) {
	d := m.Begin(x, y, learn.AllowNaN)
	if y == nil {
		m.Fail("y is nil; want a label for each row")
	}
	m.OneOf("Criterion", m.Criterion, "gini", "entropy", "log_loss")
	codes, classes := tree.Outputs(y)
	m.OutputClasses, m.Classes = classes, classes[0]
	w = learn.Weights(m.Name(), w, d.Rows)
	perTree := m.ClassWeight == "balanced_subsample"
	if !perTree {
		w = tree.Balance(&m.Base, m.ClassWeight, codes, classes, w)
	}
	k, total := make([]int, len(classes)), 0.0
	for o, c := range classes {
		k[o] = len(c)
	}
	for _, v := range w {
		total += v
	}
	p := m.params(&m.Base, d.Rows, d.Cols, total, m.MaxFeatures)
	p.RandomThresholds = randomCuts
	cols := tree.NewColumns(d)
	seeds := m.grow(&m.Base, d.Rows, d.Cols, w, bootstrap, func(w []float64, seed int64) *tree.Tree {
		q := p
		q.Seed = tree.Seed(seed)
		if perTree {
			w = balanceDrawn(codes, classes, w)
		}
		return tree.GrowClasses(cols, codes, k, w, m.Criterion != "gini", q, nil)
	})
	m.Done()
	if m.OOBScore {
		p := m.mean(d, m.outOfBag(seeds, d.Rows))
		m.OOB = learn.Accuracy(y, m.choose(p), nil)
	}
}

// balanceDrawn balances the classes of the rows that a tree drew.
func balanceDrawn(codes [][]int32, classes [][]float64, w []float64) []float64 {
	out := append([]float64(nil), w...)
	for o, list := range codes {
		count, total := make([]float64, len(classes[o])), 0.0
		for i, c := range list {
			count[c] += w[i]
			total += w[i]
		}
		for i, c := range list {
			if count[c] > 0 {
				out[i] *= total / (float64(len(count)) * count[c])
			}
		}
	}
	return out
}

// PredictProba returns the mean of the trees' probabilities of the first output's classes.
func (m *forestClassifier) PredictProba(x learn.Data) (p *learn.Matrix, err error) {
	defer learn.Catch(&err)
	all := m.mean(m.Ready(x, learn.AllowNaN), nil)
	if all.Cols == len(m.Classes) {
		return all, nil
	}
	p = learn.NewMatrix(all.Rows, len(m.Classes))
	for i := range p.Rows {
		copy(p.Row(i), all.Row(i))
	}
	return p, nil
}

// Predict returns the class with the largest probability.
func (m *forestClassifier) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return m.choose(m.mean(m.Ready(x, learn.AllowNaN), nil)), nil
}

func (m *forestClassifier) choose(p *learn.Matrix) *learn.Matrix {
	y := learn.NewMatrix(p.Rows, len(m.OutputClasses))
	for i := range p.Rows {
		v := p.Row(i)
		for o, c := range m.OutputClasses {
			y.Set(i, o, c[learn.ArgMax(v[:len(c)])])
			v = v[len(c):]
		}
	}
	return y
}

// RandomForestClassifier grows trees on bootstraps with random features at each split.
type RandomForestClassifier struct {
	forestClassifier
	Bootstrap bool `param:"bootstrap=true"`
}

// NewRandomForestClassifier returns one with scikit-learn's defaults.
func NewRandomForestClassifier() *RandomForestClassifier {
	m := &RandomForestClassifier{}
	learn.Init(m)
	return m
}

// Fit grows the trees; y may have several columns.
func (m *RandomForestClassifier) Fit(x learn.Data, y *learn.Matrix) error {
	return m.FitWeighted(x, y, nil)
}

// FitWeighted is Fit with a weight for each row.
func (m *RandomForestClassifier) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	m.fit(x, y, w, m.Bootstrap, false)
	return nil
}

// ExtraTreesClassifier grows trees with random features and thresholds.
type ExtraTreesClassifier struct {
	forestClassifier
	Bootstrap bool `param:"bootstrap=false"`
}

// NewExtraTreesClassifier returns one with scikit-learn's defaults.
func NewExtraTreesClassifier() *ExtraTreesClassifier {
	m := &ExtraTreesClassifier{}
	learn.Init(m)
	return m
}

// Fit grows the trees; y may have several columns.
func (m *ExtraTreesClassifier) Fit(x learn.Data, y *learn.Matrix) error {
	return m.FitWeighted(x, y, nil)
}

// FitWeighted is Fit with a weight for each row.
func (m *ExtraTreesClassifier) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	m.fit(x, y, w, m.Bootstrap, true)
	return nil
}

// forestRegressor is what forests of regression trees have in common.
type forestRegressor struct {
	learn.RegressorBase
	Criterion   string `param:"criterion=squared_error"` // friedman_mse, absolute_error or poisson
	MaxFeatures any    `param:"max_features=1.0"`
	Forest
}

func (m *forestRegressor) fit(x learn.Data, y *learn.Matrix, w []float64, bootstrap, randomCuts bool) {
	d := m.Begin(x, y, learn.AllowNaN)
	if y == nil {
		m.Fail("y is nil; want a target for each row")
	}
	m.OneOf("Criterion", m.Criterion, "squared_error", "friedman_mse", "absolute_error", "poisson")
	w = learn.Weights(m.Name(), w, d.Rows)
	total := 0.0
	for _, v := range w {
		total += v
	}
	p := m.params(&m.Base, d.Rows, d.Cols, total, m.MaxFeatures)
	p.RandomThresholds = randomCuts
	cols := tree.NewColumns(d)
	var targets [][]float64
	for j := range y.Cols {
		targets = append(targets, y.Col(j))
	}
	seeds := m.grow(&m.Base, d.Rows, d.Cols, w, bootstrap, func(w []float64, seed int64) *tree.Tree {
		q := p
		q.Seed = tree.Seed(seed)
		return tree.GrowNumbers(cols, targets, w, m.Criterion, q, nil)
	})
	m.Done()
	if m.OOBScore {
		m.OOB = learn.R2(y, m.mean(d, m.outOfBag(seeds, d.Rows)), nil)
	}
}

// Predict returns the mean of the trees' predictions.
func (m *forestRegressor) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return m.mean(m.Ready(x, learn.AllowNaN), nil), nil
}

// RandomForestRegressor grows trees on bootstraps.
type RandomForestRegressor struct {
	forestRegressor
	Bootstrap bool `param:"bootstrap=true"`
}

// NewRandomForestRegressor returns one with scikit-learn's defaults.
func NewRandomForestRegressor() *RandomForestRegressor {
	m := &RandomForestRegressor{}
	learn.Init(m)
	return m
}

// Fit grows the trees; y may have several columns.
func (m *RandomForestRegressor) Fit(x learn.Data, y *learn.Matrix) error {
	return m.FitWeighted(x, y, nil)
}

// FitWeighted is Fit with a weight for each row.
func (m *RandomForestRegressor) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	m.fit(x, y, w, m.Bootstrap, false)
	return nil
}

// ExtraTreesRegressor grows trees with random thresholds.
type ExtraTreesRegressor struct {
	forestRegressor
	Bootstrap bool `param:"bootstrap=false"`
}

// NewExtraTreesRegressor returns one with scikit-learn's defaults.
func NewExtraTreesRegressor() *ExtraTreesRegressor {
	m := &ExtraTreesRegressor{}
	learn.Init(m)
	return m
}

// Fit grows the trees; y may have several columns.
func (m *ExtraTreesRegressor) Fit(x learn.Data, y *learn.Matrix) error {
	return m.FitWeighted(x, y, nil)
}

// FitWeighted is Fit with a weight for each row.
func (m *ExtraTreesRegressor) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	m.fit(x, y, w, m.Bootstrap, true)
	return nil
}
