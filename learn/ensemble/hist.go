package ensemble

import (
	"math"
	"reflect"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
	"github.com/lathe-ml/lathe/learn/split"
)

// Histogram are the options and results of histogram gradient boosting.
type Histogram struct {
	LearningRate        float64 `param:"learning_rate=0.1"`
	MaxIter             int     `param:"max_iter=100"`
	MaxLeafNodes        int     `param:"max_leaf_nodes=31"` // 0: no limit
	MaxDepth            int     `param:"max_depth=0"`       // 0: no limit
	MinSamplesLeaf      int     `param:"min_samples_leaf=20"`
	L2Regularization    float64 `param:"l2_regularization=0.0"`
	MaxFeatures         float64 `param:"max_features=1.0"` // share of the features that each node may use
	MaxBins             int     `param:"max_bins=255"`
	CategoricalFeatures any     `param:"categorical_features=None"` // numbers or a mask of features
	MonotonicCst        []int   `param:"monotonic_cst"`             // of each feature: 1 rising, −1 falling, 0 either
	InteractionCst      any     `param:"interaction_cst=None"`      // sets of features, pairwise or no_interactions
	WarmStart           bool    `param:"warm_start=false"`
	EarlyStopping       any     `param:"early_stopping=auto"` // true, false or auto: with more than 10,000 rows
	Scoring             any     `param:"scoring=loss" fixed:"true"`
	ValidationFraction  any     `param:"validation_fraction=0.1"` // rows or share; nil: the loss of the rows of Fit
	NIterNoChange       int     `param:"n_iter_no_change=10"`
	Tol                 float64 `param:"tol=1e-07"`
	RandomState         int64   `param:"random_state=0"`

	Baseline        []float64   `fit:"baseline_prediction_"`
	Rounds          [][][]Node  `fit:"predictors_"` // [rounds][outputs]
	TrainScore      []float64   `fit:"train_score_"`
	ValidationScore []float64   `fit:"validation_score_"`
	NIter           int         `fit:"n_iter_"`
	Categories      [][]float64 `fit:"categories_"` // of each feature; nil for numbers

	interactions [][]int
}

// slopes writes gradient and curvature of output k for each row.
type slopes interface {
	outputs() int
	start(w []float64) []float64
	loss(raw *learn.Matrix, w []float64, index []int) float64
	slopes(raw *learn.Matrix, k int, w, g, h []float64)
}

// leaves is a loss whose steps in leaves are not those of gradient and curvature.
type leaves interface {
	leaf(raw *learn.Matrix, w []float64, rows []int32) (step float64, ok bool)
}

// direction is 1 or −1 for features with a monotonic constraint.
func (o *Histogram) direction(feature int) int {
	if o.MonotonicCst == nil {
		return 0
	}
	return o.MonotonicCst[feature]
}

// groups lists the interaction sets; nil: no limits.
func (o *Histogram) groups() []int {
	if o.interactions == nil {
		return nil
	}
	return allRows(len(o.interactions))
}

// check refuses options that make no sense, and returns which features are categories.
func (o *Histogram) check(b *learn.Base, features, outputs int) (categorical []bool) {
	if o.MaxBins < 2 || o.MaxBins > 255 || o.MaxIter < 1 || o.MinSamplesLeaf < 1 {
		b.Fail("MaxBins is %d, MaxIter %d, MinSamplesLeaf %d; want 2 … 255, at least 1, at least 1", o.MaxBins,
			o.MaxIter, o.MinSamplesLeaf)
	}
	if o.MaxFeatures <= 0 || o.MaxFeatures > 1 {
		b.Fail("MaxFeatures is %g; want a share in (0, 1]", o.MaxFeatures)
	}
	o.interactions = o.sets(b, features)
	categorical = make([]bool, features)
	switch c := o.CategoricalFeatures.(type) {
	case nil:
	case string:
		if c != "from_dtype" {
			b.Fail("CategoricalFeatures is %q; want numbers or a mask of features", c)
		}
	case []bool:
		if len(c) != features {
			b.Fail("CategoricalFeatures has %d entries for %d features", len(c), features)
		}
		copy(categorical, c)
	case []int, []float64:
		for _, j := range o.featureList(b, "CategoricalFeatures", c, features) {
			categorical[j] = true
		}
	default:
		b.Fail("CategoricalFeatures is a %T; want []int or []bool", c)
	}
	o.checkDirections(b, categorical, outputs)
	return categorical
}

