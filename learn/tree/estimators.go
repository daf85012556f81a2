package tree

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
)

// Growth are the options of single trees.
type Growth struct {
	MaxDepth            int     `param:"max_depth=0"`         // 0: no limit
	MinSamplesSplit     any     `param:"min_samples_split=2"` // count (int) or fraction
	MinSamplesLeaf      any     `param:"min_samples_leaf=1"`  // count (int) or fraction
	MinWeightFraction   float64 `param:"min_weight_fraction_leaf=0.0"`
	MaxFeatures         any     `param:"max_features=None"` // nil (all), sqrt, log2, count (int) or fraction
	RandomState         int64   `param:"random_state=0"`
	MaxLeafNodes        int     `param:"max_leaf_nodes=0"` // 0: no limit
	MinImpurityDecrease float64 `param:"min_impurity_decrease=0.0"`
	CCPAlpha            float64 `param:"ccp_alpha=0.0"` // of minimal cost-complexity pruning
	MonotonicCst        []int   `param:"monotonic_cst"` // 1, 0 or -1 for each feature
}

// CountOf reads a count (int) or a fraction of n, rounded up, at least least.
func CountOf(v any, n, least int) (int, bool) {
	switch v := v.(type) {
	case int:
		return v, v >= least
	case float64:
		return max(least, int(math.Ceil(v*float64(n)))), v > 0 && v <= 1
	}
	return 0, false
}

// FeatureCount reads MaxFeatures for n features.
func FeatureCount(v any, n int) (int, bool) {
	switch v := v.(type) {
	case nil:
		return n, true
	case string:
		switch v {
		case "sqrt":
			return max(1, int(math.Sqrt(float64(n)))), true
		case "log2":
			return max(1, int(math.Log2(float64(n)))), true
		}
		return 0, false
	case int:
		return v, v >= 1
	case float64:
		return max(1, int(v*float64(n))), v > 0 && v <= 1
	}
	return 0, false
}

// Params checks the options for rows, features and a total weight.
func (o *Growth) Params(b *learn.Base, rows, features int, weight float64) Params {
	split, ok := CountOf(o.MinSamplesSplit, rows, 2)
	if !ok {
		b.Fail("MinSamplesSplit is %v; want a count of at least 2 or a fraction", o.MinSamplesSplit)
	}
	leaf, ok := CountOf(o.MinSamplesLeaf, rows, 1)
	if !ok {
		b.Fail("MinSamplesLeaf is %v; want a count of at least 1 or a fraction", o.MinSamplesLeaf)
	}
	most, ok := FeatureCount(o.MaxFeatures, features)
	if !ok {
		b.Fail("MaxFeatures is %v; want nil, sqrt, log2, a count or a fraction", o.MaxFeatures)
	}
	if o.MonotonicCst != nil && len(o.MonotonicCst) != features {
		b.Fail("%d monotonic constraints for %d features; want one for each", len(o.MonotonicCst), features)
	}
	return Params{
		MaxDepth: o.MaxDepth, MinSplit: max(split, 2*leaf, 2), MinLeaf: leaf,
		MinLeafWeight: o.MinWeightFraction * weight, MaxFeatures: min(most, features),
		MaxLeaves: o.MaxLeafNodes, MinDecrease: o.MinImpurityDecrease, Monotonic: o.MonotonicCst,
	}
}

// Seed returns the state of the stream of features for a RandomState, as scikit-learn derives it.
func Seed(state int64) uint32 {
	return uint32(random.New(state).Intn(math.MaxInt32))
}

// live lists the rows whose weight is not 0, and the sum of the weights.
func live(w []float64) (rows []int32, total float64) {
	for i, v := range w {
		if v != 0 {
			rows = append(rows, int32(i))
			total += v
		}
	}
	return rows, total
}

// GrowClasses grows a tree of class codes, k classes for each output.
func GrowClasses(c *Columns, codes [][]int32, k []int, w []float64, entropy bool, p Params,
	poll func(),
) *Tree {
	rows, _ := live(w)
	return grow(c, newClasses(codes, k, w, entropy), rows, p, poll)
}

// GrowNumbers grows a tree of numbers by squared_error, absolute_error or poisson.
func GrowNumbers(c *Columns, y [][]float64, w []float64, criterion string, p Params, poll func()) *Tree {
	rows, _ := live(w)
	if criterion == "absolute_error" {
		return grow(c, newAbsolutes(y, w), rows, p, poll)
	}
	return grow(c, newSquares(y, w, criterion == "poisson"), rows, p, poll)
}

// Outputs numbers the classes of each column of y.
func Outputs(y *learn.Matrix) (codes [][]int32, classes [][]float64) {
	for o := range y.Cols {
		col := y.Col(o)
		d := learn.Distinct(col)
		list := make([]int32, len(col))
		for i, c := range learn.Codes(d, col) {
			list[i] = int32(c)
		}
		codes, classes = append(codes, list), append(classes, d)
	}
	return codes, classes
}

