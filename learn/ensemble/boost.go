package ensemble

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/metric"
	"github.com/lathe-ml/lathe/learn/random"
	"github.com/lathe-ml/lathe/learn/tree"
)

// Boosting are the options of classic gradient boosting.
type Boosting struct {
	LearningRate        float64 `param:"learning_rate=0.1"`
	NEstimators         int     `param:"n_estimators=100"`
	Subsample           float64 `param:"subsample=1.0"` // fraction of rows that each tree sees
	Criterion           string  `param:"criterion=friedman_mse"`
	MinSamplesSplit     any     `param:"min_samples_split=2"`
	MinSamplesLeaf      any     `param:"min_samples_leaf=1"`
	MinWeightFraction   float64 `param:"min_weight_fraction_leaf=0.0"`
	MaxDepth            int     `param:"max_depth=3"`
	MinImpurityDecrease float64 `param:"min_impurity_decrease=0.0"`
	Init                any     `param:"init=None"` // nil, or zero
	RandomState         int64   `param:"random_state=0"`
	MaxFeatures         any     `param:"max_features=None"`
	MaxLeafNodes        int     `param:"max_leaf_nodes=0"`
	WarmStart           bool    `param:"warm_start=false"`
	ValidationFraction  float64 `param:"validation_fraction=0.1"`
	NIterNoChange       any     `param:"n_iter_no_change=None"`
	Tol                 float64 `param:"tol=0.0001"`
	CCPAlpha            float64 `param:"ccp_alpha=0.0" fixed:"true"`

	Trees              [][]*tree.Tree `fit:"estimators_"` // [rounds][outputs]
	TrainScore         []float64      `fit:"train_score_"`
	FeatureImportances []float64      `fit:"feature_importances_"`
	NUsed              int            `fit:"n_estimators_"`
	Start              []float64      // raw prediction before the first tree
}

// objective is a loss of raw predictions [rows outputs].
type objective interface {
	outputs() int
	start(w []float64) []float64
	// loss is the mean over the rows of index.
	loss(raw *learn.Matrix, w []float64, index []int) float64
	// residual writes the negative gradient of output k.
	residual(raw *learn.Matrix, k int, dst []float64)
	// leaf returns the step for rows in one leaf, given residuals; ok is false to keep the mean.
	leaf(raw *learn.Matrix, k int, rows []int, res, w []float64) (v float64, ok bool)
}

// boost fits rounds of trees on residuals.
func (o *Boosting) boost(b *learn.Base, x *learn.Matrix, w []float64, obj objective) {
	if o.NEstimators < 1 || !(o.LearningRate > 0) || !(o.Subsample > 0 && o.Subsample <= 1) {
		b.Fail("NEstimators is %d, LearningRate %g, Subsample %g; want at least 1, above 0, and in (0, 1]",
			o.NEstimators, o.LearningRate, o.Subsample)
	}
	r := random.New(o.RandomState)
	train, valid := allRows(x.Rows), []int(nil)
	patience, stops := learn.OptInt(o.NIterNoChange)
	if stops {
		p := r.Permutation(x.Rows)
		k := max(1, int(o.ValidationFraction*float64(x.Rows)))
		train, valid = p[k:], p[:k]
	}
	inTrain := make([]float64, x.Rows)
	for _, i := range train {
		inTrain[i] = w[i]
	}
	k := obj.outputs()
	o.Start = make([]float64, k)
	if o.Init != "zero" {
		o.Start = obj.start(inTrain)
	}
	raw := learn.NewMatrix(x.Rows, k)
	for i := range raw.Rows {
		copy(raw.Row(i), o.Start)
	}
	g := tree.Growth{
		MaxDepth: o.MaxDepth, MinSamplesSplit: o.MinSamplesSplit, MinSamplesLeaf: o.MinSamplesLeaf,
		MinWeightFraction: o.MinWeightFraction, MaxFeatures: o.MaxFeatures, MaxLeafNodes: o.MaxLeafNodes,
		MinImpurityDecrease: o.MinImpurityDecrease,
	}
	total := 0.0
	for _, v := range inTrain {
		total += v
	}
	params := g.Params(b, len(train), x.Cols, total)
	cols := tree.NewColumns(x)
	o.Trees, o.TrainScore = nil, nil
	best := []float64{}
	for range o.NEstimators {
		b.Poll()
		rw := o.sample(inTrain, train, r)
		o.Trees = append(o.Trees, o.round(x, cols, rw, raw, params, obj, r))
		o.TrainScore = append(o.TrainScore, obj.loss(raw, rw, train))
		if !stops {
			continue
		}
		v := obj.loss(raw, w, valid)
		if len(best) == patience && !slices.ContainsFunc(best, func(u float64) bool { return v+o.Tol < u }) {
			break
		}
		if best = append(best, v); len(best) > patience {
			best = best[1:]
		}
	}
	o.NUsed = len(o.Trees)
	o.importances(x.Cols)
}

