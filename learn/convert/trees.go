package convert

import (
	"math"

	"github.com/lathe-ml/lathe/jit/onnx/pb"
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/ensemble"
	"github.com/lathe-ml/lathe/learn/tree"
)

// trees collects the nodes of a TreeEnsembleRegressor.
type trees struct {
	targets                             int
	tree, id, feature, yes, no, missing []int
	mode                                []string
	threshold                           []float64
	leafTree, leafID, leafTarget        []int
	weight                              []float64
	count                               int
}

// below returns the largest float32 that is not above t: a float32 is at most t when it is at most that.
func below(t float64) float32 {
	f := float32(t)
	if float64(f) > t {
		f = math.Nextafter32(f, float32(math.Inf(-1)))
	}
	return f
}

func (t *trees) branch(id, feature int, threshold float64, yes, no int, missingYes bool) {
	t.node(id, feature, "BRANCH_LEQ", threshold, yes, no, missingYes)
}

func (t *trees) node(id, feature int, mode string, threshold float64, yes, no int, missingYes bool) {
	t.tree, t.id, t.feature = append(t.tree, t.count), append(t.id, id), append(t.feature, feature)
	t.mode, t.threshold = append(t.mode, mode), append(t.threshold, threshold)
	t.yes, t.no = append(t.yes, yes), append(t.no, no)
	flag := 0
	if missingYes {
		flag = 1
	}
	t.missing = append(t.missing, flag)
}

func (t *trees) leaf(id, target int, values ...float64) {
	t.node(id, 0, "LEAF", 0, 0, 0, false)
	for k, v := range values {
		t.leafTree, t.leafID = append(t.leafTree, t.count), append(t.leafID, id)
		t.leafTarget, t.weight = append(t.leafTarget, target+k), append(t.weight, v)
	}
}

// add appends a tree whose values, times scale, go to the targets from the given one on.
func (t *trees) add(s *tree.Tree, target int, scale float64) {
	for i, l := range s.Left {
		if l >= 0 {
			t.branch(i, s.Feature[i], s.Threshold[i], l, s.Right[i], s.MissingLeft[i])
			continue
		}
		v := append([]float64(nil), s.Value(i)...)
		for k := range v {
			v[k] *= scale
		}
		t.leaf(i, target, v...)
	}
	t.count++
}

// write applies the trees to x and returns their sums, [N targets], in the model's type.
func (t *trees) write(g *graph, x string, float32Input bool) string {
	a := list(attr("n_targets", t.targets), attr("aggregate_function", "SUM"), attr("post_transform", "NONE"),
		attr("nodes_treeids", t.tree), attr("nodes_nodeids", t.id), attr("nodes_featureids", t.feature),
		attr("nodes_modes", t.mode), attr("nodes_truenodeids", t.yes), attr("nodes_falsenodeids", t.no),
		attr("nodes_missing_value_tracks_true", t.missing),
		attr("target_treeids", t.leafTree), attr("target_nodeids", t.leafID), attr("target_ids", t.leafTarget))
	if float32Input || !g.double {
		thresholds, weights := make([]float32, len(t.threshold)), make([]float32, len(t.weight))
		for i, v := range t.threshold {
			thresholds[i] = below(v)
		}
		for i, v := range t.weight {
			weights[i] = float32(v)
		}
		a = append(a, attr("nodes_values", thresholds), attr("target_weights", weights))
		if g.double {
			x = g.castTo(x, pb.TensorProto_FLOAT)
		}
	} else {
		a = append(a, attr("nodes_values_as_tensor", g.doubles(t.threshold)),
			attr("target_weights_as_tensor", g.doubles(t.weight)))
	}
	y := g.node("ai.onnx.ml", "TreeEnsembleRegressor", a, []string{x}, 1)[0]
	if g.double {
		y = g.cast(y)
	}
	return y
}

// votes returns the mean of the values of trees.
func (g *graph) votes(list []*tree.Tree, x string) (y string, targets int) {
	t := &trees{targets: list[0].Width}
	for _, s := range list {
		t.add(s, 0, 1)
	}
	y = t.write(g, x, true)
	if len(list) > 1 {
		y = g.div(y, g.scalar(float64(len(list))))
	}
	return y, t.targets
}

func (g *graph) treeClasses(e learn.Estimator, list []*tree.Tree, classes []float64, x string) *scored {
	p, n := g.votes(list, x)
	if n != len(classes) {
		refuse(e, "predicts several outputs; convert one estimator for each")
	}
	return &scored{classes: classes, raw: p, cols: max(2, n), proba: p}
}

// boosted returns the raw predictions of gradient boosting.
func (g *graph) boosted(m *ensemble.Boosting, x string) (raw string, outputs int) {
	t := &trees{targets: len(m.Start)}
	for _, round := range m.Trees {
		for k, s := range round {
			t.add(s, k, m.LearningRate)
		}
	}
	return g.add(t.write(g, x, true), g.vec(m.Start)), t.targets
}