// Balance multiplies weights by those of classes: nil, balanced, or a map of labels to weights.
func Balance(b *learn.Base, option any, codes [][]int32, classes [][]float64, w []float64) []float64 {
	out := append([]float64(nil), w...)
	if option == nil {
		return out
	}
	for o, list := range codes {
		factor := make([]float64, len(classes[o]))
		switch v := option.(type) {
		case string:
			if v != "balanced" && v != "balanced_subsample" {
				b.Fail("ClassWeight is %q; want balanced, or a map of labels to weights", v)
			}
			for _, c := range list {
				factor[c]++
			}
			for c, n := range factor {
				factor[c] = float64(len(list)) / (float64(len(factor)) * n)
			}
		case map[float64]float64:
			for c, l := range classes[o] {
				factor[c] = 1
				if f, ok := v[l]; ok {
					factor[c] = f
				}
			}
		default:
			b.Fail("ClassWeight is %T; want nil, balanced, or a map[float64]float64", option)
		}
		for i, c := range list {
			out[i] *= factor[c]
		}
	}
	return out
}

// Result is what a single tree learns.
type Result struct {
	Tree               *Tree     `fit:"tree_"`
	FeatureImportances []float64 `fit:"feature_importances_"`
	NOutputs           int       `fit:"n_outputs_"`
	MaxFeaturesUsed    int       `fit:"max_features_"`
}

// Depth returns the greatest number of splits above a leaf.
func (r *Result) Depth() int { return r.Tree.Depth }

// Leaves returns the number of leaves.
func (r *Result) Leaves() int { return r.Tree.Leaves() }

func (r *Result) finish(t *Tree, alpha float64, features, most int) {
	if alpha > 0 {
		t = t.prune(alpha)
	}
	r.Tree, r.FeatureImportances, r.MaxFeaturesUsed = t, t.Importances(features), most
}

// classifier is what single classification trees have in common.
type classifier struct {
	learn.ClassifierBase
	Result
	Criterion   string `param:"criterion=gini"` // gini, entropy or log_loss
	ClassWeight any    `param:"class_weight=None"`

	OutputClasses [][]float64 // classes of each output
}

func (m *classifier) fit(x learn.Data, y *learn.Matrix, w []float64, o *Growth, random bool) {
	d := m.Begin(x, y, learn.AllowNaN)
	if y == nil {
		m.Fail("y is nil; want a label for each row")
	}
	m.OneOf("Criterion", m.Criterion, "gini", "entropy", "log_loss")
	codes, classes := Outputs(y)
	m.OutputClasses, m.Classes, m.NOutputs = classes, classes[0], y.Cols
	w = Balance(&m.Base, m.ClassWeight, codes, classes, learn.Weights(m.Name(), w, d.Rows))
	_, total := live(w)
	p := o.Params(&m.Base, d.Rows, d.Cols, total)
	p.RandomThresholds, p.Seed = random, Seed(o.RandomState)
	k := make([]int, len(classes))
	for i, c := range classes {
		k[i] = len(c)
	}
	t := GrowClasses(NewColumns(d), codes, k, w, m.Criterion != "gini", p, m.Poll)
	m.finish(t, o.CCPAlpha, d.Cols, p.MaxFeatures)
	m.Done()
}

// PredictProba returns the weights of the classes of the first output in the rows' leaves.
func (m *classifier) PredictProba(x learn.Data) (p *learn.Matrix, err error) {
	defer learn.Catch(&err)
	d := m.Ready(x, learn.AllowNaN)
	p = learn.NewMatrix(d.Rows, len(m.Classes))
	for i, leaf := range m.Tree.Apply(d) {
		copy(p.Row(i), m.Tree.Value(leaf))
	}
	return p, nil
}

// Predict returns the class with the largest weight; the smallest of equals.
func (m *classifier) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	d := m.Ready(x, learn.AllowNaN)
	y = learn.NewMatrix(d.Rows, len(m.OutputClasses))
	for i, leaf := range m.Tree.Apply(d) {
		v := m.Tree.Value(leaf)
		for o, c := range m.OutputClasses {
			y.Set(i, o, c[learn.ArgMax(v[:len(c)])])
			v = v[len(c):]
		}
	}
	return y, nil
}

// Apply returns the leaf of each row.
func (m *classifier) Apply(x learn.Data) (leaves []int, err error) {
	defer learn.Catch(&err)
	return m.Tree.Apply(m.Ready(x, learn.AllowNaN)), nil
}

// DecisionTreeClassifier splits where classes separate best.
type DecisionTreeClassifier struct {
	classifier
	Splitter string `param:"splitter=best"` // or random
	Growth
}

// NewDecisionTreeClassifier returns one with scikit-learn's defaults.
func NewDecisionTreeClassifier() *DecisionTreeClassifier {
	m := &DecisionTreeClassifier{}
	learn.Init(m)
	return m
}