func allRows(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// sample returns the weights with the rows that a tree does not see set to 0.
func (o *Boosting) sample(w []float64, train []int, r *random.State) []float64 {
	if o.Subsample >= 1 {
		return w
	}
	out := make([]float64, len(w))
	n := max(1, int(o.Subsample*float64(len(train))))
	for _, q := range r.Choice(len(train), n) {
		out[train[q]] = w[train[q]]
	}
	return out
}

// round fits one tree for each output and moves the raw predictions.
func (o *Boosting) round(x *learn.Matrix, cols *tree.Columns, w []float64, raw *learn.Matrix,
	p tree.Params, obj objective, r *random.State,
) []*tree.Tree {
	var out []*tree.Tree
	before := raw.Clone()
	res := make([]float64, x.Rows)
	for k := range obj.outputs() {
		obj.residual(before, k, res)
		q := p
		q.Seed = tree.Seed(r.Seed())
		t := tree.GrowNumbers(cols, [][]float64{res}, w, "squared_error", q, nil)
		leaves := t.Apply(x)
		rows := map[int][]int{}
		for i, l := range leaves {
			if w[i] > 0 {
				rows[l] = append(rows[l], i)
			}
		}
		for l, list := range rows {
			if v, ok := obj.leaf(before, k, list, res, w); ok {
				t.Values[l] = v
			}
		}
		for i, l := range leaves {
			raw.Data[i*raw.Cols+k] += o.LearningRate * t.Values[l]
		}
		out = append(out, t)
	}
	return out
}

func (o *Boosting) importances(features int) {
	o.FeatureImportances = make([]float64, features)
	sum := 0.0
	for _, round := range o.Trees {
		for _, t := range round {
			for j, v := range t.Importances(features) {
				o.FeatureImportances[j] += v
				sum += v
			}
		}
	}
	for j := range o.FeatureImportances {
		if sum > 0 {
			o.FeatureImportances[j] /= sum
		}
	}
}

// raw returns the sum of all trees.
func (o *Boosting) raw(x *learn.Matrix) *learn.Matrix {
	out := learn.NewMatrix(x.Rows, len(o.Start))
	for i := range out.Rows {
		row := out.Row(i)
		copy(row, o.Start)
		for _, round := range o.Trees {
			for k, t := range round {
				row[k] += o.LearningRate * t.Values[t.Leaf(x.Row(i))]
			}
		}
	}
	return out
}

// numbers is the loss of one target: squared_error, absolute_error, huber or quantile.
type numbers struct {
	y     []float64
	kind  string
	alpha float64
	delta float64
}

func (n *numbers) outputs() int { return 1 }

func (n *numbers) start(w []float64) []float64 {
	switch n.kind {
	case "squared_error":
		s, t := 0.0, 0.0
		for i, v := range n.y {
			s += w[i] * v
			t += w[i]
		}
		return []float64{s / t}
	case "quantile":
		return []float64{metric.Percentile(n.y, w, 100*n.alpha)}
	}
	return []float64{metric.Percentile(n.y, w, 50)}
}

func (n *numbers) loss(raw *learn.Matrix, w []float64, index []int) float64 {
	s, t := 0.0, 0.0
	for _, i := range index {
		e := n.y[i] - raw.Data[i]
		v := e * e
		switch n.kind {
		case "absolute_error":
			v = math.Abs(e)
		case "huber":
			if a := math.Abs(e); a <= n.delta {
				v = e * e / 2
			} else {
				v = n.delta * (a - n.delta/2)
			}
		case "quantile":
			v = max(n.alpha*e, (n.alpha-1)*e)
		}
		s += w[i] * v
		t += w[i]
	}
	return s / t
}

func (n *numbers) residual(raw *learn.Matrix, _ int, dst []float64) {
	if n.kind == "huber" {
		abs := make([]float64, len(n.y))
		for i, v := range n.y {
			abs[i] = math.Abs(v - raw.Data[i])
		}
		n.delta = metric.Percentile(abs, nil, 100*n.alpha)
	}
	for i, v := range n.y {
		e := v - raw.Data[i]
		switch n.kind {
		case "absolute_error":
			e = math.Copysign(1, e)
		case "huber":
			e = min(max(e, -n.delta), n.delta)
		case "quantile":
			if e >= 0 {
				e = n.alpha
			} else {
				e = n.alpha - 1
			}
		}
		dst[i] = e
	}
}

func (n *numbers) leaf(raw *learn.Matrix, _ int, rows []int, _, w []float64) (float64, bool) {
	if n.kind == "squared_error" {
		return 0, false
	}
	e, lw := make([]float64, len(rows)), make([]float64, len(rows))
	for q, i := range rows {
		e[q], lw[q] = n.y[i]-raw.Data[i], w[i]
	}
	switch n.kind {
	case "quantile":
		return metric.Percentile(e, lw, 100*n.alpha), true
	case "huber":
		mid := metric.Percentile(e, lw, 50)
		s, t := 0.0, 0.0
		for q, v := range e {
			d := v - mid
			s += lw[q] * math.Copysign(min(math.Abs(d), n.delta), d)
			t += lw[q]
		}
		return mid + s/t, true
	}
	return metric.Percentile(e, lw, 50), true
}

// GradientBoostingRegressor adds trees that predict what is left of the target.
type GradientBoostingRegressor struct {
	learn.RegressorBase
	Loss  string  `param:"loss=squared_error"` // absolute_error, huber or quantile
	Alpha float64 `param:"alpha=0.9"`          // quantile of huber and quantile
	Boosting
}

// NewGradientBoostingRegressor returns one with scikit-learn's defaults.
func NewGradientBoostingRegressor() *GradientBoostingRegressor {
	m := &GradientBoostingRegressor{}
	learn.Init(m)
	return m
}

// Fit adds the trees.
func (m *GradientBoostingRegressor) Fit(x learn.Data, y *learn.Matrix) error {
	return m.FitWeighted(x, y, nil)
}

// FitWeighted is Fit with a weight for each row.
func (m *GradientBoostingRegressor) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, y)
	m.OneOf("Loss", m.Loss, "squared_error", "absolute_error", "huber", "quantile")
	t := learn.Target(m.Name(), y)
	m.boost(&m.Base, d, learn.Weights(m.Name(), w, d.Rows), &numbers{y: t, kind: m.Loss, alpha: m.Alpha})
	m.Done()
	return nil
}