func (o *Histogram) checkDirections(b *learn.Base, categorical []bool, outputs int) {
	if o.MonotonicCst == nil {
		return
	}
	if len(o.MonotonicCst) != len(categorical) || outputs > 1 {
		b.Fail("MonotonicCst has %d entries for %d features and %d outputs; want one for each feature, and one output",
			len(o.MonotonicCst), len(categorical), outputs)
	}
	for j, d := range o.MonotonicCst {
		if d < -1 || d > 1 || d != 0 && categorical[j] {
			b.Fail("MonotonicCst of feature %d is %d; want −1, 0 or 1, and 0 for categories", j, d)
		}
	}
}

// sets returns the sets of features that may interact; nil: all.
func (o *Histogram) sets(b *learn.Base, features int) [][]int {
	var out [][]int
	switch c := o.InteractionCst.(type) {
	case nil:
		return nil
	case string:
		for i := range features {
			if c == "no_interactions" {
				out = append(out, []int{i})
				continue
			}
			b.OneOf("InteractionCst", c, "pairwise", "no_interactions")
			for j := range i {
				out = append(out, []int{j, i})
			}
		}
		return out
	case [][]int, [][]float64:
		rest := make([]bool, features)
		v := reflect.ValueOf(c)
		for i := range v.Len() {
			set := o.featureList(b, "InteractionCst", v.Index(i).Interface(), features)
			for _, j := range set {
				rest[j] = true
			}
			out = append(out, set)
		}
		var others []int
		for j, in := range rest {
			if !in {
				others = append(others, j)
			}
		}
		if others != nil {
			out = append(out, others)
		}
		return out
	}
	b.Fail("InteractionCst is a %T; want [][]int, pairwise or no_interactions", o.InteractionCst)
	return nil
}

// featureList returns numbers of features, which files may have made float64.
func (o *Histogram) featureList(b *learn.Base, option string, list any, features int) (out []int) {
	switch l := list.(type) {
	case []int:
		out = slices.Clone(l)
	case []float64:
		for _, v := range l {
			out = append(out, int(v))
		}
	}
	for _, j := range out {
		if j < 0 || j >= features {
			b.Fail("%s has feature %d; X has %d", option, j, features)
		}
	}
	return out
}

// stops decides whether rounds are judged, and holds rows back for it.
func (o *Histogram) stops(b *learn.Base, n int, classes []float64) (train, held []int, judged bool) {
	if o.EarlyStopping != true && (o.EarlyStopping != "auto" || n <= 10000) {
		return allRows(n), nil, false
	}
	share, ok := learn.OptFloat(o.ValidationFraction)
	if !ok {
		return allRows(n), nil, true
	}
	train, held, err := split.TrainTest(n, split.Options{
		TestSize: share, Shuffle: true, Stratify: classes, RandomState: o.RandomState,
	})
	if err != nil {
		b.Fail("rows for early stopping cannot be held back: %v", err)
	}
	return train, held, true
}

// boost fits the rounds; of returns the loss of rows of y.
func (o *Histogram) boost(b *learn.Base, x *learn.Matrix, w, classes []float64, warm bool, of func(rows []int) slopes) {
	train, held, judged := o.stops(b, x.Rows, classes)
	obj := of(train)
	k := obj.outputs()
	categorical := o.check(b, x.Cols, k)
	var tx *learn.Matrix
	if held != nil {
		tx = x.Take(held)
		x = x.Take(train)
	}
	tw, w := learn.TakeFloats(w, held), learn.TakeFloats(w, train)
	bn := newBins(b, x, o.MaxBins, categorical, unequal(w))
	o.Categories = bn.categories
	raw, test := learn.NewMatrix(x.Rows, k), (*learn.Matrix)(nil)
	if warm {
		raw = o.raw(x)
	} else {
		o.Baseline, o.Rounds, o.TrainScore, o.ValidationScore = obj.start(w), nil, nil, nil
		for i := range raw.Rows {
			copy(raw.Row(i), o.Baseline)
		}
	}
	var testObj slopes
	if held != nil {
		test, testObj = o.raw(tx), of(held)
	}
	judge := func() bool {
		if !judged {
			return false
		}
		o.TrainScore = append(o.TrainScore, -obj.loss(raw, w, allRows(raw.Rows)))
		scores := o.TrainScore
		if test != nil {
			o.ValidationScore = append(o.ValidationScore, -testObj.loss(test, tw, allRows(test.Rows)))
			scores = o.ValidationScore
		}
		return o.rests(scores)
	}
	var rng *random.State
	if o.MaxFeatures < 1 {
		rng = random.New(o.RandomState)
	}
	if len(o.TrainScore) == 0 {
		judge()
	}
	g, h := make([]float64, x.Rows), make([]float64, x.Rows)
	for len(o.Rounds) < o.MaxIter {
		b.Poll()
		round := o.round(bn, obj, raw, w, g, h, rng)
		o.Rounds = append(o.Rounds, round)
		if test != nil {
			o.add(tx, test, round)
		}
		if judge() {
			break
		}
	}
	o.NIter = len(o.Rounds)
}