// histogram returns the raw predictions of histogram gradient boosting.
func (g *graph) histogram(e learn.Estimator, m *ensemble.Histogram, x string) (raw string, outputs int) {
	if m.CategoricalFeatures != nil {
		refuse(e, "splits categorical features by sets of categories; encode them before it")
	}
	t := &trees{targets: len(m.Baseline)}
	for _, round := range m.Rounds {
		for k, nodes := range round {
			for i, n := range nodes {
				if n.Left == 0 {
					t.leaf(i, k, n.Value)
				} else {
					t.branch(i, n.Feature, n.Threshold, n.Left, n.Right, n.MissingLeft)
				}
			}
			t.count++
		}
	}
	return g.add(t.write(g, x, false), g.vec(m.Baseline)), t.targets
}

// odds makes a classifier of raw log-odds; factor is 2 for the exponential loss.
func (g *graph) odds(classes []float64, raw string, outputs int, factor float64) *scored {
	s := &scored{classes: classes, raw: raw, cols: outputs}
	if outputs > 1 {
		s.proba = g.softmax(raw)
		return s
	}
	z := raw
	if factor != 1 {
		z = g.mul(raw, g.scalar(factor))
	}
	s.proba = g.two(g.sigmoid(z))
	s.raw, s.cols, s.decision, s.decisionCols = s.proba, 2, raw, 1
	return s
}

func (g *graph) adaClasses(m *ensemble.AdaBoostClassifier, d data) *scored {
	sum, total := "", 0.0
	k := float64(len(m.Classes))
	for t, e := range m.Estimators {
		part := g.mul(g.oneHot(g.classify(e, d), m.Classes), g.scalar(m.Weights[t]*k/(k-1)))
		total += m.Weights[t]
		if sum == "" {
			sum = part
		} else {
			sum = g.add(sum, part)
		}
	}
	v := g.sub(g.div(sum, g.scalar(total)), g.scalar(1/(k-1)))
	s := &scored{classes: m.Classes, raw: v, cols: len(m.Classes)}
	if s.cols == 2 {
		raw := g.sub(g.gather(v, []int{1}), g.gather(v, []int{0}))
		s.proba, s.decision, s.decisionCols = g.two(g.sigmoid(raw)), raw, 1
	} else {
		s.proba = g.softmax(g.div(v, g.scalar(k-1)))
	}
	return s
}

// oneHot returns the indicators of a classifier's labels among classes, [N classes].
func (g *graph) oneHot(s *scored, classes []float64) string {
	all := make([]float64, len(classes))
	for i := range all {
		all[i] = float64(i)
	}
	own := make([]float64, len(s.classes))
	for i, c := range learn.Codes(classes, s.classes) {
		own[i] = float64(c)
	}
	codes := *s
	codes.classes = own
	label := g.op("Reshape", nil, g.cast(codes.label(g)), g.ints(-1, 1))
	return g.cast(g.op("Equal", nil, label, g.floats(all, 1, len(all))))
}

// adaNumbers is the weighted median: sort the predictions and add weights up to one half.
func (g *graph) adaNumbers(m *ensemble.AdaBoostRegressor, d data) string {
	var parts []string
	half := 0.0
	for t, e := range m.Estimators {
		y, _ := g.regress(e, d)
		parts = append(parts, y)
		half += m.Weights[t] / 2
	}
	if len(parts) == 1 {
		return parts[0]
	}
	y := g.concat(parts...)
	n := len(parts)
	sorted := g.node("", "TopK", list(attr("axis", 1), attr("largest", 0), attr("sorted", 1)),
		[]string{y, g.ints(n)}, 2)
	double := g.double
	g.double = true
	w := g.op("Gather", nil, g.vec(m.Weights), sorted[1])
	upTo := g.op("CumSum", nil, w, g.axis(1))
	reached := g.castTo(g.op("GreaterOrEqual", nil, upTo, g.scalar(half*(1-1e-15))), int64Type)
	g.double = double
	at := g.op("ArgMax", list(attr("axis", 1), attr("keepdims", 1)), reached)
	return g.op("GatherElements", list(attr("axis", 1)), sorted[0], at)
}

func (g *graph) bagClasses(m *ensemble.BaggingClassifier, d data) *scored {
	sum := ""
	for i, e := range m.Estimators {
		s := g.classify(e, g.take(d, m.Features[i]))
		part := s.proba
		if part == "" {
			part = g.oneHot(s, m.Classes)
		} else {
			part = g.spread(part, s.classes, m.Classes)
		}
		if sum == "" {
			sum = part
		} else {
			sum = g.add(sum, part)
		}
	}
	p := g.div(sum, g.scalar(float64(len(m.Estimators))))
	return &scored{classes: m.Classes, raw: p, cols: max(2, len(m.Classes)), proba: p}
}

// spread moves the columns of a subset of classes to those of all.
func (g *graph) spread(p string, own, classes []float64) string {
	if len(own) == len(classes) {
		return p
	}
	place := learn.NewMatrix(len(own), len(classes))
	for i, c := range learn.Codes(classes, own) {
		place.Set(i, c, 1)
	}
	return g.matMul(p, g.mat(place))
}

func (g *graph) bagNumbers(m *ensemble.BaggingRegressor, d data) (y string, n int) {
	sum := ""
	for i, e := range m.Estimators {
		var part string
		if part, n = g.regress(e, g.take(d, m.Features[i])); sum == "" {
			sum = part
		} else {
			sum = g.add(sum, part)
		}
	}
	return g.div(sum, g.scalar(float64(len(m.Estimators)))), n
}