// Predict returns the sums of the trees.
func (m *GradientBoostingRegressor) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return m.raw(m.Ready(x)), nil
}

// labels is the logistic or exponential loss of classes.
type labels struct {
	codes []int
	k     int
	exp   bool
}

func (l *labels) outputs() int {
	if l.k == 2 {
		return 1
	}
	return l.k
}

func (l *labels) start(w []float64) []float64 {
	p, t := make([]float64, l.k), 0.0
	for i, c := range l.codes {
		p[c] += w[i]
		t += w[i]
	}
	const eps = 1.1920929e-07
	for c := range p {
		p[c] = min(max(p[c]/t, eps), 1-eps)
	}
	if l.k == 2 {
		v := math.Log(p[1] / (1 - p[1]))
		if l.exp {
			v /= 2
		}
		return []float64{v}
	}
	for c := range p {
		p[c] = math.Log(p[c])
	}
	return p
}

// probabilities writes those of raw predictions.
func (l *labels) probabilities(raw, p []float64) {
	if l.k == 2 {
		v := raw[0]
		if l.exp {
			v *= 2
		}
		p[1] = 1 / (1 + math.Exp(-v))
		p[0] = 1 - p[1]
		return
	}
	top, sum := raw[learn.ArgMax(raw)], 0.0
	for c, v := range raw {
		p[c] = math.Exp(v - top)
		sum += p[c]
	}
	for c := range p {
		p[c] /= sum
	}
}