// Fit grows the tree; y may have several columns.
func (m *DecisionTreeClassifier) Fit(x learn.Data, y *learn.Matrix) error {
	return m.FitWeighted(x, y, nil)
}

// FitWeighted is Fit with a weight for each row.
func (m *DecisionTreeClassifier) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	m.OneOf("Splitter", m.Splitter, "best", "random")
	m.fit(x, y, w, &m.Growth, m.Splitter == "random")
	return nil
}

// ExtraTreeClassifier tries one random threshold for each feature.
type ExtraTreeClassifier struct {
	classifier
	Splitter string `param:"splitter=random"` // or best
	Growth
}

// NewExtraTreeClassifier returns one with scikit-learn's defaults.
func NewExtraTreeClassifier() *ExtraTreeClassifier {
	m := &ExtraTreeClassifier{}
	learn.Init(m)
	m.MaxFeatures = "sqrt"
	return m
}

// Fit grows the tree; y may have several columns.
func (m *ExtraTreeClassifier) Fit(x learn.Data, y *learn.Matrix) error {
	return m.FitWeighted(x, y, nil)
}

// FitWeighted is Fit with a weight for each row.
func (m *ExtraTreeClassifier) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	m.OneOf("Splitter", m.Splitter, "best", "random")
	m.fit(x, y, w, &m.Growth, m.Splitter == "random")
	return nil
}

// regressor is what single regression trees have in common.
type regressor struct {
	learn.RegressorBase
	Result
	Criterion string `param:"criterion=squared_error"` // friedman_mse, absolute_error or poisson
}

func (m *regressor) fit(x learn.Data, y *learn.Matrix, w []float64, o *Growth, random bool) {
	d := m.Begin(x, y, learn.AllowNaN)
	if y == nil {
		m.Fail("y is nil; want a target for each row")
	}
	m.OneOf("Criterion", m.Criterion, "squared_error", "friedman_mse", "absolute_error", "poisson")
	w = learn.Weights(m.Name(), w, d.Rows)
	_, total := live(w)
	p := o.Params(&m.Base, d.Rows, d.Cols, total)
	p.RandomThresholds, p.Seed = random, Seed(o.RandomState)
	var cols [][]float64
	for j := range y.Cols {
		c := y.Col(j)
		for i, v := range c {
			if m.Criterion == "poisson" && v < 0 {
				m.Fail("target %d is %g; poisson wants 0 or more", i, v)
			}
		}
		cols = append(cols, c)
	}
	m.NOutputs = y.Cols
	t := GrowNumbers(NewColumns(d), cols, w, m.Criterion, p, m.Poll)
	m.finish(t, o.CCPAlpha, d.Cols, p.MaxFeatures)
	m.Done()
}

// Predict returns the means (or medians) of the rows' leaves.
func (m *regressor) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	d := m.Ready(x, learn.AllowNaN)
	y = learn.NewMatrix(d.Rows, m.NOutputs)
	for i, leaf := range m.Tree.Apply(d) {
		copy(y.Row(i), m.Tree.Value(leaf))
	}
	return y, nil
}

// Apply returns the leaf of each row.
func (m *regressor) Apply(x learn.Data) (leaves []int, err error) {
	defer learn.Catch(&err)
	return m.Tree.Apply(m.Ready(x, learn.AllowNaN)), nil
}

// DecisionTreeRegressor splits where the targets' spread falls most.
type DecisionTreeRegressor struct {
	regressor
	Splitter string `param:"splitter=best"` // or random
	Growth
}

// NewDecisionTreeRegressor returns one with scikit-learn's defaults.
func NewDecisionTreeRegressor() *DecisionTreeRegressor {
	m := &DecisionTreeRegressor{}
	learn.Init(m)
	return m
}

// Fit grows the tree; y may have several columns.
func (m *DecisionTreeRegressor) Fit(x learn.Data, y *learn.Matrix) error {
	return m.FitWeighted(x, y, nil)
}

// FitWeighted is Fit with a weight for each row.
func (m *DecisionTreeRegressor) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	m.OneOf("Splitter", m.Splitter, "best", "random")
	m.fit(x, y, w, &m.Growth, m.Splitter == "random")
	return nil
}

// ExtraTreeRegressor tries one random threshold for each feature.
type ExtraTreeRegressor struct {
	regressor
	Splitter string `param:"splitter=random"` // or best
	Growth
}

// NewExtraTreeRegressor returns one with scikit-learn's defaults.
func NewExtraTreeRegressor() *ExtraTreeRegressor {
	m := &ExtraTreeRegressor{}
	learn.Init(m)
	return m
}

// Fit grows the tree; y may have several columns.
func (m *ExtraTreeRegressor) Fit(x learn.Data, y *learn.Matrix) error {
	return m.FitWeighted(x, y, nil)
}

// FitWeighted is Fit with a weight for each row.
func (m *ExtraTreeRegressor) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	m.OneOf("Splitter", m.Splitter, "best", "random")
	m.fit(x, y, w, &m.Growth, m.Splitter == "random")
	return nil
}