// unequal returns w, or nil where all weights are one number.
func unequal(w []float64) []float64 {
	for _, v := range w {
		if v != w[0] {
			return w
		}
	}
	return nil
}

// rests reports whether no score of the last NIterNoChange is better than the one before by Tol.
func (o *Histogram) rests(scores []float64) bool {
	n := o.NIterNoChange + 1
	if len(scores) < n {
		return false
	}
	recent := scores[len(scores)-n:]
	for _, s := range recent[1:] {
		if s > recent[0]+o.Tol {
			return false
		}
	}
	return true
}

// round grows a tree for each output and moves the raw predictions.
func (o *Histogram) round(bn *bins, obj slopes, raw *learn.Matrix, w, g, h []float64, rng *random.State) [][]Node {
	var out [][]Node
	before := raw
	if raw.Cols > 1 {
		before = raw.Clone()
	}
	for c := range raw.Cols {
		obj.slopes(before, c, w, g, h)
		t := &histTree{o: o, b: bn, rng: rng}
		if l, ok := obj.(leaves); ok {
			if _, own := l.leaf(before, w, nil); own {
				t.leaf = func(rows []int32) float64 { v, _ := l.leaf(before, w, rows); return v }
			}
		}
		t.prepare(g, h)
		out = append(out, t.grow(func(rows []int32, v float64) {
			for _, i := range rows {
				raw.Data[int(i)*raw.Cols+c] += v
			}
		}))
	}
	return out
}

// raw returns the sums of all trees.
func (o *Histogram) raw(x *learn.Matrix) *learn.Matrix {
	out := learn.NewMatrix(x.Rows, len(o.Baseline))
	for i := range out.Rows {
		copy(out.Row(i), o.Baseline)
	}
	o.add(x, out, o.Rounds...)
	return out
}

// step is a node as add walks it: 24 bytes, the right child after the left.
type step struct {
	threshold float64 // in a leaf, the value
	feature   int32
	left      int32 // 0 in a leaf
	nan       uint8 // 1: NaN goes left
	set       bool  // categories: as the Node says
}

// flatten returns the nodes as steps.
func flatten(nodes []Node) []step {
	out := make([]step, len(nodes))
	for i := range nodes {
		n := &nodes[i]
		out[i] = step{threshold: n.Threshold, feature: int32(n.Feature), left: int32(n.Left), set: n.Categories != nil}
		if n.MissingLeft {
			out[i].nan = 1
		}
		if n.Left == 0 {
			out[i].threshold = n.Value
		}
	}
	return out
}

// add moves raw predictions by the trees of rounds.
func (o *Histogram) add(x, raw *learn.Matrix, rounds ...[][]Node) {
	trees := make([][][]step, len(rounds))
	for r, round := range rounds {
		for _, nodes := range round {
			trees[r] = append(trees[r], flatten(nodes))
		}
	}
	engine.Parallel(x.Rows, 64, func(lo, hi int) {
		for ; lo < hi; lo += 64 { // a tree stays in the cache for 64 rows
			end := min(lo+64, hi)
			for r, round := range trees {
				for k, steps := range round {
					for i := lo; i < end; i++ {
						raw.Data[i*raw.Cols+k] += o.walk(steps, rounds[r][k], x.Row(i))
					}
				}
			}
		}
	})
}

// walk returns the value of the leaf that a row reaches.
func (o *Histogram) walk(steps []step, nodes []Node, row []float64) float64 {
	n := &steps[0]
	at := int32(0)
	for n.left != 0 {
		v := row[n.feature]
		next := n.left + 1
		if v <= n.threshold {
			next = n.left
		}
		if v != v {
			next = n.left + 1 - int32(n.nan)
		}
		if n.set {
			next = n.left + 1
			if o.left(&nodes[at], v) {
				next = n.left
			}
		}
		at = next
		n = &steps[at]
	}
	return n.threshold
}

// left says where category v goes: one that Fit did not see, as NaN.
func (o *Histogram) left(n *Node, v float64) bool {
	if _, known := slices.BinarySearch(o.Categories[n.Feature], v); !known || math.IsNaN(v) {
		return n.MissingLeft
	}
	_, in := slices.BinarySearch(n.Categories, v)
	return in
}