func (l *labels) loss(raw *learn.Matrix, w []float64, index []int) float64 {
	p := make([]float64, l.k)
	s, t := 0.0, 0.0
	for _, i := range index {
		t += w[i]
		if l.exp {
			s += w[i] * math.Exp(-float64(2*l.codes[i]-1)*raw.Data[i])
			continue
		}
		l.probabilities(raw.Row(i), p)
		s -= w[i] * math.Log(max(p[l.codes[i]], 1e-300))
	}
	return s / t
}

func (l *labels) residual(raw *learn.Matrix, k int, dst []float64) {
	p := make([]float64, l.k)
	for i, c := range l.codes {
		if l.exp {
			y := float64(2*c - 1)
			dst[i] = y * math.Exp(-y*raw.Data[i])
			continue
		}
		l.probabilities(raw.Row(i), p)
		class := k
		if l.k == 2 {
			class = 1
		}
		dst[i] = -p[class]
		if c == class {
			dst[i]++
		}
	}
}

func (l *labels) leaf(raw *learn.Matrix, k int, rows []int, res, w []float64) (float64, bool) {
	num, den := 0.0, 0.0
	for _, i := range rows {
		num += w[i] * res[i]
		if l.exp {
			den += w[i] * math.Abs(res[i])
			continue
		}
		p := -res[i] // residual is y − p
		if l.k == 2 && l.codes[i] == 1 || l.k > 2 && l.codes[i] == k {
			p++
		}
		den += w[i] * p * (1 - p)
	}
	if l.k > 2 {
		num *= float64(l.k-1) / float64(l.k)
	}
	if math.Abs(den) < 1e-150 {
		return 0, true
	}
	return num / den, true
}

// GradientBoostingClassifier adds trees that move the log-odds of the classes.
type GradientBoostingClassifier struct {
	learn.ClassifierBase
	Loss string `param:"loss=log_loss"` // or exponential, for two classes
	Boosting
}

// NewGradientBoostingClassifier returns one with scikit-learn's defaults.
func NewGradientBoostingClassifier() *GradientBoostingClassifier {
	m := &GradientBoostingClassifier{}
	learn.Init(m)
	return m
}

// Fit adds the trees.
func (m *GradientBoostingClassifier) Fit(x learn.Data, y *learn.Matrix) error {
	return m.FitWeighted(x, y, nil)
}

// FitWeighted is Fit with a weight for each row.
func (m *GradientBoostingClassifier) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, y)
	codes := m.Labels(y)
	m.OneOf("Loss", m.Loss, "log_loss", "exponential")
	if len(m.Classes) < 2 || m.Loss == "exponential" && len(m.Classes) != 2 {
		m.Fail("y has %d classes; want at least 2, and exactly 2 for exponential", len(m.Classes))
	}
	m.boost(&m.Base, d, learn.Weights(m.Name(), w, d.Rows), m.objective(codes))
	m.Done()
	return nil
}

func (m *GradientBoostingClassifier) objective(codes []int) *labels {
	return &labels{codes: codes, k: len(m.Classes), exp: m.Loss == "exponential"}
}

// DecisionFunction returns the sums of the trees: one column for two classes.
func (m *GradientBoostingClassifier) DecisionFunction(x learn.Data) (d *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return m.raw(m.Ready(x)), nil
}

// PredictProba returns the probabilities of the classes.
func (m *GradientBoostingClassifier) PredictProba(x learn.Data) (p *learn.Matrix, err error) {
	defer learn.Catch(&err)
	raw, l := m.raw(m.Ready(x)), m.objective(nil)
	p = learn.NewMatrix(raw.Rows, len(m.Classes))
	for i := range p.Rows {
		l.probabilities(raw.Row(i), p.Row(i))
	}
	return p, nil
}

// Predict returns the most probable class.
func (m *GradientBoostingClassifier) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	p, err := m.PredictProba(x)
	if err != nil {
		return nil, err
	}
	return m.ArgMaxRows(p), nil
}
